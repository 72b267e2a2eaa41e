import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate
from openpyxl import load_workbook

from programs.models import Contribution, Donor, Entry
from programs.queries import donor_gifts, donors_matching, ledger
from programs.services import (
    add_contribution,
    add_donor,
    allot,
    cancel_delivery,
    change_donor,
    pledge,
    receive,
    record_delivery,
)
from programs.services.ledger import give

from .conftest import DAY, add_item, build_program

MILLION = 10**6
Kind = Entry.Kind

pytestmark = pytest.mark.django_db


def write(verb, contribution, by, millions, **fields):
    contribution = Contribution.objects.get(pk=contribution.pk)
    return verb(
        contribution=contribution,
        seen_version=contribution.version,
        value=millions * MILLION,
        on=DAY,
        by=by,
        **fields,
    )


@pytest.fixture
def book(program, units, people, gift):
    """Hải Âu gives through Thọ Quang and through the city; Thanh Bình has its own donor."""
    again = add_contribution(
        program=program, donor=gift.donor, branch=units.da_nang, what="Quà Tết", by=people.an
    )
    lan = add_donor(
        branch=units.thanh_binh, name="Bà Lê Ánh", kind=Donor.Kind.PERSON, by=people.lan
    )
    next_door = add_contribution(
        program=program, donor=lan, branch=units.thanh_binh, what="Sổ tiết kiệm", by=people.lan
    )
    write(pledge, gift.contribution, people.hoa, 40)
    write(receive, gift.contribution, people.hoa, 30)
    write(
        allot, gift.contribution, people.hoa, 20,
        kinds=[Kind.PLEDGED, Kind.RECEIVED], source=None, target=gift.house, reason="xây nhà",
    )  # fmt: skip
    write(give, gift.contribution, people.hoa, 15, item=gift.house)
    write(pledge, again, people.an, 5)
    write(receive, again, people.an, 8)
    write(receive, next_door, people.lan, 7)
    gift.again, gift.next_door, gift.lan = again, next_door, lan
    return gift


def in_millions(sums):
    return tuple(
        value / MILLION for value in (sums.pledged, sums.received, sums.given, sums.left, sums.owed)
    )


# --- What the ledger comes to ---------------------------------------------------------------


def test_a_donor_who_gives_twice_is_one_row(program, people, book):
    rows = ledger(program, people.an).donors

    assert [(row.donor.name, in_millions(row.sums)) for row in rows] == [
        ("Bà Lê Ánh", (0, 7, 0, 7, 0)),
        ("Công ty Hải Âu", (45, 38, 15, 23, 10)),
    ]


def test_what_one_gave_beyond_her_promise_does_not_pay_for_another(program, people, book):
    assert ledger(program, people.an).total.owed == 10 * MILLION


def test_an_item_shows_what_nobody_has_promised_yet(program, people, book):
    rows = {row.name: row for row in ledger(program, people.an).items}

    assert in_millions(rows["Mái ấm tình thương"].sums) == (20, 20, 15, 5, 0)
    assert rows["Mái ấm tình thương"].missing == 30 * MILLION
    assert rows["Bò sinh sản"].missing == 30 * MILLION
    assert in_millions(rows["Chưa phân bổ"].sums)[:2] == (25, 25)


def test_a_unit_sees_the_money_that_came_through_it_alone(program, people, book):
    hers, theirs = ledger(program, people.hoa), ledger(program, people.lan)

    assert [row.donor.name for row in hers.donors] == ["Công ty Hải Âu"]
    assert in_millions(hers.total) == (40, 30, 15, 15, 10)
    assert [row.donor.name for row in theirs.donors] == ["Bà Lê Ánh"]
    assert in_millions(theirs.total) == (0, 7, 0, 7, 0)
    assert {row.missing for row in (*hers.items, *theirs.items)} == {None}


def test_an_item_of_another_unit_has_no_name_for_her(program, units, people, book):
    foreign = add_item(program, units.cong_an, people.an, "Tủ sách của Công an")
    write(
        allot, book.contribution, people.an, 1,
        kinds=[Kind.RECEIVED], source=None, target=foreign, reason="chuyển",
    )  # fmt: skip

    names = {row.name for row in ledger(program, people.hoa).items}

    assert "Hạng mục của đơn vị khác" in names
    assert "Tủ sách của Công an" not in names
    assert "Tủ sách của Công an" in {row.name for row in ledger(program, people.an).items}


