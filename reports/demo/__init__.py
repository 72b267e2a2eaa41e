"""The demonstration: Hội LHPN thành phố Đà Nẵng in 2021, with synthetic people and figures.

The units are the real ones of that time and the programme is that of the city's plan; every
person, chi hội and figure is made up, from a fixed seed, so that screenshots, tests and
people see the same data each time.
"""

from django.db import transaction

from branches.models import Branch

from .people import PASSWORD, SHOWN_ACCOUNTS, add_people
from .plan import add_assignments, add_program
from .reporting import add_form, add_reports
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
    form = add_form(program, units)
    add_reports(form, units, people)
