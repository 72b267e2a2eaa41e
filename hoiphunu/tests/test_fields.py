import datetime
from decimal import Decimal

import pytest
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from hoiphunu.fields import (
    NOTHING,
    DayField,
    DecimalNumberField,
    FigureField,
    MoneyField,
    RowsField,
    WholeNumberField,
    YearField,
    is_nothing,
    read_figure,
    show_figure,
)


class SampleForm(forms.Form):
    members = WholeNumberField(required=False)
    rate = DecimalNumberField(required=False, decimal_places=2)
    cost = MoneyField(required=False)
    day = DayField(required=False)
    gathered = FigureField(required=False, value_type="whole")
    has_club = FigureField(required=False, value_type="yes_no")


TYPED = {
    "members": "1.234", "rate": "1,5", "cost": "50 triệu", "day": "05/03/2026",
    "gathered": "KPS", "has_club": "1",
}  # fmt: skip


def test_a_form_reads_what_an_officer_types():
    form = SampleForm(TYPED)

    assert form.is_valid()
    assert form.cleaned_data == {
        "members": 1234, "rate": Decimal("1.5"), "cost": 50_000_000,
        "day": datetime.date(2026, 3, 5), "gathered": NOTHING, "has_club": Decimal(1),
    }  # fmt: skip


def test_a_form_left_blank_reads_none_everywhere():
    form = SampleForm({})

    assert form.is_valid()
    assert set(form.cleaned_data.values()) == {None}


def test_a_form_shows_stored_values_as_việt_nam_writes_them():
    form = SampleForm(initial={
        "members": 1234567, "rate": Decimal("1234.50"), "day": datetime.date(2026, 3, 5),
        "gathered": Decimal("1500.0000"), "has_club": Decimal("0.0000"),
    })  # fmt: skip

    assert 'value="1.234.567"' in str(form["members"])
    assert 'value="1.234,5"' in str(form["rate"])
    assert 'type="date"' in str(form["day"])
    assert 'value="2026-03-05"' in str(form["day"])
    assert 'value="1.500"' in str(form["gathered"])
    assert '<option value="0" selected>Không' in str(form["has_club"])


def test_a_form_keeps_what_was_typed_when_it_is_wrong():
    form = SampleForm({"members": "1.5"})

    assert form.errors["members"][0].startswith("“1.5” không phải số nguyên")
    assert 'value="1.5"' in str(form["members"])


def test_phones_offer_the_keyboard_that_fits():
    form = SampleForm()

    assert 'inputmode="numeric"' in str(form["members"])
    assert 'inputmode="decimal"' in str(form["rate"])


def test_an_unchanged_figure_is_not_taken_for_a_change():
    initial = {"members": 1234, "gathered": Decimal("1500.0000"), "day": datetime.date(2026, 3, 5)}

    form = SampleForm({"members": "1.234", "gathered": "1.500", "day": "2026-03-05"},
                      initial=initial)  # fmt: skip

    assert form.changed_data == []


def test_negative_numbers_are_refused_unless_the_field_says_otherwise():
    with pytest.raises(ValidationError, match="số âm"):
        WholeNumberField().clean("-5")

    assert WholeNumberField(min_value=None).clean("-5") == -5


@pytest.mark.parametrize(
    "written", ["kps", "KPS", "Không phát sinh", "không PS", "khong phat sinh", " Kps "]
)
def test_nothing_to_report_may_be_written_in_several_ways(written):
    assert is_nothing(written)
    assert read_figure(written, "money") == NOTHING


@pytest.mark.parametrize(
    ("written", "value_type", "meant"),
    [("0", "whole", 0), (12.0, "whole", 12), ("1,25", "decimal", Decimal("1.25")),
     ("72,47 tỷ", "money", 72_470_000_000), ("Có", "yes_no", 1), ("không", "yes_no", 0),
     (1.0, "yes_no", 1), (True, "yes_no", 1)],
)  # fmt: skip
def test_figures_are_read_by_their_type(written, value_type, meant):
    figure = read_figure(written, value_type)

    assert figure == meant
    assert isinstance(figure, Decimal)


@pytest.mark.parametrize("blank", [None, "", "  ", "\u00a0"])
def test_a_blank_cell_is_not_a_zero(blank):
    assert read_figure(blank, "whole") is None


@pytest.mark.parametrize(
    ("written", "value_type"),
    [("1,5", "whole"), ("mười", "decimal"), ("1,23456", "decimal"), ("2", "yes_no"), (2, "yes_no")],
)
def test_figures_of_the_wrong_kind_are_refused(written, value_type):
    with pytest.raises(ValueError, match=r"\w"):
        read_figure(written, value_type)


def test_figures_are_shown_in_words():
    assert show_figure(Decimal("1234.5000")) == "1.234,5"
    assert show_figure(NOTHING) == "không phát sinh"
    assert show_figure(None) == ""
    assert show_figure(Decimal(1), "yes_no") == "Có"


def test_a_year_is_shown_without_a_dot():
    class Yearly(forms.Form):
        year = YearField()

    shown = str(Yearly(initial={"year": 2026})["year"])

    assert 'value="2026"' in shown


@pytest.mark.django_db
@pytest.mark.parametrize("sent", ["9" * 40, "1; --", "", "-1"])
def test_what_can_be_no_id_is_no_choice_and_no_error_of_the_database(sent):
    field = RowsField(get_user_model().objects.all(), required=False)

    with pytest.raises(ValidationError) as refused:
        field.clean([sent])

    assert refused.value.code == "invalid_choice"


@pytest.mark.django_db
def test_several_rows_are_found_by_their_ids():
    person = get_user_model().objects.create(username="hoa")

    assert list(RowsField(get_user_model().objects.all()).clean([str(person.pk)])) == [person]
