"""Regular expressions that know which Vietnamese letters are capitals."""

import re

UPPER = "A-ZĐ" + "".join("ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ")
LOWER = "a-z" + UPPER[3:].lower()


def compiled(pattern, flags=0):
    """re.compile, where [[:upper:]] and [[:lower:]] stand for the letters of the language."""
    return re.compile(pattern.replace("[:upper:]", UPPER).replace("[:lower:]", LOWER), flags)
