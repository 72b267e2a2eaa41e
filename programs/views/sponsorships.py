"""Pages of sponsorships: the calendar, who sponsors which child, month by month. Children are
called by their codes."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from hoiphunu.history import history_rows
from hoiphunu.views import require, seen_version
from programs.forms import ReasonForm
from programs.forms.sponsorships import (
    AmountForm,
    ExtendForm,
    PaidForm,
    SponsorForm,
    SponsorshipEndForm,
)
from programs.models import Beneficiary, Consent, Donor, Payment, Sponsorship
from programs.queries.sponsorships import calendar, years_of
from programs.services import (
    ProgramError,
    change_amount,
    end_sponsorship,
    extend_sponsorship,
    mark_paid,
    sponsor,
    unmark_paid,
)

from .shared import (
    PER_PAGE,
    form_page,
    program_crumb,
    reached_program,
    sees,
    visible_program,
    way_by_unit,
)


@require_safe
def sponsorship_list(request, slug):
    program = reached_program(request, slug)
    today = localdate()
    years = years_of(program, request.user)
    year = chosen_year(request.GET.get("year"), years, today)
    months, total = calendar(program, request.user, year, today)
    rows = Sponsorship.objects.visible_to(request.user).of(program).with_sides()
    context = {
        "program": program,
        "years": years,
        "year": year,
        "months": months,
        "total": total,
        "page_obj": Paginator(rows.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page")),
        "can_add": may_sponsor(request.user, program),
        "crumbs": crumbs(request.user, program),
    }
    return render(request, "programs/sponsorship_list.html", context)


def chosen_year(text, years, today):
    """The year in the address; else this one, or the nearest in which something is due."""
    if text and text.isascii() and text.isdigit() and int(text) in years:
        return int(text)
    return min(years, key=lambda year: abs(year - today.year), default=today.year)


def sponsorship_create(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.add_sponsorship", program)
    donors = Donor.objects.visible_to(request.user).filter(is_active=True)
    children = Beneficiary.objects.sponsored_by(request.user, program)  # scope: by codes, as owner
    children = children.minors().standing()
    form = SponsorForm(
        request.POST or None,
        program=program,
        user=request.user,
        donors=list(donors),
        children=list(children.agreed().select_related("branch__level").order_by("code")),
        initial={"children": request.GET.getlist("child")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = sponsor(program=program, by=request.user, **form.cleaned_data)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi đỡ đầu {len(made)} trẻ.")
            return redirect("programs:sponsorship_list", program.slug)
    way = crumbs(request.user, program, label="Ghi đỡ đầu")
    context = {"program": program, "form": form, "crumbs": way}
    return render(request, "programs/sponsorship_form.html", context)


@require_safe
def sponsorship_detail(request, pk):
    row = visible_sponsorship(request, pk)
    child = Beneficiary.objects.visible_to(request.user).filter(pk=row.child_id)
    payments = Payment.objects.visible_to(request.user).filter(sponsorship=row)
    told = Consent.objects.visible_to(request.user).filter(
        beneficiary=row.child, scope=Consent.Scope.SPONSOR, withdrawn_on=None
    )
    context = {
        "sponsorship": row,
        "program": row.program,
        "payments": payments,
        "month": localdate().replace(day=1),
        "is_seen": child.exists(),
        "is_told": told.exists(),
        "can_change": may_change(request.user, row),
        "can_pay": request.user.has_perm("programs.change_sponsorship", row),
        "history": history_rows(row),
        "crumbs": crumbs(request.user, row.program, row),
    }
    return render(request, "programs/sponsorship_detail.html", context)


def sponsorship_amount(request, pk):
    row = sponsorship_to_change(request, pk)
    first = {"from_month": localdate().replace(day=1)}
    first |= {"document": row.document, "clause": row.clause}
    form = AmountForm(
        request.POST or None,
        program=row.program,
        user=request.user,
        standing=row.document,
        initial=first,
    )
    return change_page(
        request, row, change_amount, form,
        heading="Đổi mức đỡ đầu", submit="Lưu mức mới", done="Đã đổi mức đỡ đầu.",
        note="Chỉ những tháng chưa trao đổi theo mức mới; tháng đã trao giữ nguyên.",
    )  # fmt: skip


def sponsorship_extend(request, pk):
    row = sponsorship_to_change(request, pk)
    return change_page(
        request, row, extend_sponsorship, ExtendForm(request.POST or None),
        heading="Kéo dài đỡ đầu", submit="Kéo dài", done="Đã kéo dài đỡ đầu.",
        note=f"Hiện đỡ đầu đến hết tháng {row.ends_on:%m/%Y}.",
    )  # fmt: skip


def sponsorship_end(request, pk):
    row = sponsorship_to_change(request, pk)
    form = SponsorshipEndForm(request.POST or None, initial={"ends_on": localdate()})
    return change_page(
        request, row, end_sponsorship, form,
        heading="Thôi đỡ đầu?", submit="Thôi đỡ đầu", done="Đã ghi thôi đỡ đầu.", tone="danger",
        note="Các tháng sau ngày này mà chưa trao sẽ không còn phải trao. "
        "Thôi rồi thì không sửa lại được.",
    )  # fmt: skip


def change_page(request, row, verb, form, **words):
    def save(typed):
        verb(sponsorship=row, seen_version=seen_version(request), by=request.user, **typed)

    return form_page(
        request, form=form, save=save, row=row, version=row.version,
        crumbs=crumbs(request.user, row.program, row, words["submit"]), **words,
    )  # fmt: skip


def payment_paid(request, pk):
    payment = payment_to_change(request, pk)
    first = {"paid_on": localdate(), "paid": payment.missing}

    def save(typed):
        mark_paid(
            payment=payment, seen_version=seen_version(request), by=request.user,
            today=localdate(), **typed,
        )  # fmt: skip

    return payment_page(
        request, payment, PaidForm(request.POST or None, initial=first), save,
        heading=f"Ghi đã trao tháng {payment.month:%m/%Y}", submit="Ghi đã trao",
        done=f"Đã ghi trao tháng {payment.month:%m/%Y}.",
    )  # fmt: skip


def payment_unpaid(request, pk):
    """A mistake taken back, with its reason."""
    payment = payment_to_change(request, pk)

    def save(typed):
        unmark_paid(payment=payment, seen_version=seen_version(request), by=request.user, **typed)

    return payment_page(
        request, payment, ReasonForm(request.POST or None), save,
        heading=f"Bỏ ghi đã trao tháng {payment.month:%m/%Y}?", submit="Bỏ ghi đã trao",
        done=f"Tháng {payment.month:%m/%Y} lại là chưa trao.", tone="danger",
    )  # fmt: skip


def payment_page(request, payment, form, save, **words):
    row = payment.sponsorship
    return form_page(
        request, form=form, save=save, row=row, version=payment.version,
        crumbs=crumbs(request.user, row.program, row, words["submit"]), **words,
    )  # fmt: skip


# --- What the pages share -------------------------------------------------------------------


def visible_sponsorship(request, pk):
    return get_object_or_404(Sponsorship.objects.visible_to(request.user).with_sides(), pk=pk)


def sponsorship_to_change(request, pk):
    row = visible_sponsorship(request, pk)
    require(request.user, "programs.change_sponsorship", row)
    return row


def payment_to_change(request, pk):
    rows = Payment.objects.visible_to(request.user).select_related(
        "sponsorship__program__owner", "sponsorship__child__branch", "sponsorship__sponsor__branch"
    )
    payment = get_object_or_404(rows, pk=pk)
    require(request.user, "programs.change_sponsorship", payment.sponsorship)
    return payment


def may_sponsor(user, program):
    return not program.is_closed and user.has_perm("programs.add_sponsorship", program)


def may_change(user, row):
    is_open = row.ended_early_on is None and not row.program.is_closed
    return is_open and user.has_perm("programs.change_sponsorship", row)


def crumbs(user, program, row=None, label=""):
    """The way back up through pages that she may open: by the programme, or by her unit."""
    if row and not sees(user, program):
        way = way_by_unit(user, [row.child.branch, row.sponsor.branch])
    else:
        way = [
            ("Chương trình", reverse("programs:program_list")),
            program_crumb(user, program),
            ("Đỡ đầu", reverse("programs:sponsorship_list", args=[program.slug])),
        ]
    way += [(f"Đỡ đầu {row.child.code}", row.get_absolute_url())] if row else []
    return [*way, (label, "")] if label else [*way[:-1], (way[-1][0], "")]
