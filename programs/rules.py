"""Who may do what with programmes and assignments: one predicate per verb."""

import rules

from branches.custody import stand_in
from branches.decrees import is_standing_below
from branches.models import Position
from branches.rules import administers_the_top

Role = Position.Role


def acts_for(user, owner):
    """She is officer of the unit that goes on for an owner which has ended."""
    acting = stand_in(owner) if owner.closed_on else None
    return acting is not None and user.holds(Role.OFFICER, acting)


def answers_for(user, owner):
    """She is officer of this unit, or of the one that goes on for it, or administers it."""
    hers = user.holds(Role.OFFICER, owner) or user.holds_over(Role.ADMINISTRATOR, owner)
    return hers or acts_for(user, owner)


@rules.predicate
def manages_program(user, program):
    """She answers for its owner (for the admin's index: she administers some unit)."""
    if program is None:
        return bool(user.branch_paths(Role.ADMINISTRATOR))
    return answers_for(user, program.owner)


@rules.predicate
def manages_its_program(user, row):
    """The same, for a line, a milestone or a plan."""
    return manages_program(user, row.program if row is not None else None)


@rules.predicate
def issues_programs(user, owner):
    """She may issue a programme in the name of this unit (of some unit, if none is named)."""
    if owner is None:
        return bool(user.branch_paths(Role.OFFICER) or user.branch_paths(Role.ADMINISTRATOR))
    return answers_for(user, owner)


@rules.predicate
def takes_part_as_officer(user, program):
    """She is officer of the owner, of a unit that stands below it or of one above it."""
    if program is None:
        return False
    owner = program.owner
    units = [place.branch for place in user.standing if place.role == Role.OFFICER]
    return any(owner.path.startswith(unit.path) or is_standing_below(unit, owner) for unit in units)


@rules.predicate
def keeps_assignment(user, assignment):
    """She is officer over the supporter's unit, or over the supported one where that is of the
    programme's own tree: who is helped from outside reads, and confirms what came."""
    if assignment is None:
        return False
    ends = [assignment.answering_branch]
    if assignment.program.contains(assignment.supported):
        ends.append(assignment.supported)
    return any(user.holds_over(Role.OFFICER, branch) for branch in ends)


@rules.predicate
def writes_over(user, branch):
    """She is officer of this unit or of one above it (of some unit, if none is named)."""
    if branch is None:
        return bool(user.branch_paths(Role.OFFICER))
    return user.holds_over(Role.OFFICER, branch)


@rules.predicate
def keeps_target(user, target):
    """She writes the programme, or the target is of a unit where she is officer."""
    if target is None:
        return False
    if target.localises_id is None:
        return manages_program(user, target.program)
    return user.holds(Role.OFFICER, target.branch)


@rules.predicate
def localises_target(user, target):
    """She is officer of a unit below the target's own."""
    if target is None:
        return False
    return any(
        place.role == Role.OFFICER and is_standing_below(place.branch, target.branch)
        for place in user.standing
    )


@rules.predicate
def keeps_donor(user, donor):
    return donor is not None and writes_over(user, donor.branch)


@rules.predicate
def keeps_ledger(user, contribution):
    """She is officer over the unit that it came through, or of the programme's owner."""
    return contribution is not None and (
        user.holds_over(Role.OFFICER, contribution.branch)
        or user.holds(Role.OFFICER, contribution.program.owner)
        or acts_for(user, contribution.program.owner)
    )


@rules.predicate
def is_in_admin(user, row=None):
    return bool(user.branch_paths(Role.ADMINISTRATOR))


@rules.predicate
def keeps_records(user, branch):
    """She is officer of just this unit: a record is begun by those who look after it."""
    if branch is None:
        return bool(user.branch_paths(Role.OFFICER))
    return user.holds(Role.OFFICER, branch)


@rules.predicate
def looks_after(user, beneficiary):
    return beneficiary is not None and user.holds_over(Role.OFFICER, beneficiary.branch)


@rules.predicate
def is_nearest_to(user, beneficiary):
    """She is officer of just the unit that looks after the record, or of the programme's own."""
    units = (beneficiary.branch, beneficiary.program.owner) if beneficiary else ()
    return any(user.holds(Role.OFFICER, unit) for unit in units)


