from datetime import date

from django.core.management import BaseCommand, CommandError
from django.utils.timezone import localdate

from reports.notifications import not_yet_told
from reports.services import notices_on
from reports.tasks import send_reminders


class Command(BaseCommand):
    help = "Remind the units that owe a report on a day, and those above: once each, at any hour."

    def add_arguments(self, parser):
        parser.add_argument("--on", help="the day, as 2021-02-20; today if left out")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be sent")

    def handle(self, *, on, dry_run, **options):
        try:
            day = date.fromisoformat(on) if on else localdate()
        except ValueError as error:
            raise CommandError(f"“{on}” không phải ngày; viết như 2021-02-20.") from error
        if day > localdate() and not dry_run:
            raise CommandError(f"Ngày {day:%d/%m/%Y} chưa tới; chỉ xem trước được (--dry-run).")
        if dry_run:
            waiting = not_yet_told(notices_on(day))
            for notice in waiting:
                self.stdout.write(f"{notice.person.username}: {notice.text}")
            self.stdout.write(f"sẽ gửi {len(waiting)} (chạy thử, chưa gửi gì)")
            self.stdout.write("đã gửi 0")
        else:
            self.stdout.write(f"đã gửi {send_reminders(day.isoformat())}")
