"""The ledger's "đã trao" beside the hand-overs: two books about one thing, compared item by item.

Money for a hand-over need not come from donors, and what was given need not be handed over yet;
so a difference is shown and never corrected.
"""

from collections import defaultdict
from dataclasses import dataclass

from programs.models import Delivery, Entry, SupportItem

from .quotas import lies_under
from .support import Sums


@dataclass(frozen=True)
class Compared:
    """Of one item: `given`, what donors' money the ledger says was given, in đồng, with its gifts
    that nobody has valued; `handed`, what the hand-overs say (its plans are empty)."""

    item: SupportItem
    given: int
    gifts: int
    handed: Sums

    @property
    def handed_value(self):
        return self.handed.confirmed.value + self.handed.unconfirmed.value

    @property
    def unvalued(self):
        """Hand-overs without a value: they are in no sum here."""
        return self.handed.confirmed.unvalued + self.handed.unconfirmed.unvalued

    @property
    def difference(self):
        """Above 0 the ledger says more than the hand-overs, below 0 less."""
        return self.given - self.handed_value

    @property
    def apart_by(self):
        return abs(self.difference)

    @property
    def words(self):
        """What the difference says; "" where there is none."""
        if not self.difference:
            return ""
        return "Sổ ghi nhiều hơn" if self.difference > 0 else "Trao tặng ghi nhiều hơn"


def compared_items(program, user, item=None):
    """Those of a programme (or just `item`) of which either book says something; None for a reader
    who does not see the whole of both, for to her the difference would be untrue. Three queries.
    """
    if not lies_under(program.owner, user.branch_paths()):
        return None
    entries = Entry.objects.visible_to(user).of(program).exclude(item=None)
    deliveries = Delivery.objects.visible_to(user).of(program).counted()
    if item:
        entries, deliveries = entries.filter(item=item), deliveries.filter(item=item)
    given = {row["item"]: row for row in entries.summed_by("item")}
    handed = defaultdict(Sums)
    for delivery in deliveries:
        handed[delivery.item_id].add_delivery(delivery)
    named = SupportItem.objects.visible_to(user).filter(pk__in={*given, *handed})
    rows = [as_compared(row, given.get(row.pk), handed[row.pk]) for row in named.order_by("pk")]
    return [row for row in rows if row.given or row.gifts or row.handed_value or row.unvalued]


def as_compared(item, given, handed):
    if given is None:
        return Compared(item, 0, 0, handed)
    return Compared(item, int(given["given"]), given["given_gifts"], handed)
