"""Notices to units below: written, sent once, marked "đã xem" by each."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from branches.models import Level, Position
from programs.models import Program
from programs.tests.people_helped import child_of
from reports.models import Notice, NoticeReceipt, Notification, Outbox, Wish
from reports.services import (
    ReportError,
    Stale,
    discard_notice,
    mark_seen,
    send_notice,
    write_letters,
    write_notice,
)

from .conftest import OPENED_FOR_TESTS, moment

pytestmark = pytest.mark.django_db

AT = moment(2021, 3, 1)


@pytest.fixture
def write(people, units):
    def draft(title="Họp trực tuyến", levels=("huyen",), to=(), **more):
        return write_notice(
            notice=Notice(branch=units.da_nang, by=people.an), title=title, body="Chị em dự đủ.",
            levels=Level.objects.filter(code__in=levels), units=list(to), by=people.an, at=AT,
            **more,
        )  # fmt: skip

    return draft


@pytest.fixture
def sent(write, people):
    notice = write()
    send(notice, people, 2)
    return notice


def send(notice, people, count):
    return send_notice(
        notice=notice, seen_version=notice.version, seen_count=count, by=people.an, at=AT
    )


def receivers(notice):
    return {receipt.branch for receipt in notice.receipts.select_related("branch")}


def photo():
    content = BytesIO()
    Image.new("RGB", (8, 8)).save(content, "JPEG")
    return SimpleUploadedFile("giấy mời.jpg", content.getvalue(), "image/jpeg")


# --- Writing and sending --------------------------------------------------------------------


def test_it_goes_to_the_levels_and_units_below_of_that_day_and_to_no_others(write, people, units):
    notice = write(levels=["huyen"], to=[units.cong_an, units.son_tra])

    assert send(notice, people, 3) == 3
    assert receivers(notice) == {units.son_tra, units.hai_chau, units.cong_an}
    assert not notice.receipts.filter(seen_at__isnull=False).exists()


def test_officers_of_the_units_are_told_once_and_nobody_elsewhere(write, people, units):
    Position.objects.create(
        user=people.giang, branch=units.hai_chau, role="officer", started_on=OPENED_FOR_TESTS
    )
    notice = write(levels=["huyen", "xa"])
    send(notice, people, 5)

    told = Notification.objects.filter(key__startswith=f"notice:{notice.pk}:")
    assert sorted(line.recipient.username for line in told) == ["giang", "hoa", "lan", "nga"]
    assert {line.url for line in told} == {notice.get_absolute_url()}
    assert not told.filter(created_at=None).exists()


def test_a_letter_says_that_there_is_a_notice_and_none_of_its_words(sent):
    write_letters(date(2021, 3, 2), moment(2021, 3, 2))

    body = Outbox.objects.get(recipient__username="giang").body
    assert "gửi chị một thông báo" in body and sent.get_absolute_url() in body
    assert "Họp trực tuyến" not in body


@pytest.mark.parametrize("wishes", [False, True])
def test_whose_position_has_ended_gets_no_letter_of_a_notice(write, people, units, wishes):
    if wishes:
        Wish.objects.create(person=people.giang, kind="notice", mail="at_once")
    send(write(), people, 2)
    line = Notification.objects.get(recipient=people.giang)
    Position.objects.filter(user=people.giang).update(ended_on=date(2021, 3, 2))

    write_letters(date(2021, 3, 2), moment(2021, 3, 2))

    assert line.about == units.son_tra
    assert not Outbox.objects.filter(recipient=people.giang).exists()


def test_it_is_sent_once_and_then_never_changed_or_thrown_away(sent, people, units):
    with pytest.raises(ReportError, match="đã gửi"):
        send(sent, people, 2)
    sent.refresh_from_db()
    with pytest.raises(ReportError, match="đã gửi"):
        write_notice(
            notice=sent, title="Khác", body="Khác", levels=[], units=[], by=people.an, at=AT,
            seen_version=sent.version,
        )  # fmt: skip
    sent.refresh_from_db()
    with pytest.raises(ReportError, match="đã gửi"):
        discard_notice(notice=sent, seen_version=sent.version, by=people.an, at=AT)

    sent.refresh_from_db()
    assert (sent.title, sent.receipts.count()) == ("Họp trực tuyến", 2)


def test_it_is_not_sent_to_other_than_she_was_shown_nor_to_nobody(write, people):
    with pytest.raises(ReportError, match="nay là 2"):
        send(write(), people, 5)
    with pytest.raises(ReportError, match="Chưa có đơn vị"):
        send(write(levels=[]), people, 0)
    assert not NoticeReceipt.objects.exists()


def test_units_that_are_not_below_are_refused(write, units):
    for other in (units.quang_nam, units.hoi_an, units.da_nang):
        with pytest.raises(ReportError, match="cấp dưới"):
            write(to=[other])


def test_of_two_who_write_one_draft_the_second_is_refused(write, people):
    notice = write()
    how = {"body": "Lời", "levels": [], "units": [], "by": people.an, "at": AT}
    write_notice(notice=notice, title="Một", seen_version=1, **how)

    with pytest.raises(Stale):
        write_notice(notice=notice, title="Hai", seen_version=1, **how)


def test_a_file_goes_with_it_to_the_receivers_and_to_nobody_else(write, people, as_person):
    notice = write(file=photo())
    url = reverse("reports:notice_file", args=[notice.pk])

    assert as_person("giang").get(url).status_code == 404, "not sent yet"
    send(notice, people, 2)
    for name, status in {"giang": 200, "an": 200, "hoa": 404, "xuan": 404}.items():
        answer = as_person(name).get(url)
        assert answer.status_code == status, name
        if answer.streaming:
            answer.getvalue()


def test_a_child_of_the_register_is_named_in_no_notice(write, people, units):
    program = Program.objects.create(
        owner=units.da_nang, name="Mẹ đỡ đầu", slug="me-do-dau", status="running",
        starts_on=date(2021, 1, 1), ends_on=date(2022, 12, 31),
    )  # fmt: skip
    record = child_of(program, units.da_nang, people.an)

    with pytest.raises(ReportError, match=record.code):
        write(f"Thăm cháu {record.full_name.upper()}")
    assert write(f"Thăm cháu {record.code}").pk


# --- Seen -----------------------------------------------------------------------------------


def test_opening_it_marks_nothing_and_the_button_marks_with_name_and_time(
    sent, as_person, units, people
):
    giang = as_person("giang")
    giang.get(sent.get_absolute_url())
    assert not sent.receipts.filter(seen_at__isnull=False).exists()

    giang.post(reverse("reports:notice_seen", args=[sent.pk]))

    receipt = sent.receipts.get(branch=units.son_tra)
    assert (receipt.seen_by, receipt.seen_at is not None) == (people.giang, True)
    assert not Notification.objects.filter(recipient=people.giang, read_at=None).exists()
    assert sent.receipts.get(branch=units.hai_chau).seen_at is None


def test_the_first_who_saw_it_stays(sent, people, units):
    own = NoticeReceipt.objects.filter(branch=units.son_tra)
    mark_seen(notice=sent, receipts=own, by=people.giang, at=AT)

    assert mark_seen(notice=sent, receipts=own, by=people.ha, at=moment(2021, 3, 2)) == 0
    assert own.get().seen_by == people.giang


def test_the_condition_that_nobody_has_seen_it_is_asked_again_of_each_row(sent, people):
    """A row that waits for another's click is asked its own conditions again, and no others."""
    own = NoticeReceipt.objects.visible_to(people.giang).for_units_of(people.giang)
    with CaptureQueriesContext(connection) as asked:
        mark_seen(notice=sent, receipts=own, by=people.giang, at=AT)

    (marking,) = (q["sql"] for q in asked if q["sql"].startswith('UPDATE "reports_noticereceipt"'))
    assert '"seen_at" IS NULL' in marking and "SELECT" not in marking


