"""The life of a report: every person, in every state, tries every step.

The table is written from the rules in words and shares nothing with `reports.steps`:

    +     the step is taken
    403   she may see the report, but this is not hers to do
    404   she may not see it
    x     it would be hers, but the report is in another state: a sentence, nothing changes

The report is that of phường Thọ Quang; quận Sơn Trà is directly above and Đà Nẵng, which issues
the form, above that.
"""

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.urls import reverse

from conftest import person
from reports.models import Notification, Report, ReportEvent
from reports.services import (
    ReportError,
    approve_report,
    ask_for_help,
    lock_report,
    reopen_report,
    return_report,
    submit_report,
)
from reports.steps import STEPS, steps_allowed

from .conftest import moment

pytestmark = pytest.mark.django_db
Status = Report.Status

ROUTES = {
    "edit": "report_edit", "ask_help": "report_ask_help", "submit": "report_submit",
    "nothing": "report_nothing", "return": "report_return", "approve": "report_approve",
    "lock": "report_lock", "reopen": "report_reopen",
}  # fmt: skip

# In which states a step leads on, and to what.
LEADS = {
    ("edit", "not_begun"): "draft", ("edit", "draft"): "draft", ("edit", "returned"): "returned",
    ("ask_help", "not_begun"): "not_begun", ("ask_help", "draft"): "draft",
    ("ask_help", "returned"): "returned",
    ("submit", "draft"): "submitted", ("submit", "returned"): "submitted",
    ("nothing", "not_begun"): "submitted",
    ("return", "submitted"): "returned", ("approve", "submitted"): "approved",
    ("lock", "approved"): "locked", ("reopen", "approved"): "returned",
    ("reopen", "locked"): "returned",
}  # fmt: skip
# An empty report is not submitted, and "không phát sinh" never wipes what was typed: the state
# allows these, the report's content does not.
REFUSED_BY_CONTENT = {("submit", "not_begun"), ("nothing", "draft"), ("nothing", "returned")}
STATES = ["not_begun", "draft", "submitted", "returned", "approved", "locked", "lapsed"]

# What is a person's to do, whatever the state; reopening a locked one is a column of its own.
HERS = """
person              edit ask_help submit nothing return approve lock reopen unlock
officer             yes  yes      yes    yes     no     no      no   no     no
officer_above       no   no       no     no      no     no      no   no     no
reviewer            no   no       no     no      yes    yes     yes  yes    no
both                yes  yes      yes    yes     no     no      yes  yes    no
leader_above        no   no       no     no      no     no      no   no     no
reviewer_two_above  no   no       no     no      no     no      yes  no     yes
leader_two_above    no   no       no     no      no     no      yes  no     yes
administrator       no   no       no     no      no     no      yes  no     yes
sibling             404  404      404    404     404    404     404  404    404
next_door           404  404      404    404     404    404     404  404    404
stranger            404  404      404    404     404    404     404  404    404
term_ended          404  404      404    404     404    404     404  404    404
"""


def read(table):
    head, *rows = [line.split() for line in table.split("\n") if line.strip()]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


@pytest.fixture
def cast(people, units):
    return {
        "officer": people.hoa,
        "officer_above": people.giang,
        "reviewer": people.ha,
        "both": person("ca_hai", "Cao Thị Hai", ("officer", units.tho_quang),
                       ("reviewer", units.son_tra)),
        "leader_above": person("lanh_dao", "Lê Thị Dẫn", ("leader", units.son_tra)),
        "reviewer_two_above": people.binh,
        "leader_two_above": people.cuc,
        "administrator": people.dung,
        "sibling": person("chi_em", "Chu Thị Em", ("officer", units.man_thai)),
        "next_door": people.lan,
        "stranger": people.xuan,
        "term_ended": people.mai,
    }  # fmt: skip


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


@pytest.fixture
def bring(report, people, written):
    """Bring the report into a state, as people would."""

    def bring_to(state):
        now = {"by": people.ha, "at": moment(2021, 1, 19)}
        if state == "lapsed":
            Report.objects.filter(pk=report.pk).update(status=state)
        elif state != "not_begun":
            written(report, people.hoa, cuoc=3)
        if state in ("submitted", "returned", "approved", "locked"):
            submit_report(report=report, seen_version=report.version, by=people.hoa, at=now["at"])
        if state == "returned":
            return_report(report=report, seen_version=report.version, reason="Sai", **now)
        if state in ("approved", "locked"):
            approve_report(report=report, seen_version=report.version, **now)
        if state == "locked":
            lock_report(report=report, seen_version=report.version, **now)
        report.refresh_from_db()
        return report

    return bring_to


