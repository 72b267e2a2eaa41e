"""What every verb here refuses with."""

from django.core.exceptions import ValidationError


class BranchError(Exception):
    """A change that the organisation does not allow; the text is for the screen."""


def refuse_invalid(row):
    """Run the row's own checks and constraints; what they say is for the screen."""
    try:
        row.full_clean(exclude=["path"])
    except ValidationError as error:
        raise BranchError(" ".join(error.messages)) from error
