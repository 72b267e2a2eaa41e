from decimal import ROUND_HALF_UP, Decimal

from django import template

from hoiphunu.numbers import format_number

register = template.Library()


@register.filter
def amount(amount, indicator):
    """A sum as people read it: "1.234,5", "72,6%", "9/11 (81,8%)", "5 trả lời" of what is not
    added, or "—" for none."""
    if amount is None or amount.value is None:
        return f"{amount.answered} trả lời" if amount and amount.answered else "—"
    if not indicator.is_percent:
        return format_number(amount.value)
    percent = f"{format_number(per_cent(amount.value))}%"
    return percent if amount.yes is None else f"{amount.yes}/{amount.answered} ({percent})"


@register.filter
def of(amounts, line):
    """The amount of a form's line in a {indicator id: Amount}."""
    return amounts.get(line.indicator_id)


def per_cent(share):
    """One decimal, halves up, as papers print it."""
    return (Decimal(share) * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@register.filter
def plain_number(value, places=0):
    """ "1.234,5", rounded halves up to so many places."""
    step = Decimal(1).scaleb(-places)
    return format_number(Decimal(value).quantize(step, rounding=ROUND_HALF_UP))
