"""The life of a report: written, submitted, returned, approved, locked.

Nothing else changes one. Which step leads from where to where is in `reports.steps`.
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.timezone import localdate

from hoiphunu.bulk import insert_from, remember
from hoiphunu.fields import NOTHING
from hoiphunu.qualifiers import Rough
from programs.models import Indicator

from ..checks import hindrances
from ..models import Explanation, Figure, Remark, Report, ReportEvent, WordText
from ..notifications import announce
from ..steps import NOTHING_HAPPENED, STEPS, WRITTEN
from ..totals import add_to_totals, take_from_totals
from .freezing import freeze_with, hold

Status = Report.Status
Kind = ReportEvent.Kind
MOST_SENTENCES = 10  # of a refusal; the page shows the others
CELL = ["value", "is_nothing", "qualifier", "text"]

BLANK = {"figures": None, "narrative": "", "explanations": ""}
UNKNOWN = object()  # how she saw a cell; equal to nothing

SOMEBODY_CHANGED = (
    "Báo cáo vừa có người khác sửa hoặc chuyển bước. Chị xem lại bản mới rồi làm tiếp; "
    "những gì chị vừa nhập vẫn còn trên màn hình."
)
OWED_NO_MORE = (
    "Văn bản sắp xếp vừa được hoàn tác, đơn vị không còn phải nộp báo cáo này, nên chưa ghi gì."
)
SUMMARY_CHANGED = (
    "Bản tổng hợp vừa có người khác sửa nên báo cáo chưa nộp. Chị xem lại bản tổng hợp rồi bấm "
    "nộp lần nữa."
)


class ReportError(Exception):
    """A step that the report's state does not allow; the text is for the screen."""


# --- Writing ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cells:
    """Cells of a report. `figures`: indicator id → what `read_figure` gives: Decimal, Rough,
    NOTHING, words or None (blank). `narrative`: of Report.NARRATIVE → text. `explanations`:
    indicator id → text."""

    figures: dict = field(default_factory=dict)
    narrative: dict = field(default_factory=dict)
    explanations: dict = field(default_factory=dict)

    @classmethod
    def of(cls, by_key):
        parts = {}
        for (part, key), value in by_key.items():
            parts.setdefault(part, {})[key] = value
        return cls(**parts)

    def by_key(self):
        """{("figures", indicator id): value, ("narrative", name): text, …}"""
        return {(part, key): value for part in BLANK for key, value in getattr(self, part).items()}


@dataclass(frozen=True)
class Merged:
    """What became of the cells that somebody sent. The keys are those of `Cells.by_key`."""

    written: dict  # hers, written down
    theirs: dict  # somebody else's, in cells that she had not touched → what is saved
    disputed: dict  # both changed: nothing written → what is saved


@transaction.atomic
def save_draft(*, report, seen_version, figures, narrative, by, at):
    """Keep what the officer has typed so far, if nobody has saved since she looked.

    For the arguments see `Cells`; what is left out stays as it is.
    """
    write_cells(report, seen_version, Cells(figures, narrative), by=by, at=at)
    return report


@transaction.atomic
def merge_draft(*, report, seen_version, seen, typed, by, at):
    """Keep what she typed, cell by cell, whatever others have saved meanwhile; gives a `Merged`.

    `seen`: the cells as they stood on her screen before she typed. One that only she changed is
    written, one that only somebody else changed stays theirs, one that both changed is left as
    it is saved. A cell of which it is not known how she saw it counts as seen if nobody has saved
    since `seen_version`.
    """
    lock_row(report)
    if not report.is_editable:
        raise ReportError(SOMEBODY_CHANGED)
    stored, typed = stored_cells(report), typed.by_key()
    known = seen.by_key()
    if report.version == seen_version:
        known = {key: stored.get(key, BLANK[key[0]]) for key in typed} | known
    result = merge(stored, known, typed)
    if result.written or report.status == Status.NOT_BEGUN:
        write_cells(report, report.version, Cells.of(result.written), by=by, at=at)
    return result


def merge(stored, seen, typed):
    """Each a mapping as `Cells.by_key` gives (or of other keys, all stored); what is stored nowhere
    is blank."""
    written, theirs, disputed = {}, {}, {}
    for key, new in typed.items():
        saved, was = stored.get(key, BLANK.get(key[0])), seen.get(key, UNKNOWN)
        if new == saved:
            continue
        if new == was:
            theirs[key] = saved
        elif saved == was:
            written[key] = new
        else:
            disputed[key] = saved
    return Merged(written, theirs, disputed)


def stored_cells(report):
    """As `Cells.by_key`; blank figures and explanations are left out."""
    return Cells(
        {figure.indicator_id: figure.typed for figure in report.figures.given()},
        {name: getattr(report, name) for name in Report.NARRATIVE},
        dict(report.explanations.values_list("indicator_id", "text")),
    ).by_key()


