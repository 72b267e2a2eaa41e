"""The door: signing in, one's own password first, and a forgotten password."""

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from ..services import forget_wrong_passwords


class SignInForm(AuthenticationForm):
    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        user.refresh_from_db(fields=["one_time_until"])  # a rehash on the way blanks it in memory
        if user.is_too_late:
            raise forms.ValidationError(
                "Mật khẩu một lần này đã hết hạn. Chị nhờ người quản trị của đơn vị cấp lại.",
                code="too_late",
            )


class SignIn(auth.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True


class OwnPasswordForm(SetPasswordForm):
    def clean_new_password1(self):
        password = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise forms.ValidationError("Chị đặt mật khẩu khác với mật khẩu một lần vừa dùng.")
        return password


@require_http_methods(["GET", "HEAD", "POST"])
def own_password(request):
    """The first thing after a one-time password; whoever has her own changes it elsewhere."""
    if not request.user.must_set_password:
        return redirect("password_change")
    form = OwnPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, form.user)
        messages.success(request, "Chị đã đặt mật khẩu riêng. Từ nay chị đăng nhập bằng nó.")
        return redirect("/")
    return render(request, "registration/password_own.html", {"form": form})


class ForgottenPassword(auth.PasswordResetView):
    """The same answer, whether the address is known or not."""

    email_template_name = "emails/forgotten_password.txt"
    subject_template_name = "emails/forgotten_password_subject.txt"
    template_name = "registration/forgotten.html"


class LetterSent(auth.PasswordResetDoneView):
    template_name = "registration/forgotten_sent.html"


@method_decorator(login_not_required, name="dispatch")
class NewPassword(auth.PasswordResetConfirmView):
    template_name = "registration/forgotten_new.html"

    def get_user(self, uidb64):
        """An account that was closed after the letter went out is not opened by it."""
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active else None

    def form_valid(self, form):
        forget_wrong_passwords(form.user)
        return super().form_valid(form)
