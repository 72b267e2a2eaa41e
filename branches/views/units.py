"""Pages of the organisation: the directory for all, the rest for one's own territory."""

from datetime import timedelta

from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from hoiphunu.history import history_rows
from hoiphunu.text import clean, fold
from hoiphunu.views import as_download, get_visible

from ..forms import TreeDayForm
from ..models import Branch, Department, Position, Reorganisation, StoredFile, Team
from ..queries import (
    add_heirs,
    children_then,
    open_children,
    predecessors,
    successors,
    territory_tops,
    tops_then,
    with_places,
)
from ..search import HITS, find_units

LONGEST_SEARCH = 100


@require_safe
def branch_list(request):
    """The directory's search box; below it her territory, opened level by level.

    `on` asks for the tree of a past day; `unit` begins it there, where there is no script.
    """
    words = search_words(request)
    day_form = TreeDayForm(request.GET if request.GET.get("on") else None)
    day = day_form.day
    return render(
        request,
        "branches/branch_list.html",
        {
            "words": words,
            "hits": add_heirs(hits(request, words, with_closed=True)),
            "limit": HITS,
            "day_form": TreeDayForm(initial={"on": day}) if day else day_form,
            "day": day,
            "tops": tree_of(request, day),
        },
    )


def tree_of(request, day):
    """The first two steps of the tree."""
    if slug := request.GET.get("unit"):
        top = get_visible(Branch, request.user, slug=slug)
        top.below = below_one(request.user, top, day)
        top.open_children = len(top.below)
        return [top]
    if day:
        return tops_then(request.user, day)
    tops = list(territory_tops(request.user))
    below = open_children(tops)
    for top in tops:
        top.below = below[top.pk]
    return tops


def below_one(user, branch, day):
    below = children_then([branch], user, day) if day else open_children([branch])
    return below[branch.pk]


@require_safe
def branch_search(request):
    """Units that the words in `q` mean, as a part of a page or as JSON.

    `level` (a code, may be repeated) keeps units of these levels; `mine` keeps those of her
    territory, `administered` where she gives positions; `pick` gives lines for
    `components/picker.html`. Asked with `Accept: application/json` it answers
    [{"id": …, "name": …, "place": …}]. Closed units are in the directory alone: nothing new is
    chosen for them.
    """
    words = search_words(request)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse([as_choice(unit) for unit in hits(request, words)], safe=False)
    if "pick" in request.GET:
        part, found = "_choices", hits(request, words)
    else:
        part, found = "_hits", add_heirs(hits(request, words, with_closed=True))
    return render(request, f"branches/{part}.html", {"words": words, "hits": found, "limit": HITS})


@require_safe
def branch_children(request, slug):
    """The units directly below one of her territory, now or on the day `on`: a part of the tree."""
    branch = get_visible(Branch, request.user, slug=slug)
    day = TreeDayForm(request.GET).day
    units = below_one(request.user, branch, day)
    return render(request, "branches/_tree.html", {"units": units, "day": day})


@require_safe
def branch_detail(request, slug):
    """What the directory tells anyone; people, teams and figures in her territory only."""
    everyone = Branch.objects.directory(with_closed=True).select_related("parent__level")
    branch = get_object_or_404(everyone, slug=slug)
    with_places([branch])
    add_heirs([branch])
    context = {
        "branch": branch,
        "spans": spans_of(branch),
        "aliases": branch.aliases.all(),
        "predecessors": list(predecessors(branch)),
        "successors": list(successors(branch)),
    }
    lines = context["predecessors"] + context["successors"]
    decrees = {span.decree_id for span in context["spans"]}
    decrees |= {line.reorganisation_id for line in lines}
    context["readable_decrees"] = readable_decrees(request.user, decrees)
    if Branch.objects.visible_to(request.user).filter(pk=branch.pk).exists():
        context |= inside(request.user, branch)
    return render(request, "branches/branch_detail.html", context)


def spans_of(branch):
    """What it was called and where it stood, newest first; "đến" is the last such day."""
    spans = list(branch.spans.directory().order_by("-starts_on"))
    for span in spans:
        span.last_day = span.ends_on and span.ends_on - timedelta(days=1)
    return spans


def readable_decrees(user, ids):
    """Those of the decrees whose own page she may open."""
    visible = Reorganisation.objects.visible_to(user).filter(pk__in=ids - {None})
    return set(visible.values_list("pk", flat=True)) if ids - {None} else set()


@require_safe
def branch_history(request, slug):
    branch = get_visible(Branch, request.user, slug=slug)
    spans = spans_of(branch)
    return render(
        request,
        "branches/branch_history.html",
        {
            "branch": branch,
            "rows": history_rows(branch),
            "spans": spans,
            "readable_decrees": readable_decrees(request.user, {s.decree_id for s in spans}),
        },
    )


@require_safe
def file_download(request, pk):
    return as_download(get_visible(StoredFile, request.user, pk=pk))


def inside(user, branch):
    """What only those whose territory holds the unit may read."""
    children = Branch.objects.visible_to(user).filter(parent=branch)
    return {
        "is_inside": True,
        "positions": Position.objects.visible_to(user)
        .filter(branch=branch)
        .in_force(localdate())
        .select_related("user"),
        "teams": Team.objects.visible_to(user)
        .filter(branch=branch, closed_on=None)
        .select_related("area"),
        "teams_in_charge": Team.objects.directory().filter(area=branch),
        "departments": Department.objects.visible_to(user).filter(branch=branch, closed_on=None),
        "children": children.filter(closed_on=None).select_related("level").with_open_children(),
        "closed_children": children.exclude(closed_on=None)
        .select_related("level")
        .with_open_children(),
        "can_change": user.has_perm("branches.change_branch", branch),
    }


def search_words(request):
    return clean(request.GET.get("q", "")[:LONGEST_SEARCH])


def hits(request, words, *, with_closed=False):
    if not fold(words):
        return []
    units = Branch.objects.directory(with_closed=with_closed)
    if "mine" in request.GET:
        units = units.visible_to(request.user)
    if "administered" in request.GET:  # where she gives positions; some wait to be placed
        units = Branch.objects.directory(with_closed=True).staffed()
        units, with_closed = units.administered_by(request.user), True
    return find_units(units, words, request.GET.getlist("level"), with_closed=with_closed)


def as_choice(unit):
    place = " › ".join(above.full_name for above in unit.place)
    return {"id": unit.pk, "name": unit.full_name, "place": place}
