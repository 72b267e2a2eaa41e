import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from hoiphunu.tests.access import check_line, read_table, routes_without_a_line
from programs.models import (
    Assignment,
    Criterion,
    Grade,
    Indicator,
    ItemKind,
    Milestone,
    NeedReason,
    PlanDocument,
    Program,
    QuotaLine,
)
from programs.services import close_program

from .conftest import DAY, build_program

# giang: officer, no administrator; an: officer of the city; xuan: of another province; mai: her
# term has ended; dung: administrator of the city, which owns the programme. An empty form is
# shown again: 200. Who is no administrator is led to the log-in: 302.
TABLE = """
route                                   method anonymous giang an xuan mai dung
admin:programs_program_changelist       GET  302 302 302 302 302 200
admin:programs_program_add              GET  302 302 302 302 302 200
admin:programs_program_add              POST 302 302 302 302 302 200
admin:programs_program_change           GET  302 302 302 302 302 200
admin:programs_program_change           POST 302 302 302 302 302 200
admin:programs_program_history          GET  302 302 302 302 302 200
admin:programs_program_delete           GET  302 302 302 302 302 403
admin:programs_program_delete           POST 302 302 302 302 302 403

admin:programs_quotaline_changelist     GET  302 302 302 302 302 200
admin:programs_quotaline_add            GET  302 302 302 302 302 200
admin:programs_quotaline_add            POST 302 302 302 302 302 200
admin:programs_quotaline_change         GET  302 302 302 302 302 200
admin:programs_quotaline_change         POST 302 302 302 302 302 200
admin:programs_quotaline_history        GET  302 302 302 302 302 200
admin:programs_quotaline_delete         GET  302 302 302 302 302 403
admin:programs_quotaline_delete         POST 302 302 302 302 302 403

admin:programs_milestone_changelist     GET  302 302 302 302 302 200
admin:programs_milestone_add            GET  302 302 302 302 302 200
admin:programs_milestone_add            POST 302 302 302 302 302 200
admin:programs_milestone_change         GET  302 302 302 302 302 200
admin:programs_milestone_change         POST 302 302 302 302 302 200
admin:programs_milestone_history        GET  302 302 302 302 302 200
admin:programs_milestone_delete         GET  302 302 302 302 302 403
admin:programs_milestone_delete         POST 302 302 302 302 302 403

admin:programs_plandocument_changelist  GET  302 302 302 302 302 200
admin:programs_plandocument_add         GET  302 302 302 302 302 200
admin:programs_plandocument_add         POST 302 302 302 302 302 200
admin:programs_plandocument_change      GET  302 302 302 302 302 200
admin:programs_plandocument_change      POST 302 302 302 302 302 200
admin:programs_plandocument_history     GET  302 302 302 302 302 200
admin:programs_plandocument_delete      GET  302 302 302 302 302 403
admin:programs_plandocument_delete      POST 302 302 302 302 302 403

admin:programs_assignment_changelist    GET  302 302 302 302 302 200
admin:programs_assignment_add           GET  302 302 302 302 302 403
admin:programs_assignment_add           POST 302 302 302 302 302 403
admin:programs_assignment_change        GET  302 302 302 302 302 200
admin:programs_assignment_change        POST 302 302 302 302 302 403
admin:programs_assignment_history       GET  302 302 302 302 302 200
admin:programs_assignment_delete        GET  302 302 302 302 302 403
admin:programs_assignment_delete        POST 302 302 302 302 302 403

admin:programs_indicator_changelist     GET  302 302 302 302 302 200
admin:programs_indicator_add            GET  302 302 302 302 302 200
admin:programs_indicator_add            POST 302 302 302 302 302 200
admin:programs_indicator_change         GET  302 302 302 302 302 200
admin:programs_indicator_change         POST 302 302 302 302 302 200
admin:programs_indicator_history        GET  302 302 302 302 302 200
admin:programs_indicator_delete         GET  302 302 302 302 302 403
admin:programs_indicator_delete         POST 302 302 302 302 302 403

admin:programs_indicator_import         GET  302 302 302 302 302 200
admin:programs_indicator_import         POST 302 302 302 302 302 200
admin:programs_indicator_export         GET  302 302 302 302 302 200
admin:programs_indicator_export         POST 302 302 302 302 302 200
admin:programs_indicator_process_import GET  302 302 302 302 302 405
admin:programs_indicator_process_import POST 302 302 302 302 302 404

admin:programs_needreason_changelist    GET  302 302 302 302 302 200
admin:programs_needreason_add           GET  302 302 302 302 302 200
admin:programs_needreason_add           POST 302 302 302 302 302 200
admin:programs_needreason_change        GET  302 302 302 302 302 200
admin:programs_needreason_change        POST 302 302 302 302 302 200
admin:programs_needreason_history       GET  302 302 302 302 302 200
admin:programs_needreason_delete        GET  302 302 302 302 302 403
admin:programs_needreason_delete        POST 302 302 302 302 302 403

admin:programs_grade_changelist         GET  302 302 302 302 302 200
admin:programs_grade_add                GET  302 302 302 302 302 200
admin:programs_grade_add                POST 302 302 302 302 302 200
admin:programs_grade_change             GET  302 302 302 302 302 200
admin:programs_grade_change             POST 302 302 302 302 302 200
admin:programs_grade_history            GET  302 302 302 302 302 200
admin:programs_grade_delete             GET  302 302 302 302 302 403
admin:programs_grade_delete             POST 302 302 302 302 302 403

admin:programs_criterion_changelist     GET  302 302 302 302 302 200
admin:programs_criterion_add            GET  302 302 302 302 302 200
admin:programs_criterion_add            POST 302 302 302 302 302 200
admin:programs_criterion_change         GET  302 302 302 302 302 200
admin:programs_criterion_change         POST 302 302 302 302 302 200
admin:programs_criterion_history        GET  302 302 302 302 302 200
admin:programs_criterion_delete         GET  302 302 302 302 302 403
admin:programs_criterion_delete         POST 302 302 302 302 302 403

admin:programs_itemkind_changelist      GET  302 302 302 302 302 200
admin:programs_itemkind_add             GET  302 302 302 302 302 200
admin:programs_itemkind_add             POST 302 302 302 302 302 200
admin:programs_itemkind_change          GET  302 302 302 302 302 200
admin:programs_itemkind_change          POST 302 302 302 302 302 200
admin:programs_itemkind_history         GET  302 302 302 302 302 200
admin:programs_itemkind_delete          GET  302 302 302 302 302 403
admin:programs_itemkind_delete          POST 302 302 302 302 302 403
"""
LINES = read_table(TABLE)
WORDS = (NeedReason, Grade, Criterion, ItemKind)
TITLES = [
    "Mã",
    "Tên chỉ tiêu",
    "Đơn vị tính",
    "Cách cộng",
    "Loại giá trị",
    "Tử số",
    "Mẫu số",
    "Hướng dẫn",
    "Đang dùng",
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def indicator(db):
    return Indicator.objects.create(
        code="hoi-vien",
        name="Tổng số hội viên",
        unit="người",
        aggregation="stock",
        value_type="whole",
    )


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_the_table_says(
    line, client, units, people, program, help_given, indicator
):
    rows = {
        "program": program,
        "quotaline": program.lines.first(),
        "milestone": program.milestones.first(),
        "plandocument": program.plans.first(),
        "assignment": help_given(units.cong_an, units.chi_hoi_1),
        "indicator": indicator,
        **{model.__name__.lower(): model.objects.first() for model in WORDS},
    }
    model, verb = line.route.removeprefix("admin:programs_").split("_", 1)
    args = [rows[model].pk] if verb in ("change", "history", "delete") else []

    check_line(line, client, people, reverse(line.route, args=args))


def test_an_indicator_says_of_which_total_it_is_a_part_and_from_when_it_holds(as_person, indicator):
    part = Indicator.objects.create(
        code="danh-du", name="Hội viên danh dự", unit="người", aggregation="stock",
        value_type="whole",
    )  # fmt: skip
    url = reverse("admin:programs_indicator_change", args=[part.pk])
    data = {"name": part.name, "unit": "người", "part_of": indicator.pk, "is_active": "on"}

    as_person("dung").post(url, data | {"valid_from": "01/02/2024", "valid_until": "2025-12-31"})

    part.refresh_from_db()
    assert part.part_of == indicator
    assert (part.valid_from, part.valid_until) == (date(2024, 2, 1), date(2025, 12, 31))


def test_every_admin_route_has_a_line():
    assert routes_without_a_line(LINES, "admin:programs_") == []


def test_an_administrator_of_another_province_finds_nothing(as_person, people, units, program):
    people.xuan.positions.create(
        branch=units.quang_nam, role="administrator", started_on="2021-01-01"
    )
    client = as_person("xuan")

    statuses = [
        client.get(reverse(f"admin:programs_{name}_change", args=[row.pk])).status_code
        for name, row in (
            ("program", program),
            ("quotaline", program.lines.first()),
            ("milestone", program.milestones.first()),
            ("plandocument", program.plans.first()),
        )
    ]

    assert statuses == [404, 404, 404, 404]


def test_a_district_administrator_reads_the_citys_plan_and_changes_nothing(
    as_person, people, units, program
):
    people.giang.positions.create(
        branch=units.son_tra, role="administrator", started_on="2021-01-01"
    )
    client = as_person("giang")
    url = reverse("admin:programs_program_change", args=[program.pk])

    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "Khác"}).status_code == 403


