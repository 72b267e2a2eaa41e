"""From the paper to the programme: give it, look at what was read, tick, take over."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import ListView
from django_htmx.http import HttpResponseClientRefresh

from branches.models import Branch
from hoiphunu.jobs import start_soon
from hoiphunu.text import clean
from hoiphunu.views import ScopedMixin, require, seen_version
from programs.forms import ReadingForm, ReadingPage
from programs.models import PlanReading
from programs.services import ProgramError, ask_reading, keep_choices, take_over
from programs.tasks import read_plan

from .programs import issuing_branches
from .shared import PER_PAGE

TEXT_TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
}


class ReadingList(ScopedMixin, ListView):
    model = PlanReading
    paginate_by = PER_PAGE
    template_name = "programs/reading_list.html"

    def get_queryset(self):
        rows = super().get_queryset().select_related("branch__level", "file", "asked_by", "program")
        return rows.defer("text", "proposals", "unknown", "choices")

    def get_context_data(self, **kwargs):
        can_create = bool(issuing_branches(self.request.user))
        return super().get_context_data(can_create=can_create, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
def reading_create(request):
    require(request.user, "programs.read_plan")
    hers = [branch.pk for branch in issuing_branches(request.user)]
    branches = Branch.objects.visible_to(request.user).filter(pk__in=hers).select_related("level")
    form = ReadingForm(request.POST or None, request.FILES or None, branches=branches)
    if request.method == "POST" and form.is_valid():
        reading = ask_reading(by=request.user, **paper(form.cleaned_data))
        start_soon(read_plan, reading.pk)
        return redirect(reading)
    return render(request, "programs/reading_create.html", {"form": form})


def paper(data):
    """What the service takes: the file's content and name, or the words."""
    file = data["file"]
    if not file:
        return {"branch": data["branch"], "text": data["text"]}
    name = clean(file.name)
    ending = name[name.rfind(".") :].lower()
    return {
        "branch": data["branch"],
        "content": file.read(),
        "name": name,
        "content_type": TEXT_TYPES[ending],
    }


@require_safe
def reading_detail(request, pk):
    reading = visible_reading(request, pk)
    return show(request, reading, ReadingPage(reading))


@require_safe
def reading_status(request, pk):
    """How far it is; once it is read, htmx asks for the page itself."""
    reading = visible_reading(request, pk)
    if request.htmx and not reading.is_running:
        return HttpResponseClientRefresh()
    return render(request, "programs/_reading_status.html", {"reading": reading})


@require_POST
def reading_keep(request, pk):
    """Keep the ticks and corrections as they stand, whole or half; `all`: tick a whole group."""
    reading = visible_reading(request, pk)
    require(request.user, "programs.read_plan", reading.branch)
    group = request.POST.get("all", "")
    page = ReadingPage(reading, request.POST, group)
    try:
        keep_choices(
            reading=reading,
            seen_version=seen_version(request),
            choices=page.typed,
            by=request.user,
        )
    except ProgramError as error:
        page.say(error)
        return show(request, reading, page)
    messages.success(request, f"Đã lưu. Chị đang chọn {len(page.ticked)} mục.")
    return redirect(f"{reading.get_absolute_url()}#{group}" if group else reading)


@require_POST
def reading_take(request, pk):
    reading = visible_reading(request, pk)
    require(request.user, "programs.read_plan", reading.branch)
    page = ReadingPage(reading, request.POST)
    if page.is_valid():
        try:
            program = take_over(
                reading=reading,
                seen_version=seen_version(request),
                basics=page.basics.cleaned_data,
                rows=page.wanted(),
                choices=page.typed,
                by=request.user,
            )
        except ProgramError as error:
            page.say(error)
        else:
            messages.success(request, "Đã tạo chương trình. Chị xem lại rồi bấm “Bắt đầu”.")
            return redirect(program)
    else:
        page.error = "Còn chỗ cần sửa, chưa tạo gì."
    return show(request, reading, page)


def show(request, reading, page):
    may_read = request.user.has_perm("programs.read_plan", reading.branch)
    context = {
        "reading": reading,
        "page": page,
        "version": request.POST.get("version", reading.version),
        "can_change": may_read and reading.state == PlanReading.State.READY and not reading.program,
    }
    return render(request, "programs/reading_detail.html", context)


def visible_reading(request, pk):
    readings = PlanReading.objects.visible_to(request.user)
    rows = readings.select_related("branch__level", "file", "asked_by", "program")
    return get_object_or_404(rows, pk=pk)
