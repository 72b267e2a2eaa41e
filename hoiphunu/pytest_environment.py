"""The environment of a test run, filled in before the settings are read.

The settings refuse to start without a key, and read a developer's `.env`. Tests must
need nothing and must not touch that person's database, so every name is decided here.
Only DATABASE_URL and CELERY_BROKER_URL may come from outside: `make test` runs the
suite on PostgreSQL and Redis by setting them.

Loaded by `-p` in pytest.ini, because conftest.py comes after pytest-django has read
the settings.
"""

import os
import secrets

os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["DEBUG"] = "off"
os.environ["DEMO"] = "off"
os.environ["BEHIND_PROXY"] = "off"
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("CELERY_BROKER_URL", "memory://")
