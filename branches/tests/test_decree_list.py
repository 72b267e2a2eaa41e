"""The state's conversion table: what its rows mean, what is wrong with them, what is written."""

import io
import unicodedata
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from branches.importers import DECREES
from branches.importers.decrees import read_note, split_type
from branches.models import (
    Branch,
    BranchAlias,
    Level,
    Reorganisation,
    Succession,
    Successor,
    Upload,
    UploadRow,
)
from branches.services import add_line, add_successor, new_decree, open_branches, store_file
from conftest import OPENED, unit
from hoiphunu.lists import ListError, error_sentence, read_list

# The state's own order of columns, with its two rows of titles and its lone names of provinces.
GROUPS = ["Đơn vị hành chính từ ngày 01/7/2025", None, None, "Đơn vị hành chính trước ngày 01/7"]
HEADER = [
    "Tỉnh, thành phố", "Tên Xã mới", "Mã Xã mới", "Tên Xã cũ", "Mã Xã cũ", "Ghi chú",
    "Quận/huyện", "Tỉnh cũ",
]  # fmt: skip
CITY, SON_TRA, HAI_CHAU = "Thành phố Đà Nẵng (48)", "Quận Sơn Trà (493)", "Quận Hải Châu (492)"
THO_QUANG = [
    CITY, "Phường Sơn Trà", "20263", "Phường Thọ Quang", "20263", "Nhập toàn bộ", SON_TRA, CITY,
]  # fmt: skip
MAN_THAI = [
    CITY, "Phường Sơn Trà", "20263", "Phường Mân Thái", "20266", "Nhập toàn bộ", SON_TRA, CITY,
]  # fmt: skip
Kind = Succession.Kind


def changed(row, **cells):
    """The row with other words in some columns: `changed(MAN_THAI, note="Giữ nguyên")`."""
    places = {"province": 0, "new": 1, "new_code": 2, "old": 3, "code": 4, "note": 5,
              "district": 6, "old_province": 7}  # fmt: skip
    row = list(row)
    for name, value in cells.items():
        row[places[name]] = value
    return row


@pytest.fixture
def decree(units, people):
    return new_decree(
        owner=units.da_nang,
        title="Sắp xếp các đơn vị hành chính cấp xã",
        effective_on=date(2025, 7, 1),
        by=people.dung,
    )


@pytest.fixture
def bring(decree, units, people):
    """`bring(row, …)`: a table of Dung, administrator of the city, read and staged."""

    def stage(*rows, decree=decree):
        workbook = Workbook()
        for row in [GROUPS, HEADER, *rows]:
            workbook.active.append(row)
        buffer = io.BytesIO()
        workbook.save(buffer)
        stored = store_file(
            content=buffer.getvalue(), name="bang.xlsx", content_type="",
            branch=units.da_nang, by=people.dung,
        )  # fmt: skip
        return read(stored, decree)

    def read(stored, decree):
        upload = Upload.objects.create(
            kind="decree", branch=units.da_nang, asked_by=people.dung, file=stored,
            params={"reorganisation": decree.pk},
        )  # fmt: skip
        staged, upload.notes = DECREES.check(upload, read_list(stored.file.path, DECREES).lines)
        UploadRow.objects.bulk_create(staged)
        return upload

    stage.read = read
    return stage


def sentences(upload):
    return [error_sentence(row.number, error) for row in upload.rows.all() for error in row.errors]


def warnings(upload):
    return [note["why"] for note in upload.notes if note["is_warning"]]


def write(upload):
    return DECREES.apply(upload, list(upload.rows.all()))


def lines_of(decree):
    rows = decree.successions.select_related("predecessor", "successor").order_by("pk")
    return [(line.predecessor.name, line.kind, str(line.successor)) for line in rows]


# --- What is written --------------------------------------------------------------------------


def test_the_states_table_becomes_lines_of_the_draft_and_the_tree_stays(bring, decree, units):
    before = list(Branch.objects.order_by("pk").values())
    upload = bring(["THÀNH PHỐ ĐÀ NẴNG"], THO_QUANG, MAN_THAI)

    assert sentences(upload) == []
    assert write(upload) == (2, 0)
    made = decree.successors.get()
    assert (made.full_name, made.code, made.level.code) == ("phường Sơn Trà", "20263", "xa")
    assert made.parent_branch == units.da_nang
    assert lines_of(decree) == [
        ("Thọ Quang", "whole", "phường Sơn Trà"),
        ("Mân Thái", "whole", "phường Sơn Trà"),
    ]
    assert list(Branch.objects.order_by("pk").values()) == before


