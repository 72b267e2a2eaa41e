"""Workbooks out and in. Out: formatted, and text never becomes a formula. In: as a guest."""

import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from hoiphunu.text import clean, fold

WHOLE = "#,##0"
DECIMAL = "#,##0.##"
PERCENT = "0.0%"
DAY = "dd/mm/yyyy"
TEXT = "@"

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CELL_LIMIT = 32_767  # Excel's own

MEGABYTE = 2**20
MAX_SIZE = 10 * MEGABYTE
MAX_DIRECTORY = 1 * MEGABYTE
MAX_MEMBERS = 2_000
MAX_UNPACKED = 150 * MEGABYTE
MAX_RATIO = 100
RATIO_FROM = 5 * MEGABYTE  # below it a high ratio is only a tidy small file
SECONDS = 30


class WorkbookError(ValueError):
    """The file cannot be taken in; the text is a Vietnamese sentence for the screen."""


# --- Out -----------------------------------------------------------------------------------

DARK, LIGHT, TOTAL = (PatternFill("solid", fgColor=c) for c in ("1F3864", "D9E2F3", "F2F2F2"))
THIN = Side(style="thin", color="8EA9DB")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
FONT = "Times New Roman"


@dataclass(frozen=True)
class Column:
    """A column of a summary; neighbours with the same `group` share a heading above theirs."""

    title: str
    width: float = 14
    number_format: str = TEXT
    group: str = ""


@dataclass(frozen=True)
class Row:
    """Cells of one row; `kind` is "plain", "section" or "total"; `indent` moves the first text."""

    cells: list
    kind: str = "plain"
    indent: int = 0


def new_summary(title_lines, unit_note, columns, rows, *, sheet_name="Tổng hợp", notes=()):
    """A workbook with one formatted sheet.

    `title_lines` stand above, the second in large type as the title, or the only one;
    `unit_note` is "Đơn vị tính: người", or ""; `rows` are lists or `Row`s of str, int, Decimal,
    float, date or None; `notes` stand below the table. Percentages are given as fractions.
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    add_summary(workbook, title_lines, unit_note, columns, rows, sheet_name=sheet_name, notes=notes)
    return workbook


def add_summary(workbook, title_lines, unit_note, columns, rows, *, sheet_name, notes=()):
    """One more sheet of the same make in `workbook`; returns the sheet."""
    sheet = workbook.create_sheet(safe_sheet_name(sheet_name))
    top = _write_titles(sheet, title_lines, unit_note, len(columns))
    first = _write_header(sheet, top, columns)
    last = first - 1
    for last, row in enumerate(rows, start=first):
        _write_row(sheet, last, columns, row if isinstance(row, Row) else Row(row))
    for number, note in enumerate(notes, start=last + 2):
        _write_wide(sheet, number, note, len(columns), Font(name=FONT, italic=True), "left")
    _prepare_paper(sheet, top, first, columns)
    return sheet


def to_bytes(workbook):
    """The .xlsx file."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def safe_text(cell, value):
    """Puts text into a cell as text: never a formula, nothing that XML refuses."""
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    text = re.sub("[\ud800-\udfff\ufffe\uffff]", "", text)[:CELL_LIMIT]
    cell.value = text
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True  # else Excel makes it a formula when somebody edits the cell
    return cell


def safe_value(cell, value, number_format=TEXT):
    """Puts any value into a cell: numbers as numbers, days as days, the rest as safe text."""
    if value is None or value == "":
        return cell
    if isinstance(value, bool):
        return safe_text(cell, "Có" if value else "Không")
    if isinstance(value, int | float | Decimal):
        cell.value = value
        cell.number_format = _number_format(value, number_format)
    elif hasattr(value, "isoformat"):
        cell.value = value
        cell.number_format = number_format if number_format != TEXT else DAY
    else:
        safe_text(cell, value)
    return cell


def safe_sheet_name(name):
    """Excel takes 31 characters, none of []:*?/\\ and no apostrophe at the ends."""
    plain = clean(re.sub(r"[\[\]:*?/\\]", " ", ILLEGAL_CHARACTERS_RE.sub("", name)))
    return plain[:31].strip("' ") or "Trang"