def test_a_donors_total_is_of_the_programmes_that_the_reader_sees(units, people, book):
    other = build_program(units, people.an, name="Chương trình khác", lines=[])
    more = add_contribution(
        program=other, donor=book.donor, branch=units.da_nang, what="Học bổng", by=people.an
    )
    write(receive, more, people.an, 100)

    rows, total = donor_gifts(book.donor, people.an)
    _, seen_by_hoa = donor_gifts(book.donor, people.hoa)

    assert in_millions(total)[:3] == (45, 138, 15)
    assert {row.contribution.what: [item.what for item in row.items] for row in rows} == {
        "Tiền mặt": ["Mái ấm tình thương"],
        "Quà Tết": [],
        "Học bổng": [],
    }
    assert in_millions(seen_by_hoa)[:3] == (40, 30, 15)


def test_donors_are_found_without_marks_and_stand_in_vietnamese_order(units, people, book):
    for name in ("Đoàn thanh niên", "Áo dài Hoa", "Bếp yêu thương"):
        add_donor(branch=units.da_nang, name=name, kind=Donor.Kind.ORGANISATION, by=people.an)

    everyone = [donor.name for donor in donors_matching(people.an, "")]

    assert everyone == [
        "Áo dài Hoa", "Bà Lê Ánh", "Bếp yêu thương", "Công ty Hải Âu", "Đoàn thanh niên",
    ]  # fmt: skip
    assert [donor.name for donor in donors_matching(people.an, "hai au")] == ["Công ty Hải Âu"]
    assert [donor.name for donor in donors_matching(people.lan, "")] == ["Bà Lê Ánh"]


# --- Pages ----------------------------------------------------------------------------------


def page(client, name, *args, **query):
    return client.get(reverse(f"programs:{name}", args=args), query)


def addresses(program, book):
    ledger_url = reverse("programs:ledger_detail", args=[program.slug])
    return {
        "by donor": ledger_url,
        "by item": f"{ledger_url}?by=item",
        "lines": reverse("programs:ledger_entries", args=[program.slug]),
        "contribution": book.contribution.get_absolute_url(),
        "donor": book.donor.get_absolute_url(),
        "donors": reverse("programs:donor_list"),
    }


@pytest.mark.parametrize(
    "name", ["by donor", "by item", "lines", "contribution", "donor", "donors"]
)
def test_a_long_page_asks_no_more_than_a_short_one(name, as_person, program, units, people, book):
    client, address = as_person("an"), addresses(program, book)[name]
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(27):
        add_donor(branch=units.son_tra, name=f"Bà {number}", kind=Donor.Kind.PERSON, by=people.an)
        item = add_item(program, units.tho_quang, people.an, f"Mái ấm {number}")
        made = add_contribution(
            program=program,
            donor=Donor.objects.get(name=f"Bà {number}") if number % 2 else book.donor,
            branch=units.tho_quang,
            what="Tiền",
            by=people.an,
        )
        write(receive, made, people.an, 1, item=item)
        write(pledge, book.contribution, people.an, 1, item=item)

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(few) == len(many)


def test_money_given_before_it_came_is_marked_on_the_page(as_person, people, book):
    write(give, book.contribution, people.hoa, 9, item=book.house, reason="đơn vị ứng trước")

    text = page(as_person("hoa"), "contribution_detail", book.contribution.pk).content.decode()

    assert text.count("Trao vượt số đã nhận") == 1
    assert "đơn vị ứng trước" in text


def test_money_is_allotted_from_the_page(as_person, people, book):
    address = reverse("programs:contribution_allot", args=[book.contribution.pk])
    version = Contribution.objects.get(pk=book.contribution.pk).version
    typed = {"kinds": "both", "value": "10 triệu", "source": "", "target": book.cows.pk}

    as_person("hoa").post(
        address, typed | {"on": "2021-03-08", "reason": "mua bò", "version": version}
    )

    lines = Entry.objects.filter(reason="mua bò").values_list("kind", "item", "value")
    assert set(lines) == {
        (kind, item, sign * 10 * MILLION)
        for kind in (Kind.PLEDGED, Kind.RECEIVED)
        for item, sign in ((None, -1), (book.cows.pk, 1))
    }


def test_the_lines_behind_a_number_add_up_to_it(as_person, program, people, book):
    client = as_person("an")
    donor = ledger(program, people.an).donors[1]

    lines = page(
        client, "ledger_entries", program.slug, donor=donor.donor.pk, kind=Kind.RECEIVED
    ).context

    assert lines["sums"].received == donor.sums.received
    assert sum(entry.value for entry in lines["page_obj"]) == donor.sums.received