def test_who_only_stands_above_or_below_or_elsewhere_marks_nothing(sent, as_person):
    url = reverse("reports:notice_seen", args=[sent.pk])

    statuses = {n: as_person(n).post(url).status_code for n in ("an", "dung", "hoa", "xuan")}
    assert statuses == {"an": 403, "dung": 403, "hoa": 404, "xuan": 404}
    assert not sent.receipts.filter(seen_at__isnull=False).exists()


def test_the_page_says_who_has_not_seen_it_and_whom_to_call(sent, people, as_person, units):
    mark_seen(
        notice=sent,
        receipts=NoticeReceipt.objects.filter(branch=units.son_tra),
        by=people.giang,
        at=AT,
    )
    people.lan.phone = "0905123456"
    people.lan.save()
    Position.objects.create(
        user=people.lan, branch=units.hai_chau, role="officer", started_on=OPENED_FOR_TESTS
    )
    url = reverse("reports:notice_readers", args=[sent.pk])

    unseen = as_person("an").get(url)
    seen = as_person("an").get(url, {"state": "seen"})

    assert [r.branch for r, _ in unseen.context["rows"]] == [units.hai_chau]
    assert "0905123456" in unseen.content.decode()
    assert [r.branch for r, _ in seen.context["rows"]] == [units.son_tra]
    assert unseen.context["counts"] == {"sent": 2, "seen": 1}


