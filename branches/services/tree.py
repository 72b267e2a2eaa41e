"""What changes the tree: verbs, each in one transaction."""

from django.db import connection, transaction
from django.utils.timezone import localdate, now
from simple_history.utils import bulk_update_with_history

from branches.models import Branch, BranchSpan, Team
from hoiphunu.bulk import remember, rows_of, run
from hoiphunu.text import slugify

from .checks import BranchError, refuse_invalid
from .keys import keep_keys

IN_ONE_QUESTION = 10_000  # values; SQLite takes some 32,000
TREE_LOCK = 7_203_001  # any number, the same for everyone who changes the tree


def lock_tree():
    """One at a time: moves that cross could make a circle. SQLite's write lock serves there."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


def as_it_stands(branch):
    """The unit as stored now, for whoever holds `lock_tree`: the caller's may be old."""
    return Branch.objects.select_related("level", "parent").get(pk=branch.pk)


def keep_span(branch, on=None, decree=None):
    """Let the dated facts follow the unit's columns.

    With `on` the unit is so from that day: its last span ends there and a new one begins.
    Without, a mistake was put right: the last span is corrected in place.
    """
    facts = {name: getattr(branch, name) for name in ("type", "name", "code", "parent_id")}
    spans = list(branch.spans.order_by("starts_on"))
    if not spans:
        BranchSpan.objects.create(branch=branch, starts_on=branch.opened_on, **facts)
        return
    first, last = spans[0], spans[-1]
    if len(spans) == 1 or branch.opened_on < first.ends_on:
        BranchSpan.objects.filter(pk=first.pk).update(starts_on=branch.opened_on)
        first.starts_on = branch.opened_on
    ends = BranchSpan.objects.filter(pk=last.pk)
    if branch.closed_on:
        ends.update(ends_on=branch.closed_on)
    elif all(getattr(last, name) == value for name, value in facts.items()):
        return
    elif on is None or on <= last.starts_on:
        ends.update(**facts)
    else:
        ends.update(ends_on=on)
        BranchSpan.objects.create(branch=branch, starts_on=on, decree=decree, **facts)


def check_level(level, parent):
    if parent is None:
        if not level.can_stand_alone:
            raise BranchError(f"{level.name.capitalize()} phải thuộc một đơn vị cấp trên.")
    elif parent.closed_on:
        raise BranchError("Đơn vị cấp trên đã kết thúc hoạt động.")
    elif not level.parents.filter(pk=parent.level_id).exists():
        raise BranchError(
            f"{level.name.capitalize()} không đặt trực tiếp dưới {parent.level.name} được."
        )


def possible_slugs(branch):
    """The unit's own address: its name, then its parent's or its year, then a number."""
    base = last = slugify(branch.full_name)[:90]
    yield base
    if branch.parent:
        yield (last := f"{base}-{slugify(branch.parent.full_name)}"[:105])
    if branch.opened_on:
        yield (last := f"{base}-{branch.opened_on.year}")
    for number in range(2, 1000):
        yield f"{last}-{number}"


def free_slug(branch):
    fill_slugs([branch])
    return branch.slug


def fill_slugs(branches):
    """A free address for each unit that has none, with few questions to the database."""
    taken = {branch.slug for branch in branches if branch.slug}
    waiting = [(branch, possible_slugs(branch)) for branch in branches if not branch.slug]
    while waiting:
        tries = [(branch, slugs, next(slugs, None)) for branch, slugs in waiting]
        taken |= slugs_in_use({slug for _, _, slug in tries} - {None})
        waiting = []
        for branch, slugs, slug in tries:
            if slug is None:
                raise BranchError("Không đặt được địa chỉ cho đơn vị này.")
            if slug in taken:
                waiting.append((branch, slugs))
            else:
                branch.slug = slug
                taken.add(slug)


def slugs_in_use(slugs):
    slugs, used = list(slugs), set()
    for start in range(0, len(slugs), IN_ONE_QUESTION):
        some = Branch.objects.filter(slug__in=slugs[start : start + IN_ONE_QUESTION])
        used.update(some.values_list("slug", flat=True))
    return used


@transaction.atomic
def open_branch(*, level, parent, name, opened_on, by=None, **fields):
    """Open a unit below `parent` (None for the top) and give it its path and slug."""
    lock_tree()
    parent = parent and as_it_stands(parent)
    check_level(level, parent)
    branch = Branch(level=level, parent=parent, name=name, opened_on=opened_on, **fields)
    branch.slug = branch.slug or free_slug(branch)
    branch.fill_keys()
    refuse_invalid(branch)
    branch._history_user = by
    branch.skip_history_when_saving = True
    branch.save()  # the id, and so the path, is known only now
    del branch.skip_history_when_saving
    branch.path = f"{parent.path if parent else '/'}{branch.pk}/"
    branch._change_reason = "thành lập"
    branch.save(update_fields=["path"])
    branch.history.update(history_type="+")  # one record, of the opening
    keep_span(branch)
    keep_keys([branch.pk])
    return branch


