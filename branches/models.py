"""The organisation: units, the people who work in them, the files they keep."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localdate
from rules import has_perm
from simple_history.models import HistoricalRecords

from hoiphunu.jobs import Job
from hoiphunu.text import clean, exact_fold, fold, person_sort_key, slugify, sort_key

from .querysets import (
    BranchQuerySet,
    OfBranchQuerySet,
    PositionQuerySet,
    StoredFileQuerySet,
    TeamQuerySet,
    UploadRowQuerySet,
    UserQuerySet,
)


class PathField(models.CharField):
    """Ids from the root to the unit, "/1/34/1201/", compared byte by byte on each database."""

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
    parents = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="children", verbose_name="trực thuộc"
    )

    history = HistoricalRecords(m2m_fields=[parents])

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
        return f"{self.type} {self.name}".strip()

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


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with a log-in. What she may do follows from her positions, nothing else."""

    username = models.CharField(
        "tên đăng nhập",
        max_length=60,
        unique=True,
        error_messages={"unique": "Tên đăng nhập này đã có người dùng."},
    )
    full_name = models.CharField("họ và tên", max_length=120)
    sort_key = models.CharField(max_length=500, editable=False)
    phone = models.CharField("điện thoại", max_length=20, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    is_active = models.BooleanField("đang hoạt động", default=True)
    created_at = models.DateTimeField("tạo lúc", auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()
    history = HistoricalRecords(excluded_fields=["password", "last_login", "sort_key"])

    class Meta:
        ordering = ["sort_key", "pk"]
        verbose_name = "tài khoản"
        verbose_name_plural = "tài khoản"

    def __str__(self):
        return self.full_name

    def save(self, *args, update_fields=None, **kwargs):
        self.fill_keys()
        if update_fields == ["last_login"]:  # Django notes a log-in; the account is the same
            self.skip_history_when_saving = True
        super().save(*args, update_fields=update_fields, **kwargs)
        self.__dict__.pop("skip_history_when_saving", None)

    def fill_keys(self):
        self.full_name = clean(self.full_name)
        self.sort_key = person_sort_key(self.full_name)[:500]  # more only in other letters

    @cached_property
    def standing(self):
        """Her positions of today, read once per request."""
        return list(self.positions.in_force(localdate()).select_related("branch__level"))

    def branch_paths(self, role=None):
        """Paths of the units where she holds a position (or just `role`) today."""
        return [p.branch.path for p in self.standing if role in (None, p.role)]

    def holds(self, role, branch):
        """Has she this role in just this unit?"""
        return any(p.role == role and p.branch_id == branch.pk for p in self.standing)

    def holds_over(self, role, branch):
        """Has she this role in this unit or in one above it?"""
        return any(branch.path.startswith(path) for path in self.branch_paths(role))

    @property
    def home_branch(self):
        """The unit of her highest position, where her pages begin."""
        held = sorted(self.standing, key=lambda p: (len(p.branch.path), p.pk))
        return held[0].branch if held else None

    @property
    def is_staff(self):
        """Django's word for who may open the admin."""
        return bool(self.branch_paths(Position.Role.ADMINISTRATOR))

    def has_perm(self, permission, obj=None):
        return self.is_active and has_perm(permission, self, obj)

    def has_module_perms(self, app_label):
        return self.is_active and self.is_staff


class Position(models.Model):
    """Who holds which role where, from when until when; one person may hold several."""

    class Role(models.TextChoices):
        OFFICER = "officer", "Cán bộ nhập"
        REVIEWER = "reviewer", "Người duyệt"
        LEADER = "leader", "Lãnh đạo"
        ADMINISTRATOR = "administrator", "Quản trị"

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="positions", verbose_name="tài khoản"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="positions", verbose_name="đơn vị"
    )
    role = models.CharField("vai trò", max_length=14, choices=Role)
    title = models.CharField(
        "chức vụ", max_length=150, blank=True, help_text="Như vẫn gọi: Phó Chủ tịch Hội LHPN quận"
    )
    started_on = models.DateField("từ ngày")
    ended_on = models.DateField("đến ngày", null=True, blank=True)

    objects = PositionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["branch", "role", "started_on"]
        verbose_name = "vị trí"
        verbose_name_plural = "vị trí"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="position_ends_after_start",
                violation_error_message="Ngày kết thúc phải sau ngày bắt đầu.",
            ),
            models.UniqueConstraint(
                fields=["user", "branch", "role"],
                condition=Q(ended_on=None),
                name="position_held_once",
                violation_error_message="Người này đang giữ vai trò đó ở đơn vị này.",
            ),
        ]

    def __str__(self):
        return f"{self.title or self.get_role_display()}, {self.branch.office_name}"


