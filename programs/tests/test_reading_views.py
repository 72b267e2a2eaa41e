"""The pages from a paper to a programme: giving it, ticking, taking over."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import StoredFile
from programs.models import PlanReading, Program
from programs.services import STALE, ask_reading, read_paper
from programs.tests.reading_scores import docx_of

PLANS = Path(__file__).parent / "data" / "plans"
CREATE = reverse("programs:reading_create")

pytestmark = pytest.mark.django_db


def plan(name="da_nang_2021"):
    return (PLANS / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture
def reading(units, people):
    row = ask_reading(branch=units.da_nang, by=people.an, text=plan())
    read_paper(row)
    return PlanReading.objects.get(pk=row.pk)


def sent(reading, *ids, **typed):
    """The page's form with these ticked; `typed`: field → value."""
    data = {"version": reading.version}
    for row in reading.proposals:
        data |= {f"{row['id']}-{name}": value for name, value in row["fields"].items() if value}
    data |= {f"{pk}-take": "on" for pk in ids}
    return data | {name.replace("__", "-"): value for name, value in typed.items()}


def address(verb, reading):
    return reverse(f"programs:reading_{verb}", args=[reading.pk])


def test_pasted_words_are_read_and_each_proposal_shows_its_sentence(
    as_person, units, django_capture_on_commit_callbacks
):
    client = as_person("an")

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(CREATE, {"branch": units.da_nang.slug, "text": plan()})
    reading = PlanReading.objects.get()
    page = client.get(reading.get_absolute_url()).content.decode()

    assert answer.url == reading.get_absolute_url()
    assert (reading.state, reading.asked_by.username) == ("ready", "an")
    assert "Mỗi Đoàn phụ trách/01 Chi hội" in page
    assert "trước ngày 15/01/2021" in page
    shown = page.count('class="proposal-source"')
    assert shown == len(reading.proposals) + len(reading.unknown)
    assert not re.search(r'-take"[^>]* checked', page)  # she ticks, nobody else


def test_a_word_file_is_kept_for_her_unit_and_read(
    as_person, units, django_capture_on_commit_callbacks
):
    file = SimpleUploadedFile("Kế hoạch.docx", docx_of(plan()))

    with django_capture_on_commit_callbacks(execute=True):
        as_person("an").post(CREATE, {"branch": units.da_nang.slug, "file": file})

    stored, reading = StoredFile.objects.get(), PlanReading.objects.get()
    assert (stored.branch, stored.is_personal, stored.name) == (
        units.da_nang, False, "Kế hoạch.docx",
    )  # fmt: skip
    assert len([row for row in reading.proposals if row["kind"] == "quota"]) == 7


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("anh.png", "Chỉ nhận tệp Word"), ("", "Chị chọn một tệp hoặc dán phần chữ")],
)
def test_what_cannot_be_a_paper_is_refused_and_her_choice_stays(as_person, units, name, sentence):
    files = {"file": SimpleUploadedFile(name, b"abc")} if name else {}

    page = as_person("an").post(CREATE, {"branch": units.da_nang.slug} | files)

    assert sentence in page.content.decode()
    assert f'value="{units.da_nang.slug}" selected' in page.content.decode()
    assert not PlanReading.objects.exists()


def test_a_file_that_is_no_paper_ends_in_a_sentence_on_the_page(
    as_person, units, django_capture_on_commit_callbacks
):
    client = as_person("an")
    file = SimpleUploadedFile("ke-hoach.docx", b"PK\x03\x04" + bytes(300))

    with django_capture_on_commit_callbacks(execute=True):
        client.post(CREATE, {"branch": units.da_nang.slug, "file": file})
    page = client.get(PlanReading.objects.get().get_absolute_url()).content.decode()

    assert "Tệp Word bị hỏng" in page
    assert "Đưa văn bản khác" in page


def test_she_may_give_papers_only_for_her_own_unit(as_person, units):
    page = as_person("lan").post(CREATE, {"branch": units.da_nang.slug, "text": plan()})

    assert page.status_code == 200
    assert page.context["form"].errors["branch"]
    assert not PlanReading.objects.exists()


