"""Pages of the people helped and of sponsorships, as an officer meets them."""

from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from programs.models import (
    Beneficiary,
    ItemKind,
    Payment,
    PlanDocument,
    RecordView,
    Sponsorship,
)
from programs.queries import ledger
from programs.services import add_item, add_part, erase_beneficiary, mark_paid, withdraw_consent

from .people_helped import TODAY, child_of, donor_of, sponsored

pytestmark = pytest.mark.django_db


@pytest.fixture
def hoa(as_person):
    return as_person("hoa")


@pytest.fixture
def child(program, units, people):
    return child_of(
        program, units.tho_quang, people.hoa, phone="0905123456", identity_number="048316000123"
    )


def address(name, *args):
    return reverse(f"programs:{name}", args=args)


def page(response):
    assert response.status_code == 200
    return response.content.decode()


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def new_record(units, **more):
    """The page "Lập hồ sơ", filled in for a child of 2016."""
    return {
        "kind": "child",
        "branch": units.tho_quang.pk,
        "basic-full_name": "Nguyễn Bảo Ngọc",
        "basic-birth_year": "2016",
        "sensitive-phone": "0905.123.456",
        "sensitive-identity_number": "048 316 000 123",
        "consent-given_by": "Trần Thị Mẹ",
        "consent-relation": "mẹ",
        "consent-how": "Phiếu ký, cặp hồ sơ của Hội phường",
        "consent-given_on": "01/03/2021",
        "consent-is_agreed": "on",
    } | more


# --- Lists ----------------------------------------------------------------------------------


def test_the_list_calls_people_by_their_code(hoa, program, units, people, child):
    neighbour = child_of(program, units.man_thai, people.nga, full_name="Lê Na")

    shown = page(hoa.get(address("people_list", program.slug)))

    assert child.code in shown
    assert child.full_name not in shown
    assert neighbour.code not in shown


def test_a_leader_sees_how_many_and_no_record(as_person, program, child):
    shown = page(as_person("cuc").get(address("people_list", program.slug)))

    assert "Trẻ em</dt><dd>1</dd>" in shown
    assert "Hồ sơ từng người chỉ dành cho cán bộ theo dõi" in shown
    assert child.code not in shown


def test_filters_stand_in_the_address(hoa, program, units, people, child):
    woman = child_of(program, units.tho_quang, people.hoa, kind="woman", full_name="Lê B")
    withdrawn = child_of(program, units.tho_quang, people.hoa, full_name="Lê C")
    withdraw_consent(consent=withdrawn.consents.get(), on=TODAY, today=TODAY)
    erased = child_of(program, units.tho_quang, people.hoa, full_name="Lê D")
    erase(erased, people.hoa)

    found = {
        query: [row.code for row in hoa.get(f"{url}?{query}").context["page_obj"]]
        for url in [address("people_list", program.slug)]
        for query in ("kind=woman", "state=standing", "state=withdrawn", "state=erased", "kind=x")
    }

    assert found == {
        "kind=woman": [woman.code],
        "state=standing": [woman.code, child.code],
        "state=withdrawn": [withdrawn.code],
        "state=erased": [erased.code],
        "kind=x": [woman.code, child.code, withdrawn.code, erased.code],
    }


def erase(row, by):
    return erase_beneficiary(
        beneficiary=row, seen_version=row.version, by=by, reason="đề nghị", at=by.created_at
    )


@pytest.mark.parametrize("name", ["people_list", "sponsorship_list", "sponsorship_create"])
def test_long_lists_ask_no_more_questions(hoa, program, units, people, name):
    donor = donor_of(units.tho_quang)
    url = address(name, program.slug)

    def add(numbers):
        rows = [
            child_of(program, units.tho_quang, people.hoa, full_name=f"Trẻ {n}") for n in numbers
        ]
        sponsored(program, donor, rows, people.hoa, ends_on=date(2021, 2, 1))

    add(range(3))
    with CaptureQueriesContext(connection) as few:
        hoa.get(url)
    add(range(3, 30))
    with CaptureQueriesContext(connection) as many:
        hoa.get(url)

    assert len(many) == len(few)


# --- A new record ---------------------------------------------------------------------------


def test_a_record_is_made_with_its_consent(hoa, program, units):
    answer = hoa.post(address("beneficiary_create", program.slug), new_record(units))

    row = Beneficiary.objects.get()
    assert answer.url == row.get_absolute_url()
    assert said(answer) == [f"Đã lập hồ sơ {row.code}."]
    assert (row.phone, row.identity_number) == ("0905123456", "048316000123")
    assert row.consents.get().given_by == "Trần Thị Mẹ"


