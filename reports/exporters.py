"""Workbooks for leaders: what a page of sums shows, as an .xlsx that opens cleanly."""

from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localtime, now

from branches.services import store_file
from hoiphunu.excel import DECIMAL, PERCENT, WHOLE, Column, Row, add_summary, new_summary, to_bytes
from hoiphunu.fields import show_figure
from hoiphunu.history import capital
from programs.models import Indicator

from . import notifications, queries
from .models import Basis, Export, Geography
from .parts import part_checks

SUMS_OF = {
    Basis.APPROVED: "Chỉ cộng báo cáo đã duyệt",
    Basis.ALL: "Cộng tất cả báo cáo đã nộp, kể cả chưa duyệt",
}
MOST_MISSING = 100  # named in the workbook; of a country the page lists the others
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_export(export):
    """Make the workbook of an Export row and hang the file on it."""
    try:
        content = summary_workbook(
            export.period,
            export.branch,
            asked_by=export.asked_by,
            geography=Geography(export.geography),
            basis=Basis(export.basis),
        )
        export.file = store_file(
            content=content,
            name=summary_name(export.period, export.branch),
            content_type=XLSX,
            branch=export.branch,
            by=export.asked_by,
            is_personal=True,
        )
    except Exception:
        export.finish(Export.State.FAILED, "Không lập được tệp. Chị bấm xuất lại lần nữa.")
        raise  # for the log: the person has her sentence, the developer the reason
    export.done = export.total = 1
    export.state = Export.State.READY
    with transaction.atomic():  # ready and told, or neither
        export.save()
        notifications.tell_ready(export)


def summary_name(period, branch):
    return f"tong-hop-{period.code}-{branch.slug}.xlsx"


def number_format(indicator):
    if indicator.is_percent:
        return PERCENT
    return DECIMAL if indicator.value_type == Indicator.ValueType.DECIMAL else WHOLE


def summary_workbook(period, branch, *, asked_by, geography=Geography.THEN, basis=Basis.APPROVED):
    """The bytes of an .xlsx: sums by indicator, then by unit the period and the year."""
    lines, how = queries.form_lines(period), {"geography": geography, "basis": basis}
    in_words = [str(group) for group in queries.completeness(period, branch)]
    title = [
        branch.office_name.upper(),
        f"TỔNG HỢP {period.form.name.upper()} – {period.label.upper()}",
        f"{SUMS_OF[basis]}, chốt ngày {period.cut_off_on:%d/%m/%Y}; đã nộp: "
        + (", ".join(in_words) or "chưa có đơn vị nào phải báo cáo"),
    ]
    if geography == Geography.NOW:
        title[1] += " – ĐỊA BÀN HIỆN NAY"
    stamp = (
        f"Lập lúc {localtime(now()):%H:%M ngày %d/%m/%Y} từ phần mềm hoiphunu, "
        f"người lập: {asked_by.full_name}."
    )
    sums = queries.summary_lines(period, branch, lines, **how)
    warnings = [
        f"{'Lũy kế' if check.to_date else 'Trong kỳ'}: {check.sentence}"
        for check in part_checks(period, branch, lines, sums, asked_by, **how)
    ]
    workbook = new_summary(
        title,
        "",
        [
            Column("STT", 6),
            Column("Chỉ tiêu", 52),
            Column("Đơn vị tính", 14),
            Column("Trong kỳ", 18, DECIMAL),
            Column("Lũy kế từ đầu năm", 18, DECIMAL),
            Column("Số đơn vị có số liệu", 14, WHOLE),
            Column("Ghi chú", 30),
        ],
        indicator_rows(sums),
        sheet_name="Theo chỉ tiêu",
        notes=[stamp, missing_note(period, branch), *warnings],
    )
    paint_percent(workbook.active, lines)
    columns = [Column("STT", 6), Column("Đơn vị", 38)]
    columns += [
        Column(f"{line.indicator.name} ({line.indicator.unit})", 16, number_format(line.indicator))
        for line in lines
    ]
    columns.append(Column("Số ước", 30))
    for sheet_name, words, to_date in (
        ("Theo đơn vị", "trong kỳ", False),
        ("Lũy kế theo đơn vị", "lũy kế từ đầu năm", True),
    ):
        add_summary(
            workbook,
            [*title[:2], f"Phân theo đơn vị, {words}"],
            "",
            columns,
            unit_rows(period, branch, lines, to_date=to_date, **how),
            sheet_name=sheet_name,
            notes=[stamp],
        )
    if rows := answer_rows(period, branch, lines, asked_by, **how):
        add_summary(
            workbook,
            [*title[:2], "Trả lời của từng đơn vị, trong kỳ; không cộng"],
            "",
            [Column("STT", 6), Column("Đơn vị", 38), Column("Chỉ tiêu", 40), Column("Trả lời", 60)],
            rows,
            sheet_name="Không cộng",
            notes=[stamp],
        )
    return to_bytes(workbook)


