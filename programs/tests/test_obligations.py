"""What comes again every year: by whom, for when, and what the paper does not say."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from branches.models import Level
from programs.models import Duty
from programs.queries import obligations, obligations_of
from programs.services import close_program

from .conftest import build_program
from .test_views import page

pytestmark = pytest.mark.django_db
TODAY = date(2021, 6, 15)
Kind, Rhythm = Duty.Kind, Duty.Rhythm


@pytest.fixture
def budget(program):
    """Every commune of the city makes an estimate each year; the paper names no day."""
    return duty(program, levels=["xa"], recipient="Hội đồng nhân dân cùng cấp")


def duty(program, levels=(), **fields):
    given = {"who": "Hội LHPN các xã, phường", "text": "Lập dự trù kinh phí hằng năm",
             "kind": Kind.BUDGET, "rhythm": Rhythm.YEARLY, "position": 1}  # fmt: skip
    row = Duty(program=program, **given | fields)
    row.full_clean()
    row.save()
    row.levels.set(Level.objects.filter(code__in=levels))
    return row


def test_a_yearly_budget_is_owed_by_every_unit_of_its_level_for_the_year(budget, program):
    (row,) = obligations(program, TODAY)

    assert row.by_whom == "Mọi xã/phường (3 đơn vị)"
    assert (row.span, row.due_on) == ("năm 2021", None)


def test_the_page_of_the_programme_says_that_the_paper_names_no_day(budget, program, as_person):
    text = page(as_person("an").get(program.get_absolute_url()))

    assert "Việc phải làm đều kỳ" in text
    assert "Lập dự trù kinh phí hằng năm" in text
    assert "gửi về: Hội đồng nhân dân cùng cấp" in text
    assert "văn bản không ghi ngày" in text
    assert "Quá hạn" not in text


def test_a_day_that_the_paper_names_is_said(program, as_person):
    duty(program, levels=["xa"], due_day=5, due_month=12)

    assert obligations(program, TODAY)[0].due_on == date(2021, 12, 5)
    text = page(as_person("an").get(program.get_absolute_url()))
    assert "Ngày cuối cùng: 05/12/20" in text
    assert "văn bản không ghi ngày" not in text


@pytest.mark.parametrize(
    "fields",
    [
        {"due_day": 5},
        {"due_month": 12},
        {"due_day": 31, "due_month": 4},
        {"due_day": 29, "due_month": 2},
        {"due_day": 0, "due_month": 1},
        {"due_day": 5, "due_month": 13},
        {"due_day": 5, "due_month": 12, "rhythm": Rhythm.MONTHLY},
    ],
)
def test_a_last_day_is_a_real_one_and_only_a_yearly_duty_has_it(program, fields):
    with pytest.raises(ValidationError, match="Hạn hằng năm|không có trong tháng"):
        duty(program, **fields)


@pytest.mark.parametrize(
    ("rhythm", "day", "span"),
    [
        (Rhythm.MONTHLY, date(2021, 6, 15), "tháng 6/2021"),
        (Rhythm.QUARTERLY, date(2021, 6, 30), "quý II/2021"),
        (Rhythm.QUARTERLY, date(2021, 10, 1), "quý IV/2021"),
        (Rhythm.HALF_YEARLY, date(2021, 6, 30), "6 tháng đầu năm 2021"),
        (Rhythm.HALF_YEARLY, date(2021, 7, 1), "6 tháng cuối năm 2021"),
        (Rhythm.YEARLY, date(1999, 1, 1), "năm 2021"),  # before it begins: its first year
    ],
)
def test_the_span_is_the_one_that_the_day_lies_in(program, rhythm, day, span):
    duty(program, rhythm=rhythm)

    assert [row.span for row in obligations(program, day)] == [span]


def test_what_does_not_recur_is_no_obligation(program):
    for position, fields in enumerate(
        ({"rhythm": Rhythm.ONGOING}, {"rhythm": Rhythm.AD_HOC}, {"rhythm": Rhythm.PHASE},
         {"kind": Kind.TASK}), start=1,
    ):  # fmt: skip
        duty(program, position=position, **fields)

    assert obligations(program, TODAY) == []


@pytest.mark.parametrize(
    ("name", "offices"),
    [("hoa", ["Hội LHPN phường Thọ Quang"]), ("lan", ["Hội LHPN phường Thanh Bình"]),
     ("giang", []), ("an", []), ("xuan", []), ("cuc", []), ("mai", [])],
)  # fmt: skip
def test_an_officer_sees_what_her_own_unit_owes_and_nobody_elses(budget, people, name, offices):
    assert [row.by_whom for row in obligations_of(getattr(people, name), TODAY)] == offices


def test_what_binds_nobody_else_is_the_owners(program, people):
    duty(program)

    assert [row.by_whom for row in obligations_of(people.an, TODAY)] == [
        "Hội LHPN thành phố Đà Nẵng"
    ]
    assert obligations_of(people.hoa, TODAY) == []


def test_what_binds_one_unit_is_that_units(program, people, units):
    duty(program, branch=units.cong_an)

    assert [row.by_whom for row in obligations_of(people.phuong, TODAY)] == ["Hội Phụ nữ Công an"]
    assert obligations_of(people.an, TODAY) == []


def test_her_first_page_says_it_with_the_programme(budget, program, as_person):
    home = reverse("reports:home")

    text = page(as_person("hoa").get(home))

    assert "Việc phải làm đều kỳ" in text and program.name in text
    assert "văn bản không ghi ngày" in text
    assert "Việc phải làm đều kỳ" not in page(as_person("xuan").get(home))


def test_a_draft_or_a_closed_programme_asks_for_nothing(budget, program, people, units):
    draft = build_program(units, people.an, name="Còn soạn", is_started=False)
    duty(draft, levels=["xa"])
    assert obligations(draft, TODAY) == []
    assert len(obligations_of(people.hoa, TODAY)) == 1

    close_program(program=program, seen_version=program.version, by=people.an, reason="xong")

    program.refresh_from_db()
    assert obligations(program, TODAY) == []
    assert obligations_of(people.hoa, TODAY) == []
