"""What a person may type of a support item and of a hand-over, and what narrows their list."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from branches.models import Branch
from branches.search import find_units
from hoiphunu.fields import DayField, DecimalNumberField, MoneyField, WholeNumberField
from hoiphunu.text import clean, fold
from programs.models import Assignment, Beneficiary, ItemKind, SupportItem
from programs.queries import (
    MOST_MATCHES,
    may_take_part,
    papers_to_choose,
    partners_to_choose,
    plan_units,
)

from .shared import ReasonForm, choose

MOST_MONEY = 10**15
MOST_PLACES = 300
LONGEST_ID = 19  # digits; a longer number is too large for the database
Quantity = {"max_digits": 12, "decimal_places": 2, "required": False}


class PlacesForm(forms.Form):
    """The part of a form that names units: those chosen already, each with its tick, and one
    more, which comes as an id (picked) or as words (typed).

    Whether a unit may be named at all is said by the services; the words are looked for among
    those that may.
    """

    receivers = forms.TypedMultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    receiver = forms.IntegerField(required=False, widget=forms.HiddenInput)
    receiver_text = forms.CharField(required=False, max_length=200)

    def __init__(self, data=None, *, program, standing=(), is_one_off=False):
        self.program, self.is_one_off, self.matches = program, is_one_off, []
        self.units = Branch.objects.directory(with_closed=True)
        super().__init__(data, initial={"receivers": [unit.pk for unit in standing]})
        known = {unit.pk: unit for unit in standing}
        known |= self.units.in_bulk(ids_in(data)[:MOST_PLACES])
        choose(self.fields["receivers"], known.values(), "")
        self.fields["receivers"].choices = [(pk, unit.choice_label) for pk, unit in known.items()]

    def clean(self):
        data = super().clean()
        named = [*data.get("receivers", ()), self.find_place(data)]
        data["chosen"] = [unit for unit in dict.fromkeys(named) if unit]
        return data

    def find_place(self, data):
        if data.get("receiver"):
            found = self.units.filter(pk=data["receiver"]).first()
            if found is None:
                self.add_error("receiver_text", "Không có đơn vị này.")
            return found
        words = clean(data.get("receiver_text", ""))
        if not fold(words):
            return None
        units = may_take_part(self.program, is_one_off=self.is_one_off)
        found = find_units(units, place_words(words), with_closed=self.is_one_off)
        self.matches = found[: MOST_MATCHES + 1]
        if len(self.matches) == 1:
            return self.matches[0]
        self.add_error("receiver_text", many_or_none(self.matches))
        return None


def ids_in(data):
    """The ids of the ticks; what cannot be one is refused later, as any other odd choice."""
    ticked = data.getlist("receivers") if data else []
    return [int(pk) for pk in ticked if pk.isdecimal() and len(pk) < LONGEST_ID]


def place_words(text):
    """What the picker writes, "xã Mô Rai › huyện Sa Thầy", as words to search for."""
    return text.replace("›", " ")


def many_or_none(matches):
    if not matches:
        return "Không có đơn vị nào tên như vậy trong diện nhận của chương trình."
    if len(matches) > MOST_MATCHES:
        return "Nhiều đơn vị tên như vậy; chị gõ thêm tên nơi ở trên."
    return "Có mấy đơn vị tên như vậy; chị chọn một."


class ItemForm(forms.ModelForm):
    quantity = DecimalNumberField(label="Số lượng", **Quantity)
    unit_value = MoneyField(label="Đơn giá (đồng)", required=False, max_value=MOST_MONEY)
    months = WholeNumberField(label="Số tháng", required=False, min_value=1, max_value=600)
    stated_value = MoneyField(
        label="Trị giá ghi trong văn bản (đồng)",
        required=False,
        max_value=MOST_MONEY,
        help_text="Chưa định giá thì để trống, không ghi 0.",
    )
    total_cost = MoneyField(
        label="Tổng kinh phí của công trình (đồng)", required=False, max_value=MOST_MONEY
    )
    counterpart = MoneyField(label="Vốn đối ứng (đồng)", required=False, max_value=MOST_MONEY)

    class Meta:
        model = SupportItem
        fields = [
            "giver", "kind", "what", "quantity", "measure", "unit_value", "months",
            "stated_value", "is_in_kind", "is_estimate", "is_conditional", "is_one_off",
            "total_cost", "counterpart", "assignment", "document", "clause", "note",
        ]  # fmt: skip

    def __init__(self, data=None, *, program, user, item=None, initial=None):
        super().__init__(data, instance=item or SupportItem(program=program), initial=initial)
        item, fields = self.instance, self.fields
        units = givers(program, user, item.giver if item.giver_id else None)
        fields["giver"].queryset = Branch.objects.directory(with_closed=True).filter(
            pk__in=[unit.pk for unit in units]
        )
        fields["giver"].choices = [(unit.pk, unit.choice_label) for unit in units]
        fields["kind"].queryset = ItemKind.objects.filter(is_active=True) | ItemKind.objects.filter(
            pk=item.kind_id
        )
        hers = Assignment.objects.visible_to(user).of(program)
        fields["assignment"].queryset = (
            hers.active() | hers.filter(pk=item.assignment_id)
        ).with_units()
        fields["assignment"].empty_label = "Không theo phân công nào"
        fields["document"].queryset = papers_to_choose(program, user, item.document)
        fields["document"].empty_label = "Chưa ghi"

    def part(self, *names):
        return [self[name] for name in names]

    def counts(self):
        return self.part("quantity", "measure", "unit_value", "months")

    def money(self):
        return self.part("stated_value", "total_cost", "counterpart")

    def marks(self):
        return self.part("is_in_kind", "is_estimate", "is_conditional", "is_one_off")

    def origin(self):
        return self.part("document", "clause", "note")

    def wanted(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ItemChangeForm(ItemForm):
    reason = forms.CharField(
        label="Lý do sửa",
        required=False,
        max_length=300,
        help_text="Lý do được ghi vào Lịch sử, nhất là khi đổi trị giá hoặc nơi nhận.",
    )


class ItemPage:
    """The form of an item and its places, on one page."""

    def __init__(self, data=None, *, program, user, item=None, initial=None):
        kind = ItemChangeForm if item else ItemForm
        standing = self.first_places(item, initial)
        self.form = kind(data, program=program, user=user, item=item, initial=initial)
        self.places = PlacesForm(
            data, program=program, standing=standing, is_one_off=bool(data and "is_one_off" in data)
        )
        self.program, self.asks_again = program, bool(data and "more" in data)

    def first_places(self, item, initial):
        if item:
            return list(item.places.select_related("level", "parent"))
        initial = initial or {}
        assignment = initial.get("assignment")
        return [assignment.supported] if assignment else initial.get("places", [])

    def is_valid(self):
        """Both are read in any case, so that all that is wrong is said at once."""
        found = [self.places.is_valid(), self.form.is_valid()]
        return all(found) and not self.asks_again

    def wanted(self):
        return self.form.wanted() | {"places": self.places.cleaned_data["chosen"]}

    def settle(self):
        """Before the page is shown again: the unit that was just named gets its tick."""
        if self.places.is_bound and self.places.is_valid():
            chosen = self.places.cleaned_data["chosen"]
            self.places = PlacesForm(program=self.program, standing=chosen)
        return self


def givers(program, user, standing=None):
    """Units of the programme in whose name she may give; one that gives already stays."""
    own = [position.branch for position in user.standing]
    units = [*plan_units(program.owner), *filter(program.contains, own)]
    may = [unit for unit in dict.fromkeys(units) if gives(user, program, unit)]
    return may if standing is None or standing in may else [*may, standing]


def gives(user, program, unit):
    return user.has_perm("programs.change_item", SupportItem(program=program, giver=unit))


class ItemEndForm(ReasonForm):
    ended_on = DayField(label="Thôi thực hiện từ ngày")
    field_order = ["ended_on", "reason"]


class ItemFilterForm(forms.Form):
    """What narrows the list, all of it in the address; what cannot be read is left out."""

    kind = forms.ModelChoiceField(
        label="Loại hỗ trợ",
        queryset=None,
        required=False,
        to_field_name="code",
        empty_label="Tất cả",
    )
    state = forms.ChoiceField(
        label="Tình trạng",
        required=False,
        choices=[
            ("", "Tất cả"),
            ("standing", "Sẽ thực hiện"),
            ("conditional", "Chỉ khi có nguồn lực"),
            ("unvalued", "Chưa định giá"),
            ("ended", "Thôi thực hiện"),
        ],
    )

    def __init__(self, data, *, program):
        super().__init__(data)
        self.fields["kind"].queryset = ItemKind.objects.filter(items__program=program).distinct()
        self.is_valid()

    @property
    def is_narrow(self):
        return any(self.cleaned_data.values())

    def apply(self, items):
        if self.cleaned_data.get("kind"):
            items = items.filter(kind=self.cleaned_data["kind"])
        return items.in_state(self.cleaned_data.get("state"))


# --- Hand-overs ---------------------------------------------------------------------------------


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files of one field, as the browser sent them; [] for none."""

    widget = ManyFilesInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) else filter(None, [data])
        cleaned = [super(ManyFilesField, self).clean(file, initial) for file in files]
        if self.required and not cleaned:
            raise ValidationError(self.error_messages["required"], code="required")
        return cleaned


