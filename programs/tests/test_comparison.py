"""The ledger's "đã trao" beside the hand-overs: shown with the difference, never corrected."""

from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from programs.models import Contribution
from programs.queries import compared_items
from programs.services import (
    ProgramError,
    attach_minutes,
    cancel_delivery,
    correct,
    give,
    receive,
    record_delivery,
)

from .conftest import DAY, add_item
from .support import minutes

MILLION = 10**6

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(gift, people):
    """`write(give, 5, …)`: a line of Hải Âu's contribution, by Hoa of Thọ Quang."""

    def line(verb, millions, **fields):
        contribution = Contribution.objects.get(pk=gift.contribution.pk)
        named = {} if verb is correct else {"contribution": contribution}
        value = None if millions is None else millions * MILLION
        return verb(
            seen_version=contribution.version, value=value, on=DAY, **named,
            by=people.hoa, **fields,
        )  # fmt: skip

    return line


@pytest.fixture
def hand_over(gift, units, people):
    """`hand_over(8)`: Thọ Quang hands the house over to its first chi hội."""
    gift.house.places.add(units.chi_hoi_1)

    def record(millions, **fields):
        return record_delivery(
            item=gift.house, place=units.chi_hoi_1, given_on=date(2021, 3, 1), by=people.hoa,
            value=None if millions is None else millions * MILLION, **fields,
        )  # fmt: skip

    return record


def only(program, user):
    [row] = compared_items(program, user)
    return row


# --- The query ----------------------------------------------------------------------------------


def test_each_item_has_both_books_and_the_difference_in_dong(
    program, gift, write, hand_over, people
):
    write(receive, 30, item=gift.house)
    write(give, 15, item=gift.house)
    hand_over(8, minutes=[minutes()])
    hand_over(4)
    hand_over(None)

    row = only(program, people.an)

    assert (row.item, row.given) == (gift.house, 15 * MILLION)
    assert row.handed.confirmed.value == 8 * MILLION
    assert row.handed.unconfirmed.value == 4 * MILLION
    assert (row.difference, row.unvalued) == (3 * MILLION, 1)
    assert row.words == "Sổ ghi nhiều hơn"


def test_books_that_agree_differ_by_nothing(program, gift, write, hand_over, people):
    write(receive, 15, item=gift.house)
    write(give, 15, item=gift.house, delivery=hand_over(15))

    row = only(program, people.an)

    assert (row.difference, row.words) == (0, "")


def test_what_was_taken_back_or_corrected_is_in_neither_book(
    program, gift, write, hand_over, people
):
    write(receive, 30, item=gift.house)
    line = write(give, 15, item=gift.house)
    write(correct, 10, entry=line, reason="ghi nhầm")
    cancel_delivery(delivery=hand_over(99), seen_version=1, by=people.hoa, reason="ghi hai lần")
    hand_over(12)

    row = only(program, people.an)

    assert (row.given, row.handed_value) == (10 * MILLION, 12 * MILLION)
    assert row.words == "Trao tặng ghi nhiều hơn"


def test_an_item_of_which_neither_book_says_anything_is_left_out(program, gift, write, people):
    write(receive, 30, item=gift.house)

    assert compared_items(program, people.an) == []


def test_who_sees_a_part_of_the_books_is_shown_no_difference(
    program, gift, write, hand_over, people
):
    hand_over(12)

    assert compared_items(program, people.hoa) is None
    assert compared_items(program, people.giang) is None
    assert compared_items(program, people.cuc) is not None


# --- A line and its hand-over -------------------------------------------------------------------


def test_a_line_may_not_name_more_than_its_hand_over_is_worth(gift, write, hand_over):
    write(receive, 30, item=gift.house)
    delivery = hand_over(10)
    write(give, 6, item=gift.house, delivery=delivery)

    with pytest.raises(ProgramError, match="Lần trao này trị giá 10.000.000 đ"):
        write(give, 5, item=gift.house, delivery=delivery)

    write(give, 4, item=gift.house, delivery=delivery)
    write(give, 1, item=gift.house)  # without the hand-over's name it stands, and is compared
    assert sum(entry.value for entry in delivery.entries.all()) == 10 * MILLION


