"""The database that tests stand on behaves as the product's does."""

from threading import Event, Thread

import pytest
from django.contrib.auth.models import Group
from django.db import connection


@pytest.mark.django_db(transaction=True)
def test_who_reads_a_table_does_not_lock_who_writes_it():
    """As a page that another thread still makes, while a test's rows are deleted."""
    reading, written = Event(), Event()

    def read():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # `atomic` would be a writer's on SQLite
            cursor.execute("SELECT count(*) FROM auth_group")
            cursor.fetchall()
            reading.set()
            written.wait(10)
            cursor.execute("ROLLBACK")
        connection.close()

    reader = Thread(target=read)
    reader.start()
    try:
        assert reading.wait(10)
        Group.objects.create(name="Tổ phụ nữ")
    finally:
        written.set()
        reader.join()
