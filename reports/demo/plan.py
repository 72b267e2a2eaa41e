"""The programme of the city's plan, and which chi hội the units had taken on.

Source: Kế hoạch tổ chức Chương trình "Hướng về Chi hội, hành động vì Chi hội" năm 2021, Hội
LHPN thành phố Đà Nẵng, sections II and IV. The plan's number and date are not on the paper and
stay unknown. The assignments are made up.
"""

from datetime import date

from branches.models import Level
from programs.models import Condition, Criterion, Grade, NeedReason, QuotaLine
from programs.services import (
    assign,
    create_program,
    end_assignment,
    keep_condition,
    start_program,
)

Applies = QuotaLine.Applies
CLAUSE = "Mục II.4"
CONTENTS = [
    "Bồi dưỡng kỹ năng cho chi hội trưởng, hướng dẫn sinh hoạt chi hội",
    "Cung cấp tài liệu sinh hoạt, chia sẻ kinh nghiệm công tác Hội",
    "Tuyên truyền, hướng dẫn phụ nữ phát triển kinh tế gia đình",
    "Lập nhóm Zalo, trang Facebook của chi hội để tập hợp phụ nữ",
    "Vận động vốn, phương tiện sinh kế, học bổng cho phụ nữ và trẻ em khó khăn",
]


def add_program(units, people):
    by = people["danang.quantri"]
    program = create_program(
        owner=units.city,
        name="Hướng về Chi hội, hành động vì Chi hội năm 2021",
        starts_on=date(2021, 1, 1),
        ends_on=date(2022, 12, 31),
        by=by,
        aim=(
            "Tập trung hướng về các chi hội thuộc địa bàn khó khăn trong công tác tổ chức, tập "
            "hợp, thu hút hội viên, phụ nữ, góp phần xây dựng tổ chức Hội vững mạnh."
        ),
        contact="Ban Xây dựng Tổ chức Hội và Văn phòng",
        plan={
            "title": "Kế hoạch tổ chức Chương trình “Hướng về Chi hội, hành động vì Chi hội” "
            "năm 2021",
            "issuer": "Ban Thường vụ Hội LHPN thành phố Đà Nẵng",
            "signed_for": "TM. BAN THƯỜNG VỤ",
            "signed_as": "CHỦ TỊCH",
            "recipients": "Đoàn Chủ tịch TW Hội\nVăn phòng TW Hội\nBan Tổ chức TW Hội\n"
            "T/trực, T/vụ Hội LHPN TP\nHội LHPN các quận/huyện; ĐVTT\n"
            "Cán bộ phong trào cơ quan\nLưu VT",
        },
        lines=quota_lines(units),
        milestones=[
            {
                "label": "Gửi danh sách chi hội và đơn vị nhận giúp",
                "due_on": date(2021, 1, 14),
                "printed": "trước ngày 15/01/2021",
                "recipient": "Ban Xây dựng Tổ chức Hội và Văn phòng, Hội LHPN thành phố",
                "clause": "Mục IV.2",
            },
        ],
    )
    return start_program(program=program, seen_version=program.version, by=by)


def quota_lines(units):
    """Rows 1 to 7 of the plan's table: 3 + 1 + 1 + 1 + 1 + 7 + 56 = 70 chi hội."""
    rows = [
        {
            "label": "Hội LHPN thành phố",
            "applies_to": Applies.TEAMS,
            "stated_total": 3,
            "note": "Mỗi Đoàn phụ trách/01 Chi hội (thuộc quận Thanh Khê, Cẩm Lệ và huyện Hòa "
            "Vang)",
        },
    ]
    for branch, place in zip(
        units.affiliated, ("Sơn Trà", "Ngũ Hành Sơn", "Liên Chiểu", "Hải Châu"), strict=True
    ):
        rows.append(
            {
                "label": branch.name,
                "applies_to": Applies.BRANCH,
                "branch": branch,
                "place": units.districts[place],
                "stated_total": 1,
                "note": f"Thuộc quận {place}",
            }
        )
    rows += [
        {
            "label": "Hội LHPN các quận/huyện",
            "applies_to": Applies.LEVEL,
            "level": Level.objects.get(code="huyen"),
            "stated_total": 7,
            "note": "Mỗi đơn vị/01 Chi hội",
        },
        {
            "label": "Hội LHPN các xã/phường",
            "applies_to": Applies.LEVEL,
            "level": Level.objects.get(code="xa"),
            "stated_total": 56,
        },
    ]
    return [
        {"number": number, "minimum_each": 1, "clause": CLAUSE} | row
        for number, row in enumerate(rows, start=1)
    ]


