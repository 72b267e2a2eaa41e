"""What was reported, for when, by whom, in what state; and the sums."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.custody import acting_for, stand_in
from branches.models import Branch, Level, PathField, StoredFile, User
from branches.querysets import OfBranchQuerySet
from hoiphunu.fields import LONGEST_ANSWER, NOTHING, show_figure
from hoiphunu.jobs import Job
from hoiphunu.qualifiers import Qualifier, Rough
from programs.models import Indicator, Program

from .querysets import (
    FigureQuerySet,
    FormLineQuerySet,
    FormVersionQuerySet,
    HolidayQuerySet,
    NotificationQuerySet,
    OfEventQuerySet,
    OfReportQuerySet,
    OwnQuerySet,
    PeriodQuerySet,
    PeriodRuleQuerySet,
    ReportFileQuerySet,
    ReportFormQuerySet,
    ReportQuerySet,
)
from .schedule import ENDS

MONTHS = [(-1, "tháng trước"), (0, "tháng cuối kỳ"), (1, "tháng sau"), (2, "hai tháng sau")]
DAYS = [*((day, f"ngày {day}") for day in range(1, 31)), (31, "ngày cuối tháng")]


class Geography(models.TextChoices):
    """In which tree a sum is asked for: of the day the period opened, or of today."""

    THEN = "then", "theo địa bàn tại thời điểm báo cáo"
    NOW = "now", "theo địa bàn hiện nay"


class Basis(models.TextChoices):
    """Which reports a sum is made of. What is being corrected, or was never in, is in neither."""

    APPROVED = "approved", "chỉ báo cáo đã duyệt"
    ALL = "all", "tất cả báo cáo đã nộp"

    @property
    def waiting(self):
        """The states that count besides the approved ones, whose sums are stored."""
        return (Report.Status.SUBMITTED,) if self == Basis.ALL else ()

    @property
    def statuses(self):
        return (*self.waiting, *Report.COUNTED)


class ReportForm(models.Model):
    """Biểu mẫu báo cáo: who issues it, and the units of which levels owe it.

    What it asks stands in its versions: of a period, in the one that the period was opened with.
    """

    code = models.SlugField("mã biểu mẫu", max_length=40, unique=True)
    name = models.CharField("tên biểu mẫu", max_length=200)
    owner = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="report_forms",
        verbose_name="đơn vị ban hành",
    )
    program = models.ForeignKey(
        Program,
        on_delete=models.PROTECT,
        related_name="report_forms",
        verbose_name="chương trình",
        null=True,
        blank=True,
    )
    levels = models.ManyToManyField(
        Level, related_name="report_forms", verbose_name="cấp phải báo cáo"
    )
    is_active = models.BooleanField("đang dùng", default=True)

    objects = ReportFormQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[levels])

    class Meta:
        ordering = ["code"]
        verbose_name = "biểu mẫu báo cáo"
        verbose_name_plural = "biểu mẫu báo cáo"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("reports:form_detail", args=[self.code])

    def version_for(self, ends_on):
        """The version that asks in a period ending on this day, or None."""
        in_force = self.versions.filter(in_force_on__lte=ends_on)
        return in_force.order_by("-in_force_on", "-number").first()

    @property
    def newest(self):
        """The last version put in force, or None."""
        return self.versions.exclude(in_force_on=None).order_by("-number").first()

    @property
    def draft(self):
        """The version that is being written, or None: there is at most one."""
        return self.versions.filter(in_force_on=None).first()

    @property
    def lines(self):
        """What the form asks now."""
        return FormLine.objects.filter(version=self.newest)


class FormVersion(models.Model):
    """A form as it asks from a day on; without the day it is a draft, which alone may change.

    A period takes its version when it opens and keeps it, so that all its units answer the same
    and their answers add up.
    """

    form = models.ForeignKey(
        ReportForm, on_delete=models.PROTECT, related_name="versions", verbose_name="biểu mẫu"
    )
    number = models.PositiveSmallIntegerField("lần")
    in_force_on = models.DateField("dùng cho các kỳ kết thúc từ ngày", null=True, blank=True)
    most_files = models.PositiveSmallIntegerField(
        "số tệp được kèm nhiều nhất",
        default=0,
        validators=[MaxValueValidator(20)],
        help_text="0: không hỏi tệp kèm.",
    )
    files_help = models.CharField("hướng dẫn về tệp kèm", max_length=300, blank=True)

    objects = FormVersionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["form", "-number"]
        verbose_name = "bản của biểu mẫu"
        verbose_name_plural = "bản của biểu mẫu"
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="form_version_number_once"),
            models.UniqueConstraint(
                fields=["form"],
                condition=Q(in_force_on=None),
                name="form_has_one_draft",
                violation_error_message="Biểu mẫu này đã có một bản đang soạn.",
            ),
        ]

    def __str__(self):
        return f"Bản {self.number}"

    def get_absolute_url(self):
        return reverse("reports:form_version", args=[self.form.code, self.number])

    @property
    def is_draft(self):
        return self.in_force_on is None


class FormSection(models.Model):
    """Phần của biểu mẫu: lines one below the other, or a table of rows and columns."""

    version = models.ForeignKey(FormVersion, on_delete=models.CASCADE, related_name="sections")
    heading = models.CharField("tên phần", max_length=100)
    help = models.CharField("hướng dẫn", max_length=300, blank=True)
    is_table = models.BooleanField("là bảng có hàng và cột", default=False)
    position = models.PositiveSmallIntegerField("thứ tự")

    class Meta:
        ordering = ["version", "position", "pk"]
        verbose_name = "phần của biểu mẫu"
        verbose_name_plural = "phần của biểu mẫu"

    def __str__(self):
        return self.heading

    @property
    def rows(self):
        return [one for one in self.headings.all() if one.axis == TableHeading.Axis.ROW]

    @property
    def columns(self):
        return [one for one in self.headings.all() if one.axis == TableHeading.Axis.COLUMN]


class TableHeading(models.Model):
    """A row or a column of a table."""

    class Axis(models.TextChoices):
        ROW = "row", "hàng"
        COLUMN = "column", "cột"

    section = models.ForeignKey(FormSection, on_delete=models.CASCADE, related_name="headings")
    axis = models.CharField("hàng hay cột", max_length=6, choices=Axis)
    words = models.CharField("tên", max_length=150)
    position = models.PositiveSmallIntegerField("thứ tự")

    class Meta:
        ordering = ["section", "axis", "position", "pk"]
        verbose_name = "hàng, cột của bảng"
        verbose_name_plural = "hàng, cột của bảng"

    def __str__(self):
        return self.words


class FormLine(models.Model):
    """An indicator's place in a version of a form: a line of its own, or a cell of a table."""

    version = models.ForeignKey(
        FormVersion, on_delete=models.CASCADE, related_name="lines", verbose_name="bản"
    )
    section = models.ForeignKey(
        FormSection, on_delete=models.CASCADE, related_name="lines", verbose_name="phần"
    )
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="form_lines", verbose_name="chỉ tiêu"
    )
    position = models.PositiveSmallIntegerField("thứ tự", default=0)
    row = models.ForeignKey(
        TableHeading, on_delete=models.CASCADE, related_name="cells_of_row", null=True, blank=True
    )
    column = models.ForeignKey(
        TableHeading,
        on_delete=models.CASCADE,
        related_name="cells_of_column",
        null=True,
        blank=True,
    )
    is_required = models.BooleanField("bắt buộc", default=False)
    help = models.CharField("hướng dẫn", max_length=300, blank=True)

    objects = FormLineQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["version", "section__position", "position", "pk"]
        verbose_name = "dòng biểu mẫu"
        verbose_name_plural = "dòng biểu mẫu"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "indicator"],
                name="form_version_asks_an_indicator_once",
                violation_error_message="Chỉ tiêu này đã có trong biểu mẫu.",
            ),
            models.UniqueConstraint(fields=["row", "column"], name="form_cell_once"),
            models.CheckConstraint(
                condition=Q(row=None, column=None) | Q(row__isnull=False, column__isnull=False),
                name="form_cell_has_row_and_column",
            ),
        ]

    def __str__(self):
        return self.indicator.name

    @property
    def form(self):
        return self.version.form

    @property
    def label(self):
        """Its name on the sheet: in a table the row and the column say it."""
        return f"{self.row} – {self.column}" if self.row_id else self.indicator.name


