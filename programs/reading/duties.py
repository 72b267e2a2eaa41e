"""Who is to do what by when: deadlines, reports owed, tasks and contents, who leads."""

import datetime
import re

from hoiphunu.text import fold
from programs.reading import dates
from programs.reading.facts import Aim, Content, Deadline, Duty, Hotline, Lead, Task
from programs.reading.letters import compiled
from programs.reading.outline import (
    BULLET,
    DECIMAL,
    DIGIT,
    PLAIN,
    ROMAN,
    SMALL,
    heading_of,
    inline_body,
)

ORGANISING = ("to chuc thuc hien", "trach nhiem", "phan cong thuc hien", "to chuc trien khai")
REPORTING = ("che do bao cao", "thong tin bao cao", "thong tin, bao cao")
AIMS = ("muc dich", "yeu cau")
CONTENTS = ("noi dung", "nhiem vu", "giai phap", "hoat dong")
NOT_CONTENTS = ("doi tuong", "muc dich", "dia ban", "chi tieu", "muc tieu", *ORGANISING)

BY = (
    r"(?P<by>trước|chậm nhất(?: là)?|muộn nhất(?: là)?|hạn cuối(?: là)?|hạn chót|đến hết"
    r"|không quá|vào)"
)
HOUR = r"(?P<hour>\d{1,2}\s*(?:giờ|h|g)\s*(?:\d{2})?,?\s+)?"
EXACT = re.compile(rf"{BY}\s+{HOUR}(?:{dates.DAY.pattern})", re.I)
WITHIN = re.compile(rf"(?P<by>trong|trước|chậm nhất(?: là)?|hết)\s+(?:{dates.MONTH.pattern})", re.I)
RECURRING = re.compile(
    rf"{BY}\s+ngày\s+\d{{1,2}}(?:/\d{{1,2}})?(?!\d|\s*[/.-]\s*\d)"
    r"(?:\s+(?:của\s+)?(?:tháng\s+(?:cuối|đầu|sau|cuối cùng)[^,;.]*|h[àằ]ng\s+(?:tháng|quý|năm)))?",
    re.I,
)
EVERY = (
    ("quy", re.compile(r"\bquý\b", re.I)),
    ("thang", re.compile(r"(?:h[àằ]ng|mỗi)\s+tháng|báo cáo tháng", re.I)),
    ("nam", re.compile(r"(?:h[àằ]ng|mỗi)\s+năm|báo cáo năm", re.I)),
)
RECEIVERS = (
    "Thường trực|Hội|Ban|Đảng|Phòng|Trung ương|Tỉnh|Thành|Hội đồng|UBND|Huyện|TW|Văn phòng|Cơ quan"
)
AFTER_RECEIVER = (
    r"\(|để|trước|chậm|muộn|vào|theo|tổng hợp|thẩm định|phân bổ|định kỳ|trong|qua\b|h[àằ]ng"
)
TO = compiled(
    rf"(?:gửi|báo cáo|về|nộp|trình|cho)\s+(?:về\s+)?(?:cho\s+)?(?P<to>(?:{RECEIVERS})\s[^;.()]*?)"
    rf"(?=\s+(?:{AFTER_RECEIVER})|[;.(]|,\s+(?:báo|và)|$)"
)
VIA = re.compile(r"\(\s*qua\s+(?P<via>.+?)(?=\s+(?:trước|chậm|muộn)|\s*\))", re.I)
REPORT = re.compile(r"báo cáo|thông tin báo cáo", re.I)
RHYTHMS = (
    (
        "thang",
        re.compile(r"giao ban tháng|(?:h[àằ]ng|mỗi|theo) tháng|báo cáo tháng|định kỳ tháng", re.I),
    ),
    ("quy", re.compile(r"(?:h[àằ]ng|mỗi|báo cáo|cuối|theo) quý|định kỳ quý", re.I)),
    ("6_thang", re.compile(r"\b(?:6|06|sáu) tháng", re.I)),
    (
        "nam",
        re.compile(
            r"(?:h[àằ]ng|từng|mỗi) năm|(?:01|1|một) năm\b|cuối năm"
            r"|(?:báo cáo |tổng kết )năm(?! \d)",
            re.I,
        ),
    ),
    ("dot_xuat", re.compile(r"đột xuất", re.I)),
    ("giai_doan", re.compile(r"(?:từng|cả|cuối|tổng kết|báo cáo) giai đoạn", re.I)),
    ("theo_yeu_cau", re.compile(r"(?:theo|khi có) yêu cầu", re.I)),
)
SUBJECTS = (
    ("dự trù kinh phí", re.compile(r"dự trù kinh phí", re.I)),
    ("kế hoạch", re.compile(r"^\W*xây dựng kế hoạch", re.I)),
    ("sơ kết", re.compile(r"sơ kết", re.I)),
    ("tổng kết", re.compile(r"tổng kết", re.I)),
)
LIST = re.compile(r"danh sách", re.I)
SENT = re.compile(r"gửi|báo cáo|tổng hợp|nộp", re.I)
POLITE = re.compile(r"^(?:Đề nghị|Giao|Đối với|Trách nhiệm của|Yêu cầu)\s+", re.I)
ORG = (
    r"(?:Ban|Văn phòng|Phòng|Tổ|[Bb]ộ phận)(?:\s+(?!là\b|làm\b|giao\b|phân công\b|chủ trì\b"
    r"|tham mưu\b|theo dõi\b)[^\s,;.:]+)*"
)
LEAD = (
    compiled(
        rf"(?P<name>{ORG})\s+(?:là|làm)\s+(?:bộ phận\s+)?(?:đầu mối|thường trực"
        rf"|cơ quan thường trực)"
    ),
    compiled(
        rf"(?:[Gg]iao|[Pp]hân công)\s+(?:cho\s+)?(?P<name>{ORG})\s+(?:chủ trì|theo dõi|tham mưu)"
    ),
    compiled(rf"^\W*(?P<name>{ORG})\s+chủ trì\b"),
)
HOTLINE = re.compile(r"(?<!\d)1[89]00\d{4,6}(?!\d)")


