"""Background work of programmes: an id or a date in, one call; all may run twice without harm."""

from datetime import date

from celery import shared_task
from django.utils.timezone import localdate, now

from . import services
from .models import PlanReading


@shared_task
def read_plan(reading_id):
    """Read the paper that somebody gave, unless another worker has it."""
    reading = PlanReading.take(reading_id)
    if reading is not None:
        services.read_paper(reading)


@shared_task
def erase_expired(on=None):
    """Nightly: erase the records of people that have been kept long enough (ISO date)."""
    day = date.fromisoformat(on) if on else localdate()
    gone, _ = services.erase_expired(on=day, at=now())
    return len(gone)


@shared_task
def keep_no_longer(on=None):
    """Nightly: of programmes that ended long enough ago, say that the people helped will be erased,
    and erase them 30 days later (ISO date)."""
    day = date.fromisoformat(on) if on else localdate()
    told, done = services.keep_no_longer(on=day, at=now())
    return len(told), len(done)
