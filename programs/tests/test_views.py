import re
from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from branches.models import Branch, Level
from branches.services import open_branches
from hoiphunu.text import fold
from programs.models import Assignment, Program
from programs.queries import quota_table
from programs.services import change_assignment, close_program, end_assignment

from .conftest import DAY, build_program

pytestmark = pytest.mark.django_db


def page(response):
    assert response.status_code == 200
    return response.content.decode()


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def many_chi_hoi(parent, count):
    level = Level.objects.get(code="chi_hoi")
    return open_branches(
        [
            Branch(
                level=level,
                parent=parent,
                type="chi hội",
                name=f"Tổ dân phố {number}",
                slug=f"{parent.slug}-to-{number}",
                opened_on=date(2016, 1, 1),
            )
            for number in range(count)
        ]
    )


def queries_of(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# --- The plan's page ------------------------------------------------------------------------


def plan_data(units, **more):
    """The page "Tạo chương trình từ kế hoạch", filled in for the cast."""
    level = {level.code: level.pk for level in Level.objects.all()}
    rows = {
        "lines": [
            {"label": "Hội LHPN thành phố", "applies_to": "teams", "stated_total": "01"},
            {
                "number": "2",
                "label": "Hội Phụ nữ Công an",
                "applies_to": "branch",
                "branch": units.cong_an.pk,
                "place": units.son_tra.pk,
                "stated_total": "1",
            },
            {"label": "Quận/huyện", "applies_to": "level", "level": level["huyen"]},
            {"label": "", "applies_to": ""},
        ],
        "milestones": [
            {"label": "Nộp danh sách", "due_on": "14/01/2021", "printed": "trước ngày 15/01/2021"},
            {"label": "", "due_on": ""},
        ],
    }
    data = {
        "name": "Hướng về Chi hội",
        "starts_on": "01/01/2021",
        "ends_on": "31/12/2022",
        "plan-title": "Kế hoạch năm 2021",
    }
    for prefix, forms in rows.items():
        data |= {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": 0}
        for number, form in enumerate(forms):
            defaults = {"minimum_each": "1"} if prefix == "lines" else {}
            for name, value in (defaults | form).items():
                data[f"{prefix}-{number}-{name}"] = value
    return data | more


def test_a_programme_is_made_from_its_plan_in_one_page(as_person, units):
    client = as_person("an")

    response = client.post(reverse("programs:program_create"), plan_data(units))

    program = Program.objects.get()
    assert response["Location"] == program.get_absolute_url()
    assert list(program.lines.values_list("number", "label", "stated_total")) == [
        (1, "Hội LHPN thành phố", 1),
        (2, "Hội Phụ nữ Công an", 1),
        (3, "Quận/huyện", None),
    ]
    assert [m.due_on for m in program.milestones.all()] == [date(2021, 1, 14)]
    assert program.plans.get().title == "Kế hoạch năm 2021"
    assert program.is_draft


def test_more_rows_and_the_check_redraw_the_page_and_save_nothing(as_person, units):
    client = as_person("an")
    url = reverse("programs:program_create")

    more = page(client.post(url, plan_data(units, more_lines="1")))
    checked = page(client.post(url, plan_data(units, check="1")))

    assert 'name="lines-6-label"' in more
    assert "Tổng cộng: 4 chi hội" in checked
    assert not Program.objects.exists()


def test_the_check_compares_each_line_with_the_printed_number(as_person, units):
    client = as_person("an")
    url = reverse("programs:plan_check") + f"?owner={units.da_nang.slug}"

    text = page(client.post(url, plan_data(units, **{"lines-2-stated_total": "7"})))

    assert "2 × 1 = <strong>2</strong>" in text
    assert "khác số in" in text
    assert "kế hoạch in 9" in text


@pytest.mark.parametrize("branch", ["", "abc", "foreign"])
def test_a_line_whose_one_unit_is_not_chosen_yet_binds_nobody(as_person, units, branch):
    chosen = units.minh_an.pk if branch == "foreign" else branch
    url = reverse("programs:plan_check") + f"?owner={units.da_nang.slug}"

    response = as_person("an").post(url, plan_data(units, **{"lines-1-branch": chosen}))

    assert response.status_code == 200
    assert [row["total"] for row in response.context["check"]["rows"]] == [1, 0, 2]


def test_htmx_adds_a_line_with_the_next_number(as_person, units):
    client = as_person("an")

    text = page(
        client.get(
            reverse("programs:line_row"),
            {"owner": units.da_nang.slug, "lines-TOTAL_FORMS": "7"},
        )
    )

    assert 'name="lines-7-label"' in text
    assert 'name="lines-TOTAL_FORMS" value="8"' in text


@pytest.mark.parametrize("count", ["", "-1", "x", "99999999999", "٣"])
def test_a_garbled_number_of_rows_is_no_error(as_person, units, count):
    client = as_person("an")

    response = client.get(
        reverse("programs:line_row"), {"owner": units.da_nang.slug, "lines-TOTAL_FORMS": count}
    )

    assert response.status_code == 200


def test_what_is_wrong_in_the_table_is_said_with_its_line(as_person, units):
    client = as_person("an")
    data = plan_data(units, **{"lines-1-branch": "", "lines-0-minimum_each": "1,5"})

    text = page(client.post(reverse("programs:program_create"), data))

    assert "Bảng, dòng thứ 2, Đơn vị được giao" in text
    assert "“1,5” không phải số nguyên" in text
    assert not Program.objects.exists()


def test_a_unit_of_another_tree_cannot_be_sent_in(as_person, units):
    client = as_person("an")
    data = plan_data(units, **{"lines-1-branch": units.quang_nam.pk})

    page(client.post(reverse("programs:program_create"), data))

    assert not Program.objects.exists()


def test_someone_with_two_offices_chooses_who_issues_the_plan(as_person, people, units):
    people.giang.positions.create(branch=units.hai_chau, role="officer", started_on=DAY)
    client = as_person("giang")

    text = page(client.get(reverse("programs:program_create")))

    assert "?owner=quan-son-tra" in text
    assert "?owner=quan-hai-chau" in text


def update_data(client, program):
    """The update page as a browser would send it back."""
    context = client.get(reverse("programs:program_update", args=[program.slug])).context
    shown = context["page"]
    data = {"version": context["version"]}
    parts = [shown.form, shown.plan, *shown.lines, *shown.milestones]
    parts += [shown.lines.management_form, shown.milestones.management_form]
    for form in parts:
        for field in form:
            value = field.value()
            if value is not None or field.name != "levels":  # of boxes none is sent
                data[field.html_name] = "" if value is None else value
    for name in list(data):
        if name.endswith("DELETE"):
            del data[name]
    return data


def test_a_saved_page_without_changes_changes_nothing(as_person, program):
    client = as_person("an")
    before = list(program.lines.values()), program.lines.model.history.count()

    response = client.post(
        reverse("programs:program_update", args=[program.slug]), update_data(client, program)
    )

    assert response.status_code == 302
    assert (list(program.lines.values()), program.lines.model.history.count()) == before


def test_a_line_marked_for_removal_goes(as_person, program):
    client = as_person("an")
    data = update_data(client, program) | {"lines-1-DELETE": "on", "reason": "nhập thừa"}

    client.post(reverse("programs:program_update", args=[program.slug]), data)

    assert list(program.lines.values_list("number", flat=True)) == [1, 3, 4]


def test_the_page_of_an_old_version_is_refused_with_a_sentence(as_person, program):
    client = as_person("an")
    data = update_data(client, program) | {"version": program.version - 1, "name": "Khác"}

    text = page(client.post(reverse("programs:program_update", args=[program.slug]), data))

    assert "Vừa có người khác sửa phần này" in text
    assert Program.objects.get().name != "Khác"


def test_a_page_without_its_version_is_a_bad_request(as_person, program):
    client = as_person("an")

    assert client.post(reverse("programs:program_start", args=[program.slug])).status_code == 400


def test_a_draft_is_started_and_later_closed(as_person, units, people):
    program = build_program(units, people.an, is_started=False)
    client = as_person("an")

    client.post(reverse("programs:program_start", args=[program.slug]), {"version": 1})
    client.post(
        reverse("programs:program_close", args=[program.slug]),
        {"version": 2, "reason": "hết giai đoạn"},
    )

    program.refresh_from_db()
    assert program.is_closed


# --- The programme's page -------------------------------------------------------------------


def test_the_programme_shows_its_table_its_deadline_in_printed_words_and_the_doubles(
    as_person, program, assignments
):
    text = page(as_person("an").get(program.get_absolute_url()))

    for words in ("trước ngày 15/01/2021", "Chi hội trùng", "chưa rõ", "Kế hoạch in: 7 chi hội"):
        assert words in text


def test_the_neighbour_reads_the_lines_but_no_unit_of_the_other_district(
    as_person, program, assignments
):
    text = page(as_person("lan").get(program.get_absolute_url()))

    assert "Hội LHPN các xã/phường" in text
    assert "phường Thanh Bình" in text
    assert "Thọ Quang" not in text
    assert "Mân Thái" not in text


def test_the_neighbour_reads_printed_numbers_and_the_figures_of_her_own_units_only(
    as_person, program, units, assignments, help_given
):
    help_given(units.cong_an, units.chi_hoi_2)

    text = page(as_person("lan").get(program.get_absolute_url()))

    assert text.count("Số liệu dưới đây chỉ tính các đơn vị trong địa bàn của chị.") == 1
    line = text[text.index("Hội Phụ nữ Công an") :].partition("</tr>")[0]
    assert "Kế hoạch in: 1 chi hội" in line
    assert line.count("—") == 6
    total = text[text.index("<tfoot>") :].partition("</tfoot>")[0]
    assert re.findall(r'<td class="num[^>]*>(.*?)</td>', total) == ["2", "1", "1", "0", "0"]


def test_the_owner_reads_the_whole_table_without_a_remark(as_person, program):
    text = page(as_person("an").get(program.get_absolute_url()))

    assert "chỉ tính các đơn vị trong địa bàn" not in text
    assert "—" not in text.partition("<tfoot>")[0].partition("<tbody>")[2]


def test_a_unit_without_a_quota_is_told_so(as_person, people, units, program):
    people.hoa.positions.update(branch=units.chi_hoi_1)

    text = page(as_person("hoa").get(program.get_absolute_url()))

    assert "Địa bàn của chị không được giao chỉ tiêu trong chương trình này." in text
    assert "các đơn vị đã nhận đủ" not in text


def test_the_list_of_programmes_counts_the_assignments_that_she_may_see(
    as_person, program, assignments
):
    def counted(name):
        rows = as_person(name).get(reverse("programs:program_list")).context["object_list"]
        return [row.active for row in rows]

    assert (counted("an"), counted("hoa"), counted("lan")) == ([3], [2], [1])


def test_the_list_of_programmes_says_how_far_the_quotas_are_met_and_what_is_due_next(
    as_person, program, assignments, units, people
):
    build_program(units, people.an, name="Còn soạn", is_started=False)
    program.milestones.create(label="Tổng kết", due_on=localdate() + timedelta(days=9))
    program.milestones.create(label="Sau nữa", due_on=localdate() + timedelta(days=90))

    def listed(name):
        answer = as_person(name).get(reverse("programs:program_list"))
        row = next(p for p in answer.context["object_list"] if p == program)
        whole = quota_table(program, getattr(people, name)).total
        assert (row.tally.minimum, row.tally.missing) == (whole.minimum, whole.missing)
        return row, page(answer)

    row, text = listed("an")
    assert (row.tally.minimum, row.tally.missing, row.next_label) == (7, 4, "Tổng kết")
    assert "3/7 chi hội" in text and text.count("chi hội</span>") == 1  # of a draft nothing yet
    assert "1/1 chi hội" in listed("hoa")[1]
    assert listed("lan")[0].tally.missing == 1


def test_buttons_stand_where_the_person_may_use_them(as_person, program):
    create = reverse("programs:assignment_create", args=[program.slug])
    update = reverse("programs:program_update", args=[program.slug])

    seen = {}
    for name in ("an", "hoa", "cuc", "binh"):
        text = page(as_person(name).get(program.get_absolute_url()))
        seen[name] = (create in text, update in text)

    assert seen == {
        "an": (True, True),
        "hoa": (True, False),
        "cuc": (False, False),
        "binh": (False, False),
    }


def test_the_unit_page_gets_what_the_unit_gives_and_receives(as_person, units, assignments):
    url = reverse("programs:branch_panel", args=[units.tho_quang.slug])

    text = page(as_person("hoa").get(url))

    assert "Đơn vị đang nhận giúp (1)" in text
    assert "Phân công giúp chi hội trên địa bàn (2)" in text


def test_the_page_of_a_unit_outside_draws_only_what_is_hers_and_asks_for_nothing_more(
    as_person, units, help_given, assignments
):
    help_given(units.cong_an, units.chi_hoi_1)
    client = as_person("phuong")
    asked = reverse("programs:outside_panel") + "?branch="

    own_part = client.get(asked + units.chi_hoi_1.slug)
    assert "Được các đơn vị này nhận giúp (1)" in page(own_part)
    foreign, missing, unnamed = (
        client.get(asked + slug) for slug in (units.minh_an.slug, "khong-co", "")
    )
    for answer in (foreign, missing, unnamed):
        assert (answer.status_code, answer.content) == (200, b"")
    unit_page = page(client.get(reverse("branches:branch_detail", args=[units.minh_an.slug])))
    assert f'hx-get="{asked}{units.minh_an.slug}"' in unit_page
    assert reverse("programs:branch_panel", args=[units.minh_an.slug]) not in unit_page


def panel(client, branch):
    response = client.get(reverse("programs:branch_panel", args=[branch.slug]))
    return page(response) if response.status_code == 200 else response.status_code


def test_a_supporter_sees_her_own_help_on_the_page_of_whom_she_helps(
    as_person, units, help_given, assignments
):
    help_given(units.cong_an, units.chi_hoi_1)

    text = panel(as_person("phuong"), units.chi_hoi_1)

    assert "Được các đơn vị này nhận giúp (1)" in text
    assert "Hội Phụ nữ Công an" in text
    assert "phường Thọ Quang" not in text and "quận Sơn Trà" not in text


def test_the_supported_see_who_helps_them_and_on_its_page_that_alone(
    as_person, units, help_given, assignments
):
    help_given(units.cong_an, units.chi_hoi_1)
    help_given(units.cong_an, units.chi_hoi_thanh_binh)

    text = panel(as_person("hoa"), units.cong_an)

    assert "Hội Phụ nữ Công an" in panel(as_person("hoa"), units.chi_hoi_1)
    assert "Đơn vị đang nhận giúp (1)" in text
    assert "phường Thanh Bình" not in text


def test_a_neighbour_who_helps_nobody_there_gets_nothing(as_person, units, assignments):
    assert panel(as_person("lan"), units.chi_hoi_1) == 404
    assert panel(as_person("phuong"), units.chi_hoi_1) == 404


# --- The list -------------------------------------------------------------------------------


@pytest.fixture
def listed(as_person, program, assignments, units, help_given):
    help_given(units.team, units.chi_hoi_2)

    def ask(name="an", **params):
        url = reverse("programs:assignment_list", args=[program.slug])
        rows = as_person(name).get(url, params).context["page_obj"]
        return {(row.supporter, row.supported) for row in rows}

    return ask


def test_each_person_lists_what_touches_her_territory(listed, units):
    assert len(listed("an")) == 4
    assert listed("lan") == {(units.thanh_binh, units.chi_hoi_thanh_binh)}
    assert listed("hoa") == {
        (units.son_tra, units.chi_hoi_1),
        (units.tho_quang, units.chi_hoi_1),
        (units.team, units.chi_hoi_2),
    }


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"kind": "team"}, 1),
        ({"kind": "xa"}, 2),
        ({"kind": "khong co"}, 4),
        ({"state": "doubled"}, 2),
        ({"state": "ended"}, 0),
        ({"state": "active"}, 4),
        ({"q": "tho quang"}, 3),
        ({"q": "Thanh BÌNH"}, 1),
        ({"q": "doan phu trach"}, 1),
        ({"q": "100%"}, 0),
        ({"page": "99"}, 4),
        ({"district": "x"}, 4),
    ],
)
def test_filters_stand_in_the_address(listed, params, count):
    assert len(listed(**params)) == count


