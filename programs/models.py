"""What is being done: programmes, who must help how many, who helps whom, what is measured."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, Level, PathField, StoredFile, Team
from hoiphunu.text import clean, clean_lines

from .querysets import (
    AssignmentQuerySet,
    OfProgramQuerySet,
    ProgramQuerySet,
    QuotaQuerySet,
)


class Program(models.Model):
    """A programme of the Hội, owned by the unit that issued its plan."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Đang soạn"
        RUNNING = "running", "Đang thực hiện"
        CLOSED = "closed", "Đã kết thúc"

    owner = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="programs", verbose_name="đơn vị chủ trì"
    )
    name = models.CharField("tên chương trình", max_length=200)
    slug = models.SlugField("tên trong địa chỉ", max_length=120, unique=True)
    aim = models.TextField("mục đích", blank=True)
    contact = models.CharField(
        "đầu mối", max_length=200, blank=True, help_text="Ban, bộ phận chủ trì thực hiện"
    )
    starts_on = models.DateField("bắt đầu")
    ends_on = models.DateField("kết thúc")
    status = models.CharField("tình trạng", max_length=8, choices=Status, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ProgramQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["-starts_on", "name"]
        verbose_name = "chương trình"
        verbose_name_plural = "chương trình"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="program_ends_after_start",
                violation_error_message="Ngày kết thúc phải sau ngày bắt đầu.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("programs:program_detail", args=[self.slug])

    def clean(self):
        self.name, self.contact = clean(self.name), clean(self.contact)
        self.aim = clean_lines(self.aim)

    @property
    def is_draft(self):
        return self.status == self.Status.DRAFT

    @property
    def is_running(self):
        return self.status == self.Status.RUNNING

    @property
    def is_closed(self):
        return self.status == self.Status.CLOSED


class PlanDocument(models.Model):
    """Kế hoạch: the paper that a programme rests on. What the paper lacks stays unknown."""

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="plans", verbose_name="chương trình"
    )
    number = models.CharField("số, ký hiệu", max_length=60, blank=True)
    issued_on = models.DateField("ngày ban hành", null=True, blank=True)
    issuer = models.CharField("cơ quan ban hành", max_length=150, blank=True)
    title = models.CharField("trích yếu", max_length=300)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        related_name="plans",
        verbose_name="tệp",
        null=True,
        blank=True,
    )

    objects = OfProgramQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["program", "issued_on", "pk"]
        verbose_name = "kế hoạch"
        verbose_name_plural = "kế hoạch"

    def __str__(self):
        return self.title


class QuotaLine(models.Model):
    """A printed line of the plan's table; the units that it binds are its quotas."""

    class Applies(models.TextChoices):
        TEAMS = "teams", "Mỗi Đoàn phụ trách của đơn vị chủ trì"
        BRANCH = "branch", "Một đơn vị"
        LEVEL = "level", "Mọi đơn vị của một cấp"

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="lines", verbose_name="chương trình"
    )
    number = models.PositiveSmallIntegerField("STT")
    label = models.CharField("đơn vị", max_length=150)
    applies_to = models.CharField("giao cho", max_length=6, choices=Applies)
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="quota_lines",
        verbose_name="đơn vị được giao",
        null=True,
        blank=True,
    )
    level = models.ForeignKey(
        Level,
        on_delete=models.PROTECT,
        related_name="quota_lines",
        verbose_name="cấp được giao",
        null=True,
        blank=True,
    )
    place = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="quota_lines_here",
        verbose_name="chọn chi hội thuộc",
        null=True,
        blank=True,
    )
    minimum_each = models.PositiveSmallIntegerField("mỗi đơn vị nhận ít nhất", default=1)
    stated_total = models.PositiveIntegerField(
        "số in trong kế hoạch", null=True, blank=True, help_text="Chỉ để đối chiếu, không cộng vào."
    )
    note = models.CharField("ghi chú", max_length=300, blank=True)
    clause = models.CharField("điều khoản trong kế hoạch", max_length=100, blank=True)

    objects = OfProgramQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["program", "number"]
        verbose_name = "dòng chỉ tiêu phân bổ"
        verbose_name_plural = "dòng chỉ tiêu phân bổ"
        constraints = [
            models.UniqueConstraint(
                fields=["program", "number"],
                name="quota_line_number_once",
                violation_error_message="Số thứ tự này đã có trong bảng phân bổ.",
            ),
        ]

    def __str__(self):
        return self.label

    def clean(self):
        self.label, self.note = clean(self.label), clean(self.note)
        if self.applies_to == self.Applies.BRANCH and not self.branch_id:
            raise ValidationError({"branch": "Chọn đơn vị được giao."})
        if self.applies_to == self.Applies.LEVEL and not self.level_id:
            raise ValidationError({"level": "Chọn cấp được giao."})


