"""The state's "Bảng chuyển đổi đơn vị hành chính cũ – mới", as lines of a decree.

It fills a decree that is still a draft; the tree stays as it is. Old units are found by name
and place, for the state gives its codes to other units again: a code only helps to choose
between two of one name.
"""

import re
from collections import defaultdict
from difflib import get_close_matches
from functools import cache

from django.db import transaction

from branches.models import (
    Branch,
    BranchAlias,
    Level,
    Reorganisation,
    Succession,
    Successor,
    UploadRow,
)
from hoiphunu.excel import Column, new_summary, to_bytes
from hoiphunu.lists import ListColumn, ListError, ListKind, ListSubject, note
from hoiphunu.text import clean, exact_fold, fold

BATCH = 500
MOST_ROWS = 12_000  # the whole country has 10,565
TEMPLATE_ROWS = 100
LONGEST = {
    "new_name": Successor._meta.get_field("name").max_length,
    "new_code": Successor._meta.get_field("code").max_length,
    "note": Succession._meta.get_field("note").max_length,
}
Kind, Outcome = Succession.Kind, UploadRow.Outcome
FACTS = ("kind", "takes_people", "is_suggested", "note")  # what a list may change of a line
MEANWHILE = "vừa có người sửa sau khi danh sách được đọc, nên chưa ghi gì. Chị tải tệp lên lại."

# --- Names as the state's tables write them -------------------------------------------------

TYPES = {
    fold(type): type
    for type in (
        "tỉnh", "thành phố", "quận", "huyện", "thị xã", "thị trấn", "phường", "xã", "đặc khu",
    )
} | {
    "tp": "thành phố", "tx": "thị xã", "tt": "thị trấn",
    "q": "quận", "h": "huyện", "p": "phường", "x": "xã",
}  # fmt: skip
CODE_AFTER = re.compile(r"\s*\(\s*\d+\s*\)$")


def split_type(text):
    """ "Xa Ea Kly" is ("xã", "Ea Kly"); ("", the text) when it begins with no type."""
    text = CODE_AFTER.sub("", clean(text))
    for count in (2, 1):
        words = text.replace(".", " ", 1).split(" ") if count == 1 else text.split(" ")
        words = [word for word in words if word]
        known = TYPES.get(fold(" ".join(words[:count])))
        if known and len(words) > count:
            return known, " ".join(words[count:])
    return "", text


@cache
def exact_key(text):
    """Blanks and hyphens do not count: "KonTum", "Kon Tum"; "A Xan", "Axan"."""
    return re.sub(r"[\W_]+", "", exact_fold(text))


@cache
def loose_key(text):
    """Without marks either, i and y alike: "Ia Drang", "Ia Drăng"; "Phú Quý", "Phú Quí"."""
    return re.sub(r"[^a-z0-9]+", "", fold(text)).replace("y", "i")


def same_name(one, other):
    return exact_key(one) == exact_key(other) or loose_key(one) == loose_key(other)


def padded(code):
    """Excel takes the zeros away: 4 is "00004"."""
    digits = re.sub(r"\.0$", "", code)
    return digits.zfill(5) if digits.isdecimal() else digits


# --- What a note says -----------------------------------------------------------------------


def read_note(text):
    """(kind, takes_people) of a note such as "Nhập một phần diện tích, toàn bộ dân số"."""
    words = fold(text)
    if "mot phan" in words or "phan con lai" in words:
        return Kind.PART, people_in(words)
    if "doi loai hinh" in words or "chuyen thanh" in words:
        return Kind.TYPE_CHANGED, None
    if "doi ten" in words:
        return Kind.RENAMED, None
    if "giu nguyen" in words:
        return Kind.UNCHANGED, None
    if "toan bo dien tich" in words and "dan so" not in words:
        return Kind.PART, False
    if "toan bo" in words or "nguyen trang" in words:
        return Kind.WHOLE, None
    return None, None


