"""The pages of reminding: words for Zalo, what was said, and how a person wants it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.models import Contact, Notification, Outbox, Wish
from reports.services import open_period, remind_day, submit_report, write_letters

from .conftest import moment, month_of
from .test_summary_views import many_communes  # noqa: F401

pytestmark = pytest.mark.django_db


def page_of(name, period, unit):
    return reverse(f"reports:{name}", args=[period.form.code, period.code, unit.slug])


def shown(client, name, period, unit):
    answer = client.get(page_of(name, period, unit))
    assert answer.status_code == 200
    return answer.content.decode()


# --- Words to paste -------------------------------------------------------------------------


def test_the_words_name_unit_period_last_day_and_address_and_no_person(
    january, people, units, report_of, as_person
):
    people.hoa.phone = "0905 000 111"
    people.hoa.save()
    answer = as_person("ha").get(page_of("summary_remind", january, units.tho_quang))

    (words,) = answer.context["words"]

    assert "Hội LHPN phường Thọ Quang" in words.text
    assert "tháng 1/2021" in words.text
    assert "20/01/2021" in words.text
    assert f"http://testserver/reports/{report_of(units.tho_quang, january).pk}/" in words.text
    assert "Hoa" not in words.text
    assert "0905" not in words.text
    assert "0905 000 111" in answer.content.decode(), "the call list beside it"


def test_the_group_of_a_district_is_one_text_and_of_a_city_each_has_its_own(
    january, people, units, as_person
):
    answer = as_person("cuc").get(page_of("summary_remind", january, units.da_nang))

    group, territory = answer.context["words"]
    assert "Còn 3 đơn vị chưa nộp" in group.text, "two districts and Hội Phụ nữ Công an"
    assert "- Hội LHPN quận Sơn Trà: 3 đơn vị" in territory.text
    assert "Quảng Nam" not in answer.content.decode()
    district = page_of("summary_remind", january, units.son_tra)
    assert district in answer.content.decode()
    (own, group) = as_person("cuc").get(district).context["words"]
    assert own.target == "unit"
    assert "1. Hội LHPN phường Mân Thái" in group.text or "1. Hội LHPN phường Thọ" in group.text
    assert "Thanh Bình" not in group.text


def test_who_has_handed_in_is_in_no_text(january, people, units, written, report_of, as_person):
    report = written(report_of(units.tho_quang, january), people.hoa, cuoc=1)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18))

    assert (
        as_person("ha").get(page_of("summary_remind", january, units.tho_quang)).context["words"]
        == []
    )
    (group,) = [
        each
        for each in as_person("ha")
        .get(page_of("summary_remind", january, units.son_tra))
        .context["words"]
        if each.target == "group"
    ]
    assert "Thọ Quang" not in group.text


def test_that_it_was_copied_or_called_is_written_down_and_shown(january, people, units, as_person):
    address = page_of("summary_remind", january, units.tho_quang)

    as_person("ha").post(address, {"target": "unit", "channel": "zalo", "note": ""})
    as_person("nga").post(
        address, {"target": "unit", "channel": "phone", "note": "  hẹn nộp chiều mai "}
    )

    called, pasted = Contact.objects.all()
    assert (pasted.channel, pasted.by, pasted.branch) == ("zalo", people.ha, units.tho_quang)
    assert (called.channel, called.note, called.is_group) == ("phone", "hẹn nộp chiều mai", False)
    page = shown(as_person("ha"), "summary_missing", january, units.son_tra)
    assert "Đã gọi điện" in page
    assert "hẹn nộp chiều mai" in page
    assert "hẹn nộp chiều mai" in shown(
        as_person("hoa"), "summary_reminders", january, units.tho_quang
    )


def test_nobody_reminds_herself_nor_the_neighbour(january, people, units, as_person):
    address = page_of("summary_remind", january, units.tho_quang)
    data = {"target": "unit", "channel": "phone"}

    assert as_person("hoa").post(address, data).status_code == 403
    assert as_person("lan").post(address, data).status_code == 404
    assert as_person("xuan").post(address, data).status_code == 404
    assert not Contact.objects.exists()


def test_a_garbled_form_keeps_what_was_typed(january, people, units, as_person):
    answer = as_person("ha").post(
        page_of("summary_remind", january, units.tho_quang),
        {"target": "unit", "channel": "bồ câu", "note": "hẹn mai"},
    )

    assert answer.status_code == 200
    assert "hẹn mai" in answer.content.decode()
    assert not Contact.objects.exists()


# --- The log --------------------------------------------------------------------------------


def test_the_log_says_what_went_what_failed_and_what_was_missed(january, people, units, as_person):
    for day in (14, 21):
        remind_day(moment(2021, 1, day).date(), moment(2021, 1, day))
    write_letters(moment(2021, 1, 21).date(), moment(2021, 1, 21), everything=True)
    Outbox.objects.filter(recipient=people.hoa).update(given_up_at=moment(2021, 1, 22))
    Outbox.objects.filter(recipient=people.nga).update(sent_at=moment(2021, 1, 21))

    page = shown(as_person("ha"), "summary_reminders", january, units.son_tra)

    assert "lời nhắc bị lỡ" in page
    assert "Lỡ, không nhắc được" in page
    assert "Không gửi được" in page
    assert "Đã gửi 09:00 21/01/2021" in page
    assert "Đỗ Thị Lan" not in page, "of the district next door"


def test_people_below_do_not_read_who_was_told_above(january, people, units, as_person):
    remind_day(moment(2021, 1, 25).date(), moment(2021, 1, 25))

    page = shown(as_person("giang"), "summary_reminders", january, units.son_tra)

    assert "Đặng Thị Hà" in page, "reviewer of her own district"
    assert "Trần Thị Bình" not in page, "reviewer of the city, told about the district"
    assert "Trần Thị Bình" in shown(as_person("cuc"), "summary_reminders", january, units.da_nang)


def test_the_pages_ask_as_often_for_300_units_as_for_three(
    january,
    form,
    units,
    people,
    as_person,
    many_communes,  # noqa: F811
):
    counts = {"summary_remind": [], "summary_reminders": []}
    for extra in (0, 300):
        many_communes(extra)
        period = month_of(form, 2021, 3 + bool(extra))
        open_period(period=period, by=people.dung, at=moment(2021, 3, 1))
        day = moment(2021, period.starts_on.month, 25)
        remind_day(day.date(), day)
        for name, found in counts.items():
            client = as_person("ha")
            with CaptureQueriesContext(connection) as captured:
                shown(client, name, period, units.son_tra)
            found.append(len(captured))

    assert all(one == other for one, other in counts.values()), counts


# --- How she wants it -----------------------------------------------------------------------


def wish_data(**changed):
    data = {}
    for kind in Notification.Kind:
        data |= {f"bell_{kind}": "on", f"mail_{kind}": "digest"}
    return data | {"mail_file": "none"} | changed


def test_she_chooses_what_she_is_told_and_sees_it_again(people, as_person):
    client, address = as_person("hoa"), reverse("reports:wish_list")

    answer = client.post(address, wish_data(mail_returned="at_once", mail_before="none"))

    assert answer.status_code == 302
    assert set(people.hoa.wishes.values_list("kind", "on_bell", "mail")) == {
        ("returned", True, "at_once"), ("before", True, "none"),
    }  # fmt: skip
    form = client.get(address).context["form"]
    assert form["mail_returned"].value() == "at_once"


def test_what_is_overdue_stays_under_the_bell_whatever_is_sent(people, as_person):
    client, address = as_person("hoa"), reverse("reports:wish_list")
    data = wish_data(mail_after="none")
    del data["bell_after"]

    client.post(address, data)

    assert people.hoa.wishes.values_list("kind", "on_bell", "mail").get() == ("after", True, "none")
    assert "luôn hiện dưới chuông" in client.get(address).content.decode()


def test_wishes_are_her_own(people, as_person):
    as_person("hoa").post(reverse("reports:wish_list"), wish_data(mail_returned="none"))

    assert set(Wish.objects.values_list("person", flat=True)) == {people.hoa.pk}


def test_what_she_wants_off_the_bell_is_neither_listed_nor_counted(people, as_person):
    Notification.objects.create(recipient=people.hoa, key="1", text="Nhắc kín", on_bell=False)
    Notification.objects.create(recipient=people.hoa, key="2", text="Nhắc hiện")

    page = as_person("hoa").get(reverse("reports:notification_list")).content.decode()

    assert "Nhắc hiện" in page
    assert "Nhắc kín" not in page
    assert 'class="count">1<' in page
