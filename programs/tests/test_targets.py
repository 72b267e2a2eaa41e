"""Targets in every shape, compound ones, and what units below make of them."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Level
from branches.services import move_branch
from conftest import unit
from programs.models import PlanDocument, Target, TargetPart
from programs.queries import part_words, target_rows
from programs.services import (
    ProgramError,
    add_part,
    add_target,
    change_target,
    localise_target,
    remove_target,
)

from .conftest import build_program

pytestmark = pytest.mark.django_db

# The targets of the Central for 2024 by their shapes, some shortened.
SHAPES = [
    ({"shape": "absolute", "value": 34_000, "unit": "hộ"}, "34.000 hộ"),
    (
        {"shape": "increment", "value": 55_000, "unit": "hộ", "qualifier": "strive"},
        "phấn đấu tăng thêm 55.000 hộ",
    ),
    (
        {"shape": "minimum_per_unit", "value": 1, "unit": "cuộc giám sát"},
        "mỗi đơn vị ít nhất 01 cuộc giám sát",
    ),
    (
        {"shape": "share_of_units", "share": 100, "value": 5, "unit": "hộ"},
        "100% đơn vị, mỗi đơn vị ít nhất 05 hộ",
    ),
    (
        {"shape": "minimum_per_unit", "value": 3, "unit": "đơn thư", "qualifier": "at_most"},
        "mỗi đơn vị không quá 03 đơn thư",
    ),
    (
        {"shape": "share_of_persons", "share": Decimal("80"), "of_whom": "nạn nhân bạo lực"},
        "80% nạn nhân bạo lực",
    ),
]
POOR = [
    {"shape": "absolute", "text": "Hộ thoát nghèo", "value": 34_000, "unit": "hộ"},
    {
        "shape": "absolute",
        "text": "Phụ nữ được nâng cao năng lực",
        "value": 18_600,
        "unit": "người",
    },
    {"shape": "absolute", "text": "Hợp tác xã mới", "value": 73, "unit": "HTX"},
]


@pytest.fixture
def central(units, people):
    """A programme of the Central above Đà Nẵng and Quảng Nam, with its compound target 2."""
    top = unit("trung_uong", None, "Trung ương")
    for province in (units.da_nang, units.quang_nam):
        move_branch(branch=province, parent=top, by=people.an, reason="cùng một cây")
        province.refresh_from_db()
    program = build_program(
        units, people.an, owner=top, name="Nhiệm vụ công tác Hội", lines=[], milestones=[]
    )
    add_target(program=program, number="2", year=2024, text="34.000 hộ", parts=POOR, by=people.an)
    return program


@pytest.fixture
def localised(central, units, people):
    """What each of the two provinces takes on of it."""
    target = Target.objects.of(central).get()
    poor, _, coops = target.parts.all()
    return {
        name: localise_target(
            target=target,
            branch=branch,
            parts={poor.pk: {"value": value}, coops.pk: {"value": 2}},
            text=f"{value} hộ của {branch.name}",
            by=by,
        )
        for name, branch, value, by in (
            ("da_nang", units.da_nang, 500, people.an),
            ("quang_nam", units.quang_nam, 900, people.xuan),
        )
    }


def fresh(row):
    """Read again as for a new request: people's positions and paths have moved since."""
    return type(row).objects.get(pk=row.pk)


def page(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("fields", "words"), SHAPES)
def test_every_shape_is_kept_and_said_in_words(program, people, fields, words):
    levels = list(Level.objects.filter(code="xa"))
    part = {"text": "nội dung", "levels": levels} | fields

    target = add_target(program=program, number="1", text="…", parts=[part], by=people.an)

    kept = target.parts.get()
    assert part_words(fresh(kept)) == words
    assert list(kept.levels.all()) == levels


