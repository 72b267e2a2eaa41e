"""The table of contents of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from .views import healthz

urlpatterns = [
    path("", include("reports.urls")),
    path("programs/", include("programs.urls")),
    path("branches/", include("branches.urls")),
    path("accounts/login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path(
        "accounts/password/done/",
        auth.PasswordChangeDoneView.as_view(),
        name="password_change_done",
    ),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
]
