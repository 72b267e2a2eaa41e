"""The suite makes its tables as the models say; here they are made as in production, once."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from .kept_rows import our_models

SEEDED = ("branches_level", "programs_criterion", "programs_grade", "programs_itemkind")


@pytest.fixture
def migrated(transactional_db):
    """A connection to a database beside that of the tests, which `manage.py migrate` has made."""
    beside = connection.copy()
    beside.settings_dict["NAME"] += "_migrated"
    name = beside.ops.quote_name(beside.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    here = os.environ["DATABASE_URL"].rpartition("/")[0]
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        env=os.environ | {"DATABASE_URL": f"{here}/{beside.settings_dict['NAME']}"},
        cwd=settings.BASE_DIR, check=True,
    )  # fmt: skip
    yield beside
    beside.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


@pytest.mark.postgres
@pytest.mark.skipif(settings.IS_SQLITE, reason="on SQLite the demonstration is migrated")
def test_migrations_make_the_tables_and_words_that_the_tests_stand_on(migrated):
    tables = {model._meta.db_table for model in our_models()}

    for table in tables:
        assert drawn(migrated, table) == drawn(connection, table)
    for table in SEEDED:
        assert rows(migrated, table) == rows(connection, table) != []


def drawn(database, table):
    """Its columns, constraints and indexes."""
    read = database.introspection
    with database.cursor() as cursor:
        return sorted(
            str(each)
            for part in (
                read.get_table_description(cursor, table),
                read.get_constraints(cursor, table).items(),
            )
            for each in part
        )


def rows(database, table):
    with database.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
