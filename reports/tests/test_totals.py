from decimal import Decimal
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hoiphunu.fields import NOTHING
from reports.models import Figure, Report, Total
from reports.services import reopen_report
from reports.totals import check_totals, places_of, rebuild_totals

from .conftest import moment

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


def test_a_rebuild_counts_own_and_below_once_each(
    january, pairs, approved, report_of, units, indicators
):
    for unit, cuoc in ((units.tho_quang, 3), (units.man_thai, 4), (units.son_tra, 5)):
        officer, reviewer = pairs[unit]
        approved(report_of(unit, january), officer, reviewer, cuoc=cuoc)

    rebuild_totals([january])

    sums = dict(Total.objects.filter(indicator=indicators.cuoc).values_list("branch", "value"))
    assert sums == {
        units.tho_quang.pk: 3,
        units.man_thai.pk: 4,
        units.son_tra.pk: 12,
        units.da_nang.pk: 12,
    }
    parents = dict(Total.objects.values_list("branch", "parent"))
    assert parents[units.da_nang.pk] is None
    assert parents[units.tho_quang.pk] == units.son_tra.pk


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

    assert [(row[3], row[4]) for row in differences] == [((Decimal(3), 1), (Decimal(30), 1))] * 3
    assert set(Total.objects.values_list("value", flat=True)) == {3}


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
        "Đã tính lại 3 số tổng hợp của 1 kỳ.",
        "Kiểm tra 1 kỳ: 0 số lệch.",
    ]

    Total.objects.filter(branch=units.da_nang).update(value=99)
    with pytest.raises(SystemExit) as ended:
        call_command("check_totals")
    assert ended.value.code == 1
    assert "thanh-pho-da-nang cuoc" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Không có kỳ"):
        call_command("rebuild_totals", period="2021-99")


def test_a_rebuild_locks_reports_and_nothing_else(january):
    with CaptureQueriesContext(connection) as captured:
        rebuild_totals([january])

    locking = [query["sql"] for query in captured if "reports_report" in query["sql"]][0]
    assert "JOIN" not in locking, "a joined row would be locked too, and approvals wait for it"
