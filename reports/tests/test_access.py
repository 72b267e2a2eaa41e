import pytest
from django.urls import reverse

from branches.models import Upload
from branches.services import store_file
from branches.tests.small_decrees import reform_of_da_nang
from hoiphunu.tests.access import check_line, read_table, routes_without_a_line
from programs.models import Program
from reports.models import Export, Holiday, Notification, Outbox, PeriodRule, ReportFile
from reports.services import (
    save_heading,
    save_rule,
    save_section,
    start_draft,
    submit_report,
)
from reports.services.freezing import freeze

from .conftest import moment

# The report asked for is that of phường Thọ Quang, submitted by Hoa, its officer. ha: reviewer
# of the district; giang: officer of the district; cuc: leader of the city, who asked for the
# export; lan: of the district next door; xuan: of another province; mai: her term has ended;
# dung: administrator of the city. "draft" stands for the same report before it was submitted.
TABLE = """
route                          method anonymous hoa giang ha  cuc lan xuan mai dung
reports:home                   GET    302       200 200   200 200 200 200  200 200
reports:report_list            GET    302       200 200   200 200 200 200  200 200
reports:branch_panel           GET    302       200 200   200 200 404 404  404 200
reports:target_panel           GET    302       200 200   200 200 200 404  404 200
reports:figure_panel           GET    302       200 200   200 200 200 404  404 200
reports:program_panel          GET    302       200 200   200 200 200 404  404 200
reports:program_states         GET    302       200 200   200 200 200 200  200 200
reports:report_detail          GET    302       200 200   200 200 404 404  404 200
reports:report_detail/missing  GET    302       404 404   404 404 404 404  404 404
reports:report_history         GET    302       200 200   200 200 404 404  404 200
reports:report_edit            GET    302       302 403   403 403 404 404  404 403
reports:report_edit/draft      GET    302       200 403   403 403 404 404  404 403
reports:report_edit/draft      POST   302       302 403   403 403 404 404  404 403
reports:report_autosave        GET    302       405 405   405 405 405 405  405 405
reports:report_autosave/draft  POST   302       200 403   403 403 404 404  404 403
reports:report_ask_help/draft  POST   302       302 403   403 403 404 404  404 403
reports:report_submit          GET    302       405 405   405 405 405 405  405 405
reports:report_submit/draft    POST   302       302 403   403 403 404 404  404 403
reports:report_explain         GET    302       302 403   403 403 404 404  404 403
reports:report_explain/draft   POST   302       302 403   403 403 404 404  404 403
reports:report_nothing/draft   POST   302       302 403   403 403 404 404  404 403
reports:report_return          GET    302       405 405   405 405 405 405  405 405
reports:report_return          POST   302       403 403   302 403 404 404  404 403
reports:report_approve         GET    302       405 405   405 405 405 405  405 405
reports:report_approve         POST   302       403 403   302 403 404 404  404 403
reports:report_lock            GET    302       405 405   405 405 405 405  405 405
reports:report_lock            POST   302       403 403   302 302 404 404  404 302
reports:report_reopen          POST   302       403 403   409 403 404 404  404 403

reports:report_files_add GET 302 405 405 405 405 405 405 405 405
reports:report_files_add/draft POST 302 302 403 403 403 404 404 404 403
reports:report_file GET 302 200 200 200 200 404 404 404 200
reports:report_file_remove/draft POST 302 302 403 403 403 404 404 404 403

reports:report_proposals_add GET 302 405 405 405 405 405 405 405 405
reports:report_proposals_add/draft POST 302 200 403 403 403 404 404 404 403
reports:report_proposals_split/draft POST 302 302 403 403 403 404 404 404 403
reports:report_word GET 302 405 405 405 405 405 405 405 405
reports:report_word/draft POST 302 302 403 403 403 404 404 404 403
reports:report_word_texts/draft GET 302 200 403 403 403 404 404 404 403
reports:report_word_texts/draft POST 302 302 403 403 403 404 404 404 403
reports:proposal_list GET 302 200 200 200 200 200 200 200 200
reports:proposal_detail GET 302 200 200 200 200 404 404 404 200
reports:proposal_detail/draft GET 302 200 403 403 403 404 404 404 403
reports:proposal_detail/missing GET 302 404 404 404 404 404 404 404 404
reports:proposal_answer GET 302 405 405 405 405 405 405 405 405
reports:proposal_answer POST 302 403 403 200 403 404 404 404 403
reports:proposal_pass POST 302 403 403 200 403 404 404 404 403
reports:proposal_close POST 302 409 403 403 403 404 404 404 403
reports:proposal_update/draft GET 302 200 403 403 403 404 404 404 403
reports:proposal_update/draft POST 302 200 403 403 403 404 404 404 403
reports:proposal_remove/draft POST 302 302 403 403 403 404 404 404 403

reports:briefing_list GET 302 200 200 200 200 200 200 200 200
reports:briefing_create GET 302 404 200 200 403 404 404 404 403
reports:briefing_create POST 302 404 200 200 403 404 404 404 403
reports:briefing_pack GET 302 404 200 200 200 404 404 404 200
reports:briefing_detail GET 302 404 200 200 200 404 404 404 200
reports:briefing_detail/missing GET 302 404 404 404 404 404 404 404 404
reports:briefing_update GET 302 404 200 200 403 404 404 404 403
reports:briefing_update POST 302 404 200 200 403 404 404 404 403
reports:briefing_remove POST 302 404 302 302 403 404 404 404 403
reports:briefing_conclusion_add POST 302 404 200 200 403 404 404 404 403
reports:conclusion_list GET 302 200 200 200 200 200 200 200 200
reports:conclusion_detail GET 302 200 200 200 200 404 404 404 200
reports:conclusion_update GET 302 403 200 200 403 404 404 404 403
reports:conclusion_update POST 302 403 200 200 403 404 404 404 403
reports:conclusion_finish GET 302 405 405 405 405 405 405 405 405
reports:conclusion_finish POST 302 409 409 409 403 404 404 404 403
reports:conclusion_reopen POST 302 403 302 302 403 404 404 404 403
reports:conclusion_remove POST 302 403 302 302 403 404 404 404 403
reports:notice_list GET 302 200 200 200 200 200 200 200 200
reports:notice_create GET 302 404 200 200 403 404 404 404 403
reports:notice_create POST 302 404 200 200 403 404 404 404 403
reports:notice_detail GET 302 200 200 200 200 404 404 404 200
reports:notice_detail/missing GET 302 404 404 404 404 404 404 404 404
reports:notice_detail/draft GET 302 404 200 200 200 404 404 404 200
reports:notice_update/draft GET 302 404 200 200 403 404 404 404 403
reports:notice_update/draft POST 302 404 200 200 403 404 404 404 403
reports:notice_discard/draft POST 302 404 302 302 403 404 404 404 403
reports:notice_send/draft POST 302 404 302 302 403 404 404 404 403
reports:notice_file GET 302 404 404 404 404 404 404 404 404
reports:notice_seen GET 302 405 405 405 405 405 405 405 405
reports:notice_seen POST 302 302 403 403 403 404 404 404 403
reports:notice_readers GET 302 200 200 200 200 404 404 404 200

reports:form_list GET 302 200 200 200 200 200 200 200 200
reports:form_create GET 302 403 403 403 403 403 403 403 200
reports:form_create POST 302 403 403 403 403 403 403 403 200
reports:form_detail GET 302 200 200 200 200 200 404 404 200
reports:form_version GET 302 200 200 200 200 200 404 404 200
reports:form_version/writing GET 302 404 404 404 403 404 404 404 200
reports:form_update GET 302 403 403 403 403 403 404 404 200
reports:form_update POST 302 403 403 403 403 403 404 404 200
reports:form_copy GET 302 403 403 403 403 403 404 404 200
reports:form_copy POST 302 403 403 403 403 403 404 404 200
reports:form_start POST 302 403 403 403 403 403 404 404 302
reports:form_draft/writing GET 302 403 403 403 403 403 404 404 200
reports:form_texts/writing GET 302 403 403 403 403 403 404 404 200
reports:form_section_create/writing GET 302 403 403 403 403 403 404 404 200
reports:form_section/writing GET 302 403 403 403 403 403 404 404 200
reports:form_line_create/writing GET 302 403 403 403 403 403 404 404 200
reports:form_line/writing GET 302 403 403 403 403 403 404 404 200
reports:form_rule_create/writing GET 302 403 403 403 403 403 404 404 200
reports:form_rule/writing GET 302 403 403 403 403 403 404 404 200
reports:form_publish/writing POST 302 403 403 403 403 403 404 404 200
reports:form_texts/writing POST 302 403 403 403 403 403 404 404 200
reports:form_section_create/writing POST 302 403 403 403 403 403 404 404 200
reports:form_section/writing POST 302 403 403 403 403 403 404 404 200
reports:form_line_create/writing POST 302 403 403 403 403 403 404 404 200
reports:form_line/writing POST 302 403 403 403 403 403 404 404 200
reports:form_rule_create/writing POST 302 403 403 403 403 403 404 404 200
reports:form_rule/writing POST 302 403 403 403 403 403 404 404 200
reports:form_discard/writing POST 302 403 403 403 403 403 404 404 302
reports:form_heading_create/writing POST 302 403 403 403 403 403 404 404 302
reports:form_heading/writing POST 302 403 403 403 403 403 404 404 302
reports:form_cells/writing POST 302 403 403 403 403 403 404 404 302
reports:form_move/writing POST 302 403 403 403 403 403 404 404 302
reports:form_remove/writing POST 302 403 403 403 403 403 404 404 302
reports:form_draft GET 302 403 403 403 403 403 404 404 404

reports:period_list            GET    302       200 200   200 200 200 200  200 200
reports:period_plan            GET    302       405 405   405 405 405 405  405 405
reports:period_plan            POST   302       403 403   403 403 403 404  404 302
reports:period_phase           GET    302       403 403   403 403 403 404  404 302
reports:period_phase           POST   302       403 403   403 403 403 404  404 302
reports:period_ask             GET    302       403 403   403 200 403 404  404 200
reports:period_ask             POST   302       403 403   403 200 403 404  404 200
reports:period_update          GET    302       403 403   403 403 403 404  404 302
reports:period_open            GET    302       405 405   405 405 405 405  405 405
reports:period_open            POST   302       403 403   403 403 403 404  404 302
reports:period_extend          GET    302       403 403   200 403 200 404  404 200
reports:period_extend          POST   302       403 403   200 403 200 404  404 200
reports:period_lock            GET    302       403 403   200 200 200 404  404 200
reports:period_lock            POST   302       403 403   409 409 409 404  404 409

reports:summary_index          GET    302       302 302   302 302 302 200  200 302
reports:summary_detail         GET    302       200 200   200 200 404 404  404 200
reports:summary_missing        GET    302       200 200   200 200 404 404  404 200
reports:summary_remind         GET    302       200 200   200 200 404 404  404 200
reports:summary_remind         POST   302       403 302   302 302 404 404  404 302
reports:summary_reminders      GET    302       200 200   200 200 404 404  404 200
reports:summary_rows           GET    302       200 200   200 200 404 404  404 200
reports:export_create          GET    302       405 405   405 405 405 405  405 405
reports:export_create          POST   302       403 403   302 302 404 404  404 403
reports:export_detail          GET    302       404 404   404 200 404 404  404 404
reports:export_status          GET    302       404 404   404 200 404 404  404 404

reports:summary_text           GET    302       200 200   200 200 404 404  404 200
reports:summary_gather         GET    302       405 405   405 405 405 405  405 405
reports:summary_gather         POST   302       302 403   403 403 404 404  404 403
reports:summary_write          GET    302       200 403   403 403 404 404  404 403
reports:summary_write          POST   302       302 403   403 403 404 404  404 403
reports:summary_word           GET    302       200 403   200 200 404 404  404 403
reports:summary_freeze         GET    302       405 405   405 405 405 405  405 405
reports:summary_freeze         POST   302       403 403   403 403 404 404  404 403
reports:summary_freeze/city    POST   302       404 404   404 302 404 404  404 403
reports:summary_history        GET    302       200 200   200 200 404 404  404 200
reports:summary_frozen         GET    302       404 200   200 200 404 404  404 200
reports:summary_frozen_word    GET    302       404 200   200 200 404 404  404 403

reports:upload_list            GET    302       200 200   200 200 200 200  200 200
reports:upload_create          GET    302       200 200   403 403 200 200  403 403
reports:upload_create          POST   302       200 200   403 403 200 200  403 403
reports:upload_template        GET    302       404 404   403 403 404 404  403 403
reports:upload_detail          GET    302       200 200   200 200 404 404  404 200
reports:upload_status          GET    302       200 200   200 200 404 404  404 200
reports:upload_apply           GET    302       405 405   405 405 405 405  405 405
reports:upload_apply           POST   302       302 403   403 403 404 404  404 403

reports:reorganisation_list          GET  302 200 200 200 200 200 200 200 200
reports:reorganisation_create        GET  302 403 403 403 403 403 403 403 200
reports:reorganisation_create        POST 302 403 403 403 403 403 403 403 200
reports:reorganisation_detail        GET  302 404 404 404 200 404 404 404 200
reports:reorganisation_detail/missing GET 302 404 404 404 404 404 404 404 404
reports:reorganisation_history       GET  302 404 404 404 200 404 404 404 200
reports:reorganisation_update        GET  302 404 404 404 403 404 404 404 200
reports:reorganisation_update        POST 302 404 404 404 403 404 404 404 200
reports:reorganisation_discard       GET  302 404 404 404 403 404 404 404 200
reports:reorganisation_discard       POST 302 404 404 404 403 404 404 404 302
reports:reorganisation_unit_create   GET  302 404 404 404 403 404 404 404 200
reports:reorganisation_unit_update   GET  302 404 404 404 403 404 404 404 200
reports:reorganisation_unit_remove   GET  302 405 405 405 405 405 405 405 405
reports:reorganisation_unit_remove   POST 302 404 404 404 403 404 404 404 302
reports:reorganisation_ending_create GET  302 404 404 404 403 404 404 404 200
reports:reorganisation_ending_remove GET  302 405 405 405 405 405 405 405 405
reports:reorganisation_ending_remove POST 302 404 404 404 403 404 404 404 302
reports:reorganisation_plan          GET  302 404 404 404 403 404 404 404 200
reports:reorganisation_apply         GET  302 404 404 404 403 404 404 404 200
reports:reorganisation_apply         POST 302 404 404 404 403 404 404 404 302
reports:reorganisation_undo          GET  302 404 404 404 403 404 404 404 200
reports:reorganisation_undo          POST 302 404 404 404 403 404 404 404 302
reports:reorganisation_run           GET  302 404 404 404 200 404 404 404 200
reports:reorganisation_run_status    GET  302 404 404 404 200 404 404 404 200
reports:waiting_list                 GET  302 200 200 200 200 404 404 404 200
reports:waiting_list                 POST 302 302 302 302 302 404 404 404 302

reports:notification_list      GET    302       200 200   200 200 200 200  200 200
reports:wish_list              GET    302       200 200   200 200 200 200  200 200
reports:wish_list              POST   302       200 200   200 200 200 200  200 200
reports:notification_read      GET    302       405 405   405 405 405 405  405 405
reports:notification_read      POST   302       302 404   404 404 404 404  404 404
reports:notification_read_all  POST   302       302 302   302 302 302 302  302 302
"""
# The admin is closed to everybody but administrators, who never delete.
OPEN_TO_ADMINISTRATORS = {
    "reportform": ["changelist", "add", "change", "history"],
    "period": ["changelist", "add", "change", "history"],
    "periodrule": ["changelist", "add", "change", "history"],
    "holiday": ["changelist", "add", "change", "history"],
    "report": ["changelist", "change", "history"],
    "outbox": ["changelist", "change", "history"],
}
SHUT = {"reportform": ["delete"], "period": ["delete"], "periodrule": ["delete"],
        "holiday": ["delete"], "report": ["add", "delete"],
        "outbox": ["add", "delete"]}  # fmt: skip
