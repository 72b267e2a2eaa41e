import pytest
from django.urls import reverse

from branches.models import Branch
from hoiphunu.tests.access import check_line, read_table, routes_without_a_line
from programs.models import Milestone

from .conftest import build_program
from .people_helped import child_of, donor_of, sponsored

# hoa: officer of phường Thọ Quang, whose district's giang sees her rows too; an, cuc, dung:
# officer, leader and administrator of the city, which owns the programme; phuong: officer of
# Công an, which helps a chi hội of Thọ Quang; lan: of the district next door; xuan: of another
# province; mai: her term has ended. The assignment asked for is Công an's. The child is looked
# after by Thọ Quang, her sponsor kept by lan's ward; her sponsorship is of 2021.
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
programs:chi_hoi_search      GET    302       200 200   200 200 200  200    200 404  404
programs:assignment_detail   GET    302       200 200   200 200 200  200    404 404  404
programs:assignment_update   GET    302       200 200   200 403 403  200    404 404  404
programs:assignment_update   POST   302       200 200   200 403 403  200    404 404  404
programs:assignment_end      GET    302       200 200   200 403 403  200    404 404  404
programs:assignment_end      POST   302       302 302   302 403 403  302    404 404  404
programs:assignment_history  GET    302       200 200   200 200 200  200    404 404  404

programs:people_list         GET    302       200 200   200 200 200  200    200 404  404
programs:beneficiary_create  GET    302       200 200   200 403 403  200    200 404  404
programs:beneficiary_create  POST   302       200 200   200 403 403  200    200 404  404
programs:beneficiary_detail  GET    302       200 200   200 404 404  404    404 404  404
programs:beneficiary_detail  POST   302       405 405   405 405 405  405    405 405  405
programs:beneficiary_sensitive POST 302       200 403   200 404 404  404    404 404  404
programs:beneficiary_sensitive GET  302       405 405   405 405 405  405    405 405  405
programs:beneficiary_update  GET    302       200 200   200 404 404  404    404 404  404
programs:beneficiary_update  POST   302       200 200   200 404 404  404    404 404  404
programs:beneficiary_sensitive_update POST 302 302 403  302 404 404  404    404 404  404
programs:beneficiary_sensitive_update GET 302 405 405   405 405 405  405    405 405  405
programs:beneficiary_erase   GET    302       200 200   200 404 404  404    404 404  404
programs:beneficiary_erase   POST   302       200 200   200 404 404  404    404 404  404
programs:consent_create      GET    302       200 200   200 404 404  404    404 404  404
programs:consent_create      POST   302       200 200   200 404 404  404    404 404  404
programs:consent_withdraw    GET    302       200 200   200 404 404  404    404 404  404
programs:consent_withdraw    POST   302       302 302   302 404 404  404    404 404  404

programs:sponsorship_list    GET    302       200 200   200 200 200  200    200 404  404
programs:sponsorship_create  GET    302       200 200   200 403 403  200    200 404  404
programs:sponsorship_create  POST   302       200 200   200 403 403  200    200 404  404
programs:sponsorship_detail  GET    302       200 200   200 404 404  404    200 404  404
programs:sponsorship_amount  GET    302       200 200   200 404 404  404    200 404  404
programs:sponsorship_amount  POST   302       302 302   302 404 404  404    302 404  404
programs:sponsorship_extend  GET    302       200 200   200 404 404  404    200 404  404
programs:sponsorship_extend  POST   302       302 302   302 404 404  404    302 404  404
programs:sponsorship_end     GET    302       200 200   200 404 404  404    200 404  404
programs:sponsorship_end     POST   302       302 302   302 404 404  404    302 404  404
programs:payment_paid        GET    302       200 200   200 404 404  404    200 404  404
programs:payment_paid        POST   302       302 302   302 404 404  404    302 404  404
programs:payment_unpaid      GET    302       200 200   200 404 404  404    200 404  404
programs:payment_unpaid      POST   302       200 200   200 404 404  404    200 404  404
"""
LINES = read_table(TABLE)

DATA = {
    "reason": "hết giai đoạn",
    "lines-TOTAL_FORMS": "0",
    "lines-INITIAL_FORMS": "0",
    "milestones-TOTAL_FORMS": "0",
    "milestones-INITIAL_FORMS": "0",
    "ends_on": "01/12/2021",
}
PEOPLE_DATA = DATA | {
    "on": "10/03/2021",
    "purpose": "xét học bổng",
    "monthly": "400.000",
    "from_month": "01/03/2021",
    "paid": "300.000",
    "paid_on": "05/03/2021",
}
OF_THE_CITY = ("city", "line_row", "milestone_row", "plan_check")

pytestmark = pytest.mark.django_db


def address(line, units, program, assignment):
    route, note = line.route, line.key.partition("/")[2]
    if route.startswith("programs:assignment_") and not route.endswith(("list", "create")):
        return reverse(route, args=[assignment.pk])
    if route == "programs:branch_panel":
        return reverse(route, args=[units.tho_quang.slug])
    if route.removeprefix("programs:") in OF_THE_CITY or note == "city":
        return f"{reverse(route)}?owner={units.da_nang.slug}"
    if route in ("programs:program_list", "programs:program_create"):
        return reverse(route)
    return reverse(route, args=[program.slug])


PEOPLE_ROUTES = ("beneficiary", "consent", "sponsorship", "payment")


def is_of_people(line):
    name = line.route.removeprefix("programs:")
    return name.startswith(PEOPLE_ROUTES) and name not in (
        "beneficiary_create",
        "sponsorship_list",
        "sponsorship_create",
    )


@pytest.mark.parametrize("line", [line for line in LINES if is_of_people(line)], ids=str)
def test_records_and_sponsorships_open_as_the_table_says(line, client, units, people, program):
    child = child_of(program, units.tho_quang, people.hoa)
    [sponsorship] = sponsored(program, donor_of(units.thanh_binh), [child], people.an)
    rows = {
        "beneficiary": child,
        "consent": child if line.route.endswith("create") else child.consents.get(),
        "sponsorship": sponsorship,
        "payment": sponsorship.payments.first(),
    }
    row = rows[line.route.removeprefix("programs:").partition("_")[0]]
    data = PEOPLE_DATA | {"version": 1} if line.method == "POST" else None
    if line.route == "programs:sponsorship_extend" and data:
        data["ends_on"] = "01/02/2022"

    check_line(line, client, people, reverse(line.route, args=[row.pk]), data)


@pytest.mark.parametrize("line", [line for line in LINES if not is_of_people(line)], ids=str)
def test_each_person_gets_what_the_table_says(line, client, units, people, program, help_given):
    assignment = help_given(units.cong_an, units.chi_hoi_1)
    row = assignment if "assignment" in line.route else program
    data = DATA | {"version": row.version} if line.method == "POST" else None

    check_line(line, client, people, address(line, units, program, assignment), data)


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
