"""Reminding: what is said on a day to whoever owes and to those above, what was missed, and the
letters, one a day for each person, that are made of what she is told."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate

from branches.custody import acting_for, kept_by
from branches.models import Position, User
from hoiphunu.text import clean

from ..hours import (
    LOOK_BACK,
    is_working_time,
    occasion_on,
    spans_of,
    start_of_work,
)
from ..models import Contact, Extension, Notification, Outbox, ReminderDay, Report, Wish
from ..notifications import (
    MAILED,
    Reminder,
    Telling,
    by_unit,
    days_off_around,
    holding,
    officers_by_report,
    owed_around,
    reminders_on,
    tell,
    tell_administrators,
    wishes_of,
)
from ..posting import TAKEN_FOR
from ..queries import missing_directly_below, officers_to_call
from ..querysets import LAST_DAY
from ..schedule import DAY

Kind = Notification.Kind
Mail = Notification.Mail
Role = Position.Role

# By then the unit's officers have been told three times, and two working days have passed since
# the last day wherever no holiday lies between.
ESCALATE_AFTER = 3 * DAY
# Once the unit above has had two days to call those below it.
GROUP_AFTER = 5 * DAY
PEOPLE_IN_ONE_GO = 200
MOST_NAMED = 10  # units with their officers' telephones in a letter; the page has the others
MOST_LINES = 20  # of one kind in a letter


def is_working_now(at):
    return is_working_time(at, days_off_around(localdate(at)))


# --- What is said on a day ------------------------------------------------------------------


@transaction.atomic
def remind_day(day, at):
    """Write what is to be said on `day`, to those who owe and to those above them, and what was
    missed before; all or nothing. Returns how many were told.

    For a day that is not that of `at` it was asked for by hand: then nothing is noted of whether
    the clock's own days ran, and nothing is missed.
    """
    written = len(tell(notices_on(day)))
    if day != localdate(at):
        return written
    missed = tell([reminder.notice(missed=True) for reminder in missed_before(day)])
    if missed:
        tell_administrators(
            "missed",
            f"Phần mềm ngừng chạy, lỡ {len(missed)} lời nhắc hạn nộp. Chị xem “Nhật ký nhắc” của "
            "kỳ và báo người vận hành phần mềm.",
            reverse("reports:period_list"),
            day,
        )
    numbers = {"written": written, "missed": len(missed)}
    ReminderDay.objects.get_or_create(day=day, defaults={"at": at, **numbers})
    return written


def notices_on(day):
    return [reminder.notice() for reminder in reminders_on(day)] + escalations_on(day)


def remind_once(day, at):
    """The same, unless it was done today already."""
    if ReminderDay.objects.filter(day=day).exists():
        return 0
    return remind_day(day, at)


# --- What was missed ------------------------------------------------------------------------


def missed_before(day):
    """Reminders of reports still owed whose whole time fell into days on which nothing ran.

    Before the very first day on which anything ran, nothing was missed.
    """
    off, silent = days_off_around(day), silent_days(day)
    if not silent:
        return []
    by_last = defaultdict(list)
    for report in owed_around(day):
        for occasion, (first, last) in spans_of(report.last_day, off).items():
            worked = [first + DAY * n for n in range((last - first).days + 1)]
            worked = [each for each in worked if off.is_working(each)]
            if last < day and worked and silent.issuperset(worked):
                by_last[worked[-1]].append((report, occasion))
    since = known_since([report for rows in by_last.values() for report, _ in rows])
    found = []
    for last, rows in by_last.items():
        officers = officers_by_report([report for report, _ in rows], last)
        found += [
            Reminder(report, person, occasion)
            for report, occasion in rows
            if since[report.pk] < last
            for person in officers[report.pk]
        ]
    return found


def silent_days(day):
    """Working days before `day` on which no reminders were written, since the first that had."""
    ran = set(ReminderDay.objects.filter(day__lt=day).values_list("day", flat=True))
    if not ran:
        return set()
    first, off = max(min(ran), day - LOOK_BACK), days_off_around(day)
    days = (first + DAY * n for n in range((day - first).days))
    return {each for each in days if off.is_working(each) and each not in ran}


def known_since(reports):
    """Report's id → the day since which its last day has been what it is."""
    periods = {report.period_id for report in reports if report.extended_to}
    granted = Extension.objects.filter(report__period__in=periods).order_by().values_list("report")
    granted = dict(granted.annotate(Max("at")))
    return {
        report.pk: localdate(granted.get(report.pk) or report.period.opened_at)
        for report in reports
    }


