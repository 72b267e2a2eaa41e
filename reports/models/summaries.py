"""What a unit makes of its own report and those below it: the words it edits, and what was frozen.

Nothing here is ever added up: live totals go on from the figures of the units' own reports.
"""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, User
from branches.querysets import OfBranchQuerySet

from ..querysets import OfSummaryQuerySet
from .calendar import Period
from .reports import Report, ReportEvent

HEADINGS = [(name, Report._meta.get_field(name).verbose_name) for name in Report.NARRATIVE]


class Summary(models.Model):
    """Bản tổng hợp: the words that a unit makes of its own and of those below it. Also of a unit
    that issues the form and owes no report itself."""

    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="summaries", verbose_name="kỳ"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="summaries", verbose_name="đơn vị"
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = OfBranchQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "bản tổng hợp"
        verbose_name_plural = "bản tổng hợp"
        constraints = [
            models.UniqueConstraint(
                fields=["period", "branch"], name="summary_once_per_period_and_branch"
            ),
        ]

    def __str__(self):
        return f"Tổng hợp {self.period.label.lower()} – {self.branch.office_name}"


class FrozenSummary(models.Model):
    """Bản ký: figures and words as they stood when the unit submitted its report (`event`),
    or, of a unit that owes none, when it asked for a paper to sign; only ever added.

    `content` is as `reports.rollup.content_of` gives it.
    """

    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="frozen_summaries", verbose_name="kỳ"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="frozen_summaries", verbose_name="đơn vị"
    )
    event = models.OneToOneField(
        ReportEvent, on_delete=models.PROTECT, related_name="frozen_summary", null=True
    )
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="frozen_summaries", verbose_name="người lập"
    )
    at = models.DateTimeField("lập lúc")
    content = models.JSONField(editable=False)
    digest = models.CharField("mã băm", max_length=64, editable=False)

    objects = OfBranchQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "bản ký của bản tổng hợp"
        verbose_name_plural = "bản ký của bản tổng hợp"
        indexes = [models.Index(fields=["branch", "period"], name="frozen_branch_period")]

    def __str__(self):
        return f"Bản ký {self.period.label.lower()} – {self.branch.office_name}"

    def get_absolute_url(self):
        return reverse("reports:summary_frozen", args=[self.pk])


class SummaryParagraph(models.Model):
    """One paragraph of a summary. `original` is what its source said when it was gathered: a
    unit's report, or the words that a unit without a report of its own has frozen; of neither,
    it is the editor's own."""

    summary = models.ForeignKey(Summary, on_delete=models.PROTECT, related_name="paragraphs")
    heading = models.CharField("mục", max_length=12, choices=HEADINGS, editable=False)
    position = models.PositiveIntegerField(editable=False)
    source = models.ForeignKey(
        Report,
        on_delete=models.PROTECT,
        related_name="summary_paragraphs",
        null=True,
        editable=False,
    )
    frozen = models.ForeignKey(
        FrozenSummary,
        on_delete=models.PROTECT,
        related_name="summary_paragraphs",
        null=True,
        editable=False,
    )
    original = models.TextField(blank=True, editable=False)
    text = models.TextField("lời")
    is_dropped = models.BooleanField("đã bỏ", default=False)
    repeats = models.ForeignKey(
        "self", on_delete=models.SET_NULL, related_name="repeated_by", null=True, editable=False
    )

    objects = OfSummaryQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["summary_id", "position"]
        verbose_name = "đoạn của bản tổng hợp"
        verbose_name_plural = "đoạn của bản tổng hợp"
        constraints = [
            models.UniqueConstraint(
                fields=["summary", "position"], name="paragraph_once_per_position"
            ),
            models.CheckConstraint(
                condition=Q(heading__in=Report.NARRATIVE), name="paragraph_has_a_heading"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="paragraph_says_something"),
        ]

    def __str__(self):
        words = self.text if len(self.text) <= 60 else f"{self.text[:60]}…"
        return f"{self.get_heading_display()}: {words}"
