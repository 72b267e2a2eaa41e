"""What a decree does to programmes: assignments, quotas and owners go along with their unit."""

from collections import defaultdict

from django.db.models import Q

from branches.services import BranchError
from branches.services.offices import BY_HAND, create, drop, rewrite

from .models import Assignment, Program, Quota, QuotaLine

NOT_CLOSED = (Program.Status.DRAFT, Program.Status.RUNNING)


def move_help(moved, *, decree, by, at):
    """Let what hangs on `moved` (old unit's id → its successor's) go on there from the day on.

    Returns what `take_help_back` needs.
    """
    signed = {"by": by, "reason": f"sắp xếp: {decree}", "at": at}
    return {
        "programs": move_owners(moved, decree, signed),
        **move_quotas(moved, decree, signed),
        **move_assignments(moved, decree, signed),
    }


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


def move_assignments(moved, decree, signed):
    """Each that names a merged unit ends, for the decree's sake, and goes on in the
    successor's name: one only for each programme, supporter and chi hội."""
    named = (
        Assignment.objects.select_for_update(of=("self",))
        .filter(
            Q(supporter_branch__in=decree.old_ids) | Q(supported__in=decree.old_ids),
            ends_on=None,
            program__status=Program.Status.RUNNING,
        )
        .order_by("pk")
    )
    ending = [a for a in named if a.supporter_branch_id in moved or a.supported_id in moved]
    kinds = moved_kinds(ending, moved)
    standing = set(
        Assignment.objects.filter(ends_on=None, program__in={a.program_id for a in ending})
        .exclude(pk__in=[a.pk for a in ending])
        .values_list("program", "supporter_branch", "supporter_team", "supported")
    )
    begun = []
    for key, parts in kinds.items():
        if key not in standing and key[1] != key[3]:
            begun.append(joined(key, parts, decree))
    for assignment in ending:
        assignment.ends_on = max(decree.effective_on, assignment.starts_on)
        assignment.end_reason = f"Sắp xếp đơn vị: {decree}"[:300]
        assignment.end_basis = decree.number[:200]
        assignment.version += 1
    fields = ["ends_on", "end_reason", "end_basis", "version"]
    rewrite(ending, Assignment, fields, signed)
    create(begun, Assignment, signed)
    return {
        "assignments_ended": [assignment.pk for assignment in ending],
        "assignments_begun": [assignment.pk for assignment in begun],
    }


def moved_kinds(ending, moved):
    """(programme, supporter, team, chi hội) afterwards → the assignments that become it."""
    kinds = defaultdict(list)
    for a in ending:
        branch = moved.get(a.supporter_branch_id, a.supporter_branch_id)
        supported = moved.get(a.supported_id, a.supported_id)
        kinds[a.program_id, branch, a.supporter_team_id, supported].append(a)
    return kinds


def joined(key, parts, decree):
    """One assignment for several: nothing that was typed is left out."""
    program, branch, team, supported = key
    contents = dict.fromkeys(filter(None, (part.content for part in parts)))
    notes = dict.fromkeys(filter(None, (part.note for part in parts)))
    return Assignment(
        program_id=program,
        supporter_branch_id=branch,
        supporter_team_id=team,
        supported_id=supported,
        supported_path=parts[0].supported_path,
        content="\n".join(contents),
        note="; ".join(notes)[:300],
        starts_on=max(decree.effective_on, min(part.starts_on for part in parts)),
    )


# --- Taken back -------------------------------------------------------------------------------


def take_help_back(kept, *, decree, by, at):
    """Each row as it was before the decree; refused when somebody changed one since."""
    signed = {"by": by, "reason": f"hoàn tác: {decree}", "at": at}
    begun = list(
        Assignment.objects.select_for_update(of=("self",)).filter(pk__in=kept["assignments_begun"])
    )
    touched = [a for a in begun if a.version != 1 or not a.is_active]
    if touched or len(begun) != len(kept["assignments_begun"]):
        raise BranchError(BY_HAND.format(f"Phân công {touched[0]}" if touched else "Một phân công"))
    drop(begun, Assignment, signed)
    ended = list(Assignment.objects.filter(pk__in=kept["assignments_ended"]))
    for assignment in ended:
        assignment.ends_on, assignment.end_reason, assignment.end_basis = None, "", ""
        assignment.version += 1
    fields = ["ends_on", "end_reason", "end_basis", "version"]
    rewrite(ended, Assignment, fields, signed)
    take_quotas_back(kept, signed)
    give_back(Program, "owner", kept["programs"], signed)


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


def give_back(model, name, moved, signed):
    """Put the unit back where it still is the successor; a person's later choice stays."""
    attname = model._meta.get_field(name).attname
    before = {pk: (old, new) for pk, old, new in moved}
    rows = [
        row
        for row in model.objects.filter(pk__in=before)
        if getattr(row, attname) == before[row.pk][1]
    ]
    for row in rows:
        setattr(row, attname, before[row.pk][0])
        if hasattr(row, "version"):
            row.version += 1
    rewrite(rows, model, [name, "version"] if hasattr(model, "version") else [name], signed)
