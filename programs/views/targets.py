"""Pages of targets (chỉ tiêu kết quả): the list, writing one, a unit's own."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from branches.decrees import is_standing_below
from branches.models import Branch, Position
from hoiphunu.views import require, seen_version
from programs.forms import LocaliseForm, TargetPage
from programs.models import Indicator, Target
from programs.queries import target_rows
from programs.services import (
    ProgramError,
    add_target,
    change_target,
    localise_target,
    remove_target,
)

from .shared import visible_program

BLANK_PARTS = 3


@require_safe
def target_list(request, slug):
    program = visible_program(request, slug)
    may = request.user.has_perm("programs.change_program", program)
    rows = target_rows(program, request.user)
    if not program.is_closed:
        mark(rows, request.user, own_branches(request.user))
    context = {"program": program, "rows": rows, "can_change": may and not program.is_closed}
    return render(request, "programs/target_list.html", context)


def mark(rows, user, own):
    """Say of each row whether she may change it, or take it on for a unit of hers."""
    for row in rows:
        taken_on = {below.target.branch_id for below in row.localised}
        row.can_change = user.has_perm("programs.change_target", row.target)
        row.may_localise = not row.target.program.is_draft and any(
            branch.pk not in taken_on for branch in below_target(row.target, own)
        )
        mark(row.localised, user, own)


def below_target(target, branches):
    return [branch for branch in branches if is_standing_below(branch, target.branch)]


def target_create(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    page = target_page(request, program)
    if is_to_save(request) and page.is_valid():
        try:
            add_target(program=program, by=request.user, **page.wanted())
        except ProgramError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi chỉ tiêu.")
            return redirect("programs:target_list", program.slug)
    return render(request, "programs/target_form.html", {"program": program, "page": page})


def target_update(request, pk):
    target = visible_target(request, pk)
    require(request.user, "programs.change_target", target)
    if target.localises_id:
        return own_numbers(request, target)
    version = target.version
    page = target_page(request, target.program, target)
    if is_to_save(request) and page.is_valid():
        try:
            change_target(
                target=target,
                seen_version=seen_version(request),
                by=request.user,
                **page.wanted(),
            )
        except ProgramError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu chỉ tiêu.")
            return redirect("programs:target_list", target.program.slug)
    context = {"program": target.program, "target": target, "page": page, "version": version}
    return render(request, "programs/target_form.html", context)


@require_POST
def target_remove(request, pk):
    target = visible_target(request, pk)
    require(request.user, "programs.change_target", target)
    try:
        remove_target(target=target, seen_version=seen_version(request), by=request.user)
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã xóa chỉ tiêu.")
    return redirect("programs:target_list", target.program.slug)


def target_localise(request, pk):
    """A unit below takes the target on, in its own numbers."""
    target = visible_target(request, pk)
    require(request.user, "programs.localise_target", target)
    form = LocaliseForm(
        request.POST or None,
        branches=below_target(target, own_branches(request.user)),
        parts=target.parts.prefetch_related("levels"),
        is_own=False,
        text=target.text,
    )
    if request.method == "POST" and form.is_valid():
        try:
            localise_target(
                target=target,
                branch=form.cleaned_data["branch"],
                parts=form.numbers(),
                text=form.cleaned_data["text"],
                question=form.cleaned_data["question"],
                by=request.user,
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi chỉ tiêu của đơn vị.")
            return redirect("programs:target_list", target.program.slug)
    context = {"program": target.program, "target": target, "form": form}
    return render(request, "programs/target_localise.html", context)


def own_numbers(request, target):
    """Change what the unit itself took on: its words and numbers."""
    form = LocaliseForm(
        request.POST or None,
        branches=[],
        parts=target.parts.prefetch_related("levels"),
        is_own=True,
        text=target.text,
        question=target.question,
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_target(
                target=target,
                seen_version=seen_version(request),
                by=request.user,
                text=form.cleaned_data["text"] or target.text,
                question=form.cleaned_data["question"],
                parts=[{"id": pk} | numbers for pk, numbers in form.numbers().items()],
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu chỉ tiêu của đơn vị.")
            return redirect("programs:target_list", target.program.slug)
    context = {"program": target.program, "target": target, "form": form, "is_own": True}
    return render(request, "programs/target_localise.html", context)


def visible_target(request, pk):
    rows = Target.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("program__owner__level", "branch__level"), pk=pk)


def own_branches(user):
    """The units in whose name she writes."""
    held = [p.branch_id for p in user.standing if p.role == Position.Role.OFFICER]
    return list(Branch.objects.visible_to(user).filter(pk__in=held).select_related("level"))


def target_page(request, program, target=None):
    """As it was sent; "Thêm phần" asks for more blank rows and saves nothing."""
    data = request.POST.copy() if request.method == "POST" else None
    if data and "more_parts" in data:
        total = data.get("parts-TOTAL_FORMS", "")
        total = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else 0
        data["parts-TOTAL_FORMS"] = str(total + BLANK_PARTS)
    indicators = list(Indicator.objects.filter(is_active=True))
    return TargetPage(program, indicators, target, data, extra=0 if target else BLANK_PARTS)


def is_to_save(request):
    return request.method == "POST" and "more_parts" not in request.POST
