"""A programme, the papers it rests on, and what they ask of the units."""

from calendar import monthrange
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.custody import stand_in
from branches.decrees import is_standing_below
from branches.models import Branch, Level, StoredFile
from hoiphunu.text import clean, clean_lines, fold
from programs.querysets import OfProgramQuerySet, ProgramQuerySet


class Program(models.Model):
    """A programme of the Hội, owned by the unit that issued its plan."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Đang soạn"
        RUNNING = "running", "Đang thực hiện"
        CLOSED = "closed", "Đã kết thúc"
        CANCELLED = "cancelled", "Đã hủy"

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
    edition = models.CharField(
        "đợt", max_length=60, blank=True, help_text="Ví dụ: năm 2024, giai đoạn 2021–2025"
    )
    previous = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="next_editions",
        verbose_name="nối tiếp đợt",
        null=True,
        blank=True,
    )
    supported_level = models.ForeignKey(
        Level,
        on_delete=models.PROTECT,
        related_name="programs",
        verbose_name="giúp đơn vị cấp",
        null=True,
        blank=True,
        help_text="Để trống khi chương trình không phân công giúp đơn vị nào.",
    )
    reaches_out = models.BooleanField(
        "giúp cả đơn vị ngoài địa bàn của đơn vị chủ trì", default=False
    )
    status = models.CharField("tình trạng", max_length=9, choices=Status, default=Status.DRAFT)
    end_reason = models.CharField("lý do kết thúc hoặc hủy", max_length=300, blank=True)
    closed_on = models.DateField("ngày kết thúc hoặc hủy", null=True, blank=True, editable=False)
    keep_months = models.PositiveSmallIntegerField(
        "lưu hồ sơ sau khi kết thúc (tháng)", null=True, blank=True
    )
    erasure_told_on = models.DateField("báo trước việc xóa", null=True, editable=False)
    erased_on = models.DateField("đã xóa hồ sơ", null=True, editable=False)
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
            models.CheckConstraint(
                condition=Q(keep_months=None) | Q(keep_months__gt=0),
                name="program_keeps_at_least_a_month",
                violation_error_message="Thời hạn lưu ít nhất là 1 tháng.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("programs:program_detail", args=[self.slug])

    def clean(self):
        self.name, self.contact = clean(self.name), clean(self.contact)
        self.edition = clean(self.edition)
        self.aim = clean_lines(self.aim)

    @property
    def plan(self):
        """The paper that it carries out; it may rest on others."""
        return self.plans.filter(role=PlanDocument.Role.PLAN).first()

    @property
    def acting_owner(self):
        """The unit that goes on with the programme: its owner, or who acts for one that ended."""
        return stand_in(self.owner)

    def contains(self, unit):
        """Is the unit of the owner's tree, or of what followed it once the owner has ended?"""
        return self.owner.contains(unit) or is_standing_below(unit, self.owner)

    @property
    def is_draft(self):
        return self.status == self.Status.DRAFT

    @property
    def is_running(self):
        return self.status == self.Status.RUNNING

    @property
    def is_closed(self):
        """Ended, as planned or called off: nothing of it changes any more."""
        return self.status in (self.Status.CLOSED, self.Status.CANCELLED)

    @property
    def keep_until(self):
        """The last day on which the people helped are known by name; None while the programme goes
        on, and where nobody has said how long."""
        if not self.is_closed or self.keep_months is None:
            return None
        ended = self.closed_on or self.ends_on  # closed before closing days were kept
        year, month = divmod(ended.year * 12 + ended.month - 1 + self.keep_months, 12)
        return ended.replace(
            year=year, month=month + 1, day=min(ended.day, monthrange(year, month + 1)[1])
        )

    @property
    def full_name(self):
        """With its edition, where the name does not say it."""
        known = not self.edition or fold(self.edition) in fold(self.name)
        return self.name if known else f"{self.name} ({self.edition})"


