"""What the plan reader proposes on the page, against its answer keys: found, missed, wrong.

A key lists, kind by kind, every fact that a paper prints. `may` marks what may be proposed but
is not asked for, `is_computed` what is worked out and so does not count. A string that ends in
"…" is a beginning. Names and units agree when one begins with the other.

What is scored are the rows that an officer sees (`programs.proposals`), field by field. A line
of the key that says nothing of a qualifier or a period asks for none: "hơn 5.000" read as 5.000,
or a figure of another year, is missed, and the row is wrong.
"""

import io
import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from docx import Document as new_docx

from hoiphunu.numbers import format_number
from hoiphunu.text import exact_fold
from programs.proposals import (
    DUTIES,
    ITEM_KINDS,
    QUALIFIERS,
    RHYTHMS,
    first_day,
    last_day,
    proposals_of,
)
from programs.reading import propose, read_document
from programs.reading.plain import WIDE_GAP

DATA = Path(__file__).parent / "data"
SEEDS = sorted(path.stem for path in (DATA / "plans").glob("*.txt"))
PDFS = sorted(path.stem for path in (DATA / "pdf").glob("*.pdf"))
FURTHER = sorted(path.stem for path in (DATA / "further").glob("*.txt"))
TABLE = re.compile(r"\[\[TABLE[^\]]*\]\]\n(.*?)\n\[\[END\]\]", re.S)
# Facts of the rules that have no home in a programme: nothing on the page to be asked for.
NOT_PROPOSED = ("type", "parent", "hotline")
# Lines of the key that one row of the page may say together: all of "Nơi nhận", a monthly report
# and the day of the month by which it is due.
SHARED = ("recipient", "addressee", "duty", "deadline")


@dataclass(frozen=True)
class Score:
    """`missed` are lines of the key, `wrong` proposals that no line of the key accounts for.

    `kinds`: kind of fact → (asked, found).
    """

    asked: int
    missed: tuple
    wrong: tuple
    without_source: tuple
    kinds: dict

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


def seed_document(name):
    return read_document((DATA / "plans" / f"{name}.txt").read_bytes(), name)


def further_document(name):
    """A paper with tables becomes a .docx; one without is read as text, one of them in NFD."""
    text = (DATA / "further" / f"{name}.txt").read_text(encoding="utf-8")
    if "[[TABLE" in text:
        return read_document(docx_with_tables(text), name)
    if name.startswith("bac_giang"):
        text = unicodedata.normalize("NFD", text).replace("Hội LHPN", "Hội\u00a0LHPN")
    return read_document(text.encode(), name)


def score(name, document):
    """The lines of a key that ask for more are served first, so that no row is taken twice."""
    rows, _ = proposals_of(propose(document))
    key = Key(json.loads((DATA / "keys" / f"{name}.json").read_text(encoding="utf-8")))
    left, missed, asked = list(rows), [], Counter()
    for kind, line, is_asked in key.lines:
        taken = key.matches(kind, line, left)
        if taken:
            left = [row for row in left if row not in taken]
        elif is_asked and not (kind in SHARED and key.matches(kind, line, rows)):
            missed.append((kind, line))
        asked[kind] += is_asked
    lost = Counter(kind for kind, _ in missed)
    kinds = {kind: (count, count - lost[kind]) for kind, count in asked.items() if count}
    without = tuple(sourceless(rows, document))
    return Score(sum(asked.values()), tuple(missed), tuple(left), without, kinds)


def sourceless(rows, document):
    """Proposals whose sentence is not in the paper, or whose printed words are not in it."""
    text = _plain(document.text)
    for row in rows:
        source, printed = row["source"], row["fields"].get("printed", "")
        inside = all(_plain(part) in text for part in re.split(r" \| |\n", source))
        if not source or not inside or _plain(printed) not in _plain(source):
            yield row


