"""Whatever is moved, merged, divided and taken back: no figure lost, doubled or shifted."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.timezone import now
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from branches.decrees import places_for, waiting_units
from branches.models import Branch, BranchSpan, Level, Reorganisation, ReorganisationRun
from branches.querysets import under_paths
from branches.services import (
    add_line,
    check_decree,
    move_branch,
    open_branches,
    wrong_keys,
    wrong_paths,
)
from branches.tests.small_decrees import empty_decree, successor
from conftest import OPENED, person
from programs.models import Indicator
from reports.models import Figure, Period, PeriodDue, Report, ReportForm, Total
from reports.reorganisation import ask_reorganisation, place_chi_hoi, why_not_undo
from reports.services import (
    approve_report,
    ask_indicators,
    open_period,
    save_draft,
    submit_report,
)
from reports.tasks import run_reorganisation
from reports.tests.conftest import moment, month_of
from reports.totals import check_totals

# Each example is a small country; what one run does not find the next one may.
LITTLE = settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink one would take minutes
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = ("Tân Tiến", "Sơn Hà", "Sơn Hạ", "Hòa Bình", "Mỹ Tho")


class Country:
    """A random tree with a form, a month and approved figures; what is done to it is random."""

    def __init__(self, random, by):
        self.random, self.by, self.day = random, by, date(2020, 1, 1)
        self.levels = {level.code: level for level in Level.objects.all()}
        self.number = 0
        [self.top] = self.open("trung_uong", "", [None], 1)
        provinces = self.open("tinh", "tỉnh", [self.top], 2)
        districts = self.open("huyen", "huyện", provinces, random.randint(1, 2))
        wards = self.open("xa", "xã", [*districts, *provinces[:1]], random.randint(1, 3))
        self.open("chi_hoi", "chi hội", wards, random.randint(1, 2))
        self.begin_reporting()

    def open(self, level, type, parents, each):
        """`each` units below each parent; names repeat, as they do in the country."""
        rows = []
        for parent in parents:
            for n in range(each):
                self.number += 1
                name = NAMES[(self.number + n) % len(NAMES)] if level == "chi_hoi" else ""
                rows.append(
                    Branch(
                        level=self.levels[level],
                        parent=parent,
                        type=type,
                        name=f"{name} {n}" if name else f"{NAMES[n]} {self.number}",
                        opened_on=OPENED,
                        slug=f"{level}-{self.number}",
                    )
                )
        return open_branches(rows)

    def begin_reporting(self):
        self.form = ReportForm.objects.create(code="thang", name="Tháng", owner=self.top)
        levels = [self.levels[code] for code in ("tinh", "huyen", "xa", "chi_hoi")]
        self.form.levels.set(levels)
        self.indicators = [
            Indicator.objects.create(
                code=code, name=code, unit="", aggregation=kind, value_type="whole"
            )
            for code, kind in (("cuoc", "flow"), ("hoi_vien", "stock"))
        ]
        ask_indicators(self.form, [("A", self.indicators)])
        self.months = [self.open_month(2020, 1), self.open_month(2020, 2)]
        self.report_something(6)

    def open_month(self, year, month):
        period = Period.objects.create(
            form=self.form,
            code=f"{year}-{month:02}",
            year=year,
            label=f"{month}/{year}",
            starts_on=date(year, month, 1),
            ends_on=date(year, month, 28),
            cut_off_on=date(year, month, 28),
        )
        for level in self.form.levels.all():
            PeriodDue.objects.create(period=period, level=level, due_on=date(year, month, 28))
        open_period(period=period, by=self.by, at=moment(year, month, 1))
        return period

    # What may happen, each with a bit of chance

    def report_something(self, most=2):
        owed = list(Report.objects.filter(status=Report.Status.NOT_BEGUN).order_by("pk"))
        for report in self.random.sample(owed, min(most, len(owed))):
            cells = {i.pk: Decimal(self.random.randint(0, 10**9)) for i in self.indicators}
            args = {"report": report, "by": self.by, "at": now()}
            save_draft(seen_version=report.version, figures=cells, narrative={}, **args)
            submit_report(seen_version=report.version, **args)
            if self.random.random() < 0.8:
                approve_report(seen_version=report.version, **args)

    def move(self):
        chi_hoi = Branch.objects.filter(level__code="chi_hoi", closed_on=None)
        chi_hoi = chi_hoi.filter(parent__closed_on=None)
        wards = Branch.objects.filter(level__code="xa", closed_on=None)
        unit, ward = self.one_of(chi_hoi), self.one_of(wards)
        taken = (
            ward
            and unit
            and ward.children.filter(closed_on=None, type=unit.type, exact_text=unit.exact_text)
        )
        if unit and ward and unit.parent != ward and not taken:
            self.day += timedelta(days=1)
            move_branch(branch=unit, parent=ward, by=self.by, reason="chuyển", on=self.day)

    def one_of(self, rows):
        rows = list(rows.order_by("pk"))
        return self.random.choice(rows) if rows else None

    def decree(self):
        """Merge, divide, rename or leave the wards of one province; sometimes its districts end."""
        self.day += timedelta(days=30)
        province = self.one_of(Branch.objects.filter(level__code="tinh", closed_on=None))
        decree = empty_decree(self.top, self.by, self.day, title=f"Nghị quyết {self.day}")
        above = self.fate_of_province(decree, province)
        wards = list(
            Branch.objects.under(province).filter(level__code="xa", closed_on=None).order_by("pk")
        )
        self.number += 1
        new = [
            successor(decree, f"Mới {self.number} {n}", above, by=self.by)
            for n in range(self.random.randint(2, 3))
        ]
        for ward in wards:
            self.fate_of_ward(decree, ward, new, above)
        districts = Branch.objects.under(province).filter(level__code="huyen", closed_on=None)
        for district in districts:
            add_line(reorganisation=decree, predecessor=district, kind="abolished", by=self.by)
        assert check_decree(decree) == []
        return self.carry_out(decree, "apply")

    def fate_of_province(self, decree, province):
        """It stays, or becomes part of a new one; what the new wards stand below."""
        if self.random.random() < 0.6:
            return province
        self.number += 1
        city = successor(
            decree, f"Phố {self.number}", self.top, by=self.by, type="thành phố", level="tinh"
        )
        add_line(
            reorganisation=decree, predecessor=province, kind="whole", successor=city, by=self.by
        )
        return city

    def fate_of_ward(self, decree, ward, new, above):
        kind = self.random.choice(["whole", "whole", "part", "part", "renamed"])
        line = {"reorganisation": decree, "predecessor": ward, "kind": kind, "by": self.by}
        if kind == "renamed":
            self.number += 1
            add_line(successor=successor(decree, f"Tên {self.number}", above, by=self.by), **line)
        elif kind == "whole":
            add_line(successor=self.random.choice(new), **line)
        else:
            people = self.random.choice([(None, None), (None, None), (True, None), (True, False)])
            for part, takes in zip(self.random.sample(new, 2), people, strict=True):
                add_line(successor=part, takes_people=takes, **line)

    def place(self):
        unit = self.one_of(waiting_units(self.top))
        if unit:
            choice = self.random.choice(places_for(unit))
            place_chi_hoi(units=[unit], successor_branch=choice.branch, by=self.by)

    def undo(self):
        decree = Reorganisation.objects.filter(stage="applied").order_by("-applied_at").first()
        if decree and not why_not_undo(decree):
            self.carry_out(decree, "undo", may_fail=True)

    def carry_out(self, decree, step, may_fail=False):
        run = ask_reorganisation(reorganisation=decree, step=step, by=self.by)
        run_reorganisation(run.pk)
        run.refresh_from_db()
        assert may_fail or run.state == run.State.READY, run.message


def check_tree():
    assert wrong_paths() == []  # no circle either: it would reach no root
    assert wrong_keys() == []
    spans = {}
    for span in BranchSpan.objects.order_by("branch", "starts_on"):
        spans.setdefault(span.branch_id, []).append(span)
    for unit in Branch.objects.select_related("parent", "parent__parent__level"):
        own = spans[unit.pk]
        assert own[0].starts_on == unit.opened_on
        assert all(one.ends_on == following.starts_on for one, following in pairwise(own))
        assert own[-1].ends_on == unit.closed_on
        if unit.closed_on is None:
            last = own[-1]
            assert (last.type, last.name, last.code) == (unit.type, unit.name, unit.code)
            assert last.parent_id == unit.parent_id
            if unit.parent and unit.parent.closed_on:  # only what waits stands below a closed one
                assert unit.parent.parent.level.is_unplaced


def figures():
    return list(Figure.objects.order_by("pk").values_list("pk", "report", "indicator", "value"))


def totals():
    return sorted(
        (str(row) for row in Total.objects.values_list("period", "path", "indicator", "value")),
    )


def national_sums(top):
    """The sum of each indicator: from leaf figures, from totals of then, by today's place."""
    counted = Figure.objects.filter(report__status__in=Report.COUNTED)
    today = counted.filter(under_paths([top.path], "report__branch__path"))
    then = Total.objects.filter(path=top.path)
    found = []
    for rows in (counted, today, then):
        sums = rows.order_by().values_list("indicator").annotate(Sum("value"))
        found.append({pk: value for pk, value in sums if value})
    return found


