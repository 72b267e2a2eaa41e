"""One province from the state's lists, and its decrees written down as drafts."""

import io
from collections import Counter
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from branches.models import Branch, Level, Reorganisation, Succession, User
from branches.services import (
    apply_to_tree,
    check_decree,
    close_branch,
    move_branch,
    open_branch,
    open_branches,
    wrong_paths,
)
from branches.territory import decree

pytestmark = pytest.mark.django_db

BEFORE, REFORM = date(2025, 6, 30), date(2025, 7, 1)


def run(name, *args, **options):
    out = io.StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue().strip()


def load(day, province="", **options):
    return run("load_units", as_of=str(day), province=province, **options)


def levels():
    return Counter(Branch.objects.filter(closed_on=None).values_list("level__code", flat=True))


# --- one province ------------------------------------------------------------------------


def test_one_province_stands_alone_at_the_top():
    said = load("01/01/2021", "48")

    da_nang = Branch.objects.get(parent=None)
    assert said == (
        "Đã nạp danh sách đơn vị hành chính từ ngày 01/01/2021: 1 tỉnh, thành phố; 8 quận, huyện; "
        "56 xã, phường; 65 đơn vị mới."
    )
    assert (str(da_nang), da_nang.opened_on) == ("thành phố Đà Nẵng", date(2021, 1, 1))
    assert levels() == {"tinh": 1, "huyen": 8, "xa": 56}
    assert load("2021-06-30", "48").startswith("Không có gì mới")


def test_the_unit_that_the_first_administrator_opened_is_used():
    top = open_branch(
        level=Level.objects.get(code="tinh"),
        parent=None,
        type="thành phố",
        name="Đà Nẵng",
        opened_on=date(2000, 1, 1),
    )

    load(REFORM, "48")

    assert Branch.objects.get(parent=None) == top
    assert Branch.objects.filter(parent=top).count() == 94


def test_chi_hoi_and_affiliated_units_do_not_disturb_a_second_run():
    load(REFORM, "48")
    son_tra = Branch.objects.get(type="phường", name="Sơn Trà")
    for level, name in (("chi_hoi", "Khu dân cư 1"), ("truc_thuoc", "Hội Phụ nữ Chợ")):
        open_branch(
            level=Level.objects.get(code=level), parent=son_tra, name=name, opened_on=REFORM
        )

    assert load(REFORM, "48").startswith("Không có gì mới")


def test_a_list_over_units_in_another_state_is_refused_and_nothing_is_opened():
    load("2021-01-01", "48")

    with pytest.raises(CommandError) as refused:
        load(BEFORE, "48")

    # phường Thạc Gián has another code since, that of Vĩnh Trung, which it took over
    assert (
        "Danh sách có 3 đơn vị mà cây chưa có, ví dụ: phường Thạc Gián, phường Hải Châu, "
        "phường An Hải Nam. Cây có 12 đơn vị mà danh sách không có, ví dụ: "
    ) in str(refused.value)
    assert levels()["xa"] == 56


def test_a_unit_that_closed_is_missed():
    load(REFORM, "48")
    hoang_sa = Branch.objects.get(name="Hoàng Sa")
    close_branch(branch=hoang_sa, closed_on=date(2025, 8, 1), by=None, reason="thử")

    with pytest.raises(CommandError, match="Danh sách có 1 đơn vị mà cây chưa có, ví dụ: đặc khu"):
        load(REFORM, "48")


def test_the_country_is_not_loaded_over_a_province_that_stands_alone():
    load(REFORM, "48")

    with pytest.raises(CommandError, match="Đang có thành phố Đà Nẵng đứng đầu một cây riêng"):
        load(REFORM)

    assert levels() == {"tinh": 1, "xa": 94}


@pytest.mark.parametrize(
    ("day", "province", "sentence"),
    [
        ("1/7/25", "", "Không đọc được ngày “1/7/25”"),
        ("hôm qua", "", "Viết 2025-07-01 hoặc 01/07/2025"),
        ("2020-01-01", "", "Chưa có danh sách đơn vị hành chính cho ngày 01/01/2020"),
        ("2021-01-01", "49", "Chưa có danh sách"),
        ("2025-07-01", "49", "Không có tỉnh, thành phố mang mã “49”"),
        ("2025-07-01", "490", "Không có tỉnh, thành phố mang mã “490”"),
    ],
)
def test_what_cannot_be_loaded_is_said_in_a_sentence(day, province, sentence):
    with pytest.raises(CommandError, match=sentence):
        load(day, province)

    assert not Branch.objects.exists()


# --- decrees of one province -------------------------------------------------------------


def test_the_eight_mergers_of_da_nang_are_a_draft_marked_unconfirmed():
    load("2021-01-01", "48")

    said = run("load_decree", "danang-2025")

    row = Reorganisation.objects.get()
    kinds = Counter(row.successions.order_by().values_list("kind", flat=True))
    an_hai_nam = row.successors.get(name="An Hải Nam")
    assert (row.is_confirmed, row.number, row.stage) == (False, "", "draft")
    assert row.owner.name == "Đà Nẵng"
    assert kinds == {"whole": 17, "unchanged": 39}
    assert row.successors.count() == 47
    assert an_hai_nam.parent_branch.name == "Sơn Trà"
    assert "Chưa xác nhận" in said
    assert Branch.objects.count() == 65


