"""Pages of programmes, their quota table and the assignments under it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView

from branches.models import Branch, Position
from hoiphunu.history import history_rows
from hoiphunu.text import clean, fold
from hoiphunu.views import ScopedMixin, require, seen_version

from .forms import (
    MOST_ROWS,
    AssignmentChangeForm,
    AssignmentEndForm,
    AssignmentFilterForm,
    AssignmentForm,
    PlanPage,
    ReasonForm,
)
from .models import Assignment, Program
from .queries import (
    MOST_MATCHES,
    duplicated,
    others_helping,
    plan_history,
    quota_of,
    quota_table,
    search_chi_hoi,
)
from .services import (
    ProgramError,
    allot_quota,
    assign,
    change_assignment,
    change_program,
    close_program,
    create_program,
    end_assignment,
    start_program,
)

PER_PAGE = 50
PANEL_ROWS = 10
BLANK_ROWS = 3
Role = Position.Role


# --- Programmes -----------------------------------------------------------------------------


class ProgramList(ScopedMixin, ListView):
    model = Program
    paginate_by = PER_PAGE

    def get_queryset(self):
        hers = Assignment.objects.visible_to(self.request.user).active()
        active = Count("assignments", filter=Q(assignments__in=hers))
        rows = super().get_queryset().select_related("owner__level").annotate(active=active)
        return rows.order_by(*Program._meta.ordering, "pk")

    def get_context_data(self, **kwargs):
        can_create = bool(issuing_branches(self.request.user))
        return super().get_context_data(can_create=can_create, **kwargs)


@require_safe
def program_detail(request, slug):
    program = visible_program(request, slug)
    context = {
        "program": program,
        "table": quota_table(program, request.user),
        "duplicates": duplicated(program, request.user),
        "can_change": request.user.has_perm("programs.change_program", program),
        "can_assign": may_assign(request.user, program),
    }
    return render(request, "programs/program_detail.html", context)


def program_create(request):
    """From a plan: its basics, its table, its milestones, on one page."""
    owner = chosen_owner(request)
    if owner is None:
        require(request.user, "programs.add_program")
        owners = issuing_branches(request.user)
        return render(request, "programs/program_owner.html", {"owners": owners})
    require(request.user, "programs.add_program", owner)
    page = plan_page(request, owner)
    if is_to_save(request) and page.is_valid():
        try:
            program = create_program(owner=owner, by=request.user, **page.wanted())
        except ProgramError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, "Đã tạo chương trình. Chị xem lại bảng rồi bấm “Bắt đầu”.")
            return redirect(program)
    return render(request, "programs/program_form.html", plan_context(request, page))


def program_update(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    version = program.version
    page = plan_page(request, program.owner, program)
    if is_to_save(request) and page.is_valid():
        try:
            change_program(
                program=program,
                seen_version=seen_version(request),
                by=request.user,
                reason=clean(request.POST.get("reason", ""))[:300],
                **page.wanted(),
            )
        except ProgramError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu chương trình.")
            return redirect(program)
    context = plan_context(request, page) | {"program": program, "version": version}
    return render(request, "programs/program_form.html", context)


@require_POST
def start(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    try:
        start_program(program=program, seen_version=seen_version(request), by=request.user)
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Chương trình đã bắt đầu. Các đơn vị ghi được chi hội nhận giúp.")
    return redirect(program)


def close(request, slug):
    """Asks once more, with the reason."""
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            close_program(
                program=program,
                seen_version=seen_version(request),
                by=request.user,
                reason=form.cleaned_data["reason"],
            )
        except ProgramError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, "Đã kết thúc chương trình.")
            return redirect(program)
    return render(request, "programs/program_close.html", {"program": program, "form": form})


@require_POST
def allot(request, slug):
    """Share the table out once more: units opened since then get their quota."""
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    try:
        added = [
            quota
            for line in program.lines.all()
            for quota in allot_quota(line=line, by=request.user)
        ]
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        said = f"Đã giao thêm chỉ tiêu cho {len(added)} đơn vị." if added else "Bảng đã đủ đơn vị."
        messages.success(request, said)
    return redirect(program)


@require_safe
def program_history(request, slug):
    program = visible_program(request, slug)
    context = {"program": program, "rows": plan_history(program, request.user)}
    return render(request, "programs/program_history.html", context)


# --- Parts of the plan's page ---------------------------------------------------------------


@require_safe
def line_row(request):
    """One more blank line for the table."""
    return blank_row(request, "lines", "programs/_line.html")


@require_safe
def milestone_row(request):
    return blank_row(request, "milestones", "programs/_milestone.html")


@require_POST
def plan_check(request):
    """What the table on the screen comes to, against the printed numbers."""
    owner = get_object_or_404(units_of(request.user), slug=request.GET.get("owner"))
    require(request.user, "programs.add_program", owner)
    page = PlanPage(owner, data=request.POST)
    return render(request, "programs/_plan_check.html", {"check": page.check()})


def blank_row(request, prefix, template):
    owner = get_object_or_404(units_of(request.user), slug=request.GET.get("owner"))
    require(request.user, "programs.add_program", owner)
    number = min(as_number(request.GET.get(f"{prefix}-TOTAL_FORMS")), MOST_ROWS - 1)
    form = getattr(PlanPage(owner), prefix).empty_form
    form.prefix = f"{prefix}-{number}"
    context = {"form": form, "part": prefix, "count": number + 1}
    return render(request, "programs/_added_row.html", context | {"template": template})


def plan_page(request, owner, program=None):
    """The forms as they were sent; "Thêm dòng" without script asks for more blank ones."""
    data = request.POST.copy() if request.method == "POST" else None
    for part in ("lines", "milestones"):
        if data and f"more_{part}" in data:
            total = as_number(data.get(f"{part}-TOTAL_FORMS")) + BLANK_ROWS
            data[f"{part}-TOTAL_FORMS"] = str(min(total, MOST_ROWS))
    return PlanPage(owner, program, data, extra=1 if program else BLANK_ROWS)


def plan_context(request, page):
    is_checked = request.method == "POST"
    return {
        "page": page,
        "owner": page.owner,
        "check": page.check() if is_checked else None,
        "is_to_save": is_to_save(request),
    }


def is_to_save(request):
    """The page's other buttons only redraw it."""
    redraws = ("more_lines", "more_milestones", "check")
    return request.method == "POST" and not any(name in request.POST for name in redraws)


