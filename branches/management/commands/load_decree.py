"""Writes one of the state's decrees down as a draft, with all its lines."""

from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from branches.models import Succession
from branches.services import BranchError, draft_decree
from branches.territory import DECREES, TerritoryError, decree


class Command(BaseCommand):
    help = (
        "Ghi một văn bản sắp xếp đơn vị hành chính thành bản đang soạn, từ dữ liệu kèm phần mềm: "
        f"{', '.join(DECREES)}. Cây đơn vị chưa thay đổi gì: xem trước rồi mới thực hiện."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", metavar="VĂN_BẢN", help=f"một trong: {', '.join(DECREES)}")
        parser.add_argument(
            "--province",
            default="",
            metavar="MÃ",
            help="mã tỉnh, thành phố sau sắp xếp, nếu bản cài đặt chỉ giữ tỉnh đó; ví dụ: 48",
        )

    def handle(self, *, name, province, **options):
        try:
            row = draft_decree(decree(name), province=province)
        except (TerritoryError, BranchError) as error:
            raise CommandError(str(error)) from error
        kinds = Counter(row.successions.order_by().values_list("kind", flat=True))
        counts = ", ".join(f"{kinds[kind]} {kind.label}" for kind in Succession.Kind if kinds[kind])
        self.stdout.write(
            f"Đã ghi bản đang soạn: {row}, hiệu lực từ {row.effective_on:%d/%m/%Y}, của "
            f"{row.owner}. {row.successors.count()} đơn vị hình thành; "
            f"{kinds.total()} dòng: {counts}."
        )
        if row.note:
            self.stdout.write(row.note)
