"""How long a programme keeps the people helped by name: told 30 days before, then erased."""

from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.urls import reverse

from branches.models import StoredFile
from programs.models import Beneficiary, Delivery, DeliveryFile, PlanReading, Program
from programs.services import (
    ProgramError,
    ask_reading,
    close_program,
    copy_program,
    erase_beneficiary,
    keep_no_longer,
    name_recipients,
    record_delivery,
    set_keeping,
)
from programs.tasks import keep_no_longer as nightly

from .conftest import add_item
from .people_helped import child_of, donor_of, sponsored
from .support import minutes, photo

pytestmark = pytest.mark.django_db

ENDED = date(2021, 8, 31)
UNTIL = date(2022, 2, 28)  # six months after the last day of August
TOLD = date(2022, 1, 29)
GONE = date(2022, 3, 1)


def again(row):
    return type(row).objects.get(pk=row.pk)


def run(on):
    return keep_no_longer(on=on, at=datetime(on.year, on.month, on.day, tzinfo=UTC))


def keeping(program, by, months=6, reason="theo quy chế lưu trữ"):
    program = again(program)
    return set_keeping(
        program=program, seen_version=program.version, keep_months=months, reason=reason, by=by
    )


@pytest.fixture
def ended(program, units, people):
    """A child of Thọ Quang received, with a photo and minutes; the programme has ended."""
    child = child_of(program, units.tho_quang, people.hoa)
    item = add_item(program, units.son_tra, people.giang, "Sách vở")
    item.places.add(units.tho_quang)
    delivery = record_delivery(
        item=item, place=units.tho_quang, given_on=date(2021, 5, 10), by=people.giang, people=3,
        photos=[photo()], minutes=[minutes()],
    )  # fmt: skip
    name_recipients(
        delivery=delivery, seen_version=delivery.version, chosen=[child], among=[child],
        by=people.hoa,
    )  # fmt: skip
    reading = ask_reading(branch=units.da_nang, by=people.an, text="Giúp em Nguyễn Bảo Ngọc")
    PlanReading.objects.filter(pk=reading.pk).update(program=program, unknown=["Nguyễn Bảo Ngọc"])
    keeping(program, people.an)
    program = again(program)
    return close_program(
        program=program, seen_version=program.version, by=people.an, reason="xong", on=ENDED
    )


def test_the_months_run_from_the_day_the_programme_ended(program, ended):
    assert again(program).keep_until == UNTIL


def test_nothing_is_kept_short_while_the_programme_goes_on(program, people):
    keeping(program, people.an, months=1)

    assert again(program).keep_until is None
    assert run(date(2030, 1, 1)) == ([], [])


def test_a_programme_that_says_nothing_keeps_all(ended, people):
    keeping(ended, people.an, months=None)

    assert run(date(2040, 1, 1)) == ([], [])
    assert Beneficiary.objects.standing().count() == 1


def test_it_is_told_thirty_days_before_and_erased_after(ended):
    assert run(date(2022, 1, 28)) == ([], [])
    assert run(TOLD) == ([ended], [])
    for day in (TOLD, UNTIL):
        assert run(day) == ([], [])
    assert Beneficiary.objects.standing().count() == 1

    assert run(GONE) == ([], [ended])
    assert run(GONE) == ([], [])
    assert not Beneficiary.objects.standing().exists()
    assert again(ended).erased_on == GONE


def test_a_worker_that_slept_tells_first_and_waits_thirty_days(ended):
    assert run(date(2023, 5, 1)) == ([ended], [])
    assert run(date(2023, 5, 30)) == ([], [])
    assert run(date(2023, 5, 31)) == ([], [ended])


def test_names_photos_and_read_words_go_and_figures_stay(ended, django_capture_on_commit_callbacks):
    shown = DeliveryFile.objects.get(kind="photo").file
    path = shown.file.path
    run(TOLD)

    with django_capture_on_commit_callbacks(execute=True):
        run(GONE)

    delivery = Delivery.objects.get()
    assert (delivery.people, delivery.recipients.persons()) == (3, 1)
    assert [row.kind for row in delivery.files.all()] == ["minutes"]
    assert not StoredFile.objects.filter(pk=shown.pk).exists()
    with pytest.raises(FileNotFoundError):
        open(path, "rb")
    reading = PlanReading.objects.get()
    assert (reading.text, reading.proposals, reading.unknown) == ("", [], [])
    record = Beneficiary.objects.get()
    assert (record.full_name, record.erased_by) == ("", None)
    assert record.erase_reason == "hết thời hạn lưu của chương trình"
    assert again(ended).history.first().history_user is None


