"""A list from Excel on its whole way: brought, read, looked at, confirmed, written."""

import io
import re
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from openpyxl import Workbook

from branches.models import Branch, Level, StoredFile, Upload
from branches.services import open_branches
from programs.models import Assignment, PlanReading
from programs.queries import quota_table
from programs.services import ask_reading, assign
from programs.tests.conftest import build_program
from reports.tasks import run_upload, sweep

State, Step = Upload.State, Upload.Step
HEADER = [
    "STT", "Chi hội", "Xã/phường", "Đơn vị nhận giúp", "Nội dung", "Ngày bắt đầu", "Ghi chú",
]  # fmt: skip
TITLES = [
    ["HỘI LHPN QUẬN SƠN TRÀ"],
    ["DANH SÁCH CHI HỘI ĐƯỢC NHẬN GIÚP"],
    [],
]
THO_QUANG = [1, "Khu dân cư 1", "Thọ Quang", "Hội LHPN phường Thọ Quang", "Tủ sách", "15/01/2021"]
MAN_THAI = [2, "Khu dân cư 1", "Mân Thái", "Hội LHPN phường Mân Thái", "Tặng ghế", "16/01/2021"]
TOTAL = ["Tổng cộng", "2 chi hội"]
GOOD = [THO_QUANG, MAN_THAI, TOTAL]
EVERYBODY = [
    "an", "binh", "cuc", "dung", "giang", "ha", "hoa", "nga", "phuong", "lan", "xuan", "mai",
]  # fmt: skip


def workbook_of(rows, *, far_cell=""):
    workbook = Workbook()
    sheet = workbook.active
    for number, row in enumerate([*TITLES, HEADER, *rows], start=1):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value
    sheet.merge_cells("A1:G1")
    if far_cell:
        sheet[far_cell] = "x"
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def program(units, people):
    return build_program(units, people.an)


@pytest.fixture
def post(program, units, as_person, django_capture_on_commit_callbacks):
    """`post("giang", content)`: the answer to the form, with the worker's part done."""

    def send(name, content, *, filename="phan-cong.xlsx", branch=units.son_tra, **data):
        fields = {
            "program": program.slug,
            "branch": branch.slug,
            "file": SimpleUploadedFile(filename, content),
        }
        with django_capture_on_commit_callbacks(execute=True):
            return as_person(name).post(reverse("reports:upload_create"), fields | data)

    return send


@pytest.fixture
def upload(post):
    """`upload(rows)`: what became of Giang's list."""

    def bring(rows, name="giang", **more):
        post(name, workbook_of(rows), **more)
        return Upload.objects.latest("pk")

    return bring


@pytest.fixture
def confirm(as_person, django_capture_on_commit_callbacks):
    def press(upload, name="giang"):
        with django_capture_on_commit_callbacks(execute=True):
            answer = as_person(name).post(reverse("reports:upload_apply", args=[upload.pk]))
        upload.refresh_from_db()
        return answer

    return press


def page(as_person, upload, name="giang", query=""):
    return as_person(name).get(upload.get_absolute_url() + query).content.decode()


# Where she is


@pytest.mark.parametrize(
    ("name", "asked", "section"),
    [
        ("giang", "add/", "Chương trình"),
        ("dung", "add/?kind=accounts", "Người dùng"),
        ("dung", "add/?kind=decree", "Sắp xếp"),
        ("dung", "", None),  # lists of every kind
    ],
)
def test_the_menu_marks_where_lists_of_the_kind_are_at_home(
    name, asked, section, program, as_person
):
    text = as_person(name).get(f"/uploads/{asked}").content.decode()

    marked = re.findall(r'aria-current="true">\s*<svg.*?</svg>\s*(.*?)\s*</a>', text, re.DOTALL)
    assert marked == ([section] if section else [])


# Bring and look


def test_a_list_is_read_into_rows_to_look_at_and_nothing_is_written(post, units, people):
    answer = post("giang", workbook_of(GOOD))

    upload = Upload.objects.get()
    assert answer.url == upload.get_absolute_url()
    assert (upload.branch, upload.asked_by, upload.file.branch) == (
        units.son_tra, people.giang, units.son_tra,
    )  # fmt: skip
    assert upload.is_preview
    assert (upload.done, upload.total) == (2, 2)
    assert upload.message == "2 mới, 0 thay đổi, 0 không đổi, 0 lỗi."
    assert not Assignment.objects.exists()


def test_the_preview_shows_each_row_the_header_and_what_was_passed_over(upload, as_person):
    shown = page(as_person, upload(GOOD))

    for words in (
        "Hội LHPN phường Thọ Quang",
        "Tủ sách",
        "Ghi vào hệ thống (2 mới, 0 thay đổi)",
        "Cột D “Đơn vị nhận giúp”",
        "DANH SÁCH CHI HỘI ĐƯỢC NHẬN GIÚP",
        "phía trên bảng",
        "dòng cộng",
    ):
        assert words in shown


