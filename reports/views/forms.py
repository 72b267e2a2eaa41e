"""Biểu mẫu: the forms that units report on, their versions, and the draft being written."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hoiphunu.views import get_visible, require
from reports.checks import rule_words, version_rules
from reports.forms import (
    CellsForm,
    FactsForm,
    HeadingForm,
    InForceForm,
    LineForm,
    RuleForm,
    SectionForm,
    SheetForm,
    TextsForm,
    offered_indicators,
)
from reports.models import FormVersion, Period, Report, ReportForm, TableHeading
from reports.services import (
    ReportError,
    change_form,
    create_form,
    discard_draft,
    move_part,
    problems,
    put_in_force,
    remove_part,
    save_heading,
    save_line,
    save_rule,
    save_section,
    set_cells,
    set_texts,
    start_draft,
)
from reports.sheet import preview_sheet

CHANGE = "reports.change_reportform"
SHOW = require_http_methods(["GET", "HEAD", "POST"])


def find_form(request, code):
    return get_visible(ReportForm, request.user, code=code)


def find_draft(request, code):
    """The draft of a form that she may change; 404 where none is being written."""
    form = find_form(request, code)
    require(request.user, CHANGE, form)
    if form.draft is None:
        raise Http404
    return form.draft


def crumbs(form=None, *here):
    ups = [("Báo cáo", reverse("reports:report_list"))]
    if form is None and not here:
        return [*ups, ("Biểu mẫu", "")]
    ups.append(("Biểu mẫu", reverse("reports:form_list")))
    if form is not None:
        ups.append((form.name, form.get_absolute_url() if here else ""))
    return [*ups, *((words, "") for words in here)]


def to_draft(form, place=""):
    return redirect(reverse("reports:form_draft", args=[form.code]) + place)


def labels_of(version):
    """Indicator id → what the version calls its line."""
    lines = version.lines.in_order().select_related("indicator")
    return {line.indicator_id: line.label for line in lines}


def rules_in_words(version):
    labels = labels_of(version)
    return [(rule, rule_words(rule, labels)) for rule in version_rules(version)]


# --- Forms ----------------------------------------------------------------------------------


@require_safe
def form_list(request):
    user = request.user
    forms = ReportForm.objects.visible_to(user).select_related("owner__level", "program")
    rows = [(form, form.newest, user.has_perm(CHANGE, form) and form.draft) for form in forms]
    context = {
        "crumbs": crumbs(),
        "rows": rows,
        "may_add": user.has_perm("reports.add_reportform"),
    }
    return render(request, "reports/form_list.html", context)


@require_safe
def form_detail(request, form):
    form = find_form(request, form)
    may_change = request.user.has_perm(CHANGE, form)
    versions = FormVersion.objects.visible_to(request.user).filter(form=form)
    context = {
        "form": form,
        "crumbs": crumbs(form),
        "versions": versions.annotate(used=Count("periods")),
        "draft": form.draft if may_change else None,
        "may_change": may_change,
        "may_add": request.user.has_perm("reports.add_reportform"),
    }
    return render(request, "reports/form_detail.html", context)


@SHOW
def form_create(request):
    require(request.user, "reports.add_reportform")
    return make_form(request, FactsForm(request.POST or None, user=request.user))


@SHOW
def form_copy(request, form):
    """A new form that begins with what this one asks now."""
    source = find_form(request, form)
    require(request.user, "reports.add_reportform")
    first = {
        "name": f"{source.name} (bản sao)"[:200],
        "code": f"{source.code[:32]}-2",
        "levels": source.levels.all(),
    }
    if source.newest is None:
        require(request.user, CHANGE, source)  # what is being written is nobody else's
    facts = FactsForm(request.POST or None, user=request.user, initial=first)
    return make_form(request, facts, source=source)


def make_form(request, facts, source=None):
    if request.method == "POST" and facts.is_valid():
        try:
            form = create_form(**facts.cleaned_data, source=source, by=request.user)
        except (ReportError, ValidationError) as error:
            facts.add_error(None, error.messages if hasattr(error, "messages") else str(error))
        else:
            messages.success(request, "Đã tạo biểu mẫu. Chị thêm các dòng rồi đưa vào dùng.")
            return to_draft(form)
    title = "Sao chép biểu mẫu" if source else "Tạo biểu mẫu"
    context = {"form": facts, "title": title, "crumbs": crumbs(source, title)}
    return render(request, "reports/form_facts.html", context)


@SHOW
def form_update(request, form):
    form = find_form(request, form)
    require(request.user, CHANGE, form)
    first = {
        "name": form.name, "program": form.program_id, "levels": form.levels.all(),
        "is_active": form.is_active,
    }  # fmt: skip
    facts = FactsForm(request.POST or None, user=request.user, form=form, initial=first)
    if request.method == "POST" and facts.is_valid():
        change_form(form=form, by=request.user, **facts.cleaned_data)
        messages.success(request, "Đã lưu thông tin của biểu mẫu.")
        return redirect(form)
    context = {"form": facts, "title": "Sửa thông tin", "crumbs": crumbs(form, "Sửa thông tin")}
    return render(request, "reports/form_facts.html", context)


# --- Versions ---------------------------------------------------------------------------------


@require_safe
def form_version(request, form, number):
    """A version as the officer sees it, to look at; what is typed here goes nowhere."""
    form = find_form(request, form)
    version = get_visible(FormVersion, request.user, form=form, number=number)
    if version.is_draft:
        require(request.user, CHANGE, form)
    report = Report(period=Period(form=form, form_version=version))
    sheet = SheetForm(report=report, sheet=preview_sheet(version))
    context = {
        "form": form,
        "version": version,
        "sheet": sheet,
        "rules": rules_in_words(version),
        "levels": form.levels.order_by("rank"),
        "crumbs": crumbs(form, str(version)),
    }
    return render(request, "reports/form_version.html", context)


@require_POST
def form_start(request, form):
    form = find_form(request, form)
    require(request.user, CHANGE, form)
    try:
        version = start_draft(form=form, by=request.user)
    except ReportError as error:
        messages.info(request, str(error))
    else:
        messages.success(request, f"Đã mở bản {version.number} để soạn, chép từ bản đang dùng.")
    return to_draft(form)


@require_safe
def form_draft(request, form):
    return show_draft(request, find_draft(request, form))


def show_draft(request, version, day_form=None, status=200):
    sections = version.sections.prefetch_related("headings")
    context = {
        "form": version.form,
        "version": version,
        "parts": [(section, list(lines_to_show(section))) for section in sections],
        "texts": version.texts.all(),
        "rules": rules_in_words(version),
        "problems": problems(version),
        "day_form": day_form or InForceForm(),
        "has_older": version.form.newest is not None,
        "crumbs": crumbs(version.form, f"Soạn bản {version.number}"),
    }
    return render(request, "reports/form_draft.html", context, status=status)


def lines_to_show(section):
    return section.lines.in_order().select_related("indicator")


@require_POST
def form_discard(request, form):
    version = find_draft(request, form)
    if is_another(request, version):
        return to_draft(version.form)
    try:
        discard_draft(version=version, by=request.user)
    except ReportError as error:
        messages.error(request, str(error))
        return to_draft(version.form)
    messages.success(request, "Đã bỏ bản đang soạn. Bản đang dùng không đổi.")
    return redirect(version.form)


def is_another(request, version):
    """The draft that she saw was discarded and another begun meanwhile; says so."""
    if request.POST.get("draft") in (None, str(version.pk)):
        return False
    messages.error(request, "Bản chị xem đã bị bỏ, đây là bản khác vừa được soạn. Chị xem lại.")
    return True


@require_POST
def form_publish(request, form):
    """Đưa vào dùng."""
    version = find_draft(request, form)
    if is_another(request, version):
        return to_draft(version.form)
    typed = InForceForm(request.POST)
    if not typed.is_valid():
        return show_draft(request, version, typed)
    day = typed.cleaned_data["day"]
    try:
        put_in_force(version=version, day=day, by=request.user)
    except ReportError as error:
        typed.add_error(None, str(error))
        return show_draft(request, version, typed)
    messages.success(request, f"{version} được dùng cho các kỳ kết thúc từ {day:%d/%m/%Y}.")
    return redirect(version.form)


# --- What a draft asks ------------------------------------------------------------------------


def kept(request, typed, save, done):
    """Save what was typed by calling `save`; True when it is done, else its error stands."""
    if request.method != "POST" or not typed.is_valid():
        return False
    try:
        save()
    except ReportError as error:
        typed.add_error(None, str(error))
        return False
    messages.success(request, done)
    return True


def show_part(request, version, typed, title, **context):
    context |= {
        "form": typed,
        "title": title,
        "report_form": version.form,
        "crumbs": crumbs(version.form, f"Soạn bản {version.number}", title),
    }
    return render(request, "reports/form_part.html", context)


@SHOW
def form_section_create(request, form):
    version = find_draft(request, form)
    typed = SectionForm(request.POST or None)
    if kept(
        request,
        typed,
        lambda: save_section(version=version, **typed.cleaned_data),
        "Đã thêm phần.",
    ):
        section = version.sections.last()
        if section.is_table:
            return redirect("reports:form_section", version.form.code, section.pk)
        return to_draft(version.form, f"#phan-{section.pk}")
    return show_part(request, version, typed, "Thêm phần")


@SHOW
def form_section(request, form, pk):
    """A section's own words and, of a table, its rows, columns and cells."""
    version = find_draft(request, form)
    section = get_object_or_404(version.sections, pk=pk)
    first = {"heading": section.heading, "help": section.help, "is_table": section.is_table}
    typed = SectionForm(request.POST or None, initial=first)
    if kept(
        request,
        typed,
        lambda: save_section(version=version, section=section, **typed.cleaned_data),
        "Đã lưu phần.",
    ):
        return to_draft(version.form, f"#phan-{section.pk}")
    return show_section(request, version, section, typed)


