"""The suite makes its tables as the models say; here they are made as in production, once."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from .kept_rows import our_models

SEEDED = {
    "branches_level", "branches_level_parents", "programs_criterion", "programs_grade",
    "programs_itemkind", "programs_needreason",
}  # fmt: skip
# Django's own reading leaves out the text of conditions, and whether a key may wait for the end.
DEFINITIONS = """
    SELECT conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid = %(table)s::regclass
    UNION ALL
    SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %(table)s
"""


@pytest.fixture
def migrated(transactional_db):
    """A connection to a database beside that of the tests, which `manage.py migrate` has made."""
    beside = connection.copy()
    beside.settings_dict["NAME"] += "_migrated"
    name = beside.ops.quote_name(beside.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{beside.settings_dict['NAME']}")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        env=os.environ | {"DATABASE_URL": url.geturl()},
        cwd=settings.BASE_DIR, check=True,
    )  # fmt: skip
    yield beside
    beside.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


@pytest.mark.postgres
def test_migrations_make_the_tables_and_words_that_the_tests_stand_on(migrated):
    tables = {model._meta.db_table for model in our_models()}

    for table in tables:
        assert drawn(migrated, table) == drawn(connection, table)
    seeded = {table for table in tables if rows(connection, table)}
    assert seeded == SEEDED
    for table in tables:
        assert rows(migrated, table) == rows(connection, table)


def drawn(database, table):
    """Its columns, constraints and indexes."""
    read = database.introspection
    with database.cursor() as cursor:
        columns = map(str, read.get_table_description(cursor, table))
        cursor.execute(DEFINITIONS, {"table": table})
        return sorted(columns), sorted(cursor.fetchall())


def rows(database, table):
    with database.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
