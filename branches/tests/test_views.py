import re
from datetime import date

import pytest
from django.urls import reverse

from branches.models import Branch, Level
from branches.services import close_branch, open_branches, rename_branch, store_file

pytestmark = pytest.mark.django_db


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def open_many(parent, count):
    level = Level.objects.get(code="chi_hoi")
    start = Branch.objects.count()
    open_branches(
        [
            Branch(
                level=level,
                parent=parent,
                type="chi hội",
                name=f"Tổ dân phố {number}",
                slug=f"to-dan-pho-{number}",
                opened_on=date(2020, 1, 1),
            )
            for number in range(start, start + count)
        ]
    )


@pytest.fixture
def queries_of(as_person, django_assert_max_num_queries):
    """How many queries a page asks as Giang; the session and the like included."""

    def count(url):
        client = as_person("giang")
        with django_assert_max_num_queries(100) as asked:
            text_of(client.get(url))
        return len(asked)

    return count


def test_the_list_begins_with_her_own_territory(as_person, units):
    response = as_person("giang").get(reverse("branches:branch_list"))

    assert [top.name for top in response.context["tops"]] == ["Sơn Trà"]
    assert [unit.name for unit in response.context["tops"][0].below] == ["Mân Thái", "Thọ Quang"]


def test_a_unit_inside_her_territory_is_no_second_top(as_person, units):
    response = as_person("nga").get(reverse("branches:branch_list"))

    assert [top.name for top in response.context["tops"]] == ["Sơn Trà"]


def test_the_search_finds_every_unit_with_its_place(as_person, units):
    response = as_person("hoa").get(reverse("branches:branch_list"), {"q": "minh an"})

    [hit] = response.context["hits"]
    assert hit == units.minh_an
    assert hit.place == [units.quang_nam, units.hoi_an]
    assert "tỉnh Quảng Nam › thành phố Hội An" in text_of(response)


def test_the_search_gives_at_most_fifty_units(as_person, units):
    open_many(units.tho_quang, 60)

    response = as_person("hoa").get(reverse("branches:branch_search"), {"q": "to dan pho"})

    assert len(response.context["hits"]) == 50
    assert "Mới hiện 50 đơn vị đầu" in text_of(response)


def test_the_search_says_when_nothing_is_found(as_person, units):
    page = text_of(as_person("hoa").get(reverse("branches:branch_search"), {"q": "không đâu cả"}))

    assert "Không có đơn vị nào tên như “không đâu cả”" in page


@pytest.mark.parametrize("words", ["", "   ", "%", "́"])
def test_a_search_without_letters_is_harmless(as_person, units, words):
    for page in ("branches:branch_list", "branches:branch_search"):
        assert as_person("hoa").get(reverse(page), {"q": words}).status_code == 200


def test_a_choice_can_be_narrowed_to_a_level_and_to_her_territory(as_person, units):
    asked = {"q": "khu dan cu", "level": "chi_hoi", "mine": "1", "pick": "1"}

    response = as_person("hoa").get(reverse("branches:branch_search"), asked)

    assert set(response.context["hits"]) == {units.chi_hoi_1, units.chi_hoi_2}
    assert f'data-pick="{units.chi_hoi_1.pk}"' in text_of(response)


def test_the_search_answers_programs_in_json(as_person, units):
    response = as_person("hoa").get(
        reverse("branches:branch_search"),
        {"q": "Thọ Quang"},
        headers={"Accept": "application/json"},
    )

    assert response.json() == [
        {
            "id": units.tho_quang.pk,
            "name": "phường Thọ Quang",
            "place": "thành phố Đà Nẵng › quận Sơn Trà",
        }
    ]


def test_inside_her_territory_a_unit_shows_its_people(as_person, units, people):
    response = as_person("giang").get(units.tho_quang.get_absolute_url())

    assert [position.user for position in response.context["positions"]] == [people.hoa]
    assert "Bùi Thị Hoa" in text_of(response)


