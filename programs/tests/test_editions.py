"""The same programme once more, and a programme that is called off."""

from datetime import date

import pytest
from django.urls import reverse

from branches.models import Level
from branches.services import close_branch
from programs.models import Content, Duty, Indicator, PlanDocument, Program
from programs.queries import part_words
from programs.services import (
    ProgramError,
    add_part,
    add_target,
    cancel_program,
    change_target,
    copy_program,
)

from .test_targets import POOR
from .test_views import page, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(program, people, assignments):
    """The programme with something of every kind, and help that is being given."""
    chapter = add_part(
        model=Content, program=program, by=people.an, number="III", heading="Nội dung"
    )
    add_part(
        model=Content, program=program, by=people.an, number="1", heading="Vốn", parent=chapter
    )
    add_part(
        model=Duty,
        program=program,
        by=people.an,
        who="xã, phường",
        text="Báo cáo",
        levels=Level.objects.filter(code__in=["huyen", "xa"]),
        document=program.plan,
        clause="Mục IV",
    )
    program.milestones.update(clause="Mục V", document=program.plan)
    add_target(
        program=program,
        number="2",
        year=2021,
        text="ba số",
        question="Đến 88% hay thêm 88%?",
        parts=[*POOR, share_of_communes()],
        by=people.an,
    )
    return program


def share_of_communes():
    return {
        "shape": "share_of_units",
        "text": "cơ sở có tổ truyền thông",
        "share": 80,
        "value": 1,
        "unit": "tổ",
        "qualifier": "strive",
        "levels": list(Level.objects.filter(code="xa")),
        "indicator": Indicator.objects.create(
            code="to-truyen-thong",
            name="Tổ truyền thông",
            unit="tổ",
            aggregation="stock",
            value_type="whole",
        ),
    }


@pytest.fixture
def copied(whole, people):
    draft, left_out = copy_program(
        program=whole,
        name="Hướng về Chi hội",
        edition="giai đoạn 2023–2024",
        starts_on=date(2023, 1, 1),
        ends_on=date(2024, 12, 31),
        by=people.an,
    )
    assert left_out == []
    return draft


def rows_of(program):
    """Everything of the programme as it stands in the database."""
    related = ("lines", "milestones", "plans", "contents", "duties", "targets", "assignments")
    return {name: list(getattr(program, name).order_by("pk").values()) for name in related}


def test_the_next_edition_is_a_draft_with_the_same_set_up(whole, copied):
    assert (copied.status, copied.previous, copied.owner) == ("draft", whole, whole.owner)
    assert list(copied.lines.values_list("number", "label", "minimum_each")) == list(
        whole.lines.values_list("number", "label", "minimum_each")
    )
    assert copied.milestones.get().due_on == date(2023, 1, 14)
    assert copied.milestones.get().printed == ""
    assert copied.contents.get(number="1").parent == copied.contents.get(number="III")
    assert not copied.assignments.exists()


def test_papers_become_the_basis_and_what_is_taken_over_goes_on_naming_them(whole, copied):
    basis = copied.plans.get()

    assert (basis.role, basis.title) == (PlanDocument.Role.BASIS, whole.plan.title)
    duty = copied.duties.get()
    assert (duty.document, duty.clause) == (basis, "Mục IV")
    assert [level.code for level in duty.levels.all()] == ["huyen", "xa"]


def test_a_copied_paper_keeps_where_and_as_what_it_was_signed(whole, people):
    frame = {
        "place": "Đà Nẵng",
        "signed_for": "TM. BAN THƯỜNG VỤ",
        "signed_as": "CHỦ TỊCH",
        "recipients": "Đoàn Chủ tịch TW Hội\nLưu VT",
    }
    PlanDocument.objects.filter(pk=whole.plan.pk).update(**frame)

    draft, _ = copy_program(
        program=whole,
        name="Hướng về Chi hội",
        edition="năm 2023",
        starts_on=date(2023, 1, 1),
        ends_on=date(2023, 12, 31),
        by=people.an,
    )

    assert draft.plans.values(*frame).get() == frame


def test_deadlines_go_on_naming_their_paper_and_clause(whole, copied):
    milestone = whole.milestones.get()
    old = (milestone.document, milestone.clause)
    new = copied.milestones.get()

    assert old == (whole.plan, "Mục V")
    assert (new.document, new.clause) == (copied.plans.get(), "Mục V")


def test_targets_come_with_parts_and_indicators_and_without_a_number_to_reach(whole, copied):
    target = copied.targets.get()
    old, new = (list(each.targets.get().parts.all()) for each in (whole, copied))

    assert (target.number, target.year, target.text) == ("2", 2023, "ba số")
    assert target.question == "Đến 88% hay thêm 88%?"
    for name in ("position", "shape", "text", "unit", "of_whom", "qualifier", "indicator"):
        assert [getattr(part, name) for part in new] == [getattr(part, name) for part in old]
    assert new[3].indicator.code == "to-truyen-thong"
    assert [level.code for level in new[3].levels.all()] == ["xa"]
    assert {(part.value, part.share, part.is_open) for part in new} == {(None, None, True)}
    assert {part_words(part) for part in new} == {"chưa ghi số phải đạt"}
    assert not any(part.is_open for part in old)


