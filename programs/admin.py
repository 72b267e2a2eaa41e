"""Programmes and indicators in the administration; plans are written through the services."""

from copy import copy

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models, transaction

from branches.admin import WrittenByServiceMixin, administered_branches
from hoiphunu.admin import RuledAdmin, ScopedAdmin, SheetsMixin
from hoiphunu.fields import DayField

from .importers import IndicatorResource
from .models import (
    Assignment,
    Criterion,
    Grade,
    Indicator,
    ItemKind,
    Milestone,
    NeedReason,
    PlanDocument,
    Program,
    QuotaLine,
)
from .services import ProgramError, add_line, change_line, change_program, create_program, keep_part

REASON = "sửa trong Quản trị"


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
            except ProgramError as error:
                raise ValidationError(str(error)) from error
        return data


class ProgramAdminForm(TriedForm):
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    starts_on = DayField(label="Bắt đầu")
    ends_on = DayField(label="Kết thúc")

    class Meta:
        model = Program
        fields = ["owner", "name", "starts_on", "ends_on", "contact", "aim"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version

    def write(self):
        data = {**self.cleaned_data}
        version = data.pop("seen_version")
        if self.instance.pk is None:
            return create_program(by=self.by, **data)
        return change_program(
            program=self.instance, seen_version=version, by=self.by, reason=REASON, **data
        )


class QuotaLineAdminForm(TriedForm):
    class Meta:
        model = QuotaLine
        fields = [
            "program",
            "number",
            "label",
            "applies_to",
            "branch",
            "level",
            "place",
            "minimum_each",
            "stated_total",
            "note",
            "clause",
        ]

    def write(self):
        data = {**self.cleaned_data}
        if self.instance.pk is None:
            return add_line(by=self.by, reason=REASON, **data)
        line = self.instance.program.lines.get(pk=self.instance.pk)
        return change_line(line=line, by=self.by, reason=REASON, **data)


class PartAdminForm(TriedForm):
    """A milestone or a plan document."""

    def write(self):
        row, data = copy(self.instance), {**self.cleaned_data}
        levels = data.pop("levels", None)
        for name, value in data.items():
            setattr(row, name, value)
        keep_part(row=row, by=self.by, reason=REASON, levels=levels)
        return row


class ProgramFilter(admin.RelatedFieldListFilter):
    """Names only programmes that she may see: Django would name all that there are."""

    def field_choices(self, field, request, model_admin):
        return [(row.pk, str(row)) for row in Program.objects.visible_to(request.user)]


class OfProgramAdmin(WrittenByServiceMixin, ScopedAdmin):
    """Parts of a plan: of programmes that she administers; the programme itself stays."""

    form = add_form = PartAdminForm
    list_select_related = ["program"]
    list_filter = [("program", ProgramFilter)]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("program__owner")

    def get_readonly_fields(self, request, obj=None):
        return ["program"] if obj else []

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.related_model is Program:
            kwargs["queryset"] = Program.objects.visible_to(request.user).filter(
                owner__in=administered_branches(request)
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name in ("issued_on", "due_on"):
            kwargs |= {"form_class": DayField, "widget": None}
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Program)
class ProgramAdmin(WrittenByServiceMixin, ScopedAdmin):
    form = add_form = ProgramAdminForm
    list_display = ["name", "owner", "starts_on", "ends_on", "status"]
    list_select_related = ["owner"]
    list_filter = ["status"]
    search_fields = ["name"]
    fields = ["owner", "name", "status", "starts_on", "ends_on", "contact", "aim", "seen_version"]
    autocomplete_fields = ["owner"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("owner")

    def get_readonly_fields(self, request, obj=None):
        """Starting and ending a programme are verbs of its own page."""
        return ["owner", "status"] if obj else ["status"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "owner":
            kwargs["queryset"] = administered_branches(request).exclude(
                level__code__in=["chi_hoi", "to_phu_nu"]
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(QuotaLine)
class QuotaLineAdmin(OfProgramAdmin):
    form = add_form = QuotaLineAdminForm
    list_display = ["number", "label", "program", "applies_to", "minimum_each", "stated_total"]
    search_fields = ["label"]
    autocomplete_fields = ["branch", "place"]


@admin.register(Milestone)
class MilestoneAdmin(OfProgramAdmin):
    list_display = ["label", "program", "due_on", "printed"]
    search_fields = ["label"]
    fields = ["program", "kind", "levels", "label", "due_on", "printed", "recipient", "clause"]
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}


@admin.register(NeedReason)
class WordAdmin(RuledAdmin):
    """Short lists that the forms offer; one in use is not deleted but put out of use."""

    list_display = ["name", "code", "position", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(ItemKind)
class ItemKindAdmin(WordAdmin):
    list_display = ["name", "code", "has_sponsors", "position", "is_active"]


@admin.register(Grade, Criterion)
class YearlyWordAdmin(WordAdmin):
    list_display = ["name", "code", "first_year", "last_year", "position", "is_active"]


@admin.register(PlanDocument)
class PlanDocumentAdmin(OfProgramAdmin):
    list_display = ["title", "program", "number", "issued_on", "issuer"]
    search_fields = ["title", "number"]
    fields = ["program", "title", "number", "issued_on", "issuer"]


@admin.register(Assignment)
class AssignmentAdmin(ScopedAdmin):
    """To look things up; who helps whom is written on the programme's pages."""

    list_display = ["supported", "supporter_name", "program", "starts_on", "ends_on"]
    list_filter = [("program", ProgramFilter)]
    search_fields = ["supported__search_text", "supporter_branch__search_text"]
    list_per_page = 50

    def get_queryset(self, request):
        return super().get_queryset(request).with_units()

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description="nhận giúp")
    def supporter_name(self, assignment):
        return assignment.supporter_name


@admin.register(Indicator)
class IndicatorAdmin(SheetsMixin, RuledAdmin):
    resource_classes = [IndicatorResource]
    list_display = ["code", "name", "unit", "aggregation", "value_type", "is_active"]
    list_filter = ["aggregation", "value_type", "is_active"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["numerator", "denominator", "part_of"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name in ("valid_from", "valid_until"):
            kwargs |= {"form_class": DayField, "widget": None}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        """Sheets name an indicator by its code; figures that stand are added by its kind."""
        return ["code", "aggregation", "value_type"] if obj else []
