"""A paper that was read by the machine, and what a person made of its proposals."""

from django.db import models
from django.urls import reverse

from branches.models import Branch, StoredFile
from branches.querysets import OfBranchQuerySet
from hoiphunu.jobs import Job

from .programs import Program


class PlanReading(Job):
    """A plan given as a file or pasted; read apart, in the background.

    `proposals`: what was found, each with its sentence (see `programs.proposals`); `choices`:
    what she ticked and corrected, kept as she goes; nothing is taken over before she confirms,
    and then `program` is what was made of it.
    """

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="plan_readings", verbose_name="đơn vị"
    )
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        related_name="plan_readings",
        verbose_name="tệp",
        null=True,
        blank=True,
    )
    text = models.TextField("phần chữ dán vào", blank=True)
    proposals = models.JSONField("đề xuất", default=list, editable=False)
    unknown = models.JSONField("câu chưa hiểu", default=list, editable=False)
    choices = models.JSONField("đã chọn", default=dict, editable=False)
    program = models.ForeignKey(
        Program,
        on_delete=models.PROTECT,
        related_name="readings",
        verbose_name="chương trình đã tạo",
        null=True,
        editable=False,
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OfBranchQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "văn bản đọc vào"
        verbose_name_plural = "văn bản đọc vào"

    def __str__(self):
        return self.file.name if self.file else f"Văn bản dán vào (lần {self.pk})"

    def get_absolute_url(self):
        return reverse("programs:reading_detail", args=[self.pk])