# --- To the level above ---------------------------------------------------------------------


def escalations_on(day):
    """Who is missing, once for each period and last day (who was given longer has one of her own),
    to reviewers and leaders of the unit
    directly above; where all of a group are missing, also to those of the unit above that."""
    late = owed_around(day, until=day - ESCALATE_AFTER).select_related(
        "branch__parent__parent__level", "reviewer_branch__level"
    )
    groups, waited = defaultdict(list), Counter()
    for report in late:
        if unit := unit_above(report):
            groups[report.period, unit, report.last_day].append(report)
            if report.branch.closed_on is None and report.last_day <= day - GROUP_AFTER:
                waited[report.period, unit, report.due_on] += 1
    owed = owed_in_groups({period for period, _, _ in groups})
    told = [(group[1], group, len(reports)) for group, reports in groups.items()]
    for group, count in waited.items():
        period, unit, due_on = group
        is_whole = count > 1 and count == owed.get((period.pk, unit.pk, due_on))
        if is_whole and is_office(unit.parent):
            told.append((unit.parent, group, count))
    offices = {office.pk for office, *_ in told}
    people = by_unit(
        [pair for role in (Role.REVIEWER, Role.LEADER) for pair in holding(role, offices, day)]
    )
    return [
        escalation(person, office, unit, period, last_day, count)
        for office, (period, unit, last_day), count in told
        for person in people.get(office.pk, [])
    ]


def unit_above(report):
    """Whoever decides on it today; asked of the database only where a unit has ended."""
    unit = report.branch.parent
    if report.branch.closed_on is None and is_office(unit):
        return unit
    return report.reviewing_branch


def is_office(unit):
    return unit is not None and unit.closed_on is None and not unit.level.is_unplaced


def owed_in_groups(periods):
    """(period's id, id of the unit above, due date) → how many reports are owed there."""
    rows = Report.objects.owed().filter(period__in=periods, branch__closed_on=None).order_by()
    rows = rows.values_list("period", "branch__parent", "due_on").annotate(Count("pk"))
    return {tuple(group): count for *group, count in rows}


def escalation(person, office, unit, period, last_day, count):
    is_own = office == unit
    who = f"{count} đơn vị" if is_own else f"Cả {count} đơn vị"
    return Telling(
        person=person,
        key=f"{'missing' if is_own else 'group'}:{period.pk}:{unit.pk}:{last_day}:{person.pk}",
        kind=Kind.MISSING,
        text=f"{who} trực thuộc {unit.office_name} chưa nộp báo cáo {period.label}, "
        f"hạn {last_day:%d/%m/%Y}.",
        url=reverse("reports:summary_missing", args=[period.form.code, period.code, unit.slug]),
        period=period,
        branch=office,
        about=unit,
    )


# --- Letters --------------------------------------------------------------------------------


@dataclass
class Content:
    """What a letter tells. `dues`: Reminders of today; `below`: (notice, reports with whom to
    call, how many more); `others`: notices."""

    dues: list = field(default_factory=list)
    below: list = field(default_factory=list)
    others: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.dues or self.below or self.others)


