"""Texts that many read do not name whom only her own officers may know."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from programs.models import Condition, ItemKind, SupportItem
from programs.queries.naming import is_named, texts_naming, who_may_be_named
from programs.services import (
    ProgramError,
    add_item,
    assign,
    change_item,
    confirm_delivery,
    dispute_delivery,
    give,
    keep_condition,
    record_delivery,
)

from .conftest import DAY
from .people_helped import child_of

pytestmark = pytest.mark.django_db

NAMING = "Tặng em NGUYEN  Bảo Ngọc, lớp 1"


@pytest.fixture
def ngoc(program, units, people):
    """Nguyễn Bảo Ngọc, a child whom Thọ Quang looks after."""
    return child_of(program, units.tho_quang, people.hoa)


@pytest.fixture
def plan(program, units):
    """`plan(by, …)`: an item of Sơn Trà for Thọ Quang."""

    def add(by, **fields):
        fields = {"giver": units.son_tra, "what": "Quà", "places": [units.tho_quang]} | fields
        return add_item(program=program, kind=ItemKind.objects.get(code="qua"), by=by, **fields)

    return add


@pytest.fixture
def hand_over(plan, units, people):
    def give(**fields):
        fields = {"given_on": date(2021, 5, 10), "by": people.giang} | fields
        return record_delivery(item=plan(people.giang), place=units.tho_quang, **fields)

    return give


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Tặng em nguyen bao ngoc.", True),
        ("Nguyễn Bảo Ngọc", True),
        ("Nguyễn Bảo Ngọcanh", False),
        ("Nguyễn Bảo, Trần Ngọc", False),
        ("", False),
    ],
)
def test_a_name_is_found_in_full_and_without_marks(text, found):
    assert is_named("Nguyễn Bảo Ngọc", text) is found


def test_a_name_of_one_word_is_looked_for_nowhere():
    assert not is_named("Hoa", "Tặng hoa")


# --- Refused ------------------------------------------------------------------------------------


def test_the_sentence_says_which_words_and_where_the_name_belongs(plan, ngoc, people):
    with pytest.raises(ProgramError) as refused:
        plan(people.giang, note=NAMING)

    words = str(refused.value)
    assert "“ghi chú” có tên “Nguyễn Bảo Ngọc”" in words
    assert f"ghi “{ngoc.code}” thay cho tên; tên chỉ để trong hồ sơ" in words
    assert not SupportItem.objects.exists()


def test_every_open_text_is_guarded(plan, hand_over, ngoc, program, units, people, gift):
    item, delivery = plan(people.giang), hand_over()
    helped = {"program": program, "supporter_branch": units.son_tra, "starts_on": DAY}
    assignment = assign(supported=units.chi_hoi_1, by=people.an, **helped)

    attempts = [
        lambda: hand_over(note=NAMING),
        lambda: change_item(item=item, seen_version=1, by=people.giang, what=NAMING),
        lambda: change_item(item=item, seen_version=1, by=people.giang, reason=NAMING, note="x"),
        lambda: dispute_delivery(
            delivery=delivery, seen_version=1, by=people.hoa, at=datetime.now(UTC), reason=NAMING
        ),
        lambda: assign(supported=units.chi_hoi_2, by=people.an, reason_words=NAMING, **helped),
        lambda: keep_condition(
            condition=Condition(assignment=assignment, moment="before", year=2021, note=NAMING),
            criteria=[], by=people.an,
        ),
        lambda: give(
            contribution=gift.contribution, seen_version=1, item=gift.house, value=5, on=DAY,
            by=people.hoa, reason=NAMING,
        ),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(ProgramError, match="có tên “Nguyễn Bảo Ngọc”"):
            attempt()


def test_a_woman_is_guarded_once_something_sensitive_is_written(plan, program, units, people):
    woman = {"kind": "woman", "birth_year": 1980}
    child_of(program, units.tho_quang, people.hoa, full_name="Lê Thị Sen", **woman)
    child_of(program, units.tho_quang, people.hoa, full_name="Lê Thị Mơ", poverty="poor", **woman)

    assert plan(people.giang, note="Chị Lê Thị Sen nhận thay").pk
    with pytest.raises(ProgramError, match="có tên “Lê Thị Mơ”"):
        plan(people.giang, note="Chị Lê Thị Mơ nhận thay")


def test_the_code_may_stand_where_the_name_may_not(plan, ngoc, people):
    assert plan(people.giang, note=f"Tặng em {ngoc.code}").pk


def test_what_stood_there_before_does_not_stop_an_answer(hand_over, program, units, people):
    delivery = hand_over(note=NAMING)  # before there was a record
    child_of(program, units.tho_quang, people.hoa)

    confirm_delivery(delivery=delivery, seen_version=1, by=people.hoa, at=datetime.now(UTC))

    delivery.refresh_from_db()
    assert delivery.is_confirmed


def test_the_page_keeps_what_was_typed_and_says_why(as_person, plan, ngoc, units, people):
    item = plan(people.giang)

    answer = as_person("giang").post(
        reverse("programs:delivery_create", args=[item.pk]),
        {"place": units.tho_quang.pk, "given_on": "10/05/2021", "note": NAMING},
    )

    text = answer.content.decode()
    assert f"ghi “{ngoc.code}” thay cho tên" in text
    assert NAMING in text


# --- No oracle ----------------------------------------------------------------------------------


def test_who_may_not_see_the_register_learns_nothing_by_trying(plan, ngoc, units, people):
    """Phượng of Công an writes as freely of a child next door as of nobody."""
    for note in (NAMING, "Tặng em Không Có Ai"):
        made = plan(people.phuong, giver=units.cong_an, note=note)
        assert made.note == note.replace("  ", " ")


def test_a_name_of_another_programme_or_of_an_erased_record_is_no_name_here(
    plan, ngoc, people, program
):
    ngoc.program.beneficiaries.update(full_name="", erased_at=datetime.now(UTC), birth_year=None)

    assert plan(people.giang, note=NAMING).pk


# --- Told to whom it concerns -------------------------------------------------------------------


@pytest.fixture
def written(plan, ngoc, units, people):
    """Phượng has named the child in an item for Thọ Quang, and in one for next door."""
    here = plan(people.phuong, giver=units.cong_an, note=NAMING)
    there = plan(
        people.phuong, giver=units.cong_an, what="Sách của Nguyễn Bảo Ngọc",
        places=[units.thanh_binh],
    )  # fmt: skip
    return here, there


def test_her_officer_is_told_where_the_name_stands_and_how_many_more(written, ngoc, people):
    shown, hidden = texts_naming(ngoc, people.hoa)

    assert [named.row for named in shown] == [written[0]]
    assert hidden == 1
    assert {named.row for named in texts_naming(ngoc, people.an)[0]} == set(written)


def test_the_record_and_the_page_that_erases_it_say_so(as_person, written, ngoc):
    client = as_person("hoa")
    erase = reverse("programs:beneficiary_erase", args=[ngoc.pk])

    record = client.get(ngoc.get_absolute_url()).content.decode()
    asked = client.get(erase).content.decode()
    done = client.post(
        erase, {"version": ngoc.version, "reason": "gia đình xin xóa"}, follow=True
    ).content.decode()

    assert "Tên người này còn ở nơi nhiều người đọc" in record
    assert written[0].get_absolute_url() in record
    assert "Sách của" not in record
    for page in (asked, done):
        assert "Tên người này còn ở: ghi chú, hạng mục hỗ trợ: Quà." in page
        assert "Còn 1 chỗ ở phần của đơn vị khác" in page
    ngoc.refresh_from_db()
    assert ngoc.is_erased


def test_only_those_whose_every_word_is_said_are_looked_at_and_none_is_lost():
    names = ["Nguyễn Thị Bảo Ngọc", "Niê H'Hen", "Trần Anh-Thư", "Ngọc", "Lê Bảo Ngọc"]
    rows = [(name, f"HS-{number}") for number, name in enumerate(names)]
    texts = {"nội dung": "thăm NGUYEN thi Bảo ngọc, niê h’hen và trần anh thư"}

    found = who_may_be_named(texts, rows)

    assert [row for _, row in found] == rows[:3]
    assert who_may_be_named({"nội dung": "Nguyễn Ngọc, Niê"}, rows) == []
