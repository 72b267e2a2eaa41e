"""A real worker on a real broker, beside a real PostgreSQL: as in production."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from hoiphunu.celery import app
from reports.models import Export, Notification
from reports.tasks import run_export, send_reminders

PROOFS = settings.BASE_DIR / "proofs"

pytestmark = [
    pytest.mark.redis,
    pytest.mark.postgres,
    pytest.mark.skipif(
        not settings.CELERY_BROKER_URL.startswith("redis"),
        reason="CELERY_BROKER_URL names no Redis",
    ),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def worker(units, tmp_path):
    """`celery -A hoiphunu worker` on the test's database and broker."""
    app.conf.task_always_eager = False
    at = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}"
        f"/{at['NAME']}",
        "VAR_DIR": str(tmp_path),
        "EMAIL_URL": "consolemail://",
    }
    with app.connection_for_write() as broker:
        app.control.purge(connection=broker)
    with subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "hoiphunu", "worker", "-P", "solo", "-l", "WARNING"],
        env=environment,
        cwd=settings.BASE_DIR,
    ) as process:
        yield process
        process.terminate()
    app.conf.task_always_eager = True


def wait_until(check):
    for _ in range(300):
        if check():
            return
        time.sleep(0.1)
    raise AssertionError("the worker did not do it within 30 s")


def test_the_worker_writes_an_export_and_sends_reminders(january, people, units, worker):
    export = Export.objects.create(
        kind="summary", period=january, branch=units.da_nang, asked_by=people.cuc
    )

    run_export.delay(export.pk)
    send_reminders.delay("2021-01-20")

    wait_until(lambda: Export.objects.get().state == Export.State.READY)
    wait_until(lambda: Notification.objects.filter(key__startswith="due:").count() == 5)


# --- A sample of proofs/worker_killed.py and proofs/redis_flushed.py -------------------------
# In this file, for there is one broker: two of them at a time would take each other's work.


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
