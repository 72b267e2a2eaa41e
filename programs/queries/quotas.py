"""Questions across programmes: quota met, missing, doubled; who helps a chi hội twice.

The words of the table, for one quota and its supporter:

* giao (`minimum`): how many chi hội it must take on, at least;
* đã nhận (`taken`): its active assignments to chi hội inside the quota's place, when it has one;
* còn thiếu (`missing`): what is left of the minimum, never below zero;
* ngoài địa bàn (`outside`): its active assignments outside the place: shown, not counted;
* trùng (`doubled`): its chi hội that another supporter of the programme helps now as well.

Sums add these up, except trùng: a chi hội is counted once however many help it.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from branches.models import Branch
from hoiphunu.history import as_row, history_rows, read_fields
from programs.models import (
    Assignment,
    Content,
    Duty,
    Milestone,
    PlanDocument,
    Quota,
    QuotaLine,
    StatedFigure,
)
from programs.querysets import supporter_under
from programs.services import wanted_quotas

MOST_UNITS = 300  # a longer list in a drop-down helps nobody
MOST_MATCHES = 20
TABLE_ORDER = (
    "line__number",
    "supporter_branch__level__rank",
    "supporter_branch__parent__sort_key",
    "supporter_branch__sort_key",
    "supporter_team__name",
    "pk",
)


@dataclass
class Tally:
    """One row of figures; `doubled_ids` are the chi hội behind `doubled`."""

    minimum: int = 0
    taken: int = 0
    missing: int = 0
    outside: int = 0
    doubled_ids: frozenset = frozenset()

    @property
    def doubled(self):
        return len(self.doubled_ids)

    @property
    def met(self):
        """What fills the minimum: help beyond one unit's own does not fill another's."""
        return self.minimum - self.missing

    def __add__(self, other):
        return Tally(
            self.minimum + other.minimum,
            self.taken + other.taken,
            self.missing + other.missing,
            self.outside + other.outside,
            self.doubled_ids | other.doubled_ids,
        )


@dataclass
class QuotaRow:
    """A quota and how far it is met."""

    quota: Quota
    tally: Tally


@dataclass
class LineRow:
    """A printed line: how many units it binds, those that the reader may see and their sum."""

    line: object
    tally: Tally = field(default_factory=Tally)
    units: int = 0
    rows: list = field(default_factory=list)
    is_hidden: bool = False  # none of its units is hers to see: only what the plan prints

    @property
    def only_one(self):
        """The line's single unit, when the reader may see it."""
        return self.rows[0] if self.units == len(self.rows) == 1 else None

    @property
    def is_stated_wrong(self):
        stated = self.line.stated_total
        return stated is not None and stated != self.tally.minimum


@dataclass
class QuotaTable:
    """`is_whole`: the figures are those of all units, not only of the reader's territory."""

    lines: list
    total: Tally
    is_whole: bool = True

    @property
    def is_hidden(self):
        """Nothing in the table is asked of the reader's territory."""
        return not self.is_whole and all(row.is_hidden for row in self.lines)

    @property
    def stated_total(self):
        """The sum of the printed numbers; None while one of them is unknown."""
        stated = [row.line.stated_total for row in self.lines]
        return sum(stated) if stated and None not in stated else None

    @property
    def warnings(self):
        return [row for row in self.lines if self.is_whole and row.is_stated_wrong]


@dataclass
class AreaProgress:
    """What the units inside `branch` must take on, and have."""

    branch: Branch
    tally: Tally


@dataclass
class Duplicate:
    """A chi hội with several supporters; `others` of them are not hers to see."""

    supported: Branch
    assignments: list
    others: int