def test_errors_come_first_with_row_column_and_sentence_and_forbid_writing(
    upload, as_person, confirm
):
    bad = [3, "Khu dân cư 9", "Mân Thái", "Mân Thái", "", "16/01/2021"]

    brought = upload([THO_QUANG, bad])
    shown = page(as_person, brought)

    sentence = (
        "Dòng 6, cột B (Chi hội): không có chi hội “Khu dân cư 9” ở “Mân Thái” trong phạm vi của "
        "Hội LHPN quận Sơn Trà."
    )
    assert sentence in shown
    assert shown.index("Khu dân cư 9") < shown.index("Tủ sách")
    assert "Còn 1 dòng lỗi nên chưa ghi được dòng nào" in shown
    assert reverse("reports:upload_apply", args=[brought.pk]) not in shown
    confirm(brought)
    assert brought.is_preview
    assert not Assignment.objects.exists()


def test_rows_can_be_narrowed_to_one_outcome(upload, as_person):
    brought = upload([THO_QUANG, [3, "Không Có", "Mân Thái", "Mân Thái", "", "16/01/2021"]])

    shown = page(as_person, brought, query="?outcome=new")

    assert "Tủ sách" in shown
    assert "Không Có" not in shown


def test_a_territory_ends_at_its_border_in_the_words_for_a_unit_that_is_not(upload, as_person):
    foreign = [1, "Khu dân cư 1", "Thanh Bình", "Thọ Quang", "", "15/01/2021"]
    unknown = [2, "Khu dân cư 1", "Nơi Nào", "Thọ Quang", "", "15/01/2021"]

    rows = upload([foreign, unknown]).rows.order_by("number")

    first, second = (row.errors[0]["message"] for row in rows)
    assert first.replace("Thanh Bình", "Nơi Nào") == second


def test_a_formula_without_a_value_is_a_blank_cell(upload):
    brought = upload([[1, '=HYPERLINK("x")', "Thọ Quang", "Thọ Quang", "", "15/01/2021"]])

    assert [error["title"] for error in brought.rows.get().errors] == ["Chi hội"]


@pytest.mark.parametrize(
    ("filename", "sentence"),
    [("phan-cong.xls", "Chỉ nhận tệp .xlsx"), ("phan-cong.xlsx", "Tệp lớn hơn 10 MB")],
)
def test_a_file_of_another_ending_or_too_large_does_not_get_in(filename, sentence, post):
    content = b"PK" if filename.endswith("xls") else bytes(10 * 2**20 + 1)

    answer = post("giang", content, filename=filename)

    assert sentence in answer.content.decode()
    assert not StoredFile.objects.exists()


def word_document():
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (word_document(), "Đây là tệp Word, không phải Excel."),
        (workbook_of([THO_QUANG], far_cell="XFD1048576"), "Không đọc được tệp."),
        (workbook_of([]), "Bảng mới có dòng tiêu đề, chưa có dòng nào để đọc."),
    ],
)
def test_a_file_that_is_no_such_list_fails_with_its_sentence(content, sentence, post, as_person):
    post("giang", content)

    upload = Upload.objects.get()
    assert upload.state == State.FAILED
    assert upload.message.startswith(sentence)
    assert sentence in page(as_person, upload)


def test_an_unforeseen_error_leaves_no_list_running(upload):
    brought = upload(GOOD)
    Upload.objects.filter(pk=brought.pk).update(state=State.WAITING, params={})

    with pytest.raises(KeyError):
        run_upload(brought.pk)

    brought.refresh_from_db()
    assert brought.state == State.FAILED
    assert brought.message.startswith("Không đọc được tệp.")


