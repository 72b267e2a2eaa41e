"""What the proof's world has of the exchange between units: proposals with their
answers, notices to units below, meetings."""

from datetime import date

from reports.models import Briefing, Conclusion, Notice, Proposal
from reports.services import (
    answer_proposal,
    send_notice,
    write_briefing,
    write_conclusion,
    write_notice,
)
from reports.tests.conftest import moment


def add_proposals(world):
    """Of each unit with a unit above it: one with a report that is in, answered; one of a report
    that is still hers."""
    done = set()
    for said in world.of_kind("report"):
        key, is_in = said.unit, said.row.status in ("submitted", "approved", "locked")
        if (key, is_in) in done or said.row.status == "not_begun" or world.above(key) is None:
            continue
        done.add((key, is_in))
        officer, above = world.who("officer", key), world.above(key)
        reviewer = world.who("reviewer", above)
        actors = (officer, reviewer)
        thing = world.new("proposal", key, actors=actors, beside=(said,))
        thing.row = Proposal.objects.create(
            report=said.row, text=f"Đề nghị {world.word(thing)}", addressed_to=world.unit(above)
        )
        if is_in:
            answer_proposal(
                proposal=thing.row, seen_version=1, answer=f"Đã xem {world.word(thing)}",
                by=reviewer, at=moment(2021, 3, 3),
            )  # fmt: skip


def add_notices(world):
    """From each office to one unit below: one that was sent, and one that is being written."""
    for key in world.offices:
        below = next((child for child in world.keys if world.above(child) == key), None)
        for is_draft in (False, True) if below else ():
            officer = world.who("officer", key)
            thing = world.new(
                "notice", key, other=below, owner=key, actors=(officer,), is_draft=is_draft
            )
            thing.row = write_notice(
                notice=Notice(branch=world.unit(key), by=officer),
                title=f"Thông báo {world.word(thing)}", body=f"Nội dung {world.word(thing)}",
                levels=[], units=[world.unit(below)], by=officer, at=moment(2021, 3, 3),
            )  # fmt: skip
            notice_file(world, thing, officer)
            if not is_draft:
                send_notice(
                    notice=thing.row, seen_version=thing.row.version, seen_count=1, by=officer,
                    at=moment(2021, 3, 3),
                )  # fmt: skip


def notice_file(world, thing, officer):
    """Its file carries the words of the notice, for whoever reads the one reads the other."""
    stored = world.file(thing, world.unit(thing.unit), officer)
    Notice.objects.filter(pk=thing.row.pk).update(file=stored)
    thing.row.refresh_from_db()
    world.new("file", thing.unit, row=stored, words=thing.words, actors=(officer,))


def add_briefings(world):
    """A meeting of each office, with something that a unit below is to do, and something that
    somebody in it is."""
    for key in world.offices:
        officer = world.who("officer", key)
        thing = world.new("briefing", key, actors=(officer,))
        said = world.word(thing)
        thing.row = write_briefing(
            briefing=Briefing(branch=world.unit(key)), held_on=date(2021, 3, 3), period=None,
            agenda=f"Nội dung {said}", present=f"Dự {said}", notes=f"Ghi {said}", by=officer,
            at=moment(2021, 3, 3),
        )  # fmt: skip
        below = next((child for child in world.keys if world.above(child) == key), None)
        for unit in {below, None}:
            given = world.new("conclusion", key, other=unit, actors=(officer,))
            word = world.word(given)
            given.row = write_conclusion(
                conclusion=Conclusion(briefing=thing.row), text=f"Làm {word}",
                unit=world.unit(unit) if unit else None, who=f"Chị {word}",
                due_on=date(2021, 3, 20), by=officer, at=moment(2021, 3, 3),
            )  # fmt: skip
