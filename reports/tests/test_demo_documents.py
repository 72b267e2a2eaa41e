"""Each of the five documents, as the demonstration holds it: every figure that the paper prints
(the acceptance facts), in the database and on the pages."""

from collections import Counter
from datetime import date

import pytest
from django.db.models import Sum
from django.urls import reverse

from branches.models import Branch, User
from hoiphunu.text import fold
from programs.models import (
    Assignment,
    Content,
    Duty,
    Partner,
    Payment,
    PlanDocument,
    Program,
    Sponsorship,
    StatedFigure,
    SupportItem,
    Target,
)
from programs.queries import figure_checks, quota_table

BORDER = "dong-hanh-cung-phu-nu-bien-cuong-nam-2024"
MILLION = 1_000_000


pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("built_demo")]


def program(words, year=None):
    found = Program.objects.filter(name__contains=words)
    return found.get(name__contains=str(year)) if year else found.get()


def unit(type, name):
    return Branch.objects.get(type=type, name=name)


@pytest.fixture
def page_of(client):
    """`page_of("hanoi.canbo", address)`: what she reads there."""

    def read(username, address):
        client.force_login(User.objects.get(username=username))
        answer = client.get(address)
        assert answer.status_code == 200, address
        return answer.content.decode()

    return read


# --- Đà Nẵng 2021 -------------------------------------------------------------------------------


def test_da_nang_prints_seven_lines_for_70_chi_hoi(db):
    table = quota_table(program("Hướng về Chi hội"))

    assert [(row.line.number, row.line.stated_total) for row in table.lines] == [
        (1, 3), (2, 1), (3, 1), (4, 1), (5, 1), (6, 7), (7, 56),
    ]  # fmt: skip
    assert (table.stated_total, table.total.minimum) == (70, 70)
    assert {row.line.cited for row in table.lines} == {f"Mục II.4, {program('Hướng về').plan.sign}"}


COMMUNES_OF_2021 = {
    "Liên Chiểu": "Hòa Hiệp Bắc, Hòa Hiệp Nam, Hòa Khánh Bắc, Hòa Khánh Nam, Hòa Minh",
    "Thanh Khê": "Tam Thuận, Thanh Khê Tây, Thanh Khê Đông, Xuân Hà, Tân Chính, Chính Gián, "
    "Vĩnh Trung, Thạc Gián, An Khê, Hòa Khê",
    "Hải Châu": "Thanh Bình, Thuận Phước, Thạch Thang, Hải Châu I, Hải Châu II, Phước Ninh, "
    "Hòa Thuận Tây, Hòa Thuận Đông, Nam Dương, Bình Hiên, Bình Thuận, Hòa Cường Bắc, "
    "Hòa Cường Nam",
    "Sơn Trà": "Thọ Quang, Nại Hiên Đông, Mân Thái, An Hải Bắc, Phước Mỹ, An Hải Tây, An Hải Đông",
    "Ngũ Hành Sơn": "Mỹ An, Khuê Mỹ, Hoà Quý, Hoà Hải",
    "Cẩm Lệ": "Khuê Trung, Hòa Phát, Hòa An, Hòa Thọ Tây, Hòa Thọ Đông, Hòa Xuân",
    "Hòa Vang": "Hòa Bắc, Hòa Liên, Hòa Ninh, Hòa Sơn, Hòa Nhơn, Hòa Phú, Hòa Phong, Hòa Châu, "
    "Hòa Tiến, Hòa Phước, Hòa Khương",
}


@pytest.mark.parametrize(("district", "names"), COMMUNES_OF_2021.items())
def test_da_nangs_seventh_line_binds_each_commune_of_2021_by_name(db, district, names):
    quotas = program("Hướng về Chi hội").lines.get(number=7).quotas.filter(ended_on=None)

    bound = quotas.filter(supporter_branch__parent__name=district)
    assert sorted(fold(quota.supporter_branch.name) for quota in bound) == sorted(
        fold(name) for name in names.split(", ")
    )
    assert quotas.count() == 56