def people_in(words):
    """Has this part all the people, none of them, or is it not said?"""
    if "toan bo dan so" in words:
        return True
    return False if "dien tich" in words and "dan so" not in words else None


# --- What a list is compared with -----------------------------------------------------------


class Standing:
    """The draft as it is, and the open units of its owner's territory by name.

    With `lock`, the decree stays as it is until the end of the transaction.
    """

    def __init__(self, upload, *, lock=False):
        # scope: the page has found it among her drafts, and its owner is the upload's unit
        decrees = Reorganisation.objects.order_by("pk")  # scope: one is taken, by the list's id
        decrees = decrees.select_related("owner__level")
        decrees = decrees.select_for_update(of=("self",)) if lock else decrees
        self.decree = decrees.get(pk=upload.params["reorganisation"])
        self.owner = self.decree.owner
        self.level = Level.objects.get(code="xa")
        self.units, self.by_name = {}, defaultdict(dict)
        self.read_units()
        self.successors = {
            successor_key(s.parent_branch_id, s.parent_successor_id, s.type, s.name): s
            for s in self.decree.successors.select_related("level")
        }
        self.lines = {
            (line.predecessor_id, line.successor_id): line for line in self.decree.successions.all()
        }
        self.may_stand_under = set(self.level.parents.values_list("pk", flat=True))

    def read_units(self):
        territory = Branch.objects.under(self.owner).filter(closed_on=None)
        places = territory.filter(level__code__in=["tinh", "huyen", "xa"]).select_related("level")
        self.units = {unit.pk: unit for unit in places}
        for unit in self.units.values():
            self.add_name(unit, unit.name)
        for pk, name in BranchAlias.objects.filter(branch__in=places).values_list("branch", "name"):
            self.add_name(self.units[pk], split_type(name)[1])

    def add_name(self, unit, name):
        self.by_name[unit.level.code, loose_key(name)].setdefault(unit.pk, (unit, name))

    def named(self, level, text):
        """Units of a level that the text may mean, its marks left aside."""
        found = {}
        for name in spellings(text):
            found |= self.by_name.get((level, loose_key(name)), {})
        return [unit for unit, _ in found.values()]

    def meant(self, text, units):
        """Of several, those with the same marks, and of these those of the same type."""
        exact = [unit for unit in units if self.is_exact(text, unit)] or units
        kind = exact_key(split_type(text)[0])
        return [unit for unit in exact if kind and exact_key(unit.type) == kind] or exact

    def is_exact(self, text, unit):
        keys = {exact_key(name) for name in spellings(text)}
        names = (self.by_name[unit.level.code, loose_key(n)].get(unit.pk) for n in spellings(text))
        return any(found and exact_key(found[1]) in keys for found in names)

    def place_of(self, unit):
        """The open units above it, lowest first, up to the owner."""
        return [self.units[pk] for pk in reversed(unit.ancestor_ids) if pk in self.units]

    def described(self, unit):
        return ", ".join(above.full_name for above in [unit, *self.place_of(unit)])

    def near(self, text, places):
        """A few names like this one in the places, or anywhere when there are none."""
        units = [u for u in self.units.values() if u.level_id == self.level.pk]
        if places:
            units = [u for u in units if any(place.contains(u) for place in places)]
        names = {fold(unit.name): unit for unit in units}
        close = get_close_matches(fold(split_type(text)[1]), list(names), n=3, cutoff=0.75)
        return [names[name] for name in close]

    def parents_named(self, text):
        """(parent_branch, parent_successor) for the new province; what the decree makes first."""
        bare = split_type(text)[1]
        for made in self.successors.values():
            if made.level_id != self.level.pk and same_name(made.name, bare):
                return [(None, made)]
        return [(unit, None) for unit in self.meant(text, self.named("tinh", text))]


def spellings(text):
    """The name without its type, and as it stands: "Xa Dung" may be all of a name."""
    return {split_type(text)[1], CODE_AFTER.sub("", clean(text))}


