"""Verbs on assignments: who helps whom, from when, until when and why it ended."""

from django.db import transaction

from programs.models import Assignment, Quota

from .shared import (
    ProgramError,
    hold,
    keep,
    keep_changes,
    refuse_closed,
    refuse_ended,
    refuse_invalid,
    require_reason,
    take_seen,
    take_version,
)

SEVERAL = ("partners", "reasons")  # fields that name several rows


@transaction.atomic
def assign(*, program, supported, starts_on, by, reason="nhận giúp", **fields):
    """A unit or a team takes on a unit. Several may help the same one: that is shown, "trùng".

    `fields`: supporter_branch or supporter_team, and what else an assignment holds. Where the
    programme has a quota table the supporter holds a quota of it, else it is the owner or
    stands below it. `supported` is an open unit of the level that the programme helps, in the
    owner's territory unless the programme reaches out. The day lies within the programme's time.
    """
    several = take_several(fields)
    assignment = Assignment(
        program=hold(program), supported=supported, starts_on=starts_on, **fields
    )
    check_assignment(assignment)
    keep(assignment, by, reason)
    keep_several(assignment, several)
    return assignment


@transaction.atomic
def change_assignment(*, assignment, seen_version, by, reason="", **fields):
    """Change what is being done, or move it: to another supporter, to another unit.

    `fields` are those of the assignment. Naming one kind of supporter takes the other away.
    """
    assignment = take_version(assignment, seen_version)
    refuse_ended(assignment)
    if fields.get("supporter_branch"):
        fields["supporter_team"] = None
    elif fields.get("supporter_team"):
        fields["supporter_branch"] = None
    several = take_several(fields)
    refuse_other_unit(assignment, fields.get("supported"))
    for name, value in fields.items():
        setattr(assignment, name, value)
    check_assignment(assignment)
    keep(assignment, by, reason)
    keep_several(assignment, several)
    return assignment


def refuse_other_unit(assignment, supported):
    """What was promised to one unit, and how that stood, is not another's."""
    if supported is None or supported.pk == assignment.supported_id:
        return
    if assignment.items.exists() or assignment.conditions.exists():
        raise ProgramError(
            f"Phân công này đã có hạng mục hoặc tình hình của {assignment.supported.full_name}. "
            "Chị kết thúc phân công rồi ghi phân công mới cho đơn vị khác."
        )


def take_several(fields):
    return {name: fields.pop(name) for name in SEVERAL if name in fields}


def keep_several(assignment, several):
    """Each change of these is a record of the history by itself, so only real ones are made."""
    for name, rows in several.items():
        field = getattr(assignment, name)
        if {row.pk for row in rows} != set(field.values_list("pk", flat=True)):
            field.set(rows)


@transaction.atomic
def end_assignment(*, assignment, seen_version, ends_on, reason, by, basis=""):
    """The help ends on `ends_on`, for a reason and on a basis; the row stays for ever."""
    assignment = take_version(assignment, seen_version)
    refuse_closed(assignment.program)
    refuse_ended(assignment)
    require_reason(reason)
    ending = {"ends_on": ends_on, "end_reason": reason, "end_basis": basis}
    keep_changes(assignment, ending, by, reason)
    return assignment


def check_assignment(assignment):
    program, supported = assignment.program, assignment.supported
    if not program.is_running:
        raise ProgramError(f"Chương trình {program.get_status_display().lower()}, chưa ghi được.")
    check_supported(supported, program)
    assignment.remember_place()
    if not program.starts_on <= assignment.starts_on <= program.ends_on:
        raise ProgramError(
            "Ngày bắt đầu phải nằm trong thời gian của chương trình "
            f"({program.starts_on:%d/%m/%Y} – {program.ends_on:%d/%m/%Y})."
        )
    refuse_invalid(assignment)
    check_supporter(assignment)
    if assignment.document_id and assignment.document.program_id != program.pk:
        raise ProgramError("Văn bản này thuộc chương trình khác.")


def check_supporter(assignment):
    program = assignment.program
    if program.lines.exists():
        branch, team = assignment.supporter_key
        held = Quota.objects.of(program).filter(supporter_branch=branch, supporter_team=team)
        if not held.exists():
            raise ProgramError(
                f"{assignment.supporter_name} không được giao chỉ tiêu trong chương trình này."
            )
    elif not program.contains(assignment.answering_branch):
        raise ProgramError(f"{assignment.supporter_name} không thuộc {program.owner.office_name}.")
    elif assignment.supporter.closed_on:
        raise ProgramError(f"{assignment.supporter_name} đã kết thúc hoạt động.")


def check_supported(supported, program):
    level = program.supported_level
    if level is None:
        raise ProgramError("Chương trình này không phân công giúp đơn vị nào.")
    if supported.level_id != level.pk:
        raise ProgramError(f"{supported.full_name} không phải là {level.name}.")
    if supported.closed_on:
        raise ProgramError(f"{supported.full_name} đã kết thúc hoạt động.")
    if not program.reaches_out and not program.contains(supported):
        raise ProgramError(f"{supported.full_name} không thuộc {program.owner.office_name}.")


# --- How the supported unit stood ---------------------------------------------------------------


@transaction.atomic
def keep_condition(*, condition, criteria, by, seen_version=None, reason="ghi tình hình"):
    """Write how the unit stood before or after the help in one year, new or corrected.

    Of an ended assignment and of a closed programme too: how it stands after the help is often
    known later.
    """
    take_seen(condition, seen_version)
    keep(condition, by, reason)
    condition.criteria.set(criteria)


# --- Partners -----------------------------------------------------------------------------------


@transaction.atomic
def keep_partner(*, partner, by, seen_version=None, reason="ghi đối tác"):
    """Write a partner of a unit, new or corrected."""
    take_seen(partner, seen_version)
    keep(partner, by, reason)
