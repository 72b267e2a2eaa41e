"""Sums of money in words, as receipts and minutes write them after the figure."""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
BILLION = 10**9


def amount_in_words(amount):
    """ "Ba trăm sáu mươi triệu đồng" from whole đồng; no two amounts have the same words."""
    sign = ["âm"] if amount < 0 else []
    words = " ".join([*sign, *(number_words(abs(amount)) or ["không"]), "đồng"])
    return words[0].upper() + words[1:]


def number_words(number, *, is_led=False):
    """The words of a number, none of 0. `is_led`: words of higher places stand before it.

    Beyond tỷ one counts in tỷ again: 10^12 is "một nghìn tỷ", 10^15 "một triệu tỷ".
    """
    billions, rest = divmod(number, BILLION)
    words = [*number_words(billions, is_led=is_led), "tỷ"] if billions else []
    for size, name in ((10**6, "triệu"), (10**3, "nghìn"), (1, None)):
        group, rest = divmod(rest, size)
        if group:
            words += group_words(group, is_led=is_led or bool(words))
            words += [name] if name else []
    return words


def group_words(group, *, is_led):
    """Three digits; led by higher ones they are said in full: "không trăm linh năm"."""
    hundreds, rest = divmod(group, 100)
    has_hundreds = bool(hundreds) or is_led
    words = [DIGITS[hundreds], "trăm"] if has_hundreds else []
    return words + pair_words(rest, is_led=has_hundreds)


def pair_words(pair, *, is_led):
    tens, ones = divmod(pair, 10)
    if not tens:
        linh = ["linh"] if is_led else []
        return [*linh, DIGITS[ones]] if ones else []
    words = ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if ones == 1 and tens > 1:
        return [*words, "mốt"]
    if ones == 5:
        return [*words, "lăm"]
    return [*words, DIGITS[ones]] if ones else words
