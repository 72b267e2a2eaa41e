"""What was reported, for when, by whom, in what state; and the sums."""

from .calendar import DAYS, MONTHS, Holiday, Period, PeriodDue, PeriodRule, RuleDue
from .forms import FormLine, FormRule, FormSection, FormText, FormVersion, ReportForm, TableHeading
from .notices import Notification, Outbox, Wish
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
from .sums import Basis, Export, Geography, Total

__all__ = [
    "Basis",
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
    "Geography",
    "Holiday",
    "MONTHS",
    "Notification",
    "Outbox",
    "Period",
    "PeriodDue",
    "PeriodRule",
    "Rebuild",
    "Remark",
    "ReminderDay",
    "Report",
    "ReportEvent",
    "ReportFile",
    "ReportForm",
    "RuleDue",
    "TableHeading",
    "Total",
    "Wish",
    "typed_figure",
]
