"""Questions across tables: sums over the tree and over months, who is late. Read-only.

Sums hold approved reports only. They can be asked in the geography of then, the tree as it
stood when each period opened, or of now: where the same units, or those that follow them,
stand today. Only the first is stored (`Total`); both have the same national sums. How a
figure adds up is fixed by its indicator (`Indicator.aggregation`): over units everything
sums; over months a flow sums, a stock or a yes/no takes each unit's latest figure, and a
ratio is computed anew from its two parts, never averaged.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Count, F, Prefetch, Q, Sum, Value
from django.db.models.functions import Greatest, StrIndex, Substr

from branches.models import Branch, BranchSpan
from branches.querysets import under_paths
from programs.models import Indicator

from .latest import counted_figures, latest_figures
from .models import Figure, Geography, Period, PeriodDue, Report, Total
from .querysets import LAST_DAY

Aggregation = Indicator.Aggregation
THEN, NOW = Geography.THEN, Geography.NOW


@dataclass(frozen=True)
class Amount:
    """A sum and the number of reports that gave a figure; `value` None: nobody did.

    For a ratio `value` is the quotient (0,75 stands for 75 %), for a yes/no indicator the
    share of answering units that said yes. What is not added has no value, only answers.
    """

    value: Decimal | None = None
    answered: int = 0
    yes: int | None = None  # of a share of units: how many said yes
    rough: frozenset = frozenset()  # ids of the units whose number in it is not exact


NOTHING_YET = Amount()

# Where a figure stands: in the tree of its report's day, or in today's.
PATHS = {THEN: "report__branch_path", NOW: "report__branch__path"}


@dataclass(frozen=True)
class SummaryLine:
    indicator: Indicator
    section: str
    period: Amount
    to_date: Amount


@dataclass
class ChildColumn:
    """One unit's part in a sum: a unit directly below, or the unit's own activities."""

    branch: Branch
    is_own: bool
    amounts: dict = field(default_factory=dict)  # indicator id → Amount

    @property
    def is_undivided(self):
        """Of today's geography: figures of a unit that ended, which nobody can share out.

        One that was merged stands below its successor; one that was divided or abolished,
        below a unit of a higher level.
        """
        level, keeper = self.branch.level, self.branch.parent
        if level.is_unplaced:
            return True
        return bool(
            self.branch.closed_on
            and keeper
            and (keeper.level.is_unplaced or keeper.level.rank < level.rank)
        )


# --- Sums ---------------------------------------------------------------------------------


def form_lines(asked):
    """What is asked in a Period, or what a ReportForm asks now, from top to bottom."""
    parts = ("indicator__numerator", "indicator__denominator")
    return list(asked.lines.in_order().select_related(*parts))


def amounts_at(branch, periods, geography=THEN):
    """Sums at one unit: indicator id → Amount of the raw figures."""
    if geography == NOW:
        figures = counted_figures(periods).filter(under_paths([branch.path], PATHS[NOW]))
        return amounts_of(figures)
    rows = (
        Total.objects.filter(branch=branch, period__in=periods)
        .values("indicator")
        .annotate(sum=Sum("value"), count=Sum("answered"))
    )
    return {row["indicator"]: Amount(row["sum"], row["count"]) for row in rows if row["count"]}


def marked(raw, rough):
    """The same amounts, knowing the units whose numbers in them are not exact: `rough` is
    indicator id → unit ids."""
    return {
        pk: replace(amount, rough=frozenset(rough[pk])) if pk in rough else amount
        for pk, amount in raw.items()
    }


def rough_by_place(branch, periods, geography=THEN, standing=()):
    """Who gave "hơn 120" rather than 120, at `branch` and in the units directly below it.

    unit id → indicator id → unit ids, places as in `latest_by_place`, which tells of `standing`.
    """
    field, step = PATHS[geography], f"/{branch.pk}/"
    figures = (
        counted_figures(periods)
        .filter(**{f"{field}__contains": step})
        .exclude(qualifier="")
        .exclude(indicator__in=standing)
    )
    found = defaultdict(lambda: defaultdict(set))
    for path, indicator, unit in figures.values_list(field, "indicator", "report__branch"):
        for place in (branch.pk, next_on(path, step)):
            found[place][indicator].add(unit)
    return found


def next_on(path, step):
    """The id of the unit directly below the one of `step` on `path`; None for its own."""
    below = path.split(step, 1)[1].split("/")[0]
    return int(below) if below else None


def amounts_of(figures):
    """indicator id → Amount, straight from figures."""
    sums = figures.order_by().values("indicator").annotate(sum=Sum("value"), count=Count("pk"))
    return {row["indicator"]: Amount(row["sum"] or Decimal(0), row["count"]) for row in sums}


def latest_by_place(branch, period, indicators, geography=THEN):
    """Stocks to date at `branch`, and in the units directly below it.

    unit id → indicator id → Amount; `branch` itself stands for all, None for its own report.
    """
    sums, counts, rough = defaultdict(Decimal), defaultdict(int), defaultdict(set)
    field = PATHS[geography]
    places = places_of_branch(branch, period, geography)
    figures = latest_figures(period, indicators, places, field)
    step = f"/{branch.pk}/"
    columns = (field, "indicator", "value", "qualifier", "report__branch")
    for path, indicator, value, qualifier, unit in figures.values_list(*columns):
        for key in ((branch.pk, indicator), (next_on(path, step), indicator)):
            sums[key] += value or 0
            counts[key] += 1
            if qualifier:
                rough[key].add(unit)
    found = defaultdict(dict)
    for (place, indicator), total in sums.items():
        key = (place, indicator)
        found[place][indicator] = Amount(total, counts[key], rough=frozenset(rough.get(key, ())))
    return found


def places_of_branch(branch, period, geography=THEN):
    """The paths that `branch` had in the reports of this year up to `period`, and its own."""
    if geography == NOW:
        return {branch.path}
    step = f"/{branch.pk}/"
    seen = Report.objects.filter(
        period__in=period.up_to_here(), branch_path__contains=step
    ).values_list("branch_path", flat=True)
    return {path[: path.index(step) + len(step)] for path in seen.distinct()} | {branch.path}


def has_changed_since(period):
    """Did any unit move, merge or end after the period began? Then the geographies differ."""
    return (
        BranchSpan.objects.filter(starts_on__gt=period.starts_on)
        .filter(starts_on__gt=F("branch__opened_on"))
        .exists()
        or Branch.objects.filter(closed_on__gt=period.starts_on).exists()
    )


def finish(indicator, raw):
    """What a page shows for `indicator`, from the raw sums of all indicators."""
    if indicator.aggregation == Aggregation.NONE:
        return Amount(None, raw.get(indicator.pk, NOTHING_YET).answered)
    if indicator.aggregation == Aggregation.RATIO:
        above = raw.get(indicator.numerator_id, NOTHING_YET)
        below = raw.get(indicator.denominator_id, NOTHING_YET)
        if above.value is None or not below.value:
            return NOTHING_YET
        return Amount(
            above.value / below.value,
            min(above.answered, below.answered),
            rough=above.rough | below.rough,
        )
    found = raw.get(indicator.pk, NOTHING_YET)
    if indicator.aggregation == Aggregation.SHARE_OF_UNITS and found.answered:
        return Amount(found.value / found.answered, found.answered, int(found.value))
    return found


def parts_of(lines):
    """Every indicator whose figures the lines need, ratios by their two parts."""
    for line in lines:
        yield from filter(
            None, (line.indicator, line.indicator.numerator, line.indicator.denominator)
        )


def standing_ids(lines):
    """Indicators that take each unit's latest figure over the months instead of adding."""
    adding = (Aggregation.FLOW, Aggregation.RATIO, Aggregation.NONE)
    return {part.pk for part in parts_of(lines) if part.aggregation not in adding}


