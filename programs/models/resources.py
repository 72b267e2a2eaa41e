"""Where the money and the gifts come from: donors, contributions, the ledger."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import Branch, User
from hoiphunu.text import clean
from programs.querysets import ContributionQuerySet, DonorQuerySet, EntryQuerySet

from .programs import Cited, Program
from .support import Delivery, SupportItem


class Donor(models.Model):
    """Nhà tài trợ, kept by the unit that knows them; units may share one by naming the same row.

    A private person's contact is for the people of that unit only.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "Cá nhân"
        COMPANY = "company", "Doanh nghiệp"
        ORGANISATION = "organisation", "Tổ chức, cơ quan"
        UNION = "union", "Đơn vị Hội, hội viên đóng góp"

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="donors", verbose_name="đơn vị quản lý"
    )
    name = models.CharField("tên nhà tài trợ", max_length=200)
    kind = models.CharField("loại", max_length=12, choices=Kind)
    contact = models.CharField("liên hệ", max_length=200, blank=True)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    is_active = models.BooleanField("đang dùng", default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DonorQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = "nhà tài trợ"
        verbose_name_plural = "nhà tài trợ"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "name"],
                name="donor_once_per_branch",
                violation_error_message="Đơn vị đã có nhà tài trợ tên này.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("programs:donor_detail", args=[self.pk])

    def clean(self):
        self.name, self.contact, self.note = map(clean, (self.name, self.contact, self.note))


class Contribution(Cited):
    """Nguồn lực vận động: what one donor gives to one programme, through one unit.

    Its money is in its entries. `is_in_kind`: gifts, with an estimate (`is_estimate`) or not
    valued yet (entries without a value).
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="contributions", verbose_name="chương trình"
    )
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, related_name="contributions", verbose_name="nhà tài trợ"
    )
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="contributions",
        verbose_name="đơn vị vận động, tiếp nhận",
    )
    what = models.CharField("nội dung", max_length=300, help_text="Tiền, hay hiện vật gì")
    is_in_kind = models.BooleanField("bằng hiện vật", default=False)
    is_estimate = models.BooleanField("trị giá ước tính", default=False)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ContributionQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ["program", "pk"]
        verbose_name = "nguồn lực vận động"
        verbose_name_plural = "nguồn lực vận động"

    def __str__(self):
        return f"{self.donor}: {self.what}"

    def get_absolute_url(self):
        return reverse("programs:contribution_detail", args=[self.pk])

    def clean(self):
        self.what, self.note = clean(self.what), clean(self.note)


class Entry(models.Model):
    """A line of the ledger, written once and never changed; a mistake is put right by another.

    Each belongs to one contribution, so that sums by donor, by item and by programme are sums
    of the same lines. Without an item the money is not allotted yet. `value` is whole đồng,
    negative in a correction; None is a gift not valued yet, which is counted, not summed.
    `reason` says why more was given out than had come in, or what a correction corrects. Such a
    line names in `corrects` the line that was wrong, or the gift that is valued now; without a
    value it takes back a gift that has none.
    """

    class Kind(models.TextChoices):
        PLEDGED = "pledged", "Cam kết"
        RECEIVED = "received", "Tiếp nhận"
        GIVEN = "given", "Đã trao"

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="entries", verbose_name="nguồn lực"
    )
    item = models.ForeignKey(
        SupportItem,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name="cho hạng mục",
        null=True,
        blank=True,
    )
    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name="lần trao tặng",
        null=True,
        blank=True,
    )
    kind = models.CharField("loại", max_length=8, choices=Kind)
    value = models.BigIntegerField("số tiền (đồng)", null=True, blank=True)
    on = models.DateField("ngày")
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="corrections",
        verbose_name="sửa dòng",
        null=True,
        blank=True,
    )
    is_flagged = models.BooleanField("trao vượt số đã tiếp nhận", default=False)
    reason = models.CharField("lý do", max_length=300, blank=True)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="entries", verbose_name="người ghi"
    )
    at = models.DateTimeField("ghi lúc", auto_now_add=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        verbose_name = "dòng sổ"
        verbose_name_plural = "dòng sổ"
        constraints = [
            models.CheckConstraint(
                condition=Q(value=None) | ~Q(value=0),
                name="entry_is_not_zero",
                violation_error_message="Số tiền phải khác 0.",
            ),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gt=0) | ~Q(reason=""),
                name="entry_correction_has_reason",
                violation_error_message="Dòng sửa phải ghi lý do.",
            ),
            models.CheckConstraint(
                condition=Q(is_flagged=False) | ~Q(reason=""),
                name="entry_flag_has_reason",
                violation_error_message="Trao vượt số đã tiếp nhận phải ghi lý do.",
            ),
            models.CheckConstraint(
                condition=Q(delivery=None) | Q(kind="given", item__isnull=False),
                name="entry_of_a_delivery_is_given_for_an_item",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.value if self.value is not None else '?'} đồng"

    @property
    def worth(self):
        """What the line says after its corrections; None for a gift not valued."""
        said = [self.value, *(correction.value for correction in self.corrections.all())]
        known = [value for value in said if value is not None]
        return sum(known) if known else None

    @property
    def is_moved(self):
        """One half of money moved between items: it is put right by moving the money back."""
        return bool(self.reason) and not self.corrects_id and self.kind != self.Kind.GIVEN