def test_the_lines_of_the_neighbour_are_not_among_them(as_person, program, book):
    lines = page(as_person("hoa"), "ledger_entries", program.slug).context["page_obj"]

    assert {entry.contribution for entry in lines} == {book.contribution}


def test_the_ledger_says_its_sum_in_words(as_person, program, book):
    text = page(as_person("an"), "ledger_detail", program.slug).content.decode()

    assert "Cam kết bằng chữ: Bốn mươi lăm triệu đồng." in text
    assert "Tiếp nhận bằng chữ: Bốn mươi lăm triệu đồng." in text
    assert "Đã trao bằng chữ: Mười lăm triệu đồng." in text


def test_nothing_pledged_is_said_in_no_words(as_person, program, gift):
    assert "bằng chữ" not in page(as_person("an"), "ledger_detail", program.slug).content.decode()


def test_the_contact_of_a_donor_is_read_above_her_unit_only(as_person, program, book):
    donors = page(as_person("an"), "donor_detail", book.donor.pk).content.decode()
    below = page(as_person("hoa"), "contribution_detail", book.contribution.pk).content.decode()

    assert "0905 123 456" in donors
    assert ("Công ty Hải Âu" in below, "0905 123 456" in below) == (True, False)


def test_a_line_is_written_from_the_page(as_person, people, book):
    client = as_person("hoa")
    shown = page(client, "contribution_detail", book.contribution.pk)
    address = reverse("programs:contribution_receive", args=[book.contribution.pk])
    version = shown.context["contribution"].version

    client.post(address, {"value": "12 triệu", "on": "2021-03-08", "version": version})

    line = Entry.objects.order_by("pk").last()
    assert (line.kind, line.value, line.item, line.by) == (
        Kind.RECEIVED, 12 * MILLION, None, people.hoa,
    )  # fmt: skip


def test_what_was_given_may_name_its_hand_over(as_person, program, units, people, book):
    book.house.places.add(units.tho_quang)
    foreign = add_item(program, units.cong_an, people.an, "Tủ sách của Công an")
    foreign.places.add(units.thanh_binh)
    made, next_door, mistake = (
        record_delivery(item=item, place=place, given_on=DAY, by=people.an)
        for item, place in (
            (book.house, units.tho_quang),
            (foreign, units.thanh_binh),
            (book.house, units.tho_quang),
        )
    )
    cancel_delivery(delivery=mistake, seen_version=1, by=people.an, reason="ghi trùng")
    client = as_person("hoa")
    shown = page(client, "contribution_detail", book.contribution.pk)
    form = next(form for verb, _, form, _ in shown.context["forms"] if verb == "give")
    typed = {"item": book.house.pk, "value": "1.000.000", "on": "2021-03-08"}
    typed |= {"version": shown.context["contribution"].version, "delivery": made.pk}

    client.post(reverse("programs:contribution_give", args=[book.contribution.pk]), typed)

    assert form.fields["delivery"].choices == [
        ("", "– chưa gắn lần trao –"),
        (made.pk, f"{DAY:%d/%m/%Y} – phường Thọ Quang – Mái ấm tình thương"),
    ]
    assert Entry.objects.order_by("pk").last().delivery == made
    assert next_door.entries.count() == 0


def test_a_refused_line_keeps_what_was_typed_and_says_why(as_person, book):
    client = as_person("hoa")
    address = reverse("programs:contribution_give", args=[book.contribution.pk])
    version = Contribution.objects.get(pk=book.contribution.pk).version
    typed = {"item": book.house.pk, "value": "6.000.000", "on": "2021-03-08", "version": version}

    text = client.post(address, typed).content.decode()

    assert "Trao nhiều hơn số đã tiếp nhận cho hạng mục này." in text
    assert 'value="6.000.000"' in text
    assert Entry.objects.filter(kind=Kind.GIVEN).count() == 1


def test_a_day_that_has_not_come_is_refused(as_person, book):
    address = reverse("programs:contribution_pledge", args=[book.contribution.pk])
    tomorrow = localdate() + timedelta(days=1)

    answer = as_person("hoa").post(address, {"value": "5", "on": str(tomorrow), "version": 1})

    assert "Ngày này chưa đến." in answer.content.decode()


