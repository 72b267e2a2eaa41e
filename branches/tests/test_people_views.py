"""The pages of accounts: who finds whom, who may do what with whom."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate, now

from branches.models import Branch, Level, Position, User
from branches.services import (
    create_account,
    end_position,
    hold_position,
    issue_one_time_password,
    keep_keys,
    open_branch,
    set_active,
)
from conftest import person

LIST = reverse("people:person_list")
TODAY = localdate()

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(units, people):
    """Hà is now also administrator of quận Sơn Trà."""
    hold_position(user=people.ha, branch=units.son_tra, role="administrator")
    return people.ha


def page(browser, name, *args, **query):
    return browser.get(reverse(f"people:{name}", args=args), query).content.decode()


def names_on(browser, **query):
    """The persons of the list, in its order."""
    shown = browser.get(LIST, query).content.decode()
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', shown)


def post(browser, name, *args, **form):
    return browser.post(reverse(f"people:{name}", args=args), form)


# The list


def test_the_list_has_her_territory_and_stands_by_given_name_in_vietnamese_order(
    units, people, as_person, lead
):
    for name in ("Lê Thị Ánh", "Đặng Thị An", "Đỗ Thị Đào", "H'Hen Niê", "Trần Thị Dung"):
        hold_position(
            user=create_account(full_name=name, by=lead), branch=units.man_thai, role="officer"
        )

    found = names_on(as_person("ha"))

    assert [name.replace("&#x27;", "'") for name in found] == [
        "Đặng Thị An", "Lê Thị Ánh", "Trần Thị Dung", "Đỗ Thị Đào", "Võ Thị Giang", "Đặng Thị Hà",
        "Bùi Thị Hoa", "Hồ Thị Nga", "H'Hen Niê",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("hoa", ["Bùi Thị Hoa"]),
        ("Bùi thị hoa", ["Bùi Thị Hoa"]),
        ("bui hoa", ["Bùi Thị Hoa"]),
        ("vo giang", ["Võ Thị Giang"]),
        ("giang", ["Võ Thị Giang"]),
        ("123 456", ["Bùi Thị Hoa"]),
        ("0905.123.456", []),
        ("lan", []),
        ("xuan", []),
    ],
)
def test_persons_are_found_by_name_log_in_name_or_phone(words, found, people, as_person, lead):
    people.hoa.phone = "0905123456"
    people.hoa.save()

    assert names_on(as_person("ha"), q=words) == found


def test_those_who_bear_the_words_as_given_name_come_first(units, people, as_person):
    for name in ("Hoa Thị Mơ", "Lê Hoa An", "Lý Thị Hoa"):
        hold_position(
            user=create_account(full_name=name, by=people.dung), branch=units.tho_quang,
            role="leader",
        )  # fmt: skip

    assert names_on(as_person("dung"), q="hoa") == [
        "Bùi Thị Hoa", "Lý Thị Hoa", "Lê Hoa An", "Hoa Thị Mơ",
    ]  # fmt: skip


def test_the_tabs_keep_those_who_left_apart_from_those_who_work(people, as_person):
    set_active(user=people.hoa, is_active=False, by=people.dung, reason="thử")
    browser = as_person("dung")

    assert "Lý Thị Mai" not in names_on(browser)
    assert names_on(browser, state="ended") == ["Lý Thị Mai"]
    assert names_on(browser, state="off") == ["Bùi Thị Hoa"]
    assert "Phạm Thị Dung" not in names_on(browser, state="never"), "she has just signed in"
    assert "Dương Thị Xuân" not in names_on(browser, state="all")


def test_the_list_asks_as_many_questions_for_three_persons_as_for_forty(units, people, as_person):
    def questions():
        browser = as_person("dung")
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(LIST).status_code == 200
        return len(asked)

    few = questions()
    for n in range(40):
        person(f"them{n}", f"Lê Thị Thêm {n}", ("officer", units.tho_quang))

    assert questions() == few <= 12


# One person


def test_her_page_has_what_she_holds_and_held(units, people, as_person):
    hold_position(
        user=people.mai, branch=units.son_tra, role="leader", title="Chủ tịch Hội LHPN quận"
    )

    shown = page(as_person("dung"), "person_detail", people.mai.pk)

    now, before = shown.split('id="before"')
    assert "Chủ tịch Hội LHPN quận" in now
    assert "31/12/2020" in before
    assert "Chưa lần nào" in shown


def test_positions_outside_the_territory_are_not_told(units, people, as_person, lead):
    hold_position(user=people.hoa, branch=units.quang_nam, role="leader", title="Bí mật Quảng Nam")

    shown = page(as_person("ha"), "person_detail", people.hoa.pk)

    assert "Bí mật Quảng Nam" not in shown
    assert "Quảng Nam" not in page(as_person("ha"), "person_history", people.hoa.pk)


ACTIONS = ["person_edit", "person_password", "person_state", "person_hand_over", "position_add"]


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_acts_on_somebody_placed_higher(action, units, people, as_person, lead):
    """Dung of the city also enters for Thọ Quang: the district's lead sees her, no more."""
    hold_position(user=people.dung, branch=units.tho_quang, role="officer")
    browser = as_person("ha")

    shown = page(browser, "person_detail", people.dung.pk)
    answer = post(browser, action, people.dung.pk, reason="thử")

    assert "Phạm Thị Dung" in shown
    assert reverse(f"people:{action}", args=[people.dung.pk]) not in shown
    assert answer.status_code == 403


