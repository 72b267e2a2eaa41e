"""Stored totals: a cache over the figures of approved reports, and how to prove it.

A place is a path of the tree as it stood when the period opened (`Report.branch_path`). Its
total is what the units *below* it reported. What it reported itself is read from its own report:
so own and below stand apart at every level, and the chi hội, nine units in ten, have no totals.
All statements here are set-based and run alike on SQLite and PostgreSQL.
"""

from decimal import Decimal

from django.db import connection, transaction

from hoiphunu.bulk import rows_of, run

from .models import Total

MOST_TOLD = 1_000  # differences of one period; a cache that is wrong throughout has 100,000
TOTALS_LOCK = 7_203_002  # any number, the same for everyone who changes totals


def above(path):
    """SQL: the place above the path that the SQL `path` says: "/1/5/30/" stands in "/1/5/"."""
    return f"rtrim(substr({path}, 1, length({path}) - 1), '0123456789')"


def last_step(path):
    """SQL: the id of the unit at the end of a path; null for "/"."""
    step = f"replace(substr({path}, length({above(path)}) + 1), '/', '')"
    return f"CAST(nullif({step}, '') AS bigint)"


# What the totals of a period (the one parameter) should be, from the figures alone. Figures are
# grouped at the unit directly above, which the first of its reports stands for: two numbers are
# compared faster than a path and a number. Those few sums then go up the tree.
RECOUNT = f"""
WITH RECURSIVE counted (report_id, place) AS (
    SELECT id, min(id) OVER (PARTITION BY {above("branch_path")})
    FROM reports_report
    WHERE period_id = %s AND status IN ('approved', 'locked')
), direct (place, indicator_id, value, answered) AS (
    SELECT counted.place, figure.indicator_id, sum(coalesce(figure.value, 0)), count(*)
    FROM counted JOIN reports_figure figure ON figure.report_id = counted.report_id
    WHERE figure.value IS NOT NULL OR figure.is_nothing OR figure.text <> ''
    GROUP BY counted.place, figure.indicator_id
), climbing (path, indicator_id, value, answered) AS (
    SELECT CAST({above("branch_path")} AS text), indicator_id, value, answered
    FROM direct JOIN reports_report ON reports_report.id = direct.place
  UNION ALL
    SELECT {above("path")}, indicator_id, value, answered FROM climbing WHERE path <> '/'
), recount (path, indicator_id, value, answered) AS (
    SELECT path, indicator_id, sum(value), sum(answered)
    FROM climbing WHERE path <> '/' GROUP BY path, indicator_id
)
"""  # noqa: S608

INSERT = """
INSERT INTO reports_total
    (period_id, path, branch_id, parent_id, indicator_id, value, answered)
"""

ADD = f"""{INSERT} VALUES {{rows}}
ON CONFLICT (period_id, path, indicator_id) DO UPDATE SET
    value = reports_total.value + excluded.value,
    answered = reports_total.answered + excluded.answered
"""

# In the order of the tree, so that the sums below a place lie together on the disk.
REBUILD = f"""{INSERT} {RECOUNT}
SELECT %s, path, {last_step("path")}, {last_step(above("path"))}, indicator_id, value, answered
FROM recount ORDER BY path, indicator_id
"""  # noqa: S608

# Where pages find a sum is what its columns say: one that is filed elsewhere than in its path
# counts as one of there.
FILED_AT = f"""
CASE WHEN branch_id = {last_step("path")}
          AND coalesce(parent_id, 0) = coalesce({last_step(above("path"))}, 0)
     THEN path ELSE '/' || coalesce(parent_id, 0) || '/' || branch_id || '/' END
"""

# Both sides in one heap: what does not cancel out differs. Half a hundredth is no difference:
# SQLite adds fractions as floats.
DIFFERENCES = f"""{RECOUNT}
SELECT path, indicator_id, sum(stored), sum(stored_answers), sum(counted), sum(counted_answers)
FROM (
    SELECT {FILED_AT} AS path, indicator_id, value AS stored, answered AS stored_answers,
           0 AS counted, 0 AS counted_answers
    FROM reports_total WHERE period_id = %s
  UNION ALL
    SELECT path, indicator_id, 0, 0, value, answered FROM recount
) both_sides
GROUP BY path, indicator_id
HAVING abs(sum(stored) - sum(counted)) > 0.005 OR sum(stored_answers) <> sum(counted_answers)
ORDER BY path, indicator_id
LIMIT {MOST_TOLD}
"""  # noqa: S608


def add_to_totals(report):
    """Add the figures of a report just approved to the totals of all places above it.

    Called once per approval, last in its transaction: the rows of the top are everybody's. They
    are taken in the order of their paths, from the root down, so that two approvals never wait
    for each other in a ring.
    """
    _change_totals(report, sign=1)


def take_from_totals(report):
    """Undo `add_to_totals`, before an approved report is reopened and its figures change."""
    _change_totals(report, sign=-1)


def _change_totals(report, sign):
    figures = [
        (figure.indicator_id, sign * (figure.value or 0)) for figure in report.figures.given()
    ]
    rows = [
        [report.period_id, path, branch, parent, indicator, value, sign]
        for path, branch, parent in places_of(report.branch_path)[:-1]
        for indicator, value in sorted(figures)
    ]
    if not rows:
        return
    lock_totals(report.period_id, shared=True)
    values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(rows))
    run(ADD.format(rows=values), [_plain(cell) for row in rows for cell in row])


def lock_totals(period_id, *, shared):
    """Approvals change a period's totals side by side, a rebuild of it waits for them and lets
    none in. SQLite's write lock serves there."""
    if connection.vendor == "postgresql":
        kind = "_shared" if shared else ""
        rows_of(f"SELECT pg_advisory_xact_lock{kind}(%s, %s)", [TOTALS_LOCK, period_id])


def _plain(cell):
    """SQLite's driver knows no Decimal; its column is numeric either way."""
    return str(cell) if isinstance(cell, Decimal) else cell


def _exact(value):
    """The same number from either database: SQLite gives an int or a float."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def places_of(path):
    """(path, branch id, parent id) of each place from the root down to `path`."""
    steps = [int(step) for step in path.strip("/").split("/")]
    return [
        (f"/{'/'.join(map(str, steps[: n + 1]))}/", step, steps[n - 1] if n else None)
        for n, step in enumerate(steps)
    ]


def rebuild_totals(periods):
    """Throw away the stored totals of these periods and count them anew; how many rows.

    A period is a transaction of its own: what was counted stays when a later one fails.
    """
    return sum(_rebuild(period) for period in periods)


@transaction.atomic
def _rebuild(period):
    give_room()
    lock_totals(period.pk, shared=False)
    Total.objects.filter(period=period).delete()
    return run(REBUILD, [period.pk, period.pk])


def check_totals(periods):
    """Differences between stored and recounted totals: nothing is corrected here.

    A list of (period id, path, indicator id, stored, recounted), where both are pairs
    (value, answered). The database compares; of one period the first MOST_TOLD are told.
    """
    return [row for period in periods for row in _differences(period)]


@transaction.atomic
def _differences(period):
    give_room()
    return [
        (period.pk, path, indicator, (_exact(stored), given), (_exact(counted), answered))
        for path, indicator, stored, given, counted, answered in rows_of(
            DIFFERENCES, [period.pk, period.pk]
        )
    ]


def give_room():
    """Until the end of the transaction PostgreSQL may group in memory: its 4 MB would go through
    the disk twenty times for three million figures."""
    if connection.vendor == "postgresql":
        run("SET LOCAL work_mem = '64MB'")
