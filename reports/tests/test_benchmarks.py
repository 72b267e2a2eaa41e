"""What the benchmarks measure is a country that the product understands: a small one is laid here,
for they themselves are run by hand."""

import sys

import pytest
from django.conf import settings
from django.db import connection
from django.utils.timezone import now

from branches.models import Branch, User
from reports import queries
from reports.models import Report
from reports.services import approve_report
from reports.totals import check_totals, rebuild_totals


@pytest.fixture
def nation(monkeypatch):
    monkeypatch.syspath_prepend(str(settings.BASE_DIR / "benchmarks"))
    import nation

    yield nation
    sys.modules.pop("nation")


def test_the_country_of_the_benchmarks_has_forms_reports_and_sums(db, nation):
    form = nation.ask_for(nation.plant(connection, 40))
    period = nation.fill_month(form, 1)

    rebuild_totals([period])

    lines = queries.form_lines(period)
    country = Branch.objects.get(parent=None)
    sums = queries.sums_below(country, [period])
    figures = nation.figures_of(period)
    assert len(lines) == nation.LINES
    assert figures == nation.LINES * period.reports.exclude(status="not_begun").count()
    assert len([unit for unit in sums if unit]) == nation.PROVINCES
    assert check_totals([period]) == []


def test_nothing_of_it_is_left_behind(db, nation):
    form = nation.ask_for(nation.plant(connection, 40))
    period = nation.fill_month(form, 1)
    waiting = period.reports.filter(status="submitted").first()
    by = User.objects.create(username="duyet", full_name="Nguyễn Thị Duyệt")
    approve_report(report=waiting, seen_version=waiting.version, by=by, at=now())

    nation.uproot()

    assert not Report.objects.exists() and not Branch.objects.exists()
