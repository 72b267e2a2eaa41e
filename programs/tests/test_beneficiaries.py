"""Records of people helped: kept with consent, counted once, erased for good."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.db import connection, models

from programs.models import Beneficiary, Consent, Payment, RecordView
from programs.queries.beneficiaries import people_counts, same_person
from programs.services import (
    STALE,
    ProgramError,
    change_beneficiary,
    end_sponsorship,
    erase_beneficiary,
    look_at,
    mark_paid,
    record_consent,
    withdraw_consent,
)
from programs.tasks import erase_expired

from .conftest import build_program
from .people_helped import TODAY, agreed, child_of, donor_of, sponsored

pytestmark = pytest.mark.django_db

AT = datetime(2021, 3, 10, 3, 0, tzinfo=UTC)
CANARY = "Quýzqxw"


def erase(beneficiary, by, **more):
    return erase_beneficiary(
        **{
            "beneficiary": beneficiary,
            "seen_version": beneficiary.version,
            "by": by,
            "reason": "gia đình đề nghị",
            "at": AT,
        }
        | more
    )


def change(beneficiary, by, **fields):
    return change_beneficiary(
        beneficiary=beneficiary, seen_version=beneficiary.version, by=by, **fields
    )


# --- A new record ---------------------------------------------------------------------------


def test_a_record_gets_its_code_by_kind_and_year_and_its_consent(program, units, people):
    first = child_of(program, units.tho_quang, people.hoa)
    second = child_of(program, units.man_thai, people.nga, full_name="Lê An")
    pupil = child_of(program, units.tho_quang, people.hoa, kind="pupil")
    later = child_of(
        program, units.tho_quang, people.hoa, full_name="Lê Na", today=date(2022, 1, 2)
    )

    codes = [row.code for row in (first, second, pupil, later)]
    assert codes == ["TE-2021-0001", "TE-2021-0002", "HS-2021-0001", "TE-2022-0001"]
    consent = first.consents.get()
    assert (consent.scope, consent.recorded_by) == (Consent.Scope.RECORD, people.hoa)


def test_codes_go_on_after_9999(program, units, people):
    row = child_of(program, units.tho_quang, people.hoa)
    for number in (9999, 10000):
        row.pk, row.code = None, f"TE-2021-{number}"
        row.save(force_insert=True)

    assert child_of(program, units.tho_quang, people.hoa).code == "TE-2021-10001"


@pytest.mark.parametrize(
    ("fields", "consent", "sentence"),
    [
        ({"birth_year": 2014}, {}, "Trẻ từ 7 tuổi phải cùng đồng ý với người đại diện."),
        ({"birth_year": None}, {}, "Chị ghi giúp năm sinh: trẻ từ 7 tuổi phải cùng đồng ý."),
        (
            {},
            {"relation": ""},
            "Người đồng ý thay trẻ là gì của trẻ: chị ghi giúp quan hệ.",
        ),
        ({}, {"given_on": TODAY + timedelta(days=1)}, "Ngày đồng ý chưa đến."),
    ],
)
def test_without_a_valid_consent_there_is_no_record(
    program, units, people, fields, consent, sentence
):
    with pytest.raises(ProgramError) as refused:
        child_of(program, units.tho_quang, people.hoa, agreed(**consent), **fields)

    assert str(refused.value) == sentence
    assert not Beneficiary.objects.exists()


def test_a_child_of_seven_agrees_together_with_her_mother(program, units, people):
    child = child_of(
        program, units.tho_quang, people.hoa, agreed(child_agrees=True), born_on=date(2014, 3, 1)
    )

    assert child.birth_year == 2014


def test_an_older_year_of_birth_asks_for_the_childs_own_consent(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)

    with pytest.raises(ProgramError, match="Trẻ từ 7 tuổi"):
        change(child, people.hoa, birth_year=2010)


def test_a_draft_programme_takes_no_records(units, people):
    draft = build_program(units, people.an, is_started=False)

    with pytest.raises(ProgramError, match="chưa bắt đầu"):
        child_of(draft, units.tho_quang, people.hoa)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_get_two_codes(program, units, people):
    def add(name):
        try:
            return child_of(program, units.tho_quang, people.hoa, full_name=name).code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(add, ["Lê Na", "Lê Nga", "Lê Nhi", "Lê Nhu"]))

    assert sorted(codes) == [f"TE-2021-{number:04}" for number in range(1, 5)]


def test_the_same_name_and_year_is_found_without_marks(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    child_of(program, units.tho_quang, people.hoa, birth_year=2017)
    other = build_program(units, people.an, name="Chương trình khác")

    assert same_person(program, "nguyen bao  NGOC", 2016) == [child.pk]
    assert same_person(other, "Nguyễn Bảo Ngọc", 2016) == []


def test_a_reason_names_nobody_by_the_new_name_either(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)

    with pytest.raises(ProgramError, match="không nêu tên"):
        change(child, people.hoa, full_name="Lê Thị Sen", reason="đổi tên thành Lê Thị Sen")

    child.refresh_from_db()
    assert child.full_name == "Nguyễn Bảo Ngọc"


# --- Changes and their history --------------------------------------------------------------


def test_the_history_tells_who_changed_a_record_and_nothing_personal(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)

    change(child, people.giang, full_name=f"Lê {CANARY}", reason="viết sai tên")

    record = child.history.first()
    assert (record.history_user, record.history_change_reason) == (people.giang, "viết sai tên")
    kept = {field.name for field in child.history.model._meta.get_fields()}
    assert kept.isdisjoint({*Beneficiary.BASIC, *Beneficiary.SENSITIVE, "sort_key"})
    assert tables_with(CANARY) == ["programs_beneficiary"]


def test_a_record_changed_meanwhile_is_not_overwritten(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    change(child, people.hoa, school="Tiểu học Thọ Quang")

    with pytest.raises(ProgramError, match=STALE[:20]):
        change(child, people.hoa, school="Trường khác")


def test_reasons_and_purposes_must_not_name_the_person(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    reason = "sửa cho em nguyễn bảo ngọc"
    verbs = [
        lambda: change(child, people.hoa, school="Khác", reason=reason),
        lambda: look_at(beneficiary=child, by=people.hoa, sensitive=True, purpose=reason),
        lambda: erase(child, people.hoa, reason=reason),
        lambda: sponsored(program, donor_of(units.tho_quang), [child], people.hoa, note=reason),
    ]

    for number, verb in enumerate(verbs):
        with pytest.raises(ProgramError, match=f"gọi bằng mã hồ sơ {child.code}"):
            verb()
        assert not child.sponsorships.exists(), number


def test_a_short_name_inside_another_word_is_no_name(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa, full_name="An")

    assert change(child, people.hoa, school="Khác", reason="bổ sung căn cứ").school == "Khác"


# --- Consent --------------------------------------------------------------------------------


def test_a_withdrawn_consent_stops_changes_and_new_sponsorships(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    donor = donor_of(units.tho_quang)

    withdraw_consent(consent=child.consents.get(), on=TODAY, today=TODAY)

    with pytest.raises(ProgramError, match="rút lại"):
        change(child, people.hoa, school="Khác")
    with pytest.raises(ProgramError, match="rút lại"):
        sponsored(program, donor, [child], people.hoa)
    assert not Beneficiary.objects.agreed().exists()


def test_after_a_new_consent_the_record_lives_on(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    withdraw_consent(consent=child.consents.get(), on=TODAY, today=TODAY)
    with pytest.raises(ProgramError, match="rút lại rồi"):
        withdraw_consent(consent=child.consents.get(), on=TODAY, today=TODAY)

    record_consent(
        beneficiary=child, by=people.hoa, scope="record", today=TODAY, **agreed(given_on=TODAY)
    )

    assert change(child, people.hoa, school="Khác").school == "Khác"
    with pytest.raises(ProgramError, match="rồi"):
        record_consent(beneficiary=child, by=people.hoa, scope="record", today=TODAY, **agreed())


# --- Erasure --------------------------------------------------------------------------------


def text_columns():
    """(table, column) of everything that can hold words, of every table of the database."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.FileField)
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, kinds):
                yield model._meta.db_table, field.column


