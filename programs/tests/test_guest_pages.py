"""A guest's pages: a link and a code, what she sees and what never, her answer; the giver's."""

import logging
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from conftest import person
from programs.models import Delivery, DeliveryFile, Invitation, ItemKind, Partner
from programs.services import (
    add_item,
    assign,
    cancel_delivery,
    confirm_delivery,
    invite_guest,
    keep_partner,
    record_consent,
    record_delivery,
    renew_code,
    withdraw_invitation,
)

from .people_helped import agreed, child_of
from .support import minutes, photo

DAY = date(2021, 5, 10)
DELIVERED = datetime(2021, 5, 11, 9, tzinfo=UTC)
HOME = reverse("guest:home")
ANSWER = {"is_right": "yes", "name": "Lò Thị Pành", "office": "Hiệu trưởng", "version": 1}

pytestmark = pytest.mark.django_db


@pytest.fixture
def hand_over(program, units, people):
    def give(what="50 suất quà", **fields):
        item = add_item(
            program=program, giver=units.son_tra, places=[units.tho_quang], what=what,
            kind=ItemKind.objects.get(code="qua"), by=people.an, note="Ghi chú của hạng mục",
        )  # fmt: skip
        return record_delivery(
            item=item, place=units.tho_quang, given_on=DAY, by=people.giang, value=5_000_000,
            note="Ghi chú nội bộ", **fields,
        )  # fmt: skip

    return give


@pytest.fixture
def delivery(hand_over):
    return hand_over(quantity=50, photos=[photo("bé Na.jpg")], minutes=[minutes("Nhà bà Tư.pdf")])


@pytest.fixture
def invited(delivery, people):
    """Giang has asked Pành: (the invitation, its code)."""
    return invite(delivery, people)


def invite(delivery, people):
    return invite_guest(
        deliveries=[delivery], guest_name="Lò Thị Pành", guest_office="Hiệu trưởng",
        ends_on=localdate() + timedelta(days=30), by=people.giang, today=localdate(),
    )  # fmt: skip


@pytest.fixture
def phone(invited):
    """Pành's telephone, in which she has typed the code; nobody has signed in there."""
    return come_in(Client(), *invited)


def come_in(client, invitation, code, *, is_right=True):
    client.get(reverse("guest:open", args=[invitation.token]))
    assert client.post(HOME, {"code": code}).status_code == (302 if is_right else 200)
    return client


def page(response):
    assert response.status_code == 200
    return response.content.decode()


def is_gone(response):
    return response.status_code == 404 and "Trang này không mở được" in response.content.decode()


def about(delivery):
    return reverse("guest:delivery", args=[delivery.pk])


# --- Coming in ----------------------------------------------------------------------------------


def test_the_link_asks_for_the_code_and_tells_nothing(client, invited, delivery):
    invitation, _ = invited

    answer = client.get(reverse("guest:open", args=[invitation.token]))
    text = page(client.get(HOME))

    assert answer.url == HOME
    for words in ("Pành", "50 suất quà", "Sơn Trà", "Thọ Quang", invitation.token):
        assert words not in text
    assert is_gone(client.get(about(delivery)))
    assert is_gone(client.get(reverse("guest:file", args=[delivery.files.first().pk])))


def test_a_wrong_code_is_told_and_after_five_one_waits(client, invited):
    invitation, code = invited
    client.get(reverse("guest:open", args=[invitation.token]))

    for _ in range(5):
        assert "Mã chưa đúng" in page(client.post(HOME, {"code": "sai"}))

    assert "Mã đã gõ sai nhiều lần" in page(client.post(HOME, {"code": code}))
    assert "50 suất quà" not in page(client.get(HOME))


def test_the_code_alone_opens_nothing(client, invited):
    assert is_gone(client.post(HOME, {"code": invited[1]}))


def test_coming_in_begins_a_new_session(client, invited):
    invitation, code = invited
    client.get(reverse("guest:open", args=[invitation.token]))
    before = client.session.session_key

    client.post(HOME, {"code": code})

    assert client.session.session_key != before
    assert list(client.session.keys()) == ["guest"]


def test_wrong_and_ended_links_look_the_same(client, invited, people):
    invitation, _ = invited
    link = reverse("guest:open", args=[invitation.token])
    wrong = client.get(reverse("guest:open", args=["0" * 32])).content
    assert client.get(link).status_code == 302

    withdraw_invitation(invitation=invitation, seen_version=1, by=people.giang, at=DELIVERED)
    withdrawn = Client().get(link)
    Invitation.objects.update(withdrawn_at=None, ends_on=localdate() - timedelta(days=1))
    over = Client().get(link)

    for answer in (withdrawn, over):
        assert is_gone(answer)
        assert answer.content == wrong