def what_happens(client, user, report, step):
    """(status of the answer, the report's state afterwards, was anything said); taken back."""
    before = Report.objects.values().get(pk=report.pk), report.events.count()
    with transaction.atomic():
        client.force_login(user)
        response = client.post(
            reverse(f"reports:{ROUTES[step]}", args=[report.pk]),
            {"version": report.version, "reason": "Lý do", "results": "Lời khác"},
        )
        after = Report.objects.values().get(pk=report.pk), report.events.count()
        said = [str(message) for message in get_messages(response.wsgi_request)]
        transaction.set_rollback(True)
    return response.status_code, after[0]["status"], before == after, said


def expected(hers, step, state):
    column = "unlock" if (step, state) == ("reopen", "locked") else step
    if hers[column] != "yes":
        return {"no": "403", "404": "404"}[hers[column]]
    return "+" if (step, state) in LEADS else "x"


@pytest.mark.parametrize("state", STATES)
def test_every_person_tries_every_step(client, cast, bring, state):
    report = bring(state)
    wrong = []
    for name, hers in read(HERS).items():
        for step in ROUTES:
            status, after, is_same, said = what_happens(client, cast[name], report, step)
            found = {403: "403", 404: "404"}.get(status)
            if found is None:
                found = "x" if is_same else "+"
            if found != "+" and not is_same:
                found = "changed although refused"
            if found == "x" and not said and status != 409:
                found = "nothing was said"
            if found == "+" and after != LEADS.get((step, state)):
                found = f"+ to {after}"
            if found != expected(hers, step, state):
                wrong.append(f"{name} {step} {state}: {found}, not {expected(hers, step, state)}")
    assert wrong == []


@pytest.mark.parametrize("state", STATES)
def test_the_page_offers_the_steps_that_are_hers_now(cast, bring, state):
    report = bring(state)
    refused = {step for step, where in REFUSED_BY_CONTENT if where == state}
    for name, hers in read(HERS).items():
        if hers["edit"] == "404":
            continue
        offered = {step for step, may in steps_allowed(cast[name], report).items() if may}
        offered = {"reopen" if step == "unlock" else step for step in offered} - refused
        assert offered == {step for step in ROUTES if expected(hers, step, state) == "+"}, (
            name,
            state,
        )


def test_each_step_of_the_table_is_tried():
    assert set(STEPS) - {"unlock"} == set(ROUTES)
    assert set(STATES) == set(Status.values)


# --- Nobody approves her own report ---------------------------------------------------------------


def test_whoever_wrote_it_does_not_approve_it_even_if_another_submitted(
    client, cast, report, written
):
    """Ha has become reviewer of the district since she wrote a figure as the ward's helper."""
    written(report, cast["reviewer"], cuoc=3)
    submit_report(
        report=report, seen_version=report.version, by=cast["officer"], at=moment(2021, 1, 19)
    )

    status, _, is_same, _ = what_happens(client, cast["reviewer"], report, "approve")
    client.force_login(cast["reviewer"])
    page = client.get(report.get_absolute_url()).content.decode()

    assert (status, is_same) == (403, True)
    assert "Không ai tự duyệt báo cáo của mình" in page


def test_the_version_that_she_saw_is_approved_and_no_other(client, cast, bring, people, written):
    report = bring("submitted")
    seen = report.version
    return_report(
        report=report, seen_version=seen, reason="Sai", by=people.ha, at=moment(2021, 1, 20)
    )
    written(report, people.hoa, cuoc=300)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 21))

    client.force_login(cast["reviewer"])
    response = client.post(
        reverse("reports:report_approve", args=[report.pk]), {"version": seen}, follow=True
    )

    report.refresh_from_db()
    assert report.status == Status.SUBMITTED
    assert "có người khác sửa" in response.content.decode()


# --- On behalf ------------------------------------------------------------------------------------


def ask(report, people):
    ask_for_help(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 10))


def test_the_unit_above_writes_for_one_that_asked_for_it(client, report, people):
    ask(report, people)
    client.force_login(people.giang)

    typed = {"version": report.version, "figure_cuoc": "3", "action": "submit"}
    client.post(reverse("reports:report_edit", args=[report.pk]), typed)

    report.refresh_from_db()
    sent = report.events.get(kind=ReportEvent.Kind.SUBMITTED)
    assert report.status == Status.SUBMITTED
    assert (sent.by, sent.acting_branch) == (people.giang, report.branch.parent)
    for page in (report.get_absolute_url(), reverse("reports:report_history", args=[report.pk])):
        assert "Nộp, Hội LHPN quận Sơn Trà làm thay" in client.get(page).content.decode()


def test_the_unit_asks_once_and_those_above_are_told_once(report, people):
    ask(report, people)
    report.refresh_from_db()
    told = Notification.objects.count()

    with pytest.raises(ReportError, match="đã nhờ"):
        ask(report, people)

    assert (told > 0, Notification.objects.count()) == (True, told)


