import re
from datetime import date
from io import BytesIO
from time import monotonic

import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from import_export.formats.base_formats import XLSX
from openpyxl import Workbook

from branches.importers import BranchResource
from branches.models import Branch, Department, Level, Position, Team, User
from branches.search import find_units
from branches.services import end_position, hold_position, open_team, wrong_keys, wrong_paths
from hoiphunu.history import history_of_parts

pytestmark = pytest.mark.django_db
PASSWORD = "mot-cau-that-dai-2021"


def page(client, name, *args):
    response = client.get(reverse(f"admin:{name}", args=args))
    assert response.status_code == 200
    return response.content.decode()


def post(client, page_name, *args, **data):
    return client.post(reverse(f"admin:{page_name}", args=args), data)


def errors_of(response):
    assert response.status_code == 200
    return str(response.context["errors"])


@pytest.fixture
def district_administrator(client, units, people):
    """Kim manages quận Sơn Trà and below; in the city she is an officer only."""
    kim = User.objects.create_user("kim", PASSWORD, full_name="Trần Thị Kim")
    hold_position(user=kim, branch=units.son_tra, role="administrator")
    hold_position(user=kim, branch=units.da_nang, role="officer")
    client.force_login(kim)
    return client


# --- units -------------------------------------------------------------------------------


def test_the_administrator_sees_and_finds_units_below_her_and_no_others(as_person, units):
    client = as_person("dung")

    page(client, "branches_branch_changelist")
    found = client.get(reverse("admin:branches_branch_changelist"), {"q": "tho quang"})

    assert list(found.context["cl"].result_list) == [units.tho_quang]
    nothing = client.get(reverse("admin:branches_branch_changelist"), {"q": "minh an"})
    assert list(nothing.context["cl"].result_list) == []


def test_being_an_officer_of_the_city_gives_no_hand_on_its_units(district_administrator, units):
    response = district_administrator.get(reverse("admin:branches_branch_changelist"))

    shown = set(response.context["cl"].result_list)
    assert shown == set(Branch.objects.under(units.son_tra))
    far = reverse("admin:branches_branch_change", args=[units.hai_chau.pk])
    assert district_administrator.get(far).status_code == 404


def unit_form(units, **changes):
    return {
        "level": Level.objects.get(code="xa").pk,
        "parent": units.son_tra.pk,
        "type": "phường",
        "name": "Nại Hiên Đông",
        "code": "20263",
        "kind": "ordinary",
        "opened_on": "2005-01-01",
    } | changes


def test_a_unit_opened_in_the_admin_has_its_path_and_slug(as_person, units, people):
    response = post(as_person("dung"), "branches_branch_add", **unit_form(units))

    assert response.status_code == 302
    made = Branch.objects.get(name="Nại Hiên Đông")
    assert made.path == f"{units.son_tra.path}{made.pk}/"
    assert made.slug == "phuong-nai-hien-dong"
    assert made.history.get().history_user == people.dung


def test_a_unit_is_not_opened_twice_nor_at_the_wrong_place(as_person, units):
    client = as_person("dung")

    twice = post(client, "branches_branch_add", **unit_form(units, name="THỌ QUANG"))
    misplaced = post(client, "branches_branch_add", **unit_form(units, parent=units.tho_quang.pk))

    assert "trùng tên" in errors_of(twice)
    assert "không đặt trực tiếp dưới" in errors_of(misplaced)
    assert not Branch.objects.filter(name="Nại Hiên Đông").exists()


def test_a_unit_is_not_opened_in_another_territory(as_person, units):
    response = post(
        as_person("dung"), "branches_branch_add", **unit_form(units, parent=units.hoi_an.pk)
    )

    assert "parent" in response.context["adminform"].form.errors
    assert not Branch.objects.filter(name="Nại Hiên Đông").exists()


def change_form(branch, **changes):
    return {
        "type": branch.type,
        "name": branch.name,
        "parent": branch.parent_id or "",
        "code": branch.code,
        "kind": branch.kind,
        "opened_on": branch.opened_on.isoformat(),
        "closed_on": "",
        "reason": "Nghị quyết 1251",
        "aliases-TOTAL_FORMS": "0",
        "aliases-INITIAL_FORMS": "0",
    } | changes