def without(raw, ids):
    return {pk: amount for pk, amount in raw.items() if pk not in ids}


def summary_lines(period, branch, lines, geography=THEN):
    """The form's lines with this period's sum and the lũy kế of the year at `branch`."""
    here, year = branch.pk, list(period.up_to_here())
    rough = rough_by_place(branch, [period], geography)[here]
    in_period = marked(amounts_at(branch, [period], geography), rough)
    standing = standing_ids(lines)
    to_date = without(amounts_at(branch, year, geography), standing)
    to_date = marked(to_date, rough_by_place(branch, year, geography, standing)[here])
    to_date |= latest_by_place(branch, period, standing, geography)[branch.pk]
    return [
        SummaryLine(
            indicator=line.indicator,
            section=str(line.section),
            period=finish(line.indicator, in_period),
            to_date=finish(line.indicator, to_date),
        )
        for line in lines
    ]


def child_columns(period, branch, lines, *, to_date=False, geography=THEN):
    """Sums of the units directly below, and of the unit's own report, first.

    Of this period, or with `to_date` of the year up to it. Below are the units that stood
    there when the periods opened (or stand there today), also those that have not reported:
    silence is shown.
    """
    periods = list(period.up_to_here()) if to_date else [period]
    raw = sums_below(branch, periods, geography)
    raw[None] = amounts_of(counted_figures(periods).filter(report__branch=branch))
    standing = standing_ids(lines) if to_date else set()
    rough = rough_by_place(branch, periods, geography, standing)
    raw = defaultdict(dict, {place: marked(found, rough[place]) for place, found in raw.items()})
    if to_date:
        latest = latest_by_place(branch, period, standing, geography)
        for place in raw.keys() | latest.keys():
            raw[place] = without(raw[place], standing) | latest[place]
    columns = [
        ChildColumn(child, is_own=False, amounts=finished(lines, raw[child.pk]))
        for child in units_below(periods, branch, geography)
    ]
    if Report.objects.filter(period__in=periods, branch=branch).exists():
        columns.insert(0, ChildColumn(branch, is_own=True, amounts=finished(lines, raw[None])))
    return columns


