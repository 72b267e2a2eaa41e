"""For when: periods with their last days, the rules that make them, holidays."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from branches.models import Level

from ..querysets import HolidayQuerySet, PeriodQuerySet, PeriodRuleQuerySet
from ..schedule import ENDS
from .forms import FormLine, FormVersion, ReportForm

MONTHS = [(-1, "tháng trước"), (0, "tháng cuối kỳ"), (1, "tháng sau"), (2, "hai tháng sau")]

DAYS = [*((day, f"ngày {day}") for day in range(1, 31)), (31, "ngày cuối tháng")]


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

    # How often its days were changed; `version` is that of the form.
    edits = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = PeriodQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["edits"])

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
