"""What a person may type of a record of somebody helped, and of the consent to keep it."""

from django import forms
from django.core.exceptions import ValidationError

from hoiphunu.fields import DayField, YearField
from hoiphunu.phones import phone_number
from programs.models import Beneficiary, Consent

from .shared import choose

IDENTITY_LENGTHS = (9, 12)  # old CMND, số định danh
NO_NAME_HERE = "Không ghi tên người được giúp ở đây; gọi bằng mã hồ sơ."


def identity_digits(text):
    """The number as digits; a sentence for what no CCCD and no CMND can be."""
    digits = "".join(text.split()).replace(".", "")
    if digits and not (digits.isdecimal() and len(digits) in IDENTITY_LENGTHS):
        raise ValidationError("Số định danh có 12 chữ số (CMND cũ có 9).")
    return digits


class BasicForm(forms.ModelForm):
    """What whoever looks after her may read, but for the telephone number."""

    born_on = DayField(label="Ngày sinh", required=False)
    birth_year = YearField(
        label="Năm sinh",
        required=False,
        min_value=1900,
        max_value=2100,
        help_text="Khi không rõ ngày; có ngày sinh thì để trống.",
    )
    keep_until = DayField(
        label="Lưu hồ sơ đến",
        required=False,
        help_text="Sau ngày này hồ sơ được xóa. Để trống: lưu đến khi có người xóa.",
    )

    class Meta:
        model = Beneficiary
        fields = [
            "full_name", "born_on", "birth_year", "sex", "address", "guardian",
            "guardian_relation", "school", "school_class", "keep_until",
        ]  # fmt: skip
        labels = {"guardian_relation": "Người nuôi dưỡng là gì của người này"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["full_name"].required = True

    def clean(self):
        data = super().clean()
        born_on, year = data.get("born_on"), data.get("birth_year")
        if born_on:
            data["birth_year"] = born_on.year
            if year and year != born_on.year and "birth_year" in self.changed_data:
                self.add_error("birth_year", "Năm sinh khác với ngày sinh.")
        return data

    def _post_clean(self):
        """The services check the row; a form must not write into the one on the page."""


class SensitiveForm(forms.ModelForm):
    """What needs a purpose to be read: the sensitive fields, and the numbers shown masked."""

    hint = (
        "Chỉ ghi điều cần để giúp. Người bị bạo lực, bị mua bán thì không lập hồ sơ ở đây, chỉ báo "
        "cáo số lượng."
    )

    identity_number = forms.CharField(label="Số định danh", required=False, max_length=20)

    class Meta:
        model = Beneficiary
        fields = ["phone", *Beneficiary.SENSITIVE]
        labels = {"orphan_cause": "Nguyên nhân mồ côi"}
        widgets = {"circumstances": forms.Textarea(attrs={"rows": 3})}

    def clean_phone(self):
        try:
            return phone_number(self.cleaned_data["phone"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean_identity_number(self):
        return identity_digits(self.cleaned_data["identity_number"])

    def _post_clean(self):
        """As above: what was typed goes to the services."""


class ConsentForm(forms.ModelForm):
    given_on = DayField(label="Ngày đồng ý")

    class Meta:
        model = Consent
        fields = ["scope", "given_by", "relation", "child_agrees", "how", "given_on"]
        labels = {"child_agrees": "Trẻ từ 7 tuổi đã được hỏi và cũng đồng ý"}
        help_texts = {
            "given_by": "Chính người được giúp; với trẻ em là cha, mẹ hoặc người giám hộ",
            "relation": "Với trẻ em: là gì của trẻ",
        }

    def _post_clean(self):
        """As above."""


class FirstConsentForm(ConsentForm):
    """With a new record; what is agreed to is that the record is kept."""

    is_agreed = forms.BooleanField(
        label="Đã nói rõ ghi những gì, để làm gì, ai được xem, và người này đã đồng ý",
        error_messages={"required": "Chưa có sự đồng ý thì không lập hồ sơ."},
    )

    class Meta(ConsentForm.Meta):
        fields = ["given_by", "relation", "child_agrees", "how", "given_on"]


class NewRecord:
    """The page of a new record: whose, the basic part, the sensitive part, the consent."""

    def __init__(self, units, data=None):
        self.first = RecordForm(data, units=units)
        self.basic = BasicForm(data, prefix="basic")
        self.sensitive = SensitiveForm(data, prefix="sensitive")
        self.consent = FirstConsentForm(data, prefix="consent")
        self.twins = []  # codes of records that may be of the same person

    @property
    def forms(self):
        return self.first, self.basic, self.sensitive, self.consent

    def is_valid(self):
        valid = [form.is_valid() for form in self.forms]  # all of them, to show every error
        return all(valid)

    @property
    def has_errors(self):
        return any(form.errors for form in self.forms)

    def wanted(self):
        """The fields that `add_beneficiary` asks for."""
        consent = {n: v for n, v in self.consent.cleaned_data.items() if n != "is_agreed"}
        first = {name: self.first.cleaned_data[name] for name in ("kind", "branch")}
        record = self.basic.cleaned_data | self.sensitive.cleaned_data
        return first | record | {"consent": consent}


class RecordForm(forms.Form):
    kind = forms.ChoiceField(
        label="Đối tượng", choices=[("", "– chọn –"), *Beneficiary.Kind.choices]
    )
    branch = forms.TypedChoiceField(label="Đơn vị theo dõi", empty_value=None)
    is_other = forms.BooleanField(
        label="Đã xem, đây là người khác", required=False, widget=forms.CheckboxInput
    )

    def __init__(self, data=None, *, units):
        super().__init__(data)
        choose(self.fields["branch"], units, "– chọn đơn vị –")
        if len(units) == 1:
            self.initial["branch"] = units[0].pk


class ChangeReasonForm(forms.Form):
    reason = forms.CharField(
        label="Lý do sửa", required=False, max_length=100, help_text=NO_NAME_HERE
    )


class PurposeForm(forms.Form):
    purpose = forms.CharField(
        label="Xem để làm gì",
        max_length=200,
        help_text=f"Mục đích được ghi lại cùng tên chị và giờ xem. {NO_NAME_HERE}",
        error_messages={"required": "Chị ghi giúp mục đích xem phần nhạy cảm."},
    )


class WithdrawForm(forms.Form):
    on = DayField(label="Ngày rút lại")


class EraseForm(forms.Form):
    reason = forms.CharField(
        label="Lý do xóa",
        max_length=100,
        help_text=f"Ví dụ: gia đình đề nghị; hết thời hạn. {NO_NAME_HERE}",
        error_messages={"required": "Chị ghi giúp lý do."},
    )
    with_dues = forms.BooleanField(
        label="Bỏ các tháng đỡ đầu chưa trao của hồ sơ này", required=False
    )


class PeopleFilterForm(forms.Form):
    """What narrows the list, all of it in the address; what cannot be read is left out."""

    kind = forms.ChoiceField(
        label="Đối tượng", required=False, choices=[("", "Tất cả"), *Beneficiary.Kind.choices]
    )
    branch = forms.TypedChoiceField(label="Đơn vị", required=False, empty_value=None)
    state = forms.ChoiceField(
        label="Tình trạng",
        required=False,
        choices=[
            ("", "Tất cả"),
            ("standing", "Đang lưu"),
            ("withdrawn", "Đã rút đồng ý"),
            ("expired", "Phải xóa"),
            ("erased", "Đã xóa"),
        ],
    )

    def __init__(self, data, *, units):
        super().__init__(data)
        choose(self.fields["branch"], units, "Tất cả")
        self.is_valid()

    @property
    def is_narrow(self):
        return any(self.cleaned_data.values())

    def apply(self, people, on):
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if "kind" in given:
            people = people.filter(kind=given["kind"])
        if "branch" in given:
            people = people.filter(branch=given["branch"])
        return people.in_state(given.get("state"), on)
