"""Who is told what. Rows are written in the transaction of what caused them; `key` names
the occasion, so that nobody is told the same thing twice, whoever runs this again.

Letters are made of these rows later, by `services.reminders`.
"""

from dataclasses import dataclass

from django.utils.timezone import localdate

from branches.custody import acting_for
from branches.models import Branch, Position, User

from .hours import DAYS_AFTER, LOOK_AHEAD, LOOK_BACK, occasion_on
from .models import Holiday, Notification, Period, Report, ReportEvent, Wish
from .querysets import LAST_DAY
from .schedule import DAY

Kind = Notification.Kind
Mail = Notification.Mail
IN_ONE_GO = 500

# What goes into a letter where a person has not said otherwise: all but what only she can have
# asked for herself a minute ago.
MAILED = dict.fromkeys(Kind, Mail.DIGEST) | {Kind.FILE: Mail.NONE, Kind.SYSTEM: Mail.NONE}
KIND_OF_STEP = {
    ReportEvent.Kind.ASKED: Kind.ASKED,
    ReportEvent.Kind.LOCKED: Kind.APPROVED,
    ReportEvent.Kind.SUBMITTED: Kind.SUBMITTED,
    ReportEvent.Kind.RETURNED: Kind.RETURNED,
    ReportEvent.Kind.APPROVED: Kind.APPROVED,
    ReportEvent.Kind.REOPENED: Kind.RETURNED,
}


@dataclass(frozen=True)
class Telling:
    """One thing to tell one person; the fields are those of Notification. (A `Notice` is what a
    unit writes to those below it.)"""

    person: User
    key: str
    kind: Kind
    text: str
    url: str
    in_letter: str = ""
    period: Period | None = None
    branch: Branch | None = None
    about: Branch | None = None
    missed: bool = False


def tell(notices):
    """Write down what was not told yet, as each person wishes to hear it; gives it back."""
    fresh = not_yet_told(notices)
    wishes = wishes_of({notice.person.pk for notice in fresh})
    rows = [as_row(notice, wishes) for notice in fresh]
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=IN_ONE_GO)
    return fresh


def as_row(notice, wishes):
    on_bell, mail = wishes.get((notice.person.pk, notice.kind), (True, MAILED[notice.kind]))
    if notice.missed or not notice.person.email:
        mail = Mail.NONE
    return Notification(
        recipient=notice.person,
        key=notice.key,
        kind=notice.kind,
        text=notice.text[:300],
        in_letter=notice.in_letter[:300],
        url=notice.url,
        on_bell=on_bell and not notice.missed,
        mail=mail,
        missed=notice.missed,
        period=notice.period,
        branch=notice.branch,
        about=notice.about,
    )


def not_yet_told(notices):
    """Those whose key is new, each once."""
    notices = list({notice.key: notice for notice in notices}.values())
    known = set()
    for start in range(0, len(notices), IN_ONE_GO):
        keys = [notice.key for notice in notices[start : start + IN_ONE_GO]]
        rows = Notification.objects.filter(key__in=keys)  # scope: keys only, to tell nobody twice
        known |= set(rows.values_list("key", flat=True))
    return [notice for notice in notices if notice.key not in known]


def wishes_of(people):
    """(person's id, kind) → (under the bell?, letter), where she has said how she wants it."""
    people, found = sorted(people), {}
    for start in range(0, len(people), IN_ONE_GO):
        rows = Wish.objects.filter(person__in=people[start : start + IN_ONE_GO])
        for person, kind, on_bell, mail in rows.values_list("person", "kind", "on_bell", "mail"):
            found[person, kind] = on_bell, mail
    return found


