"""What she may correct in each proposal of a paper that was read: one form for each kind."""

from django import forms

from hoiphunu.fields import DayField, DecimalNumberField, MoneyField, WholeNumberField, YearField
from programs.models import (
    Duty,
    Milestone,
    Partner,
    Qualifier,
    QuotaLine,
    StatedFigure,
    TargetPart,
)
from programs.proposals import UNIT_FIELDS, short

WIDE = 200  # characters of a field that takes the whole width
CHOOSE = ("", "– chọn –")
# Fields whose value says little without its name.
NUMBERS = {
    "minimum_each", "stated_total", "quantity", "unit_value", "months", "stated_value", "share",
    "year", "place_words", "number", "recipient",
}  # fmt: skip


class ProposalForm(forms.Form):
    """A tick and what may be corrected; `raw` are the values as typed or as they were read."""

    take = forms.BooleanField(label="Lấy mục này", required=False)

    def __init__(self, data, *, proposal, raw, choices):
        # Bound only when its values are to be checked: what is not ticked may stand as it is.
        super().__init__(data, prefix=proposal["id"], initial=raw)
        self.proposal, self.sentence = proposal, ""
        for name, field in self.fields.items():
            if isinstance(field, forms.MultipleChoiceField):
                field.choices = choices[name]
            elif name in choices:
                field.choices = [CHOOSE, *choices[name]]
            elif name in proposal["units"]:
                found = proposal["units"][name]["candidates"]
                field.choices = [CHOOSE, *((str(pk), label) for pk, label in found)]

    @property
    def is_wrong(self):
        return bool(self.sentence or (self.is_bound and self.errors))

    @property
    def parts(self):
        """Its fields but for the tick, as plain values: a page has a thousand of them, and the
        general way of drawing a field would take seconds."""
        return [self._part(name, field) for name, field in self.fields.items() if name != "take"]

    def _part(self, name, field):
        bound = self[name]
        shown = field.prepare_value(bound.value())
        part = {"name": bound.html_name, "id": bound.id_for_label, "label": field.label}
        part |= {"value": "" if shown is None else shown, "is_required": field.required}
        part |= {"help": field.help_text, "errors": bound.errors if self.is_bound else []}
        part["is_box"] = isinstance(field, forms.BooleanField)
        part["is_long"] = isinstance(field.widget, forms.Textarea)
        part["is_wide"] = part["is_long"] or (getattr(field, "max_length", 0) or 0) >= WIDE
        part["is_day"] = isinstance(field, DayField)
        part["is_many"] = isinstance(field, forms.MultipleChoiceField)
        if isinstance(field, forms.ChoiceField):
            chosen = map(str, shown or ()) if part["is_many"] else [str(shown)]
            chosen = set(chosen)
            part["options"] = [(key, label, str(key) in chosen) for key, label in field.choices]
        return part

    def clean(self):
        data = super().clean()
        for name, words in UNIT_FIELDS.get(self.proposal["kind"], {}).items():
            looked_up = self.proposal["units"][name]["words"]
            if data.get(name) and data.get(words) != looked_up:
                self.add_error(name, "Chị vừa sửa tên: bấm “Lưu lại” để tìm lại đơn vị.")
        return data

    @classmethod
    def raw(cls, data, prefix):
        """What was sent of this proposal, as it was typed."""
        sent = {}
        for name, field in cls.base_fields.items():
            key = f"{prefix}-{name}"
            if isinstance(field, forms.BooleanField):
                sent[name] = key in data
            elif isinstance(field, forms.MultipleChoiceField):
                sent[name] = data.getlist(key)
            else:
                sent[name] = data.get(key, "")
        return sent

    @property
    def gist(self):
        """What it says, in one line: its values as a person reads them, the first one apart."""
        said = (self._said(name) for name in self.fields if name != "take")
        first, *others = list(filter(None, said)) or [""]
        return first, " · ".join(others)

    def _said(self, name):
        value, field = self[name].value(), self.fields[name]
        if isinstance(field, forms.BooleanField):
            return field.label if value else ""
        if isinstance(field, forms.MultipleChoiceField):
            return ", ".join(label for key, label in field.choices if key in (value or ()))
        if isinstance(field, forms.ChoiceField):
            return dict(field.choices).get(value, "") if value else ""
        if isinstance(field, DayField):
            return "/".join(reversed(str(value).split("-"))) if value else ""
        if not value:
            return ""
        said = "; ".join(str(value).splitlines())
        return short(f"{field.label}: {said}" if name in NUMBERS else said, 160)

    @property
    def says_what(self):
        """What the first line is, of the paper's own data: "Đầu mối", "Trích yếu"."""
        first = next(field for name, field in self.fields.items() if name != "take")
        return first.label if self.proposal["kind"] in OF_PAPER else ""

    def _asks(self, name):
        """Does what the other fields say need this unit?"""
        return True

    @property
    def open_units(self):
        """Sentences about units that nobody could choose for her."""
        for name, found in self.proposal["units"].items():
            if self._asks(name) and found["words"] and not self[name].value():
                count = len(found["candidates"])
                yield f"“{found['words']}”: " + (
                    f"có {count} đơn vị, chị chọn một." if count else "không thấy trong hệ thống."
                )


