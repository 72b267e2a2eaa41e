import datetime
import io
import struct
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from hoiphunu.excel import (
    DECIMAL,
    MAX_SIZE,
    PERCENT,
    WHOLE,
    Column,
    Row,
    WorkbookError,
    cell_text,
    column_letter,
    find_header,
    inspect_archive,
    is_numbering_row,
    is_total_row,
    new_summary,
    read_rows,
    safe_sheet_name,
    safe_text,
    to_bytes,
)

pytestmark = pytest.mark.once

COLUMNS = [
    Column("STT", 6),
    Column("Đơn vị", 30),
    Column("Mới", 12, WHOLE, group="Hội viên"),
    Column("Tổng số", 12, WHOLE, group="Hội viên"),
    Column("Tỷ lệ", 10, PERCENT),
    Column("Kinh phí", 16, DECIMAL),
]
ROWS = [
    Row(["", "Quận Thanh Khê"], kind="section"),
    Row([1, "Phường An Khê", 12, 3400, 0.125, Decimal("1500000.5")], indent=1),
    [2, "=cmd|' /C calc'!A0", 3, 5, None, Decimal("7.00")],
    Row([None, "Tổng cộng", 15, 3405, None, 1500007], kind="total"),
]


def summary(**more):
    titles = ["HỘI LHPN THÀNH PHỐ ĐÀ NẴNG", "TỔNG HỢP THÁNG 3/2021", "Chương trình Chi hội"]
    workbook = new_summary(titles, "Đơn vị tính: người", COLUMNS, ROWS, **more)
    return load_workbook(io.BytesIO(to_bytes(workbook))).active


def saved(tmp_path, rows, name="danh-sach.xlsx"):
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(tmp_path / name)
    return tmp_path / name


def with_cell(tmp_path, address, value="x"):
    workbook = Workbook()
    workbook.active["A1"] = "Chi hội"
    workbook.active[address] = value
    workbook.save(tmp_path / "o-le.xlsx")
    return tmp_path / "o-le.xlsx"


def refusal(path):
    with pytest.raises(WorkbookError) as caught:
        read_rows(path)
    return str(caught.value)


# Out


def test_a_summary_has_its_titles_unit_and_two_header_rows_above_the_figures():
    sheet = summary()

    first_column = [sheet.cell(row, 1).value for row in range(1, 8)]
    assert first_column == [
        "HỘI LHPN THÀNH PHỐ ĐÀ NẴNG", "TỔNG HỢP THÁNG 3/2021", "Chương trình Chi hội",
        "Đơn vị tính: người", "STT", None, "(1)",
    ]  # fmt: skip
    assert sheet["C5"].value == "Hội viên"
    assert sheet["D6"].value == "Tổng số"
    assert {str(area) for area in sheet.merged_cells.ranges} >= {"A5:A6", "C5:D5", "F5:F6"}


def test_numbers_in_a_summary_are_numbers_and_no_cell_is_a_formula():
    sheet = summary()

    assert [sheet.cell(9, c).value for c in range(3, 7)] == [12, 3400, 0.125, 1500000.5]
    assert [sheet.cell(9, c).number_format for c in range(3, 7)] == [
        "#,##0", "#,##0", "0.0%", "#,##0.##",
    ]  # fmt: skip
    assert sheet["F10"].number_format == "#,##0"
    assert sheet["B10"].value == "=cmd|' /C calc'!A0"
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n"}


def test_a_summary_prints_on_a4_landscape_with_its_header_on_every_page():
    sheet = summary()

    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$5:$7"
    assert sheet.freeze_panes == "C8"


def test_a_summary_without_rows_still_has_its_header_and_notes():
    workbook = new_summary(["A"], "", [Column("Đơn vị")], [], notes=["Lấy lúc 08:00"])

    assert [cell.value for cell in workbook.active["A"]] == [
        "A", "Đơn vị", "(1)", None, "Lấy lúc 08:00",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "#N/A", "12", "a\x00b"])
def test_text_stays_text_whatever_it_looks_like(text, tmp_path):
    workbook = Workbook()
    safe_text(workbook.active["A1"], text)
    workbook.save(tmp_path / "t.xlsx")

    cell = load_workbook(tmp_path / "t.xlsx").active["A1"]

    assert cell.data_type == "s"
    assert cell.value == text.replace("\x00", "")


def test_text_that_looks_like_a_formula_stays_text_when_edited_in_excel():
    workbook = Workbook()

    assert safe_text(workbook.active["A1"], "=1+1").quotePrefix
    assert not safe_text(workbook.active["A2"], "Phường 1").quotePrefix


def test_sheet_names_are_made_such_as_excel_takes_them():
    assert safe_sheet_name("Tháng 3/2021: [quận]") == "Tháng 3 2021 quận"
    assert len(safe_sheet_name("x" * 50)) == 31
    assert safe_sheet_name("???") == "Trang"