def read_deadlines(line):
    """Every day by which something is due, and those that come back each month or quarter."""
    found = []
    for sentence in line.sentences:
        found += _exact(sentence, line) + _recurring(sentence, line)
    return found


def read_duties(line):
    """Reports, lists and plans owed, one for each rhythm that the sentence names."""
    if not line.is_under(*ORGANISING, *REPORTING):
        return []
    return [duty for sentence in line.sentences for duty in _duties(sentence, line)]


def read_timed(source, time, what, who):
    """The deadlines of a timetable's row: what `who` is to have done by the day of `time`."""
    to = TO.search(what)
    return [
        Deadline(source, _last_good(match, day), " ".join(match[0].split()), "", who,
                 to["to"].strip() if to else "")
        for match in EXACT.finditer(time)
        if (day := dates.find_day(match[0]))
    ]  # fmt: skip


def read_leads(lines):
    found = {}
    for line in lines:
        for sentence in line.sentences:
            for pattern in LEAD:
                if match := pattern.search(sentence):
                    found.setdefault(match["name"], Lead(line.source(sentence), match["name"]))
                    break
    return list(found.values())


def read_hotlines(line):
    return [
        Hotline(line.source(sentence), match[0])
        for sentence in line.sentences
        for match in HOTLINE.finditer(sentence)
    ]


def read_aim(lines):
    """What stands under "Mục đích, yêu cầu", or after its colon."""
    found = [
        source
        for place, line in enumerate(lines)
        if any(fold(heading).startswith(AIMS) for heading in (*line.above, heading_of(line.text)))
        if (source := _own(line, lines, place))
    ]
    return [Aim(found[0], tuple(found))] if found else []


def _own(line, lines, place):
    """The line itself, of a heading only what follows its colon."""
    if _heads(line, lines, place) or fold(heading_of(line.text)).startswith(AIMS):
        body = inline_body(line.text)
        return line.source(body) if body else None
    return line.source()


def read_tasks(lines):
    """Under "Tổ chức thực hiện": each numbered unit with its lines."""
    return [
        Task(line.source(), _who(line.text), _items(line, lines, index))
        for index, line in enumerate(lines)
        if _names_unit(line) and _is_group(line, lines, index, ORGANISING)
    ]


def _names_unit(line):
    """ "1. Hội LHPN huyện", and "5.1. …" right under "5. Tổ chức thực hiện"."""
    above = fold(line.above[-1]) if line.above else ""
    is_right_under = line.level == DECIMAL and any(word in above for word in ORGANISING)
    return line.level in (ROMAN, DIGIT) or is_right_under


def read_contents(lines):
    """The numbered groups under "Nội dung", with what stands directly under each."""
    found = []
    for index, line in enumerate(lines):
        if line.level <= SMALL - 1 and line.is_under(*CONTENTS) and not _is_elsewhere(line):
            if _is_group(line, lines, index, CONTENTS):
                items = _items(line, lines, index)
                found.append(Content(line.source(), line.clause, heading_of(line.text), items))
    return found


def who_of(line):
    """The unit whose tasks these are: the nearest numbered heading inside the section."""
    above = list(line.headings)
    start = next((i for i, h in enumerate(above) if any(w in fold(h) for w in ORGANISING)), None)
    return _who(above[start + 1]) if start is not None and len(above) > start + 1 else ""


