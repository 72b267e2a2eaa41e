"""Reports of single units: the list, one report, and what those above decide about it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import DetailView, ListView

from branches.models import Branch, Level, Position
from hoiphunu.fields import NOTHING
from hoiphunu.text import fold
from hoiphunu.views import ScopedMixin, require, seen_version
from programs.models import Assignment
from reports.checks import hindrances, second_looks, texts_of
from reports.forms import FilesForm, ReasonForm, ReportFilter, ReturnForm
from reports.gathering import offers, still_to_gather, to_sign, what_changed
from reports.models import (
    FrozenSummary,
    Period,
    Report,
    ReportEvent,
    ReportForm,
    Summary,
    SummaryParagraph,
    WordText,
)
from reports.rollup import owed_below
from reports.services import (
    ReportError,
    approve_report,
    lock_report,
    lock_reports,
    reopen_report,
    return_report,
)
from reports.sheet import (
    answered_remarks,
    changes_since_last_look,
    read_sheet,
    report_history,
    runs,
)
from reports.steps import steps_allowed

from .exchange import proposals_context

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


def detail_context(user, report, return_form=None):
    """What the page of a report shows, and which steps this person may take now."""
    sheet = read_sheet(report)
    events = events_of(report)
    may = steps_allowed(user, report)
    remarks = answered_remarks(report, events, sheet)
    return_form = return_form or ReturnForm(sheet=sheet)
    return {
        "crumbs": crumbs(report),
        "place": report.branch.ancestors().select_related("level"),
        "previous_label": previous_label(report),
        "runs": runs(sheet),
        "notes": notes_on(report, remarks, return_form),
        "doubts": second_looks(report, sheet),
        "hindrances": hindrances(report, sheet) if may.get("submit") else [],
        "texts": text_rows(user, report, remarks, return_form),
        "remarks": remarks,
        **files_context(report),
        **proposals_context(user, report),
        "steps": steps_of(report, events),
        "sent": [event for event in events if event.kind == Kind.SUBMITTED],
        "changes": changes_since_last_look(events, sheet),
        **summary_context(user, report, may),
        "sent_back": sent_back(report, events),
        "is_empty": is_empty(report, sheet),
        "submit_tone": "secondary" if report.status == Status.RETURNED else "primary",
        "may": may,
        "may_open_again": may.get("reopen") or may.get("unlock"),
        "may_extend": report.is_owed and user.has_perm("reports.extend_report", report),
        "may_lock_all": may.get("lock") and user.has_perm("reports.lock_some", report.period.form),
        "is_hers": is_hers(user, report, may),
        "is_on_behalf": bool(may.get("edit")) and not may["ask_help"],
        "asked_help": report.is_editable and any(e.kind == Kind.ASKED for e in events),
        "return_form": return_form,
        "next_waiting": None if may.get("approve") else next_waiting(user, report),
    }


def summary_context(user, report, may):
    """Of a unit that others report to: its summary, what that lacks, and what was frozen of it."""
    if not sums_up(report):
        return {}
    frozen = FrozenSummary.objects.visible_to(user).filter(event__report=report)
    return {
        "sums_up": True,
        "frozen": frozen.select_related("by"),
        **(before_submitting(user, report) if may.get("submit") else {}),
    }


def sums_up(report):
    return owed_below(report.period, report.branch)


def before_submitting(user, report):
    """Which version of the summary she sees; how many paragraphs of others it does not hold
    (`left_out`), and of how many lines of the report itself the editor's words stay though the
    report says it otherwise now (`own_edited`)."""
    rows = SummaryParagraph.objects.visible_to(user).filter(
        summary__period=report.period_id, summary__branch=report.branch_id
    )
    rows = list(rows.select_related("frozen").order_by("position"))
    offered = offers(report.period, report.branch)
    waiting = still_to_gather(rows, offered)
    changed = what_changed(rows, offered)
    summary = Summary.objects.visible_to(user).filter(period=report.period, branch=report.branch)
    return {
        "seen_summary": summary.values_list("version", flat=True).first() or 0,
        "left_out": sum(offer.report_id != report.pk for offer in waiting),
        "own_edited": sum(
            row.pk in changed and row.source_id == report.pk for row in to_sign(rows, report)
        ),
    }


def files_context(report):
    """The files of the report, and whether its form asks for any."""
    version = report.period.version
    most = version.most_files if version else 0
    return {
        "files": report.files.standing().select_related("file__uploaded_by"),
        "most_files": most,
        "room_for_files": most and report.files.standing().attachments().count() < most,
        "files_help": version.files_help if version else "",
        "files_form": FilesForm(),
    }


@dataclass(frozen=True)
class Notes:
    """What stands beside the cells of a report that is read: by indicator's id the word that goes
    along with a figure, the remark of the last return, and the box for a new remark."""

    said: dict
    remarks: dict
    boxes: dict

    def cell(self, line):
        pk = line.indicator.pk
        return {
            "why": self.said.get(pk, ""),
            "remark": self.remarks.get(pk),
            "box": self.boxes.get(pk),
        }


def notes_on(report, remarks, return_form):
    said = dict(report.explanations.values_list("indicator_id", "text"))
    return Notes(said, {row["key"]: row for row in remarks}, return_form_boxes(return_form))


def text_rows(user, report, remarks, return_form):
    """[{"label", "text", "remark", "box", "source"}] of the texts that the form asks for."""
    rows, boxes = {row["key"]: row for row in remarks}, return_form_boxes(return_form)
    sources = WordText.objects.visible_to(user).sources_of(report)
    return [
        {
            "label": str(text),
            "text": getattr(report, text.name),
            "remark": rows.get(text.name),
            "box": boxes.get(text.name),
            "source": sources.get(text.name),
        }
        for text in texts_of(report)
    ]


def return_form_boxes(return_form):
    """{indicator's id or name of a text: box}; a form that only asks for a reason has none."""
    return return_form.by_key() if isinstance(return_form, ReturnForm) else {}


def is_hers(user, report, may):
    """She reviews for the unit above, yet wrote it herself: somebody else must decide."""
    waits = report.status == Status.SUBMITTED and not may["approve"]
    return waits and user.has_perm("reports.reopen_report", report)


def steps_of(report, events):
    """What was done with the report and when it was given longer, the last first."""
    steps = [{"at": e.at, "by": e.by, "what": e.what, "reason": said_with(e)} for e in events]
    steps += [
        {"at": e.at, "by": e.by, "what": str(e), "reason": e.reason}
        for e in report.extensions.select_related("by")
    ]
    return sorted(steps, key=lambda step: step["at"])[::-1]


def events_of(report):
    events = report.events.select_related("by", "acting_branch")
    return list(events.prefetch_related("remarks__indicator"))


def said_with(event):
    """The reason, and what was remarked on single cells."""
    remarks = [f"{remark.label}: {remark.text}" for remark in event.remarks.all()]
    return " · ".join(filter(None, [event.reason, *remarks]))


def next_waiting(user, report):
    """The report that has waited longest for her, other than this one, or None."""
    waiting = Report.objects.visible_to(user).waiting_for(user).exclude(pk=report.pk)
    return waiting.order_by("first_submitted_at", "pk").first()


def is_empty(report, sheet):
    """Nothing typed yet, or no more than that click: then one click says "không phát sinh"."""
    blank = (None, NOTHING) if report.nothing_to_report else (None,)
    return all(line.value in blank for line in sheet) and not any(
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


def not_editable(report):
    return f"Báo cáo này đang ở bước “{report.get_status_display()}” nên không sửa được."


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
    form, version = ReturnForm(request.POST, sheet=read_sheet(report)), seen_version(request)
    if not form.is_valid():
        return show_again(request, report, form)
    return step_back(
        request, report, form, "Đã trả lại báo cáo cho đơn vị sửa.",
        lambda **how: return_report(seen_version=version, remarks=form.remarks, **how),
    )  # fmt: skip


@require_POST
def reopen(request, pk):
    """Open an approved report again, or a locked one: that is a step of its own."""
    report = find_report(request, pk)
    verb = "unlock_report" if report.status == Status.LOCKED else "reopen_report"
    require(request.user, f"reports.{verb}", report)
    form, version = ReasonForm(request.POST), seen_version(request)
    if not form.is_valid():
        return show_again(request, report, form)
    return step_back(
        request, report, form, "Đã mở lại báo cáo cho đơn vị sửa.",
        lambda **how: reopen_report(seen_version=version, **how),
    )  # fmt: skip


def step_back(request, report, form, done, step):
    """Return or reopen with the typed reason; when that fails what she typed stays."""
    try:
        step(report=report, reason=form.cleaned_data["reason"], by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
        return show_again(request, report, form, status=409)
    messages.success(request, done)
    return redirect(report)


def show_again(request, report, form, status=200):
    report = find_report(request, report.pk)
    context = detail_context(request.user, report, form) | {"report": report}
    return render(request, "reports/report_detail.html", context, status=status)


# --- Locking ------------------------------------------------------------------------------------


@require_POST
def lock(request, pk):
    report = find_report(request, pk)
    require(request.user, "reports.lock_report", report)
    try:
        lock_report(report=report, seen_version=seen_version(request), by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã khóa báo cáo.")
    return redirect(report)


@require_http_methods(["GET", "HEAD", "POST"])
def lock_period(request, form, period):
    """All approved reports of a period at once, after she has seen how many they are."""
    period = get_object_or_404(
        Period.objects.visible_to(request.user).select_related("form__owner"),
        form__code=form, code=period,
    )  # fmt: skip
    require(request.user, "reports.lock_some", period.form)
    reports = reports_to_lock(request.user, period)
    count = reports.count()
    if request.method == "POST" and request.POST.get("count") == str(count):
        locked = lock_reports(reports=reports, by=request.user, at=now())
        messages.success(request, f"Đã khóa {locked} báo cáo {period.label.lower()}.")
        return redirect("reports:period_lock", period.form.code, period.code)
    is_stale = request.method == "POST"
    context = {
        "period": period,
        "count": count,
        "is_stale": is_stale,
        "crumbs": [("Lịch báo cáo", reverse("reports:period_list")), (f"Khóa {period.label}", "")],
        **standing_of(request.user, period),
    }
    return render(request, "reports/period_lock.html", context, status=409 if is_stale else 200)


def reports_to_lock(user, period):
    all_of_form = user.has_perm("reports.lock_all", period.form)
    reports = Report.objects.visible_to(user).filter(period=period)
    return reports.to_lock(user, period.form, all_of_form=all_of_form)


def standing_of(user, period):
    """How many reports of the period in her territory are locked, and not approved yet."""
    reports = Report.objects.visible_to(user).filter(period=period)
    locked = reports.filter(status=Status.LOCKED).count()
    return {"locked": locked, "open": reports.owed().exclude(status__in=Report.COUNTED).count()}
