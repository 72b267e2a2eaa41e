"""Verbs on the ledger: each only adds lines, and all of them hold to what is promised here.

Of one contribution for one item ("not allotted" counts as one): no sum falls below 0, and no
more is given out than has come in, unless a line says why. People may give more than they had
promised. Two persons at once: the second finds the contribution changed.
"""

from django.db import transaction
from django.db.models import Sum

from hoiphunu.numbers import format_money
from programs.models import Delivery, Entry

from .shared import ProgramError, hold, keep, refuse_closed, require_reason, take_version

Kind = Entry.Kind


@transaction.atomic
def pledge(*, contribution, seen_version, value, on, by, item=None):
    """The donor has promised `value` đồng; None is a gift not valued yet."""
    contribution = open_ledger(contribution, seen_version)
    refuse_no_money(value, contribution)
    return add_line(contribution, Kind.PLEDGED, value, on, by, item=item)


@transaction.atomic
def receive(*, contribution, seen_version, value, on, by, item=None):
    contribution = open_ledger(contribution, seen_version)
    refuse_no_money(value, contribution)
    return add_line(contribution, Kind.RECEIVED, value, on, by, item=item)


@transaction.atomic
def give(*, contribution, seen_version, item, value, on, by, reason="", delivery=None):
    """Handed on for an item. More than has come in for it needs a reason, and is flagged."""
    contribution = open_ledger(contribution, seen_version)
    refuse_no_money(value, contribution)
    if item is None:
        raise ProgramError("Chị chọn giúp hạng mục được trao.")
    return add_line(
        contribution, Kind.GIVEN, value, on, by, item=item, reason=reason, delivery=delivery
    )


@transaction.atomic
def allot(*, contribution, seen_version, kinds, value, source, target, on, by, reason):
    """Move promised money, money that has come in, or both, from one item to another.

    None for an item is "not allotted". Two lines for each of `kinds`, both with the reason.
    """
    require_reason(reason)
    if source == target:
        raise ProgramError("Nơi chuyển đi và nơi chuyển đến phải khác nhau.")
    refuse_no_money(value)
    contribution = open_ledger(contribution, seen_version)
    return [
        add_line(contribution, kind, sign * value, on, by, item=item, reason=reason)
        for kind in kinds
        for sign, item in ((1, target), (-1, source))
    ]


@transaction.atomic
def correct(*, entry, seen_version, value, on, by, reason):
    """The line should have said `value` đồng: a line with the difference, and why.

    0 takes the line back. For a gift not valued yet, `value` is what it is worth.
    """
    require_reason(reason)
    contribution = open_ledger(entry.contribution, seen_version)
    if entry.corrects_id:
        raise ProgramError("Dòng này là dòng sửa; chị sửa ở dòng gốc.")
    if entry.is_moved:
        raise ProgramError("Dòng phân bổ không sửa được; chị phân bổ ngược lại.")
    return add_line(
        contribution,
        entry.kind,
        difference(entry, value),
        on,
        by,
        item=entry.item,
        delivery=entry.delivery,
        reason=reason,
        corrects=entry,
    )


def difference(entry, value):
    """What must be added to the line; None takes back a gift that was never valued."""
    stands_at = entry.worth
    if value is None or value < 0:
        raise ProgramError("Số đúng phải là 0 hoặc lớn hơn 0.")
    if stands_at is None and entry.corrections.exists():
        raise ProgramError("Hiện vật này đã được bỏ khỏi sổ.")
    if value == stands_at:
        raise ProgramError("Số này không khác số đang ghi.")
    return (value or None) if stands_at is None else value - stands_at


def open_ledger(contribution, seen_version):
    """The contribution, held until the end of the transaction, if nobody was quicker."""
    program = hold(contribution.program)
    refuse_closed(program)
    contribution = take_version(contribution, seen_version)
    contribution.program = program
    return contribution


def add_line(contribution, kind, value, on, by, **fields):
    entry = Entry(contribution=contribution, kind=kind, value=value, on=on, by=by, **fields)
    check_place(entry)
    check_delivery(entry)
    entry.is_flagged = gives_too_much(entry)
    keep(entry, by, entry.reason)
    return entry


def check_place(entry):
    """What is put right, or leaves an item, may do so after the item has ended."""
    program, item = entry.contribution.program, entry.item
    if program.is_draft and entry.kind != Kind.PLEDGED:
        raise ProgramError("Chương trình còn đang soạn nên mới ghi được cam kết.")
    if item and item.program_id != program.pk:
        raise ProgramError("Hạng mục này thuộc chương trình khác.")
    has_ended = item and item.ended_on and item.ended_on <= entry.on
    if has_ended and not entry.corrects and (entry.value is None or entry.value > 0):
        raise ProgramError(f"“{item}” đã thôi thực hiện từ {item.ended_on:%d/%m/%Y}.")


def check_delivery(entry):
    """The hand-over is of the same item and stands, until the end of the transaction."""
    if not entry.delivery_id:
        return
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=entry.delivery_id)
    if delivery.item_id != entry.item_id:
        raise ProgramError("Lần trao tặng này là của hạng mục khác.")
    if delivery.status == Delivery.Status.CANCELLED:
        raise ProgramError("Lần trao tặng này đã hủy nên không ghi vào sổ được.")
    refuse_beyond(delivery, entry)


def refuse_beyond(delivery, entry):
    """A hand-over proves what it is worth and no more; all lines that name it share that."""
    if delivery.value is None or (entry.value or 0) <= 0:
        return
    named = delivery.entries.aggregate(total=Sum("value"))["total"] or 0
    if named + entry.value > delivery.value:
        raise ProgramError(
            f"Lần trao này trị giá {format_money(delivery.value)}; cộng các dòng sổ đã gắn với nó "
            "thì vượt số ấy. Chị ghi số nhỏ hơn, hoặc để trống lần trao: phần chênh lệch hiện ở "
            "mục đối chiếu."
        )


def gives_too_much(entry):
    """Does this line give more than has come in, with a reason? What may not be is refused."""
    sums = sums_of(entry.contribution, entry.item)
    short = sums[Kind.GIVEN] - sums[Kind.RECEIVED]
    sums[entry.kind] += entry.value or 0
    if sums[entry.kind] < 0:
        raise ProgramError(f"Số {entry.get_kind_display().lower()} không đủ để bớt như vậy.")
    if sums[Kind.GIVEN] - sums[Kind.RECEIVED] <= max(0, short):
        return False
    if entry.kind != Kind.GIVEN or entry.corrects:
        raise ProgramError(
            "Như vậy số đã trao lớn hơn số đã tiếp nhận; chị sửa số kia trước rồi sửa số này."
        )
    if not entry.reason.strip():
        raise ProgramError(
            "Trao nhiều hơn số đã tiếp nhận cho hạng mục này. Chị phân bổ thêm cho hạng mục, "
            "hoặc ghi rõ lý do."
        )
    return True


def sums_of(contribution, item):
    lines = Entry.objects.filter(contribution=contribution, item=item)
    for found in lines.summed_by("contribution"):
        return {kind: int(found[kind]) for kind in Kind.values}
    return dict.fromkeys(Kind.values, 0)


def refuse_no_money(value, contribution=None):
    """Only a gift, of a contribution in kind, may go without an amount."""
    if value is None and contribution and contribution.is_in_kind:
        return
    if value is None or value <= 0:
        raise ProgramError("Chị ghi giúp số tiền, lớn hơn 0.")
