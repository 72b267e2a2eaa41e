"""Pages of decrees and the work list: who sees them, what they say, what they change."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Branch, Reorganisation, ReorganisationRun, Succession, Successor
from branches.services import add_line, change_decree
from branches.tests.small_decrees import (
    apply_tree_alone,
    empty_decree,
    opened,
    reform_of_da_nang,
    successor,
)
from conftest import person, unit
from reports.reorganisation import place_chi_hoi

pytestmark = pytest.mark.django_db


@pytest.fixture
def decree(units, people):
    return reform_of_da_nang(units, people.dung)


@pytest.fixture
def applied(decree, people):
    apply_tree_alone(decree, people.dung)
    return decree


@pytest.fixture
def post(as_person, django_capture_on_commit_callbacks):
    """`post("dung", "reports:…", args, name=value)`, with the worker's part done."""

    def send(name, route, /, *args, **data):
        with django_capture_on_commit_callbacks(execute=True):
            return as_person(name).post(reverse(route, args=args), data, follow=True)

    return send


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def page(as_person, name, route, *args, query=""):
    return as_person(name).get(reverse(route, args=args) + query)


def text_of(answer):
    return answer.content.decode()


# --- The list and the form --------------------------------------------------------------------


def test_an_administrator_writes_a_decree_down(post, units):
    answer = post(
        "dung",
        "reports:reorganisation_create",
        owner=units.da_nang.slug,
        title="Sắp xếp các phường",
        number="1659/NQ-UBTVQH15",
        issuer="Ủy ban Thường vụ Quốc hội",
        issued_on="16/06/2025",
        effective_on="01/07/2025",
    )

    decree = Reorganisation.objects.get()
    assert answer.redirect_chain[0][0] == decree.get_absolute_url()
    assert (decree.issued_on, decree.effective_on) == (date(2025, 6, 16), date(2025, 7, 1))
    assert not decree.is_confirmed
    assert "Chưa xác nhận" in text_of(answer)


def test_what_is_missing_is_said_and_nothing_is_written(post, units):
    answer = post("dung", "reports:reorganisation_create", owner=units.da_nang.slug, title="")

    assert "Còn chỗ cần sửa" in text_of(answer)
    assert Reorganisation.objects.count() == 0


def test_a_decree_is_entered_only_for_a_unit_that_she_administers(post, units):
    post(
        "dung",
        "reports:reorganisation_create",
        owner=units.quang_nam.slug,
        title="Sắp xếp",
        effective_on="01/07/2025",
    )

    assert Reorganisation.objects.count() == 0


def test_the_list_shows_her_own_decrees_and_the_neighbour_sees_none(as_person, decree):
    hers = text_of(page(as_person, "dung", "reports:reorganisation_list"))
    neighbours = text_of(page(as_person, "xuan", "reports:reorganisation_list"))

    assert decree.title in hers
    assert decree.title not in neighbours
    assert "Chưa có văn bản nào" in neighbours


def test_a_draft_is_not_shown_below_its_owner_and_a_decree_in_force_is(as_person, decree, people):
    before = page(as_person, "hoa", "reports:reorganisation_detail", decree.pk)
    apply_tree_alone(decree, people.dung)
    people.hoa.__dict__.pop("standing", None)
    after = page(as_person, "lan", "reports:reorganisation_detail", decree.pk)

    assert before.status_code == 404
    assert after.status_code == 200
    assert "Hoàn tác" not in text_of(after)


def test_somebody_changed_the_decree_meanwhile(post, decree, people):
    seen = Reorganisation.objects.get(pk=decree.pk).version
    change_decree(reorganisation=decree, seen_version=seen, by=people.dung, title="Tên khác")

    answer = post(
        "dung",
        "reports:reorganisation_update",
        decree.pk,
        title="Tên của tôi",
        effective_on="01/07/2025",
        version=seen,
    )

    assert "Vừa có người khác sửa văn bản này" in text_of(answer)
    assert Reorganisation.objects.get(pk=decree.pk).title == "Tên khác"


def test_a_draft_is_thrown_away_after_asking(as_person, post, decree):
    asked = page(as_person, "dung", "reports:reorganisation_discard", decree.pk)
    assert "Bỏ văn bản đang soạn?" in text_of(asked)

    answer = post("dung", "reports:reorganisation_discard", decree.pk)

    assert said(answer) == ["Đã bỏ văn bản đang soạn. Cây đơn vị không đổi gì."]
    assert Reorganisation.objects.count() == 0


