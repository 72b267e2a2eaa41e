"""Who may do what with programmes and assignments: one predicate per verb."""

import rules

from branches.models import Position
from branches.rules import administers_the_top

Role = Position.Role


@rules.predicate
def manages_program(user, program):
    """She is officer of the owner, or administers it (for the admin's index: some unit)."""
    if program is None:
        return bool(user.branch_paths(Role.ADMINISTRATOR))
    owner = program.owner
    return user.holds(Role.OFFICER, owner) or user.holds_over(Role.ADMINISTRATOR, owner)


@rules.predicate
def manages_its_program(user, row):
    """The same, for a line, a milestone or a plan."""
    return manages_program(user, row.program if row is not None else None)


@rules.predicate
def issues_programs(user, owner):
    """She may issue a programme in the name of this unit (of some unit, if none is named)."""
    if owner is None:
        return bool(user.branch_paths(Role.OFFICER) or user.branch_paths(Role.ADMINISTRATOR))
    return user.holds(Role.OFFICER, owner) or user.holds_over(Role.ADMINISTRATOR, owner)


@rules.predicate
def takes_part_as_officer(user, program):
    """She is officer of the owner, of a unit below it or of one above it."""
    if program is None:
        return False
    owner = program.owner.path
    paths = user.branch_paths(Role.OFFICER)
    return any(path.startswith(owner) or owner.startswith(path) for path in paths)


@rules.predicate
def keeps_assignment(user, assignment):
    """She is officer over the supporter's unit or over the supported chi hội."""
    if assignment is None:
        return False
    ends = (assignment.answering_branch, assignment.supported)
    return any(user.holds_over(Role.OFFICER, branch) for branch in ends)


@rules.predicate
def writes_over(user, branch):
    """She is officer of this unit or of one above it (of some unit, if none is named)."""
    if branch is None:
        return bool(user.branch_paths(Role.OFFICER))
    return user.holds_over(Role.OFFICER, branch)


@rules.predicate
def is_in_admin(user, row=None):
    return bool(user.branch_paths(Role.ADMINISTRATOR))


rules.add_perm("programs.view_program", is_in_admin)
rules.add_perm("programs.add_program", issues_programs)
rules.add_perm("programs.change_program", manages_program)
for name in ("quotaline", "milestone", "plandocument"):
    rules.add_perm(f"programs.view_{name}", is_in_admin)
    rules.add_perm(f"programs.add_{name}", manages_its_program)
    rules.add_perm(f"programs.change_{name}", manages_its_program)

rules.add_perm("programs.view_assignment", is_in_admin)
rules.add_perm("programs.add_assignment", takes_part_as_officer)  # asked of the programme
rules.add_perm("programs.change_assignment", keeps_assignment)
rules.add_perm("programs.bring_assignments", writes_over)  # asked of the unit

rules.add_perm("programs.read_plan", issues_programs)  # asked of the unit that issues it

for verb in ("view", "add", "change"):
    rules.add_perm(f"programs.{verb}_indicator", administers_the_top)