class FormText(models.Model):
    """A heading under which the version asks for words."""

    class Name(models.TextChoices):
        RESULTS = "results", "Kết quả thực hiện"
        DIFFICULTIES = "difficulties", "Khó khăn, vướng mắc"
        PROPOSALS = "proposals", "Kiến nghị, đề xuất"
        NEXT_PLANS = "next_plans", "Phương hướng kỳ tới"

    version = models.ForeignKey(FormVersion, on_delete=models.CASCADE, related_name="texts")
    name = models.CharField("mục", max_length=12, choices=Name)
    is_required = models.BooleanField("bắt buộc", default=False)
    help = models.CharField("hướng dẫn", max_length=300, blank=True)

    class Meta:
        ordering = ["version", "pk"]
        verbose_name = "mục lời của biểu mẫu"
        verbose_name_plural = "mục lời của biểu mẫu"
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="form_text_once"),
        ]

    def __str__(self):
        return self.get_name_display()


class FormRule(models.Model):
    """What the figures of a sheet must keep to: a stop forbids submitting, else it is a warning.

    `other` belongs to "not above", `parts` to "sum", `number` to the rest (of "change" per cent).
    """

    class Kind(models.TextChoices):
        AT_LEAST = "at_least", "Không nhỏ hơn một số"
        AT_MOST = "at_most", "Không lớn hơn một số"
        NOT_ABOVE = "not_above", "Không lớn hơn dòng khác"
        SUM = "sum", "Bằng tổng các dòng khác"
        CHANGE = "change", "Không lệch kỳ trước quá một tỷ lệ"

    OF_NUMBER = (Kind.AT_LEAST, Kind.AT_MOST, Kind.CHANGE)

    version = models.ForeignKey(FormVersion, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField("quy tắc", max_length=9, choices=Kind)
    is_stop = models.BooleanField("không cho nộp khi sai", default=False)
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="form_rules", verbose_name="dòng"
    )
    number = models.DecimalField("số", max_digits=20, decimal_places=2, null=True, blank=True)
    other = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        related_name="form_rules_above",
        verbose_name="dòng khác",
        null=True,
        blank=True,
    )
    parts = models.ManyToManyField(
        Indicator, related_name="form_rules_of_part", verbose_name="các phần", blank=True
    )

    class Meta:
        ordering = ["version", "pk"]
        verbose_name = "quy tắc của biểu mẫu"
        verbose_name_plural = "quy tắc của biểu mẫu"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="not_above", other__isnull=False, number=None)
                | Q(kind="sum", other=None, number=None)
                | Q(kind__in=["at_least", "at_most", "change"], other=None, number__isnull=False),
                name="form_rule_has_what_its_kind_needs",
            ),
        ]

    def __str__(self):
        return self.get_kind_display()


