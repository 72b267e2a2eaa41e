"""Redis is emptied with work waiting in it, and every task comes twice: all effects appear, once.

    python proofs/redis_flushed.py --database postgres://…            PostgreSQL and Redis only
    python proofs/redis_flushed.py --database … --rounds 2            a quick look; nothing written

In each round workbooks, a list from Excel, a paper to read, a month to count anew and letters wait,
each a row and a message to the worker, while no worker runs. The broker is emptied. Then a worker
starts and the clock calls twice what it always calls; and once all is done, each task is delivered
twice more. Afterwards each workbook has one file and was told of once, the list and the paper were
read once, the totals equal a recount, and the mail server has accepted each letter once.

The broker is CELERY_BROKER_URL or --broker, a Redis database of the proof's own. Exit status 1 when
anything was wrong; the result is in docs/proofs/. A round takes seconds: nothing is kept of a run
that was stopped.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from io import BytesIO
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT / "benchmarks"), str(PROJECT), str(PROJECT / "proofs")]

from pairs import write  # noqa: E402
from real_worker import Sink, Worker, wait_until  # noqa: E402
from scratch import arguments, commit, head, scratch_database  # noqa: E402
from worker_killed import AT, BROKER, DAY, World, empty_broker, pass_time  # noqa: E402

EXPORTS = 5
HEADER = ["STT", "Chi hội", "Xã/phường", "Đơn vị nhận giúp", "Nội dung", "Ngày bắt đầu", "Ghi chú"]
RESULT = PROJECT / "docs" / "proofs" / "redis-flushed.json"


def main():
    parser = arguments(__doc__)
    parser.set_defaults(rounds=10)
    parser.add_argument("--broker", default=os.environ.get("CELERY_BROKER_URL", BROKER))
    options = parser.parse_args()
    if not (options.database or "").startswith("postgres"):
        print("Redis flushed: not run, --database names no PostgreSQL.")
        return 0
    os.environ["CELERY_BROKER_URL"] = options.broker
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VAR_DIR"] = folder  # for the workbooks
        with scratch_database(options.database), Sink(folder) as sink:
            head("redis flushed")
            found = prove(World(sink, f"{folder}/worker.log"), options.rounds)
    if options.rounds >= 10:
        write(RESULT, {
            "proof": "redis flushed", "commit": commit(), "date": time.strftime("%Y-%m-%d"),
            **found,
        })  # fmt: skip
    print(found)
    return 1 if found["wrong"] else 0


def prove(world, rounds):
    """{"rounds", "messages_lost", "effects", "wrong", "seconds"}"""
    began, found = time.perf_counter(), Counter(rounds=rounds, wrong=0)
    for number in range(rounds):
        work = Work(world)
        found["messages_lost"] += work.wait_in_redis()
        empty_broker()
        with Worker(world.log):
            work.call_the_clock()
            is_done = wait_until(work.is_done)
            work.deliver_twice()
        faults = work.faults() if is_done else [f"not done: {work.undone()}"]
        for fault in faults:
            print(f"  round {number}: {fault}", flush=True)
        found["wrong"] += bool(faults)
        found["effects"] += work.effects
    return dict(found) | {"seconds": round(time.perf_counter() - began, 1)}


class Work:
    """The rows of one round, and the messages for each: (task, its arguments)."""

    def __init__(self, world):
        from django.db.models import F

        from branches.models import Branch
        from programs.models import Program
        from programs.services import ask_reading
        from programs.tasks import read_plan
        from reports.lists import new_upload
        from reports.models import Export, Rebuild, Total
        from reports.services import remind_day, write_letters
        from reports.tasks import post_letters, rebuild_month, run_export, run_upload

        self.world, by, top = world, world.administrator, world.top
        world.tell_nobody()
        program, _ = Program.objects.get_or_create(
            owner=top, name="Giúp chi hội", slug="giup-chi-hoi", starts_on="2026-01-01",
            ends_on="2026-12-31",
        )  # fmt: skip
        self.exports = [
            Export.objects.create(kind="summary", period=world.month, branch=top, asked_by=by)
            for _ in range(EXPORTS)
        ]
        commune = Branch.objects.get(pk=world.communes[0].pk)
        self.upload = new_upload(
            kind="assignments", branch=commune, by=by, name="danh-sach.xlsx", content=workbook(),
            params={"program": program.pk},
        )  # fmt: skip
        self.reading = ask_reading(
            branch=commune, by=by, text="Mỗi xã vận động 10 suất quà tặng phụ nữ khó khăn."
        )
        Total.objects.filter(period=world.month).update(value=F("value") + 1)
        Rebuild.objects.create(period=world.month)
        remind_day(DAY, AT)
        write_letters(DAY, AT, everything=True)
        self.messages = [
            *((run_export, export.pk) for export in self.exports),
            (run_upload, self.upload.pk), (read_plan, self.reading.pk),
            (rebuild_month, world.month.pk), (post_letters,),
        ]  # fmt: skip
        self.effects = EXPORTS + 3 + len(world.officers)

    def wait_in_redis(self):
        """As the pages leave them when no worker runs; how many messages lie there."""
        from hoiphunu.celery import app

        empty_broker()
        for task, *given in self.messages:
            task.delay(*given)
        with app.connection_for_write() as broker:
            return broker.default_channel.client.llen("celery")

    def call_the_clock(self):
        """The sweep, twice, when all has waited long enough, and the letters, as by day."""
        from django.utils.timezone import now

        from branches.models import Upload
        from programs.models import PlanReading
        from reports.models import Export
        from reports.tasks import post_letters, sweep

        long_ago = now() - timedelta(hours=1)
        for model in (Export, Upload, PlanReading):
            model.objects.update(asked_at=long_ago)
        pass_time()
        for task in (sweep, sweep, post_letters, post_letters):
            task.delay()

    def deliver_twice(self):
        """Each message comes twice more; what comes behind them is the sign that all are done."""
        from hoiphunu.celery import app

        for task, *given in self.messages * 2:
            task.delay(*given)
        with app.connection_for_write() as broker:
            client = broker.default_channel.client
            wait_until(lambda: client.llen("celery") == 0)
        time.sleep(0.5)  # the last of them

    def undone(self):
        from reports.models import Outbox, Rebuild

        rows = [*self.exports, self.upload, self.reading]
        for row in rows:
            row.refresh_from_db()
        waiting = [str(row.pk) for row in rows if row.is_running]
        letters = Outbox.objects.filter(sent_at=None).count()
        return waiting + ["letters"] * bool(letters) + ["totals"] * Rebuild.objects.exists()

    def is_done(self):
        return not self.undone()

    def faults(self):
        from branches.models import StoredFile, UploadRow
        from reports.models import Notification
        from reports.totals import check_totals

        undone, keys = self.undone(), [f"export:{export.pk}" for export in self.exports]
        files = StoredFile.objects.filter(export__in=self.exports).count()
        told = Notification.objects.filter(key__in=keys).count()
        staged = UploadRow.objects.filter(upload=self.upload).count()
        letters = Counter(to for to, _ in self.world.accepted())
        expected = Counter(officer.email for officer in self.world.officers)
        states = Counter(row.state for row in (*self.exports, self.upload, self.reading))
        asked = {
            f"undone {undone}": not undone,
            f"states {states}": states == {"ready": EXPORTS + 2},
            f"files {files}, told {told}": files == told == EXPORTS,
            f"rows of the list {staged}": staged == 2,
            f"letters {sum(letters.values())}": letters == expected,
            "totals differ from a recount": not check_totals([self.world.month]),
        }
        return [fault for fault, is_right in asked.items() if not is_right]


def workbook():
    from openpyxl import Workbook

    book = Workbook()
    for row in (HEADER, [1, "Thôn 1", "Xã 0", "Xã 0", "Tủ sách", "15/01/2026"], [2, "Thôn 2"]):
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
