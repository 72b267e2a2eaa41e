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
from .reminders import ContactForm, WishForm
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
    "ContactForm",
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
    "NoticeForm",
    "OwedFilter",
    "ParagraphsForm",
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
    "WishForm",
    "offered_indicators",
    "why_name",
]
