"""Who holds what where, from when until when."""

from datetime import date

from django.db import transaction
from django.utils.timezone import localdate

from branches.models import Position

from .checks import refuse_invalid


@transaction.atomic
def hold_position(*, user, branch, role, title="", started_on=None, by=None):
    """Give a person a role in a unit."""
    position = Position(
        user=user,
        branch=branch,
        role=role,
        title=title,
        started_on=started_on or localdate(),
    )
    refuse_invalid(position)
    position._history_user = by
    position.save()
    user.__dict__.pop("standing", None)
    return position


@transaction.atomic
def end_position(*, position, ended_on: date, by, reason=""):
    """The person holds the role no more from `ended_on` on; what she did stays in her name."""
    position.ended_on = ended_on
    refuse_invalid(position)
    position._history_user, position._change_reason = by, reason
    position.save()
    return position