def test_a_programme_is_changed_through_its_service(as_person, people, program):
    client = as_person("dung")
    url = reverse("admin:programs_program_change", args=[program.pk])
    data = {
        "name": "Tên mới",
        "starts_on": "01/01/2021",
        "ends_on": "31/12/2022",
        "contact": "",
        "aim": "",
        "seen_version": program.version,
    }

    saved = client.post(url, data)
    stale = client.post(url, data | {"name": "Tên khác"})

    assert saved.status_code == 302
    assert "Vừa có người khác sửa" in stale.content.decode()
    changed = Program.objects.get()
    assert (changed.name, changed.version) == ("Tên mới", program.version + 1)
    assert changed.history.first().history_user == people.dung


def test_a_programme_is_made_in_the_admin_and_gets_its_address(as_person, units):
    response = as_person("dung").post(
        reverse("admin:programs_program_add"),
        {
            "owner": units.son_tra.pk,
            "name": "Mẹ đỡ đầu",
            "starts_on": "01/01/2021",
            "ends_on": "31/12/2022",
            "contact": "",
            "aim": "",
        },
    )

    assert response.status_code == 302
    assert Program.objects.get().slug == "me-do-dau"


def test_a_line_of_the_plan_is_changed_with_its_quotas(as_person, program):
    line = program.lines.get(number=4)

    response = as_person("dung").post(
        reverse("admin:programs_quotaline_change", args=[line.pk]),
        {
            "number": "4",
            "label": line.label,
            "applies_to": "level",
            "level": line.level_id,
            "minimum_each": "2",
            "stated_total": "",
            "note": "",
            "clause": "",
        },
    )

    assert response.status_code == 302
    assert set(line.quotas.values_list("minimum", flat=True)) == {2}
    assert QuotaLine.objects.get(pk=line.pk).stated_total is None


