"""Stocks to date over decrees: nobody's members are lost, nobody's are counted twice."""

from datetime import date

import pytest
from django.utils.timezone import now

from branches.models import Branch
from branches.services import add_line, close_branch, move_branch
from branches.tests.small_decrees import empty_decree, opened, successor
from conftest import person, unit
from reports import queries
from reports.latest import latest_figures, odd_units
from reports.models import Geography, Report
from reports.places import paths_of
from reports.reorganisation import ask_reorganisation
from reports.services import open_period
from reports.tasks import run_reorganisation

from .conftest import moment, month_of

pytestmark = pytest.mark.django_db

THEN, NOW = Geography.THEN, Geography.NOW


@pytest.fixture
def months(form, people):
    """January to April 2021, open."""
    made = {}
    for month in (1, 2, 3, 4):
        made[month] = month_of(form, 2021, month)
        open_period(period=made[month], by=people.dung, at=moment(2021, month, 1))
    return made


@pytest.fixture
def members(approved, people, units):
    """`members(unit, month, 100)`: an approved report with so many members."""
    officers = {units.tho_quang: people.hoa, units.man_thai: people.nga}

    def write(unit, month, number, by=None, at=None):
        report = Report.objects.get(branch=unit, period=month)
        officer = by or officers.get(unit, people.lan)
        return approved(report, officer, people.ha, at=at, hoi_vien=number)

    return write


def to_date(period, branch, geography=THEN):
    """Told from stored sums, which must say what all figures of the year do."""
    agrees_with_all_figures(period, branch)
    lines = queries.summary_lines(period, branch, queries.form_lines(period.form), geography)
    return next(line for line in lines if line.indicator.code == "hoi_vien").to_date.value


def agrees_with_all_figures(period, branch):
    standing = queries.standing_ids(queries.form_lines(period.form))
    of_then = queries.PATHS[THEN]
    figures = latest_figures(period, standing, paths_of(branch), of_then)
    told = queries.latest_by_place(branch, period, standing)
    counted = queries.by_place(figures, branch, of_then)
    assert said(told) == said(counted), branch


def said(found):
    """Without the places that say nothing."""
    return {place: dict(raw) for place, raw in found.items() if raw}


def both(period, branch):
    return to_date(period, branch, THEN), to_date(period, branch, NOW)


@pytest.fixture
def decree_of(units, people):
    def make(day, *lines, title="Sắp xếp"):
        """`lines`: (predecessor, kind, (name, parent), takes_people). Applied at once."""
        decree = empty_decree(units.da_nang, people.dung, effective_on=day, title=title)
        made = {}
        for old, kind, to, takes_people in lines:
            if to not in made:
                made[to] = successor(decree, *to, by=people.dung)
            add_line(
                reorganisation=decree,
                predecessor=old,
                kind=kind,
                successor=made[to],
                takes_people=takes_people,
                by=people.dung,
            )
        run = ask_reorganisation(reorganisation=decree, step="apply", by=people.dung)
        run_reorganisation(run.pk)
        run.refresh_from_db()
        assert run.state == run.State.READY, run.message
        return decree

    return make


def move_to_hai_chau(ward, units, people, on):
    move_branch(branch=ward, parent=units.hai_chau, on=on, by=people.dung, reason="chuyển quận")


def officer_of(unit):
    return person(f"canbo{unit.pk}", "Phan Thị Mới", ("officer", unit))


def test_members_of_two_wards_count_until_the_merged_ward_reports(
    units, months, members, decree_of
):
    members(units.tho_quang, months[1], 10)
    members(units.man_thai, months[1], 7)
    to = ("Sơn Trà", units.son_tra)
    decree = decree_of(
        date(2021, 2, 1), (units.tho_quang, "whole", to, None), (units.man_thai, "whole", to, None)
    )
    new = opened(decree, "Sơn Trà")

    before = both(months[2], units.da_nang)
    members(new, months[2], 17, by=officer_of(new))

    assert (before, both(months[2], units.da_nang)) == ((17, 17), (17, 17))


def test_the_merged_wards_report_of_the_month_of_the_merger_replaces_the_old_ones(
    units, months, members, decree_of
):
    members(units.tho_quang, months[1], 10)
    to = ("Sơn Trà", units.son_tra)
    decree = decree_of(
        date(2021, 1, 15), (units.tho_quang, "whole", to, None), (units.man_thai, "whole", to, None)
    )
    new = opened(decree, "Sơn Trà")

    members(new, months[1], 17, by=officer_of(new))

    assert both(months[1], units.da_nang) == (17, 17)


def test_a_ward_that_goes_on_and_gives_land_away_is_not_replaced(units, months, members, decree_of):
    members(units.tho_quang, months[1], 100)
    members(units.man_thai, months[1], 50)
    tho_quang, man_thai = ("Thọ Quang", units.son_tra), ("Mân Thái", units.son_tra)
    decree_of(
        date(2021, 2, 1),
        (units.tho_quang, "unchanged", tho_quang, None),
        (units.man_thai, "unchanged", man_thai, None),
        (units.tho_quang, "part", man_thai, False),
    )

    members(units.man_thai, months[2], 50, at=now())

    assert both(months[2], units.da_nang) == (150, 150)


