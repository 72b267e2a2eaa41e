"""What a person may type of a decree as she reads it from the paper."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from branches.models import Branch, Level, Position, Reorganisation, Succession, Successor
from branches.search import find_units
from branches.services import (
    add_line,
    add_successor,
    change_line,
    change_successor,
    new_decree,
    remove_line,
)
from hoiphunu.fields import DayField
from hoiphunu.text import clean, exact_fold, fold

MOST_LINES = 100
BLANK_LINES = 3
SHOWN_CHOICES = 5
Kind = Succession.Kind
PEOPLE = [
    ("", "chưa rõ"),
    ("likely", "chưa rõ, gợi ý xếp về đây"),
    ("yes", "có toàn bộ dân"),
    ("no", "chỉ có đất, không có dân"),
]
# What each says: (takes_people, is_suggested).
READ_PEOPLE = {
    "": (None, False),
    "likely": (None, True),
    "yes": (True, False),
    "no": (False, False),
}


# --- Units by a few words -------------------------------------------------------------------


def units_to_name(user, decree):
    """The open units that the decree may speak of: of its owner's territory, and hers."""
    return Branch.objects.visible_to(user).under(decree.owner).filter(closed_on=None)


def unit_meant(units, words):
    """The one unit that typed words mean; ValidationError says what she might have meant.

    "Thọ Quang, Sơn Trà" is Thọ Quang in a place called Sơn Trà.
    """
    found = find_units(units, words.replace("›", " ").replace(",", " "))
    typed = exact_fold(words)
    exact = [u for u in found if typed in (exact_fold(u.name), exact_fold(u.full_name))]
    found = exact if len(exact) == 1 else found
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(
            f"Không có đơn vị đang hoạt động nào tên “{words}” trong phạm vi của văn bản."
        )
    shown = "; ".join(with_place(unit) for unit in found[:SHOWN_CHOICES])
    more = "; …" if len(found) > SHOWN_CHOICES else ""
    raise ValidationError(f"Có mấy đơn vị tên như vậy: {shown}{more}. Chị chọn một, hoặc gõ rõ.")


def with_place(unit):
    return ", ".join(str(part) for part in [unit, *reversed(unit.place)])


class PickingForm(forms.Form):
    """A form with `components/picker.html`: each name in `pickers` is an id and typed words."""

    pickers = ()

    def __init__(self, *args, units, **kwargs):
        self.units = units
        super().__init__(*args, **kwargs)

    def pick(self, data, name):
        """The unit that was chosen, or that the words mean; None when there are no words."""
        words = clean(data.get(f"{name}_text") or "")
        try:
            if data.get(name):
                return self.picked_unit(data[name])
            return unit_meant(self.units, words) if fold(words) else None
        except ValidationError as error:
            self.add_error(name, error)
            return None

    def picked_unit(self, pk):
        unit = self.units.filter(pk=pk).first()
        if unit is None:
            raise ValidationError("Đơn vị này không thuộc phạm vi của văn bản, hoặc đã kết thúc.")
        return unit

    def shown(self, name):
        """What the picker shows: the id and the words as they stand now."""
        return {
            "value": self[name].value() or "",
            "text": self[f"{name}_text"].value() or "",
            "error": " ".join(self.errors.get(name, [])) if self.is_bound else "",
        }


# --- The decree -----------------------------------------------------------------------------


def owners_of(user):
    """The units in whose name she herself enters decrees."""
    held = {p.branch_id for p in user.standing if p.role == Position.Role.ADMINISTRATOR}
    units = Branch.objects.visible_to(user).filter(pk__in=held, closed_on=None)
    return units.order_by("path")


