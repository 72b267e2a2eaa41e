"""The administration site and the base of every page in it.

Rows start from `visible_to`, verbs are the permissions of each app's rules.py, nothing is
deleted, a foreign row is a 404 as if missing, and "Lịch sử" shows who changed what.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters, InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.forms.models import _get_foreign_key
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ExportForm, ImportForm
from tablib import Dataset

from .excel import MAX_SIZE, WorkbookError, cell_text, read_rows
from .fields import DayField, may_be_id
from .history import MOST, history_of_parts, history_rows

UNREADABLE = "Không đọc được tệp. Hãy chọn đúng dạng tệp rồi tải lên lại."
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

    def get_urls(self):
        """Without Django's `view_on_site`, which names the address of any row to anyone."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def autocomplete_view(self, request):
        return Choices.as_view(admin_site=self)(request)


class Picker(AutocompleteSelect):
    """Drawn again after an error, Django would ask the database for whatever was sent."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [chosen for chosen in value if may_be_id(chosen)], attr)


class WholeForm(forms.ModelForm):
    """Checks the row's constraints with the columns that are not in the form as well.

    Django leaves out a constraint when one of its columns is not asked for, and the database
    would answer with an error page.
    """

    def _post_clean(self):
        super()._post_clean()
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except ValidationError as error:
                self.add_error(None, error.messages)


class RuledMixin:
    """Verbs by permission name, with the row that is meant; no deleting."""

    form = WholeForm
    formfield_overrides = {models.DateField: {"form_class": DayField, "widget": DAY_INPUT}}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Other rows are chosen here and changed on their own page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Picker(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_view_on_site_url(self, obj=None):
        """Straight to the row's own page, which asks again who may see it."""
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

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

    def response_action(self, request, queryset):
        """What is chosen in a list is hers altogether, or nothing is done: Django would pass
        over foreign ids and do the rest."""
        chosen = set(request.POST.getlist(ACTION_CHECKBOX_NAME))
        if not all(may_be_id(pk) for pk in chosen):
            raise Http404
        if self.get_queryset(request).filter(pk__in=chosen).count() != len(chosen):
            raise Http404
        return super().response_action(request, queryset)

    def history_view(self, request, object_id, extra_context=None):
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "title": f"Lịch sử: {obj}",
            "rows": self.history_rows(request, obj),
            "module_name": self.opts.verbose_name_plural,
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    def history_rows(self, request, obj):
        """The changes of the row and of the rows in its inlines, newest first."""
        rows = history_rows(obj) if hasattr(obj, "history") else []
        for inline in self.get_inline_instances(request, obj):
            if hasattr(inline.model, "history"):
                link = _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name)
                rows += history_of_parts(link, obj, inline.get_queryset(request))
        return sorted(rows, key=lambda row: row["at"], reverse=True)[:MOST]


class ScopedAdmin(RuledAdmin):
    """For models with `visible_to`: only rows of her territory exist here."""

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)


class CheckedImportForm(ImportForm):
    """Refuses a file that is too big before anything reads it."""

    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > MAX_SIZE:
            raise ValidationError("Tệp lớn hơn 10 MB. Hãy chia thành nhiều tệp.")
        return file


class GuestXLSX(XLSX):
    """Workbooks read as guests, in a child process; the package would let one hang the site."""

    def create_dataset(self, in_stream):
        """The first sheet in sight as a tablib Dataset; WorkbookError if it cannot be read."""
        with NamedTemporaryFile(suffix=".xlsx") as copy:
            copy.write(in_stream)
            copy.flush()
            sheets = read_rows(copy.name)
        rows = next((sheet.rows for sheet in sheets if not sheet.hidden and sheet.rows), [])
        dataset = Dataset()
        if rows:
            dataset.headers = [cell_text(cell) for cell in rows[0][1]]
        for _, cells in rows[1:]:
            dataset.append([cell_text(c) if isinstance(c, dict) else c for c in cells])
        return dataset


class SheetsMixin(ImportExportMixin):
    """django-import-export for .xlsx and .csv: seen first, then confirmed by the same person.

    `resource_classes` lists one `hoiphunu.resources.StrictResource`; it gets `user`.
    """

    formats = [GuestXLSX, CSV]
    import_form_class = CheckedImportForm
    export_form_class = ExportForm  # the other one needs scripts in attributes
    import_error_display = ("message",)

    def has_import_permission(self, request):
        return self.has_add_permission(request)

    def has_export_permission(self, request):
        return self.has_view_permission(request)

    def get_export_queryset(self, request):
        """The list's own filters narrow the export; what is none of them is a 404."""
        try:
            return super().get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise Http404 from error

    def get_valid_export_item_pks(self, request):
        """Ids in a form's hidden field: the package would take those of every row."""
        return self.get_queryset(request).values_list("pk", flat=True)

    def get_import_resource_kwargs(self, request, **kwargs):
        return super().get_import_resource_kwargs(request, **kwargs) | {"user": request.user}

    def add_data_read_fail_error_to_form(self, form, e):
        """The package names the exception; people get a sentence."""
        form.add_error("import_file", str(e) if isinstance(e, WorkbookError) else UNREADABLE)

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
        try:
            return super().process_import(request, **kwargs)
        except WorkbookError as error:  # read a minute ago, but not again
            self.message_user(request, str(error), messages.ERROR)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
