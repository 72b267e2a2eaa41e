"""Help that is given: an assignment of a merged unit ends, and its heir goes on from it."""

from collections import defaultdict

from django.db.models import Q

from branches.services import BranchError
from branches.services.offices import BY_HAND, create, drop, rewrite
from programs.models import Assignment, Condition, Program, SupportItem

from .rows import give_back, is_free, put_under

TAKEN_ALONG = ("partners", "reasons")


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
    standing = standing_ones(ending, kinds)
    begun = [
        joined(key, parts, decree)
        for key, parts in kinds.items()
        if key not in standing and key[1] != key[3]
    ]
    for assignment in ending:
        assignment.ends_on = max(decree.effective_on, assignment.starts_on)
        assignment.end_reason = f"Sắp xếp đơn vị: {decree}"[:300]
        assignment.end_basis = decree.number[:200]
        assignment.version += 1
    fields = ["ends_on", "end_reason", "end_basis", "version"]
    rewrite(ending, Assignment, fields, signed)
    create(begun, Assignment, signed)
    heirs = heirs_of([*begun, *standing.values()], kinds)
    return {
        "assignments_ended": [assignment.pk for assignment in ending],
        "assignments_begun": [assignment.pk for assignment in begun],
        **take_along(heirs, standing.values(), signed),
        "items": move_items(heirs, signed),
        "conditions": move_conditions(heirs, signed),
    }


def key_of(a):
    return a.program_id, a.supporter_branch_id, a.supporter_team_id, a.supported_id


def moved_kinds(ending, moved):
    """(programme, supporter, team, chi hội) afterwards → the assignments that become it."""
    kinds = defaultdict(list)
    for a in ending:
        branch = moved.get(a.supporter_branch_id, a.supporter_branch_id)
        supported = moved.get(a.supported_id, a.supported_id)
        kinds[a.program_id, branch, a.supporter_team_id, supported].append(a)
    return kinds


def standing_ones(ending, kinds):
    """Those that stood already as what others become: key → assignment."""
    others = (
        Assignment.objects.select_for_update(of=("self",))
        .filter(
            ends_on=None,
            program__in={key[0] for key in kinds},
            supported__in={key[3] for key in kinds},
        )
        .exclude(pk__in=[assignment.pk for assignment in ending])
        .order_by("pk")
    )
    return {key_of(other): other for other in others if key_of(other) in kinds}


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


def heirs_of(going_on, kinds):
    """Ended assignment's id → the one that goes on from it."""
    return {part.pk: heir for heir in going_on for part in kinds[key_of(heir)]}


# --- What hangs on them -----------------------------------------------------------------------


def take_along(heirs, standing, signed):
    """Partners and reasons of all parts; returns {name: [[assignment, what it got]]}."""
    added = {}
    for name in TAKEN_ALONG:
        through, field = table_of(name)
        rows = through.objects.values_list("assignment_id", field)
        wanted = {(heirs[old].pk, other) for old, other in rows.filter(assignment__in=heirs)}
        there = rows.filter(assignment__in={heir.pk for heir in heirs.values()})
        added[name] = [list(row) for row in sorted(wanted - set(there))]
        through.objects.bulk_create(
            through(assignment_id=heir, **{field: other}) for heir, other in added[name]
        )
    changed = {pk for rows in added.values() for pk, _ in rows}
    note_change([assignment for assignment in standing if assignment.pk in changed], signed)
    return added


def table_of(name):
    """The table between assignments and this, and its column for it."""
    through = getattr(Assignment, name).through
    return through, through._meta.get_fields()[2].attname


def note_change(assignments, signed):
    """Their own columns stay; the record says whom they have now."""
    for assignment in assignments:
        assignment.version += 1
        assignment._history_user, assignment._change_reason = signed["by"], signed["reason"]
        assignment.save()


def move_items(heirs, signed):
    """What was promised under an assignment is promised under the one that goes on."""
    items = list(SupportItem.objects.filter(assignment__in=heirs, ended_on=None).order_by("pk"))
    before = [[item.pk, item.assignment_id, heirs[item.assignment_id].pk] for item in items]
    for item in items:
        item.assignment_id = heirs[item.assignment_id].pk
        item.version += 1
    rewrite(items, SupportItem, ["assignment", "version"], signed)
    return before


def move_conditions(heirs, signed):
    """How the unit stood goes along where nobody has written that year down there."""
    there = Condition.objects.filter(assignment__in={heir.pk for heir in heirs.values()})
    taken = set(there.values_list("assignment", "moment", "year"))
    rows = [
        row
        for row in Condition.objects.filter(assignment__in=heirs).order_by("pk")
        if is_free(taken, (heirs[row.assignment_id].pk, row.moment, row.year))
    ]
    before = [[row.pk, row.assignment_id, heirs[row.assignment_id].pk] for row in rows]
    put_under(rows, Condition, "assignment", {pk: new for pk, _, new in before}, signed)
    return before


# --- Taken back -------------------------------------------------------------------------------

HANDED_OVER = {"items": SupportItem, "conditions": Condition}


def take_assignments_back(kept, signed):
    """Those that the decree began go, those that it ended go on with what they had."""
    begun = list(
        Assignment.objects.select_for_update(of=("self",)).filter(pk__in=kept["assignments_begun"])
    )
    touched = [a for a in begun if a.version != 1 or not a.is_active]
    if touched or len(begun) != len(kept["assignments_begun"]):
        raise BranchError(BY_HAND.format(f"Phân công {touched[0]}" if touched else "Một phân công"))
    if words := why_help_stays(kept):
        raise BranchError(words)
    for name, model in HANDED_OVER.items():
        give_back(model, "assignment", kept.get(name, []), signed)
    take_added_away(kept, signed)
    drop(begun, Assignment, signed)
    ended = list(Assignment.objects.filter(pk__in=kept["assignments_ended"]))
    for assignment in ended:
        assignment.ends_on, assignment.end_reason, assignment.end_basis = None, "", ""
        assignment.version += 1
    fields = ["ends_on", "end_reason", "end_basis", "version"]
    rewrite(ended, Assignment, fields, signed)


def why_help_stays(kept):
    """The sentence about what a person has written under an assignment that the decree began,
    which would be lost with it; or None."""
    for name, model in HANDED_OVER.items():
        handed = [pk for pk, *_ in kept.get(name, [])]
        under = model.objects.filter(assignment__in=kept["assignments_begun"])
        row = under.exclude(pk__in=handed).first()
        if row:
            return BY_HAND.format(f"Phân công {row.assignment}")
    return None


def take_added_away(kept, signed):
    """Partners and reasons: all of an assignment that goes, of one that stood already those that
    the decree added and that still are there."""
    begun, changed = set(kept["assignments_begun"]), set()
    for name in TAKEN_ALONG:
        through, field = table_of(name)
        through.objects.filter(assignment__in=begun).delete()
        added = {(heir, other) for heir, other in kept.get(name, [])}
        rows = through.objects.filter(assignment__in={heir for heir, _ in added})
        gone = [row for row in rows if (row.assignment_id, getattr(row, field)) in added]
        through.objects.filter(pk__in=[row.pk for row in gone]).delete()
        changed |= {row.assignment_id for row in gone}
    standing = Assignment.objects.select_for_update(of=("self",)).filter(pk__in=changed)
    note_change(standing.order_by("pk"), signed)