def test_a_decree_in_force_is_not_thrown_away(post, applied):
    answer = post("dung", "reports:reorganisation_discard", applied.pk)

    assert said(answer) == ["Văn bản này đã thực hiện nên không sửa được nữa."]
    assert Reorganisation.objects.count() == 1


# --- Its lines --------------------------------------------------------------------------------


def test_the_page_groups_the_old_units_by_what_becomes_of_them(as_person, decree):
    answer = page(as_person, "dung", "reports:reorganisation_detail", decree.pk)

    rows = {
        str(made): [(str(line.predecessor), line.kind) for line in made.successions.all()]
        for made in answer.context["page_obj"]
    }
    assert rows == {
        "phường Sơn Trà": [("phường Mân Thái", "whole"), ("phường Thọ Quang", "whole")],
        "phường Hải Châu": [("phường Thanh Bình", "part")],
        "phường Hòa Cường": [("phường Thanh Bình", "part")],
    }
    endings = page(
        as_person, "dung", "reports:reorganisation_detail", decree.pk, query="?tab=endings"
    )
    assert [str(line.predecessor) for line in endings.context["page_obj"]] == [
        "quận Hải Châu",
        "quận Sơn Trà",
    ]


@pytest.mark.parametrize("words", ["son tra", "Thọ Quang", "MAN THAI"])
def test_a_decree_is_searched_by_new_and_old_names(as_person, decree, words):
    answer = page(
        as_person, "dung", "reports:reorganisation_detail", decree.pk, query=f"?q={words}"
    )

    assert [str(made) for made in answer.context["page_obj"]] == ["phường Sơn Trà"]


def filled(*rows, **more):
    """What the page of a unit sends: rows are (id or "", words, kind, people)."""
    data = {"old-TOTAL_FORMS": len(rows), "old-INITIAL_FORMS": 0}
    for number, (pk, words, kind, people) in enumerate(rows):
        data |= {
            f"old-{number}-unit": pk,
            f"old-{number}-unit_text": words,
            f"old-{number}-kind": kind,
            f"old-{number}-people": people,
        }
    return data | more


def facts(units, **more):
    return {
        "level": units.tho_quang.level_id,
        "type": "phường",
        "name": "Sơn Trà",
        "code": "20263",
        "parent": units.da_nang.pk,
        "parent_text": "thành phố Đà Nẵng",
    } | more


@pytest.fixture
def draft(units, people):
    return empty_decree(units.da_nang, people.dung)


def test_a_unit_is_written_with_the_old_ones_picked_or_typed(post, draft, units):
    rows = filled(
        (units.tho_quang.pk, "phường Thọ Quang", "whole", ""),
        ("", "man thai", "part", "yes"),
        (units.thanh_binh.pk, "phường Thanh Bình", "part", "likely"),
        ("", "", "whole", ""),
    )

    answer = post("dung", "reports:reorganisation_unit_create", draft.pk, **rows, **facts(units))

    assert said(answer) == ["Đã ghi phường Sơn Trà."]
    made = draft.successors.get()
    assert (made.code, made.parent_branch) == ("20263", units.da_nang)
    lines = made.successions.order_by("pk")
    assert [(line.predecessor.name, line.kind, line.takes_people) for line in lines] == [
        ("Thọ Quang", "whole", None),
        ("Mân Thái", "part", True),
        ("Thanh Bình", "part", None),
    ]
    assert [line.is_suggested for line in lines] == [False, False, True]


