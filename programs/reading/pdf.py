"""A .pdf with text as texts and tables. A scan has no text, and says so."""

import io
import re
from collections import Counter

from pypdf import PdfReader
from pypdf.errors import PdfReadError, PyPdfError

from hoiphunu.text import fold
from programs.reading.document import ReadingError
from programs.reading.plain import BULLET, tidy
from programs.reading.plain import pieces as text_pieces

MAX_PAGES = 200
GAP = re.compile(r" {2,}")
SEGMENT = re.compile(r"\S+(?: \S+)*")
HEADER = re.compile(r"(?:stt|tt|so tt)$")
TOTAL = re.compile(r"(?:tong|cong)\b")
PAGE_NUMBER = re.compile(r"^\s*[-–]?\s*\d{1,3}\s*[-–]?\s*$")
NUMBERED = re.compile(
    r"^\s*(?:(?:[IVX]+|\d+(?:\.\d+)*|[A-Za-zđ])\s*[.)/-]\s|Điều \d+|Nơi nhận|TM\.)"
)
SCAN = (
    "Tệp PDF này là ảnh chụp hoặc bản quét, không có chữ để đọc. "
    "Hãy dùng bản Word, hoặc gõ và dán phần chữ vào ô."
)
LOCKED = "Tệp PDF có mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."
DAMAGED = "Tệp PDF bị hỏng nên không đọc được. Hãy lưu lại từ Word rồi thử lần nữa."


def pieces(content):
    """Texts and tables; lines that a page's width broke are joined again."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadingError(LOCKED)
        if len(reader.pages) > MAX_PAGES:
            raise ReadingError(f"Tệp PDF dài hơn {MAX_PAGES} trang; hãy tách phần cần đọc.")
        pages = [page.extract_text(extraction_mode="layout") for page in reader.pages]
    except (PyPdfError, PdfReadError) as error:
        raise ReadingError(DAMAGED) from error
    raw = [line for page in pages for line in page.splitlines() if not PAGE_NUMBER.match(line)]
    if sum(len(line.strip()) for line in raw) < 20 * len(pages):
        raise ReadingError(SCAN)
    return text_pieces("\n".join(_unbroken(_with_tables(raw))))


def _with_tables(raw):
    """Rows of a table as cells with tabs: its columns begin where those of its header do."""
    kept, index = [], 0
    while index < len(raw):
        columns = _header(raw[index])
        rows, used = _rows(raw[index:], columns) if columns else ([], 0)
        if len(rows) > 1:
            kept += ["\t".join(cells) + "\t" for cells in rows]
            index += used
        else:
            kept.append(raw[index])
            index += 1
    return kept


def _header(line):
    """Where the columns begin, when this line is a table's header: "Stt", then others."""
    segments = list(SEGMENT.finditer(line))
    if len(segments) < 3 or not HEADER.match(fold(segments[0][0])):
        return None
    return [segment.start() for segment in segments]


def _rows(lines, columns):
    """(rows, how many lines they take); a cell that goes on below is joined."""
    rows, used = [], 0
    for line in lines:
        cells = _cells(line, columns)
        if cells is None:
            break
        used += 1
        is_head = len(rows) == 1 and not any(char.isdigit() for char in cells[0])
        starts = bool(cells[0]) or bool(TOTAL.match(fold(cells[1])))
        if rows and not (starts and not is_head) and not TOTAL.match(fold(cells[1])):
            rows[-1] = [f"{one} {two}".strip() for one, two in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    return rows, used


def _cells(line, columns):
    """The line's pieces by column; None when one begins nowhere or runs into the next."""
    cells = [""] * len(columns)
    ends = [*columns[1:], 10_000]
    for segment in SEGMENT.finditer(line):
        place = next((i for i, c in enumerate(columns) if abs(segment.start() - c) <= 1), None)
        if place is None or segment.end() > ends[place]:
            return None
        cells[place] = tidy(segment[0])
    return cells


def _unbroken(raw):
    """Lines that the page's width broke are joined; wide gaps become tabs."""
    full = 0.75 * max((len(line) for line in raw), default=0)
    margin = Counter(_indent(line) for line in raw if line.strip()).most_common(1)[0][0]
    kept, open_line = [], False
    for line in raw:
        is_text = line.count("\t") < 2
        text = GAP.sub(" ", line.strip()) if is_text and not _is_frame(line) else line
        is_indented = _indent(line) > margin + 2  # the first line of a paragraph
        if open_line and is_text and text and not (is_indented or _starts_anew(text)):
            kept[-1] += text if kept[-1].endswith("-") else " " + text
        else:
            kept.append(text)
        open_line = is_text and len(line.rstrip()) >= full
    return kept


def _indent(line):
    return len(line) - len(line.lstrip())


def _is_frame(line):
    """Two halves side by side, as a paper's head has them."""
    return len(SEGMENT.findall(line)) == 2 and bool(re.search(r"\S {4,}\S", line))


def _starts_anew(line):
    return bool(BULLET.match(line) or NUMBERED.match(line))
