"""In a real browser: find Nậm Cắn by typing "nam can", open its page, its history, its past.

There were two communes one tone apart, Nậm Cắn and Nậm Càn, in one district; on 1 July 2025
the first took in Phà Đánh, the second went into Na Ngoi. A neighbour finds the same names and
nothing more. With SCREENSHOTS=docs/img each page is kept as a picture.
"""

from datetime import date
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.urls import reverse

from branches.models import Level, Reorganisation
from branches.services import add_line, add_successor, apply_to_tree, new_decree
from conftest import person, unit
from hoiphunu.tests.browser import WIDTHS

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

REFORM = date(2025, 7, 1)


@pytest.fixture
def nghe_an(transactional_db):
    """Kỳ Sơn with its four communes, and what the decree made of them."""
    u = SimpleNamespace(nghe_an=unit("tinh", None, "Nghệ An", "tỉnh"))
    u.neighbour = unit("tinh", None, "Lai Châu", "tỉnh")
    unit("xa", u.neighbour, "Nậm Cần", "xã")
    u.ky_son = unit("huyen", u.nghe_an, "Kỳ Sơn", "huyện")
    for key, name in (
        ("nam_can_old", "Nậm Cắn"),
        ("pha_danh", "Phà Đánh"),
        ("nam_can_2", "Nậm Càn"),
        ("na_ngoi_old", "Na Ngoi"),
    ):
        setattr(u, key, unit("xa", u.ky_son, name, "xã"))
    u.chi_hoi = unit("chi_hoi", u.nam_can_old, "Bản Tiền Tiêu", "chi hội")
    unit("chi_hoi", u.nam_can_2, "Bản Thắm Hín", "chi hội")
    for username, branch, role in (
        ("nghean", u.nghe_an, "administrator"),
        ("laichau", u.neighbour, "officer"),
    ):
        user = person(username, "Vừ Thị Mai" if role == "officer" else "Lô Thị Hoa", (role, branch))
        setattr(u, username, user)
    decree = new_decree(
        owner=u.nghe_an,
        title="Nghị quyết sắp xếp các đơn vị hành chính cấp xã của tỉnh Nghệ An",
        number="1678/NQ-UBTVQH15",
        effective_on=REFORM,
        is_confirmed=True,
        by=u.nghean,
    )
    level = Level.objects.get(code="xa")
    for name, olds in (
        ("Nậm Cắn", (u.nam_can_old, u.pha_danh)),
        ("Na Ngoi", (u.nam_can_2, u.na_ngoi_old)),
    ):
        made = add_successor(
            reorganisation=decree,
            level=level,
            type="xã",
            name=name,
            parent_branch=u.nghe_an,
            by=u.nghean,
        )
        for old in olds:
            add_line(
                reorganisation=decree, predecessor=old, successor=made, kind="whole", by=u.nghean
            )
    add_line(reorganisation=decree, predecessor=u.ky_son, kind="abolished", by=u.nghean)
    apply_to_tree(decree, u.nghean)
    Reorganisation.objects.update(stage="applied")
    return u


def type_words(who, words):
    who.go(reverse("branches:branch_list"))
    # On a slow machine it is asked more than once while she types: the last answer counts.
    with who.page.expect_response(lambda answer: f"q={quote(words)}" in answer.url):
        who.page.locator("#q").press_sequentially(words, delay=20)
    who.settle()
    return [" ".join(text.split()) for text in who.page.locator("#hits li").all_inner_texts()]


def she_finds_it_by_typing(who):
    hits = type_words(who, "nam can")
    who.picture("search")

    assert hits[0].startswith("xã Nậm Cắn tỉnh Nghệ An")
    assert hits[1].startswith("xã Nậm Cần tỉnh Lai Châu")
    assert "Đã kết thúc từ 01/07/2025, nay là xã Na Ngoi" in hits[2]
    assert hits[2].startswith("xã Nậm Càn tỉnh Nghệ An › huyện Kỳ Sơn")
    assert "Đã kết thúc từ 01/07/2025, nay là xã Nậm Cắn" in hits[3]


def she_opens_its_page_and_history(who):
    who.follow("xã Nậm Cắn")
    assert who.reads("Hình thành từ") and who.reads("xã Phà Đánh")
    assert who.reads("1678/NQ-UBTVQH15")
    who.picture("unit")

    who.follow("Lịch sử")
    assert who.reads("Từ 01/07/2025 đến nay")
    who.picture("unit-history")


def she_reads_what_became_of_the_other(who):
    type_words(who, "xã nậm càn kỳ sơn")
    who.follow("xã Nậm Càn")
    assert who.reads("Đơn vị này đã kết thúc từ 01/07/2025.")
    who.picture("unit-ended")

    who.follow("xã Na Ngoi")
    assert who.reads("Đang hoạt động")


def she_opens_the_tree_as_it_was(who):
    who.go(f"{reverse('branches:branch_list')}?on=30/06/2025")
    who.page.get_by_text("4 đơn vị trực tiếp bên dưới").first.click()
    who.page.get_by_role("link", name="xã Phà Đánh").wait_for()
    who.picture("tree-then")


@WIDTHS
def test_a_unit_is_found_as_it_is_and_as_it_was(visit, nghe_an, width):
    who = visit("nghean", width)

    she_finds_it_by_typing(who)
    she_opens_its_page_and_history(who)
    she_reads_what_became_of_the_other(who)
    she_opens_the_tree_as_it_was(who)


def test_a_neighbour_finds_the_name_and_the_place_and_no_more(visit, nghe_an):
    who = visit("laichau")

    she_finds_it_by_typing(who)
    who.follow("xã Nậm Cắn")

    assert who.reads("không thuộc phạm vi của chị")
    for secret in ("Tiền Tiêu", "Lịch sử", "Mã hành chính", "Cán bộ"):
        assert not who.page.locator("main").get_by_text(secret).count()
