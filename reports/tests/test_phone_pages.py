"""Every page of a programme fits a phone of 360 pixels and a desk, with the five documents in it.

With SCREENSHOTS=docs/img the pages that the documentation shows are kept as pictures.
"""

import pytest
from django.urls import reverse

from hoiphunu.tests.browser import PHONE
from programs.models import Program

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# Who opens it and the beginning of the programme's name.
PROGRAMMES = [
    ("danang.quantri", "Hướng về Chi hội"),
    ("hanoi.canbo", "Đồng hành cùng phụ nữ biên cương năm 2024"),
    ("phuyen.canbo", "Phú Yên năm 2023"),
    ("hocmon.canbo", "bình đẳng giới"),
]
PAGES = [
    "program_detail", "assignment_list", "assignment_create", "document_list", "duty_list",
    "figure_list", "target_list", "item_list", "item_create", "ledger_detail", "ledger_entries",
    "people_list", "sponsorship_list", "program_history",
]  # fmt: skip
# The picture's name, who opens the page, which one, and the beginning of the programme's name.
PICTURES = [
    ("program-border", "hanoi.canbo", "program_detail", "phụ nữ biên cương năm 2024"),
    ("items", "hanoi.canbo", "item_list", "phụ nữ biên cương năm 2024"),
    ("ledger", "hanoi.canbo", "ledger_detail", "phụ nữ biên cương năm 2024"),
    ("sponsorships", "hanoi.canbo", "sponsorship_list", "phụ nữ biên cương năm 2024"),
    (
        "assignments",
        "danang.canbo",
        "assignment_list",
        "Hướng về Chi hội, hành động vì Chi hội năm 2021",
    ),
    ("figures", "phuyen.canbo", "figure_list", "Phú Yên năm 2023"),
    ("targets", "trunguong.quantri", "target_list", "cả nước năm 2024"),
    ("duties", "hocmon.canbo", "duty_list", "bình đẳng giới"),
]
ROWS = ["assignments", "items", "targets", "contributions"]


def addresses(program):
    yield from (reverse(f"programs:{name}", args=[program.slug]) for name in PAGES)
    for rows in ROWS:
        row = getattr(program, rows).order_by("pk").first()
        if row is not None and hasattr(row, "get_absolute_url"):
            yield row.get_absolute_url()


@pytest.mark.parametrize(("username", "name"), PROGRAMMES)
def test_no_page_of_the_programme_scrolls_sideways_on_a_phone(visit_demo, username, name):
    person = visit_demo(username, width=PHONE)
    program = Program.objects.get(name__contains=name)
    others = [
        reverse(f"programs:{page}") for page in ("program_list", "partner_list", "donor_list")
    ]
    for address in [*others, *addresses(program)]:
        answer = person.go(address)
        assert answer.status in (200, 403), address
        person.fits(address)


def test_the_pages_of_the_five_documents_fit_a_desk(visit_demo):
    for picture, username, page, name in PICTURES:
        person = visit_demo(username)
        program = Program.objects.get(name__contains=name)
        assert person.go(reverse(f"programs:{page}", args=[program.slug])).status == 200
        person.picture(picture)  # which fails when the page scrolls sideways