class Period(models.Model):
    """Kỳ báo cáo: an explicit row; `code` such as "2021-03" is how people name it in commands."""

    class Kind(models.TextChoices):
        MONTH = "month", "Tháng"
        QUARTER = "quarter", "Quý"
        HALF_YEAR = "half_year", "6 tháng"
        NINE_MONTHS = "nine_months", "9 tháng"
        YEAR = "year", "Năm"
        PHASE = "phase", "Giai đoạn"
        AD_HOC = "ad_hoc", "Đột xuất"

    form = models.ForeignKey(
        ReportForm, on_delete=models.PROTECT, related_name="periods", verbose_name="biểu mẫu"
    )
    kind = models.CharField("loại kỳ", max_length=11, choices=Kind, default=Kind.MONTH)
    code = models.SlugField("mã kỳ", max_length=20)
    year = models.PositiveSmallIntegerField("năm")
    label = models.CharField("tên kỳ", max_length=60)
    starts_on = models.DateField("từ ngày")
    ends_on = models.DateField("đến ngày")
    cut_off_on = models.DateField("ngày chốt số liệu")
    opens_on = models.DateField(
        "tự mở ngày", null=True, blank=True, help_text="Để trống: quản trị bấm “Mở kỳ”."
    )
    opened_at = models.DateTimeField("mở lúc", null=True, blank=True, editable=False)
    form_version = models.ForeignKey(
        FormVersion,
        on_delete=models.PROTECT,
        related_name="periods",
        verbose_name="bản của biểu mẫu",
        null=True,
        editable=False,
    )

    objects = PeriodQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["form", "-starts_on"]
        verbose_name = "kỳ báo cáo"
        verbose_name_plural = "kỳ báo cáo"
        constraints = [
            models.UniqueConstraint(
                fields=["form", "code"],
                name="period_code_once_per_form",
                violation_error_message="Biểu mẫu này đã có kỳ đó.",
            ),
            models.UniqueConstraint(
                fields=["form", "kind", "starts_on"],
                condition=~Q(kind="ad_hoc"),
                name="period_once_per_form_kind_and_start",
                violation_error_message="Biểu mẫu này đã có một kỳ cùng loại bắt đầu ngày đó.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="period_ends_after_start",
                violation_error_message="Ngày cuối kỳ phải sau ngày đầu kỳ.",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(form_version__isnull=False),
                name="period_opened_with_a_version",
            ),
        ]

    def __str__(self):
        return self.label

    def clean(self):
        if self.starts_on and self.ends_on:
            if self.year not in (self.starts_on.year, self.ends_on.year):
                raise ValidationError({"year": "Năm phải là năm của ngày đầu hoặc ngày cuối kỳ."})

    @property
    def version(self):
        """What the form asks in this period: since the opening fixed, until then as it stands."""
        return self.form_version or self.form.version_for(self.ends_on)

    @property
    def lines(self):
        return FormLine.objects.filter(version=self.form_version_id or self.version)

    def asks(self, indicator):
        """Is the indicator in use at the beginning or at the end of the period?"""
        return any(map(indicator.is_valid_on, (self.starts_on, self.ends_on)))

    def up_to_here(self):
        """The periods of this form, kind and year up to this one: what a lũy kế adds up. What was
        asked for once, and a phase, stand alone: their days may overlap."""
        if self.kind in (self.Kind.AD_HOC, self.Kind.PHASE):
            return Period.objects.filter(pk=self.pk)
        return Period.objects.filter(
            form=self.form_id, kind=self.kind, year=self.year, starts_on__lte=self.starts_on
        )

    def previous(self):
        """The period of the same kind just before, across years, or None; what was asked for
        once has none."""
        if self.kind == self.Kind.AD_HOC:
            return None
        before = Period.objects.filter(
            form=self.form_id, kind=self.kind, starts_on__lt=self.starts_on
        )
        return before.order_by("-starts_on").first()


