"""How long a programme keeps the people helped by name: said, told beforehand, then erased.

What goes: the records, the photos of hand-overs, the words of a paper that was read. What stays:
codes, counts, money, minutes and the official papers.
"""

from django.db import transaction

from programs.models import Beneficiary, DeliveryFile, Program
from programs.queries.keeping import TOLD_BEFORE, erased_from

from .beneficiaries import erase_beneficiary
from .shared import ProgramError, hold, keep_changes, require_reason, take_version

REASON = "hết thời hạn lưu của chương trình"
WORDS_GONE = "Phần chữ và các đề xuất đã xóa theo thời hạn lưu của chương trình."


@transaction.atomic
def set_keeping(*, program, seen_version, keep_months, reason, by):
    """So many months after its end; None: until a person erases. Of a closed programme too, as long
    as nothing is erased; then it is told anew, and 30 days run again."""
    program = take_version(program, seen_version)
    if program.erased_on:
        raise ProgramError("Hồ sơ của chương trình này đã xóa rồi.")
    if program.is_closed:
        require_reason(reason)
    keep_changes(program, {"keep_months": keep_months, "erasure_told_on": None}, by, reason)
    return program


def keep_no_longer(*, on, at):
    """The nightly work, safe to run twice: (programmes told, programmes done)."""
    kept = Program.objects.exclude(keep_months=None).filter(erased_on=None).order_by("pk")
    told, done = [], []
    for program in kept:
        if tell(program, on):
            told.append(program)
        elif erase_kept(program, on, at):
            done.append(program)
    return told, done


@transaction.atomic
def tell(program, on):
    """Say it on the owner's pages, 30 days before or, if the worker slept, today."""
    program = hold(program)
    until = program.keep_until
    if until is None or program.erasure_told_on or on < until - TOLD_BEFORE:
        return False
    keep_changes(program, {"erasure_told_on": on}, None, "báo trước việc xóa hồ sơ")
    return True


@transaction.atomic
def erase_kept(program, on, at):
    """Erase what it was told of; True once nothing is left. A record whose sponsorship still owes a
    month waits for a person, as elsewhere."""
    program = hold(program)
    is_told = program.keep_until and program.erasure_told_on
    if not is_told or on < erased_from(program):
        return False
    drop_photos(program)
    drop_words(program)
    if not erase_people(program, at):
        return False
    keep_changes(program, {"erased_on": on}, None, REASON)
    return True


def erase_people(program, at):
    is_done = True
    for record in Beneficiary.objects.of(program).standing().order_by("pk"):
        try:
            erase_beneficiary(
                beneficiary=record, seen_version=record.version, by=None, reason=REASON, at=at
            )
        except ProgramError:
            is_done = False
    return is_done


def drop_photos(program):
    """The rows go at once, the files when the transaction has ended well."""
    photos = DeliveryFile.objects.filter(
        delivery__item__program=program, kind=DeliveryFile.Kind.PHOTO
    ).select_related("file")
    for photo in photos:
        stored = photo.file
        photo.persons.all().delete()
        photo.delete()
        stored.delete()
        transaction.on_commit(lambda kept=stored.file: kept.delete(save=False))


def drop_words(program):
    """The official paper itself stays among the programme's papers."""
    program.readings.update(text="", proposals=[], unknown=[], choices={}, message=WORDS_GONE)
