from django.conf import settings
from django.utils.functional import SimpleLazyObject


def unread_notifications(request):
    """How many lines under the bell are new; asked of the database only when shown."""
    user = getattr(request, "user", None)  # absent on the page for a wrong host name
    if user is None or not user.is_authenticated:
        return {}
    return {
        "unread_notifications": SimpleLazyObject(user.notifications.visible_to(user).unread().count)
    }


def demo_accounts(request):
    """The demonstration's log-ins, for its own log-in page only."""
    user = getattr(request, "user", None)
    if not settings.DEMO or user is None or user.is_authenticated:
        return {}
    from reports.demo import PASSWORD, SHOWN_ACCOUNTS

    return {"demo_accounts": SHOWN_ACCOUNTS, "demo_password": PASSWORD}
