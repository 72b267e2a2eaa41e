"""Questions across tables: sums over the tree and over months, who is late. Read-only.

Sums hold approved reports only, in the tree as it stood when each period opened. How a
figure adds up is fixed by its indicator (`Indicator.aggregation`): over units everything
sums; over months a flow sums, a stock or a yes/no takes each unit's latest figure, and a
ratio is computed anew from its two parts, never averaged.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber

from branches.models import Branch
from branches.querysets import under_paths
from programs.models import Indicator

from .models import Figure, Period, Report, Total

Aggregation = Indicator.Aggregation


@dataclass(frozen=True)
class Amount:
    """A sum and the number of reports that gave a figure; `value` None: nobody did.

    For a ratio `value` is the quotient (0,75 stands for 75 %), for a yes/no indicator the
    share of answering units that said yes.
    """

    value: Decimal | None = None
    answered: int = 0
    yes: int | None = None  # of a share of units: how many said yes


NOTHING_YET = Amount()


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


# --- Sums ---------------------------------------------------------------------------------


def form_lines(form):
    lines = form.lines.select_related("indicator__numerator", "indicator__denominator")
    return list(lines.order_by("position"))


def amounts_at(branch, periods):
    """Stored sums at one unit: indicator id → Amount of the raw figures."""
    rows = (
        Total.objects.filter(branch=branch, period__in=periods)
        .values("indicator")
        .annotate(sum=Sum("value"), count=Sum("answered"))
    )
    return {row["indicator"]: Amount(row["sum"], row["count"]) for row in rows if row["count"]}


def latest_at(branch, period, indicators):
    """Each unit's latest approved figure of the year up to `period`, summed: a stock to date."""
    latest = (
        Figure.objects.filter(
            under_paths(places_of_branch(branch, period), "report__branch_path"),
            report__period__in=period.up_to_here(),
            report__status__in=Report.COUNTED,
            indicator__in=indicators,
            value__isnull=False,
        )
        .annotate(
            age=Window(
                RowNumber(),
                partition_by=[F("report__branch"), F("indicator")],
                order_by=F("report__period__starts_on").desc(),
            )
        )
        .filter(age=1)
        .values_list("indicator", "value")
    )
    sums, counts = defaultdict(Decimal), defaultdict(int)
    for indicator, value in latest:
        sums[indicator] += value
        counts[indicator] += 1
    return {indicator: Amount(sums[indicator], counts[indicator]) for indicator in sums}


def places_of_branch(branch, period):
    """The paths that `branch` had in the reports of this year up to `period`, and its own."""
    step = f"/{branch.pk}/"
    seen = Report.objects.filter(
        period__in=period.up_to_here(), branch_path__contains=step
    ).values_list("branch_path", flat=True)
    return {path[: path.index(step) + len(step)] for path in seen.distinct()} | {branch.path}


def finish(indicator, raw):
    """What a page shows for `indicator`, from the raw sums of all indicators."""
    if indicator.aggregation == Aggregation.RATIO:
        above = raw.get(indicator.numerator_id, NOTHING_YET)
        below = raw.get(indicator.denominator_id, NOTHING_YET)
        if above.value is None or not below.value:
            return NOTHING_YET
        return Amount(above.value / below.value, min(above.answered, below.answered))
    found = raw.get(indicator.pk, NOTHING_YET)
    if indicator.aggregation == Aggregation.SHARE_OF_UNITS and found.answered:
        return Amount(found.value / found.answered, found.answered, int(found.value))
    return found


def summary_lines(period, branch, lines):
    """The form's lines with this period's sum and the lũy kế of the year at `branch`."""
    in_period = amounts_at(branch, [period])
    adding = amounts_at(branch, period.up_to_here())
    standing = [
        part.pk
        for line in lines
        for part in (line.indicator, line.indicator.numerator, line.indicator.denominator)
        if part is not None and part.aggregation not in (Aggregation.FLOW, Aggregation.RATIO)
    ]
    to_date = adding | dict.fromkeys(standing, NOTHING_YET) | latest_at(branch, period, standing)
    return [
        SummaryLine(
            indicator=line.indicator,
            section=line.section,
            period=finish(line.indicator, in_period),
            to_date=finish(line.indicator, to_date),
        )
        for line in lines
    ]


