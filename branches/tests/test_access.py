import pytest
from django.urls import reverse
from django.utils.timezone import now

from branches.models import Department, Level, Position, Upload
from branches.services import store_file
from hoiphunu.tests.access import check_line, read_table, routes_without_a_line

# hoa: officer of phường Thọ Quang; giang: of its district; an: of the city; lan: of the
# district next door; xuan: of another province; mai: her term has ended; dung: administrator
# of the city. The unit asked for is Thọ Quang, the person is Hoa.
TABLE = """
route                           method  anonymous hoa giang an  lan xuan mai dung
branches:branch_list            GET     302       200 200   200 200 200  200 200
branches:branch_list            POST    302       405 405   405 405 405  405 405
branches:branch_search          GET     302       200 200   200 200 200  200 200
branches:branch_detail          GET     302       200 200   200 200 200  200 200
branches:branch_detail/missing  GET     302       404 404   404 404 404  404 404
branches:branch_children        GET     302       200 200   200 404 404  404 200
branches:branch_history         GET     302       200 200   200 404 404  404 200
branches:file_download          GET     302       200 200   200 404 404  404 200
branches:file_download/missing  GET     302       404 404   404 404 404  404 404
branches:file_download/personal GET     302       200 404   404 404 404  404 404

people:person_list              GET     302       403 403   403 403 403  403 200
people:person_search            GET     302       403 403   403 403 403  403 200
people:person_create            GET     302       403 403   403 403 403  403 200
people:person_create            POST    302       403 403   403 403 403  403 200
people:person_detail            GET     302       403 403   403 404 404  404 200
people:person_detail/far        GET     302       404 404   404 404 403  404 404
people:person_edit              GET     302       403 403   403 404 404  404 200
people:person_edit              POST    302       403 403   403 404 404  404 200
people:person_edit/far          POST    302       404 404   404 404 403  404 404
people:person_history           GET     302       403 403   403 404 404  404 200
people:person_history/far       GET     302       404 404   404 404 403  404 404
people:person_password          GET     302       403 403   403 404 404  404 200
people:person_password          POST    302       403 403   403 404 404  404 200
people:person_password/far      POST    302       404 404   404 404 403  404 404
people:person_password/self     POST    302       404 404   403 404 404  404 403
people:person_state             GET     302       403 403   403 404 404  404 200
people:person_state             POST    302       403 403   403 404 404  404 200
people:person_state/far         POST    302       404 404   404 404 403  404 404
people:person_state/self        POST    302       404 404   403 404 404  404 403
people:person_hand_over         GET     302       403 403   403 404 404  404 200
people:person_hand_over         POST    302       403 403   403 404 404  404 200
people:person_hand_over/far     POST    302       404 404   404 404 403  404 404
people:position_add             GET     302       403 403   403 404 404  404 200
people:position_add             POST    302       403 403   403 404 404  404 200
people:position_end             GET     302       403 403   403 404 404  404 200
people:position_end             POST    302       403 403   403 404 404  404 200
people:position_end/far         POST    302       404 404   404 404 403  404 404
people:list_slips               GET     302       404 404   404 404 404  404 200
people:list_slips               POST    302       404 404   404 404 404  404 200

admin:branches_level_changelist     GET  302 302 302 302 302 302 302 200
admin:branches_level_add            GET  302 302 302 302 302 302 302 200
admin:branches_level_add            POST 302 302 302 302 302 302 302 200
admin:branches_level_change         GET  302 302 302 302 302 302 302 200
admin:branches_level_change         POST 302 302 302 302 302 302 302 200
admin:branches_level_history        GET  302 302 302 302 302 302 302 200
admin:branches_level_delete         GET  302 302 302 302 302 302 302 403
admin:branches_level_delete         POST 302 302 302 302 302 302 302 403

admin:branches_branch_changelist    GET  302 302 302 302 302 302 302 200
admin:branches_branch_add           GET  302 302 302 302 302 302 302 200
admin:branches_branch_add           POST 302 302 302 302 302 302 302 200
admin:branches_branch_change        GET  302 302 302 302 302 302 302 200
admin:branches_branch_change        POST 302 302 302 302 302 302 302 200
admin:branches_branch_change/far    GET  302 302 302 302 302 302 302 404
admin:branches_branch_change/far    POST 302 302 302 302 302 302 302 404
admin:branches_branch_history       GET  302 302 302 302 302 302 302 200
admin:branches_branch_history/far   GET  302 302 302 302 302 302 302 404
admin:branches_branch_delete        GET  302 302 302 302 302 302 302 403
admin:branches_branch_delete        POST 302 302 302 302 302 302 302 403
admin:branches_branch_import        GET  302 302 302 302 302 302 302 200
admin:branches_branch_import        POST 302 302 302 302 302 302 302 200
admin:branches_branch_process_import POST 302 302 302 302 302 302 302 404
admin:branches_branch_process_import GET 302 302 302 302 302 302 302 405
admin:branches_branch_export        GET  302 302 302 302 302 302 302 200
admin:branches_branch_export        POST 302 302 302 302 302 302 302 200

admin:branches_team_changelist      GET  302 302 302 302 302 302 302 200
admin:branches_team_add             GET  302 302 302 302 302 302 302 200
admin:branches_team_add             POST 302 302 302 302 302 302 302 200
admin:branches_team_change          GET  302 302 302 302 302 302 302 200
admin:branches_team_change          POST 302 302 302 302 302 302 302 200
admin:branches_team_history         GET  302 302 302 302 302 302 302 200
admin:branches_team_delete          GET  302 302 302 302 302 302 302 403
admin:branches_team_delete          POST 302 302 302 302 302 302 302 403

admin:branches_department_changelist GET 302 302 302 302 302 302 302 200
admin:branches_department_add       GET  302 302 302 302 302 302 302 200
admin:branches_department_add       POST 302 302 302 302 302 302 302 200
admin:branches_department_change    GET  302 302 302 302 302 302 302 200
admin:branches_department_change    POST 302 302 302 302 302 302 302 200
admin:branches_department_change/far GET 302 302 302 302 302 302 302 404
admin:branches_department_change/far POST 302 302 302 302 302 302 302 404
admin:branches_department_history   GET  302 302 302 302 302 302 302 200
admin:branches_department_delete    GET  302 302 302 302 302 302 302 403
admin:branches_department_delete    POST 302 302 302 302 302 302 302 403

admin:branches_user_changelist      GET  302 302 302 302 302 302 302 200
admin:branches_user_add             GET  302 302 302 302 302 302 302 200
admin:branches_user_add             POST 302 302 302 302 302 302 302 200
admin:branches_user_change          POST 302 302 302 302 302 302 302 200
admin:branches_user_change          GET  302 302 302 302 302 302 302 200
admin:branches_user_change/far      GET  302 302 302 302 302 302 302 404
admin:branches_user_change/far      POST 302 302 302 302 302 302 302 404
admin:branches_user_history         GET  302 302 302 302 302 302 302 200
admin:branches_user_history/far     GET  302 302 302 302 302 302 302 404
admin:branches_user_delete          GET  302 302 302 302 302 302 302 403
admin:branches_user_delete          POST 302 302 302 302 302 302 302 403
admin:auth_user_password_change     GET  302 302 302 302 302 302 302 200
admin:auth_user_password_change     POST 302 302 302 302 302 302 302 200
admin:auth_user_password_change/far GET  302 302 302 302 302 302 302 404
admin:auth_user_password_change/far POST 302 302 302 302 302 302 302 404

admin:branches_position_changelist  GET  302 302 302 302 302 302 302 200
admin:branches_position_add         GET  302 302 302 302 302 302 302 200
admin:branches_position_add         POST 302 302 302 302 302 302 302 200
admin:branches_position_change      GET  302 302 302 302 302 302 302 200
admin:branches_position_change      POST 302 302 302 302 302 302 302 200
admin:branches_position_change/far  GET  302 302 302 302 302 302 302 404
admin:branches_position_change/far  POST 302 302 302 302 302 302 302 404
admin:branches_position_history     GET  302 302 302 302 302 302 302 200
admin:branches_position_delete      GET  302 302 302 302 302 302 302 403
admin:branches_position_delete      POST 302 302 302 302 302 302 302 403
"""
LINES = read_table(TABLE)
MISSING_FILE = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.django_db


