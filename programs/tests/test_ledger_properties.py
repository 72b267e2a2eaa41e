"""Whatever is written, moved and put right: the promises of the ledger hold, to the last đồng."""

from datetime import date
from itertools import groupby

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from programs.models import Contribution, Donor, Entry
from programs.queries import ledger
from programs.services import (
    ProgramError,
    add_contribution,
    add_donor,
    allot,
    correct,
    give,
    pledge,
    receive,
)
from programs.services.ledger import sums_of

DAY = date(2021, 3, 8)
Kind = Entry.Kind
MANY = settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

amounts = st.integers(min_value=1, max_value=40)
places = st.sampled_from([None, 0, 1])
kinds = st.sampled_from([[Kind.PLEDGED], [Kind.RECEIVED], [Kind.PLEDGED, Kind.RECEIVED]])
gifts_of = st.integers(min_value=0, max_value=2)
steps = st.one_of(
    st.tuples(st.just("pledge"), gifts_of, amounts, places),
    st.tuples(st.just("receive"), gifts_of, amounts, places),
    st.tuples(st.just("give"), gifts_of, amounts, st.sampled_from([0, 1]), st.just("")),
    st.tuples(st.just("give"), gifts_of, amounts, st.sampled_from([0, 1]), st.just("ứng trước")),
    st.tuples(st.just("allot"), gifts_of, amounts, places, places, kinds),
    st.tuples(st.just("correct"), st.integers(min_value=0, max_value=30), st.just(0) | amounts),
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(program, units, people, gift):
    """Two donors, one of whom gives twice; what is written by `take` is written as An."""
    other = add_donor(branch=units.da_nang, name="Bà Lê", kind=Donor.Kind.PERSON, by=people.an)
    contributions = [gift.contribution] + [
        add_contribution(
            program=program, donor=donor, branch=units.da_nang, what=what, by=people.an
        )
        for donor, what in ((gift.donor, "Quà Tết"), (other, "Tiền mặt"))
    ]
    return Book(program, people.an, contributions, [gift.house, gift.cows])


class Book:
    def __init__(self, program, by, contributions, items):
        self.program, self.by, self.items = program, by, items
        self.keys = [contribution.pk for contribution in contributions]

    def take(self, step):
        """Do as the step says; what the ledger refuses leaves no trace."""
        verb, *rest = step
        try:
            with transaction.atomic():
                getattr(self, verb)(*rest)
        except ProgramError:
            return False
        return True

    def opened(self, number):
        contribution = Contribution.objects.get(pk=self.keys[number])
        return {
            "contribution": contribution,
            "seen_version": contribution.version,
            "on": DAY,
            "by": self.by,
        }

    def item(self, place):
        return None if place is None else self.items[place]

    def pledge(self, number, value, place):
        pledge(**self.opened(number), value=value, item=self.item(place))

    def receive(self, number, value, place):
        receive(**self.opened(number), value=value, item=self.item(place))

    def give(self, number, value, place, reason):
        give(**self.opened(number), value=value, item=self.item(place), reason=reason)

    def allot(self, number, value, source, target, kinds):
        ends = {"source": self.item(source), "target": self.item(target)}
        allot(**self.opened(number), value=value, kinds=kinds, reason="phân bổ", **ends)

    def correct(self, number, value):
        lines = list(Entry.objects.order_by("pk"))
        if lines:
            line = lines[number % len(lines)]
            opened = self.opened(self.keys.index(line.contribution_id))
            del opened["contribution"]
            correct(entry=line, value=value, reason="nhầm", **opened)

    def sums(self):
        """What every contribution has for every item."""
        return {
            (key, item): sums_of(Contribution.objects.get(pk=key), item)
            for key in self.keys
            for item in (None, *self.items)
        }

    def written(self):
        return list(Entry.objects.order_by("pk").values("pk", "kind", "value", "item", "reason"))


def undone(test):
    """Each example leaves the book as it found it."""
    with transaction.atomic():
        test()
        transaction.set_rollback(True)


@given(st.lists(steps, max_size=15))
@MANY
def test_no_sum_falls_below_nothing_and_too_much_is_given_only_with_a_flag(book, taken):
    @undone
    def check():
        for step in taken:
            before = book.written()
            book.take(step)
            assert book.written()[: len(before)] == before  # lines are only added

        for (key, item), sums in book.sums().items():
            assert min(sums.values()) >= 0
            flagged = Entry.objects.filter(contribution=key, item=item, is_flagged=True)
            assert sums[Kind.GIVEN] <= sums[Kind.RECEIVED] or flagged.exists()


@given(st.lists(steps, max_size=15))
@MANY
def test_sums_by_donor_by_item_and_in_all_are_the_same_to_the_last_dong(book, taken):
    @undone
    def check():
        for step in taken:
            book.take(step)

        found = ledger(book.program, book.by)

        for name in ("pledged", "received", "given", "left"):
            lines = Entry.objects.of(book.program)
            by_donor = sum(getattr(row.sums, name) for row in found.donors)
            by_item = sum(getattr(row.sums, name) for row in found.items)
            assert by_donor == by_item == getattr(found.total, name)
            if name != "left":
                values = lines.filter(kind=name).values_list("value", flat=True)
                assert found.total.__dict__[name] == sum(values)
        assert sum(row.sums.owed for row in found.donors) == found.total.owed
        assert len(found.donors) == 2


@given(st.lists(steps.filter(lambda step: step[0] != "correct"), max_size=12))
@MANY
def test_what_is_written_for_one_contribution_does_not_touch_another(book, taken):
    """In any order of the contributions, each taken in its own order, the sums are the same."""
    ends = []
    sorted_by_contribution = sorted(taken, key=lambda step: step[1])
    backwards = [
        list(group) for _, group in groupby(sorted_by_contribution, key=lambda step: step[1])
    ][::-1]
    orders = [taken, sorted_by_contribution, [step for group in backwards for step in group]]

    for order in orders:

        @undone
        def write(order=order):
            for step in order:
                book.take(step)
            ends.append(book.sums())

    assert ends[0] == ends[1] == ends[2]
