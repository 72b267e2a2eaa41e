"""Tables: quotas of units, items with prices, who helps whom; totals beside computed sums.

Columns are known by the words of their titles, wherever they stand and in how many rows.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from hoiphunu.excel import is_numbering_row, is_total_row
from hoiphunu.numbers import UNITS
from hoiphunu.text import fold
from programs.reading import dates, duties, places
from programs.reading.document import row_text
from programs.reading.facts import Item, Pairing, QuotaLine, Source, Total
from programs.reading.kinds import sort_of
from programs.reading.letters import compiled
from programs.reading.quantities import number_of

ROLES = (  # the first that fits the folded title
    ("no", r"(?:stt|tt|so tt|so thu tu)$"),
    ("note", r"ghi chu"),
    ("time", r"thoi gian|thoi han|tien do|giai doan"),
    ("unit_value", r"don gia|muc ho tro|muc chi|gia tri moi|tri gia/"),
    ("value", r"thanh tien|kinh phi|so tien|tong gia tri|tri gia|gia tri|tong tien"),
    ("quantity", r"so luong|^so (?!tt)|chi tieu|tong so|dang ky|ke hoach|phan bo"),
    ("supported", r"(?:duoc|nhan) (?:giup|ho tro|do dau|dong hanh)"),
    (
        "supporter",
        r"don vi (?:nhan )?(?:giup|ho tro|do dau|phu trach|dong hanh)|phu trach|ben giup",
    ),
    ("what", r"noi dung|hang muc|ten cong trinh|danh muc|hoat dong|loai"),
    ("unit", r"don vi(?! tinh)|huyen|thanh pho|dia phuong|co so|chi hoi|xa|phuong|tinh"),
    ("place", r"dia ban|dia diem|noi"),
)
SUPPORTER_FIRST = re.compile(
    r"don vi nhan giup|don vi nhan do dau|don vi giup|don vi nhan ho tro giup"
)
CELL = compiled(r"^\(?(?P<number>\d[\d.]*(?:,\d+)?)\)?\s*(?P<unit>[^\d]*)$")
EACH = re.compile(r"[Mm]ỗi\s+(?P<per>[^/\d,;]+?)\s*/?\s*(?P<count>\d+)\s")
CAPTION = re.compile(r"(?:đơn vị tính|đvt|đơn vị)\s*:?\s*\(?(?P<unit>[^)]+)", re.I)
SCALE = re.compile(r"\b(tỷ|tỉ|triệu|nghìn|ngàn)\b", re.I)
THOUSANDS = re.compile(r"\b(1\.?000(?:\.?000)?)\s*(?:đồng|đ\b)", re.I)
TOTAL_OF = re.compile(r"(?:tổng )?cộng\b|tổng số\b|toàn (?:tỉnh|huyện|xã|thành phố)\b", re.I)
NUMBER_CELL = re.compile(r"^\d[\d.]*(?:,\d+)?\s*%?$")
SHARE = re.compile(r"%|tỷ lệ|tỉ lệ", re.I)
SECTION = re.compile(r"^(?:[IVX]+|[A-H])\.?$")
MONEY_ROLES = ("unit_value", "value")
NAMES = ("", "unit", "what", "supported", "supporter")  # roles of words; with numbers it counts


@dataclass(frozen=True)
class Column:
    index: int
    role: str
    title: str
    scale: int = 1


def read_table(table, context, caption):
    """The facts of one table; `caption` is the line above, `context` tells the clause."""
    head = _head_length(table.rows)
    body = [row for row in table.rows[head:] if not is_numbering_row(row.cells)]
    columns = _with_numbers(_columns(table.rows[:head], caption), body)
    roles = {column.role for column in columns}
    reader = Reader(table, context.clause, columns, body)
    if {"supporter", "supported"} <= roles:
        return reader.pairings()
    if "what" in roles and roles & {"value", "unit_value", "quantity"}:
        return reader.items() + reader.totals(MONEY_ROLES[1:])
    if "unit" in roles and roles & {"quantity", "share", "value"}:
        return reader.quotas() + reader.totals(("quantity", "value"))
    if {"time", "what"} <= roles:
        return reader.deadlines()
    return []


def body_rows(table, context):
    """A source for each row below the titles, but for the row that numbers the columns."""
    for row in table.rows[_head_length(table.rows) :]:
        if any(row.cells) and not is_numbering_row(row.cells):
            yield Source(row_text(row.cells), table.number, row.number, context.clause)


def passages(table, clause):
    """Texts to look for places in: each cell, and a commune's cell beside its district's."""
    for row in table.rows:
        source = Source(row_text(row.cells), table.number, row.number, clause)
        cells = list(dict.fromkeys(cell for cell in row.cells if cell))
        whole = [cell for cell in cells if places.MENTION.fullmatch(cell)]
        ranked = sorted(whole, key=lambda cell: -places.mentions(cell)[0].rank)
        yield ", ".join(ranked), source
        for cell in cells:
            yield cell, source


class Reader:
    """One table's rows under known columns."""

    def __init__(self, table, clause, columns, body):
        self.table, self.clause, self.columns = table, clause, columns
        self.body = [row for row in body if any(row.cells)]
        self.totals_rows = [row for row in self.body if self._is_total(row)]
        self.rows = [row for row in self.body if not self._is_total(row)]
        self.rows = [row for row in self.rows if not SECTION.match(self.text(row, "no"))]

    def source(self, row):
        return Source(row_text(row.cells), self.table.number, row.number, self.clause)

    def text(self, row, role):
        found = (c for c in self.columns if c.role == role and c.index < len(row.cells))
        return next((row.cells[column.index] for column in found), "")

    def number(self, row, column):
        cell = row.cells[column.index] if column.index < len(row.cells) else ""
        found = CELL.match(cell)
        return number_of(found["number"].rstrip(".")) * column.scale if found else None

    def of(self, *roles):
        return [column for column in self.columns if column.role in roles]

    def quotas(self):
        return [
            self._quota(row, column, quantity)
            for row in self.rows
            for column in self.of("quantity", "share", "value")
            if self.text(row, "unit") and (quantity := self.number(row, column)) is not None
        ]

    def items(self):
        return [self._item(row) for row in self.rows if self.text(row, "what")]

    def pairings(self):
        return [
            self._pairing(row)
            for row in self.rows
            if self.text(row, "supporter") and self.text(row, "supported")
        ]

    def deadlines(self):
        """The rows of a timetable that say by which day."""
        said = ((row, self.text(row, "time"), self.text(row, "what")) for row in self.body)
        return [
            found
            for row, time, what in said
            for found in duties.read_timed(self.source(row), time, what, self.text(row, "unit"))
        ]

    def totals(self, roles):
        """Printed totals, each with the sum of the rows that the table lists."""
        return [
            self._total(row, column, printed)
            for row in self.totals_rows
            for column in self.of(*roles)
            if (printed := self.number(row, column)) is not None
        ]

    def _is_total(self, row):
        """ "Cộng", and "Cộng toàn huyện" where no number stands before it."""
        has_number = any(CELL.match(cell) for cell in row.cells)
        first = next((cell for cell in row.cells if cell), "")
        return has_number and (is_total_row(row.cells) or bool(TOTAL_OF.match(first)))

    def _quota(self, row, column, quantity):
        note = self.text(row, "note")
        each = EACH.search(note)
        return QuotaLine(
            self.source(row), self.text(row, "no"), self.text(row, "unit"), column.title, quantity,
            row.cells[column.index], note, each["per"].strip() if each else "",
            Decimal(each["count"]) if each else None, places.lowest(note),
        )  # fmt: skip

    def _item(self, row):
        quantity, unit_value, value = (
            next((self.number(row, column) for column in self.of(role)), None)
            for role in ("quantity", "unit_value", "value")
        )
        computed = ()
        if value is None and quantity is not None and unit_value is not None:
            value, computed = quantity * unit_value, ("value",)
        what = self.text(row, "what")
        where = self.text(row, "place") or self.text(row, "unit") or what
        return Item(
            self.source(row), sort_of(what), what, quantity, _whole(unit_value),
            value=_whole(value), computed=computed, places=places.lowest(where),
        )  # fmt: skip

    def _pairing(self, row):
        span = dates.SPAN.search(self.text(row, "time"))
        first, last = span.groups() if span else ("", "")
        supporter, supported = self.text(row, "supporter"), self.text(row, "supported")
        return Pairing(self.source(row), supporter, supported, first=first, last=last)

    def _total(self, row, column, printed):
        parts = [
            (self.text(r, "unit") or self.text(r, "what"), self.number(r, column))
            for r in self.rows
        ]
        parts = tuple((name, number) for name, number in parts if number is not None)
        unit = "đồng" if column.role in MONEY_ROLES else ""
        computed = sum((number for _, number in parts), Decimal(0))
        words = row.cells[column.index]
        return Total(self.source(row), column.title, printed, computed, unit, parts, words)


