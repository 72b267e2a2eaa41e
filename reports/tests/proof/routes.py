"""Every route of the URL resolver, and the objects that its arguments may name.

Routes are walked, not listed. What an argument means is taught once, in the tables below; a
route with an argument that nobody taught stops the proof with a sentence.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import quote, urlencode

from django.contrib import admin
from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLResolver
from django.utils.http import urlsafe_base64_encode
from django.utils.regex_helper import normalize

from .oracle import MISSING, RELATIONS
from .world import our_models

NO_ID = 987_654_321
NO_UUID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Subject:
    """What an argument may name: things of these kinds, by one of their fields.

    `is_open`: anybody who has signed in may name any of them (the directory). `by_help`: also
    units that one of her own helps now, or is helped by. `by_reach`: also units where something
    is given or done that she may read of, and those above them.
    """

    kinds: tuple
    by: str = "pk"
    missing: object = NO_ID
    is_open: bool = False
    by_help: bool = False
    by_reach: bool = False
    written: Callable = str

    def value(self, thing):
        return self.written(getattr(thing.row, self.by))


UNIT = Subject(("unit",), "slug", "khong-co-don-vi-nay")
HELPED = Subject(("unit",), "slug", "khong-co-don-vi-nay", by_help=True)
REACHED = Subject(("unit",), "slug", "khong-co-don-vi-nay", by_reach=True)
DIRECTORY = Subject(("unit",), "slug", "khong-co-don-vi-nay", is_open=True)
PROGRAM = Subject(("program",), "slug", "khong-co-chuong-trinh-nay")
ASSIGNMENT = Subject(("assignment",))
CONDITION = Subject(("condition",))
PARTNER = Subject(("partner",))
CONTENT = Subject(("content",))
PLAN = Subject(("plan",))
TARGET = Subject(("target",))
ITEM = Subject(("item",))
DELIVERY = Subject(("delivery",))
DELIVERY_FILE = Subject(("delivery file",), missing=NO_UUID)
INVITATION = Subject(("invitation",))
REPORT = Subject(("report",))
REPORT_FILE = Subject(("report file",), missing=NO_UUID)
PROPOSAL = Subject(("proposal",))
NOTICE = Subject(("notice",))
BRIEFING = Subject(("briefing",))
CONCLUSION = Subject(("conclusion",))
FORM_SECTION = Subject(("form section",))
FORM_HEADING = Subject(("form heading",))
FORM_DRAFT_LINE = Subject(("form draft line",))
FORM_RULE = Subject(("form rule",))
DONOR = Subject(("donor",))
CONTRIBUTION = Subject(("contribution",))
ENTRY = Subject(("entry",))
RECORD = Subject(("record",))
CONSENT = Subject(("consent",))
SPONSORSHIP = Subject(("sponsorship",))
PAYMENT = Subject(("payment",))
FORM = Subject(("form",), "code", "khong-co-bieu-mau-nay")
EXPORT = Subject(("export",))
FROZEN = Subject(("frozen summary",))
UPLOAD = Subject(("upload",))
READING = Subject(("reading",))
NOTIFICATION = Subject(("notification",))
PERSON = Subject(("name",))
POSITION = Subject(("position",))
DECREE = Subject(("decree",))
DECREE_LINE = Subject(("decree line",))
DECREE_UNIT = Subject(("decree unit",))
DECREE_RUN = Subject(("decree run",))


def as_in_letters(pk):
    """A person's id as the letter about a forgotten password writes it."""
    return urlsafe_base64_encode(str(pk).encode())


LETTER_ID = Subject(("name",), missing=as_in_letters(NO_ID), written=as_in_letters)
FILE = Subject(("file", "personal file"), missing=NO_UUID)

