from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class HoiphunuConfig(AppConfig):
    name = "hoiphunu"
    verbose_name = "hoiphunu"
    default = True

    def ready(self):
        from . import checks  # noqa: F401 - registers itself


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site: one log-in, no groups."""

    default = False
    default_site = "hoiphunu.admin.AdminSite"
