"""The classes of probes, and what they come to.

routes        every route × method × identity × relation of the object that it names
twins         of those, foreign objects beside missing ones: the answers must be the same
parameters    what may be written after "?": searches, orders, pages, filters, ways out
names         each parameter that a page looks for, naming what is foreign
autocomplete  the admin's lists of choices, for every field that names another row
forms         each form of each page as it stands, once for each of its buttons
foreign ids   the same forms, each field in turn naming what is not hers
mixed         several ids at once, one of them foreign
model fields  the same forms with every field of every model thrown in
letters       reminders, in the hands of those who get them
"""

import io
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.urls import Resolver404, resolve
from django.utils.timezone import localdate
from openpyxl import Workbook
from PIL import Image

from branches.models import Branch, StoredFile, User
from reports.tasks import send_reminders

from .oracle import BELOW, FAR, OWN, SIBLING, UP, Identity, identities
from .pages import Field, forms_of
from .prober import Prober, is_off_site
from .routes import NO_ID, addresses, all_routes, untaught_routes
from .world import our_models

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
NOBODYS_WORD = "zq9999qz"  # of no text: what a search for it gives is what "nothing" looks like

# Written after "?" on every page that she may open.
ODD_QUERIES = [
    "page=-1", "page=abc", "page=99999", "p=abc", "p=-5", "o=abc", "o=99.-99", "all=", "e=1",
    "_popup=1", "_to_field=password", "_to_field=id", "_changelist_filters=x%3D1", "_facets=True",
    "next=https://example.com/", "next=//example.com/", "ordering=user__password", "tab=all",
    "over=year", "outcome=error", "level=xa", "level=khong-co", "status=late", "mine=", "pick=",
    "district=abc", "quota=abc", "kind=team", "state=doubled", "owner=khong-co", "program=khong-co",
    "branch=khong-co", "form=khong-co", "period=khong-co", "id__in=1,a", "pk=abc", "q=%F0%9F%98%80",
    "q=" + "a" * 3000, "lines-TOTAL_FORMS=99999999999", "format=json", "day=abc", "on=2021-13-45",
    "geography=now", "as_of=abc", "year=abc",
]  # fmt: skip
SEARCHES = {"q", "term", "words", "to_text"}
SECRET = ("__startswith=md5%24", "__startswith=zzz%24")  # how passwords begin, and do not
# Ends of tables with what a row named at one time: they hang on the history's ids, always new.
OF_A_HISTORY = ("_levels", "_parents", "_places", "_partners", "_reasons", "_criteria")
CHOSEN = {"levels", "children"}  # of these lists one at least must be ticked
PASSED_ON = {"csrfmiddlewaretoken"}
# Looked for on every page of the admin; tried among the odd queries.
NAMES_OF_DJANGO = {"_changelist_filters", "_popup", "_to_field", "e", "all", "o", "p", "_facets"}

