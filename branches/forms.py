"""What an administrator may type about units, teams and people."""

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.db import transaction

from hoiphunu.fields import DayField

from .models import Branch, Team, User
from .services import BranchError, change_branch, open_branch, open_team


class TriedForm(forms.ModelForm):
    """Runs its service once and takes it back, so that a refusal stands beside the fields.

    `by` is set by the admin; `write()` calls the service and returns the row.
    """

    by = None

    def clean(self):
        data = super().clean()
        if not self.errors:
            try:
                with transaction.atomic():
                    self.write()
                    transaction.set_rollback(True)
            except BranchError as error:
                raise ValidationError(str(error)) from error
        return data


class OpenBranchForm(TriedForm):
    opened_on = DayField(label="Thành lập ngày")

    class Meta:
        model = Branch
        fields = ["level", "parent", "type", "name", "code", "kind", "opened_on"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].required = True

    def write(self):
        return open_branch(by=self.by, **self.cleaned_data)


class ChangeBranchForm(TriedForm):
    reason = forms.CharField(
        label="Lý do",
        max_length=500,
        help_text="Ví dụ: số, ngày của nghị quyết hoặc quyết định. Lý do được ghi vào Lịch sử.",
    )
    opened_on = DayField(label="Thành lập ngày")
    since = DayField(
        label="Thay đổi từ ngày",
        required=False,
        help_text="Ngày đơn vị mang tên mới, về nơi mới. Để trống khi chỉ sửa cho đúng.",
    )
    closed_on = DayField(
        label="Kết thúc ngày",
        required=False,
        help_text="Chỉ ghi khi đơn vị thôi hoạt động; không mở lại được ở đây.",
    )

    class Meta:
        model = Branch
        fields = [
            "type",
            "name",
            "distinction",
            "parent",
            "code",
            "kind",
            "opened_on",
            "closed_on",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "parent" in self.fields:
            self.fields["parent"].required = True

    def write(self):
        stored = Branch.objects.visible_to(self.by).select_related("parent", "level")
        branch = stored.get(pk=self.instance.pk)
        facts = {"parent": branch.parent} | self.cleaned_data
        return change_branch(branch=branch, by=self.by, **facts)


class OpenTeamForm(TriedForm):
    opened_on = DayField(label="Thành lập ngày")

    class Meta:
        model = Team
        fields = ["branch", "area", "name", "opened_on"]

    def write(self):
        return open_team(by=self.by, **self.cleaned_data)


class UserAddForm(BaseUserCreationForm):
    class Meta:
        model = User
        fields = ["username", "full_name", "phone", "email"]


class SetPasswordForm(AdminPasswordChangeForm):
    """Without Django's choice to switch log-in by password off: there is no other log-in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True


class PositionFormSet(forms.BaseInlineFormSet):
    """Django compares rows that are new together only where a constraint has no condition."""

    def clean(self):
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.has_changed()]
        held = [(row.get("branch"), row.get("role")) for row in rows]
        if len(set(held)) < len(held):
            raise ValidationError("Mỗi vai trò ở một đơn vị chỉ ghi một lần.")
