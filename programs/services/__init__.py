"""What changes programmes and all that belongs to them: verbs, one transaction each.

Every verb raises ProgramError with a sentence for the screen, and writes the history of each
row it touches with the person and the reason.
"""

from .assignments import assign, change_assignment, end_assignment
from .programs import change_program, close_program, create_program, keep_part, start_program
from .quotas import add_line, allot_quota, change_line, check_line, remove_line, wanted_quotas
from .shared import STALE, ProgramError
from .support import (
    add_item,
    attach_minutes,
    cancel_delivery,
    change_item,
    confirm_delivery,
    dispute_delivery,
    end_item,
    record_delivery,
)

__all__ = [
    "STALE",
    "ProgramError",
    "add_line",
    "allot_quota",
    "assign",
    "change_assignment",
    "change_line",
    "change_program",
    "check_line",
    "close_program",
    "create_program",
    "end_assignment",
    "keep_part",
    "remove_line",
    "start_program",
    "wanted_quotas",
    "add_item",
    "attach_minutes",
    "cancel_delivery",
    "change_item",
    "confirm_delivery",
    "dispute_delivery",
    "end_item",
    "record_delivery",
]