def test_outside_her_territory_a_unit_shows_its_place_and_nobody(as_person, units, people):
    page = text_of(as_person("lan").get(units.tho_quang.get_absolute_url()))

    assert "Phường Thọ Quang" in page
    assert "quận Sơn Trà" in page
    for secret in ("Bùi Thị Hoa", "Khu dân cư 1", "Lịch sử", "01/01/2016", "Đoàn phụ trách"):
        assert secret not in page


def test_a_closed_unit_stays_readable_and_says_since_when(as_person, units, people):
    close_branch(
        branch=units.chi_hoi_2, closed_on=date(2021, 7, 1), by=people.dung, reason="sáp nhập"
    )

    page = text_of(as_person("lan").get(units.chi_hoi_2.get_absolute_url()))

    assert "Đã kết thúc từ 01/07/2021" in page


def test_a_unit_lists_the_teams_it_keeps_and_those_that_look_after_it(as_person, units):
    city = as_person("an").get(units.da_nang.get_absolute_url())
    district = as_person("giang").get(units.son_tra.get_absolute_url())

    assert list(city.context["teams"]) == [units.team]
    assert list(district.context["teams_in_charge"]) == [units.team]


def test_only_an_administrator_finds_the_button_to_change_a_unit(as_person, units):
    change = reverse("admin:branches_branch_change", args=[units.tho_quang.pk])

    assert change in text_of(as_person("dung").get(units.tho_quang.get_absolute_url()))
    assert change not in text_of(as_person("an").get(units.tho_quang.get_absolute_url()))


def test_the_history_says_who_changed_what_and_why(as_person, units, people):
    rename_branch(
        branch=units.tho_quang,
        name="Thọ Quang Mới",
        type="phường",
        by=people.dung,
        reason="Nghị quyết 12",
    )

    url = reverse("branches:branch_history", args=[units.tho_quang.slug])
    page = text_of(as_person("hoa").get(url))

    for words in ("Phạm Thị Dung", "Tên:", "Thọ Quang Mới", "Nghị quyết 12"):
        assert words in page


@pytest.mark.parametrize("page", ["branch_detail", "branch_children", "branch_history"])
def test_a_page_of_a_unit_asks_as_often_for_300_units_as_for_three(queries_of, units, page):
    url = reverse(f"branches:{page}", args=[units.tho_quang.slug])
    open_many(units.tho_quang, 3)
    few = queries_of(url)

    open_many(units.tho_quang, 300)

    assert queries_of(url) == few


@pytest.mark.parametrize("asked", ["", "?q=to"])
def test_the_list_asks_as_often_for_300_units_as_for_three(queries_of, units, asked):
    url = reverse("branches:branch_list") + asked
    open_many(units.son_tra, 3)
    few = queries_of(url)

    open_many(units.son_tra, 300)

    assert queries_of(url) == few


@pytest.fixture
def stored(units, people):
    return store_file(
        content=b"<script>alert(1)</script>",
        name="danh sách “quý 1”.html",
        content_type="text/html",
        branch=units.tho_quang,
        by=people.hoa,
    )


def test_a_file_is_saved_under_its_name_and_never_shown(as_person, stored):
    response = as_person("giang").get(stored.get_absolute_url())

    assert response.getvalue() == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''danh%20s")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_foreign_file_and_a_missing_one_look_alike(as_person, stored):
    client = as_person("lan")

    foreign = client.get(stored.get_absolute_url())
    missing = client.get(
        reverse("branches:file_download", args=["00000000-0000-4000-8000-000000000000"])
    )

    assert (foreign.status_code, missing.status_code) == (404, 404)
    token = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub(b"", foreign.content) == token.sub(b"", missing.content)


def test_a_file_that_the_disk_lost_is_a_404(as_person, stored):
    stored.file.storage.delete(stored.file.name)

    assert as_person("giang").get(stored.get_absolute_url()).status_code == 404
