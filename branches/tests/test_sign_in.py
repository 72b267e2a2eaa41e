"""The door: wrong passwords, one-time passwords, forgotten ones."""

import re
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.timezone import localtime, now

from branches.models import User
from branches.services import issue_one_time_password, set_active
from branches.sign_in import SLOW_FROM, client_address, forget_old
from conftest import PASSWORD

DOOR = "/accounts/login/"
OFFICE, HOME = "113.160.1.1", "27.70.2.2"
OWN = "mat-khau-rieng-cua-hoa"

pytestmark = pytest.mark.django_db


def knock(username, password, address=OFFICE, **extra):
    """The answer of the door to a new browser at this address."""
    form = {"username": username, "password": password}
    return Client().post(DOOR, form, REMOTE_ADDR=address, **extra)


def gets_in(username, password=PASSWORD, address=OFFICE, **extra):
    return knock(username, password, address, **extra).status_code == 302


def mistype(times, username="hoa", address=OFFICE):
    return [knock(username, f"sai-{n}", address).status_code for n in range(times)]


# Wrong passwords


def test_five_wrong_passwords_make_her_wait_and_say_until_when(people):
    assert mistype(4) == [200] * 4
    answer = knock("hoa", "sai")

    assert answer.status_code == 429
    again_at = localtime(now() + timedelta(minutes=15))
    assert f"Chị thử lại từ {again_at:%H:%M}" in answer.content.decode()
    assert "khoảng 15 phút nữa" in answer.content.decode()
    assert 890 <= int(answer["Retry-After"]) <= 900
    assert not gets_in("hoa"), "not even with the right one, or it could be guessed on"


