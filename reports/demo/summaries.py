"""The summary of March: the district's draft, and the city's, frozen for the paper it signs."""

from datetime import date

from reports.models import Period, SummaryParagraph
from reports.services import edit_summary, freeze_summary, gather_summary

from .people import Role, username
from .reporting import YEAR, at

WORDS = (
    "Trong tháng, các cấp Hội kết nạp [Hội viên kết nạp mới] hội viên, tổ chức [Số cuộc tuyên "
    "truyền] cuộc tuyên truyền; tỷ lệ tập hợp đạt [Tỷ lệ tập hợp hội viên]."
)


def add_summaries(form, units, people):
    period = Period.objects.get(form=form, code=f"{YEAR}-03")
    day = date(YEAR, 3, 31)
    for branch in (units.districts["Sơn Trà"], units.city):
        how = {"period": period, "branch": branch, "at": at(day, 9)}
        how["by"] = people[username(branch, Role.OFFICER)]
        gather_summary(**how)
        said_again = SummaryParagraph.objects.filter(
            summary__period=period, summary__branch=branch, repeats__isnull=False
        )
        dropped = {("is_dropped", pk): True for pk in said_again.values_list("pk", flat=True)}
        seen = dict.fromkeys(dropped, False)
        edit_summary(seen=seen, typed=dropped, added=[("results", WORDS)], **how)
    summary = units.city.summaries.get(period=period)
    freeze_summary(
        period=period, branch=units.city, seen_version=summary.version,
        by=people[username(units.city, Role.LEADER)], at=at(day, 15),
    )  # fmt: skip
