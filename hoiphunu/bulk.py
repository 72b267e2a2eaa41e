"""Rows written by the thousand: plain SQL that SQLite and PostgreSQL read alike."""

import gc
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Value

AT_ONCE = 500


def run(sql, params=()):
    """One statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def rows_of(sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@contextmanager
def scratch(name, columns):
    """A table of this connection alone, gone when the block ends, however it ends."""
    run(f"CREATE TEMPORARY TABLE {name} ({columns})")
    yield name
    run(f"DROP TABLE {name}")  # after an error the rollback has taken it already


@contextmanager
def many_in_hand():
    """For a step that holds rows by the hundred thousand: Python's search for circles would look
    at all of them again and again and find none. It was an eighth of the time of a decree."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def insert(table, columns, rows):
    """Many rows, some hundred in one statement."""
    rows = list(rows)
    into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608
    marks = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            cursor.execute(
                into + ", ".join([marks] * len(some)), [cell for row in some for cell in row]
            )


def weigh(table):
    """Tell PostgreSQL how many rows a scratch table has, or it plans for a handful."""
    if connection.vendor == "postgresql":
        run(f"ANALYZE {table}")


def remember(model, which, params=(), *, sign, by, reason, at):
    """History rows, as django-simple-history writes them, for the rows whose id `which` finds."""
    record = model.history.model
    columns = ", ".join(f'"{field.column}"' for field in record.tracked_fields)
    sql = (
        f"INSERT INTO {record._meta.db_table} ({columns}, history_date, history_type,"  # noqa: S608
        " history_change_reason, history_user_id)"
        f" SELECT {columns}, %s, %s, %s, %s FROM {model._meta.db_table} WHERE id IN ({which})"
    )
    return run(sql, [stored(at), sign, reason, by and by.pk, *params])


def stored(value):
    """A moment or a day as the database's driver takes it in plain SQL."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value)


def insert_from(rows, model, **columns):
    """One row of `model` for each of the queryset `rows`, written by the database; how many.

    `columns`: field's name → expression over `rows`, or a value that is the same for all. A
    field left out gets its default. Signals and history are the caller's business.
    """
    new = {}
    for field in model._meta.concrete_fields:
        if not field.primary_key:
            given = columns.pop(field.name, field.get_default())
            if not hasattr(given, "resolve_expression"):
                given = Value(given, output_field=plain(field))
            new[field.column] = given
    if columns:
        raise ValueError(f"{model.__name__} has no {', '.join(sorted(columns))}")
    named = {f"new_{column}": value for column, value in new.items()}
    source = rows.order_by().annotate(**named).values_list(*named)
    into = ", ".join(f'"{column}"' for column in new)
    try:
        sql, params = source.query.sql_with_params()
    except EmptyResultSet:  # `rows` asks for none, and Django knows without the database
        return 0
    return run(f"INSERT INTO {model._meta.db_table} ({into}) {sql}", params)


def plain(field):
    """The type of a foreign key is that of the key it holds."""
    return field.target_field if field.is_relation else field
