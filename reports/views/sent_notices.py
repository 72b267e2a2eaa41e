"""Thông báo xuống dưới: written, sent, read below and marked "đã xem"."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branches.models import Branch, Position
from hoiphunu.views import as_download, require, seen_version
from programs.views.conflicts import conflict_with
from reports.forms import NoticeForm
from reports.models import Notice, NoticeReceipt
from reports.queries import officers_to_call
from reports.services import (
    ReportError,
    Stale,
    discard_notice,
    mark_seen,
    recipients,
    send_notice,
    write_notice,
)

RECEIVED, SENT = "received", "sent"


def find_notice(request, pk):
    notices = Notice.objects.visible_to(request.user).select_related("branch__level", "file", "by")
    return get_object_or_404(notices, pk=pk)


def crumbs(*here):
    """(label, url) pairs down to the page."""
    return [("Thông báo của các cấp", reverse("reports:notice_list")), *here]


def writing_branches(user):
    """The units in whose name she may write."""
    held = {p.branch_id: p.branch for p in user.standing}
    return [b for b in held.values() if user.has_perm("reports.write_notice", b)]


# --- Lists ----------------------------------------------------------------------------------


@require_safe
def notice_list(request):
    """What her units received, the new first; and what they wrote and sent."""
    user = request.user
    tab = SENT if request.GET.get("tab") == SENT else RECEIVED
    received = NoticeReceipt.objects.visible_to(user).for_units_of(user)
    if tab == RECEIVED:
        rows = received.select_related("notice__branch__level", "branch__level", "seen_by")
        rows = rows.unseen_first()
    else:
        rows = sent_from(user)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "page_obj": page,
        "unseen": received.unseen().count(),
        "units": writing_branches(user),
        "crumbs": [("Thông báo", reverse("reports:notification_list")), ("Của các cấp", "")],
    }
    return render(request, "reports/notice_list.html", context)


def sent_from(user):
    """Those of the units where she works, drafts first. Who has seen each is counted on its own
    page: fifty of a country were five million receipts."""
    held = [p.branch_id for p in user.standing]
    rows = Notice.objects.visible_to(user).written_at(held).select_related("branch__level", "by")
    return rows.order_by(F("sent_at").desc(nulls_first=True), "-pk")


# --- Writing and sending --------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def create(request, slug):
    """A new one, perhaps in place of one that was sent (`?replaces=`)."""
    branches = Branch.objects.visible_to(request.user).select_related("level")
    branch = get_object_or_404(branches, slug=slug)
    require(request.user, "reports.write_notice", branch)
    notice = Notice(branch=branch, by=request.user, replaces=replaced(request, branch))
    return edit(request, notice)


def replaced(request, branch):
    """The sent notice of the same unit that the address names, or None."""
    asked = request.GET.get("replaces", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        return None
    sent = Notice.objects.visible_to(request.user).filter(branch=branch, sent_at__isnull=False)
    return sent.filter(pk=asked).first()


@require_http_methods(["GET", "HEAD", "POST"])
def update(request, pk):
    notice = find_notice(request, pk)
    require(request.user, "reports.write_notice", notice.branch)
    if notice.sent_at:
        messages.info(request, "Thông báo đã gửi nên không sửa được nữa.")
        return redirect(notice)
    return edit(request, notice)


def edit(request, notice):
    user, conflict = request.user, None
    version = notice.version
    form = NoticeForm(request.POST or None, request.FILES or None, notice=notice, user=user)
    if request.method == "POST" and form.is_valid():
        seen = seen_version(request) if notice.pk else None
        try:
            write_notice(notice=notice, seen_version=seen, by=user, at=now(), **form.cleaned_data)
        except Stale:
            saved = find_notice(request, notice.pk)
            fresh = NoticeForm(notice=saved, user=user)
            conflict = conflict_with(saved, form, fresh, seen=seen)
            if conflict is None:
                return redirect(saved)
        except ReportError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu bản soạn. Chị xem lại rồi bấm gửi.")
            return redirect(notice)
    context = {
        "notice": notice, "form": form, "version": version, "conflict": conflict,
        "crumbs": crumbs(("Sửa bản soạn" if notice.pk else "Soạn thông báo", "")),
    }  # fmt: skip
    return render(request, "reports/notice_form.html", context)


@require_safe
def detail(request, pk):
    """The notice; before it goes, to how many units it will; afterwards who of hers has seen it."""
    notice, user = find_notice(request, pk), request.user
    receipts = NoticeReceipt.objects.visible_to(user).filter(notice=notice)
    own = receipts.for_units_of(user).select_related("branch__level", "seen_by")
    may_write = user.has_perm("reports.write_notice", notice.branch)
    context = {
        "notice": notice,
        "may_write": may_write,
        "meant_for": meant_for(notice) if may_write else [],
        "own": own.unseen_first(),
        "may_mark": own.unseen().exists(),
        "counts": counted(receipts),
        "replaced": Notice.objects.visible_to(user).filter(replaced_by=notice).first(),
        "corrections": Notice.objects.visible_to(user).filter(
            replaces=notice, sent_at__isnull=False
        ),
        "count": None if notice.sent_at else recipients(notice).count(),
        "crumbs": crumbs((notice.title, "")),
    }
    return render(request, "reports/notice_detail.html", context)


def meant_for(notice):
    """In words: the levels, and the units named one by one."""
    levels = [f"mọi {level.name}" for level in notice.levels.all()]
    return levels + [unit.full_name for unit in notice.units.select_related("level")]


def counted(receipts):
    """{"sent": how many units of hers got it, "seen": how many have marked it}"""
    return receipts.order_by().aggregate(
        sent=Count("pk"), seen=Count("pk", filter=Q(seen_at__isnull=False))
    )


@require_POST
def send(request, pk):
    notice = find_notice(request, pk)
    require(request.user, "reports.write_notice", notice.branch)
    count = request.POST.get("count", "")
    try:
        sent = send_notice(
            notice=notice, seen_version=seen_version(request), by=request.user, at=now(),
            seen_count=int(count) if count.isascii() and count.isdigit() else None,
        )  # fmt: skip
    except ReportError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã gửi thông báo tới {sent} đơn vị.")
    return redirect(notice)


@require_POST
def discard(request, pk):
    notice = find_notice(request, pk)
    require(request.user, "reports.write_notice", notice.branch)
    try:
        discard_notice(notice=notice, seen_version=seen_version(request), by=request.user, at=now())
    except ReportError as error:
        messages.error(request, str(error))
        return redirect("reports:notice_detail", pk)
    messages.success(request, "Đã bỏ bản soạn.")
    return redirect(f"{reverse('reports:notice_list')}?tab={SENT}")


# --- Reading --------------------------------------------------------------------------------


@require_safe
def download(request, pk):
    """The file, to whoever may read the notice, always to be saved."""
    notice = find_notice(request, pk)
    if notice.file is None:
        raise Http404
    response = as_download(notice.file)
    response["Cache-Control"] = "private"
    return response


@require_POST
def seen(request, pk):
    """Đã xem: by a click, in the name of the units where she works."""
    notice = find_notice(request, pk)
    require(request.user, "reports.mark_notice", notice)
    receipts = NoticeReceipt.objects.visible_to(request.user).for_units_of(request.user)
    mark_seen(notice=notice, receipts=receipts, by=request.user, at=now())
    messages.success(request, f"Đã ghi: đơn vị đã xem “{notice.title}”.")
    return redirect("reports:notice_list")


@require_safe
def readers(request, pk):
    """Which units have seen it and which not, with whom to call."""
    notice, user = find_notice(request, pk), request.user
    state = "seen" if request.GET.get("state") == "seen" else "unseen"
    receipts = NoticeReceipt.objects.visible_to(user).filter(notice=notice)
    rows = receipts.filter(seen_at__isnull=state == "unseen")
    rows = rows.select_related("branch__level", "branch__parent__level", "seen_by")
    order = ("branch__level__rank", "branch__parent__sort_key", "branch__sort_key", "pk")
    page = Paginator(rows.order_by(*order), 50).get_page(request.GET.get("page"))
    working = Position.objects.visible_to(user).in_force(localdate())
    callees = officers_to_call(list(page), working) if state == "unseen" else {}
    context = {
        "notice": notice,
        "state": state,
        "page_obj": page,
        "counts": counted(receipts),
        "rows": [(receipt, callees.get(receipt.pk, [])) for receipt in page],
        "crumbs": crumbs((notice.title, notice.get_absolute_url()), ("Ai đã xem", "")),
    }
    return render(request, "reports/notice_readers.html", context)
