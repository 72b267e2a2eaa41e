"""Access tables: every route × person, as text that can be read like a table.

    TABLE = '''
    route                   method  anonymous  hoa  giang  …  dung
    branches:branch_list    GET     302        200  200    …  200
    '''

The first line names the persons (of `conftest.build_people`; "anonymous" is nobody). Then:

    LINES = read_table(TABLE)                                # list of Line
    check_line(line, client, people, url, data)              # asks as each person
    routes_without_a_line(LINES, "branches:", "admin:branches_")  # what the table forgot

A route's name may carry a note after "/" ("admin:branches_user_change/own"), for a second
line with another address. Each request is taken back, so the persons do not meet.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Line:
    key: str  # the route's name, with its note
    method: str
    expected: dict  # person → status

    @property
    def route(self):
        return self.key.partition("/")[0]

    def __str__(self):
        return f"{self.key} {self.method}"


def read_table(text):
    """The lines of a table; every line must have as many statuses as there are persons."""
    head, *rows = [line.split() for line in text.splitlines() if line.strip()]
    persons = head[2:]
    return [
        Line(key, method, dict(zip(persons, map(int, statuses), strict=True)))
        for key, method, *statuses in rows
    ]


def check_line(line, client, people, url, data=None):
    """Ask `url` as each person; the statuses must be those of the table."""
    found = {
        person: status_for(client, getattr(people, person, None), line.method, url, data)
        for person in line.expected
    }
    assert found == line.expected, f"{line}: {url}"


def status_for(client, user, method, url, data=None):
    """The status that `user` (None: nobody signed in) gets; the database stays as it was."""
    client.cookies.clear()  # nobody is still there from before
    with transaction.atomic():
        if user:
            sign_in(client, user)
        response = getattr(client, method.lower())(url, data or {})
        if response.streaming:
            response.getvalue()  # reads the file to its end, which closes it
        transaction.set_rollback(True)
    return response.status_code


def sign_in(client, user):
    """As `client.force_login`, but for what is noted of a log-in: a table signs in thousands."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def routes_without_a_line(lines, *prefixes):
    """Names of routes that begin with one of `prefixes` and that no line mentions."""
    covered = {line.route for line in lines}
    return sorted(
        name for name in named_routes() if name.startswith(prefixes) and name not in covered
    )


def named_routes(patterns=None, namespace=""):
    """Every name in the urlpatterns, such as "branches:branch_list" and "login"."""
    names = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            names |= named_routes(pattern.url_patterns, inner)
        elif pattern.name:
            names.add(f"{namespace}{pattern.name}")
    return names


def unnamed_routes(patterns=None, address=""):
    """Addresses, as written in the urlpatterns, of the routes that no table could mention."""
    found = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = address + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += unnamed_routes(pattern.url_patterns, here)
        elif not pattern.name:
            found.append(here)
    return found
