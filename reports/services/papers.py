"""Files that go with a report."""

from zipfile import BadZipFile, ZipFile

from django.db import transaction

from branches.services import store_file
from hoiphunu.text import clean
from programs.services import ProgramError
from programs.services.photos import clean_minutes

from ..models import Report, ReportFile
from ..steps import WRITTEN
from .life import ReportError, change_row, held, write_history

OFFICE = "application/vnd.openxmlformats-officedocument."
# ending → the part that such a file must hold, and its type
PAPERS = {
    ".docx": ("word/document.xml", f"{OFFICE}wordprocessingml.document"),
    ".xlsx": ("xl/workbook.xml", f"{OFFICE}spreadsheetml.sheet"),
}
LARGEST = 10 * 2**20


@transaction.atomic
def add_files(*, report, files, by, at):
    """Keep files, as the browser sent them, with a report that may still be written.

    Photos lose place and camera data. One that is refused leaves none behind.
    """
    report = editable(report)
    version = report.period.version
    most = version.most_files if version else 0
    kept = report.files.standing().attachments()
    if kept.count() + len(files) > most:
        raise ReportError(
            f"Báo cáo này kèm được nhiều nhất {most} tệp." if most else "Biểu mẫu không hỏi tệp."
        )
    cleaned = [clean_file(file) for file in files]
    if report.status == Report.Status.NOT_BEGUN:  # with a file it is begun
        change_row(report, "edit", report.version)
        write_history(Report, [report], by=by, at=at, reason=WRITTEN)
    return [
        ReportFile.objects.create(
            report=report,
            file=store_file(
                content=content, name=name, content_type=kind, branch=report.branch, by=by
            ),
        )
        for name, content, kind in cleaned
    ]


@transaction.atomic
def remove_file(*, file, by, at):
    """Take a file out of a report; it stays kept, and it stays known who did it."""
    editable(file.report)
    taken = ReportFile.objects.filter(pk=file.pk, removed_at=None)
    if not taken.update(removed_at=at, removed_by=by):
        raise ReportError("Tệp này vừa được bỏ ra rồi.")


def editable(report):
    report = held(report)
    if not report.is_editable:
        raise ReportError("Báo cáo đã nộp nên không thêm bớt tệp được nữa.")
    return report


def clean_file(file):
    """(name, content, type): a photo drawn anew, a PDF, or a paper of Word or Excel as it is."""
    paper = next((PAPERS[end] for end in PAPERS if file.name.lower().endswith(end)), None)
    if paper is None:
        try:
            return clean_minutes(file)
        except ProgramError as error:
            raise ReportError(str(error)) from error
    if file.size > LARGEST:
        raise ReportError(f"“{file.name}” lớn hơn 10 MB. Chị thu nhỏ lại rồi gửi.")
    part, kind = paper
    refuse_other_than(file, part)
    file.seek(0)
    return clean(file.name)[-200:], file.read(), kind


def refuse_other_than(file, part):
    try:
        with ZipFile(file) as archive:
            is_right = part in archive.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        is_right = False
    if not is_right:
        raise ReportError(f"“{file.name}” bị hỏng hoặc không phải là tệp Word, Excel.")