def test_who_worked_elsewhere_once_is_looked_after_where_she_is_now(units, people, as_person, lead):
    """An's term at the city is over; now she is officer of a ward."""
    moved = person("tam", "Lê Thị Tâm", ("leader", units.da_nang), until=date(2020, 1, 1))
    hold_position(user=moved, branch=units.tho_quang, role="officer")

    assert post(as_person("ha"), "person_password", moved.pk, reason="quên").status_code == 200
    assert User.objects.get(pk=moved.pk).must_set_password


def test_a_position_that_is_yet_to_begin_counts_as_held(units, people, as_person, lead):
    hold_position(user=people.hoa, branch=units.da_nang, role="leader", started_on=date(2099, 1, 1))

    assert post(as_person("ha"), "person_edit", people.hoa.pk).status_code == 403


def test_the_rule_for_one_and_the_rule_for_many_agree(units, people, lead):
    hold_position(user=people.dung, branch=units.tho_quang, role="officer")
    hold_position(
        user=people.giang, branch=units.da_nang, role="leader", started_on=date(2099, 1, 1)
    )
    person("tam", "Lê Thị Tâm", ("leader", units.man_thai), until=date(2020, 1, 1))

    both = person("ut", "Lê Thị Út", ("leader", units.man_thai), until=date(2020, 1, 1))
    hold_position(user=both, branch=units.hoi_an, role="officer", started_on=date(2016, 1, 1))
    both.positions.update(ended_on=date(2020, 1, 1))

    for somebody in User.objects.all():
        many = set(User.objects.looked_after_by(somebody, TODAY))
        seen = User.objects.administered_by(somebody)
        one_by_one = {p for p in seen if somebody.has_perm("branches.change_user", p)}
        assert many == one_by_one, somebody

    names = {p.username for p in User.objects.looked_after_by(lead, TODAY)}
    assert {"hoa", "nga", "ha", "tam"} == names


# Accounts


def account_form(unit, **changes):
    return {
        "full_name": "Phan Thị  Nhung", "phone": "+84 905 123 456", "email": "",
        "branch": unit.pk, "branch_text": str(unit), "role": "officer",
        "title": "Phó Chủ tịch UBMTTQ, Chủ tịch Hội LHPN phường", "started_on": "01/03/2021",
        "username": "",
    } | changes  # fmt: skip


def test_an_account_is_created_with_its_position_and_leads_to_its_password(
    units, people, as_person
):
    answer = post(as_person("dung"), "person_create", **account_form(units.tho_quang))

    made = User.objects.get(full_name="Phan Thị Nhung")
    held = made.positions.get()
    assert answer.url == reverse("people:person_password", args=[made.pk])
    assert (made.username, made.phone) == ("phan.thi.nhung", "0905123456")
    assert (held.branch, held.role, held.started_on) == (
        units.tho_quang, "officer", date(2021, 3, 1),
    )  # fmt: skip
    assert held.title == "Phó Chủ tịch UBMTTQ, Chủ tịch Hội LHPN phường"
    assert made.history.get().history_user == held.history.get().history_user == people.dung


def test_without_script_the_unit_is_found_by_the_words_typed(units, as_person):
    browser = as_person("dung")

    several = post(
        browser, "person_create",
        **account_form(units.tho_quang, branch="", branch_text="Khu dân cư 1"),
    )  # fmt: skip
    one = post(
        browser, "person_create",
        **account_form(units.tho_quang, branch="", branch_text="phuong tho quang"),
    )  # fmt: skip

    assert several.content.decode().count('type="radio" name="branch"') >= 3
    assert one.status_code == 302


