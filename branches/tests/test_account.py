"""Tài khoản của tôi: what a person keeps right about herself, and whose letter box it is."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from branches.models import User
from branches.services import hold_position
from conftest import PASSWORD

pytestmark = pytest.mark.django_db

PAGE = "/accounts/me/"
NEW = "hoa.moi@example.org"


@pytest.fixture
def as_hoa(as_person):
    return as_person("hoa")


@pytest.fixture
def save(as_hoa, django_capture_on_commit_callbacks):
    def save(**fields):
        form = {"phone": "", "email": "hoa@example.org", "password": ""} | fields
        with django_capture_on_commit_callbacks(execute=True):
            return as_hoa.post(PAGE, form)

    return save


def hoa():
    return User.objects.get(username="hoa")


def link():
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1]


def test_everybody_sees_herself_and_the_way_there_under_her_name(as_hoa):
    text = as_hoa.get(PAGE).content.decode()

    assert "Bùi Thị Hoa" in text and "hoa@example.org" in text
    assert "Cán bộ nhập, Hội LHPN phường Thọ Quang" in text
    assert reverse("password_change") in text
    assert f'href="{PAGE}"' in as_hoa.get("/branches/").content.decode()
    assert "Giang" not in text


def test_she_changes_her_own_telephone_number(save, people):
    assert save(phone="0905 123 456").url == PAGE

    assert hoa().phone == "0905123456"
    assert hoa().history.first().history_user == people.hoa
    assert mail.outbox == []


def test_another_address_is_taken_only_with_her_password(save):
    for password in ("", "sai"):
        answer = save(email=NEW, password=password)
        assert "gõ đúng mật khẩu đang dùng" in answer.content.decode()

    assert hoa().email == "hoa@example.org"
    assert mail.outbox == []


def test_a_new_address_counts_once_she_has_opened_the_letter_sent_there(save, as_hoa):
    User.objects.update(email_confirmed_at=now())

    save(email=NEW, password=PASSWORD)

    assert hoa().email_confirmed_at is None
    assert [letter.to for letter in mail.outbox] == [[NEW]]
    assert "chưa được chị xác nhận" in as_hoa.get(PAGE).content.decode()
    assert NEW in as_hoa.get(link()).content.decode()
    assert hoa().email_confirmed_at is None, "a letter box may open links by itself"
    as_hoa.post(link())
    assert hoa().email_confirmed_at is not None
    assert "đã được chị xác nhận" in as_hoa.get(PAGE).content.decode()
    assert hoa().history.first().history_change_reason == "xác nhận thư điện tử"


def test_she_may_sign_in_on_the_way_from_the_letter_to_the_page(save):
    save(email=NEW, password=PASSWORD)
    browser = Client()

    door = browser.get(link()).url
    answer = browser.post(door, {"username": "hoa", "password": PASSWORD}, follow=True)
    browser.post(answer.redirect_chain[-1][0])

    assert hoa().email_confirmed_at is not None


def test_the_link_is_hers_alone(save, as_person):
    save(email=NEW, password=PASSWORD)

    browser = as_person("giang")
    assert "không còn dùng được" in browser.get(link()).content.decode()
    browser.post(link())

    assert not User.objects.exclude(email_confirmed_at=None).exists()


def test_the_link_is_of_one_day_and_of_one_address(people, django_capture_on_commit_callbacks):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        browser = Client()
        browser.force_login(people.hoa)
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(reverse("account_letter"))
        clock.shift(timedelta(hours=25))
        browser.force_login(people.hoa)
        browser.post(link())
        assert hoa().email_confirmed_at is None
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(reverse("account_letter"))
        people.hoa.email = NEW
        people.hoa.save()
        browser.post(link())
        assert hoa().email_confirmed_at is None


def test_a_letter_box_is_not_buried_in_letters(as_hoa, django_capture_on_commit_callbacks):
    for _ in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            answer = as_hoa.post(reverse("account_letter"), follow=True)

    assert len(mail.outbox) == 3
    assert "chỉ gửi ba thư" in answer.content.decode()


def test_a_promotion_leaves_the_confirmation_for_it_is_hers(units, people):
    User.objects.update(email_confirmed_at=now())

    hold_position(user=hoa(), branch=units.da_nang, role="reviewer", by=people.dung)

    assert hoa().email_confirmed_at is not None


def test_saving_a_part_clears_the_confirmation_as_well(people):
    User.objects.update(email_confirmed_at=now())
    person = hoa()
    person.email = NEW

    person.save(update_fields=["email"])

    assert hoa().email_confirmed_at is None


def test_who_came_in_by_a_one_time_password_sets_her_own_first(as_hoa, people):
    User.objects.filter(username="hoa").update(one_time_until=now() + timedelta(days=1))

    assert as_hoa.get(PAGE).url == reverse("password_own")