def test_what_lies_outside_its_place_is_marked_and_found_where_the_table_counts_it(
    listed, as_person, program, units, help_given
):
    help_given(units.cong_an, units.chi_hoi_man_thai)  # in quận Sơn Trà, as the plan wants
    help_given(units.cong_an, units.chi_hoi_thanh_binh)
    quota = program.lines.get(number=2).quotas.get()
    address = reverse("programs:assignment_list", args=[program.slug])

    assert listed(state="outside") == {(units.cong_an, units.chi_hoi_thanh_binh)}
    assert listed(state="outside", quota=quota.pk) == listed(state="outside")
    assert page(as_person("an").get(address)).count("Ngoài địa bàn</span>") == 1
    text = page(as_person("an").get(program.get_absolute_url()))
    assert f'href="{address}?state=outside">1</a>' in text

    units.chi_hoi_thanh_binh.path = f"{units.son_tra.path}9/"  # moved into its place by a decree
    units.chi_hoi_thanh_binh.save()
    assert listed(state="outside") == set()


def test_help_that_a_decree_has_moved_out_of_its_place_is_not_outside(
    listed, program, units, help_given
):
    help_given(units.cong_an, units.chi_hoi_1)
    units.chi_hoi_1.path = f"{units.hai_chau.path}9/"
    units.chi_hoi_1.save()

    assert listed(state="outside") == set()


