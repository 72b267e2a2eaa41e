"""What a decree does to programmes: what hangs on a unit goes along with it, and comes back."""

from programs.models import Program

from .assignments import move_assignments, take_assignments_back, why_help_stays
from .keeping import give_kept_back, give_places_back, move_kept, move_places
from .quotas import move_owners, move_quotas, take_quotas_back
from .rows import NOT_CLOSED, give_back

__all__ = ["NOT_CLOSED", "give_back", "move_help", "take_help_back", "why_help_stays"]


def move_help(moved, *, decree, by, at):
    """Let what hangs on `moved` (old unit's id → its successor's) go on there from the day on.

    Returns what `take_help_back` needs.
    """
    signed = {"by": by, "reason": f"sắp xếp: {decree}", "at": at}
    return {
        "programs": move_owners(moved, decree, signed),
        **move_quotas(moved, decree, signed),
        **move_assignments(moved, decree, signed),
        "places": move_places(moved, decree, signed),
        "kept": move_kept(moved, decree, signed),
    }


# --- Taken back -------------------------------------------------------------------------------


def take_help_back(kept, *, decree, by, at):
    """Each row as it was before the decree; refused when somebody changed one since."""
    signed = {"by": by, "reason": f"hoàn tác: {decree}", "at": at}
    take_assignments_back(kept, signed)
    give_places_back(kept.get("places", []), signed)
    give_kept_back(kept.get("kept", {}), signed)
    take_quotas_back(kept, signed)
    give_back(Program, "owner", kept["programs"], signed)
