"""The cast: one small organisation that every test may stand on.

Hội LHPN thành phố Đà Nẵng as of 2021 with two districts, three communes and a few chi hội;
beside it Quảng Nam, the neighbour whose data must never be seen.
"""

import shutil
from datetime import date
from importlib import import_module
from itertools import groupby
from threading import get_ident
from types import SimpleNamespace

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import override_settings

from branches.models import Branch, Level, Position, Team, User
from branches.services import open_branch, open_branches
from hoiphunu.tests.browser import DESK, Visitor, until
from hoiphunu.tests.fast import QUICK_HASHERS
from hoiphunu.tests.kept_rows import kept, kept_rows, write_rows
from hoiphunu.text import slugify

OPENED = date(2016, 1, 1)
PASSWORD = "mat-khau-thu-nghiem"

# A busy machine is not a wrong answer, so no example is failed for being slow.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def pytest_collection_modifyitems(items):
    """Two people at once are nothing for SQLite: one writes at a time."""
    if settings.IS_SQLITE:
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="holds on PostgreSQL only"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """On SQLite the tests' database is a file, as in the product. In memory, whoever reads a table
    locks it for who writes, without waiting; and the pages that the tests' server makes at a time
    share one connection, so one's transaction is the other's."""
    if settings.IS_SQLITE:
        settings.DATABASES["default"]["TEST"]["NAME"] = (
            tmp_path_factory.mktemp("database") / "hoiphunu.sqlite3"
        )


