"""What a person may type of a plan's papers, contents, duties and stated figures."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError

from hoiphunu.fields import DayField, DecimalNumberField, YearField
from hoiphunu.numbers import UNITS, format_number, money
from hoiphunu.text import clean
from programs.models import Content, Duty, PlanDocument, StatedFigure
from programs.queries import plan_levels, plan_units

from .shared import choose, choose_levels

MOST_BYTES = 10 * 2**20
# ending → how such a file begins, and its type
FILES = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".docx": (
        b"PK\x03\x04",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
}


class PartForm(forms.ModelForm):
    """A row of a plan: its own fields, and the paper of the same programme that it cites."""

    def __init__(self, *args, program, **kwargs):
        super().__init__(*args, **kwargs)
        self.program = program
        if "document" in self.fields:
            self.offer("document", program.plans.all(), "– chưa ghi văn bản –")
            self.fields["document"].label_from_instance = lambda paper: paper.sign

    def offer(self, name, rows, blank):
        """Rows of the same programme, without the row itself."""
        own = isinstance(self.instance, rows.model)
        self.fields[name].queryset = rows.exclude(pk=self.instance.pk) if own else rows
        self.fields[name].empty_label = blank

    def wanted(self):
        """The fields that the services ask for."""
        return self.cleaned_data


class DocumentForm(PartForm):
    issued_on = DayField(label="Ngày ban hành", required=False)
    upload = forms.FileField(
        label="Bản kèm theo",
        required=False,
        help_text="Tệp .pdf hoặc .docx, không quá 10 MB. Ai xem được chương trình thì tải được.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx"}),
        error_messages={"empty": "Tệp rỗng."},
    )

    class Meta:
        model = PlanDocument
        fields = [
            "role",
            "title",
            "number",
            "printed",
            "place",
            "issued_on",
            "issuer",
            "signed_for",
            "signed_as",
            "recipients",
            "amends",
            "note",
        ]
        widgets = {"recipients": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "number": "Văn bản không in số thì để trống. Ví dụ: 02/KH-BTV",
            "printed": "Chỉ ghi khi khác số ở trên, ví dụ in “02 /KH-BTV”",
            "place": "Nơi ghi trước ngày ban hành. Ví dụ: Hóc Môn",
            "signed_for": "Ví dụ: TM. BAN THƯỜNG VỤ",
            "signed_as": "Ví dụ: CHỦ TỊCH hoặc KT. CHỦ TỊCH PHÓ CHỦ TỊCH. Không ghi tên người ký.",
            "recipients": "Mỗi dòng một nơi, chép như văn bản in.",
            "note": "Ví dụ: nâng chỉ tiêu của các quận từ 03 lên 04 chi hội",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer("amends", self.program.plans.all(), "– không điều chỉnh văn bản nào –")
        self.fields["amends"].label_from_instance = lambda paper: paper.sign

    def clean_upload(self):
        file = self.cleaned_data["upload"]
        if file is None:
            return None
        if file.size > MOST_BYTES:
            raise ValidationError("Tệp lớn hơn 10 MB. Chị bỏ bớt ảnh rồi tải lại.")
        kind = next((FILES[end] for end in FILES if file.name.lower().endswith(end)), None)
        if kind is None or not file.read(5).startswith(kind[0]):
            raise ValidationError("Chỉ nhận tệp Word (.docx) hoặc PDF (.pdf).")
        file.seek(0)
        file.content_type = kind[1]
        return file


class ContentForm(PartForm):
    class Meta:
        model = Content
        fields = ["number", "heading", "text", "parent", "document", "clause"]
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}
        help_texts = {"number": "Ví dụ: III.1 hoặc 2.1"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer("parent", self.program.contents.all(), "– mục lớn –")


class DutyForm(PartForm):
    levels = forms.TypedMultipleChoiceField(
        label="Mọi đơn vị cấp", required=False, widget=forms.CheckboxSelectMultiple
    )
    branch = forms.TypedChoiceField(label="Hoặc một đơn vị", required=False, empty_value=None)

    class Meta:
        model = Duty
        fields = [
            "who",
            "levels",
            "branch",
            "kind",
            "text",
            "rhythm",
            "due_day",
            "due_month",
            "recipient",
            "document",
            "clause",
        ]
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"who": "Chép như văn bản in. Việc của đơn vị chủ trì thì không chọn cấp."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        owner = self.program.owner
        choose_levels(self.fields["levels"], plan_levels(owner))
        if self.instance.pk:
            self.initial["levels"] = [level.pk for level in self.instance.levels.all()]
        choose(self.fields["branch"], plan_units(owner, self.program), "– không –")


class StatedNumberField(DecimalNumberField):
    """A number as papers print it; "72,47 tỷ" and "213 triệu đồng" are money, in đồng."""

    inputmode = "text"

    def parse(self, value, *, negative):
        if names_money(value):
            return Decimal(money(value, negative=negative))
        return super().parse(value, negative=negative)


class FigureForm(PartForm):
    """Money is kept in đồng, however it is printed, and `printed` keeps the paper's words."""

    value = StatedNumberField(
        label="Số",
        required=False,
        min_value=None,
        max_digits=20,
        decimal_places=4,
        help_text="Tiền chép cả chữ: 72,47 tỷ. Số ghi bằng chữ thì để trống và ghi ở ô dưới.",
    )
    as_of = DayField(label="Đến ngày", required=False)
    year = YearField(label="Năm", required=False, min_value=1930, max_value=2100)

    class Meta:
        model = StatedFigure
        fields = [
            "heading",
            "label",
            "qualifier",
            "value",
            "unit",
            "printed",
            "role",
            "as_of",
            "year",
            "is_cumulative",
            "part_of",
            "about",
            "indicator",
            "document",
            "clause",
        ]
        help_texts = {
            "printed": "Chép nguyên như văn bản, nếu khác cách ghi ở trên.",
            "part_of": "Các phần được cộng thử và so với số chung; không số nào bị sửa.",
            "about": "Mức tăng, giảm thì chọn số kết quả; tỷ lệ % thì chọn số phần (72,6% đi với "
            "số hội viên), không chọn số chung. Phần mềm tính ra số kỳ trước, hoặc số ứng với "
            "100%.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("part_of", "about"):
            self.offer(name, self.program.stated_figures.all(), "– không –")
        self.fields["indicator"].empty_label = "– không –"

    def clean(self):
        data = super().clean()
        value, unit = data.get("value"), clean(data.get("unit") or "")
        if value is None:
            return data
        typed = clean(str(self.data.get(self.add_prefix("value"), "")))
        if names_money(typed):
            data["unit"], printed = "đồng", typed
        elif (words := unit.removesuffix(" đồng").lower()) in UNITS:
            data["value"], data["unit"] = value * UNITS[words], "đồng"
            printed = f"{format_number(value)} {unit}"
        else:
            return data
        data["printed"] = data.get("printed") or printed
        return data


def names_money(value):
    words = str(value).lower().split()
    return any(word.rstrip(".") in (*UNITS, "đồng", "đ", "vnđ") for word in words)
