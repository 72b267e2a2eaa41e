"""Pages of a programme's ledger: its sums, the lines behind each, and the workbook."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from programs.exporters import XLSX, ledger_workbook
from programs.models import Entry, SupportItem
from programs.queries import compared_items, entry_sums, ledger

from .shared import PER_PAGE, as_id, visible_program


@require_safe
def ledger_detail(request, slug):
    program = visible_program(request, slug)
    context = {
        "program": program,
        "ledger": ledger(program, request.user),
        "compared": compared_items(program, request.user),
        "by_item": request.GET.get("by") == "item",
        "can_add": may_add(request.user, program),
    }
    return render(request, "programs/ledger_detail.html", context)


@require_safe
def ledger_entries(request, slug):
    """The lines behind one number: of a kind or two, of a donor, of an item."""
    program = visible_program(request, slug)
    seen = SupportItem.objects.visible_to(request.user).of(program)
    lines = narrowed(Entry.objects.visible_to(request.user).of(program), request.GET, seen)
    context = {
        "program": program,
        "sums": entry_sums(lines),
        "page_obj": Paginator(lines.with_names(), PER_PAGE).get_page(request.GET.get("page")),
        "named": set(seen.values_list("pk", flat=True)),
    }
    return render(request, "programs/ledger_entries.html", context)


@require_safe
def ledger_export(request, slug):
    """Made on the spot: it has a row for a donor and for an item, not for a line."""
    program, user = visible_program(request, slug), request.user
    content = ledger_workbook(
        program, ledger(program, user), compared_items(program, user), asked_by=user
    )
    name = f"so-nguon-luc-{program.slug}.xlsx"
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def narrowed(entries, asked, seen):
    """The lines that the address asks for; what cannot be read there finds nothing."""
    if kinds := asked.getlist("kind"):
        entries = entries.filter(kind__in=kinds)
    if donor := asked.get("donor"):
        entries = entries.filter(contribution__donor=as_id(donor))
    item = asked.get("item")
    if item == "none":
        return entries.filter(item=None)
    if item == "others":
        return entries.exclude(item=None).exclude(item__in=seen)
    return entries.filter(item=as_id(item)) if item else entries


def may_add(user, program):
    return not program.is_closed and user.has_perm("programs.add_contribution", program)
