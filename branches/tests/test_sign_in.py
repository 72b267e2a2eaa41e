"""The door: wrong passwords, one-time passwords, forgotten ones."""

import re
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.timezone import now

from branches.models import User
from branches.services import change_account, issue_one_time_password, set_active
from branches.sign_in import ADDRESS_LIMIT, SLOW_FROM, client_address, forget_old
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
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False):
        assert mistype(4) == [200] * 4
        answer = knock("hoa", "sai")

    assert answer.status_code == 429
    assert "Chị thử lại từ 09:15" in answer.content.decode()
    assert "khoảng 15 phút nữa" in answer.content.decode()
    assert answer["Retry-After"] == "900"
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False):
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


def try_everywhere(times=SLOW_FROM, username="hoa"):
    """A stranger's wrong passwords for one account, four from each of his addresses."""
    for n in range(times):
        knock(username, "sai", f"10.0.{n // 4}.1")


def test_an_account_tried_from_everywhere_is_heard_once_in_half_a_minute_by_each(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        assert gets_in("hoa", address=HOME)
        try_everywhere()

        assert knock("hoa", "sai", "10.9.9.9").status_code == 200
        assert knock("hoa", PASSWORD, "10.9.9.9").status_code == 429
        assert gets_in("giang", address="10.9.9.9")
        assert gets_in("hoa", address=HOME), "an address that she has come from is not slowed"
        try_everywhere()
        clock.shift(timedelta(seconds=31))
        assert gets_in("hoa", address="10.9.9.9")


def test_a_stranger_cannot_keep_her_out_of_her_account(people):
    """He tries without end from everywhere; she, at an address of her own, is heard at once."""
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        for n in range(60):
            clock.shift(timedelta(seconds=10))
            knock("hoa", "sai", f"10.1.1.{n}")

        assert gets_in("hoa", address=HOME)


def test_a_guesser_gets_five_guesses_a_quarter_hour_from_each_address(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        heard = dict.fromkeys((f"10.1.1.{n}" for n in range(10)), 0)
        for _ in range(28):  # a quarter of an hour, each half minute
            clock.shift(timedelta(seconds=31))
            for address in heard:
                heard[address] += knock("hoa", "sai", address).status_code == 200

        assert set(heard.values()) == {4}, "and the fifth shows that she must wait"


def test_an_open_one_time_password_is_always_heard(people):
    try_everywhere()
    mistype(6, address=OFFICE)
    password = issue_one_time_password(user=people.hoa, by=people.dung, reason="không vào được")
    try_everywhere()
    mistype(6, address=OFFICE)

    assert knock("hoa", "sai", OFFICE).status_code == 429, "what has not its form waits as ever"
    assert knock("hoa", PASSWORD, OFFICE).status_code == 429
    assert gets_in("hoa", password, OFFICE)


def test_the_form_of_a_one_time_password_helps_nobody_while_none_is_open(people):
    mistype(6)

    assert knock("hoa", "bcgh-kmnp-qrst").status_code == 429
    assert knock("khong-co-ai", "bcgh-kmnp-qrst").status_code == 200


def test_an_address_that_tries_one_password_on_everybody_waits(people):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        assert gets_in("hoa", address=OFFICE)
        for n in range(ADDRESS_LIMIT):
            knock(f"ten.{n}", "hoi-phu-nu", OFFICE)

        answer = knock("giang", PASSWORD, OFFICE)

        assert answer.status_code == 429
        assert "Từ mạng này có quá nhiều lần gõ sai" in answer.content.decode()
        assert 3590 <= int(answer["Retry-After"]) <= 3600
        assert gets_in("giang", address=HOME), "from elsewhere she comes in"
        assert gets_in("hoa", address=OFFICE), "she has come in from there before"
        clock.shift(timedelta(minutes=61))
        assert gets_in("giang", address=OFFICE)


def test_an_office_of_fifty_with_its_mistakes_is_not_touched(people):
    for n in range(50):
        mistype(3, username=f"can.bo.{n}")

    assert gets_in("giang")


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
        assert not AccessFailureLog.objects.exists()
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


def test_a_one_time_password_opens_the_door_once_even_if_she_went_before_setting_her_own(newcomer):
    again = knock("hoa", newcomer.one_time)

    assert again.status_code == 200
    assert "đã được dùng" in again.content.decode()
    assert newcomer.get(reverse("password_own")).status_code == 200, "she herself goes on"


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


@pytest.fixture
def confirmed(people):
    """Everybody has said from inside her letter box that it is hers."""
    User.objects.update(email_confirmed_at=now())
    return people


@pytest.fixture
def ask_for_letter(django_capture_on_commit_callbacks):
    def ask(email):
        with django_capture_on_commit_callbacks(execute=True):
            return Client().post(reverse("password_reset"), {"email": email})

    return ask


def link_of(letter):
    return re.search(r"http://testserver(/\S+)", letter.body)[1]


def test_a_forgotten_password_is_set_anew_by_a_letter(confirmed, ask_for_letter):
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
    last = confirmed.hoa.history.first()
    assert last.history_change_reason == "quên mật khẩu: đặt lại bằng thư"
    assert last.history_user == confirmed.hoa


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(confirmed, ask_for_letter):
    set_active(user=confirmed.lan, is_active=False, by=confirmed.dung, reason="thử")
    User.objects.filter(username="giang").update(email_confirmed_at=None)

    names = ("hoa", "ai", "lan", "giang")
    answers = [ask_for_letter(f"{name}@example.org") for name in names]

    assert {(a.status_code, a.url, a.content) for a in answers} == {
        (302, reverse("password_reset_done"), b"")
    }
    assert [letter.to for letter in mail.outbox] == [["hoa@example.org"]]
    assert "người quản trị của đơn vị" in Client().get(answers[0].url).content.decode()


def test_the_request_does_the_same_for_a_known_address_and_an_unknown_one(
    confirmed, django_capture_on_commit_callbacks, django_assert_num_queries
):
    """The letter itself is the worker's; no secret is handed to it."""
    for email in ("hoa@example.org", "ai@example.org"):
        with django_capture_on_commit_callbacks() as handed, django_assert_num_queries(1):
            Client().post(reverse("password_reset"), {"email": email})
        assert len(handed) == 1 and not mail.outbox
    (task,) = handed
    assert task.args[1:] == ([], "http://testserver")


def test_an_account_gets_three_letters_an_hour(confirmed, ask_for_letter):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        answers = [ask_for_letter("hoa@example.org") for _ in range(5)]
        ask_for_letter("giang@example.org")

        assert [letter.to for letter in mail.outbox] == [["hoa@example.org"]] * 3 + [
            ["giang@example.org"]
        ]
        assert {a.url for a in answers} == {reverse("password_reset_done")}
        clock.shift(timedelta(minutes=61))
        ask_for_letter("hoa@example.org")
        assert len(mail.outbox) == 5


def test_a_lead_who_writes_her_own_address_into_an_account_gets_no_letter(
    confirmed, ask_for_letter
):
    """Later the officer is promoted, and the lead "forgets" her password."""
    hoa = change_account(
        user=confirmed.hoa,
        by=confirmed.dung,
        full_name=confirmed.hoa.full_name,
        phone="",
        email="chi.dung@example.org",
    )

    ask_for_letter("chi.dung@example.org")
    ask_for_letter("hoa@example.org")

    assert hoa.email_confirmed_at is None
    assert mail.outbox == []


def test_who_was_given_a_password_confirms_her_address_anew(confirmed, ask_for_letter):
    """Whoever has read it could have signed in as her and confirmed what she liked."""
    issue_one_time_password(user=confirmed.hoa, by=confirmed.dung, reason="quên")

    ask_for_letter("hoa@example.org")

    assert mail.outbox == []


def test_a_link_of_before_is_of_no_use_once_the_address_is_another(confirmed, ask_for_letter):
    ask_for_letter("hoa@example.org")
    hoa = User.objects.get(username="hoa")
    hoa.email = "hoa.moi@example.org"
    hoa.save()

    assert "không còn dùng được" in Client().get(link_of(mail.outbox[0])).content.decode()


def test_the_link_lives_one_day_and_not_beyond_the_account(confirmed, ask_for_letter):
    with time_machine.travel("2026-03-02 09:00+07:00", tick=False) as clock:
        ask_for_letter("hoa@example.org")
        ask_for_letter("giang@example.org")
        hoas, giangs = map(link_of, mail.outbox)
        set_active(user=confirmed.giang, is_active=False, by=confirmed.dung, reason="thử")
        assert Client().get(giangs).status_code == 200  # the page that says it is of no use
        clock.shift(timedelta(hours=23))
        assert Client().get(hoas).status_code == 302
        clock.shift(timedelta(hours=2))
        assert Client().get(hoas).status_code == 200


def test_a_mail_server_that_is_down_fails_nobodys_page(confirmed, ask_for_letter, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert ask_for_letter("hoa@example.org").status_code == 302
