"""What simple_history remembers of a row, as lines for components/history.html."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.timezone import localtime

from .numbers import format_number

WHAT = {"+": "Tạo mới", "~": "Thay đổi", "-": "Xóa"}
MOST = 300


def history_rows(instance):
    """The changes of one row, newest first, at most 300.

    Each is {"at", "by", "what", "reason", "changes": [{"label", "old", "new"}]}; old and new
    are text or None. Fields that no person edits (keys, versions) are left out. The number
    of queries depends on the fields that name other rows, not on how many changes there are.
    """
    records = list(instance.history.select_related("history_user")[: MOST + 1])
    fields = [field for field in type(instance).history.model.tracked_fields if field.editable]
    named = names_of_others(records, fields)
    return [
        as_row(record, before, fields, named)
        for record, before in zip(records, [*records[1:], None], strict=True)
    ][:MOST]


def names_of_others(records, fields):
    """For each field that names another row: its id → how that row is called."""
    named = {}
    for field in fields:
        if field.is_relation:
            ids = {getattr(record, field.attname) for record in records} - {None}
            rows = field.related_model._base_manager.in_bulk(ids)
            named[field.name] = {pk: str(row) for pk, row in rows.items()}
    return named


def as_row(record, before, fields, named):
    changes = [
        {
            "label": capital(field.verbose_name),
            "old": shown(field, before, named),
            "new": shown(field, record, named),
        }
        for field in fields
        if before and getattr(record, field.attname) != getattr(before, field.attname)
    ]
    return {
        "at": record.history_date,
        "by": record.history_user,
        "what": WHAT[record.history_type],
        "reason": record.history_change_reason,
        "changes": changes,
    }


def shown(field, record, named):
    """A field's value as a person reads it; None for an empty one."""
    value = getattr(record, field.attname)
    if value is None or value == "":
        return None
    if field.is_relation:
        return named[field.name].get(value, "không còn")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, datetime):
        return date_format(localtime(value), "H:i d/m/Y")
    if isinstance(value, date):
        return date_format(value, "d/m/Y")
    if isinstance(value, int | float | Decimal):
        return format_number(value)
    return str(value)


def capital(text):
    text = str(text)
    return text[:1].upper() + text[1:]
