"""Papers, contents, duties, stated figures, and where a number comes from."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Level
from programs.models import Content, Duty, Indicator, Milestone, PlanDocument, StatedFigure
from programs.queries import duties_by_level, figure_checks, implied_words, indicator_checks
from programs.services import (
    ProgramError,
    add_part,
    change_assignment,
    change_contribution,
    change_line,
    change_part,
    close_program,
    remove_part,
)

from .conftest import build_program

pytestmark = pytest.mark.django_db

MILLION = 10**6
# group, label, value, unit, as printed, the total's label
LOANS = [
    ("Dư nợ", "Tổng dư nợ", 2_290_900 * MILLION, "đồng", "2.290.900 triệu đồng", None),
    ("Dư nợ", "Ngân hàng Chính sách xã hội", 1_996_405 * MILLION, "đồng", "", "Tổng dư nợ"),
    ("Dư nợ", "Ngân hàng Nông nghiệp", 72_470 * MILLION, "đồng", "72,47 tỷ đồng", "Tổng dư nợ"),
    ("Dư nợ", "Ngân hàng Bưu điện", 213_000 * MILLION, "đồng", "213 tỷ đồng", "Tổng dư nợ"),
    ("Hộ vay", "Tổng số hộ vay", 50_106, "hộ", "", None),
    ("Hộ vay", "Hộ vay Chính sách xã hội", 43_880, "hộ", "", "Tổng số hộ vay"),
    ("Hộ vay", "Hộ vay Nông nghiệp", 1_098, "hộ", "", "Tổng số hộ vay"),
    ("Hộ vay", "Hộ vay Bưu điện", 5_150, "hộ", "", "Tổng số hộ vay"),
]


@pytest.fixture
def loans(program, people):
    """The entrusted loans of Phú Yên to 30/10/2023, as printed."""
    made = {}
    for heading, label, value, unit, printed, total in LOANS:
        made[label] = add_part(
            model=StatedFigure,
            program=program,
            by=people.an,
            heading=heading,
            label=label,
            value=Decimal(value),
            unit=unit,
            printed=printed,
            as_of=date(2023, 10, 30),
            part_of=made.get(total),
        )
    return made


def page(response):
    assert response.status_code == 200
    return response.content.decode()


def queries_of(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# --- Stated figures -------------------------------------------------------------------------


def test_the_loans_of_phu_yen_raise_exactly_two_warnings_and_nothing_is_altered(program, loans):
    before = list(StatedFigure.objects.order_by("pk").values())

    wrong = [check for check in figure_checks(program) if check.is_wrong]

    assert [(c.total.label, c.computed, c.difference_words) for c in wrong] == [
        ("Tổng dư nợ", Decimal(2_281_875 * MILLION), "+9.025 triệu đồng"),
        ("Tổng số hộ vay", Decimal(50_128), "-22 hộ"),
    ]
    assert list(StatedFigure.objects.order_by("pk").values()) == before


def test_the_page_shows_printed_computed_and_difference_and_keeps_the_papers_words(
    as_person, program, loans
):
    text = page(as_person("hoa").get(reverse("programs:figure_list", args=[program.slug])))

    assert text.count("note-warning") == 2
    assert "2.290.900 triệu đồng" in text and "2.281.875 triệu đồng" in text
    assert "+9.025 triệu đồng" in text and "-22 hộ" in text
    assert "72,47 tỷ đồng" in text
    assert "không cộng vào tổng" in text


MEMBERS = {"label": "Tổng số hội viên", "value": Decimal(161_102), "unit": "hội viên"}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"value": Decimal(2_404), "role": "increase"}, "kỳ trước 158.698 hội viên"),
        ({"value": Decimal(2_404), "role": "decrease"}, "kỳ trước 163.506 hội viên"),
        ({"value": Decimal(2_404), "role": "increase", "qualifier": "about"},
         "kỳ trước khoảng 158.698 hội viên"),
        ({"value": Decimal("72.6"), "unit": "%"}, "100% là khoảng 221.900"),
        ({"value": Decimal("72.65"), "unit": "%"}, "100% là khoảng 221.750"),
        ({"value": Decimal("80"), "unit": "%"}, "100% là khoảng 201.000"),
        ({"value": Decimal("100"), "unit": "%"}, ""),
        ({"value": None, "printed": "tăng mạnh", "role": "increase"}, ""),
    ],
)  # fmt: skip
def test_what_follows_from_two_printed_figures_is_told_and_stored_nowhere(
    program, people, told, said
):
    whole = add_part(model=StatedFigure, program=program, by=people.an, **MEMBERS)
    figure = add_part(
        model=StatedFigure, program=program, by=people.an, label="Trong đó", about=whole,
        **{"unit": "hội viên"} | told,
    )  # fmt: skip

    assert implied_words(figure) == said
    assert implied_words(whole) == ""


def test_nothing_follows_once_the_unit_of_the_one_was_changed(program, people):
    whole = add_part(model=StatedFigure, program=program, by=people.an, **MEMBERS)
    figure = add_part(
        model=StatedFigure, program=program, by=people.an, label="Tăng", about=whole,
        value=Decimal(2_404), unit="hội viên", role="increase",
    )  # fmt: skip
    StatedFigure.objects.filter(pk=whole.pk).update(unit="chi hội")

    assert implied_words(StatedFigure.objects.get(pk=figure.pk)) == ""


@pytest.mark.parametrize(
    ("fields", "about", "why"),
    [
        ({"unit": "hội viên"}, {}, "mới đi với một số khác"),
        ({"unit": "chi hội", "role": "increase"}, {}, "phải cùng đơn vị tính"),
        ({"unit": "%"}, {"unit": "%"}, "Chọn số kết quả"),
        ({"unit": "hội viên", "role": "increase"}, {"role": "increase"}, "Chọn số kết quả"),
    ],
)
def test_a_change_or_a_share_goes_with_a_result_alone(program, people, fields, about, why):
    whole = add_part(model=StatedFigure, program=program, by=people.an, **MEMBERS | about)
    figure = StatedFigure(program=program, position=9, label="Trong đó", value=5, about=whole)
    for name, value in fields.items():
        setattr(figure, name, value)

    with pytest.raises(ValidationError, match=why):
        figure.full_clean()


def test_a_figure_of_another_programme_cannot_be_the_one_it_is_about(
    as_person, program, units, people
):
    other = build_program(units, people.an, name="Chương trình khác", lines=[])
    foreign = add_part(model=StatedFigure, program=other, by=people.an, **MEMBERS)
    url = reverse("programs:part_create", args=[program.slug, "figures"])

    typed = {"label": "Tăng", "value": "5", "role": "increase", "about": foreign.pk}
    answer = as_person("an").post(url, typed | {"version": program.version})

    assert answer.status_code == 200 and "about" in answer.context["form"].errors
    assert not StatedFigure.objects.filter(label="Tăng").exists()


def test_a_total_whose_part_has_no_number_gets_no_verdict_and_the_page_says_so(
    as_person, program, loans, people
):
    StatedFigure.objects.filter(label="Hộ vay Bưu điện").update(value=None)

    check = figure_checks(program)[1]

    assert check.difference is None and not check.is_wrong
    text = page(as_person("an").get(reverse("programs:figure_list", args=[program.slug])))
    assert "có phần chưa ghi số nên chưa so được" in text
    assert text.count("note-warning") == 1


def test_an_inexact_total_or_parts_in_other_units_are_not_compared(program, loans, people):
    StatedFigure.objects.filter(label="Tổng số hộ vay").update(qualifier="about")
    StatedFigure.objects.filter(label="Ngân hàng Bưu điện").update(unit="tỷ đồng")

    doubts = [check.doubt for check in figure_checks(program)]

    assert "khác đơn vị tính" in doubts[0]
    assert "không so từng đơn vị" in doubts[1]


def test_money_is_kept_in_dong_and_the_words_of_the_paper_beside_it(as_person, program):
    url = reverse("programs:part_create", args=[program.slug, "figures"])
    client = as_person("an")

    typed = {"label": "Nông nghiệp", "value": "72,47 tỷ", "role": "level"}
    client.post(url, typed)
    client.post(url, typed | {"label": "Bưu điện", "value": "213.000", "unit": "triệu đồng"})

    rows = StatedFigure.objects.values_list("value", "unit", "printed")
    assert list(rows) == [
        (Decimal(72_470 * MILLION), "đồng", "72,47 tỷ"),
        (Decimal(213_000 * MILLION), "đồng", "213.000 triệu đồng"),
    ]


def test_indicators_are_checked_against_their_parts_without_asking_the_database():
    total = Indicator(pk=1, name="Giám sát", unit="cuộc")
    parts = [Indicator(pk=pk, name=f"Phần {pk}", part_of_id=1) for pk in (2, 3)]

    wrong = indicator_checks({total: 10, parts[0]: 4, parts[1]: 5})
    unknown = indicator_checks({total: 10, parts[0]: 4, parts[1]: None})

    assert [check.difference for check in wrong] == [1]
    assert [check.difference for check in unknown] == [None]


def test_a_figure_is_no_part_of_its_own_parts(program, loans, people):
    total, part = loans["Tổng số hộ vay"], loans["Hộ vay Bưu điện"]

    with pytest.raises(ProgramError, match="không đứng trên chính nó"):
        change_part(row=total, seen_version=program.version, by=people.an, part_of=part)


# --- Papers and their clauses ---------------------------------------------------------------


@pytest.fixture
def amended(program, units, people):
    """The line of the districts, raised from 03 to 04 by an amendment."""
    line = program.lines.get(label="Hội LHPN các quận/huyện")
    plan = program.plan
    change_part(row=plan, seen_version=program.version, by=people.an, number="12/KH-BTV")
    change_line(line=line, by=people.an, minimum_each=3, document=plan, clause="Mục II")
    amendment = add_part(
        model=PlanDocument,
        program=program,
        by=people.an,
        role="amendment",
        title="Điều chỉnh chỉ tiêu",
        number="15/KH-BTV",
        amends=plan,
        note="nâng chỉ tiêu của các quận",
    )
    change_line(line=line, by=people.an, minimum_each=4, document=amendment, clause="Mục 1")
    return line


def test_the_table_of_a_new_programme_stands_on_its_plan(program):
    assert program.lines.first().document == program.plan
    assert program.milestones.get().document == program.plan


def test_the_page_of_the_plan_lets_a_line_name_the_paper_that_amends_it(
    as_person, program, units, people
):
    paper = add_part(
        model=PlanDocument, program=program, by=people.an, role="amendment", title="Điều chỉnh"
    )
    line = program.lines.get(number=2)
    data = {
        "version": program.version,
        "name": program.name,
        "starts_on": "2021-01-01",
        "ends_on": "2022-12-31",
        "plan-title": "Kế hoạch",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "1",
        "lines-0-id": line.pk,
        "lines-0-number": "2",
        "lines-0-label": line.label,
        "lines-0-applies_to": "branch",
        "lines-0-branch": units.cong_an.pk,
        "lines-0-minimum_each": "2",
        "lines-0-document": paper.pk,
        "lines-0-clause": "Mục 1",
        "milestones-TOTAL_FORMS": "0",
        "milestones-INITIAL_FORMS": "0",
    }

    as_person("an").post(reverse("programs:program_update", args=[program.slug]), data)

    line.refresh_from_db()
    assert (line.minimum_each, line.document, line.clause) == (2, paper, "Mục 1")


def test_where_a_number_comes_from_shows_what_an_amendment_changed(as_person, amended):
    text = page(as_person("hoa").get(reverse("programs:cited", args=["lines", amended.pk])))

    now, before = text.index("mỗi nơi ít nhất 04"), text.index("mỗi nơi ít nhất 03")
    assert now < before
    assert text.index("<dt>Nay</dt>") < now < text.index("<dt>Trước</dt>") < before
    assert "theo Mục 1, 15/KH-BTV" in text and "theo Mục II, 12/KH-BTV" in text
    assert "nâng chỉ tiêu của các quận" in text


def test_an_amendment_lists_what_it_changed_from_and_to(as_person, program, amended):
    text = page(as_person("hoa").get(reverse("programs:document_list", args=[program.slug])))

    assert "Đã điều chỉnh 1 chỗ" in text
    old, new = text.index("mỗi nơi ít nhất 03"), text.index("mỗi nơi ít nhất 04")
    assert old < new
    assert reverse("programs:cited", args=["lines", amended.pk]) in text


def test_a_paper_says_where_and_as_what_it_was_signed_and_to_whom_it_went(
    as_person, program, people
):
    data = {
        "version": program.version,
        "role": "plan",
        "title": "Kế hoạch",
        "place": "Đà Nẵng",
        "signed_for": "TM. BAN THƯỜNG VỤ",
        "signed_as": "CHỦ TỊCH",
        "recipients": "Đoàn Chủ tịch TW Hội\r\n\r\nLưu VT",
    }
    milestone = program.milestones.get()

    as_person("an").post(reverse("programs:part_update", args=["documents", program.plan.pk]), data)

    papers = reverse("programs:document_list", args=[program.slug])
    listed = page(as_person("cuc").get(papers))
    cited = page(as_person("cuc").get(reverse("programs:cited", args=["milestones", milestone.pk])))
    for text in (listed, cited):
        assert "Ký tại Đà Nẵng: TM. BAN THƯỜNG VỤ, CHỦ TỊCH" in text
    assert "Nơi nhận (2)" in listed and "<li>Đoàn Chủ tịch TW Hội</li>" in listed
    assert as_person("xuan").get(papers).status_code == 404


def test_a_milestone_and_a_duty_tell_where_they_come_from(as_person, program, people):
    milestone = program.milestones.get()
    duty = add_part(model=Duty, program=program, by=people.an, who="12 xã", text="Báo cáo năm")
    client = as_person("hoa")

    deadline = page(client.get(reverse("programs:cited", args=["milestones", milestone.pk])))
    task = page(client.get(reverse("programs:cited", args=["duties", duty.pk])))

    assert "14/01/2021 (trước ngày 15/01/2021)" in deadline
    assert "Báo cáo năm" in task and "chưa ghi theo văn bản nào" in task


def test_what_another_programme_says_is_nobodys_next_door(as_person, units, people):
    other = build_program(
        units, people.giang, owner=units.son_tra, name="Chương trình của quận", lines=[]
    )
    milestone = other.milestones.get()
    url = reverse("programs:cited", args=["milestones", milestone.pk])

    assert as_person("giang").get(url).status_code == 200
    assert as_person("lan").get(url).status_code == 404
    assert not Milestone.objects.visible_to(people.lan).exists()
    assert as_person("giang").get(url.replace("milestones", "persons")).status_code == 404


def test_the_plans_file_is_for_whoever_sees_the_programme(as_person, program):
    file = SimpleUploadedFile("ke-hoach.pdf", b"%PDF-1.4 van ban", "application/x-ignored")
    url = reverse("programs:part_update", args=["documents", program.plan.pk])
    form = {"version": program.version, "role": "plan", "title": "Kế hoạch", "upload": file}

    as_person("an").post(url, form)

    paper = program.plan
    served = as_person("hoa").get(reverse("programs:document_file", args=[paper.pk]))
    assert b"".join(served.streaming_content) == b"%PDF-1.4 van ban"
    assert served["Content-Type"] == "application/pdf"
    assert 'filename="ke-hoach.pdf"' in served["Content-Disposition"]
    assert as_person("xuan").get(served.wsgi_request.path).status_code == 404


def test_a_file_that_is_neither_word_nor_pdf_is_refused_and_what_was_typed_stays(
    as_person, program
):
    url = reverse("programs:part_create", args=[program.slug, "documents"])
    file = SimpleUploadedFile("ke-hoach.pdf", b"<html>", "application/pdf")

    text = page(
        as_person("an").post(url, {"role": "basis", "title": "Nghị quyết 11", "upload": file})
    )

    assert "Chỉ nhận tệp Word (.docx) hoặc PDF (.pdf)." in text
    assert 'value="Nghị quyết 11"' in text
    assert program.plans.count() == 1


def test_a_paper_on_which_a_number_stands_is_not_removed(program, amended, people):
    paper = amended.document

    with pytest.raises(ProgramError, match="chưa xóa được"):
        remove_part(row=paper, seen_version=fresh(program).version, by=people.an)

    assert PlanDocument.objects.filter(pk=paper.pk).exists()


def test_a_part_names_only_papers_of_its_own_programme(program, units, people):
    other = build_program(units, people.giang, owner=units.son_tra, name="Khác", lines=[])

    with pytest.raises(ProgramError, match="thuộc chương trình khác"):
        add_part(model=Content, program=program, by=people.an, heading="Mục I", document=other.plan)


def test_a_change_that_somebody_else_made_meanwhile_is_not_overwritten(program, people):
    content = add_part(model=Content, program=program, by=people.an, heading="Tuyên truyền")
    seen = program.version
    change_part(row=content, seen_version=seen, by=people.an, heading="Tuyên truyền, vận động")

    with pytest.raises(ProgramError, match="Vừa có người khác sửa"):
        change_part(row=content, seen_version=seen, by=people.dung, heading="Khác")

    assert Content.objects.get().heading == "Tuyên truyền, vận động"


def test_nothing_is_written_once_the_programme_has_ended(program, people):
    close_program(program=program, seen_version=program.version, by=people.an, reason="hết hạn")

    with pytest.raises(ProgramError, match="đã kết thúc"):
        add_part(model=Content, program=program, by=people.an, heading="Thêm")

    assert fresh(program).end_reason == "hết hạn"


def test_contents_and_duties_stand_in_the_order_of_the_plan(as_person, program, units, people):
    first = add_part(model=Content, program=program, by=people.an, number="2", heading="Năng lực")
    add_part(
        model=Content, program=program, by=people.an, number="2.1", heading="Kinh tế", parent=first
    )
    client = as_person("an")

    client.post(
        reverse("programs:part_create", args=[program.slug, "duties"]),
        {
            "who": "12 xã – thị trấn",
            "levels": [units.tho_quang.level_id, units.cong_an.level_id],
            "kind": "report",
            "text": "Báo cáo kết quả trong báo cáo năm",
            "rhythm": "yearly",
            "recipient": "Hội LHPN huyện",
            "clause": "Mục IV",
        },
    )

    text = page(client.get(reverse("programs:duty_list", args=[program.slug])))
    assert text.index("2 Năng lực") < text.index("2.1 Kinh tế") < text.index("Hằng năm")
    assert "Mọi đơn vị trực thuộc (1 đơn vị), xã/phường (3 đơn vị)" in text and "Mục IV" in text


def test_duties_stand_by_level_in_the_order_of_the_plan_with_the_number_of_units(
    as_person, program, units, people
):
    level = {row.code: row for row in Level.objects.all()}
    for who, text, more in (
        ("Thành phố", "chỉ đạo", {}),
        ("Xã", "rà soát", {"levels": [level["xa"]]}),
        ("Công an", "phối hợp", {"branch": units.cong_an}),
        ("Xã", "báo cáo", {"levels": [level["xa"]]}),
    ):
        add_part(model=Duty, program=program, by=people.an, who=who, text=text, **more)

    groups = duties_by_level(program)

    assert [[duty.text for duty in group.duties] for group in groups] == [
        ["chỉ đạo"], ["rà soát", "báo cáo"], ["phối hợp"],
    ]  # fmt: skip
    assert groups[1].levels == [(level["xa"], 3)]
    text = page(as_person("hoa").get(reverse("programs:duty_list", args=[program.slug])))
    assert "Mọi xã/phường (3 đơn vị)" in text and "Hội Phụ nữ Công an</h3>" in text


def test_an_empty_page_says_what_to_do_first_to_who_may_do_it(as_person, units, people):
    bare = build_program(units, people.an, name="Chưa ghi gì", lines=[], milestones=[])
    update = reverse("programs:program_update", args=[bare.slug])
    create = reverse("programs:part_create", args=[bare.slug, "contents"])
    pages = (bare.get_absolute_url(), reverse("programs:duty_list", args=[bare.slug]))

    hers = [page(as_person("an").get(url)) for url in pages]
    assert f"{update}#milestones" in hers[0] and f'<a href="{create}">' in hers[1]
    others = [page(as_person("hoa").get(url)) for url in pages]
    assert update not in others[0] and create not in others[1]
    assert all("Đơn vị chủ trì chưa ghi" in text for text in others)


def test_a_duty_binds_levels_or_one_unit_and_never_both(as_person, program, units, people):
    client = as_person("an")
    levels = [units.tho_quang.level]
    duty = add_part(model=Duty, program=program, by=people.an, who="xã", text="việc", levels=levels)
    page_of = reverse("programs:part_update", args=["duties", duty.pk])
    assert f'value="{levels[0].pk}" checked' in squeezed(client.get(page_of))
    sent = {"version": program.version, "who": "xã", "kind": "task", "rhythm": "once",
            "text": "việc", "levels": [levels[0].pk], "branch": units.cong_an.pk}  # fmt: skip

    assert "không chọn cả hai" in page(client.post(page_of, sent))
    assert list(Duty.objects.get().levels.all()) == levels

    client.post(page_of, sent | {"levels": []})
    duty.refresh_from_db()
    assert (duty.branch, duty.levels.count()) == (units.cong_an, 0)
    latest = duty.history.first()
    assert latest.history_user == people.an


def squeezed(response):
    """The page with its boxes' attributes side by side, whatever stands between."""
    return re.sub(r' (?:id|class|name)="[^"]*"', "", page(response))


