"""Khó khăn, kiến nghị: written with a report, listed, answered, passed on."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import ListView

from branches.custody import kept_by
from branches.models import Level
from hoiphunu.history import history_rows
from hoiphunu.text import fold
from hoiphunu.views import ScopedMixin, require, seen_version
from programs.views.conflicts import conflict_with
from reports.forms import AnswerForm, PassForm, ProposalFilter, ProposalForm, ProposalsForm
from reports.models import Proposal
from reports.services import (
    ReportError,
    Stale,
    add_proposals,
    answer_proposal,
    change_proposal,
    close_proposal,
    pass_up,
    remove_proposal,
    split_texts,
    units_above,
    units_to_ask,
)

from .exchange import answering_branches, proposals_context, to_answer
from .reports import find_report

State = Proposal.State


def find_proposal(request, pk):
    """403 for those above while the report is not in: what it asks is still its own."""
    proposal = in_territory(request, pk)
    if not may_read(request.user, proposal):
        raise PermissionDenied
    return proposal


def in_territory(request, pk):
    return get_object_or_404(Proposal.objects.visible_to(request.user).with_units(), pk=pk)


def may_read(user, proposal):
    return proposal.is_handed_in or user.has_perm("reports.read_unsent_proposals", proposal.report)


# --- With a report --------------------------------------------------------------------------


@require_POST
def add(request, pk):
    """One row for each typed line. Over htmx only this part of the sheet is drawn anew."""
    report = find_report(request, pk)
    require(request.user, "reports.change_own_report", report)
    form = ProposalsForm(request.POST, units=units_to_ask(report))
    if not form.is_valid():
        return show_raised(request, report, form)
    try:
        made = add_proposals(report=report, by=request.user, at=now(), **form.cleaned_data)
    except ReportError as error:
        form.add_error(None, str(error))
        return show_raised(request, report, form)
    return after_adding(request, report, made)


@require_POST
def split(request, pk):
    """Each line of the two texts, as they are saved, becomes a row."""
    report = find_report(request, pk)
    require(request.user, "reports.change_own_report", report)
    try:
        made = split_texts(report=report, by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
        return back_to_sheet(request, report)
    return after_adding(request, report, made)


def after_adding(request, report, made):
    said = f"Đã ghi {len(made)} mục." if made else "Không có dòng nào mới; các mục đã có ở dưới."
    if request.htmx:
        return show_part(request, find_report(request, report.pk), said=said)
    messages.success(request, said)
    return back_to_sheet(request, report)


def back_to_sheet(request, report):
    if request.htmx:
        said = " ".join(str(message) for message in messages.get_messages(request))
        return show_part(request, report, said=said)
    return redirect(reverse("reports:report_edit", args=[report.pk]) + "#kien-nghi")


def show_raised(request, report, form):
    """What she typed stays: in this part, or without script on a page of its own."""
    if request.htmx:
        return show_part(request, report, form=form)
    context = proposals_context(request.user, report, form) | {"report": report}
    context["crumbs"] = report_crumbs(report, "Khó khăn, kiến nghị")
    return render(request, "reports/proposal_add.html", context)


def show_part(request, report, *, form=None, said=""):
    context = proposals_context(request.user, report, form)
    context |= {"report": report, "said": said}
    return render(request, "reports/_report_proposals.html", context)


def report_crumbs(report, here):
    own = (f"{report.period.label}, {report.branch.full_name}", report.get_absolute_url())
    return [("Báo cáo", reverse("reports:report_list")), own, (here, "")]


# --- The list -------------------------------------------------------------------------------


class ProposalList(ScopedMixin, ListView):
    """Three lists under one address: what she answers, what her unit asked, her territory."""

    model = Proposal
    paginate_by = 50
    ASKED, OWN, ALL = "asked", "own", "all"

    def get_queryset(self):
        user = self.request.user
        self.tabs = self.tabs_of(user)
        asked = self.request.GET.get("tab")
        self.tab = asked if asked in dict(self.tabs) else self.tabs[0][0]
        levels = [(level.code, level.name.capitalize()) for level in Level.objects.all()]
        self.filter = ProposalFilter(self.request.GET, user=user, levels=levels)
        rows = super().get_queryset().with_units()
        if self.tab == self.OWN:
            held = {p.branch_id for p in user.standing}
            rows = rows.filter(report__branch__in=held | kept_by(held))
        else:
            rows = rows.handed_in()
        if self.tab == self.ASKED:
            rows = rows.addressed_to(answering_branches(user))
        return narrow(rows, self.filter.chosen()).open_first()

    def tabs_of(self, user):
        tabs = [(self.OWN, "Đơn vị tôi gửi"), (self.ALL, "Trong địa bàn")]
        if answering_branches(user):
            tabs = [(self.ASKED, "Gửi tới đơn vị tôi"), *tabs]
        return tabs

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            tabs=self.tabs,
            tab=self.tab,
            filter=self.filter,
            is_filtered=bool(self.filter.chosen()),
            waiting=to_answer(self.request.user).count(),
            crumbs=[("Báo cáo", reverse("reports:report_list")), ("Khó khăn, kiến nghị", "")],
            **kwargs,
        )


def narrow(rows, chosen):
    """Keep what the filters of the address ask for."""
    columns = {
        "kind": "kind", "period": "report__period__code", "level": "report__branch__level__code",
    }  # fmt: skip
    for name, column in columns.items():
        if name in chosen:
            rows = rows.filter(**{column: chosen[name]})
    if "q" in chosen:
        rows = rows.filter(report__branch__search_text__contains=fold(chosen["q"]))
    return in_state(rows, chosen.get("state"))


def in_state(rows, state):
    if state == State.OPEN:
        return rows.open()
    if state == State.ANSWERED:
        return rows.filter(answered_at__isnull=False, closed_at=None)
    return rows.filter(closed_at__isnull=False) if state == State.CLOSED else rows


# --- One of them ----------------------------------------------------------------------------


@require_safe
def detail(request, pk):
    return show(request, find_proposal(request, pk))


def show(request, proposal, *, status=200, **typed):
    """Its page. `typed`: forms that hold what she typed, by their name on the page."""
    user, report = request.user, proposal.report
    may_answer = user.has_perm("reports.answer_proposal", proposal)
    may_answer = may_answer and not (report.is_editable and not proposal.answered_at)
    may_write = user.has_perm("reports.change_own_report", report)
    above = units_above(proposal) if may_answer and proposal.state == State.OPEN else []
    context = {
        "proposal": proposal,
        "report": report,
        "version": proposal.version,
        "passes": proposal.passes.select_related("from_branch__level", "to_branch__level", "by"),
        "may_answer": may_answer and proposal.state != State.CLOSED,
        "may_change": may_write and proposal.is_changeable,
        "may_close": may_write and proposal.state != State.CLOSED and not report.is_editable,
        "answer_form": AnswerForm(initial={"answer": proposal.answer}),
        "pass_form": PassForm(units=above) if above else None,
        "rows": history_rows(proposal),
        "crumbs": crumbs(proposal),
    }
    return render(request, "reports/proposal_detail.html", context | typed, status=status)


def crumbs(proposal, *here):
    ups = [("Khó khăn, kiến nghị", reverse("reports:proposal_list"))]
    own = (f"{proposal.report.period.label}, {proposal.report.branch.full_name}", "")
    return [*ups, (own[0], proposal.get_absolute_url()), (here[0], "")] if here else [*ups, own]


@require_POST
def answer(request, pk):
    proposal = in_territory(request, pk)
    require(request.user, "reports.answer_proposal", proposal)
    if not may_read(request.user, proposal):
        return show_taken_back(request, proposal, request.POST.get("answer", ""))
    form, seen = AnswerForm(request.POST), seen_version(request)
    if not form.is_valid():
        return show(request, proposal, answer_form=form)
    return take(
        request, proposal, "Đã gửi câu trả lời cho đơn vị.", {"answer_form": form},
        lambda **how: answer_proposal(seen_version=seen, **form.cleaned_data, **how),
    )  # fmt: skip


@require_POST
def pass_on(request, pk):
    """Chuyển lên cấp trên."""
    proposal = in_territory(request, pk)
    require(request.user, "reports.answer_proposal", proposal)
    if not may_read(request.user, proposal):
        return show_taken_back(request, proposal, request.POST.get("word", ""))
    form, seen = PassForm(request.POST, units=units_above(proposal)), seen_version(request)
    if not form.is_valid():
        return show(request, proposal, pass_form=form)
    return take(
        request, proposal, "Đã chuyển lên cấp trên.", {"pass_form": form},
        lambda **how: pass_up(seen_version=seen, **form.cleaned_data, **how),
    )  # fmt: skip


@require_POST
def close(request, pk):
    proposal = find_proposal(request, pk)
    require(request.user, "reports.change_own_report", proposal.report)
    seen = seen_version(request)
    return take(
        request, proposal, "Đã ghi: việc này đã xong.", {},
        lambda **how: close_proposal(seen_version=seen, **how),
    )  # fmt: skip


def take(request, proposal, done, typed, step):
    """Take a step; when that fails what she typed stays beside what is saved now."""
    try:
        step(proposal=proposal, by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
        saved = in_territory(request, proposal.pk)
        if not may_read(request.user, saved):  # given back in this very moment
            return show_taken_back(request, saved, request.POST.get("answer", ""))
        return show(request, saved, status=409, **typed)
    messages.success(request, done)
    return redirect(proposal)


def show_taken_back(request, proposal, typed):
    """The report went back to its unit while she wrote: what she typed, without what is asked."""
    context = {"report": proposal.report, "typed": typed, "crumbs": crumbs(proposal)}
    return render(request, "reports/proposal_taken_back.html", context, status=409)


@require_http_methods(["GET", "HEAD", "POST"])
def update(request, pk):
    """Say it otherwise, by the unit that asks."""
    proposal = find_proposal(request, pk)
    require(request.user, "reports.change_own_report", proposal.report)
    units, conflict = units_to_ask(proposal.report), None
    form = ProposalForm(request.POST or None, proposal=proposal, units=units)
    version = proposal.version
    if request.method == "POST" and form.is_valid():
        seen = seen_version(request)
        try:
            change_proposal(
                proposal=proposal, seen_version=seen, by=request.user, at=now(),
                **form.cleaned_data,
            )  # fmt: skip
        except Stale:
            saved = find_proposal(request, pk)
            fresh = ProposalForm(proposal=saved, units=units)
            conflict = conflict_with(saved, form, fresh, seen=seen)
            if conflict is None:
                return redirect(proposal.report)
        except ReportError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã sửa.")
            return redirect(proposal.report)
    context = {
        "proposal": proposal, "form": form, "version": version, "conflict": conflict,
        "crumbs": crumbs(proposal, "Sửa"),
    }  # fmt: skip
    return render(request, "reports/proposal_form.html", context)


@require_POST
def remove(request, pk):
    proposal = find_proposal(request, pk)
    require(request.user, "reports.change_own_report", proposal.report)
    report, seen = proposal.report, seen_version(request)
    try:
        remove_proposal(proposal=proposal, seen_version=seen, by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
        return redirect(report)
    messages.success(request, "Đã bỏ mục này ra khỏi báo cáo.")
    return redirect(report)
