"""Verbs on the single rows of a plan: its papers, contents, duties and stated figures.

These rows have no version of their own: whoever changes one names the version of the programme
that she saw, and takes it.
"""

from django.db import transaction
from django.db.models import ProtectedError

from branches.services import store_file
from programs.models import Content, PlanDocument, StatedFigure

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

ABOVE = {PlanDocument: "amends", Content: "parent", StatedFigure: "part_of"}


@transaction.atomic
def add_part(*, model, program, by, reason="", **fields):
    """Write one more row; without a position of its own it goes to the end.

    `upload`, of a document: its file, kept for those who may see the programme; `levels`, of a
    duty: whose units it binds.
    """
    program = hold(program)
    refuse_closed(program)
    fields |= stored(program, fields.pop("upload", None), by)
    levels = fields.pop("levels", ())
    row = model(program=program, **fields)
    if hasattr(row, "position") and row.position is None:
        row.position = next_position(program, model)
    check_part(row, fields, levels)
    keep(row, by, reason)
    if levels:
        set_levels(row, levels, by, reason)
    return row


@transaction.atomic
def change_part(*, row, seen_version, by, reason="", **fields):
    """`seen_version` is that of the programme. An amended number names its new document here."""
    program = take_version(row.program, seen_version)
    refuse_closed(program)
    fields |= stored(program, fields.pop("upload", None), by)
    row = type(row).objects.get(pk=row.pk)
    standing = row.levels.all() if hasattr(row, "levels") else ()
    levels = fields.pop("levels", standing)
    check_part(row, fields, levels)
    keep_changes(row, fields, by, reason)
    if levels is not standing:
        set_levels(row, levels, by, reason)
    return row


@transaction.atomic
def remove_part(*, row, seen_version, by, reason=""):
    """Its history stays; a row on which others rest is not removed."""
    refuse_closed(take_version(row.program, seen_version))
    try:
        with transaction.atomic():
            remove(row, by, reason)
    except ProtectedError as error:
        raise ProgramError(
            f"“{row}” còn được nội dung khác của chương trình dẫn đến nên chưa xóa được."
        ) from error


def stored(program, upload, by):
    if not upload:
        return {}
    file = store_file(
        content=upload.read(),
        name=upload.name,
        content_type=upload.content_type,
        branch=program.owner,
        by=by,
    )
    return {"file": file}


def next_position(program, model):
    last = model.objects.filter(program=program).order_by("position").last()
    return last.position + 1 if last else 1


def check_part(row, fields, levels=()):
    """What the row is to name belongs to its programme, and no row stands above itself.

    A duty binds units of some levels or one unit. No constraint of the database can say so of
    rows in two tables, so it is said here, where every duty that names one unit is written.
    """
    refuse_foreign(fields.get("document"), row.program)
    if levels and fields.get("branch", getattr(row, "branch", None)):
        raise ProgramError("Chọn các cấp hoặc một đơn vị, không chọn cả hai.")
    link = ABOVE.get(type(row))
    above = fields.get(link)
    refuse_foreign(above, row.program)
    refuse_foreign(fields.get("about"), row.program)
    while above is not None:
        if above.pk == row.pk:
            raise ProgramError(f"“{above}” không đứng trên chính nó được.")
        above = getattr(above, link)
