"""Which canaries a person may read.

Written from the rules in words, over the plain table of units in `conftest.py`, so that a
fault in a queryset is not repeated here:

* her territory is each unit where she holds a position today, and all below;
* people (name, ways to reach them, what they hold), reports, calls about them, what a unit sums
  up of them and has frozen, lists, files and the reasons in a unit's history: in her territory;
* programmes and forms: of her territory, and of the units above that bind it. A programme
  that is still being written only in her territory, and so the draft of a form. Of a plan the
  printed lines, milestones, contents, duties, stated figures and targets belong to the programme;
  what a unit makes of a target is for its territory and for those below it;
* assignments: those whose supporter or supported unit lies in her territory;
* items of support and hand-overs with their files: those whose giver or receiver does,
  or the owner of the programme; what a partner got has no receiver in the tree;
* an invitation: in the territory, as officer, of the giver or of the programme's owner. The guest
  herself reads of the hand-overs that it names what was given, and how she was called;
* conditions: with their assignment. Contributions and their lines of the ledger: those of a
  unit of her territory, or for a programme of one. What is planned or promised for a programme
  that is still being written, only in the territory of its owner;
* of a programme that helps beyond its own tree, the name beside what comes from it;
* partners and donors: in her territory; the name alone also beside an assignment, a hand-over, a
  contribution or a sponsorship that she may read, and a donor's name, so that she may choose
  it, by the officers of units below;
* records of people helped with their consents: where she is officer, or above; what is
  sensitive only by the officers of just that unit or of the programme's owner. What was erased
  by nobody. Sponsorships with their payments: as officer over the child's unit or over the
  unit that knows the sponsor; what they come to in đồng, which names no child, also by the
  others of those territories and of the programme's owner;
* decrees: of her territory, and those in force of the units above. Number, title and date of
  a decree in force belong to the directory;
* what is made for one person (notices, exports, personal files, lists of accounts): by her alone;
* letters: by administrators over the person that they go to;
* beside a thing that she may read stands the name, and only the name, of who did it.

The directory (name, kind and place of units, names of teams) carries no canary.
"""

from dataclasses import dataclass
from functools import cached_property

from .world import ABOVE, KEYS, LEVEL, Thing, World

OWN, BELOW, SIBLING, UP, FAR, MISSING = "own", "below", "sibling", "above", "far", "missing"
RELATIONS = (OWN, BELOW, SIBLING, UP, FAR, MISSING)
# What a unit writes for those below it as well, once it is in force.
BINDING = {
    "program", "program name", "line", "milestone", "plan", "content", "duty", "stated figure",
    "target",
    "form", "form line", "period", "due", "rule", "rule due",
    "form section", "form heading", "form draft line", "form rule",
    "decree", "decree line", "decree unit", "decree run",
}  # fmt: skip

# What only officers see.
OF_OFFICERS = {
    "record", "sensitive", "look", "consent", "sponsorship", "payment", "invitation",
}  # fmt: skip


def chain(key):
    """The unit and those above it, up to the province."""
    found = [key]
    while ABOVE[found[-1]]:
        found.append(ABOVE[found[-1]])
    return found