def write_cells(report, seen_version, cells, *, by, at):
    before = row_of(report)
    words = {name: text for name, text in cells.narrative.items() if name in Report.NARRATIVE}
    emptied = [name for name, text in words.items() if getattr(report, name) and not text]
    change_row(report, "edit", seen_version, nothing_to_report=False, **words)
    if emptied:  # nothing in them is from a Word file any more
        taken = WordText.objects.filter(file__report=report, narrative__in=emptied)
        taken.update(taken_at=None, taken_by=None)
    if row_of(report) != before:  # cells have histories of their own
        write_history(Report, [report], by=by, at=at, reason=WRITTEN)
    write_figures(report, cells.figures, by=by, at=at)
    write_explanations(report, cells.explanations, by=by, at=at)


def row_of(report):
    return [getattr(report, name) for name in ("status", "nothing_to_report", *Report.NARRATIVE)]


def write_explanations(report, texts, *, by, at):
    stored = {row.indicator_id: row for row in report.explanations.all()} if texts else {}
    new = [
        Explanation(report=report, indicator_id=key, text=text)
        for key, text in texts.items()
        if key not in stored and text
    ]
    changed = [row for key, row in stored.items() if texts.get(key, row.text) != row.text]
    for row in changed:
        row.text = texts[row.indicator_id]
    Explanation.objects.bulk_create(new)
    Explanation.objects.bulk_update(changed, ["text"])
    write_history(Explanation, new, by=by, at=at, reason="", new=True)
    write_history(Explanation, changed, by=by, at=at, reason="")


def write_figures(report, figures, *, by, at):
    """Set cells, with a history row for each that really changes."""
    asked = dict(
        report.period.lines.exclude(indicator__aggregation=Indicator.Aggregation.RATIO).values_list(
            "indicator_id", "indicator__value_type"
        )
    )
    strange = figures.keys() - asked.keys()
    if strange:
        raise ReportError("Biểu mẫu này không hỏi chỉ tiêu đó.")
    stored = {figure.indicator_id: figure for figure in report.figures.all()}
    new, changed = [], []
    for indicator_id, typed in figures.items():
        cell = cell_of(typed, asked[indicator_id])
        figure = stored.get(indicator_id)
        if figure is None:
            if typed is not None:
                new.append(Figure(report=report, indicator_id=indicator_id, **cell))
        elif any(getattr(figure, name) != value for name, value in cell.items()):
            for name, value in cell.items():
                setattr(figure, name, value)
            changed.append(figure)
    Figure.objects.bulk_create(new)
    Figure.objects.bulk_update(changed, CELL)
    write_history(Figure, new, by=by, at=at, reason="", new=True)
    write_history(Figure, changed, by=by, at=at, reason="")
    report._prefetched_objects_cache = {}


def cell_of(typed, value_type):
    """The columns of a Figure in which `typed` stands; ReportError where words answer a number."""
    cell = {"value": None, "is_nothing": False, "qualifier": "", "text": ""}
    if typed == NOTHING:
        return cell | {"is_nothing": True}
    if isinstance(typed, Rough):
        return cell | {"value": typed.value, "qualifier": typed.qualifier}
    is_text = value_type == Indicator.ValueType.TEXT
    if typed is not None and isinstance(typed, str) != is_text:
        raise ReportError(
            "Chỉ tiêu này hỏi bằng số thì trả lời bằng số, hỏi bằng chữ thì bằng chữ."
        )
    if is_text:
        return cell | {"text": typed or ""}
    return cell | {"value": typed}


@transaction.atomic
def ask_for_help(*, report, seen_version, by, at):
    """Ask the unit directly above to write this report; its officers may from now on."""
    if report.events.filter(kind=Kind.ASKED).exists():
        raise ReportError("Đơn vị đã nhờ cấp trên nhập thay rồi.")
    take_step(report, "ask_help", seen_version, by=by, at=at, reason="nhờ nhập thay")
    return add_event(report, Kind.ASKED, by=by, at=at)


@transaction.atomic
def submit_report(*, report, seen_version, by, at, acting_branch=None, seen_summary=None):
    """Hand the report to the unit directly above. The first time is kept for ever.

    With it the summary of a unit that others report to is frozen. `acting_branch`: the unit for
    which she does it in place of the unit's own officers. `seen_summary`: the version of the
    summary when she was shown the report; None asks for no comparison.
    """
    if not (
        report.nothing_to_report
        or report.figures.given().exists()
        or any(getattr(report, name) for name in Report.NARRATIVE)
    ):
        raise ReportError(
            "Báo cáo chưa có gì để nộp. Nếu kỳ này không có hoạt động, chị chọn “Không phát sinh”."
        )
    refuse_what_hinders(report)
    first = {}
    if report.first_submitted_at is None:
        first = {"first_submitted_at": at, "first_submitted_on": localdate(at)}
    take_step(report, "submit", seen_version, by=by, at=at, reason="nộp", **first)
    event = add_event(report, Kind.SUBMITTED, by=by, at=at, acting_branch=acting_branch)
    if seen_summary is not None and seen_summary != hold(report.period, report.branch).version:
        raise ReportError(SUMMARY_CHANGED)
    freeze_with(event)
    return event


