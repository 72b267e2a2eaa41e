import pytest
from django.urls import reverse

from branches.models import Branch
from hoiphunu.tests.access import check_line, read_table, routes_without_a_line
from programs.models import Milestone
from programs.services import receive

from .conftest import DAY, build_program

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
programs:chi_hoi_search      GET    302       200 200   200 200 200  200    200 404  404
programs:assignment_detail   GET    302       200 200   200 200 200  200    404 404  404
programs:assignment_update   GET    302       200 200   200 403 403  200    404 404  404
programs:assignment_update   POST   302       200 200   200 403 403  200    404 404  404
programs:assignment_end      GET    302       200 200   200 403 403  200    404 404  404
programs:assignment_end      POST   302       302 302   302 403 403  302    404 404  404
programs:assignment_history  GET    302       200 200   200 200 200  200    404 404  404

programs:ledger_detail         GET  302       200 200   200 200 200  200    200 404  404
programs:ledger_entries        GET  302       200 200   200 200 200  200    200 404  404
programs:ledger_export         GET  302       200 200   200 200 200  200    200 404  404
programs:contribution_create   GET  302       200 200   200 403 403  200    200 404  404
programs:contribution_create   POST 302       200 200   200 403 403  200    200 404  404
programs:contribution_detail   GET  302       200 200   200 200 200  404    404 404  404
programs:contribution_update   GET  302       200 200   200 403 403  404    404 404  404
programs:contribution_update   POST 302       200 200   200 403 403  404    404 404  404
programs:contribution_history  GET  302       200 200   200 200 200  404    404 404  404
programs:contribution_pledge   GET  302       405 405   405 405 405  405    405 405  405
programs:contribution_pledge   POST 302       302 302   302 403 403  404    404 404  404
programs:contribution_receive  POST 302       302 302   302 403 403  404    404 404  404
programs:contribution_give     POST 302       302 302   302 403 403  404    404 404  404
programs:contribution_allot    POST 302       302 302   302 403 403  404    404 404  404
programs:entry_correct         GET  302       200 200   200 403 403  404    404 404  404
programs:entry_correct         POST 302       302 302   302 403 403  404    404 404  404
programs:donor_list            GET  302       200 200   200 200 200  200    200 200  200
programs:donor_create          GET  302       200 200   200 403 403  200    200 200  403
programs:donor_create          POST 302       200 200   200 403 403  200    200 200  403
programs:donor_detail          GET  302       404 404   200 200 200  404    404 404  404
programs:donor_history         GET  302       404 404   200 200 200  404    404 404  404
programs:donor_update          GET  302       404 404   200 403 403  404    404 404  404
programs:donor_update          POST 302       404 404   302 403 403  404    404 404  404
"""
LINES = read_table(TABLE)

DATA = {
    "reason": "hết giai đoạn",
    "lines-TOTAL_FORMS": "0",
    "lines-INITIAL_FORMS": "0",
    "milestones-TOTAL_FORMS": "0",
    "milestones-INITIAL_FORMS": "0",
    "ends_on": "01/12/2021",
    "value": "5 triệu",
    "on": "08/03/2021",
    "kinds": "received",
    "name": "Công ty Hải Âu",
    "kind": "company",
}
WITHOUT_A_ROW = [
    f"programs:{name}" for name in ("program_list", "program_create", "donor_list", "donor_create")
]
OF_THE_CITY = ("city", "line_row", "milestone_row", "plan_check")

pytestmark = pytest.mark.django_db


def address(line, units, program, assignment, gift):
    route, note = line.route, line.key.partition("/")[2]
    for part, pk in pks_of(gift).items():
        if route.startswith(f"programs:{part}_") and not route.endswith(("list", "create")):
            return reverse(route, args=[pk])
    if route.startswith("programs:assignment_") and not route.endswith(("list", "create")):
        return reverse(route, args=[assignment.pk])
    if route == "programs:branch_panel":
        return reverse(route, args=[units.tho_quang.slug])
    if route.removeprefix("programs:") in OF_THE_CITY or note == "city":
        return f"{reverse(route)}?owner={units.da_nang.slug}"
    if route in WITHOUT_A_ROW:
        return reverse(route)
    return reverse(route, args=[program.slug])


def pks_of(gift):
    return {
        "contribution": gift.contribution.pk,
        "entry": gift.contribution.entries.first().pk,
        "donor": gift.donor.pk,
    }


@pytest.fixture
def gift_received(gift, people):
    """Money in the ledger, allotted and not, so that each verb has something to take."""
    for version, item in enumerate((None, gift.house), start=1):
        receive(
            contribution=gift.contribution,
            seen_version=version,
            value=10_000_000,
            on=DAY,
            by=people.hoa,
            item=item,
        )
    gift.contribution.refresh_from_db()
    return gift


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_the_table_says(
    line, client, units, people, program, help_given, gift_received
):
    assignment = help_given(units.cong_an, units.chi_hoi_1)
    gift = gift_received
    row = assignment if "assignment" in line.route else program
    if line.route.startswith(("programs:contribution_", "programs:entry_")):
        row = gift.contribution
    named = {"version": row.version, "item": gift.house.pk, "target": gift.house.pk}
    data = DATA | named if line.method == "POST" else None

    check_line(line, client, people, address(line, units, program, assignment, gift), data)


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