def _whole(number):
    return None if number is None else int(number)


def _head_length(rows):
    """Rows above the first that counts: it begins with a number, or has numbers and a total."""
    for index, row in enumerate(rows):
        filled = [cell for cell in row.cells if cell]
        numbers = [cell for cell in filled if CELL.match(cell)]
        starts = bool(filled) and bool(CELL.match(filled[0]) or SECTION.match(filled[0]))
        if index and numbers and (starts or is_total_row(row.cells) or len(numbers) > 1):
            return index
    return min(1, len(rows))


def _columns(head, caption):
    width = max((len(row.cells) for row in head), default=0)
    columns = []
    for index in range(width):
        titles = [row.cells[index] for row in head if index < len(row.cells) and row.cells[index]]
        titles = list(dict.fromkeys(titles))
        if titles:
            columns.append(_column(index, titles, caption))
    return columns


def _with_numbers(columns, body):
    """A column without a known title that holds numbers counts something; shares are not added."""
    units = [column for column in columns if column.role == "unit"]
    result = []
    for column in columns:
        counts = column.role in NAMES and column not in units[:1]
        if counts and units and _holds_numbers(column, body):
            column = replace(column, role="share" if SHARE.search(column.title) else "quantity")
        result.append(column)
    return result


def _holds_numbers(column, body):
    cells = [row.cells[column.index] for row in body if column.index < len(row.cells)]
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(NUMBER_CELL.match(cell) for cell in filled)


def _column(index, titles, caption):
    whole = " ".join(titles)
    role = _role(fold(titles[-1])) or _role(fold(whole)) or ""
    if role in ("", "unit", "what") and len(titles) > 1:
        role = _role(fold(whole)) or role
    units = CAPTION.search(caption)
    scale = _scale(whole)
    if scale == 1 and units:
        scale = _scale(units["unit"])
    return Column(index, role, titles[-1], scale if role in MONEY_ROLES else 1)


def _scale(text):
    """1.000.000 of "triệu đồng", 1.000 of "1.000 đồng" or "nghìn đồng", else 1."""
    if found := SCALE.search(text):
        return UNITS[found[1].lower()]
    found = THOUSANDS.search(text)
    return int(found[1].replace(".", "")) if found else 1


def _role(title):
    title = re.sub(r"\s*\([^)]*\)\s*$", "", title).strip(" .:")
    if SUPPORTER_FIRST.search(title):
        return "supporter"
    return next((role for role, pattern in ROLES if re.search(pattern, title)), None)