@pytest.mark.django_db
@LITTLE
@given(random=st.randoms(use_true_random=False))
def test_no_figure_is_lost_doubled_or_shifted_whatever_is_done_to_the_tree(db, random):
    with transaction.atomic():
        country = Country(random, person("dung", "Phạm Thị Dung"))
        for _ in range(random.randint(2, 5)):
            step = random.choice(["decree", "decree", "move", "place", "undo", "report"])
            written, summed = figures(), totals()
            if step == "report":
                country.report_something()
            else:
                getattr(country, step)()
                assert figures() == written
                assert totals() == summed

            check_tree()
            leaves, today, then = national_sums(country.top)
            assert leaves == today == then
            assert check_totals(Period.objects.all()) == []
        transaction.set_rollback(True)


@pytest.mark.django_db
@LITTLE
@given(random=st.randoms(use_true_random=False))
def test_a_decree_taken_back_leaves_each_unit_where_it_was(db, random):
    def stored():
        units = Branch.objects.order_by("pk").values_list()
        spans = BranchSpan.objects.order_by("branch", "starts_on").values_list(
            "branch", "type", "name", "code", "parent", "starts_on", "ends_on"
        )
        reports = Report.objects.order_by("pk").values_list(
            "pk", "period", "branch", "branch_path", "reviewer_branch", "status"
        )
        return list(units), list(spans), list(reports)

    with transaction.atomic():
        country = Country(random, person("dung", "Phạm Thị Dung"))
        before = stored()
        country.decree()
        assert stored() != before

        country.carry_out(Reorganisation.objects.get(), "undo")

        assert stored() == before
        transaction.set_rollback(True)


