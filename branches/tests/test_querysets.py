from datetime import date

import pytest

from branches.models import Branch, User
from branches.services import move_branch

pytestmark = pytest.mark.django_db


def names(rows):
    return {row.name for row in rows}


def test_territory_is_her_unit_and_all_below(units, people):
    assert names(Branch.objects.visible_to(people.giang)) == {
        "Sơn Trà",
        "Thọ Quang",
        "Mân Thái",
        "Khu dân cư 1",
        "Khu dân cư 2",
    }
    assert (
        Branch.objects.visible_to(people.giang).filter(pk=units.chi_hoi_thanh_binh.pk).count() == 0
    )


def test_a_path_that_merely_begins_alike_is_not_in_the_territory(units, people):
    first = Branch.objects.order_by("pk").first()
    twin = Branch.objects.create(
        level=first.level, name="Giả", type="tỉnh", slug="gia", opened_on=date(2020, 1, 1)
    )
    Branch.objects.filter(pk=twin.pk).update(path=first.path[:-1] + "5/")

    assert twin not in Branch.objects.under(first)


def test_a_person_whose_term_ended_sees_nothing(people):
    assert not Branch.objects.visible_to(people.mai).exists()


def test_two_positions_add_up(units, people):
    assert units.tho_quang in Branch.objects.visible_to(people.nga)
    assert people.nga.holds("officer", units.man_thai)
    assert not people.nga.holds("officer", units.son_tra)


def test_a_move_changes_what_is_seen_at_the_next_request(units, people):
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    giang = User.objects.get(pk=people.giang.pk)
    assert units.tho_quang not in Branch.objects.visible_to(giang)
    lan = User.objects.get(pk=people.lan.pk)
    assert units.chi_hoi_1 in Branch.objects.visible_to(lan)


def test_the_directory_names_every_open_unit(units):
    assert Branch.objects.directory().count() == Branch.objects.count()


@pytest.mark.parametrize("words", ["tho quang", "Thọ Quang", "THỌ QUANG", "phuong tho"])
def test_a_unit_is_found_with_or_without_marks(units, words):
    assert units.tho_quang in Branch.objects.directory().matching(words)


def test_persons_sort_by_given_name(people):
    order = list(User.objects.filter(username__in=["an", "xuan", "dung"]))

    assert [user.username for user in order] == ["an", "dung", "xuan"]


def test_people_of_another_unit_are_not_seen(people):
    assert people.hoa in User.objects.visible_to(people.giang)
    assert people.lan not in User.objects.visible_to(people.giang)
    assert people.giang in User.objects.visible_to(people.giang)
