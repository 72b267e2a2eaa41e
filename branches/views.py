"""Pages of the organisation: the directory for all, the rest for one's own territory."""

from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from hoiphunu.history import history_rows
from hoiphunu.text import clean, fold
from hoiphunu.views import get_visible

from .models import Branch, Position, StoredFile, Team
from .queries import HITS, find_units, open_children, territory_tops

LONGEST_SEARCH = 100


@require_safe
def branch_list(request):
    """The directory's search box; below it her territory, opened level by level."""
    words = search_words(request)
    tops = list(territory_tops(request.user))
    below = open_children(tops)
    for top in tops:
        top.below = below[top.pk]
    return render(
        request,
        "branches/branch_list.html",
        {"words": words, "hits": hits(request, words), "limit": HITS, "tops": tops},
    )


@require_safe
def branch_search(request):
    """Units that the words in `q` mean, as a part of a page or as JSON.

    `level` (a code, may be repeated) keeps units of these levels; `mine` keeps those of her
    territory; `pick` gives lines for `components/picker.html`. Asked with
    `Accept: application/json` it answers [{"id": …, "name": …, "place": …}].
    """
    words = search_words(request)
    found = hits(request, words)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse([as_choice(unit) for unit in found], safe=False)
    part = "_choices" if "pick" in request.GET else "_hits"
    return render(
        request,
        f"branches/{part}.html",
        {"words": words, "hits": found, "limit": HITS},
    )


@require_safe
def branch_children(request, slug):
    """The units directly below one of her territory: a part of the tree."""
    branch = get_visible(Branch, request.user, slug=slug)
    return render(request, "branches/_tree.html", {"units": open_children([branch])[branch.pk]})


@require_safe
def branch_detail(request, slug):
    """What the directory tells anyone; people, teams and figures in her territory only."""
    everyone = Branch.objects.all()  # scope: the directory; closed units stay readable in it
    branch = get_object_or_404(everyone.select_related("level", "parent__level"), slug=slug)
    context = {"branch": branch, "place": list(branch.ancestors())}
    if Branch.objects.visible_to(request.user).filter(pk=branch.pk).exists():
        context |= inside(request.user, branch)
    return render(request, "branches/branch_detail.html", context)


@require_safe
def branch_history(request, slug):
    branch = get_visible(Branch, request.user, slug=slug)
    return render(
        request,
        "branches/branch_history.html",
        {"branch": branch, "rows": history_rows(branch)},
    )


@require_safe
def file_download(request, pk):
    """A stored file, always to be saved and never shown: it was made by somebody else."""
    stored = get_visible(StoredFile, request.user, pk=pk)
    try:
        content = stored.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=stored.name, content_type=stored.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


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
        "children": children.filter(closed_on=None).select_related("level").with_open_children(),
        "closed_children": children.exclude(closed_on=None).select_related("level"),
        "can_change": user.has_perm("branches.change_branch", branch),
    }


def search_words(request):
    return clean(request.GET.get("q", "")[:LONGEST_SEARCH])


def hits(request, words):
    if not fold(words):
        return []
    if "mine" in request.GET:
        units = Branch.objects.visible_to(request.user).filter(closed_on=None)
    else:
        units = Branch.objects.directory()
    return find_units(units, words, request.GET.getlist("level"))


def as_choice(unit):
    place = " › ".join(above.full_name for above in unit.place)
    return {"id": unit.pk, "name": unit.full_name, "place": place}
