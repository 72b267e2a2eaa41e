"""What was said in March 2021 to units that had not handed in, by the software and by people."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from branches.models import Branch
from reports.models import Contact, Notification, Outbox, ReminderDay
from reports.services import record_contact, remind_day, write_letters

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS = (date(2021, 3, 22), date(2021, 3, 25))
# who, day, unit, is it its group, how, what came of it
CONTACTS = [
    ("danang.duyet", 23, ("thành phố", "Đà Nẵng"), True, "zalo", ""),
    ("sontra.duyet", 23, ("quận", "Sơn Trà"), True, "zalo", ""),
    ("sontra.duyet", 24, ("phường", "Phước Mỹ"), False, "phone", "Cán bộ mới, hẹn nộp ngày 26."),
]


def at(day, hour):
    return datetime.combine(day, time(hour, 5), tzinfo=HANOI)


def add_reminders(form, people):
    """All of it is long said and read: nobody's bell rings for a month of 2021."""
    for day in DAYS:
        moment = at(day, 8)
        remind_day(day, moment)
        write_letters(day, moment, everything=True)
        said = Notification.objects.filter(read_at=None)
        said.update(created_at=moment, read_at=at(day, 10))
        Outbox.objects.filter(sent_at=None).update(created_at=moment, sent_at=moment, attempts=1)
    period = form.periods.get(code="2021-03")
    for username, day, (type, name), is_group, channel, note in CONTACTS:
        record_contact(
            period=period,
            branch=Branch.objects.get(type=type, name=name, closed_on=None),
            is_group=is_group,
            channel=Contact.Channel(channel),
            note=note,
            by=people[username],
            at=at(date(2021, 3, day), 14),
        )
    ReminderDay.objects.all().delete()  # so that the demonstration never missed a day
