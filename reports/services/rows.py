"""Rows that several people write: one version at a time, each change with its history."""

from django.core.exceptions import ValidationError
from django.db.models import F

from programs.models import Beneficiary
from programs.queries.naming import first_named, who_may_be_named

from .life import ReportError

STALE = "Vừa có người khác sửa phần này. Những gì chị vừa gõ vẫn còn trên màn hình."


class Stale(ReportError):
    """Somebody has saved the row since the person saw it."""


def take_version(row, seen_version):
    """Take the row for this change if it is as the person saw it; it holds what is saved now."""
    taken = type(row).objects.filter(pk=row.pk, version=seen_version)
    if not taken.update(version=F("version") + 1):
        raise Stale(STALE)
    row.refresh_from_db()


def keep(row, *, by, at, reason, **values):
    """Set the fields, check the row, save it and sign its history."""
    for name, value in values.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise ReportError(" ".join(error.messages)) from error
    row._history_user, row._history_date, row._change_reason = by, at, reason
    row.save()
    return row


def refuse_named(texts, by):
    """ReportError where a text that many read names a child, or a person of whom something
    sensitive is written, as far as whoever writes may know of her. `texts`: label → text."""
    if not any(texts.values()):
        return
    guarded = Beneficiary.objects.visible_to(by).standing().guarded().order_by("pk")
    names = guarded.values_list("full_name", "code").iterator(chunk_size=5000)
    found = first_named(texts, who_may_be_named(texts, names))
    if found:
        label, (name, code) = found
        raise ReportError(
            f"Phần “{label}” có tên “{name}”, người có hồ sơ {code}. Phần này "
            f"nhiều người đọc được: chị ghi “{code}” thay cho tên."
        )
