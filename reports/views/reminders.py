"""Reminding by hand: words to paste into Zalo, calls made; what was said by whom; and how a person
wants to be told herself."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_http_methods, require_safe

from branches.models import Branch, Position
from hoiphunu.views import require
from reports import queries
from reports.forms import ContactForm, WishForm
from reports.models import Contact, Report
from reports.notifications import wishes_of
from reports.services import record_contact, save_wishes
from reports.zalo import group_text, territory_text, unit_text

from .summaries import address, place

MOST_CALLS = 50  # shown above the log; those before them are further back than anybody looks


@dataclass(frozen=True)
class Words:
    """One thing to paste: `target` ("unit" or "group"), for whom, and whom to call instead."""

    target: str
    heading: str
    text: str
    calls: list  # (report, positions)


def missing_address(period, branch):
    return reverse("reports:summary_missing", args=[period.form.code, period.code, branch.slug])


def crumbs_to(period, branch, here):
    return [
        (f"Tổng hợp {period.label.lower()} – {branch.full_name}", address(period, branch)),
        ("Chưa nộp", missing_address(period, branch)),
        (here, ""),
    ]


# --- Words to paste -------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def remind(request, form, period, slug):
    """What to say to a unit and to the group below it, and that it was said."""
    branch, period = place(request, form, period, slug)
    typed = ContactForm(request.POST or None)
    if request.method == "POST" and typed.is_valid():
        is_group = request.POST.get("target") == "group"
        if not is_group:
            require(request.user, "reports.remind_unit", branch)
        contact = record_contact(
            period=period, branch=branch, is_group=is_group, by=request.user, at=now(),
            **typed.cleaned_data,
        )  # fmt: skip
        said = "Chị dán lời nhắc vào Zalo." if contact.channel == Contact.Channel.ZALO else ""
        messages.success(request, f"Đã ghi vào nhật ký: {contact}. {said}".strip())
        return redirect("reports:summary_remind", period.form.code, period.code, branch.slug)
    words = words_for(request, period, branch)
    context = {
        "branch": branch,
        "period": period,
        "form": typed,
        "words": words,
        "below": below_with_missing(request, period, branch),
        "contacts": Contact.objects.visible_to(request.user)
        .filter(period=period, branch=branch)
        .select_related("by")[:MOST_CALLS],
        "crumbs": crumbs_to(period, branch, "Nhắc nộp"),
    }
    return render(request, "reports/summary_remind.html", context)


def words_for(request, period, branch):
    """What there is to say at this unit: to itself, to those directly below, about all below."""
    found, today, user = [], localdate(), request.user
    whole = request.build_absolute_uri
    own = Report.objects.visible_to(user).not_handed_in().filter(period=period, branch=branch)
    own = list(own.with_units() if user.has_perm("reports.remind_unit", branch) else [])
    direct = queries.missing_directly_below(period, branch).visible_to(user)
    direct = list(direct)
    working = Position.objects.visible_to(user).in_force(today)
    callees = queries.officers_to_call([*own, *direct], working)
    for report in own:
        text = unit_text(report, whole(report.get_absolute_url()), today)
        heading = f"Nhắc riêng {branch.office_name}"
        found.append(Words("unit", heading, text, [(report, callees[report.pk])]))
    if direct:
        text = group_text(
            branch, period, direct, lambda report: whole(report.get_absolute_url()), today
        )
        heading = f"Nhắc nhóm {len(direct)} đơn vị trực thuộc"
        found.append(Words("group", heading, text, [(r, callees[r.pk]) for r in direct]))
    counts = [row for row in missing_by_unit(period, branch) if row[1]]
    if sum(count for _, count in counts) > len(direct):
        every = queries.handed_in_by_unit(period, branch).values()
        text = territory_text(
            branch, period, counts, sum(unit.owed for unit in every),
            sum(unit.submitted for unit in every), whole(missing_address(period, branch)), now(),
        )  # fmt: skip
        found.append(Words("group", "Nhắc chung cả địa bàn", text, []))
    return found


def missing_by_unit(period, branch):
    """[(unit directly below, how many at or below it are missing)]"""
    counted = queries.handed_in_by_unit(period, branch)
    units = Branch.objects.directory().filter(pk__in=counted).order_by("sort_key", "pk")
    return [(unit, counted[unit.pk].owed - counted[unit.pk].submitted) for unit in units]


def below_with_missing(request, period, branch):
    """The same, for those with somebody to remind that she may open: each has its own words."""
    hers = set(
        Branch.objects.visible_to(request.user).filter(parent=branch).values_list("pk", flat=True)
    )
    return [
        (unit, count, reverse("reports:summary_remind", args=[
            period.form.code, period.code, unit.slug,
        ]))
        for unit, count in missing_by_unit(period, branch)
        if count and unit.pk in hers
    ]  # fmt: skip


# --- What was said --------------------------------------------------------------------------


@require_safe
def log(request, form, period, slug):
    """Nhật ký nhắc: by the software and by people, what went, failed and was missed."""
    branch, period = place(request, form, period, slug)
    told = queries.reminder_log(period, branch, request.user)
    calls = queries.contacts_below(period, branch).visible_to(request.user)
    context = {
        "branch": branch,
        "period": period,
        "page_obj": Paginator(told, 50).get_page(request.GET.get("page")),
        "contacts": calls.select_related("branch__level", "by")[:MOST_CALLS],
        "missed": told.filter(missed=True).count(),
        "crumbs": crumbs_to(period, branch, "Nhật ký nhắc"),
    }
    return render(request, "reports/summary_reminders.html", context)


# --- How she wants it -----------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request):
    """Nhắc việc của tôi: what stands under her bell, and what comes as a letter."""
    user = request.user
    known = {kind: wish for (_, kind), wish in wishes_of({user.pk}).items()}
    typed = WishForm(request.POST or None, wishes=known)
    if request.method == "POST" and typed.is_valid():
        save_wishes(person=user, wishes=typed.wishes)
        messages.success(request, "Đã lưu cách nhắc việc của chị.")
        return redirect("reports:wish_list")
    return render(request, "reports/wish_list.html", {"form": typed})
