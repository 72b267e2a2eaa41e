"""One person before one screen, in a real browser. The fixture is `visit`, in conftest.py."""

import os
import time
from pathlib import Path

import pytest

DESK, PHONE = 1280, 360
PATIENCE = 60  # seconds: a busy machine is not a wrong answer
WIDTHS = pytest.mark.parametrize("width", [DESK, PHONE])


def until(holds, wait=time.sleep):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        wait(0.05)


class Visitor:
    """Each page that she looks at must fit her screen, and none may complain.

    With SCREENSHOTS=folder the pages are kept there as pictures.
    """

    def __init__(self, chromium, site, width):
        self.site, self.width, self.complaints = site, width, []
        self.context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="vi-VN"
        )
        self.context.set_default_timeout(PATIENCE * 1000)
        self.context.on("console", self.hear)
        self.context.on("weberror", lambda found: self.complaints.append(str(found.error)))
        self.context.on("dialog", lambda dialog: dialog.accept())
        self.page = self.context.new_page()

    def hear(self, message):
        """What a test is about is none: a page refused, a network cut; nor is a question that htmx
        gives up for the next one, typed on."""
        known = ["INTERNET_DISCONNECTED", "htmx:sendAbort", "htmx:afterRequest"]
        if "/static/" not in message.location["url"]:
            known.append("status of 4")
        if message.type == "error" and not any(words in message.text for words in known):
            self.complaints.append(f"{message.text} {message.location['url']}")

    def sign_in(self, username, password):
        self.go("/accounts/login/")
        self.picture("login")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.press("Đăng nhập")

    def go(self, path):
        answer = self.page.goto(path if path.startswith("http") else self.site + path)
        self.settle()
        return answer

    def press(self, words, **more):
        """A button that leads to another page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, **more).first.click()
        self.settle()

    def follow(self, words):
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()
        self.settle()

    def settle(self):
        """The parts of the page that come after it have come."""
        self.until(lambda: not self.page.locator(".htmx-request").count())

    def reads(self, *words):
        text = self.page.locator("body").inner_text()
        return all(each in text for each in words)

    def until(self, holds):
        """The server answers in its own time. Asked from here: a page that lets no string be run
        as a script fails Playwright's own waiting whenever it has to ask twice."""
        until(holds, wait=lambda seconds: self.page.wait_for_timeout(seconds * 1000))

    def sees_the_photo(self, width):
        """The one photo, that many points wide in its file, has come."""
        image = self.page.locator(".photos img")
        image.scroll_into_view_if_needed()
        self.until(lambda: image.evaluate("image => image.naturalWidth") == width)

    def fits(self, name):
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{name} scrolls sideways: {wide} > {self.width}"

    def picture(self, name, part=None):
        """Of the whole page, or of what she sees of it at the element `part`. Kept when asked for;
        in any case the page must fit the screen."""
        self.fits(name)
        if not (folder := os.environ.get("SCREENSHOTS")):
            return
        if part:
            self.page.locator(part).evaluate("it => it.scrollIntoView({behavior: 'instant'})")
        else:
            self.page.evaluate(
                "scrollTo(0, 0); for (const bar of document.querySelectorAll('.sticky-actions'))"
                " bar.style.position = 'static'"  # or it lies over the middle of a long picture
            )
        self.page.wait_for_timeout(400)  # charts and fonts
        path = Path(folder) / f"{name}-{self.width}.png"
        self.page.screenshot(path=path, full_page=not part)
