"""What the ledger comes to: by donor, by item, in all; sums of the same lines."""

from collections import defaultdict
from dataclasses import dataclass, field

from hoiphunu.text import fold, sort_key
from programs.models import Contribution, Donor, Entry, SupportItem

from .quotas import lies_under


@dataclass(frozen=True)
class Sums:
    """Whole đồng of each kind, and how many gifts of each kind are not valued yet.

    `owed` is what was promised and has not come in: counted for each contribution by itself,
    because one who gave more than she had promised does not pay for another.
    """

    pledged: int = 0
    received: int = 0
    given: int = 0
    pledged_gifts: int = 0
    received_gifts: int = 0
    given_gifts: int = 0
    owed: int = 0

    @property
    def left(self):
        return self.received - self.given

    @property
    def secured(self):
        """What came in and what is still to come."""
        return self.received + self.owed


FIGURES = ("pledged", "received", "given", "pledged_gifts", "received_gifts", "given_gifts")


@dataclass(frozen=True)
class DonorRow:
    donor: Donor
    contributions: list
    sums: Sums
    is_known: bool  # her page is this reader's to open

    @property
    def query(self):
        """What the address of her lines asks for."""
        return f"donor={self.donor.pk}"


@dataclass(frozen=True)
class ItemRow:
    """`item` is None for what is not allotted yet, and for items of others (`is_hidden`).

    `missing`: of the value planned, what nobody has promised or paid; None where that is not
    valued, or where the reader does not see every contribution.
    """

    item: SupportItem | None
    sums: Sums
    missing: int | None = None
    is_hidden: bool = False

    @property
    def name(self):
        if self.item:
            return self.item.what
        return "Hạng mục của đơn vị khác" if self.is_hidden else "Chưa phân bổ"

    @property
    def query(self):
        return f"item={self.item.pk if self.item else 'others' if self.is_hidden else 'none'}"


@dataclass(frozen=True)
class Ledger:
    total: Sums
    donors: list = field(default_factory=list)
    items: list = field(default_factory=list)
    is_whole: bool = True


def ledger(program, user):
    """The ledger of a programme, as far as this reader sees its contributions."""
    paths = user.branch_paths()
    is_whole = lies_under(program.owner, paths)
    contributions = list(Contribution.objects.visible_to(user).of(program).with_units())
    allotments = allotments_of(Entry.objects.visible_to(user).of(program))
    items = SupportItem.objects.visible_to(user).of(program).select_related("kind")
    return Ledger(
        total=sum_up(allotments),
        donors=donor_rows(contributions, allotments, paths),
        items=item_rows(items, allotments, is_whole),
        is_whole=is_whole,
    )


def contribution_ledger(contribution, user):
    """(the sum of one contribution, its sums by item)."""
    entries = Entry.objects.visible_to(user).filter(contribution=contribution)
    allotments = allotments_of(entries)
    named = SupportItem.objects.visible_to(user).filter(pk__in=entries.values("item"))
    return sum_up(allotments), item_rows(named, allotments, is_whole=False)


def entry_sums(entries):
    return sum_up(allotments_of(entries))


def allotments_of(entries):
    """The sums of each contribution for each item."""
    return list(entries.summed_by("contribution", "item"))


def sum_up(allotments):
    sums = {name: sum(int(row[name]) for row in allotments) for name in FIGURES}
    owed = defaultdict(int)
    for row in allotments:
        owed[row["contribution"]] += int(row["pledged"]) - int(row["received"])
    return Sums(**sums, owed=sum(max(0, value) for value in owed.values()))


def grouped(rows, key):
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def donor_rows(contributions, allotments, paths):
    """A donor of several contributions is one row; in the order of the names."""
    of_contribution = grouped(allotments, lambda row: row["contribution"])
    rows = [
        DonorRow(
            donor=donor,
            contributions=theirs,
            sums=sum_up([row for each in theirs for row in of_contribution[each.pk]]),
            is_known=lies_under(donor.branch, paths),
        )
        for donor, theirs in grouped(contributions, lambda each: each.donor).items()
    ]
    return sorted(rows, key=lambda row: sort_key(row.donor.name))


def item_rows(items, allotments, is_whole):
    """Each item that stands or has lines, then what lies in items of others or in none."""
    of_item = grouped(allotments, lambda row: row["item"])
    unallotted = of_item.pop(None, [])
    rows = []
    for item in items:
        sums = sum_up(of_item.pop(item.pk, []))
        if item.ended_on is None or sums != Sums():
            rows.append(ItemRow(item, sums, missing_for(item, sums) if is_whole else None))
    if of_item:
        hidden = [row for group in of_item.values() for row in group]
        rows.append(ItemRow(None, sum_up(hidden), is_hidden=True))
    if unallotted:
        rows.append(ItemRow(None, sum_up(unallotted)))
    return rows


def missing_for(item, sums):
    return None if item.value is None or item.ended_on else max(0, item.value - sums.secured)


# --- Donors ---------------------------------------------------------------------------------


def donors_matching(user, words):
    """Donors of her territory whose name holds every word, marks left out; in order."""
    wanted = fold(words).split()
    donors = Donor.objects.visible_to(user).select_related("branch__level")
    found = [donor for donor in donors if all(word in fold(donor.name) for word in wanted)]
    return sorted(found, key=lambda donor: (sort_key(donor.name), donor.pk))


def donors_to_choose(user, standing=None):
    """Whom she may name in a contribution; whom a standing one names stays."""
    donors = set(Donor.objects.nameable_by(user))
    if standing:
        donors.add(standing.donor)
    return sorted(donors, key=lambda donor: (sort_key(donor.name), donor.pk))


@dataclass(frozen=True)
class GiftRow:
    contribution: Contribution
    sums: Sums
    items: list  # for what, as far as this reader sees it


def donor_gifts(donor, user):
    """(what the donor gives to each programme that this reader may see, the sum of it all)."""
    theirs = Contribution.objects.visible_to(user).filter(donor=donor).with_units()
    entries = Entry.objects.visible_to(user).filter(contribution__donor=donor)
    allotments = allotments_of(entries)
    of_contribution = grouped(allotments, lambda row: row["contribution"])
    items = SupportItem.objects.visible_to(user).in_bulk(
        {row["item"] for row in allotments if row["item"]}
    )
    rows = []
    for contribution in theirs:
        lines = of_contribution[contribution.pk]
        named = [items[row["item"]] for row in lines if row["item"] in items]
        rows.append(GiftRow(contribution, sum_up(lines), named))
    return rows, sum_up(allotments)
