"""What an administrator may type about units, teams and people."""

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from hoiphunu.fields import DayField, RowsField
from hoiphunu.phones import phone_number
from hoiphunu.text import clean, fold

from .models import Branch, Position, Team, User
from .search import find_units
from .services import (
    BranchError,
    change_branch,
    change_position,
    forget_wrong_passwords,
    hold_position,
    one_time_until,
    open_branch,
    open_team,
    refuse_held,
)

IN_ADMIN = "ở trang Quản trị"  # instead of a reason, which the administration does not ask


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


class TreeDayForm(forms.Form):
    """Which day's tree: `day` is a day past, or None for the tree of today."""

    on = DayField(label="Cây đơn vị ngày", required=False)

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on and on > localdate():
            raise ValidationError("Chị chọn một ngày đã qua.")
        return on

    @property
    def day(self):
        on = self.cleaned_data["on"] if self.is_valid() else None
        return on if on and on < localdate() else None


class OpenTeamForm(TriedForm):
    opened_on = DayField(label="Thành lập ngày")

    class Meta:
        model = Team
        fields = ["branch", "area", "name", "opened_on"]

    def write(self):
        return open_team(by=self.by, **self.cleaned_data)


class GivePositionForm(TriedForm):
    started_on = DayField(label="Từ ngày")

    class Meta:
        model = Position
        fields = ["user", "branch", "role", "title", "started_on"]

    def write(self):
        return hold_position(by=self.by, reason=IN_ADMIN, **self.cleaned_data)


class ChangePositionForm(TriedForm):
    started_on = DayField(label="Từ ngày")
    ended_on = DayField(label="Đến ngày", required=False)

    class Meta:
        model = Position
        fields = ["title", "started_on", "ended_on"]

    def write(self):
        stored = Position.objects.visible_to(self.by).select_related("user", "branch")
        position = stored.select_for_update(of=("self",)).get(pk=self.instance.pk)
        return change_position(position=position, by=self.by, reason=IN_ADMIN, **self.cleaned_data)


class KnownToAnother:
    """A password that an administrator typed opens the door once; then she sets her own."""

    why = f"đặt mật khẩu dùng một lần {IN_ADMIN}"

    def set_password_and_save(self, user, *args, commit=True, **kwargs):
        user = super().set_password_and_save(user, *args, commit=False, **kwargs)
        user.one_time_until = one_time_until()
        user._change_reason = self.why
        if commit:
            user.save()
            forget_wrong_passwords(user)
        return user


class UserAddForm(KnownToAnother, BaseUserCreationForm):
    why = f"tạo tài khoản, {KnownToAnother.why}"

    class Meta:
        model = User
        fields = ["username", "full_name", "phone", "email"]


class SetPasswordForm(KnownToAnother, AdminPasswordChangeForm):
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
        wanted = ("branch", "role", "started_on")
        whole = [row for row in rows if all(row.get(name) for name in wanted)]
        for row in whole if self.instance.pk else []:
            facts = {name: row[name] for name in wanted}
            try:
                refuse_held(Position(user=self.instance, **facts))
            except BranchError as error:
                raise ValidationError(str(error)) from error


# --- People, on the site's own pages ----------------------------------------------------------


class PhoneField(forms.CharField):
    def clean(self, value):
        try:
            return phone_number(super().clean(value))
        except ValueError as error:
            raise ValidationError(f"{error}.") from error


class AccountForm(forms.Form):
    """Who she is; the name as she writes it, never taken apart."""

    full_name = forms.CharField(label="Họ và tên", max_length=120)
    phone = PhoneField(label="Điện thoại", max_length=20, required=False)
    email = forms.EmailField(
        label="Thư điện tử",
        required=False,
        help_text="Để tự đặt lại mật khẩu khi quên. Không có thì bỏ trống.",
    )

    def clean_full_name(self):
        return clean(self.cleaned_data["full_name"])


class PickingForm(forms.Form):
    """A form with fields of components/picker.html: an id when picked, else words typed.

    `matches`: field → rows to choose from, when the words may mean several.
    """

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.matches = user, {}

    def pick(self, name, rows, by_words):
        """The row of `rows` that was picked; else the only one that the words mean; or None."""
        pk, words = self.cleaned_data.get(name), clean(self.cleaned_data.get(f"{name}_text", ""))
        if pk:
            found = list(rows.filter(pk=pk))
        else:
            found = list(by_words(words)) if fold(words) else []
        if len(found) == 1:
            return found[0]
        self.matches[name] = found
        several = "Có nhiều kết quả như vậy, chị chọn một." if found else "Không có trong phạm vi."
        self.add_error(name, several if pk or words else "Chị tìm rồi chọn một.")
        return None

    def shown(self, name):
        """What the picker shows: the id, the words and the error as they stand now."""
        return {
            "value": self[name].value() or "",
            "text": self[f"{name}_text"].value() or "",
            "error": " ".join(self.errors.get(name, [])) if self.is_bound else "",
            "matches": self.matches.get(name, []),
        }


