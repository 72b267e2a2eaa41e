"""Background work on programmes: an id in, one call; safe to run twice."""

from celery import shared_task

from .models import PlanReading
from .services import read_paper


@shared_task
def read_plan(reading_id):
    """Read the paper that somebody gave, unless another worker has it."""
    reading = PlanReading.take(reading_id)
    if reading is not None:
        read_paper(reading)
