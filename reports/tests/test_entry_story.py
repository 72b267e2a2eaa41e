"""Filling in a report in a real browser: saved as it is typed, through a cut network, in two tabs;
a block from Excel; at a desk and on a phone. With SCREENSHOTS=docs/img the pages are kept."""

import pytest
from django.urls import reverse

from hoiphunu.tests.browser import DESK, PHONE, WIDTHS
from programs.models import Indicator
from reports.services import submit_report

from .conftest import ask_more, moment

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
SAVED, NO_NETWORK = "Đã lưu lúc", "Mất mạng"


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


def edit(report):
    return reverse("reports:report_edit", args=[report.pk])


def type_in(page, name, words):
    page.locator(f"[name={name}]").fill(words)


def wait_for(page, words):
    page.locator("[data-save-note]", has_text=words).wait_for()


def figures(report):
    return {f.indicator.code: f.typed for f in report.figures.select_related("indicator")}


@WIDTHS
def test_what_is_typed_survives_a_cut_network(visit, report, width):
    hoa = visit("hoa", width)
    hoa.go(edit(report))
    type_in(hoa.page, "figure_cuoc", "12")
    wait_for(hoa.page, SAVED)
    assert figures(report) == {"cuoc": 12}
    assert hoa.page.locator("[data-state]").inner_text().startswith("Nháp")

    hoa.context.set_offline(True)
    type_in(hoa.page, "figure_hoi_vien", "1.234")
    wait_for(hoa.page, NO_NETWORK)
    hoa.picture("report-no-network")
    assert figures(report) == {"cuoc": 12}
    hoa.context.set_offline(False)
    wait_for(hoa.page, SAVED)
    assert figures(report) == {"cuoc": 12, "hoi_vien": 1234}

    hoa.context.set_offline(True)
    type_in(hoa.page, "results", "Đã họp hai buổi.")
    wait_for(hoa.page, NO_NETWORK)
    hoa.page.close()  # the battery is empty
    hoa.page = hoa.context.new_page()
    hoa.context.set_offline(False)
    hoa.go(edit(report))
    assert hoa.page.input_value("[name=results]") == "Đã họp hai buổi."
    wait_for(hoa.page, SAVED)
    report.refresh_from_db()
    assert report.results == "Đã họp hai buổi."


@WIDTHS
def test_a_block_from_excel_goes_down_the_column(visit, report, form, indicators, width):
    """Row by row, an answer in words among them, and never into the boxes for a word beside."""
    indicators.phu_nu.value_type = "decimal"
    indicators.phu_nu.save()
    for code, value_type in (("mo_hinh", "text"), ("buoi", "whole")):
        aggregation = "none" if value_type == "text" else "flow"
        ask_more(form, Indicator.objects.create(
            code=code, name=code, unit="", value_type=value_type, aggregation=aggregation,
        ))  # fmt: skip
    hoa = visit("hoa", width)
    hoa.go(edit(report))
    first = hoa.page.locator("[name=figure_cuoc]")
    first.focus()

    hoa.page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const how = {clipboardData, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        "3\r\n50.000.000\r\nkhoảng 1.200\r\n1.234,5\r\nCó\r\nNuôi gà\r\n7\r\n",
    )
    wait_for(hoa.page, SAVED)

    found = {code: str(value) for code, value in figures(report).items()}
    assert found == {
        "cuoc": "3.00", "kinh_phi": "50000000.00", "hoi_vien": "khoảng 1.200",
        "phu_nu": "1234.50", "loai_hinh": "1.00", "mo_hinh": "Nuôi gà", "buoi": "7.00",
    }  # fmt: skip
    assert not report.explanations.exists()
    first.press("Enter")
    name = "document.activeElement.name"
    assert hoa.page.evaluate(name) == "figure_kinh_phi"
    hoa.page.keyboard.press("ArrowDown")
    hoa.page.keyboard.press("ArrowUp")
    assert hoa.page.evaluate(name) == "figure_kinh_phi"
    hoa.picture("report-pasted")


