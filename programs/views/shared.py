"""How the pages find their rows: among those that this person may see, or 404."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from branches.models import Branch
from programs.models import Assignment, Delivery, Program, SupportItem
from programs.services import ProgramError

PER_PAGE = 50


def as_id(text):
    """The row that the address names; 0 is none, and so is what no database counts up to."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def visible_program(request, slug):
    rows = Program.objects.visible_to(request.user).select_related("owner__level")
    return get_object_or_404(rows, slug=slug)


def reached_program(request, slug):
    """Also one from outside that helps her territory: her unit keeps the records of its people."""
    rows = Program.objects.reaching(request.user)  # scope: visible ones, and those that help her
    rows = rows.select_related("owner__level")
    return get_object_or_404(rows, slug=slug)


def program_crumb(user, program):
    """Its name for the way back up, with its address where she may go there."""
    return program.full_name, program.get_absolute_url() if sees(user, program) else ""


def visible_assignment(request, pk):
    rows = Assignment.objects.visible_to(request.user).with_units()
    return get_object_or_404(rows, pk=pk)


def visible_item(request, pk):
    return get_object_or_404(SupportItem.objects.visible_to(request.user).with_units(), pk=pk)


def visible_delivery(request, pk):
    return get_object_or_404(Delivery.objects.visible_to(request.user).with_units(), pk=pk)


def units_of(user):
    return Branch.objects.visible_to(user).select_related("level")


def sees(user, program):
    """May she open the programme's own page? Who is helped from another province may not."""
    return Program.objects.visible_to(user).filter(pk=program.pk).exists()


def way_by_unit(user, places):
    """The way up for her who may not open the programme: to the help of a unit of her own."""
    hers = [place for place in places if any(map(place.path.startswith, user.branch_paths()))]
    way = [("Đơn vị", reverse("branches:branch_list"))]
    if hers:
        support = reverse("programs:support_detail", args=[hers[0].slug])
        way.append((f"Hỗ trợ {hers[0].full_name}", support))
    return way


def may_assign(user, program):
    helps_units = program.is_running and program.supported_level_id is not None
    return helps_units and user.has_perm("programs.add_assignment", program)


def form_page(request, *, form, save, done, row, version=None, **words):
    """A form about `row`: `save` gets what was typed; back to the row when it is kept.

    `words` are what the page says: heading, crumbs, submit, and perhaps note and tone.
    """
    if request.method == "POST" and form.is_valid():
        try:
            save(form.cleaned_data)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return redirect(row)
    context = words | {"form": form, "row": row, "version": version}
    return render(request, "programs/one_form.html", context)
