"""A paper as the rules see it: paragraphs and tables in order, tidy text, no styles."""

from dataclasses import asdict, dataclass


class ReadingError(ValueError):
    """The paper cannot be read; the text is a Vietnamese sentence for the screen."""


@dataclass(frozen=True)
class Paragraph:
    number: int
    text: str


@dataclass(frozen=True)
class Row:
    number: int
    cells: tuple


@dataclass(frozen=True)
class Table:
    number: int
    rows: tuple


@dataclass(frozen=True)
class Document:
    """`blocks` are Paragraphs and Tables, numbered through from 1; `form`: docx, pdf, text."""

    name: str
    form: str
    blocks: tuple

    @property
    def text(self):
        """Everything printed, for looking up a source."""
        return "\n".join(_block_text(block) for block in self.blocks)


def to_plain(document):
    """For the child process: what JSON can carry."""
    return asdict(document)


def from_plain(plain):
    blocks = tuple(_block(block) for block in plain["blocks"])
    return Document(plain["name"], plain["form"], blocks)


def number_blocks(pieces):
    """Texts and lists of rows, in order, as numbered blocks."""
    blocks = []
    for piece in pieces:
        number = len(blocks) + 1
        if isinstance(piece, str):
            blocks.append(Paragraph(number, piece))
        else:
            rows = (Row(row, tuple(cells)) for row, cells in enumerate(piece, start=1))
            blocks.append(Table(number, tuple(rows)))
    return tuple(blocks)


def _block_text(block):
    if isinstance(block, Paragraph):
        return block.text
    return "\n".join(row_text(row.cells) for row in block.rows)


def row_text(cells):
    """A row as one readable line: neighbours that repeat (merged cells) are said once."""
    kept = [cell for i, cell in enumerate(cells) if cell and (i == 0 or cell != cells[i - 1])]
    return " | ".join(kept)


def _block(plain):
    if "text" in plain:
        return Paragraph(plain["number"], plain["text"])
    rows = tuple(Row(row["number"], tuple(row["cells"])) for row in plain["rows"])
    return Table(plain["number"], rows)