def finished(lines, raw):
    return {line.indicator_id: finish(line.indicator, raw) for line in lines}


def sums_below(branch, periods, geography):
    """Sums of the units directly below: unit id → indicator id → Amount."""
    found = defaultdict(dict)
    if geography == NOW:
        rows = (
            counted_figures(periods)
            .filter(under_paths([branch.path], PATHS[NOW]))
            .order_by()
            .values("indicator", child=step_below(branch, PATHS[NOW]))
            .annotate(sum=Sum("value"), count=Count("pk"))
        )
    else:
        rows = (
            Total.objects.filter(period__in=periods, parent=branch)
            .values("indicator", child=F("branch"))
            .annotate(sum=Sum("value"), count=Sum("answered"))
        )
    for row in rows:
        if row["count"] and row["child"]:
            amount = Amount(row["sum"] or Decimal(0), row["count"])
            found[int(row["child"])][row["indicator"]] = amount
    return found


def step_below(branch, field):
    """The id, as text, of the unit directly below `branch` on the path `field`; "" for its own."""
    rest = Substr(field, len(branch.path) + 1)
    return Substr(rest, 1, Greatest(StrIndex(rest, Value("/")) - 1, 0))


def units_below(periods, branch, geography=THEN):
    """Units directly below `branch` with a report in or under them in these periods."""
    reports = Report.objects.filter(period__in=periods)
    if geography == NOW:
        steps = reports.filter(under_paths([branch.path], "branch__path")).values_list(
            step_below(branch, "branch__path"), flat=True
        )
        below = set(steps.order_by().distinct()) - {""}
    else:
        step = f"/{branch.pk}/"
        paths = reports.filter(branch_path__contains=step).values_list("branch_path", flat=True)
        below = {path.split(step, 1)[1].split("/")[0] for path in paths} - {""}
    units = Branch.objects.filter(pk__in=[int(pk) for pk in below])
    return units.select_related("level", "parent__level")


def rows_behind(period, branch, indicator, *, to_date, geography=THEN):
    """The figures that a sum at `branch` is made of, in units' own reports.

    With `to_date`, those of the whole year for a flow or what is not added, the latest of each
    unit otherwise.
    A ratio has the rows of both its parts.
    """
    parts = [indicator]
    if indicator.aggregation == Aggregation.RATIO:
        parts = [indicator.numerator, indicator.denominator]
    return (
        figures_behind(period, branch, parts, to_date=to_date, geography=geography)
        .select_related(
            "indicator", "report__period", "report__branch__level", "report__branch__parent"
        )
        .order_by("indicator", "report__branch__sort_key", "report__branch", "report__period")
    )