def tables_with(word):
    found = set()
    with connection.cursor() as cursor:
        for table, column in text_columns():
            cursor.execute(f'SELECT CAST("{column}" AS text) FROM "{table}"')  # noqa: S608
            if any(word.casefold() in (cell or "").casefold() for (cell,) in cursor.fetchall()):
                found.add(table)
    return sorted(found)


def test_after_erasure_no_table_of_the_database_holds_the_person(client, program, units, people):
    client.force_login(people.hoa)
    words = {name: f"{CANARY} {name}" for name in ("full_name", "address", "guardian", "school")}
    child = child_of(
        program,
        units.tho_quang,
        people.hoa,
        agreed(given_by=f"Trần {CANARY}", how=f"Phiếu của {CANARY}"),
        **words,
        circumstances=f"Nhà {CANARY}",
        identity_number="048316000123",
        phone="0905123123",
    )
    sponsored(program, donor_of(units.tho_quang), [child], people.hoa)
    client.get(child.get_absolute_url())
    change(child, people.hoa, school_class=f"1{CANARY}")
    child.refresh_from_db()
    assert tables_with(CANARY) == ["programs_beneficiary", "programs_consent"]

    gone = erase(child, people.hoa, with_dues=True)

    assert tables_with(CANARY) == tables_with("048316000123") == tables_with("0905123123") == []
    assert [getattr(gone, n) or "" for n in (*gone.BASIC, *gone.SENSITIVE)] == [""] * 16
    assert (gone.code, gone.kind, gone.branch) == ("TE-2021-0001", "child", units.tho_quang)
    assert (gone.erased_by, gone.erase_reason) == (people.hoa, "gia đình đề nghị")
    assert gone.consents.get().given_on == date(2021, 3, 1)


