"""The five documents as programmes: what they print, with the clause it is printed in.

Nothing that a paper leaves open is filled in: a missing number, date or amount stays unknown.
What is marked as a sample (donors, hand-overs, children) is made up.
"""

from programs.models import Indicator, StatedFigure
from programs.services.shared import keep

from . import da_nang, ha_noi, hoc_mon, phu_yen, trung_uong
from .shared import REASON

# the label of a printed figure → the code of the indicator
NAMED = {
    "Tổng số hội viên": "hoi-vien",
    "Tổng số hội viên toàn tỉnh": "hoi-vien",
    "Tỷ lệ hội viên so với phụ nữ": "ty-le-tap-hop",
}

__all__ = ["add_documents", "name_indicators"]


def add_documents(program, units, people):
    da_nang.complete(program, people)
    ha_noi.add(units, people)
    phu_yen.add(units, people)
    trung_uong.add(units, people)
    hoc_mon.add(units, people)


def name_indicators(people):
    """What the two articles of 2023 print of members is what the monthly form asks for: their page
    sets them against the reports of that year, of which the demonstration has none."""
    by = people["trunguong.quantri"]
    for label, code in NAMED.items():
        for figure in StatedFigure.objects.filter(label=label):
            figure.indicator = Indicator.objects.get(code=code)
            keep(figure, by, REASON)