def test_while_it_is_read_the_page_asks_after_it(as_person, units, people):
    reading = ask_reading(branch=units.da_nang, by=people.an, text=plan())
    client = as_person("an")

    waiting = client.get(reading.get_absolute_url()).content.decode()
    read_paper(reading)
    done = client.get(address("status", reading), headers={"HX-Request": "true"})

    assert f'hx-get="{address("status", reading)}"' in waiting
    assert done.headers["HX-Refresh"] == "true"


def test_ticks_and_corrections_are_kept_half_done(as_person, reading):
    client = as_person("an")
    typed = {"quota-3__stated_total": "chưa rõ", "basics__name": "Hướng về Chi hội"}

    answer = client.post(address("keep", reading), sent(reading, "quota-1", **typed))
    page = client.get(answer.url).context["page"]

    assert page.forms["quota-1"]["take"].value() is True
    assert page.forms["quota-2"]["take"].value() is False
    assert page.forms["quota-3"]["stated_total"].value() == "chưa rõ"
    assert page.basics["name"].value() == "Hướng về Chi hội"


def test_a_whole_group_is_ticked_with_one_button(as_person, reading):
    client = as_person("an")

    answer = client.post(address("keep", reading), sent(reading, "duty-1") | {"all": "table"})
    ticked = client.get(answer.url).context["page"].ticked

    assert answer.url.endswith("#table")
    assert sorted(ticked) == ["duty-1", *(f"quota-{number}" for number in range(1, 8))]


def test_folds_say_how_many_are_ticked_and_open_where_she_has_begun(as_person, reading):
    client = as_person("an")
    client.post(address("keep", reading), sent(reading, "milestone-1", "duty-3"))

    page = client.get(reading.get_absolute_url())

    groups = {group.code: group for group in page.context["page"].groups}
    assert [code for code, group in groups.items() if group.is_open] == [
        "paper", "milestones", "duties",
    ]  # fmt: skip
    assert [group.ticked for group in groups.values() if group.is_open] == [0, 1, 1]
    parts = {words: len(forms) for words, forms in groups["duties"].parts.items()}
    assert parts == {"Báo cáo, danh sách, kế hoạch, dự trù": 3, "Việc phải làm": 12}
    assert "<span data-ticked>1</span>/15 mục" in page.content.decode()


def test_a_refused_page_keeps_ticks_and_words_of_folds_that_are_closed(as_person, reading):
    typed = {"milestone-1__due_on": "mai", "unit-2__words": "quận Thanh Khê, Đà Nẵng"}
    data = sent(reading, "name-1", "period-2", "milestone-1", **typed)

    page = as_person("an").post(address("take", reading), data).context["page"]

    groups = {group.code: group for group in page.groups}
    assert (groups["milestones"].is_open, groups["places"].is_open) == (True, False)
    assert page.forms["unit-2"]["words"].value() == "quận Thanh Khê, Đà Nẵng"
    assert page.ticked == ["name-1", "period-2", "milestone-1"]


def test_what_no_proposal_says_is_listed_in_two_folds(as_person, units, people):
    text = "Kết quả thật đáng mừng.\nĐiểm trung bình là 8,5. Đường sá đi lại còn khó khăn lắm."
    row = ask_reading(branch=units.da_nang, by=people.an, text=text)
    read_paper(row)

    unknown = as_person("an").get(row.get_absolute_url()).context["page"].unknown

    assert [said["source"] for said in unknown["numbers"]] == ["Điểm trung bình là 8,5."]
    assert [said["source"] for said in unknown["prose"]] == ["Đường sá đi lại còn khó khăn lắm."]


def test_the_ticked_proposals_become_a_draft(as_person, reading):
    client = as_person("an")

    answer = client.post(
        address("take", reading), sent(reading, "name-1", "period-2", "milestone-1")
    )

    program = Program.objects.get()
    assert answer.url == program.get_absolute_url()
    assert (program.status, program.milestones.count(), program.lines.count()) == ("draft", 1, 0)
    again = client.get(reading.get_absolute_url()).content.decode()
    assert program.get_absolute_url() in again
    assert "từ các mục đã chọn" not in again


