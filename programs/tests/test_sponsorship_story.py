"""In a real browser: an officer sponsors two children and marks a month as paid.

With SCREENSHOTS=docs/img each page is kept as a picture.
"""

import os
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from conftest import PASSWORD
from programs.models import Payment

from .people_helped import child_of, donor_of

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


class Screen:
    def __init__(self, chromium, site, width):
        self.site, self.width = site, width
        self.context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="vi-VN"
        )
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path):
        self.page.goto(self.site + path)

    def press(self, words):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words).first.click()

    def follow(self, words):
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()

    def shows(self, *words):
        text = self.page.locator("main").inner_text()
        missing = [word for word in words if word not in text]
        assert missing == [], text

    def picture(self, name):
        """Kept when asked for; in any case the page must fit the screen."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{name} scrolls sideways"
        if folder := os.environ.get("SCREENSHOTS"):
            path = Path(folder) / f"{name}-{self.width}.png"
            self.page.screenshot(path=path, full_page=True)


@pytest.fixture(params=[1280, 360])
def screen(request, chromium, live_server):
    screen = Screen(chromium, live_server.url, request.param)
    yield screen
    screen.context.close()
    assert screen.complaints == []


def test_two_children_are_sponsored_and_a_month_is_paid(screen, program, units, people):
    donor_of(units.tho_quang)
    first = child_of(program, units.tho_quang, people.hoa, phone="0905123456")
    second = child_of(program, units.tho_quang, people.hoa, full_name="Lê An")
    today = localdate()
    screen.go("/accounts/login/")
    screen.page.fill("[name=username]", "hoa")
    screen.page.fill("[name=password]", PASSWORD)
    screen.press("Đăng nhập")
    screen.go(reverse("programs:beneficiary_create", args=[program.slug]))
    screen.picture("record-new")
    screen.go(reverse("programs:people_list", args=[program.slug]))
    screen.shows(first.code, second.code)
    screen.picture("people")

    screen.go(reverse("programs:sponsorship_create", args=[program.slug]))
    screen.page.select_option("[name=sponsor]", label="Công ty Hoa Sen")
    screen.page.get_by_label(first.code).check()
    screen.page.get_by_label(second.code).check()
    screen.page.fill("[name=monthly]", "500.000")
    screen.page.fill("[name=starts_on]", today.replace(day=1).isoformat())
    screen.page.fill("[name=ends_on]", today.replace(month=12, day=31).isoformat())
    screen.picture("sponsorship-new")
    screen.press("Lưu")
    screen.shows("Đã ghi đỡ đầu 2 trẻ.", "1.000.000")
    screen.picture("sponsorship-calendar")
    screen.follow("Công ty Hoa Sen")
    screen.follow("Ghi đã trao")
    screen.press("Ghi đã trao")
    screen.shows("Đã ghi trao tháng", "Đã trao", "500.000")
    screen.picture("sponsorship")

    paid = Payment.objects.get(paid_on=today)
    assert (paid.paid, paid.recorded_by, paid.sponsorship.child) == (500_000, people.hoa, second)
    screen.go(first.get_absolute_url())
    screen.shows(first.full_name, "•••••••456")
    screen.page.fill("[name=purpose]", "xét học bổng")
    screen.press("Xem phần nhạy cảm")
    screen.shows("0905123456", "xét học bổng")
    screen.picture("record")