def show_section(request, version, section, typed, cells=None):
    context = {"section": section, "draft": version}
    if section.is_table:
        axes = [(axis, [h for h in section.headings.all() if h.axis == axis.value])
                for axis in TableHeading.Axis]  # fmt: skip
        context |= {
            "axes": axes,
            "cells": cells or CellsForm(section=section),
            "indicators": offered_indicators(),
        }
    return show_part(request, version, typed, f"Sửa phần “{section}”", **context)


def show_section_again(request, version, section, cells=None):
    first = {"heading": section.heading, "help": section.help, "is_table": section.is_table}
    return show_section(request, version, section, SectionForm(initial=first), cells)


@require_POST
def form_heading_create(request, form, pk):
    """A new row or column of a table."""
    version = find_draft(request, form)
    section = get_object_or_404(version.sections, pk=pk, is_table=True)
    axis = request.POST.get("axis")
    typed = HeadingForm(request.POST)
    if axis in TableHeading.Axis.values and typed.is_valid():
        kept_heading(request, section=section, axis=axis, words=typed.cleaned_data["words"])
    else:
        messages.error(request, "Chị ghi tên hàng hoặc cột, không quá 150 ký tự.")
    return redirect("reports:form_section", version.form.code, section.pk)


@require_POST
def form_heading(request, form, pk):
    """Another name for a row or a column."""
    version = find_draft(request, form)
    heading = get_object_or_404(TableHeading, pk=pk, section__version=version)
    typed = HeadingForm(request.POST)
    if typed.is_valid():
        facts = {"section": heading.section, "axis": heading.axis, "heading": heading}
        kept_heading(request, words=typed.cleaned_data["words"], **facts)
    else:
        messages.error(request, "Chị ghi tên hàng hoặc cột, không quá 150 ký tự.")
    return redirect("reports:form_section", version.form.code, heading.section_id)