# What to type into a field that the page leaves blank, by the end of its name.
FILLED = [
    ("_on", "05/03/2021"), ("date", "05/03/2021"), ("username", "nguoi.moi"),
    ("email", "moi@example.org"), ("phone", "0912345678"), ("password1", "Mat-khau-9-moi"),
    ("password2", "Mat-khau-9-moi"), ("old_password", "mat-khau-thu-nghiem"),
    ("number", "77"), ("position", "77"), ("rank", "77"), ("code", "ma-moi"), ("slug", "moi"),
    ("year", "2021"), ("minimum_each", "1"), ("minimum", "1"), ("full_name", "Trần Thị Mới"),
]  # fmt: skip
OWN_THINGS = [
    ("branch", "unit"), ("parent", "unit"), ("owner", "unit"), ("area", "unit"),
    ("user", "name"), ("program", "program"), ("form", "form"), ("place", "unit"),
    ("supporter_branch", "unit"), ("unit", "unit"), ("to", "name"), ("supported", "unit"),
    ("district", "unit"), ("decree", "decree"), ("successor", "decree unit"),
]  # fmt: skip
# What a page wants said besides, so that it saves as it stands; None: nothing at all, LAST: the
# last of what it offers.
LAST = object()
SAID = {
    "account": {"phone": "0912345678", "password": "mat-khau-thu-nghiem"},
    "programs:program_copy": {"ends_on": "2024-12-31"},
    "programs:reading_create": {"text": "Kế hoạch số 5/KH-BTV về giúp chi hội", "file": None},
    "programs:target_create": {
        "parts-0-text": "Thử", "parts-0-shape": "absolute", "parts-0-value": "5",
    },
    "programs:contribution_pledge": {"value": "1000"},
    "programs:contribution_receive": {"value": "1000"},
    "programs:contribution_allot": {"value": "1000", "target": LAST},
    "programs:contribution_give": {"value": "1000"},
    "programs:entry_correct": {"value": "95000000"},
    "programs:consent_create": {"scope": "photo", "relation": "mẹ"},
    "programs:sponsorship_create": {"monthly": "1000", "ends_on": "2021-12-31"},
    "programs:sponsorship_amount": {"monthly": "1000", "from_month": "2021-03-01"},
    "programs:sponsorship_extend": {"ends_on": "2021-06-30"},
    "programs:sponsorship_end": {"ends_on": "2021-02-28"},
    "programs:payment_paid": {"paid": "1000"},
    "guest:delivery": {"is_right": "yes"},
}  # fmt: skip
ODD_VALUES = [(value, None) for value in (str(NO_ID), "abc", "' OR 1=1 --", "-1", "9" * 30)]
# Units that take part in a programme may be named although they are not hers; those of
# another province take part in none of her programmes.
OPEN_FIELDS = dict.fromkeys(
    ("supported", "supported_text", "receiver", "receiver_text", "receivers"), (FAR,)
)


@dataclass
class Settings:
    """How much is asked. The full proof asks everything; the suite a fixed sample."""

    most: int = 2  # objects of each relation
    states: int = 8  # of her own objects, for the forms on their pages
    routes: int | None = None  # route probes in all; None: every one
    per_route: int = 6
    form_people: tuple | None = None  # names of identities who fill in forms; None: all
    tries: int = 5  # pages on which a form is tried until it saves
    per_field: int = 3  # odd values for each field, beside foreign ones of what it means
    per_form: int | None = None  # and in all
    models: int = 8  # whose fields are thrown into each form
    names: int = 6  # foreign values for each name that a page looks for
    parameters: int | None = None
    only: str = "*"  # names of routes, as a shell would match them
    askers: tuple | None = None  # names of identities who ask at all; None: all
    letters: bool = True  # are the reminders read too?
    seed: int = 20261122


