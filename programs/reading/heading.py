"""The head of a paper: number, day, place, who issues it, what kind it is, its title."""

import re
from collections import Counter

from hoiphunu.text import fold
from programs.reading import dates
from programs.reading.facts import (
    Addressee,
    IssueDay,
    Issuer,
    Number,
    PaperType,
    Parent,
    Place,
    Programme,
    Span,
    Title,
)
from programs.reading.outline import DIGIT, PLAIN, split_sentences

DAY_LINE = 60  # characters of a line that is only a day
LONGEST = 300  # characters of a heading's line that are looked at
LONG = 30  # words; a longer line is text, not heading
MOTTO = re.compile(r"cộng h(?:oà|òa)\s+xã hội chủ nghĩa|độc lập\s*[-–]\s*tự do", re.I)
NUMBER = re.compile(
    r"^Số\s*:?\s*(?P<number>\d{0,5})\s*[/–-]\s*(?P<sign>(?:\d{4}/)?[A-ZĐ][\wĐ]*(?:\s?[-/.&]\s?[A-ZĐ][\wĐ]*)*"
    r")"
)
PLACE_DAY = re.compile(r"^(?P<place>[^,\d]{2,40}),\s*(?P<day>ngày\s+(?:\d|tháng).*\d{4})\W*$")
PRINTED_DAY = re.compile(
    r"(\d{1,2}\s?/\s?\d{1,2}\s?/\s?\d{4})(?:[\s|,-]+\d{1,2}:\d\d)?$"
)  # at the end of a short line: "Thứ ba, 20/12/2022", "05/10/2021 - 08:15"
TYPES = (
    "KẾ HOẠCH", "BÁO CÁO", "HƯỚNG DẪN", "CHƯƠNG TRÌNH", "THÔNG BÁO", "CÔNG VĂN", "QUYẾT ĐỊNH",
    "NGHỊ QUYẾT", "TỜ TRÌNH", "ĐỀ ÁN", "QUY CHẾ", "QUY ĐỊNH", "PHƯƠNG ÁN", "DỰ ÁN", "CHỈ THỊ",
)  # fmt: skip
TYPE = re.compile(rf"^((?:{'|'.join(TYPES)})(?: PHỐI HỢP| LIÊN TỊCH| HÀNH ĐỘNG)?)$")
SIGNS = {
    "KH": "kế hoạch", "KHPH": "kế hoạch phối hợp", "BC": "báo cáo", "HD": "hướng dẫn",
    "CTR": "chương trình", "TB": "thông báo", "QĐ": "quyết định", "NQ": "nghị quyết",
    "TTR": "tờ trình", "ĐA": "đề án", "QC": "quy chế", "CT": "chỉ thị", "CV": "công văn",
}  # fmt: skip
SUBJECT = re.compile(r"^(?:V/v|Về việc)\s*:?\s*(.+)$", re.I)
ORGANS = "BAN THƯỜNG VỤ|BAN CHẤP HÀNH|ĐOÀN CHỦ TỊCH|THƯỜNG TRỰC"
ORGAN = re.compile(rf"^(?:{ORGANS})$")
ORGANISATION = re.compile(
    rf"^(?:(?P<organ>{ORGANS})\s+(?=HỘI))?"
    r"(?P<name>(?:TRUNG ƯƠNG |BAN CHẤP HÀNH |ĐẢNG BỘ )?(?:HỘI|BỘ CHỈ HUY|BỘ TƯ LỆNH|ỦY BAN|UBND|SỞ|"
    r"CÔNG AN|LIÊN ĐOÀN|MẶT TRẬN|UBMTTQ|NGÂN HÀNG|TỈNH|THÀNH PHỐ|HUYỆN|XÃ|PHƯỜNG)\b.*)$"
)
AREA = re.compile(r"^(?:TỈNH|THÀNH PHỐ|TP|HUYỆN|QUẬN|THỊ XÃ|XÃ|PHƯỜNG|ĐẶC KHU|THỊ TRẤN)\b")
IN_BODY = re.compile(
    r"(?:(?P<organ>Ban Thường vụ|Ban Chấp hành|Đoàn Chủ tịch|Ban Thường trực)\s+)?"
    r"(?P<name>Hội (?:LHPN|Liên hiệp [Pp]hụ nữ|[Pp]hụ nữ)\b(?:\s(?!về\b|và\b)[^\s,;.:]+){0,8}?)\s+"
    r"(?:ban hành|xây dựng|hướng dẫn|báo cáo|thống nhất|triển khai)\b"
)
NAMED_PROGRAMME = re.compile(
    r"(?:chương trình|phong trào|cuộc vận động|đề án|dự án|chiến dịch|phần việc)\s+“([^”]+)”", re.I
)
STRATEGY = re.compile(
    r"((?:Chiến lược|Đề án|Chương trình mục tiêu)\s[^“”]+?)\s+(?:giai đoạn|năm \d|đến)"
)
QUARTER_OF = re.compile(r"quý\s+(IV|III|II|I|[1-4])\b[^.;]{0,50}?\b((?:19|20)\d\d)", re.I)
PHASE = re.compile(r"(?:giai đoạn|nhiệm kỳ|thời kỳ)\s*(?:từ\s+)?", re.I)
OPENING = 6  # lines of an article that say what it is about
YEARS_PAST = re.compile(rf"\d+ năm qua\s*\(?({dates.SPAN.pattern})", re.I)
NAMED_YEAR = re.compile(r"(?<![Tt]ừ )[Nn]ăm ((?:19|20)\d\d)")
DAYS = re.compile(
    rf"(?<!tính )từ\s+(?:{dates.DAY.pattern})\s*(?:đến|-|–)\s*(?:hết\s+)?(?:{dates.DAY.pattern})",
    re.I,
)
MONTHS = re.compile(
    rf"(?:{dates.MONTH.pattern})\s*(?:đến|-|–)\s*(?:hết\s+)?(?:{dates.MONTH.pattern})", re.I
)
DURING = re.compile(rf"thời gian(?: thực hiện)?:?\s+(từ {MONTHS.pattern})", re.I)