def test_a_unit_outside_her_territory_cannot_be_chosen(units, people, as_person, lead):
    browser = as_person("ha")

    for foreign in (units.hai_chau, units.da_nang, units.quang_nam):
        made = post(browser, "person_create", **account_form(foreign))
        given = post(browser, "position_add", people.hoa.pk, **account_form(foreign))

        assert "branch" in made.context["form"].errors
        assert "branch" in given.context["form"].errors
    assert not User.objects.filter(full_name="Phan Thị Nhung").exists()
    assert people.hoa.positions.count() == 1


def test_a_log_in_name_that_is_taken_is_refused_and_nothing_is_made(units, people, as_person):
    answer = post(
        as_person("dung"), "person_create", **account_form(units.tho_quang, username="hoa")
    )

    assert "Tên đăng nhập này đã có người dùng." in answer.content.decode()
    assert not User.objects.filter(full_name="Phan Thị Nhung").exists()


def test_name_and_phone_are_corrected_and_the_change_is_remembered(people, as_person):
    form = {"full_name": "Bùi Thị Hòa", "phone": "0905 123 456", "email": ""}

    post(as_person("dung"), "person_edit", people.hoa.pk, **form)

    hoa = User.objects.get(pk=people.hoa.pk)
    assert (hoa.full_name, hoa.phone, hoa.email) == ("Bùi Thị Hòa", "0905123456", "")
    assert hoa.search_text.startswith("hoa bui thi hoa")
    assert hoa.history.first().history_user == people.dung


def test_the_one_time_password_is_shown_once(people, as_person):
    browser = as_person("dung")

    shown = post(browser, "person_password", people.hoa.pk, reason="quên mật khẩu")

    username, password = re.findall(r"<code>([^<]+)</code>", shown.content.decode())
    assert username == "hoa"
    assert User.objects.get(pk=people.hoa.pk).check_password(password)
    assert "no-store" in shown["Cache-Control"]
    assert "Hội LHPN phường Thọ Quang" in shown.content.decode()
    for name in ("person_password", "person_detail", "person_history"):
        assert password not in page(browser, name, people.hoa.pk)
    assert "cấp mật khẩu một lần: quên mật khẩu" in page(browser, "person_history", people.hoa.pk)


def test_no_password_is_issued_without_a_reason_or_by_looking(people, as_person):
    browser = as_person("dung")

    page(browser, "person_password", people.hoa.pk)
    answer = post(browser, "person_password", people.hoa.pk, reason=" ")

    assert "reason" in answer.context["form"].errors
    assert not User.objects.get(pk=people.hoa.pk).must_set_password


def test_an_account_is_closed_and_opened_with_a_reason(people, as_person):
    browser = as_person("dung")

    post(browser, "person_state", people.hoa.pk, reason="máy bị mất")
    assert not User.objects.get(pk=people.hoa.pk).is_active
    post(browser, "person_state", people.hoa.pk, reason="đã tìm thấy")

    assert User.objects.get(pk=people.hoa.pk).is_active
    reasons = [r.history_change_reason for r in people.hoa.history.all()[:2]]
    assert reasons == ["đã tìm thấy", "máy bị mất"]


# Positions


def test_a_position_ends_with_day_and_reason(units, people, as_person):
    held = people.hoa.positions.get()
    form = {"ended_on": f"{TODAY:%Y-%m-%d}", "reason": "nghỉ hưu"}

    post(as_person("dung"), "position_end", people.hoa.pk, held.pk, **form)

    held.refresh_from_db()
    assert held.ended_on == TODAY
    assert held.history.first().history_change_reason == "nghỉ hưu"


def test_a_position_of_somebody_else_does_not_end_through_her_page(people, as_person):
    other = people.giang.positions.get()
    form = {"ended_on": f"{TODAY:%Y-%m-%d}", "reason": "nhầm"}

    answer = post(as_person("dung"), "position_end", people.hoa.pk, other.pk, **form)

    assert answer.status_code == 404
    other.refresh_from_db()
    assert other.ended_on is None


def test_a_lead_hands_her_own_position_over_instead_of_ending_it(people, as_person):
    browser, held = as_person("dung"), people.dung.positions.get()
    form = {"ended_on": f"{TODAY:%Y-%m-%d}", "reason": "nghỉ hưu"}

    answer = browser.post(
        reverse("people:position_end", args=[people.dung.pk, held.pk]), form, follow=True
    )

    assert "thì chị bàn giao" in answer.content.decode()
    held.refresh_from_db()
    assert held.ended_on is None


