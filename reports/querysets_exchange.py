"""Which rows: what units say to each other beside their figures."""

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from branches.custody import kept_by, offices
from branches.querysets import OfBranchQuerySet, under_paths

from .querysets import OfReportQuerySet

HANDED_IN = ("submitted", "approved", "locked")


class ProposalQuerySet(OfReportQuerySet):
    def handed_in(self):
        """Those that the unit addressed may read: their report is in, or they were answered."""
        return self.filter(Q(report__status__in=HANDED_IN) | Q(answered_at__isnull=False))

    def handed_in_between(self, start, end):
        """Those that say what they say since a submission of these moments, and did not say it in
        an earlier one: new ones, and those added or put otherwise after a return."""
        events = self.model.report.field.related_model.events.rel.related_model.objects
        submitted = events.filter(report=OuterRef("report"), kind="submitted")
        said = self.model.history.filter(
            id=OuterRef("pk"), text=OuterRef("text"), kind=OuterRef("kind")
        )
        said_at = Subquery(said.order_by("history_date").values("history_date")[:1])
        with_it = submitted.filter(at__gte=OuterRef("said_at"))
        rows = self.alias(said_at=Coalesce(said_at, Value(start)))
        return rows.filter(
            Exists(with_it.filter(at__gte=start, at__lt=end)),
            ~Exists(with_it.filter(at__lt=start)),
        )

    def open(self):
        return self.filter(answered_at=None, closed_at=None)

    def open_first(self):
        """The open ones stand before the others, the oldest of them first."""
        is_open = When(answered_at=None, closed_at=None, then=Value(0))
        return self.annotate(order=Case(is_open, default=Value(1))).order_by(
            "order", "report__period__starts_on", "report__branch__sort_key", "pk"
        )

    def addressed_to(self, branches):
        """Those that one of these units answers today (`Proposal.answering_unit`)."""
        ids = [branch.pk for branch in branches]
        rows = self.alias(
            path=ExpressionWrapper(F("report__branch__path"), models.CharField()),
            answering=answering_office(),
        )
        stands = Q(addressed_to__closed_on=None, path__startswith=F("addressed_to__path"))
        strays = ~stands & under_paths([branch.path for branch in branches], "report__branch__path")
        return rows.filter(Q(stands, addressed_to__in=ids) | (strays & Q(answering__in=ids)))

    def standing_at(self, report):
        """Its own, and what its unit asked in earlier periods and nobody has answered; that of
        units that have become part of it, too."""
        unit = report.branch  # those that ended in it stand below it, and keep their level
        own = under_paths([unit.path], "report__branch__path")
        own &= Q(report__branch__level=unit.level_id)
        waits = own & Q(
            report__period__starts_on__lt=report.period.starts_on,
            report__status__in=HANDED_IN,
            answered_at=None,
            closed_at=None,
        )
        return self.filter(Q(report=report) | waits)

    def with_units(self):
        return self.select_related(
            "report__period__form", "report__branch__level", "report__branch__parent",
            "addressed_to__level", "answering_branch__level", "answered_by",
        )  # fmt: skip


def answering_office():
    """Of a proposal: the unit addressed while it stands above the one that asks; otherwise the
    nearest office above that of the same level, or the nearest of all."""
    path = ExpressionWrapper(OuterRef("report__branch__path"), models.CharField())
    above = offices().filter(level__rank__lt=OuterRef("report__branch__level__rank"))
    above = above.alias(asking=path).filter(asking__startswith=F("path")).order_by("-path")
    named = above.filter(pk=OuterRef("addressed_to"))
    alike = above.filter(level=OuterRef("addressed_to__level"))
    return Coalesce(*(Subquery(rows.values("pk")[:1]) for rows in (named, alike, above)))


class OfProposalQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "proposal__report__branch__path"))


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Of her own units and those below, drafts too; and what was sent into her territory."""
        receipts = self.model.receipts.rel.related_model.objects
        reached = receipts.visible_to(user).filter(notice=OuterRef("pk"))
        hers = under_paths(user.branch_paths(), "branch__path")
        return self.filter(hers | (Q(sent_at__isnull=False) & Exists(reached)))

    def written_at(self, branches):
        return self.filter(branch__in=branches)


class NoticeReceiptQuerySet(OfBranchQuerySet):
    def unseen(self):
        return self.filter(seen_at=None)

    def for_units_of(self, user):
        """Of the units where she works, and of those that have ended whose papers they keep."""
        held = {p.branch_id for p in user.standing if p.role != "administrator"}
        return self.filter(branch__in=held | kept_by(held))

    def unseen_first(self):
        is_new = When(seen_at=None, then=Value(0))
        return self.annotate(order=Case(is_new, default=Value(1))).order_by(
            "order", "-notice__sent_at", "branch__sort_key", "pk"
        )


class ConclusionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Of meetings in her territory, and those for which a unit of it answers."""
        paths = user.branch_paths()
        hers = under_paths(paths, "briefing__branch__path")
        return self.filter(hers | under_paths(paths, "unit__path"))

    def open(self):
        return self.filter(done_on=None)

    def for_units_of(self, user):
        """For which her own units answer: named there, or of their meetings and named for none."""
        held = {p.branch_id for p in user.standing if p.role != "administrator"}
        named = Q(unit__in=held | kept_by(held))
        return self.filter(named | Q(unit=None, briefing__branch__in=held))

    def left_before(self, branch, day):
        """What earlier meetings of a unit decided and nobody has done."""
        return self.open().filter(briefing__branch=branch, briefing__held_on__lt=day)

    def open_first(self):
        is_open = When(done_on=None, then=Value(0))
        return self.annotate(order=Case(is_open, default=Value(1))).order_by(
            "order", F("due_on").asc(nulls_last=True), "-briefing__held_on", "pk"
        )

    def with_units(self):
        return self.select_related("briefing__branch__level", "unit__level", "done_by")


class WordTextQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(under_paths(user.branch_paths(), "file__report__branch__path"))

    def sources_of(self, report):
        """Name of a text → the last file that words of it were taken from."""
        taken = self.filter(file__report=report, taken_at__isnull=False)
        rows = taken.select_related("file__file").order_by("taken_at")
        return {row.narrative: row for row in rows}