@transaction.atomic
def open_branches(branches, *, by=None, reason="nạp danh sách"):
    """Open many units whose parents already stand; one level per call. Levels are trusted."""
    if not branches:
        return []
    lock_tree()
    fill_slugs(branches)
    above = stored_paths({branch.parent_id for branch in branches})
    ids = new_ids(len(branches))
    for branch, pk in zip(branches, ids, strict=True):
        branch.pk, branch.path = pk, f"{above[branch.parent_id]}{pk}/"
        branch.fill_keys()
    Branch.objects.bulk_create(branches, batch_size=500)
    new = [ids[0], ids[-1]]  # no one else opens a unit while we hold the lock
    which = "SELECT id FROM branches_branch WHERE id BETWEEN %s AND %s"
    remember(Branch, which, new, sign="+", by=by, reason=reason, at=now())
    run(
        "INSERT INTO branches_branchspan (branch_id, type, name, code, parent_id, starts_on)"
        " SELECT id, type, name, code, parent_id, opened_on FROM branches_branch"
        " WHERE id BETWEEN %s AND %s",
        new,
    )
    keep_keys(ids)
    return branches


def stored_paths(ids):
    """id → path, of units that the caller may have read long ago; "/" above the top."""
    ids, paths = list(ids), {None: "/"}
    for start in range(0, len(ids), IN_ONE_QUESTION):
        some = Branch.objects.filter(pk__in=ids[start : start + IN_ONE_QUESTION])
        paths |= dict(some.values_list("pk", "path"))
    return paths


def new_ids(number):
    """Ids for units yet to be written, so that their paths can be written with them."""
    if connection.vendor == "postgresql":
        sequence = "SELECT nextval(pg_get_serial_sequence('branches_branch', 'id'))"
        return [pk for (pk,) in rows_of(f"{sequence} FROM generate_series(1, %s)", [number])]
    last = rows_of("SELECT seq FROM sqlite_sequence WHERE name = 'branches_branch'")
    first = last[0][0] + 1 if last else 1
    return list(range(first, first + number))


@transaction.atomic
def rename_branch(*, branch, name, type, by, reason, on=None):
    """Give the unit another name from the day `on`; its slug and id stay.

    Without `on` the old name was a mistake, which only the history keeps.
    """
    lock_tree()
    branch = as_it_stands(branch)
    branch.name, branch.type = name, type
    branch.fill_keys()
    refuse_invalid(branch)
    branch._history_user, branch._change_reason = by, reason
    branch.save()
    keep_span(branch, on)
    keep_keys([branch.pk])
    return branch


@transaction.atomic
def move_branch(*, branch, parent, by, reason, on=None, decree=None):
    """Put the unit, with all below it, under another parent, from the day `on` (today).

    Past reports keep their path.
    """
    lock_tree()
    branch, parent = as_it_stands(branch), as_it_stands(parent)
    if branch.contains(parent):
        raise BranchError("Không chuyển một đơn vị vào dưới chính nó được.")
    check_level(branch.level, parent)
    old, new = branch.path, f"{parent.path}{branch.pk}/"
    below = list(Branch.objects.below(branch))
    branch.parent = parent
    refuse_invalid(branch)
    branch.path = new
    branch._history_user, branch._change_reason = by, reason
    branch.save()
    for unit in below:
        unit.path = new + unit.path[len(old) :]
    bulk_update_with_history(
        below, Branch, ["path"], batch_size=500, default_user=by, default_change_reason=reason
    )
    keep_span(branch, on or localdate(), decree)
    return branch


@transaction.atomic
def close_branch(*, branch, closed_on, by, reason):
    """End a unit. It stays in every past figure; it must have no open unit below it."""
    lock_tree()
    branch = as_it_stands(branch)
    if Branch.objects.below(branch).filter(closed_on=None).exists():
        raise BranchError("Đơn vị này còn đơn vị cấp dưới đang hoạt động.")
    branch.closed_on = closed_on
    refuse_invalid(branch)
    branch._history_user, branch._change_reason = by, reason
    branch.save()
    keep_span(branch)
    keep_keys([branch.pk])
    return branch


@transaction.atomic
def change_branch(*, branch, parent, by, reason, since=None, closed_on=None, **facts):
    """Move, correct or close the unit, whichever of these differs from what is stored.

    `facts` are fields such as name, type, code: so from the day `since`, or, without it,
    corrected as if it had always been so. Nothing is written when nothing differs.
    """
    lock_tree()
    branch = as_it_stands(branch)
    if parent != branch.parent:
        branch = move_branch(branch=branch, parent=parent, by=by, reason=reason, on=since)
    changed = {name: value for name, value in facts.items() if getattr(branch, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(branch, name, value)
        branch.fill_keys()
        refuse_invalid(branch)
        branch._history_user, branch._change_reason = by, reason
        branch.save()
        keep_span(branch, since)
        keep_keys([branch.pk])
    if closed_on and closed_on != branch.closed_on:
        branch = close_branch(branch=branch, closed_on=closed_on, by=by, reason=reason)
    return branch


def wrong_paths():
    """Units whose stored path differs from their parents' (a healthy tree has none)."""
    parents = dict(Branch.objects.values_list("pk", "parent_id"))
    wrong = []
    for pk, path in Branch.objects.values_list("pk", "path"):
        steps, at = [], pk
        while at is not None and len(steps) <= len(parents):
            steps.append(str(at))
            at = parents[at]
        if path != "/" + "/".join(reversed(steps)) + "/":
            wrong.append(pk)
    return wrong


@transaction.atomic
def open_team(*, branch, name, opened_on, area=None, by=None):
    """A Đoàn phụ trách of `branch`, with an address of its own."""
    team = Team(branch=branch, name=name, area=area, opened_on=opened_on)
    base = slugify(name)[:80]
    longer = f"{base}-{slugify(branch.full_name)}"[:110]
    slugs = [base, longer, *(f"{longer}-{number}" for number in range(2, 1000))]
    taken = set(Team.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    team.slug = next(slug for slug in slugs if slug not in taken)
    refuse_invalid(team)
    team._history_user = by
    team.save()
    return team