def test_an_item_that_she_does_not_see_cannot_be_named(as_person, program, units, people, book):
    foreign = add_item(program, units.cong_an, people.an, "Tủ sách của Công an")
    address = reverse("programs:contribution_pledge", args=[book.contribution.pk])

    answer = as_person("hoa").post(
        address, {"value": "5", "on": "2021-03-08", "version": 1, "item": foreign.pk}
    )

    assert "item" in answer.context["forms"][0][2].errors
    assert "Tủ sách của Công an" not in answer.content.decode()


def test_a_contribution_is_written_with_a_donor_kept_above(as_person, program, units, book):
    client = as_person("hoa")
    address = reverse("programs:contribution_create", args=[program.slug])
    typed = {"donor": book.donor.pk, "branch": units.tho_quang.pk, "what": "50 suất quà"}

    client.post(address, typed | {"is_in_kind": "on"})

    made = Contribution.objects.get(what="50 suất quà")
    assert (made.donor, made.branch, made.is_in_kind) == (book.donor, units.tho_quang, True)


def test_neither_a_donor_nor_a_unit_of_next_door_can_be_chosen(as_person, program, units, book):
    address = reverse("programs:contribution_create", args=[program.slug])
    typed = {"donor": book.lan.pk, "branch": units.thanh_binh.pk, "what": "Tiền"}

    answer = as_person("hoa").post(address, typed)

    assert set(answer.context["form"].errors) == {"donor", "branch"}
    assert not Contribution.objects.filter(what="Tiền").exists()


def test_a_new_donor_is_kept_by_the_unit_that_was_chosen(as_person, units):
    typed = {"name": "Bà Lê", "kind": "person", "branch": units.tho_quang.pk, "contact": "090"}

    as_person("hoa").post(reverse("programs:donor_create"), typed)

    donor = Donor.objects.get(name="Bà Lê")
    assert (donor.branch, donor.contact) == (units.tho_quang, "090")


def test_a_wrong_line_is_put_right_from_its_own_page(as_person, people, book):
    client = as_person("hoa")
    line = book.contribution.entries.get(kind=Kind.PLEDGED, reason="")
    version = Contribution.objects.get(pk=book.contribution.pk).version
    typed = {"value": "45 triệu", "on": "2021-03-08", "reason": "nhầm", "version": version}

    client.post(reverse("programs:entry_correct", args=[line.pk]), typed)

    assert line.worth == 45 * MILLION
    assert line.corrections.get().value == 5 * MILLION


def test_a_donor_out_of_use_stays_in_her_contributions(as_person, program, people, book):
    change_donor(donor=book.donor, seen_version=1, by=people.an, is_active=False)

    create = page(as_person("an"), "contribution_create", program.slug).context["form"]
    update = page(as_person("an"), "contribution_update", book.contribution.pk).context["form"]

    assert book.donor.pk not in dict(create.fields["donor"].choices)
    assert book.donor.pk in dict(update.fields["donor"].choices)


def test_the_workbook_says_what_the_page_says(as_person, program, book):
    answer = page(as_person("an"), "ledger_export", program.slug)

    book_read = load_workbook(io.BytesIO(answer.content))
    rows = {row[1]: row[2:] for row in book_read["Theo nhà tài trợ"].values if row[1]}
    items = {row[1]: row[2:] for row in book_read["Theo hạng mục"].values if row[1]}
    assert rows["Công ty Hải Âu"] == tuple(
        millions * MILLION for millions in (45, 38, 15, 23, 10)
    ) + (0,)
    assert rows["Cộng"][:2] == (45 * MILLION, 45 * MILLION)
    assert items["Mái ấm tình thương"][0] == 50 * MILLION
    assert items["Mái ấm tình thương"][5] == 30 * MILLION


def test_the_workbook_holds_no_contact_and_nothing_of_next_door(as_person, program, book):
    answer = page(as_person("hoa"), "ledger_export", program.slug)

    sheets = load_workbook(io.BytesIO(answer.content)).worksheets
    text = " ".join(str(cell) for sheet in sheets for row in sheet.values for cell in row)
    assert ("Công ty Hải Âu" in text, "Bà Lê Ánh" in text, "0905" in text) == (True, False, False)


def test_an_empty_ledger_says_what_to_do_first(as_person, program):
    text = page(as_person("an"), "ledger_detail", program.slug).content.decode()

    assert "Chị ghi nhà tài trợ nào ủng hộ chương trình" in text
