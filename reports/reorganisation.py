"""A decree on all floors: what it will do, doing it in one transaction, and taking it back.

The plan changes nothing and asks the same few questions whatever the size of the decree; the
tree's own step is `branches.services.apply_to_tree`.
"""

import logging
from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from datetime import date

from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, Sum
from django.utils.timezone import localdate, now

from branches.decrees import Fate, Place, Routes, is_emptied
from branches.models import (
    Branch,
    BranchSpan,
    Department,
    Position,
    Reorganisation,
    ReorganisationRun,
    Succession,
    Successor,
    Team,
    Upload,
)
from branches.querysets import under_paths
from branches.services import (
    BranchError,
    apply_to_tree,
    check_decree,
    lock_tree,
    place_units,
    put_on_new_units,
    undo_in_tree,
    what_hangs,
    why_tree_stays,
)
from branches.services.offices import move_offices, rewrite, take_offices_back
from hoiphunu.bulk import insert, many_in_hand, remember, rows_of, run, scratch, stored
from programs.decrees import (
    NOT_CLOSED,
    give_back,
    move_help,
    take_help_back,
    why_help_stays,
)
from programs.models import Assignment, Program, Quota

from .models import Notification, Period, Report, ReportEvent, ReportForm
from .services import TIME_TO_WRITE, ReportError, open_period

logger = logging.getLogger(__name__)

Status = Report.Status
OPEN = (Status.NOT_BEGUN, Status.DRAFT, Status.SUBMITTED, Status.RETURNED)
# Of reports on their way: of a unit that has ended, or for one to approve.
NAMES_ENDED = Q(branch__closed_on__isnull=False) | Q(reviewer_branch__closed_on__isnull=False)
SINCE_SEEN = "Văn bản vừa có người sửa sau khi chị xem. Chị chạy thử lại rồi thực hiện."
AGAIN = "Chưa ghi gì. Chị thử lại; nếu vẫn vậy, chị báo người quản trị."
CLOSED_UPLOAD = (
    "Đơn vị của danh sách này đã kết thúc theo văn bản sắp xếp, nên chưa ghi gì. "
    "Chị tải danh sách lên ở đơn vị mới."
)


# --- The plan ---------------------------------------------------------------------------------


@dataclass
class Tally:
    """What hangs on a unit, in numbers that add up."""

    chi_hoi: int = 0
    affiliated: int = 0
    positions: int = 0
    teams: int = 0
    departments: int = 0
    supporting: int = 0
    supported: int = 0
    quotas: int = 0
    quota_minimum: int = 0
    reports_kept: int = 0
    reports_lapsing: int = 0
    programs: int = 0
    forms: int = 0
    collisions: int = 0

    def __add__(self, other):
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Tally)))


@dataclass
class UnitPlan:
    """What becomes of one unit; `kind` is "whole", "unchanged" …, or "waits" when its chi hội
    are to be placed by hand. `target`: where its people go, when that is one place."""

    unit: Branch
    kind: str
    what: str
    lines: list
    target: Successor | None
    tally: Tally
    due_on: date | None = None


@dataclass(frozen=True)
class Decision:
    """What no rule can decide: a person must, before or after the decree is applied."""

    kind: str
    unit: Branch
    words: str
    count: int


@dataclass(frozen=True)
class Collision:
    """A chi hội that gets its old unit's name beside its own, for another has the same."""

    unit: Branch
    into: str
    becomes: str


@dataclass
class Plan:
    reorganisation: Reorganisation
    units: list
    new_units: list
    decisions: list
    collisions: list
    problems: list
    total: Tally = field(default_factory=Tally)

    @property
    def is_ready(self):
        return not self.problems


def plan_reorganisation(reorganisation, today=None):
    """What the decree will do, unit by unit, and what a person must decide."""
    routes = Routes(reorganisation)
    problems = check_decree(reorganisation, today, routes)
    units = planned_units(reorganisation)
    collisions = [] if problems else find_collisions(reorganisation, routes)
    tallies, dues = count_all(reorganisation)
    for collision in collisions:
        tallies[collision.unit.parent_id].collisions += 1
    plans = [unit_plan(unit, routes, tallies[unit.pk], dues.get(unit.pk)) for unit in units]
    goes_on = routes.going_on
    return Plan(
        reorganisation=reorganisation,
        units=plans,
        new_units=[row for row in routes.successors.values() if row.pk not in goes_on],
        decisions=decisions_of(reorganisation, plans, routes),
        collisions=collisions,
        problems=problems,
        total=sum((plan.tally for plan in plans), Tally()),
    )


