"""Thông báo xuống dưới: what a unit tells those below it, and which of them have seen it."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, Level, StoredFile, User

from ..querysets_exchange import NoticeQuerySet, NoticeReceiptQuerySet


class Notice(models.Model):
    """A notice to units below. Written first, then sent once; a sent one is never changed, a
    correction is another that says which one it replaces."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="notices", verbose_name="đơn vị gửi"
    )
    title = models.CharField("tiêu đề", max_length=200)
    body = models.TextField("nội dung")
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="notice", verbose_name="tệp kèm",
        null=True, blank=True,
    )  # fmt: skip
    levels = models.ManyToManyField(
        Level, related_name="+", verbose_name="gửi mọi đơn vị cấp", blank=True
    )
    units = models.ManyToManyField(
        Branch, related_name="notices_to_it", verbose_name="gửi riêng đơn vị", blank=True
    )
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="replaced_by",
        verbose_name="thay thông báo", null=True, blank=True,
    )  # fmt: skip
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="notices", verbose_name="người soạn, gửi"
    )
    sent_at = models.DateTimeField("gửi lúc", null=True, blank=True, editable=False)
    sent_to = models.PositiveIntegerField("số đơn vị nhận", default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = NoticeQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = "thông báo gửi xuống"
        verbose_name_plural = "thông báo gửi xuống"
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(body=""), name="notice_says_something"
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("reports:notice_detail", args=[self.pk])


class NoticeReceipt(models.Model):
    """That a unit was sent a notice, and who there marked it "đã xem", and when."""

    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="receipts", verbose_name="thông báo"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="notice_receipts", verbose_name="đơn vị nhận"
    )
    seen_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="notices_seen", verbose_name="người xem",
        null=True,
    )  # fmt: skip
    seen_at = models.DateTimeField("đã xem lúc", null=True)

    objects = NoticeReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["notice", "branch__sort_key", "pk"]
        verbose_name = "lượt nhận thông báo"
        verbose_name_plural = "lượt nhận thông báo"
        constraints = [
            models.UniqueConstraint(fields=["notice", "branch"], name="receipt_once_per_unit"),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="receipt_seen_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["notice", "seen_at"], name="receipt_notice_seen")]

    def __str__(self):
        return f"{self.branch}: {self.notice}"
