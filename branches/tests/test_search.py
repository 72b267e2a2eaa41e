"""What a few typed words find, in which order; the keys that the search reads."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from branches import search
from branches.models import Branch, BranchAlias, BranchKey, Reorganisation, Succession, Successor
from branches.search import find_units
from branches.services import (
    change_branch,
    close_branch,
    keep_keys,
    move_branch,
    open_branches,
    rename_branch,
    wrong_keys,
)
from conftest import OPENED, unit

pytestmark = pytest.mark.django_db

REFORM = date(2025, 7, 1)


@pytest.fixture
def country(units):
    """Names that are easily taken for one another, in four provinces beside the cast."""
    u = units
    u.nghe_an = unit("tinh", None, "Nghệ An", "tỉnh")
    u.ky_son = unit("huyen", u.nghe_an, "Kỳ Sơn", "huyện")
    u.nam_can = unit("xa", u.ky_son, "Nậm Cắn", "xã")
    u.nam_can_2 = unit("xa", u.ky_son, "Nậm Càn", "xã")
    u.lai_chau = unit("tinh", None, "Lai Châu", "tỉnh")
    u.nam_can_3 = unit("xa", u.lai_chau, "Nậm Cần", "xã")
    u.kon_tum = unit("tinh", None, "Kon Tum", "tỉnh")
    BranchAlias.objects.create(branch=u.kon_tum, name="KonTum")
    u.dak_plo = unit("xa", u.kon_tum, "Đăk Plô", "xã")
    BranchAlias.objects.create(branch=u.dak_plo, name="Đắk Blô")
    keep_keys([u.kon_tum.pk, u.dak_plo.pk])
    u.quang_ngai = unit("tinh", None, "Quảng Ngãi", "tỉnh")
    u.ly_son = unit("xa", u.quang_ngai, "Lý Sơn", "đặc khu")
    u.thanh_khe = unit("huyen", u.da_nang, "Thanh Khê", "quận")
    u.thanh_khe_dong = unit("xa", u.thanh_khe, "Thanh Khê Đông", "phường")
    u.thanh_khe_ward = unit("xa", u.da_nang, "Thanh Khê", "phường")
    u.hoa_vang = unit("huyen", u.da_nang, "Hòa Vang", "huyện")
    u.hoa_tien = unit("xa", u.hoa_vang, "Hòa Tiến", "xã")
    u.hoa_tien_2 = unit("xa", u.quang_nam, "Hòa Tiến", "xã")
    return u


def found(words, **kwargs):
    with_closed = kwargs.get("with_closed", False)
    return find_units(Branch.objects.directory(with_closed=with_closed), words, **kwargs)


def names(units):
    return [unit.full_name for unit in units]


def test_marks_put_the_exact_spelling_first_and_hide_nothing_else(country):
    assert found("Nậm Cắn")[0] == country.nam_can
    assert found("nậm càn")[0] == country.nam_can_2
    assert set(found("nậm cắn")) == {country.nam_can, country.nam_can_2, country.nam_can_3}


def test_without_marks_all_stand_in_vietnamese_order(country):
    assert names(found("nam can")) == ["xã Nậm Càn", "xã Nậm Cắn", "xã Nậm Cần"]


@pytest.mark.parametrize(
    "words", ["nam c", "NAM CAN", "  nậm   can ", "na\u0302\u0323m ca\u0306\u0301n"]
)
def test_a_name_is_found_while_it_is_typed(country, words):
    assert country.nam_can in found(words)


@pytest.mark.parametrize("words", ["cắn", "can", "xã nậm cắn", "xa nam can", "Hội LHPN xã Nậm Cắn"])
def test_any_word_may_begin_and_so_may_the_type(country, words):
    assert country.nam_can in found(words)


def test_letters_inside_a_word_find_nothing(country):
    assert found("an khe") == []


@pytest.mark.parametrize("words", ["hoà tiến", "hòa tiến", "hoa tien", "Hòa Tiến"])
def test_the_place_of_a_tone_makes_no_difference(country, words):
    assert found(words)[:2] == found("Hòa Tiến")[:2]
    assert set(found(words)) == {country.hoa_tien, country.hoa_tien_2}


@pytest.mark.parametrize("words", ["lí sơn", "li son", "Lí Sơn quảng ngãi", "ly son"])
def test_i_stands_for_y_when_nothing_else_is_found(country, words):
    assert found(words) == [country.ly_son]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("kontum", "kon_tum"), ("kon tum", "kon_tum"), ("đắk blô", "dak_plo"), ("dak plo", "dak_plo")],
)
def test_other_spellings_find_the_unit_by_its_aliases(country, words, expected):
    assert found(words) == [getattr(country, expected)]


@pytest.mark.parametrize(
    "words", ["p thanh khê", "P. Thanh Khê", "phường thanh khê", "phuong thanh khe"]
)
def test_the_type_is_looked_at_when_it_is_typed(country, words):
    assert found(words)[0] == country.thanh_khe_ward
    assert country.thanh_khe not in found(words)


def test_a_name_comes_before_units_of_a_type_that_is_called_so(country):
    called_so = unit("xa", country.nghe_an, "Phường Lang", "xã")

    assert found("phường")[0] == called_so
    assert found("phuong")[0] == called_so


def test_higher_levels_come_first(country):
    assert found("thanh khe") == [
        country.thanh_khe,
        country.thanh_khe_ward,
        country.thanh_khe_dong,
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nậm cắn nghệ an", ["nam_can", "nam_can_2"]),
        ("nam can nghe an", ["nam_can_2", "nam_can"]),
        ("nam can ngh", ["nam_can_2", "nam_can"]),
        ("xã Nậm Càn, huyện Kỳ Sơn, tỉnh Nghệ An", ["nam_can_2", "nam_can"]),
        ("nam can lai chau", ["nam_can_3"]),
        ("hòa tiến hòa vang", ["hoa_tien"]),
        ("hoa tien quang nam", ["hoa_tien_2"]),
        ("khu dan cu 1 tho quang", ["chi_hoi_1"]),
        ("thanh khê đông thanh khê đà nẵng", ["thanh_khe_dong"]),
        ("nam can quang ngai", []),
    ],
)
def test_the_last_words_may_say_where_the_unit_stands(country, words, expected):
    assert found(words) == [getattr(country, key) for key in expected]


def test_each_hit_has_its_place(country):
    [hit] = found("nam can lai chau")

    assert names(hit.place) == ["tỉnh Lai Châu"]


# --- What was before ------------------------------------------------------------------------


def test_a_former_name_finds_the_unit_after_those_that_bear_it_now(country, people):
    rename_branch(branch=country.man_thai, name="Nậm Cắn", type="phường", by=people.dung, reason="")
    rename_branch(
        branch=country.man_thai, name="Sơn Trà", type="phường", by=people.dung, reason="", on=REFORM
    )

    assert found("nam can")[-1].full_name == "phường Sơn Trà"
    assert found("phuong nam can")[0].full_name == "phường Sơn Trà"


def test_a_name_corrected_as_a_mistake_is_found_no_more(country, people):
    rename_branch(
        branch=country.man_thai, name="Mân Thải", type="phường", by=people.dung, reason=""
    )
    rename_branch(
        branch=country.man_thai, name="Tân Thái", type="phường", by=people.dung, reason=""
    )

    assert found("man thai") == []


def test_a_unit_is_found_by_where_it_stood(country, people):
    move_branch(
        branch=country.nam_can, parent=country.nghe_an, by=people.dung, reason="", on=REFORM
    )

    assert found("nam can ky son") == [country.nam_can_2, country.nam_can]


def close(branch, by):
    return close_branch(branch=branch, closed_on=REFORM, by=by, reason="")


def test_closed_units_are_found_by_the_directory_alone_and_come_last(country, people):
    close(country.nam_can_2, people.dung)

    assert country.nam_can_2 not in found("nam can")
    assert found("nam can", with_closed=True)[-1] == country.nam_can_2


def follow(old, new, by, *, stage="applied", kind="whole"):
    """A decree by which `old` went into `new`."""
    decree = Reorganisation.objects.create(
        owner=by, title="Nghị quyết thử", effective_on=REFORM, stage=stage, is_confirmed=True
    )
    made = Successor.objects.create(
        reorganisation=decree, number=1, level=new.level, type=new.type, name=new.name, branch=new
    )
    Succession.objects.create(reorganisation=decree, predecessor=old, successor=made, kind=kind)
    return decree


@pytest.fixture
def ended(country, people):
    """Nậm Càn has ended, its record is kept by Nậm Cắn, whose people see it."""
    old = close(country.nam_can_2, people.dung)
    follow(old, country.nam_can, country.nghe_an)
    Branch.objects.filter(pk=old.pk).update(
        parent=country.nam_can, path=f"{country.nam_can.path}{old.pk}/"
    )
    return old


def test_a_closed_hit_says_so_where_it_stood_and_what_is_there_now(as_person, country, ended):
    page = as_person("hoa").get(reverse("branches:branch_search"), {"q": "nậm càn"})
    text = " ".join(page.content.decode().split())

    assert names(page.context["hits"][0].place) == ["tỉnh Nghệ An", "huyện Kỳ Sơn"]
    assert "Đã kết thúc từ 01/07/2025, nay là" in text
    assert f'href="{country.nam_can.get_absolute_url()}">xã Nậm Cắn</a>' in text


def test_a_decree_that_is_only_being_written_says_nothing(as_person, country, people):
    old = close(country.nam_can_2, people.dung)
    follow(old, country.nam_can, country.nghe_an, stage="draft")

    page = as_person("hoa").get(reverse("branches:branch_search"), {"q": "nậm càn"})

    assert page.context["hits"][0].heirs == []


def test_through_several_decrees_the_last_heirs_are_named(as_person, country, ended, people):
    follow(close(country.nam_can, people.dung), country.lai_chau, country.nghe_an)

    page = as_person("hoa").get(reverse("branches:branch_search"), {"q": "nậm càn"})

    assert page.context["hits"][0].heirs == [country.lai_chau]


@pytest.mark.parametrize("asked", [{"pick": "1"}, {"json": "1"}])
def test_what_is_chosen_from_has_open_units_only(as_person, country, ended, asked):
    accept = {"Accept": "application/json"} if "json" in asked else {}
    url = reverse("branches:branch_search")

    response = as_person("hoa").get(url, {"q": "nam can"} | asked, headers=accept)
    answer = str(response.json()) if accept else response.content.decode()

    assert "Nậm Cắn" in answer
    assert "Nậm Càn" not in answer


def test_mine_and_level_narrow_the_search(as_person, country):
    url = reverse("branches:branch_search")
    client = as_person("giang")

    mine = client.get(url, {"q": "khu dan cu", "mine": "1"}).context["hits"]
    wards = client.get(url, {"q": "thanh khe", "level": "xa"}).context["hits"]

    assert set(mine) == {country.chi_hoi_1, country.chi_hoi_2, country.chi_hoi_man_thai}
    assert set(wards) == {country.thanh_khe_ward, country.thanh_khe_dong}


# --- Very many ------------------------------------------------------------------------------

TYPED = ["nam can", "nậm càn", "t", "thanh khê", "chi hoi", "khu dan cu 1 tho quang", "hoa", "xã"]


@pytest.mark.parametrize("words", TYPED)
def test_where_very_many_match_the_order_is_the_same(country, monkeypatch, words):
    few = found(words)

    monkeypatch.setattr(search, "FEW", 0)

    assert found(words) == few
    assert few


@pytest.mark.parametrize("words", ["chi hoi", "khu dan cu", "khu dan cu son tra"])
def test_very_many_elsewhere_do_not_hide_what_is_hers(country, people, monkeypatch, words):
    level = country.chi_hoi_1.level
    rows = [
        Branch(
            level=level,
            parent=country.minh_an,
            type="chi hội",
            name=f"Khu dân cư {number:03}",
            slug=f"many-{number}",
            opened_on=OPENED,
        )
        for number in range(150)
    ]
    open_branches(rows)
    monkeypatch.setattr(search, "FEW", 20)
    hers = Branch.objects.directory().visible_to(people.giang)

    assert set(find_units(hers, words)) == {
        country.chi_hoi_1,
        country.chi_hoi_2,
        country.chi_hoi_man_thai,
    }


def test_names_whose_words_begin_alike_do_not_make_it_read_the_whole_tree(country, monkeypatch):
    level = country.chi_hoi_1.level
    open_branches(
        [
            Branch(
                level=level,
                parent=country.minh_an,
                type="chi hội",
                name=f"Thôn Tân Tiến Tây {number:03}",
                slug=f"thon-{number}",
                opened_on=OPENED,
            )
            for number in range(120)
        ]
    )
    monkeypatch.setattr(search, "FEW", 20)
    monkeypatch.setattr(search.UnitSearch, "rows_of", None)  # the long way

    assert len(found("t", levels=["chi_hoi"])) >= 25


# --- Keys -----------------------------------------------------------------------------------


def test_every_verb_keeps_the_keys_right(country, people):
    by = {"by": people.dung, "reason": "thử"}
    ward = unit("xa", country.da_nang, "An Hải", "phường")
    level = country.chi_hoi_1.level
    open_branches(
        [
            Branch(
                level=level, parent=ward, type="chi hội", name="Khu 1", slug="k1", opened_on=OPENED
            )
        ]
    )
    rename_branch(branch=ward, name="Sơn Trà", type="phường", on=REFORM, **by)
    change_branch(branch=ward, parent=country.da_nang, type="xã", since=date(2026, 1, 1), **by)
    change_branch(branch=country.chi_hoi_1, parent=country.tho_quang, distinction="phường cũ", **by)
    move_branch(branch=country.chi_hoi_2, parent=ward, **by)
    close(country.chi_hoi_thanh_binh, people.dung)

    assert wrong_keys() == []
    assert found("khu dan cu 1 phuong cu") == [country.chi_hoi_1]
    assert country.chi_hoi_1 not in found("phuong cu")


def test_a_wrong_key_is_noticed(country):
    BranchKey.objects.filter(branch=country.nam_can).first().delete()
    BranchKey.objects.filter(branch=country.ly_son).update(standing=2)

    assert wrong_keys() == [country.nam_can.pk, country.ly_son.pk]
    with pytest.raises(CommandError, match="2 sai"):
        call_command("check_paths")


def test_a_list_is_in_vietnamese_order_on_each_database(country):
    for name in ("Đức Phổ", "Ba Tơ", "Bà Nà", "Ba Tô", "Đà Sơn", "Dạ Lan", "Ý Yên", "Ưng Bằng"):
        unit("xa", country.quang_ngai, name, "xã")

    inside = Branch.objects.filter(parent=country.quang_ngai).exclude(pk=country.ly_son.pk)

    assert [u.name for u in inside.order_by("sort_key")] == [
        "Bà Nà",
        "Ba Tô",
        "Ba Tơ",
        "Dạ Lan",
        "Đà Sơn",
        "Đức Phổ",
        "Ưng Bằng",
        "Ý Yên",
    ]
