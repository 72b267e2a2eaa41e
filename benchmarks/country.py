"""A month of the whole country, added up: against `SELECT sum(value)` over the same month's rows.

    python benchmarks/country.py                            SQLite
    python benchmarks/country.py --database postgres://…    PostgreSQL, a database beside that one

34 provinces, 3,321 communes, 100,000 chi hội, 30 indicators: 3 million figures a month. The last
month of --months is measured. --chi-hoi makes it small, for trying out. Approvals are measured in
a country of 1,000 chi hội as well. Prints medians, ratios and their limits; keeps them in
docs/benchmarks/ unless --chi-hoi was given. Exit 1 when one is broken.
"""

import json
import statistics
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Barrier

import nation
from scratch import PROJECT, arguments, ask, command, commit, head, median, scratch_database

CHI_HOI = 100_000
SMALL = 1_000  # chi hội of the other country in which approvals are measured
AT_ONCE = 50
AT = datetime(2026, 12, 20, 2, tzinfo=UTC)
FLOOR, KEY = "floor: sum(value) of the month", "one report by its key"
PAGES = "page of totals: "
TO_DATE = "stocks to date: "  # where more than one month is stored
REBUILD, CHECK, MISSING = "rebuilding the month", "checking the month", "who is missing"
APPROVAL, TOTALS_OF_IT = "one approval, whole", "totals of one approval"
ALONE, CROWD = "each of 50 approvals in turn", "each of 50 approvals at once"
# The other design: an approval leaves a mark, and one worker adds what is marked.
MARKED, FOLDED = f"{CROWD}, only marked", f"{CROWD}, marked and folded"


def limits(vendor):
    """name → (times what, at most)"""
    return {
        f"{PAGES}the country": (FLOOR, 0.1),
        f"{PAGES}the largest province": (FLOOR, 0.1),
        f"{PAGES}a commune": (FLOOR, 0.1),
        f"{TO_DATE}the country": (FLOOR, None),
        f"{TO_DATE}the largest province": (FLOOR, None),
        f"{TO_DATE}a commune": (FLOOR, None),
        REBUILD: (FLOOR, 20 if vendor == "postgresql" else 30),
        CHECK: (FLOOR, None),
        f"{MISSING} in the country": (FLOOR, 0.3),
        TOTALS_OF_IT: (KEY, 50),
        APPROVAL: (KEY, None),
        f"{TOTALS_OF_IT}, {SMALL:,} chi hội": (KEY, 50),
        f"{APPROVAL}, {SMALL:,} chi hội": (KEY, None),
        ALONE: (KEY, None),
        CROWD: (ALONE, 1.5),
        MARKED: (ALONE, None),
        FOLDED: (ALONE, None),
    }


