"""Stored sums, what a sum is asked of, and the workbooks made of it."""

from django.db import models
from django.urls import reverse

from branches.models import Branch, PathField, StoredFile
from branches.querysets import OfBranchQuerySet
from hoiphunu.jobs import Job
from programs.models import Indicator

from ..querysets import OwnQuerySet
from .calendar import Period
from .reports import Report


class Geography(models.TextChoices):
    """In which tree a sum is asked for: of the day the period opened, or of today."""

    THEN = "then", "theo địa bàn tại thời điểm báo cáo"
    NOW = "now", "theo địa bàn hiện nay"


class Basis(models.TextChoices):
    """Which reports a sum is made of. What is being corrected, or was never in, is in neither."""

    APPROVED = "approved", "chỉ báo cáo đã duyệt"
    ALL = "all", "tất cả báo cáo đã nộp"

    @property
    def waiting(self):
        """The states that count besides the approved ones, whose sums are stored."""
        return (Report.Status.SUBMITTED,) if self == Basis.ALL else ()

    @property
    def statuses(self):
        return (*self.waiting, *Report.COUNTED)


class Total(models.Model):
    """A stored sum over the approved reports below a place in the tree: a cache of figures.

    `path` is the place as it was when the period opened, `branch` its last id, `parent` the one
    before. `value` sums the typed figures (for Có / Không: how many said Có), `answered` counts
    the reports that gave one. The place's own report is not in it.

    No foreign key holds to units and indicators: asking for them again, for a hundred thousand
    sums, was a third of a rebuild. `check_totals` compares each sum with the figures, at the place
    where pages find it.
    """

    period = models.ForeignKey(
        Period, on_delete=models.CASCADE, related_name="totals", db_index=False
    )
    path = PathField(max_length=120)
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="totals", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    parent = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="totals_below", null=True, db_index=False,
        db_constraint=False,
    )  # fmt: skip
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="totals", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    value = models.DecimalField(max_digits=24, decimal_places=2)
    answered = models.IntegerField()

    objects = OfBranchQuerySet.as_manager()

    class Meta:
        verbose_name = "số tổng hợp"
        verbose_name_plural = "số tổng hợp"
        indexes = [
            models.Index(fields=["branch", "period"], name="total_branch_period"),
            models.Index(fields=["parent", "period"], name="total_parent_period"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "path", "indicator"], name="total_once_per_place"
            ),
        ]

    def __str__(self):
        return f"{self.branch_id}/{self.indicator_id}: {self.value}"


class Export(Job):
    """A workbook that somebody asked for; only she may fetch it."""

    kind = models.CharField("loại", max_length=40)
    geography = models.CharField("địa bàn", max_length=4, choices=Geography, default=Geography.THEN)
    basis = models.CharField("cộng", max_length=8, choices=Basis, default=Basis.APPROVED)
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="exports", verbose_name="kỳ"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="exports", verbose_name="đơn vị"
    )
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="export", null=True
    )

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "tệp xuất"
        verbose_name_plural = "tệp xuất"

    def __str__(self):
        return f"{self.period.label} – {self.branch.office_name}"

    def get_absolute_url(self):
        return reverse("reports:export_detail", args=[self.pk])
