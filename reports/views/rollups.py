"""A unit's summary: what it makes of the words below it, and the papers that were frozen of it."""

from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hoiphunu.history import history_of_parts
from hoiphunu.views import require, seen_version
from reports.binding import bind, names_of
from reports.checks import looks_below, rates_above
from reports.forms import ParagraphsForm
from reports.gathering import offers, still_to_gather, to_sign, what_changed
from reports.models import FrozenSummary, Report, Summary, SummaryParagraph
from reports.models.summaries import HEADINGS
from reports.paper import DOCX, summary_paper
from reports.rollup import changes_between, groups_of, lines_in, lines_of, owed_below
from reports.services import ReportError, edit_summary, freeze_summary, gather_summary
from reports.services.freezing import own_report, standing_content, unit_of

from .summaries import address, place

ON_A_PAGE = 50  # paragraphs; each is three fields, and Django takes a thousand of a form


def text_address(period, branch, name="summary_text", *more):
    return reverse(f"reports:{name}", args=[period.form.code, period.code, branch.slug, *more])


def crumbs_to(period, branch, *here):
    """From the sums to the summary's text, and on."""
    sums = (f"Tổng hợp {period.label.lower()} – {branch.full_name}", address(period, branch))
    text = ("Bản tổng hợp", text_address(period, branch) if here else "")
    return [sums, text, *here]


# --- The draft ------------------------------------------------------------------------------


def paragraphs_of(user, period, branch):
    """SummaryParagraphs in order, each knowing its `unit`, the `url` of its source where that is
    hers to open, and what has `changed` there since; those of them that are signed, with lines of
    the own report that were not gathered; and the offers that are still to gather."""
    rows = SummaryParagraph.objects.visible_to(user).filter(
        summary__period=period, summary__branch=branch
    )
    links = ("source__branch__level", "frozen__branch__level", "repeats__source__branch__level",
             "repeats__frozen__branch__level")  # fmt: skip
    rows = list(rows.select_related(*links).order_by("position"))
    offered = offers(period, branch)
    changed = what_changed(rows, offered)
    signed = to_sign(rows, own_report(period, branch))
    added, kept = [row for row in signed if not row.pk], {row.pk for row in signed}
    urls = sources(user, {(row.source_id, row.frozen_id) for row in (*rows, *added)})
    for row in (*rows, *added):
        row.unit = unit_of(row, branch).office_name
        row.url = urls[row.source_id, row.frozen_id]
        row.changed = changed.get(row.pk, "")
        row.like = like_whom(row, branch)
        row.is_replaced = not row.is_dropped and row.pk not in kept
    return rows, signed, still_to_gather(rows, offered)


def like_whom(row, branch):
    """Whose words it repeats that are kept, or ""."""
    first = row.repeats
    return unit_of(first, branch).office_name if first and not first.is_dropped else ""


def sources(user, pairs):
    """(report's id, id of a frozen summary) → where its words can be read; "" where not by her."""
    reports = Report.objects.visible_to(user).in_bulk({report for report, _ in pairs} - {None})
    frozen = FrozenSummary.objects.visible_to(user).in_bulk({pk for _, pk in pairs} - {None})
    found = {}
    for report, pk in pairs:
        row = frozen.get(pk) or reports.get(report)
        found[report, pk] = row.get_absolute_url() if row else ""
    return found


def by_heading(rows, signed, names):
    """[{"name", "label", "kept", "dropped"}]: what is signed as it will be read."""
    found = []
    for name, label in HEADINGS:
        kept = [row for row in signed if row.heading == name]
        dropped = sum(row.is_dropped for row in rows if row.heading == name)
        for row in kept:
            row.bound, row.problems = bind(row.text, names)
        found.append({"name": name, "label": label, "kept": kept, "dropped": dropped})
    return found


