"""Owners of programmes, and what a unit must take on."""

from branches.services import BranchError
from branches.services.offices import BY_HAND, create, drop, rewrite
from programs.models import Program, Quota, QuotaLine

from .rows import NOT_CLOSED, give_back


def move_owners(moved, decree, signed):
    named = (
        Program.objects.select_for_update(of=("self",))
        .filter(owner__in=decree.old_ids, status__in=NOT_CLOSED)
        .order_by("pk")
    )
    programs = [program for program in named if program.owner_id in moved]
    before = [[program.pk, program.owner_id, moved[program.owner_id]] for program in programs]
    for program in programs:
        program.owner_id = moved[program.owner_id]
        program.version += 1
    rewrite(programs, Program, ["owner", "version"], signed)
    return before


def move_quotas(moved, decree, signed):
    """A successor must take on what its parts had to, together: the sum, on one line."""
    in_force = Quota.objects.filter(ended_on=None).select_related("line")
    named = in_force.filter(
        supporter_branch__in=decree.old_ids, line__program__status__in=NOT_CLOSED
    ).order_by("line__program", "line__number", "pk")
    ending = [quota for quota in named if quota.supporter_branch_id in moved]
    standing = {
        (quota.line.program_id, quota.supporter_branch_id): quota
        for quota in in_force.filter(supporter_branch__in=decree.new_ids)
    }
    new, raised = {}, {}
    for quota in ending:
        key = quota.line.program_id, moved[quota.supporter_branch_id]
        if key in standing:  # the successor goes on, with a quota of its own
            raised.setdefault(standing[key].pk, [standing[key], standing[key].minimum])
            standing[key].minimum += quota.minimum
        elif key in new:
            new[key].minimum += quota.minimum
        else:
            new[key] = Quota(
                line=quota.line,
                supporter_branch_id=key[1],
                minimum=quota.minimum,
                place_id=quota.place_id,
            )
        quota.ended_on = decree.effective_on
    rewrite(ending, Quota, ["ended_on"], signed)
    rewrite([quota for quota, _ in raised.values()], Quota, ["minimum"], signed)
    create(list(new.values()), Quota, signed)
    return {
        "quotas_ended": [quota.pk for quota in ending],
        "quotas_raised": [[q.pk, before, q.minimum] for q, before in raised.values()],
        "quotas_begun": [[quota.pk, quota.minimum] for quota in new.values()],
        "lines": move_lines(moved, new, decree, signed),
    }


def move_lines(moved, new, decree, signed):
    """A line for one unit names its successor, where that one has its quota now."""
    holding = {(quota.line_id, quota.supporter_branch_id) for quota in new.values()}
    named = QuotaLine.objects.filter(branch__in=decree.old_ids, program__status__in=NOT_CLOSED)
    lines = [line for line in named if (line.pk, moved.get(line.branch_id)) in holding]
    before = [[line.pk, line.branch_id, moved[line.branch_id]] for line in lines]
    for line in lines:
        line.branch_id = moved[line.branch_id]
    rewrite(lines, QuotaLine, ["branch"], signed)
    return before


def take_quotas_back(kept, signed):
    new = dict(kept["quotas_begun"])
    raised = {pk: (before, after) for pk, before, after in kept["quotas_raised"]}
    standing = {q.pk: q for q in Quota.objects.filter(pk__in=[*new, *raised]).with_units()}
    expected = new | {pk: after for pk, (_, after) in raised.items()}
    for pk, minimum in expected.items():
        if pk not in standing or standing[pk].minimum != minimum:
            raise BranchError(BY_HAND.format("Chỉ tiêu phân bổ"))
    drop([standing[pk] for pk in new], Quota, signed)
    for pk, (before, _) in raised.items():
        standing[pk].minimum = before
    rewrite([standing[pk] for pk in raised], Quota, ["minimum"], signed)
    ended = list(Quota.objects.filter(pk__in=kept["quotas_ended"]))
    for quota in ended:
        quota.ended_on = None
    rewrite(ended, Quota, ["ended_on"], signed)
    give_back(QuotaLine, "branch", kept["lines"], signed)
