"""The steps of a report's life: one table, which services, pages and their tests read."""

from dataclasses import dataclass

from rules.permissions import permissions

from .models import Report

Status = Report.Status


@dataclass(frozen=True)
class Step:
    """`permission`: its predicate in rules.py says who may; `leads`: state → the next one."""

    permission: str
    leads: dict


def from_writing(permission, to=None):
    """A step while the unit writes; without `to` the state stays."""
    return Step(permission, {state: to or state for state in Report.EDITABLE})


STEPS = {
    "edit": Step(
        "reports.change_own_report",
        {
            Status.NOT_BEGUN: Status.DRAFT,
            Status.DRAFT: Status.DRAFT,
            Status.RETURNED: Status.RETURNED,
        },
    ),
    "ask_help": from_writing("reports.ask_for_help"),
    "submit": from_writing("reports.submit_report", to=Status.SUBMITTED),
    "nothing": from_writing("reports.submit_report", to=Status.SUBMITTED),
    "return": Step("reports.return_report", {Status.SUBMITTED: Status.RETURNED}),
    "approve": Step("reports.approve_report", {Status.SUBMITTED: Status.APPROVED}),
    "lock": Step("reports.lock_report", {Status.APPROVED: Status.LOCKED}),
    "reopen": Step("reports.reopen_report", {Status.APPROVED: Status.RETURNED}),
    "unlock": Step("reports.unlock_report", {Status.LOCKED: Status.RETURNED}),
}

# What the history of a report says of a row that somebody wrote into.
WRITTEN, NOTHING_HAPPENED = "lưu nháp", "không phát sinh"
WRITING = (WRITTEN, NOTHING_HAPPENED)


def steps_allowed(user, report):
    """{step: True or False}: what the state allows, and whether the rules let her do it."""
    asked = {}  # by predicate, for several steps may have one

    def may(permission):
        rule = permissions[permission]
        if rule not in asked:
            asked[rule] = user.has_perm(permission, report)
        return asked[rule]

    return {
        name: may(step.permission) for name, step in STEPS.items() if report.status in step.leads
    }
