"""A decree on all floors: nothing lost, nothing twice, nothing typed gone; and the way back."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from threading import Thread

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils.timezone import localdate, now

from branches.decrees import count_waiting
from branches.models import (
    Branch,
    Department,
    Position,
    Reorganisation,
    ReorganisationRun,
    Team,
    Upload,
    User,
)
from branches.services import (
    BranchError,
    add_line,
    discard_decree,
    hold_position,
    move_branch,
    open_branch,
    store_file,
    wrong_paths,
)
from branches.tests.small_decrees import (
    REFORM,
    empty_decree,
    opened,
    reform_of_da_nang,
    successor,
)
from conftest import person, unit
from programs.models import (
    Assignment,
    Beneficiary,
    Condition,
    Contribution,
    Delivery,
    Donor,
    Duty,
    ItemKind,
    NeedReason,
    Partner,
    PlanReading,
    Program,
    Quota,
    QuotaLine,
    SupportItem,
    Target,
)
from programs.queries import quota_table
from programs.services import (
    assign,
    change_line,
    create_program,
    end_assignment,
    record_delivery,
    start_program,
)
from reports import queries
from reports.models import Extension, Period, Report, ReportEvent, Total
from reports.notifications import reminders_on
from reports.reorganisation import (
    ask_reorganisation,
    place_chi_hoi,
    plan_reorganisation,
    why_not_undo,
)
from reports.services import (
    Cells,
    ReportError,
    approve_report,
    extend_reports,
    keep_calendar,
    merge_draft,
    open_period,
    return_report,
    save_draft,
    submit_report,
)
from reports.tasks import run_reorganisation, sweep
from reports.tests.conftest import moment, month_of
from reports.totals import check_totals, rebuild_totals

pytestmark = pytest.mark.django_db

Status = Report.Status


@pytest.fixture
def by(people):
    return people.dung


@pytest.fixture
def decree(units, by):
    return reform_of_da_nang(units, by)


def carry_out(decree, by, step="apply"):
    run = ask_reorganisation(reorganisation=decree, step=step, by=by)
    run_reorganisation(run.pk)
    run.refresh_from_db()
    assert run.state == ReorganisationRun.State.READY, run.message
    decree.refresh_from_db()
    return run


@pytest.fixture
def apply(decree, by):
    return lambda: carry_out(decree, by)


@pytest.fixture
def program(units, people):
    """Each ward takes on two chi hội of quận Sơn Trà; the police help as well."""
    program = create_program(
        owner=units.da_nang,
        name="Hướng về Chi hội",
        starts_on=date(2021, 1, 1),
        ends_on=date(2026, 12, 31),
        by=people.an,
        lines=[
            {
                "number": 1,
                "label": "Xã, phường",
                "applies_to": "level",
                "level": units.tho_quang.level,
                "minimum_each": 2,
                "place": units.son_tra,
            },
            {
                "number": 2,
                "label": "Hội Phụ nữ Công an",
                "applies_to": "branch",
                "branch": units.cong_an,
                "place": units.son_tra,
            },
        ],
    )
    return start_program(program=program, seen_version=program.version, by=people.an)


def help_given(program, by, supporter, chi_hoi, content=""):
    return assign(
        program=program,
        supported=chi_hoi,
        starts_on=date(2021, 2, 1),
        by=by,
        supporter_branch=supporter,
        content=content,
    )


def as_seen_now(user):
    return User.objects.get(pk=user.pk)


# --- People and scope -------------------------------------------------------------------------


def test_the_officer_of_a_merged_ward_is_officer_of_the_new_one(units, people, decree, apply):
    apply()

    ward = opened(decree, "Sơn Trà")
    held = people.hoa.positions.order_by("started_on").values_list(
        "branch", "role", "started_on", "ended_on"
    )
    assert list(held)[0][3] == REFORM
    assert list(held)[1] == (ward.pk, "officer", REFORM, None)
    assert as_seen_now(people.hoa).holds("officer", ward)


def test_who_held_one_role_in_two_merged_wards_holds_it_once_afterwards(
    units, people, decree, apply
):
    hold_position(
        user=people.hoa, branch=units.man_thai, role="officer", started_on=date(2020, 1, 1)
    )

    apply()

    there = Position.objects.filter(branch=opened(decree, "Sơn Trà"), user=people.hoa)
    assert [p.ended_on for p in there] == [None]


def test_a_position_that_ends_soon_ends_on_the_same_day_at_the_successor(
    units, people, decree, apply
):
    people.hoa.positions.update(ended_on=date(2030, 1, 1))

    apply()

    assert [p.ended_on for p in people.hoa.positions.order_by("pk")] == [REFORM, date(2030, 1, 1)]


def test_a_position_begun_after_the_day_is_not_ended_before_it_began(units, people, decree, apply):
    people.hoa.positions.update(started_on=date(2026, 1, 1))

    apply()

    old, new = people.hoa.positions.order_by("pk")
    assert (old.ended_on, new.started_on) == (date(2026, 1, 1), date(2026, 1, 1))


def test_people_of_divided_and_abolished_units_keep_their_positions(units, people, apply):
    apply()

    for name in ("lan", "giang", "ha"):
        assert not getattr(people, name).positions.exclude(ended_on=None).exists()


def test_at_the_very_next_request_she_sees_the_whole_new_ward_and_no_neighbour(
    units, people, apply, as_person
):
    browser = as_person("hoa")
    foreign = browser.get(f"/branches/{units.chi_hoi_thanh_binh.slug}/")
    apply()

    assert units.chi_hoi_man_thai in Branch.objects.visible_to(as_seen_now(people.hoa))
    assert units.chi_hoi_thanh_binh not in Branch.objects.visible_to(as_seen_now(people.hoa))
    assert browser.get("/").status_code == 200
    again = browser.get(f"/branches/{units.chi_hoi_thanh_binh.slug}/")
    assert again.status_code == foreign.status_code


def test_the_successor_sees_what_the_old_wards_reported(
    units, people, january, approved, report_of, decree, apply
):
    report = approved(report_of(units.man_thai, january), people.nga, people.ha, cuoc=7)
    apply()

    assert report in Report.objects.visible_to(as_seen_now(people.hoa))
    assert report not in Report.objects.visible_to(as_seen_now(people.lan))


def test_teams_keep_their_id_and_departments_begin_once(units, decree, apply):
    teams = [
        Team.objects.create(branch=ward, name="Đoàn 1", slug=f"doan-{ward.pk}", opened_on=REFORM)
        for ward in (units.tho_quang, units.man_thai)
    ]
    for ward in (units.tho_quang, units.man_thai):
        Department.objects.create(branch=ward, name="Ban Tuyên giáo", phone=f"0236{ward.pk}")

    apply()

    ward = opened(decree, "Sơn Trà")
    assert {t.pk for t in Team.objects.filter(branch=ward)} == {team.pk for team in teams}
    assert set(Team.objects.filter(branch=ward).values_list("name", flat=True)) == {
        "Đoàn 1",
        "Đoàn 1 (phường Mân Thái cũ)",
    }
    assert [d.phone for d in ward.departments.all()] == [f"0236{units.tho_quang.pk}"]
    assert Department.objects.filter(closed_on=REFORM).count() == 2  # nothing typed is gone


# --- Assignments and quotas -------------------------------------------------------------------


def test_help_by_merged_wards_goes_on_once_in_the_new_ones_name(
    units, people, program, decree, apply
):
    first = help_given(program, people.an, units.tho_quang, units.chi_hoi_1, "Tặng máy tính")
    help_given(program, people.an, units.man_thai, units.chi_hoi_1, "Dạy nghề")
    neighbour = help_given(program, people.an, units.thanh_binh, units.chi_hoi_2)

    apply()

    first.refresh_from_db()
    assert first.ends_on == REFORM
    assert first.end_reason.startswith("Sắp xếp đơn vị")
    assert first.end_basis == decree.number
    [on] = Assignment.objects.filter(supporter_branch=opened(decree, "Sơn Trà"))
    assert (on.supported, on.starts_on, on.ends_on) == (units.chi_hoi_1, REFORM, None)
    assert on.content == "Tặng máy tính\nDạy nghề"
    neighbour.refresh_from_db()
    assert neighbour.is_active  # of a divided ward: a person decides


def what_a_ward_keeps(units, assignment):
    """Phường Thọ Quang promised sewing machines with a bank's help, follows a child, knows how the
    chi hội stood, has a target and a duty, and a paper to be read; phường Mân Thái has a donor of
    the same name."""
    ward, program = units.tho_quang, assignment.program
    bank = Partner.objects.create(branch=ward, name="Ngân hàng Chính sách")
    assignment.partners.add(bank)
    assignment.reasons.add(NeedReason.objects.get(code="ty-le-thap"))
    item = SupportItem.objects.create(
        program=program,
        assignment=assignment,
        giver=ward,
        kind=ItemKind.objects.get(code="sinh-ke"),
        what="Máy may",
        stated_value=12_000_000,
        value=12_000_000,
    )
    item.places.add(ward, units.chi_hoi_1)
    Donor.objects.create(branch=units.man_thai, name="Công ty May", kind="company")
    donor = Donor.objects.create(branch=ward, name="Công ty May", kind="company")
    Contribution.objects.create(program=program, donor=donor, branch=ward, what="Tiền mặt")
    Beneficiary.objects.create(
        program=program, branch=ward, code="TE-0001", kind="child", full_name="Lê Văn Tí"
    )
    Condition.objects.create(assignment=assignment, moment="before", year=2021, members=40)
    a_target(program, ward)
    Duty.objects.create(program=program, branch=ward, position=1, who="Phường", text="Báo cáo")
    PlanReading.objects.create(branch=ward, asked_by=by_whom(ward), text="Kế hoạch năm")
    return item


def by_whom(unit):
    """The officer of the unit."""
    return Position.objects.filter(branch=unit, ended_on=None).first().user


def a_target(program, branch, number="1", year=2025):
    return Target.objects.create(
        program=program, branch=branch, number=number, position=1, year=year, text="Giúp 5 hộ"
    )


def promise(program, giver, assignment=None, **fields):
    return SupportItem.objects.create(
        program=program,
        assignment=assignment,
        giver=giver,
        kind=ItemKind.objects.get(code="sinh-ke"),
        what="Máy may",
        **fields,
    )


@pytest.fixture
def absorption(units, by):
    """Phường Mân Thái goes on and takes phường Thọ Quang in."""
    decree = empty_decree(units.da_nang, by)
    stays = successor(decree, "Mân Thái", units.son_tra, by=by)
    for ward, kind in ((units.man_thai, "unchanged"), (units.tho_quang, "whole")):
        add_line(reorganisation=decree, predecessor=ward, kind=kind, successor=stays, by=by)
    return decree


def test_what_a_merged_ward_promised_and_keeps_goes_on_at_the_successor(
    units, people, program, decree, apply
):
    first = help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    item = what_a_ward_keeps(units, first)

    apply()

    ward = opened(decree, "Sơn Trà")
    [on] = Assignment.objects.filter(supporter_branch=ward)
    item.refresh_from_db()
    assert (item.assignment, item.giver, item.value) == (on, ward, 12_000_000)
    assert set(item.places.all()) == {ward, units.chi_hoi_1}
    assert [partner.branch for partner in on.partners.all()] == [ward]
    assert [reason.code for reason in on.reasons.all()] == ["ty-le-thap"]
    assert [child.branch for child in Beneficiary.objects.all()] == [ward]
    assert [contribution.branch for contribution in Contribution.objects.all()] == [ward]
    assert [condition.assignment for condition in Condition.objects.all()] == [on]
    assert [target.branch for target in Target.objects.all()] == [ward]
    assert [duty.branch for duty in Duty.objects.all()] == [ward]
    assert [reading.branch for reading in PlanReading.objects.all()] == [ward]


def test_a_target_whose_number_the_successor_has_already_stays_with_the_old_ward(
    units, program, absorption, by
):
    a_target(program, units.man_thai)
    twin = a_target(program, units.tho_quang)
    other = a_target(program, units.tho_quang, "2")
    next_year = a_target(program, units.tho_quang, "1", 2026)
    before = everything()

    carry_out(absorption, by)

    branches = dict(Target.objects.values_list("pk", "branch"))
    assert branches[twin.pk] == units.tho_quang.pk
    assert {branches[other.pk], branches[next_year.pk]} == {units.man_thai.pk}
    carry_out(absorption, by, "undo")
    assert everything() == before


def test_a_paper_that_became_a_programme_and_duties_of_closed_ones_stay_with_the_old_ward(
    units, people, program, apply
):
    taken = PlanReading.objects.create(
        branch=units.tho_quang, asked_by=people.hoa, text="Kế hoạch", program=program
    )
    closed = closed_program(units, people)
    target = a_target(closed, units.tho_quang)
    duty = Duty.objects.create(
        program=closed, branch=units.tho_quang, position=1, who="Phường", text="Báo cáo"
    )

    apply()

    for row in (taken, target, duty):
        row.refresh_from_db()
        assert row.branch == units.tho_quang


def closed_program(units, people):
    closed = create_program(
        owner=units.da_nang,
        name="Đã xong",
        starts_on=date(2019, 1, 1),
        ends_on=date(2019, 12, 31),
        by=people.an,
    )
    Program.objects.filter(pk=closed.pk).update(status="closed")
    return closed


def test_what_was_promised_and_given_in_the_past_stays_in_the_old_wards_name(
    units, people, program, decree, apply
):
    closed = closed_program(units, people)
    donor = Donor.objects.create(branch=units.tho_quang, name="Công ty May", kind="company")
    given = Contribution.objects.create(
        program=closed, donor=donor, branch=units.tho_quang, what="Tiền mặt"
    )
    done = promise(closed, units.tho_quang)
    given_up = promise(
        program, units.tho_quang, ended_on=date(2024, 1, 1), end_reason="hết nguồn lực"
    )
    goes_on = promise(program, units.tho_quang)

    apply()

    for row in (given, done, given_up, goes_on, donor):
        row.refresh_from_db()
    assert (given.branch, done.giver, given_up.giver) == (units.tho_quang,) * 3
    assert goes_on.giver == donor.branch == opened(decree, "Sơn Trà")


def test_what_a_border_post_got_goes_along_with_the_post_and_comes_back(
    units, people, program, absorption, by
):
    ward = units.tho_quang
    post = Partner.objects.create(branch=ward, name="Đồn Biên phòng Thọ Quang")
    item = SupportItem.objects.create(
        program=program, giver=ward, kind=ItemKind.objects.get(code="qua"), what="Thăm đồn"
    )
    given = record_delivery(item=item, partner=post, given_on=date(2021, 5, 10), by=people.hoa)

    carry_out(absorption, by)

    for row in (post, item, given):
        row.refresh_from_db()
    assert post.branch == item.giver == units.man_thai
    assert (given.place, given.partner) == (None, post)
    assert given in Delivery.objects.visible_to(people.nga)

    carry_out(absorption, by, "undo")

    given.refresh_from_db()
    assert given.partner.branch == given.item.giver == ward


def test_donors_and_partners_whose_names_differ_in_capitals_only_are_not_made_twins(
    units, decree, by, apply
):
    for ward, name in ((units.tho_quang, "Công ty Hoà A"), (units.man_thai, "CÔNG TY HÒA A")):
        Donor.objects.create(branch=ward, name=name, kind="company")
        Partner.objects.create(branch=ward, name=name)

    apply()

    ward = opened(decree, "Sơn Trà")
    for model in (Donor, Partner):
        kept = model.objects.order_by("pk").values_list("branch", flat=True)
        assert list(kept) == [ward.pk, units.man_thai.pk]


# --- Places -----------------------------------------------------------------------------------


def test_an_item_for_both_wards_is_for_both_again_after_undo(units, program, absorption, by):
    item = promise(program, units.cong_an)
    item.places.set([units.tho_quang, units.man_thai])

    carry_out(absorption, by)
    item.refresh_from_db()
    assert set(item.places.all()) == {units.man_thai}
    assert item.version == 2
    carry_out(absorption, by, "undo")

    item.refresh_from_db()
    assert set(item.places.all()) == {units.tho_quang, units.man_thai}
    assert item.version == 3


def test_places_that_a_person_chose_since_stay_after_undo(units, program, absorption, by):
    item = promise(program, units.cong_an)
    item.places.set([units.tho_quang])
    carry_out(absorption, by)
    item.places.set([units.man_thai, units.thanh_binh])

    carry_out(absorption, by, "undo")

    assert set(item.places.all()) == {units.man_thai, units.thanh_binh}


# --- Heirs ------------------------------------------------------------------------------------


def test_what_hangs_on_a_merged_assignment_goes_to_the_one_that_stood_already(
    units, people, program, absorption, by
):
    ending = help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    standing = help_given(program, people.an, units.man_thai, units.chi_hoi_1)
    neighbour = help_given(program, people.an, units.man_thai, units.chi_hoi_2)
    item = what_a_ward_keeps(units, ending)
    police = Partner.objects.create(branch=units.man_thai, name="Công an phường")
    standing.partners.add(police)
    Condition.objects.create(assignment=standing, moment="before", year=2022)
    second = Condition.objects.create(assignment=ending, moment="before", year=2022)
    before = everything()

    carry_out(absorption, by)

    item.refresh_from_db()
    standing.refresh_from_db()
    assert item.assignment == standing
    assert {partner.name for partner in standing.partners.all()} == {
        "Ngân hàng Chính sách",
        "Công an phường",
    }
    assert [reason.code for reason in standing.reasons.all()] == ["ty-le-thap"]
    assert standing.version == 2
    assert standing.history.first().history_change_reason.startswith("sắp xếp")
    assert sorted(standing.conditions.values_list("year", flat=True)) == [2021, 2022]
    second.refresh_from_db()
    assert second.assignment == ending  # the year is written there already
    assert not neighbour.partners.exists()

    carry_out(absorption, by, "undo")

    assert everything() == before


def test_undo_takes_from_a_standing_assignment_only_what_the_decree_added(
    units, people, program, absorption, by
):
    ending = help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    standing = help_given(program, people.an, units.man_thai, units.chi_hoi_1)
    bank = Partner.objects.create(branch=units.da_nang, name="Ngân hàng Chính sách")
    for assignment in (ending, standing):
        assignment.partners.add(bank)
    carry_out(absorption, by)
    police = Partner.objects.create(branch=units.da_nang, name="Công an thành phố")
    standing.partners.add(police)

    carry_out(absorption, by, "undo")

    assert set(standing.partners.all()) == {bank, police}


def test_of_two_rows_about_one_year_the_first_goes_along(units, people, program, decree, apply):
    parts = [
        help_given(program, people.an, ward, units.chi_hoi_1)
        for ward in (units.tho_quang, units.man_thai)
    ]
    first, second = (
        Condition.objects.create(assignment=part, moment="before", year=2021) for part in parts
    )

    apply()

    [on] = Assignment.objects.filter(supporter_branch=opened(decree, "Sơn Trà"))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.assignment, second.assignment) == (on, parts[1])


def write_condition(program, on, giver):
    Condition.objects.create(assignment=on, moment="after", year=2026)


def promise_something(program, on, giver):
    promise(program, giver, on)


@pytest.mark.parametrize("put", [write_condition, promise_something])
def test_undo_is_refused_once_something_was_written_under_help_that_the_decree_began(
    units, people, program, decree, by, apply, put
):
    part = help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    what_a_ward_keeps(units, part)
    apply()
    assert why_not_undo(decree) == []
    on = Assignment.objects.get(supporter_branch=opened(decree, "Sơn Trà"))
    run = ask_reorganisation(reorganisation=decree, step="undo", by=by)

    put(program, on, units.cong_an)

    assert f"Phân công {on} đã được sửa sau khi thực hiện" in " ".join(why_not_undo(decree))
    run_reorganisation(run.pk)
    run.refresh_from_db()
    assert run.state == ReorganisationRun.State.FAILED
    assert "đã được sửa sau khi thực hiện" in run.message


def test_undo_is_refused_when_a_year_was_written_again_under_the_help_that_ended(
    units, people, program, decree, by, apply
):
    part = help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    what_a_ward_keeps(units, part)
    apply()
    Condition.objects.create(assignment=part, moment="before", year=2021)

    run = ask_reorganisation(reorganisation=decree, step="undo", by=by)
    run_reorganisation(run.pk)

    run.refresh_from_db()
    assert run.state == ReorganisationRun.State.FAILED
    assert "đã được sửa sau khi thực hiện" in run.message


def units_under(unit):
    return set(Branch.objects.under(unit))


def test_two_donors_of_one_name_are_never_made_one_by_a_decree(
    units, people, program, decree, apply
):
    first = help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    what_a_ward_keeps(units, first)

    apply()

    ward = opened(decree, "Sơn Trà")
    kept = [donor.branch for donor in Donor.objects.order_by("pk")]
    assert kept == [ward, units.tho_quang]  # the second stays with the old ward's papers
    assert units_under(ward) >= {donor.branch for donor in Donor.objects.all()}


def test_the_successor_must_take_on_what_its_parts_had_to(units, people, program, decree, apply):
    apply()

    quota = Quota.objects.get(supporter_branch=opened(decree, "Sơn Trà"))
    assert (quota.minimum, quota.place, quota.ended_on) == (4, units.son_tra, None)
    ended = Quota.objects.exclude(ended_on=None)
    assert {q.supporter_branch for q in ended} == {units.tho_quang, units.man_thai}


def test_the_quota_table_says_the_same_before_and_after(units, people, program, apply):
    help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    help_given(program, people.an, units.man_thai, units.chi_hoi_2)
    help_given(program, people.an, units.cong_an, units.chi_hoi_man_thai)
    help_given(program, people.an, units.thanh_binh, units.chi_hoi_thanh_binh)  # outside
    before = quota_table(program).total

    apply()

    after = quota_table(program).total
    assert (before.minimum, before.taken, before.outside) == (7, 3, 1)
    assert (after.minimum, after.taken, after.outside) == (7, 3, 1)


def test_a_unit_that_goes_on_takes_over_the_quota_of_the_one_it_takes_in(
    units, people, program, by
):
    decree = empty_decree(units.da_nang, by)
    stays = successor(decree, "Thọ Quang", units.son_tra, by=by)
    for ward, kind in ((units.tho_quang, "unchanged"), (units.man_thai, "whole")):
        add_line(reorganisation=decree, predecessor=ward, kind=kind, successor=stays, by=by)
    before = everything()

    carry_out(decree, by)
    assert Quota.objects.get(supporter_branch=units.tho_quang).minimum == 4
    assert quota_table(program).total.minimum == 7
    assert people.nga.positions.filter(branch=units.tho_quang, ended_on=None).exists()

    carry_out(decree, by, "undo")
    assert everything() == before


def test_a_changed_word_in_the_table_does_not_shrink_the_merged_quota(
    units, people, program, decree, apply
):
    apply()

    line = program.lines.get(number=1)
    change_line(line=line, by=people.an, label="Các xã, phường")

    assert Quota.objects.get(supporter_branch=opened(decree, "Sơn Trà")).minimum == 4


def test_a_line_for_one_ward_names_its_successor_and_can_still_be_edited(
    units, people, decree, apply
):
    program = create_program(
        owner=units.da_nang,
        name="Biên cương",
        starts_on=date(2021, 1, 1),
        ends_on=date(2026, 12, 31),
        by=people.an,
        lines=[
            {"number": n, "label": ward.name, "applies_to": "branch", "branch": ward}
            for n, ward in enumerate((units.tho_quang, units.man_thai), 1)
        ],
    )
    start_program(program=program, seen_version=program.version, by=people.an)

    apply()

    ward = opened(decree, "Sơn Trà")
    assert Quota.objects.get(supporter_branch=ward).minimum == 2
    lines = QuotaLine.objects.filter(program=program).order_by("number")
    assert [line.branch for line in lines] == [ward, units.man_thai]
    for line in lines:
        change_line(line=line, by=people.an, note="đã sắp xếp")
    assert quota_table(program).total.minimum == 2


def test_owners_of_running_programmes_pass_them_on(units, people, decree, apply):
    running = create_program(
        owner=units.tho_quang,
        name="Phường sạch",
        starts_on=date(2021, 1, 1),
        ends_on=date(2026, 12, 31),
        by=people.hoa,
    )
    Program.objects.filter(pk=running.pk).update(status="running")
    closed = create_program(
        owner=units.man_thai,
        name="Đã xong",
        starts_on=date(2019, 1, 1),
        ends_on=date(2019, 12, 31),
        by=people.nga,
    )
    Program.objects.filter(pk=closed.pk).update(status="closed")

    apply()

    assert Program.objects.get(pk=running.pk).owner == opened(decree, "Sơn Trà")
    assert Program.objects.get(pk=closed.pk).owner == units.man_thai


# --- Reports ----------------------------------------------------------------------------------


@pytest.fixture
def july(form, people):
    """A month that is not over when the decree takes effect."""
    period = month_of(form, 2025, 7)
    open_period(period=period, by=people.dung, at=moment(2025, 7, 1))
    return period


def test_ten_members_here_and_seven_there_give_seventeen(
    units, people, form, january, approved, report_of, indicators, decree, apply
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, hoi_vien=10)
    approved(report_of(units.man_thai, january), people.nga, people.ha, hoi_vien=7)
    members = indicators.hoi_vien

    apply()

    ward = opened(decree, "Sơn Trà")
    lines = [line for line in queries.form_lines(form) if line.indicator == members]
    [today] = queries.summary_lines(january, ward, lines, queries.NOW)
    assert today.period.value == 17
    [then] = queries.summary_lines(january, units.son_tra, lines)
    assert then.period.value == 17


def stored_totals():
    return list(
        Total.objects.order_by("period", "path", "indicator").values_list(
            "period", "path", "branch", "parent", "indicator", "value", "answered"
        )
    )


def test_past_totals_stay_as_they_were_to_the_last_dong(
    units, people, january, february, approved, report_of, apply
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, kinh_phi=1_234_567)
    approved(report_of(units.man_thai, january), people.nga, people.ha, kinh_phi=7)
    approved(report_of(units.thanh_binh, february), people.lan, people.lan, kinh_phi=89)
    before = stored_totals()

    apply()

    assert stored_totals() == before
    assert check_totals(Period.objects.all()) == []
    rebuild_totals(Period.objects.all())
    assert stored_totals() == before


def test_what_was_not_begun_lapses_and_the_new_units_owe_it(
    units, people, july, report_of, decree, apply
):
    apply()

    for gone in (units.tho_quang, units.man_thai, units.son_tra, units.hai_chau):
        report = report_of(gone, july)
        assert report.status == Status.LAPSED
        assert report.events.last().kind == ReportEvent.Kind.LAPSED
        assert decree.number in report.events.last().reason
    for name in ("Sơn Trà", "Hải Châu", "Hòa Cường"):
        report = report_of(opened(decree, name), july)
        assert (report.status, report.reviewer_branch) == (Status.NOT_BEGUN, units.da_nang)
    assert report_of(units.cong_an, july).status == Status.NOT_BEGUN


def test_a_decree_entered_late_makes_no_new_unit_late_at_once(
    units, july, report_of, decree, apply
):
    apply()

    report = report_of(opened(decree, "Sơn Trà"), july)
    assert report.due_on == localdate() + timedelta(days=10)
    assert report_of(units.cong_an, july).due_on == date(2025, 7, 25)  # a neighbour's stays


def test_a_month_not_over_yet_keeps_its_due_day(people, form, report_of, decree, apply):
    future = month_of(form, 2090, 1)
    open_period(period=future, by=people.dung, at=now())

    apply()

    assert report_of(opened(decree, "Sơn Trà"), future).due_on == date(2090, 1, 20)


def test_nothing_is_written_again_where_all_parts_have_handed_in(
    units, people, july, approved, written, report_of, decree, apply
):
    approved(report_of(units.tho_quang, july), people.hoa, people.ha, hoi_vien=10)
    report = report_of(units.man_thai, july)
    written(report, people.nga, hoi_vien=7)
    submit_report(report=report, seen_version=report.version, by=people.nga, at=now())

    apply()

    owing = set(july.reports.filter(status=Status.NOT_BEGUN).values_list("branch__name", flat=True))
    assert owing == {"Hải Châu", "Hòa Cường", "Thanh Bình", units.cong_an.name}


def test_one_part_that_has_not_handed_in_is_enough_for_the_new_ward_to_owe(
    units, people, july, approved, written, report_of, decree, apply
):
    approved(report_of(units.tho_quang, july), people.hoa, people.ha, hoi_vien=10)
    written(report_of(units.man_thai, july), people.nga, hoi_vien=7)

    apply()

    assert report_of(opened(decree, "Sơn Trà"), july).status == Status.NOT_BEGUN


def test_a_waiting_ward_goes_on_reporting_until_nothing_waits(
    units, people, form, july, report_of, decree, apply
):
    apply()
    later = month_of(form, 2026, 11)
    open_period(period=later, by=people.dung, at=moment(2026, 11, 1))

    assert report_of(units.thanh_binh, july).status == Status.NOT_BEGUN
    report = report_of(units.thanh_binh, later)
    assert report.reviewing_branch == units.da_nang
    assert as_seen_now(people.lan).has_perm("reports.change_own_report", report)
    assert not Report.objects.filter(branch=units.tho_quang, period=later).exists()

    month = month_of(form, 2090, 1)
    open_period(period=month, by=people.dung, at=moment(2026, 11, 1))
    place_chi_hoi(
        units=[units.chi_hoi_thanh_binh],
        successor_branch=opened(decree, "Hải Châu"),
        by=people.dung,
    )
    assert report_of(units.thanh_binh, month).status == Status.LAPSED
    assert report_of(units.thanh_binh, july).status == Status.NOT_BEGUN  # still owed for then


def test_a_report_on_its_way_is_approved_by_the_nearest_unit_that_stands(
    units, people, january, written, report_of, apply
):
    report = report_of(units.tho_quang, january)
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=now())

    apply()

    report = Report.objects.get(pk=report.pk)
    assert report.reviewing_branch == units.da_nang
    assert report in Report.objects.waiting_for(as_seen_now(people.binh))
    assert report not in Report.objects.waiting_for(as_seen_now(people.ha))  # the district's
    assert as_seen_now(people.binh).has_perm("reports.approve_report", report)
    assert not as_seen_now(people.ha).has_perm("reports.approve_report", report)
    approve_report(report=report, seen_version=report.version, by=people.binh, at=now())
    assert check_totals(Period.objects.all()) == []


def test_what_a_merged_ward_still_owes_is_written_by_the_successors_officers(
    units, people, january, written, report_of, indicators, decree, apply
):
    report = report_of(units.man_thai, january)
    written(report, people.nga, cuoc=3)

    apply()

    report = Report.objects.get(pk=report.pk)
    hoa = as_seen_now(people.hoa)  # came from the other ward
    assert hoa.has_perm("reports.change_own_report", report)
    assert report in Report.objects.own_of(hoa)
    assert report.figures.get(indicator=indicators.cuoc).value == 3
    for stranger in (people.lan, people.phuong, people.xuan):
        assert not as_seen_now(stranger).has_perm("reports.change_own_report", report)
        assert report not in Report.objects.own_of(as_seen_now(stranger))


def test_the_successors_officers_are_reminded_and_told_of_what_comes_back(
    units, people, january, written, report_of, apply
):
    report = report_of(units.man_thai, january)
    written(report, people.nga, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.nga, at=now())
    apply()
    owed = report_of(units.tho_quang, january)

    day = date(2025, 7, 18)
    Report.objects.filter(pk=owed.pk).update(due_on=day)
    told = {reminder.person for reminder in reminders_on(day) if reminder.report == owed}
    assert told == {people.hoa, people.nga}  # officers of the new ward, each once
    report = Report.objects.get(pk=report.pk)
    return_report(
        report=report, seen_version=report.version, reason="xem lại", by=people.binh, at=now()
    )
    assert people.hoa.notifications.filter(text__contains="bị trả lại").exists()
    assert not people.lan.notifications.filter(text__contains="bị trả lại").exists()


def test_nobody_overwrites_what_was_typed_before_the_decree(
    units, people, july, report_of, indicators, apply
):
    seen = report_of(units.tho_quang, july)
    apply()

    with pytest.raises(ReportError, match="có người khác sửa"):
        save_draft(
            report=seen,
            seen_version=seen.version,
            figures={indicators.cuoc.pk: 1},
            narrative={},
            by=people.hoa,
            at=now(),
        )


def test_lapsed_reports_are_owed_nowhere(units, people, july, report_of, decree, apply):
    apply()
    lapsed = {report_of(units.tho_quang, july), report_of(units.son_tra, july)}

    groups = queries.completeness(july, units.da_nang)
    assert sum(group.owed for group in groups) == 5  # the police, three new wards, one waiting
    assert not lapsed & set(queries.not_in(july, units.da_nang))
    [month] = queries.punctuality(july.form, units.da_nang, 2025)
    assert month["missing"] == 5
    assert not lapsed & set(Report.objects.missing_on(localdate()))
    assert not lapsed & {reminder.report for reminder in reminders_on(date(2025, 7, 18))}


def test_lapsed_reports_are_on_no_list_of_things_to_do(units, people, july, apply, as_person):
    apply()
    browser = as_person("giang")  # officer of the abolished district

    page = browser.get("/").content.decode()

    assert "Tháng 7/2025" not in page


def test_a_list_that_waits_in_the_name_of_a_merged_ward_fails_kindly(units, people, apply):
    uploads = [
        Upload.objects.create(
            kind="assignments",
            branch=branch,
            asked_by=people.hoa,
            file=store_file(
                content=b"x", name="ds.xlsx", content_type="", branch=branch, by=people.hoa
            ),
            params={},
        )
        for branch in (units.tho_quang, units.cong_an)
    ]

    apply()

    for upload in uploads:
        upload.refresh_from_db()
    assert uploads[0].state == Upload.State.FAILED
    assert "đã kết thúc theo văn bản sắp xếp" in uploads[0].message
    assert uploads[1].state == Upload.State.WAITING


# --- The plan ---------------------------------------------------------------------------------


def test_the_plan_says_unit_by_unit_what_will_happen_and_changes_nothing(
    units, people, program, july, decree
):
    help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    before = everything()

    plan = plan_reorganisation(decree)

    assert everything() == before
    assert plan.is_ready
    by_unit = {row.unit: row for row in plan.units}
    ward = by_unit[units.tho_quang]
    assert ward.what == "kết thúc, toàn bộ về phường Sơn Trà"
    assert (ward.tally.chi_hoi, ward.tally.positions, ward.tally.supporting) == (2, 1, 1)
    assert (ward.tally.supported, ward.tally.quotas, ward.tally.quota_minimum) == (1, 1, 2)
    assert (ward.tally.reports_lapsing, ward.due_on) == (1, date(2025, 7, 20))
    assert by_unit[units.thanh_binh].kind == "waits"
    assert {row.name for row in plan.new_units} == {"Sơn Trà", "Hải Châu", "Hòa Cường"}
    assert {c.becomes for c in plan.collisions} == {
        "chi hội Khu dân cư 1 (phường Thọ Quang cũ)",
        "chi hội Khu dân cư 1 (phường Mân Thái cũ)",
    }
    assert plan.total.collisions == 2


def test_the_plan_names_what_a_person_must_decide(units, people, program, decree):
    help_given(program, people.an, units.thanh_binh, units.chi_hoi_2)

    found = {(d.kind, d.unit, d.count) for d in plan_reorganisation(decree).decisions}

    assert ("divided", units.thanh_binh, 1) in found
    assert ("assignments", units.thanh_binh, 1) in found
    assert ("quotas", units.thanh_binh, 1) in found
    assert ("positions", units.son_tra, 3) in found
    assert ("places", units.son_tra, 4) in found
    assert ("teams", units.son_tra, 1) in found  # the team looks after its area


def test_what_the_plan_counts_is_what_applying_does(units, people, program, july, decree, apply):
    help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    total = plan_reorganisation(decree).total

    apply()

    assert Report.objects.filter(status=Status.LAPSED).count() == 4
    assert total.reports_lapsing == 5  # the waiting ward's goes on
    assert Branch.objects.exclude(distinction="").count() == total.collisions
    assert Quota.objects.exclude(ended_on=None).count() == 2


def test_a_plan_asks_the_same_few_questions_for_ten_times_as_many_units(
    units, by, decree, django_assert_max_num_queries
):
    for number in range(20):
        ward = unit("xa", units.hai_chau, f"Bình {number}", "phường")
        unit("chi_hoi", ward, "Khu dân cư 1", "chi hội")
        add_line(
            reorganisation=decree,
            predecessor=ward,
            kind="whole",
            successor=decree.successors.get(name="Hòa Cường"),
            by=by,
        )

    with django_assert_max_num_queries(50):
        plan = plan_reorganisation(decree)

    assert len(plan.units) == 25
    assert plan.total.collisions == 22


# --- Asking and refusing ----------------------------------------------------------------------


def test_a_decree_is_applied_once(units, by, decree, apply):
    apply()

    with pytest.raises(BranchError, match="đã được thực hiện"):
        ask_reorganisation(reorganisation=decree, step="apply", by=by)


def test_two_asked_at_once_only_the_first_is_taken(units, by, decree):
    ask_reorganisation(reorganisation=decree, step="apply", by=by)

    with pytest.raises(BranchError, match="đang được thực hiện"):
        ask_reorganisation(reorganisation=decree, step="apply", by=by)


def test_a_run_that_comes_too_late_changes_nothing_and_says_why(units, by, decree):
    runs = [
        ReorganisationRun.objects.create(reorganisation=decree, step="apply", asked_by=by)
        for _ in range(2)
    ]
    run_reorganisation(runs[0].pk)
    before = everything()

    run_reorganisation(runs[1].pk)

    runs[1].refresh_from_db()
    assert runs[1].state == ReorganisationRun.State.FAILED
    assert "đã được thực hiện" in runs[1].message
    assert everything() == before


def test_what_is_applied_is_what_was_confirmed(units, by, decree):
    run = ask_reorganisation(reorganisation=decree, step="apply", by=by)
    add_line(reorganisation=decree, predecessor=units.cong_an, kind="abolished", by=by)
    before = everything()

    run_reorganisation(run.pk)

    run.refresh_from_db()
    assert run.state == ReorganisationRun.State.FAILED
    assert "vừa có người sửa sau khi chị xem" in run.message
    assert everything() == before
    carry_out(decree, by)  # looked at again


def test_a_draft_that_could_not_be_applied_can_still_be_thrown_away(units, by, decree):
    run = ask_reorganisation(reorganisation=decree, step="apply", by=by)
    with pytest.raises(BranchError, match="đang được thực hiện"):
        discard_decree(reorganisation=decree, by=by)
    unit("xa", units.da_nang, "Sơn Trà", "phường")  # somebody was quicker
    run_reorganisation(run.pk)
    run.refresh_from_db()
    assert run.state == ReorganisationRun.State.FAILED

    discard_decree(reorganisation=decree, by=by)

    assert not Reorganisation.objects.exists()
    assert not ReorganisationRun.objects.exists()


def test_a_decree_once_in_force_is_not_thrown_away(decree, by, apply):
    apply()
    carry_out(decree, by, "undo")

    with pytest.raises(BranchError, match="đã từng được thực hiện"):
        discard_decree(reorganisation=decree, by=by)


def test_a_step_that_breaks_leaves_nothing_half_done(units, by, decree, monkeypatch):
    def breaks(*args, **kwargs):
        raise RuntimeError("power cut")

    monkeypatch.setattr("reports.reorganisation.change_obligations", breaks)
    run = ask_reorganisation(reorganisation=decree, step="apply", by=by)
    before = everything()

    with pytest.raises(RuntimeError):
        run_reorganisation(run.pk)

    run.refresh_from_db()
    assert run.state == ReorganisationRun.State.FAILED
    assert everything() == before


def test_what_nobody_took_is_swept_up(units, by, decree):
    run = ask_reorganisation(reorganisation=decree, step="apply", by=by)
    ReorganisationRun.objects.filter(pk=run.pk).update(asked_at=moment(2025, 7, 1))

    sweep()

    run.refresh_from_db()
    assert run.state == ReorganisationRun.State.READY


def test_progress_is_seen_while_the_transaction_is_open(units, by, decree, monkeypatch):
    seen = []
    note = ReorganisationRun.progress_inside

    def watch(run, done, total):
        note(run, done, total)
        seen.append(run.so_far)

    monkeypatch.setattr(ReorganisationRun, "progress_inside", watch)
    carry_out(decree, by)

    assert seen[0] == (1, 12)
    assert seen[-1] == (12, 12)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


# --- Taken back -------------------------------------------------------------------------------

CHANGES_BY_NATURE = {"version", "journal", "applied_at", "applied_by_id", "stage"}
NOT_COMPARED = {"ReorganisationRun", "Session", "AccessAttempt", "LogEntry"}


def everything():
    """All rows of all tables but histories and runs; versions count changes, so they grow."""
    found = {}
    for model in apps.get_models():
        name = model.__name__
        if name.startswith("Historical") or name in NOT_COMPARED:
            continue
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if field.attname not in CHANGES_BY_NATURE | {"undone_at", "undone_by_id"}
        ]
        rows = model._base_manager.values_list(*columns)
        if name in ("BranchSpan", "BranchKey"):  # written anew, under other numbers
            rows = model._base_manager.values_list(*[c for c in columns if c != "id"])
        found[name] = sorted(rows, key=repr)
    return found


@pytest.fixture
def busy(units, people, program, january, july, written, approved, report_of):
    """A year's work: figures, reports on their way, help, a team, contact points, an upload."""
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, hoi_vien=10)
    report = report_of(units.man_thai, january)
    written(report, people.nga, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.nga, at=now())
    first = help_given(program, people.an, units.tho_quang, units.chi_hoi_1, "Tặng máy tính")
    help_given(program, people.an, units.man_thai, units.chi_hoi_1)
    what_a_ward_keeps(units, first)
    ended = help_given(program, people.an, units.cong_an, units.chi_hoi_2)
    end_assignment(
        assignment=ended,
        seen_version=ended.version,
        ends_on=date(2024, 1, 1),
        reason="xong",
        by=people.an,
    )
    for ward in (units.tho_quang, units.man_thai):
        Team.objects.create(branch=ward, name="Đoàn 1", slug=f"d-{ward.pk}", opened_on=REFORM)
        Department.objects.create(branch=ward, name="Ban Tuyên giáo")
    Upload.objects.create(
        kind="assignments",
        branch=units.tho_quang,
        asked_by=people.hoa,
        file=store_file(
            content=b"x", name="a.xlsx", content_type="", branch=units.tho_quang, by=people.hoa
        ),
        params={},
    )