@dataclass
class Proof:
    world: object
    settings: Settings = field(default_factory=Settings)
    counts: Counter = field(default_factory=Counter)
    statuses: Counter = field(default_factory=Counter)
    facts: Counter = field(default_factory=Counter)
    failures: list = field(default_factory=list)
    tell: object = lambda *words: None  # where a long run says how far it is

    def __post_init__(self):
        self.people = {
            name: identity
            for name, identity in identities(self.world).items()
            if name in (self.settings.askers or (name,))
        }
        self.prober = Prober(self.world)
        self.random = random.Random(self.settings.seed)
        self.twins, self.reading, self.seen = {}, {}, set()
        self.pages = defaultdict(list)  # identity → [(route, url, html)] that she may open
        self.reads = defaultdict(set)  # (identity, route) → what its pages look for after "?"
        self.accepted, self.refused_as_is, self.passed_over = set(), set(), Counter()

    def run(self):
        self.failures += untaught_routes()
        if self.failures:
            return self  # what is not known cannot be asked
        for identity in self.people.values():
            self.prober.session_of(identity)
        self.prober.remember()
        with self.prober.listening():
            for step in (
                self.ask_routes,
                self.ask_parameters,
                self.ask_autocomplete,
                self.ask_forms,
                self.read_letters,
            ):
                step()
                self.tell(f"  {step.__name__}: {sum(self.counts.values()):,} probes so far")
        if self.prober.task_words:
            self.fail(f"Arguments of background tasks hold texts: {self.prober.task_words}")
        return self

    # --- Verdicts -----------------------------------------------------------------------------

    def fail(self, sentence):
        self.failures.append(sentence)

    def ask(self, kind, identity, method, url, data=None, note=""):
        """One probe of this class, with what must hold of every answer."""
        answer = self.prober.ask(identity, method, url, data)
        self.counts[kind] += 1
        self.statuses[answer.status] += 1
        where = f"{kind}: {identity} {method} {short(url)} {note}→ {answer.status}"
        if answer.status >= 500:
            self.fail(f"{where}\n{answer.error}")
        self.check_words(where, identity, answer, f"{unquote(url)} {data}")
        self.check_changes(where, identity, answer)
        if is_off_site(answer):
            self.fail(f"{where} leads away to {answer.headers['Location']}")
        return answer

    def check_words(self, where, identity, answer, said):
        """No canary but of what she may read; what she said herself tells her nothing."""
        words = self.world.words_in(answer.text)
        self.seen |= words & identity.readable
        leaked = words - identity.readable - self.world.words_in(said)
        if leaked:
            self.facts["leaks"] += 1
            self.fail(f"{where} tells {self.whose(leaked)}")
        for person, text in answer.made:
            told = self.world.words_in(text) - self.readable_by(person)
            if told - self.world.words_in(said):
                self.facts["leaks"] += 1
                self.fail(f"{where} tells {person.username} of {self.whose(told)}")

    def readable_by(self, person):
        """What a person who gets a file, a notice or a letter may read."""
        if person.pk not in self.reading:
            held = tuple(
                (position.role, self.world.key_of(position.branch))
                for position in person.positions.in_force(localdate()).select_related("branch")
            )
            home = held[0][1] if held else "tho_quang"
            self.reading[person.pk] = Identity(person.username, person, held, home, self.world)
        return self.reading[person.pk].readable

    def check_changes(self, where, identity, answer):
        """What stood before and lies outside her territory stays as it is."""
        for table, row in answer.new_rows:
            thing = self.world.by_row.get((table, row[0]))
            if thing is None or thing.to == identity.user or thing.row == identity.user:
                continue
            if identity.guest_of and identity.may_read(thing):
                continue  # what she is asked about is hers to answer
            if not thing.ends & identity.territory_for(thing):
                self.facts["foreign changes"] += 1
                self.fail(f"{where} changes {thing}, which is not hers")

    def whose(self, words):
        return ", ".join(sorted({str(self.world.of_word[word]) for word in words}))

    # --- Routes -------------------------------------------------------------------------------

    def ask_routes(self):
        for name, identity in self.people.items():
            if identity.units and name in (self.settings.form_people or self.people):
                self.open_pages(identity)
        for identity, method, address in self.route_probes():
            data = {"version": "1", "reason": "Thử"} if method == "POST" else None
            answer = self.ask("routes", identity, method, address.url, data)
            if method == "GET" and answer.status == 200 and not address.is_foreign:
                self.keep_page(identity, address, answer)
            if address.is_foreign:
                self.compare(identity, method, address, answer, data)

    def open_pages(self, identity):
        """Pages of every route about what is hers, in all their states, for their forms."""
        for route in self.routes:
            for address in addresses(route, identity, self.world, self.settings.states):
                if address.relation in (OWN, BELOW):
                    answer = self.ask("routes", identity, "GET", address.url)
                    if answer.status == 200:
                        self.keep_page(identity, address, answer)

    @property
    def routes(self):
        return [route for route in all_routes() if fnmatchcase(route.key, self.settings.only)]

    def route_probes(self):
        """(identity, method, address), all of them or the sample."""
        found = []
        for route in self.routes:
            probes = [
                (identity, method, address)
                for identity in self.people.values()
                for address in addresses(
                    route, identity, self.world, self.settings.most if identity.units else 1
                )
                for method in METHODS
            ]
            found.append(probes)
        if self.settings.routes is None:
            return [probe for probes in found for probe in probes]
        return self.sampled(found)

    def sampled(self, found):
        """Some of every route, then more from all over; always the same ones."""
        chosen, rest = [], []
        for probes in found:
            self.random.shuffle(probes)
            chosen += probes[: self.settings.per_route]
            rest += probes[self.settings.per_route :]
        self.random.shuffle(rest)
        return chosen + rest[: max(self.settings.routes - len(chosen), 0)]

    def keep_page(self, identity, address, answer):
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            self.pages[identity.name].append((address.route, address.url, answer.text))
            self.reads[identity.name, address.route.key] |= answer.reads

    def compare(self, identity, method, address, answer, data):
        """Foreign and missing look the same, and neither changes anything."""
        key = (identity.name, method, address.twin)
        if key not in self.twins:
            missing = self.prober.ask(identity, method, address.twin, data)
            self.twins[key] = missing.comparable(address.twin, address.twin_said)
        self.counts["twins"] += 1
        where = f"twins: {identity} {method} {address.url} ({address.thing}) → {answer.status}"
        if answer.comparable(address.url, address.said) != self.twins[key]:
            self.fail(f"{where}, but {self.twins[key][0]} for what does not exist")
        if answer.changed:
            self.fail(f"{where} changes {answer.changed}")

    # --- After "?" ----------------------------------------------------------------------------

    def ask_parameters(self):
        probes = [
            (identity, route, url)
            for identity in self.people.values()
            for route, url in self.openable(identity)
        ]
        if self.settings.parameters is not None:
            self.random.shuffle(probes)
            probes = probes[: self.settings.parameters]
        for identity, route, url in probes:
            is_short = self.settings.parameters is not None or route.arguments
            for odd in ODD_QUERIES[:: 6 if is_short else 1]:
                self.ask("parameters", identity, "GET", joined(url, odd))
            self.ask_searches(identity, route, url)
            self.ask_names(identity, route, url)
            if route.key.endswith("_changelist"):
                self.ask_filters(identity, route, url)

    def openable(self, identity):
        """One address of each route that she may open."""
        found = {}
        for route, url, _ in self.pages[identity.name]:
            found.setdefault(route.key, (route, url))
        return list(found.values())

    def ask_searches(self, identity, route, url):
        """A search for a foreign text finds as much as one for a text that nobody wrote."""
        foreign = sorted(self.world.of_word.keys() - identity.readable)
        words = [word for word in foreign if word.startswith("zq")]
        for name in SEARCHES & self.reads[identity.name, route.key]:
            for word in self.random.sample(words, min(len(words), 3)):
                self.compare_pair(
                    "parameters", identity, url, f"{name}={word}", f"{name}={NOBODYS_WORD}"
                )

    def ask_names(self, identity, route, url):
        """Whatever the page looks for in its address names what is not hers: the answer is that
        for what does not exist, except for units, which anybody may name."""
        path = url.partition("?")[0]
        for name in sorted(self.reads[identity.name, route.key] - NAMES_OF_DJANGO):
            things = self.foreign_things(identity, Field(name, "hidden"), set())
            for value, thing in self.some_values(things):
                query = urlencode({name: value})
                answer = self.ask("names", identity, "GET", joined(path, query), note=f"[{thing}] ")
                if thing.kind != "unit":
                    missing = urlencode({name: NO_ID if value.isdecimal() else "khong-co"})
                    other = self.prober.ask(identity, "GET", joined(path, missing))
                    if blurred(answer, joined(path, query), joined(path, missing)) != blurred(
                        other, joined(path, missing), joined(path, query)
                    ):
                        self.fail(
                            f"names: {identity} GET {short(joined(path, query))} ({thing}) is not "
                            f"answered like {missing}"
                        )

    def some_values(self, things):
        """A few, of different kinds."""
        one = {(thing.kind, value.isdecimal()): (value, thing) for value, thing in things}
        return self.some(list(one.values()), self.settings.names)

    def ask_filters(self, identity, route, url):
        """A filter over what she may not read does not say whether it is so."""
        for path in secret_paths(route):
            is_so, is_not = (f"{path}{end}" for end in SECRET)
            self.compare_pair("parameters", identity, url, is_so, is_not)

    def compare_pair(self, kind, identity, url, one, other):
        one, other = joined(url, one), joined(url, other)
        first = self.ask(kind, identity, "GET", one)
        second = self.ask(kind, identity, "GET", other)
        if blurred(first, one, other) != blurred(second, one, other):
            self.fail(f"{kind}: {identity} is told more by {short(one)} than by {short(other)}")

    def ask_autocomplete(self):
        """Every field that names another row, asked for its choices."""
        fields = [
            (model._meta.app_label, model._meta.model_name, f.name)
            for model in our_models()
            for f in (*model._meta.local_fields, *model._meta.local_many_to_many)
            if f.is_relation
        ]
        people = [i for i in self.people.values() if i.user is not None]
        probes = [(identity, names) for identity in people for names in fields]
        if self.settings.parameters is not None:
            probes = self.some(probes, self.settings.parameters)
        for identity, (app, model, name) in probes:
            query = urlencode({"app_label": app, "model_name": model, "field_name": name})
            for term in ("", "&term=nguyen", "&term=09", "&page=abc"):
                self.ask("autocomplete", identity, "GET", f"/admin/autocomplete/?{query}{term}")

    # --- Forms --------------------------------------------------------------------------------

    def ask_forms(self):
        for identity in self.people.values():
            if not (identity.units or identity.guest_of):
                continue
            if self.settings.form_people is None or identity.name in self.settings.form_people:
                for same in self.forms_for(identity):
                    self.ask_form(identity, same)

    def forms_for(self, identity):
        """Lists of (where it is sent, form): each form, on a few of the pages where it stands."""
        found = defaultdict(dict)
        for _, url, html in self.pages[identity.name]:
            for form in forms_of(html):
                target = urljoin(url, form.action) if form.action else url
                if identity.guest_of and not route_name(target).startswith("guest:"):
                    continue  # the door is for those with an account; it logs what was typed
                found[signature(target, form)].setdefault(target, (target, form))
        return [list(same.values())[: self.settings.tries] for same in found.values()]

    def ask_form(self, identity, same):
        """The form where it saves as it stands, if it does so on any of its pages."""
        url, form = same[0]
        if form.method != "post":
            self.ask_foreign(identity, url, form, self.filled(identity, form, url), None)
            return
        url, form, data, answer = self.that_saves(identity, same)
        name = route_name(url)
        (self.accepted if answer.changed else self.refused_as_is).add(name)
        self.ask_foreign(identity, url, form, data, answer)
        self.ask_mixed(identity, url, form, data)
        if answer.changed:
            self.ask_model_fields(identity, url, form, data, answer)

    def that_saves(self, identity, same):
        """(url, form, what is sent, answer) of the first that changes something, else the first."""
        asked = []
        for url, form in same:
            data = self.filled(identity, form, url)
            for button in form.buttons or [("", "")]:
                sent = with_button(data, button)
                asked.append((url, form, sent, self.send("forms", identity, url, form, sent)))
            if any(answer.changed for *_, answer in asked):
                break
        return next((one for one in asked if one[-1].changed), asked[0])

    def send(self, kind, identity, url, form, data, note=""):
        if form.method == "post":
            return self.ask(kind, identity, "POST", url, as_sent(form, data), note)
        query = urlencode({k: v for k, v in data.items() if k not in PASSED_ON}, doseq=True)
        return self.ask(kind, identity, "GET", f"{url.partition('?')[0]}?{query}", note=note)

    def filled(self, identity, form, url):
        """What stands in the form, and something sensible where it must not be blank."""
        data = form.sent()
        for made in form.fields.values():
            if "__prefix__" in made.name:
                data.pop(made.name, None)
            elif made.type == "file":
                data[made.name] = ["file"]
            elif not any(data.get(made.name, [])) and wants_filling(made):
                data[made.name] = [self.filling(identity, made)]
            elif made.name == "role" and "reviewer" in made.options:
                data["role"] = ["reviewer"]  # the first person of a unit is its officer already
            elif made.type == "checkbox" and made.name in CHOSEN and made.name not in data:
                data[made.name] = made.options[-1:]
        return data | said_on(url, form)

    def filling(self, identity, made):
        offered = [value for value in made.options if value]
        if offered and made.type in ("select", "radio"):
            return offered[0]
        for end, value in FILLED:
            if made.name.endswith(end):
                return iso(value) if made.type == "date" else value
        if made.name == "supported":
            return str(self.a_chi_hoi(identity).pk)
        for end, kind in OWN_THINGS:
            if made.name.endswith(end):
                return str(self.own(identity, kind).row.pk)
        return "1" if made.type == "number" else "Thử"

    def own(self, identity, kind):
        things = [t for t in self.world.of_kind(kind) if t.unit == identity.home]
        return things[2 if kind == "name" else 0]  # the third person of a unit is its leader

    def a_chi_hoi(self, identity):
        """A chi hội of hers that is open."""
        paths = [self.world.unit(key).path for key in identity.units]
        units = Branch.objects.at_level("chi_hoi").filter(closed_on=None).order_by("-pk")
        return next((u for u in units if any(u.path.startswith(p) for p in paths)), units[0])

    def ask_foreign(self, identity, url, form, data, baseline):
        """Each field in turn names something that is not hers."""
        probes = [
            (made, value, thing)
            for made in form.fields.values()
            if made.name not in PASSED_ON and "__prefix__" not in made.name
            for value, thing in self.foreign_values(identity, made)
        ]
        for made, value, thing in self.some(probes, self.settings.per_form):
            changed = {**data, made.name: [value]}
            answer = self.send(
                "foreign ids", identity, url, form, changed, f"[{made.name}={value}: {thing}] "
            )
            self.check_refused(identity, url, made, thing, answer, baseline)

    def some(self, probes, most):
        return probes if most is None or len(probes) <= most else self.random.sample(probes, most)

    def check_refused(self, identity, url, made, thing, answer, baseline):
        if not answer.changed:
            self.facts["foreign ids refused"] += 1
        elif thing is not None and self.stores(answer, thing, baseline):
            self.facts["foreign ids accepted"] += 1
            self.fail(
                f"foreign ids: {identity} POST {short(url)} takes {thing} in the field {made.name} "
                f"and changes {answer.changed}"
            )
        else:
            self.facts["foreign ids passed over"] += 1
            self.passed_over[f"{route_name(url)} {re.sub(chr(92) + 'd+', 'N', made.name)}"] += 1

    def stores(self, answer, thing, baseline):
        """Is the thing named in what was written, or itself changed, other than without it?
        Where it was named before or is named without it, and what a history repeats, say
        nothing."""
        key = str(thing.row.pk)
        old = {(table, row[0]): row for table, rows in answer.before.items() for row in rows}
        usual = {
            (table, column, cell)
            for table, row in (baseline.new_rows if baseline else ())
            for column, cell in enumerate(row)
        }
        return any(
            cell == key
            and (table, column, cell) not in usual
            and cell not in old.get((table, row[0]), ())[column : column + 1]
            for table, row in answer.new_rows
            if "historical" not in table
            for column, cell in enumerate(row)
        )

    def foreign_values(self, identity, made):
        """(value, thing) for a field that carries ids."""
        if not made.is_choice and made.name.split("-")[-1] not in OPEN_FIELDS:
            return []
        if made.name.endswith(("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")):
            return [("-1", None), ("abc", None), ("9", None)]
        named = [self.by_value[v] for v in (*made.options, *made.value) if v in self.by_value]
        known = {(thing.kind, by) for thing, by in named}
        known = known or {(kind, "pk") for end, kind in OWN_THINGS if made.name.endswith(end)}
        meant = self.foreign_things(identity, made, known) if known else []
        others = self.foreign_things(identity, made, set()) + ODD_VALUES
        rest = self.some(others, self.settings.per_field)
        return [(v, t) for v, t in (*meant, *rest) if v not in made.options]

    @property
    def by_value(self):
        return self.world.by_value

    def foreign_things(self, identity, made, known):
        """One of each kind and relation that the field might take and she may not name."""
        relations = OPEN_FIELDS.get(made.name.split("-")[-1], (SIBLING, UP, FAR))
        found = {}
        for value, (thing, by) in self.by_value.items():
            fits = (thing.kind, by) in known if known else by in ("pk", "slug")
            relation = identity.relation_to(thing.unit)
            if fits and relation in relations and not self.may_name(identity, thing):
                found.setdefault((thing.kind, by, relation), (value, thing))
        return list(found.values())

    def may_name(self, identity, thing):
        mine = identity.territory_for(thing)
        return bool(thing.ends & mine) or thing.to == identity.user

    def ask_mixed(self, identity, url, form, data):
        """What is chosen together is hers altogether, or nothing is done."""
        for made in form.fields.values():
            known = [self.by_value[v] for v in made.options if v in self.by_value]
            if not known or made.type != "checkbox":
                continue
            own = [value for value in made.options if value in self.by_value][:1]
            kinds = {(t.kind, by) for t, by in known}
            for value, thing in self.foreign_things(identity, made, kinds):
                for extra in {**self.actions(form), "": None}.items():
                    mixed = {**data, made.name: [*own, value]}
                    if extra[0]:
                        mixed[extra[0]] = [extra[1]]
                    answer = self.send("mixed", identity, url, form, mixed, f"[{thing}] ")
                    if answer.changed:
                        self.fail(
                            f"mixed: {identity} POST {short(url)} with {thing} among her own "
                            f"changes {answer.changed}"
                        )

    def actions(self, form):
        """The admin's actions: the name of the list and each that it offers."""
        made = form.fields.get("action")
        return {"action": made.options[-1]} if made and made.options else {}

    def ask_model_fields(self, identity, url, form, data, baseline):
        """Fields that the form does not ask for change nothing."""
        usual = Counter(plain(baseline))
        for model in self.some(our_models(), self.settings.models):
            extra = {k: [v] for k, v in self.thrown(identity, model).items() if k not in data}
            extra = {k: v for k, v in extra.items() if k not in form.fields}
            answer = self.send(
                "model fields", identity, url, form, {**data, **extra}, f"[{model.__name__}] "
            )
            other = (Counter(plain(answer)) - usual) + (usual - Counter(plain(answer)))
            if other:
                self.facts["model fields taken"] += 1
                self.fail(
                    f"model fields: {identity} POST {short(url)} with the fields of "
                    f"{model.__name__} thrown in writes something else: {list(other)[:4]}"
                )

    def thrown(self, identity, model):
        """A value for each field of the model, foreign wherever it names a row."""
        values = {}
        for f in model._meta.local_fields:
            value = self.thrown_value(identity, f)
            values[f.name] = values[f.attname] = value
        return values

    def thrown_value(self, identity, f):
        if f.is_relation:
            things = [t for t in self.world.things if isinstance(t.row, f.related_model)]
            foreign = [t for t in things if not self.may_name(identity, t)]
            return str(foreign[0].row.pk) if foreign else "1"
        if isinstance(f, models.BooleanField):
            return "on"
        if isinstance(f, models.DateField):
            return "2001-01-01"
        if f.choices:
            return str(f.flatchoices[-1][0])
        return "7" if isinstance(f, models.IntegerField | models.DecimalField) else "zqthrownqz"

    # --- Letters ------------------------------------------------------------------------------

    def read_letters(self):
        """Reminders of every day of a month, each read with the eyes of who gets it."""
        if not self.settings.letters:
            return
        people = {user.email: user for user in User.objects.exclude(email="")}
        for day in ("2021-01-19", "2021-02-16", "2021-02-21", "2021-02-25"):
            with transaction.atomic():
                send_reminders(day)
                transaction.set_rollback(True)
            for letter in mail.outbox:
                self.counts["letters"] += 1
                words = self.world.words_in(f"{letter.subject} {letter.body} {letter.message()}")
                for address in letter.to:
                    allowed = self.readable_by(people[address])
                    leaked = words - allowed
                    if leaked:
                        self.fail(f"letters: {address} is told {self.whose(leaked)}")
            mail.outbox.clear()


