from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date

import pytest
from django.db import connection, transaction

from branches.models import Level
from branches.services import close_branch, open_branch
from programs.models import Assignment, Milestone, Program, Quota, QuotaLine
from programs.services import (
    STALE,
    ProgramError,
    add_line,
    allot_quota,
    assign,
    change_assignment,
    change_line,
    change_program,
    close_program,
    create_program,
    end_assignment,
    keep_part,
    remove_line,
    start_program,
)
from programs.services.programs import TAKEN_SLUGS
from programs.urls import urlpatterns

from .conftest import DAY, Applies, build_program, small_plan

pytestmark = pytest.mark.django_db


def as_wanted(program):
    """The table as the page sends it back, unchanged."""
    return list(
        program.lines.values(
            "id", "number", "label", "applies_to", "minimum_each", "stated_total", "note"
        )
    )


def last_change(row):
    record = row.history.first()
    return record.history_user, record.history_change_reason


# --- Programmes -----------------------------------------------------------------------------


def test_a_programme_made_from_its_plan_is_a_draft_with_its_quotas_shared_out(units, people):
    program = build_program(units, people.an, is_started=False)

    assert program.is_draft
    assert program.slug == "huong-ve-chi-hoi-hanh-dong-vi-chi-hoi"
    assert Quota.objects.of(program).count() == 7
    assert program.plans.get().title == "Kế hoạch tổ chức Chương trình"
    assert program.milestones.get().due_on == date(2021, 1, 14)
    assert last_change(program) == (people.an, "tạo chương trình")
    assert {last_change(quota)[0] for quota in Quota.objects.all()} == {people.an}


def test_two_programmes_of_one_name_have_addresses_of_their_own(units, people):
    first, second = (build_program(units, people.an, lines=[]) for _ in range(2))

    assert second.slug == f"{first.slug}-2"


def test_a_programme_is_never_called_like_a_page_of_the_site(units, people):
    program = build_program(units, people.an, name="Create", lines=[])

    assert program.slug == "create-2"


def test_no_programme_takes_the_place_of_another_page():
    """A page at /…/donors/ would hide the programme that is called so, and all below it."""
    first_words = {str(route.pattern).split("/")[0] for route in urlpatterns} - {""}

    assert {word for word in first_words if not word.startswith("<")} == TAKEN_SLUGS


def test_a_programme_cannot_end_before_it_begins(units, people):
    with pytest.raises(ProgramError, match="Ngày kết thúc phải sau ngày bắt đầu"):
        create_program(
            owner=units.da_nang,
            name="Ngược",
            starts_on=date(2021, 2, 1),
            ends_on=date(2021, 1, 1),
            by=people.an,
        )


def test_no_programme_is_issued_in_the_name_of_a_unit_that_has_ended(units, people):
    units.quang_nam.closed_on = date(2020, 1, 1)

    with pytest.raises(ProgramError, match="tỉnh Quảng Nam đã kết thúc hoạt động"):
        create_program(
            owner=units.quang_nam, name="Muộn", starts_on=date(2021, 1, 1),
            ends_on=date(2021, 12, 31), by=people.an,
        )  # fmt: skip


def test_a_programme_without_a_name_says_which_field_is_missing(units, people):
    with pytest.raises(ProgramError, match="^Tên chương trình: "):
        build_program(units, people.an, name=" ")


def test_the_second_of_two_people_who_saw_one_version_is_refused(program, people):
    seen = program.version
    change_program(program=program, seen_version=seen, by=people.an, name="Tên mới")

    with pytest.raises(ProgramError, match=STALE[:20]):
        change_program(program=program, seen_version=seen, by=people.dung, name="Tên khác")

    assert Program.objects.get().name == "Tên mới"


def test_a_change_that_changes_nothing_leaves_no_line_in_the_history(program, people):
    before = program.history.count(), QuotaLine.history.count(), Quota.history.count()

    change_program(
        program=program,
        seen_version=program.version,
        by=people.an,
        name=program.name,
        plan={"title": "Kế hoạch tổ chức Chương trình"},
    )

    assert (program.history.count(), QuotaLine.history.count(), Quota.history.count()) == before