def planned_units(reorganisation):
    return list(
        Branch.objects.filter(pk__in=reorganisation.old_ids)
        .select_related("level", "parent")
        .order_by("level__rank", "parent__sort_key", "sort_key", "pk")
    )


def unit_plan(unit, routes, tally, due_on):
    lines, fate = routes.lines[unit.pk], routes.fate[unit.pk]
    for line in lines:
        line.successor = routes.successors.get(line.successor_id)
    target = lines[0].successor if fate == Fate.GOES_ON else None
    if fate == Fate.WHOLE:
        target = routes.successors[routes.people[unit.pk]]
    kind = "waits" if fate == Fate.WAITS else lines[0].kind
    if fate == Fate.GOES_ON:
        kind = next(line.kind for line in lines if line.kind in Succession.GOES_ON)
        target = next(line.successor for line in lines if line.kind in Succession.GOES_ON)
    return UnitPlan(unit, str(kind), in_words(fate, lines, target), lines, target, tally, due_on)


def in_words(fate, lines, target):
    parts = ", ".join(str(line.successor) for line in lines if line.successor)
    return {
        Fate.GOES_ON: f"tiếp tục hoạt động, là {target}",
        Fate.WHOLE: f"kết thúc, toàn bộ về {target}",
        Fate.WAITS: f"kết thúc, chia về {parts}; chi hội chờ xếp từng chi hội",
        Fate.SPREAD: f"kết thúc, chia về {parts}",
        Fate.ABOLISHED: "kết thúc hoạt động",
    }[fate]


def count_all(reorganisation):
    """Tallies by unit, and the next due date that lapses; one question for each kind of row."""
    ids, day = reorganisation.old_ids, reorganisation.effective_on
    tallies, dues = defaultdict(Tally), {}

    def count(name, rows, key, **total):
        wanted = total or {"n": Count("pk")}
        for row in rows.order_by().values(key).annotate(**wanted):
            found = tallies[row[key]]
            setattr(found, name, getattr(found, name) + (row["n"] or 0))

    below = Branch.objects.filter(parent__in=ids, closed_on=None).exclude(pk__in=ids)
    count("chi_hoi", below.filter(level__code="chi_hoi"), "parent")
    count("affiliated", below.exclude(level__code="chi_hoi"), "parent")
    held = Position.objects.filter(branch__in=ids)
    count("positions", held.filter(Q(ended_on=None) | Q(ended_on__gt=day)), "branch")
    count("teams", Team.objects.filter(branch__in=ids, closed_on=None), "branch")
    count("departments", Department.objects.filter(branch__in=ids, closed_on=None), "branch")
    active = Assignment.objects.active().filter(program__status=Program.Status.RUNNING)
    count("supporting", active.filter(supporter_branch__in=ids), "supporter_branch")
    helped = active.filter(Q(supported__in=ids) | Q(supported__parent__in=ids))
    count("supported", helped.filter(supported__parent__in=ids), "supported__parent")
    count("supported", helped.filter(supported__in=ids), "supported")
    quotas = Quota.objects.filter(
        supporter_branch__in=ids, ended_on=None, line__program__status__in=NOT_CLOSED
    )
    count("quotas", quotas, "supporter_branch")
    count("quota_minimum", quotas, "supporter_branch", n=Sum("minimum"))
    programs = Program.objects.filter(owner__in=ids, status__in=NOT_CLOSED)
    count("programs", programs, "owner")
    count("forms", ReportForm.objects.filter(owner__in=ids, is_active=True), "owner")
    owed = Report.objects.filter(branch__in=ids, status__in=OPEN)
    lapsing = owed.filter(status=Status.NOT_BEGUN, period__ends_on__gte=day)
    count("reports_kept", owed.exclude(pk__in=lapsing.values("pk")), "branch")
    count("reports_lapsing", lapsing, "branch")
    for pk, due in lapsing.order_by().values_list("branch").annotate(due=Min("due_on")):
        dues[pk] = due
    return tallies, dues