# --- Small things -------------------------------------------------------------------------------


def short(url):
    return url if len(url) < 150 else f"{url[:150]}…"


def joined(url, query):
    return f"{url}{'&' if '?' in url else '?'}{query}"


def blurred(answer, *urls):
    """The answer without what was asked, so that two questions may be compared."""
    status, _, body = answer.comparable(urls[0], *(url.rpartition("=")[2] for url in urls))
    return status, body


def secret_paths(route):
    """Ways from the admin's model to a person's password, over at most two steps."""
    model = {m._meta.label_lower.replace(".", "_"): m for m in our_models()}.get(
        route.key.removeprefix("admin:").removesuffix("_changelist")
    )
    paths, steps = [], [("", model)] if model else []
    for _ in range(3):
        paths += [f"{path}password" for path, at in steps if at is User]
        steps = [
            (f"{path}{f.name}__", f.related_model)
            for path, at in steps
            for f in at._meta.get_fields()
            if f.is_relation and f.related_model in our_models()
        ]
    return paths[:40]


def wants_filling(made):
    return (
        made.is_required
        or made.name in ("reason", "supported", "to", "branch")
        or bool(re.fullmatch(r"positions-\d+-(branch|role|started_on)", made.name))
    )


def iso(day):
    return "-".join(reversed(day.split("/")))