def chosen_owner(request):
    """The unit named in the address; else the only one for which she may issue a plan."""
    if slug := request.GET.get("owner"):
        return get_object_or_404(units_of(request.user), slug=slug)
    owners = issuing_branches(request.user)
    return owners[0] if len(owners) == 1 else None


def issuing_branches(user):
    """The units where she herself is officer or administrator, and may issue a plan."""
    held = {p.branch for p in user.standing if p.role in (Role.OFFICER, Role.ADMINISTRATOR)}
    return sorted(held, key=lambda branch: branch.path)


def units_of(user):
    return Branch.objects.visible_to(user).select_related("level")


def as_number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0


# --- Assignments ----------------------------------------------------------------------------


@require_safe
def assignment_list(request, slug):
    program = visible_program(request, slug)
    filters = AssignmentFilterForm(request.GET, program=program, user=request.user)
    visible = Assignment.objects.visible_to(request.user).of(program).with_doubles()
    rows = filters.apply(visible).with_units().order_by("-starts_on", "-pk")
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
    if request.method == "POST" and form.is_valid():
        try:
            change_assignment(
                assignment=assignment,
                seen_version=seen_version(request),
                by=request.user,
                reason=form.cleaned_data["reason"],
                **form.wanted(),
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu phân công.")
            return redirect(assignment)
    context = {"program": program, "form": form, "assignment": assignment}
    return render(request, "programs/assignment_form.html", context)


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
        "rows": history_rows(assignment),
    }
    return render(request, "programs/assignment_history.html", context)


@require_safe
def chi_hoi_search(request, slug):
    """Lines for the picker: chi hội of the programme's tree, by the words in `q`."""
    program = visible_program(request, slug)
    words = clean(request.GET.get("q", "")[:200])
    hits = search_chi_hoi(program, words) if fold(words) else []
    context = {"words": words, "hits": hits[:MOST_MATCHES], "is_cut": len(hits) > MOST_MATCHES}
    return render(request, "programs/_choices.html", context)


@require_safe
def branch_panel(request, slug):
    """For the page of a unit: whom it helps, who helps it or the chi hội in it.

    Of a unit outside her territory, just what one of her own helps it with, or gets from it.
    """
    directory = Branch.objects.directory(with_closed=True)
    branch = get_object_or_404(directory, slug=slug)
    is_inside = units_of(request.user).filter(pk=branch.pk).exists()
    active = Assignment.objects.visible_to(request.user).active().with_units()
    given = active.filter(Q(supporter_branch=branch) | Q(supporter_team__branch=branch))
    received = active.in_area(branch) if is_inside else active.filter(supported=branch)
    context = {
        "branch": branch,
        "is_inside": is_inside,
        "given": given[:PANEL_ROWS],
        "given_count": given.count(),
        "received": received[:PANEL_ROWS],
        "received_count": received.count(),
    }
    if not is_inside and not context["given_count"] and not context["received_count"]:
        raise Http404
    return render(request, "programs/_branch_panel.html", context)


def visible_program(request, slug):
    rows = Program.objects.visible_to(request.user).select_related("owner__level")
    return get_object_or_404(rows, slug=slug)


def visible_assignment(request, pk):
    rows = Assignment.objects.visible_to(request.user).with_units()
    return get_object_or_404(rows, pk=pk)


def say_taken_on(request, assignment):
    messages.success(request, f"Đã ghi: {assignment}.")
    quota = quota_of(assignment)
    if quota and not quota.covers(assignment.supported.path, assignment.supported_path):
        place = quota.place.full_name
        messages.warning(
            request, f"Chi hội này nằm ngoài {place} nên chưa tính vào chỉ tiêu của đơn vị."
        )
    if others_helping(assignment):
        messages.warning(request, "Chi hội này đã có đơn vị khác nhận giúp (trùng).")


def first_day(program):
    """Today while the programme runs by the calendar; else its first day."""
    today = localdate()
    return today if program.starts_on <= today <= program.ends_on else program.starts_on


def may_assign(user, program):
    return program.is_running and user.has_perm("programs.add_assignment", program)


def may_change(user, assignment):
    return (
        assignment.is_active
        and assignment.program.is_running
        and user.has_perm("programs.change_assignment", assignment)
    )
