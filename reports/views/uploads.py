"""Lists from Excel: bring the file, look at what it would change, then have it written."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import ListView
from django_htmx.http import HttpResponseClientRefresh

from branches.models import Branch, Position, Upload, UploadRow
from hoiphunu.excel import MAX_SIZE, SAVE_AS
from hoiphunu.jobs import start_soon
from hoiphunu.lists import ListError, error_sentence
from hoiphunu.text import clean
from hoiphunu.views import ScopedMixin, get_visible, require
from programs.models import Program
from reports.exporters import XLSX
from reports.lists import KINDS, confirm_upload, new_upload, outcomes
from reports.tasks import run_upload

KIND = KINDS["assignments"]
ROWS_ON_A_PAGE = 100
Outcome = UploadRow.Outcome


class UploadForm(forms.Form):
    """A file, the programme it speaks of, and the unit in whose name it comes."""

    program = forms.ModelChoiceField(
        Program.objects.none(),  # scope: filled with her own in __init__
        to_field_name="slug",
        label="Chương trình",
        empty_label="Chọn chương trình",
    )
    branch = forms.ModelChoiceField(
        Branch.objects.none(),  # scope: filled with her own in __init__
        to_field_name="slug",
        label="Đơn vị gửi danh sách",
        empty_label="Chọn đơn vị",
        help_text="Danh sách chỉ nhận chi hội thuộc đơn vị này.",
    )
    file = forms.FileField(
        label="Tệp Excel",
        help_text="Tệp .xlsx, không quá 10 MB. Phần mềm đọc thử trước, chưa ghi gì.",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"empty": "Tệp rỗng."},
    )

    def __init__(self, *args, user, asked=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = programs_of(user)
        self.fields["branch"].queryset = units_of(user)
        for name, given in (("program", asked), ("branch", None)):
            choices = list(self.fields[name].queryset[:2])
            self.initial[name] = given or (choices[0].slug if len(choices) == 1 else None)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_SIZE:
            raise forms.ValidationError("Tệp lớn hơn 10 MB. Chị bỏ ảnh hoặc chia thành nhiều tệp.")
        if not file.name.lower().endswith(".xlsx"):
            raise forms.ValidationError(f"Chỉ nhận tệp .xlsx. {SAVE_AS}")
        return file

    def clean(self):
        program, branch = self.cleaned_data.get("program"), self.cleaned_data.get("branch")
        if program and branch and not are_related(program, branch):
            self.add_error("branch", f"{branch.office_name} không thuộc chương trình này.")
        return self.cleaned_data

    def save(self, user):
        file = self.cleaned_data["file"]
        return new_upload(
            kind=KIND.code,
            branch=self.cleaned_data["branch"],
            by=user,
            content=file.read(),
            name=clean(file.name),
            content_type=XLSX,
            params={"program": self.cleaned_data["program"].pk},
        )


def units_of(user):
    """The open units in whose name she enters."""
    held = [p.branch_id for p in user.standing if p.role == Position.Role.OFFICER]
    return Branch.objects.visible_to(user).filter(pk__in=held, closed_on=None)


def programs_of(user):
    """Running programmes in which she takes part as an officer."""
    running = Program.objects.visible_to(user).filter(status=Program.Status.RUNNING)
    taken_part = [
        program.pk
        for program in running.select_related("owner")
        if user.has_perm("programs.add_assignment", program)
    ]
    return running.filter(pk__in=taken_part).select_related("owner")


def are_related(program, branch):
    return program.owner.contains(branch) or branch.contains(program.owner)


class UploadList(ScopedMixin, ListView):
    model = Upload
    paginate_by = 50
    template_name = "reports/upload_list.html"

    def get_queryset(self):
        user = self.request.user
        rows = UploadRow.objects.visible_to(user).filter(upload=OuterRef("pk"))
        uploads = super().get_queryset().select_related("branch__level", "file", "asked_by")
        return uploads.annotate(
            has_errors=Exists(rows.filter(outcome=Outcome.ERROR)),
            has_news=Exists(rows.filter(outcome__in=[Outcome.NEW, Outcome.CHANGED])),
        )

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        wanted = {upload.params.get("program") for upload in context["object_list"]}
        programs = Program.objects.visible_to(self.request.user).in_bulk(wanted - {None})
        for upload in context["object_list"]:
            upload.title = KINDS[upload.kind].title
            upload.program = programs.get(upload.params.get("program"))
        can_add = self.request.user.has_perm("reports.add_upload")
        return context | {"can_add": can_add}


@require_http_methods(["GET", "HEAD", "POST"])
def create(request):
    """`?program=slug` is the programme whose page she came from."""
    require(request.user, "reports.add_upload")
    asked = asked_program(request)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        asked=asked.slug if asked else None,
    )
    if request.method == "POST" and form.is_valid():
        upload = form.save(request.user)
        start_soon(run_upload, upload.pk)
        return redirect(upload)
    context = {"form": form, "kind": KIND, "program": asked, "pairs": pairs(form)}
    return render(request, "reports/upload_create.html", context)


def pairs(form):
    """The programmes and units that go together, for the sheets to fill in."""
    return [
        {"program": program, "branch": branch}
        for program in form.fields["program"].queryset
        for branch in form.fields["branch"].queryset.select_related("level")
        if are_related(program, branch)
    ]


def asked_program(request):
    slug = request.GET.get("program")
    if not slug:
        return None
    program = get_visible(Program, request.user, slug=slug)
    require(request.user, "programs.add_assignment", program)
    return program


@require_safe
def template(request):
    """An empty sheet for one programme and unit, with the unit's own names to choose from."""
    require(request.user, "reports.add_upload")
    program = get_object_or_404(programs_of(request.user), slug=request.GET.get("program", ""))
    branch = get_object_or_404(units_of(request.user), slug=request.GET.get("branch", ""))
    content = KIND.template(
        Upload(branch=branch, asked_by=request.user, params={"program": program.pk})
    )
    name = f"mau-phan-cong-ho-tro-{branch.slug}.xlsx"
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def detail(request, pk):
    upload = find_upload(request, pk)
    program = Program.objects.visible_to(request.user).filter(pk=upload.params.get("program"))
    context = {
        "upload": upload,
        "kind": KINDS[upload.kind],
        "program": program.first(),
        "may_apply": request.user.has_perm("reports.apply_upload", upload),
    }
    if not upload.is_running:
        context |= read_rows(request, upload)
    return render(request, "reports/upload_detail.html", context)


