"""What other pages say of the exchange between units: what a report raises, what waits today."""

from datetime import timedelta

from django.db.models import Q

from branches.models import Position
from reports.forms import ProposalsForm
from reports.models import Conclusion, NoticeReceipt, Proposal
from reports.services import units_to_ask

Role = Position.Role
MOST_AT_HOME = 10
SOON = timedelta(days=7)  # a conclusion is named this long before its day


def answering_branches(user):
    """The units for which she may answer."""
    roles = (Role.REVIEWER, Role.LEADER)
    return list({p.branch_id: p.branch for p in user.standing if p.role in roles}.values())


def to_answer(user):
    """What waits for an answer of hers, the oldest first."""
    waiting = Proposal.objects.visible_to(user).handed_in().open()
    return waiting.addressed_to(answering_branches(user)).with_units().open_first()


def exchange_today(user, today):
    """For the page of the day: what waits for her of all this."""
    return {
        "to_answer": to_answer(user)[:MOST_AT_HOME],
        "to_do": conclusions_due(user, today)[:MOST_AT_HOME],
        "unseen_notices": unseen_notices(user)[:MOST_AT_HOME],
    }


def unseen_notices(user):
    """Notices that nobody in her units has marked as seen."""
    new = NoticeReceipt.objects.visible_to(user).for_units_of(user).unseen()
    return new.select_related("notice__branch__level", "branch__level").order_by(
        "notice__sent_at", "pk"
    )


def proposals_context(user, report, form=None):
    """What the page of a report, or its sheet, says of difficulties and proposals.

    Those above read them once the report is in, as in their list.
    """
    may_write = report.is_editable and user.has_perm("reports.change_own_report", report)
    rows = Proposal.objects.visible_to(user).standing_at(report).with_units().open_first()
    waits = report.is_editable and not user.has_perm("reports.read_unsent_proposals", report)
    if waits:
        rows = rows.handed_in()
    context = {
        "raised": [row for row in rows if row.report_id == report.pk],
        "still_waiting": [row for row in rows if row.report_id != report.pk],
        "may_raise": may_write,
        "waits_for_report": waits,
    }
    if may_write:
        context["raise_form"] = form or ProposalsForm(units=units_to_ask(report))
        context["may_split"] = bool(report.proposals or report.difficulties)
    return context


def conclusions_due(user, today):
    """What meetings gave her own units to do: soon or overdue, or without a day."""
    rows = Conclusion.objects.visible_to(user).for_units_of(user).open()
    return rows.filter(Q(due_on=None) | Q(due_on__lte=today + SOON)).with_units().open_first()
