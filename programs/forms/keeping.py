"""How long a programme keeps the people helped by name."""

from django import forms

from hoiphunu.fields import WholeNumberField

from .beneficiaries import NO_NAME_HERE

LONGEST = 600  # 50 years


class KeepingForm(forms.Form):
    keep_months = WholeNumberField(
        label="Lưu hồ sơ sau khi kết thúc (tháng)",
        required=False,
        min_value=1,
        max_value=LONGEST,
        help_text="Để trống thì hồ sơ còn đến khi có người xóa.",
    )
    reason = forms.CharField(label="Lý do", required=False, max_length=100, help_text=NO_NAME_HERE)
