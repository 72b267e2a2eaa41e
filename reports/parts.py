"""Totals against their parts in a sum over units: what differs is said, nothing is altered.

The difference of a sum is the sum of the differences of its units, so the units are named. One
whose numbers are not exact ("hơn 120") is named too, but is no reason to warn; nor is a form whose
parts nobody has filled in.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum

from branches.models import Branch
from programs.queries import SumCheck, in_unit, indicator_checks

from . import queries

CENT = Decimal("0.01")
MOST_CAUSES = 100


@dataclass(frozen=True)
class Cause:
    """A unit whose own figures differ; `stated` or `computed` None: left blank."""

    branch: Branch
    stated: Decimal | None
    computed: Decimal | None
    blanks: int  # how many of the parts it left blank
    is_rough: bool
    report_id: int  # the report in a period; over several, one of them

    @property
    def difference(self):
        return (self.stated or Decimal(0)) - (self.computed or Decimal(0))

    @property
    def why(self):
        if self.is_rough:
            return "có số ước nên không so"
        if self.stated is None:
            return "chưa ghi số tổng"
        return f"còn {self.blanks} phần chưa ghi" if self.blanks else ""


@dataclass(frozen=True)
class PartCheck:
    """A total that differs from its parts at a unit, and whose figures make it so.

    `causes`: those that the reader may see, `elsewhere`: how many more there are.
    """

    sum: SumCheck
    causes: list
    elsewhere: int
    to_date: bool

    @property
    def sentence(self):
        name, check = self.sum.total.name, self.sum
        return (
            f"Tổng “{name}” là {check.stated_words}, khác tổng các phần: {check.computed_words} "
            f"(chênh {check.difference_words})."
        )

    def words_of(self, cause):
        """ "120 người, các phần cộng 110 người (+10 người): còn 1 phần chưa ghi" """
        unit = self.sum.total.unit
        sign = "+" if cause.difference > 0 else ""
        stated, computed = (in_unit(n, unit) or "–" for n in (cause.stated, cause.computed))
        words = f"{stated}, các phần cộng {computed} ({sign}{in_unit(cause.difference, unit)})"
        return f"{words}: {cause.why}" if cause.why else words

    @property
    def rows(self):
        return [(cause, self.words_of(cause)) for cause in self.causes]


def part_checks(period, branch, lines, sums, user, geography=queries.THEN):
    """PartChecks of `sums` (`summary_lines` of `lines`): of the period, then of the year up to it.

    Asks nothing more where no total differs.
    """
    found = []
    if not any(line.indicator.part_of_id for line in sums):
        return found
    for to_date in (False, True):
        if to_date and not period.up_to_here().exclude(pk=period.pk).exists():
            continue  # the year's first period: the same sums again
        values = {
            line.indicator: (line.to_date if to_date else line.period).value
            for line in sums
            if line.indicator.is_typed and line.indicator.is_number
        }
        for check in indicator_checks(given(values)):
            if check.is_wrong:
                found += checked(period, branch, check, user, to_date, geography)
    return found


def given(values):
    """Without parts that nobody filled in, once another of the same total was: those are nought
    in the sum. Where none was, `indicator_checks` finds nothing to compare."""
    begun = {
        indicator.part_of_id
        for indicator, value in values.items()
        if indicator.part_of_id and value is not None
    }
    return {
        indicator: Decimal(0) if value is None and indicator.part_of_id in begun else value
        for indicator, value in values.items()
    }


def checked(period, branch, check, user, to_date, geography):
    """[PartCheck], or [] where only numbers that are not exact differ."""
    rows = units_that_differ(period, branch, check, to_date, geography)
    if all(row["rough"] for row in rows):
        return []
    units = (
        Branch.objects.visible_to(user)
        .select_related("level")
        .in_bulk([row["report__branch"] for row in rows])
    )
    causes = [
        Cause(
            branch=units[row["report__branch"]],
            stated=row["stated"] if row["totals"] else None,
            computed=row["computed"] if row["told"] else None,
            blanks=len(check.parts) - row["told"],
            is_rough=bool(row["rough"]),
            report_id=row["last"],
        )
        for row in rows
        if row["report__branch"] in units
    ]
    causes.sort(key=lambda cause: (-abs(cause.difference), cause.branch.path))
    shown = causes[:MOST_CAUSES]
    return [PartCheck(check, shown, len(rows) - len(shown), to_date)]


def units_that_differ(period, branch, check, to_date, geography):
    """One row for each unit whose own total is not the sum of its parts, in one question."""
    parts = [part.pk for part in check.parts]
    is_total, is_part = Q(indicator=check.total.pk), Q(indicator__in=parts)
    figures = queries.figures_behind(
        period, branch, [check.total, *check.parts], to_date=to_date, geography=geography
    )
    rows = (
        figures.order_by()
        .values("report__branch")
        .annotate(
            stated=Sum("value", filter=is_total),
            computed=Sum("value", filter=is_part),
            totals=Count("pk", filter=is_total),
            told=Count("indicator", filter=is_part, distinct=True),
            rough=Count("pk", filter=~Q(qualifier="")),
            last=Max("report"),
        )
    )
    different = []
    for row in rows:
        row["stated"], row["computed"] = (
            Decimal(row[name] or 0).quantize(CENT) for name in ("stated", "computed")
        )
        if row["stated"] != row["computed"]:
            different.append(row)
    return different
