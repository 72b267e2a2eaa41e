"""Who holds what where, from when until when, and by which key she comes in."""

import secrets
from datetime import date, timedelta
from itertools import count

from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate, now

from branches.models import Branch, Position, User
from hoiphunu.text import exact_fold, slugify

from .checks import BranchError, refuse_invalid

ONE_TIME_DAYS = 14
# No vowels, no d, w, y: a Vietnamese keyboard joins them to other letters (w gives ư, dd gives
# đ). No 0, 1, l: on paper one looks like another. 22 signs, so twelve of them are 53 bits.
ONE_TIME_SIGNS = "bcghkmnpqrstvxz2345678"
ONE_TIME_PARTS, PART_LENGTH = 3, 4
ONE_TIME_FORM = "-".join([f"[{ONE_TIME_SIGNS}]{{{PART_LENGTH}}}"] * ONE_TIME_PARTS)


class TwinError(BranchError):
    """There is an account already that looks like the same person's."""


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


def refuse_twin(*, full_name, phone, email, branches, by, is_another):
    """One person, one account: asks once before a second is made, for `is_another` means it.

    What was made in the last minute is the same button pressed twice, whatever is ticked.
    Others' accounts are not looked at: whether they exist is not hers to learn.
    """
    User.objects.select_for_update().get(pk=by.pk)  # her next press waits for this one
    hers = User.objects.looked_after_by(by, localdate()).filter(is_active=True)
    held = Position.objects.filter(Q(ended_on=None) | Q(ended_on__gt=localdate()))
    at_unit = hers.filter(pk__in=held.filter(branch__in=branches).values("user"))
    twins = [twin for twin in at_unit if exact_fold(twin.full_name) == exact_fold(full_name)]
    pressed_twice = [t for t in twins if t.created_at > now() - timedelta(minutes=1)]
    if pressed_twice:
        raise TwinError(
            f"Tài khoản {pressed_twice[0].username} vừa được tạo cho {full_name}. "
            "Nếu đây là người khác cùng tên, chị chờ một phút rồi tạo lại."
        )
    if is_another:
        return
    reached = Q(pk__in=[twin.pk for twin in twins])
    if phone:
        reached |= Q(phone=phone)
    if email:
        reached |= Q(email__iexact=email)
    known = [f"{twin} ({twin.username})" for twin in hers.filter(reached)[:3]]
    if known:
        raise TwinError(f"Đã có tài khoản: {', '.join(known)}. Chị vẫn tạo thêm?")


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


def use_one_time(user):
    """At the door: her one-time password opens it now and never again.

    Whoever goes before she has set her own needs a new paper. False if somebody was quicker
    with the same paper; True for whoever has a password of her own.
    """
    if not user.must_set_password:
        return True
    at = now()
    unused = User.objects.filter(pk=user.pk, one_time_until__gte=at)
    if not unused.update(one_time_until=at):
        return False
    user.one_time_until = at
    return True


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
    tops = lock_tops_of(user.positions.all())
    user.save()
    if not is_active:
        refuse_headless(tops, localdate())
    return user


