"""Questions about the people helped: how many, and whether one is written down twice."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from branches.models import Branch
from hoiphunu.text import fold
from programs.models import Beneficiary, Recipient, SamePerson, Sponsorship


@dataclass
class PeopleCounts:
    """Persons, not lượt: each once, however often she was helped and in how many records. One whose
    records differ in kind or unit counts in each of these, so the parts may exceed the total."""

    total: int
    by_kind: list  # (words, how many)
    by_unit: list  # (unit, how many), in order of name
    sponsored: int  # children sponsored today
    ever_sponsored: int


def people_counts(program, user, on):
    """Of all that she may count; erased records stay counted."""
    people = Beneficiary.objects.counted_for(user).of(program)
    kinds = counted(people, "kind")
    units = counted(people, "branch")
    named = Branch.objects.filter(pk__in=units).select_related("level").order_by("sort_key", "pk")
    sponsorships = Sponsorship.objects.filter(child__in=people.order_by())
    return PeopleCounts(
        total=people.persons(),
        by_kind=[(str(words), kinds[kind]) for kind, words in KINDS if kind in kinds],
        by_unit=[(unit, units[unit.pk]) for unit in named],
        sponsored=children_of(sponsorships.running(on)),
        ever_sponsored=children_of(sponsorships),
    )


KINDS = Beneficiary.Kind.choices


def counted(people, field):
    person = Coalesce("same_as", "pk")
    rows = people.order_by().values(field).annotate(number=Count(person, distinct=True))
    return {row[field]: row["number"] for row in rows}


def children_of(sponsorships):
    return sponsorships.order_by().values("child").distinct().count()


def same_person(program, full_name, birth_year):
    """Records of the programme with this name, marks left out, and this year of birth.

    To warn, not to refuse: two children may well share both. Whoever asks shows only what the
    person before her may see.
    """
    name = fold(full_name)
    rows = Beneficiary.objects.of(program).standing().filter(birth_year=birth_year)
    return [row.pk for row in rows.only("full_name") if name and fold(row.full_name) == name]


# --- Who received, and how often ---------------------------------------------------------------


@dataclass(frozen=True)
class Helped:
    """`persons` of the register, each once over all hand-overs; `turns`, lượt, as the hand-overs
    say: with those who stand in no register, and each as often as she received."""

    persons: int
    turns: int


def helped_by(deliveries, user):
    """Of these hand-overs (rows that she may see); two queries."""
    counted = deliveries.counted().order_by()
    recipients = Recipient.objects.counted_for(user).filter(delivery__in=counted.values("pk"))
    turns = counted.aggregate(number=Sum("people"))["number"]
    return Helped(recipients.persons(), turns or 0)


# --- Records that may be one person -------------------------------------------------------------


def likely_pairs(records, user):
    """id of each of `records` → other records that may be the same person and of which nobody has
    said yet whether they are.

    Likely: the same name, marks left out, and year of birth, and either the same programme or
    units of which one lies in the other. Only among records that this officer may see: a hint
    must not tell who is helped elsewhere. Two queries, however many records.
    """
    years = {record.birth_year for record in records} - {None}
    standing = Beneficiary.objects.visible_to(user).standing().filter(birth_year__in=years)
    by_name = defaultdict(list)
    for other in standing.select_related("branch__level", "program"):
        by_name[fold(other.full_name), other.birth_year].append(other)
    said = judged_pairs(records)
    return {
        record.pk: [
            other
            for other in by_name[fold(record.full_name), record.birth_year]
            if is_likely(record, other) and frozenset((record.pk, other.pk)) not in said
        ]
        for record in records
    }


def is_likely(record, other):
    """Not one already, and of one programme or of units of which one lies in the other."""
    if record.is_erased or person_of(record) == person_of(other):
        return False
    one, two = record.branch, other.branch
    return record.program_id == other.program_id or one.contains(two) or two.contains(one)


def person_of(record):
    return record.same_as_id or record.pk


def judged_pairs(records):
    keys = [record.pk for record in records]
    rows = SamePerson.objects.filter(first__in=keys) | SamePerson.objects.filter(second__in=keys)
    return {frozenset(pair) for pair in rows.values_list("first", "second")}


def judged_of(beneficiary, user):
    """What was said of this record and another that this officer may see; nothing of erased ones,
    for there nobody shall read any more who it was."""
    pairs = SamePerson.objects.visible_to(user).about(beneficiary)
    pairs = pairs.filter(first__erased_at=None, second__erased_at=None)
    pairs = pairs.select_related("first__program", "second__program", "said_by")
    for pair in pairs:
        pair.other = pair.second if pair.first_id == beneficiary.pk else pair.first
    return pairs
