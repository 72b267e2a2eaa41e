"""Verbs on editions: the same programme once more, and a programme that is called off."""

from datetime import date

from django.db import transaction
from django.utils.timezone import localdate

from programs.models import (
    Content,
    Duty,
    Milestone,
    PlanDocument,
    Program,
    Target,
    TargetPart,
)

from .programs import free_slug
from .quotas import add_line
from .shared import ProgramError, keep, keep_changes, require_reason, set_levels, take_version

AGAIN = "chép từ đợt trước"


@transaction.atomic
def copy_program(*, program, name, edition, starts_on, ends_on, by):
    """A draft of the next edition with this one's set-up; (the draft, lines left out).

    Its papers become the new one's basis, which quota lines, deadlines, contents, duties and
    targets go on naming until the new plan is there. Deadlines move by whole years, so that the
    day in the paper's own words is left out. Targets come with their parts and indicators, the
    numbers to reach open. A line whose unit has ended is left out.
    """
    draft = Program(
        owner=program.acting_owner or program.owner,
        name=name,
        slug=free_slug(name),
        aim=program.aim,
        contact=program.contact,
        starts_on=starts_on,
        ends_on=ends_on,
        edition=edition,
        previous=program,
        supported_level=program.supported_level,
        reaches_out=program.reaches_out,
        keep_months=program.keep_months,
    )
    keep(draft, by, AGAIN)
    papers = copy_papers(program, draft, by)
    left_out = copy_lines(program, draft, papers, by)
    years = starts_on.year - program.starts_on.year
    copy_milestones(program, draft, papers, years, by)
    copy_contents(program, draft, papers, by)
    copy_duties(program, draft, papers, by)
    copy_targets(program, draft, papers, years, by)
    return draft, left_out


@transaction.atomic
def cancel_program(*, program, seen_version, by, reason, on=None):
    """Call off a programme that has not ended; what was written stays to be read."""
    program = take_version(program, seen_version)
    if program.is_closed:
        raise ProgramError("Chương trình đã kết thúc hoặc đã hủy rồi.")
    require_reason(reason)
    called_off = {
        "status": Program.Status.CANCELLED,
        "end_reason": reason.strip(),
        "closed_on": on or localdate(),
    }
    keep_changes(program, called_off, by, reason)
    return program


def copied(row, draft, names, **fields):
    """A new row of the draft with the old one's fields of these names."""
    return type(row)(program=draft, **{name: getattr(row, name) for name in names} | fields)


def cited_in(papers, row):
    return {"document": papers.get(row.document_id), "clause": row.clause}


def copy_papers(program, draft, by):
    """Old document id → its copy, as a basis of the draft."""
    names = (
        "number", "printed", "issued_on", "issuer", "title", "place", "signed_for", "signed_as",
        "recipients", "note", "file",
    )  # fmt: skip
    papers = {}
    for paper in PlanDocument.objects.filter(program=program):
        papers[paper.pk] = copied(paper, draft, names, role=PlanDocument.Role.BASIS)
        keep(papers[paper.pk], by, AGAIN)
    return papers


def copy_lines(program, draft, papers, by):
    names = ("number", "label", "applies_to", "branch", "level", "place", "minimum_each", "note")
    left_out = []
    for line in program.lines.select_related("branch", "level", "place"):
        if line.branch and line.branch.closed_on:
            left_out.append(line)
            continue
        fields = {name: getattr(line, name) for name in names} | cited_in(papers, line)
        add_line(program=draft, by=by, reason=AGAIN, **fields)
    return left_out


def copy_milestones(program, draft, papers, years, by):
    names = ("kind", "label", "recipient")
    for row in Milestone.objects.filter(program=program).prefetch_related("levels"):
        fields = cited_in(papers, row) | {"due_on": later(row.due_on, years)}
        made = copied(row, draft, names, **fields)
        keep(made, by, AGAIN)
        set_levels(made, row.levels.all(), by, AGAIN)


def copy_contents(program, draft, papers, by):
    made = {}
    rows = list(Content.objects.filter(program=program))
    for row in rows:
        names = ("position", "number", "heading", "text")
        made[row.pk] = copied(row, draft, names, **cited_in(papers, row))
        keep(made[row.pk], by, AGAIN)
    for row in rows:
        if row.parent_id:
            keep_changes(made[row.pk], {"parent": made[row.parent_id]}, by, AGAIN)


def copy_duties(program, draft, papers, by):
    names = (
        "position", "who", "branch", "kind", "rhythm", "due_day", "due_month", "text", "recipient",
    )  # fmt: skip
    for row in Duty.objects.filter(program=program).prefetch_related("levels"):
        made = copied(row, draft, names, **cited_in(papers, row))
        keep(made, by, AGAIN)
        set_levels(made, row.levels.all(), by, AGAIN)


def copy_targets(program, draft, papers, years, by):
    """The owner's own; what units below made of them is theirs to make again."""
    names = ("number", "position", "text", "question")
    targets = Target.objects.of(program).filter(localises=None)
    for row in targets.prefetch_related("parts__levels"):
        fields = cited_in(papers, row) | {"branch": draft.owner}
        fields["year"] = row.year and row.year + years
        target = copied(row, draft, names, **fields)
        keep(target, by, AGAIN)
        for part in row.parts.all():
            copy_part(part, target, by)


def copy_part(part, target, by):
    names = ("position", "shape", "text", "unit", "of_whom", "qualifier", "indicator")
    copy = TargetPart(target=target, is_open=True, **{n: getattr(part, n) for n in names})
    keep(copy, by, AGAIN)
    set_levels(copy, part.levels.all(), by, AGAIN)


def later(day, years):
    """The same day `years` later; 29/02 becomes 28/02."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(day.year + years, day.month, last)
