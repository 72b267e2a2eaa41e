import random
from datetime import date

import pytest

from branches.models import Branch, Level, Team
from branches.services import open_branch, open_branches
from programs.models import Assignment, Program, Quota
from programs.queries import (
    duplicated,
    line_total,
    plan_history,
    quota_progress_by_district,
    quota_table,
)
from programs.services import (
    ProgramError,
    assign,
    change_assignment,
    change_line,
    change_program,
    create_program,
    end_assignment,
    start_program,
)

from .conftest import DAY, Applies

pytestmark = pytest.mark.django_db

OPENED = date(2016, 1, 1)

# The plan's own units in 2021: 7 districts, 56 xã/phường.
DISTRICTS = {
    ("quận", "Liên Chiểu"): "Hòa Hiệp Bắc, Hòa Hiệp Nam, Hòa Khánh Bắc, Hòa Khánh Nam, Hòa Minh",
    ("quận", "Thanh Khê"): "Tam Thuận, Thanh Khê Tây, Thanh Khê Đông, Xuân Hà, Tân Chính, "
    "Chính Gián, Vĩnh Trung, Thạc Gián, An Khê, Hòa Khê",
    ("quận", "Hải Châu"): "Thanh Bình, Thuận Phước, Thạch Thang, Hải Châu I, Hải Châu II, "
    "Phước Ninh, Hòa Thuận Tây, Hòa Thuận Đông, Nam Dương, Bình Hiên, Bình Thuận, "
    "Hòa Cường Bắc, Hòa Cường Nam",
    ("quận", "Sơn Trà"): "Thọ Quang, Nại Hiên Đông, Mân Thái, An Hải Bắc, Phước Mỹ, An Hải Tây, "
    "An Hải Đông",
    ("quận", "Ngũ Hành Sơn"): "Mỹ An, Khuê Mỹ, Hoà Quý, Hoà Hải",
    ("quận", "Cẩm Lệ"): "Khuê Trung, Hòa Phát, Hòa An, Hòa Thọ Tây, Hòa Thọ Đông, Hòa Xuân",
    ("huyện", "Hòa Vang"): "Hòa Bắc, Hòa Liên, Hòa Ninh, Hòa Sơn, Hòa Nhơn, Hòa Phú, Hòa Phong, "
    "Hòa Châu, Hòa Tiến, Hòa Phước, Hòa Khương",
}
AFFILIATED = {
    "Hội Phụ nữ Công An": "Sơn Trà",
    "Hội Phụ nữ BCH Biên Phòng": "Ngũ Hành Sơn",
    "Hội Phụ nữ BCH Quân sự": "Liên Chiểu",
    "Hội phụ nữ Chợ": "Hải Châu",
}


@pytest.fixture
def real_plan(db):
    """The plan of 2021 with its real units and one chi hội in each xã/phường; a draft."""
    level = {level.code: level for level in Level.objects.all()}
    city = open_branch(
        level=level["tinh"], parent=None, name="Đà Nẵng", type="thành phố", opened_on=OPENED
    )
    for (kind, name), communes in DISTRICTS.items():
        district = open_branch(
            level=level["huyen"], parent=city, name=name, type=kind, opened_on=OPENED
        )
        made = open_branches(
            [
                Branch(
                    level=level["xa"],
                    parent=district,
                    type="xã" if kind == "huyện" else "phường",
                    name=commune,
                    slug=f"xa-{district.pk}-{number}",
                    opened_on=OPENED,
                )
                for number, commune in enumerate(communes.split(", "))
            ]
        )
        open_branches(
            [
                Branch(
                    level=level["chi_hoi"],
                    parent=commune,
                    type="chi hội",
                    name="Khu dân cư 1",
                    slug=f"chi-hoi-{commune.pk}",
                    opened_on=OPENED,
                )
                for commune in made
            ]
        )
    for name in AFFILIATED:
        open_branch(level=level["truc_thuoc"], parent=city, name=name, opened_on=OPENED)
    for number, area in enumerate(("Thanh Khê", "Cẩm Lệ", "Hòa Vang"), start=1):
        Team.objects.create(
            branch=city,
            area=Branch.objects.get(name=area, level=level["huyen"]),
            name=f"Đoàn phụ trách số {number}",
            slug=f"doan-{number}",
            opened_on=OPENED,
        )
    return create_program(
        owner=city,
        name="Hướng về Chi hội",
        starts_on=date(2021, 1, 1),
        ends_on=date(2022, 12, 31),
        by=None,
        lines=real_lines(level),
    )


