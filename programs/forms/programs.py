"""What a person may type of a plan: its basics, its table, its milestones, on one page."""

from django import forms
from django.forms.models import model_to_dict

from hoiphunu.fields import DayField, WholeNumberField
from programs.models import Milestone, PlanDocument, Program, QuotaLine
from programs.queries import line_total, plan_levels, plan_units
from programs.services import ProgramError, check_line

from .shared import choose, choose_levels

MOST_ROWS = 200

Applies = QuotaLine.Applies


class ProgramForm(forms.ModelForm):
    starts_on = DayField(label="Bắt đầu")
    ends_on = DayField(label="Kết thúc")

    class Meta:
        model = Program
        fields = [
            "name",
            "edition",
            "starts_on",
            "ends_on",
            "contact",
            "supported_level",
            "reaches_out",
            "aim",
        ]
        labels = {"supported_level": "Chương trình giúp đơn vị cấp"}
        widgets = {"aim": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["supported_level"].empty_label = "– không phân công giúp đơn vị nào –"


class PlanForm(forms.ModelForm):
    issued_on = DayField(label="Ngày ban hành", required=False)

    class Meta:
        model = PlanDocument
        fields = ["title", "number", "issued_on", "issuer"]
        help_texts = {"number": "Kế hoạch không in số, ngày thì để trống."}


class QuotaLineForm(forms.Form):
    """A printed line. `units` and `levels` are read once for the whole table."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    number = WholeNumberField(label="STT", required=False, min_value=1, max_value=999)
    label = forms.CharField(label="Đơn vị", max_length=150)
    applies_to = forms.ChoiceField(label="Giao cho", choices=[("", "– chọn –"), *Applies.choices])
    branch = forms.TypedChoiceField(label="Đơn vị được giao", required=False, empty_value=None)
    level = forms.TypedChoiceField(label="Cấp được giao", required=False, empty_value=None)
    place = forms.TypedChoiceField(label="Chọn chi hội thuộc", required=False, empty_value=None)
    minimum_each = WholeNumberField(label="Mỗi nơi ít nhất", initial=1, min_value=1, max_value=999)
    stated_total = WholeNumberField(label="Số in", required=False, max_value=99_999)
    note = forms.CharField(label="Ghi chú", required=False, max_length=300)
    document = forms.TypedChoiceField(label="Theo văn bản", required=False, empty_value=None)
    clause = forms.CharField(label="Điều khoản", required=False, max_length=100)

    def __init__(self, *args, units, levels, papers, **kwargs):
        super().__init__(*args, **kwargs)
        choose(self.fields["document"], papers, "– chưa ghi văn bản –")
        choose(self.fields["branch"], units, "– chọn đơn vị –")
        choose(self.fields["place"], units, "bất cứ đâu trên địa bàn")
        choose(self.fields["level"], levels, "– chọn cấp –")

    def clean(self):
        data = super().clean()
        needed = {Applies.BRANCH: "branch", Applies.LEVEL: "level"}.get(data.get("applies_to"))
        if needed and needed not in self.errors and not data.get(needed):
            self.add_error(needed, f"Hãy chọn {self.fields[needed].label.lower()}.")
        return data


class MilestoneForm(forms.Form):
    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    label = forms.CharField(label="Việc phải xong", max_length=200)
    kind = forms.ChoiceField(  # blank in a row that nobody fills, or it would count as filled
        label="Loại mốc",
        choices=[("", Milestone.Kind.OTHER.label), *Milestone.Kind.choices[:-1]],
        required=False,
    )
    levels = forms.TypedMultipleChoiceField(
        label="Các cấp phải làm",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Không chọn cấp nào là mọi đơn vị.",
    )
    due_on = DayField(
        label="Ngày cuối cùng", help_text="“Trước ngày 15/01” nghĩa là ngày cuối cùng 14/01."
    )
    printed = forms.CharField(
        label="Chữ in trong kế hoạch",
        required=False,
        max_length=100,
        help_text="Ví dụ: trước ngày 15/01/2021",
    )
    recipient = forms.CharField(label="Gửi về", required=False, max_length=200)
    document = forms.TypedChoiceField(label="Theo văn bản", required=False, empty_value=None)
    clause = forms.CharField(label="Điều khoản", required=False, max_length=100)

    def __init__(self, *args, levels, papers, **kwargs):
        super().__init__(*args, **kwargs)
        choose_levels(self.fields["levels"], levels)
        choose(self.fields["document"], papers, "– chưa ghi văn bản –")

    def clean_kind(self):
        return self.cleaned_data["kind"] or Milestone.Kind.OTHER


def line_formset(extra):
    return forms.formset_factory(
        QuotaLineForm, extra=extra, can_delete=True, absolute_max=MOST_ROWS, max_num=MOST_ROWS
    )


def milestone_formset(extra):
    return forms.formset_factory(
        MilestoneForm, extra=extra, can_delete=True, absolute_max=MOST_ROWS, max_num=MOST_ROWS
    )


class PlanPage:
    """The four forms of one page: programme, plan, lines, milestones.

    `data` is request.POST or None, `extra` how many blank rows stand below the filled ones.
    """

    def __init__(self, owner, program=None, data=None, extra=3):
        self.owner, self.program = owner, program
        plan = program.plan if program else None
        self.form = ProgramForm(data, instance=program or Program(owner=owner))
        self.plan = PlanForm(data, instance=plan, prefix="plan")
        papers = papers_to_cite(program)
        choices = {
            "papers": papers,
            "units": plan_units(owner, program),
            "levels": plan_levels(owner),
        }
        self.lines = line_formset(extra)(
            data, initial=standing_lines(program), prefix="lines", form_kwargs=choices
        )
        self.milestones = milestone_formset(min(extra, 2))(
            data,
            initial=standing_milestones(program),
            prefix="milestones",
            form_kwargs={"levels": choices["levels"], "papers": papers},
        )

    @property
    def single_forms(self):
        return self.form, self.plan

    def is_valid(self):
        parts = (self.form, self.plan, self.lines, self.milestones)
        valid = [part.is_valid() for part in parts]  # all of them, to show every error
        return all(valid)

    @property
    def has_errors(self):
        return any(
            (
                self.form.errors,
                self.plan.errors,
                any(self.lines.errors),
                any(self.milestones.errors),
            )
        )

    def wanted(self):
        """What the services ask for: Program's fields, `plan`, `lines`, `milestones`."""
        return self.form.cleaned_data | {
            "plan": self.plan.cleaned_data,
            "lines": numbered(filled(self.lines)),
            "milestones": filled(self.milestones),
        }

    def check(self):
        """What the table comes to as it stands on the screen, line by line and in all."""
        rows = [row for form in self.lines if (row := self.check_row(form))]
        stated = [row["stated"] for row in rows]
        return {
            "rows": rows,
            "total": sum(row["total"] for row in rows),
            "stated": sum(stated) if None not in stated else None,
        }

    def check_row(self, form):
        """One line's figures; None while it does not say whom it binds."""
        form.is_valid()  # what can be read of a half-filled row is enough
        data = form.cleaned_data
        if not data.get("applies_to") or data.get("DELETE"):
            return None
        binds = {name: data.get(name) for name in ("applies_to", "branch", "level", "place")}
        line = QuotaLine(
            program=Program(owner=self.owner), minimum_each=data.get("minimum_each") or 1, **binds
        )
        row = {name: data.get(name) for name in ("number", "label")}
        row |= {"each": line.minimum_each, "stated": data.get("stated_total")}
        return row | self.asked_by(line)

    def asked_by(self, line):
        try:
            check_line(line)
            units, total = line_total(line)
        except ProgramError as error:
            return {"units": 0, "total": 0, "sentence": str(error)}
        return {"units": units, "total": total, "sentence": ""}


def papers_to_cite(program):
    """The programme's papers as a drop-down shows them; a new one has none yet but its plan."""
    papers = list(program.plans.all()) if program else []
    for paper in papers:
        paper.choice = paper.sign
    return papers


def standing_lines(program):
    return list(program.lines.values(*QuotaLineForm.base_fields)) if program else []


def standing_milestones(program):
    if not program:
        return []
    rows = program.milestones.prefetch_related("levels")
    return [
        model_to_dict(row, MilestoneForm.base_fields)
        | {
            "id": row.pk,
            "kind": "" if row.kind == Milestone.Kind.OTHER else row.kind,
            "levels": [level.pk for level in row.levels.all()],
        }
        for row in rows
    ]


def filled(formset):
    """The rows that say something and are not marked for removal."""
    rows = [form.cleaned_data for form in formset if form.has_changed() or form.initial.get("id")]
    return [
        {name: value for name, value in row.items() if name != "DELETE"}
        for row in rows
        if row and not row["DELETE"]
    ]


def numbered(lines):
    """A line without a number follows the one before it."""
    last = 0
    for line in lines:
        line["number"] = last = line["number"] or last + 1
    return lines
