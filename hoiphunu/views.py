"""The little that all views share."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import get_object_or_404


def require(user, permission, obj=None):
    """Refuse with 403 what `user` may see but not do. Names live in each app's rules.py."""
    if not user.has_perm(permission, obj):
        raise PermissionDenied


def get_visible(model, user, **lookup):
    """The row among those that `user` may see, or 404: foreign and missing look the same."""
    return get_object_or_404(model.objects.visible_to(user), **lookup)


def seen_version(request):
    """The version of the row that the person had on the screen; a garbled form is a 400."""
    try:
        return int(request.POST["version"])
    except (KeyError, ValueError):
        raise BadRequest("version") from None


def as_download(stored):
    """A stored file, always to be saved and never shown: it was made by somebody else."""
    try:
        content = stored.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=stored.name, content_type=stored.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


class ScopedMixin:
    """A class-based view over the rows that the signed-in person may see."""

    permission = None

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user)

    def get_object(self, queryset=None):
        obj = super().get_object(queryset)
        if self.permission:
            require(self.request.user, self.permission, obj)
        return obj


@login_not_required
def healthz(request):
    """200 when the database answers and its migrations are in; 503 otherwise."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    state = "migrations" if waiting else "ok"
    return JsonResponse({"state": state}, status=503 if waiting else 200)