def test_cells_as_the_state_really_wrote_them_are_read(bring, decree):
    upload = bring(
        changed(THO_QUANG, old=" Phường\nThọ  Quang ", district="quận  sơn trà\n"),
        changed(
            MAN_THAI,
            old=unicodedata.normalize("NFD", "Phường Mân Thái"),
            new="phuong Sơn Trà ",
            note="Nhập\ntoàn bộ",
            province="Thành Phố Đà Nẵng",
        ),
    )

    assert sentences(upload) == []
    assert write(upload) == (2, 0)
    assert [str(row) for row in decree.successors.all()] == ["phường Sơn Trà"]


def test_a_divided_unit_keeps_what_each_part_says_of_the_people(bring, decree):
    upload = bring(
        changed(THO_QUANG, note="Nhập một phần diện tích, toàn bộ dân số"),
        changed(THO_QUANG, new="Phường An Hải", new_code="20275", note="Nhập một phần diện tích"),
        changed(MAN_THAI, note="Nhập một phần"),
        changed(MAN_THAI, new="Phường Mân Thái", new_code="20266", note="Nhập một phần"),
    )

    write(upload)

    lines = decree.successions.order_by("pk")
    assert [(line.kind, line.takes_people) for line in lines] == [
        ("part", True), ("part", False), ("part", None), ("part", None),
    ]  # fmt: skip
    assert [line.is_suggested for line in lines] == [False, False, False, True]


@pytest.mark.parametrize(
    ("words", "kind", "people"),
    [
        ("Nhập toàn bộ", Kind.WHOLE, None),
        ("Sắp xếp toàn bộ huyện Lý Sơn thành đặc khu Lý Sơn", Kind.WHOLE, None),
        ("Nhâp một phần diện tích", Kind.PART, False),
        ("Nhập một phần", Kind.PART, None),
        ("Nhập một phần dân số", Kind.PART, None),
        ("Nhập một phần diện tích, toàn bộ dân số", Kind.PART, True),
        ("Nhập toàn bộ diện tích", Kind.PART, False),
        ("Phần còn lại sau khi tách một phần vào xã Canh Vinh", Kind.PART, None),
        ("Đổi tên từ một phần Phường 15", Kind.PART, None),
        ("Giữ nguyên", Kind.UNCHANGED, None),
        ("Đổi tên", Kind.RENAMED, None),
        ("Đổi tên, đổi loại hình", Kind.TYPE_CHANGED, None),
        ("theo nghị quyết", None, None),
    ],
)
def test_a_note_says_how_the_unit_comes_in(words, kind, people):
    assert read_note(words) == (kind, people)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Xa Ea Kly", ("xã", "Ea Kly")),
        ("Thị Xã Kỳ Anh (449)", ("thị xã", "Kỳ Anh")),
        ("TP. Đà Nẵng", ("thành phố", "Đà Nẵng")),
        ("Xã Xa Dung", ("xã", "Xa Dung")),
        ("Phường 15", ("phường", "15")),
        ("Sơn Trà", ("", "Sơn Trà")),
    ],
)
def test_a_name_is_parted_from_its_type(text, parts):
    assert split_type(text) == parts


def test_a_new_province_of_the_decree_itself_takes_the_new_communes(bring, decree, units, people):
    tinh = Level.objects.get(code="tinh")
    made = add_successor(
        reorganisation=decree, level=tinh, type="thành phố", name="Đà Nẵng", by=people.dung
    )
    add_line(
        reorganisation=decree, predecessor=units.da_nang, successor=made, kind="whole",
        by=people.dung,
    )  # fmt: skip

    write(bring(THO_QUANG))

    assert decree.successors.get(level__code="xa").parent_successor == made


def test_an_island_district_without_communes_becomes_a_special_zone(bring, decree, units):
    hoang_sa = unit("huyen", units.da_nang, "Hoàng Sa", "huyện")
    row = changed(
        THO_QUANG, new="Đặc khu Hoàng Sa", new_code="20333", old=None, code=None,
        district="Huyện Hoàng Sa (498)",
        note="Sắp xếp toàn bộ huyện Hoàng Sa thành đặc khu Hoàng Sa",
    )  # fmt: skip

    write(bring(row))

    line = decree.successions.get()
    assert (line.predecessor, line.kind) == (hoang_sa, "whole")
    assert str(line.successor) == "đặc khu Hoàng Sa"


def test_the_same_table_again_changes_nothing_and_another_note_is_a_change(bring, decree):
    write(bring(THO_QUANG, MAN_THAI))

    again = bring(THO_QUANG, changed(MAN_THAI, note="Đổi loại hình"))

    assert [row.outcome for row in again.rows.all()] == ["unchanged", "changed"]
    assert again.rows.last().changes == [
        {"label": "Cách sắp xếp", "old": "nhập toàn bộ", "new": "đổi loại hình"}
    ]
    assert write(again) == (0, 1)
    assert decree.successors.count() == 1
    assert lines_of(decree)[1] == ("Mân Thái", "type_changed", "phường Sơn Trà")