def write_letters(day, at, everything=False):
    """Turn what waits for a letter into letters: one for each person and day, and one for each
    thing that she wants at once. How many were written.

    The letter of the day holds what happened before the office opened; with `everything`, all.
    Which letter told a thing is written on it in the same transaction: none is told twice, and
    what a crash leaves is told by the next run.
    """
    waiting = Notification.objects.to_mail()
    daily = waiting.filter(mail=Mail.DIGEST)
    if not everything:
        is_due = Q(kind__in=Notification.REMINDERS) | Q(created_at__lt=start_of_work(day))
        daily = daily.filter(is_due)
    written = 0
    for rows, write in ((waiting.filter(mail=Mail.AT_ONCE), write_at_once), (daily, write_daily)):
        people = rows.order_by("recipient").values_list("recipient", flat=True).distinct()
        people = list(people)
        for start in range(0, len(people), PEOPLE_IN_ONE_GO):
            written += write(rows, people[start : start + PEOPLE_IN_ONE_GO], day, at)
    return written


@transaction.atomic
def write_at_once(rows, people, day, at):
    letters = [
        (person, f"once:{row.pk}", row.get_kind_display(), Content(others=[row]), [row])
        for person, told in held_rows(rows, people, day)
        for row in told
    ]
    return write_down(letters, day)


@transaction.atomic
def write_daily(rows, people, day, at):
    withdraw_older(people, day, at)
    keys = [daily_key(pk, day) for pk in people]
    had = set(Outbox.objects.filter(key__in=keys).values_list("recipient", flat=True))
    owed, lists, letters = owed_by(people, day), {}, []
    for person, told in held_rows(rows, [pk for pk in people if pk not in had], day):
        content = content_of(told, owed.get(person.pk, []), day, lists)
        subject = f"Nhắc việc ngày {day:%d/%m/%Y}"
        if content.dues:
            subject += f": {len(content.dues)} báo cáo cần nộp"
        letters.append((person, daily_key(person.pk, day), subject, content, told))
    return write_down(letters, day)


def daily_key(person, day):
    return f"daily:{person}:{day}"


def withdraw_older(people, day, at):
    """Letters of earlier days that still wait for the mail server: the new one tells what they
    told, as it stands today. One that a worker has in hand goes."""
    old = Outbox.objects.filter(recipient__in=people, sent_at=None, given_up_at=None)
    old = old.filter(key__startswith="daily:").exclude(key__endswith=f":{day}")
    old = old.filter(Q(taken_at=None) | Q(taken_at__lt=at - TAKEN_FOR))
    old = list(old.select_for_update().values_list("pk", flat=True))
    if old:
        Notification.objects.filter(letter__in=old).update(letter=None)
        Outbox.objects.filter(pk__in=old).update(
            given_up_at=at, error="Chưa gửi được; thư mới hơn nói lại các việc này."
        )


def held_rows(rows, people, day):
    """(person, her rows) that may still be told, locked against another worker; what is no more
    of her territory, or of an account that was closed, is told to nobody."""
    rows = rows.filter(recipient__in=people).order_by("recipient", "created_at", "pk")
    rows = rows.select_for_update(of=("self",)).select_related("recipient", "period__form", "about")
    paths = defaultdict(list)
    positions = Position.objects.in_force(day).filter(user__in=people)
    for user, path in positions.values_list("user", "branch__path"):
        paths[user].append(path)
    found = []
    for person, told in groupby(rows, key=lambda row: row.recipient):
        told = list(told)
        hers = [row for row in told if may_be_told(row, person, paths[person.pk])]
        drop([row for row in told if row not in hers])
        if hers:
            found.append((person, hers))
    return found


def may_be_told(row, person, paths):
    is_hers = row.about is None or any(row.about.path.startswith(path) for path in paths)
    return is_hers and person.is_active and bool(person.email)


def drop(rows):
    """They are in no letter; under the bell they stay."""
    if rows:
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mail=Mail.NONE)