def test_another_spelling_is_added_on_the_units_form_and_found_at_once(as_person, units):
    alias = {
        "aliases-TOTAL_FORMS": "1",
        "aliases-0-name": "Thọ Quảng",
        "aliases-0-branch": units.tho_quang.pk,
    }

    response = post(
        as_person("dung"),
        "branches_branch_change",
        units.tho_quang.pk,
        **change_form(units.tho_quang, **alias),
    )

    assert response.status_code == 302
    assert find_units(Branch.objects.directory(), "Thọ Quảng") == [units.tho_quang]
    assert wrong_keys() == []


def test_a_department_belongs_to_a_unit_that_she_administers(as_person, units):
    form = {"name": "Ban Gia đình - xã hội", "phone": "", "email": ""}
    client = as_person("dung")

    mine = post(client, "branches_department_add", branch=units.tho_quang.pk, **form)
    again = post(client, "branches_department_add", branch=units.tho_quang.pk, **form)
    foreign = post(client, "branches_department_add", branch=units.minh_an.pk, **form)

    assert mine.status_code == 302
    assert "trùng tên" in again.content.decode()
    assert foreign.status_code == 200
    assert [d.branch for d in Department.objects.all()] == [units.tho_quang]


def test_a_unit_is_moved_and_renamed_with_a_reason(as_person, units, people):
    response = post(
        as_person("dung"),
        "branches_branch_change",
        units.tho_quang.pk,
        **change_form(units.tho_quang, name="Thọ Phước", parent=units.hai_chau.pk),
    )

    assert response.status_code == 302
    moved = Branch.objects.get(pk=units.tho_quang.pk)
    assert (moved.name, moved.parent, moved.slug) == (
        "Thọ Phước",
        units.hai_chau,
        "phuong-tho-quang",
    )
    assert wrong_paths() == []
    reasons = {record.history_change_reason for record in moved.history.all()[:2]}
    assert reasons == {"Nghị quyết 1251"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": ""}, "bắt buộc"),
        ({"closed_on": "2021-06-30"}, "còn đơn vị cấp dưới"),
        ({"name": "Mân Thái"}, "trùng tên"),
        ({"parent": ""}, "bắt buộc"),
    ],
)
def test_a_change_that_is_refused_is_explained_and_changes_nothing(
    as_person, units, changes, sentence
):
    before = units.tho_quang.history.count()

    response = post(
        as_person("dung"),
        "branches_branch_change",
        units.tho_quang.pk,
        **change_form(units.tho_quang, **changes),
    )

    assert sentence in errors_of(response)
    assert units.tho_quang.history.count() == before


def test_a_unit_cannot_be_moved_out_of_her_territory(district_administrator, units):
    response = post(
        district_administrator,
        "branches_branch_change",
        units.tho_quang.pk,
        **change_form(units.tho_quang, parent=units.hai_chau.pk),
    )

    assert "parent" in response.context["adminform"].form.errors
    assert Branch.objects.get(pk=units.tho_quang.pk).parent == units.son_tra


def test_the_top_of_her_territory_is_renamed_but_stays_where_it_is(district_administrator, units):
    response = post(
        district_administrator,
        "branches_branch_change",
        units.son_tra.pk,
        **change_form(units.son_tra, name="Sơn Trà Mới", parent=units.quang_nam.pk),
    )

    assert response.status_code == 302
    changed = Branch.objects.get(pk=units.son_tra.pk)
    assert (changed.name, changed.parent) == ("Sơn Trà Mới", units.da_nang)


def test_the_choice_of_units_tells_two_of_the_same_name_apart(as_person, units):
    field = {"app_label": "branches", "model_name": "position", "field_name": "branch"}

    response = as_person("dung").get(reverse("admin:autocomplete"), field | {"term": "dan cu 1"})

    assert {row["text"] for row in response.json()["results"]} == {
        "chi hội Khu dân cư 1 – phường Thọ Quang",
        "chi hội Khu dân cư 1 – phường Mân Thái",
        "chi hội Khu dân cư 1 – phường Thanh Bình",
    }


