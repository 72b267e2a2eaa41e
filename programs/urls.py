from django.urls import path

from .views import assignments, programs, readings

app_name = "programs"
urlpatterns = [
    path("", programs.ProgramList.as_view(), name="program_list"),
    path("create/", programs.program_create, name="program_create"),
    path("lines/row/", programs.line_row, name="line_row"),
    path("lines/milestone/", programs.milestone_row, name="milestone_row"),
    path("lines/check/", programs.plan_check, name="plan_check"),
    path("readings/", readings.ReadingList.as_view(), name="reading_list"),
    path("readings/create/", readings.reading_create, name="reading_create"),
    path("readings/<int:pk>/", readings.reading_detail, name="reading_detail"),
    path("readings/<int:pk>/status/", readings.reading_status, name="reading_status"),
    path("readings/<int:pk>/keep/", readings.reading_keep, name="reading_keep"),
    path("readings/<int:pk>/take/", readings.reading_take, name="reading_take"),
    path("branch/<slug:slug>/", assignments.branch_panel, name="branch_panel"),
    path("assignments/<int:pk>/", assignments.assignment_detail, name="assignment_detail"),
    path("assignments/<int:pk>/update/", assignments.assignment_update, name="assignment_update"),
    path("assignments/<int:pk>/end/", assignments.assignment_end, name="assignment_end"),
    path(
        "assignments/<int:pk>/history/", assignments.assignment_history, name="assignment_history"
    ),
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
    path("<slug:slug>/chi-hoi/", assignments.chi_hoi_search, name="chi_hoi_search"),
]
