"""Which rows: reports and what hangs on them."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from branches.querysets import OfBranchQuerySet, path_above, under_paths
from programs.models import Assignment


class ReportFormQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Forms of her own units, of those above (she reports on them) and of those below."""
        paths = user.branch_paths()
        return self.filter(under_paths(paths, "owner__path") | path_above(paths, "owner__path"))


class PeriodQuerySet(models.QuerySet):
    def visible_to(self, user):
        paths = user.branch_paths()
        return self.filter(
            under_paths(paths, "form__owner__path") | path_above(paths, "form__owner__path")
        )


class ReportQuerySet(OfBranchQuerySet):
    def submitted_by(self, day):
        """First submitted on `day` or before: lateness and reminders look at this alone."""
        return self.filter(first_submitted_on__lte=day)

    def owed(self):
        """All but those that a decree has made needless."""
        return self.exclude(status=self.model.Status.LAPSED)

    def missing_on(self, day):
        """Not submitted by the end of `day`."""
        return self.owed().filter(Q(first_submitted_on=None) | Q(first_submitted_on__gt=day))

    def late(self):
        return self.filter(first_submitted_on__gt=models.F("due_on"))

    def approved(self):
        return self.filter(status__in=self.model.COUNTED)

    def waiting_for(self, user):
        """Submitted by units directly below one where `user` is reviewer today.

        Of a unit that has ended, by those that were left to her (`Report.reviewing_branch`).
        """
        held = [p.branch_id for p in user.standing if p.role == "reviewer"]
        mine = Q(branch__closed_on=None, branch__parent__in=held) | Q(
            branch__closed_on__isnull=False, reviewer_branch__in=held
        )
        return self.filter(mine, status=self.model.Status.SUBMITTED)

    def of_those_helped_by(self, user):
        """Reports on a programme, by units that her territory helps in it, since it does.

        For their states alone: through an assignment a supporter sees the progress, no figure.
        """
        given = Assignment.objects.given_by(user).active()
        return self.filter(
            Exists(
                given.filter(
                    supported=OuterRef("branch"),
                    program=OuterRef("period__form__program"),
                    starts_on__lte=OuterRef("period__ends_on"),
                )
            )
        )

    def own_of(self, user):
        """Reports that she writes as officer of the unit, or of the one that keeps its papers."""
        held = [p.branch_id for p in user.standing if p.role == "officer"]
        kept = Q(branch__closed_on__isnull=False, branch__parent__in=held)
        return self.filter(Q(branch__in=held) | kept)

    def with_units(self):
        return self.select_related("period__form", "branch__level", "branch__parent__level")


class OfReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "report__branch__path"))


class OwnQuerySet(models.QuerySet):
    """Rows made for one person."""

    owner_field = "asked_by"

    def visible_to(self, user):
        return self.filter(**{self.owner_field: user})


class NotificationQuerySet(OwnQuerySet):
    owner_field = "recipient"

    def unread(self):
        return self.filter(read_at=None)
