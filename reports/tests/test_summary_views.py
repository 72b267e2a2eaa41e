import pytest
from django.urls import reverse

from branches.models import Branch, Level
from branches.services import move_branch, open_branches
from programs.models import Program
from reports.models import Export
from reports.services import open_period, submit_report

from .conftest import OPENED_FOR_TESTS, moment, month_of

pytestmark = pytest.mark.django_db


def address(period, unit, name="summary_detail", **more):
    return reverse(
        f"reports:{name}",
        kwargs={"form": period.form.code, "period": period.code, "slug": unit.slug, **more},
    )


@pytest.fixture
def counted(january, approved, report_of, units, people):
    approved(report_of(units.tho_quang, january), people.hoa, people.ha,
             cuoc=3, hoi_vien=100, phu_nu=160, loai_hinh=1)  # fmt: skip
    return january


def test_a_leader_sees_sums_and_who_has_not_reported(counted, units, as_person):
    page = as_person("cuc").get(address(counted, units.da_nang)).content.decode()

    assert "1/3" in page
    assert "62,5%" in page
    assert "Chưa nộp: 5 đơn vị" in page


def test_a_district_sees_its_own_sums_and_not_the_citys(counted, units, as_person):
    giang = as_person("giang")

    assert giang.get(address(counted, units.son_tra)).status_code == 200
    assert giang.get(address(counted, units.da_nang)).status_code == 404
    assert giang.get(address(counted, units.hai_chau)).status_code == 404


def test_any_number_opens_to_the_reports_behind_it(counted, units, as_person, report_of):
    rows = as_person("cuc").get(address(counted, units.da_nang, "summary_rows", indicator="cuoc"))

    page = rows.content.decode()
    assert "Số cuộc tuyên truyền: 3 cuộc" in page
    assert report_of(units.tho_quang, counted).get_absolute_url() in page


def test_the_rows_of_a_ratio_are_those_of_both_its_parts(counted, units, as_person):
    page = (
        as_person("cuc")
        .get(address(counted, units.da_nang, "summary_rows", indicator="ty_le"))
        .content.decode()
    )

    assert "Tổng số hội viên" in page
    assert "Phụ nữ từ 18 tuổi" in page


def test_figures_of_a_unit_that_has_left_her_territory_are_in_the_sum_alone(
    counted, units, people, approved, report_of, as_person
):
    approved(report_of(units.man_thai, counted), people.nga, people.ha, hoi_vien=4321)
    before = as_person("giang").get(
        address(counted, units.son_tra, "summary_rows", indicator="hoi_vien")
    )
    assert "4.321" in before.content.decode()
    move_branch(branch=units.man_thai, parent=units.hai_chau, by=people.dung, reason="sắp xếp")

    def rows(name, unit, indicator="hoi_vien"):
        url = address(counted, unit, "summary_rows", indicator=indicator)
        return as_person(name).get(url).content.decode()

    page = rows("giang", units.son_tra)
    assert "Tổng số hội viên: 4.421 người" in page
    assert "Cộng từ 2 số liệu" in page
    assert "Đơn vị nay thuộc nơi khác: 1 số liệu, cộng 4.321" in page
    assert "Mân Thái" not in page
    assert report_of(units.man_thai, counted).get_absolute_url() not in page
    assert report_of(units.tho_quang, counted).get_absolute_url() in page
    ratio = rows("giang", units.son_tra, "ty_le")
    assert "1 số liệu, cộng 4.321 (tổng số hội viên)" in ratio
    assert "(phụ nữ từ 18 tuổi)" not in ratio  # phường Mân Thái gave none
    whole = rows("cuc", units.da_nang)  # both are hers
    assert "nay thuộc nơi khác" not in whole
    assert "Mân Thái" in whole


@pytest.fixture
def one_waits(counted, written, report_of, units, people):
    report = written(report_of(units.man_thai, counted), people.nga, cuoc=40)
    submit_report(report=report, seen_version=report.version, by=people.nga, at=moment(2021, 1, 18))
    return counted


def test_the_switch_adds_what_waits_and_says_so_on_every_page(one_waits, units, as_person):
    cuc = as_person("cuc")
    sums = address(one_waits, units.da_nang)
    rows = address(one_waits, units.da_nang, "summary_rows", indicator="cuoc")

    approved, everything = (cuc.get(sums + end).content.decode() for end in ("", "?basis=all"))
    assert "Chỉ cộng báo cáo đã duyệt; đã nộp 0/3 đơn vị trực tiếp, 2/3 xã/phường." in approved
    assert "Cộng tất cả báo cáo đã nộp, kể cả chưa duyệt; đã nộp" in everything
    assert rows + "?basis=all" in everything
    assert "Số cuộc tuyên truyền: 3 cuộc" in cuc.get(rows).content.decode()
    assert "Số cuộc tuyên truyền: 43 cuộc" in cuc.get(rows + "?basis=all").content.decode()


