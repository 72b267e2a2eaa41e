"""The organisation in the administration, each administrator for her unit and below."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate

from hoiphunu.admin import RuledAdmin, RuledInline, ScopedAdmin, SheetsMixin

from .forms import (
    IN_ADMIN,
    ChangeBranchForm,
    ChangePositionForm,
    GivePositionForm,
    OpenBranchForm,
    OpenTeamForm,
    PositionFormSet,
    SetPasswordForm,
    UserAddForm,
)
from .importers import BranchResource
from .models import Branch, BranchAlias, Department, Level, Position, Team, User
from .services import hold_positions, keep_keys


def administered_branches(request):
    return Branch.objects.visible_to(request.user).administered_by(request.user)


class StateFilter(admin.SimpleListFilter):
    title = "tình trạng"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("open", "Đang hoạt động"), ("closed", "Đã kết thúc")]

    def queryset(self, request, queryset):
        if self.value() == "open":
            return queryset.filter(closed_on=None)
        if self.value() == "closed":
            return queryset.exclude(closed_on=None)
        return queryset


class AdministeredMixin:
    """Rows where she is administrator; units to choose from there only."""

    def get_queryset(self, request):
        return super().get_queryset(request).administered_by(request.user)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.related_model is Branch:
            kwargs["queryset"] = administered_branches(request)
        elif db_field.related_model is User:
            people = User.objects.visible_to(request.user)
            kwargs["queryset"] = people.looked_after_by(request.user, localdate())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class WrittenByServiceMixin:
    """Saves through the form's service; the form has tried it already."""

    add_form = None

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs["form"] = self.add_form
        form = super().get_form(request, obj, change=change, **kwargs)
        form.by = request.user
        return form

    def save_model(self, request, obj, form, change):
        written = form.write()
        obj.__dict__.update(written.__dict__)


@admin.register(Level)
class LevelAdmin(RuledAdmin):
    list_display = ["name", "code", "rank", "office_prefix", "can_stand_alone"]
    formfield_overrides = {models.ManyToManyField: {"widget": CheckboxSelectMultiple}}

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []  # lists, imports and addresses name a level by it


class AliasInline(RuledInline, admin.TabularInline):
    """Other spellings, for the search."""

    model = BranchAlias
    fields = ["name"]
    extra = 0


