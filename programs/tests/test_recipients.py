"""Persons and lượt: who of the register received, each counted once however often."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programs.models import Beneficiary, Delivery, Partner, Recipient, RecordView, SamePerson
from programs.queries.beneficiaries import helped_by, likely_pairs, people_counts
from programs.services import (
    ProgramError,
    cancel_delivery,
    erase_beneficiary,
    judge_pair,
    name_recipients,
    record_delivery,
    withdraw_consent,
)

from .conftest import add_item, build_program
from .people_helped import TODAY, child_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(program, units, people):
    """Sơn Trà gives books in Thọ Quang."""
    made = add_item(program, units.son_tra, people.giang, "Sách vở")
    made.places.add(units.tho_quang)
    return made


@pytest.fixture
def hand_over(item, units, people):
    def give(item=item, place=units.tho_quang, **fields):
        fields = {"given_on": date(2021, 3, 5), "by": people.giang} | fields
        return record_delivery(item=item, place=place, **fields)

    return give


@pytest.fixture
def ngoc(program, units, people):
    return child_of(program, units.tho_quang, people.hoa)


@pytest.fixture
def minh(program, units, people):
    return child_of(program, units.tho_quang, people.hoa, full_name="Trần Văn Minh")


def name(delivery, *records, by, among=None):
    delivery = Delivery.objects.get(pk=delivery.pk)
    return name_recipients(
        delivery=delivery, seen_version=delivery.version, chosen=list(records),
        among=list(records) if among is None else among, by=by,
    )  # fmt: skip


def count(user, **narrow):
    return helped_by(Delivery.objects.visible_to(user).filter(**narrow), user)


# --- Named ---------------------------------------------------------------------------------------


def test_it_is_kept_who_received_and_who_wrote_it_down(hand_over, ngoc, people):
    delivery = name(hand_over(), ngoc, by=people.hoa)

    row = delivery.recipients.get()
    assert (row.beneficiary, row.recorded_by) == (ngoc, people.hoa)
    assert row.history.get().history_user == people.hoa


def test_a_tick_taken_away_is_signed_and_those_of_others_stay(hand_over, ngoc, minh, people):
    delivery = name(hand_over(), ngoc, minh, by=people.hoa)

    name(delivery, by=people.giang, among=[ngoc])

    assert [row.beneficiary for row in delivery.recipients.all()] == [minh]
    gone = Recipient.history.filter(history_type="-").get()
    assert (gone.beneficiary_id, gone.history_user) == (ngoc.pk, people.giang)


def test_only_records_of_the_place_with_consent_are_named(hand_over, program, units, people, ngoc):
    elsewhere = child_of(program, units.man_thai, people.nga, full_name="Lê Tí")
    district = child_of(program, units.son_tra, people.giang, full_name="Lê Tèo")
    withdrawn = child_of(program, units.tho_quang, people.hoa, full_name="Lê Tủn")
    withdraw_consent(consent=withdrawn.consents.get(), on=TODAY, today=TODAY)
    other = build_program(units, people.giang, owner=units.son_tra, name="Khác", lines=[])
    foreign = child_of(other, units.tho_quang, people.hoa, full_name="Lê Tít")

    for record in (elsewhere, withdrawn, foreign):
        with pytest.raises(ProgramError, match=f"Hồ sơ {record.code} không chọn được"):
            name(hand_over(), record, by=people.giang)
    assert name(hand_over(), district, by=people.giang).recipients.count() == 1


def test_no_more_persons_than_the_hand_over_says_lot(hand_over, ngoc, minh, people):
    delivery = hand_over(people=1)

    with pytest.raises(ProgramError, match="ghi 1 lượt người nhận, ít hơn số người đã chọn"):
        name(delivery, ngoc, minh, by=people.hoa)

    assert not delivery.recipients.exists()


def test_of_a_partner_nobody_of_the_register_received(program, units, people, ngoc):
    post = Partner.objects.create(branch=units.son_tra, name="Đồn Biên phòng")
    visit = add_item(program, units.son_tra, people.giang, "Thăm đồn")
    given = record_delivery(
        item=visit, partner=post, given_on=date(2021, 3, 5), by=people.giang, people=20
    )

    with pytest.raises(ProgramError, match="đối tác ngoài Hội không chọn người"):
        name(given, ngoc, by=people.giang)


def test_the_database_itself_names_nobody_twice(hand_over, ngoc, people):
    delivery = name(hand_over(), ngoc, by=people.hoa)

    with pytest.raises(IntegrityError, match="recipient"), transaction.atomic():
        Recipient.objects.create(delivery=delivery, beneficiary=ngoc, recorded_by=people.hoa)


# --- Counted -------------------------------------------------------------------------------------


def test_one_who_received_three_times_is_one_person_and_three_luot(
    hand_over, program, units, ngoc, minh, people
):
    rice = add_item(program, units.son_tra, people.giang, "Gạo")
    rice.places.add(units.tho_quang)
    name(hand_over(people=2), ngoc, minh, by=people.hoa)
    name(hand_over(people=30), ngoc, by=people.hoa)
    name(hand_over(item=rice, people=1), ngoc, by=people.hoa)

    helped = count(people.an)

    assert (helped.persons, helped.turns) == (2, 33)
    assert count(people.an, item=rice).persons == 1


def test_a_hand_over_taken_back_helped_nobody(hand_over, ngoc, people):
    delivery = name(hand_over(people=4), ngoc, by=people.hoa)
    cancel_delivery(
        delivery=delivery, seen_version=delivery.version, by=people.giang, reason="ghi nhầm"
    )

    helped = count(people.an)

    assert (helped.persons, helped.turns) == (0, 0)


@pytest.fixture
def twice(program, units, people, ngoc, hand_over):
    """Ngọc has a record in the programme of the city and in one of the district, and received in
    both."""
    other = build_program(
        units, people.giang, owner=units.son_tra, name="Chương trình của quận", lines=[]
    )
    again = child_of(other, units.tho_quang, people.hoa, full_name="Nguyễn Bảo Ngọc")
    rice = add_item(other, units.son_tra, people.giang, "Gạo")
    rice.places.add(units.tho_quang)
    name(hand_over(), ngoc, by=people.hoa)
    name(hand_over(item=rice), again, by=people.hoa)
    return again


def test_over_all_programmes_of_a_unit_she_is_one_once_it_is_said(twice, ngoc, units, people):
    received = {"place": units.tho_quang}
    assert count(people.hoa, **received).persons == 2  # nobody has said that they are one

    judge_pair(one=twice, other=ngoc, is_same=True, by=people.hoa)

    assert count(people.hoa, **received).persons == 1
    assert Beneficiary.objects.standing().count() == 2  # nothing is merged


def test_who_was_taken_for_one_can_be_two_again(twice, ngoc, units, people):
    judge_pair(one=twice, other=ngoc, is_same=True, by=people.hoa)

    judge_pair(one=ngoc, other=twice, is_same=False, by=people.giang)

    assert count(people.hoa, place=units.tho_quang).persons == 2
    pair = SamePerson.objects.get()
    assert (pair.first, pair.second) == tuple(sorted((ngoc, twice), key=lambda row: row.pk))
    assert (pair.is_same, pair.said_by) == (False, people.giang)


def test_three_records_of_one_person_are_one_in_any_order_and_fall_apart_where_said(
    program, units, people
):
    a, b, c = (child_of(program, units.tho_quang, people.hoa) for _ in range(3))

    judge_pair(one=b, other=c, is_same=True, by=people.hoa)
    judge_pair(one=c, other=a, is_same=True, by=people.hoa)
    assert people_counts(program, people.an, TODAY).total == 1

    judge_pair(one=c, other=a, is_same=False, by=people.hoa)
    assert people_counts(program, people.an, TODAY).total == 2
    for record in (a, b, c):
        record.refresh_from_db()
    assert (a.same_as, b.same_as, c.same_as) == (None, None, b)


def test_an_erased_person_stays_in_the_count_and_is_shown_beside_nobody(
    twice, ngoc, units, people, as_person
):
    judge_pair(one=twice, other=ngoc, is_same=True, by=people.hoa)
    twice.refresh_from_db()
    erase_beneficiary(
        beneficiary=twice, seen_version=twice.version, by=people.hoa, reason="gia đình xin xóa",
        at=datetime(2021, 3, 20, tzinfo=UTC),
    )  # fmt: skip

    assert count(people.hoa, place=units.tho_quang).persons == 1
    for record in (ngoc, twice):
        text = as_person("hoa").get(record.get_absolute_url()).content.decode()
        assert "Đã đối chiếu" not in text
    with pytest.raises(ProgramError, match="Hồ sơ đã xóa"):
        judge_pair(one=twice, other=ngoc, is_same=False, by=people.hoa)


# --- Likely one person ---------------------------------------------------------------------------


def likely(record, user):
    record = Beneficiary.objects.with_units().get(pk=record.pk)
    return likely_pairs([record], user)[record.pk]


def test_the_same_name_year_and_place_is_proposed_until_somebody_says(twice, ngoc, people):
    assert likely(ngoc, people.hoa) == [twice]

    judge_pair(one=ngoc, other=twice, is_same=False, by=people.hoa)

    assert likely(ngoc, people.hoa) == []


def test_another_year_or_another_place_in_another_programme_is_not_proposed(
    twice, ngoc, units, people
):
    child_of(twice.program, units.man_thai, people.nga, full_name="Nguyễn Bảo Ngọc")
    child_of(
        twice.program, units.tho_quang, people.hoa, full_name="Nguyễn Bảo Ngọc", birth_year=2017
    )

    assert likely(ngoc, people.giang) == [twice]


def test_marks_are_left_out_and_the_unit_above_counts_as_the_place(twice, ngoc, units, people):
    above = child_of(twice.program, units.son_tra, people.giang, full_name="NGUYEN BAO NGOC")

    assert set(likely(ngoc, people.giang)) == {twice, above}


def test_of_a_record_next_door_she_is_told_nothing(program, ngoc, units, people, as_person):
    next_door = child_of(program, units.thanh_binh, people.lan)
    address = reverse("programs:beneficiary_same", args=[ngoc.pk])

    assert likely(ngoc, people.hoa) == []
    assert likely(ngoc, people.an) == [next_door]
    tried = as_person("hoa").post(address, {"other": next_door.pk, "said": "same"}, follow=True)
    missing = as_person("hoa").post(address, {"other": 999_999_999, "said": "same"}, follow=True)
    for answer in (tried, missing):
        assert "Không có hồ sơ kia" in answer.content.decode()
        assert next_door.code not in answer.content.decode()
    assert not SamePerson.objects.exists()


# --- Pages ---------------------------------------------------------------------------------------


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_officer_of_the_place_ticks_codes_and_no_name_is_shown(
    as_person, hand_over, ngoc, minh, program, units
):
    delivery, client = hand_over(people=5), as_person("hoa")
    address = reverse("programs:delivery_recipients", args=[delivery.pk])
    form = text_of(client.get(address))
    assert ngoc.code in form
    assert "Bảo Ngọc" not in form

    text = text_of(
        client.post(address, {"recipients": [ngoc.pk], "version": delivery.version}, follow=True)
    )

    assert "Người nhận có hồ sơ (1 người)" in text
    assert ngoc.code in text
    assert minh.code not in text
    assert "Bảo Ngọc" not in text
    assert not RecordView.objects.exists()  # a code is no look
    for shown in (
        program.get_absolute_url(),
        delivery.item.get_absolute_url(),
        reverse("programs:support_detail", args=[units.tho_quang.slug]),
        reverse("programs:people_list", args=[program.slug]),
    ):
        page = text_of(client.get(shown))
        assert "mỗi người tính một lần" in page or "người có hồ sơ; 5 lượt nhận" in page


def test_who_may_not_see_the_register_sees_numbers_only(as_person, hand_over, ngoc, people):
    delivery = name(hand_over(), ngoc, by=people.hoa)

    text = text_of(as_person("cuc").get(delivery.get_absolute_url()))

    assert "Người nhận có hồ sơ (1 người)" in text
    assert ngoc.code not in text
    assert as_person("lan").get(delivery.get_absolute_url()).status_code == 404
    address = reverse("programs:delivery_recipients", args=[delivery.pk])
    assert as_person("cuc").get(address).status_code == 403
    assert as_person("lan").get(address).status_code == 404


def test_a_record_of_another_unit_cannot_be_slipped_in(
    as_person, hand_over, program, units, people
):
    foreign = child_of(program, units.thanh_binh, people.lan, full_name="Lê Tí")
    delivery = hand_over()

    answer = as_person("hoa").post(
        reverse("programs:delivery_recipients", args=[delivery.pk]),
        {"recipients": [foreign.pk], "version": delivery.version},
    )

    assert foreign.code not in text_of(answer)
    assert not delivery.recipients.exists()


def test_on_the_record_she_says_that_two_are_one(as_person, twice, ngoc, program):
    client = as_person("hoa")
    page = text_of(client.get(ngoc.get_absolute_url()))
    assert "Có thể là cùng một người" in page
    assert twice.code in page
    listed = text_of(client.get(reverse("programs:people_list", args=[program.slug])))
    assert "Có thể trùng người" in listed

    said = text_of(
        client.post(
            reverse("programs:beneficiary_same", args=[ngoc.pk]),
            {"other": twice.pk, "said": "same"},
            follow=True,
        )
    )

    assert "là cùng một người" in said
    assert "Đã đối chiếu" in said
    assert "Có thể là cùng một người" not in said
    twice.refresh_from_db()
    assert twice.same_as == ngoc


def test_many_records_take_the_same_questions(as_person, program, units, people, ngoc):
    client = as_person("hoa")
    address = reverse("programs:people_list", args=[program.slug])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _ in range(12):
        child_of(program, units.tho_quang, people.hoa)

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few)
