"""Verbs on the quota table: a printed line, and the quota of each unit that it binds."""

from copy import copy

from django.db import transaction
from django.db.models import F, Q
from simple_history.utils import bulk_create_with_history

from branches.decrees import standing_below
from branches.models import Level, Team
from programs.models import Assignment, Quota, QuotaLine

from .shared import ProgramError, hold, keep, keep_changes, refuse_closed, remove

ASIDE = 10_000  # where line numbers wait while two of them change places


@transaction.atomic
def add_line(*, program, by, reason="", **fields):
    """Add a printed line to the plan's table and share it out among the units it binds."""
    program = hold(program)
    refuse_closed(program)
    if program.supported_level is None:  # a quota counts chi hội
        chi_hoi = {"supported_level": Level.objects.get(code="chi_hoi")}
        keep_changes(program, chi_hoi, by, reason)
    line = QuotaLine(program=program, **fields)
    check_line(line)
    keep(line, by, reason)
    allot_quota(line=line, by=by, reason=reason)
    return line


@transaction.atomic
def change_line(*, line, by, reason="", **fields):
    """Change a line; its quotas follow. A unit that has already taken on a chi hội stays bound."""
    refuse_closed(hold(line.program))
    stood = copy(line)
    for name, value in fields.items():
        setattr(line, name, value)
    check_line(line, stood)
    columns = [field.attname for field in QuotaLine._meta.concrete_fields]
    if any(getattr(line, name) != getattr(stood, name) for name in columns):
        keep(line, by, reason)
    if bound_by(line) != bound_by(stood):
        wanted = wanted_quotas(line)
        standing = line.quotas.filter(ended_on=None).with_units()
        drop_quotas(line, [q for q in standing if q.supporter_key not in wanted], by, reason)
    fit_quotas(line, stood, by, reason)
    allot_quota(line=line, by=by, reason=reason)
    return line


@transaction.atomic
def remove_line(*, line, by, reason=""):
    """Take a line out of the table, with its quotas, unless one of its units already helps."""
    refuse_closed(hold(line.program))
    drop_quotas(line, list(line.quotas.with_units()), by, reason)
    remove(line, by, reason)


@transaction.atomic
def allot_quota(*, line, by, reason="giao chỉ tiêu"):
    """Give each unit that the line binds its quota, and return those that were missing.

    TEAMS: each open team of the owner, within the team's own area; BRANCH: that unit; LEVEL:
    each open unit of that level below the owner; the last two within the line's `place`.
    May be run again when units open. It never takes a quota away: a unit that has closed
    keeps its row, so that what it had taken on stays in sight.
    """
    refuse_closed(hold(line.program))  # two people may press at once: the second one waits
    wanted = wanted_quotas(line)
    for quota in Quota.objects.of(line.program).with_units():
        if quota.supporter_key in wanted:
            if quota.line_id != line.pk:
                raise ProgramError(
                    f"{quota.supporter_name} đã được giao chỉ tiêu ở dòng “{quota.line}”."
                )
            del wanted[quota.supporter_key]
    return bulk_create_with_history(
        list(wanted.values()), Quota, default_user=by, default_change_reason=reason
    )


def wanted_quotas(line):
    """The quotas that the line asks for today, by supporter."""
    quotas = [
        Quota(
            line=line,
            supporter_branch=None if isinstance(supporter, Team) else supporter,
            supporter_team=supporter if isinstance(supporter, Team) else None,
            minimum=line.minimum_each,
            place=place_for(line, supporter),
        )
        for supporter in bound_supporters(line)
    ]
    return {quota.supporter_key: quota for quota in quotas}


def bound_by(line):
    return line.applies_to, line.branch_id, line.level_id


def bound_supporters(line):
    owner = line.program.owner
    if line.applies_to == QuotaLine.Applies.TEAMS:
        return Team.objects.filter(branch=owner, closed_on=None).select_related("area")
    if line.applies_to == QuotaLine.Applies.BRANCH:
        is_open = line.branch is not None and line.branch.closed_on is None
        return [line.branch] if is_open else []  # the page asks of half-filled lines, too
    return standing_below(owner).filter(level=line.level, closed_on=None)


def place_for(line, supporter):
    return supporter.area if isinstance(supporter, Team) else line.place


def fit_quotas(line, stood, by, reason):
    """Bring the line's standing quotas to its place, and to its minimum when that changes.

    While it stands each quota keeps its own: a unit that was merged has the sum of its parts.
    """
    standing = line.quotas.filter(ended_on=None)
    for quota in standing.select_related("supporter_branch", "supporter_team__area"):
        wanted = {"place": place_for(line, quota.supporter)}
        if line.minimum_each != stood.minimum_each:
            wanted["minimum"] = line.minimum_each
        keep_changes(quota, wanted, by, reason)


def drop_quotas(line, gone, by, reason):
    """Take away these quotas, of units no longer bound; refused once such a unit helps."""
    branches = [q.supporter_branch_id for q in gone if q.supporter_branch_id]
    teams = [q.supporter_team_id for q in gone if q.supporter_team_id]
    helping = (
        Assignment.objects.of(line.program)
        .filter(Q(supporter_branch__in=branches) | Q(supporter_team__in=teams))
        .with_units()
        .first()
    )
    if helping:
        raise ProgramError(
            f"{helping.supporter_name} đã nhận giúp {helping.supported.full_name} "
            f"nên không bỏ khỏi dòng “{line}” được."
        )
    for quota in gone:
        remove(quota, by, reason)


def set_lines(program, wanted, by, reason):
    standing = {line.pk: line for line in program.lines.select_related("branch", "level", "place")}
    kept = {fields.get("id") for fields in wanted} & standing.keys()
    for pk in standing.keys() - kept:
        remove_line(line=standing[pk], by=by, reason=reason)
    numbers = {fields["id"]: fields["number"] for fields in wanted if fields.get("id") in kept}
    moved = [pk for pk, number in numbers.items() if standing[pk].number != number]
    QuotaLine.objects.filter(pk__in=moved).update(number=F("number") + ASIDE)
    for fields in wanted:
        rest = {name: value for name, value in fields.items() if name != "id"}
        if fields.get("id") in kept:
            change_line(line=standing[fields["id"]], by=by, reason=reason, **rest)
        else:
            add_line(program=program, by=by, reason=reason, **rest)


def check_line(line, stood=None):
    """A line binds units of the owner's own tree, and names only what its kind needs.

    One that named a unit which has ended since may go on naming it.
    """
    if line.applies_to != QuotaLine.Applies.BRANCH:
        line.branch = None
    if line.applies_to != QuotaLine.Applies.LEVEL:
        line.level = None
    if line.applies_to == QuotaLine.Applies.TEAMS:
        line.place = None  # each team has its own area
    owner = line.program.owner
    for unit in (line.branch, line.place):
        if unit and not line.program.contains(unit):
            raise ProgramError(f"{unit.full_name} không thuộc {owner.office_name}.")
    if line.branch and line.branch.closed_on and line.branch_id != (stood and stood.branch_id):
        raise ProgramError(f"{line.branch.full_name} đã kết thúc hoạt động.")
