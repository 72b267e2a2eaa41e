"""When people are reminded: to the minute, by the calendar of Việt Nam, on any server."""

import time
from datetime import UTC, date, datetime

import pytest

from reports.hours import HERE, is_working_time, occasion_on, spans_of
from reports.models import Holiday
from reports.schedule import DaysOff

# Tết of 2021, two more days off, and a Saturday on which all work for it.
OFF = DaysOff(
    off=frozenset(
        [
            date(2021, 1, 1), date(2022, 1, 3), date(2021, 9, 2), date(2021, 9, 3),
            *(date(2021, 2, day) for day in range(10, 17)),
        ]
    ),
    working=frozenset([date(2021, 2, 20)]),
)  # fmt: skip
SERVERS = ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"]

# A moment in Việt Nam → may somebody be reminded?
MOMENTS = [
    # a Wednesday, minute by minute
    ("2021-01-20 00:00", False), ("2021-01-20 07:59:59", False), ("2021-01-20 08:00", True),
    ("2021-01-20 11:29:59", True), ("2021-01-20 11:30", False), ("2021-01-20 13:29:59", False),
    ("2021-01-20 13:30", True), ("2021-01-20 16:59:59", True), ("2021-01-20 17:00", False),
    ("2021-01-20 23:59:59", False),
    # the days around it where the server's date is another one
    ("2021-01-21 00:00:01", False), ("2021-01-21 08:00:01", True), ("2021-01-19 16:00", True),
    # weekends
    ("2021-01-22 16:59", True), ("2021-01-23 09:00", False), ("2021-01-24 09:00", False),
    ("2021-01-25 08:00", True),
    # Tết, the eve and the first working day after it
    ("2021-02-09 16:59", True), ("2021-02-10 08:00", False), ("2021-02-12 09:00", False),
    ("2021-02-16 14:00", False), ("2021-02-17 08:00", True),
    # a Saturday that makes up, and the Sunday after it
    ("2021-02-20 08:00", True), ("2021-02-20 17:00", False), ("2021-02-21 09:00", False),
    # ends of months and years, 29 February
    ("2021-01-29 09:00", True), ("2021-02-26 09:00", True), ("2020-12-31 16:59", True),
    ("2021-01-01 09:00", False), ("2021-12-31 16:59", True), ("2022-01-01 09:00", False),
    ("2022-01-03 09:00", False), ("2022-01-04 08:00", True), ("2024-02-29 09:00", True),
    ("2021-09-02 09:00", False), ("2021-09-06 08:00", True),
    # when clocks change in California
    ("2021-03-15 08:00", True), ("2021-03-14 09:00", False), ("2021-11-08 16:59:59", True),
]  # fmt: skip

# Last day, day → what is said.
OCCASIONS = [
    # Wednesday 20/1: before from the 15th, on the day, after until the 30th
    ("2021-01-20", "2021-01-14", None), ("2021-01-20", "2021-01-15", "before"),
    ("2021-01-20", "2021-01-19", "before"), ("2021-01-20", "2021-01-20", "on"),
    ("2021-01-20", "2021-01-21", "after"), ("2021-01-20", "2021-01-30", "after"),
    ("2021-01-20", "2021-01-31", None),
    # Friday 29/1: five days earlier is a Sunday, so it is said from Friday the 22nd on
    ("2021-01-29", "2021-01-21", None), ("2021-01-29", "2021-01-22", "before"),
    # the first working day after Tết: said from the last working day before it
    ("2021-02-17", "2021-02-08", None), ("2021-02-17", "2021-02-09", "before"),
    ("2021-02-17", "2021-02-16", "before"), ("2021-02-17", "2021-02-17", "on"),
    # given longer until a Sunday: the last word on the Friday before it
    ("2021-01-24", "2021-01-21", "before"), ("2021-01-24", "2021-01-22", "on"),
    ("2021-01-24", "2021-01-24", "on"), ("2021-01-24", "2021-01-25", "after"),
    # ends of a month, of a year, of February
    ("2021-03-31", "2021-04-01", "after"), ("2021-12-31", "2021-12-31", "on"),
    ("2021-12-31", "2022-01-04", "after"), ("2022-01-04", "2021-12-30", "before"),
    ("2024-02-29", "2024-02-29", "on"), ("2024-02-29", "2024-03-01", "after"),
    ("2021-02-20", "2021-02-20", "on"),
]  # fmt: skip


@pytest.fixture(params=SERVERS)
def server_clock(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_there_are_enough_cases():
    assert len(MOMENTS) + len(OCCASIONS) >= 60


def test_people_are_reminded_in_working_hours_only_wherever_the_server_stands(server_clock):
    for text, expected in MOMENTS:
        here = datetime.fromisoformat(text).replace(tzinfo=HERE)
        for moment in (here, here.astimezone(UTC), here.astimezone()):
            assert is_working_time(moment, OFF) is expected, (text, server_clock)


@pytest.mark.parametrize(("last_day", "day", "expected"), OCCASIONS)
def test_what_is_said_on_a_day(last_day, day, expected):
    assert occasion_on(date.fromisoformat(day), date.fromisoformat(last_day), OFF) == expected


def test_no_day_has_two_occasions_and_each_begins_on_a_working_day_where_it_can():
    for number in range(365):
        last_day = date.fromordinal(date(2021, 1, 1).toordinal() + number)
        (before, eve), (on, end), (after, _) = spans_of(last_day, OFF).values()
        assert before <= on <= last_day < after
        assert (eve, end) == (date.fromordinal(on.toordinal() - 1), last_day)
        assert OFF.is_working(before)
        assert OFF.is_working(on)


@pytest.mark.django_db
def test_the_table_of_holidays_is_what_counts():
    from reports.services import is_working_now

    friday = datetime(2021, 4, 30, 9, tzinfo=HERE)
    assert is_working_now(friday)

    Holiday.objects.create(day=friday.date(), name="Ngày Thống nhất")

    assert not is_working_now(friday)