HEAD = "route method anonymous hoa giang ha cuc lan xuan mai dung\n"
ADMIN_TABLE = HEAD + "\n".join(
    f"admin:reports_{model}_{page} GET {'302 ' * 8}{status}"
    for pages, status in ((OPEN_TO_ADMINISTRATORS, 200), (SHUT, 403))
    for model, names in pages.items()
    for page in names
)
EXCHANGE = ("reports:proposal_", "reports:notice_", "reports:briefing_", "reports:conclusion_")
LINES = read_table(TABLE) + read_table(ADMIN_TABLE)

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(january, written, report_of, units, people):
    report = report_of(units.tho_quang, january)
    return written(report, people.hoa, cuoc=3)


def upload_of(units, people):
    file = store_file(
        content=b"danh sach", name="danh sách.xlsx", content_type="application/octet-stream",
        branch=units.tho_quang, by=people.hoa,
    )  # fmt: skip
    return Upload.objects.create(
        kind="assignments", branch=units.tho_quang, file=file, asked_by=people.hoa,
        state=Upload.State.READY, params={"program": program_of(units).pk},
    )  # fmt: skip


def kept_with(report, people):
    file = store_file(
        content=b"anh", name="ảnh.jpg", content_type="image/jpeg", branch=report.branch,
        by=people.hoa,
    )  # fmt: skip
    return ReportFile.objects.create(report=report, file=file)


