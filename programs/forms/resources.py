"""What a person may type of donors, contributions and the lines of the ledger."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from branches.models import Position
from hoiphunu.fields import DayField, MoneyField
from programs.models import Contribution, Donor, Entry
from programs.queries import donors_to_choose, papers_to_choose, plan_units

from .shared import choose

Kind = Entry.Kind
FOR_HISTORY = "Lý do được ghi vào Lịch sử."
NOT_ALLOTTED = "Chưa phân bổ"


class DonorForm(forms.ModelForm):
    """`branch` is asked once: the unit that keeps a donor stays."""

    branch = forms.TypedChoiceField(label="Đơn vị quản lý", empty_value=None)

    class Meta:
        model = Donor
        fields = ["name", "kind", "branch", "contact", "note"]
        help_texts = {"contact": "Chỉ đơn vị quản lý và các đơn vị cấp trên xem được."}

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        choose_unit(self, units_to_choose(user))


class DonorChangeForm(forms.ModelForm):
    reason = forms.CharField(
        label="Lý do sửa", required=False, max_length=300, help_text=FOR_HISTORY
    )

    class Meta:
        model = Donor
        fields = ["name", "kind", "contact", "note", "is_active"]
        help_texts = DonorForm.Meta.help_texts | {
            "is_active": "Bỏ chọn thì không còn trong danh sách để chọn khi ghi nguồn lực.",
        }


class ContributionForm(forms.ModelForm):
    """The donor from those that she may name, the unit from those she writes for."""

    donor = forms.TypedChoiceField(
        label="Nhà tài trợ",
        empty_value=None,
        help_text="Có cả nhà tài trợ do các đơn vị cấp trên quản lý.",
    )
    branch = forms.TypedChoiceField(label="Đơn vị vận động, tiếp nhận", empty_value=None)

    class Meta:
        model = Contribution
        fields = ["donor", "branch", "what", "is_in_kind", "is_estimate", "note"]
        fields += ["document", "clause"]

    def __init__(self, *args, program, user, **kwargs):
        super().__init__(*args, **kwargs)
        standing = self.instance if self.instance.pk else None
        donors = donors_to_choose(user, standing)
        choose(self.fields["donor"], donors, "– chọn nhà tài trợ –")
        units = [unit for unit in units_to_choose(user) if takes_part(unit, program)]
        if standing and standing.branch not in units:
            units.append(standing.branch)
        choose_unit(self, units)
        paper = standing and standing.document
        self.fields["document"].queryset = papers_to_choose(program, user, paper)
        self.fields["document"].empty_label = "– không ghi –"


class ContributionChangeForm(ContributionForm):
    reason = forms.CharField(
        label="Lý do sửa", required=False, max_length=300, help_text=FOR_HISTORY
    )


def units_to_choose(user):
    """The units that she writes for, above chi hội: where she is officer, and those below."""
    held = [p.branch for p in user.standing if p.role == Position.Role.OFFICER]
    return list({unit.pk: unit for branch in held for unit in plan_units(branch)}.values())


def takes_part(unit, program):
    return program.contains(unit) or unit.contains(program.owner)


def choose_unit(form, units):
    choose(form.fields["branch"], units, "– chọn đơn vị –")
    if units:
        form.initial.setdefault("branch", units[0].pk)


class PastDayForm(forms.Form):
    on = DayField(label="Ngày")

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > localdate():
            raise ValidationError("Ngày này chưa đến.")
        return day


class LineForm(PastDayForm):
    """One line of the ledger; several such forms stand on a page, so each has its own ids."""

    item = forms.TypedChoiceField(label="Cho hạng mục", required=False, empty_value=None)
    value = MoneyField(label="Số tiền (đồng)", min_value=1)
    field_order = ["item", "value", "on"]

    def __init__(self, data=None, *, verb, contribution, items, deliveries=()):
        super().__init__(data, auto_id=f"{verb}_%s", initial={"on": localdate()})
        for name in ("item", "source", "target"):
            if name in self.fields:
                choose(self.fields[name], items, NOT_ALLOTTED)
        if contribution.is_in_kind:
            self.fields["value"].label = "Trị giá (đồng)"
            self.fields["value"].required = "source" in self.fields
            self.fields["value"].help_text = "Để trống khi chưa định giá."

    def wanted(self):
        """What the services ask for."""
        return self.cleaned_data


class GiveForm(LineForm):
    delivery = forms.TypedChoiceField(
        label="Lần trao tặng",
        required=False,
        empty_value=None,
        help_text="Lần trao của chính hạng mục đã chọn, nếu đã ghi ở trang hạng mục.",
    )
    reason = forms.CharField(
        label="Lý do trao vượt số đã nhận",
        required=False,
        max_length=300,
        help_text="Chỉ ghi khi trao nhiều hơn số đã tiếp nhận cho hạng mục.",
    )

    field_order = ["item", "delivery", "value", "on", "reason"]

    def __init__(self, *args, items, deliveries, **kwargs):
        super().__init__(*args, items=items, **kwargs)
        self.fields["item"].required = True
        choose(self.fields["item"], items, "– chọn hạng mục –")
        choose(self.fields["delivery"], deliveries, "– chưa gắn lần trao –")


class AllotForm(LineForm):
    kinds = forms.ChoiceField(
        label="Chuyển",
        choices=[
            (Kind.RECEIVED, "Số đã tiếp nhận"),
            (Kind.PLEDGED, "Số cam kết"),
            ("both", "Cả số cam kết và số đã tiếp nhận"),
        ],
    )
    item = None
    source = forms.TypedChoiceField(label="Từ", required=False, empty_value=None)
    target = forms.TypedChoiceField(label="Sang", required=False, empty_value=None)
    reason = forms.CharField(label="Lý do", max_length=300)
    field_order = ["kinds", "value", "source", "target", "on", "reason"]

    def wanted(self):
        asked = self.cleaned_data["kinds"]
        kinds = [Kind.PLEDGED, Kind.RECEIVED] if asked == "both" else [asked]
        return self.cleaned_data | {"kinds": kinds}


class CorrectForm(PastDayForm):
    value = MoneyField(label="Số đúng (đồng)", help_text="Ghi 0 để bỏ dòng này khỏi sổ.")
    reason = forms.CharField(label="Lý do sửa", max_length=300)
    field_order = ["value", "on", "reason"]