def test_nor_may_a_correction_and_a_smaller_sum_is_welcome(gift, write, hand_over):
    write(receive, 30, item=gift.house)
    line = write(give, 6, item=gift.house, delivery=hand_over(10))

    with pytest.raises(ProgramError, match="Lần trao này trị giá 10.000.000 đ"):
        write(correct, 11, entry=line, reason="ghi thiếu")

    write(correct, 2, entry=line, reason="ghi thừa")
    assert line.worth == 2 * MILLION


def test_a_hand_over_that_nobody_has_valued_takes_any_sum(gift, write, hand_over):
    write(receive, 30, item=gift.house)

    line = write(give, 25, item=gift.house, delivery=hand_over(None))

    assert line.value == 25 * MILLION


def test_a_line_that_names_another_items_hand_over_is_told_so(gift, write, hand_over):
    write(receive, 30, item=gift.cows)

    with pytest.raises(ProgramError, match="Lần trao tặng này là của hạng mục khác"):
        write(give, 5, item=gift.cows, delivery=hand_over(10))


# --- Pages and workbook -------------------------------------------------------------------------


@pytest.fixture
def apart(gift, write, hand_over):
    """The ledger says 15 million, the hand-overs 8 confirmed and 4 not."""
    write(receive, 30, item=gift.house)
    write(give, 15, item=gift.house)
    return hand_over(8, minutes=[minutes()]), hand_over(4)


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_item_and_the_ledger_show_the_difference_and_its_rows(as_person, program, gift, apart):
    client, item_page = as_person("an"), gift.house.get_absolute_url()
    ledger = reverse("programs:ledger_detail", args=[program.slug])

    for address in (item_page, ledger, f"{ledger}?by=item"):
        text = text_of(client.get(address))
        assert "Sổ ghi nhiều hơn" in text
        assert "3.000.000 đ" in text
        assert f"?item={gift.house.pk}&amp;kind=given" in text

    lines = client.get(
        reverse("programs:ledger_entries", args=[program.slug]),
        {"item": gift.house.pk, "kind": "given"},
    )
    assert lines.context["sums"].given == 15 * MILLION
    for asked, delivery in zip(("confirmed", "unconfirmed"), apart, strict=True):
        answer = client.get(item_page, {"given": asked})
        assert answer.context["shown"] == [delivery]
        assert "Mới hiện 1 trong 2 lần trao" in text_of(answer)


def test_minutes_move_a_hand_over_from_one_side_to_the_other(program, apart, people):
    attach_minutes(delivery=apart[1], seen_version=1, minutes=[minutes()], by=people.hoa)

    row = only(program, people.an)

    assert (row.handed.confirmed.value, row.handed.unconfirmed.value) == (12 * MILLION, 0)


def test_a_part_of_the_books_is_not_compared_on_the_pages_either(as_person, program, gift, apart):
    ledger = reverse("programs:ledger_detail", args=[program.slug])

    for address in (gift.house.get_absolute_url(), ledger):
        assert "Đối chiếu" not in text_of(as_person("hoa").get(address))
        assert "Đối chiếu" in text_of(as_person("an").get(address))


def sheets_for(client, program):
    answer = client.get(reverse("programs:ledger_export", args=[program.slug]))
    return {sheet.title: sheet for sheet in load_workbook(BytesIO(answer.content)).worksheets}


def test_the_workbook_compares_as_the_page_does(as_person, program, apart):
    sheet = sheets_for(as_person("an"), program)["Đối chiếu trao tặng"]

    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    [row] = [row for row in rows if row[1] == "Mái ấm tình thương"]
    assert row[2:7] == [
        15 * MILLION, 8 * MILLION, 4 * MILLION, 3 * MILLION, "Sổ ghi nhiều hơn",
    ]  # fmt: skip
    assert "Đối chiếu trao tặng" not in sheets_for(as_person("hoa"), program)


def test_many_items_take_the_same_questions(as_person, program, gift, apart, units, people):
    client = as_person("an")
    address = reverse("programs:ledger_detail", args=[program.slug])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(20):
        item = add_item(program, units.tho_quang, people.an, f"Quà {number}")
        item.places.add(units.chi_hoi_1)
        record_delivery(
            item=item, place=units.chi_hoi_1, given_on=date(2021, 3, 1), by=people.hoa, value=5
        )

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few)
