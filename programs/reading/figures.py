"""Results and counts: value, unit, qualifier, moment, and the sums of what is broken down."""

import re
from dataclasses import replace
from decimal import Decimal

from hoiphunu.text import exact_fold
from programs.reading import dates
from programs.reading.facts import Figure, Total
from programs.reading.quantities import AREAS, mask, noun_after, quantities

COLON_LABEL = re.compile(
    r"(?:^|[;,.(]|trong đó|gồm|cụ thể|trong đó:|gồm:"
    r"|cụ thể:)\s*(?P<label>[^;,.(:]{3,80}):\s*(?:(?:hơn|gần|trên|khoảng|ước|là)\s+)*$",
    re.I,
)
BRACKET_LABEL = re.compile(r"(?P<label>[^;,.():]{3,60}?)\s*\(\s*$")
SEPARATOR = re.compile(r"(?<!tỉnh)(?<!huyện)(?<!xã)(?<!quận)[,]\s|[;:(.]\s|\(")
LEADING = re.compile(
    r"^(?:và|với|cho|trong đó|có|nâng|đã|được|để|cùng|tặng|là|gồm|của|\s)+\b\s*", re.I
)
TRAILING = re.compile(
    r"(?:^|\s+)(?:là|đạt|có|được|với|cho|lên|chiếm|hơn|gần|trên|khoảng|ước|mức|từ|tại|của"
    r"|qua|trong|về|hiện|chỉ còn|còn|ít nhất|tối thiểu|tối đa|không quá|dưới)\s*$",
    re.I,
)
MOMENT = re.compile(
    r"(?:[Tt]ính )?[Đđ]ến (?:hết |cuối )?(?:ngày|tháng|năm)?\s*[\d/]+(?:\s+(?:tháng"
    r"|năm)\s+\d+)*,?\s*"
)
UP = re.compile(r"\b(?:tăng(?! cường)|kết nạp|phát triển|vượt)\b[^,;:.]*$", re.I)
DOWN = re.compile(r"\b(?:giảm|đưa ra khỏi|ra khỏi|xóa tên)\b[^,;:.]*$", re.I)
RAISED_TO = re.compile(r"nâng\b[^,;:.]*\blên\b[^,;:.]*$", re.I)
# Moments that are not that of the figure: what it is compared with, since when, several years.
COMPARED = re.compile(
    r"so với[^,;.(]*|“[^”]*”|\btừ (?:đầu )?(?:năm|tháng|ngày)?\s*[\d/]+ đến nay"
    r"|(?:(?:19|20)\d\d, )*(?:19|20)\d\d (?:và|đến) (?:năm )?(?:19|20)\d\d",
    re.I,
)
QUOTED = re.compile(r"“[^”]*”")
PART_OF = re.compile(r"\s*(?:so với|của|trên)\s+(?:tổng số\s+|số\s+)?", re.I)
NUMBER_OF = re.compile(r"(?:tổng số|số lượng|số)\s+", re.I)
CUMULATIVE = re.compile(r"l[ũu][ỹy] kế", re.I)
BREAKDOWN = re.compile(r"(?:trong đó|bao gồm|gồm|cụ thể|chia ra)\b(?P<some>\s+có\b)?", re.I)
NEARBY = 60  # characters from "số hội viên" to its number
LABEL_WITHIN = 200  # characters before a number
MOMENT_WITHIN = 600
IN_YEAR = re.compile(r"(?<!đến )(?<!từ )\bnăm ((?:19|20)\d\d)(?!\s*[-–])")
COMPARED_WITH = 100  # earlier figures of the same value
MOST_SOURCES = 50  # of one figure printed again and again
PERSONS = ("người", "chị", "chị em")  # the sentence says elsewhere which
TIME_WORDS = ("tháng", "năm", "quý", "ngày")
NEAR = ("hơn", "trên", "gần", "khoảng")


