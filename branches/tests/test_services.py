from datetime import date

import pytest

from branches.models import Branch, Level, User
from branches.services import (
    BranchError,
    change_branch,
    close_branch,
    move_branch,
    open_branch,
    open_branches,
    rename_branch,
    wrong_paths,
)

pytestmark = pytest.mark.django_db


def test_a_unit_knows_the_way_from_the_root(units):
    assert units.tho_quang.path == (f"/{units.da_nang.pk}/{units.son_tra.pk}/{units.tho_quang.pk}/")
    assert list(units.tho_quang.ancestors()) == [units.da_nang, units.son_tra]
    assert wrong_paths() == []


def test_a_move_takes_everything_below_along_and_nothing_else(units, people):
    before = Branch.objects.get(pk=units.man_thai.pk).path

    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    units.chi_hoi_1.refresh_from_db()
    assert units.chi_hoi_1.path.startswith(units.hai_chau.path)
    assert Branch.objects.get(pk=units.man_thai.pk).path == before
    assert wrong_paths() == []


def test_a_move_is_in_the_history_of_the_unit_and_of_those_below(units, people):
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="sắp xếp")

    for moved in (units.tho_quang, units.chi_hoi_1):
        latest = moved.history.first()
        assert (latest.history_user, latest.history_change_reason) == (people.dung, "sắp xếp")
        assert latest.path.startswith(units.hai_chau.path)


def test_a_unit_cannot_be_moved_below_itself(units, people):
    with pytest.raises(BranchError, match="dưới chính nó"):
        move_branch(branch=units.son_tra, parent=units.tho_quang, by=people.dung, reason="thử")

    assert wrong_paths() == []


def test_a_commune_sits_under_a_district_or_a_province_but_not_under_a_commune(units, people):
    move_branch(branch=units.tho_quang, parent=units.da_nang, by=people.dung, reason="2025")

    with pytest.raises(BranchError, match="không đặt trực tiếp dưới"):
        move_branch(branch=units.tho_quang, parent=units.man_thai, by=people.dung, reason="thử")


def test_two_open_units_under_one_parent_cannot_share_a_name(units):
    commune = Level.objects.get(code="xa")

    with pytest.raises(BranchError, match="trùng tên"):
        open_branch(
            level=commune,
            parent=units.son_tra,
            name="Thọ  Quang",
            type="phường",
            opened_on=date(2020, 1, 1),
        )


def test_names_that_differ_in_one_tone_are_two_units(units):
    commune = Level.objects.get(code="xa")

    for name in ("Nậm Cắn", "Nậm Càn"):
        open_branch(
            level=commune, parent=units.hoi_an, name=name, type="xã", opened_on=date(2020, 1, 1)
        )

    slugs = Branch.objects.filter(parent=units.hoi_an, type="xã").values_list("slug", flat=True)
    assert sorted(slugs) == ["xa-nam-can", "xa-nam-can-thanh-pho-hoi-an"]


def test_a_unit_with_open_units_below_cannot_close(units, people):
    with pytest.raises(BranchError, match="còn đơn vị cấp dưới"):
        close_branch(
            branch=units.tho_quang, closed_on=date(2025, 6, 30), by=people.dung, reason="sáp nhập"
        )


def test_many_units_opened_at_once_get_paths_and_history(units, people):
    level = Level.objects.get(code="chi_hoi")
    rows = [
        Branch(
            level=level,
            parent=units.man_thai,
            type="chi hội",
            name=f"Tổ {number}",
            slug=f"chi-hoi-to-{number}",
            opened_on=date(2020, 1, 1),
        )
        for number in range(20)
    ]

    made = open_branches(rows, by=people.dung)

    assert wrong_paths() == []
    assert all(branch.history.get().path == branch.path for branch in made)


def test_units_at_the_top_opened_in_bulk_have_a_path_of_their_own(units):
    assert (units.da_nang.path, units.da_nang.parent) == (f"/{units.da_nang.pk}/", None)


