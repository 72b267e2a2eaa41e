import re

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from .access import check_line, named_routes, read_table, status_for, unnamed_routes

# mai's term has ended: she may sign in and sees nothing. dung is administrator of the city.
TABLE = """
route                       method  anonymous hoa giang an  lan xuan mai dung
login                       GET     200       302 302   302 302 302  302 302
login                       POST    200       302 302   302 302 302  302 302
logout                      POST    302       302 302   302 302 302  302 302
logout                      GET     302       405 405   405 405 405  405 405
account                     GET     302       200 200   200 200 200  200 200
account                     POST    302       200 200   200 200 200  200 200
account_letter              GET     302       405 405   405 405 405  405 405
account_letter              POST    302       302 302   302 302 302  302 302
account_confirm             GET     302       200 200   200 200 200  200 200
account_confirm             POST    302       302 302   302 302 302  302 302
password_change             GET     302       200 200   200 200 200  200 200
password_change             POST    302       200 200   200 200 200  200 200
password_change_done        GET     302       200 200   200 200 200  200 200
password_own                GET     302       302 302   302 302 302  302 302
password_own                POST    302       302 302   302 302 302  302 302
password_reset              GET     200       200 200   200 200 200  200 200
password_reset              POST    200       200 200   200 200 200  200 200
password_reset_done         GET     200       200 200   200 200 200  200 200
password_reset_confirm      GET     200       200 200   200 200 200  200 200
password_reset_confirm      POST    200       200 200   200 200 200  200 200
password_reset_complete     GET     200       200 200   200 200 200  200 200
healthz                     GET     200       200 200   200 200 200  200 200
admin:index                 GET     302       302 302   302 302 302  302 200
admin:login                 GET     302       403 403   403 403 403  403 302
admin:logout                POST    302       302 302   302 302 302  302 302
admin:password_change       GET     302       302 302   302 302 302  302 200
admin:password_change_done  GET     302       302 302   302 302 302  302 200
admin:autocomplete          GET     302       302 302   302 302 302  302 200
admin:autocomplete/unknown  GET     302       302 302   302 302 302  302 403
admin:jsi18n                GET     302       302 302   302 302 302  302 200
admin:app_list              GET     302       302 302   302 302 302  302 200
"""
LINES = read_table(TABLE)

# Django's admin: an old address of a row, and whatever is no page of it.
LEFT_UNNAMED = re.compile(r"admin/(\w+/\w+/<path:object_id>/|\(\?P<url>\.\*\)\$)")

pytestmark = pytest.mark.django_db


def url_of(line, units):
    match line.key:
        case "admin:app_list":
            return reverse(line.route, args=["branches"])
        case "account_confirm":
            return reverse(line.route, args=["khong-dung"])
        case "password_reset_confirm":
            return reverse(line.route, args=["MQ", "khong-dung"])
        case "admin:autocomplete":
            asked = "?app_label=branches&model_name=team&field_name=area&term=son"
            return reverse(line.route) + asked
    return reverse(line.route)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_the_table_says(client, units, people, line):
    check_line(line, client, people, url_of(line, units))


def test_every_route_has_a_line():
    apps = ("branches", "programs", "reports")
    of_an_app = (
        *(f"{app}:" for app in (*apps, "people", "guest")),
        *(f"admin:{app}_" for app in (*apps, "auth")),
    )
    ours = {name for name in named_routes() if not name.startswith(of_an_app)}

    assert ours - {line.route for line in LINES} == set()


def test_no_route_hides_from_the_tables_by_having_no_name():
    assert [route for route in unnamed_routes() if not LEFT_UNNAMED.fullmatch(route)] == []


def test_the_admin_does_not_tell_where_a_foreign_row_has_its_page(client, units, people):
    kind = ContentType.objects.get_for_model(units.minh_an).pk
    client.force_login(people.dung)

    assert client.get(f"/admin/r/{kind}/{units.minh_an.pk}/").status_code == 404


def test_an_address_that_does_not_exist_is_a_404_for_all(client, people):
    for person in (None, people.hoa, people.dung):
        assert status_for(client, person, "get", "/khong-co-trang-nay/") == 404


def test_the_admin_sends_strangers_to_the_one_log_in(client, people):
    response = client.get("/admin/branches/branch/", follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/login/?next=/admin/branches/branch/"


def test_somebody_without_the_role_is_told_so_by_the_admin(client, people):
    client.force_login(people.hoa)

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
