"""Khó khăn, kiến nghị: with a report, to those above, until they are answered."""

from datetime import date

import pytest
from django.urls import reverse

from branches.models import User
from branches.services import move_branch
from branches.tests.small_decrees import opened
from reports.models import Notification, Proposal
from reports.services import (
    ReportError,
    Stale,
    add_proposals,
    answer_proposal,
    approve_report,
    change_proposal,
    close_proposal,
    open_period,
    pass_up,
    remove_proposal,
    reopen_report,
    return_report,
    split_texts,
    submit_report,
)
from reports.views.exchange import answering_branches

from .conftest import moment, month_of
from .test_reorganisation_custody import carry_out, merger

pytestmark = pytest.mark.django_db

AT = moment(2021, 1, 18)


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


@pytest.fixture
def ask(people, units):
    def write(report, *lines, kind="proposal", to=units.son_tra):
        return add_proposals(report=report, kind=kind, lines=lines, to=to, by=people.hoa, at=AT)

    return write


@pytest.fixture
def asked(report, ask, written, people):
    """One that is with the district: the report is in."""
    (row,) = ask(report, "Cấp thêm tài liệu")
    hand_in(report, written, people)
    return row


def hand_in(report, written, people):
    report.refresh_from_db()
    written(report, people.hoa, cuoc=1)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)
    return report


def answer(row, people, text="Sẽ cấp trong tháng 2", by=None):
    row.refresh_from_db()
    return answer_proposal(
        proposal=row, seen_version=row.version, answer=text, by=by or people.ha, at=AT
    )


def texts_of(response):
    return [row.text for row in response.context["proposal_list"]]


# --- Written with the report ----------------------------------------------------------------


def test_each_line_becomes_a_row_for_the_unit_directly_above(report, ask, units):
    ask(report, "Cấp thêm tài liệu", "", "Cấp thêm tài liệu", "Tập huấn phần mềm")

    rows = Proposal.objects.order_by("pk")
    assert [row.text for row in rows] == ["Cấp thêm tài liệu", "Tập huấn phần mềm"]
    assert {row.addressed_to for row in rows} == {units.son_tra}
    assert {row.state for row in rows} == {"open"}


def test_adding_the_first_begins_the_report(report, ask):
    ask(report, "Cấp thêm tài liệu")

    report.refresh_from_db()
    assert report.status == "draft"


def test_lines_of_the_two_texts_become_rows_once_and_the_texts_stay(report, written, people):
    words = {"difficulties": "- Mưa nhiều\n- Ít cán bộ", "proposals": "+ Cấp thêm tài liệu"}
    written(report, people.hoa, narrative=words)

    first = split_texts(report=report, by=people.hoa, at=AT)
    again = split_texts(report=report, by=people.hoa, at=AT)

    report.refresh_from_db()
    assert [(row.kind, row.text) for row in first] == [
        ("difficulty", "Mưa nhiều"), ("difficulty", "Ít cán bộ"), ("proposal", "Cấp thêm tài liệu"),
    ]  # fmt: skip
    assert again == []
    assert report.difficulties == "- Mưa nhiều\n- Ít cán bộ"


def test_a_line_that_became_a_row_is_not_doubled_once_the_row_says_it_otherwise(
    report, written, people, units
):
    written(report, people.hoa, narrative={"proposals": "- Cấp tài liệu\n- Tập huấn"})
    row, _ = split_texts(report=report, by=people.hoa, at=AT)
    change_proposal(
        proposal=row, seen_version=1, kind="difficulty", text="Thiếu tài liệu", to=units.son_tra,
        by=people.hoa, at=AT,
    )  # fmt: skip

    assert split_texts(report=report, by=people.hoa, at=AT) == []


def test_a_line_that_is_too_long_is_named(report, ask):
    with pytest.raises(ReportError, match="Dòng “Rất dài Rất dài"):
        ask(report, "Cấp tài liệu", "Rất dài " * 300)
    assert not Proposal.objects.exists()


