"""Pages of programmes: the list, the plan, its table."""

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView

from branches.models import Position
from hoiphunu.text import clean
from hoiphunu.views import ScopedMixin, require, seen_version
from programs.forms import MOST_ROWS, PlanPage, ReasonForm
from programs.models import Assignment, Delivery, Milestone, Program
from programs.queries import (
    duplicated,
    item_totals,
    ledger,
    milestone_states,
    obligations,
    plan_history,
    quota_progress,
    quota_table,
    support_sums,
)
from programs.queries.beneficiaries import helped_by
from programs.queries.keeping import to_erase
from programs.queries.sponsorships import sponsored_sums
from programs.services import (
    ProgramError,
    allot_quota,
    change_program,
    close_program,
    create_program,
    start_program,
)

from .shared import PER_PAGE, may_assign, units_of, visible_program

BLANK_ROWS = 3
Role = Position.Role


class ProgramList(ScopedMixin, ListView):
    model = Program
    paginate_by = PER_PAGE

    def get_queryset(self):
        hers = Assignment.objects.visible_to(self.request.user).active()
        active = Count("assignments", filter=Q(assignments__in=hers))
        rows = super().get_queryset().select_related("owner__level").annotate(active=active)
        coming = Milestone.objects.visible_to(self.request.user).filter(
            program=OuterRef("pk"), due_on__gte=localdate()
        )
        coming = coming.order_by("due_on", "pk")
        rows = rows.annotate(
            next_due=Subquery(coming.values("due_on")[:1]),
            next_label=Subquery(coming.values("label")[:1]),
        )
        return rows.order_by(*Program._meta.ordering, "pk")

    def get_context_data(self, **kwargs):
        can_create = bool(issuing_branches(self.request.user))
        context = super().get_context_data(can_create=can_create, **kwargs)
        programs = list(context["object_list"])
        tallies = quota_progress(programs, self.request.user)
        support = support_sums(programs, self.request.user)
        for program in programs:
            program.tally = None if program.is_draft else tallies.get(program.pk)
            program.support = support.get(program.pk)
        return context | {"object_list": programs}


@require_safe
def program_detail(request, slug):
    program = visible_program(request, slug)
    today = localdate()
    table = quota_table(program, request.user)
    states = milestone_states(program, table, today)
    can_change = request.user.has_perm("programs.change_program", program)
    context = {
        "program": program,
        "table": table,
        "helping": Assignment.objects.visible_to(request.user).of(program).active().count(),
        "support": item_totals(program, request.user).whole,
        "money": ledger(program, request.user),
        "sponsored": sponsored_sums(program, request.user, localdate()),
        "helped": helped_by(Delivery.objects.visible_to(request.user).of(program), request.user),
        "coming": [state.milestone for state in states if not state.is_past][:2],
        "duplicates": duplicated(program, request.user),
        "states": states,
        "obligations": obligations(program, today),
        "plans": program.plans.select_related("file").order_by("-role", "issued_on", "pk"),
        "can_change": can_change,
        "can_assign": may_assign(request.user, program),
        "to_erase": to_erase(program) if can_change else None,
        **editions_of(program, request.user),
    }
    return render(request, "programs/program_detail.html", context)


def editions_of(program, user):
    """The edition before and those after, as far as she may see them."""
    seen = Program.objects.visible_to(user)
    return {
        "previous": seen.filter(pk=program.previous_id).first(),
        "next_editions": seen.filter(previous=program),
    }


def program_create(request):
    """From a plan: its basics, its table, its milestones, on one page."""
    owner = chosen_owner(request)
    if owner is None:
        require(request.user, "programs.add_program")
        owners = issuing_branches(request.user)
        return render(request, "programs/program_owner.html", {"owners": owners})
    require(request.user, "programs.add_program", owner)
    page = plan_page(request, owner)
    if is_to_save(request) and page.is_valid():
        try:
            program = create_program(owner=owner, by=request.user, **page.wanted())
        except ProgramError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, "Đã tạo chương trình. Chị xem lại bảng rồi bấm “Bắt đầu”.")
            return redirect(program)
    return render(request, "programs/program_form.html", plan_context(request, page))


