"""Letters on their way: a server that is down, slow or refuses; a broker that does not answer."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils.timezone import now
from kombu.exceptions import OperationalError

from hoiphunu import settings as our_settings
from hoiphunu.celery import app
from reports.models import Export, Notification, Outbox, Rebuild
from reports.posting import BACK_OFF, HELPS_FOR, TAKEN_FOR, message_id, post_waiting, take
from reports.tasks import rebuild_month, sweep

pytestmark = pytest.mark.django_db


class RefusingBackend(EmailBackend):
    """Knows no Hoa."""

    def send_messages(self, messages):
        if any("hoa" in message.to[0] for message in messages):
            raise SMTPRecipientsRefused({"hoa@example.org": (550, b"no such user")})
        return super().send_messages(messages)


@pytest.fixture
def letters(people):
    return [
        Outbox.objects.create(
            recipient=who, key=f"thư {who.pk}", to=who.email, subject="Nhắc", body="…"
        )
        for who in (people.hoa, people.nga)
    ]


@pytest.fixture
def refusing(settings):
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"


def fresh(letter):
    letter.refresh_from_db()
    return letter


# --- The mail server ------------------------------------------------------------------------


def test_a_letter_that_is_refused_is_tried_again_later_and_later_and_then_given_up(
    letters, refusing, people
):
    at, tried = now(), []
    for wait in [timedelta(0), *BACK_OFF]:
        at += wait
        post_waiting(at)
        tried.append(fresh(letters[0]).attempts)

    assert tried == [1, 2, 3, 4, 5]
    assert letters[0].given_up_at == at
    assert "550" in letters[0].error
    assert fresh(letters[1]).sent_at, "the next one went at once"
    assert people.dung.notifications.filter(key__startswith="letters:").count() == 1
    post_waiting(at + timedelta(days=1))
    assert fresh(letters[0]).attempts == 5


def test_a_server_that_is_not_there_costs_no_letter_an_attempt(letters, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    for _ in range(10):
        assert post_waiting(now()) == 0

    assert [fresh(letter).attempts for letter in letters] == [0, 0]
    assert "máy chủ thư" in letters[0].error
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert post_waiting(now()) == 2
    assert fresh(letters[0]).error == ""


def test_a_letter_that_waited_for_days_is_given_up_and_somebody_is_told(letters, people):
    assert post_waiting(now() + HELPS_FOR + timedelta(minutes=1)) == 0

    assert fresh(letters[0]).given_up_at
    assert mail.outbox == []
    assert people.dung.notifications.filter(key__startswith="letters:").count() == 1


def test_a_letter_taken_by_a_worker_that_died_goes_again_after_a_while(letters):
    at = now()
    assert take(letters[0].pk, at)
    assert take(letters[0].pk, at) is None, "it has one worker at a time"

    assert post_waiting(at) == 1
    assert post_waiting(at + TAKEN_FOR) == 1
    assert len(mail.outbox) == 2


def test_the_same_letter_carries_the_same_message_id(letters):
    post_waiting(now())
    Outbox.objects.update(sent_at=None, next_try_at=None)
    post_waiting(now())

    ids = [message.message()["Message-ID"] for message in mail.outbox]
    assert ids[0] == ids[2] == message_id(letters[0])
    assert len(set(ids)) == 2


# --- A port that takes calls and says nothing -----------------------------------------------


@contextmanager
def silent_port():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        yield silent.getsockname()[1]


def test_a_silent_mail_server_holds_a_round_not_longer_than_its_time_out(letters, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 1
    with silent_port() as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        began = time.monotonic()

        assert post_waiting(now()) == 0

    assert time.monotonic() - began < 8  # without one: until the mail server speaks


DELAY = """
import time
import django
django.setup()
import hoiphunu.celery
from hoiphunu.jobs import start_soon
import kombu.transport.redis  # which takes its time, once
from reports.tasks import run_export
for _ in range(2):  # a process that has asked before, too
    began = time.monotonic()
    start_soon(run_export, 1)
    print(time.monotonic() - began)
"""


@pytest.mark.parametrize("kind", ["silent", "refusing"])
def test_handing_a_task_to_a_broker_that_does_not_answer_takes_no_three_seconds(kind):
    """In a process of its own, with the settings of production."""
    with silent_port() as silent:
        port = silent if kind == "silent" else 9
        environment = os.environ | {
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{port}/0",
            "DJANGO_SETTINGS_MODULE": "hoiphunu.settings",
        }
        done = subprocess.run(
            [sys.executable, "-c", DELAY], env=environment, cwd=our_settings.BASE_DIR,
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip

    seconds = [float(line) for line in done.stdout.split()]
    assert len(seconds) == 2
    assert max(seconds) < 3, seconds
    assert "was not handed to the worker" in done.stderr


def gone(*args):
    raise OperationalError("gone")


@pytest.mark.django_db(transaction=True)
def test_a_page_is_answered_and_its_work_waits_when_the_broker_is_gone(
    monkeypatch, january, people, units, as_person
):
    monkeypatch.setattr(app.Task, "delay", gone)
    client = as_person("cuc")
    address = reverse(
        "reports:export_create", args=[january.form.code, january.code, units.da_nang.slug]
    )

    answer = client.post(address)

    assert answer.status_code == 302
    assert Export.objects.get().state == Export.State.WAITING, "the sweep starts it later"


def test_a_page_does_not_wait_for_a_silent_cache(settings, people, january, units, as_person):
    export = Export.objects.create(
        kind="summary", period=january, branch=units.da_nang, asked_by=people.cuc,
        state=Export.State.RUNNING,
    )  # fmt: skip
    client = as_person("cuc")
    with silent_port() as port:
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": f"redis://127.0.0.1:{port}/0",
                "OPTIONS": our_settings.SOON,
            }
        }
        began = time.monotonic()

        answer = client.get(reverse("reports:export_status", args=[export.pk]))

        assert time.monotonic() - began < 8  # without a time-out: until the cache speaks
    assert answer.status_code == 200
    caches.close_all()


def test_a_broker_that_is_gone_does_not_stop_the_sweep(january, people, units, monkeypatch):
    export = Export.objects.create(
        kind="summary", period=january, branch=units.da_nang, asked_by=people.cuc
    )
    Export.objects.update(asked_at=now() - timedelta(minutes=5))
    lost = Export.objects.create(
        kind="summary", period=january, branch=units.da_nang, asked_by=people.cuc,
        state=Export.State.RUNNING, started_at=now() - timedelta(hours=1),
    )  # fmt: skip

    monkeypatch.setattr(app.Task, "delay", gone)

    sweep()

    assert fresh(export).state == Export.State.WAITING
    assert fresh(lost).state == Export.State.INTERRUPTED


def test_a_month_to_count_anew_is_a_row_until_it_is_counted(january):
    Rebuild.objects.create(period=january)
    Rebuild.objects.update(asked_at=now() - timedelta(minutes=5))

    sweep()
    rebuild_month(january.pk)

    assert not Rebuild.objects.exists()
    assert not Notification.objects.exists()