def kept_heading(request, **facts):
    try:
        save_heading(**facts)
    except ReportError as error:
        messages.error(request, str(error))


@require_POST
def form_cells(request, form, pk):
    version = find_draft(request, form)
    section = get_object_or_404(version.sections, pk=pk, is_table=True)
    typed = CellsForm(request.POST, section=section)
    if kept(
        request,
        typed,
        lambda: set_cells(section=section, cells=typed.cells, by=request.user),
        "Đã lưu các ô.",
    ):
        return redirect("reports:form_section", version.form.code, section.pk)
    return show_section_again(request, version, section, typed)


@SHOW
def form_line_create(request, form, pk):
    version = find_draft(request, form)
    section = get_object_or_404(version.sections, pk=pk, is_table=False)
    typed = LineForm(request.POST or None)
    if kept(
        request,
        typed,
        lambda: save_line(section=section, by=request.user, **typed.cleaned_data),
        "Đã thêm dòng.",
    ):
        return to_draft(version.form, f"#phan-{section.pk}")
    title = f"Thêm dòng vào phần “{section}”"
    return show_part(request, version, typed, title, indicators=offered_indicators())


@SHOW
def form_line(request, form, pk):
    """Another indicator, help text or requirement for a line or a cell."""
    version = find_draft(request, form)
    line = get_object_or_404(version.lines.in_order().select_related("indicator"), pk=pk)
    first = {"indicator": line.indicator, "is_required": line.is_required, "help": line.help}
    typed = LineForm(request.POST or None, initial=first)
    if kept(
        request,
        typed,
        lambda: save_line(section=line.section, line=line, by=request.user, **typed.cleaned_data),
        "Đã lưu dòng.",
    ):
        return to_draft(version.form, f"#phan-{line.section_id}")
    title = f"Sửa dòng “{line.label}”"
    return show_part(request, version, typed, title, indicators=offered_indicators())


