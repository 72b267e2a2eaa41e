"""Reports of single units: the list, one report, filling it in and every step of its life."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, localtime, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import DetailView, ListView

from branches.decrees import units_before
from branches.models import Branch, Level, Position
from hoiphunu.text import fold
from hoiphunu.views import ScopedMixin, require, seen_version
from programs.models import Assignment
from reports.checks import hindrances, second_looks, texts_of
from reports.forms import FilesForm, ReportFilter, ReturnForm, SheetForm
from reports.models import Period, Report, ReportEvent, ReportForm
from reports.services import (
    ReportError,
    approve_report,
    reopen_report,
    return_report,
    save_draft,
    submit_nothing,
    submit_report,
)
from reports.sheet import (
    changes_since_last_look,
    missing_parts,
    read_sheet,
    report_history,
    runs,
)

Status = Report.Status
Kind = ReportEvent.Kind
Role = Position.Role


def find_report(request, pk):
    """The report among those that the person may see, with its period and unit, or 404."""
    return get_object_or_404(Report.objects.visible_to(request.user).with_units(), pk=pk)


# --- The list -----------------------------------------------------------------------------


class ReportList(ScopedMixin, ListView):
    """Three lists under one address: what she writes, what waits for her, her territory."""

    model = Report
    paginate_by = 50
    OWN, WAITING, ALL = "own", "waiting", "all"

    def get_queryset(self):
        user = self.request.user
        reports = super().get_queryset().with_units()
        self.tabs = self.tabs_of(user)
        asked = self.request.GET.get("tab")
        self.tab = asked if asked in dict(self.tabs) else self.first_tab()
        self.filter = self.make_filter(user)
        if self.tab == self.OWN:
            reports = reports.own_of(user)
        elif self.tab == self.WAITING:
            reports = reports.waiting_for(user)
        return narrow(reports, self.filter.chosen(), self.request.GET.get("branch"))

    def tabs_of(self, user):
        """[(code, words)] of the lists that mean something to her."""
        tabs = []
        if user.branch_paths(Role.OFFICER):
            tabs.append((self.OWN, "Của đơn vị tôi"))
        if user.branch_paths(Role.REVIEWER):
            tabs.append((self.WAITING, "Chờ tôi duyệt"))
        return [*tabs, (self.ALL, "Trong địa bàn")]

    def first_tab(self):
        """Whoever comes with a filter from another page means the whole territory."""
        return self.ALL if self.request.GET else self.tabs[0][0]

    def make_filter(self, user):
        periods = Period.objects.visible_to(user).filter(opened_at__isnull=False)
        levels = Level.objects.filter(report_forms__isnull=False).distinct()
        return ReportFilter(
            self.request.GET,
            forms_=ReportForm.objects.visible_to(user).values_list("code", "name"),
            periods=dict(periods.order_by("-starts_on").values_list("code", "label")).items(),
            levels=[(level.code, level.name.capitalize()) for level in levels],
        )

    def get_context_data(self, **kwargs):
        user, slug = self.request.user, self.request.GET.get("branch")
        chosen = self.filter.chosen()
        return super().get_context_data(
            tabs=self.tabs,
            tab=self.tab,
            waiting=Report.objects.visible_to(user).waiting_for(user).count(),
            filter=self.filter,
            is_filtered=bool(chosen or slug),
            branch=Branch.objects.visible_to(user).filter(slug=slug).first() if slug else None,
            slug=slug,
            **kwargs,
        )


def narrow(reports, chosen, slug):
    """Keep the reports that the filters of the address ask for."""
    columns = {
        "form": "period__form__code",
        "period": "period__code",
        "level": "branch__level__code",
    }
    for name, column in columns.items():
        if name in chosen:
            reports = reports.filter(**{column: chosen[name]})
    if "q" in chosen:
        reports = reports.filter(branch__search_text__contains=fold(chosen["q"]))
    if slug:
        reports = reports.filter(branch__slug=slug)
    return with_status(reports, chosen.get("status"))


def with_status(reports, status):
    if status == ReportFilter.OVERDUE:
        return reports.overdue_on(localdate())
    if status == ReportFilter.LATE:
        return reports.late()
    return reports.filter(status=status) if status else reports


@require_safe
def branch_panel(request, slug):
    """The latest reports of one unit, as a part of the unit's page.

    Who helps the unit from outside sees their states through her assignment, no more; where a
    chi hội writes none, those of the unit above that reports for it.
    """
    directory = Branch.objects.directory(with_closed=True)
    branch = get_object_or_404(directory, slug=slug)
    is_inside = Branch.objects.visible_to(request.user).filter(pk=branch.pk).exists()
    if is_inside:
        reports = Report.objects.visible_to(request.user).filter(branch=branch)
    elif helps(request.user, branch):
        reports = Report.objects.telling_of(branch, request.user)  # scope: their states alone
    else:
        raise Http404
    reports = list(reports.with_units()[:6])
    context = {
        "branch": branch,
        "reports": reports,
        "is_inside": is_inside,
        "written_by": {r.branch for r in reports if r.branch_id != branch.pk},
    }
    return render(request, "reports/branch_panel.html", context)


def helps(user, branch):
    """Does a unit of her territory help this one now?"""
    given = Assignment.objects.visible_to(user).given_by(user)
    return given.active().filter(supported=branch).exists()


# --- One report -----------------------------------------------------------------------------


class ReportDetail(ScopedMixin, DetailView):
    model = Report

    def get_queryset(self):
        return super().get_queryset().with_units()

    def get_context_data(self, **kwargs):
        return super().get_context_data(**detail_context(self.request.user, self.object), **kwargs)


def detail_context(user, report):
    """What the page of a report shows, and which steps this person may take now."""
    sheet = read_sheet(report)
    events = list(report.events.select_related("by"))
    may = steps_allowed(user, report)
    return {
        "crumbs": crumbs(report),
        "place": report.branch.ancestors().select_related("level"),
        "previous_label": previous_label(report),
        "runs": runs(sheet),
        "doubts": second_looks(report, sheet),
        "hindrances": hindrances(report, sheet) if may.get("submit") else [],
        "texts": [(str(text), getattr(report, text.name)) for text in texts_of(report)],
        **files_context(report),
        "steps": steps_of(report, events),
        "sent": [event for event in events if event.kind == Kind.SUBMITTED],
        "changes": changes_since_last_look(events, sheet),
        "sent_back": sent_back(report, events),
        "is_empty": is_empty(report, sheet),
        "submit_tone": "secondary" if report.status == Status.RETURNED else "primary",
        "may": may,
        "next_waiting": None if may.get("approve") else next_waiting(user, report),
    }


def files_context(report):
    """The files of the report, and whether its form asks for any."""
    version = report.period.version
    return {
        "files": report.files.standing().select_related("file__uploaded_by"),
        "most_files": version.most_files if version else 0,
        "files_help": version.files_help if version else "",
        "files_form": FilesForm(),
    }


def steps_of(report, events):
    """What was done with the report and when it was given longer, the last first."""
    steps = [
        {"at": e.at, "by": e.by, "what": e.get_kind_display(), "reason": e.reason} for e in events
    ]
    steps += [
        {"at": e.at, "by": e.by, "what": str(e), "reason": e.reason}
        for e in report.extensions.select_related("by")
    ]
    return sorted(steps, key=lambda step: step["at"])[::-1]


def next_waiting(user, report):
    """The report that has waited longest for her, other than this one, or None."""
    waiting = Report.objects.visible_to(user).waiting_for(user).exclude(pk=report.pk)
    return waiting.order_by("first_submitted_at", "pk").first()


def steps_allowed(user, report):
    """{step: True} for what the state allows and the rules do not forbid."""
    steps = {"extend": report.is_owed and user.has_perm("reports.extend_report", report)}
    if report.is_editable:
        steps["edit"] = user.has_perm("reports.change_own_report", report)
        steps["submit"] = user.has_perm("reports.submit_report", report)
    elif report.status == Status.SUBMITTED:
        steps["approve"] = user.has_perm("reports.approve_report", report)
        steps["send_back"] = user.has_perm("reports.return_report", report)
        # She reviews for this unit, yet it was she who submitted: somebody else must decide.
        steps["nobody_but_others"] = not steps["approve"] and user.has_perm(
            "reports.reopen_report", report
        )
    elif report.status == Status.APPROVED:
        steps["reopen"] = user.has_perm("reports.reopen_report", report)
    return steps


def is_empty(report, sheet):
    """Nothing typed yet: then one click says "không phát sinh"."""
    return all(line.value is None for line in sheet) and not any(
        getattr(report, name) for name in Report.NARRATIVE
    )


def sent_back(report, events):
    """The event that put the report back into the unit's hands, or None."""
    if report.status != Status.RETURNED:
        return None
    backward = [e for e in events if e.kind in (Kind.RETURNED, Kind.REOPENED)]
    return backward[-1] if backward else None


