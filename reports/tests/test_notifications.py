from datetime import date
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from branches.models import Position
from reports.models import Notification, Outbox, Period
from reports.notifications import reminders_on
from reports.services import submit_report
from reports.tasks import post_letters, send_reminders

from .conftest import moment

pytestmark = pytest.mark.django_db

DUE = date(2021, 1, 20)  # of the communes; districts owe by the 25th


def told_on(day):
    return sorted(
        {(r.person.username, r.occasion) for r in reminders_on(day) if r.report.due_on == DUE}
    )


def test_officers_of_units_that_owe_are_reminded_before_and_after_the_due_day(january, people):
    assert told_on(date(2021, 1, 14)) == []
    assert told_on(date(2021, 1, 15)) == [("hoa", "before"), ("lan", "before"), ("nga", "before")]
    assert told_on(date(2021, 1, 19)) == [("hoa", "before"), ("lan", "before"), ("nga", "before")]
    assert told_on(date(2021, 1, 20)) == [("hoa", "on"), ("lan", "on"), ("nga", "on")]
    assert told_on(date(2021, 1, 21)) == [("hoa", "after"), ("lan", "after"), ("nga", "after")]
    assert told_on(date(2021, 1, 31)) == []


def test_who_has_submitted_is_not_reminded(january, people, written, report_of, units):
    report = written(report_of(units.tho_quang, january), people.hoa, cuoc=1)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18))

    assert told_on(date(2021, 1, 19)) == [("lan", "before"), ("nga", "before")]
    assert ("hoa", "before") in told_on(date(2021, 1, 17)), "on that day it was not in yet"


def test_an_officer_whose_term_has_ended_is_not_reminded(january, people):
    Position.objects.filter(user=people.hoa).update(ended_on=date(2021, 1, 10))

    assert ("hoa", "before") not in told_on(date(2021, 1, 19))


def test_each_gets_one_line_and_one_letter_however_often_it_runs(january, people):
    first = send_reminders("2021-01-20")
    second = send_reminders("2021-01-20")

    # three communes, quận Sơn Trà and Hội Phụ nữ Công an; quận Hải Châu has no officer
    assert (first, second) == (5, 0)
    assert Notification.objects.filter(key__startswith="due:").count() == 5
    assert sorted(letter.to[0].split("@")[0] for letter in mail.outbox) == [
        "giang", "hoa", "lan", "nga", "phuong",
    ]  # fmt: skip


def test_a_worker_that_slept_over_the_due_day_still_reminds_once(january, people):
    assert send_reminders("2021-01-24") == 8, "five who owe, and three reviewers above them"
    assert send_reminders("2021-01-24") == 0


def test_the_letter_says_who_owes_what_until_when_and_nothing_more(january, people):
    send_reminders("2021-01-20")

    letter = next(letter for letter in mail.outbox if letter.to == ["hoa@example.org"])
    assert letter.subject == "Nhắc việc ngày 20/01/2021: 1 báo cáo cần nộp"
    assert "Hội LHPN phường Thọ Quang" in letter.body
    assert "20/01/2021" in letter.body
    assert "Mân Thái" not in letter.body


def test_a_letter_that_fails_waits_and_goes_later(january, people, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there

    send_reminders("2021-01-20")

    assert Outbox.objects.filter(sent_at=None, attempts=0).exclude(error="").count() == 5
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert post_letters() == 5
    assert not Outbox.objects.filter(sent_at=None).exists()


def test_the_command_ends_with_how_many_were_sent(january, people):
    out = StringIO()

    call_command("send_reminders", on="2021-01-20", dry_run=True, stdout=out)
    call_command("send_reminders", on="2021-01-20", stdout=out)
    call_command("send_reminders", on="2021-01-20", stdout=out)

    assert [line for line in out.getvalue().splitlines() if line.startswith("đã gửi")] == [
        "đã gửi 0", "đã gửi 5", "đã gửi 0",
    ]  # fmt: skip


def test_a_letter_that_cannot_be_sent_does_not_stop_those_behind_it(january, people):
    for number, subject in enumerate(["Nhắc\nnộp", "Nhắc nộp"]):
        Outbox.objects.create(
            recipient=people.hoa, key=f"{number}", to="hoa@example.org", subject=subject, body="…"
        )

    assert post_letters() == 1
    assert [letter.subject for letter in mail.outbox] == ["Nhắc nộp"]


def test_a_very_long_name_does_not_stop_the_reminders(january, people, units):
    units.tho_quang.name = "Thọ Quang " + "dài " * 34
    units.tho_quang.save()
    Period.objects.update(label="Tháng 1/2021 " + "dài " * 11)

    assert send_reminders("2021-01-20") == 5