def program_of(units):
    return Program.objects.get_or_create(
        owner=units.da_nang, name="Hướng về Chi hội", slug="hvch",
        starts_on="2021-01-01", ends_on="2022-12-31", status=Program.Status.RUNNING,
    )[0]  # fmt: skip


def decree_args(route, note, units, people):
    """A draft of the city, one of its units or lines, a run of it; the ward's work list."""
    noun = route.removeprefix("reports:")
    if noun in ("reorganisation_list", "reorganisation_create"):
        return []
    if noun == "waiting_list":
        return [units.tho_quang.slug]
    decree = reform_of_da_nang(units, people.dung)
    row = decree
    if noun in ("reorganisation_unit_update", "reorganisation_unit_remove"):
        row = decree.successors.first()
    elif noun == "reorganisation_ending_remove":
        row = decree.successions.filter(kind="abolished").first()
    elif "_run" in noun:
        row = decree.runs.create(step="apply", asked_by=people.dung)
    return [999_999 if note == "missing" else row.pk]


def place_args(route, place):
    """As much of form, period and unit as the address names."""
    page = route.removeprefix("reports:")
    if page == "period_list":
        return []
    if page in ("period_plan", "period_ask", "period_phase"):
        return place[:1]
    if page.startswith("period_"):
        return place[:2]
    more = {"summary_rows": "cuoc", "summary_write": "results"}
    return [] if page == "summary_index" else [*place, *([more[page]] if page in more else [])]


