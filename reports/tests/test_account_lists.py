"""A list of accounts from Excel: brought, looked at, written; then the sheet with the keys."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from branches.models import Position, StoredFile, Upload, UploadRow, User
from branches.services import hold_position
from conftest import unit

HEADER = [
    "STT", "Họ và tên", "Đơn vị", "Thuộc đơn vị", "Điện thoại", "Thư điện tử", "Vai trò",
    "Chức vụ", "Tên đăng nhập",
]  # fmt: skip
NHUNG = [1, "Phan Thị Nhung", "phường Thọ Quang", "", "0905123456", "", "Cán bộ nhập", "Chủ tịch"]
OANH = [2, "Hồ Thị Oanh", "P. Mân Thái", "", "905.123.457", "oanh@example.org", "Cán bộ nhập"]

pytestmark = pytest.mark.django_db


def workbook_of(rows, header=HEADER):
    book = Workbook()
    for row in (["HỘI LHPN THÀNH PHỐ"], ["DANH SÁCH TÀI KHOẢN"], [], header, *rows):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def bring(units, people, as_person, django_capture_on_commit_callbacks):
    """`bring(rows)`: what became of the list that Dung, administrator of the city, brought."""

    def send(rows, *, name="dung", branch=units.da_nang, header=HEADER):
        fields = {
            "branch": branch.slug,
            "file": SimpleUploadedFile("tai-khoan.xlsx", workbook_of(rows, header)),
        }
        address = reverse("reports:upload_create") + "?kind=accounts"
        with django_capture_on_commit_callbacks(execute=True):
            answer = as_person(name).post(address, fields)
        assert answer.status_code == 302, answer.content.decode()
        return Upload.objects.latest("pk")

    return send


@pytest.fixture
def confirm(as_person, django_capture_on_commit_callbacks):
    def press(upload, name="dung"):
        with django_capture_on_commit_callbacks(execute=True):
            as_person(name).post(reverse("reports:upload_apply", args=[upload.pk]))
        upload.refresh_from_db()
        return upload

    return press


@pytest.fixture
def lead(units, people):
    """Hà is now also administrator of quận Sơn Trà: a lead of a part of the city."""
    hold_position(user=people.ha, branch=units.son_tra, role="administrator")
    return people.ha


def errors_of(upload):
    return {
        (row.number, error["title"]): error["message"]
        for row in upload.rows.all()
        for error in row.errors
    }


def outcomes_of(upload):
    return list(upload.rows.order_by("number").values_list("outcome", flat=True))


# Check


def test_a_list_is_looked_at_before_anything_is_written(bring, as_person):
    before = User.objects.count()

    upload = bring([NHUNG, OANH])

    page = as_person("dung").get(upload.get_absolute_url()).content.decode()
    assert outcomes_of(upload) == ["new", "new"]
    assert "phan.thi.nhung" in page
    assert "Ghi vào hệ thống (2 mới, 0 thay đổi)" in page
    assert User.objects.count() == before


def test_written_it_makes_accounts_with_positions_and_no_password(bring, confirm, units, people):
    upload = confirm(bring([NHUNG, OANH]))

    assert upload.message == "Đã ghi 2 mới, 0 thay đổi."
    nhung, oanh = User.objects.get(username="phan.thi.nhung"), User.objects.get(phone="0905123457")
    held = nhung.positions.get()
    assert (held.branch, held.role, held.title) == (units.tho_quang, "officer", "Chủ tịch")
    assert oanh.positions.get().branch == units.man_thai
    assert oanh.email == "oanh@example.org"
    assert not nhung.has_usable_password()
    for row in (nhung, held):
        record = row.history.get()
        assert record.history_user == people.dung
        assert record.history_change_reason == f"danh sách tải lên số {upload.pk}"


def test_each_wrong_cell_has_its_sentence_and_nothing_is_written(bring, confirm):
    upload = bring(
        [
            [1, "", "Thọ Quang", "", "", "", "Cán bộ nhập"],
            [2, "Lê Thị A", "Nơi Nào", "", "0905", "", "Thủ quỹ"],
            [3, "Lê Thị B", "Thọ Quang", "", "", "khong-phai-thu", "Lãnh đạo", "", "hoa"],
            [4, "Lê Thị C", "Thọ Quang", "", "", "", "", "", "tên có dấu"],
            NHUNG,
        ]
    )

    assert errors_of(upload) == {
        (5, "Họ và tên"): "ô trống. Chị ghi đủ họ và tên.",
        (6, "Đơn vị"): "không có đơn vị “Nơi Nào” trong phạm vi của Hội LHPN thành phố Đà Nẵng.",
        (6, "Điện thoại"): "“0905” không phải số điện thoại: hãy viết đủ 10 số (0905 123 456).",
        (6, "Vai trò"): "“Thủ quỹ” không phải vai trò. "
        "Chị ghi một trong: Cán bộ nhập, Người duyệt, Lãnh đạo, Quản trị.",
        (7, "Thư điện tử"): "“khong-phai-thu” không phải địa chỉ thư điện tử.",
        (8, "Vai trò"): "ô trống. Chị ghi một trong: Cán bộ nhập, Người duyệt, Lãnh đạo, Quản trị.",
    }
    confirm(upload)
    assert not User.objects.filter(full_name="Phan Thị Nhung").exists()


def test_a_log_in_name_that_was_typed_must_be_free_and_plain(bring, people):
    upload = bring(
        [
            [1, "Lê Thị B", "Thọ Quang", "", "", "", "Lãnh đạo", "", "hoa"],
            [2, "Lê Thị C", "Thọ Quang", "", "", "", "Lãnh đạo", "", "tên có dấu"],
            [3, "Lê Thị D", "Thọ Quang", "", "", "", "Lãnh đạo", "", "le.d"],
            [4, "Lê Thị E", "Thọ Quang", "", "", "", "Lãnh đạo", "", "le.d"],
        ]
    )

    told = errors_of(upload)
    assert "đã có người dùng" in told[5, "Tên đăng nhập"]
    assert "chữ không dấu" in told[6, "Tên đăng nhập"]
    assert (7, "Tên đăng nhập") not in told
    assert "trùng với dòng 7" in told[8, "Tên đăng nhập"]


def test_a_unit_is_found_by_its_name_and_an_ambiguous_one_names_the_choices(bring, units):
    rows = [
        [1, "Lê Thị A", "Khu dân cư 1", "", "", "", "Cán bộ nhập"],
        [2, "Lê Thị B", "Khu dân cư 1", "Mân Thái", "", "", "Cán bộ nhập"],
        [3, "Lê Thị C", "Hội LHPN quận Sơn Trà", "", "", "", "Lãnh đạo"],
        [4, "Lê Thị D", "man thai", "", "", "", "Lãnh đạo"],
    ]

    upload = bring(rows)

    sentence = errors_of(upload)[5, "Đơn vị"]
    assert sentence.startswith("“Khu dân cư 1” có thể là: ")
    for place in ("phường Thọ Quang", "phường Mân Thái", "phường Thanh Bình"):
        assert place in sentence
    found = {row.number: row.parsed["unit"] for row in upload.rows.all()}
    assert found == {
        5: None, 6: units.chi_hoi_man_thai.pk, 7: units.son_tra.pk, 8: units.man_thai.pk,
    }  # fmt: skip


def test_a_unit_outside_her_territory_is_as_good_as_unknown(bring, lead, units):
    foreign = [1, "Lê Thị A", "phường Thanh Bình", "", "", "", "Quản trị"]
    above = [2, "Lê Thị B", "thành phố Đà Nẵng", "", "", "", "Quản trị"]
    unknown = [3, "Lê Thị C", "phường Nơi Nào", "", "", "", "Quản trị"]

    told = errors_of(bring([foreign, above, unknown], name="ha", branch=units.son_tra))

    plain = {message.partition("”")[2] for message in told.values()}
    assert plain == {" trong phạm vi của Hội LHPN quận Sơn Trà."}


def test_one_person_may_get_several_roles_in_one_cell(bring, confirm, units):
    confirm(bring([[1, "Phan Thị Nhung", "Thọ Quang", "", "", "", "Cán bộ nhập, lãnh đạo"]]))

    roles = User.objects.get(full_name="Phan Thị Nhung").positions.values_list("role", flat=True)
    assert sorted(roles) == ["leader", "officer"]


def test_an_e_mail_in_the_column_of_phones_is_read_as_one(bring, confirm):
    header = ["Họ và tên", "Đơn vị", "Điện thoại / thư điện tử", "Vai trò"]

    confirm(bring([["Phan Thị Nhung", "Thọ Quang", "n@example.org", "Cán bộ nhập"]], header=header))

    nhung = User.objects.get(full_name="Phan Thị Nhung")
    assert (nhung.phone, nhung.email) == ("", "n@example.org")


def test_namesakes_get_names_that_differ(bring, confirm):
    other = [2, "Phan Thị Nhung", "Mân Thái", "", "0905123499", "", "Cán bộ nhập"]

    confirm(bring([NHUNG, other]))

    names = User.objects.filter(full_name="Phan Thị Nhung").values_list("username", flat=True)
    assert sorted(names) == ["phan.thi.nhung", "phan.thi.nhung2"]


# Who is there already


def test_the_same_list_once_more_changes_nothing(bring, confirm):
    confirm(bring([NHUNG, OANH]))

    assert outcomes_of(bring([NHUNG, OANH])) == ["unchanged", "unchanged"]


def test_who_has_an_account_gets_the_new_role_and_no_second_account(bring, confirm, units):
    confirm(bring([NHUNG]))

    upload = bring([[1, "Phan Thị Nhung", "Sơn Trà", "", "0905 123 456", "", "Lãnh đạo"]])

    assert outcomes_of(upload) == ["changed"]
    assert upload.rows.get().changes == [{"label": "Thêm vai trò", "old": None, "new": "Lãnh đạo"}]
    assert confirm(upload).message == "Đã ghi 0 mới, 1 thay đổi."
    nhung = User.objects.get(full_name="Phan Thị Nhung")
    assert nhung.positions.filter(branch=units.son_tra, role="leader").exists()


def test_nobody_placed_higher_gets_a_role_from_a_list(bring, lead, units, people):
    hold_position(user=people.an, branch=units.tho_quang, role="leader")  # and officer of the city
    row = [1, "Nguyễn Thị An", "Thọ Quang", "", "", "", "Quản trị"]

    upload = bring([row], name="ha", branch=units.son_tra)

    assert "ngoài phạm vi chị quản trị" in errors_of(upload)[5, "Họ và tên"]
    assert outcomes_of(bring([row])) == ["changed"], "the city's administrator may"


def test_a_phone_that_somebody_else_has_is_said_and_does_not_forbid(bring, confirm, as_person):
    confirm(bring([NHUNG]))
    same_office = [1, "Lê Thị Sen", "Thọ Quang", "", "0905123456", "", "Lãnh đạo"]

    upload = bring([same_office])

    page = as_person("dung").get(upload.get_absolute_url()).content.decode()
    assert "đang là của Phan Thị Nhung" in page
    assert outcomes_of(upload) == ["new"]


def test_the_same_person_twice_in_a_list_is_an_error(bring):
    told = errors_of(bring([NHUNG, NHUNG]))

    assert "trùng với dòng 5" in told[6, "Họ và tên"]


def test_whether_somebody_has_an_account_elsewhere_is_not_told(bring, people):
    people.xuan.phone = "0905123456"
    people.xuan.save()

    upload = bring([[1, "Dương Thị Xuân", "Thọ Quang", "", "0905123456", "", "Cán bộ nhập"]])

    assert outcomes_of(upload) == ["new"]
    assert upload.notes == [note for note in upload.notes if not note["is_warning"]]


def test_what_changed_since_the_list_was_read_stops_it_whole(bring, confirm, units, people):
    upload = bring([NHUNG, OANH])
    nhung = User.objects.create_user("nhung", full_name="Phan Thị Nhung", phone="0905123456")
    hold_position(user=nhung, branch=units.tho_quang, role="officer")

    confirm(upload)

    assert upload.state == Upload.State.FAILED
    assert "vừa có người sửa" in upload.message
    assert not User.objects.filter(full_name="Hồ Thị Oanh").exists()


def test_a_log_in_name_taken_meanwhile_is_made_anew(bring, confirm, people):
    upload = bring([NHUNG])
    User.objects.create_user("phan.thi.nhung", full_name="Ai đó")

    confirm(upload)

    assert upload.message == "Đã ghi 1 mới, 0 thay đổi."
    assert User.objects.get(phone="0905123456").username == "phan.thi.nhung2"


def test_who_is_no_administrator_any_more_writes_nothing(bring, confirm, people):
    upload = bring([NHUNG])
    hold_position(user=people.dung, branch=upload.branch, role="officer")
    people.dung.positions.filter(role="administrator").delete()

    confirm(upload)

    assert upload.is_preview
    assert not User.objects.filter(full_name="Phan Thị Nhung").exists()


# Who may


def test_only_administrators_bring_such_a_list_for_their_own_unit(as_person, lead, units):
    address = reverse("reports:upload_create") + "?kind=accounts"

    answers = {n: as_person(n).get(address).status_code for n in ("an", "cuc", "hoa", "ha", "dung")}

    assert answers == {"an": 403, "cuc": 403, "hoa": 403, "ha": 200, "dung": 200}
    foreign = {"branch": units.da_nang.slug, "file": SimpleUploadedFile("a.xlsx", b"PK")}
    form = as_person("ha").post(address, foreign).context["form"]
    assert set(form.errors) == {"branch"}


def test_a_list_of_accounts_is_read_by_whoever_brought_it_only(bring, as_person, lead, units):
    upload = bring([NHUNG])
    sheet = reverse("people:list_slips", args=[upload.pk])

    for name in ("an", "cuc", "ha", "xuan"):
        browser = as_person(name)
        for address in (upload.get_absolute_url(), upload.file.get_absolute_url(), sheet):
            assert browser.get(address).status_code == 404, (name, address)
        assert "tai-khoan.xlsx" not in browser.get(reverse("reports:upload_list")).content.decode()
    assert (
        "tai-khoan.xlsx" in as_person("dung").get(reverse("reports:upload_list")).content.decode()
    )


def test_the_sheet_to_fill_in_offers_her_own_units_and_the_roles(as_person, lead, units):
    address = reverse("reports:upload_template") + "?kind=accounts"
    browser = as_person("ha")

    book = load_workbook(io.BytesIO(browser.get(f"{address}&branch={units.son_tra.slug}").content))

    titles = [cell.value for cell in book.worksheets[0][3]]
    assert titles == HEADER
    offered = {cell.value for row in book.worksheets[1].iter_rows(min_row=4) for cell in row}
    assert {"quận Sơn Trà", "phường Thọ Quang", "Cán bộ nhập", "Quản trị"} <= offered
    assert not {"thành phố Đà Nẵng ", "phường Thanh Bình", "phường Minh An"} & offered
    assert browser.get(f"{address}&branch={units.da_nang.slug}").status_code == 404


def test_the_command_reads_a_list_of_accounts_too(people, units, tmp_path):
    path = tmp_path / "tai-khoan.xlsx"
    path.write_bytes(workbook_of([NHUNG]))
    out = io.StringIO()

    call_command(
        "import_list", str(path), "--kind", "accounts", "--unit", units.da_nang.slug,
        "--as", "dung", "--apply", stdout=out,
    )  # fmt: skip

    assert "Đã ghi 1 mới, 0 thay đổi." in out.getvalue()
    assert User.objects.filter(username="phan.thi.nhung").exists()


# The sheet


@pytest.fixture
def ten(bring, confirm):
    """Ten accounts of a list, written."""
    rows = [
        [n, f"Lê Thị {name}", "Thọ Quang", "", f"09051234{n:02}", "", "Cán bộ nhập"]
        for n, name in enumerate("Ái Bé Cẩm Duyên Én Gái Hường Ích Khuê Lài".split(), 1)
    ]
    return confirm(bring(rows))


def slips_of(upload):
    return reverse("people:list_slips", args=[upload.pk])


def printed(answer):
    """Log-in name → one-time password, as they stand on the sheet."""
    words = re.findall(r"<code>([^<]+)</code>", answer.content.decode())
    return dict(zip(words[::2], words[1::2], strict=True))


def test_the_sheet_makes_the_passwords_and_has_a_strip_for_each(ten, as_person):
    people = User.objects.filter(pk__in=ten.rows.values("target_id"))
    assert not any(person.has_usable_password() for person in people)

    answer = as_person("dung").post(slips_of(ten), {"people": [p.pk for p in people]})

    keys = printed(answer)
    assert len(keys) == len(set(keys.values())) == 10
    page = answer.content.decode()
    assert page.count("http://testserver/accounts/login/") == 10
    assert page.count("Hội LHPN phường Thọ Quang") == 10
    assert "no-store" in answer["Cache-Control"]
    for person in people.all():
        assert person.check_password(keys[person.username])
        assert person.must_set_password
        assert f"danh sách tải lên số {ten.pk}" in person.history.first().history_change_reason


def test_no_password_is_kept_in_clear_anywhere(ten, as_person):
    browser = as_person("dung")
    page = browser.post(
        slips_of(ten), {"people": list(ten.rows.values_list("target_id", flat=True))}
    )
    keys = printed(page)

    kept = [str(dict(browser.session))]
    for rows in (User, User.history.model, Upload, UploadRow, StoredFile, Position):
        kept += [str(row) for row in rows.objects.values()]

    assert not any(word in text for word in keys.values() for text in kept)
    again = browser.get(slips_of(ten)).content.decode()
    assert not any(word in again for word in keys.values())


def test_who_has_set_her_own_gets_no_new_password_from_a_list(ten, as_person):
    ids = list(ten.rows.order_by("pk").values_list("target_id", flat=True))
    keys = printed(as_person("dung").post(slips_of(ten), {"people": ids}))
    first = User.objects.get(pk=ids[0])
    door = {"username": first.username, "password": keys[first.username]}
    browser = Client()
    assert browser.post("/accounts/login/", door).status_code == 302
    halfway = as_person("dung").get(slips_of(ten)).content.decode()
    assert first.username in halfway
    assert "đã đăng nhập, chưa đặt mật khẩu riêng" in halfway
    own = {"new_password1": "mot-cau-rieng-2021", "new_password2": "mot-cau-rieng-2021"}
    assert browser.post("/accounts/password/own/", own).status_code == 302

    page = as_person("dung").get(slips_of(ten)).content.decode()
    refused = as_person("dung").post(slips_of(ten), {"people": ids})

    assert first.username not in page
    assert page.count("đã in, chưa đăng nhập") == 9
    assert printed(refused) == {}, "one who is not on the list any more refuses all"
    second = User.objects.get(pk=ids[1])
    assert second.check_password(keys[second.username])


def test_a_person_who_is_not_of_the_list_gets_no_password_from_it(ten, people, as_person):
    answer = as_person("dung").post(slips_of(ten), {"people": [people.hoa.pk]})

    assert printed(answer) == {}
    assert not User.objects.get(username="hoa").must_set_password


def test_a_list_not_yet_written_has_no_sheet(bring, as_person):
    upload = bring([NHUNG])

    assert as_person("dung").get(slips_of(upload)).status_code == 404


# How many questions


def test_checking_and_writing_ask_as_many_questions_for_three_rows_as_for_three_hundred(
    bring, confirm, units
):
    for number in range(60):
        unit("chi_hoi", units.tho_quang, f"Tổ {number}", "chi hội")

    def rows(first, last):
        return [
            [n, f"Lê Thị {n}", f"Tổ {n % 60}", "", f"0905{n:06}", "", "Cán bộ nhập"]
            for n in range(first, last)
        ]

    asked = []
    for few_or_many in (rows(0, 3), rows(3, 303)):
        with CaptureQueriesContext(connection) as read:
            upload = bring(few_or_many)
        with CaptureQueriesContext(connection) as written:
            confirm(upload)
        assert upload.is_applied, upload.message
        asked.append((len(read), len(written)))

    few, many = asked
    assert many[0] - few[0] <= 10, "SQLite takes some eighty rows a statement, not one"
    assert many[1] - few[1] <= 20
