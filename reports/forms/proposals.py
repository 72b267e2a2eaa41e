"""What a person may type of difficulties and proposals, their answers, and the list of them."""

from django import forms

from reports.models import Period, Proposal

from .reports import WordsField

NO_NAMES = "Không ghi tên trẻ em hay nạn nhân; cần thì ghi mã hồ sơ."


def choose_unit(field, units):
    """Fill a drop-down with units by the names of their offices."""
    known = {str(unit.pk): unit for unit in units}
    field.choices = [(pk, unit.office_name) for pk, unit in known.items()]
    field.coerce = known.__getitem__


class ToUnitForm(forms.Form):
    """Something for one of a few units above."""

    to = forms.TypedChoiceField(label="Gửi tới")

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        choose_unit(self.fields["to"], units)


class ProposalsForm(ToUnitForm):
    """Several at once, a line each."""

    kind = forms.ChoiceField(label="Loại", choices=Proposal.Kind)
    lines = WordsField(
        label="Nội dung, mỗi dòng một việc",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=NO_NAMES,
        error_messages={"required": "Chị ghi ít nhất một dòng."},
    )
    field_order = ["kind", "lines", "to"]

    def clean_lines(self):
        lines = self.cleaned_data["lines"].splitlines()
        if any(len(line) > Proposal.LONGEST for line in lines):
            raise forms.ValidationError(f"Mỗi dòng nhiều nhất {Proposal.LONGEST} ký tự.")
        return lines


class ProposalForm(ToUnitForm):
    """One that stands already."""

    kind = forms.ChoiceField(label="Loại", choices=Proposal.Kind)
    text = forms.CharField(
        label="Nội dung",
        max_length=Proposal.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=NO_NAMES,
        error_messages={"required": "Chị ghi nội dung, hoặc bỏ mục này ra."},
    )
    field_order = ["kind", "text", "to"]

    def __init__(self, *args, proposal, units, **kwargs):
        first = {
            "kind": proposal.kind, "text": proposal.text, "to": proposal.addressed_to_id,
        }  # fmt: skip
        super().__init__(*args, units=units, initial=first, **kwargs)


class AnswerForm(forms.Form):
    answer = WordsField(
        label="Trả lời",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=NO_NAMES,
        error_messages={"required": "Chị ghi câu trả lời."},
    )


class PassForm(ToUnitForm):
    word = forms.CharField(
        label="Ý kiến kèm theo", max_length=300, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].label = "Chuyển lên"


class ProposalFilter(forms.Form):
    """The filters of the list; what is not understood is left out rather than complained of."""

    q = forms.CharField(label="Tên đơn vị", required=False, widget=forms.SearchInput)
    state = forms.ChoiceField(
        label="Tình trạng", required=False, choices=[("", "Tất cả"), *Proposal.State.choices]
    )
    kind = forms.ChoiceField(
        label="Loại", required=False, choices=[("", "Tất cả"), *Proposal.Kind.choices]
    )
    period = forms.ChoiceField(label="Kỳ", required=False)
    level = forms.ChoiceField(label="Cấp gửi", required=False)

    def __init__(self, *args, user, levels, **kwargs):
        super().__init__(*args, **kwargs)
        periods = Period.objects.visible_to(user).filter(opened_at__isnull=False)
        pairs = dict(periods.order_by("-starts_on").values_list("code", "label")).items()
        self.fields["period"].choices = [("", "Tất cả"), *pairs]
        self.fields["level"].choices = [("", "Tất cả"), *levels]

    def chosen(self):
        """{name: value} of the filters in use."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
