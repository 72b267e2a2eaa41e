"""What a decree does to programmes: assignments, quotas and owners go along with their unit."""

from collections import defaultdict

from django.db.models import Q

from branches.services import BranchError
from branches.services.offices import BY_HAND, create, drop, rewrite

from .models import (
    Assignment,
    Beneficiary,
    Contribution,
    Donor,
    Partner,
    Program,
    Quota,
    QuotaLine,
    SupportItem,
)

NOT_CLOSED = (Program.Status.DRAFT, Program.Status.RUNNING)
# What a unit keeps goes to its successor: model, and the field that names the unit.
KEPT = [
    (Partner, "branch"),
    (Donor, "branch"),
    (Beneficiary, "branch"),
    (Contribution, "branch"),
    (SupportItem, "giver"),
]
NAMED_ONCE = (Partner, Donor)  # in one unit


def move_help(moved, *, decree, by, at):
    """Let what hangs on `moved` (old unit's id → its successor's) go on there from the day on.

    Returns what `take_help_back` needs.
    """
    signed = {"by": by, "reason": f"sắp xếp: {decree}", "at": at}
    return {
        "programs": move_owners(moved, decree, signed),
        **move_quotas(moved, decree, signed),
        **move_assignments(moved, decree, signed),
        "places": move_places(moved, decree, signed),
        "kept": {
            model.__name__: move_kept(model, name, moved, decree, signed) for model, name in KEPT
        },
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
    heirs = heirs_of(begun, kinds)
    take_along(heirs)
    return {
        "assignments_ended": [assignment.pk for assignment in ending],
        "assignments_begun": [assignment.pk for assignment in begun],
        "items": move_items(heirs, signed),
    }


def heirs_of(begun, kinds):
    """Ended assignment's id → the one that goes on from it."""
    heirs = {}
    for new in begun:
        key = new.program_id, new.supporter_branch_id, new.supporter_team_id, new.supported_id
        heirs |= {part.pk: new for part in kinds[key]}
    return heirs


def take_along(heirs):
    """Partners and reasons of all parts."""
    for name in ("partners", "reasons"):
        through = getattr(Assignment, name).through
        field = through._meta.get_fields()[2].attname
        rows = {
            (heirs[old].pk, other)
            for old, other in through.objects.filter(assignment__in=heirs).values_list(
                "assignment_id", field
            )
        }
        through.objects.bulk_create(
            through(assignment_id=new, **{field: other}) for new, other in sorted(rows)
        )


def move_items(heirs, signed):
    """What was promised under an assignment is promised under the one that goes on."""
    items = list(SupportItem.objects.filter(assignment__in=heirs, ended_on=None).order_by("pk"))
    before = [[item.pk, item.assignment_id, heirs[item.assignment_id].pk] for item in items]
    for item in items:
        item.assignment_id = heirs[item.assignment_id].pk
        item.version += 1
    rewrite(items, SupportItem, ["assignment", "version"], signed)
    return before


def move_places(moved, decree, signed):
    """What was to be given in a unit is to be given in its successor. [[item, old, new]]"""
    through = SupportItem.places.through
    rows = (
        through.objects.filter(
            branch__in=decree.old_ids,
            supportitem__ended_on=None,
            supportitem__program__status__in=NOT_CLOSED,
        )
        .order_by("pk")
        .values_list("supportitem", "branch")
    )
    changes = [[item, old, moved[old]] for item, old in rows if old in moved]
    replace_places(changes, signed)
    return changes


def replace_places(changes, signed):
    """Few items name places, so each is written by itself, with its history."""
    by_item = defaultdict(list)
    for item, old, new in changes:
        by_item[item].append((old, new))
    for item in SupportItem.objects.filter(pk__in=by_item).order_by("pk"):
        item._history_user, item._change_reason = signed["by"], signed["reason"]
        gone = {old for old, _ in by_item[item.pk]}
        places = set(item.places.values_list("pk", flat=True)) - gone
        item.places.set(places | {new for _, new in by_item[item.pk]})


def move_kept(model, name, moved, decree, signed):
    """Rows of `model` whose unit has gone wholly to another one: [[row, old, new]].

    One whose name the successor has already stays with the old unit, whose papers it keeps.
    """
    attname = model._meta.get_field(name).attname
    named = model.objects.filter(**{f"{name}__in": decree.old_ids}).order_by("pk")
    rows = [row for row in named if getattr(row, attname) in moved]
    if model in NAMED_ONCE:
        there = model.objects.filter(**{f"{name}__in": set(moved.values())})
        taken = set(there.values_list(attname, "name"))
        rows = [row for row in rows if is_free(taken, (moved[row.branch_id], row.name))]
    before = [[row.pk, getattr(row, attname), moved[getattr(row, attname)]] for row in rows]
    put_under(rows, model, name, {pk: new for pk, _, new in before}, signed)
    return before


def is_free(taken, key):
    free = key not in taken
    taken.add(key)
    return free


def put_under(rows, model, name, units, signed):
    attname = model._meta.get_field(name).attname
    for row in rows:
        setattr(row, attname, units[row.pk])
        if hasattr(row, "version"):
            row.version += 1
    rewrite(rows, model, [name, "version"] if hasattr(model, "version") else [name], signed)


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
        responsible=next(filter(None, (part.responsible for part in parts)), ""),
        reason_words="; ".join(dict.fromkeys(filter(None, (p.reason_words for p in parts))))[:500],
        document_id=parts[0].document_id,
        clause=parts[0].clause,
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
    give_back(SupportItem, "assignment", kept.get("items", []), signed)
    for name in ("partners", "reasons"):
        getattr(Assignment, name).through.objects.filter(assignment__in=begun).delete()
    drop(begun, Assignment, signed)
    replace_places([[item, new, old] for item, old, new in kept.get("places", [])], signed)
    for model, name in KEPT:
        give_back(model, name, kept.get("kept", {}).get(model.__name__, []), signed)
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
    put_under(rows, model, name, {pk: old for pk, (old, _) in before.items()}, signed)
