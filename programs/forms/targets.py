"""What a person may type of a target: its text and its parts, or a unit's own numbers for it."""

from django import forms

from hoiphunu.fields import DecimalNumberField, YearField
from programs.models import Qualifier, Target, TargetPart
from programs.queries import part_words, plan_levels

from .papers import PartForm
from .shared import choose, choose_levels

MOST_PARTS = 30
Shape = TargetPart.Shape
SHARES = (Shape.SHARE_OF_UNITS, Shape.SHARE_OF_PERSONS)


class TargetForm(PartForm):
    year = YearField(label="Năm", required=False, min_value=1930, max_value=2100)

    class Meta:
        model = Target
        fields = ["number", "year", "text", "question", "document", "clause"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "text": "Chép nguyên văn; các số phải đạt ghi ở từng phần bên dưới.",
            "question": "Ví dụ: “tăng 88%” là tăng đến 88% hay tăng thêm 88%?",
        }


def number_fields(**kwargs):
    value = DecimalNumberField(
        label="Số phải đạt", required=False, max_digits=18, decimal_places=2, **kwargs
    )
    share = DecimalNumberField(
        label="Tỷ lệ %", required=False, max_digits=6, decimal_places=2, max_value=1000, **kwargs
    )
    return value, share


class TargetPartForm(forms.Form):
    """One number to reach. `levels` and `indicators` are read once for the whole table."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(label="Nội dung", max_length=500)
    shape = forms.ChoiceField(label="Dạng", choices=[("", "– chọn –"), *Shape.choices])
    value, share = number_fields()
    unit = forms.CharField(
        label="Đơn vị tính", required=False, max_length=40, help_text="hộ, hội viên, HTX …"
    )
    of_whom = forms.CharField(label="Trong số", required=False, max_length=300)
    qualifier = forms.ChoiceField(
        label="Chữ đi kèm", required=False, choices=[("", "–"), *Qualifier.choices]
    )
    levels = forms.TypedMultipleChoiceField(
        label="Của các đơn vị cấp", required=False, widget=forms.CheckboxSelectMultiple
    )
    indicator = forms.TypedChoiceField(
        label="Theo dõi bằng chỉ tiêu báo cáo", required=False, empty_value=None
    )

    def __init__(self, *args, levels, indicators, **kwargs):
        super().__init__(*args, **kwargs)
        choose_levels(self.fields["levels"], levels)
        choose(self.fields["indicator"], indicators, "– chưa theo dõi –")

    def clean(self):
        data = super().clean()
        is_share = data.get("shape") in SHARES
        if self.initial.get("is_open") and data.get("share") is data.get("value") is None:
            return data  # taken over from the edition before; its number may come later
        if is_share and data.get("share") is None:
            self.add_error("share", "Dạng tỷ lệ cần số %.")
        if not is_share and data.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Dạng này cần số phải đạt.")
        if not is_share:
            data["share"] = None
        return data


class TargetPage:
    """The two parts of one page: the target, its numbers. `data` is request.POST or None."""

    def __init__(self, program, indicators, target=None, data=None, extra=1):
        self.form = TargetForm(data, program=program, instance=target or blank_target(program))
        formset = forms.formset_factory(
            TargetPartForm,
            extra=extra,
            can_delete=True,
            absolute_max=MOST_PARTS,
            max_num=MOST_PARTS,
        )
        levels = [program.owner.level, *plan_levels(program.owner)]
        self.parts = formset(
            data,
            initial=standing_parts(target),
            prefix="parts",
            form_kwargs={"levels": levels, "indicators": indicators},
        )

    def is_valid(self):
        valid = [self.form.is_valid(), self.parts.is_valid()]  # both, to show every error
        return all(valid)

    def wanted(self):
        rows = [f.cleaned_data for f in self.parts if f.has_changed() or f.initial.get("id")]
        kept = [row for row in rows if row and not row["DELETE"]]
        parts = [{name: row[name] for name in row if name != "DELETE"} for row in kept]
        return self.form.wanted() | {"parts": parts}


def blank_target(program):
    return Target(program=program, branch=program.owner)


def standing_parts(target):
    if target is None:
        return []
    names = ("id", "text", "shape", "value", "share", "unit", "of_whom", "qualifier", "is_open")
    return [
        {name: getattr(part, name) for name in names}
        | {"levels": [level.pk for level in part.levels.all()], "indicator": part.indicator_id}
        for part in target.parts.prefetch_related("levels")
    ]


class LocaliseForm(forms.Form):
    """A unit's own text and numbers for a target from above; a part left blank is not taken on.

    `parts`: those of the target above, or the unit's own when it changes them.
    """

    branch = forms.TypedChoiceField(label="Đơn vị", empty_value=None)
    text = forms.CharField(
        label="Chỉ tiêu của đơn vị", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    question = forms.CharField(label="Điều chưa rõ, cần hỏi lại", max_length=300, required=False)

    def __init__(self, data=None, *, branches, parts, is_own, text="", question=""):
        super().__init__(data, initial={"text": text, "question": question})
        self.parts = list(parts)
        choose(self.fields["branch"], branches, "– chọn đơn vị –")
        if is_own:
            del self.fields["branch"]
        elif len(branches) == 1:
            self.initial["branch"] = branches[0].pk
        for part in self.parts:
            value, share = number_fields()
            number, name = (share, "share") if part.shape in SHARES else (value, "value")
            number.label, number.help_text = part.text, f"Cấp trên giao: {part_words(part)}"
            if is_own:
                number.help_text, number.required = "", True
                self.initial[f"{name}_{part.pk}"] = getattr(part, name)
            self.fields[f"{name}_{part.pk}"] = number

    def numbers(self):
        """Part id → its number here, of the parts that the unit takes on."""
        said = {}
        for part in self.parts:
            name = "share" if part.shape in SHARES else "value"
            number = self.cleaned_data[f"{name}_{part.pk}"]
            if number is not None:
                least = {"value": part.value} if name == "share" else {}
                said[part.pk] = {name: number} | least
        return said
