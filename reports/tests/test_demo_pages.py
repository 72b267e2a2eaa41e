"""What each of the five documents prints stands on its programme's pages, in the paper's words."""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from branches.models import User
from programs.models import Assignment, Program
from reports.models import Report

BORDER = "dong-hanh-cung-phu-nu-bien-cuong-nam-2024"
CHI_HOI = "huong-ve-chi-hoi-hanh-dong-vi-chi-hoi-nam-2021"
PHU_YEN = "cong-tac-hoi-va-phong-trao-phu-nu-tinh-phu-yen-nam-2023"
COUNTRY_2023 = "cong-tac-hoi-va-phong-trao-phu-nu-ca-nuoc-nam-2023"
COUNTRY_2024 = "cong-tac-hoi-va-phong-trao-phu-nu-ca-nuoc-nam-2024"
EQUALITY = "thuc-hien-chien-luoc-quoc-gia-ve-binh-dang-gioi-giai-doan-2021-2030"


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_demo")]


def words_of(answer):
    """The words of a page, one blank between them."""
    assert answer.status_code == 200
    page = answer.content.decode()
    page = re.sub(r"(?s)<script.*?</script>|<svg.*?</svg>", "", page[max(page.find("<main"), 0) :])
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def read(client):
    """`read("programs:item_list", slug)`: what somebody of the central office reads there."""
    client.force_login(User.objects.get(username="trunguong.quantri"))
    return lambda route, *args: words_of(client.get(reverse(route, args=args)))


def missing(page, *said):
    return [words for words in said if words not in page]


# --- Đà Nẵng 2021 -------------------------------------------------------------------------------


def test_da_nangs_page_shows_the_seven_lines_and_the_70_chi_hoi(read):
    page = read("programs:program_detail", CHI_HOI)

    assert missing(
        page,
        "Giao 70 chi hội",
        "1. Hội LHPN thành phố Mỗi Đoàn phụ trách/01 Chi hội (thuộc quận Thanh Khê, Cẩm Lệ và "
        "huyện Hòa Vang)",
        "Hội LHPN thành phố 3 3 0 0 0 Đủ",
        "2. Hội Phụ nữ Công An Thuộc quận Sơn Trà",
        "3. Hội Phụ nữ BCH Biên Phòng Thuộc quận Ngũ Hành Sơn",
        "4. Hội Phụ nữ BCH Quân sự Thuộc quận Liên Chiểu",
        "5. Hội phụ nữ Chợ Thuộc quận Hải Châu",
        "6. Hội LHPN các quận/huyện Mỗi đơn vị/01 Chi hội",
        "Hội LHPN các quận/huyện 7 6 1 0 0 Thiếu",
        "7. Hội LHPN các xã/phường",
        "Hội LHPN các xã/phường 56 48 9 1 0 Thiếu",
        "14/01/2021",
        "trước ngày 15/01/2021",
        "Ban Xây dựng Tổ chức Hội và Văn phòng",
    ) == []  # fmt: skip


def test_a_helped_chi_hoi_shows_why_it_was_chosen_and_how_it_stood_before_and_after(read):
    helped = Assignment.objects.filter(supported__parent__name="Thọ Quang").earliest("pk")
    page = read("programs:assignment_detail", helped.pk)

    assert missing(page, "Tỷ lệ tập hợp dưới 60%", "52,7%", "68,8%", "Trung bình", "Khá") == []


# --- Hà Nội 2024 --------------------------------------------------------------------------------


def test_ha_nois_items_add_up_by_kind_and_by_province(read):
    page = read("programs:item_list", BORDER)

    assert missing(
        page,
        "Dự kiến 360.000.000 đ 13 hạng mục, trong đó 6 chưa định giá",
        "Mái ấm tình thương (xây mới, sửa chữa) 150.000.000 đ",
        "Vốn, phương tiện sinh kế 150.000.000 đ",
        "Đỡ đầu, học bổng 60.000.000 đ",
        "Tỉnh Nghệ An 100.000.000 đ và 1 mục chưa định giá",
        "Tỉnh Điện Biên 100.000.000 đ và 3 mục chưa định giá",
        "Tỉnh Kon Tum 160.000.000 đ và 1 mục chưa định giá",
        "Công trình, phần việc – 1 mục chưa định giá",
        "Xã Sín Thầu huyện Mường Nhé 1 mục chưa định giá",
        "Hỗ trợ một lần", "Hiện vật",
        "các đơn vị quân đội tại các đồn, chốt vùng biên giới",
    ) == []  # fmt: skip


