"""Middleware that carries no business rule."""

from django.core.exceptions import BadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect


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


class OwnPasswordFirstMiddleware:
    """Whoever came in by a one-time password sets her own before anything else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if user.is_authenticated and user.must_set_password:
            page = reverse("password_own")
            if request.path not in (page, reverse("logout"), reverse("healthz")):
                is_part = request.headers.get("HX-Request") == "true"
                return HttpResponseClientRedirect(page) if is_part else redirect(page)
        return self.get_response(request)
