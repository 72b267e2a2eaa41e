import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from branches.models import Branch, User

pytestmark = pytest.mark.django_db


def run(name, *args, **options):
    out = io.StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue().strip()


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "mat-khau"
    path.write_text("mot-cau-that-dai-2021\n")
    return path


def test_paths_of_a_healthy_tree_are_right(units):
    said = "Đường dẫn: 15 đơn vị, 0 sai\nChữ để tìm: 15 đơn vị, 0 sai"

    assert run("check_paths") == said


def test_a_wrong_path_is_named_and_ends_with_1(units):
    Branch.objects.filter(pk=units.tho_quang.pk).update(path="/999/")
    out = io.StringIO()

    with pytest.raises(CommandError, match="Đường dẫn: 15 đơn vị, 1 sai") as refused:
        call_command("check_paths", stdout=out)

    assert refused.value.returncode == 1
    assert out.getvalue() == "phuong-tho-quang: /999/\n"


def test_the_first_day_gives_a_unit_at_the_top_and_its_administrator(password_file):
    said = run(
        "create_administrator",
        "quantri",
        full_name="Nguyễn Thị Nhung",
        unit_name="Đà Nẵng",
        type="thành phố",
        password_file=password_file,
    )

    top = Branch.objects.get()
    user = User.objects.get()
    assert (top.full_name, top.path) == ("thành phố Đà Nẵng", f"/{top.pk}/")
    assert user.check_password("mot-cau-that-dai-2021")
    assert user.is_staff
    assert said == "Đã tạo tài khoản quantri, quản trị của Hội LHPN thành phố Đà Nẵng."


def test_a_password_can_be_piped_in(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("mot-cau-that-dai-2021\n"))

    run("create_administrator", "quantri", full_name="Nguyễn Thị Nhung", unit_name="Đà Nẵng")

    assert User.objects.get().check_password("mot-cau-that-dai-2021")


def test_a_second_administrator_is_not_made_this_way(people, password_file):
    with pytest.raises(CommandError, match="Đã có người quản trị"):
        run("create_administrator", "khac", full_name="Ai Đó", password_file=password_file)


def test_an_administrator_whose_term_ended_is_no_hindrance(units, people, password_file):
    people.dung.positions.update(ended_on=date(2020, 12, 31))

    run(
        "create_administrator",
        "khac",
        full_name="Trần Thị Kim",
        unit_name="Đà Nẵng",
        password_file=password_file,
    )

    assert User.objects.get(username="khac").home_branch == units.da_nang


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "ghi tên đơn vị đứng đầu"),
        ({"unit_name": "Đà Nẵng", "level": "la"}, "Không có cấp “la”"),
        ({"unit_name": "Sơn Trà", "level": "huyen"}, "phải thuộc một đơn vị cấp trên"),
    ],
)
def test_a_unit_that_cannot_stand_at_the_top_leaves_nothing_behind(
    password_file, options, sentence
):
    with pytest.raises(CommandError, match=sentence):
        run(
            "create_administrator",
            "quantri",
            full_name="Nguyễn Thị Nhung",
            password_file=password_file,
            **options,
        )

    assert not User.objects.exists()
    assert not Branch.objects.exists()


def test_a_weak_password_is_refused_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "yeu"
    path.write_text("12345678\n")

    with pytest.raises(CommandError, match="[Mm]ật khẩu"):
        run(
            "create_administrator",
            "quantri",
            full_name="Nguyễn Thị Nhung",
            unit_name="Đà Nẵng",
            password_file=path,
        )

    assert not Branch.objects.exists()