def with_button(data, button):
    name, value = button
    return {**data, name: [value]} if name else dict(data)


def as_sent(form, data):
    files = {name for name, made in form.fields.items() if made.type == "file"}
    return {
        name: a_file(name) if name in files else (values if len(values) > 1 else values[0])
        for name, values in data.items()
        if values
    }


def said_on(url, form):
    said = {}
    for name, value in SAID.get(route_name(url), {}).items():
        if value is LAST:
            said[name] = form.fields[name].options[-1:]
        else:
            said[name] = [] if value is None else [value]
    return said


def a_file(name):
    """A photograph where one is wanted; else a workbook."""
    if name in ("photos", "minutes"):
        return SimpleUploadedFile("anh.png", a_photo(), content_type="image/png")
    return SimpleUploadedFile("danh-sach.xlsx", a_workbook())


@cache
def a_photo():
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG")
    return content.getvalue()


@cache
def a_workbook():
    workbook, content = Workbook(), io.BytesIO()
    workbook.active.append(["STT", "Chi hội", "Đơn vị nhận giúp"])
    workbook.active.append(["1", "Khu dân cư 1", "phường Thọ Quang"])
    workbook.save(content)
    return content.getvalue()


def route_name(url):
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return url


def signature(url, form):
    names = frozenset(re.sub(r"\d+", "0", name) for name in form.fields)
    return route_name(url), form.method, names, tuple(form.buttons)


def plain(answer):
    """What was written, without what is never twice the same: moments, new ids, salts."""
    stood = {(table, row[0]) for table, rows in answer.before.items() for row in rows}
    fresh = {row[0] for table, row in answer.new_rows if (table, row[0]) not in stood}
    for table, row in answer.new_rows:
        if "historical" in table and table.endswith(OF_A_HISTORY):
            continue
        if table == StoredFile._meta.db_table:
            row = (*row[:3], *row[4:5], *row[7:])  # a workbook's size hangs on the second
        first = row[0] if (table, row[0]) in stood else "new"
        yield table, first, tuple(plain_cell(cell, fresh) for cell in row[1:])


def plain_cell(cell, fresh):
    if re.match(r"\d{4}-\d\d-\d\d \d\d:|\[\d{10}\.\d", cell):
        return "moment"  # the second: a list of them, such as User.letters_at
    if re.fullmatch(r"[0-9a-f-]{32,36}|../[0-9a-f]{32}|md5\$.*|!\w{40}|[0-9a-f]{64}", cell):
        return "random"
    return re.sub(r"\d{5,}", lambda found: "id" if found[0] in fresh else found[0], cell)
