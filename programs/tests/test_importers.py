"""The list of assignments: what a row means, what it would change, what it writes."""

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from branches.models import Branch, Level, Upload, UploadRow
from branches.services import open_branches, store_file
from hoiphunu.lists import ListError, error_sentence, read_list
from programs.importers import ASSIGNMENTS
from programs.models import Assignment
from programs.queries import quota_table
from programs.services import change_assignment, close_program, end_assignment

from .people_helped import child_of

HEADER = [
    "STT", "Chi hội", "Xã/phường", "Đơn vị nhận giúp", "Nội dung", "Ngày bắt đầu", "Ghi chú",
]  # fmt: skip
OWN = [1, "Khu dân cư 1", "Thọ Quang", "Hội LHPN phường Thọ Quang", "Xây tủ sách", "15/01/2021"]


def workbook_of(rows, header=HEADER):
    workbook = Workbook()
    for row in [header, *rows]:
        workbook.active.append(row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def bring(program, units, people):
    """`bring(row, …)`: a list of Giang, officer of Sơn Trà, read and staged."""

    def stage(*rows, by=people.giang, branch=units.son_tra, header=HEADER):
        stored = store_file(
            content=workbook_of(rows, header),
            name="phan-cong.xlsx",
            content_type="",
            branch=branch,
            by=by,
        )
        upload = Upload.objects.create(
            kind=ASSIGNMENTS.code,
            branch=branch,
            asked_by=by,
            file=stored,
            params={"program": program.pk},
        )
        reading = read_list(stored.file.path, ASSIGNMENTS)
        staged, upload.notes = ASSIGNMENTS.check(upload, reading.lines)
        UploadRow.objects.bulk_create(staged)
        return upload

    return stage


def outcomes(upload):
    return [row.outcome for row in upload.rows.all()]


def sentences(upload):
    return [error_sentence(row.number, error) for row in upload.rows.all() for error in row.errors]


def write(upload):
    return ASSIGNMENTS.apply(upload, list(upload.rows.all()))


# Read


def test_a_good_row_is_new_and_nothing_is_written(bring, units):
    upload = bring(OWN)

    row = upload.rows.get()
    assert (row.number, row.outcome, row.errors) == (2, "new", [])
    assert row.parsed == {
        "supporter_branch": units.tho_quang.pk,
        "supporter_team": None,
        "supported": units.chi_hoi_1.pk,
        "content": "Xây tủ sách",
        "starts_on": "2021-01-15",
        "note": "",
    }
    assert row.raw["Đơn vị nhận giúp"] == "Hội LHPN phường Thọ Quang"
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Khu dân cư 1", "Thọ Quang"),
        ("chi hội khu dân cư 1", "phường Thọ Quang"),
        ("Chi hội Phụ nữ Khu dân cư 1", "P. Thọ Quang"),
        ("KHU DAN CU 1", "P.THO QUANG"),
        ("Khu dân cư\n1", "Hội LHPN phường Thọ Quang"),
    ],
)
def test_a_chi_hoi_is_found_as_people_write_it(name, place, bring, units):
    upload = bring([1, name, place, "Thọ Quang", "", "15/01/2021"])

    assert upload.rows.get().parsed["supported"] == units.chi_hoi_1.pk


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Hội LHPN quận Sơn Trà", "son_tra"),
        ("Q. Sơn Trà", "son_tra"),
        ("Hội Phụ nữ Công an", "cong_an"),
        ("cong an", "cong_an"),
        ("phường Mân Thái", "man_thai"),
    ],
)
def test_a_supporter_is_found_among_the_holders_of_quotas(name, expected, bring, units):
    upload = bring([1, "Khu dân cư 1", "Thọ Quang", name, "", "15/01/2021"])

    assert upload.rows.get().parsed["supporter_branch"] == getattr(units, expected).pk


@pytest.mark.parametrize("name", ["Đoàn phụ trách số 1", "đoàn phụ trách số 1"])
def test_a_team_may_be_the_supporter(name, bring, units):
    upload = bring([1, "Khu dân cư 1", "Thọ Quang", name, "", "15/01/2021"])

    parsed = upload.rows.get().parsed
    assert (parsed["supporter_branch"], parsed["supporter_team"]) == (None, units.team.pk)