def _number_format(value, number_format):
    if number_format == TEXT:
        return "General"
    whole = number_format == DECIMAL and value == int(value)
    return WHOLE if whole else number_format  # "#,##0.##" would leave a bare comma: "12,"


def _write_titles(sheet, title_lines, unit_note, width):
    """The block above the table; returns the number of the header's first row."""
    lines = [line for line in title_lines if line]
    title = min(1, len(lines) - 1)
    for index, line in enumerate(lines):
        size = 15 if index == title else 12
        font = Font(name=FONT, bold=index <= title, size=size)
        _write_wide(sheet, index + 1, line, width, font, "center")
    if not unit_note:
        return len(lines) + 1
    below = len(lines) + 1
    _write_wide(sheet, below, unit_note, width, Font(name=FONT, italic=True), "right")
    return below + 1


def _write_wide(sheet, number, text, width, font, side):
    cell = safe_text(sheet.cell(number, 1), text)
    cell.font = font
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    if width > 1:
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=width)
    if font.size and font.size > 12:
        sheet.row_dimensions[number].height = 24


def _write_header(sheet, top, columns):
    """Groups (when there are any), titles, and the light row (1) (2) …; returns the next row."""
    grouped = any(column.group for column in columns)
    titles = top + grouped
    for index, column in enumerate(columns, start=1):
        if grouped:
            _head(sheet.cell(top, index), column.group or column.title, DARK, "FFFFFF")
        _head(sheet.cell(titles, index), column.title, DARK, "FFFFFF")
        _head(sheet.cell(titles + 1, index), f"({index})", LIGHT, "1F3864")
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    if grouped:
        _merge_groups(sheet, top, columns)
    return titles + 2


def _head(cell, text, fill, colour):
    safe_text(cell, text)
    cell.font = Font(name=FONT, bold=True, color=colour)
    cell.fill, cell.border, cell.alignment = fill, BOX, CENTRED


def _merge_groups(sheet, top, columns):
    start = 0
    while start < len(columns):
        group, end = columns[start].group, start
        while group and end + 1 < len(columns) and columns[end + 1].group == group:
            end += 1
        below = top if group else top + 1
        if end > start or below > top:
            sheet.merge_cells(
                start_row=top, end_row=below, start_column=start + 1, end_column=end + 1
            )
        start = end + 1


def _write_row(sheet, number, columns, row):
    bold = row.kind in ("section", "total")
    indented = False
    for index, column in enumerate(columns, start=1):
        value = row.cells[index - 1] if index <= len(row.cells) else None
        cell = safe_value(sheet.cell(number, index), value, column.number_format)
        cell.font, cell.border = Font(name=FONT, bold=bold), BOX
        if bold:
            cell.fill = LIGHT if row.kind == "total" else TOTAL
        is_text = cell.data_type == "s"
        indent = row.indent if is_text and not indented else 0
        indented = indented or is_text
        cell.alignment = Alignment(vertical="top", wrap_text=is_text, indent=indent)


def _prepare_paper(sheet, top, first, columns):
    """A4 landscape, one page wide, the header on every page and in sight while scrolling."""
    frozen = 2 if len(columns) > 2 else 1
    sheet.freeze_panes = sheet.cell(first, frozen + 1 if len(columns) > 2 else 1)
    sheet.print_title_rows = f"{top}:{first - 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.oddFooter.center.text = "Trang &P/&N"


# --- In: the container ----------------------------------------------------------------------

