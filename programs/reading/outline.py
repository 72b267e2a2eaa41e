"""The order of a paper: lines with their mark, clause and headings, whatever numbering it has.

Phần > A > I, Điều > 1 > 1.1 > a > - > +. A paper uses some of these; their rank is the same.
"""

import re
from dataclasses import dataclass, replace

from hoiphunu.text import fold
from programs.reading.document import Paragraph
from programs.reading.facts import Source
from programs.reading.letters import compiled

PART, LETTER, ROMAN, DIGIT, DECIMAL, SMALL, BULLET, PLUS, PLAIN = range(9)
MARKS = (
    (PART, compiled(r"^(Phần|PHẦN)\s+(?:(?:thứ|THỨ)\s+\w+|[IVX]+|\d+)\b[.:]?\s*()", re.I)),
    (ROMAN, compiled(r"^()([IVX]+)\s*[./)–-]+(?!v\s)\s*(?=\S)")),
    (ROMAN, compiled(r"^(Điều|ĐIỀU)\s+(\d+)\s*[.:]?\s*")),
    (LETTER, compiled(r"^()([A-HĐ])\s*[./)–-]\s+")),
    (DECIMAL, compiled(r"^()(\d{1,2}(?:\.\d{1,2})+)\s*[./)–-]?\s+(?=\D)")),
    (DIGIT, compiled(r"^()(\d{1,2})(?:\s*[/)](?:\s+|(?=[^\d\s]))|\s*[.–-]\s+|\.\)?(?=[^\d\s]))")),
    (SMALL, compiled(r"^()([a-zđ])\s*[.)/]\s+")),
    (PLUS, compiled(r"^()(\+)\s*")),
    (BULLET, compiled(r"^()([-–—•●▪*])\s*(?=\S)")),
)
SENTENCE_END = compiled(r"(?<=[.!?…])\s+(?=[[:upper:]“\"(0-9])")
ABBREVIATION = compiled(r"(?:^|[\s(])(?:TP|Tp|tp|TM|KT|TT|đ/c|ThS|TS|BS|St|v\.v|P|Q|H|X)\.$")
LONGEST = 2_500  # characters of a sentence
LONG_INTRO = 30  # words; a longer line with a colon opens the whole paper
SHORT = 18  # words of a sub-heading in running text
FRAME_START = compiled(
    r"(?:Trên đây|Nơi nhận|TM\b|T/M|KT\b|Nguồn\s*:|Sưu tầm|Số\b|Phụ lục|PHỤ LỤC)"
)
STOPS = (".", ";", ",", "!", "?")


@dataclass(frozen=True)
class Line:
    """One line: `text` without its mark, `printed` with it; `headings` of the lines above."""

    block: int
    printed: str
    text: str
    level: int
    mark: str = ""
    clause: str = ""
    headings: tuple = ()
    row: int | None = None

    def source(self, text=""):
        return Source(text or self.printed, self.block, self.row, self.clause)

    @property
    def sentences(self):
        return split_sentences(self.text)

    def is_under(self, *words):
        """Does a heading above, or the line's own words before a colon, hold one of these?"""
        own = (heading_of(self.text),) if inline_body(self.text) else ()
        return any(word in fold(heading) for heading in self.above + own for word in words)

    def nearest_is(self, wanted, others):
        """Of the headings above, does the nearest that is only one of both speak of `wanted`?

        Both are functions of a folded heading. One that is both ("mục tiêu và nhiệm vụ") decides
        only when no other does.
        """
        folded = [fold(heading) for heading in reversed(self.above)]
        clear = [wanted(h) for h in folded if bool(wanted(h)) != bool(others(h))]
        return bool(clear[0]) if clear else any(wanted(h) for h in folded)

    @property
    def above(self):
        return self.headings[:-1] if self.level <= SMALL else self.headings


