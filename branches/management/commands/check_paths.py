"""Compares each unit's path with its parents, its search keys with its names.

Exit 1 when one is wrong.
"""

from django.core.management.base import BaseCommand, CommandError

from branches.models import Branch
from branches.services import wrong_keys, wrong_paths


class Command(BaseCommand):
    help = (
        "Đối chiếu đường dẫn của mọi đơn vị với đơn vị cấp trên, chữ để tìm với tên; "
        "kết thúc với mã 1 nếu có sai."
    )

    def handle(self, *args, **options):
        paths, keys = wrong_paths(), wrong_keys()
        for branch in Branch.objects.filter(pk__in=paths).order_by("path"):
            self.stdout.write(f"{branch.slug}: {branch.path}")
        for branch in Branch.objects.filter(pk__in=keys).order_by("path"):
            self.stdout.write(f"{branch.slug}: chữ để tìm")
        count = Branch.objects.count()
        lines = [f"Đường dẫn: {count} đơn vị, {len(paths)} sai"]
        lines.append(f"Chữ để tìm: {count} đơn vị, {len(keys)} sai")
        if paths or keys:
            raise CommandError("\n".join(lines), returncode=1)
        self.stdout.write("\n".join(lines))