class PlanDocument(models.Model):
    """Kế hoạch: the paper of a programme, a paper that it rests on, or one that amends another.

    What the paper lacks stays unknown. `number` is in the proper form ("02/KH-BTV"), `printed`
    as it stands on the paper ("02 /KH-BTV") where that differs. Of the signing it holds for whom
    and as what ("TM. BAN THƯỜNG VỤ", "PHÓ CHỦ TỊCH"), never who signed; `recipients` are the
    lines under "Nơi nhận".
    """

    class Role(models.TextChoices):
        PLAN = "plan", "Kế hoạch của chương trình"
        BASIS = "basis", "Văn bản căn cứ"
        AMENDMENT = "amendment", "Văn bản điều chỉnh"

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="plans", verbose_name="chương trình"
    )
    role = models.CharField("vai trò", max_length=9, choices=Role, default=Role.PLAN)
    number = models.CharField("số, ký hiệu", max_length=60, blank=True)
    printed = models.CharField("số in trên văn bản", max_length=60, blank=True)
    issued_on = models.DateField("ngày ban hành", null=True, blank=True)
    issuer = models.CharField("cơ quan ban hành", max_length=150, blank=True)
    title = models.CharField("trích yếu", max_length=300)
    place = models.CharField("địa danh", max_length=60, blank=True)
    signed_for = models.CharField("thẩm quyền ký", max_length=200, blank=True)
    signed_as = models.CharField("chức vụ người ký", max_length=200, blank=True)
    recipients = models.TextField("nơi nhận", blank=True)
    amends = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="amendments",
        verbose_name="điều chỉnh văn bản",
        null=True,
        blank=True,
    )
    note = models.CharField("nội dung điều chỉnh, ghi chú", max_length=500, blank=True)
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
        verbose_name = "văn bản"
        verbose_name_plural = "văn bản"

    def __str__(self):
        return self.title

    @property
    def sign(self):
        """How people name it: "470/KH-BTV ngày 16/11/2021", or its title when it has no number."""
        if not self.number:
            return self.title
        return f"{self.number} ngày {self.issued_on:%d/%m/%Y}" if self.issued_on else self.number

    @property
    def signing(self):
        """ "TM. BAN THƯỜNG VỤ, PHÓ CHỦ TỊCH"; "" when the paper does not say."""
        return ", ".join(filter(None, [self.signed_for, self.signed_as]))

    @property
    def signed(self):
        """ "Ký tại Hóc Môn: TM. BAN THƯỜNG VỤ, PHÓ CHỦ TỊCH", as far as it is known."""
        where = f"Ký tại {self.place}" if self.place else "Ký" if self.signing else ""
        return f"{where}: {self.signing}" if self.signing else where

    @property
    def recipient_lines(self):
        return [line for line in self.recipients.splitlines() if line.strip()]

    def clean(self):
        self.number, self.title = clean(self.number), clean(self.title)
        self.issuer, self.note = clean(self.issuer), clean(self.note)
        self.place, self.recipients = clean(self.place), clean_lines(self.recipients)
        self.signed_for, self.signed_as = clean(self.signed_for), clean(self.signed_as)
        if self.amends_id and self.amends_id == self.pk:
            raise ValidationError({"amends": "Một văn bản không điều chỉnh chính nó."})


class Cited(models.Model):
    """Abstract: says where its number comes from, the paper and the clause in it."""

    document = models.ForeignKey(
        PlanDocument,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name="theo văn bản",
        null=True,
        blank=True,
    )
    clause = models.CharField("điều khoản trong văn bản", max_length=100, blank=True)

    class Meta:
        abstract = True

    @property
    def cited(self):
        """ "Mục II.4, Kế hoạch 02/KH-BTV ngày 18/11/2021"; "" when nobody wrote it down."""
        return ", ".join(filter(None, [self.clause, self.document and self.document.sign]))


class Milestone(Cited):
    """Mốc thời hạn. `due_on` is the last good day: "trước ngày 15/01" is stored as 14/01.

    `levels` says whose units must have it done; without any it is every unit that takes part.
    """

    class Kind(models.TextChoices):
        LIST = "list", "Gửi danh sách"
        REPORT = "report", "Gửi báo cáo"
        OTHER = "other", "Việc khác"

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="milestones", verbose_name="chương trình"
    )
    kind = models.CharField("loại mốc", max_length=6, choices=Kind, default=Kind.OTHER)
    levels = models.ManyToManyField(
        Level, related_name="milestones", verbose_name="các cấp phải làm", blank=True
    )
    label = models.CharField("việc phải xong", max_length=200)
    due_on = models.DateField("ngày cuối cùng")
    printed = models.CharField("chữ trong kế hoạch", max_length=100, blank=True)
    recipient = models.CharField("gửi về", max_length=200, blank=True)

    objects = OfProgramQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[levels])

    class Meta:
        ordering = ["program", "due_on"]
        verbose_name = "mốc thời hạn"
        verbose_name_plural = "mốc thời hạn"

    def __str__(self):
        return f"{self.label}: {self.printed or format(self.due_on, '%d/%m/%Y')}"


