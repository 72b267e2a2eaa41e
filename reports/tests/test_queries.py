from datetime import date
from decimal import Decimal

import pytest

from branches.models import Position
from branches.services import move_branch
from hoiphunu.fields import NOTHING
from reports import queries
from reports.models import Basis, Geography, Report
from reports.places import paths_of
from reports.services import lock_reports, open_period, return_report, submit_nothing, submit_report

from .conftest import moment, month_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_months(january, february, approved, report_of, units, people):
    """Thọ Quang reports in both months, Mân Thái in January only, Thanh Bình in February."""
    approved(report_of(units.tho_quang, january), people.hoa, people.ha,
             cuoc=3, hoi_vien=100, phu_nu=200, loai_hinh=1)  # fmt: skip
    approved(report_of(units.man_thai, january), people.nga, people.ha,
             cuoc=NOTHING, hoi_vien=50, phu_nu=200, loai_hinh=0)  # fmt: skip
    approved(report_of(units.tho_quang, february), people.hoa, people.ha,
             at=moment(2021, 2, 18), cuoc=2, hoi_vien=110, phu_nu=200, loai_hinh=1)  # fmt: skip
    approved(report_of(units.thanh_binh, february), people.lan, people.lan,
             at=moment(2021, 2, 18), cuoc=7, hoi_vien=30, phu_nu=100, loai_hinh=1)  # fmt: skip
    return january, february


def line_of(period, branch, code):
    lines = queries.summary_lines(period, branch, queries.form_lines(period.form))
    return next(line for line in lines if line.indicator.code == code)


def test_a_flow_adds_over_units_and_over_months(two_months, units):
    _, february = two_months

    line = line_of(february, units.da_nang, "cuoc")

    assert (line.period.value, line.period.answered) == (9, 2)
    assert line.to_date.value == 12


def test_a_stock_takes_each_units_latest_and_never_adds_months(two_months, units):
    _, february = two_months

    line = line_of(february, units.da_nang, "hoi_vien")

    assert line.period.value == 140
    assert line.to_date.value == 110 + 50 + 30


def test_a_ratio_is_computed_anew_and_never_averaged(two_months, units):
    _, february = two_months

    line = line_of(february, units.da_nang, "ty_le")

    assert line.period.value == Decimal(140) / Decimal(300)
    assert line.to_date.value == Decimal(190) / Decimal(500)


def test_a_share_of_units_counts_the_units_that_said_yes(two_months, units):
    january, february = two_months

    assert line_of(january, units.son_tra, "loai_hinh").period == queries.Amount(
        Decimal("0.5"), 2, 1
    )
    to_date = line_of(february, units.da_nang, "loai_hinh").to_date
    assert (to_date.yes, to_date.answered) == (2, 3)


def test_an_indicator_that_nobody_filled_is_blank_and_not_zero(two_months, units):
    january, _ = two_months

    assert line_of(january, units.da_nang, "kinh_phi").period.value is None
    assert line_of(january, units.man_thai, "cuoc").period.value == 0


def test_the_columns_by_unit_add_up_to_the_total(two_months, units, indicators):
    january, february = two_months

    for period in (january, february):
        columns = queries.child_columns(period, units.da_nang, queries.form_lines(period.form))
        parts = [column.amounts[indicators.cuoc.pk].value or 0 for column in columns]
        assert sum(parts) == line_of(period, units.da_nang, "cuoc").period.value


def test_units_that_are_silent_have_a_column_too(two_months, units):
    january, _ = two_months

    columns = queries.child_columns(january, units.da_nang, queries.form_lines(january.form))

    assert [column.branch.name for column in columns] == [
        "Hải Châu", "Hội Phụ nữ Công an", "Sơn Trà",
    ]  # fmt: skip


def test_a_units_own_activities_stand_apart_from_those_below(
    january, approved, report_of, units, people, indicators
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, cuoc=3)
    approved(report_of(units.son_tra, january), people.giang, people.binh, cuoc=5)

    own, *below = queries.child_columns(january, units.son_tra, queries.form_lines(january.form))

    assert (own.is_own, own.amounts[indicators.cuoc.pk].value) == (True, 5)
    assert [c.amounts[indicators.cuoc.pk].value for c in below] == [None, 3]


def test_nothing_to_report_is_an_answer_below_and_locking_changes_no_column(
    two_months, units, people, indicators
):
    def columns():
        found = queries.sums_below(units.son_tra, two_months[:1])
        return {unit: amounts[indicators.cuoc.pk][:2] for unit, amounts in found.items()}

    before = columns()
    lock_reports(reports=Report.objects.approved(), by=people.dung, at=moment(2021, 3, 1))

    assert Report.objects.filter(status=Report.Status.LOCKED).count() == 4
    assert columns() == before == {units.tho_quang.pk: (3, 1), units.man_thai.pk: (0, 1)}


