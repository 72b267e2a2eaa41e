"""Lists from Excel: bring the file, look at what it would change, then have it written."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import ListView
from django_htmx.http import HttpResponseClientRefresh

from branches.models import Branch, Upload, UploadRow
from hoiphunu.excel import MAX_SIZE, SAVE_AS
from hoiphunu.jobs import start_soon
from hoiphunu.lists import ListError, error_sentence
from hoiphunu.text import clean, slugify
from hoiphunu.views import ScopedMixin, get_visible, require
from reports.exporters import XLSX
from reports.lists import KINDS, confirm_upload, new_upload, outcomes
from reports.tasks import run_upload

DEFAULT_KIND = "assignments"  # of an address that names none
ROWS_ON_A_PAGE = 100
Outcome = UploadRow.Outcome


class UploadForm(forms.Form):
    """A file, the unit in whose name it comes, and what it speaks of, if its kind says so."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(),  # scope: filled with her own in __init__
        to_field_name="slug",
        label="Đơn vị gửi danh sách",
        empty_label="Chọn đơn vị",
    )
    file = forms.FileField(
        label="Tệp Excel",
        help_text="Tệp .xlsx, không quá 10 MB. Phần mềm đọc thử trước, chưa ghi gì.",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"empty": "Tệp rỗng."},
    )

    def __init__(self, *args, kind, user, asked=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind, self.subject = kind, kind.subject
        self.fields["branch"].queryset = kind.units(user)
        self.fields["branch"].help_text = kind.unit_help
        self.choose_alone("branch", "slug")
        if self.subject:
            self.fields[self.subject.name] = forms.ModelChoiceField(
                self.subject.choices(user),
                to_field_name=self.subject.key,
                label=self.subject.label,
                empty_label="Chọn",
            )
            self.choose_alone(self.subject.name, self.subject.key, asked)
            self.order_fields([self.subject.name, "branch", "file"])

    def choose_alone(self, name, key, asked=None):
        """What she came from, or the only choice there is."""
        choices = list(self.fields[name].queryset[:2])
        row = asked or (choices[0] if len(choices) == 1 else None)
        self.initial[name] = row and getattr(row, key)

    @property
    def is_closed(self):
        """There is nothing that a list could be brought for."""
        names = ["branch", self.subject.name] if self.subject else ["branch"]
        return not all(self.fields[name].queryset for name in names)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_SIZE:
            raise forms.ValidationError("Tệp lớn hơn 10 MB. Chị bỏ ảnh hoặc chia thành nhiều tệp.")
        if not file.name.lower().endswith(".xlsx"):
            raise forms.ValidationError(f"Chỉ nhận tệp .xlsx. {SAVE_AS}")
        return file

    def clean(self):
        subject, branch = self.chosen_subject, self.cleaned_data.get("branch")
        if subject and branch and not self.subject.goes_with(subject, branch):
            self.add_error("branch", self.subject.mismatch.format(branch=branch.office_name))
        return self.cleaned_data

    @property
    def chosen_subject(self):
        return self.cleaned_data.get(self.subject.name) if self.subject else None

    def save(self, user):
        file = self.cleaned_data["file"]
        return new_upload(
            kind=self.kind.code,
            branch=self.cleaned_data["branch"],
            by=user,
            content=file.read(),
            name=clean(file.name),
            content_type=XLSX,
            params={self.subject.name: self.chosen_subject.pk} if self.subject else {},
        )


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
        user, uploads = self.request.user, context["object_list"]
        subjects = subjects_of(user, uploads)
        for upload in uploads:
            upload.title = KINDS[upload.kind].title
            upload.subject = subjects.get(upload.pk)
        return context | {"kinds": [k for k in KINDS.values() if user.has_perm(k.permission)]}


def subjects_of(user, uploads):
    """Upload's id → what it speaks of, as far as she may see it; one question for each kind."""
    found = {}
    for kind in KINDS.values():
        if kind.subject is None:
            continue
        ids = {u.pk: u.params.get(kind.subject.name) for u in uploads if u.kind == kind.code}
        if ids:
            rows = kind.subject.model.objects.visible_to(user).in_bulk(set(ids.values()) - {None})
            found |= {pk: rows.get(subject) for pk, subject in ids.items()}
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def create(request):
    """`?kind=code`; for a kind that has a subject, `?program=slug` is whose page she came from."""
    kind = asked_kind(request)
    asked = asked_subject(request, kind)
    form = UploadForm(
        request.POST or None, request.FILES or None, kind=kind, user=request.user, asked=asked
    )
    if request.method == "POST" and form.is_valid():
        upload = form.save(request.user)
        start_soon(run_upload, upload.pk)
        return redirect(upload)
    context = {"form": form, "kind": kind, "subject": asked, "templates": templates(form)}
    context["refusal"] = kind.subject.refusal(asked) if asked else ""
    context["closed_title"] = kind.subject.none_yet if kind.subject else "Chưa có đơn vị nào"
    return render(request, "reports/upload_create.html", context)


def asked_kind(request):
    """The kind of list that the address names: 404 for an unknown one, 403 for another's."""
    kind = KINDS.get(request.GET.get("kind", DEFAULT_KIND))
    if kind is None:
        raise Http404
    require(request.user, kind.permission)
    return kind


def asked_subject(request, kind):
    key = request.GET.get(kind.subject.name) if kind.subject else None
    if not key:
        return None
    subject = get_visible(kind.subject.model, request.user, **named(kind.subject, key))
    require(request.user, kind.subject.permission, subject)
    return subject


def named(subject, text):
    """The lookup for what the address names; what no key can be is not there."""
    try:
        return {subject.key: subject.model._meta.get_field(subject.key).to_python(text)}
    except ValidationError as error:
        raise Http404 from error


def templates(form):
    """(address, words) of each sheet to fill in: for each unit and subject that go together."""
    kind, subject = form.kind, form.kind.subject
    subjects = list(form.fields[subject.name].queryset) if subject else [None]
    found = []
    for row in subjects:
        for branch in form.fields["branch"].queryset.select_related("level"):
            if row is not None and not subject.goes_with(row, branch):
                continue
            asked = {"kind": kind.code, "branch": branch.slug}
            asked |= {subject.name: getattr(row, subject.key)} if row is not None else {}
            of = f" – {row}" if len(subjects) > 1 else ""
            address = f"{reverse('reports:upload_template')}?{urlencode(asked)}"
            found.append((address, f"{branch.office_name}{of}"))
    return found


@require_safe
def template(request):
    """An empty sheet for one unit (and subject), with the unit's own names to choose from."""
    kind = asked_kind(request)
    params = {}
    if kind.subject:
        lookup = named(kind.subject, request.GET.get(kind.subject.name, ""))
        subject = get_object_or_404(kind.subject.choices(request.user), **lookup)
        params = {kind.subject.name: subject.pk}
    branch = get_object_or_404(kind.units(request.user), slug=request.GET.get("branch", ""))
    content = kind.template(
        Upload(branch=branch, asked_by=request.user, kind=kind.code, params=params)
    )
    name = f"mau-{slugify(kind.title)}-{branch.slug}.xlsx"
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def detail(request, pk):
    upload = find_upload(request, pk)
    kind = KINDS[upload.kind]
    subject = subjects_of(request.user, [upload]).get(upload.pk)
    context = {
        "upload": upload,
        "kind": kind,
        "subject": subject,
        "again_url": again_url(kind, subject),
        "upload_crumb": f"Lần {upload.pk}",
        "may_apply": request.user.has_perm("reports.apply_upload", upload),
    }
    if not upload.is_running:
        context |= read_rows(request, upload)
    return render(request, "reports/upload_detail.html", context)


def again_url(kind, subject):
    """Where another file of the same kind, for the same subject, is brought."""
    asked = {"kind": kind.code}
    if subject:
        asked[kind.subject.name] = getattr(subject, kind.subject.key)
    return f"{reverse('reports:upload_create')}?{urlencode(asked)}"


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
