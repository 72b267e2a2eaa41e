"""The calendar as rows: days off, periods by rule and asked for once, opened, given longer."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from branches.models import Branch, Level
from branches.services import close_branch
from conftest import unit
from reports.models import Extension, Holiday, Notification, Period, PeriodRule, Report
from reports.services import (
    ReportError,
    ask_once,
    extend_reports,
    fill_holidays,
    keep_calendar,
    open_period,
    plan_year,
    submit_nothing,
)

from .conftest import moment, month_of

pytestmark = pytest.mark.django_db
Status = Report.Status


def level(code):
    return Level.objects.get(code=code)


def rule(form, kind="month", *, cut_off=(0, 14), dues, **fields):
    made = PeriodRule.objects.create(
        form=form, kind=kind, cut_off_months=cut_off[0], cut_off_day=cut_off[1], **fields
    )
    for code, (months, day) in dues.items():
        made.dues.create(level=level(code), months=months, day=day)
    return made


@pytest.fixture
def monthly(form):
    dues = {"xa": (0, 15), "huyen": (0, 18), "truc_thuoc": (0, 18)}
    return rule(form, first_day=15, dues=dues)


def dues_of(period):
    return dict(period.dues.values_list("level__code", "due_on"))


# --- Days off -------------------------------------------------------------------------------


def test_the_holidays_of_2026_know_tet_the_exchanged_day_and_its_saturday(db):
    assert fill_holidays(2026) > 0
    days = dict(Holiday.objects.values_list("day", "is_working"))
    tet = [date(2026, 2, day) for day in range(16, 21)]
    for day in [*tet, date(2026, 4, 27), date(2026, 4, 30), date(2026, 9, 2), date(2026, 8, 31)]:
        assert days[day] is False
    assert days[date(2026, 8, 22)] is True


def test_what_an_administrator_has_written_stays_and_the_rest_is_filled_in(db):
    Holiday.objects.create(day=date(2026, 2, 20), name="Làm việc", is_working=True)
    assert fill_holidays(2026) > 10
    assert Holiday.objects.get(day=date(2026, 2, 20)).is_working
    assert fill_holidays(2026) == 0


# --- By rule --------------------------------------------------------------------------------


def test_a_rule_makes_twelve_months_from_the_15th_with_a_day_for_each_level(form, monthly, people):
    made = plan_year(form=form, year=2026, by=people.dung)
    assert len(made) == 12
    march = form.periods.get(code="2026-03")
    assert (march.starts_on, march.ends_on) == (date(2026, 2, 15), date(2026, 3, 14))
    assert march.cut_off_on == date(2026, 3, 14)  # a Saturday: figures are cut all the same
    assert dues_of(march) == {
        "xa": date(2026, 3, 16),  # the 15th is a Sunday
        "huyen": date(2026, 3, 18),
        "truc_thuoc": date(2026, 3, 18),
    }
    assert march.opened_at is None and not march.reports.exists()
    assert march.history.get().history_user == people.dung


def test_deadlines_move_off_tet(form, monthly, people):
    plan_year(form=form, year=2026, by=people.dung)
    february = form.periods.get(code="2026-02")
    # Wished for the 15th and the 18th: Tết lasts from the 16th to the 20th, then a weekend.
    assert dues_of(february)["xa"] == date(2026, 2, 23)
    assert dues_of(february)["huyen"] == date(2026, 2, 24)  # a working day after the communes
    assert all(day >= february.cut_off_on for day in dues_of(february).values())


def test_planning_a_year_twice_leaves_what_is_there(form, monthly, people):
    plan_year(form=form, year=2026, by=people.dung)
    june = form.periods.get(code="2026-06")
    june.dues.update(due_on=date(2026, 6, 1))
    assert plan_year(form=form, year=2026, by=people.dung) == []
    assert set(dues_of(june).values()) == {date(2026, 6, 1)}


def test_a_year_may_cut_its_figures_on_30_november_and_be_due_in_december(form, people):
    rule(
        form,
        "year",
        cut_off=(-1, 30),
        dues={"xa": (0, 5), "huyen": (0, 10), "truc_thuoc": (0, 10)},
    )
    (year,) = plan_year(form=form, year=2027, by=people.dung)
    assert year.cut_off_on == date(2027, 11, 30)
    assert dues_of(year)["huyen"] == date(2027, 12, 10)
    assert dues_of(year)["xa"] == date(2027, 12, 6)  # the 5th is a Sunday


def test_a_form_without_a_rule_says_what_to_do_first(form, people):
    with pytest.raises(ReportError, match="chưa có lịch"):
        plan_year(form=form, year=2026, by=people.dung)


def test_a_rule_that_forgets_a_level_makes_nothing(form, people):
    rule(form, dues={"xa": (0, 15)})
    with pytest.raises(ReportError, match="chưa có hạn nộp"):
        plan_year(form=form, year=2026, by=people.dung)
    assert not form.periods.exists()


def test_a_month_asked_by_hand_is_not_made_again_by_the_rule(january, form, monthly, people):
    monthly.first_day = 1
    monthly.save()
    made = plan_year(form=form, year=2021, by=people.dung)
    assert "2021-01" not in [period.code for period in made]
    assert len(made) == 11


# --- Opened by the day -----------------------------------------------------------------------


def test_a_period_opens_by_itself_on_its_day_and_not_before(form, monthly, people):
    monthly.opens_before = 10
    monthly.save()
    plan_year(form=form, year=2026, by=people.dung)
    march = form.periods.get(code="2026-03")
    assert march.opens_on == date(2026, 3, 4)
    assert keep_calendar(date(2026, 3, 3), moment(2026, 3, 3))[0] == 0
    opened, _, _ = keep_calendar(date(2026, 3, 4), moment(2026, 3, 4))
    march.refresh_from_db()
    assert opened == 1 and march.opened_at == moment(2026, 3, 4)
    # January and February are over: whoever planned the year in March did not mean these.
    assert form.periods.exclude(opened_at=None).get() == march
    assert march.reports.count() == 6
    assert march.reports.first().events.get().by is None


def test_a_unit_that_opens_later_in_the_month_owes_a_report_from_the_next_day(
    january, units, people
):
    new = unit("xa", units.son_tra, "Nại Hiên Đông", "phường")
    assert not january.reports.filter(branch=new).exists()
    assert keep_calendar(date(2021, 1, 12), moment(2021, 1, 12)) == (0, 1, 0)
    report = january.reports.get(branch=new)
    assert report.reviewer_branch == units.son_tra
    assert report.due_on == date(2021, 1, 22)  # ten days to write, never overdue at birth
    assert report.history.count() == 1
    assert keep_calendar(date(2021, 1, 13), moment(2021, 1, 13)) == (0, 0, 0)


def test_a_period_that_cannot_be_opened_hinders_no_other(form, monthly, people, caplog):
    monthly.opens_before = 40
    monthly.save()
    plan_year(form=form, year=2026, by=people.dung)
    form.periods.get(code="2026-03").dues.filter(level=level("xa")).delete()
    keep_calendar(date(2026, 3, 10), moment(2026, 3, 10))
    assert form.periods.exclude(opened_at=None).get().code == "2026-04"
    assert "chưa có hạn nộp" in caplog.text


def test_a_unit_ended_without_a_decree_after_the_period_is_reviewed_by_the_unit_above_it(
    form, units, people
):
    period = month_of(form, 2021, 4)
    Branch.objects.filter(pk=units.tho_quang.pk).update(closed_on=date(2021, 5, 1))
    open_period(period=period, by=people.dung, at=moment(2021, 5, 2))
    assert period.reports.get(branch=units.tho_quang).reviewer_branch == units.son_tra


def test_who_is_writing_goes_on_while_she_is_given_longer(
    january, units, people, written, report_of
):
    report = report_of(units.tho_quang, january)
    written(report, people.hoa, cuoc=3)
    longer(report, people.ha)
    written(report, people.hoa, cuoc=4)  # with the version that she saw before
    assert report.figures.get(indicator__code="cuoc").value == 4


def test_a_unit_that_ends_in_the_month_owes_nothing_any_more(january, units, people, report_of):
    close_branch(
        branch=units.cong_an, closed_on=date(2021, 1, 20), by=people.dung, reason="giải thể"
    )
    assert keep_calendar(date(2021, 1, 21), moment(2021, 1, 21)) == (0, 0, 1)
    report = report_of(units.cong_an, january)
    assert report.status == Status.LAPSED
    assert report.events.last().reason == "đơn vị đã kết thúc hoạt động"


def test_what_an_ended_unit_had_begun_stays(january, units, people, written, report_of):
    report = report_of(units.cong_an, january)
    written(report, people.dung, cuoc=3)
    close_branch(
        branch=units.cong_an, closed_on=date(2021, 1, 20), by=people.dung, reason="giải thể"
    )
    keep_calendar(date(2021, 1, 21), moment(2021, 1, 21))
    assert report_of(units.cong_an, january).status == Status.DRAFT


def test_the_rows_of_an_opened_period_are_whole(january, units, people):
    report = january.reports.get(branch=units.tho_quang)
    assert (report.status, report.version, report.nothing_to_report) == ("not_begun", 1, False)
    assert (report.results, report.extended_to, report.first_submitted_on) == ("", None, None)
    assert report.branch_path == units.tho_quang.path
    event = report.events.get()
    assert (event.kind, event.by, event.at) == ("opened", people.dung, moment(2021, 1, 1))
    assert (event.snapshot, event.digest, event.reason) == ({}, "", "")
    first = report.history.get()
    assert (first.history_type, first.history_user) == ("+", people.dung)
    assert first.history_change_reason == "mở kỳ báo cáo"
    assert first.due_on == report.due_on


# --- Asked for once ---------------------------------------------------------------------------


def asked(form, by, **changes):
    facts = {
        "label": "Báo cáo nhanh sau bão số 5",
        "starts_on": date(2021, 3, 1),
        "ends_on": date(2021, 3, 10),
        "cut_off_on": date(2021, 3, 10),
        "dues": {
            level("xa"): date(2021, 3, 11),
            level("huyen"): date(2021, 3, 12),
            level("truc_thuoc"): date(2021, 3, 12),
        },
    } | changes
    return ask_once(form=form, by=by, at=moment(2021, 3, 10), **facts)


def test_what_is_asked_for_once_is_owed_at_once(form, people, units):
    period, made = asked(form, people.dung)
    assert made == 6
    assert (period.kind, period.code) == ("ad_hoc", "dot-xuat-210310")
    assert period.reports.get(branch=units.tho_quang).due_on == date(2021, 3, 11)


def test_two_questions_of_one_day_are_two_periods(form, people):
    first, _ = asked(form, people.dung)
    second, _ = asked(form, people.dung, label="Số liệu đại hội")
    assert first.code != second.code
    assert Period.objects.filter(form=form, kind="ad_hoc").count() == 2


def test_the_button_pressed_twice_asks_once(form, people):
    asked(form, people.dung)
    with pytest.raises(ReportError, match="đã yêu cầu báo cáo với tên này"):
        asked(form, people.dung)
    assert Period.objects.filter(form=form, kind="ad_hoc").count() == 1


def test_what_was_asked_for_once_is_no_part_of_the_next_question(form, people):
    asked(form, people.dung)
    second, _ = asked(form, people.dung, label="Sau bão số 6", ends_on=date(2021, 3, 11))
    assert list(second.up_to_here()) == [second]
    assert second.previous() is None


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"dues": {}}, "chưa có hạn nộp"),
        ({"ends_on": date(2021, 2, 1)}, "Ngày cuối kỳ phải sau ngày đầu kỳ"),
    ],
)
def test_a_question_that_cannot_be_answered_is_not_asked(form, people, changes, sentence):
    with pytest.raises((ReportError, ValidationError), match=sentence):
        asked(form, people.dung, **changes)
    assert not Period.objects.filter(form=form, kind="ad_hoc").exists()


def test_nobody_is_asked_for_yesterday(form, people):
    yesterday = dict.fromkeys(form.levels.all(), date(2021, 3, 9))
    with pytest.raises(ReportError, match="Hạn nộp đã qua"):
        asked(form, people.dung, dues=yesterday)


# --- Given longer ------------------------------------------------------------------------------


def longer(report, by, *, until=date(2021, 1, 27), reason="mất điện sau bão", day=19):
    return extend_reports(
        reports=[report], until=until, reason=reason, by=by, at=moment(2021, 1, day)
    )


def test_given_longer_the_due_date_stays_and_she_is_not_late(january, units, people, report_of):
    report = report_of(units.tho_quang, january)
    longer(report, people.ha)
    report = report_of(units.tho_quang, january)
    assert (report.due_on, report.last_day) == (date(2021, 1, 20), date(2021, 1, 27))
    assert not report.is_overdue(date(2021, 1, 27)) and report.is_overdue(date(2021, 1, 28))
    submit_nothing(
        report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 26)
    )
    assert report.days_late == 0
    assert not Report.objects.late().filter(pk=report.pk).exists()


def test_the_neighbour_is_late_all_the_same(january, units, people, report_of):
    longer(report_of(units.tho_quang, january), people.ha)
    neighbour = report_of(units.man_thai, january)
    submit_nothing(
        report=neighbour, seen_version=neighbour.version, by=people.dung, at=moment(2021, 1, 26)
    )
    assert list(Report.objects.late()) == [neighbour]
    overdue = Report.objects.overdue_on(date(2021, 1, 26))
    assert report_of(units.tho_quang, january) not in overdue


def test_who_was_given_longer_hears_of_it_and_the_row_says_who_and_why(
    january, units, people, report_of
):
    report = report_of(units.tho_quang, january)
    (row,) = longer(report, people.ha)
    assert (row.by, row.reason, row.until) == (people.ha, "mất điện sau bão", date(2021, 1, 27))
    told = Notification.objects.get(recipient=people.hoa, key__startswith="extension:")
    assert "được gia hạn đến 27/01/2021: mất điện sau bão" in told.text
    assert not Notification.objects.filter(
        recipient=people.nga, key__startswith="extension:"
    ).exists()


def test_the_last_extension_counts_and_the_first_stays(january, units, people, report_of):
    report = report_of(units.tho_quang, january)
    longer(report, people.ha)
    longer(report, people.ha, until=date(2021, 2, 2), reason="vẫn mất điện", day=27)
    report = report_of(units.tho_quang, january)
    assert report.last_day == date(2021, 2, 2)
    assert Extension.objects.filter(report=report).count() == 2


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"reason": "  "}, "lý do gia hạn"),
        ({"until": date(2021, 1, 18)}, "đã qua"),
        ({"until": date(2021, 1, 20)}, "phải sau hạn nộp 20/01/2021"),
    ],
)
def test_an_extension_that_makes_no_sense_changes_nothing(
    january, units, people, report_of, changes, sentence
):
    with pytest.raises(ReportError, match=sentence):
        longer(report_of(units.tho_quang, january), people.ha, **changes)
    assert report_of(units.tho_quang, january).extended_to is None
    assert not Extension.objects.exists()


def test_what_is_handed_in_needs_no_longer(january, units, people, report_of):
    report = report_of(units.tho_quang, january)
    submit_nothing(
        report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18)
    )
    with pytest.raises(ReportError, match="không còn nợ"):
        longer(report, people.ha)


def test_opening_again_after_an_extension_changes_no_day(january, units, people, report_of):
    longer(report_of(units.tho_quang, january), people.ha)
    open_period(period=january, by=people.dung, at=moment(2021, 1, 21))
    assert report_of(units.tho_quang, january).last_day == date(2021, 1, 27)
    assert report_of(units.man_thai, january).last_day == date(2021, 1, 20)


def test_a_month_has_as_many_working_days_as_the_table_leaves(db):
    fill_holidays(2026)
    february = Holiday.objects.days_off(date(2026, 2, 1), date(2026, 2, 28))
    days = [date(2026, 2, 1) + timedelta(days=n) for n in range(28)]
    assert sum(map(february.is_working, days)) == 15
