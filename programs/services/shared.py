"""What the verbs share: the error they raise, a version taken, a row kept with its history."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from programs.models import Program
from programs.queries.naming import (
    OPEN_TEXTS,
    changed_texts,
    first_named,
    guarded_names,
    program_of,
)

STALE = "Vừa có người khác sửa phần này. Chị mở lại trang để xem bản mới nhất rồi hãy sửa tiếp."


class ProgramError(Exception):
    """A change that the programme does not allow; the text is for the screen."""


class Stale(ProgramError):
    """Somebody has saved the row since the person saw it."""


def take_version(row, seen_version):
    """Take the row for this change if it is still as the person saw it; the row, read again."""
    model = type(row)
    taken = model.objects.filter(pk=row.pk, version=seen_version).update(version=F("version") + 1)
    if not taken:
        raise Stale(STALE)
    return model.objects.get(pk=row.pk)


def take_seen(row, seen_version):
    """The same for a row that already holds what was typed; one that is new is nobody's yet."""
    if row.pk:
        row.version = take_version(row, seen_version).version


def hold(program):
    """The programme read again, and kept as it is until the end of the transaction."""
    return Program.objects.select_for_update(of=("self",)).order_by("pk").get(pk=program.pk)


def refuse_foreign(other, program):
    if other is not None and other.program_id != program.pk:
        raise ProgramError(f"“{other}” thuộc chương trình khác.")


def refuse_closed(program):
    if program.is_closed:
        raise ProgramError("Chương trình đã kết thúc nên không sửa được nữa.")


def refuse_ended(assignment):
    if not assignment.is_active:
        raise ProgramError("Phân công này đã kết thúc nên không sửa được nữa.")


def require_reason(reason):
    if not reason.strip():
        raise ProgramError("Chị ghi giúp lý do.")


def keep(row, by, reason):
    """Check the row, save it, and sign its history."""
    refuse_invalid(row)
    refuse_named(row, by, reason)
    row._history_user, row._change_reason = by, reason
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # the check above passed: somebody was quicker
        raise ProgramError("Vừa có người khác ghi trùng. Chị mở lại trang để xem.") from error


def refuse_named(row, by, reason):
    """What more people read than the register may not name a child, or a person of whom something
    sensitive is written, as far as whoever writes may know of her (queries.naming)."""
    if type(row) not in OPEN_TEXTS or by is None:
        return
    texts = {"lý do": reason} | changed_texts(row)
    found = first_named(texts, guarded_names(program_of(row), by))
    if found:
        label, record = found
        raise ProgramError(
            f"Phần “{label}” có tên “{record.full_name}”, người có hồ sơ {record.code}. Phần này "
            f"nhiều người đọc được: chị ghi “{record.code}” thay cho tên; tên chỉ để trong hồ sơ."
        )


def keep_changes(row, fields, by, reason):
    """Set the fields, and save only if something differs, so that the history stays readable."""
    changed = row.pk is None
    for name, value in fields.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    if changed:
        keep(row, by, reason)


def set_levels(row, levels, by, reason):
    """Whose units the row binds, signed like its other fields."""
    if {level.pk for level in levels} != {level.pk for level in row.levels.all()}:
        row._history_user, row._change_reason = by, reason
        row.levels.set(levels)


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