def test_a_receiver_sees_only_the_receipts_of_her_own_territory(sent, as_person, units):
    page = as_person("giang").get(reverse("reports:notice_readers", args=[sent.pk]))

    assert [receipt.branch for receipt, _ in page.context["rows"]] == [units.son_tra]
    assert page.context["counts"] == {"sent": 1, "seen": 0}


def test_lists_show_the_new_first_and_a_draft_to_its_own_unit_only(
    sent, write, people, as_person, units
):
    draft = write("Còn soạn", levels=["huyen"])
    mark_seen(notice=sent, receipts=sent.receipts.all(), by=people.giang, at=AT)
    newer = write("Mới hơn")
    send(newer, people, 2)
    url = reverse("reports:notice_list")

    received = [row.notice for row in as_person("giang").get(url).context["page_obj"]]
    written = list(as_person("an").get(url, {"tab": "sent"}).context["page_obj"])

    assert received == [newer, sent]
    assert written[0] == draft and set(written) == {draft, newer, sent}
    assert as_person("giang").get(draft.get_absolute_url()).status_code == 404
    assert list(as_person("hoa").get(url).context["page_obj"]) == []
    assert list(as_person("xuan").get(url).context["page_obj"]) == []


def test_the_page_of_the_day_says_what_is_not_seen_yet(sent, as_person, people):
    assert [r.notice for r in as_person("ha").get("/").context["unseen_notices"]] == [sent]
    for name in ("an", "hoa", "xuan", "dung"):
        assert list(as_person(name).get("/").context["unseen_notices"]) == []

    mark_seen(notice=sent, receipts=sent.receipts.all(), by=people.giang, at=AT)
    assert list(as_person("ha").get("/").context["unseen_notices"]) == []


def test_a_correction_says_which_one_it_replaces(sent, people, as_person, units):
    url = reverse("reports:notice_create", args=[units.da_nang.slug])
    level = Level.objects.get(code="huyen").pk
    an = as_person("an")
    an.post(
        f"{url}?replaces={sent.pk}", {"title": "Họp ngày 6/3", "body": "Lời", "levels": [level]}
    )
    newer = Notice.objects.get(title="Họp ngày 6/3")
    assert newer.replaces == sent
    assert "Đã có thông báo thay" not in an.get(sent.get_absolute_url()).content.decode()

    an.post(reverse("reports:notice_send", args=[newer.pk]), {"version": newer.version, "count": 2})
    assert (
        "Đã có thông báo thay" in as_person("giang").get(sent.get_absolute_url()).content.decode()
    )


def test_whoever_never_got_the_old_one_does_not_read_its_title(write, people, as_person, units):
    old = write("Chuyện của Sơn Trà", levels=[], to=[units.son_tra])
    send(old, people, 1)
    newer = write("Chuyện của hai quận")
    newer.replaces = old
    newer.save()
    send(newer, people, 2)
    Position.objects.create(
        user=people.lan, branch=units.hai_chau, role="officer", started_on=OPENED_FOR_TESTS
    )

    def page(name):
        return as_person(name).get(newer.get_absolute_url()).content.decode()

    assert "Chuyện của Sơn Trà" in page("giang")
    assert "Chuyện của hai quận" in page("lan") and "Chuyện của Sơn Trà" not in page("lan")


def test_what_the_second_typed_stays_beside_what_the_first_saved(write, people, as_person):
    notice = write()
    write_notice(
        notice=notice, title="Của người thứ nhất", body="Lời", levels=[], units=[],
        by=people.binh, at=AT, seen_version=1,
    )  # fmt: skip

    page = as_person("an").post(
        reverse("reports:notice_update", args=[notice.pk]),
        {"title": "Của người thứ hai", "body": "Lời", "version": 1},
    )

    assert "Của người thứ nhất" in page.content.decode()
    assert 'value="Của người thứ hai"' in page.content.decode()


def test_sending_asks_as_many_questions_for_many_units_as_for_few(
    write, people, units, django_assert_max_num_queries
):
    from conftest import unit

    for number in range(30):
        unit("xa", units.son_tra, f"Số {number}", type="phường")
    notice = write(levels=["xa"])

    with django_assert_max_num_queries(25):
        send(notice, people, 33)


def test_the_list_of_readers_asks_a_constant_number_of_questions(
    write, people, units, as_person, django_assert_max_num_queries
):
    from conftest import unit

    for number in range(30):
        unit("xa", units.son_tra, f"Số {number}", type="phường")
    notice = write(levels=["xa"])
    send(notice, people, 33)
    an = as_person("an")

    with django_assert_max_num_queries(14):
        an.get(reverse("reports:notice_readers", args=[notice.pk]))