@pytest.mark.parametrize(
    ("day", "read"),
    [
        ("15/01/2021", "2021-01-15"),
        (date(2021, 1, 15), "2021-01-15"),
        (datetime(2021, 1, 15), "2021-01-15"),
        ("15-1-2021", "2021-01-15"),
    ],
)
def test_a_day_is_read_as_it_is_meant(day, read, bring):
    upload = bring([1, "Khu dân cư 1", "Thọ Quang", "Thọ Quang", "", day])

    assert upload.rows.get().parsed["starts_on"] == read


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        (1, "Khu dân cư 9", "cột B (Chi hội): không có chi hội “Khu dân cư 9” ở “Thọ Quang” trong "
            "phạm vi của Hội LHPN quận Sơn Trà."),
        (1, None, "cột B (Chi hội): ô trống (hoặc là công thức chưa có kết quả, hoặc là ô gộp)."),
        (1, "=B1", "cột B (Chi hội): ô trống (hoặc là công thức chưa có kết quả, hoặc là ô gộp)."),
        (2, None, "cột C (Xã/phường): ô trống (hoặc là công thức chưa có kết quả, hoặc là ô gộp)."),
        (3, "Hội Nông dân", "cột D (Đơn vị nhận giúp): “Hội Nông dân” không có trong bảng giao "
            "chỉ tiêu, hoặc không thuộc phạm vi của Hội LHPN quận Sơn Trà."),
        (5, "1/2021", "cột F (Ngày bắt đầu): “1/2021” không phải ngày: hãy viết ngày/tháng/năm "
            "(15/01/2021)."),
        (5, 44211, "cột F (Ngày bắt đầu): “44211” không phải ngày: hãy viết ngày/tháng/năm "
            "(15/01/2021)."),
        (5, "30/02/2021", "cột F (Ngày bắt đầu): “30/02/2021” không có trong lịch."),
        (5, "31/12/2020", "cột F (Ngày bắt đầu): “31/12/2020” nằm ngoài thời gian của chương trình "
            "(01/01/2021 – 31/12/2022)."),
        (6, "x" * 301, "cột G (Ghi chú): dài 301 ký tự; chỉ nhận tối đa 300."),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_names_its_row_its_column_and_what_is_wrong(
    column, value, sentence, bring
):
    row = [*OWN, None]
    row[column] = value

    upload = bring(row)

    assert outcomes(upload) == ["error"]
    assert sentences(upload) == [f"Dòng 2, {sentence}"]


def test_a_chi_hoi_of_another_district_is_refused_in_the_words_for_an_unknown_one(bring):
    upload = bring(
        [1, "Khu dân cư 1", "Thanh Bình", "Thọ Quang", "", "15/01/2021"],
        [2, "Khu dân cư 1", "Không Có", "Thọ Quang", "", "15/01/2021"],
    )

    foreign, unknown = sentences(upload)
    assert foreign.replace("Dòng 2", "Dòng 3").replace("Thanh Bình", "Không Có") == unknown


def test_a_supporter_of_another_district_is_refused_in_the_words_for_an_unknown_one(bring):
    upload = bring(
        [1, "Khu dân cư 1", "Thọ Quang", "phường Thanh Bình", "", "15/01/2021"],
        [2, "Khu dân cư 1", "Thọ Quang", "phường Không Có", "", "15/01/2021"],
    )

    foreign, unknown = sentences(upload)
    assert foreign.replace("Dòng 2", "Dòng 3").replace("Thanh Bình", "Không Có") == unknown


def test_a_commune_names_itself_and_who_must_help_in_its_place_but_not_the_unit_above(
    bring, units, people
):
    upload = bring(
        [1, "Khu dân cư 1", "Thọ Quang", "Thọ Quang", "", "15/01/2021"],
        [2, "Khu dân cư 1", "Thọ Quang", "Hội Phụ nữ Công an", "", "15/01/2021"],
        [3, "Khu dân cư 1", "Thọ Quang", "Đoàn phụ trách số 1", "", "15/01/2021"],
        [4, "Khu dân cư 1", "Thọ Quang", "quận Sơn Trà", "", "15/01/2021"],
        [5, "Khu dân cư 1", "Thọ Quang", "Mân Thái", "", "15/01/2021"],
        by=people.hoa,
        branch=units.tho_quang,
    )

    assert outcomes(upload) == ["new", "new", "new", "error", "error"]