def successor_key(parent_branch, parent_successor, type, name):
    """What tells two new units apart, as text: it is kept with the staged row."""
    return f"{parent_branch or ''}/{parent_successor or ''}/{fold(type)}/{exact_key(name)}"


# --- Check ----------------------------------------------------------------------------------


def check_decree_list(upload, lines):
    """Each line understood and compared; nothing is written. (UploadRows, notes)."""
    reader = LineReader(Standing(upload))
    rows = []
    for line in lines:
        if reader.is_heading(line):
            province = line.text("new_province") or line.text("old_province")
            reader.notes.append(note(line.sheet, line.number, province, "dòng tên tỉnh"))
        else:
            rows.append(reader.read(line, upload))
    reader.look_at_whole(rows)
    return rows, reader.notes


class LineReader:
    """Turns lines into rows; remembers what it has read, to compare the lines of one unit."""

    def __init__(self, standing):
        self.standing = standing
        self.notes, self.seen = [], {}
        self.codes, self.lines_of = {}, defaultdict(list)

    def is_heading(self, line):
        """A province's name alone in its row, as the state's table has between the provinces."""
        filled = {name for name in line.places if line.text(name)}
        return bool(filled) and filled <= {"new_province", "old_province"}

    def read(self, line, upload):
        predecessor = self.predecessor(line)
        kind, takes_people = self.kind(line)
        parsed = {"predecessor": predecessor and predecessor.pk}
        parsed |= self.successor(line)
        parsed |= {
            "kind": kind,
            "takes_people": takes_people,
            "is_suggested": kind == Kind.PART
            and takes_people is not False
            and predecessor is not None
            and same_name(predecessor.name, parsed["name"]),
            "note": self.short(line, "note") if kind == Kind.PART else "",
        }
        if predecessor and parsed["key"]:
            if not self.refuse_twice(line, parsed):
                self.lines_of[predecessor.pk].append((line, parsed))
        row = UploadRow(
            upload=upload, sheet=line.sheet, number=line.number, raw=line.raw, parsed=parsed
        )
        row.line = line
        return row

    def look_at_whole(self, rows):
        """What only the whole table can tell; then each row's outcome."""
        for lines in self.lines_of.values():
            if len(lines) > 1:
                self.refuse_whole_and_more(lines)
        for row in rows:
            row.errors, judged = row.line.errors, {"outcome": Outcome.ERROR}
            if not row.errors:
                judged = compare(self.standing, row.parsed)
            for name, value in judged.items():
                setattr(row, name, value)
        self.remark_single_parts()

    def refuse_whole_and_more(self, lines):
        for line, parsed in lines:
            others = [(o, p) for o, p in lines if o is not line]
            only_land = all(p["takes_people"] is False for _, p in others)
            if parsed["kind"] and parsed["kind"] != Kind.PART and not only_land:
                others = ", ".join(str(other.number) for other, _ in others)
                line.refuse(
                    "note",
                    f"“{line.text('note')}”, nhưng đơn vị cũ này còn ở dòng {others}. Đơn vị bị "
                    "chia thì mọi dòng ghi “Nhập một phần”.",
                )

    def remark_single_parts(self):
        for lines in self.lines_of.values():
            line, parsed = lines[0]
            if len(lines) == 1 and parsed["kind"] == Kind.PART and not line.errors:
                unit = self.standing.units[parsed["predecessor"]]
                why = "mới có một phần; phần còn lại chưa có trong bảng. Chị đối chiếu văn bản."
                self.notes.append(
                    note(line.sheet, line.number, unit.full_name, why, is_warning=True)
                )

    def predecessor(self, line):
        text, level, column = line.text("old_name"), "xa", "old_name"
        if not text and line.text("old_district"):  # "sắp xếp toàn bộ huyện … thành đặc khu …"
            text, level, column = line.text("old_district"), "huyen", "old_district"
        if not self.is_filled(line, column):
            return None
        named = self.standing.named(level, text)
        found = self.standing.meant(text, self.in_place(line, named, level))
        if len(found) > 1:
            found = self.of_code(line, found) or found
        if len(found) == 1:
            self.remark_spelling(line, text, found[0])
            return found[0]
        named = self.standing.meant(text, named)
        self.refuse_unit(line, column, text, named, found)
        return None

    def in_place(self, line, units, level):
        """Those of `units` that stand where the line says."""
        columns = [("old_province", "tinh")] + ([("old_district", "huyen")] * (level == "xa"))
        for column, above in columns:
            if place := line.text(column):
                named = self.standing.meant(place, self.standing.named(above, place))
                known = {unit.pk for unit in named}
                units = [u for u in units if known & {*u.ancestor_ids, u.pk}]
        return units

    def remark_spelling(self, line, text, unit):
        if not self.standing.is_exact(text, unit):
            why = f"đọc là “{self.standing.described(unit)}”, tên viết khác. Có đúng không?"
            self.notes.append(note(line.sheet, line.number, text, why, is_warning=True))

    def of_code(self, line, units):
        """A code is of help between two of one name, never alone."""
        code = padded(line.text("old_code"))
        return [unit for unit in units if code and padded(unit.code) == code]

    def refuse_unit(self, line, column, text, named, found):
        describe, place = self.standing.described, self.place_text(line)
        if found:
            several = "; ".join(describe(unit) for unit in found[:4])
            line.refuse(column, f"“{text}” có thể là: {several}. Chị ghi rõ huyện cũ, tỉnh cũ.")
        elif named:
            named.sort(key=lambda unit: -self.places_right(line, unit))
            elsewhere = "; ".join(describe(unit) for unit in named[:3])
            line.refuse(
                column,
                f"không có “{text}” ở {place}. Có phải là: {elsewhere}? Nếu phải, chị sửa tỉnh cũ "
                "hoặc huyện cũ ở dòng này.",
            )
        else:
            line.refuse(column, self.unknown(line, text, place))

    def places_right(self, line, unit):
        """How much of what the line says of the place is true of this unit."""
        said = {loose_key(split_type(line.text(c))[1]) for c in ("old_district", "old_province")}
        return sum(loose_key(above.name) in said for above in self.standing.place_of(unit))

    def unknown(self, line, text, place):
        standing = self.standing
        places = standing.named("huyen", line.text("old_district")) or standing.named(
            "tinh", line.text("old_province")
        )
        near = standing.near(text, places) or standing.near(text, [])
        where = place or f"phạm vi của {standing.owner.office_name}"
        sentence = f"không có đơn vị đang hoạt động nào tên “{text}” ở {where}."
        if near:
            sentence += f" Tên gần giống: {'; '.join(map(standing.described, near))}."
        return sentence

    def place_text(self, line):
        columns = ("old_district", "old_province")
        return ", ".join(CODE_AFTER.sub("", line.text(c)) for c in columns if line.text(c))

    def kind(self, line):
        if not self.is_filled(line, "note"):
            return None, None
        kind, takes_people = read_note(line.text("note"))
        if kind is None:
            line.refuse(
                "note",
                f"không hiểu “{line.text('note')}”. Chị ghi: Nhập toàn bộ, Nhập một phần, Nhập "
                "một phần diện tích, Giữ nguyên, Đổi tên, hoặc Đổi loại hình.",
            )
        return kind, takes_people

    def successor(self, line):
        """The new unit as the line says it, with the key that its lines have in common."""
        parsed = dict.fromkeys(("key", "type", "name", "code"), "")
        parsed |= {"parent_branch": None, "parent_successor": None}
        if not self.is_filled(line, "new_name"):
            return parsed
        type, _ = split_type(line.text("new_name"))
        name = split_type(self.short(line, "new_name"))[1]
        parsed |= {"type": type, "name": name, "code": padded(self.short(line, "new_code"))}
        if not type:
            line.refuse("new_name", f"“{name}”: chị ghi rõ là xã, phường hay đặc khu.")
        branch, made = self.parent(line)
        if branch or made:
            parsed |= {"parent_branch": branch and branch.pk, "parent_successor": made and made.pk}
            parents = parsed["parent_branch"], parsed["parent_successor"]
            parsed["key"] = successor_key(*parents, type, name)
            self.refuse_other_code(line, parsed)
        return parsed

    def parent(self, line):
        """Where the new unit stands: the new province, or the owner when none is named."""
        text, standing = line.text("new_province"), self.standing
        if not text:
            if standing.owner.level_id in standing.may_stand_under:
                return standing.owner, None
            self.is_filled(line, "new_province")
            return None, None
        found = standing.parents_named(text)
        if len(found) == 1:
            return found[0]
        if found:
            several = "; ".join(str(branch or made) for branch, made in found)
            why = f"“{text}” có thể là: {several}. Chị ghi rõ hơn."
        else:
            why = (
                f"văn bản này và phạm vi của {standing.owner.office_name} chưa có “{text}”. Chị "
                "ghi tỉnh, thành phố mới vào văn bản trước, rồi tải tệp lên lại."
            )
        line.refuse("new_province", why)
        return None, None

    def refuse_other_code(self, line, parsed):
        """One new unit has one code, in each of its lines."""
        before = self.codes.setdefault(parsed["key"], line)
        if before.text("new_code") and parsed["code"]:
            code = padded(before.text("new_code"))
            if code != parsed["code"]:
                line.refuse(
                    "new_code",
                    f"“{line.text('new_name')}” ở dòng {before.number} mang mã {code}, ở đây là "
                    f"{parsed['code']}.",
                )

    def refuse_twice(self, line, parsed):
        before = self.seen.setdefault((parsed["predecessor"], parsed["key"]), line)
        if before is line:
            return False
        where = f" của trang “{before.sheet}”" if before.sheet != line.sheet else ""
        line.refuse(
            "old_name" if line.text("old_name") else "new_name",
            f"trùng với dòng {before.number}{where}: cùng đơn vị cũ, cùng đơn vị mới.",
        )
        return True

    def short(self, line, name):
        text = line.text(name)
        if len(text) > LONGEST[name]:
            line.refuse(name, f"dài {len(text)} ký tự; chỉ nhận tối đa {LONGEST[name]}.")
        return text[: LONGEST[name]]

    def is_filled(self, line, name):
        if line.text(name):
            return True
        at = name if name in line.places else "new_name"
        title = DECREES.columns[name].title
        line.refuse(at, f"thiếu {title.lower()} (ô trống, hoặc là ô gộp; chị bỏ gộp ô).")
        return False


