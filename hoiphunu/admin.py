"""The administration site and the base of every page in it.

Rows start from `visible_to`, verbs are the permissions of each app's rules.py, nothing is
deleted, a foreign row is a 404 as if missing, and "Lịch sử" shows who changed what.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile

from django import forms
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ExportForm, ImportForm

from .excel import MAX_SIZE, WorkbookError, inspect_archive
from .fields import DayField
from .history import history_rows

DAY_INPUT = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class Choices(AutocompleteJsonView):
    def serialize_result(self, obj, to_field_name):
        """Two units may share a name; `choice_label` says which one is meant."""
        shown = getattr(obj, "choice_label", None) or str(obj)
        return super().serialize_result(obj, to_field_name) | {"text": shown}


class AdminSite(admin.AdminSite):
    """One log-in for the whole installation; administrators only."""

    site_header = "hoiphunu · Quản trị"
    site_title = "hoiphunu"
    index_title = "Quản trị"
    site_url = None  # the way back to the pages stands in base_site.html

    def register(self, model_or_iterable, admin_class=None, **options):
        if model_or_iterable != (Group,):  # our permissions follow from positions
            super().register(model_or_iterable, admin_class, **options)

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        """To the site's own log-in; somebody signed in is no administrator if she comes here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def autocomplete_view(self, request):
        return Choices.as_view(admin_site=self)(request)


class RuledMixin:
    """Verbs by permission name, with the row that is meant; no deleting."""

    formfield_overrides = {models.DateField: {"form_class": DayField, "widget": DAY_INPUT}}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Other rows are chosen here and changed on their own page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def may(self, request, verb, obj=None):
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}", obj)

    def has_view_permission(self, request, obj=None):
        return self.may(request, "view", obj)

    def has_add_permission(self, request, obj=None):
        return self.may(request, "add")

    def has_change_permission(self, request, obj=None):
        return self.may(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return False


class RuledInline(RuledMixin, InlineModelAdmin):
    """For inlines: asked with the parent's row, which is not theirs, so only in general."""

    def has_view_permission(self, request, obj=None):
        return self.may(request, "view")

    def has_change_permission(self, request, obj=None):
        return self.may(request, "change")


class RuledAdmin(RuledMixin, admin.ModelAdmin):
    """For models without a territory, such as levels."""

    actions = None
    show_full_result_count = False

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Django leads to the index with a message; here foreign and missing are a 404."""
        raise Http404

    def history_view(self, request, object_id, extra_context=None):
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "title": f"Lịch sử: {obj}",
            "rows": history_rows(obj) if hasattr(obj, "history") else [],
            "module_name": self.opts.verbose_name_plural,
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/object_history.html", context)


class ScopedAdmin(RuledAdmin):
    """For models with `visible_to`: only rows of her territory exist here."""

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)


class CheckedImportForm(ImportForm):
    """Refuses a file that is too big or no workbook before anything reads it."""

    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > MAX_SIZE:
            raise ValidationError("Tệp lớn hơn 10 MB. Hãy chia thành nhiều tệp.")
        if Path(file.name).suffix.lower() == ".xlsx":
            inspect_upload(file)
        return file


def inspect_upload(file):
    with NamedTemporaryFile(suffix=".xlsx") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        try:
            inspect_archive(copy.name)
        except WorkbookError as error:
            raise ValidationError(str(error)) from error
    file.seek(0)


class SheetsMixin(ImportExportMixin):
    """django-import-export for .xlsx and .csv: seen first, then confirmed by the same person.

    `resource_classes` lists one `hoiphunu.resources.StrictResource`; it gets `user`.
    """

    formats = [XLSX, CSV]
    import_form_class = CheckedImportForm
    export_form_class = ExportForm  # the other one needs scripts in attributes
    import_error_display = ("message",)

    def has_import_permission(self, request):
        return self.has_add_permission(request)

    def has_export_permission(self, request):
        return self.has_view_permission(request)

    def get_valid_export_item_pks(self, request):
        """Ids in a form's hidden field: the package would take those of every row."""
        return self.get_queryset(request).values_list("pk", flat=True)

    def get_import_resource_kwargs(self, request, **kwargs):
        return super().get_import_resource_kwargs(request, **kwargs) | {"user": request.user}

    def get_confirm_form_initial(self, request, import_form):
        initial = super().get_confirm_form_initial(request, import_form)
        if import_form is not None:
            request.session["import_file"] = Path(initial["import_file_name"]).name
        return initial

    def process_import(self, request, **kwargs):
        """The hidden field names a temporary file: only the one that this person was shown."""
        shown = request.session.pop("import_file", None)
        if request.method == "POST" and (
            shown is None or Path(request.POST.get("import_file_name", "")).name != shown
        ):
            raise Http404
        return super().process_import(request, **kwargs)
