"""The demonstration holds the real plan: its numbers are those of the city's paper."""

from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http import HttpRequest

from branches.models import Branch, Team, User
from branches.services import wrong_paths
from hoiphunu.tests.fast import QUICK_HASHERS
from programs.models import Assignment, Indicator, Program
from programs.queries import quota_table
from reports import queries
from reports.demo import PASSWORD, SHOWN_ACCOUNTS, build_demo, is_built
from reports.models import Figure, FrozenSummary, Period, Report, ReportEvent, Summary
from reports.rollup import lines_in, lines_of
from reports.services import digest, snapshot
from reports.totals import check_totals

# Of every figure of the year. It changes only when the demonstration is changed on purpose.
FINGERPRINT = "43661f9ac371a73c91c0db7138f91e8722d2f01329128fa7b4d646a1cef7c5c0"


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """Built once for this file, and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        build_demo()
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("built")]


def city():
    return Branch.objects.get(slug="thanh-pho-da-nang")


def plan():
    return Program.objects.get(slug="huong-ve-chi-hoi-hanh-dong-vi-chi-hoi-nam-2021")


def march():
    return Period.objects.get(form__code="hvch-thang", code="2021-03")


def test_the_city_of_2021_has_its_districts_communes_affiliated_units_and_teams(db):
    units = Branch.objects.under(city())
    count = Counter(units.values_list("level__code", flat=True))

    assert (count["huyen"], count["xa"], count["truc_thuoc"]) == (7, 56, 4)
    assert 1150 <= count["chi_hoi"] <= 1250
    assert [team.area.name for team in Team.objects.order_by("name")] == [
        "Thanh Khê", "Cẩm Lệ", "Hòa Vang",
    ]  # fmt: skip
    assert wrong_paths() == []


@pytest.mark.parametrize(
    ("district", "communes"),
    [("Liên Chiểu", 5), ("Thanh Khê", 10), ("Hải Châu", 13), ("Sơn Trà", 7),
     ("Ngũ Hành Sơn", 4), ("Cẩm Lệ", 6), ("Hòa Vang", 11)],
)  # fmt: skip
def test_each_district_has_its_communes(db, district, communes):
    unit = Branch.objects.get(name=district, level__code="huyen", parent=city())

    assert unit.children.filter(level__code="xa").count() == communes


def test_the_quota_table_is_that_of_the_plan(db):
    table = quota_table(plan())

    assert [line.tally.minimum for line in table.lines] == [3, 1, 1, 1, 1, 7, 56]
    assert [line.line.stated_total for line in table.lines] == [3, 1, 1, 1, 1, 7, 56]
    assert table.total.minimum == 70


def test_the_quota_table_shows_what_is_missing_doubled_and_out_of_place(db):
    table = quota_table(plan())

    assert table.total.taken + table.total.missing >= 70
    assert table.total.missing > 0
    assert table.total.outside == 1
    assert len(table.total.doubled_ids) == 1
    assert plan().assignments.exclude(ends_on=None).count() == 1


def test_the_list_is_due_before_15_january_2021(db):
    milestone = plan().milestones.get()

    assert (milestone.due_on.isoformat(), milestone.printed) == (
        "2021-01-14", "trước ngày 15/01/2021",
    )  # fmt: skip


def test_the_form_asks_for_at_least_twelve_indicators_of_every_kind(db):
    lines = march().form.lines.all()

    assert lines.count() >= 12
    kinds = Indicator.Aggregation
    assert {line.indicator.aggregation for line in lines} == {
        kinds.FLOW, kinds.STOCK, kinds.RATIO, kinds.SHARE_OF_UNITS,
    }  # fmt: skip
    assert "money" in {line.indicator.value_type for line in lines}


def test_in_march_48_of_56_communes_and_9_of_11_units_of_the_city_have_reported(db):
    assert [str(group) for group in queries.completeness(march(), city())] == [
        "9/11 đơn vị trực tiếp",
        "48/56 xã/phường",
    ]


def test_the_year_has_late_returned_missing_and_empty_reports(db):
    assert Period.objects.filter(form__code="hvch-thang").count() == 12
    assert Report.objects.late().exists()
    assert Report.objects.filter(status=Report.Status.RETURNED).exists()
    assert Report.objects.filter(status=Report.Status.NOT_BEGUN).exists()
    assert Report.objects.filter(nothing_to_report=True).exists()
    assert ReportEvent.objects.filter(kind=ReportEvent.Kind.RETURNED).exists()


def test_the_totals_are_those_of_a_recount(db):
    assert check_totals(Period.objects.all()) == []


def test_a_month_by_unit_adds_up_to_the_city(db):
    lines = queries.form_lines(march().form)
    columns = queries.child_columns(march(), city(), lines)
    for line in queries.summary_lines(march(), city(), lines):
        if line.indicator.aggregation in ("flow", "stock"):
            parts = [column.amounts[line.indicator.pk].value or 0 for column in columns]
            assert sum(parts) == line.period.value, line.indicator


def test_what_was_written_in_bulk_reads_as_if_the_services_had_written_it(db):
    report = Report.objects.filter(status=Report.Status.APPROVED).order_by("pk").first()
    event = report.events.last()

    assert event.snapshot == snapshot(report)
    assert event.digest == digest(snapshot(report))
    assert report.figures.first().history.get().history_change_reason == "dữ liệu mẫu"


def test_every_log_in_shown_works(db, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        *QUICK_HASHERS,
    ]
    for account in SHOWN_ACCOUNTS:
        user = authenticate(HttpRequest(), username=account["username"], password=PASSWORD)
        assert user is not None, account
        assert user.home_branch.office_name == account["unit"]


def test_all_accounts_and_addresses_are_plainly_made_up(db):
    assert not User.objects.exclude(email__endswith="@hoiphunu.example").exists()
    assert not User.objects.exclude(phone="").exists()


def test_the_page_of_log_ins_is_true(db):
    page = (Path(settings.BASE_DIR) / "docs" / "demo-users.md").read_text()

    assert PASSWORD in page
    for account in SHOWN_ACCOUNTS:
        assert f"| `{account['username']}` | {account['role']} | {account['unit']} |" in page
    assert f"`{march().form.code}`" in page
    assert f"`{plan().slug}`" in page
    for slug in ("thanh-pho-da-nang", "quan-son-tra", "phuong-tho-quang", "phuong-thanh-binh"):
        assert Branch.objects.filter(slug=slug).exists()
        assert f"`{slug}`" in page


def test_the_same_data_come_out_every_time(db):
    """No row depends on the day, the machine or the order of ids: the year's digest is fixed."""
    rows = Figure.objects.order_by(
        "report__period__code", "report__branch__slug", "indicator__code"
    ).values_list(
        "report__branch__slug", "report__period__code", "report__status", "indicator__code",
        "value", "is_nothing",
    )  # fmt: skip

    text = "\n".join(" ".join(map(str, row)) for row in rows)
    assert sha256(text.encode()).hexdigest() == FINGERPRINT


