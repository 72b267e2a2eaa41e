"""The rows that the search reads: each unit's names, word by word, of today and of before."""

from collections import defaultdict
from functools import lru_cache

from django.db import connection, transaction
from django.db.models import F

from branches.models import Branch, BranchAlias, BranchKey, BranchSpan
from hoiphunu.text import exact_fold, fold, key_words

AT_ONCE = 5000  # units; their keys are some 25,000 rows
MOST_WORDS = 12  # of one name; a longer one is found by its beginning
COLUMNS = ("branch_id", "level_id", "standing", "folded", "exact")


@transaction.atomic
def keep_keys(ids):
    """Write the keys of these units anew: after a name, an alias, a span or the end changed."""
    ids = list(ids)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        BranchKey.objects.filter(branch__in=some).delete()
        insert_keys(keys_of(some))


def wrong_keys():
    """Units whose stored keys are not those of their names (in a healthy tree none)."""
    wrong = []
    ids = list(Branch.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        right, stored = defaultdict(set), defaultdict(set)
        for key in keys_of(some):
            right[key[0]].add(key[1:])
        for key in BranchKey.objects.filter(branch__in=some).values_list(*COLUMNS):
            stored[key[0]].add(key[1:])
        wrong += [pk for pk in some if right[pk] != stored[pk]]
    return wrong


def keys_of(ids):
    """The keys that these units should have, as tuples in the order of COLUMNS."""
    standing = BranchKey.Standing
    names, level, is_closed = defaultdict(dict), {}, {}
    units = Branch.objects.filter(pk__in=ids)
    for pk, level_id, closed_on, type, name, distinction, folded, exact in units.values_list(
        "pk", "level", "closed_on", "type", "name", "distinction", "search_text", "exact_text"
    ):
        level[pk], is_closed[pk] = level_id, bool(closed_on)
        if distinction:
            # No name of its own: who types "mân thái" does not mean thirty chi hội "Khu dân cư …
            # (phường Mân Thái cũ)". So a decree that tells 90,000 apart rewrites no key.
            folded, exact = folded_name(type, name)
        names[pk] |= dict.fromkeys(name_keys(folded, exact, count_words(type)), False)
    aliases = BranchAlias.objects.filter(branch__in=ids)
    for pk, name in aliases.values_list("branch", "name"):
        for key in name_keys(fold(name), exact_fold(name), 0):
            names[pk].setdefault(key, False)
    spans = BranchSpan.objects.filter(branch__in=ids)
    spans = spans.exclude(name=F("branch__name"), type=F("branch__type"))
    for pk, type, name in spans.values_list("branch", "type", "name"):
        full = f"{type} {name}".strip()
        for key in name_keys(fold(full), exact_fold(full), count_words(type)):
            names[pk].setdefault(key, True)
    for pk, keys in names.items():
        for (folded, exact, is_by_type), is_former in keys.items():
            stands = standing.CLOSED if is_closed[pk] else standing.OPEN
            place = stands + is_former + (BranchKey.BY_TYPE if is_by_type else 0)
            yield pk, level[pk], int(place), folded, exact


@lru_cache(maxsize=4096)
def name_keys(folded, exact, type_words):
    """(folded, exact, begins with the type) from each word on; of the type only the whole."""
    plain, marked = key_words(folded).split(), key_words(exact).split()
    if len(plain) != len(marked):  # signs that stand between words in one of the two only
        marked = plain
    starts = range(type_words, min(len(plain), type_words + MOST_WORDS))
    if type_words and starts:
        starts = [0, *starts]
    return [(rest(plain, start), rest(marked, start), start < type_words) for start in starts]


def rest(words, start):
    return " ".join(words[start:])[: BranchKey.LONGEST].rstrip()


@lru_cache(maxsize=4096)
def folded_name(type, name):
    full = f"{type} {name}".strip()
    return fold(full), exact_fold(full)


@lru_cache(maxsize=4096)
def count_words(text):
    return len(key_words(fold(text)).split())


def insert_keys(rows):
    """Many rows in one statement: the tree of the country has half a million of them."""
    rows = list(rows)
    if not rows:
        return
    into = f"INSERT INTO {BranchKey._meta.db_table} ({', '.join(COLUMNS)}) "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = "%s::bigint[], %s::bigint[], %s::smallint[], %s::text[], %s::text[]"
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(f"{into} SELECT * FROM unnest({kinds})", columns)  # noqa: S608
        else:
            cursor.executemany(f"{into} VALUES (%s, %s, %s, %s, %s)", rows)
