"""Pages of partners: who outside the Hội works with a unit."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView

from branches.models import Branch, Position
from hoiphunu.views import ScopedMixin, get_visible, require, seen_version
from programs.forms import PartnerForm
from programs.models import Partner
from programs.services import ProgramError, Stale, keep_partner

from .conflicts import conflict_with
from .shared import PER_PAGE


class PartnerList(ScopedMixin, ListView):
    model = Partner
    paginate_by = PER_PAGE

    def get_queryset(self):
        return super().get_queryset().select_related("branch__level").order_by("name", "pk")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(units=units_that_keep(self.request.user), **kwargs)
        for partner in context["object_list"]:
            partner.can_change = self.request.user.has_perm(
                "programs.change_partner", partner.branch
            )
        return context


def partner_create(request, slug):
    branch = get_object_or_404(Branch.objects.visible_to(request.user), slug=slug)
    return edit_partner(request, Partner(branch=branch))


def partner_update(request, pk):
    rows = Partner.objects.visible_to(request.user).select_related("branch")
    return edit_partner(request, get_object_or_404(rows, pk=pk))


def edit_partner(request, partner):
    require(request.user, "programs.change_partner", partner.branch)
    version, conflict = partner.version, None
    form = PartnerForm(request.POST or None, instance=partner)
    if request.method == "POST" and form.is_valid():
        seen = seen_version(request) if partner.pk else None
        try:
            keep_partner(partner=form.instance, seen_version=seen, by=request.user)
        except Stale:
            saved = get_visible(Partner, request.user, pk=partner.pk)
            conflict = conflict_with(saved, form, PartnerForm(instance=saved), seen=seen)
            if conflict is None:
                messages.success(request, "Đã lưu đối tác.")
                return redirect("programs:partner_list")
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu đối tác.")
            return redirect("programs:partner_list")
    context = {"partner": partner, "form": form, "version": version, "conflict": conflict}
    return render(request, "programs/partner_form.html", context)


def units_that_keep(user):
    """The units where she herself writes."""
    held = {p.branch for p in user.standing if p.role == Position.Role.OFFICER}
    return sorted(held, key=lambda branch: branch.path)
