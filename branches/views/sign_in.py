"""The door: signing in, one's own password first, and a forgotten password."""

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm, SetPasswordForm
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from hoiphunu.jobs import start_soon

from ..services import forget_wrong_passwords, use_one_time
from ..tasks import send_forgotten

TOO_LATE = (
    "Mật khẩu một lần này đã được dùng hoặc đã hết hạn. Chị nhờ người quản trị của đơn vị cấp lại."
)


class SignInForm(AuthenticationForm):
    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        user.refresh_from_db(fields=["one_time_until"])  # a rehash on the way blanks it in memory
        if user.is_too_late:
            raise forms.ValidationError(TOO_LATE, code="too_late")


class SignIn(auth.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form):
        if not use_one_time(form.get_user()):  # two browsers with one paper, at once
            form.add_error(None, TOO_LATE)
            return self.form_invalid(form)
        return super().form_valid(form)


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


class ForgottenForm(PasswordResetForm):
    def get_users(self, email):
        """Of those whom the address names, who has said from inside that box that it is hers."""
        return [user for user in super().get_users(email) if user.email_confirmed_at]


class ForgottenPassword(auth.PasswordResetView):
    """The same answer after the same work, whether the address is known or not.

    A task is handed over in either case; whether a letter goes out is the worker's business.
    """

    form_class = ForgottenForm
    template_name = "registration/forgotten.html"

    def form_valid(self, form):
        people = form.get_users(form.cleaned_data["email"])
        start_soon(send_forgotten, [user.pk for user in people], site_of(self.request))
        return redirect(self.get_success_url())


def site_of(request):
    """The address of the site as she typed it; of no host but those of ALLOWED_HOSTS."""
    return f"{request.scheme}://{request.get_host()}"


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
        form.user._history_user = form.user
        form.user._change_reason = "quên mật khẩu: đặt lại bằng thư"
        return super().form_valid(form)
