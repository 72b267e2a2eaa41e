"""What a person may type into a report and the steps around it."""

from django import forms
from django.utils.functional import cached_property

from hoiphunu.fields import FigureField, show_figure
from hoiphunu.text import clean_lines
from programs.forms.support import ManyFilesField, ManyFilesInput
from reports.checks import as_typed, hindrances, texts_of
from reports.models import Report
from reports.sheet import missing_parts, runs

NARRATIVE_HELP = {
    "results": "Việc đã làm trong kỳ, viết như vẫn viết trong báo cáo giấy.",
    "difficulties": "Bỏ trống nếu không có.",
    "proposals": "Điều cần cấp trên giúp. Bỏ trống nếu không có.",
    "next_plans": "Việc sẽ làm trong kỳ tới.",
}


class SheetForm(forms.Form):
    """One report to fill in: a cell for each typed line of its sheet, and four texts.

    Saving a draft accepts a sheet half filled; `is_final` asks that it hangs together.
    """

    def __init__(self, *args, report, sheet, is_final=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.report, self.sheet, self.is_final = report, sheet, is_final
        for line in self.typed_lines:
            self.fields[cell_name(line.indicator)] = FigureField(
                value_type=line.indicator.value_type,
                places=2,
                required=False,
                label=line.label,
                initial=line.value,
            )
        self.asked_texts = texts_of(report)
        for text in self.asked_texts:
            self.fields[text.name] = forms.CharField(
                label=f"{text} (bắt buộc)" if text.is_required else str(text),
                help_text=text.help or NARRATIVE_HELP[text.name],
                initial=getattr(report, text.name),
                required=False,
                widget=forms.Textarea(attrs={"rows": 5}),
            )

    @property
    def typed_lines(self):
        return [line for line in self.sheet if line.indicator.is_typed]

    def clean(self):
        if self.is_final:
            indicators = [line.indicator for line in self.sheet]
            names = {indicator.pk: cell_name(indicator) for indicator in indicators}
            for pk, sentence in missing_parts(indicators, self.figures).items():
                if not self.has_error(names[pk]):
                    self.add_error(names[pk], sentence)
            self.point_out_hindrances(names)
        return self.cleaned_data

    def point_out_hindrances(self, names):
        """What keeps the sheet as typed from being handed in, beside its cells and texts."""
        typed = as_typed(self.sheet, self.figures)
        written = {text.name: getattr(self.report, text.name) for text in self.asked_texts}
        for finding in hindrances(self.report, typed, written | self.narrative):
            name = finding.text or names.get(finding.indicator)
            if name not in self.fields:
                self.add_error(None, finding.sentence)  # of a ratio, which has no cell
            elif not self.has_error(name):
                self.add_error(name, finding.sentence)

    @property
    def figures(self):
        """Indicator id → what was read; cells that did not arrive are left out."""
        return {
            line.indicator.pk: self.cleaned_data.get(cell_name(line.indicator))
            for line in self.typed_lines
            if cell_name(line.indicator) in self.data
        }

    @property
    def narrative(self):
        return {
            text.name: clean_lines(self.cleaned_data.get(text.name, ""))
            for text in self.asked_texts
            if text.name in self.data
        }

    @cached_property
    def unlike_saved(self):
        """{field name: what is saved}, where it is not what this person has typed."""
        saved = {line.indicator.pk: line.value for line in self.typed_lines}
        names = {line.indicator.pk: cell_name(line.indicator) for line in self.typed_lines}
        types = {line.indicator.pk: line.indicator.value_type for line in self.typed_lines}
        cells = {
            names[pk]: show_figure(saved[pk], types[pk]) or "để trống"
            for pk, typed in self.figures.items()
            if typed != saved[pk]
        }
        texts = {
            name: getattr(self.report, name) or "để trống"
            for name, typed in self.narrative.items()
            if typed != getattr(self.report, name)
        }
        return cells | texts

    def point_out_differences(self):
        """Put what is saved beside each field that this person has typed otherwise."""
        for name, saved in self.unlike_saved.items():
            self[name].saved = saved

    def runs(self):
        """The sheet as the page draws it: `reports.sheet.runs`."""
        return runs(self.sheet)

    def cell(self, line):
        """The field of a line, None for a ratio."""
        return self[cell_name(line.indicator)] if line.indicator.is_typed else None

    def texts(self):
        return [self[text.name] for text in self.asked_texts]


def cell_name(indicator):
    return f"figure_{indicator.code}"


class FilesForm(forms.Form):
    """Files for a report, several at once."""

    files = ManyFilesField(
        label="Thêm tệp",
        widget=ManyFilesInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx"}
        ),
        help_text="Ảnh, PDF, Word (.docx) hoặc Excel (.xlsx), mỗi tệp không quá 10 MB. Nơi chụp và "
        "thông tin máy ảnh được tự xóa.",
        error_messages={"required": "Chị chọn tệp để kèm."},
    )


class ReturnForm(forms.Form):
    """A step back – returning, reopening – is never without a reason."""

    reason = forms.CharField(
        label="Lý do",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Chị ghi lý do để đơn vị biết cần sửa gì."},
    )

    def clean_reason(self):
        return clean_lines(self.cleaned_data["reason"])


class ReportFilter(forms.Form):
    """The filters of the list; what is not understood is left out rather than complained of."""

    OVERDUE, LATE = "overdue", "late"
    STATUSES = [*Report.Status.choices, (OVERDUE, "Quá hạn"), (LATE, "Nộp muộn")]

    q = forms.CharField(label="Tên đơn vị", required=False, widget=forms.SearchInput)
    form = forms.ChoiceField(label="Biểu mẫu", required=False)
    period = forms.ChoiceField(label="Kỳ", required=False)
    level = forms.ChoiceField(label="Cấp", required=False)
    status = forms.ChoiceField(label="Tình trạng", required=False)

    def __init__(self, *args, forms_, periods, levels, **kwargs):
        """The choices come as (value, words) pairs, already narrowed to what she may see."""
        super().__init__(*args, **kwargs)
        choices = {"form": forms_, "period": periods, "level": levels, "status": self.STATUSES}
        for name, pairs in choices.items():
            self.fields[name].choices = [("", "Tất cả"), *pairs]

    def chosen(self):
        """{name: value} of the filters in use."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
