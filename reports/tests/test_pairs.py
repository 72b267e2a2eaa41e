"""A sample of proofs/pairs.py: two people at once on one report, on PostgreSQL."""

import threading
from pathlib import Path

import pytest

from reports.services import life

PROOFS = Path(__file__).resolve().parent.parent.parent / "proofs"

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pairs(monkeypatch):
    monkeypatch.syspath_prepend(str(PROOFS))
    import pairs

    return pairs


@pytest.mark.parametrize("kind", ["edit_edit", "edit_approve", "double_submit"])
def test_of_two_people_at_once_nobody_loses_anything(pairs, kind):
    found = pairs.run_kind(getattr(pairs, kind), 10)

    assert (found["lost"], found["broken"]) == (0, 0)
    assert sum(found["outcomes"].values()) == 10


def test_what_is_lost_without_the_lock_on_the_row_is_found(pairs, monkeypatch):
    """Both read the report before either writes."""
    meet = threading.Barrier(2)
    monkeypatch.setattr(life, "lock_row", lambda report: meet.wait(10))

    found = pairs.run_kind(pairs.edit_edit, 2)

    assert found["lost"] == 2
