"""Two people at once on one report, 500 times each way: no update lost.

    python proofs/pairs.py --database postgres://…       500 pairs of each kind, PostgreSQL only
    python proofs/pairs.py --database … --pairs 30       a quick look; nothing is written

    edit/edit       two officers save at the same moment from the same page: a cell of her own
                    each, and one that both fill. Both own cells are saved; of the common one,
                    one value is saved and the other person is told
    edit/approve    a reviewer approves what she saw while it is sent back, changed and handed in
                    again: approved is exactly what she saw, or nothing
    double submit   the button is pressed twice: one step, one event

SQLite lets one person write at a time, so there is nothing to be proved there. Each pair has
connections of its own and starts behind a barrier. A run that was stopped goes on with the kind
that it had not finished. Exit status 1 when anything was lost; the result is in docs/proofs/.
"""

import json
import sys
import threading
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT / "benchmarks"), str(PROJECT)]

from scratch import arguments, commit, head, scratch_database  # noqa: E402

AT = datetime(2026, 1, 18, 9, tzinfo=timezone(timedelta(hours=7)))
RESULT = PROJECT / "docs" / "proofs" / "pairs-postgresql.json"
UNFINISHED = PROJECT / "var" / "pairs-unfinished.json"


def main():
    parser = arguments(__doc__)
    parser.add_argument("--pairs", type=int, default=500, help="of each kind (500)")
    options = parser.parse_args()
    if not (options.database or "").startswith("postgres"):
        print("Pairs: not run, --database names no PostgreSQL.")
        return 0
    with scratch_database(options.database):
        head("pairs")
        return prove(options.pairs)


def prove(pairs):
    kinds = {"edit/edit": edit_edit, "edit/approve": edit_approve, "double submit": double_submit}
    done = read_unfinished(pairs)
    for name, kind in kinds.items():
        if name not in done:
            done[name] = run_kind(kind, pairs)
            write(UNFINISHED, {"commit": commit(), "pairs": pairs, "kinds": done})
        print(f"  {name:14} {done[name]}", flush=True)
    lost = sum(kind["lost"] + kind["broken"] for kind in done.values())
    if pairs >= 500:
        write(RESULT, {
            "proof": "pairs", "commit": commit(), "date": time.strftime("%Y-%m-%d"),
            "pairs_of_each_kind": pairs, "kinds": done, "lost": lost,
        })  # fmt: skip
    UNFINISHED.unlink(missing_ok=True)
    print(f"{sum(kind['pairs'] for kind in done.values())} pairs, {lost} lost or broken.")
    return 1 if lost else 0


def read_unfinished(pairs):
    """What a stopped run of the same code and size has finished."""
    if not UNFINISHED.exists():
        return {}
    kept = json.loads(UNFINISHED.read_text(encoding="utf-8"))
    is_same = (kept["commit"], kept["pairs"]) == (commit(), pairs)
    return kept["kinds"] if is_same else {}


def write(path, result):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def run_kind(kind, pairs):
    """{"pairs", "lost", "broken", "outcomes": {what came out: how often}, "seconds"}"""
    began, world = time.perf_counter(), World()
    found = {"pairs": pairs, "lost": 0, "broken": 0, "outcomes": {}}
    for report in world.reports(pairs):
        outcome, is_lost, errors = kind(world, report)
        found["outcomes"][outcome] = found["outcomes"].get(outcome, 0) + 1
        found["lost"] += is_lost
        found["broken"] += len(errors)
        for error in errors:
            print(f"    {type(error).__name__}: {error}")
    return found | {"seconds": round(time.perf_counter() - began, 1)}


# --- What they stand on ---------------------------------------------------------------------------


class World:
    """A commune with two officers below a district with a reviewer, and a form of three cells."""

    made = 0

    def __init__(self):
        from branches.models import Level, Position, User
        from branches.services import open_branch
        from programs.models import Indicator
        from reports.models import ReportForm
        from reports.services import ask_indicators

        World.made += 1
        self.number = World.made
        levels = {level.code: level for level in Level.objects.all()}
        opened = date(2016, 1, 1)
        top = open_branch(
            parent=None,
            level=levels["tinh"],
            name=f"Tỉnh {self.number}",
            type="tỉnh",
            opened_on=opened,
        )
        self.unit = open_branch(
            level=levels["xa"], parent=top, name="An Bình", type="xã", opened_on=opened
        )
        self.people = {}
        for name, role, branch in (
            ("one", "officer", self.unit), ("two", "officer", self.unit),
            ("above", "reviewer", top), ("beside", "reviewer", top),
        ):  # fmt: skip
            self.people[name] = User.objects.create_user(f"{name}{self.number}", full_name=name)
            Position.objects.create(
                user=self.people[name], branch=branch, role=role, started_on=opened
            )
        self.form = ReportForm.objects.create(code=f"bieu-{self.number}", name="Biểu", owner=top)
        self.form.levels.set([levels["xa"]])
        asked = []
        for position in (1, 2, 3):
            indicator = Indicator.objects.create(
                code=f"so-{self.number}-{position}", name=f"Số {position}", unit="người",
                aggregation="flow", value_type="whole",
            )  # fmt: skip
            asked.append(indicator)
        ask_indicators(self.form, [("Số", asked)])
        self.cells = [indicator.pk for indicator in asked]

    def reports(self, pairs):
        from reports.models import Period, PeriodDue
        from reports.services import open_period

        for number in range(pairs):
            first = date(2020, 1, 1) + timedelta(days=number)
            period = Period.objects.create(
                form=self.form, kind="phase", code=f"ky-{number}", year=first.year,
                label=f"Kỳ {number}", starts_on=first, ends_on=first, cut_off_on=first,
            )  # fmt: skip
            PeriodDue.objects.create(period=period, level=self.unit.level, due_on=first)
            open_period(period=period, by=None, at=AT)
            yield period.reports.get()

    def write(self, report, by, number):
        from decimal import Decimal

        from reports.services import save_draft

        save_draft(
            report=report, seen_version=report.version, narrative={},
            figures={self.cells[0]: Decimal(number)}, by=self.people[by], at=AT,
        )  # fmt: skip


