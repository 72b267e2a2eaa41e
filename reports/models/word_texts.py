"""Lời lấy từ tệp Word: what a unit's own Word report says under the four headings."""

from django.db import models
from django.db.models import Q

from branches.models import User

from ..querysets_exchange import WordTextQuerySet
from .reports import Report, ReportFile


class WordText(models.Model):
    """What the file says under one heading, and that it was put into the report's text, by whom
    and when. Without a heading (`narrative` ""): what was left over."""

    file = models.ForeignKey(
        ReportFile, on_delete=models.PROTECT, related_name="word_texts", verbose_name="tệp"
    )
    narrative = models.CharField("phần lời", max_length=12, blank=True)
    text = models.TextField("lời trong tệp")
    taken_at = models.DateTimeField("lấy lúc", null=True)
    taken_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="word_texts_taken", verbose_name="người lấy",
        null=True,
    )  # fmt: skip

    objects = WordTextQuerySet.as_manager()

    class Meta:
        ordering = ["file", "pk"]
        verbose_name = "lời trong tệp Word"
        verbose_name_plural = "lời trong tệp Word"
        constraints = [
            models.UniqueConstraint(fields=["file", "narrative"], name="word_text_once_in_file"),
            models.CheckConstraint(
                condition=Q(narrative__in=["", *Report.NARRATIVE]),
                name="word_text_is_of_a_heading",
            ),
            models.CheckConstraint(
                condition=Q(taken_at=None, taken_by=None)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="word_text_taken_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.file}: {self.narrative or 'ngoài các mục'}"
