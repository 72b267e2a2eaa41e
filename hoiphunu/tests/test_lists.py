"""Which rows of an officer's workbook are data, and what is said of the others."""

import pytest
from openpyxl import Workbook

from hoiphunu.excel import WorkbookError
from hoiphunu.lists import ListColumn, ListKind, error_sentence, read_list

KIND = ListKind(
    code="markets",
    title="Chợ",
    columns={
        "name": ListColumn(("Tên chợ", "Chợ")),
        "place": ListColumn(("Phường",)),
        "people": ListColumn(("Hội viên",)),
        "note": ListColumn(("Ghi chú",), is_required=False),
    },
    check=None,
    apply=None,
    template=None,
    permission="branches.bring_markets",
    units=None,
    home=("Chợ", "markets"),
)
HEADER = ["STT", "Tên chợ", "Phường", "Hội viên", "Ghi chú"]
GOOD = [1, "Cồn", "Hải Châu", 120, None]


def saved(tmp_path, **sheets):
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(tmp_path / "cho.xlsx")
    return tmp_path / "cho.xlsx"


def read(tmp_path, *rows):
    return read_list(saved(tmp_path, Chợ=rows), KIND)


def passed_over(reading):
    return [(note["number"], note["why"]) for note in reading.notes]


def test_rows_above_the_header_are_passed_over_and_said(tmp_path):
    reading = read(tmp_path, ["HỘI LHPN QUẬN"], [], ["DANH SÁCH CHỢ"], HEADER, GOOD)

    assert [line.number for line in reading.lines] == [5]
    assert passed_over(reading) == [(1, "phía trên bảng"), (3, "phía trên bảng")]
    assert reading.notes[1]["text"] == "DANH SÁCH CHỢ"


def test_the_columns_that_were_found_are_told_with_their_letters(tmp_path):
    reading = read(tmp_path, ["TT", "Chợ", "PHƯỜNG", "Hội\nviên"], [1, "Cồn", "Hải Châu", 120])

    assert [(c["letter"], c["found"], c["title"]) for c in reading.columns] == [
        ("B", "Chợ", "Tên chợ"),
        ("C", "PHƯỜNG", "Phường"),
        ("D", "Hội viên", "Hội viên"),
    ]


def test_a_merged_header_of_two_rows_is_read(tmp_path):
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["STT", "Tên chợ", "Phường", "Trong đó", None])
    sheet.append([None, None, None, "Hội viên", "Ghi chú"])
    for merged in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"):
        sheet.merge_cells(merged)
    sheet.append(GOOD)
    workbook.save(tmp_path / "gop.xlsx")

    reading = read_list(tmp_path / "gop.xlsx", KIND)

    assert [line.text("people") for line in reading.lines] == ["120"]
    assert [column["found"] for column in reading.columns][:2] == ["Tên chợ", "Phường"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["(1)", "(2)", "(3)", "(4)", "(5)"], "dòng đánh số cột"),
        (HEADER, "dòng tiêu đề lặp lại"),
        ([None, "Tổng cộng", None, 120], "dòng cộng"),
        (["Tổng cộng: 01 chợ"], "dòng cộng"),
        ([None, "Cộng quận Hải Châu", None, 120], "dòng cộng"),
        (["I", "Quận Hải Châu"], "dòng tên nhóm"),
        ([None, "II. Quận Sơn Trà"], "dòng tên nhóm"),
        ([None, "Quận Sơn Trà"], "dòng tên nhóm"),
        (["I. Quận Sơn Trà"], "không có gì ở các cột của danh sách"),
        ([None, "NGƯỜI LẬP BIỂU", None, "TM. BAN THƯỜNG VỤ"], "phần ký tên, nơi nhận"),
        ([None, None, "Đà Nẵng, ngày 10 tháng 01 năm 2021"], "phần ký tên, nơi nhận"),
        ([7], "không có gì ở các cột của danh sách"),
    ],
)
def test_a_row_that_is_not_data_is_passed_over_with_its_reason(row, why, tmp_path):
    reading = read(tmp_path, HEADER, GOOD, row, [2, "Hàn", "Hải Châu", 90])

    assert [line.text("name") for line in reading.lines] == ["Cồn", "Hàn"]
    assert passed_over(reading) == [(3, why)]


@pytest.mark.parametrize(
    "row",
    [
        [3, "Phường Thuận Phước"],
        [None, "Hàn", "Hải Châu"],
        [None, "Tổng hợp Đầu Mối", "Hòa Minh", 5],
        [None, "Cộng Hòa"],
        [4, None, None, None, "ngày 3 tháng 4 năm 2021"],
    ],
)
def test_a_row_that_may_be_data_is_never_passed_over(row, tmp_path):
    reading = read(tmp_path, HEADER, GOOD, row)

    assert [line.number for line in reading.lines] == [2, 3]


def test_a_sheet_without_the_table_is_said_and_the_others_are_read(tmp_path):
    path = saved(tmp_path, Chợ=[HEADER, GOOD], Ghi=[["Ghi chú"], ["gì đó"]], Thêm=[HEADER, GOOD])

    reading = read_list(path, KIND)

    assert [(line.sheet, line.number) for line in reading.lines] == [("Chợ", 2), ("Thêm", 2)]
    assert [(note["sheet"], note["number"]) for note in reading.notes] == [("Ghi", None)]


def test_a_table_that_lacks_a_needed_column_is_refused_by_its_name(tmp_path):
    with pytest.raises(WorkbookError, match="“Chợ”: bảng thiếu cột “Hội viên”"):
        read(tmp_path, ["STT", "Tên chợ", "Phường", "Ghi chú"], [1, "Cồn", "Hải Châu"])


def test_a_table_without_rows_is_refused(tmp_path):
    with pytest.raises(WorkbookError, match="chưa có dòng nào"):
        read(tmp_path, HEADER, [None, "Tổng cộng"])


def test_a_line_keeps_what_was_found_and_names_the_cell_that_is_wrong(tmp_path):
    line = read(tmp_path, HEADER, [1, "  Chợ\nCồn ", "Hải Châu", 12.5]).lines[0]

    line.refuse("people", "không phải số nguyên.")

    assert line.raw == {
        "Tên chợ": "Chợ Cồn", "Phường": "Hải Châu", "Hội viên": "12.5", "Ghi chú": "",
    }  # fmt: skip
    assert [error_sentence(line.number, error) for error in line.errors] == [
        "Dòng 2, cột D (Hội viên): không phải số nguyên."
    ]
