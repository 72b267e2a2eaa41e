"""Vietnamese text: cleaned at the door, folded for search, keyed for sorting.

Every function takes a string and returns a string, and changes nothing when called twice.
"""

import re
import unicodedata
from functools import lru_cache

SOFT_HYPHEN = "\u00ad"  # the letter ư in the old TCVN3 encoding: dropping it destroys words
LOOK_ALIKES = str.maketrans({
    "ð": "đ", "Ð": "Đ", "ɖ": "đ", "Ɖ": "Đ",
    "’": "'", "‘": "'", "ʼ": "'", "ʹ": "'", "′": "'", "`": "'", "´": "'",
})  # fmt: skip

TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: their order in sorting
VOWELS = "aăâeêioôơuưy"
LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# One sign of the key for one letter. "0" parts words, "1" begins a number, "z" any other letter.
CODES = dict(zip(LETTERS, "23456789abcdefghijklmnopqrstuvwxy", strict=True))


def clean(text):
    """One tidy line: NFC, single spaces, no control or zero-width signs; U+00AD stays."""
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return " ".join(text.split())  # most names: nothing to look at sign by sign
    visible = "".join(" " if c.isspace() else c for c in text if c.isspace() or _is_visible(c))
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def clean_lines(text):
    """`clean` line by line, for text of several lines; no blank lines at either end."""
    return "\n".join(clean(line) for line in text.splitlines()).strip()


def fold(text):
    """For search: no case, no marks, đ as d, one kind of apostrophe."""
    plain = _lower(text).replace("đ", "d").replace(SOFT_HYPHEN, "")
    marked = unicodedata.normalize("NFD", plain)
    kept = "".join(c for c in marked if not unicodedata.combining(c))
    return clean(unicodedata.normalize("NFC", kept))


def exact_fold(text):
    """For comparing names: marks count, case and the place of the tone (hoà, hòa) do not.

    A key, not a spelling: the tone is moved to the last vowel of its syllable.
    """
    return "".join(_tone_last(run) for run in _vowel_runs(_lower(text)))


def sort_key(text):
    """Vietnamese order (CLDR `vi`) as digits and Latin letters, alike under every collation.

    Letters first (a ă â b c d đ …), then tones (none, huyền, hỏi, ngã, sắc, nặng); "Chi hội 2"
    before "Chi hội 10". Names that differ in a mark have different keys; case, punctuation,
    leading zeros and the place of a tone make no difference. About one sign a character.
    """
    lower = _lower(text)
    words = re.findall(r"[^\W_]+", "".join(_split_tone(c)[0] for c in lower))
    runs = [run for run in _vowel_runs(lower) if _split_tone(run[:1])[0] in VOWELS]
    letters = "0".join(_word_key(word) for word in words)
    return letters + "00" + "".join(_tone_key(run) for run in runs)


def person_sort_key(full_name):
    """Persons stand by given name, the last word, tones included; then by the rest."""
    rest, _, given = clean(full_name).rpartition(" ")
    return sort_key(given) + sort_key(rest)


def slugify(text):
    """For addresses: "Hội LHPN quận Thanh Khê" is "hoi-lhpn-quan-thanh-khe"."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(text).replace("'", "")))


def key_words(text):
    """Folded text as its words: "nam can, nghe an" is "nam can nghe an", "m'gar" is "mgar"."""
    return " ".join(re.findall(r"[^\W_]+", text.replace("'", "")))


def _is_visible(char):
    if char == SOFT_HYPHEN:
        return True
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs") and char not in "\ufffe\uffff"


def _lower(text):
    folded = clean(text).translate(LOOK_ALIKES).casefold().translate(LOOK_ALIKES)
    return unicodedata.normalize("NFC", folded)


@lru_cache(maxsize=1024)
def _split_tone(char):
    """("ế") is ("ê", "\u0301"); any other mark stays on its letter."""
    marked = unicodedata.normalize("NFD", char)
    tones = "".join(c for c in marked if c in TONES)
    bare = "".join(c for c in marked if c not in TONES)
    return unicodedata.normalize("NFC", bare), tones


def _vowel_runs(text):
    """The text in pieces: runs of vowels, which hold one tone each, and what is between."""
    pieces, inside = [], None
    for char in text:
        is_vowel = _split_tone(char)[0] in VOWELS
        if is_vowel != inside or not pieces:
            pieces.append("")
        pieces[-1] += char
        inside = is_vowel
    return pieces


@lru_cache(maxsize=4096)
def _tone_last(run):
    parts = [_split_tone(c) for c in run]
    tones = "".join(tone for _, tone in parts)
    if len(tones) != 1 or parts[-1][0] not in VOWELS:
        return run
    return unicodedata.normalize("NFC", "".join(bare for bare, _ in parts) + tones)


@lru_cache(maxsize=4096)
def _tone_key(run):
    """0 for no tone, 1 to 5 for one; a 9 joins the tones of a misspelt syllable."""
    tones = [str(TONES.index(tone) + 1) for c in run for tone in _split_tone(c)[1]]
    return "9".join(tones) or "0"


def _word_key(word):
    return "".join(
        _number_key(part) if part.isdecimal() else "".join(map(_letter_key, part))
        for part in re.findall(r"\d+|\D+", word)
    )


def _number_key(digits):
    """Its length goes before it, so that 2 stands before 10 at any length."""
    plain = "".join(str(int(d)) for d in digits).lstrip("0") or "0"
    chunks = [plain[i : i + 99] for i in range(0, len(plain), 99)]
    return "".join(f"1{len(chunk):02d}{chunk}" for chunk in chunks)


@lru_cache(maxsize=1024)
def _letter_key(char):
    base = char if char in CODES else unicodedata.normalize("NFD", char)[0]
    return CODES.get(base) or f"z{ord(char):05x}"
