from django.urls import path

from .views import assignments, deliveries, items, programs

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
    path("items/<int:pk>/", items.item_detail, name="item_detail"),
    path("items/<int:pk>/update/", items.item_update, name="item_update"),
    path("items/<int:pk>/end/", items.item_end, name="item_end"),
    path("items/<int:pk>/history/", items.item_history, name="item_history"),
    path("items/<int:pk>/deliver/", deliveries.delivery_create, name="delivery_create"),
    path("deliveries/<int:pk>/", deliveries.delivery_detail, name="delivery_detail"),
    path("deliveries/<int:pk>/confirm/", deliveries.confirm, name="delivery_confirm"),
    path("deliveries/<int:pk>/dispute/", deliveries.dispute, name="delivery_dispute"),
    path("deliveries/<int:pk>/minutes/", deliveries.minutes, name="delivery_minutes"),
    path("deliveries/<int:pk>/cancel/", deliveries.cancel, name="delivery_cancel"),
    path("deliveries/files/<uuid:pk>/", deliveries.delivery_file, name="delivery_file"),
    path("support/<slug:slug>/", items.support_detail, name="support_detail"),
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
    path("<slug:slug>/items/", items.item_list, name="item_list"),
    path("<slug:slug>/items/create/", items.item_create, name="item_create"),
    path("<slug:slug>/items/places/", items.place_search, name="place_search"),
]
