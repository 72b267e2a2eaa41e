"""Background work of programmes: a date in, one call; everything may run twice without harm."""

from datetime import date

from celery import shared_task
from django.utils.timezone import localdate, now

from . import services


@shared_task
def erase_expired(on=None):
    """Nightly: erase the records of people that have been kept long enough (ISO date)."""
    day = date.fromisoformat(on) if on else localdate()
    gone, _ = services.erase_expired(on=day, at=now())
    return len(gone)
