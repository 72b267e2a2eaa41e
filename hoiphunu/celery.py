"""The Celery app. Tasks live in each app's `tasks.py`; what runs when is in settings."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hoiphunu.settings")

from celery import Celery

app = Celery("hoiphunu")
# Without this, other threads of `serve` would see an app that has no broker.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
