from django.urls import path

from .views import (
    exports,
    home,
    notifications,
    reorganisations,
    reports,
    schedule,
    summaries,
    uploads,
    waiting,
)

app_name = "reports"
urlpatterns = [
    path("", home.home, name="home"),
    # reports of single units
    path("reports/", reports.ReportList.as_view(), name="report_list"),
    path("reports/branch/<slug:slug>/", reports.branch_panel, name="branch_panel"),
    path("reports/<int:pk>/", reports.ReportDetail.as_view(), name="report_detail"),
    path("reports/<int:pk>/edit/", reports.edit, name="report_edit"),
    path("reports/<int:pk>/submit/", reports.submit, name="report_submit"),
    path("reports/<int:pk>/nothing/", reports.nothing, name="report_nothing"),
    path("reports/<int:pk>/return/", reports.send_back, name="report_return"),
    path("reports/<int:pk>/approve/", reports.approve, name="report_approve"),
    path("reports/<int:pk>/reopen/", reports.reopen, name="report_reopen"),
    path("reports/<int:pk>/history/", reports.history, name="report_history"),
    # the calendar
    path("schedule/", schedule.period_list, name="period_list"),
    path("schedule/<slug:form>/plan/", schedule.plan, name="period_plan"),
    path("schedule/<slug:form>/ask/", schedule.ask, name="period_ask"),
    path("schedule/<slug:form>/<slug:period>/update/", schedule.update, name="period_update"),
    path("schedule/<slug:form>/<slug:period>/open/", schedule.open_now, name="period_open"),
    path("schedule/<slug:form>/<slug:period>/extend/", schedule.extend, name="period_extend"),
    # sums over the tree
    path("reports/targets/<slug:slug>/", summaries.target_panel, name="target_panel"),
    path("reports/figures/<slug:slug>/", summaries.figure_panel, name="figure_panel"),
    path("reports/program/<slug:slug>/", summaries.program_panel, name="program_panel"),
    path("summaries/", summaries.summary_index, name="summary_index"),
    path(
        "summaries/<slug:form>/<slug:period>/<slug:slug>/",
        summaries.summary_detail,
        name="summary_detail",
    ),
    path(
        "summaries/<slug:form>/<slug:period>/<slug:slug>/missing/",
        summaries.summary_missing,
        name="summary_missing",
    ),
    path(
        "summaries/<slug:form>/<slug:period>/<slug:slug>/rows/<slug:indicator>/",
        summaries.summary_rows,
        name="summary_rows",
    ),
    path(
        "summaries/<slug:form>/<slug:period>/<slug:slug>/export/",
        exports.create,
        name="export_create",
    ),
    path("exports/<int:pk>/", exports.detail, name="export_detail"),
    path("exports/<int:pk>/status/", exports.status, name="export_status"),
    # lists from Excel
    path("uploads/", uploads.UploadList.as_view(), name="upload_list"),
    path("uploads/add/", uploads.create, name="upload_create"),
    path("uploads/template/", uploads.template, name="upload_template"),
    path("uploads/<int:pk>/", uploads.detail, name="upload_detail"),
    path("uploads/<int:pk>/status/", uploads.status, name="upload_status"),
    path("uploads/<int:pk>/apply/", uploads.apply, name="upload_apply"),
    # decrees
    path(
        "reorganisations/",
        reorganisations.ReorganisationList.as_view(),
        name="reorganisation_list",
    ),
    path("reorganisations/create/", reorganisations.create, name="reorganisation_create"),
    path("reorganisations/<int:pk>/", reorganisations.detail, name="reorganisation_detail"),
    path("reorganisations/<int:pk>/update/", reorganisations.update, name="reorganisation_update"),
    path(
        "reorganisations/<int:pk>/discard/", reorganisations.discard, name="reorganisation_discard"
    ),
    path(
        "reorganisations/<int:pk>/history/", reorganisations.history, name="reorganisation_history"
    ),
    path(
        "reorganisations/<int:pk>/units/create/",
        reorganisations.successor_create,
        name="reorganisation_unit_create",
    ),
    path(
        "reorganisations/units/<int:pk>/update/",
        reorganisations.successor_update,
        name="reorganisation_unit_update",
    ),
    path(
        "reorganisations/units/<int:pk>/remove/",
        reorganisations.successor_remove,
        name="reorganisation_unit_remove",
    ),
    path(
        "reorganisations/<int:pk>/endings/create/",
        reorganisations.ending_create,
        name="reorganisation_ending_create",
    ),
    path(
        "reorganisations/endings/<int:pk>/remove/",
        reorganisations.ending_remove,
        name="reorganisation_ending_remove",
    ),
    path("reorganisations/<int:pk>/plan/", reorganisations.plan, name="reorganisation_plan"),
    path("reorganisations/<int:pk>/apply/", reorganisations.apply, name="reorganisation_apply"),
    path("reorganisations/<int:pk>/undo/", reorganisations.undo, name="reorganisation_undo"),
    path("reorganisations/runs/<int:pk>/", reorganisations.run_detail, name="reorganisation_run"),
    path(
        "reorganisations/runs/<int:pk>/status/",
        reorganisations.run_status,
        name="reorganisation_run_status",
    ),
    path("reorganisations/waiting/<slug:slug>/", waiting.waiting_list, name="waiting_list"),
    path("notifications/", notifications.NotificationList.as_view(), name="notification_list"),
    path("notifications/<int:pk>/", notifications.read, name="notification_read"),
    path("notifications/read/", notifications.read_all, name="notification_read_all"),
]
