"""On which side of a deadline a submission falls: by the calendar of Việt Nam, to the minute, and
whatever the clock of the server is set to."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reports.models import Report, ReportEvent
from reports.services import submit_nothing

pytestmark = pytest.mark.django_db

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SERVERS = ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"]

# Last day → what is special about it.
LAST_DAYS = {
    date(2021, 1, 20): "a day like others",
    date(2021, 1, 31): "the end of a month",
    date(2021, 2, 28): "the end of February",
    date(2024, 2, 28): "the day before 29 February",
    date(2024, 2, 29): "29 February",
    date(2021, 12, 31): "the end of a year",
    date(2022, 1, 1): "the first day of a year",
    date(2021, 2, 11): "the eve of Tết",
    date(2021, 2, 12): "Tết",
    date(2026, 2, 23): "the first working day after Tết",
    date(2021, 3, 14): "the night when clocks change in California",
    date(2021, 6, 30): "the end of a half year",
}
# How far from midnight after the last day, in seconds → how many days late.
MOMENTS = [
    (-24 * 3600, 0),  # the first second of the last day
    (-7 * 3600 - 1, 0),  # the last second of that day in London
    (-1, 0),
    (0, 1),
    (1, 1),
    (7 * 3600, 1),  # midnight in London
    (24 * 3600 - 1, 1),
    (24 * 3600, 2),
]
CASES = [(day, seconds, late) for day in LAST_DAYS for seconds, late in MOMENTS]


def test_there_are_enough_cases():
    assert len(CASES) >= 60


@pytest.fixture(params=SERVERS)
def server_clock(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_no_submission_falls_on_the_wrong_side_of_midnight(
    server_clock, january, units, people, report_of
):
    report = report_of(units.tho_quang, january)
    wrong = []
    for day, seconds, late in CASES:
        fresh(report, day)
        midnight = datetime(day.year, day.month, day.day, tzinfo=HANOI) + timedelta(days=1)
        at = (midnight + timedelta(seconds=seconds)).astimezone(UTC)
        submit_nothing(report=report, seen_version=report.version, by=people.hoa, at=at)
        report.refresh_from_db()
        is_late = Report.objects.late().filter(pk=report.pk).exists()
        if (report.days_late, is_late) != (late, late > 0):
            wrong.append((day, seconds, report.days_late, is_late))
    assert wrong == []


def test_it_is_overdue_from_the_first_second_after_the_last_day(
    server_clock, january, units, people, report_of
):
    report = report_of(units.tho_quang, january)
    for day in LAST_DAYS:
        fresh(report, day)
        for on, is_overdue in ((day, False), (day + timedelta(days=1), True)):
            assert report.is_overdue(on) is is_overdue
            assert Report.objects.overdue_on(on).filter(pk=report.pk).exists() is is_overdue


def fresh(report, due_on):
    """As if nobody had touched it, with another last day."""
    report.figures.all().delete()
    ReportEvent.objects.filter(report=report, kind="submitted").delete()
    Report.objects.filter(pk=report.pk).update(
        due_on=due_on,
        status=Report.Status.NOT_BEGUN,
        nothing_to_report=False,
        first_submitted_at=None,
        first_submitted_on=None,
    )
    report.refresh_from_db()
