"""Giao ban: meetings, conclusions with who and until when, and the papers for a meeting."""

from datetime import date

import pytest
from django.urls import reverse

from branches.models import Position
from reports.models import Briefing, Conclusion, Notification, Outbox
from reports.services import (
    ReportError,
    Stale,
    add_proposals,
    finish_conclusion,
    remove_briefing,
    remove_conclusion,
    reopen_conclusion,
    return_report,
    submit_report,
    write_briefing,
    write_conclusion,
    write_letters,
)
from reports.views import briefings

from .conftest import moment

pytestmark = pytest.mark.django_db

AT = moment(2021, 3, 3)


@pytest.fixture
def meet(people, units):
    def write(day=date(2021, 3, 3), branch=None, **texts):
        facts = {"period": None, "agenda": "Kiểm điểm tháng 2", "present": "", "notes": ""}
        return write_briefing(
            briefing=Briefing(branch=branch or units.son_tra), held_on=day, by=people.ha, at=AT,
            **facts | texts,
        )  # fmt: skip

    return write


@pytest.fixture
def conclude(people, units):
    def write(briefing, text="Nộp danh sách", unit=units.tho_quang, who="", due=date(2021, 3, 10)):
        return write_conclusion(
            conclusion=Conclusion(briefing=briefing), text=text, unit=unit, who=who, due_on=due,
            by=people.ha, at=AT,
        )  # fmt: skip

    return write


def finish(conclusion, by, word="Đã nộp"):
    return finish_conclusion(
        conclusion=conclusion, seen_version=conclusion.version, word=word, by=by, at=AT
    )


# --- Writing --------------------------------------------------------------------------------


def test_a_conclusion_says_who_and_until_when_and_the_unit_is_told(meet, conclude, people):
    conclusion = conclude(meet())

    assert conclusion.responsible == "Hội LHPN phường Thọ Quang"
    told = Notification.objects.filter(key__startswith="conclusion:")
    assert [line.recipient for line in told] == [people.hoa]
    assert "đến ngày 10/03/2021" in told.get().text


def test_whose_position_has_ended_gets_no_letter_of_a_conclusion(meet, conclude, people, units):
    conclude(meet())
    assert Notification.objects.get(recipient=people.hoa).about == units.tho_quang
    Position.objects.filter(user=people.hoa).update(ended_on=date(2021, 3, 4))

    write_letters(date(2021, 3, 4), moment(2021, 3, 4))

    assert not Outbox.objects.filter(recipient=people.hoa).exists()


def test_the_same_meeting_sent_twice_in_a_minute_is_one(meet, people):
    first, again = meet(), meet()

    assert first.pk == again.pk
    assert meet(agenda="Việc khác").pk != first.pk
    assert Briefing.objects.count() == 2


def test_a_meeting_written_by_mistake_goes_with_its_conclusions_and_is_kept_in_history(
    meet, conclude, as_person
):
    meeting = meet()
    conclusion = conclude(meeting)
    url = reverse("reports:briefing_remove", args=[meeting.pk])

    as_person("ha").post(url, {"version": 0})
    assert Briefing.objects.filter(pk=meeting.pk).exists(), "somebody changed it meanwhile"
    as_person("ha").post(url, {"version": 1})

    assert not Briefing.objects.exists() and not Conclusion.objects.exists()
    for model, row in ((Briefing, meeting), (Conclusion, conclusion)):
        gone = model.history.filter(id=row.pk).first()
        assert (gone.history_type, gone.history_change_reason) == ("-", "bỏ cuộc giao ban")


def test_a_meeting_of_which_something_is_done_stays(meet, conclude, people):
    meeting = meet()
    conclude(meeting, "Chưa làm")
    finish(conclude(meeting), people.hoa)

    with pytest.raises(ReportError, match="đã xong"):
        remove_briefing(briefing=meeting, seen_version=1, by=people.ha, at=AT)
    assert Conclusion.objects.count() == 2