def test_units_without_a_code_are_found_by_their_place():
    """As in the demonstration, which has no codes and no huyện Hoàng Sa."""
    load("2021-01-01", "48")
    Branch.objects.filter(name="Hoàng Sa").update(closed_on=date(2022, 1, 1))
    Branch.objects.update(code="")

    run("load_decree", "danang-2025")

    assert Reorganisation.objects.get().successions.count() == 56


def test_a_tree_with_half_of_the_units_is_refused_with_those_it_lacks(units):
    with pytest.raises(CommandError, match="Cây đơn vị thiếu 53 đơn vị .* ví dụ: phường Hòa Hiệp"):
        run("load_decree", "danang-2025")

    assert not Reorganisation.objects.exists()


def test_a_unit_is_never_taken_by_its_code_alone():
    load("2021-01-01", "48")
    Branch.objects.filter(name="Vĩnh Trung").update(code="20221")

    with pytest.raises(CommandError, match="thiếu 1 đơn vị .* phường Vĩnh Trung"):
        run("load_decree", "danang-2025")


def test_an_installation_of_one_province_takes_only_its_lines_and_says_what_it_left_out():
    load(BEFORE, "48")
    with pytest.raises(CommandError, match="thêm --province"):
        run("load_decree", "2025-07-01")

    said = run("load_decree", "2025-07-01", province="48")

    row = Reorganisation.objects.get()
    hoa_lien = row.successions.filter(predecessor__name="Hòa Liên")
    city = row.successors.get(code="48")
    assert "không giữ đơn vị của tỉnh Quảng Nam" in said
    assert row.successors.count() == 95  # also those of which Quảng Nam had the predecessors
    assert row.successions.count() == 1 + 8 + 48
    assert (city.parent_branch, city.parent_successor) == (None, None)
    assert {line.kind for line in hoa_lien} == {"part"}
    assert [line.is_suggested for line in hoa_lien].count(True) == 1
    assert row.successions.get(predecessor__name="Hoàng Sa").successor.name == "Hoàng Sa"
    assert (
        Succession.objects.filter(predecessor__level__code="huyen", kind="abolished").count() == 7
    )


def test_provinces_in_trees_of_their_own_cannot_be_joined_by_a_decree():
    load(BEFORE, "48")
    load(BEFORE, "49")

    with pytest.raises(CommandError, match="nhiều cây riêng .thành phố Đà Nẵng, tỉnh Quảng Nam"):
        run("load_decree", "2025-07-01", province="48")

    assert not Reorganisation.objects.exists()


def test_a_decree_is_not_written_down_twice():
    load("2021-01-01", "48")
    run("load_decree", "danang-2025")

    with pytest.raises(CommandError, match="đã được ghi"):
        run("load_decree", "danang-2025")

    assert Reorganisation.objects.count() == 1


def test_an_unknown_decree_is_refused():
    with pytest.raises(CommandError, match="Có: danang-2025, 2025-07-01, 2026-04-30"):
        run("load_decree", "1661")


def test_a_province_without_a_line_in_the_decree_is_told_so():
    load(REFORM, "48")

    with pytest.raises(CommandError, match="không có tỉnh, thành phố nào thuộc văn bản này"):
        run("load_decree", "2026-04-30", province="48")


def test_dong_nai_becomes_a_city_and_its_ten_communes_wards():
    load(REFORM, "75")

    run("load_decree", "2026-04-30", province="75")

    row = Reorganisation.objects.get()
    assert set(row.successions.values_list("kind", flat=True)) == {"type_changed"}
    assert sorted(row.successors.values_list("type", flat=True)) == ["phường"] * 10 + ["thành phố"]
    assert row.successors.get(name="Lộc Ninh").parent_successor.full_name == "thành phố Đồng Nai"


# --- lists and decrees agree -------------------------------------------------------------


def test_da_nang_of_2021_carried_through_its_decrees_is_the_list_of_today():
    dung = User.objects.create_user("dung", full_name="Lê Thị Dung")
    load("2021-01-01", "48")
    for name, day in (("danang-2025", BEFORE), ("2025-07-01", REFORM)):
        run("load_decree", name, province="48")
        row = Reorganisation.objects.get(effective_on=decree(name).effective_on)
        assert check_decree(row, today=REFORM) == []
        apply_to_tree(reorganisation=row, by=dung)

        assert load(day, "48").startswith("Không có gì mới")

    assert levels() == {"tinh": 1, "xa": 94}


# --- opening many at once ----------------------------------------------------------------


def some_chi_hoi(parent, *names):
    level = Level.objects.get(code="chi_hoi")
    return [
        Branch(level=level, parent=parent, type="chi hội", name=name, opened_on=REFORM)
        for name in names
    ]


def test_units_opened_at_once_get_addresses_of_their_own(units):
    here = open_branches(some_chi_hoi(units.man_thai, "Tổ 1", "Tổ 2"))
    there = open_branches(some_chi_hoi(units.tho_quang, "Tổ 1", "Tổ 2"))

    assert [branch.slug for branch in here] == ["chi-hoi-to-1", "chi-hoi-to-2"]
    assert [branch.slug for branch in there] == [
        "chi-hoi-to-1-phuong-tho-quang",
        "chi-hoi-to-2-phuong-tho-quang",
    ]


def test_a_parent_that_moved_since_it_was_read_gives_its_place_of_now(units):
    old = Branch.objects.get(pk=units.man_thai.pk)
    move_branch(branch=units.man_thai, parent=units.hai_chau, by=None, reason="thử")

    (made,) = open_branches(some_chi_hoi(old, "Tổ 9"))

    assert made.path.startswith(units.hai_chau.path)
    assert wrong_paths() == []
