from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from hoiphunu.fields import NOTHING
from hoiphunu.qualifiers import Qualifier, Rough
from reports.checks import hindrances, second_looks
from reports.models import FormLine, FormRule, Report
from reports.services import (
    ReportError,
    open_period,
    put_in_force,
    return_report,
    save_rule,
    set_texts,
    start_draft,
    submit_nothing,
    submit_report,
)
from reports.sheet import read_sheet

from .conftest import moment, month_of

pytestmark = pytest.mark.django_db
Kind = FormRule.Kind
AT = moment(2021, 2, 18)


@pytest.fixture
def asking(form, people, indicators):
    """`asking(rule, …, required=[code], texts={…})`: February is asked with these rules."""

    def ask(*rules, required=(), texts=None):
        draft = start_draft(form=form, by=people.dung)
        FormLine.objects.filter(version=draft, indicator__code__in=required).update(
            is_required=True
        )
        for kind, code, is_stop, facts in rules:
            indicator = getattr(indicators, code)
            save_rule(version=draft, kind=kind, indicator=indicator, is_stop=is_stop, **facts)
        if texts is not None:
            set_texts(version=draft, texts=texts, most_files=0, files_help="", by=people.dung)
        put_in_force(version=draft, day=date(2021, 2, 1), by=people.dung)
        period = month_of(form, 2021, 2)
        open_period(period=period, by=people.dung, at=moment(2021, 2, 1))
        return period

    return ask


@pytest.fixture
def answer(units, people, written):
    """Thọ Quang's report of a month with these figures."""

    def fill(period, narrative=None, **figures):
        report = Report.objects.get(branch=units.tho_quang, period=period)
        return written(report, people.hoa, at=AT, narrative=narrative, **figures)

    return fill


def stops(report):
    return [finding.sentence for finding in hindrances(report)]


# --- Required -----------------------------------------------------------------------------------


def test_a_blank_required_cell_is_named_and_keeps_the_report_from_going_out(asking, answer, people):
    report = answer(asking(required=["cuoc", "kinh_phi"]), kinh_phi=0)

    with pytest.raises(ReportError, match="“Số cuộc tuyên truyền” chưa có câu trả lời"):
        submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)

    report.refresh_from_db()
    assert report.status == "draft"


@pytest.mark.parametrize("value", [0, 5, NOTHING], ids=["zero", "number", "nothing"])
def test_nought_a_number_and_nothing_all_answer_a_required_cell(asking, answer, people, value):
    report = answer(asking(required=["cuoc"]), cuoc=value)

    submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)

    assert report.status == "submitted"


def test_required_words_must_be_written(asking, answer, people):
    period = asking(texts={"results": (True, ""), "proposals": (False, "")})

    assert stops(answer(period, cuoc=1)) == ["Mục “Kết quả thực hiện” chưa viết."]
    assert stops(answer(period, narrative={"results": "Đã làm."})) == []


def test_one_click_of_nothing_answers_all_that_is_required(asking, units, people, report_of):
    report = report_of(units.tho_quang, asking(required=["cuoc", "hoi_vien"]))

    submit_nothing(report=report, seen_version=report.version, by=people.hoa, at=AT)

    assert report.status == "submitted"


def test_what_was_asked_before_hinders_nobody_now(asking, january, answer):
    asking(required=["cuoc"])

    assert stops(answer(january, kinh_phi=1)) == []


# --- Rules --------------------------------------------------------------------------------------

HV, PN = "“Tổng số hội viên”", "“Phụ nữ từ 18 tuổi”"
LEAST = (Kind.AT_LEAST, "hoi_vien", {"number": 10})
MOST = (Kind.AT_MOST, "hoi_vien", {"number": 1000})
ROUGH = Rough(Decimal(500), Qualifier.MORE_THAN)


