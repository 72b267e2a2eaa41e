"""The people helped: a register where a programme needs one, and who sponsors which child.

Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 and Nghị định 356/2025/NĐ-CP: what is sensitive is
marked field by field (`SENSITIVE`), consent is a row, looking at a record leaves a row. Victims
of violence and trafficking are counts in reports only; there is no record for them here.
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, StoredFile, User
from hoiphunu.text import clean
from programs.querysets import (
    BeneficiaryQuerySet,
    OfBeneficiaryQuerySet,
    PaymentQuerySet,
    RecipientQuerySet,
    SamePersonQuerySet,
    SponsorshipQuerySet,
)

from .programs import Cited, Program
from .resources import Donor
from .support import Delivery, DeliveryFile


class Beneficiary(models.Model):
    """Đối tượng thụ hưởng. In lists, searches, exports and letters she is her `code`.

    `branch` is the unit that looks after her record. `same_as` is the first record of the same
    person, as officers have said (SamePerson): it is for counting, never shown by itself. Erased, a
    row keeps its code, kind, unit and `same_as`, so that counts stay true, and nothing else.
    """

    class Kind(models.TextChoices):
        HOUSEHOLD = "household", "Hộ gia đình"
        WOMAN = "woman", "Phụ nữ"
        CHILD = "child", "Trẻ em"
        PUPIL = "pupil", "Học sinh"

    class Sex(models.TextChoices):
        FEMALE = "female", "Nữ"
        MALE = "male", "Nam"

    class Orphan(models.TextChoices):
        FATHER = "father", "Mồ côi cha"
        MOTHER = "mother", "Mồ côi mẹ"
        BOTH = "both", "Mồ côi cả cha và mẹ"

    class Poverty(models.TextChoices):
        POOR = "poor", "Hộ nghèo"
        NEAR_POOR = "near_poor", "Hộ cận nghèo"
        OTHER = "other", "Hoàn cảnh khó khăn khác"

    # Whoever may see the record sees the basic ones; sensitive ones need `view_sensitive`.
    BASIC = ("full_name", "born_on", "birth_year", "sex", "address", "phone", "guardian",
             "guardian_relation", "school", "school_class")  # fmt: skip
    SENSITIVE = ("ethnicity", "orphan", "orphan_cause", "poverty", "identity_number",
                 "circumstances")  # fmt: skip

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="beneficiaries", verbose_name="chương trình"
    )
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="beneficiaries",
        verbose_name="đơn vị theo dõi",
    )
    code = models.CharField("mã hồ sơ", max_length=20, unique=True, editable=False)
    kind = models.CharField("đối tượng", max_length=9, choices=Kind)
    full_name = models.CharField("họ và tên", max_length=150, blank=True)
    sort_key = models.CharField(max_length=300, editable=False, blank=True)
    born_on = models.DateField("ngày sinh", null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField("năm sinh", null=True, blank=True)
    sex = models.CharField("giới tính", max_length=6, choices=Sex, blank=True)
    ethnicity = models.CharField("dân tộc", max_length=60, blank=True)
    orphan = models.CharField("mồ côi", max_length=6, choices=Orphan, blank=True)
    orphan_cause = models.CharField("nguyên nhân", max_length=100, blank=True)
    poverty = models.CharField("hoàn cảnh hộ", max_length=9, choices=Poverty, blank=True)
    circumstances = models.TextField("hoàn cảnh", blank=True)
    school = models.CharField("trường", max_length=150, blank=True)
    school_class = models.CharField("lớp", max_length=20, blank=True)
    guardian = models.CharField("người nuôi dưỡng", max_length=150, blank=True)
    guardian_relation = models.CharField("quan hệ", max_length=60, blank=True)
    address = models.CharField("địa chỉ", max_length=250, blank=True)
    phone = models.CharField("điện thoại", max_length=20, blank=True)
    identity_number = models.CharField("số định danh", max_length=12, blank=True)
    same_as = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="others", null=True, editable=False
    )
    keep_until = models.DateField("lưu hồ sơ đến", null=True, blank=True)
    erased_at = models.DateTimeField("xóa lúc", null=True, editable=False)
    erased_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    erase_reason = models.CharField("lý do xóa", max_length=300, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BeneficiaryQuerySet.as_manager()
    # Only what is not personal: an erased person must not live on in the history.
    history = HistoricalRecords(
        excluded_fields=["version", "sort_key", "same_as", *BASIC, *SENSITIVE]
    )

    class Meta:
        ordering = ["program", "code"]
        verbose_name = "đối tượng thụ hưởng"
        verbose_name_plural = "đối tượng thụ hưởng"
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(full_name="", address="", identity_number=""),
                name="beneficiary_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=False) | ~Q(full_name=""),
                name="beneficiary_has_a_name",
                violation_error_message="Chị ghi giúp họ và tên.",
            ),
        ]

    def __str__(self):
        return f"Hồ sơ {self.code}"

    def get_absolute_url(self):
        return reverse("programs:beneficiary_detail", args=[self.pk])

    @property
    def is_erased(self):
        return self.erased_at is not None

    @property
    def is_minor_kind(self):
        return self.kind in (self.Kind.CHILD, self.Kind.PUPIL)


class Consent(models.Model):
    """Sự đồng ý: who agreed, when, how, to what; silence is none. A child of 7 or more agrees
    together with the representative (Luật 91/2025/QH15, Điều 24)."""

    class Scope(models.TextChoices):
        RECORD = "record", "Lưu hồ sơ để hỗ trợ"
        PHOTO = "photo", "Chụp và lưu ảnh"
        SPONSOR = "sponsor", "Cho nhà tài trợ biết tên"
        PUBLISH = "publish", "Đưa tin, đăng ảnh"

    beneficiary = models.ForeignKey(
        Beneficiary, on_delete=models.PROTECT, related_name="consents", verbose_name="hồ sơ"
    )
    scope = models.CharField("đồng ý việc", max_length=7, choices=Scope)
    given_by = models.CharField("người đồng ý", max_length=150)
    relation = models.CharField("quan hệ", max_length=60, blank=True)
    child_agrees = models.BooleanField("trẻ từ 7 tuổi cũng đồng ý", default=False)
    how = models.CharField("hình thức", max_length=200, help_text="Phiếu ký ngày nào, để ở đâu")
    given_on = models.DateField("ngày đồng ý")
    withdrawn_on = models.DateField("ngày rút lại", null=True, blank=True)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        related_name="consents",
        verbose_name="phiếu",
        null=True,
        blank=True,
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")

    objects = OfBeneficiaryQuerySet.as_manager()

    class Meta:
        ordering = ["beneficiary", "given_on", "pk"]
        verbose_name = "sự đồng ý"
        verbose_name_plural = "sự đồng ý"
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("given_on")),
                name="consent_withdrawn_after_given",
                violation_error_message="Ngày rút lại phải từ ngày đồng ý trở đi.",
            ),
        ]

    def __str__(self):
        return self.get_scope_display()

    def clean(self):
        self.given_by, self.relation, self.how = map(
            clean, (self.given_by, self.relation, self.how)
        )


class RecordView(models.Model):
    """Somebody looked at a person's record: who, when, whether the sensitive part, what for."""

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="views")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="record_views")
    at = models.DateTimeField("lúc", auto_now_add=True)
    is_sensitive = models.BooleanField("cả phần nhạy cảm", default=False)
    purpose = models.CharField("mục đích", max_length=200, blank=True)

    objects = OfBeneficiaryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "lần xem hồ sơ"
        verbose_name_plural = "lần xem hồ sơ"

    def __str__(self):
        return f"{self.at:%d/%m/%Y %H:%M}"


