from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from hoiphunu.fields import NOTHING
from reports.models import Figure, Notification, Report, ReportEvent, Total
from reports.services import (
    ReportError,
    approve_report,
    open_period,
    reopen_report,
    return_report,
    save_draft,
    submit_nothing,
    submit_report,
)
from reports.totals import check_totals

from .conftest import moment

pytestmark = pytest.mark.django_db
Status = Report.Status


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


def submit(report, by, day=18):
    return submit_report(report=report, seen_version=report.version, by=by, at=moment(2021, 1, day))


def give_back(report, by, reason="Thiếu số hội viên"):
    return return_report(
        report=report, seen_version=report.version, reason=reason, by=by, at=moment(2021, 1, 21)
    )


def approve(report, by):
    return approve_report(report=report, seen_version=report.version, by=by, at=moment(2021, 1, 22))


def kinds(report):
    return [event.kind for event in report.events.all()]


def test_opening_a_month_writes_what_every_obliged_unit_owes(january, units):
    owed = {report.branch: report for report in january.reports.all()}

    assert set(owed) == {
        units.son_tra, units.hai_chau, units.cong_an,
        units.tho_quang, units.man_thai, units.thanh_binh,
    }  # fmt: skip
    assert owed[units.tho_quang].reviewer_branch == units.son_tra
    assert owed[units.son_tra].reviewer_branch == units.da_nang
    assert owed[units.tho_quang].due_on.day == 20
    assert owed[units.cong_an].due_on.day == 25
    assert {report.status for report in owed.values()} == {Status.NOT_BEGUN}


def test_opening_a_month_again_adds_nothing(january, people):
    assert open_period(period=january, by=people.dung, at=moment(2021, 1, 2)) == 0


def test_the_neighbour_province_owes_nothing(january, units):
    assert not january.reports.filter(branch=units.quang_nam).exists()


def test_a_draft_keeps_blank_zero_and_nothing_apart(report, people, indicators):
    save_draft(
        report=report,
        seen_version=report.version,
        figures={
            indicators.cuoc.pk: Decimal(0),
            indicators.kinh_phi.pk: NOTHING,
            indicators.hoi_vien.pk: None,
        },
        narrative={"results": "Đã họp."},
        by=people.hoa,
        at=moment(2021, 1, 10),
    )

    zero = report.figures.get(indicator=indicators.cuoc)
    nothing = report.figures.get(indicator=indicators.kinh_phi)
    assert (zero.value, zero.is_nothing) == (0, False)
    assert (nothing.value, nothing.is_nothing) == (None, True)
    assert not report.figures.filter(indicator=indicators.hoi_vien).exists()
    assert (report.status, report.results) == (Status.DRAFT, "Đã họp.")


def test_every_change_of_a_cell_is_in_its_history(report, people, written, indicators):
    written(report, people.hoa, cuoc=3)
    written(report, people.hoa, cuoc=3)
    written(report, people.hoa, cuoc=None)

    figure = report.figures.get(indicator=indicators.cuoc)
    assert [old.value for old in figure.history.order_by("pk")] == [3, None]
    assert figure.history.latest().history_user == people.hoa


def test_the_second_of_two_people_loses_nothing_and_overwrites_nothing(report, people, written):
    seen = report.version
    written(report, people.hoa, cuoc=3)

    with pytest.raises(ReportError, match="có người khác sửa"):
        save_draft(
            report=report, seen_version=seen, figures={}, narrative={"results": "khác"},
            by=people.hoa, at=moment(2021, 1, 11),
        )  # fmt: skip

    report.refresh_from_db()
    assert report.results == ""
    assert report.figures.get().value == 3


def test_a_report_goes_out_comes_back_goes_out_and_is_approved(report, people, written):
    written(report, people.hoa, cuoc=3)
    submit(report, people.hoa, day=19)
    give_back(report, people.ha)
    written(report, people.hoa, cuoc=4)
    submit(report, people.hoa, day=22)
    approve(report, people.ha)

    assert report.status == Status.APPROVED
    assert kinds(report) == ["opened", "submitted", "returned", "submitted", "approved"]
    first, second = report.events.filter(kind="submitted")
    assert first.snapshot["figures"]["cuoc"] == "3.00"
    assert second.snapshot["figures"]["cuoc"] == "4.00"
    assert first.digest != second.digest


def test_lateness_is_that_of_the_first_submission(report, people, written):
    written(report, people.hoa, cuoc=3)
    submit(report, people.hoa, day=20)
    give_back(report, people.ha)
    submit(report, people.hoa, day=28)

    report.refresh_from_db()
    assert (report.first_submitted_on.day, report.days_late) == (20, 0)


def test_a_report_submitted_after_midnight_of_the_due_day_is_late(report, people, written):
    written(report, people.hoa, cuoc=3)

    submit_report(
        report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 21, 0, 0)
    )

    assert report.days_late == 1


def test_the_last_second_of_the_due_day_is_in_time(report, people, written):
    written(report, people.hoa, cuoc=3)

    submit_report(
        report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 20, 23, 59)
    )

    assert report.days_late == 0


def test_an_empty_report_cannot_be_submitted(report, people):
    with pytest.raises(ReportError, match="Không phát sinh"):
        submit(report, people.hoa)

    assert kinds(report) == ["opened"]


