"""Verbs on invitations: the giver asks somebody without an account to answer for the receiver.

What a guest types is believed only together with her invitation, which stands in her session.
The code is tried with the row locked, so that tries at one moment are counted one by one.
"""

import secrets
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.timezone import localdate, localtime

from branches.services import ONE_TIME_SIGNS
from hoiphunu.text import clean
from programs.models import Delivery, Invitation

from .shared import ProgramError, keep, keep_changes, take_version
from .support import Guest, confirm_delivery, dispute_delivery

INVITED_DAYS, MOST_DAYS = 30, 90
CODE_PARTS, PART_LENGTH = 2, 4  # 8 of 22 signs: 35 bits, against 5 tries in 15 minutes
MOST_WRONG, LOCKED_FOR = 5, timedelta(minutes=15)
ENDED = "Lời mời này không còn dùng được. Anh/chị nhắn người đã mời để nhận lời mời mới."


# --- The giver ----------------------------------------------------------------------------------


@transaction.atomic
def invite_guest(*, deliveries, guest_name, guest_office, ends_on, by, today):
    """(the invitation, its code): whom the giver asks about these hand-overs of hers.

    The code is told this once and kept nowhere but as its hash.
    """
    check_deliveries(deliveries)
    check_last_day(ends_on, today)
    code = new_code()
    invitation = Invitation(
        guest_name=guest_name,
        guest_office=guest_office,
        ends_on=ends_on,
        invited_by=by,
        code_hash=make_password(code),
    )
    keep(invitation, by, "mời bên nhận xác nhận")
    invitation.deliveries.set(deliveries)
    return invitation, code


@transaction.atomic
def renew_code(*, invitation, seen_version, by, today):
    """(the invitation, its new code): the old one and whoever came in by it are out at once."""
    invitation = take_version(invitation, seen_version)
    refuse_over(invitation, today)
    code = new_code()
    changes = {"code_hash": make_password(code), "wrong_codes": 0, "locked_until": None}
    keep_changes(invitation, changes, by, "tạo mã mới")
    return invitation, code


@transaction.atomic
def withdraw_invitation(*, invitation, seen_version, by, at):
    """Nobody comes in by it any more; what was answered stays."""
    invitation = take_version(invitation, seen_version)
    refuse_over(invitation, localdate(at))
    keep_changes(invitation, {"withdrawn_at": at}, by, "rút lời mời")
    return invitation


def check_deliveries(deliveries):
    if not deliveries:
        raise ProgramError("Không có lần trao nào chờ xác nhận.")
    if len({delivery.item.giver_id for delivery in deliveries}) > 1:
        raise ProgramError("Các lần trao của hai đơn vị trao thì mời riêng từng bên.")
    told = Delivery.objects.filter(pk__in=[row.pk for row in deliveries])
    if told.told_to_guests().to_confirm().count() != len(deliveries):
        raise ProgramError(
            "Có lần trao đã được bên nhận xác nhận hoặc đã hủy. Chị mở lại trang để xem."
        )


def check_last_day(ends_on, today):
    if not today <= ends_on <= today + timedelta(days=MOST_DAYS):
        raise ProgramError(f"Lời mời dùng được từ hôm nay đến nhiều nhất {MOST_DAYS} ngày.")


def refuse_over(invitation, today):
    if invitation.withdrawn_at:
        raise ProgramError("Lời mời này đã rút.")
    if not Invitation.objects.open_on(today).filter(pk=invitation.pk).exists():
        raise ProgramError("Lời mời này đã hết hạn, hoặc không còn lần trao nào để xem.")


def new_code():
    """ "k3m7-p9rt": signs that a Vietnamese keyboard leaves as they are."""
    parts = [
        "".join(secrets.choice(ONE_TIME_SIGNS) for _ in range(PART_LENGTH))
        for _ in range(CODE_PARTS)
    ]
    return "-".join(parts)


# --- The guest ----------------------------------------------------------------------------------


def find_invitation(*, on, **lookup):
    """The one that this token or id names, if it is open on that day; else None."""
    invitations = Invitation.objects.open_on(on).select_related("invited_by")
    return invitations.filter(**lookup).first()


@transaction.atomic
def use_code(*, invitation, code, at):
    """Is it the code? A wrong one is counted; after five nobody is heard for a quarter of an
    hour, with ProgramError, the right code neither."""
    row = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if row.locked_until and row.locked_until > at:
        raise ProgramError(
            "Mã đã gõ sai nhiều lần. Anh/chị gõ lại từ "
            f"{localtime(row.locked_until):%H:%M}, hoặc nhờ người mời tạo mã mới."
        )
    is_right = check_password(as_issued(code), row.code_hash)
    if is_right:
        row.wrong_codes, row.used_at = 0, at
    else:
        row.wrong_codes += 1
        if row.wrong_codes >= MOST_WRONG:
            row.wrong_codes, row.locked_until = 0, at + LOCKED_FOR
    row.save_without_historical_record(
        update_fields=["wrong_codes", "locked_until", "used_at"]
    )  # what the guest does at the door is no change of the invitation
    return is_right


def as_issued(code):
    """As a telephone may write it: capitals, blanks, the stroke left out."""
    signs = "".join(sign for sign in code.casefold() if sign.isalnum())
    return "-".join(signs[n : n + PART_LENGTH] for n in range(0, len(signs), PART_LENGTH))


@transaction.atomic
def answer_as_guest(*, invitation, delivery, seen_version, is_right, words, name, office, at):
    """The guest says that it is so, or in her words what is not; the invitation must still hold."""
    row = Invitation.objects.select_for_update().get(pk=invitation.pk)
    is_open = Invitation.objects.open_on(localdate(at)).filter(pk=row.pk).exists()
    is_hers = row.shown().filter(pk=delivery.pk).exists()
    if not (is_open and is_hers and row.version == invitation.version):
        raise ProgramError(ENDED)
    guest = Guest(row, clean(name), clean(office))
    said = {"delivery": delivery, "seen_version": seen_version, "by": guest, "at": at}
    if is_right:
        return confirm_delivery(**said, answer=words)
    return dispute_delivery(**said, reason=words)
