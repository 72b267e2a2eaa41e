"""Days, months, quarters, years and spans as papers print them."""

import calendar
import datetime
import re

from hoiphunu.numbers import parse_date

QUARTERS = {"I": 1, "II": 2, "III": 3, "IV": 4, "1": 1, "2": 2, "3": 3, "4": 4}
LONG_DAY = r"ngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})"
SHORT_DAY = r"(?:ngày\s+)?(?<![\d/.])(\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4})(?!\d)"
DAY = re.compile(rf"{LONG_DAY}|{SHORT_DAY}", re.I)
MONTH = re.compile(
    r"(?:tháng\s+)(\d{1,2})\s*(?:/|-|năm\s+)\s*((?:19|20)\d\d)|(?<![\d/])(1[0-2]"
    r"|0?[1-9])/((?:19|20)\d\d)(?!\d)",
    re.I,
)
QUARTER = re.compile(r"quý\s+(IV|III|II|I|[1-4])\s*(?:/|-|năm)?\s*((?:19|20)\d\d)", re.I)
YEAR = re.compile(r"(?<![\d./])((?:19|20)\d\d)(?![\d/%]|[.,]\d)")
SPAN = re.compile(
    r"(?:năm\s+)?(?<![\d./])((?:19|20)\d\d)\s*(?:[-–—]|đến(?:\s+năm)?)\s*((?:19|20)\d\d)(?![\d])"
)
DAY_MONTH = re.compile(
    r"(?:ngày|sáng|chiều|tối|trưa|dịp|nữ|hằng năm|lễ)\s+(\d{1,2}\s?[/.-]\s?\d{1,2})(?![\d/])", re.I
)
HALF = re.compile(r"(6|9|sáu|chín) tháng (đầu|cuối)?\s*năm\s+((?:19|20)\d\d)", re.I)


def find_day(text):
    """The first full day in a text as a date, or None."""
    for found in DAY.finditer(text):
        if day := day_of(found):
            return day
    return None


def day_of(found):
    """The date of a match of DAY, or None where the calendar has no such day."""
    printed = found[4] or f"{found[1]}/{found[2]}/{found[3]}"
    try:
        return parse_date(re.sub(r"\s", "", printed).replace(".", "/").replace("-", "/"))
    except ValueError:
        return None


def month_of(found):
    """ "2023-11" of a match of MONTH."""
    month, year = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{year}-{int(month):02d}"


def spans_years(text):
    """Does it run from one year into another: "2021-2025", "từ tháng 10/2025 đến tháng 3/2026"?"""
    months = {month_of(found)[:4] for found in MONTH.finditer(text)}
    return bool(SPAN.search(text)) or len(months) > 1


def last_day_of_month(text):
    """The last day of "2024-02"."""
    year, month = map(int, text.split("-"))
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def as_of(text):
    """The moment that a sentence names last before a figure: a day, a month or a year, as text."""
    best = (-1, "")
    taken = []
    for pattern, read in ((DAY, _day_text), (MONTH, month_of), (YEAR, lambda m: m[1])):
        for found in pattern.finditer(text):
            inside = any(start <= found.start() < end for start, end in taken)
            if not inside and (value := read(found)):
                best = max(best, (found.start(), value))
            taken.append(found.span())
    return best[1]


def _day_text(found):
    day = day_of(found)
    return day.isoformat() if day else ""