@pytest.mark.parametrize("model", ["branch", "user", "position", "team"])
def test_a_list_asks_as_often_for_300_rows_as_for_three(
    as_person, units, people, model, django_assert_max_num_queries
):
    client = as_person("dung")
    url = reverse(f"admin:branches_{model}_changelist")

    def queries():
        with django_assert_max_num_queries(60) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    few = queries()
    rows = range(300)
    users = User.objects.bulk_create(
        User(username=f"p{n}", full_name=f"Người {n}", password="!") for n in rows
    )
    Position.objects.bulk_create(
        Position(user=user, branch=units.tho_quang, role="officer", started_on=date(2020, 1, 1))
        for user in users
    )
    Team.objects.bulk_create(
        Team(branch=units.tho_quang, name=f"Đoàn {n}", slug=f"d{n}", opened_on=date(2020, 1, 1))
        for n in rows
    )
    chi_hoi = units.chi_hoi_1.level
    Branch.objects.bulk_create(
        Branch(
            level=chi_hoi,
            parent=units.tho_quang,
            path=f"{units.tho_quang.path}{10_000 + n}/",
            pk=10_000 + n,
            slug=f"b{n}",
            name=f"Tổ {n}",
            exact_text=f"to {n}",
            opened_on=date(2020, 1, 1),
        )
        for n in rows
    )

    assert queries() == few


# --- teams -------------------------------------------------------------------------------


def test_a_team_opened_in_the_admin_has_an_address_of_its_own(as_person, units):
    response = post(
        as_person("dung"),
        "branches_team_add",
        branch=units.son_tra.pk,
        area=units.tho_quang.pk,
        name="Đoàn phụ trách số 1",
        opened_on="2021-01-01",
    )

    assert response.status_code == 302
    made = Team.objects.get(branch=units.son_tra)
    assert made.slug == "doan-phu-trach-so-1-quan-son-tra"


def test_a_team_is_closed_in_the_admin(as_person, units):
    response = post(
        as_person("dung"),
        "branches_team_change",
        units.team.pk,
        area=units.son_tra.pk,
        name=units.team.name,
        opened_on="2021-01-01",
        closed_on="2021-12-31",
    )

    assert response.status_code == 302
    assert Team.objects.get().closed_on == date(2021, 12, 31)


def test_a_team_cannot_take_the_name_of_its_neighbour(as_person, units):
    other = open_team(branch=units.da_nang, name="Đoàn số 2", opened_on=date(2021, 1, 1))

    response = post(
        as_person("dung"),
        "branches_team_change",
        other.pk,
        name=units.team.name,
        opened_on="2021-01-01",
    )

    assert "trùng tên" in errors_of(response)


# --- people ------------------------------------------------------------------------------


def user_form(branch, **changes):
    return {
        "username": "thuy",
        "full_name": "Mai Thị Thúy",
        "phone": "0905 000 000",
        "email": "",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "positions-TOTAL_FORMS": "1",
        "positions-INITIAL_FORMS": "0",
        "positions-0-branch": branch.pk,
        "positions-0-role": "officer",
        "positions-0-title": "Ủy viên",
        "positions-0-started_on": "01/02/2021",
    } | changes


def test_an_account_is_made_together_with_its_position(as_person, client, units):
    response = post(as_person("dung"), "branches_user_add", **user_form(units.man_thai))

    assert response.status_code == 302
    made = User.objects.get(username="thuy")
    position = made.positions.get()
    assert (position.branch, position.started_on) == (units.man_thai, date(2021, 2, 1))
    assert client.post("/accounts/login/", {"username": "thuy", "password": PASSWORD}).url == "/"


def test_an_account_without_a_position_is_not_made(as_person, units):
    form = user_form(units.man_thai) | {"positions-TOTAL_FORMS": "0"}

    response = post(as_person("dung"), "branches_user_add", **form)

    assert response.status_code == 200
    assert not User.objects.filter(username="thuy").exists()


