from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now
from openpyxl import load_workbook

from branches.services import rename_branch
from reports.exporters import summary_workbook
from reports.models import Basis, Export, Notification
from reports.services import submit_report
from reports.tasks import run_export, sweep

from .conftest import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(january, approved, report_of, units, people):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha,
             cuoc=3, kinh_phi=2_500_000, hoi_vien=100, phu_nu=160, loai_hinh=1)  # fmt: skip
    approved(report_of(units.man_thai, january), people.nga, people.ha, cuoc=0)
    return january


def sheets(content):
    return load_workbook(BytesIO(content))


def row_named(sheet, name, column=2):
    return next(row for row in sheet.iter_rows() if row[column - 1].value == name)


def test_the_workbook_has_title_units_of_measure_and_numbers_as_numbers(counted, units, people):
    book = sheets(summary_workbook(counted, units.da_nang, asked_by=people.cuc))

    sheet = book["Theo chỉ tiêu"]
    assert sheet["A1"].value == "HỘI LHPN THÀNH PHỐ ĐÀ NẴNG"
    assert "THÁNG 1/2021" in sheet["A2"].value
    money = row_named(sheet, "Kinh phí vận động")
    assert [cell.value for cell in money[2:6]] == ["đồng", 2_500_000, 2_500_000, 1]
    assert row_named(sheet, "Số cuộc tuyên truyền")[3].value == 3


def test_the_workbook_says_which_reports_it_adds_and_adds_them(
    counted, written, report_of, units, people
):
    report = written(report_of(units.hai_chau, counted), people.lan, cuoc=40)
    submit_report(report=report, seen_version=report.version, by=people.lan, at=moment(2021, 1, 18))
    found = {}

    for basis in Basis:
        book = sheets(summary_workbook(counted, units.da_nang, asked_by=people.cuc, basis=basis))
        sheet, by_unit = book["Theo chỉ tiêu"], book["Theo đơn vị"]
        total = row_named(by_unit, "Cộng")[2].value
        found[basis] = (sheet["A3"].value, row_named(sheet, "Số cuộc tuyên truyền")[3].value, total)

    assert found[Basis.APPROVED][1:] == (3, 3)
    assert found[Basis.ALL][1:] == (43, 43)
    assert found[Basis.APPROVED][0].startswith("Chỉ cộng báo cáo đã duyệt, chốt ngày")
    assert found[Basis.ALL][0].startswith("Cộng tất cả báo cáo đã nộp, kể cả chưa duyệt, chốt")


def test_ratios_are_fractions_shown_as_per_cent_and_blanks_stay_blank(counted, units, people):
    book = sheets(summary_workbook(counted, units.da_nang, asked_by=people.cuc))

    ratio = row_named(book["Theo chỉ tiêu"], "Tỷ lệ tập hợp hội viên")[3]
    assert (ratio.value, ratio.number_format) == (0.625, "0.0%")
    by_unit = book["Theo đơn vị"]
    silent = row_named(by_unit, "Hội LHPN quận Hải Châu")
    assert [cell.value for cell in silent[2:8]] == [None] * 6


def test_totals_are_values_and_no_cell_is_a_formula(counted, units, people):
    rename_branch(branch=units.tho_quang, name="=1+1", type="phường", by=people.dung, reason="thử")
    rename_branch(branch=units.man_thai, name="=HYPERLINK()", type="", by=people.dung, reason="x")

    book = sheets(summary_workbook(counted, units.son_tra, asked_by=people.cuc))

    assert not [
        cell.coordinate
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert row_named(book["Theo đơn vị"], "Cộng")[2].value == 3


def test_the_sheet_by_unit_adds_up(counted, units, people):
    book = sheets(summary_workbook(counted, units.son_tra, asked_by=people.cuc))

    sheet = book["Theo đơn vị"]
    names = [
        "Hội LHPN quận Sơn Trà (hoạt động của chính Hội)",
        "Hội LHPN phường Mân Thái",
        "Hội LHPN phường Thọ Quang",
    ]
    assert [row_named(sheet, name)[2].value for name in names] == [None, 0, 3]


def test_an_export_is_a_row_then_a_file_that_only_its_owner_sees(counted, units, people):
    from branches.models import StoredFile

    export = Export.objects.create(
        kind="summary", period=counted, branch=units.da_nang, asked_by=people.cuc
    )

    run_export(export.pk)
    run_export(export.pk)  # delivered twice: the second finds nothing to do

    export.refresh_from_db()
    assert export.state == Export.State.READY
    assert StoredFile.objects.count() == 1
    assert export.file in StoredFile.objects.visible_to(people.cuc)
    assert export.file not in StoredFile.objects.visible_to(people.binh)
    told = Notification.objects.get(recipient=people.cuc)
    assert told.url == export.get_absolute_url()


def command(tmp_path, username, unit="thanh-pho-da-nang", period="2021-01"):
    out = StringIO()
    call_command(
        "export_summary", form="hvch-thang", period=period, unit=unit, username=username,
        output=tmp_path / "tong-hop.xlsx", stdout=out,
    )  # fmt: skip
    return out.getvalue()


def test_the_command_writes_what_the_named_person_may_export(counted, people, tmp_path):
    assert "Đã ghi" in command(tmp_path, "cuc")
    assert load_workbook(tmp_path / "tong-hop.xlsx").sheetnames == [
        "Theo chỉ tiêu",
        "Theo đơn vị",
        "Lũy kế theo đơn vị",
    ]


@pytest.mark.parametrize(
    ("username", "sentence"),
    [("xuan", "không thấy đơn vị"), ("an", "không có quyền"), ("nobody", "Không có tài khoản")],
)
def test_the_command_refuses_with_a_sentence_and_writes_nothing(
    counted, people, tmp_path, username, sentence
):
    with pytest.raises(CommandError, match=sentence):
        command(tmp_path, username)

    assert not (tmp_path / "tong-hop.xlsx").exists()


def test_an_export_whose_worker_died_is_said_to_be_interrupted(counted, units, people):
    dead, alive = (
        Export.objects.create(
            kind="summary", period=counted, branch=units.da_nang, asked_by=people.cuc,
            state=Export.State.RUNNING, started_at=now() - timedelta(minutes=minutes),
        )
        for minutes in (20, 2)
    )  # fmt: skip

    sweep()

    dead.refresh_from_db()
    alive.refresh_from_db()
    assert (dead.state, alive.state) == (Export.State.INTERRUPTED, Export.State.RUNNING)