@rules.predicate
def keeps_sponsorship(user, sponsorship):
    """She is officer over the child's unit or over the unit that knows the sponsor."""
    if sponsorship is None:
        return False
    ends = (sponsorship.child.branch, sponsorship.sponsor.branch)
    return any(user.holds_over(Role.OFFICER, branch) for branch in ends)


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
rules.add_perm("programs.change_partner", writes_over)  # asked of the unit that keeps it

rules.add_perm("programs.change_target", keeps_target)
rules.add_perm("programs.localise_target", localises_target)

rules.add_perm("programs.add_donor", writes_over)  # asked of the unit that will keep it
rules.add_perm("programs.change_donor", keeps_donor)
rules.add_perm("programs.add_contribution", takes_part_as_officer)  # asked of the programme
rules.add_perm("programs.keep_ledger", keeps_ledger)  # asked of the contribution

rules.add_perm("programs.read_plan", issues_programs)  # asked of the unit that issues it

for verb in ("view", "add", "change"):
    for name in ("indicator", "needreason", "grade", "criterion", "itemkind"):
        rules.add_perm(f"programs.{verb}_{name}", administers_the_top)

# --- Support items and deliveries ---------------------------------------------------------------


@rules.predicate
def plans_support(user, program):
    """She is officer of a unit that takes part; of a draft's owner, or above it."""
    if program is None:
        return False
    if program.is_draft:
        return user.holds_over(Role.OFFICER, program.owner)
    return takes_part_as_officer(user, program)


@rules.predicate
def gives_item(user, item):
    """She is officer over the giver, or of the programme's owner."""
    if item is None:
        return False
    givers = [item.program.owner] if item.program.is_draft else [item.giver, item.program.owner]
    return any(user.holds_over(Role.OFFICER, branch) for branch in givers)


@rules.predicate
def receives_delivery(user, delivery):
    """She is officer on the receiving side: over the place, and in no position over the giver,
    for there she is the giver's person. The receiver itself may stand above the giver. Nobody
    answers what she wrote down herself, nor for a partner, who answers by signed minutes."""
    if delivery is None or delivery.recorded_by_id == user.pk or delivery.place_id is None:
        return False
    giver, place = delivery.item.giver.path, delivery.place.path
    paths = user.branch_paths(Role.OFFICER)
    if place in paths and giver != place and giver.startswith(place):
        return True
    return any(map(place.startswith, paths)) and not any(map(giver.startswith, paths))


@rules.predicate
def answers_for_help(user, assignment):
    """She is officer over the unit that answers for the help, or of the programme's owner: the
    giver of what is given by the assignment."""
    if assignment is None:
        return False
    givers = (assignment.answering_branch, assignment.program.owner)
    return any(user.holds_over(Role.OFFICER, branch) for branch in givers)


@rules.predicate
def keeps_invitation(user, invitation):
    """She gives all that the invitation is about."""
    if invitation is None:
        return False
    rows = invitation.deliveries.with_units()
    return all(gives_item(user, item) for item in {delivery.item for delivery in rows})


@rules.predicate
def names_recipients(user, delivery):
    """She is officer over the place that received it, where the register is kept, or gives it."""
    if delivery is None or delivery.place_id is None:
        return False
    return user.holds_over(Role.OFFICER, delivery.place) or gives_item(user, delivery.item)


rules.add_perm("programs.add_item", plans_support)  # asked of the programme
rules.add_perm("programs.change_item", gives_item)
rules.add_perm("programs.record_delivery", gives_item)  # asked of the item
rules.add_perm("programs.answer_delivery", receives_delivery)
rules.add_perm("programs.invite_guest", gives_item)  # asked of the item
rules.add_perm("programs.invite_for_assignment", answers_for_help)  # asked of the assignment
rules.add_perm("programs.keep_invitation", keeps_invitation)
rules.add_perm("programs.name_recipients", names_recipients)
# People helped: nothing of them is in the admin, and no other role than officer opens a record.
rules.add_perm("programs.add_beneficiary", keeps_records)  # asked of the unit
rules.add_perm("programs.view_beneficiary", looks_after)
rules.add_perm("programs.change_beneficiary", looks_after)
rules.add_perm("programs.view_sensitive", looks_after & is_nearest_to)
rules.add_perm("programs.add_sponsorship", takes_part_as_officer)  # asked of the programme
rules.add_perm("programs.change_sponsorship", keeps_sponsorship)
