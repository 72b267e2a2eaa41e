"""One report as a sheet: each line with its figure, the one before and the lũy kế. Read-only."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import groupby

from django.db.models import Q

from hoiphunu.fields import NOTHING, show_figure
from hoiphunu.history import capital, history_rows
from hoiphunu.numbers import format_number
from hoiphunu.qualifiers import Rough
from programs.models import Indicator, TargetPart
from programs.queries import indicator_checks, part_words

from .models import (
    Explanation,
    Figure,
    FormLine,
    FormSection,
    Proposal,
    Report,
    ReportEvent,
    typed_figure,
)

JUMP = Decimal("0.5")  # a stock that moves by more than half is worth a second look
WORTH_A_LOOK = 20  # below that a flow may well be ten times the last one
Aggregation = Indicator.Aggregation


@dataclass(frozen=True)
class Line:
    """A line of the form. Figures are as `Figure.typed` gives them; ratios computed.

    `before` is the lũy kế up to the period before, over this unit's approved reports of the
    same year; like `cumulative` it is None for what does not add up over months.
    """

    section: str
    indicator: Indicator
    value: Decimal | Rough | str | None
    previous: Decimal | Rough | str | None
    before: Decimal | None
    was_rough: bool = False  # is a number with "hơn", "khoảng" … in `before`?
    asked: FormLine | None = None
    begins_year: bool = False  # `previous` is of the year before

    @property
    def label(self):
        """As the sheet calls it: in a table "Nữ – Dưới 30 tuổi"."""
        return self.asked.label if self.asked else self.indicator.name

    @property
    def is_required(self):
        return bool(self.asked and self.asked.is_required)

    @property
    def help(self):
        """What the form says of it, else what is said of the indicator everywhere."""
        return (self.asked and self.asked.help) or self.indicator.help

    @property
    def cumulative(self):
        if self.indicator.aggregation != Aggregation.FLOW:
            return None
        answers = [amount(figure) for figure in (self.before, self.value) if figure is not None]
        return sum(answers) if answers else None

    @property
    def is_rough(self):
        """Is a number that is not exact in `cumulative`?"""
        return self.was_rough or isinstance(self.value, Rough)


def read_sheet(report):
    """The lines of `report` in the order of its form, in three queries: what is in use in its
    period, and what was given a figure all the same."""
    asked = list(report.period.lines.in_order().select_related("indicator"))
    previous = report.period.previous()
    return sheet_of(report.period, previous, asked, *figures_around(report, previous))


def sheet_of(period, previous, asked, now, last, before=None, rough=()):
    """Lines from what stands in their cells; for the last four see `figures_around`."""
    begins_year = bool(previous) and previous.year != period.year
    return [
        Line(
            line.section.heading,
            line.indicator,
            value_of(line.indicator, now),
            value_of(line.indicator, last),
            (before or {}).get(line.indicator_id),
            line.indicator_id in rough,
            line,
            begins_year,
        )
        for line in asked
        if period.asks(line.indicator) or line.indicator_id in now
    ]


def read_sheets(period, reports):
    """Report's id → its lines, without the lũy kế; as many questions for a hundred reports of the
    period as for one."""
    asked = list(period.lines.in_order().select_related("indicator"))
    previous, units = period.previous(), {report.branch_id: report for report in reports}
    both = Figure.objects.filter(report__branch__in=units, report__period__in=[period, previous])
    now, last = defaultdict(dict), defaultdict(dict)
    words = [f"report__{name}" for name in Report.NARRATIVE]  # else they come once per figure
    for figure in both.given().select_related("report").defer(*words):
        cells = now if figure.report.period_id == period.pk else last
        cells[figure.report.branch_id][figure.indicator_id] = figure.typed
    return {
        report.pk: sheet_of(period, previous, asked, now[unit], last[unit])
        for unit, report in units.items()
    }


def preview_sheet(version):
    """The lines of a version as they stand before anybody has typed."""
    lines = version.lines.in_order().select_related("indicator")
    return [
        Line(line.section.heading, line.indicator, None, None, None, asked=line) for line in lines
    ]


def figures_around(report, previous):
    """({indicator id: figure} of this report, the same of the one before, {id: lũy kế before},
    the ids of those whose lũy kế holds a number that is not exact)"""
    period = report.period
    counted = Q(report__period__in=period.up_to_here(), report__status__in=Report.COUNTED)
    figures = (
        Figure.objects.filter(report__branch=report.branch_id)
        .filter(Q(report=report) | Q(report__period=previous) | counted)
        .given()
        .select_related("report__period", "indicator")
    )
    now, last, before, rough = {}, {}, {}, set()
    for figure in figures:
        key, typed, owner = figure.indicator_id, figure.typed, figure.report
        if owner.pk == report.pk:
            now[key] = typed
            continue
        if previous and owner.period_id == previous.pk:
            last[key] = typed
        is_flow = figure.indicator.aggregation == Aggregation.FLOW
        if is_flow and owner.status in Report.COUNTED and owner.period.year == period.year:
            before[key] = before.get(key, 0) + amount(typed)
            if figure.qualifier:
                rough.add(key)
    return now, last, before, rough


def value_of(indicator, figures):
    """The figure itself, or the ratio worked out from its two parts."""
    if indicator.is_typed:
        return figures.get(indicator.pk)
    return percent(figures.get(indicator.numerator_id), figures.get(indicator.denominator_id))


def percent(numerator, denominator):
    """In per cent, one decimal, halves up; None while a part is blank or the whole is 0."""
    if numerator is None or denominator is None or not amount(denominator):
        return None
    share = 100 * amount(numerator) / amount(denominator)
    return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


def amount(figure):
    """What a figure adds to a sum: its number, whatever word stands with it."""
    return Decimal(0) if figure == NOTHING else number(figure)


def number(figure):
    """The number that was typed, or None: "không phát sinh" is none, nor is a blank."""
    if isinstance(figure, Rough):
        return figure.value
    return figure if isinstance(figure, Decimal) else None


@dataclass(frozen=True)
class Block:
    """A section with its lines. Of a table `columns` and `rows` are told by the lines, so that
    what is no longer in use leaves no empty row."""

    section: FormSection
    lines: list

    @cached_property
    def columns(self):
        found = {line.asked.column for line in self.lines}
        return sorted(found, key=lambda column: column.position)

    @property
    def units(self):
        """The units of measure of a table's cells, each once: "hộ, triệu đồng"."""
        return ", ".join(dict.fromkeys(line.indicator.unit for line in self.lines))

    @property
    def rows(self):
        """[(row, [(column, its line or None)])] from top to bottom."""
        return [
            (row, [(column, cells.get(column)) for column in self.columns])
            for row, cells in self.cells_by_row.items()
        ]

    @cached_property
    def cells_by_row(self):
        found = {}
        for line in self.lines:
            found.setdefault(line.asked.row, {})[line.asked.column] = line
        return found