def find_collisions(reorganisation, routes):
    """Units that go along and meet one of the same name; two questions."""
    ids = reorganisation.old_ids
    moving = Branch.objects.filter(parent__in=ids, closed_on=None).exclude(pk__in=ids)
    carries = (Fate.WHOLE, Fate.ABOLISHED)
    names = Counter()
    units = []
    parents = {unit.pk: unit for unit in planned_units(reorganisation)}
    for unit in moving.order_by("parent__sort_key", "parent", "sort_key").defer("search_text"):
        unit.parent = parents[unit.parent_id]  # one object each, for they are many
        if routes.fate[unit.parent_id] in carries:
            place = routes.keeper(unit.parent_id)
            units.append((unit, place))
            names[place, unit.type, unit.exact_text] += 1
    targets = {place.branch for _, place in units if place.branch}
    there = Branch.objects.filter(parent__in=targets, closed_on=None)
    for parent, type, exact in there.values_list("parent", "type", "exact_text"):
        names[Place(branch=parent), type, exact] += 1
    return [
        Collision(unit, place_name(place, routes), f"{unit.full_name} ({unit.parent.full_name} cũ)")
        for unit, place in units
        if names[place, unit.type, unit.exact_text] > 1
    ]


def place_name(place, routes):
    if place.successor:
        return routes.successors[place.successor].full_name
    row = routes.successor_at(place)
    return (row or routes.units[place.branch]).full_name


NEEDS = [  # of a unit that did not go to one place as a whole: kind, number, words
    ("positions", "positions", "{n} vị trí: chị bàn giao hoặc kết thúc từng vị trí"),
    ("assignments", "supporting", "{n} phân công đang giúp: chị chọn đơn vị nhận tiếp"),
    ("quotas", "quotas", "{n} chỉ tiêu phân bổ: chị giao lại cho đơn vị mới"),
    (
        "owners",
        "programs",
        "chủ trì {n} chương trình: Hội cấp trên làm tiếp với các đơn vị kế thừa, chị xem lại",
    ),
    ("owners", "forms", "ban hành {n} biểu mẫu: các đơn vị kế thừa báo cáo tiếp, chị xem lại"),
    ("teams", "teams", "{n} đoàn phụ trách: chị giao cho đơn vị khác"),
]


def decisions_of(reorganisation, plans, routes):
    found = []
    for plan in plans:
        fate = routes.fate[plan.unit.pk]
        if fate == Fate.WAITS:
            waiting = plan.tally.chi_hoi + plan.tally.affiliated
            words = f"{waiting} chi hội, đơn vị chờ xếp về {in_words_of_parts(plan)}"
            found.append(Decision("divided", plan.unit, words, waiting))
        if fate in (Fate.WAITS, Fate.SPREAD, Fate.ABOLISHED):
            for kind, name, words in NEEDS:
                count = getattr(plan.tally, name)
                if count:
                    found.append(Decision(kind, plan.unit, words.format(n=count), count))
    ended = {plan.unit.pk: plan.unit for plan in plans if routes.fate[plan.unit.pk] != Fate.GOES_ON}
    return found + places_to_decide(ended) + begun_to_look_at(reorganisation, ended)


def in_words_of_parts(plan):
    return " hoặc ".join(
        str(line.successor) for line in plan.lines if line.takes_people is not False
    )


def places_to_decide(ended):
    """Quotas and teams that name the area of a unit that ends: "chi hội thuộc quận Sơn Trà"."""
    quotas = (
        Quota.objects.filter(place__in=ended, ended_on=None, line__program__status__in=NOT_CLOSED)
        .order_by()
        .values_list("place")
        .annotate(Count("pk"))
    )
    areas = (
        Team.objects.filter(area__in=ended, closed_on=None)
        .order_by()
        .values_list("area")
        .annotate(Count("pk"))
    )
    words = {
        "places": "{n} chỉ tiêu chọn chi hội thuộc đơn vị này: phần đã nhận vẫn tính; "
        "chị chọn địa bàn mới cho phần còn thiếu",
        "teams": "{n} đoàn phụ trách địa bàn này: chị chọn địa bàn mới",
    }
    return [
        Decision(kind, ended[pk], words[kind].format(n=count), count)
        for kind, rows in (("places", quotas), ("teams", areas))
        for pk, count in rows
    ]