def test_a_conclusion_whose_unit_stands_elsewhere_by_now_can_still_be_put_right(
    meet, conclude, as_person, units
):
    conclusion = conclude(meet())
    units.tho_quang.parent = units.hoi_an
    units.tho_quang.save()
    url = reverse("reports:conclusion_update", args=[conclusion.pk])
    typed = {"text": "Nộp danh sách hội viên", "unit": units.tho_quang.pk, "version": 1}

    as_person("ha").post(url, typed)
    conclusion.refresh_from_db()
    assert (conclusion.text, conclusion.unit) == ("Nộp danh sách hội viên", units.tho_quang)

    refused = as_person("ha").post(url, typed | {"unit": units.hoi_an.pk, "version": 2})
    assert refused.status_code == 200
    conclusion.refresh_from_db()
    assert conclusion.unit == units.tho_quang


def test_somebody_must_be_named_for_it(meet, conclude):
    meeting = meet()

    assert conclude(meeting, unit=None, who="Ban Tổ chức").responsible == "Ban Tổ chức"
    with pytest.raises(ReportError, match="ai làm"):
        conclude(meeting, unit=None, who="")


def test_work_is_given_to_ones_own_unit_and_those_below_alone(meet, conclude, units):
    meeting = meet()
    conclude(meeting, unit=units.son_tra)

    for other in (units.da_nang, units.thanh_binh, units.quang_nam):
        with pytest.raises(ReportError, match="cấp dưới"):
            conclude(meeting, unit=other)


def test_done_says_who_when_and_how_and_can_be_taken_back(meet, conclude, people):
    conclusion = conclude(meet())

    finish(conclusion, people.hoa)
    assert (conclusion.done_on, conclusion.done_by, conclusion.done_word) == (
        date(2021, 3, 3), people.hoa, "Đã nộp",
    )  # fmt: skip
    with pytest.raises(ReportError, match="đã xong"):
        remove_conclusion(
            conclusion=conclusion, seen_version=conclusion.version, by=people.ha, at=AT
        )
    conclusion.refresh_from_db()
    reopen_conclusion(conclusion=conclusion, seen_version=conclusion.version, by=people.ha, at=AT)
    assert (conclusion.done_on, conclusion.done_by, conclusion.done_word) == (None, None, "")


def test_of_two_who_finish_it_the_second_is_told(meet, conclude, people):
    conclusion = conclude(meet())
    mine = Conclusion.objects.get(pk=conclusion.pk)
    finish(conclusion, people.hoa)

    with pytest.raises(Stale):
        finish(mine, people.ha)


# --- Pages ----------------------------------------------------------------------------------


def test_open_conclusions_of_earlier_meetings_stand_on_top_of_the_next(
    meet, conclude, as_person, people, units
):
    first = meet(date(2021, 2, 3))
    left, done = conclude(first, "Chưa làm"), conclude(first, "Đã làm")
    finish(done, people.hoa)
    elsewhere = meet(date(2021, 2, 3), branch=units.da_nang)
    conclude(elsewhere, "Của thành phố")
    next_one = meet(date(2021, 3, 3))

    page = as_person("ha").get(next_one.get_absolute_url())

    assert list(page.context["left"]) == [left]
    assert list(as_person("ha").get(first.get_absolute_url()).context["left"]) == []


def test_a_unit_below_reads_its_conclusion_and_not_the_meeting(meet, conclude, as_person, units):
    meeting = meet(agenda="Việc nội bộ", notes="Ghi riêng")
    hers, other = conclude(meeting), conclude(meeting, "Của Mân Thái", unit=units.man_thai)
    hoa = as_person("hoa")

    assert hoa.get(meeting.get_absolute_url()).status_code == 404
    assert hoa.get(other.get_absolute_url()).status_code == 404
    page = hoa.get(hers.get_absolute_url()).content.decode()
    assert "Nộp danh sách" in page and "Việc nội bộ" not in page
    for name in ("lan", "xuan", "mai"):
        assert as_person(name).get(hers.get_absolute_url()).status_code == 404


