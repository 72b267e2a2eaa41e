"""Two people at one page: the second sees what the first has saved, and may save on top of it."""

import pytest
from django.urls import reverse

from programs.models import Condition, Donor, ItemKind, Partner, Quota
from programs.services import add_item, keep_condition

from .test_support_views import item_data
from .test_views import page

pytestmark = pytest.mark.django_db


def version_on(text):
    return text.split('name="version" value="')[1].split('"')[0]


class Page:
    """One of the five pages: its address, what is typed there, a field that two people change.

    `names`: what the first and the second write; `shown`: the same as people read them.
    """

    def __init__(self, row, route, typed, field, names, shown=None, who=("an", "dung")):
        self.row, self.address = row, reverse(f"programs:{route}", args=[row.pk])
        self.typed, self.field, self.names = typed, field, names
        self.shown, self.who = shown or names, who

    def answer(self, name, value, version):
        return self.typed | {self.field: value, "version": version}

    def saved(self):
        return getattr(type(self.row).objects.get(pk=self.row.pk), self.field)


@pytest.fixture
def partner_page(units):
    row = Partner.objects.create(branch=units.da_nang, name="Bộ đội Biên phòng")
    return Page(row, "partner_update", {"kind": "armed_forces", "contact": ""}, "name",
                ("Đồn số 1", "Đồn số 2"), who=("an", "an"))  # fmt: skip


@pytest.fixture
def donor_page(units):
    row = Donor.objects.create(branch=units.da_nang, name="Công ty A", kind="company")
    return Page(row, "donor_update", {"kind": "company", "is_active": "on", "contact": "",
                "note": ""}, "name", ("Công ty B", "Công ty C"), who=("an", "an"))  # fmt: skip


@pytest.fixture
def item_page(program, people, units):
    row = add_item(
        program=program, giver=units.son_tra, kind=ItemKind.objects.get(code="qua"),
        what="50 suất", places=[units.tho_quang], by=people.an,
    )  # fmt: skip
    return Page(row, "item_update", item_data(units), "what", ("60 suất", "70 suất"),
                who=("giang", "an"))  # fmt: skip


@pytest.fixture
def assignment_page(help_given, units, program):
    row = help_given(units.son_tra, units.chi_hoi_1)
    quota = Quota.objects.get(line__program=program, supporter_branch=units.son_tra)
    return Page(row, "assignment_update", {
        "quota": quota.pk, "supported": units.chi_hoi_1.pk, "starts_on": str(row.starts_on),
    }, "content", ("Vay vốn", "Học bổng"), who=("giang", "an"))  # fmt: skip


@pytest.fixture
def condition_page(help_given, units, people):
    given = help_given(units.son_tra, units.chi_hoi_1)
    row = Condition(assignment=given, moment="before", year=2021, members=5)
    keep_condition(condition=row, criteria=[], by=people.giang)
    return Page(row, "condition_update", {"moment": "before", "year": "2021"}, "members",
                (6, 7), who=("giang", "an"))  # fmt: skip


PAGES = ["partner_page", "donor_page", "item_page", "assignment_page", "condition_page"]


@pytest.fixture(params=PAGES)
def both(request, as_person):
    """The page on which two people began with the same version, and the first has saved."""
    shared = request.getfixturevalue(request.param)
    shared.seen = version_on(page(as_person(shared.who[0]).get(shared.address)))
    first = as_person(shared.who[0]).post(
        shared.address, shared.answer(shared.who[0], shared.names[0], shared.seen)
    )
    assert first.status_code == 302
    return shared


def second(both, as_person, value, version):
    client = as_person(both.who[1])
    return client.post(both.address, both.answer(both.who[1], value, version))


def test_the_second_sees_what_the_first_saved_beside_what_she_typed(both, as_person):
    text = page(second(both, as_person, both.names[1], both.seen))

    assert "Chưa lưu được" in text and "đã sửa" in text
    assert f"đã lưu “{both.shown[0]}”, chị gõ “{both.shown[1]}”" in text
    assert "Lưu đè" in text
    assert both.saved() == both.names[0], "and nothing is saved yet"


def test_she_saves_on_top_in_one_step_with_the_version_that_she_has_now_seen(both, as_person):
    text = page(second(both, as_person, both.names[1], both.seen))

    again = second(both, as_person, both.names[1], version_on(text))

    assert again.status_code == 302
    assert both.saved() == both.names[1]


def test_who_is_overtaken_once_more_is_told_once_more(both, as_person):
    text = page(second(both, as_person, both.names[1], both.seen))
    seen_now = version_on(text)
    assert second(both, as_person, both.names[1], seen_now).status_code == 302

    text = page(second(both, as_person, both.names[0], seen_now))

    assert f"đã lưu “{both.shown[1]}”, chị gõ “{both.shown[0]}”" in text
    assert both.saved() == both.names[1]


def test_the_same_answer_sent_twice_is_no_conflict(both, as_person):
    answer = second(both, as_person, both.names[0], both.seen)

    assert answer.status_code == 302
    assert both.saved() == both.names[0]


def test_another_mistake_does_not_pass_for_having_seen_the_new_version(partner_page, as_person):
    client, typed = as_person("an"), partner_page.typed
    seen = version_on(page(client.get(partner_page.address)))
    client.post(partner_page.address, typed | {"name": "Đồn số 1", "version": seen})

    text = page(client.post(partner_page.address, typed | {"name": "", "version": seen}))

    assert version_on(text) == seen


def test_places_and_the_helped_unit_are_compared_as_units(
    item_page, assignment_page, as_person, units
):
    for shared, more, words in (
        (item_page, {"receivers": [units.man_thai.pk]}, "Nơi nhận: đã lưu “phường Thọ Quang”"),
        (assignment_page, {"supported": units.chi_hoi_2.pk}, "Đơn vị được giúp: đã lưu"),
    ):
        client = as_person("an")
        seen = version_on(page(client.get(shared.address)))
        client.post(shared.address, shared.answer("an", shared.names[0], seen))

        answer = client.post(shared.address, shared.answer("an", shared.names[0], seen) | more)

        assert words in page(answer)


def test_who_may_no_longer_see_the_row_is_shown_nothing_of_it(donor_page, as_person, people):
    neighbour = as_person("xuan").post(
        donor_page.address, donor_page.answer("xuan", "Công ty D", 99)
    )

    assert neighbour.status_code == 404
    assert Donor.objects.get().name == "Công ty A"