def test_a_milestone_is_typed_the_vietnamese_way(as_person, people, program):
    as_person("dung").post(
        reverse("admin:programs_milestone_add"),
        {"program": program.pk, "kind": "other", "label": "Sơ kết", "due_on": "05/03/2022"},
    )

    made = Milestone.objects.get(label="Sơ kết")
    assert f"{made.due_on:%d/%m/%Y}" == "05/03/2022"
    assert made.history.get().history_user == people.dung


@pytest.mark.parametrize("model", ["quotaline", "milestone", "plandocument", "assignment"])
def test_the_filter_by_programme_names_no_foreign_draft(as_person, people, units, program, model):
    people.giang.positions.create(
        branch=units.son_tra, role="administrator", started_on="2021-01-01"
    )
    build_program(units, people.giang, owner=units.son_tra, name="Mẹ đỡ đầu", lines=[])
    build_program(units, people.an, name="Còn soạn ở thành phố", lines=[], is_started=False)
    build_program(units, people.lan, owner=units.hai_chau, name="Của quận bạn", lines=[])
    names = ("Mẹ đỡ đầu", "Hướng về Chi hội", "Còn soạn ở thành phố", "Của quận bạn")

    text = as_person("giang").get(reverse(f"admin:programs_{model}_changelist")).content.decode()

    assert [name in text for name in names] == [True, True, False, False]


def test_a_closed_programme_takes_no_milestone_plan_or_line_in_the_admin(
    as_person, people, program
):
    close_program(program=program, seen_version=program.version, by=people.an, reason="hết")
    client = as_person("dung")
    line, milestone = program.lines.get(number=4), program.milestones.get()
    plan = program.plans.get()
    pages = [
        ("quotaline", line, {"number": "4", "label": "Khác", "applies_to": "level",
                             "level": line.level_id, "minimum_each": "2"}),
        ("milestone", milestone, {"kind": "other", "label": "Khác", "due_on": "05/03/2022"}),
        ("plandocument", plan, {"title": "Khác"}),
    ]  # fmt: skip

    texts = [
        client.post(reverse(f"admin:programs_{model}_change", args=[row.pk]), data).content.decode()
        for model, row, data in pages
    ]

    assert all("đã kết thúc nên không sửa được nữa" in text for text in texts)
    for _, row, _ in pages:
        row.refresh_from_db()
    assert "Khác" not in (line.label, milestone.label, plan.title)