def test_da_nang_leaves_number_and_date_open_and_runs_to_2022(db):
    found = program("Hướng về Chi hội")

    assert (found.plan.number, found.plan.issued_on) == ("", None)
    assert (found.starts_on.year, found.ends_on.year) == (2021, 2022)


def codes(row):
    return set(row.levels.values_list("code", flat=True))


def test_da_nangs_list_is_due_before_15_january_from_districts_and_affiliated_units(db):
    milestone = program("Hướng về Chi hội").milestones.get()

    assert (milestone.due_on, milestone.printed) == (date(2021, 1, 14), "trước ngày 15/01/2021")
    assert (milestone.kind, codes(milestone)) == ("list", {"huyen", "truc_thuoc"})
    assert "Ban Xây dựng Tổ chức Hội và Văn phòng" in milestone.recipient


def test_da_nangs_section_ii_says_whom_where_when_and_how_many(db):
    found = program("Hướng về Chi hội")

    section = found.contents.filter(number__startswith="II")
    assert list(section.values_list("clause", flat=True)) == [
        "Mục II", "Mục II.1", "Mục II.2", "Mục II.3", "Mục II.4",
    ]  # fmt: skip
    target = found.targets.get()
    part = target.parts.get()
    assert (part.value, part.unit, part.qualifier) == (70, "chi hội", "at_least")
    assert target.clause == "Mục II.2"


@pytest.mark.parametrize("name", ["tỉnh Phú Yên năm 2023", "cả nước năm 2023"])
def test_each_printed_figure_says_in_which_paragraph_it_stands(db, name):
    figures = program(name).stated_figures.all()

    assert figures
    assert [figure.label for figure in figures if not figure.clause.startswith("Đoạn ")] == []


def test_phu_yens_models_training_and_partners_are_there(db):
    found = program("tỉnh Phú Yên năm 2023")

    headings = " ".join(found.contents.values_list("heading", flat=True))
    for words in ("Tập huấn", "Hội thi", "du lịch cộng đồng", "Phiên chợ xanh", "Mái ấm"):
        assert words in headings
    partners = set(Partner.objects.filter(branch=found.owner).values_list("name", flat=True))
    assert len(partners) == 5 and "Công ty Cổ phần FPT" in partners


def test_the_letter_of_2023_shows_what_it_changed(page_of):
    past = program("Đồng hành cùng phụ nữ biên cương năm 2023")
    text = page_of("hanoi.canbo", reverse("programs:document_list", args=[past.slug]))

    assert "Đã điều chỉnh 1 chỗ" in text
    assert "giúp xã Sín Thầu, từ 01/01/2023 đến 31/12/2023" in text


def test_da_nangs_sections_iii_and_iv_are_contents_kinds_of_help_and_duties(db):
    found = program("Hướng về Chi hội")

    assert found.contents.filter(parent__number="1").count() == 5
    assert set(found.items.values_list("kind__code", flat=True)) == {
        "tap-huan", "tai-lieu", "tuyen-truyen", "truyen-thong", "sinh-ke", "do-dau",
    }  # fmt: skip
    assert Counter(found.duties.values_list("clause", flat=True)) == {
        "Mục IV.1": 4, "Mục IV.2": 4, "Mục IV.3": 5,
    }  # fmt: skip
    monthly = found.duties.filter(kind="report", rhythm="monthly")
    assert set(monthly.values_list("levels__code", flat=True)) == {"huyen", "truc_thuoc", "xa"}
    for duty in found.duties.filter(clause="Mục IV.2"):
        assert codes(duty) == {"huyen", "truc_thuoc"}


# --- Hà Nội 2024 --------------------------------------------------------------------------------