def test_applied_and_undone_every_table_is_as_before(busy, decree, by, apply):
    before = everything()

    apply()
    assert everything() != before
    carry_out(decree, by, "undo")

    after = everything()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert decree.stage == Reorganisation.Stage.UNDONE
    assert not wrong_paths()


def test_an_undone_decree_may_be_applied_again(busy, units, decree, by, apply):
    apply()
    carry_out(decree, by, "undo")

    apply()

    assert count_waiting(units.da_nang) == 1
    assert check_totals(Period.objects.all()) == []


def test_that_units_were_opened_and_taken_back_stays_in_the_history(units, decree, by, apply):
    apply()
    ward = opened(decree, "Sơn Trà")
    carry_out(decree, by, "undo")

    assert not Branch.objects.filter(pk=ward.pk).exists()
    records = Branch.history.filter(id=ward.pk).order_by("history_id")
    assert [r.history_type for r in records] == ["+", "-"]
    assert records.last().history_change_reason.startswith("hoàn tác")


def test_undo_is_refused_once_a_new_unit_has_begun_to_report(
    units, people, july, written, report_of, decree, by, apply
):
    apply()
    assert why_not_undo(decree) == []
    written(report_of(opened(decree, "Sơn Trà"), july), people.hoa, at=now(), cuoc=1)

    with pytest.raises(BranchError, match="phường Sơn Trà đã nhập hoặc nộp báo cáo"):
        ask_reorganisation(reorganisation=decree, step="undo", by=by)


