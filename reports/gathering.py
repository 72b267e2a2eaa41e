"""What the units of a summary have written, paragraph by paragraph, and what repeats what.

Read-only. A unit that has frozen a summary of its own speaks with that edited text, another with
the words of its report.
"""

from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Exists, OuterRef

from branches.querysets import under_paths
from hoiphunu.text import clean, key_words

from .models import FrozenSummary, Report, ReportEvent, SummaryParagraph
from .models.summaries import HEADINGS
from .rollup import would_review

NEARLY = 0.8  # as many pairs of neighbouring words alike is nearly the same paragraph
BULLETS = "-–—+*•·●○▪■►➢✓ \t"


@dataclass(frozen=True)
class Offer:
    """A paragraph that a source says now. `report` or `frozen` say where, `unit` who."""

    heading: str
    text: str
    unit: str
    report_id: int | None = None
    frozen_id: int | None = None
    branch_id: int | None = None

    @property
    def key(self):
        """What it is told apart by: the same words of the same unit are gathered once."""
        return (self.heading, self.report_id or f"unit {self.branch_id}", self.text)


def key_of(paragraph):
    """The key of the Offer that a SummaryParagraph was made of."""
    unit = paragraph.frozen and f"unit {paragraph.frozen.branch_id}"
    return (paragraph.heading, paragraph.source_id or unit, paragraph.original)


def paragraphs_in(text):
    """A text line by line, without blank ones."""
    return [line for line in map(clean, text.splitlines()) if line]


# --- What there is to gather ----------------------------------------------------------------


def offers(period, branch):
    """Of the unit's own report, whatever its state, then of the approved ones that it reviews, then
    of units directly below that owe none but have frozen a summary. A few questions for all.

    What a unit wrote that stands elsewhere today is not the reader's to open, so nor is it here.
    """
    own = Report.objects.owed().filter(period=period, branch=branch)
    here = under_paths([branch.path], "branch__path")
    direct = Report.objects.approved().filter(here, period=period, reviewer_branch=branch)
    direct = direct.exclude(branch=branch).order_by("branch__sort_key", "pk")
    reports = [*own.select_related("branch__level"), *direct.select_related("branch__level")]
    frozen = frozen_with([report for report in reports if report.branch_id != branch.pk])
    found = []
    for report in reports:
        found += offers_of(report, frozen.get(report.pk))
    for one in frozen_alone(period, branch):
        found += offers_in(one, branch_id=one.branch_id)
    return list({offer.key: offer for offer in found}.values())


def frozen_with(reports):
    """Report's id → the summary frozen when it was last submitted, if one was."""
    sent = ReportEvent.objects.filter(report__in=reports, kind=ReportEvent.Kind.SUBMITTED)
    last = {}
    for event in sent.order_by("at", "pk").select_related("frozen_summary__branch__level"):
        last[event.report_id] = event
    found = {pk: getattr(event, "frozen_summary", None) for pk, event in last.items()}
    return {pk: frozen for pk, frozen in found.items() if frozen}


def frozen_alone(period, branch):
    """The last summary of each unit that owes no report of its own and would hand one to `branch`;
    a unit that does owe one speaks with that."""
    here = under_paths([branch.path], "branch__path")
    owing = Report.objects.owed().filter(period=period, branch=OuterRef("branch"))
    rows = FrozenSummary.objects.filter(here, ~Exists(owing), period=period, event=None)
    rows = rows.exclude(branch=branch).select_related("branch__level", "branch__parent")
    last = {row.branch_id: row for row in rows.order_by("at", "pk")}
    direct = [row for row in last.values() if would_review(row.branch) == branch]
    return sorted(direct, key=lambda row: (row.branch.sort_key, row.branch_id))


def offers_of(report, frozen):
    if frozen:
        return offers_in(frozen, report_id=report.pk)
    unit = report.branch.office_name
    return [
        Offer(name, text, unit, report_id=report.pk)
        for name in Report.NARRATIVE
        for text in paragraphs_in(getattr(report, name))
    ]


