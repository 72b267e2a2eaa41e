from datetime import date

import pytest
from django.db import IntegrityError
from django.utils.timezone import now

from branches.models import Position, StoredFile
from programs.models import (
    Contribution,
    Delivery,
    DeliveryFile,
    Entry,
    ItemKind,
    Partner,
    SupportItem,
)
from programs.services import (
    STALE,
    ProgramError,
    add_contribution,
    add_item,
    attach_minutes,
    cancel_delivery,
    change_item,
    close_program,
    confirm_delivery,
    dispute_delivery,
    end_assignment,
    end_item,
    give,
    pledge,
    record_delivery,
    start_program,
)

from .conftest import build_program
from .support import minutes, photo

Status = Delivery.Status
DAY = date(2021, 5, 10)

pytestmark = pytest.mark.django_db


def kind(code="qua"):
    return ItemKind.objects.get(code=code)


@pytest.fixture
def give_item(program, units, people):
    """`give_item(place, …)`: Sơn Trà means to give something there; An of the city wrote it."""

    def give(*places, **fields):
        fields = {
            "program": program,
            "giver": units.son_tra,
            "kind": kind(),
            "what": "50 suất quà",
            "by": people.an,
        } | fields
        return add_item(places=places, **fields)

    return give


@pytest.fixture
def hand_over(give_item, units, people):
    """`hand_over()`: Giang of Sơn Trà has given to Thọ Quang."""

    def give(item=None, **fields):
        item = item or give_item(units.tho_quang)
        fields = {"place": units.tho_quang, "given_on": DAY, "by": people.giang} | fields
        return record_delivery(item=item, **fields)

    return give


# --- Items --------------------------------------------------------------------------------------


def test_an_item_counts_its_value_and_remembers_its_places(give_item, units, people):
    item = give_item(units.tho_quang, units.man_thai, quantity=10, unit_value=500_000, months=12)

    assert item.value == 60_000_000
    assert set(item.places.all()) == {units.tho_quang, units.man_thai}
    latest = item.history.first()
    assert (latest.history_user, latest.history_change_reason) == (people.an, "ghi hạng mục")
    assert latest.places.count() == 2


def test_an_item_without_a_price_is_not_valued_and_never_nought(give_item, units):
    assert give_item(units.tho_quang).value is None


def test_help_given_once_needs_no_assignment(give_item, units):
    item = give_item(units.tho_quang, is_one_off=True)

    assert item.assignment is None


def test_places_outside_are_refused_unless_the_programme_reaches_out(give_item, program, units):
    with pytest.raises(ProgramError, match="phường Minh An không thuộc Hội LHPN thành phố Đà"):
        give_item(units.minh_an)
    program.reaches_out = True
    program.save()

    assert list(give_item(units.minh_an).places.all()) == [units.minh_an]


def test_an_ended_unit_gets_one_off_help_only(give_item, units):
    units.man_thai.closed_on = date(2021, 3, 1)
    units.man_thai.save()
    with pytest.raises(ProgramError, match="phường Mân Thái đã kết thúc hoạt động"):
        give_item(units.man_thai)

    assert give_item(units.man_thai, is_one_off=True).pk

    units.man_thai.closed_on = date(2020, 3, 1)  # before the programme began
    units.man_thai.save()
    with pytest.raises(ProgramError, match="đã kết thúc hoạt động"):
        give_item(units.man_thai, is_one_off=True)


def test_a_place_within_another_place_is_refused(give_item, units):
    with pytest.raises(ProgramError, match="phường Thọ Quang đã nằm trong quận Sơn Trà"):
        give_item(units.son_tra, units.tho_quang)


def test_a_giver_of_another_province_is_refused(give_item, units):
    with pytest.raises(ProgramError, match="tỉnh Quảng Nam không thuộc"):
        give_item(units.tho_quang, giver=units.quang_nam)


def test_an_item_of_an_assignment_goes_to_the_unit_that_is_helped(give_item, help_given, units):
    assignment = help_given(units.son_tra, units.chi_hoi_1)

    assert give_item(units.chi_hoi_1, assignment=assignment).assignment == assignment
    with pytest.raises(ProgramError, match="Phân công đã chọn là giúp"):
        give_item(units.man_thai, assignment=assignment)