def one_supporter(name):
    """A supporter is a branch or a team, never both, never neither."""
    return models.CheckConstraint(
        condition=Q(supporter_branch=None, supporter_team__isnull=False)
        | Q(supporter_branch__isnull=False, supporter_team=None),
        name=name,
        violation_error_message="Chọn một đơn vị hoặc một đoàn nhận giúp.",
    )


class Supporting(models.Model):
    """Abstract: names its supporter, a branch or a team."""

    supporter_branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name="đơn vị nhận giúp",
        null=True,
        blank=True,
    )
    supporter_team = models.ForeignKey(
        Team,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name="đoàn nhận giúp",
        null=True,
        blank=True,
    )

    class Meta:
        abstract = True

    @property
    def supporter(self):
        return self.supporter_branch or self.supporter_team

    @property
    def supporter_key(self):
        """Tells supporters apart without asking the database: (branch id, team id)."""
        return self.supporter_branch_id, self.supporter_team_id

    @property
    def answering_branch(self):
        """The unit that answers for the help: the supporter itself, or its team's unit."""
        return self.supporter_branch or self.supporter_team.branch

    @property
    def supporter_name(self):
        if self.supporter_branch:
            return self.supporter_branch.office_name
        return f"{self.supporter_team.name} – {self.supporter_team.branch.office_name}"


class Quota(Supporting):
    """Chỉ tiêu phân bổ: how many chi hội one unit or team must take on, at least."""

    line = models.ForeignKey(
        QuotaLine, on_delete=models.PROTECT, related_name="quotas", verbose_name="dòng"
    )
    minimum = models.PositiveSmallIntegerField("giao")
    place = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="quotas_here",
        verbose_name="chọn chi hội thuộc",
        null=True,
        blank=True,
    )
    ended_on = models.DateField(
        "thôi giao từ ngày", null=True, blank=True, help_text="Đơn vị đã nhập vào đơn vị khác."
    )

    objects = QuotaQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["line", "pk"]
        verbose_name = "chỉ tiêu phân bổ"
        verbose_name_plural = "chỉ tiêu phân bổ"
        constraints = [
            one_supporter("quota_has_one_supporter"),
            models.UniqueConstraint(
                fields=["line", "supporter_branch"],
                condition=Q(supporter_team=None, ended_on=None),
                name="quota_once_per_branch",
            ),
            models.UniqueConstraint(
                fields=["line", "supporter_team"],
                condition=Q(supporter_branch=None, ended_on=None),
                name="quota_once_per_team",
            ),
        ]

    def __str__(self):
        return f"{self.supporter_name}: ít nhất {self.minimum}"

    def covers(self, path, path_then=""):
        """Does a chi hội at this path count for the quota?

        Help once given stays counted: `path_then` is where the chi hội stood when it was taken
        on, should a decree have moved it out of "thuộc quận Sơn Trà" since.
        """
        if self.place is None or path.startswith(self.place.path):
            return True
        return f"/{self.place_id}/" in path_then


class Milestone(models.Model):
    """Mốc thời hạn. `due_on` is the last good day: "trước ngày 15/01" is stored as 14/01."""

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="milestones", verbose_name="chương trình"
    )
    label = models.CharField("việc phải xong", max_length=200)
    due_on = models.DateField("ngày cuối cùng")
    printed = models.CharField("chữ trong kế hoạch", max_length=100, blank=True)
    recipient = models.CharField("gửi về", max_length=200, blank=True)
    clause = models.CharField("điều khoản trong kế hoạch", max_length=100, blank=True)

    objects = OfProgramQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["program", "due_on"]
        verbose_name = "mốc thời hạn"
        verbose_name_plural = "mốc thời hạn"

    def __str__(self):
        return f"{self.label}: {self.printed or format(self.due_on, '%d/%m/%Y')}"


