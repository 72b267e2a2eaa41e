"""A small form, two months and what every report test stands on."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from branches.models import Level
from hoiphunu.tests.kept_rows import kept
from programs.models import Indicator
from reports.demo import PASSWORD as DEMO_PASSWORD
from reports.models import FormLine, Period, PeriodDue, Report, ReportForm
from reports.services import (
    approve_report,
    ask_indicators,
    open_period,
    save_draft,
    submit_report,
)

from .kept_demo import write_demo

OPENED_FOR_TESTS = date(2016, 1, 1)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

# code, name, unit, aggregation, value type
INDICATORS = [
    ("cuoc", "Số cuộc tuyên truyền", "cuộc", "flow", "whole"),
    ("kinh_phi", "Kinh phí vận động", "đồng", "flow", "money"),
    ("hoi_vien", "Tổng số hội viên", "người", "stock", "whole"),
    ("phu_nu", "Phụ nữ từ 18 tuổi", "người", "stock", "whole"),
    ("loai_hinh", "Duy trì ít nhất 01 loại hình", "đơn vị", "share_of_units", "yes_no"),
]


def moment(year, month, day, hour=9, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=HANOI)


def month_of(form, year, month):
    """A month that communes owe by the 20th, districts and affiliated units by the 25th."""
    last = 28 if month == 2 else 30
    period = Period.objects.create(
        form=form,
        code=f"{year}-{month:02}",
        year=year,
        label=f"Tháng {month}/{year}",
        starts_on=date(year, month, 1),
        ends_on=date(year, month, last),
        cut_off_on=date(year, month, 15),
    )
    for code, day in (("xa", 20), ("huyen", 25), ("truc_thuoc", 25)):
        PeriodDue.objects.create(
            period=period, level=Level.objects.get(code=code), due_on=date(year, month, day)
        )
    return period


@pytest.fixture
def visit_demo(visit):
    """`visit_demo("danang.canbo")`: as `visit`, on the demonstration's data."""
    write_demo()
    return partial(visit, password=DEMO_PASSWORD)


@pytest.fixture(scope="module")
def built_demo(django_db_setup, django_db_blocker):
    """The demonstration, written once for a file and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        write_demo()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def form(units):
    return kept("form", lambda: build_form(units))


def build_form(units):
    form = ReportForm.objects.create(
        code="hvch-thang", name="Báo cáo tháng Hướng về Chi hội", owner=units.da_nang
    )
    form.levels.set(Level.objects.filter(code__in=["huyen", "truc_thuoc", "xa"]))
    made = {}
    for code, name, unit, aggregation, value_type in INDICATORS:
        made[code] = Indicator.objects.create(
            code=code, name=name, unit=unit, aggregation=aggregation, value_type=value_type
        )
    made["ty_le"] = Indicator.objects.create(
        code="ty_le",
        name="Tỷ lệ tập hợp hội viên",
        unit="%",
        aggregation="ratio",
        value_type="decimal",
        numerator=made["hoi_vien"],
        denominator=made["phu_nu"],
    )
    ask_indicators(form, [("Tổ chức Hội", made.values())], in_force_on=date(2020, 1, 1))
    return form


def ask_more(form, *indicators, section="Tổ chức Hội"):
    """Let the version in force ask for more, as only a test may."""
    version = form.newest
    place, _ = version.sections.get_or_create(heading=section, defaults={"position": 90})
    for indicator in indicators:
        position = place.lines.count() + 1
        FormLine.objects.create(
            version=version, section=place, indicator=indicator, position=position
        )


@pytest.fixture
def indicators(form):
    return SimpleNamespace(**{line.indicator.code: line.indicator for line in form.lines.all()})


def opened_month(form, people, month):
    period = month_of(form, 2021, month)
    open_period(period=period, by=people.dung, at=moment(2021, month, 1))
    return period


@pytest.fixture
def january(form, people):
    return kept("january", lambda: opened_month(form, people, 1))


@pytest.fixture
def february(january, form, people):
    return kept("february", lambda: opened_month(form, people, 2))


@pytest.fixture
def report_of():
    return lambda branch, period: Report.objects.get(branch=branch, period=period)


@pytest.fixture
def written(indicators):
    """Write figures by indicator code into a report, as its unit's officer would."""

    def write(report, by, at=None, narrative=None, **figures):
        cells = {
            getattr(indicators, code).pk: Decimal(value) if isinstance(value, int) else value
            for code, value in figures.items()
        }
        return save_draft(
            report=report,
            seen_version=report.version,
            figures=cells,
            narrative=narrative or {},
            by=by,
            at=at or moment(2021, 1, 18),
        )

    return write


@pytest.fixture
def approved(written):
    """Write, submit and approve a report in one go."""

    def approve(report, by, reviewer, at=None, **figures):
        at = at or moment(2021, 1, 18)
        written(report, by, at=at, **figures)
        submit_report(report=report, seen_version=report.version, by=by, at=at)
        approve_report(report=report, seen_version=report.version, by=reviewer, at=at)
        return report

    return approve
