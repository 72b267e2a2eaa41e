"""The pages on which an administrator builds a form."""

from datetime import date

import pytest
from django.urls import reverse

from programs.models import Indicator
from reports.models import FormRule, FormText, ReportForm
from reports.services import discard_draft, put_in_force, start_draft

pytestmark = pytest.mark.django_db


def page(name, *args):
    return reverse(f"reports:form_{name}", args=args)


@pytest.fixture
def draft(form, people, indicators):
    return start_draft(form=form, by=people.dung)


@pytest.fixture
def admin(as_person):
    return as_person("dung")


@pytest.fixture
def women(db):
    return Indicator.objects.create(
        code="nu_moi", name="Hội viên mới là nữ", unit="người", aggregation="flow",
        value_type="whole",
    )  # fmt: skip


def new_form(units, form):
    return {
        "name": "Báo cáo mới", "code": "bao-cao-moi", "owner": units.da_nang.pk,
        "levels": [level.pk for level in form.levels.all()],
    }  # fmt: skip


# --- Forms ----------------------------------------------------------------------------------


def test_a_new_form_begins_as_a_draft_that_asks_for_the_four_texts(admin, units, form):
    response = admin.post(page("create"), new_form(units, form))

    made = ReportForm.objects.get(code="bao-cao-moi")
    assert response.url == page("draft", made.code)
    assert (made.owner, made.newest, made.draft.number) == (units.da_nang, None, 1)
    assert made.draft.texts.count() == len(FormText.Name)


@pytest.mark.parametrize("code", ["hvch-thang", "create", "Mã có dấu"])
def test_a_code_in_use_or_garbled_is_refused_beside_its_field(admin, units, form, code):
    response = admin.post(page("create"), new_form(units, form) | {"code": code})

    assert "code" in response.context["form"].errors
    assert ReportForm.objects.count() == 1


def test_nobody_issues_a_form_in_anothers_name(admin, units, form):
    response = admin.post(page("create"), new_form(units, form) | {"owner": units.quang_nam.pk})

    assert "owner" in response.context["form"].errors
    assert ReportForm.objects.count() == 1


def test_a_copied_form_asks_the_same_in_a_draft(admin, units, form):
    admin.post(page("copy", form.code), new_form(units, form))

    made = ReportForm.objects.get(code="bao-cao-moi")
    assert made.draft.lines.count() == form.lines.count() == 6
    assert made.newest is None


def test_facts_of_a_form_are_changed_without_a_new_version(admin, form, indicators):
    level = form.levels.first()

    admin.post(page("update", form.code), {"name": "Tên mới", "levels": [level.pk]})

    form.refresh_from_db()
    assert (form.name, list(form.levels.all()), form.is_active) == ("Tên mới", [level], False)
    assert form.versions.count() == 1


def test_the_list_tells_of_a_draft_only_whoever_may_write_it(draft, as_person):
    assert "đang soạn bản 2" in as_person("dung").get(page("list")).content.decode()
    assert "đang soạn" not in as_person("hoa").get(page("list")).content.decode()
    assert "Bản 1" in as_person("hoa").get(page("list")).content.decode()


# --- A draft ------------------------------------------------------------------------------------


def test_a_line_is_added_by_words_of_its_name(admin, draft, women):
    section = draft.sections.get()

    admin.post(
        page("line_create", draft.form.code, section.pk),
        {"indicator": "hội viên mới", "is_required": "on", "help": "Người mới kết nạp"},
    )

    line = draft.lines.get(indicator=women)
    assert (line.is_required, line.help, line.section) == (True, "Người mới kết nạp", section)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("", "Chị chọn một chỉ tiêu."), ("khong co", "Không có chỉ tiêu nào"),
     ("số", "Có mấy chỉ tiêu như vậy")],
)  # fmt: skip
def test_words_that_mean_no_indicator_or_several_are_explained(admin, draft, words, sentence):
    section = draft.sections.get()
    lines = draft.lines.count()

    response = admin.post(
        page("line_create", draft.form.code, section.pk), {"indicator": words, "help": "giữ lại"}
    )

    assert sentence in response.context["form"].errors["indicator"][0]
    assert "giữ lại" in response.content.decode()
    assert draft.lines.count() == lines


def test_a_table_is_built_row_by_row_and_its_cells_are_chosen(admin, draft, women):
    code = draft.form.code
    admin.post(page("section_create", code), {"heading": "Theo độ tuổi", "is_table": "on"})
    table = draft.sections.get(is_table=True)
    for axis, words in (("row", "Dưới 30"), ("row", "Từ 30"), ("column", "Nữ")):
        admin.post(page("heading_create", code, table.pk), {"axis": axis, "words": words})
    young = table.headings.get(words="Dưới 30")
    column = table.headings.get(axis="column")

    admin.post(page("cells", code, table.pk), {f"cell_{young.pk}_{column.pk}": "nu_moi"})
    admin.post(page("heading", code, young.pk), {"words": "Dưới 30 tuổi"})
    admin.post(page("move", code, "heading", young.pk), {"step": "down"})

    assert table.lines.get().label == "Dưới 30 tuổi – Nữ"
    assert [h.words for h in table.headings.filter(axis="row")] == ["Từ 30", "Dưới 30 tuổi"]


