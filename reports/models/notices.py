"""Who is told what: lines under the bell, letters that wait."""

from django.db import models

from branches.models import User

from ..querysets import NotificationQuerySet


class Notification(models.Model):
    """A line under the bell. `key` names the occasion: the same one is never told twice."""

    recipient = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notifications", verbose_name="người nhận"
    )
    key = models.CharField(max_length=120, unique=True)
    text = models.CharField("nội dung", max_length=300)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField("lúc", auto_now_add=True)
    read_at = models.DateTimeField("đã xem lúc", null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "thông báo"
        verbose_name_plural = "thông báo"

    def __str__(self):
        return self.text


class Outbox(models.Model):
    """A letter waiting to go, written with what caused it; `key` keeps it from going twice."""

    recipient = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="letters", verbose_name="người nhận"
    )
    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField("gửi tới")
    subject = models.CharField("tiêu đề", max_length=200)
    body = models.TextField("nội dung")
    created_at = models.DateTimeField("lúc", auto_now_add=True)
    taken_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField("gửi lúc", null=True)
    attempts = models.PositiveSmallIntegerField("số lần thử", default=0)
    error = models.TextField("lỗi", blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "thư gửi đi"
        verbose_name_plural = "thư gửi đi"

    def __str__(self):
        return self.subject
