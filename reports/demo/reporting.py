"""The monthly form and a year of made-up reports: late, returned, missing, không phát sinh.

The steps are written in bulk, with the same history and events as the services write, and
the totals are counted by `rebuild_totals`; `check_totals` finds no difference.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random
from zoneinfo import ZoneInfo

from branches.models import Level
from programs.models import Indicator
from reports.models import (
    Figure,
    Period,
    PeriodDue,
    PeriodRule,
    Report,
    ReportEvent,
    ReportForm,
)
from reports.services import ask_indicators, digest, open_period, write_history
from reports.totals import rebuild_totals

from .people import Role, username

YEAR = 2021
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Status = Report.Status
Kind = ReportEvent.Kind

# section, code, name, unit of measure, aggregation, value type
LINES = [
    ("Tổ chức Hội", "hoi-vien", "Tổng số hội viên", "người", "stock", "whole"),
    ("Tổ chức Hội", "phu-nu-18", "Phụ nữ từ 18 tuổi trở lên có mặt", "người", "stock", "whole"),
    ("Tổ chức Hội", "ty-le-tap-hop", "Tỷ lệ tập hợp hội viên", "%", "ratio", "decimal"),
    ("Tổ chức Hội", "hoi-vien-moi", "Hội viên kết nạp mới", "người", "flow", "whole"),
    ("Tổ chức Hội", "chi-hoi-duoc-giup", "Chi hội được giúp đỡ", "lượt chi hội", "flow", "whole"),
    ("Tổ chức Hội", "chi-hoi-truong-tap-huan", "Chi hội trưởng được tập huấn", "người", "flow",
     "whole"),
    ("Tuyên truyền", "cuoc-tuyen-truyen", "Số cuộc tuyên truyền", "cuộc", "flow", "whole"),
    ("Tuyên truyền", "luot-nguoi", "Lượt người được tuyên truyền", "lượt người", "flow", "whole"),
    ("Tuyên truyền", "loai-hinh", "Duy trì ít nhất 01 loại hình hoạt động", "% đơn vị",
     "share_of_units", "yes_no"),
    ("Tuyên truyền", "nhom-zalo", "Nhóm Zalo, trang Facebook của Hội", "nhóm", "stock", "whole"),
    ("Kinh tế", "ho-thoat-ngheo", "Hộ được giúp thoát nghèo, cận nghèo", "hộ", "flow", "whole"),
    ("Kinh tế", "du-no-nhcsxh", "Dư nợ ủy thác Ngân hàng Chính sách xã hội", "đồng", "stock",
     "money"),
    ("Gia đình, an sinh", "mai-am", "Mái ấm tình thương xây, sửa", "căn", "flow", "whole"),
    ("Gia đình, an sinh", "suat-qua", "Suất quà, học bổng", "suất", "flow", "whole"),
    ("Gia đình, an sinh", "tre-do-dau", "Trẻ mồ côi đang được đỡ đầu", "trẻ", "stock", "whole"),
    ("Gia đình, an sinh", "kinh-phi", "Kinh phí vận động", "đồng", "flow", "money"),
]  # fmt: skip
WORDS = [
    "Tổ chức sinh hoạt chi hội, thăm và giúp chi hội khó khăn theo phân công.",
    "Phối hợp tuyên truyền phòng, chống dịch và bình đẳng giới tại khu dân cư.",
    "Vận động quà, học bổng cho phụ nữ và trẻ em khó khăn.",
]
REASONS = [
    "Số hội viên thấp hơn tháng trước, đề nghị kiểm tra lại.",
    "Chưa ghi kinh phí vận động, đề nghị bổ sung.",
    "Phần kết quả còn thiếu hoạt động giúp chi hội.",
]
DUE_DAY = {"xa": 20, "huyen": 25, "truc_thuoc": 25}
# March is the month of the worked example: 48/56 xã/phường and 9/11 units of the city.
SILENT_IN_MARCH = ["Hòa Minh", "Xuân Hà", "Thuận Phước", "Nam Dương", "Phước Mỹ", "Khuê Mỹ",
                   "Hòa An", "Hòa Phú", "Ngũ Hành Sơn", "Hội phụ nữ Chợ"]  # fmt: skip


def add_form(program, units):
    form = ReportForm.objects.create(
        code="hvch-thang",
        name="Báo cáo tháng “Hướng về Chi hội”",
        owner=units.city,
        program=program,
    )
    form.levels.set(Level.objects.filter(code__in=DUE_DAY))
    made = {}
    for _, code, name, unit, aggregation, value_type in LINES:
        parts = {}
        if aggregation == Indicator.Aggregation.RATIO:
            parts = {"numerator": made["hoi-vien"], "denominator": made["phu-nu-18"]}
        made[code] = Indicator.objects.create(
            code=code,
            name=name,
            unit=unit,
            aggregation=aggregation,
            value_type=value_type,
            **parts,
        )
    sections = [
        (section, [made[row[1]] for row in rows])
        for section, rows in groupby(LINES, key=lambda row: row[0])
    ]
    ask_indicators(form, sections, in_force_on=date(YEAR, 1, 1))
    return form


def add_month(form, month):
    last = monthrange(YEAR, month)[1]
    period = Period.objects.create(
        form=form,
        code=f"{YEAR}-{month:02}",
        year=YEAR,
        label=f"Tháng {month}/{YEAR}",
        starts_on=date(YEAR, month, 1),
        ends_on=date(YEAR, month, last),
        cut_off_on=date(YEAR, month, 15),
    )
    for code, day in DUE_DAY.items():
        PeriodDue.objects.create(
            period=period, level=Level.objects.get(code=code), due_on=date(YEAR, month, day)
        )
    return period


def at(day, hour):
    return datetime.combine(day, time(hour, 15), tzinfo=HANOI)


def add_rule(form):
    """How the months come about: the same days as this year's, for the years to come."""
    rule = PeriodRule.objects.create(form=form, kind=Period.Kind.MONTH, cut_off_day=15)
    for code, day in DUE_DAY.items():
        rule.dues.create(level=Level.objects.get(code=code), day=day)