def both(first, second):
    """Run two calls at the same moment: ([what each gave, or its refusal], other errors)."""
    from reports.services import ReportError

    barrier, given, errors = threading.Barrier(2), [None, None], []

    def run(place, call):
        from django.db import connection

        try:
            connection.ensure_connection()
            barrier.wait()
            given[place] = call()
        except ReportError as error:
            given[place] = error
        except Exception as error:  # anything else is a fault: it is counted and shown
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given, errors


def refused(given):
    return isinstance(given, Exception)


def fresh(report):
    from reports.models import Report

    return Report.objects.select_related("period__form", "branch__parent").get(pk=report.pk)


# --- The pairs ------------------------------------------------------------------------------------


def edit_edit(world, report):
    """Each fills a cell of her own (10, 20) and both the third (1 and 2)."""
    from decimal import Decimal

    from reports.services import Cells, merge_draft

    own_one, own_two, common = world.cells
    blank = Cells(dict.fromkeys(world.cells))
    version = report.version

    def save(by, cells):
        return merge_draft(
            report=fresh(report), seen_version=version, seen=blank,
            typed=Cells({pk: Decimal(value) for pk, value in cells.items()}),
            by=world.people[by], at=AT,
        )  # fmt: skip

    given, errors = both(
        lambda: save("one", {own_one: 10, common: 1}), lambda: save("two", {own_two: 20, common: 2})
    )
    stored = {figure.indicator_id: figure.value for figure in report.figures.all()}
    told = [n for n, merged in enumerate(given) if getattr(merged, "disputed", None)]
    winner = {1: 0, 2: 1}.get(stored.get(common))
    is_kept = (stored.get(own_one), stored.get(own_two)) == (10, 20)
    is_lost = not errors and not (is_kept and winner is not None and told == [1 - winner])
    return f"{'first' if winner == 0 else 'second'} wrote the common cell", is_lost, errors


def edit_approve(world, report):
    from decimal import Decimal

    from reports.models import ReportEvent
    from reports.services import approve_report, return_report, save_draft, submit_report
    from reports.totals import check_totals

    one, above, beside = (world.people[name] for name in ("one", "above", "beside"))
    world.write(report, "one", 10)
    submit_report(report=report, seen_version=report.version, by=one, at=AT)
    seen = report.version

    def change():
        row = fresh(report)
        return_report(report=row, seen_version=seen, reason="Sai", by=beside, at=AT)
        save_draft(
            report=row, seen_version=row.version, figures={world.cells[0]: Decimal(99)},
            narrative={}, by=one, at=AT,
        )  # fmt: skip
        submit_report(report=row, seen_version=row.version, by=one, at=AT)

    def approve():
        approve_report(report=fresh(report), seen_version=seen, by=above, at=AT)

    (changed, approved), errors = both(change, approve)
    row = fresh(report)
    approvals = list(row.events.filter(kind=ReportEvent.Kind.APPROVED))
    value = row.figures.get().value
    is_right = (
        [refused(changed), refused(approved)].count(True) == 1
        and len(approvals) == (0 if refused(approved) else 1)
        and value == (99 if refused(approved) else 10)
        and row.status == ("submitted" if refused(approved) else "approved")
        and check_totals([row.period]) == []
    )
    outcome = "changed, not approved" if refused(approved) else "approved as it was seen"
    return outcome, not errors and not is_right, errors


def double_submit(world, report):
    from reports.models import ReportEvent
    from reports.services import submit_report

    world.write(report, "one", 10)
    version = report.version

    def submit(by):
        return submit_report(report=fresh(report), seen_version=version, by=world.people[by], at=AT)

    given, errors = both(lambda: submit("one"), lambda: submit("two"))
    row = fresh(report)
    sent = row.events.filter(kind=ReportEvent.Kind.SUBMITTED).count()
    is_right = sent == 1 and row.status == "submitted" and row.version == version + 1
    is_right = is_right and [refused(each) for each in given].count(True) == 1
    outcome = "second was told" if refused(given[1]) else "first was told"
    return outcome, not errors and not is_right, errors


if __name__ == "__main__":
    sys.exit(main())