def by_section(lines):
    """Blocks in the order of the form."""
    groups = groupby(lines, key=lambda line: line.asked.section)
    return [Block(section, list(group)) for section, group in groups]


def runs(lines):
    """[(are they tables, [Block])]: sections of single lines that follow each other are drawn
    as one table, each table of rows and columns by itself."""
    groups = groupby(by_section(lines), key=lambda block: block.section.is_table)
    return [(is_table, list(group)) for is_table, group in groups]


# --- What deserves a second look ----------------------------------------------------------


def missing_parts(indicators, figures):
    """{indicator id: sentence}: wholes that are blank although a part of them was given."""
    asked = {indicator.pk: indicator for indicator in indicators}
    return {
        ratio.denominator_id: f"Đã nhập “{asked[ratio.numerator_id].name}” thì cần nhập cả số này."
        for ratio in indicators
        if not ratio.is_typed
        and ratio.numerator_id in asked
        and ratio.denominator_id in asked
        and number(figures.get(ratio.numerator_id)) is not None
        and figures.get(ratio.denominator_id) is None
    }


def doubts(lines, but_sums=(), but_jumps=()):
    """[(indicator's id, sentence)] about figures that look odd; they never hinder anybody. Left
    out are the totals and jumps of which a rule of the form speaks: ids of indicators."""
    figures = {line.indicator.pk: line.value for line in lines}
    missing = missing_parts([line.indicator for line in lines], figures)
    found = [(line.indicator.pk, doubt_of(line, missing, but_jumps)) for line in lines]
    sums = wrong_sums(line for line in lines if line.indicator.pk not in but_sums)
    return [pair for pair in found if pair[1]] + sums


def doubt_of(line, missing, but_jumps):
    name = f"“{line.indicator.name}”"
    if line.indicator.pk in missing:
        return f"{name} còn trống nên chưa tính được tỷ lệ."
    if not line.indicator.is_typed and line.value is not None and line.value > 100:
        return f"{name} là {format_number(line.value)} %, vượt quá 100 %."
    if has_fallen(line):
        before, now = show_figure(line.previous), show_figure(line.value)
        return f"{name} là số lũy kế mà thấp hơn kỳ trước: {before} → {now}."
    if line.indicator.pk in but_jumps or not (is_jump(line) or is_far(line)):
        return None
    before, now = show_figure(line.previous), show_figure(line.value)
    verb = "tăng" if number(line.value) > number(line.previous) else "giảm"
    how = "hơn một nửa" if is_jump(line) else "hơn mười lần"
    return f"{name} {verb} {how} so với kỳ trước: {before} → {now}."