def test_the_export_keeps_the_switch_of_its_page(one_waits, units, as_person):
    as_person("cuc").post(address(one_waits, units.da_nang, "export_create") + "?basis=all")

    assert Export.objects.get().basis == "all"


def test_who_is_missing_is_listed_with_whom_to_call(counted, units, people, as_person):
    people.giang.phone = "0905111222"
    people.giang.save()

    page = as_person("cuc").get(address(counted, units.da_nang, "summary_missing"))

    page = page.content.decode()
    assert "Hội LHPN quận Sơn Trà" in page
    assert "0905111222" in page
    assert "Thọ Quang" not in page  # that one is in


def test_a_missing_unit_that_has_left_her_territory_is_only_counted(
    counted, units, people, as_person
):
    move_branch(branch=units.man_thai, parent=units.hai_chau, by=people.dung, reason="sắp xếp")

    page = as_person("giang").get(address(counted, units.son_tra, "summary_missing"))

    page = page.content.decode()
    assert "1 đơn vị chưa nộp nay thuộc nơi khác" in page
    assert "Mân Thái" not in page
    assert people.nga.full_name not in page


def test_the_menu_leads_to_the_latest_month_of_her_unit(counted, units, as_person):
    response = as_person("giang").get(reverse("reports:summary_index"))

    assert response.url == address(counted, units.son_tra)


def test_without_any_month_the_page_says_so(people, as_person):
    page = as_person("giang").get(reverse("reports:summary_index")).content.decode()

    assert "Chưa có kỳ báo cáo nào" in page


def test_an_export_is_asked_for_and_then_fetched_by_who_asked(
    counted, units, as_person, django_capture_on_commit_callbacks
):
    cuc = as_person("cuc")
    with django_capture_on_commit_callbacks(execute=True):
        answer = cuc.post(address(counted, units.da_nang, "export_create"))

    export = Export.objects.get()
    assert answer.url == reverse("reports:export_detail", args=[export.pk])
    file_url = reverse("branches:file_download", args=[export.file_id])
    assert file_url in cuc.get(answer.url).content.decode()
    download = cuc.get(file_url)
    assert download.getvalue().startswith(b"PK")
    binh = as_person("binh")  # the same office, another person
    assert binh.get(answer.url).status_code == 404
    assert binh.get(file_url).status_code == 404


def test_only_leaders_and_reviewers_export(counted, units, as_person):
    assert as_person("an").post(address(counted, units.da_nang, "export_create")).status_code == 403
    assert not Export.objects.exists()


@pytest.fixture
def many_communes(units):
    def add(count):
        level = Level.objects.get(code="xa")
        open_branches(
            [
                Branch(
                    level=level,
                    parent=units.son_tra,
                    type="phường",
                    name=f"Số {number}",
                    slug=f"phuong-so-{number}",
                    opened_on=OPENED_FOR_TESTS,
                )
                for number in range(count)
            ]
        )

    return add


@pytest.mark.parametrize("name", ["summary_detail", "summary_rows", "summary_missing", "home"])
def test_the_page_asks_as_often_for_300_units_as_for_three(
    january, form, units, people, as_person, many_communes, name
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for extra in (0, 300):
        many_communes(extra)
        period = month_of(form, 2021, 3 + bool(extra))
        open_period(period=period, by=people.dung, at=moment(2021, 3, 1))
        more = {"indicator": "cuoc"} if name == "summary_rows" else {}
        url = "/" if name == "home" else address(period, units.da_nang, name, **more)
        client = as_person("cuc")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_home_shows_an_officer_what_to_write_and_a_reviewer_what_to_approve(
    january, written, report_of, units, people, as_person
):
    report = written(report_of(units.tho_quang, january), people.hoa, cuoc=1)
    assert "can-nhap" in as_person("hoa").get("/").content.decode()
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=moment(2021, 1, 18))

    assert "can-nhap" not in as_person("hoa").get("/").content.decode()
    assert "cho-duyet" in as_person("ha").get("/").content.decode()


def test_home_shows_a_leader_a_chart_per_running_programme(units, people, as_person):
    for number in (1, 2):
        Program.objects.create(
            owner=units.da_nang,
            name=f"Chương trình {number}",
            slug=f"chuong-trinh-{number}",
            starts_on="2021-01-01",
            ends_on="2022-12-31",
            status=Program.Status.RUNNING,
        )

    page = as_person("cuc").get("/").content.decode()

    assert 'id="quota-chart-1"' in page
    assert 'id="quota-chart-2"' in page


def test_home_of_a_person_without_a_position_says_what_to_do(people, as_person):
    page = as_person("mai").get("/").content.decode()

    assert "chưa có vị trí nào" in page
