"""The whole country from the state's list, and its decree of 1 July 2025 written down."""

import io
from collections import Counter
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from branches.models import Branch, BranchAlias, Reorganisation
from branches.services import draft_decree, load_units, wrong_keys, wrong_paths
from branches.territory import decree, list_in_force

BEFORE, REFORM = date(2025, 6, 30), date(2025, 7, 1)


def run(name, *args, **options):
    out = io.StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue().strip()


def place(branch):
    return " < ".join(str(unit) for unit in [branch, *reversed(branch.ancestors())])


@pytest.fixture(scope="module")
def country(django_db_setup, django_db_blocker):
    """The country of 30 June 2025, loaded once for the tests that only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_units(list_in_force(BEFORE), of_country=True)
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]


def test_the_whole_country_stands_under_the_central_union():
    top = Branch.objects.get(parent=None)
    levels = Counter(Branch.objects.values_list("level__code", flat=True))

    assert (str(top), top.level.code) == ("Trung ương Hội LHPN Việt Nam", "trung_uong")
    assert levels == {"trung_uong": 1, "tinh": 63, "huyen": 696, "xa": 10035}


def test_every_loaded_unit_has_its_path_keys_address_history_and_dated_facts():
    assert wrong_paths() == wrong_keys() == []
    assert Branch.objects.filter(slug="").count() == 0
    for branch in Branch.objects.filter(name__in=["Nậm Cắn", "Đà Nẵng", "Tân Tiến"]):
        record, span = branch.history.get(), branch.spans.get()

        assert (record.history_type, record.path, record.slug) == ("+", branch.path, branch.slug)
        assert "danh sách đơn vị hành chính từ ngày 30/06/2025" in record.history_change_reason
        assert (span.name, span.code, span.parent) == (branch.name, branch.code, branch.parent)
        assert (span.starts_on, span.ends_on) == (BEFORE, None)
    assert Branch.history.count() == Branch.objects.count()


def test_units_of_one_name_have_addresses_that_tell_where_they_are():
    """Nậm Cần of Lai Châu comes first in the list; Cắn and Càn are both of Kỳ Sơn."""
    slugs = dict(Branch.objects.filter(slug__startswith="xa-nam-can").values_list("name", "slug"))

    assert slugs == {
        "Nậm Cần": "xa-nam-can",
        "Nậm Cắn": "xa-nam-can-huyen-ky-son",
        "Nậm Càn": "xa-nam-can-2025",
    }


def test_a_commune_stands_where_it_stood_then():
    nam_can = Branch.objects.get(code="16837")

    assert place(nam_can) == (
        "xã Nậm Cắn < huyện Kỳ Sơn < tỉnh Nghệ An < Trung ương Hội LHPN Việt Nam"
    )


def test_other_spellings_are_loaded_and_remembered():
    alias = BranchAlias.objects.get(branch__code="23344", name="Đăk Plô")

    assert alias.branch.name == "Đăk Blô"
    assert alias.history.get().history_type == "+"


def test_loading_the_same_list_again_says_there_is_nothing_new():
    assert run("load_units", as_of="2025-06-30") == (
        "Không có gì mới: cây đã đúng danh sách đơn vị hành chính từ ngày 30/06/2025."
    )


def test_another_list_over_it_is_refused_with_what_differs():
    before = Branch.objects.count()

    with pytest.raises(CommandError, match="khác với danh sách .*01/07/2025") as refused:
        run("load_units", as_of="01/07/2025")

    assert "Cây có" in str(refused.value)
    assert "hãy ghi văn bản đó" in str(refused.value)
    assert Branch.objects.count() == before


def test_the_decree_of_1_july_is_written_down_line_by_line():
    row = draft_decree(decree("2025-07-01"))
    kinds = Counter(row.successions.order_by().values_list("kind", flat=True))
    sin_thau = row.successors.get(code="03158")
    nghe_an = row.successors.get(code="40")

    assert (row.stage, row.owner.level.code) == ("draft", "trung_uong")
    assert (row.number, row.is_confirmed) == ("202/2025/QH15", True)
    assert row.successors.count() == 34 + 3321
    assert kinds == {
        "whole": 52 + 5 + 9463, "part": 970, "unchanged": 11 + 127, "renamed": 2,
        "type_changed": 3, "abolished": 691,
    }  # fmt: skip
    assert {line.predecessor.name for line in sin_thau.successions.all()} == {
        "Leng Su Sìn", "Sín Thầu", "Sen Thượng",
    }  # fmt: skip
    assert sin_thau.parent_successor.name == "Điện Biên"
    assert nghe_an.parent_branch == row.owner
    assert row.successions.filter(takes_people=True).count() == 59
    assert row.successions.filter(is_suggested=True).count() == 440
    assert not Branch.objects.exclude(closed_on=None).exists()
    assert row.history.get().history_type == "+"


def test_one_province_of_the_country_alone():
    row = draft_decree(decree("2025-07-01"), province="51")
    olds = {str(line.predecessor) for line in row.successions.all()}

    assert {"tỉnh Kon Tum", "tỉnh Quảng Ngãi", "xã Mô Rai"} <= olds
    assert "tỉnh Nghệ An" not in olds
    assert row.successors.filter(level__code="xa").count() == 96
    assert "không giữ" not in row.note


def test_a_decree_on_units_that_are_not_there_yet_is_refused():
    """There is no thành phố Đồng Nai to make of a tỉnh whose communes are still those of June."""
    with pytest.raises(CommandError, match="thiếu 10 đơn vị .* từ ngày 01/07/2025, ví dụ: xã"):
        run("load_decree", "2026-04-30")

    assert not Reorganisation.objects.exists()
