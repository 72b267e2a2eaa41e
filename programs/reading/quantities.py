"""Every number of a sentence with its unit, its qualifier and what kind of number it is.

Numbers that only name something (Đề án 939, khóa XIII, 5 không, 3 sạch, a day, a year) are
masked first; what is left is counted, paid or shared.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from hoiphunu.numbers import UNITS
from programs.reading import dates

DIGITS = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
SCALE = r"(?:nghìn|ngàn) t[ỷỉ]|tỷ|tỉ|triệu|nghìn|ngàn"
SCALES = UNITS | {f"{much} {more}": 10**12 for much in ("nghìn", "ngàn") for more in ("tỷ", "tỉ")}
SLASHES = r"(?:\s?/\s?[^\W\d]+(?: (?:sinh|mồ côi|tình thương))?)*"
HIGHER = rf"(?:\s*(?:-|–|đến)\s*(?P<upper>{DIGITS}))?"
MONEY = re.compile(
    rf"(?P<number>{DIGITS}){HIGHER}\s*(?P<scale>{SCALE})?"
    rf"(?:\s+(?P<second>{DIGITS})\s+(?P<scale2>triệu|nghìn|ngàn))?"
    rf"\s*(?:đồng|đ|vnđ|VNĐ|VND)(?![^\W\d_])(?P<per>{SLASHES})"
)
SCALED = re.compile(rf"(?P<number>{DIGITS})\s+(?P<scale>{SCALE})(?![^\W\d_])")
PERCENT = re.compile(rf"(?P<number>{DIGITS})\s*%")
RATIO = re.compile(rf"(?<![\d/.,])(?P<number>{DIGITS})\s?/\s?(?P<whole>{DIGITS})(?![\d/]|[.,]\d)")
ONE_IN = re.compile(r"(?P<number>\d+) trong (?:số |tổng số )?(?P<whole>\d+)")
SIGNED = re.compile(rf"\((?P<sign>[+−-])\s?(?P<number>{DIGITS})[^)]*\)")
WORDS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
         "mười": 10}  # fmt: skip
DENOMINATOR = re.compile(rf"\s*/\s*({DIGITS})(?!\d)")
RANGE = re.compile(
    rf"(?<![\d/.,\w])(?P<number>{DIGITS})\s*(?:[-–]|đến)\s*(?P<upper>{DIGITS})(?=\s[^\W\d_])"
)
SAID = "|".join(WORDS)
WORD_RANGE = re.compile(rf"\b(?P<word>{SAID}) (?:đến|hoặc) (?P<upper>{SAID})(?= )", re.I)
# After a letter and a stroke a new number begins: "186 tỷ đồng/3.402 hộ".
PLAIN = re.compile(rf"(?<![\d.,\w])(?<!\d/)(?P<number>{DIGITS})(?!\d|[.,]\d|/\d)")
WORD_NUMBER = re.compile(
    rf"(?:(?<=ít nhất )|(?<=tối thiểu )|^|(?<=[.;] ))(?P<word>{SAID})(?= )", re.I
)
COUNTED = (
    "hợp tác xã|tổ hợp tác|mô hình|câu lạc bộ|lớp|căn nhà|suất|hộ|chi hội|tổ|xã|phường|huyện|em|trẻ"
    "|công trình|chị|học sinh|hội viên|cơ sở Hội|điểm trường|gia đình|căn|nhà|buổi|cuộc|đợt|dự án"
    "|nhóm|cán bộ|phụ nữ|chính sách|con|cháu|sản phẩm|tuyến|sổ"
)
WORD_COUNT = re.compile(rf"\b(?P<word>hai|ba|bốn|sáu|bảy|tám|chín|mười)(?= (?:{COUNTED})\b)", re.I)

NAMED = (
    re.compile(r"“[^”]*”|\"[^\"]*\"|https?://\S+"),
    re.compile(r"(?<![\d.])\d+(?:[-/]\d+)*\s?[-/]\s?[A-ZĐ][\wĐ]*(?:[-/.][\wĐ]+)*"),
    dates.HALF,
    dates.DAY,
    dates.QUARTER,
    dates.MONTH,
    dates.SPAN,
    dates.DAY_MONTH,
    re.compile(r"(?<!\d)1[89]00(?:[ .]\d{3}[ .]?\d{2,4}|\d{4,6})(?!\d)|(?<!\d)0\d{9}(?!\d)"),
    re.compile(
        r"(?:đủ|từ|trên|dưới)\s+(?:đủ\s+)?\d+\s*(?:-\s*\d+\s*)?tuổi(?:\s+trở lên)?|\d+ tuổi\b"
    ),
    re.compile(r"từ\s+\d+(?:,\d+)?\s?%\s+trở lên|có\s+tỷ lệ[^,;.]{0,60}?\d+(?:,\d+)?\s?%"),
    re.compile(r"\d+\s+không,?\s+\d+\s+(?:sạch|có)|\d+\s+có,?\s+\d+\s+sạch|\d+K\d+S"),
    re.compile(r"\d+\s+năm\s+(?:[Nn]gày|thành lập|chiến thắng|truyền thống|[Qq]uốc)"),
    re.compile(
        r"(?:Đề án|Dự án|Nghị quyết|Nghị định|Chỉ thị|Quyết định|Thông tư|Luật|Kết luận|Công văn"
        r"|Điều|Khoản|[Kk]h[óo]a|[Kk]hoá|lần thứ|thứ|công nghệ|Covid|COVID|Quý|quý|Khu dân cư|khối"
        r"|[Qq]uốc lộ|[Vv]òng|[Gg]iải|[Hh]ạng|[Bb]ước|Lớp|lớp|Tổ|Thôn|thôn"
        r"|[Ấấ]p|Phụ lục|Biểu|Mẫu|số|Quận|quận|Phường|phường)"
        r"(?:\s+số)?[\s-]+\d+(?:\.\d+)?\b(?!\.\d{3}|%|,\d)"
    ),
    re.compile(r"đạt\s+\d+\s+tiêu chí"),
    re.compile(r"(?<!\d)\d{1,2}\s+(?:tháng|ngày|giờ|phút|giây|tuần)\b(?! tuổi)", re.I),
    re.compile(
        r"trong (?:vòng )?\d{1,2}\s+năm\b|(?<![\d.])0?\d\s+năm\b(?= *[,.;)]| qua| nay| liền|$)",
        re.I,
    ),
    dates.YEAR,
)
HEAD_STOPS = frozenset(
    "có được đã đang sẽ là cho với và tại ở trong từ đến của trên dưới nhằm để do theo gồm bao sử"
    " duy đạt đăng thực vận tham trị giá chiếm tăng giảm vượt tính nhận thuộc làm dài mỗi khi nếu"
    " vì về bằng cùng như sang lên xuống vào qua chủ phối giám phản góp hỗ giúp kết xây tiếp"
    " trao tặng so bị phải không nên thì mà nhưng hoặc hay trước sau đặc thu thoát đầu đảm ước trở"
    " hàng hằng".split()
)
# Words of two syllables that begin like a stop but belong to a noun.
NOUN_PAIRS = frozenset(
    "thành viên|thành phố|tính mạng|giám đốc|chủ tịch|chủ hộ|kết quả|thu nhập|đặc thù|thực phẩm"
    "|đầu sách|xây dựng viên|thuộc tính|hàng hóa|hàng hoá|cá nhân".split("|")
)
# Words of two syllables that are no part of a noun.
VERB_PAIRS = frozenset("thành lập|xây dựng|tổ chức|hoàn thành|thông qua".split("|"))
# Words of two syllables that end like one: the second does not stop the noun.
NOUN_ENDS = frozenset(
    "máy tính|giới tính|thiết bị|trang bị|việc làm|lương thực|doanh thu|nguồn thu|ban đầu"
    "|trợ giúp|trực thuộc".split("|")
)
PEOPLE = (
    "cán bộ|hội viên|phụ nữ|trẻ em|học sinh|đoàn viên|nhân dân|người dân|bà mẹ|cháu"
    "|sinh viên|nam giới"
    "|cận nghèo|hộ cận nghèo"
)
LISTED = re.compile(rf"(?:,|và)\s+(?={PEOPLE})", re.I)
UNIT_WORD = re.compile(
    r"“[^”]*”|\"[^\"]*\"|[–&-](?= )|[^\W\d_](?:(?:[\w'’.–-]|/(?!\d))*\w)?|[,.;:()…?!#+%“”\"]|\S"
)
AREAS = frozenset("quận huyện xã phường tỉnh thành thị".split())
MAX_UNIT = 8

NEAR = re.compile(
    r"\b(?P<near>hơn|gần|trên|khoảng|ước|ít nhất|tối thiểu|dưới|không quá|tối đa|không dưới"
    r"|xấp xỉ|ngót)\s*(?:là\s*|đạt\s*|có\s*)?$",
    re.I,
)
UP_FROM = re.compile(r"\s*trở lên")
FAR = re.compile(r"\b(?P<far>ước|phấn đấu)(?:\s[^\W\d_]+){1,12}\s*$", re.I)
RATE = re.compile(r"/(năm|tháng|quý|tuần|ngày)$")
PRICE_WORDS = re.compile(r"(?:trị giá|kinh phí|số tiền|giá trị|mức|đơn giá)[^,;.]{0,12}$", re.I)


@dataclass(frozen=True)
class Quantity:
    """`sort`: count, percent or money (in đồng). `unit`: the words counted, as printed."""

    start: int
    end: int
    sort: str
    value: Decimal
    printed: str
    unit: str = ""
    qualifier: str = ""
    whole: Decimal | None = None
    upper: Decimal | None = None
    per: tuple = ()
    sign: str = ""
    reach: int = 0  # where its denominator ends: "6.318 hội viên/8.775 phụ nữ"

    @property
    def unit_end(self):
        return self.end + len(self.unit) + 1 if self.unit and self.sort != "money" else self.end


@lru_cache(maxsize=2048)
def mask(text):
    """The text with the digits of names, days and years as #; the same length."""
    for pattern in NAMED:
        text = pattern.sub(_hide, text)
    return text


