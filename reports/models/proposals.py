"""Khó khăn, kiến nghị: what a unit asks of those above it, row by row, with their answers."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.custody import offices, stands
from branches.models import Branch, User

from ..querysets_exchange import HANDED_IN, OfProposalQuerySet, ProposalQuerySet
from .reports import Report


class Proposal(models.Model):
    """One difficulty or one thing asked for, of a report, to a unit above.

    Nobody copies it from month to month: open, the same row stands in the reports that follow.
    """

    class Kind(models.TextChoices):
        PROPOSAL = "proposal", "Kiến nghị, đề xuất"
        DIFFICULTY = "difficulty", "Khó khăn, vướng mắc"

    class State(models.TextChoices):
        OPEN = "open", "Chờ trả lời"
        ANSWERED = "answered", "Đã trả lời"
        CLOSED = "closed", "Đã xong"

    LONGEST = 2000

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="raised", verbose_name="báo cáo"
    )
    kind = models.CharField("loại", max_length=10, choices=Kind, default=Kind.PROPOSAL)
    text = models.CharField("nội dung", max_length=LONGEST)
    addressed_to = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="proposals", verbose_name="gửi tới"
    )
    answer = models.TextField("trả lời", blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="answers", verbose_name="người trả lời",
        null=True, blank=True,
    )  # fmt: skip
    answered_at = models.DateTimeField("trả lời lúc", null=True, blank=True)
    answering_branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="answers", verbose_name="đơn vị trả lời",
        null=True, blank=True,
    )  # fmt: skip
    closed_at = models.DateTimeField("xong lúc", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="proposals_closed", verbose_name="người báo",
        null=True, blank=True,
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ProposalQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["report", "pk"]
        verbose_name = "khó khăn, kiến nghị"
        verbose_name_plural = "khó khăn, kiến nghị"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="proposal_says_something"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None, answering_branch=None)
                | ~Q(answer="")
                & Q(
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                    answering_branch__isnull=False,
                ),
                name="proposal_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="proposal_closed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["addressed_to"],
                condition=Q(answered_at=None, closed_at=None),
                name="proposal_open",
            ),
        ]

    def __str__(self):
        return self.text

    def get_absolute_url(self):
        return reverse("reports:proposal_detail", args=[self.pk])

    @property
    def state(self):
        if self.closed_at:
            return self.State.CLOSED
        return self.State.ANSWERED if self.answered_at else self.State.OPEN

    @property
    def answering_unit(self):
        """Who answers today: the unit addressed while it stands above the one that asks; otherwise
        the nearest office above that of the same level, or the nearest of all."""
        asking, named = self.report.branch, self.addressed_to
        if asking.path.startswith(named.path) and stands(named):
            return named
        above = offices().filter(pk__in=asking.ancestor_ids, level__rank__lt=asking.level.rank)
        above = list(above.select_related("level").order_by("-path"))
        alike = [unit for unit in above if unit.level_id == named.level_id]
        return next(iter(alike or above), named)

    @property
    def is_handed_in(self):
        """May those above read it? As `ProposalQuerySet.handed_in` says of rows."""
        return self.report.status in HANDED_IN or self.answered_at is not None

    @property
    def is_changeable(self):
        """The unit itself may still say it otherwise: its report is open and nobody answered."""
        return self.state == self.State.OPEN and self.report.is_editable


class ProposalPass(models.Model):
    """Chuyển lên cấp trên: who sent it further up, when, with which word; only ever added."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="passes")
    from_branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="proposals_passed", verbose_name="từ"
    )
    to_branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="proposals_taken", verbose_name="tới"
    )
    word = models.CharField("ý kiến kèm theo", max_length=300, blank=True)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="proposals_passed", verbose_name="người chuyển"
    )
    at = models.DateTimeField("lúc")

    objects = OfProposalQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = "lần chuyển kiến nghị"
        verbose_name_plural = "lần chuyển kiến nghị"

    def __str__(self):
        return f"{self.from_branch} → {self.to_branch}"