# --- Steps of a report ----------------------------------------------------------------------


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
    which = f"{report.period.label} của {report.branch.office_name}"
    text, in_letter = {
        kinds.ASKED: (
            f"{report.branch.office_name} nhờ nhập thay báo cáo {report.period.label}.", ""
        ),
        kinds.LOCKED: (
            f"Báo cáo {report.period.label} đã khóa.", f"Báo cáo {which} đã khóa."
        ),
        kinds.SUBMITTED: (
            f"{report.branch.office_name} đã nộp báo cáo {report.period.label}.", ""
        ),
        kinds.RETURNED: (
            f"Báo cáo {report.period.label} bị trả lại: {event.reason}",
            f"Báo cáo {which} bị trả lại để sửa; lý do ghi trên trang báo cáo.",
        ),
        kinds.APPROVED: (
            f"Báo cáo {report.period.label} đã được duyệt.", f"Báo cáo {which} đã được duyệt."
        ),
        kinds.REOPENED: (
            f"Báo cáo {report.period.label} được mở lại: {event.reason}",
            f"Báo cáo {which} được mở lại để sửa; lý do ghi trên trang báo cáo.",
        ),
    }[event.kind]  # fmt: skip
    tell(
        Telling(
            person=person,
            key=f"event:{event.pk}:{person.pk}",
            kind=KIND_OF_STEP[event.kind],
            text=text,
            in_letter=in_letter,
            url=report.get_absolute_url(),
            about=report.branch,
        )
        for _, person in people
        if person != event.by
    )
    if event.kind == kinds.SUBMITTED:
        tell_of_proposals(event, day)


def tell_of_proposals(event, day):
    """Tell a unit further up what came in for it: whoever decides the report reads it there.

    Once for each proposal, however often the report goes back and comes in again.
    """
    report, roles = event.report, Position.Role
    rows = report.raised.open().with_units()
    asked = [(row, row.answering_unit.pk) for row in rows]
    asked = [(row, unit) for row, unit in asked if unit != report.reviewing_branch.pk]
    units = {unit for _, unit in asked}
    people = by_unit(holding(roles.REVIEWER, units, day) + holding(roles.LEADER, units, day))
    tell(
        Telling(
            person=person,
            key=f"proposal:{row.pk}:in:{person.pk}",
            kind=Kind.PROPOSAL,
            text=f"{report.branch.office_name} gửi {row.get_kind_display().lower()}: {row.text}",
            in_letter=f"{report.branch.office_name} có một khó khăn, kiến nghị gửi đơn vị chị.",
            url=row.get_absolute_url(),
            about=report.branch,
        )
        for row, unit in asked
        for person in people.get(unit, [])
        if person != event.by
    )


def tell_extended(extensions, day):
    """Tell the officers of each report until when it may be handed in now."""
    extensions = list(extensions)
    acting = acting_for([extension.report.branch for extension in extensions])
    people = by_unit(
        holding(Position.Role.OFFICER, {pk for offices in acting.values() for pk in offices}, day)
    )
    said = "Báo cáo {0.report.period.label} được gia hạn đến {0.until:%d/%m/%Y}"
    of_whom = "Báo cáo {0.report.period.label} của {0.report.branch.office_name} được gia hạn"
    tell(
        Telling(
            person=person,
            key=f"extension:{extension.pk}:{person.pk}",
            kind=Kind.EXTENDED,
            text=f"{said.format(extension)}: {extension.reason}",
            in_letter=f"{of_whom.format(extension)} đến {extension.until:%d/%m/%Y}.",
            url=extension.report.get_absolute_url(),
            about=extension.report.branch,
        )
        for extension in extensions
        for person in officers_of(acting[extension.report.branch_id], people)
        if person != extension.by
    )


def tell_ready(export):
    """She may have left the page meanwhile: the way to her file is under the bell."""
    text = f"Tệp Excel đã lập xong: {export}."
    url = export.get_absolute_url()
    tell([Telling(export.asked_by, f"export:{export.pk}", Kind.FILE, text, url)])


def tell_administrators(key, text, url, day):
    """A word to whoever administers the top units: the software needs somebody to look at it."""
    tops = Branch.objects.filter(parent=None)  # scope: only who is told
    tell(
        Telling(person, f"{key}:{day}:{person.pk}", Kind.SYSTEM, text, url)
        for _, person in holding(Position.Role.ADMINISTRATOR, tops, day)
    )


