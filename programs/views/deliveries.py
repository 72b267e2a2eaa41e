"""Pages of hand-overs: the giver records them, the receiver says whether it is so."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST, require_safe

from hoiphunu.history import history_rows
from hoiphunu.views import require, seen_version
from programs.forms import DeliveryForm, MinutesForm, ReasonForm
from programs.forms.recipients import RecipientsForm
from programs.models import Beneficiary, Delivery, DeliveryFile, Invitation, Recipient
from programs.queries.beneficiaries import helped_by
from programs.services import (
    ProgramError,
    attach_minutes,
    cancel_delivery,
    confirm_delivery,
    dispute_delivery,
    name_recipients,
    record_delivery,
)

from .items import crumbs
from .shared import sees, visible_delivery, visible_item

Status = Delivery.Status
GUEST_MARK = " – khách mời: "  # see services.support.keep_answer


def delivery_create(request, pk):
    item = visible_item(request, pk)
    require(request.user, "programs.record_delivery", item)
    first = {"given_on": localdate()}
    form = DeliveryForm(
        request.POST or None, request.FILES or None, item=item, user=request.user, initial=first
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = record_delivery(item=item, by=request.user, **form.cleaned_data)
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said_of(made))
            return redirect(made)
    way = crumbs(request.user, item=item, label="Ghi trao tặng")
    return render(
        request, "programs/delivery_form.html", {"item": item, "form": form, "crumbs": way}
    )


def said_of(delivery):
    if delivery.is_confirmed:
        return "Đã ghi trao tặng, xác nhận bằng biên bản."
    if delivery.partner:
        return f"Đã ghi trao tặng. Khi có biên bản {delivery.partner} đã ký, chị kèm vào trang này."
    return f"Đã ghi trao tặng. {delivery.place.office_name} vào trang này để xác nhận."


@require_safe
def delivery_detail(request, pk):
    delivery = visible_delivery(request, pk)
    user, item = request.user, delivery.item
    stands = delivery.status != Status.CANCELLED  # and is answered though the programme is closed
    gives = stands and user.has_perm("programs.record_delivery", item)
    answers = stands and user.has_perm("programs.answer_delivery", delivery)
    files = DeliveryFile.objects.visible_to(user).filter(delivery=delivery)
    files = list(files.select_related("file"))
    way = crumbs(user, delivery=delivery)
    invitations = Invitation.objects.visible_to(user).filter(deliveries=delivery)
    context = {
        "delivery": delivery,
        "item": item,
        "crumbs": way,
        "sees_program": sees(user, item.program),
        "sees_item": item.get_absolute_url() in [url for _, url in way],
        "photos": [row for row in files if row.kind == row.Kind.PHOTO],
        "minutes": [row for row in files if row.kind == row.Kind.MINUTES],
        "rows": told_history(delivery),
        "can_confirm": answers and delivery.status != Status.CONFIRMED,
        "can_dispute": answers and delivery.status != Status.DISPUTED,
        "can_attach": gives,
        "can_invite": gives
        and delivery.status != Status.CONFIRMED
        and item.program.status != item.program.Status.CANCELLED,
        "invitations": with_states(invitations, localdate()),
        "can_name": stands and user.has_perm("programs.name_recipients", delivery),
        "persons": helped_by(Delivery.objects.visible_to(user).filter(pk=pk), user).persons,
        "recipients": recipients_of(delivery, user),
        "can_cancel": gives and not item.program.is_closed and delivery.status != Status.CONFIRMED,
    }
    return render(request, "programs/delivery_detail.html", context)


def told_history(delivery):
    """A guest has no account, so her answer has no name but the one in its reason."""
    rows = history_rows(delivery)
    for row in rows:
        if row["by"] is None and GUEST_MARK in (row["reason"] or ""):
            row["by"] = "Khách mời"
    return rows


def with_states(invitations, day):
    """The list, each with `is_open`."""
    invitations = list(invitations)
    opened = Invitation.objects.open_on(day)  # scope: only which of those found already are open
    opened = set(opened.filter(pk__in=[row.pk for row in invitations]).values_list("pk", flat=True))
    for row in invitations:
        row.is_open = row.pk in opened
    return invitations


def recipients_of(delivery, user):
    """Those whose record she may open, by their codes."""
    rows = Recipient.objects.visible_to(user).filter(delivery=delivery)
    return rows.select_related("beneficiary__branch__level", "recorded_by")


def recipients(request, pk):
    """Ticks who of the register received it, among the records of her own territory."""
    delivery = visible_delivery(request, pk)
    require(request.user, "programs.name_recipients", delivery)
    standing = [row.beneficiary_id for row in recipients_of(delivery, request.user)]
    records = records_to_name(delivery, request.user, standing)
    form = RecipientsForm(request.POST or None, records=records, standing=standing)
    if request.method == "POST" and form.is_valid():
        try:
            name_recipients(
                delivery=delivery,
                seen_version=seen_version(request),
                chosen=form.cleaned_data["recipients"],
                among=records,
                by=request.user,
            )
        except ProgramError as error:
            form.add_error("recipients", str(error))
        else:
            messages.success(request, "Đã ghi người nhận.")
            return redirect(delivery)
    way = crumbs(request.user, delivery=delivery, label="Người nhận trong danh sách")
    context = {"delivery": delivery, "form": form, "records": records, "crumbs": way}
    return render(request, "programs/delivery_recipients.html", context)


def records_to_name(delivery, user, standing):
    """Records that may be ticked, and those that are, though their consent was taken back since."""
    hers = Beneficiary.objects.visible_to(user).of(delivery.item.program)
    may = hers.standing().agreed().in_reach_of(delivery.place)
    rows = hers.filter(pk__in=standing) | hers.filter(pk__in=may.values("pk"))
    return list(rows.select_related("branch__level").order_by("code"))


@require_POST
def confirm(request, pk):
    delivery = visible_delivery(request, pk)
    require(request.user, "programs.answer_delivery", delivery)
    try:
        confirm_delivery(
            delivery=delivery, seen_version=seen_version(request), by=request.user, at=now()
        )
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã xác nhận. Cảm ơn chị.")
    return redirect(delivery)


def dispute(request, pk):
    delivery = visible_delivery(request, pk)
    require(request.user, "programs.answer_delivery", delivery)

    def verb(**said):
        dispute_delivery(at=now(), **said)
        messages.success(request, "Đã báo chưa đúng. Bên trao sẽ thấy lời của chị.")

    words = {
        "title": "Báo chưa đúng",
        "lead": "Chị ghi chỗ nào chưa đúng: số lượng, ngày, nơi nhận, hay chưa nhận được.",
        "reason_label": "Chỗ chưa đúng",
        "submit_label": "Báo chưa đúng",
    }
    return with_reason(request, delivery, verb, words)


def cancel(request, pk):
    delivery = visible_delivery(request, pk)
    require(request.user, "programs.record_delivery", delivery.item)

    def verb(**said):
        cancel_delivery(**said)
        messages.success(request, "Đã hủy lần trao này; nó không còn được tính.")

    words = {
        "title": "Hủy lần trao",
        "lead": "Chỉ hủy khi ghi nhầm. Lần trao vẫn còn trong lịch sử nhưng không được tính nữa.",
        "reason_label": "Lý do hủy",
        "submit_label": "Hủy lần trao",
    }
    return with_reason(request, delivery, verb, words)


def with_reason(request, delivery, verb, words):
    """Asks once more, with the words that the other side will read."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verb(
                delivery=delivery,
                seen_version=seen_version(request),
                by=request.user,
                reason=form.cleaned_data["reason"],
            )
        except ProgramError as error:
            form.add_error("reason", str(error))
        else:
            return redirect(delivery)
    way = crumbs(request.user, delivery=delivery, label=words["title"])
    context = {"delivery": delivery, "form": form, "crumbs": way} | words
    return render(request, "programs/delivery_reason.html", context)


def minutes(request, pk):
    delivery = visible_delivery(request, pk)
    require(request.user, "programs.record_delivery", delivery.item)
    form = MinutesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            attach_minutes(
                delivery=delivery,
                seen_version=seen_version(request),
                by=request.user,
                minutes=form.cleaned_data["minutes"],
            )
        except ProgramError as error:
            form.add_error("minutes", str(error))
        else:
            messages.success(request, "Đã kèm biên bản.")
            return redirect(delivery)
    way = crumbs(request.user, delivery=delivery, label="Kèm biên bản")
    context = {"delivery": delivery, "form": form, "crumbs": way}
    return render(request, "programs/delivery_minutes.html", context)


@require_safe
def delivery_file(request, pk):
    """To whoever sees the delivery: pictures, which we drew ourselves, shown; papers to save."""
    rows = DeliveryFile.objects.visible_to(request.user).select_related("file")
    stored = get_object_or_404(rows, pk=pk).file
    response = file_response(stored, stored.name)
    response["Cache-Control"] = "private"
    return response


def file_response(stored, name):
    try:
        content = stored.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content,
        as_attachment=stored.content_type != "image/jpeg",
        filename=name,
        content_type=stored.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
