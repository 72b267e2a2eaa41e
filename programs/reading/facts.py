"""What a paper says, fact by fact; each carries the sentence or table row it was read from.

A fact that was worked out, not printed, says so in `computed`. Texts are as printed, days are
dates, amounts are whole đồng. Nothing here knows a model: another page matches the names to
units and asks a person.
"""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True)
class Source:
    """Where it is printed: the words, the paragraph or table, the row, the clause "II.2"."""

    text: str
    block: int
    row: int | None = None
    clause: str = ""


@dataclass(frozen=True)
class Number:
    """Số, ký hiệu: "02" and "KH-BTV"; `number` is "" where the paper leaves it open."""

    kind: ClassVar = "number"
    source: Source
    number: str
    sign: str
    printed: str


@dataclass(frozen=True)
class IssueDay:
    kind: ClassVar = "date"
    source: Source
    day: datetime.date


@dataclass(frozen=True)
class Place:
    kind: ClassVar = "place"
    source: Source
    name: str


@dataclass(frozen=True)
class Issuer:
    """Cơ quan ban hành; `organ` is the body in it (Ban Thường vụ)."""

    kind: ClassVar = "issuer"
    source: Source
    name: str
    organ: str = ""


@dataclass(frozen=True)
class Parent:
    """Cơ quan chủ quản."""

    kind: ClassVar = "parent"
    source: Source
    name: str


@dataclass(frozen=True)
class PaperType:
    kind: ClassVar = "type"
    source: Source
    name: str


@dataclass(frozen=True)
class Title:
    kind: ClassVar = "title"
    source: Source
    text: str


@dataclass(frozen=True)
class Programme:
    kind: ClassVar = "programme"
    source: Source
    name: str


@dataclass(frozen=True)
class Aim:
    """Mục đích, yêu cầu: its lines, each with its own source."""

    kind: ClassVar = "aim"
    source: Source
    items: tuple = ()


@dataclass(frozen=True)
class Addressee:
    kind: ClassVar = "addressee"
    source: Source
    name: str


@dataclass(frozen=True)
class Span:
    """A period: "2021" to "2022", or "2023-03" to "2023-12". `own`: of this paper itself."""

    kind: ClassVar = "period"
    source: Source
    first: str
    last: str
    own: bool


@dataclass(frozen=True)
class Basis:
    """A paper that this one stands on or names; `changes`: it changes an earlier one."""

    kind: ClassVar = "basis"
    source: Source
    name: str
    number: str
    day: datetime.date | None = None
    issuers: tuple = ()
    changes: bool = False


@dataclass(frozen=True)
class QuotaLine:
    """One number of a table of units, this unit, this column: in a plan its quota, in a report
    its result."""

    kind: ClassVar = "quota"
    source: Source
    no: str
    unit: str
    column: str
    quantity: Decimal
    printed: str
    note: str = ""
    per: str = ""
    per_quantity: Decimal | None = None
    places: tuple = ()


@dataclass(frozen=True)
class Total:
    """A printed total beside the computed sum of its parts; neither is ever changed."""

    kind: ClassVar = "total"
    source: Source
    label: str
    printed: Decimal | None
    computed: Decimal
    unit: str = ""
    parts: tuple = ()
    words: str = ""  # as printed in its cell

    @property
    def difference(self):
        return None if self.printed is None else self.printed - self.computed

    @property
    def warns(self):
        return bool(self.difference)


@dataclass(frozen=True)
class Deadline:
    """`last_day` is the last good day: "trước ngày 15/01" is the 14th. None when it recurs."""

    kind: ClassVar = "deadline"
    source: Source
    last_day: datetime.date | None
    printed: str
    every: str = ""
    sender: str = ""
    receiver: str = ""
    via: str = ""


@dataclass(frozen=True)
class Duty:
    """Who owes what how often: báo cáo, sơ kết, tổng kết, danh sách, kế hoạch, dự trù."""

    kind: ClassVar = "duty"
    source: Source
    subject: str
    rhythm: str
    who: str
    to: str = ""


