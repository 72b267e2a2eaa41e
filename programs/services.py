"""What changes a programme, its quota table and who helps whom: verbs, one transaction each.

Every verb raises ProgramError with a sentence for the screen, and writes the history of each
row it touches with the person and the reason.
"""

from copy import copy

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from simple_history.utils import bulk_create_with_history

from branches.models import Branch, Team
from hoiphunu.text import slugify

from .models import Assignment, Milestone, PlanDocument, Program, Quota, QuotaLine

STALE = "Vừa có người khác sửa phần này. Chị mở lại trang để xem bản mới nhất rồi hãy sửa tiếp."
TAKEN_SLUGS = {"create", "branch", "assignments", "lines"}  # words of programs/urls.py
ASIDE = 10_000  # where line numbers wait while two of them change places


class ProgramError(Exception):
    """A change that the programme does not allow; the text is for the screen."""


# --- Programmes ---------------------------------------------------------------------------


@transaction.atomic
def create_program(
    *, owner, name, starts_on, ends_on, by, aim="", contact="", plan=None, lines=(), milestones=()
):
    """A programme from its plan, still a draft, with its quota table already shared out.

    `plan` is a dict of PlanDocument's fields or None; `lines` and `milestones` are dicts of
    QuotaLine's and Milestone's fields.
    """
    program = Program(
        owner=owner,
        name=name,
        slug=free_slug(name),
        aim=aim,
        contact=contact,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    reason = "tạo chương trình"
    keep(program, by, reason)
    if plan:
        keep(PlanDocument(program=program, **plan), by, reason)
    for line in lines:
        add_line(program=program, by=by, reason=reason, **line)
    for milestone in milestones:
        keep(Milestone(program=program, **milestone), by, reason)
    return program


@transaction.atomic
def change_program(
    *, program, seen_version, by, reason="", plan=None, lines=None, milestones=None, **fields
):
    """Change a programme that has not ended; what is None stays as it stands.

    `fields` are Program's own. `lines` and `milestones`, when given, are the whole table as it
    should be: dicts of fields, with "id" for a row that stands already; a standing row that is
    not among them is removed.
    """
    program = take_version(program, seen_version)
    refuse_closed(program)
    keep_changes(program, fields, by, reason)
    if plan is not None:
        document = program.plans.first() or PlanDocument(program=program)
        keep_changes(document, plan, by, reason)
    if lines is not None:
        set_lines(program, lines, by, reason)
    if milestones is not None:
        set_milestones(program, milestones, by, reason)
    return program


@transaction.atomic
def start_program(*, program, seen_version, by):
    """From now on chi hội can be taken on; units opened since the draft get their quota."""
    program = take_version(program, seen_version)
    if not program.is_draft:
        raise ProgramError("Chương trình đã bắt đầu rồi.")
    keep_changes(program, {"status": Program.Status.RUNNING}, by, "bắt đầu thực hiện")
    for line in program.lines.all():
        allot_quota(line=line, by=by)
    return program


@transaction.atomic
def close_program(*, program, seen_version, by, reason):
    """End a programme; its assignments stay as they stood on that day."""
    program = take_version(program, seen_version)
    if not program.is_running:
        raise ProgramError("Chỉ kết thúc được chương trình đang thực hiện.")
    require_reason(reason)
    keep_changes(program, {"status": Program.Status.CLOSED}, by, reason)
    return program


# --- The quota table ----------------------------------------------------------------------


@transaction.atomic
def add_line(*, program, by, reason="", **fields):
    """Add a printed line to the plan's table and share it out among the units it binds."""
    program = hold(program)
    refuse_closed(program)
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
    return Branch.objects.below(owner).filter(level=line.level, closed_on=None)


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


def set_milestones(program, wanted, by, reason):
    standing = {milestone.pk: milestone for milestone in program.milestones.all()}
    kept = {fields.get("id") for fields in wanted}
    for pk in standing.keys() - kept:
        remove(standing[pk], by, reason)
    for fields in wanted:
        rest = {name: value for name, value in fields.items() if name != "id"}
        milestone = standing.get(fields.get("id")) or Milestone(program=program)
        keep_changes(milestone, rest, by, reason)


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
        if unit and not owner.contains(unit):
            raise ProgramError(f"{unit.full_name} không thuộc {owner.office_name}.")
    if line.branch and line.branch.closed_on and line.branch_id != (stood and stood.branch_id):
        raise ProgramError(f"{line.branch.full_name} đã kết thúc hoạt động.")


# --- Its milestones and plan documents, one by one ------------------------------------------


@transaction.atomic
def keep_part(*, row, by, reason=""):
    """Write a milestone or a plan document, new or changed, of a programme that has not ended."""
    refuse_closed(hold(row.program))
    keep(row, by, reason)


# --- Who helps whom -----------------------------------------------------------------------


@transaction.atomic
def assign(
    *,
    program,
    supported,
    starts_on,
    by,
    supporter_branch=None,
    supporter_team=None,
    content="",
    note="",
    reason="nhận giúp",
):
    """A unit or a team takes on a chi hội. Several may help the same one: that is shown, "trùng".

    The supporter holds a quota of the programme, `supported` is an open chi hội of the
    programme's tree, the day lies within the programme's time.
    """
    assignment = Assignment(
        program=hold(program),
        supporter_branch=supporter_branch,
        supporter_team=supporter_team,
        supported=supported,
        content=content,
        starts_on=starts_on,
        note=note,
    )
    check_assignment(assignment)
    keep(assignment, by, reason)
    return assignment


@transaction.atomic
def change_assignment(*, assignment, seen_version, by, reason="", **fields):
    """Change what is being done, or move it: to another supporter, to another chi hội.

    `fields`: supporter_branch, supporter_team, supported, content, starts_on, note. Naming
    one kind of supporter takes the other away.
    """
    assignment = take_version(assignment, seen_version)
    refuse_ended(assignment)
    if fields.get("supporter_branch"):
        fields["supporter_team"] = None
    elif fields.get("supporter_team"):
        fields["supporter_branch"] = None
    for name, value in fields.items():
        setattr(assignment, name, value)
    check_assignment(assignment)
    keep(assignment, by, reason)
    return assignment


@transaction.atomic
def end_assignment(*, assignment, seen_version, ends_on, reason, by, basis=""):
    """The help ends on `ends_on`, for a reason and on a basis; the row stays for ever."""
    assignment = take_version(assignment, seen_version)
    refuse_closed(assignment.program)
    refuse_ended(assignment)
    require_reason(reason)
    ending = {"ends_on": ends_on, "end_reason": reason, "end_basis": basis}
    keep_changes(assignment, ending, by, reason)
    return assignment


def check_assignment(assignment):
    program, supported = assignment.program, assignment.supported
    if not program.is_running:
        raise ProgramError(f"Chương trình {program.get_status_display().lower()}, chưa ghi được.")
    check_supported(supported, program)
    assignment.remember_place()
    if not program.starts_on <= assignment.starts_on <= program.ends_on:
        raise ProgramError(
            "Ngày bắt đầu phải nằm trong thời gian của chương trình "
            f"({program.starts_on:%d/%m/%Y} – {program.ends_on:%d/%m/%Y})."
        )
    refuse_invalid(assignment)
    held = Quota.objects.of(program).filter(
        supporter_branch=assignment.supporter_branch, supporter_team=assignment.supporter_team
    )
    if not held.exists():
        raise ProgramError(
            f"{assignment.supporter_name} không được giao chỉ tiêu trong chương trình này."
        )


def check_supported(supported, program):
    if supported.level.code != "chi_hoi":
        raise ProgramError(f"{supported.full_name} không phải là chi hội.")
    if supported.closed_on:
        raise ProgramError(f"{supported.full_name} đã kết thúc hoạt động.")
    if not program.owner.contains(supported):
        raise ProgramError(f"{supported.full_name} không thuộc {program.owner.office_name}.")


# --- What the verbs share -----------------------------------------------------------------


def take_version(row, seen_version):
    """Take the row for this change if it is still as the person saw it; the row, read again."""
    model = type(row)
    taken = model.objects.filter(pk=row.pk, version=seen_version).update(version=F("version") + 1)
    if not taken:
        raise ProgramError(STALE)
    return model.objects.get(pk=row.pk)


def hold(program):
    """The programme read again, and kept as it is until the end of the transaction."""
    return Program.objects.select_for_update(of=("self",)).order_by("pk").get(pk=program.pk)


def refuse_closed(program):
    if program.is_closed:
        raise ProgramError("Chương trình đã kết thúc nên không sửa được nữa.")


def refuse_ended(assignment):
    if not assignment.is_active:
        raise ProgramError("Phân công này đã kết thúc nên không sửa được nữa.")


def require_reason(reason):
    if not reason.strip():
        raise ProgramError("Chị ghi giúp lý do.")


def free_slug(name):
    base = slugify(name)[:100] or "chuong-trinh"
    for slug in (base, *(f"{base}-{number}" for number in range(2, 1000))):
        if slug not in TAKEN_SLUGS and not Program.objects.filter(slug=slug).exists():
            return slug
    raise ProgramError("Đã có quá nhiều chương trình trùng tên này.")


def keep(row, by, reason):
    """Check the row, save it, and sign its history."""
    refuse_invalid(row)
    row._history_user, row._change_reason = by, reason
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # the check above passed: somebody was quicker
        raise ProgramError("Vừa có người khác ghi trùng. Chị mở lại trang để xem.") from error


def keep_changes(row, fields, by, reason):
    """Set the fields, and save only if something differs, so that the history stays readable."""
    changed = row.pk is None
    for name, value in fields.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    if changed:
        keep(row, by, reason)


def remove(row, by, reason):
    """Delete a row of the plan; its history keeps what it said."""
    row._history_user, row._change_reason = by, reason
    row.delete()


def refuse_invalid(row):
    """Run the row's own checks and constraints; what they say is for the screen."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise ProgramError(" ".join(sentences(row, error))) from error


def sentences(row, error):
    for name, messages in error.message_dict.items():
        label = "" if name == NON_FIELD_ERRORS else row._meta.get_field(name).verbose_name
        for message in messages:
            yield f"{label.capitalize()}: {message}" if label else message
