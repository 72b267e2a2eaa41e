from pathlib import Path

from django.core.management import BaseCommand, CommandError

from branches.models import Branch, User
from reports.exporters import summary_workbook
from reports.models import Basis, Geography, Period


class Command(BaseCommand):
    help = "Write the summary of a period at a unit to a file, as a named person would see it."

    def add_arguments(self, parser):
        parser.add_argument("--form", required=True, help="code of the form, such as hvch-thang")
        parser.add_argument("--period", required=True, help="code of the period, such as 2021-03")
        parser.add_argument("--unit", required=True, help="slug of the unit")
        parser.add_argument("--as", required=True, dest="username", help="whose rights count")
        parser.add_argument("--format", choices=["xlsx"], default="xlsx")
        parser.add_argument("--geography", choices=Geography.values, default=Geography.THEN)
        parser.add_argument("--basis", choices=Basis.values, default=Basis.APPROVED)
        parser.add_argument("--output", required=True, type=Path)

    def handle(self, *, form, period, unit, username, geography, basis, output, **options):
        try:
            person = User.objects.get(username=username, is_active=True)
            branch = Branch.objects.visible_to(person).get(slug=unit)
            found = Period.objects.visible_to(person).get(form__code=form, code=period)
        except User.DoesNotExist as error:
            raise CommandError(f"Không có tài khoản {username}.") from error
        except Branch.DoesNotExist as error:
            raise CommandError(f"{username} không thấy đơn vị {unit}.") from error
        except Period.DoesNotExist as error:
            raise CommandError(f"Không có kỳ {period} của biểu mẫu {form}.") from error
        if not person.has_perm("reports.export_summary", branch):
            raise CommandError(f"{username} không có quyền xuất số liệu của {branch.office_name}.")
        try:
            content = summary_workbook(
                found,
                branch,
                asked_by=person,
                geography=Geography(geography),
                basis=Basis(basis),
            )
            output.write_bytes(content)
        except OSError as error:
            raise CommandError(f"Không ghi được {output}: {error.strerror}.") from error
        self.stdout.write(f"Đã ghi {output}")