def read_rows(request, upload):
    """The staged rows of one page, errors first, and how many there are of each outcome."""
    counts = outcomes(upload)
    asked = request.GET.get("outcome", "")
    rows = upload.rows.annotate(
        is_good=Case(
            When(outcome=Outcome.ERROR, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        )
    ).order_by("is_good", "pk")
    if asked in Outcome.values:
        rows = rows.filter(outcome=asked)
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    titles = list(dict.fromkeys(column["title"] for column in upload.columns))
    for row in page:
        row.cells = [(title, row.raw.get(title, "")) for title in titles]
        row.sentences = [error_sentence(row.number, error) for error in row.errors]
    return {
        "page_obj": page,
        "titles": titles,
        "outcome": asked,
        "tabs": [(o.value, o.label, counts[o.value]) for o in Outcome],
        "counts": counts,
        "total": sum(counts.values()),
        "to_write": counts[Outcome.NEW] + counts[Outcome.CHANGED],
        "sheets": len({column["sheet"] for column in upload.columns}),
        "warnings": [note for note in upload.notes if note["is_warning"]],
        "passed_over": [note for note in upload.notes if not note["is_warning"]],
    }


@require_safe
def status(request, pk):
    """How far it is; once there is something to look at, htmx asks for the page itself."""
    upload = find_upload(request, pk)
    if request.htmx and not upload.is_running:
        return HttpResponseClientRefresh()
    return render(request, "reports/_upload_status.html", {"upload": upload})


@require_POST
def apply(request, pk):
    upload = find_upload(request, pk)
    require(request.user, "reports.apply_upload", upload)
    try:
        confirm_upload(upload)
    except ListError as error:
        messages.error(request, str(error))
    else:
        start_soon(run_upload, upload.pk)
    return redirect(upload)


def find_upload(request, pk):
    uploads = Upload.objects.visible_to(request.user)
    return get_object_or_404(uploads.select_related("branch__level", "file", "asked_by"), pk=pk)