def test_a_unit_may_stand_under_another_one_of_the_decree(as_person, post, draft, units, people):
    city = successor(
        draft, "Đà Nẵng", None, by=people.dung, type="thành phố", level="tinh", code="48"
    )
    row = (units.tho_quang.pk, "phường Thọ Quang", "whole", "")
    shown = page(as_person, "dung", "reports:reorganisation_unit_create", draft.pk)
    assert "Hoặc trực thuộc đơn vị mà văn bản này hình thành" in text_of(shown)

    post(
        "dung",
        "reports:reorganisation_unit_create",
        draft.pk,
        **filled(row),
        **facts(units, parent_successor=city.pk),
    )

    ward = draft.successors.get(name="Sơn Trà")
    assert (ward.parent_successor, ward.parent_branch) == (city, None)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("", "khong co dau", "whole", ""), "Không có đơn vị đang hoạt động nào tên"),
        (("", "khu dan cu 1", "whole", ""), "Có mấy đơn vị tên như vậy"),
        (("", "minh an", "whole", ""), "Không có đơn vị đang hoạt động nào tên"),
        (("", "", "whole", ""), "Chị ghi ít nhất một đơn vị cũ."),
        ((999_999, "x", "whole", ""), "không thuộc phạm vi của văn bản"),
    ],
)
def test_an_old_unit_that_is_not_meant_clearly_is_refused_kindly(post, draft, units, row, sentence):
    answer = post(
        "dung", "reports:reorganisation_unit_create", draft.pk, **filled(row), **facts(units)
    )

    assert sentence in text_of(answer)
    assert draft.successors.count() == 0


def test_a_unit_of_the_neighbour_is_refused_as_one_that_is_not_there(post, draft, units):
    row = (units.minh_an.pk, "phường Minh An", "whole", "")
    answer = post(
        "dung", "reports:reorganisation_unit_create", draft.pk, **filled(row), **facts(units)
    )

    assert "Đơn vị này không thuộc phạm vi của văn bản, hoặc đã kết thúc." in text_of(answer)
    foreign = facts(units, parent=units.quang_nam.pk)
    good = (units.tho_quang.pk, "phường Thọ Quang", "whole", "")
    post("dung", "reports:reorganisation_unit_create", draft.pk, **filled(good), **foreign)
    assert draft.successors.count() == 0


def test_the_same_old_unit_twice_is_refused(post, draft, units):
    row = (units.tho_quang.pk, "phường Thọ Quang", "whole", "")
    answer = post(
        "dung", "reports:reorganisation_unit_create", draft.pk, **filled(row, row), **facts(units)
    )

    assert "Một đơn vị cũ được ghi hai lần" in text_of(answer)
    assert Succession.objects.count() == 0


def test_more_rows_are_offered_and_nothing_is_written_yet(post, draft, units):
    row = ("", "tho quang", "whole", "")
    answer = post(
        "dung",
        "reports:reorganisation_unit_create",
        draft.pk,
        more=1,
        **filled(row),
        **facts(units),
    )

    assert 'name="old-3-unit_text"' in text_of(answer)
    assert "bắt buộc" not in text_of(answer)
    assert draft.successors.count() == 0


def test_a_written_unit_is_changed_and_its_lines_follow(as_person, post, decree, units):
    made = decree.successors.get(name="Sơn Trà")
    shown = text_of(page(as_person, "dung", "reports:reorganisation_unit_update", made.pk))
    assert 'value="phường Mân Thái"' in shown

    rows = filled(
        (units.tho_quang.pk, "phường Thọ Quang", "whole", ""),
        (units.man_thai.pk, "phường Mân Thái", "whole", ""),
    )
    rows |= {"old-INITIAL_FORMS": 2, "old-1-DELETE": "on"}
    post(
        "dung",
        "reports:reorganisation_unit_update",
        made.pk,
        **rows,
        **facts(units, name="Thọ Sơn"),
    )

    made.refresh_from_db()
    assert made.name == "Thọ Sơn"
    assert [line.predecessor for line in made.successions.all()] == [units.tho_quang]


def test_a_unit_is_taken_out_with_its_lines(post, decree):
    made = decree.successors.get(name="Sơn Trà")
    answer = post("dung", "reports:reorganisation_unit_remove", made.pk)

    assert said(answer) == ["Đã bỏ phường Sơn Trà khỏi văn bản."]
    assert decree.successions.filter(kind="whole").count() == 0


def test_lines_of_a_decree_in_force_stay(as_person, post, applied, units):
    made = applied.successors.get(name="Sơn Trà")
    for route, pk in (
        ("reports:reorganisation_unit_create", applied.pk),
        ("reports:reorganisation_unit_update", made.pk),
        ("reports:reorganisation_ending_create", applied.pk),
    ):
        answer = as_person("dung").get(reverse(route, args=[pk]), follow=True)
        assert said(answer) == ["Văn bản đã thực hiện nên không sửa được. Chị hoàn tác trước đã."]
    removed = post("dung", "reports:reorganisation_unit_remove", made.pk)

    assert said(removed) == ["Văn bản này đã thực hiện nên không sửa được nữa."]
    assert Successor.objects.filter(pk=made.pk).exists()