class PositionForm(PickingForm):
    """A position for somebody, in a unit that `user` administers."""

    branch = forms.IntegerField(required=False, widget=forms.HiddenInput)
    branch_text = forms.CharField(label="Đơn vị", required=False, max_length=200)
    role = forms.ChoiceField(label="Vai trò", choices=Position.Role.choices)
    title = forms.CharField(
        label="Chức vụ",
        required=False,
        max_length=150,
        help_text="Như vẫn gọi: Phó Chủ tịch UBMTTQ, Chủ tịch Hội LHPN phường",
    )
    started_on = DayField(label="Từ ngày", initial=localdate)

    @property
    def branch_shown(self):
        return self.shown("branch")

    def clean(self):
        data = super().clean()
        units = Branch.objects.visible_to(self.user).administered_by(self.user).staffed()
        data["branch"] = self.pick(
            "branch", units, lambda words: find_units(units, words, with_closed=True)
        )
        return data


class AnotherForm(forms.Form):
    """With a box to tick that is shown once an account like hers was found."""

    is_another = forms.BooleanField(
        label="Đây là người khác, hoặc vẫn cần thêm một tài khoản", required=False
    )
    asks_again = False

    def ask_again(self):
        self.asks_again = True


class NewAccountForm(AnotherForm, AccountForm, PositionForm):
    username = forms.RegexField(
        r"^[A-Za-z0-9._@+-]+$",
        label="Tên đăng nhập",
        max_length=60,
        min_length=3,
        required=False,
        help_text="Để trống thì phần mềm tự đặt theo họ tên, ví dụ bui.thi.hoa.",
        error_messages={"invalid": "Chỉ dùng chữ không dấu, chữ số, dấu chấm hoặc gạch."},
    )


class EndPositionForm(forms.Form):
    ended_on = DayField(label="Thôi giữ từ ngày", initial=localdate)
    reason = forms.CharField(
        label="Lý do", max_length=300, help_text="Ví dụ: nghỉ hưu; Quyết định số, ngày"
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Lý do", max_length=300, help_text="Lý do được ghi vào Lịch sử.")


class HandOverForm(AnotherForm, PickingForm):
    """Which positions, to whom – an account that there is, or a new one – and from when."""

    EXISTING, NEW = "existing", "new"

    positions = RowsField(
        Position.objects.none(),  # scope: filled with the person's own in __init__
        label="Bàn giao",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Chị chọn ít nhất một vị trí."},
    )
    who = forms.ChoiceField(
        label="Người nhận",
        choices=[(EXISTING, "Đã có tài khoản"), (NEW, "Chưa có, tạo tài khoản mới")],
        widget=forms.RadioSelect,
        initial=EXISTING,
    )
    to = forms.IntegerField(required=False, widget=forms.HiddenInput)
    to_text = forms.CharField(label="Người nhận", required=False, max_length=200)
    full_name = forms.CharField(label="Họ và tên", max_length=120, required=False)
    phone = PhoneField(label="Điện thoại", max_length=20, required=False)
    email = forms.EmailField(label="Thư điện tử", required=False)
    on = DayField(
        label="Ngày bàn giao",
        initial=localdate,
        help_text="Từ ngày này người nhận làm việc, người trước không còn thấy số liệu.",
    )
    title = forms.CharField(
        label="Chức vụ của người nhận",
        required=False,
        max_length=150,
        help_text="Để trống nếu giữ nguyên như người trước.",
    )
    reason = forms.CharField(
        label="Căn cứ", max_length=300, help_text="Ví dụ: Quyết định số 15/QĐ-HPN ngày 01/3/2021"
    )

    def __init__(self, *args, positions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["positions"].queryset = positions
        self.fields["positions"].initial = [position.pk for position in positions]

    @property
    def to_shown(self):
        return self.shown("to")

    @property
    def is_new(self):
        return self.cleaned_data.get("who") == self.NEW

    def clean(self):
        data = super().clean()
        if data.get("who") == self.EXISTING:
            people = User.objects.visible_to(self.user).looked_after_by(self.user, localdate())
            data["to"] = self.pick("to", people, lambda words: people.matching(words)[:20])
        elif not clean(data.get("full_name") or ""):
            self.add_error("full_name", "Chị ghi họ và tên của người nhận.")
        return data


class SlipsForm(forms.Form):
    """Who of a list gets a one-time password now; a foreign one among them refuses all."""

    people = RowsField(
        User.objects.none(),  # scope: filled with those of the list in __init__
        error_messages={"required": "Chị chọn ít nhất một người."},
    )

    def __init__(self, *args, people, most, **kwargs):
        super().__init__(*args, **kwargs)
        self.most = most
        self.fields["people"].queryset = people

    def clean_people(self):
        people = self.cleaned_data["people"]
        if len(people) > self.most:
            raise ValidationError(f"Mỗi lần in tối đa {self.most} người.")
        return people