@pytest.mark.parametrize("where", ["da_nang", "hai_chau", "quang_nam"])
def test_nobody_gives_a_position_outside_the_territory_she_administers(
    district_administrator, units, people, where
):
    branch = getattr(units, where)
    before = Position.objects.count()

    through_account = post(district_administrator, "branches_user_add", **user_form(branch))
    directly = post(
        district_administrator,
        "branches_position_add",
        user=people.hoa.pk,
        branch=branch.pk,
        role="administrator",
        started_on="01/02/2021",
    )

    assert (through_account.status_code, directly.status_code) == (200, 200)
    assert "branch" in directly.context["adminform"].form.errors
    assert Position.objects.count() == before


def test_a_position_is_not_given_to_somebody_of_another_territory(
    district_administrator, units, people
):
    response = post(
        district_administrator,
        "branches_position_add",
        user=people.lan.pk,
        branch=units.tho_quang.pk,
        role="officer",
        started_on="01/02/2021",
    )

    assert "user" in response.context["adminform"].form.errors


def test_an_account_with_a_position_elsewhere_is_not_hers_to_manage(
    district_administrator, units, people
):
    hold_position(user=people.lan, branch=units.tho_quang, role="officer")

    for name in ("branches_user_change", "auth_user_password_change"):
        url = reverse(f"admin:{name}", args=[people.lan.pk])
        assert district_administrator.get(url).status_code == 403
        form = {"password1": PASSWORD, "password2": PASSWORD}
        assert district_administrator.post(url, form).status_code == 403


def test_a_new_password_ends_the_sessions_of_its_owner(as_person, client, people):
    from django.test import Client

    hers = Client()
    hers.force_login(people.hoa)
    form = {"password1": PASSWORD, "password2": PASSWORD}

    response = post(as_person("dung"), "auth_user_password_change", people.hoa.pk, **form)

    assert response.status_code == 302
    assert hers.get(reverse("branches:branch_list")).status_code == 302
    assert client.post("/accounts/login/", {"username": "hoa", "password": PASSWORD}).url == "/"


def test_a_position_is_ended_but_not_rewritten(as_person, units, people):
    position = people.hoa.positions.get()

    post(
        as_person("dung"),
        "branches_position_change",
        position.pk,
        user=people.lan.pk,
        branch=units.da_nang.pk,
        role="administrator",
        title="",
        started_on="01/01/2016",
        ended_on="01/06/2021",
    )

    position.refresh_from_db()
    assert (position.user, position.branch, position.role) == (
        people.hoa,
        units.tho_quang,
        "officer",
    )
    assert position.ended_on == date(2021, 6, 1)
    assert position.history.first().history_user == people.dung


def test_a_position_that_has_ended_does_not_begin_again(as_person, people):
    position = people.hoa.positions.get()
    end_position(position=position, ended_on=date(2020, 1, 1), by=people.dung)

    post(
        as_person("dung"),
        "branches_position_change",
        position.pk,
        title="Chủ tịch",
        started_on="01/01/2016",
        ended_on="",
    )

    position.refresh_from_db()
    assert (position.title, position.ended_on) == ("Chủ tịch", date(2020, 1, 1))


def test_what_the_site_refuses_about_accounts_and_ends_the_admin_refuses_too(
    as_person, units, people
):
    """A lead does not put herself out, nor close an account without a reason and its sessions."""
    browser, held = as_person("dung"), people.dung.positions.get()
    form = {"title": "", "started_on": "01/01/2016"}

    own = post(
        browser, "branches_position_change", held.pk, **form | {"ended_on": "01/06/2021"}
    )  # fmt: skip
    later = post(
        browser, "branches_position_change", held.pk, **form | {"started_on": "01/01/2099"}
    )
    post(browser, "branches_user_change", people.hoa.pk, **user_form(units.tho_quang) | {
        "username": "hoa", "positions-TOTAL_FORMS": "0", "is_active": "",
    })  # fmt: skip

    assert "thì chị bàn giao" in errors_of(own)
    assert "thì chị bàn giao" in errors_of(later)
    assert User.objects.get(pk=people.hoa.pk).is_active
    shown = page(browser, "branches_user_change", people.hoa.pk)
    assert reverse("people:person_state", args=[people.hoa.pk]) in shown