def content_of(rows, owed, day, lists):
    """What a person's letter says of these rows, and of all that she owes today: who handed in
    since, or whose list is empty by now, is left out. `lists` keeps what several are told."""
    below = []
    for row in rows:
        if row.kind != Kind.MISSING:
            continue
        group = row.period_id, row.about_id
        if group not in lists:
            lists[group] = to_call(row.period, row.about, day)
        pairs, more = lists[group]
        if pairs:
            below.append((row, pairs, more))
    others = [row for row in rows if row.kind not in Notification.REMINDERS]
    has_due = any(row.kind in Notification.OF_DUE for row in rows)
    return Content(owed if has_due or below or others else [], below, others)


def to_call(period, unit, day):
    """The late ones directly below, each with whom to call, and how many more there are."""
    late = missing_directly_below(period, unit).alias(last_day=LAST_DAY)
    found = list(late.filter(last_day__lt=day))
    named = found[:MOST_NAMED]
    callees = officers_to_call(named, Position.objects.in_force(day))
    return [(report, callees[report.pk]) for report in named], len(found) - len(named)


def owed_by(people, day):
    """Person's id → Reminders of all that she owes on `day`, the earliest first, but for kinds of
    which she wants no letter."""
    held = Position.objects.in_force(day).filter(user__in=people, role=Role.OFFICER)
    held = by_unit(held.values_list("branch", "user"))
    reports = owed_around(day).filter(branch__in=held.keys() | kept_by(held.keys()))
    reports = sorted(reports, key=lambda report: (report.last_day, report.pk))
    acting, off = acting_for([report.branch for report in reports]), days_off_around(day)
    wishes, found = wishes_of(people), defaultdict(list)
    accounts = User.objects.in_bulk(people)
    for report in reports:
        occasion = Kind.AFTER if day > report.last_day else occasion_on(day, report.last_day, off)
        writers = {pk for office in acting[report.branch_id] for pk in held.get(office, [])}
        for pk in sorted(writers):
            _, mail = wishes.get((pk, occasion), (True, MAILED.get(occasion)))
            if occasion and mail != Mail.NONE:
                found[pk].append(Reminder(report, accounts[pk], occasion))
    return found


def write_down(letters, day):
    """`letters`: (person, key, subject, Content, the rows that it tells)."""
    empty = [row for *_, content, told in letters if not content for row in told]
    drop(empty)
    letters = [letter for letter in letters if letter[3]]
    made = Outbox.objects.bulk_create(
        Outbox(
            recipient=person,
            key=key,
            to=person.email,
            subject=subject,
            body=letter_body(person, content, day),
        )
        for person, key, subject, content, _ in letters
    )
    for letter, (*_, told) in zip(made, letters, strict=True):
        Notification.objects.filter(pk__in=[row.pk for row in told]).update(letter=letter)
    return len(made)


def letter_body(person, content, day):
    def cut(rows):
        return rows[:MOST_LINES], max(len(rows) - MOST_LINES, 0)

    context = {
        "person": person,
        "day": day,
        "site": settings.SITE_URL,
        "dues": cut(content.dues),
        "below": content.below,
        "others": cut(content.others),
    }
    return render_to_string("emails/daily.txt", context)


# --- What people do themselves --------------------------------------------------------------


@transaction.atomic
def save_wishes(*, person, wishes):
    """How she wants to be told. `wishes`: kind → (under the bell?, letter). Kept is only what she
    wants otherwise than all, so that whoever chose nothing follows what all get."""
    others = {kind: wish for kind, wish in wishes.items() if wish != (True, MAILED[kind])}
    person.wishes.filter(kind__in=wishes.keys() - others.keys()).delete()
    for kind, (on_bell, mail) in others.items():
        Wish.objects.update_or_create(
            person=person, kind=kind, defaults={"on_bell": on_bell, "mail": mail}
        )


def record_contact(*, period, branch, is_group, channel, note, by, at):
    """Somebody has reminded a unit, or the group below it, herself."""
    return Contact.objects.create(
        period=period, branch=branch, is_group=is_group, channel=channel, note=clean(note),
        by=by, at=at,
    )  # fmt: skip