class PeriodDue(models.Model):
    """The last day on which units of a level submit in time."""

    period = models.ForeignKey(
        Period, on_delete=models.CASCADE, related_name="dues", verbose_name="kỳ"
    )
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="period_dues", verbose_name="cấp"
    )
    due_on = models.DateField("hạn nộp")

    history = HistoricalRecords()

    class Meta:
        ordering = ["period", "due_on"]
        verbose_name = "hạn nộp"
        verbose_name_plural = "hạn nộp"
        constraints = [
            models.UniqueConstraint(fields=["period", "level"], name="period_due_once_per_level"),
        ]

    def __str__(self):
        return f"{self.level}: {self.due_on:%d/%m/%Y}"


class Holiday(models.Model):
    """A day on which nobody works, or a Saturday on which all do: deadlines move off the one and
    may stand on the other. One table for the whole installation."""

    day = models.DateField("ngày", unique=True)
    name = models.CharField("tên", max_length=100)
    is_working = models.BooleanField("làm bù", default=False)

    objects = HolidayQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["day"]
        verbose_name = "ngày nghỉ lễ"
        verbose_name_plural = "ngày nghỉ lễ"

    def __str__(self):
        return f"{self.day:%d/%m/%Y}: {self.name}"


class PeriodRule(models.Model):
    """Lịch của biểu mẫu: how the periods of one kind come about, year after year.

    Days are told from the month in which a period ends: months −1 and day 30 of a year is 30/11.
    """

    KINDS = [kind for kind in Period.Kind.choices if kind[0] in ENDS]

    form = models.ForeignKey(
        ReportForm, on_delete=models.PROTECT, related_name="rules", verbose_name="biểu mẫu"
    )
    kind = models.CharField("loại kỳ", max_length=11, choices=KINDS)
    first_day = models.PositiveSmallIntegerField(
        "ngày đầu kỳ",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text="1: theo tháng dương lịch; 15: từ ngày 15 tháng trước đến ngày 14.",
    )
    cut_off_months = models.SmallIntegerField(
        "chốt số liệu: tháng", choices=MONTHS, default=0, help_text="So với tháng cuối kỳ."
    )
    cut_off_day = models.PositiveSmallIntegerField("chốt số liệu: ngày", choices=DAYS, default=20)
    opens_before = models.PositiveSmallIntegerField(
        "tự mở trước ngày chốt",
        null=True,
        blank=True,
        help_text="Số ngày; để trống: quản trị bấm “Mở kỳ”.",
    )
    is_active = models.BooleanField("đang dùng", default=True)

    objects = PeriodRuleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["form", "kind"]
        verbose_name = "lịch của biểu mẫu"
        verbose_name_plural = "lịch của biểu mẫu"
        constraints = [
            models.UniqueConstraint(
                fields=["form", "kind"],
                name="rule_once_per_form_and_kind",
                violation_error_message="Biểu mẫu này đã có lịch cho loại kỳ đó.",
            ),
            models.CheckConstraint(
                condition=Q(first_day__gte=1, first_day__lte=28), name="rule_starts_on_1_to_28"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.form}"


class RuleDue(models.Model):
    """By which day a level hands in, told as `PeriodRule` tells days."""

    rule = models.ForeignKey(
        PeriodRule, on_delete=models.CASCADE, related_name="dues", verbose_name="lịch"
    )
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="rule_dues", verbose_name="cấp"
    )
    months = models.SmallIntegerField(
        "tháng", choices=MONTHS, default=0, help_text="So với tháng cuối kỳ."
    )
    day = models.PositiveSmallIntegerField("ngày", choices=DAYS)

    history = HistoricalRecords()

    class Meta:
        ordering = ["rule", "months", "day"]
        verbose_name = "hạn nộp theo lịch"
        verbose_name_plural = "hạn nộp theo lịch"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "level"],
                name="rule_due_once_per_level",
                violation_error_message="Cấp này đã có hạn nộp.",
            ),
        ]

    def __str__(self):
        return f"{self.level}: ngày {self.day}"


