"""In a real browser: what a unit will give, the hand-over with a photo, the other side's yes.

With SCREENSHOTS=folder each page is kept as a picture.
"""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from conftest import PASSWORD
from programs.models import Delivery, SupportItem

from .support import photo

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

DESK, PHONE = 1280, 360


class Person:
    """One person at a desk or with a phone, signed in; every page must fit and stay silent."""

    def __init__(self, chromium, site, username, width):
        self.site, self.width, self.complaints = site, width, []
        self.context = chromium.new_context(viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.go("/accounts/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.press("Đăng nhập")

    def hear(self, message):
        if message.type == "error":
            self.complaints.append(message.text)

    def go(self, path):
        self.page.goto(self.site + path)

    def press(self, words):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).first.click()

    def follow(self, words):
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()

    def reads(self, words):
        return words in self.page.locator("body").inner_text()

    def sees_the_photo(self):
        self.page.locator(".photos img").scroll_into_view_if_needed()
        self.page.wait_for_function("document.querySelector('.photos img').naturalWidth === 800")

    def fits(self, name):
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{name} scrolls sideways: {wide} > {self.width}"
        if folder := os.environ.get("SCREENSHOTS"):
            picture = Path(folder) / f"support-{name}-{self.width}.png"
            self.page.screenshot(path=picture, full_page=True)

    def leave(self):
        self.context.close()
        assert self.complaints == []


@pytest.fixture
def visit(chromium, live_server, transactional_db):
    people = []

    def sign_in(username, width):
        people.append(Person(chromium, live_server.url, username, width))
        return people[-1]

    yield sign_in
    for person in people:
        person.leave()


@pytest.mark.parametrize(("giving", "receiving"), [(DESK, PHONE), (PHONE, DESK)])
def test_a_gift_is_written_handed_over_with_a_photo_and_confirmed(
    giving, receiving, visit, program, units
):
    giver = visit("giang", giving)
    giver.go(reverse("programs:item_list", args=[program.slug]))
    giver.fits("items-empty")
    giver.follow("Ghi hạng mục")
    giver.page.select_option("[name=kind]", label="Quà tặng, thăm hỏi")
    giver.page.fill("[name=what]", "50 suất quà Tết")
    giver.page.locator("[name=receiver_text]").press_sequentially("tho quang")
    giver.page.get_by_role("button", name="phường Thọ Quang").click()
    giver.page.fill("[name=quantity]", "50")
    giver.page.fill("[name=measure]", "suất")
    giver.page.fill("[name=unit_value]", "500.000")
    giver.fits("item-form")
    giver.press("Lưu")
    assert giver.reads("25.000.000 đ")
    giver.fits("item-new")

    giver.follow("Ghi trao tặng")
    giver.page.fill("[name=given_on]", "2021-05-10")
    giver.page.fill("[name=quantity]", "50")
    giver.page.fill("[name=value]", "25 triệu")
    sent = photo(size=(800, 600))
    giver.page.set_input_files(
        "[name=photos]",
        {"name": sent.name, "mimeType": "image/jpeg", "buffer": sent.read()},
    )
    giver.fits("delivery-form")
    giver.press("Ghi trao tặng")
    assert giver.reads("Chưa xác nhận")
    giver.sees_the_photo()
    giver.fits("delivery-giver")

    receiver = visit("hoa", receiving)
    receiver.go(reverse("programs:support_detail", args=[units.tho_quang.slug]))
    receiver.fits("unit")
    receiver.follow("10/05/2021")
    receiver.fits("delivery-receiver")
    receiver.press("Xác nhận")
    assert receiver.reads("Bên nhận đã xác nhận")
    receiver.sees_the_photo()

    giver.go(SupportItem.objects.get().get_absolute_url())
    assert giver.reads("Bên nhận đã xác nhận")
    giver.fits("item-given")
    giver.go(reverse("programs:item_list", args=[program.slug]))
    giver.page.locator("details.fold summary").click()
    giver.fits("items")
    assert Delivery.objects.get().answered_by.username == "hoa"
