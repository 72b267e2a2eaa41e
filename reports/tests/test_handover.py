"""After a hand-over: the successor finds the work in hand, the predecessor finds nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate, now

from branches.models import User
from branches.services import create_account, hand_over
from reports.services import approve_report, return_report, submit_report

from .conftest import moment

pytestmark = pytest.mark.django_db

TODAY = localdate()


@pytest.fixture
def report(january, report_of, units):
    return report_of(units.tho_quang, january)


@pytest.fixture
def nhung(people):
    """A new colleague who holds nothing yet."""
    return create_account(full_name="Phan Thị Nhung", by=people.dung)


def desk_of(person):
    browser = Client()
    browser.force_login(User.objects.get(pk=person.pk))
    return browser


def pass_on(person, to, by):
    positions = list(person.positions.all())
    hand_over(positions=positions, to=to, on=TODAY, by=by, reason="QĐ 15")


def shown(browser, address):
    return browser.get(address).content.decode()


def test_the_successor_goes_on_with_the_draft(report, written, people, nhung):
    written(report, people.hoa, cuoc=3)
    edit = reverse("reports:report_edit", args=[report.pk])
    assert desk_of(nhung).get(edit).status_code == 404

    pass_on(people.hoa, nhung, people.dung)

    assert 'value="3"' in shown(desk_of(nhung), edit)
    report.refresh_from_db()
    submit_report(report=report, seen_version=report.version, by=nhung, at=moment(2021, 1, 19))


def test_the_successor_of_a_reviewer_finds_what_waits_for_her(report, written, people, nhung):
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18))

    pass_on(people.ha, nhung, people.dung)

    waiting = shown(desk_of(nhung), reverse("reports:report_list") + "?tab=waiting")
    assert "Thọ Quang" in waiting
    report.refresh_from_db()
    approve_report(report=report, seen_version=report.version, by=nhung, at=moment(2021, 1, 19))


def test_the_predecessor_sees_nothing_from_that_moment(report, written, people, nhung):
    written(report, people.hoa, cuoc=3)
    desk = desk_of(people.hoa)
    address = report.get_absolute_url()
    assert desk.get(address).status_code == 200

    pass_on(people.hoa, nhung, people.dung)

    assert "login" in desk.get(address).url, "her session is over"
    later = desk_of(people.hoa)
    assert later.get(address).status_code == 404
    assert later.get(reverse("reports:report_edit", args=[report.pk])).status_code == 404
    assert "Thọ Quang" not in shown(later, reverse("reports:report_list"))
    assert "Thọ Quang" not in shown(later, reverse("reports:home"))


def test_history_stays_in_the_predecessors_name(report, written, people, nhung):
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18))

    pass_on(people.hoa, nhung, people.dung)

    trail = shown(desk_of(people.ha), reverse("reports:report_history", args=[report.pk]))
    assert "Bùi Thị Hoa" in trail
    assert "Phan Thị Nhung" not in trail
    assert report.events.get(kind="submitted").by == people.hoa


def test_what_is_returned_later_is_told_to_the_successor(report, written, people, nhung):
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18))
    pass_on(people.hoa, nhung, people.dung)

    report.refresh_from_db()
    return_report(
        report=report, seen_version=report.version, by=people.ha, reason="Thiếu số", at=now()
    )

    assert nhung.notifications.filter(text__contains="trả lại").exists()
    assert not people.hoa.notifications.filter(text__contains="trả lại").exists()


def test_before_the_day_comes_nothing_has_changed(report, written, people, nhung):
    written(report, people.hoa, cuoc=3)

    hand_over(
        positions=list(people.hoa.positions.all()), to=nhung, on=localdate() + timedelta(days=1),
        by=people.dung,
    )  # fmt: skip

    assert desk_of(people.hoa).get(report.get_absolute_url()).status_code == 200
    assert desk_of(nhung).get(report.get_absolute_url()).status_code == 404