def test_a_ward_merged_into_one_that_goes_on_counts_until_that_one_reports_again(
    units, months, members, decree_of
):
    members(units.tho_quang, months[1], 100)
    members(units.man_thai, months[1], 50)
    members(units.man_thai, months[2], 50)
    man_thai = ("Mân Thái", units.son_tra)
    decree_of(
        date(2021, 3, 1),
        (units.man_thai, "unchanged", man_thai, None),
        (units.tho_quang, "whole", man_thai, None),
    )

    silent = both(months[3], units.da_nang)
    members(units.man_thai, months[3], 150, at=now())

    assert (silent, both(months[3], units.da_nang)) == ((150, 150), (150, 150))


def test_a_decree_entered_late_changes_no_stock_of_before(units, months, members, decree_of):
    members(units.tho_quang, months[2], 100)
    for month in (1, 2, 3):
        members(units.man_thai, months[month], 50)
    before = [
        (to_date(months[month], units.tho_quang), to_date(months[month], units.da_nang))
        for month in (2, 3)
    ]
    man_thai = ("Mân Thái", units.son_tra)

    decree_of(
        date(2021, 3, 1),
        (units.man_thai, "unchanged", man_thai, None),
        (units.tho_quang, "whole", man_thai, None),
    )

    units.tho_quang.refresh_from_db()
    after = [
        (to_date(months[month], units.tho_quang), to_date(months[month], units.da_nang))
        for month in (2, 3)
    ]
    assert after == before == [(100, 150), (100, 150)]


def test_a_chain_of_two_decrees_counts_only_the_last(units, months, members, decree_of):
    members(units.tho_quang, months[1], 100)
    members(units.man_thai, months[1], 50)
    members(units.thanh_binh, months[1], 30)
    to = ("Sơn Trà", units.son_tra)
    first = decree_of(
        date(2021, 2, 1), (units.tho_quang, "whole", to, None), (units.man_thai, "whole", to, None)
    )
    son_tra = opened(first, "Sơn Trà")
    last = ("Hải Châu", units.hai_chau)
    second = decree_of(
        date(2021, 3, 1),
        (son_tra, "whole", last, None),
        (units.thanh_binh, "whole", last, None),
        title="Sắp xếp lần hai",
    )
    new = opened(second, "Hải Châu")

    silent = both(months[3], units.da_nang)
    members(new, months[3], 180, by=officer_of(new))

    assert (silent, both(months[3], units.da_nang)) == ((180, 180), (180, 180))


def test_who_got_only_the_land_replaces_nobody(units, months, members, decree_of):
    members(units.thanh_binh, months[1], 30)
    members(units.man_thai, months[1], 50)
    man_thai = ("Mân Thái", units.son_tra)
    decree_of(
        date(2021, 2, 1),
        (units.man_thai, "unchanged", man_thai, None),
        (units.thanh_binh, "part", ("Hải Châu", units.hai_chau), True),
        (units.thanh_binh, "part", man_thai, False),
    )

    members(units.man_thai, months[2], 50, at=now())

    assert both(months[2], units.da_nang) == (80, 80)


def test_a_divided_ward_that_waits_goes_on_counting(units, months, members, decree_of):
    members(units.thanh_binh, months[1], 30)
    decree = decree_of(
        date(2021, 2, 1),
        (units.thanh_binh, "part", ("Hải Châu", units.hai_chau), None),
        (units.thanh_binh, "part", ("Hòa Cường", units.hai_chau), None),
    )
    new = opened(decree, "Hải Châu")

    members(new, months[2], 5, by=officer_of(new))

    assert both(months[2], units.da_nang) == (35, 35)


def test_a_ward_that_moved_counts_where_its_latest_figure_stands(form, people, members, units):
    first, second, third = (month_of(form, 2021, month) for month in (1, 2, 3))
    for period, day in ((first, 1), (second, 1)):
        open_period(period=period, by=people.dung, at=moment(2021, period.starts_on.month, day))
    members(units.tho_quang, first, 10)
    members(units.man_thai, first, 7)
    members(units.man_thai, second, 8)
    move_to_hai_chau(units.tho_quang, units, people, on=date(2021, 3, 1))
    open_period(period=third, by=people.dung, at=moment(2021, 3, 1))

    before = [to_date(third, unit) for unit in (units.son_tra, units.hai_chau, units.da_nang)]
    members(units.tho_quang, third, 12, by=people.hoa)
    after = [to_date(third, unit) for unit in (units.son_tra, units.hai_chau, units.da_nang)]

    assert (before, after) == ([18, None, 18], [8, 12, 20])