def test_units_that_end_are_written_one_by_one_or_all_districts_at_once(
    as_person, post, draft, units, people
):
    ward = successor(draft, "Sơn Trà", units.da_nang, by=people.dung)
    add_line(
        reorganisation=draft, predecessor=units.tho_quang, successor=ward, kind="whole",
        by=people.dung,
    )  # fmt: skip
    post("dung", "reports:reorganisation_ending_create", draft.pk, unit_text="hai chau", note="bỏ")

    offered = text_of(page(as_person, "dung", "reports:reorganisation_ending_create", draft.pk))
    assert "Ghi cả 1 quận, huyện kết thúc hoạt động" in offered
    answer = post("dung", "reports:reorganisation_ending_create", draft.pk, districts=1)

    assert said(answer) == ["Đã ghi 1 quận, huyện kết thúc hoạt động."]
    ended = draft.successions.filter(kind="abolished")
    assert {line.predecessor for line in ended} == {units.hai_chau, units.son_tra}
    line = ended.get(predecessor=units.hai_chau)
    answer = post("dung", "reports:reorganisation_ending_remove", line.pk)
    assert said(answer) == ["Đã bỏ dòng quận Hải Châu kết thúc hoạt động."]


def test_a_long_decree_asks_as_many_queries_as_a_short_one(as_person, draft, units, people):
    def queries():
        with CaptureQueriesContext(connection) as found:
            for query in ("", "?q=moi", "?page=2", "?tab=endings"):
                answer = page(
                    as_person, "dung", "reports:reorganisation_detail", draft.pk, query=query
                )
                assert answer.status_code == 200
            page(as_person, "dung", "reports:reorganisation_list")
        return len(found)

    write_lines(draft, units, range(3))
    queries()  # the first one signs in
    few = queries()
    write_lines(draft, units, range(3, 300))

    assert queries() == few


def write_lines(decree, units, numbers):
    """So many new wards, each out of one of the city's and one of the neighbour's chi hội."""
    made = Successor.objects.bulk_create(
        [
            Successor(
                reorganisation=decree,
                number=number,
                level=units.tho_quang.level,
                type="phường",
                name=f"Mới {number}",
                parent_branch=units.da_nang,
            )
            for number in numbers
        ]
    )
    Succession.objects.bulk_create(
        [
            Succession(reorganisation=decree, predecessor=old, successor=row, kind="part")
            for row in made
            for old in (units.tho_quang, units.man_thai)
        ]
    )


# --- Trying out, carrying out, taking back ----------------------------------------------------


def test_trying_out_shows_everything_and_changes_nothing(as_person, decree, units):
    before = list(Branch.objects.order_by("pk").values())

    answer = page(as_person, "dung", "reports:reorganisation_plan", decree.pk)
    decisions = page(
        as_person, "dung", "reports:reorganisation_plan", decree.pk, query="?tab=decisions"
    )

    shown = text_of(answer)
    assert "Chưa có gì thay đổi" in shown
    assert {str(row.unit) for row in answer.context["page_obj"]} == {
        "phường Thọ Quang", "phường Mân Thái", "phường Thanh Bình", "quận Sơn Trà", "quận Hải Châu",
    }  # fmt: skip
    assert answer.context["kinds"] == {"ends": 5, "waits": 1, "goes_on": 0}
    assert any(row.unit == units.thanh_binh for row in decisions.context["page_obj"])
    assert list(Branch.objects.order_by("pk").values()) == before


def test_what_stands_in_the_way_is_said_and_there_is_no_button(as_person, post, draft, units):
    unit_page = facts(units)
    row = (units.tho_quang.pk, "phường Thọ Quang", "part", "")
    post("dung", "reports:reorganisation_unit_create", draft.pk, **filled(row), **unit_page)

    tried = text_of(page(as_person, "dung", "reports:reorganisation_plan", draft.pk))
    asked = text_of(page(as_person, "dung", "reports:reorganisation_apply", draft.pk))

    assert "bị chia nhưng mới có một phần" in tried
    assert "Thực hiện …" not in tried
    assert 'name="version"' not in asked


