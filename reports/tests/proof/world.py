"""A small country for the access proof, over the units of `conftest.py`.

Every unit has people with each role and all that units have: programmes with their plan,
assignments, forms, periods, reports, lists, files, exports, notices and letters. Each text
carries a canary, a word such as "zq0123qz" that stands nowhere else; a report's money is such
a number (90.000.123), and so is a person's phone (0977…). Only the directory has none: name,
kind and place of a unit, number and title of a decree in force, and the names of teams. The
ids of different tables never meet, so an id tells its table.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count, cycle

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils.text import slugify
from django.utils.timezone import localdate, now

from branches.models import (
    Department,
    Level,
    Reorganisation,
    ReorganisationRun,
    Succession,
    Successor,
    Upload,
    UploadRow,
)
from branches.services import store_file
from conftest import UNITS, build_units, person
from programs.models import (
    Condition,
    Content,
    Duty,
    Indicator,
    ItemKind,
    Quota,
    QuotaLine,
    StatedFigure,
)
from programs.services import (
    add_item,
    add_part,
    add_target,
    ask_reading,
    assign,
    create_program,
    end_assignment,
    invite_guest,
    keep_condition,
    localise_target,
    read_paper,
    record_delivery,
    start_program,
)
from reports.exporters import write_export
from reports.models import (
    Export,
    FrozenSummary,
    Notification,
    Outbox,
    Period,
    PeriodDue,
    PeriodRule,
    Report,
    ReportFile,
    ReportForm,
    Summary,
)
from reports.rollup import owed_below
from reports.services import (
    Cells,
    approve_report,
    ask_indicators,
    edit_summary,
    extend_reports,
    freeze_summary,
    gather_summary,
    merge_draft,
    open_period,
    record_contact,
    reopen_report,
    return_report,
    save_heading,
    save_rule,
    save_section,
    set_texts,
    start_draft,
    submit_report,
)
from reports.tests.conftest import INDICATORS, moment

from .exchange import add_briefings, add_notices, add_proposals
from .people import add_people_helped
from .resources import add_a_donor, add_contributions, add_partner

WORD = re.compile(r"zq(\d{4})qz", re.IGNORECASE)
PHONE = re.compile(r"0977[ .]?(\d{3})[ .]?(\d{3})")
MONEY = re.compile(r"(?<![\d.,])90[., ]?000[., ]?(\d{3})(?!\d)")
FIRST_MONEY = 90_000_000
FIRST_SUM, FIRST_PHONE = 200, 980_000

ABOVE = {key: above for key, _, above, *_ in UNITS}
LEVEL = {key: level for key, level, *_ in UNITS}
KEYS = list(ABOVE)
OUR_APPS = ("branches", "programs", "reports")
ROLES = ("officer", "reviewer", "leader", "administrator")
Applies = QuotaLine.Applies


@dataclass
class Thing:
    """Something that belongs to a unit; `words` are the canaries in its texts.

    `to`: the only person who may read it; `other`: the unit at an assignment's other end;
    `owner`: the unit whose programme it is for, which may be neither;
    `actors`: people whose names stand beside it, because they did something to it; `beside`:
    other things whose words stand there.
    """

    kind: str
    unit: str
    row: object = None
    words: set = field(default_factory=set)
    to: object = None
    other: str | None = None
    owner: str | None = None
    actors: tuple = ()
    beside: tuple = ()
    is_draft: bool = False

    def __str__(self):
        return f"{self.kind} of {self.unit}"

    @property
    def ends(self):
        """The units whose people work with it; before a programme begins, just its owner."""
        if self.is_draft:
            return {self.owner or self.unit}
        return {self.unit, self.other, self.owner} - {None}


class World:
    """`things`, `people` by (unit, role) and three persons without a territory."""

    def __init__(self):
        spread_ids()
        self.things, self.of_word = [], {}
        self.units = build_units()
        self.people = {}
        self.programs, self.program_names, self.forms = {}, {}, {}
        self.numbers = count(1)
        self.indicators = add_indicators()
        for key in KEYS:
            self.add(Thing("unit", key, self.unit(key)))
            self.add_people(key)
        self.add(Thing("team", "da_nang", self.units.team))
        self.add_strangers()
        for key in KEYS:
            self.add_papers(key)
        for key in self.offices:
            self.add_programs(key)
            self.add_form(key)
        self.partners = {key: add_partner(self, key) for key in self.offices}
        self.donors = {key: add_a_donor(self, key) for key in self.offices}
        self.add_assignments()
        self.add_support()
        add_contributions(self)
        add_people_helped(self)
        self.add_reports()
        self.add_summaries()
        add_proposals(self)
        add_notices(self)
        add_briefings(self)
        for key in self.offices:
            self.add_uploads(key)
            self.add_reading(key)
            self.add_export(key)
            self.add_decrees(key)
        self.add_history_reasons()

    # --- Finding ------------------------------------------------------------------------------

    def unit(self, key):
        return getattr(self.units, key)

    def key_of(self, branch):
        return next(key for key in KEYS if self.unit(key) == branch)

    def who(self, role, key):
        return self.people[key, role]

    keys = KEYS

    @property
    def offices(self):
        """The units that issue plans and forms: all above chi hội."""
        return [key for key in KEYS if LEVEL[key] != "chi_hoi"]

    def above(self, key):
        return ABOVE[key]

    def office_below(self, key):
        """The first of them, if there are any."""
        return next((below for below in self.offices if ABOVE[below] == key), None)

    def of_kind(self, *kinds):
        return [thing for thing in self.things if thing.kind in kinds]

    @cached_property
    def by_value(self):
        """What a field of a form may hold → (the thing that it names, by which of its fields)."""
        found = {}
        for thing in self.things:
            for name in ("pk", "slug", "code", "id"):
                value = getattr(thing.row, name, "")
                if value and not isinstance(value, bool):
                    found.setdefault(str(value), (thing, name))
        return found

    @cached_property
    def by_row(self):
        """(table, id as text) → thing."""
        return {
            (thing.row._meta.db_table, str(thing.row.pk)): thing
            for thing in self.things
            if thing.row is not None and thing.kind != "contact"
        }

    def words_in(self, text):
        """The canaries in a text, numbers included."""
        found = {f"zq{number}qz" for number in WORD.findall(text)}
        found |= {f"money{number}" for number in MONEY.findall(text)}
        found |= {f"phone{''.join(number)}" for number in PHONE.findall(text)}
        return found & self.of_word.keys()

    # --- Building -----------------------------------------------------------------------------

    def add(self, thing):
        self.things.append(thing)
        return thing

    def new(self, kind, unit, **fields):
        return self.add(Thing(kind, unit, **fields))

    def word(self, thing, name=None):
        """A new canary of this thing."""
        name = name or f"zq{len(self.of_word) + 1:04}qz"
        self.of_word[name] = thing
        thing.words.add(name)
        return name

    def money(self, thing):
        """A sum that is a canary; those of reports lie below."""
        number = FIRST_SUM + next(self.numbers)
        self.word(thing, f"money{number:03}")
        return FIRST_MONEY + number

    def phone(self, thing):
        """One that is a canary; those of accounts lie below."""
        return "0977" + self.word(thing, f"phone{FIRST_PHONE + next(self.numbers)}")[-6:]

    def account(self, key, username, *held, until=None):
        """A person whose name, and whose ways to be reached, are canaries of their own."""
        other = self.key_of(held[-1][1])
        name, contact = Thing("name", key, other=other), Thing("contact", key, other=other)
        user = person(username, f"Nguyễn Thị {self.word(name)}", *held, until=until)
        user.username = f"{username}.{self.word(contact)}"
        user.email = f"{self.word(contact)}@example.org"
        user.phone = "0977" + self.word(contact, f"phone{user.pk:06}")[-6:]
        user.save()
        name.row = contact.row = user
        self.add(name), self.add(contact)
        for position in user.positions.all():
            thing = self.add(Thing("position", self.key_of(position.branch), position))
            position.title = f"Chủ tịch {self.word(thing)}"
            position.save()
        return user

    def add_people(self, key):
        for role in ROLES:
            self.people[key, role] = self.account(key, f"{role}.{key}", (role, self.unit(key)))

    def add_strangers(self):
        ward = self.units.tho_quang
        self.ended = self.account(
            "da_nang",
            "het.nhiem.ky",
            ("administrator", self.units.da_nang),
            until=date(2020, 12, 31),
        )
        self.disabled = self.account("tho_quang", "bi.khoa", ("officer", ward))
        self.disabled.is_active = False
        self.disabled.save()
        self.nobody = person("chua.co.viec", "Chưa Có Việc")
        self.two = self.account(
            "man_thai",
            "hai.viec",
            ("officer", self.units.man_thai),
            ("reviewer", self.units.son_tra),
        )

    def add_papers(self, key):
        """A department, files, a notice and a letter."""
        officer, unit = self.who("officer", key), self.unit(key)
        place = self.add(Thing("department", key))
        place.row = Department.objects.create(
            branch=unit, name=f"Ban {self.word(place)}", phone=self.word(place),
            email=f"{self.word(place)}@example.org",
        )  # fmt: skip
        shared = self.add(Thing("file", key, actors=(officer,)))
        shared.row = self.file(shared, unit, officer)
        own = self.add(Thing("personal file", key, to=officer))
        own.row = self.file(own, unit, officer, is_personal=True)
        notice = self.add(Thing("notification", key, to=officer))
        notice.row = Notification.objects.create(
            recipient=officer, key=f"thử:{key}", text=f"Việc mới {self.word(notice)}", url="/"
        )
        letter = self.add(Thing("letter", key))
        letter.row = Outbox.objects.create(
            recipient=officer, key=f"thử:{key}", to=officer.email,
            subject=f"Nhắc {self.word(letter)}", body=f"Kính gửi {self.word(letter)}",
            error=self.word(letter), attempts=9, given_up_at=now(),
        )  # fmt: skip

    def file(self, thing, unit, by, **fields):
        return store_file(
            content=f"Nội dung {self.word(thing)}".encode(),
            name=f"{self.word(thing)}.txt",
            content_type="text/plain",
            branch=unit,
            by=by,
            **fields,
        )

    def add_programs(self, key):
        """One that runs and one still being written."""
        chi_hoi = Level.objects.get(code="chi_hoi")
        for is_draft in (False, True):
            officer = self.who("officer", key)
            name = self.new("program name", key, is_draft=is_draft)
            thing = self.new("program", key, actors=(officer,), beside=(name,), is_draft=is_draft)

            def says(text, thing=thing):
                return f"{text} {self.word(thing)}"

            program = create_program(
                owner=self.unit(key), by=officer, supported_level=chi_hoi,
                reaches_out=key == "hoi_an", name=f"Chương trình {self.word(name)}",
                aim=says("Mục đích"),
                contact=says("Ban"), starts_on=date(2021, 1, 1), ends_on=date(2022, 12, 31),
                plan={"title": says("Kế hoạch"), "issuer": says("Hội"), "number": says("1/KH")},
                lines=[
                    line | {"number": number, "label": says("Dòng"), "note": says("Ghi chú"),
                            "clause": says("Mục")}
                    for number, line in enumerate(self.lines(key), 1)
                ],
                milestones=[{"label": says("Mốc"), "due_on": date(2021, 1, 14),
                             "printed": says("trước"), "recipient": says("gửi")}],
            )  # fmt: skip
            program.slug = slugify(says("ct"))
            program.save()
            if not is_draft:
                program = start_program(program=program, seen_version=program.version, by=officer)
                self.programs[key], self.program_names[key] = program, name
            thing.row = program
            self.add_rows_of_plan(thing, says)
            self.add_parts(thing)

    def add_rows_of_plan(self, thing, says):
        """A content, a duty, a figure and a target; of the city's also the district's own."""
        program, officer = thing.row, thing.actors[0]
        for model, texts in (
            (Content, {"heading": says("Mục"), "text": says("Lời")}),
            (Duty, {"who": says("Đơn vị"), "text": says("Việc"), "recipient": says("gửi")}),
            (StatedFigure, {"label": says("Số"), "heading": says("Nhóm"), "printed": says("in")}),
        ):
            add_part(model=model, program=program, by=officer, **texts)
        part = {"shape": "absolute", "text": says("Phần"), "value": 5, "unit": "hộ"}
        target = add_target(
            program=program, by=officer, number="1", text=says("Chỉ tiêu"), parts=[part]
        )
        if thing.unit == "da_nang" and not thing.is_draft:
            own = Thing("target", "son_tra", actors=(self.who("officer", "son_tra"),))
            own.row = localise_target(
                target=target, branch=self.units.son_tra, by=own.actors[0],
                text=f"Chỉ tiêu {self.word(own)}", parts={target.parts.get().pk: {"value": 2}},
            )  # fmt: skip
            self.add(own)

    def add_parts(self, thing):
        """The rows of the plan share its words."""
        for name, kind in (
            ("lines", "line"), ("milestones", "milestone"), ("plans", "plan"),
            ("contents", "content"), ("duties", "duty"), ("stated_figures", "stated figure"),
        ):  # fmt: skip
            for row in getattr(thing.row, name).all():
                part = Thing(kind, thing.unit, row, thing.words, is_draft=thing.is_draft)
                self.add(part)
        for row in thing.row.targets.filter(localises=None):
            self.add(Thing("target", thing.unit, row, thing.words, is_draft=thing.is_draft))
        for quota in Quota.objects.of(thing.row).with_units():
            self.add(Thing("quota", self.key_of(quota.answering_branch), quota))

    def lines(self, key):
        unit = self.unit(key)
        lines = [{"applies_to": Applies.BRANCH, "branch": unit, "minimum_each": 1}]
        below = {LEVEL[child] for child in KEYS if ABOVE[child] == key} - {"chi_hoi", "truc_thuoc"}
        for level in sorted(below):
            row = Level.objects.get(code=level)
            lines.append({"applies_to": Applies.LEVEL, "level": row, "minimum_each": 1})
        if key == "da_nang":
            row = Level.objects.get(code="xa")
            lines += [
                {"applies_to": Applies.TEAMS},
                {"applies_to": Applies.LEVEL, "level": row},
                {"applies_to": Applies.BRANCH, "branch": self.units.cong_an,
                 "place": self.units.son_tra},
            ]  # fmt: skip
        return lines

    def add_assignments(self):
        """(owner of the programme, supporter, supported, has it ended); the ended ones last."""
        rows = [
            ("da_nang", "da_nang", "chi_hoi_man_thai", False),
            ("da_nang", "team", "chi_hoi_2", False),
            ("da_nang", "cong_an", "chi_hoi_1", False),
            ("da_nang", "son_tra", "chi_hoi_1", False),
            ("da_nang", "tho_quang", "chi_hoi_1", True),
            ("da_nang", "man_thai", "chi_hoi_man_thai", False),
            ("da_nang", "hai_chau", "chi_hoi_thanh_binh", False),
            ("da_nang", "thanh_binh", "chi_hoi_thanh_binh", False),
            ("quang_nam", "quang_nam", "chi_hoi_minh_an", False),
            ("quang_nam", "hoi_an", "chi_hoi_minh_an", True),
            ("son_tra", "son_tra", "chi_hoi_2", False),
            ("son_tra", "tho_quang", "chi_hoi_2", False),
            ("hai_chau", "thanh_binh", "chi_hoi_thanh_binh", False),
            ("hoi_an", "minh_an", "chi_hoi_minh_an", False),
            ("tho_quang", "tho_quang", "chi_hoi_1", False),
            ("hoi_an", "minh_an", "chi_hoi_2", False),  # who is helped from outside
        ]
        for row in sorted(rows, key=lambda row: row[-1]):
            self.add_assignment(*row)

    def add_assignment(self, owner, supporter, supported, has_ended):
        end = "da_nang" if supporter == "team" else supporter
        officer = self.who("officer", end)
        partner, name = self.partners[end]
        beside = (name, self.program_names[owner])
        thing = self.new("assignment", end, other=supported, actors=(officer,), beside=beside)
        kind = "supporter_team" if supporter == "team" else "supporter_branch"
        thing.row = assign(
            program=self.programs[owner], supported=self.unit(supported), by=officer,
            starts_on=date(2021, 1, 10), content=f"Giúp {self.word(thing)}",
            note=f"Ghi chú {self.word(thing)}", partners=[partner],
            **{kind: self.unit(supporter)},
        )  # fmt: skip
        self.add_condition(thing)
        if has_ended:
            thing.row = end_assignment(
                assignment=thing.row, seen_version=thing.row.version, by=officer,
                ends_on=date(2021, 6, 1), reason=f"Đã vững {self.word(thing)}",
                basis=f"Biên bản {self.word(thing)}",
            )  # fmt: skip

    def add_condition(self, given):
        thing = self.new("condition", given.unit, other=given.other, actors=given.actors)
        thing.row = Condition(
            assignment=given.row, moment="before", year=2021, note=self.word(thing),
            members=self.money(thing), women=self.money(thing),
        )  # fmt: skip
        keep_condition(condition=thing.row, criteria=[], by=given.actors[0])

    def add_support(self):
        """An item of support for each assignment that goes on, and its hand-over with minutes;
        one more from each owner, which a partner got."""
        for given in self.of_kind("assignment"):
            if given.row.ends_on is None:
                self.add_item(given)
        for program in self.of_kind("program"):
            if program.row.is_running:
                self.give_to_partner(program)
        for program in self.of_kind("program"):
            giver = self.office_below(program.unit)
            if program.is_draft and giver:
                self.plan_item(program, giver)

    def add_item(self, given):
        officer, assignment = self.who("officer", given.unit), given.row
        owner = self.key_of(assignment.program.owner)
        ends = {"other": given.other, "owner": owner, "beside": (self.program_names[owner],)}
        name = self.new("item name", given.unit, **ends)
        item = self.new("item", given.unit, actors=(officer,), **ends)
        item.row = add_item(
            program=assignment.program, assignment=assignment, giver=self.unit(given.unit),
            places=[assignment.supported], kind=ItemKind.objects.first(), by=officer,
            what=f"Quà {self.word(name)}", note=f"Ghi chú {self.word(item)}",
        )  # fmt: skip
        thing = self.new("delivery", given.unit, actors=(officer,), **ends)
        minutes = SimpleUploadedFile(f"{self.word(thing)}.pdf", b"%PDF-1.4")
        thing.row = record_delivery(
            item=item.row, place=assignment.supported, given_on=date(2021, 3, 1), by=officer,
            note=f"Đã trao {self.word(thing)}", minutes=[minutes],
        )  # fmt: skip
        self.new("delivery file", given.unit, row=thing.row.files.get(), **ends)
        self.invite(thing, name)

    def invite(self, handed, name):
        """The giver asks somebody without an account; who is helped is told nothing of it."""
        officer = self.who("officer", handed.unit)
        beside = (name, *handed.beside)
        thing = self.new(
            "invitation", handed.unit, owner=handed.owner, actors=(officer,), beside=beside
        )
        thing.row, _ = invite_guest(
            deliveries=[handed.row], guest_name=f"Lò Thị {self.word(thing)}",
            guest_office=f"Trường {self.word(thing)}", ends_on=localdate() + timedelta(days=30),
            by=officer, today=localdate(),
        )  # fmt: skip

    def give_to_partner(self, program):
        """What has no place in the tree is its owner's business."""
        partner, name = self.partners[program.unit]
        officer, ends = self.who("officer", program.unit), {"owner": program.unit}
        item = self.new("item", program.unit, actors=(officer,), beside=(name,), **ends)
        item.row = add_item(
            program=program.row, giver=self.unit(program.unit), kind=ItemKind.objects.first(),
            by=officer, what=f"Thăm {self.word(item)}",
        )  # fmt: skip
        beside = (name, self.program_names[program.unit])
        thing = self.new("delivery", program.unit, actors=(officer,), beside=beside, **ends)
        thing.row = record_delivery(
            item=item.row, partner=partner, given_on=date(2021, 3, 1), by=officer,
            note=f"Đã trao {self.word(thing)}",
        )  # fmt: skip

    def plan_item(self, program, giver):
        """Of a programme that is still being written: its owner's business."""
        officer = self.who("officer", program.unit)
        ends = {"other": giver, "owner": program.unit}
        item = self.new("item", giver, actors=(officer,), is_draft=True, **ends)
        item.row = add_item(
            program=program.row, giver=self.unit(giver), places=[self.unit(giver)],
            kind=ItemKind.objects.first(), by=officer, what=f"Nhà {self.word(item)}",
        )  # fmt: skip

    def add_form(self, key):
        """A form for all units below, with two opened months and one still to open."""
        thing = self.add(Thing("form", key, actors=(self.who("administrator", key),)))
        form = ReportForm.objects.create(
            code=slugify(f"bm {self.word(thing)}"), name=f"Biểu mẫu {self.word(thing)}",
            owner=self.unit(key), program=self.programs[key],
        )  # fmt: skip
        thing.row = self.forms[key] = form
        levels = list(Level.objects.filter(branches__isnull=False, rank__gt=form.owner.level.rank))
        form.levels.set(levels)
        section = f"Phần {self.word(thing)}"
        version = ask_indicators(form, [(section, self.indicators)])
        for line in version.lines.all():
            self.add(Thing("form line", key, line, thing.words))
        rule = Thing("rule", key, words=thing.words, actors=thing.actors)
        rule.row = PeriodRule.objects.create(form=form, kind="month", cut_off_day=20)
        self.add(rule)
        for level in set(levels):
            self.add(Thing("rule due", key, rule.row.dues.create(level=level, day=25)))
        for month in (1, 2, 3):
            row = Thing("period", key, words=thing.words, actors=thing.actors)
            row.row = add_month(form, month, self.word(thing), set(levels))
            self.add(row)
            for due in row.row.dues.all():
                self.add(Thing("due", key, due))
            if month < 3:
                open_period(period=row.row, by=thing.actors[0], at=moment(2021, month, 1))
                row.row.refresh_from_db()
        self.write_draft(form, key, thing.actors)

    def write_draft(self, form, key, actors):
        """A second version that is still being written, with a table, a rule and words."""
        draft = start_draft(form=form, by=actors[0])

        def new(kind):
            return self.new(kind, key, actors=actors, is_draft=True)

        place = new("form section")
        place.row = save_section(
            version=draft, heading=f"Bảng {self.word(place)}", is_table=True,
            help=f"Ghi {self.word(place)}",
        )  # fmt: skip
        heading = new("form heading")
        heading.row = save_heading(
            section=place.row, axis="row", words=f"Hàng {self.word(heading)}"
        )
        line = new("form draft line")
        line.row = draft.lines.in_order().first()
        line.row.help = f"Nhập {self.word(line)}"
        line.row.save()
        rule = new("form rule")
        rule.row = save_rule(
            version=draft, kind="at_least", indicator=line.row.indicator, number=1, is_stop=False
        )
        set_texts(
            version=draft, texts={"results": (False, f"Viết {self.word(place)}")}, most_files=2,
            files_help=f"Kèm {self.word(place)}", by=actors[0],
        )  # fmt: skip

    def add_reports(self):
        steps = cycle(["draft", "submitted", "returned", "not begun", "approved", "reopened"])
        keys = {self.unit(key).pk: key for key in KEYS}
        reports = Report.objects.select_related("period__form", "branch").order_by("pk")
        for number, report in enumerate(reports, 1):
            key = keys[report.branch_id]
            owner = keys[report.period.form.owner_id]
            actors = (
                self.who("administrator", owner),
                self.who("officer", key),
                self.who("reviewer", ABOVE[key]),
            )
            thing = self.add(Thing("report", key, report, actors=actors))
            step = "approved" if report.period.code == "2021-01" else next(steps)
            if step in ("not begun", "draft"):
                self.give_longer(thing, key)
            if step != "not begun":
                self.write(thing, FIRST_MONEY + number, step)

    def add_summaries(self):
        """What units make of the words below them, and what was frozen of it: with a report of
        theirs, or by a step of its own."""
        at = moment(2021, 1, 20)
        for key in self.offices:
            officer, reviewer = self.who("officer", key), self.who("reviewer", key)
            for period in Period.objects.filter(code="2021-01"):
                how = {"period": period, "branch": self.unit(key), "at": at}
                if not owed_below(period, self.unit(key)):
                    continue
                thing = self.add(Thing("summary", key, actors=(officer,)))
                gather_summary(by=officer, **how)
                said = [("results", f"Lời {self.word(thing)}")]
                edit_summary(seen={}, typed={}, added=said, by=officer, **how)
                if not period.reports.filter(branch=self.unit(key)).exists():
                    version = Summary.objects.get(period=period, branch=self.unit(key)).version
                    row = freeze_summary(seen_version=version, by=reviewer, **how)
                    self.add(Thing("frozen summary", key, row, thing.words, actors=(reviewer,)))
        of_report = {thing.row.pk: thing for thing in self.of_kind("report")}
        for row in FrozenSummary.objects.exclude(event=None).select_related("event"):
            thing = of_report[row.event.report_id]
            self.add(Thing("frozen summary", thing.unit, row, thing.words, actors=thing.actors))

    def give_longer(self, thing, key):
        report, by = thing.row, thing.actors[2]
        longer = self.add(Thing("extension", key, actors=(by,)))
        (longer.row,) = extend_reports(
            reports=[report], until=report.due_on + timedelta(days=5), by=by,
            at=moment(report.period.year, report.period.starts_on.month, 18),
            reason=f"Gia hạn {self.word(longer)}",
        )  # fmt: skip
        call = self.add(Thing("contact", key, actors=(by,)))
        call.row = record_contact(
            period=report.period, branch=report.branch, is_group=False, channel="phone",
            note=f"Hẹn {self.word(call)}", by=by, at=longer.row.at,
        )  # fmt: skip
        report.refresh_from_db()

    def write(self, thing, money, step):
        report, (_, officer, reviewer) = thing.row, thing.actors
        at = moment(report.period.year, report.period.starts_on.month, 18)
        figures = {indicator.pk: Decimal(2) for indicator in self.indicators[:1]}
        figures[self.indicators[1].pk] = Decimal(money)
        self.word(thing, f"money{money - FIRST_MONEY:03}")
        narrative = {name: f"Lời {self.word(thing)}" for name in Report.NARRATIVE}
        said = {self.indicators[0].pk: f"Vì {self.word(thing)}"}
        merge_draft(
            report=report, seen_version=report.version, seen=Cells(),
            typed=Cells(figures, narrative, said), by=officer, at=at,
        )  # fmt: skip
        kept = self.add(Thing("report file", thing.unit, actors=(officer,)))
        kept.row = ReportFile.objects.create(
            report=report, file=self.file(kept, report.branch, officer)
        )
        kept.row.word_texts.create(narrative="results", text=f"Lời {self.word(kept)}")
        self.add(Thing("file", thing.unit, kept.row.file, kept.words, actors=(officer,)))
        if step != "draft":
            submit_report(report=report, seen_version=report.version, by=officer, at=at)
        if step == "returned":
            return_report(
                report=report, seen_version=report.version, by=reviewer, at=at,
                reason=f"Thiếu {self.word(thing)}",
                remarks={self.indicators[0].pk: f"Đếm lại {self.word(thing)}"},
            )  # fmt: skip
        if step in ("approved", "reopened"):
            approve_report(report=report, seen_version=report.version, by=reviewer, at=at)
        if step == "reopened":
            reopen_report(
                report=report, seen_version=report.version, by=reviewer, at=at,
                reason=f"Mở lại {self.word(thing)}",
            )  # fmt: skip
        report.refresh_from_db()

    def add_reading(self, key):
        """A paper that was read and waits for somebody to tick."""
        officer = self.who("officer", key)
        thing = self.add(Thing("reading", key, actors=(officer,)))
        text = (
            f"KẾ HOẠCH\nGiúp chi hội {self.word(thing)}\nII. TỔ CHỨC THỰC HIỆN\n"
            f"1. Các xã gửi danh sách {self.word(thing)} trước ngày 15/01/2021."
        )
        thing.row = ask_reading(branch=self.unit(key), by=officer, text=text)
        read_paper(thing.row)

    def add_uploads(self, key):
        """A list of assignments, which her whole territory may look at, and one of accounts,
        which only the person who brought it sees."""
        officer, administrator = self.who("officer", key), self.who("administrator", key)
        shared = self.add(Thing("upload", key, actors=(officer,)))
        file = self.file(shared, self.unit(key), officer)
        self.add(Thing("file", key, file, shared.words, actors=(officer,)))
        self.add_upload(shared, "assignments", officer, file, {"program": self.programs[key].pk})
        own = self.add(Thing("upload", key, to=administrator))
        file = self.file(own, self.unit(key), administrator, is_personal=True)
        self.add(Thing("personal file", key, file, own.words, to=administrator))
        self.add_upload(own, "accounts", administrator, file, {})

    def add_upload(self, thing, kind, by, file, params):
        thing.row = Upload.objects.create(
            kind=kind, branch=self.unit(thing.unit), asked_by=by, file=file,
            state=Upload.State.READY, params=params, message=f"Xong {self.word(thing)}",
            columns=[{"sheet": "1", "letter": "A", "title": "Chi hội"}],
            notes=[{"sheet": "1", "number": 9, "text": self.word(thing), "reason": "tiêu đề",
                    "message": self.word(thing), "is_warning": False}],
        )  # fmt: skip
        for number, outcome in enumerate(("error", "unchanged"), 2):
            UploadRow.objects.create(
                upload=thing.row, sheet="1", number=number, outcome=outcome,
                raw={"Chi hội": f"Chi hội {self.word(thing)}"},
                errors=[{"column": "A", "title": "Chi hội", "message": self.word(thing)}]
                if outcome == "error" else [],
            )  # fmt: skip

    def add_export(self, key):
        leader = self.who("leader", key)
        owner = key if any(ABOVE[k] == key for k in KEYS) else ABOVE[key]
        period = Period.objects.get(form=self.forms[owner], code="2021-01")
        thing = self.add(Thing("export", key, to=leader))
        thing.row = Export.objects.create(
            kind="summary", period=period, branch=self.unit(key), asked_by=leader, total=1
        )
        write_export(thing.row)
        Export.objects.filter(pk=thing.row.pk).update(message=self.word(thing))
        Notification.objects.filter(key=f"export:{thing.row.pk}").update(text=self.word(thing))
        stored = thing.row.file
        stored.name = f"{self.word(thing)}.xlsx"
        stored.save()
        self.add(Thing("personal file", key, stored, thing.words, to=leader))

    def add_decrees(self, key):
        """One being written and one in force, whose number and title are for everybody."""
        administrator = self.who("administrator", key)
        child = next((k for k in KEYS if ABOVE[k] == key), key)
        for is_draft in (True, False):
            thing = self.add(Thing("decree", key, actors=(administrator,), is_draft=is_draft))
            said = self.word(thing) if is_draft else key
            thing.row = decree = Reorganisation.objects.create(
                owner=self.unit(key), number=f"1/{said}", title=f"Sắp xếp {said}",
                effective_on=date(2027, 1, 1), note=f"Ghi chú {self.word(thing)}",
                stage="draft" if is_draft else "applied",
                applied_at=None if is_draft else moment(2021, 1, 1),
                applied_by=None if is_draft else administrator,
            )  # fmt: skip
            line = Thing("decree line", key, words=thing.words, is_draft=is_draft)
            unit = self.unit(child)
            made = Successor.objects.create(
                reorganisation=decree, number=1, level=unit.level, type=unit.type,
                name=f"Mới {said}", parent_branch=unit.parent, branch=None if is_draft else unit,
            )  # fmt: skip
            line.row = Succession.objects.create(
                reorganisation=decree, predecessor=unit, successor=made, kind="renamed",
                note=self.word(thing),
            )  # fmt: skip
            self.add(line)
            self.add(Thing("decree unit", key, made, thing.words, is_draft=is_draft))
            run = Thing("decree run", key, words=thing.words, is_draft=is_draft)
            run.row = ReorganisationRun.objects.create(
                reorganisation=decree, step="apply", asked_by=administrator,
                state="failed" if is_draft else "ready", message=self.word(thing),
            )  # fmt: skip
            self.add(run)

    def add_history_reasons(self):
        """Why a unit was changed is told in its territory only."""
        for key in KEYS:
            thing = self.add(Thing("history", key))
            self.unit(key).history.update(history_change_reason=f"Vì {self.word(thing)}")
        with_reasons = ("program", "assignment", "item", "delivery", "donor", "contribution",
                        "record", "sponsorship", "invitation")  # fmt: skip
        for thing in self.of_kind(*with_reasons):
            thing.row.history.update(history_change_reason=f"Vì {self.word(thing)}")


