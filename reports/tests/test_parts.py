"""A total beside its parts in the sum of a unit: what differs, and whose reports make it so."""

from decimal import Decimal
from io import BytesIO
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from hoiphunu.fields import NOTHING
from hoiphunu.qualifiers import Qualifier, Rough
from programs.models import Indicator
from reports import queries
from reports.exporters import summary_workbook
from reports.parts import part_checks

from .conftest import ask_more

pytestmark = pytest.mark.django_db


@pytest.fixture
def divided(form, indicators):
    """Borrowing households (a flow) and debts (a stock), each as a total and by two banks."""
    rows = [("ho", "Hộ được vay", "hộ", "flow"), ("du_no", "Dư nợ", "triệu đồng", "stock")]
    for code, name, unit, aggregation in rows:
        total = None
        for end, bank in (("", ""), ("_a", " ngân hàng A"), ("_b", " ngân hàng B")):
            made = Indicator.objects.create(
                code=code + end, name=name + bank, unit=unit, aggregation=aggregation,
                value_type="whole", part_of=total,
            )  # fmt: skip
            total = total or made
            ask_more(form, made, section="Vốn")
            setattr(indicators, code + end, made)
    return indicators


@pytest.fixture
def month(divided, january, units, people, report_of, approved):
    """Thọ Quang's parts come to 10 households less than its total; Mân Thái's agree."""
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, ho=50, ho_a=25, ho_b=15)
    approved(report_of(units.man_thai, january), people.nga, people.ha, ho=20, ho_a=12, ho_b=8)
    return january


def checks(period, branch, user, geography=queries.THEN):
    lines = queries.form_lines(period.form)
    sums = queries.summary_lines(period, branch, lines, geography)
    return part_checks(period, branch, lines, sums, user, geography)


def told(check):
    return [(cause.branch.name, cause.difference, cause.why) for cause in check.causes]


def page_of(client, period, branch):
    return client.get(
        reverse("reports:summary_detail", args=[period.form.code, period.code, branch.slug])
    )


@pytest.mark.parametrize("geography", queries.Geography)
def test_the_difference_is_said_with_the_unit_whose_report_makes_it(
    month, units, people, geography
):
    for branch, person in ((units.son_tra, people.ha), (units.da_nang, people.cuc)):
        (check,) = checks(month, branch, person, geography)

        assert (check.sum.stated, check.sum.computed, check.sum.difference) == (70, 60, 10)
        assert told(check) == [("Thọ Quang", 10, "")]
        assert check.elsewhere == 0


def test_where_every_unit_agrees_nothing_is_said(month, units, people, as_person):
    assert checks(month, units.man_thai, people.ha) == []
    assert checks(month, units.hai_chau, people.lan) == []
    assert "chưa khớp" not in page_of(as_person("ha"), month, units.man_thai).content.decode()


def test_differences_that_cancel_out_in_the_sum_are_no_difference_of_the_sum(
    divided, january, units, people, report_of, approved
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, ho=10, ho_a=12, ho_b=0)
    approved(report_of(units.man_thai, january), people.nga, people.ha, ho=10, ho_a=8, ho_b=0)

    assert checks(january, units.son_tra, people.ha) == []
    assert [told(check) for check in checks(january, units.tho_quang, people.hoa)] == [
        [("Thọ Quang", -2, "")]
    ]


def test_a_flow_is_checked_over_the_year_as_well(
    month, february, units, people, report_of, approved
):
    approved(report_of(units.man_thai, february), people.nga, people.ha, ho=5, ho_a=1, ho_b=1)

    in_period, over_year = checks(february, units.son_tra, people.ha)

    assert (in_period.to_date, in_period.sum.difference) == (False, 3)
    assert told(in_period) == [("Mân Thái", 3, "")]
    assert (over_year.to_date, over_year.sum.difference) == (True, 13)
    assert told(over_year) == [("Thọ Quang", 10, ""), ("Mân Thái", 3, "")]


def test_a_stock_is_checked_with_each_units_latest(
    divided, january, february, units, people, report_of, approved
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha,
             du_no=100, du_no_a=60, du_no_b=40)  # fmt: skip
    approved(report_of(units.tho_quang, february), people.hoa, people.ha, du_no=130)

    (check,) = checks(february, units.son_tra, people.ha)

    assert check.to_date
    assert (check.sum.stated, check.sum.computed) == (130, 100)
    assert told(check) == [("Thọ Quang", 30, "")]


def test_a_part_left_blank_is_said_and_a_part_of_nothing_is_nought(
    month, units, people, report_of, approved
):
    approved(report_of(units.son_tra, month), people.giang, people.binh, ho=7, ho_a=5)
    approved(report_of(units.cong_an, month), people.phuong, people.binh,
             ho=9, ho_a=9, ho_b=NOTHING)  # fmt: skip

    (check,) = checks(month, units.da_nang, people.cuc)

    assert told(check) == [("Thọ Quang", 10, ""), ("Sơn Trà", 2, "còn 1 phần chưa ghi")]
    assert check.words_of(check.causes[1]) == (
        "7 hộ, các phần cộng 5 hộ (+2 hộ): còn 1 phần chưa ghi"
    )


