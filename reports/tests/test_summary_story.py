"""A unit's summary in a real browser: gathered, shortened, a number taken from the table, handed
in, read again as it was frozen, fetched as a Word file; at a desk and on a phone."""

from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from docx import Document

from hoiphunu.tests.browser import WIDTHS
from reports.models import FrozenSummary
from reports.services import approve_report, save_draft, submit_report

from .conftest import moment

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

AT = moment(2021, 1, 19)
WORDS = {
    "results": "- Họp chi hội, sinh hoạt tổ phụ nữ đúng định kỳ.\n- Tặng quà hội viên khó khăn.",
    "difficulties": "Dịch bệnh nên khó tổ chức sinh hoạt đông người.",
}


@pytest.fixture
def below(january, units, people, report_of, indicators):
    """Both wards are approved, the district has begun its own."""
    for unit, by, members in (
        (units.tho_quang, people.hoa, 1200),
        (units.man_thai, people.nga, 900),
    ):
        report = report_of(unit, january)
        save_draft(
            report=report, seen_version=report.version, narrative=WORDS, by=by, at=AT,
            figures={indicators.hoi_vien.pk: members, indicators.cuoc.pk: 4},
        )  # fmt: skip
        submit_report(report=report, seen_version=report.version, by=by, at=AT)
        approve_report(report=report, seen_version=report.version, by=people.ha, at=AT)
    own = report_of(units.son_tra, january)
    save_draft(
        report=own, seen_version=own.version, by=people.giang, at=AT,
        figures={indicators.hoi_vien.pk: 60, indicators.phu_nu.pk: 100, indicators.cuoc.pk: 2},
        narrative={"results": "Quận họp giao ban.", "next_plans": "Chuẩn bị ngày 8/3."},
    )  # fmt: skip
    return own


@WIDTHS
def test_from_the_words_of_the_wards_to_the_paper_that_is_signed(visit, below, width):
    giang = visit("giang", width)
    page = giang.page
    period, unit = below.period, below.branch
    giang.go(reverse("reports:summary_text", args=[period.form.code, period.code, unit.slug]))
    giang.press("Lấy lời các đơn vị")
    assert giang.reads("3 đoạn giống đoạn đã có")
    giang.picture("summary-gathered")

    giang.follow("Sửa mục Kết quả thực hiện")
    boxes = page.locator("textarea[name^=text-]")
    assert boxes.count() == 5
    boxes.nth(1).fill("Các chi hội họp đúng định kỳ, với ")
    page.locator("[data-insert-number] select").select_option("[Tổng số hội viên]")
    page.get_by_role("button", name="Chèn số").click()
    assert boxes.nth(1).input_value() == "Các chi hội họp đúng định kỳ, với [Tổng số hội viên]"
    boxes.nth(1).press_sequentially(" hội viên.")
    for number in (3, 4):  # the other ward says the same
        page.locator("input[name^=keep-]").nth(number).uncheck()
    giang.picture("summary-write")
    giang.press("Lưu", exact=True)
    assert giang.reads("Đọc là: Các chi hội họp đúng định kỳ, với 2.160 hội viên.")

    giang.follow("Xem bản tổng hợp")
    assert giang.reads("với 2.160 hội viên.")
    assert giang.reads("Đã bỏ 2 đoạn")
    giang.picture("summary-text")

    giang.go(below.get_absolute_url())
    giang.press("Nộp", exact=True)
    giang.follow("Bản ký lúc")
    assert giang.reads("2/2 đơn vị trực tiếp")
    assert giang.reads("Số liệu chung chưa thay đổi từ lúc lập bản này.")
    giang.picture("summary-frozen")

    ha = visit("ha", width)
    ha.go(FrozenSummary.objects.get().get_absolute_url())
    with ha.page.expect_download() as fetched:
        ha.page.get_by_role("link", name="Tải Word").click()
    word = Document(BytesIO(Path(fetched.value.path()).read_bytes()))
    said = [paragraph.text for paragraph in word.paragraphs]
    assert "Các chi hội họp đúng định kỳ, với 2.160 hội viên." in said


@WIDTHS
def test_an_unusual_figure_is_asked_about_on_the_way_and_read_by_the_reviewer(
    visit, below, people, indicators, units, width
):  # fmt: skip
    report = below
    figures = {indicators.hoi_vien.pk: 120, indicators.phu_nu.pk: 100}
    report.refresh_from_db()
    save_draft(
        report=report, seen_version=report.version, figures=figures, narrative={},
        by=people.giang, at=AT,
    )  # fmt: skip
    giang = visit("giang", width)
    giang.go(report.get_absolute_url())
    giang.press("Nộp", exact=True)
    assert giang.reads("vượt quá 100 %")
    giang.picture("report-explain")
    giang.page.locator("input[name^=why_]").fill("Có hội viên danh dự.")
    giang.press("Lưu giải thích và nộp")

    binh = visit("binh", width)
    binh.go(reverse("reports:summary_text", args=[
        report.period.form.code, report.period.code, units.da_nang.slug,
    ]))  # fmt: skip
    assert binh.reads("Có hội viên danh dự.")
    binh.picture("summary-looks")