def test_that_a_new_unit_was_given_longer_hinders_no_undo(
    units, people, july, report_of, decree, by, apply
):
    apply()
    report = report_of(opened(decree, "Sơn Trà"), july)
    extend_reports(
        reports=[report], until=report.due_on + timedelta(days=5), reason="mới thành lập",
        by=people.dung, at=now(),
    )  # fmt: skip

    carry_out(decree, by, "undo")

    assert decree.stage == Reorganisation.Stage.UNDONE
    assert not Extension.objects.exists()
    assert not Report.objects.filter(pk=report.pk).exists()


def test_the_calendar_gives_units_of_a_decree_nothing_that_the_decree_did_not(
    units, people, july, approved, report_of, decree, apply
):
    parts = [part.predecessor for part in decree.successions.filter(successor__name="Sơn Trà")]
    for part in parts:
        approved(report_of(part, july), people.dung, people.binh, at=now(), hoi_vien=5)
    apply()
    owed = set(july.reports.values_list("pk", flat=True))

    keep_calendar(date(2025, 7, 20), now())

    assert set(july.reports.values_list("pk", flat=True)) == owed


def test_undo_is_refused_once_somebody_took_office_in_a_new_unit(units, decree, by, apply):
    apply()
    person("moi", "Trần Thị Mới", ("officer", opened(decree, "Hòa Cường")))
    before = everything()

    with pytest.raises(BranchError, match="phường Hòa Cường đã có vị trí"):
        ask_reorganisation(reorganisation=decree, step="undo", by=by)
    run = ReorganisationRun.objects.create(reorganisation=decree, step="undo", asked_by=by)
    run_reorganisation(run.pk)

    run.refresh_from_db()
    assert run.state == ReorganisationRun.State.FAILED
    assert "phường Hòa Cường đã có vị trí" in run.message
    assert everything() == before


