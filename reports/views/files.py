"""Files that go with a report."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from hoiphunu.views import as_download, get_visible, require
from reports.forms import FilesForm
from reports.models import Report, ReportFile
from reports.services import ReportError, add_files, remove_file


@require_POST
def add(request, pk):
    report = get_visible(Report, request.user, pk=pk)
    require(request.user, "reports.change_own_report", report)
    typed = FilesForm(request.POST, request.FILES)
    if not typed.is_valid():
        messages.error(request, " ".join(sum(typed.errors.values(), [])))
        return redirect(report)
    try:
        files = typed.cleaned_data["files"]
        made = add_files(report=report, files=files, by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã kèm {len(made)} tệp.")
    return redirect(report)


@require_safe
def download(request, pk):
    """To whoever may read the report, always to be saved."""
    files = ReportFile.objects.visible_to(request.user).standing().select_related("file")
    response = as_download(get_object_or_404(files, pk=pk).file)
    response["Cache-Control"] = "private"
    return response


@require_POST
def remove(request, pk):
    files = ReportFile.objects.visible_to(request.user).select_related("file", "report__branch")
    file = get_object_or_404(files, pk=pk)
    require(request.user, "reports.change_own_report", file.report)
    try:
        remove_file(file=file, by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã bỏ tệp “{file}” ra khỏi báo cáo.")
    return redirect(file.report)
