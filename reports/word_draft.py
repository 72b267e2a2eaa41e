"""A report written in Word, as the texts under the four headings. Read-only, knows no database.

Headings are known by their words, whatever numbers them; what stands under a heading that says
something else, before the first one or beside the signature is left over, and told. Only the line
of a bare heading, which says nothing but its name, goes into no text.
"""

import re
from dataclasses import dataclass, field, replace
from unicodedata import normalize

from hoiphunu.text import fold
from programs.reading.document import Paragraph, ReadingError, row_text

# How headings begin, marks left out. The first that fits counts.
HEADINGS = (
    (
        "next_plans",
        r"(muc tieu[ ,]+)?(phuong huong|nhiem vu|cong tac trong tam|ke hoach (thang|quy|cong tac)"
        r"|chuong trinh (thang|cong tac)|du kien (cong tac|nhiem vu))",
    ),
    (
        "difficulties",
        r"((mot so|nhung|cac) )?(kho khan|ton tai|han che|vuong mac|khuyet diem)",
    ),
    ("proposals", r"((mot so|nhung|cac) )?(y kien )?(kien nghi|de xuat|de nghi)"),
    (
        "results",
        r"((danh gia|tom tat|khai quat) )?((mot so|nhung|cac) )?(ket qua|tinh hinh|cong tac da)",
    ),
)
HEADINGS = tuple((name, re.compile(pattern + r"\b")) for name, pattern in HEADINGS)
# What a bare heading is made of, in any order; in one for proposals no word for work, since
# "Đề nghị triển khai công tác năm 2021" asks for something.
NAMES = (
    "kết quả|tình hình|khó khăn|vướng mắc|tồn tại|hạn chế|khuyết điểm|nguyên nhân|kiến nghị"
    "|đề xuất|đề nghị|ý kiến|phương hướng|mục tiêu|nhiệm vụ|giải pháp|một số|những|các|và"
    "|với cấp trên"
)
WORK = (
    "công tác|hoạt động|hội|phong trào|phụ nữ|thực hiện|triển khai|đạt được|nổi bật|chủ yếu|chung"
    "|đánh giá|tóm tắt|khái quát|đã|trọng tâm|kế hoạch|chương trình|dự kiến|trong|của|quá trình"
    r"|đầu|cuối|tháng|quý|năm|kỳ|tuần|này|tới|sau|tiếp theo|\d{1,4}|i{1,3}|iv"
)
NAMES, NAMES_AND_WORK = (
    re.compile(rf"(?:(?:{words})\b[\s,./–-]*)+") for words in (NAMES, f"{NAMES}|{WORK}")
)
PART, LETTER, ROMAN, DIGIT, DECIMAL, SMALL, PLAIN = range(7)
MARKS = (
    (PART, re.compile(r"^phần\s+(thứ\s+\w+|[ivx]+|\d+)\s*[.:–-]?\s*", re.I)),
    (ROMAN, re.compile(r"^[IVX]{1,4}\s*[./)–:-]+\s*")),
    (LETTER, re.compile(r"^[A-HĐ]\s*[./)–-]\s+")),
    (DECIMAL, re.compile(r"^\d{1,2}(\.\d{1,2})+\s*[./)–-]?\s+")),
    (DIGIT, re.compile(r"^\d{1,2}\s*[./)–-]\s*(?=\D)")),
    (SMALL, re.compile(r"^[a-zđ]\s*[.)/]\s+")),
)
END = re.compile(r"^(nơi nhận|trên đây là|TM\.|T/M|KT\.|người (lập|báo cáo))", re.I)
LONGEST_HEADING = 25  # words
LONGEST_UNMARKED = 12
STOPS = (".", ";", ",")
# Letters of the old encodings TCVN3 and VNI, which Vietnamese in Unicode does not have.
STRANGE = frozenset("µ¸¶·¹¨»¾¼½©®ª«¬ÆÇËÎÏÑÖ×ØÜÞßäåæçëîïñöø÷ûüþ")
MOST_STRANGE = 0.03  # of all letters
OLD_LETTERS = (
    "Tệp gõ bằng bảng mã cũ (TCVN3 hoặc VNI) nên không đọc được chữ. Chị đổi sang Unicode bằng "
    "Unikey (Công cụ, Chuyển mã nhanh) rồi gửi lại, hoặc chép lời vào ô."
)


@dataclass
class WordTexts:
    """`texts`: name of a text (Report.NARRATIVE) → what stands under its heading; `rest`: what
    stands under none."""

    texts: dict = field(default_factory=dict)
    rest: str = ""