@admin.register(Branch)
class BranchAdmin(SheetsMixin, AdministeredMixin, WrittenByServiceMixin, ScopedAdmin):
    add_form = OpenBranchForm
    form = ChangeBranchForm
    resource_classes = [BranchResource]
    list_display = ["full_name", "level", "parent", "opened_on", "closed_on"]
    list_select_related = ["level", "parent"]
    list_filter = [StateFilter, "level", "kind"]
    list_per_page = 50
    search_fields = ["search_text"]
    search_help_text = "Tên đơn vị, có dấu hay không dấu đều được"
    autocomplete_fields = ["parent"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("level", "parent")

    def get_search_results(self, request, queryset, search_term):
        return queryset.matching(search_term), False

    def get_inlines(self, request, obj):
        return [AliasInline] if obj else []

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        keep_keys([form.instance.pk])

    def get_fields(self, request, obj=None):
        form = ChangeBranchForm if obj else OpenBranchForm
        level = ["level"] if obj else []
        return [*level, *form._meta.fields, *(["since", "reason"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        """The level stays; so does the parent of the top of her own territory."""
        if obj is None:
            return []
        fixed = ["level"]
        if obj.parent is None or not request.user.has_perm("branches.change_branch", obj.parent):
            fixed.append("parent")
        if obj.closed_on:
            fixed.append("closed_on")
        return fixed

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "level":
            held = administered_branches(request).values("level")
            kwargs["queryset"] = Level.objects.filter(parents__in=held).distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="đơn vị", ordering="sort_key")
    def full_name(self, branch):
        return branch.full_name


@admin.register(Team)
class TeamAdmin(AdministeredMixin, WrittenByServiceMixin, ScopedAdmin):
    add_form = OpenTeamForm
    list_display = ["name", "branch", "area", "opened_on", "closed_on"]
    list_select_related = ["branch", "area"]
    list_filter = [StateFilter]
    search_fields = ["name"]
    autocomplete_fields = ["branch", "area"]
    fields = ["branch", "area", "name", "opened_on", "closed_on"]

    def get_fields(self, request, obj=None):
        return self.fields if obj else OpenTeamForm._meta.fields

    def get_readonly_fields(self, request, obj=None):
        return ["branch"] if obj else []

    def save_model(self, request, obj, form, change):
        if change:
            obj.save()
        else:
            super().save_model(request, obj, form, change)


@admin.register(Department)
class DepartmentAdmin(AdministeredMixin, ScopedAdmin):
    list_display = ["name", "branch", "phone", "email", "closed_on"]
    list_select_related = ["branch"]
    list_filter = [StateFilter]
    search_fields = ["name"]
    autocomplete_fields = ["branch"]
    fields = ["branch", "name", "phone", "email", "closed_on"]

    def get_fields(self, request, obj=None):
        return self.fields if obj else self.fields[:-1]

    def get_readonly_fields(self, request, obj=None):
        return ["branch"] if obj else []


class PositionInline(AdministeredMixin, RuledInline, admin.TabularInline):
    """Positions are given here and ended on their own page.

    A new account needs one at once: without it nobody would see the account again.
    """

    model = Position
    formset = PositionFormSet
    fields = ["branch", "role", "title", "started_on"]
    autocomplete_fields = ["branch"]
    show_change_link = True
    extra = 0

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    def has_change_permission(self, request, obj=None):
        return False

    def get_min_num(self, request, obj=None, **kwargs):
        return 0 if obj else 1

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, validate_min=obj is None, **kwargs)


@admin.register(User)
class UserAdmin(AdministeredMixin, ScopedAdmin, DjangoUserAdmin):
    add_form = UserAddForm
    change_password_form = SetPasswordForm
    change_user_password_template = "admin/branches/set_password.html"  # noqa: S105
    inlines = [PositionInline]
    list_display = ["full_name", "username", "phone", "email", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["username", "full_name", "phone", "email"]
    ordering = ["sort_key", "pk"]
    filter_horizontal = []
    readonly_fields = ["new_password", "last_login", "created_at", "is_active", "other_state"]
    fieldsets = [
        (None, {"fields": ["username", "full_name", "phone", "email"]}),
        ("Tình trạng", {"fields": ["is_active", "other_state"]}),
        ("Đăng nhập", {"fields": ["new_password", "last_login", "created_at"]}),
    ]
    add_fieldsets = [
        (
            None,
            {"fields": ["username", "full_name", "phone", "email", "password1", "password2"]},
        ),
    ]

    def get_queryset(self, request):
        """Of those who have moved on she may not read the phone, so they are not here."""
        return super().get_queryset(request).known_to(request.user, localdate())

    def save_formset(self, request, form, formset, change):
        """New positions, all at once: a new account's password is not void by the second."""
        given = formset.save(commit=False)
        names = ("branch", "role", "title", "started_on")
        terms = [{name: getattr(position, name) for name in names} for position in given]
        hold_positions(user=form.instance, terms=terms, by=request.user, reason=IN_ADMIN)
        if change and terms:
            tell_if_locked_out(request, form.instance)

    @admin.display(description="khóa, mở")
    def other_state(self, user):
        """On the site's own page, which asks why and ends her sessions."""
        words = "Tạm khóa tài khoản" if user.is_active else "Mở lại tài khoản"
        url = reverse("people:person_state", args=[user.pk])
        return format_html('<a href="{}">{}</a>', url, words)

    @admin.display(description="mật khẩu")
    def new_password(self, user):
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">Đặt mật khẩu mới</a>', url)


def tell_if_locked_out(request, user):
    user.refresh_from_db()
    if user.is_active and not user.can_sign_in:
        said = f"{user} chưa có mật khẩu dùng được. Chị cấp mật khẩu một lần mới."
        messages.warning(request, said)


@admin.register(Position)
class PositionAdmin(AdministeredMixin, WrittenByServiceMixin, ScopedAdmin):
    add_form = GivePositionForm
    form = ChangePositionForm
    list_display = ["user", "branch", "role", "title", "started_on", "ended_on"]
    list_select_related = ["user", "branch"]
    list_filter = ["role"]
    search_fields = ["user__full_name", "user__username", "title"]
    autocomplete_fields = ["user", "branch"]

    def get_fields(self, request, obj=None):
        given = GivePositionForm._meta.fields
        return [*given, "ended_on"] if obj else given

    def get_readonly_fields(self, request, obj=None):
        """Who holds what where is not rewritten: a handover ends one row and starts another."""
        if obj is None:
            return []
        return ["user", "branch", "role", *(["ended_on"] if obj.ended_on else [])]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            tell_if_locked_out(request, obj.user)
