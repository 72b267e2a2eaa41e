"""A .docx as texts and tables in order, with what Word keeps apart: the numbers of lists.

Deleted words of tracked changes are left out, inserted ones taken; text boxes are skipped.
"""

import io

from docx import Document as open_docx
from docx.oxml.ns import qn
from docx.table import Table as WordTable

from programs.reading.document import ReadingError
from programs.reading.plain import frame_lines, is_frame, join_wrapped, lines, tidy

MAX_ROWS = 3_000
SKIPPED = frozenset(map(qn, ("w:del", "w:txbxContent", "w:instrText", "w:moveFrom")))
SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def pieces(content):
    """The body's texts and tables; ReadingError for a table without end."""
    word = open_docx(io.BytesIO(content))
    numbering = Numbering(word)
    found = []
    for block in word.iter_inner_content():
        if isinstance(block, WordTable):
            found += _table(block, numbering)
        else:
            found += _paragraph(block._p, numbering)
    return join_wrapped(found)


def _paragraph(element, numbering):
    return lines(numbering.label(element) + text_of(element))


def _table(table, numbering):
    rows = [_cells(row, numbering) for row in _limited(table.rows)]
    rows = [cells for cells in rows if any(cells)]
    if not rows:
        return []
    if is_frame(rows):
        return frame_lines(rows)
    return [[[tidy(cell.replace("\n", " ")) for cell in cells] for cells in rows]]


def _limited(rows):
    if len(rows) > MAX_ROWS:
        raise ReadingError(f"Có bảng dài hơn {MAX_ROWS} dòng; hãy bỏ bớt rồi thử lại.")
    return list(rows)


def _cells(row, numbering):
    """Merged cells repeat their text, so every row is as wide as the table."""
    before, after = [""] * row.grid_cols_before, [""] * row.grid_cols_after
    seen = {}
    for cell in row.cells:
        if cell._tc not in seen:
            seen[cell._tc] = "\n".join(text_of(p._p) for p in cell.paragraphs)
    return before + [seen[cell._tc] for cell in row.cells] + after


def text_of(element):
    """The words of a paragraph, also those inside links, fields and accepted changes."""
    if element.tag in SKIPPED:
        return ""
    if element.tag == qn("w:t"):
        return element.text or ""
    return SIGNS.get(element.tag, "") + "".join(text_of(child) for child in element)


class Numbering:
    """Word counts lists while it draws; the numbers stand nowhere in the text."""

    def __init__(self, word):
        self.levels, self.counts = {}, {}
        try:
            root = word.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        abstract = {a.get(qn("w:abstractNumId")): a for a in root.iter(qn("w:abstractNum"))}
        for num in root.iter(qn("w:num")):
            reference = num.find(qn("w:abstractNumId"))
            source = abstract.get(reference.get(qn("w:val"))) if reference is not None else None
            if source is not None:
                self.levels[num.get(qn("w:numId"))] = _formats(source)

    def label(self, element):
        """ "II. " of a counted paragraph, "- " of a bullet, else ""."""
        number, level = _numbered(element)
        if level not in self.levels.get(number, {}):
            return ""
        counts = self.counts.setdefault(number, {})
        start, _, _ = self.levels[number][level]
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return self._drawn(number, level) + " "

    def _drawn(self, number, level):
        _, form, pattern = self.levels[number][level]
        if form == "bullet":
            return "-"
        for index in range(level + 1):
            start, form, _ = self.levels[number].get(index, (1, "decimal", ""))
            count = self.counts[number].get(index, start)
            pattern = pattern.replace(f"%{index + 1}", _counted(count, form))
        return pattern


def _formats(abstract):
    found = {}
    for level in abstract.iter(qn("w:lvl")):
        value = {tag: _value(level, tag) for tag in ("start", "numFmt", "lvlText")}
        start = int(value["start"]) if value["start"].isdecimal() else 1
        found[int(level.get(qn("w:ilvl"), "0"))] = (start, value["numFmt"], value["lvlText"])
    return found


def _value(level, tag):
    element = level.find(qn(f"w:{tag}"))
    return "" if element is None else element.get(qn("w:val"), "")


def _numbered(element):
    properties = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    if properties is None:
        return None, None
    number, level = (properties.find(qn(tag)) for tag in ("w:numId", "w:ilvl"))
    if number is None:
        return None, None
    return number.get(qn("w:val")), int(level.get(qn("w:val"))) if level is not None else 0


def _counted(count, form):
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (count - 1) % 26)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        roman = _roman(count)
        return roman.upper() if form == "upperRoman" else roman
    return str(count)


def _roman(count):
    text = ""
    for value, sign in ROMAN:
        text += sign * (count // value)
        count %= value
    return text
