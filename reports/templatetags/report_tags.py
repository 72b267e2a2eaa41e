"""How figures and states of single reports look."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate

from hoiphunu.fields import NOTHING, show_figure
from hoiphunu.numbers import format_number

register = template.Library()

BLANK = mark_safe('<span class="nothing">—<span class="visually-hidden"> chưa nhập</span></span>')


@register.filter
def figure(value, indicator):
    """A figure in words: "1.234,5", "0", "Có", "không phát sinh", "—" for what is blank."""
    if value is None:
        return BLANK
    if value == NOTHING:
        return format_html('<span class="nothing">{}</span>', NOTHING)
    return show_figure(value, "decimal" if not indicator.is_typed else indicator.value_type)


@register.filter
def cell(sheet, line):
    """What stands in or beside a line's cell: `SheetForm.cell`, `Notes.cell`."""
    return sheet.cell(line)


@register.inclusion_tag("reports/_report_status.html")
def report_status(report):
    """The state as a badge, and a second one for what is overdue or was late."""
    return {
        "code": report.status,
        "label": report.get_status_display(),
        "is_overdue": report.is_overdue(localdate()),
        "days_late": report.days_late,
    }


@register.filter
def lateness(report):
    """Against the last day, by the first submission: in time, late, overdue or days left."""
    if report.first_submitted_on:
        days = format_number(report.days_late)
        return f"Nộp muộn {days} ngày" if report.days_late else "Nộp đúng hạn"
    left = (report.last_day - localdate()).days
    if left < 0:
        return f"Quá hạn {format_number(-left)} ngày"
    return f"Còn {left} ngày" if left else "Hôm nay là hạn cuối"
