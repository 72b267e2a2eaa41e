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
    take_version,
)


@transaction.atomic
def assign(
    *,
    program,
    supported,
    starts_on,
    by,
    supporter_branch=None,
    supporter_team=None,
    content="",
    note="",
    reason="nhận giúp",
):
    """A unit or a team takes on a chi hội. Several may help the same one: that is shown, "trùng".

    The supporter holds a quota of the programme, `supported` is an open chi hội of the
    programme's tree, the day lies within the programme's time.
    """
    assignment = Assignment(
        program=hold(program),
        supporter_branch=supporter_branch,
        supporter_team=supporter_team,
        supported=supported,
        content=content,
        starts_on=starts_on,
        note=note,
    )
    check_assignment(assignment)
    keep(assignment, by, reason)
    return assignment


@transaction.atomic
def change_assignment(*, assignment, seen_version, by, reason="", **fields):
    """Change what is being done, or move it: to another supporter, to another chi hội.

    `fields`: supporter_branch, supporter_team, supported, content, starts_on, note. Naming
    one kind of supporter takes the other away.
    """
    assignment = take_version(assignment, seen_version)
    refuse_ended(assignment)
    if fields.get("supporter_branch"):
        fields["supporter_team"] = None
    elif fields.get("supporter_team"):
        fields["supporter_branch"] = None
    for name, value in fields.items():
        setattr(assignment, name, value)
    check_assignment(assignment)
    keep(assignment, by, reason)
    return assignment


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
    held = Quota.objects.of(program).filter(
        supporter_branch=assignment.supporter_branch, supporter_team=assignment.supporter_team
    )
    if not held.exists():
        raise ProgramError(
            f"{assignment.supporter_name} không được giao chỉ tiêu trong chương trình này."
        )


def check_supported(supported, program):
    if supported.level.code != "chi_hoi":
        raise ProgramError(f"{supported.full_name} không phải là chi hội.")
    if supported.closed_on:
        raise ProgramError(f"{supported.full_name} đã kết thúc hoạt động.")
    if not program.owner.contains(supported):
        raise ProgramError(f"{supported.full_name} không thuộc {program.owner.office_name}.")
