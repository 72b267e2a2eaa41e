"""Asking for a workbook: a row first, then a page that follows it."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hoiphunu.jobs import start_soon
from hoiphunu.views import get_visible, require
from reports.models import Export
from reports.tasks import run_export

from .summaries import chosen, place


@require_POST
def create(request, form, period, slug):
    branch, period = place(request, form, period, slug)
    require(request.user, "reports.export_summary", branch)
    export = Export.objects.create(
        kind="summary",
        **chosen(request).how,
        period=period,
        branch=branch,
        asked_by=request.user,
        total=1,
    )
    start_soon(run_export, export.pk)
    return redirect(export)


def detail(request, pk):
    export = get_visible(Export, request.user, pk=pk)
    return render(request, "reports/export_detail.html", {"export": export})


def status(request, pk):
    export = get_visible(Export, request.user, pk=pk)
    return render(request, "reports/_export_status.html", {"export": export})
