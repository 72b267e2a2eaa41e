"""The sums of Hà Nội 2024: five communes in three provinces, and what is not valued apart."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse

from branches.models import Branch
from conftest import person, unit
from programs.models import ItemKind, Partner, SupportItem
from programs.queries import item_totals, support_of, support_sums
from programs.services import add_item, cancel_delivery, confirm_delivery, record_delivery
from programs.tests.conftest import build_program
from programs.tests.support import minutes

pytestmark = pytest.mark.django_db
M = 1_000_000


@pytest.fixture
def ha_noi(units):
    """Hà Nội helps communes of Nghệ An, Điện Biên and Kon Tum with the figures of its plan."""
    top = unit("tinh", None, "Hà Nội", "thành phố")
    communes = {}
    for province, district, names in (
        ("Nghệ An", "Kỳ Sơn", ["Nậm Cắn", "Na Loi"]),
        ("Điện Biên", "Mường Nhé", ["Leng Su Sìn", "Sín Thầu"]),
        ("Kon Tum", "Sa Thầy", ["Mô Rai"]),
        ("Kon Tum", "Đăk Glei", ["Đăk Plô"]),
    ):
        above = Branch.objects.filter(name=province, level__code="tinh").first()
        above = above or unit("tinh", None, province, "tỉnh")
        below = unit("huyen", above, district, "huyện")
        communes |= {name: unit("xa", below, name, "xã") for name in names}
    officer = person("ha_noi", "Nguyễn Thị Hà Nội", ("officer", top))
    program = build_program(
        units, officer, owner=top, name="Đồng hành năm 2024", lines=[], milestones=[],
        starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31),
    )  # fmt: skip
    program.reaches_out = True
    program.save()
    return SimpleNamespace(top=top, communes=communes, officer=officer, program=program)


@pytest.fixture
def add(ha_noi):
    def add(places, code, what, **fields):
        return add_item(
            program=ha_noi.program, giver=ha_noi.top, by=ha_noi.officer,
            kind=ItemKind.objects.get(code=code), what=what,
            places=[ha_noi.communes[name] for name in places], **fields,
        )  # fmt: skip

    return add


@pytest.fixture
def plan(add):
    both = ["Mô Rai", "Đăk Plô"]
    valued = [
        add(["Nậm Cắn"], "mai-am", "01 Mái ấm tình thương", stated_value=50 * M),
        add(["Na Loi"], "sinh-ke", "Bò sinh sản", stated_value=50 * M),
        add(["Leng Su Sìn"], "mai-am", "01 Mái ấm", stated_value=50 * M),
        add(["Leng Su Sìn"], "sinh-ke", "Vốn sinh kế", stated_value=50 * M),
        add(["Mô Rai"], "mai-am", "01 Mái ấm", stated_value=50 * M),
        add(["Đăk Plô"], "sinh-ke", "Sâm dây", stated_value=50 * M),
        add(both, "do-dau", "Đỡ đầu học sinh", quantity=10, unit_value=500_000, months=12),
    ]
    unvalued = [
        add(["Nậm Cắn", "Na Loi"], "qua", "Quà"),
        add(["Leng Su Sìn", "Sín Thầu"], "qua", "Quà Tết", is_one_off=True),
        add(both, "qua", "50 suất quà", quantity=50),
        add([], "khac", "Thăm đồn biên phòng"),
    ]
    conditional = [
        add(["Nậm Cắn", "Na Loi"], "cong-trinh", "01 điểm trường", is_conditional=True),
        add(["Nậm Cắn", "Na Loi", "Leng Su Sìn", *both], "tai-lieu", "Tài liệu",
            is_conditional=True),
    ]  # fmt: skip
    return SimpleNamespace(valued=valued, unvalued=unvalued, conditional=conditional)


def by_name(rows):
    return {str(getattr(row, "name", row)): sums for row, sums in rows}


def test_the_valued_items_of_ha_noi_come_to_360_million(ha_noi, plan):
    totals = item_totals(ha_noi.program, ha_noi.officer)

    planned = totals.whole.planned
    assert (planned.value, planned.valued, planned.unvalued) == (360_000_000, 7, 4)
    conditional = totals.whole.conditional
    assert (conditional.rows, conditional.value, conditional.valued) == (2, 0, 0)


def test_the_sums_by_province_and_commune(ha_noi, plan):
    places = by_name(item_totals(ha_noi.program, ha_noi.officer).by_place)

    value = {name: sums.planned.value // M for name, sums in places.items()}
    assert value == {
        "Nghệ An": 100, "Kỳ Sơn": 100, "Nậm Cắn": 50, "Na Loi": 50,
        "Điện Biên": 100, "Mường Nhé": 100, "Leng Su Sìn": 100,
        "Kon Tum": 160, "Sa Thầy": 50, "Mô Rai": 50, "Đăk Glei": 50, "Đăk Plô": 50,
    }  # fmt: skip
    assert places["Kon Tum"].planned.unvalued == 1
    assert places["Nghệ An"].conditional.unvalued == 1


def test_what_is_for_no_one_province_stands_elsewhere(ha_noi, plan):
    elsewhere = item_totals(ha_noi.program, ha_noi.officer).elsewhere

    assert (elsewhere.planned.unvalued, elsewhere.conditional.unvalued) == (1, 1)


def test_the_sums_by_kind(ha_noi, plan):
    kinds = item_totals(ha_noi.program, ha_noi.officer).by_kind

    value = {kind.code: sums.planned.value // M for kind, sums in kinds if sums.planned.valued}
    assert value == {"mai-am": 150, "sinh-ke": 150, "do-dau": 60}
    unvalued = {kind.code: sums.planned.unvalued for kind, sums in kinds if sums.planned.unvalued}
    assert unvalued == {"qua": 3, "khac": 1}


def give(ha_noi, item, name, value, **fields):
    return record_delivery(
        item=item, place=ha_noi.communes[name], given_on=date(2024, 6, 1), by=ha_noi.officer,
        value=value, **fields,
    )  # fmt: skip


def test_what_nobody_confirmed_stands_apart(ha_noi, plan, people):
    shared = plan.valued[-1]
    confirmed = give(ha_noi, shared, "Mô Rai", 20 * M)
    confirm_delivery(delivery=confirmed, seen_version=1, by=people.xuan, at="2024-06-02T00:00Z")
    give(ha_noi, shared, "Đăk Plô", 10 * M)
    give(ha_noi, plan.unvalued[2], "Đăk Plô", None)
    mistake = give(ha_noi, shared, "Đăk Plô", 99 * M)
    cancel_delivery(delivery=mistake, seen_version=1, by=ha_noi.officer, reason="ghi nhầm")

    totals = item_totals(ha_noi.program, ha_noi.officer)

    whole = totals.whole
    assert (whole.confirmed.value, whole.confirmed.rows) == (20 * M, 1)
    assert (whole.unconfirmed.value, whole.unconfirmed.unvalued) == (10 * M, 1)
    places = by_name(totals.by_place)
    assert places["Mô Rai"].confirmed.value == 20 * M
    assert places["Đăk Plô"].confirmed.value == 0
    assert places["Kon Tum"].unconfirmed.value == 10 * M


def test_what_border_posts_got_is_in_the_sums_under_their_names(ha_noi, plan):
    posts = [Partner.objects.create(branch=ha_noi.top, name=f"Đồn {name}") for name in ("Ý", "An")]
    visit = plan.unvalued[-1]
    for post, value, papers in ((posts[0], 3 * M, [minutes()]), (posts[1], 2 * M, [])):
        record_delivery(
            item=visit, partner=post, given_on=date(2024, 6, 1), by=ha_noi.officer, value=value,
            minutes=papers,
        )  # fmt: skip

    totals = item_totals(ha_noi.program, ha_noi.officer)

    assert (totals.whole.confirmed.value, totals.whole.unconfirmed.value) == (3 * M, 2 * M)
    assert [partner.name for partner, _ in totals.by_partner] == ["Đồn An", "Đồn Ý"]
    assert by_name(totals.by_partner)["Đồn Ý"].confirmed.value == 3 * M
    assert totals.elsewhere.confirmed.rows == 0
    kinds = {kind.code: sums for kind, sums in totals.by_kind}
    assert kinds["khac"].confirmed.value == 3 * M


def test_an_item_given_up_is_planned_no_more(ha_noi, plan):
    SupportItem.objects.filter(pk=plan.valued[0].pk).update(
        ended_on=date(2024, 5, 1), end_reason="hết vốn"
    )

    assert item_totals(ha_noi.program, ha_noi.officer).whole.planned.value == 310 * M


def test_a_commune_counts_what_comes_to_it_alone(ha_noi, plan):
    commune = ha_noi.communes["Mô Rai"]
    hers = person("mo_rai", "Y Mô Rai", ("officer", commune))
    elsewhere = give(ha_noi, plan.valued[-1], "Đăk Plô", 10 * M)
    here = give(ha_noi, plan.valued[-1], "Mô Rai", 20 * M)

    items, deliveries = support_of(commune, hers)

    assert {item.what for item in items} == {
        "01 Mái ấm", "Đỡ đầu học sinh", "50 suất quà", "Tài liệu",
    }  # fmt: skip
    assert deliveries == [here]
    assert elsewhere not in deliveries
    totals = item_totals(ha_noi.program, hers)
    assert totals.whole.unconfirmed.value == 20 * M


def test_what_a_commune_shares_with_others_is_listed_and_not_summed(ha_noi, plan, client):
    hers = person("mo_rai", "Y Mô Rai", ("officer", ha_noi.communes["Mô Rai"]))
    client.force_login(hers)

    answer = client.get(reverse("programs:support_detail", args=[ha_noi.communes["Mô Rai"].slug]))

    planned = answer.context["sums"].planned
    assert (planned.value, planned.rows) == (50 * M, 1)
    assert answer.context["item_count"] == 4
    assert "chung với xã Đăk Plô" in answer.content.decode()


def test_the_sums_take_the_same_questions_for_many(ha_noi, plan, add, django_assert_num_queries):
    for number in range(20):
        add(["Mô Rai"], "qua", f"Quà {number}", stated_value=M)

    officer = type(ha_noi.officer).objects.get(pk=ha_noi.officer.pk)
    assert officer.branch_paths() == [ha_noi.program.owner.path]
    with django_assert_num_queries(4):
        item_totals(ha_noi.program, officer)


def test_a_list_of_programmes_has_the_same_sums_as_each_ones_page(ha_noi, plan, units, people):
    other = build_program(units, people.an, name="Chương trình khác", lines=[])

    sums = support_sums([ha_noi.program, other], ha_noi.officer)

    whole = item_totals(ha_noi.program, ha_noi.officer).whole
    whole.by_guests = 0  # the list does not tell
    assert (whole.planned.value, whole.planned.unvalued) == (360 * M, 4)
    assert sums == {ha_noi.program.pk: whole}
    assert support_sums([ha_noi.program], people.hoa) == {}