SAVE_AS = "Hãy mở bằng Excel, chọn “Lưu thành” kiểu “Excel Workbook (.xlsx)” rồi tải lên lại."
DAMAGED = f"Tệp bị hỏng hoặc không phải tệp Excel (.xlsx). {SAVE_AS}"
LOCKED = "Tệp có mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."
SWOLLEN = "Tệp chứa quá nhiều dữ liệu nén nên không mở được. Hãy chép bảng sang một tệp mới."
UNREADABLE = (
    "Không đọc được tệp. Tệp có thể bị hỏng, hoặc có ô lẻ nằm rất xa bảng. "
    "Hãy chép riêng bảng sang một tệp mới rồi tải lên lại."
)
OLD_EXCEL = f"Đây là tệp Excel kiểu cũ (.xls). {SAVE_AS}"
OTHER_ZIPS = {
    "word/document.xml": "Đây là tệp Word, không phải Excel.",
    "ppt/presentation.xml": "Đây là tệp PowerPoint, không phải Excel.",
    "xl/workbook.bin": f"Đây là tệp Excel kiểu .xlsb. {SAVE_AS}",
    "content.xml": f"Đây là tệp của LibreOffice (.ods). {SAVE_AS}",
}


def inspect_archive(path):
    """Everything that can be known of an upload without unpacking it; WorkbookError if bad."""
    path = Path(path)
    if path.stat().st_size > MAX_SIZE:
        raise WorkbookError("Tệp lớn hơn 10 MB. Hãy bỏ ảnh hoặc chia thành nhiều tệp.")
    _check_kind(path)
    if _directory_size(path) > MAX_DIRECTORY:
        raise WorkbookError(SWOLLEN)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise WorkbookError(DAMAGED) from error
    _check_members(members)
    _check_swelling(members)


def _check_kind(path):
    """By content: officers rename files."""
    with path.open("rb") as file:
        head = file.read(4096)
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            locked = "EncryptedPackage".encode("utf-16-le") in head + file.read()
            raise WorkbookError(LOCKED if locked else OLD_EXCEL)
    if head.startswith(b"PK\x03\x04"):
        return
    if not head.strip():
        raise WorkbookError("Tệp rỗng.")
    raise WorkbookError(_kind_sentence(head))


def _kind_sentence(head):
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf"):
        return "Đây là tệp PDF, không phải Excel."
    if start.startswith((b"\xff\xd8\xff", b"\x89png", b"gif8")):
        return "Đây là ảnh, không phải tệp Excel."
    if start.startswith(b"<"):
        return f"Đây là trang web hoặc tệp XML được đổi đuôi, không phải tệp Excel. {SAVE_AS}"
    if b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return f"Đây là tệp văn bản (chẳng hạn .csv), không phải tệp Excel (.xlsx). {SAVE_AS}"
    return DAMAGED


