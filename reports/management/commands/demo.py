import shutil
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection

from reports.demo import PASSWORD, SHOWN_ACCOUNTS, build_demo, is_built


def throw_away():
    """Remove the database file, what SQLite keeps beside it, and the files of the pages."""
    connection.close()
    for ending in ("", "-wal", "-shm"):
        Path(f"{settings.DATABASE['NAME']}{ending}").unlink(missing_ok=True)
    for folder in (settings.MEDIA_ROOT, settings.EMAIL_FILE_PATH):
        shutil.rmtree(folder, ignore_errors=True)


class Command(BaseCommand):
    help = "Migrate and load the demonstration data: the same every time, safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--reset", action="store_true", help="throw the data away first")

    def handle(self, *, reset, **options):
        if not settings.DEMO:
            raise CommandError(
                "Lệnh demo tạo tài khoản mà ai cũng biết mật khẩu, nên chỉ chạy khi DEMO=1, "
                "trên một tệp SQLite. Dùng: make run"
            )
        started = monotonic()
        if reset:
            throw_away()
        call_command("migrate", verbosity=0, interactive=False)
        if is_built():
            self.stdout.write("Dữ liệu mẫu đã có, giữ nguyên (demo --reset để làm lại).")
        else:
            build_demo()
            self.stdout.write(f"Đã nạp dữ liệu mẫu trong {monotonic() - started:.0f} giây.")
        self.stdout.write(f"Tài khoản mẫu, mật khẩu chung: {PASSWORD}")
        for account in SHOWN_ACCOUNTS:
            self.stdout.write("  {username:18} {role:14} {unit}".format(**account))
