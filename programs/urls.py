from django.urls import path

from .views import assignments, contributions, donors, ledger, programs

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
    path("donors/", donors.donor_list, name="donor_list"),
    path("donors/create/", donors.donor_create, name="donor_create"),
    path("donors/<int:pk>/", donors.donor_detail, name="donor_detail"),
    path("donors/<int:pk>/update/", donors.donor_update, name="donor_update"),
    path("donors/<int:pk>/history/", donors.donor_history, name="donor_history"),
    path("contributions/<int:pk>/", contributions.contribution_detail, name="contribution_detail"),
    path(
        "contributions/<int:pk>/update/",
        contributions.contribution_update,
        name="contribution_update",
    ),
    path(
        "contributions/<int:pk>/history/",
        contributions.contribution_history,
        name="contribution_history",
    ),
    *(
        path(
            f"contributions/<int:pk>/{verb}/",
            contributions.add_line,
            {"verb": verb},
            name=f"contribution_{verb}",
        )
        for verb in contributions.VERBS
    ),
    path("entries/<int:pk>/correct/", contributions.entry_correct, name="entry_correct"),
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
    path("<slug:slug>/ledger/", ledger.ledger_detail, name="ledger_detail"),
    path("<slug:slug>/ledger/entries/", ledger.ledger_entries, name="ledger_entries"),
    path("<slug:slug>/ledger/export/", ledger.ledger_export, name="ledger_export"),
    path(
        "<slug:slug>/contributions/create/",
        contributions.contribution_create,
        name="contribution_create",
    ),
    path("<slug:slug>/chi-hoi/", assignments.chi_hoi_search, name="chi_hoi_search"),
]
