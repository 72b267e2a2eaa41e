"""Which rows: programmes, quotas and assignments that a person may see."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from branches.querysets import path_above, under_paths
from hoiphunu.text import fold


def programs_of(paths, program=""):
    """A condition: `program` (a prefix) is owned in the territory of `paths`, or above it.

    Of those above she sees what has begun: a draft is the business of its owner's people.
    """
    owner = f"{program}owner__path"
    has_begun = ~Q(**{f"{program}status": "draft"})
    return under_paths(paths, owner) | (path_above(paths, owner) & has_begun)


class ProgramQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Programmes of her own units and of those below; begun ones of the units above too."""
        return self.filter(programs_of(user.branch_paths()))


class OfProgramQuerySet(models.QuerySet):
    """What belongs to a programme and is read by all who take part in it."""

    def visible_to(self, user):
        return self.filter(programs_of(user.branch_paths(), "program__"))


def supporter_under(paths):
    """A condition: the supporter, or its team's unit, lies in the territory of `paths`."""
    return under_paths(paths, "supporter_branch__path") | under_paths(
        paths, "supporter_team__branch__path"
    )


class QuotaQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What her territory must take on."""
        return self.filter(supporter_under(user.branch_paths()))

    def of(self, program):
        """What the programme asks today; what ended with its unit stays in the history."""
        return self.filter(line__program=program, ended_on=None)

    def with_units(self):
        return self.select_related(
            "line",
            "place",
            "supporter_branch__level",
            "supporter_branch__parent",
            "supporter_team__branch__level",
        )


class AssignmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those whose supporter or supported unit lies in her territory: rows, never branches."""
        paths = user.branch_paths()
        return self.filter(supporter_under(paths) | under_paths(paths, "supported__path"))

    def given_by(self, user):
        """Those that her own territory helps with: through them she sees how others get on."""
        return self.filter(supporter_under(user.branch_paths()))

    def active(self):
        return self.filter(ends_on=None)

    def of(self, program):
        return self.filter(program=program)

    def by_supporter(self, supporting):
        """Those of the supporter that a quota or another assignment names."""
        branch, team = supporting.supporter_key
        return self.filter(supporter_branch=branch, supporter_team=team)

    def in_state(self, state):
        """`active`, `ended` or `doubled` (after `with_doubles`); anything else is all."""
        conditions = {
            "active": Q(ends_on=None),
            "ended": Q(ends_on__isnull=False),
            "doubled": Q(is_doubled=True),
        }
        return self.filter(conditions.get(state, Q()))

    def by_kind(self, kind):
        """Of teams ("team"), or of units of the level with this code."""
        if kind == "team":
            return self.exclude(supporter_team=None)
        return self.filter(supporter_branch__level__code=kind)

    def in_area(self, branch):
        """Whose chi hội lies in `branch`."""
        return self.filter(under_paths([branch.path], "supported__path"))

    def matching(self, words):
        """Each word, marks left out, stands in the name of the chi hội, its unit or supporter."""
        rows = self
        for word in fold(words).split():
            rows = rows.filter(
                Q(supported__search_text__contains=word)
                | Q(supported__parent__search_text__contains=word)
                | Q(supporter_branch__search_text__contains=word)
                | Q(supporter_team__slug__contains=word)
            )
        return rows

    def with_doubles(self):
        """`is_doubled`: another supporter helps the same chi hội now, seen by her or not."""
        others = self.model._base_manager.filter(
            program=OuterRef("program"), supported=OuterRef("supported"), ends_on=None
        ).exclude(pk=OuterRef("pk"))
        return self.annotate(is_doubled=Q(ends_on=None) & Exists(others))

    def with_units(self):
        return self.select_related(
            "program__owner__level",
            "supporter_branch__level",
            "supporter_team__branch__level",
            "supported__level",
            "supported__parent__parent",
        )
