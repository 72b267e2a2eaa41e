"""Lấy lời từ tệp Word: bring the file, look at its texts beside the draft's, choose."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from hoiphunu.views import require, seen_version
from reports.checks import texts_of
from reports.models import ReportFile
from reports.services import APPEND, PUT, ReportError, bring_word, take_words

from .reports import crumbs, find_report, not_editable

LEAVE = "leave"


@dataclass(frozen=True)
class Row:
    """One heading: what the file says, what the draft holds, what she may choose."""

    name: str
    label: str
    text: str
    old: str
    taken_at: datetime | None
    chosen: str

    @property
    def choices(self):
        leave = (LEAVE, "Không lấy")
        return [(APPEND, "Thêm vào dưới lời đã có"), leave] if self.old else [
            (PUT, "Lấy vào ô đang trống"), leave,
        ]  # fmt: skip


@require_POST
def bring(request, pk):
    """Keep the file and go on to what was read in it."""
    report = find_report(request, pk)
    require(request.user, "reports.change_own_report", report)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise ReportError("Chị chọn tệp Word của báo cáo.")
        if not report.is_editable:
            raise ReportError(not_editable(report))
        kept = bring_word(report=report, file=file, by=request.user)
    except ReportError as error:
        messages.error(request, str(error))
        return redirect("reports:report_edit", report.pk)
    return redirect("reports:report_word_texts", kept.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request, pk):
    """The texts of the file beside those of the draft; she says heading by heading."""
    files = ReportFile.objects.visible_to(request.user).standing().select_related("file")
    file = get_object_or_404(files, pk=pk)
    report = find_report(request, file.report_id)
    require(request.user, "reports.change_own_report", report)
    texts = {row.narrative: row for row in file.word_texts.all()}
    if not texts:
        raise Http404
    if not report.is_editable:
        messages.info(request, not_editable(report))
        return redirect(report)
    if request.method == "POST":
        return take(request, report, file, texts)
    return show(request, report, file, texts)


def take(request, report, file, texts):
    asked = {str(text.name) for text in texts_of(report)}
    choices = {name: request.POST.get(name, LEAVE) for name in asked}
    file.report = report
    try:
        count = take_words(
            file=file, seen_version=seen_version(request), choices=choices, by=request.user,
            at=now(),
        )  # fmt: skip
    except ReportError as error:
        messages.error(request, str(error))
        report = find_report(request, report.pk)
        return show(request, report, file, texts, choices, status=409)
    if count:
        messages.success(request, f"Đã đưa lời của {count} mục vào báo cáo. Chị xem lại rồi lưu.")
    else:
        messages.info(request, "Chưa lấy mục nào.")
    return redirect("reports:report_edit", report.pk)


def show(request, report, file, texts, choices=None, status=200):
    rows = [row_of(report, text, texts.get(text.name), choices) for text in texts_of(report)]
    asked = {row.name for row in rows}
    rest = [text.text for name, text in texts.items() if name not in asked]
    context = {
        "report": report,
        "file": file,
        "rows": rows,
        "rest": "\n".join(rest),
        "version": report.version,
        "crumbs": crumbs(report, "Lấy lời từ tệp Word"),
    }
    return render(request, "reports/report_word.html", context, status=status)


def row_of(report, text, found, choices):
    """Proposed is to take what goes into an empty text, and to leave the others alone."""
    old = getattr(report, text.name)
    proposed = PUT if found and not old else LEAVE
    chosen = choices.get(text.name, LEAVE) if choices else proposed
    if choices and chosen == PUT and old:
        chosen = LEAVE
    return Row(
        text.name, str(text), found.text if found else "", old, found and found.taken_at, chosen
    )