def quota_table(program, user=None):
    """The plan's table as it stands now, in four queries whatever its size.

    The lines, as the plan prints them, are for everybody who takes part in the programme;
    rows, figures and totals are those of `user`'s territory (all, without a user).
    """
    rows = {
        line.pk: LineRow(line)
        for line in program.lines.select_related(
            "branch__level", "level", "place__level", "document"
        )
    }
    is_whole = sees_whole(program, user)
    shown = set()
    if not is_whole:
        shown = set(Quota.objects.visible_to(user).of(program).values_list("pk", flat=True))
    for quota_row in counted_quotas(program):
        row = rows[quota_row.quota.line_id]
        row.units += 1
        if is_whole or quota_row.quota.pk in shown:
            row.tally += quota_row.tally
            row.rows.append(quota_row)
    for row in rows.values():
        row.is_hidden = not is_whole and not row.rows
    total = sum((row.tally for row in rows.values()), Tally())
    return QuotaTable(list(rows.values()), total, is_whole)


def sees_whole(program, user):
    """Does the programme's owner lie in her territory, and so every unit that it binds?"""
    return user is None or lies_under(program.owner, user.branch_paths())


def lies_under(branch, paths):
    return any(branch.path.startswith(path) for path in paths)


def quota_progress_by_district(program, top=None):
    """Đã nhận against giao, for `top` (the owner) itself and each unit directly below it.

    A quota belongs to the unit that its supporter lies in; a team's to the unit of the team.
    Returns AreaProgress rows, `top` first; units without a quota are left out.
    """
    top = top or program.owner
    tallies = defaultdict(Tally)
    for row in counted_quotas(program):
        path = row.quota.answering_branch.path
        if path.startswith(top.path):
            below = path[len(top.path) :].split("/")[0]
            tallies[int(below) if below else top.pk] += row.tally
    branches = Branch.objects.filter(pk__in=tallies).select_related("level")
    ordered = sorted(branches, key=lambda b: (b != top, b.level.rank, b.sort_key, b.pk))
    return [AreaProgress(branch, tallies[branch.pk]) for branch in ordered]


def duplicated(program, user=None):
    """The chi hội that several supporters help now; for `user` those with a row of hers."""
    active = Assignment.objects.of(program).active()
    doubled = active.with_doubles().filter(is_doubled=True)
    visible = (
        doubled
        if user is None
        else Assignment.objects.visible_to(user).filter(pk__in=doubled.values("pk"))
    )
    supporters = defaultdict(int)
    for supported_id in doubled.values_list("supported_id", flat=True):
        supporters[supported_id] += 1
    found = defaultdict(list)
    for assignment in visible.with_units().order_by("supported__sort_key", "supported", "pk"):
        found[assignment.supported].append(assignment)
    return [
        Duplicate(supported, seen, supporters[supported.pk] - len(seen))
        for supported, seen in found.items()
    ]


def others_helping(assignment):
    """How many other supporters of the programme help the same chi hội now."""
    active = Assignment.objects.of(assignment.program).active()
    return active.filter(supported=assignment.supported_id).exclude(pk=assignment.pk).count()


def quota_of(assignment):
    """The quota that the assignment counts for; None when the plan has changed since."""
    quotas = Quota.objects.of(assignment.program).with_units()
    branch, team = assignment.supporter_key
    return quotas.filter(supporter_branch=branch, supporter_team=team).first()


def counted_quotas(program):
    """A QuotaRow for each quota of the programme, in the table's order; two queries."""
    helped_by, helps = active_help(program)
    quotas = Quota.objects.of(program).with_units().order_by(*TABLE_ORDER)
    return [
        QuotaRow(quota, tally_of(quota, helps[quota.supporter_key], helped_by)) for quota in quotas
    ]


def active_help(program):
    """(chi hội id → its supporters' keys, supporter's key → [(chi hội id, path, path then)]).

    Of active ones.
    """
    helped_by, helps = defaultdict(set), defaultdict(list)
    active = Assignment.objects.of(program).active()
    for branch, team, supported, path, path_then in active.values_list(
        "supporter_branch_id",
        "supporter_team_id",
        "supported_id",
        "supported__path",
        "supported_path",
    ):
        helped_by[supported].add((branch, team))
        helps[branch, team].append((supported, path, path_then))
    return helped_by, helps


