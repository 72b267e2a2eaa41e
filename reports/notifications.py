"""Who is told what. Rows are written in the transaction of what caused them; `key` names
the occasion, so that nobody is told the same thing twice, whoever runs this again."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.timezone import localdate

from branches.custody import acting_for
from branches.models import Position, User

from .models import Notification, Outbox, Report, ReportEvent
from .querysets import LAST_DAY

DAYS_BEFORE = 5
DAYS_AFTER = 10


def announce(event):
    """Tell the other side of a step: reviewers of what came in, officers of what came back, and
    the unit itself of what was submitted for it."""
    report = event.report
    kinds, roles, day = ReportEvent.Kind, Position.Role, localdate(event.at)
    above, own = [report.reviewing_branch.pk], report.writing_branches
    if event.kind == kinds.SUBMITTED:
        people = holding(roles.REVIEWER, above, day)
        people += holding(roles.OFFICER, own, day) if event.acting_branch_id else []
    else:
        people = holding(roles.OFFICER, above if event.kind == kinds.ASKED else own, day)
    text = {
        kinds.ASKED: f"{report.branch.office_name} nhờ nhập thay báo cáo {report.period.label}.",
        kinds.LOCKED: f"Báo cáo {report.period.label} đã khóa.",
        kinds.SUBMITTED: f"{report.branch.office_name} đã nộp báo cáo {report.period.label}.",
        kinds.RETURNED: f"Báo cáo {report.period.label} bị trả lại: {event.reason}",
        kinds.APPROVED: f"Báo cáo {report.period.label} đã được duyệt.",
        kinds.REOPENED: f"Báo cáo {report.period.label} được mở lại: {event.reason}",
    }[event.kind]
    Notification.objects.bulk_create(
        [
            Notification(
                recipient=person,
                key=f"event:{event.pk}:{person.pk}",
                text=text[:300],
                url=report.get_absolute_url(),
            )
            for _, person in people
            if person != event.by
        ],
        ignore_conflicts=True,
    )


def tell_extended(extensions, day):
    """Tell the officers of each report until when it may be handed in now."""
    extensions = list(extensions)
    acting = acting_for([extension.report.branch for extension in extensions])
    people = {}
    for branch_id, person in holding(
        Position.Role.OFFICER, {pk for offices in acting.values() for pk in offices}, day
    ):
        people.setdefault(branch_id, []).append(person)
    Notification.objects.bulk_create(
        [
            Notification(
                recipient=person,
                key=f"extension:{extension.pk}:{person.pk}",
                text=f"Báo cáo {extension.report.period.label} được gia hạn đến "
                f"{extension.until:%d/%m/%Y}: {extension.reason}"[:300],
                url=extension.report.get_absolute_url(),
            )
            for extension in extensions
            for person in officers_of(acting[extension.report.branch_id], people)
            if person != extension.by
        ],
        ignore_conflicts=True,
    )


def tell_ready(export):
    """She may have left the page meanwhile: the way to her file is under the bell."""
    Notification.objects.get_or_create(
        key=f"export:{export.pk}",
        defaults={
            "recipient": export.asked_by,
            "text": f"Tệp Excel đã lập xong: {export}."[:300],
            "url": export.get_absolute_url(),
        },
    )  # scope: written for whoever asked


def holding(role, branches, day):
    """(branch id, person) for whoever holds `role` in one of these units on `day`."""
    held = Position.objects.in_force(day).filter(
        role=role, branch__in=branches, user__is_active=True
    )  # scope: recipients are those who hold the role in these very units
    return [(p.branch_id, p.user) for p in held.select_related("user").order_by("pk")]


@dataclass(frozen=True)
class Reminder:
    """One report that is owed, one person to tell, one occasion."""

    report: Report
    person: User
    occasion: str  # "before" or "after" the due date

    @property
    def key(self):
        """Once for each last day: whoever was given longer is reminded of the new one."""
        longer = f":{self.report.extended_to}" if self.report.extended_to else ""
        return f"due:{self.occasion}:{self.report.pk}:{self.person.pk}{longer}"


def reminders_on(day):
    """What should be said on `day` about reports not submitted by the end of that day.

    From DAYS_BEFORE days before the due date on, once; from the day after it on, once more.
    These are spans, not single days, so that a worker that slept catches up; after
    DAYS_AFTER days nobody is reminded of what is long past. `reports` without an officer
    are in no pair: `without_officer` counts them.
    """
    owed = list(
        Report.objects.missing_on(day)
        .alias(last_day=LAST_DAY)
        .filter(
            last_day__gte=day - timedelta(days=DAYS_AFTER),
            last_day__lte=day + timedelta(days=DAYS_BEFORE),
        )
        .with_units()
    )  # scope: what all owe; each is told of her own unit's only
    people = {}
    acting = acting_for([report.branch for report in owed])
    writing = {pk for offices in acting.values() for pk in offices}
    for branch_id, person in holding(Position.Role.OFFICER, writing, day):
        people.setdefault(branch_id, []).append(person)
    return [
        Reminder(report, person, "after" if day > report.last_day else "before")
        for report in owed
        for person in officers_of(acting[report.branch_id], people)
    ]


def officers_of(offices, people):
    """Whoever writes for one of these units, each once. `people`: unit's id → its officers."""
    return dict.fromkeys(person for pk in offices for person in people.get(pk, []))


def not_yet_sent(reminders):
    known = set(
        Notification.objects.filter(key__in=[r.key for r in reminders]).values_list(
            "key", flat=True
        )
    )  # scope: keys only, to tell nobody twice
    return [reminder for reminder in reminders if reminder.key not in known]


@transaction.atomic
def remind(reminders):
    """Write a line under the bell and a letter for each; those already told are left out."""
    fresh = not_yet_sent(reminders)
    Notification.objects.bulk_create(
        [
            Notification(
                recipient=r.person,
                key=r.key,
                text=reminder_text(r)[:300],
                url=r.report.get_absolute_url(),
            )
            for r in fresh
        ],
        ignore_conflicts=True,
    )
    Outbox.objects.bulk_create(
        [
            Outbox(
                recipient=r.person,
                key=r.key,
                to=r.person.email,
                subject=f"Nhắc nộp báo cáo {r.report.period.label}",
                body=render_to_string(
                    "emails/reminder.txt", {"reminder": r, "report": r.report, "person": r.person}
                ),
            )
            for r in fresh
            if r.person.email
        ],
        ignore_conflicts=True,
    )
    return fresh


def reminder_text(reminder):
    report = reminder.report
    due = f"{report.last_day:%d/%m/%Y}"
    if reminder.occasion == "after":
        return f"Báo cáo {report.period.label} của {report.branch.office_name} đã quá hạn {due}."
    return f"Báo cáo {report.period.label} của {report.branch.office_name} đến hạn nộp {due}."
