"""Verbs on sponsorships: months promised to children, paid one by one."""

from calendar import monthrange

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from hoiphunu.text import clean, fold, key_words
from programs.models import Beneficiary, Payment, Sponsorship

from .shared import (
    ProgramError,
    hold,
    keep,
    keep_changes,
    refuse_closed,
    refuse_foreign,
    remove,
    require_reason,
    take_version,
)

MOST_MONTHS = 240  # from a child's birth until she is of age, and a little more


@transaction.atomic
def sponsor(*, program, sponsor, children, mode, monthly, starts_on, ends_on, by, note="", **cited):
    """One sponsor for one or several children: a sponsorship each, and a payment a month.

    `cited`: the document and clause that the sum a month stands on.
    """
    program = hold(program)
    refuse_closed(program)
    refuse_foreign(cited.get("document"), program)
    if not children:
        raise ProgramError("Chị chọn giúp trẻ được đỡ đầu.")
    made = []
    for child in children:
        check_child(child, program)
        refuse_name(child, f"{note} | {cited.get('clause', '')}")
        row = Sponsorship(
            program=program, sponsor=sponsor, child=child, mode=mode, monthly=monthly,
            starts_on=first_day(starts_on), ends_on=last_day(ends_on), note=note, **cited,
        )  # fmt: skip
        keep(row, by, "nhận đỡ đầu")
        promise(row, row.starts_on, by)
        made.append(row)
    return made


@transaction.atomic
def change_amount(*, sponsorship, seen_version, monthly, from_month, reason, by, **cited):
    """Another sum from a month on, perhaps of another document and clause (`cited`); what was
    paid already stays as it was paid."""
    sponsorship = take_version(sponsorship, seen_version)
    refuse_over(sponsorship)
    refuse_name(sponsorship.child, f"{reason} | {cited.get('clause', '')}")
    refuse_foreign(cited.get("document"), sponsorship.program)
    from_month = first_day(from_month)
    later = list(held(sponsorship.payments.filter(paid_on=None, month__gte=from_month)))
    if not later:
        raise ProgramError("Từ tháng đó trở đi không còn tháng nào chưa trao.")
    for payment in later:
        payment.amount, payment.version = monthly, payment.version + 1
    keep_changes(sponsorship, {"monthly": monthly} | cited, by, reason)
    bulk_update_with_history(
        later, Payment, ["amount", "version"], default_user=by, default_change_reason=reason
    )
    return sponsorship


@transaction.atomic
def extend_sponsorship(*, sponsorship, seen_version, ends_on, by):
    """More months after the last one, by the sum of today."""
    sponsorship = take_version(sponsorship, seen_version)
    refuse_over(sponsorship)
    check_child(sponsorship.child, sponsorship.program)
    begins = next_month(sponsorship.ends_on)
    if last_day(ends_on) < begins:
        raise ProgramError(f"Đã đỡ đầu đến hết tháng {sponsorship.ends_on:%m/%Y}.")
    keep_changes(sponsorship, {"ends_on": last_day(ends_on)}, by, "kéo dài")
    promise(sponsorship, begins, by)
    return sponsorship


@transaction.atomic
def end_sponsorship(*, sponsorship, seen_version, ends_on, reason, by):
    """Thôi đỡ đầu before the time: later months that nobody paid are owed no more."""
    sponsorship = take_version(sponsorship, seen_version)
    refuse_over(sponsorship)
    require_reason(reason)
    refuse_name(sponsorship.child, reason)
    if not sponsorship.starts_on <= ends_on <= sponsorship.ends_on:
        raise ProgramError(
            "Ngày thôi phải nằm trong thời gian đỡ đầu "
            f"({sponsorship.starts_on:%d/%m/%Y} – {sponsorship.ends_on:%d/%m/%Y})."
        )
    end(sponsorship, ends_on, reason, by)
    return sponsorship


