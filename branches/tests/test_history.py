from datetime import date

import pytest

from branches.models import Level
from branches.services import end_position, move_branch, rename_branch
from conftest import PASSWORD
from hoiphunu.history import history_rows

pytestmark = pytest.mark.django_db


def test_the_newest_change_stands_first_with_old_and_new(units, people):
    rename_branch(
        branch=units.tho_quang, name="Thọ Phước", type="xã", by=people.dung, reason="đổi tên"
    )

    newest, oldest = history_rows(units.tho_quang)

    assert (newest["what"], newest["by"], newest["reason"]) == (
        "Thay đổi",
        people.dung,
        "đổi tên",
    )
    assert newest["changes"] == [
        {"label": "Loại", "old": "phường", "new": "xã"},
        {"label": "Tên", "old": "Thọ Quang", "new": "Thọ Phước"},
    ]
    assert (oldest["what"], oldest["changes"]) == ("Tạo mới", [])


def test_another_row_is_called_by_its_name(units, people):
    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")

    assert history_rows(units.tho_quang)[0]["changes"] == [
        {"label": "Đơn vị cấp trên", "old": "quận Sơn Trà", "new": "quận Hải Châu"}
    ]


def test_a_day_and_an_empty_value_are_shown_as_people_write_them(units, people):
    position = people.hoa.positions.get()
    end_position(position=position, ended_on=date(2021, 3, 5), by=people.dung, reason="chuyển")

    assert history_rows(position)[0]["changes"] == [
        {"label": "Đến ngày", "old": None, "new": "05/03/2021"}
    ]


def test_a_long_history_asks_as_often_as_a_short_one(units, people, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(20) as asked:
            history_rows(units.tho_quang)
        return len(asked)

    move_branch(branch=units.tho_quang, parent=units.hai_chau, by=people.dung, reason="thử")
    few = queries()
    for parent in (units.son_tra, units.hai_chau, units.da_nang) * 3:
        move_branch(branch=units.tho_quang, parent=parent, by=people.dung, reason="thử")

    assert queries() == few


def test_signing_in_is_no_change_of_the_account(client, people):
    before = people.hoa.history.count()

    client.post("/accounts/login/", {"username": "hoa", "password": PASSWORD})

    people.hoa.refresh_from_db()
    assert people.hoa.last_login
    assert people.hoa.history.count() == before


def test_a_change_after_signing_in_is_remembered(client, people):
    client.post("/accounts/login/", {"username": "hoa", "password": PASSWORD})

    people.hoa.phone = "0905 000 000"
    people.hoa.save()

    assert history_rows(people.hoa)[0]["changes"] == [
        {"label": "Điện thoại", "old": None, "new": "0905 000 000"}
    ]


def test_where_a_level_may_stand_is_in_its_history(units):
    level = Level.objects.get(code="chi_hoi")
    level.save()

    level.parents.add(Level.objects.get(code="huyen"))

    assert history_rows(level)[0]["changes"] == [
        {
            "label": "Trực thuộc",
            "old": "xã/phường, đơn vị trực thuộc",
            "new": "quận/huyện, xã/phường, đơn vị trực thuộc",
        }
    ]


def test_a_row_that_the_installation_brought_along_has_no_changes_yet(units):
    assert history_rows(Level.objects.get(code="xa")) == []
