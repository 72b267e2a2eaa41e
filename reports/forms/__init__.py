"""What a person may type on the pages of this floor: one module per noun."""

from .reorganisations import DecreeForm, EndingForm, SuccessorPage
from .reports import ReasonForm, ReportFilter, ReturnForm, SheetForm
from .schedule import AskForm, ExtendForm, PeriodForm, PlanForm

__all__ = [
    "AskForm",
    "DecreeForm",
    "EndingForm",
    "ExtendForm",
    "PeriodForm",
    "PlanForm",
    "ReasonForm",
    "ReportFilter",
    "ReturnForm",
    "SheetForm",
    "SuccessorPage",
]