def test_a_wrong_value_shows_at_its_proposal_and_all_that_she_typed_stays(as_person, reading):
    typed = {"milestone-1__due_on": "mai", "milestone-1__label": "Gửi danh sách của quận"}
    data = sent(reading, "name-1", "period-2", "milestone-1", **typed)

    answer = as_person("an").post(address("take", reading), data)

    page = answer.context["page"]
    assert [form.prefix for form in page.wrong] == ["milestone-1"]
    assert 'href="#milestone-1"' in answer.content.decode()
    assert page.forms["milestone-1"]["label"].value() == "Gửi danh sách của quận"
    assert page.forms["name-1"]["take"].value() is True
    assert not Program.objects.exists()


def test_a_refused_proposal_shows_its_sentence(as_person, reading):
    data = sent(reading, "name-1", "period-2", "quota-3")  # the cast has no such unit

    answer = as_person("an").post(address("take", reading), data)

    assert answer.context["page"].forms["quota-3"].sentence.endswith("Chọn đơn vị được giao.")
    assert "Còn 1 mục cần sửa, chưa tạo gì." in answer.content.decode()


def test_without_a_name_or_a_time_she_is_told_where_to_say_it(as_person, reading):
    client = as_person("an")

    nameless = client.post(address("take", reading), sent(reading, "period-2"))
    timeless = client.post(address("take", reading), sent(reading, "name-1"))

    assert "Chị chọn tên chương trình" in nameless.content.decode()
    assert "ngày bắt đầu và ngày kết thúc" in timeless.content.decode()


def test_a_stale_page_keeps_her_ticks(as_person, reading):
    client = as_person("dung")
    client.post(address("keep", reading), sent(reading, "quota-1"))

    answer = client.post(address("take", reading), sent(reading, "name-1", "period-2", "duty-3"))

    assert STALE in answer.content.decode()
    assert sorted(answer.context["page"].ticked) == ["duty-3", "name-1", "period-2"]


def test_after_a_correction_the_unit_is_found_again_before_it_is_taken(as_person, reading):
    typed = {"quota-2__label": "Hội Phụ nữ Chợ"}
    data = sent(reading, "name-1", "period-2", "quota-2", **typed)

    answer = as_person("an").post(address("take", reading), data)

    errors = answer.context["page"].forms["quota-2"].errors
    assert errors["branch"] == ["Chị vừa sửa tên: bấm “Lưu lại” để tìm lại đơn vị."]


def test_the_leader_reads_it_without_buttons_and_the_neighbour_not_at_all(as_person, reading):
    page = as_person("cuc").get(reading.get_absolute_url())
    refused = as_person("cuc").post(address("keep", reading), sent(reading, "quota-1"))
    foreign = [
        as_person("xuan").get(reading.get_absolute_url()),
        as_person("xuan").post(address("take", reading), sent(reading, "quota-1")),
    ]

    assert page.status_code == 200
    assert "Lưu lại" not in page.content.decode()
    assert refused.status_code == 403
    assert [answer.status_code for answer in foreign] == [404, 404]


def test_the_list_shows_what_became_of_each_paper(as_person, reading):
    client = as_person("an")
    client.post(address("take", reading), sent(reading, "name-1", "period-2"))

    page = client.get(reverse("programs:reading_list")).content.decode()

    assert Program.objects.get().get_absolute_url() in page
    assert (
        str(reading) not in as_person("xuan").get(reverse("programs:reading_list")).content.decode()
    )


def test_the_list_asks_as_much_for_many_papers_as_for_few(as_person, units, people):
    client = as_person("an")

    def count(rows):
        for _ in range(rows):
            ask_reading(branch=units.da_nang, by=people.an, content=b"abc", name="ke-hoach.txt")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("programs:reading_list"))
        return len(queries)

    assert count(3) == count(27)


def test_the_page_asks_as_much_for_many_proposals_as_for_few(as_person, reading):
    client = as_person("an")

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reading.get_absolute_url()).status_code == 200
        return len(queries)

    few = count()
    rows = [
        row | {"id": f"{row['kind']}-{number}{row['id'].rpartition('-')[2]}"}
        for number in range(1, 7)
        for row in reading.proposals
    ]
    PlanReading.objects.filter(pk=reading.pk).update(proposals=rows)

    assert len(rows) > 200
    assert count() == few
