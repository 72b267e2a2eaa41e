import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from branches.models import Branch
from hoiphunu.tests.access import check_line, read_table, routes_without_a_line
from programs.models import Condition, Content, Milestone, Partner, PlanDocument
from programs.services import add_part, add_target, localise_target

from .conftest import build_program

# hoa: officer of phường Thọ Quang, whose district's giang sees her rows too; an, cuc, dung:
# officer, leader and administrator of the city, which owns the programme; phuong: officer of
# Công an, which helps a chi hội of Thọ Quang; lan: of the district next door; xuan: of another
# province; mai: her term has ended. The assignment asked for is Công an's.
TABLE = """
route                        method anonymous hoa giang an  cuc dung phuong lan xuan mai
programs:program_list        GET    302       200 200   200 200 200  200    200 200  200
programs:program_create      GET    302       200 200   200 403 200  200    200 200  403
programs:program_create/city GET    302       404 404   200 403 200  404    404 404  404
programs:program_create/city POST   302       404 404   200 403 200  404    404 404  404
programs:line_row            GET    302       404 404   200 403 200  404    404 404  404
programs:milestone_row       GET    302       404 404   200 403 200  404    404 404  404
programs:plan_check          POST   302       404 404   200 403 200  404    404 404  404
programs:plan_check          GET    302       405 405   405 405 405  405    405 405  405
programs:branch_panel        GET    302       200 200   200 200 200  404    404 404  404

programs:program_detail      GET    302       200 200   200 200 200  200    200 404  404
programs:program_update      GET    302       403 403   200 403 200  403    403 404  404
programs:program_update      POST   302       403 403   200 403 200  403    403 404  404
programs:program_start       POST   302       403 403   302 403 302  403    403 404  404
programs:program_start       GET    302       405 405   405 405 405  405    405 405  405
programs:program_close       GET    302       403 403   200 403 200  403    403 404  404
programs:program_close       POST   302       403 403   302 403 302  403    403 404  404
programs:program_allot       POST   302       403 403   302 403 302  403    403 404  404
programs:program_history     GET    302       200 200   200 200 200  200    200 404  404

programs:assignment_list     GET    302       200 200   200 200 200  200    200 404  404
programs:assignment_create   GET    302       200 200   200 403 403  200    200 404  404
programs:assignment_create   POST   302       200 200   200 403 403  200    200 404  404
programs:unit_search      GET    302       200 200   200 200 200  200    200 404  404
programs:assignment_detail   GET    302       200 200   200 200 200  200    404 404  404
programs:assignment_update   GET    302       200 200   200 403 403  200    404 404  404
programs:assignment_update   POST   302       200 200   200 403 403  200    404 404  404
programs:assignment_end      GET    302       200 200   200 403 403  200    404 404  404
programs:assignment_end      POST   302       302 302   302 403 403  302    404 404  404
programs:assignment_history  GET    302       200 200   200 200 200  200    404 404  404
programs:condition_create    GET    302       200 200   200 403 403  200    404 404  404
programs:condition_create    POST   302       200 200   200 403 403  200    404 404  404
programs:condition_update    GET    302       200 200   200 403 403  200    404 404  404
programs:condition_update    POST   302       200 200   200 403 403  200    404 404  404

programs:partner_list        GET    302       200 200   200 200 200  200    200 200  200
programs:partner_create      GET    302       404 404   200 403 403  404    404 404  404
programs:partner_create      POST   302       404 404   200 403 403  404    404 404  404
programs:partner_update      GET    302       404 404   200 403 403  404    404 404  404
programs:partner_update      POST   302       404 404   200 403 403  404    404 404  404

programs:program_copy        GET    302       403 403   200 403 200  403    403 404  404
programs:program_copy        POST   302       403 403   200 403 200  403    403 404  404
programs:program_cancel      GET    302       403 403   200 403 200  403    403 404  404
programs:program_cancel      POST   302       403 403   302 403 302  403    403 404  404
programs:document_list       GET    302       200 200   200 200 200  200    200 404  404
programs:document_file       GET    302       200 200   200 200 200  200    200 404  404
programs:duty_list           GET    302       200 200   200 200 200  200    200 404  404
programs:figure_list         GET    302       200 200   200 200 200  200    200 404  404
programs:part_create         GET    302       403 403   200 403 200  403    403 404  404
programs:part_create         POST   302       403 403   200 403 200  403    403 404  404
programs:part_update         GET    302       403 403   200 403 200  403    403 404  404
programs:part_update         POST   302       403 403   200 403 200  403    403 404  404
programs:part_remove         GET    302       405 405   405 405 405  405    405 405  405
programs:part_remove         POST   302       403 403   302 403 302  403    403 404  404
programs:cited               GET    302       200 200   200 200 200  200    200 404  404
programs:target_list         GET    302       200 200   200 200 200  200    200 404  404
programs:target_create       GET    302       403 403   200 403 200  403    403 404  404
programs:target_create       POST   302       403 403   200 403 200  403    403 404  404
programs:target_update       GET    302       403 403   200 403 200  403    403 404  404
programs:target_update       POST   302       403 403   200 403 200  403    403 404  404
programs:target_update/own   GET    302       403 200   403 403 403  404    404 404  404
programs:target_update/own   POST   302       403 200   403 403 403  404    404 404  404
programs:target_remove       GET    302       405 405   405 405 405  405    405 405  405
programs:target_remove       POST   302       403 403   302 403 302  403    403 404  404
programs:target_localise     GET    302       200 200   403 403 403  200    200 404  404
programs:target_localise     POST   302       200 200   403 403 403  200    200 404  404
"""
LINES = read_table(TABLE)