class Content(Cited):
    """A heading of the plan's contents with the words under it ("III.1 …", "2.1 …")."""

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="contents", verbose_name="chương trình"
    )
    position = models.PositiveSmallIntegerField("thứ tự")
    number = models.CharField("số mục", max_length=20, blank=True)
    heading = models.CharField("nội dung", max_length=500)
    text = models.TextField("chi tiết", blank=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name="thuộc mục",
        null=True,
        blank=True,
    )

    objects = OfProgramQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["program", "position", "pk"]
        verbose_name = "nội dung chương trình"
        verbose_name_plural = "nội dung chương trình"

    def __str__(self):
        return f"{self.number} {self.heading}".strip()

    def clean(self):
        self.heading, self.text = clean(self.heading), clean_lines(self.text)


class Duty(Cited):
    """Nhiệm vụ: what the plan asks of a unit or of all units of some levels, and how often.

    `who` is as printed; `levels`, `branch` or neither (the owner itself) says whom it binds.
    Few papers give a yearly duty its last day; without one it is owed, but nobody says by when.
    """

    class Kind(models.TextChoices):
        TASK = "task", "Việc phải làm"
        REPORT = "report", "Báo cáo"
        LIST = "list", "Danh sách"
        PLAN = "plan", "Kế hoạch"
        BUDGET = "budget", "Dự trù kinh phí"

    class Rhythm(models.TextChoices):
        ONCE = "once", "Một lần"
        MONTHLY = "monthly", "Hằng tháng"
        QUARTERLY = "quarterly", "Hằng quý"
        HALF_YEARLY = "half_yearly", "6 tháng"
        YEARLY = "yearly", "Hằng năm"
        PHASE = "phase", "Từng giai đoạn"
        AD_HOC = "ad_hoc", "Đột xuất, khi có yêu cầu"
        ONGOING = "ongoing", "Thường xuyên"

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="duties", verbose_name="chương trình"
    )
    position = models.PositiveSmallIntegerField("thứ tự")
    who = models.CharField("đơn vị thực hiện", max_length=200)
    levels = models.ManyToManyField(
        Level, related_name="duties", verbose_name="mọi đơn vị cấp", blank=True
    )
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="duties",
        verbose_name="một đơn vị",
        null=True,
        blank=True,
    )
    kind = models.CharField("loại việc", max_length=6, choices=Kind, default=Kind.TASK)
    rhythm = models.CharField("nhịp", max_length=11, choices=Rhythm, default=Rhythm.ONGOING)
    due_day = models.PositiveSmallIntegerField("hạn hằng năm: ngày", null=True, blank=True)
    due_month = models.PositiveSmallIntegerField("hạn hằng năm: tháng", null=True, blank=True)
    text = models.TextField("việc")
    recipient = models.CharField("gửi về", max_length=200, blank=True)

    objects = OfProgramQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[levels])

    class Meta:
        ordering = ["program", "position", "pk"]
        verbose_name = "nhiệm vụ"
        verbose_name_plural = "nhiệm vụ"
        constraints = [
            models.CheckConstraint(
                condition=Q(due_day=None, due_month=None)
                | Q(
                    rhythm="yearly",
                    due_day__isnull=False,
                    due_month__isnull=False,
                    due_day__range=(1, 31),
                    due_month__range=(1, 12),
                ),
                name="duty_last_day_is_a_yearly_ones",
                violation_error_message=(
                    "Hạn hằng năm cần cả ngày và tháng, và nhịp “Hằng năm”; văn bản không ghi thì "
                    "để trống."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.who}: {self.text}"

    def clean(self):
        self.who, self.recipient = clean(self.who), clean(self.recipient)
        self.text = clean_lines(self.text)
        try:
            self.due_in(2025)  # a year without 29/2
        except ValueError as error:
            raise ValidationError({"due_day": "Ngày này không có trong tháng ấy."}) from error

    def due_in(self, year):
        """Its last good day of the year; None where the paper names none."""
        if self.due_day is None or self.due_month is None:
            return None
        return date(year, self.due_month, self.due_day)