def test_a_position_is_given_in_the_admin_by_the_same_rule_as_on_the_site(
    district_administrator, units, people
):
    """Lan of the other district once worked at Thọ Quang: Kim sees her name, and gives nothing."""
    hold_position(user=people.lan, branch=units.tho_quang, role="leader")
    form = {"branch": units.man_thai.pk, "role": "leader", "title": "", "started_on": "01/02/2021"}

    answers = [
        post(district_administrator, "branches_position_add", user=person.pk, **form)
        for person in (people.lan, people.giang)
    ]

    assert "user" in answers[0].context["adminform"].form.errors
    assert answers[1].status_code == 302
    given = people.giang.positions.get(branch=units.man_thai)
    assert given.history.get().history_user.username == "kim"
    assert not people.lan.positions.filter(branch=units.man_thai).exists()


def test_a_new_account_with_two_units_signs_in_with_the_password_that_was_typed(
    as_person, client, units
):
    second = {
        "positions-1-branch": units.thanh_binh.pk, "positions-1-role": "officer",
        "positions-1-title": "", "positions-1-started_on": "01/03/2021",
        "positions-TOTAL_FORMS": "2",
    }  # fmt: skip

    post(as_person("dung"), "branches_user_add", **user_form(units.man_thai) | second)

    assert User.objects.get(username="thuy").positions.count() == 2
    assert client.post("/accounts/login/", {"username": "thuy", "password": PASSWORD}).url == "/"


def test_a_password_typed_in_the_admin_is_in_the_history_with_who_and_what(as_person, people):
    form = {"password1": PASSWORD, "password2": PASSWORD}

    post(as_person("dung"), "auth_user_password_change", people.hoa.pk, **form)

    record = people.hoa.history.first()
    assert record.history_user == people.dung
    assert record.history_change_reason == "đặt mật khẩu dùng một lần ở trang Quản trị"


def test_the_phone_of_somebody_who_has_moved_on_is_not_in_the_admin(
    district_administrator, units, people
):
    end_position(position=people.hoa.positions.get(), ended_on=date(2020, 1, 1), by=people.dung)
    hold_position(user=people.hoa, branch=units.thanh_binh, role="officer")

    shown = district_administrator.get(reverse("admin:branches_user_changelist"))

    assert people.hoa not in shown.context["cl"].result_list
    assert people.giang in shown.context["cl"].result_list


def test_the_same_position_is_not_given_twice_at_once(as_person, units):
    again = {
        f"positions-1-{name}": value
        for name, value in (
            ("branch", units.man_thai.pk),
            ("role", "officer"),
            ("title", ""),
            ("started_on", "01/03/2021"),
        )
    }
    form = user_form(units.man_thai) | again | {"positions-TOTAL_FORMS": "2"}

    response = post(as_person("dung"), "branches_user_add", **form)

    assert "chỉ ghi một lần" in errors_of(response)
    assert not User.objects.filter(username="thuy").exists()


def test_a_position_that_she_holds_is_not_given_again(as_person, units, people):
    form = user_form(units.tho_quang) | {"username": "hoa", "full_name": "Bùi Thị Hoa"}

    response = post(as_person("dung"), "branches_user_change", people.hoa.pk, **form)

    assert "đang giữ vai trò đó" in errors_of(response)
    assert people.hoa.positions.count() == 1


# --- units as a sheet --------------------------------------------------------------------

HEADERS = [
    "Địa chỉ",
    "Cấp",
    "Trực thuộc",
    "Loại",
    "Tên",
    "Mã hành chính",
    "Hình thức",
    "Thành lập ngày",
]
NEW = ["", "xa", "quan-son-tra", "phường", "Nại Hiên Đông", "20263", "theo địa bàn", "01/01/2005"]


def sheet(*rows, headers=HEADERS):
    return tablib.Dataset(*rows, headers=headers)