@pytest.mark.parametrize(
    ("rule", "figures", "sentence"),
    [
        (LEAST, {"hoi_vien": 9}, f"{HV} phải từ 10 trở lên; hiện là 9."),
        (LEAST, {"hoi_vien": 10}, ""),
        (LEAST, {"hoi_vien": NOTHING}, ""),
        (LEAST, {}, ""),
        (MOST, {"hoi_vien": 1001}, f"{HV} không được quá 1.000; hiện là 1.001."),
        (MOST, {"hoi_vien": 1000}, ""),
        ("other", {"hoi_vien": 5, "phu_nu": 4}, f"{HV} không được lớn hơn {PN}; "
         "hiện là 5, “Phụ nữ từ 18 tuổi” là 4."),
        ("other", {"hoi_vien": 4, "phu_nu": 4}, ""),
        ("other", {"hoi_vien": 4}, ""),
        ("other", {"hoi_vien": ROUGH, "phu_nu": 4}, ""),
        ("sum", {"cuoc": 7, "hoi_vien": 3, "phu_nu": 5}, "“Số cuộc tuyên truyền” phải bằng tổng "
         f"của {HV}, {PN}; hiện là 7, các phần cộng lại là 8."),
        ("sum", {"cuoc": 8, "hoi_vien": 3, "phu_nu": 5}, ""),
        ("sum", {"cuoc": 7, "hoi_vien": 3}, ""),
        ("sum", {"cuoc": 3, "hoi_vien": 3, "phu_nu": NOTHING}, ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_stop", [True, False], ids=["stop", "warning"])
def test_a_rule_says_in_words_what_breaks_it(
    asking, answer, indicators, rule, figures, sentence, is_stop
):
    named = {
        "other": (Kind.NOT_ABOVE, "hoi_vien", {"other": indicators.phu_nu}),
        "sum": (Kind.SUM, "cuoc", {"parts": [indicators.hoi_vien, indicators.phu_nu]}),
    }
    kind, code, facts = named.get(rule, rule) if isinstance(rule, str) else rule

    report = answer(asking((kind, code, is_stop, facts)), **figures)
    said = [s for s in second_looks(report, read_sheet(report)) if "; hiện là" in s]

    assert stops(report) == ([sentence] if sentence and is_stop else [])
    assert said == ([sentence] if sentence and not is_stop else [])


@pytest.mark.parametrize(("now", "is_broken"), [(15, False), (16, True), (4, True), (5, False)])
def test_a_change_is_measured_against_the_period_before(
    january, asking, answer, units, people, report_of, approved, now, is_broken
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, hoi_vien=10, phu_nu=20)
    period = asking((Kind.CHANGE, "hoi_vien", True, {"number": 50}))

    found = stops(answer(period, hoi_vien=now, phu_nu=20))

    words = f"{HV} không lệch kỳ trước quá 50 %; hiện là {now}, kỳ trước là 10."
    assert found == ([words] if is_broken else [])


def test_a_jump_of_which_a_rule_speaks_is_not_told_twice(
    january, asking, answer, units, people, report_of, approved
):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha, hoi_vien=10, phu_nu=20)
    report = answer(asking((Kind.CHANGE, "hoi_vien", False, {"number": 20})), hoi_vien=16)

    said = [s for s in second_looks(report, read_sheet(report)) if "hội viên" in s and "kỳ" in s]

    assert said == [f"{HV} không lệch kỳ trước quá 20 %; hiện là 16, kỳ trước là 10."]


# --- On the page ----------------------------------------------------------------------------------


def post(client, report, action, **cells):
    data = {f"figure_{code}": value for code, value in cells.items()}
    data |= {"version": report.version, "action": action}
    return client.post(reverse("reports:report_edit", args=[report.pk]), data)


@pytest.fixture
def ruled(asking, units, report_of):
    period = asking(LEAST[:2] + (True,) + LEAST[2:], required=["cuoc"])
    return report_of(units.tho_quang, period)


def test_a_draft_is_saved_whatever_the_rules_say(ruled, as_person):
    response = post(as_person("hoa"), ruled, "save", hoi_vien="3")

    ruled.refresh_from_db()
    assert (response.status_code, ruled.status) == (302, "draft")
    assert ruled.figures.get(indicator__code="hoi_vien").value == 3


def test_submitting_says_beside_each_cell_what_is_wrong_and_keeps_what_was_typed(ruled, as_person):
    response = post(as_person("hoa"), ruled, "submit", hoi_vien="3", cuoc="")

    errors = response.context["form"].errors
    assert errors["figure_hoi_vien"] == [f"{HV} phải từ 10 trở lên; hiện là 3."]
    assert errors["figure_cuoc"] == ["“Số cuộc tuyên truyền” chưa có câu trả lời."]
    assert 'value="3"' in response.content.decode()
    ruled.refresh_from_db()
    assert ruled.status == "not_begun"


def test_the_reports_page_lists_what_hinders_it_to_its_officer_alone(ruled, as_person):
    post(as_person("hoa"), ruled, "save", hoi_vien="3")
    page = reverse("reports:report_detail", args=[ruled.pk])

    assert len(as_person("hoa").get(page).context["hindrances"]) == 2
    assert as_person("ha").get(page).context["hindrances"] == []


def test_the_button_submit_refuses_too(ruled, as_person):
    client = as_person("hoa")
    post(client, ruled, "save", hoi_vien="3")
    ruled.refresh_from_db()

    client.post(reverse("reports:report_submit", args=[ruled.pk]), {"version": ruled.version})

    ruled.refresh_from_db()
    assert ruled.status == "draft"


def test_only_the_headings_that_the_form_asks_stand_on_the_page(
    asking, units, report_of, as_person
):
    period = asking(texts={"results": (True, "Nêu tên mô hình")})
    report = report_of(units.tho_quang, period)

    form = as_person("hoa").get(reverse("reports:report_edit", args=[report.pk])).context["form"]

    assert [text.field.name for text in form.texts()] == ["results"]
    assert form["results"].help_text == "Nêu tên mô hình"


def test_a_returned_khong_phat_sinh_is_handed_in_again_whatever_the_form_requires(
    asking, units, report_of, people, as_person
):
    """What is required stands at a moment, so that the one click leaves it blank."""
    ruled, at = report_of(units.tho_quang, asking(required=["hoi_vien"])), moment(2021, 2, 18)
    submit_nothing(report=ruled, seen_version=ruled.version, by=people.hoa, at=at)
    return_report(
        report=ruled, seen_version=ruled.version, reason="Chị xem lại", by=people.ha, at=at
    )
    client = as_person("hoa")
    page = client.get(reverse("reports:report_detail", args=[ruled.pk]))
    assert (page.context["hindrances"], page.context["is_empty"]) == ([], True)

    client.post(reverse("reports:report_submit", args=[ruled.pk]), {"version": ruled.version})

    ruled.refresh_from_db()
    assert ruled.status == "submitted"
