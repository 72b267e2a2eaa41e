"""Privacy: every GET route of the site, asked as everybody, tells of the people helped what the
rules in words allow, and nothing else; each look leaves its row.

Two children of neighbouring communes are written with words that stand nowhere else. Routes
come from the URL resolver, so a new page walks along by itself. It stands here, on the top
floor, because exports, letters and the whole site are walked.
"""

import logging
from dataclasses import dataclass
from datetime import date
from itertools import product

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.timezone import localdate

from branches.models import StoredFile
from programs.models import (
    Beneficiary,
    Consent,
    ItemKind,
    Payment,
    RecordView,
    Sponsorship,
)
from programs.services import add_item, invite_guest, record_delivery
from programs.tests.conftest import build_program
from programs.tests.people_helped import agreed, child_of, donor_of, sponsored
from reports.exporters import write_export
from reports.models import Export, Notification
from reports.services import open_period
from reports.tasks import post_letters, send_reminders

from .conftest import moment, month_of
from .proof.prober import text_of
from .proof.routes import all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.once]

EVERYBODY = (
    "anonymous", "an", "binh", "cuc", "dung", "giang", "ha", "hoa", "nga", "phuong", "lan",
    "xuan", "mai", "guest",
)  # fmt: skip
# Officers over the child's unit open a record; the sensitive part only those nearest to it.
MAY_OPEN = {"ward": {"hoa", "giang", "an"}, "next": {"nga", "giang", "an"}}
MAY_OPEN_ALL = {"ward": {"hoa", "an"}, "next": {"nga", "an"}}
# The pages that show a record's basic part.
RECORD_PAGES = {"programs:beneficiary_detail", "programs:beneficiary_update"}


@dataclass
class Canary:
    """A child and the words that tell of her; `asked` is what a search is tried with."""

    key: str
    row: Beneficiary
    asked: str
    basic: set
    hidden: set  # sensitive words, and the numbers that are shown masked

    @property
    def words(self):
        return {self.asked} | self.basic | self.hidden


def canary(key, program, branch, by, number):
    def word(name):
        return f"zq{name}{number}qz"

    row = child_of(
        program,
        branch,
        by,
        agreed(given_by=word("giver"), how=word("paper")),
        full_name=f"Nguyễn {word('asked')} {word('name')}",
        address=word("address"),
        guardian=word("guardian"),
        school=word("school"),
        phone=f"0905123{number}1",
        identity_number=f"0483160{number}123",
        circumstances=word("circumstances"),
        ethnicity=word("ethnicity"),
        orphan_cause=word("cause"),
    )
    basic = {word(name) for name in ("name", "address", "guardian", "school", "giver", "paper")}
    hidden = {word(name) for name in ("circumstances", "ethnicity", "cause")}
    return Canary(key, row, word("asked"), basic, hidden | {row.phone, row.identity_number})


@pytest.fixture
def program(units, people):
    return build_program(units, people.an)


@pytest.fixture
def canaries(units, people, program):
    found = [
        canary("ward", program, units.tho_quang, people.hoa, 11),
        canary("next", program, units.man_thai, people.nga, 22),
    ]
    children = [child.row for child in found]
    sponsored(program, donor_of(units.da_nang), children, people.an, monthly=300_000)
    return found


@pytest.fixture
def export(form, people, units, canaries):
    period = month_of(form, 2021, 3)
    open_period(period=period, by=people.dung, at=moment(2021, 3, 1))
    made = Export.objects.create(
        kind="summary", period=period, branch=units.da_nang, asked_by=people.cuc, total=1
    )
    write_export(made)
    return made


class Walk:
    """Asks as one person after the other; `told`: (route, person, child) → which words."""

    def __init__(self, client, people, canaries, options, invited):
        self.client, self.people, self.canaries = client, people, canaries
        self.invited = invited
        self.options = options
        self.told, self.answers, self.asked = {}, 0, 0

    def sign_in(self, name):
        self.client.logout()
        if name == "guest":
            invitation, code = self.invited
            self.client.get(reverse("guest:open", args=[invitation.token]))
            assert self.client.post(reverse("guest:home"), {"code": code}).status_code == 302
        elif name != "anonymous":
            self.client.force_login(getattr(self.people, name))

    def everything(self, name):
        self.sign_in(name)
        for route in all_routes():
            for url in self.addresses(route):
                self.ask(name, route.key, url)

    def child(self, key):
        return next(child for child in self.canaries if child.key == key)

    def words_in(self, texts):
        said = " ".join(texts)
        return {word for child in self.canaries for word in child.words if word in said}

    def addresses(self, route):
        """Each argument over what it may name; then a search for a child by half her name."""
        values = [self.options(route, argument) for argument in route.arguments]
        for chosen in product(*values):
            yield route.path(dict(zip(route.arguments, chosen, strict=True)))
        if not {"pk", "object_id"} & set(route.arguments):
            first = route.path({a: v[0] for a, v in zip(route.arguments, values, strict=True)})
            yield f"{first}?q={self.canaries[0].asked}"

    def ask(self, name, key, url, method="get", data=None):
        answer = getattr(self.client, method)(url, data or {})
        self.asked += 1
        text = text_of(answer.getvalue()) + str(answer.headers)
        said = url.partition("?q=")[2]
        for child in self.canaries:
            words = {word for word in child.words - {said} if word in text}
            if words:
                self.answers += 1
                self.told.setdefault((key, name, child.key), set()).update(words)
        return answer


