"""The pages of reminding in a browser, at a desk and on a phone; the words are really copied."""

import pytest
from django.urls import reverse

from hoiphunu.tests.browser import WIDTHS
from reports.models import Contact, Period

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def march(name, slug):
    period = Period.objects.get(form__code="hvch-thang", code="2021-03")
    return reverse(f"reports:{name}", args=[period.form.code, period.code, slug])


@WIDTHS
def test_a_reviewer_reminds_who_has_not_handed_in(visit_demo, width):
    person = visit_demo("sontra.duyet", width=width)
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])

    person.go(march("summary_missing", "quan-son-tra"))
    assert person.reads("Cán bộ mới, hẹn nộp ngày 26.")
    person.picture("missing")
    person.follow("Soạn lời nhắc")
    person.picture("remind")
    before = Contact.objects.count()
    person.press("Chép, ghi là đã nhắc qua Zalo")

    assert person.reads("Đã ghi vào nhật ký: Đã nhắc qua Zalo.")
    assert Contact.objects.count() == before + 1
    copied = person.page.evaluate("navigator.clipboard.readText()")
    assert "chưa nộp" in copied
    assert f"{person.site}/reports/" in copied
    person.follow("Nhật ký nhắc")
    assert person.reads("Phần mềm đã nhắc")
    person.picture("reminder-log")

    person.go(reverse("reports:notification_list"))
    person.follow("Nhắc việc của tôi")
    person.picture("wishes")
    assert person.page.locator("[name=bell_after]").is_disabled()
    person.page.select_option("[name=mail_returned]", "at_once")
    person.press("Lưu")
    assert person.reads("Đã lưu cách nhắc việc của chị.")