@dataclass(frozen=True)
class Unit:
    """A place named, with what stands above it as far as the paper says."""

    kind: ClassVar = "unit"
    source: Source
    type: str
    name: str
    district: str = ""
    province: str = ""

    @property
    def wording(self):
        return f"{self.type} {self.name}"


@dataclass(frozen=True)
class Pairing:
    """Who helps whom; `ends` with the year and the reason printed."""

    kind: ClassVar = "assignment"
    source: Source
    supporter: str
    supported: str
    ends: bool = False
    year: int | None = None
    reason: str = ""
    first: str = ""
    last: str = ""


@dataclass(frozen=True)
class Item:
    """Something to be given. `value` None is "chưa định giá", never 0."""

    kind: ClassVar = "item"
    source: Source
    sort: str
    what: str
    quantity: Decimal | None = None
    unit_value: int | None = None
    per: str = ""
    months: int | None = None
    value: int | None = None
    computed: tuple = ()  # names of the fields above that were worked out
    conditional: bool = False
    places: tuple = ()

    @property
    def valuation(self):
        return "chưa định giá" if self.value is None and self.unit_value is None else "có giá trị"


@dataclass(frozen=True)
class Partner:
    kind: ClassVar = "partner"
    source: Source
    name: str


@dataclass(frozen=True)
class Figure:
    """A result or a count. Money is đồng. `role`: level, increase or decrease."""

    kind: ClassVar = "figure"
    source: Source
    printed: str
    value: Decimal | None = None
    unit: str = ""
    percent: Decimal | None = None
    of: str = ""
    qualifier: str = ""
    role: str = "level"
    label: str = ""
    as_of: str = ""
    denominator: Decimal | None = None
    upper: Decimal | None = None
    per: str = ""
    cumulative: bool = False
    listed: bool = False  # the label stands before a colon or a bracket
    restates: Decimal | None = None
    also: tuple = ()  # further sources of the same figure


@dataclass(frozen=True)
class Target:
    """One part of a numbered target; `compound` when the number has several parts."""

    kind: ClassVar = "target"
    source: Source
    no: str
    shape: tuple
    printed: str
    value: Decimal | None = None
    unit: str = ""
    share: Decimal | None = None
    of: str = ""
    qualifier: str = ""
    levels: tuple = ()
    per: str = ""
    year: int | None = None
    ambiguous: bool = False
    compound: bool = False


@dataclass(frozen=True)
class Content:
    """A group of the contents with what stands under it."""

    kind: ClassVar = "content"
    source: Source
    no: str
    heading: str
    items: tuple = ()

    @property
    def lines(self):
        return len(self.items)


@dataclass(frozen=True)
class Task:
    """What one unit is to do, each line with its own source."""

    kind: ClassVar = "task"
    source: Source
    who: str
    items: tuple = ()

    @property
    def lines(self):
        return len(self.items)


@dataclass(frozen=True)
class Lead:
    kind: ClassVar = "lead"
    source: Source
    name: str


@dataclass(frozen=True)
class Hotline:
    kind: ClassVar = "hotline"
    source: Source
    number: str


@dataclass(frozen=True)
class Signature:
    kind: ClassVar = "signature"
    source: Source
    name: str
    role: str = ""
    authority: str = ""
    deputy_for: str = ""


@dataclass(frozen=True)
class Recipient:
    kind: ClassVar = "recipient"
    source: Source
    text: str


@dataclass(frozen=True)
class Reading:
    """All that is proposed, and the sentences with numbers that no rule took.

    `passages`: everything that the paper says, sentence by sentence and row by row, but for
    headings and frame; whoever shows the facts can tell what is in none of them.
    """

    facts: tuple = ()
    unknown: tuple = field(default=())
    passages: tuple = field(default=())

    def of(self, kind):
        return [fact for fact in self.facts if fact.kind == kind]

    @property
    def warnings(self):
        return [total for total in self.of("total") if total.warns]
