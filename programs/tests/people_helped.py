"""Children, their consent and their sponsor, small, for the tests of the people helped."""

from datetime import date

from programs.models import Donor
from programs.services import add_beneficiary, sponsor

TODAY = date(2021, 3, 10)


def agreed(**fields):
    """What stands on the paper of consent for a child below 7."""
    return {
        "given_by": "Trần Thị Mẹ",
        "relation": "mẹ",
        "how": "Phiếu ký ngày 01/03/2021, cặp hồ sơ của Hội phường",
        "given_on": date(2021, 3, 1),
    } | fields


def child_of(program, branch, by, consent=None, **fields):
    """A child of 2016, with her record and the consent for it."""
    return add_beneficiary(
        **{
            "program": program,
            "branch": branch,
            "kind": "child",
            "full_name": "Nguyễn Bảo Ngọc",
            "birth_year": 2016,
            "consent": consent or agreed(),
            "by": by,
            "today": TODAY,
        }
        | fields
    )


def donor_of(branch, name="Công ty Hoa Sen"):
    return Donor.objects.create(branch=branch, name=name, kind=Donor.Kind.COMPANY)


def sponsored(program, donor, children, by, **fields):
    """300.000 đồng a month from January to December 2021."""
    return sponsor(
        **{
            "program": program,
            "sponsor": donor,
            "children": children,
            "mode": "direct",
            "monthly": 300_000,
            "starts_on": date(2021, 1, 1),
            "ends_on": date(2021, 12, 31),
            "by": by,
        }
        | fields
    )