def answer_rows(period, branch, lines, reader, **how):
    """What is not added – words, a yes or no – unit by unit, of the units that she may read."""
    rows = []
    for line in lines:
        if line.indicator.aggregation == Indicator.Aggregation.NONE:
            figures = queries.rows_behind(period, branch, line.indicator, to_date=False, **how)
            for figure in figures.visible_to(reader):
                said = show_figure(figure.typed, line.indicator.value_type)
                rows.append([figure.report.branch.office_name, line.indicator.name, said])
    return [[number, *row] for number, row in enumerate(rows, start=1)]


def rough_note(amounts):
    """Whose sums hold numbers that are not exact: [(indicator, Amount)] as "Số cuộc (2 đơn vị)"."""
    return "; ".join(
        f"{indicator.name} ({len(amount.rough)} đơn vị)"
        for indicator, amount in amounts
        if amount.rough
    )


def rough_words(line):
    """ "Trong kỳ có số ước: 2 đơn vị; lũy kế có số ước: 3 đơn vị", or ""."""
    parts = (("trong kỳ", line.period), ("lũy kế", line.to_date))
    said = [
        f"{where} có số ước: {len(amount.rough)} đơn vị" for where, amount in parts if amount.rough
    ]
    return capital("; ".join(said))


def indicator_rows(lines):
    section, rows = None, []
    for number, line in enumerate(lines, start=1):
        if line.section != section:
            section = line.section
            rows.append(Row(["", section], kind="section"))
        rows.append(
            Row(
                [
                    number,
                    line.indicator.name,
                    line.indicator.unit,
                    cell(line.period),
                    cell(line.to_date),
                    line.period.answered,
                    rough_words(line),
                ]
            )
        )
    return rows


def paint_percent(sheet, lines):
    """Ratios are stored as fractions; only their own rows are shown as per cent."""
    percent = {line.indicator.name for line in lines if line.indicator.is_percent}
    for row in sheet.iter_rows(min_col=2, max_col=5):
        if row[0].value in percent:
            for figure in row[2:]:
                figure.number_format = PERCENT


def unit_rows(period, branch, lines, *, to_date, geography, basis):
    total = {
        line.indicator.pk: line.to_date if to_date else line.period
        for line in queries.summary_lines(period, branch, lines, geography, basis)
    }
    columns = queries.child_columns(
        period, branch, lines, to_date=to_date, geography=geography, basis=basis
    )
    rows = []
    for number, column in enumerate(columns, start=1):
        name = column.branch.office_name
        if column.is_own:
            name += " (hoạt động của chính Hội)"
        elif geography == Geography.NOW and column.branch.closed_on:
            name += f" (đơn vị cũ{', không tách được' * column.is_undivided})"
        rows.append([number, name, *sums_and_note(lines, column.amounts)])
    rows.append(Row(["", "Cộng", *sums_and_note(lines, total)], kind="total"))
    return rows


def sums_and_note(lines, amounts):
    pairs = [(line.indicator, amounts[line.indicator_id]) for line in lines]
    return [*(cell(amount) for _, amount in pairs), rough_note(pairs)]


def cell(amount):
    """A number to be stored as a number; blank stays blank, and 0 stays 0."""
    if amount.value is None:
        return None
    return round(Decimal(amount.value), 6)


def missing_note(period, branch):
    missing = queries.not_in(period, branch)
    count = missing.count()
    if not count:
        return "Tất cả đã nộp."
    named = ", ".join(report.branch.office_name for report in missing[:MOST_MISSING])
    more = f" và {count - MOST_MISSING} đơn vị khác" if count > MOST_MISSING else ""
    return f"Chưa nộp ({count}): {named}{more}."