def real_lines(level):
    lines = [{"label": "Hội LHPN thành phố", "applies_to": Applies.TEAMS, "stated_total": 3}]
    for name, place in AFFILIATED.items():
        lines.append(
            {
                "label": name,
                "applies_to": Applies.BRANCH,
                "branch": Branch.objects.get(name=name),
                "place": Branch.objects.get(name=place, level=level["huyen"]),
                "stated_total": 1,
            }
        )
    for label, code, stated in (("quận/huyện", "huyen", 7), ("xã/phường", "xa", 56)):
        lines.append(
            {
                "label": f"Hội LHPN các {label}",
                "applies_to": Applies.LEVEL,
                "level": level[code],
                "stated_total": stated,
            }
        )
    return [line | {"number": number} for number, line in enumerate(lines, start=1)]


def figures(tally):
    """giao, đã nhận, còn thiếu, ngoài địa bàn, trùng."""
    return tally.minimum, tally.taken, tally.missing, tally.outside, tally.doubled


def line_figures(program):
    return [figures(row.tally) for row in quota_table(program).lines]


# --- The plan of Đà Nẵng --------------------------------------------------------------------


def test_the_plan_of_da_nang_asks_for_seventy_chi_hoi(real_plan):
    table = quota_table(real_plan)

    assert [row.tally.minimum for row in table.lines] == [3, 1, 1, 1, 1, 7, 56]
    assert [row.units for row in table.lines] == [3, 1, 1, 1, 1, 7, 56]
    assert figures(table.total) == (70, 0, 70, 0, 0)
    assert table.stated_total == 70
    assert table.warnings == []


def test_the_communes_stand_together_by_district(real_plan):
    rows = quota_table(real_plan).lines[6].rows

    districts = [row.quota.supporter_branch.parent.name for row in rows]
    assert list(dict.fromkeys(districts)) == [
        "Cẩm Lệ",
        "Hải Châu",
        "Hòa Vang",
        "Liên Chiểu",
        "Ngũ Hành Sơn",
        "Sơn Trà",
        "Thanh Khê",
    ]
    assert districts == sorted(districts, key=districts.index)


def test_the_seventy_react_to_taking_on_moving_and_ending(real_plan):
    start_program(program=real_plan, seen_version=1, by=None)
    chi_hoi = {
        b.parent.name: b for b in Branch.objects.at_level("chi_hoi").select_related("parent")
    }
    police = Branch.objects.get(name="Hội Phụ nữ Công An")
    ward = Branch.objects.get(name="Thọ Quang")

    def total():
        return figures(quota_table(real_plan).total)

    helped = assign(
        program=real_plan,
        supporter_branch=police,
        supported=chi_hoi["Thọ Quang"],
        starts_on=DAY,
        by=None,
    )
    assert total() == (70, 1, 69, 0, 0)

    assign(
        program=real_plan,
        supporter_branch=ward,
        supported=chi_hoi["Thọ Quang"],
        starts_on=DAY,
        by=None,
    )
    assert total() == (70, 2, 68, 0, 1)  # two units, one chi hội: trùng

    helped = change_assignment(
        assignment=helped, seen_version=1, by=None, supported=chi_hoi["Mân Thái"]
    )
    assert total() == (70, 2, 68, 0, 0)

    helped = change_assignment(
        assignment=helped, seen_version=2, by=None, supported=chi_hoi["Hòa Bắc"]
    )
    assert total() == (70, 1, 69, 1, 0)  # not in quận Sơn Trà: shown, not counted

    end_assignment(assignment=helped, seen_version=3, ends_on=DAY, reason="dừng", by=None)
    assert total() == (70, 1, 69, 0, 0)


def test_the_progress_of_da_nang_by_district_adds_up_to_seventy(real_plan):
    progress = quota_progress_by_district(real_plan)

    assert [(row.branch.name, row.tally.minimum) for row in progress] == [
        ("Đà Nẵng", 3),
        ("Cẩm Lệ", 7),
        ("Hải Châu", 14),
        ("Hòa Vang", 12),
        ("Liên Chiểu", 6),
        ("Ngũ Hành Sơn", 5),
        ("Sơn Trà", 8),
        ("Thanh Khê", 11),
        ("Hội Phụ nữ BCH Biên Phòng", 1),
        ("Hội Phụ nữ BCH Quân sự", 1),
        ("Hội phụ nữ Chợ", 1),
        ("Hội Phụ nữ Công An", 1),
    ]


@pytest.mark.parametrize("plan", ["program", "real_plan"])
def test_the_table_asks_as_many_questions_for_seventy_units_as_for_seven(
    request, plan, django_assert_num_queries
):
    plan = request.getfixturevalue(plan)

    with django_assert_num_queries(3):
        quota_table(plan)


# --- What the words mean --------------------------------------------------------------------


def test_a_team_counts_only_inside_its_area(program, units, help_given):
    help_given(units.team, units.chi_hoi_thanh_binh)
    assert line_figures(program)[0] == (1, 0, 1, 1, 0)

    help_given(units.team, units.chi_hoi_1)
    assert line_figures(program)[0] == (1, 1, 0, 1, 0)


