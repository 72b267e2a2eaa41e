"""What a person may type: a plan with its table and milestones; who helps which chi hội."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from hoiphunu.fields import DayField, WholeNumberField
from hoiphunu.text import clean, fold

from .models import Assignment, PlanDocument, Program, Quota, QuotaLine
from .queries import (
    MOST_MATCHES,
    areas_of,
    chi_hoi_of,
    line_total,
    plan_levels,
    plan_units,
    quotas_to_choose,
    search_chi_hoi,
    unit_words,
)
from .services import ProgramError, check_line

MOST_ROWS = 200

Applies = QuotaLine.Applies


# --- The plan -------------------------------------------------------------------------------


class ProgramForm(forms.ModelForm):
    starts_on = DayField(label="Bắt đầu")
    ends_on = DayField(label="Kết thúc")

    class Meta:
        model = Program
        fields = ["name", "starts_on", "ends_on", "contact", "aim"]
        widgets = {"aim": forms.Textarea(attrs={"rows": 4})}


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
    clause = forms.CharField(label="Điều khoản", required=False, max_length=100)

    def __init__(self, *args, units, levels, **kwargs):
        super().__init__(*args, **kwargs)
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


def choose(field, rows, blank):
    """Fill a drop-down from rows that are read already: no question per form."""
    known = {row.pk: row for row in rows}
    field.choices = [("", blank), *((row.pk, getattr(row, "choice", row)) for row in rows)]

    def chosen(value):
        if int(value) not in known:
            raise ValueError(value)
        return known[int(value)]

    field.coerce = chosen


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
        plan = program.plans.first() if program else None
        self.form = ProgramForm(data, instance=program or Program(owner=owner))
        self.plan = PlanForm(data, instance=plan, prefix="plan")
        choices = {"units": plan_units(owner, program), "levels": plan_levels(owner)}
        self.lines = line_formset(extra)(
            data, initial=standing_lines(program), prefix="lines", form_kwargs=choices
        )
        self.milestones = milestone_formset(min(extra, 2))(
            data, initial=standing_milestones(program), prefix="milestones"
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


def standing_lines(program):
    names = [name for name in QuotaLineForm.base_fields if name not in ("branch", "level", "place")]
    lines = program.lines.all() if program else []
    return [
        {name: getattr(line, name) for name in names}
        | {"branch": line.branch_id, "level": line.level_id, "place": line.place_id}
        for line in lines
    ]


def standing_milestones(program):
    if not program:
        return []
    return list(program.milestones.values(*MilestoneForm.base_fields))


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


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Lý do",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Chị ghi giúp lý do."},
    )


# --- Assignments ----------------------------------------------------------------------------


class AssignmentForm(forms.Form):
    """Who helps which chi hội. The chi hội comes as an id (picked) or as words (typed)."""

    quota = forms.TypedChoiceField(label="Đơn vị nhận giúp", empty_value=None)
    supported = forms.IntegerField(required=False, widget=forms.HiddenInput)
    supported_text = forms.CharField(label="Chi hội được giúp", required=False, max_length=200)
    content = forms.CharField(
        label="Nội dung hỗ trợ",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Ví dụ: bồi dưỡng chi hội trưởng, vay vốn, học bổng, lập nhóm Zalo",
    )
    starts_on = DayField(label="Ngày bắt đầu")
    note = forms.CharField(label="Ghi chú", required=False, max_length=300)

    def __init__(self, data=None, *, program, user, assignment=None, initial=None):
        self.program, self.user, self.assignment = program, user, assignment
        self.matches = []
        quotas = quotas_to_choose(program, user, assignment)
        super().__init__(data, initial=(initial or {}) | self.standing(quotas))
        choose(self.fields["quota"], quotas, "– chọn đơn vị –")
        if len(quotas) == 1:
            self.initial.setdefault("quota", quotas[0].pk)

    def standing(self, quotas):
        row = self.assignment
        if row is None:
            return {}
        own = [quota.pk for quota in quotas if quota.supporter_key == row.supporter_key]
        return {
            "quota": own[0] if own else None,
            "supported": row.supported_id,
            "supported_text": unit_words(row.supported),
            "content": row.content,
            "starts_on": row.starts_on,
            "note": row.note,
        }

    @property
    def picked(self):
        """What the picker shows: the id and the words as they stand now."""
        return {
            "value": self["supported"].value() or "",
            "text": self["supported_text"].value() or "",
            "error": " ".join(self.errors.get("supported", [])) if self.is_bound else "",
        }

    def clean(self):
        data = super().clean()
        supported = self.find_supported(data)
        if supported is None:
            return data
        data["supported"] = supported
        if data.get("quota") and not self.may_keep(data["quota"], supported):
            raise ValidationError(
                "Chị ghi được phân công khi đơn vị nhận giúp hoặc chi hội thuộc đơn vị của chị."
            )
        return data

    def find_supported(self, data):
        """The chi hội that was picked; else the only one that the words mean."""
        units = chi_hoi_of(self.program)
        if data.get("supported"):
            found = units.filter(pk=data["supported"]).first()
            if found is None:
                self.add_error("supported", "Không có chi hội này trong chương trình.")
            return found
        words = clean(data.get("supported_text", ""))
        if not fold(words):
            self.add_error("supported", "Hãy chọn chi hội được giúp.")
            return None
        self.matches = search_chi_hoi(self.program, words)
        if len(self.matches) == 1:
            return self.matches[0]
        self.add_error("supported", too_many_or_none(self.matches))
        return None

    def may_keep(self, quota, supported):
        row = Assignment(
            supporter_branch=quota.supporter_branch,
            supporter_team=quota.supporter_team,
            supported=supported,
        )
        return self.user.has_perm("programs.change_assignment", row)

    def wanted(self):
        """The fields that the services ask for."""
        data = self.cleaned_data
        return {
            "supporter_branch": data["quota"].supporter_branch,
            "supporter_team": data["quota"].supporter_team,
            "supported": data["supported"],
            "content": data["content"],
            "starts_on": data["starts_on"],
            "note": data["note"],
        }


class AssignmentChangeForm(AssignmentForm):
    reason = forms.CharField(
        label="Lý do sửa",
        required=False,
        max_length=300,
        help_text="Lý do được ghi vào Lịch sử, nhất là khi đổi đơn vị nhận giúp hoặc chi hội.",
    )


class AssignmentEndForm(forms.Form):
    ends_on = DayField(label="Ngày kết thúc")
    reason = forms.CharField(
        label="Lý do kết thúc",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ví dụ: chi hội đã vững mạnh; chuyển cho đơn vị khác giúp",
    )
    basis = forms.CharField(
        label="Căn cứ",
        required=False,
        max_length=200,
        help_text="Số, ngày của văn bản hoặc biên bản, nếu có",
    )

    def clean_ends_on(self):
        day = self.cleaned_data["ends_on"]
        if day > localdate():
            raise ValidationError("Ngày kết thúc chưa đến; chị ghi khi việc giúp đã kết thúc.")
        return day


def too_many_or_none(matches):
    if not matches:
        return "Không có chi hội nào tên như vậy trong địa bàn của chương trình."
    if len(matches) > MOST_MATCHES:
        return "Nhiều chi hội tên như vậy; chị gõ thêm tên phường, xã."
    return "Có mấy chi hội tên như vậy; chị chọn một."


class AssignmentFilterForm(forms.Form):
    """What narrows the list, all of it in the address; what cannot be read is left out."""

    q = forms.CharField(label="Tìm", required=False, max_length=100)
    district = forms.TypedChoiceField(label="Địa bàn", required=False, empty_value=None)
    kind = forms.ChoiceField(label="Bên nhận giúp", required=False)
    state = forms.ChoiceField(
        label="Tình trạng",
        required=False,
        choices=[
            ("", "Tất cả"),
            ("active", "Đang giúp"),
            ("ended", "Đã kết thúc"),
            ("doubled", "Trùng"),
        ],
    )
    quota = forms.TypedChoiceField(required=False, empty_value=None, widget=forms.HiddenInput)

    def __init__(self, data, *, program, user):
        super().__init__(data)
        self.fields["q"].widget.input_type = "search"
        choose(self.fields["district"], areas_of(program), "Tất cả")
        levels = [(level.code, f"Hội cấp {level.name}") for level in plan_levels(program.owner)]
        self.fields["kind"].choices = [("", "Tất cả"), ("team", "Đoàn phụ trách"), *levels]
        quotas = Quota.objects.visible_to(user).of(program).with_units()
        choose(self.fields["quota"], quotas, "")
        self.is_valid()

    @property
    def of_quota(self):
        return self.cleaned_data.get("quota")

    @property
    def is_narrow(self):
        return any(self.cleaned_data.values())

    def apply(self, assignments):
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if "district" in given:
            assignments = assignments.in_area(given["district"])
        if "kind" in given:
            assignments = assignments.by_kind(given["kind"])
        if "quota" in given:
            assignments = assignments.by_supporter(given["quota"])
        return assignments.in_state(given.get("state")).matching(given.get("q", ""))
