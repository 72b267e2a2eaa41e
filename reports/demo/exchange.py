"""What units ask and tell each other: proposals with answers, a meeting of a district, notices.

All made up. What the reports of the year say under "Kiến nghị" and "Khó khăn" stands as rows.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from branches.models import Level
from reports.models import Briefing, Conclusion, Notice, NoticeReceipt, Proposal, Report
from reports.services import (
    answer_proposal,
    finish_conclusion,
    mark_seen,
    pass_up,
    send_notice,
    write_briefing,
    write_conclusion,
    write_history,
    write_notice,
)

from .people import Role, username

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
HANDED_IN = (Report.Status.SUBMITTED, Report.Status.APPROVED)
ANSWER = "Quận đã nhận tài liệu của thành phố, chuyển về phường trong tuần tới."
CONCLUSIONS = [
    ("Rà soát hội viên khó khăn, gửi danh sách đề nghị tặng quà Tết.", "Thọ Quang", "",
     date(2021, 12, 10), False),
    ("Hoàn thành báo cáo năm, đối chiếu số hội viên với chi hội.", "Mân Thái", "",
     date(2021, 12, 15), True),
    ("Chuẩn bị nội dung tổng kết năm.", "", "Chị Phó Chủ tịch", date(2021, 12, 20), False),
]  # fmt: skip


def at(month, day, hour=9):
    return datetime(2021, month, day, hour, 15, tzinfo=HANOI)


def add_exchange(units, people):
    district = units.districts["Sơn Trà"]
    reviewer = people["sontra.duyet"]
    add_proposals(district, units.city, reviewer)
    add_briefing(district, units, reviewer, people)
    add_notices(units, people)


def add_proposals(district, city, reviewer):
    """Of the wards of one district; those of November are answered, one is passed up."""
    reports = Report.objects.filter(
        branch__parent=district, period__year=2021, status__in=HANDED_IN
    ).select_related("period")
    rows = []
    for report in reports.order_by("period__starts_on", "pk"):
        for name, kind in (("difficulties", "difficulty"), ("proposals", "proposal")):
            text = getattr(report, name)
            if text:
                rows.append(Proposal(report=report, kind=kind, text=text, addressed_to=district))
    made = Proposal.objects.bulk_create(rows)
    write_history(Proposal, made, by=None, at=at(12, 31), reason="dữ liệu mẫu", new=True)
    earlier = [row for row in made if row.report.period.starts_on < date(2021, 11, 1)]
    for row in earlier[:-2]:
        answer_proposal(proposal=row, seen_version=1, answer=ANSWER, by=reviewer, at=at(11, 5))
    for row in earlier[-2:-1]:
        pass_up(
            proposal=row, seen_version=1, to=city, by=reviewer, at=at(11, 5),
            word="Ngoài khả năng của quận.",
        )  # fmt: skip


def add_briefing(district, units, reviewer, people):
    meeting = write_briefing(
        briefing=Briefing(branch=district), held_on=date(2021, 12, 3), period=None, by=reviewer,
        at=at(12, 3), agenda="Kiểm điểm tháng 11, triển khai tháng 12.",
        present="Thường trực Hội quận, Chủ tịch Hội các phường.", notes="",
    )  # fmt: skip
    for text, ward, who, due, is_done in CONCLUSIONS:
        row = write_conclusion(
            conclusion=Conclusion(briefing=meeting), text=text, who=who, due_on=due, by=reviewer,
            unit=units.communes[ward] if ward else None, at=at(12, 3, 11),
        )  # fmt: skip
        if is_done:
            finish_conclusion(
                conclusion=row, seen_version=row.version, word="Đã gửi quận.",
                by=people["manthai.canbo"], at=at(12, 14),
            )  # fmt: skip


def add_notices(units, people):
    officer = people["danang.canbo"]
    communes = Level.objects.filter(code="xa")
    notice = write_notice(
        notice=Notice(branch=units.city, by=officer), title="Chuẩn bị báo cáo năm 2021",
        body="Các đơn vị rà soát số liệu cả năm, nộp báo cáo tháng 12 đúng hạn.\n"
        "Đơn vị nào cần gia hạn thì báo trước ngày 15/12.",
        levels=communes, units=[], by=officer, at=at(12, 1),
    )  # fmt: skip
    count = len(units.communes)
    send_notice(
        notice=notice, seen_version=notice.version, seen_count=count, by=officer, at=at(12, 1)
    )
    for receipt in notice.receipts.filter(branch__name__startswith="H").select_related("branch"):
        mark_seen(
            notice=notice, receipts=NoticeReceipt.objects.filter(pk=receipt.pk), at=at(12, 2),
            by=people[username(receipt.branch, Role.OFFICER)],
        )  # fmt: skip
