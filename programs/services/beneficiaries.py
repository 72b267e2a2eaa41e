"""Verbs on the records of people helped: kept with consent, looked at with a trace, erased."""

from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.utils.timezone import localdate

from hoiphunu.text import clean
from programs.models import Beneficiary, Consent, Payment, RecordView

from .shared import (
    ProgramError,
    hold,
    keep_changes,
    refuse_closed,
    refuse_invalid,
    require_reason,
    take_version,
)
from .sponsorships import end_for_erasure, refuse_name

PREFIXES = {"household": "HO", "woman": "PN", "child": "TE", "pupil": "HS"}
AGREES_FROM = 7  # Luật 91/2025/QH15, Điều 24
ATTEMPTS = 20


@transaction.atomic
def add_beneficiary(*, program, branch, kind, consent, by, today, **fields):
    """A record with the consent that it may be kept; without one there is none.

    `consent` is a dict of Consent's fields but for `scope`. The code is ours: kind, year, number.
    """
    program = hold(program)
    refuse_closed(program)
    if not program.is_running:
        raise ProgramError("Chương trình chưa bắt đầu nên chưa lập được hồ sơ.")
    beneficiary = Beneficiary(program=program, branch=branch, kind=kind, **tidy(fields))
    keep_under_new_code(beneficiary, today.year, by)
    record_consent(
        beneficiary=beneficiary, by=by, scope=Consent.Scope.RECORD, today=today, **consent
    )
    return beneficiary


@transaction.atomic
def change_beneficiary(*, beneficiary, seen_version, by, reason="", **fields):
    """Change what is written of her. The history tells who and when, never what it said."""
    refuse_name(beneficiary, reason)
    beneficiary = take_version(beneficiary, seen_version)
    refuse_erased(beneficiary)
    refuse_withdrawn(beneficiary)
    before = beneficiary.birth_year
    keep_changes(beneficiary, tidy(fields), by, reason)
    refuse_name(beneficiary, reason)  # nor by the new name
    if beneficiary.birth_year != before:
        for consent in standing_consents(beneficiary):
            check_consent(consent)
    return beneficiary


@transaction.atomic
def record_consent(*, beneficiary, by, scope, today, **fields):
    """Write down that somebody agreed: who, how, when; a child of 7 or more agrees as well."""
    refuse_erased(beneficiary)
    consent = Consent(beneficiary=beneficiary, recorded_by=by, scope=scope, **fields)
    if standing_consents(beneficiary).filter(scope=scope).exists():
        raise ProgramError(f"Đã ghi sự đồng ý “{consent}” rồi.")
    if consent.given_on > today:
        raise ProgramError("Ngày đồng ý chưa đến.")
    consent.clean()
    check_consent(consent)
    refuse_invalid(consent)
    consent.save()
    return consent


@transaction.atomic
def withdraw_consent(*, consent, on, today):
    """From that day on what was agreed to must stop.

    Taken back for the record itself, nothing may be added to it any more; it is erased by hand,
    or by the nightly work when the time that the law gives is over.
    """
    refuse_erased(consent.beneficiary)
    taken = Consent.objects.filter(pk=consent.pk, withdrawn_on=None)
    if on > today:
        raise ProgramError("Ngày rút lại chưa đến.")
    if on < consent.given_on:
        raise ProgramError("Ngày rút lại phải từ ngày đồng ý trở đi.")
    if not taken.update(withdrawn_on=on):
        raise ProgramError("Sự đồng ý này đã được rút lại rồi.")


@transaction.atomic
def look_at(*, beneficiary, by, sensitive=False, purpose=""):
    """Leave a trace before the record is shown; the sensitive part needs a purpose."""
    purpose = clean(purpose)
    if sensitive and not purpose:
        raise ProgramError("Chị ghi giúp mục đích xem phần nhạy cảm.")
    refuse_name(beneficiary, purpose)
    return RecordView.objects.create(
        beneficiary=beneficiary, by=by, is_sensitive=sensitive, purpose=purpose
    )


