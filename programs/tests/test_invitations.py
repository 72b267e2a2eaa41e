"""A guest answers for a receiver without an account: the rules, and what stands in the rows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate, now

from branches.models import User
from programs.models import Delivery, Invitation, ItemKind
from programs.services import (
    STALE,
    ProgramError,
    add_item,
    answer_as_guest,
    cancel_delivery,
    cancel_program,
    close_program,
    confirm_delivery,
    dispute_delivery,
    end_item,
    find_invitation,
    invite_guest,
    record_delivery,
    renew_code,
    use_code,
    withdraw_invitation,
)

from .support import minutes, photo

DAY = date(2021, 5, 10)
AT = now()
TODAY = localdate(AT)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hand_over(program, units, people):
    """`hand_over()`: Giang of Sơn Trà has given to Thọ Quang."""

    def give(place=None, giver=None, **fields):
        place = place or units.tho_quang
        item = add_item(
            program=program, giver=giver or units.son_tra, places=[place], what="50 suất quà",
            kind=ItemKind.objects.get(code="qua"), by=people.an,
        )  # fmt: skip
        return record_delivery(
            item=item, place=place, given_on=DAY, by=people.giang, value=5_000_000,
            photos=[photo()], **fields,
        )  # fmt: skip

    return give


@pytest.fixture
def delivery(hand_over):
    return hand_over()


@pytest.fixture
def invite(delivery, people):
    """`invite()`: Giang asks Pành, who has no account; the invitation and its code."""

    def ask(*deliveries, **fields):
        fields = {
            "guest_name": "Lò Thị Pành",
            "guest_office": "Trường tiểu học Thọ Quang",
            "ends_on": TODAY + timedelta(days=30),
            "by": people.giang,
            "today": TODAY,
        } | fields
        return invite_guest(deliveries=deliveries or [delivery], **fields)

    return ask


def answered(invitation, delivery, **fields):
    fields = {
        "is_right": True,
        "words": "",
        "name": "Lò Thị  Pành",
        "office": "Hiệu trưởng",
        "seen_version": delivery.version,
        "at": AT,
    } | fields
    return answer_as_guest(invitation=invitation, delivery=delivery, **fields)


def is_open(invitation, on=TODAY):
    return find_invitation(on=on, pk=invitation.pk) is not None


# --- The giver's side ---------------------------------------------------------------------------


def test_the_code_is_told_once_and_kept_as_its_hash(invite):
    invitation, code = invite()

    kept = Invitation.objects.values_list().get(pk=invitation.pk)
    assert not any(code in str(cell) for cell in kept)
    assert use_code(invitation=invitation, code=code, at=AT)
    assert not hasattr(invitation.history.first(), "code_hash")
    assert not hasattr(invitation.history.first(), "token")


def test_no_guest_becomes_a_user(invite, delivery):
    before = User.objects.count()
    invitation, _ = invite()

    answered(invitation, delivery)

    assert User.objects.count() == before


@pytest.mark.parametrize("days", [-1, 91, 4000])
def test_an_invitation_lasts_from_today_to_ninety_days(invite, days):
    with pytest.raises(ProgramError, match="nhiều nhất 90 ngày"):
        invite(ends_on=TODAY + timedelta(days=days))

    assert not Invitation.objects.exists()


@pytest.mark.parametrize("field", ["guest_name", "guest_office"])
def test_whom_she_invites_is_said(invite, field):
    with pytest.raises(ProgramError, match="Chị ghi mời ai, ở đơn vị nào."):
        invite(**{field: " "})


def test_nobody_is_asked_about_what_is_confirmed_or_taken_back(invite, hand_over, people):
    confirmed, cancelled = hand_over(), hand_over()
    confirm_delivery(delivery=confirmed, seen_version=1, by=people.hoa, at=AT)
    cancel_delivery(delivery=cancelled, seen_version=1, by=people.giang, reason="ghi nhầm")

    for row in (confirmed, cancelled):
        with pytest.raises(ProgramError, match="đã được bên nhận xác nhận hoặc đã hủy"):
            invite(row)
    with pytest.raises(ProgramError, match="Không có lần trao nào chờ xác nhận"):
        invite_guest(
            deliveries=[], guest_name="Pành", guest_office="xã", ends_on=TODAY, by=people.an,
            today=TODAY,
        )  # fmt: skip


def test_who_signed_minutes_may_still_be_asked_herself(invite, hand_over):
    signed = hand_over(minutes=[minutes()])
    invitation, _ = invite(signed)

    assert answered(invitation, signed).status == Delivery.Status.CONFIRMED


def test_two_givers_invite_apart(invite, delivery, hand_over, units):
    with pytest.raises(ProgramError, match="mời riêng từng bên"):
        invite(delivery, hand_over(giver=units.cong_an))


# --- The code -----------------------------------------------------------------------------------


def test_a_telephone_may_write_the_code_in_its_own_way(invite):
    invitation, code = invite()

    for typed in (code.upper(), code.replace("-", ""), f" {code[:4]} {code[5:]} "):
        assert use_code(invitation=invitation, code=typed, at=AT), typed


def test_five_wrong_codes_make_everybody_wait_a_quarter_of_an_hour(invite):
    invitation, code = invite()
    tries = [use_code(invitation=invitation, code=f"sai-{n}", at=AT) for n in range(5)]
    assert tries == [False] * 5

    for typed in (code, "sai-6"):
        with pytest.raises(ProgramError, match="Mã đã gõ sai nhiều lần"):
            use_code(invitation=invitation, code=typed, at=AT + timedelta(minutes=14))

    assert use_code(invitation=invitation, code=code, at=AT + timedelta(minutes=16))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_codes_tried_at_one_moment_are_counted_one_by_one(invite):
    invitation, _ = invite()

    def guess(number):
        try:
            return use_code(invitation=invitation, code=f"sai-{number}", at=AT)
        except ProgramError:
            return "waits"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        heard = list(pool.map(guess, range(16)))

    assert (heard.count(False), heard.count("waits")) == (5, 11)


def test_the_right_code_forgets_the_wrong_ones_and_tells_when_it_was_used(invite):
    invitation, code = invite()
    for _ in range(3):
        for _ in range(4):
            assert not use_code(invitation=invitation, code="sai", at=AT)
        assert use_code(invitation=invitation, code=code, at=AT)

    invitation.refresh_from_db()
    assert invitation.used_at == AT
    assert invitation.history.count() == 1


def test_a_new_code_ends_the_old_one_and_the_waiting(invite, people):
    invitation, old = invite()
    for _ in range(5):
        use_code(invitation=invitation, code="sai", at=AT)

    renewed, code = renew_code(invitation=invitation, seen_version=1, by=people.giang, today=TODAY)

    assert not use_code(invitation=renewed, code=old, at=AT)
    assert use_code(invitation=renewed, code=code, at=AT)
    assert renewed.history.first().history_change_reason == "tạo mã mới"


def test_two_givers_at_once_do_not_both_make_a_code(invite, people):
    invitation, _ = invite()
    renew_code(invitation=invitation, seen_version=1, by=people.giang, today=TODAY)

    with pytest.raises(ProgramError, match=STALE):
        withdraw_invitation(invitation=invitation, seen_version=1, by=people.an, at=AT)


# --- The answer ---------------------------------------------------------------------------------


def test_a_guests_yes_is_the_receivers_with_her_name_and_the_invitation(invite, delivery, people):
    invitation, _ = invite()

    said = answered(invitation, delivery)

    said.refresh_from_db()
    words = "khách mời: Lò Thị Pành, Hiệu trưởng, theo lời mời của Võ Thị Giang"
    assert (said.status, said.answered_by, said.answered_at) == ("confirmed", None, AT)
    assert (said.invitation, said.answerer) == (invitation, words)
    assert said.status_label == "Khách mời xác nhận"
    newest = said.history.first()
    assert newest.history_change_reason == f"bên nhận xác nhận – {words}"
    assert newest.history_user is None
    assert newest.guest_name == "Lò Thị Pành"


def test_a_guest_says_what_is_not_right_in_words(invite, delivery):
    invitation, _ = invite()
    with pytest.raises(ProgramError, match="Chị ghi giúp lý do"):
        answered(invitation, delivery, is_right=False)

    said = answered(invitation, delivery, is_right=False, words="mới nhận 40 suất")

    assert (said.status, said.answer) == ("disputed", "mới nhận 40 suất")
    assert said.status_label == "Khách mời báo chưa đúng"


def test_the_second_of_two_answers_at_once_is_told(invite, delivery, people):
    invitation, _ = invite()
    other, _ = invite(guest_name="Vừ Bá Xềnh")
    answered(invitation, delivery, seen_version=1)

    with pytest.raises(ProgramError, match=STALE):
        answered(other, delivery, seen_version=1, is_right=False, words="chưa nhận")
    with pytest.raises(ProgramError, match=STALE):
        confirm_delivery(delivery=delivery, seen_version=1, by=people.hoa, at=AT)

    delivery.refresh_from_db()
    assert delivery.guest_name == "Lò Thị Pành"


def test_an_officers_later_answer_stands_in_her_own_name(invite, delivery, people):
    invitation, _ = invite()
    said = answered(invitation, delivery)

    later = dispute_delivery(
        delivery=said, seen_version=said.version, by=people.hoa, at=AT, reason="thiếu 10 suất"
    )

    assert (later.answered_by, later.invitation, later.guest_name) == (people.hoa, None, "")
    assert later.status_label == "Bên nhận báo chưa đúng"
    assert later.answerer == "Bùi Thị Hoa"
    assert "Lò Thị Pành" in later.history.all()[1].history_change_reason


@pytest.mark.parametrize("field", ["name", "office"])
def test_a_guest_without_a_name_or_an_office_is_not_heard(invite, delivery, field):
    invitation, _ = invite()

    with pytest.raises(ProgramError, match="Khách mời ghi họ tên"):
        answered(invitation, delivery, **{field: " "})


def test_the_database_refuses_a_guest_who_is_a_user_too(invite, delivery, people):
    invitation, _ = invite()
    rows = Delivery.objects.filter(pk=delivery.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(
            invitation=invitation, guest_name="Pành", guest_office="xã", answered_by=people.hoa
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(guest_name="Pành", guest_office="xã")


def test_a_guest_answers_only_what_she_is_asked_about(invite, delivery, hand_over):
    invitation, _ = invite()
    other = hand_over()

    with pytest.raises(ProgramError, match="Lời mời này không còn dùng được"):
        answered(invitation, other)

    other.refresh_from_db()
    assert other.status == "unconfirmed"


# --- The end ------------------------------------------------------------------------------------


def test_an_invitation_ends_with_its_day(invite):
    invitation, _ = invite(ends_on=TODAY)

    assert is_open(invitation)
    assert not is_open(invitation, on=TODAY + timedelta(days=1))


def test_a_withdrawn_invitation_takes_no_answer_and_what_was_answered_stays(
    invite, delivery, hand_over, people
):
    second = hand_over()
    invitation, _ = invite(delivery, second)
    answered(invitation, delivery)

    withdraw_invitation(invitation=invitation, seen_version=1, by=people.giang, at=AT)

    assert not is_open(invitation)
    with pytest.raises(ProgramError, match="không còn dùng được"):
        answered(invitation, second)
    delivery.refresh_from_db()
    assert delivery.is_confirmed
    invitation.refresh_from_db()
    with pytest.raises(ProgramError, match="đã rút"):
        renew_code(invitation=invitation, seen_version=2, by=people.giang, today=TODAY)


def test_who_came_in_by_the_old_code_answers_no_more(invite, delivery, people):
    invitation, _ = invite()
    renew_code(invitation=invitation, seen_version=1, by=people.giang, today=TODAY)

    with pytest.raises(ProgramError, match="không còn dùng được"):
        answered(invitation, delivery)


def test_a_hand_over_that_is_taken_back_is_shown_no_more(invite, delivery, hand_over, people):
    second = hand_over()
    invitation, _ = invite(delivery, second)

    cancel_delivery(delivery=second, seen_version=1, by=people.giang, reason="ghi nhầm")
    assert list(invitation.shown()) == [delivery]
    cancel_delivery(delivery=delivery, seen_version=1, by=people.giang, reason="ghi nhầm")

    assert not is_open(invitation)


def test_a_closed_programme_still_hears_the_guest_and_a_cancelled_one_does_not(
    invite, delivery, hand_over, program, people
):
    second = hand_over()
    invitation, _ = invite(delivery, second)
    program.refresh_from_db()
    close_program(program=program, seen_version=program.version, by=people.an, reason="xong")

    assert answered(invitation, delivery).is_confirmed
    type(program).objects.filter(pk=program.pk).update(status="cancelled")

    assert not is_open(invitation)
    with pytest.raises(ProgramError, match="không còn dùng được"):
        answered(invitation, second)


def test_calling_a_programme_off_ends_its_invitations(invite, delivery, program, people):
    invitation, _ = invite()
    program.refresh_from_db()

    cancel_program(program=program, seen_version=program.version, by=people.an, reason="thôi")

    assert not is_open(invitation)


def test_what_was_handed_over_before_an_item_was_given_up_is_still_answered(
    invite, delivery, people
):
    invitation, _ = invite()
    end_item(item=delivery.item, seen_version=1, ended_on=DAY, reason="hết nguồn", by=people.an)

    assert answered(invitation, delivery).is_confirmed


# --- Who sees it --------------------------------------------------------------------------------


def test_an_invitation_is_seen_by_the_giver_and_the_owner_not_by_the_receiver(invite, people):
    invitation, _ = invite()

    seen = {
        name
        for name in vars(people)
        if Invitation.objects.visible_to(getattr(people, name)).filter(pk=invitation.pk).exists()
    }

    assert seen == {"an", "giang"}