def test_a_decree_is_carried_out_and_the_page_follows_the_run(as_person, post, decree, units):
    asked = text_of(page(as_person, "dung", "reports:reorganisation_apply", decree.pk))
    assert "Khi chị đồng ý" in asked
    decree.refresh_from_db()

    answer = post("dung", "reports:reorganisation_apply", decree.pk, version=decree.version)

    run = ReorganisationRun.objects.get()
    assert answer.redirect_chain[0][0] == reverse("reports:reorganisation_run", args=[run.pk])
    decree.refresh_from_db()
    assert decree.is_applied
    shown = text_of(page(as_person, "dung", "reports:reorganisation_run", run.pk))
    assert "Còn 1 chi hội chưa phân địa bàn" in shown
    status = as_person("dung").get(
        reverse("reports:reorganisation_run_status", args=[run.pk]), HTTP_HX_REQUEST="true"
    )
    assert status.headers["HX-Refresh"] == "true"
    assert "Đã thực hiện" in text_of(
        page(as_person, "dung", "reports:reorganisation_detail", decree.pk)
    )


def test_an_older_page_does_not_carry_out_what_she_has_not_seen(post, decree, people):
    decree.refresh_from_db()
    seen = decree.version
    change_decree(reorganisation=decree, seen_version=seen, by=people.dung, note="sửa")

    answer = post("dung", "reports:reorganisation_apply", decree.pk, version=seen)

    assert len(said(answer)) == 1
    assert ReorganisationRun.objects.count() == 0


def test_a_decree_is_taken_back(as_person, post, decree, units):
    decree.refresh_from_db()
    post("dung", "reports:reorganisation_apply", decree.pk, version=decree.version)
    decree.refresh_from_db()
    asked = text_of(page(as_person, "dung", "reports:reorganisation_undo", decree.pk))
    assert "Hoàn tác văn bản?" in asked

    post("dung", "reports:reorganisation_undo", decree.pk, version=decree.version)

    decree.refresh_from_db()
    units.tho_quang.refresh_from_db()
    assert decree.stage == Reorganisation.Stage.UNDONE
    assert units.tho_quang.closed_on is None


def test_why_it_cannot_be_taken_back_is_said(as_person, post, decree, units, people):
    decree.refresh_from_db()
    post("dung", "reports:reorganisation_apply", decree.pk, version=decree.version)
    place_chi_hoi(
        units=[units.chi_hoi_thanh_binh], successor_branch=opened(decree, "Hải Châu"),
        by=people.dung,
    )  # fmt: skip

    shown = text_of(page(as_person, "dung", "reports:reorganisation_undo", decree.pk))

    assert "Không hoàn tác được nữa" in shown
    assert 'name="version"' not in shown


# --- The work list ----------------------------------------------------------------------------


def waiting_page(as_person, name, slug):
    return as_person(name).get(reverse("reports:waiting_list", args=[slug]))


def test_the_work_list_offers_only_the_divided_units_successors(as_person, applied, units):
    answer = waiting_page(as_person, "an", units.da_nang.slug)

    (row,) = answer.context["page_obj"]
    assert (str(row.unit), [str(u) for u in row.chi_hoi]) == (
        "phường Thanh Bình",
        ["chi hội Khu dân cư 1"],
    )
    assert [(str(c.branch), c.is_suggested) for c in row.choices] == [
        ("phường Hải Châu", True),
        ("phường Hòa Cường", False),
    ]
    assert "Xếp về phường Hải Châu (gợi ý)" in text_of(answer)


def test_a_chi_hoi_is_placed_and_the_row_reaches_zero(as_person, post, applied, units):
    other = opened(applied, "Hòa Cường")
    answer = post(
        "an",
        "reports:waiting_list",
        units.da_nang.slug,
        unit=units.thanh_binh.pk,
        chi_hoi=units.chi_hoi_thanh_binh.pk,
        to=other.pk,
    )

    assert said(answer) == ["Đã xếp 1 chi hội về phường Hòa Cường. Đã xếp xong tất cả."]
    units.chi_hoi_thanh_binh.refresh_from_db()
    assert units.chi_hoi_thanh_binh.parent == other
    assert "Không còn chi hội nào chưa phân địa bàn" in text_of(answer)
    assert "chưa phân địa bàn" not in text_of(page(as_person, "an", "reports:home"))