def test_nothing_to_report_is_a_report(report, people, indicators):
    submit_nothing(
        report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18)
    )

    assert report.status == Status.SUBMITTED
    assert report.nothing_to_report
    assert report.figures.get(indicator=indicators.cuoc).is_nothing
    assert not report.figures.filter(indicator=indicators.hoi_vien).exists()


def test_nothing_to_report_never_wipes_what_was_typed(report, people, written):
    written(report, people.hoa, cuoc=3)

    with pytest.raises(ReportError, match="đã có số liệu"):
        submit_nothing(
            report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18)
        )

    assert report.figures.get().value == 3


@pytest.mark.parametrize("step", [give_back, approve])
def test_only_a_submitted_report_is_returned_or_approved(report, people, written, step):
    written(report, people.hoa, cuoc=3)

    with pytest.raises(ReportError):
        step(report, people.ha)

    assert kinds(report) == ["opened"]


def test_a_return_needs_a_reason(report, people, written):
    written(report, people.hoa, cuoc=3)
    submit(report, people.hoa)

    with pytest.raises(ReportError, match="lý do"):
        give_back(report, people.ha, reason="  ")

    report.refresh_from_db()
    assert report.status == Status.SUBMITTED


def test_an_approved_report_cannot_be_written(report, people, approved):
    approved(report, people.hoa, people.ha, cuoc=3)

    with pytest.raises(ReportError):
        save_draft(
            report=report, seen_version=report.version, figures={}, narrative={"results": "x"},
            by=people.hoa, at=moment(2021, 1, 30),
        )  # fmt: skip


def test_an_approval_counts_at_all_units_above(report, people, approved, units, indicators):
    approved(report, people.hoa, people.ha, cuoc=3, kinh_phi=2_000_000, loai_hinh=1)

    at = {
        total.branch: (total.value, total.answered)
        for total in Total.objects.filter(indicator=indicators.cuoc)
    }
    assert at == {units.son_tra: (3, 1), units.da_nang: (3, 1)}
    assert check_totals([report.period]) == []


def test_reopening_takes_the_figures_out_again_and_keeps_them_in_the_history(
    report, people, approved, indicators
):
    approved(report, people.hoa, people.ha, cuoc=3)

    reopen_report(
        report=report, seen_version=report.version, reason="Nhập nhầm",
        by=people.ha, at=moment(2021, 2, 1),
    )  # fmt: skip

    assert report.status == Status.RETURNED
    assert check_totals([report.period]) == []
    assert not Total.objects.exclude(value=0).exists()
    approval = report.events.get(kind=ReportEvent.Kind.APPROVED)
    assert approval.snapshot["figures"]["cuoc"] == "3.00"


def test_the_other_side_is_told_of_each_step(report, people, written):
    written(report, people.hoa, cuoc=3)
    submit(report, people.hoa)
    give_back(report, people.ha, reason="Thiếu số hội viên")

    told = {n.recipient.username: n.text for n in Notification.objects.order_by("pk")}
    assert set(told) == {"ha", "nga", "hoa"}
    assert "Thiếu số hội viên" in told["hoa"]


def test_a_cell_that_the_form_does_not_ask_is_refused(report, people, indicators):
    with pytest.raises(ReportError, match="không hỏi"):
        save_draft(
            report=report, seen_version=report.version,
            figures={indicators.ty_le.pk: Decimal(5)}, narrative={},
            by=people.hoa, at=moment(2021, 1, 10),
        )  # fmt: skip

    assert not Figure.objects.exists()


def test_a_report_on_its_way_follows_a_unit_that_moves(report, people, units, written):
    from branches.models import Branch, User
    from branches.services import move_branch

    written(report, people.hoa, cuoc=3)
    submit(report, people.hoa)
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="sắp xếp")
    report = Report.objects.get(pk=report.pk)
    old, new = (User.objects.get(username=name) for name in ("ha", "lan"))

    assert report not in Report.objects.waiting_for(old)
    assert report in Report.objects.visible_to(new).waiting_for(new)
    assert new.has_perm("reports.approve_report", report)
    assert not old.has_perm("reports.approve_report", report)

    approve(report, new)
    report.refresh_from_db()
    assert report.reviewer_branch == Branch.objects.get(name="Hải Châu")
    assert report.branch_path.startswith(units.son_tra.path), "it counts where it stood"


def test_people_are_told_by_the_day_of_viet_nam_not_by_that_of_greenwich(
    report, people, units, written
):
    from branches.models import Position

    Position.objects.filter(user=people.ha).update(started_on=date(2021, 1, 19))
    written(report, people.hoa, cuoc=3)

    submit_report(
        report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19, 1)
    )

    assert Notification.objects.filter(recipient=people.ha).exists()


@pytest.mark.parametrize("year", [2020, 2022])
def test_a_period_belongs_to_the_year_of_its_days(january, year):
    january.year = year

    with pytest.raises(ValidationError, match="Năm phải là"):
        january.full_clean()


def test_a_month_exists_once_in_a_form(january):
    january.pk, january.code = None, "2021-01-lan-2"

    with pytest.raises(ValidationError, match="đã có một kỳ cùng loại"):
        january.full_clean()
