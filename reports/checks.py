"""A sheet against what its form requires and the rules it sets: what keeps it from being handed
in, and what only deserves a second look. Read-only."""

from dataclasses import dataclass, replace

from django.db.models import Q

from hoiphunu.fields import NOTHING, show_figure
from hoiphunu.numbers import format_number
from hoiphunu.qualifiers import Rough

from .models import Explanation, FormRule, FormText, Report
from .sheet import amount, doubts, number, read_sheet, read_sheets, value_of
from .templatetags.sums import amount as amount_words

Kind = FormRule.Kind
# What a rule says, with the names of what it speaks of; {number} is written as people write it.
WORDS = {
    Kind.AT_LEAST: "{name} phải từ {number} trở lên",
    Kind.AT_MOST: "{name} không được quá {number}",
    Kind.NOT_ABOVE: "{name} không được lớn hơn {other}",
    Kind.SUM: "{name} phải bằng tổng của {parts}",
    Kind.CHANGE: "{name} không lệch kỳ trước quá {number} %",
}


@dataclass(frozen=True)
class Finding:
    """Something wrong with a cell (`indicator`, an id) or a heading (`text`, its name)."""

    sentence: str
    indicator: int | None = None
    text: str = ""


def rule_words(rule, labels):
    """A rule as a sentence without its full stop. `labels`: indicator id → its name there, in the
    order of the sheet."""
    parts = {part.pk for part in rule.parts.all()}
    quoted = {pk: f"“{name}”" for pk, name in labels.items()}
    return WORDS[rule.kind].format(
        name=quoted.get(rule.indicator_id),
        other=quoted.get(rule.other_id),
        number=format_number(rule.number) if rule.number is not None else "",
        parts=", ".join(name for pk, name in quoted.items() if pk in parts),
    )


def version_rules(version):
    """The rules of a version with their parts; of none, none."""
    return list(version.rules.prefetch_related("parts")) if version else []


# --- Rules --------------------------------------------------------------------------------------


def broken(rules, lines):
    """[(rule, Finding)] of those that the figures do not keep; a blank keeps every rule."""
    by_indicator = {line.indicator.pk: line for line in lines}
    labels = {pk: line.label for pk, line in by_indicator.items()}
    found = []
    for rule in rules:
        fact = breach(rule, by_indicator)
        if fact:
            sentence = f"{rule_words(rule, labels)}; {fact}."
            found.append((rule, Finding(sentence, indicator=rule.indicator_id)))
    return found


def breach(rule, lines):
    """In what the figures break the rule, in words, or ""."""
    line = lines.get(rule.indicator_id)
    if line is None or line.value is None:
        return ""
    tests = {
        Kind.AT_LEAST: too_low,
        Kind.AT_MOST: too_high,
        Kind.NOT_ABOVE: above_other,
        Kind.SUM: unlike_parts,
        Kind.CHANGE: changed_too_much,
    }
    return tests[rule.kind](rule, line, lines)


def too_low(rule, line, lines):
    value = number(line.value)
    return now_is(line) if value is not None and value < rule.number else ""


def too_high(rule, line, lines):
    value = number(line.value)
    return now_is(line) if value is not None and value > rule.number else ""


def above_other(rule, line, lines):
    other = lines.get(rule.other_id)
    if other is None or exact(other) is None or exact(line) is None or exact(line) <= exact(other):
        return ""
    return f"{now_is(line)}, “{other.label}” là {shown(other)}"


def unlike_parts(rule, line, lines):
    parts = [lines.get(part.pk) for part in rule.parts.all()]
    values = [exact(part) if part else None for part in parts]
    if None in (exact(line), *values) or exact(line) == sum(values):
        return ""
    return f"{now_is(line)}, các phần cộng lại là {format_number(sum(values))}"


def changed_too_much(rule, line, lines):
    value, before = number(line.value), number(line.previous)
    if value is None or not before or 100 * abs(value - before) <= rule.number * abs(before):
        return ""
    return f"{now_is(line)}, kỳ trước là {show_figure(line.previous)}"


def exact(line):
    """The number that may be compared to the last one; "không phát sinh" is 0, "hơn 120" none."""
    if line.value is None or isinstance(line.value, Rough):
        return None
    return amount(line.value) if line.value == NOTHING or not line.indicator.is_text else None


def now_is(line):
    return f"hiện là {shown(line)}"


def shown(line):
    return show_figure(line.value, line.indicator.value_type)


# --- What is missing --------------------------------------------------------------------------


def blanks(lines):
    """Findings of required cells that hold no answer: 0 and "không phát sinh" are answers."""
    for line in lines:
        if line.is_required and line.value is None and line.indicator.is_typed:
            yield Finding(f"“{line.label}” chưa có câu trả lời.", indicator=line.indicator.pk)