def test_a_running_programme_cannot_be_started_again(program, people):
    with pytest.raises(ProgramError, match="đã bắt đầu"):
        start_program(program=program, seen_version=program.version, by=people.an)


def test_a_closed_programme_keeps_its_assignments_and_takes_no_changes(
    program, people, units, assignments
):
    program = close_program(
        program=program, seen_version=program.version, by=people.an, reason="hết giai đoạn"
    )

    assert last_change(program) == (people.an, "hết giai đoạn")
    assert Assignment.objects.of(program).active().count() == 3
    with pytest.raises(ProgramError, match="đã kết thúc"):
        change_program(program=program, seen_version=program.version, by=people.an, name="Khác")
    with pytest.raises(ProgramError, match="đã kết thúc"):
        assign(
            program=program,
            supporter_branch=units.man_thai,
            supported=units.chi_hoi_2,
            starts_on=DAY,
            by=people.an,
        )
    with pytest.raises(ProgramError, match="đã kết thúc"):
        end_assignment(
            assignment=assignments.son_tra, seen_version=1, ends_on=DAY, reason="x", by=people.an
        )


def test_the_table_and_the_milestones_of_a_closed_programme_stay_as_they_stood(
    program, people, units
):
    line = program.lines.get(number=2)
    close_program(program=program, seen_version=program.version, by=people.an, reason="hết")
    verbs = [
        lambda: add_line(program=program, by=people.an, **small_plan(units)[1] | {"number": 5}),
        lambda: change_line(line=line, by=people.an, minimum_each=2),
        lambda: remove_line(line=line, by=people.an),
        lambda: allot_quota(line=line, by=people.an),
        lambda: keep_part(row=Milestone(program=program, label="Sơ kết", due_on=DAY), by=people.an),
    ]

    for verb in verbs:
        with pytest.raises(ProgramError, match="đã kết thúc nên không sửa được"):
            verb()

    assert program.lines.count() == 4
    assert Quota.objects.get(supporter_branch=units.cong_an).minimum == 1
    assert program.milestones.count() == 1


def test_closing_needs_a_reason(program, people):
    with pytest.raises(ProgramError, match="lý do"):
        close_program(program=program, seen_version=program.version, by=people.an, reason=" ")


# --- The quota table ------------------------------------------------------------------------


def test_each_kind_of_line_binds_its_units(program, units):
    bound = {
        line.number: [(q.supporter, q.place) for q in line.quotas.with_units()]
        for line in program.lines.all()
    }

    assert bound[1] == [(units.team, units.son_tra)]
    assert bound[2] == [(units.cong_an, units.son_tra)]
    assert {supporter for supporter, _ in bound[3]} == {units.son_tra, units.hai_chau}
    assert {supporter for supporter, _ in bound[4]} == {
        units.tho_quang,
        units.man_thai,
        units.thanh_binh,
    }


def test_sharing_out_again_adds_new_units_and_nothing_else(program, units, people):
    new = open_branch(
        level=Level.objects.get(code="xa"),
        parent=units.son_tra,
        name="Phước Mỹ",
        type="phường",
        opened_on=date(2021, 2, 1),
    )
    line = program.lines.get(number=4)

    added = allot_quota(line=line, by=people.an)
    again = allot_quota(line=line, by=people.an)

    assert [quota.supporter for quota in added] == [new]
    assert again == []
    assert last_change(Quota.objects.get(supporter_branch=new)) == (people.an, "giao chỉ tiêu")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sharing_out_twice_at_once_waits_and_then_finds_nothing_to_add(people, units):
    program = build_program(units, people.an)
    line = program.lines.get(number=4)
    open_branch(
        level=Level.objects.get(code="xa"),
        parent=units.son_tra,
        name="Phước Mỹ",
        type="phường",
        opened_on=date(2021, 2, 1),
    )

    def press():
        try:
            return allot_quota(line=QuotaLine.objects.get(pk=line.pk), by=people.an)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            first = allot_quota(line=line, by=people.an)
            pressed = pool.submit(press)
            wait([pressed], timeout=1)  # long enough to reach the row that is held
            is_waiting = not pressed.done()
        second = pressed.result()

    assert (len(first), is_waiting, second) == (1, True, [])


