"""Strict import and export of small lists in the admin. Errors are Vietnamese sentences.

django-import-export's own widgets guess ("1,5" becomes 1) and its errors are English, so each
column of a resource names one of the widgets here.
"""

from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import Widget

from .numbers import parse_date, whole_number
from .text import clean, fold


class TextWidget(Widget):
    def clean(self, value, row=None, **kwargs):
        return "" if value is None else clean(str(value))

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


class WholeWidget(Widget):
    def clean(self, value, row=None, **kwargs):
        return None if value in (None, "") else whole_number(value)

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


class DayWidget(Widget):
    def clean(self, value, row=None, **kwargs):
        return None if value in (None, "") else parse_date(value)

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else f"{value:%d/%m/%Y}"


class YesNoWidget(Widget):
    def clean(self, value, row=None, **kwargs):
        answers = {"co": True, "khong": False, "": False}
        try:
            return answers[fold("" if value is None else str(value))]
        except KeyError:
            raise ValueError(f"“{value}”: hãy ghi “Có” hoặc “Không”") from None

    def render(self, value, obj=None, **kwargs):
        return "Có" if value else "Không"


class ChoiceWidget(Widget):
    """One of a TextChoices, written by its label."""

    def __init__(self, choices, **kwargs):
        super().__init__(**kwargs)
        self.choices = choices

    def clean(self, value, row=None, **kwargs):
        by_label = {fold(label): code for code, label in self.choices.choices}
        try:
            return by_label[fold("" if value is None else str(value))]
        except KeyError:
            labels = ", ".join(f"“{label}”" for label in self.choices.labels)
            raise ValueError(f"“{value or ''}”: hãy ghi một trong {labels}") from None

    def render(self, value, obj=None, **kwargs):
        return dict(self.choices.choices).get(value, "")


class RowWidget(Widget):
    """Another row, named by its column `key`; only those of `rows(user)` are accepted."""

    def __init__(self, key, rows, missing, **kwargs):
        super().__init__(**kwargs)
        self.key, self.rows, self.missing = key, rows, missing

    def clean(self, value, row=None, user=None, **kwargs):
        value = "" if value is None else clean(str(value))
        if not value:
            return None
        found = self.rows(user).filter(**{self.key: value}).first()
        if found is None:
            raise ValueError(f"“{value}”: {self.missing}")
        return found

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else getattr(value, self.key)


def column(title, attribute, widget=None, *, required=False, **kwargs):
    """A column of the sheet. A required one must hold something in each row."""
    field = Field(attribute=attribute, column_name=title, widget=widget or TextWidget(), **kwargs)
    field.is_required = required
    return field


class StrictResource(ModelResource):
    """Columns by their Vietnamese titles; an unknown or missing one refuses the file."""

    def __init__(self, user=None, **kwargs):
        super().__init__(**kwargs)
        self.user = user

    def before_import(self, dataset, **kwargs):
        titles = [field.column_name for field in self.get_import_fields()]
        headers = [str(header or "") for header in dataset.headers or []]
        missing = [title for title in titles if title not in headers]
        unknown = [header for header in headers if header not in titles]
        if missing:
            raise ValueError(f"Tệp thiếu cột: {', '.join(missing)}.")
        if unknown:
            raise ValueError(f"Tệp có cột lạ: {', '.join(unknown)}.")

    def _check_import_id_fields(self, headers):
        """Said already, in Vietnamese, by before_import."""

    def import_instance(self, instance, row, **kwargs):
        """Read each column; what is wrong is said with the column's title."""
        kwargs.setdefault("user", self.user)
        sentences = []
        for field in self.get_import_fields():
            try:
                self.import_field(field, instance, row, **kwargs)
                if field.is_required and row.get(field.column_name) in (None, ""):
                    raise ValueError("không được để trống")
            except ValueError as error:
                sentences.append(f"Cột {field.column_name}: {error}")
        if sentences:
            raise ValidationError(sentences)
