"""Middleware that carries no business rule."""


class NoStoreMiddleware:
    """Keep pages of signed-in people out of every cache (shared computers in offices)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response
