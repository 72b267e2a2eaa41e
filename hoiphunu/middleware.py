"""Middleware that carries no business rule."""

from django.core.exceptions import BadRequest


class RefuseNulMiddleware:
    """No page has a NUL in its address, and PostgreSQL answers one with an error: 400."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        asked = [value for key in request.GET for value in (key, *request.GET.getlist(key))]
        if any("\0" in text for text in (request.path, *asked, *request.COOKIES.values())):
            raise BadRequest("NUL")
        return self.get_response(request)


class NoStoreMiddleware:
    """Keep pages of signed-in people out of every cache (shared computers in offices)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response