class DecreeForm(forms.ModelForm):
    """`user` is given for a new decree, which needs an owner."""

    issued_on = DayField(label="Ngày ban hành", required=False)
    effective_on = DayField(
        label="Có hiệu lực từ ngày", help_text="Từ ngày này các đơn vị mới thay các đơn vị cũ."
    )

    class Meta:
        model = Reorganisation
        fields = [
            "title", "number", "issuer", "issued_on", "effective_on", "is_confirmed", "note",
        ]  # fmt: skip
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "title": "Ví dụ: Sắp xếp các đơn vị hành chính cấp xã của thành phố Đà Nẵng năm 2025",
            "number": "Ví dụ: 1659/NQ-UBTVQH15. Chưa biết số thì để trống.",
            "issuer": "Ví dụ: Ủy ban Thường vụ Quốc hội",
        }

    def __init__(self, *args, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        if user is not None:
            self.ask_owner(user)

    def ask_owner(self, user):
        owners = owners_of(user)
        self.fields["owner"] = forms.ModelChoiceField(
            owners,
            label="Đơn vị ghi văn bản",
            to_field_name="slug",
            help_text="Văn bản chỉ sắp xếp được các đơn vị thuộc phạm vi của đơn vị này.",
        )
        if len(owners) == 1:
            self.initial["owner"] = owners[0].slug

    def create(self, by):
        return new_decree(by=by, **self.cleaned_data)


# --- A unit that it makes, and the lines that lead to it --------------------------------------


class SuccessorForm(PickingForm):
    level = forms.ModelChoiceField(
        Level.objects.filter(is_unplaced=False, parents__isnull=False).distinct(),
        label="Cấp",
        empty_label=None,
    )
    type = forms.CharField(
        label="Loại",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"list": "types", "autocomplete": "off"}),
    )
    name = forms.CharField(label="Tên", max_length=150, help_text="Không kèm loại. Ví dụ: Sơn Trà")
    code = forms.CharField(
        label="Mã hành chính", required=False, max_length=10, help_text="Theo văn bản, nếu có."
    )
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)
    parent_text = forms.CharField(required=False, max_length=200)
    parent_successor = forms.ModelChoiceField(
        Successor.objects.none(),  # scope: filled with the decree's own in __init__
        label="Hoặc trực thuộc đơn vị mà văn bản này hình thành",
        required=False,
        empty_label="– không –",
    )
    pickers = ("parent",)

    def __init__(self, *args, decree, successor=None, **kwargs):
        initial = standing_facts(successor) if successor else first_facts(decree)
        super().__init__(*args, initial=initial, **kwargs)
        above = decree.successors.filter(level__children__code__in=["xa", "huyen"]).distinct()
        self.fields["parent_successor"].queryset = above.exclude(
            pk=successor and successor.pk
        ).select_related("level")

    @property
    def parent_picked(self):
        return self.shown("parent")

    def clean(self):
        data = super().clean()
        data["parent"] = self.pick(data, "parent")
        if "parent" not in self.errors:
            if data.get("parent_successor"):
                data["parent"] = None  # the decree's own unit is what she chose last
            elif data["parent"] is None:
                self.add_error("parent", "Chị chọn đơn vị cấp trên.")
        return data

    def facts(self):
        """The fields that the services ask for."""
        data = self.cleaned_data
        names = ("level", "type", "name", "code", "parent_successor")
        return {name: data[name] for name in names} | {"parent_branch": data["parent"]}


def first_facts(decree):
    owner = decree.owner
    first = {"level": Level.objects.filter(code="xa").first()}
    if owner.level.code in ("tinh", "huyen"):
        first |= {"parent": owner.pk, "parent_text": owner.full_name}
    return first


def standing_facts(successor):
    parent = successor.parent_branch
    return {
        "level": successor.level_id,
        "type": successor.type,
        "name": successor.name,
        "code": successor.code,
        "parent": parent and parent.pk,
        "parent_text": parent.full_name if parent else "",
        "parent_successor": successor.parent_successor_id,
    }


