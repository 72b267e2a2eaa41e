"""Pages of decrees: written down, tried out, carried out, perhaps taken back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView
from django_htmx.http import HttpResponseClientRefresh

from branches.decrees import count_waiting
from branches.models import Branch, Reorganisation, ReorganisationRun, Succession, Successor
from branches.services import (
    BranchError,
    add_line,
    add_lines,
    change_decree,
    discard_decree,
    remove_line,
    remove_successor,
)
from hoiphunu.history import history_rows
from hoiphunu.jobs import start_soon
from hoiphunu.text import clean, fold
from hoiphunu.views import ScopedMixin, get_visible, require, seen_version
from reports.forms import DecreeForm, EndingForm, SuccessorPage
from reports.forms.reorganisations import BLANK_LINES, MOST_LINES, units_to_name
from reports.leftovers import left_by
from reports.reorganisation import ask_reorganisation, plan_reorganisation, why_not_undo
from reports.tasks import run_reorganisation

PER_PAGE = 50
LONGEST_SEARCH = 100
TYPES = ["xã", "phường", "thị trấn", "đặc khu", "quận", "huyện", "thị xã", "thành phố", "tỉnh"]
Kind, Step = Succession.Kind, ReorganisationRun.Step


# --- Decrees ----------------------------------------------------------------------------------


class ReorganisationList(ScopedMixin, ListView):
    model = Reorganisation
    paginate_by = PER_PAGE
    template_name = "reports/reorganisation_list.html"

    def get_queryset(self):
        made = counted(Successor.objects.visible_to(self.request.user))
        old = counted(Succession.objects.visible_to(self.request.user))
        rows = super().get_queryset().select_related("owner__level")
        return rows.annotate(
            made=Coalesce(Subquery(made), 0), old=Coalesce(Subquery(old), 0)
        ).order_by("-effective_on", "-pk")

    def get_context_data(self, **kwargs):
        can_create = self.request.user.has_perm("branches.add_reorganisation")
        return super().get_context_data(can_create=can_create, **kwargs)


def counted(rows):
    """How many of `rows` each decree has, as a subquery."""
    mine = rows.filter(reorganisation=OuterRef("pk")).order_by()
    return mine.values("reorganisation").annotate(count=Count("pk")).values("count")


def create(request):
    require(request.user, "branches.add_reorganisation")
    form = DecreeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            decree = form.create(by=request.user)
        except BranchError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi văn bản. Chị ghi tiếp các đơn vị trong văn bản.")
            return redirect(decree)
    return render(request, "reports/reorganisation_form.html", {"form": form})


def update(request, pk):
    decree = find_decree(request, pk, "branches.change_reorganisation")
    version = decree.version
    form = DecreeForm(request.POST or None, instance=decree)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            change_decree(
                reorganisation=get_visible(Reorganisation, request.user, pk=pk),
                seen_version=seen_version(request),
                by=request.user,
                **facts,
            )
        except BranchError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu văn bản.")
            return redirect(decree)
    context = {"form": form, "decree": decree, "version": version}
    return render(request, "reports/reorganisation_form.html", context)


def discard(request, pk):
    """Asks once more."""
    decree = find_decree(request, pk, "branches.change_reorganisation")
    if request.method == "POST":
        try:
            discard_decree(reorganisation=decree, by=request.user)
        except BranchError as error:
            messages.error(request, str(error))
            return redirect(decree)
        messages.success(request, "Đã bỏ văn bản đang soạn. Cây đơn vị không đổi gì.")
        return redirect("reports:reorganisation_list")
    return render(request, "reports/reorganisation_discard.html", {"decree": decree})


@require_safe
def detail(request, pk):
    """The decree with its lines: the units it makes, or, with `?tab=endings`, those that end."""
    decree = find_decree(request, pk)
    words = search_words(request)
    endings = decree.successions.visible_to(request.user).filter(kind=Kind.ABOLISHED)
    counts = {
        "units": decree.successors.visible_to(request.user).count(),
        "endings": endings.count(),
    }
    is_endings = request.GET.get("tab") == "endings"
    rows = find_endings(endings, words) if is_endings else find_successors(decree, request, words)
    context = {
        "decree": decree,
        "words": words,
        "counts": counts,
        "is_endings": is_endings,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "can_change": request.user.has_perm("branches.change_reorganisation", decree),
        "runs": decree.runs.visible_to(request.user).select_related("asked_by")[:5],
    }
    if decree.is_applied:
        context["waiting"] = count_waiting(decree.owner)
        context["leftovers"] = left_by(decree, request.user) if context["can_change"] else []
    return render(request, "reports/reorganisation_detail.html", context)


def find_successors(decree, request, words):
    """The units that the decree makes whose own name, or an old unit's, holds the words."""
    made = decree.successors.visible_to(request.user)
    if fold(words):
        named = [
            pk
            for pk, type, name in made.values_list("pk", "type", "name")
            if fold(words) in fold(f"{type} {name}")
        ]
        by_old = made.filter(successions__predecessor__search_text__contains=fold(words))
        made = made.filter(Q(pk__in=named) | Q(pk__in=by_old.values("pk")))
    lines = Succession.objects.visible_to(request.user).select_related("predecessor__parent")
    return (
        made.select_related("level", "parent_branch", "parent_successor", "branch")
        .prefetch_related(Prefetch("successions", lines.order_by("predecessor__sort_key", "pk")))
        .order_by("level__rank", "number", "pk")
    )