def test_a_unit_asks_those_above_it_and_nobody_else(report, ask, units):
    ask(report, "Xin kinh phí", to=units.da_nang)

    for other in (units.hai_chau, units.quang_nam, units.tho_quang, units.chi_hoi_1):
        with pytest.raises(ReportError, match="cấp trên của mình"):
            ask(report, "Xin kinh phí", to=other)


def test_nothing_is_added_changed_or_removed_once_the_report_is_in(report, asked, ask, people):
    with pytest.raises(ReportError, match="đã nộp"):
        ask(report, "Thêm nữa")
    with pytest.raises(ReportError, match="đã nộp"):
        remove_proposal(proposal=asked, seen_version=1, by=people.hoa, at=AT)


def test_a_returned_report_lets_go_of_what_is_open_and_keeps_what_was_answered(
    report, ask, written, people, units
):
    answered, still_open = ask(report, "Cấp thêm tài liệu", "Tập huấn phần mềm")
    hand_in(report, written, people)
    answer(answered, people)
    return_report(
        report=report, seen_version=report.version, reason="Thiếu số", by=people.ha, at=AT
    )

    change_proposal(
        proposal=still_open, seen_version=1, kind="difficulty", text="Thiếu máy tính",
        to=units.da_nang, by=people.hoa, at=AT,
    )  # fmt: skip
    with pytest.raises(ReportError, match="giữ nguyên"):
        remove_proposal(proposal=answered, seen_version=answered.version, by=people.hoa, at=AT)

    still_open.refresh_from_db()
    assert (still_open.text, still_open.addressed_to) == ("Thiếu máy tính", units.da_nang)
    assert Proposal.objects.filter(pk=answered.pk).exists()


def test_of_two_who_change_one_row_the_second_is_refused(report, ask, people, units):
    (row,) = ask(report, "Cấp thêm tài liệu")
    how = {"kind": "proposal", "to": units.son_tra, "by": people.hoa, "at": AT}
    change_proposal(proposal=row, seen_version=1, text="Cấp 50 bộ tài liệu", **how)

    with pytest.raises(Stale):
        change_proposal(proposal=row, seen_version=1, text="Cấp 70 bộ tài liệu", **how)


# --- Answered -------------------------------------------------------------------------------


def test_the_answer_says_who_when_and_for_which_unit_and_the_unit_is_told(asked, people, units):
    answer(asked, people)

    asked.refresh_from_db()
    assert (asked.state, asked.answered_by, asked.answered_at, asked.answering_branch) == (
        "answered", people.ha, AT, units.son_tra,
    )  # fmt: skip
    told = Notification.objects.filter(key__startswith="proposal:")
    assert [(line.recipient, "Sẽ cấp trong tháng 2" in line.text) for line in told] == [
        (people.hoa, True)
    ]


def test_while_the_unit_writes_nobody_answers(report, ask, people):
    (row,) = ask(report, "Cấp thêm tài liệu")

    with pytest.raises(ReportError, match="đang sửa"):
        answer(row, people)


def test_passed_up_it_waits_for_the_unit_above_and_the_way_is_kept(asked, people, units):
    done = pass_up(
        proposal=asked, seen_version=asked.version, to=units.da_nang, word="Ngoài khả năng",
        by=people.ha, at=AT,
    )  # fmt: skip

    assert (done.from_branch, done.to_branch, done.by) == (units.son_tra, units.da_nang, people.ha)
    assert people.cuc.has_perm("reports.answer_proposal", asked)
    assert not people.ha.has_perm("reports.answer_proposal", asked)
    told = Notification.objects.filter(key__startswith="proposal:")
    assert {line.recipient for line in told} == {people.hoa, people.binh, people.cuc}
    with pytest.raises(ReportError, match="ở trên"):
        pass_up(
            proposal=asked, seen_version=asked.version, to=units.quang_nam, word="",
            by=people.cuc, at=AT,
        )  # fmt: skip


