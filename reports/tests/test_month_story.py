"""A month of one province in a real browser, from opening the period to "đã khóa": two chi hội,
their commune, the province; at desks, and once more all on phones. A neighbour province sees none
of it. With SCREENSHOTS=docs/img the pages are kept.
"""

from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from branches.models import Level
from conftest import person, unit
from hoiphunu.tests.browser import WIDTHS
from programs.models import Indicator
from reports.models import Figure, Period, Report, ReportForm
from reports.services import ask_indicators
from reports.totals import check_totals

from .test_periods import rule

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def province(units):
    """Lâm Đồng as it is today: no district between the province and its communes."""
    top = unit("tinh", None, "Lâm Đồng", "tỉnh")
    duc_trong = unit("xa", top, "Đức Trọng", "xã")
    made = SimpleNamespace(
        top=top,
        duc_trong=duc_trong,
        thon_1=unit("chi_hoi", duc_trong, "Thôn 1", "chi hội"),
        thon_2=unit("chi_hoi", duc_trong, "Thôn 2", "chi hội"),
    )
    person("quantri", "Đinh Thị Quản", ("administrator", top))
    person("duyettinh", "Tô Thị Duyên", ("reviewer", top))
    person("xa", "Cao Thị Xá", ("officer", duc_trong))
    person("duyetxa", "Mạc Thị Dậu", ("reviewer", duc_trong))
    person("thon1", "Kiều Thị Nhất", ("officer", made.thon_1))
    person("thon2", "Kiều Thị Nhị", ("officer", made.thon_2))
    person("ngoai", "Hà Thị Ngoại", ("administrator", units.quang_nam), ("leader", units.quang_nam))
    return made


@pytest.fixture
def monthly(province):
    """Asks communes and chi hội for two figures and for words."""
    form = ReportForm.objects.create(
        code="ld-thang", name="Báo cáo công tác Hội tháng", owner=province.top
    )
    form.levels.set(Level.objects.filter(code__in=["xa", "chi_hoi"]))
    buoi, hoi_vien = (
        Indicator.objects.create(
            code=code, name=name, unit=unit, aggregation=kind, value_type="whole"
        )
        for code, name, unit, kind in (
            ("buoi", "Số buổi sinh hoạt", "buổi", "flow"),
            ("hoi_vien", "Tổng số hội viên", "người", "stock"),
        )
    )
    ask_indicators(form, [("Tổ chức Hội", [buoi, hoi_vien])])
    rule(form, dues={"chi_hoi": (1, 10), "xa": (1, 15)})
    return form


def report_of(branch):
    return Report.objects.get(branch=branch)


def state(branch):
    return report_of(branch).get_status_display()


def open_report(visitor, branch):
    visitor.go(report_of(branch).get_absolute_url())


def write_and_submit(visitor, branch, words, **figures):
    open_report(visitor, branch)
    visitor.follow("Nhập báo cáo")
    for code, number in figures.items():
        visitor.page.fill(f"[name=figure_{code}]", number)
    visitor.page.fill("[name=results]", words)
    visitor.page.locator("[data-save-note]", has_text="Đã lưu lúc").wait_for()
    visitor.picture("month-entry")
    visitor.press("Lưu và nộp")


def approve(visitor, branch):
    open_report(visitor, branch)
    visitor.press("Duyệt", exact=True)


def sums_read(visitor, line):
    """Of a line on the page of sums: in the period, lũy kế, how many gave a figure."""
    row = visitor.page.locator("tr:has(td.num)", has_text=line).first
    return row.locator("td.num").all_inner_texts()


@WIDTHS
def test_a_month_of_a_province_from_opening_to_locked(visit, province, monthly, width):
    day = localdate()
    month = f"Tháng {day.month}/{day.year}"

    # The province opens the month.
    office = visit("quantri", width)
    office.go(reverse("reports:period_list"))
    office.press(f"Lập các kỳ của năm {day.year}")
    office.press(f"Mở kỳ {month}", exact=True)
    assert office.reads(f"Đã mở {month}: giao 3 báo cáo.")
    office.picture("month-calendar")
    assert {state(unit) for unit in (province.thon_1, province.thon_2)} == {"Chưa nhập"}

    # Two chi hội: one writes, the other has nothing to tell.
    first = visit("thon1", width)
    write_and_submit(first, province.thon_1, "Hai buổi về an toàn.", buoi="2", hoi_vien="1.240")
    second = visit("thon2", width)
    open_report(second, province.thon_2)
    second.press("Không phát sinh, nộp luôn")
    assert state(province.thon_2) == "Đã nộp"

    # The commune sends one back with a word on a cell; it comes again and both are approved.
    commune = visit("duyetxa", width)
    open_report(commune, province.thon_1)
    commune.page.locator("summary", has_text="Nhận xét ô này").nth(1).click()
    commune.page.locator("[name^=remark]").nth(1).fill("Tháng trước 124 hội viên, chị xem lại.")
    commune.page.fill("[name=reason]", "Số hội viên chưa đúng")
    commune.picture("month-review")
    commune.press("Trả lại")
    assert state(province.thon_1) == "Trả lại"
    open_report(first, province.thon_1)
    assert first.reads("Tháng trước 124 hội viên, chị xem lại.")
    first.follow("Sửa báo cáo")
    first.page.fill("[name=figure_hoi_vien]", "124")
    first.press("Lưu và nộp")
    open_report(commune, province.thon_1)
    assert commune.reads("1.240") and commune.reads("Đơn vị đã sửa gì so với lần nộp trước")
    approve(commune, province.thon_1)
    approve(commune, province.thon_2)

    # It gathers what they wrote; its own report goes up, and what is signed stays as it was.
    own = visit("xa", width)
    period = Period.objects.get(reports__branch=province.thon_1)
    place = [monthly.code, period.code, province.duc_trong.slug]
    own.go(reverse("reports:summary_text", args=place))
    own.press("Lấy lời các đơn vị")
    write_and_submit(own, province.duc_trong, "Xã họp giao ban.", buoi="1", hoi_vien="0")
    own.follow("Bản ký lúc")
    assert own.reads("2/2 đơn vị trực tiếp") and own.reads("Hai buổi về an toàn.")
    own.picture("month-frozen")
    reviewer = visit("duyettinh", width)
    approve(reviewer, province.duc_trong)
    assert state(province.duc_trong) == "Đã duyệt"

    # The province reads the sum, and goes down to its rows.
    reviewer.go(
        reverse("reports:summary_detail", args=[monthly.code, period.code, province.top.slug])
    )
    reviewer.picture("month-summary")
    assert sums_read(reviewer, "Số buổi sinh hoạt") == ["3", "3", "3"]
    assert sums_read(reviewer, "Tổng số hội viên") == ["124", "124", "2"]

    # And closes the book.
    office.go(reverse("reports:period_list"))
    office.follow(f"Khóa {month}")
    office.press("Khóa 3 báo cáo")
    for branch in (province.thon_1, province.thon_2, province.duc_trong):
        assert state(branch) == "Đã khóa"
    open_report(first, province.thon_1)
    assert first.reads("Đã khóa") and not first.reads("Sửa báo cáo")
    first.picture("month-locked")
    assert check_totals([period]) == []
    nothing = Figure.objects.get(report__branch=province.thon_2, indicator__code="buoi")
    assert nothing.is_nothing and nothing.value is None

    # The neighbour finds none of it.
    stranger = visit("ngoai", width)
    assert stranger.go(report_of(province.thon_1).get_absolute_url()).status == 404
    stranger.go(reverse("reports:period_list"))
    assert not stranger.reads("Báo cáo công tác Hội tháng")
