"""How the pages find their rows: among those that this person may see, or 404."""

from django.shortcuts import get_object_or_404

from branches.models import Branch
from programs.models import Assignment, Delivery, Program, SupportItem

PER_PAGE = 50


def visible_program(request, slug):
    rows = Program.objects.visible_to(request.user).select_related("owner__level")
    return get_object_or_404(rows, slug=slug)


def visible_assignment(request, pk):
    rows = Assignment.objects.visible_to(request.user).with_units()
    return get_object_or_404(rows, pk=pk)


def visible_item(request, pk):
    return get_object_or_404(SupportItem.objects.visible_to(request.user).with_units(), pk=pk)


def visible_delivery(request, pk):
    return get_object_or_404(Delivery.objects.visible_to(request.user).with_units(), pk=pk)


def units_of(user):
    return Branch.objects.visible_to(user).select_related("level")


def may_assign(user, program):
    return program.is_running and user.has_perm("programs.add_assignment", program)