def test_undo_is_refused_once_help_was_ended_in_the_new_ones_name(
    units, people, program, decree, by, apply
):
    help_given(program, people.an, units.tho_quang, units.chi_hoi_1)
    apply()
    on = Assignment.objects.get(supporter_branch=opened(decree, "Sơn Trà"))
    end_assignment(
        assignment=on, seen_version=on.version, ends_on=localdate(), reason="xong", by=people.an
    )

    run = ask_reorganisation(reorganisation=decree, step="undo", by=by)
    run_reorganisation(run.pk)

    run.refresh_from_db()
    assert "đã được sửa sau khi thực hiện" in run.message


def test_a_report_returned_by_the_new_reviewer_goes_back_to_its_own(
    units, people, january, written, report_of, decree, by, apply
):
    report = report_of(units.tho_quang, january)
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=now())
    apply()
    report.refresh_from_db()
    return_report(
        report=Report.objects.get(pk=report.pk),
        seen_version=report.version,
        reason="xem lại",
        by=people.binh,
        at=now(),
    )

    carry_out(decree, by, "undo")

    report = Report.objects.get(pk=report.pk)
    assert report.reviewing_branch == units.son_tra


@pytest.fixture
def division(units, by):
    """Thanh Bình is divided between two wards that go on."""
    decree = empty_decree(units.da_nang, by)
    for ward in (units.tho_quang, units.man_thai):
        part = successor(decree, ward.name, units.son_tra, by=by)
        line = {"reorganisation": decree, "successor": part, "by": by}
        add_line(predecessor=ward, kind="unchanged", **line)
        add_line(predecessor=units.thanh_binh, kind="part", **line)
    return decree


