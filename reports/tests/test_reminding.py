"""Who is told what, once; what was missed; what comes in one letter a day; who wants none."""

import sqlite3
from contextlib import contextmanager
from datetime import date

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from branches.models import Branch, Position
from conftest import person, unit
from reports.models import Notification, Outbox, ReminderDay, Report, Wish
from reports.notifications import holding
from reports.services import (
    add_proposals,
    answer_proposal,
    approve_report,
    extend_reports,
    remind_day,
    remind_once,
    return_report,
    save_wishes,
    submit_report,
    write_letters,
)
from reports.services.reminders import known_since
from reports.tasks import send_reminders, sweep

from .conftest import moment, opened_month

pytestmark = pytest.mark.django_db

Kind = Notification.Kind
Mail = Notification.Mail


def remind_at(day, hour=9):
    at = moment(2021, 1, day, hour)
    return remind_day(at.date(), at)


def letters_on(day, everything=True):
    at = moment(2021, 1, day)
    write_letters(at.date(), at, everything=everything)
    rows = Outbox.objects.select_related("recipient")
    return {letter.recipient.username: letter for letter in rows}


def told(person, *kinds):
    return sorted(person.notifications.filter(kind__in=kinds).values_list("kind", flat=True))


def submitted(report_of, written, unit, period, by):
    report = written(report_of(unit, period), by, cuoc=1)
    submit_report(report=report, seen_version=report.version, by=by, at=moment(2021, 1, 18))
    return report


# --- Three times, each once -----------------------------------------------------------------


def test_an_officer_is_told_before_on_and_after_the_last_day_once_each(january, people):
    for day in (15, 18, 19, 20, 21, 22, 25, 29):
        remind_at(day)

    assert told(people.hoa, *Notification.OF_DUE) == ["after", "before", "on"]
    assert not people.xuan.notifications.exists(), "the neighbour owes nothing"


def test_each_level_has_its_own_last_day(january, people):
    remind_at(20)

    assert told(people.hoa, *Notification.OF_DUE) == ["on"]
    assert told(people.giang, *Notification.OF_DUE) == ["before"], "districts owe by the 25th"


def test_whoever_was_given_longer_is_told_of_the_new_last_day(january, people, report_of, units):
    extend_reports(
        reports=[report_of(units.tho_quang, january)], until=date(2021, 1, 28), reason="Bão",
        by=people.ha, at=moment(2021, 1, 19),
    )  # fmt: skip
    for day in (20, 25, 28, 29):
        remind_at(day)

    assert told(people.hoa, *Notification.OF_DUE) == ["after", "before", "on"]
    assert told(people.nga, *Notification.OF_DUE) == ["after", "on"], "of 20/1, as all others"


def test_by_itself_it_runs_in_working_hours_and_once_a_day(january, people):
    with time_machine.travel(moment(2021, 1, 20, 7, 50), tick=False):
        assert send_reminders() == 0
    with time_machine.travel(moment(2021, 1, 20, 8, 10), tick=False):
        assert send_reminders() == 5
    with time_machine.travel(moment(2021, 1, 20, 8, 20), tick=False):
        assert send_reminders() == 0

    assert ReminderDay.objects.get().written == 5
    assert len(mail.outbox) == 5


def test_at_night_nothing_is_written_and_no_letter_goes(january, people):
    remind_at(20)
    letters_on(20)
    with time_machine.travel(moment(2021, 1, 20, 22), tick=False):
        sweep()
    assert mail.outbox == []

    with time_machine.travel(moment(2021, 1, 21, 8), tick=False):
        sweep()
    assert len(mail.outbox) == 5


def test_what_is_cut_off_in_the_middle_is_written_whole_by_the_next_run(
    january, people, monkeypatch
):
    day, at = date(2021, 1, 20), moment(2021, 1, 20)
    with monkeypatch.context() as patch:
        patch.setattr(ReminderDay.objects, "get_or_create", lambda **facts: 1 / 0)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            remind_once(day, at)
    assert not Notification.objects.exists()

    assert remind_once(day, at) == 5
    assert remind_once(day, at) == 0


# --- What was missed ------------------------------------------------------------------------


def test_after_an_outage_what_helps_is_said_and_the_rest_is_marked_as_missed(january, people):
    remind_at(14)
    remind_at(21)  # nothing ran on the 15th, 18th, 19th and 20th

    missed = Notification.objects.filter(recipient=people.hoa, missed=True)
    assert sorted(missed.values_list("kind", flat=True)) == ["before", "on"]
    assert told(people.hoa, "after") == ["after"]
    assert not people.hoa.notifications.visible_to(people.hoa).filter(missed=True).exists()
    assert ReminderDay.objects.first().missed == missed.count() * 3
    assert people.dung.notifications.filter(key__startswith="missed:").count() == 1


