"""The calendar where there is much of it: many forms, many units to give longer, two at one row,
a phase, and a year that nobody has planned."""

from datetime import date

import pytest
import time_machine
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Level
from conftest import person, unit
from programs.models import Program
from reports.models import Extension, Holiday, Notification, Period, ReportForm
from reports.services import (
    ReportError,
    Stale,
    change_period,
    extend_all,
    known_days_off,
    open_period,
    periods,
    plan_phase,
)

from .conftest import moment, month_of
from .test_schedule_views import _bound, address, words

pytestmark = pytest.mark.django_db

AT = moment(2021, 1, 18)


@pytest.fixture(autouse=True)
def january_2021():
    with time_machine.travel("2021-01-18 10:00 +0700", tick=False):
        yield


@pytest.fixture
def crowded(units, form, people):
    """A month that 60 wards of Sơn Trà owe besides the six units of the cast."""
    for number in range(60):
        unit("xa", units.son_tra, f"Số {number}", type="phường")
    period = month_of(form, 2021, 1)
    open_period(period=period, by=people.dung, at=moment(2021, 1, 1))
    return period


def reports_below(period, branch):
    return period.reports.filter(branch__parent=branch)


# --- Many units that owe a report -----------------------------------------------------------


@pytest.mark.parametrize("first", [[], ["tho_quang"]])
def test_a_month_that_few_have_yet_is_opened_without_looking_for_each_units_report(
    form, units, people, first
):
    """On PostgreSQL the look at an almost empty table went through all that the same statement
    had written so far, once for each unit: two minutes for 12,000."""
    period = month_of(form, 2021, 2)
    february = {"period": period, "by": people.dung, "at": moment(2021, 2, 1)}
    open_period(among=[getattr(units, name).pk for name in first], **february)

    with CaptureQueriesContext(connection) as asked:
        made = open_period(**february)

    [written] = [q["sql"] for q in asked if q["sql"].startswith("INSERT INTO reports_report (")]
    assert 0 < made == period.reports.count() - len(first)
    assert "reports_report" not in written.partition("SELECT")[2].replace("reports_reportform", "")
    assert open_period(**february) == 0


def test_a_month_that_many_have_already_gives_the_others_theirs(form, units, people, monkeypatch):
    monkeypatch.setattr(periods, "FEW", 1)
    period = month_of(form, 2021, 2)
    february = {"period": period, "by": people.dung, "at": moment(2021, 2, 1)}
    wards = [units.tho_quang.pk, units.man_thai.pk]

    assert open_period(among=wards, **february) == 2
    rest = open_period(**february)

    assert 0 < rest == period.reports.exclude(branch__in=wards).count()
    assert period.reports.values("branch").distinct().count() == rest + 2


# --- Many units to give longer --------------------------------------------------------------


def test_the_list_of_who_has_not_handed_in_is_paged_and_filtered(crowded, as_person):
    ha, extending = as_person("ha"), address("period_extend", "hvch-thang", "2021-01")

    first = ha.get(extending)
    assert (first.context["count"], len(first.context["form"]["reports"])) == (62, 50)
    assert len(ha.get(extending, {"page": 2}).context["form"]["reports"]) == 12
    assert ha.get(extending, {"q": "tho quang"}).context["count"] == 1
    assert ha.get(extending, {"under": "Sơn Trà"}).context["count"] == 62
    assert ha.get(extending, {"under": "Hải Châu"}).context["count"] == 0
    assert ha.get(extending, {"q": "thanh binh"}).context["count"] == 0, "not hers"


def test_all_that_the_filter_leaves_are_given_longer_at_once(crowded, as_person, units, people):
    extending = address("period_extend", "hvch-thang", "2021-01")
    typed = {"everyone": "on", "until": "2021-01-29", "reason": "mưa lũ", "count": 60}

    done = as_person("ha").post(f"{extending}?q=số", typed, follow=True)

    assert "Đã gia hạn cho 60 đơn vị." in words(done)
    given = reports_below(crowded, units.son_tra).filter(extended_to=date(2021, 1, 29))
    assert (given.count(), Extension.objects.count()) == (60, 60)
    assert not given.filter(branch=units.tho_quang).exists()
    report = given.first()
    assert report.history.first().history_change_reason == "gia hạn: mưa lũ"
    assert Extension.objects.filter(by=people.ha, reason="mưa lũ").count() == 60


def test_the_officers_are_told_and_those_who_handed_in_are_left_out(
    crowded, units, people, approved, report_of
):
    approved(report_of(units.man_thai, crowded), people.nga, people.ha, cuoc=1)
    reports = reports_below(crowded, units.son_tra)

    count = extend_all(
        reports=reports, until=date(2021, 1, 29), reason="mưa lũ", by=people.ha, at=AT,
        seen_count=61,
    )  # fmt: skip

    assert count == 61
    told = Notification.objects.filter(key__startswith="extension:")
    assert [line.recipient for line in told] == [people.hoa]


