"""A unit's summary: its own report and the approved ones below it, own and below apart. Read-only.

Its own figures count as they stand in its report, whatever state that is in: a unit sums up before
it hands in. Below counts what is approved. The sums themselves are those of `reports.queries`, in
the geography of then; nothing here is ever added to a total.
"""

from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db.models import Value

from branches.custody import stand_in

from . import queries
from .latest import counted_figures
from .models import Figure, Report, Total
from .queries import Amount
from .templatetags.sums import amount as shown_amount

PLACES = 6  # of a stored quotient; figures have two
MOST_MISSING = 200  # named in a frozen summary
PARTS = {"own": "của chính đơn vị", "below": "các đơn vị bên dưới", "whole": "cộng chung"}
SPANS = {"period": "trong kỳ", "to_date": "lũy kế từ đầu năm"}


@dataclass(frozen=True)
class Cell:
    """An Amount that can be kept: `rough` says of how many units the number is not exact."""

    value: Decimal | None = None
    answered: int = 0
    yes: int | None = None
    rough: int = 0

    def words(self, line):
        return shown_amount(self, line)

    @classmethod
    def of(cls, amount):
        value = None if amount.value is None else round(Decimal(amount.value), PLACES)
        return cls(value, amount.answered, amount.yes, len(amount.rough))

    @classmethod
    def kept(cls, row):
        return cls(**row | {"value": None if row["value"] is None else Decimal(row["value"])})


@dataclass(frozen=True)
class Parts:
    """A figure of the unit's own activities, of the units below it, and of both."""

    own: Cell
    below: Cell
    whole: Cell


@dataclass(frozen=True)
class Line:
    code: str
    name: str
    unit: str
    section: str
    is_percent: bool
    period: Parts
    to_date: Parts


# --- Figures ------------------------------------------------------------------------------


def lines_of(period, branch):
    """Lines in the order of the form. A dozen questions, however many units there are."""
    asked = queries.form_lines(period)
    year = list(period.up_to_here())
    earlier = [each for each in year if each.pk != period.pk]
    standing = queries.standing_ids(asked)
    own = own_sums(own_figures(period, branch), branch)
    below = sums_below(period, branch, [period])
    own_year = together(
        own_sums(counted_figures(earlier).filter(report__branch=branch), branch), own
    )
    own_stocks, stocks_below = stocks_to_date(period, branch, standing, own)
    own_year = queries.without(own_year, standing) | own_stocks
    below_year = queries.without(sums_below(period, branch, year), standing) | stocks_below
    return [
        Line(
            code=line.indicator.code,
            name=line.indicator.name,
            unit=line.indicator.unit,
            section=str(line.section),
            is_percent=line.indicator.is_percent,
            period=parts(line.indicator, own, below),
            to_date=parts(line.indicator, own_year, below_year),
        )
        for line in asked
    ]


def own_figures(period, branch):
    reports = Report.objects.owed().filter(period=period, branch=branch)
    return Figure.objects.filter(report__in=reports).given()


def own_sums(figures, branch):
    """Indicator id → Amount of the unit's own figures."""
    rows = figures.order_by().values_list("indicator", "value", "qualifier")
    return together(
        *(
            {pk: Amount(value or Decimal(0), 1, rough=frozenset([branch.pk] if word else []))}
            for pk, value, word in rows
        )
    )


def sums_below(period, branch, periods):
    """The same of all approved reports below; the stored totals of a unit hold just these."""
    sums = queries.Sums()
    totals = Total.objects.filter(branch=branch, period__in=periods)
    sums.add(queries.stored_sums(totals, Value(1)))
    rough = queries.rough_by_place(branch, periods)[branch.pk]
    others = {pk: units - {branch.pk} for pk, units in rough.items()}
    return queries.marked(sums.found[1], {pk: units for pk, units in others.items() if units})


def stocks_to_date(period, branch, standing, own):
    """(own, below): what takes each unit's latest figure of the year."""
    latest = queries.latest_by_place(branch, period, standing)
    below = [raw for place, raw in latest.items() if place not in (None, branch.pk)]
    said_now = {pk: amount for pk, amount in own.items() if pk in standing}
    return latest[None] | said_now, together(*below)


