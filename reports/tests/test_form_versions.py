from datetime import date

import pytest
from django.db import IntegrityError, transaction

from programs.models import Indicator
from reports import queries
from reports.exporters import summary_workbook
from reports.models import FormRule, FormText, FormVersion, Period, Report, TableHeading
from reports.services import (
    ReportError,
    approve_report,
    create_form,
    discard_draft,
    move_part,
    open_period,
    problems,
    put_in_force,
    remove_part,
    save_draft,
    save_heading,
    save_line,
    save_rule,
    save_section,
    set_cells,
    set_texts,
    start_draft,
    submit_report,
)
from reports.sheet import read_sheet
from reports.totals import check_totals

from .conftest import moment, month_of

pytestmark = pytest.mark.django_db
Axis = TableHeading.Axis
Kind = FormRule.Kind


@pytest.fixture
def draft(january, form, people, indicators):
    """A second version, written while January is answered on the first."""
    return start_draft(form=form, by=people.dung)


@pytest.fixture
def women(db):
    return Indicator.objects.create(
        code="nu_moi", name="Hội viên mới là nữ", unit="người", aggregation="flow",
        value_type="whole",
    )  # fmt: skip


def names(lines):
    return [line.indicator.code for line in lines]


def line_of(version, code):
    return version.lines.get(indicator__code=code)


# --- Versions ---------------------------------------------------------------------------------


def test_a_draft_asks_what_the_version_in_force_asks_row_by_row(draft, form):
    def asked(version):
        return [
            (line.section.heading, line.indicator_id, line.position)
            for line in version.lines.in_order()
        ]

    assert (draft.number, draft.is_draft) == (2, True)
    assert asked(draft) == asked(form.newest)
    assert len(asked(draft)) == 6
    assert set(draft.texts.values_list("name", flat=True)) == set(FormText.Name.values)


def test_a_copy_keeps_tables_rules_texts_files_and_help(draft, form, women, indicators, people):
    section = save_section(version=draft, heading="Bảng", is_table=True, help="Chỉ số mới")
    row = save_heading(section=section, axis=Axis.ROW, words="Dưới 30 tuổi")
    column = save_heading(section=section, axis=Axis.COLUMN, words="Nữ")
    set_cells(section=section, cells={(row, column): women}, by=people.dung)
    save_rule(version=draft, kind=Kind.SUM, indicator=indicators.hoi_vien, is_stop=True,
              parts=[indicators.phu_nu, women])  # fmt: skip
    set_texts(version=draft, texts={"results": (True, "Ngắn gọn")}, most_files=3,
              files_help="Ảnh", by=people.dung)  # fmt: skip
    put_in_force(version=draft, day=date(2021, 2, 1), by=people.dung)

    copied = start_draft(form=form, by=people.dung)

    line = copied.lines.get(indicator=women)
    assert (line.row.words, line.column.words, line.section.help) == (
        "Dưới 30 tuổi", "Nữ", "Chỉ số mới",
    )  # fmt: skip
    assert line.section.version == line.row.section.version == copied
    rule = copied.rules.get()
    assert (rule.kind, rule.is_stop, set(rule.parts.all())) == (
        Kind.SUM, True, {indicators.phu_nu, women},
    )  # fmt: skip
    assert copied.texts.get().help == "Ngắn gọn"
    assert (copied.most_files, copied.files_help) == (3, "Ảnh")


def test_a_form_has_one_draft_at_a_time(draft, form, people):
    with pytest.raises(ReportError, match="soạn dở"):
        start_draft(form=form, by=people.dung)
    with pytest.raises(IntegrityError), transaction.atomic():
        FormVersion.objects.create(form=form, number=9)


@pytest.mark.parametrize(
    ("month", "number"), [(1, 1), (2, 1), (3, 2), (4, 2)], ids=["opened", "before", "on", "after"]
)
def test_a_period_takes_the_version_in_force_on_its_last_day(draft, form, people, month, number):
    put_in_force(version=draft, day=date(2021, 3, 30), by=people.dung)

    period = form.periods.filter(starts_on=date(2021, month, 1)).first()
    period = period or month_of(form, 2021, month)

    assert period.version.number == number


def test_an_opened_period_keeps_its_version_for_ever(draft, january, form, people):
    put_in_force(version=draft, day=date(2021, 1, 1), by=people.dung)
    open_period(period=january, by=people.dung, at=moment(2021, 1, 25))  # what is missing

    january.refresh_from_db()
    assert january.form_version.number == 1
    assert month_of(form, 2021, 2).version == draft


