"""An administrator builds a form, an officer fills it in: at a desk and on a phone."""

import pytest
from django.urls import reverse

from branches.models import Level, User
from hoiphunu.tests.browser import WIDTHS
from programs.models import Indicator
from reports.models import Report, ReportForm
from reports.services import ask_once

from .conftest import moment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]
CODE = "theo-do-tuoi"


def add_indicators():
    for code, name in (("nu-tre", "Hội viên nữ trẻ"), ("nu-lon", "Hội viên nữ lớn tuổi"),
                       ("nu-tong", "Hội viên nữ, tổng số")):  # fmt: skip
        Indicator.objects.create(
            code=code, name=name, unit="người", aggregation="flow", value_type="whole"
        )


def build(admin):
    """The whole form, by the buttons of its pages."""
    page = admin.page
    admin.go(reverse("reports:form_list"))
    admin.picture("form-list")
    admin.follow("Tạo biểu mẫu")
    page.fill("[name=name]", "Báo cáo theo độ tuổi")
    page.fill("[name=code]", CODE)
    page.check(f"[name=levels][value='{Level.objects.get(code='xa').pk}']")
    admin.press("Lưu")

    admin.follow("Thêm phần hoặc bảng")
    page.fill("[name=heading]", "Tổng số")
    admin.press("Lưu")
    admin.follow("Thêm dòng")
    page.fill("[name=indicator]", "nu-tong")
    page.check("[name=is_required]")
    page.fill("[name=help]", "Tính cả hội viên mới kết nạp")
    admin.press("Lưu")

    admin.follow("Thêm phần hoặc bảng")
    page.fill("[name=heading]", "Theo độ tuổi")
    page.check("[name=is_table]")
    admin.press("Lưu")
    for words in ("Dưới 30 tuổi", "Từ 30 tuổi"):
        page.fill("#them-row", words)
        admin.press("Thêm hàng")
    page.fill("#them-column", "Nữ")
    admin.press("Thêm cột")
    cells = page.locator("input[list=chi-tieu]")
    cells.nth(0).fill("nu-tre")
    cells.nth(1).fill("nu-lon")
    admin.picture("form-table")
    admin.press("Lưu các ô")

    admin.go(reverse("reports:form_rule_create", args=[CODE]))
    page.select_option("[name=kind]", "sum")
    page.select_option("[name=indicator]", label="Hội viên nữ, tổng số")
    page.get_by_label("Dưới 30 tuổi – Nữ").check()
    page.get_by_label("Từ 30 tuổi – Nữ").check()
    page.select_option("[name=is_stop]", "stop")
    admin.picture("form-rule")
    admin.press("Lưu")
    assert admin.reads("phải bằng tổng của “Dưới 30 tuổi – Nữ”, “Từ 30 tuổi – Nữ”")
    admin.picture("form-draft")

    admin.follow("Xem như cán bộ thấy")
    admin.picture("form-preview")
    admin.go(reverse("reports:form_draft", args=[CODE]))
    page.fill("[name=day]", "2021-01-01")
    admin.press("Đưa vào dùng")
    assert admin.reads("Bản 1")
    admin.picture("form-detail")


def ask_all(form):
    at = moment(2021, 12, 20)
    day = at.date()
    by = User.objects.get(username="danang.quantri")
    dues = {level: day.replace(day=30) for level in form.levels.all()}
    period, _ = ask_once(form=form, label="Rà soát độ tuổi", starts_on=day.replace(day=1),
                         ends_on=day, cut_off_on=day, dues=dues, by=by, at=at)  # fmt: skip
    return period


def fill(officer, report):
    """A wrong sum is refused beside its cell; put right, it goes out."""
    page = officer.page
    officer.go(reverse("reports:report_edit", args=[report.pk]))
    page.fill("[name='figure_nu-tong']", "9")
    page.fill("[name='figure_nu-tre']", "4")
    page.fill("[name='figure_nu-lon']", "6")
    officer.press("Lưu và nộp")
    assert officer.reads("phải bằng tổng")
    officer.picture("form-fill")
    page.fill("[name='figure_nu-tong']", "10")
    officer.press("Lưu và nộp")
    assert officer.reads("Đã nộp báo cáo")
    officer.picture("form-report")


@WIDTHS
def test_a_form_is_built_and_filled_in(visit_demo, width):
    add_indicators()
    build(visit_demo("danang.quantri", width=width))
    period = ask_all(ReportForm.objects.get(code=CODE))
    report = Report.objects.get(period=period, branch__name="Thọ Quang", branch__closed_on=None)

    fill(visit_demo("thoquang.canbo", width=width), report)

    report.refresh_from_db()
    assert report.status == "submitted"