def form_args(route, note, form, people):
    """The form, and of its draft a table's section, heading, line or rule, where it is written."""
    page = route.removeprefix("reports:form_")
    if page in ("list", "create"):
        return []
    if note != "writing":
        return [form.code, form.newest.number] if page == "version" else [form.code]
    draft = start_draft(form=form, by=people.dung)
    if page == "version":
        return [form.code, draft.number]
    line = draft.lines.in_order().first()
    table = save_section(version=draft, heading="Bảng", is_table=True)
    heading = save_heading(section=table, axis="row", words="Hàng")
    rule = save_rule(
        version=draft, kind="at_least", indicator=line.indicator, number=1, is_stop=True
    )
    rows = {
        "section": line.section, "line_create": line.section, "heading_create": table,
        "cells": table, "heading": heading, "line": line, "rule": rule,
    }  # fmt: skip
    if page in ("move", "remove"):
        return [form.code, "heading", heading.pk]
    return [form.code, rows[page].pk] if page in rows else [form.code]


def args_of(line, report, units, people):
    route, _, note = line.key.partition("/")
    page = route.rpartition("_")[2]
    if route.startswith("reports:form_"):
        return form_args(route, note, report.period.form, people)
    if route.startswith(("reports:reorganisation_", "reports:waiting_")):
        return decree_args(route, note, units, people)
    period = report.period
    if route.startswith("admin:"):
        return [] if page in ("changelist", "add") else [admin_row(route, report, people).pk]
    if route.startswith(("reports:period_", "reports:summary_", "reports:export_create")):
        return sum_args(route, note, period, units, people)
    if route.endswith("_panel"):
        return [(units.tho_quang if "branch" in route else program_of(units)).slug]
    if route in ("reports:export_detail", "reports:export_status"):
        return [
            Export.objects.create(
                kind="summary", period=period, branch=units.tho_quang, asked_by=people.cuc
            ).pk
        ]
    if route == "reports:notification_read":
        return [Notification.objects.create(recipient=people.hoa, key="thử", text="thử").pk]
    if route.startswith("reports:upload_") and page in ("detail", "status", "apply"):
        return [upload_of(units, people).pk]
    if route.startswith(("reports:report_", *EXCHANGE)) and page != "list":
        return report_args(route, note, report, people)
    return []


