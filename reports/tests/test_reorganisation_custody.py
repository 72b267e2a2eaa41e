"""Reports of units that have ended: who writes, reviews and corrects them afterwards."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import now

from branches.custody import acting_for, kept_by
from branches.models import Branch, User
from branches.services import add_line, add_lines
from branches.tests.small_decrees import empty_decree, opened, successor
from conftest import person
from reports import queries
from reports.models import Report
from reports.reorganisation import ask_reorganisation
from reports.services import open_period, reopen_report, submit_report
from reports.tasks import run_reorganisation
from reports.tests.conftest import moment, month_of

pytestmark = pytest.mark.django_db

Status = Report.Status
SPRING = date(2021, 3, 1)


@pytest.fixture
def by(people):
    return people.dung


def carry_out(decree, by, step="apply"):
    run = ask_reorganisation(reorganisation=decree, step=step, by=by)
    run_reorganisation(run.pk)
    run.refresh_from_db()
    assert run.state == run.State.READY, run.message
    decree.refresh_from_db()


def merger(units, by, parent, name, old, day, **fields):
    """A decree that makes one ward of `old`, whole."""
    decree = empty_decree(units.da_nang, by, effective_on=day, title=f"Lập {name}", **fields)
    ward = successor(decree, name, parent, by=by)
    add_lines(reorganisation=decree, predecessors=old, kind="whole", successor=ward, by=by)
    return decree


@pytest.fixture
def without_districts(units, by):
    """From March on no districts: two wards become one, phường Thanh Bình goes on."""
    decree = merger(units, by, units.da_nang, "Sơn Trà", [units.tho_quang, units.man_thai], SPRING)
    add_line(
        reorganisation=decree,
        predecessor=units.thanh_binh,
        kind="unchanged",
        successor=successor(decree, "Thanh Bình", units.da_nang, by=by),
        by=by,
    )
    districts = [units.son_tra, units.hai_chau]
    add_lines(reorganisation=decree, predecessors=districts, kind="abolished", by=by)
    return decree


def everybody():
    return list(User.objects.order_by("pk"))


def may(permission, report):
    return {user.username for user in everybody() if user.has_perm(permission, report)}


def again(report):
    return Report.objects.get(pk=report.pk)


# --- Who decides ------------------------------------------------------------------------------


def test_an_approved_report_of_before_is_reopened_by_the_nearest_unit_that_stands(
    units, people, january, approved, report_of, without_districts, by
):
    merged = approved(report_of(units.tho_quang, january), people.hoa, people.ha, cuoc=3)
    going_on = approved(report_of(units.thanh_binh, january), people.lan, people.lan, cuoc=4)
    assert may("reports.reopen_report", again(merged)) == {"ha", "nga"}

    carry_out(without_districts, by)

    for report in (merged, going_on):
        assert may("reports.reopen_report", again(report)) == {"binh"}
        assert again(report).reviewing_branch == units.da_nang


def test_where_the_district_stands_under_a_single_ward_the_city_reviews_and_no_ward(
    units, people, january, approved, report_of, by
):
    report = approved(report_of(units.tho_quang, january), people.hoa, people.ha, cuoc=3)
    wards = [units.tho_quang, units.man_thai]
    decree = merger(units, by, units.da_nang, "Sơn Trà", wards, SPRING)
    add_line(reorganisation=decree, predecessor=units.son_tra, kind="abolished", by=by)
    carry_out(decree, by)
    ward = opened(decree, "Sơn Trà")
    person("tham", "Ward reviewer", ("reviewer", ward))

    assert Branch.objects.get(pk=units.son_tra.pk).parent == ward
    assert may("reports.reopen_report", again(report)) == {"binh"}


def test_who_waits_for_a_report_and_who_may_approve_it_are_the_same_people(
    units, people, january, february, approved, report_of, written, without_districts, by
):
    """Reopened after the decree, submitted again: still left to a district that has ended."""
    reports = [
        approved(report_of(units.tho_quang, january), people.hoa, people.ha, cuoc=3),
        approved(report_of(units.thanh_binh, january), people.lan, people.lan, cuoc=4),
        written(report_of(units.man_thai, january), people.nga, cuoc=5),
        written(report_of(units.thanh_binh, february), people.lan, cuoc=6),
        written(report_of(units.cong_an, january), people.phuong, cuoc=7),
    ]
    carry_out(without_districts, by)
    for report in map(again, reports):
        if report.status == Status.APPROVED:
            reopen_report(
                report=report, seen_version=report.version, reason="sai", by=people.binh, at=now()
            )
        submit_report(report=report, seen_version=report.version, by=people.an, at=now())
    Report.objects.filter(pk=reports[2].pk).update(reviewer_branch=units.son_tra)

    for user in everybody():
        waiting = set(Report.objects.waiting_for(user))
        allowed = {r for r in map(again, reports) if user.has_perm("reports.approve_report", r)}
        assert waiting == allowed, user
    binh = User.objects.get(pk=people.binh.pk)
    assert set(Report.objects.waiting_for(binh)) == set(reports)


def test_reports_that_wait_for_a_unit_that_ended_show_the_one_that_waits_today(
    units, people, form, without_districts, by
):
    april = month_of(form, 2021, 4)
    open_period(period=april, by=by, at=moment(2021, 4, 1))
    assert Report.objects.get(period=april, branch=units.thanh_binh).reviewer_branch == (
        units.hai_chau
    )

    carry_out(without_districts, by)

    city = Branch.objects.get(pk=units.da_nang.pk)
    missing = queries.not_in(april, city)
    assert {report.reviewer_branch for report in missing} == {units.da_nang}
    assert {report.reviewer_branch for report in missing} == {r.reviewing_branch for r in missing}
    assert [str(group.label) for group in queries.completeness(april, city)] == ["đơn vị trực tiếp"]

    carry_out(without_districts, by, "undo")

    assert Report.objects.get(period=april, branch=units.thanh_binh).reviewer_branch == (
        units.hai_chau
    )


# --- Who writes -------------------------------------------------------------------------------


def test_a_draft_of_a_ward_merged_twice_is_written_by_the_last_successors_officers(
    units, people, january, written, report_of, by
):
    report = written(report_of(units.tho_quang, january), people.hoa, cuoc=3)
    first = merger(
        units, by, units.son_tra, "Sơn Trà", [units.tho_quang, units.man_thai], date(2021, 2, 1)
    )
    carry_out(first, by)
    between = opened(first, "Sơn Trà")
    second = merger(units, by, units.hai_chau, "Hải Châu", [between, units.thanh_binh], SPRING)
    carry_out(second, by)
    last = opened(second, "Hải Châu")

    report = again(report)
    assert report.writing_branches == [units.tho_quang.pk, last.pk]
    assert may("reports.change_own_report", report) == {"hoa", "nga", "lan"}
    for user in everybody():
        is_hers = Report.objects.own_of(user).filter(pk=report.pk).exists()
        assert is_hers == user.has_perm("reports.change_own_report", report), user


def test_who_acts_for_a_unit_is_the_same_from_above_and_from_below(units, without_districts, by):
    carry_out(without_districts, by)

    units_now = list(Branch.objects.all())
    acting = acting_for(units_now)
    for office in units_now:
        below = {pk for pk, offices in acting.items() if office.pk in offices} - {office.pk}
        assert kept_by([office.pk]) == below, office


def test_acting_for_many_units_asks_as_often_as_for_one(
    units, without_districts, by, django_assert_num_queries
):
    carry_out(without_districts, by)
    ended = list(Branch.objects.filter(closed_on__isnull=False))

    for some in (ended[:1], ended):
        with django_assert_num_queries(2):
            acting_for(some)


def sheet_of(as_person, name, report):
    page = as_person(name).get(reverse("reports:report_edit", args=[report.pk]))
    assert page.status_code == 200
    return page.content.decode()


def test_the_sheet_of_a_new_ward_says_what_the_old_ones_have_reported_already(
    units, people, form, written, report_of, by, as_person
):
    march = month_of(form, 2021, 3)
    open_period(period=march, by=by, at=moment(2021, 3, 1))
    written(report_of(units.tho_quang, march), people.hoa, cuoc=3)
    day = date(2021, 3, 15)
    first = merger(units, by, units.son_tra, "Sơn Trà", [units.tho_quang, units.man_thai], day)
    carry_out(first, by)
    ward = opened(first, "Sơn Trà")
    said = "đã có trong báo cáo của đơn vị cũ"

    page = sheet_of(as_person, "hoa", report_of(ward, march))
    assert f"Số liệu tháng 3/2021 của phường Thọ Quang {said}" in page  # Mân Thái wrote nothing
    assert said not in sheet_of(as_person, "lan", report_of(units.thanh_binh, march))
    april = month_of(form, 2021, 4)
    open_period(period=april, by=by, at=moment(2021, 4, 1))
    assert said not in sheet_of(as_person, "hoa", report_of(ward, april))

    second = merger(
        units, by, units.hai_chau, "Hải Châu", [ward, units.thanh_binh], date(2021, 3, 20)
    )
    carry_out(second, by)
    page = sheet_of(as_person, "hoa", report_of(opened(second, "Hải Châu"), march))
    assert f"của phường Thọ Quang {said}" in page


def test_a_part_without_people_brings_no_figures_along(
    units, people, form, written, report_of, by, as_person
):
    march = month_of(form, 2021, 3)
    open_period(period=march, by=by, at=moment(2021, 3, 1))
    written(report_of(units.thanh_binh, march), people.lan, cuoc=3)
    decree = empty_decree(units.da_nang, by, effective_on=date(2021, 3, 15))
    taking = successor(decree, "Hải Châu", units.hai_chau, by=by)
    land = successor(decree, "Hòa Cường", units.hai_chau, by=by)
    for part, takes_people in ((taking, True), (land, False)):
        add_line(
            reorganisation=decree,
            predecessor=units.thanh_binh,
            kind="part",
            successor=part,
            takes_people=takes_people,
            by=by,
        )
    carry_out(decree, by)
    hoa_cuong = opened(decree, "Hòa Cường")
    people.tam = person("tam", "Officer of the land", ("officer", hoa_cuong))

    page = sheet_of(as_person, "lan", report_of(opened(decree, "Hải Châu"), march))
    assert "của phường Thanh Bình đã có" in page
    assert "đơn vị cũ" not in sheet_of(as_person, "tam", report_of(hoa_cuong, march))