def begun_to_look_at(reorganisation, ended):
    """Reports of the months since the day that were begun in the name of a unit that ended."""
    rows = (
        Report.objects.owed()
        .filter(branch__in=ended, period__ends_on__gte=reorganisation.effective_on)
        .exclude(status=Status.NOT_BEGUN)
        .order_by()
        .values_list("branch")
        .annotate(Count("pk"))
    )
    words = (
        "{n} báo cáo của kỳ từ ngày hiệu lực đã nhập: số liệu giữ nguyên; đơn vị mới chỉ báo cáo "
        "phần chưa có ở đó"
    )
    return [Decision("begun", ended[pk], words.format(n=count), count) for pk, count in rows]


# --- Asking for it ----------------------------------------------------------------------------


@transaction.atomic
def ask_reorganisation(*, reorganisation, step, by, seen_version=None):
    """The row that the worker takes; refused with a sentence while it may not be done."""
    decree = (
        Reorganisation.objects.select_for_update(of=("self",)).order_by().get(pk=reorganisation.pk)
    )
    if seen_version is not None and decree.version != seen_version:
        raise BranchError("Vừa có người khác sửa văn bản này. Chị xem lại bản mới rồi làm tiếp.")
    waiting = (ReorganisationRun.State.WAITING, ReorganisationRun.State.RUNNING)
    if decree.runs.filter(state__in=waiting).exists():
        raise BranchError("Văn bản này đang được thực hiện.")
    is_apply = step == ReorganisationRun.Step.APPLY
    problems = check_decree(decree) if is_apply else why_not_undo(decree)
    if problems:
        raise BranchError(" ".join(problems))
    return ReorganisationRun.objects.create(
        reorganisation=decree, step=step, asked_by=by, seen_version=decree.version
    )


# --- Doing it ---------------------------------------------------------------------------------

STEPS = 12  # that the page counts: seven of the tree, five above it


def run_step(run):
    """Apply or undo, whichever was asked for; the row says what came of it."""
    step = {"apply": apply_reorganisation, "undo": undo_reorganisation}[run.step]
    try:
        with transaction.atomic(), many_in_hand():
            message = step(run)
            run.done = run.total = STEPS
            run.state, run.message = run.State.READY, message
            run.save(update_fields=["done", "total", "state", "message"])
    except (BranchError, ReportError) as error:
        run.finish(run.State.FAILED, str(error))
    except Exception:
        run.finish(run.State.FAILED, f"Không thực hiện được. {AGAIN}")
        raise  # for the log: the person has her sentence, the developer the reason


def apply_reorganisation(run):
    """The decree on all floors; inside one transaction. Returns the sentence for the page."""
    lock_tree()
    decree, by, at = held(run.reorganisation_id), run.asked_by, now()
    if decree.is_draft and run.seen_version not in (None, decree.version):
        raise BranchError(SINCE_SEEN)
    tree = apply_to_tree(decree, by, lambda done, total: run.progress_inside(done, STEPS))
    moved = dict(tree["moved"])
    context = {"decree": decree, "by": by, "at": at}
    journal = {"tree": tree}
    parts = [
        ("offices", lambda: move_offices(moved, **context)),
        ("help", lambda: move_help(moved, **context)),
        ("forms", lambda: move_forms(moved, **context)),
        ("reports", lambda: change_obligations(tree, **context)),
        ("uploads", lambda: fail_uploads(tree)),
    ]
    for done, (name, part) in enumerate(parts, STEPS - len(parts) + 1):
        journal[name] = part()
        run.progress_inside(done, STEPS)
    journal["hanging"] = what_hangs(tree["created"], apart=[Report])
    decree.journal, decree.stage = journal, Reorganisation.Stage.APPLIED
    decree.applied_at, decree.applied_by = at, by
    decree.undone_at = decree.undone_by = None
    keep_decree(decree, by, "thực hiện văn bản")
    new = len(tree["created"]) - len(tree["rows"])
    return (
        f"Đã thực hiện: {len(tree['ended'])} đơn vị kết thúc, {new} đơn vị mới, "
        f"{len(tree['waits'])} đơn vị chờ xếp chi hội."
    )


def held(pk):
    return Reorganisation.objects.select_for_update(of=("self",)).order_by().get(pk=pk)


def keep_decree(decree, by, reason):
    decree.version += 1
    decree._history_user, decree._change_reason = by, reason
    decree.save()


