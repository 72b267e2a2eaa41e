"""The work list: chi hội of divided units, placed by hand where their people live now."""

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from branches.decrees import choices_of, is_emptied, successors_of
from branches.models import Branch, BranchSpan, Reorganisation, Succession
from hoiphunu.bulk import insert, remember, stored
from hoiphunu.text import exact_fold, fold

from .applying import amend_late_spans, keep_all_paths, move_with_names, moving_tables, new_spans
from .checks import BranchError
from .tree import as_it_stands, lock_tree


@transaction.atomic
def place_units(*, units, successor_branch, by, reason=""):
    """Move waiting units to one of the successors of the unit that they stand below.

    Dated on the decree's day, not today: from that day on the place has belonged to the
    successor, whenever we came to write it down. What was reported meanwhile stays where it
    was counted, under the marked row, for a report keeps its own path. Returns how many.
    """
    lock_tree()
    successor = as_it_stands(successor_branch)
    units = list(
        Branch.objects.filter(pk__in=[unit.pk for unit in units]).select_related(
            "level", "parent__level", "parent__parent__level"
        )
    )
    divided = {unit.parent for unit in units if unit.parent_id}
    choices = choices_of(divided) if divided else {}
    for unit in units:
        check_placing(unit, successor, choices)
    for old in sorted(divided, key=lambda unit: unit.pk):
        move_to(old, [unit for unit in units if unit.parent_id == old.pk], successor, by, reason)
    return len(units)


def check_placing(unit, successor, choices):
    if not is_waiting(unit):
        raise BranchError(f"{unit.full_name} không chờ xếp về đơn vị mới.")
    if successor.pk not in {choice.branch.pk for choice in choices[unit.parent_id]}:
        raise BranchError(
            f"{unit.parent.full_name} không được chia về {successor.full_name}. "
            "Chị chọn một đơn vị khác."
        )
    if not unit.level.parents.filter(pk=successor.level_id).exists():
        raise BranchError(f"{unit.full_name} không đặt dưới {successor.full_name} được.")


def is_waiting(unit):
    """Open, below a unit that a decree divided and that stands under the marked row."""
    above = unit.parent
    return bool(
        not unit.closed_on
        and above
        and above.closed_on
        and above.parent
        and above.parent.level.is_unplaced
    )


def move_to(old, units, successor, by, reason):
    line = successors_of(old).filter(kind=Succession.Kind.PART).first()
    decree = line.reorganisation
    suffix = f"{old.full_name} cũ"[:100]
    with moving_tables():
        insert(
            "decree_unit",
            ["branch_id", "suffix", "suffix_folded", "suffix_exact"],
            [(old.pk, suffix, fold(suffix), exact_fold(suffix))],
        )
        insert(
            "decree_child",
            ["branch_id", "parent_id", "suffix_of"],
            [(unit.pk, successor.pk, old.pk) for unit in units],
        )
        move_with_names()
        day = stored(decree.effective_on)
        amend_late_spans(day)
        new_spans("decree_child", day, decree.pk)
        insert("decree_touched", ["branch_id"], [(unit.pk,) for unit in units])
        leave_the_row(old)
        keep_all_paths("decree_touched")
        remember(
            Branch,
            "SELECT branch_id FROM decree_touched",
            sign="~",
            by=by,
            reason=reason or f"xếp về {successor.full_name}",
            at=now(),
        )
    note_placed(decree, units)


def leave_the_row(old):
    """Once nothing waits below it the old unit leaves the marked row: to the one successor that
    took all, otherwise to the province, for its own figures cannot be divided."""
    if not is_emptied(old):
        return
    taken_by = set(
        BranchSpan.objects.filter(
            starts_on=old.closed_on,
            branch__spans__parent=old,
            branch__spans__ends_on=old.closed_on,
        ).values_list("parent", flat=True)
    )
    keeper = taken_by.pop() if len(taken_by) == 1 else old.parent.parent_id
    Branch.objects.filter(pk=old.pk).update(parent=keeper)


def note_placed(decree, units):
    """Undo looks at this: what a person has placed is not taken back with the decree."""
    Reorganisation.objects.filter(pk=decree.pk).update(
        placed=F("placed") + len(units), version=F("version") + 1
    )
