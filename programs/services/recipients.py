"""Verbs about persons: who of the register received, and which records are one person."""

from django.db import transaction
from django.db.models import Q

from programs.models import Beneficiary, Recipient, SamePerson

from .shared import ProgramError, keep, remove
from .support import take_delivery


@transaction.atomic
def name_recipients(*, delivery, seen_version, chosen, among, by):
    """Of `among`, the records that this officer may tick, just `chosen` received it; what others
    have ticked stays."""
    delivery = take_delivery(delivery, seen_version)
    if delivery.place is None:
        raise ProgramError("Lần trao cho đối tác ngoài Hội không chọn người trong danh sách.")
    standing = {row.beneficiary_id: row for row in delivery.recipients.all()}
    new = [record for record in chosen if record.pk not in standing]
    check_recipients(delivery, new)
    kept = {record.pk for record in chosen}
    for record in among:
        if record.pk in standing and record.pk not in kept:
            remove(standing[record.pk], by, "bỏ khỏi danh sách nhận")
    for record in new:
        keep(Recipient(delivery=delivery, beneficiary=record, recorded_by=by), by, "ghi người nhận")
    if delivery.people is not None and delivery.recipients.count() > delivery.people:
        raise ProgramError(
            f"Lần trao này ghi {delivery.people} lượt người nhận, ít hơn số người đã chọn. Chị bỏ "
            "bớt, hoặc báo bên trao ghi lại lần trao."
        )
    return delivery


def check_recipients(delivery, records):
    """Of the same programme, standing with consent, and looked after where it was handed over."""
    may = Beneficiary.objects.of(delivery.item.program).standing().agreed()
    fit = set(may.in_reach_of(delivery.place).values_list("pk", flat=True))
    for record in records:
        if record.pk not in fit:
            raise ProgramError(
                f"Hồ sơ {record.code} không chọn được: phải thuộc chương trình này, theo dõi ở nơi "
                "nhận, và còn sự đồng ý lưu hồ sơ."
            )


@transaction.atomic
def judge_pair(*, one, other, is_same, by):
    """An officer who sees both records says whether they are one person; she may think again.

    Nothing is merged: both records stay, and only the counting knows that they are one.
    """
    if one.pk == other.pk:
        raise ProgramError("Chị chọn hai hồ sơ khác nhau.")
    first, second = (
        Beneficiary.objects.select_for_update(of=("self",))
        .filter(pk__in=[one.pk, other.pk])
        .order_by("pk")
    )
    if first.is_erased or second.is_erased:
        raise ProgramError("Hồ sơ đã xóa thì không đối chiếu được nữa.")
    pair, _ = SamePerson.objects.update_or_create(
        first=first, second=second, defaults={"is_same": is_same, "said_by": by}
    )
    settle([first, second])
    return pair


def settle(records):
    """Let `same_as` of these and of all that are one with them follow from what was said."""
    roots = {record.same_as_id or record.pk for record in records}
    group = (
        Beneficiary.objects.select_for_update(of=("self",))
        .filter(Q(pk__in=roots) | Q(same_as__in=roots))
        .order_by("pk")
    )
    root_of = {record.pk: record.pk for record in group}
    said = SamePerson.objects.filter(is_same=True, first__in=root_of, second__in=root_of)
    for first, second in said.values_list("first", "second"):
        lower, higher = sorted((root_of[first], root_of[second]))
        root_of = {pk: lower if root == higher else root for pk, root in root_of.items()}
    for record in group:
        root = root_of[record.pk]
        wanted = None if root == record.pk else root
        if record.same_as_id != wanted:
            Beneficiary.objects.filter(pk=record.pk).update(same_as=wanted)