@pytest.fixture
def ended(help_given, units, people):
    """Sơn Trà has ended its help to Thọ Quang's first chi hội."""
    assignment = help_given(units.son_tra, units.chi_hoi_1)
    return end_assignment(
        assignment=assignment, seen_version=1, ends_on=date(2021, 9, 1), reason="đủ", by=people.an
    )


def test_after_the_help_has_ended_only_a_gift_by_itself_is_planned(give_item, ended, units):
    with pytest.raises(ProgramError, match="ngày 01/09/2021.*Hỗ trợ một lần"):
        give_item(units.chi_hoi_1)

    assert give_item(units.chi_hoi_1, is_one_off=True).pk
    assert give_item(units.chi_hoi_1, giver=units.tho_quang).pk  # who never ended anything
    assert give_item(units.chi_hoi_2).pk


def test_who_helps_the_unit_again_plans_as_before(give_item, help_given, ended, units):
    help_given(units.son_tra, units.chi_hoi_1)

    assert give_item(units.chi_hoi_1).pk


def test_a_gift_by_itself_does_not_become_regular_after_the_end(give_item, ended, units, people):
    gift = give_item(units.chi_hoi_1, is_one_off=True)
    change = {"item": gift, "seen_version": 1, "by": people.an}

    with pytest.raises(ProgramError, match="Hỗ trợ một lần"):
        change_item(**change, is_one_off=False)
    assert change_item(**change, what="Sách").what == "Sách"


def test_what_was_planned_before_the_end_may_still_be_put_right(
    give_item, help_given, units, people
):
    assignment = help_given(units.son_tra, units.chi_hoi_1)
    item = give_item(units.chi_hoi_1, assignment=assignment)
    end_assignment(
        assignment=assignment, seen_version=1, ends_on=date(2021, 9, 1), reason="đủ", by=people.an
    )

    assert change_item(item=item, seen_version=1, by=people.an, what="40 suất").what == "40 suất"


def test_a_change_of_money_and_places_is_signed(give_item, units, people):
    item = give_item(units.tho_quang)

    changed = change_item(
        item=item, seen_version=1, by=people.giang, reason="đã có giá", places=[units.man_thai],
        stated_value=5_000_000,
    )  # fmt: skip

    assert changed.value == 5_000_000
    assert list(changed.places.all()) == [units.man_thai]
    latest = changed.history.first()
    assert (latest.history_user, latest.history_change_reason) == (people.giang, "đã có giá")


def test_a_stale_change_of_an_item_is_refused(give_item, units, people):
    item = give_item(units.tho_quang)
    change_item(item=item, seen_version=1, by=people.an, what="60 suất quà")

    for verb, fields in (
        (change_item, {"what": "70 suất quà"}),
        (end_item, {"ended_on": DAY, "reason": "hết"}),
    ):
        with pytest.raises(ProgramError, match=STALE):
            verb(item=item, seen_version=1, by=people.giang, **fields)
    assert SupportItem.objects.get().what == "60 suất quà"


def test_a_place_that_has_its_gift_stays(hand_over, units, people):
    item = hand_over().item

    with pytest.raises(ProgramError, match="Đã ghi trao tại phường Thọ Quang"):
        change_item(item=item, seen_version=1, by=people.an, places=[units.man_thai])


def test_an_item_ends_with_a_reason_and_stays(give_item, units, people):
    item = give_item(units.tho_quang)
    with pytest.raises(ProgramError, match="Chị ghi giúp lý do"):
        end_item(item=item, seen_version=1, ended_on=DAY, reason=" ", by=people.an)

    ended = end_item(item=item, seen_version=1, ended_on=DAY, reason="hết vốn", by=people.an)

    assert (ended.ended_on, ended.end_reason) == (DAY, "hết vốn")
    with pytest.raises(ProgramError, match="đã thôi thực hiện"):
        change_item(item=ended, seen_version=ended.version, by=people.an, what="khác")


