"""The days of the reporting calendar, as plain dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.schedule import DaysOff, day_of, due_days, spans

TET_2026 = frozenset(date(2026, 2, day) for day in range(16, 21))
YEARS = st.integers(2020, 2035)


def test_a_year_has_twelve_months_from_the_first_to_the_last_day():
    months = spans("month", 2024)
    assert [m.code for m in months] == [f"2024-{n:02}" for n in range(1, 13)]
    assert (months[1].starts_on, months[1].ends_on) == (date(2024, 2, 1), date(2024, 2, 29))
    assert months[2].label == "Tháng 3/2024"


@pytest.mark.parametrize(
    "kind, number, first, last, label",
    [
        ("month", 0, date(2025, 12, 15), date(2026, 1, 14), "Tháng 1/2026"),
        ("month", 2, date(2026, 2, 15), date(2026, 3, 14), "Tháng 3/2026"),
        ("quarter", 0, date(2025, 12, 15), date(2026, 3, 14), "Quý I/2026"),
        ("quarter", 3, date(2026, 9, 15), date(2026, 12, 14), "Quý IV/2026"),
        ("half_year", 0, date(2025, 12, 15), date(2026, 6, 14), "6 tháng đầu năm 2026"),
        ("nine_months", 0, date(2025, 12, 15), date(2026, 9, 14), "9 tháng năm 2026"),
        ("year", 0, date(2025, 12, 15), date(2026, 12, 14), "Năm 2026"),
    ],
)
def test_a_rhythm_from_the_15th_runs_as_the_decree_of_2019_says(kind, number, first, last, label):
    span = spans(kind, 2026, first_day=15)[number]
    assert (span.starts_on, span.ends_on, span.label) == (first, last, label)


@given(kind=st.sampled_from(["month", "quarter"]), year=YEARS, first_day=st.integers(1, 28))
def test_periods_of_a_kind_follow_each_other_without_gap_and_without_overlap(kind, year, first_day):
    made = spans(kind, year, first_day) + spans(kind, year + 1, first_day)
    for one, after in zip(made, made[1:], strict=False):
        assert after.starts_on == one.ends_on + timedelta(days=1)
    assert len({span.code for span in made}) == len(made)


@pytest.mark.parametrize(
    "year, month, day, found",
    [
        (2026, 2, 31, date(2026, 2, 28)),
        (2028, 2, 31, date(2028, 2, 29)),
        (2026, 0, 31, date(2025, 12, 31)),
        (2026, 13, 5, date(2027, 1, 5)),
        (2026, -1, 30, date(2025, 11, 30)),
        (2026, 4, 31, date(2026, 4, 30)),
    ],
)
def test_a_day_that_a_month_has_not_is_its_last(year, month, day, found):
    assert day_of(year, month, day) == found


@pytest.mark.parametrize(
    "wished, due",
    [
        (date(2026, 3, 20), date(2026, 3, 20)),  # a Friday
        (date(2026, 3, 21), date(2026, 3, 23)),  # a Saturday
        (date(2026, 3, 22), date(2026, 3, 23)),  # a Sunday
        (date(2026, 2, 16), date(2026, 2, 23)),  # the eve of Tết, then Tết, then a weekend
        (date(2026, 2, 20), date(2026, 2, 23)),
        (date(2026, 2, 15), date(2026, 2, 23)),  # the Sunday before Tết
        (date(2026, 2, 14), date(2026, 2, 23)),
        (date(2026, 2, 13), date(2026, 2, 13)),
    ],
)
def test_a_deadline_on_a_day_off_is_the_next_working_day(wished, due):
    assert due_days([("xa", wished)], DaysOff(off=TET_2026)) == {"xa": due}


def test_a_saturday_that_makes_up_for_a_day_off_is_a_working_day():
    days = DaysOff(off=frozenset([date(2026, 8, 31)]), working=frozenset([date(2026, 8, 22)]))
    assert due_days([("xa", date(2026, 8, 22))], days) == {"xa": date(2026, 8, 22)}
    assert due_days([("xa", date(2026, 8, 29))], days) == {"xa": date(2026, 9, 1)}


def test_a_lower_level_that_should_be_earlier_stays_earlier_when_both_move():
    wished = [
        ("chi_hoi", date(2026, 3, 20)),
        ("xa", date(2026, 3, 21)),
        ("tinh", date(2026, 3, 22)),
    ]
    assert due_days(wished, DaysOff()) == {
        "chi_hoi": date(2026, 3, 20),
        "xa": date(2026, 3, 23),
        "tinh": date(2026, 3, 24),
    }


def test_levels_with_one_day_keep_one_day():
    wished = [("xa", date(2026, 3, 21)), ("truc_thuoc", date(2026, 3, 21))]
    assert set(due_days(wished, DaysOff()).values()) == {date(2026, 3, 23)}


@given(
    days=st.lists(st.dates(date(2026, 1, 10), date(2026, 3, 31)), min_size=2, max_size=5),
    off=st.frozensets(st.dates(date(2026, 1, 10), date(2026, 3, 31)), max_size=20),
)
def test_no_deadline_falls_on_a_day_off_and_the_order_of_the_levels_holds(days, off):
    wished = list(enumerate(sorted(days)))
    calendar = DaysOff(off=off)
    dues = due_days(wished, calendar)
    assert all(map(calendar.is_working, dues.values()))
    for (low, low_day), (high, high_day) in zip(wished, wished[1:], strict=False):
        if low_day < high_day:
            assert dues[low] < dues[high]