@transaction.atomic
def erase_beneficiary(*, beneficiary, seen_version, by, reason, at, with_dues=False):
    """Empty the record for ever; code, kind and unit stay, so that counts stay true.

    What names her ends: sponsorships stop, the papers of consent are emptied. Refused while
    months of a sponsorship are due, unless `with_dues` gives them up.
    """
    require_reason(reason)
    refuse_name(beneficiary, reason)
    beneficiary = take_version(beneficiary, seen_version)
    refuse_erased(beneficiary)
    today = localdate(at)
    due = Payment.objects.filter(sponsorship__child=beneficiary).due(today).count()
    if due and not with_dues:
        raise ProgramError(
            f"Còn {due} tháng đỡ đầu chưa trao. Chị ghi việc trao trước, hoặc chọn bỏ các tháng đó."
        )
    end_for_erasure(beneficiary, today, by)
    empty_consents(beneficiary)
    for name in (*Beneficiary.BASIC, *Beneficiary.SENSITIVE):
        field = Beneficiary._meta.get_field(name)
        setattr(beneficiary, name, None if field.null else "")
    beneficiary.sort_key = ""
    beneficiary.erased_at, beneficiary.erased_by = at, by
    beneficiary.erase_reason = clean(reason)
    beneficiary._history_user, beneficiary._change_reason = by, clean(reason)
    beneficiary.save()
    return beneficiary


def erase_expired(*, on, at):
    """Erase what has been kept long enough; the codes of what is gone, and of what must wait.

    A record whose sponsorship still owes a month waits for an officer's decision.
    """
    gone, waiting = [], []
    for beneficiary in Beneficiary.objects.past_keeping(on).order_by("pk"):
        try:
            erase_beneficiary(
                beneficiary=beneficiary,
                seen_version=beneficiary.version,
                by=None,
                reason="hết thời hạn lưu hồ sơ",
                at=at,
            )
        except ProgramError:
            waiting.append(beneficiary.code)
        else:
            gone.append(beneficiary.code)
    return gone, waiting


# --- What the verbs ask -------------------------------------------------------------------------


def keep_under_new_code(beneficiary, year, by):
    """Two officers may reach for the same number: the slower one takes the next."""
    for _ in range(ATTEMPTS):
        beneficiary.code = next_code(beneficiary.kind, year)
        try:
            with transaction.atomic():
                keep_as_new(beneficiary, by)
        except IntegrityError:
            continue
        return
    raise ProgramError("Nhiều người đang lập hồ sơ cùng lúc. Chị bấm lưu lại lần nữa.")


def keep_as_new(beneficiary, by):
    refuse_invalid(beneficiary)
    beneficiary._history_user, beneficiary._change_reason = by, "lập hồ sơ"
    beneficiary.save()


def next_code(kind, year):
    begins = f"{PREFIXES[kind]}-{year}-"
    codes = Beneficiary.objects.filter(code__startswith=begins).values_list("code", flat=True)
    last = codes.order_by(Length("code").desc(), "-code").first()
    return f"{begins}{int(last.removeprefix(begins)) + 1 if last else 1:04}"


def tidy(fields):
    """Text cleaned at the door; the year of birth follows from the day."""
    tidied = {n: clean(v) if isinstance(v, str) else v for n, v in fields.items()}
    if tidied.get("born_on"):
        tidied["birth_year"] = tidied["born_on"].year
    return tidied


def check_consent(consent):
    """Who may agree for whom. In the year in which a child turns 7 it is asked already."""
    beneficiary = consent.beneficiary
    if not beneficiary.is_minor_kind:
        return
    if not beneficiary.birth_year:
        raise ProgramError("Chị ghi giúp năm sinh: trẻ từ 7 tuổi phải cùng đồng ý.")
    if not consent.relation:
        raise ProgramError("Người đồng ý thay trẻ là gì của trẻ: chị ghi giúp quan hệ.")
    if consent.given_on.year - beneficiary.birth_year >= AGREES_FROM and not consent.child_agrees:
        raise ProgramError("Trẻ từ 7 tuổi phải cùng đồng ý với người đại diện.")


def standing_consents(beneficiary):
    return beneficiary.consents.filter(withdrawn_on=None)


def is_agreed(beneficiary):
    """Somebody agreed that the record is kept, and has not taken it back."""
    return standing_consents(beneficiary).filter(scope=Consent.Scope.RECORD).exists()


def refuse_erased(beneficiary):
    if beneficiary.is_erased:
        raise ProgramError("Hồ sơ này đã xóa.")


def refuse_withdrawn(beneficiary):
    if not is_agreed(beneficiary):
        raise ProgramError(
            "Sự đồng ý lưu hồ sơ đã được rút lại, nên chỉ còn xóa hồ sơ hoặc ghi sự đồng ý mới."
        )


def empty_consents(beneficiary):
    """That somebody agreed, and when, is kept as proof; who it was is not."""
    for consent in beneficiary.consents.exclude(file=None).select_related("file"):
        paper, consent.file = consent.file, None
        consent.save()
        paper.delete()
        transaction.on_commit(lambda kept=paper.file: kept.delete(save=False))
    beneficiary.consents.update(given_by="", relation="", how="")
