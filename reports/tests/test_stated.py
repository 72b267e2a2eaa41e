"""A figure printed in a paper beside what the reports come to: compared, never added or changed."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programs.models import StatedFigure
from programs.services import add_part
from reports.services import open_period
from reports.stated import stated_rows

from .conftest import moment, month_of
from .test_targets import program, two_months

__all__ = ["program", "two_months"]  # fixtures of theirs

pytestmark = pytest.mark.django_db


@pytest.fixture
def printed(program, people):
    """`printed(indicator, value, …)`: the row of one figure that the paper prints, for Cúc."""

    def ask(indicator, value, year=2021, **fields):
        figure = add_part(
            model=StatedFigure,
            program=program,
            label="số in",
            value=value,
            year=year,
            indicator=indicator,
            by=people.an,
            **{"unit": indicator.unit} | fields,
        )
        return next(row for row in stated_rows(program, people.cuc) if row.figure == figure)

    return ask


def test_a_printed_figure_stands_beside_the_sum_of_its_year(two_months, printed, indicators):
    talks = printed(indicators.cuoc, 10)
    members = printed(indicators.hoi_vien, 150)

    assert (talks.computed, talks.difference, talks.difference_words) == (6, 4, "+4 cuộc")
    assert (members.computed, members.difference) == (150, 0)
    assert talks.period == two_months.february


def test_up_to_the_day_that_the_paper_names(two_months, printed, indicators):
    row = printed(indicators.cuoc, 4, year=None, as_of=date(2021, 2, 10))

    assert (row.computed, row.difference, row.period) == (4, 0, two_months.january)


def test_a_percentage_is_compared_in_the_digits_of_the_paper(two_months, printed, indicators):
    row = printed(indicators.ty_le, 75)
    less = printed(indicators.ty_le, Decimal("74.6"))

    assert (row.computed, row.difference) == (75, 0)
    assert less.difference == Decimal("-0.4")


def test_an_increase_of_a_stock_is_against_the_end_of_the_year_before(
    form, two_months, report_of, approved, printed, indicators, units, people
):
    december = month_of(form, 2020, 12)
    open_period(period=december, by=people.dung, at=moment(2020, 12, 1))
    approved(
        report_of(units.tho_quang, december), people.hoa, people.ha,
        at=moment(2020, 12, 18), hoi_vien=170,
    )  # fmt: skip

    assert printed(indicators.hoi_vien, 80, role="increase").computed == -20
    assert printed(indicators.hoi_vien, 20, role="decrease").difference == 0


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ({"unit": "buổi"}, "khác đơn vị tính"),
        ({"qualifier": "about"}, "số in kèm chữ “khoảng”"),
        ({"is_cumulative": True}, "lũy kế"),
        ({"value": None, "printed": "nhiều"}, "không in thành số"),
    ],
)
def test_what_cannot_be_compared_stands_beside_it_without_a_difference(
    two_months, printed, indicators, fields, doubt
):
    row = printed(indicators.cuoc, **{"value": 10} | fields)

    assert row.computed == 6
    assert row.difference is None and doubt in row.doubt


def test_without_an_approved_report_of_that_year_there_are_no_figures(
    january, written, report_of, printed, indicators, units, people
):
    written(report_of(units.tho_quang, january), people.hoa, cuoc=3)

    for year in (2021, 2022, None):
        row = printed(indicators.cuoc, 10, year=year)
        assert (row.computed, row.difference) == (None, None)


def test_the_page_shows_both_and_changes_neither(
    two_months, program, printed, indicators, as_person
):
    printed(indicators.cuoc, 10)
    printed(indicators.kinh_phi, 5_000_000)
    before = list(StatedFigure.objects.order_by("pk").values())
    url = reverse("reports:figure_panel", args=[program.slug])
    client = as_person("cuc")

    panel = client.get(url).content.decode()
    page = client.get(reverse("programs:figure_list", args=[program.slug])).content.decode()

    assert url in page
    assert "10 cuộc" in panel and "6 cuộc" in panel and "+4 cuộc" in panel
    assert "chưa có số liệu" in panel
    assert list(StatedFigure.objects.order_by("pk").values()) == before


def test_the_sum_is_for_those_of_the_owners_own_territory(
    two_months, program, printed, indicators, as_person
):
    printed(indicators.cuoc, 10)
    url = reverse("reports:figure_panel", args=[program.slug])

    giang = as_person("giang").get(url).content.decode()

    assert "dành cho người có vai trò ở đơn vị ấy" in giang and "6 cuộc" not in giang


def test_three_figures_or_thirty_ask_the_same_number_of_questions(
    two_months, program, indicators, people
):
    def add(first, last):
        for number in range(first, last):
            add_part(
                model=StatedFigure,
                program=program,
                label=f"số {number}",
                value=number,
                unit="cuộc",
                year=2021,
                indicator=indicators.cuoc,
                by=people.an,
            )

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert stated_rows(program, people.cuc)
        return len(queries)

    add(0, 3)
    asked()
    few = asked()
    add(3, 30)

    assert asked() == few
