"""The country's units as the state lists them, from the files in branches/data/. No database.

A list says which units there were on a day; a decree says what became of the units of one list.
Codes are the state's and good within one list only: it has used about 2,140 of them again.
"""

import csv
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
DA_NANG = "48"
LEVELS = {2: "tinh", 3: "huyen", 5: "xa"}  # by the length of the code

# From which day each list holds. That of Đà Nẵng alone reaches further back.
LISTS = {
    date(2025, 6, 30): ["2025-06-30.csv"],
    date(2025, 7, 1): ["2025-07-01.csv"],
    date(2026, 4, 30): ["2025-07-01.csv", "2026-04-30.csv"],
}
LISTS_OF_DA_NANG = {
    date(2021, 1, 1): ["danang-2021.csv"],
    date(2025, 1, 1): ["2025-06-30.csv"],
}


class TerritoryError(Exception):
    """There is no such list or decree here; the text is for the screen."""


@dataclass(frozen=True)
class Unit:
    code: str
    type: str
    name: str
    parent: str  # its code; "" for a province
    aliases: tuple[str, ...] = ()

    def __str__(self):
        return f"{self.type} {self.name}"

    @property
    def level(self):
        return LEVELS[len(self.code)]


@dataclass(frozen=True)
class UnitList:
    """The units in force from a day on: code → unit, each after the one it stands under."""

    since: date
    units: dict[str, Unit]

    def __str__(self):
        return f"danh sách đơn vị hành chính từ ngày {self.since:%d/%m/%Y}"

    def at(self, level):
        return [unit for unit in self.units.values() if unit.level == level]

    def place(self, code):
        """The unit and what it stands under, from the province down."""
        steps = []
        while code:
            steps.insert(0, self.units[code])
            code = self.units[code].parent
        return tuple(steps)

    def province_of(self, code):
        return self.place(code)[0].code

    def only(self, province):
        """The same list, cut down to one province."""
        if province not in self.units or len(province) != 2:
            names = ", ".join(f"{unit.code} {unit.name}" for unit in self.at("tinh"))
            raise TerritoryError(
                f"Không có tỉnh, thành phố mang mã “{province}” trong {self}. Các mã: {names}."
            )
        units = {
            code: unit for code, unit in self.units.items() if self.province_of(code) == province
        }
        return replace(self, units=units)


@dataclass(frozen=True)
class Line:
    """What became of one unit: `old` is a code of the list before, `new` of the one after."""

    old: str
    new: str
    kind: str
    takes_people: bool | None
    is_suggested: bool
    note: str


@dataclass(frozen=True)
class Decree:
    name: str
    number: str
    title: str
    issuer: str
    issued_on: date | None
    effective_on: date
    is_confirmed: bool
    note: str
    before: date
    province: str = ""  # of a decree that is one province's alone

    @property
    def old(self):
        return list_in_force(self.before, self.province)

    @property
    def new(self):
        return list_in_force(self.effective_on, self.province)

    @property
    def lines(self):
        return _read_lines(f"decree-{self.name}.csv")


DECREES = {
    decree.name: decree
    for decree in (
        Decree(
            name="danang-2025",
            number="",
            title="Sắp xếp đơn vị hành chính cấp xã của thành phố Đà Nẵng giai đoạn 2023 - 2025",
            issuer="Ủy ban Thường vụ Quốc hội",
            issued_on=None,
            effective_on=date(2025, 1, 1),
            is_confirmed=False,
            note="Chưa xác nhận: suy ra từ danh sách năm 2021 (56 xã, phường) và danh sách ngày "
            "30/6/2025 (47), đối chiếu với báo chí; chưa có số và văn bản gốc.",
            before=date(2021, 1, 1),
            province=DA_NANG,
        ),
        Decree(
            name="2025-07-01",
            number="202/2025/QH15",
            title="Sắp xếp đơn vị hành chính cấp tỉnh, cấp xã; kết thúc hoạt động của cấp huyện",
            issuer="Quốc hội",
            issued_on=date(2025, 6, 12),
            effective_on=date(2025, 7, 1),
            is_confirmed=True,
            note="Cấp xã: mỗi tỉnh, thành phố một nghị quyết của Ủy ban Thường vụ Quốc hội, ngày "
            "16/6/2025. Mã số: Quyết định 19/2025/QĐ-TTg. Các dòng đã đối chiếu với Bảng chuyển "
            "đổi đơn vị hành chính mới – cũ của Nhà nước.",
            before=date(2025, 6, 30),
        ),
        Decree(
            name="2026-04-30",
            number="30/2026/QH16, 237/NQ-UBTVQH16",
            title="Thành lập thành phố Đồng Nai và 10 phường của thành phố",
            issuer="Quốc hội, Ủy ban Thường vụ Quốc hội",
            issued_on=None,
            effective_on=date(2026, 4, 30),
            is_confirmed=True,
            note="",
            before=date(2025, 7, 1),
        ),
    )
}


def list_in_force(day, province=""):
    """The list that holds on `day`: of the country, or of one province by its code."""
    lists = LISTS | LISTS_OF_DA_NANG if province == DA_NANG else LISTS
    first = min(lists)
    if day < first:
        raise TerritoryError(
            f"Chưa có danh sách đơn vị hành chính cho ngày {day:%d/%m/%Y}. Có danh sách của cả "
            "nước từ ngày 30/06/2025 và của riêng thành phố Đà Nẵng từ ngày 01/01/2021."
        )
    since = max(start for start in lists if start <= day)
    country = UnitList(since, _read_units(*lists[since]))
    return country.only(province) if province else country


def decree(name):
    if name not in DECREES:
        raise TerritoryError(f"Không có văn bản “{name}” trong dữ liệu. Có: {', '.join(DECREES)}.")
    return DECREES[name]


def _read(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)  # the columns' names
        return list(rows)


@lru_cache(maxsize=4)
def _read_units(*names):
    """The first file is a list, the others only what is not so any more."""
    return {
        code: Unit(code, type, name, parent, tuple(aliases.split("|")) if aliases else ())
        for file in names
        for code, type, name, parent, aliases in _read(file)
    }


@lru_cache(maxsize=4)
def _read_lines(name):
    people = {"": None, "all": True, "none": False}
    return [
        Line(old, new, kind, people[takes], suggested == "1", note)
        for old, new, kind, takes, suggested, note in _read(name)
    ]