def test_a_compound_target_is_one_number_with_three_parts(as_person, program, people):
    target = add_target(program=program, number="2", text="ba số", parts=POOR, by=people.an)

    text = page(as_person("hoa").get(reverse("programs:target_list", args=[program.slug])))

    assert target.is_compound
    assert text.count("<strong>Chỉ tiêu 2</strong>") == 1
    assert all(words in text for words in ("34.000 hộ", "18.600 người", "73 HTX"))


def test_what_the_words_leave_open_keeps_its_text_and_its_question(as_person, program, people):
    part = {
        "shape": "share_of_units",
        "share": 88,
        "text": "tăng 88% số cơ sở Hội tập hợp từ 60% phụ nữ trở lên",
    }
    add_target(
        program=program,
        number="5",
        text="Tăng 88% số cơ sở Hội",
        question="Tăng đến 88% hay tăng thêm 88%?",
        parts=[part],
        by=people.an,
    )

    text = page(as_person("hoa").get(reverse("programs:target_list", args=[program.slug])))

    assert "tăng 88% số cơ sở Hội tập hợp từ 60% phụ nữ trở lên" in text
    assert "Cần hỏi lại: Tăng đến 88% hay tăng thêm 88%?" in text


def test_a_part_without_the_number_of_its_shape_is_refused(program, people):
    part = {"shape": "share_of_persons", "text": "nạn nhân", "value": 5}

    with pytest.raises(ProgramError, match="Dạng tỷ lệ cần số %"):
        add_target(program=program, number="3", text="…", parts=[part], by=people.an)

    assert not Target.objects.of(program).exists()


def test_a_target_without_a_year_has_its_number_once_too(program, people):
    add_target(program=program, number="1", text="…", parts=POOR, by=people.an)

    with pytest.raises(ProgramError, match="đã có chỉ tiêu 1"):
        add_target(program=program, number="1", text="…", parts=POOR, by=people.an)


def test_a_target_without_a_year_takes_no_number_that_is_given(program, people):
    add_target(program=program, number="1", text="…", parts=POOR, by=people.an)
    second = add_target(program=program, number="2", text="…", parts=POOR, by=people.an)

    with pytest.raises(ProgramError, match="đã có chỉ tiêu 1"):
        change_target(target=second, seen_version=second.version, by=people.an, number="1")
    change_target(target=second, seen_version=second.version, by=people.an, text="giữ số")


def test_the_page_writes_a_target_with_its_parts(as_person, program):
    level = Level.objects.get(code="xa")
    url = reverse("programs:target_create", args=[program.slug])
    data = {
        "number": "4",
        "year": "2024",
        "text": "100% cơ sở, thêm 05 hộ mỗi cơ sở",
        "parts-TOTAL_FORMS": "3",
        "parts-INITIAL_FORMS": "0",
        "parts-0-text": "Cơ sở thêm hộ",
        "parts-0-shape": "share_of_units",
        "parts-0-share": "100",
        "parts-0-value": "5",
        "parts-0-levels": [str(level.pk)],
        "parts-1-text": "Hộ tăng thêm",
        "parts-1-shape": "increment",
    }
    client = as_person("an")

    refused = page(client.post(url, data))
    assert "Dạng này cần số phải đạt." in refused and "Cơ sở thêm hộ" in refused
    more = page(client.post(url, data | {"more_parts": "1"}))
    assert "parts-5-text" in more
    client.post(url, data | {"parts-1-value": "55.000"})

    parts = TargetPart.objects.filter(target__number="4")
    assert [(part.share, part.value) for part in parts] == [(100, 5), (None, 55_000)]
    assert list(parts[0].levels.all()) == [level]