def server_made_name(stored_file, filename):
    """Where a file lies on disk; nothing of the name that a person gave."""
    return f"{stored_file.pk.hex[:2]}/{stored_file.pk.hex}"


class StoredFile(models.Model):
    """A file, served only through the scoped view; there is no public address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="files")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="files")
    file = models.FileField(upload_to=server_made_name)
    name = models.CharField("tên tệp", max_length=200)
    size = models.PositiveIntegerField("dung lượng (byte)")
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    is_personal = models.BooleanField("chỉ người yêu cầu được tải", default=False)
    created_at = models.DateTimeField("lúc", auto_now_add=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "tệp"
        verbose_name_plural = "tệp"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("branches:file_download", args=[self.pk])


class Upload(Job):
    """A list that somebody uploaded: first read into rows to look at, then applied.

    `kind` names the list (`reports/lists.py`); `params` holds what the page knew,
    such as `{"program": 3}`.
    """

    class Step(models.TextChoices):
        READ = "read", "Đọc tệp"
        APPLY = "apply", "Ghi danh sách"

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="uploads", verbose_name="đơn vị"
    )
    kind = models.CharField("danh sách", max_length=40)
    params = models.JSONField(default=dict, editable=False)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="upload", verbose_name="tệp"
    )
    step = models.CharField("bước", max_length=5, choices=Step, default=Step.READ)
    columns = models.JSONField("các cột", default=list, editable=False)
    notes = models.JSONField("dòng bỏ qua", default=list, editable=False)
    applied_at = models.DateTimeField("ghi lúc", null=True, blank=True)

    objects = OfBranchQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "danh sách tải lên"
        verbose_name_plural = "danh sách tải lên"

    def __str__(self):
        return f"{self.file.name} (lần tải {self.pk})"

    def get_absolute_url(self):
        return reverse("reports:upload_detail", args=[self.pk])

    @property
    def is_preview(self):
        return self.step == self.Step.READ and self.state == self.State.READY

    @property
    def is_applied(self):
        return self.step == self.Step.APPLY and self.state == self.State.READY


class UploadRow(models.Model):
    """One row of the sheet as it was found and as it was understood.

    `raw`: column title → text as found; `parsed`: field → value ready to be written;
    `errors`: list of {"column": letter, "title": …, "message": sentence}.
    """

    class Outcome(models.TextChoices):
        NEW = "new", "mới"
        CHANGED = "changed", "thay đổi"
        UNCHANGED = "unchanged", "không đổi"
        ERROR = "error", "lỗi"

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField("trang tính", max_length=60)
    number = models.PositiveIntegerField("dòng")
    raw = models.JSONField(default=dict)
    parsed = models.JSONField(default=dict)
    outcome = models.CharField("kết quả", max_length=10, choices=Outcome)
    errors = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    target_id = models.BigIntegerField(null=True)

    objects = UploadRowQuerySet.as_manager()

    class Meta:
        ordering = ["upload", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "sheet", "number"], name="upload_row_staged_once"
            ),
        ]

    def __str__(self):
        return f"Dòng {self.number}"
