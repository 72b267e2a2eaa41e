"""The bell: what a person was told, and marking it as seen."""

from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.views.decorators.http import require_POST
from django.views.generic import ListView

from hoiphunu.views import ScopedMixin, get_visible
from reports.models import Notification


class NotificationList(ScopedMixin, ListView):
    model = Notification
    paginate_by = 50


@require_POST
def read(request, pk):
    """Mark one line as seen and go where it points."""
    notification = get_visible(Notification, request.user, pk=pk)
    Notification.objects.visible_to(request.user).unread().filter(pk=pk).update(read_at=now())
    if url_has_allowed_host_and_scheme(notification.url, allowed_hosts=None):
        return redirect(notification.url)
    return redirect("reports:notification_list")


@require_POST
def read_all(request):
    Notification.objects.visible_to(request.user).unread().update(read_at=now())
    return redirect("reports:notification_list")