def previous_label(report):
    return "Tháng trước" if report.period.kind == Period.Kind.MONTH else "Kỳ trước"


def crumbs(report, *here):
    """The way up, for components/breadcrumbs.html; without `here` the report is the page."""
    own = (f"{report.period.label}, {report.branch.full_name}", report.get_absolute_url())
    ups = [("Báo cáo", reverse("reports:report_list"))]
    return [*ups, own, (here[0], "")] if here else [*ups, (own[0], "")]


@require_safe
def history(request, pk):
    """Every change of the report, of its cells and its steps, newest first."""
    report = find_report(request, pk)
    return render(
        request,
        "reports/report_history.html",
        {
            "report": report,
            "crumbs": crumbs(report, "Lịch sử"),
            "rows": report_history(report),
        },
    )


# --- Writing ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """The sheet to fill in, for the officer of the unit."""
    report = find_report(request, pk)
    require(request.user, "reports.change_own_report", report)
    if request.method == "POST":
        return save(request, report)
    if not report.is_editable:
        messages.info(request, not_editable(report))
        return redirect(report)
    form = SheetForm(report=report, sheet=read_sheet(report))
    return show_sheet(request, form, version=report.version)


def save(request, report):
    """Keep what was typed; with the button "Lưu và nộp" hand it in as well."""
    is_final = request.POST.get("action") == "submit"
    version = seen_version(request)
    form = SheetForm(request.POST, report=report, sheet=read_sheet(report), is_final=is_final)
    if not form.is_valid():
        return show_sheet(request, form, version=version)
    try:
        save_draft(
            report=report,
            seen_version=version,
            figures=form.figures,
            narrative=form.narrative,
            by=request.user,
            at=now(),
        )
    except ReportError as error:
        return show_conflict(request, report.pk, error)
    if is_final:
        return hand_in(request, report, submit_report, seen=report.version)
    messages.success(request, f"Đã lưu nháp lúc {localtime():%H:%M}.")
    return redirect("reports:report_edit", report.pk)


