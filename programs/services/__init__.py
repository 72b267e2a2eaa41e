"""What changes programmes and all that belongs to them: verbs, one transaction each.

Every verb raises ProgramError with a sentence for the screen, and writes the history of each
row it touches with the person and the reason.
"""

from .assignments import assign, change_assignment, end_assignment
from .beneficiaries import (
    add_beneficiary,
    change_beneficiary,
    erase_beneficiary,
    erase_expired,
    look_at,
    record_consent,
    withdraw_consent,
)
from .programs import change_program, close_program, create_program, keep_part, start_program
from .quotas import add_line, allot_quota, change_line, check_line, remove_line, wanted_quotas
from .shared import STALE, ProgramError
from .sponsorships import (
    change_amount,
    end_sponsorship,
    extend_sponsorship,
    mark_paid,
    sponsor,
    unmark_paid,
)

__all__ = [
    "ProgramError",
    "STALE",
    "add_beneficiary",
    "add_line",
    "allot_quota",
    "assign",
    "change_amount",
    "change_assignment",
    "change_beneficiary",
    "change_line",
    "change_program",
    "check_line",
    "close_program",
    "create_program",
    "end_assignment",
    "end_sponsorship",
    "erase_beneficiary",
    "erase_expired",
    "extend_sponsorship",
    "keep_part",
    "look_at",
    "mark_paid",
    "record_consent",
    "remove_line",
    "sponsor",
    "start_program",
    "unmark_paid",
    "wanted_quotas",
    "withdraw_consent",
]
