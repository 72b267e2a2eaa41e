"""How a person wants to be reminded, and what she writes down of a call."""

from django import forms

from reports.models import Contact, Notification
from reports.notifications import MAILED

Kind = Notification.Kind
Mail = Notification.Mail

# What she may choose about. Of what only the software has to say she cannot choose.
CHOSEN = [kind for kind in Kind if kind != Kind.SYSTEM]
NEVER_OFF_THE_BELL = {
    Kind.AFTER: "Quá hạn thì luôn hiện dưới chuông, để báo cáo của đơn vị không bị bỏ quên; "
    "chị chỉ tắt được thư.",
}
# The letters of the day are made of these: one at once would tell the same in the same minute.
ONLY_DAILY = Notification.REMINDERS


class WishForm(forms.Form):
    """A box and a choice for each kind of thing that she is told."""

    def __init__(self, *args, wishes, **kwargs):
        super().__init__(*args, **kwargs)
        self.kinds = CHOSEN
        for kind in CHOSEN:
            on_bell, mail = wishes.get(kind, (True, MAILED[kind]))
            self.fields[f"bell_{kind}"] = forms.BooleanField(
                label=f"{kind.label}: hiện dưới chuông",
                required=False,
                initial=on_bell,
                disabled=kind in NEVER_OFF_THE_BELL,
            )
            choices = [c for c in Mail.choices if kind not in ONLY_DAILY or c[0] != Mail.AT_ONCE]
            self.fields[f"mail_{kind}"] = forms.ChoiceField(
                label=f"{kind.label}: thư", choices=choices, initial=mail
            )

    @property
    def rows(self):
        """(kind, box, choice, why the box is shut) for the table of the page."""
        return [
            (kind, self[f"bell_{kind}"], self[f"mail_{kind}"], NEVER_OFF_THE_BELL.get(kind, ""))
            for kind in self.kinds
        ]

    @property
    def wishes(self):
        """Kind → (under the bell?, letter), as `save_wishes` takes it."""
        data = self.cleaned_data
        return {kind: (data[f"bell_{kind}"], data[f"mail_{kind}"]) for kind in self.kinds}


class ContactForm(forms.Form):
    """A call or a message: whether to the unit or to the group below it is the button's word."""

    channel = forms.ChoiceField(label="Cách nhắc", choices=Contact.Channel.choices)
    note = forms.CharField(
        label="Ghi chú",
        max_length=300,
        required=False,
        help_text="Ví dụ: chị Hoa hẹn nộp chiều mai. Không ghi chuyện riêng của ai.",
    )