def test_no_more_are_given_longer_than_she_was_shown(crowded, units, people):
    how = {"reason": "mưa lũ", "by": people.ha, "at": AT}
    reports = reports_below(crowded, units.son_tra)
    with pytest.raises(ReportError, match="Nay có 62"):
        extend_all(reports=reports, until=date(2021, 1, 29), seen_count=50, **how)
    with pytest.raises(ReportError, match="Không còn đơn vị"):
        extend_all(reports=reports, until=date(2021, 1, 20), seen_count=62, **how)
    assert not Extension.objects.exists()


def test_giving_many_longer_writes_each_thing_in_one_statement_however_many_are_told(
    crowded, units, people, monkeypatch
):
    monkeypatch.setattr(periods, "TOLD_IN_ONE_GO", 10)
    last = reports_below(crowded, units.son_tra).order_by("pk").last()
    officer = person("cuoi", "Người Cuối", ("officer", last.branch))

    with CaptureQueriesContext(connection) as asked:
        extend_all(
            reports=reports_below(crowded, units.son_tra), until=date(2021, 1, 29),
            reason="mưa lũ", by=people.ha, at=AT, seen_count=62,
        )  # fmt: skip

    for written in (
        "INSERT INTO reports_extension", "INSERT INTO reports_historicalreport",
        'UPDATE "reports_report"',
    ):  # fmt: skip
        assert sum(written in query["sql"] for query in asked) == 1, written
    assert len(asked) < 50, "seven times who is told"
    told = Notification.objects.filter(key__startswith="extension:")
    assert {line.recipient for line in told} == {people.hoa, people.nga, officer}
    assert last.history.first().history_change_reason == "gia hạn: mưa lũ"
    assert last.history.first().extended_to == date(2021, 1, 29)


# --- Ticked on one page, sent from another --------------------------------------------------


def test_ticks_reason_and_day_stay_when_she_turns_the_page(crowded, as_person, units):
    ha, extending = as_person("ha"), address("period_extend", "hvch-thang", "2021-01")
    first = list(ha.get(extending).context["page_obj"])[3]
    typed = {"reports": [first.pk], "until": "2021-01-29", "reason": "mưa lũ", "page": 1}

    turned = ha.post(extending, typed | {"turn": 2})

    page, form = words(turned), turned.context["form"]
    assert turned.context["page_obj"].number == 2
    assert len(form["reports"]) == 13, "twelve of the page, and the one that was ticked"
    assert form["reports"].value() == [str(first.pk)]
    assert 'value="2021-01-29"' in page and "mưa lũ</textarea>" in page
    assert "Chị chọn ít nhất" not in page and not Extension.objects.exists()

    other = list(turned.context["page_obj"])[0]
    ha.post(extending, typed | {"reports": [first.pk, other.pk], "page": 2})
    assert set(Extension.objects.values_list("report", flat=True)) == {first.pk, other.pk}


def test_after_a_step_the_calendar_opens_on_the_page_of_its_form(form, units, as_person):
    for number in range(12):
        made = ReportForm.objects.create(
            code=f"bm-{number:02}", name=f"Biểu mẫu {number:02}", owner=units.da_nang
        )
        made.levels.set(Level.objects.filter(code="xa"))
    dung = as_person("dung")

    for code in ("bm-00", "bm-11", form.code):
        done = dung.post(address("period_plan", code), {"year": 2021}, follow=True)
        assert code in [board["form"].code for board in done.context["boards"]]
    assert done.context["page_obj"].paginator.num_pages == 2


# --- Many forms -----------------------------------------------------------------------------


def test_the_calendar_is_paged_and_asks_as_much_for_ten_forms_as_for_two(
    january, form, units, as_person, django_assert_max_num_queries
):
    def add(numbers):
        for number in numbers:
            made = ReportForm.objects.create(
                code=f"bm-{number}", name=f"Biểu mẫu {number:02}", owner=units.da_nang
            )
            made.levels.set(Level.objects.filter(code="xa"))
            month_of(made, 2021, 1)

    dung = as_person("dung")
    add([1])
    dung.get(address("period_list"))
    with django_assert_max_num_queries(30) as few:
        dung.get(address("period_list"))
    add(range(2, 15))
    with django_assert_max_num_queries(30) as many:
        page = dung.get(address("period_list"))

    assert len(many) == len(few)
    assert (len(page.context["boards"]), page.context["page_obj"].paginator.count) == (10, 15)


