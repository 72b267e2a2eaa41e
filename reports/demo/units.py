"""The city's organisation as of 2021: real names, about 1,200 made-up chi hội."""

from datetime import date
from types import SimpleNamespace

from branches.models import Branch, Level, Team
from branches.services import open_branch, open_branches
from hoiphunu.text import slugify

OPENED = date(2011, 1, 1)

# The seven territorial districts and their 56 xã/phường, from the published list of 2021
# (huyện Hoàng Sa has none).
DISTRICTS = {
    ("quận", "Liên Chiểu"): "Hòa Hiệp Bắc, Hòa Hiệp Nam, Hòa Khánh Bắc, Hòa Khánh Nam, Hòa Minh",
    ("quận", "Thanh Khê"): "Tam Thuận, Thanh Khê Tây, Thanh Khê Đông, Xuân Hà, Tân Chính, "
    "Chính Gián, Vĩnh Trung, Thạc Gián, An Khê, Hòa Khê",
    ("quận", "Hải Châu"): "Thanh Bình, Thuận Phước, Thạch Thang, Hải Châu I, Hải Châu II, "
    "Phước Ninh, Hòa Thuận Tây, Hòa Thuận Đông, Nam Dương, Bình Hiên, Bình Thuận, "
    "Hòa Cường Bắc, Hòa Cường Nam",
    ("quận", "Sơn Trà"): "Thọ Quang, Nại Hiên Đông, Mân Thái, An Hải Bắc, Phước Mỹ, An Hải Tây, "
    "An Hải Đông",
    ("quận", "Ngũ Hành Sơn"): "Mỹ An, Khuê Mỹ, Hòa Quý, Hòa Hải",
    ("quận", "Cẩm Lệ"): "Khuê Trung, Hòa Phát, Hòa An, Hòa Thọ Tây, Hòa Thọ Đông, Hòa Xuân",
    ("huyện", "Hòa Vang"): "Hòa Bắc, Hòa Liên, Hòa Ninh, Hòa Sơn, Hòa Nhơn, Hòa Phú, Hòa Phong, "
    "Hòa Châu, Hòa Tiến, Hòa Phước, Hòa Khương",
}
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
    """A namespace: city, districts and communes by name, affiliated, teams, chi_hoi by commune."""
    city = open_branch(
        level=level("tinh"),
        parent=None,
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
            opened_on=date(2021, 1, 1),
        )
        for number, area in enumerate(TEAM_AREAS, start=1)
    ]
    return SimpleNamespace(
        city=city,
        districts=districts,
        communes=communes,
        affiliated=affiliated,
        teams=teams,
        chi_hoi=add_chi_hoi(communes),
    )


def add_territory(city):
    districts, communes = {}, {}
    for (type, name), below in DISTRICTS.items():
        districts[name] = open_branch(
            level=level("huyen"), parent=city, type=type, name=name, opened_on=OPENED
        )
        for commune in below.split(", "):
            communes[commune] = open_branch(
                level=level("xa"),
                parent=districts[name],
                type="phường" if type == "quận" else "xã",
                name=commune,
                opened_on=OPENED,
            )
    return districts, communes


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
