"""A decree as it is written down: its rows, and whether it can be carried out."""

from collections import Counter, defaultdict

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from branches.decrees import Fate, Routes
from branches.models import (
    Branch,
    BranchSpan,
    Reorganisation,
    ReorganisationRun,
    Succession,
    Successor,
)
from hoiphunu.text import clean, clean_lines, exact_fold

from .checks import BranchError, refuse_invalid

STALE = "Vừa có người khác sửa văn bản này. Chị mở lại trang để xem bản mới rồi hãy sửa tiếp."
MOST_NAMED = 3  # units that one sentence of the check names


# --- The decree itself ------------------------------------------------------------------------


@transaction.atomic
def new_decree(*, owner, title, effective_on, by, **fields):
    """Write down a decree, still without lines; it changes nothing until it is applied."""
    decree = Reorganisation(owner=owner, title=title, effective_on=effective_on, **fields)
    return keep(decree, by, "ghi văn bản")


@transaction.atomic
def change_decree(*, reorganisation, seen_version, by, **fields):
    """Correct what is written about a decree that is not in force."""
    taken = Reorganisation.objects.filter(pk=reorganisation.pk, version=seen_version).update(
        version=F("version") + 1
    )
    if not taken:
        raise BranchError(STALE)
    decree = as_draft(reorganisation)
    for name, value in fields.items():
        setattr(decree, name, value)
    return keep(decree, by, "sửa văn bản")


@transaction.atomic
def discard_decree(*, reorganisation, by):
    """Throw a draft away with its lines; that it was written stays in the history.

    Runs that failed wrote nothing, and go with it.
    """
    decree = as_draft(reorganisation)
    state = ReorganisationRun.State
    if decree.spans.exists() or decree.runs.filter(state=state.READY).exists():
        raise BranchError("Văn bản này đã từng được thực hiện nên được giữ lại.")
    if decree.runs.filter(state__in=[state.WAITING, state.RUNNING]).exists():
        raise BranchError("Văn bản này đang được thực hiện.")
    decree.runs.all().delete()
    decree.successions.all().delete()
    decree.successors.update(parent_successor=None)
    decree.successors.all().delete()
    decree._history_user, decree._change_reason = by, "bỏ văn bản nháp"
    decree.delete()


def as_draft(reorganisation):
    """The decree read again and held; only one that is not in force may change."""
    decree = (
        Reorganisation.objects.select_for_update(of=("self",)).order_by().get(pk=reorganisation.pk)
    )
    if decree.is_applied:
        raise BranchError("Văn bản này đã thực hiện nên không sửa được nữa.")
    return decree


def keep(decree, by, reason):
    decree.title, decree.number = clean(decree.title), clean(decree.number)
    decree.issuer, decree.note = clean(decree.issuer), clean_lines(decree.note)
    refuse_invalid(decree)
    decree._history_user, decree._change_reason = by, reason
    decree.save()
    return decree


def touch(reorganisation):
    """Its rows differ now: whoever looks at an older page is told so."""
    as_draft(reorganisation)
    Reorganisation.objects.filter(pk=reorganisation.pk).update(version=F("version") + 1)


# --- Its rows ---------------------------------------------------------------------------------


@transaction.atomic
def add_successor(*, reorganisation, level, name, by, **fields):
    """A unit as the decree makes it."""
    touch(reorganisation)
    last = reorganisation.successors.order_by("-number").values_list("number", flat=True).first()
    successor = Successor(
        reorganisation=reorganisation, level=level, name=clean(name), number=(last or 0) + 1
    )
    return set_fields(successor, fields)


@transaction.atomic
def change_successor(*, successor, by, **fields):
    touch(successor.reorganisation)
    return set_fields(successor, fields)


@transaction.atomic
def remove_successor(*, successor, by):
    """Take a unit out of the decree, with the lines that lead to it."""
    touch(successor.reorganisation)
    below = successor.below.first()
    if below:
        raise BranchError(f"{below} còn trực thuộc đơn vị này. Chị sửa dòng đó trước.")
    successor.delete()


@transaction.atomic
def add_line(*, reorganisation, predecessor, kind, by, successor=None, **fields):
    """What becomes of one unit."""
    touch(reorganisation)
    line = Succession(
        reorganisation=reorganisation, predecessor=predecessor, kind=kind, successor=successor
    )
    return set_fields(line, fields)


@transaction.atomic
def add_lines(*, reorganisation, predecessors, kind, by, successor=None, **fields):
    """The same for several units: "A, B và C nhập toàn bộ thành X"."""
    return [
        add_line(
            reorganisation=reorganisation,
            predecessor=predecessor,
            kind=kind,
            successor=successor,
            by=by,
            **fields,
        )
        for predecessor in predecessors
    ]


@transaction.atomic
def change_line(*, line, by, **fields):
    touch(line.reorganisation)
    return set_fields(line, fields)


@transaction.atomic
def remove_line(*, line, by):
    touch(line.reorganisation)
    line.delete()


