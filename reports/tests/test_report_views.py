from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.services import hold_position
from conftest import OPENED, unit
from programs.models import Assignment
from programs.services import assign, end_assignment
from programs.tests.conftest import build_program
from reports.models import Notification, Report, ReportForm
from reports.services import open_period, return_report, submit_report

from .conftest import moment, month_of

pytestmark = pytest.mark.django_db
Status = Report.Status

CELLS = {"figure_cuoc": "", "figure_kinh_phi": "", "figure_hoi_vien": "", "figure_phu_nu": "",
         "figure_loai_hinh": "", "results": "", "difficulties": "", "proposals": "",
         "next_plans": ""}  # fmt: skip


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


@pytest.fixture
def submitted(report, people, written):
    written(report, people.hoa, cuoc=3, hoi_vien=80, phu_nu=100)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 19))
    return report


def address(name, report):
    return reverse(f"reports:report_{name}", args=[report.pk])


def post(client, name, report, **data):
    version = data.pop("version", report.version)
    return client.post(address(name, report), {"version": version, **data}, follow=True)


def words(response):
    return response.content.decode()


# --- The list ---------------------------------------------------------------------------------


def listed(response):
    return [report.branch.name for report in response.context["report_list"]]


def test_an_officer_begins_with_the_reports_of_her_unit(january, as_person):
    response = as_person("hoa").get("/reports/")

    assert response.context["tab"] == "own"
    assert listed(response) == ["Thọ Quang"]


def test_a_reviewer_sees_what_waits_for_her(submitted, as_person):
    response = as_person("ha").get("/reports/")

    assert response.context["tab"] == "waiting"
    assert listed(response) == ["Thọ Quang"]


def test_the_territory_holds_her_unit_and_those_below(january, as_person):
    client = as_person("ha")

    assert listed(client.get("/reports/?tab=all")) == ["Mân Thái", "Sơn Trà", "Thọ Quang"]
    assert listed(as_person("xuan").get("/reports/?tab=all")) == []


def test_filters_in_the_address_narrow_the_list(february, submitted, as_person):
    client = as_person("binh")

    def names(query):
        return listed(client.get(f"/reports/?tab=all&{query}"))

    assert names("status=submitted") == ["Thọ Quang"]
    assert names("q=tho quang&period=2021-01") == ["Thọ Quang"]
    assert names("level=truc_thuoc&period=2021-01") == ["Hội Phụ nữ Công an"]
    assert len(names("status=overdue&period=2021-01")) == 5
    assert names("status=late") == []
    assert names("branch=phuong-tho-quang") == ["Thọ Quang", "Thọ Quang"]


def test_a_late_report_stays_late_after_approval(report, people, approved, as_person):
    approved(report, people.hoa, people.ha, at=moment(2021, 1, 23), cuoc=3)

    response = as_person("binh").get("/reports/?tab=all&status=late")

    assert listed(response) == ["Thọ Quang"]
    assert "Nộp muộn" in words(response)


def test_the_list_of_a_foreign_unit_is_empty(january, as_person):
    response = as_person("lan").get("/reports/?tab=all&branch=phuong-tho-quang")

    assert listed(response) == []