def test_no_box_is_ticked_beforehand(hoa, program):
    shown = page(hoa.get(address("beneficiary_create", program.slug)))

    assert 'type="checkbox"' in shown
    assert " checked" not in shown


def test_without_consent_nothing_is_kept_and_nothing_typed_is_lost(hoa, program, units):
    data = new_record(units)
    del data["consent-is_agreed"]

    shown = page(hoa.post(address("beneficiary_create", program.slug), data))

    assert "Chưa có sự đồng ý thì không lập hồ sơ." in shown
    assert 'value="Nguyễn Bảo Ngọc"' in shown
    assert not Beneficiary.objects.exists()


def test_what_the_service_refuses_is_said_on_the_page(hoa, program, units):
    data = new_record(units, **{"basic-birth_year": "2010"})

    shown = page(hoa.post(address("beneficiary_create", program.slug), data))

    assert "Trẻ từ 7 tuổi phải cùng đồng ý với người đại diện." in shown


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("sensitive-identity_number", "12345", "Số định danh có 12 chữ số"),
        ("sensitive-phone", "12", "không phải số điện thoại"),
        ("basic-born_on", "01/02/2015", "Năm sinh khác với ngày sinh."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(hoa, program, units, field, value, sentence):
    data = new_record(units, **{field: value})

    assert sentence in page(hoa.post(address("beneficiary_create", program.slug), data))


def test_a_record_for_another_unit_is_not_offered(hoa, program, units):
    data = new_record(units, branch=units.man_thai.pk)

    page(hoa.post(address("beneficiary_create", program.slug), data))

    assert not Beneficiary.objects.exists()


def test_the_same_person_again_is_warned_of_and_not_forbidden(hoa, program, units, child):
    url = address("beneficiary_create", program.slug)

    shown = page(hoa.post(url, new_record(units)))
    assert f">{child.code}</a>" in shown
    assert "Có thể đã có hồ sơ của người này" in shown
    assert Beneficiary.objects.count() == 1
    hoa.post(url, new_record(units, is_other="on"))

    assert Beneficiary.objects.count() == 2
    assert "Có thể là cùng một người" in page(hoa.get(child.get_absolute_url()))


def test_a_warning_does_not_tell_who_is_helped_next_door(as_person, program, units, child):
    nga = as_person("nga")

    data = new_record(units, branch=units.man_thai.pk)
    answer = nga.post(address("beneficiary_create", program.slug), data)

    assert answer.status_code == 302
    assert Beneficiary.objects.count() == 2


# --- A record -------------------------------------------------------------------------------


def test_numbers_are_masked_until_a_purpose_is_stated(hoa, child):
    shut = page(hoa.get(child.get_absolute_url()))
    opened = page(hoa.post(address("beneficiary_sensitive", child.pk), {"purpose": "học bổng"}))

    assert "•••••••456" in shut
    assert "0905123456" not in shut
    assert "048316000123" not in shut
    assert "0905123456" in opened
    assert "048316000123" in opened
    assert list(RecordView.objects.values_list("is_sensitive", flat=True)) == [True, False]


def test_the_basic_part_is_changed_without_touching_the_numbers(hoa, people, child):
    data = {"full_name": "Nguyễn Bảo Ngân", "birth_year": "2016", "version": "1", "reason": "sai"}

    answer = hoa.post(address("beneficiary_update", child.pk), data)

    child.refresh_from_db()
    assert said(answer) == [f"Đã lưu hồ sơ {child.code}."]
    assert (child.full_name, child.phone) == ("Nguyễn Bảo Ngân", "0905123456")
    assert "0905123456" not in page(hoa.get(address("beneficiary_update", child.pk)))


def test_the_sensitive_part_is_changed_by_itself(hoa, child):
    data = {"phone": "0905 999 888", "orphan": "father", "version": "1"}

    hoa.post(address("beneficiary_sensitive_update", child.pk), data)

    child.refresh_from_db()
    found = (child.full_name, child.phone, child.orphan, child.identity_number)
    assert found == ("Nguyễn Bảo Ngọc", "0905999888", "father", "")


def test_each_form_of_the_sensitive_part_says_that_victims_are_counts_only(hoa, program, child):
    new = page(hoa.get(address("beneficiary_create", program.slug)))
    opened = page(hoa.post(address("beneficiary_sensitive", child.pk), {"purpose": "học bổng"}))
    wrong = {"phone": "12", "version": "1"}
    again = page(hoa.post(address("beneficiary_sensitive_update", child.pk), wrong))

    for text in (new, opened, again):
        assert "Người bị bạo lực, bị mua bán thì không lập hồ sơ ở đây" in text


def test_a_change_over_another_ones_is_refused_and_kept_on_the_page(hoa, child):
    data = {"full_name": "Nguyễn Bảo Ngân", "birth_year": "2016", "version": "7"}

    shown = page(hoa.post(address("beneficiary_update", child.pk), data))

    assert "Vừa có người khác sửa phần này." in shown
    assert 'value="Nguyễn Bảo Ngân"' in shown


def test_taking_a_consent_back_shows_what_must_be_decided(hoa, program, units, people, child):
    today = localdate()
    [row] = sponsored(
        program, donor_of(units.tho_quang), [child], people.hoa, ends_on=today.replace(day=1)
    )
    consent = child.consents.get()
    url = address("consent_withdraw", consent.pk)

    asked = page(hoa.get(url))
    hoa.post(url, {"on": today.isoformat()})

    consent.refresh_from_db()
    assert row.get_absolute_url() in asked
    assert consent.withdrawn_on == today
    assert "Sự đồng ý lưu hồ sơ đã được rút lại." in page(hoa.get(child.get_absolute_url()))


def test_an_erased_record_shows_that_it_was_erased_and_nothing_else(hoa, child):
    url = address("beneficiary_erase", child.pk)

    assert "Xóa hồ sơ TE-2021-0001?" in page(hoa.get(url))
    hoa.post(url, {"version": "1", "reason": "gia đình đề nghị"})
    shown = page(hoa.get(child.get_absolute_url()))

    assert "Lý do: gia đình đề nghị." in shown
    assert "Nguyễn Bảo Ngọc" not in shown
    assert "Trần Thị Mẹ" not in shown


# --- Sponsorships ---------------------------------------------------------------------------


def test_two_children_are_sponsored_from_one_page(hoa, program, units, people, child):
    other = child_of(program, units.tho_quang, people.hoa, full_name="Lê An")
    data = {
        "sponsor": donor_of(units.tho_quang).pk,
        "children": [child.pk, other.pk],
        "mode": "direct",
        "monthly": "500 nghìn",
        "starts_on": "01/01/2021",
        "ends_on": "31/12/2021",
    }

    answer = hoa.post(address("sponsorship_create", program.slug), data)

    assert said(answer) == ["Đã ghi đỡ đầu 2 trẻ."]
    assert Payment.objects.filter(amount=500_000).count() == 24
    shown = page(hoa.get(address("sponsorship_list", program.slug) + "?year=2021"))
    assert "12.000.000" in shown


def test_only_children_of_hers_can_be_chosen(hoa, program, units, people, child):
    neighbour = child_of(program, units.man_thai, people.nga, full_name="Lê Na")
    data = {"children": [neighbour.pk], "mode": "direct", "monthly": "1", "starts_on": "01/01/2021"}

    shown = page(hoa.post(address("sponsorship_create", program.slug), data))

    assert child.code in shown
    assert neighbour.code not in shown
    assert not Sponsorship.objects.exists()


def test_a_month_is_paid_and_taken_back_with_a_reason(hoa, program, units, people, child):
    [row] = sponsored(program, donor_of(units.tho_quang), [child], people.hoa)
    payment = row.payments.first()
    paid = {"version": "1", "paid_on": "05/01/2021", "paid": "300.000"}

    answer = hoa.post(address("payment_paid", payment.pk), paid)
    assert said(answer) == ["Đã ghi trao tháng 01/2021."]
    again = page(hoa.post(address("payment_paid", payment.pk), paid))
    assert "Vừa có người khác sửa phần này." in again
    hoa.post(address("payment_unpaid", payment.pk), {"version": "2", "reason": "ghi nhầm"})

    payment.refresh_from_db()
    assert (payment.paid, payment.version) == (None, 3)


def test_the_sponsors_officer_reads_the_code_and_finds_no_record(
    as_person, program, units, people, child
):
    [row] = sponsored(program, donor_of(units.thanh_binh), [child], people.an)

    shown = page(as_person("lan").get(row.get_absolute_url()))

    assert child.code in shown
    assert child.get_absolute_url() not in shown
    assert child.full_name not in shown


def test_empty_pages_say_what_to_do_first(hoa, program):
    people = page(hoa.get(address("people_list", program.slug)))
    calendar = page(hoa.get(address("sponsorship_list", program.slug)))
    form = page(hoa.get(address("sponsorship_create", program.slug)))

    assert "Chưa có hồ sơ nào" in people
    assert "Chưa có ai đỡ đầu" in calendar
    assert "Chưa có hồ sơ trẻ em, học sinh nào" in form


@pytest.fixture
def two_sponsored(program, units, people, child):
    """A company sponsors Ngọc and An from January to December 2021; one month is paid."""
    other = child_of(program, units.tho_quang, people.hoa, full_name="Lê Thị Na")
    rows = sponsored(program, donor_of(units.tho_quang), [child, other], people.hoa)
    january = rows[0].payments.get(month=date(2021, 1, 1))
    mark_paid(payment=january, seen_version=1, paid_on=date(2021, 1, 9), by=people.hoa, today=TODAY)
    return rows


def test_a_donor_who_only_sponsors_has_given_something(hoa, two_sponsored, child):
    text = page(hoa.get(two_sponsored[0].sponsor.get_absolute_url()))

    assert "Chưa ghi lần ủng hộ nào" not in text
    assert child.code in text and "12 tháng, đã trao đủ 1, trễ 11" in text
    for amount in ("300.000 đ", "3.600.000 đ", "7.200.000 đ", "3.300.000 đ"):
        assert amount in text
    assert "không nằm trong sổ nguồn lực" in text
    assert child.full_name not in text and "Lê Thị Na" not in text


def test_who_opens_no_record_reads_a_donors_sums_and_no_code(
    as_person, units, two_sponsored, child
):
    url = two_sponsored[0].sponsor.get_absolute_url()

    leader = page(as_person("cuc").get(url))

    assert "7.200.000 đ" in leader and "Từng trẻ chỉ dành cho cán bộ theo dõi" in leader
    assert child.code not in leader
    assert as_person("lan").get(url).status_code == 404


def test_sponsors_money_stands_at_the_programmes_glance_apart_from_the_ledger(
    as_person, program, people, two_sponsored
):
    url = program.get_absolute_url()

    for name in ("hoa", "cuc"):  # her own children; the programme's leader counts them
        text = page(as_person(name).get(url))
        assert "Đỡ đầu: đã trao</dt><dd>300.000 đ" in text
        assert "phải trao 7.200.000 đ; 23 tháng trễ; tính riêng" in text
    assert "Đỡ đầu: đã trao" not in page(as_person("lan").get(url))
    assert ledger(program, people.cuc).total.received == 0


def test_an_item_of_sponsorships_tells_the_months_of_the_children_at_its_places(
    hoa, program, units, people, two_sponsored
):
    assert ItemKind.objects.get(has_sponsors=True).code == "do-dau"
    kind = ItemKind.objects.create(code="me-do-dau", name="Mẹ đỡ đầu", has_sponsors=True)
    here, far, other = (
        add_item(
            program=program, giver=units.da_nang, kind=kind, what=what, places=[place], by=people.an
        )
        for kind, what, place in (
            (kind, "Đỡ đầu trẻ", units.tho_quang),
            (kind, "Đỡ đầu trẻ nơi khác", units.man_thai),
            (ItemKind.objects.filter(has_sponsors=False).first(), "Mái ấm", units.tho_quang),
        )
    )

    assert "7.200.000 đ" in page(hoa.get(here.get_absolute_url()))
    assert "Đỡ đầu theo tháng" not in page(hoa.get(other.get_absolute_url()))
    hoa.force_login(people.an)
    assert "Đỡ đầu theo tháng" not in page(hoa.get(far.get_absolute_url()))


def test_another_sum_a_month_names_its_paper_beside_the_old_one(
    as_person, hoa, program, people, child, two_sponsored
):
    row = two_sponsored[0]
    paper = add_part(
        model=PlanDocument, program=program, by=people.an, title="Cam kết", number="7/CK"
    )
    data = {
        "version": row.version, "monthly": "500.000", "from_month": "2021-06-01",
        "reason": "nhà tài trợ tăng", "document": paper.pk, "clause": "Mục 2",
    }  # fmt: skip
    named = hoa.post(address("sponsorship_amount", row.pk), data | {"clause": child.full_name})
    hoa.post(address("sponsorship_amount", row.pk), data)
    url = address("cited", "sponsorships", row.pk)

    text = page(hoa.get(url))

    assert "gọi bằng mã hồ sơ" in page(named)
    assert text.index("500.000 đ mỗi tháng") < text.index("7/CK") < text.index("300.000 đ mỗi")
    assert url in page(hoa.get(row.get_absolute_url()))
    assert child.full_name not in text
    assert as_person("an").get(url).status_code == 200
    for stranger in ("cuc", "ha", "lan", "xuan"):  # no officers of either side
        assert as_person(stranger).get(url).status_code == 404