def test_guest_pages_are_in_no_cache_no_search_and_their_address_goes_nowhere(phone, delivery):
    answers = [
        phone.get(HOME),
        phone.get(about(delivery)),
        phone.get(reverse("guest:open", args=["0" * 32])),
        phone.get(reverse("guest:file", args=[delivery.files.first().pk])),
    ]

    for answer in answers:
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        answer.close()


def test_no_log_of_ours_holds_the_code_nor_the_link_of_an_open_invitation(
    client, invited, delivery, caplog
):
    caplog.set_level(logging.DEBUG)
    invitation, code = invited

    come_in(client, invitation, "sai", is_right=False)
    come_in(client, invitation, code)
    client.post(about(delivery), ANSWER)
    client.get(about(delivery) + "khong-co/")

    said = " ".join(record.getMessage() for record in caplog.records)
    assert "khong-co" in said
    assert code not in said and invitation.token not in said


# --- What she sees ------------------------------------------------------------------------------


def test_she_sees_what_was_handed_over_with_photos_and_minutes_and_no_more(
    phone, delivery, hand_over, program, units, people
):
    child = child_of(program, units.tho_quang, people.hoa, full_name="Nguyễn Thị Bé")
    other = hand_over("Xe đạp")

    text = page(phone.get(HOME)) + page(phone.get(about(delivery)))

    for words in ("50 suất quà", "5.000.000", "10/05/2021", "phường Thọ Quang", "quận Sơn Trà"):
        assert words.lower() in text.lower()
    for words in (
        "Ghi chú", "Võ Thị Giang", "bé Na", "Nhà bà Tư", program.name, "Xe đạp",
        child.full_name, child.code, "/programs/",
    ):  # fmt: skip
        assert words not in text, words
    assert is_gone(phone.get(about(other)))


def test_a_photo_is_shown_and_minutes_are_saved_under_plain_names(phone, delivery, hand_over):
    files = {row.kind: reverse("guest:file", args=[row.pk]) for row in delivery.files.all()}
    other = hand_over("Xe đạp", photos=[photo()]).files.get()

    shown, saved = phone.get(files["photo"]), phone.get(files["minutes"])

    assert shown["Content-Disposition"] == 'inline; filename="anh-trao-tang.jpg"'
    assert saved["Content-Disposition"] == 'attachment; filename="bien-ban.pdf"'
    assert saved["X-Content-Type-Options"] == "nosniff"
    assert saved.getvalue().startswith(b"%PDF") and shown.getvalue()
    assert is_gone(phone.get(reverse("guest:file", args=[other.pk])))


def test_a_photo_of_somebody_of_the_register_is_not_for_her_whatever_was_agreed(
    hand_over, program, units, people
):
    child = child_of(program, units.tho_quang, people.hoa, full_name="Nguyễn Thị Bé")
    record_consent(beneficiary=child, by=people.hoa, scope="photo", today=DAY, **agreed())
    delivery = hand_over(photos=[photo()], minutes=[minutes()], shown=[child])
    files = {row.kind: reverse("guest:file", args=[row.pk]) for row in delivery.files.all()}
    phone = come_in(Client(), *invite(delivery, people))

    text = page(phone.get(about(delivery)))

    assert files["minutes"] in text and files["photo"] not in text
    assert is_gone(phone.get(files["photo"]))
    assert DeliveryFile.objects.visible_to(people.giang).filter(kind="photo").exists()


def test_a_partner_who_is_invited_answers_for_what_it_got(program, units, people):
    post = Partner(branch=units.son_tra, name="Đồn Biên phòng Sơn Trà", kind="armed_forces")
    keep_partner(partner=post, by=people.giang)
    item = add_item(
        program=program, giver=units.son_tra, places=[], what="Quà Tết cho chiến sĩ",
        kind=ItemKind.objects.get(code="qua"), by=people.an,
    )  # fmt: skip
    delivery = record_delivery(
        item=item, partner=post, given_on=DAY, by=people.giang, value=5_000_000
    )
    phone = come_in(Client(), *invite(delivery, people))

    assert "Đồn Biên phòng Sơn Trà" in page(phone.get(about(delivery)))
    phone.post(about(delivery), ANSWER)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.guest_name) == ("confirmed", "Lò Thị Pành")