def test_the_list_by_district_and_by_quota(listed, program, units):
    quota = program.lines.get(number=3).quotas.get(supporter_branch=units.son_tra)

    assert listed(district=units.hai_chau.pk) == {(units.thanh_binh, units.chi_hoi_thanh_binh)}
    assert listed(quota=quota.pk) == {(units.son_tra, units.chi_hoi_1)}


def test_a_quota_next_door_narrows_nothing_and_names_nobody(listed, program, units):
    quota = program.lines.get(number=3).quotas.get(supporter_branch=units.son_tra)

    assert listed("lan", quota=quota.pk) == listed("lan")


@pytest.mark.parametrize("route", ["program_detail", "assignment_list", "program_list"])
def test_pages_ask_as_often_for_three_rows_as_for_three_hundred(
    as_person, program, units, people, help_given, route
):
    chi_hoi = many_chi_hoi(units.tho_quang, 300)
    url = reverse(f"programs:{route}", args=[] if route == "program_list" else [program.slug])
    for unit in chi_hoi[:3]:
        help_given(units.tho_quang, unit)
    help_given(units.son_tra, chi_hoi[0])
    client = as_person("an")
    few = queries_of(client, url)

    Assignment.objects.bulk_create(
        Assignment(
            program=program,
            supporter_branch=supporter,
            supported=unit,
            starts_on=DAY,
        )
        for unit in chi_hoi[3:]
        for supporter in (units.tho_quang, units.son_tra)
    )
    if route == "program_list":
        for number in range(60):
            build_program(units, people.an, name=f"Chương trình {number}", lines=[])

    assert queries_of(client, url) == few


