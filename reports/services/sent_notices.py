"""Notices to units below: written, sent once, marked as seen by each."""

from django.db import transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Concat
from django.utils.timezone import localdate

from branches.decrees import standing_below
from branches.models import Branch, Position, User
from branches.services import store_file
from hoiphunu.bulk import insert_from
from hoiphunu.text import clean, clean_lines

from ..models import NoticeReceipt, Notification, Wish
from ..notifications import MAILED, Telling, tell, with_units
from .life import ReportError
from .papers import clean_file
from .rows import keep, refuse_named, take_version

Kind, Mail = Notification.Kind, Notification.Mail
SENT = "Thông báo đã gửi nên không sửa được nữa. Chị soạn một thông báo mới để thay."


def recipients(notice):
    """The open units below that it is meant for, as they stand today."""
    level = Q(level__in=notice.levels.all())
    single = Q(pk__in=notice.units.values("pk"))
    below = Branch.objects.filter(pk__in=standing_below(notice.branch).values("pk"))
    return below.staffed().filter(level__is_unplaced=False).filter(level | single)


@transaction.atomic
def write_notice(
    *, notice, title, body, levels, units, by, at, file=None, drop_file=False, seen_version=None
):
    """Keep a notice that is not sent yet, new or changed. `file`: as the browser sent it."""
    if notice.pk:
        take_version(notice, seen_version)
        refuse_sent(notice)
    title, body = clean(title), clean_lines(body)
    refuse_named({"tiêu đề": title, "nội dung": body}, by)
    refuse_elsewhere(notice.branch, units)
    notice.by = by
    values = {"title": title, "body": body}
    if file:
        name, content, kind = clean_file(file)
        values["file"] = store_file(
            content=content, name=name, content_type=kind, branch=notice.branch, by=by
        )
    elif drop_file:
        values["file"] = None
    keep(notice, by=by, at=at, reason="soạn", **values)
    notice.levels.set(levels)
    notice.units.set(units)
    return notice


def refuse_elsewhere(branch, units):
    below = standing_below(branch).filter(pk__in=[unit.pk for unit in units])
    if below.count() != len(units):
        raise ReportError("Chỉ gửi được cho đơn vị cấp dưới của mình.")


def refuse_sent(notice):
    if notice.sent_at:
        raise ReportError(SENT)


@transaction.atomic
def discard_notice(*, notice, seen_version, by, at):
    """Throw away one that was not sent; its history keeps what it said."""
    take_version(notice, seen_version)
    refuse_sent(notice)
    notice._history_user, notice._history_date, notice._change_reason = by, at, "bỏ bản soạn"
    notice.delete()


@transaction.atomic
def send_notice(*, notice, seen_version, seen_count, by, at):
    """Send it to the units below of this day; how many. `seen_count`: as many as she was shown.

    Receipts and lines under the bell are written by the database itself: a country has 100,000
    units.
    """
    take_version(notice, seen_version)
    refuse_sent(notice)
    units = recipients(notice)
    count = units.count()
    if not count:
        raise ReportError("Chưa có đơn vị nào để gửi. Chị chọn cấp hoặc đơn vị nhận.")
    if count != seen_count:
        raise ReportError(f"Số đơn vị nhận vừa đổi: nay là {count}. Chị xem lại rồi gửi.")
    notice.by = by
    keep(notice, by=by, at=at, reason="gửi", sent_at=at, sent_to=count)
    insert_from(units, NoticeReceipt, notice=notice.pk, branch=F("pk"), seen_by=None, seen_at=None)
    tell_officers(notice, at)
    return count


def tell_officers(notice, at):
    """Each officer of the units, once, as she wishes; most have not said how. `about` is one of
    the units as whose officer she is told: it goes into no letter once that has ended."""
    held = Position.objects.in_force(localdate(at)).filter(
        role=Position.Role.OFFICER, user=OuterRef("pk"),
        branch__in=NoticeReceipt.objects.filter(notice=notice).values("branch"),
    )  # fmt: skip
    officers = User.objects.filter(Exists(held), is_active=True).exclude(pk=notice.by_id)
    as_of = Subquery(held.order_by("pk").values("branch")[:1])
    wishing = Wish.objects.filter(person=OuterRef("pk"), kind=Kind.NOTICE)
    office = notice.branch.office_name
    text, in_letter = f"{office} thông báo: {notice.title}", f"{office} gửi chị một thông báo."
    url, key = notice.get_absolute_url(), f"notice:{notice.pk}:"
    wishful = officers.filter(Exists(wishing)).annotate(as_of=as_of)
    pairs = [(person.as_of, person) for person in wishful]
    tell(
        Telling(
            person, f"{key}{person.pk}", Kind.NOTICE, text, url, in_letter=in_letter, about=unit
        )
        for unit, person in with_units(pairs)
    )
    by_mail = Case(When(email="", then=Value(Mail.NONE)), default=Value(MAILED[Kind.NOTICE]))
    insert_from(
        officers.exclude(Exists(wishing)), Notification, recipient=F("pk"), kind=Kind.NOTICE,
        key=Concat(Value(key), Cast("pk", CharField())), text=text[:300],
        in_letter=in_letter[:300], url=url, created_at=at, read_at=None, on_bell=True,
        mail=by_mail, letter=None, missed=False, period=None, branch=None, about=as_of,
    )  # fmt: skip


@transaction.atomic
def mark_seen(*, notice, receipts, by, at):
    """Đã xem, in the name of the units of `receipts`; how many were new. The first who saw it
    stays. The line under her own bell is read with it."""
    Notification.objects.filter(
        recipient=by, key=f"notice:{notice.pk}:{by.pk}", read_at=None
    ).update(read_at=at)
    # The condition stands in the update itself: who waits there for another's click, asks again.
    ids = list(receipts.filter(notice=notice).order_by("pk").values_list("pk", flat=True))
    unseen = NoticeReceipt.objects.filter(pk__in=ids, seen_at=None)
    return unseen.update(seen_by=by, seen_at=at)
