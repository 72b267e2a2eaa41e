"""Nobody reads or changes what is not hers: every route and every form, asked in full.

    python proofs/access.py                          on SQLite
    python proofs/access.py --database postgres://…  on PostgreSQL
    python proofs/access.py --most 1                 one object of each relation instead of two
    python proofs/access.py --share 1/2              every second person; 2/2 asks for the others
    python proofs/access.py --quick                  a part of it; nothing is written

What is asked and what must hold is told in reports/tests/proof/; the suite asks a sample of
it. Each person asks for herself, in a transaction that is taken back, and what came of it is
kept in var/proofs/: a run that was stopped goes on with the next person. When everybody has
asked, the result is written to docs/proofs/. Exit status 1 when anything fails.
"""

import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "benchmarks"))

from scratch import arguments, commit, head, scratch_database  # noqa: E402

# A quick look, for each person.
QUICK = {
    "most": 1, "routes": 400, "per_route": 1, "states": 2, "per_field": 1, "per_form": 12,
    "models": 2, "parameters": 4, "names": 2,
}  # fmt: skip


@contextmanager
def proving():
    """Settings of a test, and a world that is gone afterwards."""
    from django.db import transaction
    from django.test import override_settings
    from django.test.utils import setup_test_environment

    from hoiphunu.celery import app
    from hoiphunu.tests.fast import QUICK_HASHERS
    from reports.tests.proof.world import World

    setup_test_environment()
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    with (
        tempfile.TemporaryDirectory(prefix="hoiphunu-proof-") as folder,
        override_settings(
            MEDIA_ROOT=folder,
            PASSWORD_HASHERS=QUICK_HASHERS,
            SECURE_SSL_REDIRECT=False,
            SESSION_COOKIE_SECURE=False,
            CSRF_COOKIE_SECURE=False,
        ),
        transaction.atomic(),
    ):
        yield World()
        transaction.set_rollback(True)


def ask_as(name, world, settings):
    """What came of it when this person asked, as plain data."""
    from reports.tests.proof.probes import Proof

    began = time.perf_counter()
    proof = Proof(world, settings, tell=print).run()
    return {
        "name": name,
        "seconds": round(time.perf_counter() - began),
        "requests": proof.prober.asked,
        "by_class": dict(proof.counts),
        "by_status": {str(status): n for status, n in proof.statuses.items()},
        "findings": dict(proof.facts),
        "failures": proof.failures,
        "accepted": sorted(proof.accepted),
        "refused": sorted(proof.refused_as_is),
        "passed_over": dict(proof.passed_over),
        "seen": sorted(proof.seen),
    }


def summed(parts, key):
    return dict(sorted(sum((Counter(part[key]) for part in parts), Counter()).items()))


def joined(parts, key):
    return set().union(*(part[key] for part in parts))


def result_of(parts, world, vendor):
    from reports.tests.proof.probes import Settings
    from reports.tests.proof.routes import all_routes

    seen, by_status = joined(parts, "seen"), summed(parts, "by_status")
    findings = summed(parts, "findings")
    unseen = Counter(thing.kind for word, thing in world.of_word.items() if word not in seen)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit(),
        "database": vendor,
        "seed": Settings.seed,
        "size": {
            "routes": len(all_routes()),
            "identities": len(parts),
            "things": len(world.things),
            "canaries": len(world.of_word),
        },
        "seconds": sum(part["seconds"] for part in parts),
        "requests": sum(part["requests"] for part in parts),
        "probes": sum(sum(part["by_class"].values()) for part in parts),
        "by_class": summed(parts, "by_class"),
        "by_status": by_status,
        "findings": findings,
        "leaks": findings.get("leaks", 0),
        "server_errors": sum(n for status, n in by_status.items() if int(status) >= 500),
        "failures": sum(len(part["failures"]) for part in parts),
        "forms_that_save_as_they_stand": sorted(joined(parts, "accepted")),
        "forms_refused_as_they_stand": sorted(joined(parts, "refused") - joined(parts, "accepted")),
        "fields_that_passed_foreign_ids_over": summed(parts, "passed_over"),
        "canaries_that_nobody_met": dict(unseen),
    }


def folder_of(vendor, size):
    """Where the parts of this commit lie. Of a tree with changes nothing is taken up again."""
    folder = PROJECT / "var" / "proofs" / f"access-{vendor}-{commit()}-{size}"
    if commit().endswith("+"):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ask_everybody(options, vendor):
    """The parts of all who have asked so far, and the result when that is everybody."""
    from reports.tests.proof.oracle import identities
    from reports.tests.proof.probes import Settings

    share, of = (int(number) for number in options.share.split("/"))
    folder = folder_of(vendor, "quick" if options.quick else options.most)
    with proving() as world:
        names = list(identities(world))
        for place, name in enumerate(names):
            path = folder / f"{place:02}.json"
            if place % of != share - 1 or path.exists():
                continue
            print(f"{name}:", flush=True)
            asked = {"askers": (name,), "letters": place == 0}
            settings = Settings(**(QUICK if options.quick else {"most": options.most}) | asked)
            part = ask_as(name, world, settings)
            for failure in part["failures"]:
                print(f"FAIL {failure}", flush=True)
            path.write_text(json.dumps(part, ensure_ascii=False, indent=1) + "\n", "utf-8")
        parts = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
        result = result_of(parts, world, vendor)
    return result, len(parts) == len(names)


def keep(result):
    path = PROJECT / "docs" / "proofs" / f"access-{result['database']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main():
    parser = arguments(__doc__)
    parser.add_argument("--most", type=int, default=2, help="objects of each relation (2)")
    parser.add_argument("--share", default="1/1", help="1/2: every second person")
    parser.add_argument("--quick", action="store_true", help="a part; nothing is written")
    options = parser.parse_args()
    with scratch_database(options.database) as connection:
        head("access")
        result, is_whole = ask_everybody(options, connection.vendor)
    if is_whole and not options.quick:
        keep(result)
    for name, count in result["by_class"].items():
        print(f"  {count:>8,} {name}")
    print(
        f"{result['probes']:,} probes in {result['seconds']} s: {result['leaks']} leaks, "
        f"{result['server_errors']} server errors, {result['failures']} failures in all."
    )
    if not is_whole:
        print(f"{result['size']['identities']} people have asked; the others have not yet.")
    return 1 if result["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
