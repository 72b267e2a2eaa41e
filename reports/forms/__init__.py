"""What a person may type on the pages of this floor: one module per noun."""

from .reorganisations import DecreeForm, EndingForm, SuccessorPage
from .reports import ReportFilter, ReturnForm, SheetForm

__all__ = [
    "DecreeForm",
    "EndingForm",
    "ReportFilter",
    "ReturnForm",
    "SheetForm",
    "SuccessorPage",
]