# --- Taking on, moving, ending --------------------------------------------------------------


def quota_for(program, supporter):
    return next(
        quota
        for line in program.lines.all()
        for quota in line.quotas.with_units()
        if quota.supporter == supporter
    )


def test_a_commune_officer_takes_on_a_chi_hoi(as_person, program, units):
    client = as_person("hoa")

    response = client.post(
        reverse("programs:assignment_create", args=[program.slug]),
        {
            "quota": quota_for(program, units.tho_quang).pk,
            "supported": units.chi_hoi_1.pk,
            "starts_on": "10/01/2021",
            "content": "Tập huấn",
        },
    )

    assignment = Assignment.objects.get()
    assert response["Location"] == assignment.get_absolute_url()
    assert (assignment.supporter, assignment.starts_on) == (units.tho_quang, date(2021, 1, 10))


def test_she_is_told_when_the_chi_hoi_is_doubled_or_outside(as_person, program, units, help_given):
    help_given(units.thanh_binh, units.chi_hoi_thanh_binh)
    client = as_person("an")

    response = client.post(
        reverse("programs:assignment_create", args=[program.slug]),
        {
            "quota": quota_for(program, units.cong_an).pk,
            "supported": units.chi_hoi_thanh_binh.pk,
            "starts_on": "10/01/2021",
        },
    )

    first, outside, doubled = said(response)
    assert "ngoài quận Sơn Trà" in outside
    assert "trùng" in doubled