VALUED = [
    ("Nậm Cắn", "mai-am", 50), ("Na Loi", "sinh-ke", 50), ("Leng Su Sìn", "mai-am", 50),
    ("Leng Su Sìn", "sinh-ke", 50), ("Mô Rai", "mai-am", 50), ("Đăk Plô", "sinh-ke", 50),
]  # fmt: skip


def border():
    return Program.objects.get(slug=BORDER)


@pytest.mark.parametrize(("commune", "kind", "millions"), VALUED)
def test_ha_noi_gives_each_commune_what_the_paper_says(db, commune, kind, millions):
    item = border().items.get(places__name=commune, kind__code=kind, value__isnull=False)

    assert (item.value, item.stated_value) == (millions * MILLION, millions * MILLION)
    assert item.assignment.supported.name == commune


def test_ha_noi_sponsors_ten_pupils_for_twelve_months(db):
    item = border().items.get(kind__code="do-dau")

    assert (item.quantity, item.unit_value, item.months) == (10, 500_000, 12)
    assert (item.value, item.is_stated_wrong) == (60 * MILLION, False)
    assert {place.name for place in item.places.all()} == {"Mô Rai", "Đăk Plô"}
    assert Sponsorship.objects.of(border()).count() == 10
    assert Payment.objects.aggregate(Sum("amount"))["amount__sum"] == 60 * MILLION


def test_ha_nois_valued_items_come_to_360_million_by_kind(db):
    items = border().items.exclude(value=None)

    assert items.aggregate(Sum("value"))["value__sum"] == 360 * MILLION
    kinds = items.order_by().values_list("kind__code").annotate(Sum("value"))
    assert {code: value // MILLION for code, value in kinds} == {
        "mai-am": 150, "sinh-ke": 150, "do-dau": 60,
    }  # fmt: skip


def test_ha_nois_valued_items_come_to_100_100_and_160_million_by_province(db):
    millions = Counter()
    for item in border().items.exclude(value=None):
        [province] = {place.parent.parent.name for place in item.places.all()}
        millions[province] += item.value // MILLION

    assert millions == {"Nghệ An": 100, "Điện Biên": 100, "Kon Tum": 160}


def test_what_ha_noi_does_not_value_has_no_amount_and_never_zero(db):
    unvalued = border().items.filter(value=None)

    assert unvalued.count() == 9
    assert not SupportItem.objects.filter(value=0).exists()
    assert {(i.what[:20], i.quantity) for i in unvalued if i.quantity} == {
        ("Sửa chữa điểm trường", 1), ("Tặng quà cho Chương ", 50),
    }  # fmt: skip
    assert unvalued.filter(is_conditional=True).count() == 3


def test_sin_thau_is_dropped_with_reason_and_paper_and_still_gets_a_tet_gift(db):
    dropped = Assignment.objects.get(supported__name="Sín Thầu")

    assert dropped.ends_on == date(2023, 12, 31)
    assert "đã đạt chuẩn Nông thôn mới" in dropped.end_reason
    assert "2155/HLHPN-BTLBP" in dropped.end_basis
    gift = border().items.get(places=dropped.supported)
    assert (gift.is_one_off, gift.assignment, gift.value) == (True, None, None)
    assert not border().assignments.filter(supported=dropped.supported).exists()
    assert border().previous == dropped.program


def test_ha_noi_helps_five_communes_of_three_provinces_with_the_border_guard(db):
    rows = border().assignments.active().with_units().prefetch_related("partners")

    assert {(row.supported.parent.parent.name, row.supported.name) for row in rows} == {
        ("Nghệ An", "Nậm Cắn"), ("Nghệ An", "Na Loi"), ("Điện Biên", "Leng Su Sìn"),
        ("Kon Tum", "Mô Rai"), ("Kon Tum", "Đăk Plô"),
    }  # fmt: skip
    for row in rows:
        province = row.supported.parent.parent.name
        assert [p.name for p in row.partners.all()] == [f"Bộ đội Biên phòng tỉnh {province}"]


