"""Compares each unit's stored path with its parents. Exit 1 when one is wrong."""

from django.core.management.base import BaseCommand, CommandError

from branches.models import Branch
from branches.services import wrong_paths


class Command(BaseCommand):
    help = "Đối chiếu đường dẫn của mọi đơn vị với đơn vị cấp trên; kết thúc với mã 1 nếu có sai."

    def handle(self, *args, **options):
        wrong = wrong_paths()
        for branch in Branch.objects.filter(pk__in=wrong).order_by("path"):
            self.stdout.write(f"{branch.slug}: {branch.path}")
        line = f"Đường dẫn: {Branch.objects.count()} đơn vị, {len(wrong)} sai"
        if wrong:
            raise CommandError(line, returncode=1)
        self.stdout.write(line)
