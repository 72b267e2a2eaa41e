"""What a person may type of the next edition of a programme."""

from django import forms
from django.core.exceptions import ValidationError

from hoiphunu.fields import DayField
from programs.models import Program


class CopyForm(forms.ModelForm):
    starts_on = DayField(label="Bắt đầu")
    ends_on = DayField(label="Kết thúc")

    class Meta:
        model = Program
        fields = ["name", "edition", "starts_on", "ends_on"]

    def clean(self):
        data = super().clean()
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            raise ValidationError("Ngày kết thúc phải sau ngày bắt đầu.")
        return data
