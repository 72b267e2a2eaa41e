"""Which units a few typed words mean, best first.

A name is found by its beginning or from any of its words on (`BranchKey`). Words that no name
goes on with may say where the unit stands or stood: "nậm cắn nghệ an". Only when nothing is
found are other spellings tried: i for y, "Hội LHPN" before the place, P. for phường.
"""

import re
from collections import defaultdict

from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import Concat

from hoiphunu.text import exact_fold, fold, key_words

from .models import Branch, BranchKey, BranchSpan, Level
from .queries import with_places
from .querysets import key_range, under_paths

HITS = 50
FEW = 500  # so many keys are put in order here; of more, each level gives its first
EACH = 100  # of a level, when there are many; a unit has one key in a range, seldom two
PLACES = 20  # units that the words of a place may mean, when very many bear the name
SHORT = {
    "tp": "thanh pho", "tx": "thi xa", "tt": "thi tran", "q": "quan", "h": "huyen",
    "p": "phuong", "x": "xa", "t": "tinh", "ch": "chi hoi",
}  # fmt: skip
# A syllable that ends in i or y after a consonant is written with either: Lý Sơn, Quy Nhơn.
I_OR_Y = re.compile(r"\b([b-df-hj-np-tvx]+|qu)[iy]\b")


def find_units(units, words, levels=(), *, with_closed=False):
    """At most 50 of `units` (a queryset), each with its `place`; `levels` are codes."""
    search = UnitSearch(units.select_related(None).order_by(), levels, with_closed=with_closed)
    ids = search.ids(words)
    found = search.units.in_bulk(ids)
    for unit in found.values():
        unit.level = search.levels[unit.level_id]
    return with_places([found[pk] for pk in ids])


class UnitSearch:
    """One search: among which units, and in which order its hits come."""

    def __init__(self, units, levels=(), *, with_closed=False):
        self.units = units
        rows = Level.objects.order_by("rank")
        rows = rows.filter(code__in=levels) if levels else rows
        self.levels = {level.pk: level for level in rows}
        standing = BranchKey.Standing
        kinds = [standing.OPEN, standing.OPEN_FORMER]
        if with_closed:
            kinds += [standing.CLOSED, standing.CLOSED_FORMER]
        self.standings = [*kinds, *(kind + BranchKey.BY_TYPE for kind in kinds)]

    def ids(self, words):
        """Ids of at most 50 units, best first."""
        plain, marked = key_words(fold(words)), key_words(exact_fold(words))
        spellings = [(plain, marked if marked != plain else "")]
        spellings += [(other, "") for other in self.respelt(plain)]
        for find in (self.named, self.named_and_placed):
            for folded, exact in spellings:
                if folded and (found := find(folded, exact)):
                    return found
        return []

    def respelt(self, plain):
        """Other spellings of the folded words, for when these find nothing."""
        first, _, others = plain.partition(" ")
        found = [I_OR_Y.sub(rf"\1{vowel}", plain) for vowel in "iy"]
        prefixes = {fold(level.office_prefix) for level in self.levels.values()} - {""}
        found += [plain[len(p) + 1 :] for p in prefixes if plain.startswith(f"{p} ")]
        if first in SHORT and others:
            found.append(f"{SHORT[first]} {others}")
        return [spelling for spelling in dict.fromkeys(found) if spelling != plain]

    # --- By name ----------------------------------------------------------------------------

    def named(self, folded, exact):
        """Units with a name that goes on with the words, from its beginning or inside."""
        rows = self.few(self.keys().between("folded", folded), exact)
        if len(rows) <= FEW:
            return self.in_order(rows, exact)
        found = self.first_of_many("exact", exact) if exact else []
        if len(found) < HITS:
            found += [pk for pk in self.first_of_many("folded", folded) if pk not in found]
        return found[:HITS]

    def keys(self):
        return BranchKey.objects.standing_as(self.standings, self.levels)

    def few(self, keys, exact):
        """The rows of these keys; one more than FEW says that there are too many.

        The spelling is read only where it matters: all else stands in the index.
        """
        spelling = "exact" if exact else "folded"
        return list(keys.values_list("branch", "standing", "level", spelling)[: FEW + 1])

    def in_order(self, rows, exact):
        """Their units: spelt so first (where the words have marks), then by standing, by level,
        in Vietnamese order."""
        best = {}
        for pk, standing, level, key in rows:
            is_loose = not key.startswith(exact[: BranchKey.LONGEST])
            place = (is_loose, standing, self.levels[level].rank)
            best[pk] = min(place, best.get(pk, place))
        sort_keys = dict(self.units.filter(pk__in=best).values_list("pk", "sort_key"))
        return sorted(sort_keys, key=lambda pk: (*best[pk], sort_keys[pk], pk))[:HITS]

    def first_of_many(self, column, text):
        """The same where very many match: each level's next in the alphabet, no more."""
        found = []
        for standing in self.standings:
            for rows in self.first_of_each_level(standing, column, text):
                shown = self.in_order(rows, "")
                if len(rows) == EACH and len(shown) < min(HITS, len({row[0] for row in rows})):
                    # Most of them are not among her units; hers may stand behind them.
                    return self.in_order(self.rows_of(self.units, column, text), "")
                found += [pk for pk in shown if pk not in found]
                if len(found) >= HITS:
                    return found
        return found

    def first_of_each_level(self, standing, column, text):
        """Lists of rows, one list for each level that has any; one index range each."""
        part = (
            f"SELECT * FROM (SELECT branch_id, standing, level_id, {column} "  # noqa: S608
            f"FROM {BranchKey._meta.db_table} WHERE standing = %s AND level_id = %s "
            f"AND {column} >= %s AND {column} < %s ORDER BY {column} LIMIT {EACH}) AS part"
        )
        values = [(standing, level, *key_range(text)) for level in self.levels]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join([part] * len(values)), sum(values, ()))
            rows = cursor.fetchall()
        by_level = {level: [row for row in rows if row[2] == level] for level in self.levels}
        return [rows for rows in by_level.values() if rows]

    def rows_of(self, units, column, text, *, is_whole=False):
        """All rows of these units, however many begin so elsewhere: read unit by unit.

        An expression instead of the column, for its index would be the long way here.
        """
        low, high = key_range(text, is_whole=is_whole)
        keys = BranchKey.objects.filter(branch__in=units.order_by().values("pk"))
        keys = keys.annotate(words=Concat(column, Value("")))
        rows = keys.filter(words__gte=low, words__lt=high)
        return [
            row
            for row in rows.values_list("branch", "standing", "level", "exact")
            if row[1] in self.standings and row[2] in self.levels
        ]

    # --- By name and place ------------------------------------------------------------------

    def named_and_placed(self, folded, exact):
        """The last words are met by units above, now or then; as few of them as will do."""
        plain, marked = folded.split(), exact.split()
        for cut in range(len(plain) - 1, 0, -1):
            name, place = " ".join(plain[:cut]), " ".join(plain[cut:])
            spelt = " ".join(marked[:cut])
            if found := self.in_order(self.rows_placed(name, place, spelt), spelt):
                return found
        return []

    def rows_placed(self, name, place, exact):
        rows = self.few(self.keys().between("folded", name, is_whole=True), exact)
        if len(rows) > FEW:
            return self.rows_of(below(place), "folded", name, is_whole=True)
        places = place_names({row[0] for row in rows}) if rows else {}
        return [row for row in rows if meets(place, places[row[0]])]