@pytest.mark.parametrize("most_named", [5_000, 0])
def test_a_ward_that_told_in_the_nearest_month_too_counts_only_where_it_moved(
    form, people, members, units, monkeypatch, most_named
):
    monkeypatch.setattr(queries, "NAMED", most_named)  # 0: too many for SQLite to be named
    first, second = (month_of(form, 2021, month) for month in (1, 2))
    open_period(period=first, by=people.dung, at=moment(2021, 1, 1))
    members(units.tho_quang, first, 10)
    members(units.man_thai, first, 7)
    move_to_hai_chau(units.tho_quang, units, people, on=date(2021, 2, 1))
    open_period(period=second, by=people.dung, at=moment(2021, 2, 1))
    members(units.tho_quang, second, 12, by=people.hoa)

    told = [to_date(second, unit) for unit in (units.son_tra, units.hai_chau, units.da_nang)]

    assert told == [7, 12, 19]


@pytest.mark.parametrize("most_named", [5_000, 0])
def test_a_ward_that_ended_without_heirs_counts_on_though_it_owes_no_more(
    form, people, members, units, monkeypatch, most_named
):
    monkeypatch.setattr(queries, "NAMED", most_named)
    first, second = (month_of(form, 2021, month) for month in (1, 2))
    open_period(period=first, by=people.dung, at=moment(2021, 1, 1))
    members(units.tho_quang, first, 10)
    members(units.man_thai, first, 7)
    new = unit("xa", units.son_tra, "Nại Hiên Đông", "phường")
    Branch.objects.below(units.tho_quang).update(closed_on=date(2021, 2, 1))
    close_branch(
        branch=units.tho_quang, closed_on=date(2021, 2, 1), by=people.dung, reason="giải thể"
    )
    open_period(period=second, by=people.dung, at=moment(2021, 2, 1))
    assert not second.reports.filter(branch=units.tho_quang).exists()
    members(units.man_thai, second, 8)
    members(new, second, 5, by=officer_of(new))
    stocks = queries.standing_ids(queries.form_lines(second))
    assert queries.nearest(units.son_tra, second, stocks) == second

    assert to_date(second, units.da_nang) == 10 + 8 + 5
    assert to_date(second, units.son_tra) == 10 + 8 + 5


def test_what_was_told_before_counts_on_though_the_nearest_month_leaves_it_blank(
    units, people, months, members, approved
):
    members(units.tho_quang, months[1], 10)
    members(units.man_thai, months[1], 7)
    february = {report.branch: report for report in months[2].reports.select_related("branch")}
    approved(february[units.tho_quang], people.hoa, people.ha, cuoc=3, phu_nu=15)
    approved(february[units.man_thai], people.nga, people.ha, hoi_vien=8, phu_nu=20)

    told = [to_date(months[2], unit) for unit in (units.tho_quang, units.son_tra, units.da_nang)]

    assert told == [10, 18, 18]


def test_only_what_is_told_again_is_taken_off(units, people, months, approved):
    january, february = ({r.branch: r for r in months[n].reports.all()} for n in (1, 2))
    approved(january[units.tho_quang], people.hoa, people.ha, hoi_vien=10, phu_nu=15)
    approved(january[units.man_thai], people.nga, people.ha, hoi_vien=7, phu_nu=20)
    approved(february[units.tho_quang], people.hoa, people.ha, phu_nu=16)
    stocks = queries.standing_ids(queries.form_lines(months[2]))
    assert queries.nearest(units.son_tra, months[2], stocks) == months[1]

    assert [to_date(months[2], unit) for unit in (units.son_tra, units.da_nang)] == [17, 17]


def test_the_sums_to_start_from_are_those_from_which_least_is_asked(
    units, months, members, indicators
):
    """Two of three told again in February: two figures to take off January's sums, or one unit
    to ask about all its year."""

    def start():
        return queries.nearest(units.da_nang, months[3], {indicators.hoi_vien.pk})

    assert start() == months[3], "nobody has told anything yet"
    for ward in (units.tho_quang, units.man_thai, units.thanh_binh):
        members(ward, months[1], 10)
    assert start() == months[1]

    members(units.tho_quang, months[2], 11)
    members(units.man_thai, months[2], 8)

    assert start() == months[1]
    assert to_date(months[3], units.da_nang) == 11 + 8 + 10

    members(units.thanh_binh, months[2], 9)
    assert start() == months[2]
    assert to_date(months[3], units.da_nang) == 11 + 8 + 9


def test_the_year_of_a_unit_all_of_whose_reports_are_in_is_told(units, months, approved, people):
    """Then there is no unit whose stocks changed since, and the stored sums are all there is."""
    january, february = months[1], months[2]
    for period in (january, february):
        for report in period.reports.select_related("branch"):
            approved(report, people.hoa, people.ha, hoi_vien=10)
    owed = february.reports.count()

    paths, stocks = paths_of(units.da_nang), queries.standing_ids(queries.form_lines(february))
    assert queries.named(odd_units(february, february, units.da_nang, stocks, paths)) == set()
    assert to_date(february, units.da_nang) == 10 * owed
