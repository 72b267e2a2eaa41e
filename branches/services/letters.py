"""Letters to her own letter box: which one is hers, and how many it gets."""

from datetime import timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.timezone import now

from branches.models import User

from .checks import BranchError

LETTERS, LETTERS_WITHIN = 3, timedelta(hours=1)


class EmailTokenGenerator(PasswordResetTokenGenerator):
    """Proof that she reads what is sent to an address: for one day, one account, one use."""

    key_salt = "branches.services.letters.EmailTokenGenerator"

    def _make_hash_value(self, user, timestamp):
        # Not `last_login`: she may sign in on the way from the letter to the page.
        return f"{user.pk}{user.password}{user.email}{user.email_confirmed_at}{timestamp}"


email_token = EmailTokenGenerator()


@transaction.atomic
def take_letter(pk):
    """The active account, with one more letter on its count; None when an hour's are used up."""
    user = User.objects.select_for_update().filter(pk=pk, is_active=True).first()
    if user is None:
        return None
    at = now()
    recent = [t for t in user.letters_at if t > (at - LETTERS_WITHIN).timestamp()]
    if len(recent) >= LETTERS:
        return None
    User.objects.filter(pk=pk).update(letters_at=[*recent, at.timestamp()])
    return user


@transaction.atomic
def confirm_email(*, user, token):
    """She opened the letter while signed in as herself: the address is hers."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.email or not email_token.check_token(user, token):
        raise BranchError("Đường dẫn đã quá một ngày, đã dùng rồi hoặc là của địa chỉ khác.")
    user.email_confirmed_at = now()
    user._history_user, user._change_reason = user, "xác nhận thư điện tử"
    user.save()
    return user