DATA = {
    "reason": "hết giai đoạn",
    "lines-TOTAL_FORMS": "0",
    "lines-INITIAL_FORMS": "0",
    "milestones-TOTAL_FORMS": "0",
    "milestones-INITIAL_FORMS": "0",
    "ends_on": "01/12/2021",
    "parts-TOTAL_FORMS": "0",
    "parts-INITIAL_FORMS": "0",
}
OF_THE_CITY = ("city", "line_row", "milestone_row", "plan_check")

# routes of single rows of a plan → the kind of row that is asked for
ROWS = {
    "part_update": "contents",
    "part_remove": "contents",
    "cited": "contents",
    "document_file": "documents",
    "target_update": "targets",
    "target_remove": "targets",
    "target_localise": "targets",
}

WITHOUT_ARGS = ("program_list", "program_create", "partner_list")


def new_condition(units, program, row):
    return [Condition.objects.create(assignment=row, moment="before", year=2021).pk]


def new_partner(units, program, row):
    return [Partner.objects.create(branch=units.da_nang, name="Bộ đội Biên phòng").pk]


# What stands in the address where it is neither the programme nor the row asked for.
ARGS = {
    "branch_panel": lambda units, program, row: [units.tho_quang.slug],
    "part_create": lambda units, program, row: [program.slug, "contents"],
    "condition_create": lambda units, program, row: [row.pk],
    "condition_update": new_condition,
    "partner_create": lambda units, program, row: [units.da_nang.slug],
    "partner_update": new_partner,
}

pytestmark = pytest.mark.django_db


def plan_row(line, program, units, people):
    """A content, a paper with its file, a target of the city or one of Sơn Trà's own."""
    kind = ROWS[line.route.removeprefix("programs:")]
    if kind == "contents":
        return add_part(model=Content, program=program, by=people.an, heading="Tuyên truyền")
    if kind == "documents":
        file = ContentFile(b"%PDF-", "ke-hoach.pdf")
        file.content_type = "application/pdf"
        return add_part(
            model=PlanDocument, program=program, by=people.an, title="Kế hoạch", upload=file
        )
    part = {"shape": "absolute", "text": "hộ", "value": 5}
    target = add_target(program=program, number="1", text="5 hộ", parts=[part], by=people.an)
    if not line.key.endswith("/own"):
        return target
    numbers = {target.parts.get().pk: {"value": 2}}
    return localise_target(target=target, branch=units.son_tra, parts=numbers, by=people.giang)


def address(line, units, program, row):
    route, note = line.route, line.key.partition("/")[2]
    name = route.removeprefix("programs:")
    if name in ROWS:
        kind = [] if name.startswith(("target", "document")) else [ROWS[name]]
        return reverse(route, args=[*kind, row.pk])
    if name in OF_THE_CITY or note == "city":
        return f"{reverse(route)}?owner={units.da_nang.slug}"
    if name in WITHOUT_ARGS:
        return reverse(route)
    if name in ARGS:
        return reverse(route, args=ARGS[name](units, program, row))
    if name.startswith("assignment_") and not name.endswith(("list", "create")):
        return reverse(route, args=[row.pk])
    return reverse(route, args=[program.slug])


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_the_table_says(line, client, units, people, program, help_given):
    row, versioned = program, program
    if "assignment" in line.route or "condition" in line.route:
        row = versioned = help_given(units.cong_an, units.chi_hoi_1)
    elif line.route.removeprefix("programs:") in ROWS:
        row = plan_row(line, program, units, people)
        versioned = row if "target" in line.route else program
    data = DATA | {"version": versioned.version} if line.method == "POST" else None

    check_line(line, client, people, address(line, units, program, row), data)


def test_every_route_has_a_line():
    assert routes_without_a_line(LINES, "programs:") == []


def test_a_programme_of_the_district_is_nobodys_next_door(client, units, people):
    program = build_program(
        units, people.giang, owner=units.son_tra, name="Chương trình của quận", lines=[]
    )

    statuses = {}
    for name in ("giang", "hoa", "an", "lan", "phuong"):
        client.force_login(getattr(people, name))
        statuses[name] = client.get(program.get_absolute_url()).status_code

    assert statuses == {"giang": 200, "hoa": 200, "an": 200, "lan": 404, "phuong": 404}
    assert Branch.objects.visible_to(people.lan).exists()  # she has something to see


def test_a_draft_is_seen_by_its_owners_people_and_those_above_only(client, units, people):
    draft = build_program(
        units, people.giang, owner=units.son_tra, name="Còn soạn", lines=[], is_started=False
    )

    statuses = {}
    for name in ("giang", "ha", "an", "cuc", "hoa", "lan", "phuong"):
        client.force_login(getattr(people, name))
        statuses[name] = client.get(draft.get_absolute_url()).status_code

    assert statuses == {
        "giang": 200, "ha": 200, "an": 200, "cuc": 200, "hoa": 404, "lan": 404, "phuong": 404,
    }  # fmt: skip
    assert list(Milestone.objects.visible_to(people.giang)) == [draft.milestones.get()]
    assert not Milestone.objects.visible_to(people.hoa).exists()
