"""Where a number comes from: the paper and clause it stands on, now and before.

Every row that cites a paper has its page "Số này ở đâu ra"; CITED names the kinds by the word
in the address, with what is told of each.
"""

from dataclasses import dataclass, field

from django.db.models import Count

from branches.decrees import standing_below
from branches.models import Branch
from hoiphunu.numbers import format_money
from programs.models import (
    Assignment,
    Content,
    Contribution,
    Duty,
    Milestone,
    PlanDocument,
    QuotaLine,
    Sponsorship,
    StatedFigure,
    SupportItem,
    Target,
    TargetPart,
)

from .targets import figure_words, in_unit, part_words


def line_words(line):
    printed = f"; văn bản in {line.stated_total:02d}" if line.stated_total is not None else ""
    return f"mỗi nơi ít nhất {line.minimum_each:02d}{printed}"


def item_words(item):
    value = "chưa định giá" if item.value is None else format_money(item.value)
    amount = in_unit(item.quantity, item.measure)
    return ", ".join(filter(None, [item.what, amount, value]))


def milestone_words(milestone):
    printed = f" ({milestone.printed})" if milestone.printed else ""
    return f"{milestone.due_on:%d/%m/%Y}{printed}"


def content_words(content):
    return f"{content.number} {content.heading}\n{content.text}".strip()


def assignment_words(assignment):
    """Who helps whom, from when until when, and with what."""
    supporter = assignment.supporter_team or assignment.supporter_branch.full_name
    until = f" đến {assignment.ends_on:%d/%m/%Y}" if assignment.ends_on else ""
    helps = f"{supporter} giúp {assignment.supported.full_name}"
    return f"{helps}, từ {assignment.starts_on:%d/%m/%Y}{until}\n{assignment.content}".strip()


def contribution_words(contribution):
    """What is given; its amounts are lines of the ledger, which never change."""
    kind = "hiện vật" if contribution.is_in_kind else "tiền"
    estimate = ", trị giá ước tính" if contribution.is_estimate else ""
    return f"{contribution.donor}: {contribution.what} ({kind}{estimate})"


def sponsorship_words(sponsorship):
    """The sum a month; whom it is for is not said here, not even by a code."""
    span = f"{sponsorship.starts_on:%m/%Y} – {sponsorship.ends_on:%m/%Y}"
    return f"{format_money(sponsorship.monthly)} mỗi tháng, {span}"


# Each reads a row or what its history remembers of it.
CITED = {
    "lines": (QuotaLine, line_words),
    "milestones": (Milestone, milestone_words),
    "targets": (Target, lambda target: target.text),
    "items": (SupportItem, item_words),
    "figures": (StatedFigure, figure_words),
    "duties": (Duty, lambda duty: duty.text),
    "contents": (Content, content_words),
    "assignments": (Assignment, assignment_words),
    "contributions": (Contribution, contribution_words),
    "sponsorships": (Sponsorship, sponsorship_words),
}


@dataclass(frozen=True)
class Said:
    """What was said of a number from a moment on, and on which paper."""

    words: str
    cited: str
    note: str  # what the paper, an amendment, says of it
    signed: str  # where, for whom and as what the paper was signed
    at: object
    by: object


@dataclass
class Source:
    """One number with all that was said of it, newest first."""

    label: str
    trail: list = field(default_factory=list)

    @property
    def now(self):
        return self.trail[0]

    @property
    def before(self):
        return self.trail[1:]


def sources(row, words):
    """The row's own trail; of a target, also that of each part."""
    documents = papers_by_id(row.program_id)
    records = list(row.history.select_related("history_user").order_by("history_date", "pk"))
    found = [Source(row._meta.verbose_name, trail(records, words, records, documents))]
    if isinstance(row, Target):
        found += part_sources(row, records, documents)
    return found


def part_sources(target, own, documents):
    """A part stands on the paper that its target named at the time."""
    parts = list(target.parts.all())
    found = {part.pk: [] for part in parts}
    history = TargetPart.history.filter(id__in=found).select_related("history_user")
    for record in history.order_by("history_date", "pk"):
        found[record.id].append(record)
    return [Source(part.text, trail(found[part.pk], part_words, own, documents)) for part in parts]


def trail(records, words, citing, documents):
    """What differs from the words or the paper before, newest first."""
    said = []
    for record in records:
        standing = [other for other in citing if other.history_date <= record.history_date]
        named = standing[-1] if standing else citing[0]
        document = documents.get(named.document_id)
        cited = ", ".join(filter(None, [named.clause, document and document.sign]))
        row = Said(
            words(record),
            cited,
            document.note if document else "",
            document.signed if document else "",
            record.history_date,
            record.history_user,
        )
        if not said or (said[-1].words, said[-1].cited) != (row.words, row.cited):
            said.append(row)
    return said[::-1]


@dataclass(frozen=True)
class Amended:
    """One number that a paper changed: what stood before and what stands since."""

    kind: str  # of CITED
    row: object
    label: str
    old: Said
    new: Said


def amended_by(paper, user):
    """Of what she may see: what cites an amending paper now and said something else before."""
    found = []
    for kind, (model, words) in CITED.items():
        for row in model.objects.visible_to(user).filter(document=paper).order_by("pk"):
            for source in sources(row, words):
                if source.before and source.now.words != source.before[0].words:
                    found.append(Amended(kind, row, source.label, source.before[0], source.now))
    return found


def papers_by_id(program_id):
    """The programme's papers, and those that were removed since, as they last stood."""
    removed = PlanDocument.history.filter(program_id=program_id, history_type="-")
    gone = {record.id: record.history_object for record in removed}
    return gone | {paper.pk: paper for paper in PlanDocument.objects.filter(program_id=program_id)}


@dataclass
class DutyGroup:
    """The duties of all units of `levels` ((level, how many units)), or of one unit, or, with
    neither, of the owner and whom the plan names beside it."""

    levels: list
    branch: Branch | None
    duties: list = field(default_factory=list)


def duties_by_level(program):
    """DutyGroups in the order in which the plan first speaks of them; three questions."""
    units = standing_below(program.owner).filter(closed_on=None)
    counts = dict(units.order_by().values_list("level").annotate(Count("pk")))
    groups = {}
    rows = program.duties.select_related("document", "branch__level").prefetch_related("levels")
    for duty in rows:
        levels = list(duty.levels.all())
        key = (*(level.pk for level in levels), duty.branch)
        known = [(level, counts.get(level.pk, 0)) for level in levels]
        groups.setdefault(key, DutyGroup(known, duty.branch)).duties.append(duty)
    return list(groups.values())
