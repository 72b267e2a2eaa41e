"""What each benchmark stands on: a database of its own, a clock, a head line that dates it.

python benchmarks/load_units.py                         SQLite, in a folder of its own
python benchmarks/load_units.py --database postgres://…  a database of its own beside that one

from scratch import arguments, ask, head, median, scratch_database

options = arguments(__doc__).parse_args()
with scratch_database(options.database):
    head("load_units")
    from branches.models import Branch  # models only from here on
"""

import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def arguments(description):
    """Every benchmark takes --database and --rounds; it may add its own."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", metavar="URL", help="PostgreSQL; SQLite when left out")
    parser.add_argument("--rounds", type=int, default=5, help="the median of so many (5)")
    return parser


@contextmanager
def scratch_database(url=None):
    """An empty, migrated database that is gone afterwards; yields its connection.

    On PostgreSQL it lies beside the one that `url` names, which itself is not touched.
    """
    with tempfile.TemporaryDirectory(prefix="hoiphunu-benchmark-") as folder:
        name = f"benchmark_{os.getpid()}"
        os.environ["DATABASE_URL"] = url or f"sqlite:///{folder}/unused.sqlite3"
        os.environ.setdefault("SECRET_KEY", "for this benchmark only")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hoiphunu.settings")
        os.environ["DEBUG"] = os.environ["DEMO"] = "off"
        sys.path.insert(0, str(PROJECT))
        import django

        django.setup()
        from django.db import connection

        import hoiphunu.wsgi  # noqa: F401 -- the process as the server starts it

        connection.settings_dict["TEST"]["NAME"] = (
            name if connection.vendor == "postgresql" else f"{folder}/{name}.sqlite3"
        )
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield connection
        finally:
            connection.creation.destroy_test_db("unused", verbosity=0)


def head(name):
    """The line that makes a figure worth keeping: when, what, on what, by which command."""
    import django
    from django.db import connection

    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version" if is_postgresql else "SELECT sqlite_version()")
        version = cursor.fetchone()[0].split()[0]
    print(f"{name}: {time.strftime('%Y-%m-%d')}, commit {commit()}, {os.cpu_count()} cores,")
    print(
        f"  Python {sys.version.split()[0]}, Django {django.__version__}, "
        f"{connection.display_name} {version}"
    )
    print(f"  {command()}")


RESULTS = (":(exclude)docs/benchmarks", ":(exclude)docs/proofs")


def commit():
    """The commit under test; "+" when files other than kept results differ from it."""

    def git(*arguments):
        words = [shutil.which("git") or "git", "-C", PROJECT, *arguments]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    try:
        changed = "+" if git("status", "--porcelain", "--", ".", *RESULTS) else ""
        return (git("rev-parse", "--short", "HEAD") or "unknown") + changed
    except OSError:
        return "unknown"


def command():
    """As it was typed, but for a password in the address."""
    words = [word.rsplit("@", 1)[-1] if "://" in word else word for word in sys.argv[1:]]
    script = Path(sys.argv[0]).resolve().relative_to(PROJECT)
    return shlex.join(["python", script.as_posix(), *words])


def ask(call):
    """Seconds that one call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def median(call, rounds, undo=None):
    """The median of `rounds` calls, in seconds, after one that is not counted.

    `undo` puts things back after each, off the clock.
    """
    seconds = []
    for _ in range(rounds + 1):
        seconds.append(ask(call))
        if undo:
            undo()
    return statistics.median(seconds[1:])