def test_an_ended_programme_takes_no_items(give_item, program, units, people):
    close_program(program=program, seen_version=program.version, by=people.an, reason="xong")

    with pytest.raises(ProgramError, match="đã kết thúc"):
        give_item(units.tho_quang)


# --- Deliveries ---------------------------------------------------------------------------------


def test_a_delivery_waits_for_the_receiver(hand_over, people):
    delivery = hand_over(value=10_000_000, photos=[photo()])

    assert delivery.status == Status.UNCONFIRMED
    assert delivery.recorded_by == people.giang
    kept = DeliveryFile.objects.get()
    assert (kept.kind, kept.file.name) == ("photo", "trao-qua.jpg")
    assert kept.file.branch == delivery.item.giver


def test_signed_minutes_confirm_without_an_answer(hand_over):
    delivery = hand_over(minutes=[minutes()])

    assert delivery.status == Status.BY_MINUTES
    assert delivery.answered_by is None


def test_one_bad_photo_leaves_no_file_and_no_delivery(hand_over):
    with pytest.raises(ProgramError, match="không phải là ảnh"):
        hand_over(photos=[photo(), minutes()])

    assert not Delivery.objects.exists()
    assert not StoredFile.objects.exists()


def test_too_many_files_at_once_are_refused(hand_over):
    with pytest.raises(ProgramError, match="nhiều nhất 10 tệp"):
        hand_over(photos=[photo() for _ in range(11)])


def test_a_gift_may_go_below_the_places_of_the_item_and_nowhere_else(hand_over, units):
    assert hand_over(place=units.chi_hoi_1).place == units.chi_hoi_1
    for elsewhere in (units.man_thai, units.son_tra, units.minh_an):
        with pytest.raises(ProgramError, match="không nằm trong nơi nhận"):
            hand_over(place=elsewhere)


def test_an_item_without_places_cannot_be_handed_over(hand_over, give_item):
    with pytest.raises(ProgramError, match="chưa ghi nơi nhận"):
        hand_over(give_item())


def test_a_draft_and_an_ended_programme_refuse_deliveries(give_item, units, people):
    draft = build_program(units, people.an, name="Còn soạn", is_started=False)
    item = give_item(units.tho_quang, program=draft)
    given = {"item": item, "place": units.tho_quang, "given_on": DAY, "by": people.an}
    with pytest.raises(ProgramError, match="đang soạn nên chưa ghi trao tặng được"):
        record_delivery(**given)
    draft.status = "running"
    draft.save()
    record_delivery(**given)
    close_program(program=draft, seen_version=draft.version, by=people.an, reason="xong")

    with pytest.raises(ProgramError, match="đã kết thúc nên chưa ghi"):
        record_delivery(**given)


def test_a_day_before_the_programme_or_after_the_end_of_the_item_is_refused(hand_over, people):
    with pytest.raises(ProgramError, match="trước ngày chương trình bắt đầu"):
        hand_over(given_on=date(2020, 12, 31))
    item = hand_over().item
    item = end_item(item=item, seen_version=1, ended_on=DAY, reason="hết vốn", by=people.an)

    assert hand_over(item, given_on=DAY).pk
    with pytest.raises(ProgramError, match="đã thôi thực hiện từ ngày 10/05/2021"):
        hand_over(item, given_on=date(2021, 5, 11))


def test_the_receiver_confirms_once(hand_over, people):
    delivery = hand_over()

    confirmed = confirm_delivery(delivery=delivery, seen_version=1, by=people.hoa, at=now())

    assert confirmed.status == Status.CONFIRMED
    assert confirmed.answered_by == people.hoa
    with pytest.raises(ProgramError, match="đã được xác nhận"):
        confirm_delivery(delivery=confirmed, seen_version=2, by=people.hoa, at=now())


def test_a_complaint_has_words_and_minutes_do_not_overrule_it(hand_over, people):
    delivery = hand_over()
    with pytest.raises(ProgramError, match="Chị ghi giúp lý do"):
        dispute_delivery(delivery=delivery, seen_version=1, by=people.hoa, at=now(), reason="")

    delivery = dispute_delivery(
        delivery=delivery, seen_version=1, by=people.hoa, at=now(), reason="mới nhận 40 suất"
    )
    delivery = attach_minutes(
        delivery=delivery, seen_version=2, minutes=[minutes()], by=people.giang
    )

    assert (delivery.status, delivery.answer) == (Status.DISPUTED, "mới nhận 40 suất")
    assert delivery.files.get().kind == "minutes"


