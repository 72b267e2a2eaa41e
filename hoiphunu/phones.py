"""Telephone numbers as people write them, kept as one: digits, with the leading zero."""

import re

# Numbers of eleven digits became ones of ten in 2018.
OF_BEFORE_2018 = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0186": "056", "0188": "058", "0199": "059",
    **{f"016{digit}": f"03{digit}" for digit in range(2, 10)},
}  # fmt: skip
MOBILE = re.compile(r"0[35789]\d{8}")
LANDLINE = re.compile(r"02\d{9}")
HOTLINE = re.compile(r"1[89]00\d{4,6}")


def phone_number(text):
    """ "+84 905.123.456" and Excel's 905123456 are "0905123456"; "" stays "".

    Raises ValueError with a sentence for what no telephone number can be.
    """
    digits = re.sub(r"[\s.()\-–]", "", text)
    digits = re.sub(r"^(\+|00)84", "0", digits)
    if re.fullmatch(r"84[35789]\d{8}", digits):
        digits = f"0{digits[2:]}"
    if re.fullmatch(r"[1235789]\d{8,9}", digits) and not HOTLINE.fullmatch(digits):
        digits = f"0{digits}"  # Excel drops the leading zero
    if len(digits) == 11 and digits[:4] in OF_BEFORE_2018:
        digits = OF_BEFORE_2018[digits[:4]] + digits[4:]
    if digits and not any(kind.fullmatch(digits) for kind in (MOBILE, LANDLINE, HOTLINE)):
        raise ValueError(f"“{text}” không phải số điện thoại: hãy viết đủ 10 số (0905 123 456)")
    return digits