def read_heading(lines):
    """(facts, how many lines are the head). An article has a title and no number."""
    count = _length(lines)
    head = [line for line in lines[:count] if re.search(r"[^\W_]", line.printed)]
    facts = [fact for line in head for fact in _of_line(line)]
    if not lines:
        return [], 0
    kind = _type(head, facts, lines)
    is_article = kind.name == "bài viết"
    facts += [kind, *_title(head, kind), *_issuers(head, lines[: count + 12], is_article)]
    facts += _programme(facts)
    return facts, count


def read_frame(head):
    """The blocks of the head that say nothing of this paper: motto, its kind, who is above."""
    return {
        line.block
        for line in head
        if MOTTO.search(line.printed)
        or TYPE.match(line.printed.strip(" :"))
        or ORGAN.match(line.printed)
        or _organisation(line)
        or AREA.match(line.printed)
        or not re.search(r"[^\W_]", line.printed)
    }


def read_periods(lines, title, is_article):
    """The paper's own period, from its title, its "thời gian" or its years; others beside."""
    own = _spans(title.text, title.source, own=True) if title else []
    for line in lines:
        if line.is_under("thoi gian") and not line.is_under("to chuc thuc hien"):
            own += _spans(line.text, line.source(), own=True)
        own += [span for sentence in line.sentences for span in _during(sentence, line)]
    if not own:
        own = _most_printed(lines) if is_article else _announced(lines)
    named = [span for line in lines for span in _phases(line)]
    years = [span for line in lines for span in _target_years(line)]
    return _once(own + named + years)


def _length(lines):
    for index, line in enumerate(lines):
        words = line.text.split()
        is_text = len(words) > LONG or line.text.endswith((";", ":")) and len(words) > 6
        starts = line.level <= DIGIT and not NUMBER.match(line.printed)
        if is_text or starts or line.text.startswith("Căn cứ") or _is_sentence(line):
            return index
    return len(lines)


def _is_sentence(line):
    return line.text.endswith(".") and len(line.text.split()) > 8