def hand_over_form(positions, **changes):
    return {
        "positions": [p.pk for p in positions], "who": "existing", "to": "", "to_text": "",
        "on": f"{TODAY:%Y-%m-%d}", "title": "", "reason": "QĐ 15",
    } | changes  # fmt: skip


def test_an_office_goes_to_an_account_that_there_is(units, people, as_person):
    held = people.hoa.positions.all()
    form = hand_over_form(held, to=people.giang.pk)

    answer = post(as_person("dung"), "person_hand_over", people.hoa.pk, **form)

    assert answer.url == people.giang.get_absolute_url()
    assert people.giang.positions.filter(branch=units.tho_quang, ended_on=None).exists()
    assert people.hoa.positions.get().ended_on == TODAY


def test_an_office_goes_to_a_new_account_in_one_step(units, people, as_person):
    form = hand_over_form(people.hoa.positions.all(), who="new", full_name="Phan Thị Nhung")

    answer = post(as_person("dung"), "person_hand_over", people.hoa.pk, **form)

    nhung = User.objects.get(full_name="Phan Thị Nhung")
    assert answer.url == reverse("people:person_password", args=[nhung.pk])
    assert nhung.positions.get().branch == units.tho_quang


def test_a_refused_hand_over_leaves_no_new_account_behind(people, as_person):
    form = hand_over_form(
        people.hoa.positions.all(), who="new", full_name="Phan Thị Nhung", on="2015-01-01"
    )

    answer = post(as_person("dung"), "person_hand_over", people.hoa.pk, **form)

    assert "ngày bàn giao phải từ ngày ấy" in answer.content.decode()
    assert not User.objects.filter(full_name="Phan Thị Nhung").exists()


def test_positions_of_somebody_else_are_not_handed_over_through_her_page(people, as_person):
    form = hand_over_form(people.giang.positions.all(), to=people.an.pk)

    answer = post(as_person("dung"), "person_hand_over", people.hoa.pk, **form)

    assert "positions" in answer.context["form"].errors
    assert not Position.objects.filter(ended_on=TODAY).exists()


@pytest.mark.parametrize("name", ["lan", "xuan", "dung"])
def test_a_successor_whom_she_does_not_look_after_is_refused(name, people, as_person, lead):
    form = hand_over_form(people.hoa.positions.all(), to=getattr(people, name).pk)

    answer = post(as_person("ha"), "person_hand_over", people.hoa.pk, **form)

    assert "to" in answer.context["form"].errors
    assert people.hoa.positions.get().ended_on is None


def test_the_search_for_a_successor_stays_in_her_territory(people, as_person, lead):
    browser = as_person("ha")

    assert "Bùi Thị Hoa" in page(browser, "person_search", q="bui hoa")
    for foreign in ("lan", "xuan", "dung"):
        assert "data-pick" not in page(browser, "person_search", q=foreign)


def test_her_menu_has_the_page_for_administrators_only(people, as_person):
    assert LIST in as_person("dung").get("/branches/").content.decode()
    assert LIST not in as_person("cuc").get("/branches/").content.decode()


def test_an_office_of_her_own_goes_to_a_new_account_with_the_paper_on_the_same_page(
    units, people, as_person
):
    form = hand_over_form(people.dung.positions.all(), who="new", full_name="Phan Thị Nhung")
    browser = as_person("dung")

    answer = post(browser, "person_hand_over", people.dung.pk, **form)

    username, password = re.findall(r"<code>([^<]+)</code>", answer.content.decode())
    assert "không mở lại được trang này" in answer.content.decode()
    assert browser.get(LIST).status_code == 302, "she is out"
    door = {"username": username, "password": password}
    assert browser.post("/accounts/login/", door).status_code == 302
    assert User.objects.get(username=username).holds("administrator", units.da_nang)


def test_one_who_was_given_more_needs_a_new_paper_and_the_giver_is_told(units, people, as_person):
    issue_one_time_password(user=people.hoa, by=people.dung, reason="mới")
    browser = as_person("dung")

    asked = page(browser, "position_add", people.hoa.pk)
    answer = browser.post(
        reverse("people:position_add", args=[people.hoa.pk]), account_form(units.da_nang),
        follow=True,
    )  # fmt: skip

    assert "hoa@example.org" in asked
    assert "chưa có mật khẩu dùng được" in answer.content.decode()
    assert "gửi tới hoa@example.org" in answer.content.decode()


