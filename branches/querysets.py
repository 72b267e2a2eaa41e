"""Which rows: business words for sets of branches, people and files."""

import re

from django.db import models
from django.db.models import Case, Count, Q, Value, When

from hoiphunu.text import fold, key_words

LAST_SIGN = "\U0010ffff"  # stands behind every other, byte by byte


def under_paths(paths, field="path"):
    """A condition: `field` holds the path of one of `paths` or of something below it.

    The upper bound is the path with its last "/" replaced by "0", the next character,
    so one index range serves SQLite and PostgreSQL (collation C) alike.
    """
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{field}__gte": path, f"{field}__lt": path[:-1] + "0"})
    return condition


def path_above(paths, field):
    """A condition: `field` is the path of one of `paths` or of a unit above it."""
    above = set()
    for path in paths:
        steps = path.strip("/").split("/")
        above |= {f"/{'/'.join(steps[:n])}/" for n in range(1, len(steps) + 1)}
    return Q(**{f"{field}__in": above})


class BranchQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The territory: the units where `user` holds a position today, and all below."""
        return self.filter(under_paths(user.branch_paths()))

    def directory(self, *, with_closed=False):
        """Name, kind and place of every unit, as a rule the open ones: anyone may read them."""
        units = self if with_closed else self.filter(closed_on=None)
        return units.select_related("level", "parent")

    def administered_by(self, user):
        """The units where `user` is administrator today, and all below."""
        return self.filter(under_paths(user.branch_paths("administrator")))

    def with_open_children(self):
        """Adds `open_children`, how many open units stand directly below; in order of name."""
        below = Count("children", filter=Q(children__closed_on=None))
        return self.annotate(open_children=below).order_by("sort_key", "pk")

    def under(self, branch):
        """`branch` itself and every unit below it."""
        return self.filter(under_paths([branch.path]))

    def below(self, branch):
        return self.under(branch).exclude(pk=branch.pk)

    def at_level(self, code):
        return self.filter(level__code=code)

    def open_on(self, day):
        return self.filter(opened_on__lte=day).filter(Q(closed_on=None) | Q(closed_on__gt=day))

    def waiting(self):
        """Divided units whose chi hội wait to be placed: closed, yet their officers go on."""
        below = self.model.objects.filter(parent=models.OuterRef("pk"), closed_on=None)
        return self.filter(
            models.Exists(below), closed_on__isnull=False, parent__level__is_unplaced=True
        )

    def staffed(self):
        """Units in which people work: the open ones, and divided ones that wait."""
        waiting = self.model.objects.waiting()
        return self.filter(Q(closed_on=None) | Q(pk__in=waiting.values("pk")))

    def matching(self, words):
        """Units with a name, of now or of before, in which `words` begin at a word."""
        if not key_words(fold(words)):
            return self
        keys = self.model._meta.get_field("keys").related_model
        return self.filter(pk__in=keys.objects.beginning_with(words).values("branch"))


def key_range(text, *, is_whole=False):
    """Of keys that begin with `text`: the first, and what comes after the last.

    `is_whole`: its last word is typed to the end.
    """
    return text, text + (" " + LAST_SIGN if is_whole else LAST_SIGN)


class KeyQuerySet(models.QuerySet):
    def between(self, column, text, *, is_whole=False):
        """Keys that begin with `text`, which is folded as the column is."""
        low, high = key_range(text[: self.model.LONGEST].rstrip(), is_whole=is_whole)
        return self.filter(**{f"{column}__gte": low, f"{column}__lt": high})

    def beginning_with(self, words):
        return self.standing_as(range(8)).between("folded", key_words(fold(words)))

    def standing_as(self, standings, levels=None):
        """The columns that both indexes begin with; each pair of them is a range of its own."""
        if levels is None:
            levels = self.model._meta.get_field("level").related_model.objects.values("pk")
        return self.filter(standing__in=standings, level__in=levels)


class OfBranchQuerySet(models.QuerySet):
    """Rows that belong to one branch, in the column `branch`."""

    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "branch__path"))

    def administered_by(self, user):
        return self.filter(under_paths(user.branch_paths("administrator"), "branch__path"))


def spans_on(day, span=""):
    """A condition: `span` (a prefix) is what was so on that day."""
    has_not_ended = Q(**{f"{span}ends_on": None}) | Q(**{f"{span}ends_on__gt": day})
    return Q(**{f"{span}starts_on__lte": day}) & has_not_ended


class SpanQuerySet(models.QuerySet):
    """Names and places of units, then and now: a directory, open to anyone signed in."""

    def directory(self):
        return self.select_related("parent", "decree")

    def in_force(self, day):
        return self.filter(spans_on(day))

    def within(self, user):
        """Of her territory as it is today, in which every unit of before has its place."""
        return self.filter(under_paths(user.branch_paths(), "branch__path"))

    def tops(self, user):
        """Of `within`: those whose unit above is not hers."""
        above = under_paths(user.branch_paths(), "parent__path")
        return self.within(user).filter(Q(parent=None) | ~above)

    def with_below(self, day):
        """Adds `below_then`, how many units stood directly below that day; in order of name."""
        below = Count("branch__spans_below", filter=spans_on(day, "branch__spans_below__"))
        rows = self.select_related("branch__level").annotate(below_then=below)
        return rows.order_by("branch__level__rank", "branch__sort_key", "branch_id")


def decrees_of(paths, decree=""):
    """A condition: `decree` (a prefix) was entered in the territory of `paths`; once applied,
    also by a unit above it, for it binds her."""
    owner = f"{decree}owner__path"
    is_applied = Q(**{f"{decree}stage": "applied"})
    return under_paths(paths, owner) | (path_above(paths, owner) & is_applied)


class ReorganisationQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(decrees_of(user.branch_paths()))

    def applied(self):
        """Decrees in force are public papers: their number and date stand in the directory."""
        return self.filter(stage="applied")


class OfReorganisationQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(decrees_of(user.branch_paths(), "reorganisation__"))


class SuccessionQuerySet(OfReorganisationQuerySet):
    def in_force(self):
        """Who followed whom by decrees applied: as public as the decrees are."""
        rows = self.filter(reorganisation__stage="applied")
        return rows.select_related(
            "reorganisation", "predecessor__level", "successor__branch__level"
        ).order_by("reorganisation__effective_on", "predecessor__sort_key", "pk")


class TeamQuerySet(OfBranchQuerySet):
    def directory(self):
        """Name and unit of every team: anyone signed in may read them."""
        return self.filter(closed_on=None).select_related("branch", "area")


class PositionQuerySet(OfBranchQuerySet):
    def in_force(self, day):
        return self.filter(started_on__lte=day).filter(Q(ended_on=None) | Q(ended_on__gt=day))


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Herself, and whoever holds or held a position in her territory."""
        held = under_paths(user.branch_paths(), "positions__branch__path")
        return self.filter(Q(pk=user.pk) | held).distinct()

    def administered_by(self, user):
        """Whoever holds or held a position where `user` is administrator."""
        held = under_paths(user.branch_paths("administrator"), "positions__branch__path")
        return self.filter(held).distinct()

    def looked_after_by(self, user, day):
        """Whose accounts she may change: what they hold, or are to hold, is all hers.

        The same rule as `rules.administers_some_position`, for many persons in one question.
        """
        positions = self.model.positions.rel.related_model.objects
        held = positions.filter(Q(ended_on=None) | Q(ended_on__gt=day))
        hers = under_paths(user.branch_paths("administrator"), "branch__path")
        elsewhere = Q(pk__in=held.exclude(hers).values("user"))
        once_elsewhere = Q(pk__in=positions.exclude(hers).values("user"))
        holds_nothing = ~Q(pk__in=held.values("user"))
        return self.administered_by(user).exclude(elsewhere | (holds_nothing & once_elsewhere))

    def known_to(self, user, day):
        """Of whom she may read phone and log-in: who works where `user` is administrator, and
        whose account she looks after. Of one who has moved on she knows the name alone.
        """
        positions = self.model.positions.rel.related_model.objects.administered_by(user)
        at_work = positions.filter(Q(ended_on=None) | Q(ended_on__gt=day))
        hers = self.model.objects.looked_after_by(user, day)
        return self.filter(Q(pk__in=at_work.values("user")) | Q(pk__in=hers.values("pk")))

    def without_own_password(self):
        """Who has not set a password of her own yet, signed in or not."""
        has_none = Q(password__startswith="!")  # noqa: S106 -- Django's sign of an unusable one
        return self.filter(has_none | Q(one_time_until__isnull=False))

    def matching(self, words):
        """Whose name, log-in name or phone holds each word; given names that begin so first."""
        found = self
        plain = re.sub(r"[()]", " ", fold(words))  # "Bùi Thị Hoa (hoa)", as a picker writes it
        for word in plain.split():
            found = found.filter(search_text__contains=word)
        begins = When(search_text__startswith=plain, then=Value(0))
        return found.annotate(is_loose=Case(begins, default=Value(1))).order_by(
            "is_loose", "sort_key", "pk"
        )

    def holding(self, role, branch, day):
        """The people who hold `role` in just this branch on `day`."""
        return self.filter(
            Q(positions__ended_on=None) | Q(positions__ended_on__gt=day),
            positions__role=role,
            positions__branch=branch,
            positions__started_on__lte=day,
            is_active=True,
        ).distinct()


class StoredFileQuerySet(OfBranchQuerySet):
    def visible_to(self, user):
        """Files of her territory; a personal one (an export) only by whom it was made for."""
        return super().visible_to(user).filter(Q(is_personal=False) | Q(uploaded_by=user))


class UploadQuerySet(OfBranchQuerySet):
    def visible_to(self, user):
        """Lists of her territory; one whose file is personal only by whoever brought it."""
        mine = Q(file__is_personal=False) | Q(asked_by=user)
        return super().visible_to(user).filter(mine)


class UploadRowQuerySet(models.QuerySet):
    def visible_to(self, user):
        mine = Q(upload__file__is_personal=False) | Q(upload__asked_by=user)
        held = under_paths(user.branch_paths(), "upload__branch__path")
        return self.filter(held & mine)