def compare(standing, parsed):
    """{"outcome", "changes", "target_id"} of one row."""
    made = standing.successors.get(parsed["key"])
    known = made and standing.lines.get((parsed["predecessor"], made.pk))
    if not known:
        return {"outcome": Outcome.NEW, "changes": [], "target_id": None}
    changes = [
        {
            "label": Succession._meta.get_field(name).verbose_name.capitalize(),
            "old": shown(name, getattr(known, name)),
            "new": shown(name, parsed[name]),
        }
        for name in FACTS
        if getattr(known, name) != parsed[name]
    ]
    if parsed["code"] and parsed["code"] != made.code:
        changes.append({"label": "Mã hành chính", "old": made.code, "new": parsed["code"]})
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return {"outcome": outcome, "changes": changes, "target_id": known.pk}


def shown(name, value):
    if name == "kind":
        return Kind(value).label
    return {True: "có", False: "không"}.get(value, value or None)


# --- Write ----------------------------------------------------------------------------------


@transaction.atomic
def apply_decree_list(upload, rows):
    """Write the lines into the draft, or nothing. (how many new, how many changed)."""
    standing = Standing(upload, lock=True)
    if not standing.decree.is_draft:
        raise ListError(f"Văn bản {standing.decree.get_stage_display().lower()}, không ghi được.")
    for row in rows:
        refuse_moved(standing, row)
    made = make_successors(standing, rows)
    new = [row.parsed for row in rows if row.outcome == Outcome.NEW]
    Succession.objects.bulk_create(
        [
            Succession(
                reorganisation=standing.decree,
                predecessor_id=parsed["predecessor"],
                successor=made[parsed["key"]],
                **{name: parsed[name] for name in FACTS},
            )
            for parsed in new
        ],
        batch_size=BATCH,
    )
    changed = [altered(standing, row) for row in rows if row.outcome == Outcome.CHANGED]
    Succession.objects.bulk_update(changed, FACTS, batch_size=BATCH)
    standing.decree.version += 1
    standing.decree.save(update_fields=["version"])
    return len(new), len(changed)