def test_a_unit_that_closes_keeps_its_quota(program, units, people):
    close_branch(branch=units.cong_an, closed_on=date(2021, 6, 1), by=people.dung, reason="thử")

    allot_quota(line=program.lines.get(number=2), by=people.an)

    assert Quota.objects.filter(supporter_branch=units.cong_an).count() == 1


def test_starting_reaches_units_opened_since_the_draft(units, people):
    program = build_program(units, people.an, is_started=False)
    open_branch(
        level=Level.objects.get(code="xa"),
        parent=units.son_tra,
        name="Phước Mỹ",
        type="phường",
        opened_on=date(2021, 2, 1),
    )

    start_program(program=program, seen_version=program.version, by=people.an)

    assert program.lines.get(number=4).quotas.count() == 4


def test_one_unit_cannot_be_bound_by_two_lines(program, units, people):
    with pytest.raises(ProgramError, match="Sơn Trà đã được giao chỉ tiêu ở dòng"):
        add_line(
            program=program,
            by=people.an,
            number=5,
            label="Quận Sơn Trà",
            applies_to=Applies.BRANCH,
            branch=units.son_tra,
        )

    assert program.lines.count() == 4


def test_a_line_cannot_bind_a_unit_of_another_tree(program, units, people):
    with pytest.raises(ProgramError, match="Quảng Nam không thuộc Hội LHPN thành phố Đà Nẵng"):
        add_line(
            program=program,
            by=people.an,
            number=5,
            label="Láng giềng",
            applies_to=Applies.BRANCH,
            branch=units.quang_nam,
        )


def test_a_line_keeps_only_what_its_kind_needs(program, units, people):
    line = program.lines.get(number=2)

    change_line(
        line=line,
        by=people.an,
        applies_to=Applies.LEVEL,
        level=Level.objects.get(code="truc_thuoc"),
    )

    line.refresh_from_db()
    assert line.branch is None
    assert [quota.supporter for quota in line.quotas.with_units()] == [units.cong_an]


def test_a_new_minimum_and_place_reach_the_units_of_the_line(program, units, people):
    line = program.lines.get(number=2)

    change_line(line=line, by=people.an, reason="bổ sung", minimum_each=2, place=units.hai_chau)

    quota = line.quotas.get()
    assert (quota.minimum, quota.place) == (2, units.hai_chau)
    assert last_change(quota) == (people.an, "bổ sung")


def test_a_line_given_to_another_unit_leaves_the_first_one_free(program, units, people):
    line = program.lines.get(number=2)
    other = open_branch(
        level=Level.objects.get(code="truc_thuoc"),
        parent=units.da_nang,
        name="Hội Phụ nữ Chợ",
        opened_on=date(2016, 1, 1),
    )

    change_line(line=line, by=people.an, branch=other)

    assert [quota.supporter for quota in line.quotas.with_units()] == [other]


def test_a_line_whose_unit_already_helps_cannot_leave_it(program, units, people, help_given):
    help_given(units.cong_an, units.chi_hoi_1)

    with pytest.raises(ProgramError, match="Hội Phụ nữ Công an đã nhận giúp"):
        remove_line(line=program.lines.get(number=2), by=people.an)

    assert program.lines.count() == 4


def test_a_removed_line_takes_its_quotas_along_and_is_remembered(program, people):
    line = program.lines.get(number=2)
    pk = line.pk

    remove_line(line=line, by=people.an, reason="nhập thừa")

    assert Quota.objects.of(program).count() == 6
    record = QuotaLine.history.filter(id=pk).first()
    assert (record.history_type, record.history_user) == ("-", people.an)
    assert record.history_change_reason == "nhập thừa"


def test_lines_can_change_places(program, people):
    wanted = as_wanted(program)
    first, second = wanted[0], wanted[2]
    first["number"], second["number"] = second["number"], first["number"]

    change_program(program=program, seen_version=program.version, by=people.an, lines=wanted)

    assert list(program.lines.values_list("number", "label"))[0] == (1, "Hội LHPN các quận/huyện")