def test_what_a_conclusion_said_before_is_not_shown_to_the_unit_now_named(
    meet, conclude, as_person, people, units
):
    conclusion = conclude(meet(), "Chuyện của Mân Thái", unit=units.man_thai)
    write_conclusion(
        conclusion=conclusion, text="Nộp danh sách", unit=units.tho_quang, who="", due_on=None,
        by=people.ha, at=AT, seen_version=1,
    )  # fmt: skip

    def page(name):
        return as_person(name).get(conclusion.get_absolute_url()).content.decode()

    assert "Chuyện của Mân Thái" in page("ha")
    assert "Nộp danh sách" in page("hoa") and "Mân Thái" not in page("hoa")


def test_what_is_due_stands_on_the_page_of_the_day_of_who_answers_for_it(
    meet, conclude, as_person, people
):
    meeting = meet()
    hers = conclude(meeting)
    own = conclude(meeting, "Việc của quận", unit=None, who="Văn phòng")

    def seen(name):
        return list(as_person(name).get("/").context["to_do"])

    assert seen("hoa") == [hers]
    assert seen("ha") == [own]
    assert seen("an") == seen("lan") == seen("xuan") == []
    finish(hers, people.hoa)
    assert seen("hoa") == []


def test_what_is_due_later_waits_in_the_list(meet, conclude, as_person):
    late = conclude(meet(), due=date(2999, 1, 1))

    assert list(as_person("hoa").get("/").context["to_do"]) == []
    rows = as_person("hoa").get(reverse("reports:conclusion_list")).context["page_obj"]
    assert list(rows) == [late]


def test_writing_a_meeting_and_its_conclusion_on_the_pages(as_person, units):
    ha = as_person("ha")
    ha.post(
        reverse("reports:briefing_create", args=[units.son_tra.slug]),
        {"held_on": "2021-03-03", "agenda": "Kiểm điểm"},
    )
    meeting = Briefing.objects.get()
    add = reverse("reports:briefing_conclusion_add", args=[meeting.pk])
    refused = ha.post(add, {"text": "Nộp danh sách", "who": ""})
    ha.post(add, {"text": "Nộp danh sách", "unit": units.tho_quang.pk, "due_on": "2021-03-10"})

    assert "Nộp danh sách</textarea>" in refused.content.decode()
    assert (meeting.branch, meeting.agenda) == (units.son_tra, "Kiểm điểm")
    assert meeting.conclusions.get().unit == units.tho_quang


def test_what_the_second_typed_stays_beside_what_the_first_saved(meet, as_person, people):
    meeting = meet()
    write_briefing(
        briefing=Briefing.objects.get(), held_on=meeting.held_on, period=None, present="",
        notes="", agenda="Của người thứ nhất", by=people.nga, at=AT, seen_version=1,
    )  # fmt: skip

    page = as_person("ha").post(
        reverse("reports:briefing_update", args=[meeting.pk]),
        {"held_on": "2021-03-03", "agenda": "Của người thứ hai", "version": 1},
    ).content.decode()  # fmt: skip

    assert "Của người thứ nhất" in page and "Của người thứ hai</textarea>" in page


# --- The papers for a meeting ---------------------------------------------------------------


def test_the_papers_hold_who_is_late_what_is_new_what_waits_and_what_is_left(
    january, meet, conclude, as_person, units, people, report_of, written
):
    report = report_of(units.tho_quang, january)
    how = {"report": report, "to": units.son_tra, "by": people.hoa, "at": moment(2021, 1, 18)}
    add_proposals(kind="difficulty", lines=["Mưa nhiều"], **how)
    add_proposals(kind="proposal", lines=["Cấp tài liệu"], **how)
    report.refresh_from_db()
    written(report, people.hoa, cuoc=1)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=how["at"])
    left = conclude(meet(date(2021, 1, 3)))
    url = reverse("reports:briefing_pack", args=[units.son_tra.slug])

    page = as_person("ha").get(url, {"on": "2021-02-03"}).context

    assert [r.branch for r in page["late"]] == [units.man_thai]
    assert [row["late"] for row in page["late_periods"]] == [1]
    assert [row.text for row in page["difficulties"]] == ["Mưa nhiều"]
    assert sorted(row.text for row in page["waiting"]) == ["Cấp tài liệu", "Mưa nhiều"]
    assert list(page["left"]) == [left]
    assert list(as_person("ha").get(url, {"on": "2021-01-19"}).context["late"]) == []


