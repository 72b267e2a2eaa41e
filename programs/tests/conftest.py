"""The plan "Hướng về Chi hội" over the cast: 1 team, Công an, 2 districts, 3 communes = 7."""

from datetime import date
from types import SimpleNamespace

import pytest

from branches.models import Level
from hoiphunu.tests.kept_rows import kept
from programs.models import Donor, ItemKind, QuotaLine, SupportItem
from programs.services import (
    add_contribution,
    add_donor,
    assign,
    create_program,
    start_program,
)
from programs.services.shared import keep

Applies = QuotaLine.Applies
DAY = date(2021, 1, 10)


def small_plan(units):
    """The lines of the plan's table, cut to the cast."""
    level = {level.code: level for level in Level.objects.all()}
    lines = [
        {"label": "Hội LHPN thành phố", "applies_to": Applies.TEAMS, "stated_total": 1},
        {
            "label": "Hội Phụ nữ Công an",
            "applies_to": Applies.BRANCH,
            "branch": units.cong_an,
            "place": units.son_tra,
            "stated_total": 1,
            "note": "Thuộc quận Sơn Trà",
        },
        {
            "label": "Hội LHPN các quận/huyện",
            "applies_to": Applies.LEVEL,
            "level": level["huyen"],
            "stated_total": 2,
            "note": "Mỗi đơn vị/01 Chi hội",
        },
        {
            "label": "Hội LHPN các xã/phường",
            "applies_to": Applies.LEVEL,
            "level": level["xa"],
            "stated_total": 3,
        },
    ]
    return [line | {"number": number} for number, line in enumerate(lines, start=1)]


def build_program(units, by, *, is_started=True, **fields):
    program = create_program(
        **{
            "owner": units.da_nang,
            "name": "Hướng về Chi hội, hành động vì Chi hội",
            "starts_on": date(2021, 1, 1),
            "ends_on": date(2022, 12, 31),
            "by": by,
            "contact": "Ban Xây dựng Tổ chức Hội và Văn phòng",
            "plan": {"title": "Kế hoạch tổ chức Chương trình", "issuer": "Hội LHPN TP Đà Nẵng"},
            "lines": small_plan(units),
            "milestones": [
                {
                    "label": "Danh sách Chi hội và đơn vị nhận giúp",
                    "due_on": date(2021, 1, 14),
                    "printed": "trước ngày 15/01/2021",
                    "recipient": "Ban Xây dựng Tổ chức Hội và Văn phòng",
                }
            ],
        }
        | fields
    )
    if is_started:
        program = start_program(program=program, seen_version=program.version, by=by)
    return program


@pytest.fixture
def program(units, people):
    return kept("program", lambda: build_program(units, people.an))


@pytest.fixture
def help_given(program, units, people):
    """`help_given(supporter, chi_hoi)`: an assignment by hand, by An of the city."""

    def give(supporter, supported, **fields):
        kind = "supporter_team" if supporter == units.team else "supporter_branch"
        return assign(
            program=program,
            supported=supported,
            **{kind: supporter, "starts_on": DAY, "by": people.an} | fields,
        )

    return give


@pytest.fixture
def assignments(help_given, units):
    """Sơn Trà and Thọ Quang both help khu dân cư 1; Thanh Bình helps its own chi hội."""
    return SimpleNamespace(
        son_tra=help_given(units.son_tra, units.chi_hoi_1),
        tho_quang=help_given(units.tho_quang, units.chi_hoi_1),
        thanh_binh=help_given(units.thanh_binh, units.chi_hoi_thanh_binh),
    )


def add_item(program, giver, by, what="Mái ấm tình thương", **fields):
    item = SupportItem(
        program=program, giver=giver, kind=ItemKind.objects.first(), what=what, **fields
    )
    keep(item, by, "thử")
    return item


@pytest.fixture
def gift(program, units, people):
    """A company known to the city gives to two items of Thọ Quang through that ward."""
    return kept("gift", lambda: build_gift(program, units, people))


def build_gift(program, units, people):
    donor = add_donor(
        branch=units.da_nang,
        name="Công ty Hải Âu",
        kind=Donor.Kind.COMPANY,
        contact="0905 123 456",
        by=people.an,
    )
    contribution = add_contribution(
        program=program, donor=donor, branch=units.tho_quang, what="Tiền mặt", by=people.hoa
    )
    return SimpleNamespace(
        donor=donor,
        contribution=contribution,
        house=add_item(program, units.tho_quang, people.hoa, stated_value=50_000_000),
        cows=add_item(program, units.tho_quang, people.hoa, "Bò sinh sản", stated_value=30_000_000),
    )
