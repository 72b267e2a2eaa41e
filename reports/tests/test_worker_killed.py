"""A sample of proofs/worker_killed.py and proofs/redis_flushed.py: a real worker, killed, and a
real broker, emptied."""

from pathlib import Path

import pytest
from django.conf import settings

from hoiphunu.celery import app

PROOFS = Path(__file__).resolve().parent.parent.parent / "proofs"

pytestmark = [
    pytest.mark.redis,
    pytest.mark.postgres,
    pytest.mark.skipif(
        not settings.CELERY_BROKER_URL.startswith("redis"),
        reason="CELERY_BROKER_URL names no Redis",
    ),
    pytest.mark.skipif(
        settings.IS_SQLITE, reason="a worker in another process cannot see a test's SQLite"
    ),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def proofs(monkeypatch):
    """The two scripts; tasks go to the broker, and nothing of it stays there."""
    monkeypatch.syspath_prepend(str(PROOFS))
    import redis_flushed
    import worker_killed

    app.conf.task_always_eager = False
    yield worker_killed, redis_flushed
    worker_killed.empty_broker()
    app.conf.task_always_eager = True


@pytest.fixture
def world(proofs, tmp_path, settings):
    killed, _ = proofs
    with killed.Sink(tmp_path) as sink:
        yield killed.World(sink, log=f"{tmp_path}/worker.log", communes=8, chi_hoi=5)


@pytest.mark.parametrize("kind", ["rebuild", "recount", "remind", "post"])
def test_what_a_killed_worker_leaves_is_done_once(proofs, world, kind):
    killed, _ = proofs

    found = killed.run_kind(world, killed.KINDS[kind], 3)

    assert (found["kills"], found["wrong"]) == (3, 0)


def test_what_waited_in_an_emptied_broker_is_done_once(proofs, world):
    _, flushed = proofs

    found = flushed.prove(world, 1)

    assert found["wrong"] == 0
    assert found["messages_lost"] == flushed.EXPORTS + 4


def test_a_letter_that_is_written_twice_is_found(proofs, world):
    """The proof itself can fail."""
    from reports.models import Outbox

    killed, _ = proofs
    kind = killed.KINDS["post"]
    kind.prepare(world)
    letter = Outbox.objects.first()
    letter.pk, letter.key = None, "once more"
    letter.save(force_insert=True)

    assert any("letters written" in fault for fault in kind.faults(world))
