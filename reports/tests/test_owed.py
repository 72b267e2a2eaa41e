"""What is owed of a programme's reports, as its page says it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Level
from programs.models import Milestone
from programs.tests.conftest import build_program
from reports.owed import forms_owed, milestones_owed
from reports.services import open_period

from .conftest import moment, month_of

pytestmark = pytest.mark.django_db
BEFORE, AFTER = date(2021, 1, 20), date(2021, 1, 26)


@pytest.fixture
def program(units, people, form):
    """The city's programme, whose monthly form is the one of these tests."""
    made = build_program(units, people.an, name="Hướng về Chi hội")
    form.program = made
    form.save()
    return made


def state(form, branch, on):
    (row,) = forms_owed([form], branch, on)
    return row.latest


def panel(client, program):
    address = reverse("reports:program_panel", args=[program.slug])
    return client.get(address).content.decode()


def deadline(program, due_on, *levels):
    made = Milestone.objects.create(
        program=program, kind=Milestone.Kind.REPORT, label="Báo cáo kết quả", due_on=due_on
    )
    made.levels.set(Level.objects.filter(code__in=levels))
    return made


def test_the_units_below_owe_and_from_its_day_on_are_late(program, form, january, units):
    waiting = state(form, units.da_nang, BEFORE)
    assert (waiting.own, waiting.owed, waiting.submitted, waiting.since) == (None, 6, 0, None)

    assert state(form, units.da_nang, AFTER).since == date(2021, 1, 20)


def test_her_own_unit_owes_as_well(program, form, january, units, report_of, people, approved):
    own = report_of(units.son_tra, january)

    before = state(form, units.son_tra, AFTER)
    assert (before.own, before.owed) == (own, 2)
    approved(own, people.giang, people.binh, cuoc=1)

    assert state(form, units.son_tra, AFTER).own.status == "approved"


def test_who_owes_nothing_below_is_still_told_of_her_own(program, january, as_person):
    text = panel(as_person("hoa"), program)

    assert "Hội LHPN phường Thọ Quang" in text and "hạn nộp 20/01/2021" in text
    assert "Quá hạn" in text
    assert "phải báo cáo kỳ này" not in text


def test_each_is_told_of_her_own_territory(program, january, as_person):
    assert "0/6 đơn vị bên dưới đã nộp" in panel(as_person("an"), program)
    assert "0/2 đơn vị bên dưới đã nộp" in panel(as_person("giang"), program)
    lan = panel(as_person("lan"), program)
    assert "0/1 đơn vị bên dưới đã nộp" in lan and "Thọ Quang" not in lan
    address = reverse("reports:program_panel", args=[program.slug])
    assert as_person("xuan").get(address).status_code == 404


def test_earlier_months_that_lack_reports_are_not_forgotten(
    program, form, january, february, units, as_person
):
    (row,) = forms_owed([form], units.da_nang, AFTER)

    assert row.latest.period == february
    assert [earlier.period for earlier in row.earlier] == [january]
    assert "1 kỳ trước còn thiếu báo cáo" in panel(as_person("an"), program)


def test_a_deadline_for_reports_is_answered_by_the_period_due_that_day(
    program, form, january, units, as_person
):
    deadline(program, date(2021, 1, 20), "xa")

    (row,) = milestones_owed(program, [form], units.da_nang, AFTER)

    assert row.period.period == january and row.is_past
    assert (row.period.missing, row.period.since) == (3, date(2021, 1, 20))  # the communes alone
    assert "Mốc báo cáo, ngày cuối cùng: 20/01/2021" in panel(as_person("an"), program)


@pytest.mark.parametrize(
    ("due_on", "level"), [(date(2021, 1, 19), "xa"), (date(2021, 1, 20), "huyen")]
)
def test_where_no_period_is_due_that_day_nobody_is_said_to_be_late(
    program, form, january, units, as_person, due_on, level
):
    deadline(program, due_on, level)

    (row,) = milestones_owed(program, [form], units.da_nang, AFTER)

    assert row.period is None
    assert "chưa mở kỳ báo cáo nào đến hạn ngày này nên chưa biết ai đã nộp" in panel(
        as_person("an"), program
    )


def test_a_year_asks_no_more_questions_than_a_month(program, form, january, people, as_person):
    client = as_person("an")
    panel(client, program)
    with CaptureQueriesContext(connection) as one:
        panel(client, program)
    for number in (2, 3, 4):
        period = month_of(form, 2021, number)
        open_period(period=period, by=people.dung, at=moment(2021, number, 1))

    with CaptureQueriesContext(connection) as four:
        assert "3 kỳ trước" in panel(client, program)

    assert len(four) == len(one)


def states(client, *programs):
    address = reverse("reports:program_states")
    return client.get(address, {"program": [p.pk for p in programs]}).content.decode()


def test_the_list_of_programmes_tells_each_of_her_own_territorys_reports(
    program, january, as_person, units, people, report_of, approved
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, cuoc=1)

    assert "1 báo cáo đã nộp" in states(as_person("hoa"), program)
    assert "2 báo cáo quá hạn chưa nộp" in states(as_person("giang"), program)
    assert "5 báo cáo quá hạn chưa nộp" in states(as_person("cuc"), program)


def test_a_stranger_is_told_of_no_programme_whatever_she_asks_for(program, january, as_person):
    assert program.slug not in states(as_person("xuan"), program)
    assert program.slug in states(as_person("cuc"), program)
