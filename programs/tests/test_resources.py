from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from programs.models import Contribution, Donor, Entry, SupportItem
from programs.services import (
    ProgramError,
    add_contribution,
    add_donor,
    allot,
    change_contribution,
    change_donor,
    close_program,
    correct,
    give,
    pledge,
    receive,
)
from programs.services.ledger import sums_of

from .conftest import add_item, build_program

DAY = date(2021, 3, 8)
MILLION = 10**6
Kind = Entry.Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(gift, people):
    """`write(pledge, 50)`: a verb on the contribution as it stands now, in million đồng."""

    def run(verb, millions=None, **fields):
        contribution = Contribution.objects.get(pk=gift.contribution.pk)
        subject = {} if "entry" in fields else {"contribution": contribution}
        value = None if millions is None else millions * MILLION
        return verb(
            seen_version=contribution.version,
            value=value,
            on=DAY,
            by=people.hoa,
            **subject,
            **fields,
        )

    return run


def sums(gift, item=None):
    return tuple(value / MILLION for value in sums_of(gift.contribution, item).values())


# --- Donors ---------------------------------------------------------------------------------


def test_a_unit_has_a_donor_of_one_name_once(units, people, gift):
    with pytest.raises(ProgramError, match="Đơn vị đã có nhà tài trợ tên này"):
        add_donor(
            branch=units.da_nang, name="CÔNG TY HẢI ÂU", kind=Donor.Kind.COMPANY, by=people.an
        )

    elsewhere = add_donor(
        branch=units.hai_chau, name="Công ty Hải Âu", kind=Donor.Kind.COMPANY, by=people.an
    )
    assert elsewhere.pk != gift.donor.pk


def test_a_donor_cannot_take_the_name_of_another(units, people, gift):
    other = add_donor(branch=units.da_nang, name="Bà Lê", kind=Donor.Kind.PERSON, by=people.an)

    with pytest.raises(ProgramError, match="Đơn vị đã có nhà tài trợ tên này"):
        change_donor(donor=other, seen_version=1, by=people.an, name="Công ty Hải Âu")


def test_a_change_of_a_donor_is_signed(people, gift):
    change_donor(
        donor=gift.donor,
        seen_version=1,
        by=people.an,
        reason="đổi tên",
        name="Công ty Hải Âu Xanh",
    )

    last = gift.donor.history.first()
    assert (last.name, last.history_user) == ("Công ty Hải Âu Xanh", people.an)
    assert last.history_change_reason == "đổi tên"


def test_the_second_of_two_who_change_a_donor_is_told(people, gift):
    change_donor(donor=gift.donor, seen_version=1, by=people.an, contact="0905 000 000")

    with pytest.raises(ProgramError, match="Vừa có người khác sửa"):
        change_donor(donor=gift.donor, seen_version=1, by=people.an, note="gọi buổi sáng")


def test_a_lower_unit_may_name_a_donor_kept_above_but_not_one_next_door(units, people, gift):
    next_door = add_donor(
        branch=units.hai_chau, name="Hội chợ", kind=Donor.Kind.ORGANISATION, by=people.an
    )
    given_up = add_donor(
        branch=units.tho_quang, name="Bà Lê", kind=Donor.Kind.PERSON, by=people.hoa
    )
    change_donor(donor=given_up, seen_version=1, by=people.hoa, is_active=False)

    assert list(Donor.objects.nameable_by(people.hoa)) == [gift.donor]
    assert list(Donor.objects.visible_to(people.hoa)) == [given_up]
    assert set(Donor.objects.nameable_by(people.an)) == {gift.donor, next_door}


# --- Contributions --------------------------------------------------------------------------


def test_a_contribution_comes_through_a_unit_that_takes_part(program, units, people, gift):
    with pytest.raises(ProgramError, match="Quảng Nam không tham gia chương trình này"):
        add_contribution(
            program=program, donor=gift.donor, branch=units.quang_nam, what="Tiền", by=people.an
        )


def test_a_contribution_somebody_else_has_changed_is_not_overwritten(people, gift, write):
    seen = gift.contribution.version
    write(pledge, 10)

    with pytest.raises(ProgramError, match="Vừa có người khác sửa"):
        change_contribution(
            contribution=gift.contribution, seen_version=seen, by=people.hoa, what="Quà"
        )


def test_gifts_not_valued_yet_cannot_become_money(people, gift, write):
    contribution = change_contribution(
        contribution=gift.contribution, seen_version=1, by=people.hoa, is_in_kind=True
    )
    write(receive)

    with pytest.raises(ProgramError, match="Còn hiện vật chưa định giá"):
        change_contribution(
            contribution=contribution,
            seen_version=contribution.version + 1,
            by=people.hoa,
            is_in_kind=False,
        )


