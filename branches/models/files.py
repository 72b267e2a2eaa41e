"""Files that units keep, and the lists that arrive in them."""

import uuid

from django.db import models
from django.urls import reverse

from branches.querysets import StoredFileQuerySet, UploadQuerySet, UploadRowQuerySet
from hoiphunu.jobs import Job

from .people import User
from .tree import Branch


def server_made_name(stored_file, filename):
    """Where a file lies on disk; nothing of the name that a person gave."""
    return f"{stored_file.pk.hex[:2]}/{stored_file.pk.hex}"


class StoredFile(models.Model):
    """A file, served only through the scoped view; there is no public address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="files")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="files")
    file = models.FileField(upload_to=server_made_name)
    name = models.CharField("tên tệp", max_length=200)
    size = models.PositiveIntegerField("dung lượng (byte)")
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    is_personal = models.BooleanField("chỉ người yêu cầu được tải", default=False)
    created_at = models.DateTimeField("lúc", auto_now_add=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "tệp"
        verbose_name_plural = "tệp"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("branches:file_download", args=[self.pk])


class Upload(Job):
    """A list that somebody uploaded: first read into rows to look at, then applied.

    `kind` names the list (`reports/lists.py`); `params` holds what the page knew,
    such as `{"program": 3}`.
    """

    class Step(models.TextChoices):
        READ = "read", "Đọc tệp"
        APPLY = "apply", "Ghi danh sách"

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="uploads", verbose_name="đơn vị"
    )
    kind = models.CharField("danh sách", max_length=40)
    params = models.JSONField(default=dict, editable=False)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="upload", verbose_name="tệp"
    )
    step = models.CharField("bước", max_length=5, choices=Step, default=Step.READ)
    columns = models.JSONField("các cột", default=list, editable=False)
    notes = models.JSONField("dòng bỏ qua", default=list, editable=False)
    applied_at = models.DateTimeField("ghi lúc", null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "danh sách tải lên"
        verbose_name_plural = "danh sách tải lên"

    def __str__(self):
        return f"{self.file.name} (lần tải {self.pk})"

    def get_absolute_url(self):
        return reverse("reports:upload_detail", args=[self.pk])

    @property
    def is_preview(self):
        return self.step == self.Step.READ and self.state == self.State.READY

    @property
    def is_applied(self):
        return self.step == self.Step.APPLY and self.state == self.State.READY


class UploadRow(models.Model):
    """One row of the sheet as it was found and as it was understood.

    `raw`: column title → text as found; `parsed`: field → value ready to be written;
    `errors`: list of {"column": letter, "title": …, "message": sentence}.
    """

    class Outcome(models.TextChoices):
        NEW = "new", "mới"
        CHANGED = "changed", "thay đổi"
        UNCHANGED = "unchanged", "không đổi"
        ERROR = "error", "lỗi"

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField("trang tính", max_length=60)
    number = models.PositiveIntegerField("dòng")
    raw = models.JSONField(default=dict)
    parsed = models.JSONField(default=dict)
    outcome = models.CharField("kết quả", max_length=10, choices=Outcome)
    errors = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    target_id = models.BigIntegerField(null=True)

    objects = UploadRowQuerySet.as_manager()

    class Meta:
        ordering = ["upload", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "sheet", "number"], name="upload_row_staged_once"
            ),
        ]

    def __str__(self):
        return f"Dòng {self.number}"
