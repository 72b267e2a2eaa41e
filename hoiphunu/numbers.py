"""Numbers and dates as officers write them: 1.234,5, 50 triệu, 05/03/2026.

Strict: what could be meant in two ways is refused. Every refusal is a ValueError whose
message is a Vietnamese sentence for the screen.
"""

import datetime
import re
from decimal import Decimal

from hoiphunu.text import clean

# A group of thousands never begins with 0: “0.500” is half, written the English way.
WHOLE = r"(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+|[0-9]+)"
DECIMAL = WHOLE + r"(?:,[0-9]+)?"
LIMIT = 10**15  # beyond it Excel and browsers no longer keep every digit

UNITS = {"tỷ": 10**9, "tỉ": 10**9, "triệu": 10**6, "nghìn": 10**3, "ngàn": 10**3}
CURRENCY = re.compile(r" ?(?:đồng|đ|vnđ|vnd)\.?$")
AMOUNT = re.compile(rf"({DECIMAL}) ?({'|'.join(UNITS)})(?: |$)")

DAY = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def whole_number(value, *, negative=False):
    """1234 from 1234, 1234.0, "1.234" or "1234"; the float 1.234 is refused, never read as text."""
    number = _number(value, WHOLE, "không phải số nguyên")
    if number != int(number):
        raise ValueError(f"“{_shown(value)}” không phải số nguyên")
    return int(_checked(number, negative))


def decimal_number(value, *, negative=False, places=None):
    """Decimal("1234.5") from "1.234,5" or 1234.5; at most `places` digits after the comma."""
    number = _checked(_number(value, DECIMAL, "không phải số"), negative)
    if places is not None and -_exponent(number) > places:
        raise ValueError(f"“{_shown(value)}” có quá {places} chữ số sau dấu phẩy")
    return number


def money(value, *, negative=False):
    """Whole đồng from "50.000.000", "50.000.000 đ", "50 triệu", "01 tỷ 250 triệu đồng"."""
    if not isinstance(value, str):
        return whole_number(value, negative=negative)
    sign, text = _split_sign(CURRENCY.sub("", clean(value).lower()))
    if text and not AMOUNT.match(text) and not re.fullmatch(WHOLE, text):
        raise ValueError(f"“{_shown(value)}” không phải số tiền{_hint(text)}")
    amount = _with_units(text, value) if AMOUNT.match(text) else whole_number(text)
    if amount != int(amount):
        raise ValueError(f"“{_shown(value)}” không tròn đến đồng")
    return int(_checked(sign * amount, negative))


def parse_date(value):
    """A date from dd/mm/yyyy (also - or .), d-m-yy, yyyy-mm-dd, a date, or a cell {"date": …}.

    A year of two digits is 1950 to 2049. A month alone, a year alone or a number is refused.
    """
    if isinstance(value, dict) and "date" in value:
        value = datetime.datetime.fromisoformat(value["date"])
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    return _day_from_text(value)


def format_number(value):
    """ "1.234,5" from an int, Decimal or float; no zeros at the end; "" from None."""
    if value is None:
        return ""
    number = _plain(value)
    whole, _, rest = f"{abs(number):,f}".partition(".")
    rest = rest.rstrip("0")
    sign = "-" if number < 0 and (rest or whole.strip("0,")) else ""
    return sign + whole.replace(",", ".") + ("," + rest if rest else "")


def format_money(value):
    """ "50.000.000 đ" from whole đồng; "" from None."""
    return "" if value is None else f"{format_number(value)} đ"


def _number(value, pattern, complaint):
    if type(value) in (int, float, Decimal):
        number = _plain(value)
        if number.is_finite():
            return number
    text = clean(value) if isinstance(value, str) else ""
    if not text and (value is None or isinstance(value, str)):
        raise ValueError("Chưa có số")
    sign, digits = _split_sign(text)
    if not re.fullmatch(pattern, digits):
        raise ValueError(f"“{_shown(value)}” {complaint}{_hint(digits)}")
    return sign * Decimal(re.sub("[. ]", "", digits).replace(",", "."))


def _plain(value):
    """A Decimal; a float keeps the 15 digits that Excel shows, so 0.1 + 0.2 is 0.3."""
    return Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)


def _with_units(text, value):
    """ "1 tỷ 250 triệu" is their sum; each unit smaller than the one before."""
    total, last = Decimal(0), None
    while text:
        found = AMOUNT.match(text)
        if not found or (last and UNITS[found[2]] >= last):
            raise ValueError(f"“{_shown(value)}” không phải số tiền")
        last = UNITS[found[2]]
        total += decimal_number(found[1]) * last
        text = text[found.end() :]
    return total


def _split_sign(text):
    return (-1, text[1:].lstrip()) if text[:1] in ("-", "−") else (1, text)


def _checked(number, negative):
    if number < 0 and not negative:
        raise ValueError("Không nhận số âm")
    if abs(number) >= LIMIT:
        raise ValueError("Số quá lớn, hãy kiểm tra lại")
    return number


def _exponent(number):
    return min(number.normalize().as_tuple().exponent, 0)


def _hint(digits):
    if re.fullmatch(r"[0-9]+\.[0-9]+", digits):
        return f": số lẻ viết dấu phẩy ({digits.replace('.', ',')}), hàng nghìn viết 1.234"
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", digits):
        return ": hàng nghìn viết dấu chấm (1.234), số lẻ viết dấu phẩy (1,5)"
    return ""


def _day_from_text(value):
    text = clean(value) if isinstance(value, str) else ""
    if not text and (value is None or isinstance(value, str)):
        raise ValueError("Chưa có ngày")
    if found := DAY.fullmatch(text):
        day, month, year = int(found[1]), int(found[3]), _full_year(found[4])
    elif found := ISO_DAY.fullmatch(text):
        year, month, day = map(int, found.groups())
    else:
        raise ValueError(f"“{_shown(value)}” không phải ngày: hãy viết ngày/tháng/năm (15/01/2021)")
    return _real_day(value, year, month, day)


def _full_year(digits):
    return int(digits) if len(digits) == 4 else 2000 + int(digits) - 100 * (int(digits) >= 50)


def _real_day(value, year, month, day):
    if not 1900 <= year <= 2100:
        raise ValueError(f"“{_shown(value)}”: năm {year} không hợp lý")
    try:
        return datetime.date(year, month, day)
    except ValueError:
        raise ValueError(f"“{_shown(value)}” không có trong lịch") from None


def _shown(value):
    text = clean(str(value))
    return text if len(text) <= 40 else text[:39] + "…"
