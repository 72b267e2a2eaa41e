"""What a person may type into a report and the steps around it."""

from dataclasses import dataclass

from django import forms

from hoiphunu.fields import FigureField, show_figure
from hoiphunu.text import clean_lines
from programs.forms.support import ManyFilesField, ManyFilesInput
from reports.checks import as_typed, hindrances, looks_of_given, texts_of
from reports.models import Report
from reports.services import Cells
from reports.sheet import Line, missing_parts, runs

NARRATIVE_HELP = {
    "results": "Việc đã làm trong kỳ, viết như vẫn viết trong báo cáo giấy.",
    "difficulties": "Bỏ trống nếu không có.",
    "proposals": "Điều cần cấp trên giúp. Bỏ trống nếu không có.",
    "next_plans": "Việc sẽ làm trong kỳ tới.",
}


class WordsField(forms.CharField):
    """Text of several lines, tidied as it is stored."""

    widget = forms.Textarea

    def to_python(self, value):
        return clean_lines(super().to_python(value))


@dataclass(frozen=True)
class Cell:
    """A line of the sheet as the page draws it. `field`: None for a ratio; `why`: the word for an
    unusual figure; `seen`, `why_seen`: what stood there before she typed, None if not known."""

    line: Line
    field: forms.BoundField | None = None
    why: forms.BoundField | None = None
    seen: str | None = None
    why_seen: str | None = None
    saved: str = ""  # somebody else's, where both have changed it
    why_saved: str = ""
    plan: str = ""
    remark: str = ""
    doubts: tuple = ()

    @property
    def asks_why(self):
        return bool(self.doubts or self.why_saved or (self.why and self.why.value()))


@dataclass(frozen=True)
class Text:
    """One of the four texts as the page draws it."""

    field: forms.BoundField
    seen: str | None
    saved: str = ""
    remark: str = ""
    previous: str = ""
    source: object = None  # the WordText that words of it were taken from