def touched_by(decree):
    """A condition for reports: of a unit that the decree, carried out, has moved or ended."""
    moved = BranchSpan.objects.filter(decree=decree).values("branch")
    return Q(branch__in=moved) | Q(branch__in=decree.old_ids)


def wait_for(reports):
    """Wait for whoever is writing or approving one of these that does not count yet, and let nobody
    begin until all is done."""
    under_way = reports.filter(status__in=OPEN).order_by("pk")
    list(under_way.select_for_update(of=("self",)).values_list("pk"))


def look_again(reports):
    """Whoever looked at one of these that is handed in looks again: it may be somebody else's now,
    or stand elsewhere."""
    reports.filter(status=Status.SUBMITTED).update(version=F("version") + 1)


def move_forms(moved, *, decree, by, at):
    named = ReportForm.objects.filter(owner__in=decree.old_ids, is_active=True).order_by("pk")
    forms = [form for form in named if form.owner_id in moved]
    before = [[form.pk, form.owner_id, moved[form.owner_id]] for form in forms]
    for form in forms:
        form.owner_id = moved[form.owner_id]
    rewrite(forms, ReportForm, ["owner"], signed("sắp xếp", decree, by, at))
    return before


def signed(what, decree, by, at):
    return {"by": by, "reason": f"{what}: {decree}", "at": at}


def change_obligations(tree, *, decree, by, at):
    """What ended units had not begun lapses, what they had goes on; new units owe theirs.

    Reports of theirs that are still on their way go to the nearest unit above that stands.
    Those whose chi hội wait to be placed go on reporting for them.
    """
    periods = list(
        Period.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            opened_at__isnull=False,
            ends_on__gte=decree.effective_on,
            form__is_active=True,
        )
        .order_by("pk")
    )
    reports = Report.objects.filter(NAMES_ENDED | touched_by(decree))
    wait_for(reports)
    look_again(reports)
    sign = signed("sắp xếp", decree, by, at)
    with scratch(
        "decree_ended",
        "branch_id bigint PRIMARY KEY, reviewer_id bigint, stands_in bigint, waits int",
    ):
        moved, waits = dict(tree["moved"]), set(tree["waits"])
        insert(
            "decree_ended",
            ["branch_id", "reviewer_id", "stands_in", "waits"],
            (
                (pk, reviewer, moved.get(pk, reviewer), int(pk in waits))
                for pk, reviewer in tree["reviewers"]
            ),
        )
        lapsed = lapse(decree, sign)
        reviewers = pass_reviews_on(sign)
    written = written_before(decree, periods)
    for period in periods:
        owing = set(tree["created"]) - written[period.pk]
        open_period(period=period, by=by, at=at, among=owing, not_before=time_to_write(at))
    opened = ReportEvent.objects.filter(
        kind=ReportEvent.Kind.OPENED, at=at, report__branch__in=tree["created"]
    )
    return {
        "lapsed": lapsed,
        "reviewers": reviewers,
        "opened": list(opened.values_list("report", flat=True)),
        "last": Report.objects.aggregate(Max("pk"))["pk__max"] or 0,
    }


def time_to_write(at):
    """A decree entered late makes nobody late at once."""
    return localdate(at) + TIME_TO_WRITE


def written_before(decree, periods):
    """Month → the new units all of whose parts have handed theirs in: those figures stand, and
    there is nothing to write again."""
    if not periods:
        return {}
    handed_in = (Status.SUBMITTED, *Report.COUNTED)
    reports = Report.objects.filter(period__in=periods, status__in=handed_in)
    done = set(reports.filter(branch__in=decree.old_ids).order_by().values_list("period", "branch"))
    parts = defaultdict(set)
    for unit, old in (
        decree.successions.exclude(takes_people=False)
        .exclude(successor=None)
        .order_by()
        .values_list("successor__branch", "predecessor")
    ):
        parts[unit].add(old)
    return {
        period.pk: {
            unit for unit, olds in parts.items() if all((period.pk, old) in done for old in olds)
        }
        for period in periods
    }


def lapse(decree, sign):
    """Reports not yet begun, of months that end on the decree's day or later, are owed no more."""
    found = rows_of(
        """
        UPDATE reports_report SET status = 'lapsed', version = version + 1
        WHERE status = 'not_begun'
          AND branch_id IN (SELECT branch_id FROM decree_ended WHERE waits = 0)
          AND period_id IN (SELECT id FROM reports_period WHERE ends_on >= %s)
        RETURNING id
        """,
        [stored(decree.effective_on)],
    )
    ids = [pk for [pk] in found]
    note_lapse(ids, sign)
    return ids


