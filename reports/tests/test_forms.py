from decimal import Decimal

import pytest

from hoiphunu.fields import NOTHING
from reports.checks import second_looks
from reports.forms import ReportFilter, ReturnForm, SheetForm
from reports.sheet import read_sheet

from .conftest import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


@pytest.fixture
def filled(report, indicators):
    """The form as it comes back from the page, every cell blank unless said otherwise."""

    def fill(is_final=False, **typed):
        cells = ["cuoc", "kinh_phi", "hoi_vien", "phu_nu", "loai_hinh"]
        texts = ["results", "difficulties", "proposals", "next_plans"]
        data = {f"figure_{code}": "" for code in cells} | dict.fromkeys(texts, "")
        data |= {f"figure_{name}" if name in cells else name: text for name, text in typed.items()}
        return SheetForm(data, report=report, sheet=read_sheet(report), is_final=is_final)

    return fill


def test_a_cell_keeps_a_number_a_nothing_and_a_blank_apart(filled, indicators):
    form = filled(cuoc="1.234", kinh_phi="kps", hoi_vien="0")

    assert form.is_valid()
    assert form.typed.figures == {
        indicators.cuoc.pk: Decimal(1234),
        indicators.kinh_phi.pk: NOTHING,
        indicators.hoi_vien.pk: Decimal(0),
        indicators.phu_nu.pk: None,
        indicators.loai_hinh.pk: None,
    }


def test_money_may_be_typed_in_words(filled, indicators):
    form = filled(kinh_phi="50 triệu")

    assert form.is_valid()
    assert form.typed.figures[indicators.kinh_phi.pk] == 50_000_000


@pytest.mark.parametrize("typed", ["ba", "1,5", "-3", "1.23"])
def test_what_is_no_count_is_refused_at_its_cell(filled, typed):
    form = filled(cuoc=typed)

    assert list(form.errors) == ["figure_cuoc"]


def test_the_ratio_is_not_asked(filled):
    assert "figure_ty_le" not in filled().fields


def test_a_cell_that_did_not_arrive_stays_as_it_is(report, indicators):
    form = SheetForm({"figure_cuoc": "3"}, report=report, sheet=read_sheet(report))

    assert form.is_valid()
    assert form.typed.figures == {indicators.cuoc.pk: 3}
    assert form.typed.narrative == {}


def test_a_part_without_its_whole_may_be_saved_but_not_submitted(filled):
    assert filled(hoi_vien="80").is_valid()

    form = filled(hoi_vien="80", is_final=True)

    assert form.errors == {"figure_phu_nu": ["Đã nhập “Tổng số hội viên” thì cần nhập cả số này."]}


def test_a_part_that_is_nothing_asks_for_no_whole(filled):
    assert filled(hoi_vien="kps", is_final=True).is_valid()


def test_words_are_cleaned_at_the_door(filled):
    form = filled(results="  Đã  ho\u0323p.\n\nXong. ")

    assert form.is_valid()
    assert form.typed.narrative["results"] == "Đã họp.\n\nXong."


def test_the_form_opens_with_what_is_saved(report, people, written):
    written(report, people.hoa, cuoc=1234, kinh_phi=NOTHING, loai_hinh=1)

    form = SheetForm(report=report, sheet=read_sheet(report))

    assert form["figure_cuoc"].value() == "1.234"
    assert form["figure_kinh_phi"].value() == NOTHING
    assert form["figure_loai_hinh"].value() == "1"
    assert not form["figure_hoi_vien"].value()


def test_fields_unlike_what_is_saved_are_pointed_out(report, people, written, filled):
    written(report, people.hoa, cuoc=12, narrative={"results": "Bản đã lưu"})

    form = filled(cuoc="15", results="Bản của tôi")

    assert form.is_valid()
    form.point_out(form.unlike_saved)
    assert form.saved == {"figure_cuoc": "12", "results": "Bản đã lưu"}


def test_a_return_needs_a_reason():
    assert not ReturnForm({"reason": "  "}, sheet=[]).is_valid()
    assert ReturnForm({"reason": "Thiếu số"}, sheet=[]).is_valid()