# --- The ledger -----------------------------------------------------------------------------


def test_promised_received_allotted_and_given_are_lines_of_the_ledger(gift, write):
    write(pledge, 50)
    write(receive, 50)
    write(
        allot,
        30,
        kinds=[Kind.PLEDGED, Kind.RECEIVED],
        source=None,
        target=gift.house,
        reason="xây nhà",
    )
    write(give, 20, item=gift.house)

    assert sums(gift) == (20, 20, 0)
    assert sums(gift, gift.house) == (30, 30, 20)
    assert Entry.objects.count() == 7


def test_more_may_come_in_than_was_promised(gift, write):
    write(pledge, 10)

    write(receive, 25)

    assert sums(gift) == (10, 25, 0)


def test_more_is_given_than_came_in_only_with_a_reason_and_is_flagged(gift, write):
    write(receive, 10, item=gift.house)
    write(receive, 90, item=gift.cows)

    with pytest.raises(ProgramError, match="Trao nhiều hơn số đã tiếp nhận"):
        write(give, 11, item=gift.house)
    inside = write(give, 10, item=gift.house, reason="đợt 1")
    above = write(give, 1, item=gift.house, reason="đơn vị ứng trước")

    assert (inside.is_flagged, above.is_flagged) == (False, True)
    assert sums(gift, gift.house) == (0, 10, 11)


def test_what_is_given_is_given_for_an_item(gift, write):
    with pytest.raises(ProgramError, match="Chị chọn giúp hạng mục được trao"):
        write(give, 1, item=None)


def test_more_than_there_is_cannot_be_moved(gift, write):
    write(pledge, 10)

    with pytest.raises(ProgramError, match="Số cam kết không đủ để bớt như vậy"):
        write(allot, 11, kinds=[Kind.PLEDGED], source=None, target=gift.house, reason="thử")

    assert sums(gift) == (10, 0, 0)
    assert sums(gift, gift.house) == (0, 0, 0)


def test_what_has_been_given_out_cannot_be_moved_away(gift, write):
    write(receive, 10, item=gift.house)
    write(give, 8, item=gift.house)

    with pytest.raises(ProgramError, match="số đã trao lớn hơn số đã tiếp nhận"):
        write(allot, 3, kinds=[Kind.RECEIVED], source=gift.house, target=gift.cows, reason="chuyển")
    write(allot, 2, kinds=[Kind.RECEIVED], source=gift.house, target=gift.cows, reason="chuyển")

    assert sums(gift, gift.cows) == (0, 2, 0)


