import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hoiphunu.text import (
    clean,
    clean_lines,
    exact_fold,
    fold,
    person_sort_key,
    slugify,
    sort_key,
)

NAMES = st.text(alphabet="aăâbdđeêghiklmnoôơuưyàảãáạằẳẵắặ AĐÊ'0123456789", max_size=20)


def test_clean_makes_one_tidy_line_and_keeps_the_soft_hyphen_of_old_encodings():
    messy = " Hội\u00a0\u00a0phụ\n nữ\u200b\x00 xã \ufeffc\u00adm "

    assert clean(messy) == "Hội phụ nữ xã c\u00adm"


def test_clean_composes_names_that_come_decomposed_from_a_mac():
    assert clean(unicodedata.normalize("NFD", "Đường Lâm")) == "Đường Lâm"


@given(st.text())
def test_clean_changes_nothing_the_second_time(text):
    once = clean(text)

    assert clean(once) == once


def test_clean_lines_keeps_the_lines_of_a_narrative():
    assert clean_lines("\n a  b\r\n\nc\x00 \n") == "a b\n\nc"


def test_fold_finds_names_typed_without_marks():
    assert fold("Hội LHPN phường Hoà Khánh Bắc, Đà Nẵng") == (
        "hoi lhpn phuong hoa khanh bac, da nang"
    )


def test_fold_takes_the_look_alikes_of_d_and_of_the_apostrophe_as_one():
    assert fold("Ðạ Ɖạ ðạ đạ") == "da da da da"
    assert fold("D’ran") == fold("D'Ran")


@given(st.text())
def test_fold_changes_nothing_the_second_time(text):
    once = fold(text)

    assert fold(once) == once


def test_exact_fold_takes_the_place_of_the_tone_lightly_and_the_tone_seriously():
    assert exact_fold("HOÀ THUỶ UÝ") == exact_fold("Hòa Thủy Úy")
    assert exact_fold("Nậm Cắn") != exact_fold("Nậm Càn")
    assert exact_fold("Hoa") != exact_fold("Hòa")


def test_vietnamese_letters_stand_in_their_own_order():
    names = ["Bà Nà", "An", "Đà Nẵng", "Ân", "Ăn", "Em", "Dung", "Ơn", "Ôn", "On", "Ưng", "Ung"]

    assert sorted(names, key=sort_key) == [
        "An", "Ăn", "Ân", "Bà Nà", "Dung", "Đà Nẵng", "Em", "On", "Ôn", "Ơn", "Ung", "Ưng",
    ]  # fmt: skip


def test_tones_part_names_only_when_their_letters_are_the_same():
    names = ["mạ", "má", "mai", "mã", "mả", "mà", "ma"]

    assert sorted(names, key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ", "mai"]


def test_numbers_in_names_stand_by_their_value():
    names = ["Chi hội 10", "Chi hội 2", "Chi hội 2A", "Chi hội", "Chi hội 02 Bắc"]

    assert sorted(names, key=sort_key) == [
        "Chi hội", "Chi hội 2", "Chi hội 02 Bắc", "Chi hội 2A", "Chi hội 10",
    ]  # fmt: skip


def test_a_shorter_name_stands_before_the_longer_one_it_begins():
    assert sort_key("Hòa") < sort_key("Hoa Mai") < sort_key("Hoan")


@given(NAMES, NAMES)
def test_two_names_share_a_sort_key_only_when_they_are_the_same_name(one, other):
    def letters(name):
        return "".join(c for c in exact_fold(name) if c.isalpha())

    if sort_key(one) == sort_key(other):
        assert letters(one) == letters(other)


@given(NAMES)
def test_case_makes_no_difference_in_sorting(name):
    assert sort_key(name.upper()) == sort_key(name.lower())


@given(st.text())
def test_sort_keys_hold_only_signs_on_which_all_collations_agree(text):
    assert set(sort_key(text)) <= set("0123456789abcdefghijklmnopqrstuvwxyz")


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_sort_as_numbers_at_any_length(one, other):
    assert (sort_key(f"Tổ {one}") < sort_key(f"Tổ {other}")) == (one < other)


def test_persons_stand_by_given_name_and_then_by_the_rest():
    names = ["Trần Thị Án", "Lê Thị Đào", "Phạm Thị An", "Bùi Thị An", "H'Hen Niê", "Mai"]

    assert sorted(names, key=person_sort_key) == [
        "Bùi Thị An", "Phạm Thị An", "Trần Thị Án", "Lê Thị Đào", "Mai", "H'Hen Niê",
    ]  # fmt: skip


def test_slugs_keep_the_letter_đ():
    assert slugify("Hội LHPN Đà Nẵng – D'Ran (cũ)") == "hoi-lhpn-da-nang-dran-cu"