def add_assignments(program, units, people):
    """59 of 70 taken on, one of them twice, one outside its place, and one that has ended."""
    by = people["danang.canbo"]
    number = 0

    def take(supported, **supporter):
        nonlocal number
        number += 1
        return assign(
            program=program,
            supported=supported,
            content=CONTENTS[number % len(CONTENTS)],
            starts_on=date(2021, 1, 4 + number % 10),
            by=by,
            **supporter,
        )

    chi_hoi = units.chi_hoi
    for team, commune in zip(units.teams, ("Tam Thuận", "Hòa Phát", "Hòa Bắc"), strict=True):
        take(chi_hoi[commune][0], supporter_team=team)
    # Công An in Sơn Trà, Biên Phòng in Ngũ Hành Sơn, Quân sự in the wrong district, Chợ not yet.
    for branch, commune in zip(units.affiliated[:3], ("Thọ Quang", "Mỹ An", "Hòa An"), strict=True):
        take(chi_hoi[commune][0], supporter_branch=branch)
    for name, district in units.districts.items():
        if name != "Hòa Vang":
            first = next(c for c in units.communes.values() if c.parent_id == district.pk)
            take(chi_hoi[first.name][1], supporter_branch=district)
    for order, (name, commune) in enumerate(units.communes.items()):
        if order % 7 != 6 and name != "Thanh Bình":
            take(chi_hoi[name][2], supporter_branch=commune)
    # The first chi hội of Thọ Quang has two supporters: "trùng".
    take(chi_hoi["Thọ Quang"][0], supporter_branch=units.communes["Thọ Quang"])
    ended = take(chi_hoi["Mân Thái"][5], supporter_branch=units.communes["Mân Thái"])
    end_assignment(
        assignment=ended,
        seen_version=ended.version,
        ends_on=date(2021, 9, 30),
        reason="Chi hội đã ổn định tổ chức, đơn vị chuyển sang chi hội khác",
        basis="Biên bản giao ban tháng 9/2021",
        by=by,
    )
    add_conditions(program, by)


# commune, reason, (women, members, grade, criteria met) before, and a year later; made up.
MOMENTS = [(Condition.Moment.BEFORE, 2020), (Condition.Moment.AFTER, 2021)]
HELPED = [
    ("Thọ Quang", "ty-le-thap", (182, 96, "trung-binh", 4), (186, 128, "kha", 8)),
    ("Tam Thuận", "chi-hoi-truong-moi", (240, 150, "kha", 6), (238, 171, "kha", 9)),
    ("Hòa Bắc", "dan-toc-ton-giao", (131, 64, "trung-binh", 3), (134, 90, "kha", 7)),
]


def add_conditions(program, by):
    """How three of the chi hội stood before the help and after it."""
    for commune, reason, *standings in HELPED:
        given = program.assignments.filter(supported__parent__name=commune).earliest("pk")
        given.reasons.add(NeedReason.objects.get(code=reason))
        for (moment, year), standing in zip(MOMENTS, standings, strict=True):
            women, members, grade, met = standing
            keep_condition(
                condition=Condition(
                    assignment=given,
                    moment=moment,
                    year=year,
                    women=women,
                    members=members,
                    grade=Grade.objects.get(code=grade),
                ),
                criteria=Criterion.objects.all()[:met],
                by=by,
                reason="dữ liệu mẫu",
            )
