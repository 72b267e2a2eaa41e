"""What the access table asks for: each route's row, made when it is asked for, and what is
posted to it."""

from fnmatch import fnmatch
from functools import cached_property

from django.core.files.base import ContentFile
from django.utils.timezone import localdate

from programs.models import Condition, Content, ItemKind, Partner, PlanDocument
from programs.services import (
    add_item,
    add_part,
    add_target,
    ask_reading,
    invite_guest,
    localise_target,
    read_paper,
    receive,
    record_delivery,
)

from .conftest import DAY
from .people_helped import child_of, donor_of, sponsored
from .support import photo

# Route of a single row → which of `Rows`; the first that fits. The rest name the programme.
NAMED = [
    ("condition_create", "assignment"),
    ("condition_update", "condition"),
    ("assignment_list", "program"),
    ("assignment_create", "program"),
    ("assignment_*", "assignment"),
    ("partner_create", "city"),
    ("partner_update", "partner"),
    ("branch_panel", "ward"),
    ("support_detail", "helped_ward"),
    ("part_create", "program"),
    ("part_*", "content"),
    ("cited", "content"),
    ("document_file", "paper"),
    ("target_list", "program"),
    ("target_create", "program"),
    ("target_*", "target"),
    ("item_list", "program"),
    ("item_create", "program"),
    ("item_*", "item"),
    ("delivery_create", "item"),
    ("delivery_file", "photo"),
    ("delivery_*", "delivery"),
    ("invitation_*", "invitation"),
    ("contribution_create", "program"),
    ("contribution_*", "contribution"),
    ("entry_*", "entry"),
    ("donor_*", "donor"),
    ("beneficiary_create", "program"),
    ("beneficiary_*", "child"),
    ("consent_create", "child"),
    ("consent_*", "consent"),
    ("sponsorship_list", "program"),
    ("sponsorship_create", "program"),
    ("sponsorship_*", "sponsorship"),
    ("payment_*", "payment"),
    ("reading_*", "reading"),
    ("*", "program"),
]
WITHOUT_ARGS = (
    "program_list", "program_create", "line_row", "milestone_row", "plan_check", "partner_list",
    "donor_list", "donor_create", "reading_list", "reading_create", "outside_panel",
)  # fmt: skip
OF_THE_CITY = ("line_row", "milestone_row", "plan_check")
# Rows that are changed under the version of another.
VERSION_OF = {
    "content": "program", "paper": "program", "entry": "contribution", "consent": "child",
}  # fmt: skip
DATA = {
    "reason": "hết giai đoạn",
    "lines-TOTAL_FORMS": "0",
    "lines-INITIAL_FORMS": "0",
    "milestones-TOTAL_FORMS": "0",
    "milestones-INITIAL_FORMS": "0",
    "parts-TOTAL_FORMS": "0",
    "parts-INITIAL_FORMS": "0",
    "ends_on": "01/12/2021",
    "ended_on": "01/12/2021",
    "value": "5 triệu",
    "on": "10/03/2021",
    "kinds": "received",
    "name": "Công ty Hải Âu",
    "kind": "company",
    "purpose": "xét học bổng",
    "monthly": "400.000",
    "from_month": "01/03/2021",
    "paid": "300.000",
    "paid_on": "05/03/2021",
    "guest_name": "Lò Thị Pành",
    "guest_office": "Hiệu trưởng",
}


