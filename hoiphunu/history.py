"""What simple_history remembers of a row, as lines for components/history.html."""

from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest

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
    fields, named = read_fields(type(instance).history.model, records)
    return [
        as_row(record, before, fields, named)
        for record, before in zip_longest(records, records[1:])
    ][:MOST]


def history_of_parts(link, whole, seen):
    """The changes of the rows that name `whole` in their field `link`, newest first.

    Like `history_rows`, and each line has "part", the row's own name; a new row shows what it
    began with. `seen`: the living rows that the reader may see; removed ones are shown as well.
    """
    model, key = link.model, link.model._meta.pk.attname
    living = model._base_manager.filter(**{link.name: whole})
    hidden = living.exclude(pk__in=seen.values("pk"))
    records = list(
        model.history.filter(**{link.attname: whole.pk})
        .exclude(**{f"{key}__in": hidden.values("pk")})
        .select_related("history_user")[: MOST + 1]
    )
    fields, named = read_fields(model.history.model, records, without=link.name)
    names = {row.pk: str(row) for row in living.select_related()}
    rows, later = [], {}
    for record in reversed(records):
        pk = getattr(record, key)
        row = as_row(record, later.get(pk), fields, named, from_nothing=True)
        rows.append(row | {"part": names.get(pk) or name_by_others(record, fields, named)})
        later[pk] = record
    return rows[::-1][:MOST]


def name_by_others(record, fields, named):
    """How to call a row that is gone: by the rows that it named."""
    shown_names = [shown(field, record, named) for field in fields if field.many_to_one]
    return ", ".join(filter(None, shown_names))


def read_fields(history_model, records, without=None):
    """The fields that a person edits, and for those that name other rows their names."""
    tracked = [*history_model.tracked_fields, *history_model._history_m2m_fields]
    fields = [field for field in tracked if field.editable and field.name != without]
    for record in records:
        record.links = {}
    for field in fields:
        if field.many_to_many:
            read_links(history_model, records, field)
    return fields, names_of_others(records, fields)


def read_links(history_model, records, field):
    """Give each record the ids that its many-to-many field held then."""
    links = getattr(history_model, field.name).model._base_manager.filter(history__in=records)
    held = {record.pk: set() for record in records}
    for pk, other in links.values_list("history", field.m2m_reverse_field_name()):
        held[pk].add(other)
    for record in records:
        record.links[field.name] = held[record.pk]


def names_of_others(records, fields):
    """For each field that names other rows: their ids → how they are called."""
    named = {}
    for field in fields:
        if field.is_relation:
            ids = {pk for record in records for pk in ids_in(record, field)}
            rows = field.related_model._base_manager.in_bulk(ids)
            named[field.name] = {pk: str(row) for pk, row in rows.items()}
    return named


def value_of(record, field):
    return record.links[field.name] if field.many_to_many else getattr(record, field.attname)


def ids_in(record, field):
    value = value_of(record, field)
    return value if field.many_to_many else {value} - {None}


def as_row(record, before, fields, named, *, from_nothing=False):
    """One line; with `from_nothing` a new row shows what it began with."""
    if before:
        changed = [f for f in fields if value_of(record, f) != value_of(before, f)]
    elif from_nothing and record.history_type == "+":
        changed = [f for f in fields if shown(f, record, named) is not None]
    else:
        changed = []
    changes = [
        {
            "label": capital(field.verbose_name),
            "old": before and shown(field, before, named),
            "new": shown(field, record, named),
        }
        for field in changed
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
    value = value_of(record, field)
    if value is None or value == "":
        return None
    if field.is_relation:
        names = [named[field.name].get(pk, "không còn") for pk in ids_in(record, field)]
        return ", ".join(sorted(names)) or None
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
