"""What the giver types of her guest, and what the guest types."""

from django import forms
from django.core.exceptions import ValidationError

from hoiphunu.fields import DayField
from hoiphunu.text import clean
from programs.services import INVITED_DAYS, MOST_DAYS


class InviteForm(forms.Form):
    guest_name = forms.CharField(
        label="Mời ai",
        max_length=100,
        help_text="Họ tên người sẽ xác nhận. Không ghi số điện thoại hay giấy tờ.",
    )
    guest_office = forms.CharField(
        label="Chức vụ, đơn vị",
        max_length=200,
        help_text="Ví dụ: Chủ tịch Hội LHPN xã, Hiệu trưởng, Đồn trưởng.",
    )
    ends_on = DayField(
        label="Dùng đến hết ngày",
        help_text=f"Thường là {INVITED_DAYS} ngày, nhiều nhất {MOST_DAYS} ngày.",
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Mã",
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
        help_text="Mã gồm 8 chữ và số, do người mời gửi riêng cho anh/chị.",
        error_messages={"required": "Anh/chị gõ mã do người mời gửi riêng."},
    )


class GuestAnswerForm(forms.Form):
    """`is_right` is what she chose: "yes" or "no"; with "no" come words."""

    is_right = forms.ChoiceField(
        label="Phần hỗ trợ này",
        choices=[("yes", "Đã nhận, đúng như trên"), ("no", "Có chỗ chưa đúng")],
        widget=forms.RadioSelect,
        error_messages={"required": "Anh/chị chọn đúng hay chưa đúng."},
    )
    words = forms.CharField(
        label="Chỗ chưa đúng, hoặc lời nhắn",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ví dụ: mới nhận 40 suất. Không ghi tên, hoàn cảnh của người được giúp.",
    )
    name = forms.CharField(
        label="Họ và tên của anh/chị",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Anh/chị ghi họ và tên."},
    )
    office = forms.CharField(
        label="Chức vụ, đơn vị",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": "Anh/chị ghi chức vụ, đơn vị."},
    )

    def clean_words(self):
        return clean(self.cleaned_data["words"])

    def clean_is_right(self):
        return self.cleaned_data["is_right"] == "yes"

    def clean(self):
        data = super().clean()
        if data.get("is_right") is False and not data.get("words"):
            self.add_error("words", ValidationError("Anh/chị ghi giúp chỗ nào chưa đúng."))
        return data