def many_rows(model, program, units, count):
    """So many more rows of this model, in one statement."""
    numbers = range(count)
    if model == "program":
        rows = [
            Program(owner=program.owner, name=f"Số {n}", slug=f"so-{n}",
                    starts_on=DAY, ends_on=DAY)
            for n in numbers
        ]  # fmt: skip
    elif model == "quotaline":
        rows = [
            QuotaLine(program=program, number=100 + n, label="x", applies_to="branch",
                      branch=units.cong_an)
            for n in numbers
        ]  # fmt: skip
    elif model == "milestone":
        rows = [Milestone(program=program, label="x", due_on=DAY) for n in numbers]
    elif model == "plandocument":
        rows = [PlanDocument(program=program, title="x") for n in numbers]
    elif model == "indicator":
        rows = [
            Indicator(code=f"so-{n}", name="x", unit="x", aggregation="stock", value_type="whole")
            for n in numbers
        ]
    else:
        rows = [
            Assignment(program=program, supporter_team=units.team, supported=units.chi_hoi_1,
                       starts_on=DAY, ends_on=DAY, end_reason="x")
            for n in numbers
        ]  # fmt: skip
    type(rows[0]).objects.bulk_create(rows)


@pytest.mark.parametrize(
    "model", ["program", "quotaline", "milestone", "plandocument", "assignment", "indicator"]
)
def test_admin_lists_ask_as_often_for_three_rows_as_for_three_hundred(
    as_person, program, units, indicator, assignments, model
):
    client = as_person("dung")
    url = reverse(f"admin:programs_{model}_changelist")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)

    many_rows(model, program, units, 300)

    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200
    assert len(many) == len(few)


# --- Indicators from a sheet ----------------------------------------------------------------


def sheet(*rows):
    workbook = Workbook()
    for row in (TITLES, *rows):
        workbook.active.append(row)
    file = io.BytesIO()
    workbook.save(file)
    file.seek(0)
    file.name = "chi-tieu.xlsx"
    return file


def upload(client, *rows):
    return client.post(
        reverse("admin:programs_indicator_import"), {"import_file": sheet(*rows), "format": "0"}
    )


def confirm(client, response):
    form = response.context["confirm_form"]
    return client.post(
        reverse("admin:programs_indicator_process_import"), {**form.initial, "format": "0"}
    )


def test_indicators_come_in_from_a_sheet_a_ratio_after_its_parts(as_person, people, indicator):
    client = as_person("dung")
    shown = upload(
        client,
        ["phu-nu", "Phụ nữ từ 18 tuổi", "người", "Thời điểm", "Số nguyên", "", "", "", "Có"],
        [
            "ty-le",
            "Tỷ lệ tập hợp",
            "%",
            "Tỷ lệ (tính lại)",
            "Số thập phân",
            "hoi-vien",
            "phu-nu",
            "",
            "Có",
        ],
    )

    confirm(client, shown)

    ratio = Indicator.objects.get(code="ty-le")
    assert (ratio.numerator, ratio.denominator.code) == (indicator, "phu-nu")
    assert ratio.history.get().history_user == people.dung


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["a", "", "người", "Thời điểm", "Số nguyên", "", "", "", "Có"], "Cột Tên chỉ tiêu"),
        (["a", "A", "người", "trung bình", "Số nguyên", "", "", "", "Có"], "Cột Cách cộng"),
        (["a", "A", "%", "Tỷ lệ (tính lại)", "Số thập phân", "x", "", "", "Có"], "Cột Tử số"),
        (
            ["a", "A", "%", "Tỷ lệ (tính lại)", "Số thập phân", "", "", "", "Có"],
            "Tỷ lệ cần cả tử số và mẫu số",
        ),
        (
            ["hoi-vien", "Hội viên", "người", "Phát sinh trong kỳ", "Số nguyên", "", "", "", "Có"],
            "không đổi được",
        ),
    ],
)
def test_a_wrong_row_is_said_in_words_and_nothing_is_saved(as_person, indicator, row, sentence):
    text = upload(as_person("dung"), row).content.decode()

    assert sentence in text
    assert list(Indicator.objects.values_list("code", "name")) == [("hoi-vien", "Tổng số hội viên")]