def refuse_moved(standing, row):
    """Somebody may have changed what this row speaks of since the list was read."""
    now = compare(standing, row.parsed)
    is_gone = row.parsed["predecessor"] not in standing.units
    if is_gone or any(getattr(row, name) != value for name, value in now.items()):
        raise ListError(f"Dòng {row.number}: {MEANWHILE}")


def make_successors(standing, rows):
    """Key → the unit as the decree makes it; those not there yet are written, codes corrected."""
    last = max((s.number for s in standing.successors.values()), default=0)
    wanted = {}
    for row in rows:
        first = wanted.setdefault(row.parsed["key"], row.parsed)
        first["code"] = first["code"] or row.parsed["code"]
    new = [
        Successor(
            reorganisation=standing.decree,
            number=last + count,
            level=standing.level,
            type=parsed["type"],
            name=parsed["name"],
            code=parsed["code"],
            parent_branch_id=parsed["parent_branch"],
            parent_successor_id=parsed["parent_successor"],
        )
        for count, (key, parsed) in enumerate(
            ((k, p) for k, p in wanted.items() if k not in standing.successors), start=1
        )
    ]
    Successor.objects.bulk_create(new, batch_size=BATCH)
    known = {key: standing.successors[key] for key in wanted if key in standing.successors}
    recoded = [s for key, s in known.items() if wanted[key]["code"] not in ("", s.code)]
    for successor in recoded:
        successor.code = wanted[key_of(successor)]["code"]
    Successor.objects.bulk_update(recoded, ["code"], batch_size=BATCH)
    return known | {key_of(successor): successor for successor in new}


