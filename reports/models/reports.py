"""What a unit reported, in what state, step by step."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.custody import acting_for, stand_in
from branches.models import Branch, PathField, StoredFile, User
from hoiphunu.fields import LONGEST_ANSWER, NOTHING, show_figure
from hoiphunu.qualifiers import Qualifier, Rough
from programs.models import Indicator

from ..querysets import (
    FigureQuerySet,
    OfEventQuerySet,
    OfReportQuerySet,
    ReportFileQuerySet,
    ReportQuerySet,
)
from .calendar import Period


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
