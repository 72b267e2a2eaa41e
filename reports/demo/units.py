"""The organisation: Đà Nẵng as of 2021 in full, and the units that the other documents name."""

from datetime import date
from types import SimpleNamespace

from branches.models import Branch, Level, Team
from branches.services import open_branch, open_branches
from branches.territory import DA_NANG, list_in_force
from hoiphunu.text import slugify

OPENED = date(2011, 1, 1)
PLANNED = date(2021, 1, 1)  # the day of the list of units, and of the teams

# As the plan names them (section II.4, rows 2 to 5).
AFFILIATED = [
    "Hội Phụ nữ Công An",
    "Hội Phụ nữ BCH Biên Phòng",
    "Hội Phụ nữ BCH Quân sự",
    "Hội phụ nữ Chợ",
]
# The plan: three teams, chi hội in Thanh Khê, Cẩm Lệ and Hòa Vang. Their numbers are ours.
TEAM_AREAS = ["Thanh Khê", "Cẩm Lệ", "Hòa Vang"]


def level(code):
    return Level.objects.get(code=code)


def add_units():
    """A namespace: top, city, districts and communes by name, affiliated, teams, chi_hoi by
    commune, and `others`, the units of the other documents by name."""
    top = open_branch(level=level("trung_uong"), parent=None, name="Trung ương", opened_on=OPENED)
    city = open_branch(
        level=level("tinh"),
        parent=top,
        type="thành phố",
        name="Đà Nẵng",
        code="48",
        opened_on=OPENED,
    )
    districts, communes = add_territory(city)
    affiliated = [
        open_branch(level=level("truc_thuoc"), parent=city, name=name, opened_on=OPENED)
        for name in AFFILIATED
    ]
    teams = [
        Team.objects.create(
            branch=city,
            area=districts[area],
            name=f"Đoàn phụ trách số {number}",
            slug=f"doan-phu-trach-so-{number}",
            opened_on=PLANNED,
        )
        for number, area in enumerate(TEAM_AREAS, start=1)
    ]
    chi_hoi = add_chi_hoi(communes)
    return SimpleNamespace(
        top=top,
        others=add_others(top),
        city=city,
        districts=districts,
        communes=communes,
        affiliated=affiliated,
        teams=teams,
        chi_hoi=chi_hoi,
    )


# type and name of a province → of its districts → its communes: those that the documents name,
# as they were before July 2025.
OTHERS = {
    ("thành phố", "Hà Nội"): {},
    ("tỉnh", "Nghệ An"): {("huyện", "Kỳ Sơn"): [("xã", "Nậm Cắn"), ("xã", "Na Loi")]},
    ("tỉnh", "Điện Biên"): {("huyện", "Mường Nhé"): [("xã", "Leng Su Sìn"), ("xã", "Sín Thầu")]},
    ("tỉnh", "Kon Tum"): {
        ("huyện", "Sa Thầy"): [("xã", "Mô Rai")],
        ("huyện", "Đăk Glei"): [("xã", "Đăk Plô")],
    },
    ("tỉnh", "Phú Yên"): {
        ("thị xã", "Đông Hòa"): [("phường", "Hòa Hiệp Trung")],
        ("huyện", "Sông Hinh"): [("xã", "Ea Lâm")],
    },
    ("thành phố", "Hồ Chí Minh"): {
        ("huyện", "Hóc Môn"): [
            ("thị trấn", "Hóc Môn"),
            *(
                ("xã", name)
                for name in (
                    "Tân Hiệp", "Tân Xuân", "Nhị Bình", "Đông Thạnh", "Thới Tam Thôn",
                    "Tân Thới Nhì", "Xuân Thới Sơn", "Xuân Thới Đông", "Trung Chánh",
                    "Xuân Thới Thượng", "Bà Điểm",
                )
            ),
        ]
    },
}  # fmt: skip
# The plan of Hóc Môn counts three affiliated units and does not name them.
UNNAMED = [f"Hội Phụ nữ đơn vị trực thuộc {number}" for number in (1, 2, 3)]


def add_others(top):
    """Units by full name ("xã Nậm Cắn"); Hóc Môn's three affiliated units by theirs."""
    found = {}

    def add(code, parent, unit):
        made = open_branch(
            level=level(code), parent=parent, type=unit[0], name=unit[1], opened_on=OPENED
        )
        found[made.full_name] = made
        return made

    for province, districts in OTHERS.items():
        above = add("tinh", top, province)
        for district, communes in districts.items():
            middle = add("huyen", above, district)
            for commune in communes:
                add("xa", middle, commune)
    for name in UNNAMED:
        add("truc_thuoc", found["huyện Hóc Môn"], ("", name))
    return found


def add_territory(city):
    """The districts and communes of the state's list of 2021."""
    listed = list_in_force(PLANNED, DA_NANG)
    districts, communes = {}, {}
    for district in listed.at("huyen"):
        below = [unit for unit in listed.at("xa") if unit.parent == district.code]
        if below:  # huyện Hoàng Sa has none
            districts[district.name] = add_place(district, "huyen", city)
        for commune in below:
            communes[commune.name] = add_place(commune, "xa", districts[district.name])
    return districts, communes


def add_place(unit, code, parent):
    return open_branch(
        level=level(code), parent=parent, type=unit.type, name=unit.name, opened_on=OPENED
    )


def add_chi_hoi(communes):
    """18 to 25 chi hội in each commune, one of them đặc thù in every third commune."""
    rows, chi_hoi_level = [], level("chi_hoi")
    for order, commune in enumerate(communes.values()):
        place = "Khu dân cư" if commune.type == "phường" else "Thôn"
        for number in range(1, 19 + order * 5 % 8):
            is_special = number == 18 and order % 3 == 0
            name = "Công nhân nhà trọ" if is_special else f"{place} {number}"
            rows.append(
                Branch(
                    level=chi_hoi_level,
                    parent=commune,
                    type="chi hội",
                    name=name,
                    slug=f"chi-hoi-{slugify(name)}-{commune.slug}",
                    kind=Branch.Kind.SPECIAL if is_special else Branch.Kind.ORDINARY,
                    opened_on=OPENED,
                )
            )
    below = {name: [] for name in communes}
    for chi_hoi in open_branches(rows, reason="dữ liệu mẫu"):
        below[chi_hoi.parent.name].append(chi_hoi)
    return below