def test_a_unit_further_up_is_told_once_of_what_comes_in_for_it(
    report, ask, units, people, written
):
    (row,) = ask(report, "Xin kinh phí", to=units.da_nang)
    ask(report, "Cấp thêm tài liệu")
    hand_in(report, written, people)

    told = Notification.objects.filter(kind=Notification.Kind.PROPOSAL)
    assert {(line.recipient, line.url) for line in told} == {
        (people.binh, row.get_absolute_url()), (people.cuc, row.get_absolute_url()),
    }  # fmt: skip
    assert all("Xin kinh phí" in line.text for line in told)
    assert not any("Xin kinh phí" in line.in_letter for line in told)
    return_report(report=report, seen_version=report.version, reason="Sửa", by=people.ha, at=AT)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)
    assert told.count() == 2


def test_what_changed_in_proposals_is_shown_when_the_report_comes_in_again(
    report, ask, written, people, units, as_person
):
    kept, row = ask(report, "Cấp thêm tài liệu", "Tập huấn")
    hand_in(report, written, people)
    return_report(report=report, seen_version=report.version, reason="Sửa", by=people.ha, at=AT)
    change_proposal(
        proposal=row, seen_version=1, kind="proposal", text="Tập huấn phần mềm", to=units.da_nang,
        by=people.hoa, at=AT,
    )  # fmt: skip
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)

    page = as_person("ha").get(report.get_absolute_url())
    assert [(change["old"], change["new"]) for change in page.context["changes"]] == [
        ("Kiến nghị, đề xuất: Tập huấn (gửi Hội LHPN quận Sơn Trà)",
         "Kiến nghị, đề xuất: Tập huấn phần mềm (gửi Hội LHPN thành phố Đà Nẵng)"),
    ]  # fmt: skip
    assert "không đổi so với lần nộp trước" not in page.content.decode()


def test_the_unit_says_that_it_is_settled(asked, people):
    close_proposal(proposal=asked, seen_version=asked.version, by=people.hoa, at=AT)

    assert asked.state == "closed"
    with pytest.raises(ReportError, match="báo việc này xong"):
        answer(asked, people)


def test_open_ones_follow_into_the_next_month_as_the_same_row(
    asked, february, units, people, report_of, as_person, approved
):
    next_one = report_of(units.tho_quang, february)
    hers = as_person("hoa").get(reverse("reports:report_edit", args=[next_one.pk]))
    above = as_person("ha").get(reverse("reports:report_detail", args=[next_one.pk]))

    assert list(hers.context["still_waiting"]) == [asked]
    assert list(above.context["still_waiting"]) == [asked]
    assert "còn chờ Hội LHPN quận Sơn Trà trả lời từ tháng 1/2021" in hers.content.decode()
    answer(asked, people)
    hers = as_person("hoa").get(reverse("reports:report_edit", args=[next_one.pk]))
    assert list(hers.context["still_waiting"]) == []


def test_answered_ones_stay_after_the_report_is_opened_again(report, asked, people):
    answer(asked, people)
    report.refresh_from_db()
    approve_report(report=report, seen_version=report.version, by=people.ha, at=AT)
    reopen_report(report=report, seen_version=report.version, reason="Sửa số", by=people.ha, at=AT)

    asked.refresh_from_db()
    assert (asked.state, asked.is_changeable) == ("answered", False)


# --- When units change ----------------------------------------------------------------------


def who_answers(row):
    """Whoever may answer it; the list and the rule must agree."""
    may = {user for user in User.objects.all() if user.has_perm("reports.answer_proposal", row)}
    for user in User.objects.all():
        in_list = Proposal.objects.addressed_to(answering_branches(user)).filter(pk=row.pk).exists()
        assert in_list == (user in may), user
    return {user.username for user in may}


def test_what_a_unit_asked_goes_with_it_to_the_district_it_moves_to(asked, units, people):
    assert who_answers(asked) == {"ha", "nga"}
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="NQ")

    row = Proposal.objects.get(pk=asked.pk)
    assert row.answering_unit == units.hai_chau
    assert who_answers(row) == {"lan"}
    answer(row, people, by=people.lan)