def test_the_same_indicator_in_two_cells_is_refused_and_what_was_typed_stays(admin, draft, women):
    code = draft.form.code
    admin.post(page("section_create", code), {"heading": "Bảng", "is_table": "on"})
    table = draft.sections.get(is_table=True)
    for axis, words in (("row", "A"), ("column", "Nữ"), ("column", "Nam")):
        admin.post(page("heading_create", code, table.pk), {"axis": axis, "words": words})
    row, *columns = table.headings.order_by("-axis", "position")

    response = admin.post(
        page("cells", code, table.pk), {f"cell_{row.pk}_{c.pk}": "nu_moi" for c in columns}
    )

    assert "Chỉ tiêu này đã ở ô “A – Nữ”." in response.content.decode()
    assert response.content.decode().count('value="nu_moi"') == 2
    assert not table.lines.exists()


def test_texts_and_files_are_asked_or_not(admin, draft):
    admin.post(
        page("texts", draft.form.code),
        {"results_asked": "on", "results_required": "on", "results_help": "Ngắn gọn",
         "most_files": "3", "files_help": "Ảnh hoạt động"},
    )  # fmt: skip

    text = draft.texts.get()
    assert (text.name, text.is_required, text.help) == ("results", True, "Ngắn gọn")
    draft.refresh_from_db()
    assert (draft.most_files, draft.files_help) == (3, "Ảnh hoạt động")


def test_a_rule_is_written_and_told_as_a_sentence(admin, draft, indicators):
    admin.post(
        page("rule_create", draft.form.code),
        {"kind": "not_above", "indicator": indicators.hoi_vien.pk,
         "other": indicators.phu_nu.pk, "is_stop": "stop"},
    )  # fmt: skip

    assert FormRule.objects.get().is_stop
    shown = admin.get(page("draft", draft.form.code)).content.decode()
    assert "“Tổng số hội viên” không được lớn hơn “Phụ nữ từ 18 tuổi”" in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"kind": "at_least"}, "number"), ({"kind": "not_above"}, "other"),
     ({"kind": "change", "number": "-5"}, "number"), ({"kind": "sum"}, "__all__"),
     ({"kind": "khac"}, "kind")],
)  # fmt: skip
def test_half_a_rule_is_refused_beside_what_is_missing(admin, draft, indicators, typed, field):
    response = admin.post(
        page("rule_create", draft.form.code), {"indicator": indicators.hoi_vien.pk} | typed
    )

    assert field in response.context["form"].errors
    assert not FormRule.objects.exists()


def test_a_draft_is_put_in_force_from_a_day(admin, draft):
    response = admin.post(page("publish", draft.form.code), {"day": "2021-03-01"})

    draft.refresh_from_db()
    assert response.url == draft.form.get_absolute_url()
    assert draft.in_force_on == date(2021, 3, 1)


def test_a_day_before_the_last_version_is_refused_with_a_sentence(admin, draft):
    response = admin.post(page("publish", draft.form.code), {"day": "2019-03-01"})

    assert "phải từ ngày ấy trở đi" in response.content.decode()
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_version_in_force_has_no_page_that_changes_it(admin, draft, people):
    line = draft.lines.first()
    put_in_force(version=draft, day=date(2021, 3, 1), by=people.dung)

    assert admin.get(page("line", draft.form.code, line.pk)).status_code == 404
    assert admin.get(page("draft", draft.form.code)).status_code == 404


def test_a_part_of_another_form_is_not_found_under_this_one(admin, draft, units, form):
    admin.post(page("copy", form.code), new_form(units, form))
    other = ReportForm.objects.get(code="bao-cao-moi").draft
    kinds = [("line", other.lines.first()), ("section", other.sections.get())]

    for kind, part in kinds:
        for verb in ("move", "remove"):
            assert admin.post(page(verb, form.code, kind, part.pk)).status_code == 404
    assert admin.post(page("remove", form.code, "period", 1)).status_code == 404
    assert other.lines.count() == 6


def test_the_preview_draws_the_sheet_with_its_help_and_rules(admin, draft, indicators):
    draft.lines.filter(indicator=indicators.cuoc).update(help="Đếm cả buổi nhỏ", is_required=True)

    shown = admin.get(page("version", draft.form.code, draft.number)).content.decode()

    assert "Đếm cả buổi nhỏ" in shown
    assert "không có gì được lưu" in shown
    assert 'name="figure_cuoc"' in shown


def test_the_pages_of_a_draft_cost_the_same_for_many_lines(
    admin, draft, django_assert_max_num_queries
):
    section = draft.sections.get()
    for number in range(30):
        indicator = Indicator.objects.create(
            code=f"them-{number}", name=f"Thêm {number}", unit="người", aggregation="flow",
            value_type="whole",
        )  # fmt: skip
        draft.lines.create(section=section, indicator=indicator, position=20 + number)

    with django_assert_max_num_queries(32):
        admin.get(page("draft", draft.form.code))
    with django_assert_max_num_queries(32):
        admin.get(page("version", draft.form.code, draft.number))


@pytest.mark.parametrize("verb", ["discard", "publish"])
def test_a_page_of_a_draft_that_is_gone_neither_drops_nor_puts_in_force_the_next_one(
    admin, draft, form, people, verb
):
    stale = draft.pk
    discard_draft(version=draft, by=people.dung)
    another = start_draft(form=form, by=people.binh)

    response = admin.post(page(verb, form.code), {"draft": stale, "day": "2021-06-01"})

    assert response.url == page("draft", form.code)
    form.refresh_from_db()
    assert (form.draft, form.draft.in_force_on) == (another, None)