def _hide(found):
    return re.sub(r"\d", "#", found[0])


@lru_cache(maxsize=2048)
def quantities(text):
    """All of a sentence in order; none overlaps another."""
    masked = mask(text)
    taken, found = [], []
    for pattern, read in READERS:
        for match in pattern.finditer(masked):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if quantity := read(match, masked, text):
                taken.append((match.start(), max(match.end(), quantity.reach)))
                found.append(quantity)
    return tuple(sorted(found, key=lambda quantity: quantity.start))


def number_of(digits):
    """A Decimal of "1.234,5", "1,5" and, as some papers print it, "0.45"."""
    grouped = re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?", digits)
    plain = digits.replace(".", "") if grouped else digits
    return Decimal(plain.replace(",", "."))


def _tidy(number):
    """7,00 is 7."""
    return Decimal(int(number)) if number == int(number) else number


def noun_after(masked, text, position):
    """The words counted: from here to the first word or sign that ends a noun phrase."""
    words, end, previous = [], position, ""
    for found in UNIT_WORD.finditer(masked, position):
        word = found[0]
        gap = masked[end : found.start()]
        if len(words) >= MAX_UNIT or (gap.strip() and words) or len(gap) > 1:
            break
        following = masked[found.end() : found.end() + 12].split()[:1]
        if not _continues(word, words, following, previous, masked[found.start() :]):
            break
        words.append(word)
        previous, end = word, found.end()
    return text[position:end].strip(" ,–&-") if words else ""