@pytest.mark.parametrize("to_date", [False, True])
@pytest.mark.parametrize("code", ["cuoc", "hoi_vien", "loai_hinh"])
def test_the_rows_behind_a_number_add_up_to_it(two_months, units, code, to_date):
    for period in two_months:
        line = line_of(period, units.da_nang, code)
        shown = line.to_date if to_date else line.period
        rows = queries.rows_behind(period, units.da_nang, line.indicator, to_date=to_date)

        total = sum(row.value or 0 for row in rows)
        assert total == (shown.value if shown.yes is None else shown.yes)
        assert len(rows) == shown.answered


def test_the_neighbours_rows_are_not_behind_a_districts_number(two_months, units, indicators):
    _, february = two_months

    rows = queries.rows_behind(february, units.son_tra, indicators.cuoc, to_date=True)

    assert {row.report.branch for row in rows} == {units.tho_quang, units.man_thai}


def test_a_month_reads_as_it_was_after_a_unit_has_moved(two_months, units, people):
    january, february = two_months
    before = {
        (period.code, code): line_of(period, units.son_tra, code).period
        for period in two_months
        for code in ("cuoc", "hoi_vien", "ty_le")
    }

    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    units.son_tra.refresh_from_db()
    after = {
        (period.code, code): line_of(period, units.son_tra, code).period
        for period in two_months
        for code in ("cuoc", "hoi_vien", "ty_le")
    }
    assert after == before
    assert [c.branch.name for c in queries.child_columns(
        january, units.son_tra, queries.form_lines(january.form)
    )] == ["Sơn Trà", "Mân Thái", "Thọ Quang"]  # fmt: skip


def test_completeness_counts_what_is_in_and_says_who_is_not(
    january, written, report_of, units, people
):
    early = written(report_of(units.tho_quang, january), people.hoa, cuoc=1)
    submit_report(report=early, seen_version=early.version, by=people.hoa, at=moment(2021, 1, 20))
    late = report_of(units.man_thai, january)
    submit_nothing(report=late, seen_version=late.version, by=people.nga, at=moment(2021, 1, 21))

    direct, communes = queries.completeness(january, units.da_nang)

    assert str(direct) == "0/3 đơn vị trực tiếp"
    assert str(communes) == "2/3 xã/phường"
    assert (communes.late, communes.missing) == (1, 1)
    assert {report.branch.name for report in queries.not_in(january, units.da_nang)} == {
        "Thanh Bình", "Sơn Trà", "Hải Châu", "Hội Phụ nữ Công an",
    }  # fmt: skip


def test_punctuality_per_month_adds_up_to_what_is_owed(two_months, units, form):
    months = queries.punctuality(form, units.da_nang, 2021)

    assert [(m["in_time"], m["late"], m["missing"]) for m in months] == [(2, 0, 4), (2, 0, 4)]


def test_the_year_before_is_not_in_the_cumulative_figure(
    two_months, form, units, approved, report_of, people
):
    period = month_of(form, 2022, 1)
    open_period(period=period, by=people.dung, at=moment(2022, 1, 1))
    approved(report_of(units.tho_quang, period), people.hoa, people.ha,
             at=moment(2022, 1, 18), cuoc=1)  # fmt: skip

    assert line_of(period, units.da_nang, "cuoc").to_date.value == 1
    assert period.previous().starts_on == date(2021, 2, 1)


def test_a_unit_that_moved_counts_once_in_the_year_and_where_it_stands_now(
    january, form, approved, report_of, units, people
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, hoi_vien=100)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")
    february = month_of(form, 2021, 2)
    open_period(period=february, by=people.dung, at=moment(2021, 2, 1))
    approved(report_of(units.tho_quang, february), people.hoa, people.lan,
             at=moment(2021, 2, 18), hoi_vien=110)  # fmt: skip

    columns = queries.child_columns(february, units.da_nang, queries.form_lines(form), to_date=True)
    members = form.lines.get(indicator__code="hoi_vien").indicator_id
    assert {c.branch: c.amounts[members].value for c in columns} == {
        units.hai_chau: 110, units.cong_an: None, units.son_tra: None,
    }  # fmt: skip
    assert line_of(february, units.da_nang, "hoi_vien").to_date.value == 110


