"""The demonstration: the five documents as programmes, and a year of Đà Nẵng's reports.

Units, plans and the figures that the papers print are real; every person, chi hội, donor and
reported figure is made up, from a fixed seed, so that screenshots, tests and people see the
same data each time.
"""

from django.db import transaction

from branches.models import Branch

from .documents import add_documents, name_indicators
from .exchange import add_exchange
from .obligations import add_obligations
from .people import PASSWORD, SHOWN_ACCOUNTS, add_people
from .plan import add_assignments, add_program
from .reminding import add_reminders
from .reporting import add_form, add_reports
from .summaries import add_summaries
from .units import add_units

__all__ = ["PASSWORD", "SHOWN_ACCOUNTS", "build_demo", "is_built"]


def is_built():
    return Branch.objects.filter(slug="thanh-pho-da-nang").exists()


@transaction.atomic
def build_demo():
    """Fill an empty database; each part in the words of its own floor."""
    units = add_units()
    people = add_people(units)
    program = add_program(units, people)
    add_assignments(program, units, people)
    add_documents(program, units, people)
    form = add_form(program, units)
    name_indicators(people)
    add_reports(form, units, people)
    add_summaries(form, units, people)
    add_reminders(form, people)
    add_obligations(units, people)
    add_exchange(units, people)
