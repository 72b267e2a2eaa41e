"""What a person may type on the pages of this floor: one module per noun."""

from .briefings import BriefingForm, ConclusionForm, DayForm, DoneForm
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
from .proposals import AnswerForm, PassForm, ProposalFilter, ProposalForm, ProposalsForm
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
from .schedule import AskForm, ExtendForm, OwedFilter, PeriodForm, PhaseForm, PlanForm
from .sent_notices import NoticeForm
from .summaries import ParagraphsForm

__all__ = [
    "AnswerForm",
    "AskForm",
    "BriefingForm",
    "CellsForm",
    "ConclusionForm",
    "DayForm",
    "DecreeForm",
    "DoneForm",
    "EndingForm",
    "ExplainForm",
    "ExtendForm",
    "FactsForm",
    "FilesForm",
    "HeadingForm",
    "InForceForm",
    "LineForm",
    "ParagraphsForm",
    "NoticeForm",
    "OwedFilter",
    "PassForm",
    "PeriodForm",
    "PhaseForm",
    "PlanForm",
    "ProposalFilter",
    "ProposalForm",
    "ProposalsForm",
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
