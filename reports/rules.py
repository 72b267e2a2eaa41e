"""Who may do what with reports: one predicate per verb. State is the services' business."""

import rules
from django.utils.timezone import localdate

from branches.custody import acting_for, stands
from branches.models import Position
from branches.rules import administers, administers_the_top

from .lists import KINDS
from .models import Explanation, Figure, NoticeReceipt, ReportEvent
from .steps import WRITING

Role = Position.Role
Kind = ReportEvent.Kind


@rules.predicate
def writes_for_unit(user, report):
    """She is officer of the unit; once it has ended, of the unit that keeps its papers.

    So what a merged unit still owes is finished by its successor's officers.
    """
    return report is not None and any(
        position.role == Role.OFFICER and position.branch_id in report.writing_branches
        for position in user.standing
    )


@rules.predicate
def reviews_for_unit_above(user, report):
    """She is reviewer of the unit that decides today; one that has ended decides no more."""
    if report is None:
        return False
    unit = report.reviewing_branch
    return user.holds(Role.REVIEWER, unit) and stands(unit)


@rules.predicate
def stands_in_for_unit(user, report):
    """She is officer of the unit directly above, and the unit has no officer today, or asked for
    help with this report."""
    if report is None or not user.holds(Role.OFFICER, report.reviewing_branch):
        return False
    is_asked = report.events.filter(kind=Kind.ASKED).exists()
    return (is_asked or not has_officer(report)) and stands(report.reviewing_branch)


@rules.predicate
def works_in_its_unit(user, report):
    """Any position of the unit itself; once it has ended, of the one that keeps its papers."""
    return report is not None and any(
        position.branch_id in report.writing_branches for position in user.standing
    )


def has_officer(report):
    """Can somebody of the unit itself write it today?"""
    officers = Position.objects.in_force(localdate()).filter(
        role=Role.OFFICER, branch__in=report.writing_branches, user__is_active=True
    )
    return officers.exists()


@rules.predicate
def is_sender(user, report):
    """She submitted it last."""
    sent = report.events.filter(kind=Kind.SUBMITTED).order_by("-at", "-pk")
    return sent.values_list("by_id", flat=True).first() == user.pk


@rules.predicate
def has_written(user, report):
    """Figures, words or files in it are from her hand."""
    return (
        Figure.history.filter(report_id=report.pk, history_user=user).exists()
        or report.history.filter(history_user=user, history_change_reason__in=WRITING).exists()
        or Explanation.history.filter(report_id=report.pk, history_user=user).exists()
        or report.files.filter(file__uploaded_by=user).exists()
    )


# Nobody approves her own report: neither whoever is officer of the unit, even if she reviews for
# the one above as well, nor who wrote or submitted it for them.
is_hers = writes_for_unit | is_sender | has_written


@rules.predicate
def leads_or_reviews_over(user, branch):
    """A leader, or a reviewer who prepares the leader's papers, of this unit or one above."""
    return branch is not None and (
        user.holds_over(Role.LEADER, branch) or user.holds_over(Role.REVIEWER, branch)
    )


@rules.predicate
def works_above(user, branch):
    """She holds some position in a unit above this one: nobody reminds herself."""
    return branch is not None and any(
        branch.path.startswith(path) and branch.path != path for path in user.branch_paths()
    )


@rules.predicate
def administers_owner(user, row):
    return administers(user, row.owner if row is not None else None)


@rules.predicate
def administers_form_owner(user, row):
    return administers(user, row.form.owner if row is not None else None)


@rules.predicate
def administers_its_form_owner(user, report):
    return report is not None and administers(user, report.period.form.owner)


@rules.predicate
def works_at_owner(user, form):
    """Reviewer or leader of the unit that issues the form."""
    return (
        form is not None
        and stands(form.owner)
        and any(user.holds(role, form.owner) for role in (Role.REVIEWER, Role.LEADER))
    )


@rules.predicate
def acts_for_its_form_owner(user, report):
    """She answers for the form: whoever asks for reports closes the book on them, too."""
    form = report.period.form if report is not None else None
    return form is not None and (works_at_owner(user, form) or administers(user, form.owner))


@rules.predicate
def writes_summary_of(user, branch):
    """Officer or reviewer of the unit; once it has ended, of the one that keeps its papers."""
    if branch is None:
        return False
    acting, roles = acting_for([branch])[branch.pk], (Role.OFFICER, Role.REVIEWER)
    return any(p.role in roles and p.branch_id in acting for p in user.standing)