def test_who_wrote_for_the_unit_does_not_approve_it(client, report, people, units):
    from branches.services import hold_position
    from conftest import OPENED

    hold_position(user=people.giang, branch=units.son_tra, role="reviewer", started_on=OPENED)
    ask(report, people)
    client.force_login(people.giang)
    typed = {"version": report.version, "figure_cuoc": "3", "action": "submit"}
    client.post(reverse("reports:report_edit", args=[report.pk]), typed)
    report.refresh_from_db()

    assert what_happens(client, people.giang, report, "approve")[0] == 403
    assert what_happens(client, people.ha, report, "approve")[1] == "approved"


def test_a_unit_without_an_officer_is_written_for_from_above_and_from_nowhere_else(
    client, report, people, units
):
    from branches.models import Position

    Position.objects.filter(branch=units.tho_quang, role="officer").update(ended_on="2021-01-01")

    assert what_happens(client, people.giang, report, "edit")[1] == "draft"
    for other in (people.ha, people.an, people.binh, people.cuc):
        assert what_happens(client, other, report, "edit")[0] == 403
    assert what_happens(client, people.lan, report, "edit")[0] == 404


def test_who_was_helped_is_told(report, people, written):
    from reports.models import Notification

    ask(report, people)
    written(report, people.giang, cuoc=3)
    submit_report(
        report=report, seen_version=report.version, by=people.giang, at=moment(2021, 1, 19),
        acting_branch=report.branch.parent,
    )  # fmt: skip

    told = set(Notification.objects.values_list("recipient__username", flat=True))
    assert told == {"giang", "ha", "nga", "hoa"}


# --- Locked ---------------------------------------------------------------------------------------


def test_a_locked_report_is_opened_again_only_with_a_reason_and_keeps_old_and_new(
    client, bring, people, written
):
    report = bring("locked")
    client.force_login(people.binh)
    url = reverse("reports:report_reopen", args=[report.pk])
    client.post(url, {"version": report.version, "reason": " "})
    report.refresh_from_db()
    assert report.status == Status.LOCKED

    client.post(url, {"version": report.version, "reason": "Nhập nhầm"})
    report.refresh_from_db()
    written(report, people.hoa, cuoc=4)

    events = {event.kind: event for event in report.events.all()}
    assert report.status == Status.RETURNED
    assert events["reopened"].reason == "Nhập nhầm"
    assert events["approved"].snapshot["figures"]["cuoc"] == "3.00"
    assert report.figures.get().value == 4


def test_a_figure_of_a_locked_report_is_changed_by_nobody(bring, people, written):
    from reports.services import ReportError

    report = bring("locked")

    for by in (people.hoa, people.ha, people.binh, people.dung):
        with pytest.raises(ReportError):
            written(report, by, cuoc=4)
        with pytest.raises(ReportError):
            reopen_report(
                report=report, seen_version=report.version, reason=" ", by=by,
                at=moment(2021, 2, 1),
            )  # fmt: skip
    assert report.figures.get().value == 3


@pytest.fixture
def three(january, units, report_of, people, approved):
    """Two approved communes of Sơn Trà and one of the district next door; another is a draft."""
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, cuoc=3)
    approved(report_of(units.man_thai, january), people.nga, people.ha, cuoc=4)
    approved(report_of(units.thanh_binh, january), people.lan, people.binh, cuoc=5)
    return january


def lock_page(client, user, period, **data):
    client.force_login(user)
    url = reverse("reports:period_lock", args=[period.form.code, period.code])
    return client.post(url, data) if data else client.get(url)


def test_a_reviewer_locks_what_her_unit_approved_and_the_owner_all(client, three, people):
    assert lock_page(client, people.ha, three).context["count"] == 2
    assert lock_page(client, people.binh, three).context["count"] == 3
    assert lock_page(client, people.dung, three).context["count"] == 3
    assert lock_page(client, people.lan, three).context["count"] == 1
    assert lock_page(client, people.hoa, three).status_code == 403
    assert lock_page(client, people.xuan, three).status_code == 404


def test_a_period_is_locked_in_one_step_after_its_count_was_seen(client, three, people, units):
    stale = lock_page(client, people.ha, three, count="1")
    assert stale.status_code == 409
    assert not three.reports.filter(status=Status.LOCKED).exists()

    lock_page(client, people.ha, three, count="2")

    locked = three.reports.filter(status=Status.LOCKED)
    assert {report.branch for report in locked} == {units.tho_quang, units.man_thai}
    event = ReportEvent.objects.filter(kind="locked").first()
    approval = event.report.events.get(kind="approved")
    assert (event.by, event.digest) == (people.ha, approval.digest)
    assert event.report.history.first().status == Status.LOCKED


def test_a_locked_report_counts_as_an_approved_one(client, three, people):
    from reports.totals import check_totals

    lock_page(client, people.binh, three, count="3")

    assert check_totals([three]) == []
