from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from random import Random
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.models import Position
from hoiphunu.fields import NOTHING
from programs.models import Indicator
from reports.models import Figure, Notification, Report, Total
from reports.services import approve_report, reopen_report, save_draft, submit_report
from reports.tasks import recount
from reports.totals import check_totals, places_of, rebuild_totals

from .conftest import ask_more, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def pairs(units, people):
    """Who writes and who approves, per unit."""
    return {
        units.tho_quang: (people.hoa, people.ha),
        units.man_thai: (people.nga, people.ha),
        units.thanh_binh: (people.lan, people.lan),
        units.son_tra: (people.giang, people.binh),
        units.cong_an: (people.phuong, people.binh),
    }


def stored():
    rows = Total.objects.exclude(answered=0, value=0)
    return {(t.path, t.indicator_id): (t.value, t.answered) for t in rows}


def test_the_places_of_a_path_go_from_the_root_down():
    assert places_of("/1/5/30/") == [("/1/", 1, None), ("/1/5/", 5, 1), ("/1/5/30/", 30, 5)]


@pytest.mark.parametrize("seed", range(6))
def test_approvals_and_reopenings_in_any_order_give_what_a_recount_gives(
    january, pairs, approved, report_of, seed
):
    random = Random(seed)
    units = random.sample(list(pairs), k=len(pairs))
    for unit in units:
        officer, reviewer = pairs[unit]
        report = report_of(unit, january)
        approved(
            report, officer, reviewer,
            cuoc=random.randint(0, 9), hoi_vien=random.randint(0, 500),
            kinh_phi=random.choice([NOTHING, 1_000_000]), loai_hinh=random.randint(0, 1),
        )  # fmt: skip
        if random.random() < 0.4:
            reopen_report(
                report=report, seen_version=report.version, reason="sửa",
                by=reviewer, at=moment(2021, 2, 1),
            )  # fmt: skip
    added = stored()

    assert check_totals([january]) == []
    rebuild_totals([january])
    assert stored() == added


def test_a_total_is_what_the_units_below_reported_and_the_lowest_have_none(
    january, pairs, approved, report_of, units, indicators
):
    for unit, cuoc in ((units.tho_quang, 3), (units.man_thai, 4), (units.son_tra, 5)):
        officer, reviewer = pairs[unit]
        approved(report_of(unit, january), officer, reviewer, cuoc=cuoc)

    rebuild_totals([january])

    sums = dict(Total.objects.filter(indicator=indicators.cuoc).values_list("branch", "value"))
    assert sums == {units.son_tra.pk: 3 + 4, units.da_nang.pk: 3 + 4 + 5}
    parents = dict(Total.objects.values_list("branch", "parent"))
    assert parents == {units.da_nang.pk: None, units.son_tra.pk: units.da_nang.pk}


def test_submitted_reports_do_not_count(january, people, written, report_of, units):
    written(report_of(units.tho_quang, january), people.hoa, cuoc=3)

    rebuild_totals([january])

    assert not Total.objects.exists()


def test_nothing_to_report_is_an_answer_and_blank_is_not(
    january, pairs, approved, report_of, units, indicators
):
    officer, reviewer = pairs[units.tho_quang]

    approved(report_of(units.tho_quang, january), officer, reviewer, cuoc=NOTHING, hoi_vien=0)

    answered = dict(Total.objects.filter(branch=units.da_nang).values_list("indicator", "answered"))
    assert answered == {indicators.cuoc.pk: 1, indicators.hoi_vien.pk: 1}


def test_a_figure_changed_behind_the_back_is_reported_and_not_corrected(
    january, pairs, approved, report_of, units
):
    officer, reviewer = pairs[units.tho_quang]
    approved(report_of(units.tho_quang, january), officer, reviewer, cuoc=3)
    Figure.objects.update(value=Decimal(30))

    differences = check_totals([january])

    assert [(row[3], row[4]) for row in differences] == [((Decimal(3), 1), (Decimal(30), 1))] * 2
    assert set(Total.objects.values_list("value", flat=True)) == {3}


def test_a_sum_that_pages_find_at_another_unit_is_reported(
    january, pairs, approved, report_of, units
):
    officer, reviewer = pairs[units.tho_quang]
    approved(report_of(units.tho_quang, january), officer, reviewer, cuoc=3)
    Total.objects.filter(branch=units.son_tra).update(branch=units.hai_chau)

    differences = check_totals([january])

    three, none = (Decimal(3), 1), (Decimal(0), 0)
    filed = f"/{units.da_nang.pk}/{units.hai_chau.pk}/"
    assert {row[1]: (row[3], row[4]) for row in differences} == {
        units.son_tra.path: (none, three),
        filed: (three, none),
    }


def test_past_totals_stay_where_the_unit_stood_when_the_period_opened(
    january, pairs, approved, report_of, units, people, indicators
):
    from branches.services import move_branch

    officer, reviewer = pairs[units.tho_quang]
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")
    approved(report_of(units.tho_quang, january), officer, reviewer, cuoc=3)

    sums = dict(Total.objects.values_list("branch", "value"))
    assert units.son_tra.pk in sums
    assert units.hai_chau.pk not in sums
    assert check_totals([january]) == []
    assert Report.objects.get(pk=report_of(units.tho_quang, january).pk).branch_path == (
        f"{units.son_tra.path}{units.tho_quang.pk}/"
    )


