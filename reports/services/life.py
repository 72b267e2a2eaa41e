"""The life of a report: written, submitted, returned, approved.

Nothing else changes one.
"""

import json
from hashlib import sha256

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from hoiphunu.fields import NOTHING
from hoiphunu.qualifiers import Rough
from programs.models import Indicator

from ..models import Figure, Report, ReportEvent
from ..notifications import announce
from ..totals import add_to_totals, take_from_totals

Status = Report.Status
Kind = ReportEvent.Kind
CELL = ["value", "is_nothing", "qualifier", "text"]

SOMEBODY_CHANGED = (
    "Báo cáo vừa có người khác sửa hoặc chuyển bước. Chị xem lại bản mới rồi làm tiếp; "
    "những gì chị vừa nhập vẫn còn trên màn hình."
)


class ReportError(Exception):
    """A step that the report's state does not allow; the text is for the screen."""


# --- Writing ------------------------------------------------------------------------------


@transaction.atomic
def save_draft(*, report, seen_version, figures, narrative, by, at):
    """Keep what the officer has typed so far.

    `figures`: indicator id → what `read_figure` gives: Decimal, Rough, NOTHING, words or None
    (blank); indicators left out stay as they are. `narrative`: any of Report.NARRATIVE → text.
    """
    status = Status.DRAFT if report.status == Status.NOT_BEGUN else report.status
    change_report(
        report,
        seen_version,
        Report.EDITABLE,
        by=by,
        at=at,
        reason="lưu nháp",
        status=status,
        nothing_to_report=False,
        **{name: narrative[name] for name in Report.NARRATIVE if name in narrative},
    )
    write_figures(report, figures, by=by, at=at)
    return report


def write_figures(report, figures, *, by, at):
    """Set cells, with a history row for each that really changes."""
    asked = dict(
        report.period.form.lines.exclude(
            indicator__aggregation=Indicator.Aggregation.RATIO
        ).values_list("indicator_id", "indicator__value_type")
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
def submit_report(*, report, seen_version, by, at):
    """Hand the report to the unit directly above. The first time is kept for ever."""
    if not (
        report.nothing_to_report
        or report.figures.given().exists()
        or any(getattr(report, name) for name in Report.NARRATIVE)
    ):
        raise ReportError(
            "Báo cáo chưa có gì để nộp. Nếu kỳ này không có hoạt động, chị chọn “Không phát sinh”."
        )
    first = {}
    if report.first_submitted_at is None:
        first = {"first_submitted_at": at, "first_submitted_on": localdate(at)}
    change_report(
        report,
        seen_version,
        Report.EDITABLE,
        by=by,
        at=at,
        reason="nộp",
        status=Status.SUBMITTED,
        **first,
    )
    return add_event(report, Kind.SUBMITTED, by=by, at=at)


@transaction.atomic
def submit_nothing(*, report, seen_version, by, at):
    """One click: nothing happened in this period, every flow is "không phát sinh".

    What stands at a moment (số hội viên …) stays blank here: the last known figure goes on
    to count in the lũy kế. Nothing that was typed is thrown away: with figures or words in
    the draft the click is refused.
    """
    has_content = report.figures.given().exclude(is_nothing=True).exists() or any(
        getattr(report, name) for name in Report.NARRATIVE
    )
    if has_content:
        raise ReportError(
            "Báo cáo đã có số liệu hoặc lời. Chị nộp báo cáo như thường, hoặc xóa các ô rồi "
            "chọn “Không phát sinh”."
        )
    change_report(
        report,
        seen_version,
        Report.EDITABLE,
        by=by,
        at=at,
        reason="không phát sinh",
        nothing_to_report=True,
    )
    flows = Indicator.objects.filter(
        form_lines__form=report.period.form_id, aggregation=Indicator.Aggregation.FLOW
    )
    cells = {flow.pk: NOTHING for flow in flows if report.period.asks(flow)}
    write_figures(report, cells, by=by, at=at)
    return submit_report(report=report, seen_version=report.version, by=by, at=at)


# --- Reviewing ----------------------------------------------------------------------------


@transaction.atomic
def return_report(*, report, seen_version, reason, by, at):
    """Send a submitted report back with a reason; the unit corrects and submits again."""
    if not reason.strip():
        raise ReportError("Chị ghi lý do trả lại để đơn vị biết cần sửa gì.")
    change_report(
        report,
        seen_version,
        [Status.SUBMITTED],
        by=by,
        at=at,
        reason="trả lại",
        status=Status.RETURNED,
    )
    return add_event(report, Kind.RETURNED, by=by, at=at, reason=reason.strip())


@transaction.atomic
def approve_report(*, report, seen_version, by, at):
    """Accept a submitted report; its figures count in all totals from now on."""
    change_report(
        report,
        seen_version,
        [Status.SUBMITTED],
        by=by,
        at=at,
        reason="duyệt",
        status=Status.APPROVED,
        reviewer_branch=report.reviewing_branch,
    )
    event = add_event(report, Kind.APPROVED, by=by, at=at)
    add_to_totals(report)
    return event


@transaction.atomic
def reopen_report(*, report, seen_version, reason, by, at):
    """Give an approved report back for correction, named and with a reason; old figures stay
    in the history."""
    if not reason.strip():
        raise ReportError("Chị ghi lý do mở lại báo cáo.")
    change_report(
        report,
        seen_version,
        [Status.APPROVED],
        by=by,
        at=at,
        reason="mở lại",
        status=Status.RETURNED,
    )
    event = add_event(report, Kind.REOPENED, by=by, at=at, reason=reason.strip())
    take_from_totals(report)
    return event


# --- What all steps share -------------------------------------------------------------------


def change_report(report, seen_version, statuses, *, by, at, reason, **changes):
    """Change the row only if it is still as the person saw it, and write its history."""
    taken = Report.objects.filter(pk=report.pk, version=seen_version, status__in=statuses).update(
        version=F("version") + 1, **changes
    )
    if not taken:
        raise ReportError(SOMEBODY_CHANGED)
    report.refresh_from_db(fields=["version", *changes])
    write_history(Report, [report], by=by, at=at, reason=reason)


def write_history(model, rows, *, by, at, reason, new=False):
    """History rows for rows written in bulk, which django-simple-history does not see."""
    if rows:
        model.history.bulk_history_create(
            rows, batch_size=500, update=not new, default_user=by,
            default_change_reason=reason, default_date=at,
        )  # fmt: skip


def add_event(report, kind, *, by, at, reason=""):
    """Append a step with the figures and words as they stand now, and tell the other side."""
    standing = snapshot(report)
    event = ReportEvent.objects.create(
        report=report,
        kind=kind,
        by=by,
        at=at,
        reason=reason,
        snapshot=standing,
        digest=digest(standing),
    )
    announce(event)
    return event


def snapshot(report):
    """{"figures": {indicator code: "12.00" | "không phát sinh" | words | None |
    {"value": "120.00", "qualifier": "more_than"}}, "narrative": {…}, "nothing": bool}"""
    figures = report.figures.select_related("indicator").order_by("indicator__code")
    return {
        "figures": {figure.indicator.code: in_snapshot(figure.typed) for figure in figures},
        "narrative": {name: getattr(report, name) for name in Report.NARRATIVE},
        "nothing": report.nothing_to_report,
    }


def in_snapshot(typed):
    if isinstance(typed, Rough):
        return {"value": str(typed.value), "qualifier": typed.qualifier}
    return None if typed is None else str(typed)


def digest(standing):
    text = json.dumps(standing, ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()