class Report(models.Model):
    """A unit's report of its own activities in a period; not yet begun, it is what is owed.

    It lapses, still not begun, when a decree ends the unit before the period is over.

    It remembers the unit's path of the day the period opened, so that past sums stay in
    the geography of their time.
    """

    class Status(models.TextChoices):
        NOT_BEGUN = "not_begun", "Chưa nhập"
        DRAFT = "draft", "Nháp"
        SUBMITTED = "submitted", "Đã nộp"
        RETURNED = "returned", "Trả lại"
        APPROVED = "approved", "Đã duyệt"
        LOCKED = "locked", "Đã khóa"
        LAPSED = "lapsed", "Không còn phải nộp"

    EDITABLE = (Status.NOT_BEGUN, Status.DRAFT, Status.RETURNED)
    COUNTED = (Status.APPROVED, Status.LOCKED)
    NARRATIVE = ("results", "difficulties", "proposals", "next_plans")

    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="reports", verbose_name="kỳ báo cáo"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="reports", verbose_name="đơn vị"
    )
    branch_path = PathField(max_length=120, editable=False)
    reviewer_branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="reports_to_review",
        verbose_name="đơn vị duyệt",
    )
    due_on = models.DateField("hạn nộp")
    extended_to = models.DateField("gia hạn đến", null=True, editable=False)
    status = models.CharField("tình trạng", max_length=9, choices=Status, default=Status.NOT_BEGUN)
    nothing_to_report = models.BooleanField("không phát sinh", default=False)
    results = models.TextField("Kết quả thực hiện", blank=True)
    difficulties = models.TextField("Khó khăn, vướng mắc", blank=True)
    proposals = models.TextField("Kiến nghị, đề xuất", blank=True)
    next_plans = models.TextField("Phương hướng kỳ tới", blank=True)
    first_submitted_on = models.DateField("nộp lần đầu ngày", null=True, editable=False)
    first_submitted_at = models.DateTimeField("nộp lần đầu lúc", null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ReportQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["-period__starts_on", "branch__sort_key", "pk"]
        verbose_name = "báo cáo"
        verbose_name_plural = "báo cáo"
        indexes = [
            models.Index(fields=["period", "branch_path"], name="report_period_path"),
            models.Index(fields=["branch", "period"], name="report_branch_period"),
            models.Index(
                fields=["period", "branch_path", "status"],
                condition=Q(first_submitted_on=None),
                name="report_not_in",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "branch"],
                name="report_once_per_period_and_branch",
                violation_error_message="Đơn vị này đã có báo cáo của kỳ đó.",
            ),
            models.CheckConstraint(
                condition=Q(first_submitted_at=None, first_submitted_on=None)
                | Q(first_submitted_at__isnull=False, first_submitted_on__isnull=False),
                name="report_submission_has_day_and_moment",
            ),
        ]

    def __str__(self):
        return f"Báo cáo {self.period.label.lower()} – {self.branch.office_name}"

    def get_absolute_url(self):
        return reverse("reports:report_detail", args=[self.pk])

    @property
    def reviewing_branch(self):
        """The unit directly above: as it is today until the approval, as it was afterwards.

        Of a unit that has ended, the one named when it ended: its parent only keeps its papers.
        For one that has ended itself acts the nearest above it; `waiting_for` says the same.
        """
        is_named = self.status in self.COUNTED or self.branch.closed_on
        named = self.reviewer_branch if is_named else self.branch.parent
        return stand_in(named, below=self.branch.level) or named

    @property
    def writing_branches(self):
        """Ids of the units whose officers write it: its own; once that has ended, also the one
        that keeps its papers."""
        return acting_for([self.branch])[self.branch_id]

    @property
    def is_editable(self):
        return self.status in self.EDITABLE

    @property
    def last_day(self):
        """The last day on which it is in time: its due date, which never moves, or where it was
        given longer, until then."""
        return self.extended_to or self.due_on

    @property
    def days_late(self):
        """Days between the last day and the first submission; 0 when in time or not yet in."""
        if self.first_submitted_on is None:
            return 0
        return max((self.first_submitted_on - self.last_day).days, 0)

    def is_overdue(self, day):
        """Past its last day on `day` and not yet submitted once, though still owed."""
        return self.is_owed and day > self.last_day

    @property
    def is_owed(self):
        """Not submitted once, and still to be."""
        return self.first_submitted_on is None and self.status != self.Status.LAPSED


