"""Filling in a report: the sheet, saving it as it is typed, asking for help, handing it in."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_http_methods, require_POST

from branches.decrees import units_before
from hoiphunu.views import require, seen_version
from reports.checks import hindrances, second_looks, unexplained
from reports.forms import ExplainForm, SheetForm, why_name
from reports.models import Report, WordText
from reports.services import (
    ReportError,
    ask_for_help,
    explain_and_submit,
    merge_draft,
    submit_nothing,
    submit_report,
)
from reports.sheet import (
    answered_remarks,
    last_change,
    missing_parts,
    plans_beside,
    previous_texts,
    read_sheet,
)
from reports.templatetags.report_tags import report_status

from .exchange import proposals_context
from .reports import (
    before_submitting,
    crumbs,
    events_of,
    find_report,
    is_empty,
    not_editable,
    previous_label,
    sent_back,
    sums_up,
)

Status = Report.Status
STATE = "reports/_report_status.html"
SEEN_FIRST = (
    "Đã lưu phần của chị. Trong lúc chị nhập, người khác đã sửa: {cells}. "
    "Chị xem lại rồi bấm nộp lần nữa."
)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """The sheet to fill in, for the officer of the unit or who stands in for her."""
    report = find_report(request, pk)
    require(request.user, "reports.change_own_report", report)
    if request.method == "POST":
        return copy_text(request, report) if "copy" in request.POST else save(request, report)
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
        merged = keep(request, form, version)
    except ReportError as error:
        return show_refused(request, report.pk, str(error))
    if merged.disputed or (is_final and merged.theirs):
        return show_merged(request, report.pk, merged)
    if is_final:
        return ask_why(report) or hand_in(request, report, submit_report, seen=report.version)
    messages.success(request, f"Đã lưu nháp lúc {localtime():%H:%M}.")
    return redirect("reports:report_edit", report.pk)


def keep(request, form, version):
    return merge_draft(
        report=form.report,
        seen_version=version,
        seen=form.seen,
        typed=form.typed,
        by=request.user,
        at=now(),
    )


def show_refused(request, pk, error):
    """Nothing was saved: what she typed stays on the screen beside what is there."""
    report = find_report(request, pk)
    sheet = read_sheet(report)
    form = SheetForm(request.POST, report=report, sheet=sheet, is_beside_saved=True)
    if form.is_valid():
        form.point_out(form.unlike_saved)
    return show_sheet(request, form, version=report.version, conflict=error, status=409)


def show_merged(request, pk, merged):
    """What only she changed is saved, what others changed stands in its place; where both did,
    her own stays in the box beside what is saved, and saving once more is her decision."""
    report = find_report(request, pk)
    sheet = read_sheet(report)
    fresh = SheetForm(report=report, sheet=sheet)
    names = [name for name, key in fresh.keys.items() if key in merged.theirs]
    data = request.POST.copy()
    for name in names:
        data[name] = fresh.now(name)
    form = SheetForm(data, report=report, sheet=sheet, is_beside_saved=True)
    form.is_valid()
    form.point_out(merged.disputed)
    if merged.disputed:
        return show_sheet(request, form, version=report.version, is_disputed=True, status=409)
    cells = ", ".join(form.fields[name].label for name in names)
    messages.warning(request, SEEN_FIRST.format(cells=cells))
    return show_sheet(request, form, version=report.version, status=409)


def copy_text(request, report):
    """Put the words of the period before below what stands in the box. Nothing is saved yet."""
    name, data = request.POST["copy"], request.POST.copy()
    before = previous_texts(report).get(name, "")
    data[name] = "\n".join(filter(None, [data.get(name, "").rstrip(), before]))
    form = SheetForm(data, report=report, sheet=read_sheet(report))
    messages.info(request, "Đã chép lời kỳ trước vào ô; chị sửa lại cho đúng kỳ này rồi lưu.")
    return show_sheet(request, form, version=seen_version(request))


def show_sheet(request, form, *, version, conflict="", is_disputed=False, status=200):
    report = form.report
    events = events_of(report)
    remarks = {row["key"]: row["text"] for row in answered_remarks(report, events, form.sheet)}
    odd = {} if form.is_bound else form.doubts()
    form.lay_beside(plans_beside(report, request.user), remarks, previous_texts(report), odd)
    form.sources = WordText.objects.visible_to(request.user).sources_of(report)
    is_stopped = bool(conflict or is_disputed)
    context = {
        "report": report,
        "form": form,
        "version": version,
        "conflict": conflict,
        "is_disputed": is_disputed,
        "last_change": last_change(report) if is_stopped else None,
        "not_editable": "" if report.is_editable else not_editable(report),
        "crumbs": crumbs(report, "Nhập báo cáo"),
        "previous_label": previous_label(report),
        "doubts": [] if form.is_bound else second_looks(report, form.sheet),
        "sent_back": sent_back(report, events),
        "is_empty": is_empty(report, form.sheet) and not form.is_bound,
        "begun_before": begun_before(report),
        **proposals_context(request.user, report),
        "on_behalf": not request.user.has_perm("reports.write_for_own_unit", report),
    }
    return render(request, "reports/report_edit.html", context, status=status)


def begun_before(report):
    """Names of the units that went into this one and had begun to report on the same period."""
    reports = Report.objects.filter(  # scope: that they have, not what; else it counts twice
        branch__in=units_before(report.branch), period=report.period
    )
    begun = reports.owed().exclude(status=Status.NOT_BEGUN).select_related("branch")
    return [old.branch.full_name for old in begun.order_by("branch__sort_key", "pk")]


# --- While she types ----------------------------------------------------------------------------


@require_POST
def autosave(request, pk):
    """Keep the cells that were sent, as JSON says; see `answer`. A cell that cannot be read
    hinders no other."""
    report = find_report(request, pk)
    require(request.user, "reports.change_own_report", report)
    version = seen_version(request)
    form = SheetForm(request.POST, report=report, sheet=read_sheet(report))
    form.is_valid()
    try:
        merged = keep(request, form, version)
    except ReportError as error:
        problem = str(error) if report.is_editable else not_editable(report)
        return JsonResponse({"problem": problem}, status=409)
    return JsonResponse(answer(find_report(request, pk), form, merged))


def answer(report, sent, merged):
    """`state`: the report's state as its badge; `cells`: name of each field → what is saved there,
    as its box shows it; `disputed`: name → what somebody else has saved, in words, where both
    changed it; `errors`, `doubts`: name → sentence."""
    form = SheetForm(report=report, sheet=read_sheet(report))
    form.point_out(merged.disputed)
    odd = form.doubts()
    return {
        "version": report.version,
        "saved_at": f"{localtime():%H:%M}",
        "state": render_to_string(STATE, report_status(report)),
        "cells": {name: form.now(name) for name in form.keys},
        "disputed": form.saved,
        "errors": {name: " ".join(errors) for name, errors in sent.errors.items()},
        "doubts": {
            name: " ".join(odd[pk])
            for name, (part, pk) in form.keys.items()
            if part == "figures" and pk in odd
        },
    }


# --- Handing in ---------------------------------------------------------------------------------


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
    seen = seen_version(request)
    return ask_why(report, sheet) or hand_in(request, report, submit_report, seen=seen)


def ask_why(report, sheet=None):
    """The page that asks for a word about unusual figures before the report goes, else None."""
    if report.is_editable and unexplained(report, sheet or read_sheet(report)):
        return redirect("reports:report_explain", report.pk)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def explain(request, pk):
    """Unusual figures that no word goes along with yet, on the way to handing in; she may go on
    without."""
    report = find_report(request, pk)
    require(request.user, "reports.submit_report", report)
    if request.method != "POST":
        if not report.is_editable or not unexplained(report, read_sheet(report)):
            return redirect(report)
        return show_odd(request, report)
    seen = seen_version(request)
    if "anyway" in request.POST:
        return hand_in(request, report, submit_report, seen=seen)
    form = explain_form(request, report)
    if not form.is_valid():
        return show_odd(request, report, form, version=seen)
    try:
        send(request, report, explain_and_submit, seen=seen, explanations=form.explanations)
    except ReportError as error:
        messages.error(request, str(error))
        return show_odd(request, find_report(request, pk), form, status=409)
    return redirect(report)


def explain_form(request, report):
    """Of what is unusual now, and of what she has just been asked about."""
    sheet, sent = read_sheet(report), request.POST or None
    asked = [line.indicator.pk for line in sheet if why_name(line.indicator) in request.POST]
    return ExplainForm(sent, odd=unexplained(report, sheet, and_also=asked))


def show_odd(request, report, form=None, version=None, status=200):
    """`version`: the one that she saw; after a refusal, which tells her so, the new one."""
    context = {
        "version": version or report.version,
        "report": report,
        "form": form or explain_form(request, report),
        "not_editable": "" if report.is_editable else not_editable(report),
        "crumbs": crumbs(report, "Trước khi nộp"),
        **(before_submitting(request.user, report) if sums_up(report) else {}),
    }
    return render(request, "reports/report_explain.html", context, status=status)


@require_POST
def nothing(request, pk):
    report = find_report(request, pk)
    require(request.user, "reports.submit_report", report)
    return hand_in(request, report, submit_nothing, seen=seen_version(request))


def hand_in(request, report, step, *, seen):
    try:
        send(request, report, step, seen=seen)
    except ReportError as error:
        messages.error(request, str(error))
    return redirect(report)


def send(request, report, step, *, seen, **more):
    """Take the step for her own unit, or for one that she stands in for, and say so."""
    is_own = request.user.has_perm("reports.write_for_own_unit", report)
    how = {"acting_branch": None if is_own else report.reviewing_branch, **more}
    if request.POST.get("seen_summary", "").isdecimal():  # of pages that tell of the summary
        how["seen_summary"] = int(request.POST["seen_summary"])
    step(report=report, seen_version=seen, by=request.user, at=now(), **how)
    for_whom = "" if is_own else f" thay mặt {report.branch.office_name}"
    messages.success(request, f"Đã nộp báo cáo về {report.reviewing_branch.office_name}{for_whom}.")


@require_POST
def ask_help(request, pk):
    """The unit asks the one directly above to write this report."""
    report = find_report(request, pk)
    require(request.user, "reports.ask_for_help", report)
    try:
        ask_for_help(report=report, seen_version=seen_version(request), by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
    else:
        above = report.reviewing_branch.office_name
        messages.success(request, f"Đã nhờ {above} nhập thay; chị vẫn sửa và nộp được như thường.")
    return redirect(report)
