"""What is measured, what is to be reached, and what a paper says was reached."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from branches.models import Branch, Level
from hoiphunu.qualifiers import Qualifier
from hoiphunu.text import clean
from programs.querysets import OfProgramQuerySet, OfTargetQuerySet, TargetQuerySet

from .programs import Cited, Program


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
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="parts",
        verbose_name="là một phần của",
        null=True,
        blank=True,
        help_text="Các phần cộng lại được đối chiếu với chỉ tiêu chung.",
    )
    help = models.CharField("hướng dẫn", max_length=300, blank=True)
    valid_from = models.DateField("dùng từ ngày", null=True, blank=True)
    valid_until = models.DateField("dùng đến hết ngày", null=True, blank=True)
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
            models.CheckConstraint(
                condition=~Q(value_type="text") | Q(aggregation="none"),
                name="indicator_words_are_not_added",
                violation_error_message=(
                    "Chỉ tiêu trả lời bằng chữ không cộng được: chọn “Không cộng”."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(value_type="yes_no") | Q(aggregation__in=["share_of_units", "none"]),
                name="indicator_yes_no_is_a_share_or_not_added",
                violation_error_message=(
                    "Chỉ tiêu Có / Không tính thành tỷ lệ đơn vị đạt, hoặc không cộng."
                ),
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gte=F("valid_from")),
                name="indicator_valid_until_after_from",
                violation_error_message="Ngày cuối dùng phải sau ngày bắt đầu dùng.",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        for name in ("numerator", "denominator"):
            part = getattr(self, name)
            if part is not None and not part.is_number:
                raise ValidationError({name: "Tỷ lệ tính từ hai số, không tính từ chữ."})
        if self.part_of_id is None:
            return
        if not self.is_number:
            raise ValidationError({"part_of": "Chỉ số mới là một phần của số khác."})
        if self.part_of_id == self.pk:
            raise ValidationError({"part_of": "Một chỉ tiêu không là phần của chính nó."})
        if self.part_of.part_of_id is not None:
            raise ValidationError({"part_of": "Chỉ tiêu chung ấy lại là phần của chỉ tiêu khác."})
        if (self.part_of.unit, self.part_of.aggregation) != (self.unit, self.aggregation):
            raise ValidationError(
                {"part_of": "Phần và chỉ tiêu chung phải cùng đơn vị tính và cách cộng."}
            )

    def is_valid_on(self, day):
        starts = self.valid_from is None or self.valid_from <= day
        return starts and (self.valid_until is None or day <= self.valid_until)

    @property
    def is_typed(self):
        """Ratios are computed from their parts; everything else is typed by the unit."""
        return self.aggregation != self.Aggregation.RATIO

    @property
    def is_number(self):
        return self.value_type not in (self.ValueType.TEXT, self.ValueType.YES_NO)

    @property
    def is_text(self):
        return self.value_type == self.ValueType.TEXT

    @property
    def is_percent(self):
        return self.aggregation in (self.Aggregation.RATIO, self.Aggregation.SHARE_OF_UNITS)


class Target(Cited):
    """Chỉ tiêu (kết quả): one numbered target of a plan, of one or several parts.

    A province localises a central one for itself: `localises` names that, `branch` is whose it
    is. `question` keeps what the words leave open ("tăng 88%": to 88 % or by 88 %?).
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="targets", verbose_name="chương trình"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="targets", verbose_name="chỉ tiêu của"
    )
    localises = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="localised",
        verbose_name="cụ thể hóa chỉ tiêu",
        null=True,
        blank=True,
    )
    number = models.CharField("số thứ tự", max_length=20)
    position = models.PositiveSmallIntegerField("thứ tự")
    year = models.PositiveSmallIntegerField("năm", null=True, blank=True)
    text = models.TextField("chỉ tiêu như văn bản ghi")
    question = models.CharField("điều chưa rõ, cần hỏi lại", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TargetQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["program", "branch", "position", "pk"]
        verbose_name = "chỉ tiêu"
        verbose_name_plural = "chỉ tiêu"
        constraints = [
            models.UniqueConstraint(
                fields=["program", "branch", "number", "year"],
                name="target_number_once",
                violation_error_message="Chương trình đã có chỉ tiêu mang số này.",
            ),
        ]

    def __str__(self):
        return f"Chỉ tiêu {self.number}"

    def clean(self):
        self.number, self.question = clean(self.number), clean(self.question)

    @property
    def is_compound(self):
        return len(self.parts.all()) > 1


class TargetPart(models.Model):
    """One number to reach, in one of the shapes that plans use.

    absolute: `value` of `unit`; increment: `value` more than before; minimum_per_unit: at least
    `value` in each unit of `level`; share_of_units: `share` % of the units of `level`, each
    with at least `value` where one is given; share_of_persons: `share` % of `of_whom`.

    `is_open`: taken over from the edition before and without a number yet; a programme does not
    start before each has one.
    """

    class Shape(models.TextChoices):
        ABSOLUTE = "absolute", "Số phải đạt"
        INCREMENT = "increment", "Số tăng thêm"
        MINIMUM_PER_UNIT = "minimum_per_unit", "Mỗi đơn vị ít nhất"
        SHARE_OF_UNITS = "share_of_units", "Tỷ lệ đơn vị đạt"
        SHARE_OF_PERSONS = "share_of_persons", "Tỷ lệ người đạt"

    target = models.ForeignKey(
        Target, on_delete=models.CASCADE, related_name="parts", verbose_name="chỉ tiêu"
    )
    position = models.PositiveSmallIntegerField("thứ tự")
    shape = models.CharField("dạng", max_length=16, choices=Shape)
    text = models.CharField("nội dung", max_length=500)
    value = models.DecimalField(
        "số phải đạt", max_digits=18, decimal_places=2, null=True, blank=True
    )
    unit = models.CharField("đơn vị tính", max_length=40, blank=True)
    share = models.DecimalField("tỷ lệ %", max_digits=6, decimal_places=2, null=True, blank=True)
    of_whom = models.CharField("trong số", max_length=300, blank=True)
    is_open = models.BooleanField("chưa ghi số", default=False, editable=False)
    qualifier = models.CharField("chữ đi kèm", max_length=9, choices=Qualifier, blank=True)
    levels = models.ManyToManyField(
        Level, related_name="target_parts", verbose_name="của các đơn vị cấp", blank=True
    )
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        related_name="target_parts",
        verbose_name="theo dõi bằng chỉ tiêu báo cáo",
        null=True,
        blank=True,
    )

    objects = OfTargetQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[levels])

    class Meta:
        ordering = ["target", "position", "pk"]
        verbose_name = "phần của chỉ tiêu"
        verbose_name_plural = "phần của chỉ tiêu"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_open=True, value=None, share=None)
                | Q(
                    is_open=False,
                    shape__in=["share_of_units", "share_of_persons"],
                    share__isnull=False,
                )
                | Q(
                    is_open=False,
                    shape__in=["absolute", "increment", "minimum_per_unit"],
                    share=None,
                    value__isnull=False,
                ),
                name="target_part_has_the_number_of_its_shape",
                violation_error_message="Dạng tỷ lệ cần số %%, các dạng khác cần số phải đạt.",
            ),
        ]

    def __str__(self):
        return self.text

    def clean(self):
        self.text, self.unit, self.of_whom = clean(self.text), clean(self.unit), clean(self.of_whom)
        if self.value is not None or self.share is not None:
            self.is_open = False


