"""What the reports come to beside a figure that a paper prints: shown together with the
difference, never added to it and never put in its place.

Approved reports of the territory of the programme's owner, of the figure's own year up to its
day; where none counts the answer is "chưa có số liệu", never 0.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from branches.models import Branch
from programs.models import Indicator, StatedFigure
from programs.queries import figure_words, in_unit

from .models import Period
from .targets import STANDING, Counting

Role = StatedFigure.Role


@dataclass(frozen=True)
class StatedRow:
    """`computed` None: chưa có số liệu. `doubt` says why the two are not compared."""

    figure: StatedFigure
    computed: Decimal | None
    period: Period | None  # the latest that is in it
    doubt: str = ""
    rough: int = 0  # how many units' numbers in `computed` are not exact

    @property
    def words(self):
        return figure_words(self.figure)

    @property
    def computed_words(self):
        return in_unit(self.computed, self.figure.indicator.unit)

    @property
    def difference(self):
        """Printed less computed, as with a total and its parts; None without a verdict."""
        if self.computed is None or self.doubt:
            return None
        return self.figure.value - self.computed

    @property
    def difference_words(self):
        sign = "+" if self.difference > 0 else ""
        return sign + in_unit(self.difference, self.figure.indicator.unit)


def stated_rows(program, user):
    """A StatedRow of each printed figure that names an indicator; None where the owner's
    territory is not hers to sum up."""
    if not Branch.objects.visible_to(user).filter(pk=program.owner_id).exists():
        return None
    figures = list(
        StatedFigure.objects.visible_to(user)
        .filter(program=program)
        .exclude(indicator=None)
        .select_related("indicator__numerator", "indicator__denominator")
    )
    counting = Counting(program, {figure.indicator_id for figure in figures})
    return [stated_row(counting, program, figure) for figure in figures]


def stated_row(counting, program, figure):
    line = counting.line_of(figure.indicator)
    year = figure.as_of.year if figure.as_of else figure.year
    owner, until = program.owner, figure.as_of
    period = line and year and counting.last_period(owner, line.form, year, until)
    if not period:
        return StatedRow(figure, None, None)
    value = counting.sum_of(owner, period, line)
    if figure.role != Role.LEVEL and figure.indicator.aggregation in STANDING:
        value = counting.increase(owner, line, year, value)
        if value is not None and figure.role == Role.DECREASE:
            value = -value
    rough = counting.rough_in(owner, period, line)
    return StatedRow(figure, rounded(value, figure), period, doubt_of(figure), rough)


def rounded(value, figure):
    """A percentage to the digits that the paper prints, at least one decimal without a figure."""
    if value is None or not figure.indicator.is_percent:
        return value
    printed = figure.value if figure.value is not None else Decimal("0.1")
    places = min(0, printed.normalize().as_tuple().exponent)
    return Decimal(value).quantize(Decimal(1).scaleb(places), rounding=ROUND_HALF_UP)


def doubt_of(figure):
    """Why the printed figure is not compared with the computed one; "" when it is."""
    if figure.value is None:
        return "văn bản không in thành số"
    if figure.unit.casefold() != figure.indicator.unit.casefold():
        return "khác đơn vị tính"
    if figure.qualifier:
        return f"số in kèm chữ “{figure.get_qualifier_display()}”"
    if figure.is_cumulative and figure.indicator.aggregation == Indicator.Aggregation.FLOW:
        return "văn bản in số lũy kế, báo cáo cộng trong năm"
    return ""
