"""A list that arrives as a workbook: which columns it must have, which of its rows are data.

Knows no app. Each floor declares its lists as `ListKind`s in its importers.py;
`reports/lists.py` gathers them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from hoiphunu.excel import (
    WorkbookError,
    cell_text,
    column_letter,
    find_header,
    is_numbering_row,
    is_total_row,
    read_rows,
)
from hoiphunu.text import clean_lines, fold

LONGEST_TEXT = 120  # of a passed-over row, in its note

# Of rows that lack something; all are matched against the folded text of one cell.
ORDINAL = re.compile(r"stt|tt|so tt|so thu tu")
GROUP_MARK = re.compile(r"([ivx]+|[a-h])[.)]?")
GROUP = re.compile(
    r"(([ivx]+|[a-h])[.):] ?\S.*)|((phuong|xa|thi tran|quan|huyen|thanh pho|cum|nhom) .*)"
)
SUBTOTAL = re.compile(r"(tong|cong) (phuong|xa|thi tran|quan|huyen|thanh pho|cum|nhom|muc)\b.*")
SIGNATURE = re.compile(
    r"(nguoi (lap|tong hop)|tm\.|t/m|thay mat|kt\.|noi nhan|\(?ky[ ,]|(pho )?chu tich\b).*"
    r"|.*\bngay\b.*\bthang\b.*\bnam\b.*"
)


class ListError(Exception):
    """A list that cannot be written; the text is for the screen."""


@dataclass(frozen=True)
class ListColumn:
    """A column of a list: the titles that mean it, the first for the screen."""

    titles: tuple
    is_required: bool = True

    @property
    def title(self):
        return self.titles[0]


@dataclass(frozen=True)
class ListSubject:
    """What a list speaks of besides its unit: a programme, a decree.

    `name`: its key in `Upload.params` (an id) and in the address (`?program=…`); `key`: the
    field that names it there. `permission` is asked of the subject. `choices(user)`: a
    queryset of those for which she may bring a list now; `refusal(subject)`: why one of the
    others takes none, or "". `goes_with(subject, branch)`: may this unit bring a list for it?
    """

    model: type
    name: str
    label: str
    permission: str
    choices: Callable
    key: str = "slug"
    refusal: Callable = lambda subject: ""
    goes_with: Callable = lambda subject, branch: True
    mismatch: str = "{branch} không thuộc danh sách này."
    none_yet: str = "Chưa có gì để nhận danh sách"
    link_label: str = ""  # on the page of a written list, to the subject's own page


@dataclass(frozen=True)
class ListKind:
    """One kind of list.

    `columns`: field → ListColumn, in the order of the screen.
    `check(upload, lines)` compares what was found with the database and writes nothing; it
    gives (UploadRows not yet saved, notes for the reader).
    `apply(upload, rows)` writes the staged rows inside the caller's transaction, with their
    history; it looks once more at each, raises ListError when something is otherwise than
    the preview said, and gives (how many new, how many changed).
    `template(upload)` is an empty .xlsx to fill in, for an upload not yet made.
    `permission`: asked of the unit in whose name the list comes (None: of some unit);
    `units(user)`: a queryset of the open units in whose name she may bring one.
    `subject`: what it speaks of besides the unit, or None.
    `is_private`: rows and file are read by whoever brought it, by nobody else.
    `home`: (label, URL name) of the page it belongs to; `after`: (label, URL name) of what
    comes next once it is written, the name takes the upload's id; or None.
    """

    code: str
    title: str
    columns: dict
    check: Callable
    apply: Callable
    template: Callable
    permission: str
    units: Callable
    home: tuple
    subject: ListSubject | None = None
    is_private: bool = False
    after: tuple | None = None
    unit_help: str = ""
    hint: str = "Mỗi dòng ghi đủ, không gộp ô."
    most_rows: int = 5_000

    @property
    def wanted(self):
        return {name: list(column.titles) for name, column in self.columns.items()}


@dataclass
class Line:
    """A row of data as it was found, and what is wrong with it.

    `cells`: field → cell, without the fields whose column is not there; `places`: field →
    (column letter, title).
    """

    sheet: str
    number: int
    cells: dict
    places: dict
    errors: list = field(default_factory=list)

    def text(self, name):
        """The cell as one tidy line; "" when it is blank or has no column."""
        return cell_text(self.cells.get(name))

    def lines(self, name):
        """The same, with its line breaks."""
        cell = self.cells.get(name)
        return clean_lines(cell) if isinstance(cell, str) else cell_text(cell)

    def refuse(self, name, sentence):
        letter, title = self.places[name]
        self.errors.append({"column": letter, "title": title, "message": sentence})

    @property
    def raw(self):
        return {title: self.text(name) for name, (_, title) in self.places.items()}


@dataclass
class Reading:
    """What a workbook held: `columns` of its headers, `lines` of data, `notes` on the rest."""

    columns: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def read_list(path, kind):
    """Read an uploaded workbook as a list of this kind; WorkbookError says why it is not one."""
    reading, refusal = Reading(), None
    for sheet in read_rows(path, max_rows=kind.most_rows):
        if sheet.hidden:
            reading.notes.append(note(sheet.name, None, "", "trang tính đang ẩn nên không đọc"))
            continue
        try:
            number, places = find_header(sheet.rows, kind.wanted)
        except WorkbookError as error:
            refusal = refusal or error
            if sheet.rows:
                why = "trang tính không có bảng của danh sách này"
                reading.notes.append(note(sheet.name, None, "", why))
        else:
            read_sheet(reading, sheet, kind, number, places)
    if not reading.columns:
        raise refusal or WorkbookError("Tệp không có trang tính nào để đọc.")
    if not reading.lines:
        raise WorkbookError("Bảng mới có dòng tiêu đề, chưa có dòng nào để đọc.")
    return reading


def read_sheet(reading, sheet, kind, header, places):
    refuse_missing(sheet, kind, places)
    titles = next(cells for number, cells in sheet.rows if number == header)
    for name in kind.columns:
        if name in places:
            reading.columns.append(
                {
                    "sheet": sheet.name,
                    "title": kind.columns[name].title,
                    "found": cell_text(titles[places[name]]) or kind.columns[name].title,
                    "letter": column_letter(places[name]),
                }
            )
    table = Table(kind, places, titles)
    for number, cells in sheet.rows:
        why = "phía trên bảng" if number < header else table.why_passed_over(cells)
        if number < header or (number > header and why):
            reading.notes.append(note(sheet.name, number, row_text(cells), why))
        elif number > header:
            reading.lines.append(Line(sheet.name, number, table.known(cells), table.letters))


def refuse_missing(sheet, kind, places):
    missing = [
        f"“{column.title}”"
        for name, column in kind.columns.items()
        if column.is_required and name not in places
    ]
    if missing:
        raise WorkbookError(
            f"Trang “{sheet.name}”: bảng thiếu cột {', '.join(missing)}. "
            "Hãy thêm cột vào dòng tiêu đề rồi tải lên lại."
        )


class Table:
    """The table of one sheet: where its columns are, which of its rows are data."""

    def __init__(self, kind, places, titles):
        self.places = places
        self.letters = {
            name: (column_letter(places[name]), column.title)
            for name, column in kind.columns.items()
            if name in places
        }
        self.required = [name for name, column in kind.columns.items() if column.is_required]
        self.header = [fold(cell_text(cell)) for cell in titles]
        ordinals = [i for i, title in enumerate(self.header) if ORDINAL.fullmatch(title)]
        self.ordinal = ordinals[0] if ordinals else None

    def known(self, cells):
        return {name: cells[place] for name, place in self.places.items()}

    def why_passed_over(self, cells):
        """Why a row below the header is not data, in words for the reader; "" when it is."""
        if is_numbering_row(cells):
            return "dòng đánh số cột"
        if [fold(cell_text(cell)) for cell in cells] == self.header:
            return "dòng tiêu đề lặp lại"
        texts = {name: cell_text(cell) for name, cell in self.known(cells).items()}
        if all(texts[name] for name in self.required):
            return ""  # a whole row is data, whatever it is called
        return self.why_not_whole(cells, [fold(text) for text in texts.values() if text])

    def why_not_whole(self, cells, texts):
        anywhere = [fold(cell_text(cell)) for cell in cells if cell is not None]
        if is_total_row(cells) or any(SUBTOTAL.fullmatch(text) for text in anywhere[:2]):
            return "dòng cộng"
        if not texts:
            return "không có gì ở các cột của danh sách"
        if self.mark(cells).isdecimal():
            return ""  # it is numbered as data are, so what it lacks is an error
        if len(texts) <= 2 and any(SIGNATURE.fullmatch(text) for text in anywhere):
            return "phần ký tên, nơi nhận"
        if len(texts) == 1 and (GROUP_MARK.fullmatch(self.mark(cells)) or GROUP.fullmatch(*texts)):
            return "dòng tên nhóm"
        return ""

    def mark(self, cells):
        """What stands in the column STT: 1, 2, 3 of data; I, II, A, B of groups."""
        return fold(cell_text(cells[self.ordinal])) if self.ordinal is not None else ""


def note(sheet, number, text, why, *, is_warning=False):
    """A remark on a row for the reader; `number` is None for a whole sheet."""
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return {"sheet": sheet, "number": number, "text": text, "why": why, "is_warning": is_warning}


def row_text(cells):
    return " | ".join(text for cell in cells if (text := cell_text(cell)))


def error_sentence(number, error):
    """ "Dòng 14, cột D (Đơn vị nhận giúp): …"."""
    return f"Dòng {number}, cột {error['column']} ({error['title']}): {error['message']}"
