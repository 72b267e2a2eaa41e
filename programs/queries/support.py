"""What is planned, promised on condition and handed over: by programme, kind and place."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q, Sum

from branches.decrees import standing_under
from branches.models import Branch
from hoiphunu.text import sort_key
from programs.models import Delivery, Partner, SupportItem


@dataclass
class Amount:
    """Rows and their money; what is not valued is counted and never stands for 0 đồng."""

    valued: int = 0
    unvalued: int = 0
    value: int = 0

    def add(self, value):
        if value is None:
            self.unvalued += 1
        else:
            self.valued += 1
            self.value += value

    def join(self, other):
        self.valued += other.valued
        self.unvalued += other.unvalued
        self.value += other.value

    @property
    def rows(self):
        return self.valued + self.unvalued


@dataclass
class Sums:
    """`planned` is firm; what is given only if there is money stands apart in `conditional`.
    `unconfirmed` holds what the receiver disputes, too. `by_guests`: how many of the confirmed a
    guest of the giver confirmed, which is said beside the sum."""

    planned: Amount = field(default_factory=Amount)
    conditional: Amount = field(default_factory=Amount)
    confirmed: Amount = field(default_factory=Amount)
    unconfirmed: Amount = field(default_factory=Amount)
    by_guests: int = 0

    def add_item(self, item):
        if item.ended_on is None:
            (self.conditional if item.is_conditional else self.planned).add(item.value)

    def add_delivery(self, delivery):
        (self.confirmed if delivery.is_confirmed else self.unconfirmed).add(delivery.value)
        self.by_guests += delivery.is_by_guest


@dataclass
class ItemTotals:
    """`by_kind`: (kind, Sums) in the order of the kinds; `by_place`: (unit, Sums) from the root
    down, each unit with its `depth`; `by_partner`: (partner, Sums) of what went outside the Hội;
    `elsewhere`: for no one of them, or nobody said where."""

    whole: Sums
    by_kind: list
    by_place: list
    by_partner: list
    elsewhere: Sums

    @property
    def by_receiver(self):
        return [*self.by_place, *self.by_partner]


def item_totals(program, user):
    """The sums over what this person may see of the programme, in four queries."""
    items = SupportItem.objects.visible_to(user).of(program).select_related("kind")
    items = list(items.prefetch_related("places"))
    deliveries = Delivery.objects.visible_to(user).of(program).counted()
    deliveries = list(deliveries.select_related("item__kind", "place", "partner"))
    whole, kinds, places = Sums(), defaultdict(Sums), defaultdict(Sums)
    partners = defaultdict(Sums)
    for item in items:
        for sums in (whole, kinds[item.kind], *(places[pk] for pk in held_by(item, program))):
            sums.add_item(item)
    for delivery in deliveries:
        if delivery.partner:
            received = [partners[delivery.partner]]
        else:
            received = [places[pk] for pk in within(delivery.place.path, program)]
        for sums in (whole, kinds[delivery.item.kind], *received):
            sums.add_delivery(delivery)
    elsewhere = places.pop(None, Sums())
    by_kind = sorted(kinds.items(), key=lambda row: (row[0].position, row[0].pk))
    by_partner = sorted(partners.items(), key=lambda row: (sort_key(row[0].name), row[0].pk))
    return ItemTotals(whole, by_kind, in_tree(places), by_partner, elsewhere)


def support_sums(programs, user):
    """Program's id → Sums of what this person may see of it, for a list; two queries."""
    sums = defaultdict(Sums)
    seen = SupportItem.objects.visible_to(user).values("pk")
    items = SupportItem.objects.filter(pk__in=seen, program__in=programs, ended_on=None)
    for row in summed(items, "program", "is_conditional"):
        part = "conditional" if row["is_conditional"] else "planned"
        setattr(sums[row["program"]], part, row["amount"])
    seen = Delivery.objects.visible_to(user).values("pk")
    deliveries = Delivery.objects.filter(pk__in=seen, item__program__in=programs).counted()
    for row in summed(deliveries, "item__program", "status"):
        is_confirmed = Delivery(status=row["status"]).is_confirmed
        part = "confirmed" if is_confirmed else "unconfirmed"
        getattr(sums[row["item__program"]], part).join(row["amount"])
    return dict(sums)


