"""What a decree has left to a person stays in sight until it is decided."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.models import Branch, Level, User
from branches.services import add_lines, hold_position, open_branches
from branches.tests.small_decrees import REFORM, empty_decree, reform_of_da_nang
from conftest import OPENED, person
from programs.models import Program
from reports.leftovers import count_left, left_by
from reports.models import ReportForm
from reports.reorganisation import ask_reorganisation
from reports.tasks import run_reorganisation

pytestmark = pytest.mark.django_db


def carry_out(decree, by):
    run = ask_reorganisation(reorganisation=decree, step="apply", by=by)
    run_reorganisation(run.pk)
    run.refresh_from_db()
    assert run.state == run.State.READY, run.message
    decree.refresh_from_db()
    return decree


@pytest.fixture
def applied(units, people):
    """The districts are abolished with their people and what they answer for; phường Thanh Bình
    waits. A programme and a form of theirs go on by themselves."""
    Program.objects.create(
        owner=units.son_tra, name="Bếp ăn tình thương", slug="bep-an", status="running",
        starts_on="2021-01-01", ends_on="2030-12-31",
    )  # fmt: skip
    ReportForm.objects.create(code="quan", name="Biểu mẫu quận", owner=units.hai_chau)
    return carry_out(reform_of_da_nang(units, people.dung), people.dung)


def as_seen_now(user):
    return User.objects.get(pk=user.pk)


def counts(decree, user):
    return {left.words.split(":")[0]: left.count for left in left_by(decree, as_seen_now(user))}


def test_what_hangs_on_units_that_the_decree_closed_is_counted_and_linked(applied, people):
    assert counts(applied, people.dung) == {
        "vị trí": 4,  # Giang, Hà and Nga in quận Sơn Trà, Lan in quận Hải Châu; not in Thanh Bình
        "đoàn phụ trách địa bàn cũ": 1,
    }
    lines = dict(left_by(applied, as_seen_now(people.dung))[0].lines)
    assert people.ha.get_absolute_url() in lines.values()


def test_the_decrees_page_and_home_show_it_to_its_administrators_alone(
    applied, people, units, as_person
):
    page = as_person("dung").get(applied.get_absolute_url()).content.decode()
    assert "Còn lại phải quyết" in page
    assert people.giang.get_absolute_url() in page
    home = as_person("dung").get("/").content.decode()
    assert "5 việc theo văn bản" in home
    assert f"{applied.get_absolute_url()}#con-lai" in home
    for name in ("binh", "hoa"):
        page = as_person(name).get(applied.get_absolute_url())
        assert page.status_code == 200
        assert "Còn lại phải quyết" not in page.content.decode()
        assert "phải quyết" not in as_person(name).get("/").content.decode()
    neighbour = person("yen", "Neighbour", ("administrator", units.quang_nam))
    assert count_left(neighbour) == []


def test_what_was_decided_is_gone_from_both_pages(applied, people, units, as_person):
    for branch in (units.son_tra, units.hai_chau):
        branch.positions.update(ended_on=REFORM)
    assert counts(applied, people.dung) == {"đoàn phụ trách địa bàn cũ": 1}
    assert count_left(as_seen_now(people.dung)) == [(applied, 1)]

    units.team.area = None
    units.team.save()

    assert left_by(applied, as_seen_now(people.dung)) == []
    assert count_left(as_seen_now(people.dung)) == []
    assert "phải quyết" not in as_person("dung").get("/").content.decode()
    page = as_person("dung").get(applied.get_absolute_url()).content.decode()
    assert "Còn lại phải quyết" not in page


def test_each_decree_answers_for_the_units_that_it_closed_itself(units, people):
    first = empty_decree(units.da_nang, people.dung, REFORM, title="Bỏ quận Sơn Trà")
    wards = [units.tho_quang, units.man_thai]
    chi_hoi = Branch.objects.filter(parent__in=wards)
    add_lines(
        reorganisation=first,
        predecessors=[units.son_tra, *wards, *chi_hoi],
        kind="abolished",
        by=people.dung,
    )
    second = empty_decree(units.da_nang, people.dung, REFORM, title="Bỏ Hội Phụ nữ Công an")
    add_lines(reorganisation=second, predecessors=[units.cong_an], kind="abolished", by=people.dung)
    carry_out(first, people.dung)
    carry_out(second, people.dung)

    found = {decree.title: count for decree, count in count_left(as_seen_now(people.dung))}
    assert found == {"Bỏ quận Sơn Trà": 6, "Bỏ Hội Phụ nữ Công an": 1}
    assert counts(first, people.dung) == {"vị trí": 5, "đoàn phụ trách địa bàn cũ": 1}
    assert counts(second, people.dung) == {"vị trí": 1}


@pytest.mark.parametrize("page", ["decree", "home"])
def test_the_pages_ask_as_often_for_300_things_left_as_for_three(units, people, as_person, page):
    level = Level.objects.get(code="huyen")
    districts = open_branches(
        [
            Branch(
                level=level, parent=units.da_nang, type="quận", name=f"Số {number}",
                slug=f"quan-so-{number}", opened_on=OPENED,
            )
            for number in range(303)
        ]
    )  # fmt: skip
    decree = empty_decree(units.da_nang, people.dung)
    add_lines(reorganisation=decree, predecessors=districts, kind="abolished", by=people.dung)
    for district in districts:
        hold_position(user=people.ha, branch=district, role="leader", started_on=OPENED)
    carry_out(decree, people.dung)
    address, said = {
        "decree": (decree.get_absolute_url(), "<strong>{}</strong> vị trí"),
        "home": ("/", "{} việc theo văn bản"),
    }[page]
    asked = []
    for kept in (3, 303):
        far = [district.pk for district in districts[kept:]]
        people.ha.positions.filter(branch__in=far).update(ended_on=REFORM)
        people.ha.positions.exclude(branch__in=far).update(ended_on=None)
        browser = as_person("dung")
        with CaptureQueriesContext(connection) as captured:
            html = browser.get(address).content.decode()
        assert said.format(kept) in html
        asked.append(len(captured))
    assert asked[0] == asked[1]