class Month:
    """The country as one finds it: a period, and units to look at."""

    def __init__(self, connection, chi_hoi, months):
        from django.db.models import Max, Min

        from branches.models import Branch, User

        top = nation.plant(connection, chi_hoi)
        form = nation.ask_for(top)
        for month in range(1, months + 1):
            self.period = nation.fill_month(form, month)
        self.connection = connection
        self.plain_sum = ["SELECT sum(value) FROM reports_figure", []]
        if months > 1:  # of the rows of one month, which were written together
            ends = self.period.reports.aggregate(first=Min("pk"), last=Max("pk"))
            self.plain_sum[0] += " WHERE report_id BETWEEN %s AND %s"
            self.plain_sum[1] += [ends["first"], ends["last"]]
        self.by = User.objects.create(username="duyet", full_name="Nguyễn Thị Duyệt")
        self.units = {
            "the country": Branch.objects.get(parent=None),
            "the largest province": Branch.objects.get(pk=nation.LARGEST),
            "a commune": Branch.objects.get(pk=nation.FIRST_COMMUNE),
        }
        self.keep_house()

    def keep_house(self):
        with self.connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if is_postgresql(self.connection) else "ANALYZE")
            if is_postgresql(self.connection):  # as the figures of the handbook were measured
                cursor.execute("SET max_parallel_workers_per_gather = 0")

    def floor(self):
        with self.connection.cursor() as cursor:
            cursor.execute(*self.plain_sum)
            return cursor.fetchone()

    def waiting(self, count, skip=0):
        """Chi hội's reports that wait for their reviewer, all over the country."""
        reports = self.period.reports.filter(status="submitted", branch__level__code="chi_hoi")
        found = list(reports.order_by("pk").select_related("period", "branch__parent"))
        step = max(len(found) // (count + skip), 1)
        return found[::step][skip : skip + count]

    def clear(self):
        """No totals of the period, and no rows of before in the table's way."""
        self.period.totals.all().delete()
        if is_postgresql(self.connection):
            with self.connection.cursor() as cursor:
                cursor.execute("VACUUM reports_total")


def is_postgresql(connection):
    return connection.vendor == "postgresql"


def of_sums(month, rounds):
    """Pages, rebuilding, checking, who is missing: name → seconds."""
    from reports import queries
    from reports.totals import check_totals, rebuild_totals

    period, found = month.period, {FLOOR: median(month.floor, rounds)}
    found[REBUILD] = median(lambda: rebuild_totals([period]), rounds, undo=month.clear)
    rebuild_totals([period])
    month.keep_house()
    if differences := check_totals([period]):
        sys.exit(f"The totals differ from a recount: {differences[:3]}")
    found[CHECK] = median(lambda: check_totals([period]), rounds)
    for name, unit in month.units.items():
        found[PAGES + name] = median(lambda unit=unit: queries.sums_below(unit, [period]), rounds)

    year = list(period.up_to_here())
    if len(year) > 1:
        rebuild_totals(year)
        month.keep_house()
        standing = queries.standing_ids(queries.form_lines(period))
        for name, unit in month.units.items():
            found[TO_DATE + name] = median(
                lambda unit=unit: queries.latest_by_place(unit, period, standing), rounds
            )

    def missing():
        queries.handed_in_by_unit(period, month.units["the country"])
        return list(queries.not_in(period, month.units["the country"])[:50])

    found[f"{MISSING} in the country"] = median(missing, rounds)
    return found


def of_approvals(month, rounds):
    """What one approval takes, and its totals alone, against one report by its key."""
    from reports.models import Report
    from reports.services import approve_report
    from reports.totals import add_to_totals, take_from_totals

    reports, found = month.waiting(20 + rounds), {}
    keys = [report.pk for report in reports]
    found[KEY] = statistics.median(
        ask(lambda pk=pk: Report.objects.get(pk=pk)) for _ in range(rounds) for pk in keys
    )
    seconds = []
    for report in reports:
        for _ in range(rounds):
            seconds.append(ask(lambda report=report: add_to_totals(report)))
            take_from_totals(report)
    found[TOTALS_OF_IT] = statistics.median(seconds)
    found[APPROVAL] = statistics.median(
        ask(
            lambda report=report: approve_report(
                report=report, seen_version=report.version, by=month.by, at=AT
            )
        )
        for report in reports[: len(reports) // 2]
    )
    return found


def many_at_once(month):
    """50 approvals in turn, 50 others by as many people at once, and 50 that only leave marks,
    which are then folded: seconds for each, the median of three rounds in which another is first.
    In a queue that grows the second would be a multiple of the first."""
    from reports.services import approve_report
    from reports.totals import check_totals

    def approve(report):
        approve_report(report=report, seen_version=report.version, by=month.by, at=AT)

    def in_turn(reports):
        return {ALONE: ask(lambda: [approve(report) for report in reports])}

    def together(reports):
        return {CROWD: at_once(reports, approve)}

    def marked(reports):
        with marks() as fold:
            took = at_once(reports, approve)
            return {MARKED: took, FOLDED: took + ask(lambda: fold(reports))}

    ways, found = [in_turn, together, marked], defaultdict(list)
    waiting = month.waiting(len(ways) ** 2 * AT_ONCE, skip=1)
    waiting = [report for report in waiting if report.status == "submitted"]
    many = min(AT_ONCE, len(waiting) // len(ways) ** 2)  # fewer in a small country, for trying out
    for start in range(len(ways)):
        for way in ways[start:] + ways[:start]:
            reports, waiting = waiting[:many], waiting[many:]
            for name, took in way(reports).items():
                found[name].append(took / many)
        if differences := check_totals([month.period]):
            sys.exit(f"After approvals at once the totals differ: {differences[:3]}")
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def at_once(reports, call):
    """Seconds until all are done, each in a thread and a connection of its own."""
    began = []
    gate = Barrier(len(reports), action=lambda: began.append(time.perf_counter()))

    def wait_and_call(report):
        from django.db import connection

        connection.ensure_connection()
        gate.wait()
        try:
            call(report)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(reports)) as pool:
        list(pool.map(wait_and_call, reports))
    return time.perf_counter() - began[0]


@contextmanager
def marks():
    """Within, an approval leaves a mark and adds nothing; what it gives folds the marks of these
    reports: one upsert for all of them, each place of the tree once."""
    from django.db import transaction

    from hoiphunu.bulk import rows_of, run
    from reports import totals
    from reports.models import Figure
    from reports.services import life

    @transaction.atomic
    def fold(reports):
        paths = {report.pk: report.branch_path for report in reports}
        taken = [pk for (pk,) in rows_of("DELETE FROM mark RETURNING report_id")]
        figures = Figure.objects.filter(report__in=taken).given()
        sums = defaultdict(lambda: [0, 0])
        for pk, indicator, value in figures.values_list("report", "indicator", "value"):
            for place in totals.places_of(paths[pk])[:-1]:
                sums[place, indicator][0] += value or 0
                sums[place, indicator][1] += 1
        totals.lock_totals(reports[0].period_id, shared=True)
        rows = [
            [reports[0].period_id, *place, indicator, value, answered]
            for (place, indicator), (value, answered) in sorted(sums.items(), key=str)
        ]
        marks = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(rows))
        run(totals.ADD.format(rows=marks), [cell for row in rows for cell in row])

    run("CREATE TABLE mark (report_id bigint)")
    life.add_to_totals = lambda report: run("INSERT INTO mark VALUES (%s)", [report.pk])
    try:
        yield fold
    finally:
        life.add_to_totals = totals.add_to_totals
        run("DROP TABLE mark")


def table(seconds, growth, vendor):
    """Lines for the eye, rows to keep, and the names of what broke its limit."""
    rows = []
    for name, (against, most) in limits(vendor).items():
        if name in seconds:
            times = seconds[name] / seconds[against]
            rows.append([name, seconds[name], f"× {against}", times, most])
    for name, times in growth.items():
        rows.append([name, None, f"growth from {SMALL:,} chi hội", times, 1.5])
    broken = [name for name, _, _, times, most in rows if most and times > most]
    return rows, broken


def main():
    parser = arguments(__doc__)
    parser.add_argument("--chi-hoi", type=int, default=CHI_HOI, help=f"how many ({CHI_HOI:,})")
    parser.add_argument("--months", type=int, default=1, help="months that are stored (1)")
    options = parser.parse_args()
    with scratch_database(options.database) as connection:
        head("country")
        vendor = connection.vendor
        small = Month(connection, SMALL, 1)
        from reports.totals import rebuild_totals

        rebuild_totals([small.period])
        few = of_approvals(small, options.rounds)
        nation.uproot()
        month = Month(connection, options.chi_hoi, options.months)
        seconds = of_sums(month, options.rounds)
        seconds |= of_approvals(month, options.rounds)
        if is_postgresql(connection):
            seconds |= many_at_once(month)
        figures = nation.figures_of(month.period)
    growth = {TOTALS_OF_IT: seconds[TOTALS_OF_IT] / few[TOTALS_OF_IT]}
    rows, broken = table(seconds, growth, vendor)
    print(f"  seed {nation.SEED}, {options.rounds} rounds, {figures:,} figures in the month,")
    print(f"  {options.months} months stored; floor {seconds[FLOOR] * 1000:.0f} ms, key "
          f"{seconds[KEY] * 1000:.2f} ms\n")  # fmt: skip
    for name, took, against, times, most in rows:
        took = f"{took * 1000:10.1f} ms" if took else " " * 13
        print(f"{name:48} {took} {times:9.2f} {against:40} limit {most or '–'}")
    if options.chi_hoi == CHI_HOI:
        name = "country" if options.months == 1 else f"country-{options.months}-months"
        keep(name, vendor, options, rows, broken, seconds, figures)
    else:
        print("\nTried out in another country: not kept.")
    print(f"\n{'Broken: ' + ', '.join(broken) if broken else 'Every limit is kept.'}")
    return 1 if broken else 0


def keep(name, vendor, options, rows, broken, seconds, figures):
    folder = PROJECT / "docs" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "command": command(), "commit": commit(), "seed": nation.SEED, "rounds": options.rounds,
        "chi_hoi": options.chi_hoi, "months": options.months, "figures": figures,
        "seconds": seconds, "rows": rows, "broken": broken,
    }  # fmt: skip
    (folder / f"{name}-{vendor}.json").write_text(
        json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
