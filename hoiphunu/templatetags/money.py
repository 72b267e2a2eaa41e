"""Whole đồng on the page: as a figure, and in words."""

from django import template

from hoiphunu.numbers import format_money
from hoiphunu.words import amount_in_words

register = template.Library()


@register.filter
def money(amount):
    """ "50.000.000 đ", "0 đ", or "–" where nobody has named an amount."""
    return "–" if amount is None else format_money(amount)


@register.filter
def in_words(amount):
    """ "Năm mươi triệu đồng"."""
    return amount_in_words(amount)