def note_lapse(ids, sign):
    at = stored(sign["at"])
    insert(
        "reports_reportevent",
        ["report_id", "kind", "by_id", "at", "reason", "snapshot", "digest"],
        ((pk, "lapsed", sign["by"].pk, at, sign["reason"], "{}", "") for pk in ids),
    )
    with scratch("decree_rows", "id bigint PRIMARY KEY"):
        insert("decree_rows", ["id"], ((pk,) for pk in ids))
        remember(Report, "SELECT id FROM decree_rows", sign="~", **sign)


def pass_reviews_on(sign):
    """Reports on their way of units that have ended, now or before, find who approves them.

    So do those of units that go on, when the unit that they named has ended: it is the one
    directly above them. Returns [[report, reviewer before, reviewer now]].
    """
    marks = ", ".join(f"'{status.value}'" for status in OPEN)
    with scratch("decree_rows", "id bigint PRIMARY KEY, old_id bigint, new_id bigint"):
        run(
            f"""
            INSERT INTO decree_rows
            SELECT report.id, report.reviewer_branch_id,
                coalesce(own.reviewer_id, above.stands_in)
            FROM reports_report report
            JOIN branches_branch branch ON branch.id = report.branch_id
            LEFT JOIN decree_ended own ON own.branch_id = report.branch_id
            LEFT JOIN decree_ended above ON above.branch_id = report.reviewer_branch_id
            WHERE branch.closed_on IS NOT NULL AND report.status IN ({marks})
              AND coalesce(own.reviewer_id, above.stands_in) IS NOT NULL
              AND coalesce(own.reviewer_id, above.stands_in) <> report.reviewer_branch_id
            UNION ALL
            SELECT report.id, report.reviewer_branch_id, branch.parent_id
            FROM reports_report report
            JOIN branches_branch branch ON branch.id = report.branch_id
            JOIN branches_branch named ON named.id = report.reviewer_branch_id
            WHERE branch.closed_on IS NULL AND report.status IN ({marks})
              AND named.closed_on IS NOT NULL AND branch.parent_id <> named.id
            """  # noqa: S608
        )
        run(
            "UPDATE reports_report SET reviewer_branch_id = new.new_id FROM decree_rows new"
            " WHERE reports_report.id = new.id"
        )
        remember(Report, "SELECT id FROM decree_rows", sign="~", **sign)
        return [list(row) for row in rows_of("SELECT id, old_id, new_id FROM decree_rows")]


def fail_uploads(tree):
    """Lists that wait in the name of a unit that has ended: said kindly, nothing is written."""
    gone = set(tree["ended"]) - set(tree["waits"])
    state = Upload.State
    waiting = Q(state=state.WAITING) | Q(state=state.READY, step=Upload.Step.READ)
    rows = [
        upload
        for upload in Upload.objects.select_for_update(of=("self",)).filter(waiting).order_by("pk")
        if upload.branch_id in gone
    ]
    before = [[upload.pk, upload.state, upload.message] for upload in rows]
    for upload in rows:
        upload.finish(state.FAILED, CLOSED_UPLOAD)
    return before


# --- Placing chi hội of divided units ---------------------------------------------------------


@transaction.atomic
def place_chi_hoi(*, units, successor_branch, by, reason=""):
    """Place waiting chi hội; an old unit with none left owes no more reports. How many."""
    divided = {unit.parent_id for unit in units}
    placed = place_units(units=units, successor_branch=successor_branch, by=by, reason=reason)
    at = now()
    for unit in Branch.objects.filter(pk__in=divided):
        if is_emptied(unit):
            sign = {"by": by, "reason": f"đã xếp hết chi hội của {unit.full_name}", "at": at}
            owed = Report.objects.filter(
                branch=unit, status=Status.NOT_BEGUN, period__ends_on__gte=localdate(at)
            )
            held = owed.select_for_update(of=("self",)).order_by("pk")
            ids = list(held.values_list("pk", flat=True))
            Report.objects.filter(pk__in=ids).update(status=Status.LAPSED, version=F("version") + 1)
            note_lapse(ids, sign)
    return placed


