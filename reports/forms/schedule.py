"""What a person may type of the calendar of reports."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError

from hoiphunu.fields import DayField, YearField
from reports.models import Period
from reports.schedule import DaysOff

WORKING_DAYS = 5  # to answer what is asked for once


class PlanForm(forms.Form):
    year = YearField(label="Năm", min_value=2000, max_value=2100)


class DaysForm(forms.Form):
    """A period's days, with a last day for each level of its form, the highest first."""

    def __init__(self, *args, levels, days, **kwargs):
        super().__init__(*args, **kwargs)
        self.levels = levels
        for level in levels:
            self.fields[f"due_{level.code}"] = DayField(
                label=f"Hạn nộp của {level.name}", initial=days.get(level.pk)
            )

    def clean(self):
        data = super().clean()
        cut_off = data.get("cut_off_on")
        for level in self.levels:
            due = data.get(f"due_{level.code}")
            if cut_off and due and due < cut_off:
                self.add_error(f"due_{level.code}", "Hạn nộp phải từ ngày chốt số liệu trở đi.")
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "Ngày cuối kỳ phải sau ngày đầu kỳ.")
        return data

    @property
    def dues(self):
        return {level: self.cleaned_data[f"due_{level.code}"] for level in self.levels}


class PeriodForm(DaysForm):
    """A period that has not been opened yet."""

    cut_off_on = DayField(label="Ngày chốt số liệu")
    opens_on = DayField(
        label="Tự mở ngày", required=False, help_text="Để trống: quản trị bấm “Mở kỳ”."
    )

    def __init__(self, *args, period, **kwargs):
        first = {"cut_off_on": period.cut_off_on, "opens_on": period.opens_on}
        days = dict(period.dues.values_list("level", "due_on"))
        levels = list(period.form.levels.order_by("rank"))
        super().__init__(*args, levels=levels, days=days, initial=first, **kwargs)


class AskForm(DaysForm):
    """Đột xuất. Everything is proposed, so that one click asks: this month until today, five
    working days, each level a working day before the one above."""

    label = forms.CharField(
        label="Yêu cầu báo cáo về việc gì",
        max_length=Period._meta.get_field("label").max_length,
        error_messages={"required": "Chị ghi giúp báo cáo về việc gì."},
    )
    starts_on = DayField(label="Số liệu từ ngày")
    ends_on = DayField(label="Đến ngày")
    cut_off_on = DayField(label="Ngày chốt số liệu")

    def __init__(self, *args, form, today, off=None, **kwargs):
        off = off or DaysOff()
        levels = list(form.levels.order_by("rank").prefetch_related("parents"))
        last = today
        for _ in range(WORKING_DAYS):
            last = off.next(last + timedelta(days=1))
        days = {}
        for level in levels:
            above = [days[parent.pk] for parent in level.parents.all() if parent.pk in days]
            days[level.pk] = max(off.before(min(above)), today) if above else last
        first = {
            "label": f"Đột xuất ngày {today:%d/%m/%Y}",
            "starts_on": today.replace(day=1),
            "ends_on": today,
            "cut_off_on": today,
        }
        super().__init__(*args, levels=levels, days=days, initial=first, **kwargs)


class ExtendForm(forms.Form):
    """Longer for the units that she ticks."""

    reports = forms.MultipleChoiceField(
        label="Đơn vị chưa nộp",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": "Chị chọn ít nhất một đơn vị."},
    )
    until = DayField(label="Gia hạn đến hết ngày")
    reason = forms.CharField(
        label="Lý do",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Chị ghi giúp lý do gia hạn."},
    )

    def __init__(self, *args, owed, **kwargs):
        super().__init__(*args, **kwargs)
        self.owed = {str(report.pk): report for report in owed}
        self.fields["reports"].choices = [
            (pk, f"{report.branch.office_name} – hạn {report.last_day:%d/%m/%Y}")
            for pk, report in self.owed.items()
        ]

    def clean_reports(self):
        chosen = self.cleaned_data["reports"]
        if not chosen:
            raise ValidationError("Chị chọn ít nhất một đơn vị.")
        return [self.owed[pk] for pk in chosen]