class Rows:
    """One row of each kind, over the cast's programme."""

    def __init__(self, line, request):
        self.line, self.get = line, request.getfixturevalue
        self.name = line.route.removeprefix("programs:")
        self.units, self.people, self.program = map(self.get, ("units", "people", "program"))
        self.city, self.ward = self.units.da_nang, self.units.tho_quang

    @property
    def is_of_the_city(self):
        return self.name in OF_THE_CITY or self.line.key.endswith("/city")

    @property
    def kind(self):
        return next(kind for pattern, kind in NAMED if fnmatch(self.name, pattern))

    @cached_property
    def assignment(self):
        return self.get("help_given")(self.units.cong_an, self.units.chi_hoi_1)

    @cached_property
    def condition(self):
        return Condition.objects.create(assignment=self.assignment, moment="before", year=2021)

    @cached_property
    def partner(self):
        return Partner.objects.create(branch=self.city, name="Bộ đội Biên phòng")

    @cached_property
    def content(self):
        return add_part(
            model=Content, program=self.program, by=self.people.an, heading="Tuyên truyền"
        )

    @cached_property
    def paper(self):
        file = ContentFile(b"%PDF-", "ke-hoach.pdf")
        file.content_type = "application/pdf"
        return add_part(
            model=PlanDocument, program=self.program, by=self.people.an, title="Kế hoạch",
            upload=file,
        )  # fmt: skip

    @cached_property
    def target(self):
        """One of the city, or Sơn Trà's own of it."""
        part = {"shape": "absolute", "text": "hộ", "value": 5}
        target = add_target(
            program=self.program, number="1", text="5 hộ", parts=[part], by=self.people.an
        )
        if not self.line.key.endswith("/own"):
            return target
        numbers = {target.parts.get().pk: {"value": 2}}
        return localise_target(
            target=target, branch=self.units.son_tra, parts=numbers, by=self.people.giang
        )

    @cached_property
    def item(self):
        return add_item(
            program=self.program, giver=self.units.cong_an, places=[self.ward],
            what="50 suất quà", kind=ItemKind.objects.get(code="qua"), by=self.people.phuong,
        )  # fmt: skip

    @cached_property
    def delivery(self):
        return record_delivery(
            item=self.item, place=self.ward, given_on=DAY, by=self.people.phuong, photos=[photo()]
        )

    @cached_property
    def invitation(self):
        invitation, _ = invite_guest(
            deliveries=[self.delivery], guest_name="Lò Thị Pành", guest_office="Hiệu trưởng",
            ends_on=localdate(), by=self.people.phuong, today=localdate(),
        )  # fmt: skip
        return invitation

    @property
    def photo(self):
        return self.delivery.files.get()

    @property
    def helped_ward(self):
        """The ward, with something handed over in it."""
        return self.delivery.place

    @cached_property
    def gift(self):
        """Money in the ledger, allotted and not, so that each verb has something to take."""
        gift = self.get("gift")
        for version, item in enumerate((None, gift.house), start=1):
            receive(
                contribution=gift.contribution, seen_version=version, value=10_000_000, on=DAY,
                by=self.people.hoa, item=item,
            )  # fmt: skip
        gift.contribution.refresh_from_db()
        return gift

    @property
    def contribution(self):
        return self.gift.contribution

    @property
    def entry(self):
        return self.contribution.entries.first()

    @property
    def donor(self):
        return self.gift.donor

    @cached_property
    def child(self):
        return child_of(self.program, self.ward, self.people.hoa)

    @property
    def consent(self):
        return self.child.consents.get()

    @cached_property
    def sponsorship(self):
        donor = donor_of(self.units.thanh_binh)
        [sponsorship] = sponsored(self.program, donor, [self.child], self.people.an)
        return sponsorship

    @property
    def payment(self):
        return self.sponsorship.payments.first()

    @cached_property
    def reading(self):
        reading = ask_reading(branch=self.city, by=self.people.an, text="Kế hoạch năm 2021")
        read_paper(reading)
        return reading


def args_of(line, rows):
    """What stands in the route's address."""
    if rows.name in WITHOUT_ARGS:
        return []
    row = getattr(rows, rows.kind)
    if rows.name == "part_create":
        return [row.slug, "contents"]
    if rows.kind == "content":
        return ["contents", row.pk]
    return [row.slug if rows.kind in ("program", "city", "ward", "helped_ward") else row.pk]


def data_of(line, rows):
    """What a person would send, as she sees the row."""
    versioned = getattr(rows, VERSION_OF.get(rows.kind, rows.kind))
    data = DATA | {"version": getattr(versioned, "version", 1)}
    if rows.kind in ("contribution", "entry"):
        data |= {"item": rows.gift.house.pk, "target": rows.gift.house.pk}
    if rows.name == "sponsorship_extend":
        data["ends_on"] = "01/02/2022"
    return data