def test_units_sort_in_vietnamese_order(units):
    names = Branch.objects.filter(parent=units.da_nang).values_list("name", flat=True)

    assert list(names) == ["Hải Châu", "Hội Phụ nữ Công an", "Sơn Trà"]


# --- what the caller holds may be old ----------------------------------------------------


def open_below(parent, name="Phước Mỹ"):
    return open_branch(
        level=Level.objects.get(code="xa"),
        parent=parent,
        name=name,
        type="phường",
        opened_on=date(2020, 1, 1),
    )


def test_a_rename_from_an_old_page_does_not_undo_a_move(units, people):
    old = Branch.objects.get(pk=units.tho_quang.pk)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    renamed = rename_branch(
        branch=old, name="Thọ Phước", type="phường", by=people.dung, reason="đổi tên"
    )

    assert wrong_paths() == []
    assert (renamed.parent, renamed.name) == (units.hai_chau, "Thọ Phước")


def test_a_correction_from_an_old_page_does_not_undo_a_move_above(units, people):
    old = Branch.objects.get(pk=units.chi_hoi_1.pk)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    change_branch(branch=old, parent=old.parent, code="1", by=people.dung, reason="mã")

    assert wrong_paths() == []
    assert Branch.objects.get(pk=old.pk).code == "1"


def test_closing_from_an_old_page_does_not_undo_a_move(units, people):
    old = Branch.objects.get(pk=units.chi_hoi_1.pk)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    close_branch(branch=old, closed_on=date(2025, 6, 30), by=people.dung, reason="sáp nhập")

    assert wrong_paths() == []


def test_closing_from_an_old_page_sees_the_units_below_where_they_are_now(units, people):
    old = Branch.objects.get(pk=units.tho_quang.pk)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    with pytest.raises(BranchError, match="còn đơn vị cấp dưới"):
        close_branch(branch=old, closed_on=date(2025, 6, 30), by=people.dung, reason="sáp nhập")


def test_a_unit_opened_from_an_old_page_stands_where_its_parent_stands_now(units, people):
    old = Branch.objects.get(pk=units.tho_quang.pk)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    made = open_branch(
        level=Level.objects.get(code="chi_hoi"),
        parent=old,
        name="Khu dân cư 3",
        type="chi hội",
        opened_on=date(2020, 1, 1),
    )

    assert wrong_paths() == []
    assert made.path.startswith(units.hai_chau.path)


def test_nothing_is_opened_or_moved_below_a_closed_unit(units, people):
    empty = open_below(units.da_nang)
    close_branch(branch=empty, closed_on=date(2025, 6, 30), by=people.dung, reason="sáp nhập")
    sentence = "Đơn vị cấp trên đã kết thúc hoạt động."

    with pytest.raises(BranchError, match=sentence):
        open_branch(
            level=Level.objects.get(code="chi_hoi"),
            parent=empty,
            name="Khu dân cư 3",
            opened_on=date(2020, 1, 1),
        )
    with pytest.raises(BranchError, match=sentence):
        move_branch(branch=units.chi_hoi_1, parent=empty, by=people.dung, reason="thử")


# --- names that no office has ------------------------------------------------------------


def test_a_very_long_name_in_other_letters_still_fits_its_columns(units):
    branch = open_below(units.son_tra, name="漢" * 150)
    swollen = open_below(units.son_tra, name="\N{LATIN SMALL LIGATURE FFI}" * 150)
    person = User(username="k", full_name="漢" * 100)
    person.fill_keys()

    assert len(branch.sort_key) == 600
    assert max(len(swollen.search_text), len(swollen.exact_text)) == 200
    assert len(person.sort_key) == 500


def test_an_address_made_of_a_long_name_fits_its_column():
    branch = Branch(name="a" * 150, type="phường")

    branch.fill_keys()

    assert len(branch.slug) == 120
