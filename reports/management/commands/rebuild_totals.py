from django.core.management import BaseCommand, CommandError

from reports.models import Period
from reports.totals import rebuild_totals


class Command(BaseCommand):
    help = "Count the stored totals anew from the figures of approved reports."

    def add_arguments(self, parser):
        parser.add_argument("--period", help="just this period, such as 2021-03")

    def handle(self, *, period, **options):
        periods = Period.objects.all()
        if period:
            periods = periods.filter(code=period)
            if not periods:
                raise CommandError(f"Không có kỳ {period}.")
        made = rebuild_totals(periods)
        self.stdout.write(f"Đã tính lại {made} số tổng hợp của {periods.count()} kỳ.")