def test_ha_noi_rests_on_three_papers_one_of_which_amends_another(db):
    papers = {paper.number: paper for paper in border().plans.exclude(number="")}

    assert {number: paper.issued_on for number, paper in papers.items()} == {
        "967/KHPH-HLHPN-BTLBP": date(2020, 12, 28),
        "2155/HLHPN-BTLBP": date(2023, 7, 14),
        "06/CTrPH/HLHPNHN-BĐBPKT": date(2023, 3, 10),
    }
    assert papers["2155/HLHPN-BTLBP"].amends == papers["967/KHPH-HLHPN-BTLBP"]
    assert papers["2155/HLHPN-BTLBP"].role == PlanDocument.Role.AMENDMENT


def test_ha_noi_reports_every_six_months_every_year_and_on_request(db):
    reports = border().duties.filter(kind=Duty.Kind.REPORT)

    assert set(reports.values_list("rhythm", flat=True)) == {"half_yearly", "yearly", "ad_hoc"}
    assert border().contact == "Ban Gia đình - xã hội"
    assert border().duties.filter(text__contains="hậu phương quân đội").exists()


def test_ha_noi_gives_to_a_border_post_which_minutes_confirm(page_of):
    item = border().items.get(what__contains="đồn, chốt vùng biên giới")
    [delivery] = item.deliveries.all()

    assert (delivery.place, delivery.status) == (None, "by_minutes")
    assert delivery.partner.name == "Đồn Biên phòng Mô Rai (mẫu)"
    assert delivery.files.get().kind == "minutes"
    text = page_of("hanoi.canbo", item.get_absolute_url())
    assert "Đồn Biên phòng Mô Rai (mẫu)" in text
    assert "Xác nhận bằng biên bản" in text


def test_the_helped_commune_reads_what_comes_to_it_and_not_what_goes_next_door(page_of):
    nam_can = border().assignments.get(supported__name="Nậm Cắn")
    items = SupportItem.objects.visible_to(User.objects.get(username="namcan.canbo"))

    assert "Hội LHPN thành phố Hà Nội" in page_of("namcan.canbo", nam_can.get_absolute_url())
    assert {place.name for item in items for place in item.places.all()} >= {"Nậm Cắn"}
    assert not items.filter(places__name="Leng Su Sìn").exclude(places__name="Nậm Cắn").exists()


# --- Phú Yên 2023 -------------------------------------------------------------------------------


def phu_yen():
    return program("tỉnh Phú Yên")


@pytest.mark.parametrize(
    ("label", "value", "qualifier"),
    [
        ("Tổng số hội viên toàn tỉnh", 161_102, ""), ("Hội viên tăng trong năm", 2_404, ""),
        ("Tổ truyền thông cộng đồng", 52, ""), ("Câu lạc bộ thủ lĩnh của sự thay đổi", 8, ""),
        ("Địa chỉ tin cậy tại cộng đồng thành lập mới", 3, ""),
        ("Đối thoại chính sách cấp xã", 1, ""),
        ("Trẻ mồ côi được kết nối có mẹ đỡ đầu", 457, ""),
        ("“Nhà tình thương” cho trẻ khó khăn", 14, ""),
        ("Trẻ mồ côi do Covid-19 nhập học Trường Hy Vọng (FPT)", 4, ""),
        ("Trang fanpage phụ nữ các cấp", 120, "over"),
        ("Chủ tịch Hội cơ sở sử dụng thành thạo phần mềm quản lý hội viên", 100, ""),
        ("Cán bộ Hội các cấp được nâng cao kiến thức, kỹ năng tuyên truyền", 100, ""),
        ("Chủ tịch Hội cơ sở tiêu biểu dự giao lưu toàn quốc", 4, ""),
        ("Trẻ được tặng “Nhà tình thương”", 14, ""),
        ("Tỉnh/TP tham dự Trại hè “Hoa hướng dương”", 39, ""),
    ],
)  # fmt: skip
def test_phu_yens_figures_stand_as_printed(db, label, value, qualifier):
    figure = phu_yen().stated_figures.get(label=label)

    assert (figure.value, figure.qualifier) == (value, qualifier)


