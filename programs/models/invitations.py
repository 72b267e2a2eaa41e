"""Whom the giver has asked to answer for a receiver that has no account."""

import secrets

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from branches.models import User
from hoiphunu.text import clean
from programs.querysets import InvitationQuerySet

from .support import Delivery


def new_token():
    return secrets.token_hex(16)  # 128 random bits


class Invitation(models.Model):
    """Lời mời bên nhận xác nhận: a link, and a code that goes another way, for some hand-overs.

    Who holds both reads just these and says whether they are so; she is no User. The code is
    kept as its hash alone. `version` is in the guest's session, so that a new code and a
    withdrawal end it. All hand-overs have one giver.
    """

    deliveries = models.ManyToManyField(
        Delivery, related_name="invitations", verbose_name="lần trao"
    )
    guest_name = models.CharField("mời ai", max_length=100)
    guest_office = models.CharField("chức vụ, đơn vị", max_length=200)
    ends_on = models.DateField("dùng đến hết ngày")
    invited_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="invitations_sent",
        verbose_name="người mời",
        editable=False,
    )
    invited_at = models.DateTimeField("mời lúc", auto_now_add=True)
    withdrawn_at = models.DateTimeField("rút lúc", null=True, blank=True)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    code_hash = models.CharField(max_length=128, editable=False)
    wrong_codes = models.PositiveSmallIntegerField(default=0, editable=False)
    locked_until = models.DateTimeField(null=True, editable=False)
    used_at = models.DateTimeField("mở gần nhất", null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = InvitationQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=[
            "token",
            "code_hash",
            "wrong_codes",
            "locked_until",
            "used_at",
            "version",
        ]  # fmt: skip
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = "lời mời xác nhận"
        verbose_name_plural = "lời mời xác nhận"
        constraints = [
            models.CheckConstraint(
                condition=~Q(guest_name="") & ~Q(guest_office=""),
                name="invitation_says_whom",
                violation_error_message="Chị ghi mời ai, ở đơn vị nào.",
            ),
        ]

    def __str__(self):
        return f"{self.guest_name}, {self.guest_office}"

    def get_absolute_url(self):
        return reverse("programs:invitation_detail", args=[self.pk])

    def clean(self):
        self.guest_name, self.guest_office = clean(self.guest_name), clean(self.guest_office)

    def shown(self):
        """The hand-overs that the guest may still read."""
        return self.deliveries.told_to_guests()
