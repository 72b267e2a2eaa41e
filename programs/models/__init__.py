"""What is being done: programmes, who must help how many, who helps whom and with what, the
people helped, where the money comes from, what is measured."""

from .assignments import (
    Assignment,
    Condition,
    Criterion,
    Grade,
    NeedReason,
    Partner,
)
from .beneficiaries import (
    Beneficiary,
    Consent,
    Payment,
    PhotoPerson,
    Recipient,
    RecordView,
    SamePerson,
    Sponsorship,
)
from .indicators import Indicator, Qualifier, StatedFigure, Target, TargetPart
from .invitations import Invitation
from .programs import Content, Duty, Milestone, PlanDocument, Program
from .quotas import Quota, QuotaLine, Supporting
from .readings import PlanReading
from .resources import Contribution, Donor, Entry
from .support import Delivery, DeliveryFile, ItemKind, SupportItem

__all__ = [
    "Assignment",
    "Beneficiary",
    "Condition",
    "Consent",
    "Content",
    "Contribution",
    "Criterion",
    "Delivery",
    "DeliveryFile",
    "Donor",
    "Duty",
    "Entry",
    "Grade",
    "Indicator",
    "Invitation",
    "ItemKind",
    "Milestone",
    "NeedReason",
    "Partner",
    "Payment",
    "PhotoPerson",
    "PlanDocument",
    "PlanReading",
    "Program",
    "Qualifier",
    "Quota",
    "QuotaLine",
    "Recipient",
    "RecordView",
    "SamePerson",
    "Sponsorship",
    "StatedFigure",
    "SupportItem",
    "Supporting",
    "Target",
    "TargetPart",
]
