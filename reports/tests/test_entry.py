"""Filling in a report: cell by cell, while others write in the same one."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import person
from programs.models import Program, Target, TargetPart
from reports.models import Explanation, Remark, Report
from reports.reorganisation import never_opened
from reports.services import (
    Cells,
    ReportError,
    approve_report,
    merge_draft,
    reopen_report,
    return_report,
    submit_report,
)
from reports.sheet import answered_remarks, plans_beside, previous_texts, read_sheet

from .conftest import moment

pytestmark = pytest.mark.django_db
Status = Report.Status


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


@pytest.fixture
def mi(units, people):
    """The ward's second officer."""
    return person("mi", "Mai Thị Mị", ("officer", units.tho_quang))


def address(name, report):
    return reverse(f"reports:report_{name}", args=[report.pk])


def typed(report, **cells):
    """{name: (before, now)} as the page sends it; the version is that of the page."""
    data = {"version": report.version}
    for name, (before, now) in cells.items():
        data |= {name: now, f"initial-{name}": before}
    return data


def autosave(client, user, report, **cells):
    client.force_login(user)
    return client.post(address("autosave", report), typed(report, **cells))


def figures(report):
    return {f.indicator.code: f.typed for f in report.figures.select_related("indicator")}


# --- Merging, cell by cell ------------------------------------------------------------------------


def merged(report, by, seen, now, seen_version=None):
    return merge_draft(
        report=report, seen_version=seen_version or report.version, seen=Cells(seen),
        typed=Cells(now), by=by, at=moment(2021, 1, 18),
    )  # fmt: skip


def test_cells_that_only_one_of_two_changed_are_merged(report, indicators, people, mi):
    one, two = indicators.cuoc.pk, indicators.hoi_vien.pk
    blank = {one: None, two: None}
    merged(report, people.hoa, blank, {one: Decimal(3), two: None}, seen_version=1)

    result = merged(report, mi, blank, {one: None, two: Decimal(80)}, seen_version=1)

    assert figures(report) == {"cuoc": 3, "hoi_vien": 80}
    assert result.theirs == {("figures", one): 3}
    assert result.disputed == {}


def test_a_cell_that_both_changed_stays_as_it_is_saved_until_she_decides(
    report, indicators, people, mi
):
    cell = indicators.cuoc.pk
    merged(report, people.hoa, {cell: None}, {cell: Decimal(12)}, seen_version=1)

    first = merged(report, mi, {cell: None}, {cell: Decimal(15)}, seen_version=1)
    assert (first.disputed, figures(report)) == ({("figures", cell): 12}, {"cuoc": 12})

    merged(report, mi, {cell: Decimal(12)}, {cell: Decimal(15)})
    assert figures(report) == {"cuoc": 15}


def test_of_a_page_that_does_not_say_what_it_showed_a_changed_cell_is_disputed(
    report, indicators, people, mi
):
    one, two = indicators.cuoc.pk, indicators.hoi_vien.pk
    merged(report, people.hoa, {}, {one: Decimal(12)}, seen_version=1)

    result = merged(report, mi, {}, {one: Decimal(15), two: Decimal(80)}, seen_version=1)

    assert set(result.disputed) == {("figures", one), ("figures", two)}
    assert figures(report) == {"cuoc": 12}


def test_blank_zero_and_nothing_are_told_apart_in_a_merge(report, indicators, people, mi):
    cell = indicators.cuoc.pk
    merged(report, people.hoa, {cell: None}, {cell: Decimal(0)}, seen_version=1)

    result = merged(report, mi, {cell: None}, {cell: "không phát sinh"}, seen_version=1)

    assert result.disputed == {("figures", cell): 0}
    assert figures(report) == {"cuoc": 0}


def test_nothing_new_makes_no_new_version(report, indicators, people, written):
    written(report, people.hoa, cuoc=3)
    before = report.version, report.history.count()

    merged(report, people.hoa, {indicators.cuoc.pk: None}, {indicators.cuoc.pk: Decimal(3)})

    report.refresh_from_db()
    assert (report.version, report.history.count()) == before


# --- While she types ------------------------------------------------------------------------------


def test_what_she_types_is_saved_and_the_answer_says_how_it_stands(client, report, people):
    response = autosave(
        client, people.hoa, report, figure_kinh_phi=("", "50 triệu"), results=("", "Đã họp.\r\n")
    )

    answer = response.json()
    assert answer["cells"]["figure_kinh_phi"] == "50.000.000"
    assert answer["cells"]["results"] == "Đã họp."
    assert (answer["disputed"], answer["errors"]) == ({}, {})
    report.refresh_from_db()
    assert (report.status, report.version) == (Status.DRAFT, answer["version"])
    assert figures(report) == {"kinh_phi": 50_000_000}


def test_a_cell_that_cannot_be_read_hinders_no_other(client, report, people):
    answer = autosave(
        client, people.hoa, report, figure_cuoc=("", "ba"), figure_hoi_vien=("", "80")
    ).json()

    assert set(answer["errors"]) == {"figure_cuoc"}
    assert figures(report) == {"hoi_vien": 80}