def wordless(version, narrative):
    """The same of headings under which words are required. `narrative`: name → text."""
    for text in version.texts.all() if version else ():
        if text.is_required and not narrative.get(text.name):
            yield Finding(f"Mục “{text}” chưa viết.", text=text.name)


# --- Together ---------------------------------------------------------------------------------


def hindrances(report, lines=None, narrative=None):
    """Findings that keep the report from being handed in, as it is saved or as it is typed.

    "Không phát sinh" for the whole report answers all that the form requires.
    """
    if narrative is None and report.nothing_to_report:
        return []
    version = report.period.version
    lines = read_sheet(report) if lines is None else lines
    if narrative is None:
        narrative = {name: getattr(report, name) for name in Report.NARRATIVE}
    stops = [rule for rule in version_rules(version) if rule.is_stop]
    return [
        *blanks(lines),
        *(finding for _, finding in broken(stops, lines)),
        *wordless(version, narrative),
    ]


def second_looks(report, lines):
    """Sentences about figures that look odd or that a warning of the form names; they never
    hinder anybody."""
    return [sentence for _, sentence in second_looks_of_cells(report, lines)]


def second_looks_of_cells(report, lines):
    """[(indicator's id, sentence)] of the same."""
    return looks_at(version_rules(report.period.version), lines)


def looks_at(rules, lines):
    warnings = [rule for rule in rules if not rule.is_stop]
    said = {(rule.kind, rule.indicator_id) for rule in rules}
    sums = {pk for kind, pk in said if kind == Kind.SUM}
    changes = {pk for kind, pk in said if kind == Kind.CHANGE}
    return [
        *doubts(lines, but_sums=sums, but_jumps=changes),
        *((finding.indicator, finding.sentence) for _, finding in broken(warnings, lines)),
    ]


def looks_of_given(report, lines):
    """{indicator's id: [sentences]} of the same; a blank cell is asked for no reason."""
    given = {line.indicator.pk for line in lines if line.value is not None}
    found = {}
    for pk, sentence in second_looks_of_cells(report, lines):
        if pk in given:
            found.setdefault(pk, []).append(sentence)
    return found


def unexplained(report, lines, and_also=()):
    """[(Line, its sentences)] of unusual figures with which no word goes along yet, and of the
    indicators `and_also` (ids)."""
    said = set(report.explanations.exclude(text="").values_list("indicator_id", flat=True))
    odd = looks_of_given(report, lines)
    asked = (odd.keys() - said) | set(and_also)
    return [(line, odd.get(line.indicator.pk, [])) for line in lines if line.indicator.pk in asked]


# --- Across reports -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """An unusual figure in a unit's report; `why`: the word that goes along with it, or ""."""

    code: str
    sentence: str
    why: str


def looks_below(period, branch, reports):
    """[(report, [Look])] of a unit's own report and of those that it reviews, as far as they are
    among `reports` and handed in. A few questions, however many they are."""
    handed_in = [Report.Status.SUBMITTED, *Report.COUNTED]
    reports = reports.filter(Q(branch=branch) | Q(reviewer_branch=branch), period=period)
    reports = reports.filter(status__in=handed_in).select_related("branch__level")
    reports = list(reports.order_by("branch__sort_key", "pk"))
    rules, sheets = version_rules(period.version), read_sheets(period, reports)
    words = Explanation.objects.filter(report__in=reports)
    said = {(row.report_id, row.indicator_id): row.text for row in words}
    found = []
    for report in reports:
        codes = {line.indicator.pk: line.indicator.code for line in sheets[report.pk]}
        looks = [
            Look(codes.get(pk, ""), sentence, said.get((report.pk, pk), ""))
            for pk, sentence in looks_at(rules, sheets[report.pk])
        ]
        found += [(report, looks)] if looks else []
    return found


def rates_above(sums):
    """Sentences about rates over units above 100 %. `sums`: (a line with `name` and `is_percent`,
    its Amount of the period)."""
    return [
        f"“{line.name}” cộng chung là {amount_words(amount, line)}, vượt quá 100 %."
        for line, amount in sums
        if line.is_percent and amount.value is not None and amount.value > 1
    ]


def as_typed(lines, figures):
    """The lines with what was typed in place of what is saved. `figures`: indicator id → value."""
    now = {line.indicator.pk: figures.get(line.indicator.pk, line.value) for line in lines}
    return [replace(line, value=value_of(line.indicator, now)) for line in lines]


def texts_of(report):
    """FormTexts in order: what the form asks for, and what was written all the same."""
    version = report.period.version
    asked = {text.name: text for text in version.texts.all()} if version else {}
    return [
        asked.get(name) or FormText(name=name)
        for name in Report.NARRATIVE
        if name in asked or getattr(report, name)
    ]
