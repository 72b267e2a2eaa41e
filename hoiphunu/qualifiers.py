"""The word before a number that keeps it from being exact: "hơn 120", "khoảng 1,5 tỷ"."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices

from hoiphunu.numbers import format_number
from hoiphunu.text import clean, fold


class Qualifier(TextChoices):
    MORE_THAN = "more_than", "hơn"
    OVER = "over", "trên"
    NEARLY = "nearly", "gần"
    ABOUT = "about", "khoảng"
    ESTIMATED = "estimated", "ước"
    STRIVE = "strive", "phấn đấu"
    AT_LEAST = "at_least", "ít nhất"
    MINIMUM = "minimum", "tối thiểu"
    NOT_UNDER = "not_under", "không dưới"
    AND_UP = "and_up", "trở lên"
    ALMOST = "almost", "xấp xỉ"
    UNDER = "under", "dưới"
    AT_MOST = "at_most", "không quá"
    MAXIMUM = "maximum", "tối đa"

    @classmethod
    def with_words(cls, qualifier, words):
        """ "hơn 5.000 hộ", "80% trở lên": the word stands where one says it."""
        said = cls(qualifier).label if qualifier else ""
        return f"{words} {said}" if qualifier == cls.AND_UP else f"{said} {words}".strip()


# Folded, because officers in a hurry leave the marks out; none of these means two things here.
SPELLINGS = {fold(word): code for code, word in Qualifier.choices} | {
    "tren duoi": Qualifier.ABOUT,
    "chung": Qualifier.ABOUT,
    "~": Qualifier.ABOUT,
    "≈": Qualifier.ABOUT,
    "uoc tinh": Qualifier.ESTIMATED,
    "uoc dat": Qualifier.ESTIMATED,
}
# "120 (ước)"; "120 trở lên" stands behind without brackets.
BEHIND = re.compile(r"(?P<rest>.*\S) ?\((?P<word>[^()]+)\)")
AND_UP = re.compile(r"(?P<rest>.*\S) (?P<word>tr[ởo] l[êe]n)", re.IGNORECASE)


@dataclass(frozen=True)
class Rough:
    """A number with its word. The number alone adds up; the word is said beside the sum."""

    value: Decimal
    qualifier: str  # of Qualifier

    def __str__(self):
        return Qualifier.with_words(self.qualifier, format_number(self.value))


def split_qualifier(text):
    """("about", "1,5 tỷ") of "khoảng 1,5 tỷ" or "1,5 tỷ (khoảng)"; ("", the text) without one.

    Raises ValueError with a sentence where there are two, or no number after it.
    """
    text = clean(text)
    behind = BEHIND.fullmatch(text) or AND_UP.fullmatch(text)
    if behind and fold(behind["word"]) in SPELLINGS:
        code, rest = SPELLINGS[fold(behind["word"])], behind["rest"]
    else:
        code, rest = _first(text)
    if not code:
        return "", text
    if not rest:
        raise ValueError(f"“{text}”: còn thiếu số sau chữ đi kèm")
    if _first(rest)[0]:
        raise ValueError(f"“{text}”: chỉ ghi một chữ đi kèm, như “ước” hoặc “khoảng”")
    return code, rest


def _first(text):
    """(code, rest) of the longest word that the text begins with, or ("", text)."""
    if text[:1] in SPELLINGS:
        return SPELLINGS[text[:1]], text[1:].lstrip()
    words = text.split(" ")
    for count in (2, 1):
        code = SPELLINGS.get(fold(" ".join(words[:count])))
        if code:
            return code, " ".join(words[count:])
    return "", text
