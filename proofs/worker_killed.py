"""The worker is killed with `kill -9` in the middle of its work, 50 times in each kind of it.

    python proofs/worker_killed.py --database postgres://…           PostgreSQL and Redis only
    python proofs/worker_killed.py --database … --kills 5            a quick look; nothing written

    rebuild     a month is counted anew: afterwards its totals equal a recount
    recount     the nightly recount finds what is wrong, tells, and has it counted anew: the same,
                and each administrator was told once
    remind      reminders and their letters are written: each notice once, each letter once
    post        letters go to a mail server that counts what it accepts: each letter once

After each kill another worker starts, and the clock's tasks come again, as in production. A
letter that was accepted just before its worker died is sent once more, for nobody wrote down that
it went; no protocol closes that gap. It carries the same Message-ID: `accepted_twice` says how
often it was so, and anything else that comes twice, or not at all, is `wrong`.

The broker is CELERY_BROKER_URL or --broker, a Redis database of the proof's own: it is emptied. A
run that was stopped goes on with the kind that it had not finished. Exit status 1 when anything
was wrong; the result is in docs/proofs/.
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT / "benchmarks"), str(PROJECT), str(PROJECT / "proofs")]

from pairs import write  # noqa: E402
from real_worker import Sink, Worker, wait_until  # noqa: E402
from scratch import arguments, commit, head, scratch_database  # noqa: E402

DAY = date(2026, 1, 20)
AT = datetime(2026, 1, 18, 9, tzinfo=timezone(timedelta(hours=7)))
COMMUNES, CHI_HOI = 40, 50
BROKER = "redis://127.0.0.1:6379/7"
RESULT = PROJECT / "docs" / "proofs" / "worker-killed.json"
UNFINISHED = PROJECT / "var" / "worker-killed-unfinished.json"


def main():
    parser = arguments(__doc__)
    parser.add_argument("--kills", type=int, default=50, help="in each kind of work (50)")
    parser.add_argument("--kind", choices=KINDS, help="only this one; nothing is written")
    parser.add_argument("--broker", default=os.environ.get("CELERY_BROKER_URL", BROKER))
    options = parser.parse_args()
    if not (options.database or "").startswith("postgres"):
        print("Worker killed: not run, --database names no PostgreSQL.")
        return 0
    os.environ["CELERY_BROKER_URL"] = options.broker
    with scratch_database(options.database), tempfile.TemporaryDirectory() as folder:
        head("worker killed")
        return prove(options.kills, folder, options.kind)


def prove(kills, folder, only=None):
    done = {} if only else read_unfinished(kills)
    kinds = {only: KINDS[only]} if only else KINDS
    with Sink(folder) as sink:
        world = World(sink, log=f"{folder}/worker.log")
        for name, kind in kinds.items():
            if name not in done:
                done[name] = run_kind(world, kind, kills)
                if not only:
                    write(UNFINISHED, {"commit": commit(), "kills": kills, "kinds": done})
            print(f"  {name:8} {done[name]}", flush=True)
    wrong = sum(kind["wrong"] for kind in done.values())
    if kills >= 50 and not only:
        write(RESULT, {
            "proof": "worker killed", "commit": commit(), "date": time.strftime("%Y-%m-%d"),
            "kills_in_each_kind": kills, "kinds": done, "wrong": wrong,
        })  # fmt: skip
    if not only:
        UNFINISHED.unlink(missing_ok=True)
    print(f"{sum(kind['kills'] for kind in done.values())} kills, {wrong} wrong.")
    return 1 if wrong else 0


def read_unfinished(kills):
    """What a stopped run of the same code and size has finished."""
    import json

    if not UNFINISHED.exists():
        return {}
    kept = json.loads(UNFINISHED.read_text(encoding="utf-8"))
    return kept["kinds"] if (kept["commit"], kept["kills"]) == (commit(), kills) else {}


def run_kind(world, kind, kills):
    """{"kills", "in_the_middle", "wrong", "accepted_twice", "seconds"}: `in_the_middle` are the
    kills after which the work was neither untouched nor done."""
    began = time.perf_counter()
    found = {"kills": kills, "in_the_middle": 0, "wrong": 0, "accepted_twice": 0}
    took = min(undisturbed(kind, world) for _ in range(3))  # the first of them meets cold caches
    for number in range(kills):
        kind.prepare(world)
        with Worker(world.log) as worker:
            kind.start(world)
            time.sleep(random.uniform(0, took))
            worker.kill()
        found["in_the_middle"] += kind.is_half_done(world)
        with Worker(world.log):
            kind.again(world)
            is_done = wait_until(lambda: kind.is_done(world))
        faults = kind.faults(world) if is_done else ["it was never done"]
        for fault in faults:
            print(f"    kill {number}: {fault}", flush=True)
        found["wrong"] += bool(faults)
        found["accepted_twice"] += kind.accepted_twice(world)
    return found | {"seconds": round(time.perf_counter() - began, 1)}


def undisturbed(kind, world):
    """How long the work takes when nobody disturbs it, and a little more."""
    kind.prepare(world)
    with Worker(world.log):
        began = time.perf_counter()
        kind.start(world)
        if not wait_until(lambda: kind.is_done(world)):
            raise RuntimeError(f"The worker does not do it even undisturbed; see {world.log}.")
        return (time.perf_counter() - began) * 1.1


# --- What they stand on ---------------------------------------------------------------------------


class World:
    """A province with COMMUNES × CHI_HOI units and a month of approved figures; an officer in each
    commune, which owe a second month. `sink`: where the letters go."""

    def __init__(self, sink, log, communes=COMMUNES, chi_hoi=CHI_HOI):
        from django.conf import settings

        from branches.models import Branch, Level, Position, User
        from branches.services import open_branch, open_branches
        from hoiphunu.text import slugify

        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        self.sink, self.log, self.before = sink, log, 0
        levels = {level.code: level for level in Level.objects.all()}
        self.levels, opened = levels, date(2016, 1, 1)
        self.top = open_branch(
            parent=None, level=levels["tinh"], name="Bình An", type="tỉnh", opened_on=opened
        )

        def unit(level, parent, name, type):
            return Branch(
                level=levels[level], parent=parent, name=name, type=type, opened_on=opened,
                slug=slugify(f"{name} {parent.pk}"),
            )  # fmt: skip

        self.communes = list(
            open_branches([unit("xa", self.top, f"Xã {n}", "xã") for n in range(communes)])
        )
        open_branches(
            [
                unit("chi_hoi", commune, f"Thôn {n}", "chi hội")
                for commune in self.communes
                for n in range(chi_hoi)
            ]
        )
        self.officers = []
        for number, commune in enumerate(self.communes):
            officer = User.objects.create_user(
                f"canbo{number}", full_name=f"Chị {number}", email=f"canbo{number}@example.org"
            )
            Position.objects.create(user=officer, branch=commune, role="officer", started_on=opened)
            self.officers.append(officer)
        self.administrator = User.objects.create_user("quantri", full_name="Chị Quản")
        Position.objects.create(
            user=self.administrator, branch=self.top, role="administrator", started_on=opened
        )
        self.add_month()
        self.owed = self.open_month("no", ["xa"], DAY)

    def open_month(self, code, levels, due):
        from programs.models import Indicator
        from reports.models import Period, PeriodDue, ReportForm
        from reports.services import ask_indicators, open_period

        form = ReportForm.objects.create(code=f"bieu-{code}", name="Biểu", owner=self.top)
        form.levels.set([self.levels[level] for level in levels])
        self.indicators = [
            Indicator.objects.create(
                code=f"{code}-{n}", name=f"Số {n}", unit="người", aggregation="flow",
                value_type="whole",
            )
            for n in range(5)
        ]  # fmt: skip
        ask_indicators(form, [("Phần", self.indicators)], in_force_on=date(2020, 1, 1))
        period = Period.objects.create(
            form=form, code=code, year=2026, label="Tháng 1/2026", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 1, 31), cut_off_on=date(2026, 1, 15),
        )  # fmt: skip
        for level in levels:
            PeriodDue.objects.create(period=period, level=self.levels[level], due_on=due)
        open_period(period=period, by=None, at=AT)
        return period

    def add_month(self):
        from reports.models import Figure, Report
        from reports.totals import rebuild_totals

        self.month = self.open_month("duyet", ["xa", "chi_hoi"], date(2026, 2, 20))
        self.month.reports.update(
            status=Report.Status.APPROVED, first_submitted_on=DAY, first_submitted_at=AT
        )
        Figure.objects.bulk_create(
            [
                Figure(report_id=pk, indicator=indicator, value=pk % 97)
                for pk in self.month.reports.values_list("pk", flat=True)
                for indicator in self.indicators
            ],
            batch_size=5000,
        )
        rebuild_totals([self.month])

    def tell_nobody(self):
        """As if nothing had ever been said."""
        from reports.models import Notification, Outbox, Rebuild, ReminderDay

        for model in (Notification, Outbox, ReminderDay, Rebuild):
            model.objects.all().delete()
        self.before = len(self.sink.accepted())

    def accepted(self):
        """[(to whom, Message-ID)] since then."""
        return self.sink.accepted()[self.before :]


def empty_broker():
    from hoiphunu.celery import app

    with app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()


def pass_time():
    """What a worker had taken, or what just began to wait, has waited long enough."""
    from django.utils.timezone import now

    from reports.models import Outbox, Rebuild

    long_ago = now() - timedelta(hours=1)
    Rebuild.objects.update(asked_at=long_ago)
    Outbox.objects.filter(sent_at=None).update(next_try_at=None)


# --- The kinds of work ----------------------------------------------------------------------------


class Rebuilding:
    """A month whose totals are all wrong, and the row that asks for it."""

    def prepare(self, world):
        from django.db.models import F

        from reports.models import Rebuild, Total

        empty_broker()
        world.tell_nobody()
        Total.objects.filter(period=world.month).update(value=F("value") + 1)
        self.ask(world, Rebuild)

    def ask(self, world, rows):
        rows.objects.create(period=world.month)

    def start(self, world):
        from reports.tasks import rebuild_month

        rebuild_month.delay(world.month.pk)

    def again(self, world):
        from reports.tasks import sweep

        pass_time()
        sweep.delay()

    def is_half_done(self, world):
        from reports.models import Rebuild

        return Rebuild.objects.exists()

    def is_done(self, world):
        from reports.models import Rebuild

        return not Rebuild.objects.exists()

    def faults(self, world):
        from reports.totals import check_totals

        wrong = check_totals([world.month])
        return [f"{len(wrong)} totals differ from a recount"] if wrong else []

    def accepted_twice(self, world):
        return 0


class Recounting(Rebuilding):
    """The recount finds it by itself; killed before it wrote anything, it comes the next night."""

    def ask(self, world, rows):
        """Nobody does."""

    def start(self, world):
        from reports.tasks import recount

        recount.delay()

    def again(self, world):
        from reports.tasks import recount

        super().again(world)
        recount.delay()

    def is_done(self, world):
        # In this order: what is told is committed with the row that asks, so the row that is gone
        # after that was seen was there before.
        return self.told(world) > 0 and super().is_done(world)

    def told(self, world):
        return world.administrator.notifications.filter(key__startswith="totals:").count()

    def faults(self, world):
        told = self.told(world)
        return super().faults(world) + ([f"told {told} times"] if told != 1 else [])


class Reminding:
    """Reminders of a day, their letters, and the letters on their way."""

    def prepare(self, world):
        empty_broker()
        world.tell_nobody()

    def start(self, world):
        from reports.tasks import send_reminders

        send_reminders.delay(DAY.isoformat())

    def again(self, world):
        pass_time()
        self.start(world)

    def is_half_done(self, world):
        from reports.models import Outbox

        sent = Outbox.objects.filter(sent_at__isnull=False).count()
        return 0 < sent < len(world.officers)

    def is_done(self, world):
        from reports.models import Outbox

        sent = Outbox.objects.filter(sent_at__isnull=False)
        return sent.count() == len(world.officers)

    def faults(self, world):
        from reports.models import Notification, Outbox

        notices = Counter(Notification.objects.values_list("recipient", "kind"))
        letters = Counter(Outbox.objects.values_list("recipient", flat=True))
        ids = {to: {i for who, i in world.accepted() if who == to} for to, _ in world.accepted()}
        found = []
        if notices != Counter((officer.pk, "on") for officer in world.officers):
            found.append(f"notices: {sum(notices.values())} to {len(notices)}")
        if letters != Counter(officer.pk for officer in world.officers):
            found.append(f"letters written: {sum(letters.values())} to {len(letters)}")
        if {to: len(each) for to, each in ids.items()} != dict.fromkeys(
            (officer.email for officer in world.officers), 1
        ):
            found.append(f"letters accepted: to {len(ids)}")
        return found

    def accepted_twice(self, world):
        return len(world.accepted()) - len(set(world.accepted()))


class Posting(Reminding):
    """Only the letters on their way: killed while the mail server listens."""

    def prepare(self, world):
        from django.utils.timezone import now

        from reports.services import remind_day, write_letters

        super().prepare(world)
        remind_day(DAY, AT)
        write_letters(DAY, now(), everything=True)

    def start(self, world):
        from reports.tasks import post_letters

        post_letters.delay()


KINDS = {
    "rebuild": Rebuilding(), "recount": Recounting(), "remind": Reminding(), "post": Posting(),
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
