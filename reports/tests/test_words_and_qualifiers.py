"""Figures that are not exact, and answers in words: kept, shown, and never more than they are."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from hoiphunu.fields import NOTHING
from hoiphunu.qualifiers import Qualifier, Rough
from programs.models import Indicator
from reports import queries
from reports.checks import second_looks
from reports.exporters import summary_workbook
from reports.models import Figure
from reports.services import ReportError, return_report, save_draft, submit_report
from reports.sheet import changes_since_last_look, read_sheet, report_history
from reports.totals import check_totals, rebuild_totals

from .conftest import ask_more, moment

pytestmark = pytest.mark.django_db
ABOUT, OVER = Qualifier.ABOUT, Qualifier.OVER
GARDEN = "Mô hình “Vườn rau sạch” ở Khu dân cư 1"


@pytest.fixture
def asked(form, indicators):
    """The form asks for a model in words, and for a yes or no that no sum is made of."""
    rows = [("mo_hinh", "Mô hình mới trong tháng", "none", "text"),
            ("co_zalo", "Có nhóm Zalo", "none", "yes_no")]  # fmt: skip
    for code, name, aggregation, value_type in rows:
        made = Indicator.objects.create(
            code=code, name=name, unit="mô hình", aggregation=aggregation, value_type=value_type
        )
        ask_more(form, made)
        setattr(indicators, code, made)
    return indicators


@pytest.fixture
def report(asked, january, units, report_of):
    return report_of(units.tho_quang, january)


def rough(value, qualifier=ABOUT):
    return Rough(Decimal(value), qualifier)


@pytest.fixture
def counted(asked, january, units, people, report_of, approved):
    """Thọ Quang says "hơn 120", Mân Thái 30: approved in quận Sơn Trà."""
    approved(report_of(units.tho_quang, january), people.hoa, people.ha,
             cuoc=rough(120, Qualifier.MORE_THAN), hoi_vien=rough(80), phu_nu=100,
             mo_hinh=GARDEN, co_zalo=1)  # fmt: skip
    approved(report_of(units.man_thai, january), people.nga, people.ha,
             cuoc=30, hoi_vien=20, phu_nu=50, mo_hinh="Tổ đan lát", co_zalo=0)  # fmt: skip
    return january


def sum_of(period, branch, indicator, geography=queries.THEN):
    lines = queries.form_lines(period.form)
    return next(
        line
        for line in queries.summary_lines(period, branch, lines, geography)
        if line.indicator == indicator
    )


def page_of_sums(client, period, branch, rows_of=None):
    name = "summary_rows" if rows_of else "summary_detail"
    place = [period.form.code, period.code, branch.slug, *([rows_of.code] if rows_of else [])]
    return client.get(reverse(f"reports:{name}", args=place))


# --- Entering ---------------------------------------------------------------------------------


def test_the_officer_types_words_and_a_word_with_her_number(report, asked, as_person):
    client = as_person("hoa")

    client.post(
        reverse("reports:report_edit", args=[report.pk]),
        {"version": report.version, "figure_cuoc": "hơn 120", "figure_kinh_phi": "khoảng 1,5 tỷ",
         "figure_mo_hinh": GARDEN, "figure_co_zalo": "1"},
    )  # fmt: skip

    kept = {figure.indicator.code: figure.typed for figure in report.figures.all()}
    assert kept == {
        "cuoc": rough(120, Qualifier.MORE_THAN),
        "kinh_phi": rough(15 * 10**8),
        "mo_hinh": GARDEN,
        "co_zalo": Decimal(1),
    }
    again = client.get(reverse("reports:report_edit", args=[report.pk])).content.decode()
    assert 'value="hơn 120"' in again
    assert 'value="khoảng 1.500.000.000"' in again
    assert f"{GARDEN}</textarea>" in again
    page = client.get(report.get_absolute_url()).content.decode()
    assert "<strong>hơn 120</strong>" in page
    assert f"<strong>{GARDEN}</strong>" in page
    assert "có số ước" in page


def test_saving_the_same_answer_again_writes_no_history(report, asked, people, written):
    typed = {"cuoc": rough(120), "mo_hinh": GARDEN}
    written(report, people.hoa, **typed)
    before = Figure.history.count()

    written(report, people.hoa, **typed)

    assert Figure.history.count() == before


def test_the_word_goes_when_the_number_is_typed_without_it(report, asked, people, written):
    written(report, people.hoa, cuoc=rough(120), mo_hinh=GARDEN)

    written(report, people.hoa, cuoc=120, mo_hinh=None)

    typed = {figure.indicator.code: figure.typed for figure in report.figures.all()}
    assert typed == {"cuoc": Decimal(120), "mo_hinh": None}


def test_words_alone_are_enough_to_hand_in(report, people, written):
    written(report, people.hoa, mo_hinh=GARDEN)

    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19))

    assert report.status == "submitted"


@pytest.mark.parametrize(
    ("code", "typed"), [("cuoc", "ba cuộc"), ("mo_hinh", Decimal(3)), ("co_zalo", "có lẽ")]
)
def test_words_do_not_answer_a_number_nor_a_number_words(report, asked, people, code, typed):
    with pytest.raises(ReportError, match="hỏi bằng số thì trả lời bằng số"):
        save_draft(
            report=report, seen_version=report.version, narrative={}, by=people.hoa,
            at=moment(2021, 1, 18), figures={getattr(asked, code).pk: typed},
        )  # fmt: skip


def test_the_database_keeps_words_numbers_and_qualifiers_apart(report, asked):
    for fields in (
        {"qualifier": ABOUT},
        {"text": GARDEN, "value": 3},
        {"text": GARDEN, "is_nothing": True},
        {"qualifier": ABOUT, "is_nothing": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Figure.objects.create(report=report, indicator=asked.cuoc, **fields)


@pytest.mark.parametrize(
    ("value_type", "aggregation"),
    [("text", "flow"), ("text", "stock"), ("yes_no", "flow"), ("yes_no", "stock")],
)
def test_an_indicator_in_words_cannot_be_told_to_add_up(db, value_type, aggregation):
    indicator = Indicator(
        code="x", name="X", unit="-", value_type=value_type, aggregation=aggregation
    )

    with pytest.raises(ValidationError, match="không cộng"):
        indicator.full_clean()


def test_a_ratio_is_not_made_of_words(asked):
    ratio = Indicator(
        code="x", name="X", unit="%", value_type="decimal", aggregation="ratio",
        numerator=asked.mo_hinh, denominator=asked.phu_nu,
    )  # fmt: skip

    with pytest.raises(ValidationError, match="Tỷ lệ tính từ hai số"):
        ratio.full_clean()


# --- Adding up --------------------------------------------------------------------------------


def test_the_number_adds_up_as_it_is_and_the_sum_says_that_it_holds_such_a_number(
    counted, asked, units
):
    cuoc = sum_of(counted, units.son_tra, asked.cuoc)

    assert (cuoc.period.value, cuoc.period.answered) == (150, 2)
    assert cuoc.period.rough == cuoc.to_date.rough == {units.tho_quang.pk}
    assert sum_of(counted, units.man_thai, asked.cuoc).period.rough == frozenset()


def test_a_unit_that_is_not_exact_in_two_months_is_one_unit(
    counted, asked, units, people, february, report_of, approved
):
    approved(report_of(units.tho_quang, february), people.hoa, people.ha, cuoc=rough(10))

    year = sum_of(february, units.da_nang, asked.cuoc)

    assert (year.to_date.value, len(year.to_date.rough)) == (160, 1)
    assert len(year.period.rough) == 1


def test_a_stock_told_exactly_later_is_exact_again(
    counted, asked, units, people, february, report_of, approved
):
    approved(report_of(units.tho_quang, february), people.hoa, people.ha, hoi_vien=81)

    members = sum_of(february, units.son_tra, asked.hoi_vien)

    assert (members.to_date.value, members.to_date.rough) == (101, frozenset())


def test_a_ratio_says_that_one_of_its_parts_is_not_exact(counted, asked, units):
    share = sum_of(counted, units.son_tra, asked.ty_le)

    assert share.period.rough == share.to_date.rough == {units.tho_quang.pk}


@pytest.mark.parametrize("geography", queries.Geography)
@pytest.mark.parametrize("to_date", [False, True])
def test_every_column_knows_its_own_numbers_that_are_not_exact(
    counted, asked, units, to_date, geography
):
    lines = queries.form_lines(counted.form)

    columns = queries.child_columns(
        counted, units.son_tra, lines, to_date=to_date, geography=geography
    )

    assert {
        column.branch.name: len(column.amounts[asked.hoi_vien.pk].rough)
        for column in columns
        if not column.is_own
    } == {"Thọ Quang": 1, "Mân Thái": 0}


def test_words_are_counted_as_answers_and_never_added(counted, asked, units):
    for indicator in (asked.mo_hinh, asked.co_zalo):
        line = sum_of(counted, units.son_tra, indicator)
        assert (line.period.value, line.period.answered) == (None, 2)
        assert (line.to_date.value, line.to_date.answered) == (None, 2)


def test_the_stored_totals_agree_with_a_recount(counted, asked):
    assert check_totals([counted]) == []

    rebuild_totals([counted])

    assert check_totals([counted]) == []


def test_a_whole_is_not_set_against_parts_that_are_not_exact(report, asked, people, written):
    Indicator.objects.filter(pk=asked.hoi_vien.pk).update(part_of=asked.phu_nu)
    written(report, people.hoa, hoi_vien=90, phu_nu=100)
    assert any(
        "khác tổng các phần" in sentence for sentence in second_looks(report, read_sheet(report))
    )

    written(report, people.hoa, hoi_vien=rough(90))

    assert not [
        sentence for sentence in second_looks(report, read_sheet(report)) if "các phần" in sentence
    ]


# --- Reading ----------------------------------------------------------------------------------


def test_the_page_of_sums_says_how_many_units_are_not_exact(counted, units, as_person):
    page = page_of_sums(as_person("ha"), counted, units.son_tra).content.decode()

    assert "trong đó có số ước: 1 đơn vị" in page
    assert "2 trả lời" in page
    assert GARDEN not in page


def test_the_rows_behind_a_sum_show_the_word_and_the_words(counted, asked, units, as_person):
    client = as_person("ha")

    meetings = page_of_sums(client, counted, units.son_tra, asked.cuoc).content.decode()
    models = page_of_sums(client, counted, units.son_tra, asked.mo_hinh).content.decode()

    assert "hơn 120" in meetings and "số ước của 1 đơn vị" in meetings
    assert GARDEN in models and "Tổ đan lát" in models
    assert "2 trả lời dưới đây, không cộng" in models
    assert "Hội LHPN phường Thọ Quang" in models


def test_the_neighbour_reads_nobody_elses_words(counted, asked, units, as_person):
    for name in ("lan", "xuan"):
        client = as_person(name)
        assert page_of_sums(client, counted, units.son_tra, asked.mo_hinh).status_code == 404
    hers = page_of_sums(as_person("lan"), counted, units.hai_chau, asked.mo_hinh)
    assert hers.status_code == 200
    assert GARDEN not in hers.content.decode()


def test_the_workbook_keeps_numbers_as_numbers_and_says_the_words_beside(counted, units, people):
    book = load_workbook(BytesIO(summary_workbook(counted, units.son_tra, asked_by=people.ha)))

    by_line = [[cell.value for cell in row] for row in book["Theo chỉ tiêu"].iter_rows()]
    meetings = next(row for row in by_line if row[1] == "Số cuộc tuyên truyền")
    assert meetings[3:7] == [
        150,
        150,
        2,
        "Trong kỳ có số ước: 1 đơn vị; lũy kế có số ước: 1 đơn vị",
    ]
    by_unit = [[cell.value for cell in row] for row in book["Theo đơn vị"].iter_rows()]
    tho_quang = next(row for row in by_unit if row[1] == "Hội LHPN phường Thọ Quang")
    assert tho_quang[2] == 120
    assert "Số cuộc tuyên truyền (1 đơn vị)" in tho_quang[-1]
    answers = [[cell.value for cell in row] for row in book["Không cộng"].iter_rows()]
    assert [1, "Hội LHPN phường Mân Thái", "Mô hình mới trong tháng", "Tổ đan lát"] in answers
    assert [4, "Hội LHPN phường Thọ Quang", "Có nhóm Zalo", "Có"] in answers


def test_the_history_and_the_second_look_show_words_and_qualifiers(report, asked, people, written):
    written(report, people.hoa, cuoc=rough(120, OVER), mo_hinh=GARDEN)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19))
    return_report(report=report, seen_version=report.version, reason="Chị đếm lại",
                  by=people.ha, at=moment(2021, 1, 20))  # fmt: skip
    written(report, people.hoa, at=moment(2021, 1, 21), cuoc=118, mo_hinh=NOTHING)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 22))

    changes = {
        (change["label"], change["old"], change["new"])
        for row in report_history(report)
        for change in row["changes"]
    }
    assert ("Số cuộc tuyên truyền", "trên 120", "118") in changes
    assert ("Mô hình mới trong tháng", GARDEN, NOTHING) in changes
    assert changes_since_last_look(list(report.events.all()), read_sheet(report)) == [
        {"label": "Số cuộc tuyên truyền", "old": "trên 120", "new": "118"},
        {"label": "Mô hình mới trong tháng", "old": GARDEN, "new": NOTHING},
    ]