def test_phu_yens_share_keeps_its_comma(db):
    figure = phu_yen().stated_figures.get(unit="%", printed="72,6%")

    assert float(figure.value) == 72.6


def test_phu_yens_loans_raise_exactly_two_warnings_and_nothing_is_altered(db):
    wrong = {
        check.total.label: (int(check.total.value), int(check.computed), int(check.difference))
        for check in figure_checks(phu_yen())
        if check.is_wrong
    }

    assert wrong == {
        "Tổng dư nợ": (2_290_900 * MILLION, 2_281_875 * MILLION, 9_025 * MILLION),
        "Tổng số hộ vay": (50_106, 50_128, -22),
    }
    for total, by_bank in (
        ("Tổng dư nợ", [1_996_405 * MILLION, 72_470 * MILLION, 213_000 * MILLION]),
        ("Tổng số hộ vay", [43_880, 1_098, 5_150]),
    ):
        parts = StatedFigure.objects.filter(part_of__label=total).order_by("position")
        assert [int(part.value) for part in parts] == by_bank


# --- Trung ương ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "value", "qualifier"),
    [
        ("Tổng số hội viên", 19_668_108, ""), ("Hội viên tăng so với 2022", 247_449, ""),
        ("Hội viên danh dự", 20_500, ""), ("Cơ sở Hội có tỷ lệ tập hợp dưới 60%", 911, ""),
        ("Tỉnh, thành kết nạp, công nhận hội viên danh dự", 55, ""),
        ("Hộ có phụ nữ thoát nghèo, thoát cận nghèo", 68_786, "estimated"),
        ("Hợp tác xã được hỗ trợ thành lập mới", 209, ""),
        ("Tỉnh, thành đạt và vượt chỉ tiêu đề ra", 100, ""),
        ("Trẻ mồ côi được chăm sóc, đỡ đầu", 27_670, ""),
        ("Kinh phí vận động", 150_000_000_000, "nearly"),
        ("Trong đó: trẻ do nữ doanh nhân nhận đỡ đầu", 843, ""),
        ("Kinh phí nữ doanh nhân đỡ đầu mỗi năm", 5_000_000_000, "about"),
        ("Chính sách Hội cấp tỉnh chủ trì giám sát", 99, ""),
        ("Chính sách Hội cấp huyện, cơ sở phối hợp giám sát", 10_128, ""),
        ("Nội dung lồng ghép giới, dự thảo Luật Đất đai", 4, ""),
        ("Nội dung lồng ghép giới, dự thảo Luật Bảo hiểm xã hội", 5, ""),
        ("Hội Nữ doanh nhân kết nạp mới", 3, ""), ("Chi hội Nữ trí thức thành lập mới", 4, ""),
        ("Tổ truyền thông cộng đồng", 5_477, ""), ("CLB “Thủ lĩnh của sự thay đổi”", 703, ""),
        ("Tổ nhóm sinh kế, tổ hợp tác, hợp tác xã", 50, ""),
        ("Địa chỉ tin cậy (thành lập và củng cố)", 876, ""),
        ("Phụ nữ, trẻ em được hỗ trợ, tư vấn", 1_400, ""),
        ("Đối thoại chính sách cấp xã và cụm thôn, bản", 376, ""),
    ],
)  # fmt: skip
def test_the_centrals_results_of_2023_stand_as_printed(db, label, value, qualifier):
    figure = program("cả nước", 2023).stated_figures.get(label=label)

    assert (figure.value, figure.qualifier) == (value, qualifier)