def test_two_tabs_lose_nothing(client, report, people, mi):
    autosave(client, people.hoa, report, figure_cuoc=("", "3"), figure_hoi_vien=("", "80"))

    answer = autosave(client, mi, report, figure_cuoc=("", "5"), figure_phu_nu=("", "100")).json()

    assert answer["disputed"] == {"figure_cuoc": "3"}
    assert answer["cells"]["figure_hoi_vien"] == "80", "what the other one wrote appears"
    assert figures(report) == {"cuoc": 3, "hoi_vien": 80, "phu_nu": 100}


def test_a_report_handed_in_meanwhile_says_so_and_takes_nothing(client, report, people, written):
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19))

    response = autosave(client, people.hoa, report, figure_cuoc=("3", "5"))

    assert response.status_code == 409
    assert "Đã nộp" in response.json()["problem"]
    assert figures(report) == {"cuoc": 3}


def test_a_report_that_is_owed_no_more_is_not_written_in(report, indicators, people):
    """A decree that is taken back takes reports along that nobody had begun."""
    never_opened([report.pk], {"by": people.dung, "reason": "hoàn tác", "at": moment(2021, 1, 18)})

    with pytest.raises(ReportError, match="không còn phải nộp"):
        merged(report, people.hoa, {}, {indicators.cuoc.pk: Decimal(3)})


def test_saving_asks_as_many_queries_for_one_cell_as_for_many(client, report, people):
    autosave(client, people.hoa, report, results=("", "Đã họp."))
    client.force_login(people.hoa)
    counts = []

    for codes in (["cuoc"], ["hoi_vien", "phu_nu", "kinh_phi"]):
        cells = {f"figure_{code}": ("", "2") for code in codes}
        with CaptureQueriesContext(connection) as asked:
            client.post(address("autosave", report), typed(report, **cells))
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert len(figures(report)) == 4


# --- The page without script ----------------------------------------------------------------------


def test_the_plain_page_merges_as_well(client, report, people, mi):
    autosave(client, people.hoa, report, figure_cuoc=("", "3"))
    client.force_login(mi)

    sent = typed(report, figure_cuoc=("", ""), figure_hoi_vien=("", "80"))
    client.post(address("edit", report), sent)

    assert figures(report) == {"cuoc": 3, "hoi_vien": 80}


def test_what_somebody_else_wrote_is_seen_before_it_is_handed_in(client, report, people, mi):
    autosave(client, people.hoa, report, figure_cuoc=("", "3"))
    client.force_login(mi)
    sent = typed(report, figure_cuoc=("", ""), figure_hoi_vien=("", "80"), results=("", "Đã họp."))

    sent["figure_phu_nu"], sent["initial-figure_phu_nu"] = "100", ""
    response = client.post(address("edit", report), sent | {"action": "submit"})

    report.refresh_from_db()
    page = response.content.decode()
    assert (response.status_code, report.status) == (409, Status.DRAFT)
    assert "người khác đã sửa: Số cuộc tuyên truyền" in page
    assert 'name="figure_cuoc" value="3"' in page
    assert figures(report) == {"cuoc": 3, "hoi_vien": 80, "phu_nu": 100}


def test_a_mistake_on_the_page_does_not_make_her_overwrite_another(client, report, people, mi):
    """She typed "ba"; meanwhile somebody saved another cell, which she sees on the page with her
    own blank. That blank is not her answer."""
    autosave(client, people.hoa, report, figure_hoi_vien=("", "80"))
    client.force_login(mi)
    sent = typed(report, figure_cuoc=("", "ba"), figure_hoi_vien=("", ""))
    page = client.post(address("edit", report), sent).content.decode()
    assert 'name="initial-figure_hoi_vien" value=""' in page

    client.post(address("edit", report), sent | {"figure_cuoc": "3"})

    assert figures(report) == {"cuoc": 3, "hoi_vien": 80}


# --- Beside the cells -----------------------------------------------------------------------------


def test_the_words_of_last_month_are_copied_below_what_she_wrote(
    client, february, january, units, people, report_of, written
):
    written(report_of(units.tho_quang, january), people.hoa, narrative={"results": "Họp 2 buổi."})
    report = report_of(units.tho_quang, february)
    client.force_login(people.hoa)

    assert previous_texts(report) == {"results": "Họp 2 buổi."}
    sent = typed(report, results=("", "Tháng 2.")) | {"copy": "results"}
    page = client.post(address("edit", report), sent).content.decode()

    assert "Tháng 2.\nHọp 2 buổi.</textarea>" in page
    report.refresh_from_db()
    assert (report.status, report.results) == (Status.NOT_BEGUN, ""), "nothing is saved yet"


