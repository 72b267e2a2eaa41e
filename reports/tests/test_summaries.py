"""The summary of a unit: gathered, edited, frozen with the step that hands it in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoiphunu.qualifiers import Rough
from reports import queries, rollup
from reports.binding import bind, names_of
from reports.gathering import Repeats, offers, what_changed
from reports.models import FrozenSummary, Report, Summary, SummaryParagraph
from reports.rollup import changes_between, lines_in, lines_of
from reports.services import (
    ReportError,
    approve_report,
    edit_summary,
    freeze_summary,
    gather_summary,
    reopen_report,
    return_report,
    submit_report,
)
from reports.services.freezing import digest_of, freeze, standing_content
from reports.totals import check_totals

from .conftest import moment
from .test_totals_properties import MANY, MONTHS, UNITS, months, undone  # noqa: F401
from .test_totals_properties import steps as all_steps

pytestmark = pytest.mark.django_db

AT = moment(2021, 1, 19)
BELOW = {"results": "- Họp chi hội.\n- Tặng 5 suất quà.", "difficulties": "Thiếu kinh phí."}


@pytest.fixture
def place(january, units, people, written, report_of):
    """Quận Sơn Trà: its own report begun, one ward approved, one only handed in."""
    for unit, by, cuoc in ((units.tho_quang, people.hoa, 3), (units.man_thai, people.nga, 40)):
        report = written(
            report_of(unit, january), by, cuoc=cuoc, hoi_vien=100, phu_nu=200, narrative=BELOW
        )
        submit_report(report=report, seen_version=report.version, by=by, at=moment(2021, 1, 18))
        if unit == units.tho_quang:
            approve_report(report=report, seen_version=report.version, by=people.ha, at=AT)
    own = report_of(units.son_tra, january)
    words = {"results": "Quận họp giao ban.", "next_plans": "Chuẩn bị 8/3."}
    written(own, people.giang, cuoc=2, hoi_vien=7, narrative=words)
    return january, units.son_tra


def own_report(place):
    period, branch = place
    return branch.reports.get(period=period)


def gather(place, people):
    period, branch = place
    return gather_summary(period=period, branch=branch, by=people.giang, at=AT)


def edit(place, people, typed=None, seen=None, added=()):
    """As somebody does who saw what is saved, unless `seen` says what she saw."""
    period, branch = place
    typed = typed or {}
    stored = SummaryParagraph.objects.in_bulk()
    seen = seen or {key: getattr(stored[key[1]], key[0]) for key in typed}
    return edit_summary(
        period=period, branch=branch, seen=seen, typed=typed, added=added, by=people.giang, at=AT
    )


def hand_in(place, people):
    report = own_report(place)
    return submit_report(report=report, seen_version=report.version, by=people.giang, at=AT)


def said(place):
    period, branch = place
    rows = SummaryParagraph.objects.filter(summary__period=period, summary__branch=branch)
    return [(row.heading, row.text) for row in rows]


def line(lines, code):
    return next(line for line in lines if line.code == code)


def values(parts):
    return tuple(cell.value for cell in (parts.own, parts.below, parts.whole))


# --- Figures ------------------------------------------------------------------------------


def test_own_and_below_stand_apart_and_below_is_what_was_approved(place):
    lines = lines_of(*place)

    assert values(line(lines, "cuoc").period) == (2, 3, 5)
    assert values(line(lines, "hoi_vien").to_date) == (7, 100, 107)
    assert values(line(lines, "ty_le").period) == (None, Decimal("0.5"), Decimal("0.535"))


def test_once_its_own_report_is_approved_they_come_to_the_live_sums(place, people, units):
    hand_in(place, people)
    report = own_report(place)
    approve_report(report=report, seen_version=report.version, by=people.binh, at=AT)
    period, branch = place

    for asked in (branch, units.da_nang, units.tho_quang):
        sums = queries.summary_lines(period, asked, queries.form_lines(period))
        for mine, live in zip(lines_of(period, asked), sums, strict=True):
            for found, expected in ((mine.period, live.period), (mine.to_date, live.to_date)):
                assert found.whole.answered == expected.answered
                assert found.whole.value == (
                    None if expected.value is None else round(expected.value, 6)
                )


def test_a_stock_to_date_takes_the_latest_of_the_year_and_a_flow_adds_up(
    february, place, people, units, approved, report_of, written
):
    hand_in(place, people)
    report = own_report(place)
    approve_report(report=report, seen_version=report.version, by=people.binh, at=AT)
    approved(report_of(units.tho_quang, february), people.hoa, people.ha, cuoc=1, hoi_vien=90)
    written(report_of(units.son_tra, february), people.giang, cuoc=4)

    lines = lines_of(february, place[1])

    assert values(line(lines, "cuoc").to_date) == (6, 4, 10)
    assert values(line(lines, "hoi_vien").to_date) == (7, 90, 97)
    assert values(line(lines, "hoi_vien").period) == (None, 90, 90)


def test_a_number_that_is_not_exact_is_told_of_in_its_part(place, written, people):
    written(own_report(place), people.giang, cuoc=Rough(Decimal(2), "about"))

    parts = line(lines_of(*place), "cuoc").period

    assert (parts.own.rough, parts.below.rough, parts.whole.rough) == (1, 0, 1)


# --- Gathering ----------------------------------------------------------------------------


def test_the_words_of_the_unit_and_of_approved_reports_below_are_gathered_by_line(place, people):
    gather(place, people)

    assert said(place) == [
        ("results", "Quận họp giao ban."),
        ("next_plans", "Chuẩn bị 8/3."),
        ("results", "- Họp chi hội."),
        ("results", "- Tặng 5 suất quà."),
        ("difficulties", "Thiếu kinh phí."),
    ]


def test_gathering_again_brings_what_is_new_and_keeps_what_was_edited(place, people, units):
    gather(place, people)
    meeting, gift = SummaryParagraph.objects.filter(source__branch=units.tho_quang)[:2]
    edit(place, people, {("text", meeting.pk): "Các chi hội họp.", ("is_dropped", gift.pk): True})
    waiting = units.man_thai.reports.get(period=place[0])
    approve_report(report=waiting, seen_version=waiting.version, by=people.ha, at=AT)

    assert len(gather(place, people)) == 3
    assert gather(place, people) == []

    meeting.refresh_from_db()
    gift.refresh_from_db()
    assert (meeting.text, meeting.original) == ("Các chi hội họp.", "- Họp chi hội.")
    assert gift.is_dropped
    assert len(said(place)) == 8


def test_what_says_the_same_again_is_marked_and_stays(place, people, units):
    waiting = units.man_thai.reports.get(period=place[0])
    approve_report(report=waiting, seen_version=waiting.version, by=people.ha, at=AT)

    gather(place, people)

    of_tho_quang = SummaryParagraph.objects.filter(source__branch=units.tho_quang)
    assert [row.repeats.source.branch for row in of_tho_quang] == [units.man_thai] * 3
    assert not SummaryParagraph.objects.filter(is_dropped=True).exists()


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("• TẶNG 5 suất quà  cho hội viên nghèo tại các khu dân cư trong tháng.", True),
        ("Đã tặng 5 suất quà cho hội viên nghèo tại các khu dân cư trong tháng.", True),
        ("Tặng 7 suất quà cho hội viên nghèo tại các khu dân cư trong tháng.", False),
        ("Trong tháng, tại các khu dân cư, hội viên nghèo cho 5 suất quà được tặng.", False),
        ("Tập huấn 5 chi hội trưởng về chuyển đổi số tại các khu dân cư.", False),
    ],
)
def test_nearly_the_same_words_repeat_unless_their_numbers_differ(other, is_same):
    repeats = Repeats()
    text = "- Tặng 5 suất quà cho hội viên nghèo tại các khu dân cư trong tháng."
    assert repeats.first_of("results", text, "first") is None

    assert (repeats.first_of("results", other, "second") == "first") is is_same
    assert repeats.first_of("difficulties", text, "third") is None


def test_a_source_that_was_reopened_or_changed_is_marked_and_its_words_stay(
    place, people, units, written
):
    gather(place, people)
    rows = SummaryParagraph.objects.filter(source__branch=units.tho_quang)
    assert what_changed(rows, offers(*place)) == {}
    report = units.tho_quang.reports.get(period=place[0])
    reopen_report(report=report, seen_version=report.version, reason="sửa", by=people.ha, at=AT)
    assert len(what_changed(rows, offers(*place))) == 3
    written(report, people.hoa, narrative={"results": "- Họp chi hội.\n- Tặng 6 suất quà."})
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)
    approve_report(report=report, seen_version=report.version, by=people.ha, at=AT)

    changed = what_changed(rows, offers(*place))

    [gift] = changed
    assert SummaryParagraph.objects.get(pk=gift).text == "- Tặng 5 suất quà."
    assert [row.text for row in gather(place, people)] == ["- Tặng 6 suất quà."]


def test_the_level_above_gathers_the_edited_text_that_was_frozen(place, people, units):
    gather(place, people)
    [gift] = SummaryParagraph.objects.filter(text="- Tặng 5 suất quà.")
    edit(place, people, {("text", gift.pk): "Toàn quận tặng [Số cuộc tuyên truyền] suất."})
    hand_in(place, people)
    report = own_report(place)
    assert offers(place[0], units.da_nang) == [], "not approved yet"
    approve_report(report=report, seen_version=report.version, by=people.binh, at=AT)

    texts = [offer.text for offer in offers(place[0], units.da_nang)]

    assert "Toàn quận tặng 5 suất." in texts
    assert "- Tặng 5 suất quà." not in texts
    assert {offer.unit for offer in offers(place[0], units.da_nang)} == {"Hội LHPN quận Sơn Trà"}


# --- Editing ------------------------------------------------------------------------------


def test_two_editors_lose_nothing_and_the_second_is_told(place, people):
    gather(place, people)
    first, second = SummaryParagraph.objects.all()[:2]
    seen = {("text", first.pk): first.text, ("text", second.pk): second.text}
    edit(place, people, {("text", first.pk): "Của Giang."})

    merged = edit(
        place, people, {("text", first.pk): "Của Hà.", ("text", second.pk): "Cũng của Hà."}, seen
    )

    assert merged.disputed == {("text", first.pk): "Của Giang."}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.text, second.text) == ("Của Giang.", "Cũng của Hà.")


def test_her_own_words_come_behind_once_even_when_sent_twice(place, people):
    gather(place, people)
    for _ in range(2):
        edit(place, people, added=[("results", "Toàn quận làm tốt.")])

    assert said(place)[-1] == ("results", "Toàn quận làm tốt.")
    assert len(said(place)) == 6
    [own] = SummaryParagraph.objects.filter(source=None)
    assert [row.history_user for row in own.history.all()] == [people.giang]


def test_her_own_words_come_back_when_she_types_again_what_was_dropped(place, people):
    edit(place, people, added=[("results", "Toàn quận làm tốt.")])
    [own] = SummaryParagraph.objects.all()
    edit(place, people, {("is_dropped", own.pk): True})

    edit(place, people, added=[("results", "Toàn quận làm tốt.")])

    [own] = SummaryParagraph.objects.all()
    assert not own.is_dropped
    assert own.history.count() == 3


def test_paragraphs_of_another_summary_are_out_of_reach(place, people, units):
    gather(place, people)
    report = units.thanh_binh.reports.get(period=place[0])
    other = Summary.objects.create(period=place[0], branch=units.hai_chau)
    theirs = SummaryParagraph.objects.create(
        summary=other, heading="results", position=1, source=report, original="x", text="x"
    )

    edit(place, people, {("text", theirs.pk): "đổi"})

    theirs.refresh_from_db()
    assert theirs.text == "x"


# --- Numbers in the text --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "problem"),
    [
        ("Có [Số cuộc tuyên truyền] cuộc", "Có 5 cuộc", ""),
        ("Có [so cuoc  tuyen truyen] cuộc", "Có 5 cuộc", ""),
        ("Có [cuoc] cuộc", "Có 5 cuộc", ""),
        ("[lũy kế Tổng số hội viên] người", "107 người", ""),
        ("đạt [Tỷ lệ tập hợp hội viên].", "đạt 53,5%.", ""),
        ("[Kinh phí vận động] đồng", "… đồng", "chưa có số"),
        ("Nêu [abc] ở đây", "Nêu [abc] ở đây", "Không có chỉ tiêu nào tên “abc”"),
        ("Không có ngoặc, [ một mình", "Không có ngoặc, [ một mình", ""),
    ],
)
def test_a_name_in_brackets_is_the_figure_of_the_table(place, text, expected, problem):
    bound, problems = bind(text, names_of(lines_of(*place)))

    assert bound == expected
    assert problem in " ".join(problems)
    assert bool(problem) == bool(problems)


def test_a_name_of_two_lines_is_none_and_their_codes_are(place, indicators):
    indicators.kinh_phi.name = indicators.cuoc.name
    indicators.kinh_phi.save()
    names = names_of(lines_of(*place))

    bound, [problem] = bind("[Số cuộc tuyên truyền] và [cuoc]", names)

    assert bound == "[Số cuộc tuyên truyền] và 5"
    assert "hai dòng cùng tên" in problem
    assert names.tokens["cuoc"] == ("[cuoc]", "[lũy kế cuoc]")


# --- Freezing -----------------------------------------------------------------------------


def test_submitting_freezes_figures_and_edited_words_with_the_event(place, people):
    gather(place, people)
    meeting, gift = SummaryParagraph.objects.filter(source__branch__name="Thọ Quang")[:2]
    edit(
        place, people,
        {("text", meeting.pk): "Họp [Số cuộc tuyên truyền] cuộc.", ("is_dropped", gift.pk): True},
    )  # fmt: skip

    event = hand_in(place, people)

    frozen = event.frozen_summary
    assert (frozen.period, frozen.branch, frozen.by, frozen.at) == (*place, people.giang, AT)
    assert frozen.digest == digest_of(frozen.content)
    assert frozen.content["groups"] == [{"label": "đơn vị trực tiếp", "approved": 1, "owed": 2}]
    assert frozen.content["missing"] == ["Hội LHPN phường Mân Thái"]
    assert lines_in(frozen.content) == lines_of(*place)
    results = frozen.content["texts"][0]["paragraphs"]
    assert [(row["text"], row["unit"]) for row in results] == [
        ("Quận họp giao ban.", "Hội LHPN quận Sơn Trà"),
        ("Họp 5 cuộc.", "Hội LHPN phường Thọ Quang"),
    ]


def test_without_a_gathered_summary_its_own_words_are_frozen(place, people):
    frozen = hand_in(place, people).frozen_summary

    found = [row["text"] for text in frozen.content["texts"] for row in text["paragraphs"]]
    assert found == ["Quận họp giao ban.", "Chuẩn bị 8/3."]


def texts_in(frozen):
    return [row["text"] for text in frozen.content["texts"] for row in text["paragraphs"]]


def test_own_words_that_nobody_gathered_are_frozen_with_a_summary_that_holds_others(place, people):
    edit(place, people, added=[("results", "Toàn quận làm tốt.")])

    frozen = hand_in(place, people).frozen_summary

    assert texts_in(frozen) == ["Quận họp giao ban.", "Toàn quận làm tốt.", "Chuẩn bị 8/3."]


def test_an_empty_summary_swallows_no_words_of_the_unit(place, people, units):
    Summary.objects.create(period=place[0], branch=place[1])

    assert texts_in(hand_in(place, people).frozen_summary) == [
        "Quận họp giao ban.", "Chuẩn bị 8/3.",
    ]  # fmt: skip
    report = own_report(place)
    approve_report(report=report, seen_version=report.version, by=people.binh, at=AT)
    assert [offer.text for offer in offers(place[0], units.da_nang)] == [
        "Quận họp giao ban.", "Chuẩn bị 8/3.",
    ]  # fmt: skip


def test_what_the_unit_corrects_in_its_report_after_gathering_is_what_is_signed(
    place, people, units, written
):
    gather(place, people)
    [plans] = SummaryParagraph.objects.filter(text="Chuẩn bị 8/3.")
    edit(place, people, {("text", plans.pk): "Chuẩn bị ngày 8/3 toàn quận."})
    hand_in(place, people)
    report = own_report(place)
    return_report(report=report, seen_version=report.version, reason="sửa", by=people.binh, at=AT)
    written(report, people.giang, narrative={"results": "Quận họp.\nQuận tập huấn."})

    assert texts_in(hand_in(place, people).frozen_summary) == [
        "Quận họp.", "Quận tập huấn.", "- Họp chi hội.", "- Tặng 5 suất quà.", "Thiếu kinh phí.",
        "Chuẩn bị ngày 8/3 toàn quận.",
    ]  # fmt: skip
    report = own_report(place)
    approve_report(report=report, seen_version=report.version, by=people.binh, at=AT)
    above = [offer.text for offer in offers(place[0], units.da_nang)]
    assert "Quận họp." in above and "Quận họp giao ban." not in above


def test_an_own_line_that_she_edited_or_dropped_stays_hers(place, people, written):
    gather(place, people)
    first, plans = SummaryParagraph.objects.filter(source__branch=place[1])
    edit(place, people, {("text", first.pk): "Quận họp đủ.", ("is_dropped", plans.pk): True})
    written(own_report(place), people.giang, narrative={"results": "Quận họp giao ban quý."})

    texts = texts_in(hand_in(place, people).frozen_summary)

    assert texts[:2] == ["Quận họp giao ban quý.", "Quận họp đủ."]
    assert "Chuẩn bị 8/3." not in texts


def test_a_unit_with_nobody_below_it_freezes_nothing(place):
    assert not FrozenSummary.objects.exists(), "both wards have submitted"


def test_what_is_frozen_stays_while_live_figures_go_on(place, people, units, written):
    frozen = hand_in(place, people).frozen_summary
    kept = dict(frozen.content)
    report = units.tho_quang.reports.get(period=place[0])
    reopen_report(report=report, seen_version=report.version, reason="sửa", by=people.ha, at=AT)
    written(report, people.hoa, cuoc=9)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)
    approve_report(report=report, seen_version=report.version, by=people.ha, at=AT)

    frozen.refresh_from_db()

    assert frozen.content == kept
    changes = changes_between(lines_in(frozen.content), lines_of(*place))
    assert {
        "label": "Số cuộc tuyên truyền, trong kỳ, các đơn vị bên dưới",
        "old": "3",
        "new": "9",
    } in changes
    assert {
        "label": "Số cuộc tuyên truyền, lũy kế từ đầu năm, cộng chung",
        "old": "5",
        "new": "11",
    } in changes


def test_each_submission_freezes_anew_and_adds_nothing_to_any_total(place, people, units):
    hand_in(place, people)
    report = own_report(place)
    return_report(report=report, seen_version=report.version, reason="sửa", by=people.binh, at=AT)
    second = hand_in(place, people)
    report.refresh_from_db()
    approve_report(report=report, seen_version=report.version, by=people.binh, at=AT)

    assert FrozenSummary.objects.count() == 2
    assert FrozenSummary.objects.first() == second.frozen_summary
    assert check_totals([place[0]]) == []
    lines = queries.form_lines(place[0])
    sums = queries.summary_lines(place[0], units.da_nang, lines)
    assert next(s for s in sums if s.indicator.code == "cuoc").period.value == 5


def test_a_unit_that_owes_no_report_freezes_as_often_as_it_wants(place, people, units):
    period = place[0]
    for by in (people.cuc, people.binh):
        freeze_summary(period=period, branch=units.da_nang, seen_version=0, by=by, at=AT)
    assert FrozenSummary.objects.filter(branch=units.da_nang, event=None).count() == 2

    hand_in(place, people)
    report = own_report(place)
    approve_report(report=report, seen_version=report.version, by=people.binh, at=AT)
    gather_summary(period=period, branch=units.da_nang, by=people.an, at=AT)
    with pytest.raises(ReportError, match="người khác sửa"):
        freeze_summary(period=period, branch=units.da_nang, seen_version=0, by=people.cuc, at=AT)


def test_a_button_pressed_twice_makes_one_paper_until_something_changes(
    place, people, units, written
):
    how = {"period": place[0], "branch": units.da_nang, "seen_version": 0, "by": people.cuc}
    first = freeze_summary(**how, at=AT)
    assert freeze_summary(**how, at=AT) == first

    waiting = units.man_thai.reports.get(period=place[0])
    approve_report(report=waiting, seen_version=waiting.version, by=people.ha, at=AT)

    assert freeze_summary(**how, at=AT) != first


def test_who_submits_is_asked_to_look_where_the_summary_has_changed_since(place, people):
    gather(place, people)
    report, summary = own_report(place), Summary.objects.get()
    how = {"report": report, "seen_version": report.version, "by": people.giang, "at": AT}
    edit(place, people, added=[("results", "Toàn quận làm tốt.")])

    with pytest.raises(ReportError, match="Bản tổng hợp vừa có người khác sửa"):
        submit_report(**how, seen_summary=summary.version)

    assert own_report(place).is_editable and not FrozenSummary.objects.exists()
    how["report"] = own_report(place)
    submit_report(**how, seen_summary=Summary.objects.get().version)
    assert FrozenSummary.objects.count() == 1


def test_a_paper_goes_to_the_unit_that_reviews_the_report(place, people, units):
    report = own_report(place)
    Report.objects.filter(pk=report.pk).update(
        reviewer_branch=units.quang_nam, status=Report.Status.APPROVED
    )

    assert standing_content(*place)["above"] == units.quang_nam.office_name
    assert standing_content(place[0], units.tho_quang)["above"] == units.son_tra.office_name


def test_a_unit_that_owes_a_report_speaks_with_that_alone(place, people, units):
    freeze(*place, by=people.giang, at=AT)

    assert offers(place[0], units.da_nang) == []
    Report.objects.filter(pk=own_report(place).pk).update(status=Report.Status.LAPSED)
    assert {offer.unit for offer in offers(place[0], units.da_nang)} == {units.son_tra.office_name}


def test_units_that_are_not_named_are_counted(place, monkeypatch):
    monkeypatch.setattr(rollup, "MOST_MISSING", 0)

    content = standing_content(*place)

    assert (content["missing"], content["more_missing"]) == ([], 1)


@pytest.mark.parametrize(("unit", "why"), [("son_tra", "báo cáo của chính mình"),
                                           ("quang_nam", "không có đơn vị nào")])  # fmt: skip
def test_others_do_not_freeze_by_a_step_of_its_own(place, people, units, unit, why):
    with pytest.raises(ReportError, match=why):
        freeze_summary(
            period=place[0], branch=getattr(units, unit), seen_version=0, by=people.ha, at=AT
        )


# --- Any order ----------------------------------------------------------------------------

more_steps = (
    all_steps
    | st.tuples(st.just("gather"), st.sampled_from(MONTHS))
    | st.tuples(st.just("freeze"), st.sampled_from(MONTHS))
)


@given(st.lists(more_steps, max_size=12))
@MANY
def test_any_order_of_summing_up_freezing_and_correcting_adds_nothing_twice(months, taken):  # noqa: F811
    """Handing in the district's report freezes; so does the city by a step of its own."""
    units, people = months.units, months.people

    def take(step, *more):
        if step not in ("gather", "freeze"):
            months.take(step, *more)
            return
        period = months.periods[more[0]]
        gather_summary(period=period, branch=units.son_tra, by=people.giang, at=AT)
        if step == "freeze":
            freeze_summary(
                period=period, branch=units.da_nang, seen_version=0, by=people.cuc, at=AT
            )

    def check():
        months.written, kept = {}, {}
        for step in taken:
            take(*step)
            for row in FrozenSummary.objects.exclude(pk__in=kept):
                kept[row.pk] = row.content

        assert check_totals(months.periods) == []
        for place, below in ((units.da_nang, UNITS), (units.son_tra, UNITS)):
            for month in MONTHS:
                expected = months.expected(Report.COUNTED, below, month)
                assert months.found(place, month) == expected
        assert {row.pk: row.content for row in FrozenSummary.objects.all()} == kept
        for row in FrozenSummary.objects.all():
            assert row.digest == digest_of(row.content)

    undone(check)
