"""An Excel list from the command line: the same reading, checks and writing as the page."""

from pathlib import Path

from django.core.management import BaseCommand, CommandError

from branches.models import Branch, Upload, UploadRow, User
from hoiphunu.lists import ListError, error_sentence
from reports.exporters import XLSX
from reports.lists import KINDS, confirm_upload, new_upload
from reports.tasks import run_upload


class Command(BaseCommand):
    help = "Đọc một danh sách Excel, và ghi vào hệ thống khi có --apply."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="TỆP")
        parser.add_argument("--kind", choices=sorted(KINDS), default="assignments")
        parser.add_argument(
            "--program", dest="subject", metavar="SLUG", help="chương trình mà danh sách nói đến"
        )
        parser.add_argument("--unit", required=True, metavar="SLUG")
        parser.add_argument("--as", dest="username", required=True, metavar="TÊN_ĐĂNG_NHẬP")
        parser.add_argument("--apply", action="store_true", help="ghi, nếu không có dòng lỗi")

    def handle(self, file, kind, subject, unit, username, **options):
        kind = KINDS[kind]
        user = found(User.objects.filter(username=username), f"tài khoản {username}")
        branch = found(Branch.objects.visible_to(user).filter(slug=unit), f"đơn vị {unit}")
        upload = new_upload(
            kind=kind.code,
            branch=branch,
            by=user,
            content=content_of(file),
            name=file.name,
            content_type=XLSX,
            params=params_of(kind, subject, user, branch),
        )
        upload = self.run(upload)
        self.tell(upload)
        if options["apply"]:
            try:
                confirm_upload(upload)
            except ListError as error:
                raise CommandError(str(error)) from error
            self.stdout.write(self.run(upload).message)
        elif upload.rows.filter(outcome=UploadRow.Outcome.ERROR).exists():
            raise CommandError("Danh sách còn dòng lỗi.")

    def run(self, upload):
        run_upload(upload.pk)
        upload.refresh_from_db()
        if upload.state == Upload.State.FAILED:
            raise CommandError(upload.message)
        return upload

    def tell(self, upload):
        for note in upload.notes:
            where = f"Dòng {note['number']}" if note["number"] else f"Trang “{note['sheet']}”"
            word = "xem lại" if note["is_warning"] else "bỏ qua"
            self.stdout.write(f"{where}: {word}, {note['why']} ({note['text']})")
        for row in upload.rows.filter(outcome=UploadRow.Outcome.ERROR):
            for error in row.errors:
                self.stdout.write(error_sentence(row.number, error))
        self.stdout.write(f"Lần tải {upload.pk}: {upload.message}")


def params_of(kind, key, user, branch):
    """What the list speaks of, once it is sure that she may bring it for this unit."""
    refused = f"{user.full_name} không nhập danh sách cho {branch} được."
    if not kind.units(user).filter(pk=branch.pk).exists():
        raise CommandError(refused)
    if kind.subject is None:
        return {}
    rows = kind.subject.model.objects.visible_to(user).filter(**{kind.subject.key: key})
    subject = found(rows, f"{kind.subject.label.lower()} {key}")
    if not user.has_perm(kind.subject.permission, subject):
        raise CommandError(refused)
    if refusal := kind.subject.refusal(subject):
        raise CommandError(refusal)
    return {kind.subject.name: subject.pk}


def found(rows, what):
    row = rows.first()
    if row is None:
        raise CommandError(f"Không có {what} trong phạm vi đã cho.")
    return row


def content_of(file):
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"Không mở được tệp {file}.") from error