def offers_in(frozen, **source):
    return [
        Offer(part["name"], text, frozen.branch.office_name, frozen_id=frozen.pk, **source)
        for part in frozen.content["texts"]
        for paragraph in part["paragraphs"]
        for text in paragraphs_in(paragraph["text"])
    ]


# --- What became of the sources ---------------------------------------------------------------


def what_changed(paragraphs, offered):
    """SummaryParagraph's id → a sentence about its source, where that says it no more."""
    keys = {offer.key for offer in offered}
    speaking = {key[1] for key in keys}
    found = {}
    for paragraph in paragraphs:
        key = key_of(paragraph)
        if key[1] is None or key in keys:
            continue
        found[paragraph.pk] = (
            "Đơn vị đã sửa hoặc bỏ đoạn này sau khi chị lấy về."
            if key[1] in speaking
            else "Báo cáo nguồn đang mở lại hoặc không còn phần lời, hay đơn vị nay thuộc nơi khác."
        )
    return found


def still_to_gather(paragraphs, offered):
    taken = {key_of(paragraph) for paragraph in paragraphs}
    return [offer for offer in offered if offer.key not in taken]


# --- What is signed -----------------------------------------------------------------------------


def to_sign(paragraphs, own):
    """The SummaryParagraphs that a paper of a unit holds. `paragraphs`: all of its summary;
    `own`: the report of the unit itself, or None.

    That report speaks first, as it stands now: each line of it with what the editor made of it,
    one that was never gathered as a SummaryParagraph that is not saved. What it says no more goes,
    unless she has edited it. Then comes what is kept of others and of her own.
    """
    lines = {offer.key: offer for offer in (offers_of(own, None) if own else [])}
    gathered = {key_of(row): row for row in paragraphs}
    spoken = [gathered.get(key) or as_paragraph(line, own) for key, line in lines.items()]
    rest = [row for row in paragraphs if key_of(row) not in lines and not is_replaced(row, own)]
    return [row for row in (*spoken, *rest) if not row.is_dropped]


def as_paragraph(line, own):
    return SummaryParagraph(heading=line.heading, source=own, original=line.text, text=line.text)


def is_replaced(row, own):
    """Of a line that the own report says no more: did the editor leave it as it was?"""
    return own is not None and row.source_id == own.pk and row.text == row.original


# --- What repeats what --------------------------------------------------------------------------


class Repeats:
    """Finds, among paragraphs told one after another, those that say again what an earlier one
    under the same heading said: word for word, or nearly and with the same numbers."""

    def __init__(self):
        self.firsts = {}  # heading → [(pairs of words, numbers, paragraph)]
        self.exact = {}

    def first_of(self, heading, text, paragraph):
        """The paragraph that it repeats, or None: then it is a first one itself."""
        words = key_words(text.lstrip(BULLETS).casefold()).split()
        found = self.exact.setdefault((heading, *words), paragraph)
        if found is not paragraph:
            return found
        pairs, numbers = set(pairwise(words)), [word for word in words if word.isdecimal()]
        for others, other_numbers, other in self.firsts.get(heading, ()):
            if numbers == other_numbers and is_nearly(pairs, others):
                return other
        self.firsts.setdefault(heading, []).append((pairs, numbers, paragraph))
        return None


def is_nearly(pairs, others):
    """By sets, for a province compares every paragraph with every other."""
    return bool(pairs) and 2 * len(pairs & others) >= NEARLY * (len(pairs) + len(others))


# --- For a paper ----------------------------------------------------------------------------------


def texts_with(paragraphs):
    """[{"name", "label", "paragraphs"}] of the four headings, for `rollup.content_of`.
    `paragraphs`: (heading, text, unit, report id, id of a frozen summary)."""
    found = {name: [] for name, _ in HEADINGS}
    for heading, text, unit, report, frozen in paragraphs:
        row = {"text": text, "unit": unit, "report": report, "frozen": frozen}
        found[heading].append(row)
    return [
        {"name": name, "label": str(label), "paragraphs": found[name]} for name, label in HEADINGS
    ]