def test_a_day_of_silence_within_the_span_misses_nothing(january, people):
    for day in (14, 18, 20):
        remind_at(day)

    assert not Notification.objects.filter(missed=True).exists()


def test_weekends_and_the_time_before_the_first_day_are_no_outage(january, people):
    remind_at(21)
    remind_at(25)

    assert not Notification.objects.filter(missed=True).exists()


def test_nobody_missed_a_word_about_what_she_did_not_owe_then(january, people):
    remind_at(14)
    Position.objects.filter(user=people.hoa).update(started_on=date(2021, 1, 21))

    remind_at(21)

    assert not people.hoa.notifications.filter(missed=True).exists()


def test_a_day_asked_for_by_hand_is_none_of_the_clocks_days(january, people):
    remind_at(11)

    remind_day(date(2021, 1, 29), moment(2021, 1, 12))

    assert not Notification.objects.filter(missed=True).exists()
    assert ReminderDay.objects.count() == 1
    remind_at(18)
    assert told(people.hoa, Kind.BEFORE) == ["before"]


def test_what_was_missed_is_marked_once(january, people):
    remind_at(14)
    remind_at(21)
    before = Notification.objects.filter(missed=True).count()

    remind_at(22)

    assert Notification.objects.filter(missed=True).count() == before


# --- One letter a day -----------------------------------------------------------------------


def test_one_letter_tells_all_that_she_owes_and_what_happened(
    january, february, people, written, report_of, units
):
    report = submitted(report_of, written, units.tho_quang, january, people.hoa)
    return_report(
        report=report, seen_version=report.version, reason="Chị Tuyết khai sai", by=people.ha,
        at=moment(2021, 1, 19),
    )  # fmt: skip
    Report.objects.filter(branch=units.tho_quang, period=february).update(due_on="2021-01-22")
    remind_at(20)

    letter = letters_on(20)["hoa"]

    assert letter.subject == "Nhắc việc ngày 20/01/2021: 1 báo cáo cần nộp"
    assert (
        "Báo cáo Tháng 2/2021 của Hội LHPN phường Thọ Quang đến hạn nộp 22/01/2021" in letter.body
    )
    assert "Báo cáo Tháng 1/2021 của Hội LHPN phường Thọ Quang bị trả lại" in letter.body
    assert f"/reports/{report.pk}/" in letter.body
    assert "Tuyết" not in letter.body, "nobody's own words leave the house"
    assert people.hoa.letters.count() == 1


def test_what_one_letter_has_told_no_other_tells(january, people):
    remind_at(20)
    letters_on(20)
    letters_on(21)
    remind_at(21)
    letters_on(21)

    bodies = list(people.hoa.letters.order_by("pk").values_list("body", flat=True))
    assert ["là ngày cuối" in body for body in bodies] == [True, False]
    assert ["đã quá hạn" in body for body in bodies] == [False, True]
    assert Notification.objects.to_mail().count() == 0


def test_of_one_day_there_is_one_letter_and_the_rest_waits(
    january, people, written, report_of, units
):
    remind_at(20)
    letters_on(20)
    report = submitted(report_of, written, units.tho_quang, january, people.hoa)
    approve_report(
        report=report, seen_version=report.version, by=people.ha, at=moment(2021, 1, 20, 10)
    )

    letters_on(20)
    assert people.hoa.letters.count() == 1

    letters_on(21)
    assert "đã được duyệt" in people.hoa.letters.latest("pk").body


def test_what_happens_in_the_day_waits_for_the_next_morning(
    january, people, written, report_of, units
):
    with time_machine.travel(moment(2021, 1, 18, 10), tick=False):
        submitted(report_of, written, units.tho_quang, january, people.hoa)

    assert letters_on(18, everything=False) == {}
    assert set(letters_on(19, everything=False)) == {"ha", "nga"}, "the reviewers of the district"


def test_whoever_wants_a_return_at_once_gets_a_letter_at_once(
    january, people, written, report_of, units
):
    save_wishes(person=people.hoa, wishes={Kind.RETURNED: (True, Mail.AT_ONCE)})
    report = submitted(report_of, written, units.tho_quang, january, people.hoa)
    return_report(
        report=report, seen_version=report.version, reason="Sai", by=people.ha,
        at=moment(2021, 1, 19),
    )  # fmt: skip

    letters = letters_on(19, everything=False)

    assert letters["hoa"].subject == "Báo cáo bị trả lại, mở lại"
    assert write_letters(date(2021, 1, 19), moment(2021, 1, 19)) == 0


