"""Verbs on a programme and on the papers and milestones that it is made of."""

from django.db import transaction
from django.utils.timezone import localdate

from hoiphunu.text import slugify
from programs.models import Milestone, PlanDocument, Program, Target

from .quotas import add_line, allot_quota, set_lines
from .shared import (
    ProgramError,
    hold,
    keep,
    keep_changes,
    refuse_closed,
    refuse_foreign,
    remove,
    require_reason,
    set_levels,
    take_version,
)

# First words of programs/urls.py, which no programme may have for its address.
TAKEN_SLUGS = {
    "assignments",
    "branch",
    "cited",
    "conditions",
    "consents",
    "contributions",
    "create",
    "deliveries",
    "documents",
    "donors",
    "entries",
    "invitations",
    "items",
    "lines",
    "partners",
    "parts",
    "payments",
    "readings",
    "records",
    "sponsorships",
    "support",
    "targets",
}


@transaction.atomic
def create_program(
    *,
    owner,
    name,
    starts_on,
    ends_on,
    by,
    plan=None,
    lines=(),
    milestones=(),
    **fields,
):
    """A programme from its plan, still a draft, with its quota table already shared out.

    `plan` is a dict of PlanDocument's fields or None; `lines` and `milestones` are dicts of
    QuotaLine's and Milestone's fields (`levels` a list), which stand on the plan unless they name
    another paper; `fields` are Program's other ones.
    """
    if owner.closed_on:
        raise ProgramError(
            f"{owner.office_name} đã kết thúc hoạt động. Chị chọn đơn vị đang hoạt động để ban "
            "hành chương trình."
        )
    program = Program(
        owner=owner,
        name=name,
        slug=free_slug(name),
        starts_on=starts_on,
        ends_on=ends_on,
        **fields,
    )
    reason = "tạo chương trình"
    keep(program, by, reason)
    document = PlanDocument(program=program, **plan) if plan else None
    if document:
        keep(document, by, reason)
    for line in lines:
        fields = line | {"document": line.get("document") or document}
        add_line(program=program, by=by, reason=reason, **fields)
    for milestone in milestones:
        fields = milestone | {"document": milestone.get("document") or document}
        keep_milestone(Milestone(program=program), fields, by, reason)
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
        document = program.plan or PlanDocument(program=program)
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
    refuse_open_numbers(program)
    keep_changes(program, {"status": Program.Status.RUNNING}, by, "bắt đầu thực hiện")
    for line in program.lines.all():
        allot_quota(line=line, by=by)
    return program


def refuse_open_numbers(program):
    """Targets taken over from the edition before wait for this one's numbers."""
    waiting = Target.objects.of(program).filter(parts__is_open=True).distinct()
    if numbers := [target.number for target in waiting.order_by("position", "pk")]:
        raise ProgramError(
            f"Chỉ tiêu {', '.join(numbers)} chưa ghi đủ số phải đạt của đợt này. Chị mở “Chỉ tiêu "
            "kết quả”, ghi số hoặc bỏ phần không còn dùng, rồi bấm “Bắt đầu”."
        )


@transaction.atomic
def close_program(*, program, seen_version, by, reason, on=None):
    """End a programme; its assignments stay as they stood on that day."""
    program = take_version(program, seen_version)
    if not program.is_running:
        raise ProgramError("Chỉ kết thúc được chương trình đang thực hiện.")
    require_reason(reason)
    ended = {
        "status": Program.Status.CLOSED,
        "end_reason": reason.strip(),
        "closed_on": on or localdate(),
    }
    keep_changes(program, ended, by, reason)
    return program


def set_milestones(program, wanted, by, reason):
    standing = {milestone.pk: milestone for milestone in program.milestones.all()}
    kept = {fields.get("id") for fields in wanted}
    for pk in standing.keys() - kept:
        remove(standing[pk], by, reason)
    for fields in wanted:
        rest = {name: value for name, value in fields.items() if name != "id"}
        milestone = standing.get(fields.get("id")) or Milestone(program=program)
        keep_milestone(milestone, rest, by, reason)


def keep_milestone(milestone, fields, by, reason):
    rest = {name: value for name, value in fields.items() if name != "levels"}
    keep_changes(milestone, rest, by, reason)
    if "levels" in fields:
        set_levels(milestone, fields["levels"], by, reason)


@transaction.atomic
def keep_part(*, row, by, reason="", levels=None):
    """Write a milestone or a plan document, new or changed, of a programme that has not ended;
    without `levels` those of a milestone stay."""
    refuse_closed(hold(row.program))
    refuse_foreign(getattr(row, "document", None), row.program)
    keep(row, by, reason)
    if levels is not None:
        set_levels(row, levels, by, reason)


def free_slug(name):
    base = slugify(name)[:100] or "chuong-trinh"
    for slug in (base, *(f"{base}-{number}" for number in range(2, 1000))):
        if slug not in TAKEN_SLUGS and not Program.objects.filter(slug=slug).exists():
            return slug
    raise ProgramError("Đã có quá nhiều chương trình trùng tên này.")