def test_a_period_of_a_form_that_is_still_written_cannot_be_opened(units, people, form):
    new = create_form(
        code="moi", name="Mới", owner=units.da_nang, levels=form.levels.all(), by=people.dung
    )
    period = month_of(new, 2021, 3)

    with pytest.raises(ReportError, match="chưa có bản nào"):
        open_period(period=period, by=people.dung, at=moment(2021, 3, 1))

    assert not Report.objects.filter(period=period).exists()


def test_the_database_opens_no_period_without_a_version(form):
    period = month_of(form, 2021, 3)

    with pytest.raises(IntegrityError, match="period_opened_with_a_version"), transaction.atomic():
        Period.objects.filter(pk=period.pk).update(opened_at=moment(2021, 3, 1))


def test_a_version_in_force_is_not_changed_by_any_verb(form, women, people):
    version = form.newest
    section, line = version.sections.get(), version.lines.first()
    verbs = [
        lambda: save_section(version=version, heading="Khác"),
        lambda: save_section(version=version, section=section, heading="Khác"),
        lambda: save_heading(section=section, axis=Axis.ROW, words="Hàng"),
        lambda: save_line(section=section, indicator=women, by=people.dung),
        lambda: set_cells(section=section, cells={}, by=people.dung),
        lambda: set_texts(version=version, texts={}, most_files=1, files_help="", by=people.dung),
        lambda: save_rule(version=version, kind=Kind.AT_LEAST, indicator=line.indicator,
                          is_stop=True, number=1),
        lambda: move_part(part=line, step="down"),
        lambda: remove_part(part=line, by=people.dung),
        lambda: remove_part(part=section, by=people.dung),
        lambda: put_in_force(version=version, day=date(2022, 1, 1), by=people.dung),
        lambda: discard_draft(version=version, by=people.dung),
    ]  # fmt: skip

    for verb in verbs:
        with pytest.raises(ReportError, match="đã đưa vào dùng"):
            verb()

    assert version.lines.count() == 6
    assert not version.rules.exists()


def test_a_new_version_is_in_force_from_no_day_before_the_last(draft, people):
    with pytest.raises(ReportError, match="01/01/2020"):
        put_in_force(version=draft, day=date(2019, 12, 31), by=people.dung)


def test_what_is_not_ready_is_not_put_in_force(draft, people):
    remove_part(part=line_of(draft, "phu_nu"), by=people.dung)
    save_section(version=draft, heading="Chưa có dòng")

    assert problems(draft) == [
        "“Tỷ lệ tập hợp hội viên” tính từ “Phụ nữ từ 18 tuổi”, chưa có dòng này.",
        "Phần “Chưa có dòng” còn trống: chị thêm dòng hoặc bỏ phần này.",
    ]
    with pytest.raises(ReportError, match="còn trống"):
        put_in_force(version=draft, day=date(2021, 3, 1), by=people.dung)


def test_a_draft_is_thrown_away_but_never_the_only_version(draft, form, units, people):
    discard_draft(version=draft, by=people.dung)
    only = create_form(code="moi", name="Mới", owner=units.da_nang, levels=[], by=people.dung).draft

    with pytest.raises(ReportError, match="bản duy nhất"):
        discard_draft(version=only, by=people.dung)
    assert (form.draft, form.newest.number, form.lines.count()) == (None, 1, 6)


# --- Old and new side by side -------------------------------------------------------------------


@pytest.fixture
def changed(draft, form, people, women):
    """From February the form no longer asks for money but for women who joined."""
    remove_part(part=line_of(draft, "kinh_phi"), by=people.dung)
    save_line(section=draft.sections.get(), indicator=women, by=people.dung)
    put_in_force(version=draft, day=date(2021, 2, 1), by=people.dung)
    period = month_of(form, 2021, 2)
    open_period(period=period, by=people.dung, at=moment(2021, 2, 1))
    period.refresh_from_db()
    return period


