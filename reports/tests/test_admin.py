from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reports.models import Outbox, Period, Report, ReportForm

from .conftest import month_of

pytestmark = pytest.mark.django_db


def page(name, *args):
    return reverse(f"admin:reports_{name}", args=args)


def rows(response):
    return [str(row) for row in response.context["cl"].result_list]


@pytest.fixture
def march(form):
    return month_of(form, 2021, 3)


def test_an_administrator_manages_the_forms_of_her_unit(form, as_person):
    client = as_person("dung")

    assert rows(client.get(page("reportform_changelist"))) == [form.name]
    assert client.get(page("reportform_change", form.pk)).status_code == 200
    assert client.get(page("reportform_add")).status_code == 200


def test_only_administrators_come_in(form, as_person):
    for name in ("hoa", "ha", "cuc"):
        assert as_person(name).get(page("reportform_changelist")).status_code in (302, 403)


def test_an_administrator_below_does_not_manage_the_forms_of_the_city(
    form, units, people, as_person
):
    people.ha.positions.update(role="administrator")
    client = as_person("ha")

    assert rows(client.get(page("reportform_changelist"))) == []
    assert client.get(page("reportform_change", form.pk)).status_code == 404


def test_opening_a_period_gives_each_unit_its_report(march, people, as_person):
    response = as_person("dung").post(
        page("period_changelist"),
        {"action": "open_periods", "_selected_action": [march.pk]},
        follow=True,
    )

    assert "Tháng 3/2021: 6 báo cáo mới." in response.content.decode()
    assert march.reports.count() == 6
    assert {event.by for event in march.reports.first().events.all()} == {people.dung}


def test_a_period_without_due_dates_says_so(march, as_person):
    march.dues.all().delete()

    response = as_person("dung").post(
        page("period_changelist"),
        {"action": "open_periods", "_selected_action": [march.pk]},
        follow=True,
    )

    assert "chưa có hạn nộp" in response.content.decode()
    assert not march.reports.exists()


@pytest.mark.parametrize("chosen", ["abc", "-1", "99999999999999999999999", "987654321"])
def test_choosing_what_is_no_period_is_a_404_and_opens_nothing(march, as_person, chosen):
    response = as_person("dung").post(
        page("period_changelist"),
        {"action": "open_periods", "_selected_action": [march.pk, chosen]},
    )

    assert response.status_code == 404
    assert not march.reports.exists()


def test_a_period_of_others_among_the_chosen_ones_opens_nothing(march, units, as_person):
    theirs = ReportForm.objects.create(code="qn", name="Biểu mẫu", owner=units.quang_nam)
    foreign = month_of(theirs, 2021, 3)

    response = as_person("dung").post(
        page("period_changelist"),
        {"action": "open_periods", "_selected_action": [march.pk, foreign.pk]},
    )

    assert response.status_code == 404
    assert not Report.objects.filter(period__in=[march, foreign]).exists()


@pytest.mark.parametrize("owner", ["abc", "' OR 1=1 --", "99999999999999999999999"])
def test_a_garbled_choice_is_refused_beside_its_field(march, as_person, owner):
    response = as_person("dung").post(
        page("reportform_add"), {"code": "moi", "name": "Biểu mẫu mới", "owner": owner}
    )

    assert response.status_code == 200
    assert "owner" in response.context["adminform"].form.errors
    assert not ReportForm.objects.filter(code="moi").exists()


def test_a_period_is_made_with_its_due_dates(form, as_person):
    client = as_person("dung")
    level = form.levels.get(code="xa")

    response = client.post(
        page("period_add"),
        {
            "form": form.pk, "kind": "month", "code": "2021-04", "year": "2021",
            "label": "Tháng 4/2021", "starts_on": "2021-04-01", "ends_on": "2021-04-30",
            "cut_off_on": "2021-04-15",
            "dues-TOTAL_FORMS": "1", "dues-INITIAL_FORMS": "0",
            "dues-0-level": level.pk, "dues-0-due_on": "2021-04-20",
        },
    )  # fmt: skip

    assert response.status_code == 302
    due = Period.objects.get(code="2021-04").dues.get()
    assert (due.level, due.due_on.day, due.due_on.month) == (level, 20, 4)


def test_an_opened_period_keeps_its_dates(january, as_person):
    response = as_person("dung").get(page("period_change", january.pk))

    assert "starts_on" in response.context["adminform"].readonly_fields
    assert 'name="dues-0-due_on"' not in response.content.decode()


def test_a_year_is_shown_without_a_dot(january, as_person):
    shown = as_person("dung").get(page("period_change", january.pk)).content.decode()

    assert ">2021<" in shown
    assert "2.021" not in shown


def test_reports_are_looked_at_but_never_written_here(january, units, report_of, as_person):
    report = report_of(units.tho_quang, january)
    client = as_person("dung")

    assert [str(r.branch) for r in client.get(
        page("report_changelist"), {"q": "Thọ quang"}
    ).context["cl"].result_list] == ["phường Thọ Quang"]  # fmt: skip
    assert client.get(page("report_change", report.pk)).status_code == 200
    assert client.post(page("report_change", report.pk), {"status": "approved"}).status_code == 403
    assert client.get(page("report_add")).status_code == 403
    assert Report.objects.get(pk=report.pk).status == "not_begun"


def test_letters_are_seen_by_who_administers_the_recipient(people, as_person):
    letter = {"to": "x@example.org", "subject": "Nhắc", "body": "…"}
    Outbox.objects.create(recipient=people.hoa, key="1", **letter)
    strange = Outbox.objects.create(recipient=people.xuan, key="2", **letter)
    client = as_person("dung")

    response = client.get(page("outbox_changelist"))

    assert [row.recipient for row in response.context["cl"].result_list] == [people.hoa]
    assert client.get(page("outbox_change", strange.pk)).status_code == 404


@pytest.mark.parametrize("name", ["reportform", "period", "report"])
def test_nothing_is_deleted(january, form, name, as_person):
    row = {"reportform": form, "period": january, "report": january.reports.first()}[name]

    assert as_person("dung").post(page(f"{name}_delete", row.pk)).status_code == 403


@pytest.mark.parametrize("name", ["report", "period", "reportform", "outbox"])
def test_a_list_asks_as_many_queries_for_many_rows_as_for_a_few(
    january, form, units, people, as_person, name
):
    client, counts = as_person("dung"), []
    for number in (3, 300):
        add_rows(name, number, form, units, people)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(f"{name}_changelist")).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]


def add_rows(name, number, form, units, people):
    """`number` more rows of the list, each of an invented unit, month, form or letter."""
    if name == "outbox":
        Outbox.objects.bulk_create(
            Outbox(recipient=people.hoa, key=f"{number}:{n}", to="hoa@example.org", subject="Nhắc")
            for n in range(number)
        )
    elif name == "reportform":
        ReportForm.objects.bulk_create(
            ReportForm(code=f"mau-{number}-{n}", name=f"Mẫu {n}", owner=units.da_nang)
            for n in range(number)
        )
    else:
        first = date(1990 + number, 1, 1)
        periods = Period.objects.bulk_create(
            Period(
                form=form, code=f"ngay-{number}-{n}", year=first.year, label=f"Kỳ {n}",
                kind=Period.Kind.AD_HOC, starts_on=first, ends_on=first, cut_off_on=first,
            )
            for n in range(number)
        )  # fmt: skip
        if name == "report":
            Report.objects.bulk_create(
                Report(
                    period=period, branch=units.tho_quang, branch_path=units.tho_quang.path,
                    reviewer_branch=units.son_tra, due_on=first,
                )
                for period in periods
            )  # fmt: skip
