"""The calendar of reports: periods made by rule or asked for once, opened, given longer."""

import logging
from datetime import date, timedelta
from functools import cache

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from branches.decrees import standing_below
from branches.models import Branch
from branches.services import lock_tree
from hoiphunu.bulk import insert_from, remember, stored
from hoiphunu.text import clean

from ..models import Extension, Holiday, Period, PeriodDue, Report, ReportEvent
from ..notifications import reminders_on, tell, tell_extended
from ..querysets import LAST_DAY
from ..schedule import DaysOff, due_days, spans
from .life import ReportError, write_history
from .rows import STALE, Stale

Kind = ReportEvent.Kind
Status = Report.Status
TIME_TO_WRITE = timedelta(days=10)  # for what is owed only since today
TOLD_IN_ONE_GO = 5000
# Reports whose units are named when a period is opened. PostgreSQL plans for the few rows that a
# table has: while the same statement fills it, it would read all of them again for each unit. Of
# more it makes a hash (measured with 901 to 30,000).
FEW = 900
logger = logging.getLogger(__name__)


# --- Days off -----------------------------------------------------------------------------


def fill_holidays(year, by=None):
    """Write down the public holidays of a year that the table does not have; how many are new.

    From the library `holidays`: the days of the Bộ luật Lao động with Tết by the lunar calendar,
    and the state's own exchanges of days as far as they are published. A day that stands in the
    table stays as its administrators have it.
    """
    rows = [
        Holiday(day=day, name=name, is_working=is_working)
        for day, name, is_working in public_holidays(year)
    ]
    there = Holiday.objects.filter(day__year=year)  # scope: public holidays are everybody's
    known = set(there.values_list("day", flat=True))
    made = Holiday.objects.bulk_create([row for row in rows if row.day not in known])
    write_history(Holiday, made, by=by, at=None, reason="theo thư viện ngày lễ", new=True)
    return len(made)


@cache
def public_holidays(year):
    """[(day, name, is it worked)] of a year, as the library knows them."""
    import holidays  # here, for it knows all countries and takes its time

    found = holidays.country_holidays("VN", years=year, language="vi")
    rows = [(day, name, False) for day, name in sorted(found.items()) if day.year == year]
    return rows + [
        (day, "Làm bù", True) for day in sorted(found.weekend_workdays) if day.year == year
    ]


def known_days_off(first, last):
    """DaysOff from `first` to `last`: what the table says, and of days of which it says nothing
    what `fill_holidays` would write. Nothing is written."""
    known = Holiday.objects.days_off(first, last)
    said = known.off | known.working
    years = range(first.year, last.year + 1)
    found = [row for year in years for row in public_holidays(year) if row[0] not in said]
    off = {day for day, _, is_working in found if not is_working}
    working = {day for day, _, is_working in found if is_working}
    return DaysOff(off=known.off | off, working=known.working | working)


# --- Periods ------------------------------------------------------------------------------


@transaction.atomic
def plan_year(*, form, year, by):
    """Make the periods that the form's rules ask for in a year; those that exist stay as they
    are. Gives back the new ones. They may be changed until they open."""
    lock_tree()  # one person at a time
    rules = list(form.rules.filter(is_active=True).prefetch_related("dues__level"))
    if not rules:
        raise ReportError("Biểu mẫu này chưa có lịch. Chị đặt lịch trước, rồi lập các kỳ.")
    for rule in rules:
        check_levels(form, {due.level_id for due in rule.dues.all()}, rule.get_kind_display())
    for each in (year - 1, year, year + 1):  # a rule may reach over the turn of the year
        fill_holidays(each, by=by)
    off = Holiday.objects.days_off(date(year - 1, 1, 1), date(year + 1, 12, 31))
    made = [
        make_period(rule, span, off, by=by)
        for rule in rules
        for span in spans(rule.kind, year, rule.first_day)
    ]
    return [period for period in made if period is not None]


def make_period(rule, span, off, *, by):
    """The period of one span, not yet opened; None where there is one already."""
    same = Period.objects.filter(form=rule.form).filter(
        Q(code=span.code) | Q(kind=span.kind, starts_on=span.starts_on)
    )
    if same.exists():
        return None
    cut_off = span.day(rule.cut_off_months, rule.cut_off_day)
    opens = None if rule.opens_before is None else cut_off - timedelta(days=rule.opens_before)
    dues = sorted(rule.dues.all(), key=lambda due: -due.level.rank)
    wished = [(due.level, span.day(due.months, due.day)) for due in dues]
    return add_period(
        due_days(wished, off), form=rule.form, kind=span.kind, code=span.code, year=span.year,
        label=span.label, starts_on=span.starts_on, ends_on=span.ends_on, cut_off_on=cut_off,
        opens_on=opens, by=by,
    )  # fmt: skip