def bring_in(people, *rows, dry_run=False, **kwargs):
    resource = BranchResource(user=people.dung)
    return resource.import_data(sheet(*rows, **kwargs), dry_run=dry_run, user=people.dung)


def sentences(result):
    invalid = [message for row in result.invalid_rows for message in row.error.messages]
    return invalid + [str(error.error) for error in result.base_errors]


def test_a_new_row_opens_a_unit_with_path_and_history(units, people):
    result = bring_in(people, NEW)

    assert sentences(result) == []
    made = Branch.objects.get(name="Nại Hiên Đông")
    assert made.path == f"{units.son_tra.path}{made.pk}/"
    assert [record.history_user for record in made.history.all()] == [people.dung]


def test_a_trial_writes_nothing(units, people):
    result = bring_in(people, NEW, dry_run=True)

    assert sentences(result) == []
    assert not Branch.objects.filter(name="Nại Hiên Đông").exists()


def test_a_known_row_is_renamed_and_moved_with_its_history(units, people):
    row = ["phuong-tho-quang", "xa", "quan-hai-chau", "phường", "Thọ Phước", "", "theo địa bàn"]

    result = bring_in(people, [*row, "01/01/2016"])

    assert sentences(result) == []
    moved = Branch.objects.get(pk=units.tho_quang.pk)
    assert (moved.name, moved.parent) == ("Thọ Phước", units.hai_chau)
    assert wrong_paths() == []
    assert moved.history.first().history_change_reason == "nạp từ tệp trong Quản trị"


def test_what_is_exported_comes_back_without_a_change(units, people):
    hers = Branch.objects.visible_to(people.dung).order_by("path")
    data = BranchResource(user=people.dung).export(hers)
    before = Branch.history.count()

    result = BranchResource(user=people.dung).import_data(data, user=people.dung)

    assert sentences(result) == []
    assert result.totals["skip"] == hers.count() == 11
    assert Branch.history.count() == before


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("Trực thuộc", "thanh-pho-hoi-an", "không có đơn vị này trong phạm vi chị quản trị"),
        ("Trực thuộc", "", "Cột Trực thuộc: không được để trống"),
        ("Cấp", "lang", "Cột Cấp: “lang”: không có cấp nào mang mã này"),
        ("Cấp", "chi_hoi", "không đặt trực tiếp dưới"),
        ("Tên", "", "Cột Tên: không được để trống"),
        ("Tên", "Thọ Quang", "trùng tên"),
        ("Hình thức", "khác", "“theo địa bàn”, “đặc thù”"),
        ("Thành lập ngày", "31/02/2020", "Cột Thành lập ngày"),
        ("Địa chỉ", "phuong-minh-an", "Tên trong địa chỉ đã tồn tại"),
    ],
)
def test_a_bad_row_is_refused_with_a_sentence(units, people, column, value, sentence):
    row = list(NEW)
    row[HEADERS.index(column)] = value
    count = Branch.objects.count()

    result = bring_in(people, row)

    assert sentence in " ".join(sentences(result))
    assert Branch.objects.count() == count


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        (["Lạ", *HEADERS[1:]], "Tệp thiếu cột: Địa chỉ."),
        ([*HEADERS, "Ghi chú"], "Tệp có cột lạ: Ghi chú."),
    ],
)
def test_a_sheet_with_other_columns_is_refused(units, people, headers, sentence):
    row = [*NEW, ""][: len(headers)]

    assert sentences(bring_in(people, row, headers=headers)) == [sentence]


def upload(client, *rows, headers=HEADERS):
    content = XLSX().export_data(sheet(*rows, headers=headers))
    file = SimpleUploadedFile("don-vi.xlsx", content)
    return post(client, "branches_branch_import", import_file=file, format="0", resource="0")


def test_a_sheet_is_seen_first_and_then_confirmed(as_person, units):
    client = as_person("dung")

    seen = upload(client, NEW)
    assert "Nại Hiên Đông" in seen.content.decode()
    assert not Branch.objects.filter(name="Nại Hiên Đông").exists()

    confirmed = post(
        client, "branches_branch_process_import", **seen.context["confirm_form"].initial
    )

    assert confirmed.status_code == 302
    assert Branch.objects.filter(name="Nại Hiên Đông").exists()