@pytest.mark.parametrize("missing", ["chi_hoi", "to"])
def test_half_a_choice_places_nothing(post, applied, units, missing):
    choice = {"chi_hoi": units.chi_hoi_thanh_binh.pk, "to": opened(applied, "Hải Châu").pk}
    choice.pop(missing)
    answer = post(
        "an", "reports:waiting_list", units.da_nang.slug, unit=units.thanh_binh.pk, **choice
    )

    assert said(answer) == ["Chưa xếp gì: chị đánh dấu chi hội rồi bấm nơi chuyển đến."]


def test_a_chi_hoi_goes_nowhere_but_to_a_successor(post, applied, units):
    for target in (units.minh_an, opened(applied, "Sơn Trà")):
        answer = post(
            "an",
            "reports:waiting_list",
            units.da_nang.slug,
            unit=units.thanh_binh.pk,
            chi_hoi=units.chi_hoi_thanh_binh.pk,
            to=target.pk,
        )
        assert said(answer) == ["Chưa xếp gì: chị đánh dấu chi hội rồi bấm nơi chuyển đến."]
    units.chi_hoi_thanh_binh.refresh_from_db()
    assert units.chi_hoi_thanh_binh.parent == units.thanh_binh


def test_the_old_wards_officer_looks_on_and_may_not_place(as_person, client, applied, units):
    officer = person("oanh", "Vũ Thị Oanh", ("officer", units.thanh_binh))
    client.force_login(officer)
    url = reverse("reports:waiting_list", args=[units.thanh_binh.slug])

    shown = client.get(url)
    sent = client.post(
        url,
        {
            "unit": units.thanh_binh.pk,
            "chi_hoi": units.chi_hoi_thanh_binh.pk,
            "to": opened(applied, "Hải Châu").pk,
        },
    )

    assert "Khu dân cư 1" in text_of(shown)
    assert "Xếp về" not in text_of(shown)
    assert sent.status_code == 403
    assert client.get(reverse("reports:waiting_list", args=[units.da_nang.slug])).status_code == 404


def test_the_province_sees_on_its_home_page_what_is_left(as_person, applied, units):
    citys = text_of(page(as_person, "an", "reports:home"))
    neighbours = text_of(page(as_person, "xuan", "reports:home"))

    assert "Còn 1 chi hội chưa phân địa bàn" in citys
    assert reverse("reports:waiting_list", args=[units.da_nang.slug]) in citys
    assert "chưa phân địa bàn" not in neighbours


def test_a_long_work_list_asks_as_many_queries_as_a_short_one(as_person, decree, units, people):
    for number in range(2, 5):
        unit("chi_hoi", units.thanh_binh, f"Khu dân cư {number}", "chi hội")
    apply_tree_alone(decree, people.dung)

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert waiting_page(as_person, "an", units.da_nang.slug).status_code == 200
        return len(found)

    queries()  # the first one signs in
    few = queries()
    below = units.thanh_binh
    below.refresh_from_db()
    Branch.objects.bulk_create(
        [
            Branch(
                level=units.chi_hoi_1.level,
                parent=below,
                type="chi hội",
                name=f"Số {number}",
                exact_text=f"chi hội số {number}",
                opened_on=units.chi_hoi_1.opened_on,
                slug=f"chi-hoi-so-{number}",
                path=f"{below.path}{10_000 + number}/",
            )
            for number in range(300)
        ]
    )

    assert queries() == few


# --- Links ------------------------------------------------------------------------------------


def test_only_administrators_have_it_in_their_menu(as_person, units):
    link = reverse("reports:reorganisation_list")

    assert link in text_of(page(as_person, "dung", "reports:home"))
    assert link not in text_of(page(as_person, "an", "reports:home"))


def test_the_table_is_brought_from_the_decrees_own_page(as_person, decree):
    shown = text_of(page(as_person, "dung", "reports:reorganisation_detail", decree.pk))
    asked = as_person("dung").get(
        reverse("reports:upload_create"), {"kind": "decree", "reorganisation": decree.pk}
    )

    assert f"?kind=decree&amp;reorganisation={decree.pk}" in shown
    assert asked.status_code == 200
    assert "Tải lên danh sách chuyển đổi đơn vị" in text_of(asked)
