"""What a person may type; everything else about it is a rule and stands in the services."""

from .assignments import (
    AssignmentChangeForm,
    AssignmentEndForm,
    AssignmentFilterForm,
    AssignmentForm,
)
from .programs import MOST_ROWS, PlanPage
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

__all__ = [
    "MOST_ROWS",
    "AllotForm",
    "AssignmentChangeForm",
    "AssignmentEndForm",
    "AssignmentFilterForm",
    "AssignmentForm",
    "ContributionChangeForm",
    "ContributionForm",
    "CorrectForm",
    "DonorChangeForm",
    "DonorForm",
    "GiveForm",
    "LineForm",
    "PlanPage",
    "ReasonForm",
]