@pytest.mark.parametrize("name", ["document_list", "duty_list", "figure_list", "program_detail"])
def test_three_rows_or_thirty_ask_the_same_number_of_questions(as_person, program, people, name):
    client = as_person("hoa")

    def add(count):
        for number in range(count):
            paper = add_part(
                model=PlanDocument, program=program, by=people.an, title=f"Căn cứ {number}"
            )
            cited = {"program": program, "by": people.an, "document": paper}
            add_part(model=Duty, who="xã", text="việc", **cited)
            add_part(model=Content, heading="mục", **cited)
            add_part(model=StatedFigure, label="số", **cited)
            Milestone.objects.create(
                program=program, label="mốc", due_on=date(2021, 2, 1), document=paper
            )

    url = reverse(f"programs:{name}", args=[program.slug])
    add(3)
    client.get(url)
    few = queries_of(client, url)
    add(27)

    assert queries_of(client, url) == few


def fresh(program):
    return type(program).objects.get(pk=program.pk)


# --- Help and money that name a paper --------------------------------------------------------


@pytest.fixture
def decision(program, people):
    return add_part(
        model=PlanDocument, program=program, by=people.an, title="Quyết định", number="15/QĐ-BTV"
    )


def test_an_assignment_says_old_and_new_and_its_paper(
    as_person, program, assignments, decision, units, people
):
    row = assignments.son_tra
    change_assignment(
        assignment=row, seen_version=row.version, by=people.an, document=program.plan,
        clause="Mục II", content="Vốn",
    )  # fmt: skip
    change_assignment(
        assignment=row, seen_version=row.version + 1, by=people.an, document=decision,
        clause="Điều 1", content="Vốn và nhà", starts_on=date(2021, 2, 1),
    )  # fmt: skip
    url = reverse("programs:cited", args=["assignments", row.pk])

    text = page(as_person("hoa").get(url))
    shown = page(as_person("hoa").get(row.get_absolute_url()))

    assert text.index("Vốn và nhà") < text.index("15/QĐ-BTV") < text.index("Mục II,")
    assert "quận Sơn Trà giúp" in text and "từ 01/02/2021" in text and "từ 10/01/2021" in text
    assert url in shown and "Điều 1" in shown