def test_a_return_may_remark_on_single_cells(report, indicators):
    typed = {"reason": "Sai", "remark_cuoc": " Đếm lại giúp ", "remark_results": "Viết ngắn hơn"}

    form = ReturnForm(typed, sheet=read_sheet(report))

    assert form.is_valid()
    assert form.remarks == {indicators.cuoc.pk: "Đếm lại giúp", "results": "Viết ngắn hơn"}


def test_a_filter_that_is_not_understood_is_left_out():
    choices = {"forms_": [], "periods": [("2021-01", "Tháng 1/2021")], "levels": []}

    chosen = ReportFilter({"period": "2021-01", "status": "hỏng"}, **choices).chosen()

    assert chosen == {"period": "2021-01"}


# --- The sheet behind the form --------------------------------------------------------------


@pytest.fixture
def line_of(units, report_of):
    def line(code, period):
        sheet = read_sheet(report_of(units.tho_quang, period))
        return next(line for line in sheet if line.indicator.code == code)

    return line


def test_last_month_stands_beside_this_month(
    february, january, units, people, report_of, written, line_of
):
    written(report_of(units.tho_quang, january), people.hoa, cuoc=5, hoi_vien=90, phu_nu=120)

    assert line_of("cuoc", february).previous == 5
    assert line_of("ty_le", february).previous == 75
    assert line_of("ty_le", february).value is None


def test_the_sum_of_the_year_has_approved_months_and_this_one(
    february, january, units, people, report_of, approved, written, line_of
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, cuoc=5, hoi_vien=90)
    written(report_of(units.tho_quang, february), people.hoa, cuoc=3, hoi_vien=91)

    assert (line_of("cuoc", february).before, line_of("cuoc", february).cumulative) == (5, 8)
    assert line_of("hoi_vien", february).cumulative is None


def test_a_month_not_approved_is_not_in_the_sum_of_the_year(
    february, january, units, people, report_of, written, line_of
):
    written(report_of(units.tho_quang, january), people.hoa, cuoc=5)
    written(report_of(units.tho_quang, february), people.hoa, cuoc=3)

    assert line_of("cuoc", february).cumulative == 3


def test_nothing_counts_as_zero_and_blank_as_unknown(report, people, written, line_of, january):
    written(report, people.hoa, cuoc=NOTHING)

    assert line_of("cuoc", january).cumulative == 0
    assert line_of("kinh_phi", january).cumulative is None


def test_a_rate_above_a_hundred_is_doubted(report, people, written):
    written(report, people.hoa, hoi_vien=120, phu_nu=100)

    assert second_looks(report, read_sheet(report)) == [
        "“Tỷ lệ tập hợp hội viên” là 120 %, vượt quá 100 %."
    ]


def test_a_rate_of_no_women_at_all_is_blank(report, people, written, line_of, january):
    written(report, people.hoa, hoi_vien=0, phu_nu=0)

    assert line_of("ty_le", january).value is None


def test_a_stock_that_jumps_by_more_than_half_is_doubted(
    february, january, units, people, report_of, written
):
    written(report_of(units.tho_quang, january), people.hoa, hoi_vien=1000, phu_nu=3000, cuoc=1)
    report = report_of(units.tho_quang, february)
    written(report, people.hoa, hoi_vien=1501, phu_nu=1500, cuoc=100, at=moment(2021, 2, 10))

    jumps = [
        sentence
        for sentence in second_looks(report, read_sheet(report))
        if "hơn một nửa" in sentence
    ]

    assert jumps == ["“Tổng số hội viên” tăng hơn một nửa so với kỳ trước: 1.000 → 1.501."]


def test_a_sheet_is_read_in_as_many_queries_whatever_it_holds(
    february, units, people, report_of, written, django_assert_max_num_queries
):
    report = report_of(units.tho_quang, february)
    written(report, people.hoa, cuoc=1, hoi_vien=2, phu_nu=3)

    with django_assert_max_num_queries(6):
        read_sheet(report_of(units.tho_quang, february))
