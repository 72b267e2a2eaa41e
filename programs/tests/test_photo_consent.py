"""A photo that shows people of the register is shown as long as each of them agrees."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from programs.models import Delivery, DeliveryFile, PhotoPerson
from programs.services import (
    ProgramError,
    erase_beneficiary,
    record_consent,
    record_delivery,
    withdraw_consent,
)

from .conftest import add_item
from .people_helped import TODAY, agreed, child_of
from .support import minutes, photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def ngoc(program, units, people):
    return child_of(program, units.tho_quang, people.hoa)


@pytest.fixture
def item(program, units, people):
    made = add_item(program, units.son_tra, people.giang, "Sách vở")
    made.places.add(units.tho_quang)
    return made


@pytest.fixture
def hand_over(item, units, people):
    def give(**fields):
        return record_delivery(
            item=item, place=units.tho_quang, given_on=date(2021, 5, 10), by=people.giang, **fields
        )

    return give


def agree(record, by):
    return record_consent(beneficiary=record, by=by, scope="photo", today=TODAY, **agreed())


def status_of(client, address):
    answer = client.get(address)
    if answer.streaming:
        answer.getvalue()  # read to its end, the file is closed
    return answer.status_code


def photos_for(user):
    return list(DeliveryFile.objects.visible_to(user).filter(kind="photo"))


def test_a_photo_of_her_needs_her_consent_to_be_photographed(hand_over, ngoc, people):
    with pytest.raises(ProgramError, match=f"Hồ sơ {ngoc.code} chưa có sự đồng ý “Chụp và lưu"):
        hand_over(photos=[photo()], shown=[ngoc])
    assert not Delivery.objects.exists()

    agree(ngoc, people.hoa)
    delivery = hand_over(photos=[photo(), photo("b.jpg")], minutes=[minutes()], shown=[ngoc])

    assert {row.photo.kind for row in PhotoPerson.objects.all()} == {"photo"}
    assert PhotoPerson.objects.count() == 2
    assert delivery.files.count() == 3
    assert len(photos_for(people.hoa)) == 2


def test_taken_back_it_is_hidden_from_all_and_agreed_to_again_it_is_shown(
    hand_over, ngoc, people, as_person
):
    consent = agree(ngoc, people.hoa)
    hand_over(photos=[photo()], minutes=[minutes()], shown=[ngoc])
    other = hand_over(photos=[photo("khác.jpg")])
    [shown] = [row for row in photos_for(people.an) if row.delivery_id != other.pk]
    address = reverse("programs:delivery_file", args=[shown.pk])
    assert status_of(as_person("giang"), address) == 200

    withdraw_consent(consent=consent, on=TODAY, today=TODAY)

    for name in ("an", "giang", "hoa"):
        client = as_person(name)
        assert client.get(address).status_code == 404
        page = client.get(shown.delivery.get_absolute_url()).content.decode()
        assert address not in page
        assert "Biên bản.pdf" in page  # signed papers prove what was given
        assert photos_for(getattr(people, name)) == [other.files.get()]

    agree(ngoc, people.hoa)
    assert status_of(as_person("giang"), address) == 200


def test_of_two_in_one_photo_each_must_agree(hand_over, ngoc, program, units, people):
    minh = child_of(program, units.tho_quang, people.hoa, full_name="Trần Văn Minh")
    agree(ngoc, people.hoa)
    theirs = agree(minh, people.hoa)
    hand_over(photos=[photo()], shown=[ngoc, minh])
    assert len(photos_for(people.an)) == 1

    withdraw_consent(consent=theirs, on=TODAY, today=TODAY)

    assert photos_for(people.an) == []


def test_an_erased_person_is_seen_in_no_photo(hand_over, ngoc, people):
    agree(ngoc, people.hoa)
    hand_over(photos=[photo()], shown=[ngoc])

    erase_beneficiary(
        beneficiary=ngoc, seen_version=ngoc.version, by=people.hoa, reason="gia đình xin xóa",
        at=datetime(2021, 6, 1, tzinfo=UTC),
    )  # fmt: skip

    assert photos_for(people.an) == []


def test_the_form_asks_who_and_offers_codes_of_her_own_records_alone(
    as_person, item, ngoc, program, units, people
):
    next_door = child_of(program, units.thanh_binh, people.lan, full_name="Lê Tí")
    agree(ngoc, people.hoa)
    client, address = as_person("giang"), reverse("programs:delivery_create", args=[item.pk])
    form = client.get(address).content.decode()
    assert ngoc.code in form
    assert "Bảo Ngọc" not in form
    assert next_door.code not in form
    typed = {"place": units.tho_quang.pk, "given_on": "10/05/2021", "shows_people": "on"}

    unsaid = client.post(address, typed | {"photos": [photo()]}).content.decode()
    foreign = client.post(address, typed | {"photos": [photo()], "shown": [next_door.pk]})
    no_photo = client.post(address, typed | {"shown": [ngoc.pk]}).content.decode()
    assert "Chị chọn giúp ai trong ảnh." in unsaid
    assert foreign.status_code == 200
    assert "Chị chọn ảnh, hoặc bỏ chọn người trong ảnh." in no_photo
    assert not Delivery.objects.exists()

    client.post(address, typed | {"photos": [photo()], "shown": [ngoc.pk]})

    assert PhotoPerson.objects.get().beneficiary == ngoc


def test_who_sees_no_record_is_asked_nothing_about_people(as_person, program, units, people, ngoc):
    item = add_item(program, units.cong_an, people.phuong, "Quà")
    item.places.add(units.tho_quang)

    form = as_person("phuong").get(reverse("programs:delivery_create", args=[item.pk]))

    assert "shows_people" not in form.content.decode()
    assert ngoc.code not in form.content.decode()
