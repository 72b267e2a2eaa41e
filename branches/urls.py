from django.urls import path

from . import views

app_name = "branches"
urlpatterns = [
    path("", views.branch_list, name="branch_list"),
    path("search/", views.branch_search, name="branch_search"),
    path("files/<uuid:pk>/", views.file_download, name="file_download"),
    path("<slug:slug>/", views.branch_detail, name="branch_detail"),
    path("<slug:slug>/children/", views.branch_children, name="branch_children"),
    path("<slug:slug>/history/", views.branch_history, name="branch_history"),
]
