"""The state's lists (`branches.territory`) brought into the tree, and found there again."""

from django.db import transaction
from django.db.models import F
from simple_history.utils import bulk_create_with_history

from branches.models import Branch, BranchAlias, Level
from hoiphunu.text import exact_fold

from .checks import BranchError
from .keys import keep_keys
from .tree import lock_tree, open_branch, open_branches

COUNTRY = {"type": "Trung ương Hội LHPN", "name": "Việt Nam"}
TERRITORY = ("tinh", "huyen", "xa")


def standing_units():
    return Branch.objects.filter(closed_on=None, level__code__in=TERRITORY)


def find_listed(listed):
    """code → unit: the open units of the tree that are those of the list.

    Known by type and name (or another spelling) below what they stand under, so that no unit
    is taken for another that has its code or its name; a code of its own must agree.
    """
    standing = {}
    for unit in standing_units().annotate(level_code=F("level__code")):
        above = None if unit.level_code == "tinh" else unit.parent_id
        standing[unit.level_code, above, unit.exact_text] = unit
    found = {}
    for code, unit in listed.units.items():
        if unit.parent and unit.parent not in found:
            continue
        above = found[unit.parent].pk if unit.parent else None
        for name in (unit.name, *unit.aliases):
            stands = standing.get((unit.level, above, exact_fold(f"{unit.type} {name}")))
            if stands and stands.code in ("", code):
                found[code] = stands
                break
    return found


# --- A list ------------------------------------------------------------------------------


@transaction.atomic
def load_units(listed, *, of_country, by=None):
    """Open the units of a list that are not there; how many. All of them, or none.

    `of_country`: under the Trung ương Hội; else the list's one province stands at the top.
    A tree that holds units of these provinces in another state is refused: what changed since
    is a decree's to say.
    """
    lock_tree()
    found = find_listed(listed)
    top = country_top(listed, found) if of_country else None
    missing = [unit for code, unit in listed.units.items() if code not in found]
    extra = units_beside(found)
    if not missing and not extra:
        return 0
    if extra or any(len(code) > 2 for code in found):
        raise BranchError(other_state(listed, missing, extra))
    open_listed(listed, found, top, by)
    return len(missing)


def country_top(listed, found):
    level = Level.objects.get(code="trung_uong")
    top = Branch.objects.filter(level=level, parent=None, closed_on=None).first()
    alone = [unit for code, unit in found.items() if len(code) == 2 and not unit.parent_id]
    if alone:
        raise BranchError(
            f"Đang có {alone[0]} đứng đầu một cây riêng. Một bản cài đặt giữ một tỉnh hoặc cả "
            "nước: nạp riêng tỉnh đó (--province), hoặc dùng một bản cài đặt mới."
        )
    return top or open_branch(level=level, parent=None, opened_on=listed.since, **COUNTRY)


def units_beside(found):
    """Open units below the found provinces that the list does not have."""
    mine = {unit.pk for unit in found.values()}
    below = standing_units().exclude(level__code="tinh")
    return [unit for unit in below if unit.pk not in mine and mine.intersection(unit.ancestor_ids)]


def other_state(listed, missing, extra):
    """What differs, with examples."""
    words = [f"Cây đơn vị đã có đơn vị của nơi này nhưng khác với {listed}."]
    if missing:
        words.append(f"Danh sách có {len(missing)} đơn vị mà cây chưa có, {examples(missing)}.")
    if extra:
        words.append(f"Cây có {len(extra)} đơn vị mà danh sách không có, {examples(extra)}.")
    words.append(
        "Chưa nạp đơn vị nào. Nếu đơn vị đã thay đổi theo văn bản sắp xếp, hãy ghi văn bản đó "
        "thay cho nạp danh sách mới."
    )
    return " ".join(words)


def examples(units):
    return "ví dụ: " + ", ".join(str(unit) for unit in units[:5])


def open_listed(listed, found, top, by):
    """Level by level, for a unit's path begins with its parent's."""
    reason = f"nạp {listed}"
    levels = {level.code: level for level in Level.objects.filter(code__in=TERRITORY)}
    made = dict(found)
    for code in TERRITORY:
        rows = {
            unit.code: Branch(
                level=levels[code],
                parent=made[unit.parent] if unit.parent else top,
                type=unit.type,
                name=unit.name,
                code=unit.code,
                opened_on=listed.since,
            )
            for unit in listed.at(code)
            if unit.code not in made
        }
        if rows:
            open_branches(list(rows.values()), by=by, reason=reason)
            made |= rows
    add_aliases(listed, made, made.keys() - found.keys(), by, reason)


def add_aliases(listed, made, new, by, reason):
    aliases = [
        BranchAlias(branch=made[code], name=name)
        for code, unit in listed.units.items()
        for name in unit.aliases
        if code in new
    ]
    bulk_create_with_history(
        aliases, BranchAlias, batch_size=500, default_user=by, default_change_reason=reason
    )
    keep_keys({alias.branch_id for alias in aliases})
