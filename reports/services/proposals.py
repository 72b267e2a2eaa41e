"""Khó khăn, kiến nghị: written with a report, answered or passed on by those above."""

from django.db import transaction
from django.utils.timezone import localdate

from branches.custody import acting_for, offices
from branches.models import Position
from hoiphunu.text import clean, clean_lines

from ..models import Notification, Proposal, ProposalPass, Report
from ..notifications import Telling, holding, tell, with_units
from ..steps import WRITTEN
from .life import ReportError, change_row, held, write_history
from .rows import keep, refuse_named, take_version

Role = Position.Role
Kind = Proposal.Kind
MOST = 50  # of one report; a list that is longer is no list of things to answer
# Which text of a report holds which kind, line by line.
TEXTS = {"difficulties": Kind.DIFFICULTY, "proposals": Kind.PROPOSAL}
BULLETS = "-–—+*•·. \t"


def units_to_ask(report):
    """The units above that may be asked, the one directly above first."""
    branch = report.branch
    above = offices().filter(pk__in=branch.ancestor_ids, level__rank__lt=branch.level.rank)
    nearest = report.reviewing_branch
    others = above.exclude(pk=nearest.pk).select_related("level").order_by("-path")
    return [nearest, *others]


# --- By the unit that asks ----------------------------------------------------------------


@transaction.atomic
def add_proposals(*, report, kind, lines, to, by, at):
    """Write one row for each line; the rows that are new. What stands there already is left.

    A report not begun is begun by it.
    """
    report = held_open(report)
    refuse_strange(report, to)
    kept = set(report.raised.filter(kind=kind).values_list("text", flat=True))
    texts = [text for text in dict.fromkeys(map(clean, lines)) if text and text not in kept]
    if report.raised.count() + len(texts) > MOST:
        raise ReportError(f"Một báo cáo ghi được nhiều nhất {MOST} khó khăn, kiến nghị.")
    for text in texts:
        if len(text) > Proposal.LONGEST:
            raise ReportError(
                f"Dòng “{text[:60]}…” dài {len(text)} ký tự; mỗi mục dài nhất {Proposal.LONGEST} "
                "ký tự. Chị rút gọn hoặc tách dòng ấy rồi làm lại."
            )
    refuse_named({"nội dung": "\n".join(texts)}, by)
    if texts and report.status == Report.Status.NOT_BEGUN:
        change_row(report, "edit", report.version)
        write_history(Report, [report], by=by, at=at, reason=WRITTEN)
    return [
        keep(
            Proposal(report=report, kind=kind, text=text, addressed_to=to),
            by=by, at=at, reason="ghi",
        )
        for text in texts
    ]  # fmt: skip


@transaction.atomic
def split_texts(*, report, by, at):
    """Each line of the report's own words under the two headings becomes a row of its own, for
    the unit directly above; the rows that are new. The words stay as they are.

    A line that became a row once is not doubled when the row says it otherwise since.
    """
    report.refresh_from_db(fields=list(TEXTS))
    standing = list(report.raised.values_list("pk", flat=True))
    known = set(Proposal.history.filter(id__in=standing).values_list("text", flat=True))
    made = []
    for name, kind in TEXTS.items():
        lines = [line for line in lines_of(getattr(report, name)) if clean(line) not in known]
        made += add_proposals(
            report=report, kind=kind, lines=lines,
            to=report.reviewing_branch, by=by, at=at,
        )  # fmt: skip
    return made


def lines_of(text):
    """The lines of a text without the dashes in front of them."""
    return [line.strip(BULLETS) for line in text.splitlines()]


@transaction.atomic
def change_proposal(*, proposal, seen_version, kind, text, to, by, at):
    """Say it otherwise, while the report may be written and nobody has answered."""
    held_open(proposal.report)
    take_version(proposal, seen_version)
    refuse_settled(proposal)
    refuse_strange(proposal.report, to)
    refuse_named({"nội dung": text}, by)
    keep(proposal, by=by, at=at, reason="sửa", kind=kind, text=clean(text), addressed_to=to)
    return proposal


@transaction.atomic
def remove_proposal(*, proposal, seen_version, by, at):
    """Take it out of a report that may still be written; its history keeps what it said."""
    held_open(proposal.report)
    take_version(proposal, seen_version)
    refuse_settled(proposal)
    if proposal.passes.exists():
        raise ReportError("Mục này đã được chuyển lên cấp trên nên không bỏ được; chị báo đã xong.")
    proposal._history_user, proposal._history_date, proposal._change_reason = by, at, "bỏ"
    proposal.delete()


@transaction.atomic
def close_proposal(*, proposal, seen_version, by, at):
    """The unit that asked says that it is settled, answered or not."""
    take_version(proposal, seen_version)
    if proposal.closed_at:
        raise ReportError("Mục này đã được báo xong.")
    keep(proposal, by=by, at=at, reason="báo đã xong", closed_at=at, closed_by=by)
    return proposal