# --- What is wrong with a row -----------------------------------------------------------------


def test_a_ward_under_the_wrong_district_is_refused_with_where_it_is(bring, decree):
    upload = bring(changed(THO_QUANG, district=HAI_CHAU))

    assert sentences(upload) == [
        "Dòng 3, cột D (Tên xã cũ): không có “Phường Thọ Quang” ở Quận Hải Châu, Thành phố Đà "
        "Nẵng. Có phải là: phường Thọ Quang, quận Sơn Trà, thành phố Đà Nẵng? Nếu phải, chị sửa "
        "tỉnh cũ hoặc huyện cũ ở dòng này."
    ]
    assert decree.successors.count() == 0


def test_an_unknown_unit_is_refused_with_names_like_it(bring):
    upload = bring(changed(MAN_THAI, old="Phường Mân Thải Đông"))

    assert sentences(upload) == [
        "Dòng 3, cột D (Tên xã cũ): không có đơn vị đang hoạt động nào tên “Phường Mân Thải Đông” "
        "ở Quận Sơn Trà, Thành phố Đà Nẵng. Tên gần giống: phường Mân Thái, quận Sơn Trà, thành "
        "phố Đà Nẵng."
    ]


def test_a_unit_of_the_neighbour_is_as_good_as_unknown(bring):
    upload = bring(
        changed(
            THO_QUANG, old="Phường Minh An", district="Thành phố Hội An", old_province="Quảng Nam"
        )
    )

    assert sentences(upload) == [
        "Dòng 3, cột D (Tên xã cũ): không có đơn vị đang hoạt động nào tên “Phường Minh An” ở "
        "Thành phố Hội An, Quảng Nam."
    ]


def test_a_code_never_finds_a_unit_alone_but_tells_two_of_one_name_apart(bring, units):
    twin = unit("xa", units.hai_chau, "Thọ Quang", "phường", code="20236")

    unknown, known = bring(
        changed(THO_QUANG, old="Phường Phước Mỹ", code="20236"),
        changed(THO_QUANG, district=None, code=20236, new="Phường Hải Châu", new_code="20242"),
    ).rows.all()

    assert unknown.parsed["predecessor"] is None
    assert known.parsed["predecessor"] == twin.pk


def test_two_units_of_one_name_are_told_and_nobody_guesses(bring, units):
    unit("xa", units.hai_chau, "Thọ Quang", "phường")

    found = sentences(bring(changed(THO_QUANG, district=None, code=None)))

    assert found == [
        "Dòng 3, cột D (Tên xã cũ): “Phường Thọ Quang” có thể là: phường Thọ Quang, quận Sơn "
        "Trà, thành phố Đà Nẵng; phường Thọ Quang, quận Hải Châu, thành phố Đà Nẵng. Chị ghi rõ "
        "huyện cũ, tỉnh cũ."
    ]


def test_marks_decide_between_names_and_another_spelling_is_remarked_on(bring, units):
    can, can_grave = (unit("xa", units.son_tra, name, "xã") for name in ("Nậm Cắn", "Nậm Càn"))

    exact = bring(changed(THO_QUANG, old="Xã Nậm Càn"))
    loose = bring(changed(MAN_THAI, old="Phường Man Thai"))

    assert exact.rows.first().parsed["predecessor"] == can_grave.pk != can.pk
    assert warnings(loose) == [
        "đọc là “phường Mân Thái, quận Sơn Trà, thành phố Đà Nẵng”, tên viết khác. Có đúng không?"
    ]


def test_another_name_under_which_the_unit_goes_is_known(bring, units):
    BranchAlias.objects.create(branch=units.man_thai, name="Mân Quang")

    upload = bring(changed(MAN_THAI, old="Phường Mân Quang"))

    assert upload.rows.get().parsed["predecessor"] == units.man_thai.pk
    assert warnings(upload) == []


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"note": "tùy"}, "cột F (Ghi chú): không hiểu “tùy”. Chị ghi: Nhập toàn bộ, Nhập một "
         "phần, Nhập một phần diện tích, Giữ nguyên, Đổi tên, hoặc Đổi loại hình."),
        ({"new": "Sơn Trà"}, "cột B (Tên xã mới): “Sơn Trà”: chị ghi rõ là xã, phường hay đặc "
         "khu."),
        ({"province": "Tỉnh Gia Lai (52)"}, "cột A (Tỉnh mới): văn bản này và phạm vi của Hội "
         "LHPN thành phố Đà Nẵng chưa có “Tỉnh Gia Lai (52)”. Chị ghi tỉnh, thành phố mới vào văn "
         "bản trước, rồi tải tệp lên lại."),
        ({"note": None}, "cột F (Ghi chú): thiếu ghi chú (ô trống, hoặc là ô gộp; chị bỏ gộp "
         "ô)."),
    ],
)  # fmt: skip
def test_each_mistake_has_its_sentence(bring, cells, sentence):
    assert sentences(bring(changed(THO_QUANG, **cells))) == [f"Dòng 3, {sentence}"]


