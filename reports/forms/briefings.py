"""What a person may type of a meeting and its conclusions."""

from django import forms

from branches.models import Branch
from hoiphunu.fields import DayField
from reports.models import Conclusion, Period

from .proposals import NO_NAMES
from .reports import WordsField

LONG = {"rows": 4}


def long_words(label, help_text=""):
    return WordsField(
        label=label, required=False, widget=forms.Textarea(attrs=LONG), help_text=help_text
    )


class BriefingForm(forms.Form):
    held_on = DayField(label="Ngày họp")
    period = forms.ModelChoiceField(
        label="Xem kỳ báo cáo", queryset=Period.objects.none(), required=False,
        empty_label="Không theo kỳ nào",
    )  # fmt: skip
    agenda = long_words("Nội dung họp")
    present = long_words("Thành phần dự")
    notes = long_words("Ghi chép", NO_NAMES)

    def __init__(self, *args, briefing, user, **kwargs):
        names = ("held_on", "period", "agenda", "present", "notes")
        first = {name: getattr(briefing, name) for name in names}
        super().__init__(*args, initial=first, **kwargs)
        opened = Period.objects.visible_to(user).filter(opened_at__isnull=False)
        self.fields["period"].queryset = opened.select_related("form").order_by("-starts_on", "pk")
        self.fields["period"].label_from_instance = lambda period: (
            f"{period.label} – {period.form.name}"
        )


class ConclusionForm(forms.Form):
    """`briefing`: the meeting; it gives work to its own unit and to those directly below."""

    text = WordsField(
        label="Kết luận",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=NO_NAMES,
        error_messages={"required": "Chị ghi kết luận."},
    )
    unit = forms.ModelChoiceField(
        label="Đơn vị làm", queryset=Branch.objects.none(), required=False,
        empty_label="Không giao đơn vị",
    )  # fmt: skip
    who = forms.CharField(
        label="Người hoặc ban làm",
        max_length=Conclusion._meta.get_field("who").max_length,
        required=False,
    )
    due_on = DayField(label="Đến ngày", required=False)

    def __init__(self, *args, conclusion, user, **kwargs):
        names = ("text", "unit", "who", "due_on")
        first = {name: getattr(conclusion, name) for name in names}
        super().__init__(*args, initial=first, **kwargs)
        here = conclusion.briefing.branch
        units = Branch.objects.visible_to(user).under(here).filter(closed_on=None)
        units = units.filter(parent=here) | units.filter(pk=here.pk)
        if conclusion.unit_id:
            units |= Branch.objects.filter(pk=conclusion.unit_id)  # scope: named by this row
        units = units.filter(level__is_unplaced=False).select_related("level")
        self.fields["unit"].queryset = units.order_by("level__rank", "sort_key", "pk")
        self.fields["unit"].label_from_instance = lambda unit: unit.office_name

    def clean(self):
        data = super().clean()
        if not data.get("unit") and not data.get("who"):
            self.add_error("who", "Chị ghi ai làm: chọn một đơn vị, hoặc ghi người, ban.")
        return data


class DoneForm(forms.Form):
    word = forms.CharField(
        label="Kết quả", max_length=300, required=False, help_text="Một câu ngắn, nếu cần."
    )


class DayForm(forms.Form):
    """The day for which a meeting is prepared; an unreadable one is today."""

    on = DayField(label="Ngày họp", required=False)

    def day(self, today):
        return (self.is_valid() and self.cleaned_data["on"]) or today
