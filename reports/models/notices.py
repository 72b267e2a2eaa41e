"""Who is told what: lines under the bell, letters that wait."""

from django.db import models
from django.db.models import Q

from branches.models import Branch, User

from ..querysets import NotificationQuerySet
from .calendar import Period


class Outbox(models.Model):
    """A letter waiting to go, written with what caused it; `key` keeps it from going twice.

    It goes when `next_try_at` has come. `given_up_at`: it never will, for the reason in `error`.
    """

    recipient = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="letters", verbose_name="người nhận"
    )
    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField("gửi tới")
    subject = models.CharField("tiêu đề", max_length=200)
    body = models.TextField("nội dung")
    created_at = models.DateTimeField("lúc", auto_now_add=True)
    taken_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField("lần thử tới", null=True)
    sent_at = models.DateTimeField("gửi lúc", null=True)
    given_up_at = models.DateTimeField("thôi gửi lúc", null=True)
    attempts = models.PositiveSmallIntegerField("số lần thử", default=0)
    error = models.TextField("lỗi", blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "thư gửi đi"
        verbose_name_plural = "thư gửi đi"
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(sent_at=None, given_up_at=None),
                name="letter_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(given_up_at=None), name="letter_sent_or_given_up"
            ),
        ]

    def __str__(self):
        return self.subject


class Notification(models.Model):
    """One thing that a person is told, once: `key` names the occasion.

    It stands under her bell, goes into a letter, or neither, as she wishes (`Wish`); `letter` is
    the one that told it. `missed`: it should have been said and was not, as the worker stood
    still over the whole of its time. Of a reminder, `branch` is the unit as whose person she is
    told, `about` the unit that it is about.
    """

    class Kind(models.TextChoices):
        BEFORE = "before", "Sắp đến hạn nộp"
        ON = "on", "Ngày cuối để nộp"
        AFTER = "after", "Đã quá hạn nộp"
        MISSING = "missing", "Đơn vị bên dưới chưa nộp"
        RETURNED = "returned", "Báo cáo bị trả lại, mở lại"
        APPROVED = "approved", "Báo cáo được duyệt, khóa"
        SUBMITTED = "submitted", "Đơn vị bên dưới đã nộp"
        ASKED = "asked", "Đơn vị bên dưới nhờ nhập thay"
        EXTENDED = "extended", "Được gia hạn nộp"
        PROPOSAL = "proposal", "Kiến nghị và trả lời"
        BRIEFING = "briefing", "Kết luận giao ban giao cho đơn vị"
        NOTICE = "notice", "Thông báo của cấp trên"
        FILE = "file", "Tệp Excel đã lập xong"
        SYSTEM = "system", "Việc của phần mềm"

    class Mail(models.TextChoices):
        NONE = "none", "Không gửi thư"
        DIGEST = "digest", "Thư mỗi ngày"
        AT_ONCE = "at_once", "Thư gửi ngay"

    OF_DUE = (Kind.BEFORE, Kind.ON, Kind.AFTER)
    REMINDERS = (*OF_DUE, Kind.MISSING)

    recipient = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notifications", verbose_name="người nhận"
    )
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField("loại", max_length=9, choices=Kind, default=Kind.SYSTEM)
    text = models.CharField("nội dung", max_length=300)
    # What a letter says instead: a letter leaves the house, so nobody's own words go with it.
    in_letter = models.CharField("trong thư", max_length=300, blank=True)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField("lúc", auto_now_add=True)
    read_at = models.DateTimeField("đã xem lúc", null=True)
    on_bell = models.BooleanField("hiện dưới chuông", default=True)
    mail = models.CharField("thư", max_length=7, choices=Mail, default=Mail.NONE)
    letter = models.ForeignKey(Outbox, on_delete=models.PROTECT, related_name="told", null=True)
    missed = models.BooleanField("lỡ", default=False)
    period = models.ForeignKey(
        Period, on_delete=models.CASCADE, related_name="notifications", null=True
    )
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+", null=True)
    about = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+", null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "thông báo"
        verbose_name_plural = "thông báo"
        indexes = [
            models.Index(
                fields=["recipient"],
                condition=Q(letter=None) & ~Q(mail="none"),
                name="notification_to_mail",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(missed=False) | Q(on_bell=False, mail="none"),
                name="notification_missed_is_not_told",
            ),
            models.CheckConstraint(
                condition=Q(letter=None) | ~Q(mail="none"), name="notification_letter_is_wished"
            ),
        ]

    def __str__(self):
        return self.text


class Wish(models.Model):
    """How a person wants to be told of things of a kind, where she wants it otherwise than all."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="wishes")
    kind = models.CharField("loại", max_length=9, choices=Notification.Kind)
    on_bell = models.BooleanField("hiện dưới chuông", default=True)
    mail = models.CharField("thư", max_length=7, choices=Notification.Mail)

    class Meta:
        verbose_name = "cách nhắc"
        verbose_name_plural = "cách nhắc"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="wish_once_per_kind"),
            models.CheckConstraint(
                condition=Q(on_bell=True) | ~Q(kind__in=["after", "system"]),
                name="wish_leaves_what_is_overdue_under_the_bell",
                violation_error_message="Nhắc quá hạn luôn hiện dưới chuông.",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.get_mail_display()}"