def test_the_receiver_may_dispute_minutes_she_never_signed(hand_over, people):
    delivery = hand_over(minutes=[minutes()])

    delivery = dispute_delivery(
        delivery=delivery, seen_version=1, by=people.hoa, at=now(), reason="chưa nhận"
    )

    assert delivery.status == Status.DISPUTED


def test_minutes_attached_later_confirm(hand_over, people):
    delivery = attach_minutes(
        delivery=hand_over(), seen_version=1, minutes=[photo("bb.jpg")], by=people.giang
    )

    assert delivery.status == Status.BY_MINUTES


def test_what_was_handed_over_is_answered_after_the_programme_has_closed(
    give_item, hand_over, program, units, people
):
    waiting, wrong, signed = (hand_over(give_item(units.tho_quang)) for _ in range(3))
    close_program(program=program, seen_version=program.version, by=people.an, reason="xong")

    waiting = confirm_delivery(delivery=waiting, seen_version=1, by=people.hoa, at=now())
    wrong = dispute_delivery(
        delivery=wrong, seen_version=1, by=people.hoa, at=now(), reason="mới nhận 40 suất"
    )
    signed = attach_minutes(delivery=signed, seen_version=1, minutes=[minutes()], by=people.giang)

    answers = [waiting.status, wrong.status, signed.status]
    assert answers == [Status.CONFIRMED, Status.DISPUTED, Status.BY_MINUTES]
    assert not Delivery.objects.waiting_for(people.hoa).exists()
    with pytest.raises(ProgramError, match="đã kết thúc"):  # but nothing is taken back any more
        cancel_delivery(delivery=wrong, seen_version=2, by=people.giang, reason="ghi nhầm")


def test_the_giver_takes_a_mistake_back_with_a_reason(hand_over, people):
    delivery = cancel_delivery(
        delivery=hand_over(), seen_version=1, by=people.giang, reason="ghi trùng"
    )

    assert (delivery.status, delivery.answer) == (Status.CANCELLED, "ghi trùng")
    for verb, more in (
        (confirm_delivery, {"at": now()}),
        (dispute_delivery, {"at": now(), "reason": "không có"}),
        (attach_minutes, {"minutes": [minutes()]}),
        (cancel_delivery, {"reason": "lần nữa"}),
    ):
        with pytest.raises(ProgramError, match="đã hủy"):
            verb(delivery=delivery, seen_version=2, by=people.hoa, **more)


@pytest.fixture
def in_ledger(gift, people):
    """`in_ledger(delivery, value)`: given from the gifts of Hải Âu with a line of the ledger."""

    def write(delivery, value):
        Contribution.objects.filter(pk=gift.contribution.pk).update(is_in_kind=True)
        contribution = Contribution.objects.get(pk=gift.contribution.pk)
        return give(
            contribution=contribution, seen_version=contribution.version, item=delivery.item,
            value=value, on=DAY, by=people.an, reason="trao trước", delivery=delivery,
        )  # fmt: skip

    return write


def test_what_the_ledger_names_is_not_taken_back_though_nobody_valued_it(
    hand_over, in_ledger, people
):
    delivery = hand_over()
    in_ledger(delivery, None)

    with pytest.raises(ProgramError, match="đã vào sổ nguồn lực"):
        cancel_delivery(delivery=delivery, seen_version=1, by=people.giang, reason="nhầm")


def test_the_ledger_takes_no_hand_over_that_was_taken_back(hand_over, in_ledger, people):
    delivery = cancel_delivery(
        delivery=hand_over(), seen_version=1, by=people.giang, reason="ghi trùng"
    )

    with pytest.raises(ProgramError, match="đã hủy nên không ghi vào sổ được"):
        in_ledger(delivery, 1_000_000)


