"""Form fields that read 1.234,5 and 05/03/2026 as they are meant, and show them so."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError

from hoiphunu.numbers import decimal_number, format_number, money, parse_date, whole_number
from hoiphunu.qualifiers import Rough, split_qualifier
from hoiphunu.text import clean_lines, fold

NOTHING = "không phát sinh"
NOTHING_SPELLINGS = {"kps", "khong phat sinh", "khong ps", "k phat sinh", "ko phat sinh", "ko ps"}
YES_NO = {"1": Decimal(1), "co": Decimal(1), "0": Decimal(0), "khong": Decimal(0)}
YES_NO_CHOICES = [("", "—"), ("1", "Có"), ("0", "Không"), (NOTHING, "Không phát sinh")]
DASHES = {"-", "–", "—"}  # in tables of the Hội a cell left blank, never 0
LONGEST_ANSWER = 500  # of a cell that is answered in words


def is_nothing(value):
    """Is this text one of the ways to say that nothing happened?"""
    return isinstance(value, str) and fold(value) in NOTHING_SPELLINGS


def read_figure(value, value_type, *, negative=False, places=4):
    """One figure as typed or as it stands in a workbook: None, NOTHING, a Decimal, a Rough
    ("hơn 120") or, of "text", what was written.

    `value_type` is "whole", "decimal", "money" (đồng), "yes_no" or "text". Raises ValueError with
    a Vietnamese sentence.
    """
    if value is None or (isinstance(value, str) and (not fold(value) or value.strip() in DASHES)):
        return None
    if is_nothing(value):
        return NOTHING
    if value_type == "yes_no":
        return _yes_no(value)
    if value_type == "text":
        return _words(value)
    qualifier = ""
    if isinstance(value, str):
        qualifier, value = split_qualifier(value)
    number = _number(value, value_type, negative=negative, places=places)
    return Rough(number, qualifier) if qualifier else number


def show_figure(value, value_type="decimal"):
    """A figure as words: "1.234,5", "hơn 120", "Có", "không phát sinh", or "" for none."""
    if value is None or isinstance(value, str | Rough):
        return str(value or "")
    if value_type == "yes_no":
        return "Có" if value else "Không"
    return format_number(value)


class _StrictNumber:
    """The shared half of the number fields: strict reading, Vietnamese showing."""

    widget = forms.TextInput
    inputmode = "decimal"

    def __init__(self, *, min_value=0, **kwargs):
        super().__init__(min_value=min_value, **kwargs)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            return self.parse(value, negative=self.min_value is None or self.min_value < 0)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def prepare_value(self, value):
        return value if isinstance(value, str) else format_number(value)

    def widget_attrs(self, widget):
        return {"inputmode": self.inputmode, "autocomplete": "off"}


class WholeNumberField(_StrictNumber, forms.IntegerField):
    inputmode = "numeric"

    def parse(self, value, *, negative):
        return whole_number(value, negative=negative)


class YearField(WholeNumberField):
    """2026, shown as people write a year: never "2.026"."""

    def prepare_value(self, value):
        return value


class DecimalNumberField(_StrictNumber, forms.DecimalField):
    def parse(self, value, *, negative):
        return decimal_number(value, negative=negative, places=self.decimal_places)


class MoneyField(_StrictNumber, forms.IntegerField):
    """Whole đồng; "50 triệu" and "72,47 tỷ" are read too, hence the full keyboard."""

    inputmode = "text"

    def parse(self, value, *, negative):
        return money(value, negative=negative)


class FigureField(forms.Field):
    """A cell of a report, read by `read_figure`."""

    inputmodes = {"whole": "numeric", "decimal": "decimal", "money": "text"}

    def __init__(self, *, value_type, negative=False, places=4, **kwargs):
        self.value_type, self.negative, self.places = value_type, negative, places
        if value_type == "yes_no":
            kwargs.setdefault("widget", forms.Select(choices=YES_NO_CHOICES))
        elif value_type == "text":
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        super().__init__(**kwargs)

    def to_python(self, value):
        try:
            return read_figure(value, self.value_type, negative=self.negative, places=self.places)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def prepare_value(self, value):
        if isinstance(value, str | Rough) or value is None:
            return value and str(value)
        return str(int(value)) if self.value_type == "yes_no" else format_number(value)

    def widget_attrs(self, widget):
        if self.value_type == "yes_no":
            return {}
        if self.value_type == "text":
            return {"maxlength": LONGEST_ANSWER}
        return {"inputmode": self.inputmodes[self.value_type], "autocomplete": "off"}


class DayField(forms.DateField):
    """The browser's own date picker, which wants ISO; typed dd/mm/yyyy is read as it is meant."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(**kwargs)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            return parse_date(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error


def _number(value, value_type, *, negative, places):
    if value_type == "decimal":
        return decimal_number(value, negative=negative, places=places)
    parse = {"whole": whole_number, "money": money}[value_type]
    return Decimal(parse(value, negative=negative))


def _words(value):
    text = clean_lines(str(value))
    if len(text) > LONGEST_ANSWER:
        raise ValueError(f"Dài quá {LONGEST_ANSWER} ký tự; phần dài hơn chị viết ở phần lời")
    return text


def may_be_id(value):
    """Could this text be the id of a row? Anything else the database answers with an error."""
    return str(value).isdecimal() and len(str(value)) < 19


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows by their ids. Django asks SQLite for whatever number was sent, and that
    answers one too big for it with an error."""

    def clean(self, value):
        if isinstance(value, list | tuple):
            for pk in filter(lambda pk: not may_be_id(pk), value):
                raise ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": pk},
                )
        return super().clean(value)


def _yes_no(value):
    if isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, int | float | Decimal) and value in (0, 1):
        return Decimal(int(value))
    try:
        return YES_NO[fold(str(value))]
    except KeyError:
        raise ValueError(f"“{value}”: hãy chọn “Có” hoặc “Không”") from None
