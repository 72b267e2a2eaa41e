"""Assignments beyond chi hội and beyond one's own tree, as in "Đồng hành cùng phụ nữ biên cương":
a city helps communes of another province, with partners, and notes how they stood."""

from datetime import date

import pytest
from django.urls import reverse

from branches.models import Level
from programs.models import Condition, Criterion, Grade, NeedReason, Partner, PlanDocument
from programs.services import (
    ProgramError,
    assign,
    change_assignment,
    close_program,
    create_program,
    keep_condition,
    keep_part,
    start_program,
)
from programs.services.programs import TAKEN_SLUGS
from programs.urls import urlpatterns

from .people_helped import child_of, donor_of, sponsored

DAY = date(2024, 2, 1)


@pytest.fixture
def border(units, people):
    """A programme of the city that helps communes anywhere; it has no quota table."""
    program = create_program(
        owner=units.da_nang,
        name="Đồng hành cùng phụ nữ biên cương",
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 12, 31),
        by=people.an,
    )
    program.supported_level, program.reaches_out = Level.objects.get(code="xa"), True
    program.save()
    return start_program(program=program, seen_version=program.version, by=people.an)


@pytest.fixture
def help_minh_an(border, units, people):
    return assign(
        program=border,
        supporter_branch=units.da_nang,
        supported=units.minh_an,
        starts_on=DAY,
        by=people.an,
    )


@pytest.fixture
def thu(units):
    """An officer of the commune that is helped, in the neighbour province."""
    from conftest import person

    return person("thu", "Mai Thị Thu", ("officer", units.minh_an))


def test_a_city_helps_a_commune_of_another_province(help_minh_an, units):
    assert help_minh_an.supporter_branch == units.da_nang
    assert help_minh_an.supported == units.minh_an


def test_a_programme_that_stays_at_home_refuses_a_commune_outside(border, units, people):
    border.reaches_out = False
    border.save()

    with pytest.raises(ProgramError, match="không thuộc Hội LHPN thành phố Đà Nẵng"):
        assign(
            program=border,
            supporter_branch=units.da_nang,
            supported=units.minh_an,
            starts_on=DAY,
            by=people.an,
        )


@pytest.mark.parametrize(
    ("supporter", "supported", "words"),
    [
        ("da_nang", "chi_hoi_1", "không phải là xã/phường"),
        ("quang_nam", "tho_quang", "không thuộc Hội LHPN thành phố Đà Nẵng"),
    ],
)
def test_who_helps_and_who_is_helped_fit_the_programme(
    border, units, people, supporter, supported, words
):
    with pytest.raises(ProgramError, match=words):
        assign(
            program=border,
            supporter_branch=getattr(units, supporter),
            supported=getattr(units, supported),
            starts_on=DAY,
            by=people.an,
        )


def test_a_programme_without_a_level_offers_no_assignment(border, as_person):
    create = reverse("programs:assignment_create", args=[border.slug])
    assert create in as_person("an").get(border.get_absolute_url()).content.decode()

    border.supported_level = None
    border.save()

    assert create not in as_person("an").get(border.get_absolute_url()).content.decode()


def test_a_programme_without_a_level_assigns_nobody(border, units, people):
    border.supported_level = None
    border.save()

    with pytest.raises(ProgramError, match="không phân công giúp đơn vị nào"):
        assign(
            program=border,
            supporter_branch=units.da_nang,
            supported=units.minh_an,
            starts_on=DAY,
            by=people.an,
        )


def test_the_first_quota_line_makes_it_a_programme_for_chi_hoi(program):
    assert program.supported_level.code == "chi_hoi"


def test_the_helped_commune_sees_its_assignment_but_not_the_programme(
    client, thu, help_minh_an, border
):
    client.force_login(thu)

    page = client.get(help_minh_an.get_absolute_url())

    assert page.status_code == 200
    assert "Hội LHPN thành phố Đà Nẵng" in page.content.decode()
    assert f'{border.get_absolute_url()}"' not in page.content.decode()
    assert client.get(border.get_absolute_url()).status_code == 404