@require_safe
def text(request, form, period, slug):
    """The summary as it stands: own and below apart, and the words that are kept."""
    branch, period = place(request, form, period, slug)
    user = request.user
    rows, signed, waiting = paragraphs_of(user, period, branch)
    lines = lines_of(period, branch)
    own = Report.objects.visible_to(user).owed().filter(period=period, branch=branch).first()
    waiting = [offer for offer in waiting if own is None or offer.report_id != own.pk]
    frozen = FrozenSummary.objects.visible_to(user).filter(period=period, branch=branch)
    has_below = owed_below(period, branch)
    context = {
        "branch": branch,
        "period": period,
        "form": period.form,
        "lines": lines,
        "groups": groups_of(period, branch),
        "headings": by_heading(rows, signed, names_of(lines)),
        "is_begun": bool(rows),
        "waiting": waiting,
        "waiting_units": len({offer.unit for offer in waiting}),
        "changed": sum(bool(row.changed) for row in signed),
        "own": own,
        "has_below": has_below,
        "looks": looks_below(period, branch, Report.objects.visible_to(user)),
        "rates": rates_above((line, line.period.whole) for line in lines),
        "frozen": frozen.select_related("by"),
        "version": version_of(period, branch, user),
        "can_write": user.has_perm("reports.write_summary", branch),
        "can_freeze": own is None and has_below and user.has_perm("reports.freeze_summary", branch),
        "can_fetch": user.has_perm("reports.fetch_summary", branch),
        "crumbs": crumbs_to(period, branch),
    }
    return render(request, "reports/summary_text.html", context)


def version_of(period, branch, user):
    rows = Summary.objects.visible_to(user).filter(period=period, branch=branch)
    return rows.values_list("version", flat=True).first() or 0


@require_POST
def gather(request, form, period, slug):
    branch, period = place(request, form, period, slug)
    require(request.user, "reports.write_summary", branch)
    made = gather_summary(period=period, branch=branch, by=request.user, at=now())
    if made:
        doubles = sum(row.repeats_id is not None for row in made)
        more = f" {doubles} đoạn giống đoạn đã có, được đánh dấu để chị xem." if doubles else ""
        messages.success(request, f"Đã lấy về {len(made)} đoạn.{more}")
    else:
        messages.info(request, "Chưa có lời nào mới ở các báo cáo đã duyệt.")
    return redirect(text_address(period, branch))


@require_http_methods(["GET", "HEAD", "POST"])
def write(request, form, period, slug, heading):
    """Keep, shorten or drop the paragraphs under one heading; add words of one's own."""
    branch, period = place(request, form, period, slug)
    require(request.user, "reports.write_summary", branch)
    if heading not in dict(HEADINGS):
        raise Http404
    if request.method == "POST":
        return save(request, period, branch, heading)
    return show(request, period, branch, heading)


def save(request, period, branch, heading):
    rows, _, _ = paragraphs_of(request.user, period, branch)
    here = [row for row in rows if row.heading == heading]
    form = ParagraphsForm(request.POST, paragraphs=here)
    form.is_valid()
    words = form.cleaned_data["new"]
    try:
        merged = edit_summary(
            period=period, branch=branch, seen=form.seen, typed=form.typed,
            added=[(heading, words)] if words else [], by=request.user, at=now(),
        )  # fmt: skip
    except ReportError as error:
        messages.error(request, str(error))
        return show(request, period, branch, heading, typed=request.POST, status=409)
    if merged.disputed:
        data = request.POST.copy()
        data["new"] = ""  # that is saved
        return show(request, period, branch, heading, typed=data, is_disputed=True, status=409)
    messages.success(request, "Đã lưu bản tổng hợp.")
    page = request.POST.get("page", "")
    to = text_address(period, branch, "summary_write", heading)
    return redirect(f"{to}?page={page}" if page.isdecimal() else to)


def show(request, period, branch, heading, typed=None, is_disputed=False, status=200):
    """The page to edit; `typed`: what she sent and was not all saved, so that hers stays."""
    rows, _, waiting = paragraphs_of(request.user, period, branch)
    lines = lines_of(period, branch)
    names = names_of(lines)
    here = [row for row in rows if row.heading == heading]
    asked = (typed or request.GET).get("page")
    page = Paginator(here, ON_A_PAGE).get_page(asked)
    for row in page:
        row.bound, row.problems = bind(row.text, names)
    here = list(page)
    form = ParagraphsForm.again(typed, here) if typed else ParagraphsForm(paragraphs=here)
    context = {
        "branch": branch,
        "period": period,
        "form": form,
        "page_obj": page,
        "heading": heading,
        "label": dict(HEADINGS)[heading],
        "tabs": [
            (name, label, text_address(period, branch, "summary_write", name))
            for name, label in HEADINGS
        ],
        "numbers": [(line, *names.tokens[line.code]) for line in lines],
        "waiting": len(waiting),
        "is_disputed": is_disputed,
        "crumbs": crumbs_to(period, branch, (str(dict(HEADINGS)[heading]), "")),
    }
    return render(request, "reports/summary_write.html", context, status=status)


