"""The tree of units: where each stands now, what it was called and where it stood before."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.querysets import (
    BranchQuerySet,
    KeyQuerySet,
    OfBranchQuerySet,
    SpanQuerySet,
    TeamQuerySet,
)
from hoiphunu.text import clean, exact_fold, fold, slugify, sort_key


class PathField(models.CharField):
    """Compared byte by byte on each database: "/1/34/1201/", ids from the root to the unit.

    So are the keys of the search, whose ranges must mean the same on both.
    """

    def db_parameters(self, connection):
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class Level(models.Model):
    """A level of the organisation, as data: the state abolished one in 2025."""

    code = models.SlugField("mã", unique=True)
    name = models.CharField("tên cấp", max_length=60)
    rank = models.PositiveSmallIntegerField("thứ tự", unique=True)
    office_prefix = models.CharField(
        "cách gọi tổ chức Hội", max_length=40, blank=True, help_text="Ví dụ: Hội LHPN"
    )
    can_stand_alone = models.BooleanField(
        "có thể đứng đầu", default=False, help_text="Một bản cài đặt giữ một tỉnh hoặc cả nước."
    )
    is_unplaced = models.BooleanField(
        "hàng chưa phân địa bàn",
        default=False,
        help_text="Nơi đứng tạm của đơn vị đã chia mà chi hội chưa xếp về đâu.",
    )
    parents = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="children", verbose_name="trực thuộc"
    )

    history = HistoricalRecords(m2m_fields=[parents])

    class Meta:
        ordering = ["rank"]
        verbose_name = "cấp"
        verbose_name_plural = "các cấp"

    def __str__(self):
        return self.name


class Branch(models.Model):
    """A unit of the Hội. Never deleted: it closes, and its id and slug are never re-used."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", "theo địa bàn"
        SPECIAL = "special", "đặc thù"

    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="branches", verbose_name="cấp"
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name="đơn vị cấp trên",
        null=True,
        blank=True,
    )
    path = PathField(max_length=120, editable=False, default="")
    slug = models.SlugField("tên trong địa chỉ", max_length=120, unique=True, editable=False)
    type = models.CharField(
        "loại", max_length=30, blank=True, help_text="Ví dụ: quận, huyện, phường, xã"
    )
    name = models.CharField("tên", max_length=150)
    distinction = models.CharField(
        "ghi thêm để phân biệt",
        max_length=100,
        blank=True,
        help_text="Khi hai đơn vị cùng tên về một nơi. Ví dụ: phường Mân Thái cũ",
    )
    code = models.CharField("mã hành chính", max_length=10, blank=True)
    kind = models.CharField("hình thức", max_length=10, choices=Kind, default=Kind.ORDINARY)
    opened_on = models.DateField("thành lập ngày")
    closed_on = models.DateField("kết thúc ngày", null=True, blank=True)
    search_text = models.CharField(max_length=200, editable=False)
    exact_text = models.CharField(max_length=200, editable=False)
    sort_key = models.CharField(max_length=600, editable=False)

    objects = BranchQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search_text", "exact_text", "sort_key"])

    class Meta:
        ordering = ["sort_key", "pk"]
        verbose_name = "đơn vị"
        verbose_name_plural = "đơn vị"
        indexes = [
            models.Index(fields=["path"], name="branch_path"),
            models.Index(fields=["parent", "sort_key"], name="branch_parent_sort"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gt=F("opened_on")),
                name="branch_closes_after_opening",
                violation_error_message="Ngày kết thúc phải sau ngày thành lập.",
            ),
            models.UniqueConstraint(
                fields=["parent", "type", "exact_text"],
                condition=Q(closed_on=None),
                name="branch_name_once_under_parent",
                violation_error_message="Đơn vị cấp trên này đã có một đơn vị trùng tên.",
            ),
        ]

    def __str__(self):
        return self.full_name

    def save(self, *args, **kwargs):
        self.fill_keys()
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("branches:branch_detail", args=[self.slug])

    def fill_keys(self):
        """Columns that follow from the name; bulk writers call this themselves.

        Cut to their columns: a key may be longer than its name in letters that we do not use.
        """
        self.name = clean(self.name)
        self.search_text = fold(self.full_name)[:200]
        self.exact_text = exact_fold(self.full_name)[:200]
        self.sort_key = sort_key(self.name)[:600]
        self.slug = self.slug or slugify(self.full_name)[:120]

    @property
    def full_name(self):
        """The place or unit with its type: "quận Thanh Khê", "Hội Phụ nữ Công an"."""
        words = f"{self.type} {self.name}".strip()
        return f"{words} ({self.distinction})" if self.distinction else words

    @property
    def choice_label(self):
        """For lists to choose from, where two "Khu dân cư 1" must be told apart."""
        return f"{self} – {self.parent}" if self.parent else str(self)

    @property
    def office_name(self):
        """The Hội of that place, as its papers say it: "Hội LHPN quận Thanh Khê"."""
        return f"{self.level.office_prefix} {self.full_name}".strip()

    @property
    def ancestor_ids(self):
        """Ids from the root down to the unit's parent."""
        return [int(step) for step in self.path.strip("/").split("/")[:-1]]

    def ancestors(self):
        """The units above, from the root down."""
        return Branch.objects.filter(pk__in=self.ancestor_ids).order_by("path")

    def contains(self, other):
        return other.path.startswith(self.path)


