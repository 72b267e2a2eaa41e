from django.conf import settings


def site(request):
    """What every page needs to know of the installation and of who is looking."""
    user = getattr(request, "user", None)  # absent on the page for a wrong host name
    signed_in = user is not None and user.is_authenticated
    return {"demo": settings.DEMO, "current_branch": user.home_branch if signed_in else None}
