"""Who helps whom, why that unit needs it, and how it stood before and after."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, PathField
from branches.querysets import OfBranchQuerySet
from hoiphunu.text import clean, clean_lines
from programs.querysets import AssignmentQuerySet, OfAssignmentQuerySet

from .programs import Cited, Program
from .quotas import Supporting, one_supporter


class Partner(models.Model):
    """Đối tác: outside the Hội (Bộ đội Biên phòng, a bank, a company), working with one of its
    units. It has no account; the unit `branch` that works with it keeps it."""

    class Kind(models.TextChoices):
        ARMED_FORCES = "armed_forces", "Lực lượng vũ trang"
        STATE = "state", "Cơ quan nhà nước"
        BANK = "bank", "Ngân hàng"
        COMPANY = "company", "Doanh nghiệp"
        ASSOCIATION = "association", "Hội, đoàn thể khác"
        OTHER = "other", "Khác"

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="partners", verbose_name="đơn vị quản lý"
    )
    name = models.CharField("tên đối tác", max_length=200)
    kind = models.CharField("loại", max_length=12, choices=Kind, default=Kind.OTHER)
    contact = models.CharField("liên hệ", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OfBranchQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = "đối tác"
        verbose_name_plural = "đối tác"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "name"],
                name="partner_once_per_branch",
                violation_error_message="Đơn vị đã có đối tác tên này.",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self.name, self.contact = clean(self.name), clean(self.contact)


class Coded(models.Model):
    """Abstract: a word of a short list that an administrator may change."""

    code = models.SlugField("mã", max_length=40, unique=True)
    name = models.CharField("tên", max_length=200)
    position = models.PositiveSmallIntegerField("thứ tự", default=0)
    is_active = models.BooleanField("đang dùng", default=True)

    history = HistoricalRecords(inherit=True)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name


class NeedReason(Coded):
    """Why a chi hội is "khó khăn". No national definition exists; the commune chooses."""

    class Meta(Coded.Meta):
        verbose_name = "lý do khó khăn"
        verbose_name_plural = "lý do khó khăn"


class OfYears(Coded):
    first_year = models.PositiveSmallIntegerField("dùng từ năm", null=True, blank=True)
    last_year = models.PositiveSmallIntegerField("dùng đến năm", null=True, blank=True)

    class Meta(Coded.Meta):
        abstract = True

    def not_in(self, year):
        """Why it is not used in that year, as a sentence; blank when it is."""
        if self.first_year and year < self.first_year:
            return f"“{self}” chỉ dùng từ năm {self.first_year}."
        if self.last_year and year > self.last_year:
            return f"“{self}” chỉ dùng đến năm {self.last_year}."
        return ""


class Grade(OfYears):
    """Xếp loại: xuất sắc, mạnh, khá, trung bình; the words of a year may differ."""

    class Meta(Coded.Meta):
        verbose_name = "mức xếp loại"
        verbose_name_plural = "mức xếp loại"


class Criterion(OfYears):
    """Tiêu chí of a "chi hội kiểu mẫu"; those of a year may differ."""

    class Meta(Coded.Meta):
        verbose_name = "tiêu chí chi hội kiểu mẫu"
        verbose_name_plural = "tiêu chí chi hội kiểu mẫu"


class Assignment(Supporting, Cited):
    """Phân công hỗ trợ: who helps which unit, from when, until when and why it ended.

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
        verbose_name="đơn vị được giúp",
    )
    supported_path = PathField(max_length=120, editable=False, default="")
    partners = models.ManyToManyField(
        Partner, related_name="assignments", verbose_name="phối hợp với", blank=True
    )
    responsible = models.CharField("người phụ trách", max_length=150, blank=True)
    reasons = models.ManyToManyField(
        NeedReason, related_name="assignments", verbose_name="lý do khó khăn", blank=True
    )
    reason_words = models.CharField("lý do khó khăn khác", max_length=500, blank=True)
    content = models.TextField("nội dung hỗ trợ", blank=True)
    starts_on = models.DateField("ngày bắt đầu")
    ends_on = models.DateField("ngày kết thúc", null=True, blank=True)
    end_reason = models.CharField("lý do kết thúc", max_length=300, blank=True)
    end_basis = models.CharField("căn cứ", max_length=200, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AssignmentQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["version", "supported_path"], m2m_fields=[partners, reasons]
    )

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
        self.responsible, self.reason_words = clean(self.responsible), clean(self.reason_words)
        if self.supported_id and self.supporter_branch_id == self.supported_id:
            raise ValidationError("Một đơn vị không thể nhận giúp chính mình.")


class Condition(models.Model):
    """How the supported unit stood before the help, or after it: one row of each a year."""

    class Moment(models.TextChoices):
        BEFORE = "before", "Trước khi giúp"
        AFTER = "after", "Sau khi giúp"

    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="conditions", verbose_name="phân công"
    )
    moment = models.CharField("lúc", max_length=6, choices=Moment)
    year = models.PositiveSmallIntegerField("năm")
    women = models.PositiveIntegerField("phụ nữ từ 18 tuổi", null=True, blank=True)
    members = models.PositiveIntegerField("hội viên", null=True, blank=True)
    grade = models.ForeignKey(
        Grade,
        on_delete=models.PROTECT,
        related_name="conditions",
        verbose_name="xếp loại",
        null=True,
        blank=True,
    )
    criteria = models.ManyToManyField(
        Criterion, related_name="conditions", verbose_name="tiêu chí kiểu mẫu đã đạt", blank=True
    )
    note = models.CharField("ghi chú", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OfAssignmentQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"], m2m_fields=[criteria])

    class Meta:
        ordering = ["assignment", "year", "-moment"]
        verbose_name = "tình hình đơn vị được giúp"
        verbose_name_plural = "tình hình đơn vị được giúp"
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "moment", "year"],
                name="condition_once_a_year",
                violation_error_message="Năm này đã ghi tình hình rồi; chị sửa dòng đã có.",
            ),
            models.CheckConstraint(
                condition=Q(women=None) | Q(members=None) | Q(members__lte=F("women")),
                name="condition_members_are_women",
                violation_error_message="Hội viên không thể nhiều hơn phụ nữ từ 18 tuổi.",
            ),
        ]

    def __str__(self):
        return f"{self.get_moment_display()} ({self.year})"

    @property
    def rate(self):
        """Tỷ lệ tập hợp in %, computed; None while one of its parts is unknown or 0."""
        if self.members is None or not self.women:
            return None
        return 100 * self.members / self.women