# --- Taking it back ---------------------------------------------------------------------------


def why_not_undo(reorganisation):
    """Sentences about what stands in the way of taking the decree back; empty when nothing."""
    found = why_tree_stays(reorganisation)
    if not reorganisation.is_applied or not reorganisation.journal:
        return found
    begun = begun_since(reorganisation)
    if begun:
        found.append(
            f"{begun} đã nhập hoặc nộp báo cáo sau khi thực hiện văn bản, "
            "nên không hoàn tác được nữa."
        )
    counted = None if begun else counted_since(reorganisation)
    if counted:
        found.append(
            f"Báo cáo của {counted} đã được duyệt sau khi thực hiện văn bản, "
            "nên không hoàn tác được nữa."
        )
    if not begun and not counted:
        found += filter(
            None,
            [put_on_new_units(reorganisation), why_help_stays(reorganisation.journal["help"])],
        )
    return found


def begun_since(reorganisation):
    """A unit that the decree opened or moved and that has written in a report since, or None."""
    record = (
        Report.history.filter(
            history_date__gt=reorganisation.applied_at,
            branch__spans__decree=reorganisation,
        )
        .exclude(status__in=[Status.NOT_BEGUN, Status.LAPSED])
        .select_related("branch")
        .first()
    )
    return record and record.branch.full_name


def counted_since(reorganisation):
    """A unit whose report counts at a unit that the decree opened, or was approved by one."""
    journal = reorganisation.journal
    new = set(journal["tree"]["created"])
    counted = Report.objects.filter(status__in=Report.COUNTED).select_related("branch").order_by()
    approved = counted.filter(reviewer_branch__in=new).first()
    if approved:
        return approved.branch.full_name
    for pk, path in opened_since(journal, counted).values_list("pk", "branch_path"):
        if not new.isdisjoint(map(int, path.strip("/").split("/"))):
            return counted.get(pk=pk).branch.full_name
    return None


def opened_since(journal, reports):
    """Of these reports, those opened in the tree as the decree made it."""
    return reports.filter(pk__gt=journal["reports"].get("last", 0))


