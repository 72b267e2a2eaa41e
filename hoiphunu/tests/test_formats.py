import datetime
from decimal import Decimal

from django import forms
from django.template import Context, Template
from django.utils.formats import date_format, number_format


def test_a_date_is_written_out_in_vietnamese():
    day = datetime.date(2021, 3, 5)

    assert date_format(day) == "ngày 05 tháng 3 năm 2021"
    assert date_format(day, "SHORT_DATE_FORMAT") == "05/03/2021"
    assert date_format(day, "YEAR_MONTH_FORMAT") == "tháng 3/2021"


def test_the_plain_date_field_reads_day_first():
    assert forms.DateField().clean("05/03/2026") == datetime.date(2026, 3, 5)
    assert forms.DateField().clean("25/12/2026") == datetime.date(2026, 12, 25)


def test_thousands_are_grouped_by_dots_in_templates():
    assert number_format(Decimal("1234567.5")) == "1.234.567,5"
    assert Template("{{ n }}").render(Context({"n": 50000000})) == "50.000.000"
