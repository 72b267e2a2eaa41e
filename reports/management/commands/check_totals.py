import sys

from django.core.management import BaseCommand, CommandError

from branches.models import Branch
from programs.models import Indicator
from reports.models import Period
from reports.totals import MOST_TOLD, check_totals


class Command(BaseCommand):
    help = "Compare the stored totals with a fresh count; exit 1 on a difference, mend nothing."

    def add_arguments(self, parser):
        parser.add_argument("--period", help="just this period, such as 2021-03")

    def handle(self, *, period, **options):
        periods = Period.objects.all()
        if period:
            periods = periods.filter(code=period)
            if not periods:
                raise CommandError(f"Không có kỳ {period}.")
        wrong = sum(self.tell(each) for each in periods)
        self.stdout.write(f"Kiểm tra {len(periods)} kỳ: {wrong} số lệch.")
        if wrong:
            sys.exit(1)

    def tell(self, period):
        """Write the period's differences; how many."""
        differences = check_totals([period])
        codes = dict(
            Indicator.objects.filter(pk__in={row[2] for row in differences}).values_list(
                "pk", "code"
            )
        )
        units = {path: int(path.strip("/").split("/")[-1]) for _, path, *_ in differences}
        slugs = dict(Branch.objects.filter(pk__in=units.values()).values_list("pk", "slug"))
        for _, path, indicator, stored, counted in differences:
            self.stdout.write(
                f"{period.code} {slugs.get(units[path], path)} {codes[indicator]}: "
                f"đang lưu {in_words(stored)}, đếm lại {in_words(counted)}"
            )
        if len(differences) == MOST_TOLD:
            self.stdout.write(f"{period.code}: chỉ kể {MOST_TOLD} số lệch đầu tiên.")
        return len(differences)


def in_words(pair):
    value, answered = pair
    return f"{value} ({answered} đơn vị)"