@pytest.mark.parametrize("code", ["cuoc", "hoi_vien"])
def test_the_years_columns_by_unit_add_up_to_the_years_sum(two_months, units, indicators, code):
    _, february = two_months
    lines = queries.form_lines(february.form)

    for unit in (units.da_nang, units.son_tra):
        columns = queries.child_columns(february, unit, lines, to_date=True)
        parts = [c.amounts[getattr(indicators, code).pk].value or 0 for c in columns]
        assert sum(parts) == line_of(february, unit, code).to_date.value


def test_a_stock_is_the_same_where_too_many_units_changed_to_be_named(
    two_months, units, indicators, monkeypatch
):
    _, february = two_months
    stocks = {indicators.hoi_vien.pk, indicators.phu_nu.pk}
    said = queries.latest_by_place(units.da_nang, february, stocks)
    monkeypatch.setattr(queries, "NAMED", 0)

    assert queries.latest_by_place(units.da_nang, february, stocks) == said
    assert said[units.da_nang.pk][indicators.hoi_vien.pk].value == 110 + 50 + 30


def test_nothing_to_report_in_a_stock_is_an_answer_in_the_year_too(
    january, february, approved, report_of, units, people
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, loai_hinh=1)
    approved(report_of(units.tho_quang, february), people.hoa, people.ha,
             at=moment(2021, 2, 18), loai_hinh=NOTHING)  # fmt: skip

    line = line_of(february, units.da_nang, "loai_hinh")
    assert line.period == line.to_date == queries.Amount(Decimal(0), 1, 0)


def test_an_indicator_that_is_not_added_shows_no_sum(two_months, units, indicators):
    january, _ = two_months
    indicators.cuoc.aggregation = "none"
    indicators.cuoc.save()

    assert line_of(january, units.da_nang, "cuoc").period.value is None


def test_the_year_of_a_ratio_shows_all_months_of_a_part_that_flows(two_months, units, indicators):
    _, february = two_months
    ratio = indicators.ty_le
    ratio.numerator = indicators.cuoc
    ratio.save()

    rows = queries.rows_behind(february, units.da_nang, ratio, to_date=True)

    flows = [row.value or 0 for row in rows if row.indicator == indicators.cuoc]
    assert sum(flows) == 12
    assert line_of(february, units.da_nang, "ty_le").to_date.value == Decimal(12) / 500


def test_a_district_that_moved_keeps_its_past_months_on_the_chart(january, form, units, people):
    move_branch(branch=units.son_tra, parent=units.quang_nam, by=people.dung, reason="thử")
    units.son_tra.refresh_from_db()

    (month,) = queries.punctuality(form, units.son_tra, 2021)

    assert month["missing"] == 2


# --- Approved only, or all that were handed in ----------------------------------------------


@pytest.fixture
def one_waits(two_months, written, report_of, units, people):
    """Mân Thái's February is handed in and not approved; Hải Châu's is a draft."""
    _, february = two_months
    waiting = written(report_of(units.man_thai, february), people.nga,
                      at=moment(2021, 2, 18), cuoc=5, hoi_vien=60)  # fmt: skip
    submit_report(report=waiting, seen_version=waiting.version, by=people.nga,
                  at=moment(2021, 2, 18))  # fmt: skip
    written(report_of(units.hai_chau, february), people.lan, at=moment(2021, 2, 18), cuoc=1000)
    return february


def sums_of(period, branch, code, geography, basis):
    lines = queries.form_lines(period.form)
    found = queries.summary_lines(period, branch, lines, geography, basis)
    line = next(line for line in found if line.indicator.code == code)
    return line.period.value, line.to_date.value


@pytest.mark.parametrize("geography", queries.Geography)
def test_what_waits_for_approval_is_in_the_sum_of_all_and_in_no_other(one_waits, units, geography):
    at = (one_waits, units.da_nang)

    assert sums_of(*at, "cuoc", geography, Basis.APPROVED) == (2 + 7, 12)
    assert sums_of(*at, "cuoc", geography, Basis.ALL) == (2 + 7 + 5, 17)
    assert sums_of(*at, "hoi_vien", geography, Basis.APPROVED) == (140, 110 + 50 + 30)
    assert sums_of(*at, "hoi_vien", geography, Basis.ALL) == (200, 110 + 60 + 30)


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("geography", queries.Geography)
@pytest.mark.parametrize("to_date", [False, True])
def test_columns_and_rows_add_up_to_the_sum_on_every_basis(
    one_waits, units, indicators, geography, basis, to_date
):
    lines, how = queries.form_lines(one_waits.form), {"geography": geography, "basis": basis}

    for unit in (units.da_nang, units.son_tra, units.man_thai):
        columns = queries.child_columns(one_waits, unit, lines, to_date=to_date, **how)
        for code in ("cuoc", "hoi_vien"):
            indicator = getattr(indicators, code)
            expected = sums_of(one_waits, unit, code, geography, basis)[to_date] or 0
            rows = queries.rows_behind(one_waits, unit, indicator, to_date=to_date, **how)
            assert sum(c.amounts[indicator.pk].value or 0 for c in columns) == expected
            assert sum(row.value or 0 for row in rows) == expected


