"""What changes programmes and all that belongs to them: verbs, one transaction each.

Every verb raises ProgramError with a sentence for the screen, and writes the history of each
row it touches with the person and the reason.
"""

from .assignments import assign, change_assignment, end_assignment
from .programs import change_program, close_program, create_program, keep_part, start_program
from .quotas import add_line, allot_quota, change_line, check_line, remove_line, wanted_quotas
from .readings import ask_reading, keep_choices, read_paper, shown_proposals
from .shared import STALE, ProgramError
from .taking_over import TakingError, take_over

__all__ = [
    "STALE",
    "ProgramError",
    "TakingError",
    "add_line",
    "allot_quota",
    "ask_reading",
    "assign",
    "change_assignment",
    "change_line",
    "change_program",
    "check_line",
    "close_program",
    "create_program",
    "end_assignment",
    "keep_choices",
    "keep_part",
    "read_paper",
    "remove_line",
    "shown_proposals",
    "start_program",
    "take_over",
    "wanted_quotas",
]
