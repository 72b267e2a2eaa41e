"""Giao ban: a unit's meetings, and what they decided with who and until when."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, User
from branches.querysets import OfBranchQuerySet

from ..querysets_exchange import ConclusionQuerySet
from .calendar import Period


class Briefing(models.Model):
    """One meeting of a unit."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="briefings", verbose_name="đơn vị"
    )
    held_on = models.DateField("ngày họp")
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="briefings", verbose_name="xem kỳ báo cáo",
        null=True, blank=True,
    )  # fmt: skip
    agenda = models.TextField("nội dung họp", blank=True)
    present = models.TextField("thành phần dự", blank=True)
    notes = models.TextField("ghi chép", blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OfBranchQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["-held_on", "-pk"]
        verbose_name = "giao ban"
        verbose_name_plural = "giao ban"
        indexes = [models.Index(fields=["branch", "held_on"], name="briefing_branch_day")]

    def __str__(self):
        return f"Giao ban ngày {self.held_on:%d/%m/%Y}"

    def get_absolute_url(self):
        return reverse("reports:briefing_detail", args=[self.pk])


class Conclusion(models.Model):
    """Kết luận: what a meeting decided, who does it (a unit, or somebody in words), by when, and
    that it is done."""

    briefing = models.ForeignKey(
        Briefing, on_delete=models.PROTECT, related_name="conclusions", verbose_name="giao ban"
    )
    text = models.TextField("kết luận")
    unit = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="conclusions", verbose_name="đơn vị làm",
        null=True, blank=True,
    )  # fmt: skip
    who = models.CharField("người, ban làm", max_length=150, blank=True)
    due_on = models.DateField("đến ngày", null=True, blank=True)
    done_on = models.DateField("xong ngày", null=True, blank=True)
    done_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="conclusions_done", verbose_name="người báo",
        null=True, blank=True,
    )  # fmt: skip
    done_word = models.CharField("kết quả", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ConclusionQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["briefing", "pk"]
        verbose_name = "kết luận"
        verbose_name_plural = "kết luận"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="conclusion_says_something"),
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(who=""),
                name="conclusion_names_who",
                violation_error_message="Chị ghi ai làm: một đơn vị, hoặc người, ban.",
            ),
            models.CheckConstraint(
                condition=Q(done_on=None, done_by=None, done_word="")
                | Q(done_on__isnull=False, done_by__isnull=False),
                name="conclusion_done_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "due_on"], condition=Q(done_on=None), name="conclusion_open"
            ),
        ]

    def __str__(self):
        return self.text

    def get_absolute_url(self):
        return reverse("reports:conclusion_detail", args=[self.pk])

    @property
    def responsible(self):
        """Who does it, in words."""
        return ", ".join(filter(None, [self.unit and self.unit.office_name, self.who]))

    def is_overdue(self, day):
        return self.done_on is None and self.due_on is not None and day > self.due_on