def test_the_helped_commune_is_not_told_the_line_of_the_plan(client, thu, border, units, people):
    level = Level.objects.get(code="huyen")
    line = {"number": 1, "label": "Mỗi quận một xã", "applies_to": "level", "level": level}
    program = create_program(
        owner=units.da_nang, name="Biên cương", starts_on=border.starts_on, ends_on=border.ends_on,
        supported_level=border.supported_level, reaches_out=True, lines=[line], by=people.an,
    )  # fmt: skip
    program = start_program(program=program, seen_version=program.version, by=people.an)
    given = assign(
        program=program, supporter_branch=units.son_tra, supported=units.minh_an, starts_on=DAY,
        by=people.an,
    )  # fmt: skip

    pages = {}
    for person in (people.an, thu):
        client.force_login(person)
        pages[person] = client.get(given.get_absolute_url()).content.decode()

    assert "Mỗi quận một xã" in pages[people.an]
    assert "Mỗi quận một xã" not in pages[thu]


def test_the_helped_commune_cannot_change_or_end_what_others_give_it(client, thu, help_minh_an):
    client.force_login(thu)

    for name in ("assignment_update", "assignment_end", "condition_create"):
        assert client.get(reverse(f"programs:{name}", args=[help_minh_an.pk])).status_code == 403


def test_another_commune_of_that_province_sees_nothing_of_it(client, units, help_minh_an):
    from conftest import person

    client.force_login(person("khanh", "Tô Thị Khánh", ("officer", units.hai_chau)))

    assert client.get(help_minh_an.get_absolute_url()).status_code == 404


def test_the_page_finds_communes_of_other_provinces(as_person, border):
    answer = as_person("an").get(
        reverse("programs:unit_search", args=[border.slug]), {"q": "minh an"}
    )

    assert "Minh An" in answer.content.decode()


def test_an_officer_of_the_owner_writes_an_assignment_with_all_that_belongs_to_it(
    as_person, border, units, people
):
    partner = Partner.objects.create(
        branch=units.da_nang, name="Bộ đội Biên phòng tỉnh", kind=Partner.Kind.ARMED_FORCES
    )
    reason = NeedReason.objects.get(code="dan-toc-ton-giao")

    as_person("an").post(
        reverse("programs:assignment_create", args=[border.slug]),
        {
            "quota": f"b{units.da_nang.pk}",
            "supported": units.minh_an.pk,
            "starts_on": "01/02/2024",
            "reasons": [reason.pk],
            "reason_words": "Xa trung tâm",
            "responsible": "Chị An, Ban Gia đình - xã hội",
            "partners": [partner.pk],
        },
    )

    made = border.assignments.get()
    assert list(made.partners.all()) == [partner]
    assert list(made.reasons.all()) == [reason]
    assert (made.reason_words, made.responsible) == (
        "Xa trung tâm",
        "Chị An, Ban Gia đình - xã hội",
    )


def test_a_partner_kept_by_another_province_is_refused(as_person, border, units):
    foreign = Partner.objects.create(branch=units.quang_nam, name="Ngân hàng tỉnh bên")

    page = as_person("an").post(
        reverse("programs:assignment_create", args=[border.slug]),
        {
            "quota": f"b{units.da_nang.pk}",
            "supported": units.minh_an.pk,
            "starts_on": "01/02/2024",
            "partners": [foreign.pk],
        },
    )

    assert page.status_code == 200
    assert "Ngân hàng tỉnh bên" not in page.content.decode()
    assert not border.assignments.exists()


# --- Before and after ---------------------------------------------------------------------------


def test_the_rate_is_computed_before_and_after_the_help(help_minh_an, people):
    for moment, year, members in (("before", 2024, 55), ("after", 2025, 64)):
        keep_condition(
            condition=Condition(
                assignment=help_minh_an, moment=moment, year=year, women=110, members=members
            ),
            criteria=[],
            by=people.an,
        )

    rates = [round(row.rate, 1) for row in help_minh_an.conditions.order_by("year")]
    assert rates == [50.0, 58.2]


def test_unknown_numbers_give_no_rate(help_minh_an):
    assert Condition(assignment=help_minh_an, women=None, members=3).rate is None
    assert Condition(assignment=help_minh_an, women=0, members=0).rate is None