def test_due_payments_stop_an_erasure_unless_they_are_given_up(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    [row] = sponsored(program, donor_of(units.tho_quang), [child], people.hoa)
    first = row.payments.first()
    mark_paid(payment=first, seen_version=1, paid_on=date(2021, 1, 5), by=people.hoa, today=TODAY)

    with pytest.raises(ProgramError) as refused:
        erase(child, people.hoa)
    child.refresh_from_db()
    assert not child.is_erased
    erase(child, people.hoa, with_dues=True)

    row.refresh_from_db()
    assert str(refused.value).startswith("Còn 2 tháng đỡ đầu chưa trao.")
    assert (row.ended_early_on, row.end_reason) == (TODAY, "xóa hồ sơ")
    assert list(row.payments.all()) == [first]


def test_an_erased_record_stays_erased(program, units, people):
    child = erase(child_of(program, units.tho_quang, people.hoa), people.hoa)

    for verb in (erase, change):
        with pytest.raises(ProgramError, match="Hồ sơ này đã xóa"):
            verb(child, people.hoa)


def test_the_nightly_work_erases_what_has_been_kept_long_enough(program, units, people):
    def child(name, **fields):
        return child_of(program, units.tho_quang, people.hoa, full_name=name, **fields)

    child("Còn hạn", keep_until=TODAY)
    child("Không hạn")
    over = child("Hết hạn", keep_until=TODAY - timedelta(days=1))
    owed = child("Còn nợ", keep_until=TODAY - timedelta(days=1))
    sponsored(program, donor_of(units.tho_quang), [owed], people.hoa)
    lately, long_ago = child("Mới rút"), child("Rút lâu rồi")
    for row, days in ((lately, 15), (long_ago, 16)):
        Consent.objects.filter(beneficiary=row).update(given_on=date(2021, 1, 1))
        consent = row.consents.get()
        withdraw_consent(consent=consent, on=TODAY - timedelta(days=days), today=TODAY)

    erased = [erase_expired(TODAY.isoformat()), erase_expired(TODAY.isoformat())]

    gone = set(Beneficiary.objects.in_state("erased", TODAY))
    assert (erased, gone) == ([2, 0], {over, long_ago})
    assert set(Beneficiary.objects.past_keeping(TODAY)) == {owed}
    assert over.history.first().history_user is None


# --- Counting and looking -------------------------------------------------------------------


def test_persons_are_counted_once_however_often_they_are_sponsored(program, units, people):
    ngoc = child_of(program, units.tho_quang, people.hoa)
    an = child_of(program, units.tho_quang, people.hoa, full_name="Lê An")
    child_of(program, units.man_thai, people.nga, full_name="Lê Na")
    woman = child_of(program, units.thanh_binh, people.lan, kind="woman", full_name="Lê Thị B")
    for name in ("Một", "Hai", "Ba"):
        sponsored(program, donor_of(units.tho_quang, name), [ngoc], people.hoa)
    [row] = sponsored(program, donor_of(units.tho_quang), [an], people.hoa)
    end_sponsorship(
        sponsorship=row, seen_version=1, ends_on=date(2021, 2, 1), reason="đi xa", by=people.hoa
    )
    erase(woman, people.lan)

    city = people_counts(program, people.cuc, TODAY)
    ward = people_counts(program, people.hoa, TODAY)

    assert (city.total, city.by_kind) == (4, [("Phụ nữ", 1), ("Trẻ em", 3)])
    assert dict(city.by_unit) == {units.tho_quang: 2, units.man_thai: 1, units.thanh_binh: 1}
    assert (city.sponsored, city.ever_sponsored) == (1, 2)
    assert (ward.total, ward.by_unit) == (2, [(units.tho_quang, 2)])


def test_a_look_at_the_sensitive_part_needs_a_purpose(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)

    with pytest.raises(ProgramError, match="mục đích"):
        look_at(beneficiary=child, by=people.hoa, sensitive=True, purpose="  ")
    look_at(beneficiary=child, by=people.hoa, sensitive=True, purpose="xét học bổng")
    look_at(beneficiary=child, by=people.an)

    found = list(RecordView.objects.values_list("by", "is_sensitive", "purpose"))
    assert found == [(people.an.pk, False, ""), (people.hoa.pk, True, "xét học bổng")]


def test_no_record_is_in_the_admin():
    shown = {model.__name__ for model in site._registry}

    assert "Program" in shown
    assert shown.isdisjoint({"Beneficiary", "Consent", "RecordView", "Sponsorship", "Payment"})
    assert Payment.history.model not in site._registry