@pytest.fixture
def invited(program, units, people, canaries):
    """Somebody without an account is asked about a gift to the first child's commune:
    (the invitation, its code)."""
    item = add_item(
        program=program, giver=units.son_tra, places=[units.tho_quang], what="50 suất quà",
        kind=ItemKind.objects.get(code="qua"), by=people.an,
    )  # fmt: skip
    delivery = record_delivery(
        item=item, place=units.tho_quang, given_on=date(2021, 3, 1), by=people.giang,
    )  # fmt: skip
    return invite_guest(
        deliveries=[delivery], guest_name="Lò Thị Pành", guest_office="Hiệu trưởng",
        ends_on=localdate(), by=people.giang, today=localdate(),
    )  # fmt: skip


@pytest.fixture
def walk(client, people, units, program, canaries, export, invited):
    models = (Beneficiary, Consent, Sponsorship)
    ids = {row.pk for model in models for row in model._base_manager.all()}
    ids.add(Payment.objects.first().pk)
    named = {
        "slug": [program.slug, units.tho_quang.slug],
        "form": [export.period.form.code],
        "period": [export.period.code],
        "indicator": ["kinh_phi"],
        "app_label": ["programs"],
        "token": [invited[0].token, "x"],
    }
    asked_about = invited[0].deliveries.get()

    def options(route, argument):
        if route.key == "branches:file_download":
            return StoredFile.objects.values_list("pk", flat=True)
        if route.key == "guest:delivery":
            return sorted({asked_about.pk} | ids)
        if argument == "pk" and route.key.startswith("programs:"):
            return sorted(ids)
        if route.key == "reports:export_detail":
            return [export.pk]
        if argument in ("pk", "object_id"):
            return [canaries[0].row.pk]
        return named.get(argument, ["x"])

    return Walk(client, people, canaries, options, invited)


@pytest.mark.parametrize("name", EVERYBODY)
def test_no_page_names_a_child_but_her_record_for_its_officers(walk, name, caplog):
    caplog.set_level(logging.INFO)

    walk.everything(name)

    allowed = {
        (page, name, child.key)
        for child in walk.canaries
        for page in RECORD_PAGES
        if name in MAY_OPEN[child.key]
    }
    assert set(walk.told) == allowed
    for (page, _, key), words in walk.told.items():
        child = walk.child(key)
        assert words & child.hidden == set()
        assert words - {child.asked} <= child.basic, page
    assert RecordView.objects.count() == walk.answers == len(allowed)
    assert walk.asked > 300
    assert walk.words_in(record.getMessage() for record in caplog.records) == set()


def test_no_letter_and_no_notice_names_a_child(walk):
    send_reminders("2021-03-18")
    post_letters()

    assert mail.outbox
    said = [f"{letter.subject} {letter.body}" for letter in mail.outbox]
    said += Notification.objects.values_list("text", flat=True)
    assert walk.words_in(said) == set()


def test_the_sensitive_part_is_told_to_those_nearest_and_each_look_is_noted(walk):
    for name in EVERYBODY:
        walk.sign_in(name)
        for child in walk.canaries:
            url = reverse("programs:beneficiary_sensitive", args=[child.row.pk])
            walk.ask(name, "with a purpose", url, "post", {"purpose": "xét học bổng"})

    allowed = {
        ("with a purpose", name, child.key)
        for child in walk.canaries
        for name in MAY_OPEN_ALL[child.key]
    }
    assert set(walk.told) == allowed
    for (_, _, key), words in walk.told.items():
        assert words == walk.child(key).words
    noted = {(view.by.username, view.purpose) for view in RecordView.objects.select_related("by")}
    assert noted == {(name, "xét học bổng") for name in ("hoa", "nga", "an")}
    assert RecordView.objects.filter(is_sensitive=True).count() == walk.answers == 4


def test_without_a_purpose_the_sensitive_part_stays_shut(walk):
    walk.sign_in("hoa")
    child = walk.canaries[0]
    url = reverse("programs:beneficiary_sensitive", args=[child.row.pk])

    answers = [walk.ask("hoa", "without", url, "post", {"purpose": said}) for said in ("", "  ")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert walk.told["without", "hoa", "ward"] & child.hidden == set()
    assert RecordView.objects.filter(is_sensitive=False).count() == 2
    page = answers[0].content.decode()
    assert "Chị ghi giúp mục đích xem phần nhạy cảm." in page
    assert "•" * 7 + child.row.phone[-3:] in page
    assert child.row.phone not in page


def test_pages_about_people_are_kept_in_no_cache(walk):
    walk.sign_in("hoa")
    row = walk.canaries[0].row

    kept = [
        walk.client.get(url).headers["Cache-Control"]
        for url in (
            row.get_absolute_url(),
            reverse("programs:beneficiary_update", args=[row.pk]),
            reverse("programs:people_list", args=[row.program.slug]),
            reverse("programs:sponsorship_list", args=[row.program.slug]),
        )
    ]

    assert set(kept) == {"no-store, private"}


def test_the_walk_finds_a_page_that_tells_too_much(walk, units, monkeypatch):
    """It can fail: a list that called a record by its name would be found."""
    monkeypatch.setattr(Beneficiary, "__str__", lambda self: self.full_name)
    walk.sign_in("lan")
    row = Sponsorship.objects.first()
    row.sponsor.branch = units.thanh_binh
    row.sponsor.save()

    walk.ask("lan", "programs:sponsorship_detail", row.get_absolute_url())

    assert set(walk.told) == {("programs:sponsorship_detail", "lan", "ward")}
