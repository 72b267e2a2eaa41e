"""Pages of the people helped. Lists know codes alone; whoever opens a record leaves a trace."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST, require_safe

from branches.models import Position
from hoiphunu.history import history_rows
from hoiphunu.views import require, seen_version
from programs.forms.beneficiaries import (
    BasicForm,
    ChangeReasonForm,
    ConsentForm,
    EraseForm,
    NewRecord,
    PeopleFilterForm,
    PurposeForm,
    SensitiveForm,
    WithdrawForm,
)
from programs.models import Beneficiary, Consent, Delivery, RecordView, Sponsorship
from programs.queries.beneficiaries import (
    helped_by,
    judged_of,
    likely_pairs,
    people_counts,
    same_person,
)
from programs.queries.naming import texts_naming
from programs.services import (
    ProgramError,
    add_beneficiary,
    change_beneficiary,
    erase_beneficiary,
    judge_pair,
    look_at,
    record_consent,
    withdraw_consent,
)

from .shared import (
    PER_PAGE,
    as_id,
    form_page,
    program_crumb,
    reached_program,
    sees,
    units_of,
    way_by_unit,
)

VIEWS_SHOWN = 20
MASKED = ("phone", "identity_number")
Role = Position.Role


@require_safe
def people_list(request, slug):
    """Counts for everybody who takes part; codes for officers; names for nobody."""
    program = reached_program(request, slug)
    visible = Beneficiary.objects.visible_to(request.user).of(program)
    units = units_of(request.user).filter(pk__in=visible.values("branch")).order_by("path")
    filters = PeopleFilterForm(request.GET, units=list(units))
    today = localdate()
    rows = filters.apply(visible, today).with_units().annotate(helped=Count("sponsorships"))
    page = Paginator(rows.order_by("code"), PER_PAGE).get_page(request.GET.get("page"))
    pairs = likely_pairs(page.object_list, request.user)
    deliveries = Delivery.objects.visible_to(request.user).of(program)
    context = {
        "program": program,
        "filters": filters,
        "page_obj": page,
        "doubtful": {pk for pk, others in pairs.items() if others},
        "helped": helped_by(deliveries, request.user),
        "counts": people_counts(program, request.user, today),
        "is_officer": bool(request.user.branch_paths(Role.OFFICER)),
        "can_add": program.is_running and request.user.has_perm("programs.add_beneficiary"),
        "agreed": set(visible.agreed().values_list("pk", flat=True)),
        "crumbs": crumbs(request.user, program),
    }
    return render(request, "programs/people_list.html", context)


def beneficiary_create(request, slug):
    program = reached_program(request, slug)
    require(request.user, "programs.add_beneficiary")
    units = [p.branch for p in request.user.standing if p.role == Role.OFFICER]
    page = NewRecord(units, request.POST or None)
    if request.method == "POST" and page.is_valid() and not has_twins(request, program, page):
        try:
            made = add_beneficiary(
                program=program, by=request.user, today=localdate(), **page.wanted()
            )
        except ProgramError as error:
            page.first.add_error(None, str(error))
        else:
            messages.success(request, f"Đã lập hồ sơ {made.code}.")
            return redirect(made)
    way = crumbs(request.user, program, label="Lập hồ sơ")
    context = {"program": program, "page": page, "crumbs": way}
    return render(request, "programs/beneficiary_form.html", context)


def has_twins(request, program, page):
    """The same name and year of birth stand here already, and she has not said: another one."""
    typed = page.basic.cleaned_data
    page.twins = twins(request.user, program, typed["full_name"], typed["birth_year"])
    return bool(page.twins) and not page.first.cleaned_data["is_other"]


def twins(user, program, full_name, birth_year):
    """Among her own records only: a warning must not tell who is helped elsewhere."""
    found = same_person(program, full_name, birth_year)
    return list(Beneficiary.objects.visible_to(user).filter(pk__in=found))


@require_safe
def beneficiary_detail(request, pk):
    beneficiary = visible_beneficiary(request, pk)
    require(request.user, "programs.view_beneficiary", beneficiary)
    look_at(beneficiary=beneficiary, by=request.user)
    return record_page(request, beneficiary, PurposeForm())


@require_POST
def beneficiary_sensitive(request, pk):
    """The whole record, once, for the purpose that she states."""
    beneficiary = visible_beneficiary(request, pk)
    require(request.user, "programs.view_sensitive", beneficiary)
    form = PurposeForm(request.POST)
    is_open = form.is_valid() and may_look(request, beneficiary, form)
    if not is_open:
        look_at(beneficiary=beneficiary, by=request.user)
    return record_page(request, beneficiary, form, is_open=is_open)


def may_look(request, beneficiary, form):
    try:
        look_at(
            beneficiary=beneficiary,
            by=request.user,
            sensitive=True,
            purpose=form.cleaned_data["purpose"],
        )
    except ProgramError as error:
        form.add_error("purpose", str(error))
        return False
    return True


def record_page(request, beneficiary, form, *, is_open=False):
    user = request.user
    views = RecordView.objects.visible_to(user).filter(beneficiary=beneficiary)
    sponsorships = Sponsorship.objects.visible_to(user).filter(child=beneficiary)
    context = {
        "beneficiary": beneficiary,
        "program": beneficiary.program,
        "is_open": is_open,
        "form": form,
        "basic": facts(beneficiary, Beneficiary.BASIC, is_open=is_open),
        "sensitive": facts(beneficiary, Beneficiary.SENSITIVE, is_open=is_open),
        "sensitive_form": SensitiveForm(instance=beneficiary) if is_open else None,
        "consents": Consent.objects.visible_to(user).filter(beneficiary=beneficiary),
        "is_agreed": Beneficiary.objects.visible_to(user).agreed().filter(pk=beneficiary.pk),
        "sponsorships": sponsorships.with_sides(),
        "views": views.select_related("by")[:VIEWS_SHOWN],
        "likely": likely_pairs([beneficiary], user)[beneficiary.pk],
        "judged": judged_of(beneficiary, user),
        "naming": texts_naming(beneficiary, user),
        "can_change": user.has_perm("programs.change_beneficiary", beneficiary),
        "can_open": user.has_perm("programs.view_sensitive", beneficiary),
        "history": history_rows(beneficiary),
        "crumbs": crumbs(request.user, beneficiary.program, beneficiary),
    }
    return render(request, "programs/beneficiary_detail.html", context)


def beneficiary_update(request, pk):
    """The basic part; that the form shows it is noted like any other look."""
    beneficiary = visible_beneficiary(request, pk)
    require(request.user, "programs.change_beneficiary", beneficiary)
    if request.method != "POST":
        look_at(beneficiary=beneficiary, by=request.user, purpose="sửa hồ sơ")
    form = BasicForm(request.POST or None, instance=beneficiary)
    return change_page(request, beneficiary, form, f"Sửa hồ sơ {beneficiary.code}")


@require_POST
def beneficiary_sensitive_update(request, pk):
    """What the opened page sends: she read the sensitive part there, for a purpose."""
    beneficiary = visible_beneficiary(request, pk)
    require(request.user, "programs.view_sensitive", beneficiary)
    require(request.user, "programs.change_beneficiary", beneficiary)
    form = SensitiveForm(request.POST, instance=beneficiary)
    heading = f"Sửa phần nhạy cảm, hồ sơ {beneficiary.code}"
    return change_page(request, beneficiary, form, heading, note=form.hint)


def change_page(request, beneficiary, form, heading, **words):
    form.fields |= ChangeReasonForm().fields

    def save(typed):
        change_beneficiary(
            beneficiary=beneficiary, seen_version=seen_version(request), by=request.user, **typed
        )

    return form_page(
        request,
        form=form,
        save=save,
        done=f"Đã lưu hồ sơ {beneficiary.code}.",
        row=beneficiary,
        version=beneficiary.version,
        heading=heading,
        submit="Lưu",
        crumbs=crumbs(request.user, beneficiary.program, beneficiary, "Sửa"),
        **words,
    )


@require_POST
def beneficiary_same(request, pk):
    """She has looked at both records and says: one person, or two."""
    beneficiary = visible_beneficiary(request, pk)
    require(request.user, "programs.change_beneficiary", beneficiary)
    hers = Beneficiary.objects.visible_to(request.user).with_units()
    other = hers.filter(pk=as_id(request.POST.get("other", ""))).first()
    if other is None:  # one of another unit is none to her
        messages.error(request, "Không có hồ sơ kia trong các hồ sơ chị theo dõi.")
        return redirect(beneficiary)
    require(request.user, "programs.change_beneficiary", other)
    is_same = request.POST.get("said") == "same"
    try:
        judge_pair(one=beneficiary, other=other, is_same=is_same, by=request.user)
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        said = "là cùng một người" if is_same else "là hai người khác nhau"
        messages.success(request, f"Đã ghi: hồ sơ {beneficiary.code} và {other.code} {said}.")
    return redirect(beneficiary)


def beneficiary_erase(request, pk):
    """Asks once more, with the reason."""
    beneficiary = visible_beneficiary(request, pk)
    require(request.user, "programs.change_beneficiary", beneficiary)
    still = still_named(*texts_naming(beneficiary, request.user))

    def save(typed):
        erase_beneficiary(
            beneficiary=beneficiary,
            seen_version=seen_version(request),
            by=request.user,
            at=now(),
            **typed,
        )

    return form_page(
        request,
        form=EraseForm(request.POST or None),
        save=save,
        done=f"Đã xóa hồ sơ {beneficiary.code}. {still}".strip(),
        row=beneficiary,
        version=beneficiary.version,
        heading=f"Xóa hồ sơ {beneficiary.code}?",
        note="Tên, ngày sinh, địa chỉ và mọi điều đã ghi về người này mất hẳn, không lấy lại được. "
        "Chỉ còn mã, đối tượng và đơn vị để đếm. Đỡ đầu đang có cũng thôi.",
        warning=f"{still} Xóa hồ sơ không xóa được các chỗ ấy." if still else "",
        submit="Xóa hồ sơ",
        tone="danger",
        crumbs=crumbs(request.user, beneficiary.program, beneficiary, "Xóa"),
    )


def still_named(naming, hidden):
    """What erasing the record does not reach: her name in texts that others wrote; "" if none."""
    said = f"Tên người này còn ở: {'; '.join(map(str, naming))}." if naming else ""
    if hidden:
        said += (
            f" Còn {hidden} chỗ ở phần của đơn vị khác, chị không mở được; chị báo đơn vị chủ trì "
            "chương trình tìm và sửa."
        )
    return said.strip()


def consent_create(request, pk):
    beneficiary = visible_beneficiary(request, pk)
    require(request.user, "programs.change_beneficiary", beneficiary)

    def save(typed):
        record_consent(beneficiary=beneficiary, by=request.user, today=localdate(), **typed)

    return form_page(
        request,
        form=ConsentForm(request.POST or None),
        save=save,
        done="Đã ghi sự đồng ý.",
        row=beneficiary,
        heading=f"Ghi sự đồng ý, hồ sơ {beneficiary.code}",
        submit="Lưu",
        crumbs=crumbs(request.user, beneficiary.program, beneficiary, "Ghi sự đồng ý"),
    )


def consent_withdraw(request, pk):
    """Asks once more; what must be decided then is said on the page."""
    rows = Consent.objects.visible_to(request.user).select_related(
        "beneficiary__program__owner", "beneficiary__branch"
    )
    consent = get_object_or_404(rows, pk=pk)
    beneficiary = consent.beneficiary
    require(request.user, "programs.change_beneficiary", beneficiary)
    form = WithdrawForm(request.POST or None, initial={"on": localdate()})
    running = Sponsorship.objects.visible_to(request.user).running(localdate())

    def save(typed):
        withdraw_consent(consent=consent, today=localdate(), **typed)

    return form_page(
        request,
        form=form,
        save=save,
        done="Đã ghi việc rút lại sự đồng ý.",
        row=beneficiary,
        heading=f"Rút lại sự đồng ý “{consent}”?",
        note=WITHDRAWN if consent.scope == Consent.Scope.RECORD else "",
        links=running.filter(child=beneficiary).with_sides(),
        submit="Ghi việc rút lại",
        tone="danger",
        crumbs=crumbs(request.user, beneficiary.program, beneficiary, "Rút lại sự đồng ý"),
    )


WITHDRAWN = (
    "Từ ngày rút lại, không ghi thêm vào hồ sơ được nữa. Chị xóa hồ sơ ngay; nếu chưa xóa, "
    "sau 15 ngày hồ sơ tự xóa. Đỡ đầu đang có phải quyết định: thôi, hay trao nốt các tháng "
    "còn lại."
)


# --- What the pages share -------------------------------------------------------------------


def visible_beneficiary(request, pk):
    return get_object_or_404(Beneficiary.objects.visible_to(request.user).with_units(), pk=pk)


def crumbs(user, program, record=None, label=""):
    """The way back up through pages that she may open: by the programme, or by her unit."""
    if record and not sees(user, program):
        way = way_by_unit(user, [record.branch])
    else:
        way = [
            ("Chương trình", reverse("programs:program_list")),
            program_crumb(user, program),
            ("Người được giúp", reverse("programs:people_list", args=[program.slug])),
        ]
    way += [(record.code, record.get_absolute_url())] if record else []
    return [*way, (label, "")] if label else [*way[:-1], (way[-1][0], "")]


def facts(beneficiary, names, *, is_open):
    """(label, words) of the fields that say something, as far as they may be read now."""
    found = []
    for name in names:
        field = Beneficiary._meta.get_field(name)
        value = getattr(beneficiary, name)
        if value and field.choices:
            value = getattr(beneficiary, f"get_{name}_display")()
        if value and name in MASKED and not is_open:
            value = masked(value)
        if value:
            found.append((field.verbose_name, value))
    return found


def masked(number):
    """The last three digits, so that two people can be told apart by telephone."""
    return "•" * (len(number) - 3) + number[-3:]
