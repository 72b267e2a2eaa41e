from decimal import Decimal

import pytest

from hoiphunu.fields import NOTHING, FigureField, read_figure, show_figure
from hoiphunu.qualifiers import Qualifier, Rough

HON, TREN, GAN, KHOANG, UOC, PHAN_DAU, IT_NHAT, TOI_THIEU, *_ = Qualifier

# what is typed, the value type asked for, the word kept, the number kept, what is shown
TYPED = [
    ("hơn 120", "whole", HON, 120, "hơn 120"),
    ("Hơn 1.200", "whole", HON, 1200, "hơn 1.200"),
    ("  hơn   120 ", "whole", HON, 120, "hơn 120"),
    ("hon 120", "whole", HON, 120, "hơn 120"),
    ("HƠN 27.000", "whole", HON, 27_000, "hơn 27.000"),
    ("trên 120", "whole", TREN, 120, "trên 120"),
    ("tren 120", "whole", TREN, 120, "trên 120"),
    ("trên 1 nghìn đồng", "money", TREN, 1_000, "trên 1.000"),
    ("trên dưới 120", "whole", KHOANG, 120, "khoảng 120"),
    ("gần 150 tỷ đồng", "money", GAN, 150 * 10**9, "gần 150.000.000.000"),
    ("gần 19,5", "decimal", GAN, "19.5", "gần 19,5"),
    ("gan 20", "whole", GAN, 20, "gần 20"),
    ("khoảng 1,5 tỷ", "money", KHOANG, 15 * 10**8, "khoảng 1.500.000.000"),
    ("khoang 5 triệu", "money", KHOANG, 5 * 10**6, "khoảng 5.000.000"),
    ("khoảng 1 tỷ 250 triệu đồng", "money", KHOANG, 1_250 * 10**6, "khoảng 1.250.000.000"),
    ("xấp xỉ 300", "whole", Qualifier.ALMOST, 300, "xấp xỉ 300"),
    ("chừng 300", "whole", KHOANG, 300, "khoảng 300"),
    ("~ 300", "whole", KHOANG, 300, "khoảng 300"),
    ("~300", "whole", KHOANG, 300, "khoảng 300"),
    ("≈ 72,6", "decimal", KHOANG, "72.6", "khoảng 72,6"),
    ("ước 68.786", "whole", UOC, 68_786, "ước 68.786"),
    ("ước tính 68.786", "whole", UOC, 68_786, "ước 68.786"),
    ("ước đạt 30", "whole", UOC, 30, "ước 30"),
    ("uoc dat 30", "whole", UOC, 30, "ước 30"),
    ("68.786 (ước)", "whole", UOC, 68_786, "ước 68.786"),
    ("30(ước)", "whole", UOC, 30, "ước 30"),
    ("phấn đấu 55.000", "whole", PHAN_DAU, 55_000, "phấn đấu 55.000"),
    ("ít nhất 5", "whole", IT_NHAT, 5, "ít nhất 5"),
    ("tối thiểu 05", "whole", TOI_THIEU, 5, "tối thiểu 5"),
    ("khoảng\u00a0120", "whole", KHOANG, 120, "khoảng 120"),
    ("ho\u031bn 120", "whole", HON, 120, "hơn 120"),  # as a Mac sends it
    ("khoảng 0", "whole", KHOANG, 0, "khoảng 0"),
    ("80 trở lên", "whole", Qualifier.AND_UP, 80, "80 trở lên"),
    ("80 tro len", "whole", Qualifier.AND_UP, 80, "80 trở lên"),
    ("không quá 5", "whole", Qualifier.AT_MOST, 5, "không quá 5"),
    ("không dưới 05", "whole", Qualifier.NOT_UNDER, 5, "không dưới 5"),
]


@pytest.mark.parametrize(("typed", "value_type", "qualifier", "value", "shown"), TYPED)
def test_the_word_typed_with_a_number_is_kept_beside_it(typed, value_type, qualifier, value, shown):
    figure = read_figure(typed, value_type)

    assert figure == Rough(Decimal(value), qualifier)
    assert show_figure(figure, value_type) == shown


@pytest.mark.parametrize(("typed", "value_type", "qualifier", "value", "shown"), TYPED)
def test_what_is_shown_is_read_back_as_the_same(typed, value_type, qualifier, value, shown):
    field = FigureField(value_type=value_type, required=False)

    assert field.prepare_value(read_figure(typed, value_type)) == shown
    assert field.clean(shown) == Rough(Decimal(value), qualifier)


@pytest.mark.parametrize(
    ("typed", "value_type", "sentence"),
    [
        ("hơn", "whole", "còn thiếu số"),
        ("khoảng (ước)", "whole", "còn thiếu số|chỉ ghi một chữ|không phải số"),
        ("ước khoảng 120", "whole", "chỉ ghi một chữ"),
        ("khoảng hơn 120", "whole", "chỉ ghi một chữ"),
        ("hơn 120 (ước)", "whole", "chỉ ghi một chữ"),
        ("khoảng mười", "whole", "không phải số nguyên"),
        ("khoảng 1,5", "whole", "không phải số nguyên"),
        ("khoảng 1.5", "decimal", "số lẻ viết dấu phẩy"),
        ("khoảng kps", "whole", "không phải số nguyên"),
        ("hơn -5", "whole", "Không nhận số âm"),
        ("cỡ 120", "whole", "không phải số nguyên"),
        ("120 hơn", "whole", "không phải số nguyên"),
        ("hơn120", "whole", "không phải số nguyên"),
        ("khoảng Có", "yes_no", "hãy chọn"),
    ],
)
def test_what_could_mean_two_things_is_refused_with_a_sentence(typed, value_type, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_figure(typed, value_type)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mô hình  “Vườn rau\u00a0sạch”", "Mô hình “Vườn rau sạch”"),
        ("hơn 120", "hơn 120"),  # of words, these are words
        ("dòng một\n\n dòng hai ", "dòng một\n\ndòng hai"),
        ("=1+1", "=1+1"),
        (2021, "2021"),
        ("kps", NOTHING),
        ("Không phát sinh", NOTHING),
        ("", None),
        ("  ", None),
        ("—", None),
    ],
)
def test_an_answer_in_words_is_kept_as_it_was_written(typed, kept):
    assert read_figure(typed, "text") == kept


def test_an_answer_in_words_has_an_end():
    assert read_figure("a" * 500, "text") == "a" * 500
    with pytest.raises(ValueError, match="Dài quá 500 ký tự"):
        read_figure("a" * 501, "text")


@pytest.mark.parametrize("value_type", ["whole", "decimal", "money", "yes_no", "text"])
@pytest.mark.parametrize("dash", ["-", "–", "—", " — "])
def test_a_dash_is_a_cell_left_blank_and_never_nought(dash, value_type):
    assert read_figure(dash, value_type) is None