class Extension(models.Model):
    """Gia hạn: until when a unit may hand in, by whom it was granted and why; only ever added.
    The last one counts, and stands in `Report.extended_to`."""

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="extensions", verbose_name="báo cáo"
    )
    until = models.DateField("gia hạn đến")
    reason = models.CharField("lý do", max_length=300)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="extensions", verbose_name="người cho"
    )
    at = models.DateTimeField("lúc")

    objects = OfReportQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = "gia hạn"
        verbose_name_plural = "gia hạn"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_reason"),
        ]

    def __str__(self):
        return f"Gia hạn đến {self.until:%d/%m/%Y}"


class Figure(models.Model):
    """Số liệu: one cell. Three kinds of nothing: no row or null is blank, 0 is 0,
    `is_nothing` says "không phát sinh". `qualifier` stands with a number ("hơn 120") and never
    changes it; `text` is the answer to an indicator in words and never adds up."""

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="figures", verbose_name="báo cáo"
    )
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="figures", verbose_name="chỉ tiêu"
    )
    value = models.DecimalField("số liệu", max_digits=20, decimal_places=2, null=True, blank=True)
    is_nothing = models.BooleanField("không phát sinh", default=False)
    qualifier = models.CharField(
        "chữ đi kèm", max_length=9, choices=Qualifier, blank=True, default="", db_default=""
    )
    text = models.CharField(
        "trả lời bằng chữ", max_length=LONGEST_ANSWER, blank=True, default="", db_default=""
    )

    objects = FigureQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "số liệu"
        verbose_name_plural = "số liệu"
        constraints = [
            models.UniqueConstraint(fields=["report", "indicator"], name="figure_once_per_cell"),
            models.CheckConstraint(
                condition=Q(is_nothing=False) | Q(value=None),
                name="figure_nothing_has_no_value",
            ),
            models.CheckConstraint(
                condition=Q(qualifier="") | Q(value__isnull=False),
                name="figure_qualifier_stands_with_a_number",
            ),
            models.CheckConstraint(
                condition=Q(text="") | Q(value=None, is_nothing=False),
                name="figure_words_are_no_number",
            ),
        ]
        indexes = [
            models.Index(fields=["report"], condition=~Q(qualifier=""), name="figure_rough"),
        ]

    def __str__(self):
        return f"{self.indicator}: {show_figure(self.typed, self.indicator.value_type)}"

    @property
    def typed(self):
        """As the officer typed it: a Decimal, a Rough, NOTHING, her words, or None."""
        return typed_figure(self)