def line(label, most, **kwargs):
    return forms.CharField(label=label, max_length=most, **kwargs)


def pick(label, choices=(), **kwargs):
    return forms.ChoiceField(label=label, choices=choices, **kwargs)


def pick_many(label):
    return forms.MultipleChoiceField(
        label=label, required=False, widget=forms.CheckboxSelectMultiple
    )


def pick_unit(label, help_text=""):
    return pick(label, required=False, help_text=help_text)


class NameForm(ProposalForm):
    name = line("Tên chương trình", 200)


class TitleForm(ProposalForm):
    title = line("Trích yếu", 300)


class NumberForm(ProposalForm):
    number = line("Số, ký hiệu", 60)
    printed = line("Số in trên văn bản", 60, required=False)


class DateForm(ProposalForm):
    issued_on = DayField(label="Ngày ban hành")


class IssuerForm(ProposalForm):
    issuer = line("Cơ quan ban hành", 150)


class PlaceForm(ProposalForm):
    place = line("Địa danh", 60)


class SigningForm(ProposalForm):
    signed_for = line("Thẩm quyền ký", 200)
    signed_as = line("Chức vụ người ký", 200, required=False)


class RecipientsForm(ProposalForm):
    recipients = forms.CharField(
        label="Nơi nhận, mỗi dòng một nơi", widget=forms.Textarea(attrs={"rows": 4})
    )


class AimForm(ProposalForm):
    aim = forms.CharField(label="Mục đích, yêu cầu", widget=forms.Textarea(attrs={"rows": 4}))


class LeadForm(ProposalForm):
    contact = line("Đầu mối", 200)


class BasisForm(ProposalForm):
    title = line("Văn bản căn cứ", 300)
    number = line("Số, ký hiệu", 60, required=False)
    issued_on = DayField(label="Ngày ban hành", required=False)
    issuer = line("Cơ quan ban hành", 150, required=False)
    changes = forms.BooleanField(label="Là văn bản điều chỉnh", required=False)


class PeriodForm(ProposalForm):
    starts_on = DayField(label="Bắt đầu")
    ends_on = DayField(label="Kết thúc")


class QuotaForm(ProposalForm):
    label = line("Đơn vị", 150)
    number = WholeNumberField(label="STT", min_value=1, max_value=9_999)
    applies_to = pick("Giao cho", QuotaLine.Applies.choices)
    level = pick("Cấp được giao", required=False)
    branch = pick_unit("Đơn vị được giao")
    minimum_each = WholeNumberField(label="Mỗi nơi ít nhất", min_value=1, max_value=9_999)
    stated_total = WholeNumberField(label="Số in", required=False, max_value=99_999)
    place_words = line("Chọn chi hội thuộc", 150, required=False)
    place = pick_unit("Địa bàn ấy trong hệ thống")
    note = line("Ghi chú", 300, required=False)

    def _asks(self, name):
        return name != "branch" or self["applies_to"].value() == QuotaLine.Applies.BRANCH


class MilestoneForm(ProposalForm):
    label = line("Việc phải xong", 200)
    due_on = DayField(label="Ngày cuối cùng")
    printed = line("Chữ in trong kế hoạch", 100, required=False)
    kind = pick("Loại mốc", Milestone.Kind.choices)
    levels = pick_many("Các cấp phải làm")
    recipient = line("Gửi về", 200, required=False)


class UnitForm(ProposalForm):
    words = line("Địa bàn, cấp trên cách bằng dấu phẩy", 300)
    branch = pick_unit("Đơn vị trong hệ thống")


class PairingForm(ProposalForm):
    heading = line("Ai giúp ai", 500)


