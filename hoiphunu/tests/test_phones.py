import pytest

from hoiphunu.phones import phone_number


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0905123456", "0905123456"),
        ("0905.123.456", "0905123456"),
        ("+84 905 123 456", "0905123456"),
        ("84905123456", "0905123456"),
        ("905123456", "0905123456"),  # Excel drops the leading zero
        ("01669123456", "0369123456"),
        ("1234567890", "0834567890"),  # both: eleven digits of before 2018, less the zero
        ("(0236) 3822 133", "02363822133"),
        ("2363822133", "02363822133"),
        ("1800599967", "1800599967"),
        ("", ""),
    ],
)
def test_a_number_is_kept_one_way_however_it_is_written(typed, kept):
    assert phone_number(typed) == kept
    assert phone_number(kept) == kept


@pytest.mark.parametrize("typed", ["090512345", "12", "0605123456", "không có", "09051234567"])
def test_what_no_number_can_be_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match="không phải số điện thoại"):
        phone_number(typed)
