"""What changes programmes and all that belongs to them: verbs, one transaction each.

Every verb raises ProgramError with a sentence for the screen, and writes the history of each
row it touches with the person and the reason.
"""

from .assignments import assign, change_assignment, end_assignment
from .ledger import allot, correct, give, pledge, receive
from .programs import change_program, close_program, create_program, keep_part, start_program
from .quotas import add_line, allot_quota, change_line, check_line, remove_line, wanted_quotas
from .resources import add_contribution, add_donor, change_contribution, change_donor
from .shared import STALE, ProgramError

__all__ = [
    "STALE",
    "ProgramError",
    "add_contribution",
    "add_donor",
    "add_line",
    "allot",
    "allot_quota",
    "assign",
    "change_assignment",
    "change_contribution",
    "change_donor",
    "change_line",
    "change_program",
    "check_line",
    "close_program",
    "correct",
    "create_program",
    "end_assignment",
    "give",
    "keep_part",
    "pledge",
    "receive",
    "remove_line",
    "start_program",
    "wanted_quotas",
]
