"""A decree from the paper to the last chi hội, in a real browser, on the demonstration's data.

The administrator of Đà Nẵng writes a small decree down, tries it out and carries it out; the
city's officer places the chi hội of the divided ward on her phone, until none is left. With
SCREENSHOTS=docs/img each page is kept as a picture.
"""

import pytest
from django.urls import reverse

from branches.models import Branch, Reorganisation
from hoiphunu.tests.browser import PHONE
from reports.models import Period
from reports.totals import check_totals

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]


def write_the_decree_down(administrator):
    administrator.go("/")
    administrator.follow("Sắp xếp")
    administrator.picture("reorganisations-empty")
    administrator.follow("Ghi văn bản")
    fill = administrator.page.fill
    fill("[name=title]", "Sắp xếp các phường của quận Sơn Trà")
    fill("[name=number]", "1659/NQ-UBTVQH15")
    fill("[name=issuer]", "Ủy ban Thường vụ Quốc hội")
    fill("[name=issued_on]", "2025-06-16")
    fill("[name=effective_on]", "2025-07-01")
    administrator.picture("reorganisation-form")
    administrator.press("Lưu văn bản")
    assert administrator.reads("Văn bản chưa có đơn vị nào")


def write_a_ward(administrator, name, code, old, button="Lưu"):
    """`old`: (what she types, the unit that she picks, kind, whether it has all the people)."""
    page = administrator.page
    page.fill("[name=type]", "phường")
    page.fill("[name=name]", name)
    page.fill("[name=code]", code)
    for number, (typed, picked, kind) in enumerate(old):
        if page.locator(f"[name=old-{number}-unit_text]").count() == 0:
            page.get_by_role("button", name="Thêm dòng").click()
            page.locator(f"[name=old-{number}-unit_text]").wait_for()
        page.fill(f"[name=old-{number}-unit_text]", typed)
        page.locator("[data-pick]", has_text=picked).first.click()
        page.select_option(f"[name=old-{number}-kind]", kind)
    administrator.picture(f"reorganisation-unit-{code}")
    administrator.press(button, exact=True)


def write_the_units_down(administrator):
    administrator.follow("Ghi đơn vị hình thành")
    write_a_ward(
        administrator,
        "Sơn Trà",
        "20263",
        [
            ("tho quang", "phường Thọ Quang", "whole"),
            ("man thai", "phường Mân Thái", "whole"),
            ("nai hien", "phường Nại Hiên Đông", "whole"),
            ("phuoc my", "phường Phước Mỹ", "part"),
        ],
        button="Lưu và ghi tiếp",
    )
    write_a_ward(
        administrator,
        "An Hải",
        "20275",
        [
            ("an hai bac", "phường An Hải Bắc", "whole"),
            ("Phước Mỹ", "phường Phước Mỹ", "part"),
        ],
    )
    assert administrator.reads("nhập toàn bộ")
    administrator.picture("reorganisation")


def try_it_out_and_carry_it_out(administrator):
    administrator.follow("Chạy thử")
    assert administrator.reads("Chưa có gì thay đổi")
    administrator.picture("reorganisation-plan")
    administrator.follow("Thực hiện")
    administrator.picture("reorganisation-apply")
    administrator.press("Thực hiện")
    assert administrator.reads("chưa phân địa bàn")
    administrator.picture("reorganisation-run")
    administrator.follow("Xem văn bản")
    administrator.picture("reorganisation-applied")
    administrator.follow("phường Sơn Trà")
    assert administrator.reads("Thọ Quang")
    administrator.picture("branch-after-reorganisation")


def the_old_officer_looks_on(visit_demo):
    officer = visit_demo("phuocmy.canbo")
    officer.follow("Xem và xếp chi hội")
    assert officer.reads("phường Phước Mỹ")
    assert officer.page.get_by_role("button", name="Xếp về").count() == 0
    officer.picture("waiting-looked-at")


def place_until_none_is_left(visit_demo):
    officer = visit_demo("danang.canbo", PHONE)
    officer.picture("home-waiting")
    officer.follow("Xem và xếp chi hội")
    officer.picture("waiting")
    officer.page.locator("[name=chi_hoi]").first.check()
    officer.press("Xếp về phường An Hải")
    assert officer.reads("Đã xếp 1 chi hội về phường An Hải")
    officer.page.locator("[name=all]").first.check()
    officer.press("Xếp về phường Sơn Trà")
    assert officer.reads("Đã xếp xong tất cả")
    officer.picture("waiting-done")
    officer.go("/")
    assert not officer.reads("chưa phân địa bàn")


def test_a_decree_from_the_paper_to_the_last_chi_hoi(visit_demo):
    before = Branch.objects.filter(level__code="chi_hoi", closed_on=None).count()
    administrator = visit_demo("danang.quantri")
    write_the_decree_down(administrator)
    write_the_units_down(administrator)
    try_it_out_and_carry_it_out(administrator)
    the_old_officer_looks_on(visit_demo)
    place_until_none_is_left(visit_demo)

    decree = Reorganisation.objects.get()
    assert decree.is_applied
    son_tra = Branch.objects.get(name="Sơn Trà", type="phường")
    below = Branch.objects.filter(parent=son_tra, closed_on=None)
    assert below.filter(spans__parent__name="Phước Mỹ").exists()
    assert Branch.objects.filter(level__code="chi_hoi", closed_on=None).count() == before > 0
    assert check_totals(Period.objects.all()) == []
    phone = visit_demo("danang.quantri", PHONE)
    for name, address in (
        ("reorganisations", reverse("reports:reorganisation_list")),
        ("reorganisation-applied", decree.get_absolute_url()),
    ):
        phone.go(address)
        phone.picture(name)
