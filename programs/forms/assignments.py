"""What a person may type of an assignment, and what narrows the list of them."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from hoiphunu.fields import DayField
from hoiphunu.text import clean, fold
from programs.models import Assignment, Quota
from programs.queries import (
    MOST_MATCHES,
    areas_of,
    chi_hoi_of,
    plan_levels,
    quotas_to_choose,
    search_chi_hoi,
    unit_words,
)

from .shared import choose


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