class BranchSpan(models.Model):
    """What a unit was called and where it stood, from a day until another: the dated facts.

    `ends_on` is the first day on which it was so no more. An open unit has one span without
    an end, which says the same as its own columns; a closed one has none, for its own parent
    then only says who keeps its papers. The tree as it was on a day is the spans of that day.
    """

    branch = models.ForeignKey(
        Branch, on_delete=models.CASCADE, related_name="spans", verbose_name="đơn vị"
    )
    type = models.CharField("loại", max_length=30, blank=True)
    name = models.CharField("tên", max_length=150)
    code = models.CharField("mã hành chính", max_length=10, blank=True)
    parent = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="spans_below",
        verbose_name="trực thuộc",
        null=True,
        blank=True,
    )
    starts_on = models.DateField("từ ngày")
    ends_on = models.DateField("đến ngày", null=True, blank=True)
    decree = models.ForeignKey(
        "Reorganisation",
        on_delete=models.PROTECT,
        related_name="spans",
        verbose_name="theo văn bản",
        null=True,
        blank=True,
    )

    objects = SpanQuerySet.as_manager()

    class Meta:
        ordering = ["branch", "starts_on"]
        verbose_name = "giai đoạn của đơn vị"
        verbose_name_plural = "giai đoạn của đơn vị"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="span_ends_after_start",
            ),
            models.UniqueConstraint(fields=["branch", "starts_on"], name="span_starts_once_a_day"),
            models.UniqueConstraint(
                fields=["branch"], condition=Q(ends_on=None), name="span_without_end_once"
            ),
        ]

    def __str__(self):
        return f"{self.full_name} từ {self.starts_on:%d/%m/%Y}"

    @property
    def full_name(self):
        return f"{self.type} {self.name}".strip()


class BranchAlias(models.Model):
    """Another spelling under which people look for a unit: "Đắk Blô" for "Đăk Plô"."""

    branch = models.ForeignKey(
        Branch, on_delete=models.CASCADE, related_name="aliases", verbose_name="đơn vị"
    )
    name = models.CharField("tên gọi khác", max_length=150)

    history = HistoricalRecords()

    class Meta:
        ordering = ["branch", "name"]
        verbose_name = "tên gọi khác"
        verbose_name_plural = "tên gọi khác"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "name"],
                name="alias_once_per_branch",
                violation_error_message="Tên gọi này đã có.",
            ),
        ]

    def __str__(self):
        return self.name


class BranchKey(models.Model):
    """What a search finds a unit by: one row for each word that one of its names begins with.

    "phường Thanh Khê" is found by "phường thanh khê", "thanh khê" and "khê". A key is the rest
    of the name from that word on; a range of keys is what begins with the typed letters.
    """

    class Standing(models.IntegerChoices):
        """Which hits come first."""

        OPEN = 0, "tên hiện nay"
        OPEN_FORMER = 1, "tên cũ"
        CLOSED = 2, "tên khi kết thúc"
        CLOSED_FORMER = 3, "tên cũ của đơn vị đã kết thúc"

    LONGEST = 60
    BY_TYPE = 4  # added to the standing of a key that begins with the type: "phường …"

    branch = models.ForeignKey(
        Branch, on_delete=models.CASCADE, related_name="keys", verbose_name="đơn vị"
    )
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="+", verbose_name="cấp", db_index=False
    )
    standing = models.PositiveSmallIntegerField("thứ bậc")
    folded = PathField("chữ không dấu", max_length=LONGEST)
    exact = PathField("chữ có dấu", max_length=LONGEST)

    objects = KeyQuerySet.as_manager()

    class Meta:
        verbose_name = "chữ để tìm"
        verbose_name_plural = "chữ để tìm"
        indexes = [
            models.Index(fields=["standing", "level", "folded", "branch"], name="key_folded"),
            models.Index(fields=["standing", "level", "exact", "branch"], name="key_exact"),
        ]

    def __str__(self):
        return self.exact


class Department(models.Model):
    """Ban chuyên môn of a unit, as a contact point: often renamed, so its name is free text."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="departments", verbose_name="đơn vị"
    )
    name = models.CharField("tên ban, bộ phận", max_length=150)
    phone = models.CharField("điện thoại", max_length=20, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    closed_on = models.DateField("kết thúc ngày", null=True, blank=True)

    objects = OfBranchQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["branch", "name"]
        verbose_name = "ban, bộ phận"
        verbose_name_plural = "ban, bộ phận"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "name"],
                condition=Q(closed_on=None),
                name="department_name_once_in_branch",
                violation_error_message="Đơn vị này đã có ban, bộ phận trùng tên.",
            ),
        ]

    def __str__(self):
        return self.name


class Team(models.Model):
    """Đoàn phụ trách: officers of one unit who look after an area together."""

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="teams", verbose_name="thuộc đơn vị"
    )
    area = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="teams_in_charge",
        verbose_name="địa bàn phụ trách",
        null=True,
        blank=True,
    )
    name = models.CharField("tên đoàn", max_length=100)
    slug = models.SlugField("tên trong địa chỉ", max_length=120, unique=True)
    opened_on = models.DateField("thành lập ngày")
    closed_on = models.DateField("kết thúc ngày", null=True, blank=True)

    objects = TeamQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["branch", "name"]
        verbose_name = "đoàn phụ trách"
        verbose_name_plural = "đoàn phụ trách"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "name"],
                condition=Q(closed_on=None),
                name="team_name_once_in_branch",
                violation_error_message="Đơn vị này đã có một đoàn trùng tên.",
            ),
        ]

    def __str__(self):
        return self.name