def test_the_whole_table_is_set_at_once(program, units, people):
    wanted = [line for line in small_plan(units) if line["number"] in (2, 3)]
    standing = program.lines.get(number=3)
    wanted[1] |= {"id": standing.pk, "minimum_each": 2}
    wanted[0]["number"] = 1

    change_program(program=program, seen_version=program.version, by=people.an, lines=wanted)

    assert [(line.number, line.quotas.count()) for line in program.lines.all()] == [(1, 1), (3, 2)]
    assert set(standing.quotas.values_list("minimum", flat=True)) == {2}


def test_two_lines_of_one_number_are_refused_and_nothing_is_kept(program, people):
    wanted = as_wanted(program)
    wanted[0]["number"] = wanted[1]["number"]

    with pytest.raises(ProgramError, match="Số thứ tự này đã có"):
        change_program(program=program, seen_version=program.version, by=people.an, lines=wanted)

    assert list(program.lines.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_milestones_are_changed_added_and_removed_in_one_go(program, people):
    standing = program.milestones.get()
    wanted = [
        {"id": standing.pk, "due_on": date(2021, 1, 20)},
        {"label": "Sơ kết", "due_on": date(2021, 12, 15)},
    ]

    change_program(program=program, seen_version=program.version, by=people.an, milestones=wanted)
    change_program(
        program=program,
        seen_version=program.version + 1,
        by=people.an,
        milestones=[{"label": "Tổng kết", "due_on": date(2022, 12, 15)}],
    )

    assert [milestone.label for milestone in program.milestones.all()] == ["Tổng kết"]


# --- Who helps whom -------------------------------------------------------------------------


def test_a_unit_takes_on_a_chi_hoi(help_given, units, people):
    assignment = help_given(units.tho_quang, units.chi_hoi_1, content="Tập huấn\n\nVốn vay  ")

    assert assignment.is_active
    assert assignment.content == "Tập huấn\n\nVốn vay"
    assert last_change(assignment) == (people.an, "nhận giúp")


def test_two_units_may_help_one_chi_hoi_but_one_unit_not_twice(help_given, units):
    help_given(units.tho_quang, units.chi_hoi_1)
    help_given(units.team, units.chi_hoi_1)

    for supporter, sentence in ((units.tho_quang, "Đơn vị này"), (units.team, "Đoàn này")):
        with pytest.raises(ProgramError, match=f"{sentence} đang nhận giúp chi hội đó rồi"):
            help_given(supporter, units.chi_hoi_1)


def test_the_database_itself_refuses_a_second_row(help_given, units, monkeypatch):
    """Two people at the same moment: both checks pass, the constraint decides."""
    help_given(units.tho_quang, units.chi_hoi_1)
    monkeypatch.setattr(Assignment, "validate_constraints", lambda *args, **kwargs: None)

    with pytest.raises(ProgramError, match="Vừa có người khác ghi trùng"):
        help_given(units.tho_quang, units.chi_hoi_1)


@pytest.mark.parametrize(
    ("supporter", "supported", "fields", "sentence"),
    [
        ("tho_quang", "man_thai", {}, "phường Mân Thái không phải là chi hội"),
        ("tho_quang", "chi_hoi_minh_an", {}, "không thuộc Hội LHPN thành phố Đà Nẵng"),
        ("da_nang", "chi_hoi_1", {}, "không được giao chỉ tiêu trong chương trình này"),
        ("quang_nam", "chi_hoi_1", {}, "không được giao chỉ tiêu trong chương trình này"),
        ("tho_quang", "chi_hoi_1", {"starts_on": date(2012, 1, 10)}, "thời gian của chương trình"),
        ("tho_quang", "chi_hoi_1", {"supporter_branch": None}, "một đơn vị hoặc một đoàn"),
    ],
)
def test_what_does_not_fit_the_programme_is_refused(
    help_given, units, supporter, supported, fields, sentence
):
    with pytest.raises(ProgramError, match=sentence):
        help_given(getattr(units, supporter), getattr(units, supported), **fields)

    assert not Assignment.objects.exists()


def test_a_closed_chi_hoi_cannot_be_taken_on(help_given, units, people):
    chi_hoi = close_branch(
        branch=units.chi_hoi_1, closed_on=date(2021, 1, 5), by=people.dung, reason="giải thể"
    )

    with pytest.raises(ProgramError, match="đã kết thúc hoạt động"):
        help_given(units.tho_quang, chi_hoi)


def test_nobody_takes_on_a_chi_hoi_while_the_programme_is_a_draft(units, people):
    program = build_program(units, people.an, is_started=False)

    with pytest.raises(ProgramError, match="đang soạn"):
        assign(
            program=program,
            supporter_branch=units.tho_quang,
            supported=units.chi_hoi_1,
            starts_on=DAY,
            by=people.an,
        )


def test_an_assignment_moves_to_another_supporter_and_chi_hoi(help_given, units, people):
    assignment = help_given(units.tho_quang, units.chi_hoi_1)

    moved = change_assignment(
        assignment=assignment,
        seen_version=assignment.version,
        by=people.giang,
        reason="đổi đơn vị",
        supporter_team=units.team,
        supported=units.chi_hoi_2,
    )

    assert (moved.supporter, moved.supported) == (units.team, units.chi_hoi_2)
    assert Assignment.objects.get().supporter_branch is None
    assert last_change(moved) == (people.giang, "đổi đơn vị")
    assert moved.history.count() == 2


def test_a_move_onto_a_row_that_stands_is_refused(help_given, units, people):
    help_given(units.tho_quang, units.chi_hoi_1)
    other = help_given(units.tho_quang, units.chi_hoi_2)

    with pytest.raises(ProgramError, match="đang nhận giúp chi hội đó rồi"):
        change_assignment(
            assignment=other, seen_version=other.version, by=people.an, supported=units.chi_hoi_1
        )

    other.refresh_from_db()
    assert (other.supported, other.version) == (units.chi_hoi_2, 1)


def test_an_assignment_changed_by_two_people_keeps_the_first_change(help_given, units, people):
    assignment = help_given(units.tho_quang, units.chi_hoi_1)
    change_assignment(assignment=assignment, seen_version=1, by=people.hoa, note="lần một")

    with pytest.raises(ProgramError, match=STALE[:20]):
        change_assignment(assignment=assignment, seen_version=1, by=people.an, note="lần hai")
    with pytest.raises(ProgramError, match=STALE[:20]):
        end_assignment(assignment=assignment, seen_version=1, ends_on=DAY, reason="x", by=people.an)

    assert Assignment.objects.get().note == "lần một"


def test_an_assignment_ends_with_a_reason_and_a_basis(help_given, units, people):
    assignment = help_given(units.tho_quang, units.chi_hoi_1)

    ended = end_assignment(
        assignment=assignment,
        seen_version=1,
        ends_on=date(2021, 12, 1),
        reason="Chi hội đã vững mạnh",
        basis="Biên bản giao ban tháng 11",
        by=people.hoa,
    )

    assert (ended.ends_on, ended.end_basis) == (date(2021, 12, 1), "Biên bản giao ban tháng 11")
    assert last_change(ended) == (people.hoa, "Chi hội đã vững mạnh")
    with pytest.raises(ProgramError, match="đã kết thúc nên không sửa được"):
        change_assignment(assignment=ended, seen_version=ended.version, by=people.an, note="x")


def test_an_ended_assignment_can_be_taken_up_anew(help_given, units, people):
    assignment = help_given(units.tho_quang, units.chi_hoi_1)
    end_assignment(
        assignment=assignment, seen_version=1, ends_on=DAY, reason="tạm dừng", by=people.an
    )

    again = help_given(units.tho_quang, units.chi_hoi_1)

    assert again.pk != assignment.pk


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": "  "}, "lý do"),
        ({"ends_on": date(2020, 12, 1)}, "Ngày kết thúc phải sau ngày bắt đầu"),
    ],
)
def test_an_end_without_reason_or_before_the_start_is_refused(
    help_given, units, people, fields, sentence
):
    assignment = help_given(units.tho_quang, units.chi_hoi_1)
    ending = {"ends_on": date(2021, 12, 1), "reason": "xong"} | fields

    with pytest.raises(ProgramError, match=sentence):
        end_assignment(assignment=assignment, seen_version=1, by=people.an, **ending)

    assert Assignment.objects.get().is_active
