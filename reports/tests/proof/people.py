"""Whom the programmes of the proof's world help: records, consents, sponsorships, payments.

The code of a record is for everybody who may count, so it is no canary. What needs a purpose
to be read is a thing of its own, and so is what was erased: that nobody reads again.
"""

from datetime import date

from programs.models import Payment
from programs.services import (
    add_beneficiary,
    end_sponsorship,
    erase_beneficiary,
    look_at,
    mark_paid,
    sponsor,
)
from reports.tests.conftest import moment

TODAY = date(2021, 3, 10)
# (owner of the programme, unit that looks after the child)
RECORDS = [
    ("da_nang", "da_nang"),
    ("da_nang", "son_tra"),
    ("da_nang", "cong_an"),
    ("da_nang", "tho_quang"),
    ("da_nang", "man_thai"),
    ("da_nang", "hai_chau"),
    ("da_nang", "thanh_binh"),
    ("da_nang", "chi_hoi_1"),
    ("son_tra", "da_nang"),
    ("son_tra", "son_tra"),
    ("son_tra", "tho_quang"),
    ("tho_quang", "tho_quang"),
    ("tho_quang", "chi_hoi_2"),
    ("quang_nam", "quang_nam"),
    ("quang_nam", "hoi_an"),
    ("hoi_an", "minh_an"),
]
# (…, …, the unit that knows the sponsor)
SPONSORED = [
    ("da_nang", "tho_quang", "thanh_binh"),
    ("da_nang", "chi_hoi_1", "da_nang"),
    ("da_nang", "thanh_binh", "thanh_binh"),
    ("da_nang", "cong_an", "cong_an"),
    ("da_nang", "man_thai", "man_thai"),
    ("da_nang", "son_tra", "son_tra"),
    ("son_tra", "tho_quang", "thanh_binh"),
    ("tho_quang", "tho_quang", "tho_quang"),
    ("quang_nam", "hoi_an", "quang_nam"),
]


def add_people_helped(world):
    children = {ends: add_record(world, *ends) for ends in RECORDS}
    for owner, key, known_to in SPONSORED:
        add_sponsorship(world, owner, children[owner, key], known_to)
    add_erased(world)


def add_record(world, owner, key):
    """A child with all that may be written of her, and the consent for it."""
    officer = world.who("officer", key)
    thing = world.new("record", key, actors=(officer,))
    secret = world.new("sensitive", key, owner=owner)
    consent = world.new("consent", key, actors=(officer,))
    look = world.new("look", key)
    thing.row = add_beneficiary(
        program=world.programs[owner], branch=world.unit(key), kind="child", by=officer,
        today=TODAY, **basic(world, thing), **sensitive(world, secret),
        consent={
            "given_by": f"Mẹ {world.word(consent)}", "relation": "mẹ",
            "how": f"Phiếu {world.word(consent)}", "given_on": date(2021, 3, 1),
        },
    )  # fmt: skip
    consent.row = thing.row.consents.get()
    look_at(beneficiary=thing.row, by=officer, sensitive=True, purpose=f"xét {world.word(look)}")
    return thing


def basic(world, thing):
    says = ("full_name", "address", "guardian", "school")
    return {"birth_year": 2016} | {name: f"Trần {world.word(thing)}" for name in says}


def sensitive(world, thing):
    """An identity number of 12 digits begins like a telephone number, so that it is known."""
    return {
        "phone": world.phone(thing),
        "identity_number": f"{world.phone(thing)}00",
        "orphan_cause": world.word(thing),
        "circumstances": f"Hoàn cảnh {world.word(thing)}",
    }


def add_sponsorship(world, owner, child, known_to):
    """Three months, of which one is paid and the last was given up."""
    officer, (donor, name) = world.who("officer", child.unit), world.donors[known_to]
    sums = world.new("sponsored sum", child.unit, other=known_to, owner=owner)
    beside = (name, world.program_names[owner], sums)
    thing = world.new("sponsorship", child.unit, other=known_to, actors=(officer,), beside=beside)
    [thing.row] = sponsor(
        program=world.programs[owner], sponsor=donor, children=[child.row], mode="direct",
        monthly=world.money(sums), starts_on=date(2021, 1, 1), ends_on=date(2021, 3, 31),
        note=f"Ghi chú {world.word(thing)}", by=officer,
    )  # fmt: skip
    first = thing.row.payments.first()
    mark_paid(
        payment=first, seen_version=first.version, paid_on=TODAY, today=TODAY, by=officer,
        paid=world.money(sums), note=f"Đã trao {world.word(thing)}",
    )  # fmt: skip
    if known_to == owner:
        thing.row = end_sponsorship(
            sponsorship=thing.row, seen_version=thing.row.version, ends_on=date(2021, 2, 1),
            reason=f"Đã lớn {world.word(thing)}", by=officer,
        )  # fmt: skip
    for row in Payment.objects.filter(sponsorship=thing.row):
        world.new("payment", thing.unit, row=row, words=thing.words, other=known_to, beside=beside)


def add_erased(world):
    """What was written of her is gone; that she was helped, and why no more, is not."""
    key = "tho_quang"
    thing = add_record(world, "da_nang", key)
    gone = world.new("erased", key, to="nobody", words=set(thing.words))
    for other in world.of_kind("sensitive", "consent")[-2:]:
        gone.words |= other.words
        other.words.clear()
    thing.words.clear()
    for word in gone.words:
        world.of_word[word] = gone
    thing.row = erase_beneficiary(
        beneficiary=thing.row, seen_version=thing.row.version, by=thing.actors[0],
        reason=f"Thôi giúp {world.word(thing)}", at=moment(2021, 3, 11),
    )  # fmt: skip
