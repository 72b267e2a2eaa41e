"""What a decree that was carried out has left for a person to decide, as it stands now.

What hangs on units that it closed, divided ones with chi hội to be placed left aside, and that
no rule could pass on. Each kind is one question, whatever the size of the decree.
"""

from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.timezone import localdate

from branches.models import Branch, Position, Reorganisation, Team
from branches.querysets import under_paths
from programs.decrees import NOT_CLOSED
from programs.models import Assignment, Program, Quota

MOST_SHOWN = 50


@dataclass(frozen=True)
class Kind:
    """Rows of one kind; `unit`: the column that names the unit they hang on."""

    words: str
    unit: str
    rows: object
    line: object  # a row → (what the page calls it, where it is changed)

    def within(self, units):
        return self.rows.filter(**{f"{self.unit}__in": units})


@dataclass(frozen=True)
class Leftover:
    """One kind of what is left: how many in all, and the first of them as (words, address)."""

    words: str
    count: int
    lines: list

    @property
    def more(self):
        return self.count - len(self.lines)


def closed_by(decrees):
    """The units that one of these decrees closed, but for those below which chi hội wait."""
    waiting = Branch.objects.waiting().values("pk")
    return Branch.objects.filter(
        successions__reorganisation__in=decrees,
        closed_on=F("successions__reorganisation__effective_on"),
    ).exclude(pk__in=waiting)


def left_by(decree, user):
    """The page's list: a count and a list for each kind."""
    units = closed_by([decree]).values("pk")
    found = []
    for kind in kinds(user):
        rows = kind.within(units)
        count = rows.count()
        lines = [kind.line(row) for row in rows[:MOST_SHOWN]]
        if count:
            found.append(Leftover(kind.words, count, lines))
    return found


def count_left(user):
    """[(decree, how many)] of those in force that she administers and that have left something,
    newest first."""
    owned = under_paths(user.branch_paths(Position.Role.ADMINISTRATOR), "owner__path")
    applied = Reorganisation.objects.visible_to(user).applied().filter(owned)
    decrees = {decree.pk: decree for decree in applied.order_by("-effective_on", "-pk")}
    if not decrees:
        return []
    units, by_unit = closed_by(decrees).values("pk"), {}
    for kind in kinds(user):
        rows = kind.within(units).order_by().values_list(kind.unit).annotate(Count("pk"))
        for unit, count in rows:
            by_unit[unit] = by_unit.get(unit, 0) + count
    closed = closed_by(decrees).filter(pk__in=by_unit).order_by()
    counts = dict.fromkeys(decrees, 0)
    for unit, decree in closed.values_list("pk", "successions__reorganisation").distinct():
        counts[decree] += by_unit[unit]
    return [(decrees[pk], count) for pk, count in counts.items() if count]


def kinds(user):
    """What may hang on a unit, among what she may see."""
    positions = Position.objects.visible_to(user).filter(
        Q(ended_on=None) | Q(ended_on__gt=localdate())
    )
    teams = Team.objects.visible_to(user).filter(closed_on=None).select_related("branch", "area")
    helping = (
        Assignment.objects.visible_to(user)
        .active()
        .filter(program__status=Program.Status.RUNNING)
        .select_related("program", "supporter_branch__level", "supporter_team", "supported")
    )
    quotas = (
        Quota.objects.visible_to(user)
        .filter(ended_on=None, line__program__status__in=NOT_CLOSED)
        .with_units()
        .select_related("line__program")
    )
    held = positions.select_related("user", "branch__level").order_by("branch__sort_key", "pk")
    return [
        Kind("vị trí: chị bàn giao hoặc kết thúc từng vị trí", "branch", held, of_position),
        Kind("đoàn phụ trách: chị giao cho đơn vị khác", "branch", teams, of_team),
        Kind("đoàn phụ trách địa bàn cũ: chị chọn địa bàn mới", "area", teams, of_team),
        Kind(
            "phân công đang giúp: chị chọn đơn vị nhận tiếp", "supporter_branch", helping, of_help
        ),
        Kind("phân công giúp đơn vị đã kết thúc: chị kết thúc", "supported", helping, of_help),
        Kind("chỉ tiêu phân bổ: chị giao lại cho đơn vị mới", "supporter_branch", quotas, of_quota),
        Kind("chỉ tiêu chọn chi hội ở địa bàn cũ: chị chọn địa bàn mới", "place", quotas, of_quota),
    ]


def of_position(position):
    return f"{position.user}: {position}", position.user.get_absolute_url()


def of_team(team):
    return f"{team}, {team.branch}", reverse("admin:branches_team_change", args=[team.pk])


def of_help(assignment):
    words = f"{assignment.supporter} giúp {assignment.supported}"
    return words, reverse("programs:assignment_detail", args=[assignment.pk])


def of_quota(quota):
    program = quota.line.program
    return f"{quota.supporter}, {program}", program.get_absolute_url()
