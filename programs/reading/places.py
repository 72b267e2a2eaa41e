"""Units named: xã Bản Mới và Bản Cũ, huyện Yên An, tỉnh Bình Thanh; who helps which of them."""

import re
from dataclasses import dataclass, replace

from hoiphunu.text import exact_fold
from programs.reading.facts import Pairing, Unit
from programs.reading.letters import compiled
from programs.reading.outline import heading_of, inline_body

TYPES = {
    "tỉnh": "tỉnh", "thành phố": "thành phố", "tp": "thành phố", "tp.": "thành phố",
    "quận": "quận", "huyện": "huyện", "thị xã": "thị xã", "thị trấn": "thị trấn", "xã": "xã",
    "phường": "phường", "đặc khu": "đặc khu",
}  # fmt: skip
RANK = {"tỉnh": 0, "thành phố": 1, "quận": 2, "huyện": 2, "thị xã": 2}
COMMUNE = 3
WORD = (
    r"[[:upper:]](?:[[:lower:]]|['’][[:lower:]])*(?:['’-]?[[:upper:]][[:lower:]]+)?(?![[:upper:]])"
)
CAPITALS = r"[[:upper:]]{2,}(?:\s[[:upper:]]{2,}){0,3}"
NAME = rf"(?:{CAPITALS}|{WORD}(?:\s(?:{WORD}|[IVX]+\b|\d{{1,2}}(?![\d.,/%]|\s[[:lower:]]))){{0,4}})"
TYPE = (
    r"[Tt]ỉnh|TỈNH|[Tt]hành phố|THÀNH PHỐ|TP\.?|Tp\.?|[Qq]uận|QUẬN|[Hh]uyện|HUYỆN|[Tt]hị xã|THỊ XÃ"
    r"|[Tt]hị trấn|THỊ TRẤN|[Xx]ã|XÃ|[Pp]hường|PHƯỜNG|[Đđ]ặc khu|ĐẶC KHU"
)
NOT_NAMES = (
    "Hội|HỘI|Bộ (?:Chỉ|Tư|đội|Công)|Ban |Công (?:ty|an|đoàn|trình)|Ngân hàng|Trường"
    "|Trung (?:ương|tâm)"
    "|Đoàn|Chi hội|Câu lạc|Quỹ|UBND|Ủy ban|Đồn|Văn phòng|Phòng|Tổ|Chương trình|Mặt trận|Sở|Đảng|Tết"
    "|Ngày|Chủ tịch|Phó|Mái ấm|Hỗ trợ|Trao|Tặng|Nhà tình|Khu|Thôn|Tập đoàn|Báo|Đài"
)
MENTION = compiled(
    rf"(?<![[:lower:][:upper:]])(?P<type>{TYPE})(?:\s?:(?!\s+(?:{NOT_NAMES})))?\s+"
    rf"(?!HỘI\b|Hội (?:LHPN|Liên)|Đoàn\b|Ủy\b)(?P<name>{NAME})"
)
NEXT_NAME = compiled(
    rf"\s*(?P<link>,|và|;)\s+(?!(?:{NOT_NAMES})\b)(?P<name>{NAME})(?=[\s,.;:()]|$)"
)
SCOPE = compiled(rf"^\W*(?:{TYPE})\s+{NAME}\s*(?:\([^)]*\))?\s*:")

HELPS = r"(?:nhận )?(?:giúp đỡ|giúp|hỗ trợ|đỡ đầu|đồng hành (?:cùng|với)|phụ trách|kết nghĩa với)"
HELPER = compiled(
    rf"(?P<supporter>(?:Hội|Câu lạc bộ|Đoàn"
    rf"|Chi hội)\s[^;,.:]*?)\s+{HELPS}\s+(?P<supported>(?:{TYPE})\s+{NAME})"
)
STOPPED = compiled(r"\b(?:sẽ|dừng|thôi|ngừng|có thể|đã)\b")
ENDING = compiled(
    r"(?:dừng|kết thúc|thôi|ngừng)\s+(?:việc\s+)?(?:đồng hành|hỗ trợ|giúp đỡ|đỡ đầu)"
    rf"(?:\s+(?:với|cho|cùng|tại))?\s+(?P<supported>(?:{TYPE})\s+{NAME})"
    r"(?:\s+(?:kể )?từ\s+(?:ngày\s+[\d/]+|năm\s+(?P<year>\d{4})))?"
)


@dataclass(frozen=True)
class Mention:
    start: int
    end: int
    type: str
    name: str
    rank: int


def mentions(text):
    """Every place of a sentence in order; a type holds for the names that follow it."""
    found = []
    for match in MENTION.finditer(text):
        kind = TYPES[" ".join(match["type"].lower().split())]
        found.append(_mention(match, kind))
        position = match.end()
        while following := NEXT_NAME.match(text, position):
            if MENTION.match(text, following.start("name")):
                break
            found.append(_mention(following, kind))
            position = following.end()
    return found


def lowest(text):
    """The wordings of the lowest places in a text: what an item or a note is for."""
    found = mentions(text)
    rank = max((mention.rank for mention in found), default=0)
    return tuple(dict.fromkeys(f"{m.type} {m.name}" for m in found if m.rank == rank))


def read_units(passages):
    """One Unit for each place; `passages` are (text, Source) of sentences, rows and headings."""
    units = {}
    for text, source in passages:
        for unit in _with_parents(text, source):
            _keep(units, unit)
    return _without_doubles(units)