def test_the_page_changes_removes_and_adds_parts(as_person, program, people):
    target = add_target(program=program, number="2", text="ba số", parts=POOR, by=people.an)
    url = reverse("programs:target_update", args=[target.pk])
    first, second, third = target.parts.all()
    data = {
        "version": target.version,
        "number": "2",
        "text": "ba số",
        "parts-TOTAL_FORMS": "3",
        "parts-INITIAL_FORMS": "3",
    }
    for number, part in enumerate((first, second, third)):
        data |= {
            f"parts-{number}-id": part.pk,
            f"parts-{number}-text": part.text,
            f"parts-{number}-shape": part.shape,
            f"parts-{number}-value": "40.000" if part == first else str(int(part.value)),
        }

    as_person("an").post(url, data | {"parts-1-DELETE": "on"})

    assert list(target.parts.values_list("pk", "value")) == [(first.pk, 40_000), (third.pk, 73)]


def test_a_part_that_an_amendment_raised_says_old_and_new(as_person, program, people):
    target = add_target(
        program=program, number="2", text="hộ", parts=POOR[:1], document=program.plan, by=people.an
    )
    paper = add_part(
        model=PlanDocument, program=program, by=people.an, title="Điều chỉnh", number="15/KH-BTV"
    )
    change_target(
        target=target,
        seen_version=target.version,
        by=people.an,
        document=paper,
        parts=[{"id": target.parts.get().pk, "value": 40_000}],
    )

    text = page(as_person("hoa").get(reverse("programs:cited", args=["targets", target.pk])))

    part = text[text.index("Hộ thoát nghèo") :]
    assert part.index("40.000 hộ") < part.index("15/KH-BTV") < part.index("34.000 hộ")
    assert "Kế hoạch tổ chức Chương trình" in part[part.index("34.000 hộ") :]


# --- What units below make of it ----------------------------------------------------------------


def test_a_province_takes_on_its_own_numbers_and_keeps_year_and_shapes(localised):
    own = localised["da_nang"]

    assert (own.number, own.year, own.localises.branch.name) == ("2", 2024, "Trung ương")
    assert [(p.shape, p.unit, p.value) for p in own.parts.all()] == [
        ("absolute", "hộ", 500),
        ("absolute", "HTX", 2),
    ]


def test_a_neighbour_province_sees_the_targets_from_above_and_none_of_the_others(
    as_person, central, localised
):
    url = reverse("programs:target_list", args=[central.slug])
    da_nang, quang_nam = localised["da_nang"], localised["quang_nam"]

    an, xuan = page(as_person("an").get(url)), page(as_person("xuan").get(url))

    assert "34.000 hộ" in an and "34.000 hộ" in xuan
    assert "500 hộ của Đà Nẵng" in an and "900 hộ của Quảng Nam" not in an
    assert "900 hộ của Quảng Nam" in xuan and "500 hộ của Đà Nẵng" not in xuan
    for name, mine, foreign in (("an", da_nang, quang_nam), ("xuan", quang_nam, da_nang)):
        client = as_person(name)
        for route in ("target_update", "target_localise"):
            address = reverse(f"programs:{route}", args=[foreign.pk])
            assert client.get(address).status_code == 404
        assert (
            client.get(reverse("programs:cited", args=["targets", foreign.pk])).status_code == 404
        )
        assert client.get(reverse("programs:target_update", args=[mine.pk])).status_code == 200


def test_only_its_own_officers_change_what_a_unit_took_on(as_person, localised):
    url = reverse("programs:target_update", args=[localised["da_nang"].pk])

    statuses = {name: as_person(name).get(url).status_code for name in ("an", "cuc", "hoa")}

    assert statuses == {"an": 200, "cuc": 403, "hoa": 403}