@require_safe
def history(request, form, period, slug):
    """Every change of the summary's paragraphs, newest first."""
    branch, period = place(request, form, period, slug)
    summary = Summary.objects.visible_to(request.user).filter(period=period, branch=branch).first()
    seen = SummaryParagraph.objects.visible_to(request.user).filter(summary=summary)
    link = SummaryParagraph._meta.get_field("summary")
    rows = history_of_parts(link, summary, seen) if summary else []
    for row in rows:
        row["what"] = f"{row['what']}: {row['part']}"
    context = {
        "branch": branch,
        "period": period,
        "rows": rows,
        "crumbs": crumbs_to(period, branch, ("Lịch sử", "")),
    }
    return render(request, "reports/summary_history.html", context)


# --- What was frozen --------------------------------------------------------------------------


@require_POST
def freeze(request, form, period, slug):
    """A paper to sign, for a unit that owes no report itself."""
    branch, period = place(request, form, period, slug)
    require(request.user, "reports.freeze_summary", branch)
    try:
        frozen = freeze_summary(
            period=period, branch=branch, seen_version=seen_version(request), by=request.user,
            at=now(),
        )  # fmt: skip
    except ReportError as error:
        messages.error(request, str(error))
        return redirect(text_address(period, branch))
    messages.success(request, "Đã lập bản ký. Bản này giữ nguyên; số liệu chung vẫn đi tiếp.")
    return redirect(frozen)


def find_frozen(request, pk):
    rows = FrozenSummary.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("period__form", "branch__level", "by", "event__report"), pk=pk
    )


@require_safe
def frozen(request, pk):
    """A frozen summary for ever, and beside it what the live totals have become since."""
    one = find_frozen(request, pk)
    then, user = lines_in(one.content), request.user
    others = FrozenSummary.objects.visible_to(user).filter(period=one.period, branch=one.branch)
    groups = groups_of(one.period, one.branch)
    context = {
        "frozen": one,
        "period": one.period,
        "branch": one.branch,
        "content": one.content,
        "lines": then,
        "missing": len(one.content["missing"]) + one.content["more_missing"],
        "texts": linked_texts(user, one.content["texts"]),
        "changes": changes_between(then, lines_of(one.period, one.branch)),
        "groups": groups,
        "is_joined": groups != one.content["groups"],
        "looks": looks_below(one.period, one.branch, Report.objects.visible_to(user)),
        "rates": rates_above((line, line.period.whole) for line in then),
        "others": others.exclude(pk=one.pk).select_related("by"),
        "can_fetch": user.has_perm("reports.fetch_summary", one.branch),
        "crumbs": crumbs_to(one.period, one.branch, ("Bản ký", "")),
    }
    return render(request, "reports/summary_frozen.html", context)


def linked_texts(user, texts):
    """The texts of a frozen summary, each paragraph with the `url` of its source."""
    pairs = {(row["report"], row["frozen"]) for part in texts for row in part["paragraphs"]}
    urls = sources(user, pairs)
    return [
        part
        | {
            "paragraphs": [
                row | {"url": urls[row["report"], row["frozen"]]} for row in part["paragraphs"]
            ]
        }
        for part in texts
    ]


# --- On paper -----------------------------------------------------------------------------------


@require_safe
def word(request, form, period, slug):
    """The draft as a Word file, marked as one."""
    branch, period = place(request, form, period, slug)
    require(request.user, "reports.fetch_summary", branch)
    content = standing_content(period, branch)
    name = f"du-thao-tong-hop-{period.code}-{branch.slug}.docx"
    return as_word(summary_paper(content, signed_on=None), name)


@require_safe
def frozen_word(request, pk):
    one = find_frozen(request, pk)
    require(request.user, "reports.fetch_summary", one.branch)
    name = f"bao-cao-tong-hop-{one.period.code}-{one.branch.slug}.docx"
    return as_word(summary_paper(one.content, signed_on=one.at), name)


def as_word(content, name):
    response = HttpResponse(content, content_type=DOCX)
    response["Content-Disposition"] = f"attachment; filename={quote(name)}"
    response["Cache-Control"] = "private"
    return response
