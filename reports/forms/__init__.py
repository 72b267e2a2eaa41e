"""What a person may type on the pages of this floor: one module per noun."""

from .builder import (
    CellsForm,
    FactsForm,
    HeadingForm,
    InForceForm,
    LineForm,
    RuleForm,
    SectionForm,
    TextsForm,
    offered_indicators,
)
from .reminders import ContactForm, WishForm
from .reorganisations import DecreeForm, EndingForm, SuccessorPage
from .reports import FilesForm, ReasonForm, ReportFilter, ReturnForm, SheetForm
from .schedule import AskForm, ExtendForm, PeriodForm, PlanForm

__all__ = [
    "AskForm",
    "CellsForm",
    "ContactForm",
    "DecreeForm",
    "EndingForm",
    "ExtendForm",
    "FactsForm",
    "FilesForm",
    "HeadingForm",
    "InForceForm",
    "LineForm",
    "PeriodForm",
    "PlanForm",
    "ReasonForm",
    "ReportFilter",
    "ReturnForm",
    "RuleForm",
    "SectionForm",
    "SheetForm",
    "SuccessorPage",
    "TextsForm",
    "WishForm",
    "offered_indicators",
]
