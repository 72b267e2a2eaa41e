"""Targets in words, and stated figures and indicators against their parts: what differs is said,
nothing is altered.

Money is stored in đồng with the paper's own words in `printed` ("72,47 tỷ"), so that parts
printed in other units of money still add up to their total.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from hoiphunu.fields import show_figure
from hoiphunu.numbers import format_number
from programs.models import Qualifier, StatedFigure, Target, TargetPart

DONG = "đồng"
MILLION = 10**6
Shape = TargetPart.Shape
SUMS = (Shape.ABSOLUTE, Shape.INCREMENT)
EACH = (Shape.SHARE_OF_UNITS, Shape.MINIMUM_PER_UNIT)
# Words of a minimum, which a shape that is one says itself, and of a maximum.
LEAST = (Qualifier.AT_LEAST, Qualifier.MINIMUM, Qualifier.NOT_UNDER)
MOST = (Qualifier.UNDER, Qualifier.AT_MOST, Qualifier.MAXIMUM)


@dataclass(frozen=True)
class SumCheck:
    """A total beside the sum of its parts; `doubt` says why there is no verdict."""

    total: object  # a StatedFigure or an Indicator
    parts: list
    stated: Decimal | None
    computed: Decimal | None
    doubt: str = ""

    @property
    def difference(self):
        """Stated less computed; None without a verdict."""
        return None if self.doubt else self.stated - self.computed

    @property
    def is_wrong(self):
        return bool(self.difference)

    @property
    def difference_words(self):
        sign = "+" if self.difference > 0 else ""
        return sign + in_unit(self.difference, self.total.unit)

    @property
    def stated_words(self):
        return in_unit(self.stated, self.total.unit)

    @property
    def computed_words(self):
        return in_unit(self.computed, self.total.unit)


def figure_checks(program):
    """A SumCheck of every stated figure that has parts, in the order of the paper."""
    figures = list(StatedFigure.objects.filter(program=program))
    by_pk = {figure.pk: figure for figure in figures}
    parts = defaultdict(list)
    for figure in figures:
        if figure.part_of_id:
            parts[figure.part_of_id].append(figure)
    return [
        check_figure(by_pk[pk], rows)
        for pk, rows in sorted(parts.items(), key=lambda item: (by_pk[item[0]].position, item[0]))
    ]


def check_figure(total, parts):
    rows = [total, *parts]
    doubt = ""
    if any(row.value is None for row in rows):
        doubt = "có phần chưa ghi số nên chưa so được"
    elif len({row.unit for row in rows}) > 1:
        doubt = "các phần khác đơn vị tính nên không cộng được"
    elif any(row.qualifier for row in rows):
        doubt = "số in kèm chữ “gần”, “hơn”, “khoảng” nên không so từng đơn vị"
    computed = sum_of(row.value for row in parts) if len({row.unit for row in parts}) == 1 else None
    return SumCheck(total, parts, total.value, computed, doubt)


def indicator_checks(values):
    """The same of indicators: `values` is a dict of Indicator → number or None.

    Asks nothing of the database, so that one report or a whole table may be checked.
    """
    parts = defaultdict(list)
    for indicator in values:
        if indicator.part_of_id:
            parts[indicator.part_of_id].append(indicator)
    checks = []
    for total, stated in values.items():
        if rows := parts.get(total.pk):
            computed = sum_of(values[row] for row in rows)
            doubt = "" if None not in (stated, computed) else "có phần chưa ghi số nên chưa so được"
            checks.append(SumCheck(total, rows, stated, computed, doubt))
    return checks


def sum_of(numbers):
    """The sum; None as soon as one of them is not known."""
    numbers = list(numbers)
    return None if None in numbers else sum(numbers, Decimal(0))


def in_unit(value, unit):
    """ "9.025 triệu đồng", "−22 hộ": money in millions where nothing is lost by it."""
    if value is None:
        return ""
    if unit == DONG and value and value % MILLION == 0:
        value, unit = value / MILLION, f"triệu {DONG}"
    return f"{format_number(value)} {unit}".strip()


def figure_words(figure):
    """As the paper prints it, else from what was read: "hơn 120 trang"."""
    if figure.value is None:
        return figure.printed
    if figure.printed:
        is_said = figure.get_qualifier_display() in figure.printed.lower()
        return Qualifier.with_words("" if is_said else figure.qualifier, figure.printed)
    return Qualifier.with_words(figure.qualifier, in_unit(figure.value, figure.unit))


def implied_words(figure):
    """What follows from two printed figures and is printed nowhere; "" where nothing does.

    "kỳ trước 158.698 hội viên" of a change, "100% là khoảng 221.900" of a share, which is told
    with one digit more than the share has.
    """
    base, told = figure.about, figure.value
    if not told or base is None or base.value is None or base.is_change:
        return ""
    return implied_before(figure, base) if figure.is_change else implied_whole(figure, base)


def implied_before(figure, base):
    if figure.unit != base.unit:
        return ""
    about = "khoảng " if figure.qualifier or base.qualifier else ""
    change = figure.value if figure.role == StatedFigure.Role.INCREASE else -figure.value
    return f"kỳ trước {about}{in_unit(base.value - change, base.unit)}"


def implied_whole(figure, base):
    told = figure.value
    if not figure.is_share or told == 100:
        return ""
    plain = told.quantize(Decimal(1)) if told == int(told) else told.normalize()
    digits = len(plain.as_tuple().digits) + 1
    return f"100% là khoảng {format_number(rounded(base.value * 100 / told, digits))}"


def rounded(number, digits):
    """The number with its first `digits` digits, the rest 0: 221.904 → 221.900."""
    return number.quantize(Decimal(1).scaleb(max(number.adjusted() + 1 - digits, 0)))


# --- Targets -------------------------------------------------------------------------------------


def part_words(part):
    """A part in the words of its shape: "ít nhất 05 hộ mỗi đơn vị"."""
    if part.is_open:
        return "chưa ghi số phải đạt"
    value = f"{plain(part.value)} {part.unit}".strip() if part.value is not None else ""
    share = f"{format_number(part.share)}%" if part.share is not None else ""
    bound = part.get_qualifier_display() if part.qualifier in (*LEAST, *MOST) else ""
    each = f"mỗi đơn vị {bound or 'ít nhất'} {value}"
    said = {
        "absolute": value,
        "increment": " ".join(filter(None, ["tăng thêm", bound, value])),
        "minimum_per_unit": each,
        "share_of_units": f"{share} đơn vị" + (f", {each}" if value else ""),
        "share_of_persons": f"{share} {part.of_whom}".strip(),
    }[part.shape]
    return Qualifier.with_words("" if bound and bound in said else part.qualifier, said)


def plain(value):
    """One digit as plans write it: "05"."""
    return f"0{value:.0f}" if value == int(value) and 0 < value < 10 else show_figure(value)


def units_implied(total, one):
    """How many units that means, when the share of them that `one` names reach it."""
    units = total.value / one.value * 100 / (one.share or 100)
    about = "" if units == int(units) else "khoảng "
    return f"{about}{format_number(units.quantize(Decimal(1)))} đơn vị"


@dataclass
class TargetRow:
    """A target as the list shows it, with what units below made of it.

    The page says of each whether its reader may change it or take it on.
    """

    target: Target
    parts: list  # (TargetPart, its number in words)
    localised: list
    can_change: bool = False
    may_localise: bool = False

    @property
    def implied(self):
        """What a sum and a number for each unit in one target come to: "55.000 hộ, mỗi đơn vị
        05 hộ: 11.000 đơn vị". Printed nowhere, so only told."""
        parts = [part for part, _ in self.parts if part.value and part.unit]
        sums = [part for part in parts if part.shape in SUMS]
        each = [part for part in parts if part.shape in EACH]
        return [
            f"{plain(total.value)} {total.unit}, {part_words(one)}: {units_implied(total, one)}"
            for total in sums
            for one in each
            if total.unit == one.unit
        ]


def target_rows(program, user):
    """The programme's targets that she may see, the units' own beneath those from above."""
    targets = (
        Target.objects.visible_to(user)
        .of(program)
        .select_related("branch__level", "document", "program__owner")
        .prefetch_related("parts__levels", "parts__indicator")
        .order_by("position", "branch__sort_key", "pk")
    )
    rows = {
        target.pk: TargetRow(target, [(part, part_words(part)) for part in target.parts.all()], [])
        for target in targets
    }
    tops = []
    for row in rows.values():
        above = rows.get(row.target.localises_id)
        (above.localised if above else tops).append(row)
    return tops