def typed_figure(row):
    """What was typed into a Figure, or into a row of its history."""
    if row.is_nothing:
        return NOTHING
    if row.qualifier:
        return Rough(row.value, row.qualifier)
    return row.text or row.value


class ReportFile(models.Model):
    """A file that goes with a report, served by the report's page to whoever may read that.

    Taken out of the report it stays kept, with who did it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="files", verbose_name="báo cáo"
    )
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="report_file", verbose_name="tệp"
    )
    removed_at = models.DateTimeField("bỏ lúc", null=True)
    removed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="report_files_removed", null=True
    )

    objects = ReportFileQuerySet.as_manager()

    class Meta:
        ordering = ["report", F("file__created_at").asc(), "pk"]
        verbose_name = "tệp kèm báo cáo"
        verbose_name_plural = "tệp kèm báo cáo"
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="report_file_removed_by_somebody",
            ),
        ]

    def __str__(self):
        return self.file.name


class ReportEvent(models.Model):
    """A step in a report's life; only ever added. Figures and words stand as they were."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Mở kỳ"
        SUBMITTED = "submitted", "Nộp"
        RETURNED = "returned", "Trả lại"
        APPROVED = "approved", "Duyệt"
        REOPENED = "reopened", "Mở lại"
        LOCKED = "locked", "Khóa"
        LAPSED = "lapsed", "Không còn phải nộp"
        ASKED = "asked", "Nhờ cấp trên nhập thay"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField("việc", max_length=9, choices=Kind)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="report_events", null=True)
    acting_branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="events_on_behalf",
        verbose_name="đơn vị làm thay",
        null=True,
    )
    at = models.DateTimeField("lúc")
    reason = models.TextField("lý do", blank=True)
    snapshot = models.JSONField(default=dict, editable=False)
    digest = models.CharField("mã băm của số liệu", max_length=64, blank=True, editable=False)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = "bước xử lý báo cáo"
        verbose_name_plural = "bước xử lý báo cáo"
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["returned", "reopened"]) | ~Q(reason=""),
                name="event_return_has_reason",
                violation_error_message="Trả lại báo cáo phải ghi lý do.",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.report_id}"

    @property
    def what(self):
        """The step in words: "Nộp, Hội LHPN quận Sơn Trà làm thay"."""
        words = self.get_kind_display()
        return (
            f"{words}, {self.acting_branch.office_name} làm thay" if self.acting_branch else words
        )


