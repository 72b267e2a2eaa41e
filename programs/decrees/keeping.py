"""What a unit keeps, and where something is to be given."""

from collections.abc import Callable
from typing import NamedTuple

from django.db.models import F, Q

from hoiphunu.text import exact_fold
from programs.models import (
    Beneficiary,
    Contribution,
    Donor,
    Duty,
    Partner,
    PlanReading,
    SupportItem,
    Target,
)

from .rows import NOT_CLOSED, give_back, is_free, put_under


class Kept(NamedTuple):
    """Rows that name a unit in `field` and go to its successor; the past is not rewritten, so
    only those of `which`. `once`: what the successor may have one of only."""

    model: type
    field: str = "branch"
    which: Q = Q()
    once: Callable | None = None

    def unit_of(self, row):
        return getattr(row, self.model._meta.get_field(self.field).attname)


def folded_name(row):
    return exact_fold(row.name)


def numbered(target):
    return target.program_id, target.number, target.year


GOES_ON = Q(program__status__in=NOT_CLOSED)
KEPT = [
    Kept(Partner, once=folded_name),
    Kept(Donor, once=folded_name),
    Kept(Beneficiary),
    Kept(Contribution, which=GOES_ON),
    Kept(SupportItem, "giver", which=GOES_ON & Q(ended_on=None)),
    Kept(Target, which=GOES_ON, once=numbered),
    Kept(Duty, which=GOES_ON),
    Kept(PlanReading, which=Q(program=None)),
]


def move_kept(moved, decree, signed):
    """Model's name → [[row, old unit, new unit]]."""
    return {kept.model.__name__: move_rows(kept, moved, decree, signed) for kept in KEPT}


def move_rows(kept, moved, decree, signed):
    """Those whose unit has gone wholly to another one.

    What the successor has already stays with the old unit, whose papers it keeps.
    """
    unit_of = kept.unit_of
    named = kept.model.objects.filter(kept.which, **{f"{kept.field}__in": decree.old_ids})
    rows = [row for row in named.order_by("pk") if unit_of(row) in moved]
    if kept.once:
        there = kept.model.objects.filter(**{f"{kept.field}__in": set(moved.values())})
        taken = {(unit_of(row), kept.once(row)) for row in there}
        rows = [row for row in rows if is_free(taken, (moved[unit_of(row)], kept.once(row)))]
    before = [[row.pk, unit_of(row), moved[unit_of(row)]] for row in rows]
    put_under(rows, kept.model, kept.field, {pk: new for pk, _, new in before}, signed)
    return before


def give_kept_back(before, signed):
    for kept in KEPT:
        give_back(kept.model, kept.field, before.get(kept.model.__name__, []), signed)


# --- Places -----------------------------------------------------------------------------------


def move_places(moved, decree, signed):
    """What was to be given in a unit is to be given in its successor.

    Returns [[item, its places before, and after]].
    """
    items = (
        SupportItem.objects.filter(GOES_ON, places__in=decree.old_ids, ended_on=None)
        .order_by("pk")
        .distinct()
        .prefetch_related("places")
    )
    changes = []
    for item in items:
        before = {place.pk for place in item.places.all()}
        after = {moved.get(place, place) for place in before}
        if after != before:
            put_places(item, after, signed)
            changes.append([item.pk, sorted(before), sorted(after)])
    return changes


def give_places_back(changes, signed):
    """Where they still are what the decree made of them; a person's later choice stays."""
    stood = {pk: (before, after) for pk, before, after in changes}
    items = SupportItem.objects.filter(pk__in=stood).order_by("pk").prefetch_related("places")
    for item in items:
        before, after = stood[item.pk]
        if {place.pk for place in item.places.all()} == set(after):
            put_places(item, before, signed)


def put_places(item, places, signed):
    """Few items name places, so each is written by itself, with its history."""
    item._history_user, item._change_reason = signed["by"], signed["reason"]
    SupportItem.objects.filter(pk=item.pk).update(version=F("version") + 1)
    item.places.set(places)
