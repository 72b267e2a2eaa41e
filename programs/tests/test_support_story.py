"""In a real browser: what a unit will give, the hand-over with a photo, the other side's yes.

With SCREENSHOTS=folder each page is kept as a picture.
"""

import pytest
from django.urls import reverse

from hoiphunu.tests.browser import DESK, PHONE
from programs.models import Delivery, SupportItem

from .support import photo

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("giving", "receiving"), [(DESK, PHONE), (PHONE, DESK)])
def test_a_gift_is_written_handed_over_with_a_photo_and_confirmed(
    giving, receiving, visit, program, units
):
    giver = visit("giang", giving)
    giver.go(reverse("programs:item_list", args=[program.slug]))
    giver.picture("support-items-empty")
    giver.follow("Ghi hạng mục")
    giver.page.select_option("[name=kind]", label="Quà tặng, thăm hỏi")
    giver.page.fill("[name=what]", "50 suất quà Tết")
    giver.page.locator("[name=receiver_text]").press_sequentially("tho quang")
    giver.page.get_by_role("button", name="phường Thọ Quang").click()
    giver.page.fill("[name=quantity]", "50")
    giver.page.fill("[name=measure]", "suất")
    giver.page.fill("[name=unit_value]", "500.000")
    giver.picture("support-item-form")
    giver.press("Lưu", exact=True)
    assert giver.reads("25.000.000 đ")
    giver.picture("support-item-new")

    giver.follow("Ghi trao tặng")
    giver.page.fill("[name=given_on]", "2021-05-10")
    giver.page.fill("[name=quantity]", "50")
    giver.page.fill("[name=value]", "25 triệu")
    sent = photo(size=(800, 600))
    giver.page.set_input_files(
        "[name=photos]",
        {"name": sent.name, "mimeType": "image/jpeg", "buffer": sent.read()},
    )
    giver.picture("support-delivery-form")
    giver.press("Ghi trao tặng")
    assert giver.reads("Chưa xác nhận")
    giver.sees_the_photo(width=800)
    giver.picture("support-delivery-giver")

    receiver = visit("hoa", receiving)
    receiver.go(reverse("programs:support_detail", args=[units.tho_quang.slug]))
    receiver.picture("support-unit")
    receiver.follow("10/05/2021")
    receiver.picture("support-delivery-receiver")
    receiver.press("Xác nhận", exact=True)
    assert receiver.reads("Bên nhận đã xác nhận")
    receiver.sees_the_photo(width=800)

    giver.go(SupportItem.objects.get().get_absolute_url())
    assert giver.reads("Bên nhận đã xác nhận")
    giver.picture("support-item-given")
    giver.go(reverse("programs:item_list", args=[program.slug]))
    giver.page.locator("details.fold summary").click()
    giver.picture("support-items")
    assert Delivery.objects.get().answered_by.username == "hoa"
