"""The summary that a unit makes of its own words and of those below it: gathering, editing, and
freezing it where no report of the unit's own does that."""

from django.db import transaction
from django.db.models import F

from programs.queries.naming import first_named, guarded_names

from ..gathering import Repeats, offers, still_to_gather
from ..models import Report, Summary, SummaryParagraph
from ..rollup import owed_below
from .freezing import freeze, hold
from .life import ReportError, merge, write_history

CHANGED = (
    "Bản tổng hợp vừa có người khác sửa nên chưa lập bản ký. Chị xem lại bản mới rồi lập bản ký."
)


@transaction.atomic
def gather_summary(*, period, branch, by, at):
    """Bring in what the sources say and the summary does not hold yet; the new paragraphs.

    What is there stays as the editor left it.
    """
    summary = hold(period, branch)
    stored = list(summary.paragraphs.select_related("frozen"))
    rows = [
        SummaryParagraph(
            summary=summary,
            heading=offer.heading,
            source_id=offer.report_id,
            frozen_id=offer.frozen_id,
            original=offer.text,
            text=offer.text,
        )
        for offer in still_to_gather(stored, offers(period, branch))
    ]
    add_rows(summary, stored, rows, by=by, at=at)
    return rows


def add_rows(summary, stored, rows, *, by, at):
    """Put new paragraphs behind those that are there, and mark what they repeat."""
    last = max((row.position for row in stored), default=0)
    for position, row in enumerate(rows, last + 1):
        row.position = position
    SummaryParagraph.objects.bulk_create(rows, batch_size=500)
    repeats = Repeats()
    for row in stored:
        repeats.first_of(row.heading, row.original or row.text, row)
    for row in rows:
        row.repeats = repeats.first_of(row.heading, row.text, row)
    doubles = [row for row in rows if row.repeats]
    SummaryParagraph.objects.bulk_update(doubles, ["repeats"], batch_size=500)
    write_history(SummaryParagraph, rows, by=by, at=at, reason="", new=True)
    if rows:
        touch(summary)


def touch(summary):
    Summary.objects.filter(pk=summary.pk).update(version=F("version") + 1)
    summary.refresh_from_db(fields=["version"])


@transaction.atomic
def edit_summary(*, period, branch, seen, typed, added=(), by, at):
    """Keep what the editor has done to paragraphs, whatever others have done to others; gives a
    `Merged`.

    `seen`, `typed`: {("text", paragraph's id): words, ("is_dropped", id): True or False}, as they
    stood on her screen and as she left them. `added`: [(heading, words)] of her own.
    """
    summary = hold(period, branch)
    rows = {row.pk: row for row in summary.paragraphs.all()}
    typed = {key: value for key, value in typed.items() if key[1] in rows}
    stored = {key: getattr(rows[key[1]], key[0]) for key in typed}
    result = merge(stored, seen, typed)
    changed_words = [value for key, value in result.written.items() if key[0] == "text"]
    refuse_named(period, [*changed_words, *(words for _, words in added)], by)
    for (field, pk), value in result.written.items():
        setattr(rows[pk], field, value)
    changed = {pk: rows[pk] for _, pk in result.written}
    own = {(row.heading, row.text): row for row in rows.values() if not row.original}
    new = []
    for heading, words in added:
        row = own.get((heading, words))
        if row is None:
            new.append(SummaryParagraph(summary=summary, heading=heading, text=words))
        elif row.is_dropped:  # else it was sent twice
            row.is_dropped = False
            changed[row.pk] = row
    changed = list(changed.values())
    SummaryParagraph.objects.bulk_update(changed, ["text", "is_dropped"])
    write_history(SummaryParagraph, changed, by=by, at=at, reason="")
    add_rows(summary, list(rows.values()), new, by=by, at=at)
    if changed and not new:
        touch(summary)
    return result


def refuse_named(period, texts, by):
    """More people read a summary than the register of people helped (programs.queries.naming)."""
    program = period.form.program
    found = program and first_named(dict(enumerate(texts)), guarded_names(program, by))
    if found:
        record = found[1]
        raise ReportError(
            f"Có đoạn ghi tên “{record.full_name}”, người có hồ sơ {record.code}. Bản tổng hợp "
            f"nhiều người đọc được: chị ghi “{record.code}” thay cho tên."
        )


@transaction.atomic
def freeze_summary(*, period, branch, seen_version, by, at):
    """Make a paper to sign for a unit that owes no report itself, as often as it wants one; where
    nothing has changed since her last one, it is that.

    `seen_version`: of the summary that she read; 0 where nothing was in it.
    """
    if Report.objects.owed().filter(period=period, branch=branch).exists():
        raise ReportError(
            "Đơn vị có báo cáo của chính mình trong kỳ này, nên bản ký được lập khi nộp báo cáo đó."
        )
    if not owed_below(period, branch):
        raise ReportError("Dưới đơn vị này không có đơn vị nào phải báo cáo kỳ này.")
    if seen_version != hold(period, branch).version:
        raise ReportError(CHANGED)
    return freeze(period, branch, by=by, at=at)