def set_fields(row, fields):
    for name, value in fields.items():
        setattr(row, name, clean(value) if isinstance(value, str) else value)
    for name in ("successor", "parent_successor"):
        other = getattr(row, name, None)
        if other is not None and other.reorganisation_id != row.reorganisation_id:
            raise BranchError("Đơn vị hình thành phải thuộc cùng một văn bản.")
    refuse_invalid(row)
    row.save()
    return row


# --- Can it be carried out? -------------------------------------------------------------------


def check_decree(reorganisation, today=None, routes=None):
    """Sentences about what stands in the way; empty when the decree may be applied.

    A fixed number of queries, whatever the size of the decree. `routes`: for who has them.
    """
    routes = routes or Routes(reorganisation)
    found = [*check_itself(reorganisation, routes, today or localdate())]
    if not routes.lines and not routes.successors:
        return [*found, "Văn bản chưa có dòng nào."]
    found += check_predecessors(reorganisation, routes)
    found += check_lines(routes)
    circle = check_circles(routes)
    if circle:  # the rest looks upward, and would never end
        return found + circle
    found += check_successors(routes)
    found += check_names(routes)
    found += check_keepers(routes)
    found += check_below(reorganisation, routes)
    return found


def check_itself(reorganisation, routes, today):
    if reorganisation.is_applied:
        yield "Văn bản này đã được thực hiện."
    if reorganisation.effective_on > today:
        yield (
            f"Văn bản có hiệu lực từ ngày {reorganisation.effective_on:%d/%m/%Y}. "
            "Đến ngày đó chị hãy thực hiện."
        )


def named(words, units):
    """One sentence for several units: the first few by name, then how many more."""
    names = [unit.full_name for unit in units]
    if not names:
        return []
    shown = ", ".join(names[:MOST_NAMED])
    more = f" và {len(names) - MOST_NAMED} đơn vị khác" if len(names) > MOST_NAMED else ""
    return [words.format(shown + more)]


def check_predecessors(reorganisation, routes):
    """They are open, in the owner's territory, and have not changed since that day."""
    units = [routes.units[pk] for pk in routes.lines]
    day, top = reorganisation.effective_on, reorganisation.owner.path
    closed = [unit for unit in units if unit.closed_on]
    found = named("{} đã kết thúc hoạt động rồi.", closed)
    found += named(
        f"{{}} không thuộc {reorganisation.owner.office_name}.",
        [unit for unit in units if not unit.path.startswith(top)],
    )
    later = set(
        BranchSpan.objects.filter(
            branch__successions__reorganisation=reorganisation,
            ends_on=None,
            starts_on__gte=day,
        ).values_list("branch", flat=True)
    )
    found += named(
        f"{{}} được thành lập hoặc thay đổi từ ngày {day:%d/%m/%Y} trở đi, "
        "nên văn bản không thể có hiệu lực từ ngày đó.",
        [unit for unit in units if unit.pk in later and not unit.closed_on],
    )
    found += named(
        "{} không tự sắp xếp chính mình được. Đơn vị cấp trên của đơn vị này ghi văn bản.",
        [unit for unit in units if unit.pk == reorganisation.owner_id and unit.parent_id],
    )
    found += named(
        "{} là hàng chưa phân địa bàn, không phải đơn vị để sắp xếp.",
        [unit for unit in units if routes.levels[unit.level_id].is_unplaced],
    )
    return found


def check_lines(routes):
    """Each predecessor's lines go together; a divided one has at least two parts."""
    Kind = Succession.Kind
    mixed, single, doubled, empty = [], [], [], []
    for pk, lines in routes.lines.items():
        unit = routes.units[pk]
        parts = [line for line in lines if line.kind == Kind.PART]
        main = [line for line in lines if line.kind != Kind.PART]
        taking = [line for line in parts if line.takes_people]
        if len(main) > 1 or (main and any(line.takes_people is not False for line in parts)):
            mixed.append(unit)
        elif not main and len(parts) < 2:
            single.append(unit)
        elif len(taking) > 1:
            doubled.append(unit)
        elif parts and not main and all(line.takes_people is False for line in parts):
            empty.append(unit)
    return [
        *named("{} có những dòng không đi cùng nhau được (vừa nhập, vừa giữ nguyên…).", mixed),
        *named("{} bị chia nhưng mới có một phần. Chị ghi đủ các phần.", single),
        *named("{} có hơn một phần nhận toàn bộ dân.", doubled),
        *named("{} chưa có phần nào nhận dân.", empty),
    ]


def check_circles(routes):
    """No successor stands below itself."""
    for row in routes.successors.values():
        seen, at = set(), row
        while at is not None:
            if at.pk in seen:
                return [f"{row.full_name} đứng dưới chính nó. Chị xem lại đơn vị cấp trên."]
            seen.add(at.pk)
            at = routes.successors.get(at.parent_successor_id)
    below = [
        row
        for row in routes.successors.values()
        if row.parent_branch_id
        and row.pk in routes.going_on
        and f"/{routes.going_on[row.pk]}/" in routes.units[row.parent_branch_id].path
    ]
    return named("{} đứng dưới chính nó. Chị xem lại đơn vị cấp trên.", below)