def test_what_went_back_for_correction_is_in_neither_sum(one_waits, units, people, report_of):
    report = report_of(units.man_thai, one_waits)
    return_report(
        report=report, seen_version=report.version, reason="thiếu", by=people.ha,
        at=moment(2021, 2, 19),
    )  # fmt: skip

    for basis in Basis:
        assert sums_of(one_waits, units.da_nang, "cuoc", queries.THEN, basis) == (9, 12)


# --- Who is missing, and whom to call -------------------------------------------------------


def test_each_units_part_of_what_is_in_adds_up_to_the_groups(two_months, units):
    january, _ = two_months

    of_unit = queries.handed_in_by_unit(january, units.da_nang)

    assert {pk: str(group) for pk, group in of_unit.items()} == {
        units.son_tra.pk: "2/3",
        units.hai_chau.pk: "0/2",
        units.cong_an.pk: "0/1",
    }
    groups = queries.completeness(january, units.da_nang)
    assert sum(group.owed for group in groups) == sum(g.owed for g in of_unit.values()) == 6


def test_the_officer_to_call_is_the_units_own_or_the_one_above(two_months, units, people):
    january, _ = two_months
    Position.objects.filter(user=people.lan, branch=units.thanh_binh).delete()
    reports = list(queries.not_in(january, units.da_nang))

    found = queries.officers_to_call(reports, Position.objects.in_force(date(2021, 1, 20)))

    names = {r.branch: [p.user for p in found[r.pk]] for r in reports}
    assert names[units.son_tra] == [people.giang]
    assert all(p.branch == units.hai_chau for p in found[next(
        r.pk for r in reports if r.branch == units.thanh_binh
    )])  # fmt: skip


# --- Where a unit has stood -----------------------------------------------------------------


def test_every_path_under_which_reports_may_remember_a_unit_is_known(january, units, people):
    ward, old = units.tho_quang, units.tho_quang.path
    assert paths_of(ward) == {old}

    move_branch(branch=ward, parent=units.hai_chau, by=people.dung, reason="thử")
    move_branch(branch=units.hai_chau, parent=units.quang_nam, by=people.dung, reason="thử")
    ward.refresh_from_db()

    assert {old, ward.path, f"{units.da_nang.path}{units.hai_chau.pk}/{ward.pk}/"} <= paths_of(ward)
    assert all(path.endswith(f"/{ward.pk}/") for path in paths_of(ward))


def test_what_waits_for_approval_is_told_only_where_its_unit_stands_today(
    january, written, report_of, units, people
):
    """Thọ Quang handed in, then moved to the district next door, which alone may open it."""
    report = written(report_of(units.tho_quang, january), people.hoa, cuoc=5)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18))
    cuoc = (january, "cuoc", Geography.THEN, Basis.ALL)
    assert waiting_sum(units.son_tra, *cuoc) == 5

    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.an, reason="chuyển quận")

    assert waiting_sum(units.son_tra, *cuoc) is None
    assert waiting_sum(units.da_nang, *cuoc) == 5


def waiting_sum(branch, period, code, geography, basis):
    branch.refresh_from_db()
    return sums_of(period, branch, code, geography, basis)[0]


def test_decimals_add_up_exactly(january, approved, report_of, units, people):
    for unit, officer, money in (
        (units.tho_quang, people.hoa, "12.1"), (units.man_thai, people.nga, "0.2"),
    ):  # fmt: skip
        approved(report_of(unit, january), officer, people.ha, kinh_phi=Decimal(money))

    assert str(line_of(january, units.da_nang, "kinh_phi").period.value) == "12.30"


def test_a_sum_that_nobody_answered_any_more_is_no_sum():
    """What one place takes back, another gave: nothing is left to show, and no 0 either."""
    sums = queries.Sums()
    sums.add([("top", 7, Decimal(3), 1), ("top", 8, Decimal(2), 1)])
    sums.add([("top", 7, Decimal(-3), -1)])

    assert dict(sums.found) == {"top": {8: queries.Amount(Decimal(2), 1)}}
