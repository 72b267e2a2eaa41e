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
from .programs import MOST_ROWS, PlanPage
from .shared import ReasonForm

__all__ = [
    "MOST_ROWS",
    "AssignmentChangeForm",
    "AssignmentEndForm",
    "AssignmentFilterForm",
    "AssignmentForm",
    "ConditionForm",
    "PartnerForm",
    "PlanPage",
    "ReasonForm",
    "noun_of",
]
