"""What a person may type of an assignment, and what narrows the list of them."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.timezone import localdate

from hoiphunu.fields import DayField, RowsField, WholeNumberField, YearField
from hoiphunu.text import clean, fold
from programs.models import (
    Assignment,
    Condition,
    Criterion,
    Grade,
    NeedReason,
    Partner,
    PlanDocument,
    Quota,
)
from programs.queries import (
    MOST_MATCHES,
    areas_of,
    papers_to_choose,
    plan_levels,
    search_units_to_help,
    supporters_to_choose,
    unit_words,
    units_to_help,
)

from .shared import choose


class AssignmentForm(forms.Form):
    """Who helps which chi hội. The chi hội comes as an id (picked) or as words (typed)."""

    quota = forms.TypedChoiceField(label="Đơn vị nhận giúp", empty_value=None)
    supported = forms.IntegerField(required=False, widget=forms.HiddenInput)
    supported_text = forms.CharField(label="Đơn vị được giúp", required=False, max_length=200)
    content = forms.CharField(
        label="Nội dung hỗ trợ",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Ví dụ: bồi dưỡng chi hội trưởng, vay vốn, học bổng, lập nhóm Zalo",
    )
    starts_on = DayField(label="Ngày bắt đầu")
    reasons = RowsField(
        NeedReason.objects.none(),
        label="Lý do đơn vị này cần giúp",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason_words = forms.CharField(label="Lý do khác", required=False, max_length=500)
    responsible = forms.CharField(
        label="Người phụ trách",
        required=False,
        max_length=150,
        help_text="Họ tên, chức vụ của cán bộ bên nhận giúp",
    )
    partners = RowsField(
        Partner.objects.none(),
        label="Phối hợp với",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    document = forms.ModelChoiceField(
        PlanDocument.objects.none(),
        label="Theo văn bản",
        required=False,
        empty_label="– không ghi –",
    )
    clause = forms.CharField(label="Điều khoản", required=False, max_length=100)
    note = forms.CharField(label="Ghi chú", required=False, max_length=300)

    PLAIN = ("content", "reason_words", "responsible", "document", "clause", "starts_on", "note")
    SEVERAL = ("reasons", "partners")

    def __init__(self, data=None, *, program, user, assignment=None, initial=None):
        self.program, self.user, self.assignment = program, user, assignment
        self.matches = []
        quotas = supporters_to_choose(program, user, assignment)
        super().__init__(data, initial=(initial or {}) | self.standing(quotas))
        choose(self.fields["quota"], quotas, "– chọn đơn vị –")
        if len(quotas) == 1:
            self.initial.setdefault("quota", quotas[0].pk)
        standing = Q(pk__in=[row.pk for row in self.initial.get("partners", [])])
        self.fields["partners"].queryset = Partner.objects.filter(  # scope: hers, and what stands
            Q(pk__in=Partner.objects.visible_to(user).values("pk")) | standing
        )
        reasons = Q(is_active=True) | Q(pk__in=[row.pk for row in self.initial.get("reasons", [])])
        self.fields["reasons"].queryset = NeedReason.objects.filter(reasons)
        paper = assignment and assignment.document
        self.fields["document"].queryset = papers_to_choose(program, user, paper)
        self.fields["document"].label_from_instance = lambda document: document.sign

    @property
    def shows_more(self):
        """Is anything written in the part that is folded away?"""
        folded = ("reasons", "reason_words", "responsible", "partners", "document", "clause")
        return any(self[name].value() or self[name].errors for name in folded)

    @property
    def noun(self):
        """What the programme helps, for the words of the page: "chi hội", "xã/phường"."""
        return noun_of(self.program)

    def standing(self, quotas):
        row = self.assignment
        if row is None:
            return {}
        own = [quota.pk for quota in quotas if quota.supporter_key == row.supporter_key]
        return {
            "quota": own[0] if own else None,
            "supported": row.supported_id,
            "supported_text": unit_words(row.supported),
            **{name: getattr(row, name) for name in self.PLAIN},
            **{name: list(getattr(row, name).all()) for name in self.SEVERAL},
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
        """The unit that was picked; else the only one that the words mean."""
        units = units_to_help(self.program)
        if data.get("supported"):
            found = units.filter(pk=data["supported"]).first()
            if found is None:
                self.add_error("supported", f"Không có {self.noun} này trong chương trình.")
            return found
        words = clean(data.get("supported_text", ""))
        if not fold(words):
            self.add_error("supported", f"Hãy chọn {self.noun} được giúp.")
            return None
        self.matches = search_units_to_help(self.program, words)
        if len(self.matches) == 1:
            return self.matches[0]
        self.add_error("supported", too_many_or_none(self.matches, self.noun))
        return None

    def may_keep(self, quota, supported):
        row = Assignment(
            supporter_branch=quota.supporter_branch,
            supporter_team=quota.supporter_team,
            supported=supported,
            program=self.program,
        )
        return self.user.has_perm("programs.change_assignment", row)

    def wanted(self):
        """The fields that the services ask for."""
        data = self.cleaned_data
        return {
            "supporter_branch": data["quota"].supporter_branch,
            "supporter_team": data["quota"].supporter_team,
            "supported": data["supported"],
            **{name: data[name] for name in (*self.PLAIN, *self.SEVERAL)},
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


def noun_of(program):
    return program.supported_level.name if program.supported_level else "đơn vị"


def too_many_or_none(matches, noun):
    if not matches:
        return f"Không có {noun} nào tên như vậy trong địa bàn của chương trình."
    if len(matches) > MOST_MATCHES:
        return f"Nhiều {noun} tên như vậy; chị gõ thêm tên đơn vị cấp trên."
    return f"Có mấy {noun} tên như vậy; chị chọn một."


class ConditionForm(forms.Form):
    """How the supported unit stood in a year, before the help or after it."""

    moment = forms.ChoiceField(label="Lúc", choices=Condition.Moment)
    year = YearField(label="Năm", min_value=2000, max_value=2100)
    women = WholeNumberField(label="Phụ nữ từ 18 tuổi", required=False, min_value=0)
    members = WholeNumberField(label="Hội viên", required=False, min_value=0)
    grade = forms.ModelChoiceField(
        Grade.objects.none(), label="Xếp loại", required=False, empty_label="– chưa xếp loại –"
    )
    criteria = RowsField(
        Criterion.objects.none(),
        label="Tiêu chí chi hội kiểu mẫu đã đạt",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label="Ghi chú", required=False, max_length=300)

    PLAIN = ("moment", "year", "women", "members", "grade", "note")

    def __init__(self, data=None, *, condition):
        initial = {name: getattr(condition, name) for name in self.PLAIN}
        standing = list(condition.criteria.all()) if condition.pk else []
        super().__init__(data, initial=initial | {"criteria": standing})
        self.condition = condition
        own = [row.pk for row in standing]
        for name, model in (("grade", Grade), ("criteria", Criterion)):
            kept = own if name == "criteria" else [condition.grade_id]
            self.fields[name].queryset = model.objects.filter(Q(is_active=True) | Q(pk__in=kept))

    def clean(self):
        data = super().clean()
        if data.get("year"):
            grades = [data["grade"]] if data.get("grade") else []
            for name, rows in (("grade", grades), ("criteria", data.get("criteria", []))):
                for sentence in filter(None, (row.not_in(data["year"]) for row in rows)):
                    self.add_error(name, sentence)
        return data

    def filled(self):
        """The condition as typed, to be kept; and the criteria met."""
        for name in self.PLAIN:
            setattr(self.condition, name, self.cleaned_data[name])
        return {"condition": self.condition, "criteria": self.cleaned_data["criteria"]}


class PartnerForm(forms.ModelForm):
    class Meta:
        model = Partner
        fields = ["name", "kind", "contact"]


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
            ("outside", "Ngoài địa bàn"),
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
