"""Sponsorships: months promised, changed, ended, paid; and the calendar of them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from programs.models import Beneficiary, Payment, Sponsorship
from programs.queries.sponsorships import calendar, years_of
from programs.services import (
    STALE,
    ProgramError,
    change_amount,
    end_sponsorship,
    extend_sponsorship,
    mark_paid,
    unmark_paid,
)

from .conftest import build_program
from .people_helped import TODAY, child_of, donor_of, sponsored

pytestmark = pytest.mark.django_db


@pytest.fixture
def children(program, units, people):
    return [
        child_of(program, units.tho_quang, people.hoa),
        child_of(program, units.tho_quang, people.hoa, full_name="Lê An"),
    ]


@pytest.fixture
def rows(program, units, people, children):
    return sponsored(program, donor_of(units.tho_quang), children, people.hoa)


def pay(payment, by, day=date(2021, 3, 5), **more):
    return mark_paid(
        payment=payment, seen_version=payment.version, paid_on=day, by=by, today=TODAY, **more
    )


def test_one_sponsor_promises_each_month_to_two_children(rows, children, people):
    first, second = rows

    months = list(first.payments.values_list("month", "amount", "paid"))
    assert [row.child for row in rows] == children
    assert months == [(date(2021, month, 1), 300_000, None) for month in range(1, 13)]
    assert second.payments.count() == 12
    assert first.payments.first().history.get().history_user == people.hoa


def test_any_day_of_a_month_means_the_month(program, units, people, children):
    [row] = sponsored(
        program,
        donor_of(units.tho_quang),
        children[:1],
        people.hoa,
        starts_on=date(2021, 11, 20),
        ends_on=date(2022, 2, 3),
    )

    months = [payment.month for payment in row.payments.all()]
    assert (row.starts_on, row.ends_on) == (date(2021, 11, 1), date(2022, 2, 28))
    assert months == [date(2021, 11, 1), date(2021, 12, 1), date(2022, 1, 1), date(2022, 2, 1)]


def test_all_children_are_sponsored_or_none(program, units, people, children):
    woman = child_of(program, units.tho_quang, people.hoa, kind="woman", full_name="Lê Thị B")

    with pytest.raises(ProgramError, match="Chỉ đỡ đầu được trẻ em, học sinh."):
        sponsored(program, donor_of(units.tho_quang), [*children, woman], people.hoa)

    assert not Sponsorship.objects.exists()


def test_a_child_of_another_programme_is_refused(units, people, children):
    other = build_program(units, people.an, name="Chương trình khác")

    with pytest.raises(ProgramError, match="không thuộc chương trình này"):
        sponsored(other, donor_of(units.tho_quang), children, people.hoa)


def test_the_same_sponsor_does_not_take_a_child_twice(program, people, rows):
    with pytest.raises(ProgramError, match="Người này đang đỡ đầu trẻ đó rồi."):
        sponsored(program, rows[0].sponsor, [rows[0].child], people.hoa)


def test_another_sum_changes_only_later_months_that_are_unpaid(rows, people):
    row = rows[0]
    pay(row.payments.get(month=date(2021, 4, 1)), people.hoa)

    change_amount(
        sponsorship=row,
        seen_version=row.version,
        monthly=500_000,
        from_month=date(2021, 3, 20),
        reason="nhà tài trợ tăng",
        by=people.hoa,
    )

    amounts = list(row.payments.values_list("amount", flat=True))
    row.refresh_from_db()
    assert amounts == [300_000] * 2 + [500_000, 300_000] + [500_000] * 8
    assert row.monthly == 500_000
    assert set(rows[1].payments.values_list("amount", flat=True)) == {300_000}
    assert row.payments.last().history.first().history_change_reason == "nhà tài trợ tăng"


def test_more_months_follow_the_last_one(rows, people):
    row = rows[0]
    with pytest.raises(ProgramError, match="Đã đỡ đầu đến hết tháng 12/2021"):
        extend_sponsorship(
            sponsorship=row, seen_version=1, ends_on=date(2021, 12, 31), by=people.hoa
        )

    extend_sponsorship(sponsorship=row, seen_version=1, ends_on=date(2022, 2, 1), by=people.hoa)

    months = [payment.month for payment in row.payments.filter(month__gte=date(2021, 12, 1))]
    assert months == [date(2021, 12, 1), date(2022, 1, 1), date(2022, 2, 1)]


def test_ended_early_it_owes_nothing_later_and_keeps_what_was_paid(rows, people):
    row = rows[0]
    ahead = row.payments.get(month=date(2021, 6, 1))
    pay(ahead, people.hoa)

    end_sponsorship(
        sponsorship=row, seen_version=1, ends_on=date(2021, 2, 28), reason="đi xa", by=people.hoa
    )

    months = [payment.month.month for payment in row.payments.all()]
    assert months == [1, 2, 6]
    assert Payment.history.filter(history_type="-").count() == 9
    with pytest.raises(ProgramError, match="Đã thôi đỡ đầu"):
        end_sponsorship(
            sponsorship=row, seen_version=2, ends_on=TODAY, reason="lần nữa", by=people.hoa
        )


@pytest.mark.parametrize(
    ("day", "reason", "sentence"),
    [
        (date(2020, 12, 31), "đi xa", "Ngày thôi phải nằm trong thời gian đỡ đầu"),
        (date(2021, 5, 1), " ", "Chị ghi giúp lý do."),
    ],
)
def test_an_end_needs_a_day_within_and_a_reason(rows, people, day, reason, sentence):
    with pytest.raises(ProgramError, match=sentence[:20]):
        end_sponsorship(
            sponsorship=rows[0], seen_version=1, ends_on=day, reason=reason, by=people.hoa
        )


def test_a_month_is_marked_paid_once_and_can_be_taken_back(rows, people):
    payment = rows[0].payments.first()

    paid = pay(payment, people.giang, note="chuyển khoản")
    with pytest.raises(ProgramError, match=STALE[:20]):
        pay(payment, people.hoa)
    with pytest.raises(ProgramError, match="đã ghi trao rồi"):
        pay(paid, people.hoa)
    again = unmark_paid(payment=paid, seen_version=2, by=people.hoa, reason="ghi nhầm")

    assert (paid.pk, again.paid, again.paid_on, again.recorded_by) == (
        payment.pk, None, None, None,
    )  # fmt: skip
    said = [(row.history_user, row.paid) for row in payment.history.all()]
    assert said == [(people.hoa, None), (people.giang, 300_000), (people.hoa, None)]


def test_nothing_is_paid_on_a_day_to_come(rows, people):
    with pytest.raises(ProgramError, match="Ngày trao chưa đến."):
        pay(rows[0].payments.first(), people.hoa, day=date(2021, 3, 11))


def test_late_is_a_month_that_is_over_and_unpaid(rows, people):
    pay(rows[0].payments.get(month=date(2021, 1, 1)), people.hoa)

    late = Payment.objects.late(TODAY).filter(sponsorship=rows[0])
    due = Payment.objects.due(TODAY).filter(sponsorship=rows[0])

    assert [payment.month.month for payment in late] == [2]
    assert [payment.month.month for payment in due] == [2, 3]


def test_a_month_paid_in_part_stays_late_until_the_rest_is_handed_over(rows, people, as_person):
    january = rows[0].payments.get(month=date(2021, 1, 1))

    with pytest.raises(ProgramError, match="ít nhất là 1 đồng"):
        pay(january, people.hoa, paid=0)
    part = pay(january, people.hoa, paid=200_000)
    text = as_person("hoa").get(rows[0].get_absolute_url()).content.decode()
    late = list(Payment.objects.late(TODAY).filter(sponsorship=rows[0]))
    whole = pay(part, people.hoa)

    assert "còn thiếu 100.000 đ" in text
    assert part in late
    assert (whole.paid, whole.missing) == (300_000, 0)
    assert whole not in Payment.objects.late(TODAY)


def test_what_is_missing_of_a_later_month_is_given_up_with_the_sponsorship(rows, people):
    ahead = pay(rows[0].payments.get(month=date(2021, 6, 1)), people.hoa, paid=200_000)

    end_sponsorship(
        sponsorship=rows[0], seen_version=1, ends_on=date(2021, 2, 28), reason="đi xa",
        by=people.hoa,
    )  # fmt: skip

    ahead.refresh_from_db()
    assert (ahead.amount, ahead.paid, ahead.missing) == (200_000, 200_000, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_month_is_not_paid_while_its_sponsorship_ends(rows, people):
    row, june = rows[0], rows[0].payments.get(month=date(2021, 6, 1))

    def pay_june():
        try:
            pay(june, people.hoa)
        except ProgramError as error:
            return str(error)
        else:
            return "đã trao"
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            end_sponsorship(
                sponsorship=row, seen_version=1, ends_on=date(2021, 2, 28), reason="đi xa",
                by=people.hoa,
            )  # fmt: skip
            said = pool.submit(pay_june)
            with pytest.raises(TimeoutError):
                said.result(timeout=0.5)
        assert said.result(timeout=10) == STALE


def test_the_calendar_sums_what_its_reader_may_see(program, units, people, rows):
    pay(rows[0].payments.get(month=date(2021, 1, 1)), people.hoa, paid=200_000)
    far = child_of(program, units.thanh_binh, people.lan, full_name="Lê Na")
    sponsored(program, donor_of(units.thanh_binh), [far], people.lan, ends_on=date(2023, 1, 31))

    months, total = calendar(program, people.hoa, 2021, TODAY)
    city = calendar(program, people.an, 2021, TODAY)[1]
    leader = calendar(program, people.cuc, 2021, TODAY)[1]

    january, march = months[0], months[2]
    assert (january.children, january.due, january.paid) == (2, 600_000, 200_000)
    assert (january.late, january.late_count, january.made) == (400_000, 2, 0)
    assert (march.due, march.late) == (600_000, 0)
    assert (total.children, total.due, total.late) == (2, 7_200_000, 1_000_000)
    assert (city.children, city.due, leader.due) == (3, 10_800_000, 0)
    assert years_of(program, people.hoa) == [2021]
    assert years_of(program, people.an) == [2021, 2022, 2023]
    assert years_of(program, people.cuc) == []


def test_sponsorships_show_where_the_child_or_the_sponsor_is_kept(program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    [row] = sponsored(program, donor_of(units.thanh_binh), [child], people.an)

    seen = {
        name: Sponsorship.objects.visible_to(getattr(people, name)).filter(pk=row.pk).exists()
        for name in ("hoa", "giang", "an", "lan", "nga", "ha", "cuc", "dung", "xuan", "mai")
    }

    assert seen == {
        "hoa": True, "giang": True, "an": True, "lan": True,
        "nga": False, "ha": False, "cuc": False, "dung": False, "xuan": False, "mai": False,
    }  # fmt: skip
    assert not Beneficiary.objects.visible_to(people.lan).exists()
