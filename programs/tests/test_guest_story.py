"""In a real browser: the giver invites, a guest answers on her telephone, the giver reads it.

With SCREENSHOTS=folder each page is kept as a picture.
"""

import re
from datetime import date

import pytest
from django.urls import reverse

from hoiphunu.tests.browser import DESK, PHONE
from programs.models import Delivery, Invitation, ItemKind
from programs.services import add_item, record_delivery

from .support import photo

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def delivery(program, units, people):
    """The city gives 50 school bags to the ward; nobody there has answered."""
    item = add_item(
        program=program, giver=units.da_nang, places=[units.tho_quang], what="50 cặp sách",
        kind=ItemKind.objects.get(code="qua"), quantity=50, measure="chiếc", unit_value=200_000,
        by=people.an,
    )  # fmt: skip
    return record_delivery(
        item=item, place=units.tho_quang, given_on=date(2021, 5, 10), quantity=50,
        value=10_000_000, by=people.an, photos=[photo(size=(800, 600))],
    )  # fmt: skip


@pytest.mark.parametrize(("giving", "asked"), [(DESK, PHONE), (PHONE, DESK)])
def test_a_guest_is_invited_types_the_code_and_confirms(giving, asked, visit, delivery):
    giver = visit("an", giving)
    giver.go(delivery.get_absolute_url())
    giver.picture("delivery-to-invite")
    giver.follow("Mời bên nhận xác nhận")
    giver.page.fill("[name=guest_name]", "Lò Thị Pành")
    giver.page.fill("[name=guest_office]", "Hiệu trưởng Trường tiểu học số 2")
    giver.picture("guest-invite")
    giver.press("Tạo liên kết và mã")
    giver.picture("guest-link-and-code")
    message = giver.page.input_value("#message")
    link, code = re.search(r"http\S+", message)[0], giver.page.input_value("#code")
    giver.follow("Xong")
    assert giver.reads("chưa mở")

    guest = visit(width=asked)
    guest.go(link)
    assert guest.page.url.endswith("/guest/")
    guest.picture("guest-code")
    guest.page.fill("[name=code]", code.upper())
    guest.press("Xem", exact=True)
    guest.picture("guest-home")
    guest.follow("50 cặp sách")
    guest.sees_the_photo(width=800)
    guest.picture("guest-delivery")
    guest.page.check("[name=is_right][value=yes]")
    guest.page.fill("[name=name]", "Lò Thị Pành")
    guest.page.fill("[name=office]", "Hiệu trưởng Trường tiểu học số 2")
    guest.press("Gửi trả lời")
    assert guest.reads("Khách mời xác nhận")
    guest.picture("guest-answered")
    guest.press("Thoát khỏi trang này")
    assert guest.reads("Đã thoát")

    giver.go(delivery.get_absolute_url())
    assert giver.reads("Khách mời: Lò Thị Pành, Hiệu trưởng Trường tiểu học số 2, theo lời mời")
    giver.picture("delivery-by-guest")
    giver.go(Invitation.objects.get().get_absolute_url())
    giver.picture("guest-invitation")
    answer = Delivery.objects.get()
    assert (answer.status, answer.answered_by) == ("confirmed", None)


def test_a_guest_with_a_wrong_code_or_an_old_link_is_told_kindly(visit, delivery):
    giver = visit("an")
    giver.go(reverse("programs:delivery_invite", args=[delivery.pk]))
    giver.page.fill("[name=guest_name]", "Lò Thị Pành")
    giver.page.fill("[name=guest_office]", "Hiệu trưởng")
    giver.press("Tạo liên kết và mã")
    link = re.search(r"http\S+", giver.page.input_value("#message"))[0]

    guest = visit(width=PHONE)
    guest.go(link)
    for _ in range(6):
        guest.page.fill("[name=code]", "sai-rồi")
        guest.press("Xem", exact=True)
    assert guest.reads("Mã đã gõ sai nhiều lần")
    guest.picture("guest-wait")

    giver.follow("Xong")
    giver.press("Rút lời mời")
    assert giver.reads("Đã rút lời mời")
    guest.go(link)
    assert guest.reads("Trang này không mở được")
    guest.picture("guest-gone")
