"""What `check --deploy` asks beside Django's own questions."""

from django.conf import settings
from django.core.checks import Tags, Warning, register


@register(Tags.security, deploy=True)
def says_whether_there_is_a_proxy(app_configs, **kwargs):
    """Behind a proxy that is not believed, all visitors are one, and lock each other out."""
    if not settings.IS_SECURE or settings.BEHIND_PROXY is not None:
        return []
    return [
        Warning(
            "BEHIND_PROXY is not set.",
            hint="Say on behind a proxy that sets X-Real-IP itself, off where there is none.",
            id="hoiphunu.W001",
        )
    ]
