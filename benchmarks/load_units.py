"""Loading the whole country of 30/6/2025 against a bare bulk_create of the same rows.

    python benchmarks/load_units.py [--database URL] [--rounds 5]

The load writes, beside the rows, what makes them units: path, slug, keys for search and
sorting, history, dated facts, other spellings. The budget is 5 times the bare insert, which is
handed rows with everything filled in. Each round is taken back, off the clock.
"""

import sys
from datetime import date
from statistics import median

from scratch import arguments, ask, head, scratch_database

BUDGET = 5.0


def main():
    options = arguments(__doc__).parse_args()
    with scratch_database(options.database):
        head("load_units")
        return report(*measure(options.rounds))


def measure(rounds):
    """Seconds of each, in turn, so that both meet the same weather."""
    from branches.models import Branch
    from branches.services import load_units
    from branches.territory import list_in_force

    day = date(2025, 6, 30)
    load_units(list_in_force(day), of_country=True)
    rows = list(Branch.objects.order_by("pk"))
    clear()
    bare, full = [], []
    for _ in range(rounds):
        bare.append(ask(lambda: Branch.objects.bulk_create(rows)))
        clear()
        full.append(ask(lambda: load_units(list_in_force(day), of_country=True)))
        clear()
    return len(rows), bare, full


def clear():
    from django.db import connection

    from branches.models import Branch, BranchAlias, BranchKey, BranchSpan

    histories = [Branch.history.model, BranchAlias.history.model]
    models = [BranchKey, BranchSpan, BranchAlias, *histories, Branch]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            tables = ", ".join(model._meta.db_table for model in models)
            cursor.execute(f"TRUNCATE {tables} CASCADE")
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
            for model in models:
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
            cursor.execute("PRAGMA foreign_keys = ON")


def report(size, bare, full):
    ratio = median(full) / median(bare)
    print(f"  {size} units, median of {len(bare)}:")
    print(f"  bulk_create {median(bare):.3f} s, load_units {median(full):.3f} s")
    print(f"  ratio {ratio:.2f}, budget {BUDGET:.0f}: {'kept' if ratio <= BUDGET else 'BROKEN'}")
    return ratio <= BUDGET


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
