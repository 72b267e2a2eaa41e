"""Verbs on support: what is to be given and where, what was handed over, what the receiver says."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, Sum

from branches.services.files import store_file
from programs.models import (
    Assignment,
    Beneficiary,
    Consent,
    Delivery,
    DeliveryFile,
    Invitation,
    PhotoPerson,
    SupportItem,
)
from programs.models.support import guest_words

from .photos import clean_minutes, clean_photo
from .shared import (
    ProgramError,
    hold,
    keep,
    keep_changes,
    refuse_closed,
    require_reason,
    take_version,
)

MOST_FILES = 10  # of one hand-over, at a time
Kind = DeliveryFile.Kind
Status = Delivery.Status


@dataclass(frozen=True)
class Guest:
    """Who answers without an account, as she wrote it, and the invitation that she holds."""

    invitation: Invitation
    name: str
    office: str

    def __str__(self):
        return guest_words(self.name, self.office, self.invitation)


@transaction.atomic
def add_item(*, program, by, places=(), reason="ghi hạng mục", **fields):
    """The giver means to give this, at these places; `fields` are SupportItem's own.

    Without an assignment it is help given on its own; without places nobody has said yet where,
    and it can be handed over to partners only.
    """
    item = SupportItem(program=hold(program), **fields)
    refuse_closed(item.program)
    check_item(item, places)
    keep(item, by, reason)
    set_places(item, places)
    return item


@transaction.atomic
def change_item(*, item, seen_version, by, reason="", places=None, **fields):
    """Change an item that still stands; without `places` they stay as they are."""
    item = take_version(item, seen_version)
    refuse_closed(item.program)
    refuse_given_up(item)
    standing = list(item.places.all())
    places = standing if places is None else places
    if item.is_one_off and not fields.get("is_one_off", True):
        standing = []  # where only one gift could go is asked anew
    for name, value in fields.items():
        setattr(item, name, value)
    check_item(item, places, standing)
    refuse_forgotten(item, places)
    keep(item, by, reason)
    set_places(item, places)
    return item


@transaction.atomic
def end_item(*, item, seen_version, ended_on, reason, by):
    """It will not be given, or no more of it; what was handed over stays."""
    item = take_version(item, seen_version)
    refuse_closed(item.program)
    refuse_given_up(item)
    require_reason(reason)
    keep_changes(item, {"ended_on": ended_on, "end_reason": reason}, by, reason)
    return item


@transaction.atomic
def record_delivery(
    *, item, given_on, by, place=None, partner=None, photos=(), minutes=(), shown=(), **fields
):
    """The giver has handed something over; it waits for the receiver, unless signed minutes
    are attached.

    Received at one of the item's places or, where it has none, by a partner outside the Hội.
    `photos` and `minutes` are files as the browser sent them; `shown` are the records of whom one
    sees in the photos, each with her consent to that; `fields`: quantity, value, people, note.
    """
    program = hold(item.program)
    if not program.is_running:
        raise ProgramError(
            f"Chương trình {program.get_status_display().lower()} nên chưa ghi trao tặng được."
        )
    item = SupportItem.objects.get(pk=item.pk)
    check_receiver(item, place, partner)
    check_delivery_day(item, program, given_on)
    refuse_unagreed(program, shown)
    files = cleaned_files(photos, minutes)
    delivery = Delivery(
        item=item, place=place, partner=partner, given_on=given_on, recorded_by=by, **fields
    )
    delivery.status = Status.BY_MINUTES if minutes else Status.UNCONFIRMED
    keep(delivery, by, "ghi trao tặng")
    attach(delivery, files, by)
    PhotoPerson.objects.bulk_create(
        PhotoPerson(photo=photo, beneficiary=record)
        for photo in delivery.files.filter(kind=Kind.PHOTO)
        for record in shown
    )
    return delivery


@transaction.atomic
def confirm_delivery(*, delivery, seen_version, by, at, answer=""):
    """The receiving side has got it as written; it may say so after a complaint, too.

    `by` is an officer, or a Guest. Like the other answers it comes after the programme has closed
    as well: what was handed over in its last days waits for the receiver all the same.
    """
    delivery = take_delivery(delivery, seen_version)
    if delivery.status == Status.CONFIRMED:
        raise ProgramError("Lần trao này đã được xác nhận rồi.")
    keep_answer(delivery, Status.CONFIRMED, answer, by, at, "bên nhận xác nhận")
    return delivery


@transaction.atomic
def dispute_delivery(*, delivery, seen_version, by, at, reason):
    """The receiving side says what is wrong, even after minutes or after its own yes; `by` is an
    officer, or a Guest."""
    delivery = take_delivery(delivery, seen_version)
    require_reason(reason)
    keep_answer(delivery, Status.DISPUTED, reason, by, at, "bên nhận báo chưa đúng")
    return delivery


@transaction.atomic
def attach_minutes(*, delivery, seen_version, minutes, by):
    """Signed minutes confirm what nobody has answered; they don't overrule an answer."""
    delivery = take_delivery(delivery, seen_version)
    if not minutes:
        raise ProgramError("Chị chọn tệp biên bản.")
    attach(delivery, cleaned_files((), minutes), by)
    if delivery.status == Status.UNCONFIRMED:
        keep_changes(delivery, {"status": Status.BY_MINUTES}, by, "kèm biên bản có chữ ký")
    return delivery


