"""Opening a month for 100,000 chi hội, against one INSERT … SELECT of the same reports.

    python benchmarks/opening.py                            SQLite
    python benchmarks/opening.py --database postgres://…   PostgreSQL, in a database beside that one

Prints medians and the ratio with its limit; keeps them in docs/benchmarks/. Exit 1 when it is
broken. Opening writes a report, its first line of history and its first event for each unit; the
floor writes the reports alone.
"""

import json
import sys
from datetime import UTC, date, datetime

from scratch import PROJECT, arguments, command, commit, head, median, scratch_database
from tree import SEED, Planting

UNITS = 113_000
MOST = 5  # times the floor


def plain_insert(connection, form, period, day):
    """The same rows as reports, in the plainest SQL that both databases read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reports_report (period_id, branch_id, branch_path, reviewer_branch_id,"
            " due_on, status, nothing_to_report, results, difficulties, proposals, next_plans,"
            " version)"
            " SELECT %s, id, path, parent_id, %s, 'not_begun', %s, '', '', '', '', 1"
            " FROM branches_branch WHERE level_id IN"
            " (SELECT level_id FROM reports_reportform_levels WHERE reportform_id = %s)"
            " AND closed_on IS NULL",
            [period.pk, day, False, form.pk],
        )
        return cursor.rowcount


def clear(connection):
    with connection.cursor() as cursor:
        for table in ("reports_reportevent", "reports_historicalreport", "reports_report"):
            cursor.execute(f"DELETE FROM {table}")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM reports_report, reports_historicalreport, reports_reportevent")


def main():
    options = arguments(__doc__).parse_args()
    with scratch_database(options.database) as connection:
        head("opening")
        from branches.models import Branch, Level
        from reports.models import Period, ReportForm
        from reports.services import ask_indicators, open_period

        Planting(UNITS).plant().write(connection)
        form = ReportForm.objects.create(
            code="thang", name="Báo cáo tháng", owner=Branch.objects.get(parent=None)
        )
        form.levels.set(Level.objects.filter(code__in=["tinh", "xa", "chi_hoi"]))
        ask_indicators(form, [])
        day = date(2026, 3, 20)
        period = Period.objects.create(
            form=form, code="2026-03", year=2026, label="Tháng 3/2026", starts_on=date(2026, 3, 1),
            ends_on=date(2026, 3, 31), cut_off_on=date(2026, 3, 15),
        )  # fmt: skip
        for level in form.levels.all():
            period.dues.create(level=level, due_on=day)
        at = datetime(2026, 3, 1, 8, tzinfo=UTC)
        made = []
        seconds = {
            "one INSERT … SELECT": median(
                lambda: made.append(plain_insert(connection, form, period, day)),
                options.rounds, undo=lambda: clear(connection),
            ),
            "opening the month": median(
                lambda: made.append(open_period(period=period, by=None, at=at)),
                options.rounds, undo=lambda: clear(connection),
            ),
        }  # fmt: skip
        vendor = connection.vendor
    if len(set(made)) != 1:
        sys.exit(f"The two did not write the same number of reports: {sorted(set(made))}")
    floor, opening = seconds.values()
    ratio = opening / floor
    for name, took in seconds.items():
        print(f"  {name:22} {took * 1000:9.1f} ms")
    print(f"  {made[0]:,} reports; {ratio:.2f} × the floor, limit {MOST}")
    folder = PROJECT / "docs" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "command": command(), "commit": commit(), "seed": SEED, "rounds": options.rounds,
        "reports": made[0], "seconds": seconds, "ratio": ratio, "limit": MOST,
    }  # fmt: skip
    (folder / f"opening-{vendor}.json").write_text(
        json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
    )
    return 1 if ratio > MOST else 0


if __name__ == "__main__":
    sys.exit(main())
