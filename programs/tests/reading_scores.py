"""The plan reader against its answer keys: what was found, missed, wrong.

A key lists, kind by kind, every fact that a paper prints. `may` marks what may be proposed but
is not asked for, `is_computed` what is worked out and so does not count. A string that ends in
"…" is a beginning. Names and units agree when one begins with the other.
"""

import io
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from docx import Document as new_docx

from hoiphunu.text import exact_fold
from programs.reading import propose, read_document
from programs.reading.plain import WIDE_GAP

DATA = Path(__file__).parent / "data"
SEEDS = sorted(path.stem for path in (DATA / "plans").glob("*.txt"))
PDFS = sorted(path.stem for path in (DATA / "pdf").glob("*.pdf"))
FURTHER = sorted(path.stem for path in (DATA / "further").glob("*.txt"))
BEGINNINGS = (
    "unit",
    "of",
    "who",
    "name",
    "sender",
    "receiver",
    "heading",
    "supporter",
    "supported",
)
PARTS = ("label", "reason", "to", "via", "printed", "column", "what")
TABLE = re.compile(r"\[\[TABLE[^\]]*\]\]\n(.*?)\n\[\[END\]\]", re.S)


@dataclass(frozen=True)
class Score:
    """`missed` are lines of the key, `wrong` proposals that no line of the key accounts for."""

    asked: int
    missed: tuple
    wrong: tuple
    without_source: tuple

    @property
    def found(self):
        return self.asked - len(self.missed)

    @property
    def share(self):
        return self.found / self.asked


def score_seed(name, form="text"):
    text = (DATA / "plans" / f"{name}.txt").read_text(encoding="utf-8")
    content = text.encode() if form == "text" else docx_of(text)
    return score(name, read_document(content, name))


def score_pdf(name):
    """Printed from the text by Chromium, A4, in a serif face."""
    return score(name, read_document((DATA / "pdf" / f"{name}.pdf").read_bytes(), name))


def score_further(name):
    return score(name, further_document(name))


def further_document(name):
    """A paper with tables becomes a .docx; one without is read as text, one of them in NFD."""
    text = (DATA / "further" / f"{name}.txt").read_text(encoding="utf-8")
    if "[[TABLE" in text:
        return read_document(docx_with_tables(text), name)
    if name.startswith("bac_giang"):
        text = unicodedata.normalize("NFD", text).replace("Hội LHPN", "Hội\u00a0LHPN")
    return read_document(text.encode(), name)


def score(name, document):
    reading = propose(document)
    key = json.loads((DATA / "keys" / f"{name}.json").read_text(encoding="utf-8"))
    left, missed = list(reading.facts), []
    lines = [(kind, line) for kind, lines in key.items() for line in lines]
    lines.sort(key=lambda pair: (bool(pair[1].get("may")), -len(pair[1])))
    for kind, line in lines:
        match = next((fact for fact in left if fact.kind == kind and agrees(fact, line)), None)
        if match is not None:
            left.remove(match)
        elif not line.get("may") and not line.get("is_computed"):
            missed.append((kind, line))
    left = [fact for fact in left if not is_worked_out(fact)]
    asked = sum(not line.get("may") and not line.get("is_computed") for _, line in lines)
    return Score(asked, tuple(missed), tuple(left), tuple(sourceless(reading, document)))


def is_worked_out(fact):
    """A sum that is printed nowhere is no proposal of what the paper says."""
    return fact.kind == "total" and fact.printed is None


def agrees(fact, line):
    fields = {name: value for name, value in line.items() if name not in ("may", "is_computed")}
    return all(_agrees(fact, name, wanted) for name, wanted in fields.items())


def sourceless(reading, document):
    """Facts whose sentence is not in the paper, or whose printed number is not in it."""
    text = _plain(document.text)
    for fact in reading.facts:
        source = fact.source.text
        printed = getattr(fact, "printed", "")
        inside = all(_plain(part) in text for part in source.split(" | "))
        says = not isinstance(printed, str) or _plain(printed) in _plain(source)
        if not source or not (inside or fact.kind == "signature") or not says:
            yield fact


def docx_of(text):
    """The Word form of a text: its lines as paragraphs, its tables as tables, wide margins."""
    word = new_docx()
    rows = []
    for line in text.splitlines():
        if line.strip().count("\t") >= 2 or (rows and line.count("\t") >= 2):
            rows.append([_bare(cell) for cell in line.split("\t")])
        elif line.strip():
            _add_table(word, rows)
            rows = []
            word.add_paragraph(_bare(line))
    _add_table(word, rows)
    return _bytes(word)


def docx_with_tables(text):
    """A paper of data/further as .docx: ← is merged with the left, ↑ with above, ⏎ a line break."""
    word = new_docx()
    for index, part in enumerate(TABLE.split(text)):
        if index % 2:
            _add_table(word, [line.split("\t") for line in part.split("\n")])
        else:
            for line in part.splitlines():
                if line.strip():
                    word.add_paragraph(line)
    return _bytes(word)


def _add_table(word, rows):
    rows = [cells for cells in rows if any(cells)]
    if not rows:
        return
    width = max(map(len, rows))
    table = word.add_table(len(rows), width)
    for r, cells in enumerate(rows):
        for c, cell in enumerate(cells):
            if cell == "←":
                table.cell(r, c - 1).merge(table.cell(r, c))
            elif cell == "↑":
                table.cell(r - 1, c).merge(table.cell(r, c))
            elif cell:
                table.cell(r, c).text = cell.replace("⏎", "\n")


def _bytes(word):
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _bare(text):
    return re.sub(r"\*+|</?[bi]>|^#+\s*", "", text).strip(" ")


def _agrees(fact, name, wanted):
    if name == "printed" and fact.kind == "item":
        return _texts_agree(name, fact.source.text, wanted)
    if not hasattr(fact, name):
        return False
    value = f"{fact.sort} {fact.what}" if name == "what" else getattr(fact, name)
    if isinstance(wanted, list):
        return sorted(map(_text, value)) == sorted(map(_text, wanted))
    if isinstance(wanted, str) and isinstance(value, str):
        return _texts_agree(name, value, wanted)
    if isinstance(value, date):
        return value.isoformat() == wanted
    if isinstance(wanted, float):
        return value is not None and Decimal(str(wanted)) == value
    return value == wanted


def _texts_agree(name, value, wanted):
    value, start = _text(value), _text(wanted.removesuffix("…"))
    if wanted.endswith("…"):
        return start in value if name in PARTS else value.startswith(start)
    if name in PARTS:
        return bool(value) and (start in value or value in start)
    if name in BEGINNINGS:
        shorter, longer = sorted((value, start), key=len)
        return bool(shorter) and (longer == shorter or longer.startswith(shorter + " "))
    return value == start


def _text(text):
    return " ".join(re.findall(r"[\w+/&%-]+", exact_fold(str(text)).replace("&", "và")))


def _plain(text):
    return re.sub(r"\W+", "", exact_fold(WIDE_GAP.sub(" ", text)))
