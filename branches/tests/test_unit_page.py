"""The page of a unit and the tree: where it stands and stood, who followed whom."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from branches.models import Branch, BranchAlias, Department, Level
from branches.services import close_branch, keep_span, move_branch, open_branches, rename_branch
from conftest import OPENED, unit

from .test_search import REFORM, follow

pytestmark = pytest.mark.django_db


def text_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def page_of(as_person):
    def ask(name, branch, page="branch_detail"):
        return text_of(as_person(name).get(reverse(f"branches:{page}", args=[branch.slug])))

    return ask


@pytest.fixture
def merged(units, people):
    """Thọ Quang and Mân Thái end on 1 July 2025 and go into a new phường Sơn Trà.

    As applying a decree leaves them: both stand under it, with the chi hội of Thọ Quang.
    """
    new = unit("xa", units.da_nang, "Sơn Trà", "phường")
    new.opened_on = REFORM
    new.save()
    keep_span(new)
    for old in (units.tho_quang, units.man_thai):
        for child in Branch.objects.filter(parent=old, closed_on=None):
            if old == units.tho_quang:
                move_branch(branch=child, parent=new, by=people.dung, reason="", on=REFORM)
            else:
                close_branch(branch=child, closed_on=REFORM, by=people.dung, reason="")
        close_branch(branch=old, closed_on=REFORM, by=people.dung, reason="")
        new.decree = follow(old, new, units.da_nang)
        path = f"{new.path}{old.pk}/"
        Branch.objects.filter(pk=old.pk).update(parent=new, path=path)
        for child in Branch.objects.filter(parent=old):
            Branch.objects.filter(pk=child.pk).update(path=f"{path}{child.pk}/")
    return new


def test_a_new_unit_names_its_predecessors_and_the_decree(page_of, units, merged):
    page = page_of("an", merged)

    assert "Hình thành từ" in page
    assert f'href="{units.tho_quang.get_absolute_url()}">phường Thọ Quang</a>' in page
    assert "nhập toàn bộ" in page
    assert f'{merged.decree.get_absolute_url()}">Nghị quyết thử</a>' in page
    assert "từ 01/07/2025, Nghị quyết thử" in page_of("xuan", merged)


def test_a_closed_unit_says_so_and_leads_to_its_successor(page_of, units, merged):
    page = page_of("lan", units.tho_quang)

    assert "Đơn vị này đã kết thúc từ 01/07/2025." in page
    assert f'Nay là <a href="{merged.get_absolute_url()}">phường Sơn Trà</a>.' in page
    assert "Đến 30/06/2025" in page
    assert f'href="{units.son_tra.get_absolute_url()}">quận Sơn Trà</a>' in page


def test_the_first_day_of_a_unit_is_told_in_its_territory_alone(page_of, units, merged):
    assert "Từ 01/01/2016 đến 30/06/2025" in page_of("an", units.tho_quang)
    assert "01/01/2016" not in page_of("lan", units.tho_quang)


def test_a_decree_that_nobody_has_checked_is_marked(page_of, units, merged):
    assert "chưa xác nhận" not in page_of("an", merged)

    merged.decree.is_confirmed = False
    merged.decree.save()

    assert "chưa xác nhận" in page_of("an", merged)
    assert "chưa xác nhận" in page_of("lan", units.man_thai)


def test_a_decree_being_written_stands_on_nobodys_page(page_of, units, people):
    new = unit("xa", units.da_nang, "Sơn Trà", "phường")
    follow(units.tho_quang, new, units.da_nang, stage="draft")

    for name in ("an", "lan"):
        assert "Nghị quyết thử" not in page_of(name, new)
        assert "Nghị quyết thử" not in page_of(name, units.tho_quang)


def test_a_unit_abolished_without_an_heir_says_so(page_of, units, people):
    for branch in Branch.objects.below(units.hai_chau).order_by("-path"):
        close_branch(branch=branch, closed_on=REFORM, by=people.dung, reason="")
    close_branch(branch=units.hai_chau, closed_on=REFORM, by=people.dung, reason="")
    decree = follow(units.hai_chau, units.da_nang, units.da_nang)
    decree.successions.update(successor=None, kind="abolished")

    page = page_of("an", units.hai_chau)

    assert "không có đơn vị thay thế" in page
    assert "Kết thúc hoạt động" in page


def test_what_a_unit_was_called_stands_on_its_page_and_in_its_history(page_of, units, people):
    rename_branch(
        branch=units.tho_quang,
        name="Thọ Phước",
        type="phường",
        by=people.dung,
        reason="",
        on=REFORM,
    )

    for page in ("branch_detail", "branch_history"):
        text = page_of("hoa", units.tho_quang, page)
        assert "Từ 01/07/2025 đến nay" in text
        assert "Từ 01/01/2016 đến 30/06/2025" in text
        assert "phường Thọ Quang" in text


def test_other_spellings_are_for_all_contact_points_for_the_territory(page_of, units):
    BranchAlias.objects.create(branch=units.tho_quang, name="Thọ Quan")
    Department.objects.create(branch=units.tho_quang, name="Ban Gia đình", phone="0905123456")
    Department.objects.create(branch=units.tho_quang, name="Ban cũ", closed_on=date(2020, 1, 1))

    inside, outside = page_of("hoa", units.tho_quang), page_of("lan", units.tho_quang)

    assert "Còn viết là</dt><dd>Thọ Quan</dd>" in inside
    assert "Còn viết là</dt><dd>Thọ Quan</dd>" in outside
    assert "Ban Gia đình" in inside and "0905123456" in inside
    assert "Ban Gia đình" not in outside and "0905123456" not in outside
    assert "Ban cũ" not in inside


def test_a_chi_hoi_is_never_called_a_level(page_of, units):
    for name in ("hoa", "lan"):
        page = page_of(name, units.chi_hoi_1)
        main = page[page.index("<main") : page.index("</main")]
        assert "Loại đơn vị</dt><dd>Chi hội" in main
        assert "cấp" not in main.lower()


@pytest.fixture
def waiting(units, people):
    """Thọ Quang was divided: it stands, ended, under the marked row of the city."""
    row = unit("chua_phan", units.da_nang, "Chưa phân địa bàn")
    old = units.tho_quang
    Branch.objects.filter(pk=old.pk).update(
        parent=row, closed_on=REFORM, path=f"{row.path}{old.pk}/"
    )
    for child in Branch.objects.filter(parent=old):
        Branch.objects.filter(pk=child.pk).update(path=f"{row.path}{old.pk}/{child.pk}/")
    return row


def test_the_marked_row_explains_itself_and_lists_who_waits(page_of, units, waiting):
    page = page_of("an", waiting)

    assert "Đây không phải một đơn vị Hội" in page
    assert "Đơn vị cũ đang chờ xếp (1)" in page
    assert f'href="{units.tho_quang.get_absolute_url()}">phường Thọ Quang</a>' in page
    assert "2 đơn vị bên dưới" in page


# --- The tree of a past day -----------------------------------------------------------------


def shown(units):
    return {
        getattr(unit, "then", str(unit)): [getattr(one, "then", str(one)) for one in unit.below]
        for unit in units
    }


@pytest.fixture
def tree_on(as_person):
    def ask(name, day, **more):
        url = reverse("branches:branch_list")
        return as_person(name).get(url, {"on": day} | more).context["tops"]

    return ask


def test_the_tree_of_a_past_day_shows_names_and_places_of_then(tree_on, units, merged):
    before = shown(tree_on("an", "30/06/2025"))
    after = shown(tree_on("an", "01/07/2025"))

    assert before == {"thành phố Đà Nẵng": ["quận Hải Châu", "quận Sơn Trà", "Hội Phụ nữ Công an"]}
    assert after["thành phố Đà Nẵng"][-1] == "phường Sơn Trà"


def test_her_territory_of_then_follows_what_she_keeps_today(tree_on, units, people, merged):
    people.hoa.positions.update(branch=merged)

    assert shown(tree_on("hoa", "30/06/2025")) == {
        "phường Mân Thái": ["chi hội Khu dân cư 1"],
        "phường Thọ Quang": ["chi hội Khu dân cư 1", "chi hội Khu dân cư 2"],
    }
    assert tree_on("lan", "30/06/2025") != tree_on("hoa", "30/06/2025")
    assert "Thọ Quang" not in str(shown(tree_on("lan", "30/06/2025")))


def test_the_next_step_of_that_tree_is_of_that_day_too(as_person, units, merged):
    url = reverse("branches:branch_children", args=[units.son_tra.slug])
    client = as_person("an")

    before = client.get(url, {"on": "2025-06-30"})
    today = client.get(url)

    assert [unit.then for unit in before.context["units"]] == [
        "phường Mân Thái",
        "phường Thọ Quang",
    ]
    assert "nay đã kết thúc" in text_of(before)
    assert f"{reverse('branches:branch_children', args=[units.tho_quang.slug])}?on=2025-06-30" in (
        text_of(before)
    )
    assert today.context["units"] == []


def test_without_script_the_next_step_is_a_page(tree_on, units, merged):
    [top] = tree_on("an", "30/06/2025", unit=units.tho_quang.slug)

    assert [unit.then for unit in top.below] == ["chi hội Khu dân cư 1", "chi hội Khu dân cư 2"]


def test_a_foreign_unit_does_not_open_as_a_tree(as_person, units):
    for name, status in (("hoa", 200), ("lan", 404)):
        url = reverse("branches:branch_list")
        answer = as_person(name).get(url, {"unit": units.tho_quang.slug})
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("day", "words"),
    [("31/02/2025", "không có trong lịch"), ("mai", "Chị chọn một ngày đã qua.")],
)
def test_a_day_that_cannot_be_shown_is_refused_kindly(as_person, units, day, words):
    day = f"{localdate() + timedelta(days=1):%d/%m/%Y}" if day == "mai" else day

    response = as_person("hoa").get(reverse("branches:branch_list"), {"on": day})

    assert words in str(response.context["day_form"].errors["on"])
    assert shown(response.context["tops"]) == {
        "phường Thọ Quang": ["chi hội Khu dân cư 1", "chi hội Khu dân cư 2"]
    }


def test_a_day_before_everything_says_so(as_person, units):
    page = text_of(as_person("hoa").get(reverse("branches:branch_list"), {"on": "01/01/1999"}))

    assert "Ngày ấy chưa có đơn vị nào ở đây" in page


# --- As often for many as for few -----------------------------------------------------------


def open_many(parent, count, people=None):
    level = Level.objects.get(code="chi_hoi")
    start = Branch.objects.count()
    rows = open_branches(
        [
            Branch(
                level=level,
                parent=parent,
                type="chi hội",
                name=f"Xóm {number}",
                slug=f"xom-{number}",
                opened_on=OPENED,
            )
            for number in range(start, start + count)
        ]
    )
    if people:
        for row in rows:
            follow(
                close_branch(branch=row, closed_on=REFORM, by=people.dung, reason=""),
                parent,
                parent,
            )


@pytest.mark.parametrize(
    "asked",
    [
        "branches:branch_list?q=xom",
        "branches:branch_list?q=xom+tho+quang",
        "branches:branch_list?on=30/06/2025",
        "branches:branch_children?on=30/06/2025",
        "branches:branch_detail",
    ],
)
def test_pages_ask_as_often_for_many_ended_units_as_for_few(
    as_person, units, people, django_assert_max_num_queries, asked
):
    route, _, query = asked.partition("?")
    args = [] if route.endswith("list") else [units.tho_quang.slug]
    url = f"{reverse(route, args=args)}?{query}"
    client = as_person("giang")

    def queries():
        with django_assert_max_num_queries(60) as found:
            text_of(client.get(url))
        return len(found)

    open_many(units.tho_quang, 3, people)
    few = queries()
    open_many(units.tho_quang, 40, people)

    assert queries() == few