def test_ha_nois_papers_stand_with_what_amends_what(read):
    page = read("programs:document_list", BORDER)

    assert missing(
        page,
        "967/KHPH-HLHPN-BTLBP, 28/12/2020",
        "06/CTrPH/HLHPNHN-BĐBPKT, 10/03/2023",
        "Điều chỉnh 967/KHPH-HLHPN-BTLBP ngày 28/12/2020 2155/HLHPN-BTLBP, 14/07/2023",
        "Dừng đồng hành với xã Sín Thầu từ năm 2024, tiếp tục với xã Leng Su Sìn",
    ) == []  # fmt: skip


def test_ha_noi_owes_its_reports_of_six_months_and_of_the_year(read):
    owed = Report.objects.filter(period__form__code="bien-cuong")

    assert [(str(row.branch), row.period.kind) for row in owed.order_by("period__ends_on")] == [
        ("thành phố Hà Nội", "half_year"),
        ("thành phố Hà Nội", "year"),
    ]
    assert "Báo cáo “Đồng hành cùng phụ nữ biên cương”" in read("reports:program_panel", BORDER)


# --- Phú Yên 2023 -------------------------------------------------------------------------------


def test_phu_yens_page_prints_its_figures_and_exactly_two_warnings(read):
    page = read("programs:figure_list", PHU_YEN)

    assert missing(
        page, "161.102", "tăng 2.404", "72,6%", "1.996.405 triệu đồng 30/10/2023",
        "43.880 hộ vay", "72,47 tỷ đồng", "1.098 hộ vay", "213 tỷ đồng", "5.150 hộ vay",
        "2.290.900 triệu đồng 30/10/2023", "50.106 hộ vay", "457 trẻ", "52 tổ", "trên 120",
        "14 “Nhà tình thương” cho 14 em", "1 trong 39 tỉnh/TP", "Bốn", "08", "03", "01", "100%",
    ) == []  # fmt: skip
    assert missing(
        page, "tăng 2.404 tính ra kỳ trước 158.698 hội viên",
        "72,6% tính ra 100% là khoảng 221.900",
        "Trẻ được tặng “Nhà tình thương” 14 trẻ",
        "Tỉnh/TP tham dự Trại hè “Hoa hướng dương” 1 trong 39 tỉnh/TP",
    ) == []  # fmt: skip
    assert page.count("chênh lệch") == 2
    assert re.findall(r"chênh lệch (\S+)", page) == ["+9.025", "-22"]
    assert "các phần cộng lại là 2.281.875 triệu đồng" in page
    assert "các phần cộng lại là 50.128 hộ" in page


# --- Trung ương ---------------------------------------------------------------------------------


def test_the_centrals_results_of_2023_are_read_with_their_words_and_days(read):
    page = read("programs:figure_list", COUNTRY_2023)

    assert missing(
        page, "19.668.108 30/11/2023",
        "tăng 247.449 hội viên tính ra kỳ trước 19.420.659 hội viên 30/11/2023",
        "20.500, đa phần là nam", "55 tỉnh, thành", "giảm 911", "ước 68.786 30/11/2023",
        "209 hợp tác xã", "27.670 trẻ mồ côi", "gần 150 tỷ đồng", "843 trẻ",
        "khoảng 5 tỷ đồng/năm", "99 chính sách", "10.128 chính sách", "4 nội dung",
        "5 nội dung", "5.477 tổ", "703 CLB", "50 tổ, nhóm", "876 địa chỉ", "1.400 người",
        "376 cuộc",
    ) == []  # fmt: skip
    assert "chênh lệch" not in page


