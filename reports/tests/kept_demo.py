"""The demonstration for a test: built once in a process, then only written again."""

from tempfile import TemporaryDirectory

from django.test import override_settings

from hoiphunu.tests.fast import QUICK_HASHERS
from hoiphunu.tests.kept_rows import kept_rows, write_rows
from reports.demo import build_demo

KEPT = {}


def write_demo():
    """Fill the database of a test, which holds only what migrations seed."""
    if KEPT:
        write_rows(KEPT)
        return
    seeded = kept_rows()
    with (
        TemporaryDirectory() as files,
        override_settings(PASSWORD_HASHERS=QUICK_HASHERS, MEDIA_ROOT=files),
    ):
        build_demo()
    KEPT.update(kept_rows(beside=seeded))