def test_a_form_whose_parts_nobody_filled_in_gives_no_verdict(
    divided, january, units, people, report_of, approved
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, ho=50)
    approved(report_of(units.man_thai, january), people.nga, people.ha, du_no_a=50)

    assert checks(january, units.son_tra, people.ha) == []


def test_numbers_that_are_not_exact_are_no_reason_to_warn(
    divided, january, units, people, report_of, approved
):
    about = Rough(Decimal(50), Qualifier.ABOUT)
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, ho=about, ho_a=25, ho_b=15)
    assert checks(january, units.son_tra, people.ha) == []

    approved(report_of(units.man_thai, january), people.nga, people.ha, ho=21, ho_a=12, ho_b=8)

    (check,) = checks(january, units.son_tra, people.ha)
    assert told(check) == [
        ("Thọ Quang", 10, "có số ước nên không so"),
        ("Mân Thái", 1, ""),
    ]


def test_reports_without_any_part_are_the_rest_and_no_reason_to_warn(
    divided, january, february, units, people, report_of, approved, as_person
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, ho=50)
    approved(report_of(units.man_thai, february), people.nga, people.ha, ho=20, ho_a=12, ho_b=8)
    assert checks(february, units.son_tra, people.ha) == []

    approved(report_of(units.tho_quang, february), people.hoa, people.ha, ho=9, ho_a=1, ho_b=1)

    in_period, over_year = checks(february, units.son_tra, people.ha)
    assert (told(in_period), in_period.rest) == ([("Thọ Quang", 7, "")], 0)
    assert (told(over_year), over_year.rest) == ([("Thọ Quang", 7, "")], 50)
    page = page_of(as_person("ha"), february, units.son_tra).content.decode()
    assert "+50 hộ ở các báo cáo chưa ghi phần nào" in page


def test_a_blank_part_alone_gives_no_verdict_as_in_the_report_itself(
    divided, january, units, people, report_of, approved
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, ho=50, ho_a=20)

    assert checks(january, units.son_tra, people.ha) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_differences_of_the_units_add_up_to_that_of_the_sum(
    divided, january, february, units, people, report_of, approved, seed
):
    draw = Random(seed)
    writers = [(units.tho_quang, people.hoa, people.ha), (units.man_thai, people.nga, people.ha),
               (units.son_tra, people.giang, people.binh),
               (units.cong_an, people.phuong, people.binh),
               (units.thanh_binh, people.lan, people.dung)]  # fmt: skip
    codes = ["ho", "ho_a", "ho_b", "du_no", "du_no_a", "du_no_b"]
    for period in (january, february):
        for branch, officer, reviewer in writers:
            cells = {code: draw.choice([draw.randint(0, 99), NOTHING, None]) for code in codes}
            approved(report_of(branch, period), officer, reviewer, **cells | {"cuoc": 1})

    found = checks(february, units.da_nang, people.cuc)

    for check in found:
        explained = sum(cause.difference for cause in check.causes)
        assert explained + check.rest == check.sum.difference
        assert any(cause.why == "" for cause in check.causes)


# --- On the page ------------------------------------------------------------------------------


def test_the_page_names_the_unit_and_leads_to_its_report(month, units, report_of, as_person):
    page = page_of(as_person("ha"), month, units.son_tra).content.decode()

    assert "Tổng “Hộ được vay” là 70 hộ, khác tổng các phần: 60 hộ (chênh +10 hộ)." in page
    assert "50 hộ, các phần cộng 40 hộ (+10 hộ)" in page
    report = report_of(units.tho_quang, month)
    assert f'<a href="{report.get_absolute_url()}">Hội LHPN phường Thọ Quang</a>' in page


def test_the_neighbour_is_told_nothing_of_it(month, units, as_person):
    assert page_of(as_person("xuan"), month, units.son_tra).status_code == 404
    hers = page_of(as_person("lan"), month, units.hai_chau)
    assert "chưa khớp" not in hers.content.decode()


def test_the_workbook_says_it_below_the_table(month, units, people):
    book = load_workbook(BytesIO(summary_workbook(month, units.son_tra, asked_by=people.ha)))

    cells = [cell.value for row in book["Theo chỉ tiêu"].iter_rows() for cell in row if cell.value]
    assert (
        "Trong kỳ: Tổng “Hộ được vay” là 70 hộ, khác tổng các phần: 60 hộ (chênh +10 hộ)." in cells
    )


def test_many_units_that_differ_cost_no_more_questions_than_one(
    month, units, people, report_of, approved
):
    checks(month, units.son_tra, people.ha)  # her positions are asked for once
    with CaptureQueriesContext(connection) as one:
        checks(month, units.son_tra, people.ha)
    approved(report_of(units.son_tra, month), people.giang, people.binh, ho=7, ho_a=5, ho_b=1)

    with CaptureQueriesContext(connection) as two:
        (check,) = checks(month, units.son_tra, people.ha)

    assert len(check.causes) == 2
    assert len(two) == len(one)
