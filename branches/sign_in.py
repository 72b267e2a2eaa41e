"""The door: who must wait before the next try, and what the page says to her.

django-axes counts wrong passwords for each pair of log-in name and address, so that nobody is
kept out by a colleague's mistakes in the same office. Beside that an account that is tried
from many addresses is slowed for addresses it does not know: one try each half minute, never
a lock that a stranger could keep shut.
"""

import ipaddress
from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.db.models import Max, Sum
from django.shortcuts import render
from django.utils.timezone import localtime

SLOW_FROM = 20  # wrong passwords for one account within AXES_COOLOFF_TIME, from anywhere
SLOW_STEP = timedelta(seconds=30)
KEPT_DAYS = 180  # of log-ins, which tell whether an address is known
NAME_LENGTH = 255  # of the column that keeps a typed name; PostgreSQL refuses a longer one


def client_address(request):
    """Whose address counts: the proxy's word only when BEHIND_PROXY says that there is one.

    The proxy must set X-Real-IP itself. X-Forwarded-For is never read: its beginning is the
    visitor's own to write.
    """
    told = request.META.get("HTTP_X_REAL_IP", "") if settings.BEHIND_PROXY else ""
    for text in (told, request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ipaddress.ip_address(text.strip()))
        except ValueError:
            continue
    return None


def typed_name(request, credentials=None):
    """The log-in name as typed, cut to what the column holds."""
    source = credentials or request.POST
    return (source.get("username") or "")[:NAME_LENGTH]


class SignInHandler(AxesDatabaseHandler):
    """axes' own counting, and the second rule above."""

    def is_locked(self, request, credentials=None):
        return bool(
            super().is_locked(request, credentials) or self.slowed_until(request, credentials)
        )

    def free_at(self, request, credentials=None):
        """The moment from which she may try again, or None."""
        if super().is_locked(request, credentials):
            mine = self.get_user_attempts(request, credentials)[0]
            newest = mine.aggregate(newest=Max("attempt_time"))["newest"]
            return newest + settings.AXES_COOLOFF_TIME
        return self.slowed_until(request, credentials)

    def slowed_until(self, request, credentials=None):
        name = typed_name(request, credentials)
        recent = AccessAttempt.objects.filter(
            username=name, attempt_time__gte=request.axes_attempt_time - settings.AXES_COOLOFF_TIME
        )
        tried = recent.aggregate(count=Sum("failures_since_start"), newest=Max("attempt_time"))
        if (tried["count"] or 0) < SLOW_FROM or self.is_known(name, request.axes_ip_address):
            return None
        until = tried["newest"] + SLOW_STEP
        return until if until > request.axes_attempt_time else None

    def is_known(self, name, address):
        """She has signed in from this address before."""
        return AccessLog.objects.filter(username=name, ip_address=address).exists()


def forget_old(at):
    """When and from where people came in is personal: nothing is kept for longer than it helps."""
    AccessAttempt.objects.filter(attempt_time__lt=at - settings.AXES_COOLOFF_TIME).delete()
    AccessLog.objects.filter(attempt_time__lt=at - timedelta(days=KEPT_DAYS)).delete()


def wait_page(request, original_response, credentials=None):
    """Instead of the log-in form: why, and when she may try again. Says nothing of the account."""
    until = SignInHandler().free_at(request, credentials)
    wait = (until - request.axes_attempt_time).total_seconds() if until else 0
    context = {
        "until": localtime(until) if until else None,
        "minutes": max(1, round(wait / 60)) if wait >= 60 else None,
        "seconds": max(1, round(wait)),
    }
    response = render(request, "registration/wait.html", context, status=429)
    response["Retry-After"] = str(context["seconds"])
    return response