class StatedFigure(Cited):
    """A figure as a paper prints it. Kept beside what reports add up to and never added to it.

    A total names its parts (`part_of`): where they do not add up, both stay as printed and the
    difference is shown. A change ("tăng 2.404") or a share ("72,6%") names the figure that it
    is `about`, so that what stood before, or the whole, can be told beside them. `value` None
    with a `text` is a figure in words ("mới").
    """

    class Role(models.TextChoices):
        LEVEL = "level", "Kết quả"
        INCREASE = "increase", "Tăng"
        DECREASE = "decrease", "Giảm"

    program = models.ForeignKey(
        Program,
        on_delete=models.PROTECT,
        related_name="stated_figures",
        verbose_name="chương trình",
    )
    position = models.PositiveSmallIntegerField("thứ tự")
    heading = models.CharField("nhóm", max_length=200, blank=True)
    label = models.CharField("số liệu", max_length=300)
    qualifier = models.CharField("chữ đi kèm", max_length=9, choices=Qualifier, blank=True)
    value = models.DecimalField("số in", max_digits=20, decimal_places=4, null=True, blank=True)
    unit = models.CharField("đơn vị tính", max_length=40, blank=True)
    role = models.CharField("loại", max_length=8, choices=Role, default=Role.LEVEL)
    printed = models.CharField("in trong văn bản", max_length=300, blank=True)
    as_of = models.DateField("đến ngày", null=True, blank=True)
    year = models.PositiveSmallIntegerField("năm", null=True, blank=True)
    is_cumulative = models.BooleanField("lũy kế", default=False)
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        related_name="stated_figures",
        verbose_name="chỉ tiêu báo cáo",
        null=True,
        blank=True,
    )
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="parts",
        verbose_name="là một phần của",
        null=True,
        blank=True,
    )
    about = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="told_by",
        verbose_name="là mức tăng, giảm hoặc tỷ lệ của",
        null=True,
        blank=True,
    )

    objects = OfProgramQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["program", "position", "pk"]
        verbose_name = "số liệu in trong văn bản"
        verbose_name_plural = "số liệu in trong văn bản"

    def __str__(self):
        return self.label

    def clean(self):
        self.label, self.heading = clean(self.label), clean(self.heading)
        if self.part_of_id and self.part_of_id == self.pk:
            raise ValidationError({"part_of": "Một số liệu không là phần của chính nó."})
        if self.part_of_id and self.part_of.program_id != self.program_id:
            raise ValidationError({"part_of": "Số liệu chung phải cùng chương trình."})
        if self.about_id:
            self.check_about()

    @property
    def is_share(self):
        return self.unit == "%"

    @property
    def is_change(self):
        return self.role != self.Role.LEVEL

    def check_about(self):
        if self.about_id == self.pk or self.about.program_id != self.program_id:
            raise ValidationError({"about": "Chọn một số liệu khác của cùng chương trình."})
        if not (self.is_share or self.is_change):
            raise ValidationError(
                {"about": "Chỉ mức tăng, mức giảm hoặc tỷ lệ % mới đi với một số khác."}
            )
        if self.is_change and self.about.unit != self.unit:
            raise ValidationError(
                {"about": "Mức tăng, giảm phải cùng đơn vị tính với số mà nó nói về."}
            )
        if self.about.is_change or (self.about.is_share and not self.is_change):
            raise ValidationError({"about": "Chọn số kết quả mà mức tăng, giảm, tỷ lệ này nói về."})