def test_it_does_not_start_before_each_number_is_given(as_person, copied, people):
    target = copied.targets.get()
    start = reverse("programs:program_start", args=[copied.slug])
    client = as_person("an")
    parts = [{"id": part.pk, "value": 7} for part in target.parts.all()]

    refused = said(client.post(start, {"version": copied.version}))
    parts[3] = {"id": parts[3]["id"], "share": 88}
    change_target(target=target, seen_version=1, parts=parts, by=people.an)
    copied.refresh_from_db()
    client.post(start, {"version": copied.version})

    assert "Chỉ tiêu 2 chưa ghi đủ số phải đạt" in refused[0]
    copied.refresh_from_db()
    assert copied.is_running


def test_the_page_takes_one_number_now_and_leaves_the_others_open(as_person, copied):
    target = copied.targets.get()
    parts = list(target.parts.all())
    data = {"version": "1", "number": "2", "text": "ba số"}
    data |= {"parts-TOTAL_FORMS": "4", "parts-INITIAL_FORMS": "4"}
    for number, part in enumerate(parts):
        data |= {
            f"parts-{number}-id": part.pk,
            f"parts-{number}-text": part.text,
            f"parts-{number}-shape": part.shape,
        }
    url = reverse("programs:target_update", args=[target.pk])

    as_person("an").post(url, data | {"parts-0-value": "35.000"})

    assert list(target.parts.values_list("value", "is_open")) == [
        (35_000, False), (None, True), (None, True), (None, True),
    ]  # fmt: skip


def test_no_other_part_is_without_its_number(whole, people):
    part = {"shape": "absolute", "text": "hộ"}

    with pytest.raises(ProgramError, match="các dạng khác cần số phải đạt"):
        add_target(program=whole, number="9", text="…", parts=[part], by=people.an)


def test_the_old_edition_stays_untouched(whole, people):
    before = rows_of(whole), Program.objects.filter(pk=whole.pk).values().get()

    copy_program(
        program=whole,
        name=whole.name,
        edition="2023",
        starts_on=date(2023, 1, 1),
        ends_on=date(2023, 12, 31),
        by=people.an,
    )

    assert (rows_of(whole), Program.objects.filter(pk=whole.pk).values().get()) == before


def test_a_line_whose_unit_has_ended_is_left_out_and_said(as_person, whole, units, people):
    ended = date(2022, 1, 1)
    close_branch(branch=units.cong_an, closed_on=ended, by=people.dung, reason="giải thể")
    form = {"name": "Lần sau", "starts_on": "01/01/2023", "ends_on": "31/12/2023"}

    response = as_person("an").post(reverse("programs:program_copy", args=[whole.slug]), form)

    draft = Program.objects.get(previous=whole)
    assert response.url == draft.get_absolute_url()
    assert not draft.lines.filter(label="Hội Phụ nữ Công an").exists()
    assert "Hội Phụ nữ Công an" in said(response)[1]


def test_each_edition_leads_to_the_other_as_far_as_she_may_see_it(as_person, whole, copied):
    old, new = whole.get_absolute_url(), copied.get_absolute_url()

    assert f'<a href="{new}">' in page(as_person("an").get(old))
    assert f'<a href="{old}">' in page(as_person("an").get(new))
    assert new not in page(as_person("hoa").get(old))  # still a draft


def test_a_programme_that_is_called_off_says_why_and_changes_no_more(as_person, program, people):
    url = reverse("programs:program_cancel", args=[program.slug])
    client = as_person("an")

    assert "Chị ghi giúp lý do." in page(client.post(url, {"version": program.version}))
    client.post(url, {"version": program.version, "reason": "thay bằng chương trình khác"})

    row = Program.objects.get(pk=program.pk)
    assert (row.status, row.end_reason) == ("cancelled", "thay bằng chương trình khác")
    assert "Đã hủy: thay bằng chương trình khác" in page(
        as_person("hoa").get(row.get_absolute_url())
    )
    with pytest.raises(ProgramError, match="đã kết thúc hoặc đã hủy"):
        cancel_program(program=row, seen_version=row.version, by=people.an, reason="lần nữa")


def test_the_form_of_a_programme_asks_for_edition_and_whom_it_helps(as_person, program, units):
    url = reverse("programs:program_update", args=[program.slug])
    data = {
        "version": program.version,
        "name": program.name,
        "edition": "giai đoạn 2021–2022",
        "starts_on": "2021-01-01",
        "ends_on": "2022-12-31",
        "supported_level": units.chi_hoi_1.level_id,
        "reaches_out": "on",
        "plan-title": "Kế hoạch",
        "lines-TOTAL_FORMS": "0",
        "lines-INITIAL_FORMS": "0",
        "milestones-TOTAL_FORMS": "0",
        "milestones-INITIAL_FORMS": "0",
    }

    as_person("an").post(url, data)

    row = Program.objects.get(pk=program.pk)
    assert (row.edition, row.supported_level.code) == ("giai đoạn 2021–2022", "chi_hoi")
    assert row.reaches_out