def key_of(successor):
    parents = successor.parent_branch_id, successor.parent_successor_id
    return successor_key(*parents, successor.type, successor.name)


def altered(standing, row):
    made = standing.successors[row.parsed["key"]]
    line = standing.lines[row.parsed["predecessor"], made.pk]
    for name in FACTS:
        setattr(line, name, row.parsed[name])
    return line


# --- An empty sheet to fill in --------------------------------------------------------------

WIDTHS = {
    "old_province": 24, "old_district": 24, "old_code": 10, "old_name": 26, "new_code": 10,
    "new_name": 26, "new_province": 24, "note": 34,
}  # fmt: skip
OLD, NEW = "Đơn vị cũ", "Đơn vị mới"
GROUPS = {"old": OLD, "new": NEW}
NOTES = [
    "Mỗi dòng là một đơn vị cũ; đơn vị bị chia thì mỗi phần một dòng.",
    "Ghi chú: Nhập toàn bộ; Nhập một phần; Nhập một phần diện tích; Nhập một phần diện tích, "
    "toàn bộ dân số; Giữ nguyên; Đổi tên; Đổi loại hình.",
]


def decree_template(upload):
    """The .xlsx to fill in, with the owner's own communes already in the old columns."""
    standing = Standing(upload)
    title = ["BẢNG CHUYỂN ĐỔI ĐƠN VỊ HÀNH CHÍNH CŨ – MỚI", str(standing.decree)]
    columns = [
        Column(column.title, WIDTHS[name], group=GROUPS.get(name[:3], ""))
        for name, column in DECREES.columns.items()
    ]
    rows = communes(standing) or [[None]] * TEMPLATE_ROWS
    return to_bytes(new_summary(title, "", columns, rows, sheet_name="Bảng", notes=NOTES))


