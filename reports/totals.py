"""Stored totals: a cache over the figures of approved reports, and how to prove it.

A figure counts at its own unit and at every unit above, in the tree as it stood when the
period opened (`Report.branch_path`). All statements here are set-based and run alike on
SQLite and PostgreSQL.
"""

from decimal import Decimal

from django.db import connection, transaction

from .models import Report, Total

# Each counted report once for itself and once for every place above it. The place above
# "/1/5/30/" is found by dropping the last "/" and the digits before it.
PLACES = """
WITH RECURSIVE places (report_id, period_id, path, above) AS (
    SELECT id, period_id, CAST(branch_path AS text),
           rtrim(substr(branch_path, 1, length(branch_path) - 1), '0123456789')
    FROM reports_report
    WHERE status IN ('approved', 'locked') AND {condition}
  UNION ALL
    SELECT report_id, period_id, above, rtrim(substr(above, 1, length(above) - 1), '0123456789')
    FROM places
    WHERE above <> '/'
)
"""

# What the totals should be, from the leaf figures alone.
RECOUNT = """
SELECT places.period_id, places.path,
       CAST(replace(substr(places.path, length(places.above) + 1), '/', '') AS bigint),
       CAST(nullif(replace(substr(places.above, length(
           rtrim(substr(places.above, 1, length(places.above) - 1), '0123456789')) + 1),
           '/', ''), '') AS bigint),
       figure.indicator_id, sum(coalesce(figure.value, 0)), count(*)
FROM places
JOIN reports_figure figure ON figure.report_id = places.report_id
WHERE figure.value IS NOT NULL OR figure.is_nothing OR figure.text <> ''
GROUP BY places.period_id, places.path, places.above, figure.indicator_id
"""

INSERT = """
INSERT INTO reports_total
    (period_id, path, branch_id, parent_id, indicator_id, value, answered)
"""


def add_to_totals(report):
    """Add the figures of a report just approved to its place and all places above.

    Called once per approval, in the approval's transaction. Rows are taken in the order of
    their paths, from the root down, so that two approvals never wait for each other in a ring.
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
        for path, branch, parent in places_of(report.branch_path)
        for indicator, value in sorted(figures)
    ]
    if not rows:
        return
    values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(rows))
    sql = f"""{INSERT} VALUES {values}
        ON CONFLICT (period_id, path, indicator_id) DO UPDATE SET
            value = reports_total.value + excluded.value,
            answered = reports_total.answered + excluded.answered
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [_plain(cell) for row in rows for cell in row])


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


@transaction.atomic
def rebuild_totals(periods):
    """Throw away the stored totals of these periods and count them anew; how many rows."""
    made = 0
    for period in periods:
        # Nobody approves into this month while it is being counted.
        locked = Report.objects.select_for_update(of=("self",)).filter(period=period)
        list(locked.order_by("pk").values_list("pk"))
        Total.objects.filter(period=period).delete()
        with connection.cursor() as cursor:
            cursor.execute(
                INSERT.replace("INSERT", PLACES.format(condition="period_id = %s") + "INSERT", 1)
                + RECOUNT,
                [period.pk],
            )
        made += Total.objects.filter(period=period).count()
    return made


def check_totals(periods):
    """Differences between stored and recounted totals: nothing is corrected here.

    A list of (period id, path, indicator id, stored, recounted), where both are pairs
    (value, answered) or None.
    """
    ids = [period.pk for period in periods]
    if not ids:
        return []
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(PLACES.format(condition=f"period_id IN ({marks})") + RECOUNT, ids)
        counted = {
            (period, path, indicator): (_exact(value), answered)
            for period, path, _, _, indicator, value, answered in cursor.fetchall()
        }
    stored = {
        (total.period_id, total.path, total.indicator_id): (
            _exact(total.value),
            total.answered,
        )
        for total in Total.objects.filter(period__in=ids).iterator()
        if total.answered or total.value
    }
    keys = sorted(counted.keys() | stored.keys())
    return [
        (*key, stored.get(key), counted.get(key))
        for key in keys
        if stored.get(key) != counted.get(key)
    ]