def sum_args(route, note, period, units, people):
    """What is frozen is the district's; by a step of its own only the city freezes."""
    if route.startswith("reports:summary_frozen"):
        return [freeze(period, units.son_tra, by=people.giang, at=moment(2021, 1, 20)).pk]
    unit = units.da_nang if note == "city" else units.tho_quang
    return place_args(route, [period.form.code, period.code, unit.slug])


def report_args(route, note, report, people):
    if route.startswith(EXCHANGE):
        return exchange_args(route, note, report, people)
    if route == "reports:report_word_texts":
        kept = kept_with(report, people)
        kept.word_texts.create(narrative="results", text="Lời trong tệp")
        return [kept.pk]
    if route in ("reports:report_file", "reports:report_file_remove"):
        return [kept_with(report, people).pk]
    return [999_999 if note == "missing" else report.pk]


def exchange_args(route, note, report, people):
    """What the unit asks of the district, and what the district tells it and gives it to do."""
    above = report.branch.parent
    if route in ("reports:notice_create", "reports:briefing_create", "reports:briefing_pack"):
        return [above.slug]
    if route.startswith(("reports:briefing_", "reports:conclusion_")):
        meeting = above.briefings.create(held_on="2021-01-05", agenda="Việc của quận")
        row = meeting.conclusions.create(text="Nộp danh sách", unit=report.branch)
        row = meeting if route.startswith("reports:briefing_") else row
        return [999_999 if note == "missing" else row.pk]
    if route.startswith("reports:notice_"):
        at = None if note == "draft" else moment(2021, 1, 5)
        notice = above.notices.create(title="Họp", body="Dự đủ", by=people.giang, sent_at=at)
        if at:
            notice.receipts.create(branch=report.branch)
        return [999_999 if note == "missing" else notice.pk]
    row = report.raised.create(text="Đề nghị cấp tài liệu", addressed_to=above)
    return [999_999 if note == "missing" else row.pk]


def admin_row(route, report, people):
    rows = {
        "reportform": report.period.form,
        "period": report.period,
        "periodrule": PeriodRule(form=report.period.form, kind="month"),
        "holiday": Holiday(day="2021-02-12", name="Tết"),
        "report": report,
        "outbox": Outbox(recipient=people.hoa, key="thử", to="hoa@example.org"),
    }
    row = rows[route.split("_")[1]]
    if row.pk is None:
        row.save()
    return row


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_the_table_says(client, report, units, people, line):
    program_of(units)
    if not line.key.endswith("/draft"):
        submit_report(
            report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18)
        )
    elif line.route == "reports:report_nothing":
        report.figures.all().delete()
    url = reverse(line.route, args=args_of(line, report, units, people))

    data = (
        {"version": report.version, "reason": "Thiếu số", "channel": "phone"}
        if line.method == "POST"
        else None
    )
    check_line(line, client, people, url, data)


def test_every_route_has_a_line():
    assert routes_without_a_line(LINES, "reports:", "admin:reports_") == []
