"""Who holds what where, from when until when, and by which key she comes in."""

import secrets
from datetime import date, timedelta
from itertools import count

from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate, now

from branches.models import Position, User
from hoiphunu.text import slugify

from .checks import BranchError, refuse_invalid

ONE_TIME_DAYS = 14
# No vowels, no d, w, y: a Vietnamese keyboard joins them to other letters (w gives ư, dd gives
# đ). No 0, 1, l: on paper one looks like another. 22 signs, so twelve of them are 53 bits.
ONE_TIME_SIGNS = "bcghkmnpqrstvxz2345678"
ONE_TIME_PARTS, PART_LENGTH = 3, 4


# --- Accounts -------------------------------------------------------------------------------


def free_username(full_name, taken):
    """ "bui.thi.hoa", then "bui.thi.hoa2": dots, for a Vietnamese keyboard ends a word at one."""
    base = slugify(full_name).replace("-", ".")[:50] or "tai.khoan"
    if base not in taken:
        return base
    return next(name for n in count(2) if (name := f"{base}{n}") not in taken)


def usernames_like(full_name):
    base = free_username(full_name, ())
    return User.objects.filter(username__startswith=base).values_list("username", flat=True)


@transaction.atomic
def create_account(*, full_name, by, username="", phone="", email="", reason=""):
    """A new account; nobody can sign in to it until a one-time password is issued."""
    user = User(full_name=full_name, username=username, phone=phone, email=email)
    if not username:
        user.username = free_username(full_name, set(usernames_like(full_name)))
    user.set_unusable_password()
    user.fill_keys()
    refuse_invalid(user)
    user._history_user, user._change_reason = by, reason or "tạo tài khoản"
    user.save()
    return user


@transaction.atomic
def change_account(*, user, by, **facts):
    """Correct her name, phone or e-mail; nothing is written when nothing differs."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if all(getattr(user, name) == value for name, value in facts.items()):
        return user
    for name, value in facts.items():
        setattr(user, name, value)
    user.fill_keys()
    refuse_invalid(user)
    user._history_user, user._change_reason = by, "sửa thông tin"
    user.save()
    return user


def one_time_until():
    return now() + timedelta(days=ONE_TIME_DAYS)


@transaction.atomic
def issue_one_time_password(*, user, by, reason):
    """A password for one log-in, returned once and kept nowhere but as its hash.

    It ends her sessions, for its place is a lost password or a stranger at her desk.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise BranchError("Tài khoản này đang tạm khóa. Chị mở lại trước rồi cấp mật khẩu.")
    password = "-".join(
        "".join(secrets.choice(ONE_TIME_SIGNS) for _ in range(PART_LENGTH))
        for _ in range(ONE_TIME_PARTS)
    )
    user.set_password(password)
    user.one_time_until = one_time_until()
    user._history_user, user._change_reason = by, f"cấp mật khẩu một lần: {reason}"
    user.save()
    forget_wrong_passwords(user)
    return password


def forget_wrong_passwords(user):
    """She has a new password, so she need not wait out those that she had mistyped."""
    AccessAttempt.objects.filter(username=user.username).delete()


@transaction.atomic
def set_active(*, user, is_active, by, reason):
    """Close the account for now, which ends its sessions, or open it again."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.pk == by.pk:
        raise BranchError("Chị không tạm khóa tài khoản của chính mình được.")
    user.is_active = is_active
    user.session_round += not is_active
    user._history_user, user._change_reason = by, reason
    user.save()
    return user


def end_sessions(user):
    """Whoever is signed in as her is signed out at the next request."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)


def end_sessions_if_idle(user):
    """The same, of one who holds nothing more today."""
    if not user.positions.in_force(localdate()).exists():
        end_sessions(user)


# --- Positions ------------------------------------------------------------------------------


@transaction.atomic
def hold_position(*, user, branch, role, title="", started_on=None, by=None, reason=""):
    """Give a person a role in a unit."""
    position = Position(
        user=user,
        branch=branch,
        role=role,
        title=title,
        started_on=started_on or localdate(),
    )
    refuse_held(position)
    refuse_invalid(position)
    position._history_user, position._change_reason = by, reason
    position.save()
    user.__dict__.pop("standing", None)
    return position


def refuse_held(position):
    """Nobody holds the same role in the same unit twice at a time."""
    held = Position.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=position.started_on),
        user=position.user,
        branch=position.branch,
        role=position.role,
    )
    if held.exists():
        raise BranchError(
            f"{position.user} đang giữ vai trò {position.get_role_display().lower()} "
            f"ở {position.branch.office_name}."
        )


@transaction.atomic
def end_position(*, position, ended_on: date, by, reason=""):
    """The person holds the role no more from `ended_on` on; what she did stays in her name.

    With her last position in force her sessions end.
    """
    position.ended_on = ended_on
    refuse_invalid(position)
    position._history_user, position._change_reason = by, reason
    position.save()
    position.user.__dict__.pop("standing", None)
    end_sessions_if_idle(position.user)
    return position


@transaction.atomic
def hand_over(*, positions, to, on, by, title="", reason="bàn giao"):
    """Pass an office on: each of one person's `positions` ends, the same begins for `to`.

    `title`: how the office is called from now on; "" keeps each as it was. The work in hand
    follows the position by itself; what was done stays in the name of whoever did it.
    """
    ids = [position.pk for position in positions]
    standing = Position.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    standing = list(standing.select_related("user", "branch").order_by("pk"))
    refuse_hand_over(standing, to, on)
    begun = []
    for position in standing:
        end_position(position=position, ended_on=on, by=by, reason=f"{reason}: bàn giao cho {to}")
        begun.append(
            hold_position(
                user=to,
                branch=position.branch,
                role=position.role,
                title=title or position.title,
                started_on=on,
                by=by,
                reason=f"{reason}: nhận bàn giao từ {position.user}",
            )
        )
    return begun


def refuse_hand_over(positions, to, on):
    if not positions:
        raise BranchError("Chị chọn ít nhất một vị trí để bàn giao.")
    for position in positions:
        if position.ended_on and position.ended_on <= on:
            raise BranchError(f"{position} đã kết thúc ngày {position.ended_on:%d/%m/%Y}.")
        if on < position.started_on:
            raise BranchError(
                f"{position} mới bắt đầu ngày {position.started_on:%d/%m/%Y}; "
                "ngày bàn giao phải từ ngày ấy trở đi."
            )
        if position.branch.closed_on and position.branch.closed_on <= on:
            raise BranchError(f"{position.branch.office_name} đã kết thúc hoạt động.")
        if position.user_id == to.pk:
            raise BranchError("Người nhận phải là người khác.")
    if not to.is_active:
        raise BranchError(f"Tài khoản của {to} đang tạm khóa. Chị mở lại trước rồi bàn giao.")