def add_month(form, month, word, levels):
    last = {1: 31, 2: 28, 3: 31}[month]
    period = Period.objects.create(
        form=form, code=f"2021-{month:02}", year=2021, label=f"Tháng {month}/2021 {word}",
        starts_on=date(2021, month, 1), ends_on=date(2021, month, last),
        cut_off_on=date(2021, month, 15),
    )  # fmt: skip
    for level in levels:
        PeriodDue.objects.create(period=period, level=level, due_on=date(2021, month, 20))
    return period


def add_indicators():
    """Indicators are the installation's own, of no unit: they carry no canary."""
    return [
        Indicator.objects.create(
            code=code, name=name, unit=unit, aggregation=aggregation, value_type=value_type
        )
        for code, name, unit, aggregation, value_type in INDICATORS
    ]


def spread_ids():
    """Begin the ids of each table in a range of its own."""
    with connection.cursor() as cursor:
        for model, first in first_ids().items():
            table = model._meta.db_table
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, first])
            else:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first]
                )


def first_ids():
    """The models whose ids are numbers, each with where its range begins."""
    ours = [m for m in our_models() if m._meta.pk.get_internal_type() == "BigAutoField"]
    numbered = enumerate((m for m in ours if m is not Level), 1)  # levels came with migrations
    return {model: 100_000 * number for number, model in numbered}


def our_models():
    """The models of our apps, without those of their histories."""
    found = [m for label in OUR_APPS for m in apps.get_app_config(label).get_models()]
    return [model for model in found if not model.__name__.startswith("Historical")]
