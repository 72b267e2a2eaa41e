"""The work list: chi hội of divided units that nobody has placed yet."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render

from branches.decrees import waiting_by_unit, waiting_units
from branches.models import Branch
from branches.services import BranchError
from hoiphunu.views import require
from reports.reorganisation import place_chi_hoi

UNITS_ON_A_PAGE = 10


@dataclass(frozen=True)
class DividedUnit:
    """A divided unit on the page: its chi hội still to be placed and where they may go."""

    unit: Branch
    choices: list
    chi_hoi: list
    province: Branch
    may_place: bool


def waiting_list(request, slug):
    """The divided units at or below this unit, each with its chi hội and where they may go."""
    branches = Branch.objects.visible_to(request.user).select_related("level", "parent")
    branch = get_object_or_404(branches, slug=slug)
    if request.method == "POST":
        return place(request, branch)
    found = waiting_by_unit(branch)
    page = Paginator(found, UNITS_ON_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = divided_units(request.user, branch, page)
    context = {
        "branch": branch,
        "page_obj": page,
        "divided": len(found),
        "left": sum(row.count for row in found),
    }
    return render(request, "reports/waiting_list.html", context)


def divided_units(user, branch, rows):
    below = {row.unit.pk: [] for row in rows}
    for unit in waiting_units(branch).filter(parent__in=below).order_by("sort_key", "pk"):
        below[unit.parent_id].append(unit)
    provinces = Branch.objects.directory().in_bulk({province_id(row.unit) for row in rows})
    may_place = {
        pk: user.has_perm("branches.place_units", province) for pk, province in provinces.items()
    }
    return [
        DividedUnit(
            unit=row.unit,
            choices=row.choices,
            chi_hoi=below[row.unit.pk],
            province=provinces[province_id(row.unit)],
            may_place=may_place[province_id(row.unit)],
        )
        for row in rows
    ]


def province_id(unit):
    """A divided unit stands under the marked row of its province."""
    return unit.ancestor_ids[-2]


def place(request, branch):
    rows = waiting_by_unit(branch)
    asked = {"unit": request.POST.get("unit", ""), "to": request.POST.get("to", "")}
    row = next((row for row in rows if str(row.unit.pk) == asked["unit"]), None)
    if row is None:
        messages.error(request, "Đơn vị này không còn chi hội nào chờ xếp.")
        return redirect(request.get_full_path())
    divided = divided_units(request.user, branch, [row])[0]
    require(request.user, "branches.place_units", divided.province)
    target = next((c.branch for c in row.choices if str(c.branch.pk) == asked["to"]), None)
    ids = set(request.POST.getlist("chi_hoi"))
    chosen = [u for u in divided.chi_hoi if "all" in request.POST or str(u.pk) in ids]
    if target is None or not chosen:
        messages.error(request, "Chưa xếp gì: chị đánh dấu chi hội rồi bấm nơi chuyển đến.")
        return redirect(request.get_full_path())
    try:
        count = place_chi_hoi(units=chosen, successor_branch=target, by=request.user)
    except BranchError as error:
        messages.error(request, str(error))
    else:
        left = sum(r.count for r in rows) - count
        rest = f"Còn {left} chi hội chưa phân địa bàn." if left else "Đã xếp xong tất cả."
        messages.success(request, f"Đã xếp {count} chi hội về {target}. {rest}")
    return redirect(request.get_full_path())