def test_who_has_handed_in_meanwhile_gets_no_letter(january, people, written, report_of, units):
    remind_at(18)
    submitted(report_of, written, units.tho_quang, january, people.hoa)

    letters = letters_on(18)

    assert "hoa" not in letters
    assert "lan" in letters
    assert not people.hoa.notifications.to_mail().exists()


def test_what_is_no_more_of_her_territory_is_told_to_nobody(january, people):
    remind_at(20)
    Position.objects.filter(user=people.hoa).update(ended_on=date(2021, 1, 20))

    assert "hoa" not in letters_on(20)


def test_an_answer_is_told_in_no_letter_to_whose_position_has_ended(
    january, people, report_of, written, units
):
    at = moment(2021, 1, 18)
    (row,) = add_proposals(
        report=report_of(units.tho_quang, january), kind="proposal", lines=["Cấp tài liệu"],
        to=units.son_tra, by=people.hoa, at=at,
    )  # fmt: skip
    submitted(report_of, written, units.tho_quang, january, people.hoa)
    answer_proposal(proposal=row, seen_version=1, answer="Sẽ cấp", by=people.ha, at=at)
    Position.objects.filter(user=people.hoa).update(ended_on=date(2021, 1, 19))

    assert people.hoa.notifications.get(kind=Kind.PROPOSAL).about == units.tho_quang
    assert "hoa" not in letters_on(19)


def test_a_letter_names_at_most_twenty_of_a_kind(january, people, units):
    Notification.objects.bulk_create(
        Notification(
            recipient=people.hoa, key=f"{n}", kind=Kind.APPROVED, mail=Mail.DIGEST,
            text=f"Báo cáo số {n} đã được duyệt.", about=units.tho_quang,
        )
        for n in range(27)
    )  # fmt: skip

    body = letters_on(18)["hoa"].body

    assert body.count("đã được duyệt") == 20
    assert "và 7 việc khác" in body


def test_the_number_of_questions_does_not_grow_with_the_people(january, people, units):
    counts = []
    for number in (0, 12):
        for n in range(number):
            person(f"them{n}", f"Nguyễn Thị {n}", ("officer", units.tho_quang))
        Notification.objects.all().delete()
        ReminderDay.objects.all().delete()
        Outbox.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            remind_at(20)
            letters_on(20)
        letters = Outbox.objects.count()
        # Which letter told a thing is an update for each letter; nothing else is asked for each.
        counts.append(len(asked) - letters)

    assert letters == 5 + 12
    assert counts[0] == counts[1]


# --- As she wishes --------------------------------------------------------------------------


def test_a_kind_that_she_does_not_want_is_written_down_but_not_shown(january, people):
    save_wishes(person=people.hoa, wishes={Kind.BEFORE: (False, Mail.NONE)})

    remind_at(18)

    notice = people.hoa.notifications.get(kind=Kind.BEFORE)
    assert (notice.on_bell, notice.mail) == (False, Mail.NONE)
    assert "hoa" not in letters_on(18)
    assert people.hoa.notifications.visible_to(people.hoa).count() == 0


def test_what_she_wants_no_letter_of_is_in_none(january, people):
    save_wishes(person=people.nga, wishes={Kind.ON: (True, Mail.NONE)})

    remind_at(20)

    assert "nga" not in letters_on(20)
    assert people.nga.notifications.visible_to(people.nga).count() == 1


def test_only_what_differs_from_what_all_get_is_kept(people):
    save_wishes(person=people.hoa, wishes={Kind.BEFORE: (True, Mail.DIGEST)})
    assert not Wish.objects.exists()

    save_wishes(person=people.hoa, wishes={Kind.BEFORE: (True, Mail.NONE)})
    save_wishes(person=people.hoa, wishes={Kind.BEFORE: (True, Mail.DIGEST)})
    assert not Wish.objects.exists()


