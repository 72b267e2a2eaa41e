"""Lịch đỡ đầu: what is due, paid and late, month by month; and what it comes to.

This money goes from the sponsor to the child, and no line of the ledger is made for it: its sums
stand beside those of the ledger and of the hand-overs, never in them.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce

from branches.querysets import under_paths
from programs.models import Payment, Sponsorship


@dataclass
class Month:
    """A month of the calendar, or several of them; money in whole đồng."""

    first: date | None
    children: int = 0
    payments: int = 0
    made: int = 0  # in full
    due: int = 0
    paid: int = 0
    late: int = 0  # still to be handed over though the month is over
    late_count: int = 0


def calendar(program, user, year, on):
    """The twelve months of a year, and their sum."""
    found = {row["month"]: row for row in sums_of(payments_of(program, user, year), on)}
    months = []
    for number in range(1, 13):
        first = date(year, number, 1)
        months.append(as_month(found.get(first, {}), first))
    added = {
        name: sum(getattr(month, name) for month in months)
        for name in ("payments", "made", "due", "paid", "late", "late_count")
    }
    children = payments_of(program, user, year).aggregate(n=Count(CHILD, distinct=True))["n"]
    return months, Month(first=None, children=children, **added)


CHILD = "sponsorship__child"


def payments_of(program, user, year):
    return Payment.objects.visible_to(user).of(program).filter(month__year=year).order_by()


def sums_of(payments, on, by="month"):
    return payments.values(by).annotate(**figures(on))


def figures(on):
    is_late = (Q(paid=None) | Q(paid__lt=F("amount"))) & Q(month__lt=on.replace(day=1))
    return {
        "children": Count(CHILD, distinct=True),
        "payments": Count("pk"),
        "made": Count("pk", filter=Q(paid__gte=F("amount"))),
        "due": Sum("amount"),
        "late": Sum(F("amount") - Coalesce("paid", 0), filter=is_late),
        "late_count": Count("pk", filter=is_late),
        "paid": Sum("paid"),  # last: from here on the word means this sum
    }


def as_month(row, first=None):
    """Figures that the database summed; where there was nothing to sum, 0."""
    names = Month.__dataclass_fields__.keys() - {"first"}
    return Month(first=first, **{name: row.get(name) or 0 for name in names})


def years_of(program, user):
    """The years that the calendar can show; none while nobody is sponsored."""
    span = Payment.objects.visible_to(user).of(program).aggregate(Min("month"), Max("month"))
    first, last = span["month__min"], span["month__max"]
    return list(range(first.year, last.year + 1)) if first else []


# --- What it comes to, apart from the ledger ----------------------------------------------------


def sponsored_sums(program, user, on, places=()):
    """All months of a programme's sponsorships that she may count; of the children looked after
    in `places` only, where some are given."""
    payments = Payment.objects.counted_for(user).of(program)
    if places:
        paths = [place.path for place in places]
        payments = payments.filter(under_paths(paths, f"{CHILD}__branch__path"))
    return as_month(payments.order_by().aggregate(**figures(on)))


@dataclass(frozen=True)
class SponsorshipRow:
    sponsorship: Sponsorship
    sums: Month


def donor_sponsorships(donor, user, on):
    """(whom the donor sponsors, row by row as far as this reader may open it; the sum of all that
    she may count). Not part of `donor_gifts`, whose sums are the ledger's."""
    payments = Payment.objects.counted_for(user).filter(sponsorship__sponsor=donor).order_by()
    of_row = {row["sponsorship"]: as_month(row) for row in sums_of(payments, on, "sponsorship")}
    theirs = Sponsorship.objects.visible_to(user).filter(sponsor=donor).with_sides()
    rows = [SponsorshipRow(row, of_row.get(row.pk, Month(None))) for row in theirs]
    return rows, as_month(payments.aggregate(**figures(on)))