def add_period(dues, *, by, **facts):
    period = Period(**facts)
    period._history_user = by
    period.full_clean(validate_unique=False)
    period.save()
    rows = [PeriodDue(period=period, level=level, due_on=day) for level, day in dues.items()]
    PeriodDue.objects.bulk_create(rows)
    write_history(PeriodDue, rows, by=by, at=None, reason="", new=True)
    return period


@transaction.atomic
def change_period(*, period, seen_edits, cut_off_on, opens_on, dues, by):
    """Other days for a period that has not been opened. `dues`: level → last day; `seen_edits`:
    `Period.edits` as she saw it."""
    period = Period.objects.select_for_update().get(pk=period.pk)
    if period.opened_at:
        raise ReportError("Kỳ này đã mở nên hạn nộp không đổi nữa; có thể gia hạn.")
    if period.edits != seen_edits:
        raise Stale(STALE)
    period.cut_off_on, period.opens_on = cut_off_on, opens_on
    period.edits += 1
    period._history_user = by
    period.save()
    stored = {due.level_id: due for due in period.dues.all()}
    for level, day in dues.items():
        due = stored.get(level.pk) or PeriodDue(period=period, level=level)
        if due.due_on != day:
            due.due_on, due._history_user = day, by
            due.save()
    return period


@transaction.atomic
def plan_phase(*, form, starts_on, ends_on, cut_off_on, dues, by):
    """Giai đoạn: one period over the years of the form's programme, not yet opened; none where
    the form has one that begins that day. `dues`: level → last day."""
    lock_tree()  # one person at a time
    years = f"{starts_on.year}–{ends_on.year}"
    label = f"Giai đoạn {years}" if starts_on.year != ends_on.year else f"Giai đoạn {ends_on.year}"
    check_levels(form, {level.pk for level in dues}, label)
    there = Period.objects.filter(form=form, kind=Period.Kind.PHASE, starts_on=starts_on).first()
    if there:
        raise ReportError(f"Biểu mẫu đã có kỳ bắt đầu ngày đó: {there.label}.")
    code = f"giai-doan-{starts_on.year}-{ends_on.year}"
    same = Period.objects.filter(form=form, code__startswith=code).count()
    return add_period(
        dues, form=form, kind=Period.Kind.PHASE, label=label, year=ends_on.year,
        code=f"{code}-{same + 1}" if same else code, starts_on=starts_on, ends_on=ends_on,
        cut_off_on=cut_off_on, by=by,
    )  # fmt: skip


@transaction.atomic
def ask_once(*, form, label, starts_on, ends_on, cut_off_on, dues, by, at):
    """Đột xuất: one period that no rule makes, opened at once. `dues`: level → last day.

    Returns the period and how many units owe a report. The same question twice in a day is
    refused: the button was pressed twice.
    """
    lock_tree()  # one person at a time
    check_levels(form, {level.pk for level in dues}, label)
    late = [level.name for level, day in dues.items() if day < localdate(at)]
    if late:
        raise ReportError(f"Hạn nộp đã qua đối với: {', '.join(late)}.")
    code = f"dot-xuat-{localdate(at):%y%m%d}"
    same_day = Period.objects.filter(form=form, code__startswith=code)
    if same_day.filter(label=label).exists():
        raise ReportError(
            "Hôm nay đã yêu cầu báo cáo với tên này. Chị đặt tên khác nếu là việc khác."
        )
    before = same_day.count()
    period = add_period(
        dues, form=form, kind=Period.Kind.AD_HOC, label=label, year=ends_on.year,
        code=f"{code}-{before + 1}" if before else code, starts_on=starts_on, ends_on=ends_on,
        cut_off_on=cut_off_on, by=by,
    )  # fmt: skip
    made = open_period(period=period, by=by, at=at)
    if not made:
        raise ReportError("Không có đơn vị nào phải báo cáo theo biểu mẫu này.")
    # What is due in a few days was not on this morning's list.
    tell(each.notice() for each in reminders_on(localdate(at), period))
    return period, made


def check_levels(form, given, what):
    missing = [level.name for level in form.levels.all() if level.pk not in given]
    if missing:
        raise ReportError(f"{what}: chưa có hạn nộp cho {', '.join(missing)}.")


# --- Opening ------------------------------------------------------------------------------