def open_month(form, month, by):
    period = month_of(form, 2025, month)
    open_period(period=period, by=by, at=now())
    return period


def owed_in(period):
    rows = period.reports.order_by("branch")
    return list(rows.values_list("branch", "branch_path", "reviewer_branch", "status"))


def test_a_report_begun_since_stands_at_its_old_place_again_and_can_be_approved(
    units, people, form, written, approved, report_of, division, by
):
    carry_out(division, by)
    september = open_month(form, 9, by)
    written(report_of(units.thanh_binh, september), people.lan, cuoc=3)
    row = Branch.objects.get(level__is_unplaced=True)
    assert report_of(units.thanh_binh, september).branch_path.startswith(row.path)
    assert why_not_undo(division) == []

    carry_out(division, by, "undo")

    report = report_of(units.thanh_binh, september)
    assert (report.branch_path, report.status) == (units.thanh_binh.path, Status.DRAFT)
    assert report.reviewer_branch == units.hai_chau
    approved(report, people.lan, people.lan, cuoc=3)
    assert not Total.objects.filter(branch=row.pk).exists()
    assert check_totals(Period.objects.all()) == []


def test_undo_is_refused_once_a_report_counts_below_what_the_decree_opened(
    units, people, form, approved, report_of, division, by
):
    carry_out(division, by)
    approved(report_of(units.thanh_binh, open_month(form, 9, by)), people.lan, people.lan, cuoc=3)

    with pytest.raises(BranchError, match="phường Thanh Bình đã được duyệt"):
        ask_reorganisation(reorganisation=division, step="undo", by=by)