class LineForm(PickingForm):
    """One old unit and how it comes in. A row without a unit says nothing."""

    unit = forms.IntegerField(required=False, widget=forms.HiddenInput)
    unit_text = forms.CharField(required=False, max_length=200)
    kind = forms.ChoiceField(
        label="Cách sắp xếp",
        choices=[choice for choice in Kind.choices if choice[0] != Kind.ABOLISHED],
        initial=Kind.WHOLE,
        required=False,  # of a row that was just added nothing was sent
    )
    people = forms.ChoiceField(label="Dân của phần này", choices=PEOPLE, required=False)
    pickers = ("unit",)

    @property
    def unit_picked(self):
        return self.shown("unit")

    def clean(self):
        data = super().clean()
        data["unit"] = self.pick(data, "unit")
        data["kind"] = data.get("kind") or Kind.WHOLE
        return data

    def facts(self):
        kind = self.cleaned_data["kind"]
        said = self.cleaned_data["people"] if kind == Kind.PART else ""
        takes_people, is_suggested = READ_PEOPLE[said]
        return {"kind": kind, "takes_people": takes_people, "is_suggested": is_suggested}


class SuccessorPage:
    """The forms of one page: the unit, and a row for each unit that it comes from.

    `data` is request.POST or None; `extra` how many blank rows stand below the filled ones.
    """

    def __init__(self, decree, user, successor=None, data=None, extra=BLANK_LINES):
        self.decree, self.successor = decree, successor
        self.standing = list(
            successor.successions.select_related("predecessor") if successor else []
        )
        units = units_to_name(user, decree)
        self.form = SuccessorForm(data, decree=decree, successor=successor, units=units)
        formset = forms.formset_factory(
            LineForm, extra=extra, can_delete=True, absolute_max=MOST_LINES, max_num=MOST_LINES
        )
        first = [standing_line(line) for line in self.standing]
        self.lines = formset(data, initial=first, prefix="old", form_kwargs={"units": units})

    def is_valid(self):
        valid = [self.form.is_valid(), self.lines.is_valid()]  # both, to show every error
        return all(valid) and self.has_lines()

    def has_lines(self):
        wanted = [form.cleaned_data["unit"].pk for form in self.filled()]
        if not wanted:
            self.form.add_error(None, "Chị ghi ít nhất một đơn vị cũ.")
        if len(set(wanted)) < len(wanted):
            self.form.add_error(None, "Một đơn vị cũ được ghi hai lần; chị bỏ bớt một dòng.")
        return not self.form.errors

    def filled(self):
        """The rows that name a unit and are not marked for removal."""
        rows = [form for form in self.lines if form.cleaned_data.get("unit")]
        return [form for form in rows if not form.cleaned_data.get("DELETE")]

    @property
    def has_errors(self):
        return bool(self.form.errors or any(self.lines.errors))

    @transaction.atomic
    def save(self, by):
        """The unit and its lines as the page says, through the services."""
        if self.successor:
            successor = change_successor(successor=self.successor, by=by, **self.form.facts())
        else:
            successor = add_successor(reorganisation=self.decree, by=by, **self.form.facts())
        before = {line.predecessor_id: line for line in self.standing}
        for form in self.filled():
            unit = form.cleaned_data["unit"]
            if line := before.pop(unit.pk, None):
                change_line(line=line, by=by, **form.facts())
            else:
                add_line(
                    reorganisation=self.decree,
                    predecessor=unit,
                    successor=successor,
                    by=by,
                    **form.facts(),
                )
        for line in before.values():
            remove_line(line=line, by=by)
        return successor


def standing_line(line):
    return {
        "unit": line.predecessor_id,
        "unit_text": line.predecessor.full_name,
        "kind": line.kind,
        "people": people_said(line),
    }


def people_said(line):
    if line.takes_people is None:
        return "likely" if line.is_suggested else ""
    return "yes" if line.takes_people else "no"


class EndingForm(PickingForm):
    """A unit that ends and that no unit follows: a district, since there are none."""

    unit = forms.IntegerField(required=False, widget=forms.HiddenInput)
    unit_text = forms.CharField(required=False, max_length=200)
    note = forms.CharField(label="Ghi chú", required=False, max_length=300)
    pickers = ("unit",)

    @property
    def unit_picked(self):
        return self.shown("unit")

    def clean(self):
        data = super().clean()
        data["unit"] = self.pick(data, "unit")
        if data["unit"] is None and "unit" not in self.errors:
            self.add_error("unit", "Chị chọn đơn vị kết thúc hoạt động.")
        return data