def queries_of(client, path, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_the_list_asks_as_many_queries_for_300_reports_as_for_3(
    form, units, people, as_person, django_assert_max_num_queries
):
    few = month_of(form, 2021, 1)
    open_period(period=few, by=people.dung, at=moment(2021, 1, 1))
    client = as_person("binh")
    path = "/reports/?tab=all&q=a&level=xa"
    before = queries_of(client, path, django_assert_max_num_queries)

    for number in range(300):
        unit("xa", units.son_tra, f"An {number}", "phường")
    open_period(period=few, by=people.dung, at=moment(2021, 1, 2))

    assert queries_of(client, path, django_assert_max_num_queries) == before
    assert client.get(path).context["paginator"].count > 300


# --- One report ---------------------------------------------------------------------------------


def test_a_report_is_read_by_her_own_people_and_those_above(submitted, as_person):
    for name, status in [
        ("hoa", 200), ("ha", 200), ("cuc", 200), ("lan", 404), ("xuan", 404), ("mai", 404),
    ]:  # fmt: skip
        assert as_person(name).get(address("detail", submitted)).status_code == status


def test_blank_zero_nothing_and_yes_look_different(report, people, written, as_person):
    written(report, people.hoa, cuoc=0, kinh_phi="không phát sinh", loai_hinh=1)

    page = words(as_person("hoa").get(address("detail", report)))

    assert "<strong>0</strong>" in page
    assert '<strong><span class="nothing">không phát sinh</span></strong>' in page
    assert "<strong>Có</strong>" in page
    assert "chưa nhập" in page


def test_lateness_is_said_in_days(report, people, approved, as_person):
    approved(report, people.hoa, people.ha, at=moment(2021, 1, 23), cuoc=3)

    assert "Nộp muộn 3 ngày" in words(as_person("ha").get(address("detail", report)))


def test_the_reviewer_sees_what_changed_since_she_last_looked(
    submitted, people, written, as_person
):
    return_report(report=submitted, seen_version=submitted.version, reason="Sai số cuộc",
                  by=people.ha, at=moment(2021, 1, 20))  # fmt: skip
    written(submitted, people.hoa, cuoc=4, narrative={"results": "Đã sửa."})
    submit_report(
        report=submitted, seen_version=submitted.version, by=people.hoa, at=moment(2021, 1, 21)
    )

    response = as_person("ha").get(address("detail", submitted))

    assert response.context["changes"] == [
        {"label": "Số cuộc tuyên truyền", "old": "3", "new": "4"},
        {"label": "Kết quả thực hiện", "old": None, "new": "Đã sửa."},
    ]


@pytest.mark.parametrize(
    ("name", "steps"),
    [("hoa", set()), ("ha", {"approve", "return"}), ("nga", {"approve", "return"}),
     ("giang", set()), ("binh", set()), ("cuc", set())],
)  # fmt: skip
def test_the_steps_offered_are_those_that_the_rules_allow(submitted, as_person, name, steps):
    may = as_person(name).get(address("detail", submitted)).context["may"]

    assert {step for step, allowed in may.items() if allowed} == steps


def test_whoever_submitted_is_told_that_somebody_else_approves(
    january, units, people, report_of, written, as_person
):
    own = report_of(units.man_thai, january)
    written(own, people.nga, cuoc=1)
    submit_report(report=own, seen_version=own.version, by=people.nga, at=moment(2021, 1, 19))
    client = as_person("nga")

    assert "một người duyệt khác" in words(client.get(address("detail", own)))
    assert post(client, "approve", own).status_code == 403


def test_the_reviewer_is_led_to_the_next_report_that_waits(
    submitted, january, units, people, report_of, written, as_person
):
    other = report_of(units.man_thai, january)
    written(other, people.nga, cuoc=1)
    submit_report(report=other, seen_version=other.version, by=people.nga, at=moment(2021, 1, 19))

    page = words(post(as_person("ha"), "approve", submitted))

    assert "Đã duyệt báo cáo." in page
    assert f'<a href="{other.get_absolute_url()}">Báo cáo chờ duyệt tiếp theo</a>' in page


def test_a_report_costs_few_queries(submitted, as_person, django_assert_max_num_queries):
    client = as_person("ha")

    with django_assert_max_num_queries(26):
        client.get(address("detail", submitted))


# --- Writing -----------------------------------------------------------------------------------


def test_the_officer_fills_in_saves_and_submits(report, people, as_person):
    client = as_person("hoa")

    saved = post(client, "edit", report, **CELLS | {"figure_cuoc": "3", "results": "Đã họp."})
    assert "Đã lưu nháp lúc" in words(saved)
    report.refresh_from_db()
    assert (report.status, report.results) == (Status.DRAFT, "Đã họp.")

    sent = post(client, "edit", report, **CELLS | {"figure_cuoc": "4"}, action="submit")
    assert "Đã nộp báo cáo về Hội LHPN quận Sơn Trà." in words(sent)
    report.refresh_from_db()
    assert (report.status, report.figures.get().value) == (Status.SUBMITTED, 4)


def test_a_mistake_is_shown_at_its_cell_and_all_that_was_typed_stays(report, as_person):
    response = post(
        as_person("hoa"), "edit", report,
        **CELLS | {"figure_cuoc": "ba", "figure_kinh_phi": "50 triệu", "results": "Đã họp."},
    )  # fmt: skip

    page = words(response)
    assert '<a href="#id_figure_cuoc">Số cuộc tuyên truyền</a>' in page
    assert 'id="id_figure_cuoc_error"' in page
    assert 'value="ba"' in page
    assert 'value="50 triệu"' in page
    assert "Đã họp." in page
    report.refresh_from_db()
    assert report.status == Status.NOT_BEGUN


def test_a_mistake_does_not_hide_that_somebody_else_has_saved(report, people, written, as_person):
    seen = report.version
    written(report, people.hoa, cuoc=12)
    client = as_person("hoa")

    page = words(post(client, "edit", report, version=seen, **CELLS | {"figure_cuoc": "ba"}))

    assert f'name="version" value="{seen}"' in page


def test_a_conflict_keeps_what_she_typed_beside_what_is_saved(report, people, written, as_person):
    seen = report.version
    written(report, people.hoa, cuoc=12)
    client = as_person("hoa")

    response = post(client, "edit", report, version=seen, **CELLS | {"figure_cuoc": "15"})

    page = words(response)
    assert response.status_code == 409
    assert 'value="15"' in page
    assert "Đã lưu: 12" in page
    assert report.figures.get().value == 12
    again = post(
        client, "edit", report, version=response.context["version"],
        **CELLS | {"figure_cuoc": "15"},
    )  # fmt: skip
    assert again.status_code == 200
    assert report.figures.get().value == 15


def test_the_same_answer_sent_twice_is_no_conflict(report, as_person):
    client = as_person("hoa")
    typed = CELLS | {"figure_cuoc": "3"}
    seen = report.version
    post(client, "edit", report, version=seen, **typed)

    again = post(client, "edit", report, version=seen, **typed)

    assert again.status_code == 200
    assert again.redirect_chain == [(address("edit", report), 302)]
    assert report.figures.get().value == 3


def test_what_was_typed_into_a_report_submitted_meanwhile_stays_on_the_screen(submitted, as_person):
    response = post(as_person("hoa"), "edit", submitted, version=1, **CELLS | {"figure_cuoc": "99"})

    page = words(response)
    assert response.status_code == 409
    assert 'value="99"' in page
    assert "Đã nộp" in page
    assert "Lưu nháp</button>" not in page


def test_a_report_that_is_not_hers_to_write_any_more_leads_back_to_its_page(submitted, as_person):
    response = as_person("hoa").get(address("edit", submitted), follow=True)

    assert response.redirect_chain == [(address("detail", submitted), 302)]
    assert "nên không sửa được" in words(response)


def test_only_the_officer_of_the_unit_writes(report, as_person):
    for name, status in [("hoa", 200), ("ha", 403), ("an", 403), ("lan", 404), ("xuan", 404)]:
        client = as_person(name)

        assert client.get(address("edit", report)).status_code == status
        assert post(client, "edit", report, **CELLS).status_code == status


def test_a_form_without_its_version_is_garbled(report, as_person):
    assert as_person("hoa").post(address("edit", report), CELLS).status_code == 400


def test_the_reason_stands_on_top_of_a_returned_report(submitted, people, as_person):
    return_report(report=submitted, seen_version=submitted.version, reason="Thiếu số hội viên",
                  by=people.ha, at=moment(2021, 1, 20))  # fmt: skip

    page = words(as_person("hoa").get(address("edit", submitted)))

    assert "Báo cáo bị trả lại" in page
    assert "Thiếu số hội viên" in page


def test_a_doubt_is_shown_after_saving_and_hinders_nothing(report, as_person):
    client = as_person("hoa")
    typed = CELLS | {"figure_hoi_vien": "120", "figure_phu_nu": "100"}

    assert "vượt quá 100 %" in words(post(client, "edit", report, **typed))

    report.refresh_from_db()
    assert "Vì sao (không bắt buộc)" in words(
        post(client, "edit", report, **typed, action="submit")
    )
    report.refresh_from_db()
    post(client, "explain", report, anyway="1")
    report.refresh_from_db()
    assert report.status == Status.SUBMITTED


def test_a_whole_that_differs_from_its_parts_is_said_quietly(
    report, indicators, people, written, as_person
):
    indicators.phu_nu.part_of = indicators.hoi_vien
    indicators.phu_nu.save()
    url = report.get_absolute_url()
    written(report, people.hoa, hoi_vien=100, phu_nu=100)
    quiet = as_person("hoa").get(url).content.decode()
    written(report, people.hoa, hoi_vien=100, phu_nu=90)

    text = as_person("hoa").get(url).content.decode()

    assert "khác tổng các phần" not in quiet
    assert "Tổng “Tổng số hội viên” là 100 người, khác tổng các phần: 90 người." in text


def test_an_indicator_out_of_use_is_not_asked_but_its_figure_stays(
    report, indicators, people, written, as_person
):
    written(report, people.hoa, cuoc=3)
    for indicator in (indicators.cuoc, indicators.kinh_phi):
        indicator.valid_from = date(2022, 1, 1)
        indicator.save()

    text = as_person("hoa").get(report.get_absolute_url()).content.decode()

    assert "Số cuộc tuyên truyền" in text
    assert "Kinh phí vận động" not in text


def test_a_draft_with_a_part_but_no_whole_is_not_submitted(report, people, written, as_person):
    written(report, people.hoa, hoi_vien=80)

    response = post(as_person("hoa"), "submit", report)

    assert "chưa nộp được" in words(response)
    report.refresh_from_db()
    assert report.status == Status.DRAFT


def test_an_empty_report_is_not_submitted_but_nothing_is(report, as_person):
    client = as_person("hoa")

    assert "chưa có gì để nộp" in words(post(client, "submit", report))
    assert "Đã nộp báo cáo" in words(post(client, "nothing", report))
    report.refresh_from_db()
    assert report.nothing_to_report


def test_the_button_for_nothing_is_gone_once_something_is_typed(report, people, written, as_person):
    client = as_person("hoa")
    assert "Không phát sinh, nộp luôn" in words(client.get(address("edit", report)))

    written(report, people.hoa, cuoc=3)

    assert "Không phát sinh, nộp luôn" not in words(client.get(address("edit", report)))


# --- Reviewing ---------------------------------------------------------------------------------


def test_the_reviewer_returns_with_a_reason_and_approves_what_comes_back(
    submitted, people, as_person
):
    page = words(post(as_person("ha"), "return", submitted, reason="Thiếu số liệu"))
    assert "Đã trả lại báo cáo" in page

    submitted.refresh_from_db()
    post(as_person("hoa"), "submit", submitted)
    submitted.refresh_from_db()
    post(as_person("ha"), "approve", submitted)

    submitted.refresh_from_db()
    assert submitted.status == Status.APPROVED


def test_a_return_without_a_reason_says_so_at_the_field(submitted, as_person):
    page = words(post(as_person("ha"), "return", submitted, reason=" "))

    assert "Chị ghi lý do" in page
    submitted.refresh_from_db()
    assert submitted.status == Status.SUBMITTED


def test_a_reason_typed_too_late_stays_on_the_screen(submitted, people, written, as_person):
    client = as_person("ha")

    response = post(client, "return", submitted, version=1, reason="Sai số cuộc")

    assert response.status_code == 409
    assert "Sai số cuộc" in words(response)
    assert "có người khác sửa" in words(response)


def test_a_report_in_another_state_is_not_approved(report, as_person):
    response = post(as_person("ha"), "approve", report)

    assert "vừa có người khác sửa hoặc chuyển bước" in words(response)
    report.refresh_from_db()
    assert report.status == Status.NOT_BEGUN


def test_an_approved_report_is_reopened_with_a_reason(report, people, approved, as_person):
    approved(report, people.hoa, people.ha, cuoc=3)

    page = words(post(as_person("ha"), "reopen", report, reason="Nhập nhầm"))

    assert "Đã mở lại báo cáo" in page
    report.refresh_from_db()
    assert report.status == Status.RETURNED


@pytest.mark.parametrize("verb", ["approve", "return", "reopen"])
def test_strangers_get_404_and_colleagues_403(submitted, as_person, verb):
    for name, status in [("hoa", 403), ("giang", 403), ("binh", 403), ("lan", 404), ("xuan", 404)]:
        response = post(as_person(name), verb, submitted, reason="x")

        assert response.status_code == status


@pytest.mark.parametrize("verb", ["submit", "nothing", "approve", "return", "reopen"])
def test_steps_are_never_taken_by_following_a_link(report, as_person, verb):
    assert as_person("hoa").get(address(verb, report)).status_code == 405


# --- Around a report ----------------------------------------------------------------------------


def test_the_history_tells_who_changed_which_figure(submitted, people, as_person):
    response = as_person("ha").get(address("history", submitted))

    newest, draft, opened = response.context["rows"]
    assert [newest["what"], draft["what"], opened["what"]] == ["Nộp", "Lưu nháp", "Mở kỳ báo cáo"]
    assert draft["by"] == people.hoa
    assert {"label": "Số cuộc tuyên truyền", "old": None, "new": "3"} in draft["changes"]
    assert as_person("lan").get(address("history", submitted)).status_code == 404


def test_the_history_costs_few_queries(
    submitted, people, written, as_person, django_assert_max_num_queries
):
    return_report(report=submitted, seen_version=submitted.version, reason="Sai",
                  by=people.ha, at=moment(2021, 1, 20))  # fmt: skip
    for number in range(20):
        written(submitted, people.hoa, cuoc=number)
    client = as_person("ha")

    with django_assert_max_num_queries(15):
        client.get(address("history", submitted))


def test_the_panel_of_a_unit_shows_its_latest_six_reports(form, units, people, as_person):
    for month in range(1, 9):
        period = month_of(form, 2021, month)
        open_period(period=period, by=people.dung, at=moment(2021, month, 1))

    path = reverse("reports:branch_panel", args=[units.tho_quang.slug])
    response = as_person("ha").get(path)

    assert [r.period.code for r in response.context["reports"]] == [
        "2021-08", "2021-07", "2021-06", "2021-05", "2021-04", "2021-03",
    ]  # fmt: skip
    assert as_person("lan").get(path).status_code == 404


@pytest.fixture
def helped(form, units, people):
    """Công an helps Khu dân cư 1 of Thọ Quang, which reports on the programme and otherwise."""
    program = build_program(units, people.an)
    assign(
        program=program,
        supporter_branch=units.cong_an,
        supported=units.chi_hoi_1,
        starts_on=date(2021, 1, 10),
        by=people.an,
    )
    of_program = ReportForm.objects.create(
        code="chuong-trinh", name="Báo cáo chương trình", owner=units.da_nang, program=program
    )
    for asked, year, month in ((of_program, 2020, 12), (of_program, 2021, 1), (form, 2021, 2)):
        Report.objects.create(
            period=month_of(asked, year, month),
            branch=units.chi_hoi_1,
            branch_path=units.chi_hoi_1.path,
            reviewer_branch=units.tho_quang,
            due_on=date(year, month, 20),
            results="chuyện riêng của chi hội",
        )
    return units.chi_hoi_1


def test_who_helps_a_unit_sees_how_its_reports_on_the_programme_stand_no_more(helped, as_person):
    path = reverse("reports:branch_panel", args=[helped.slug])

    text = words(as_person("phuong").get(path))

    assert "Tháng 1/2021" in text and "Chưa nhập" in text
    assert "Tháng 12/2020" not in text, "of before she helped"
    assert "Tháng 2/2021" not in text, "of no programme"
    assert "/reports/" not in text and "chuyện riêng" not in text
    report = Report.objects.get(branch=helped, period__code="2021-01")
    assert as_person("phuong").get(report.get_absolute_url()).status_code == 404


@pytest.fixture
def reported_above(helped):
    """The chi hội writes none itself: its ward and its district do, for all of theirs."""
    own = Report.objects.filter(branch=helped, period__form__program__isnull=False)
    for report in own:
        for above in (helped.parent, helped.parent.parent):
            Report.objects.create(
                period=report.period,
                branch=above,
                branch_path=above.path,
                reviewer_branch=above.parent,
                due_on=report.due_on,
                status=Report.Status.DRAFT if above == helped.parent else Report.Status.SUBMITTED,
                results="chuyện riêng của phường",
            )
    own.delete()
    return helped


def test_of_a_chi_hoi_that_writes_none_she_sees_how_that_of_its_ward_stands(
    reported_above, units, as_person, django_assert_max_num_queries
):
    client = as_person("phuong")
    path = reverse("reports:branch_panel", args=[reported_above.slug])

    with django_assert_max_num_queries(8):
        text = words(client.get(path))

    assert "Chi hội báo cáo trong báo cáo của phường Thọ Quang." in text
    assert text.count("Tháng 1/2021") == 1, "the nearest above, not the district as well"
    assert "Nháp" in text and "Đã nộp" not in text and "quận Sơn Trà" not in text
    assert "Tháng 12/2020" not in text, "of before she helped"
    assert "/reports/" not in text and "chuyện riêng" not in text
    for report in Report.objects.exclude(branch=reported_above):
        assert client.get(report.get_absolute_url()).status_code == 404
    ward = reverse("reports:branch_panel", args=[units.tho_quang.slug])
    assert client.get(ward).status_code == 404, "the ward itself is not hers to look at"


def test_the_ways_up_of_others_stay_closed_to_her(reported_above, units, as_person):
    """Another chi hội of the same ward, and a neighbour who helps nobody here."""
    path = reverse("reports:branch_panel", args=[reported_above.slug])

    assert as_person("lan").get(path).status_code == 404
    other = reverse("reports:branch_panel", args=[units.chi_hoi_2.slug])
    assert as_person("phuong").get(other).status_code == 404


def test_a_neighbour_or_one_who_helps_no_longer_sees_no_states(helped, people, as_person):
    path = reverse("reports:branch_panel", args=[helped.slug])
    assert as_person("lan").get(path).status_code == 404

    assignment = Assignment.objects.get()

    end_assignment(
        assignment=assignment,
        seen_version=assignment.version,
        ends_on=date(2021, 2, 1),
        reason="hết đợt",
        by=people.an,
    )

    assert as_person("phuong").get(path).status_code == 404
    assert len(as_person("hoa").get(path).context["reports"]) == 3


# --- The bell -----------------------------------------------------------------------------------


def test_a_notification_is_read_and_leads_to_the_report(submitted, people, as_person):
    told = Notification.objects.get(recipient=people.ha)
    client = as_person("ha")
    assert told.text in words(client.get("/notifications/"))

    response = client.post(f"/notifications/{told.pk}/")

    assert response.url == submitted.get_absolute_url()
    told.refresh_from_db()
    assert told.read_at is not None


def test_nobody_reads_the_notifications_of_another(submitted, people, as_person):
    told = Notification.objects.get(recipient=people.ha)
    client = as_person("nga")

    assert client.post(f"/notifications/{told.pk}/").status_code == 404
    client.post("/notifications/read/")

    assert list(Notification.objects.unread()) == [told]


def test_a_notification_never_leads_off_the_site(people, as_person):
    told = Notification.objects.create(
        recipient=people.ha, key="x", text="x", url="https://example.org/"
    )

    assert as_person("ha").post(f"/notifications/{told.pk}/").url == "/notifications/"


def test_a_person_with_two_units_sees_both_as_her_own(january, units, people, as_person):
    hold_position(user=people.hoa, branch=units.man_thai, role="officer", started_on=OPENED)

    assert listed(as_person("hoa").get("/reports/")) == ["Mân Thái", "Thọ Quang"]


def test_the_due_date_of_each_level_is_on_the_list(january, as_person):
    response = as_person("binh").get("/reports/?tab=all&level=xa")

    assert {report.due_on for report in response.context["report_list"]} == {date(2021, 1, 20)}


def test_the_notices_ask_as_many_queries_for_300_lines_as_for_3(people, as_person):
    client, counts = as_person("hoa"), []
    for number in (3, 300):
        Notification.objects.bulk_create(
            Notification(recipient=people.hoa, key=f"{number}:{n}", text="Báo cáo đã được duyệt.")
            for n in range(number)
        )
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("reports:notification_list")).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]