@SHOW
def form_texts(request, form):
    version = find_draft(request, form)
    typed = TextsForm(request.POST or None, version=version)
    if request.method == "POST" and typed.is_valid():
        facts = {name: typed.cleaned_data[name] for name in ("most_files", "files_help")}
        set_texts(version=version, texts=typed.texts, by=request.user, **facts)
        messages.success(request, "Đã lưu phần lời và tệp kèm.")
        return to_draft(version.form, "#phan-loi")
    return show_part(request, version, typed, "Phần lời và tệp kèm", headings=typed.headings())


@SHOW
def form_rule_create(request, form):
    return edit_rule(request, find_draft(request, form), None, "Thêm quy tắc")


@SHOW
def form_rule(request, form, pk):
    version = find_draft(request, form)
    rule = get_object_or_404(version.rules, pk=pk)
    return edit_rule(request, version, rule, "Sửa quy tắc")


def edit_rule(request, version, rule, title):
    typed = RuleForm(request.POST or None, version=version, rule=rule)
    if kept(
        request,
        typed,
        lambda: save_rule(version=version, rule=rule, **typed.facts),
        "Đã lưu quy tắc.",
    ):
        return to_draft(version.form, "#quy-tac")
    return show_part(request, version, typed, title)


def find_part(version, kind, pk):
    """A section, heading, line or rule of the draft, or 404."""
    rows = {
        "section": version.sections,
        "heading": TableHeading.objects.filter(section__version=version),
        "line": version.lines.in_order(),
        "rule": version.rules,
    }
    if kind not in rows:
        raise Http404
    return get_object_or_404(rows[kind], pk=pk)


def back_to(part, version):
    """Where the part stands: of a row or column on its table's page, else on the draft's."""
    if isinstance(part, TableHeading):
        return redirect("reports:form_section", version.form.code, part.section_id)
    section = getattr(part, "section_id", None)
    return to_draft(version.form, f"#phan-{section}" if section else "")


@require_POST
def form_move(request, form, kind, pk):
    """Up or down: the button says which."""
    version = find_draft(request, form)
    part = find_part(version, kind, pk)
    if kind == "rule":
        raise Http404
    move_part(part=part, step=request.POST.get("step"))
    return back_to(part, version)


@require_POST
def form_remove(request, form, kind, pk):
    version = find_draft(request, form)
    part = find_part(version, kind, pk)
    back = back_to(part, version)
    try:
        remove_part(part=part, by=request.user)
    except ReportError as error:
        messages.error(request, str(error))
    return back