def check_successors(routes):
    """Each may stand where the decree puts it, and is one unit only."""
    found, goes_on = [], Counter()
    top = routes.reorganisation.owner.path
    for pk, lines in routes.lines.items():
        for line in lines:
            if line.kind in Succession.GOES_ON:
                goes_on[line.successor_id] += 1
                if routes.units[pk].level_id != routes.successors[line.successor_id].level_id:
                    found.append(f"{routes.units[pk].full_name} tiếp tục thì không đổi cấp.")
    found += named(
        "{} có hơn một đơn vị cũ giữ nguyên. Chị chọn “nhập toàn bộ” cho các đơn vị đó.",
        [routes.successors[pk] for pk, count in goes_on.items() if count > 1],
    )
    at_top = {  # what a unit at the top of the tree becomes may stand there as well
        line.successor_id
        for pk, lines in routes.lines.items()
        for line in lines
        if routes.units[pk].parent_id is None
    }
    wrong, ending, outside, alone = [], [], [], []
    for row in routes.successors.values():
        place = routes.above(routes.place_of(row.pk))
        parent = routes.units.get(row.parent_branch_id)
        if place is None:
            may = row.pk in at_top and routes.levels[row.level_id].can_stand_alone
            alone += [] if may else [row]
        elif routes.level_at(place) not in routes.parents[row.level_id]:
            wrong.append(row)
        if parent and (
            parent.closed_on or routes.fate.get(parent.pk, Fate.GOES_ON) != Fate.GOES_ON
        ):
            ending.append(row)
        elif parent and not parent.path.startswith(top):
            outside.append(row)
    found += named("{} chưa có đơn vị cấp trên.", alone)
    found += named("{} không đặt trực tiếp dưới đơn vị cấp trên đã chọn được.", wrong)
    found += named(
        "Đơn vị cấp trên của {} kết thúc hoạt động. Chị chọn đơn vị hình thành thay cho nó.", ending
    )
    found += named(
        f"Đơn vị cấp trên của {{}} không thuộc {routes.reorganisation.owner.office_name}.", outside
    )
    return found


def check_names(routes):
    """No two open units under one parent bear the same name afterwards."""
    rows = defaultdict(list)
    for row in routes.successors.values():
        place = routes.above(routes.place_of(row.pk))
        rows[place, row.type, exact_fold(row.full_name)].append(row)
    twice = [row for same in rows.values() if len(same) > 1 for row in same[:1]]
    found = named("{} có hai lần dưới cùng một đơn vị cấp trên.", twice)
    parents = {place.branch for place, _, _ in rows if place and place.branch}
    stand = (
        Branch.objects.filter(parent__in=parents, closed_on=None)
        .exclude(successions__reorganisation=routes.reorganisation)
        .values_list("parent", "type", "exact_text")
        .order_by()
    )
    standing = set(stand)
    taken = [
        row
        for (place, type, exact), same in rows.items()
        if place and (place.branch, type, exact) in standing
        for row in same[:1]
    ]
    return found + named("Đơn vị cấp trên đã có {} đang hoạt động.", taken)


def check_keepers(routes):
    """Whatever ends has somebody to keep its papers; what waits, a province with a row."""
    lost = [
        routes.units[pk]
        for pk, fate in routes.fate.items()
        if fate in (Fate.WAITS, Fate.SPREAD, Fate.ABOLISHED) and routes.keeper(pk) is None
    ]
    return named("Chưa rõ sau này ai giữ hồ sơ của {}: không có đơn vị cấp trên.", lost)


def check_below(reorganisation, routes):
    """What stands below a unit that ends may stand below its successor, or has a line itself.

    Chi hội and affiliated units go along by themselves; units that have chi hội of their own
    (phường, quận) need a line.
    """
    going = [pk for pk, fate in routes.fate.items() if fate in (Fate.WHOLE, Fate.ABOLISHED)]
    places = {pk: routes.keeper(pk) for pk in going}
    levels = {pk: routes.level_at(place) for pk, place in places.items() if place}
    pairs = (
        Branch.objects.filter(closed_on=None, parent__successions__reorganisation=reorganisation)
        .exclude(successions__reorganisation=reorganisation)
        .order_by()
        .values_list("parent", "level")
        .distinct()
    )
    left, unfit = {}, {}
    for parent, level in pairs:
        if parent not in levels:
            continue
        if level_holds_chi_hoi(routes, level):
            left[parent] = level
        elif levels[parent] not in routes.parents[level]:
            unfit[parent] = level
    found = [
        f"Đơn vị cấp {routes.levels[level].name} dưới {routes.units[pk].full_name} "
        "chưa có dòng nào trong văn bản."
        for pk, level in list(left.items())[:MOST_NAMED]
    ]
    return found + [
        f"{routes.levels[level].name.capitalize()} của {routes.units[pk].full_name} không đặt "
        "dưới đơn vị mới được. Chị ghi thêm dòng cho chúng."
        for pk, level in list(unfit.items())[:MOST_NAMED]
    ]


def level_holds_chi_hoi(routes, level):
    """A level of places (xã, quận, tỉnh): an office of the Hội, known by how it is called."""
    return bool(routes.levels[level].office_prefix)