def find_endings(endings, words):
    if fold(words):
        endings = endings.filter(predecessor__search_text__contains=fold(words))
    return endings.select_related("predecessor__parent", "predecessor__level").order_by(
        "predecessor__sort_key", "pk"
    )


@require_safe
def history(request, pk):
    decree = find_decree(request, pk)
    context = {"decree": decree, "rows": history_rows(decree)}
    return render(request, "reports/reorganisation_history.html", context)


def find_decree(request, pk, permission=None):
    decrees = Reorganisation.objects.visible_to(request.user).select_related("owner__level")
    decree = get_object_or_404(decrees, pk=pk)
    if permission:
        require(request.user, permission, decree)
    return decree


def find_draft(request, pk):
    """The decree and where to send her when its lines may not be changed any more."""
    decree = find_decree(request, pk, "branches.change_reorganisation")
    if decree.is_applied:
        messages.error(request, "Văn bản đã thực hiện nên không sửa được. Chị hoàn tác trước đã.")
        return decree, redirect(decree)
    return decree, None


def search_words(request):
    return clean(request.GET.get("q", "")[:LONGEST_SEARCH])


# --- Units that it makes ------------------------------------------------------------------------


def successor_create(request, pk):
    decree, refused = find_draft(request, pk)
    return refused or successor_page(request, decree)


def successor_update(request, pk):
    successor = find_successor(request, pk)
    decree, refused = find_draft(request, successor.reorganisation_id)
    return refused or successor_page(request, decree, successor)


def successor_page(request, decree, successor=None):
    page = posted_page(request, decree, successor)
    is_to_save = request.method == "POST" and "more" not in request.POST
    if is_to_save and page.is_valid():
        try:
            made = page.save(by=request.user)
        except BranchError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi {made}.")
            return redirect(request.path if "again" in request.POST else decree)
    context = {
        "decree": decree,
        "successor": successor,
        "page": page,
        "types": TYPES,
        "is_to_save": is_to_save,
    }
    return render(request, "reports/reorganisation_unit.html", context)


def posted_page(request, decree, successor):
    """The forms as they were sent; "Thêm dòng" asks for a few more blank ones."""
    data = request.POST.copy() if request.method == "POST" else None
    if data and "more" in data:
        total = data.get("old-TOTAL_FORMS", "")
        total = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else 0
        data["old-TOTAL_FORMS"] = str(min(total + BLANK_LINES, MOST_LINES))
    return SuccessorPage(decree, request.user, successor, data)


@require_POST
def successor_remove(request, pk):
    successor = find_successor(request, pk)
    decree = find_decree(request, successor.reorganisation_id, "branches.change_reorganisation")
    try:
        remove_successor(successor=successor, by=request.user)
    except BranchError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã bỏ {successor} khỏi văn bản.")
    return redirect(decree)


def find_successor(request, pk):
    made = Successor.objects.visible_to(request.user)
    return get_object_or_404(made.select_related("reorganisation", "parent_branch"), pk=pk)


# --- Units that end without one -----------------------------------------------------------------


def ending_create(request, pk):
    """One by one from the paper, or at once all districts whose communes the decree names."""
    decree, refused = find_draft(request, pk)
    if refused:
        return refused
    form = EndingForm(request.POST or None, units=units_to_name(request.user, decree))
    districts = emptied_districts(request.user, decree)
    if request.method == "POST" and "districts" in request.POST:
        return end_districts(request, decree, districts)
    if request.method == "POST" and form.is_valid():
        unit = form.cleaned_data["unit"]
        try:
            add_line(
                reorganisation=decree,
                predecessor=unit,
                kind=Kind.ABOLISHED,
                by=request.user,
                note=form.cleaned_data["note"],
            )
        except BranchError as error:
            form.add_error("unit", str(error))
        else:
            messages.success(request, f"Đã ghi: {unit} kết thúc hoạt động.")
            return redirect(request.path if "again" in request.POST else endings_of(decree))
    context = {"decree": decree, "form": form, "districts": len(districts)}
    return render(request, "reports/reorganisation_ending.html", context)


