"""From the Hà Nội paper to its programme in a real browser, at a desk and on a phone.

With SCREENSHOTS=docs/img the page of what was read is kept as a picture.
"""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from conftest import PASSWORD, person, unit
from programs.models import PlanReading, Program

PLAN = Path(__file__).parent / "data" / "plans" / "ha_noi_2024.txt"

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ha_noi(transactional_db):
    country = unit("trung_uong", None, "Việt Nam")
    city = unit("tinh", country, "Hà Nội", "thành phố")
    kon_tum = unit("tinh", country, "Kon Tum", "tỉnh")
    unit("xa", unit("huyen", kon_tum, "Sa Thầy", "huyện"), "Mô Rai", "xã")
    person("canbo.hanoi", "Trịnh Thị Thu", ("officer", city))
    return city


@pytest.mark.parametrize("width", [1280, 360])
def test_a_programme_is_made_from_the_paper(chromium, live_server, ha_noi, width):
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="vi-VN")
    page = context.new_page()
    site = live_server.url
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=username]", "canbo.hanoi")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()

    page.goto(site + reverse("programs:program_list"))
    page.get_by_role("link", name="Tạo từ văn bản").click()
    page.fill("[name=text]", PLAN.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Đọc văn bản").click()
    page.wait_for_selector(".proposal")
    assert fits(page, width)
    assert page.locator("[name$=-take]:checked").count() == 0

    assert page.locator(".proposal-group[open]").count() == 1
    page.locator("#times > summary").click()
    page.locator("#times .proposal input[type=checkbox]").first.check()
    assert page.locator("#times [data-ticked]").inner_text() == "1"
    for group in ("places", "items"):
        page.locator(f"#{group} > summary").click()
        page.locator(f"button[name=all][value={group}]").click()
        page.wait_for_url(f"**#{group}")
        assert page.locator(f"#{group}[open]").count() == 1
    assert page.locator("#times [data-ticked]").inner_text() == "1"  # kept
    if folder := os.environ.get("SCREENSHOTS"):
        page.evaluate("document.getElementById('items').scrollIntoView({behavior: 'instant'})")
        page.screenshot(path=Path(folder) / f"reading-{width}.png")
    page.get_by_label("Đồng hành cùng phụ nữ biên cương").first.check()
    page.locator("#duties > summary").click()
    duty = page.locator("#duties .proposal", has_text="đơn vị trực thuộc").last
    duty.locator("[name$=-take]").check()
    duty.locator("summary").click()
    duty.locator("[name$=-levels][value=truc_thuoc]").uncheck()
    assert fits(page, width)
    page.check("[name=basics-reaches_out]")
    page.locator("#item-1 summary").click()
    page.fill("[name=item-1-note]", "Hộ chị có hoàn cảnh khó khăn")
    page.get_by_role("button", name="Tạo chương trình").click()
    page.wait_for_selector("text=Đã tạo chương trình")

    program = Program.objects.get()
    assert fits(page, width)
    assert program.name == "Đồng hành cùng phụ nữ biên cương"
    assert sum(item.value or 0 for item in program.items.all()) == 360_000_000
    assert program.items.first().note.startswith("Hộ chị có hoàn cảnh khó khăn")
    assert PlanReading.objects.get().program == program
    assert [level.code for level in program.duties.get().levels.all()] == ["huyen"]
    context.close()


def fits(page, width):
    return page.evaluate("document.documentElement.scrollWidth") <= width