def test_an_officer_takes_on_a_target_and_changes_it_on_the_page(as_person, central, units):
    target = Target.objects.of(central).get()
    poor, women, coops = (f"value_{part.pk}" for part in target.parts.all())
    url = reverse("programs:target_localise", args=[target.pk])
    client = as_person("an")

    client.post(url, {"branch": units.da_nang.pk, "text": "500 hộ", poor: "500", coops: ""})
    own = Target.objects.get(localises=target)
    part = own.parts.get()
    change = {"version": own.version, "text": "600 hộ", f"value_{part.pk}": "600"}
    client.post(reverse("programs:target_update", args=[own.pk]), change)

    assert part.target.branch == units.da_nang
    assert (fresh(own).text, fresh(part).value, fresh(part).shape) == ("600 hộ", 600, "absolute")
    assert "đã có chỉ tiêu 2" in page(client.post(url, {"branch": units.da_nang.pk, poor: "1"}))
    foreign = {"branch": units.quang_nam.pk, poor: "1"}
    assert "Đơn vị" in page(client.post(url, foreign))
    assert not Target.objects.filter(branch=units.quang_nam).exists()


def test_a_unit_may_not_change_the_shape_of_what_it_took_on(localised, people):
    own = localised["da_nang"]
    part = {"id": own.parts.first().pk, "shape": "increment"}

    with pytest.raises(ProgramError, match="Năm và dạng giữ như"):
        change_target(target=own, seen_version=own.version, by=people.an, parts=[part])


def test_a_target_that_units_took_on_keeps_its_year_and_shapes_and_is_not_removed(
    central, localised, people
):
    target = Target.objects.get(branch=central.owner)

    with pytest.raises(ProgramError, match="giữ nguyên năm"):
        change_target(target=target, seen_version=target.version, by=people.an, year=2025)
    with pytest.raises(ProgramError, match="không xóa được"):
        remove_target(target=target, seen_version=target.version, by=people.an)

    assert fresh(target).year == 2024 and target.parts.count() == 3


def test_a_unit_beside_or_above_takes_nothing_on(central, units, people):
    target = Target.objects.of(central).get()
    own = localise_target(
        target=target,
        branch=units.da_nang,
        parts={target.parts.first().pk: {"value": 1}},
        by=people.an,
    )

    with pytest.raises(ProgramError, match="không thuộc"):
        localise_target(target=own, branch=units.quang_nam, parts={}, by=people.xuan)


def test_three_targets_or_thirty_ask_the_same_number_of_questions(
    as_person, program, people, units
):
    client = as_person("giang")
    url = reverse("programs:target_list", args=[program.slug])

    def add(first, last):
        for number in range(first, last):
            target = add_target(
                program=program, number=str(number), text="…", parts=POOR, by=people.an
            )
            localise_target(
                target=target,
                branch=units.son_tra,
                parts={target.parts.first().pk: {"value": 1}},
                by=people.giang,
            )

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page(client.get(url))
        return len(queries)

    add(0, 3)
    asked()
    few = asked()
    add(3, 30)

    assert asked() == few
    assert len(target_rows(program, people.giang)) == 30


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([{"shape": "increment", "value": 55_000, "unit": "hộ"},
          {"shape": "share_of_units", "share": 100, "value": 5, "unit": "hộ"}],
         ["55.000 hộ, 100% đơn vị, mỗi đơn vị ít nhất 05 hộ: 11.000 đơn vị"]),
        ([{"shape": "absolute", "value": 900, "unit": "hộ"},
          {"shape": "share_of_units", "share": 60, "value": 5, "unit": "hộ"}],
         ["900 hộ, 60% đơn vị, mỗi đơn vị ít nhất 05 hộ: 300 đơn vị"]),
        ([{"shape": "increment", "value": 55_000, "unit": "hộ"},
          {"shape": "minimum_per_unit", "value": 1, "unit": "công trình"}], []),
    ],
)  # fmt: skip
def test_a_sum_and_a_number_for_each_unit_tell_how_many_units_they_mean(
    central, people, parts, said
):
    named = [{"text": f"phần {n}"} | part for n, part in enumerate(parts)]
    made = add_target(
        program=central, number="4", year=2024, text="Mục 4", parts=named, by=people.an
    )

    rows = target_rows(central, people.an)

    assert next(row for row in rows if row.target == made).implied == said
