import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/branches/search/?q=a&level=%00",
        "/branches/?%00=a",
        "/branches/%00/",
        "/programs/?q=%00",
        "/reports/?branch=%00",
        "/admin/branches/branch/?kind__exact=%00",
        "/admin/branches/level/%00/change/",
    ],
)
def test_a_nul_in_the_address_is_a_bad_request(as_person, units, address):
    assert as_person("dung").get(address).status_code == 400


def test_a_nul_in_a_cookie_is_a_bad_request(client, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = "abcdefgh\0"

    assert client.get("/branches/").status_code == 400


def test_the_same_address_without_it_is_a_page(as_person, units):
    assert as_person("dung").get("/branches/search/?q=a&level=xa").status_code == 200