def _directory_size(path):
    """Bytes of the zip's table of contents, which the library would load whole."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0


def _check_members(members):
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        sentences = (OTHER_ZIPS[name] for name in OTHER_ZIPS if name in names)
        raise WorkbookError(next(sentences, DAMAGED))
    if any(member.flag_bits & 1 for member in members):
        raise WorkbookError(LOCKED)
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise WorkbookError(DAMAGED)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WorkbookError(f"Tệp có chứa macro (.xlsm). {SAVE_AS}")


def _check_swelling(members):
    unpacked = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > RATIO_FROM and member.file_size > MAX_RATIO * member.compress_size
        for member in members
    )
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or swollen:
        raise WorkbookError(SWOLLEN)


# --- In: the rows ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """`rows` are (Excel's row number, cells from column A), blank rows left out.

    A cell is None, str, int, float, bool or {"date": "2021-01-15"}; all rows are equally wide.
    """

    name: str
    rows: list
    hidden: bool = False


def read_rows(path, *, max_rows=5_000, max_columns=60):
    """The sheets of an uploaded workbook, read in a child process; WorkbookError if it fails."""
    inspect_archive(path)
    wanted = {
        "path": str(path), "max_rows": max_rows, "max_columns": max_columns, "seconds": SECONDS,
    }  # fmt: skip
    answer = _ask_child(json.dumps(wanted))
    if "error" in answer:
        raise WorkbookError(answer["error"])
    return [_sheet(**sheet) for sheet in answer["sheets"]]


def _ask_child(argument):
    # By its path and isolated (-I), so that nothing of the site is imported beside the reader.
    command = [sys.executable, "-I", str(Path(__file__).with_name("read_workbook.py")), argument]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise WorkbookError(
            "Đọc tệp lâu quá nên đã dừng. Hãy chia thành nhiều tệp nhỏ hơn."
        ) from error
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        raise WorkbookError(UNREADABLE) from error


def _sheet(name, rows, hidden):
    width = max((len(cells) for _, cells in rows), default=0)
    padded = [(number, cells + [None] * (width - len(cells))) for number, cells in rows]
    return Sheet(name, padded, hidden)


# --- In: what the rows mean -----------------------------------------------------------------

HEADER_WITHIN = 30
TOTAL_ROW = re.compile(r"(tong cong|tong so)\b.*|(tong|cộng|cong)[\s:.\d]*")
NUMBERING = re.compile(r"\(?\s*(\d+)\s*(=.*)?\)?")


def find_header(rows, wanted):
    """(Excel's row number of the header, {field: index of its column, from 0}).

    `wanted` is {field: [titles that mean it]}, compared without marks, case, punctuation and
    line breaks; the first titles name the columns on screen. Title rows above are passed over;
    of a header in two rows the number is the lower one's. Columns not found are left out of
    the answer; WorkbookError when not even half are there, or when one is there twice.
    """
    titles = {_title(title): field for field in reversed(wanted) for title in wanted[field]}
    best = (0, 0, {})
    for index, (number, cells) in enumerate(rows[:HEADER_WITHIN]):
        above = rows[index - 1][1] if index else []
        for upper in ([], above):
            found = _match(_titles(upper, cells), titles)
            if len(found) > best[1]:
                best = (number, len(found), found)
    number, count, found = best
    if not count or 2 * count < len(wanted):
        names = ", ".join(f"“{accepted[0]}”" for accepted in wanted.values())
        raise WorkbookError(f"Không tìm thấy dòng tiêu đề của bảng. Bảng cần có các cột: {names}.")
    return number, {field: _only(field, places, wanted) for field, places in found.items()}


def column_letter(index):
    """ "A" for 0."""
    return get_column_letter(index + 1)


def cell_text(cell):
    """A cell as the tidy text a person sees: 12 is "12", a day "15/01/2021", none is ""."""
    if isinstance(cell, dict):
        year, month, day = cell["date"][:10].split("-")
        return f"{day}/{month}/{year}"
    if isinstance(cell, bool):
        return "Có" if cell else "Không"
    return "" if cell is None else clean(str(cell))


def is_total_row(cells):
    """Is this a row "Tổng cộng", "Cộng" or "TỔNG"? Told by its first two cells of text."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return any(
        TOTAL_ROW.fullmatch(fold(text)) and clean(text).casefold() != "công" for text in texts[:2]
    )


def is_numbering_row(cells):
    """Is this the row (1) (2) (3=1+2) that forms put under their header?"""
    texts = [cell_text(cell) for cell in cells if cell is not None]
    texts = [text for text in texts if not re.fullmatch(r"\(?[A-Za-z]\)?", text)]
    numbers = [int(m[1]) if (m := NUMBERING.fullmatch(text)) else 0 for text in texts]
    return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))


def _title(text):
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _titles(upper, lower):
    """For each column, the ways to read its title: lower, upper, or both together."""
    upper = list(upper) + [None] * (len(lower) - len(upper))
    pairs = zip(upper, lower, strict=False)
    read = [(_title(cell_text(a)), _title(cell_text(b))) for a, b in pairs]
    return [{b, a, f"{a} {b}".strip()} - {""} for a, b in read]


def _match(columns, titles):
    found = {}
    for index, readings in enumerate(columns):
        for field in {titles[reading] for reading in readings if reading in titles}:
            found.setdefault(field, []).append(index)
    return found


def _only(field, places, wanted):
    if len(places) > 1:
        letters = ", ".join(column_letter(place) for place in places)
        raise WorkbookError(f"Cột “{wanted[field][0]}” có nhiều lần (cột {letters}); hãy bỏ bớt.")
    return places[0]
