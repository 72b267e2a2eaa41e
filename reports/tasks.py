"""Background work: an id or a date in, one call; everything may run twice without harm."""

import logging
from datetime import date, timedelta

from celery import shared_task
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate, now

from branches.models import ReorganisationRun, Upload
from branches.services import end_sessions_of_departed, wrong_paths
from branches.sign_in import forget_old
from hoiphunu.jobs import start_now
from programs.models import PlanReading
from programs.tasks import read_plan

from . import exporters, lists, posting, reorganisation, services
from .models import Export, Period, Rebuild
from .notifications import tell_administrators
from .totals import check_totals, rebuild_totals

logger = logging.getLogger(__name__)

DIFFERENCES_IN_LOG = 20
CUT_OFF_AFTER = timedelta(minutes=15)  # longer than a task may run


@shared_task
def run_export(export_id):
    """Write the workbook that somebody asked for, unless another worker has it."""
    export = Export.take(export_id)
    if export is not None:
        exporters.write_export(export)


@shared_task
def run_upload(upload_id):
    """The next step of a list, reading or writing, unless another worker has it."""
    upload = Upload.take(upload_id)
    if upload is not None:
        lists.run_step(upload)


@shared_task
def run_reorganisation(run_id):
    """Apply a decree or take it back, unless another worker has it."""
    run = ReorganisationRun.take(run_id)
    if run is not None:
        reorganisation.run_step(run)


@shared_task
@transaction.atomic
def rebuild_month(period_id):
    """Count a month anew; the row that asks for it goes in the same transaction."""
    rebuild_totals(Period.objects.filter(pk=period_id))  # scope: the id handed in
    Rebuild.objects.filter(period=period_id).delete()


@shared_task
def recount():
    """Nightly: compare stored totals with the figures; a month that differs is told of, then
    rebuilt. Told first: a cache that was wrong has a cause, and that is still there."""
    wrong = 0
    for period in Period.objects.all():  # scope: the nightly recount is of the whole installation
        if differences := check_totals([period]):
            with transaction.atomic():
                tell_of_differences(period, differences)
                Rebuild.objects.get_or_create(period=period)
            start_now(rebuild_month, period.pk)
            wrong += 1
    return wrong


def tell_of_differences(period, differences):
    """In the log, and under the bell of the top unit's administrators."""
    told = "; ".join(
        f"{path} indicator {indicator}: stored {stored[0]} ({stored[1]}), "
        f"counted {counted[0]} ({counted[1]})"
        for _, path, indicator, stored, counted in differences[:DIFFERENCES_IN_LOG]
    )
    logger.error("Totals of %s (%s) differ: %s", period.code, len(differences), told)
    tell_administrators(
        f"totals:{period.pk}",
        f"Số tổng hợp {period.label.lower()} lệch so với đếm lại ở "
        f"{len(differences)} chỗ; đang tính lại. Chị báo người vận hành phần mềm.",
        reverse("reports:period_list"),
        localdate(),
    )


@shared_task
def check_tree():
    """Nightly: scope hangs on the stored paths, so say loudly when one differs."""
    wrong = wrong_paths()
    if wrong:
        logger.error("Units whose path differs from their parents': %s", wrong)
    return len(wrong)


@shared_task
def forget_sign_ins():
    """Nightly: drop what the door need not remember, and let out whoever's office ends today."""
    forget_old(now())
    end_sessions_of_departed(localdate())


@shared_task
def keep_calendar():
    """Early every day: open what opens today, and follow units that opened or ended."""
    return services.keep_calendar(localdate(), now())


@shared_task
def send_reminders(on=None):
    """Remind whoever owes a report, and write the letters; how many notices are new.

    By itself once a day and in working hours only, whatever hour the clock calls it; for a day
    named by hand (ISO date) at once.
    """
    at = now()
    if on is None and not services.is_working_now(at):
        return 0
    day = date.fromisoformat(on) if on else localdate(at)
    sent = services.remind_day(day, at) if on else services.remind_once(day, at)
    services.write_letters(day, at, everything=on is not None)
    post_letters()
    return sent


@shared_task
def post_letters():
    """Send what waits in the outbox; each letter is taken by one worker at a time."""
    return posting.post_waiting(now())


@shared_task
def sweep():
    """Start again what nobody took: a broker that was down, a worker that died."""
    at = now()
    cutoff = at - timedelta(minutes=1)
    exports = Export.objects.filter(asked_at__lt=cutoff)  # scope: everybody's, started not shown
    for export in exports.filter(state=Export.State.WAITING):
        start_now(run_export, export.pk)
    uploads = Upload.objects.filter(asked_at__lt=cutoff)  # scope: everybody's, started not shown
    for upload in uploads.filter(state=Upload.State.WAITING):
        start_now(run_upload, upload.pk)
    runs = ReorganisationRun.objects.filter(asked_at__lt=cutoff)  # scope: of everybody
    for run in runs.filter(state=ReorganisationRun.State.WAITING):
        start_now(run_reorganisation, run.pk)
    papers = PlanReading.objects.filter(asked_at__lt=cutoff)  # scope: of everybody
    for paper in papers.filter(state=PlanReading.State.WAITING):
        start_now(read_plan, paper.pk)
    for month in Rebuild.objects.filter(asked_at__lt=cutoff):
        start_now(rebuild_month, month.period_id)
    for model in (Export, Upload, ReorganisationRun, PlanReading):
        model.interrupt_lost(at - CUT_OFF_AFTER)
    if services.is_working_now(at):
        start_now(post_letters)
