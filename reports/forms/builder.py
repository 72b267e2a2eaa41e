"""What an administrator may type of a report form and of its draft."""

from django import forms
from django.core.exceptions import ValidationError

from branches.models import Branch, Level, Position
from hoiphunu.fields import DayField, DecimalNumberField, RowsField, WholeNumberField
from hoiphunu.text import clean, fold
from programs.models import Indicator, Program
from reports.models import FormRule, FormText, ReportForm

SHOWN_CHOICES = 5
TICKS = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})


def help_field(label="Hướng dẫn cho người nhập"):
    return forms.CharField(
        label=label, required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


# --- The form itself ---------------------------------------------------------------------------


def owners_of(user):
    """The units in whose name she issues forms."""
    held = {p.branch_id for p in user.standing if p.role == Position.Role.ADMINISTRATOR}
    return Branch.objects.visible_to(user).filter(pk__in=held, closed_on=None).order_by("path")


class FactsForm(forms.Form):
    """A form's name, programme and levels; of a new one also whose it is and its code."""

    name = forms.CharField(label="Tên biểu mẫu", max_length=200)
    code = forms.SlugField(
        label="Mã biểu mẫu",
        max_length=40,
        help_text="Chữ không dấu, số và gạch ngang; đã đặt thì không đổi. Ví dụ: bao-cao-thang",
        error_messages={"invalid": "Mã chỉ gồm chữ không dấu, số và gạch ngang."},
    )
    owner = forms.ModelChoiceField(queryset=None, label="Đơn vị ban hành", empty_label=None)
    program = forms.ModelChoiceField(
        queryset=None,
        label="Của chương trình",
        required=False,
        empty_label="– không thuộc chương trình nào –",
    )
    levels = RowsField(
        Level.objects.none(),
        label="Cấp phải báo cáo",
        widget=TICKS,
        help_text="Mỗi đơn vị của các cấp này, trong địa bàn của đơn vị ban hành, nộp một báo cáo.",
        error_messages={"required": "Chị chọn ít nhất một cấp."},
    )
    is_active = forms.BooleanField(
        label="Đang dùng", required=False, help_text="Bỏ chọn thì không mở kỳ mới nữa."
    )

    def __init__(self, *args, user, form=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.form = form
        self.fields["owner"].queryset = owners_of(user)
        self.fields["program"].queryset = Program.objects.visible_to(user).order_by("name")
        self.fields["levels"].queryset = Level.objects.filter(is_unplaced=False).order_by("rank")
        self.fields["levels"].label_from_instance = lambda level: level.name
        for name in ("is_active",) if form is None else ("code", "owner"):
            del self.fields[name]

    def clean_name(self):
        return clean(self.cleaned_data["name"])

    def clean_code(self):
        code = self.cleaned_data["code"].lower()
        if code == "create" or ReportForm.objects.filter(code=code).exists():  # scope: one for all
            raise ValidationError("Mã này đã có biểu mẫu khác dùng. Chị đặt mã khác.")
        return code


# --- Its parts -----------------------------------------------------------------------------------


class IndicatorField(forms.CharField):
    """An indicator by its code or words of its name; the browser offers those of `#chi-tieu`."""

    def __init__(self, *, rows=None, **kwargs):
        super().__init__(max_length=260, **kwargs)
        self.rows = rows  # read once for a form that asks many times
        self.widget.attrs |= {"list": "chi-tieu", "autocomplete": "off", "type": "search"}

    def prepare_value(self, value):
        return offered(value) if isinstance(value, Indicator) else value

    def clean(self, value):
        words = clean(super().clean(value) or "")
        if not words:
            return None
        return find_indicator(words, indicators_in_use() if self.rows is None else self.rows)


def offered(indicator):
    """As the list offers it: the name, and the code that tells it from others."""
    return f"{indicator.name} [{indicator.code}]"


def indicators_in_use():
    return list(Indicator.objects.filter(is_active=True).order_by("name", "code"))


def offered_indicators():
    """[(what is offered, unit of measure)] for `#chi-tieu`."""
    return [(offered(row), row.unit) for row in indicators_in_use()]


def find_indicator(words, rows):
    """The only one of `rows` that the words mean; ValidationError with what else they may."""
    exact = [row for row in rows if words in (offered(row), row.code, row.name)]
    found = exact or [row for row in rows if fold(words) in fold(row.name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(f"Không có chỉ tiêu nào tên “{words}”.")
    shown = "; ".join(offered(row) for row in found[:SHOWN_CHOICES])
    more = "; …" if len(found) > SHOWN_CHOICES else ""
    raise ValidationError(f"Có mấy chỉ tiêu như vậy: {shown}{more}. Chị chọn một.")


class SectionForm(forms.Form):
    heading = forms.CharField(label="Tên phần", max_length=100)
    help = help_field()
    is_table = forms.BooleanField(
        label="Là bảng có hàng và cột",
        required=False,
        help_text="Ví dụ: mỗi hàng một độ tuổi, mỗi cột một giới. Không chọn thì mỗi dòng một số.",
    )

    def clean_heading(self):
        return clean(self.cleaned_data["heading"])

    def clean_help(self):
        return clean(self.cleaned_data["help"])


class LineForm(forms.Form):
    indicator = IndicatorField(
        label="Chỉ tiêu",
        help_text="Gõ vài chữ trong tên rồi chọn.",
        error_messages={"required": "Chị chọn một chỉ tiêu."},
    )
    is_required = forms.BooleanField(
        label="Bắt buộc",
        required=False,
        help_text="Để trống thì không nộp được; 0 và “không phát sinh” vẫn là đã trả lời.",
    )
    help = help_field()

    def clean_help(self):
        return clean(self.cleaned_data["help"])


class HeadingForm(forms.Form):
    words = forms.CharField(
        label="Tên", max_length=150, error_messages={"required": "Chị ghi tên hàng hoặc cột."}
    )

    def clean_words(self):
        return clean(self.cleaned_data["words"])


class CellsForm(forms.Form):
    """Which indicator stands in which cell of a table."""

    def __init__(self, *args, section, **kwargs):
        super().__init__(*args, **kwargs)
        standing = {(line.row, line.column): line.indicator for line in section.lines.in_order()}
        rows = indicators_in_use()
        self.places = [(row, column) for row in section.rows for column in section.columns]
        for row, column in self.places:
            self.fields[cell_name(row, column)] = IndicatorField(
                rows=rows, label=f"{row} – {column}", required=False,
                initial=standing.get((row, column)),
            )  # fmt: skip

    def clean(self):
        chosen = {}
        for name, indicator in list(self.cleaned_data.items()):
            if indicator and indicator in chosen:
                place = self.fields[chosen[indicator]].label
                self.add_error(name, f"Chỉ tiêu này đã ở ô “{place}”.")
            chosen.setdefault(indicator, name)
        return self.cleaned_data

    @property
    def cells(self):
        return {place: self.cleaned_data[cell_name(*place)] for place in self.places}

    def grid(self):
        """[(row, [(column, field)])] for the page."""
        rows = {}
        for row, column in self.places:
            rows.setdefault(row, []).append((column, self[cell_name(row, column)]))
        return list(rows.items())


def cell_name(row, column):
    return f"cell_{row.pk}_{column.pk}"


class TextsForm(forms.Form):
    """Which headings are asked for, and whether files may go with the report."""

    most_files = WholeNumberField(
        label="Số tệp kèm nhiều nhất",
        max_value=20,
        help_text="0: không hỏi tệp kèm. Ảnh, PDF, Word, Excel; mỗi tệp không quá 10 MB.",
    )
    files_help = help_field("Hướng dẫn về tệp kèm")

    def __init__(self, *args, version, **kwargs):
        standing = {text.name: text for text in version.texts.all()}
        first = {"most_files": version.most_files, "files_help": version.files_help}
        super().__init__(*args, initial=first, **kwargs)
        for name, words in FormText.Name.choices:
            text = standing.get(name)
            self.fields[f"{name}_asked"] = forms.BooleanField(
                label=f"Hỏi mục “{words}”", required=False, initial=text is not None
            )
            self.fields[f"{name}_required"] = forms.BooleanField(
                label="Bắt buộc viết", required=False, initial=bool(text and text.is_required)
            )
            self.fields[f"{name}_help"] = help_field()
            self.fields[f"{name}_help"].initial = text.help if text else ""

    def headings(self):
        """[(words, fields)] for the page."""
        parts = ("asked", "required", "help")
        names = FormText.Name.choices
        return [(words, [self[f"{name}_{part}"] for part in parts]) for name, words in names]

    @property
    def texts(self):
        data = self.cleaned_data
        return {
            name: (data[f"{name}_required"], clean(data[f"{name}_help"]))
            for name in FormText.Name.values
            if data[f"{name}_asked"]
        }


class RuleForm(forms.Form):
    """A rule over the lines of a draft."""

    kind = forms.ChoiceField(label="Quy tắc", choices=FormRule.Kind.choices)
    indicator = forms.ChoiceField(label="Dòng phải giữ quy tắc")
    number = DecimalNumberField(
        label="Số (hoặc tỷ lệ %)",
        required=False,
        max_digits=20,
        decimal_places=2,
        min_value=None,
        help_text="Cho quy tắc về một số, và tỷ lệ lệch so với kỳ trước (%).",
    )
    other = forms.ChoiceField(
        label="Dòng để so", required=False, help_text="Cho quy tắc “không lớn hơn dòng khác”."
    )
    parts = forms.MultipleChoiceField(
        label="Các dòng cộng lại",
        required=False,
        widget=TICKS,
        help_text="Cho quy tắc “bằng tổng các dòng khác”.",
    )
    is_stop = forms.TypedChoiceField(
        label="Khi số liệu sai quy tắc",
        choices=[("", "Nhắc xem lại, vẫn nộp được"), ("stop", "Không cho nộp")],
        coerce=bool,
        empty_value=False,
        required=False,
    )

    def __init__(self, *args, version, rule=None, **kwargs):
        super().__init__(*args, initial=facts_of(rule) if rule else None, **kwargs)
        lines = version.lines.in_order().select_related("indicator")
        self.lines = {str(line.indicator_id): line for line in lines if may_be_ruled(line)}
        choices = [(pk, line.label) for pk, line in self.lines.items()]
        self.fields["indicator"].choices = choices
        self.fields["other"].choices = [("", "–"), *choices]
        self.fields["parts"].choices = choices

    def clean(self):
        data = super().clean()
        kind = data.get("kind")
        is_blank = data.get("number") is None and "number" not in self.errors
        if kind in FormRule.OF_NUMBER and is_blank:
            self.add_error("number", "Chị ghi số của quy tắc này.")
        if kind == FormRule.Kind.CHANGE and (data.get("number") or 0) < 0:
            self.add_error("number", "Tỷ lệ phải từ 0 trở lên.")
        if kind == FormRule.Kind.NOT_ABOVE and not data.get("other"):
            self.add_error("other", "Chị chọn dòng để so.")
        return data

    @property
    def facts(self):
        """As `save_rule` wants them."""
        data = self.cleaned_data
        meant = {pk: line.indicator for pk, line in self.lines.items()}
        return {
            "kind": data["kind"],
            "indicator": meant[data["indicator"]],
            "number": data["number"],
            "other": meant.get(data["other"]),
            "parts": [meant[pk] for pk in data["parts"]],
            "is_stop": data["is_stop"],
        }


def may_be_ruled(line):
    return line.indicator.is_number


def facts_of(rule):
    return {
        "kind": rule.kind,
        "indicator": rule.indicator_id,
        "number": rule.number,
        "other": rule.other_id,
        "parts": [part.pk for part in rule.parts.all()],
        "is_stop": "stop" if rule.is_stop else "",
    }


class InForceForm(forms.Form):
    day = DayField(
        label="Dùng cho các kỳ kết thúc từ ngày",
        help_text="Kỳ đã mở giữ bản cũ. Từ đó bản này không sửa được nữa.",
        error_messages={"required": "Chị chọn ngày."},
    )
