"""What reports ask: forms, their versions, sections, lines, texts and rules."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, Level
from programs.models import Indicator, Program

from ..querysets import FormLineQuerySet, FormVersionQuerySet, ReportFormQuerySet


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