def test_each_month_is_summed_and_exported_as_it_was_asked(
    changed, january, units, people, report_of, approved, women
):
    old, new = report_of(units.tho_quang, january), report_of(units.tho_quang, changed)
    approved(old, people.hoa, people.ha, cuoc=3, kinh_phi=500)
    at = moment(2021, 2, 18)
    save_draft(report=new, seen_version=new.version, figures={women.pk: 7}, narrative={},
               by=people.hoa, at=at)  # fmt: skip
    submit_report(report=new, seen_version=new.version, by=people.hoa, at=at)
    approve_report(report=new, seen_version=new.version, by=people.ha, at=at)

    def sums(period):
        lines = queries.summary_lines(period, units.da_nang, queries.form_lines(period))
        return {line.indicator.code: (line.period.value, line.to_date.value) for line in lines}

    assert sums(january)["kinh_phi"] == (500, 500)
    assert "nu_moi" not in sums(january)
    assert sums(changed)["nu_moi"] == (7, 7)
    assert sums(changed)["cuoc"] == (None, 3)  # lũy kế goes on over the versions
    assert "kinh_phi" not in sums(changed)
    assert check_totals(Period.objects.all()) == []
    for period in (january, changed):
        assert summary_workbook(period, units.da_nang, asked_by=people.dung)


def test_a_report_shows_and_takes_just_what_its_version_asks(
    changed, january, units, people, report_of, indicators, women
):
    old, new = report_of(units.tho_quang, january), report_of(units.tho_quang, changed)

    assert "kinh_phi" in names(read_sheet(old))
    assert "kinh_phi" not in names(read_sheet(new))
    with pytest.raises(ReportError, match="không hỏi"):
        save_draft(report=new, seen_version=new.version, figures={indicators.kinh_phi.pk: 1},
                   narrative={}, by=people.hoa, at=moment(2021, 2, 18))  # fmt: skip
    with pytest.raises(ReportError, match="không hỏi"):
        save_draft(report=old, seen_version=old.version, figures={women.pk: 1},
                   narrative={}, by=people.hoa, at=moment(2021, 2, 18))  # fmt: skip


# --- Parts of a draft ---------------------------------------------------------------------------


def test_lines_and_sections_move_up_and_down_and_stop_at_the_ends(draft):
    other = save_section(version=draft, heading="Khác")
    first = draft.lines.in_order().first()

    move_part(part=first, step="down")
    move_part(part=first, step="up")
    move_part(part=first, step="up")
    move_part(part=other, step="up")

    assert draft.lines.in_order().first() == first
    assert [section.heading for section in draft.sections.all()] == ["Khác", "Tổ chức Hội"]


def test_an_indicator_stands_once_in_a_version(draft, indicators, people):
    with pytest.raises(ReportError, match="đã có trong biểu mẫu"):
        save_line(section=draft.sections.get(), indicator=indicators.cuoc, by=people.dung)


def test_cells_of_a_table_change_places_and_are_emptied(draft, women, people):
    men = Indicator.objects.create(
        code="nam_moi", name="Nam", unit="người", aggregation="flow", value_type="whole"
    )
    section = save_section(version=draft, heading="Bảng", is_table=True)
    row = save_heading(section=section, axis=Axis.ROW, words="Dưới 30")
    nu, nam = (save_heading(section=section, axis=Axis.COLUMN, words=w) for w in ("Nữ", "Nam"))
    set_cells(section=section, cells={(row, nu): men, (row, nam): women}, by=people.dung)

    set_cells(section=section, cells={(row, nu): women, (row, nam): men}, by=people.dung)
    swapped = {line.column.words: line.indicator.code for line in section.lines.in_order()}
    set_cells(section=section, cells={(row, nu): women, (row, nam): None}, by=people.dung)

    assert swapped == {"Nữ": "nu_moi", "Nam": "nam_moi"}
    assert section.lines.get().label == "Dưới 30 – Nữ"


def test_a_line_of_which_a_rule_speaks_is_not_taken_out_before_it(draft, indicators, people):
    rule = save_rule(version=draft, kind=Kind.NOT_ABOVE, indicator=indicators.hoi_vien,
                     other=indicators.phu_nu, is_stop=True)  # fmt: skip

    for code in ("hoi_vien", "phu_nu"):
        with pytest.raises(ReportError, match="quy tắc"):
            remove_part(part=line_of(draft, code), by=people.dung)
    remove_part(part=rule, by=people.dung)
    remove_part(part=line_of(draft, "hoi_vien"), by=people.dung)

    assert not draft.lines.filter(indicator__code="hoi_vien").exists()


def test_a_rule_speaks_only_of_what_the_version_asks(draft, women, indicators):
    with pytest.raises(ReportError, match="có trong biểu mẫu"):
        save_rule(version=draft, kind=Kind.AT_LEAST, indicator=women, number=1, is_stop=True)
    with pytest.raises(ReportError, match="ít nhất hai"):
        save_rule(version=draft, kind=Kind.SUM, indicator=indicators.cuoc, is_stop=True,
                  parts=[indicators.phu_nu])  # fmt: skip
