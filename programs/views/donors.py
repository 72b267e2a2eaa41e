"""Pages of donors: whom a unit knows, and what each gave, to what."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from hoiphunu.history import history_rows
from hoiphunu.text import clean
from hoiphunu.views import require, seen_version
from programs.forms import DonorChangeForm, DonorForm
from programs.models import Donor
from programs.queries import donor_gifts, donors_matching
from programs.queries.sponsorships import donor_sponsorships
from programs.services import ProgramError, Stale, add_donor, change_donor

from .conflicts import conflict_with
from .shared import PER_PAGE


@require_safe
def donor_list(request):
    words = clean(request.GET.get("q", "")[:100])
    pages = Paginator(donors_matching(request.user, words), PER_PAGE)
    context = {
        "page_obj": pages.get_page(request.GET.get("page")),
        "words": words,
        "can_add": request.user.has_perm("programs.add_donor"),
    }
    return render(request, "programs/donor_list.html", context)


@require_safe
def donor_detail(request, pk):
    donor = visible_donor(request, pk)
    gifts, total = donor_gifts(donor, request.user)
    sponsorships, sponsored = donor_sponsorships(donor, request.user, localdate())
    context = {
        "donor": donor,
        "gifts": gifts,
        "total": total,
        "sponsorships": sponsorships,
        "sponsored": sponsored,
        "can_change": request.user.has_perm("programs.change_donor", donor),
    }
    return render(request, "programs/donor_detail.html", context)


def donor_create(request):
    require(request.user, "programs.add_donor")
    form = DonorForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        require(request.user, "programs.add_donor", form.cleaned_data["branch"])
        try:
            donor = add_donor(by=request.user, **form.cleaned_data)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi nhà tài trợ {donor}.")
            return redirect(donor)
    return render(request, "programs/donor_form.html", {"form": form})


def donor_update(request, pk):
    donor = visible_donor(request, pk)
    require(request.user, "programs.change_donor", donor)
    version, conflict = donor.version, None
    form = DonorChangeForm(request.POST or None, instance=donor)
    if request.method == "POST" and form.is_valid():
        seen = seen_version(request)
        try:
            change_donor(donor=donor, seen_version=seen, by=request.user, **form.cleaned_data)
        except Stale:
            saved = visible_donor(request, pk)
            conflict = conflict_with(saved, form, DonorChangeForm(instance=saved), seen=seen)
            if conflict is None:
                messages.success(request, "Đã lưu nhà tài trợ.")
                return redirect(donor)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu nhà tài trợ.")
            return redirect(donor)
    context = {"form": form, "donor": donor, "version": version, "conflict": conflict}
    return render(request, "programs/donor_form.html", context)


@require_safe
def donor_history(request, pk):
    donor = visible_donor(request, pk)
    context = {"donor": donor, "rows": history_rows(donor)}
    return render(request, "programs/donor_history.html", context)


def visible_donor(request, pk):
    donors = Donor.objects.visible_to(request.user).select_related("branch__level")
    return get_object_or_404(donors, pk=pk)
