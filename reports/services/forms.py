"""Report forms: their versions, written as drafts and then put in force for good."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from ..models import (
    FormLine,
    FormRule,
    FormSection,
    FormText,
    FormVersion,
    ReportForm,
    TableHeading,
)
from .life import ReportError

STEP_UP, STEP_DOWN = "up", "down"
IN_FORCE = "Bản này đã đưa vào dùng nên không sửa được nữa. Chị bấm “Sửa biểu mẫu” để soạn bản mới."


# --- Forms ----------------------------------------------------------------------------------


@transaction.atomic
def create_form(*, code, name, owner, levels, by, program=None, source=None):
    """A new form with a first version to write: empty, or what `source` (a form) asks now."""
    form = ReportForm(code=code, name=name, owner=owner, program=program)
    form._history_user = by
    form.full_clean()
    form.save()
    form.levels.set(levels)
    begin_version(form, source and (source.newest or source.draft), by)
    return form


@transaction.atomic
def change_form(*, form, name, program, levels, is_active, by):
    """What is told of the form itself; what it asks is changed in a new version."""
    form.name, form.program, form.is_active = name, program, is_active
    form._history_user = by
    form.full_clean()
    form.save()
    form.levels.set(levels)
    return form


def begin_version(form, source, by):
    """The next version as a draft: what `source` (a version) asks, else just the four texts."""
    version = new_version(form, by)
    if source is None:
        ask_all_texts(version)
    else:
        copy_content(source, version, by)
    return version


def ask_all_texts(version):
    FormText.objects.bulk_create([FormText(version=version, name=name) for name in FormText.Name])


def new_version(form, by):
    last = form.versions.aggregate(last=Max("number"))["last"] or 0
    version = FormVersion(form=form, number=last + 1)
    version._history_user = by
    version.save()
    return version


# --- Versions -------------------------------------------------------------------------------


@transaction.atomic
def start_draft(*, form, by):
    """“Sửa biểu mẫu”: a new version, asking what the last one asks."""
    form = ReportForm.objects.select_for_update().get(pk=form.pk)
    if form.draft is not None:
        raise ReportError("Biểu mẫu này đang có một bản soạn dở. Chị sửa tiếp bản đó.")
    return begin_version(form, form.newest, by)


def copy_content(source, target, by):
    """Give `target`, which asks nothing yet, all that `source` asks."""
    target.most_files, target.files_help = source.most_files, source.files_help
    target._history_user = by
    target.save()
    copies = {}
    for section in source.sections.prefetch_related("headings", "lines"):
        headings, lines = list(section.headings.all()), list(section.lines.all())
        place = again(section, version=target)
        for heading in headings:
            copies[heading.pk] = again(heading, section=place)
        for line in lines:
            row, column = copies.get(line.row_id), copies.get(line.column_id)
            again(line, version=target, section=place, row=row, column=column)
    for text in source.texts.all():
        again(text, version=target)
    for rule in source.rules.prefetch_related("parts"):
        parts = list(rule.parts.all())
        again(rule, version=target).parts.set(parts)


def again(like, /, **fields):
    """A new row like this one, but for `fields`."""
    columns = [f for f in like._meta.concrete_fields if not f.primary_key and f.name not in fields]
    values = {column.attname: getattr(like, column.attname) for column in columns}
    return type(like).objects.create(**values, **fields)


@transaction.atomic
def discard_draft(*, version, by):
    """Throw a draft away; the form goes on with the version in force, so there must be one."""
    version = locked_draft(version)
    if version.form.newest is None:
        raise ReportError("Đây là bản duy nhất của biểu mẫu nên chị cứ sửa tiếp, không bỏ được.")
    version._history_user = by
    version.delete()


@transaction.atomic
def put_in_force(*, version, day, by):
    """Let periods that end on `day` or later, and open from now on, be asked by this version."""
    version = locked_draft(version)
    before = version.form.newest
    if before is not None and day < before.in_force_on:
        since = f"{before.in_force_on:%d/%m/%Y}"
        raise ReportError(f"{before} dùng từ ngày {since}; bản mới phải từ ngày ấy trở đi.")
    wrong = problems(version)
    if wrong:
        raise ReportError(" ".join(wrong))
    version.in_force_on = day
    version._history_user = by
    version.save()
    return version


def problems(version):
    """Sentences about what keeps a draft from being used."""
    lines = list(version.lines.select_related("indicator__numerator", "indicator__denominator"))
    asked = {line.indicator_id for line in lines}
    found = []
    if not version.form.levels.exists():
        found.append("Chị chọn ít nhất một cấp phải báo cáo.")
    if not lines and not version.texts.exists():
        found.append("Biểu mẫu chưa hỏi gì: chị thêm ít nhất một dòng hoặc một mục lời.")
    for line in lines:
        ratio = line.indicator
        missing = [
            part.name
            for part in (ratio.numerator, ratio.denominator)
            if part is not None and part.pk not in asked
        ]
        if missing:
            found.append(f"“{ratio.name}” tính từ “{'”, “'.join(missing)}”, chưa có dòng này.")
    for section in version.sections.filter(lines=None):
        found.append(f"Phần “{section}” còn trống: chị thêm dòng hoặc bỏ phần này.")
    return found


def locked_draft(version):
    """The version, held until the transaction ends; ReportError when it is in force."""
    version = FormVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if not version.is_draft:
        raise ReportError(IN_FORCE)
    return version


# --- What a draft asks ------------------------------------------------------------------------


def save_whole(row, by=None):
    """Check and save; ReportError with a sentence where the database would refuse."""
    row._history_user = by
    try:
        row.full_clean()
    except ValidationError as error:
        raise ReportError(" ".join(error.messages)) from error
    row.save()
    return row


def last_of(rows):
    """The position after the last of its sisters."""
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


@transaction.atomic
def save_section(*, version, heading, help="", is_table=False, section=None):
    """A new section at the end, or other words for one that stands."""
    version = locked_draft(version)
    section = section or FormSection(version=version, position=last_of(version.sections))
    section.heading, section.help = heading, help
    if section.pk and section.is_table != is_table and section.lines.exists():
        raise ReportError("Phần đã có dòng thì không đổi giữa bảng và danh sách được nữa.")
    section.is_table = is_table
    return save_whole(section)


@transaction.atomic
def save_heading(*, section, axis, words, heading=None):
    """A new row or column at the end of a table, or another name for one."""
    locked_draft(section.version)
    there = section.headings.filter(axis=axis)
    heading = heading or TableHeading(section=section, axis=axis, position=last_of(there))
    heading.words = words
    return save_whole(heading)


@transaction.atomic
def save_line(*, section, indicator, by, is_required=False, help="", line=None, cell=None):
    """Ask for an indicator on a line of its own or, with `cell` = (row, column), in a table."""
    version = locked_draft(section.version)
    row, column = cell or (None, None)
    if line is None:
        position = 0 if cell else last_of(section.lines)
        line = FormLine(version=version, section=section, row=row, column=column, position=position)
    if line.pk and line.indicator_id != indicator.pk:
        refuse_if_ruled(line)
    line.indicator, line.help = indicator, help
    line.is_required = is_required and indicator.is_typed
    return save_whole(line, by)


@transaction.atomic
def set_cells(*, section, cells, by):
    """All cells of a table at once. `cells`: (row, column) → Indicator or None."""
    locked_draft(section.version)
    standing = {(line.row, line.column): line for line in section.lines.in_order()}
    for place, line in standing.items():  # first the ones that go, so that others may take them
        if line.indicator != cells.get(place):
            refuse_if_ruled(line, still=set(cells.values()))
            line._history_user = by
            line.delete()
    for (row, column), indicator in cells.items():
        line = standing.get((row, column))
        if indicator and (line is None or line.indicator != indicator):
            kept = {"help": line.help, "is_required": line.is_required} if line else {}
            save_line(section=section, indicator=indicator, by=by, cell=(row, column), **kept)


@transaction.atomic
def remove_part(*, part, by):
    """Take a section, a row or column, a line or a rule out of a draft."""
    locked_draft(part.section.version if isinstance(part, TableHeading) else part.version)
    for line in lines_of(part):
        refuse_if_ruled(line)
    part._history_user = by
    part.delete()


def lines_of(part):
    """The lines that go with a part of a form."""
    if isinstance(part, FormLine):
        return [part]
    if isinstance(part, TableHeading):
        return [*part.cells_of_row.all(), *part.cells_of_column.all()]
    return list(part.lines.all()) if isinstance(part, FormSection) else []


def refuse_if_ruled(line, still=()):
    """A rule that names the line goes first."""
    if line.indicator in still:
        return
    rules = line.version.rules.filter(
        pk__in=[
            rule.pk
            for rule in line.version.rules.prefetch_related("parts")
            if line.indicator_id in named_in(rule)
        ]
    )
    if rules.exists():
        raise ReportError(f"Có quy tắc nói đến “{line.label}”. Chị bỏ quy tắc ấy trước.")


def named_in(rule):
    """Ids of the indicators that a rule speaks of."""
    return {rule.indicator_id, rule.other_id, *(part.pk for part in rule.parts.all())} - {None}


@transaction.atomic
def move_part(*, part, step):
    """One place up or down among its sisters; at the end nothing happens."""
    locked_draft(part.section.version if isinstance(part, TableHeading) else part.version)
    sisters = list(sisters_of(part))
    here = sisters.index(part)
    there = here + (-1 if step == STEP_UP else 1)
    if 0 <= there < len(sisters):
        sisters[here], sisters[there] = sisters[there], sisters[here]
        for position, row in enumerate(sisters, 1):
            row.position = position
        type(part).objects.bulk_update(sisters, ["position"])


def sisters_of(part):
    if isinstance(part, FormSection):
        return part.version.sections.all()
    if isinstance(part, TableHeading):
        return part.section.headings.filter(axis=part.axis)
    return part.section.lines.in_order()


@transaction.atomic
def set_texts(*, version, texts, most_files, files_help, by):
    """Which words and files are asked for. `texts`: FormText.Name → (is required, help)."""
    version = locked_draft(version)
    version.texts.all().delete()
    for name in FormText.Name:
        if name in texts:
            is_required, help = texts[name]
            save_whole(FormText(version=version, name=name, is_required=is_required, help=help))
    version.most_files, version.files_help = most_files, files_help
    return save_whole(version, by)


@transaction.atomic
def save_rule(*, version, kind, indicator, is_stop, number=None, other=None, parts=(), rule=None):
    """A rule that the figures must keep; it speaks only of what the version asks."""
    version = locked_draft(version)
    rule = rule or FormRule(version=version)
    rule.kind, rule.indicator, rule.is_stop = kind, indicator, is_stop
    rule.number = number if kind in FormRule.OF_NUMBER else None
    rule.other = other if kind == FormRule.Kind.NOT_ABOVE else None
    parts = list(parts) if kind == FormRule.Kind.SUM else []
    asked = set(version.lines.values_list("indicator_id", flat=True))
    named = {one.pk for one in (indicator, rule.other, *parts) if one is not None}
    if named - asked:
        raise ReportError("Quy tắc chỉ nói đến những dòng có trong biểu mẫu.")
    if kind == FormRule.Kind.SUM and (len(parts) < 2 or indicator in parts):
        raise ReportError("Chị chọn ít nhất hai dòng khác làm các phần của tổng.")
    if rule.other == indicator:
        raise ReportError("Chị chọn một dòng khác để so.")
    save_whole(rule)
    rule.parts.set(parts)
    return rule


# --- For demonstrations, commands and tests ----------------------------------------------------


@transaction.atomic
def ask_indicators(form, sections, *, in_force_on=None, by=None):
    """Write a first version into a form in one go and put it in force. `sections`:
    [(heading, [Indicator, …])]."""
    version = begin_version(form, None, by)
    for heading, indicators in sections:
        section = save_section(version=version, heading=heading)
        for indicator in indicators:
            save_line(section=section, indicator=indicator, by=by)
    version.in_force_on = in_force_on or date(2000, 1, 1)
    version._history_user = by
    version.save()
    return version