def test_more_members_than_women_are_refused_with_a_sentence(help_minh_an, people):
    wrong = Condition(assignment=help_minh_an, moment="before", year=2024, women=10, members=11)

    with pytest.raises(ProgramError, match="Hội viên không thể nhiều hơn"):
        keep_condition(condition=wrong, criteria=[], by=people.an)


def test_a_condition_is_typed_on_its_page_and_can_be_corrected(as_person, help_minh_an):
    grade, criterion = Grade.objects.get(code="kha"), Criterion.objects.first()
    typed = {
        "moment": "before", "year": "2024", "women": "1.200", "members": "700",
        "grade": grade.pk, "criteria": [criterion.pk],
    }  # fmt: skip
    client = as_person("an")
    client.post(reverse("programs:condition_create", args=[help_minh_an.pk]), typed)
    row = help_minh_an.conditions.get()

    client.post(
        reverse("programs:condition_update", args=[row.pk]),
        typed | {"members": "720", "version": row.version},
    )

    row.refresh_from_db()
    assert (row.women, row.members, row.grade) == (1200, 720, grade)
    assert list(row.criteria.all()) == [criterion]
    assert "60,0%" in client.get(help_minh_an.get_absolute_url()).content.decode()


def test_how_the_unit_stands_is_written_after_the_programme_has_closed_too(
    as_person, border, help_minh_an, people
):
    border.refresh_from_db()
    close_program(program=border, seen_version=border.version, by=people.an, reason="hết")
    criteria = list(Criterion.objects.all()[:2])
    typed = {"moment": "after", "year": "2025", "members": "720",
             "criteria": [row.pk for row in criteria]}  # fmt: skip
    client = as_person("an")
    address = reverse("programs:condition_create", args=[help_minh_an.pk])
    assert address in client.get(help_minh_an.get_absolute_url()).content.decode()

    client.post(address, typed)

    text = client.get(help_minh_an.get_absolute_url()).content.decode()
    assert f"{criteria[0]}; {criteria[1]}" in text  # their names, not how many
    assert "Sửa hoặc chuyển" not in text


def test_of_two_who_correct_a_condition_the_second_is_told_and_keeps_what_she_typed(
    as_person, help_minh_an, people
):
    keep_condition(
        condition=Condition(assignment=help_minh_an, moment="before", year=2024, members=5),
        criteria=[],
        by=people.an,
    )
    row = help_minh_an.conditions.get()
    address = reverse("programs:condition_update", args=[row.pk])
    typed = {"moment": "before", "year": "2024", "version": row.version}
    as_person("an").post(address, typed | {"members": "6"})

    page = as_person("an").post(address, typed | {"members": "7"}).content.decode()

    row.refresh_from_db()
    assert row.members == 6
    assert "Chưa lưu được" in page and 'value="7"' in page


def test_a_grade_counts_only_in_the_years_in_which_it_is_used(as_person, help_minh_an):
    old = Grade.objects.create(code="cu", name="Tiên tiến", position=9, last_year=2016)
    address = reverse("programs:condition_create", args=[help_minh_an.pk])
    typed = {"moment": "before", "grade": old.pk}

    page = as_person("an").post(address, typed | {"year": "2024"}).content.decode()

    assert "“Tiên tiến” chỉ dùng đến năm 2016." in page
    assert not help_minh_an.conditions.exists()
    as_person("an").post(address, typed | {"year": "2016"})
    assert help_minh_an.conditions.get().grade == old


# --- Partners -----------------------------------------------------------------------------------


def test_of_two_who_correct_a_partner_the_second_is_told_and_keeps_what_she_typed(as_person, units):
    partner = Partner.objects.create(branch=units.da_nang, name="Bộ đội Biên phòng")
    address = reverse("programs:partner_update", args=[partner.pk])
    typed = {"kind": "armed_forces", "version": partner.version}
    as_person("an").post(address, typed | {"name": "Đồn Biên phòng Sơn Trà"})

    page = as_person("an").post(address, typed | {"name": "Đồn Biên phòng số 2"}).content.decode()

    partner.refresh_from_db()
    assert partner.name == "Đồn Biên phòng Sơn Trà"
    assert "Chưa lưu được" in page and "Đồn Biên phòng số 2" in page


