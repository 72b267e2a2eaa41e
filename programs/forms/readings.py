"""What a person may give to be read, and what she may correct in each proposal."""

from collections import defaultdict
from dataclasses import dataclass

from django import forms

from branches.models import Branch, Level
from hoiphunu.fields import DayField
from programs.models import ItemKind
from programs.reading.intake import MAX_CHARACTERS, MAX_SIZE
from programs.services import shown_proposals

from .proposals import CHOOSE, FORMS, GROUPS, part_of

ENDINGS = (".docx", ".pdf", ".txt")


class ReadingForm(forms.Form):
    """A paper: a file or pasted words, and the unit that issues it."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(),  # scope: filled with her own in __init__
        to_field_name="slug",
        label="Đơn vị chủ trì",
        empty_label="Chọn đơn vị",
    )
    file = forms.FileField(
        label="Tệp văn bản",
        required=False,
        help_text="Word (.docx), PDF có chữ hoặc văn bản thường (.txt), không quá 10 MB.",
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={"empty": "Tệp rỗng."},
    )
    text = forms.CharField(
        label="Hoặc dán phần chữ của văn bản",
        required=False,
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={
            "max_length": "Văn bản quá dài để đọc một lần. Chị tách riêng phần kế hoạch."
        },
    )

    def __init__(self, *args, branches, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = branches
        if len(branches) == 1:
            self.initial["branch"] = branches[0].slug

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > MAX_SIZE:
            raise forms.ValidationError("Tệp lớn hơn 10 MB. Chị bỏ ảnh hoặc dán riêng phần chữ.")
        if file and not file.name.lower().endswith(ENDINGS):
            raise forms.ValidationError(
                "Chỉ nhận tệp Word (.docx), PDF có chữ hoặc văn bản thường (.txt)."
            )
        return file

    def clean(self):
        data = super().clean()
        if "file" not in self.errors and bool(data.get("file")) == bool(data.get("text")):
            self.add_error("file", "Chị chọn một tệp hoặc dán phần chữ, một trong hai.")
        return data


class BasicsForm(forms.Form):
    """For what the paper does not say; empty, the ticked proposals count."""

    name = forms.CharField(label="Tên chương trình", required=False, max_length=200)
    starts_on = DayField(label="Bắt đầu", required=False)
    ends_on = DayField(label="Kết thúc", required=False)
    supported_level = forms.ChoiceField(
        label="Giúp đơn vị cấp",
        required=False,
        help_text="Để trống khi chương trình không phân công giúp đơn vị nào.",
    )
    reaches_out = forms.BooleanField(
        label="Giúp cả đơn vị ngoài địa bàn của đơn vị chủ trì", required=False
    )

    def __init__(self, *args, levels, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["supported_level"].choices = [CHOOSE, *levels]


@dataclass(frozen=True)
class Group:
    """A fold of the page: its proposals by what they are, and how many are ticked."""

    code: str
    title: str
    hint: str
    parts: dict  # what the proposals are, or "" → forms
    is_first: bool

    @property
    def forms(self):
        return [form for forms_of in self.parts.values() for form in forms_of]

    @property
    def ticked(self):
        return sum(bool(form["take"].value()) for form in self.forms)

    @property
    def is_open(self):
        """What she has begun or must put right stands open; at first only the first group."""
        return self.is_first or self.ticked > 0 or any(form.is_wrong for form in self.forms)


class ReadingPage:
    """All proposals of a reading with what she has made of them.

    `data`: request.POST or None; `group`: the code of a group to tick whole.
    """

    def __init__(self, reading, data=None, group=""):
        self.reading, self.data = reading, data
        self.proposals = shown_proposals(reading)
        self.typed = self._typed(group)
        levels = list(Level.objects.filter(is_unplaced=False).values_list("code", "name"))
        self.lists = {
            "level": levels,
            "levels": levels,
            "item_kind": list(ItemKind.objects.filter(is_active=True).values_list("code", "name")),
        }
        self.basics = self._basics(initial=self.typed["basics"])
        self.forms = {row["id"]: self._form(row) for row in self.proposals}
        self.error = ""

    def _typed(self, group):
        """The choices as they would be kept."""
        if self.data is None:
            return self.reading.choices or {"basics": {}, "rows": {}}
        ticked = next((set(forms_of) for code, *_, forms_of in GROUPS if code == group), set())
        rows = {}
        for row in self.proposals:
            rows[row["id"]] = FORMS[row["kind"]].raw(self.data, row["id"])
            rows[row["id"]]["take"] |= row["kind"] in ticked
        basics = {name: self.data.get(f"basics-{name}", "") for name in BasicsForm.base_fields}
        return {"basics": basics, "rows": rows}

    def _basics(self, data=None, **kwargs):
        return BasicsForm(data, prefix="basics", levels=self.lists["level"], **kwargs)

    def _form(self, row, data=None):
        raw = row["fields"] | self.typed["rows"].get(row["id"], {})
        return FORMS[row["kind"]](data, proposal=row, raw=raw, choices=self.lists)

    @property
    def groups(self):
        """Those that have any proposals."""
        found = []
        for code, title, hint, forms_of in GROUPS:
            parts = defaultdict(list)
            for row in [r for kind in forms_of for r in self.proposals if r["kind"] == kind]:
                parts[part_of(row)].append(self.forms[row["id"]])
            if parts:
                found.append(Group(code, title, hint, dict(parts), not found))
        return found

    @property
    def unknown(self):
        """What no proposal says: with a number in it, and the other sentences."""
        rows = self.reading.unknown
        numbers = [row for row in rows if not row.get("is_prose")]
        return {"numbers": numbers, "prose": [row for row in rows if row.get("is_prose")]}

    @property
    def ticked(self):
        return [pk for pk, row in self.typed["rows"].items() if row["take"]]

    def is_valid(self):
        """Check what is ticked, and only that."""
        self.basics = self._basics(self.data)
        for row in self.proposals:
            if row["id"] in self.ticked:
                self.forms[row["id"]] = self._form(row, self.data)
        valid = [self.forms[pk].is_valid() for pk in self.ticked]
        return self.basics.is_valid() and all(valid)

    def wanted(self):
        """The ticked proposals' values by id, as the services take them."""
        found = {}
        for pk in self.ticked:
            data = self.forms[pk].cleaned_data
            found[pk] = {name: value for name, value in data.items() if name != "take"}
        return found

    def say(self, error):
        """Show what the service said, each sentence at its proposal."""
        self.error = str(error)
        for pk, sentence in getattr(error, "by_id", {}).items():
            self.forms[pk].sentence = sentence

    @property
    def wrong(self):
        """Forms with something to put right, for the list on top."""
        return [form for form in self.forms.values() if form.is_wrong]
