"""What is to be given, and what was handed over."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, StoredFile, User
from hoiphunu.text import clean, clean_lines
from programs.querysets import DeliveryFileQuerySet, DeliveryQuerySet, SupportItemQuerySet

from .assignments import Assignment, Coded, Partner
from .programs import Cited, Program


class ItemKind(Coded):
    """Loại hỗ trợ: mái ấm (xây, sửa), vốn sinh kế, học bổng, quà, tập huấn, công trình …"""

    has_sponsors = models.BooleanField(
        "có lịch đỡ đầu",
        default=False,
        help_text="Trang của hạng mục cho thấy các khoản đỡ đầu từng tháng ở nơi nhận.",
    )

    class Meta(Coded.Meta):
        verbose_name = "loại hỗ trợ"
        verbose_name_plural = "loại hỗ trợ"


class SupportItem(Cited):
    """Hạng mục hỗ trợ: what `giver` means to give, and where.

    `value` is whole đồng: quantity × unit value × months where both are known, else what the
    paper states; None is "chưa định giá", never 0. A paper's own sum stays in `stated_value`
    and is compared, never added. Help for several places that nobody has divided ("50 suất cho
    hai xã") is one item with several `places`. Without an assignment it is help given once, as
    to a commune that is no longer accompanied.
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="items", verbose_name="chương trình"
    )
    assignment = models.ForeignKey(
        Assignment,
        on_delete=models.PROTECT,
        related_name="items",
        verbose_name="theo phân công",
        null=True,
        blank=True,
    )
    giver = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="items_given", verbose_name="đơn vị trao"
    )
    places = models.ManyToManyField(
        Branch, related_name="items_received", verbose_name="nơi nhận", blank=True
    )
    kind = models.ForeignKey(
        ItemKind, on_delete=models.PROTECT, related_name="items", verbose_name="loại hỗ trợ"
    )
    what = models.CharField("nội dung", max_length=300)
    quantity = models.DecimalField(
        "số lượng", max_digits=12, decimal_places=2, null=True, blank=True
    )
    measure = models.CharField("đơn vị tính", max_length=40, blank=True)
    unit_value = models.BigIntegerField("đơn giá (đồng)", null=True, blank=True)
    months = models.PositiveSmallIntegerField("số tháng", null=True, blank=True)
    stated_value = models.BigIntegerField("trị giá ghi trong văn bản (đồng)", null=True, blank=True)
    value = models.BigIntegerField("trị giá (đồng)", null=True, blank=True, editable=False)
    is_in_kind = models.BooleanField("bằng hiện vật", default=False)
    is_estimate = models.BooleanField("trị giá ước tính", default=False)
    is_conditional = models.BooleanField("chỉ khi có nguồn lực", default=False)
    is_one_off = models.BooleanField("hỗ trợ một lần", default=False)
    total_cost = models.BigIntegerField("tổng kinh phí (đồng)", null=True, blank=True)
    counterpart = models.BigIntegerField("vốn đối ứng (đồng)", null=True, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    ended_on = models.DateField("thôi thực hiện từ ngày", null=True, blank=True)
    end_reason = models.CharField("lý do thôi thực hiện", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SupportItemQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"], m2m_fields=[places])

    class Meta:
        ordering = ["program", "pk"]
        verbose_name = "hạng mục hỗ trợ"
        verbose_name_plural = "hạng mục hỗ trợ"
        constraints = [
            models.CheckConstraint(
                condition=(Q(value=None) | Q(value__gte=0))
                & (Q(unit_value=None) | Q(unit_value__gte=0))
                & (Q(stated_value=None) | Q(stated_value__gte=0))
                & (Q(total_cost=None) | Q(total_cost__gte=0))
                & (Q(counterpart=None) | Q(counterpart__gte=0)),
                name="item_money_is_not_negative",
                violation_error_message="Số tiền không được âm.",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | ~Q(end_reason=""),
                name="item_end_has_reason",
                violation_error_message="Thôi thực hiện phải ghi lý do.",
            ),
        ]

    def __str__(self):
        return self.what

    def get_absolute_url(self):
        return reverse("programs:item_detail", args=[self.pk])

    def clean(self):
        self.what, self.measure, self.note = map(clean, (self.what, self.measure, self.note))
        self.value = self.counted_value()
        if self.assignment_id and self.assignment.program_id != self.program_id:
            raise ValidationError({"assignment": "Phân công này thuộc chương trình khác."})

    def counted_value(self):
        """Whole đồng; None while it is not valued. Half a đồng is rounded up."""
        if self.quantity is None or self.unit_value is None:
            return self.stated_value
        product = self.quantity * self.unit_value * (self.months or 1)
        return int((product * 2 + 1) // 2)

    @property
    def is_stated_wrong(self):
        """The paper's own sum is not quantity × unit value × months."""
        return None not in (self.stated_value, self.value) and self.stated_value != self.value


class Delivery(models.Model):
    """Trao tặng: what was handed over, when, where, worth what; and what the receiver says.

    Who received it is a `place` of the tree or a `partner` outside the Hội (a post of the border
    guard), which has no account: signed minutes speak for it. Until the receiving side has
    confirmed it, or minutes are attached, its value is "chưa xác nhận" and shown apart.
    """

    class Status(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "Chưa xác nhận"
        CONFIRMED = "confirmed", "Bên nhận đã xác nhận"
        BY_MINUTES = "by_minutes", "Xác nhận bằng biên bản"
        DISPUTED = "disputed", "Bên nhận báo chưa đúng"
        CANCELLED = "cancelled", "Đã hủy"

    item = models.ForeignKey(
        SupportItem, on_delete=models.PROTECT, related_name="deliveries", verbose_name="hạng mục"
    )
    place = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="deliveries_received",
        verbose_name="nơi nhận",
        null=True,
        blank=True,
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        related_name="deliveries_received",
        verbose_name="đối tác nhận",
        null=True,
        blank=True,
    )
    given_on = models.DateField("ngày trao")
    quantity = models.DecimalField(
        "số lượng", max_digits=12, decimal_places=2, null=True, blank=True
    )
    value = models.BigIntegerField(
        "trị giá (đồng)", null=True, blank=True, help_text="Để trống khi chưa định giá."
    )
    people = models.PositiveIntegerField("số lượt người nhận", null=True, blank=True)
    note = models.TextField("ghi chú", blank=True)
    status = models.CharField(
        "xác nhận", max_length=11, choices=Status, default=Status.UNCONFIRMED, editable=False
    )
    recorded_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="deliveries_recorded",
        verbose_name="người ghi",
        editable=False,
    )
    recorded_at = models.DateTimeField("ghi lúc", auto_now_add=True)
    answered_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="deliveries_answered",
        verbose_name="người xác nhận",
        null=True,
        editable=False,
    )
    answered_at = models.DateTimeField("xác nhận lúc", null=True, editable=False)
    answer = models.CharField("lời bên nhận, lý do", max_length=300, blank=True)
    invitation = models.ForeignKey(
        "Invitation",
        on_delete=models.PROTECT,
        related_name="answers",
        verbose_name="trả lời theo lời mời",
        null=True,
        editable=False,
    )
    guest_name = models.CharField("khách mời trả lời", max_length=100, blank=True, editable=False)
    guest_office = models.CharField(
        "chức vụ, đơn vị của khách mời", max_length=200, blank=True, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DeliveryQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["-given_on", "-pk"]
        verbose_name = "lần trao tặng"
        verbose_name_plural = "trao tặng"
        constraints = [
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gte=0),
                name="delivery_value_is_not_negative",
                violation_error_message="Trị giá không được âm.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["disputed", "cancelled"]) | ~Q(answer=""),
                name="delivery_refusal_has_words",
                violation_error_message="Chị ghi giúp lý do.",
            ),
            models.CheckConstraint(
                condition=Q(invitation=None, guest_name="", guest_office="")
                | (
                    Q(invitation__isnull=False, answered_by=None)
                    & ~Q(guest_name="")
                    & ~Q(guest_office="")
                ),
                name="delivery_guest_says_who",
                violation_error_message="Khách mời ghi họ tên, chức vụ và đơn vị của mình.",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=False, partner=None)
                | Q(place=None, partner__isnull=False),
                name="delivery_has_one_receiver",
                violation_error_message="Chị chọn một nơi nhận, hoặc một đối tác nhận.",
            ),
        ]

    def __str__(self):
        return f"{self.item.what}, ngày {self.given_on:%d/%m/%Y}"

    def get_absolute_url(self):
        return reverse("programs:delivery_detail", args=[self.pk])

    def clean(self):
        self.note, self.answer = clean_lines(self.note), clean(self.answer)

    @property
    def receiver_name(self):
        return self.place.full_name if self.place_id else self.partner.name

    @property
    def is_confirmed(self):
        return self.status in (self.Status.CONFIRMED, self.Status.BY_MINUTES)

    @property
    def status_label(self):
        """The state in words; an answer that came by an invitation says so."""
        of_guests = {
            self.Status.CONFIRMED: "Khách mời xác nhận",
            self.Status.DISPUTED: "Khách mời báo chưa đúng",
        }
        label = of_guests.get(self.status) if self.invitation_id else None
        return label or self.get_status_display()

    @property
    def answerer(self):
        """Who answered, as it is told: an officer, or a guest and who had invited her."""
        if self.invitation_id is None:
            return str(self.answered_by) if self.answered_by_id else ""
        return guest_words(self.guest_name, self.guest_office, self.invitation)

    @property
    def is_by_guest(self):
        """Confirmed by whom the giver had invited."""
        return self.status == self.Status.CONFIRMED and self.invitation_id is not None

    @property
    def waits(self):
        return self.status in (self.Status.UNCONFIRMED, self.Status.DISPUTED)


def guest_words(name, office, invitation):
    return f"khách mời: {name}, {office}, theo lời mời của {invitation.invited_by}"


class DeliveryFile(models.Model):
    """A photo of a hand-over or its signed minutes. The file is served by the page of the
    delivery, to whoever may see that; a photo has lost its place and camera data."""

    class Kind(models.TextChoices):
        PHOTO = "photo", "Ảnh"
        MINUTES = "minutes", "Biên bản có chữ ký"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, related_name="files", verbose_name="lần trao tặng"
    )
    kind = models.CharField("loại", max_length=7, choices=Kind)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="delivery_file", verbose_name="tệp"
    )

    objects = DeliveryFileQuerySet.as_manager()

    class Meta:
        ordering = ["delivery", F("file__created_at").asc(), "pk"]
        verbose_name = "tệp của lần trao tặng"
        verbose_name_plural = "tệp của lần trao tặng"

    def __str__(self):
        return self.file.name
