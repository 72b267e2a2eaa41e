"""What the proof's world has of partners, donors, contributions and the ledger.

The name of a partner or a donor goes further than the row itself, so it is a thing of its own.
Each sum of money is a canary, and never twice the same.
"""

from datetime import date

from programs.models import Donor, Partner
from programs.services import (
    add_contribution,
    add_donor,
    correct,
    give,
    keep_partner,
    pledge,
    receive,
)

DAY = date(2021, 2, 3)


def add_partner(world, key):
    name, thing = world.new("partner name", key), world.new("partner", key)
    thing.row = Partner(
        branch=world.unit(key), name=f"Đồn {world.word(name)}", contact=world.word(thing)
    )
    keep_partner(partner=thing.row, by=world.who("officer", key))
    return thing.row, name


def add_a_donor(world, key):
    officer = world.who("officer", key)
    name, thing = world.new("donor name", key), world.new("donor", key, actors=(officer,))
    thing.row = add_donor(
        branch=world.unit(key), by=officer, name=f"Công ty {world.word(name)}",
        kind=Donor.Kind.COMPANY, contact=world.word(thing), note=f"Ghi chú {world.word(thing)}",
    )  # fmt: skip
    return thing.row, name


def add_contributions(world):
    """For each programme through its owner, through the unit above and through one below; for
    one still being written only a promise."""
    for program in world.of_kind("program"):
        for through in (program.unit, world.above(program.unit), world.office_below(program.unit)):
            if through:
                add_a_contribution(world, program, through)


def add_a_contribution(world, program, through):
    officer, (donor, name) = world.who("officer", through), world.donors[through]
    thing = world.new(
        "contribution", through, owner=program.unit, actors=(officer,), beside=(name,),
        is_draft=program.is_draft,
    )  # fmt: skip
    thing.row = add_contribution(
        program=program.row, donor=donor, branch=world.unit(through), by=officer,
        what=f"Quỹ {world.word(thing)}", note=f"Ghi chú {world.word(thing)}",
    )  # fmt: skip
    write_ledger(world, thing, is_draft=program.is_draft)
    for row in thing.row.entries.all():
        world.new(
            "entry", through, row=row, words=thing.words, owner=thing.owner, actors=(officer,),
            beside=(name,), is_draft=thing.is_draft,
        )  # fmt: skip


def write_ledger(world, thing, *, is_draft):
    """Promised, received and given, each less than the one before, and one line corrected."""
    contribution, officer = thing.row, thing.actors[0]
    given, received, wrong, pledged = (world.money(thing) for _ in range(4))
    item = next(
        (t.row for t in world.of_kind("item") if t.row.program_id == contribution.program_id), None
    )

    def write(verb, **fields):
        contribution.refresh_from_db()
        return verb(
            contribution=contribution, seen_version=contribution.version, on=DAY, by=officer,
            **fields,
        )  # fmt: skip

    first = write(pledge, value=wrong)
    contribution.refresh_from_db()
    correct(
        entry=first, seen_version=contribution.version, value=pledged, on=DAY, by=officer,
        reason=f"Ghi nhầm {world.word(thing)}",
    )  # fmt: skip
    if not is_draft:
        write(receive, value=received, item=item)
        if item:
            write(give, value=given, item=item)
    contribution.refresh_from_db()