def test_the_targets_of_2024_are_read_with_their_numbers(read):
    page = read("programs:target_list", COUNTRY_2024)

    assert (
        "Tính ra, văn bản không in: 55.000 hộ, 100% đơn vị, mỗi đơn vị ít nhất 05 hộ: 11.000 đơn vị"
        in page
    )
    assert page.count("Tính ra") == 1
    assert missing(
        page, "34.000 hộ", "18.600 phụ nữ", "73 hợp tác xã", "80% nạn nhân",
        "100% đơn vị, mỗi đơn vị ít nhất 05 hộ", "phấn đấu tăng thêm 55.000 hộ",
        "tăng thêm 170.400 hội viên", "tăng 88% số cơ sở Hội", "13.220 cán bộ", "67.110",
    ) == []  # fmt: skip


def test_against_the_targets_of_2024_stands_no_figure_of_2023(read):
    page = read("reports:target_panel", COUNTRY_2024)

    assert page.count("chưa có số liệu") == 16
    assert missing(page, "34.000 hộ chưa có số liệu", "170.400 hội viên chưa có số liệu") == []
    assert missing(page, "68.786", "209", "247.449") == ["68.786", "209", "247.449"]


# --- Hóc Môn 2021–2030 --------------------------------------------------------------------------


def test_hoc_mons_plan_is_read_whole(read):
    papers = read("programs:document_list", EQUALITY)
    page = read("programs:duty_list", EQUALITY)

    assert missing(papers, "02/KH-BTV, 18/11/2021", "470/KH-BTV, 16/11/2021") == []
    assert missing(
        page, "2.1 Nâng cao quyền năng kinh tế", "(Đề án 939)", "(CWED)", "1800599967",
        "1900969680", "12 xã – thị trấn", "Báo cáo đột xuất theo yêu cầu",
        "Báo cáo từng giai đoạn theo yêu cầu", "Dự trù kinh phí", "Hội LHPN Thành phố",
    ) == []  # fmt: skip


def test_hoc_mons_yearly_budgets_are_owed_by_name_and_dated_only_as_the_paper_dates_them(read):
    page = read("programs:program_detail", EQUALITY)

    assert missing(
        page, "Việc phải làm đều kỳ", "Dự trù kinh phí: Tham mưu lập dự trù kinh phí hoạt động",
        "(12 đơn vị)", "(3 đơn vị)", "gửi về: Hội đồng nhân dân cùng cấp",
        "Dự trù kinh phí: Dự trù kinh phí tổ chức", "Hội LHPN huyện Hóc Môn",
        "văn bản không ghi ngày",
    ) == []  # fmt: skip
    assert "Ngày cuối cùng" not in page


def test_ha_noi_is_told_of_the_reports_that_it_owes_itself(client):
    client.force_login(User.objects.get(username="hanoi.canbo"))

    page = words_of(client.get(reverse("reports:program_panel", args=[BORDER])))

    assert missing(page, "Hội LHPN thành phố Hà Nội", "hạn nộp 10/12/2024", "Quá hạn") == []
    assert "phải báo cáo kỳ này" not in page


def test_printed_numbers_of_members_stand_beside_what_the_reports_come_to(read):
    for slug, printed in ((COUNTRY_2023, "19.668.108"), (PHU_YEN, "161.102")):
        panel = read("reports:figure_panel", slug)
        assert missing(panel, "Tổng số hội viên", printed, "chưa có số liệu") == []


def test_twelve_communes_and_three_affiliated_units_owe_hoc_mons_reports():
    program = Program.objects.get(slug=EQUALITY)
    owed = Report.objects.filter(period__form__code="binh-dang-gioi")

    kinds = {"year": date(2022, 12, 31), "ad_hoc": date(2022, 6, 15), "phase": date(2025, 6, 30)}
    for kind, last_day in kinds.items():
        rows = owed.filter(period__kind=kind, period__ends_on=last_day)
        assert rows.filter(branch__level__code="xa").count() == 12
        assert rows.filter(branch__level__code="truc_thuoc").count() == 3
        assert rows.count() == 15
    assert {row.reviewer_branch for row in owed} == {program.owner}