def test_what_was_asked_of_the_city_stays_with_the_city_when_the_unit_moves(
    report, ask, units, people, written
):
    (row,) = ask(report, "Xin kinh phí", to=units.da_nang)
    hand_in(report, written, people)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="NQ")

    assert who_answers(Proposal.objects.get(pk=row.pk)) == {"binh", "cuc"}


def test_after_a_merger_the_successor_sees_what_is_open_and_its_district_answers(
    asked, form, units, people, report_of, as_person
):
    old = [units.tho_quang, units.man_thai]
    decree = merger(units, people.dung, units.hai_chau, "Sơn Trà", old, date(2021, 3, 1))
    carry_out(decree, people.dung)
    ward, april = opened(decree, "Sơn Trà"), month_of(form, 2021, 4)
    open_period(period=april, by=people.dung, at=moment(2021, 4, 1))

    sheet = as_person("nga").get(reverse("reports:report_edit", args=[report_of(ward, april).pk]))
    assert list(sheet.context["still_waiting"]) == [asked]
    assert "còn chờ Hội LHPN quận Hải Châu" in sheet.content.decode()
    own = as_person("nga").get(reverse("reports:proposal_list"), {"tab": "own"})
    assert texts_of(own) == ["Cấp thêm tài liệu"]
    assert who_answers(Proposal.objects.get(pk=asked.pk)) == {"lan"}
    assert texts_of(as_person("xuan").get(reverse("reports:proposal_list"), {"tab": "own"})) == []


# --- Pages ----------------------------------------------------------------------------------


def test_the_sheet_takes_lines_over_htmx_and_without_script(report, people, as_person, units):
    url = reverse("reports:report_proposals_add", args=[report.pk])
    data = {"kind": "proposal", "lines": "Cấp tài liệu\nTập huấn", "to": units.son_tra.pk}

    part = as_person("hoa").post(url, data, headers={"HX-Request": "true"})
    whole = as_person("hoa").post(url, data | {"lines": "Sửa nhà"})

    assert b"<html" not in part.content and b"\xc4\x90\xc3\xa3 ghi 2" in part.content
    assert whole.status_code == 302
    assert Proposal.objects.count() == 3


def test_what_she_typed_stays_when_it_is_refused(report, as_person, units):
    url = reverse("reports:report_proposals_add", args=[report.pk])
    data = {"kind": "proposal", "lines": "Cấp tài liệu", "to": units.quang_nam.pk}

    for headers in ({}, {"HX-Request": "true"}):
        answered = as_person("hoa").post(url, data, headers=headers)
        assert "Cấp tài liệu</textarea>" in answered.content.decode()
    assert not Proposal.objects.exists()


def test_the_list_shows_each_what_is_hers_to_answer_asked_or_below(
    report, asked, ask, people, as_person, units, january, report_of, written
):
    neighbour = report_of(units.thanh_binh, january)
    add_proposals(
        report=neighbour, kind="proposal", lines=["Của Thanh Bình"], to=units.hai_chau,
        by=people.lan, at=AT,
    )  # fmt: skip
    neighbour.refresh_from_db()
    written(neighbour, people.lan, cuoc=1)
    submit_report(report=neighbour, seen_version=neighbour.version, by=people.lan, at=AT)
    url = reverse("reports:proposal_list")

    assert texts_of(as_person("ha").get(url)) == ["Cấp thêm tài liệu"]
    assert texts_of(as_person("hoa").get(url)) == ["Cấp thêm tài liệu"]
    assert texts_of(as_person("cuc").get(url)) == []
    assert texts_of(as_person("cuc").get(url, {"tab": "all"})) == [
        "Của Thanh Bình", "Cấp thêm tài liệu",
    ]  # fmt: skip
    assert texts_of(as_person("xuan").get(url, {"tab": "all"})) == []
    assert texts_of(as_person("lan").get(url)) == ["Của Thanh Bình"]