def held_open(report):
    """Whoever changes a proposal holds its report before the row itself, so that no two wait for
    each other."""
    report = held(report)
    if not report.is_editable:
        raise ReportError("Báo cáo đã nộp nên không thêm, sửa khó khăn, kiến nghị được nữa.")
    return report


def refuse_settled(proposal):
    if proposal.state != Proposal.State.OPEN:
        raise ReportError("Mục này đã được trả lời hoặc đã xong nên giữ nguyên.")


def refuse_strange(report, to):
    if to not in units_to_ask(report):
        raise ReportError("Chị chọn một đơn vị cấp trên của mình để gửi.")


# --- By those above -----------------------------------------------------------------------


@transaction.atomic
def answer_proposal(*, proposal, seen_version, answer, by, at):
    """Answer it in the name of the unit addressed, or put the answer right; the unit is told."""
    answer = clean_lines(answer)
    if not answer:
        raise ReportError("Chị ghi câu trả lời.")
    report = held(proposal.report)
    take_version(proposal, seen_version)
    refuse_not_handed_in(proposal, report)
    if proposal.closed_at:
        raise ReportError("Đơn vị đã báo việc này xong nên không cần trả lời nữa.")
    refuse_named({"trả lời": answer}, by)
    keep(
        proposal, by=by, at=at, reason="trả lời", answer=answer, answered_by=by, answered_at=at,
        answering_branch=proposal.answering_unit,
    )  # fmt: skip
    tell_asking(proposal, f"đã trả lời: {answer}", by=by, at=at)
    return proposal


@transaction.atomic
def pass_up(*, proposal, seen_version, to, word, by, at):
    """Send it on to a unit further up; who did it and when stays with it."""
    report = held(proposal.report)
    take_version(proposal, seen_version)
    refuse_not_handed_in(proposal, report)
    refuse_settled(proposal)
    if to not in units_above(proposal):
        raise ReportError("Chị chọn một đơn vị ở trên đơn vị của chị.")
    word = clean(word)
    refuse_named({"ý kiến kèm theo": word}, by)
    was = proposal.answering_unit
    keep(proposal, by=by, at=at, reason="chuyển lên cấp trên", addressed_to=to)
    done = ProposalPass(proposal=proposal, from_branch=was, to_branch=to, word=word, by=by, at=at)
    done.save()
    tell_asking(proposal, f"đã chuyển lên {to.office_name}", by=by, at=at, unit=was)
    tell_addressed(done)
    return done


def units_above(proposal):
    """The units to which the one that answers may pass it, the nearest first."""
    here = proposal.answering_unit
    above = offices().filter(pk__in=here.ancestor_ids, level__rank__lt=here.level.rank)
    return list(above.select_related("level").order_by("-path"))


def refuse_not_handed_in(proposal, report):
    """While the unit writes, what it asks is still its own."""
    if report.is_editable and proposal.answered_at is None:
        raise ReportError("Đơn vị đang sửa báo cáo này. Chị trả lời sau khi đơn vị nộp lại.")


# --- Who is told --------------------------------------------------------------------------


def tell_asking(proposal, what, *, by, at, unit=None):
    unit = unit or proposal.answering_branch
    own = acting_for([proposal.report.branch])[proposal.report.branch_id]
    tell_of(
        proposal, holding(Role.OFFICER, own, localdate(at)),
        f"{unit.office_name} {what} (về “{proposal.text[:120]}”)",
        f"{unit.office_name} có ý kiến về một kiến nghị của {proposal.report.branch.office_name}.",
        by=by,
    )  # fmt: skip


def tell_addressed(done):
    unit = done.proposal.answering_unit
    day = localdate(done.at)
    people = holding(Role.REVIEWER, [unit.pk], day) + holding(Role.LEADER, [unit.pk], day)
    text = f"{done.from_branch.office_name} chuyển lên một kiến nghị: {done.proposal.text}"
    in_letter = f"{done.from_branch.office_name} chuyển lên một kiến nghị."
    tell_of(done.proposal, people, text, in_letter, by=done.by)


def tell_of(proposal, people, text, in_letter, *, by):
    """The version keeps apart what is told of one row. A letter says only that there is a word.
    `people`: (id of the unit as whose person she is told, person)."""
    tell(
        Telling(
            person=person,
            key=f"proposal:{proposal.pk}:{proposal.version}:{person.pk}",
            kind=Notification.Kind.PROPOSAL,
            text=text,
            in_letter=in_letter,
            url=proposal.get_absolute_url(),
            about=as_of,
        )
        for as_of, person in with_units(people)
        if person != by
    )
