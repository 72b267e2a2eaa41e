import pytest
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiphunu.words import amount_in_words

AMOUNTS = {
    0: "Không đồng",
    1: "Một đồng",
    5: "Năm đồng",
    10: "Mười đồng",
    11: "Mười một đồng",
    14: "Mười bốn đồng",
    15: "Mười lăm đồng",
    20: "Hai mươi đồng",
    21: "Hai mươi mốt đồng",
    24: "Hai mươi bốn đồng",
    25: "Hai mươi lăm đồng",
    50: "Năm mươi đồng",
    55: "Năm mươi lăm đồng",
    91: "Chín mươi mốt đồng",
    99: "Chín mươi chín đồng",
    100: "Một trăm đồng",
    101: "Một trăm linh một đồng",
    105: "Một trăm linh năm đồng",
    110: "Một trăm mười đồng",
    111: "Một trăm mười một đồng",
    115: "Một trăm mười lăm đồng",
    121: "Một trăm hai mươi mốt đồng",
    555: "Năm trăm năm mươi lăm đồng",
    999: "Chín trăm chín mươi chín đồng",
    1_000: "Một nghìn đồng",
    1_001: "Một nghìn không trăm linh một đồng",
    1_005: "Một nghìn không trăm linh năm đồng",
    1_015: "Một nghìn không trăm mười lăm đồng",
    1_050: "Một nghìn không trăm năm mươi đồng",
    1_100: "Một nghìn một trăm đồng",
    5_500: "Năm nghìn năm trăm đồng",
    10_000: "Mười nghìn đồng",
    15_000: "Mười lăm nghìn đồng",
    21_021: "Hai mươi mốt nghìn không trăm hai mươi mốt đồng",
    100_000: "Một trăm nghìn đồng",
    105_005: "Một trăm linh năm nghìn không trăm linh năm đồng",
    500_000: "Năm trăm nghìn đồng",
    1_000_000: "Một triệu đồng",
    1_000_001: "Một triệu không trăm linh một đồng",
    1_005_000: "Một triệu không trăm linh năm nghìn đồng",
    1_500_000: "Một triệu năm trăm nghìn đồng",
    50_000_000: "Năm mươi triệu đồng",
    60_000_000: "Sáu mươi triệu đồng",
    101_010_101: "Một trăm linh một triệu không trăm mười nghìn một trăm linh một đồng",
    360_000_000: "Ba trăm sáu mươi triệu đồng",
    1_000_000_000: "Một tỷ đồng",
    1_000_000_005: "Một tỷ không trăm linh năm đồng",
    1_000_005_000: "Một tỷ không trăm linh năm nghìn đồng",
    1_005_000_000: "Một tỷ không trăm linh năm triệu đồng",
    1_250_000_000: "Một tỷ hai trăm năm mươi triệu đồng",
    72_470_000_000: "Bảy mươi hai tỷ bốn trăm bảy mươi triệu đồng",
    213_000_000_000: "Hai trăm mười ba tỷ đồng",
    1_000_000_000_000: "Một nghìn tỷ đồng",
    1_005_000_000_000: "Một nghìn không trăm linh năm tỷ đồng",
    1_000_005_000_000: "Một nghìn tỷ không trăm linh năm triệu đồng",
    2_290_900_000_000: "Hai nghìn hai trăm chín mươi tỷ chín trăm triệu đồng",
    999_999_999_999_999: (
        "Chín trăm chín mươi chín nghìn chín trăm chín mươi chín tỷ "
        "chín trăm chín mươi chín triệu chín trăm chín mươi chín nghìn "
        "chín trăm chín mươi chín đồng"
    ),
    10**15: "Một triệu tỷ đồng",
    -5_000_000: "Âm năm triệu đồng",
    -21: "Âm hai mươi mốt đồng",
}

amounts = st.integers(min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(("amount", "words"), AMOUNTS.items())
def test_an_amount_is_written_out(amount, words):
    assert amount_in_words(amount) == words


@given(amounts, st.integers(min_value=0, max_value=14), st.integers(min_value=-9, max_value=9))
@settings(max_examples=500, deadline=None)
def test_amounts_that_differ_in_one_place_have_different_words(amount, place, step):
    other = amount + step * 10**place

    assert (amount_in_words(amount) == amount_in_words(other)) == (amount == other)


def test_no_two_of_the_small_and_of_the_round_amounts_have_the_same_words():
    amounts = {n * size for n in range(2_000) for size in (1, 10**3, 10**6, 10**9, 10**12)}

    assert len({amount_in_words(amount) for amount in amounts}) == len(amounts)


def test_a_page_shows_an_amount_as_figure_and_in_words():
    tags = "{{ a|money }} ({{ a|in_words }}); {{ b|money }}; {{ c|money }}"
    page = Template("{% load money %}" + tags)

    shown = page.render(Context({"a": 360_000_000, "b": 0, "c": None}))

    assert shown == "360.000.000 đ (Ba trăm sáu mươi triệu đồng); 0 đ; –"
