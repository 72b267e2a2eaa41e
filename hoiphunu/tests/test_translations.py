"""Other packages speak Vietnamese on our pages: through their own files or through ours."""

import importlib.util
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.timesince import timesince
from django.utils.translation import gettext

OURS = Path(settings.BASE_DIR) / "locale" / "vi" / "LC_MESSAGES" / "django.po"
# Where a package's own list of messages stands; None: in any language it has.
SOURCES = {
    "django.conf": "en",
    "django.contrib.admin": "en",
    "django.contrib.auth": "en",
    "django.contrib.contenttypes": "en",
    "django.contrib.humanize": "en",
    "django.contrib.sessions": "en",
    "import_export": None,
    "simple_history": None,
}
HOLES = re.compile(r"%\(\w+\)[srd]|%[sd]|\{\w*\}")


def messages(path):
    return {(e.msgctxt, e.msgid): e for e in polib.pofile(str(path)) if not e.obsolete}


def translated(path):
    return {key for key, entry in messages(path).items() if entry.translated()}


@pytest.mark.parametrize("package", SOURCES)
def test_every_message_of_a_package_on_our_pages_has_vietnamese_words(package):
    locale = Path(importlib.util.find_spec(package).origin).parent / "locale"
    lists = locale.glob(f"{SOURCES[package] or '*'}/LC_MESSAGES/django.po")
    said = {key for path in lists for key in messages(path)}
    theirs = locale / "vi" / "LC_MESSAGES" / "django.po"
    known = translated(OURS) | (translated(theirs) if theirs.exists() else set())

    missing = sorted(message for _, message in said - known)

    assert said
    assert missing == []


def test_our_translations_keep_the_holes_that_are_filled_in():
    for entry in polib.pofile(str(OURS)):
        for words in [entry.msgstr, *entry.msgstr_plural.values()]:
            if words:
                assert Counter(HOLES.findall(words)) == Counter(HOLES.findall(entry.msgid))


def test_the_compiled_file_says_the_same_as_the_written_one():
    compiled = {
        (e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural)
        for e in polib.mofile(str(OURS.with_suffix(".mo")))
    }
    written = {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in polib.pofile(str(OURS))}

    assert compiled == written


def test_our_words_reach_the_page():
    assert gettext("Confirm import") == "Xác nhận nhập"
    now = datetime(2021, 3, 20)
    assert timesince(now - timedelta(days=8), now) == "1\u00a0tuần, 1\u00a0ngày"
