"""Offices change hands; keys are issued; whoever is out is out at once."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate, now

from branches.models import Branch, Level, Position, User
from branches.services import (
    BranchError,
    create_account,
    end_position,
    end_sessions_of_departed,
    hand_over,
    hand_own_over,
    hold_position,
    issue_one_time_password,
    open_branch,
    set_active,
    use_one_time,
)
from branches.services.people import ONE_TIME_SIGNS, free_username

TODAY = localdate()
ADDRESS = "/branches/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_her_desk():
    """`at_her_desk(person)`: a browser of her own in which she has signed in."""

    def sit(person):
        browser = Client()
        browser.force_login(person)
        assert browser.get(ADDRESS).status_code == 200
        return browser

    return sit


def is_signed_in(browser):
    return browser.get(ADDRESS).status_code == 200


def again(user):
    """As the next request reads her."""
    return User.objects.get(pk=user.pk)


# Bàn giao


def test_an_office_changes_hands_in_one_step(units, people):
    nhung = create_account(full_name="Phan Thị Nhung", by=people.dung)
    office = people.hoa.positions.get()

    (begun,) = hand_over(positions=[office], to=nhung, on=TODAY, by=people.dung, reason="QĐ 15")

    office.refresh_from_db()
    assert office.ended_on == begun.started_on == TODAY
    assert (begun.branch, begun.role) == (units.tho_quang, "officer")
    assert again(people.hoa).branch_paths() == []
    assert again(nhung).holds("officer", units.tho_quang)


def test_both_ends_of_a_hand_over_are_in_the_history_with_who_and_why(units, people):
    nhung = create_account(full_name="Phan Thị Nhung", by=people.dung)

    (begun,) = hand_over(
        positions=[people.hoa.positions.get()], to=nhung, on=TODAY, by=people.dung, reason="QĐ 15"
    )

    ended = people.hoa.positions.get().history.first()
    assert ended.history_user == begun.history.first().history_user == people.dung
    assert ended.history_change_reason == "QĐ 15: bàn giao cho Phan Thị Nhung"
    assert begun.history.first().history_change_reason == "QĐ 15: nhận bàn giao từ Bùi Thị Hoa"


def test_the_title_is_kept_or_changed(units, people):
    office = people.hoa.positions.get()
    Position.objects.filter(pk=office.pk).update(title="Chủ tịch Hội LHPN phường")

    (kept,) = hand_over(positions=[office], to=people.giang, on=TODAY, by=people.dung)
    (changed,) = hand_over(
        positions=[kept], to=people.nga, on=TODAY, by=people.dung,
        title="Phó Chủ tịch UBMTTQ, Chủ tịch Hội LHPN phường",
    )  # fmt: skip

    assert kept.title == "Chủ tịch Hội LHPN phường"
    assert changed.title == "Phó Chủ tịch UBMTTQ, Chủ tịch Hội LHPN phường"


def test_the_predecessor_is_signed_out_everywhere_when_she_holds_nothing_more(people, at_her_desk):
    desk, phone, colleague = (at_her_desk(p) for p in (people.hoa, people.hoa, people.giang))

    hand_over(positions=[people.hoa.positions.get()], to=people.an, on=TODAY, by=people.dung)

    assert not is_signed_in(desk)
    assert not is_signed_in(phone)
    assert is_signed_in(colleague)


def test_one_who_keeps_another_position_stays_signed_in(units, people, at_her_desk):
    desk = at_her_desk(people.nga)

    hand_over(
        positions=[people.nga.positions.get(branch=units.man_thai)], to=people.hoa, on=TODAY,
        by=people.dung,
    )  # fmt: skip

    assert is_signed_in(desk)
    assert again(people.nga).branch_paths() == [units.son_tra.path]


def test_a_hand_over_of_a_day_to_come_changes_nothing_today(units, people, at_her_desk):
    desk, tomorrow = at_her_desk(people.hoa), localdate() + timedelta(days=1)

    hand_over(positions=[people.hoa.positions.get()], to=people.an, on=tomorrow, by=people.dung)

    assert is_signed_in(desk)
    assert again(people.hoa).holds("officer", units.tho_quang)
    assert not again(people.an).holds("officer", units.tho_quang)
    assert not people.hoa.positions.in_force(tomorrow).exists()
    assert people.an.positions.in_force(tomorrow).filter(branch=units.tho_quang).exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("herself", "phải là người khác"),
        ("too early", "mới bắt đầu ngày 01/01/2016"),
        ("over", "đã kết thúc"),
        ("closed account", "đang tạm khóa"),
        ("held already", "đang giữ vai trò cán bộ nhập"),
        ("nothing", "ít nhất một vị trí"),
    ],
)
def test_a_hand_over_that_cannot_be_is_refused_whole(change, sentence, units, people):
    positions, to, on = [people.hoa.positions.get()], people.giang, TODAY
    if change == "herself":
        to = people.hoa
    elif change == "too early":
        on = date(2015, 12, 31)
    elif change == "over":
        end_position(position=positions[0], ended_on=date(2020, 1, 1), by=people.dung)
    elif change == "closed account":
        to = set_active(user=people.giang, is_active=False, by=people.dung, reason="thử")
    elif change == "held already":
        hold_position(user=people.giang, branch=units.tho_quang, role="officer")
    else:
        positions = []
    before = list(Position.objects.order_by("pk").values())

    with pytest.raises(BranchError, match=sentence):
        hand_over(positions=positions, to=to, on=on, by=people.dung)

    assert list(Position.objects.order_by("pk").values()) == before


# Who is out is out at once


def test_the_end_of_her_last_position_ends_her_sessions(people, at_her_desk):
    desk, neighbour = at_her_desk(people.hoa), at_her_desk(people.lan)

    end_position(position=people.hoa.positions.get(), ended_on=TODAY, by=people.dung)

    assert not is_signed_in(desk)
    assert is_signed_in(neighbour)


def test_an_account_closed_for_now_is_signed_out_and_does_not_come_back_by_itself(
    people, at_her_desk
):
    desk = at_her_desk(people.hoa)

    set_active(user=people.hoa, is_active=False, by=people.dung, reason="máy bị mất")
    assert not is_signed_in(desk)
    set_active(user=people.hoa, is_active=True, by=people.dung, reason="đã tìm thấy")

    assert not is_signed_in(desk)
    assert is_signed_in(at_her_desk(again(people.hoa)))


def test_nobody_closes_her_own_account(people):
    with pytest.raises(BranchError, match="chính mình"):
        set_active(user=people.dung, is_active=False, by=people.dung, reason="nhầm")


def test_an_ended_position_in_the_admin_ends_the_sessions_too(people, as_person, at_her_desk):
    desk, position = at_her_desk(people.hoa), people.hoa.positions.get()
    form = {"title": "", "started_on": "01/01/2016", "ended_on": f"{TODAY:%d/%m/%Y}"}

    answer = as_person("dung").post(
        reverse("admin:branches_position_change", args=[position.pk]), form
    )

    assert answer.status_code == 302
    assert not is_signed_in(desk)


# Accounts and keys


def test_a_name_is_kept_as_typed_and_never_split(people):
    for name in ("H'Hen Niê", "K’ Brẻo", "Nguyễn  Thị\u00a0Ánh", "Siu"):
        made = create_account(full_name=name, by=people.dung)

        assert made.full_name == " ".join(name.split())


def test_log_in_names_are_made_from_the_name_and_differ(people):
    made = [create_account(full_name="Đỗ Thị Ánh", by=people.dung).username for _ in range(3)]

    assert made == ["do.thi.anh", "do.thi.anh2", "do.thi.anh3"]
    assert free_username("。", set()) == "tai.khoan"


def test_a_new_account_opens_to_no_password_until_one_is_issued(people):
    made = create_account(full_name="Phan Thị Nhung", by=people.dung)

    assert not made.has_usable_password()


def test_a_one_time_password_is_kept_as_its_hash_only_and_logged_with_who_and_why(people):
    password = issue_one_time_password(user=people.hoa, by=people.dung, reason="quên mật khẩu")

    hoa = again(people.hoa)
    assert hoa.check_password(password)
    assert hoa.must_set_password
    assert timedelta(days=13) < hoa.one_time_until - now() <= timedelta(days=14)
    record = hoa.history.first()
    assert record.history_user == people.dung
    assert record.history_change_reason == "cấp mật khẩu một lần: quên mật khẩu"
    told = [str(value) for row in User.history.values() for value in row.values()]
    assert not any(password in value for value in told)


def test_one_time_passwords_have_no_sign_that_a_vietnamese_keyboard_changes(people):
    words = {issue_one_time_password(user=people.hoa, by=people.dung, reason="") for _ in range(20)}

    assert len(words) == 20
    assert all(set(word) <= {*ONE_TIME_SIGNS, "-"} and len(word) == 14 for word in words)
    assert not set("aeiouydw01l") & set(ONE_TIME_SIGNS)


def test_a_one_time_password_ends_the_sessions_opened_before(people, at_her_desk):
    desk = at_her_desk(people.hoa)

    issue_one_time_password(user=people.hoa, by=people.dung, reason="máy lạ")

    assert not is_signed_in(desk)


def test_no_password_is_issued_for_an_account_that_is_closed(people):
    set_active(user=people.hoa, is_active=False, by=people.dung, reason="nghỉ dài")

    with pytest.raises(BranchError, match="tạm khóa"):
        issue_one_time_password(user=people.hoa, by=people.dung, reason="")


def test_nobody_holds_one_role_in_one_unit_twice_at_a_time(units, people):
    held = people.hoa.positions.get()
    end_position(position=held, ended_on=TODAY + timedelta(days=10), by=people.dung)

    with pytest.raises(BranchError, match="đang giữ vai trò cán bộ nhập"):
        hold_position(user=people.hoa, branch=units.tho_quang, role="officer")

    hold_position(
        user=people.hoa, branch=units.tho_quang, role="officer",
        started_on=TODAY + timedelta(days=10),
    )  # fmt: skip


# What somebody else knows opens nothing more once she rises


def test_a_paper_kept_by_her_old_lead_is_void_once_she_is_given_a_role_above(units, people):
    paper = issue_one_time_password(user=people.hoa, by=people.dung, reason="quên")

    hold_position(user=people.hoa, branch=units.da_nang, role="reviewer", by=people.dung)

    hoa = again(people.hoa)
    assert not hoa.check_password(paper)
    assert not hoa.has_usable_password()
    assert "hết hiệu lực" in hoa.history.first().history_change_reason


def test_the_same_by_a_hand_over_and_to_one_who_held_something_once(units, people):
    for receiver in (people.hoa, people.mai):
        paper = issue_one_time_password(user=receiver, by=people.dung, reason="quên")
        office = person_at(units.hai_chau)

        hand_over(positions=[office], to=receiver, on=TODAY, by=people.dung)

        assert not again(receiver).check_password(paper)


def person_at(branch):
    made = create_account(full_name="Lê Thị Tư", by=None)
    return hold_position(user=made, branch=branch, role="leader")


def test_a_password_of_her_own_stays_but_her_sessions_end(units, people, at_her_desk):
    desk, colleague = at_her_desk(people.hoa), at_her_desk(people.giang)

    hold_position(user=people.hoa, branch=units.da_nang, role="reviewer", by=people.dung)

    assert not is_signed_in(desk)
    assert is_signed_in(colleague)
    assert again(people.hoa).can_sign_in


@pytest.mark.parametrize("where", ["tho_quang", "chi_hoi_1"])
def test_a_further_role_in_her_own_unit_or_below_takes_nothing_away(
    where, units, people, at_her_desk
):
    desk = at_her_desk(people.hoa)
    hold_position(user=people.hoa, branch=getattr(units, where), role="leader", by=people.dung)
    assert is_signed_in(desk)

    paper = issue_one_time_password(user=people.hoa, by=people.dung, reason="quên")
    hold_position(user=people.hoa, branch=getattr(units, where), role="reviewer", by=people.dung)

    assert again(people.hoa).check_password(paper)


def test_a_new_account_keeps_its_paper_when_it_gets_its_first_office(units, people):
    made = create_account(full_name="Phan Thị Nhung", by=people.dung)
    paper = issue_one_time_password(user=made, by=people.dung, reason="mới")

    hold_position(user=made, branch=units.tho_quang, role="officer", by=people.dung)

    assert again(made).check_password(paper)


# One door


@pytest.mark.parametrize(
    ("whom", "where", "sentence"),
    [
        ("hoa", "hai_chau", "không quản trị"),
        ("hoa", "da_nang", "không quản trị"),
        ("lan", "tho_quang", "ngoài phạm vi"),
        ("dung", "tho_quang", "ngoài phạm vi"),
    ],
)
def test_nobody_gives_a_role_beyond_her_territory_or_to_somebody_placed_higher(
    whom, where, sentence, units, people
):
    hold_position(user=people.ha, branch=units.son_tra, role="administrator", by=people.dung)
    before = Position.objects.count()

    with pytest.raises(BranchError, match=sentence):
        hold_position(
            user=getattr(people, whom), branch=getattr(units, where), role="leader", by=people.ha
        )

    assert Position.objects.count() == before


# The top keeps somebody who can let the others in


def test_the_highest_unit_keeps_an_administrator_who_can_sign_in(units, people):
    """Cúc is administrator too, but nobody has ever given her a password."""
    people.cuc.set_unusable_password()
    people.cuc.save()
    hold_position(user=people.cuc, branch=units.da_nang, role="administrator")
    held = people.dung.positions.get()
    heir = create_account(full_name="Phan Thị Nhung", by=people.dung)

    for attempt in (
        lambda: end_position(position=again_position(held), ended_on=TODAY, by=people.cuc),
        lambda: hand_over(positions=[held], to=heir, on=TODAY, by=people.dung),
        lambda: set_active(user=people.dung, is_active=False, by=people.cuc, reason="thử"),
    ):
        with pytest.raises(BranchError, match="không còn người quản trị nào đăng nhập được"):
            attempt()

    assert again(people.dung).is_active
    assert again_position(held).ended_on is None
    issue_one_time_password(user=people.cuc, by=people.dung, reason="mới")
    end_position(position=again_position(held), ended_on=TODAY, by=people.cuc)


def again_position(position):
    return Position.objects.get(pk=position.pk)


def test_an_office_of_her_own_goes_over_together_with_a_password(units, people):
    heir = create_account(full_name="Phan Thị Nhung", by=people.dung)

    begun, password = hand_own_over(
        positions=[people.dung.positions.get()], to=heir, on=TODAY, by=people.dung
    )

    assert again(heir).check_password(password)
    assert [p.branch for p in begun] == [units.da_nang]


def test_who_can_sign_in_already_gets_no_new_password_with_the_office(people):
    _, password = hand_own_over(
        positions=[people.dung.positions.get()], to=people.cuc, on=TODAY, by=people.dung
    )

    assert password is None


@pytest.mark.parametrize("role", ["officer", "administrator"])
def test_nobody_ends_a_position_of_her_own(role, units, people):
    held = people.dung.positions.get()
    if role == "officer":
        held = hold_position(user=people.dung, branch=units.da_nang, role=role)

    with pytest.raises(BranchError, match="thì chị bàn giao"):
        end_position(position=held, ended_on=TODAY, by=people.dung)


# Once is once


def test_a_paper_is_used_by_one_of_two_who_come_at_once(people):
    issue_one_time_password(user=people.hoa, by=people.dung, reason="mới")
    here, there = again(people.hoa), again(people.hoa)

    assert [use_one_time(here), use_one_time(there)] == [True, False]
    assert use_one_time(people.giang) and use_one_time(people.giang), "a password of her own"


# A hand-over of a day to come


def test_on_the_day_of_a_dated_hand_over_her_sessions_end(units, people, at_her_desk):
    today = localdate()  # not of when the file was read: that may be yesterday
    tomorrow = today + timedelta(days=1)
    hand_over(positions=[people.hoa.positions.get()], to=people.an, on=tomorrow, by=people.dung)
    hand_over(
        positions=[people.nga.positions.get(branch=units.man_thai)], to=people.an, on=tomorrow,
        by=people.dung,
    )  # fmt: skip
    desk, keeps_another = at_her_desk(again(people.hoa)), at_her_desk(again(people.nga))

    assert end_sessions_of_departed(today) == 0
    assert is_signed_in(desk)
    assert end_sessions_of_departed(tomorrow) == 1

    assert not is_signed_in(desk)
    assert is_signed_in(keeps_another)


# A divided unit that waits


def test_in_a_divided_unit_that_waits_offices_still_change_hands(units, people):
    waiting = units.tho_quang
    put_to_wait(units, waiting)

    hand_over(positions=[people.hoa.positions.get()], to=people.giang, on=TODAY, by=people.dung)

    assert people.giang.positions.filter(branch=waiting, ended_on=None).exists()
    Branch.objects.filter(parent=waiting).update(closed_on=TODAY)
    with pytest.raises(BranchError, match="đã kết thúc hoạt động"):
        hand_over(
            positions=people.giang.positions.filter(branch=waiting), to=people.hoa, on=TODAY,
            by=people.dung,
        )  # fmt: skip


def put_to_wait(units, branch):
    """Divided by a decree: closed, and under the marked row of its province."""
    row = open_branch(
        level=Level.objects.get(is_unplaced=True), parent=units.da_nang, name="Chưa phân địa bàn",
        type="", opened_on=date(2016, 1, 1),
    )  # fmt: skip
    Branch.objects.filter(pk=branch.pk).update(closed_on=date(2021, 1, 1), parent=row)