def test_what_the_receiver_confirmed_is_not_taken_back(hand_over, people):
    delivery = confirm_delivery(delivery=hand_over(), seen_version=1, by=people.hoa, at=now())

    with pytest.raises(ProgramError, match="Bên nhận đã xác nhận nên không hủy được"):
        cancel_delivery(delivery=delivery, seen_version=2, by=people.giang, reason="nhầm")


def test_a_stale_answer_is_refused(hand_over, people):
    delivery = hand_over()
    attach_minutes(delivery=delivery, seen_version=1, minutes=[minutes()], by=people.giang)

    for verb, more in (
        (confirm_delivery, {"at": now()}),
        (dispute_delivery, {"at": now(), "reason": "thiếu"}),
        (attach_minutes, {"minutes": [minutes()]}),
        (cancel_delivery, {"reason": "nhầm"}),
    ):
        with pytest.raises(ProgramError, match=STALE):
            verb(delivery=delivery, seen_version=1, by=people.hoa, **more)
    assert Delivery.objects.get().status == Status.BY_MINUTES


# --- Who may ------------------------------------------------------------------------------------


def who_may(permission, row, people):
    return {name for name, user in vars(people).items() if user.has_perm(permission, row)}


def test_items_are_written_by_the_givers_side(give_item, program, units, people):
    item = give_item(units.tho_quang)

    assert who_may("programs.change_item", item, people) == {"an", "giang"}
    assert who_may("programs.record_delivery", item, people) == {"an", "giang"}
    assert who_may("programs.add_item", program, people) == {
        "an", "giang", "hoa", "nga", "phuong", "lan",
    }  # fmt: skip


def test_a_draft_is_seen_by_its_owners_people_only(give_item, units, people, gift):
    draft = build_program(units, people.an, name="Còn soạn", is_started=False)
    item = give_item(units.tho_quang, program=draft)
    promised = add_contribution(
        program=draft, donor=gift.donor, branch=units.son_tra, what="Tiền", by=people.an
    )
    pledge(contribution=promised, seen_version=1, value=5, on=DAY, by=people.an)

    def seen(user):
        return (
            item in SupportItem.objects.visible_to(user),
            promised in Contribution.objects.visible_to(user),
            Entry.objects.visible_to(user).of(draft).exists(),
        )

    assert seen(people.giang) == (False, False, False)
    assert seen(people.an) == (True, True, True)
    start_program(program=draft, seen_version=draft.version, by=people.an)
    assert seen(people.giang) == (True, True, True)


def test_a_draft_is_written_by_its_owners_people(give_item, units, people):
    draft = build_program(units, people.an, name="Còn soạn", is_started=False)
    item = give_item(units.tho_quang, program=draft)

    assert who_may("programs.change_item", item, people) == {"an"}
    assert who_may("programs.add_item", draft, people) == {"an"}


def test_only_the_receiving_side_answers(hand_over, people):
    assert who_may("programs.answer_delivery", hand_over(), people) == {"hoa"}


def test_nobody_answers_what_she_recorded(hand_over, people):
    assert who_may("programs.answer_delivery", hand_over(by=people.hoa), people) == set()


def test_the_receiver_may_stand_above_the_giver(give_item, hand_over, units, people):
    item = give_item(units.son_tra, giver=units.tho_quang)

    delivery = hand_over(item, place=units.son_tra, by=people.hoa)

    assert who_may("programs.answer_delivery", delivery, people) == {"giang"}


def test_who_is_of_the_givers_side_too_does_not_answer(hand_over, units, people):
    Position.objects.create(
        user=people.hoa, branch=units.son_tra, role="officer", started_on=date(2016, 1, 1)
    )

    assert who_may("programs.answer_delivery", hand_over(), people) == set()


def test_a_unit_that_gives_to_itself_has_no_receiving_side(give_item, hand_over, units, people):
    item = give_item(units.tho_quang, giver=units.tho_quang)

    delivery = hand_over(item, by=people.an)

    assert who_may("programs.answer_delivery", delivery, people) == set()