def outline(document):
    """Pairs of a Line or Table with the Line that tells its place, in order."""
    marked = [_marked(b) if isinstance(b, Paragraph) else b for b in document.blocks]
    marked = _with_part_titles(marked)
    levels = {m.level for m in marked if isinstance(m, Line)}
    is_article = min(levels, default=PLAIN) > ROMAN and DECIMAL not in levels
    stack, subheading, found = [], None, []
    for piece in marked:
        if not isinstance(piece, Line):
            found.append((piece, _placed(Line(0, "", "", PLAIN), stack, subheading)))
            continue
        stack = _stack_for(piece, stack, is_article)
        if is_article and piece.level == PLAIN:
            subheading = _subheading(piece, subheading)
        line = _placed(piece, stack, subheading)
        found.append((line, line))
        if line.level < PLAIN:
            stack.append(line)
    return _with_intros(found)


def split_sentences(text):
    """Parts at a full stop before a capital; abbreviations do not end a sentence."""
    sentences = []
    for part in SENTENCE_END.split(text):
        if sentences and ABBREVIATION.search(sentences[-1][-12:]):
            sentences[-1] += " " + part
        else:
            sentences.append(part)
    return [piece for sentence in sentences for piece in _cut(sentence) if piece.strip()]


def _cut(sentence):
    """Endless sentences in pieces, so that no rule is slow on them."""
    while len(sentence) > LONGEST:
        end = sentence.rfind(" ", 0, LONGEST) if " " in sentence[:LONGEST] else LONGEST
        yield sentence[:end]
        sentence = sentence[end:].lstrip()
    yield sentence


def heading_of(text):
    """What stands before a colon when it is short, else the whole line."""
    before, colon, _ = text.partition(":")
    return before.strip() if colon and len(before.split()) <= 12 else text.strip(" .:")


def inline_body(text):
    """What stands after the colon of a heading, or ""."""
    before, colon, after = text.partition(":")
    return after.strip() if colon and len(before.split()) <= 12 else ""


def _marked(block):
    for level, pattern in MARKS:
        if found := pattern.match(block.text):
            text = block.text[found.end() :]
            mark = found[2] if level != PART else found[0].strip()
            if level == ROMAN and found[1]:
                mark = f"{found[1].capitalize()} {found[2]}"
            return Line(block.number, block.text, text or block.text, level, mark)
    return Line(block.number, block.text, block.text, PLAIN)


def _with_part_titles(marked):
    """ "PHẦN THỨ BA" and its title on the next line: the title is what the part is called."""
    result = list(marked)
    for index, (piece, following) in enumerate(zip(marked, marked[1:], strict=False)):
        is_bare = isinstance(piece, Line) and piece.level == PART and piece.text == piece.printed
        if is_bare and isinstance(following, Line) and following.text == following.text.upper():
            result[index] = replace(piece, text=following.text)
    return result


def _placed(line, stack, subheading):
    above = [] if subheading is None or subheading.block == line.block else [subheading.text]
    headings = tuple(above + [heading_of(parent.text) for parent in stack])
    if line.level <= SMALL:
        headings += (heading_of(line.text),)
    return replace(line, headings=headings, clause=_clause([*stack, line]))


def _clause(chain):
    """ "II.2.1": the marks above; a mark that repeats the one above it stands alone."""
    marks = []
    for line in chain:
        if line.level in (PART, BULLET, PLUS, PLAIN):
            continue
        if marks and line.mark.startswith(marks[-1] + "."):
            marks.pop()
        marks.append(line.mark)
    return ".".join(marks)


def _stack_for(line, stack, is_article):
    """The lines above this one. Plain text stays under a numbered line, not under a bullet."""
    if line.level < PLAIN:
        return [above for above in stack if above.level < line.level]
    if is_article or FRAME_START.match(line.text):
        return []
    return [above for above in stack if above.level < BULLET]


def _subheading(line, subheading):
    """A short line without a stop heads what follows, as in an article."""
    if len(line.text.split()) > SHORT:
        return subheading
    is_frame = FRAME_START.match(line.text) or line.text.endswith(STOPS)
    return None if is_frame else line


def _with_intros(found):
    """A plain line with a colon before a list heads that list too."""
    intro, result = None, []
    for piece, context in found:
        if isinstance(piece, Line) and piece.level == PLAIN:
            is_intro = piece.text.endswith(":") and len(piece.text.split()) <= LONG_INTRO
            intro = piece if is_intro else None
        elif isinstance(piece, Line) and intro is not None and piece.level >= DIGIT:
            piece = context = replace(piece, headings=(intro.text, *piece.headings))
        result.append((piece, context))
    return result
