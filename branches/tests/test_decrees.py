"""What a decree does to the tree, and what it refuses to do."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from branches.decrees import (
    count_waiting,
    ended_above,
    places_for,
    predecessors_of,
    standing_below,
    successors_of,
    units_today,
    waiting_by_unit,
    waiting_units,
)
from branches.models import Branch, BranchSpan, Succession
from branches.services import (
    BranchError,
    add_line,
    add_successor,
    change_decree,
    check_decree,
    close_branch,
    discard_decree,
    move_branch,
    place_units,
    rename_branch,
    undo_in_tree,
    wrong_keys,
    wrong_paths,
)
from branches.tests.small_decrees import (
    REFORM,
    apply_tree_alone,
    empty_decree,
    opened,
    reform_of_da_nang,
    successor,
)
from conftest import OPENED, unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(people):
    return people.dung


@pytest.fixture
def decree(units, by):
    return reform_of_da_nang(units, by)


@pytest.fixture
def applied(decree, by):
    apply_tree_alone(decree, by)
    return decree


def fresh(branch):
    return Branch.objects.select_related("level", "parent").get(pk=branch.pk)


def spans_of(branch):
    return [(s.full_name, s.parent, s.starts_on, s.ends_on) for s in branch.spans.all()]


# --- Merged ---------------------------------------------------------------------------------


def test_two_wards_become_one_new_unit_opened_on_that_day(units, applied):
    ward = opened(applied, "Sơn Trà")

    assert (ward.full_name, ward.parent, ward.opened_on) == (
        "phường Sơn Trà",
        units.da_nang,
        REFORM,
    )
    assert ward.slug == "phuong-son-tra"
    assert ward.path == f"{units.da_nang.path}{ward.pk}/"
    assert spans_of(ward) == [("phường Sơn Trà", units.da_nang, REFORM, None)]


def test_a_merged_ward_ends_and_stands_under_its_successor(units, applied):
    old = fresh(units.tho_quang)

    assert old.closed_on == REFORM
    assert old.parent == opened(applied, "Sơn Trà")
    assert spans_of(old) == [("phường Thọ Quang", units.son_tra, OPENED, REFORM)]


def test_its_chi_hoi_go_along_and_remember_where_they_stood(units, applied):
    chi_hoi, ward = fresh(units.chi_hoi_2), opened(applied, "Sơn Trà")

    assert chi_hoi.parent == ward
    assert chi_hoi.path == f"{ward.path}{chi_hoi.pk}/"
    assert spans_of(chi_hoi) == [
        ("chi hội Khu dân cư 2", units.tho_quang, OPENED, REFORM),
        ("chi hội Khu dân cư 2", ward, REFORM, None),
    ]


def test_two_chi_hoi_of_one_name_are_told_apart_and_others_keep_their_name(units, applied):
    names = {fresh(branch).full_name for branch in (units.chi_hoi_1, units.chi_hoi_man_thai)}

    assert names == {
        "chi hội Khu dân cư 1 (phường Thọ Quang cũ)",
        "chi hội Khu dân cư 1 (phường Mân Thái cũ)",
    }
    assert fresh(units.chi_hoi_2).full_name == "chi hội Khu dân cư 2"


def test_keys_written_in_bulk_are_those_that_saving_writes(applied):
    wrong = []
    for branch in Branch.objects.all():
        stored = branch.search_text, branch.exact_text, branch.sort_key
        branch.fill_keys()
        wrong += (
            [branch] if stored != (branch.search_text, branch.exact_text, branch.sort_key) else []
        )

    assert not wrong
    assert not wrong_keys()
    assert not wrong_paths()


def test_a_chi_hoi_that_must_be_told_apart_a_second_time_says_both(units, applied, by):
    ward = opened(applied, "Sơn Trà")
    other = unit("xa", units.da_nang, "An Hải", "phường")
    twin = unit("chi_hoi", other, "Khu dân cư 1", "chi hội")
    twin.distinction = "phường Thọ Quang cũ"
    twin.save()
    second = empty_decree(units.da_nang, by, date(2026, 4, 30))
    whole = successor(second, "Sơn Trà", units.da_nang, by=by, type="đặc khu")
    for old in (ward, other):
        add_line(reorganisation=second, predecessor=old, kind="whole", successor=whole, by=by)

    apply_tree_alone(second, by)

    assert fresh(twin).full_name == "chi hội Khu dân cư 1 (phường Thọ Quang cũ, phường An Hải cũ)"
    assert fresh(units.chi_hoi_1).full_name == (
        "chi hội Khu dân cư 1 (phường Thọ Quang cũ, phường Sơn Trà cũ)"
    )
    assert not wrong_keys()


def test_each_changed_unit_has_one_record_with_the_decree_as_reason(units, applied, by):
    record = units.chi_hoi_1.history.first()
    ward = opened(applied, "Sơn Trà")

    assert record.history_user == by
    assert "1659/NQ-UBTVQH15" in record.history_change_reason
    assert record.path == fresh(units.chi_hoi_1).path
    assert [r.history_type for r in ward.history.all()] == ["+"]
    assert units.chi_hoi_minh_an.history.count() == 1  # the neighbour's was not touched


# --- Abolished, divided, going on -------------------------------------------------------------


def test_a_district_whose_wards_all_went_to_one_unit_stands_under_that_one(units, applied):
    assert fresh(units.son_tra).closed_on == REFORM
    assert fresh(units.son_tra).parent == opened(applied, "Sơn Trà")


def test_another_district_stands_under_the_province(units, applied):
    assert fresh(units.hai_chau).closed_on == REFORM
    assert fresh(units.hai_chau).parent == units.da_nang


def test_a_divided_ward_waits_with_its_chi_hoi_under_the_marked_row(units, applied):
    old = fresh(units.thanh_binh)

    assert old.closed_on == REFORM
    assert old.parent.level.is_unplaced
    assert old.parent.parent == units.da_nang
    assert fresh(units.chi_hoi_thanh_binh).parent == units.thanh_binh
    assert fresh(units.chi_hoi_thanh_binh).path.startswith(old.path)
    assert list(waiting_units(units.da_nang)) == [units.chi_hoi_thanh_binh]
    assert count_waiting(units.quang_nam) == 0


def test_an_affiliated_unit_of_an_abolished_district_goes_along(units, by):
    market = unit("truc_thuoc", units.son_tra, "Hội Phụ nữ Chợ")

    decree = reform_of_da_nang(units, by)
    apply_tree_alone(decree, by)

    assert fresh(market).parent == opened(decree, "Sơn Trà")


def test_when_one_part_has_all_the_people_the_chi_hoi_go_there_by_themselves(units, by):
    decree = reform_of_da_nang(units, by)
    decree.successions.filter(successor__name="Hòa Cường").update(takes_people=False)

    apply_tree_alone(decree, by)

    assert fresh(units.chi_hoi_thanh_binh).parent == opened(decree, "Hải Châu")
    assert count_waiting(units.da_nang) == 0


@pytest.mark.parametrize(
    ("kind", "name", "type"),
    [
        ("unchanged", "Thọ Quang", "phường"),
        ("renamed", "Sơn Trà", "phường"),
        ("type_changed", "Thọ Quang", "xã"),
    ],
)
def test_a_unit_that_goes_on_keeps_its_id_and_address(units, by, kind, name, type):
    decree = empty_decree(units.da_nang, by)
    goes_on = successor(decree, name, units.hai_chau, type=type, by=by)
    add_line(
        reorganisation=decree, predecessor=units.tho_quang, kind=kind, successor=goes_on, by=by
    )

    apply_tree_alone(decree, by)

    now = fresh(units.tho_quang)
    assert (now.slug, now.closed_on, now.parent) == (units.tho_quang.slug, None, units.hai_chau)
    assert spans_of(now) == [
        ("phường Thọ Quang", units.son_tra, OPENED, REFORM),
        (f"{type} {name}", units.hai_chau, REFORM, None),
    ]
    assert fresh(units.chi_hoi_1).path.startswith(now.path)
    assert not wrong_keys()
    assert not wrong_paths()


def test_two_wards_may_exchange_their_names(units, by):
    decree = empty_decree(units.da_nang, by)
    for old, name in ((units.tho_quang, "Mân Thái"), (units.man_thai, "Thọ Quang")):
        add_line(
            reorganisation=decree,
            predecessor=old,
            kind="renamed",
            successor=successor(decree, name, units.son_tra, by=by),
            by=by,
        )

    apply_tree_alone(decree, by)

    assert fresh(units.tho_quang).name == "Mân Thái"
    assert fresh(units.man_thai).name == "Thọ Quang"


def test_a_ward_may_be_taken_in_by_one_that_goes_on(units, by):
    decree = empty_decree(units.da_nang, by)
    stays = successor(decree, "Thọ Quang", units.son_tra, by=by)
    for old, kind in ((units.tho_quang, "unchanged"), (units.man_thai, "whole")):
        add_line(reorganisation=decree, predecessor=old, kind=kind, successor=stays, by=by)

    apply_tree_alone(decree, by)

    assert fresh(units.chi_hoi_man_thai).parent == units.tho_quang
    assert fresh(units.chi_hoi_man_thai).distinction == "phường Mân Thái cũ"
    assert fresh(units.chi_hoi_1).distinction == ""  # she was there before


def test_provinces_merge_with_all_below_in_one_decree(units, by):
    country = unit("trung_uong", None, "Việt Nam")
    for province in (units.da_nang, units.quang_nam):
        province.parent = country
        province.save()
    for branch in Branch.objects.exclude(pk=country.pk):
        Branch.objects.filter(pk=branch.pk).update(path=country.path[:-1] + branch.path)
    BranchSpan.objects.filter(branch__in=[units.da_nang, units.quang_nam]).update(parent=country)
    decree = empty_decree(country, by)
    city = successor(decree, "Đà Nẵng", country, type="thành phố", level="tinh", by=by)
    for province in (units.da_nang, units.quang_nam):
        add_line(reorganisation=decree, predecessor=province, kind="whole", successor=city, by=by)
    for district in (units.son_tra, units.hai_chau, units.hoi_an):
        add_line(reorganisation=decree, predecessor=district, kind="abolished", by=by)
    hoi_an = successor(decree, "Hội An", city, by=by)
    add_line(
        reorganisation=decree, predecessor=units.minh_an, kind="whole", successor=hoi_an, by=by
    )
    for ward in (units.tho_quang, units.man_thai, units.thanh_binh):
        add_line(
            reorganisation=decree,
            predecessor=ward,
            kind="unchanged",
            successor=successor(decree, ward.name, city, by=by),
            by=by,
        )

    apply_tree_alone(decree, by)

    new = opened(decree, "Đà Nẵng")
    assert new.pk != units.da_nang.pk
    assert fresh(units.da_nang).parent == fresh(units.quang_nam).parent == new
    assert fresh(units.cong_an).parent == fresh(units.tho_quang).parent == new
    assert fresh(units.hoi_an).parent == opened(decree, "Hội An")
    assert fresh(units.hai_chau).parent == new
    assert fresh(units.chi_hoi_minh_an).path.startswith(new.path)
    assert not wrong_paths()


def test_a_new_unit_gets_an_address_of_its_own_when_the_name_is_taken(units, by):
    decree = empty_decree(units.da_nang, by)
    for name, parent in (("Minh An", units.son_tra), ("Thọ Quang", units.hai_chau)):
        successor(decree, name, parent, by=by)

    apply_tree_alone(decree, by)

    assert opened(decree, "Minh An").slug == "phuong-minh-an-quan-son-tra"
    assert opened(decree, "Thọ Quang").slug == "phuong-tho-quang-quan-hai-chau"


def test_a_chi_hoi_opened_after_the_day_has_belonged_to_the_successor_since_it_opened(units, by):
    late = unit("chi_hoi", units.tho_quang, "Khu dân cư 9", "chi hội")
    BranchSpan.objects.filter(branch=late).update(starts_on=date(2025, 9, 1))
    Branch.objects.filter(pk=late.pk).update(opened_on=date(2025, 9, 1))
    decree = reform_of_da_nang(units, by)

    apply_tree_alone(decree, by)

    assert spans_of(late) == [
        ("chi hội Khu dân cư 9", opened(decree, "Sơn Trà"), date(2025, 9, 1), None)
    ]


# --- What became of it ------------------------------------------------------------------------


def test_a_unit_is_followed_to_what_it_is_today(units, applied, by):
    ward = opened(applied, "Sơn Trà")
    second = empty_decree(units.da_nang, by, date(2026, 4, 30))
    other = successor(second, "Biển Đông", units.da_nang, by=by)
    add_line(reorganisation=second, predecessor=ward, kind="whole", successor=other, by=by)
    apply_tree_alone(second, by)

    assert units_today(fresh(units.tho_quang)) == [opened(second, "Biển Đông")]
    assert {unit.name for unit in units_today(fresh(units.thanh_binh))} == {"Hải Châu", "Hòa Cường"}
    assert [line.reorganisation for line in successors_of(ward)] == [second]
    assert {line.predecessor for line in predecessors_of(ward)} == {units.tho_quang, units.man_thai}
    assert not wrong_paths()


def followers(owner):
    """The open units that follow the owner, found from its side and from their own."""
    units = Branch.objects.filter(closed_on=None).exclude(level__is_unplaced=True)
    from_above = standing_below(fresh(owner)).filter(pk__in=units)
    from_below = [unit for unit in units if owner.pk in ended_above([unit])]
    assert set(from_above) == set(from_below)
    return {str(unit) for unit in from_below if unit.level.code == "xa"}


def test_who_follows_an_ended_district_is_the_same_asked_from_either_side(units, by):
    """Thanh Bình stood in quận Sơn Trà for a year, long before; phường Sơn Trà takes a piece of
    its land and nobody of its people."""
    for year, district in ((2017, units.son_tra), (2018, units.hai_chau)):
        move_branch(
            branch=units.thanh_binh, parent=district, by=by, reason="chuyển quận",
            on=date(year, 1, 1),
        )  # fmt: skip
    decree = reform_of_da_nang(units, by)
    add_line(
        reorganisation=decree, predecessor=units.thanh_binh, kind="part",
        successor=decree.successors.get(name="Sơn Trà"), takes_people=False, by=by,
    )  # fmt: skip
    apply_tree_alone(decree, by)

    assert followers(units.son_tra) == {"phường Sơn Trà"}
    assert followers(units.hai_chau) == {"phường Hải Châu", "phường Hòa Cường"}

    place_units(
        units=[units.chi_hoi_thanh_binh], successor_branch=opened(decree, "Hòa Cường"), by=by
    )
    assert followers(units.son_tra) == {"phường Sơn Trà"}
    assert followers(units.hai_chau) == {"phường Hải Châu", "phường Hòa Cường"}


# --- The work list ----------------------------------------------------------------------------


def test_the_work_list_offers_only_the_parts_and_the_likely_one_first(units, applied):
    [waiting] = waiting_by_unit(units.da_nang)

    assert (waiting.unit, waiting.count) == (units.thanh_binh, 1)
    assert [(c.branch.name, c.is_suggested) for c in waiting.choices] == [
        ("Hải Châu", True),
        ("Hòa Cường", False),
    ]
    assert places_for(fresh(units.chi_hoi_thanh_binh)) == waiting.choices


def test_a_placed_chi_hoi_has_belonged_there_since_the_decree(units, applied, by):
    hai_chau = opened(applied, "Hải Châu")

    place_units(units=[units.chi_hoi_thanh_binh], successor_branch=hai_chau, by=by)

    chi_hoi = fresh(units.chi_hoi_thanh_binh)
    assert chi_hoi.parent == hai_chau
    assert spans_of(chi_hoi)[-1] == ("chi hội Khu dân cư 1", hai_chau, REFORM, None)
    assert count_waiting(units.da_nang) == 0
    assert fresh(units.thanh_binh).parent == hai_chau  # all of it went there
    assert not wrong_paths()


def test_an_old_unit_whose_chi_hoi_went_two_ways_stands_under_the_province(units, by):
    second = unit("chi_hoi", units.thanh_binh, "Khu dân cư 2", "chi hội")
    decree = reform_of_da_nang(units, by)
    apply_tree_alone(decree, by)

    place_units(units=[second], successor_branch=opened(decree, "Hòa Cường"), by=by)
    assert fresh(units.thanh_binh).parent.level.is_unplaced
    place_units(
        units=[units.chi_hoi_thanh_binh], successor_branch=opened(decree, "Hải Châu"), by=by
    )

    assert fresh(units.thanh_binh).parent == units.da_nang


def test_a_waiting_chi_hoi_goes_nowhere_else(units, applied, by):
    with pytest.raises(BranchError, match="không được chia về phường Sơn Trà"):
        place_units(
            units=[units.chi_hoi_thanh_binh],
            successor_branch=opened(applied, "Sơn Trà"),
            by=by,
        )
    with pytest.raises(BranchError, match="không chờ xếp"):
        place_units(units=[units.chi_hoi_2], successor_branch=opened(applied, "Hải Châu"), by=by)


# --- Refusals ---------------------------------------------------------------------------------


def test_a_decree_without_faults_has_nothing_to_say(decree):
    assert check_decree(decree) == []


def test_the_check_asks_the_same_number_of_questions_for_any_size(
    units, by, decree, django_assert_max_num_queries
):
    for number in range(30):
        ward = unit("xa", units.hai_chau, f"Bình {number}", "phường")
        add_line(
            reorganisation=decree,
            predecessor=ward,
            kind="whole",
            successor=decree.successors.get(name="Hải Châu"),
            by=by,
        )

    with django_assert_max_num_queries(14):
        assert check_decree(decree) == []


def told(decree, **kwargs):
    return " ".join(check_decree(decree, **kwargs))


def test_a_closed_or_foreign_predecessor_is_refused_by_name(units, decree, by):
    close_branch(branch=units.chi_hoi_thanh_binh, closed_on=date(2024, 1, 1), by=by, reason="")
    Succession.objects.create(
        reorganisation=decree, predecessor=units.chi_hoi_thanh_binh, kind="abolished"
    )
    Succession.objects.create(reorganisation=decree, predecessor=units.minh_an, kind="abolished")

    assert "chi hội Khu dân cư 1 đã kết thúc hoạt động rồi" in told(decree)
    assert "phường Minh An không thuộc" in told(decree)


def test_a_ward_without_a_line_below_an_abolished_district_is_refused(units, decree):
    decree.successions.filter(predecessor=units.man_thai).delete()

    assert "dưới quận Sơn Trà chưa có dòng nào" in told(decree)


def test_a_divided_ward_needs_two_parts_and_one_that_may_have_people(units, decree):
    decree.successions.filter(successor__name="Hòa Cường").delete()
    assert "mới có một phần" in told(decree)

    decree = Succession.objects.filter(predecessor=units.thanh_binh)
    assert decree.count() == 1


def test_parts_that_contradict_each_other_are_refused(units, decree):
    parts = decree.successions.filter(predecessor=units.thanh_binh)

    parts.update(takes_people=True)
    assert "hơn một phần nhận toàn bộ dân" in told(decree)
    parts.update(takes_people=False)
    assert "chưa có phần nào nhận dân" in told(decree)


def test_a_unit_cannot_both_end_and_go_on(units, decree, by):
    add_line(
        reorganisation=decree,
        predecessor=units.tho_quang,
        kind="unchanged",
        successor=successor(decree, "Thọ Quang", units.da_nang, by=by),
        by=by,
    )

    assert "phường Thọ Quang có những dòng không đi cùng nhau" in told(decree)


def test_a_day_before_the_unit_opened_or_after_today_is_refused(units, decree):
    decree.effective_on = OPENED
    assert "không thể có hiệu lực từ ngày đó" in told(decree)

    decree.effective_on = localdate() + timedelta(days=1)
    assert "Đến ngày đó chị hãy thực hiện" in told(decree)


def test_a_successor_stands_where_its_level_may_stand(units, decree, by):
    successor(decree, "Nại Hiên", units.cong_an, by=by)
    assert "phường Nại Hiên không đặt trực tiếp dưới" in told(decree)


def test_a_successor_below_a_unit_that_ends_is_refused(units, decree, by):
    successor(decree, "Nại Hiên", units.son_tra, by=by)
    assert "Đơn vị cấp trên của phường Nại Hiên kết thúc" in told(decree)


def test_a_successor_without_a_unit_above_is_refused(units, decree):
    decree.successors.filter(name="Sơn Trà").update(parent_branch=None)
    assert "phường Sơn Trà chưa có đơn vị cấp trên" in told(decree)


def test_a_unit_that_stood_below_another_is_not_set_free(units, by):
    country = unit("trung_uong", None, "Việt Nam")
    city = unit("tinh", country, "Quảng Nam", "tỉnh")
    decree = empty_decree(country, by)
    free = add_successor(
        reorganisation=decree, level=city.level, name="Quảng Nam", type="tỉnh", by=by
    )
    add_line(reorganisation=decree, predecessor=city, kind="unchanged", successor=free, by=by)

    assert "tỉnh Quảng Nam chưa có đơn vị cấp trên." in check_decree(decree)


def test_what_stands_at_the_top_may_stay_there(units, by):
    decree = empty_decree(units.da_nang, by)
    city = add_successor(
        reorganisation=decree,
        level=units.da_nang.level,
        name="Đà Nẵng Mới",
        type="thành phố",
        by=by,
    )
    add_line(
        reorganisation=decree, predecessor=units.da_nang, kind="renamed", successor=city, by=by
    )

    assert check_decree(decree) == []


def test_a_unit_does_not_decide_about_itself_unless_it_stands_at_the_top(units, by):
    decree = empty_decree(units.son_tra, by)
    for old in (units.tho_quang, units.man_thai, units.son_tra):
        add_line(reorganisation=decree, predecessor=old, kind="abolished", by=by)

    found = " ".join(check_decree(decree))

    assert "quận Sơn Trà không tự sắp xếp chính mình được" in found
    assert "phường Thọ Quang không tự" not in found


def test_circles_among_successors_are_refused(units, decree):
    one, other = decree.successors.all()[:2]
    decree.successors.filter(pk=one.pk).update(parent_branch=None, parent_successor=other)
    decree.successors.filter(pk=other.pk).update(parent_branch=None, parent_successor=one)

    assert "đứng dưới chính nó" in told(decree)


def test_one_name_twice_under_one_unit_is_refused(units, decree, by):
    successor(decree, "Sơn trà", units.da_nang, by=by)
    unit("xa", units.da_nang, "Hòa Cường", "phường")

    assert "có hai lần dưới cùng một đơn vị" in told(decree)
    assert "Đơn vị cấp trên đã có phường Hòa Cường" in told(decree)


def test_what_changed_after_the_plan_was_read_is_looked_at_again(units, decree, by):
    assert check_decree(decree) == []
    rename_branch(
        branch=units.tho_quang,
        name="Thọ Quan",
        type="phường",
        by=by,
        reason="",
        on=date(2025, 9, 1),
    )

    with pytest.raises(BranchError, match="phường Thọ Quan"):
        apply_tree_alone(decree, by)

    assert fresh(units.man_thai).closed_on is None
    assert not Branch.objects.filter(name="Sơn Trà", type="phường").exists()


def test_the_same_decree_is_not_applied_twice(units, applied, by):
    with pytest.raises(BranchError, match="đã được thực hiện"):
        apply_tree_alone(applied, by)


def test_two_people_who_change_a_decree_do_not_overwrite_each_other(decree, by):
    decree.refresh_from_db()

    change_decree(reorganisation=decree, seen_version=decree.version, by=by, title="Tên mới")

    with pytest.raises(BranchError, match="Vừa có người khác sửa"):
        change_decree(reorganisation=decree, seen_version=decree.version, by=by, title="Tên khác")

    decree.refresh_from_db()
    assert decree.title == "Tên mới"


def test_a_decree_in_force_is_neither_changed_nor_thrown_away(applied, by):
    with pytest.raises(BranchError, match="đã thực hiện"):
        add_line(reorganisation=applied, predecessor=applied.owner, kind="abolished", by=by)
    with pytest.raises(BranchError, match="đã thực hiện"):
        discard_decree(reorganisation=applied, by=by)


def test_a_draft_is_thrown_away_with_its_lines_but_not_from_the_history(decree, by):
    pk = decree.pk

    discard_decree(reorganisation=decree, by=by)

    assert not Succession.objects.filter(reorganisation_id=pk).exists()
    assert type(decree).history.filter(id=pk, history_type="-").exists()


# --- Taken back -------------------------------------------------------------------------------


def test_undone_the_tree_stands_as_before(units, by):
    late = unit("chi_hoi", units.tho_quang, "Khu dân cư 9", "chi hội")
    BranchSpan.objects.filter(branch=late).update(starts_on=date(2025, 9, 1))
    decree = reform_of_da_nang(units, by)
    add_line(
        reorganisation=decree,
        predecessor=units.cong_an,
        kind="renamed",
        successor=successor(
            decree,
            "Hội Phụ nữ Công an thành phố",
            units.da_nang,
            type="",
            level="truc_thuoc",
            by=by,
        ),
        by=by,
    )
    before = tree_as_stored()

    apply_tree_alone(decree, by)
    assert tree_as_stored() != before
    undo_in_tree(decree, by)

    assert tree_as_stored() == before
    assert not wrong_keys()
    assert not wrong_paths()


def test_a_chi_hoi_moved_on_the_very_day_goes_back_to_where_it_was_moved(units, by):
    moved = unit("chi_hoi", units.man_thai, "Khu dân cư 9", "chi hội")
    move_branch(branch=moved, parent=units.tho_quang, by=by, reason="chuyển", on=REFORM)
    decree = reform_of_da_nang(units, by)
    before = tree_as_stored()

    apply_tree_alone(decree, by)
    undo_in_tree(decree, by)

    assert tree_as_stored() == before


def test_only_a_clash_of_names_is_called_one(units, by, monkeypatch):
    decree = empty_decree(units.da_nang, by)
    name = successor(decree, "Công an", units.da_nang, type="", level="truc_thuoc", by=by)
    add_line(
        reorganisation=decree, predecessor=units.cong_an, kind="renamed", successor=name, by=by
    )
    apply_tree_alone(decree, by)
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr("branches.services.undoing.keep_keys", broken)
        with pytest.raises(IntegrityError, match="something else"):
            undo_in_tree(decree, by)

    unit("truc_thuoc", units.da_nang, units.cong_an.name, units.cong_an.type)

    with pytest.raises(BranchError, match="trùng tên với đơn vị cũ"):
        undo_in_tree(decree, by)


def broken(ids):
    raise IntegrityError("CHECK constraint failed: something else")


def tree_as_stored():
    spans = BranchSpan.objects.order_by("branch", "starts_on").values(
        "branch", "type", "name", "code", "parent", "starts_on", "ends_on", "decree"
    )
    return list(Branch.objects.order_by("pk").values()), list(spans)


def test_undo_is_refused_once_something_hangs_on_a_new_unit(units, applied, by):
    unit("chi_hoi", opened(applied, "Hòa Cường"), "Khu dân cư 5", "chi hội")

    with pytest.raises(BranchError, match="phường Hòa Cường đã có"):
        undo_in_tree(applied, by)


def test_undo_is_refused_once_a_chi_hoi_was_placed_by_hand(units, applied, by):
    place_units(
        units=[units.chi_hoi_thanh_binh], successor_branch=opened(applied, "Hải Châu"), by=by
    )
    applied.refresh_from_db()

    with pytest.raises(BranchError, match="Đã có chi hội được xếp"):
        undo_in_tree(applied, by)


def test_undo_is_refused_while_a_later_decree_stands_on_it(units, applied, by):
    second = empty_decree(units.da_nang, by, date(2026, 4, 30), title="Đổi tên")
    name = successor(second, "Sơn Trà Mới", units.da_nang, by=by)
    add_line(
        reorganisation=second,
        predecessor=opened(applied, "Sơn Trà"),
        kind="renamed",
        successor=name,
        by=by,
    )
    apply_tree_alone(second, by)

    with pytest.raises(BranchError, match="đã thực hiện Đổi tên"):
        undo_in_tree(applied, by)


def test_undo_is_refused_once_a_moved_unit_was_changed(units, applied, by):
    rename_branch(
        branch=units.chi_hoi_2, name="Biển", type="chi hội", by=by, reason="", on=date(2025, 9, 1)
    )

    with pytest.raises(BranchError, match="đã thay đổi sau khi"):
        undo_in_tree(applied, by)


def test_undone_a_unit_that_went_on_leaves_the_new_one_above_it(units, by):
    country = unit("trung_uong", None, "Việt Nam")
    Branch.objects.filter(pk=units.da_nang.pk).update(parent=country)
    BranchSpan.objects.filter(branch=units.da_nang).update(parent=country)
    for branch in Branch.objects.under(units.da_nang):
        Branch.objects.filter(pk=branch.pk).update(path=country.path[:-1] + branch.path)
    decree = empty_decree(country, by)
    city = successor(decree, "Đà Nẵng", country, type="thành phố", level="tinh", by=by)
    add_line(reorganisation=decree, predecessor=units.da_nang, kind="whole", successor=city, by=by)
    for old in (units.son_tra, units.hai_chau):
        again = successor(decree, old.name, city, type="quận", level="huyen", by=by)
        add_line(reorganisation=decree, predecessor=old, kind="unchanged", successor=again, by=by)
    before = tree_as_stored()
    apply_tree_alone(decree, by)
    assert fresh(units.son_tra).parent == opened(decree, "Đà Nẵng")

    undo_in_tree(decree, by)

    assert tree_as_stored() == before