def child_columns(period, branch, lines):
    """This period's sums of the units directly below, and of the unit's own report.

    Below are the units that stood there when the period opened, also those that have not
    reported: silence is shown, not hidden.
    """
    columns = {
        child.pk: ChildColumn(child, is_own=False)
        for child in units_below(period, branch).select_related("level")
    }
    raw = defaultdict(dict)
    stored = Total.objects.filter(period=period, parent=branch)
    rows = stored.values("branch", "indicator").annotate(sum=Sum("value"), count=Sum("answered"))
    for row in rows:
        if row["count"]:
            raw[row["branch"]][row["indicator"]] = Amount(row["sum"], row["count"])
    own = Figure.objects.filter(
        report__period=period, report__branch=branch, report__status__in=Report.COUNTED
    ).exclude(value=None, is_nothing=False)
    for figure in own:
        raw[branch.pk][figure.indicator_id] = Amount(figure.value or Decimal(0), 1)
    found = [columns[pk] for pk in sorted(columns, key=lambda pk: columns[pk].branch.sort_key)]
    if Report.objects.filter(period=period, branch=branch).exists():
        found.insert(0, ChildColumn(branch, is_own=True))
    for column in found:
        sums = raw[column.branch.pk]
        column.amounts = {line.indicator_id: finish(line.indicator, sums) for line in lines}
    return found


def units_below(period, branch):
    """Units directly below `branch` with a report in or under them in this period."""
    step = f"/{branch.pk}/"
    paths = Report.objects.filter(period=period, branch_path__contains=step).values_list(
        "branch_path", flat=True
    )
    below = {path.split(step, 1)[1].split("/")[0] for path in paths} - {""}
    return Branch.objects.filter(pk__in=[int(pk) for pk in below])


def rows_behind(period, branch, indicator, *, to_date):
    """The figures that a sum at `branch` is made of, in units' own reports.

    With `to_date`, those of the whole year for a flow, the latest of each unit otherwise.
    A ratio has the rows of both its parts.
    """
    parts = [indicator]
    if indicator.aggregation == Aggregation.RATIO:
        parts = [indicator.numerator, indicator.denominator]
    periods = period.up_to_here() if to_date else Period.objects.filter(pk=period.pk)
    rows = (
        Figure.objects.filter(
            under_paths(places_of_branch(branch, period), "report__branch_path"),
            report__period__in=periods,
            report__status__in=Report.COUNTED,
            indicator__in=parts,
        )
        .exclude(value=None, is_nothing=False)
        .select_related(
            "indicator", "report__period", "report__branch__level", "report__branch__parent"
        )
        .order_by("indicator", "report__branch__sort_key", "report__branch", "report__period")
    )
    if to_date and any(part.aggregation != Aggregation.FLOW for part in parts):
        rows = (
            rows.filter(value__isnull=False)
            .annotate(
                age=Window(
                    RowNumber(),
                    partition_by=[F("report__branch"), F("indicator")],
                    order_by=F("report__period__starts_on").desc(),
                )
            )
            .filter(age=1)
        )
    return rows


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
    "late": Count("pk", filter=Q(first_submitted_on__gt=F("due_on"))),
    "approved": Count("pk", filter=Q(status__in=Report.COUNTED)),
}


def reports_under(period, branch):
    """Reports of this period from `branch` and what stood below it."""
    return Report.objects.filter(
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
    """Per month of the year: reports below `branch` in time, late and never submitted."""
    rows = (
        Report.objects.filter(
            under_paths([branch.path], "branch_path"), period__form=form, period__year=year
        )
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