class Key:
    """One answer key, and how each kind of its lines looks on the page."""

    def __init__(self, key):
        self.key = key
        types = [line["name"] for line in key.get("type", ())]
        self.is_plan = not {"bài viết", "báo cáo"} & set(types)
        own = [p for p in key.get("period", ()) if p.get("own") and not p.get("may")]
        years = {line[end][:4] for line in own for end in ("first", "last")}
        self.year = years.pop() if len(years) == 1 else ""

    @property
    def lines(self):
        """(kind, line, is it asked for?), those with most to agree first."""
        found = [
            (
                kind,
                line,
                not line.get("may") and not line.get("is_computed") and self.asks(kind, line),
            )
            for kind, lines in self.key.items()
            if kind not in NOT_PROPOSED
            for line in lines
        ]
        return sorted(found, key=lambda said: (not said[2], -len(said[1])))

    def asks(self, kind, line):
        """Another paper's period and an article's author have no home; a number left open or
        said again is none."""
        if kind in ("period", "signature"):
            return bool(line.get("own") or line.get("authority"))
        return "restates" not in line and line.get("number") != ""

    def matches(self, kind, line, rows):
        """The rows that say what the line says: one, or of tasks one for each line."""
        wanted = {n: v for n, v in line.items() if n not in ("may", "is_computed")}
        found = [row for row in rows if getattr(self, f"is_{kind}")(wanted, row)]
        if kind == "task":
            return found if len(found) == wanted["lines"] else []
        return found[:1]

    def is_number(self, line, row):
        if row["kind"] != "number":
            return False
        number = f"{line['number']}/{line['sign']}" if line["number"] else ""
        fields = row["fields"]
        return fields["number"] == number and line.get("printed", "") in ("", fields["printed"])

    def is_date(self, line, row):
        return row["kind"] == "date" and row["fields"]["issued_on"] == line["day"]

    def is_issuer(self, line, row):
        words = f"{line.get('organ', '')} {line.get('name', '')}"
        return row["kind"] == "issuer" and begins(row["fields"]["issuer"], words)

    def is_place(self, line, row):
        return row["kind"] == "place" and same(row["fields"]["place"], line["name"])

    def is_title(self, line, row):
        return row["kind"] == "title" and same(row["fields"]["title"], line["text"])

    def is_programme(self, line, row):
        return row["kind"] == "name" and begins(row["fields"]["name"], line["name"])

    def is_aim(self, line, row):
        lines = row["fields"].get("aim", "").split("\n")
        return row["kind"] == "aim" and len(lines) == line["lines"]

    def is_lead(self, line, row):
        return row["kind"] == "lead" and begins(row["fields"]["contact"], line["name"])

    def is_addressee(self, line, row):
        return self.is_recipient({"text": line["name"]}, row)

    def is_recipient(self, line, row):
        lines = row["fields"].get("recipients", "").split("\n")
        return row["kind"] == "recipients" and any(same(said, line["text"]) for said in lines)

    def is_signature(self, line, row):
        """For whom and as what; who it was is nobody's business here."""
        if row["kind"] != "signing" or line["name"] in str(row["fields"]):
            return False
        said = row["fields"]
        as_what = " ".join(filter(None, [line.get("deputy_for"), line.get("role")]))
        return same(said["signed_for"], line.get("authority", "")) and same(
            said["signed_as"], as_what
        )

    def is_period(self, line, row):
        fields, days = row["fields"], (first_day(line["first"]), last_day(line["last"]))
        return row["kind"] == "period" and (fields["starts_on"], fields["ends_on"]) == days

    def is_basis(self, line, row):
        if row["kind"] != "basis":
            return False
        fields = row["fields"]
        issuers = line.get("issuers")
        return (
            same(fields["title"], line["name"])
            and fields["number"] == line["number"]
            and fields["issued_on"] == (line.get("day") or "")
            and (issuers is None or same(fields["issuer"], ", ".join(issuers)))
            and line.get("changes", fields["changes"]) == fields["changes"]
        )

    def is_quota(self, line, row):
        """A plan's line about chi hội is a quota, any other line of a table a figure."""
        fields = row["fields"]
        if row["kind"] == "figure" and row["row"]:
            return (
                begins(fields["label"], line["unit"])
                and number(fields["value"]) == number(line.get("quantity", fields["value"]))
                and holds(fields["heading"], line.get("column", ""))
                and fields["qualifier"] == ""
                and (self.is_plan or fields["year"] == line.get("year", self.year))
            )
        if row["kind"] != "quota":
            return False
        places = line.get("places", ())
        total = line.get("quantity", number(fields["stated_total"]))
        each = line.get("per_quantity") or (total if fields["applies_to"] == "branch" else 1)
        return (
            begins(fields["label"], line["unit"])
            and number(fields["stated_total"]) == total
            and number(fields["minimum_each"]) == each
            and ("note" not in line or holds(fields["note"], line["note"]))
            and (len(places) != 1 or same(fields["place_words"], places[0]))
            and all(holds(fields["note"], place.split(" ", 1)[1]) for place in places)
        )

    def is_total(self, line, row):
        fields = row["fields"]
        is_said = holds(fields.get("label", ""), line.get("label", ""))
        return row["kind"] == "figure" and number(fields["value"]) == line["printed"] and is_said

    def is_deadline(self, line, row):
        fields, last = row["fields"], line.get("last_day")
        if not last:
            rhythm = RHYTHMS[line.get("every", "")]
            return self.is_owed("report", rhythm, line.get("sender"), line.get("receiver"), row)
        return (
            row["kind"] == "milestone"
            and fields["due_on"] == last
            and same(fields["printed"], line.get("printed", fields["printed"]))
            and all(holds(fields["recipient"], line.get(n, "")) for n in ("receiver", "via"))
        )

    def is_duty(self, line, row):
        kind = DUTIES.get(line["subject"], "report")
        rhythm = RHYTHMS.get(line.get("rhythm", ""))
        return self.is_owed(kind, rhythm, line.get("who"), line.get("to"), row)

    def is_owed(self, kind, rhythm, who, to, row):
        fields = row["fields"]
        return (
            row["kind"] == "duty"
            and (fields["kind"], fields["rhythm"]) == (kind, rhythm)
            and begins(fields["who"], who or fields["who"])
            and holds(fields["recipient"], to or "")
        )

    def is_task(self, line, row):
        fields = row["fields"]
        return (
            row["kind"] == "duty"
            and fields["kind"] == "task"
            and begins(fields["who"], line["who"])
        )

    def is_content(self, line, row):
        if row["kind"] != "content":
            return False
        fields = row["fields"]
        count = len(fields["text"].split("\n")) if fields["text"] else 0
        return (
            line.get("no", fields["number"]) == fields["number"]
            and begins(fields["heading"], line["heading"])
            and line.get("lines", count) == count
        )

    def is_unit(self, line, row):
        if row["kind"] != "unit":
            return False
        name, *above = row["fields"]["words"].split(", ")
        wanted = [line[part] for part in ("district", "province") if line.get(part)]
        return same(name, f"{line['type']} {line['name']}") and set(wanted) <= set(above)

    def is_assignment(self, line, row):
        if row["kind"] != "pairing":
            return False
        heading = row["fields"]["heading"]
        supporter, _, rest = heading.partition(" thôi giúp " if line.get("ends") else " giúp ")
        span = f"({line['first']}–{line['last']})" if line.get("first") else ""
        return (
            begins(supporter, line["supporter"])
            and begins(rest, line["supported"])
            and all(holds(rest, str(line.get(part, ""))) for part in ("year", "reason"))
            and span in rest
        )

    def is_item(self, line, row):
        if row["kind"] != "item":
            return False
        fields = row["fields"]
        return (
            holds_either(f"{line_kind(fields)} {fields['what']}", line.get("what", ""))
            and holds(row["source"], line.get("printed", ""))
            and ("sort" not in line or fields["item_kind"] == ITEM_KINDS.get(line["sort"], "khac"))
            and ("quantity" not in line or number(fields["quantity"]) == line["quantity"])
            and ("months" not in line or number(fields["months"]) == line["months"])
            and self.is_worth(line, fields)
            and line.get("conditional", False) == fields["is_conditional"]
            and [_text(place) for place in line.get("places", fields["places"].split("; "))]
            == [_text(place) for place in fields["places"].split("; ")]
        )

    def is_worth(self, line, fields):
        """Its price and its value; a value that follows from the price may be left to it."""
        price, value = number(fields["unit_value"]), number(fields["stated_value"])
        if "unit_value" in line and line["unit_value"] != price:
            monthly = line["unit_value"] and holds(
                fields["note"], format_number(line["unit_value"])
            )
            if not monthly:
                return False
        if "value" not in line or line["value"] == value:
            return True
        count, months = number(fields["quantity"]), number(fields["months"]) or 1
        return value is None and bool(price and count) and line["value"] == price * count * months

    def is_figure(self, line, row):
        if row["kind"] != "figure":
            return False
        fields = row["fields"]
        moment = line.get("as_of")
        as_of = last_day(moment) if moment and len(moment) > 4 else ""
        year = moment[:4] if moment is not None else "" if self.is_plan else self.year
        if "percent" in line:
            is_same = fields["unit"] == "%" and number(fields["value"]) == number(line["percent"])
            is_same = is_same and holds_either(fields["label"], line.get("of", ""))
        else:
            is_same = number(fields["value"]) == number(line.get("value"))
            is_same = is_same and begins(fields["unit"], per_time(line))
        words = [format_number(line[name]) for name in ("denominator", "upper") if line.get(name)]
        return (
            is_same
            and fields["qualifier"] == qualifier_of(line)
            and (fields["as_of"], fields["year"]) == (as_of, year)
            and fields["role"] == line.get("role", fields["role"])
            and holds(fields["label"], line.get("label", ""))
            and all(word in fields["printed"] for word in words)
            and line.get("cumulative", fields["is_cumulative"]) == fields["is_cumulative"]
        )

    def is_target(self, line, row):
        if row["kind"] != "target":
            return False
        fields = row["fields"]
        shape = line.get("shape") or [fields["shape"]]
        shape = "share_of_units" if "share_of_units" in shape else shape[0]
        year = line["year"] if "year" in line else self.year
        per = "năm" if fields["unit"].endswith("/năm") else ""
        unit = fields["unit"].removesuffix("/năm")
        return (
            fields["shape"] == shape
            and number(fields["value"]) == number(line.get("value"))
            and number(fields["share"]) == number(line.get("share"))
            and begins(unit, line.get("unit", unit))
            and per == line.get("per", "")
            and begins(fields["of_whom"], line.get("of", fields["of_whom"]))
            and fields["qualifier"] == qualifier_of(line)
            and fields["year"] == str(year or "")
            and fields["levels"] == line.get("levels", fields["levels"])
            and bool(fields["question"]) == line.get("ambiguous", bool(fields["question"]))
            and (not line.get("no") or fields["number"] == line["no"])
        )

    def is_partner(self, line, row):
        return row["kind"] == "partner" and begins(row["fields"]["name"], line["name"])


