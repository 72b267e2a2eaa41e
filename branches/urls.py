from django.urls import path

from .views import units

app_name = "branches"
urlpatterns = [
    path("", units.branch_list, name="branch_list"),
    path("search/", units.branch_search, name="branch_search"),
    path("files/<uuid:pk>/", units.file_download, name="file_download"),
    path("<slug:slug>/", units.branch_detail, name="branch_detail"),
    path("<slug:slug>/children/", units.branch_children, name="branch_children"),
    path("<slug:slug>/history/", units.branch_history, name="branch_history"),
]