def test_the_hidden_file_name_opens_no_other_file(as_person, units):
    client = as_person("dung")
    initial = upload(client, NEW).context["confirm_form"].initial

    other = post(
        client,
        "branches_branch_process_import",
        **initial | {"import_file_name": "other"},
    )

    assert other.status_code == 404


def test_what_is_wrong_with_a_sheet_is_said_without_a_stack_trace(as_person, units):
    client = as_person("dung")

    headers = upload(client, NEW, headers=["Lạ", *HEADERS[1:]]).content.decode()
    broken = post(
        client,
        "branches_branch_import",
        import_file=SimpleUploadedFile("don-vi.xlsx", b"not a workbook"),
        format="0",
        resource="0",
    ).content.decode()

    assert "Tệp thiếu cột: Địa chỉ." in headers
    assert "Traceback" not in headers + broken
    assert "không phải tệp Excel" in broken


def hostile_workbook():
    """A few kB with one cell at the far corner: openpyxl would lay out 17 thousand million."""
    book = Workbook()
    book.active.append(HEADERS)
    book.active["XFD1048576"] = "x"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_cell_at_the_far_corner_is_refused_with_a_sentence_and_soon(as_person, units):
    client, started = as_person("dung"), monotonic()

    answer = post(
        client,
        "branches_branch_import",
        import_file=SimpleUploadedFile("don-vi.xlsx", hostile_workbook()),
        format="0",
        resource="0",
    ).content.decode()

    assert "ô lẻ nằm rất xa bảng" in answer
    assert monotonic() - started < 20


def test_days_and_numbers_of_a_real_workbook_are_read_as_they_are_meant(as_person, units):
    row = [*NEW[:5], 20263, NEW[6], date(2005, 1, 1)]

    seen = upload(as_person("dung"), row).content.decode()

    assert "20263" in seen
    assert "01/01/2005" in seen


def test_a_file_of_another_kind_than_chosen_is_refused_with_a_sentence(as_person, units):
    answer = post(
        as_person("dung"),
        "branches_branch_import",
        import_file=SimpleUploadedFile("don-vi.csv", b"\xff\xfe\x00"),
        format="1",
        resource="0",
    ).content.decode()

    assert "Không đọc được tệp" in answer
    assert "Error" not in answer


def test_an_export_holds_her_units_only_and_text_is_no_formula(as_person, units):
    Branch.objects.filter(pk=units.tho_quang.pk).update(name="=1+1")

    response = post(as_person("dung"), "branches_branch_export", format="1", resource="0")

    lines = response.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 11
    assert not re.search(r"(^|,)=", "\n".join(lines))


@pytest.mark.parametrize("asked", ["page=-1", "khong_co=1", "level__id__exact=abc"])
def test_an_export_by_a_filter_that_is_none_is_a_404(as_person, asked):
    response = as_person("dung").get(f"/admin/branches/branch/export/?{asked}")

    assert response.status_code == 404


def test_an_export_of_named_rows_takes_no_foreign_one(as_person, units):
    asked = {"format": "1", "resource": "0", "export_items": [units.minh_an.pk]}

    response = post(as_person("dung"), "branches_branch_export", **asked)

    assert "Content-Disposition" not in response
    assert "Minh An" not in response.content.decode()


# --- the site ----------------------------------------------------------------------------


def test_the_front_page_names_what_she_may_manage(as_person, units):
    html = page(as_person("dung"), "index")

    for words in ("Tổ chức Hội", "Đơn vị", "Đoàn phụ trách", "Tài khoản", "Vị trí", "Các cấp"):
        assert words in html


def test_levels_belong_to_the_administrators_of_the_top(district_administrator):
    url = reverse("admin:branches_level_changelist")

    assert district_administrator.get(url).status_code == 403


