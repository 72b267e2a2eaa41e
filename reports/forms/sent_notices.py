"""What a person may type into a notice to units below."""

from django import forms

from branches.models import Branch, Level
from programs.forms.shared import choose_levels
from reports.models import Notice

from .proposals import NO_NAMES
from .reports import WordsField

ACCEPT = "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx"


class NoticeForm(forms.Form):
    """`branch`: the unit that sends; offered are the levels that stand below it, and the units
    directly below."""

    title = forms.CharField(
        label="Tiêu đề",
        max_length=Notice._meta.get_field("title").max_length,
        error_messages={"required": "Chị ghi tiêu đề."},
    )
    body = WordsField(
        label="Nội dung",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=NO_NAMES,
        error_messages={"required": "Chị ghi nội dung."},
    )
    file = forms.FileField(
        label="Tệp kèm",
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text="Ảnh, PDF, Word (.docx) hoặc Excel (.xlsx), không quá 10 MB.",
    )
    drop_file = forms.BooleanField(label="Bỏ tệp đang kèm", required=False)
    levels = forms.TypedMultipleChoiceField(
        label="Gửi mọi đơn vị bên dưới thuộc cấp",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    units = forms.TypedMultipleChoiceField(
        label="Gửi riêng đơn vị trực thuộc",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args, notice, user, **kwargs):
        first = {"title": notice.title, "body": notice.body}
        if notice.pk:
            first["levels"] = list(notice.levels.values_list("pk", flat=True))
            first["units"] = list(notice.units.values_list("pk", flat=True))
        super().__init__(*args, initial=first, **kwargs)
        below = Branch.objects.visible_to(user).below(notice.branch).filter(closed_on=None)
        standing = Level.objects.filter(pk__in=below.order_by().values("level").distinct())
        choose_levels(self.fields["levels"], standing.filter(is_unplaced=False))
        direct = below.filter(parent=notice.branch, level__is_unplaced=False)
        known = {
            str(unit.pk): unit
            for unit in direct.select_related("level").order_by("level__rank", "sort_key", "pk")
        }
        self.fields["units"].choices = [(pk, unit.full_name) for pk, unit in known.items()]
        self.fields["units"].coerce = known.__getitem__
        if not notice.file_id:
            del self.fields["drop_file"]
