"""Pages of a plan's papers, contents and duties, stated figures, and where a number comes from."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from hoiphunu.views import as_download, require, seen_version
from programs.forms import ContentForm, DocumentForm, DutyForm, FigureForm
from programs.models import Content, Duty, PlanDocument, Program, StatedFigure
from programs.queries import (
    CITED,
    amended_by,
    duties_by_level,
    figure_checks,
    figure_words,
    implied_words,
    sources,
)
from programs.services import ProgramError, add_part, change_part, remove_part

from .shared import visible_program


@dataclass(frozen=True)
class Kind:
    """A kind of row that is written on a page of its own; `page` lists them."""

    model: type
    form: type
    page: str
    label: str


KINDS = {
    "documents": Kind(PlanDocument, DocumentForm, "programs:document_list", "văn bản"),
    "contents": Kind(Content, ContentForm, "programs:duty_list", "nội dung"),
    "duties": Kind(Duty, DutyForm, "programs:duty_list", "nhiệm vụ"),
    "figures": Kind(StatedFigure, FigureForm, "programs:figure_list", "số liệu"),
}


@require_safe
def document_list(request, slug):
    program = visible_program(request, slug)
    documents = program.plans.select_related("amends", "file").order_by("-role", "issued_on", "pk")
    documents = list(documents)
    for paper in documents:
        paper.amended = amended_by(paper, request.user) if paper.amends_id else []
    return render(request, "programs/document_list.html", base(request, program, rows=documents))


@require_safe
def document_file(request, pk):
    """The paper itself, for whoever sees the programme."""
    papers = PlanDocument.objects.visible_to(request.user).exclude(file=None)
    return as_download(get_object_or_404(papers.select_related("file"), pk=pk).file)


@require_safe
def duty_list(request, slug):
    """What the programme consists of, and who must do what, in the order of the plan."""
    program = visible_program(request, slug)
    context = base(
        request,
        program,
        contents=program.contents.select_related("document"),
        groups=duties_by_level(program),
    )
    return render(request, "programs/duty_list.html", context)


@require_safe
def figure_list(request, slug):
    program = visible_program(request, slug)
    figures = list(program.stated_figures.select_related("document", "part_of", "about"))
    for figure in figures:
        figure.words, figure.implied = figure_words(figure), implied_words(figure)
    checks = figure_checks(program)
    context = base(
        request,
        program,
        figures=figures,
        has_indicators=any(figure.indicator_id for figure in figures),
        warnings=[check for check in checks if check.is_wrong],
        doubts=[check for check in checks if check.doubt],
        agreeing=[check for check in checks if not check.doubt and not check.is_wrong],
    )
    return render(request, "programs/figure_list.html", context)


@require_safe
def cited(request, kind, pk):
    """Số này ở đâu ra: what stands, on which paper, and what stood before."""
    model, words = CITED.get(kind) or not_found()
    rows = model.objects.visible_to(request.user).select_related("program__owner", "document")
    row = get_object_or_404(rows, pk=pk)
    context = {"program": seen_program(request, row), "row": row, "sources": sources(row, words)}
    return render(request, "programs/cited.html", context)


def part_create(request, slug, kind):
    kind = KINDS.get(kind) or not_found()
    program = visible_program(request, slug)
    require(request.user, "programs.change_program", program)
    form = filled(request, kind, program, kind.model(program=program))
    if request.method == "POST" and form.is_valid():
        try:
            add_part(model=kind.model, program=program, by=request.user, **form.wanted())
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi {kind.label}.")
            return redirect(kind.page, program.slug)
    return part_page(request, kind, program, form)


def part_update(request, kind, pk):
    kind, row = found_part(request, kind, pk)
    form = filled(request, kind, row.program, row)
    if request.method == "POST" and form.is_valid():
        try:
            change_part(
                row=row,
                seen_version=seen_version(request),
                by=request.user,
                **form.wanted(),
            )
        except ProgramError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã lưu {kind.label}.")
            return redirect(kind.page, row.program.slug)
    return part_page(request, kind, row.program, form, row)


@require_POST
def part_remove(request, kind, pk):
    kind, row = found_part(request, kind, pk)
    try:
        remove_part(row=row, seen_version=seen_version(request), by=request.user)
    except ProgramError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã xóa {kind.label}.")
    return redirect(kind.page, row.program.slug)


def found_part(request, kind, pk):
    """The kind and the row that she may change; strangers get 404, readers 403."""
    kind = KINDS.get(kind) or not_found()
    rows = kind.model.objects.visible_to(request.user).select_related("program__owner__level")
    row = get_object_or_404(rows, pk=pk)
    require(request.user, "programs.change_program", row.program)
    return kind, row


def filled(request, kind, program, row):
    return kind.form(request.POST or None, request.FILES or None, program=program, instance=row)


def part_page(request, kind, program, form, row=None):
    context = {"program": program, "form": form, "kind": kind, "row": row}
    if row:
        context["word"] = next(word for word in KINDS if KINDS[word] is kind)
    return render(request, "programs/part_form.html", context)


def base(request, program, **more):
    may = request.user.has_perm("programs.change_program", program)
    return {"program": program, "can_change": may and not program.is_closed} | more


def seen_program(request, row):
    """The row's programme for the way back up, if she may open it."""
    return Program.objects.visible_to(request.user).filter(pk=row.program_id).first()


def not_found():
    raise Http404