def test_what_we_write_we_can_read(tmp_path):
    workbook = new_summary(["A", "B"], "Đơn vị tính: người", COLUMNS, ROWS)
    (tmp_path / "b.xlsx").write_bytes(to_bytes(workbook))

    [sheet] = read_rows(tmp_path / "b.xlsx")

    assert sheet.name == "Tổng hợp"
    wanted = {"branch": ["Đơn vị"], "new": ["Mới"], "total": ["Tổng số"]}
    assert find_header(sheet.rows, wanted) == (5, {"branch": 1, "new": 2, "total": 3})
    assert dict(sheet.rows)[8][:4] == [1, "Phường An Khê", 12, 3400]


# In: good files


def test_rows_keep_excels_numbers_and_columns_and_their_kinds(tmp_path):
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Đăng ký"
    sheet["B3"], sheet["C3"], sheet["D3"] = "Chi hội\nTân An", 12.0, 1.5
    sheet["E3"], sheet["F3"] = datetime.date(2021, 1, 15), "03"
    sheet["B6"], sheet["C6"] = datetime.datetime(2021, 1, 15, 8, 30), True
    workbook.create_sheet("Ẩn").sheet_state = "hidden"
    workbook.save(tmp_path / "a.xlsx")

    first, hidden = read_rows(tmp_path / "a.xlsx")

    assert first.rows == [
        (3, [None, "Chi hội\nTân An", 12, 1.5, {"date": "2021-01-15"}, "03"]),
        (6, [None, {"date": "2021-01-15T08:30:00"}, True, None, None, None]),
    ]
    assert type(first.rows[0][1][2]) is int
    assert (hidden.name, hidden.hidden, hidden.rows) == ("Ẩn", True, [])


def test_a_far_coloured_cell_without_a_value_does_no_harm(tmp_path):
    path = with_cell(tmp_path, "C1048576", None)

    assert [row for row, _ in read_rows(path)[0].rows] == [1]


def test_a_stray_value_in_the_last_row_of_a_narrow_sheet_is_a_row_like_any_other(tmp_path):
    path = with_cell(tmp_path, "A1048576")

    assert [row for row, _ in read_rows(path)[0].rows] == [1, 1048576]


def test_a_formula_without_a_stored_value_is_an_empty_cell(tmp_path):
    path = saved(tmp_path, [["Tên", "=1+1"]])

    assert read_rows(path)[0].rows == [(1, ["Tên"])]


def test_nul_signs_inside_a_workbook_do_not_come_out(tmp_path):
    path = saved(tmp_path, [["Tên_x0000_ chi hội"]])

    assert "\x00" not in read_rows(path)[0].rows[0][1][0]


def test_a_file_renamed_to_another_ending_is_still_read_by_its_content(tmp_path):
    path = saved(tmp_path, [["Tên"]], name="danh-sach.txt")

    assert read_rows(path)[0].rows == [(1, ["Tên"])]


# In: hostile and mistaken files


def test_a_stray_cell_in_the_last_row_and_column_ends_the_child_only(tmp_path):
    assert refusal(with_cell(tmp_path, "XFD1048576")).startswith("Không đọc được tệp")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bom.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)

    with pytest.raises(WorkbookError, match="quá nhiều dữ liệu nén"):
        inspect_archive(path)


def test_a_zip_bomb_that_lies_about_its_size_ends_the_child_only(tmp_path):
    good = saved(tmp_path, [["Tên"]])
    path = tmp_path / "bom.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in set(source.namelist()) - {"xl/sharedStrings.xml"}:
            bomb.writestr(name, source.read(name))
        with bomb.open("xl/sharedStrings.xml", "w") as member:
            member.write(b"<sst><si><t>")
            for _ in range(600):
                member.write(b"a" * 2**20)
            member.write(b"</t></si></sst>")
        size = bomb.getinfo("xl/sharedStrings.xml").file_size
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 1000)))

    assert refusal(path)


def test_a_zip_of_very_many_members_is_refused(tmp_path):
    path = tmp_path / "nhieu.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"xl/{number}", b"")

    with pytest.raises(WorkbookError, match="quá nhiều dữ liệu nén"):
        inspect_archive(path)


def test_a_file_over_ten_megabytes_is_refused(tmp_path):
    path = tmp_path / "to.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"\0" * MAX_SIZE)

    assert "10 MB" in refusal(path)


