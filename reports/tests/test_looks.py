"""Unusual figures: across the reports of a unit, and asked about before a report goes."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programs.models import Indicator
from reports.checks import looks_below
from reports.models import Explanation, Period, Report, ReportEvent, ReportFile
from reports.services import (
    Cells,
    approve_report,
    digest,
    merge_draft,
    open_period,
    return_report,
    snapshot,
    submit_report,
)
from reports.sheet import changes_since_last_look, read_sheet, read_sheets, report_history

from .conftest import ask_more, moment, month_of
from .test_access import kept_with

pytestmark = pytest.mark.django_db

AT = moment(2021, 2, 18)


@pytest.fixture
def odd(february, units, people, approved, written, report_of):
    """In February Thọ Quang tells of far fewer members, and Mân Thái of more than it has women."""
    approved(report_of(units.tho_quang, Period.objects.get(code="2021-01")), people.hoa,
             people.ha, hoi_vien=900, phu_nu=1000, cuoc=3)  # fmt: skip
    report = written(report_of(units.tho_quang, february), people.hoa, hoi_vien=100, phu_nu=1000)
    other = written(report_of(units.man_thai, february), people.nga, hoi_vien=60, phu_nu=50)
    return report, other


def submit(report, by):
    return submit_report(report=report, seen_version=report.version, by=by, at=AT)


def looks(period, branch):
    return {
        report.branch.name: [look.sentence for look in found]
        for report, found in looks_below(period, branch, Report.objects.all())
    }


# --- Across reports -----------------------------------------------------------------------


def test_each_unit_that_handed_in_an_unusual_figure_is_named_with_both_figures(
    odd, february, units, people
):
    submit(odd[0], people.hoa)
    assert looks(february, units.son_tra) == {
        "Thọ Quang": ["“Tổng số hội viên” giảm hơn một nửa so với kỳ trước: 900 → 100."]
    }
    submit(odd[1], people.nga)
    assert looks(february, units.son_tra)["Mân Thái"] == [
        "“Tỷ lệ tập hợp hội viên” là 120 %, vượt quá 100 %."
    ]
    assert looks(february, units.da_nang) == {}, "they are the district's to review"


def test_a_rate_over_units_above_100_per_cent_is_told_at_the_sums(
    odd, february, units, people, as_person
):
    submit(odd[1], people.nga)
    approve_report(report=odd[1], seen_version=odd[1].version, by=people.ha, at=AT)
    place = [february.form.code, february.code, units.da_nang.slug]

    for name in ("summary_detail", "summary_text"):
        page = as_person("cuc").get(reverse(f"reports:{name}", args=place)).content.decode()
        assert "“Tỷ lệ tập hợp hội viên” cộng chung là 120%, vượt quá 100 %." in page


def test_what_adds_up_over_the_year_may_not_fall_but_begins_anew_each_year(
    form, january, february, units, people, approved, written, report_of, indicators
):
    total = Indicator.objects.create(
        code="luy_ke", name="Lũy kế hộ được vay", unit="hộ", aggregation="cumulative",
        value_type="whole",
    )  # fmt: skip
    ask_more(form, total)
    indicators.luy_ke = total
    for period, value in ((january, 50), (february, 40)):
        approved(report_of(units.tho_quang, period), people.hoa, people.ha, luy_ke=value)
    assert looks(february, units.son_tra)["Thọ Quang"] == [
        "“Lũy kế hộ được vay” là số lũy kế mà thấp hơn kỳ trước: 50 → 40."
    ]
    following = month_of(form, 2022, 1)
    open_period(period=following, by=people.dung, at=moment(2022, 1, 1))
    approved(report_of(units.tho_quang, following), people.hoa, people.ha, luy_ke=3)

    assert looks(following, units.son_tra) == {}


def test_many_sheets_read_together_are_those_read_one_by_one(odd):
    with CaptureQueriesContext(connection) as asked:
        together = read_sheets(odd[0].period, odd)

    assert not any('"reports_report"."next_plans"' in query["sql"] for query in asked), (
        "words once per figure"
    )
    for report in odd:
        for mine, alone in zip(together[report.pk], read_sheet(report), strict=True):
            assert (mine.indicator, mine.value, mine.previous) == (
                alone.indicator, alone.value, alone.previous,
            )  # fmt: skip


def test_the_pages_of_a_summary_tell_of_them_and_lead_to_the_row(
    odd, february, units, people, as_person
):
    merge_draft(
        report=odd[0], seen_version=odd[0].version, seen=Cells(),
        typed=Cells(explanations={odd[0].figures.get(value=100).indicator_id: "Đã rà lại."}),
        by=people.hoa, at=AT,
    )  # fmt: skip
    submit(odd[0], people.hoa)
    place = [february.form.code, february.code, units.son_tra.slug]

    for name in ("summary_detail", "summary_text"):
        page = as_person("giang").get(reverse(f"reports:{name}", args=place)).content.decode()
        assert "900 → 100" in page and "Đã rà lại." in page
        assert f"{odd[0].get_absolute_url()}#dong-hoi_vien" in page
    assert 'id="dong-hoi_vien"' in as_person("ha").get(odd[0].get_absolute_url()).content.decode()


def test_the_questions_do_not_grow_with_the_reports(odd, february, units, people):
    submit(odd[0], people.hoa)
    with CaptureQueriesContext(connection) as one:
        looks(february, units.son_tra)
    submit(odd[1], people.nga)
    with CaptureQueriesContext(connection) as two:
        looks(february, units.son_tra)

    assert len(one) == len(two)


# --- Asked before it goes -------------------------------------------------------------------


def press(client, report, name="report_submit", **data):
    report.refresh_from_db()
    return client.post(
        reverse(f"reports:{name}", args=[report.pk]), {"version": report.version, **data}
    )


def test_handing_in_asks_for_a_word_and_keeps_it(odd, as_person):
    hoa, (report, _) = as_person("hoa"), odd
    answer = press(hoa, report)
    assert answer.url == reverse("reports:report_explain", args=[report.pk])
    assert "900 → 100" in hoa.get(answer.url).content.decode()

    press(hoa, report, "report_explain", why_hoi_vien="Rà lại sau sắp xếp.")

    report.refresh_from_db()
    assert report.status == "submitted"
    assert [row.text for row in report.explanations.all()] == ["Rà lại sau sắp xếp."]
    event = report.events.get(kind="submitted")
    assert event.snapshot["explanations"] == {"hoi_vien": "Rà lại sau sắp xếp."}


def test_she_may_go_on_without_a_word(odd, as_person):
    hoa, (report, _) = as_person("hoa"), odd

    press(hoa, report, "report_explain", anyway="1")

    report.refresh_from_db()
    assert report.status == "submitted"
    assert not report.explanations.exists()


def test_the_button_that_saves_and_hands_in_asks_too_and_the_figures_are_kept(odd, as_person):
    hoa, (report, _) = as_person("hoa"), odd
    data = {"version": report.version, "action": "submit", "figure_hoi_vien": "90",
            "initial-figure_hoi_vien": "100", "figure_phu_nu": "1000"}  # fmt: skip

    answer = hoa.post(reverse("reports:report_edit", args=[report.pk]), data)

    assert answer.url == reverse("reports:report_explain", args=[report.pk])
    report.refresh_from_db()
    assert report.status == "draft"
    assert report.figures.get(indicator__code="hoi_vien").value == 90


def test_a_report_with_every_word_or_nothing_unusual_goes_at_once(odd, as_person, people):
    hoa, (report, _) = as_person("hoa"), odd
    merge_draft(
        report=report, seen_version=report.version, seen=Cells(),
        typed=Cells(explanations={report.figures.get(value=100).indicator_id: "Đúng."}),
        by=people.hoa, at=AT,
    )  # fmt: skip

    assert press(hoa, report).url == report.get_absolute_url()
    report.refresh_from_db()
    assert report.status == "submitted"
    assert hoa.get(reverse("reports:report_explain", args=[report.pk])).status_code == 302


def test_when_somebody_was_quicker_her_words_stay_on_the_page(odd, as_person, people, written):
    hoa, (report, _) = as_person("hoa"), odd
    seen = report.version
    merge_draft(
        report=report, seen_version=report.version, seen=Cells(),
        typed=Cells(explanations={report.figures.get(value=100).indicator_id: "Người khác."}),
        by=people.hoa, at=AT,
    )  # fmt: skip

    answer = hoa.post(
        reverse("reports:report_explain", args=[report.pk]),
        {"version": seen, "why_hoi_vien": "Của tôi."},
    )

    assert answer.status_code == 409
    assert "Của tôi." in answer.content.decode()
    assert Explanation.objects.get().text == "Người khác."
    report.refresh_from_db()
    assert report.status == "draft"


# --- Kept with every step -------------------------------------------------------------------


def test_words_and_files_are_part_of_what_a_step_keeps(odd, people):
    report = odd[0]
    before = digest(snapshot(report))
    merge_draft(
        report=report, seen_version=report.version, seen=Cells(),
        typed=Cells(explanations={report.figures.get(value=100).indicator_id: "Đúng."}),
        by=people.hoa, at=AT,
    )  # fmt: skip
    with_words = digest(snapshot(report))
    kept_with(report, people)
    event = submit(report, people.hoa)

    assert len({before, with_words, event.digest}) == 3
    assert event.digest == digest(event.snapshot)
    assert [file["name"] for file in event.snapshot["files"]] == ["ảnh.jpg"]


def test_a_resubmission_shows_the_word_and_the_file_that_came_with_it(odd, people):
    report, cell = odd[0], odd[0].figures.get(value=Decimal(100)).indicator_id
    submit(report, people.hoa)
    return_report(report=report, seen_version=report.version, reason="sửa", by=people.ha, at=AT)
    merge_draft(
        report=report, seen_version=report.version, seen=Cells(),
        typed=Cells(explanations={cell: "Đã rà lại."}), by=people.hoa, at=AT,
    )  # fmt: skip
    kept_with(report, people)
    submit(report, people.hoa)

    changes = changes_since_last_look(list(report.events.all()), read_sheet(report))

    assert changes == [
        {"label": "Giải thích – Tổng số hội viên", "old": None, "new": "Đã rà lại."},
        {"label": "Tệp kèm", "old": None, "new": "ảnh.jpg"},
    ]


def test_a_step_from_before_words_were_kept_still_reads_and_keeps_its_digest(odd, people):
    report = odd[0]
    old = submit(report, people.hoa)
    past = {key: old.snapshot[key] for key in ("figures", "narrative", "nothing")}
    ReportEvent.objects.filter(pk=old.pk).update(snapshot=past, digest=digest(past))
    return_report(report=report, seen_version=report.version, reason="sửa", by=people.ha, at=AT)
    kept_with(report, people)
    submit(report, people.hoa)

    assert changes_since_last_look(list(report.events.all()), read_sheet(report)) == []
    old.refresh_from_db()
    assert (old.snapshot, old.digest) == (past, digest(past))


def test_the_history_tells_of_words_and_files(odd, people):
    report, cell = odd[0], odd[0].figures.get(value=Decimal(100)).indicator_id
    steps = (("", "Đã rà lại.", 18), ("Đã rà lại.", "Đã rà lại cả quận.", 19))
    for before, words, day in steps:
        merge_draft(
            report=report, seen_version=report.version,
            seen=Cells(explanations={cell: before}), typed=Cells(explanations={cell: words}),
            by=people.hoa, at=moment(2021, 2, day),
        )  # fmt: skip
    file = kept_with(report, people)
    ReportFile.objects.filter(pk=file.pk).update(removed_at=AT, removed_by=people.hoa)

    changes = [change for row in report_history(report) for change in row["changes"]]

    label = "Giải thích – Tổng số hội viên"
    assert {"label": label, "old": None, "new": "Đã rà lại."} in changes
    assert {"label": label, "old": "Đã rà lại.", "new": "Đã rà lại cả quận."} in changes
    assert {"label": "Tệp kèm", "old": None, "new": "ảnh.jpg"} in changes
    assert {"label": "Tệp kèm", "old": "ảnh.jpg", "new": None} in changes
