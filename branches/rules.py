"""Who may do what with units, people and files: one predicate per verb."""

import rules

from .models import Position

Role = Position.Role


def is_somewhere(role):
    """A predicate: she holds `role` in some unit today."""
    return rules.predicate(
        lambda user: bool(user.branch_paths(role)), name=f"is_{role.value}_somewhere"
    )


@rules.predicate
def administers(user, branch):
    """She is administrator of this unit or of one above it (of some unit, if none is named)."""
    if branch is None:
        return bool(user.branch_paths(Role.ADMINISTRATOR))
    return user.holds_over(Role.ADMINISTRATOR, branch)


@rules.predicate
def administers_its_branch(user, row):
    return administers(user, row.branch if row is not None else None)


@rules.predicate
def administers_some_position(user, person):
    """A lead manages the accounts of her unit and below, never of somebody placed higher."""
    if person is None:
        return administers(user, None)
    held = person.positions.select_related("branch")
    return bool(user.branch_paths(Role.ADMINISTRATOR)) and all(
        user.holds_over(Role.ADMINISTRATOR, position.branch) for position in held
    )


@rules.predicate
def administers_the_top(user, row=None):
    """Settings of the whole installation belong to the administrators of its highest unit."""
    return any(path.count("/") == 2 for path in user.branch_paths(Role.ADMINISTRATOR))


for verb in ("view", "add", "change"):
    rules.add_perm(f"branches.{verb}_branch", administers)
    rules.add_perm(f"branches.{verb}_team", administers_its_branch)
    rules.add_perm(f"branches.{verb}_position", administers_its_branch)
    rules.add_perm(f"branches.{verb}_user", administers_some_position)
    rules.add_perm(f"branches.{verb}_level", administers_the_top)