def below(place):
    """Units that stand or stood under one that the words mean."""
    everyone = Branch.objects.directory(with_closed=True)
    tops = UnitSearch(everyone, with_closed=True).named(place, place)[:PLACES]
    paths = everyone.filter(pk__in=tops).values_list("path", flat=True)
    return everyone.filter(under_paths(paths) | Q(spans__parent__in=tops)).exclude(pk__in=tops)


def place_names(ids):
    """id → the keys of the units above it, and the words that tell it apart."""
    units = Branch.objects.directory(with_closed=True).filter(pk__in=ids)
    above, names = {}, defaultdict(list)
    for pk, path, distinction in units.values_list("pk", "path", "distinction"):
        above[pk] = {int(step) for step in path.strip("/").split("/")} - {pk}
        words = key_words(fold(distinction)).split()
        names[pk] = [" ".join(words[start:]) for start in range(len(words))]
    add_those_of_then(above)
    keys = defaultdict(list)
    wanted = BranchKey.objects.filter(branch__in=set().union(*above.values()))
    for pk, key in wanted.values_list("branch", "folded"):
        keys[pk].append(key)
    return {pk: sum((keys[one] for one in above[pk]), names[pk]) for pk in above}


def add_those_of_then(above):
    """To id → ids of the units above it now: those above it by its dated facts."""
    parents = defaultdict(set)
    asked, ask = set(), set(above).union(*above.values())
    while ask:
        asked |= ask
        spans = BranchSpan.objects.filter(branch__in=ask).exclude(parent=None)
        for pk, parent in spans.values_list("branch", "parent"):
            parents[pk].add(parent)
        ask = set().union(*(parents[pk] for pk in ask)) - asked
    for pk, known in above.items():
        more = parents[pk] | set().union(*(parents[one] for one in known))
        while more - known:
            known |= more
            more = set().union(*(parents[one] for one in more))


def meets(place, names):
    """Do the words fall into pieces, each of which one of the (folded) names begins with?"""
    words = place.split()
    for cut in range(len(words), 0, -1):
        piece, others = " ".join(words[:cut]), " ".join(words[cut:])
        whole = f"{piece} " if others else piece
        if any(f"{name} ".startswith(whole) for name in names):
            if not others or meets(others, names):
                return True
    return False
