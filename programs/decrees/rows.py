"""What the parts share: rows put under another unit, and given back."""

from django.db import IntegrityError, transaction

from branches.services import BranchError
from branches.services.offices import BY_HAND, rewrite
from programs.models import Program

NOT_CLOSED = (Program.Status.DRAFT, Program.Status.RUNNING)


def is_free(taken, key):
    free = key not in taken
    taken.add(key)
    return free


def put_under(rows, model, name, heirs, signed):
    """Let each row name, in this field, what `heirs` says for its id."""
    attname = model._meta.get_field(name).attname
    names = [name, "version"] if hasattr(model, "version") else [name]
    for row in rows:
        setattr(row, attname, heirs[row.pk])
        if hasattr(row, "version"):
            row.version += 1
    if hasattr(model, "history"):
        rewrite(rows, model, names, signed)
    else:  # a paper to be read
        model.objects.bulk_update(rows, names)


def give_back(model, name, moved, signed):
    """Put the unit back where it still is the successor; a person's later choice stays."""
    attname = model._meta.get_field(name).attname
    before = {pk: (old, new) for pk, old, new in moved}
    rows = [
        row
        for row in model.objects.filter(pk__in=before)
        if getattr(row, attname) == before[row.pk][1]
    ]
    try:
        with transaction.atomic():
            put_under(rows, model, name, {pk: old for pk, (old, _) in before.items()}, signed)
    except IntegrityError as error:  # its place has been taken since
        words = str(model._meta.verbose_name)
        raise BranchError(BY_HAND.format(words[:1].upper() + words[1:])) from error
