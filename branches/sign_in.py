"""The door: who must wait before the next try, and what the page says to her.

Wrong passwords are counted for pairs of log-in name and address, and each rule below stops a
pair, never an account: whatever a stranger does elsewhere, she is heard at her own address.

- django-axes: five wrong ones make the pair wait 15 minutes. So many guesses has a stranger
  for each address that he can come from, and no more.
- An account that is tried from many addresses is heard once in half a minute by each address
  that it has never signed in from.
- An address with 200 wrong ones within an hour, whatever the names, waits: that is somebody
  who tries one password on everybody. Accounts that have come in from there before do not.
- Whoever types what looks like an issued one-time password is heard by all three while her
  account has one open: 53 random bits are not guessed.
"""

import ipaddress
import re
from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db.models import Max, Sum
from django.shortcuts import render
from django.utils.timezone import localtime

from .models import User
from .services import ONE_TIME_FORM

SLOW_FROM = 20  # wrong passwords for one account within AXES_COOLOFF_TIME, from anywhere
SLOW_STEP = timedelta(seconds=30)
ADDRESS_LIMIT = 200  # wrong passwords from one address, for whichever accounts, within
ADDRESS_WITHIN = timedelta(hours=1)
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
    """axes' own counting, and the other rules above."""

    def is_locked(self, request, credentials=None):
        if self.is_one_time(request, credentials):
            return False
        return bool(
            super().is_locked(request, credentials) or self.waits_until(request, credentials)
        )

    def is_one_time(self, request, credentials):
        """What she types has the form of an issued password, and one is open for her."""
        password = (credentials or request.POST).get("password") or ""
        if not re.fullmatch(ONE_TIME_FORM, password):
            return False
        name, at = typed_name(request, credentials), request.axes_attempt_time
        return User.objects.filter(username=name, one_time_until__gt=at).exists()

    def free_at(self, request, credentials=None):
        """The moment from which she may try again, or None."""
        if super().is_locked(request, credentials):
            mine = self.get_user_attempts(request, credentials)[0]
            newest = mine.aggregate(newest=Max("attempt_time"))["newest"]
            return newest + settings.AXES_COOLOFF_TIME
        return self.waits_until(request, credentials)

    def waits_until(self, request, credentials=None):
        """Of a pair that is new to each other: the later moment of the two rules, or None."""
        name, address = typed_name(request, credentials), request.axes_ip_address
        at = request.axes_attempt_time
        ends = [end for end in (slowed_until(name, address, at), full_until(address, at)) if end]
        if not ends or self.is_known(name, address):
            return None
        return max(ends)

    def is_known(self, name, address):
        """She has signed in from this address before."""
        return AccessLog.objects.filter(username=name, ip_address=address).exists()


def slowed_until(name, address, at):
    """When this address is next heard for an account that is tried from everywhere."""
    recent = AccessAttempt.objects.filter(
        username=name, attempt_time__gte=at - settings.AXES_COOLOFF_TIME
    )
    if (recent.aggregate(count=Sum("failures_since_start"))["count"] or 0) < SLOW_FROM:
        return None
    newest = recent.filter(ip_address=address).aggregate(newest=Max("attempt_time"))["newest"]
    until = newest and newest + SLOW_STEP
    return until if until and until > at else None


def full_until(address, at):
    """When an address that has tried too much is heard again: as its hour empties."""
    tried = AccessFailureLog.objects.filter(
        ip_address=address, attempt_time__gt=at - ADDRESS_WITHIN
    ).order_by("-attempt_time")
    times = tried.values_list("attempt_time", flat=True)[ADDRESS_LIMIT - 1 : ADDRESS_LIMIT]
    return times[0] + ADDRESS_WITHIN if times else None


def forget_old(at):
    """When and from where people came in is personal: nothing is kept for longer than it helps."""
    AccessAttempt.objects.filter(attempt_time__lt=at - settings.AXES_COOLOFF_TIME).delete()
    AccessFailureLog.objects.filter(attempt_time__lt=at - ADDRESS_WITHIN).delete()
    AccessLog.objects.filter(attempt_time__lt=at - timedelta(days=KEPT_DAYS)).delete()


def wait_page(request, original_response, credentials=None):
    """Instead of the log-in form: why, and when she may try again. Says nothing of the account."""
    until = SignInHandler().free_at(request, credentials)
    wait = (until - request.axes_attempt_time).total_seconds() if until else 0
    context = {
        "until": localtime(until) if until else None,
        "minutes": max(1, round(wait / 60)) if wait >= 60 else None,
        "seconds": max(1, round(wait)),
        "address_waits": bool(full_until(request.axes_ip_address, request.axes_attempt_time)),
    }
    response = render(request, "registration/wait.html", context, status=429)
    response["Retry-After"] = str(context["seconds"])
    return response
