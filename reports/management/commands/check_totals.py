import sys

from django.core.management import BaseCommand

from branches.models import Branch
from programs.models import Indicator
from reports.models import Period
from reports.totals import check_totals


class Command(BaseCommand):
    help = "Compare the stored totals with a fresh count; exit 1 on a difference, mend nothing."

    def handle(self, **options):
        periods = {period.pk: period for period in Period.objects.all()}
        differences = check_totals(periods.values())
        indicators = Indicator.objects.in_bulk([row[2] for row in differences])
        branches = Branch.objects.in_bulk(
            [int(row[1].strip("/").split("/")[-1]) for row in differences]
        )
        for period, path, indicator, stored, counted in differences:
            unit = branches[int(path.strip("/").split("/")[-1])]
            self.stdout.write(
                f"{periods[period].code} {unit.slug} {indicators[indicator].code}: "
                f"đang lưu {stored}, đếm lại {counted}"
            )
        self.stdout.write(f"Kiểm tra {len(periods)} kỳ: {len(differences)} số lệch.")
        if differences:
            sys.exit(1)