def end_sessions(user):
    """Whoever is signed in as her is signed out at the next request."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)


def end_sessions_if_idle(user):
    """The same, of one who holds nothing more today."""
    if not user.positions.in_force(localdate()).exists():
        end_sessions(user)


def end_sessions_of_departed(day):
    """The same, of all whose last position ends on this day, as was written down before."""
    at_work = Position.objects.in_force(day).values("user")
    departed = User.objects.filter(positions__ended_on=day).exclude(pk__in=at_work)
    ids = list(departed.values_list("pk", flat=True).distinct())
    return User.objects.filter(pk__in=ids).update(session_round=F("session_round") + 1)


# --- Positions ------------------------------------------------------------------------------


@transaction.atomic
def hold_position(*, user, branch, role, title="", started_on=None, by=None, reason=""):
    """Give a person a role in a unit; `by` is None for commands alone."""
    terms = {"branch": branch, "role": role, "title": title, "started_on": started_on}
    (position,) = hold_positions(user=user, terms=[terms], by=by, reason=reason)
    return position


@transaction.atomic
def hold_positions(*, user, terms, by=None, reason=""):
    """Give a person several roles at once: branch, role, title and started_on of each."""
    if by is not None:
        for term in terms:
            refuse_foreign(by, user, term["branch"])
    return begin_positions(user, terms, by, reason)


def begin_positions(user, terms, by, reason):
    held_before = list(user.positions.select_related("branch"))
    begun = []
    for term in terms:
        position = Position(user=user, **term | {"started_on": term["started_on"] or localdate()})
        refuse_held(position)
        refuse_invalid(position)
        position._history_user, position._change_reason = by, reason
        position.save()
        begun.append(position)
    user.__dict__.pop("standing", None)
    if held_before and is_beyond(held_before, begun):
        void_known_password(user, by)
    return begun


def refuse_foreign(by, user, branch):
    """She gives roles where she is administrator, to those whose accounts she looks after."""
    if not by.has_perm("branches.manage_people", branch):
        raise BranchError(f"Chị không quản trị {branch.office_name}.")
    if not by.has_perm("branches.change_user", user):
        raise BranchError(
            f"{user} còn giữ vị trí ngoài phạm vi chị quản trị, nên chị không giao vị trí được."
        )


def is_beyond(held, begun):
    """Does one of `begun` lie outside all that she holds, or is to hold, already?"""
    paths = tuple(position.branch.path for position in held if not position.is_over)
    return not all(position.branch.path.startswith(paths) for position in begun)


def void_known_password(user, by):
    """She rises above those who looked after her account: what they know opens nothing more.

    Her sessions end. A password of her own stays; instead of one that somebody else has read
    she needs a new one, from whoever looks after her account now.
    """
    user.refresh_from_db(fields=["password", "one_time_until", "session_round"])
    user.session_round += 1
    if user.must_set_password:
        user.set_unusable_password()
        user.one_time_until = None
        user._history_user = by
        user._change_reason = "mật khẩu một lần hết hiệu lực vì nhận vị trí ở đơn vị khác"
        user.save()
    else:
        User.objects.filter(pk=user.pk).update(session_round=user.session_round)


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
    return change_position(position=position, by=by, reason=reason, ended_on=ended_on)


@transaction.atomic
def change_position(*, position, by, reason="", **facts):
    """Correct its title or first day, or end it; an end that is written down stays."""
    tops = lock_tops_of([position])
    if position.ended_on and "ended_on" in facts and facts["ended_on"] is None:
        raise BranchError(f"Vị trí này đã kết thúc ngày {position.ended_on:%d/%m/%Y}.")
    for name, value in facts.items():
        setattr(position, name, value)
    today = localdate()
    if by == position.user and (facts.get("ended_on") or position.started_on > today):
        raise BranchError("Vị trí của chính mình thì chị bàn giao, không tự kết thúc.")
    write_position(position, by, reason)
    refuse_headless(tops, max(today, position.ended_on or today))
    end_sessions_if_idle(position.user)
    return position


def write_position(position, by, reason):
    refuse_invalid(position)
    position._history_user, position._change_reason = by, reason
    position.save()
    position.user.__dict__.pop("standing", None)


def lock_tops_of(positions):
    """The highest units of which these make somebody administrator.

    Locked, so that two leads do not put each other out in the same moment.
    """
    lead = Position.Role.ADMINISTRATOR
    ids = [p.branch_id for p in positions if p.role == lead and not p.is_over]
    tops = Branch.objects.select_for_update(of=("self",)).filter(pk__in=ids, parent=None)
    return list(tops.order_by("pk"))


def refuse_headless(tops, day):
    """Above the highest unit there is nobody who could let its people in again."""
    for top in tops:
        leads = top.positions.in_force(day).filter(role=Position.Role.ADMINISTRATOR)
        if not any(lead.user.can_sign_in for lead in leads.select_related("user")):
            raise BranchError(
                f"{top.office_name} sẽ không còn người quản trị nào đăng nhập được. Chị giao vai "
                "trò quản trị cho người khác và cấp mật khẩu cho chị ấy trước."
            )


@transaction.atomic
def hand_over(*, positions, to, on, by, title="", reason="bàn giao"):
    """Pass an office on: each of one person's `positions` ends, the same begins for `to`.

    `title`: how the office is called from now on; "" keeps each as it was. The work in hand
    follows the position by itself; what was done stays in the name of whoever did it.
    """
    begun, tops = pass_positions(positions, to, on, by, title, reason)
    refuse_headless(tops, max(on, localdate()))
    return begun


@transaction.atomic
def hand_own_over(*, positions, to, on, by, title="", reason="bàn giao"):
    """The same with an office of her own: afterwards she can let nobody in any more.

    So `to`, if she cannot sign in, gets her one-time password here: (positions, it or None).
    """
    begun, tops = pass_positions(positions, to, on, by, title, reason)
    to.refresh_from_db()
    password = None
    if not to.can_sign_in:
        password = issue_one_time_password(user=to, by=by, reason=f"{reason}: nhận bàn giao")
    refuse_headless(tops, max(on, localdate()))
    return begun, password


def pass_positions(positions, to, on, by, title, reason):
    ids = [position.pk for position in positions]
    standing = Position.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    standing = list(standing.select_related("user", "branch").order_by("pk"))
    refuse_hand_over(standing, to, on)
    tops = lock_tops_of(standing)
    for position in standing:  # before she may have handed over her own right to do so
        refuse_foreign(by, to, position.branch)
    terms = []
    for position in standing:
        position.ended_on = on
        write_position(position, by, f"{reason}: bàn giao cho {to}")
        terms.append(
            {
                "branch": position.branch,
                "role": position.role,
                "title": title or position.title,
                "started_on": on,
            }
        )
    giver = standing[0].user
    end_sessions_if_idle(giver)
    return begin_positions(to, terms, by, f"{reason}: nhận bàn giao từ {giver}"), tops


def refuse_hand_over(positions, to, on):
    if not positions:
        raise BranchError("Chị chọn ít nhất một vị trí để bàn giao.")
    waiting = Branch.objects.waiting().filter(positions__in=positions)
    waiting = set(waiting.values_list("pk", flat=True))
    for position in positions:
        if position.ended_on and position.ended_on <= on:
            raise BranchError(f"{position} đã kết thúc ngày {position.ended_on:%d/%m/%Y}.")
        if on < position.started_on:
            raise BranchError(
                f"{position} mới bắt đầu ngày {position.started_on:%d/%m/%Y}; "
                "ngày bàn giao phải từ ngày ấy trở đi."
            )
        closed_on = position.branch.closed_on
        if closed_on and closed_on <= on and position.branch_id not in waiting:
            raise BranchError(f"{position.branch.office_name} đã kết thúc hoạt động.")
        if position.user_id == to.pk:
            raise BranchError("Người nhận phải là người khác.")
        try:
            refuse_held(
                Position(user=to, branch=position.branch, role=position.role, started_on=on)
            )
        except BranchError as error:
            raise BranchError(
                f"{error} Chị bỏ chọn vị trí ấy ở đây, rồi dùng “Thôi giữ” cho {position.user}."
            ) from error
    if not to.is_active:
        raise BranchError(f"Tài khoản của {to} đang tạm khóa. Chị mở lại trước rồi bàn giao.")
