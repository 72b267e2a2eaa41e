"""Lịch đỡ đầu: what is due, paid and late, month by month."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce

from programs.models import Payment


@dataclass
class Month:
    """A month of the calendar, or all of them; money in whole đồng."""

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
        row = found.get(first, {})
        months.append(Month(first=first, **{n: v or 0 for n, v in row.items() if n != "month"}))
    added = {
        name: sum(getattr(month, name) for month in months)
        for name in ("payments", "made", "due", "paid", "late", "late_count")
    }
    children = payments_of(program, user, year).aggregate(n=Count(CHILD, distinct=True))["n"]
    return months, Month(first=None, children=children, **added)


CHILD = "sponsorship__child"


def payments_of(program, user, year):
    return Payment.objects.visible_to(user).of(program).filter(month__year=year).order_by()


def sums_of(payments, on):
    is_late = (Q(paid=None) | Q(paid__lt=F("amount"))) & Q(month__lt=on.replace(day=1))
    return payments.values("month").annotate(
        children=Count(CHILD, distinct=True),
        payments=Count("pk"),
        made=Count("pk", filter=Q(paid__gte=F("amount"))),
        due=Sum("amount"),
        late=Sum(F("amount") - Coalesce("paid", 0), filter=is_late),
        late_count=Count("pk", filter=is_late),
        paid=Sum("paid"),  # last: from here on the word means this sum
    )


def years_of(program, user):
    """The years that the calendar can show; none while nobody is sponsored."""
    span = Payment.objects.visible_to(user).of(program).aggregate(Min("month"), Max("month"))
    first, last = span["month__min"], span["month__max"]
    return list(range(first.year, last.year + 1)) if first else []