# (route, argument) → what it names. Routes by name, with * as in a shell; first match counts.
ARGUMENTS = [
    ("people:list_slips", "pk", UPLOAD),
    ("people:*", "pk", PERSON),
    ("people:*", "position", POSITION),
    ("password_reset_confirm", "uidb64", LETTER_ID),
    ("branches:branch_detail", "slug", DIRECTORY),
    ("branches:branch_*", "slug", UNIT),
    ("branches:file_download", "pk", FILE),
    ("programs:branch_panel", "slug", HELPED),
    ("programs:assignment_list", "slug", PROGRAM),
    ("programs:assignment_create", "slug", PROGRAM),
    ("programs:assignment_*", "pk", ASSIGNMENT),
    ("programs:condition_create", "pk", ASSIGNMENT),
    ("programs:condition_update", "pk", CONDITION),
    ("programs:partner_create", "slug", UNIT),
    ("programs:partner_update", "pk", PARTNER),
    ("programs:support_detail", "slug", REACHED),
    ("programs:item_*", "pk", ITEM),
    ("programs:delivery_create", "pk", ITEM),
    ("programs:delivery_file", "pk", DELIVERY_FILE),
    ("programs:delivery_*", "pk", DELIVERY),
    ("programs:invitation_*", "pk", INVITATION),
    ("guest:delivery", "pk", DELIVERY),
    ("guest:file", "pk", DELIVERY_FILE),
    ("programs:donor_*", "pk", DONOR),
    ("programs:contribution_*", "pk", CONTRIBUTION),
    ("programs:entry_*", "pk", ENTRY),
    ("programs:beneficiary_create", "slug", PROGRAM),
    ("programs:beneficiary_*", "pk", RECORD),
    ("programs:consent_create", "pk", RECORD),
    ("programs:consent_*", "pk", CONSENT),
    ("programs:sponsorship_*", "pk", SPONSORSHIP),
    ("programs:payment_*", "pk", PAYMENT),
    ("programs:reading_*", "pk", READING),
    ("programs:part_*", "pk", CONTENT),
    ("programs:cited", "pk", TARGET),
    ("programs:document_file", "pk", PLAN),
    ("programs:target_*", "pk", TARGET),
    ("programs:*", "slug", PROGRAM),
    ("reports:reorganisation_unit_create", "pk", DECREE),
    ("reports:reorganisation_unit_*", "pk", DECREE_UNIT),
    ("reports:reorganisation_ending_create", "pk", DECREE),
    ("reports:reorganisation_ending_*", "pk", DECREE_LINE),
    ("reports:reorganisation_run*", "pk", DECREE_RUN),
    ("reports:reorganisation_*", "pk", DECREE),
    ("reports:waiting_list", "slug", UNIT),
    ("reports:branch_panel", "slug", UNIT),
    ("reports:target_panel", "slug", PROGRAM),
    ("reports:figure_panel", "slug", PROGRAM),
    ("reports:program_panel", "slug", PROGRAM),
    ("reports:report_files_add", "pk", REPORT),
    ("reports:report_file*", "pk", REPORT_FILE),
    ("reports:report_word_texts", "pk", REPORT_FILE),
    ("reports:report_*", "pk", REPORT),
    ("reports:proposal_*", "pk", PROPOSAL),
    ("reports:briefing_create", "slug", UNIT),
    ("reports:briefing_pack", "slug", UNIT),
    ("reports:briefing_*", "pk", BRIEFING),
    ("reports:conclusion_*", "pk", CONCLUSION),
    ("reports:notice_create", "slug", UNIT),
    ("reports:notice_*", "pk", NOTICE),
    ("reports:form_*", "form", FORM),
    ("reports:form_section", "pk", FORM_SECTION),
    ("reports:form_line_create", "pk", FORM_SECTION),
    ("reports:form_heading_create", "pk", FORM_SECTION),
    ("reports:form_cells", "pk", FORM_SECTION),
    ("reports:form_heading", "pk", FORM_HEADING),
    ("reports:form_line", "pk", FORM_DRAFT_LINE),
    ("reports:form_rule", "pk", FORM_RULE),
    ("reports:form_move", "pk", FORM_SECTION),
    ("reports:form_remove", "pk", FORM_SECTION),
    ("reports:period_*", "form", FORM),
    ("reports:summary_frozen*", "pk", FROZEN),
    ("reports:summary_*", "form", FORM),
    ("reports:summary_*", "slug", UNIT),
    ("reports:export_create", "form", FORM),
    ("reports:export_create", "slug", UNIT),
    ("reports:export_*", "pk", EXPORT),
    ("reports:upload_*", "pk", UPLOAD),
    ("reports:notification_read", "pk", NOTIFICATION),
]
# Arguments that name nobody's row: a word to put there and one that is not known.
PLAIN = [
    ("programs:part_*", "kind", "contents", "khong-co"),
    ("programs:cited", "kind", "targets", "khong-co"),
    ("reports:*", "period", "2021-01", "1999-01"),
    ("reports:form_version", "number", "1", "9"),
    ("reports:form_*", "kind", "section", "khong-co"),
    ("reports:summary_rows", "indicator", "kinh_phi", "khong-co"),
    ("reports:summary_write", "heading", "results", "khong-co"),
    ("password_reset_confirm", "token", "abc-123", "set-password"),
    ("account_confirm", "token", "abc-123", "khong-dung"),
    ("guest:open", "token", "0" * 32, "khong-dung"),
    ("admin:app_list", "app_label", "branches", "auth"),
    ("admin/*", "url", "khong-co-trang-nay/", "khong-co/"),
]
# What a page reads from the part after "?": asked once without and once for each line.
QUERIES = [
    ("programs:program_create", "owner", UNIT),
    ("programs:line_row", "owner", UNIT),
    ("programs:outside_panel", "branch", HELPED),
    ("programs:milestone_row", "owner", UNIT),
    ("programs:plan_check", "owner", UNIT),
    ("reports:upload_create", "program", PROGRAM),
    ("reports:upload_template", "program", PROGRAM),
    ("reports:upload_template", "branch", UNIT),
    ("reports:notice_create", "replaces", NOTICE),
    ("reports:report_list", "branch", UNIT),
    ("reports:report_list", "form", FORM),
    ("branches:branch_search", "q", DIRECTORY),
    ("branches:branch_list", "q", DIRECTORY),
]
# Pages of the admin name their rows by id; of these models all that there is is the
# installation's own, of no unit.
OF_NO_UNIT = {"level", "indicator", "needreason", "grade", "criterion", "itemkind", "holiday"}
KINDS_OF_MODEL = {
    "branch": ("unit",), "team": ("team",), "user": ("name",), "position": ("position",),
    "program": ("program",), "quotaline": ("line",), "milestone": ("milestone",),
    "plandocument": ("plan",), "assignment": ("assignment",), "reportform": ("form",),
    "period": ("period",), "report": ("report",), "outbox": ("letter",),
    "department": ("department",), "reorganisation": ("decree",), "periodrule": ("rule",),
}  # fmt: skip