def args_of(line, units, people):
    """What stands in the address: Thọ Quang and Hoa, or what the line's note says."""
    note = line.key.partition("/")[2]
    far = note == "far"
    route = line.route
    if route.startswith("branches:branch_"):
        slug = "khong-co" if note == "missing" else units.tho_quang.slug
        return [] if route.endswith(("list", "search")) else [slug]
    if route == "branches:file_download":
        return [MISSING_FILE if note == "missing" else file_of(units, people, note).pk]
    if route == "people:list_slips":
        return [list_of_accounts(units, people).pk]
    if route.startswith("people:"):
        return people_args(route, far, note, people)
    if route.endswith(("changelist", "add", "import", "export")):
        return []
    rows = {
        "level": Level.objects.first(),
        "branch": units.minh_an if far else units.tho_quang,
        "team": units.team,
        "department": Department.objects.create(
            branch=units.minh_an if far else units.tho_quang, name="Văn phòng"
        ),
        "user": people.xuan if far else people.hoa,
        "position": Position.objects.filter(user=people.xuan if far else people.hoa).first(),
    }
    return [rows[route.split("_")[1]].pk]


def people_args(route, far, note, people):
    """Hoa, Xuân of another province, or whoever asks; and a position of hers."""
    if route.endswith(("_list", "_search", "_create")):
        return []
    person = people.xuan if far else people.dung if note == "self" else people.hoa
    if route.endswith("position_end"):
        return [person.pk, person.positions.first().pk]
    return [person.pk]


def list_of_accounts(units, people):
    """A list that Dung brought and wrote; it is nobody else's to read."""
    file = store_file(
        content=b"danh sach", name="tài khoản.xlsx", content_type="application/octet-stream",
        branch=units.da_nang, by=people.dung, is_personal=True,
    )  # fmt: skip
    return Upload.objects.create(
        kind="accounts", branch=units.da_nang, file=file, asked_by=people.dung,
        step=Upload.Step.APPLY, state=Upload.State.READY, applied_at=now(),
    )  # fmt: skip


def file_of(units, people, note):
    return store_file(
        content=b"danh sach",
        name="danh sách.xlsx",
        content_type="application/octet-stream",
        branch=units.tho_quang,
        by=people.hoa,
        is_personal=note == "personal",
    )


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_the_table_says(client, units, people, line):
    url = reverse(line.route, args=args_of(line, units, people))

    check_line(line, client, people, url)


def test_every_route_has_a_line():
    ours = ("branches:", "people:", "admin:branches_", "admin:auth_")

    assert routes_without_a_line(LINES, *ours) == []
