"""A production's first day: the unit at the top and the account that manages the rest."""

import sys
from getpass import getpass
from pathlib import Path

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.timezone import localdate

from branches.models import Branch, Level, Position, User
from branches.services import BranchError, hold_position, open_branch

ROLE = Position.Role.ADMINISTRATOR


class Command(BaseCommand):
    help = (
        "Tạo đơn vị đứng đầu (khi chưa có đơn vị nào) và tài khoản quản trị đầu tiên. "
        "Mật khẩu được hỏi, hoặc đọc từ tệp hay từ đầu vào của lệnh."
    )

    def add_arguments(self, parser):
        parser.add_argument("username", help="tên đăng nhập")
        parser.add_argument("--full-name", required=True, help="họ và tên")
        parser.add_argument("--unit-name", help="tên đơn vị đứng đầu, ví dụ: Đà Nẵng")
        parser.add_argument("--type", default="", help="loại đơn vị, ví dụ: thành phố")
        parser.add_argument("--level", default="tinh", help="mã cấp; mặc định: tinh")
        parser.add_argument("--password-file", type=Path, help="tệp chứa mật khẩu ở dòng đầu")

    def handle(self, *args, **options):
        if Position.objects.in_force(localdate()).filter(role=ROLE).exists():
            raise CommandError(
                "Đã có người quản trị. Người đó tạo thêm tài khoản ở trang Quản trị."
            )
        try:
            with transaction.atomic():
                self.create(**options)
        except (BranchError, ValidationError) as error:
            raise CommandError(" ".join(getattr(error, "messages", [str(error)]))) from error

    def create(self, *, username, full_name, password_file, **options):
        branch = self.top(**options)
        user = User(username=User.normalize_username(username), full_name=full_name)
        password = read_password(password_file)
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
        user.save()
        hold_position(user=user, branch=branch, role=ROLE)
        self.stdout.write(f"Đã tạo tài khoản {user.username}, quản trị của {branch.office_name}.")

    def top(self, *, unit_name, type, level, **options):
        """The one unit at the top, opened if the tree is empty."""
        tops = list(Branch.objects.filter(parent=None, closed_on=None).select_related("level"))
        if len(tops) > 1:
            tops = [top for top in tops if top.name == unit_name]
            if len(tops) != 1:
                raise CommandError("Có nhiều đơn vị đứng đầu: ghi đúng tên ở --unit-name.")
        if tops:
            return tops[0]
        if not unit_name:
            raise CommandError("Chưa có đơn vị nào: ghi tên đơn vị đứng đầu ở --unit-name.")
        found = Level.objects.filter(code=level).first()
        if found is None:
            codes = ", ".join(Level.objects.values_list("code", flat=True))
            raise CommandError(f"Không có cấp “{level}”. Các cấp: {codes}.")
        return open_branch(
            level=found, parent=None, name=unit_name, type=type, opened_on=localdate()
        )


def read_password(path):
    """From the file, from what is piped in, or asked twice; never from the command line."""
    if path:
        try:
            return path.read_text(encoding="utf-8").splitlines()[0]
        except (OSError, IndexError) as error:
            raise CommandError(f"Không đọc được mật khẩu từ tệp {path}.") from error
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Mật khẩu: ")
    if getpass("Gõ lại mật khẩu: ") != password:
        raise CommandError("Hai lần gõ mật khẩu không giống nhau.")
    return password