def wrong_sums(lines):
    """As `doubts`, of wholes that differ from the sum of their parts; no verdict where a
    part is blank or not exact."""
    values = {
        line.indicator: None if isinstance(line.value, Rough) else amount(line.value)
        for line in lines
        if line.indicator.is_typed and line.indicator.is_number
    }
    return [
        (
            check.total.pk,
            f"Tổng “{check.total.name}” là {check.stated_words}, "
            f"khác tổng các phần: {check.computed_words}.",
        )
        for check in indicator_checks(values)
        if check.is_wrong
    ]


def has_fallen(line):
    """What adds up over the year cannot be less than it was; each year it begins anew."""
    if line.indicator.aggregation != Aggregation.CUMULATIVE or line.begins_year:
        return False
    now, before = number(line.value), number(line.previous)
    return None not in (now, before) and now < before


def is_jump(line):
    if line.indicator.aggregation != Aggregation.STOCK:
        return False
    now, before = number(line.value), number(line.previous)
    if None in (now, before):
        return False
    return abs(now - before) > JUMP * before > 0


def is_far(line):
    """A flow more than ten times the last one, or less than a tenth: thousands for units, đồng
    for triệu. Small numbers may well be so, and what begins anew with the year."""
    now, before = number(line.value), number(line.previous)
    if line.indicator.aggregation == Aggregation.STOCK or not (now and before):
        return False
    if line.indicator.aggregation == Aggregation.CUMULATIVE and line.begins_year:
        return False
    return max(now, before) >= WORTH_A_LOOK and max(now, before) > 10 * min(now, before)


# --- Beside the cells -----------------------------------------------------------------------


def plans_beside(report, user):
    """{indicator's id: the year's target of this unit in words}"""
    parts = TargetPart.objects.visible_to(user).filter(
        target__branch=report.branch_id, target__year=report.period.year, is_open=False,
        indicator__form_lines__version=report.period.version,
    )  # fmt: skip
    if report.period.form.program_id:
        parts = parts.filter(target__program=report.period.form.program_id)
    found = {}
    for part in parts.order_by("target__position", "position", "pk"):
        found.setdefault(part.indicator_id, []).append(part_words(part))
    return {pk: "; ".join(words) for pk, words in found.items()}


def previous_texts(report):
    """{name of a text: what the unit wrote in the period before}, without blank ones."""
    before = Report.objects.filter(branch=report.branch_id, period=report.period.previous()).first()
    texts = {name: getattr(before, name, "") for name in Report.NARRATIVE}
    return {name: text for name, text in texts.items() if text}


# --- What changed -------------------------------------------------------------------------


def changes_since_last_look(events, lines):
    """[{"label", "old", "new"}] between the last two submissions; [] after only one."""
    sent = [event.snapshot for event in events if event.kind == ReportEvent.Kind.SUBMITTED]
    if len(sent) < 2:
        return []
    old, new = sent[-2:]
    figures = [
        (line.indicator.name, *(shown(side, line.indicator) for side in (old, new)))
        for line in lines
        if line.indicator.is_typed
    ]
    texts = [
        (Report._meta.get_field(name).verbose_name, old["narrative"][name], new["narrative"][name])
        for name in Report.NARRATIVE
    ]
    said = [("Không phát sinh", *("có" if side["nothing"] else None for side in (old, new)))]
    rows = said + figures + texts + beside(old, new, lines) + asked(old, new)
    return [
        {"label": label, "old": before or None, "new": after or None}
        for label, before, after in rows
        if before != after
    ]


def beside(old, new, lines):
    """(label, before, after) of explanations and files; steps of old kept neither, so against one
    of them nothing is told."""
    if "files" not in old:
        return []
    words = [
        (f"Giải thích – {line.indicator.name}",
         *(side["explanations"].get(line.indicator.code) for side in (old, new)))
        for line in lines
    ]  # fmt: skip
    names, sums = (
        [[file[key] for file in side["files"]] for side in (old, new)] for key in ("name", "sha256")
    )
    return [*words, ("Tệp kèm", *map(", ".join, names))] if sums[0] != sums[1] else words


def asked(old, new):
    """(label, before, after) of each difficulty and proposal; none where the old step kept none."""
    if "proposals" not in old:
        return []
    old, new = ({row["id"]: row for row in side["proposals"]} for side in (old, new))
    rows = [(old.get(pk), new.get(pk)) for pk in sorted(old.keys() | new.keys())]
    return [
        ("Khó khăn, kiến nghị gửi cấp trên", proposal_words(before), proposal_words(after))
        for before, after in rows
    ]


