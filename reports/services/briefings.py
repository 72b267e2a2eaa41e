"""Giao ban: meetings written down, their conclusions given out and ticked done."""

from datetime import timedelta

from django.db import transaction
from django.utils.timezone import localdate

from branches.custody import acting_for
from branches.decrees import standing_below
from branches.models import Branch, Position
from hoiphunu.text import clean, clean_lines

from ..models import Briefing, Conclusion, Notification
from ..notifications import Telling, holding, tell, with_units
from .life import ReportError
from .rows import keep, refuse_named, take_version

TWICE = timedelta(minutes=1)


@transaction.atomic
def write_briefing(*, briefing, held_on, period, agenda, present, notes, by, at, seen_version=None):
    """Keep a meeting, new or changed; gives back the row. The same one again within a minute is
    the button pressed twice: the row that stands is given back."""
    if briefing.pk:
        take_version(briefing, seen_version)
    texts = {"agenda": agenda, "present": present, "notes": notes}
    texts = {name: clean_lines(text) for name, text in texts.items()}
    refuse_named(labelled(Briefing, texts), by)
    values = {"held_on": held_on, "period": period, **texts}
    if briefing.pk is None and (same := just_written(briefing.branch, values, by, at)):
        return same
    return keep(briefing, by=by, at=at, reason="ghi giao ban", **values)


def just_written(branch, values, by, at):
    """The meeting that she wrote a moment ago with the same words, or None. The second waits for
    the first at the unit's row."""
    Branch.objects.select_for_update(of=("self",), no_key=True).get(pk=branch.pk)
    begun = Briefing.history.filter(
        history_type="+", history_user=by, history_date__gt=at - TWICE, history_date__lte=at
    )
    same = Briefing.objects.filter(pk__in=begun.values("id"), branch=branch, **values)
    return same.first()


@transaction.atomic
def remove_briefing(*, briefing, seen_version, by, at):
    """Take out a meeting written by mistake, with its conclusions; their history keeps what they
    said. What somebody has done stays, and the meeting with it."""
    take_version(briefing, seen_version)
    for conclusion in briefing.conclusions.select_for_update().order_by("pk"):
        if conclusion.done_on:
            raise ReportError("Cuộc giao ban này có kết luận đã xong nên không bỏ được.")
        take_out(conclusion, by=by, at=at, reason="bỏ cuộc giao ban")
    take_out(briefing, by=by, at=at, reason="bỏ cuộc giao ban")


def take_out(row, *, by, at, reason):
    row._history_user, row._history_date, row._change_reason = by, at, reason
    row.delete()


def labelled(model, texts):
    return {str(model._meta.get_field(name).verbose_name): text for name, text in texts.items()}


@transaction.atomic
def write_conclusion(*, conclusion, text, unit, who, due_on, by, at, seen_version=None):
    """Keep a conclusion, new or changed; a unit below that is named for it is told."""
    is_new = conclusion.pk is None
    if not is_new:
        take_version(conclusion, seen_version)
        refuse_done(conclusion)
    was = conclusion.unit_id
    text, who = clean_lines(text), clean(who)
    if unit and unit.pk != was:  # one that has moved since keeps what it was given
        refuse_elsewhere(conclusion.briefing, unit)
    refuse_named(labelled(Conclusion, {"text": text, "who": who}), by)
    keep(
        conclusion, by=by, at=at, reason="ghi kết luận", text=text, unit=unit, who=who,
        due_on=due_on,
    )  # fmt: skip
    if unit and (is_new or unit.pk != was):
        tell_unit(conclusion, by=by, at=at)
    return conclusion


def refuse_elsewhere(briefing, unit):
    own = briefing.branch
    if unit != own and not standing_below(own).filter(pk=unit.pk).exists():
        raise ReportError("Đơn vị làm phải là đơn vị của chị hoặc đơn vị cấp dưới.")


def refuse_done(conclusion):
    if conclusion.done_on:
        raise ReportError("Kết luận này đã xong nên giữ nguyên.")


@transaction.atomic
def remove_conclusion(*, conclusion, seen_version, by, at):
    """Take out what was written by mistake; its history keeps what it said."""
    take_version(conclusion, seen_version)
    refuse_done(conclusion)
    take_out(conclusion, by=by, at=at, reason="bỏ kết luận")


@transaction.atomic
def finish_conclusion(*, conclusion, seen_version, word, by, at):
    """Xong: today, by whom, with a word on how it went."""
    take_version(conclusion, seen_version)
    refuse_done(conclusion)
    word = clean(word)
    refuse_named(labelled(Conclusion, {"done_word": word}), by)
    return keep(
        conclusion, by=by, at=at, reason="xong", done_on=localdate(at), done_by=by, done_word=word
    )


@transaction.atomic
def reopen_conclusion(*, conclusion, seen_version, by, at):
    """It is not done after all; who said so before stays in the history."""
    take_version(conclusion, seen_version)
    return keep(
        conclusion, by=by, at=at, reason="chưa xong", done_on=None, done_by=None, done_word=""
    )


def tell_unit(conclusion, *, by, at):
    unit, due = conclusion.unit, conclusion.due_on
    until = f" đến ngày {due:%d/%m/%Y}" if due else ""
    office = conclusion.briefing.branch.office_name
    text = f"{office} kết luận giao ban, giao đơn vị{until}: {conclusion.text}"
    own = acting_for([unit])[unit.pk]
    officers = holding(Position.Role.OFFICER, own, localdate(at))
    tell(
        Telling(
            person=person,
            key=f"conclusion:{conclusion.pk}:{conclusion.version}:{person.pk}",
            kind=Notification.Kind.BRIEFING,
            text=text,
            in_letter=f"{office} giao {unit.office_name} một việc theo kết luận giao ban{until}.",
            url=conclusion.get_absolute_url(),
            about=as_of,
        )
        for as_of, person in with_units(officers)
        if person != by
    )