def handed_in_since(units, people, form, written, report_of, division, by):
    """Thanh Bình's report of September, opened and handed in while the decree stands."""
    carry_out(division, by)
    report = report_of(units.thanh_binh, open_month(form, 9, by))
    written(report, people.lan, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.lan, at=now())
    return report


def test_an_approval_that_was_looked_at_before_the_undoing_is_refused_and_adds_nothing(
    units, people, form, written, report_of, division, by
):
    report = handed_in_since(units, people, form, written, report_of, division, by)
    carry_out(division, by, "undo")

    with pytest.raises(ReportError, match="vừa có người khác sửa"):
        approve_report(report=report, seen_version=report.version, by=people.lan, at=now())

    assert not Total.objects.exists()
    again = report_of(units.thanh_binh, report.period)
    approve_report(report=again, seen_version=again.version, by=people.lan, at=now())
    assert Total.objects.filter(branch=units.hai_chau).exists()
    assert check_totals(Period.objects.all()) == []


def test_undo_is_refused_once_a_new_unit_has_approved_a_report_of_before(
    units, people, form, written, report_of, by
):
    june = open_month(form, 6, by)
    decree = empty_decree(units.da_nang, by)
    district = successor(decree, "Sơn Hải", units.da_nang, by=by, type="quận", level="huyen")
    ward = successor(decree, "Hải Bình", district, by=by)
    line = {"reorganisation": decree, "kind": "whole", "by": by}
    add_line(predecessor=units.tho_quang, successor=ward, **line)
    add_line(predecessor=units.son_tra, successor=district, **line)
    again = successor(decree, "Mân Thái", district, by=by)
    add_line(predecessor=units.man_thai, successor=again, **line | {"kind": "unchanged"})
    report = report_of(units.tho_quang, june)
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=now())
    carry_out(decree, by)
    report = report_of(units.tho_quang, june)
    assert report.reviewing_branch == opened(decree, "Sơn Hải")
    approve_report(report=report, seen_version=report.version, by=people.ha, at=now())

    assert "phường Thọ Quang đã được duyệt" in " ".join(why_not_undo(decree))