def _of_line(line):
    text = line.printed[:LONGEST]
    if found := NUMBER.match(text):
        sign = re.sub(r"\s", "", found["sign"])
        printed = text[found.start("number") : found.end()]
        yield Number(line.source(), found["number"], sign, printed)
    elif found := PLACE_DAY.match(text):
        yield Place(line.source(), found["place"].strip())
        if day := dates.find_day(found["day"]):
            yield IssueDay(line.source(), day)
    elif day := _printed_day(text):
        yield IssueDay(line.source(), day)
    elif text.startswith("Kính gửi"):
        yield Addressee(line.source(), text.partition(":")[2].strip(" ;.") or text)


def _printed_day(text):
    found = PRINTED_DAY.search(text) if len(text) <= DAY_LINE else None
    few = found and len(text[: found.start()].split()) <= 6
    return dates.find_day(found[1]) if few else None


def _type(head, facts, lines):
    for line in reversed(head):
        if found := TYPE.match(line.printed.strip(" :")):
            return PaperType(line.source(), found[1].lower())
    for fact in facts:
        if isinstance(fact, Number):
            first = re.split(r"[-/]", fact.sign.upper())[0]
            return PaperType(fact.source, SIGNS.get(first, "công văn"))
    return PaperType((head or lines)[0].source(), "bài viết")


def _title(head, kind):
    start = max(
        (i for i, line in enumerate(head) if TYPE.match(line.printed.strip(" :"))), default=-1
    )
    if start >= 0:
        found = [line for line in head[start + 1 :] if _may_be_title(line)]
    else:
        found = [line for line in head if SUBJECT.match(line.printed)]
        found = (
            found
            or [line for line in head if _may_be_title(line) and len(line.text.split()) > 3][:1]
        )
    if found:
        text = " ".join(line.printed for line in found)
        text = SUBJECT.sub(r"\1", text)
        yield Title(found[0].source(text=" ".join(line.printed for line in found)), text)


def _may_be_title(line):
    text = line.printed
    if _printed_day(text):
        return False
    others = (NUMBER, PLACE_DAY, MOTTO, re.compile(r"https?:|www\.|Kính gửi"))
    return not any(pattern.search(text) for pattern in others) and not _organisation(line)


def _issuers(head, near, is_article):
    found = _organisations(head)
    names = [line.printed for line, _ in found]
    found = [pair for i, pair in enumerate(found) if pair[0].printed not in names[:i]]
    number = next((NUMBER.match(line.printed) for line in head if NUMBER.match(line.printed)), None)
    if not found:
        return [] if is_article else _issuer_in_body(near)
    is_joint = number and re.match(r"(?:KHPH|CTPH|CTrPH|KHLT|\w*LT)\b", number["sign"])
    if is_joint:
        return [_issuer(line, organ) for line, organ in found]
    parents = [Parent(line.source(), _plain_name(line)) for line, _ in found[:-1]]
    return parents + [_issuer(*found[-1])]


def _organisations(head):
    """Lines that name an organisation, each with its organ; a name may go over two lines."""
    found = []
    for line in head:
        text = line.printed
        if found and AREA.match(text) and not AREA.search(found[-1][0].printed.split(" ", 1)[-1]):
            last, organ = found[-1]
            joined = f"{last.printed} {text}"
            found[-1] = (_renamed(last, joined), organ)
        elif ORGAN.match(text) and found:
            found[-1] = (found[-1][0], text)
        elif _organisation(line):
            found.append((line, ""))
    return found


def _renamed(line, text):
    return type(line)(line.block, text, text, line.level)


def _organisation(line):
    """An organisation's own line: capitals, few words, nothing said about it."""
    text = line.printed
    if text != text.upper() or not ORGANISATION.match(text) or AREA.match(text):
        return False
    after = re.split(r"\b(?:TỈNH|THÀNH PHỐ|TP\.?|HUYỆN|QUẬN|THỊ XÃ|XÃ|PHƯỜNG)\s", text)[-1]
    return len(text.split()) <= 14 and (len(after.split()) <= 4 or after == text)