def communes(standing):
    """One row for each open commune, in order of place."""
    found = []
    for unit in standing.units.values():
        if unit.level_id == standing.level.pk:
            above = {place.level.code: place for place in standing.place_of(unit)}
            names = [above[code].full_name if code in above else "" for code in ("tinh", "huyen")]
            keys = [above[code].sort_key if code in above else "" for code in ("tinh", "huyen")]
            found.append(((*keys, unit.sort_key), [*names, unit.code, unit.full_name]))
    return [row + [None] * 4 for _, row in sorted(found, key=lambda pair: pair[0])]


# --- Who brings it, for what ----------------------------------------------------------------


def units_of(user):
    """The units whose drafts she may fill."""
    return Branch.objects.visible_to(user).filter(pk__in=decrees_of(user).values("owner"))


def decrees_of(user):
    """Drafts of the units that she administers."""
    drafts = Reorganisation.objects.visible_to(user).exclude(stage=Reorganisation.Stage.APPLIED)
    administered = Branch.objects.visible_to(user).administered_by(user)
    return drafts.filter(owner__in=administered).select_related("owner")


def why_not_now(decree):
    if decree.is_draft:
        return ""
    return "Văn bản này đã thực hiện nên không nhận thêm bảng. Chị hoàn tác trước đã."


DECREE = ListSubject(
    model=Reorganisation,
    name="reorganisation",
    key="id",
    label="Văn bản sắp xếp",
    permission="branches.change_reorganisation",
    choices=decrees_of,
    refusal=why_not_now,
    goes_with=lambda decree, branch: decree.owner_id == branch.pk,
    mismatch="{branch} không phải là đơn vị ghi văn bản này.",
    none_yet="Chưa có văn bản sắp xếp nào đang soạn",
    link_label="Xem văn bản",
)

DECREES = ListKind(
    code="decree",
    title="Chuyển đổi đơn vị",
    columns={
        "old_province": ListColumn(
            ("Tỉnh cũ", "Tỉnh/thành phố cũ", "Tỉnh, thành phố cũ", "Đơn vị cũ Tỉnh cũ"),
            is_required=False,
        ),
        "old_district": ListColumn(
            ("Huyện cũ", "Quận/huyện cũ", "Quận/huyện", "Quận, huyện", "Huyện"), is_required=False
        ),
        "old_code": ListColumn(("Mã xã cũ", "Mã cũ", "Mã xã/phường cũ"), is_required=False),
        "old_name": ListColumn(
            ("Tên xã cũ", "Xã cũ", "Tên xã/phường cũ", "Xã/phường cũ", "Tên đơn vị cũ")
        ),
        "new_code": ListColumn(("Mã xã mới", "Mã mới", "Mã xã/phường mới"), is_required=False),
        "new_name": ListColumn(
            ("Tên xã mới", "Xã mới", "Tên xã/phường mới", "Xã/phường mới", "Tên đơn vị mới")
        ),
        "new_province": ListColumn(
            ("Tỉnh mới", "Tỉnh/thành phố mới", "Tỉnh, thành phố mới", "Tỉnh, thành phố"),
            is_required=False,
        ),
        "note": ListColumn(("Ghi chú", "Cách sắp xếp")),
    },
    check=check_decree_list,
    apply=apply_decree_list,
    template=decree_template,
    permission="branches.bring_decrees",
    units=units_of,
    subject=DECREE,
    home=("Văn bản sắp xếp", "reports:reorganisation_list"),
    unit_help="Đơn vị ghi văn bản; đơn vị cũ trong bảng phải thuộc phạm vi của đơn vị này.",
    hint="Đúng như “Bảng chuyển đổi đơn vị hành chính cũ – mới” của Nhà nước. Ghi xong thì bảng "
    "mới nằm trong văn bản; cây đơn vị chỉ đổi khi chị bấm “Thực hiện”.",
    most_rows=MOST_ROWS,
)