def _continues(word, words, following, previous, rest):
    if word in (",", "và"):
        after = following[0].lower().strip(",.;") if following else ""
        areas = previous.lower() in AREAS and after in AREAS
        return bool(words) and (areas or bool(LISTED.match(rest)))
    if word in ("–", "-", "&"):
        return bool(words)
    if not re.match(r"[\w“\"]", word) or _names_area(word, words, following):
        return False
    pair = f"{word} {following[0]}".lower().rstrip(".,;:") if following else ""
    if words and pair in VERB_PAIRS:
        return False
    if pair in NOUN_PAIRS or f"{previous} {word}".lower() in NOUN_ENDS:
        return True
    return word.lower() not in HEAD_STOPS


def _names_area(word, words, following):
    """ "hộ nghèo xã Mường …": the place is not part of what is counted."""
    return bool(words) and word.lower() in AREAS and bool(following) and following[0][:1].isupper()


def qualifier_before(text, start):
    clause = re.split(r"[,;:(]\s|[.]\s", text[:start])[-1]
    found = NEAR.search(clause) or FAR.search(clause)
    return found[1].lower() if found else ""


def _money(found, masked, text):
    scale = SCALES.get(found["scale"], 1)
    value = number_of(found["number"]) * scale
    if found["second"]:
        value += number_of(found["second"]) * UNITS[found["scale2"]]
    upper = number_of(found["upper"]) * scale if found["upper"] else None
    per = tuple(part.strip() for part in (found["per"] or "").split("/") if part.strip())
    return _made(found, text, "money", value, unit="đồng", upper=upper, per=per)


