"""From the Hà Nội paper to its programme in a real browser, at a desk and on a phone.

With SCREENSHOTS=docs/img the page of what was read is kept as a picture.
"""

from pathlib import Path

import pytest
from django.urls import reverse

from conftest import person, unit
from hoiphunu.tests.browser import WIDTHS
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


@WIDTHS
def test_a_programme_is_made_from_the_paper(visit, ha_noi, width):
    officer = visit("canbo.hanoi", width)
    officer.go(reverse("programs:program_list"))
    officer.follow("Tạo từ văn bản")
    page = officer.page
    page.fill("[name=text]", PLAN.read_text(encoding="utf-8"))
    officer.press("Đọc văn bản")
    officer.fits("the proposals")
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
    officer.picture("reading", part="#items")
    page.get_by_label("Đồng hành cùng phụ nữ biên cương").first.check()
    page.locator("#duties > summary").click()
    duty = page.locator("#duties .proposal", has_text="đơn vị trực thuộc").last
    duty.locator("[name$=-take]").check()
    duty.locator("summary").click()
    duty.locator("[name$=-levels][value=truc_thuoc]").uncheck()
    officer.fits("the duties")
    page.check("[name=basics-reaches_out]")
    page.locator("#item-1 summary").click()
    page.fill("[name=item-1-note]", "Hộ chị có hoàn cảnh khó khăn")
    officer.press("Tạo chương trình")
    assert officer.reads("Đã tạo chương trình")
    officer.fits("the programme")

    program = Program.objects.get()
    assert program.name == "Đồng hành cùng phụ nữ biên cương"
    assert sum(item.value or 0 for item in program.items.all()) == 360_000_000
    assert program.items.first().note.startswith("Hộ chị có hoàn cảnh khó khăn")
    assert PlanReading.objects.get().program == program
    assert [level.code for level in program.duties.get().levels.all()] == ["huyen"]
