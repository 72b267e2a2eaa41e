"""What the editor of a summary types: the paragraphs of one heading, and words of her own."""

from django import forms

from hoiphunu.text import clean_lines
from reports.services.life import merge

from .reports import WordsField


class ParagraphsForm(forms.Form):
    """The paragraphs of a page: their words, and whether each is kept.

    Beside each the page sends along what is saved there (`initial-…`), as the sheet of a report
    does. Emptying the box drops the paragraph and loses nothing.
    """

    new = WordsField(
        label="Thêm lời của chị",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Đoạn mới đứng cuối mục này.",
    )

    def __init__(self, *args, paragraphs, **kwargs):
        super().__init__(*args, **kwargs)
        self.paragraphs = paragraphs
        self.saved = {}  # key as in `typed` → what somebody else has saved there
        for row in paragraphs:
            box = forms.Textarea(attrs={"rows": max(2, min(6, len(row.text) // 60 + 1))})
            self.fields[f"text-{row.pk}"] = WordsField(
                label=f"Lời của {row.unit}", initial=row.text, required=False, widget=box
            )
            self.fields[f"keep-{row.pk}"] = forms.BooleanField(
                label="Giữ đoạn này", initial=not row.is_dropped, required=False
            )

    @classmethod
    def again(cls, sent, paragraphs):
        """The page once more after what she sent was not all saved. Only boxes that she changed
        hold hers, beside what somebody else has saved there; any other holds what is saved now:
        the page counts as seen, so an old text left in it would be written over the new one."""
        form = cls(sent, paragraphs=paragraphs)
        form.is_valid()
        stored = {
            (field, row.pk): getattr(row, field)
            for row in paragraphs
            for field in ("text", "is_dropped")
        }
        merged = merge(stored, form.seen, form.typed)
        hers = {key: form.typed[key] for key in (*merged.written, *merged.disputed)}
        data = sent.copy()
        for (field, pk), value in (stored | hers).items():
            if field == "text":
                data[f"text-{pk}"] = value
            elif value:
                data.pop(f"keep-{pk}", None)
            else:
                data[f"keep-{pk}"] = "on"
        shown = cls(data, paragraphs=paragraphs)
        shown.saved = merged.disputed
        return shown

    @property
    def sent(self):
        """The paragraphs that were on the page that she sent."""
        return [row for row in self.paragraphs if f"text-{row.pk}" in self.data]

    @property
    def typed(self):
        """{("text", id): words, ("is_dropped", id): bool}"""
        found = {}
        for row in self.sent:
            words = self.cleaned_data[f"text-{row.pk}"]
            found["text", row.pk] = words or row.text
            found["is_dropped", row.pk] = not words or not self.cleaned_data[f"keep-{row.pk}"]
        return found

    @property
    def seen(self):
        """The same as it stood on her screen; what the page did not tell is left out."""
        found = {}
        for row in self.sent:
            words = self.data.get(f"initial-text-{row.pk}")
            kept = self.data.get(f"initial-keep-{row.pk}")
            if words is not None and kept is not None:
                found["text", row.pk] = clean_lines(words)
                found["is_dropped", row.pk] = kept != "yes"
        return found

    def rows(self):
        """The paragraphs as the page draws them."""
        return [
            {
                "paragraph": row,
                "text": self[f"text-{row.pk}"],
                "keep": self[f"keep-{row.pk}"],
                "saved_text": self.saved.get(("text", row.pk)),
                "saved_dropped": self.saved.get(("is_dropped", row.pk)),
            }
            for row in self.paragraphs
        ]
