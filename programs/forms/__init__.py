"""What a person may type; everything else about it is a rule and stands in the services."""

from .assignments import (
    AssignmentChangeForm,
    AssignmentEndForm,
    AssignmentFilterForm,
    AssignmentForm,
    ConditionForm,
    PartnerForm,
    noun_of,
)
from .editions import CopyForm
from .invitations import CodeForm, GuestAnswerForm, InviteForm
from .papers import ContentForm, DocumentForm, DutyForm, FigureForm
from .programs import MOST_ROWS, PlanPage
from .readings import ReadingForm, ReadingPage
from .resources import (
    AllotForm,
    ContributionChangeForm,
    ContributionForm,
    CorrectForm,
    DonorChangeForm,
    DonorForm,
    GiveForm,
    LineForm,
)
from .shared import ReasonForm
from .support import DeliveryForm, ItemEndForm, ItemFilterForm, ItemPage, MinutesForm
from .targets import LocaliseForm, TargetPage

__all__ = [
    "MOST_ROWS",
    "AllotForm",
    "AssignmentChangeForm",
    "AssignmentEndForm",
    "AssignmentFilterForm",
    "AssignmentForm",
    "CodeForm",
    "ConditionForm",
    "ContentForm",
    "ContributionChangeForm",
    "ContributionForm",
    "CopyForm",
    "CorrectForm",
    "DeliveryForm",
    "DocumentForm",
    "DonorChangeForm",
    "DonorForm",
    "DutyForm",
    "FigureForm",
    "GiveForm",
    "GuestAnswerForm",
    "InviteForm",
    "ItemEndForm",
    "ItemFilterForm",
    "ItemPage",
    "LineForm",
    "LocaliseForm",
    "MinutesForm",
    "PartnerForm",
    "PlanPage",
    "ReadingForm",
    "ReadingPage",
    "ReasonForm",
    "TargetPage",
    "noun_of",
]
