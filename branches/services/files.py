"""Files under names of our own making."""

from hashlib import sha256

from django.core.files.base import ContentFile

from branches.models import StoredFile


def store_file(*, content: bytes, name, content_type, branch, by, is_personal=False):
    """Keep a file under a name of our own making."""
    stored = StoredFile(
        branch=branch,
        uploaded_by=by,
        name=name[-200:],
        size=len(content),
        sha256=sha256(content).hexdigest(),
        content_type=content_type,
        is_personal=is_personal,
    )
    stored.file.save("file", ContentFile(content), save=False)
    stored.save()
    return stored