def test_the_seven_targets_of_2024_have_the_shapes_of_the_paper(db):
    targets = Target.objects.filter(program=program("cả nước", 2024)).prefetch_related("parts")

    shapes = {
        target.number: [
            (part.shape, int(part.value) if part.value else None, part.share and int(part.share))
            for part in target.parts.all()
        ]
        for target in targets
    }
    assert shapes == {
        "1": [("share_of_units", 1, 100)],
        "2": [("absolute", 34_000, None), ("absolute", 18_600, None), ("absolute", 73, None)],
        "3": [("share_of_persons", None, 80)],
        "4": [("share_of_units", 5, 100), ("increment", 55_000, None), ("share_of_units", 1, 100)],
        "5": [("increment", 170_400, None), ("share_of_units", None, 88)],
        "6": [("share_of_units", 1, 100), ("share_of_units", 1, 100),
              ("minimum_per_unit", 1, None), ("minimum_per_unit", 1, None)],
        "7": [("absolute", 13_220, None), ("absolute", 67_110, None)],
    }  # fmt: skip


def test_what_the_words_leave_open_is_kept_as_a_question(db):
    fifth = Target.objects.get(program=program("cả nước", 2024), number="5")

    assert "tăng 88% số cơ sở Hội" in fifth.text
    assert fifth.question.endswith("tăng lên đến 88%?")


def test_no_result_of_2023_is_set_against_a_target_of_2024(db):
    assert not Target.objects.filter(program=program("cả nước", 2023)).exists()
    assert not StatedFigure.objects.filter(program=program("cả nước", 2024)).exists()


# --- Hóc Môn 2021–2030 --------------------------------------------------------------------------


def hoc_mon():
    return program("bình đẳng giới")


def test_hoc_mons_plan_has_its_number_its_day_and_the_citys_plan_above(db):
    plan, basis = hoc_mon().plan, hoc_mon().plans.get(role="basis")

    assert (plan.number, plan.printed, plan.issued_on) == (
        "02/KH-BTV", "02 /KH-BTV", date(2021, 11, 18),
    )  # fmt: skip
    assert (basis.number, basis.issued_on) == ("470/KH-BTV", date(2021, 11, 16))
    assert (hoc_mon().starts_on.year, hoc_mon().ends_on.year) == (2021, 2030)
    assert plan.signed == "Ký tại Hóc Môn: TM. BAN THƯỜNG VỤ, PHÓ CHỦ TỊCH"
    assert (len(plan.recipient_lines), plan.recipient_lines[-1]) == (8, "Lưu: VT")


def test_hoc_mon_has_five_groups_of_contents_and_no_target(db):
    top = Content.objects.filter(program=hoc_mon(), parent=None)

    assert [content.number for content in top] == ["1", "2", "3", "4", "5"]
    assert [c.number for c in Content.objects.filter(parent__number="2", program=hoc_mon())] == [
        "2.1", "2.2", "2.3",
    ]  # fmt: skip
    assert not Target.objects.filter(program=hoc_mon()).exists()


def test_hoc_mon_binds_twelve_communes_and_three_affiliated_units(db):
    district = unit("huyện", "Hóc Môn")
    bound = hoc_mon().duties.filter(clause="Mục III.2")

    assert bound.count() == 5
    for duty in bound:
        units = Branch.objects.below(district).filter(level__in=duty.levels.all())
        assert Counter(units.values_list("level__code", flat=True)) == {"xa": 12, "truc_thuoc": 3}


def test_hoc_mon_reports_yearly_on_request_and_by_phase_and_estimates_its_budget(db):
    below = hoc_mon().duties.filter(levels__code="xa")

    assert set(below.filter(kind="report").values_list("rhythm", flat=True)) == {
        "yearly", "ad_hoc", "phase",
    }  # fmt: skip
    assert below.get(kind="budget").rhythm == "yearly"
    assert hoc_mon().duties.get(kind="budget", levels=None).recipient.startswith("Phòng Lao động")
