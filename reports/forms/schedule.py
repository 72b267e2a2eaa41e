"""What a person may type of the calendar of reports."""

from datetime import timedelta

from django import forms

from branches.models import Branch
from branches.querysets import under_paths
from hoiphunu.fields import DayField, YearField
from hoiphunu.text import fold
from reports.models import Period
from reports.schedule import DaysOff

WORKING_DAYS = 5  # to answer what is asked for once
MONTH_AFTER, WEEK = timedelta(days=30), timedelta(days=7)
MOST_UNITS_ABOVE = 50  # that a few letters of a name may mean


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


class PhaseForm(DaysForm):
    """Giai đoạn: the years of the programme, a month afterwards to hand in at the top, each level
    a working week before the one above."""

    starts_on = DayField(label="Số liệu từ ngày")
    ends_on = DayField(label="Đến ngày")
    cut_off_on = DayField(label="Ngày chốt số liệu")

    def __init__(self, *args, form, off, **kwargs):
        program, days = form.program, {}
        levels = list(form.levels.order_by("rank").prefetch_related("parents"))
        last = off.next(program.ends_on + MONTH_AFTER)
        for level in levels:
            above = [days[parent.pk] for parent in level.parents.all() if parent.pk in days]
            days[level.pk] = off.before(min(above) - WEEK + timedelta(days=1)) if above else last
        first = {
            "starts_on": program.starts_on, "ends_on": program.ends_on,
            "cut_off_on": program.ends_on,
        }  # fmt: skip
        super().__init__(*args, levels=levels, days=days, initial=first, **kwargs)


class OwedFilter(forms.Form):
    """Which of the units that have not handed in: by name, by a unit above, or named one by one;
    what is not understood is left out rather than complained of."""

    q = forms.CharField(label="Tên đơn vị", required=False, widget=forms.SearchInput)
    under = forms.CharField(
        label="Thuộc xã, huyện hoặc tỉnh", required=False, widget=forms.SearchInput
    )

    @property
    def ids(self):
        """Of the reports that another page named."""
        texts = self.data.getlist("report") if hasattr(self.data, "getlist") else []
        return [text for text in texts if text.isascii() and text.isdigit() and len(text) < 12]

    def of(self, owed, user):
        """The reports among `owed` that the address asks for."""
        self.is_valid()
        name, under = (self.cleaned_data.get(field) for field in ("q", "under"))
        if self.ids:
            owed = owed.filter(pk__in=self.ids)
        if name:
            owed = owed.filter(branch__search_text__contains=fold(name))
        if under:
            units = Branch.objects.visible_to(user).matching(under)
            paths = list(units.values_list("path", flat=True)[:MOST_UNITS_ABOVE])
            owed = owed.filter(under_paths(paths, "branch__path"))
        return owed

    @property
    def is_used(self):
        return any(self.cleaned_data.values())


class ExtendForm(forms.Form):
    """Longer for the units that she ticks, or for all that the page's filter leaves. `owed`: the
    reports that may be ticked."""

    reports = forms.MultipleChoiceField(
        label="Đơn vị chưa nộp",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        required=False,
    )
    everyone = forms.BooleanField(required=False)
    until = DayField(label="Gia hạn đến hết ngày")
    reason = forms.CharField(
        label="Lý do",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Chị ghi giúp lý do gia hạn."},
    )

    def __init__(self, *args, owed, **kwargs):
        super().__init__(*args, **kwargs)
        order = sorted(owed, key=lambda r: (r.branch.level.rank, r.branch.sort_key, r.pk))
        self.owed = {str(report.pk): report for report in order}
        self.fields["reports"].choices = [
            (pk, f"{report.branch.office_name} – hạn {report.last_day:%d/%m/%Y}")
            for pk, report in self.owed.items()
        ]

    def clean_reports(self):
        return [self.owed[pk] for pk in self.cleaned_data["reports"]]

    def clean(self):
        data = super().clean()
        if not data.get("reports") and not data.get("everyone") and "reports" not in self.errors:
            self.add_error("reports", "Chị chọn ít nhất một đơn vị.")
        return data
