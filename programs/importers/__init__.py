"""What workbooks may hold on this floor: one module per noun."""

from .assignments import ASSIGNMENTS
from .indicators import IndicatorResource

__all__ = ["ASSIGNMENTS", "IndicatorResource"]