def _scaled(found, masked, text):
    """ "19,5 triệu hội viên" counts; "240 triệu" with nothing counted after it is money."""
    value = number_of(found["number"]) * SCALES[found["scale"]]
    unit = noun_after(masked, text, found.end())
    if unit:
        return _made(found, text, "count", value, unit=unit)
    return _made(found, text, "money", value, unit="đồng")


def _percent(found, masked, text):
    unit = noun_after(masked, text, found.end())
    return _made(found, text, "percent", number_of(found["number"]), unit=unit)


def _ratio(found, masked, text):
    unit = noun_after(masked, text, found.end())
    number, whole = number_of(found["number"]), number_of(found["whole"])
    if not unit or number > whole:
        return None
    return _made(found, text, "count", number, unit=unit, whole=whole)


def _signed(found, masked, text):
    sign = "+" if found["sign"] == "+" else "-"
    return _made(found, text, "count", number_of(found["number"]), sign=sign)


def _plain(found, masked, text):
    value, before = number_of(found["number"]), text[: found.start()]
    unit, per = _without_rate(noun_after(masked, text, found.end()))
    if "." in found["number"] and value >= 10**5 and not unit and PRICE_WORDS.search(before):
        return _made(found, text, "money", value, unit="đồng")
    after = DENOMINATOR.match(masked, found.end() + len(unit) + 1)
    if after and (whole := number_of(after[1])) >= value:
        return _made(found, text, "count", value, unit=unit, whole=whole, reach=after.end())
    return _made(found, text, "count", value, unit=unit, per=per)


def _without_rate(unit):
    """ "lần/năm" is counted in lần, per năm."""
    rate = RATE.search(unit)
    return (unit[: rate.start()], (rate[1],)) if rate else (unit, ())


def _range(found, masked, text):
    unit = noun_after(masked, text, found.end())
    lower, upper = number_of(found["number"]), number_of(found["upper"])
    return (
        _made(found, text, "count", lower, unit=unit, upper=upper)
        if unit and lower < upper
        else None
    )


def _word_range(found, masked, text):
    unit = noun_after(masked, text, found.end())
    lower, upper = WORDS[found["word"].lower()], WORDS[found["upper"].lower()]
    upper = Decimal(upper)
    return _made(found, text, "count", Decimal(lower), unit=unit, upper=upper) if unit else None


def _word(found, masked, text):
    unit = noun_after(masked, text, found.end())
    value = Decimal(WORDS[found["word"].lower()])
    return _made(found, text, "count", value, unit=unit) if unit else None


def _made(found, text, sort, value, **more):
    qualifier = qualifier_before(text, found.start())
    if not qualifier and UP_FROM.match(text, found.end()):
        qualifier = "trở lên"
    end = max(found.end(), more.get("reach", 0))
    printed = text[found.start() : end].strip()
    return Quantity(
        found.start(), found.end(), sort, _tidy(value), printed, qualifier=qualifier, **more
    )


READERS = (
    (MONEY, _money),
    (SCALED, _scaled),
    (PERCENT, _percent),
    (ONE_IN, _ratio),
    (RATIO, _ratio),
    (SIGNED, _signed),
    (RANGE, _range),
    (WORD_RANGE, _word_range),
    (PLAIN, _plain),
    (WORD_NUMBER, _word),
    (WORD_COUNT, _word),
)
