import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiphunu.numbers import (
    decimal_number,
    format_money,
    format_number,
    money,
    parse_date,
    whole_number,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1.234", 1234), ("1.234.567", 1234567), ("1234", 1234), (" 12 ", 12), ("03", 3),
     ("50 000", 50000), ("50\u00a0000", 50000), (12.0, 12), (7, 7), (Decimal("5.0"), 5)],
)  # fmt: skip
def test_whole_numbers_are_read_as_they_are_meant(written, meant):
    assert whole_number(written) == meant


@pytest.mark.parametrize(
    "written",
    ["1,5", "1.5", "1.2345", "0.500", "", None, True, 1.234, "1,234", "12/35", "70 Chi hội",
     "1e3", "٣", "-5", -5, float("nan"), float("inf"), 10**15, {"date": "2021-01-01"}],
)  # fmt: skip
def test_what_is_not_surely_a_whole_number_is_refused(written):
    with pytest.raises(ValueError, match=r"\w"):
        whole_number(written)


def test_a_refusal_tells_how_to_write_the_number():
    with pytest.raises(ValueError, match="^“1.5” không phải số nguyên: số lẻ viết dấu phẩy"):
        whole_number("1.5")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1.234,5", "1234.5"), ("0,3", "0.3"), ("12", "12"), (1.234, "1.234"), (0.1 + 0.2, "0.3")],
)
def test_decimals_have_a_comma(written, meant):
    assert decimal_number(written) == Decimal(meant)


@pytest.mark.parametrize("written", ["1.5", "0.45", "1,2,3", "1.234.5", "0,3%", ",5", "5,"])
def test_a_lone_dot_is_never_guessed_at(written):
    with pytest.raises(ValueError, match="không phải số"):
        decimal_number(written)


def test_too_many_digits_after_the_comma_are_refused_and_zeros_are_not_counted():
    assert decimal_number("1,50", places=1) == Decimal("1.5")
    with pytest.raises(ValueError, match="quá 1 chữ số"):
        decimal_number("1,55", places=1)


@pytest.mark.parametrize(
    ("written", "dong"),
    [("50.000.000đ", 50_000_000), ("50.000.000 đồng", 50_000_000), ("50.000.000", 50_000_000),
     ("50 triệu", 50_000_000), ("72,47 tỷ", 72_470_000_000), ("72,47 tỷ đồng", 72_470_000_000),
     ("2.290.900 triệu đồng", 2_290_900_000_000), ("01 tỷ 250 triệu đồng", 1_250_000_000),
     ("1.234,567 tỉ đồng", 1_234_567_000_000), ("300 NGHÌN đồng", 300_000),
     ("200 ngàn", 200_000), ("5.000 VNĐ", 5_000), (50_000_000.0, 50_000_000)],
)  # fmt: skip
def test_money_is_read_as_it_is_written_in_real_lists(written, dong):
    assert money(written) == dong


@pytest.mark.parametrize(
    "written",
    ["hơn 1,1 tỷ", "100- 500 ngàn đồng", "1.5 triệu", "50,000,000", "1,5 đồng", "1,5", "đồng", "",
     "250 triệu 1 tỷ", "1 tỷ 5", "50 USD", 1.5, True, None, "-5 triệu", "0,0000001 triệu"],
)  # fmt: skip
def test_sums_of_money_that_could_mean_two_things_are_refused(written):
    with pytest.raises(ValueError, match=r"\w"):
        money(written)


@pytest.mark.parametrize(
    "written",
    ["15/01/2021", "15-1-21", "15.1.2021", " 15/1/2021 ", "2021-01-15", {"date": "2021-01-15"},
     {"date": "2021-01-15T08:30:00"}, datetime.date(2021, 1, 15),
     datetime.datetime(2021, 1, 15, 8, 30)],
)  # fmt: skip
def test_dates_are_read_day_first(written):
    assert parse_date(written) == datetime.date(2021, 1, 15)


def test_the_fifth_of_march_is_not_the_third_of_may():
    assert parse_date("05/03/2026") == datetime.date(2026, 3, 5)


def test_years_of_two_digits_lie_between_1950_and_2049():
    assert parse_date("1/2/86").year == 1986
    assert parse_date("1/2/49").year == 2049


@pytest.mark.parametrize(
    "written",
    ["1/5", "2021", "tháng 11/2022", "1/2021", "31/02/2021", "12/31/2021", "1/2-2021", "", None,
     44211, 44211.0, True, "01/01/0021", "1/1/2021 08:00"],
)  # fmt: skip
def test_what_is_not_surely_a_day_is_refused(written):
    with pytest.raises(ValueError, match=r"\w"):
        parse_date(written)


def test_numbers_are_shown_as_việt_nam_writes_them():
    assert format_number(Decimal("1234.50")) == "1.234,5"
    assert format_number(-1234567) == "-1.234.567"
    assert format_number(Decimal("1E+3")) == "1.000"
    assert format_number(Decimal("-0.00")) == "0"
    assert format_number(None) == ""
    assert format_money(1_350_000_000) == "1.350.000.000 đ"


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_every_whole_number_that_is_shown_is_read_back(number):
    assert whole_number(format_number(number), negative=True) == number
    assert money(format_money(number), negative=True) == number


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_every_decimal_that_is_shown_is_read_back(number):
    assert decimal_number(format_number(number), negative=True, places=4) == number


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)))
def test_every_day_that_is_shown_is_read_back(day):
    assert parse_date(f"{day:%d/%m/%Y}") == day


@given(st.text())
def test_any_text_is_either_read_or_refused_with_a_sentence(text):
    for parse in (whole_number, decimal_number, money, parse_date):
        try:
            parse(text)
        except ValueError as error:
            assert "literal" not in str(error)