def test_march_has_a_draft_of_a_district_and_a_paper_of_the_city(db):
    frozen = FrozenSummary.objects.get()

    assert (frozen.branch, frozen.period, frozen.event) == (city(), march(), None)
    assert frozen.content["groups"][0]["approved"] == 9
    words = [row["text"] for row in frozen.content["texts"][0]["paragraphs"]]
    assert "[" not in words[-1] and "tổ chức" in words[-1]
    assert lines_in(frozen.content) == lines_of(march(), city())
    draft = Summary.objects.exclude(branch=city()).get()
    assert draft.branch.slug == "quan-son-tra"
    assert draft.paragraphs.filter(is_dropped=True).exists()


def test_the_command_refuses_outside_the_demonstration(db):
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")

    assert is_built(), "and has touched nothing"


def test_whoever_helps_a_chi_hoi_sees_how_the_report_of_its_commune_stands(client):
    affiliated = (
        Assignment.objects.of(plan()).active().filter(supporter_branch__level__code="truc_thuoc")
    )
    helped = affiliated.select_related("supported__parent").first()
    officer = User.objects.get(positions__branch=helped.supporter_branch, positions__role="officer")
    client.force_login(officer)

    text = client.get(f"/reports/branch/{helped.supported.slug}/").content.decode()

    assert f"trong báo cáo của {helped.supported.parent.full_name}." in text
    assert "Tháng 11/2021" in text and "/reports/" not in text


def test_a_forgotten_password_can_be_tried(db):
    assert not User.objects.filter(email_confirmed_at=None).exists()