class Indicator(models.Model):
    """Chỉ tiêu báo cáo: a line of a form. Its kind fixes how figures add up on both axes."""

    class Aggregation(models.TextChoices):
        FLOW = "flow", "Phát sinh trong kỳ"
        STOCK = "stock", "Thời điểm"
        CUMULATIVE = "cumulative", "Lũy kế từ nguồn"
        RATIO = "ratio", "Tỷ lệ (tính lại)"
        SHARE_OF_UNITS = "share_of_units", "Tỷ lệ đơn vị đạt"
        NONE = "none", "Không cộng"

    class ValueType(models.TextChoices):
        WHOLE = "whole", "Số nguyên"
        DECIMAL = "decimal", "Số thập phân"
        MONEY = "money", "Tiền (đồng)"
        YES_NO = "yes_no", "Có / Không"
        TEXT = "text", "Chữ"

    code = models.SlugField("mã", max_length=40, unique=True)
    name = models.CharField("tên chỉ tiêu", max_length=200)
    unit = models.CharField("đơn vị tính", max_length=30)
    aggregation = models.CharField("cách cộng", max_length=14, choices=Aggregation)
    value_type = models.CharField("loại giá trị", max_length=7, choices=ValueType)
    numerator = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="ratios_as_numerator",
        verbose_name="tử số",
        null=True,
        blank=True,
    )
    denominator = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="ratios_as_denominator",
        verbose_name="mẫu số",
        null=True,
        blank=True,
    )
    help = models.CharField("hướng dẫn", max_length=300, blank=True)
    is_active = models.BooleanField("đang dùng", default=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["code"]
        verbose_name = "chỉ tiêu báo cáo"
        verbose_name_plural = "chỉ tiêu báo cáo"
        constraints = [
            models.CheckConstraint(
                condition=Q(aggregation="ratio", numerator__isnull=False, denominator__isnull=False)
                | (~Q(aggregation="ratio") & Q(numerator=None, denominator=None)),
                name="indicator_ratio_has_both_parts",
                violation_error_message="Tỷ lệ cần cả tử số và mẫu số; chỉ tiêu khác thì để trống.",
            ),
            models.CheckConstraint(
                condition=~Q(aggregation="share_of_units") | Q(value_type="yes_no"),
                name="indicator_share_asks_yes_or_no",
                violation_error_message="Tỷ lệ đơn vị đạt phải hỏi Có / Không ở từng đơn vị.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_typed(self):
        """Ratios are computed from their parts; everything else is typed by the unit."""
        return self.aggregation != self.Aggregation.RATIO

    @property
    def is_percent(self):
        return self.aggregation in (self.Aggregation.RATIO, self.Aggregation.SHARE_OF_UNITS)


class Assignment(Supporting):
    """Phân công hỗ trợ: who helps which chi hội, from when, until when and why it ended.

    `supported_path` is where the chi hội stood when it was taken on: a quota for one district
    counts it after a decree has ended the district.
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="assignments", verbose_name="chương trình"
    )
    supported = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="assignments_received",
        verbose_name="chi hội được giúp",
    )
    supported_path = PathField(max_length=120, editable=False, default="")
    content = models.TextField("nội dung hỗ trợ", blank=True)
    starts_on = models.DateField("ngày bắt đầu")
    ends_on = models.DateField("ngày kết thúc", null=True, blank=True)
    end_reason = models.CharField("lý do kết thúc", max_length=300, blank=True)
    end_basis = models.CharField("căn cứ", max_length=200, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AssignmentQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version", "supported_path"])

    class Meta:
        ordering = ["program", "pk"]
        verbose_name = "phân công hỗ trợ"
        verbose_name_plural = "phân công hỗ trợ"
        indexes = [models.Index(fields=["program", "supported"], name="assignment_supported")]
        constraints = [
            one_supporter("assignment_has_one_supporter"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="assignment_ends_after_start",
                violation_error_message="Ngày kết thúc phải sau ngày bắt đầu.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | ~Q(end_reason=""),
                name="assignment_end_has_reason",
                violation_error_message="Kết thúc phân công phải ghi lý do.",
            ),
            models.UniqueConstraint(
                fields=["program", "supporter_branch", "supported"],
                condition=Q(ends_on=None, supporter_team=None),
                name="assignment_once_per_branch",
                violation_error_message="Đơn vị này đang nhận giúp chi hội đó rồi.",
            ),
            models.UniqueConstraint(
                fields=["program", "supporter_team", "supported"],
                condition=Q(ends_on=None, supporter_branch=None),
                name="assignment_once_per_team",
                violation_error_message="Đoàn này đang nhận giúp chi hội đó rồi.",
            ),
        ]

    def __str__(self):
        return f"{self.supporter_name} giúp {self.supported.full_name}"

    def get_absolute_url(self):
        return reverse("programs:assignment_detail", args=[self.pk])

    @property
    def is_active(self):
        return self.ends_on is None

    def remember_place(self):
        """Note where the chi hội stands; again only when another one is helped instead."""
        step = f"/{self.supported_id}/"
        if not self.supported_path.endswith(step):
            self.supported_path = self.supported.path

    def clean(self):
        self.content, self.note = clean_lines(self.content), clean(self.note)
        if self.supported_id and self.supporter_branch_id == self.supported_id:
            raise ValidationError("Một đơn vị không thể nhận giúp chính mình.")
