"""Background work: an id or a date in, one call; everything may run twice without harm."""

import logging
from datetime import date, timedelta

from celery import shared_task
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.timezone import localdate, now

from branches.models import Branch, Position, ReorganisationRun, Upload
from branches.services import end_sessions_of_departed, wrong_paths
from branches.sign_in import forget_old
from programs.models import PlanReading
from programs.tasks import read_plan

from . import exporters, lists, notifications, reorganisation, services
from .models import Export, Notification, Outbox, Period
from .totals import check_totals, rebuild_totals

logger = logging.getLogger(__name__)

TAKEN_FOR = timedelta(minutes=10)  # after this, a letter taken by a worker that died goes again
ATTEMPTS = 5
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
def rebuild_month(period_id):
    return rebuild_totals(Period.objects.filter(pk=period_id))  # scope: the id handed in


@shared_task
def recount():
    """Nightly: compare stored totals with the figures; a month that differs is told of, then
    rebuilt. Told first: a cache that was wrong has a cause, and that is still there."""
    wrong = 0
    for period in Period.objects.all():  # scope: the nightly recount is of the whole installation
        if differences := check_totals([period]):
            tell_of_differences(period, differences)
            rebuild_month.delay(period.pk)
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
    day = localdate()
    tops = Branch.objects.filter(parent=None)  # scope: only who is told
    Notification.objects.bulk_create(
        [
            Notification(
                recipient=person,
                key=f"totals:{period.pk}:{day}:{person.pk}",
                text=f"Số tổng hợp {period.label.lower()} lệch so với đếm lại ở "
                f"{len(differences)} chỗ; đang tính lại. Chị báo người vận hành phần mềm.",
                url=reverse("reports:period_list"),
            )
            for _, person in notifications.holding(Position.Role.ADMINISTRATOR, tops, day)
        ],
        ignore_conflicts=True,
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
    """Remind whoever owes a report on this day (ISO date; today by default), then post letters."""
    day = date.fromisoformat(on) if on else localdate()
    sent = notifications.remind(notifications.reminders_on(day))
    post_letters()
    return len(sent)


@shared_task
def post_letters():
    """Send what waits in the outbox; each letter is taken by one worker at a time."""
    at = now()
    waiting = Outbox.objects.filter(sent_at=None, attempts__lt=ATTEMPTS)
    posted = 0
    for letter in waiting.exclude(taken_at__gt=at - TAKEN_FOR):
        mine = (
            Outbox.objects.filter(pk=letter.pk, sent_at=None)
            .exclude(taken_at__gt=at - TAKEN_FOR)
            .update(taken_at=at, attempts=letter.attempts + 1)
        )
        if mine:
            posted += post(letter)
    return posted


def post(letter):
    """Send one letter; an error is kept on its row and tried again later."""
    try:
        send_mail(letter.subject, letter.body, None, [letter.to])
    except Exception as error:  # whatever is wrong with this one, the next must still go
        Outbox.objects.filter(pk=letter.pk).update(error=str(error)[:500])
        return 0
    Outbox.objects.filter(pk=letter.pk).update(sent_at=now(), error="")
    return 1


@shared_task
def sweep():
    """Start again what nobody took: a broker that was down, a worker that died."""
    cutoff = now() - timedelta(minutes=1)
    exports = Export.objects.filter(asked_at__lt=cutoff)  # scope: everybody's, started not shown
    for export in exports.filter(state=Export.State.WAITING):
        run_export.delay(export.pk)
    uploads = Upload.objects.filter(asked_at__lt=cutoff)  # scope: everybody's, started not shown
    for upload in uploads.filter(state=Upload.State.WAITING):
        run_upload.delay(upload.pk)
    runs = ReorganisationRun.objects.filter(asked_at__lt=cutoff)  # scope: of everybody
    for run in runs.filter(state=ReorganisationRun.State.WAITING):
        run_reorganisation.delay(run.pk)
    papers = PlanReading.objects.filter(asked_at__lt=cutoff)  # scope: of everybody
    for paper in papers.filter(state=PlanReading.State.WAITING):
        read_plan.delay(paper.pk)
    for model in (Export, Upload, ReorganisationRun, PlanReading):
        model.interrupt_lost(now() - CUT_OFF_AFTER)
    post_letters()
