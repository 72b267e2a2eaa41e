"""The whole story in a real browser, in order, on the demonstration's data.

Five people: the city (Đà Nẵng), a district (Sơn Trà), a ward (Thọ Quang), the leader, and a
neighbour (Thanh Bình, another district) who must see nothing of it. With SCREENSHOTS=docs/img
each page is kept as a picture.
"""

import re
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from branches.models import StoredFile, Upload
from hoiphunu.tests.browser import DESK, PHONE, WIDTHS
from programs.models import Program
from reports.models import Export, Notification, Period, Report
from reports.totals import check_totals

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def quota_numbers(person):
    """Giao, đã nhận, còn thiếu, trùng of the last line of the quota table."""
    cells = person.page.locator("main tfoot td.num").all_inner_texts()
    return [int(text) for text in cells[:4]]


def excel_list(rows):
    """The list as a district's office makes it: titles above, "Tổng cộng" below."""
    book = Workbook()
    sheet = book.active
    sheet.append(["HỘI LHPN QUẬN SƠN TRÀ"])
    sheet.append(["DANH SÁCH CHI HỘI VÀ ĐƠN VỊ NHẬN GIÚP"])
    sheet.append([])
    sheet.append(
        ["STT", "Chi hội", "Xã/phường", "Đơn vị nhận giúp", "Nội dung", "Ngày bắt đầu", "Ghi chú"]
    )
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row])
    sheet.append(["", "Tổng cộng", len(rows)])
    buffer = BytesIO()
    book.save(buffer)
    return {
        "name": "Danh sách Sơn Trà.xlsx",
        "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "buffer": buffer.getvalue(),
    }


def the_leader_begins_her_day(visit_demo):
    leader = visit_demo("danang.lanhdao")
    leader.page.wait_for_selector("canvas[data-drawn]")
    leader.picture("home-leader")


def the_city_makes_a_programme_from_the_plan(visit_demo):
    city = visit_demo("danang.quantri")
    city.go(reverse("programs:program_create"))
    fill = city.page.fill
    fill("[name=name]", "Hướng về Chi hội, hành động vì Chi hội năm 2022")
    fill("[name=starts_on]", "2022-01-01")
    fill("[name=ends_on]", "2022-12-31")
    fill("[name=plan-title]", "Kế hoạch tổ chức Chương trình năm 2022")
    for _ in range(4):
        rows = city.page.locator("[name^=lines][name$=-label]")
        last = rows.count()
        city.page.get_by_role("button", name="Thêm dòng").click()
        rows.nth(last).wait_for()
    lines = [
        ("Hội LHPN thành phố", "teams", {}, 3),
        ("Hội Phụ nữ Công An", "branch", {"branch": "Công An", "place": "Sơn Trà"}, 1),
        ("Hội Phụ nữ BCH Biên Phòng", "branch",
         {"branch": "Biên Phòng", "place": "Ngũ Hành Sơn"}, 1),
        ("Hội Phụ nữ BCH Quân sự", "branch", {"branch": "Quân sự", "place": "Liên Chiểu"}, 1),
        ("Hội phụ nữ Chợ", "branch", {"branch": "Chợ", "place": "Hải Châu"}, 1),
        ("Hội LHPN các quận/huyện", "level", {"level": "quận/huyện"}, 7),
        ("Hội LHPN các xã/phường", "level", {"level": "xã/phường"}, 56),
    ]  # fmt: skip
    for number, (label, applies_to, choices, stated) in enumerate(lines):
        fill(f"[name=lines-{number}-number]", str(number + 1))
        fill(f"[name=lines-{number}-label]", label)
        city.page.select_option(f"[name=lines-{number}-applies_to]", applies_to)
        fill(f"[name=lines-{number}-minimum_each]", "1")
        fill(f"[name=lines-{number}-stated_total]", str(stated))
        for field, words in choices.items():
            select = f"[name=lines-{number}-{field}]"
            option = city.page.locator(f"{select} option", has_text=words).first
            city.page.select_option(select, option.get_attribute("value"))
    fill("[name=milestones-0-label]", "Gửi danh sách chi hội và đơn vị nhận giúp")
    fill("[name=milestones-0-due_on]", "2022-01-14")
    fill("[name=milestones-0-printed]", "trước ngày 15/01/2022")
    city.picture("program-form")
    city.press("Tạo chương trình")
    assert quota_numbers(city)[0] == 70
    assert city.reads("trước ngày 15/01/2022")
    city.press("Bắt đầu thực hiện")
    assert quota_numbers(city) == [70, 0, 70, 0]


