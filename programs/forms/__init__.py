"""What a person may type; everything else about it is a rule and stands in the services."""

from .assignments import (
    AssignmentChangeForm,
    AssignmentEndForm,
    AssignmentFilterForm,
    AssignmentForm,
)
from .programs import MOST_ROWS, PlanPage
from .shared import ReasonForm
from .support import DeliveryForm, ItemEndForm, ItemFilterForm, ItemPage, MinutesForm

__all__ = [
    "MOST_ROWS",
    "AssignmentChangeForm",
    "AssignmentEndForm",
    "AssignmentFilterForm",
    "AssignmentForm",
    "PlanPage",
    "ReasonForm",
    "DeliveryForm",
    "ItemEndForm",
    "ItemFilterForm",
    "ItemPage",
    "MinutesForm",
]