def test_on_a_phone_no_button_moves_while_it_is_saved(visit, report):
    hoa = visit("hoa", PHONE)
    hoa.go(edit(report))
    button = hoa.page.get_by_role("button", name="Lưu và nộp")
    before = button.bounding_box()

    type_in(hoa.page, "figure_cuoc", "5")
    typed = button.bounding_box()
    wait_for(hoa.page, SAVED)

    assert before == typed == button.bounding_box()


def test_two_tabs_lose_nothing_and_the_second_decides(visit, report):
    hoa = visit("hoa", DESK)
    hoa.go(edit(report))
    second = hoa.context.new_page()
    second.goto(hoa.site + edit(report))

    type_in(hoa.page, "figure_cuoc", "5")
    wait_for(hoa.page, SAVED)
    type_in(second, "figure_hoi_vien", "80")
    wait_for(second, SAVED)
    assert second.input_value("[name=figure_cuoc]") == "5", "what the other tab wrote appears"
    assert figures(report) == {"cuoc": 5, "hoi_vien": 80}

    type_in(hoa.page, "figure_hoi_vien", "90")
    hoa.page.get_by_text("Người khác đã lưu: 80").wait_for()
    hoa.picture("report-two-tabs")
    assert figures(report)["hoi_vien"] == 80
    hoa.page.get_by_role("button", name="Giữ của tôi").click()
    wait_for(hoa.page, SAVED)
    assert figures(report) == {"cuoc": 5, "hoi_vien": 90}
    second.close()


def test_what_she_gives_up_does_not_come_back(visit, report, people, written):
    hoa = visit("hoa", DESK)
    hoa.go(edit(report))
    written(report, people.hoa, cuoc=5)  # at another machine, meanwhile
    type_in(hoa.page, "figure_cuoc", "9")
    hoa.press("Lưu nháp")
    assert hoa.reads("Có ô mà chị và người khác cùng sửa.")

    hoa.follow("bỏ phần vừa nhập")

    assert hoa.page.input_value("[name=figure_cuoc]") == "5"
    hoa.page.wait_for_timeout(1500)
    assert figures(report) == {"cuoc": 5}


def test_a_cell_that_cannot_be_read_says_so_and_the_button_sends_the_rest(visit, report):
    hoa = visit("hoa", PHONE)
    hoa.go(edit(report))
    type_in(hoa.page, "figure_cuoc", "ba")
    type_in(hoa.page, "figure_hoi_vien", "80")
    wait_for(hoa.page, "trừ ô chưa đọc được")
    type_in(hoa.page, "figure_phu_nu", "100")
    hoa.page.locator("[data-cell=figure_cuoc] [data-error]").wait_for()
    hoa.until(lambda: figures(report) == {"hoi_vien": 80, "phu_nu": 100})

    type_in(hoa.page, "figure_cuoc", "3")
    hoa.press("Lưu và nộp")

    report.refresh_from_db()
    assert report.status == "submitted"
    assert figures(report) == {"cuoc": 3, "hoi_vien": 80, "phu_nu": 100}


@WIDTHS
def test_remarks_go_to_their_cells_and_come_back_answered(visit, report, people, written, width):
    written(report, people.hoa, cuoc=3, hoi_vien=80, phu_nu=100, narrative={"results": "Họp."})
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19))
    ha = visit("ha", width)
    ha.go(report.get_absolute_url())
    ha.page.locator(".remark summary").first.click()
    type_in(ha.page, "remark_cuoc", "Chị đếm lại giúp, tháng trước đã 12 cuộc.")
    type_in(ha.page, "reason", "Sai số cuộc.")
    ha.picture("report-remark")
    ha.press("Trả lại", exact=True)

    hoa = visit("hoa", width)
    hoa.go(edit(report))
    assert hoa.reads("Chị đếm lại giúp")
    type_in(hoa.page, "figure_cuoc", "13")
    wait_for(hoa.page, SAVED)
    hoa.picture("report-remarked")
    hoa.press("Lưu và nộp")

    ha.go(report.get_absolute_url())
    answer = ha.page.locator("#nhan-xet + ul").inner_text()
    assert "Đã sửa: từ 3 → thành 13" in " ".join(answer.split())
    ha.picture("report-answered")