def test_more_than_the_minimum_of_one_unit_does_not_pay_for_another(program, units, help_given):
    for chi_hoi in (units.chi_hoi_1, units.chi_hoi_2, units.chi_hoi_man_thai):
        help_given(units.tho_quang, chi_hoi)

    assert line_figures(program)[3] == (3, 3, 2, 0, 0)


def test_a_doubled_chi_hoi_counts_for_both_units_and_once_in_the_total(program, units, assignments):
    table = quota_table(program)

    assert [row.tally.doubled for row in table.lines] == [0, 0, 1, 1]
    assert figures(table.total) == (7, 3, 4, 0, 1)
    rows = {r.quota.supporter: r.tally.doubled for line in table.lines for r in line.rows}
    assert rows[units.thanh_binh] == 0
    assert rows[units.son_tra] == rows[units.tho_quang] == 1


def test_a_printed_number_that_differs_is_warned_about_and_never_added(program, people):
    wanted = list(program.lines.values("id", "number", "stated_total"))
    wanted[3]["stated_total"] = 56
    change_program(program=program, seen_version=program.version, by=people.an, lines=wanted)

    table = quota_table(program)

    assert [row.line.number for row in table.warnings] == [4]
    assert (table.total.minimum, table.stated_total) == (7, 60)


def test_a_missing_printed_number_leaves_the_printed_total_unknown(program, people):
    wanted = list(program.lines.values("id", "number"))
    wanted[3]["stated_total"] = None
    change_program(program=program, seen_version=program.version, by=people.an, lines=wanted)

    table = quota_table(program)

    assert table.stated_total is None
    assert table.warnings == []


def test_an_unsaved_line_says_what_it_would_ask_for(program):
    line = program.lines.get(number=4)
    line.pk, line.minimum_each = None, 2

    assert line_total(line) == (3, 6)


# --- Who sees what --------------------------------------------------------------------------


def test_a_participant_sees_all_lines_but_the_units_of_her_territory_only(
    program, units, people, assignments
):
    seen = quota_table(program, people.hoa)

    assert [row.line.number for row in seen.lines] == [1, 2, 3, 4]
    assert [r.quota.supporter for row in seen.lines for r in row.rows] == [units.tho_quang]


def test_a_participant_gets_the_figures_of_her_own_units_and_no_others(
    program, units, people, assignments, help_given
):
    help_given(units.cong_an, units.chi_hoi_2)

    seen = quota_table(program, people.lan)

    assert not seen.is_whole
    assert figures(seen.total) == (2, 1, 1, 0, 0)  # quận Hải Châu and phường Thanh Bình
    assert [figures(row.tally) for row in seen.lines[2:]] == [(1, 0, 1, 0, 0), (1, 1, 0, 0, 0)]
    assert [row.is_hidden for row in seen.lines] == [True, True, False, False]
    assert {figures(row.tally) for row in seen.lines[:2]} == {(0, 0, 0, 0, 0)}


def test_the_printed_numbers_are_checked_only_for_whom_has_the_whole_table(program, people):
    wanted = list(program.lines.values("id", "number", "stated_total"))
    wanted[3]["stated_total"] = 56
    change_program(program=program, seen_version=program.version, by=people.an, lines=wanted)

    assert [row.line.number for row in quota_table(program, people.cuc).warnings] == [4]
    assert quota_table(program, people.hoa).warnings == []


def test_the_neighbour_sees_her_own_row_and_not_the_ward_next_door(
    program, units, people, assignments
):
    seen = quota_table(program, people.lan)

    supporters = {r.quota.supporter for row in seen.lines for r in row.rows}
    assert supporters == {units.hai_chau, units.thanh_binh}


def test_the_city_sees_every_row_its_team_included(program, people):
    assert sum(len(row.rows) for row in quota_table(program, people.cuc).lines) == 7


def test_a_doubled_chi_hoi_is_listed_with_its_supporters(program, units, assignments):
    (found,) = duplicated(program)

    assert found.supported == units.chi_hoi_1
    assert {a.supporter for a in found.assignments} == {units.son_tra, units.tho_quang}
    assert found.others == 0


def test_the_doubled_list_says_no_more_than_a_person_may_see(program, units, people, help_given):
    help_given(units.cong_an, units.chi_hoi_1)
    help_given(units.son_tra, units.chi_hoi_1)

    (found,) = duplicated(program, people.phuong)

    assert [a.supporter for a in found.assignments] == [units.cong_an]
    assert found.others == 1
    assert duplicated(program, people.lan) == []


