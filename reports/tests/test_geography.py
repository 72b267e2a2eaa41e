"""The same sums in the tree of then and of now."""

from datetime import date

import pytest
from django.urls import reverse

from branches.services import move_branch
from reports import queries
from reports.exporters import summary_workbook
from reports.models import Geography

pytestmark = pytest.mark.django_db

THEN, NOW = Geography.THEN, Geography.NOW


@pytest.fixture
def moved(january, approved, report_of, units, people):
    """Thọ Quang reported in January under Sơn Trà and stands under Hải Châu since February."""
    approved(report_of(units.tho_quang, january), people.hoa, people.ha,
             cuoc=3, hoi_vien=100, phu_nu=200, loai_hinh=1)  # fmt: skip
    approved(report_of(units.man_thai, january), people.nga, people.ha,
             cuoc=4, hoi_vien=50, phu_nu=100, loai_hinh=0)  # fmt: skip
    approved(report_of(units.thanh_binh, january), people.lan, people.lan,
             cuoc=5, hoi_vien=30, phu_nu=60, loai_hinh=1)  # fmt: skip
    move_branch(
        branch=units.tho_quang,
        parent=units.hai_chau,
        by=people.dung,
        reason="điều chỉnh địa giới",
        on=date(2021, 2, 1),
    )
    return january


def sums(period, branch, geography):
    lines = queries.summary_lines(period, branch, queries.form_lines(period.form), geography)
    return {line.indicator.code: (line.period.value, line.to_date.value) for line in lines}


def test_a_past_sum_stays_where_the_unit_stood(moved, units):
    assert sums(moved, units.son_tra, THEN)["cuoc"] == (7, 7)
    assert sums(moved, units.hai_chau, THEN)["cuoc"] == (5, 5)


def test_a_column_of_then_is_of_a_unit_that_stood_there_then(moved, units, indicators):
    def columns(branch):
        found = queries.sums_below(branch, [moved])
        return {unit: amounts[indicators.cuoc.pk].value for unit, amounts in found.items()}

    assert columns(units.hai_chau) == {units.thanh_binh.pk: 5}
    assert columns(units.son_tra) == {units.tho_quang.pk: 3, units.man_thai.pk: 4}


def test_by_todays_geography_the_figures_stand_where_the_unit_stands(moved, units):
    assert sums(moved, units.son_tra, NOW)["cuoc"] == (4, 4)
    assert sums(moved, units.hai_chau, NOW)["cuoc"] == (8, 8)
    assert sums(moved, units.hai_chau, NOW)["hoi_vien"] == (130, 130)


def test_both_geographies_have_the_same_sum_at_the_top(moved, units):
    assert sums(moved, units.da_nang, NOW) == sums(moved, units.da_nang, THEN)


@pytest.mark.parametrize("to_date", [False, True])
def test_the_columns_of_today_add_up_to_their_total(moved, units, to_date):
    lines = queries.form_lines(moved.form)

    columns = queries.child_columns(moved, units.da_nang, lines, to_date=to_date, geography=NOW)

    cuoc = next(line.indicator_id for line in lines if line.indicator.code == "cuoc")
    assert {str(c.branch): c.amounts[cuoc].value for c in columns if c.amounts[cuoc].answered} == {
        "quận Sơn Trà": 4,
        "quận Hải Châu": 8,
    }


def test_the_rows_behind_a_sum_are_those_of_its_geography(moved, units, indicators):
    def behind(branch, geography):
        rows = queries.rows_behind(
            moved, branch, indicators.cuoc, to_date=False, geography=geography
        )
        return {str(figure.report.branch): figure.value for figure in rows}

    assert behind(units.hai_chau, THEN) == {"phường Thanh Bình": 5}
    assert behind(units.hai_chau, NOW) == {"phường Thanh Bình": 5, "phường Thọ Quang": 3}


def page_of(client, period, unit, more=""):
    args = [period.form.code, period.code, unit.slug]
    return client.get(reverse("reports:summary_detail", args=args) + more).content.decode()


def test_the_page_offers_both_geographies_once_a_unit_has_moved(moved, units, as_person):
    cuc = as_person("cuc")

    assert "Theo địa bàn hiện nay" in page_of(cuc, moved, units.da_nang)
    assert "được cộng ở nơi đơn vị đang đứng hôm nay" in page_of(
        cuc, moved, units.da_nang, "?geography=now"
    )


def test_the_page_is_silent_about_geography_where_nothing_has_changed(january, units, as_person):
    assert "địa bàn hiện nay" not in page_of(as_person("cuc"), january, units.da_nang)


def test_the_workbook_says_in_which_geography_it_counts(moved, units, people):
    from io import BytesIO

    from openpyxl import load_workbook

    book = load_workbook(
        BytesIO(summary_workbook(moved, units.hai_chau, asked_by=people.cuc, geography=NOW))
    )

    sheet = book["Theo chỉ tiêu"]
    assert sheet["A2"].value.endswith("ĐỊA BÀN HIỆN NAY")
    assert 8 in [row[3].value for row in sheet.iter_rows()]


def test_sums_of_today_take_nine_queries_however_many_units(
    moved, units, django_assert_num_queries
):
    with django_assert_num_queries(9):
        sums(moved, units.da_nang, NOW)