def show_conflict(request, pk, error):
    """Her words stay on the screen beside what is saved; saving once more is her decision."""
    report = find_report(request, pk)
    form = SheetForm(request.POST, report=report, sheet=read_sheet(report))
    if form.is_valid() and not form.unlike_saved:  # the same answer, sent twice
        messages.success(request, "Đã lưu.")
        return redirect(report)
    form.point_out_differences()
    return show_sheet(request, form, version=report.version, conflict=str(error), status=409)


def show_sheet(request, form, *, version, conflict="", status=200):
    report = form.report
    events = list(report.events.select_related("by"))
    context = {
        "report": report,
        "form": form,
        "version": version,
        "conflict": conflict,
        "last_change": report.history.select_related("history_user").first() if conflict else None,
        "not_editable": "" if report.is_editable else not_editable(report),
        "crumbs": crumbs(report, "Nhập báo cáo"),
        "previous_label": previous_label(report),
        "doubts": [] if form.is_bound else second_looks(report, form.sheet),
        "sent_back": sent_back(report, events),
        "is_empty": is_empty(report, form.sheet) and not form.is_bound,
        "begun_before": begun_before(report),
    }
    return render(request, "reports/report_edit.html", context, status=status)


def begun_before(report):
    """Names of the units that went into this one and had begun to report on the same period."""
    reports = Report.objects.filter(  # scope: that they have, not what; else it counts twice
        branch__in=units_before(report.branch), period=report.period
    )
    begun = reports.owed().exclude(status=Status.NOT_BEGUN).select_related("branch")
    return [old.branch.full_name for old in begun.order_by("branch__sort_key", "pk")]


def not_editable(report):
    return f"Báo cáo này đang ở bước “{report.get_status_display()}” nên không sửa được."


@require_POST
def submit(request, pk):
    report = find_report(request, pk)
    require(request.user, "reports.submit_report", report)
    sheet = read_sheet(report)
    figures = {line.indicator.pk: line.value for line in sheet}
    if missing_parts([line.indicator for line in sheet], figures):
        messages.error(request, "Báo cáo chưa nộp được vì còn số bắt buộc để trống.")
        return redirect("reports:report_edit", report.pk)
    if hindrances(report, sheet):
        messages.error(request, "Báo cáo chưa nộp được. Chị xem các chỗ cần sửa ở đầu trang.")
        return redirect(report)
    return hand_in(request, report, submit_report, seen=seen_version(request))


@require_POST
def nothing(request, pk):
    report = find_report(request, pk)
    require(request.user, "reports.submit_report", report)
    return hand_in(request, report, submit_nothing, seen=seen_version(request))


def hand_in(request, report, step, *, seen):
    try:
        step(report=report, seen_version=seen, by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã nộp báo cáo về {report.reviewing_branch.office_name}.")
    return redirect(report)


# --- Reviewing --------------------------------------------------------------------------------


@require_POST
def approve(request, pk):
    report = find_report(request, pk)
    require(request.user, "reports.approve_report", report)
    try:
        approve_report(report=report, seen_version=seen_version(request), by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã duyệt báo cáo.")
    return redirect(report)


@require_POST
def send_back(request, pk):
    report = find_report(request, pk)
    require(request.user, "reports.return_report", report)
    return step_back(request, report, return_report, "Đã trả lại báo cáo cho đơn vị sửa.")


@require_POST
def reopen(request, pk):
    report = find_report(request, pk)
    require(request.user, "reports.reopen_report", report)
    return step_back(request, report, reopen_report, "Đã mở lại báo cáo cho đơn vị sửa.")


def step_back(request, report, step, done):
    """Return or reopen with the typed reason; when that fails the reason stays on the screen."""
    form, version = ReturnForm(request.POST), seen_version(request)
    if not form.is_valid():
        return show_again(request, report, form)
    try:
        step(
            report=report,
            seen_version=version,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=now(),
        )
    except ReportError as error:
        messages.error(request, str(error))
        return show_again(request, report, form, status=409)
    messages.success(request, done)
    return redirect(report)


def show_again(request, report, form, status=200):
    report = find_report(request, report.pk)
    context = detail_context(request.user, report) | {"report": report, "return_form": form}
    return render(request, "reports/report_detail.html", context, status=status)