def figures_behind(period, branch, parts, *, to_date, geography=THEN):
    """The figures of the indicators `parts` in the sums at `branch`, of any number of them."""
    kept = (Aggregation.FLOW, Aggregation.NONE)
    flows = [part for part in parts if part.aggregation in kept]
    others = [part for part in parts if part not in flows]
    places, field = places_of_branch(branch, period, geography), PATHS[geography]
    if to_date:
        counted = Q(indicator__in=flows, report__period__in=period.up_to_here()) | Q(
            pk__in=latest_figures(period, others, places, field).values("pk")
        )
    else:
        counted = Q(indicator__in=parts, report__period=period)
    return Figure.objects.filter(
        counted, under_paths(places, field), report__status__in=Report.COUNTED
    ).given()


# --- Who has reported -----------------------------------------------------------------------


@dataclass(frozen=True)
class Completeness:
    """How many of a group's reports are in; "in" means submitted at least once."""

    label: str
    owed: int
    submitted: int
    late: int
    approved: int

    @property
    def missing(self):
        return self.owed - self.submitted

    def __str__(self):
        return f"{self.submitted}/{self.owed} {self.label}"


COUNTS = {
    "owed": Count("pk"),
    "submitted": Count("pk", filter=Q(first_submitted_on__isnull=False)),
    "late": Count("pk", filter=Q(first_submitted_on__gt=LAST_DAY)),
    "approved": Count("pk", filter=Q(status__in=Report.COUNTED)),
}


def reports_under(period, branch):
    """Reports of this period from `branch` and what stood below it."""
    return Report.objects.owed().filter(
        under_paths(places_of_branch(branch, period), "branch_path"), period=period
    )


def completeness(period, branch):
    """Groups of reports below `branch`: those that it reviews itself, then lower levels."""
    below = reports_under(period, branch).exclude(branch=branch)
    direct = below.filter(reviewer_branch=branch).aggregate(**COUNTS)
    groups = [Completeness(label="đơn vị trực tiếp", **direct)] if direct["owed"] else []
    levels = (
        below.exclude(reviewer_branch=branch)
        .order_by("branch__level__rank")
        .values("branch__level__name", "branch__level__rank")
        .annotate(**COUNTS)
    )
    return groups + [
        Completeness(label=row["branch__level__name"], **{name: row[name] for name in COUNTS})
        for row in levels
    ]


def not_in(period, branch):
    """Reports below `branch` that were never submitted, by the unit that waits for them."""
    return (
        reports_under(period, branch)
        .exclude(branch=branch)
        .filter(first_submitted_on=None)
        .select_related("branch__level", "reviewer_branch__level")
        .order_by("reviewer_branch__sort_key", "branch__level__rank", "branch__sort_key")
    )


def punctuality(form, branch, year):
    """Per month of the year: reports below `branch` in time, late and never submitted.

    Below is what stood below it in that month, wherever the unit itself stood.
    """
    rows = (
        Report.objects.owed()
        .filter(branch_path__contains=f"/{branch.pk}/", period__form=form, period__year=year)
        .exclude(branch=branch)
        .order_by("period__starts_on")
        .values("period__label", "period__code", "period__starts_on")
        .annotate(**COUNTS)
    )
    return [
        {
            "label": row["period__label"],
            "code": row["period__code"],
            "in_time": row["submitted"] - row["late"],
            "late": row["late"],
            "missing": row["owed"] - row["submitted"],
        }
        for row in rows
    ]


@dataclass(frozen=True)
class CalendarLine:
    """A period in the calendar: its days, and how many of the reports below a unit are in."""

    period: Period
    dues: list  # PeriodDue, the highest level first
    owed: int
    submitted: int


def calendar_of(form, year, branch):
    """The periods of a form in a year, the first one first; counted below `branch` (or nowhere).

    Three questions, however many periods there are.
    """
    periods = form.periods.filter(year=year).order_by("starts_on", "kind", "pk")
    dues = PeriodDue.objects.select_related("level").order_by("level__rank")
    periods = list(periods.prefetch_related(Prefetch("dues", queryset=dues)))
    counted = {}
    if branch is not None and periods:
        reports = Report.objects.owed().filter(
            period__in=periods, branch_path__contains=f"/{branch.pk}/"
        )
        counted = {
            row["period"]: row
            for row in reports.order_by()
            .values("period")
            .annotate(owed=COUNTS["owed"], submitted=COUNTS["submitted"])
        }
    none = {"owed": 0, "submitted": 0}
    return [
        CalendarLine(
            period=period,
            dues=list(period.dues.all()),
            **{name: counted.get(period.pk, none)[name] for name in none},
        )
        for period in periods
    ]