class Remark(models.Model):
    """Nhận xét: what the reviewer says of one cell when she returns a report; only ever added.
    Of a figure (`indicator`) or of one of the texts (`narrative`)."""

    event = models.ForeignKey(ReportEvent, on_delete=models.PROTECT, related_name="remarks")
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        related_name="remarks",
        verbose_name="chỉ tiêu",
        null=True,
    )
    narrative = models.CharField("phần lời", max_length=12, blank=True)
    text = models.CharField("nhận xét", max_length=500)

    objects = OfEventQuerySet.as_manager()

    class Meta:
        ordering = ["event", "pk"]
        verbose_name = "nhận xét"
        verbose_name_plural = "nhận xét"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "indicator"],
                condition=Q(indicator__isnull=False),
                name="remark_once_per_figure",
            ),
            models.UniqueConstraint(
                fields=["event", "narrative"],
                condition=Q(indicator=None),
                name="remark_once_per_text",
            ),
            models.CheckConstraint(
                condition=Q(indicator=None, narrative__in=Report.NARRATIVE)
                | Q(indicator__isnull=False, narrative=""),
                name="remark_is_of_a_figure_or_of_a_text",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="remark_says_something"),
        ]

    def __str__(self):
        return self.text

    @property
    def label(self):
        """What the cell is called."""
        if self.narrative:
            return Report._meta.get_field(self.narrative).verbose_name
        return self.indicator.name


class Explanation(models.Model):
    """Giải thích: the word that stands with an unusual figure, of the unit that gave it."""

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="explanations", verbose_name="báo cáo"
    )
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="explanations", verbose_name="chỉ tiêu"
    )
    text = models.CharField("giải thích", max_length=300, blank=True)

    objects = OfReportQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["report", "pk"]
        verbose_name = "giải thích"
        verbose_name_plural = "giải thích"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "indicator"], name="explanation_once_per_cell"
            ),
        ]

    def __str__(self):
        return self.text


class Total(models.Model):
    """A stored sum over the approved reports below a place in the tree: a cache of figures.

    `path` is the place as it was when the period opened, `branch` its last id, `parent` the one
    before. `value` sums the typed figures (for Có / Không: how many said Có), `answered` counts
    the reports that gave one. The place's own report is not in it.
    """

    period = models.ForeignKey(
        Period, on_delete=models.CASCADE, related_name="totals", db_index=False
    )
    path = PathField(max_length=120)
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="totals", db_index=False
    )
    parent = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="totals_below", null=True, db_index=False
    )
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="totals", db_index=False
    )
    value = models.DecimalField(max_digits=24, decimal_places=2)
    answered = models.IntegerField()

    objects = OfBranchQuerySet.as_manager()

    class Meta:
        verbose_name = "số tổng hợp"
        verbose_name_plural = "số tổng hợp"
        indexes = [
            models.Index(fields=["branch", "period"], name="total_branch_period"),
            models.Index(fields=["parent", "period"], name="total_parent_period"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "path", "indicator"], name="total_once_per_place"
            ),
        ]

    def __str__(self):
        return f"{self.branch_id}/{self.indicator_id}: {self.value}"


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


class Export(Job):
    """A workbook that somebody asked for; only she may fetch it."""

    kind = models.CharField("loại", max_length=40)
    geography = models.CharField("địa bàn", max_length=4, choices=Geography, default=Geography.THEN)
    basis = models.CharField("cộng", max_length=8, choices=Basis, default=Basis.APPROVED)
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="exports", verbose_name="kỳ"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="exports", verbose_name="đơn vị"
    )
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="export", null=True
    )

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "tệp xuất"
        verbose_name_plural = "tệp xuất"

    def __str__(self):
        return f"{self.period.label} – {self.branch.office_name}"

    def get_absolute_url(self):
        return reverse("reports:export_detail", args=[self.pk])
