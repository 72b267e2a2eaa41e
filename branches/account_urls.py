"""How a person comes in, goes out and keeps her password; the names have no app before them."""

from django.contrib.auth import views as auth
from django.urls import path

from .views import account, sign_in

urlpatterns = [
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("me/", account.mine, name="account"),
    path("me/letter/", account.letter, name="account_letter"),
    path("me/confirm/<token>/", account.confirm, name="account_confirm"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("password/own/", sign_in.own_password, name="password_own"),
    path("forgotten/", sign_in.ForgottenPassword.as_view(), name="password_reset"),
    path("forgotten/sent/", sign_in.LetterSent.as_view(), name="password_reset_done"),
    path(
        "forgotten/<uidb64>/<token>/",
        sign_in.NewPassword.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "forgotten/done/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"
    ),
]