def _who(text):
    return POLITE.sub("", heading_of(text)).strip(" .:")


def names_contents(heading):
    return any(word in heading for word in CONTENTS)


def _is_elsewhere(line):
    return line.nearest_is(lambda h: any(word in h for word in NOT_CONTENTS), names_contents)


def _is_group(line, lines, index, words):
    """It stands under such a heading and has something under it, or after its colon."""
    parents = [fold(heading) for heading in line.above]
    under = any(word in heading for heading in parents for word in words)
    has_children = _heads(line, lines, index)
    is_short = bool(inline_body(line.text)) and len(heading_of(line.text).split()) <= 8
    return under and bool(has_children or is_short)


def _below(line, other):
    return (
        other.clause.startswith(line.clause)
        and (other.clause != line.clause or other.level in (BULLET, BULLET + 1, PLAIN))
        and heading_of(line.text) in other.headings
    )


def _items(line, lines, index):
    """Lines directly under a heading; what stands under a deeper number is not its own."""
    own = [line.source(inline_body(line.text))] if inline_body(line.text) else []
    for place, other in enumerate(lines[index + 1 :], start=index + 1):
        if not _below(line, other) or _heads(other, lines, place):
            break
        own.append(other.source())
    return tuple(own)


def _heads(line, lines, index):
    """Has it lines of its own below?"""
    following = lines[index + 1] if index + 1 < len(lines) else None
    return line.level < BULLET and following is not None and _below(line, following)


def _exact(sentence, line):
    found = [
        _deadline(sentence, line, match, _last_good(match, dates.find_day(match[0])))
        for match in EXACT.finditer(sentence)
        if dates.find_day(match[0])
    ]
    if found or not line.is_under(*ORGANISING):
        return found
    return [
        _deadline(sentence, line, match, _end_of_month(match))
        for match in WITHIN.finditer(sentence)
        if SENT.search(sentence)
    ]


def _last_good(match, day):
    """Before an hour of a day is still that day."""
    is_before = match["by"].lower() == "trước" and not match["hour"]
    return day - datetime.timedelta(days=1) if is_before else day


def _end_of_month(match):
    month = dates.month_of(dates.MONTH.search(match[0]))
    if match["by"].lower() == "trước":
        return datetime.date.fromisoformat(f"{month}-01") - datetime.timedelta(days=1)
    return dates.last_day_of_month(month)


def _recurring(sentence, line):
    found = []
    for match in RECURRING.finditer(sentence):
        clause = _clause_around(sentence, match)
        every = next((code for code, word in EVERY if word.search(match[0])), "")
        every = "nam" if "/" in match[0] else every
        every = every or next((code for code, word in EVERY if word.search(clause)), "")
        if every:
            found.append(_deadline(sentence, line, match, None, every))
    return found


def _clause_around(sentence, match):
    start = max(sentence.rfind(sign, 0, match.start()) for sign in (";", "."))
    end = min(
        (i for sign in (";", ",") if (i := sentence.find(sign, match.end())) >= 0),
        default=len(sentence),
    )
    return sentence[start + 1 : end]


def _deadline(sentence, line, match, day, every=""):
    to, via = TO.search(sentence), VIA.search(sentence)
    return Deadline(
        line.source(sentence), day, " ".join(match[0].split()), every, who_of(line),
        to["to"].strip() if to else "", via["via"].strip() if via else "",
    )  # fmt: skip


def _duties(sentence, line):
    subject = next((name for name, word in SUBJECTS if word.search(sentence)), "")
    if (
        REPORT.search(sentence)
        and _rhythms(sentence)
        and subject not in ("dự trù kinh phí", "kế hoạch")
    ):
        subject = "báo cáo"
    who, to = who_of(line), TO.search(sentence)
    to = to["to"].strip() if to else ""
    if subject in ("sơ kết", "tổng kết"):
        return _reviews(sentence, line, who)
    if subject:
        return [
            Duty(line.source(sentence), subject, rhythm, who, to) for rhythm in _rhythms(sentence)
        ]
    if LIST.search(sentence) and to and not dates.find_day(sentence):
        return [Duty(line.source(sentence), "danh sách", "", who, to)]
    return []


def _reviews(sentence, line, who):
    """ "Sơ kết hằng năm, tổng kết giai đoạn": each with its own rhythm."""
    found = []
    for part in re.split(r"[,;]\s*", sentence):
        for name, word in SUBJECTS[2:]:
            if word.search(part):
                rhythms = _rhythms(part) or [""]
                found += [Duty(line.source(sentence), name, rhythm, who) for rhythm in rhythms]
    return found


def _rhythms(sentence):
    return [code for code, word in RHYTHMS if word.search(sentence)]
