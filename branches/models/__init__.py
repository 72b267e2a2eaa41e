"""The organisation: units, the people who work in them, the files they keep, the decrees
that change it."""

from .files import StoredFile, Upload, UploadRow, server_made_name
from .people import Position, User, UserManager
from .reorganisation import Reorganisation, ReorganisationRun, Succession, Successor
from .tree import Branch, BranchAlias, BranchKey, BranchSpan, Department, Level, PathField, Team

__all__ = [
    "Branch",
    "BranchAlias",
    "BranchKey",
    "BranchSpan",
    "Department",
    "Level",
    "PathField",
    "Position",
    "Reorganisation",
    "ReorganisationRun",
    "StoredFile",
    "Succession",
    "Successor",
    "Team",
    "Upload",
    "UploadRow",
    "User",
    "UserManager",
    "server_made_name",
]
