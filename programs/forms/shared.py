"""What the forms share."""

from django import forms


def choose(field, rows, blank):
    """Fill a drop-down from rows that are read already: no question per form."""
    known = {str(row.pk): row for row in rows}
    field.choices = [("", blank), *((row.pk, getattr(row, "choice", row)) for row in rows)]

    def chosen(value):
        if str(value) not in known:
            raise ValueError(value)
        return known[str(value)]

    field.coerce = chosen


def choose_levels(field, levels):
    """The same for boxes to tick, several at once."""
    choose(field, levels, "")
    field.choices = [(level.pk, level.name) for level in levels]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Lý do",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Chị ghi giúp lý do."},
    )
