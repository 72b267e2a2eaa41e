"""Letters of the door: sent by a worker, which makes the secret in them itself."""

import logging

from celery import shared_task
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from .models import User
from .services import email_token, take_letter

logger = logging.getLogger(__name__)


@shared_task
def send_forgotten(user_ids, site):
    """To each, as often as she may get one; `site` is the address that she asked at."""
    for pk in user_ids:
        user = take_letter(pk)
        if user is not None and user.email_confirmed_at:
            uid = urlsafe_base64_encode(force_bytes(pk))
            token = default_token_generator.make_token(user)
            post("forgotten_password", user, {"site": site, "uid": uid, "token": token})


@shared_task
def send_confirmation(user_id, site):
    users = User.objects.filter(pk=user_id, is_active=True)  # scope: the id handed in
    user = users.exclude(email="").first()
    if user is not None:
        post("confirm_email", user, {"site": site, "token": email_token.make_token(user)})


def post(name, user, context):
    """One letter; a mail server that is down is logged, and she asks again."""
    subject = render_to_string(f"emails/{name}_subject.txt").strip()
    body = render_to_string(f"emails/{name}.txt", context | {"user": user})
    try:
        send_mail(subject, body, None, [user.email])
    except Exception:  # whatever is wrong with this one, the next must still go
        logger.exception("Letter %s to account %s was not sent", name, user.pk)
