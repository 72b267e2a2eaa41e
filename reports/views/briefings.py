"""Giao ban: meetings of a unit, their conclusions, and the papers for one."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, make_aware, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.models import Branch
from hoiphunu.history import history_rows
from hoiphunu.views import require, seen_version
from programs.models import Program
from programs.views.conflicts import conflict_with
from reports.forms import BriefingForm, ConclusionForm, DayForm, DoneForm
from reports.models import Briefing, Conclusion, Proposal, Report
from reports.services import (
    ReportError,
    Stale,
    finish_conclusion,
    remove_briefing,
    remove_conclusion,
    reopen_conclusion,
    write_briefing,
    write_conclusion,
)

MONTH = timedelta(days=31)  # how far the papers look back where there was no meeting before
MOST = 40  # lines of one kind in the papers; the rest is behind a link


def find_briefing(request, pk):
    rows = Briefing.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("branch__level", "period__form"), pk=pk)


def find_conclusion(request, pk):
    return get_object_or_404(Conclusion.objects.visible_to(request.user).with_units(), pk=pk)


def find_branch(request, slug):
    branches = Branch.objects.visible_to(request.user).select_related("level")
    return get_object_or_404(branches, slug=slug)


def crumbs(*here):
    return [("Giao ban", reverse("reports:briefing_list")), *here]


def open_and_done():
    return {
        "open_count": Count("conclusions", filter=Q(conclusions__done_on=None)),
        "all_count": Count("conclusions"),
    }


# --- Meetings -------------------------------------------------------------------------------


@require_safe
def briefing_list(request):
    """The meetings of her own units, or of all in her territory."""
    user = request.user
    tab = "all" if request.GET.get("tab") == "all" else "own"
    rows = Briefing.objects.visible_to(user).select_related("branch__level", "period")
    held = {p.branch_id: p.branch for p in user.standing}
    if tab == "own":
        rows = rows.filter(branch__in=held)
    context = {
        "tab": tab,
        "page_obj": Paginator(
            rows.annotate(**open_and_done()).order_by("-held_on", "-pk"), 50
        ).get_page(request.GET.get("page")),
        "units": [b for b in held.values() if user.has_perm("reports.write_briefing", b)],
        "open": Conclusion.objects.visible_to(user).for_units_of(user).open().count(),
        "crumbs": [("Báo cáo", reverse("reports:report_list")), ("Giao ban", "")],
    }
    return render(request, "reports/briefing_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request, slug):
    branch = find_branch(request, slug)
    require(request.user, "reports.write_briefing", branch)
    return edit(request, Briefing(branch=branch, held_on=localdate()))


@require_http_methods(["GET", "HEAD", "POST"])
def update(request, pk):
    briefing = find_briefing(request, pk)
    require(request.user, "reports.write_briefing", briefing.branch)
    return edit(request, briefing)


def edit(request, briefing):
    user, conflict, version = request.user, None, briefing.version
    form = BriefingForm(request.POST or None, briefing=briefing, user=user)
    if request.method == "POST" and form.is_valid():
        seen = seen_version(request) if briefing.pk else None
        try:
            briefing = write_briefing(
                briefing=briefing, seen_version=seen, by=user, at=now(), **form.cleaned_data
            )
        except Stale:
            saved = find_briefing(request, briefing.pk)
            conflict = conflict_with(
                saved, form, BriefingForm(briefing=saved, user=user), seen=seen
            )
            if conflict is None:
                return redirect(saved)
        except ReportError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu cuộc giao ban.")
            return redirect(briefing)
    context = {
        "briefing": briefing, "form": form, "version": version, "conflict": conflict,
        "crumbs": crumbs(("Sửa" if briefing.pk else "Ghi cuộc giao ban", "")),
    }  # fmt: skip
    return render(request, "reports/briefing_form.html", context)


@require_POST
def remove(request, pk):
    briefing = find_briefing(request, pk)
    require(request.user, "reports.write_briefing", briefing.branch)
    return take(
        request, briefing, "Đã bỏ cuộc giao ban.", "reports:briefing_list",
        lambda **how: remove_briefing(briefing=briefing, **how),
    )  # fmt: skip


@require_safe
def detail(request, pk):
    return show(request, find_briefing(request, pk))


def show(request, briefing, form=None, status=200):
    user = request.user
    may_write = user.has_perm("reports.write_briefing", briefing.branch)
    conclusions = Conclusion.objects.visible_to(user).with_units()
    new = Conclusion(briefing=briefing)
    context = {
        "briefing": briefing,
        "today": localdate(),
        "may_write": may_write,
        "left": conclusions.left_before(briefing.branch, briefing.held_on).open_first(),
        "conclusions": conclusions.filter(briefing=briefing).order_by("pk"),
        "form": form or (ConclusionForm(conclusion=new, user=user) if may_write else None),
        "rows": history_rows(briefing),
        "crumbs": crumbs((f"{briefing.branch.full_name}, {briefing.held_on:%d/%m/%Y}", "")),
    }
    return render(request, "reports/briefing_detail.html", context, status=status)


# --- Conclusions ----------------------------------------------------------------------------


@require_POST
def conclusion_add(request, pk):
    briefing = find_briefing(request, pk)
    require(request.user, "reports.write_briefing", briefing.branch)
    new = Conclusion(briefing=briefing)
    form = ConclusionForm(request.POST, conclusion=new, user=request.user)
    if not form.is_valid():
        return show(request, briefing, form)
    try:
        write_conclusion(conclusion=new, by=request.user, at=now(), **form.cleaned_data)
    except ReportError as error:
        form.add_error(None, str(error))
        return show(request, briefing, form)
    messages.success(request, "Đã ghi kết luận.")
    return redirect(f"{briefing.get_absolute_url()}#ket-luan")


@require_safe
def conclusion_list(request):
    """What her own units are to do, the open first."""
    rows = Conclusion.objects.visible_to(request.user).for_units_of(request.user).with_units()
    context = {
        "today": localdate(),
        "page_obj": Paginator(rows.open_first(), 50).get_page(request.GET.get("page")),
        "crumbs": crumbs(("Kết luận giao cho đơn vị tôi", "")),
    }
    return render(request, "reports/conclusion_list.html", context)


@require_safe
def conclusion_detail(request, pk):
    return show_conclusion(request, find_conclusion(request, pk))


def show_conclusion(request, conclusion, form=None, status=200):
    user, branch = request.user, conclusion.briefing.branch
    may_write = user.has_perm("reports.write_briefing", branch)
    sees_meeting = Briefing.objects.visible_to(user).filter(conclusions=conclusion).exists()
    context = {
        "conclusion": conclusion,
        "today": localdate(),
        "version": conclusion.version,
        "sees_meeting": sees_meeting,
        "may_write": may_write,
        "may_finish": user.has_perm("reports.finish_conclusion", conclusion),
        "form": form or DoneForm(),
        # What it said before, and to whom it was given, is the business of those who met.
        "rows": history_rows(conclusion) if sees_meeting else None,
        "crumbs": crumbs((f"Kết luận ngày {conclusion.briefing.held_on:%d/%m/%Y}", "")),
    }
    return render(request, "reports/conclusion_detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def conclusion_update(request, pk):
    conclusion, user = find_conclusion(request, pk), request.user
    require(user, "reports.write_briefing", conclusion.briefing.branch)
    conflict, version = None, conclusion.version
    form = ConclusionForm(request.POST or None, conclusion=conclusion, user=user)
    if request.method == "POST" and form.is_valid():
        seen = seen_version(request)
        try:
            write_conclusion(
                conclusion=conclusion, seen_version=seen, by=user, at=now(), **form.cleaned_data
            )
        except Stale:
            saved = find_conclusion(request, pk)
            fresh = ConclusionForm(conclusion=saved, user=user)
            conflict = conflict_with(saved, form, fresh, seen=seen)
            if conflict is None:
                return redirect(saved)
        except ReportError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã sửa kết luận.")
            return redirect(conclusion.briefing)
    context = {
        "conclusion": conclusion, "form": form, "version": version, "conflict": conflict,
        "crumbs": crumbs(("Sửa kết luận", "")),
    }  # fmt: skip
    return render(request, "reports/conclusion_form.html", context)


@require_POST
def conclusion_finish(request, pk):
    conclusion = find_conclusion(request, pk)
    require(request.user, "reports.finish_conclusion", conclusion)
    form, seen = DoneForm(request.POST), seen_version(request)
    if not form.is_valid():
        return show_conclusion(request, conclusion, form)
    try:
        finish_conclusion(
            conclusion=conclusion, seen_version=seen, by=request.user, at=now(),
            **form.cleaned_data,
        )  # fmt: skip
    except ReportError as error:
        messages.error(request, str(error))
        return show_conclusion(request, find_conclusion(request, pk), form, status=409)
    messages.success(request, "Đã ghi: kết luận đã xong.")
    return redirect(conclusion)


@require_POST
def conclusion_reopen(request, pk):
    conclusion = find_conclusion(request, pk)
    require(request.user, "reports.write_briefing", conclusion.briefing.branch)
    return take(
        request, conclusion, "Đã ghi: kết luận chưa xong.", conclusion,
        lambda **how: reopen_conclusion(conclusion=conclusion, **how),
    )  # fmt: skip


@require_POST
def conclusion_remove(request, pk):
    conclusion = find_conclusion(request, pk)
    require(request.user, "reports.write_briefing", conclusion.briefing.branch)
    return take(
        request, conclusion, "Đã bỏ kết luận.", conclusion.briefing,
        lambda **how: remove_conclusion(conclusion=conclusion, **how),
    )  # fmt: skip


def take(request, row, done, to, step):
    try:
        step(seen_version=seen_version(request), by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
        return redirect(row)
    messages.success(request, done)
    return redirect(to)


# --- The papers for a meeting ---------------------------------------------------------------


@require_safe
def pack(request, slug):
    """Hồ sơ giao ban: what a meeting of the unit on a day looks at, on one page to print."""
    branch, user = find_branch(request, slug), request.user
    form = DayForm(request.GET)
    day = form.day(localdate())
    # The day of the meeting before counts again: some of it came when the meeting was over.
    earlier = Briefing.objects.visible_to(user).filter(branch=branch, held_on__lt=day)
    last = earlier.order_by("-held_on", "-pk").first()
    since = last.held_on if last else day - MONTH
    asked = Proposal.objects.visible_to(user).handed_in().with_units()
    waiting = asked.open().addressed_to([branch]).open_first()
    new = asked.filter(
        kind=Proposal.Kind.DIFFICULTY, report__branch__in=below_of(user, branch)
    ).handed_in_between(start_of(since), start_of(day + timedelta(days=1)))
    difficulties, more_difficulties = first_of(new.open_first())
    programs = Program.objects.visible_to(user).filter(status=Program.Status.RUNNING)
    programs, more_programs = first_of(programs)
    waiting_count = waiting.count()
    context = {
        "branch": branch,
        "day": day,
        "form": form if request.GET else DayForm(initial={"on": day}),
        "last": last,
        "since": since,
        **late_on(user, branch, day),
        "difficulties": difficulties,
        "more_difficulties": more_difficulties,
        "waiting": waiting[:MOST],
        "waiting_count": waiting_count,
        "more_waiting": max(waiting_count - MOST, 0),
        "left": Conclusion.objects.visible_to(user)
        .left_before(branch, day)
        .with_units()
        .open_first(),
        "programs": programs,
        "more_programs": more_programs,
        "crumbs": crumbs((f"Hồ sơ giao ban – {branch.full_name}", "")),
    }
    return render(request, "reports/briefing_pack.html", context)


def start_of(day):
    return make_aware(datetime.combine(day, time.min))


def first_of(rows):
    """As many as the papers list, and how many more there are."""
    found = list(rows[: MOST + 1])
    return found[:MOST], rows.count() - MOST if len(found) > MOST else 0


def below_of(user, branch):
    return Branch.objects.visible_to(user).below(branch).order_by().values("pk")


def late_on(user, branch, day):
    """Who below is past the last day, counted for each period and named as far as a page goes."""
    reports = Report.objects.visible_to(user).filter(branch__in=below_of(user, branch))
    late = reports.overdue_on(day)
    periods = (
        late.order_by("-period__starts_on", "period")
        .values("period__label", "period__code", form=F("period__form__code"))
        .annotate(name=F("period__form__name"), late=Count("pk"))
    )
    units = late.with_units().order_by(
        "branch__level__rank", "branch__sort_key", "-period__starts_on", "pk"
    )
    named, more = first_of(units)
    periods, more_periods = first_of(periods)
    return {
        "late_periods": periods, "more_periods": more_periods, "late": named, "more_late": more,
    }  # fmt: skip
