"""The dated facts: what a unit was called and where it stood, then and now."""

from datetime import date

import pytest

from branches.models import Branch, BranchSpan
from branches.services import (
    change_branch,
    close_branch,
    move_branch,
    open_branches,
    rename_branch,
)
from conftest import OPENED, unit

pytestmark = pytest.mark.django_db

REFORM = date(2025, 7, 1)


def spans_of(branch):
    return [(s.full_name, s.parent, s.starts_on, s.ends_on) for s in branch.spans.all()]


def test_a_new_unit_has_one_span_without_an_end(units):
    assert spans_of(units.tho_quang) == [("phường Thọ Quang", units.son_tra, OPENED, None)]


def test_units_opened_in_bulk_have_their_spans_too(units):
    level = units.chi_hoi_1.level
    rows = [
        Branch(level=level, parent=units.man_thai, type="chi hội", name=name, opened_on=OPENED)
        for name in ("Khu dân cư 7", "Khu dân cư 8")
    ]
    for number, row in enumerate(rows):
        row.slug = f"bulk-{number}"

    made = open_branches(rows)

    assert [spans_of(branch) for branch in made] == [
        [(f"chi hội {row.name}", units.man_thai, OPENED, None)] for row in made
    ]


def test_a_renamed_unit_keeps_the_old_name_until_that_day(units, people):
    rename_branch(
        branch=units.tho_quang,
        name="Sơn Trà",
        type="phường",
        by=people.dung,
        reason="nghị quyết",
        on=REFORM,
    )

    assert spans_of(units.tho_quang) == [
        ("phường Thọ Quang", units.son_tra, OPENED, REFORM),
        ("phường Sơn Trà", units.son_tra, REFORM, None),
    ]


def test_a_mistake_put_right_leaves_no_second_span(units, people):
    change_branch(
        branch=units.tho_quang, parent=units.son_tra, name="Thọ Quan", by=people.dung, reason="sửa"
    )

    assert spans_of(units.tho_quang) == [("phường Thọ Quan", units.son_tra, OPENED, None)]


def test_a_moved_unit_remembers_where_it_stood(units, people):
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="", on=REFORM)

    assert spans_of(units.tho_quang) == [
        ("phường Thọ Quang", units.son_tra, OPENED, REFORM),
        ("phường Thọ Quang", units.hai_chau, REFORM, None),
    ]


def test_a_closed_unit_has_no_span_without_an_end(units, people):
    close_branch(branch=units.chi_hoi_1, closed_on=REFORM, by=people.dung, reason="")

    assert spans_of(units.chi_hoi_1) == [("chi hội Khu dân cư 1", units.tho_quang, OPENED, REFORM)]


def test_a_corrected_opening_day_moves_the_first_span(units, people):
    earlier = date(2010, 1, 1)

    change_branch(
        branch=units.tho_quang,
        parent=units.son_tra,
        opened_on=earlier,
        by=people.dung,
        reason="sửa",
    )

    assert units.tho_quang.spans.get().starts_on == earlier


def test_the_tree_as_it_was_is_the_spans_of_that_day(units, people):
    new = unit("xa", units.da_nang, "Sơn Trà", "phường")
    move_branch(branch=units.chi_hoi_1, parent=new, by=people.dung, reason="", on=REFORM)

    before = BranchSpan.objects.in_force(date(2025, 6, 30)).get(branch=units.chi_hoi_1)
    after = BranchSpan.objects.in_force(REFORM).get(branch=units.chi_hoi_1)

    assert (before.parent, after.parent) == (units.tho_quang, new)


def test_two_units_of_one_name_are_told_apart_by_a_word_in_brackets(units, people):
    moved = change_branch(
        branch=units.chi_hoi_man_thai,
        parent=units.man_thai,
        distinction="phường Mân Thái cũ",
        by=people.dung,
        reason="nhập",
    )

    moved = move_branch(branch=moved, parent=units.tho_quang, by=people.dung, reason="nhập")

    assert str(moved) == "chi hội Khu dân cư 1 (phường Mân Thái cũ)"
