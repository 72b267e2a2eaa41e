from django.urls import path

from . import views

app_name = "programs"
urlpatterns = [
    path("", views.ProgramList.as_view(), name="program_list"),
    path("create/", views.program_create, name="program_create"),
    path("lines/row/", views.line_row, name="line_row"),
    path("lines/milestone/", views.milestone_row, name="milestone_row"),
    path("lines/check/", views.plan_check, name="plan_check"),
    path("branch/<slug:slug>/", views.branch_panel, name="branch_panel"),
    path("assignments/<int:pk>/", views.assignment_detail, name="assignment_detail"),
    path("assignments/<int:pk>/update/", views.assignment_update, name="assignment_update"),
    path("assignments/<int:pk>/end/", views.assignment_end, name="assignment_end"),
    path("assignments/<int:pk>/history/", views.assignment_history, name="assignment_history"),
    path("<slug:slug>/", views.program_detail, name="program_detail"),
    path("<slug:slug>/update/", views.program_update, name="program_update"),
    path("<slug:slug>/start/", views.start, name="program_start"),
    path("<slug:slug>/close/", views.close, name="program_close"),
    path("<slug:slug>/allot/", views.allot, name="program_allot"),
    path("<slug:slug>/history/", views.program_history, name="program_history"),
    path("<slug:slug>/assignments/", views.assignment_list, name="assignment_list"),
    path("<slug:slug>/assignments/create/", views.assignment_create, name="assignment_create"),
    path("<slug:slug>/chi-hoi/", views.chi_hoi_search, name="chi_hoi_search"),
]