def test_a_lead_of_a_former_unit_reads_the_name_and_nothing_of_the_account(
    units, people, as_person, lead
):
    User.objects.filter(pk=people.hoa.pk).update(phone="0905123456", search_text="hoa 0905123456")
    end_position(position=people.hoa.positions.get(), ended_on=date(2020, 1, 1), by=people.dung)
    hold_position(user=people.hoa, branch=units.thanh_binh, role="leader")
    browser = as_person("ha")

    shown = page(browser, "person_detail", people.hoa.pk)
    listed = page(browser, "person_list", state="all")

    assert "Bùi Thị Hoa" in shown and "Bùi Thị Hoa" in listed
    assert "Hội LHPN phường Thọ Quang" in shown
    for secret in ("0905", "hoa@example.org", "Đăng nhập gần nhất", "Tình trạng"):
        assert secret not in shown
    assert "0905" not in listed
    assert names_on(browser, state="all", q="0905123456") == []
    history = reverse("people:person_history", args=[people.hoa.pk])
    assert browser.get(history).status_code == 403
    assert "0905" in page(as_person("dung"), "person_detail", people.hoa.pk)


def test_a_second_account_for_the_same_person_is_made_only_when_it_is_meant(
    units, people, as_person
):
    browser = as_person("dung")
    forms = [
        account_form(units.tho_quang, full_name="bùi thị hoa", phone=""),
        account_form(units.man_thai, email="HOA@example.org"),
    ]

    User.objects.update(created_at=now() - timedelta(hours=1))
    for form in forms:
        asked = post(browser, "person_create", **form)
        assert "Đã có tài khoản: Bùi Thị Hoa (hoa)" in asked.content.decode()
        assert "is_another" in asked.content.decode()
    assert User.objects.filter(positions__started_on=date(2021, 3, 1)).count() == 0
    for form in forms:
        User.objects.update(created_at=now() - timedelta(hours=1))
        assert post(browser, "person_create", **form, is_another="on").status_code == 302


def test_others_accounts_are_not_told_by_the_question_for_twins(units, people, as_person, lead):
    form = account_form(units.tho_quang, full_name="Đỗ Thị Lan", email="lan@example.org")

    assert post(as_person("ha"), "person_create", **form).status_code == 302


@pytest.mark.parametrize("ticked", [{}, {"is_another": "on"}])
def test_a_button_pressed_twice_makes_one_account(ticked, units, people, as_person):
    browser, form = as_person("dung"), account_form(units.tho_quang)

    answers = [post(browser, "person_create", **form, **ticked) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 200]
    assert User.objects.filter(full_name="Phan Thị Nhung").count() == 1


def test_a_strip_has_the_office_once_with_all_its_roles(units, people, as_person):
    Position.objects.update(title="Chủ tịch Hội LHPN")
    hold_position(
        user=people.hoa, branch=units.tho_quang, role="reviewer", title="Chủ tịch Hội LHPN"
    )

    shown = post(as_person("dung"), "person_password", people.hoa.pk, reason="quên")

    strip = shown.content.decode().split('class="slip-who"')[1].split("</div>")[0]
    assert strip.count("Chủ tịch Hội LHPN") == 1
    assert "(cán bộ nhập, người duyệt)" in strip


def test_a_waiting_unit_is_chosen_for_a_position_and_a_closed_one_is_not(units, people, as_person):
    row = open_branch(
        level=Level.objects.get(is_unplaced=True), parent=units.da_nang,
        name="Chưa phân địa bàn", type="", opened_on=date(2016, 1, 1),
    )  # fmt: skip
    for unit in (units.tho_quang, units.cong_an):
        Branch.objects.filter(pk=unit.pk).update(closed_on=date(2021, 1, 1), parent=row)
        keep_keys([unit.pk])
    browser = as_person("dung")

    found = browser.get("/branches/search/?pick=1&administered=1&q=tho+quang").content.decode()
    given = post(browser, "position_add", people.giang.pk, **account_form(units.tho_quang))
    closed = post(browser, "position_add", people.giang.pk, **account_form(units.cong_an))

    assert "data-pick" in found
    assert given.status_code == 302
    assert "branch" in closed.context["form"].errors


def test_the_choice_of_units_for_a_position_has_those_she_administers_only(
    units, people, as_person, lead
):
    hold_position(user=people.ha, branch=units.hai_chau, role="officer")
    browser = as_person("ha")

    def chosen(words):
        address = f"/branches/search/?pick=1&administered=1&q={words}"
        return "data-pick" in browser.get(address).content.decode()

    assert chosen("tho quang")
    assert not chosen("thanh binh")
