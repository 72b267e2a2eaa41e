"""Whatever is written, returned, approved and reopened, in any order: one sum, nothing twice."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hoiphunu.fields import NOTHING
from reports import queries
from reports.models import Basis, Report
from reports.services import (
    approve_report,
    reopen_report,
    return_report,
    save_draft,
    submit_report,
)
from reports.totals import check_totals, rebuild_totals

from .conftest import moment

pytestmark = pytest.mark.django_db

Status = Report.Status
MANY = settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
UNITS, MONTHS, WRITERS = ("tho_quang", "man_thai", "son_tra"), (0, 1), ("hoa", "nga")
places = st.tuples(st.sampled_from(UNITS), st.sampled_from(MONTHS))
cells = st.none() | st.just(NOTHING) | st.integers(min_value=0, max_value=9).map(Decimal)
steps = st.one_of(
    st.tuples(st.just("write"), places, st.sampled_from(WRITERS), cells, cells),
    st.tuples(st.just("hand in"), places),
    st.tuples(st.just("return"), places),
    st.tuples(st.just("approve"), places),
    st.tuples(st.just("reopen"), places),
    # a whole month at once, so that many are approved and corrected
    st.tuples(st.just("all of it"), places, st.sampled_from(WRITERS), cells, cells),
)


class Months:
    """The reports of three units in two months, and what was last written in each."""

    def __init__(self, periods, units, people, indicators):
        self.units, self.people, self.periods = units, people, periods
        self.flow, self.stock = indicators.cuoc.pk, indicators.hoi_vien.pk
        self.written = {}

    def report(self, place):
        unit, month = place
        return Report.objects.get(branch=getattr(self.units, unit), period=self.periods[month])

    def take(self, step, place, *more):
        report = self.report(place)
        common = {"report": report, "seen_version": report.version}
        reviewer = {"by": self.people.ha, "at": moment(2021, 2, 19)}
        if step == "all of it":
            for each in (("reopen", place), ("write", place, *more), ("hand in", place),
                         ("approve", place)):  # fmt: skip
                self.take(*each)
        elif step == "write" and report.is_editable:
            writer, flow, stock = more
            self.written[place] = (flow, stock)
            save_draft(
                **common, figures={self.flow: flow, self.stock: stock}, narrative={"results": "x"},
                by=getattr(self.people, writer), at=moment(2021, 2, 18),
            )  # fmt: skip
        elif step == "hand in" and report.status in (Status.DRAFT, Status.RETURNED):
            submit_report(**common, by=self.people.hoa, at=moment(2021, 2, 18))
        elif step == "return" and report.status == Status.SUBMITTED:
            return_report(**common, reason="sửa", **reviewer)
        elif step == "approve" and report.status == Status.SUBMITTED:
            approve_report(**common, **reviewer)
        elif step == "reopen" and report.status == Status.APPROVED:
            reopen_report(**common, reason="sửa", **reviewer)

    def expected(self, statuses, below, last):
        """(sum of the flow, sum of the stock) to date, added up by hand."""
        flow, latest = 0, {}
        for (unit, month), (cuoc, members) in sorted(self.written.items(), key=lambda w: w[0][1]):
            counts = self.report((unit, month)).status in statuses
            if counts and month <= last and unit in below:
                flow += number(cuoc) or 0
                if members is not None:
                    latest[unit] = number(members)
        return flow, sum(latest.values())

    def found(self, unit, month, **how):
        period = self.periods[month]
        lines = queries.summary_lines(period, unit, queries.form_lines(period.form), **how)
        values = {line.indicator.pk: line.to_date.value or 0 for line in lines}
        return values[self.flow], values[self.stock]


def number(cell):
    return 0 if cell == NOTHING else cell


@pytest.fixture
def months(january, february, units, people, indicators):
    return Months([january, february], units, people, indicators)


def undone(check):
    """Each example begins where the first began."""
    with transaction.atomic():
        check()
        transaction.set_rollback(True)


@given(st.lists(steps, max_size=14))
@MANY
def test_any_order_of_steps_gives_what_a_recount_gives_and_nothing_twice(months, taken):
    def check():
        months.written = {}
        for step in taken:
            months.take(*step)

        assert check_totals(months.periods) == []
        places = ((months.units.da_nang, UNITS), (months.units.son_tra, UNITS))
        places += ((months.units.tho_quang, ("tho_quang",)),)
        for unit, below in places:
            for geography in queries.Geography:
                for basis in Basis:
                    for month in MONTHS:
                        found = months.found(unit, month, geography=geography, basis=basis)
                        assert found == months.expected(basis.statuses, below, month)
        rebuild_totals(months.periods)
        assert check_totals(months.periods) == []

    undone(check)


@pytest.mark.parametrize("writer", WRITERS)
def test_an_earlier_month_corrected_later_counts_once_whoever_corrects_it(months, writer):
    for month, (flow, stock) in enumerate(((3, 100), (4, 110))):
        months.take("all of it", ("tho_quang", month), "hoa", Decimal(flow), Decimal(stock))

    months.take("all of it", ("tho_quang", 0), writer, Decimal(5), Decimal(90))

    assert months.found(months.units.da_nang, 0) == (5, 90)
    assert months.found(months.units.da_nang, 1) == (9, 110)
    assert check_totals(months.periods) == []