def test_a_guest_is_signed_in_nowhere(phone, delivery, program):
    for url in (
        reverse("reports:home"), delivery.get_absolute_url(), program.get_absolute_url(),
        reverse("programs:delivery_confirm", args=[delivery.pk]),
        reverse("programs:delivery_file", args=[delivery.files.first().pk]),
    ):  # fmt: skip
        assert phone.get(url).url.startswith(reverse("login"))


# --- Her answer ---------------------------------------------------------------------------------


def test_she_confirms_and_the_giver_reads_who_she_is(phone, invited, delivery, as_person):
    assert phone.post(about(delivery), ANSWER | {"words": "các cháu rất vui"}).url == HOME

    assert "Khách mời xác nhận" in page(phone.get(HOME))
    assert "Đã trả lời lúc" in page(phone.get(about(delivery)))
    text = page(as_person("giang").get(delivery.get_absolute_url()))
    assert "“các cháu rất vui”" in text
    assert "Khách mời: Lò Thị Pành, Hiệu trưởng, theo lời mời của Võ Thị Giang" in text
    assert re.search(r'<div class="trail-who">Khách mời ·', text)
    seen = page(as_person("giang").get(invited[0].get_absolute_url()))
    assert "Khách mời xác nhận" in seen and "gần nhất" in seen
    item = page(as_person("giang").get(delivery.item.get_absolute_url()))
    assert "Khách mời xác nhận" in item
    listed = reverse("programs:item_list", args=[delivery.item.program.slug])
    assert "1 do khách mời xác nhận" in page(as_person("giang").get(listed))


def test_she_says_what_is_not_right_and_the_giver_reads_it(phone, delivery, as_person):
    wrong = ANSWER | {"is_right": "no"}
    assert "ghi giúp chỗ nào chưa đúng" in page(phone.post(about(delivery), wrong))
    phone.post(about(delivery), wrong | {"words": "mới nhận 40 suất"})

    text = page(as_person("giang").get(delivery.get_absolute_url()))
    assert "Khách mời báo chưa đúng" in text
    assert "mới nhận 40 suất" in text


@pytest.mark.parametrize("field", ["name", "office", "is_right"])
def test_she_says_who_she_is_and_what_she_means(field, phone, delivery):
    page(phone.post(about(delivery), ANSWER | {field: ""}))

    assert Delivery.objects.get().answered_at is None


def test_whoever_answers_second_is_told_and_keeps_her_words(phone, delivery, people):
    confirm_delivery(delivery=delivery, seen_version=1, by=people.hoa, at=DELIVERED)

    text = page(phone.post(about(delivery), ANSWER | {"is_right": "no", "words": "thiếu"}))

    assert "Vừa có người khác sửa phần này" in text
    assert "thiếu</textarea>" in text
    assert Delivery.objects.get().answered_by == people.hoa


def test_a_new_code_a_withdrawal_and_a_cancelling_end_the_session_at_once(
    phone, invited, delivery, people
):
    invitation, _ = invited
    page(phone.get(about(delivery)))

    invitation, code = renew_code(
        invitation=invitation, seen_version=1, by=people.giang, today=localdate()
    )
    assert is_gone(phone.get(about(delivery)))
    assert "Gõ mã để xem" in page(phone.get(HOME))
    come_in(phone, invitation, code)
    page(phone.get(about(delivery)))
    cancel_delivery(delivery=delivery, seen_version=1, by=people.giang, reason="nhầm")

    assert is_gone(phone.get(about(delivery)))
    assert is_gone(phone.get(HOME))


def test_on_a_borrowed_telephone_she_leaves(phone, delivery):
    page(phone.post(reverse("guest:leave")))

    assert is_gone(phone.get(HOME))
    assert list(phone.session.keys()) == []


# --- With an account ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["giang", "lan"])
def test_an_officer_who_opens_the_link_stays_herself_and_answers_nothing(
    name, as_person, invited, delivery, people
):
    """Nobody confirms her own: the product believes no guest who is signed in."""
    client = come_in(as_person(name), *invited)

    assert "Trình duyệt này đang đăng nhập" in page(client.post(about(delivery), ANSWER))

    assert Delivery.objects.get().answered_at is None
    assert client.session["_auth_user_id"] == str(getattr(people, name).pk)
    assert client.get(delivery.get_absolute_url()).status_code == (200 if name == "giang" else 404)


# --- The giver ----------------------------------------------------------------------------------


def invitation_data(**more):
    return {
        "guest_name": "Vừ Bá Xềnh", "guest_office": "Đồn biên phòng",
        "ends_on": f"{localdate() + timedelta(days=10):%d/%m/%Y}",
    } | more  # fmt: skip


