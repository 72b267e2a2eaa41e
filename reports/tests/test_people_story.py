"""An administrator's day in a real browser: an office changes hands; ten accounts from a list.

With SCREENSHOTS=folder each page is kept as a picture.
"""

import re
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import Workbook

from branches.models import Position, User
from hoiphunu.tests.browser import DESK, PHONE, WIDTHS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]

WARDS = ["Thọ Quang", "Mân Thái", "Thanh Bình", "Nại Hiên Đông", "Phước Mỹ"]
NAMES = ["Ái", "Bé", "Cẩm", "Duyên", "Én", "Gái", "Hường", "Ích", "Khuê", "Lài"]
OWN_PASSWORD = "mat-khau-rieng-cua-ai"


def ten_people():
    book = Workbook()
    sheet = book.active
    sheet.append(["HỘI LHPN THÀNH PHỐ ĐÀ NẴNG"])
    sheet.append(["DANH SÁCH CÁN BỘ CẦN TÀI KHOẢN"])
    sheet.append([])
    sheet.append(["STT", "Họ và tên", "Đơn vị", "Điện thoại / thư điện tử", "Vai trò", "Chức vụ"])
    for number, name in enumerate(NAMES, 1):
        ward = WARDS[number % len(WARDS)]
        sheet.append(
            [number, f"Lê Thị {name}", f"phường {ward}", f"09051234{number:02}", "Cán bộ nhập",
             "Phó Chủ tịch Hội LHPN phường"]
        )  # fmt: skip
    buffer = BytesIO()
    book.save(buffer)
    return {
        "name": "Tài khoản tháng 3.xlsx",
        "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "buffer": buffer.getvalue(),
    }


def keys_on(sheet):
    """Log-in name → one-time password, read from the strips."""
    words = sheet.page.locator(".slip code").all_inner_texts()
    return dict(zip(words[::2], words[1::2], strict=True))


@WIDTHS
def test_an_office_changes_hands(visit_demo, width):
    officer = visit_demo("thoquang.canbo", width)
    held = Position.objects.get(user__username="thoquang.canbo")
    before = held.user
    lead = visit_demo("danang.quantri", width)

    if width == DESK:
        lead.follow("Người dùng")
    lead.go(reverse("people:person_list"))
    lead.picture("people")
    lead.page.fill("[name=q]", "thoquang")
    lead.press("Tìm")
    lead.follow(before.full_name)
    lead.picture("person")
    lead.follow("Bàn giao")
    lead.picture("hand-over")
    lead.page.get_by_label("Chưa có, tạo tài khoản mới").check()
    lead.page.fill("[name=full_name]", "Phan Thị Nhung")
    lead.page.fill("[name=phone]", "0905 123 456")
    lead.page.fill("[name=reason]", "Quyết định số 15/QĐ-HPN")
    lead.picture("hand-over-new")
    lead.press("Bàn giao")
    assert lead.reads("Đã bàn giao cho Phan Thị Nhung")
    lead.picture("one-time-password")
    lead.press("Tạo mật khẩu và in")
    keys = keys_on(lead)
    lead.picture("slip")

    officer.go(reverse("reports:report_list"))
    assert "/accounts/login/" in officer.page.url, "her session ended with her office"

    successor = visit_demo("phan.thi.nhung", width, password=keys["phan.thi.nhung"])
    successor.picture("own-password")
    successor.page.fill("[name=new_password1]", OWN_PASSWORD)
    successor.page.fill("[name=new_password2]", OWN_PASSWORD)
    successor.press("Đặt mật khẩu và bắt đầu")
    assert successor.reads("Tháng 12/2021"), "the work in hand is hers"
    held.refresh_from_db()
    assert held.ended_on is not None


def test_a_successor_who_has_an_account_is_found_by_typing(visit_demo):
    lead = visit_demo("danang.quantri")
    held = Position.objects.get(user__username="thoquang.canbo")
    heir = User.objects.get(username="sontra.canbo")

    lead.go(reverse("people:person_hand_over", args=[held.user_id]))
    lead.page.locator("[name=to_text]").fill("sontra.canbo")
    lead.page.locator("[data-pick]", has_text="sontra.canbo").click()
    lead.page.fill("[name=reason]", "Quyết định số 16/QĐ-HPN")
    lead.picture("hand-over-found")
    lead.press("Bàn giao")

    assert lead.reads(f"Đã bàn giao cho {heir}")
    assert heir.positions.filter(branch=held.branch, role="officer", ended_on=None).exists()


@WIDTHS
def test_ten_accounts_from_a_list_the_sheet_and_the_first_log_in(visit_demo, width):
    lead = visit_demo("danang.quantri", width)
    lead.go(reverse("people:person_list"))
    lead.follow("Tạo từ danh sách Excel")
    lead.page.set_input_files("[name=file]", ten_people())
    lead.picture("accounts-form")
    lead.press("Tải lên và xem trước")
    lead.picture("accounts-preview")
    lead.press("Ghi vào hệ thống (10 mới, 0 thay đổi)")
    lead.page.reload()
    lead.picture("accounts-written")
    lead.follow("Tạo mật khẩu và in")
    lead.picture("accounts-to-print")
    lead.press("Tạo mật khẩu và in")
    keys = keys_on(lead)
    assert len(keys) == len(set(keys.values())) == 10
    lead.picture("accounts-sheet")
    pages = len(re.findall(rb"/Type /Page\b", lead.page.pdf(format="A4")))
    assert 1 <= pages <= 3, "ten strips on three sheets of paper"

    newcomer = visit_demo("le.thi.ai", width, password=keys["le.thi.ai"])
    assert newcomer.reads("mời chị đặt mật khẩu riêng")
    newcomer.go(reverse("reports:report_list"))
    assert newcomer.reads("mời chị đặt mật khẩu riêng"), "before anything else"
    newcomer.page.fill("[name=new_password1]", OWN_PASSWORD)
    newcomer.page.fill("[name=new_password2]", OWN_PASSWORD)
    newcomer.press("Đặt mật khẩu và bắt đầu")
    assert newcomer.reads("Chị đã đặt mật khẩu riêng")
    newcomer.go(reverse("reports:report_list"))
    assert newcomer.reads("Tháng 12/2021")


def test_the_door_says_when_she_may_try_again_and_how_to_get_help(visit_demo):
    stranger = visit_demo("thoquang.canbo", PHONE, password="khong-dung")
    for _ in range(4):
        stranger.page.fill("[name=username]", "thoquang.canbo")
        stranger.page.fill("[name=password]", "khong-dung")
        stranger.press("Đăng nhập")

    assert stranger.reads("Chị thử lại từ")
    stranger.picture("wait")
    stranger.follow("Quên mật khẩu?")
    stranger.picture("forgotten")
    stranger.page.fill("[name=email]", "thoquang.canbo@hoiphunu.example")
    stranger.press("Gửi đường dẫn")
    assert stranger.reads("Chị xem hộp thư")
    stranger.picture("forgotten-sent")
