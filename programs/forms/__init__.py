"""What a person may type; everything else about it is a rule and stands in the services."""

from .assignments import (
    AssignmentChangeForm,
    AssignmentEndForm,
    AssignmentFilterForm,
    AssignmentForm,
)
from .programs import MOST_ROWS, PlanPage
from .readings import ReadingForm, ReadingPage
from .shared import ReasonForm

__all__ = [
    "MOST_ROWS",
    "AssignmentChangeForm",
    "AssignmentEndForm",
    "AssignmentFilterForm",
    "AssignmentForm",
    "PlanPage",
    "ReadingForm",
    "ReadingPage",
    "ReasonForm",
]
