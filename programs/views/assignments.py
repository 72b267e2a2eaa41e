"""Pages of assignments, and what the page of a unit shows of them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from branches.models import Branch
from hoiphunu.history import history_rows
from hoiphunu.text import clean, fold
from hoiphunu.views import get_visible, require, seen_version
from programs.forms import (
    AssignmentChangeForm,
    AssignmentEndForm,
    AssignmentFilterForm,
    AssignmentForm,
    ConditionForm,
    noun_of,
)
from programs.models import Assignment, Condition, SupportItem
from programs.queries import (
    MOST_MATCHES,
    others_helping,
    quota_of,
    search_units_to_help,
    unit_words,
    with_sums,
)
from programs.services import (
    ProgramError,
    Stale,
    assign,
    change_assignment,
    end_assignment,
    keep_condition,
)

from .conflicts import conflict_with
from .invitations import to_confirm_of
from .shared import PER_PAGE, may_assign, sees, units_of, visible_assignment, visible_program

PANEL_ROWS = 10


@require_safe
def assignment_list(request, slug):
    program = visible_program(request, slug)
    filters = AssignmentFilterForm(request.GET, program=program, user=request.user)
    visible = Assignment.objects.visible_to(request.user).of(program)
    rows = filters.apply(visible.with_doubles().with_outside()).with_units()
    rows = rows.order_by("-starts_on", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "program": program,
        "filters": filters,
        "page_obj": page,
        "can_assign": may_assign(request.user, program),
    }
    return render(request, "programs/assignment_list.html", context)


@require_safe
def assignment_detail(request, pk):
    assignment = visible_assignment(request, pk)
    quota = quota_of(assignment)
    others = others_helping(assignment) if assignment.is_active else 0
    same = Assignment.objects.visible_to(request.user).of(assignment.program).active()
    context = {
        "assignment": assignment,
        "program": assignment.program,
        "quota": quota,
        "is_outside": quota is not None
        and not quota.covers(assignment.supported.path, assignment.supported_path),
        "others": others,
        "seen_others": same.filter(supported=assignment.supported)
        .exclude(pk=assignment.pk)
        .with_units(),
        "can_change": may_change(request.user, assignment),
        "can_note": may_note(request.user, assignment),
        "is_outsider": not sees(request.user, assignment.program),
        "conditions": assignment.conditions.select_related("grade").prefetch_related("criteria"),
        "noun": noun_of(assignment.program),
        "items": with_sums(items_of(request.user, assignment), request.user),
        "later": with_sums(later_gifts(request.user, assignment), request.user),
        "can_plan": may_plan(request.user, assignment.program),
        "can_invite": request.user.has_perm("programs.invite_for_assignment", assignment)
        and to_confirm_of(request.user, assignment),
    }
    return render(request, "programs/assignment_detail.html", context)


def assignment_create(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.add_assignment", program)
    first = {"quota": request.GET.get("quota"), "starts_on": first_day(program)}
    form = AssignmentForm(request.POST or None, program=program, user=request.user, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            made = assign(program=program, by=request.user, **form.wanted())
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            say_taken_on(request, made)
            return redirect(request.path if "again" in request.POST else made)
    context = {"program": program, "form": form}
    return render(request, "programs/assignment_form.html", context)


def assignment_update(request, pk):
    """Also how an assignment moves: to another supporter, to another chi hội."""
    assignment = visible_assignment(request, pk)
    require(request.user, "programs.change_assignment", assignment)
    program = assignment.program
    form = AssignmentChangeForm(
        request.POST or None, program=program, user=request.user, assignment=assignment
    )
    version, conflict = assignment.version, None
    if request.method == "POST" and form.is_valid():
        seen = seen_version(request)
        try:
            change_assignment(
                assignment=assignment,
                seen_version=seen,
                by=request.user,
                reason=form.cleaned_data["reason"],
                **form.wanted(),
            )
        except Stale:
            conflict = assignment_conflict(request, pk, form, seen)
            if conflict is None:
                messages.success(request, "Đã lưu phân công.")
                return redirect(assignment)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu phân công.")
            return redirect(assignment)
    context = {"program": program, "form": form, "assignment": assignment}
    context |= {"version": version, "conflict": conflict}
    return render(request, "programs/assignment_form.html", context)


def assignment_conflict(request, pk, form, seen):
    """The unit that is helped is compared as a unit, whether it was picked or typed."""
    saved = visible_assignment(request, pk)
    fresh = AssignmentChangeForm(program=saved.program, user=request.user, assignment=saved)
    helped = (saved.supported, form.cleaned_data["supported"])
    also = [(fresh.fields.pop("supported_text").label, *map(unit_words, helped))]
    return conflict_with(saved, form, fresh, seen=seen, also=also)


def assignment_end(request, pk):
    assignment = visible_assignment(request, pk)
    require(request.user, "programs.change_assignment", assignment)
    form = AssignmentEndForm(request.POST or None, initial={"ends_on": localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            end_assignment(
                assignment=assignment,
                seen_version=seen_version(request),
                by=request.user,
                **form.cleaned_data,
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã kết thúc phân công.")
            return redirect(assignment)
    context = {"assignment": assignment, "program": assignment.program, "form": form}
    return render(request, "programs/assignment_end.html", context)


@require_safe
def assignment_history(request, pk):
    assignment = visible_assignment(request, pk)
    context = {
        "assignment": assignment,
        "program": assignment.program,
        "is_outsider": not sees(request.user, assignment.program),
        "rows": history_rows(assignment),
    }
    return render(request, "programs/assignment_history.html", context)


def condition_create(request, pk):
    """How the unit stood before the help, or after it."""
    assignment = visible_assignment(request, pk)
    return edit_condition(request, Condition(assignment=assignment, year=localdate().year))


def condition_update(request, pk):
    rows = Condition.objects.visible_to(request.user)
    condition = get_object_or_404(rows.select_related("grade"), pk=pk)
    condition.assignment = visible_assignment(request, condition.assignment_id)
    return edit_condition(request, condition)


def edit_condition(request, condition):
    assignment = condition.assignment
    require(request.user, "programs.change_assignment", assignment)
    version, conflict = condition.version, None
    form = ConditionForm(request.POST or None, condition=condition)
    if request.method == "POST" and form.is_valid():
        seen = seen_version(request) if condition.pk else None
        try:
            keep_condition(seen_version=seen, by=request.user, **form.filled())
        except Stale:
            saved = get_visible(Condition, request.user, pk=condition.pk)
            conflict = conflict_with(saved, form, ConditionForm(condition=saved), seen=seen)
            if conflict is None:
                messages.success(request, "Đã ghi tình hình của đơn vị được giúp.")
                return redirect(assignment)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi tình hình của đơn vị được giúp.")
            return redirect(assignment)
    context = {
        "assignment": assignment,
        "program": assignment.program,
        "form": form,
        "condition": condition,
        "version": version,
        "conflict": conflict,
    }
    return render(request, "programs/condition_form.html", context)


@require_safe
def unit_search(request, slug):
    """Lines for the picker: units that the programme may help, by the words in `q`."""
    program = visible_program(request, slug)
    words = clean(request.GET.get("q", "")[:200])
    hits = search_units_to_help(program, words) if fold(words) else []
    context = {
        "words": words,
        "hits": hits[:MOST_MATCHES],
        "is_cut": len(hits) > MOST_MATCHES,
        "noun": noun_of(program),
    }
    return render(request, "programs/_choices.html", context)


@require_safe
def branch_panel(request, slug):
    """For the page of a unit: whom it helps, who helps it or the chi hội in it.

    Of a unit outside her territory, just what one of her own helps it with, or gets from it.
    """
    directory = Branch.objects.directory(with_closed=True)
    context = panel_context(request.user, get_object_or_404(directory, slug=slug))
    if is_bare(context):
        raise Http404
    return render(request, "programs/_branch_panel.html", context)


@require_safe
def outside_panel(request):
    """The same for the page of a unit outside her territory, named in the address: that page
    cannot know whether there is anything to draw, so nothing is an answer too, and the same one
    as of a unit that does not exist."""
    directory = Branch.objects.directory(with_closed=True)
    branch = directory.filter(slug=request.GET.get("branch", "")[:200]).first()
    context = branch and panel_context(request.user, branch)
    if context is None or is_bare(context):
        return HttpResponse("")
    return render(request, "programs/_branch_panel.html", context)


def panel_context(user, branch):
    is_inside = units_of(user).filter(pk=branch.pk).exists()
    active = Assignment.objects.visible_to(user).active().with_units()
    given = active.filter(Q(supporter_branch=branch) | Q(supporter_team__branch=branch))
    received = active.in_area(branch) if is_inside else active.filter(supported=branch)
    return {
        "branch": branch,
        "is_inside": is_inside,
        "given": given[:PANEL_ROWS],
        "given_count": given.count(),
        "received": received[:PANEL_ROWS],
        "received_count": received.count(),
    }


def is_bare(context):
    """Of a unit outside her territory there is nothing that she may see."""
    return not (context["is_inside"] or context["given_count"] or context["received_count"])


def say_taken_on(request, assignment):
    messages.success(request, f"Đã ghi: {assignment}.")
    quota = quota_of(assignment)
    if quota and not quota.covers(assignment.supported.path, assignment.supported_path):
        place = quota.place.full_name
        messages.warning(
            request, f"Đơn vị này nằm ngoài {place} nên chưa tính vào chỉ tiêu của đơn vị."
        )
    if others_helping(assignment):
        messages.warning(request, "Đơn vị này đã có nơi khác nhận giúp (trùng).")


def first_day(program):
    """Today while the programme runs by the calendar; else its first day."""
    today = localdate()
    return today if program.starts_on <= today <= program.ends_on else program.starts_on


def items_of(user, assignment):
    return list(SupportItem.objects.visible_to(user).filter(assignment=assignment).with_units())


def later_gifts(user, assignment):
    """What is given once, by whomever, to a unit whose help by this assignment has ended."""
    if assignment.is_active:
        return []
    items = SupportItem.objects.visible_to(user).of(assignment.program)
    items = items.received_in(assignment.supported).filter(is_one_off=True)
    return list(items.exclude(assignment=assignment).with_units().order_by("pk"))


def may_plan(user, program):
    return program.is_running and user.has_perm("programs.add_item", program)


def may_change(user, assignment):
    return assignment.is_active and assignment.program.is_running and may_note(user, assignment)


def may_note(user, assignment):
    """How the unit stands after the help is often known only when that has ended, and the
    programme with it."""
    may = user.has_perm("programs.change_assignment", assignment)
    return may and not assignment.program.is_draft