@dataclass(eq=False)
class Identity:
    """Somebody who asks. `held`: her roles of today; `home`: the unit she is compared with;
    `guest_of`: the invitation whose code she has typed, without an account."""

    name: str
    user: object  # None: nobody has signed in
    held: tuple
    home: str
    world: World
    guest_of: Thing | None = None

    def __str__(self):
        return self.name

    @property
    def units(self):
        return {key for _, key in self.held}

    def territory_of(self, *roles):
        held = {key for role, key in self.held if role in roles or not roles}
        return {key for key in KEYS if held & set(chain(key))}

    @cached_property
    def territory(self):
        return self.territory_of()

    def territory_for(self, thing):
        return self.territory_of("officer") if thing.kind in OF_OFFICERS else self.territory

    @cached_property
    def asked_about(self):
        return set(self.guest_of.row.deliveries.all())

    @cached_property
    def above(self):
        return {key for unit in self.units for key in chain(unit)}

    @cached_property
    def helping(self):
        """Units at either end of an assignment of hers that has not ended."""
        active = [t for t in self.world.of_kind("assignment") if t.row.ends_on is None]
        hers = [thing for thing in active if self.units and self.may_read(thing)]
        return {key for thing in hers for key in (thing.unit, thing.other)}

    @cached_property
    def reached(self):
        """Units helped, now or before, as far as she may read of it; and the units above them."""
        help_given = self.world.of_kind("assignment", "item", "delivery")
        ends = {t.other for t in help_given if t.other and self.units and self.may_read(t)}
        return {key for end in ends for key in chain(end)}

    def relation_to(self, key):
        """Where the unit stands, seen from her home."""
        if key == self.home:
            return OWN
        if self.home in chain(key):
            return BELOW
        if key in chain(self.home):
            return UP
        return SIBLING if chain(key)[-1] == chain(self.home)[-1] else FAR

    def may_read(self, thing: Thing):
        if self.guest_of:
            is_kind = thing.kind in ("delivery", "delivery file")
            return is_kind and getattr(thing.row, "delivery", thing.row) in self.asked_about
        if not self.units:
            is_hers = thing.row is not None and thing.row == self.user
            return is_hers and thing.kind in ("name", "contact")  # on the page of her own account
        if thing.to is not None:
            return thing.to == self.user
        if thing.kind == "letter":
            return thing.unit in self.territory_of("administrator")
        if thing.kind in BINDING:
            in_force = set() if thing.is_draft else self.above
            return thing.unit in self.territory | in_force
        if thing.kind == "sensitive":
            return self.is_nearest_to(thing)
        if thing.kind == "donor name" and thing.unit in self.choosing_above:
            return True
        return bool(thing.ends & self.territory_for(thing))

    def is_nearest_to(self, record):
        """Officer over the unit that looks after it, and of just that one or of the owner."""
        held = {key for role, key in self.held if role == "officer"}
        return record.unit in self.territory_of("officer") and bool(
            held & {record.unit, record.owner}
        )

    @cached_property
    def choosing_above(self):
        """Units whose donors she may name: her own as an officer and those above."""
        return {key for role, unit in self.held if role == "officer" for key in chain(unit)}

    @cached_property
    def readable(self):
        """The canaries of all that she may read, what stands beside it, and who did it."""
        if self.guest_of:
            given, said = self.guest_of.beside[0], str(self.guest_of.row)  # not why it was made
            return self.world.words_in(said) | given.words
        things = [thing for thing in self.world.things if self.may_read(thing)]
        if self.user is not None and self.units:
            things += [t for t in self.world.of_kind("name", "contact") if t.row == self.user]
        actors = {actor.pk for thing in things for actor in thing.actors}
        things += [t for t in self.world.of_kind("name") if t.row.pk in actors]
        things += [other for thing in things for other in thing.beside]
        return {word for thing in things for word in thing.words}


def invitation_from(world, key):
    return next(thing for thing in world.of_kind("invitation") if thing.unit == key)


def identities(world):
    """Those who ask, by name."""

    def holder(name, role, key):
        return Identity(name, world.who(role, key), ((role, key),), key, world)

    found = [
        Identity("anonymous", None, (), "tho_quang", world),
        holder("officer of the city", "officer", "da_nang"),
        holder("officer of the district", "officer", "son_tra"),
        holder("officer of the ward", "officer", "tho_quang"),
        holder("officer of a chi hội", "officer", "chi_hoi_1"),
        holder("reviewer", "reviewer", "son_tra"),
        holder("leader", "leader", "son_tra"),
        holder("administrator of the city", "administrator", "da_nang"),
        holder("administrator of the district", "administrator", "son_tra"),
        holder("administrator of the ward", "administrator", "tho_quang"),
        holder("supporter", "officer", "cong_an"),
        holder("neighbour", "officer", "thanh_binh"),
        holder("administrator of another province", "administrator", "quang_nam"),
        Identity(
            "two positions",
            world.two,
            (("officer", "man_thai"), ("reviewer", "son_tra")),
            "man_thai",
            world,
        ),
        Identity("term ended", world.ended, (), "da_nang", world),
        Identity("disabled", world.disabled, (), "tho_quang", world),
        Identity("guest", None, (), "cong_an", world, guest_of=invitation_from(world, "cong_an")),
        Identity("without a position", world.nobody, (), "tho_quang", world),
    ]
    return {identity.name: identity for identity in found}


__all__ = ["FAR", "LEVEL", "MISSING", "OWN", "RELATIONS", "Identity", "identities"]