def test_help_that_stands_may_be_listed_again_whoever_gives_it_but_not_stretched(
    bring, units, people, help_given
):
    help_given(units.son_tra, units.chi_hoi_1)

    upload = bring(
        [1, "Khu dân cư 1", "Thọ Quang", "quận Sơn Trà", "Tập huấn", "10/01/2021"],
        [2, "Khu dân cư 2", "Thọ Quang", "quận Sơn Trà", "", "10/01/2021"],
        by=people.hoa,
        branch=units.tho_quang,
    )

    assert outcomes(upload) == ["changed", "error"]


def test_nothing_is_written_when_she_may_no_longer_name_the_supporter(bring, people, units):
    upload = bring(OWN)
    people.giang.positions.update(branch=units.hai_chau)
    upload = Upload.objects.get(pk=upload.pk)

    with pytest.raises(ListError, match="^Dòng 2: vừa có người sửa"):
        write(upload)


def test_a_closed_chi_hoi_is_unknown(bring, units):
    Branch.objects.filter(pk=units.chi_hoi_1.pk).update(closed_on=date(2020, 6, 1))

    upload = bring(OWN)

    assert outcomes(upload) == ["error"]


def test_a_name_that_means_two_chi_hoi_lists_them(bring, units, people):
    open_branches(
        [
            Branch(
                level=Level.objects.get(code="chi_hoi"),
                parent=units.tho_quang,
                type="chi hội",
                name=name,
                slug=f"moi-{number}",
                opened_on=date(2016, 1, 1),
            )
            for number, name in enumerate(["Bình Minh", "Bịnh Minh"])
        ]
    )

    upload = bring(
        [1, "Binh Minh", "Thọ Quang", "Thọ Quang", "", "15/01/2021"],
        [2, "Bình Minh", "Thọ Quang", "Thọ Quang", "", "15/01/2021"],
    )

    assert outcomes(upload) == ["error", "new"]
    assert sentences(upload) == [
        "Dòng 2, cột B (Chi hội): “Binh Minh” ở “Thọ Quang” có thể là: chi hội Bình Minh, phường "
        "Thọ Quang, quận Sơn Trà; chi hội Bịnh Minh, phường Thọ Quang, quận Sơn Trà. "
        "Chị ghi rõ hơn."
    ]


def test_a_child_of_the_register_is_named_in_no_note_of_a_list(bring, program, units, people):
    child = child_of(program, units.tho_quang, people.hoa)
    child_of(program, units.thanh_binh, people.lan, full_name="Lê Văn Tí")

    upload = bring(
        [*OWN, "Gần nhà em nguyen bao ngoc"],
        [2, "Khu dân cư 2", "Thọ Quang", "Q. Sơn Trà", "Thăm em Lê Văn Tí", "15/01/2021"],
    )

    assert outcomes(upload) == ["error", "new"]  # of the child next door Giang learns nothing
    assert sentences(upload) == [
        f"Dòng 2, cột G (Ghi chú): có tên người có hồ sơ {child.code}; chị ghi “{child.code}” thay "
        "cho tên."
    ]


def test_the_second_of_two_equal_rows_is_an_error(bring):
    upload = bring(OWN, [2, "KDC", "Thọ Quang", "Thọ Quang", "", "15/01/2021"], OWN)

    assert outcomes(upload) == ["new", "error", "error"]
    assert sentences(upload)[1] == (
        "Dòng 4, cột B (Chi hội): trùng với dòng 2: cùng chi hội, cùng đơn vị nhận giúp."
    )


def test_a_standing_assignment_is_unchanged_or_changed_field_by_field(bring, help_given, units):
    same = help_given(units.tho_quang, units.chi_hoi_1, content="Xây tủ sách",
                      starts_on=date(2021, 1, 15))  # fmt: skip
    other = help_given(units.man_thai, units.chi_hoi_man_thai, content="Tặng ghế")

    upload = bring(
        OWN, [2, "Khu dân cư 1", "Mân Thái", "Mân Thái", "Tặng bàn", "20/01/2021", "mới"]
    )

    rows = list(upload.rows.all())
    assert [(row.outcome, row.target_id) for row in rows] == [
        ("unchanged", same.pk),
        ("changed", other.pk),
    ]
    assert rows[1].changes == [
        {"label": "Nội dung hỗ trợ", "old": "Tặng ghế", "new": "Tặng bàn"},
        {"label": "Ngày bắt đầu", "old": "10/01/2021", "new": "20/01/2021"},
        {"label": "Ghi chú", "old": None, "new": "mới"},
    ]


