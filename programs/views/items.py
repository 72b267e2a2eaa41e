"""Pages of support items, and of what a unit is helped with."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from branches.models import Branch
from branches.search import find_units
from hoiphunu.history import history_rows
from hoiphunu.text import clean, fold
from hoiphunu.views import require, seen_version
from programs.forms import ItemEndForm, ItemFilterForm, ItemPage
from programs.models import Assignment, Beneficiary, Delivery, SupportItem
from programs.queries import (
    MOST_MATCHES,
    compared_items,
    item_totals,
    may_take_part,
    sums_of,
    support_of,
    with_sums,
)
from programs.queries.beneficiaries import helped_by
from programs.queries.sponsorships import sponsored_sums
from programs.services import ProgramError, Stale, add_item, change_item, end_item

from .conflicts import BLANK, conflict_with
from .shared import PER_PAGE, sees, units_of, visible_item, visible_program, way_by_unit

MOST_ROWS = 50
# What the address of an item's page may ask of its hand-overs: those behind one sum.
ANSWERED = {"confirmed": lambda row: row.is_confirmed, "unconfirmed": lambda row: row.waits}


@require_safe
def item_list(request, slug):
    program = visible_program(request, slug)
    filters = ItemFilterForm(request.GET, program=program)
    rows = filters.apply(SupportItem.objects.visible_to(request.user).of(program)).with_units()
    page = Paginator(rows.order_by("kind__position", "pk"), PER_PAGE)
    page = page.get_page(request.GET.get("page"))
    with_sums(page.object_list, request.user)
    context = {
        "program": program,
        "filters": filters,
        "page_obj": page,
        "totals": item_totals(program, request.user),
        "can_add": may_add(request.user, program),
    }
    return render(request, "programs/item_list.html", context)


@require_safe
def item_detail(request, pk):
    item = visible_item(request, pk)
    program, user = item.program, request.user
    deliveries = list(Delivery.objects.visible_to(user).filter(item=item).with_units())
    answered = ANSWERED.get(request.GET.get("given"))
    assignments = Assignment.objects.visible_to(user)
    context = {
        "item": item,
        "crumbs": crumbs(user, item=item),
        "sees_program": sees(user, program),
        "sees_assignment": assignments.filter(pk=item.assignment_id).exists(),
        "deliveries": deliveries,
        "shown": [row for row in deliveries if answered is None or answered(row)],
        "is_narrow": answered is not None,
        "helped": helped_by(Delivery.objects.visible_to(user).filter(item=item), user),
        "compared": compared_items(program, user, item),
        "partners": partners_of(deliveries),
        "sponsored": sponsored_for(item, user),
        "sums": sums_of([], [row for row in deliveries if row.status != row.Status.CANCELLED]),
        "can_change": not item.ended_on
        and not program.is_closed
        and user.has_perm("programs.change_item", item),
        "can_record": program.is_running and user.has_perm("programs.record_delivery", item),
    }
    return render(request, "programs/item_detail.html", context)


def partners_of(deliveries):
    """Who outside the Hội got something of it."""
    counted = [row for row in deliveries if row.status != row.Status.CANCELLED]
    return list(dict.fromkeys(row.partner for row in counted if row.partner))


def sponsored_for(item, user):
    """Of an item whose kind has sponsors, what the programme's sponsors give the children at its
    places: told beside the hand-overs, never added to them."""
    if item.kind.has_sponsors:
        return sponsored_sums(item.program, user, localdate(), item.places.all())
    return None


def item_create(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.add_item", program)
    page = ItemPage(
        request.POST or None,
        program=program,
        user=request.user,
        initial=first_values(request, program),
    )
    if request.method == "POST" and page.is_valid():
        try:
            made = add_item(program=program, by=request.user, **page.wanted())
        except ProgramError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi hạng mục hỗ trợ.")
            return redirect(made)
    context = {"program": program, "page": page.settle(), "crumbs": crumbs_new(program)}
    return render(request, "programs/item_form.html", context)


def item_update(request, pk):
    item = visible_item(request, pk)
    require(request.user, "programs.change_item", item)
    way = crumbs(request.user, item=item, label="Sửa")
    page = ItemPage(request.POST or None, program=item.program, user=request.user, item=item)
    version, conflict = item.version, None
    if request.method == "POST" and page.is_valid():
        seen = seen_version(request)
        try:
            change_item(
                item=item,
                seen_version=seen,
                by=request.user,
                reason=page.form.cleaned_data["reason"],
                **page.wanted(),
            )
        except Stale:
            conflict = item_conflict(request, pk, page, seen)
            if conflict is None:
                messages.success(request, "Đã lưu hạng mục.")
                return redirect(item)
        except ProgramError as error:
            page.form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu hạng mục.")
            return redirect(item)
    context = {"program": item.program, "item": item, "page": page.settle(), "crumbs": way}
    context |= {"version": version, "conflict": conflict}
    return render(request, "programs/item_form.html", context)


def item_conflict(request, pk, page, seen):
    """With its places, which are no field of the form."""
    saved = visible_item(request, pk)
    fresh = ItemPage(program=saved.program, user=request.user, item=saved)
    places = (saved.places.all(), page.places.cleaned_data["chosen"])
    names = ("; ".join(sorted(unit.full_name for unit in units)) or BLANK for units in places)
    also = [("Nơi nhận", *names)]
    return conflict_with(saved, page.form, fresh.form, seen=seen, also=also)


def item_end(request, pk):
    item = visible_item(request, pk)
    require(request.user, "programs.change_item", item)
    form = ItemEndForm(request.POST or None, initial={"ended_on": localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            end_item(
                item=item,
                seen_version=seen_version(request),
                by=request.user,
                **form.cleaned_data,
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi thôi thực hiện hạng mục.")
            return redirect(item)
    way = crumbs(request.user, item=item, label="Thôi thực hiện")
    return render(request, "programs/item_end.html", {"item": item, "form": form, "crumbs": way})


@require_safe
def item_history(request, pk):
    item = visible_item(request, pk)
    context = {
        "item": item,
        "rows": history_rows(item),
        "crumbs": crumbs(request.user, item=item, label="Lịch sử"),
    }
    return render(request, "programs/item_history.html", context)


@require_safe
def place_search(request, slug):
    """Lines for the picker: units that the programme may help, by the words in `q`."""
    program = visible_program(request, slug)
    words = clean(request.GET.get("q", "")[:200])
    hits = find_units(may_take_part(program), words) if fold(words) else []
    context = {"words": words, "hits": hits[:MOST_MATCHES], "limit": MOST_MATCHES}
    return render(request, "branches/_choices.html", context)


@require_safe
def support_detail(request, slug):
    """Ai giúp, giúp gì, đến đâu: of one unit and those below it, as far as she may see it.

    Of a unit outside her territory, just what one of her own gives there.
    """
    branch = get_object_or_404(Branch.objects.directory(with_closed=True), slug=slug)
    is_inside = units_of(request.user).filter(pk=branch.pk).exists()
    assignments = Assignment.objects.visible_to(request.user).in_area(branch).with_units()
    items, deliveries = support_of(branch, request.user)
    count = assignments.count()
    if not (is_inside or count or items or deliveries):
        raise Http404
    records = Beneficiary.objects.visible_to(request.user).in_area(branch)
    hers = Assignment.objects.visible_to(request.user).given_by(request.user).active()
    context = {
        "branch": branch,
        "is_inside": is_inside,
        "assignments": assignments.order_by("-starts_on", "-pk")[:MOST_ROWS],
        "assignment_count": count,
        "items": with_sums(items[:MOST_ROWS], request.user),
        "item_count": len(items),
        "deliveries": deliveries[:MOST_ROWS],
        "delivery_count": len(deliveries),
        "sums": sums_of([item for item in items if not item.shared_with], deliveries),
        "helped": helped_by(
            Delivery.objects.visible_to(request.user).received_in(branch), request.user
        ),
        "records": records.order_by("code")[:MOST_ROWS],
        "record_count": records.count(),
        "sees_reports": is_inside or hers.filter(supported=branch).exists(),
    }
    return render(request, "programs/support_detail.html", context)


# --- What these pages share with those of deliveries --------------------------------------------


def crumbs(user, *, item=None, delivery=None, label=""):
    """The way up through pages that she may open: by the programme, or by the unit helped."""
    row = delivery or item
    item = delivery.item if delivery else item
    known = SupportItem.objects.visible_to(user).filter(pk=item.pk).exists()
    way = way_up(user, item, delivery)
    way += [(item.what, item.get_absolute_url())] if known else []
    if delivery:
        way.append((f"Trao ngày {delivery.given_on:%d/%m/%Y}", delivery.get_absolute_url()))
    if label:
        return [*way, (label, "")]
    return [*way[:-1], (way[-1][0], "")] if row else way


def way_up(user, item, delivery):
    program = item.program
    if sees(user, program):
        return crumbs_new(program)[:-1]
    if delivery:
        return way_by_unit(user, [delivery.place] if delivery.place else [])
    return way_by_unit(user, item.places.all())


def crumbs_new(program):
    return [
        ("Chương trình", reverse("programs:program_list")),
        (program.name, program.get_absolute_url()),
        ("Hạng mục hỗ trợ", reverse("programs:item_list", args=[program.slug])),
        ("Ghi hạng mục", ""),
    ]


def may_add(user, program):
    return not program.is_closed and user.has_perm("programs.add_item", program)


def first_values(request, program):
    """What the assignment says that the address names; once it has ended, only a gift by itself
    comes after it."""
    wanted = request.GET.get("assignment", "")
    rows = Assignment.objects.visible_to(request.user).of(program)
    row = rows.with_units().filter(pk=wanted).first() if wanted.isdecimal() else None
    if row is None or row.is_active:
        return {"assignment": row}
    return {"places": [row.supported], "giver": row.answering_branch.pk, "is_one_off": True}
