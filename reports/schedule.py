"""Days of the reporting calendar: when a period runs, when its figures are cut off, by when each
level hands in. Pure functions over dates; the rows stand in models.py.

That a cut-off is no deadline and no end of a period, and the month from the 15th to the 14th:
Nghị định 09/2019/NĐ-CP; a time that ends on a day off ends on the next working day: Bộ luật Dân
sự 2015, Điều 148.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
SATURDAY = 5
ROMAN = ("I", "II", "III", "IV")

# kind → how many months each period has, and in which month of the year the periods end.
# Of half years only the first is made: the year's own report tells of the second.
ENDS = {
    "month": (1, range(1, 13)),
    "quarter": (3, range(3, 13, 3)),
    "half_year": (6, [6]),
    "nine_months": (9, [9]),
    "year": (12, [12]),
}


@dataclass(frozen=True)
class DaysOff:
    """Which days nobody works: weekends, and what the table of holidays adds and takes away."""

    off: frozenset = frozenset()
    working: frozenset = frozenset()  # a Saturday that makes up for a day off

    def is_working(self, day):
        return day in self.working or (day.weekday() < SATURDAY and day not in self.off)

    def next(self, day):
        """This day, or the first working day after it."""
        while not self.is_working(day):
            day += DAY
        return day

    def before(self, day):
        """The last working day before this one."""
        day -= DAY
        while not self.is_working(day):
            day -= DAY
        return day


@dataclass(frozen=True)
class Span:
    """One period of a rhythm. `month` is the month in which it ends."""

    kind: str
    year: int
    month: int
    starts_on: date
    ends_on: date

    @property
    def code(self):
        """How people name it in commands: 2026-03, 2026-q1, 2026-6-thang, 2026."""
        return {
            "month": f"{self.year}-{self.month:02}",
            "quarter": f"{self.year}-q{self.month // 3}",
            "half_year": f"{self.year}-6-thang",
            "nine_months": f"{self.year}-9-thang",
            "year": f"{self.year}",
        }[self.kind]

    @property
    def label(self):
        return {
            "month": f"Tháng {self.month}/{self.year}",
            "quarter": f"Quý {ROMAN[self.month // 3 - 1]}/{self.year}",
            "half_year": f"6 tháng đầu năm {self.year}",
            "nine_months": f"9 tháng năm {self.year}",
            "year": f"Năm {self.year}",
        }[self.kind]

    def day(self, months, day):
        """The `day` of the month that lies `months` after the one in which the period ends; the
        last day of that month where it has no such day."""
        return day_of(self.year, self.month + months, day)


def day_of(year, month, day):
    """`month` may be 0, −1 … or 13, 14 …: months of the years before and after."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def spans(kind, year, first_day=1):
    """The periods of a kind in a year. `first_day` 1: calendar months; 15: from the 15th of the
    month before to the 14th, so a year from 15/12 to 14/12."""
    length, months = ENDS[kind]
    made = []
    for month in months:
        if first_day == 1:
            first, last = day_of(year, month - length + 1, 1), day_of(year, month, 31)
        else:
            first = day_of(year, month - length, first_day)
            last = day_of(year, month, first_day) - DAY
        made.append(Span(kind, year, month, first, last))
    return made


def due_days(wished, days_off):
    """Level → its last day. `wished`: [(level, day)], the lowest level first.

    A day off becomes the next working day. Where that brings a level together with one below it
    that the rule wanted to be earlier, it hands in a working day later.
    """
    dues, below = {}, []
    for level, day in wished:
        due = days_off.next(day)
        earlier = [below_due for below_day, below_due in below if below_day < day]
        if earlier and due <= max(earlier):
            due = days_off.next(max(earlier) + DAY)
        dues[level] = due
        below.append((day, due))
    return dues