def test_lines_of_one_unit_must_go_together(bring):
    part = changed(THO_QUANG, new="Phường An Hải", new_code="", note="Nhập một phần")
    whole_and_part = sentences(bring(THO_QUANG, part))
    twice = sentences(bring(THO_QUANG, THO_QUANG))
    other_code = sentences(bring(THO_QUANG, changed(MAN_THAI, new_code="20999")))

    assert whole_and_part == [
        "Dòng 3, cột F (Ghi chú): “Nhập toàn bộ”, nhưng đơn vị cũ này còn ở dòng 4. Đơn vị bị "
        "chia thì mọi dòng ghi “Nhập một phần”."
    ]
    assert twice == [
        "Dòng 4, cột D (Tên xã cũ): trùng với dòng 3: cùng đơn vị cũ, cùng đơn vị mới."
    ]
    assert other_code == [
        "Dòng 4, cột C (Mã xã mới): “Phường Sơn Trà” ở dòng 3 mang mã 20263, ở đây là 20999."
    ]


def test_a_part_without_its_other_parts_is_remarked_on(bring):
    assert warnings(bring(changed(THO_QUANG, note="Nhập một phần"))) == [
        "mới có một phần; phần còn lại chưa có trong bảng. Chị đối chiếu văn bản."
    ]


# --- Between reading and writing --------------------------------------------------------------


def test_a_decree_carried_out_meanwhile_takes_no_table(bring, decree):
    upload = bring(THO_QUANG)
    Reorganisation.objects.filter(pk=decree.pk).update(stage="applied")

    with pytest.raises(ListError, match="đã thực hiện, không ghi được"):
        write(upload)
    assert Successor.objects.count() == 0


def test_a_line_written_by_hand_meanwhile_stops_the_table(bring, decree, units, people):
    upload = bring(THO_QUANG)
    write(bring(THO_QUANG))

    with pytest.raises(ListError, match="Dòng 3: vừa có người sửa"):
        write(upload)
    assert decree.successions.count() == 1


def test_a_long_table_asks_as_many_queries_as_a_short_one(bring, decree, units):
    # What it writes goes in batches, as many rows as the database takes at once.
    level = Level.objects.get(code="xa")
    wards = [
        Branch(level=level, parent=units.hai_chau, type="phường", name=f"Số {number}",
               opened_on=OPENED, slug=f"phuong-so-{number}")
        for number in range(300)
    ]  # fmt: skip
    open_branches(wards)
    rows = [
        changed(THO_QUANG, old=f"Phường Số {n}", code="", district=HAI_CHAU, new=f"Phường Mới {n}",
                new_code="")
        for n in range(300)
    ]  # fmt: skip

    few, many = (queries_of(bring(*rows[:count])) for count in (3, 300))

    assert few == many


def queries_of(upload):
    lines = read_list(upload.file.file.path, DECREES).lines
    with CaptureQueriesContext(connection) as queries:
        DECREES.check(upload, lines)
        write(upload)
    Succession.objects.all().delete()
    Successor.objects.all().delete()
    return len([query for query in queries if not query["sql"].startswith("INSERT")])


# --- The sheet to fill in ---------------------------------------------------------------------


def test_the_sheet_to_fill_in_has_the_citys_own_communes_and_is_read_again(
    bring, decree, units, people
):
    content = DECREES.template(
        Upload(branch=units.da_nang, asked_by=people.dung, params={"reorganisation": decree.pk})
    )
    workbook = load_workbook(io.BytesIO(content))
    sheet = workbook.active
    old = [row[3] for row in sheet.iter_rows(values_only=True) if row[1] and "quận" in str(row[1])]

    assert old == ["phường Thanh Bình", "phường Mân Thái", "phường Thọ Quang"]

    for row in sheet.iter_rows():
        if row[3].value == "phường Thọ Quang":
            row[5].value, row[6].value, row[7].value = "Phường Sơn Trà", CITY, "Nhập toàn bộ"
        elif str(row[3].value).startswith("phường"):
            row[5].value, row[6].value, row[7].value = row[3].value, CITY, "Giữ nguyên"
    buffer = io.BytesIO()
    workbook.save(buffer)
    stored = store_file(
        content=buffer.getvalue(), name="mau.xlsx", content_type="", branch=units.da_nang,
        by=people.dung,
    )  # fmt: skip
    upload = bring.read(stored, decree)

    assert sentences(upload) == []
    assert write(upload) == (3, 0)