@transaction.atomic
def mark_paid(*, payment, seen_version, paid_on, by, today, paid=None, note=""):
    """The month was handed over, or the rest of it; without `paid`, all that was missing."""
    payment = take_payment(payment, seen_version)
    if not payment.missing:
        raise ProgramError(f"Tháng {payment.month:%m/%Y} đã ghi trao rồi.")
    paid = payment.missing if paid is None else paid
    if paid < 1:
        raise ProgramError("Số tiền đã trao ít nhất là 1 đồng.")
    if paid_on > today:
        raise ProgramError("Ngày trao chưa đến.")
    refuse_name(payment.sponsorship.child, note)
    wanted = {
        "paid_on": paid_on,
        "paid": (payment.paid or 0) + paid,
        "note": clean(note),
        "recorded_by": by,
    }
    keep_changes(payment, wanted, by, "ghi đã trao")
    return payment


@transaction.atomic
def unmark_paid(*, payment, seen_version, by, reason):
    """It was a mistake: the month is owed again; the history keeps both."""
    require_reason(reason)
    refuse_name(payment.sponsorship.child, reason)
    payment = take_payment(payment, seen_version)
    if not payment.is_made:
        raise ProgramError(f"Tháng {payment.month:%m/%Y} chưa ghi trao.")
    wanted = {"paid_on": None, "paid": None, "note": "", "recorded_by": None}
    keep_changes(payment, wanted, by, reason)
    return payment


# --- What the verbs share -----------------------------------------------------------------------


def end_for_erasure(child, on, by):
    """Before a record is emptied: sponsorships stop, and what is unpaid is given up."""
    for row in held(Sponsorship.objects.filter(child=child)):
        give_up(row.payments.all(), by, "xóa hồ sơ")
        if row.ended_early_on is None and row.ends_on >= on:
            end(row, on, "xóa hồ sơ", by)


def end(sponsorship, on, reason, by):
    give_up(sponsorship.payments.filter(month__gt=on), by, reason)
    keep_changes(sponsorship, {"ended_early_on": on, "end_reason": reason}, by, reason)


def give_up(payments, by, reason):
    """What was not handed over of these is owed no more."""
    for payment in held(payments.owed()):
        if payment.paid:
            rest = {"amount": payment.paid, "version": payment.version + 1}
            keep_changes(payment, rest, by, reason)
        else:
            remove(payment, by, reason)


def take_payment(payment, seen_version):
    """The month for this change; first its sponsorship, as all do that change the months."""
    held(Sponsorship.objects.filter(pk=payment.sponsorship_id)).get()
    return take_version(payment, seen_version)


def held(rows):
    """Nobody else changes these until the end of the transaction."""
    return rows.select_for_update(of=("self",)).order_by("pk")


def promise(sponsorship, begins, by):
    """A payment for each month from `begins` to the end."""
    months = months_between(begins, sponsorship.ends_on)
    if len(months) > MOST_MONTHS:
        raise ProgramError("Thời gian đỡ đầu dài quá 20 năm; chị xem lại tháng cuối.")
    rows = [Payment(sponsorship=sponsorship, month=m, amount=sponsorship.monthly) for m in months]
    bulk_create_with_history(rows, Payment, default_user=by, default_change_reason="nhận đỡ đầu")


def check_child(child, program):
    if child.program_id != program.pk:
        raise ProgramError(f"{child} không thuộc chương trình này.")
    agreed = Beneficiary.objects.filter(pk=child.pk).standing().agreed()
    if not agreed.exists():
        raise ProgramError(f"{child} đã xóa, hoặc sự đồng ý lưu hồ sơ đã được rút lại.")


def refuse_over(sponsorship):
    refuse_closed(sponsorship.program)
    if sponsorship.ended_early_on:
        raise ProgramError("Đã thôi đỡ đầu nên không sửa được nữa.")


def refuse_name(person, text):
    """Notes, reasons and purposes outlive the record, so nobody may be named in them."""
    name, said = key_words(fold(person.full_name)), key_words(fold(text))
    if name and f" {name} " in f" {said} ":
        raise ProgramError(f"Chị viết giúp mà không nêu tên; gọi bằng mã hồ sơ {person.code}.")


def months_between(first, last):
    """The first days of the months from one to the other."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [first.replace(year=m // 12, month=m % 12 + 1, day=1) for m in months]


def first_day(day):
    return day.replace(day=1)


def last_day(day):
    return day.replace(day=monthrange(day.year, day.month)[1])


def next_month(day):
    year, month = divmod(day.year * 12 + day.month, 12)
    return day.replace(year=year, month=month + 1, day=1)
