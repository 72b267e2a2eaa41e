"""What was done so that reports come in: days on which reminders were written, calls made."""

from django.db import models

from branches.models import Branch, User
from branches.querysets import OfBranchQuerySet

from .calendar import Period


class ReminderDay(models.Model):
    """A day on which reminders were written. On one that is not here the worker stood still."""

    day = models.DateField("ngày", unique=True)
    at = models.DateTimeField("lúc")
    written = models.PositiveIntegerField("đã nhắc", default=0)
    missed = models.PositiveIntegerField("lỡ", default=0)

    class Meta:
        ordering = ["-day"]
        verbose_name = "ngày nhắc"
        verbose_name_plural = "ngày nhắc"

    def __str__(self):
        return f"{self.day:%d/%m/%Y}"


class Contact(models.Model):
    """Somebody reminded a unit herself, by Zalo or by telephone; only ever added.

    `is_group`: the group of the units below `branch`, not the unit itself.
    """

    class Channel(models.TextChoices):
        ZALO = "zalo", "Đã nhắc qua Zalo"
        PHONE = "phone", "Đã gọi điện"

    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="contacts", verbose_name="kỳ báo cáo"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="contacts", verbose_name="đơn vị"
    )
    is_group = models.BooleanField("cả nhóm bên dưới", default=False)
    channel = models.CharField("cách nhắc", max_length=5, choices=Channel)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="contacts", verbose_name="người nhắc"
    )
    at = models.DateTimeField("lúc")

    objects = OfBranchQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "lần nhắc"
        verbose_name_plural = "lần nhắc"
        indexes = [models.Index(fields=["period", "branch"], name="contact_period_branch")]

    def __str__(self):
        return self.get_channel_display()


class Rebuild(models.Model):
    """A month whose totals are to be counted anew; gone once that is done. A row, for a message
    to the worker may be lost."""

    period = models.OneToOneField(Period, on_delete=models.CASCADE, related_name="rebuild")
    asked_at = models.DateTimeField("lúc", auto_now_add=True)

    class Meta:
        verbose_name = "kỳ cần tính lại"
        verbose_name_plural = "kỳ cần tính lại"

    def __str__(self):
        return str(self.period_id)