def shown(row):
    """A row of the page in one line, for the lists of what was wrong."""
    said = {name: value for name, value in row["fields"].items() if value not in ("", [], False)}
    return f"{row['kind']} {said} ← {row['clause']} “{row['source'][:90]}”"


def per_time(line):
    """ "đồng/năm" of what is counted a year."""
    unit, per = line.get("unit", ""), line.get("per")
    return f"{unit}/{per}" if per else unit


def qualifier_of(line):
    """Its code; a word that a programme cannot hold is an error of the product."""
    return QUALIFIERS[line["qualifier"]] if line.get("qualifier") else ""


def number(text):
    """A Decimal of what a form would show, or of a key's number; None of nothing."""
    if isinstance(text, str):
        text = text.replace(".", "").replace(",", ".") or None
    return None if text is None else Decimal(str(text))


def line_kind(fields):
    """The kind of an item in words, for what the key names by its kind."""
    return next((w for w, code in ITEM_KINDS.items() if code == fields["item_kind"]), "")


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


def same(said, wanted):
    """The same words; of a beginning ("…") at least that."""
    said, start = _text(said), _text(wanted.removesuffix("…"))
    return said.startswith(start) if wanted.endswith("…") else said == start


def begins(said, wanted):
    """One begins with the other, at a word's end."""
    said, start = _text(said), _text(wanted.removesuffix("…"))
    if wanted.endswith("…"):
        return said.startswith(start)
    shorter, longer = sorted((said, start), key=len)
    return said == start or (bool(shorter) and longer.startswith(shorter + " "))


def holds(said, wanted):
    return _text(wanted.removesuffix("…")) in _text(said)


def holds_either(said, wanted):
    return holds(said, wanted) or (bool(said) and holds(wanted, said))


def _text(text):
    return " ".join(re.findall(r"[\w+/&%-]+", exact_fold(str(text)).replace("&", "và")))


def _plain(text):
    return re.sub(r"\W+", "", exact_fold(WIDE_GAP.sub(" ", text)))