def test_the_progress_below_a_district_goes_by_ward(program, units, assignments):
    progress = quota_progress_by_district(program, top=units.son_tra)

    assert [(row.branch, row.tally.taken) for row in progress] == [
        (units.son_tra, 1),
        (units.man_thai, 0),
        (units.tho_quang, 1),
    ]


def test_the_history_of_the_plan_remembers_a_removed_line(program, people):
    kept = [{"id": line.pk, "number": line.number} for line in program.lines.all()][:3]
    change_program(
        program=program, seen_version=program.version, by=people.an, reason="rút gọn", lines=kept
    )

    newest = plan_history(program)[0]

    assert newest["what"] == "Xóa dòng chỉ tiêu phân bổ “Hội LHPN các xã/phường”"
    assert (newest["by"], newest["reason"]) == (people.an, "rút gọn")


def test_the_history_of_the_plan_remembers_what_each_unit_was_given(program, units, people):
    change_line(line=program.lines.get(number=2), by=people.an, reason="bổ sung", minimum_each=2)

    newest = next(row for row in plan_history(program) if "chỉ tiêu phân bổ “Hội" in row["what"])

    assert newest["what"] == "Thay đổi chỉ tiêu phân bổ “Hội Phụ nữ Công an: ít nhất 2”"
    assert newest["changes"] == [{"label": "Giao", "old": "1", "new": "2"}]
    assert (newest["by"], newest["reason"]) == (people.an, "bổ sung")


def test_the_history_names_to_each_person_the_units_of_her_territory_only(program, units, people):
    def units_named(user):
        rows = plan_history(program, user)
        words = " ".join(row["what"] for row in rows if "dòng" not in row["what"])
        names = ("Công an", "Đoàn phụ trách số 1", "Thọ Quang", "Mân Thái", "Thanh Bình")
        return [name for name in names if name in words]

    assert units_named(people.lan) == ["Thanh Bình"]
    assert units_named(people.hoa) == ["Thọ Quang"]
    assert len(units_named(people.cuc)) == 5


def test_the_history_asks_no_question_for_each_of_seventy_units(
    real_plan, django_assert_max_num_queries
):
    plan = Program.objects.select_related("owner").get(pk=real_plan.pk)

    with django_assert_max_num_queries(20):
        rows = plan_history(plan)

    assert sum("chỉ tiêu phân bổ “Hội" in row["what"] for row in rows) > 70


# --- Any order of changes, one table --------------------------------------------------------


def recount(program):
    """The same figures by asking again for each quota, one question at a time."""
    by_line, doubled_all = {}, set()
    active = Assignment.objects.filter(program=program, ends_on=None)
    for quota in Quota.objects.filter(line__program=program):
        own = [
            a.supported
            for a in active
            if (a.supporter_branch_id, a.supporter_team_id)
            == (quota.supporter_branch_id, quota.supporter_team_id)
        ]
        inside = [b for b in own if quota.place is None or quota.place.contains(b)]
        doubled = {b.pk for b in own if active.filter(supported=b).count() > 1}
        line = by_line.setdefault(quota.line.number, [0, 0, 0, 0, set()])
        line[0] += quota.minimum
        line[1] += len(inside)
        line[2] += max(quota.minimum - len(inside), 0)
        line[3] += len(own) - len(inside)
        line[4] |= doubled
        doubled_all |= doubled
    rows = [(*by_line[number][:4], len(by_line[number][4])) for number in sorted(by_line)]
    sums = tuple(sum(row[i] for row in rows) for i in range(4))
    return rows, (*sums, len(doubled_all))


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_taking_on_moving_and_ending_gives_the_recounted_table(
    program, units, people, seed
):
    dice = random.Random(seed)
    supporters = [units.team, units.cong_an, units.son_tra, units.tho_quang, units.thanh_binh]
    chi_hoi = [units.chi_hoi_1, units.chi_hoi_2, units.chi_hoi_man_thai, units.chi_hoi_thanh_binh]

    for _ in range(30):
        supporter = dice.choice(supporters)
        kind = "supporter_team" if supporter == units.team else "supporter_branch"
        who = {kind: supporter, "supported": dice.choice(chi_hoi)}
        active = list(Assignment.objects.filter(ends_on=None))
        verb = dice.choice(["take on", "take on", "move", "end"]) if active else "take on"
        try:
            if verb == "take on":
                assign(program=program, starts_on=DAY, by=people.an, **who)
                continue
            row = dice.choice(active)
            if verb == "move":
                change_assignment(assignment=row, seen_version=row.version, by=people.an, **who)
            else:
                end_assignment(
                    assignment=row,
                    seen_version=row.version,
                    ends_on=DAY,
                    reason="xong",
                    by=people.an,
                )
        except ProgramError:
            pass  # the same unit twice: refused, and nothing is left behind

    rows, total = recount(program)
    assert line_figures(program) == rows
    assert figures(quota_table(program).total) == total