def the_city_assigns_moves_and_ends_by_hand(visit_demo, program):
    city = visit_demo("danang.canbo")
    city.go(program.get_absolute_url())
    city.picture("program")
    before = quota_numbers(city)
    assert before[0] == 70

    city.follow("Ghi đơn vị nhận giúp")
    quota = city.page.locator("[name=quota] option", has_text="Chợ").first
    city.page.select_option("[name=quota]", quota.get_attribute("value"))
    city.page.fill("[name=supported_text]", "khu dan cu 4 thanh binh")
    city.page.locator("[data-pick]", has_text="Thanh Bình").first.click()
    city.page.fill("[name=content]", "Hướng dẫn sinh hoạt chi hội")
    city.page.fill("[name=starts_on]", "2021-02-01")
    city.picture("assignment-form")
    city.press("Lưu", exact=True)
    city.go(program.get_absolute_url())
    added = quota_numbers(city)
    assert added == [70, before[1] + 1, before[2] - 1, before[3]]

    # Another unit takes on the same chi hội: "trùng".
    city.go(reverse("programs:assignment_create", args=[program.slug]))
    quota = city.page.locator("[name=quota] option", has_text="phường Thanh Bình").first
    city.page.select_option("[name=quota]", quota.get_attribute("value"))
    city.page.fill("[name=supported_text]", "Khu dân cư 4 Thanh Bình")
    city.page.locator("[data-pick]", has_text="Thanh Bình").first.click()
    city.page.fill("[name=starts_on]", "2021-02-01")
    city.press("Lưu", exact=True)
    twin = city.page.url
    city.go(program.get_absolute_url())
    assert quota_numbers(city)[3] == before[3] + 1

    # It moves to another chi hội: no longer "trùng".
    if "/assignments/" not in twin or twin.endswith("/assignments/"):
        newest = program.assignments.latest("pk")
        twin = newest.get_absolute_url()
    city.go(twin)
    city.follow("Sửa")
    city.page.fill("[name=supported_text]", "Khu dân cư 5 Thanh Bình")
    city.page.locator("[data-pick]", has_text="Thanh Bình").first.click()
    city.press("Lưu", exact=True)
    city.go(program.get_absolute_url())
    moved = quota_numbers(city)
    assert moved[3] == before[3]

    # It ends, with a reason.
    city.go(twin)
    city.follow("Kết thúc")
    city.page.fill("[name=end_reason], [name=reason]", "Chi hội đã ổn định")
    city.page.fill("[name=ends_on]", "2021-06-30")
    city.picture("assignment-end")
    city.press("Kết thúc")
    city.picture("assignment-ended")
    city.go(program.get_absolute_url())
    assert quota_numbers(city)[1] == moved[1] - 1


def a_district_uploads_its_excel_list(visit_demo, program):
    district = visit_demo("sontra.canbo")
    district.go(program.get_absolute_url())
    before = quota_numbers(district)
    wrong = excel_list(
        [
            ("Khu dân cư 7", "Mân Thái", "Hội LHPN phường Mân Thái", "Tập huấn", "05/02/2021", ""),
            ("Khu dân cư 8", "An Hải Bắc", "Hội LHPN phường An Hải Bắc", "Tập huấn", "31/02/2021",
             ""),
        ]
    )  # fmt: skip
    district.follow("Tải danh sách Excel")
    district.page.set_input_files("[name=file]", wrong)
    district.picture("upload-form")
    district.press("Tải lên và xem trước")
    assert district.reads("1 dòng lỗi")
    assert district.reads("31/02/2021")
    district.picture("upload-errors")

    right = excel_list(
        [
            ("Khu dân cư 7", "Mân Thái", "Hội LHPN phường Mân Thái", "Tập huấn", "05/02/2021", ""),
            ("Khu dân cư 8", "An Hải Bắc", "Hội LHPN phường An Hải Bắc", "Tập huấn", "08/02/2021",
             "theo kế hoạch quận"),
        ]
    )  # fmt: skip
    district.go(f"{reverse('reports:upload_create')}?program={program.slug}")
    district.page.set_input_files("[name=file]", right)
    district.press("Tải lên và xem trước")
    assert district.reads("Tổng cộng")  # said to be left out
    district.picture("upload-preview")
    district.press("Ghi vào hệ thống (2 mới, 0 thay đổi)")
    district.page.reload()
    assert district.reads("Đã ghi")
    district.go(program.get_absolute_url())
    assert quota_numbers(district)[1] == before[1] + 2
    district.go(f"{reverse('reports:upload_create')}?program={program.slug}")
    district.page.set_input_files("[name=file]", right)
    district.press("Tải lên và xem trước")
    assert district.reads("không đổi")
    for name, address in (
        ("uploads", reverse("reports:upload_list")),
        ("programs", reverse("programs:program_list")),
        ("assignments", reverse("programs:assignment_list", args=[program.slug])),
        ("assignment", program.assignments.latest("pk").get_absolute_url()),
        ("program-history", reverse("programs:program_history", args=[program.slug])),
    ):
        district.go(address)
        district.picture(name)