def test_a_blank_cell_leaves_what_stands(bring, help_given, units):
    help_given(units.tho_quang, units.chi_hoi_1, content="Xây tủ sách", note="của chị em")

    upload = bring([1, "Khu dân cư 1", "Thọ Quang", "Thọ Quang", None, "10/01/2021"])

    assert outcomes(upload) == ["unchanged"]


def test_help_that_has_ended_may_begin_anew(bring, help_given, units, people):
    ended = help_given(units.tho_quang, units.chi_hoi_1)
    end_assignment(assignment=ended, seen_version=ended.version, ends_on=date(2021, 1, 12),
                   reason="chuyển", by=people.an)  # fmt: skip

    upload = bring(OWN)

    assert outcomes(upload) == ["new"]


def test_a_chi_hoi_helped_twice_and_one_outside_the_place_are_remarked_on(bring, help_given, units):
    help_given(units.son_tra, units.chi_hoi_1)

    upload = bring(OWN)

    assert [(note["number"], note["why"]) for note in upload.notes] == [
        (2, "trùng: Hội LHPN quận Sơn Trà cũng nhận giúp chi hội này. Vẫn ghi được.")
    ]


def test_help_outside_the_place_of_a_quota_is_remarked_on(bring, units, people):
    upload = bring(
        [1, "Khu dân cư 1", "Thanh Bình", "Hội Phụ nữ Công an", "", "15/01/2021"],
        by=people.an,
        branch=units.da_nang,
    )

    assert [note["why"] for note in upload.notes] == [
        "ngoài địa bàn giao cho Hội Phụ nữ Công an (quận Sơn Trà). "
        "Vẫn ghi được, nhưng không tính vào chỉ tiêu."
    ]


def test_columns_that_need_not_be_there_may_be_missing(bring):
    upload = bring(["Khu dân cư 1", "Thọ Quang", "Thọ Quang", "15/01/2021"],
                   header=["Chi hội", "Xã/phường", "Đơn vị nhận giúp", "Ngày bắt đầu"])  # fmt: skip

    assert outcomes(upload) == ["new"]


# Write


def test_what_is_written_has_its_history_and_moves_the_quota_table(bring, program, units, people):
    before = quota_table(program).total.taken
    upload = bring(OWN, [2, "Khu dân cư 1", "Mân Thái", "Mân Thái", "", "16/01/2021"])

    assert write(upload) == (2, 0)

    assert quota_table(program).total.taken == before + 2
    made = Assignment.objects.get(supported=units.chi_hoi_1)
    assert (made.content, made.starts_on, made.version) == (
        "Xây tủ sách", date(2021, 1, 15), 1,
    )  # fmt: skip
    record = made.history.get()
    assert (record.history_type, record.history_user, record.history_change_reason) == (
        "+", people.giang, f"danh sách tải lên số {upload.pk}",
    )  # fmt: skip


def test_a_change_keeps_the_row_raises_its_version_and_its_history(bring, help_given, units):
    known = help_given(units.tho_quang, units.chi_hoi_1, note="giữ")
    upload = bring(OWN)

    assert write(upload) == (0, 1)

    known.refresh_from_db()
    assert (known.content, known.starts_on, known.note, known.version) == (
        "Xây tủ sách", date(2021, 1, 15), "giữ", 2,
    )  # fmt: skip
    newest, oldest = known.history.all()
    assert (newest.history_type, newest.content, oldest.content) == ("~", "Xây tủ sách", "")


def test_the_same_list_once_more_changes_nothing(bring):
    rows = [OWN, [2, "Khu dân cư 1", "Mân Thái", "Đoàn phụ trách số 1", "a\nb", "16/01/2021", "x"]]
    write(bring(*rows))

    upload = bring(*rows)

    assert outcomes(upload) == ["unchanged", "unchanged"]
    assert write(upload) == (0, 0)
    assert Assignment.history.count() == 2


