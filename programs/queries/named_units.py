"""Which units a paper means by "xã Bản Mới, Yên An, Hòa Tỉnh", under names of now and of before."""

import re

from branches.importers.names import plain_name
from branches.models import Branch, BranchAlias, BranchSpan
from branches.queries import add_heirs, with_places
from branches.search import UnitSearch
from hoiphunu.text import exact_fold, fold

TYPE = re.compile(
    r"^(?:tỉnh|thành phố|quận|huyện|thị xã|thị trấn|xã|phường|đặc khu)\s+(?=\w)", re.I
)
MOST = 12  # candidates on the page; more of one name are told apart by typing the district


class NamedUnits:
    """Finds units by the words of a paper; among those of `within`'s tree where one is given."""

    def __init__(self, within=None):
        units = Branch.objects.directory(with_closed=True)
        self.units = units.under(within) if within else units
        self.search = UnitSearch(self.units.select_related(None).order_by(), with_closed=True)
        self.known = {}

    def find(self, words):
        """(candidates as [id, label], the id of the only one or "").

        The unit first, then what stands above it, parted by commas. What is found only with the
        place left out is offered and never chosen.
        """
        if words not in self.known:
            self.known[words] = self._find(words)
        return self.known[words]

    def _find(self, words):
        name, *places = [part.strip() for part in words.split(",") if part.strip()] or [""]
        if not name:
            return [], ""
        for asked in dict.fromkeys([tuple(places), tuple(places[-1:]), ()]):
            units, is_sure = self._named(name, asked)
            if units:
                found = open_ones(units)[:MOST]
                is_only = is_sure and len(found) == 1 and not found[0].closed_on
                is_chosen = is_only and bool(asked or not places)
                labels = [[unit.pk, label_of(unit)] for unit in found]
                return labels, str(found[0].pk) if is_chosen else ""
        return [], ""

    def _named(self, name, places):
        """Units of that name, best known ones only; is the name just this?"""
        for spelling in dict.fromkeys([name, plain_name(name)]):
            ids = self.search.ids(" ".join([spelling, *places]))
            if ids:
                return self._closest(ids, spelling)
        bare = TYPE.sub("", name)  # "thị trấn" of a paper may be a phường by now: offered only
        ids = self.search.ids(" ".join([bare, *places])) if bare != name else []
        return (self._closest(ids, bare)[0], False) if ids else ([], False)

    def _closest(self, ids, name):
        """Of these only the ones with the whole name, marks and all, if there are any."""
        found = self.units.in_bulk(ids)
        names = names_of(found)
        for fold_name in (exact_fold, fold):
            for part in (0, 1):  # with the type, then without
                same = [pk for pk in ids if fold_name(name) in map(fold_name, names[pk][part])]
                if same:
                    return [found[pk] for pk in same], True
        return [found[pk] for pk in ids if pk in found], False


def names_of(units):
    """id → (full names, bare names), of now and of before."""
    names = {pk: ([unit.full_name], [unit.name]) for pk, unit in units.items()}
    for span in BranchSpan.objects.filter(branch__in=units):
        names[span.branch_id][0].append(span.full_name)
        names[span.branch_id][1].append(span.name)
    for alias in BranchAlias.objects.filter(branch__in=units):
        names[alias.branch_id][0].append(alias.name)
        names[alias.branch_id][1].append(alias.name)
    return names


def open_ones(units):
    """The open units among them; of closed ones those that are there in their place now."""
    standing = [unit for unit in units if not unit.closed_on]
    if not standing:
        followed = {}
        for unit in add_heirs(units):
            for heir in unit.heirs or [unit]:
                heir.was = unit.full_name if heir is not unit else ""
                followed.setdefault(heir.pk, heir)
        standing = list(followed.values())
    return with_places(standing)


def label_of(unit):
    """ "xã Bản Mới, tỉnh Hòa Tỉnh (trước là xã Bản Cũ)"."""
    above = [place.full_name for place in reversed(unit.place) if place.parent_id or place.type]
    was = f" (trước là {unit.was})" if getattr(unit, "was", "") else ""
    was = " (đã kết thúc)" if unit.closed_on else was
    return ", ".join([unit.full_name, *above]) + was
