"""What somebody without an account opens by an invitation; short, for it is sent by telephone."""

from django.urls import path

from .views import guests

app_name = "guest"
urlpatterns = [
    path("", guests.home, name="home"),
    path("leave/", guests.leave, name="leave"),
    path("deliveries/<int:pk>/", guests.delivery, name="delivery"),
    path("files/<uuid:pk>/", guests.file, name="file"),
    path("<slug:token>/", guests.link, name="open"),
]