def test_a_programme_next_door_is_left_alone(ended, units, people):
    from .conftest import build_program

    other = build_program(units, people.lan, owner=units.hai_chau, name="Bên cạnh", lines=[])
    kept = child_of(other, units.thanh_binh, people.lan)
    run(TOLD)

    run(GONE)

    assert not again(kept).is_erased


def test_a_record_with_months_owed_waits_for_a_person(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    sponsored(program, donor_of(units.da_nang), [child], people.an)
    keeping(program, people.an)
    program = again(program)
    close_program(
        program=program, seen_version=program.version, by=people.an, reason="xong", on=ENDED
    )
    run(TOLD)

    assert run(GONE) == ([], [])
    assert not again(child).is_erased

    erase_beneficiary(
        beneficiary=child, seen_version=child.version, by=people.hoa, reason="gia đình xin xóa",
        at=datetime(2022, 3, 1, tzinfo=UTC), with_dues=True,
    )  # fmt: skip
    assert run(date(2022, 3, 2)) == ([], [again(program)])


def test_who_keeps_longer_after_the_notice_is_told_anew(ended, people):
    run(TOLD)

    keeping(ended, people.an, months=12, reason="còn thanh tra")

    assert again(ended).erasure_told_on is None
    assert run(GONE) == ([], [])
    latest = Program.objects.get(pk=ended.pk).history.first()
    assert (latest.history_user, latest.history_change_reason) == (people.an, "còn thanh tra")


def test_after_the_end_a_change_needs_a_reason_and_after_the_erasing_there_is_none(ended, people):
    with pytest.raises(ProgramError, match="Chị ghi giúp lý do"):
        keeping(ended, people.an, reason=" ")
    run(TOLD)
    run(GONE)

    with pytest.raises(ProgramError, match="đã xóa rồi"):
        keeping(ended, people.an, months=24)


def test_the_database_itself_wants_a_month_at_least(program):
    with pytest.raises(IntegrityError, match="program_keeps_at_least_a_month"):
        Program.objects.filter(pk=program.pk).update(keep_months=0)


def test_the_next_edition_keeps_as_long(program, people):
    keeping(program, people.an, months=24)

    draft, _ = copy_program(
        program=again(program), name="Đợt sau", edition="2023", starts_on=date(2023, 1, 1),
        ends_on=date(2023, 12, 31), by=people.an,
    )  # fmt: skip

    assert draft.keep_months == 24


def test_the_nightly_work_is_in_the_beat_and_takes_its_day(ended):
    assert "programs.tasks.keep_no_longer" in {
        row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()
    }
    assert nightly(TOLD.isoformat()) == (1, 0)
    assert nightly(GONE.isoformat()) == (0, 1)


# --- Pages ---------------------------------------------------------------------------------------


def test_the_owners_first_page_and_the_programme_say_what_goes_and_when(as_person, ended):
    run(TOLD)
    home = reverse("reports:home")

    for name in ("an", "hoa", "lan"):
        client = as_person(name)
        assert ("Hồ sơ sắp xóa" in client.get(home).content.decode()) is (name == "an")
        page = client.get(ended.get_absolute_url()).content.decode()
        assert ("xóa 1 hồ sơ người được giúp và 1 ảnh trao tặng" in page) is (name == "an")
    text = as_person("an").get(ended.get_absolute_url()).content.decode()
    assert "Từ ngày 01/03/2022" in text


def test_the_months_are_written_on_their_page(as_person, program):
    address = reverse("programs:program_keeping", args=[program.slug])
    client, typed = as_person("an"), {"keep_months": "24", "version": program.version}

    client.post(address, typed | {"reason": "quy chế"})

    assert again(program).keep_months == 24
    close = reverse("programs:program_close", args=[program.slug])
    assert "còn lưu 24 tháng sau khi kết thúc" in client.get(close).content.decode()
    assert as_person("hoa").get(address).status_code == 403
