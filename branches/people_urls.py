"""Accounts and positions, for those who administer a unit."""

from django.urls import path

from .views import people

app_name = "people"
urlpatterns = [
    path("", people.PersonList.as_view(), name="person_list"),
    path("search/", people.search, name="person_search"),
    path("add/", people.create, name="person_create"),
    path("lists/<int:pk>/slips/", people.list_slips, name="list_slips"),
    path("<int:pk>/", people.detail, name="person_detail"),
    path("<int:pk>/edit/", people.edit, name="person_edit"),
    path("<int:pk>/history/", people.history, name="person_history"),
    path("<int:pk>/password/", people.password, name="person_password"),
    path("<int:pk>/state/", people.state, name="person_state"),
    path("<int:pk>/hand-over/", people.hand_on, name="person_hand_over"),
    path("<int:pk>/positions/add/", people.position_add, name="position_add"),
    path("<int:pk>/positions/<int:position>/end/", people.position_end, name="position_end"),
]