def program_update(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    version = program.version
    page = plan_page(request, program.owner, program)
    if is_to_save(request) and page.is_valid():
        try:
            change_program(
                program=program,
                seen_version=seen_version(request),
                by=request.user,
                reason=clean(request.POST.get("reason", ""))[:300],
                **page.wanted(),
            )
        except ProgramError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu chương trình.")
            return redirect(program)
    context = plan_context(request, page) | {"program": program, "version": version}
    return render(request, "programs/program_form.html", context)


@require_POST
def start(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    try:
        start_program(program=program, seen_version=seen_version(request), by=request.user)
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Chương trình đã bắt đầu. Các đơn vị ghi được chi hội nhận giúp.")
    return redirect(program)


def close(request, slug):
    """Asks once more, with the reason."""
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            close_program(
                program=program,
                seen_version=seen_version(request),
                by=request.user,
                reason=form.cleaned_data["reason"],
            )
        except ProgramError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, "Đã kết thúc chương trình.")
            return redirect(program)
    unconfirmed = Delivery.objects.visible_to(request.user).of(program).unconfirmed().count()
    context = {"program": program, "form": form, "unconfirmed": unconfirmed}
    return render(request, "programs/program_close.html", context)


@require_POST
def allot(request, slug):
    """Share the table out once more: units opened since then get their quota."""
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    try:
        added = [
            quota
            for line in program.lines.all()
            for quota in allot_quota(line=line, by=request.user)
        ]
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        said = f"Đã giao thêm chỉ tiêu cho {len(added)} đơn vị." if added else "Bảng đã đủ đơn vị."
        messages.success(request, said)
    return redirect(program)


@require_safe
def program_history(request, slug):
    program = visible_program(request, slug)
    context = {"program": program, "rows": plan_history(program, request.user)}
    return render(request, "programs/program_history.html", context)


# --- Parts of the plan's page ---------------------------------------------------------------


@require_safe
def line_row(request):
    """One more blank line for the table."""
    return blank_row(request, "lines", "programs/_line.html")


@require_safe
def milestone_row(request):
    return blank_row(request, "milestones", "programs/_milestone.html")


@require_POST
def plan_check(request):
    """What the table on the screen comes to, against the printed numbers."""
    owner = get_object_or_404(units_of(request.user), slug=request.GET.get("owner"))
    require(request.user, "programs.add_program", owner)
    page = PlanPage(owner, data=request.POST)
    return render(request, "programs/_plan_check.html", {"check": page.check()})


def blank_row(request, prefix, template):
    owner = get_object_or_404(units_of(request.user), slug=request.GET.get("owner"))
    require(request.user, "programs.add_program", owner)
    number = min(as_number(request.GET.get(f"{prefix}-TOTAL_FORMS")), MOST_ROWS - 1)
    form = getattr(PlanPage(owner), prefix).empty_form
    form.prefix = f"{prefix}-{number}"
    context = {"form": form, "part": prefix, "count": number + 1}
    return render(request, "programs/_added_row.html", context | {"template": template})


def plan_page(request, owner, program=None):
    """The forms as they were sent; "Thêm dòng" without script asks for more blank ones."""
    data = request.POST.copy() if request.method == "POST" else None
    for part in ("lines", "milestones"):
        if data and f"more_{part}" in data:
            total = as_number(data.get(f"{part}-TOTAL_FORMS")) + BLANK_ROWS
            data[f"{part}-TOTAL_FORMS"] = str(min(total, MOST_ROWS))
    return PlanPage(owner, program, data, extra=1 if program else BLANK_ROWS)


def plan_context(request, page):
    is_checked = request.method == "POST"
    return {
        "page": page,
        "owner": page.owner,
        "check": page.check() if is_checked else None,
        "is_to_save": is_to_save(request),
    }


def is_to_save(request):
    """The page's other buttons only redraw it."""
    redraws = ("more_lines", "more_milestones", "check")
    return request.method == "POST" and not any(name in request.POST for name in redraws)


def chosen_owner(request):
    """The unit named in the address; else the only one for which she may issue a plan."""
    if slug := request.GET.get("owner"):
        return get_object_or_404(units_of(request.user), slug=slug)
    owners = issuing_branches(request.user)
    return owners[0] if len(owners) == 1 else None


def issuing_branches(user):
    """The units where she herself is officer or administrator, and may issue a plan."""
    held = {p.branch for p in user.standing if p.role in (Role.OFFICER, Role.ADMINISTRATOR)}
    return sorted(held, key=lambda branch: branch.path)


def as_number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