def test_above_reads_nothing_of_it_in_the_list_before_the_report_is_in(report, ask, as_person):
    ask(report, "Cấp thêm tài liệu")

    for tab in ("asked", "all"):
        assert texts_of(as_person("ha").get(reverse("reports:proposal_list"), {"tab": tab})) == []


def test_above_reads_nothing_of_it_anywhere_until_the_report_is_in(
    report, ask, written, people, as_person
):
    (row,) = ask(report, "Cấp thêm tài liệu")
    own_page, page_of_report = row.get_absolute_url(), report.get_absolute_url()

    def readers():
        """Of the unit, its district and the city: who reads it on both pages, or on neither."""
        found = set()
        for name in ("hoa", "ha", "cuc"):
            browser = as_person(name)
            status, page = browser.get(own_page).status_code, browser.get(page_of_report)
            is_shown = "Cấp thêm tài liệu" in page.content.decode()
            assert (status, page.status_code) == (200 if is_shown else 403, 200), name
            found |= {name} if is_shown else set()
        return found

    assert readers() == {"hoa"}
    hand_in(report, written, people)
    assert readers() == {"hoa", "ha", "cuc"}
    return_report(report=report, seen_version=report.version, reason="Sửa", by=people.ha, at=AT)
    assert readers() == {"hoa"}
    assert as_person("xuan").get(own_page).status_code == 404


def test_what_was_typed_for_a_report_that_goes_back_meanwhile_stays(
    report, asked, people, as_person
):
    return_report(report=report, seen_version=report.version, reason="Sửa", by=people.ha, at=AT)
    url = reverse("reports:proposal_answer", args=[asked.pk])

    said = as_person("nga").post(url, {"answer": "Sẽ cấp", "version": asked.version})

    page = said.content.decode()
    assert said.status_code == 409
    assert "Sẽ cấp" in page and "Cấp thêm tài liệu" not in page


def test_filters_narrow_the_list_and_open_ones_stand_first(report, ask, written, people, as_person):
    first, second = ask(report, "Một", "Hai")
    ask(report, "Ba", kind="difficulty")
    hand_in(report, written, people)
    answer(first, people)
    ha = as_person("ha")
    url = reverse("reports:proposal_list")

    assert texts_of(ha.get(url)) == ["Hai", "Ba", "Một"]
    assert texts_of(ha.get(url, {"state": "answered"})) == ["Một"]
    assert texts_of(ha.get(url, {"kind": "difficulty"})) == ["Ba"]
    assert texts_of(ha.get(url, {"period": "2021-01", "level": "xa", "q": "tho quang"})) == [
        "Hai", "Ba", "Một",
    ]  # fmt: skip
    assert texts_of(ha.get(url, {"q": "man thai"})) == []


def test_a_stale_answer_stays_on_the_screen_beside_the_one_that_is_saved(asked, people, as_person):
    seen = asked.version
    answer(asked, people)
    url = reverse("reports:proposal_answer", args=[asked.pk])

    response = as_person("nga").post(url, {"answer": "Chưa có tài liệu", "version": seen})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Chưa có tài liệu</textarea>" in page and "Sẽ cấp trong tháng 2" in page


def test_the_page_of_the_day_lists_what_waits_for_an_answer(asked, as_person):
    assert list(as_person("ha").get("/").context["to_answer"]) == [asked]
    for name in ("hoa", "lan", "xuan"):
        assert list(as_person(name).get("/").context["to_answer"]) == []


def test_the_list_asks_as_many_questions_for_many_rows_as_for_few(
    report, ask, written, people, as_person, django_assert_max_num_queries
):
    ask(report, *[f"Việc {number}" for number in range(30)])
    hand_in(report, written, people)
    ha = as_person("ha")

    with django_assert_max_num_queries(16):
        ha.get(reverse("reports:proposal_list"))