# Who approves: the unit directly above. Over a unit that waits stands the marked row, and over one
# that a decree has ended its successor, which keeps its papers; there it is the one above these.
REVIEWER = Case(
    When(closed_on=None, then=F("parent_id")),
    When(
        parent__level__is_unplaced=False,
        parent__level__rank__lt=F("level__rank"),
        then=F("parent_id"),
    ),
    default=Coalesce("parent__parent_id", "parent_id"),
)


@transaction.atomic
def open_period(*, period, by, at, among=None, not_before=None):
    """Write one report, not yet begun, for every unit that owes one; how many are new.

    Obliged are the units of the form's levels below its owner that stand on the last day of
    the period, and those that a decree has divided while chi hội of theirs wait to be placed.
    Each report remembers its unit's path, who approves it (the unit directly above) and its
    due date. Running it again adds only what is missing; `among` leaves out other units, and
    nothing is due earlier than `not_before`. The database writes the rows itself: a country
    has 100,000 units.
    """
    lock_tree()  # no decree is half done while the month reads who owes what
    period = (
        Period.objects.select_for_update(of=("self",), no_key=True)
        .select_related("form__owner")
        .get(pk=period.pk)
    )
    dues = {
        level: max(due, not_before or due)
        for level, due in period.dues.values_list("level_id", "due_on")
    }
    check_levels(period.form, dues, period.label)
    version = asking_version(period)
    obliged = obliged_units(period)
    if among is not None:
        obliged = obliged.filter(pk__in=among)
    last = Report.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    made = insert_from(
        obliged,
        Report,
        period=period.pk,
        branch=F("pk"),
        branch_path=F("path"),
        reviewer_branch=REVIEWER,
        due_on=Case(
            *(When(level=level, then=Value(due)) for level, due in dues.items()),
            output_field=Report._meta.get_field("due_on"),
        ),
    )
    new = Report.objects.filter(pk__gt=last, period=period)
    which = "SELECT id FROM reports_report WHERE id > %s AND period_id = %s"
    params = [last, period.pk]
    remember(Report, which, params, sign="+", by=by, reason="mở kỳ báo cáo", at=at)
    insert_from(new, ReportEvent, report=F("pk"), kind=Kind.OPENED, by=by and by.pk, at=at)
    if period.opened_at is None:
        Period.objects.filter(pk=period.pk).update(opened_at=at, form_version=version)
    return made


def asking_version(period):
    """What the form asks in the period; nobody can answer a form that is still being written."""
    if period.version is None:
        day = f"{period.ends_on:%d/%m/%Y}"
        raise ReportError(f"Biểu mẫu chưa có bản nào dùng cho kỳ kết thúc ngày {day}.")
    return period.version


def obliged_units(period):
    """Units that owe a report of this period and have none yet."""
    below = standing_below(period.form.owner).filter(level__in=period.form.levels.all())
    on = period.ends_on
    stands = Q(opened_on__lte=on) & (Q(closed_on=None) | Q(closed_on__gt=on))
    waits = Q(pk__in=below.waiting().values("pk"))
    obliged, reports = below.filter(stands | waits), Report.objects.filter(period=period)
    have = list(reports.order_by().values_list("branch", flat=True)[: FEW + 1])
    if len(have) <= FEW:
        return obliged.exclude(pk__in=have)
    return obliged.exclude(Exists(reports.filter(branch=OuterRef("pk"))))


def keep_calendar(day, at):
    """Every day: open the periods whose day has come, give units that opened since theirs, and
    let lapse what units owe that have ended. Returns (opened, added, lapsed).

    A decree does the last two for the units that it touches; this is for all others. A period
    whose every deadline has passed is opened by hand or not at all; one that cannot be opened
    hinders no other.
    """
    running = Period.objects.filter(form__is_active=True, ends_on__gte=day)
    opened = added = 0
    due = Period.objects.filter(form__is_active=True, opened_at=None, opens_on__lte=day)
    due = due.filter(Exists(PeriodDue.objects.filter(period=OuterRef("pk"), due_on__gte=day)))
    for period in due.order_by("opens_on", "pk"):
        opened += try_to_open(period, at) is not None
    by_decree = Branch.objects.filter(successor_of__isnull=False)
    for period in running.filter(opened_at__lt=at).order_by("pk"):
        new = obliged_units(period).exclude(pk__in=by_decree).values("pk")
        added += try_to_open(period, at, among=new, not_before=day + TIME_TO_WRITE) or 0
    return opened, added, lapse_of_ended(running, at)


def try_to_open(period, at, **how):
    """How many reports are new; None, and a line in the log, where it could not be opened."""
    try:
        return open_period(period=period, by=None, at=at, **how)
    except ReportError as error:
        logger.error("Period %s was not opened: %s", period.pk, error)
        return None