def test_after_a_quarter_of_an_hour_she_may_try_again(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        mistype(5)
        clock.shift(timedelta(minutes=14))
        assert not gets_in("hoa")
        clock.shift(timedelta(minutes=2))
        assert gets_in("hoa")


def test_trying_on_while_she_waits_does_not_lengthen_the_wait(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        mistype(5)
        for _ in range(5):
            clock.shift(timedelta(minutes=3, seconds=1))
            knock("hoa", "sai")
        assert gets_in("hoa")


def test_her_colleagues_in_the_same_office_come_in_as_ever(people):
    mistype(12)

    assert gets_in("giang")
    assert gets_in("hoa", address=HOME), "and so does she from elsewhere"


def test_the_right_password_in_time_wipes_out_the_wrong_ones(people):
    mistype(4)
    assert gets_in("hoa")

    assert mistype(4) == [200] * 4


def test_an_account_tried_from_everywhere_is_slowed_and_never_locked(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        assert gets_in("hoa", address=HOME)
        for n in range(SLOW_FROM):
            knock("hoa", "sai", f"10.0.{n // 4}.{n % 4 + 1}")

        assert knock("hoa", PASSWORD, "10.9.9.9").status_code == 429
        assert gets_in("hoa", address=HOME), "an address that she has come from is not slowed"
        assert gets_in("giang", address="10.9.9.9")
        clock.shift(timedelta(seconds=31))
        assert gets_in("hoa", address="10.9.9.9")


def test_a_guesser_who_comes_from_everywhere_is_heard_twice_a_minute(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        heard = 0
        for n in range(90):  # each from an address of its own, six a minute
            clock.shift(timedelta(seconds=10))
            heard += knock("hoa", "sai", f"10.1.1.{n}").status_code == 200

        assert SLOW_FROM <= heard <= SLOW_FROM + 25


def test_an_unknown_name_gets_the_same_answers_as_a_known_one(people):
    known = [knock("hoa", "sai") for _ in range(6)]
    unknown = [knock("khong-co-ai", "sai") for _ in range(6)]

    assert [a.status_code for a in known] == [a.status_code for a in unknown]
    for one, other in zip(known, unknown, strict=True):
        assert plain(one) == plain(other)


def plain(answer):
    """A page without its token, the name typed and the time that passes."""
    return re.sub(r'value="[^"]*"|\d+:\d+|\d+ (phút|giây)', "", answer.content.decode())


def test_a_closed_account_and_one_without_a_password_answer_like_a_wrong_password(people):
    set_active(user=people.hoa, is_active=False, by=people.dung, reason="thử")
    people.giang.set_unusable_password()
    people.giang.save()

    answers = [plain(knock(name, PASSWORD)) for name in ("hoa", "giang", "khong-co-ai")]

    assert len(set(answers)) == 1


@pytest.mark.parametrize("name", ["a" * 5_000, "hoa\0", "ａｂｃ", "'; --", "\ud7ff"])
def test_whatever_is_typed_as_a_name_is_only_a_wrong_name(name, people):
    assert knock(name, "sai", HTTP_USER_AGENT="x" * 5_000).status_code == 200


def test_no_password_is_kept_of_what_was_mistyped(people):
    mistype(3)

    kept = " ".join(str(v) for row in AccessAttempt.objects.values() for v in row.values())
    assert "sai-" not in kept


def test_a_new_one_time_password_spares_her_the_wait(people):
    mistype(6)

    password = issue_one_time_password(user=people.hoa, by=people.dung, reason="gõ sai nhiều")

    assert gets_in("hoa", password)


def test_log_ins_are_forgotten_after_half_a_year_and_mistakes_after_a_day(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        gets_in("hoa")
        mistype(3)
        clock.shift(timedelta(days=179))
        gets_in("giang")
        forget_old(now())
        assert set(AccessLog.objects.values_list("username", flat=True)) == {"hoa", "giang"}
        assert not AccessAttempt.objects.exists()
        clock.shift(timedelta(days=2))
        forget_old(now())
        assert set(AccessLog.objects.values_list("username", flat=True)) == {"giang"}


# Whose address


@pytest.mark.parametrize(
    ("behind_proxy", "headers", "address"),
    [
        (False, {}, OFFICE),
        (False, {"X-Real-IP": HOME, "X-Forwarded-For": HOME}, OFFICE),  # anybody can write these
        (True, {"X-Real-IP": HOME}, HOME),
        (True, {"X-Forwarded-For": HOME}, OFFICE),
        (True, {"X-Real-IP": "rác"}, OFFICE),
        (True, {"X-Real-IP": "2001:DB8::1"}, "2001:db8::1"),
    ],
)
def test_the_proxys_word_counts_only_where_there_is_one(behind_proxy, headers, address, settings):
    settings.BEHIND_PROXY = behind_proxy

    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=OFFICE)

    assert client_address(request) == address


def test_a_connection_without_an_address_is_no_error(people):
    assert gets_in("hoa", address="")


# The first time


@pytest.fixture
def newcomer(people):
    """Hoa's browser, in which she came in by a one-time password."""
    password = issue_one_time_password(user=people.hoa, by=people.dung, reason="tài khoản mới")
    browser = Client()
    browser.post(DOOR, {"username": "hoa", "password": password})
    browser.one_time = password
    return browser


def test_whoever_came_in_by_a_one_time_password_sets_her_own_before_anything_else(newcomer):
    page = reverse("password_own")

    for address in ("/", "/branches/", "/admin/", "/accounts/password/", "/khong-co/"):
        assert newcomer.get(address).headers.get("Location") == page, address
    part = newcomer.get("/branches/search/?q=a", headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == page
    assert newcomer.get(page).status_code == 200
    assert newcomer.post(reverse("logout")).status_code == 302


def test_then_she_goes_on_signed_in_and_the_one_time_password_opens_nothing_more(newcomer):
    form = {"new_password1": OWN, "new_password2": OWN}

    answer = newcomer.post(reverse("password_own"), form)

    assert answer.url == "/"
    assert newcomer.get("/branches/").status_code == 200
    assert not gets_in("hoa", newcomer.one_time)
    assert gets_in("hoa", OWN)


def test_the_one_time_password_is_not_taken_as_her_own(newcomer):
    form = {"new_password1": newcomer.one_time, "new_password2": newcomer.one_time}

    answer = newcomer.post(reverse("password_own"), form)

    assert "khác với mật khẩu một lần" in answer.content.decode()
    assert User.objects.get(username="hoa").must_set_password


def test_a_one_time_password_ends_after_fourteen_days_and_says_so(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        password = issue_one_time_password(user=people.hoa, by=people.dung, reason="mới")
        clock.shift(timedelta(days=13, hours=23))
        assert gets_in("hoa", password)
        clock.shift(timedelta(hours=2))

        answer = knock("hoa", password)

        assert answer.status_code == 200
        assert "đã hết hạn" in answer.content.decode()
        assert "đã hết hạn" not in knock("hoa", "sai").content.decode()


def test_a_one_time_password_under_an_older_hasher_ends_as_well(people, settings):
    """Django hashes it anew at the door, which must not make it her own."""
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        password = issue_one_time_password(user=people.hoa, by=people.dung, reason="mới")
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS
        ]  # fmt: skip
        clock.shift(timedelta(days=15))

        assert not gets_in("hoa", password)
        assert User.objects.get(username="hoa").must_set_password


def test_a_password_that_an_administrator_typed_is_one_time_too(people, as_person):
    form = {"password1": OWN, "password2": OWN}

    as_person("dung").post(reverse("admin:auth_user_password_change", args=[people.hoa.pk]), form)

    assert User.objects.get(username="hoa").must_set_password


def test_who_has_her_own_password_is_led_to_the_page_that_changes_it(as_person):
    assert as_person("hoa").get(reverse("password_own")).url == reverse("password_change")


# Forgotten


def ask_for_letter(email):
    return Client().post(reverse("password_reset"), {"email": email})


def link_of(letter):
    return re.search(r"http://testserver(/\S+)", letter.body)[1]


def test_a_forgotten_password_is_set_anew_by_a_letter(people):
    ask_for_letter("HOA@example.org")

    (letter,) = mail.outbox
    assert letter.to == ["hoa@example.org"]
    assert letter.subject == "Đặt lại mật khẩu trên phần mềm của Hội LHPN"
    assert "Kính gửi chị Bùi Thị Hoa" in letter.body
    browser = Client()
    page = browser.get(link_of(letter)).url
    assert "hoa" in browser.get(page).content.decode()
    browser.post(page, {"new_password1": OWN, "new_password2": OWN})
    assert gets_in("hoa", OWN)
    assert browser.get(link_of(letter)).status_code == 200, "used once, it says so"
    assert "không còn dùng được" in browser.get(link_of(letter)).content.decode()


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(people):
    set_active(user=people.lan, is_active=False, by=people.dung, reason="thử")

    answers = [ask_for_letter(a) for a in ("hoa@example.org", "ai@example.org", "lan@example.org")]

    assert {(a.status_code, a.url, a.content) for a in answers} == {
        (302, reverse("password_reset_done"), b"")
    }
    assert [letter.to for letter in mail.outbox] == [["hoa@example.org"]]
    assert "người quản trị của đơn vị" in Client().get(answers[0].url).content.decode()


def test_the_link_lives_one_day_and_not_beyond_the_account(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        ask_for_letter("hoa@example.org")
        ask_for_letter("giang@example.org")
        hoas, giangs = map(link_of, mail.outbox)
        set_active(user=people.giang, is_active=False, by=people.dung, reason="thử")
        assert Client().get(giangs).status_code == 200  # the page that says it is of no use
        clock.shift(timedelta(hours=23))
        assert Client().get(hoas).status_code == 302
        clock.shift(timedelta(hours=2))
        assert Client().get(hoas).status_code == 200


def test_a_mail_server_that_is_down_fails_nobodys_page(people, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert ask_for_letter("hoa@example.org").status_code == 302
