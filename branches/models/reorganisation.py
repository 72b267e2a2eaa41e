"""Văn bản sắp xếp: a decree that changes units, what it makes, and who follows whom."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.querysets import (
    OfReorganisationQuerySet,
    ReorganisationQuerySet,
    SuccessionQuerySet,
)
from hoiphunu.jobs import Job

from .people import User
from .tree import Branch, Level


class Reorganisation(models.Model):
    """A decree: written down, tried out, applied to the tree, and perhaps taken back."""

    class Stage(models.TextChoices):
        DRAFT = "draft", "Đang soạn"
        APPLIED = "applied", "Đã thực hiện"
        UNDONE = "undone", "Đã hoàn tác"

    owner = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="reorganisations",
        verbose_name="đơn vị ghi văn bản",
    )
    number = models.CharField("số, ký hiệu", max_length=60, blank=True)
    title = models.CharField("trích yếu", max_length=300)
    issuer = models.CharField("cơ quan ban hành", max_length=150, blank=True)
    issued_on = models.DateField("ngày ban hành", null=True, blank=True)
    effective_on = models.DateField("có hiệu lực từ ngày")
    is_confirmed = models.BooleanField(
        "đã đối chiếu với văn bản gốc",
        default=False,
        help_text="Chưa đối chiếu thì trang của đơn vị ghi rõ “chưa xác nhận”.",
    )
    note = models.TextField("ghi chú", blank=True)
    stage = models.CharField(
        "tình trạng", max_length=7, choices=Stage, default=Stage.DRAFT, editable=False
    )
    journal = models.JSONField(default=dict, editable=False)
    placed = models.PositiveIntegerField("chi hội đã xếp", default=0, editable=False)
    applied_at = models.DateTimeField("thực hiện lúc", null=True, editable=False)
    applied_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="reorganisations_applied",
        verbose_name="người thực hiện",
        null=True,
        editable=False,
    )
    undone_at = models.DateTimeField("hoàn tác lúc", null=True, editable=False)
    undone_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="reorganisations_undone",
        verbose_name="người hoàn tác",
        null=True,
        editable=False,
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ReorganisationQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version", "journal", "placed"])

    class Meta:
        ordering = ["-effective_on", "-pk"]
        verbose_name = "văn bản sắp xếp"
        verbose_name_plural = "văn bản sắp xếp"

    def __str__(self):
        return " ".join(filter(None, [self.title, self.number and f"({self.number})"]))

    def get_absolute_url(self):
        return reverse("reports:reorganisation_detail", args=[self.pk])

    @property
    def is_draft(self):
        return self.stage != self.Stage.APPLIED

    @property
    def is_applied(self):
        return self.stage == self.Stage.APPLIED

    @property
    def old_ids(self):
        """Ids of the units that it names, as a query to put inside another: they may be
        ten thousand, too many to hand over one by one."""
        return self.successions.order_by().values("predecessor")

    @property
    def new_ids(self):
        """Ids of the units that its successors have become, likewise."""
        return self.successors.exclude(branch=None).order_by().values("branch")


class Successor(models.Model):
    """A unit as the decree makes it: a new one, or an old one that goes on changed.

    `branch` is that unit, known once the decree is applied. Where a predecessor is
    unchanged, renamed or only of another type it is the predecessor itself.
    """

    reorganisation = models.ForeignKey(
        Reorganisation,
        on_delete=models.CASCADE,
        related_name="successors",
        verbose_name="văn bản",
    )
    number = models.PositiveIntegerField("thứ tự")
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="successors", verbose_name="cấp"
    )
    type = models.CharField("loại", max_length=30, blank=True)
    name = models.CharField("tên", max_length=150)
    code = models.CharField("mã hành chính", max_length=10, blank=True)
    parent_branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="successors_below",
        verbose_name="trực thuộc đơn vị đang có",
        null=True,
        blank=True,
    )
    parent_successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="below",
        verbose_name="trực thuộc đơn vị trong văn bản",
        null=True,
        blank=True,
    )
    branch = models.ForeignKey(
        Branch,
        on_delete=models.SET_NULL,
        related_name="successor_of",
        verbose_name="đơn vị",
        null=True,
        blank=True,
        editable=False,
    )

    objects = OfReorganisationQuerySet.as_manager()

    class Meta:
        ordering = ["reorganisation", "level__rank", "number"]
        verbose_name = "đơn vị hình thành"
        verbose_name_plural = "đơn vị hình thành"
        constraints = [
            models.CheckConstraint(
                condition=Q(parent_branch=None) | Q(parent_successor=None),
                name="successor_has_one_parent",
                violation_error_message="Chỉ chọn một đơn vị cấp trên.",
            ),
        ]

    def __str__(self):
        return self.full_name

    @property
    def full_name(self):
        return f"{self.type} {self.name}".strip()


class Succession(models.Model):
    """A line of the decree: what becomes of one unit."""

    class Kind(models.TextChoices):
        WHOLE = "whole", "nhập toàn bộ"
        PART = "part", "nhập một phần"
        UNCHANGED = "unchanged", "giữ nguyên"
        RENAMED = "renamed", "đổi tên"
        TYPE_CHANGED = "type_changed", "đổi loại hình"
        ABOLISHED = "abolished", "kết thúc hoạt động"

    GOES_ON = (Kind.UNCHANGED, Kind.RENAMED, Kind.TYPE_CHANGED)

    reorganisation = models.ForeignKey(
        Reorganisation,
        on_delete=models.CASCADE,
        related_name="successions",
        verbose_name="văn bản",
    )
    predecessor = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="successions",
        verbose_name="đơn vị cũ",
    )
    successor = models.ForeignKey(
        Successor,
        on_delete=models.CASCADE,
        related_name="successions",
        verbose_name="đơn vị hình thành",
        null=True,
        blank=True,
    )
    kind = models.CharField("cách sắp xếp", max_length=12, choices=Kind)
    takes_people = models.BooleanField(
        "phần có dân",
        null=True,
        blank=True,
        help_text="Của đơn vị bị chia: phần này có toàn bộ dân, không có dân, hay chưa rõ.",
    )
    is_suggested = models.BooleanField("gợi ý khi xếp chi hội", default=False)
    note = models.CharField("ghi chú", max_length=300, blank=True)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        ordering = ["reorganisation", "predecessor__sort_key", "pk"]
        verbose_name = "dòng sắp xếp"
        verbose_name_plural = "dòng sắp xếp"
        constraints = [
            models.UniqueConstraint(
                fields=["reorganisation", "predecessor", "successor"],
                name="succession_once_per_pair",
                violation_error_message="Văn bản đã có dòng này.",
            ),
            models.CheckConstraint(
                condition=Q(kind="abolished", successor=None)
                | (~Q(kind="abolished") & Q(successor__isnull=False)),
                name="succession_names_successor_unless_abolished",
                violation_error_message="Chọn đơn vị hình thành, trừ khi đơn vị kết thúc hẳn.",
            ),
        ]

    def __str__(self):
        return f"{self.predecessor} → {self.successor or 'kết thúc'}"


class ReorganisationRun(Job):
    """Applying a decree, or taking it back: a row that the worker takes."""

    class Step(models.TextChoices):
        APPLY = "apply", "Thực hiện"
        UNDO = "undo", "Hoàn tác"

    reorganisation = models.ForeignKey(
        Reorganisation, on_delete=models.PROTECT, related_name="runs", verbose_name="văn bản"
    )
    step = models.CharField("việc", max_length=5, choices=Step)
    seen_version = models.PositiveIntegerField("bản đã xem", null=True, editable=False)

    objects = OfReorganisationQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "lần thực hiện"
        verbose_name_plural = "lần thực hiện"

    def __str__(self):
        return f"{self.get_step_display()}: {self.reorganisation}"
