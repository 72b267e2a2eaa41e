"""What was reported, for when, by whom, in what state; and the sums."""

from .calendar import DAYS, MONTHS, Holiday, Period, PeriodDue, PeriodRule, RuleDue
from .forms import FormLine, FormRule, FormSection, FormText, FormVersion, ReportForm, TableHeading
from .notices import Notification, Outbox
from .reports import (
    Explanation,
    Extension,
    Figure,
    Remark,
    Report,
    ReportEvent,
    ReportFile,
    typed_figure,
)
from .summaries import FrozenSummary, Summary, SummaryParagraph
from .sums import Basis, Export, Geography, Total

__all__ = [
    "Basis",
    "DAYS",
    "Explanation",
    "Export",
    "Extension",
    "Figure",
    "FormLine",
    "FormRule",
    "FormSection",
    "FormText",
    "FormVersion",
    "FrozenSummary",
    "Geography",
    "Holiday",
    "MONTHS",
    "Notification",
    "Outbox",
    "Period",
    "PeriodDue",
    "PeriodRule",
    "Remark",
    "Report",
    "ReportEvent",
    "ReportFile",
    "ReportForm",
    "RuleDue",
    "Summary",
    "SummaryParagraph",
    "TableHeading",
    "Total",
    "typed_figure",
]