def add_reports(form, units, people):
    add_rule(form)
    periods = []
    for month in range(1, 13):
        period = add_month(form, month)
        by = people["danang.quantri"]
        open_period(period=period, by=by, at=at(period.starts_on, 8))
        periods.append(period)
    YearWriter(form, people).write(periods)
    rebuild_totals(periods)


class YearWriter:
    """Fills the opened reports of a year from one fixed seed."""

    def __init__(self, form, people):
        self.people = people
        self.random = Random(YEAR)
        self.indicators = {line.indicator.code: line.indicator for line in form.lines.all()}
        self.members = {}  # branch id → members so far, so that stocks grow month by month
        self.reports, self.figures, self.events = [], [], []

    def write(self, periods):
        for period in periods:
            reports = period.reports.select_related("branch__level", "branch__parent", "period")
            for report in reports.order_by("branch_id"):
                self.write_report(report, self.fate(report))
        self.save()

    def fate(self, report):
        """What became of the report: a word, the same every time the demonstration is built."""
        month, name = report.period.starts_on.month, report.branch.name
        chance = self.random.random()  # drawn always, so that one rule does not shift the others
        if month == 3:
            return "missing" if name in SILENT_IN_MARCH else "late" if chance < 0.1 else "approved"
        if month == 12:
            if name in ("Thọ Quang", "Sơn Trà"):
                return "missing"
            return "missing" if chance < 0.5 else "draft" if chance < 0.6 else "submitted"
        if name in ("Thọ Quang", "Sơn Trà"):
            return "approved"
        for word, share in (("missing", 0.05), ("returned", 0.08), ("nothing", 0.14),
                            ("late", 0.22), ("corrected", 0.28)):  # fmt: skip
            if chance < share:
                return word
        return "approved"

    def write_report(self, report, fate):
        if fate == "missing":
            return
        officer = self.people[username(report.branch, Role.OFFICER)]
        reviewer = self.people[username(report.branch.parent, Role.REVIEWER)]
        figures = self.nothing() if fate == "nothing" else self.month_of(report)
        self.figures += [
            Figure(report=report, indicator=self.indicators[code], **cell)
            for code, cell in figures.items()
        ]
        self.fill_words(report, fate)
        days = -self.random.randint(0, 6) if fate != "late" else self.random.randint(1, 9)
        sent = at(report.due_on + timedelta(days=days), 8 + self.random.randint(0, 8))
        steps = STEPS[fate]
        if steps:
            report.first_submitted_at, report.first_submitted_on = sent, sent.date()
        standing = self.standing(report, figures)
        for gap, kind in enumerate(steps):
            self.events.append(
                ReportEvent(
                    report=report,
                    kind=kind,
                    by=officer if kind == Kind.SUBMITTED else reviewer,
                    at=sent + timedelta(days=gap),
                    reason=self.random.choice(REASONS) if kind == Kind.RETURNED else "",
                    snapshot=standing,
                    digest=digest(standing),
                )
            )
        report.status = STATUS[steps[-1]] if steps else Status.DRAFT
        report.version = 1 + max(len(steps), 1)
        self.reports.append(report)

    def fill_words(self, report, fate):
        report.nothing_to_report = fate == "nothing"
        if fate == "nothing":
            return
        report.results = self.random.choice(WORDS)
        report.next_plans = "Tiếp tục giúp chi hội theo kế hoạch, chuẩn bị giao ban tháng sau."
        if self.random.random() < 0.3:
            report.difficulties = "Dịch bệnh nên khó tổ chức sinh hoạt đông người."
        if self.random.random() < 0.15:
            report.proposals = "Đề nghị cấp thêm tài liệu sinh hoạt chi hội."

    def nothing(self):
        return {
            code: {"value": None, "is_nothing": True}
            for code, indicator in self.indicators.items()
            if indicator.aggregation == Indicator.Aggregation.FLOW
        }

    def month_of(self, report):
        """A month's cells: indicator code → Figure's fields. Districts count few of their own."""
        draw = self.random.randint
        is_commune = report.branch.level.code == "xa"
        new = draw(0, 9) if is_commune else draw(0, 2)
        members, women, zalo, debt, children = self.members.get(
            report.branch_id,
            (draw(1400, 2600), draw(2700, 3600), draw(4, 15), draw(8_000, 24_000), draw(2, 9))
            if is_commune
            else (draw(60, 220), draw(230, 300), draw(1, 4), 0, draw(0, 3)),
        )
        members, women = members + new, women + draw(0, 6)
        self.members[report.branch_id] = (members, women, zalo, debt, children)
        meetings = draw(1, 8)
        values = {
            "hoi-vien": members,
            "phu-nu-18": women,
            "hoi-vien-moi": new,
            "chi-hoi-duoc-giup": draw(0, 2),
            "chi-hoi-truong-tap-huan": draw(0, 12) if is_commune else draw(0, 3),
            "cuoc-tuyen-truyen": meetings,
            "luot-nguoi": meetings * draw(25, 70),
            "loai-hinh": 1 if draw(1, 12) > 1 else 0,
            "nhom-zalo": zalo,
            "ho-thoat-ngheo": draw(0, 3) if is_commune else 0,
            "du-no-nhcsxh": debt * 1_000_000,
            "mai-am": 1 if draw(1, 14) == 1 else 0,
            "suat-qua": draw(0, 40),
            "tre-do-dau": children,
            "kinh-phi": draw(0, 60) * 500_000,
        }
        return {
            code: {"value": Decimal(value), "is_nothing": False} for code, value in values.items()
        }

    def standing(self, report, figures):
        """The same shape as `reports.services.snapshot`, before the figures are saved."""
        return {
            "figures": {
                code: "không phát sinh" if cell["is_nothing"] else f"{cell['value']:.2f}"
                for code, cell in sorted(figures.items())
            },
            "narrative": {name: getattr(report, name) for name in Report.NARRATIVE},
            "nothing": report.nothing_to_report,
            "explanations": {},
            "files": [],
            "proposals": [],
        }

    def save(self):
        changed = [
            "status", "nothing_to_report", "first_submitted_at", "first_submitted_on", "version",
            *Report.NARRATIVE,
        ]  # fmt: skip
        Report.objects.bulk_update(self.reports, changed, batch_size=100)
        Figure.objects.bulk_create(self.figures, batch_size=500)
        ReportEvent.objects.bulk_create(self.events, batch_size=500)
        at_end = at(date(YEAR, 12, 31), 8)
        for model, rows in ((Report, self.reports), (Figure, self.figures)):
            write_history(
                model, rows, by=None, at=at_end, reason="dữ liệu mẫu", new=model is Figure
            )


STEPS = {
    "approved": [Kind.SUBMITTED, Kind.APPROVED],
    "late": [Kind.SUBMITTED, Kind.APPROVED],
    "nothing": [Kind.SUBMITTED, Kind.APPROVED],
    "corrected": [Kind.SUBMITTED, Kind.RETURNED, Kind.SUBMITTED, Kind.APPROVED],
    "returned": [Kind.SUBMITTED, Kind.RETURNED],
    "submitted": [Kind.SUBMITTED],
    "draft": [],
}
STATUS = {
    Kind.SUBMITTED: Status.SUBMITTED,
    Kind.RETURNED: Status.RETURNED,
    Kind.APPROVED: Status.APPROVED,
}