def test_nothing_is_written_when_somebody_was_quicker(bring, help_given, units):
    upload = bring([1, "Khu dân cư 1", "Mân Thái", "Mân Thái", "", "16/01/2021"], OWN)
    help_given(units.tho_quang, units.chi_hoi_1)

    with pytest.raises(ListError, match="^Dòng 3: vừa có người sửa"):
        write(upload)

    assert Assignment.objects.count() == 1


def test_nothing_is_written_when_a_row_was_changed_meanwhile(bring, help_given, units, people):
    known = help_given(units.tho_quang, units.chi_hoi_1, content="cũ")
    upload = bring(OWN)
    change_assignment(assignment=known, seen_version=1, by=people.an, content="khác")

    with pytest.raises(ListError, match="^Dòng 2: vừa có người sửa"):
        write(upload)


def test_nothing_is_written_when_the_chi_hoi_was_closed_meanwhile(bring, units):
    upload = bring(OWN)
    Branch.objects.filter(pk=units.chi_hoi_1.pk).update(closed_on=date(2021, 6, 1))

    with pytest.raises(ListError, match="^Dòng 2: vừa có người sửa"):
        write(upload)


def test_nothing_is_written_into_a_programme_that_has_ended(bring, program, people):
    upload = bring(OWN)
    close_program(program=program, seen_version=program.version, by=people.an, reason="xong")

    with pytest.raises(ListError, match="^Dòng 2: chương trình đã kết thúc"):
        write(upload)


def open_three_hundred(units):
    chi_hoi = Level.objects.get(code="chi_hoi")
    new = [
        Branch(
            level=chi_hoi,
            parent=units.tho_quang,
            type="chi hội",
            name=f"Tổ {number}",
            slug=f"to-{number}",
            opened_on=date(2016, 1, 1),
        )
        for number in range(303)
    ]
    open_branches(new)
    return [[n, f"Tổ {n}", "Thọ Quang", "Thọ Quang", "", "15/01/2021"] for n in range(303)]


def test_reading_asks_as_many_questions_for_three_rows_as_for_three_hundred(
    bring, units, django_assert_num_queries
):
    rows = open_three_hundred(units)

    for upload in (bring(*rows[:3]), bring(*rows[3:])):
        lines = read_list(upload.file.file.path, ASSIGNMENTS).lines
        with django_assert_num_queries(5):
            staged, _ = ASSIGNMENTS.check(upload, lines)
        assert {row.outcome for row in staged} == {"new"}


def test_writing_asks_by_the_batch_and_not_by_the_row(
    bring, units, django_assert_num_queries, django_assert_max_num_queries
):
    rows = open_three_hundred(units)
    few, many = bring(*rows[:3]), bring(*rows[3:])
    staged = list(many.rows.all())

    with django_assert_num_queries(9):
        write(few)
    with django_assert_max_num_queries(20):  # SQLite takes about a hundred rows at a time
        ASSIGNMENTS.apply(many, staged)

    assert Assignment.objects.count() == Assignment.history.count() == 303


# The sheet to fill in


def test_the_template_offers_the_units_own_names_and_reads_back(program, units, people, tmp_path):
    content = ASSIGNMENTS.template(
        Upload(branch=units.son_tra, asked_by=people.giang, params={"program": program.pk})
    )
    workbook = load_workbook(io.BytesIO(content))
    sheet, names = workbook.worksheets
    offered = {cell.value for row in names.iter_rows(min_row=4) for cell in row}

    assert {"phường Thọ Quang", "Hội Phụ nữ Công an"} <= offered
    assert not any("Thanh Bình" in str(name) or "Hải Châu" in str(name) for name in offered)
    assert [cell.value for cell in sheet[4]] == HEADER
    for column, value in enumerate(OWN, start=1):
        sheet.cell(6, column).value = value
    workbook.save(tmp_path / "mau.xlsx")
    lines = read_list(tmp_path / "mau.xlsx", ASSIGNMENTS).lines
    assert [(line.number, line.text("supported")) for line in lines] == [(6, "Khu dân cư 1")]
