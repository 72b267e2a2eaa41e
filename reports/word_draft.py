"""A report written in Word, as the texts under the four headings. Read-only, knows no database.

Headings are known by their words, whatever numbers them; what stands under a heading that says
something else, before the first one or beside the signature is left over, and told.
"""

import re
from dataclasses import dataclass, field, replace

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
            self.rest += [self.stack[-1].text, *self.found.pop(line.name, [])]
            self.stack = []
        self.stack = [heading for heading in self.stack if heading.rank < line.rank]
        within = self.stack[-1].name if self.stack else ""
        if line.name and line.name != within:
            self.is_by_subject = False
            self.stack.append(line)
            return line.body
        if self.is_by_subject and not within and line.is_marked and line.rank <= ROMAN:
            self.stack.append(replace(line, name="results"))
        return line.text

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
    `name`, and in `body` what follows the heading on the same line."""

    text: str
    rank: int = PLAIN
    name: str = ""
    body: str = ""
    is_marked: bool = False


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
    if name and not colon and heading.rstrip().endswith(STOPS) and rank == PLAIN:
        name = ""  # a sentence that begins with such a word
    is_marked = rank < PLAIN
    if name and not is_marked:
        rank = PART
    return Line(text, rank, name, body.strip() if name else "", is_marked)


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
