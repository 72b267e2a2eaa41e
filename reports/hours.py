"""When people are reminded: on working days, in the hours of an office in Việt Nam, before, on
and after a last day. Pure functions; the days off are handed in."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from .models import Notification
from .schedule import DAY

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
HOURS = ((time(8), time(11, 30)), (time(13, 30), time(17)))
DAYS_BEFORE = 5
DAYS_AFTER = 10
LOOK_BACK = timedelta(days=60)  # of what was due earlier nobody is told that it was missed
LOOK_AHEAD = timedelta(days=30)  # over the longest row of days off: Tết has nine

Kind = Notification.Kind


def is_working_time(at, off):
    """Is this moment within the hours of a working day here, wherever the server stands?"""
    here = at.astimezone(HERE)
    return off.is_working(here.date()) and any(first <= here.time() < last for first, last in HOURS)


def start_of_work(day):
    """The moment at which an office opens on this day."""
    return datetime.combine(day, HOURS[0][0], tzinfo=HERE)


def spans_of(last_day, off):
    """Occasion → its first and its last day. Before: from DAYS_BEFORE days earlier, on: on the
    last day, each from the working day before where it would begin on a day off; after: for
    DAYS_AFTER days. Spans, not days, so that a worker that slept catches up."""
    on = off.before(last_day + DAY)
    before = off.before(last_day - timedelta(days=DAYS_BEFORE) + DAY)
    return {
        Kind.BEFORE: (before, on - DAY),
        Kind.ON: (on, last_day),
        Kind.AFTER: (last_day + DAY, last_day + timedelta(days=DAYS_AFTER)),
    }


def occasion_on(day, last_day, off):
    """What is said on `day` of a report that is due on `last_day`; None: nothing."""
    for occasion, (first, last) in spans_of(last_day, off).items():
        if first <= day <= last:
            return occasion
    return None