def together(*sums):
    """Indicator id → Amount over several such mappings."""
    found = {}
    for raw in sums:
        for pk, one in raw.items():
            before = found.get(pk)
            found[pk] = one if before is None else both(before, one)
    return found


def both(one, other):
    return Amount(
        one.value + other.value, one.answered + other.answered, rough=one.rough | other.rough
    )


def parts(indicator, own, below):
    whole = together(own, below)
    return Parts(*(Cell.of(queries.finish(indicator, raw)) for raw in (own, below, whole)))


def owed_below(period, branch):
    """Does any unit below owe a report of this period? Else there is nothing to sum up."""
    return queries.reports_under(period, branch).exclude(branch=branch).exists()


def groups_of(period, branch):
    """[{"label", "approved", "owed"}] of the reports below, those reviewed by the unit first."""
    return [
        {"label": group.label, "approved": group.approved, "owed": group.owed}
        for group in queries.completeness(period, branch)
    ]


def not_approved(period, branch):
    """Names of all units that the unit itself reviews and that are not in the sum yet."""
    reports = Report.objects.owed().filter(period=period, reviewer_branch=branch)
    waiting = reports.exclude(branch=branch).exclude(status__in=Report.COUNTED)
    waiting = waiting.select_related("branch__level").order_by("branch__sort_key", "pk")
    return [report.branch.office_name for report in waiting]


def unit_above(period, branch):
    """To whom the paper goes: who reviews its report of the period, or would."""
    reports = Report.objects.owed().filter(period=period, branch=branch)
    report = reports.select_related("branch__level", "branch__parent", "reviewer_branch").first()
    return report.reviewing_branch if report else would_review(branch)


def would_review(branch):
    """The unit above it; where that has ended, the nearest that stands."""
    return stand_in(branch.parent, below=branch.level) or branch.parent


# --- What is kept -------------------------------------------------------------------------


def content_of(period, branch, texts, lines=None):
    """All that a paper needs, as JSON can keep it; `lines_in` reads the figures out of it again.

    `texts`: [{"name", "label", "paragraphs": [{"text", "unit", "report", "frozen"}]}].
    """
    above, missing = unit_above(period, branch), not_approved(period, branch)
    return {
        "unit": branch.office_name,
        "place": (branch if branch.level.office_prefix or not above else above).name,
        "level": branch.level.code,
        "above": above.office_name if above else "",
        "form": period.form.name,
        "period": period.label,
        "cut_off_on": period.cut_off_on.isoformat(),
        "groups": groups_of(period, branch),
        "missing": missing[:MOST_MISSING],
        "more_missing": max(len(missing) - MOST_MISSING, 0),  # not named
        "lines": [as_row(line) for line in lines or lines_of(period, branch)],
        "texts": texts,
    }


def as_row(line):
    """A Line as JSON can keep it."""
    row = asdict(line)
    for span in SPANS:
        for part in PARTS:
            value = row[span][part]["value"]
            row[span][part]["value"] = None if value is None else str(value)
    return row


def lines_in(content):
    return [
        Line(**row | {span: Parts(**kept_parts(row[span])) for span in SPANS})
        for row in content["lines"]
    ]


def kept_parts(row):
    return {part: Cell.kept(row[part]) for part in PARTS}


# --- Then and now -------------------------------------------------------------------------


def changes_between(old, new):
    """[{"label", "old", "new"}] of the figures that differ; lines that only one has, too."""
    then, now = ({line.code: line for line in lines} for lines in (old, new))
    found = []
    for code in dict.fromkeys([*then, *now]):
        before, after = then.get(code), now.get(code)
        for span, in_span in SPANS.items():
            for part, of_part in PARTS.items():
                pair = [cell_words(line, span, part) for line in (before, after)]
                if pair[0] != pair[1]:
                    label = f"{(after or before).name}, {in_span}, {of_part}"
                    found.append({"label": label, "old": pair[0], "new": pair[1]})
    return found


def cell_words(line, span, part):
    return getattr(getattr(line, span), part).words(line) if line else None