@pytest.fixture
def june_report(units, people, form, written, report_of, by):
    """Thọ Quang's report of June, handed in."""
    report = report_of(units.tho_quang, open_month(form, 6, by))
    written(report, people.hoa, cuoc=3)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=now())
    return report


@pytest.fixture
def district_that_ends(june_report, units, by):
    """A decree that puts quận Sơn Hải in Sơn Trà's place, and Thọ Quang's report of June, handed
    in before it."""
    decree = empty_decree(units.da_nang, by)
    district = successor(decree, "Sơn Hải", units.da_nang, by=by, type="quận", level="huyen")
    line = {"reorganisation": decree, "by": by}
    add_line(predecessor=units.son_tra, successor=district, kind="whole", **line)
    for ward in (units.tho_quang, units.man_thai):
        goes_on = successor(decree, ward.name, district, by=by)
        add_line(predecessor=ward, successor=goes_on, kind="unchanged", **line)
    return decree, june_report


@pytest.mark.parametrize("steps", [["apply"], ["apply", "undo"]], ids=["applied", "undone"])
def test_whoever_looked_at_a_report_before_its_reviewer_changed_looks_again(
    steps, district_that_ends, units, people, report_of, by
):
    decree, report = district_that_ends
    for step in steps:
        looked_at = report_of(units.tho_quang, report.period)
        assert looked_at.reviewing_branch  # as the page reads it before the button is pressed
        carry_out(decree, by, step)

    with pytest.raises(ReportError, match="vừa có người khác sửa"):
        approve_report(report=looked_at, seen_version=looked_at.version, by=people.ha, at=now())

    again = report_of(units.tho_quang, report.period)
    above = opened(decree, "Sơn Hải") if steps == ["apply"] else units.son_tra
    assert again.reviewing_branch == above
    approve_report(report=again, seen_version=again.version, by=people.ha, at=now())
    assert report_of(units.tho_quang, report.period).reviewer_branch == above


def test_a_draft_that_is_open_while_a_decree_is_carried_out_and_taken_back_goes_on(
    district_that_ends, units, people, indicators, report_of, by
):
    decree, report = district_that_ends
    draft = report_of(units.man_thai, report.period)
    seen, cuoc = draft.version, indicators.cuoc.pk
    for step in ("apply", "undo"):
        carry_out(decree, by, step)

    merged = merge_draft(
        report=draft, seen_version=seen, seen=Cells({}), typed=Cells({cuoc: Decimal(7)}),
        by=people.nga, at=now(),
    )  # fmt: skip

    assert merged.written and not merged.disputed
    assert draft.figures.get(indicator=cuoc).value == 7