def test_while_it_runs_the_page_asks_how_far_it_is(upload, as_person):
    brought = upload(GOOD)
    status = reverse("reports:upload_status", args=[brought.pk])
    Upload.objects.filter(pk=brought.pk).update(state=State.RUNNING, done=1, total=2)

    browser = as_person("giang")

    assert f'hx-get="{status}"' in browser.get(brought.get_absolute_url()).content.decode()
    assert "1/2" in browser.get(status, headers={"HX-Request": "true"}).content.decode()
    Upload.objects.filter(pk=brought.pk).update(state=State.READY)
    assert browser.get(status, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


# Write


def test_confirming_writes_all_rows_and_the_quota_table_moves(upload, confirm, program, as_person):
    brought = upload(GOOD)
    assert quota_table(program).total.taken == 0

    answer = confirm(brought)

    assert answer.url == brought.get_absolute_url()
    assert brought.is_applied
    assert (brought.message, brought.done) == ("Đã ghi 2 mới, 0 thay đổi.", 2)
    assert brought.applied_at is not None
    assert quota_table(program).total.taken == 2
    assert "Đã ghi 2 mới" in page(as_person, brought)


def test_a_second_confirmation_does_nothing(upload, confirm, client):
    brought = upload(GOOD)
    confirm(brought)

    answer = confirm(brought)

    assert Assignment.objects.count() == Assignment.history.count() == 2
    assert "Danh sách này đã được ghi" in client.get(answer.url).content.decode()


def test_a_task_delivered_twice_writes_once(upload, confirm):
    brought = upload(GOOD)
    confirm(brought)

    run_upload(brought.pk)

    assert Assignment.history.count() == 2


def test_the_same_file_once_more_is_all_unchanged_and_has_nothing_to_write(
    upload, confirm, as_person
):
    confirm(upload(GOOD))

    again = upload(GOOD)

    assert again.message == "0 mới, 0 thay đổi, 2 không đổi, 0 lỗi."
    assert "không có gì để ghi" in page(as_person, again)


def test_when_somebody_was_quicker_nothing_is_written_and_the_page_says_so(
    upload, confirm, program, units, people, as_person
):
    brought = upload(GOOD)
    assign(
        program=program,
        supported=units.chi_hoi_man_thai,
        supporter_branch=units.man_thai,
        starts_on=program.starts_on,
        by=people.an,
    )

    confirm(brought)

    assert (brought.state, brought.step) == (State.FAILED, Step.APPLY)
    assert brought.message.startswith("Dòng 6: vừa có người sửa")
    assert Assignment.objects.count() == 1
    assert "vừa có người sửa" in page(as_person, brought)


def test_a_list_that_nobody_took_is_started_by_the_sweep(upload):
    brought = upload(GOOD)
    Upload.objects.filter(pk=brought.pk).update(
        state=State.WAITING, asked_at=now() - timedelta(minutes=5)
    )

    sweep()

    brought.refresh_from_db()
    assert brought.is_preview
    assert brought.rows.count() == 2


def test_a_list_whose_worker_died_is_said_to_be_interrupted_and_one_at_work_is_not(upload):
    dead, alive = upload(GOOD), upload(GOOD)
    for brought, minutes in ((dead, 20), (alive, 2)):
        Upload.objects.filter(pk=brought.pk).update(
            state=State.RUNNING, started_at=now() - timedelta(minutes=minutes)
        )

    sweep()

    dead.refresh_from_db()
    alive.refresh_from_db()
    assert (dead.state, alive.state) == (State.INTERRUPTED, State.RUNNING)


# Who


@pytest.mark.parametrize("route", ["upload_detail", "upload_status"])
def test_a_list_is_seen_in_its_territory_only(route, upload, as_person):
    address = reverse(f"reports:{route}", args=[upload(GOOD).pk])

    seen = {name: as_person(name).get(address).status_code for name in EVERYBODY}

    assert {name for name, status in seen.items() if status == 200} == {
        "an", "binh", "cuc", "dung", "giang", "ha", "nga",
    }  # fmt: skip
    assert set(seen.values()) == {200, 404}


def test_only_the_uploader_confirms(upload, confirm, as_person):
    brought = upload(GOOD)

    refused = {
        name: confirm(brought, name).status_code for name in ("an", "ha", "lan", "hoa", "xuan")
    }

    assert refused == {"an": 403, "ha": 403, "lan": 404, "hoa": 404, "xuan": 404}
    assert brought.is_preview
    assert "Người tải lên sẽ xem và ghi" in page(as_person, brought, "an")


def test_an_officer_who_takes_part_may_bring_a_list(program, as_person):
    address = reverse("reports:upload_create") + f"?program={program.slug}"

    answers = {name: as_person(name).get(address).status_code for name in EVERYBODY}

    officers = {"an", "giang", "hoa", "nga", "lan", "phuong"}
    assert {name for name, status in answers.items() if status == 200} == officers
    assert answers["xuan"] == 404  # an officer elsewhere
    assert {name for name, status in answers.items() if status == 403} == {
        "binh", "cuc", "dung", "ha", "mai",
    }  # fmt: skip


def test_a_programme_or_unit_that_is_not_hers_cannot_be_chosen(post, units, people):
    other = build_program(units, people.xuan, owner=units.quang_nam, name="Khác", lines=[])

    answer = post("giang", workbook_of(GOOD), program=other.slug, branch=units.hai_chau)

    assert set(answer.context["form"].errors) == {"program", "branch"}
    assert not Upload.objects.exists()


def test_the_list_of_lists_shows_her_territory_only(upload, as_person):
    upload(GOOD)
    address = reverse("reports:upload_list")

    assert "phan-cong.xlsx" in as_person("giang").get(address).content.decode()
    assert "phan-cong.xlsx" in as_person("an").get(address).content.decode()
    assert "phan-cong.xlsx" not in as_person("lan").get(address).content.decode()


def test_the_sheet_to_fill_in_is_for_her_own_unit_and_programme(program, units, as_person):
    address = reverse("reports:upload_template")
    own = f"{address}?program={program.slug}&branch={units.son_tra.slug}"
    foreign = f"{address}?program={program.slug}&branch={units.hai_chau.slug}"

    browser = as_person("giang")

    answer = browser.get(own)
    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")
    assert browser.get(foreign).status_code == 404
    assert browser.get(address).status_code == 404
    assert as_person("xuan").get(own).status_code == 404
    assert as_person("cuc").get(own).status_code == 403


# How many questions


@pytest.fixture
def questions():
    """`questions(browser, address)`: how many queries the page asks."""

    def count(browser, address):
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    return count


def test_the_preview_asks_as_many_questions_for_three_rows_as_for_three_hundred(
    upload, units, as_person, questions
):
    chi_hoi = Level.objects.get(code="chi_hoi")
    new = [
        Branch(
            level=chi_hoi,
            parent=units.tho_quang,
            type="chi hội",
            name=f"Tổ {number}",
            slug=f"to-{number}",
            opened_on=units.da_nang.opened_on,
        )
        for number in range(303)
    ]
    open_branches(new)
    rows = [[n, f"Tổ {n}", "Thọ Quang", "Thọ Quang", "", "15/01/2021"] for n in range(303)]
    few, many = upload(rows[:3]), upload(rows[3:])
    browser = as_person("giang")

    asked = [questions(browser, brought.get_absolute_url()) for brought in (few, many)]

    assert asked[0] == asked[1] <= 12
    assert browser.get(many.get_absolute_url()).content.decode().count("Tổ ") == 100


def test_the_list_of_lists_asks_as_many_questions_for_one_as_for_many(upload, as_person, questions):
    upload(GOOD)
    browser, address = as_person("giang"), reverse("reports:upload_list")
    asked_for_one = questions(browser, address)

    for _ in range(4):
        upload([THO_QUANG])

    assert questions(as_person("giang"), address) == asked_for_one <= 12


# From the command line


@pytest.fixture
def file(tmp_path):
    def save(rows):
        path = tmp_path / "phan-cong.xlsx"
        path.write_bytes(workbook_of(rows))
        return path

    return save


def import_list(path, program, *flags, unit="quan-son-tra", by="giang"):
    out = io.StringIO()
    arguments = ["--program", program.slug, "--unit", unit, "--as", by, *flags]
    call_command("import_list", str(path), *arguments, stdout=out)
    return out.getvalue()


def test_the_command_reads_and_says_what_it_found_and_writes_nothing(file, program):
    told = import_list(file(GOOD), program)

    assert "Dòng 7: bỏ qua, dòng cộng (Tổng cộng | 2 chi hội)" in told
    assert "2 mới, 0 thay đổi, 0 không đổi, 0 lỗi." in told
    assert not Assignment.objects.exists()


def test_the_command_writes_when_it_is_told_to(file, program):
    told = import_list(file(GOOD), program, "--apply")

    assert told.endswith("Đã ghi 2 mới, 0 thay đổi.\n")
    assert Assignment.objects.count() == 2


def test_the_command_refuses_a_list_with_errors(file, program):
    bad = [3, "Khu dân cư 9", "Mân Thái", "Mân Thái", "", "16/01/2021"]

    with pytest.raises(CommandError, match="còn dòng lỗi"):
        import_list(file([THO_QUANG, bad]), program, "--apply")

    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    ("by", "unit"), [("lan", "quan-son-tra"), ("ha", "quan-son-tra"), ("giang", "quan-hai-chau")]
)
def test_the_command_asks_for_the_same_right_as_the_page(by, unit, file, program):
    with pytest.raises(CommandError):
        import_list(file(GOOD), program, by=by, unit=unit)

    assert not Upload.objects.exists()


def test_a_paper_that_nobody_read_is_started_by_the_sweep_and_a_lost_one_is_said_to_be(
    units, people
):
    text = "KẾ HOẠCH\nGiúp chi hội\nII. TỔ CHỨC\n1. Các xã gửi danh sách trước ngày 15/01/2021."
    waiting, dead = (ask_reading(branch=units.da_nang, by=people.an, text=text) for _ in range(2))
    before = now() - timedelta(minutes=20)
    PlanReading.objects.update(asked_at=before)
    PlanReading.objects.filter(pk=dead.pk).update(state=State.RUNNING, started_at=before)

    sweep()

    waiting.refresh_from_db()
    dead.refresh_from_db()
    assert (waiting.state, dead.state) == (State.READY, State.INTERRUPTED)
    assert "milestone" in {row["kind"] for row in waiting.proposals}
