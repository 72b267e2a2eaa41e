"""The demonstration's log-ins: made-up persons, one password for all of them."""

from datetime import date

from django.contrib.auth.hashers import make_password
from django.utils.timezone import now
from simple_history.utils import bulk_create_with_history

from branches.models import Position, User
from hoiphunu.text import slugify

# Known to everybody on purpose: these accounts exist only where DEMO=1 allowed them.
PASSWORD = "hoi-phu-nu-2021"
STARTED = date(2020, 11, 1)

FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"]
MIDDLE = ["Thị", "Thị Thu", "Thị Kim", "Thị Ngọc", "Thị Thanh"]
GIVEN = (
    "An Bích Châu Diệp Đào Giang Hạnh Hoa Kiều Lan Mai Nga Oanh Phương Quyên Sương Tâm Uyên Vân "
    "Xuân Yến"
).split()

Role = Position.Role
WORD = {
    Role.OFFICER: "canbo",
    Role.REVIEWER: "duyet",
    Role.LEADER: "lanhdao",
    Role.ADMINISTRATOR: "quantri",
}
TITLE = {
    Role.OFFICER: "Cán bộ {}",
    Role.REVIEWER: "Phó Chủ tịch {}",
    Role.LEADER: "Chủ tịch {}",
    Role.ADMINISTRATOR: "Chánh Văn phòng {}",
}

# What the log-in page and `make run` show: one per role, and the neighbour.
SHOWN_ACCOUNTS = [
    {"username": "danang.canbo", "role": "Cán bộ nhập", "unit": "Hội LHPN thành phố Đà Nẵng"},
    {"username": "danang.duyet", "role": "Người duyệt", "unit": "Hội LHPN thành phố Đà Nẵng"},
    {"username": "danang.lanhdao", "role": "Lãnh đạo", "unit": "Hội LHPN thành phố Đà Nẵng"},
    {"username": "danang.quantri", "role": "Quản trị", "unit": "Hội LHPN thành phố Đà Nẵng"},
    {"username": "sontra.canbo", "role": "Cán bộ nhập", "unit": "Hội LHPN quận Sơn Trà"},
    {"username": "sontra.duyet", "role": "Người duyệt", "unit": "Hội LHPN quận Sơn Trà"},
    {"username": "thoquang.canbo", "role": "Cán bộ nhập", "unit": "Hội LHPN phường Thọ Quang"},
    {"username": "trunguong.quantri", "role": "Quản trị", "unit": "Trung ương"},
    {"username": "hanoi.canbo", "role": "Cán bộ nhập", "unit": "Hội LHPN thành phố Hà Nội"},
    {"username": "namcan.canbo", "role": "Cán bộ nhập", "unit": "Hội LHPN xã Nậm Cắn"},
    {"username": "thanhbinh.canbo", "role": "Cán bộ nhập", "unit": "Hội LHPN phường Thanh Bình"},
]


def username(branch, role, with_type=False):
    """ "thoquang.canbo": the place without marks and spaces, then the role."""
    name = branch.full_name if with_type else branch.name
    name = name.removeprefix("Hội Phụ nữ ").removeprefix("Hội phụ nữ ")
    return f"{slugify(name).replace('-', '')}.{WORD[role]}"


def invented_name(number):
    return (
        f"{FAMILY[number % len(FAMILY)]} {MIDDLE[number % len(MIDDLE)]} "
        f"{GIVEN[number % len(GIVEN)]}"
    )


def add_people(units):
    """Accounts by username: an officer everywhere, reviewers in districts, all roles above."""
    wanted = [(units.city, role) for role in WORD]
    for district in units.districts.values():
        wanted += [(district, Role.OFFICER), (district, Role.REVIEWER)]
    wanted += [(branch, Role.OFFICER) for branch in (*units.affiliated, *units.communes.values())]
    wanted += [(units.top, role) for role in WORD]
    for branch in units.others.values():
        wanted.append((branch, Role.OFFICER))
        if branch.level.code == "tinh":
            wanted += [(branch, Role.LEADER), (branch, Role.ADMINISTRATOR)]
    password = make_password(PASSWORD)
    users, taken = [], set()
    for number, (branch, role) in enumerate(wanted):
        name = username(branch, role)
        if name in taken:  # thị trấn and huyện Hóc Môn
            name = username(branch, role, with_type=True)
        taken.add(name)
        users.append(
            User(
                username=name,
                password=password,
                full_name=invented_name(number),
                email=f"{name}@hoiphunu.example",
                email_confirmed_at=now(),  # so that "Quên mật khẩu" can be tried
            )
        )
        users[-1].fill_keys()
    users = bulk_create_with_history(users, User, default_change_reason="dữ liệu mẫu")
    bulk_create_with_history(
        [
            Position(
                user=user,
                branch=branch,
                role=role,
                title=TITLE[role].format(branch.office_name),
                started_on=STARTED,
            )
            for user, (branch, role) in zip(users, wanted, strict=True)
        ],
        Position,
        default_change_reason="dữ liệu mẫu",
    )
    return {user.username: user for user in users}