def test_the_province_above_a_commune_that_is_helped_may_answer(give_item, program, units, people):
    program.reaches_out = True
    program.save()
    item = give_item(units.minh_an)

    delivery = record_delivery(item=item, place=units.minh_an, given_on=DAY, by=people.giang)

    assert who_may("programs.answer_delivery", delivery, people) == {"xuan"}


# --- Partners outside the Hội -------------------------------------------------------------------


@pytest.fixture
def post(units):
    """A border post that works with Sơn Trà; it has no account."""
    return Partner.objects.create(
        branch=units.son_tra, name="Đồn Biên phòng Sơn Trà", kind=Partner.Kind.ARMED_FORCES
    )


@pytest.fixture
def visit(give_item):
    """Sơn Trà means to visit posts; the paper names no place in the tree."""
    return give_item(what="Thăm, tặng quà các đồn biên phòng")


def test_a_partner_receives_what_has_no_place_and_minutes_confirm_it(hand_over, visit, post):
    open_one = hand_over(visit, place=None, partner=post, value=2_000_000)
    signed = hand_over(visit, place=None, partner=post, value=3_000_000, minutes=[minutes()])

    assert (open_one.place, open_one.partner) == (None, post)
    assert open_one.status == Status.UNCONFIRMED
    assert signed.status == Status.BY_MINUTES


def test_minutes_that_come_later_confirm_what_a_partner_got(hand_over, visit, post, people):
    delivery = hand_over(visit, place=None, partner=post)

    attach_minutes(delivery=delivery, seen_version=1, minutes=[minutes()], by=people.giang)

    delivery.refresh_from_db()
    assert delivery.status == Status.BY_MINUTES


@pytest.mark.parametrize("both", [True, False])
def test_a_hand_over_has_one_receiver(both, hand_over, visit, post, units):
    receiver = {"place": units.tho_quang, "partner": post} if both else {"place": None}

    with pytest.raises(ProgramError, match="Chị chọn một nơi nhận, hoặc một đối tác nhận"):
        hand_over(visit, **receiver)


@pytest.mark.parametrize("both", [True, False])
def test_the_database_itself_wants_one_receiver(both, hand_over, post, units):
    delivery = hand_over()
    change = {"partner": post} if both else {"place": None}

    with pytest.raises(IntegrityError, match="delivery_has_one_receiver"):
        Delivery.objects.filter(pk=delivery.pk).update(**change)


def test_what_is_for_a_place_goes_to_no_partner(hand_over, give_item, post, units):
    item = give_item(units.tho_quang)

    with pytest.raises(ProgramError, match="Hạng mục này dành cho phường Thọ Quang"):
        hand_over(item, place=None, partner=post)


def test_what_has_no_place_goes_to_no_unit(hand_over, visit):
    with pytest.raises(ProgramError, match="Hạng mục chưa ghi nơi nhận"):
        hand_over(visit)


def test_a_neighbours_partner_receives_nothing_from_us(hand_over, visit, units):
    foreign = Partner.objects.create(branch=units.cong_an, name="Trại giam")

    with pytest.raises(ProgramError, match="Trại giam không phải đối tác của Hội LHPN quận Sơn"):
        hand_over(visit, place=None, partner=foreign)


def test_the_partner_of_a_unit_above_may_receive(hand_over, visit, units):
    guard = Partner.objects.create(branch=units.da_nang, name="Bộ đội Biên phòng thành phố")

    assert hand_over(visit, place=None, partner=guard).partner == guard


def test_what_a_partner_got_stays_without_a_place(hand_over, visit, post, units, people):
    hand_over(visit, place=None, partner=post)

    with pytest.raises(ProgramError, match="Đã ghi trao cho Đồn Biên phòng Sơn Trà"):
        change_item(item=visit, seen_version=1, by=people.an, places=[units.tho_quang])
    assert change_item(item=visit, seen_version=1, by=people.an, what="Thăm đồn").what == "Thăm đồn"


@pytest.mark.parametrize("name", ["an", "giang", "hoa"])
def test_nobody_answers_for_a_partner(name, hand_over, visit, post, people):
    delivery = hand_over(visit, place=None, partner=post)

    assert not getattr(people, name).has_perm("programs.answer_delivery", delivery)