def test_the_history_in_the_admin_is_the_same_as_on_the_pages(as_person, units, people):
    client = as_person("dung")
    post(
        client,
        "branches_branch_change",
        units.tho_quang.pk,
        **change_form(units.tho_quang, name="Thọ Phước"),
    )

    html = page(client, "branches_branch_history", units.tho_quang.pk)

    assert "Thọ Quang → Thọ Phước" in html
    assert "Nghị quyết 1251" in html


def test_the_history_of_an_account_tells_of_its_positions(as_person, units, people):
    end_position(
        position=people.hoa.positions.get(),
        ended_on=date(2021, 6, 1),
        by=people.dung,
        reason="chuyển công tác",
    )
    hold_position(user=people.hoa, branch=units.man_thai, role="leader", by=people.dung)

    html = page(as_person("dung"), "branches_user_history", people.hoa.pk)

    assert "Đến ngày: trống → 01/06/2021" in html
    assert "chuyển công tác" in html
    assert "Tạo mới: Lãnh đạo, Hội LHPN phường Mân Thái" in html
    assert "Đơn vị: trống → phường Mân Thái" in html


def test_the_history_of_an_account_asks_as_often_for_many_positions(
    as_person, units, people, django_assert_max_num_queries
):
    client = as_person("dung")
    url = reverse("admin:branches_user_history", args=[people.hoa.pk])

    def queries():
        with django_assert_max_num_queries(60) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    hold_position(user=people.hoa, branch=units.man_thai, role="leader", by=people.dung)
    few = queries()
    for branch in Branch.objects.under(units.hai_chau):
        hold_position(user=people.hoa, branch=branch, role="leader", by=people.dung)

    assert queries() == few


def test_a_part_that_was_taken_away_stays_in_the_history_under_its_old_name(units, people):
    held = hold_position(user=people.hoa, branch=units.man_thai, role="leader", by=people.dung)
    held.delete()
    link = Position._meta.get_field("user")

    rows = history_of_parts(link, people.hoa, Position.objects.filter(user=people.hoa))

    assert (rows[0]["what"], rows[0]["part"]) == ("Xóa", "phường Mân Thái")


def test_a_part_outside_her_territory_is_not_in_the_history_that_she_reads(units, people):
    hold_position(user=people.hoa, branch=units.minh_an, role="leader")
    link = Position._meta.get_field("user")

    rows = history_of_parts(link, people.hoa, Position.objects.visible_to(people.dung))

    assert {row["part"] for row in rows} == {"Cán bộ nhập, Hội LHPN phường Thọ Quang"}


def test_a_unit_leads_to_its_own_page(as_person, units):
    html = page(as_person("dung"), "branches_branch_change", units.tho_quang.pk)

    assert f'href="{units.tho_quang.get_absolute_url()}"' in html


def test_the_demonstration_says_what_it_is_in_the_admin_too(as_person, settings):
    client, words = as_person("dung"), "Dữ liệu mẫu – không phải số liệu thật"
    in_earnest = page(client, "index")
    settings.DEMO = True

    assert words in page(client, "index")
    assert words in page(client, "branches_branch_changelist")
    assert words not in in_earnest


def test_pages_of_the_admin_speak_vietnamese(as_person, units, people):
    client = as_person("dung")
    english = re.compile(
        r">\s*(Add|Save|Import|Export|Submit|Change|Delete|History|Home|Search|Filter|View site|"
        r"Select all|Positions?|Branches|Username|Password)\b"
    )

    for name, args in (
        ("index", []),
        ("branches_branch_changelist", []),
        ("branches_branch_add", []),
        ("branches_branch_change", [units.tho_quang.pk]),
        ("branches_branch_import", []),
        ("branches_branch_export", []),
        ("branches_user_add", []),
        ("branches_user_change", [people.hoa.pk]),
        ("auth_user_password_change", [people.hoa.pk]),
        ("branches_position_add", []),
        ("branches_team_add", []),
        ("branches_level_changelist", []),
        ("branches_level_add", []),
    ):
        html = re.sub(r"<script.*?</script>", "", page(client, name, *args), flags=re.S)
        assert english.findall(html) == [], name
