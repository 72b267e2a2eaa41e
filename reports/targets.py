"""How far a target is reached, from approved reports of the target's own year alone.

A figure of another year is never set against it, and where nothing was reported the answer is
"chưa có số liệu", never 0. Sums are those of the geography of their time.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from branches.decrees import became_since
from branches.models import Branch
from branches.querysets import under_paths
from programs.models import Indicator, Qualifier, Target, TargetPart
from programs.queries import MOST, part_words

from .latest import counted_figures, latest_figures
from .models import FormLine, Period
from .queries import NOTHING_YET, has_counted, places_of_branch, summary_lines

Shape = TargetPart.Shape
Aggregation = Indicator.Aggregation
STANDING = (Aggregation.STOCK, Aggregation.CUMULATIVE)
PATH = "report__branch_path"


@dataclass(frozen=True)
class Reached:
    """Of a part: what was reached. `value` None: chưa có số liệu.

    Of shares and minima per unit `value` is how many units reach it, of `units`; `silent` of
    them have not said. Of percentages it is per cent.
    """

    value: Decimal | None = None
    units: int | None = None
    silent: int = 0
    period: Period | None = None  # the latest that is in it
    rough: int = 0  # how many units' numbers in a sum are not exact

    @property
    def per_cent(self):
        return Decimal(self.value) * 100 / self.units if self.units and self.value else 0


NO_FIGURES = Reached()


@dataclass(frozen=True)
class PartProgress:
    target: Target
    part: TargetPart
    words: str
    reached: Reached


def target_progress(program, user):
    """Of each part of the targets whose units lie in her territory, what was reached.

    Of localised targets, those of the units where she holds a position: a page of 34 provinces
    would count each of them.
    """
    inside = Branch.objects.visible_to(user)
    held = {position.branch_id for position in user.standing}
    targets = (
        Target.objects.visible_to(user)
        .of(program)
        .filter(branch__in=inside)
        .select_related("branch__level")
        .prefetch_related("parts__levels", "parts__indicator__numerator")
        .prefetch_related("parts__indicator__denominator")
    )
    followed = {part.indicator_id for target in targets for part in target.parts.all()}
    counting = Counting(program, followed)
    return [
        PartProgress(target, part, part_words(part), counting.reached(target, part))
        for target in targets
        if target.localises_id is None or target.branch_id in held
        for part in target.parts.all()
    ]


class Counting:
    """Asks once for what several targets share: periods of a year, sums of a unit, its units.

    `indicators`: the ids of all that will be asked for.
    """

    def __init__(self, program, indicators):
        self.program = program
        self.indicators = indicators
        self.known = {}

    def reached(self, target, part):
        line = self.line_of(part.indicator)
        period = line and target.year and self.last_period(target.branch, line.form, target.year)
        if not period:
            return NO_FIGURES
        if part.shape in (Shape.MINIMUM_PER_UNIT, Shape.SHARE_OF_UNITS):
            return self.units_reaching(target.branch, part, period)
        value = self.sum_of(target.branch, period, line)
        if part.shape == Shape.INCREMENT and part.indicator.aggregation in STANDING:
            value = self.increase(target.branch, line, target.year, value)
        return Reached(value, period=period, rough=self.rough_in(target.branch, period, line))

    def once(self, key, ask):
        if key not in self.known:
            self.known[key] = ask()
        return self.known[key]

    def line_of(self, indicator):
        """Where the indicator is asked for: in the programme's own form, else in the first."""
        return self.once("lines", self.lines).get(indicator and indicator.pk)

    def lines(self):
        lines = FormLine.objects.select_related(
            "version__form", "section", "indicator__numerator", "indicator__denominator"
        ).filter(indicator__in=self.indicators, version__in_force_on__isnull=False)
        own_first = sorted(
            lines, key=lambda line: (line.form.program_id != self.program.pk, line.pk)
        )
        return {line.indicator_id: line for line in reversed(own_first)}

    def last_period(self, branch, form, year, until=None):
        """The latest of the year in which figures of the unit count, so that a yearly one just
        opened hides no months; of several that end with it, the shortest. `until`: of those that
        ended by that day."""
        periods = Period.objects.filter(has_counted(branch), form=form, year=year)
        periods = periods.exclude(kind__in=(Period.Kind.AD_HOC, Period.Kind.PHASE))
        if until:
            periods = periods.filter(ends_on__lte=until)
        return self.once(
            ("period", branch.pk, form.pk, year, until),
            lambda: periods.order_by("-ends_on", "-starts_on", "pk").first(),
        )

    def sum_of(self, branch, period, line):
        """The year's sum or latest figure of the unit; of a ratio, per cent."""
        value = self.amount_of(branch, period, line).value
        return value * 100 if value is not None and line.indicator.is_percent else value

    def rough_in(self, branch, period, line):
        """How many units gave "hơn 120" rather than 120 in that sum."""
        return len(self.amount_of(branch, period, line).rough)

    def amount_of(self, branch, period, line):
        found = self.once((branch.pk, period.pk), lambda: self.sums(branch, period))
        return found.get(line.indicator_id, NOTHING_YET)

    def sums(self, branch, period):
        known = self.known["lines"].values()
        lines = [line for line in known if line.version.form_id == period.form_id]
        summed = summary_lines(period, branch, lines)
        return {line.indicator.pk: line.to_date for line in summed}

    def increase(self, branch, line, year, latest):
        """More than at the end of the year before; unknown while either is."""
        before = self.last_period(branch, line.form, year - 1)
        stood = before and self.sum_of(branch, before, line)
        return None if None in (latest, stood) else latest - stood

    def units_reaching(self, branch, part, period):
        """How many open units of the part's levels reach its number, from their own reports and
        those of the units below them. What a unit reported that has ended since counts for the
        one it became."""
        levels = tuple(level.pk for level in part.levels.all())
        units = self.once(("units", branch.pk, levels), lambda: units_at(branch, levels))
        is_ratio = part.indicator.aggregation == Aggregation.RATIO
        of_unit = self.ratios_of_units if is_ratio else self.sums_of_units
        found = of_unit(units, branch, part.indicator, period)
        if not found or part.is_open or (is_ratio and part.value is None):
            return NO_FIGURES
        least = part.value or (0 if is_ratio else 1)  # of a yes or no, one yes
        reaching = sum(is_reached(part, value, least) for value in found.values())
        return Reached(Decimal(reaching), len(units), len(units) - len(found), period)

    def sums_of_units(self, units, branch, indicator, period):
        """Unit id → what it and the units below it come to; without those that said nothing."""
        became = self.once(("became", period.year), lambda: became_since(year_before(period)))
        sums = Counter()
        for path, value in self.values_below(branch, indicator, period):
            steps = map(int, path.strip("/").split("/"))
            for unit in units.intersection(became.get(step, step) for step in steps):
                sums[unit] += value or 0
        return sums

    def ratios_of_units(self, units, branch, indicator, period):
        """Unit id → per cent, computed anew of each from its two parts; without those that left
        one of them out, or of whom there is nobody to count."""
        above, below = (
            self.sums_of_units(units, branch, each, period)
            for each in (indicator.numerator, indicator.denominator)
        )
        return {
            unit: Decimal(value) * 100 / below[unit] for unit, value in above.items() if below[unit]
        }

    def values_below(self, branch, indicator, period):
        return self.once(
            ("below", branch.pk, indicator.pk, period.pk),
            lambda: list(figures_below(branch, indicator, period)),
        )


def is_reached(part, value, bound):
    """At least the bound, unless the plan's words make it one not to be passed."""
    if part.value is None or part.qualifier not in MOST:
        return value >= bound
    return value < bound if part.qualifier == Qualifier.UNDER else value <= bound


def year_before(period):
    """Who ended earlier has no report in the year of `period`, even by a decree entered late."""
    return date(period.year - 1, 1, 1)


def units_at(branch, levels):
    units = Branch.objects.directory().under(branch).filter(level__in=levels)
    return set(units.values_list("pk", flat=True))


def figures_below(branch, indicator, period):
    """(path, figure) of the reports below `branch`: the year's sum of each unit, or its latest."""
    places = places_of_branch(branch)
    if indicator.aggregation == Aggregation.FLOW:
        figures = counted_figures(period.up_to_here()).filter(
            under_paths(places, PATH), indicator=indicator
        )
        return figures.order_by().values_list(PATH).annotate(sum=Sum("value"))
    return latest_figures(period, [indicator], places, PATH).values_list(PATH, "value")