def read_figures(line, sentence, skipped=frozenset()):
    """(figures, numbers that could not be named) of one sentence."""
    found, unnamed = [], []
    for quantity in quantities(sentence):
        if quantity.start in skipped:
            continue
        figure = _figure(line, sentence, quantity, found)
        if figure is None:
            unnamed.append(quantity.printed)
        else:
            found.append((quantity, figure))
    return [figure for _, figure in found], unnamed


def read_breakdowns(line, sentence, figures):
    """A printed total and its parts after "trong đó": warned about when they differ."""
    marker = BREAKDOWN.search(sentence)
    if marker is None or marker["some"]:
        return []
    wholes, parts = {}, {}
    for figure, start in _positions(sentence, figures):
        side = wholes if start < marker.start() else parts
        key = exact_fold(figure.unit)
        if side is wholes:
            wholes[key] = figure
        else:
            parts.setdefault(key, []).append(figure)
    return [
        _total(line, sentence, wholes[key], parts[key])
        for key in wholes
        if len(parts.get(key, [])) > 1 and _is_list(parts[key])
    ]


def merge_figures(figures):
    """The same figure printed twice is one, with further sources; a rounded one says of what."""
    kept, alike = [], {}
    for figure in figures:
        places = alike.setdefault((figure.value, figure.percent, figure.role), [])
        same = next(
            (place for place in places[-COMPARED_WITH:] if _same(kept[place], figure)), None
        )
        if same is None:
            places.append(len(kept))
            kept.append(figure)
        elif len(kept[same].also) < MOST_SOURCES:
            kept[same] = replace(kept[same], also=(*kept[same].also, figure.source))
    exact = [figure for figure in kept if figure.value and figure.qualifier in ("", "ước")]
    return [replace(figure, restates=_restated(figure, exact)) for figure in kept]


def _figure(line, sentence, quantity, found):
    previous = found[-1] if found else None
    label, listed = _label(sentence, quantity, previous)
    unit, of = _unit(sentence, quantity, label, previous), ""
    if quantity.sort == "percent":
        unit, of = "", _of(sentence, quantity)
    elif not unit:
        return None
    is_share = quantity.sort == "percent"
    return Figure(
        line.source(sentence), quantity.printed, None if is_share else quantity.value, unit,
        quantity.value if is_share else None, of, quantity.qualifier, _role(sentence, quantity),
        label, _moment(sentence, quantity), quantity.whole, quantity.upper, _per(quantity),
        bool(CUMULATIVE.search(sentence[: quantity.start])), listed=listed,
    )  # fmt: skip


def _label(sentence, quantity, previous):
    """What the number is of: before a colon, before a bracket, or the words leading to it."""
    before = sentence[: quantity.start]
    for pattern in (COLON_LABEL, BRACKET_LABEL):
        if (found := pattern.search(before[-LABEL_WITHIN:])) and not quantity.sign:
            return _tidy(found["label"]), True
    masked = mask(sentence)[: quantity.start]
    start = max((found.end() for found in SEPARATOR.finditer(masked)), default=0)
    if previous and start <= previous[0].unit_end:
        start = max(start, previous[0].unit_end)
        if not _tidy(sentence[previous[0].unit_end : quantity.start]):
            return previous[1].label or previous[0].unit, previous[1].listed
    return _tidy(before[start:]), False


def _tidy(text):
    text = MOMENT.sub("", text).strip(" ,;:()/")
    text = LEADING.sub("", text)
    while (shorter := TRAILING.sub("", text)) != text:
        text = shorter
    return text.strip(" ,;:()")


def _unit(sentence, quantity, label, previous):
    if quantity.sign:
        return previous[1].unit if previous else ""
    if quantity.whole and (found := NUMBER_OF.match(label)):
        return noun_after(mask(label), label, found.end()) or quantity.unit
    if quantity.unit and quantity.unit not in PERSONS:
        return quantity.unit
    before = sentence[: quantity.start]
    clause = SEPARATOR.split(before.rstrip(": "))[-1]
    found = NUMBER_OF.search(clause)
    if found and len(clause) - found.start() <= NEARBY and not re.search(r"\d", mask(clause)):
        return noun_after(mask(clause), clause, found.end()) or quantity.unit
    return quantity.unit


