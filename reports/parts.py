"""Totals against their parts in a sum over units: what differs is said, nothing is altered.

The difference of a sum is that of its units, so the units are named. One that left a part blank, or
whose numbers are not exact ("hơn 120"), is named too, but is no reason to warn, as in its report.
What reports without any part come to, such as those before the form asked for parts, is the rest.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum

from branches.models import Branch
from programs.models import Indicator
from programs.queries import SumCheck, in_unit, indicator_checks

from . import queries

CENT = Decimal("0.01")
MOST_CAUSES = 100


@dataclass(frozen=True)
class Cause:
    """A unit whose own figures differ, in the reports that tell of a part; `why`: what keeps its
    numbers from a verdict, or ""."""

    branch: Branch
    stated: Decimal
    computed: Decimal
    why: str
    report_id: int  # of a period; over several, one of them

    @property
    def difference(self):
        return self.stated - self.computed


@dataclass(frozen=True)
class PartCheck:
    """A total that differs from its parts at a unit, and whose figures make it so.

    `causes`: those that the reader may see, `elsewhere`: how many more there are; `rest`: what
    their differences leave of the whole one.
    """

    sum: SumCheck
    causes: list
    elsewhere: int
    rest: Decimal
    to_date: bool

    @property
    def sentence(self):
        name, check = self.sum.total.name, self.sum
        return (
            f"Tổng “{name}” là {check.stated_words}, khác tổng các phần: {check.computed_words} "
            f"(chênh {check.difference_words})."
        )

    def words_of(self, cause):
        """ "120 người, các phần cộng 110 người (+10 người): có số ước nên không so" """
        unit = self.sum.total.unit
        words = (
            f"{in_unit(cause.stated, unit)}, các phần cộng {in_unit(cause.computed, unit)} "
            f"({self.signed(cause.difference)})"
        )
        return f"{words}: {cause.why}" if cause.why else words

    @property
    def rest_words(self):
        return self.signed(self.rest)

    def signed(self, number):
        return ("+" if number > 0 else "") + in_unit(number, self.sum.total.unit)

    @property
    def rows(self):
        return [(cause, self.words_of(cause)) for cause in self.causes]


def part_checks(period, branch, lines, sums, user, geography=queries.THEN, basis=queries.APPROVED):
    """PartChecks of `sums` (`summary_lines` of `lines`): of the period, then of the year up to it.

    Asks nothing more where no total differs.
    """
    found, how = [], {"geography": geography, "basis": basis}
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
                found += checked(period, branch, check, user, to_date, how)
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


def checked(period, branch, check, user, to_date, how):
    """[PartCheck], or [] where there is nothing but what gives no verdict."""
    rows = units_that_differ(period, branch, check, to_date, how)
    if all(row["why"] for row in rows.values()):
        return []
    seen = Branch.objects.visible_to(user).select_related("level").in_bulk(rows)
    causes = [Cause(branch=unit, **rows[pk]) for pk, unit in seen.items()]
    causes.sort(key=lambda cause: (-abs(cause.difference), cause.branch.path))
    shown = causes[:MOST_CAUSES]
    explained = sum(row["stated"] - row["computed"] for row in rows.values())
    rest = (check.difference - explained).quantize(CENT)
    return [PartCheck(check, shown, len(rows) - len(shown), rest, to_date)]


def units_that_differ(period, branch, check, to_date, how):
    """Unit id → the fields of its Cause, in one question. A flow is compared report by report, what
    stands by each unit's latest figures."""
    figures = queries.figures_behind(
        period, branch, [check.total, *check.parts], to_date=to_date, **how
    )
    is_flow = check.total.aggregation == Indicator.Aggregation.FLOW
    is_total = Q(indicator=check.total.pk)
    rows = (
        figures.order_by()
        .values("report__branch", *(["report"] if is_flow else []))
        .annotate(
            stated=Sum("value", filter=is_total),
            computed=Sum("value", filter=~is_total),
            totals=Count("pk", filter=is_total),
            told=Count("pk", filter=~is_total),
            rough=Count("pk", filter=~Q(qualifier="")),
            last=Max("report"),
        )
        .filter(told__gt=0)
    )
    units = {}
    for row in rows:
        stated, computed = (
            Decimal(row[name] or 0).quantize(CENT) for name in ("stated", "computed")
        )
        if stated == computed:
            continue
        why, before = why_not(row, len(check.parts)), units.get(row["report__branch"])
        if before:
            stated, computed = stated + before["stated"], computed + before["computed"]
            why = why and before["why"]
        units[row["report__branch"]] = {
            "stated": stated, "computed": computed, "why": why, "report_id": row["last"],
        }  # fmt: skip
    return units


def why_not(row, parts):
    """What keeps the numbers of one report, or of one unit, from a verdict."""
    if row["rough"]:
        return "có số ước nên không so"
    if not row["totals"]:
        return "chưa ghi số tổng"
    return f"còn {parts - row['told']} phần chưa ghi" if row["told"] < parts else ""