def test_a_district_officer_records_that_an_affiliated_unit_helps_in_her_district(
    as_person, program, units
):
    client = as_person("giang")

    client.post(
        reverse("programs:assignment_create", args=[program.slug]),
        {
            "quota": quota_for(program, units.cong_an).pk,
            "supported": units.chi_hoi_1.pk,
            "starts_on": "10/01/2021",
        },
    )

    assert Assignment.objects.get().supporter == units.cong_an


def test_she_cannot_record_it_for_a_chi_hoi_that_is_not_hers(as_person, program, units):
    client = as_person("giang")

    text = page(
        client.post(
            reverse("programs:assignment_create", args=[program.slug]),
            {
                "quota": quota_for(program, units.cong_an).pk,
                "supported": units.chi_hoi_thanh_binh.pk,
                "starts_on": "10/01/2021",
            },
        )
    )

    assert "khi đơn vị nhận giúp hoặc chi hội thuộc đơn vị của chị" in text
    assert not Assignment.objects.exists()


def test_supporters_to_choose_are_hers_or_bound_to_help_in_her_place(as_person, program, units):
    context = (
        as_person("hoa").get(reverse("programs:assignment_create", args=[program.slug])).context
    )

    chosen = {pk for pk, _ in context["form"].fields["quota"].choices if pk}
    assert chosen == {
        quota_for(program, supporter).pk
        for supporter in (units.tho_quang, units.cong_an, units.team)
    }