def _of(sentence, quantity):
    if quantity.unit:
        return quantity.unit.removeprefix("số ").strip()
    found = PART_OF.match(sentence, quantity.end)
    return noun_after(mask(sentence), sentence, found.end()) if found else ""


def _role(sentence, quantity):
    before = QUOTED.sub("", mask(sentence)[: quantity.start])
    if quantity.sign:
        return "increase" if quantity.sign == "+" else "decrease"
    if RAISED_TO.search(before):
        return "level"
    before = re.split(r"\d", before)[-1]
    if UP.search(before):
        return "increase"
    return "decrease" if DOWN.search(before) else "level"


def _moment(sentence, quantity):
    before = sentence[max(0, quantity.start - MOMENT_WITHIN) : quantity.start]
    before = COMPARED.sub(lambda m: " " * len(m[0]), before)
    before = dates.SPAN.sub(lambda m: " " * len(m[0]), before)
    return dates.as_of(before) or _year_after(sentence, quantity)


def _year_after(sentence, quantity):
    """ "Bốn chị … năm 2023": where nothing before the number says when, the one year after it."""
    after = COMPARED.sub("", sentence[quantity.end :])
    years = set(IN_YEAR.findall(after))
    return years.pop() if len(years) == 1 else ""


def _per(quantity):
    return next((part for part in quantity.per if part in TIME_WORDS), "")


def _positions(sentence, figures):
    """Figures with the place of their number in the sentence."""
    position = 0
    for figure in figures:
        start = sentence.find(figure.printed, position)
        yield figure, start
        position = start + len(figure.printed)


def _is_list(parts):
    labels = [part.label for part in parts]
    return all(labels) and len(set(labels)) == len(labels)


def _total(line, sentence, whole, parts):
    listed = tuple((part.label, part.value) for part in parts)
    computed = sum((value for _, value in listed), Decimal(0))
    return Total(line.source(sentence), whole.label, whole.value, computed, whole.unit, listed)


def _same(one, other):
    if (one.denominator, one.upper) != (other.denominator, other.upper):
        return False
    if one.percent is not None:
        return exact_fold(one.of) == exact_fold(other.of) and bool(one.of)
    if one.unit == "đồng" or other.unit == "đồng":
        return (one.unit, one.label) == (other.unit, other.label)
    apart = one.listed and other.listed and one.label != other.label
    return not apart and (_begins(one.unit, other.unit) or _same_area(one.unit, other.unit))


def _same_area(one, other):
    """ "05 xã biên giới" and "05 xã đồng hành" are the same five."""
    one, other = one.split()[0].lower(), other.split()[0].lower()
    return one == other and one in AREAS


def _begins(one, other):
    one, other = (re.sub(r"\btt\b", "thị trấn", exact_fold(unit)) for unit in (one, other))
    one, other = sorted((one, other), key=len)
    return other == one or other.startswith(one + " ")


def _restated(figure, exact):
    """ "Hơn 12.000 trẻ" beside "12.345 trẻ": the exact value that the round one repeats."""
    if figure.value is None or figure.qualifier not in NEAR or figure.unit == "đồng":
        return None
    for other in exact:
        if _head(other) == _head(figure) and _rounds(figure, other.value):
            return other.value
    return None


def _head(figure):
    return tuple(exact_fold(figure.unit).split()[:2])[: 1 if figure.unit.count(" ") < 1 else 2]


def _rounds(figure, exact):
    if exact == figure.value or figure.value < 100:
        return False
    over = figure.qualifier in ("hơn", "trên", "khoảng")
    under = figure.qualifier in ("gần", "khoảng")
    ratio = exact / figure.value
    return (over and 1 <= ratio < Decimal("1.1")) or (under and Decimal("0.9") < ratio <= 1)