@transaction.atomic
def cancel_delivery(*, delivery, seen_version, by, reason):
    """The giver takes back what was written by mistake; the row stays and counts nowhere."""
    delivery = take_delivery(delivery, seen_version)
    refuse_closed(delivery.item.program)
    require_reason(reason)
    if delivery.status == Status.CONFIRMED:
        raise ProgramError(
            "Bên nhận đã xác nhận nên không hủy được. Nếu ghi sai, bên nhận báo chưa đúng trước."
        )
    worth = delivery.entries.aggregate(total=Sum("value"))["total"]
    if worth or delivery.entries.unvalued().exists():
        raise ProgramError("Lần trao này đã vào sổ nguồn lực. Chị ghi dòng sửa ở sổ trước.")
    keep_changes(delivery, {"status": Status.CANCELLED, "answer": reason}, by, "hủy lần trao")
    return delivery


# --- What an item must be ----------------------------------------------------------------------


def check_item(item, places, standing=()):
    """`standing` places stay, whatever became of them since."""
    program = item.program
    if not program.contains(item.giver):
        raise ProgramError(f"{item.giver.full_name} không thuộc {program.owner.office_name}.")
    for place in places:
        if place not in standing:
            check_place(place, program, is_one_off=item.is_one_off)
    refuse_nested(places)
    if not item.is_one_off:
        refuse_ended_help(item, [place for place in places if place not in standing])
    if item.assignment_id and not all(item.assignment.supported.contains(p) for p in places):
        raise ProgramError(
            f"Phân công đã chọn là giúp {item.assignment.supported.full_name}: "
            "nơi nhận phải là đơn vị ấy hoặc thuộc đơn vị ấy. Chị sửa nơi nhận, hoặc bỏ phân công."
        )


def check_place(place, program, *, is_one_off):
    """The unit takes part: below the owner, or anywhere when the programme reaches out."""
    if place.level.is_unplaced:
        raise ProgramError(f"{place.full_name} là hàng chưa phân địa bàn, không nhận được gì.")
    if not program.reaches_out and not program.contains(place):
        raise ProgramError(
            f"{place.full_name} không thuộc {program.owner.office_name}, "
            "và chương trình chỉ giúp đơn vị trong địa bàn."
        )
    if place.closed_on and not (is_one_off and place.closed_on >= program.starts_on):
        raise ProgramError(
            f"{place.full_name} đã kết thúc hoạt động. Chị chọn đơn vị kế thừa; chỉ hỗ trợ một "
            "lần mới ghi cho đơn vị vừa kết thúc."
        )


def refuse_ended_help(item, places):
    """A giver that has ended its help to a unit gives it something once, and no more as before."""
    hers = Assignment.objects.of(item.program).filter(
        Q(supporter_branch=item.giver) | Q(supporter_team__branch=item.giver)
    )
    for place in places:
        helping = hers.filter(supported__in=[*place.ancestor_ids, place.pk])
        last = helping.order_by("ends_on").last()
        if last and not helping.active().exists():
            raise ProgramError(
                f"{item.giver.office_name} đã kết thúc phân công giúp {last.supported.full_name} "
                f"ngày {last.ends_on:%d/%m/%Y}. Nếu chỉ trao thêm một lần, chị chọn “Hỗ trợ một "
                "lần”; nếu giúp tiếp, chị ghi phân công mới trước."
            )


def refuse_nested(places):
    for one in places:
        for other in places:
            if one != other and one.contains(other):
                raise ProgramError(
                    f"{other.full_name} đã nằm trong {one.full_name}; chị chỉ ghi một nơi."
                )


