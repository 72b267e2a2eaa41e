"""The giver's pages of an invitation: whom she asks to answer, the link and the code, the end."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST, require_safe

from hoiphunu.history import history_rows
from hoiphunu.views import require, seen_version
from programs.forms import InviteForm
from programs.models import Delivery, Invitation
from programs.services import (
    INVITED_DAYS,
    ProgramError,
    invite_guest,
    renew_code,
    withdraw_invitation,
)

from .items import crumbs
from .shared import program_crumb, visible_assignment, visible_delivery


def delivery_invite(request, pk):
    delivery = visible_delivery(request, pk)
    require(request.user, "programs.invite_guest", delivery.item)
    way = crumbs(request.user, delivery=delivery, label="Mời bên nhận xác nhận")
    return invite(request, [delivery], way, delivery)


def assignment_invite(request, pk):
    """One invitation for all that waits of what the supporter gives by this assignment."""
    assignment = visible_assignment(request, pk)
    require(request.user, "programs.invite_for_assignment", assignment)
    rows = to_confirm_of(request.user, assignment)
    way = [
        ("Chương trình", reverse("programs:program_list")),
        program_crumb(request.user, assignment.program),
        (assignment.supported.full_name.capitalize(), assignment.get_absolute_url()),
        ("Mời bên nhận xác nhận", ""),
    ]
    return invite(request, rows, way, assignment)


def to_confirm_of(user, assignment):
    """What the supporter's own unit handed over by the assignment and nobody has confirmed."""
    rows = Delivery.objects.visible_to(user).filter(
        item__assignment=assignment, item__giver=assignment.answering_branch
    )
    return list(rows.told_to_guests().to_confirm().with_units())


def invite(request, deliveries, way, back):
    """The form, and in answer to it the one page on which the code stands."""
    first = {"ends_on": localdate() + timedelta(days=INVITED_DAYS)}
    form = InviteForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            made, code = invite_guest(
                deliveries=deliveries, by=request.user, today=localdate(), **form.cleaned_data
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            return code_page(request, made, code)
    context = {"form": form, "deliveries": deliveries, "crumbs": way, "back": back}
    return render(request, "programs/invitation_form.html", context)


def code_page(request, invitation, code):
    """Answers the POST itself: the code is shown once and stands nowhere else."""
    context = {
        "invitation": invitation,
        "code": code,
        "link": link_of(request, invitation),
        "giver": giver_of(invitation),
    }
    return render(request, "programs/invitation_code.html", context)


def link_of(request, invitation):
    return request.build_absolute_uri(reverse("guest:open", args=[invitation.token]))


def giver_of(invitation):
    return invitation.deliveries.with_units().first().item.giver


def visible_invitation(request, pk):
    rows = Invitation.objects.visible_to(request.user).select_related("invited_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def invitation_detail(request, pk):
    invitation = visible_invitation(request, pk)
    deliveries = list(invitation.deliveries.with_units())
    is_open = is_open_today(invitation)
    context = {
        "invitation": invitation,
        "deliveries": deliveries,
        "is_open": is_open,
        "link": link_of(request, invitation) if is_open else "",
        "can_change": is_open and request.user.has_perm("programs.keep_invitation", invitation),
        "crumbs": crumbs(request.user, delivery=deliveries[0], label="Lời mời xác nhận"),
        "rows": history_rows(invitation),
    }
    return render(request, "programs/invitation_detail.html", context)


def is_open_today(invitation):
    rows = Invitation.objects.open_on(localdate())  # scope: of a row that was found already
    return rows.filter(pk=invitation.pk).exists()


@require_POST
def code(request, pk):
    invitation = visible_invitation(request, pk)
    require(request.user, "programs.keep_invitation", invitation)
    try:
        made, words = renew_code(
            invitation=invitation,
            seen_version=seen_version(request),
            by=request.user,
            today=localdate(),
        )
    except ProgramError as error:
        messages.error(request, str(error))
        return redirect(invitation)
    return code_page(request, made, words)


@require_POST
def withdraw(request, pk):
    invitation = visible_invitation(request, pk)
    require(request.user, "programs.keep_invitation", invitation)
    try:
        withdraw_invitation(
            invitation=invitation, seen_version=seen_version(request), by=request.user, at=now()
        )
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã rút lời mời; liên kết và mã không dùng được nữa.")
    return redirect(invitation)
