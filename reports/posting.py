"""Letters on their way: each taken by one worker, tried again later, given up where it is no use.

A letter that the mail server has accepted, from a worker that dies before it could write that
down, goes once more: between its last word and our commit lie some milliseconds, and no protocol
closes that gap. That is one letter at most for each worker that is killed while it posts. Both
carry one Message-ID, so that servers and readers can tell.
"""

import logging
from datetime import timedelta
from email.utils import parseaddr
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Case, F, Q, When
from django.urls import reverse
from django.utils.timezone import localdate, now

from .models import Outbox
from .notifications import tell_administrators

logger = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
TAKEN_FOR = 10 * MINUTE  # after this, a letter taken by a worker that died goes again
# Until the next attempt, after the first, the second …; after the last there is none.
BACK_OFF = [2 * MINUTE, 10 * MINUTE, 60 * MINUTE, 240 * MINUTE]
HELPS_FOR = timedelta(days=5)  # an older letter tells of what is long done or known
POST_FOR = 100  # seconds of one round; the clock starts the next within two minutes
IN_ONE_GO = 3_000


def post_waiting(at):
    """Send what waits, one letter after the other on one connection; how many went.

    A mail server that is not there costs no letter an attempt: they all wait for the next round.
    """
    tell_of_given_up(give_up_late(at), at)
    waiting = list(letters_due(at).values_list("pk", flat=True)[:IN_ONE_GO])
    if not waiting:
        return 0
    began, connection, posted = monotonic(), get_connection(), 0
    for pk in waiting:
        if monotonic() - began > POST_FOR or not is_open(connection, at):
            break
        letter = take(pk, at)
        if letter is not None:
            posted += post(letter, connection, at)
    connection.close()
    return posted


def letters_due(at):
    """What should go now, what somebody wished to have at once before the letters of the day."""
    waiting = Outbox.objects.filter(sent_at=None, given_up_at=None)
    is_daily = Case(When(key__startswith="daily:", then=1), default=0)
    return waiting.filter(Q(next_try_at=None) | Q(next_try_at__lte=at)).order_by(is_daily, "pk")


def is_open(connection, at):
    """Open it where it is not; a server that cannot be reached is noted on all that wait."""
    try:
        connection.open()
    except Exception as error:  # refused, silent, or it does not know us
        logger.warning("The mail server cannot be reached: %s", error)
        words = f"Chưa nối được máy chủ thư: {error}"[:500]
        letters_due(at).update(error=words)
        return False
    return True


def take(pk, at):
    """The letter, now this worker's own for a while; None where another has it."""
    mine = (
        letters_due(at)
        .filter(pk=pk)
        .order_by()
        .update(taken_at=at, next_try_at=at + TAKEN_FOR, attempts=F("attempts") + 1)
    )
    return Outbox.objects.get(pk=pk) if mine else None


def post(letter, connection, at):
    """Send one letter; an error is kept on its row, and when it is tried again."""
    row = Outbox.objects.filter(pk=letter.pk)
    try:
        as_mail(letter, connection).send()
    except Exception as error:  # whatever is wrong with this one, the next must still go
        connection.close()  # it may stand in the middle of a letter
        if letter.attempts > len(BACK_OFF):
            row.update(error=str(error)[:500], given_up_at=at)
            tell_of_given_up(1, at)
        else:
            later = at + BACK_OFF[letter.attempts - 1]
            row.update(error=str(error)[:500], next_try_at=later)
        return 0
    row.update(sent_at=now(), given_up_at=None, error="")
    return 1


def as_mail(letter, connection):
    return EmailMessage(
        letter.subject,
        letter.body,
        to=[letter.to],
        connection=connection,
        headers={"Message-ID": message_id(letter)},
    )


def message_id(letter):
    """The same whenever this row is sent."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<letter.{letter.pk}.{letter.created_at.timestamp():.0f}@{domain}>"


def give_up_late(at):
    """Letters that waited so long that they help nobody any more; how many."""
    late = letters_due(at).filter(created_at__lt=at - HELPS_FOR).order_by()
    return late.update(given_up_at=at, error="Chờ quá lâu, thư không còn ích gì nên thôi gửi.")


def tell_of_given_up(count, at):
    if count:
        tell_administrators(
            "letters",
            "Có thư nhắc việc không gửi được và đã thôi gửi. Chị xem “Thư gửi đi” trong phần quản "
            "trị và báo người vận hành phần mềm.",
            reverse("admin:reports_outbox_changelist"),
            localdate(at),
        )