@transaction.atomic
def lapse_of_ended(periods, at):
    """Reports not begun of units that ended before the period did, and that do not wait."""
    lock_tree()
    ended = Branch.objects.filter(closed_on__isnull=False)
    lapsing = Report.objects.filter(
        period__in=periods.exclude(opened_at=None), status=Status.NOT_BEGUN,
        branch__closed_on__lte=F("period__ends_on"), branch__in=ended,
    ).exclude(branch__in=ended.waiting())  # fmt: skip
    reports = list(lapsing.select_for_update(of=("self",)))
    for report in reports:
        report.status = Status.LAPSED
        report.version += 1
    Report.objects.bulk_update(reports, ["status", "version"], batch_size=500)
    reason = "đơn vị đã kết thúc hoạt động"
    write_history(Report, reports, by=None, at=at, reason=reason)
    ReportEvent.objects.bulk_create(
        [ReportEvent(report=report, kind=Kind.LAPSED, at=at, reason=reason) for report in reports],
        batch_size=500,
    )
    return len(reports)


# --- Given longer -------------------------------------------------------------------------


@transaction.atomic
def extend_all(*, reports, until, reason, by, at, seen_count):
    """The same for all of the queryset `reports` that have not handed in and whose last day is
    before `until`, each thing in one statement; how many. `seen_count`: as many as she was shown.

    Only who is told is worked out here, some thousand units at a time.
    """
    reason = clean(reason)
    refuse_extension(until, reason, at)
    rows = reports.not_handed_in().alias(was=LAST_DAY).filter(was__lt=until)
    held = rows.select_for_update(of=("self",)).order_by("pk")
    if not list(held.values_list("pk", flat=True)):
        raise ReportError("Không còn đơn vị nào chưa nộp có hạn trước ngày chị chọn.")
    last = Extension.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    owed = Report.objects.filter(pk__in=rows.order_by().values("pk"))
    count = insert_from(
        owed, Extension, report=F("pk"), until=until, reason=reason, by=by.pk, at=at
    )
    if count > seen_count:
        raise ReportError(f"Nay có {count} đơn vị chưa nộp. Chị xem lại rồi gia hạn.")
    made = Extension.objects.filter(pk__gt=last, at=at, by=by, until=until)
    Report.objects.filter(pk__in=made.values("report")).update(extended_to=until)
    which = "SELECT report_id FROM reports_extension WHERE id > %s AND at = %s AND by_id = %s"
    params = [last, stored(at), by.pk]
    remember(Report, which, params, sign="~", by=by, reason=f"gia hạn: {reason}", at=at)
    tell_all_extended(made, localdate(at))
    return count


def tell_all_extended(made, day):
    rows = made.select_related("report__period", "report__branch__level", "by")
    ids = list(made.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), TOLD_IN_ONE_GO):
        some = ids[start : start + TOLD_IN_ONE_GO]
        tell_extended(rows.filter(pk__gte=some[0], pk__lte=some[-1]), day)


def refuse_extension(until, reason, at):
    if not reason:
        raise ReportError("Chị ghi giúp lý do gia hạn.")
    if until < localdate(at):
        raise ReportError("Ngày gia hạn đã qua. Chị chọn từ hôm nay trở đi.")


@transaction.atomic
def extend_reports(*, reports, until, reason, by, at):
    """Give units until `until` for what they have not handed in yet; the due date stays."""
    reason = clean(reason)
    refuse_extension(until, reason, at)
    reports = list(
        Report.objects.select_for_update(of=("self",))
        .filter(pk__in=[report.pk for report in reports])
        .with_units()
        .order_by("pk")
    )
    if not reports:
        raise ReportError("Chị chọn ít nhất một đơn vị.")
    for report in reports:
        name = report.branch.office_name
        if report.first_submitted_on or report.status == Status.LAPSED:
            raise ReportError(f"{name} không còn nợ báo cáo này nên không cần gia hạn.")
        if until <= report.last_day:
            day = f"{report.last_day:%d/%m/%Y}"
            raise ReportError(f"Ngày gia hạn của {name} phải sau hạn nộp {day}.")
        report.extended_to = until
    # Whoever is writing it meanwhile may go on: nothing that she typed has changed.
    Report.objects.bulk_update(reports, ["extended_to"], batch_size=500)
    write_history(Report, reports, by=by, at=at, reason=f"gia hạn: {reason}")
    made = Extension.objects.bulk_create(
        [Extension(report=r, until=until, reason=reason, by=by, at=at) for r in reports]
    )
    tell_extended(made, localdate(at))
    return made
