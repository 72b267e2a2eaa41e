"""Targets in their shapes: absolute, increment, minimum per unit, shares, compound, by level."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from hoiphunu.text import fold
from programs.reading import dates
from programs.reading.duties import ORGANISING, names_contents
from programs.reading.facts import Target
from programs.reading.outline import DIGIT, PLAIN
from programs.reading.quantities import mask, noun_after, quantities

NOT_TARGET_HEADING = re.compile(
    r"(?:vuot|dat|hoan thanh|phan bo|giao)[^.]{0,12}chi tieu|muc tieu chung|ket qua"
)
TARGET_HEADING = re.compile(r"chi tieu|muc tieu|phuong huong")
STRIVES = re.compile(r"phấn đấu", re.I)
EACH = re.compile(
    r"(?:mỗi|từng)\s+(?!(?:năm|căn|tháng|người|suất|phần|nhà|con|em|cháu|hộ|quý)\b)", re.I
)
EACH_YEAR = re.compile(r"(?:mỗi|h[àằ]ng) năm", re.I)
GOES_ON = re.compile(r"\b(?:mỗi|h[àằ]ng năm|ít nhất|tối thiểu)\b|\b\d+\s?%", re.I)
WHOLE_AREA = re.compile(r"cả nước|toàn (?:tỉnh|thành phố|huyện|xã|quốc|Hội)", re.I)
RAISES = re.compile(r"vận động|huy động|gây quỹ|tiết kiệm|dư nợ|kinh phí đạt", re.I)
MORE = re.compile(
    r"(?:tăng|thêm|phát triển|kết nạp)"
    r"(?:\s+(?:được|mới|thêm|ít nhất|tối thiểu|trên|hơn|khoảng|không dưới))*\s*$",
    re.I,
)
UNITS = re.compile(
    r"^(?:số\s+)?(?:cơ sở|chi hội(?! trưởng| phó)|chi, tổ|tổ(?! trưởng)|hội (?:lhpn"
    r"|liên hiệp)|đơn vị|xã|phường|huyện"
    r"|quận|tỉnh|thành phố|cấp|thôn|ấp|khu)\b",
    re.I,
)
LEVELS = (
    ("trung_uong", re.compile(r"Trung ương Hội|TW Hội|cấp Trung ương")),
    ("tinh", re.compile(r"cấp tỉnh|tỉnh, thành")),
    ("huyen", re.compile(r"cấp huyện|quận, huyện|huyện, thị")),
    ("xa", re.compile(r"cấp xã|cơ sở Hội|cấp cơ sở|(?<!thị )xã, phường")),
)
SKIPPED = re.compile(r"^(?:chỉ tiêu|nội dung|nhiệm vụ|khâu đột phá|giải pháp|tiêu chí)\b", re.I)
YEAR = re.compile(r"năm\s+((?:19|20)\d\d)", re.I)


@dataclass
class Context:
    """The share that a clause has named before the next number."""

    share: Decimal | None = None
    of: str = ""


def is_target(line, sentence, is_plan, follows=False):
    """Does this sentence set something to reach, rather than tell a result?

    `follows`: the sentence before it in the same paragraph did.
    """
    if STRIVES.search(sentence) or (follows and GOES_ON.search(sentence)):
        return bool(quantities(sentence))
    if line.is_under(*ORGANISING):
        return False
    if _under_targets(line, is_plan) and (is_plan or line.level < PLAIN):
        return True
    return is_plan and any(
        quantity.sort == "count" and quantity.qualifier in ("ít nhất", "tối thiểu")
        for quantity in quantities(sentence)
    )


def read_targets(line, sentence, year):
    """The parts of a target; a numbered line with several is compound."""
    parts = []
    for segment in re.split(r";\s+", sentence):
        parts += _segment(segment, sentence, line, year)
    return parts


def mark_compound(targets):
    """A number that has more than one part is compound, over its sentences too."""
    counts = {}
    for target in targets:
        key = target.source.block
        counts[key] = counts.get(key, 0) + 1
    return [replace(t, compound=bool(t.no) and counts[t.source.block] > 1) for t in targets]


def _under_targets(line, is_plan):
    """In a report what is ahead stands under "Nhiệm vụ" as well."""
    if not is_plan and any("nhiem vu" in fold(h) and "ket qua" not in fold(h) for h in line.above):
        return True
    return line.nearest_is(_names_targets, names_contents)


def _names_targets(heading):
    return bool(TARGET_HEADING.search(heading)) and not NOT_TARGET_HEADING.search(heading)


def _segment(segment, sentence, line, year):
    context, parts, last = Context(), [], 0
    for quantity in quantities(segment):
        before = segment[last : quantity.start]
        is_price = quantity.sort == "money" and not RAISES.search(before)
        if is_price or SKIPPED.match(quantity.unit):
            continue
        if WHOLE_AREA.search(before):
            context = Context()
        if quantity.sort == "percent":
            part = _share(quantity, before, segment)
            context = Context(part["share"], part["of"])
        else:
            part = _count(quantity, before, segment, context)
            parts = _without_waiting(parts, part)
        parts.append(part)
        last = quantity.end
    no = line.mark if line.level == DIGIT else ""
    year = None if dates.spans_years(sentence) else _year(sentence, line) or year
    return [Target(line.source(sentence), no, year=year, **part) for part in parts]


def _share(quantity, before, segment):
    of = quantity.unit.removeprefix("số ").strip()
    is_units = bool(UNITS.match(quantity.unit))
    grows = bool(re.search(r"(?:tăng|giảm)\s*$", before, re.I))
    return {
        "share": quantity.value, "of": of, "printed": quantity.printed,
        "shape": ("share_of_units",) if is_units else ("share_of_persons",),
        "qualifier": _qualifier(quantity, segment), "ambiguous": grows,
        "levels": _levels(segment[: quantity.unit_end]),
    }  # fmt: skip


def _count(quantity, before, segment, context):
    each = _each(segment, quantity)
    shape, part = ("absolute",), {}
    if context.share is not None:
        is_units = bool(UNITS.match(context.of))
        shape = ("minimum_per_unit", "share_of_units") if is_units else ("share_of_persons",)
        part = {"share": context.share, "of": context.of}
    elif each:
        shape, part = ("minimum_per_unit",), {"of": each}
    elif MORE.search(before) and not re.search(r"(?:thành lập|xây)\s+mới\s*$", before):
        shape = ("increment",)
    per = "năm" if EACH_YEAR.search(segment[: quantity.start]) or "năm" in quantity.per else ""
    return part | {
        "value": quantity.value, "unit": quantity.unit, "printed": quantity.printed, "per": per,
        "shape": shape, "qualifier": _qualifier(quantity, segment),
        "levels": _levels(segment[: quantity.start]),
    }  # fmt: skip


def _without_waiting(parts, part):
    """A share that was waiting for its minimum is said together with it."""
    last = parts[-1] if parts else None
    waits = last and "value" not in last and last.get("share") == part.get("share")
    if waits and part.get("share") is not None:
        part["ambiguous"] = last["ambiguous"]
        return parts[:-1]
    return parts


def _each(segment, quantity):
    before = segment[: quantity.start]
    found = None
    for match in EACH.finditer(before):
        found = match
    if found is None:
        return ""
    return noun_after(mask(segment), segment, found.end())


def _qualifier(quantity, segment):
    strives = STRIVES.search(segment[: quantity.start])
    return quantity.qualifier or ("phấn đấu" if strives else "")


def _levels(text):
    return tuple(code for code, words in LEVELS if words.search(text))


def _year(sentence, line):
    for text in (sentence, *reversed(line.above)):
        if found := YEAR.search(text):
            return int(found[1])
    return None