PHOTOS = ManyFilesInput(attrs={"accept": "image/jpeg,image/png,image/webp"})
PAPERS = ManyFilesInput(attrs={"accept": "application/pdf,image/jpeg,image/png,image/webp"})


class DeliveryForm(forms.Form):
    """Asks for one of the item's places or, of an item without one, for a partner."""

    place = forms.TypedChoiceField(label="Nơi nhận", empty_value=None)
    partner = forms.TypedChoiceField(
        label="Đối tác nhận (ngoài Hội)",
        empty_value=None,
        help_text="Đồn biên phòng, trường học, cơ quan… không có tài khoản; biên bản có chữ ký "
        "thay lời xác nhận.",
    )
    given_on = DayField(label="Ngày trao")
    quantity = DecimalNumberField(label="Số lượng", **Quantity)
    value = MoneyField(
        label="Trị giá (đồng)",
        required=False,
        max_value=MOST_MONEY,
        help_text="Chưa định giá thì để trống, không ghi 0.",
    )
    people = WholeNumberField(
        label="Số lượt người nhận",
        required=False,
        max_value=10_000_000,
        help_text="Nhận nhiều lần thì mỗi lần là một lượt. Người có hồ sơ, chị chọn thêm ở trang "
        "lần trao, để mỗi người chỉ tính một lần.",
    )
    note = forms.CharField(
        label="Ghi chú", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = ManyFilesField(
        label="Ảnh trao tặng",
        required=False,
        widget=PHOTOS,
        help_text="JPEG, PNG hoặc WebP, mỗi ảnh không quá 10 MB. Phần mềm tự xóa nơi chụp và "
        "thông tin máy ảnh. Không chụp rõ mặt trẻ em khi chưa được đồng ý.",
    )
    shows_people = forms.BooleanField(
        label="Trong ảnh thấy rõ người có hồ sơ được giúp",
        required=False,
        help_text="Chị chọn là ai ở dưới. Không mở được hồ sơ người ấy thì chị không gửi ảnh ấy.",
    )
    shown = forms.MultipleChoiceField(
        label="Ai trong ảnh",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text="Chỉ gửi được khi từng người đã đồng ý cho chụp và lưu ảnh. Người ấy rút lại thì "
        "ảnh không hiện nữa.",
    )
    minutes = ManyFilesField(
        label="Biên bản có chữ ký",
        required=False,
        widget=PAPERS,
        help_text="PDF hoặc ảnh chụp, không quá 10 MB. Có biên bản thì lần trao được ghi là “xác "
        "nhận bằng biên bản”.",
    )

    def __init__(self, data=None, files=None, *, item, user, initial=None):
        super().__init__(data, files, initial=initial)
        places = list(item.places.select_related("level", "parent"))
        self.records = records_to_show(item, user, places)
        self.fields["shown"].choices = [
            (str(pk), f"{record.code} · {record.get_kind_display()}")
            for pk, record in self.records.items()
        ]
        if not places:
            del self.fields["place"]
            partners = partners_to_choose(item, user)
            choose(self.fields["partner"], partners, "– chọn đối tác nhận –")
            return
        del self.fields["partner"]
        choose(self.fields["place"], places_below(places), "– chọn nơi nhận –")
        if len(places) == 1:
            self.initial.setdefault("place", places[0].pk)

    def clean_given_on(self):
        day = self.cleaned_data["given_on"]
        if day > localdate():
            raise ValidationError("Ngày trao chưa đến; chị ghi khi đã trao.")
        return day

    def clean(self):
        data = super().clean()
        shown = data.get("shown", [])
        if data.pop("shows_people", False) and not shown:
            self.add_error("shown", "Chị chọn giúp ai trong ảnh.")
        if shown and not data.get("photos"):
            self.add_error("photos", "Chị chọn ảnh, hoặc bỏ chọn người trong ảnh.")
        return data | {"shown": [self.records[int(pk)] for pk in shown]}


def records_to_show(item, user, places):
    """id → record of those whom she may see and who may be in a photo taken at these places."""
    hers = Beneficiary.objects.visible_to(user).of(item.program).standing().agreed()
    near = Beneficiary.objects.none()
    for place in places:
        near |= hers.in_reach_of(place)
    return {record.pk: record for record in near.order_by("code")[:MOST_PLACES]}


def places_below(places):
    """An item's places, and the open units directly below each: where it may be handed over."""
    below = Branch.objects.directory().filter(parent__in=places)[:MOST_PLACES]
    units = []
    for place in places:
        place.choice = place.choice_label
        units += [place, *(unit for unit in below if unit.parent_id == place.pk)]
    for unit in units:
        if unit not in places:
            unit.choice = f"\u2003{unit.choice_label}"
    return units


class MinutesForm(forms.Form):
    minutes = ManyFilesField(
        label="Biên bản có chữ ký",
        widget=PAPERS,
        help_text="PDF hoặc ảnh chụp, mỗi tệp không quá 10 MB.",
        error_messages={"required": "Chị chọn tệp biên bản."},
    )
