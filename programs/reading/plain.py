"""Text as it was pasted: wrapped lines joined, marks of formatting dropped, tables found."""

import re

from hoiphunu.text import clean

MARKS = re.compile(
    r"</?(?:b|i|u|em|strong)>|\*{1,3}|^\s*#{1,6}\s+|(?<!\w)_{2,3}|_{2,3}(?!\w)", re.I
)
BULLET = re.compile(r"^[-–—+•●▪*]\s")
FRAME = re.compile(
    r"cộng h(?:oà|òa)\s+xã hội chủ nghĩa|độc lập\s*[-–]\s*tự do|^\W*nơi nhận|^(?:TM|T/M|KT)\b",
    re.I | re.M,
)
ENDS = (".", ";", ":", "!", "?", "…", "”", "/.")
PIPES = re.compile(r"^\s*\|.*\|\s*$")
RULE_ROW = re.compile(r"^[\s|:-]+$")
WIDE_GAP = re.compile(r"\t+| {4,}")


def pieces(text):
    """Texts and tables (lists of rows of cells) in order, for `number_blocks`."""
    return join_wrapped(_grouped(text.splitlines()))


def frame_lines(rows):
    """The lines of a table that only places text: the heading, the signature; cell by cell."""
    width = max(len(cells) for cells in rows)
    columns = ([cells[i] for cells in rows if i < len(cells)] for i in range(width))
    texts = [text for column in columns for text in dict.fromkeys(column)]
    return [line for text in texts for line in lines(text)]


def is_frame(rows):
    return any(FRAME.search(cell) for cells in rows for cell in cells)


def lines(text):
    return [line for line in (tidy(line) for line in text.splitlines()) if line]


def tidy(text):
    return clean(MARKS.sub("", text.replace("****", "")))


def join_wrapped(found):
    """A line that goes on in small letters on the next one, even over a page's end."""
    joined = []
    for piece in found:
        last = joined[-1] if joined else None
        if isinstance(piece, str) and isinstance(last, str) and _goes_on(last, piece):
            joined[-1] = f"{last} {piece}"
        else:
            joined.append(piece)
    return joined


def _goes_on(last, line):
    starts_small = (
        line[:1].islower()
        and not line.startswith(("http", "www"))
        and not re.match(r"[a-zđ]\s?[).]\s", line)
    )
    return starts_small and not last.endswith(ENDS) and not BULLET.match(line)


def _grouped(raw_lines):
    """Lines of cells gathered into tables; blank lines inside a table do not end it."""
    found, rows = [], []
    for raw in raw_lines:
        cells = _cells(raw)
        if cells is not None:
            rows.append(cells)
        elif raw.strip():
            found += _table(rows)
            rows = []
            found += [tidy(part) for part in _parts(raw)]
    return [piece for piece in found + _table(rows) if piece]


def _cells(raw):
    if PIPES.match(raw):
        return [] if RULE_ROW.match(raw) else [tidy(c) for c in raw.strip().strip("|").split("|")]
    cells = raw.split("\t")
    inner = raw.strip().count("\t")
    if inner >= 2 or (inner and len(cells) > 2):
        return [tidy(cell) for cell in cells]
    return None


def _table(rows):
    rows = [cells for cells in rows if any(cells)]
    if not rows:
        return []
    return frame_lines(rows) if is_frame(rows) else [rows]


def _parts(raw):
    """Two columns on one line, as the heading of a paper is laid out with blanks."""
    parts = [part for part in WIDE_GAP.split(raw.strip()) if part.strip()]
    return parts if len(parts) == 2 and FRAME.search(parts[1]) else [raw]