def summed(rows, *by):
    """A dict for each group, with its `amount`."""
    groups = rows.order_by().values(*by)
    groups = groups.annotate(rows=Count("pk"), valued=Count("value"), worth=Sum("value"))
    for row in groups:
        row["amount"] = Amount(row["valued"], row["rows"] - row["valued"], row["worth"] or 0)
        yield row


def sums_of(items, deliveries):
    sums = Sums()
    for item in items:
        sums.add_item(item)
    for delivery in deliveries:
        sums.add_delivery(delivery)
    return sums


def with_sums(items, user):
    """Give each item the sums of those of its hand-overs that she may see; one query."""
    rows = Delivery.objects.visible_to(user).filter(item__in=[item.pk for item in items]).counted()
    given = {}
    for row in rows:
        given.setdefault(row.item_id, []).append(row)
    for item in items:
        item.sums = sums_of([], given.get(item.pk, ()))
    return items


def held_by(item, program):
    """Ids of the units that contain all places of the item; [None] when there is none."""
    steps = [place.path.strip("/").split("/") for place in item.places.all()]
    shared = []
    for level in zip(*steps, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return within("/".join(shared), program)


def within(path, program):
    """The ids of a path that say something: not the owner and what stands above it."""
    above = {int(step) for step in program.owner.path.strip("/").split("/")}
    ids = [int(step) for step in path.strip("/").split("/") if step]
    return [pk for pk in ids if pk not in above] or [None]


def in_tree(places):
    """(unit, Sums), each unit behind the one above it; `depth` counts the steps shown."""
    units = Branch.objects.directory(with_closed=True).filter(pk__in=places)
    by_path = {unit.path: unit for unit in units}
    names = {unit.pk: (unit.sort_key, unit.pk) for unit in by_path.values()}
    nameless = ("", 0)
    shown = sorted(
        by_path.values(),
        key=lambda unit: [names.get(pk, nameless) for pk in (*unit.ancestor_ids, unit.pk)],
    )
    for unit in shown:
        unit.depth = sum(pk in names for pk in unit.ancestor_ids)
    return [(unit, places[unit.pk]) for unit in shown]


# --- Of a unit that is helped -------------------------------------------------------------------


def support_of(branch, user):
    """Items and deliveries that come to `branch` or below it, as far as she may see them.

    Each item has `shared_with`, its places elsewhere: what is not for `branch` alone is listed,
    and not summed.
    """
    items = SupportItem.objects.visible_to(user).received_in(branch).with_units()
    deliveries = Delivery.objects.visible_to(user).received_in(branch).counted().with_units()
    items = list(items.order_by("program", "kind__position", "pk"))
    for item in items:
        item.shared_with = [place for place in item.places.all() if not branch.contains(place)]
    return items, list(deliveries)


def deliveries_to_choose(items, user):
    """Hand-overs of these items that a line of the ledger may name, with words for the choice."""
    rows = Delivery.objects.visible_to(user).filter(item__in=items).counted()
    rows = list(rows.select_related("place__level", "partner", "item"))
    for row in rows:
        row.choice = f"{row.given_on:%d/%m/%Y} – {row.receiver_name} – {row.item.what}"
    return rows


def partners_to_choose(item, user):
    """Partners of the giver, or of a unit above it, as far as she may see them: to whom an item
    without a place may be handed over."""
    giver = item.giver
    rows = Partner.objects.visible_to(user).filter(branch__in=[*giver.ancestor_ids, giver.pk])
    return sorted(rows, key=lambda row: (sort_key(row.name), row.pk))


def may_take_part(program, *, is_one_off=False):
    """Units of the directory that an item of the programme may name as a place."""
    units = Branch.objects if program.reaches_out else standing_under(program.owner)
    return (
        units.directory(with_closed=is_one_off)
        .exclude(level__is_unplaced=True)
        .filter(Q(closed_on=None) | Q(closed_on__gte=program.starts_on))
    )