def tally_of(quota, helped, helped_by):
    inside = sum(1 for _, path, path_then in helped if quota.covers(path, path_then))
    return Tally(
        minimum=quota.minimum,
        taken=inside,
        missing=max(quota.minimum - inside, 0),
        outside=len(helped) - inside,
        doubled_ids=frozenset(pk for pk, *_ in helped if len(helped_by[pk]) > 1),
    )


def quota_progress(programs, user):
    """Programme's id → Tally of giao and còn thiếu, over what she sees of it, for a list of
    programmes; two questions."""
    whole = [program for program in programs if sees_whole(program, user)]
    seen = Q(pk__in=Quota.objects.visible_to(user).values("pk"))
    quotas = Quota.objects.filter(
        seen | Q(line__program__in=whole),
        line__program__in=programs,
        ended_on=None,
    )
    quotas = list(quotas.select_related("line", "place"))
    active = Assignment.objects.active().filter(program__in=programs)
    tallies = defaultdict(Tally)
    for quota in quotas:
        tallies[quota.line.program_id].minimum += quota.minimum
    for (program, *_), missing in missing_of(quotas, active).items():
        tallies[program].missing += missing
    return dict(tallies)


def missing_of(quotas, active):
    """(programme's id, branch id, team id) → chi hội that this supporter has yet to take on.

    `active`: a query for the assignments that may fill the quotas.
    """
    helped, missing = defaultdict(list), defaultdict(int)
    for program, branch, team, *place in active.values_list(
        "program_id",
        "supporter_branch_id",
        "supporter_team_id",
        "supported_id",
        "supported__path",
        "supported_path",
    ):
        helped[program, branch, team].append(place)
    for quota in quotas:
        key = quota.line.program_id, *quota.supporter_key
        missing[key] += tally_of(quota, helped[key], defaultdict(set)).missing
    return missing


def line_total(line):
    """What a line, saved or not, asks for today: (number of units, number of chi hội)."""
    quotas = wanted_quotas(line).values()
    return len(quotas), sum(quota.minimum for quota in quotas)


def plan_history(program, user=None):
    """The history of the programme, its papers and what stands in them, newest first.

    Of what single units were given, `user` reads that of her territory.
    """
    rows = [row | {"what": f"{row['what']} chương trình"} for row in history_rows(program)]
    for model in (PlanDocument, QuotaLine, Milestone, Content, Duty, StatedFigure):
        rows += part_history(model, model.history.filter(program_id=program.pk))
    rows += part_history(Quota, quota_records(program, user))
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def quota_records(program, user):
    """What is remembered of the quotas of all lines that stand or stood, with their supporters."""
    lines = QuotaLine.history.filter(program_id=program.pk).values("id")
    records = Quota.history.filter(line_id__in=lines).select_related(
        "supporter_branch__level", "supporter_team__branch__level"
    )
    if sees_whole(program, user):
        return records
    return records.filter(supporter_under(user.branch_paths()))


def part_history(model, records):
    """The same lines as `history_rows`, for all rows of the plan that stand or stood."""
    records = list(records.select_related("history_user"))
    fields, named = read_fields(model.history.model, records)
    rows, earlier = [], {}
    for record in reversed(records):
        row = as_row(record, earlier.get(record.id), fields, named)
        row["what"] = f"{row['what']} {model._meta.verbose_name} “{as_it_was(record, fields)}”"
        earlier[record.id] = record
        rows.append(row)
    return rows


def as_it_was(record, fields):
    """The row that the record remembers, without asking again for what was read with it."""
    row = record.history_object
    for other in fields:
        if other.is_relation and other.is_cached(record):
            other.set_cached_value(row, other.get_cached_value(record))
    return row