class SamePerson(models.Model):
    """What an officer said of two records: one person, or two who bear one name.

    A pair stands once, the older record first; a later word takes the earlier one's place.
    """

    first = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="pairs_as_first")
    second = models.ForeignKey(
        Beneficiary, on_delete=models.PROTECT, related_name="pairs_as_second"
    )
    is_same = models.BooleanField("cùng một người")
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="pairs_judged")
    said_at = models.DateTimeField("lúc", auto_now=True)

    objects = SamePersonQuerySet.as_manager()

    class Meta:
        ordering = ["first", "second"]
        verbose_name = "cặp hồ sơ đã đối chiếu"
        verbose_name_plural = "cặp hồ sơ đã đối chiếu"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="pair_has_the_older_record_first"
            ),
        ]

    def __str__(self):
        return f"{self.first.code}, {self.second.code}"


class Recipient(models.Model):
    """Who of the register received a hand-over, and who wrote that down."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, related_name="recipients", verbose_name="lần trao tặng"
    )
    beneficiary = models.ForeignKey(
        Beneficiary, on_delete=models.PROTECT, related_name="receipts", verbose_name="hồ sơ"
    )
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="recipients_recorded"
    )
    recorded_at = models.DateTimeField("ghi lúc", auto_now_add=True)

    objects = RecipientQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["delivery", "beneficiary__code"]
        verbose_name = "người nhận có hồ sơ"
        verbose_name_plural = "người nhận có hồ sơ"
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "beneficiary"], name="recipient_once_a_delivery"
            ),
        ]

    def __str__(self):
        return self.beneficiary.code


class PhotoPerson(models.Model):
    """Who of the register is to be seen in a photo of a hand-over: it is shown as long as each of
    them agrees to that."""

    photo = models.ForeignKey(DeliveryFile, on_delete=models.PROTECT, related_name="persons")
    beneficiary = models.ForeignKey(
        Beneficiary, on_delete=models.PROTECT, related_name="photos", verbose_name="hồ sơ"
    )

    objects = OfBeneficiaryQuerySet.as_manager()

    class Meta:
        ordering = ["photo", "beneficiary"]
        verbose_name = "người trong ảnh"
        verbose_name_plural = "người trong ảnh"
        constraints = [
            models.UniqueConstraint(fields=["photo", "beneficiary"], name="photo_person_once"),
        ]

    def __str__(self):
        return self.beneficiary.code


class Sponsorship(Cited):
    """Đỡ đầu: one sponsor for one child, so much a month, from – to. A sponsor may have many."""

    class Mode(models.TextChoices):
        DIRECT = "direct", "Trực tiếp"
        INDIRECT = "indirect", "Gián tiếp"

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="sponsorships", verbose_name="chương trình"
    )
    sponsor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, related_name="sponsorships", verbose_name="người đỡ đầu"
    )
    child = models.ForeignKey(
        Beneficiary,
        on_delete=models.PROTECT,
        related_name="sponsorships",
        verbose_name="trẻ được đỡ đầu",
    )
    mode = models.CharField("hình thức", max_length=8, choices=Mode)
    monthly = models.BigIntegerField("mức mỗi tháng (đồng)")
    starts_on = models.DateField("từ tháng", help_text="Ngày đầu của tháng đầu tiên")
    ends_on = models.DateField("đến hết tháng", help_text="Ngày cuối của tháng cuối cùng")
    ended_early_on = models.DateField("thôi từ ngày", null=True, blank=True)
    end_reason = models.CharField("lý do thôi", max_length=300, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SponsorshipQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["program", "pk"]
        verbose_name = "đỡ đầu"
        verbose_name_plural = "đỡ đầu"
        constraints = [
            models.CheckConstraint(
                condition=Q(monthly__gt=0),
                name="sponsorship_amount_is_positive",
                violation_error_message="Mức đỡ đầu phải lớn hơn 0.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="sponsorship_ends_after_start",
                violation_error_message="Tháng cuối phải từ tháng đầu trở đi.",
            ),
            models.CheckConstraint(
                condition=Q(ended_early_on=None) | ~Q(end_reason=""),
                name="sponsorship_end_has_reason",
                violation_error_message="Thôi đỡ đầu phải ghi lý do.",
            ),
            models.UniqueConstraint(
                fields=["program", "sponsor", "child"],
                condition=Q(ended_early_on=None),
                name="sponsorship_once",
                violation_error_message="Người này đang đỡ đầu trẻ đó rồi.",
            ),
        ]

    def __str__(self):
        return f"{self.sponsor} đỡ đầu {self.child}"

    def get_absolute_url(self):
        return reverse("programs:sponsorship_detail", args=[self.pk])

    def clean(self):
        self.note, self.end_reason = clean(self.note), clean(self.end_reason)
        if self.child_id and not self.child.is_minor_kind:
            raise ValidationError({"child": "Chỉ đỡ đầu được trẻ em, học sinh."})


class Payment(models.Model):
    """A month of a sponsorship: due by its amount, made when it was paid."""

    sponsorship = models.ForeignKey(
        Sponsorship, on_delete=models.PROTECT, related_name="payments", verbose_name="đỡ đầu"
    )
    month = models.DateField("tháng", help_text="Ngày đầu tháng")
    amount = models.BigIntegerField("phải trao (đồng)")
    paid_on = models.DateField("ngày trao", null=True, blank=True)
    paid = models.BigIntegerField("đã trao (đồng)", null=True, blank=True)
    note = models.CharField("ghi chú", max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="payments", null=True, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PaymentQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["month", "sponsorship"]
        verbose_name = "lần trao đỡ đầu"
        verbose_name_plural = "lần trao đỡ đầu"
        constraints = [
            models.UniqueConstraint(fields=["sponsorship", "month"], name="payment_once_a_month"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & (Q(paid=None) | Q(paid__gte=0)),
                name="payment_is_not_negative",
                violation_error_message="Số tiền không được âm.",
            ),
            models.CheckConstraint(
                condition=Q(paid_on=None, paid=None) | Q(paid_on__isnull=False, paid__isnull=False),
                name="payment_made_has_day_and_amount",
            ),
        ]

    def __str__(self):
        return f"Tháng {self.month:%m/%Y}"

    @property
    def is_made(self):
        return self.paid_on is not None

    @property
    def missing(self):
        """What is still to be handed over."""
        return max(0, self.amount - (self.paid or 0))
