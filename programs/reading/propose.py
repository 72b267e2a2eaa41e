"""All rules over one paper. Every proposal says where it was read; the rest is listed."""

from programs.reading import dates, duties, tables
from programs.reading.basis import read_basis
from programs.reading.closing import is_foot, is_signed, read_closing
from programs.reading.document import Paragraph, row_text
from programs.reading.facts import Issuer, Reading, Source, Title
from programs.reading.figures import merge_figures, read_breakdowns, read_figures
from programs.reading.heading import read_frame, read_heading, read_periods
from programs.reading.items import places_of_heading, read_items, total_of_items
from programs.reading.outline import PLAIN, SMALL, Line, heading_of, inline_body, outline
from programs.reading.partners import read_partners
from programs.reading.places import read_pairings, read_units
from programs.reading.quantities import quantities
from programs.reading.targets import is_target, mark_compound, read_targets

RESULTS = ("bài viết", "báo cáo")  # they tell what was done; the others what is to be done
MOST_FIGURES = 1_000  # no plan has more; what is beyond is listed as not understood
NO_ITEMS = ("muc dich", "yeu cau", "ket qua", "dac diem", *duties.ORGANISING)


def propose(document):
    """The Reading of a Document: facts with their sources, and what was not understood."""
    return Proposer(document).reading()


class Proposer:
    """One paper on its way: its lines, the kind of paper, what has been found."""

    def __init__(self, document):
        self.placed = outline(document)
        self.lines = [piece for piece, _ in self.placed if isinstance(piece, Line)]
        self.heading, head = read_heading(self.lines)
        self.closing, foot = read_closing(self.lines)
        self.head = head
        self.body = self.lines[head : max(head, foot)]
        kind = next((f.name for f in self.heading if f.kind == "type"), "kế hoạch")
        self.is_plan, self.is_article = kind not in RESULTS, kind == "bài viết"
        self.title = next((fact for fact in self.heading if isinstance(fact, Title)), None)
        self.issuer = next((fact.name for fact in self.heading if isinstance(fact, Issuer)), "")
        self.headings = {
            piece.block
            for place, (piece, _) in enumerate(self.placed)
            if isinstance(piece, Line) and self._is_heading(piece, place)
        }
        self.figures, self.targets, self.items, self.totals = [], [], [], []
        self.unknown = []

    def reading(self):
        periods = read_periods(self.lines, self.title, self.is_article)
        self.year = next(
            (int(p.last[:4]) for p in periods if p.own and p.first[:4] == p.last[:4]), None
        )
        table_facts = self._tables()
        for line in self.body:
            for sentence in line.sentences:
                self._sentence(line, sentence)
        for recipient in self.closing[:-1]:
            self._counts_of(recipient)
        facts = [*self.heading, *periods, *read_basis(self.lines), *table_facts]
        facts += mark_compound(self.targets) + self.items
        facts += merge_figures(self.figures) + self.totals + total_of_items(self.items)
        facts += self._named(table_facts) + self._owed() + self.closing
        return Reading(tuple(facts), tuple(self.unknown), tuple(self._passages()))

    def _tables(self):
        found, caption = [], ""
        for piece, context in self.placed:
            if isinstance(piece, Line):
                caption = piece.text
                continue
            facts = tables.read_table(piece, context, caption)
            found += facts
            if not facts:
                self.unknown += [
                    Source(row_text(row.cells), piece.number, row.number, context.clause)
                    for row in piece.rows
                    if any(char.isdigit() for cell in row.cells for char in cell)
                ]
        return found

    def _passages(self):
        """What the paper says outside its headings and its frame."""
        frame = read_frame(self.lines[: self.head]) | {line.block for line in self._foot()}
        for piece, context in self.placed:
            if not isinstance(piece, Line):
                yield from tables.body_rows(piece, context)
            elif piece.block not in frame | self.headings:
                yield from (piece.source(sentence) for sentence in piece.sentences)

    def _foot(self):
        """The lines of the signing and the words "Nơi nhận" themselves."""
        start = next((i for i, line in enumerate(self.lines) if is_foot(line)), len(self.lines))
        return [line for line in self.lines[start:] if is_foot(line) or is_signed(line)]

    def _is_heading(self, line, place):
        """A numbered line that others stand under, a part with its title on the next line, or
        the short line above an article's text."""
        following = self.placed[place + 1][0] if place + 1 < len(self.placed) else None
        if line.level <= SMALL:
            is_part = isinstance(following, Line) and line.text in following.text
            below = self.placed[place + 1][1] if following is not None else line
            return is_part or (heading_of(line.text) in below.above and not inline_body(line.text))
        return isinstance(following, Line) and following.headings[:1] == (line.text,)

    def _sentence(self, line, sentence):
        """Targets first, then what is to be given; the numbers left are figures or unknown."""
        if tables.CAPTION.match(sentence):
            return
        if len(self.figures) >= MOST_FIGURES:
            self.unknown.append(line.source(sentence))
            return
        skipped = set()
        last = self.targets[-1].source if self.targets else None
        follows = last is not None and last.block == line.block and line.level == PLAIN
        if is_target(line, sentence, self.is_plan, follows):
            self.targets += read_targets(line, sentence, self.year)
            skipped = {q.start for q in quantities(sentence)}
        skipped |= self._items_of(line, sentence)
        figures, unnamed = read_figures(line, sentence, skipped)
        self.figures += figures
        self.totals += read_breakdowns(line, sentence, figures)
        if unnamed or (not figures and not skipped and self._is_left(line, sentence)):
            self.unknown.append(line.source(sentence))

    def _counts_of(self, recipient):
        """ "Hội LHPN 12 xã, 3 đơn vị trực thuộc" tells how many there are."""
        line = next(line for line in self.lines if line.block == recipient.source.block)
        self.figures += read_figures(line, line.text)[0]

    def _items_of(self, line, sentence):
        """Where the numbers begin that the items of this sentence have used."""
        is_heading = line.block in self.headings and not quantities(sentence)
        if not self.is_plan or is_heading or line.is_under(*NO_ITEMS):
            return set()
        is_aim = bool(self.targets) and self.targets[-1].source.text == sentence
        items = read_items(line, sentence, places_of_heading(line), is_aim)
        self.items += [item for item, _ in items]
        return {start for _, used in items for start in used}

    def _is_left(self, line, sentence):
        """A full day in a sentence that gave no fact."""
        return bool(dates.find_day(sentence)) and not (
            duties.read_deadlines(line) or read_basis([line])
        )

    def _named(self, table_facts):
        passages = [(s, line.source(s)) for line in self.lines for s in _parts(line)]
        for piece, context in self.placed:
            if not isinstance(piece, Line | Paragraph):
                passages += tables.passages(piece, context.clause)
        pairings = [fact for fact in table_facts if fact.kind == "assignment"]
        if self.is_plan and not pairings:
            pairings = read_pairings(self.body, self.issuer)
        new = [fact for fact in pairings if fact not in table_facts]
        foot = {fact.source.block for fact in self.closing}
        partners = [pair for pair in passages if pair[1].block not in foot]
        return read_units(passages) + new + read_partners(partners)

    def _owed(self):
        facts = duties.read_contents(self.body) if self.is_plan else []
        if self.is_plan:
            facts += duties.read_tasks(self.body) + duties.read_leads(self.body)
            facts += duties.read_aim(self.body)
        for line in self.body:
            facts += duties.read_deadlines(line) + duties.read_duties(line)
            facts += duties.read_hotlines(line)
        return facts


def _parts(line):
    """The sentences of a line as printed, or all of it when it is a heading."""
    return line.sentences or [line.printed]
