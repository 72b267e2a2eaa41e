"""What is owed, by whom, by when: deadlines on the programme's page and on the first page."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Level
from programs.models import Milestone
from programs.queries import milestone_states, owed_by, quota_table
from programs.services import assign, close_program, end_assignment

from .conftest import DAY, build_program
from .test_views import page

pytestmark = pytest.mark.django_db

BEFORE, AFTER = date(2021, 1, 14), date(2021, 1, 15)


@pytest.fixture
def the_list(program, units):
    """The list is due on 14/01/2021 from the districts and the affiliated units."""
    milestone = program.milestones.get()
    milestone.kind = Milestone.Kind.LIST
    milestone.save()
    milestone.levels.set(Level.objects.filter(code__in=["huyen", "truc_thuoc"]))
    return milestone


def milestone_state(milestone, user, on):
    """How that one deadline stands on the programme's page as `user` sees it."""
    program = milestone.program
    states = milestone_states(program, quota_table(program, user), on)
    return next(state for state in states if state.milestone == milestone)


def names(state):
    return {row.quota.supporter_name for row in state.owing}


def test_a_list_is_owed_by_units_of_its_levels_that_have_named_too_few(
    the_list, help_given, people, units
):
    help_given(units.son_tra, units.chi_hoi_1)
    help_given(units.thanh_binh, units.chi_hoi_thanh_binh)  # a commune: not asked by this list

    state = milestone_state(the_list, people.an, BEFORE)

    assert names(state) == {"Hội LHPN quận Hải Châu", "Hội Phụ nữ Công an"}
    assert (state.bound, state.is_overdue) == (3, False)
    assert milestone_state(the_list, people.an, AFTER).is_overdue


def test_without_levels_every_unit_of_the_table_is_asked(the_list, people):
    the_list.levels.clear()

    assert milestone_state(the_list, people.an, BEFORE).bound == 7


def test_help_outside_the_place_is_no_help_for_the_list(the_list, help_given, people, units):
    help_given(units.cong_an, units.chi_hoi_thanh_binh)  # must lie in quận Sơn Trà

    assert "Hội Phụ nữ Công an" in names(milestone_state(the_list, people.an, BEFORE))


def test_each_sees_who_is_missing_in_her_own_territory_only(the_list, people):
    assert names(milestone_state(the_list, people.giang, AFTER)) == {"Hội LHPN quận Sơn Trà"}
    assert names(milestone_state(the_list, people.hoa, AFTER)) == set()


def test_once_all_have_it_nobody_is_overdue(the_list, help_given, people, units):
    help_given(units.son_tra, units.chi_hoi_1)
    help_given(units.hai_chau, units.chi_hoi_thanh_binh)
    help_given(units.cong_an, units.chi_hoi_2)

    state = milestone_state(the_list, people.an, AFTER)

    assert (state.bound, state.owing, state.is_overdue) == (3, [], False)


@pytest.mark.parametrize("kind", ["report", "other"])
def test_of_a_report_nothing_is_said_that_nobody_knows(kind, the_list, people, as_person):
    the_list.kind = kind
    the_list.save()

    state = milestone_state(the_list, people.an, AFTER)

    assert (state.is_known, state.bound, state.is_overdue) == (False, 0, False)
    text = page(as_person("an").get(the_list.program.get_absolute_url()))
    assert "Quá hạn" not in text and "chưa ghi đủ" not in text
    assert owed_by(people.giang, AFTER) == []


def test_a_draft_is_owed_nothing(units, people):
    draft = build_program(units, people.an, name="Còn soạn", is_started=False)
    milestone = draft.milestones.get()
    milestone.kind = Milestone.Kind.LIST
    milestone.save()

    assert not milestone_state(milestone, people.an, AFTER).is_known


def test_the_programmes_page_names_who_is_missing_and_marks_what_is_overdue(
    the_list, as_person, help_given, units
):
    help_given(units.son_tra, units.chi_hoi_1)

    text = page(as_person("an").get(the_list.program.get_absolute_url()))

    assert "Còn 2/3 đơn vị chưa ghi đủ nơi nhận giúp" in text
    assert "Hội LHPN quận Hải Châu: thiếu 1 chi hội" in text
    assert "Hội LHPN quận Sơn Trà: thiếu" not in text
    assert "Quá hạn" in text
    text = page(as_person("lan").get(the_list.program.get_absolute_url()))
    assert "Còn 1/1 đơn vị chưa ghi đủ" in text and "Công an: thiếu" not in text


def test_her_first_page_says_what_her_own_unit_still_owes_and_by_when(
    the_list, as_person, help_given, people, units
):
    home, title = reverse("reports:home"), "Danh sách còn phải ghi"

    text = page(as_person("giang").get(home))
    assert title in text and "còn phải nhận giúp 1 chi hội" in text
    assert "14/01/2021" in text and "Quá hạn" in text
    assert "quận Hải Châu còn phải" not in text
    for other in ("hoa", "an", "xuan"):  # a commune, the city, a neighbour: nothing of theirs
        assert title not in page(as_person(other).get(home))

    given = help_given(units.son_tra, units.chi_hoi_1)
    assert title not in page(as_person("giang").get(home))

    end_assignment(
        assignment=given, seen_version=given.version, by=people.an, ends_on=DAY, reason="chuyển"
    )
    assert title in page(as_person("giang").get(home))


def test_a_closed_programme_is_owed_nothing_any_more(the_list, people):
    assert owed_by(people.giang, AFTER)
    program = the_list.program
    close_program(program=program, seen_version=program.version, by=people.an, reason="xong")

    assert owed_by(people.giang, AFTER) == []


def test_three_programmes_ask_no_more_questions_than_one(the_list, units, people):
    owed_by(people.giang, AFTER)  # her positions are known from now on
    with CaptureQueriesContext(connection) as one:
        assert len(owed_by(people.giang, AFTER)) == 1
    for number in range(2):
        other = build_program(units, people.an, name=f"Số {number}")
        other.milestones.update(kind=Milestone.Kind.LIST)
        assign(program=other, supporter_branch=units.tho_quang, supported=units.chi_hoi_1,
               starts_on=DAY, by=people.an)  # fmt: skip

    with CaptureQueriesContext(connection) as three:
        assert len(owed_by(people.giang, AFTER)) == 3
    assert len(three) == len(one)
