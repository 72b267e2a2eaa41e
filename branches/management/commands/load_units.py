"""Fills the tree with the units of the country, or of one province, as the state lists them."""

from datetime import date, datetime

from django.core.management.base import BaseCommand, CommandError

from branches.services import BranchError, load_units
from branches.territory import TerritoryError, list_in_force


def read_day(text):
    """2025-07-01 or 01/07/2025."""
    try:
        if "/" in text:
            return datetime.strptime(text, "%d/%m/%Y").date()
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"Không đọc được ngày “{text}”. Viết 2025-07-01 hoặc 01/07/2025."
        ) from None


class Command(BaseCommand):
    help = (
        "Nạp đơn vị hành chính của cả nước, hoặc của một tỉnh, theo danh sách có hiệu lực vào một "
        "ngày. Chạy lại cùng danh sách thì không thêm gì; cây đã khác danh sách thì lệnh từ chối."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--as-of", required=True, metavar="NGÀY", help="ví dụ: 2025-07-01 hoặc 01/07/2025"
        )
        parser.add_argument(
            "--province",
            default="",
            metavar="MÃ",
            help="mã tỉnh, thành phố đứng đầu cây, ví dụ: 48; bỏ trống là cả nước",
        )

    def handle(self, *, as_of, province, **options):
        try:
            listed = list_in_force(read_day(as_of), province)
            opened = load_units(listed, of_country=not province)
        except (TerritoryError, BranchError) as error:
            raise CommandError(str(error)) from error
        if not opened:
            self.stdout.write(f"Không có gì mới: cây đã đúng {listed}.")
            return
        counts = {level: len(listed.at(level)) for level in ("tinh", "huyen", "xa")}
        self.stdout.write(
            f"Đã nạp {listed}: {counts['tinh']} tỉnh, thành phố; {counts['huyen']} quận, huyện; "
            f"{counts['xa']} xã, phường; {opened} đơn vị mới."
        )
