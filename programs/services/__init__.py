"""What changes programmes and all that belongs to them: verbs, one transaction each.

Every verb raises ProgramError with a sentence for the screen, and writes the history of each
row it touches with the person and the reason.
"""

from .assignments import (
    assign,
    change_assignment,
    end_assignment,
    keep_condition,
    keep_partner,
)
from .beneficiaries import (
    add_beneficiary,
    change_beneficiary,
    erase_beneficiary,
    erase_expired,
    look_at,
    record_consent,
    withdraw_consent,
)
from .editions import cancel_program, copy_program
from .invitations import (
    INVITED_DAYS,
    MOST_DAYS,
    answer_as_guest,
    find_invitation,
    invite_guest,
    renew_code,
    use_code,
    withdraw_invitation,
)
from .keeping import keep_no_longer, set_keeping
from .ledger import allot, correct, give, pledge, receive
from .papers import add_part, change_part, remove_part
from .programs import change_program, close_program, create_program, keep_part, start_program
from .quotas import add_line, allot_quota, change_line, check_line, remove_line, wanted_quotas
from .readings import ask_reading, keep_choices, read_paper, shown_proposals
from .recipients import judge_pair, name_recipients
from .resources import add_contribution, add_donor, change_contribution, change_donor
from .shared import STALE, ProgramError, Stale
from .sponsorships import (
    change_amount,
    end_sponsorship,
    extend_sponsorship,
    mark_paid,
    sponsor,
    unmark_paid,
)
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
from .taking_over import TakingError, take_over
from .targets import add_target, change_target, localise_target, remove_target

__all__ = [
    "INVITED_DAYS",
    "MOST_DAYS",
    "STALE",
    "Stale",
    "ProgramError",
    "TakingError",
    "add_beneficiary",
    "add_contribution",
    "add_donor",
    "add_item",
    "add_line",
    "add_part",
    "add_target",
    "allot",
    "allot_quota",
    "answer_as_guest",
    "ask_reading",
    "assign",
    "attach_minutes",
    "cancel_delivery",
    "cancel_program",
    "change_amount",
    "change_assignment",
    "change_beneficiary",
    "change_contribution",
    "change_donor",
    "change_item",
    "change_line",
    "change_part",
    "change_program",
    "change_target",
    "check_line",
    "close_program",
    "confirm_delivery",
    "copy_program",
    "correct",
    "create_program",
    "dispute_delivery",
    "end_assignment",
    "end_item",
    "end_sponsorship",
    "erase_beneficiary",
    "erase_expired",
    "extend_sponsorship",
    "find_invitation",
    "give",
    "invite_guest",
    "judge_pair",
    "keep_choices",
    "keep_condition",
    "keep_no_longer",
    "keep_part",
    "keep_partner",
    "localise_target",
    "look_at",
    "mark_paid",
    "name_recipients",
    "pledge",
    "read_paper",
    "receive",
    "record_consent",
    "record_delivery",
    "remove_line",
    "remove_part",
    "remove_target",
    "renew_code",
    "set_keeping",
    "shown_proposals",
    "sponsor",
    "start_program",
    "take_over",
    "unmark_paid",
    "use_code",
    "wanted_quotas",
    "withdraw_consent",
    "withdraw_invitation",
]
