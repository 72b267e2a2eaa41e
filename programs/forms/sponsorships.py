"""What a person may type of a sponsorship and of its months."""

from django import forms

from hoiphunu.fields import DayField, MoneyField
from programs.models import PlanDocument, Sponsorship
from programs.queries import papers_to_choose

from .beneficiaries import NO_NAME_HERE
from .shared import choose


class CitedForm(forms.Form):
    """The paper that the sum a month stands on."""

    document = forms.ModelChoiceField(
        PlanDocument.objects.none(),
        label="Mức này theo văn bản",
        required=False,
        empty_label="– không ghi –",
    )
    clause = forms.CharField(
        label="Điều khoản", required=False, max_length=100, help_text=NO_NAME_HERE
    )

    def __init__(self, *args, program, user, standing=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["document"].queryset = papers_to_choose(program, user, standing)
        self.fields["document"].label_from_instance = lambda document: document.sign
        self.order_fields([name for name in self.fields if name not in ("document", "clause")])


class SponsorForm(CitedForm):
    """One sponsor, one or several children, who are called by their codes."""

    sponsor = forms.TypedChoiceField(label="Người đỡ đầu", empty_value=None)
    children = forms.MultipleChoiceField(
        label="Trẻ được đỡ đầu",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        error_messages={"required": "Chị chọn giúp trẻ được đỡ đầu."},
    )
    mode = forms.ChoiceField(label="Hình thức", choices=Sponsorship.Mode.choices)
    monthly = MoneyField(label="Mức mỗi tháng cho mỗi trẻ (đồng)", min_value=1)
    starts_on = DayField(label="Từ tháng", help_text="Ngày nào trong tháng đầu cũng được.")
    ends_on = DayField(label="Đến hết tháng", help_text="Ngày nào trong tháng cuối cũng được.")
    note = forms.CharField(label="Ghi chú", required=False, max_length=300, help_text=NO_NAME_HERE)

    def __init__(self, data=None, *, program, user, donors, children, initial=None):
        super().__init__(data, program=program, user=user, initial=initial)
        choose(self.fields["sponsor"], donors, "– chọn người đỡ đầu –")
        self.known = {str(child.pk): child for child in children}
        self.fields["children"].choices = [
            (pk, f"{child.code} · {child.get_kind_display()} · {child.branch.full_name}")
            for pk, child in self.known.items()
        ]

    def clean_children(self):
        return [self.known[pk] for pk in self.cleaned_data["children"]]


class AmountForm(CitedForm):
    monthly = MoneyField(label="Mức mới mỗi tháng (đồng)", min_value=1)
    from_month = DayField(label="Từ tháng", help_text="Ngày nào trong tháng đó cũng được.")
    reason = forms.CharField(label="Lý do", max_length=100, help_text=NO_NAME_HERE)


class ExtendForm(forms.Form):
    ends_on = DayField(label="Đến hết tháng", help_text="Ngày nào trong tháng cuối cũng được.")


class SponsorshipEndForm(forms.Form):
    ends_on = DayField(label="Thôi từ sau ngày")
    reason = forms.CharField(label="Lý do thôi", max_length=100, help_text=NO_NAME_HERE)


class PaidForm(forms.Form):
    paid_on = DayField(label="Ngày trao")
    paid = MoneyField(label="Số tiền đã trao (đồng)", min_value=1)
    note = forms.CharField(label="Ghi chú", required=False, max_length=200, help_text=NO_NAME_HERE)