def refuse_forgotten(item, places):
    """Where something was handed over stays among the places; what partners got stays theirs."""
    for delivery in item.deliveries.counted().select_related("place", "partner"):
        if delivery.partner and places:
            raise ProgramError(
                f"Đã ghi trao cho {delivery.partner}, nên hạng mục này không ghi nơi nhận được. "
                "Chị ghi hạng mục khác cho nơi nhận ấy, hoặc hủy lần trao trước."
            )
        if delivery.place and not any(place.contains(delivery.place) for place in places):
            raise ProgramError(
                f"Đã ghi trao tại {delivery.place.full_name}; chị giữ nơi nhận này, hoặc hủy lần "
                "trao ấy trước."
            )


def set_places(item, places):
    if {place.pk for place in places} != set(item.places.values_list("pk", flat=True)):
        item.places.set(places)


def refuse_given_up(item):
    if item.ended_on:
        raise ProgramError("Hạng mục này đã thôi thực hiện nên không sửa được nữa.")


# --- What a delivery must be -------------------------------------------------------------------


def check_receiver(item, place, partner):
    if (place is None) == (partner is None):
        raise ProgramError("Chị chọn một nơi nhận, hoặc một đối tác nhận.")
    places = list(item.places.all())
    if partner:
        check_partner(item, partner, places)
    elif not places:
        raise ProgramError("Hạng mục chưa ghi nơi nhận. Chị sửa hạng mục, ghi nơi nhận trước.")
    elif not any(known.contains(place) for known in places):
        names = ", ".join(known.full_name for known in places)
        raise ProgramError(f"{place.full_name} không nằm trong nơi nhận của hạng mục: {names}.")


def check_partner(item, partner, places):
    """The giver's own partner, or one of a unit above it; and the item is not for our own units."""
    if not partner.branch.contains(item.giver):
        raise ProgramError(f"{partner} không phải đối tác của {item.giver.office_name}.")
    if places:
        names = ", ".join(known.full_name for known in places)
        raise ProgramError(
            f"Hạng mục này dành cho {names}. Quà cho đối tác ngoài Hội, chị ghi ở một hạng mục "
            "không có nơi nhận."
        )


def check_delivery_day(item, program, given_on):
    if given_on < program.starts_on:
        raise ProgramError(
            f"Ngày trao trước ngày chương trình bắt đầu ({program.starts_on:%d/%m/%Y})."
        )
    if item.ended_on and given_on > item.ended_on:
        raise ProgramError(f"Hạng mục đã thôi thực hiện từ ngày {item.ended_on:%d/%m/%Y}.")


def refuse_unagreed(program, shown):
    """Silence is no consent: who is to be seen has agreed to be photographed."""
    agreeing = (
        Beneficiary.objects.of(program)
        .standing()
        .filter(consents__scope=Consent.Scope.PHOTO, consents__withdrawn_on=None)
    )
    agreed = set(agreeing.values_list("pk", flat=True))
    for record in shown:
        if record.pk not in agreed:
            raise ProgramError(
                f"Hồ sơ {record.code} chưa có sự đồng ý “{Consent.Scope.PHOTO.label}”. Chị ghi sự "
                "đồng ý vào hồ sơ trước, hoặc gửi ảnh không có người này."
            )


def take_delivery(delivery, seen_version):
    delivery = take_version(delivery, seen_version)
    if delivery.status == Status.CANCELLED:
        raise ProgramError("Lần trao này đã hủy.")
    return delivery


def keep_answer(delivery, status, words, by, at, reason):
    """The last answer stands, with who gave it; a guest's has no User, and its history says so."""
    guest = by if isinstance(by, Guest) else None
    by = None if guest else by
    answered = {
        "status": status,
        "answer": words,
        "answered_by": by,
        "answered_at": at,
        "invitation": guest and guest.invitation,
        "guest_name": guest.name if guest else "",
        "guest_office": guest.office if guest else "",
    }
    keep_changes(delivery, answered, by, f"{reason} – {guest}" if guest else reason)


def cleaned_files(photos, minutes):
    """All of them, before any is stored: one that is refused leaves nothing behind."""
    if len(photos) + len(minutes) > MOST_FILES:
        raise ProgramError(f"Mỗi lần gửi nhiều nhất {MOST_FILES} tệp.")
    cleaned = [(Kind.PHOTO, *clean_photo(file)) for file in photos]
    return cleaned + [(Kind.MINUTES, *clean_minutes(file)) for file in minutes]


def attach(delivery, files, by):
    for kind, name, content, content_type in files:
        stored = store_file(
            content=content,
            name=name,
            content_type=content_type,
            branch=delivery.item.giver,
            by=by,
        )
        DeliveryFile.objects.create(delivery=delivery, kind=kind, file=stored)