@pytest.fixture
def ward_that_moves(june_report, units, by):
    """A decree that makes Hải Châu the new quận Sơn Hải and moves Thọ Quang there, away from Sơn
    Trà, which goes on; its report of June was handed in before."""
    decree = empty_decree(units.da_nang, by)
    district = successor(decree, "Sơn Hải", units.da_nang, by=by, type="quận", level="huyen")
    line = {"reorganisation": decree, "by": by}
    add_line(predecessor=units.hai_chau, successor=district, kind="whole", **line)
    for ward in (units.tho_quang, units.thanh_binh):
        goes_on = successor(decree, ward.name, district, by=by)
        add_line(predecessor=ward, successor=goes_on, kind="unchanged", **line)
    return decree, june_report


def refused(looked_at, by):
    with pytest.raises(ReportError, match="vừa có người khác sửa"):
        approve_report(report=looked_at, seen_version=looked_at.version, by=by, at=now())


def test_whoever_was_to_approve_a_moved_units_report_looks_again_and_again_once_it_is_back(
    ward_that_moves, units, people, report_of, by
):
    decree, report = ward_that_moves
    before = report_of(units.tho_quang, report.period)
    assert before.reviewing_branch == units.son_tra
    carry_out(decree, by)
    refused(before, people.ha)
    moved = report_of(units.tho_quang, report.period)
    assert moved.reviewing_branch == opened(decree, "Sơn Hải")
    carry_out(decree, by, "undo")
    refused(moved, people.ha)

    again = report_of(units.tho_quang, report.period)
    approve_report(report=again, seen_version=again.version, by=people.ha, at=now())
    assert again.reviewer_branch == units.son_tra


def begun_while(write, decree, step, by):
    """The step of the decree, begun while what `write` writes has not ended yet; its row."""
    run = ask_reorganisation(reorganisation=decree, step=step, by=by)

    def work():
        try:
            run_reorganisation(run.pk)
        finally:
            connection.close()

    working = Thread(target=work)
    with transaction.atomic():
        write()
        working.start()
        working.join(2)
        assert working.is_alive()
    working.join(60)
    run.refresh_from_db()
    return run


def approving(report, by):
    return lambda: approve_report(report=report, seen_version=report.version, by=by, at=now())


def test_whoever_was_to_approve_an_ended_wards_report_looks_again_once_it_stands_again(
    june_report, units, people, report_of, decree, by
):
    carry_out(decree, by)
    looked_at = report_of(units.tho_quang, june_report.period)
    assert looked_at.reviewer_branch == units.da_nang

    carry_out(decree, by, "undo")

    refused(looked_at, people.binh)
    again = report_of(units.tho_quang, june_report.period)
    assert again.reviewing_branch == units.son_tra


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_undoing_waits_for_an_approval_on_its_way_and_is_then_refused(
    units, people, form, written, report_of, division, by
):
    report = handed_in_since(units, people, form, written, report_of, division, by)

    run = begun_while(approving(report, people.lan), division, "undo", by)

    assert run.state == run.State.FAILED
    assert "phường Thanh Bình đã được duyệt" in run.message
    assert check_totals(Period.objects.all()) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_undoing_waits_for_the_approval_of_a_moved_units_older_report(
    ward_that_moves, units, people, report_of, by
):
    decree, report = ward_that_moves
    carry_out(decree, by)
    report = report_of(units.tho_quang, report.period)

    run = begun_while(approving(report, people.ha), decree, "undo", by)

    assert run.state == run.State.FAILED
    assert "phường Thọ Quang" in run.message
    assert check_totals(Period.objects.all()) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_undoing_waits_for_what_is_being_typed_and_is_then_refused(
    units, people, form, written, report_of, decree, by
):
    carry_out(decree, by)
    new = opened(decree, "Sơn Trà")
    report = report_of(new, open_month(form, 9, by))

    run = begun_while(lambda: written(report, by, cuoc=3), decree, "undo", by)

    assert run.state == run.State.FAILED
    assert "phường Sơn Trà" in run.message
    assert report_of(new, report.period).figures.get().value == 3


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_decree_waits_for_an_approval_on_its_way_and_leaves_it_with_who_approved(
    district_that_ends, units, people, report_of, by
):
    decree, report = district_that_ends

    run = begun_while(approving(report, people.ha), decree, "apply", by)

    assert run.state == run.State.READY, run.message
    assert report_of(units.tho_quang, report.period).reviewer_branch == units.son_tra


def test_undo_takes_months_opened_since_along_when_nothing_was_begun_in_them(
    units, people, form, program, july, decree, by, apply
):
    apply()
    august = open_month(form, 8, by)
    new = opened(decree, "Sơn Trà")
    assert august.reports.filter(branch=new).exists()
    assert why_not_undo(decree) == []

    carry_out(decree, by, "undo")

    assert not Report.objects.filter(branch=new).exists()
    assert Report.history.filter(branch_id=new.pk, period=august, history_type="-").exists()
    assert owed_in(august) == owed_in(open_month(form, 9, by)) == owed_in(july)
    assert not ReportEvent.objects.filter(report__isnull=True).exists()
    late = localdate() + timedelta(days=10)
    assert august.reports.get(branch=units.tho_quang).due_on == late


def test_the_page_says_beforehand_what_a_person_has_put_on_a_new_unit(
    units, people, program, decree, by, apply
):
    help_given(program, people.an, units.man_thai, units.chi_hoi_1)
    apply()
    assert why_not_undo(decree) == []

    unit("chi_hoi", opened(decree, "Hòa Cường"), "Khu dân cư 5", "chi hội")

    assert "phường Hòa Cường đã có đơn vị" in " ".join(why_not_undo(decree))


def test_a_chi_hoi_opened_late_and_moved_since_keeps_the_decree_in_force(units, decree, by, apply):
    late = open_branch(
        level=units.chi_hoi_1.level,
        parent=units.tho_quang,
        name="Mới lập",
        type="chi hội",
        opened_on=date(2025, 8, 1),
    )
    apply()
    assert why_not_undo(decree) == []

    move_branch(
        branch=late,
        parent=opened(decree, "Hòa Cường"),
        by=by,
        reason="chuyển",
        on=date(2025, 9, 1),
    )

    assert "chi hội Mới lập đã thay đổi" in " ".join(why_not_undo(decree))


# --- Two decrees, and the command -------------------------------------------------------------


def test_a_second_decree_stands_on_the_first(
    units, people, january, written, report_of, decree, by, apply
):
    report = report_of(units.tho_quang, january)
    written(report, people.hoa, cuoc=3)
    apply()
    second = empty_decree(units.da_nang, by, date(2026, 4, 30), title="Đổi tên phường")
    add_line(
        reorganisation=second,
        predecessor=opened(decree, "Sơn Trà"),
        kind="renamed",
        successor=successor(second, "Biển Đông", units.da_nang, by=by),
        by=by,
    )

    carry_out(second, by)

    report = Report.objects.get(pk=report.pk)
    assert as_seen_now(people.hoa).has_perm("reports.change_own_report", report)
    assert opened(second, "Biển Đông") == opened(decree, "Sơn Trà")


def test_the_command_tries_out_applies_and_takes_back(units, people, decree):
    out = StringIO()

    call_command("reorganise", decree.pk, "--plan", stdout=out)
    assert "phường Thọ Quang: kết thúc, toàn bộ về phường Sơn Trà" in out.getvalue()
    assert "Cần quyết: phường Thanh Bình" in out.getvalue()
    call_command("reorganise", decree.pk, "--apply", "--by", "dung", stdout=out)
    assert "3 đơn vị mới" in out.getvalue()
    with pytest.raises(CommandError, match="đã được thực hiện"):
        call_command("reorganise", decree.pk, "--apply", "--by", "dung", stdout=out)
    call_command("reorganise", decree.pk, "--undo", "--by", "dung", stdout=out)
    assert "Đã hoàn tác" in out.getvalue()
    with pytest.raises(CommandError, match="--by"):
        call_command("reorganise", decree.pk, "--apply", stdout=out)