@transaction.atomic
def explain_and_submit(*, report, seen_version, explanations, by, at, **how):
    """Hand in the report that she saw together with words about its unusual figures.
    `explanations`: indicator id → text; `how`: as of `submit_report`."""
    write_cells(report, seen_version, Cells(explanations=explanations), by=by, at=at)
    return submit_report(report=report, seen_version=report.version, by=by, at=at, **how)


def refuse_what_hinders(report):
    """What the form requires and its stops; one click of "không phát sinh" answers them all."""
    found = hindrances(report)
    if found:
        said = " ".join(finding.sentence for finding in found[:MOST_SENTENCES])
        rest = len(found) - MOST_SENTENCES
        more = f" Và {rest} chỗ khác." if rest > 0 else ""
        raise ReportError(f"Báo cáo chưa nộp được. {said}{more}")


@transaction.atomic
def submit_nothing(*, report, seen_version, by, at, **how):
    """One click: nothing happened in this period, every flow is "không phát sinh".

    What stands at a moment (số hội viên …) stays blank here: the last known figure goes on
    to count in the lũy kế. Nothing that was typed is thrown away: with figures or words in
    the draft the click is refused. `how`: as of `submit_report`.
    """
    has_content = report.figures.given().exclude(is_nothing=True).exists() or any(
        getattr(report, name) for name in Report.NARRATIVE
    )
    if has_content:
        raise ReportError(
            "Báo cáo đã có số liệu hoặc lời. Chị nộp báo cáo như thường, hoặc xóa các ô rồi "
            "chọn “Không phát sinh”."
        )
    take_step(
        report, "edit", seen_version, by=by, at=at, reason=NOTHING_HAPPENED, nothing_to_report=True
    )
    flows = Indicator.objects.filter(
        form_lines__version=report.period.version, aggregation=Indicator.Aggregation.FLOW
    )
    cells = {flow.pk: NOTHING for flow in flows if report.period.asks(flow)}
    write_figures(report, cells, by=by, at=at)
    return submit_report(report=report, seen_version=report.version, by=by, at=at, **how)


# --- Reviewing ----------------------------------------------------------------------------


@transaction.atomic
def return_report(*, report, seen_version, reason, by, at, remarks=None):
    """Send a submitted report back with a reason; the unit corrects and submits again.

    `remarks`: indicator id, or one of Report.NARRATIVE → what is to be looked at there.
    """
    if not reason.strip():
        raise ReportError("Chị ghi lý do trả lại để đơn vị biết cần sửa gì.")
    take_step(report, "return", seen_version, by=by, at=at, reason="trả lại")
    event = add_event(report, Kind.RETURNED, by=by, at=at, reason=reason.strip())
    Remark.objects.bulk_create(
        Remark(event=event, text=text, **place)
        for place, text in ((place_of(key), text.strip()) for key, text in (remarks or {}).items())
        if text
    )
    return event


def place_of(key):
    return {"narrative": key} if key in Report.NARRATIVE else {"indicator_id": key}


@transaction.atomic
def approve_report(*, report, seen_version, by, at):
    """Accept a submitted report; its figures count in all totals from now on."""
    reviewer = report.reviewing_branch
    take_step(
        report, "approve", seen_version, by=by, at=at, reason="duyệt", reviewer_branch=reviewer
    )
    event = add_event(report, Kind.APPROVED, by=by, at=at)
    add_to_totals(report)
    return event


@transaction.atomic
def reopen_report(*, report, seen_version, reason, by, at):
    """Give an approved or locked report back for correction, named and with a reason; old
    figures stay in the history."""
    if not reason.strip():
        raise ReportError("Chị ghi lý do mở lại báo cáo.")
    step = "unlock" if report.status == Status.LOCKED else "reopen"
    take_step(report, step, seen_version, by=by, at=at, reason="mở lại")
    event = add_event(report, Kind.REOPENED, by=by, at=at, reason=reason.strip())
    take_from_totals(report)
    return event


# --- Locking ------------------------------------------------------------------------------


@transaction.atomic
def lock_report(*, report, seen_version, by, at):
    """Close the book on an approved report: only who answers for the form opens it again."""
    take_step(report, "lock", seen_version, by=by, at=at, reason="khóa")
    return add_event(report, Kind.LOCKED, by=by, at=at)


