"""Forms and periods in the administration; reports and letters to look at."""

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.utils.timezone import now

from branches.admin import AdministeredMixin
from branches.models import Branch, User
from branches.querysets import under_paths
from hoiphunu.admin import RuledAdmin, RuledInline, ScopedAdmin
from hoiphunu.text import fold
from programs.models import Program

from .models import (
    Holiday,
    Outbox,
    Period,
    PeriodDue,
    PeriodRule,
    Report,
    ReportEvent,
    ReportForm,
    RuleDue,
)
from .services import ReportError, open_period


def owned_by(user, field):
    """A condition: `field` names a unit where she is administrator, or one below it."""
    return under_paths(user.branch_paths("administrator"), f"{field}__path")


@admin.register(ReportForm)
class ReportFormAdmin(ScopedAdmin):
    """What a form asks is written on its own pages (“Biểu mẫu”), version by version."""

    fields = ["code", "name", "owner", "program", "levels", "is_active"]
    list_display = ["name", "code", "owner", "is_active"]
    list_select_related = ["owner"]
    list_filter = ["is_active"]
    autocomplete_fields = ["owner"]
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}

    def get_queryset(self, request):
        return super().get_queryset(request).filter(owned_by(request.user, "owner"))

    def get_readonly_fields(self, request, obj=None):
        return ["code", "owner"] if obj else []  # addresses and commands name a form by its code

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        user = request.user
        if db_field.name == "owner":
            kwargs["queryset"] = Branch.objects.visible_to(user).administered_by(user)
        elif db_field.name == "program":
            kwargs["queryset"] = Program.objects.visible_to(user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class PeriodDueInline(RuledInline, admin.TabularInline):
    """Reports take their due date from here when the period opens, and keep it."""

    model = PeriodDue
    extra = 0

    def may(self, request, verb, obj=None):
        return request.user.has_perm(f"reports.{verb}_period", obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.opened_at)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)


@admin.register(Period)
class PeriodAdmin(ScopedAdmin):
    inlines = [PeriodDueInline]
    fields = [
        "form", "kind", "code", "year", "label", "starts_on", "ends_on", "cut_off_on", "opens_on",
        "opened_at",
    ]  # fmt: skip
    list_display = ["label", "form", "starts_on", "ends_on", "cut_off_on", "opened_at"]
    list_select_related = ["form"]
    list_filter = ["year", "kind"]
    ordering = ["-starts_on", "form"]
    actions = ["open_periods"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(owned_by(request.user, "form__owner"))

    def get_fields(self, request, obj=None):
        is_open = obj is not None and obj.opened_at is not None
        return ["plain_year" if is_open and name == "year" else name for name in self.fields]

    def get_readonly_fields(self, request, obj=None):
        fixed = ["form", "kind", "code", "plain_year", "starts_on", "ends_on"]
        return ["opened_at", *(fixed if obj and obj.opened_at else [])]

    @admin.display(description="năm")
    def plain_year(self, period):
        """Without the dot that a read-only number gets: 2021, not 2.021."""
        return str(period.year)

    def save_model(self, request, obj, form, change):
        obj.edits += change  # whoever has its days on the calendar's own page is told
        super().save_model(request, obj, form, change)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "form":
            kwargs["queryset"] = ReportForm.objects.visible_to(request.user).filter(
                owned_by(request.user, "owner")
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.action(description="Mở kỳ: giao báo cáo cho các đơn vị", permissions=["change"])
    def open_periods(self, request, queryset):
        for period in queryset:
            try:
                made = open_period(period=period, by=request.user, at=now())
            except ReportError as error:
                self.message_user(request, f"{period}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{period}: {made} báo cáo mới.", messages.SUCCESS)


class RuleDueInline(RuledInline, admin.TabularInline):
    model = RuleDue
    fields = ["level", "months", "day"]
    extra = 0

    def may(self, request, verb, obj=None):
        return request.user.has_perm("reports.change_periodrule", obj)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)


@admin.register(PeriodRule)
class PeriodRuleAdmin(ScopedAdmin):
    """From here the periods of a year are made, on the page “Lịch báo cáo”."""

    inlines = [RuleDueInline]
    fields = [
        "form", "kind", "first_day", "cut_off_months", "cut_off_day", "opens_before", "is_active",
    ]  # fmt: skip
    list_display = ["form", "kind", "first_day", "is_active"]
    list_select_related = ["form"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(owned_by(request.user, "form__owner"))

    def get_readonly_fields(self, request, obj=None):
        return ["form", "kind"] if obj else []

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "form":
            kwargs["queryset"] = ReportForm.objects.visible_to(request.user).filter(
                owned_by(request.user, "owner")
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Holiday)
class HolidayAdmin(ScopedAdmin):
    """Deadlines move off these days when a year is planned; periods made before keep theirs.

    A day that is no holiday after all is marked as worked, not taken away."""

    fields = list_display = ["day", "name", "is_working"]
    list_filter = ["is_working"]


class LookOnlyMixin:
    """Rows that only services write: here they are looked at."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class ReportEventInline(LookOnlyMixin, RuledInline, admin.TabularInline):
    model = ReportEvent
    fields = readonly_fields = ["kind", "person", "acting_branch", "at", "reason"]

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("branches.view_branch", obj and obj.branch)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by", "acting_branch")

    @admin.display(description="người làm")
    def person(self, event):
        return event.by or "Hệ thống"


@admin.register(Report)
class ReportAdmin(LookOnlyMixin, AdministeredMixin, ScopedAdmin):
    inlines = [ReportEventInline]
    list_display = ["branch", "period", "status", "due_on", "first_submitted_on"]
    list_select_related = ["branch", "period"]
    list_filter = ["status", "period__year", "branch__level"]
    list_per_page = 50
    search_fields = ["branch__search_text"]
    search_help_text = "Tên đơn vị, có dấu hay không dấu đều được"
    fields = [
        "period", "branch", "reviewer_branch", "due_on", "status", "nothing_to_report",
        *Report.NARRATIVE, "first_submitted_at",
    ]  # fmt: skip

    def get_search_results(self, request, queryset, search_term):
        return queryset.filter(branch__search_text__contains=fold(search_term)), False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("branches.view_branch", obj and obj.branch)


@admin.register(Outbox)
class OutboxAdmin(LookOnlyMixin, RuledAdmin):
    """Letters that went, wait or failed: the first place to look when somebody got none. Not what
    they say: she may be told as the person of another unit, too."""

    list_display = [
        "person", "to", "subject", "created_at", "sent_at", "given_up_at", "attempts", "error",
    ]  # fmt: skip
    list_select_related = ["recipient"]
    list_filter = [
        ("sent_at", admin.EmptyFieldListFilter), ("given_up_at", admin.EmptyFieldListFilter),
    ]  # fmt: skip
    fields = readonly_fields = [
        "person", "to", "subject", "created_at", "sent_at", "attempts", "next_try_at",
        "given_up_at", "error",
    ]  # fmt: skip

    def get_queryset(self, request):
        people = User.objects.visible_to(request.user).administered_by(request.user)
        return super().get_queryset(request).filter(recipient__in=people)

    @admin.display(description="người nhận")
    def person(self, letter):
        return letter.recipient

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("branches.view_user", obj and obj.recipient)
