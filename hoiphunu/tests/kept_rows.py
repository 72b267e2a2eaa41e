"""Rows that are kept and written again, for what takes long to make and is wanted often."""

import pickle
from itertools import chain

from django.apps import apps
from django.db import connection, transaction

TOLD_APART_BY = (
    "branches.Level", "branches.HistoricalBranch", "branches.User", "branches.Position",
    "branches.Team", "programs.HistoricalProgram", "programs.Indicator", "programs.Assignment",
    "programs.SupportItem", "reports.Report", "reports.HistoricalReport",
)  # fmt: skip
OURS = ("branches", "programs", "reports")


def our_models():
    return [
        model
        for label in OURS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]


def kept_rows(beside=None):
    """{table: (columns, rows)} of our tables, less the rows that `beside` has."""
    return {
        table: (columns, [row for row in rows if row not in known(beside, table)])
        for table, columns, rows in all_rows()
    }


def known(kept, table):
    return set(kept[table][1]) if kept else ()


def all_rows():
    for model in our_models():
        table, columns = model._meta.db_table, [f.column for f in model._meta.local_concrete_fields]
        names = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608
            yield table, columns, cursor.fetchall()


@transaction.atomic  # foreign keys are looked at when it ends
def write_rows(kept):
    """As many at a time as SQLite takes values. The keys were given out before, in this process,
    so no sequence is behind them."""
    with connection.cursor() as cursor:
        for table, (columns, rows) in kept.items():
            names = ", ".join(f'"{name}"' for name in columns)
            for some in batched(rows, max(1, 900 // len(columns))):
                marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(some))
                statement = f'INSERT INTO "{table}" ({names}) VALUES {marks}'  # noqa: S608
                cursor.execute(statement, list(chain.from_iterable(some)))


def batched(rows, size):
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


MADE = {}  # (name, how the database stood) → (rows, what was made, pickled)


def kept(name, make):
    """What `make()` makes, with its rows: made once in a process for each way in which the
    database may stand before it, then only written again."""
    key = (name, standing())
    if key not in MADE:
        before = kept_rows()
        made = make()
        MADE[key] = (kept_rows(beside=before), pickle.dumps(made))
    else:
        rows, made = MADE[key]
        write_rows({table: pair for table, pair in rows.items() if pair[1]})
        made = pickle.loads(made)  # noqa: S301
    return made


def standing():
    """The last key and the number of rows of each table that the cast is told apart by."""
    counts = []
    with connection.cursor() as cursor:
        for model in (apps.get_model(label) for label in TOLD_APART_BY):
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*), max("id") FROM "{table}"')  # noqa: S608
            counts.append(cursor.fetchone())
    return tuple(counts)
