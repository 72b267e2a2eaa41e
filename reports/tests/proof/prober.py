"""Asks the site as a person, takes everything back, and looks at what came out."""

import io
import logging
import re
import traceback
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from importlib import import_module
from urllib.parse import quote, unquote, urlsplit

from celery.signals import task_prerun
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core import mail
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client

from branches.models import StoredFile
from reports.models import Notification, Outbox

WRITES = re.compile(r'\b(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)
CSRF = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*|(X-CSRFToken"?: ?"?)\w+')
UNCOUNTED = {"django_session"}
LOOKS = ("__getitem__", "__contains__", "getlist")
WORKBOOK = b"PK\x03\x04"


@dataclass
class Answer:
    """What came back, and what the request changed before it was taken back."""

    status: int
    headers: dict
    body: bytes
    error: str = ""
    before: dict = field(default_factory=dict)  # of each changed table: its rows
    after: dict = field(default_factory=dict)
    made: list = field(default_factory=list)  # (who may read it, text) of new files and notices
    reads: frozenset = frozenset()  # names of what the page looked for in its address

    @cached_property
    def text(self):
        """Body and headers as one text; a workbook's parts are unpacked."""
        head = "\n".join(f"{name}: {unquote(value)}" for name, value in self.headers.items())
        return f"{head}\n{text_of(self.body)}"

    @property
    def changed(self):
        return sorted(self.after)

    @property
    def new_rows(self):
        """(table, row) of rows that are new or otherwise than before."""
        return [
            (table, row)
            for table, rows in self.after.items()
            for row in rows
            if row not in set(self.before[table])
        ]

    def comparable(self, url, *said):
        """Status, headers and body, less the CSRF token, the cookies, the second and whatever
        the request itself said: its address, and `said`."""
        body = CSRF.sub(r"\1\2", self.body.decode("utf-8", "replace"))
        headers = {n: v for n, v in self.headers.items() if n not in ("Set-Cookie", "Expires")}
        spoken = {form for text in (url, *said) for form in spellings(text)}
        if any(form in body for form in spoken) or not body:
            headers.pop("Content-Length", None)
        for form in sorted(spoken, key=len, reverse=True):
            body = body.replace(form, "…")
            headers = {n: v.replace(form, "…") for n, v in headers.items()}
        return self.status, tuple(sorted(headers.items())), body


def spellings(text):
    """How an answer may repeat what was said to it."""
    plain = unquote(text)
    return {text, plain, escape(plain), escape(text), quote(plain, safe="/"), quote(text, safe="")}


def text_of(content):
    if not content.startswith(WORKBOOK):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    return "\n".join([*archive.namelist(), *(text_of(part) for part in parts)])


class Prober:
    """One browser per person, signed in once; `ask` leaves the database as it was."""

    def __init__(self, world):
        self.world = world
        self.client = Client(raise_request_exception=False)
        self.sessions, self.rows_of = {}, {}
        models = apps.get_models(include_auto_created=True)
        self.tables = {model._meta.db_table: columns_of(model) for model in models}
        self.asked = 0
        self.errors = []
        self.task_words, self.reads = set(), set()

    @contextmanager
    def listening(self):
        """Notes exceptions behind a 500 and the words in the arguments of tasks."""

        def note(sender, request=None, **kwargs):
            self.errors.append(traceback.format_exc(limit=-4))

        def look(sender=None, args=None, kwargs=None, **others):
            self.task_words |= self.world.words_in(f"{args} {kwargs}")

        usual = {name: getattr(QueryDict, name) for name in LOOKS}
        for name in LOOKS:
            setattr(QueryDict, name, self.noting(usual[name]))
        got_request_exception.connect(note)
        task_prerun.connect(look)
        level = logging.getLogger("django.request").level
        logging.getLogger("django.request").setLevel(logging.CRITICAL)
        logging.getLogger("django.security").setLevel(logging.CRITICAL)
        try:
            yield self
        finally:
            for name in LOOKS:
                setattr(QueryDict, name, usual[name])
            got_request_exception.disconnect(note)
            task_prerun.disconnect(look)
            logging.getLogger("django.request").setLevel(level)
            logging.getLogger("django.security").setLevel(logging.NOTSET)

    def noting(self, look):
        """The same method of a request's parameters, with a note of what was looked for."""

        def noted(parameters, name, *rest):
            self.reads.add(name)
            return look(parameters, name, *rest)

        return noted

    def session_of(self, identity):
        """The key of her session, written once."""
        if identity.user is None and identity.guest_of is None:
            return None
        if identity.name not in self.sessions:
            session = import_module(settings.SESSION_ENGINE).SessionStore()
            if identity.guest_of:
                row = identity.guest_of.row
                session["guest"] = {"invitation": row.pk, "version": row.version}
            else:
                session[SESSION_KEY] = str(identity.user.pk)
                session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
                session[HASH_SESSION_KEY] = identity.user.get_session_auth_hash()
            session.save()
            self.sessions[identity.name] = session.session_key
        return self.sessions[identity.name]

    def ask(self, identity, method, url, data=None, headers=None):
        """One request as this person; what it changed is in the answer and then undone."""
        key = self.session_of(identity)
        self.client.cookies.clear()
        if key:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = key
        self.asked += 1
        written, heard = set(), len(self.errors)
        with transaction.atomic():
            answer = self.request(method, url, data, headers, written)
            self.note_changes(answer, written - UNCOUNTED)
            transaction.set_rollback(True)
        mail.outbox.clear()
        answer.error = "".join(self.errors[heard:])
        return answer

    def request(self, method, url, data, headers, written):
        def watch(execute, sql, params, many, context):
            written.update(WRITES.findall(str(sql)))
            return execute(sql, params, many, context)

        waiting = len(connection.run_on_commit)
        self.reads.clear()
        with connection.execute_wrapper(watch):
            send = getattr(self.client, method.lower())
            response = send(url, data if data is not None else {}, headers=headers or {})
            body = response.getvalue()
            for close in response._resource_closers:  # a file asked for by HEAD stays open
                close()
            if method != "GET":
                self.run_waiting(waiting)
        reads = frozenset(self.reads) if method == "GET" else frozenset()
        return Answer(response.status_code, dict(response.headers), body, reads=reads)

    def run_waiting(self, start):
        """The background work that the request asked for, as if it had been committed."""
        callbacks, connection.run_on_commit[start:] = connection.run_on_commit[start:], []
        for _, callback, is_robust in callbacks:
            try:
                callback()
            except Exception:
                if not is_robust:
                    raise
                self.errors.append(traceback.format_exc(limit=-4))

    # --- What changed -------------------------------------------------------------------------

    def note_changes(self, answer, written):
        for table in written & self.tables.keys():
            before, after = self.rows_of[table], self.read(table)
            if before != after:
                answer.before[table], answer.after[table] = before, after
        answer.made = self.read_made(answer)

    def remember(self):
        """Read every table as it stands before the first request."""
        self.rows_of = {table: self.read(table) for table in self.tables if table not in UNCOUNTED}

    def read(self, table):
        columns = ", ".join(f'"{name}"' for name in self.tables[table])
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT {columns} FROM "{table}" ORDER BY 1')  # noqa: S608
            return [tuple(str(cell) for cell in row) for row in cursor.fetchall()]

    def read_made(self, answer):
        """(the person that it is for, its text) of new notices, letters and files."""
        found = []
        for model, owner, text in MADE:
            table = model._meta.db_table
            old = {row[0] for row in answer.before.get(table, [])}
            if table in answer.after:
                rows = model._base_manager.select_related(owner)
                found += [(getattr(r, owner), text(r)) for r in rows if as_cell(r.pk) not in old]
        return found


# What is made for somebody: whose it is and what it says.
MADE = (
    (Notification, "recipient", lambda row: row.text),
    (Outbox, "recipient", lambda row: f"{row.subject} {row.body}"),
    (StoredFile, "uploaded_by", lambda row: f"{row.name} {content_of(row)}"),
)


def content_of(stored):
    with stored.file.open() as content:
        return text_of(content.read())


def as_cell(value):
    """As `read` gives it: SQLite keeps a UUID without its strokes."""
    return value.hex if hasattr(value, "hex") and connection.vendor == "sqlite" else str(value)


def columns_of(model):
    pk = model._meta.pk.column
    return [pk, *(f.column for f in model._meta.local_concrete_fields if f.column != pk)]


def is_off_site(answer):
    """Does the answer lead to another host?"""
    where = urlsplit(answer.headers.get("Location", ""))
    return bool(where.netloc and where.netloc != "testserver") or (
        answer.headers.get("Location", "").startswith(("//", "/\\", "\\"))
    )