# --- Two administrators at one period -------------------------------------------------------


def test_the_second_who_changes_a_period_is_told_and_keeps_what_she_typed(form, people, as_person):
    period = month_of(form, 2021, 4)
    url = address("period_update", form.code, "2021-04")
    dung = as_person("dung")
    seen = _bound(dung.get(url))
    typed = {name: field.value() or "" for name, field in seen.items()} | {"version": 0}
    dung.post(url, typed | {"due_xa": "2021-04-16"})

    second = dung.post(url, typed | {"due_xa": "2021-04-19"})

    page = words(second)
    assert "Vừa có người khác sửa" in page and "16/04/2021" in page
    assert 'value="2021-04-19"' in page
    assert period.dues.get(level__code="xa").due_on == date(2021, 4, 16)
    dung.post(url, typed | {"due_xa": "2021-04-19", "version": 1})
    assert period.dues.get(level__code="xa").due_on == date(2021, 4, 19)


def test_a_service_that_saw_an_older_period_is_refused(form, people):
    period = month_of(form, 2021, 4)
    how = {"cut_off_on": period.cut_off_on, "opens_on": None, "dues": {}, "by": people.dung}
    change_period(period=period, seen_edits=0, **how)

    with pytest.raises(Stale):
        change_period(period=period, seen_edits=0, **how)


def test_what_was_changed_in_the_administration_is_told_as_well(form, people, rf):
    period = month_of(form, 2021, 4)
    request = rf.post("/admin/")
    request.user = people.dung
    admin.site.get_model_admin(Period).save_model(request, period, None, change=True)

    with pytest.raises(Stale):
        change_period(
            period=period, seen_edits=0, cut_off_on=period.cut_off_on, opens_on=None, dues={},
            by=people.dung,
        )  # fmt: skip


# --- A phase --------------------------------------------------------------------------------


@pytest.fixture
def with_program(form, units):
    form.program = Program.objects.create(
        owner=units.da_nang, name="Hướng về Chi hội", slug="hvch", status="running",
        starts_on=date(2021, 1, 1), ends_on=date(2025, 6, 30),
    )  # fmt: skip
    form.save()
    return form


def test_the_phase_of_a_programme_is_made_in_one_step(with_program, as_person):
    dung, url = as_person("dung"), address("period_phase", with_program.code)
    typed = {name: field.value() for name, field in _bound(dung.get(url)).items()}

    done = dung.post(url, typed, follow=True)

    assert "Đã lập Giai đoạn 2021–2025" in words(done)
    period = Period.objects.get(kind="phase")
    assert (period.starts_on, period.ends_on, period.code, period.opened_at) == (
        date(2021, 1, 1), date(2025, 6, 30), "giai-doan-2021-2025", None,
    )  # fmt: skip
    dues = dict(period.dues.values_list("level__code", "due_on"))
    assert period.ends_on < dues["xa"] < dues["huyen"]
    assert "Biểu mẫu đã có kỳ" in words(dung.post(url, typed))


def test_a_form_of_no_programme_has_no_phase(form, as_person):
    done = as_person("dung").get(address("period_phase", form.code), follow=True)
    assert "không thuộc chương trình nào" in words(done)


def test_a_phase_needs_a_day_for_each_level(form, people):
    with pytest.raises(ReportError, match="chưa có hạn nộp"):
        plan_phase(
            form=form, starts_on=date(2021, 1, 1), ends_on=date(2025, 6, 30),
            cut_off_on=date(2025, 6, 30), dues={}, by=people.dung,
        )  # fmt: skip


# --- A year that nobody has planned ---------------------------------------------------------


def test_days_are_proposed_around_tet_before_the_year_was_planned(db):
    off = known_days_off(date(2026, 2, 1), date(2027, 1, 31))

    assert not off.is_working(date(2026, 2, 17)), "mồng một Tết"
    assert not off.is_working(date(2027, 1, 1))
    assert not Holiday.objects.exists(), "nothing is written by looking"


def test_what_its_administrators_wrote_goes_before(db):
    Holiday.objects.create(day=date(2026, 5, 4), name="Nghỉ bù")
    Holiday.objects.create(day=date(2026, 2, 17), name="Làm bù", is_working=True)

    off = known_days_off(date(2026, 2, 1), date(2026, 12, 31))

    assert not off.is_working(date(2026, 5, 4))
    assert off.is_working(date(2026, 2, 17))


def test_what_is_asked_before_tet_is_due_after_it(form, as_person):
    with time_machine.travel("2026-02-12 10:00 +0700", tick=False):
        page = as_person("binh").get(reverse("reports:period_ask", args=[form.code]))
    assert page.context["form"]["due_huyen"].value() >= date(2026, 2, 23)