def a_ward_writes_and_submits(visit_demo, report, width):
    ward = visit_demo("thoquang.canbo", width)
    ward.picture("home-officer")
    ward.follow("Tháng 12/2021")
    last = report.period.previous().reports.get(branch=report.branch)
    members = last.figures.get(indicator__code="hoi-vien").value
    assert ward.reads(f"{int(members):,}".replace(",", "."))  # last month beside the cell
    figures = {
        "hoi-vien": f"{int(members) + 4:,}".replace(",", "."),
        "phu-nu-18": "3.900",
        "hoi-vien-moi": "4",
        "chi-hoi-duoc-giup": "1",
        "chi-hoi-truong-tap-huan": "0",
        "cuoc-tuyen-truyen": "6",
        "luot-nguoi": "1.250",
        "nhom-zalo": "12",
        "ho-thoat-ngheo": "kps",
        "mai-am": "1",
        "suat-qua": "35",
        "tre-do-dau": "5",
        "kinh-phi": "12 triệu",
    }
    for code, typed in figures.items():
        ward.page.fill(f"[name=figure_{code}]", typed)
    ward.page.select_option("[name=figure_loai-hinh]", "1")
    ward.page.fill("[name=results]", "Đã giúp chi hội Khu dân cư 1 củng cố tổ chức.")
    ward.picture("report-edit")
    ward.press("Lưu nháp")
    assert ward.reads("Nháp")
    ward.go(reverse("reports:report_edit", args=[report.pk]))
    assert ward.page.input_value("[name=figure_kinh-phi]") == "12.000.000"
    assert ward.page.input_value("[name=figure_ho-thoat-ngheo]") == "không phát sinh"
    ward.press("Lưu và nộp")
    assert ward.reads("Trước khi nộp: số liệu khác thường")
    for box in ward.page.locator("[name^=why_]").all():
        box.fill("Đã rà soát lại từng tổ.")
    ward.press("Lưu giải thích và nộp")
    assert ward.reads("Đã nộp")


def the_district_returns_it_with_a_reason(visit_demo, report):
    reviewer = visit_demo("sontra.duyet")
    reviewer.picture("home-reviewer")
    reviewer.go(report.get_absolute_url())
    reviewer.page.fill("[name=reason]", "Chưa ghi dư nợ ủy thác, đề nghị bổ sung.")
    reviewer.press("Trả lại")
    assert reviewer.reads("Trả lại")
    reviewer.picture("report-returned")
    reviewer.go(reverse("reports:report_list"))
    reviewer.picture("reports")


def the_ward_corrects_and_submits_again(visit_demo, report):
    ward = visit_demo("thoquang.canbo")
    ward.go(reverse("reports:report_edit", args=[report.pk]))
    assert ward.reads("Chưa ghi dư nợ ủy thác")
    ward.page.fill("[name=figure_du-no-nhcsxh]", "15,5 tỷ")
    ward.press("Lưu và nộp")
    assert ward.reads("Đã nộp")
    ward.go(reverse("reports:report_history", args=[report.pk]))
    ward.picture("report-history")
    ward.go(reverse("reports:notification_list"))
    assert ward.reads("bị trả lại")
    ward.picture("notifications")


def the_district_approves_on_a_phone(visit_demo, report):
    reviewer = visit_demo("sontra.duyet", PHONE)
    reviewer.go(report.get_absolute_url())
    assert reviewer.reads("15.500.000.000")
    reviewer.picture("report-review")
    reviewer.press("Duyệt")
    assert reviewer.reads("Đã duyệt")
    reviewer.picture("report-approved")