def _plain_name(line):
    return ORGANISATION.match(line.printed)["name"]


def _issuer(line, organ):
    found = ORGANISATION.match(line.printed)
    return Issuer(line.source(), found["name"], organ or found["organ"] or "")


def _issuer_in_body(near):
    for line in near:
        for sentence in split_sentences(line.text):
            for found in reversed(list(IN_BODY.finditer(sentence))):
                return [Issuer(line.source(sentence), found["name"], found["organ"] or "")]
    return []


def _programme(facts):
    title = next((fact for fact in facts if isinstance(fact, Title)), None)
    if title is None:
        return []
    found = NAMED_PROGRAMME.search(title.text) or STRATEGY.search(title.text)
    return [Programme(title.source, found[1].strip())] if found else []


def _spans(text, source, own):
    if found := dates.HALF.search(text):
        months = int({"sáu": "6", "chín": "9"}.get(found[1].lower(), found[1]))
        first, last = (13 - months, 12) if found[2] == "cuối" else (1, months)
        return [Span(source, f"{found[3]}-{first:02d}", f"{found[3]}-{last:02d}", own)]
    if found := DAYS.search(text):
        days = [dates.day_of(m) for m in dates.DAY.finditer(found[0])]
        if all(days) and days[0] <= days[1]:
            return [Span(source, *(day.isoformat() for day in days), own)]
    if found := MONTHS.search(text):
        first, last = (dates.month_of(m) for m in dates.MONTH.finditer(found[0]))
        return [Span(source, first, last, own)]
    if found := dates.SPAN.search(text):
        return [Span(source, found[1], found[2], own)]
    if found := QUARTER_OF.search(text):
        last = 3 * dates.QUARTERS[found[1].upper()]
        return [Span(source, f"{found[2]}-{last - 2:02d}", f"{found[2]}-{last:02d}", own)]
    if found := re.search(r"(?:năm|NĂM)\s+((?:19|20)\d\d)", text):
        return [Span(source, found[1], found[1], own)]
    return []


def _during(sentence, line):
    """ "…, thời gian từ tháng 10/2025 đến tháng 3/2026"."""
    found = DURING.search(sentence)
    return _spans(found[1], line.source(sentence), own=True) if found else []


def _announced(lines):
    """ "… hướng dẫn thực hiện giai đoạn 2022-2026 như sau:"."""
    for line in lines[:25]:
        if line.level == PLAIN and re.search(r"(?:như sau|cụ thể|sau)\s*:?$", line.text):
            after = re.split(r"ban hành|xây dựng|hướng dẫn|báo cáo|thống nhất", line.text)[-1]
            if spans := _spans(after, line.source(), own=True):
                return spans
    return []


def _most_printed(lines):
    """An article is about the years that it looks back on, or the year it names most often."""
    for line in lines[:OPENING]:
        if found := YEARS_PAST.search(line.text):
            return _spans(found[1], line.source(), own=True)
    years = Counter(year for line in lines for year in NAMED_YEAR.findall(line.text))
    if not years:
        return []
    year = years.most_common(1)[0][0]
    line = next(line for line in lines if re.search(rf"[Nn]ăm {year}", line.text))
    sentence = next(s for s in line.sentences if re.search(rf"[Nn]ăm {year}", s))
    return [Span(line.source(sentence), year, year, True)]


def _phases(line):
    for sentence in line.sentences:
        for found in dates.SPAN.finditer(sentence):
            before = sentence[max(0, found.start() - 14) : found.start()]
            if PHASE.search(before) or before.endswith("("):
                yield Span(line.source(sentence), found[1], found[2], False)


def _target_years(line):
    """Targets of a year that is not the article's own."""
    heading = next((h for h in reversed(line.above) if "chi tieu" in fold(h)), "")
    if found := re.search(r"(?<!đến )năm ((?:19|20)\d\d)", heading):
        yield Span(line.source(heading), found[1], found[1], False)


def _once(spans):
    kept = {}
    for span in spans:
        kept.setdefault((span.first, span.last), span)
    return list(kept.values())