@transaction.atomic
def lock_reports(*, reports, by, at):
    """Lock all of the queryset `reports` that are approved, in a few statements; how many.

    Their events carry the digest of the approval: figures have not changed since.
    """
    rows = reports.filter(status=Status.APPROVED).select_for_update(of=("self",))
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), 500):
        lock_some(ids[start : start + 500], by, at)
    return len(ids)


def lock_some(ids, by, at):
    reports = Report.objects.filter(pk__in=ids)
    reports.update(status=Status.LOCKED, version=F("version") + 1)
    remember(Report, ", ".join(["%s"] * len(ids)), ids, sign="~", by=by, reason="khóa", at=at)
    approvals = ReportEvent.objects.filter(report=OuterRef("pk"), kind=Kind.APPROVED)
    digest = Subquery(approvals.order_by("-at", "-pk").values("digest")[:1])
    insert_from(
        reports, ReportEvent, report=F("pk"), kind=Kind.LOCKED, by=by.pk, at=at, digest=digest
    )


# --- What all steps share -------------------------------------------------------------------


def lock_row(report):
    """Wait for whoever is writing it, then read it anew."""
    fields = ["version", "status", "nothing_to_report", *Report.NARRATIVE]
    try:
        report.refresh_from_db(fields=fields, from_queryset=Report.objects.select_for_update())
    except Report.DoesNotExist:
        raise ReportError(OWED_NO_MORE) from None


def held(report):
    """The report as it is now, held so that it takes no step meanwhile."""
    rows = Report.objects.select_for_update(of=("self",)).select_related("branch__level")
    try:
        return rows.get(pk=report.pk)
    except Report.DoesNotExist:
        raise ReportError(OWED_NO_MORE) from None


def take_step(report, name, seen_version, *, by, at, reason, **changes):
    """Take a step of the table, only if the row is still as the person saw it, and write the
    row's history."""
    change_row(report, name, seen_version, **changes)
    write_history(Report, [report], by=by, at=at, reason=reason)


def change_row(report, name, seen_version, **changes):
    leads = STEPS[name].leads
    if report.status not in leads:
        raise ReportError(SOMEBODY_CHANGED)
    changes = {"status": leads[report.status], **changes}
    taken = Report.objects.filter(pk=report.pk, version=seen_version, status=report.status).update(
        version=F("version") + 1, **changes
    )
    if not taken:
        raise ReportError(SOMEBODY_CHANGED)
    report.refresh_from_db(fields=["version", *changes])


def write_history(model, rows, *, by, at, reason, new=False):
    """History rows for rows written in bulk, which django-simple-history does not see."""
    if rows:
        model.history.bulk_history_create(
            rows, batch_size=500, update=not new, default_user=by,
            default_change_reason=reason, default_date=at,
        )  # fmt: skip


def add_event(report, kind, *, by, at, reason="", acting_branch=None):
    """Append a step with the figures and words as they stand now, and tell the other side."""
    standing = snapshot(report)
    event = ReportEvent.objects.create(
        report=report,
        kind=kind,
        by=by,
        at=at,
        reason=reason,
        acting_branch=acting_branch,
        snapshot=standing,
        digest=digest(standing),
    )
    announce(event)
    return event


def snapshot(report):
    """{"figures": {indicator code: "12.00" | "không phát sinh" | words | None |
    {"value": "120.00", "qualifier": "more_than"}}, "narrative": {…}, "nothing": bool,
    "explanations": {indicator code: words}, "files": [{"name", "size", "sha256"}],
    "proposals": [{"id", "kind", "text", "to": name of the unit}]}

    Steps from before explanations, files or proposals were kept lack them, and stay as they are.
    """
    figures = report.figures.select_related("indicator").order_by("indicator__code")
    words = report.explanations.exclude(text="").order_by("indicator__code")
    files = report.files.standing().values("file__name", "file__size", "file__sha256")
    return {
        "figures": {figure.indicator.code: in_snapshot(figure.typed) for figure in figures},
        "narrative": {name: getattr(report, name) for name in Report.NARRATIVE},
        "nothing": report.nothing_to_report,
        "explanations": dict(words.values_list("indicator__code", "text")),
        "files": [
            {name.removeprefix("file__"): value for name, value in row.items()} for row in files
        ],
        "proposals": [
            {"id": row.pk, "kind": row.kind, "text": row.text, "to": row.addressed_to.office_name}
            for row in report.raised.select_related("addressed_to__level").order_by("pk")
        ],
    }


def in_snapshot(typed):
    if isinstance(typed, Rough):
        return {"value": str(typed.value), "qualifier": typed.qualifier}
    return None if typed is None else str(typed)


def digest(standing):
    text = json.dumps(standing, ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()
