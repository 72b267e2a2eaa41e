"""Who may do what with units, people and files: one predicate per verb."""

import rules

from .models import Position

Role = Position.Role


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
    """A lead manages the accounts of her unit and below, never of somebody placed higher.

    What counts is what the person holds, or is to hold; of one who holds nothing any more,
    what she held.
    """
    if person is None:
        return administers(user, None)
    ever = list(person.positions.select_related("branch"))
    held = [position for position in ever if not position.is_over] or ever
    return bool(user.branch_paths(Role.ADMINISTRATOR)) and all(
        user.holds_over(Role.ADMINISTRATOR, position.branch) for position in held
    )


@rules.predicate
def administers_where_she_was(user, person):
    """Somebody holds or held something in the lead's territory: she may read who it is."""
    return any(
        user.holds_over(Role.ADMINISTRATOR, position.branch)
        for position in person.positions.select_related("branch")
    )


@rules.predicate
def administers_where_she_is(user, person):
    """Somebody works in the lead's territory, or will; the same as `known_to` for many."""
    return any(
        not position.is_over and user.holds_over(Role.ADMINISTRATOR, position.branch)
        for position in person.positions.select_related("branch")
    )


@rules.predicate
def is_somebody_else(user, person):
    return person is not None and user.pk != person.pk


@rules.predicate
def administers_the_top(user, row=None):
    """Settings of the whole installation belong to the administrators of its highest unit."""
    return any(path.count("/") == 2 for path in user.branch_paths(Role.ADMINISTRATOR))


@rules.predicate
def administers_its_owner(user, decree):
    return administers(user, decree.owner if decree is not None else None)


@rules.predicate
def places_in(user, province):
    """She says where the chi hội of a divided unit go: an officer of the province itself, or
    an administrator over it. Those of the old commune only look on."""
    return province is not None and (
        user.holds(Role.OFFICER, province) or user.holds_over(Role.ADMINISTRATOR, province)
    )


rules.add_perm("branches.bring_accounts", administers)
rules.add_perm("branches.manage_people", administers)  # asked of the unit
rules.add_perm("branches.see_person", administers_where_she_was)
rules.add_perm("branches.see_account", administers_where_she_is | administers_some_position)
rules.add_perm("branches.issue_password", administers_some_position & is_somebody_else)
rules.add_perm("branches.set_active", administers_some_position & is_somebody_else)
rules.add_perm("branches.bring_decrees", administers)
rules.add_perm("branches.place_units", places_in)
rules.add_perm("branches.add_reorganisation", administers)  # asked of the unit that enters it
rules.add_perm("branches.change_reorganisation", administers_its_owner)
for verb in ("view", "add", "change"):
    rules.add_perm(f"branches.{verb}_branch", administers)
    rules.add_perm(f"branches.{verb}_branchalias", administers_its_branch)
    rules.add_perm(f"branches.{verb}_department", administers_its_branch)
    rules.add_perm(f"branches.{verb}_team", administers_its_branch)
    rules.add_perm(f"branches.{verb}_position", administers_its_branch)
    rules.add_perm(f"branches.{verb}_user", administers_some_position)
    rules.add_perm(f"branches.{verb}_level", administers_the_top)
