"""The pages of the calendar, as those see them who plan, ask, extend or only read."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from reports.models import Extension, Holiday, Period, PeriodRule

from .test_periods import level, rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def january_2021():
    with time_machine.travel("2021-01-18 10:00 +0700", tick=False):
        yield


@pytest.fixture
def monthly(form):
    dues = {"xa": (0, 20), "huyen": (0, 25), "truc_thuoc": (0, 25)}
    return rule(form, cut_off=(0, 15), dues=dues)


def address(name, *args):
    return reverse(f"reports:{name}", args=args)


def words(response):
    return " ".join(response.content.decode().split())


def test_an_officer_reads_when_her_reports_are_due_and_has_nothing_to_press(
    january, units, people, as_person
):
    page = words(as_person("hoa").get(address("period_list")))
    assert "Tháng 1/2021" in page and "20/01/2021" in page and "0/1 đơn vị" in page
    for verb in ("Mở kỳ", "Lập các kỳ", "Gia hạn", "đột xuất"):
        assert verb not in page


def test_the_neighbour_province_sees_nothing_of_the_form(january, people, as_person):
    page = words(as_person("xuan").get(address("period_list")))
    assert "Hướng về Chi hội" not in page
    for name, args in (
        ("period_ask", ["hvch-thang"]),
        ("period_extend", ["hvch-thang", "2021-01"]),
        ("period_update", ["hvch-thang", "2021-01"]),
    ):
        assert as_person("xuan").get(address(name, *args)).status_code == 404


def test_the_administrator_plans_a_year_and_opens_a_month_of_it(form, monthly, people, as_person):
    client = as_person("dung")
    done = client.post(address("period_plan", form.code), {"year": "2021"}, follow=True)
    assert "Đã lập 12 kỳ của năm 2021." in words(done)
    assert Holiday.objects.filter(day=date(2021, 2, 12)).exists()
    done = client.post(address("period_open", form.code, "2021-03"), follow=True)
    assert "Đã mở Tháng 3/2021: giao 6 báo cáo." in words(done)
    again = client.post(address("period_plan", form.code), {"year": "2021"}, follow=True)
    assert "Năm 2021 đã đủ kỳ." in words(again)


def test_a_year_that_is_none_is_refused_with_a_sentence(form, monthly, people, as_person):
    for typed in ("", "hai nghìn", "99999"):
        done = as_person("dung").post(
            address("period_plan", form.code), {"year": typed}, follow=True
        )
        assert "Chị chọn năm từ 2000 đến 2100." in words(done)
    assert not Period.objects.exists()
    assert as_person("dung").get(address("period_list") + "?year=x").status_code == 200


@pytest.mark.parametrize("name", ["hoa", "ha", "binh", "cuc"])
def test_only_the_administrator_plans_opens_and_changes_days(
    form, monthly, january, people, as_person, name
):
    client = as_person(name)
    assert client.post(address("period_plan", form.code), {"year": "2021"}).status_code == 403
    assert client.post(address("period_open", form.code, "2021-01")).status_code == 403
    assert client.get(address("period_update", form.code, "2021-01")).status_code == 403


def test_days_are_changed_until_the_period_opens(form, monthly, people, as_person):
    client = as_person("dung")
    client.post(address("period_plan", form.code), {"year": "2021"})
    page = client.get(address("period_update", form.code, "2021-04"))
    typed = {name: field.value() for name, field in _bound(page).items()} | {
        "due_xa": "2021-04-16",
        "opens_on": "2021-04-01",
        "version": 0,
    }
    client.post(address("period_update", form.code, "2021-04"), typed)
    april = form.periods.get(code="2021-04")
    assert april.opens_on == date(2021, 4, 1)
    assert april.dues.get(level=level("xa")).due_on == date(2021, 4, 16)
    assert april.dues.get(level=level("xa")).history.first().history_user == people.dung
    client.post(address("period_open", form.code, "2021-04"))
    done = client.post(address("period_update", form.code, "2021-04"), typed, follow=True)
    assert "đã mở nên hạn nộp không đổi nữa" in words(done)


def _bound(page):
    form = page.context["form"]
    return {name: form[name] for name in form.fields}


def test_a_deadline_before_the_cut_off_is_pointed_at(form, monthly, people, as_person):
    client = as_person("dung")
    client.post(address("period_plan", form.code), {"year": "2021"})
    page = client.get(address("period_update", form.code, "2021-04"))
    typed = {name: field.value() or "" for name, field in _bound(page).items()}
    page = client.post(
        address("period_update", form.code, "2021-04"),
        typed | {"due_xa": "2021-04-14", "version": 0},
    )
    assert "Hạn nộp phải từ ngày chốt số liệu trở đi." in words(page)
    assert form.periods.get(code="2021-04").dues.get(level=level("xa")).due_on > date(2021, 4, 14)


def test_the_reviewer_of_the_city_asks_for_once_with_one_click(form, people, as_person):
    client = as_person("binh")
    page = client.get(address("period_ask", form.code))
    typed = {name: field.value() for name, field in _bound(page).items()}
    done = client.post(address("period_ask", form.code), typed, follow=True)
    assert "Đã yêu cầu 6 đơn vị báo cáo: Đột xuất ngày 18/01/2021." in words(done)
    period = form.periods.get(kind="ad_hoc")
    dues = dict(period.dues.values_list("level__code", "due_on"))
    assert dues["huyen"] == date(2021, 1, 25)  # five working days
    assert dues["xa"] < dues["huyen"]
    assert all(day.weekday() < 5 for day in dues.values())


@pytest.mark.parametrize("name", ["hoa", "giang", "ha"])
def test_whoever_does_not_work_at_the_issuing_unit_asks_for_nothing(form, people, as_person, name):
    assert as_person(name).get(address("period_ask", form.code)).status_code == 403


def test_the_reviewer_above_gives_longer_to_her_own_units_only(
    january, units, people, as_person, report_of
):
    client = as_person("ha")
    page = client.get(address("period_extend", "hvch-thang", "2021-01"))
    shown = words(page)
    assert "Thọ Quang" in shown and "Mân Thái" in shown and "Thanh Bình" not in shown
    foreign = report_of(units.thanh_binh, january)
    typed = {"reports": [foreign.pk], "until": "2021-01-29", "reason": "mưa lũ"}
    refused = client.post(address("period_extend", "hvch-thang", "2021-01"), typed)
    assert refused.status_code == 200 and not Extension.objects.exists()
    hers = report_of(units.tho_quang, january)
    done = client.post(
        address("period_extend", "hvch-thang", "2021-01"),
        typed | {"reports": [hers.pk]},
        follow=True,
    )
    assert "Đã gia hạn cho 1 đơn vị." in words(done)
    shown = words(as_person("hoa").get(hers.get_absolute_url()))
    assert "20/01/2021, gia hạn đến 29/01/2021" in shown
    assert "mưa lũ" in shown and "Gia hạn đến 29/01/2021" in shown


def test_a_ward_is_given_longer_by_its_district_and_not_over_its_head(
    january, units, people, as_person, report_of
):
    client = as_person("binh")
    extending = address("period_extend", "hvch-thang", "2021-01")
    shown = words(client.get(extending))
    assert "quận Sơn Trà" in shown and "Thọ Quang" not in shown
    ward = report_of(units.tho_quang, january)
    typed = {"reports": [ward.pk], "until": "2021-01-29", "reason": "mưa lũ"}
    client.post(extending, typed)
    assert not Extension.objects.exists()


def test_what_was_typed_stays_when_an_extension_is_refused(
    january, units, people, as_person, report_of
):
    hers = report_of(units.tho_quang, january)
    typed = {"reports": [hers.pk], "until": "2021-01-19", "reason": "mưa lũ ba ngày"}
    page = as_person("ha").post(address("period_extend", "hvch-thang", "2021-01"), typed)
    shown = words(page)
    assert "phải sau hạn nộp 20/01/2021" in shown and "mưa lũ ba ngày" in shown


def test_an_officer_extends_nothing_not_even_her_own(january, units, people, as_person, report_of):
    client = as_person("hoa")
    assert client.get(address("period_extend", "hvch-thang", "2021-01")).status_code == 403
    own = report_of(units.tho_quang, january)
    assert "Gia hạn" not in words(client.get(own.get_absolute_url()))


def test_the_calendar_asks_as_much_for_one_month_as_for_twelve(
    form, monthly, january, people, as_person, django_assert_max_num_queries
):
    client = as_person("dung")
    client.get(address("period_list"))
    with django_assert_max_num_queries(40) as few:
        client.get(address("period_list"))
    client.post(address("period_plan", form.code), {"year": "2021"})
    with django_assert_max_num_queries(40) as many:
        client.get(address("period_list"))
    assert len(many) <= len(few) + 1  # the message


def test_rules_are_set_in_the_administration_by_who_issues_the_form(form, people, as_person):
    client = as_person("dung")
    typed = {
        "form": form.pk, "kind": "month", "first_day": "15", "cut_off_months": "0",
        "cut_off_day": "14", "opens_before": "14", "is_active": "on",
        "dues-TOTAL_FORMS": "1", "dues-INITIAL_FORMS": "0", "dues-MIN_NUM_FORMS": "0",
        "dues-MAX_NUM_FORMS": "1000", "dues-0-level": level("xa").pk, "dues-0-months": "0",
        "dues-0-day": "15",
    }  # fmt: skip
    done = client.post("/admin/reports/periodrule/add/", typed)
    assert done.status_code == 302, done.context["errors"]
    made = PeriodRule.objects.get()
    assert (made.first_day, made.dues.get().day) == (15, 15)
    assert client.get(f"/admin/reports/periodrule/{made.pk}/change/").status_code == 200
    assert as_person("xuan").get(f"/admin/reports/periodrule/{made.pk}/change/").status_code in (
        403, 404, 302,
    )  # fmt: skip


def test_holidays_belong_to_the_administrator_of_the_top(form, people, as_person):
    typed = {"day": "2021-02-16", "name": "Nghỉ Tết", "is_working": ""}
    assert as_person("dung").post("/admin/reports/holiday/add/", typed).status_code == 302
    assert Holiday.objects.get().day == date(2021, 2, 16)