def emptied_districts(user, decree):
    """Open districts above old units of the decree that it does not speak of yet."""
    lines = decree.successions.visible_to(user)
    return (
        Branch.objects.visible_to(user)
        .filter(closed_on=None, level__code="huyen")
        .filter(children__in=lines.values("predecessor"))
        .exclude(pk__in=lines.values("predecessor"))
        .distinct()
    )


def end_districts(request, decree, districts):
    try:
        made = add_lines(
            reorganisation=decree,
            predecessors=list(districts),
            kind=Kind.ABOLISHED,
            by=request.user,
        )
    except BranchError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã ghi {len(made)} quận, huyện kết thúc hoạt động.")
    return redirect(endings_of(decree))


@require_POST
def ending_remove(request, pk):
    lines = Succession.objects.visible_to(request.user).select_related("predecessor")
    line = get_object_or_404(lines, pk=pk, kind=Kind.ABOLISHED)
    decree = find_decree(request, line.reorganisation_id, "branches.change_reorganisation")
    try:
        remove_line(line=line, by=request.user)
    except BranchError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã bỏ dòng {line.predecessor} kết thúc hoạt động.")
    return redirect(endings_of(decree))


def endings_of(decree):
    return f"{decree.get_absolute_url()}?tab=endings"


# --- Trying it out, carrying it out, taking it back ---------------------------------------------

TABS = ("units", "decisions", "collisions")


@require_safe
def plan(request, pk):
    """What would happen, unit by unit; looking changes nothing."""
    decree = find_decree(request, pk, "branches.change_reorganisation")
    if decree.is_applied:
        messages.info(request, "Văn bản đã thực hiện, nên không còn gì để chạy thử.")
        return redirect(decree)
    found = plan_reorganisation(decree)
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else TABS[0]
    words = search_words(request)
    rows = [row for row in getattr(found, tab) if fold(words) in fold(str(row.unit))]
    context = {
        "decree": decree,
        "plan": found,
        "tally": found.total,
        "tab": tab,
        "words": words,
        "kinds": kinds_of(found),
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "reports/reorganisation_plan.html", context)


def kinds_of(plan):
    """How many old units end, how many of these leave chi hội to be placed, how many go on."""
    kinds = [unit.kind for unit in plan.units]
    goes_on = sum(kinds.count(kind) for kind in Succession.GOES_ON)
    return {"ends": len(kinds) - goes_on, "waits": kinds.count("waits"), "goes_on": goes_on}


def apply(request, pk):
    """Asks once more with what will happen; the work itself runs in the background."""
    decree = find_decree(request, pk, "branches.change_reorganisation")
    if request.method == "POST":
        return ask_run(request, decree, Step.APPLY)
    if decree.is_applied:
        messages.info(request, "Văn bản này đã thực hiện rồi.")
        return redirect(decree)
    found = plan_reorganisation(decree)
    context = {"decree": decree, "plan": found, "tally": found.total, "kinds": kinds_of(found)}
    return render(request, "reports/reorganisation_apply.html", context)


def undo(request, pk):
    decree = find_decree(request, pk, "branches.change_reorganisation")
    if request.method == "POST":
        return ask_run(request, decree, Step.UNDO)
    context = {"decree": decree, "refusals": why_not_undo(decree)}
    return render(request, "reports/reorganisation_undo.html", context)


def ask_run(request, decree, step):
    try:
        run = ask_reorganisation(
            reorganisation=decree, step=step, by=request.user, seen_version=seen_version(request)
        )
    except BranchError as error:
        messages.error(request, str(error))
        return redirect(decree)
    start_soon(run_reorganisation, run.pk)
    return redirect("reports:reorganisation_run", run.pk)


@require_safe
def run_detail(request, pk):
    run = find_run(request, pk)
    context = {"run": run, "decree": run.reorganisation}
    if run.reorganisation.is_applied:
        context["waiting"] = count_waiting(run.reorganisation.owner)
    return render(request, "reports/reorganisation_run.html", context)


@require_safe
def run_status(request, pk):
    """How far it is; once it has ended, htmx asks for the page itself."""
    run = find_run(request, pk)
    if request.htmx and not run.is_running:
        return HttpResponseClientRefresh()
    return render(request, "reports/_reorganisation_run.html", {"run": run})


def find_run(request, pk):
    runs = ReorganisationRun.objects.visible_to(request.user)
    return get_object_or_404(runs.select_related("reorganisation__owner", "asked_by"), pk=pk)
