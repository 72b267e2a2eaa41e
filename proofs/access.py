"""Nobody reads or changes what is not hers: every route and every form, asked in full.

    python proofs/access.py                          on SQLite
    python proofs/access.py --database postgres://…  on PostgreSQL
    python proofs/access.py --most 1                 one object of each relation instead of two
    python proofs/access.py --quick                  a part of it; nothing is written

What is asked and what must hold is told in reports/tests/proof/; the suite asks a sample of
it. Everything happens in one transaction that is taken back. The result is written to
docs/proofs/. Exit status 1 when anything fails.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "benchmarks"))

from scratch import arguments, commit, head, scratch_database  # noqa: E402

# A quick look: some of everything, by everybody.
QUICK = {
    "most": 1, "routes": 6000, "per_route": 20, "states": 2, "per_field": 1, "per_form": 12,
    "models": 2, "parameters": 40, "names": 2,
}  # fmt: skip


def ask_everything(most, is_quick):
    """The Proof and how many seconds it took."""
    from django.db import transaction
    from django.test import override_settings
    from django.test.utils import setup_test_environment

    from hoiphunu.celery import app
    from reports.tests.proof.probes import Proof, Settings
    from reports.tests.proof.world import World

    setup_test_environment()
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    with (
        tempfile.TemporaryDirectory(prefix="hoiphunu-proof-") as folder,
        override_settings(
            MEDIA_ROOT=folder,
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            SECURE_SSL_REDIRECT=False,
            SESSION_COOKIE_SECURE=False,
            CSRF_COOKIE_SECURE=False,
        ),
        transaction.atomic(),
    ):
        began = time.perf_counter()
        asked = Settings(**QUICK) if is_quick else Settings(most=most)
        proof = Proof(World(), asked, tell=print).run()
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return proof, seconds


def result_of(proof, seconds, vendor):
    from reports.tests.proof.routes import all_routes

    unseen = Counter(t.kind for word, t in proof.world.of_word.items() if word not in proof.seen)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit(),
        "database": vendor,
        "seed": proof.settings.seed,
        "size": {
            "routes": len(all_routes()),
            "identities": len(proof.people),
            "things": len(proof.world.things),
            "canaries": len(proof.world.of_word),
        },
        "seconds": round(seconds),
        "requests": proof.prober.asked,
        "probes": sum(proof.counts.values()),
        "by_class": dict(proof.counts),
        "by_status": dict(sorted(proof.statuses.items())),
        "findings": dict(proof.facts),
        "leaks": proof.facts["leaks"],
        "server_errors": sum(n for status, n in proof.statuses.items() if status >= 500),
        "failures": len(proof.failures),
        "forms_that_save_as_they_stand": sorted(proof.accepted),
        "forms_refused_as_they_stand": sorted(proof.refused_as_is - proof.accepted),
        "fields_that_passed_foreign_ids_over": dict(sorted(proof.passed_over.items())),
        "canaries_that_nobody_met": dict(unseen),
    }


def keep(result):
    path = PROJECT / "docs" / "proofs" / f"access-{result['database']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main():
    parser = arguments(__doc__)
    parser.add_argument("--most", type=int, default=2, help="objects of each relation (2)")
    parser.add_argument("--quick", action="store_true", help="a part; nothing is written")
    options = parser.parse_args()
    with scratch_database(options.database) as connection:
        head("access")
        proof, seconds = ask_everything(options.most, options.quick)
        result = result_of(proof, seconds, connection.vendor)
    if not options.quick:
        keep(result)
    for failure in proof.failures:
        print(f"FAIL {failure}")
    for name, count in proof.counts.items():
        print(f"  {count:>8,} {name}")
    print(
        f"{result['probes']:,} probes in {result['seconds']} s: {result['leaks']} leaks, "
        f"{result['server_errors']} server errors, {result['failures']} failures in all."
    )
    return 1 if proof.failures else 0


if __name__ == "__main__":
    sys.exit(main())