def read_pairings(lines, issuer):
    """Who helps whom: said outright, ended, or as the list of places of the issuer's plan."""
    sentences = [(line, sentence) for line in lines for sentence in line.sentences]
    found = [pair for line, sentence in sentences for pair in _said(line, sentence, issuer)]
    if not any(not pair.ends for pair in found):
        found = _listed(lines, issuer) + found
    return _once(found)


def _mention(match, kind):
    name = " ".join(match["name"].split())
    if name == name.upper() and len(name) > 2:
        goes_on = match.string[match.end() :].strip()
        name = " ".join(name.title().split()[: 2 if goes_on else 4])
    return Mention(match.start("name"), match.end("name"), kind, name, RANK.get(kind, COMMUNE))


def _with_parents(text, source):
    """A higher place right after lower ones stands above them; one before a colon above all."""
    found = mentions(text)
    scope = found[0] if found and SCOPE.match(text) and found[0].rank < COMMUNE else None
    parents = [_Parents() for _ in found]
    for index, mention in enumerate(found):
        for lower in range(index - 1, -1, -1):
            if found[lower].rank <= mention.rank or not _adjacent(text, found, lower, index):
                break
            parents[lower].take(mention)
    for mention, above in zip(found, parents, strict=True):
        if scope and mention is not scope:
            above.take(scope)
        yield Unit(source, mention.type, mention.name, above.district, above.province)


class _Parents:
    def __init__(self):
        self.district = self.province = ""

    def take(self, mention):
        if mention.rank == 0:
            self.province = self.province or mention.name
        else:
            self.district = self.district or mention.name


def _adjacent(text, found, lower, upper):
    """Nothing but commas and "và" between the lower place and the one above it."""
    between = text[found[lower].end : found[upper].start]
    between = re.sub(TYPE, "", between)
    for mention in found[lower + 1 : upper]:
        between = between.replace(mention.name, "")
    return not re.sub(r"\b(?:và|thuộc|của|các)\b|[\s,();]", "", between)


def _keep(units, unit):
    """The same place once; what a later mention says above it is added."""
    same = [key for key in units if key[:2] == _key(unit)[:2]]
    for key in same:
        known = units[key]
        if _agree(known.district, unit.district) and _agree(known.province, unit.province):
            units[key] = replace(
                known,
                district=known.district or unit.district,
                province=known.province or unit.province,
            )
            return
    units[_key(unit)] = unit


def _without_doubles(units):
    """ "huyện" inherits its province to its communes."""
    districts = {
        fold_name(u.name): u for u in units.values() if RANK.get(u.type, COMMUNE) in (1, 2)
    }
    result = []
    for unit in units.values():
        above = districts.get(fold_name(unit.district)) if unit.district else None
        if above and not unit.province:
            unit = replace(unit, province=above.province)
        result.append(unit)
    return result


def fold_name(name):
    """ "BìnhThanh" is "Bình Thanh"."""
    return exact_fold(name).replace(" ", "")


def _key(unit):
    return unit.type, fold_name(unit.name), fold_name(unit.district)


def _agree(one, other):
    return not one or not other or fold_name(one) == fold_name(other)


def _said(line, sentence, issuer):
    for found in ENDING.finditer(sentence):
        year = int(found["year"]) if found["year"] else None
        supported = found["supported"]
        yield Pairing(
            line.source(sentence), _named_before(sentence, found.start()) or issuer, supported,
            ends=True, year=year, reason=_reason(sentence[: found.start()], supported),
        )  # fmt: skip
    for found in HELPER.finditer(sentence):
        supporter = found["supporter"]
        if len(supporter.split()) <= 12 and not STOPPED.search(supporter):
            yield Pairing(line.source(sentence), supporter, found["supported"])


def _named_before(sentence, position):
    found = re.findall(
        r"(Hội LHPN [^,;.]*?|Hội Liên hiệp Phụ nữ [^,;.]*?)\s+sẽ\b", sentence[:position]
    )
    return found[-1] if found else ""


def _reason(before, supported):
    """ "xã X đã đạt chuẩn … nên": what is said of the place before "nên"."""
    name = re.escape(supported)
    found = re.search(
        rf"{name}\s+(?P<reason>(?:đã|không|được)[^,;]*?)\s+(?:nên|do đó|vì vậy)\b", before
    )
    found = found or re.search(r"(?:do|vì)\s+(?P<reason>[^,;]+)(?:,|$)", before)
    return found["reason"] if found else ""


def _listed(lines, issuer):
    """The communes under "Địa bàn" of a plan, when nobody else is named as the helper."""
    found = []
    for line in lines:
        if not issuer or not (line.is_under("dia ban") and _is_list_of_places(line)):
            continue
        for mention in mentions(line.text):
            if mention.rank == COMMUNE:
                found.append(Pairing(line.source(), issuer, f"{mention.type} {mention.name}"))
    return found


def _is_list_of_places(line):
    text = line.text
    if "địa bàn" in heading_of(text).lower():
        text = inline_body(text)
    return bool(SCOPE.match(text) or MENTION.match(text))


def _once(pairs):
    kept = {}
    for pair in pairs:
        kept.setdefault((fold_name(pair.supporter), fold_name(pair.supported), pair.ends), pair)
    return list(kept.values())
