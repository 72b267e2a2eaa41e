"""In a real browser: an officer sponsors two children and marks a month as paid.

With SCREENSHOTS=docs/img each page is kept as a picture.
"""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from hoiphunu.tests.browser import WIDTHS
from programs.models import Payment

from .people_helped import child_of, donor_of

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@WIDTHS
def test_two_children_are_sponsored_and_a_month_is_paid(visit, width, program, units, people):
    donor_of(units.tho_quang)
    first = child_of(program, units.tho_quang, people.hoa, phone="0905123456")
    second = child_of(program, units.tho_quang, people.hoa, full_name="Lê An")
    today = localdate()
    hoa = visit("hoa", width)
    hoa.go(reverse("programs:beneficiary_create", args=[program.slug]))
    hoa.picture("record-new")
    hoa.go(reverse("programs:people_list", args=[program.slug]))
    assert hoa.reads(first.code, second.code)
    hoa.picture("people")

    hoa.go(reverse("programs:sponsorship_create", args=[program.slug]))
    hoa.page.select_option("[name=sponsor]", label="Công ty Hoa Sen")
    hoa.page.get_by_label(first.code).check()
    hoa.page.get_by_label(second.code).check()
    hoa.page.fill("[name=monthly]", "500.000")
    hoa.page.fill("[name=starts_on]", today.replace(day=1).isoformat())
    hoa.page.fill("[name=ends_on]", today.replace(month=12, day=31).isoformat())
    hoa.picture("sponsorship-new")
    hoa.press("Lưu")
    assert hoa.reads("Đã ghi đỡ đầu 2 trẻ.", "1.000.000")
    hoa.picture("sponsorship-calendar")
    hoa.follow("Công ty Hoa Sen")
    hoa.follow("Ghi đã trao")
    hoa.press("Ghi đã trao")
    assert hoa.reads("Đã ghi trao tháng", "Đã trao", "500.000")
    hoa.picture("sponsorship")

    paid = Payment.objects.exclude(paid_on=None).get()
    assert (paid.paid, paid.recorded_by, paid.sponsorship.child) == (500_000, people.hoa, second)
    hoa.go(first.get_absolute_url())
    assert hoa.reads(first.full_name, "•••••••456")
    hoa.page.fill("[name=purpose]", "xét học bổng")
    hoa.press("Xem phần nhạy cảm")
    assert hoa.reads("0905123456", "xét học bổng")
    hoa.picture("record")