@rules.predicate
def signs_for(user, branch):
    """Leader of the unit, or a reviewer who prepares her papers."""
    return (
        branch is not None
        and stands(branch)
        and any(user.holds(role, branch) for role in (Role.REVIEWER, Role.LEADER))
    )


@rules.predicate
def reviews_somewhere(user, row):
    return bool(user.branch_paths(Role.REVIEWER))


@rules.predicate
def brings_such_lists(user, upload):
    """Each kind of list says whose business it is."""
    return upload is not None and user.has_perm(KINDS[upload.kind].permission, upload.branch)


@rules.predicate
def is_uploader(user, upload):
    """Whoever looked at the rows is the one who confirms them."""
    return upload is not None and upload.asked_by_id == user.pk


@rules.predicate
def answers_for_unit_asked(user, proposal):
    """Reviewer or leader of the unit that is asked; of one that has ended, of who acts for it."""
    if proposal is None:
        return False
    unit = proposal.answering_unit
    return stands(unit) and any(user.holds(role, unit) for role in (Role.REVIEWER, Role.LEADER))


@rules.predicate
def works_at(user, branch):
    """Officer, reviewer or leader of just this unit, which stands."""
    roles = (Role.OFFICER, Role.REVIEWER, Role.LEADER)
    return branch is not None and stands(branch) and any(user.holds(role, branch) for role in roles)


@rules.predicate
def works_at_a_receiver(user, notice):
    """One of the units that the notice was sent to is hers, or has left its papers to hers."""
    receipts = NoticeReceipt.objects.for_units_of(user)
    return notice is not None and receipts.filter(notice=notice).exists()


@rules.predicate
def works_for_it(user, conclusion):
    """She works at the unit that met, or at the one that is to do it."""
    if conclusion is None:
        return False
    unit = conclusion.unit
    offices = acting_for([unit])[unit.pk] if unit else []
    return works_at(user, conclusion.briefing.branch) or any(
        position.role != Role.ADMINISTRATOR and position.branch_id in offices
        for position in user.standing
    )


rules.add_perm("reports.write_briefing", works_at)  # asked of the unit that meets
rules.add_perm("reports.finish_conclusion", works_for_it)
rules.add_perm("reports.write_notice", works_at)  # asked of the unit that sends
rules.add_perm("reports.mark_notice", works_at_a_receiver)
rules.add_perm("reports.answer_proposal", answers_for_unit_asked)
# Asked of a report that is not in: what it asks of those above is still its own.
rules.add_perm("reports.read_unsent_proposals", works_in_its_unit | stands_in_for_unit)
rules.add_perm("reports.write_for_own_unit", writes_for_unit)
rules.add_perm("reports.change_own_report", writes_for_unit | stands_in_for_unit)
rules.add_perm("reports.submit_report", writes_for_unit | stands_in_for_unit)
rules.add_perm("reports.ask_for_help", writes_for_unit)
decides_on = reviews_for_unit_above & ~is_hers  # one predicate, so that a page asks it once
rules.add_perm("reports.return_report", decides_on)
rules.add_perm("reports.approve_report", decides_on)
rules.add_perm("reports.reopen_report", reviews_for_unit_above)
rules.add_perm("reports.lock_report", reviews_for_unit_above | acts_for_its_form_owner)
rules.add_perm("reports.unlock_report", acts_for_its_form_owner)
rules.add_perm("reports.lock_all", works_at_owner | administers_owner)  # asked of the form
rules.add_perm("reports.lock_some", works_at_owner | administers_owner | reviews_somewhere)
rules.add_perm("reports.extend_report", reviews_for_unit_above | administers_its_form_owner)
rules.add_perm("reports.extend_some", reviews_somewhere)  # which ones says `reviewed_by`
rules.add_perm("reports.ask_once", works_at_owner | administers_owner)
rules.add_perm("reports.export_summary", leads_or_reviews_over)
rules.add_perm("reports.write_summary", writes_summary_of)
rules.add_perm("reports.freeze_summary", signs_for)
# The paper, besides those who have it signed also for who writes it.
rules.add_perm("reports.fetch_summary", leads_or_reviews_over | writes_summary_of)
rules.add_perm("reports.remind_unit", works_above)
rules.add_perm("reports.apply_upload", brings_such_lists & is_uploader)
for verb in ("view", "add", "change"):
    rules.add_perm(f"reports.{verb}_reportform", administers_owner)
    rules.add_perm(f"reports.{verb}_period", administers_form_owner)
    rules.add_perm(f"reports.{verb}_periodrule", administers_form_owner)
    rules.add_perm(f"reports.{verb}_holiday", administers_the_top)
