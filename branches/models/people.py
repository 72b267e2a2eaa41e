"""The people who work in the units, and since when they hold what."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.timezone import localdate, now
from rules import has_perm
from simple_history.models import HistoricalRecords

from branches.querysets import PositionQuerySet, UserQuerySet
from hoiphunu.text import clean, fold, person_sort_key

from .tree import Branch


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
    search_text = models.CharField(max_length=400, default="", editable=False)
    phone = models.CharField("điện thoại", max_length=20, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    # When she herself said, from inside that letter box, that it is hers; a forgotten password
    # is set anew through no other one.
    email_confirmed_at = models.DateTimeField(
        "xác nhận thư điện tử lúc", null=True, blank=True, editable=False
    )
    # Of the letters of the last hour, which could bury a letter box.
    letters_at = models.JSONField(default=list, editable=False)
    is_active = models.BooleanField("đang hoạt động", default=True)
    created_at = models.DateTimeField("tạo lúc", auto_now_add=True)
    # Until when her one-time password opens the door; None once she has set her own.
    one_time_until = models.DateTimeField(
        "mật khẩu một lần dùng đến", null=True, blank=True, editable=False
    )
    # Part of what a session is checked against: one more, and all her sessions are over.
    session_round = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()
    history = HistoricalRecords(
        excluded_fields=[
            "password",
            "last_login",
            "sort_key",
            "search_text",
            "session_round",
            "letters_at",
        ]
    )

    class Meta:
        ordering = ["sort_key", "pk"]
        verbose_name = "tài khoản"
        verbose_name_plural = "tài khoản"

    def __str__(self):
        return self.full_name

    def save(self, *args, update_fields=None, **kwargs):
        self.fill_keys()
        if self.email_confirmed_at and self.is_confirmed_no_more():
            self.email_confirmed_at = None
            if update_fields is not None:
                update_fields = {*update_fields, "email_confirmed_at"}
        if update_fields == ["last_login"]:  # Django notes a log-in; the account is the same
            self.skip_history_when_saving = True
        super().save(*args, update_fields=update_fields, **kwargs)
        self.__dict__.pop("skip_history_when_saving", None)

    def is_confirmed_no_more(self):
        """Another address was written, or somebody else has read her password: ask her again."""
        stored = User.objects.filter(pk=self.pk).values_list("email", flat=True).first()
        return self.must_set_password or stored not in (None, self.email)

    def fill_keys(self):
        self.full_name = clean(self.full_name)
        self.sort_key = person_sort_key(self.full_name)[:500]  # more only in other letters
        # Her given name stands first, so that a search for it begins with those who bear it.
        name, digits = fold(self.full_name), "".join(filter(str.isdigit, self.phone))
        given = name.rpartition(" ")[2]
        self.search_text = f"{given} {name} {self.username.lower()} {digits}"[:400]

    def get_absolute_url(self):
        return reverse("people:person_detail", args=[self.pk])

    def set_password(self, raw_password):
        super().set_password(raw_password)
        self.one_time_until = None

    @property
    def must_set_password(self):
        """She has come in, or will, by a password that somebody else has read."""
        return self.one_time_until is not None

    @property
    def is_too_late(self):
        """Her one-time password has run out."""
        return self.must_set_password and self.one_time_until < now()

    @property
    def has_used_one_time(self):
        """She came in by her one-time password and went before she had set her own."""
        came = self.last_login
        return self.is_too_late and came is not None and came >= self.one_time_until

    @property
    def can_sign_in(self):
        return self.is_active and self.has_usable_password() and not self.is_too_late

    def _get_session_auth_hash(self, secret=None):
        """Django's own check of a session, with `session_round` beside the password."""
        salt = "branches.User.session"
        value = f"{self.password}{self.session_round}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()

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
        words, office = self.title or self.get_role_display(), self.branch.office_name
        return words if office in words else f"{words}, {office}"

    @property
    def is_over(self):
        return self.ended_on is not None and self.ended_on <= localdate()
