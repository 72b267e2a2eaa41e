"""What a decree does to the people of a unit: positions, teams and departments go along.

Set by set: a province has thousands of positions. Only what went wholly to one successor goes
along by itself; the people of divided and abolished units are left to a person's decision.
"""

from django.db import connection

from branches.models import Department, Position, Team
from hoiphunu.bulk import insert, remember, rows_of, run, scratch, stored

from .checks import BranchError

BY_HAND = "{} đã được sửa sau khi thực hiện văn bản, nên không hoàn tác được nữa."
# In force on the day or later, at a unit that went wholly to another one.
GOING = """
    FROM branches_position held JOIN decree_moved moved ON moved.old_id = held.branch_id
    WHERE (held.ended_on IS NULL OR held.ended_on > %s)
"""


def move_offices(moved, *, decree, by, at):
    """Let the people of `moved` (old unit's id → its successor's) go on there from the day on.

    Returns what `take_offices_back` needs.
    """
    signed = {"by": by, "reason": f"sắp xếp: {decree}", "at": at}
    with scratch("decree_moved", "old_id bigint PRIMARY KEY, new_id bigint"):
        insert("decree_moved", ["old_id", "new_id"], moved.items())
        kept = move_positions(decree, signed)
    teams = move_teams(moved, decree, signed)
    return kept | {"teams": teams} | move_departments(moved, decree, signed)


def move_positions(decree, signed):
    """One position of a role at the successor, however many of hers end."""
    day = stored(decree.effective_on)
    ended = rows_of(f"SELECT held.id, held.ended_on {GOING}", [day])
    begun = rows_of(
        f"""
        INSERT INTO branches_position (user_id, branch_id, role, title, started_on, ended_on)
        SELECT held.user_id, moved.new_id, held.role, max(held.title),
            min(CASE WHEN held.started_on > %s THEN held.started_on ELSE %s END),
            CASE WHEN count(held.ended_on) < count(*) THEN NULL ELSE max(held.ended_on) END
        {GOING} AND NOT EXISTS (
            SELECT 1 FROM branches_position there
            WHERE there.user_id = held.user_id AND there.role = held.role
              AND there.branch_id = moved.new_id
              AND (there.ended_on IS NULL OR there.ended_on > %s)
        )
        GROUP BY held.user_id, moved.new_id, held.role
        RETURNING id, ended_on
        """,  # noqa: S608
        [day, day, day, day],
    )
    with scratch("decree_rows", "id bigint PRIMARY KEY"):
        insert("decree_rows", ["id"], [(pk,) for pk, _ in ended])
        run(
            "UPDATE branches_position SET"
            " ended_on = CASE WHEN started_on > %s THEN started_on ELSE %s END"
            " WHERE id IN (SELECT id FROM decree_rows)",
            [day, day],
        )
        remember(Position, "SELECT id FROM decree_rows", sign="~", **signed)
        run("DELETE FROM decree_rows")
        insert("decree_rows", ["id"], [(pk,) for pk, _ in begun])
        remember(Position, "SELECT id FROM decree_rows", sign="+", **signed)
    return {
        "positions_ended": [[pk, plain(day)] for pk, day in ended],
        "positions_begun": [[pk, plain(day)] for pk, day in begun],
    }


def plain(day):
    """A day as JSON keeps it; SQLite gives text already."""
    return None if day is None else str(day)


def move_teams(moved, decree, signed):
    """A team keeps its id, so that its assignments go on; its name must be one's own there."""
    open_teams = Team.objects.filter(closed_on=None)
    named = open_teams.filter(branch__in=decree.old_ids).select_related("branch").order_by("pk")
    teams = [team for team in named if team.branch_id in moved]
    taken = set(open_teams.filter(branch__in=decree.new_ids).values_list("branch", "name"))
    before = []
    for team in teams:
        before.append([team.pk, team.branch_id, team.name])
        new = moved[team.branch_id]
        if (new, team.name) in taken:
            team.name = f"{team.name} ({team.branch.full_name} cũ)"[:100]
        taken.add((new, team.name))
        team.branch_id = new
    rewrite(teams, Team, ["branch", "name"], signed)
    return before


