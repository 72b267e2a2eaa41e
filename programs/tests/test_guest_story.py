"""In a real browser: the giver invites, a guest answers on her telephone, the giver reads it.

With SCREENSHOTS=folder each page is kept as a picture.
"""

import os
import re
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from conftest import PASSWORD
from programs.models import Delivery, Invitation, ItemKind
from programs.services import add_item, record_delivery

from .support import photo

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

DESK, PHONE = 1280, 360


class Browser:
    """One person's; every page must fit and stay silent."""

    def __init__(self, chromium, site, width):
        self.site, self.width, self.complaints = site, width, []
        self.context = chromium.new_context(viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    def sign_in(self, username):
        self.go("/accounts/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.press("Đăng nhập")

    def go(self, path):
        self.page.goto(path if path.startswith("http") else self.site + path)

    def press(self, words):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).first.click()

    def follow(self, words):
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()

    def reads(self, words):
        return words in self.page.locator("body").inner_text()

    def fits(self, name):
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{name} scrolls sideways: {wide} > {self.width}"
        if folder := os.environ.get("SCREENSHOTS"):
            picture = Path(folder) / f"{name}-{self.width}.png"
            self.page.screenshot(path=picture, full_page=True)


@pytest.fixture
def browse(chromium, live_server, transactional_db):
    opened = []

    def begin(width, username=None):
        opened.append(Browser(chromium, live_server.url, width))
        if username:
            opened[-1].sign_in(username)
        return opened[-1]

    yield begin
    for one in opened:
        one.context.close()
        assert one.complaints == []


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
def test_a_guest_is_invited_types_the_code_and_confirms(giving, asked, browse, delivery):
    giver = browse(giving, "an")
    giver.go(delivery.get_absolute_url())
    giver.fits("delivery-to-invite")
    giver.follow("Mời bên nhận xác nhận")
    giver.page.fill("[name=guest_name]", "Lò Thị Pành")
    giver.page.fill("[name=guest_office]", "Hiệu trưởng Trường tiểu học số 2")
    giver.fits("guest-invite")
    giver.press("Tạo liên kết và mã")
    giver.fits("guest-link-and-code")
    message = giver.page.input_value("#message")
    link, code = re.search(r"http\S+", message)[0], giver.page.input_value("#code")
    giver.follow("Xong")
    assert giver.reads("chưa mở")

    guest = browse(asked)
    guest.go(link)
    assert guest.page.url.endswith("/guest/")
    guest.fits("guest-code")
    guest.page.fill("[name=code]", code.upper())
    guest.press("Xem")
    guest.fits("guest-home")
    guest.follow("50 cặp sách")
    guest.page.locator(".photos img").scroll_into_view_if_needed()
    guest.page.wait_for_function("document.querySelector('.photos img').naturalWidth === 800")
    guest.fits("guest-delivery")
    guest.page.check("[name=is_right][value=yes]")
    guest.page.fill("[name=name]", "Lò Thị Pành")
    guest.page.fill("[name=office]", "Hiệu trưởng Trường tiểu học số 2")
    guest.press("Gửi trả lời")
    assert guest.reads("Khách mời xác nhận")
    guest.fits("guest-answered")
    guest.press("Thoát khỏi trang này")
    assert guest.reads("Đã thoát")

    giver.go(delivery.get_absolute_url())
    assert giver.reads("Khách mời: Lò Thị Pành, Hiệu trưởng Trường tiểu học số 2, theo lời mời")
    giver.fits("delivery-by-guest")
    giver.go(Invitation.objects.get().get_absolute_url())
    giver.fits("guest-invitation")
    answer = Delivery.objects.get()
    assert (answer.status, answer.answered_by) == ("confirmed", None)


def test_a_guest_with_a_wrong_code_or_an_old_link_is_told_kindly(browse, delivery):
    giver = browse(DESK, "an")
    giver.go(reverse("programs:delivery_invite", args=[delivery.pk]))
    giver.page.fill("[name=guest_name]", "Lò Thị Pành")
    giver.page.fill("[name=guest_office]", "Hiệu trưởng")
    giver.press("Tạo liên kết và mã")
    link = re.search(r"http\S+", giver.page.input_value("#message"))[0]

    guest = browse(PHONE)
    guest.go(link)
    for _ in range(6):
        guest.page.fill("[name=code]", "sai-rồi")
        guest.press("Xem")
    assert guest.reads("Mã đã gõ sai nhiều lần")
    guest.fits("guest-wait")

    giver.follow("Xong")
    giver.press("Rút lời mời")
    assert giver.reads("Đã rút lời mời")
    guest.go(link)
    assert guest.reads("Trang này không mở được")
    guest.fits("guest-gone")
    assert [text for text in guest.complaints if "404" not in text] == []
    guest.complaints.clear()  # the browser notes the 404 of the page itself
