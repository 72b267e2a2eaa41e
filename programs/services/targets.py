"""Verbs on targets (chỉ tiêu kết quả): one numbered target with its parts, and a province's own.

A part is a dict of TargetPart's fields, `levels` a list; with "id" it is one that stands.
"""

from django.db import transaction
from django.db.models import ProtectedError

from branches.decrees import is_standing_below
from programs.models import Program, Target, TargetPart

from .papers import next_position
from .shared import (
    ProgramError,
    hold,
    keep,
    keep_changes,
    refuse_closed,
    refuse_foreign,
    remove,
    set_levels,
    take_version,
)

LOCAL = {"id", "text", "value", "share"}  # what a province may say of a central part


@transaction.atomic
def add_target(*, program, parts, by, reason="", **fields):
    """A target of the programme's owner. A plan may have none, but a target has a part."""
    program = hold(program)
    refuse_closed(program)
    return write_new(Target(program=program, branch=program.owner, **fields), parts, by, reason)


@transaction.atomic
def localise_target(*, target, branch, parts, by, text="", question=""):
    """What a unit below takes on of a target from above, in its own numbers.

    `parts`: id of a part → its `text`, `value` and `share` here; one that is left out is not
    taken on. Number, year, shapes and indicators stay those of the target above.
    """
    program = hold(target.program)
    refuse_closed(program)
    if branch.pk == target.branch_id or not is_standing_below(branch, target.branch):
        raise ProgramError(f"{branch.office_name} không thuộc {target.branch.office_name}.")
    if program.status == Program.Status.DRAFT:
        raise ProgramError("Chương trình còn đang soạn nên chưa cụ thể hóa chỉ tiêu được.")
    own = Target(
        program=program,
        branch=branch,
        localises=target,
        number=target.number,
        position=target.position,
        year=target.year,
        text=text or target.text,
        question=question,
        document=target.document,
        clause=target.clause,
    )
    rows = [
        as_above(part) | parts[part.pk]
        for part in target.parts.prefetch_related("levels")
        if part.pk in parts
    ]
    return write_new(own, rows, by, "cụ thể hóa chỉ tiêu")


@transaction.atomic
def change_target(*, target, seen_version, by, reason="", parts=None, **fields):
    """`parts`, when given, are all of them: a standing one that is not among them is removed.

    Year and shapes of a target that a unit took over stay as they are above.
    """
    target = take_version(target, seen_version)
    refuse_closed(hold(target.program))
    refuse_foreign(fields.get("document"), target.program)
    if target.localises_id:
        refuse_more_than_numbers(fields, parts)
    stood = shape_of(target)
    keep_changes(target, fields, by, reason)
    refuse_twin(target)
    if parts is not None:
        set_parts(target, parts, by, reason)
    if target.localised.exists() and shape_of(target) != stood:
        raise ProgramError(
            "Đã có đơn vị cụ thể hóa chỉ tiêu này nên giữ nguyên năm và các phần, dạng của nó."
        )
    return target


@transaction.atomic
def remove_target(*, target, seen_version, by, reason=""):
    target = take_version(target, seen_version)
    refuse_closed(hold(target.program))
    for part in target.parts.all():
        remove(part, by, reason)
    try:
        with transaction.atomic():
            remove(target, by, reason)
    except ProtectedError as error:
        raise ProgramError("Đã có đơn vị cụ thể hóa chỉ tiêu này nên không xóa được.") from error


def write_new(target, parts, by, reason):
    refuse_foreign(target.document, target.program)
    if target.position is None:
        target.position = next_position(target.program, Target)
    refuse_twin(target)
    keep(target, by, reason)
    set_parts(target, parts, by, reason)
    return target


def refuse_twin(target):
    """The constraint lets two through that have no year."""
    twins = Target.objects.of(target.program).filter(
        branch=target.branch, number=target.number.strip(), year=target.year
    )
    if twins.exclude(pk=target.pk).exists():
        raise ProgramError(f"{target.branch.office_name} đã có chỉ tiêu {target.number}.")


def set_parts(target, wanted, by, reason):
    if not wanted:
        raise ProgramError("Chỉ tiêu cần ít nhất một phần có số phải đạt.")
    standing = {part.pk: part for part in target.parts.all()}
    for pk in standing.keys() - {fields.get("id") for fields in wanted}:
        remove(standing[pk], by, reason)
    for position, fields in enumerate(wanted, start=1):
        part = standing.get(fields.get("id")) or TargetPart(target=target)
        rest = {n: v for n, v in fields.items() if n not in ("id", "levels")}
        keep_changes(part, {"position": position} | rest, by, reason)
        if "levels" in fields:
            set_levels(part, fields["levels"], by, reason)


def as_above(part):
    """A part as a unit below takes it over, before its own numbers."""
    names = ("shape", "text", "unit", "of_whom", "qualifier", "indicator")
    return {name: getattr(part, name) for name in names} | {"levels": list(part.levels.all())}


def shape_of(target):
    return target.year, list(target.parts.values_list("position", "shape"))


def refuse_more_than_numbers(fields, parts):
    said = set().union(*parts) if parts else set()
    if said - LOCAL or fields.keys() - {"text", "question"}:
        raise ProgramError("Năm và dạng giữ như chỉ tiêu của cấp trên; chị chỉ sửa lời và số.")
