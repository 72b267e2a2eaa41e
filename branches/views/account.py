"""Tài khoản của tôi: what everybody sees and keeps right about herself."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from hoiphunu.jobs import start_soon

from ..forms import PhoneField
from ..services import BranchError, change_account, confirm_email, email_token, take_letter
from ..tasks import send_confirmation
from .sign_in import site_of


class OwnAccountForm(forms.Form):
    phone = PhoneField(label="Điện thoại", max_length=20, required=False)
    email = forms.EmailField(label="Thư điện tử", required=False, max_length=254)
    password = forms.CharField(
        label="Mật khẩu đang dùng",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Chỉ cần gõ khi đổi thư điện tử.",
    )

    def __init__(self, *args, user, **kwargs):
        known = {"phone": user.phone, "email": user.email}
        super().__init__(*args, initial=known, **kwargs)
        self.user = user

    def clean(self):
        """Whoever finds her desk open must not lead her letters elsewhere."""
        data = super().clean()
        if data.get("email", self.user.email) != self.user.email:
            if not self.user.check_password(data.get("password", "")):
                self.add_error("password", "Để đổi thư điện tử, chị gõ đúng mật khẩu đang dùng.")
        return data


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request):
    form = OwnAccountForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("phone", "email")}
        try:
            changed = change_account(user=request.user, by=request.user, **facts)
        except BranchError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu.")
            if changed.email and changed.email != request.user.email:
                send_letter(request, changed)
            return redirect("account")
    return render(request, "registration/account.html", {"form": form})


@require_POST
def letter(request):
    """Another letter to the address that is written down, for her to say that it is hers."""
    if request.user.email and not request.user.email_confirmed_at:
        send_letter(request, request.user)
    return redirect("account")


def send_letter(request, user):
    if take_letter(user.pk) is None:
        messages.error(
            request, "Trong một giờ phần mềm chỉ gửi ba thư. Chị xem hộp thư, hoặc thử lại sau."
        )
        return
    start_soon(send_confirmation, user.pk, site_of(request))
    messages.info(request, f"Phần mềm gửi một thư vào {user.email}. Chị mở thư để xác nhận.")


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, token):
    """A page with a button, for some letter boxes open every link by themselves."""
    user = request.user
    if request.method == "POST":
        try:
            confirm_email(user=user, token=token)
        except BranchError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Chị đã xác nhận thư điện tử của mình.")
        return redirect("account")
    is_good = bool(user.email) and email_token.check_token(user, token)
    return render(request, "registration/account_confirm.html", {"is_good": is_good})
