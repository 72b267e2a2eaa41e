"""The five documents as programmes: what they print, with the clause it is printed in.

Nothing that a paper leaves open is filled in: a missing number, date or amount stays unknown.
What is marked as a sample (donors, hand-overs, children) is made up.
"""

from . import da_nang, ha_noi, hoc_mon, phu_yen, trung_uong

__all__ = ["add_documents"]


def add_documents(program, units, people):
    da_nang.complete(program, people)
    ha_noi.add(units, people)
    phu_yen.add(units, people)
    trung_uong.add(units, people)
    hoc_mon.add(units, people)