@pytest.fixture(scope="session", autouse=True)
def plain_http():
    """Tests speak http; that production does not is what `check --deploy` sees to. And no list of
    all static files is made for each of a thousand clients."""
    with override_settings(
        SECURE_SSL_REDIRECT=False,
        SESSION_COOKIE_SECURE=False,
        CSRF_COOKIE_SECURE=False,
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def seeded_rows_are_there():
    """What migrations seed is written by their own functions, for tests make no migration; and a
    test that really commits is followed by a flush, which takes it: it comes back with its ids.
    They are given today's models: once a field that they write is renamed, write the rows here."""
    seeded = {}

    def seed(sender, **kwargs):
        if sender.name != "branches":
            return
        if seeded and not Level.objects.exists():
            write_rows(seeded)
        elif not seeded:
            if not Level.objects.exists():  # --reuse-db finds them
                with override_settings(SIMPLE_HISTORY_ENABLED=False):  # as in a migration
                    for app, add in (("branches", "add_levels"), ("programs", "add_words")):
                        getattr(import_module(f"{app}.migrations.0001_initial"), add)(apps, None)
            seeded.update(kept_rows())

    post_migrate.connect(seed)  # Django sends it when the tables are made and after each flush
    yield
    post_migrate.disconnect(seed)


@pytest.fixture(scope="session", autouse=True)
def few_rows_are_deleted():
    """After a test that really commits, PostgreSQL truncates 125 tables: seconds for files made
    anew. Deleting the few rows takes milliseconds and leaves the same; in any order, for keys are
    looked at when all are gone."""

    def delete(self, style, tables, *, reset_sequences=False, allow_cascade=False):
        assert not reset_sequences
        return [f"DELETE FROM {self.quote_name(table)}" for table in tables]  # noqa: S608

    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "postgresql":
            patch.setattr(type(connection.ops), "sql_flush", delete)
        yield


@pytest.fixture(autouse=True)
def quick_and_apart(settings, tmp_path):
    """A fast hasher, files in a folder of the test's own, tasks run on the spot."""
    settings.PASSWORD_HASHERS = QUICK_HASHERS
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    from hoiphunu.celery import app

    app.conf.task_always_eager = True
    app.conf.task_eager_propagates = True


def unit(level, parent, name, type="", **fields):
    """One more unit, opened as the product opens it."""
    return open_branch(
        level=Level.objects.get(code=level),
        parent=parent,
        name=name,
        type=type,
        opened_on=OPENED,
        **fields,
    )


# key, level, key of the unit above, type, name; units above stand before those below.
UNITS = [
    ("da_nang", "tinh", None, "thành phố", "Đà Nẵng"),
    ("quang_nam", "tinh", None, "tỉnh", "Quảng Nam"),
    ("son_tra", "huyen", "da_nang", "quận", "Sơn Trà"),
    ("hai_chau", "huyen", "da_nang", "quận", "Hải Châu"),
    ("cong_an", "truc_thuoc", "da_nang", "", "Hội Phụ nữ Công an"),
    ("hoi_an", "huyen", "quang_nam", "thành phố", "Hội An"),
    ("tho_quang", "xa", "son_tra", "phường", "Thọ Quang"),
    ("man_thai", "xa", "son_tra", "phường", "Mân Thái"),
    ("thanh_binh", "xa", "hai_chau", "phường", "Thanh Bình"),
    ("minh_an", "xa", "hoi_an", "phường", "Minh An"),
    ("chi_hoi_1", "chi_hoi", "tho_quang", "chi hội", "Khu dân cư 1"),
    ("chi_hoi_2", "chi_hoi", "tho_quang", "chi hội", "Khu dân cư 2"),
    ("chi_hoi_man_thai", "chi_hoi", "man_thai", "chi hội", "Khu dân cư 1"),
    ("chi_hoi_thanh_binh", "chi_hoi", "thanh_binh", "chi hội", "Khu dân cư 1"),
    ("chi_hoi_minh_an", "chi_hoi", "minh_an", "chi hội", "Khối 1"),
]


def person(username, full_name, *held, until=None):
    """A user with positions given as (role, branch) pairs."""
    user = User.objects.create_user(
        username, PASSWORD, full_name=full_name, email=f"{username}@example.org"
    )
    for role, branch in held:
        Position.objects.create(
            user=user, branch=branch, role=role, started_on=OPENED, ended_on=until
        )
    return user


def build_units():
    """The units by key, and one team. Written in bulk, depth by depth, for speed."""
    levels = {level.code: level for level in Level.objects.all()}
    made, taken = {}, set()
    for depth in groupby(UNITS, key=lambda row: depth_of(row[0])):
        rows = {}
        for key, level, above, type, name in depth[1]:
            branch = Branch(
                level=levels[level], parent=made.get(above), type=type, name=name, opened_on=OPENED
            )
            branch.slug = slugify(branch.full_name)
            if branch.slug in taken:
                branch.slug += f"-{slugify(made[above].full_name)}"
            taken.add(branch.slug)
            rows[key] = branch
        opened = {branch.slug: branch for branch in open_branches(list(rows.values()))}
        made |= {key: opened[branch.slug] for key, branch in rows.items()}
    units = SimpleNamespace(**made)
    units.team = Team.objects.create(
        branch=units.da_nang,
        area=units.son_tra,
        name="Đoàn phụ trách số 1",
        slug="doan-phu-trach-so-1",
        opened_on=OPENED,
    )
    return units


def depth_of(key):
    above = {row[0]: row[2] for row in UNITS}[key]
    return 0 if above is None else 1 + depth_of(above)


def build_people(units):
    u = units
    return SimpleNamespace(
        # the city
        an=person("an", "Nguyễn Thị An", ("officer", u.da_nang)),
        binh=person("binh", "Trần Thị Bình", ("reviewer", u.da_nang)),
        cuc=person("cuc", "Lê Thị Cúc", ("leader", u.da_nang)),
        dung=person("dung", "Phạm Thị Dung", ("administrator", u.da_nang)),
        # quận Sơn Trà
        giang=person("giang", "Võ Thị Giang", ("officer", u.son_tra)),
        ha=person("ha", "Đặng Thị Hà", ("reviewer", u.son_tra)),
        # phường Thọ Quang
        hoa=person("hoa", "Bùi Thị Hoa", ("officer", u.tho_quang)),
        # two positions: enters for her ward, reviews for the district
        nga=person("nga", "Hồ Thị Nga", ("officer", u.man_thai), ("reviewer", u.son_tra)),
        # Hội Phụ nữ Công an, which supports a chi hội of Sơn Trà
        phuong=person("phuong", "Ngô Thị Phương", ("officer", u.cong_an)),
        # the neighbour next door, in the other district
        lan=person("lan", "Đỗ Thị Lan", ("officer", u.thanh_binh), ("reviewer", u.hai_chau)),
        # the neighbour province
        xuan=person("xuan", "Dương Thị Xuân", ("officer", u.quang_nam), ("leader", u.quang_nam)),
        # her term has ended; she still has an account
        mai=person("mai", "Lý Thị Mai", ("officer", u.da_nang), until=date(2020, 12, 31)),
    )


@pytest.fixture
def units(db):
    return kept("units", build_units)


@pytest.fixture
def people(units):
    return kept("people", lambda: build_people(units))


@pytest.fixture
def as_person(client, people):
    """`as_person("hoa")`: a browser in which Hoa has signed in."""

    def sign_in(name):
        client.logout()
        client.force_login(getattr(people, name))
        return client

    return sign_in


# --- A real browser -------------------------------------------------------------------------

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# As root and without a screen; and it must not call home, for tests have no network. Nobody presses
# a button while the page still glides to the box before: a test would, and miss it.
CHROMIUM_FLAGS = [
    "--disable-smooth-scrolling",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium(django_db_setup):
    """Chromium, once for a file; where there is none its tests are skipped and say so.

    After the database: Django keeps other connections once Playwright's loop is running.
    """
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so no page was walked in a browser")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with pytest.MonkeyPatch.context() as patch, sync_api.sync_playwright() as playwright:
        # Playwright's loop runs in this thread, and Django would take tests for async code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages_in_hand():
    """The threads, by number, that are making a page."""
    threads = set()

    def begun(**kwargs):
        threads.add(get_ident())

    def done(**kwargs):
        threads.discard(get_ident())

    request_started.connect(begun)
    request_finished.connect(done)
    yield threads
    request_started.disconnect(begun)
    request_finished.disconnect(done)


@pytest.fixture
def visit(chromium, pages_in_hand, live_server):
    """`visit("hoa")`: Hoa at a desk, signed in; `width=PHONE` for a telephone; `visit()` for a
    stranger. A page still being made for a browser that has gone is waited for at the end: the
    rows that it reads are deleted next."""
    here = []

    def begin(username=None, width=DESK, password=PASSWORD):
        here.append(Visitor(chromium, live_server.url, width))
        if username:
            here[-1].sign_in(username, password)
        return here[-1]

    yield begin
    for visitor in here:
        visitor.context.close()
    until(lambda: not pages_in_hand - {get_ident()})
    for visitor in here:
        assert visitor.complaints == []