def test_the_database_refuses_to_take_what_is_overdue_off_the_bell(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        Wish.objects.create(person=people.hoa, kind=Kind.AFTER, on_bell=False, mail=Mail.NONE)


# --- To the level above ---------------------------------------------------------------------


def escalated(period):
    rows = Notification.objects.filter(kind=Kind.MISSING, period=period)
    return sorted(rows.values_list("recipient__username", "branch__name", "about__name"))


def test_three_days_late_the_unit_directly_above_is_told_who_is_missing(january, people, units):
    remind_at(22)
    assert escalated(january) == []

    remind_at(25)

    # All of Sơn Trà are missing, so the city is told as well; Hải Châu has only one unit.
    assert escalated(january) == [
        ("binh", "Đà Nẵng", "Sơn Trà"),
        ("cuc", "Đà Nẵng", "Sơn Trà"),
        ("ha", "Sơn Trà", "Sơn Trà"),
        ("lan", "Hải Châu", "Hải Châu"),
        ("nga", "Sơn Trà", "Sơn Trà"),
    ]
    remind_at(26)
    assert len(escalated(january)) == 5, "once for each period"


def test_where_one_of_the_group_has_handed_in_the_level_above_is_left_in_peace(
    january, people, written, report_of, units
):
    submitted(report_of, written, units.tho_quang, january, people.hoa)

    remind_at(25)

    assert [who for who, *_ in escalated(january)] == ["ha", "lan", "nga"]


def test_a_ward_that_ended_makes_no_group_whole(form, people, written, report_of, units):
    ended = unit("xa", units.son_tra, "An Hải", "phường")
    january = opened_month(form, people, 1)
    submitted(report_of, written, units.tho_quang, january, people.hoa)
    Branch.objects.filter(pk=ended.pk).update(closed_on=date(2021, 1, 30))

    remind_at(25)

    assert "Đà Nẵng" not in [office for _, office, _ in escalated(january)]


def test_who_was_given_longer_and_is_late_is_told_of_as_well(january, people, report_of, units):
    extend_reports(
        reports=[report_of(units.man_thai, january)], until=date(2021, 1, 22), reason="Bão",
        by=people.ha, at=moment(2021, 1, 19),
    )  # fmt: skip
    remind_at(23)
    first = len(escalated(january))

    remind_at(25)

    assert first and escalated(january).count(("ha", "Sơn Trà", "Sơn Trà")) == 2


def test_the_letter_to_the_unit_above_names_whom_to_call(january, people, units):
    people.hoa.phone = "0905 000 111"
    people.hoa.save()
    remind_at(25)

    letters = letters_on(25)

    body = letters["ha"].body
    assert "2 đơn vị trực thuộc Hội LHPN quận Sơn Trà chưa nộp" in body
    assert "- Hội LHPN phường Thọ Quang: chị Bùi Thị Hoa, 0905 000 111" in body
    assert "Thanh Bình" not in body, "the district next door"
    assert "Cả 2 đơn vị trực thuộc Hội LHPN quận Sơn Trà" in letters["cuc"].body


def test_who_handed_in_between_the_word_and_the_letter_is_not_named(
    january, people, written, report_of, units
):
    remind_at(25)
    submitted(report_of, written, units.tho_quang, january, people.hoa)

    body = letters_on(25)["ha"].body

    assert "- Hội LHPN phường Mân Thái:" in body
    assert "- Hội LHPN phường Thọ Quang:" not in body


def test_a_letter_that_could_not_go_is_replaced_by_the_next_days(january, people):
    remind_at(15)
    letters_on(15)
    remind_at(20)

    letters_on(20)

    hers = Outbox.objects.filter(recipient=people.hoa).order_by("pk")
    old, new = hers
    assert old.given_up_at and not new.given_up_at
    assert not old.told.exists() and new.told.count() == 2


@pytest.mark.skipif(not settings.IS_SQLITE, reason="PostgreSQL takes any number of values")
def test_whoever_holds_a_role_is_found_among_more_units_than_sqlite_takes_values(units, people):
    far = range(1_000_000, 1_002_000)
    wards = [units.thanh_binh.pk, *far, units.tho_quang.pk]

    with few_values():
        found = holding(Position.Role.OFFICER, wards, date(2021, 1, 20))

    assert found == [(units.tho_quang.pk, people.hoa), (units.thanh_binh.pk, people.lan)]


@pytest.mark.skipif(not settings.IS_SQLITE, reason="PostgreSQL takes any number of values")
def test_last_days_that_a_country_was_given_are_known_though_sqlite_takes_few_values(january):
    longer = {"period": january, "extended_to": date(2021, 2, 1)}
    reports = [Report(pk=pk, **longer) for pk in range(1, 2_001)]

    with few_values():
        assert set(known_since(reports).values()) == {localdate(january.opened_at)}


@contextmanager
def few_values():
    """As an SQLite of before 2020, which takes 999 values in one question."""
    connection.ensure_connection()
    database = connection.connection
    most = database.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
    try:
        yield
    finally:
        database.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, most)
