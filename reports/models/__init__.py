"""What was reported, for when, by whom, in what state; and the sums."""

from .briefings import Briefing, Conclusion
from .calendar import DAYS, MONTHS, Holiday, Period, PeriodDue, PeriodRule, RuleDue
from .forms import FormLine, FormRule, FormSection, FormText, FormVersion, ReportForm, TableHeading
from .notices import Notification, Outbox, Wish
from .proposals import Proposal, ProposalPass
from .reminding import Contact, Rebuild, ReminderDay
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
from .sent_notices import Notice, NoticeReceipt
from .summaries import FrozenSummary, Summary, SummaryParagraph
from .sums import Basis, Export, Geography, Total
from .word_texts import WordText

__all__ = [
    "Basis",
    "Briefing",
    "Conclusion",
    "Contact",
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
    "Notice",
    "NoticeReceipt",
    "Notification",
    "Outbox",
    "Period",
    "PeriodDue",
    "PeriodRule",
    "Proposal",
    "ProposalPass",
    "Rebuild",
    "Remark",
    "ReminderDay",
    "Report",
    "ReportEvent",
    "ReportFile",
    "ReportForm",
    "RuleDue",
    "Summary",
    "SummaryParagraph",
    "TableHeading",
    "Total",
    "Wish",
    "WordText",
    "typed_figure",
]
