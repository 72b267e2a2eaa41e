"""The table of contents of the site."""

from django.contrib import admin
from django.urls import include, path

from .views import healthz

urlpatterns = [
    path("", include("reports.urls")),
    path("programs/", include("programs.urls")),
    path("guest/", include("programs.guest_urls")),
    path("branches/", include("branches.urls")),
    path("people/", include("branches.people_urls")),
    path("accounts/", include("branches.account_urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
]
