"""Proposals, a meeting, a notice, a Word report and the calendar in a real browser, at a desk and
on a phone.

With SCREENSHOTS=docs/img the pages are kept as pictures.
"""

from datetime import date

import pytest
from django.urls import reverse

from hoiphunu.tests.browser import WIDTHS
from programs.models import Program
from reports.models import Briefing, Notice, Proposal

from .conftest import month_of
from .test_entry_story import SAVED, type_in, wait_for
from .test_word_draft import word

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


def edit(report):
    return reverse("reports:report_edit", args=[report.pk])


@WIDTHS
def test_a_proposal_is_added_beside_the_sheet_answered_above_and_read(visit, report, width):
    hoa = visit("hoa", width)
    hoa.go(edit(report))
    type_in(hoa.page, "figure_cuoc", "12")
    wait_for(hoa.page, SAVED)
    type_in(hoa.page, "lines", "Đề nghị cấp thêm tài liệu sinh hoạt\nTập huấn phần mềm")
    hoa.page.get_by_role("button", name="Thêm").click()
    hoa.page.get_by_text("Đã ghi 2 mục.").wait_for()
    assert hoa.page.locator("[name=figure_cuoc]").input_value() == "12"
    hoa.picture("sheet-proposals")
    type_in(hoa.page, "figure_kinh_phi", "5000000")
    hoa.page.locator("button[value=submit]").click()
    hoa.until(lambda: hoa.reads("Đã nộp báo cáo"))

    ha = visit("ha", width)
    ha.go("/")
    ha.picture("home-proposals")
    ha.go(reverse("reports:proposal_list"))
    ha.picture("proposals")
    ha.follow("Đề nghị cấp thêm tài liệu")
    type_in(ha.page, "answer", "Quận cấp 30 bộ trong tháng 2.")
    ha.picture("proposal-answer")
    ha.press("Gửi câu trả lời")

    hoa.go(Proposal.objects.get(text__startswith="Đề nghị").get_absolute_url())
    assert hoa.reads("Quận cấp 30 bộ trong tháng 2.")
    hoa.picture("proposal")


@WIDTHS
def test_a_meeting_is_written_and_its_conclusion_done_below(visit, units, january, width):
    ha = visit("ha", width)
    ha.go(reverse("reports:briefing_create", args=[units.son_tra.slug]))
    ha.page.locator("[name=held_on]").fill("2021-02-03")
    type_in(ha.page, "agenda", "Kiểm điểm công tác tháng 1; triển khai tháng 2.")
    ha.picture("briefing-form")
    ha.press("Lưu")
    type_in(ha.page, "text", "Nộp danh sách hội viên khó khăn dịp Tết")
    ha.page.locator("[name=unit]").select_option(str(units.tho_quang.pk))
    ha.page.locator("[name=due_on]").fill("2021-02-10")
    ha.press("Thêm")
    ha.picture("briefing")
    ha.go(reverse("reports:briefing_pack", args=[units.son_tra.slug]) + "?on=2021-02-25")
    ha.picture("briefing-papers")

    hoa = visit("hoa", width)
    hoa.go("/")
    hoa.picture("home-conclusions")
    hoa.follow("Nộp danh sách hội viên khó khăn")
    hoa.picture("conclusion")
    hoa.press("Đã xong")
    assert Briefing.objects.get().conclusions.get().done_by.username == "hoa"


@WIDTHS
def test_a_notice_is_sent_and_marked_as_seen(visit, units, people, width):
    ha = visit("ha", width)
    ha.go(reverse("reports:notice_create", args=[units.son_tra.slug]))
    type_in(ha.page, "title", "Họp trực tuyến ngày 6/3")
    type_in(ha.page, "body", "Đề nghị các phường dự đủ thành phần, chuẩn bị ý kiến.")
    ha.page.get_by_label("xã/phường").check()
    ha.picture("notice-form")
    ha.press("Lưu bản soạn")
    ha.picture("notice-draft")
    ha.press("Gửi tới 2 đơn vị")
    ha.picture("notice-sent")
    ha.follow("Danh sách chưa xem, gọi cho ai")
    ha.picture("notice-readers")

    hoa = visit("hoa", width)
    hoa.go("/")
    hoa.picture("home-notices")
    hoa.follow("Họp trực tuyến ngày 6/3")
    hoa.picture("notice")
    hoa.press("Đã xem")
    hoa.picture("notices")
    assert Notice.objects.get().receipts.get(branch=units.tho_quang).seen_by.username == "hoa"


@WIDTHS
def test_a_word_report_becomes_the_draft_heading_by_heading(visit, report, width, tmp_path):
    paper = tmp_path / "báo cáo tháng 1.docx"
    paper.write_bytes(word())
    hoa = visit("hoa", width)
    hoa.go(edit(report))
    hoa.page.get_by_text("Lấy lời từ tệp Word").click()
    hoa.page.locator("#id_word").set_input_files(paper)
    hoa.press("Đọc tệp")
    hoa.picture("word-texts")
    hoa.press("Đưa vào báo cáo")
    assert "Mưa nhiều" in hoa.page.locator("[name=difficulties]").input_value()
    hoa.picture("sheet-word")


@WIDTHS
def test_the_pages_of_the_calendar_fit(visit, january, form, units, width):
    form.program = Program.objects.create(
        owner=units.da_nang, name="Hướng về Chi hội", slug="hvch", status="running",
        starts_on=date(2021, 1, 1), ends_on=date(2025, 6, 30),
    )  # fmt: skip
    form.save()
    month_of(form, 2021, 4)
    dung = visit("dung", width)
    for picture, name, args in (
        ("calendar", "period_list", []),
        ("calendar-extend", "period_extend", [form.code, "2021-01"]),
        ("calendar-days", "period_update", [form.code, "2021-04"]),
        ("calendar-phase", "period_phase", [form.code]),
    ):
        year = "?year=2021" if name == "period_list" else ""
        assert dung.go(reverse(f"reports:{name}", args=args) + year).status == 200
        dung.picture(picture)