def the_leader_looks_drills_down_and_exports(visit_demo, report):
    leader = visit_demo("danang.lanhdao")
    march = reverse("reports:summary_detail", args=["hvch-thang", "2021-03", "thanh-pho-da-nang"])
    leader.go(march)
    assert leader.reads("48/56")
    assert leader.reads("9/11")
    leader.picture("summary")
    leader.go(march.replace("2021-03", "2021-12"))
    row = leader.page.locator("tr", has_text="Kinh phí vận động").first
    with leader.page.expect_navigation():
        row.get_by_role("link").first.click()
    assert leader.reads("Hội LHPN phường Thọ Quang")
    leader.picture("summary-rows")
    leader.follow("Hội LHPN phường Thọ Quang")
    assert leader.page.url.endswith(report.get_absolute_url())

    leader.go(march)
    leader.press("Xuất Excel")
    leader.picture("export")
    with leader.page.expect_download() as download:
        leader.page.get_by_role("link", name="Tải tệp Excel").click()
    book = load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    assert book.sheetnames == ["Theo chỉ tiêu", "Theo đơn vị", "Lũy kế theo đơn vị"]
    leader.go("/branches/")
    leader.picture("branches")
    leader.go("/branches/quan-son-tra/")
    leader.picture("branch")


def the_administrator_finds_her_admin_in_vietnamese(visit_demo):
    administrator = visit_demo("danang.quantri")
    for name, address in (
        ("admin", "/admin/"),
        ("admin-units", "/admin/branches/branch/"),
        ("admin-form", "/admin/reports/reportform/"),
    ):
        assert administrator.go(address).status == 200
        administrator.picture(name)
    top = visit_demo("trunguong.quantri")  # indicators are the whole country's
    assert top.go("/admin/programs/indicator/").status == 200
    top.picture("admin-indicators")


def the_neighbour_sees_nothing(visit_demo, report, program):
    neighbour = visit_demo("thanhbinh.canbo")
    upload, export = Upload.objects.first(), Export.objects.first()
    foreign = [
        report.get_absolute_url(),
        reverse("reports:report_edit", args=[report.pk]),
        reverse("reports:report_history", args=[report.pk]),
        reverse("reports:summary_detail", args=["hvch-thang", "2021-03", "quan-son-tra"]),
        reverse("reports:summary_detail", args=["hvch-thang", "2021-03", "thanh-pho-da-nang"]),
        upload.get_absolute_url(),
        export.get_absolute_url(),
        *(file.get_absolute_url() for file in StoredFile.objects.all()),
        program.assignments.get(supported__parent__name="Mân Thái", ends_on=None,
                                content="Tập huấn").get_absolute_url(),
    ]  # fmt: skip
    for address in foreign:
        assert neighbour.go(address).status == 404, address
    for address in ("/", "/reports/", "/uploads/", "/notifications/"):
        assert neighbour.go(address).status == 200
        assert not re.search("Thọ Quang|Sơn Trà|Mân Thái", neighbour.page.content()), address
    neighbour.go(program.get_absolute_url())  # the plan is hers too, its figures are not
    assert not re.search("Thọ Quang|Mân Thái", neighbour.page.content())
    assert quota_numbers(neighbour)[0] == 1
    neighbour.go("/branches/phuong-tho-quang/")  # the directory: a name and a place
    assert neighbour.reads("Thọ Quang")
    assert not neighbour.reads("canbo")
    neighbour.go("/reports/999999/")
    neighbour.picture("not-found")


@WIDTHS
def test_a_month_from_the_quota_to_the_leaders_summary(visit_demo, width):
    program = Program.objects.get(slug="huong-ve-chi-hoi-hanh-dong-vi-chi-hoi-nam-2021")
    report = Report.objects.get(period__code="2021-12", branch__slug="phuong-tho-quang")
    if width == DESK:
        the_leader_begins_her_day(visit_demo)
        the_city_makes_a_programme_from_the_plan(visit_demo)
        the_city_assigns_moves_and_ends_by_hand(visit_demo, program)
        a_district_uploads_its_excel_list(visit_demo, program)
    a_ward_writes_and_submits(visit_demo, report, width)
    the_district_returns_it_with_a_reason(visit_demo, report)
    the_ward_corrects_and_submits_again(visit_demo, report)
    the_district_approves_on_a_phone(visit_demo, report)
    if width == DESK:
        the_leader_looks_drills_down_and_exports(visit_demo, report)
        the_administrator_finds_her_admin_in_vietnamese(visit_demo)
        the_neighbour_sees_nothing(visit_demo, report, program)

    steps = [event.kind for event in report.events.all()]
    assert steps == ["opened", "submitted", "returned", "submitted", "approved"]
    report.refresh_from_db()
    assert report.days_late > 0, "the first submission was years after December 2021"
    assert check_totals(Period.objects.all()) == []
    told = Notification.objects.filter(recipient__username="thoquang.canbo")
    assert told.filter(key__startswith="event:").count() == 2
