import pytest
from django.urls import reverse

from branches.models import Branch
from hoiphunu.tests.access import check_line, read_table, routes_without_a_line
from programs.models import Milestone

from .access_rows import Rows, args_of, data_of
from .conftest import build_program

# hoa: officer of phường Thọ Quang, whose district's giang sees her rows too; an, cuc, dung:
# officer, leader and administrator of the city, which owns the programme; phuong: officer of
# Công an, which helps a chi hội of Thọ Quang; lan: of the district next door; xuan: of another
# province; mai: her term has ended. The assignment asked for is Công an's, and so is the item
# that it hands over in Thọ Quang; the contribution came through Thọ Quang. The child is looked
# after there, her sponsor kept by lan's ward.
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
programs:outside_panel       GET    302       200 200   200 200 200  200    200 200  200

programs:program_detail      GET    302       200 200   200 200 200  200    200 404  404
programs:program_update      GET    302       403 403   200 403 200  403    403 404  404
programs:program_update      POST   302       403 403   200 403 200  403    403 404  404
programs:program_start       POST   302       403 403   302 403 302  403    403 404  404
programs:program_start       GET    302       405 405   405 405 405  405    405 405  405
programs:program_close       GET    302       403 403   200 403 200  403    403 404  404
programs:program_close       POST   302       403 403   302 403 302  403    403 404  404
programs:program_allot       POST   302       403 403   302 403 302  403    403 404  404
programs:program_keeping     GET    302       403 403   200 403 200  403    403 404  404
programs:program_keeping     POST   302       403 403   302 403 302  403    403 404  404
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
programs:assignment_invite   GET    302       403 403   200 403 403  200    404 404  404
programs:assignment_invite   POST   302       403 403   200 403 403  200    404 404  404
programs:assignment_history  GET    302       200 200   200 200 200  200    404 404  404
programs:condition_create    GET    302       200 200   200 403 403  200    404 404  404
programs:condition_create    POST   302       200 200   200 403 403  200    404 404  404
programs:condition_update    GET    302       200 200   200 403 403  200    404 404  404
programs:condition_update    POST   302       200 200   200 403 403  200    404 404  404

programs:partner_list        GET    302       200 200   200 200 200  200    200 200  200
programs:partner_create      GET    302       404 404   200 403 403  404    404 404  404
programs:partner_create      POST   302       404 404   302 403 403  404    404 404  404
programs:partner_update      GET    302       404 404   200 403 403  404    404 404  404
programs:partner_update      POST   302       404 404   302 403 403  404    404 404  404

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