class ContentForm(ProposalForm):
    heading = line("Nội dung", 500)
    number = line("Số mục", 20, required=False)
    text = forms.CharField(
        label="Chi tiết", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ItemForm(ProposalForm):
    what = line("Nội dung", 300)
    item_kind = pick("Loại hỗ trợ")
    quantity = DecimalNumberField(label="Số lượng", required=False, max_digits=12, decimal_places=2)
    unit_value = MoneyField(label="Đơn giá (đồng)", required=False)
    months = WholeNumberField(label="Số tháng", required=False, max_value=600)
    stated_value = MoneyField(label="Trị giá in trong văn bản (đồng)", required=False)
    places = line("Nơi nhận, cách bằng dấu ;", 500, required=False)
    note = line("Ghi chú", 300, required=False)
    is_conditional = forms.BooleanField(label="Chỉ khi có nguồn lực", required=False)


class TargetForm(ProposalForm):
    text = line("Nội dung", 500)
    number = line("Chỉ tiêu số", 20)
    year = YearField(label="Năm", required=False, min_value=1900, max_value=2200)
    shape = pick("Dạng", TargetPart.Shape.choices)
    value = DecimalNumberField(label="Số phải đạt", required=False, max_digits=18, decimal_places=2)
    unit = line("Đơn vị tính", 40, required=False)
    share = DecimalNumberField(label="Tỷ lệ %", required=False, max_digits=6, decimal_places=2)
    of_whom = line("Trong số", 300, required=False)
    qualifier = pick("Chữ đi kèm", [("", "–"), *Qualifier.choices], required=False)
    question = line("Điều chưa rõ, cần hỏi lại", 300, required=False)


class FigureForm(ProposalForm):
    label = line("Số liệu", 300)
    heading = line("Nhóm", 200, required=False)
    qualifier = pick("Chữ đi kèm", [("", "–"), *Qualifier.choices], required=False)
    value = DecimalNumberField(
        label="Số in", required=False, max_digits=20, decimal_places=4, min_value=None
    )
    unit = line("Đơn vị tính", 40, required=False)
    role = pick("Loại", StatedFigure.Role.choices)
    as_of = DayField(label="Đến ngày", required=False)
    year = YearField(label="Năm", required=False, min_value=1900, max_value=2200)
    is_cumulative = forms.BooleanField(label="Lũy kế", required=False)


class DutyForm(ProposalForm):
    who = line("Đơn vị thực hiện", 200)
    levels = pick_many("Mọi đơn vị cấp")
    kind = pick("Loại việc", Duty.Kind.choices)
    rhythm = pick("Nhịp", Duty.Rhythm.choices)
    text = forms.CharField(label="Việc", widget=forms.Textarea(attrs={"rows": 2}))
    recipient = line("Gửi về", 200, required=False)


class PartnerForm(ProposalForm):
    name = line("Đối tác", 200)
    kind = pick("Loại", Partner.Kind.choices)


# The groups of the page: (code, title, what it says, kind → form).
GROUPS = (
    ("paper", "Văn bản", "", {
        "name": NameForm, "title": TitleForm, "number": NumberForm, "place": PlaceForm,
        "date": DateForm, "issuer": IssuerForm, "signing": SigningForm,
        "recipients": RecipientsForm, "aim": AimForm, "lead": LeadForm, "basis": BasisForm,
    }),
    ("times", "Thời gian", "Chọn nhiều dòng thì chương trình kéo dài từ ngày sớm nhất đến ngày "
     "muộn nhất.", {"period": PeriodForm}),
    ("table", "Bảng chỉ tiêu", "", {"quota": QuotaForm}),
    ("milestones", "Mốc thời hạn", "“Trước ngày 15/01” nghĩa là ngày cuối cùng 14/01.",
     {"milestone": MilestoneForm}),
    ("places", "Địa bàn", "Hạng mục hỗ trợ nhận các đơn vị chị chọn ở đây. Phân công ai giúp ai "
     "được giữ thành nội dung; chị ghi phân công khi chương trình bắt đầu.",
     {"unit": UnitForm, "pairing": PairingForm}),
    ("items", "Nội dung hỗ trợ và kinh phí", "",
     {"item": ItemForm, "content": ContentForm}),
    ("targets", "Chỉ tiêu", "Các dòng cùng số và cùng năm là các phần của một chỉ tiêu.",
     {"target": TargetForm}),
    ("figures", "Số liệu", "Giữ như văn bản in, không cộng vào báo cáo.", {"figure": FigureForm}),
    ("duties", "Nhiệm vụ", "", {"duty": DutyForm}),
    ("partners", "Đối tác", "", {"partner": PartnerForm}),
)  # fmt: skip
OF_PAPER = tuple(GROUPS[0][3])
FORMS = {kind: form for *_, forms_of in GROUPS for kind, form in forms_of.items()}
PARTS = {
    "basis": "Văn bản căn cứ",
    "unit": "Các nơi được nhắc đến",
    "pairing": "Ai giúp ai",
    "item": "Hạng mục hỗ trợ",
    "content": "Nội dung",
}


def part_of(row):
    """Under which words of its group a proposal stands; "" where the group is of one sort."""
    if row["kind"] == "duty":
        is_task = row["fields"]["kind"] == Duty.Kind.TASK
        return "Việc phải làm" if is_task else "Báo cáo, danh sách, kế hoạch, dự trù"
    return PARTS.get(row["kind"], "")