def test_words_without_script_find_the_chi_hoi_or_offer_a_choice(as_person, program, units):
    client = as_person("an")
    url = reverse("programs:assignment_create", args=[program.slug])
    data = {
        "quota": quota_for(program, units.tho_quang).pk,
        "supported": "",
        "starts_on": "10/01/2021",
    }

    choice = page(client.post(url, data | {"supported_text": "khu dan cu 1"}))
    nothing = page(client.post(url, data | {"supported_text": "Minh An"}))
    missing = page(client.post(url, data))
    client.post(url, data | {"supported_text": "khu 2 tho quang"})

    assert choice.count('type="radio"') == 3
    assert "Không có chi hội nào tên như vậy" in nothing
    assert "Hãy chọn chi hội được giúp" in missing
    assert Assignment.objects.get().supported == units.chi_hoi_2


def test_the_words_that_the_picker_leaves_find_the_same_chi_hoi_again(as_person, program, units):
    client = as_person("an")

    client.post(
        reverse("programs:assignment_create", args=[program.slug]),
        {
            "quota": quota_for(program, units.tho_quang).pk,
            "supported_text": "chi hội Khu dân cư 1 › phường Mân Thái",
            "starts_on": "10/01/2021",
        },
    )

    assert Assignment.objects.get().supported == units.chi_hoi_man_thai