def test_the_commands_say_how_many_and_fail_on_a_difference(
    january, pairs, approved, report_of, units, capsys
):
    officer, reviewer = pairs[units.tho_quang]
    approved(report_of(units.tho_quang, january), officer, reviewer, cuoc=3)

    call_command("rebuild_totals", period="2021-01")
    call_command("check_totals")
    assert capsys.readouterr().out.splitlines() == [
        "Đã tính lại 2 số tổng hợp của 1 kỳ.",
        "Kiểm tra 1 kỳ: 0 số lệch.",
    ]

    Total.objects.filter(branch=units.da_nang).update(value=99)
    with pytest.raises(SystemExit) as ended:
        call_command("check_totals")
    assert ended.value.code == 1
    assert "thanh-pho-da-nang cuoc" in capsys.readouterr().out
    for command in ("rebuild_totals", "check_totals"):
        with pytest.raises(CommandError, match="Không có kỳ"):
            call_command(command, period="2021-99")


def test_a_difference_in_one_month_is_told_of_that_month_alone(
    january, february, pairs, approved, report_of, units, indicators
):
    officer, reviewer = pairs[units.tho_quang]
    for period, day in ((january, 18), (february, 48)):
        approved(report_of(units.tho_quang, period), officer, reviewer, cuoc=day)
    Total.objects.filter(period=february, branch=units.son_tra).delete()

    differences = check_totals([january, february])

    path = units.son_tra.path
    counted = (Decimal(48), 1)
    assert differences == [(february.pk, path, indicators.cuoc.pk, (Decimal(0), 0), counted)]


def test_a_rebuild_mends_one_month_and_leaves_the_others(
    january, february, pairs, approved, report_of, units
):
    officer, reviewer = pairs[units.tho_quang]
    for period in (january, february):
        approved(report_of(units.tho_quang, period), officer, reviewer, cuoc=3)
    Total.objects.update(value=99)

    rebuild_totals([january])

    assert set(Total.objects.filter(period=january).values_list("value", flat=True)) == {3}
    assert set(Total.objects.filter(period=february).values_list("value", flat=True)) == {99}


def test_the_nightly_recount_tells_what_differs_before_it_counts_anew(
    january, pairs, approved, report_of, units, people, caplog, indicators
):
    officer, reviewer = pairs[units.tho_quang]
    approved(report_of(units.tho_quang, january), officer, reviewer, cuoc=3)
    assert recount() == 0
    Total.objects.filter(branch=units.son_tra).update(value=99)

    assert recount() == 1

    place = f"{units.son_tra.path} indicator {indicators.cuoc.pk}"
    assert f"{place}: stored 99.00 (1), counted 3.00 (1)" in caplog.text
    told = Notification.objects.filter(key__startswith="totals:")
    top_administrators = Position.objects.filter(role="administrator", branch__parent=None)
    assert {row.recipient_id for row in told} == {p.user_id for p in top_administrators} != set()
    assert check_totals([january]) == []
    assert recount() == 0


def test_saving_a_draft_asks_as_often_for_60_indicators_as_for_three(
    january, form, report_of, units, people, written
):
    written(report_of(units.tho_quang, january), people.hoa, cuoc=1)  # it is begun
    counts = []
    for count in (3, 60):
        asked = []
        for number in range(count):
            indicator = Indicator.objects.create(
                code=f"them-{count}-{number}", name=f"Thêm {count} {number}", unit="",
                aggregation="flow", value_type="whole",
            )  # fmt: skip
            ask_more(form, indicator)
            asked.append(indicator.pk)
        report = report_of(units.tho_quang, january)
        for value in (1, 2):  # new cells, then changed ones
            with CaptureQueriesContext(connection) as captured:
                save_draft(
                    report=report, seen_version=report.version, by=people.hoa,
                    at=moment(2021, 1, 18), narrative={},
                    figures=dict.fromkeys(asked, Decimal(value)),
                )  # fmt: skip
            counts.append(len(captured))

    assert counts[:2] == counts[2:]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_approvals_at_once_and_a_rebuild_among_them_lose_nothing(
    january, pairs, written, report_of, indicators
):
    steps, at = [lambda: rebuild_totals([january])], moment(2021, 1, 18)
    for unit, (officer, reviewer) in pairs.items():
        report = written(report_of(unit, january), officer, cuoc=3, hoi_vien=10)
        submit_report(report=report, seen_version=report.version, by=officer, at=at)
        steps.append(
            lambda report=report, by=reviewer: approve_report(
                report=report, seen_version=report.version, by=by, at=at
            )
        )
    gate = Barrier(len(steps))

    def take(step):
        gate.wait(20)
        try:
            step()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        list(pool.map(take, steps))

    assert Report.objects.approved().count() == len(pairs)
    assert check_totals([january]) == []
