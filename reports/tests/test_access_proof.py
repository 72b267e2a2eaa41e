"""A fixed sample of the access proof, and proof that it can fail.

`make proof` asks everything; see `reports/tests/proof/`.
"""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.test import override_settings
from django.urls import path

from branches import admin as branches_admin
from branches.models import Branch
from hoiphunu.tests.fast import QUICK_HASHERS
from hoiphunu.urls import urlpatterns as real_patterns
from programs.models import Delivery, Invitation, Program
from reports.models import Report
from reports.querysets import ReportQuerySet

from .proof import routes
from .proof.pages import forms_of
from .proof.probes import Proof, Settings
from .proof.world import World

SAMPLE = Settings(
    most=1,
    routes=900,
    per_route=1,
    form_people=("officer of the ward", "administrator of the district"),
    states=1,
    tries=1,
    per_field=1,
    per_form=4,
    models=1,
    names=1,
    parameters=6,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]


# --- Pages that leak, for the proof to find -------------------------------------------------


def tell_all(request, pk):
    """A page that asks for the row without asking whose it is."""
    return HttpResponse(Report.objects.filter(pk=pk).values_list("results", flat=True))


def tell_that_it_exists(request, pk):
    """403 for a foreign row, 404 for a missing one."""
    if not Report.objects.filter(pk=pk).exists():
        raise Http404
    if not Report.objects.visible_to(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return HttpResponse("ok")


def change_any(request, slug):
    if request.method == "POST":
        Program.objects.filter(slug=slug).update(contact="mới")
    return HttpResponse("ok")


def break_down(request, pk):
    raise ZeroDivisionError


urlpatterns = [
    *real_patterns,
    path("thu/all/<int:pk>/", tell_all, name="leak_all"),
    path("thu/exists/<int:pk>/", tell_that_it_exists, name="leak_exists"),
    path("thu/change/<slug:slug>/", change_any, name="leak_change"),
    path("thu/break/<int:pk>/", break_down, name="leak_break"),
]
TAUGHT = [("leak_change", "slug", routes.PROGRAM), ("leak_*", "pk", routes.REPORT)]


@pytest.fixture
def with_leaks(settings, monkeypatch):
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(routes, "ARGUMENTS", [*TAUGHT, *routes.ARGUMENTS])


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world and its files, made once for this file and taken back at its end."""
    files = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=files, PASSWORD_HASHERS=QUICK_HASHERS):
            made = World()
        yield made, files
        transaction.set_rollback(True)


@pytest.fixture
def world(built, db, settings):
    made, settings.MEDIA_ROOT = built
    return made


def found_by(world, **settings):
    return Proof(
        world, Settings(**{"most": 1, "form_people": ("nobody",), "parameters": 0} | settings)
    ).run()


# --- The sample -----------------------------------------------------------------------------------


def test_nobody_reads_or_changes_what_is_not_hers(world):
    proof = Proof(world, SAMPLE).run()

    assert proof.failures == []
    assert sum(proof.counts.values()) >= 2000
    assert proof.counts["twins"] >= 200
    assert proof.facts["foreign ids refused"] >= 100


def test_a_guest_reads_what_she_is_asked_about_and_nothing_else_anywhere(world):
    proof = Proof(world, Settings(most=1, askers=("guest",), letters=False)).run()

    assert proof.failures == []
    assert proof.seen == proof.people["guest"].readable != set()
    assert "guest:delivery" in proof.accepted
    assert proof.counts["twins"] >= 200


def test_every_route_and_argument_is_known_to_the_proof():
    assert routes.untaught_routes() == []
    assert routes.lines_that_match_nothing() == []


# --- It can fail ----------------------------------------------------------------------------------


def test_pages_that_tell_change_or_break_are_found(world, with_leaks):
    failures = found_by(world, only="leak_*").failures

    for said in (
        "tells report of",  # a page without scope
        "but 404 for what does not exist",  # foreign and missing told apart
        "changes program of",  # a foreign row changed
        "ZeroDivisionError",
    ):
        assert any(said in failure for failure in failures), said


def test_a_queryset_that_shows_everything_is_found(world, monkeypatch):
    monkeypatch.setattr(ReportQuerySet, "visible_to", lambda self, user: self.all())

    proof = found_by(world, only="reports:report_detail", routes=200)

    assert any("tells" in failure and "report of" in failure for failure in proof.failures)


def test_a_guest_who_is_shown_all_is_found(world, monkeypatch):
    monkeypatch.setattr(Invitation, "shown", lambda self: Delivery.objects.all())

    proof = found_by(world, only="guest:*", askers=("guest",))

    for said in ("tells item name of", "but 404 for what does not exist"):
        assert any(said in failure for failure in proof.failures), said


def test_a_form_that_takes_a_foreign_id_is_found(world, monkeypatch):
    def everywhere(request):
        return Branch.objects.all()

    monkeypatch.setattr(branches_admin, "administered_branches", everywhere)

    proof = found_by(
        world,
        only="admin:branches_team_add",
        routes=0,
        per_route=0,
        form_people=("administrator of the district",),
    )

    assert any("takes unit of" in failure for failure in proof.failures)


def test_an_argument_that_nobody_taught_stops_the_proof_with_a_sentence(settings):
    settings.ROOT_URLCONF = __name__

    sentences = routes.untaught_routes()

    assert len(sentences) == 4
    assert sentences[0].startswith(
        "The access proof does not know what <pk> of the route leak_all (/thu/all/%(pk)s/) names."
    )


def test_a_form_is_read_as_a_browser_would_send_it():
    [form] = forms_of(
        """<form method="post" action="/x/" id="f"><input type="hidden" name="a" value="1">
        <select name="b"><option value="2">Hai<option value="3" selected>Ba</select>
        <input type="checkbox" name="c" value="4" checked><input type="checkbox" name="c" value="5">
        <textarea name="d">Lời</textarea><button name="e" value="6">Lưu</button></form>
        <input name="g" value="7" form="f">"""
    )

    assert (form.method, form.action, form.buttons) == ("post", "/x/", [("e", "6")])
    assert form.sent() == {"a": ["1"], "b": ["3"], "c": ["4"], "d": ["Lời"], "g": ["7"]}