def test_the_target_of_the_year_stands_beside_its_cell_and_no_foreign_one(
    client, report, indicators, units, people
):
    program = Program.objects.create(
        owner=units.da_nang, name="Hướng về Chi hội", slug="hvch", starts_on="2021-01-01",
        ends_on="2022-12-31", status=Program.Status.RUNNING,
    )  # fmt: skip
    for branch, year, value in (
        (units.tho_quang, 2021, 12), (units.tho_quang, 2022, 13), (units.man_thai, 2021, 14),
    ):  # fmt: skip
        target = Target.objects.create(
            program=program, branch=branch, number="1", position=1, year=year, text="Tuyên truyền"
        )
        TargetPart.objects.create(
            target=target, position=1, shape="absolute", text="Tuyên truyền", value=value,
            unit="cuộc", indicator=indicators.cuoc,
        )  # fmt: skip

    assert plans_beside(report, people.hoa) == {indicators.cuoc.pk: "12 cuộc"}
    client.force_login(people.hoa)
    page = client.get(address("edit", report)).content.decode()
    assert "Kế hoạch năm 2021: 12 cuộc" in page


def test_a_figure_ten_times_the_last_one_is_asked_about_and_keeps_its_word(
    client, february, january, units, people, report_of, written
):
    written(report_of(units.tho_quang, january), people.hoa, kinh_phi=5_000_000, cuoc=1)
    report = report_of(units.tho_quang, february)

    answer = autosave(
        client, people.hoa, report, figure_kinh_phi=("", "60.000.000"), figure_cuoc=("", "12"),
        why_kinh_phi=("", "Quỹ mái ấm"),
    ).json()  # fmt: skip

    assert set(answer["doubts"]) == {"figure_kinh_phi"}, "one meeting and twelve are small numbers"
    assert "tăng hơn mười lần" in answer["doubts"]["figure_kinh_phi"]
    assert Explanation.objects.get().text == "Quỹ mái ấm"
    report.refresh_from_db()
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 2, 9))
    client.force_login(people.ha)
    assert "Quỹ mái ấm" in client.get(report.get_absolute_url()).content.decode()


# --- Remarks on cells -----------------------------------------------------------------------------


@pytest.fixture
def returned(report, indicators, people, written):
    """Sent back with a remark on two figures and on a text."""
    written(report, people.hoa, cuoc=3, hoi_vien=80, phu_nu=100, narrative={"results": "Họp."})
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19))
    return_report(
        report=report, seen_version=report.version, reason="Sai vài chỗ", by=people.ha,
        at=moment(2021, 1, 20),
        remarks={indicators.cuoc.pk: "Đếm lại", indicators.hoi_vien.pk: "Ít quá", "results": "Rõ"},
    )  # fmt: skip
    return report


def answers(report):
    rows = answered_remarks(report, list(report.events.all()), read_sheet(report))
    return {row["text"]: (row["old"], row["new"], row["is_changed"]) for row in rows}


def test_the_officer_sees_the_remark_beside_its_cell(client, returned, people):
    client.force_login(people.hoa)

    page = client.get(address("edit", returned)).content.decode()

    for words in ("Đếm lại", "Ít quá", "Rõ"):
        assert f"<strong>Cấp trên nhận xét:</strong> {words}" in page


def test_what_comes_back_says_which_remarks_were_acted_on(client, returned, people, written):
    written(returned, people.hoa, cuoc=4, at=moment(2021, 1, 21))
    submit_report(
        report=returned, seen_version=returned.version, by=people.hoa, at=moment(2021, 1, 21)
    )

    assert answers(returned) == {
        "Đếm lại": ("3", "4", True), "Ít quá": ("80", "80", False), "Rõ": ("Họp.", "Họp.", False),
    }  # fmt: skip
    client.force_login(people.ha)
    page = client.get(returned.get_absolute_url()).content.decode()
    assert page.count('<span class="soft">Chưa sửa</span>') == 2
    assert "Sai vài chỗ · Số cuộc tuyên truyền: Đếm lại · Tổng số hội viên: Ít quá" in page


def test_remarks_that_were_settled_do_not_come_back_when_the_report_is_opened_again(
    returned, people
):
    at = moment(2021, 1, 22)
    submit_report(report=returned, seen_version=returned.version, by=people.hoa, at=at)
    approve_report(report=returned, seen_version=returned.version, by=people.ha, at=at)
    reopen_report(
        report=returned, seen_version=returned.version, reason="Sót một buổi", by=people.ha, at=at
    )

    assert answers(returned) == {}


def test_remarks_are_typed_beside_the_cells_and_stay_when_the_reason_is_missing(
    client, report, people, written
):
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19))
    client.force_login(people.ha)
    sent = {"version": report.version, "reason": "", "remark_cuoc": "Đếm lại giúp"}

    page = client.post(address("return", report), sent).content.decode()
    assert 'value="Đếm lại giúp"' in page
    client.post(address("return", report), sent | {"reason": "Sai"})

    event = report.events.get(kind="returned")
    assert [(remark.label, remark.text) for remark in event.remarks.all()] == [
        ("Số cuộc tuyên truyền", "Đếm lại giúp")
    ]


def test_a_neighbour_reads_no_remark_and_no_explanation(returned, indicators, people):
    Explanation.objects.create(report=returned, indicator=indicators.cuoc, text="Quỹ mái ấm")

    assert Remark.objects.visible_to(people.ha).count() == 3
    assert Explanation.objects.visible_to(people.ha).count() == 1
    assert not Remark.objects.visible_to(people.lan).exists()
    assert not Explanation.objects.visible_to(people.lan).exists()