class NotTaught(AssertionError):
    """A route or an argument of which the tables above know nothing."""


@dataclass(frozen=True)
class Route:
    """`key`: its name with the namespace, or its address when it has no name; `address`: with
    %(argument)s in the places of its arguments."""

    key: str
    address: str
    arguments: tuple

    def path(self, values):
        return "/" + self.address % {name: quote(str(v), safe="/") for name, v in values.items()}


@dataclass(frozen=True)
class Address:
    """One way to ask a route: where the named row stands and whether it may be read.

    `twin`: the same address naming something that does not exist, when the row is foreign.
    """

    route: Route
    url: str
    relation: str
    thing: object = None
    is_foreign: bool = False
    twin: str = ""
    said: str = ""  # the argument itself; of the twin: `twin_said`
    twin_said: str = ""


# --- Walking ----------------------------------------------------------------------------------


def all_routes(patterns=None, address="", namespace=""):
    """Every leaf of the resolver as a Route."""
    found = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = address + template_of(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += all_routes(pattern.url_patterns, here, inner)
        else:
            key = f"{namespace}{pattern.name}" if pattern.name else here
            found.append(Route(key, here, tuple(re.findall(r"%\((\w+)\)s", here))))
    return found


def template_of(pattern):
    """`<slug:slug>/edit/` or a regular expression as `%(slug)s/edit/`."""
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:\w+:)?(\w+)>", r"%(\1)s", str(pattern).replace("%", "%%"))
    return normalize(pattern.regex.pattern)[0][0]


# --- Teaching ---------------------------------------------------------------------------------


def taught(table, route, argument):
    for known, name, *rest in table:
        if name == argument and fnmatchcase(route.key, known):
            return rest
    return None


def subject_of(route, argument):
    """The Subject of an argument, or (a word, a missing word), or NotTaught."""
    if argument == "object_id" or (argument == "id" and route.key.startswith("admin:auth_user")):
        return subject_of_admin(route)
    found = taught(ARGUMENTS, route, argument)
    plain = taught(PLAIN, route, argument)
    if found is None and plain is None:
        raise NotTaught(
            f"The access proof does not know what <{argument}> of the route {route.key} "
            f"(/{route.address}) names. Teach it in reports/tests/proof/routes.py."
        )
    return found[0] if found else tuple(plain)