def texts_in(document):
    """The document parted by its headings; ReadingError where its letters cannot be read."""
    refuse_old_letters(document.text)
    parts = Parts()
    for line in lines_of(document):
        parts.take(line)
    texts = {name: "\n".join(lines) for name, lines in parts.found.items() if lines}
    return WordTexts(texts, "\n".join(parts.rest))


class Parts:
    """Lines gathered under their headings. `stack`: the open headings, the outermost first."""

    def __init__(self):
        self.found, self.rest, self.stack = {}, [], []
        # "I. Công tác tuyên truyền, II. Hỗ trợ phát triển kinh tế": what comes before the first of
        # the four headings tells of results, subject by subject.
        self.is_by_subject = True

    def take(self, line):
        body = line.text
        if END.match(line.text):
            self.stack = []
        elif line.rank < PLAIN or line.name:
            body = self.open_at(line)
        place = self.found.setdefault(self.stack[-1].name, []) if self.stack else self.rest
        if body:
            place.append(body)

    def open_at(self, line):
        """Close what ends here, open what begins; what of the line is text."""
        if self.is_title_of(line):  # "KẾT QUẢ CÔNG TÁC THÁNG 1" above "I. KẾT QUẢ"
            title = self.stack[-1]
            below = self.found.pop(line.name, [])
            self.rest += [title.text, *(text for text in below if text != title.body)]
            self.stack = []
        if self.asks_more(line):
            return line.text
        self.stack = [heading for heading in self.stack if heading.rank < line.rank]
        within = self.stack[-1].name if self.stack else ""
        if line.name and line.name != within:
            self.is_by_subject = False
            self.stack.append(line)
            return line.body
        if self.is_by_subject and not within and line.is_marked and line.rank <= ROMAN:
            self.stack.append(replace(line, name="results"))
        return line.text

    def asks_more(self, line):
        """Is it under its own heading, though numbered like it? "3. Kiến nghị", "1. Đề nghị tỉnh
        cấp thêm kinh phí"."""
        top = self.stack[-1] if self.stack else None
        return top is not None and top.rank == line.rank and line.begins_like == top.name != ""

    def is_title_of(self, line):
        """Was what stands open only the paper's title, and this is the heading?"""
        top = self.stack[-1] if self.stack else None
        return (
            top is not None
            and not top.is_marked
            and top.name == line.name
            and line.is_marked
            and line.rank <= ROMAN
        )


@dataclass(frozen=True)
class Line:
    """A line as printed; `rank` of its mark (0 highest); where it is one of the four headings,
    `name`, and in `body` what it says beyond that: what follows on the same line, or all of it.
    `begins_like`: the heading with whose words a line of text begins."""

    text: str
    rank: int = PLAIN
    name: str = ""
    body: str = ""
    is_marked: bool = False
    begins_like: str = ""


def lines_of(document):
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield read_line(block.text)
        else:
            yield from (Line(row_text(row.cells)) for row in block.rows)


def read_line(text):
    rank, title = marked(text)
    heading, colon, body = title.partition(":")
    name = named(heading, rank)
    if not name:
        return Line(text, rank, is_marked=rank < PLAIN)
    is_bare = says_only_its_name(heading, name)
    is_sentence = rank == PLAIN and not colon and heading.rstrip().endswith(STOPS)
    if is_sentence or not (is_bare or rank <= ROMAN or heading.isupper()):
        return Line(text, rank, is_marked=rank < PLAIN, begins_like=name)
    body = body.strip() if is_bare else text
    return Line(text, PART if rank == PLAIN else rank, name, body, is_marked=rank < PLAIN)


def says_only_its_name(heading, name):
    words = NAMES if name == "proposals" else NAMES_AND_WORK
    return words.fullmatch(normalize("NFC", heading).strip().lower()) is not None


def marked(text):
    """(rank of its mark, the text without it)"""
    for rank, pattern in MARKS:
        found = pattern.match(text)
        if found:
            return rank, text[found.end() :]
    return PLAIN, text


def named(heading, rank):
    """Which of the four headings these words are, or ""."""
    limit = LONGEST_UNMARKED if rank == PLAIN and not heading.isupper() else LONGEST_HEADING
    if len(heading.split()) > limit:
        return ""
    words = fold(heading)
    return next((name for name, pattern in HEADINGS if pattern.match(words)), "")


def refuse_old_letters(text):
    letters = sum(char.isalpha() or char in STRANGE for char in text)
    if letters and sum(char in STRANGE for char in text) > MOST_STRANGE * letters:
        raise ReadingError(OLD_LETTERS)
