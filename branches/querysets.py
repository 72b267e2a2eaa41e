"""Which rows: business words for sets of branches, people and files."""

from django.db import models
from django.db.models import Case, Count, Q, Value, When

from hoiphunu.text import exact_fold, fold


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

    def directory(self):
        """Name, kind and place of every open unit: anyone signed in may read them."""
        return self.filter(closed_on=None).select_related("level", "parent")

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

    def matching(self, words):
        """Units whose name holds `words`, exact spelling first, marks left out second."""
        return (
            self.filter(search_text__contains=fold(words))
            .annotate(
                is_loose=Case(
                    When(exact_text__contains=exact_fold(words), then=Value(0)),
                    default=Value(1),
                )
            )
            .order_by("is_loose", "level__rank", "sort_key", "pk")
        )


class OfBranchQuerySet(models.QuerySet):
    """Rows that belong to one branch, in the column `branch`."""

    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "branch__path"))

    def administered_by(self, user):
        return self.filter(under_paths(user.branch_paths("administrator"), "branch__path"))


class SpanQuerySet(models.QuerySet):
    """Names and places of units, then and now: a directory, open to anyone signed in."""

    def directory(self):
        return self.select_related("parent", "decree")

    def in_force(self, day):
        return self.filter(starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gt=day))


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


class UploadRowQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "upload__branch__path"))
