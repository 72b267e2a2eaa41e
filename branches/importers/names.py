"""Names of units as officers write them, and the rows that such a name may mean."""

import re
from collections import defaultdict
from functools import lru_cache

from hoiphunu.text import clean, exact_fold, fold

OFFICE = re.compile(
    r"^(ban thường vụ |btv |bch )?"
    r"(hội lhpn|hội liên hiệp phụ nữ|hội phụ nữ|hlhpn|chi hội phụ nữ|chi hội) "
)
SHORT = (
    (re.compile(r"^p\b[. ] ?"), "phường "),
    (re.compile(r"^x\b[. ] ?"), "xã "),
    (re.compile(r"^tt\b[. ] ?"), "thị trấn "),
    (re.compile(r"^q\b[. ] ?"), "quận "),
    (re.compile(r"^h\b[. ] ?"), "huyện "),
    (re.compile(r"^tp\b[. ] ?"), "thành phố "),
)


@lru_cache(maxsize=20_000)
def plain_name(text):
    """A name without its office and with its short words written out, as a key to compare."""
    lower = clean(text).lower()
    bare = OFFICE.sub("", lower) or lower
    for short, long in SHORT:
        bare = short.sub(long, bare)
    return exact_fold(bare)


class NameBook:
    """Finds rows by name: with its marks first, without them when that leads to something."""

    def __init__(self):
        self.exact, self.loose = defaultdict(dict), defaultdict(dict)

    def add(self, row, *names):
        for name in names:
            key = plain_name(name)
            self.exact[key][row.pk] = row
            self.loose[fold(key)][row.pk] = row

    def find(self, text):
        """The rows that the text may mean: none, one, or several."""
        key = plain_name(text)
        return list((self.exact.get(key) or self.loose.get(fold(key)) or {}).values())