def undo_reorganisation(run):
    """All floors as they were, from the journal, the highest first; inside one transaction."""
    lock_tree()
    decree, by, at = held(run.reorganisation_id), run.asked_by, now()
    hold_reports(decree)
    problems = why_not_undo(decree)
    if problems:
        raise BranchError(" ".join(problems))
    journal, context = decree.journal, {"decree": decree, "by": by, "at": at}
    since = Since(journal, **context)
    parts = [
        lambda: give_uploads_back(journal["uploads"]),
        lambda: give_obligations_back(journal["reports"], **context),
        since.let_go,
        lambda: give_back(
            ReportForm, "owner", journal["forms"], signed("hoàn tác", decree, by, at)
        ),
        lambda: take_help_back(journal["help"], **context),
        lambda: take_offices_back(journal["offices"], **context),
        lambda: undo_in_tree(decree, by),
        since.follow,
    ]
    for done, part in enumerate(parts, 1):
        part()
        run.progress_inside(done * STEPS // len(parts), STEPS)
    decree.journal, decree.stage = {}, Reorganisation.Stage.UNDONE
    decree.applied_at = decree.applied_by = None
    decree.undone_at, decree.undone_by = at, by
    keep_decree(decree, by, "hoàn tác văn bản")
    return "Đã hoàn tác: các đơn vị, vị trí, phân công và báo cáo như trước khi thực hiện."


def hold_reports(decree):
    """What was done to a report that the undoing may change is then seen by `why_not_undo`."""
    if decree.journal:
        new = decree.journal["tree"]["created"]
        since = opened_since(
            decree.journal, Report.objects.filter(under_paths([decree.owner.path], "branch__path"))
        )
        hung = Q(branch__in=new) | Q(reviewer_branch__in=new) | touched_by(decree)
        reports = Report.objects.filter(hung | Q(pk__in=since.order_by().values("pk")))
        wait_for(reports)
        look_again(reports)


def give_uploads_back(before):
    for pk, state, message in before:
        failed = Upload.objects.filter(pk=pk, state=Upload.State.FAILED, message=CLOSED_UPLOAD)
        failed.update(state=state, message=message)


def give_obligations_back(kept, *, decree, by, at):
    sign = signed("hoàn tác", decree, by, at)
    never_opened(kept["opened"], sign)
    with scratch("decree_rows", "id bigint PRIMARY KEY, old_id bigint, new_id bigint"):
        rows = "SELECT id FROM decree_rows"
        insert("decree_rows", ["id", "old_id", "new_id"], kept["reviewers"])
        run(
            "UPDATE reports_report SET reviewer_branch_id = old.old_id FROM decree_rows old"
            " WHERE reports_report.id = old.id AND reports_report.reviewer_branch_id = old.new_id"
            " AND reports_report.status NOT IN ('approved', 'locked')"
        )
        remember(Report, rows, sign="~", **sign)
        run("DELETE FROM decree_rows")
        insert("decree_rows", ["id"], ((pk,) for pk in kept["lapsed"]))
        run(
            "UPDATE reports_report SET status = 'not_begun', version = version + 1"
            " WHERE status = 'lapsed' AND id IN (SELECT id FROM decree_rows)"
        )
        run(
            "DELETE FROM reports_reportevent WHERE kind = 'lapsed'"
            " AND report_id IN (SELECT id FROM decree_rows)"
        )
        remember(Report, rows, sign="~", **sign)


def never_opened(ids, sign):
    """Reports not begun go as if they had never been owed; that they were is in the history."""
    with scratch("decree_rows", "id bigint PRIMARY KEY"):
        insert("decree_rows", ["id"], ((pk,) for pk in ids))
        rows = "SELECT id FROM decree_rows"
        run(f"DELETE FROM reports_reportevent WHERE report_id IN ({rows})")  # noqa: S608
        run(f"DELETE FROM reports_extension WHERE report_id IN ({rows})")  # noqa: S608
        remember(Report, rows, sign="-", **sign)
        run(f"DELETE FROM reports_report WHERE id IN ({rows})")  # noqa: S608


class Since:
    """Reports of months that were opened while the decree stood: they read the tree that it
    made. None of them counts yet, or nothing is undone."""

    def __init__(self, journal, *, decree, by, at):
        self.tree, self.by, self.at = journal["tree"], by, at
        self.sign = signed("hoàn tác", decree, by, at)
        self.reports = opened_since(
            journal, Report.objects.exclude(status__in=Report.COUNTED).order_by()
        )

    def let_go(self):
        """Before the tree: nothing names a unit that is about to be deleted."""
        new = self.tree["created"]
        self.periods = set(self.reports.values_list("period", flat=True))
        unbegun = self.reports.filter(branch__in=new, status=Status.NOT_BEGUN)
        never_opened(list(unbegun.select_for_update().values_list("pk", flat=True)), self.sign)
        orphans = Report.objects.exclude(status__in=Report.COUNTED).filter(reviewer_branch__in=new)
        self.orphans = list(orphans.values_list("pk", flat=True))
        orphans.update(reviewer_branch=F("branch"))  # until its own unit above stands again
        # What was said of them stays under the bell, and goes into no letter any more.
        told = Notification.objects.filter(Q(branch__in=new) | Q(about__in=new))
        told.update(branch=None, about=None, mail=Notification.Mail.NONE)
        self.paths = dict(self.reports.values_list("pk", "branch__path"))

    def follow(self):
        """After it: they read the tree as it is again, and the old units owe theirs."""
        after = self.reports.values_list("pk", "branch__path")
        moved = [pk for pk, path in after if path != self.paths[pk]]
        with scratch("decree_rows", "id bigint PRIMARY KEY, has_moved int"):
            rows = dict.fromkeys(self.orphans, 0) | dict.fromkeys(moved, 1)
            insert("decree_rows", ["id", "has_moved"], rows.items())
            run(
                "UPDATE reports_report SET"
                " reviewer_branch_id = coalesce(unit.parent_id, reviewer_branch_id),"
                " branch_path = CASE WHEN has_moved = 1 THEN unit.path ELSE branch_path END"
                " FROM branches_branch unit, decree_rows found"
                " WHERE unit.id = reports_report.branch_id AND found.id = reports_report.id"
            )
            remember(Report, "SELECT id FROM decree_rows", sign="~", **self.sign)
        for period in Period.objects.filter(pk__in=self.periods, form__is_active=True):
            open_period(
                period=period,
                by=self.by,
                at=self.at,
                among=self.tree["ended"],
                not_before=time_to_write(self.at),
            )