def zipped(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Tệp rỗng"),
        ("STT,Tên\n1,Tân An".encode(), "tệp văn bản"),
        ("STT\tTên".encode("utf-16"), "tệp văn bản"),
        (b"<html><table></table></html>", "trang web"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "ảnh"),
        (OLE, r"\.xls\)"),
        (OLE + "EncryptedPackage".encode("utf-16-le") + OLE, "mật khẩu"),
        (zipped("word/document.xml"), "Word"),
        (zipped("mimetype", "content.xml"), "LibreOffice"),
        (zipped("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "macro"),
        (zipped("[Content_Types].xml", "xl/workbook.xml", "../../etc/x"), "hỏng"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "Không đọc được tệp"),
        (zipped("a.txt"), "hỏng"),
        (b"PK\x03\x04 broken", "hỏng"),
        (bytes(range(256)), "hỏng"),
    ],
)
def test_each_kind_of_wrong_file_has_its_own_sentence(content, sentence, tmp_path):
    path = tmp_path / "danh-sach.xlsx"
    path.write_bytes(content)

    with pytest.raises(WorkbookError, match=sentence):
        read_rows(path)


def test_too_many_rows_are_refused_and_not_cut_off(tmp_path):
    path = saved(tmp_path, [[n] for n in range(11)])

    with pytest.raises(WorkbookError, match="hơn 10 dòng"):
        read_rows(path, max_rows=10)


def test_a_cell_far_to_the_right_is_named(tmp_path):
    with pytest.raises(WorkbookError, match="dòng 1: có ô ở cột thứ 26"):
        read_rows(with_cell(tmp_path, "Z1"), max_columns=20)


def test_a_cell_of_a_whole_book_is_refused(tmp_path):
    assert "ô dài hơn" in refusal(saved(tmp_path, [["a" * 6_000]]))


# In: what the rows mean

WANTED = {
    "group": ["Tên chi hội", "Chi hội"],
    "commune": ["Xã/phường", "Xã, phường"],
    "supporter": ["Đơn vị nhận giúp"],
    "starts_on": ["Ngày bắt đầu"],
}


def test_a_header_is_found_below_title_rows_whatever_its_case_marks_and_line_breaks():
    rows = [
        (1, ["HỘI LHPN QUẬN THANH KHÊ", None, None, None, None]),
        (3, ["DANH SÁCH CHI HỘI", None, None, None, None]),
        (5, ["STT", "TÊN CHI HỘI (*)", "Xã,\nphường", "don vi nhan giup", "Ngày  bắt đầu"]),
        (6, [1, "Tân An", "An Khê", "Công an", {"date": "2021-01-15"}]),
    ]

    assert find_header(rows, WANTED) == (
        5, {"group": 1, "commune": 2, "supporter": 3, "starts_on": 4},
    )  # fmt: skip


def test_a_missing_column_is_left_out_of_the_answer():
    rows = [(2, ["Chi hội", "Xã/phường", None, "Ngày bắt đầu"])]

    assert find_header(rows, WANTED) == (2, {"group": 0, "commune": 1, "starts_on": 3})


def test_a_header_in_two_rows_is_read_together():
    rows = [
        (4, ["Chi hội", "Số lượng", None]),
        (5, [None, "Xây mới", "Sửa chữa"]),
        (6, ["Tân An", 1, 2]),
    ]
    wanted = {"group": ["Chi hội"], "built": ["Số lượng xây mới"], "repaired": ["Sửa chữa"]}

    assert find_header(rows, wanted) == (5, {"group": 0, "built": 1, "repaired": 2})


def test_a_sheet_without_the_table_is_refused_with_the_names_of_its_columns():
    with pytest.raises(WorkbookError, match="“Tên chi hội”, “Xã/phường”"):
        find_header([(1, ["Họ và tên", "Ngày sinh"])], WANTED)

    with pytest.raises(WorkbookError, match="Không tìm thấy"):
        find_header([], WANTED)


def test_a_column_that_is_there_twice_is_refused():
    with pytest.raises(WorkbookError, match="cột A, C"):
        find_header([(1, ["Chi hội", "Xã/phường", "Tên chi hội"])], WANTED)


@pytest.mark.parametrize(
    "cells",
    [[None, "Tổng cộng", 70], ["TỔNG", None], ["Cộng:", 5], ["Tổng số", 3], ["tong cong"],
     ["III", "Tổng cộng toàn quận", 12], ["Cộng", "", 70]],
)  # fmt: skip
def test_rows_of_sums_are_told_from_data(cells):
    assert is_total_row(cells)


@pytest.mark.parametrize(
    "cells",
    [[1, "Cộng Hòa", 70], ["Công an", 1], ["Công"], [None, None], [1, 2, 3],
     ["1", "Tân An", "An Khê", "Tổng cộng 3 lần"], ["Tổng đài 1022"]],
)  # fmt: skip
def test_names_that_only_begin_like_a_sum_are_data(cells):
    assert not is_total_row(cells)


def test_the_row_of_column_numbers_under_a_header_is_known():
    assert is_numbering_row(["(1)", "(2)", "(3=1+2)"])
    assert is_numbering_row(["A", "B", 1, 2])
    assert not is_numbering_row([1, "Tân An", 2])
    assert not is_numbering_row([None, None])


def test_cells_are_shown_as_a_person_sees_them():
    assert cell_text({"date": "2021-01-15T08:30:00"}) == "15/01/2021"
    assert [cell_text(cell) for cell in (12, None, True, " a\nb ")] == ["12", "", "Có", "a b"]
    assert [column_letter(index) for index in (0, 25, 26)] == ["A", "Z", "AA"]
