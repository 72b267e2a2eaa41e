"""What of a programme will be erased, and when."""

from dataclasses import dataclass
from datetime import date, timedelta

from programs.models import Beneficiary, DeliveryFile

TOLD_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class ToErase:
    """`on`: the first day on which it goes; the numbers are what goes then."""

    on: date
    records: int
    photos: int


def to_erase(program):
    """None unless its owner has been told."""
    if program.erasure_told_on is None or program.erased_on or program.keep_until is None:
        return None
    photos = DeliveryFile.objects.filter(
        delivery__item__program=program, kind=DeliveryFile.Kind.PHOTO
    )
    return ToErase(
        on=erased_from(program),
        records=Beneficiary.objects.of(program).standing().count(),
        photos=photos.count(),
    )


def erased_from(program):
    return max(program.keep_until + timedelta(days=1), program.erasure_told_on + TOLD_BEFORE)
