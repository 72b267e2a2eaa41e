"""What workbooks may hold on this floor: one module per noun."""

from .accounts import ACCOUNTS
from .decrees import DECREES
from .units import BranchResource

__all__ = ["ACCOUNTS", "DECREES", "BranchResource"]