def holding(role, branches, day):
    """(branch id, person) for whoever holds `role` in one of these units on `day`."""
    branches, found = list(branches), []
    for start in range(0, len(branches), IN_ONE_GO):
        held = Position.objects.in_force(day).filter(
            role=role, branch__in=branches[start : start + IN_ONE_GO], user__is_active=True
        )  # scope: recipients are those who hold the role in these very units
        found += held.select_related("user")
    return [(each.branch_id, each.user) for each in sorted(found, key=lambda each: each.pk)]


def with_units(pairs):
    """The same pairs with the unit itself for its id."""
    units = Branch.objects.in_bulk({pk for pk, _ in pairs})  # scope: units of people found already
    return [(units[pk], person) for pk, person in pairs]


def by_unit(pairs):
    """Unit's id → people, of what `holding` gives."""
    people = {}
    for branch_id, person in pairs:
        people.setdefault(branch_id, []).append(person)
    return people


def officers_of(offices, people):
    """Whoever writes for one of these units, each once. `people`: unit's id → its officers."""
    return dict.fromkeys(person for pk in offices for person in people.get(pk, []))


# --- Reminders ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reminder:
    """One report that is owed, one person to tell, one occasion."""

    report: Report
    person: User
    occasion: Kind  # before, on or after the last day

    @property
    def key(self):
        """Once for each last day: whoever was given longer is reminded of the new one."""
        longer = f":{self.report.extended_to}" if self.report.extended_to else ""
        return f"due:{self.occasion}:{self.report.pk}:{self.person.pk}{longer}"

    @property
    def text(self):
        report, due = self.report, f"{self.report.last_day:%d/%m/%Y}"
        which = f"Báo cáo {report.period.label} của {report.branch.office_name}"
        if self.occasion == Kind.AFTER:
            return f"{which} đã quá hạn {due}."
        if self.occasion == Kind.ON:
            return f"{which}: {due} là ngày cuối để nộp."
        return f"{which} đến hạn nộp {due}."

    def notice(self, missed=False):
        report = self.report
        return Telling(
            person=self.person,
            key=self.key,
            kind=self.occasion,
            text=self.text,
            url=report.get_absolute_url(),
            period=report.period,
            branch=report.branch,
            about=report.branch,
            missed=missed,
        )


def days_off_around(day):
    """The table of holidays as far as anything here looks."""
    first, last = day - LOOK_BACK - LOOK_AHEAD, day + LOOK_AHEAD
    return Holiday.objects.days_off(first, last)  # scope: public holidays are everybody's


def owed_around(day, until=None):
    """Reports not submitted by the end of `day` whose last day is not long past, nor far."""
    return (
        Report.objects.missing_on(day)
        .alias(last_day=LAST_DAY)
        .filter(last_day__gte=day - LOOK_BACK, last_day__lte=until or day + LOOK_AHEAD)
        .with_units()
        .defer(*Report.NARRATIVE)
    )  # scope: what all owe; each is told of her own unit's only


def officers_by_report(reports, day):
    """Report's id → the people who write it."""
    acting = acting_for([report.branch for report in reports])
    writing = {pk for offices in acting.values() for pk in offices}
    people = by_unit(holding(Position.Role.OFFICER, writing, day))
    return {report.pk: officers_of(acting[report.branch_id], people) for report in reports}


def reminders_on(day, period=None):
    """What should be said on `day` about reports not submitted by the end of that day.

    Before, on and after the last day, each once. `reports` without an officer are in no pair:
    whoever stands above them sees them on the page of what is missing. `period`: of it alone.
    """
    off = days_off_around(day)
    owed = owed_around(day).filter(last_day__gte=day - DAY * DAYS_AFTER)
    said = [
        (report, occasion)
        for report in (owed.filter(period=period) if period else owed)
        if (occasion := occasion_on(day, report.last_day, off))
    ]
    officers = officers_by_report([report for report, _ in said], day)
    return [
        Reminder(report, person, occasion)
        for report, occasion in said
        for person in officers[report.pk]
    ]