def proposal_words(row):
    if row is None:
        return ""
    return f"{Proposal.Kind(row['kind']).label}: {row['text']} (gửi {row['to']})"


def answered_remarks(report, events, lines):
    """What was remarked on cells when the report was last returned, and what the unit did:
    [{"key": indicator's id or a text's name, "label", "text", "old", "new", "is_changed",
    "explanation"}]; [] once it is approved."""
    back = (ReportEvent.Kind.RETURNED, ReportEvent.Kind.REOPENED)
    last = next((e for e in reversed(events) if e.kind in back), None)  # reopened: no remarks
    if last is None or report.status in Report.COUNTED:
        return []
    figures = {line.indicator.pk: line.value for line in lines}
    said = dict(report.explanations.values_list("indicator_id", "text"))
    rows = []
    for remark in last.remarks.all():
        key = remark.narrative or remark.indicator_id
        old, new = then_and_now(remark, last.snapshot, report, figures)
        rows.append({
            "key": key, "label": remark.label, "text": remark.text, "old": old, "new": new,
            "is_changed": old != new, "explanation": said.get(key, ""),
        })  # fmt: skip
    return rows


def then_and_now(remark, snapshot, report, figures):
    """(what stood in the cell when the remark was made, what stands there now) as text."""
    if remark.narrative:
        return snapshot["narrative"][remark.narrative], getattr(report, remark.narrative)
    indicator = remark.indicator
    now = show_figure(figures.get(indicator.pk), indicator.value_type)
    return shown(snapshot, indicator) or "", now


def shown(snapshot, indicator):
    figure = snapshot["figures"].get(indicator.code)
    if figure is None or figure == NOTHING or indicator.is_text:
        return figure
    if isinstance(figure, dict):
        return str(Rough(Decimal(figure["value"]), figure["qualifier"]))
    return show_figure(Decimal(figure), indicator.value_type)


def last_change(report):
    """The last row of history of the report or of one of its cells: who and when."""
    cells = Figure.history.filter(report_id=report.pk).select_related("history_user")
    rows = [report.history.select_related("history_user").first(), cells.first()]
    return max(filter(None, rows), key=lambda row: row.history_date, default=None)


def report_history(report):
    """Steps, words and cells, newest first, saved together in one row: components/history.html."""
    events = {event.at: event for event in report.events.select_related("acting_branch")}
    cells = cell_changes(report)
    rows = history_rows(report)
    for row in reversed(rows):  # cells are written just after the row that they belong to
        event = events.get(row["at"])
        row["what"] = capital(row["reason"] or row["what"])
        if event and event.acting_branch:
            row["what"] = event.what
        row["reason"] = event.reason if event else ""
        row["changes"] += cells.pop((row["at"], row["by"]), [])
    rows += [
        {"at": at, "by": by, "what": "Nhập số liệu", "changes": changes}
        for (at, by), changes in cells.items()
    ]
    rows += file_changes(report)
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def cell_changes(report):
    """{(moment, person): [{"label", "old", "new"}]} over all cells and the words beside them."""
    figures = [(row, row.indicator.name, shown_cell(row)) for row in past_of(Figure, report)]
    words = [
        (row, f"Giải thích – {row.indicator.name}", row.text or None)
        for row in past_of(Explanation, report)
    ]
    known, rows = {}, {}
    for row, label, new in figures + words:
        cell = (type(row), row.indicator_id)
        change = {"label": label, "old": known.get(cell), "new": new}
        known[cell] = new
        if change["old"] == new:
            continue
        key = (row.history_date, row.history_user)
        rows.setdefault(key, []).append(change)
    return rows


def past_of(model, report):
    past = model.history.filter(report_id=report.pk).select_related("indicator", "history_user")
    return past.order_by("history_date", "history_id")


def file_changes(report):
    """The rows of files that were put to the report, and of those taken out again."""
    rows = []
    for file in report.files.select_related("file__uploaded_by", "removed_by"):
        label, name = "Tệp kèm", str(file)
        rows.append({
            "at": file.file.created_at, "by": file.file.uploaded_by, "what": "Kèm tệp",
            "changes": [{"label": label, "old": None, "new": name}],
        })  # fmt: skip
        if file.removed_at:
            rows.append({
                "at": file.removed_at, "by": file.removed_by, "what": "Bỏ tệp ra",
                "changes": [{"label": label, "old": name, "new": None}],
            })  # fmt: skip
    return rows


def shown_cell(figure):
    return show_figure(typed_figure(figure), figure.indicator.value_type) or None