def test_the_picker_offers_units_to_help_the_programme_only(as_person, program, units):
    url = reverse("programs:unit_search", args=[program.slug])
    client = as_person("hoa")

    assert page(client.get(url, {"q": "khu dan cu 1"})).count("data-pick") == 3
    assert page(client.get(url, {"q": "minh an"})).count("data-pick") == 0
    assert page(client.get(url)).strip() == ""


def test_an_assignment_is_moved_on_its_page(as_person, program, units, assignments):
    client = as_person("giang")
    row = assignments.son_tra

    response = client.post(
        reverse("programs:assignment_update", args=[row.pk]),
        {
            "version": row.version,
            "quota": quota_for(program, units.team).pk,
            "supported": units.chi_hoi_2.pk,
            "starts_on": "11/01/2021",
            "reason": "đổi đơn vị",
        },
    )

    assert response.status_code == 302
    row.refresh_from_db()
    assert (row.supporter, row.supported) == (units.team, units.chi_hoi_2)
    assert row.history.first().history_change_reason == "đổi đơn vị"


def test_an_assignment_changed_meanwhile_is_not_overwritten(as_person, people, units, assignments):
    row = assignments.son_tra
    client = as_person("giang")
    url = reverse("programs:assignment_end", args=[row.pk])
    change_assignment(assignment=row, seen_version=1, by=people.an, note="mới")

    text = page(client.post(url, {"version": 1, "ends_on": "01/12/2021", "reason": "xong"}))

    assert "Vừa có người khác sửa phần này" in text
    assert Assignment.objects.get(pk=row.pk).is_active


def test_an_assignment_ends_on_its_page_but_not_in_the_future(as_person, assignments):
    row = assignments.son_tra
    client = as_person("giang")
    url = reverse("programs:assignment_end", args=[row.pk])
    data = {"version": 1, "reason": "chi hội đã vững mạnh", "basis": "biên bản"}

    future = page(client.post(url, data | {"ends_on": "01/12/2049"}))
    client.post(url, data | {"ends_on": "01/12/2021"})

    assert "Ngày kết thúc chưa đến" in future
    row.refresh_from_db()
    assert (row.ends_on, row.end_reason) == (date(2021, 12, 1), "chi hội đã vững mạnh")


def test_an_ended_assignment_shows_why_and_offers_no_more_changes(as_person, people, assignments):
    row = end_assignment(
        assignment=assignments.son_tra,
        seen_version=1,
        ends_on=date(2021, 12, 1),
        reason="đạt vững mạnh",
        by=people.an,
    )

    text = page(as_person("an").get(row.get_absolute_url()))

    assert "đạt vững mạnh" in text
    assert reverse("programs:assignment_update", args=[row.pk]) not in text


def test_the_other_supporter_is_named_only_to_whom_may_see_her(
    as_person, units, help_given, assignments
):
    row = help_given(units.cong_an, units.chi_hoi_1)

    seen = {name: page(as_person(name).get(row.get_absolute_url())) for name in ("phuong", "giang")}

    assert "có 2 đơn vị khác cùng nhận giúp." in seen["phuong"]
    assert "phường Thọ Quang</a>" in seen["giang"]


def test_the_history_says_who_moved_it_and_why(as_person, people, units, assignments):
    row = assignments.son_tra
    change_assignment(
        assignment=row, seen_version=1, by=people.hoa, reason="nhầm", supported=units.chi_hoi_2
    )

    text = page(as_person("giang").get(reverse("programs:assignment_history", args=[row.pk])))

    assert "Bùi Thị Hoa" in text
    assert "nhầm" in text
    assert fold("Khu dân cư 2") in fold(text)


def test_a_closed_programme_says_so_on_the_pages_that_write(
    as_person, people, program, assignments
):
    close_program(program=program, seen_version=program.version, by=people.an, reason="hết")
    client = as_person("an")

    text = page(client.get(reverse("programs:assignment_create", args=[program.slug])))

    assert "đã kết thúc, nên chưa ghi được phân công" in text
