"""Pages of one contribution: what it is, its lines, and the verbs that add lines."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from hoiphunu.history import history_rows
from hoiphunu.views import require, seen_version
from programs import services
from programs.forms import (
    AllotForm,
    ContributionChangeForm,
    ContributionForm,
    CorrectForm,
    GiveForm,
    LineForm,
)
from programs.models import Contribution, Donor, Entry, SupportItem
from programs.queries import contribution_ledger, deliveries_to_choose
from programs.services import ProgramError

from .shared import visible_program

# The verbs in the order of the page: the form, its heading, what is said afterwards.
VERBS = {
    "pledge": (LineForm, "Ghi cam kết", "Đã ghi cam kết."),
    "receive": (LineForm, "Ghi tiếp nhận", "Đã ghi tiếp nhận."),
    "allot": (AllotForm, "Phân bổ cho hạng mục", "Đã phân bổ."),
    "give": (GiveForm, "Ghi đã trao", "Đã ghi số đã trao."),
}


def contribution_create(request, slug):
    program = visible_program(request, slug)
    require(request.user, "programs.add_contribution", program)
    first = {"donor": request.GET.get("donor")}
    form = ContributionForm(request.POST or None, program=program, user=request.user, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_contribution(program=program, by=request.user, **form.cleaned_data)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi nguồn lực. Chị ghi tiếp số cam kết hoặc tiếp nhận.")
            return redirect(made)
    return render(request, "programs/contribution_form.html", {"program": program, "form": form})


@require_safe
def contribution_detail(request, pk):
    contribution = visible_contribution(request, pk)
    return render(request, "programs/contribution_detail.html", page_of(request, contribution))


def contribution_update(request, pk):
    contribution = visible_contribution(request, pk)
    require(request.user, "programs.keep_ledger", contribution)
    program, version = contribution.program, contribution.version
    form = ContributionChangeForm(
        request.POST or None, instance=contribution, program=program, user=request.user
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_contribution(
                contribution=contribution,
                seen_version=seen_version(request),
                by=request.user,
                **form.cleaned_data,
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu nguồn lực.")
            return redirect(contribution)
    context = {"program": program, "form": form, "contribution": contribution, "version": version}
    return render(request, "programs/contribution_form.html", context)


@require_safe
def contribution_history(request, pk):
    contribution = visible_contribution(request, pk)
    context = {"contribution": contribution, "rows": history_rows(contribution)}
    return render(request, "programs/contribution_history.html", context)


@require_POST
def add_line(request, pk, verb):
    """One of the small forms of the page; with a mistake the page comes back as it was typed."""
    contribution = visible_contribution(request, pk)
    require(request.user, "programs.keep_ledger", contribution)
    form_class, _, said = VERBS[verb]
    choices = choices_for(request, contribution)
    form = form_class(request.POST, verb=verb, contribution=contribution, **choices)
    if form.is_valid():
        try:
            getattr(services, verb)(
                contribution=contribution,
                seen_version=seen_version(request),
                by=request.user,
                **form.wanted(),
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said)
            return redirect(contribution)
    page = page_of(request, contribution, typed={verb: form})
    return render(request, "programs/contribution_detail.html", page)


def entry_correct(request, pk):
    entry = visible_entry(request, pk)
    contribution = visible_contribution(request, entry.contribution_id)
    require(request.user, "programs.keep_ledger", contribution)
    form = CorrectForm(request.POST or None, initial={"value": entry.worth, "on": localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.correct(
                entry=entry,
                seen_version=seen_version(request),
                by=request.user,
                **form.cleaned_data,
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi dòng sửa; dòng cũ vẫn còn trong sổ.")
            return redirect(contribution)
    context = {"entry": entry, "contribution": contribution, "form": form}
    return render(request, "programs/entry_correct.html", context)


def page_of(request, contribution, typed=None):
    """What the page shows; `typed` is the form, by its verb, that could not be saved."""
    entries = Entry.objects.visible_to(request.user).filter(contribution=contribution)
    total, rows = contribution_ledger(contribution, request.user)
    can_keep = request.user.has_perm("programs.keep_ledger", contribution)
    can_write = can_keep and not contribution.program.is_closed
    known = Donor.objects.visible_to(request.user).filter(pk=contribution.donor_id)
    return {
        "contribution": contribution,
        "program": contribution.program,
        "entries": entries.with_names(),
        "total": total,
        "rows": rows,
        "named": {row.item.pk for row in rows if row.item},
        "is_donor_known": known.exists(),
        "can_write": can_write,
        "forms": small_forms(request, contribution, typed or {}) if can_write else [],
    }


def small_forms(request, contribution, typed):
    """(verb, heading, form, is it open) in the order of the page."""
    choices = choices_for(request, contribution)
    verbs = ["pledge", "allot"] if contribution.program.is_draft else VERBS
    forms = []
    for verb in verbs:
        form_class, heading, _ = VERBS[verb]
        form = typed.get(verb) or form_class(verb=verb, contribution=contribution, **choices)
        forms.append((verb, heading, form, verb in typed))
    return forms


def choices_for(request, contribution):
    items = list(SupportItem.objects.visible_to(request.user).of(contribution.program))
    return {"items": items, "deliveries": deliveries_to_choose(items, request.user)}


def visible_contribution(request, pk):
    rows = Contribution.objects.visible_to(request.user).with_units().select_related("document")
    return get_object_or_404(rows, pk=pk)


def visible_entry(request, pk):
    return get_object_or_404(Entry.objects.visible_to(request.user).with_names(), pk=pk)
