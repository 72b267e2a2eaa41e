"""Which rows: reports and what hangs on them."""

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from branches.custody import kept_by, offices
from branches.decrees import issued_for
from branches.models import Branch
from branches.querysets import OfBranchQuerySet, path_above, under_paths
from programs.models import Assignment

from .schedule import DaysOff


def issued_within(user, owner):
    """A condition: the unit at `owner` is of her territory, or it issues for it."""
    return under_paths(user.branch_paths(), f"{owner}__path") | issued_for(user, owner)


class ReportFormQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Forms of her own units, of those above (she reports on them) and of those below."""
        return self.filter(issued_within(user, "owner"))


class FormVersionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Versions of forms that she may see; a draft only where she is of the owner's unit, or
        above it."""
        hers = under_paths(user.branch_paths(), "form__owner__path")
        meant = issued_for(user, "form__owner") & Q(in_force_on__isnull=False)
        return self.filter(hers | meant)


class FormLineQuerySet(models.QuerySet):
    def in_order(self):
        """From top to bottom of the sheet, a table row by row."""
        order = ["section__position", "position", "row__position", "column__position", "pk"]
        return self.select_related("section", "row", "column").order_by(*order)


class PeriodQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(issued_within(user, "form__owner"))


class PeriodRuleQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(issued_within(user, "form__owner"))


class HolidayQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Public holidays are everybody's."""
        return self.all() if user.is_active else self.none()

    def days_off(self, first, last):
        """What the table says of these days, for everybody alike."""
        rows = list(self.filter(day__range=(first, last)).values_list("day", "is_working"))
        return DaysOff(
            off=frozenset(day for day, is_working in rows if not is_working),
            working=frozenset(day for day, is_working in rows if is_working),
        )


# The last day on which a report is in time (`Report.last_day`).
LAST_DAY = Coalesce("extended_to", "due_on")


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
        return self.filter(first_submitted_on__gt=LAST_DAY)

    def overdue_on(self, day):
        """Past their last day, and not submitted by the end of `day`."""
        return self.missing_on(day).alias(last_day=LAST_DAY).filter(last_day__lt=day)

    def approved(self):
        return self.filter(status__in=self.model.COUNTED)

    def not_handed_in(self):
        """Owed and never submitted yet."""
        return self.owed().filter(first_submitted_on=None)

    def waiting_for(self, user):
        """Submitted, and hers to decide."""
        return self.filter(status=self.model.Status.SUBMITTED).reviewed_by(user)

    def reviewed_by(self, user):
        """Of units directly below one where `user` is reviewer today.

        Of a unit that has ended, by those that were left to her; where they were left to one
        that has ended itself, to her as the nearest above it (`Report.reviewing_branch`).
        """
        held = [p.branch for p in user.standing if p.role == "reviewer"]
        standing = Branch.objects.staffed()
        hers = standing.filter(pk__in=[branch.pk for branch in held]).values("pk")
        left = Q(branch__closed_on__isnull=False)
        orphaned = left & Q(reviewer_branch__closed_on__isnull=False)
        orphaned &= ~Q(reviewer_branch__in=standing.values("pk"))
        orphaned &= under_paths([branch.path for branch in held], "reviewer_branch__path")
        return self.alias(stand_in=Subquery(nearest_above_reviewer())).filter(
            Q(branch__closed_on=None, branch__parent__in=hers)
            | (left & Q(reviewer_branch__in=hers))
            | (orphaned & Q(stand_in__in=hers))
        )

    def to_lock(self, user, form, *, all_of_form):
        """Approved ones that `user` may lock: all of a form that her unit issues (the caller has
        asked the rules), else those that a unit where she is reviewer has approved."""
        approved = self.filter(status=self.model.Status.APPROVED, period__form=form)
        if all_of_form:
            return approved
        held = [p.branch_id for p in user.standing if p.role == "reviewer"]
        return approved.filter(reviewer_branch__in=Branch.objects.staffed().filter(pk__in=held))

    def telling_of(self, branch, user):
        """Reports that say how a unit gets on which her territory helps, since it does.

        On the programme in which it is helped, by the unit itself or, as chi hội write none, by
        the nearest above it that does. For their states alone: an assignment opens no figure.
        """
        given = Assignment.objects.given_by(user).active().filter(supported=branch)
        on_the_way_up = path_above([branch.path], "branch__path")
        nearer = self.model._base_manager.filter(
            on_the_way_up,
            period__form__program=OuterRef("period__form__program"),
            branch__path__gt=OuterRef("branch__path"),  # of two on one way, the lower
        )
        return self.filter(
            on_the_way_up,
            ~Exists(nearer),
            Exists(
                given.filter(
                    program=OuterRef("period__form__program"),
                    starts_on__lte=OuterRef("period__ends_on"),
                )
            ),
        )

    def own_of(self, user):
        """Reports that she writes as officer of the unit, or of the one that keeps its papers."""
        held = {p.branch_id for p in user.standing if p.role == "officer"}
        return self.filter(branch__in=held | kept_by(held))

    def with_units(self):
        return self.select_related("period__form", "branch__level", "branch__parent__level")


def nearest_above_reviewer():
    """Of a report: the office nearest above the unit that it was left to (`stand_in`)."""
    path = ExpressionWrapper(OuterRef("reviewer_branch__path"), models.CharField())
    above = offices().filter(level__rank__lt=OuterRef("branch__level__rank"))
    found = above.alias(ended=path).filter(ended__startswith=models.F("path"))
    return found.order_by("-path").values("pk")[:1]


class OfReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "report__branch__path"))


class ReportFileQuerySet(OfReportQuerySet):
    def standing(self):
        """Those that were not taken out again."""
        return self.filter(removed_at=None)

    def attachments(self):
        """Those that the form asks for: the unit's own Word report is none."""
        return self.filter(word_texts=None)

    def word_reports(self):
        return self.filter(word_texts__isnull=False).distinct()


class OfEventQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "event__report__branch__path"))


class OfSummaryQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "summary__branch__path"))


class FigureQuerySet(OfReportQuerySet):
    def given(self):
        """Cells that say something: a number, words, or "không phát sinh"."""
        return self.exclude(value=None, is_nothing=False, text="")


class OwnQuerySet(models.QuerySet):
    """Rows made for one person."""

    owner_field = "asked_by"

    def visible_to(self, user):
        return self.filter(**{self.owner_field: user})


class NotificationQuerySet(OwnQuerySet):
    owner_field = "recipient"

    def visible_to(self, user):
        """What stands under her bell."""
        return super().visible_to(user).filter(on_bell=True)

    def log_for(self, user):
        """Reminders to people of units of her territory, whoever got them."""
        paths = user.branch_paths()
        return self.filter(
            under_paths(paths, "branch__path"),
            under_paths(paths, "about__path"),
            kind__in=self.model.REMINDERS,
        )

    def to_mail(self):
        """What waits to be put into a letter."""
        return self.filter(letter=None).exclude(mail=self.model.Mail.NONE)

    def unread(self):
        return self.filter(read_at=None)
