"""The state's decrees (`branches.territory`) written down as drafts, to be looked at first."""

from django.db import transaction

from branches.models import Branch, Level, Reorganisation, Succession, Successor

from .checks import BranchError
from .reorganisation import new_decree
from .tree import lock_tree
from .units import TERRITORY, examples, find_listed


@transaction.atomic
def draft_decree(decree, *, province="", by=None):
    """Write a decree down with all its lines, as a draft.

    `province` (a code of the list after it) takes only what concerns that new province. An old
    province of which the tree has nothing is then left out, and the draft says so; anything
    else that is missing is refused.
    """
    lock_tree()
    old = decree.old
    new = decree.new.only(province) if province else decree.new
    found = find_listed(old)
    lines, absent = lines_for(decree, new, found, province)
    missing = [old.units[line.old] for line in lines if line.old not in found]
    if missing or not lines:
        raise BranchError(not_found(decree, missing, province))
    owner = owner_of(found[line.old] for line in lines)
    refuse_again(decree, owner)
    row = add_decree(decree, owner, absent, by)
    made = add_successors(row, lines, found, old, new, bool(absent))
    Succession.objects.bulk_create(
        [
            Succession(
                reorganisation=row,
                predecessor=found[line.old],
                successor=made.get(line.new),
                kind=line.kind,
                takes_people=line.takes_people,
                is_suggested=line.is_suggested,
                note=line.note,
            )
            for line in lines
        ],
        batch_size=500,
    )
    return row


def lines_for(decree, new, found, province):
    """The lines to write, and the old provinces that are left out."""
    if not province:
        return decree.lines, []
    old = decree.old
    olds = {old.province_of(line.old) for line in decree.lines if line.new in new.units}
    present = {old.province_of(code) for code in found}
    absent = [old.units[code] for code in sorted(olds - present)]
    mine = olds & present
    return [line for line in decree.lines if old.province_of(line.old) in mine], absent


def not_found(decree, missing, province):
    words = [f"Không ghi được văn bản “{decree.title}”."]
    if missing:
        words.append(
            f"Cây đơn vị thiếu {len(missing)} đơn vị đang hoạt động đúng tên, đúng chỗ như "
            f"{decree.old}, {examples(missing)}."
        )
    else:
        words.append("Cây đơn vị không có tỉnh, thành phố nào thuộc văn bản này.")
    if not province:
        words.append("Bản cài đặt chỉ giữ một tỉnh thì thêm --province và mã tỉnh sau sắp xếp.")
    words.append("Chưa có gì được ghi.")
    return " ".join(words)


def owner_of(units):
    """Whoever stands at the top of them all."""
    tops = Branch.objects.filter(pk__in={unit.path.split("/")[1] for unit in units})
    if len(tops) > 1:
        names = ", ".join(str(top) for top in tops)
        raise BranchError(
            f"Các đơn vị của văn bản này đứng trong nhiều cây riêng ({names}). Một văn bản chỉ "
            "sắp xếp trong một cây: hãy đưa các tỉnh về dưới một đơn vị đứng đầu trước."
        )
    return tops[0]


def refuse_again(decree, owner):
    same = Reorganisation.objects.filter(
        owner=owner, title=decree.title, effective_on=decree.effective_on
    )
    if same.exists():
        raise BranchError(f"Văn bản “{decree.title}” đã được ghi. Hãy mở bản đã ghi.")


def add_decree(decree, owner, absent, by):
    note = [decree.note]
    if absent:
        names = ", ".join(str(unit) for unit in absent)
        note.append(f"Bản cài đặt này không giữ đơn vị của {names}: các dòng đó không được ghi.")
    return new_decree(
        owner=owner,
        number=decree.number,
        title=decree.title,
        issuer=decree.issuer,
        issued_on=decree.issued_on,
        effective_on=decree.effective_on,
        is_confirmed=decree.is_confirmed,
        note=" ".join(filter(None, note)),
        by=by,
    )


def add_successors(row, lines, found, old, new, all_of_it):
    """code → the unit as the decree makes it, from the top down.

    `all_of_it`: also those whose predecessors are left out, so that the province is whole.
    """
    codes = set(new.units) if all_of_it else {line.new for line in lines if line.new}
    levels = {level.code: level for level in Level.objects.filter(code__in=TERRITORY)}
    made, number = {}, 0
    for level in TERRITORY:
        rows = {}
        for unit in new.at(level):
            if unit.code in codes:
                number += 1
                rows[unit.code] = Successor(
                    reorganisation=row,
                    number=number,
                    level=levels[level],
                    type=unit.type,
                    name=unit.name,
                    code=unit.code,
                    parent_successor=made.get(unit.parent),
                    parent_branch_id=None
                    if unit.parent in made
                    else parent_that_stays(unit, lines, found, old, new),
                )
        Successor.objects.bulk_create(rows.values(), batch_size=500)
        made |= rows
    return made


def parent_that_stays(unit, lines, found, old, new):
    """The id of the unit above, which the decree leaves alone.

    Above a province: what stood above those that it is made of.
    """
    if not unit.parent:
        olds = [found[line.old] for line in lines if line.new == unit.code]
        return next((branch.parent_id for branch in olds), None)
    if str(old.units.get(unit.parent)) != str(new.units[unit.parent]):
        raise BranchError(f"Không thấy nơi đặt {unit} trong cây đơn vị.")
    return found[unit.parent].pk
