from django.urls import path

from .views import assignments, editions, papers, partners, programs, targets

app_name = "programs"
urlpatterns = [
    path("", programs.ProgramList.as_view(), name="program_list"),
    path("create/", programs.program_create, name="program_create"),
    path("lines/row/", programs.line_row, name="line_row"),
    path("lines/milestone/", programs.milestone_row, name="milestone_row"),
    path("lines/check/", programs.plan_check, name="plan_check"),
    path("branch/<slug:slug>/", assignments.branch_panel, name="branch_panel"),
    path("assignments/<int:pk>/", assignments.assignment_detail, name="assignment_detail"),
    path("assignments/<int:pk>/update/", assignments.assignment_update, name="assignment_update"),
    path("assignments/<int:pk>/end/", assignments.assignment_end, name="assignment_end"),
    path(
        "assignments/<int:pk>/history/", assignments.assignment_history, name="assignment_history"
    ),
    path("assignments/<int:pk>/condition/", assignments.condition_create, name="condition_create"),
    path("conditions/<int:pk>/", assignments.condition_update, name="condition_update"),
    path("partners/", partners.PartnerList.as_view(), name="partner_list"),
    path("partners/of/<slug:slug>/", partners.partner_create, name="partner_create"),
    path("partners/<int:pk>/", partners.partner_update, name="partner_update"),
    path("parts/<slug:kind>/<int:pk>/update/", papers.part_update, name="part_update"),
    path("parts/<slug:kind>/<int:pk>/remove/", papers.part_remove, name="part_remove"),
    path("documents/<int:pk>/file/", papers.document_file, name="document_file"),
    path("targets/<int:pk>/update/", targets.target_update, name="target_update"),
    path("targets/<int:pk>/remove/", targets.target_remove, name="target_remove"),
    path("targets/<int:pk>/localise/", targets.target_localise, name="target_localise"),
    path("cited/<slug:kind>/<int:pk>/", papers.cited, name="cited"),
    path("<slug:slug>/", programs.program_detail, name="program_detail"),
    path("<slug:slug>/update/", programs.program_update, name="program_update"),
    path("<slug:slug>/start/", programs.start, name="program_start"),
    path("<slug:slug>/close/", programs.close, name="program_close"),
    path("<slug:slug>/allot/", programs.allot, name="program_allot"),
    path("<slug:slug>/history/", programs.program_history, name="program_history"),
    path("<slug:slug>/assignments/", assignments.assignment_list, name="assignment_list"),
    path(
        "<slug:slug>/assignments/create/", assignments.assignment_create, name="assignment_create"
    ),
    path("<slug:slug>/units/", assignments.unit_search, name="unit_search"),
    path("<slug:slug>/documents/", papers.document_list, name="document_list"),
    path("<slug:slug>/duties/", papers.duty_list, name="duty_list"),
    path("<slug:slug>/figures/", papers.figure_list, name="figure_list"),
    path("<slug:slug>/parts/<slug:kind>/create/", papers.part_create, name="part_create"),
    path("<slug:slug>/targets/", targets.target_list, name="target_list"),
    path("<slug:slug>/targets/create/", targets.target_create, name="target_create"),
    path("<slug:slug>/copy/", editions.copy, name="program_copy"),
    path("<slug:slug>/cancel/", editions.cancel, name="program_cancel"),
]
