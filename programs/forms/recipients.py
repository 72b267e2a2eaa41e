"""Whom of the register a hand-over reached: records by their codes, to tick."""

from django import forms


class RecipientsForm(forms.Form):
    recipients = forms.MultipleChoiceField(
        label="Người nhận",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def __init__(self, data=None, *, records, standing):
        super().__init__(data, initial={"recipients": standing})
        self.known = {str(record.pk): record for record in records}
        self.fields["recipients"].choices = [
            (pk, f"{record.code} · {record.get_kind_display()} · {record.branch.full_name}")
            for pk, record in self.known.items()
        ]

    def clean_recipients(self):
        return [self.known[pk] for pk in self.cleaned_data["recipients"]]
