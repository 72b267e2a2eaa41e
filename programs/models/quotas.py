"""Chỉ tiêu phân bổ: how many chi hội a unit must take on, and who a supporter may be."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from branches.models import Branch, Level, Team
from hoiphunu.text import clean
from programs.querysets import OfProgramQuerySet, QuotaQuerySet

from .programs import Cited, Program


class QuotaLine(Cited):
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