def test_difficulties_that_an_earlier_meeting_saw_are_not_new(
    january, meet, as_person, units, people, report_of, written
):
    report = report_of(units.tho_quang, january)
    add_proposals(
        report=report, kind="difficulty", lines=["Mưa nhiều"], to=units.son_tra, by=people.hoa,
        at=moment(2021, 1, 18),
    )  # fmt: skip
    report.refresh_from_db()
    written(report, people.hoa, cuoc=1)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18))
    meet(date(2021, 1, 20))
    url = reverse("reports:briefing_pack", args=[units.son_tra.slug])

    page = as_person("ha").get(url, {"on": "2021-02-03"}).context

    assert list(page["difficulties"]) == []
    assert [row.text for row in page["waiting"]] == ["Mưa nhiều"]


@pytest.fixture
def rained(january, units, people, report_of, written):
    """A difficulty of Thọ Quang, handed in on 18 January."""
    report, at = report_of(units.tho_quang, january), moment(2021, 1, 18)
    hand_in(written(report, people.hoa, cuoc=1), people, units, "Mưa nhiều", at)
    return report


def hand_in(report, people, units, line, at):
    add_proposals(
        report=report, kind="difficulty", lines=[line], to=units.son_tra, by=people.hoa, at=at
    )
    report.refresh_from_db()
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=at)


def new_difficulties(as_person, units, day="2021-02-03"):
    url = reverse("reports:briefing_pack", args=[units.son_tra.slug])
    return as_person("ha").get(url, {"on": day}).context["difficulties"]


def test_what_came_on_the_day_of_the_meeting_before_is_in_the_papers(
    rained, meet, as_person, units
):
    meet(date(2021, 1, 18))

    assert [row.text for row in new_difficulties(as_person, units)] == ["Mưa nhiều"]


def test_what_was_added_after_a_return_is_new_and_what_stood_there_is_not(
    rained, meet, as_person, units, people
):
    meet(date(2021, 1, 20))
    return_report(
        report=rained, seen_version=rained.version, reason="Thiếu", by=people.ha,
        at=moment(2021, 1, 25),
    )  # fmt: skip
    hand_in(rained, people, units, "Thiếu máy tính", moment(2021, 1, 26))

    assert [row.text for row in new_difficulties(as_person, units)] == ["Thiếu máy tính"]
    assert new_difficulties(as_person, units, "2021-01-25") == []


def test_papers_say_how_many_more_there_are_than_they_list(
    rained, meet, as_person, units, people, monkeypatch
):
    return_report(
        report=rained, seen_version=rained.version, reason="Thiếu", by=people.ha,
        at=moment(2021, 1, 19),
    )  # fmt: skip
    hand_in(rained, people, units, "Thiếu máy tính", moment(2021, 1, 19))
    monkeypatch.setattr(briefings, "MOST", 1)

    url = reverse("reports:briefing_pack", args=[units.son_tra.slug])
    page = as_person("ha").get(url, {"on": "2021-02-03"}).content.decode()

    assert "Còn 1 khó khăn nữa" in page and "Còn 1 mục nữa" in page
    assert "tab=all&amp;kind=difficulty" in page
    assert "quá hạn nữa" not in page, "only Mân Thái is late"


def test_lists_and_papers_ask_a_constant_number_of_questions(
    january, meet, conclude, as_person, units, django_assert_max_num_queries
):
    for day in range(1, 20):
        conclude(meet(date(2021, 2, day)))
    ha = as_person("ha")

    with django_assert_max_num_queries(12):
        ha.get(reverse("reports:briefing_list"))
    with django_assert_max_num_queries(20):
        ha.get(reverse("reports:briefing_pack", args=[units.son_tra.slug]), {"on": "2021-03-03"})