class SheetForm(forms.Form):
    """One report to fill in: a cell for each typed line of its sheet, and four texts.

    Beside each field goes a hidden one with what stood there (`initial-…`), so that cells that
    two people write at the same time can be told apart. Saving a draft accepts a sheet half
    filled; `is_final` asks that it hangs together. `is_beside_saved`: the page shows what she
    typed beside what is saved now, so that is what she sees next.
    """

    def __init__(self, *args, report, sheet, is_final=False, is_beside_saved=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.report, self.sheet, self.is_final = report, sheet, is_final
        self.is_beside_saved = is_beside_saved
        self.keys = {}  # name of a field → its key in `Cells.by_key`
        self.saved = {}  # name of a field → what somebody else has saved there, in words
        explanations = explanations_of(report)
        for line in self.typed_lines:
            self.add_figure(line, explanations.get(line.indicator.pk, ""))
        self.asked_texts = texts_of(report)
        for text in self.asked_texts:
            self.add_text(text)
        self.lay_beside()
        self.sources = {}  # name of a text → its source

    def add_figure(self, line, explanation):
        indicator = line.indicator
        figure, why = cell_name(indicator), why_name(indicator)
        self.fields[figure] = FigureField(
            value_type=indicator.value_type, places=2, required=False, label=line.label,
            initial=line.value,
        )  # fmt: skip
        self.fields[why] = WordsField(
            label=f"Vì sao – {line.label}", max_length=300, required=False,
            initial=explanation, widget=forms.TextInput(attrs={"class": "form-control is-text"}),
        )  # fmt: skip
        self.keys |= {figure: ("figures", indicator.pk), why: ("explanations", indicator.pk)}

    def add_text(self, text):
        self.fields[text.name] = WordsField(
            label=f"{text} (bắt buộc)" if text.is_required else str(text),
            help_text=text.help or NARRATIVE_HELP[text.name],
            initial=getattr(self.report, text.name),
            required=False,
            widget=forms.Textarea(attrs={"rows": 5}),
        )
        self.keys[text.name] = ("narrative", text.name)

    @property
    def typed_lines(self):
        return [line for line in self.sheet if line.indicator.is_typed]

    def clean(self):
        if self.is_final:
            indicators = [line.indicator for line in self.sheet]
            names = {indicator.pk: cell_name(indicator) for indicator in indicators}
            for pk, sentence in missing_parts(indicators, self.typed.figures).items():
                if not self.has_error(names[pk]):
                    self.add_error(names[pk], sentence)
            self.point_out_hindrances(names)
        return self.cleaned_data

    def point_out_hindrances(self, names):
        """What keeps the sheet as typed from being handed in, beside its cells and texts."""
        typed = as_typed(self.sheet, self.typed.figures)
        written = {text.name: getattr(self.report, text.name) for text in self.asked_texts}
        for finding in hindrances(self.report, typed, written | self.typed.narrative):
            name = finding.text or names.get(finding.indicator)
            if name not in self.fields:
                self.add_error(None, finding.sentence)  # of a ratio, which has no cell
            elif not self.has_error(name):
                self.add_error(name, finding.sentence)

    @property
    def typed(self):
        """The cells that arrived and could be read."""
        return Cells.of(
            {
                key: self.cleaned_data[name]
                for name, key in self.keys.items()
                if name in self.data and name in self.cleaned_data
            }
        )

    @property
    def seen(self):
        """The cells as they stood on her screen before she typed, as far as the page tells."""
        return Cells.of({key: value for name, key in self.keys.items() for value in self.was(name)})

    def was(self, name):
        """[what stood in a field], or [] where the page does not tell."""
        hidden = self.add_initial_prefix(name)
        if hidden not in self.data:
            return []
        try:
            return [self.fields[name].clean(self.data[hidden])]
        except forms.ValidationError:
            return []

    @property
    def unlike_saved(self):
        """The keys of the cells in which she typed something else than is saved."""
        return {
            key
            for name, key in self.keys.items()
            if name in self.data and self.cleaned_data[name] != self.fields[name].initial
        }

    def now(self, name):
        """What is saved in a field, as its box would show it."""
        value = self.get_initial_for_field(self.fields[name], name)
        return str(self.fields[name].prepare_value(value) or "")

    def runs(self):
        """The sheet as the page draws it: `reports.sheet.runs`."""
        return runs(self.sheet)

    def seen_in(self, name):
        """For the hidden field: what she sees, or saw before she typed and sent; None if the page
        did not tell."""
        if self.is_bound and not self.is_beside_saved:
            return self.data.get(self.add_initial_prefix(name))
        return self.now(name)

    def point_out(self, disputed):
        """Put what is saved beside each cell that somebody else has changed as well.
        `disputed`: keys of `Cells.by_key`."""
        for name, key in self.keys.items():
            if key in disputed:
                self.saved[name] = shown_saved(self, name) or "để trống"

    def lay_beside(self, plans=None, remarks=None, previous=None, doubts=None):
        """What the page says beside each cell. `plans`, `remarks`, `doubts`: by indicator's id (or
        name of a text); `previous`: name of a text → that of the period before."""
        self.plans, self.remarks = plans or {}, remarks or {}
        self.previous, self.odd = previous or {}, doubts or {}

    def doubts(self):
        """{indicator's id: [sentences]} about figures; a blank one is asked for no reason."""
        return looks_of_given(self.report, self.sheet)

    def cell(self, line):
        """A line of the sheet as the page draws it."""
        pk, name = line.indicator.pk, cell_name(line.indicator)
        about = {"plan": self.plans.get(pk, ""), "remark": self.remarks.get(pk, "")}
        about["doubts"] = tuple(self.odd.get(pk, ()))
        if not line.indicator.is_typed:
            return Cell(line, **about)
        why = why_name(line.indicator)
        seen, why_seen = self.seen_in(name), self.seen_in(why)
        saved, why_saved = self.saved.get(name, ""), self.saved.get(why, "")
        return Cell(line, self[name], self[why], seen, why_seen, saved, why_saved, **about)

    def texts(self):
        return [
            Text(
                self[text.name],
                self.seen_in(text.name),
                self.saved.get(text.name, ""),
                self.remarks.get(text.name, ""),
                self.previous.get(text.name, ""),
                self.sources.get(text.name),
            )
            for text in self.asked_texts
        ]


def shown_saved(form, name):
    """As a person reads it: "Có" rather than 1."""
    part, key = form.keys[name]
    if part != "figures":
        return form.now(name)
    line = next(line for line in form.sheet if line.indicator.pk == key)
    return show_figure(line.value, line.indicator.value_type)


def explanations_of(report):
    """Indicator's id → the word that goes along with its figure; of a preview, none."""
    return dict(report.explanations.values_list("indicator_id", "text")) if report.pk else {}


def cell_name(indicator):
    return f"figure_{indicator.code}"


def why_name(indicator):
    return f"why_{indicator.code}"


class ExplainForm(forms.Form):
    """A box for the word that goes along with each unusual figure; none must be filled in."""

    def __init__(self, *args, odd, **kwargs):
        """`odd`: [(Line, sentences)] as `checks.unexplained` gives."""
        super().__init__(*args, **kwargs)
        self.odd = odd
        for line, _ in odd:
            box = forms.TextInput(attrs={"class": "form-control"})
            self.fields[why_name(line.indicator)] = WordsField(
                label=f"Vì sao – {line.label}", max_length=300, required=False, widget=box
            )

    def rows(self):
        return [(line, said, self[why_name(line.indicator)]) for line, said in self.odd]

    @property
    def explanations(self):
        """{indicator's id: what she wrote}, without boxes left empty."""
        typed = {line.indicator.pk: self.cleaned_data[why_name(line.indicator)]
                 for line, _ in self.odd}  # fmt: skip
        return {pk: words for pk, words in typed.items() if words}


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


class ReasonForm(forms.Form):
    """A step back – returning, reopening – is never without a reason."""

    reason = forms.CharField(
        label="Lý do",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Chị ghi lý do để đơn vị biết cần sửa gì."},
    )

    def clean_reason(self):
        return clean_lines(self.cleaned_data["reason"])


class ReturnForm(ReasonForm):
    """The reason, and what is to be looked at in single cells."""

    def __init__(self, *args, sheet, **kwargs):
        super().__init__(*args, **kwargs)
        self.keys = {}  # name of a field → indicator's id or name of a text
        for line in sheet:
            if line.indicator.is_typed:
                self.add_remark(line.indicator.code, line.indicator.pk, line.label)
        for name in Report.NARRATIVE:
            self.add_remark(name, name, Report._meta.get_field(name).verbose_name)

    def add_remark(self, code, key, label):
        box = forms.TextInput(attrs={"form": "tra-lai-form"})  # it stands beside the cell
        field = WordsField(label=f"Nhận xét – {label}", max_length=500, required=False, widget=box)
        self.fields[f"remark_{code}"] = field
        self.keys[f"remark_{code}"] = key

    @property
    def remarks(self):
        """{indicator's id or name of a text: what she says of it}"""
        return {
            key: self.cleaned_data[name]
            for name, key in self.keys.items()
            if self.cleaned_data.get(name)
        }

    def by_key(self):
        return {key: self[name] for name, key in self.keys.items()}


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