# --- From two connections at once ---------------------------------------------------------------


def at_once(*runs):
    """Each run in a thread and a connection of its own, let go together."""
    gate = Barrier(len(runs))

    def work(run):
        gate.wait()
        try:
            run_reorganisation(run.pk)
        finally:
            connection.close()

    threads = [Thread(target=work, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for run in runs:
        run.refresh_from_db()
    return sorted(run.state for run in runs)


def merger(units, by, name, *wards):
    decree = empty_decree(units.da_nang, by, title=name)
    new = successor(decree, name, units.da_nang, by=by)
    for ward in wards:
        add_line(reorganisation=decree, predecessor=ward, kind="whole", successor=new, by=by)
    return ask_reorganisation(reorganisation=decree, step="apply", by=by)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_decrees_about_one_ward_at_once_one_wins(units, people):
    runs = [
        merger(units, people.dung, "Sơn Trà", units.tho_quang, units.man_thai),
        merger(units, people.dung, "Biển Đông", units.man_thai, units.thanh_binh),
    ]

    states = at_once(*runs)

    assert states == [ReorganisationRun.State.FAILED, ReorganisationRun.State.READY]
    loser = next(run for run in runs if run.state == run.State.FAILED)
    assert "phường Mân Thái" in loser.message
    assert not Branch.objects.filter(name=loser.reorganisation.title, type="phường").exists()
    check_tree()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_decrees_about_different_wards_at_once_are_both_done(units, people):
    runs = [
        merger(units, people.dung, "Biển Đông", units.tho_quang, units.man_thai),
        merger(units, people.dung, "Sông Hàn", units.thanh_binh),
    ]

    assert at_once(*runs) == [ReorganisationRun.State.READY] * 2

    assert Branch.objects.filter(name__in=["Biển Đông", "Sông Hàn"]).count() == 2
    check_tree()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_month_opened_while_a_decree_is_carried_out_waits_and_reads_one_tree(units, people, form):
    run = merger(units, people.dung, "Biển Đông", units.tho_quang, units.man_thai)
    period = month_of(form, 2026, 1)

    def open_it():
        try:
            open_period(period=period, by=people.dung, at=now())
        finally:
            connection.close()

    opening = Thread(target=open_it)
    with transaction.atomic():
        run_reorganisation(run.pk)
        opening.start()
        opening.join(1)
        assert opening.is_alive()
    opening.join(60)

    new = Branch.objects.get(name="Biển Đông")
    assert period.reports.filter(branch=new, branch_path=new.path).exists()
    assert not period.reports.filter(branch__in=[units.tho_quang, units.man_thai]).exists()
