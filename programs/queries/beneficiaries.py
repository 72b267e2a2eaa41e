"""Questions about the people helped: how many, and whether one is written down twice."""

from dataclasses import dataclass

from django.db.models import Count

from branches.models import Branch
from hoiphunu.text import fold
from programs.models import Beneficiary, Sponsorship


@dataclass
class PeopleCounts:
    """Persons, not lượt: each record once, however often she was helped."""

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
        total=sum(kinds.values()),
        by_kind=[(str(words), kinds[kind]) for kind, words in KINDS if kind in kinds],
        by_unit=[(unit, units[unit.pk]) for unit in named],
        sponsored=children_of(sponsorships.running(on)),
        ever_sponsored=children_of(sponsorships),
    )


KINDS = Beneficiary.Kind.choices


def counted(people, field):
    return dict(people.order_by().values_list(field).annotate(Count("pk")))


def children_of(sponsorships):
    return sponsorships.order_by().values("child").distinct().count()


def same_person(program, full_name, birth_year, besides=None):
    """Records of the programme with this name, marks left out, and this year of birth.

    To warn, not to refuse: two children may well share both. Whoever asks shows only what the
    person before her may see.
    """
    name = fold(full_name)
    rows = Beneficiary.objects.of(program).standing().filter(birth_year=birth_year)
    rows = rows.exclude(pk=besides.pk if besides else None)
    return [row.pk for row in rows.only("full_name") if name and fold(row.full_name) == name]