def test_a_correction_is_a_line_of_its_own_and_the_wrong_one_stays(gift, write):
    wrong = write(receive, 50)

    write(correct, 5, entry=wrong, reason="gõ thừa số 0")
    write(correct, 6, entry=wrong, reason="đọc lại phiếu thu")

    assert [entry.value // MILLION for entry in Entry.objects.order_by("pk")] == [50, -45, 1]
    assert (sums(gift), wrong.worth) == ((0, 6, 0), 6 * MILLION)


def test_a_correction_needs_a_reason(gift, write):
    wrong = write(receive, 50)

    with pytest.raises(ProgramError, match="Chị ghi giúp lý do"):
        write(correct, 5, entry=wrong, reason=" ")


def test_half_of_a_move_is_not_corrected_but_moved_back(gift, write):
    write(receive, 10)
    moved = {"kinds": [Kind.RECEIVED], "reason": "xây nhà"}
    halves = write(allot, 10, source=None, target=gift.house, **moved)

    for half in halves:
        with pytest.raises(ProgramError, match="chị phân bổ ngược lại"):
            write(correct, 4, entry=half, reason="nhầm")
    write(allot, 6, source=gift.house, target=None, **moved)

    assert (sums(gift), sums(gift, gift.house)) == ((0, 6, 0), (0, 4, 0))


def test_a_correction_takes_no_sum_below_what_was_given_or_moved(gift, write):
    came = write(receive, 10, item=gift.house)
    write(give, 10, item=gift.house)
    promised = write(pledge, 10)
    write(allot, 10, kinds=[Kind.PLEDGED], source=None, target=gift.house, reason="xây nhà")

    with pytest.raises(ProgramError, match="số đã trao lớn hơn số đã tiếp nhận"):
        write(correct, 9, entry=came, reason="nhầm")
    with pytest.raises(ProgramError, match="Số cam kết không đủ"):
        write(correct, 0, entry=promised, reason="nhầm")


def test_a_gift_without_a_value_is_counted_and_valued_later_by_a_line(people, gift, write):
    change_contribution(
        contribution=gift.contribution, seen_version=1, by=people.hoa, is_in_kind=True
    )
    rice = write(receive, item=gift.house)
    write(receive, item=gift.house)
    waiting = Entry.objects.unvalued().count()

    write(correct, 12, entry=rice, reason="có phiếu giá")

    assert (waiting, Entry.objects.unvalued().count()) == (2, 1)
    assert sums(gift, gift.house) == (0, 12, 0)


def test_a_gift_written_by_mistake_is_taken_back(people, gift, write):
    change_contribution(
        contribution=gift.contribution, seen_version=1, by=people.hoa, is_in_kind=True
    )
    rice = write(receive)

    write(correct, 0, entry=rice, reason="ghi nhầm")

    assert not Entry.objects.unvalued().exists()
    with pytest.raises(ProgramError, match="Hiện vật này đã được bỏ khỏi sổ"):
        write(correct, 1, entry=rice, reason="thử")


def test_money_without_an_amount_is_refused(gift, write):
    for amount in (None, 0, -1):
        with pytest.raises(ProgramError, match="số tiền, lớn hơn 0"):
            write(pledge, amount)


def test_an_item_of_another_programme_is_refused(units, people, gift, write):
    other = build_program(units, people.an, name="Chương trình khác", lines=[])
    item = add_item(other, units.da_nang, people.an)

    with pytest.raises(ProgramError, match="thuộc chương trình khác"):
        write(pledge, 5, item=item)


def test_nothing_more_is_promised_to_an_item_that_was_given_up(gift, write, people):
    write(receive, 5, item=gift.house)
    gift.house.ended_on, gift.house.end_reason = DAY, "xã đã có nhà"
    gift.house.save()

    with pytest.raises(ProgramError, match="đã thôi thực hiện từ 08/03/2021"):
        write(pledge, 5, item=gift.house)
    write(allot, 5, kinds=[Kind.RECEIVED], source=gift.house, target=gift.cows, reason="chuyển")

    assert sums(gift, gift.cows) == (0, 5, 0)


def test_what_is_planned_in_a_draft_is_its_owners_business(units, people, gift):
    """Its name would be told to the unit below, which may not see the draft itself."""
    draft = build_program(units, people.an, is_started=False, lines=[])
    add_item(draft, units.tho_quang, people.an)
    promised = add_contribution(
        program=draft, donor=gift.donor, branch=units.tho_quang, what="Tiền mặt", by=people.an
    )
    pledge(contribution=promised, seen_version=1, value=MILLION, on=DAY, by=people.an)

    seen = {
        user: [
            model.objects.visible_to(user).of(draft).count()
            for model in (SupportItem, Contribution, Entry)
        ]
        for user in (people.an, people.hoa)
    }

    assert seen == {people.an: [1, 1, 1], people.hoa: [0, 0, 0]}


def test_a_draft_takes_promises_and_a_closed_programme_nothing(units, people, gift, program, write):
    draft = build_program(units, people.an, name="Còn soạn", lines=[], is_started=False)
    promised = add_contribution(
        program=draft, donor=gift.donor, branch=units.da_nang, what="Tiền", by=people.an
    )
    call = {"value": 5, "on": DAY, "by": people.an}
    pledge(contribution=promised, seen_version=1, **call)
    close_program(program=program, seen_version=program.version, by=people.an, reason="xong")

    with pytest.raises(ProgramError, match="mới ghi được cam kết"):
        receive(contribution=promised, seen_version=2, **call)
    with pytest.raises(ProgramError, match="Chương trình đã kết thúc"):
        write(pledge, 5)


def test_a_line_written_on_an_old_page_is_refused(gift, people, write):
    write(pledge, 5)

    with pytest.raises(ProgramError, match="Vừa có người khác sửa"):
        pledge(contribution=gift.contribution, seen_version=1, value=5, on=DAY, by=people.hoa)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_people_who_give_the_last_dong_at_once_do_not_both_give_it(gift, write, people):
    write(receive, 10, item=gift.house)
    seen = Contribution.objects.get(pk=gift.contribution.pk).version

    def hand_over(by):
        try:
            give(
                contribution=gift.contribution,
                seen_version=seen,
                item=gift.house,
                value=10 * MILLION,
                on=DAY,
                by=by,
            )
        except ProgramError as error:
            return str(error)
        else:
            return "đã trao"
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        said = sorted(pool.map(hand_over, [people.hoa, people.an]))

    assert (said[0][:12], said[1]) == ("Vừa có người", "đã trao")
    assert sums(gift, gift.house) == (0, 10, 10)