def test_an_officer_adds_a_partner_of_her_unit_and_others_do_not_see_it(as_person, units):
    as_person("an").post(
        reverse("programs:partner_create", args=[units.da_nang.slug]),
        {"name": "Đồn Cửa khẩu", "kind": "armed_forces", "contact": "0905123456"},
    )

    page = as_person("xuan").get(reverse("programs:partner_list")).content.decode()

    assert Partner.objects.get().branch == units.da_nang
    assert "Cửa khẩu" not in page and "0905123456" not in page


def test_a_second_partner_of_the_same_name_is_refused_with_a_sentence(as_person, units):
    Partner.objects.create(branch=units.da_nang, name="Bộ đội Biên phòng")

    page = as_person("an").post(
        reverse("programs:partner_create", args=[units.da_nang.slug]),
        {"name": "Bộ đội Biên phòng", "kind": "other"},
    )

    assert "Đơn vị đã có đối tác tên này" in page.content.decode()


# --- What a review found ------------------------------------------------------------------------


def test_an_assignment_with_a_condition_does_not_move_to_another_unit(help_minh_an, units, people):
    before = Condition(assignment=help_minh_an, moment="before", year=2024, members=5)
    keep_condition(condition=before, criteria=[], by=people.an)

    with pytest.raises(ProgramError, match="Chị kết thúc phân công rồi ghi phân công mới"):
        change_assignment(
            assignment=help_minh_an,
            seen_version=help_minh_an.version,
            by=people.an,
            supported=units.tho_quang,
        )


def test_no_programme_takes_an_address_that_a_page_has():
    first = {str(route.pattern).split("/")[0] for route in urlpatterns}

    assert {word for word in first if word and not word.startswith("<")} == TAKEN_SLUGS


def test_the_helped_commune_keeps_records_of_its_people_in_a_programme_from_outside(
    client, thu, help_minh_an, border
):
    client.force_login(thu)

    page = client.get(reverse("programs:people_list", args=[border.slug]))
    form = client.get(reverse("programs:beneficiary_create", args=[border.slug]))

    assert (page.status_code, form.status_code) == (200, 200)
    assert border.get_absolute_url() + '"' not in page.content.decode()


def test_who_is_not_helped_by_it_finds_no_list_of_its_people(client, units, help_minh_an, border):
    from conftest import person

    client.force_login(person("khanh", "Tô Thị Khánh", ("officer", units.quang_nam)))
    above = client.get(reverse("programs:people_list", args=[border.slug])).status_code
    client.force_login(person("loan", "Hồ Thị Loan", ("officer", units.chi_hoi_minh_an)))
    below = client.get(reverse("programs:people_list", args=[border.slug])).status_code

    assert (above, below) == (200, 404)  # the province holds the commune; a chi hội does not


def test_the_owners_officer_names_children_of_the_helped_commune_by_their_codes(
    as_person, units, people, thu, help_minh_an, border
):
    child = child_of(border, units.minh_an, thu)

    page = as_person("an").get(reverse("programs:sponsorship_create", args=[border.slug]))

    assert child.code in page.content.decode()
    assert child.full_name not in page.content.decode()
    assert as_person("an").get(child.get_absolute_url()).status_code == 404


def test_who_sponsors_from_outside_is_offered_no_paper_of_a_programme_that_she_may_not_open(
    client, thu, units, people, help_minh_an, border
):
    """The helped commune's officer changes the sum of her own child's sponsorship."""
    keep_part(
        row=PlanDocument(
            program=border, role="basis", number="99/KH-BTV", title="Kế hoạch riêng của thành phố"
        ),
        by=people.an,
        reason="thử",
    )
    child = child_of(border, units.minh_an, thu)
    [row] = sponsored(
        border, donor_of(units.minh_an), [child], thu,
        starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31),
    )  # fmt: skip
    client.force_login(thu)

    page = client.get(reverse("programs:sponsorship_amount", args=[row.pk]))

    assert page.status_code == 200
    assert "99/KH-BTV" not in page.content.decode()
