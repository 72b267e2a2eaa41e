"""Slow work is a row first: who asked, how far it is, what came of it."""

import logging
from contextlib import suppress
from functools import partial

from django.conf import settings
from django.core.cache import cache
from django.db import models, transaction
from django.utils.timezone import now

logger = logging.getLogger(__name__)

NOTE_KEPT = 600  # seconds


class Job(models.Model):
    """Abstract. `done` of `total` are in whatever the job counts (rows, sheets)."""

    class State(models.TextChoices):
        WAITING = "waiting", "Đang chờ"
        RUNNING = "running", "Đang chạy"
        READY = "ready", "Đã xong"
        FAILED = "failed", "Không làm được"
        INTERRUPTED = "interrupted", "Bị ngắt giữa chừng"

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name="người yêu cầu",
    )
    asked_at = models.DateTimeField("lúc", auto_now_add=True)
    state = models.CharField("tình trạng", max_length=12, choices=State, default=State.WAITING)
    started_at = models.DateTimeField("bắt đầu lúc", null=True, blank=True, editable=False)
    done = models.PositiveIntegerField("đã làm", default=0)
    total = models.PositiveIntegerField("tổng số", default=0)
    message = models.TextField("lời nhắn", blank=True)

    class Meta:
        abstract = True

    @property
    def is_running(self):
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @classmethod
    def take(cls, pk):
        """The waiting row, now running and this worker's own; None if another has it."""
        waiting = cls.objects.filter(pk=pk, state=cls.State.WAITING)
        taken = waiting.update(state=cls.State.RUNNING, started_at=now())
        return cls.objects.get(pk=pk) if taken else None

    @classmethod
    def interrupt_lost(cls, started_before):
        """Say so of runs whose worker died: they began before this moment and never ended."""
        lost = cls.objects.filter(state=cls.State.RUNNING, started_at__lt=started_before)
        lost.update(
            state=cls.State.INTERRUPTED,
            message="Việc này bị ngắt giữa chừng, chưa ghi gì. Chị làm lại lần nữa.",
        )

    def progress(self, done, total):
        """Say how far the job is; written at once, so that the page can follow."""
        type(self).objects.filter(pk=self.pk).update(
            state=self.State.RUNNING, done=done, total=total
        )

    def progress_inside(self, done, total):
        """The same from inside a transaction, which nobody else sees: a note in the cache."""
        with suppress(Exception):  # a cache that is down must not undo the work
            cache.set(self._note, (done, total), NOTE_KEPT)

    @property
    def so_far(self):
        """(done, total) as the page should show it."""
        note = None
        if self.is_running:
            with suppress(Exception):
                note = cache.get(self._note)
        return note or (self.done, self.total)

    @property
    def _note(self):
        return f"job:{self._meta.label_lower}:{self.pk}"

    def finish(self, state, message=""):
        self.state, self.message = state, message
        self.save(update_fields=["state", "message"])


def start_soon(task, *args):
    """Hand a task to the worker once the row it needs is committed.

    A broker that is down must not fail the page: the row is saved, the error is logged, and
    the periodic sweep starts what nobody took.
    """
    transaction.on_commit(partial(start_now, task, *args))


def start_now(task, *args):
    """The same of a row that is long committed, as the sweep does it."""
    try:
        task.delay(*args)
    except Exception as error:  # whatever its client raises when a broker is gone or silent
        logger.warning("%s was not handed to the worker: %s", task.name, error)