def test_the_giver_invites_and_is_shown_link_and_code_once(as_person, delivery):
    client = as_person("giang")
    url = reverse("programs:delivery_invite", args=[delivery.pk])
    assert f'href="{url}"' in page(client.get(delivery.get_absolute_url()))
    assert f'value="{localdate() + timedelta(days=30)}"' in page(client.get(url))

    text = page(client.post(url, invitation_data()))

    invitation = Invitation.objects.get()
    [code] = re.findall(r'id="code" value="([a-z0-9]{4}-[a-z0-9]{4})"', text)
    assert f"http://testserver{reverse('guest:open', args=[invitation.token])}" in text
    assert code not in re.search(r"<textarea.*?</textarea>", text, re.DOTALL)[0]
    come_in(Client(), invitation, code)
    listed = page(client.get(delivery.get_absolute_url()))
    assert "Vừ Bá Xềnh, Đồn biên phòng" in listed
    for row in (invitation.get_absolute_url(), delivery.get_absolute_url()):
        assert code not in page(client.get(row))


def test_a_day_too_far_is_refused_and_keeps_what_was_typed(as_person, delivery):
    url = reverse("programs:delivery_invite", args=[delivery.pk])
    far = f"{localdate() + timedelta(days=91):%d/%m/%Y}"

    text = page(as_person("giang").post(url, invitation_data(ends_on=far)))

    assert "nhiều nhất 90 ngày" in text and "Vừ Bá Xềnh" in text
    assert not Invitation.objects.exists()


def test_the_giver_makes_a_new_code_and_withdraws(as_person, invited, delivery):
    invitation, old = invited
    client, data = as_person("giang"), {"version": 1}

    text = page(client.post(reverse("programs:invitation_code", args=[invitation.pk]), data))
    [code] = re.findall(r'id="code" value="([a-z0-9-]+)"', text)
    guest = come_in(Client(), invitation, code)
    client.post(reverse("programs:invitation_withdraw", args=[invitation.pk]), {"version": 2})

    assert code != old
    assert is_gone(guest.get(HOME))
    text = page(client.get(invitation.get_absolute_url()))
    assert "Đã rút" in text and "Tạo mã mới" not in text and invitation.token not in text


def test_the_receiver_and_the_neighbour_know_of_no_invitation(as_person, invited, delivery):
    text = page(as_person("hoa").get(delivery.get_absolute_url()))

    assert "Khách mời" not in text and "Pành" not in text
    for name in ("hoa", "lan", "xuan"):
        assert as_person(name).get(invited[0].get_absolute_url()).status_code == 404


def test_one_invitation_for_all_that_waits_by_an_assignment(as_person, program, units, people):
    assignment = assign(
        program=program, supporter_branch=units.son_tra, supported=units.chi_hoi_1,
        starts_on=DAY, by=people.an,
    )  # fmt: skip

    def given(what, giver=units.son_tra):
        item = add_item(
            program=program, assignment=assignment, giver=giver, places=[units.chi_hoi_1],
            what=what, kind=ItemKind.objects.get(code="qua"), by=people.an,
        )  # fmt: skip
        return record_delivery(item=item, place=units.chi_hoi_1, given_on=DAY, by=people.giang)

    client, url = as_person("giang"), reverse("programs:assignment_invite", args=[assignment.pk])
    assert "chưa cần mời" in page(client.get(url))
    assert f'href="{url}"' not in page(client.get(assignment.get_absolute_url()))
    waiting = [given("Sách"), given("Bàn ghế")]
    done, of_others = given("Xe đạp"), given("Tủ thuốc", giver=units.tho_quang)
    confirm_delivery(delivery=done, seen_version=1, by=people.hoa, at=DELIVERED)

    assert f'href="{url}"' in page(client.get(assignment.get_absolute_url()))
    page(client.post(url, invitation_data()))

    asked = set(Invitation.objects.get().deliveries.all())
    assert asked == set(waiting)
    assert of_others not in asked


def test_who_is_helped_from_another_province_is_asked_by_its_giver(
    as_person, program, units, people
):
    program.reaches_out = True
    program.save()
    yen = person("yen", "Trần Thị Yến", ("officer", units.minh_an))
    item = add_item(
        program=program, giver=units.son_tra, places=[units.minh_an], what="Sách",
        kind=ItemKind.objects.get(code="qua"), by=people.an,
    )  # fmt: skip
    far = record_delivery(item=item, place=units.minh_an, given_on=DAY, by=people.giang)
    url = reverse("programs:delivery_invite", args=[far.pk])

    assert "Sách" in page(as_person("giang").get(url))
    client = as_person("giang")
    client.force_login(yen)
    assert client.get(url).status_code == 403