def subject_of_admin(route):
    model = "user" if "auth_user" in route.key or "auth/user" in route.key else ""
    named = re.match(r"admin/(?:\w+)/(\w+)/", route.address)
    model = model or (named[1] if named else "")
    if model in OF_NO_UNIT:
        return Subject((model,), is_open=True)
    if model not in KINDS_OF_MODEL:
        raise NotTaught(
            f"The access proof does not know whose the rows of {model} are, which the route "
            f"{route.key} names. Teach it in KINDS_OF_MODEL of reports/tests/proof/routes.py."
        )
    return Subject(KINDS_OF_MODEL[model])


def untaught_routes():
    """Sentences about what the tables do not know; [] is what they should say."""
    sentences = []
    for route in all_routes():
        for argument in route.arguments:
            try:
                subject_of(route, argument)
            except NotTaught as error:
                sentences.append(str(error))
    known = {model._meta.model_name for model in our_models()} | {"group"}
    for model in admin.site._registry:
        if model._meta.model_name not in known:
            sentences.append(f"{model._meta.label} in the admin is of an app unknown here.")
    return sentences


def lines_that_match_nothing():
    """Lines of the tables for routes that are gone: a table is kept clean."""
    routes = all_routes()
    named = [(known, name) for known, name, *_ in [*ARGUMENTS, *PLAIN]]
    return [
        (known, name)
        for known, name in named
        if not any(fnmatchcase(r.key, known) and name in r.arguments for r in routes)
    ]


# --- Addresses --------------------------------------------------------------------------------


def addresses(route, identity, world, most=2):
    """Addresses of the route for this person: each argument over all relations in turn, the
    other arguments naming what is hers."""
    subjects = {name: subject_of(route, name) for name in route.arguments}
    queries = [(name, subject) for key, name, subject in QUERIES if fnmatchcase(route.key, key)]
    own = {name: own_value(subject, identity, world) for name, subject in subjects.items()}
    asked = {name: own_value(subject, identity, world) for name, subject in queries}
    found = []
    for name, subject in [*subjects.items(), *queries]:
        for relation, value, thing in values_of(subject, identity, world, most):
            values, query = dict(own), dict(asked)
            (values if name in subjects else query)[name] = value
            found.append(make(route, values, query, name, subject, relation, thing, identity))
    if not subjects:
        found.append(Address(route, route.path({}), "own"))
    return list({(a.url, a.relation): a for a in found}.values())


def make(route, values, query, name, subject, relation, thing, identity):
    url = url_of(route, values, query)
    is_foreign = (
        isinstance(subject, Subject)
        and thing is not None
        and not subject.is_open
        and not identity.may_read(thing)
        and not (subject.by_help and thing.unit in identity.helping)
        and not (subject.by_reach and thing.unit in identity.reached)
    )
    twin = ""
    said = str((values if name in values else query)[name])
    if is_foreign:
        side = values if name in values else query
        twin = url_of(
            route,
            {**values, name: subject.missing} if side is values else values,
            {**query, name: subject.missing} if side is query else query,
        )
    missing = str(subject.missing) if is_foreign else ""
    return Address(route, url, relation, thing, is_foreign, twin, said, missing)


def url_of(route, values, query):
    return route.path(values) + (f"?{urlencode(query)}" if query else "")


def own_value(subject, identity, world):
    """What stands in the address beside the argument that is being tried."""
    if isinstance(subject, tuple):
        return subject[0]
    things = [t for t in rows_of(subject, world) if t.unit == identity.home and not t.is_draft]
    mine = [t for t in things if identity.may_read(t)] or things
    return subject.value(mine[0]) if mine else subject.missing


def rows_of(subject, world):
    return world.of_kind(*subject.kinds)


def values_of(subject, identity, world, most):
    """(relation, value, thing) over all relations; at most `most` things of each."""
    if isinstance(subject, tuple):
        return [("own", subject[0], None), (MISSING, subject[1], None)]
    found = {relation: [] for relation in RELATIONS}
    for thing in rows_of(subject, world):
        found[identity.relation_to(thing.unit)].append(thing)
    rows = [
        (relation, subject.value(thing), thing)
        for relation, things in found.items()
        for thing in spread(things, most)
    ]
    return [*rows, (MISSING, subject.missing, None)]


def spread(things, most):
    """At most `most` of them, from all over the list."""
    if len(things) <= most:
        return things
    return [things[round(n * (len(things) - 1) / max(most - 1, 1))] for n in range(most)]
