"""Hóc Môn's plan of 2021 runs to 2030; on 1 July 2025 its district ended and its 12 communes
became 4. The plan and its yearly report are read in the geography of then and of now.

The lines of the decree are those of the state's conversion table (four communes by name).
"""

from datetime import date

import pytest
from django.urls import reverse

from branches.models import Branch, ReorganisationRun, User
from branches.services import add_line, add_lines
from branches.tests.small_decrees import empty_decree, successor
from conftest import person, unit
from reports.models import Period, PeriodDue, Report, ReportForm
from reports.reorganisation import ask_reorganisation
from reports.services import approve_report, open_period, save_draft, submit_report
from reports.tasks import run_reorganisation

from .conftest import moment
from .test_demo_pages import EQUALITY, missing, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_demo")]

BECAME = {  # today's commune: (its code, those of 2021 that it was made of)
    "Hóc Môn": ("27559", ["Hóc Môn", "Tân Hiệp", "Tân Xuân"]),
    "Đông Thạnh": ("27568", ["Nhị Bình", "Đông Thạnh", "Thới Tam Thôn"]),
    "Xuân Thới Sơn": ("27577", ["Tân Thới Nhì", "Xuân Thới Sơn", "Xuân Thới Đông"]),
    "Bà Điểm": ("27592", ["Trung Chánh", "Xuân Thới Thượng", "Bà Điểm"]),
}


@pytest.fixture
def by():
    return User.objects.get(username="trunguong.quantri")


@pytest.fixture
def district():
    return Branch.objects.get(type="huyện", name="Hóc Môn")


@pytest.fixture
def year(district, by):
    """Every one of the 12 communes and 3 affiliated units reported of 2022: 1, 2, 3 … sessions."""
    period = Period.objects.get(form__code="binh-dang-gioi", kind="year", year=2022)
    asked = period.lines.in_order().first().indicator_id
    reports = Report.objects.filter(period=period).order_by("branch__level__rank", "branch__name")
    for number, report in enumerate(reports, start=1):
        at = moment(2022, 12, 12)
        save_draft(
            report=report, seen_version=report.version, figures={asked: number}, narrative={},
            by=by, at=at,
        )  # fmt: skip
        submit_report(report=report, seen_version=report.version, by=by, at=at)
        approve_report(report=report, seen_version=report.version, by=by, at=at)
    return period


@pytest.fixture
def apply_decree(district, by):
    def apply():
        decree = empty_decree(district.parent, by, number="1685/NQ-UBTVQH15")
        for name, (code, old) in BECAME.items():
            made = successor(decree, name, district.parent, type="xã", code=code, by=by)
            communes = [district.children.get(level__code="xa", name=each) for each in old]
            add_lines(
                reorganisation=decree, predecessors=communes, kind="whole", successor=made, by=by
            )
        add_line(reorganisation=decree, predecessor=district, kind="abolished", by=by)
        run = ask_reorganisation(reorganisation=decree, step="apply", by=by)
        run_reorganisation(run.pk)
        run.refresh_from_db()
        assert run.state == ReorganisationRun.State.READY, run.message
        return decree

    return apply


@pytest.fixture
def read(client, by):
    client.force_login(by)
    return lambda route, *args, **query: words_of(client.get(reverse(route, args=args), query))


@pytest.fixture
def cu_chi(district):
    """The officer of a commune of the same city whose district ended as well."""
    other = unit("huyen", district.parent, "Củ Chi", "huyện")
    commune = unit("xa", other, "Tân An Hội", "xã")
    return person("cuchi", "Cán bộ Củ Chi", ("officer", commune))


def sums(period, branch, read, **query):
    return read("reports:summary_detail", period.form.code, period.code, branch.slug, **query)


def test_the_report_of_2022_has_one_sum_and_two_tables(district, year, apply_decree, read):
    before = sums(year, district, read)
    apply_decree()

    assert sums(year, district, read).split("Theo đơn vị")[1] == before.split("Theo đơn vị")[1]
    assert missing(before, "15/15", "Hội LHPN thị trấn Hóc Môn 1/1 đơn vị 5", "Cộng 120") == []
    then = sums(year, district.parent, read)
    now = sums(year, district.parent, read, geography="now")
    assert missing(then, "Hội LHPN huyện Hóc Môn 15/15 đơn vị 120", "Cộng 120") == []
    assert missing(
        now, "Hội LHPN xã Hóc Môn 25", "Hội LHPN xã Đông Thạnh 28", "Hội LHPN xã Bà Điểm 25",
        "Hội LHPN xã Xuân Thới Sơn 36", "Hội Phụ nữ đơn vị trực thuộc 3 3", "Cộng 120",
    ) == []  # fmt: skip
    assert "huyện Hóc Môn" not in now.split("Theo đơn vị")[1]


def test_the_plan_binds_12_communes_then_and_4_now(apply_decree, read):
    then = read("programs:duty_list", EQUALITY)
    apply_decree()
    now = read("programs:duty_list", EQUALITY)

    assert "Mọi đơn vị trực thuộc (3 đơn vị), xã/phường (12 đơn vị)" in then
    assert "Mọi đơn vị trực thuộc (3 đơn vị), xã/phường (4 đơn vị)" in now
    assert "đã kết thúc" not in then
    assert (
        "Hội LHPN huyện Hóc Môn đã kết thúc hoạt động từ 01/07/2025. Hội LHPN thành phố Hồ Chí "
        "Minh giữ hồ sơ và làm tiếp chương trình với các đơn vị kế thừa."
    ) in now


def test_the_officer_of_todays_commune_goes_on_with_the_plan_and_a_neighbour_never_sees_it(
    apply_decree, client, cu_chi
):
    apply_decree()
    address = reverse("programs:program_detail", args=[EQUALITY])

    client.force_login(User.objects.get(username="badiem.canbo"))
    assert client.get(address).status_code == 200
    assert "Tham mưu lập dự trù kinh phí" in words_of(client.get("/"))
    assert client.get(reverse("reports:program_panel", args=[EQUALITY])).status_code == 200
    version = reverse("reports:form_version", args=["binh-dang-gioi", 1])
    assert client.get(version).status_code == 200
    for neighbour in (cu_chi, User.objects.get(username="namcan.canbo")):
        client.force_login(neighbour)
        assert client.get(address).status_code == 404
        assert client.get(version).status_code == 404


def test_the_citys_officer_acts_for_the_ended_district_and_before_only_reads(apply_decree, client):
    client.force_login(User.objects.get(username="hochiminh.canbo"))
    update = reverse("programs:program_update", args=[EQUALITY])
    assert client.get(update).status_code == 403

    apply_decree()

    assert client.get(update).status_code == 200


def test_a_report_asked_for_today_is_owed_by_the_units_of_today(apply_decree, district, by):
    apply_decree()
    form = ReportForm.objects.get(code="binh-dang-gioi")
    period = Period.objects.create(
        form=form, kind="year", code="2026", year=2026, label="Năm 2026",
        starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), cut_off_on=date(2026, 12, 15),
    )  # fmt: skip
    for level in form.levels.all():
        PeriodDue.objects.create(period=period, level=level, due_on=date(2026, 12, 20))

    open_period(period=period, by=by, at=moment(2026, 1, 2))

    owing = Report.objects.filter(period=period).values_list("branch__name", "branch__code")
    assert {(name, code) for name, code in owing if code} == {
        (name, code) for name, (code, _) in BECAME.items()
    }
    assert len(owing) == 7
