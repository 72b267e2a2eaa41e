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
from .reorganisations import DecreeForm, EndingForm, SuccessorPage
from .reports import (
    ExplainForm,
    FilesForm,
    ReasonForm,
    ReportFilter,
    ReturnForm,
    SheetForm,
    why_name,
)
from .schedule import AskForm, ExtendForm, PeriodForm, PlanForm
from .summaries import ParagraphsForm

__all__ = [
    "AskForm",
    "CellsForm",
    "DecreeForm",
    "EndingForm",
    "ExplainForm",
    "ExtendForm",
    "FactsForm",
    "FilesForm",
    "HeadingForm",
    "InForceForm",
    "LineForm",
    "ParagraphsForm",
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
    "offered_indicators",
    "why_name",
]
