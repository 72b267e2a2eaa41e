"""What changes the organisation: verbs, each in one transaction."""

from .checks import BranchError, refuse_invalid
from .files import store_file
from .people import end_position, hold_position
from .tree import (
    TREE_LOCK,
    as_it_stands,
    change_branch,
    check_level,
    close_branch,
    free_slug,
    keep_span,
    lock_tree,
    move_branch,
    open_branch,
    open_branches,
    open_team,
    rename_branch,
    wrong_paths,
)

__all__ = [
    "TREE_LOCK",
    "BranchError",
    "as_it_stands",
    "change_branch",
    "check_level",
    "close_branch",
    "end_position",
    "free_slug",
    "hold_position",
    "keep_span",
    "lock_tree",
    "move_branch",
    "open_branch",
    "open_branches",
    "open_team",
    "refuse_invalid",
    "rename_branch",
    "store_file",
    "wrong_paths",
]