def move_departments(moved, decree, signed):
    """Contact points end with their unit; each name begins once at the successor."""
    open_departments = Department.objects.filter(closed_on=None)
    named = open_departments.filter(branch__in=decree.old_ids).order_by("pk")
    ending = [department for department in named if department.branch_id in moved]
    taken = set(open_departments.filter(branch__in=decree.new_ids).values_list("branch", "name"))
    begun = []
    for old in ending:
        new = moved[old.branch_id]
        if (new, old.name) not in taken:
            taken.add((new, old.name))
            begun.append(Department(branch_id=new, name=old.name, phone=old.phone, email=old.email))
        old.closed_on = decree.effective_on
    rewrite(ending, Department, ["closed_on"], signed)
    create(begun, Department, signed)
    return {
        "departments_ended": [old.pk for old in ending],
        "departments_begun": [new.pk for new in begun],
    }


def create(rows, model, signed):
    """Many new rows, each with its record."""
    model.objects.bulk_create(rows, batch_size=500)
    with scratch("decree_new", "id bigint PRIMARY KEY"):
        insert("decree_new", ["id"], ((row.pk,) for row in rows))
        remember(model, "SELECT id FROM decree_new", sign="+", **signed)


def rewrite(rows, model, names, signed):
    """Write these fields of many rows in one statement, each with its record."""
    columns = [model._meta.get_field(name) for name in names]
    table = model._meta.db_table
    kinds = "".join(f", {field.column} {field.db_type(connection)}" for field in columns)
    with scratch("decree_new", f"id bigint PRIMARY KEY{kinds}"):
        insert(
            "decree_new",
            ["id", *(field.column for field in columns)],
            (
                (
                    row.pk,
                    *(
                        field.get_db_prep_save(getattr(row, field.attname), connection)
                        for field in columns
                    ),
                )
                for row in rows
            ),
        )
        sets = ", ".join(f"{field.column} = new.{field.column}" for field in columns)
        run(f"UPDATE {table} SET {sets} FROM decree_new new WHERE {table}.id = new.id")  # noqa: S608
        remember(model, "SELECT id FROM decree_new", sign="~", **signed)


def drop(rows, model, signed):
    """Take away rows that nothing names; that they stood stays in the history."""
    with scratch("decree_new", "id bigint PRIMARY KEY"):
        insert("decree_new", ["id"], ((row.pk,) for row in rows))
        remember(model, "SELECT id FROM decree_new", sign="-", **signed)
        run(
            f"DELETE FROM {model._meta.db_table}"  # noqa: S608
            " WHERE id IN (SELECT id FROM decree_new)"
        )


# --- Taken back -------------------------------------------------------------------------------


def take_offices_back(kept, *, decree, by, at):
    """Each position, team and department as it was; refused when somebody changed one since."""
    signed = {"by": by, "reason": f"hoàn tác: {decree}", "at": at}
    drop_positions(dict(kept["positions_begun"]), signed)
    restore_positions(dict(kept["positions_ended"]), signed)
    restore_teams(kept["teams"], signed)
    drop(Department.objects.filter(pk__in=kept["departments_begun"]), Department, signed)
    ended = list(Department.objects.filter(pk__in=kept["departments_ended"]))
    for row in ended:
        row.closed_on = None
    rewrite(ended, Department, ["closed_on"], signed)


def drop_positions(begun, signed):
    with scratch("decree_rows", "id bigint PRIMARY KEY"):
        insert("decree_rows", ["id"], [(pk,) for pk in begun])
        stand = dict(
            rows_of(
                "SELECT id, ended_on FROM branches_position"
                " WHERE id IN (SELECT id FROM decree_rows)"
            )
        )
        for pk, day in begun.items():
            if pk not in stand or plain(stand[pk]) != day:
                position = Position.objects.filter(pk=pk).select_related("branch__level").first()
                raise BranchError(BY_HAND.format(position or "Một vị trí"))
        remember(Position, "SELECT id FROM decree_rows", sign="-", **signed)
        run("DELETE FROM branches_position WHERE id IN (SELECT id FROM decree_rows)")


def restore_positions(ended, signed):
    with scratch("decree_rows", "id bigint PRIMARY KEY, ended_on date"):
        insert("decree_rows", ["id", "ended_on"], ended.items())
        run(
            "UPDATE branches_position SET ended_on = old.ended_on FROM decree_rows old"
            " WHERE branches_position.id = old.id"
        )
        remember(Position, "SELECT id FROM decree_rows", sign="~", **signed)


def restore_teams(before, signed):
    stood = {pk: (branch, name) for pk, branch, name in before}
    teams = list(Team.objects.filter(pk__in=stood))
    for team in teams:
        team.branch_id, team.name = stood[team.pk]
    rewrite(teams, Team, ["branch", "name"], signed)