programs:item_list           GET    302       200 200   200 200 200  200    200 404  404
programs:item_create         GET    302       200 200   200 403 403  200    200 404  404
programs:item_create         POST   302       200 200   200 403 403  200    200 404  404
programs:place_search        GET    302       200 200   200 200 200  200    200 404  404
programs:item_detail         GET    302       200 200   200 200 200  200    404 404  404
programs:item_update         GET    302       403 403   200 403 403  200    404 404  404
programs:item_update         POST   302       403 403   200 403 403  200    404 404  404
programs:item_end            GET    302       403 403   200 403 403  200    404 404  404
programs:item_end            POST   302       403 403   302 403 403  302    404 404  404
programs:item_history        GET    302       200 200   200 200 200  200    404 404  404
programs:delivery_create     GET    302       403 403   200 403 403  200    404 404  404
programs:delivery_create     POST   302       403 403   200 403 403  200    404 404  404
programs:delivery_detail     GET    302       200 200   200 200 200  200    404 404  404
programs:delivery_confirm    POST   302       302 302   403 403 403  403    404 404  404
programs:delivery_confirm    GET    302       405 405   405 405 405  405    405 405  405
programs:delivery_dispute    GET    302       200 200   403 403 403  403    404 404  404
programs:delivery_dispute    POST   302       302 302   403 403 403  403    404 404  404
programs:delivery_minutes    GET    302       403 403   200 403 403  200    404 404  404
programs:delivery_minutes    POST   302       403 403   200 403 403  200    404 404  404
programs:delivery_cancel     GET    302       403 403   200 403 403  200    404 404  404
programs:delivery_cancel     POST   302       403 403   302 403 403  302    404 404  404
programs:delivery_invite     GET    302       403 403   200 403 403  200    404 404  404
programs:delivery_invite     POST   302       403 403   200 403 403  200    404 404  404
programs:invitation_detail   GET    302       404 404   200 404 404  200    404 404  404
programs:invitation_code     POST   302       404 404   200 404 404  200    404 404  404
programs:invitation_code     GET    302       405 405   405 405 405  405    405 405  405
programs:invitation_withdraw POST   302       404 404   302 404 404  302    404 404  404
programs:invitation_withdraw GET    302       405 405   405 405 405  405    405 405  405
programs:delivery_recipients GET    302       200 200   200 403 403  200    404 404  404
programs:delivery_recipients POST   302       302 302   302 403 403  302    404 404  404
programs:delivery_file       GET    302       200 200   200 200 200  200    404 404  404
programs:support_detail      GET    302       200 200   200 200 200  200    404 404  404

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
programs:beneficiary_same    POST   302       302 302   302 404 404  404    404 404  404
programs:beneficiary_same    GET    302       405 405   405 405 405  405    405 405  405
programs:beneficiary_erase   GET    302       200 200   200 404 404  404    404 404  404
programs:beneficiary_erase   POST   302       302 302   302 404 404  404    404 404  404
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

programs:reading_list        GET    302       200 200   200 200 200  200    200 200  200
programs:reading_create      GET    302       200 200   200 403 200  200    200 200  403
programs:reading_create      POST   302       200 200   200 403 200  200    200 200  403
programs:reading_detail      GET    302       404 404   200 200 200  404    404 404  404
programs:reading_status      GET    302       404 404   200 200 200  404    404 404  404
programs:reading_keep        POST   302       404 404   302 403 302  404    404 404  404
programs:reading_take        POST   302       404 404   200 403 200  404    404 404  404
"""
LINES = read_table(TABLE)
# Without an invitation in her session nobody, whatever her office, is a guest.
GUESTS = read_table("""
route          method anonymous hoa giang an  phuong lan xuan mai
guest:home     GET    404       404 404   404 404    404 404  404
guest:home     POST   404       404 404   404 404    404 404  404
guest:open     GET    302       302 302   302 302    302 302  302
guest:open/x   GET    404       404 404   404 404    404 404  404
guest:open     POST   405       405 405   405 405    405 405  405
guest:delivery GET    404       404 404   404 404    404 404  404
guest:delivery POST   404       404 404   404 404    404 404  404
guest:file     GET    404       404 404   404 404    404 404  404
guest:leave    POST   200       200 200   200 200    200 200  200
guest:leave    GET    405       405 405   405 405    405 405  405
""")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_the_table_says(line, client, units, people, program, request):
    rows = Rows(line, request)
    address = reverse(line.route, args=args_of(line, rows))
    if rows.is_of_the_city:
        address += f"?owner={units.da_nang.slug}"
    data = data_of(line, rows) if line.method == "POST" else None

    check_line(line, client, people, address, data)


@pytest.mark.parametrize("line", GUESTS, ids=str)
def test_nobody_is_a_guest_without_the_code(line, client, people, program, request):
    rows = Rows(line, request)
    args = {
        "guest:open": [rows.invitation.token],
        "guest:delivery": [rows.delivery.pk],
        "guest:file": [rows.photo.pk],
    }.get(line.route, [])
    url = reverse(line.route, args=["0" * 32] if line.key.endswith("/x") else args)

    check_line(line, client, people, url, {"version": 1, "code": "sai"})


def test_every_route_has_a_line():
    assert routes_without_a_line(LINES, "programs:") == []
    assert routes_without_a_line(GUESTS, "guest:") == []


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