def test_a_contribution_says_old_and_new_and_its_paper(as_person, program, gift, decision, people):
    row = gift.contribution
    for number, (paper, what) in enumerate([(program.plan, "Tiền mặt"), (decision, "50 bò")]):
        change_contribution(
            contribution=row, seen_version=row.version + number, by=people.hoa, document=paper,
            what=what, is_in_kind=what != "Tiền mặt",
        )  # fmt: skip
    url = reverse("programs:cited", args=["contributions", row.pk])

    text = page(as_person("hoa").get(url))

    assert text.index("50 bò (hiện vật)") < text.index("15/QĐ-BTV") < text.index("Tiền mặt (tiền)")
    assert url in page(as_person("hoa").get(row.get_absolute_url()))


def test_only_who_sees_the_help_and_the_money_sees_where_they_come_from(
    as_person, assignments, gift
):
    addresses = {
        "assignments": assignments.son_tra,
        "contributions": gift.contribution,
    }

    def statuses(name):
        client = as_person(name)
        return [
            client.get(reverse("programs:cited", args=[kind, row.pk])).status_code
            for kind, row in addresses.items()
        ]

    assert statuses("giang") == [200, 200]
    assert statuses("an") == [200, 200]
    for stranger in ("lan", "xuan", "mai"):
        assert statuses(stranger) == [404, 404]
