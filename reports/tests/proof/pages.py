"""The forms of a page, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

BUTTONS = {"submit", "button", "image", "reset"}
TEXTS = {"text", "search", "email", "tel", "url", "password", "number", "date", "time"}


@dataclass
class Field:
    """`value` is a list; `options` are what a select, radios or checkboxes offer."""

    name: str
    type: str
    value: list = field(default_factory=list)
    options: list = field(default_factory=list)
    is_required: bool = False
    is_multiple: bool = False

    @property
    def is_choice(self):
        return self.type in ("select", "radio", "checkbox", "hidden")


@dataclass
class Form:
    action: str
    method: str
    fields: dict = field(default_factory=dict)
    buttons: list = field(default_factory=list)

    def sent(self):
        """name → list of values, as they stand on the page."""
        return {f.name: list(f.value) for f in self.fields.values() if f.value}


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.by_id, self.strays = [], {}, []
        self.form = self.select = self.area = self.option = None

    def handle_starttag(self, tag, pairs):
        attributes = {name: value or "" for name, value in pairs}
        handler = getattr(self, f"start_{tag}", None)
        if handler:
            handler(attributes)

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.end_select()
        elif tag == "textarea" and self.area:
            self.area.value = [self.area.value[0].removeprefix("\n")]
            self.area = None

    def handle_data(self, data):
        if self.area:
            self.area.value = [self.area.value[0] + data]

    def start_form(self, a):
        self.form = Form(a.get("action", ""), a.get("method", "get").lower())
        self.forms.append(self.form)
        if "id" in a:
            self.by_id[a["id"]] = self.form

    def place(self, a, add):
        """Put a control into its form: the one around it, or the one that it names."""
        if "form" in a:
            self.strays.append((a["form"], add))
        elif self.form is not None:
            add(self.form)

    def start_input(self, a):
        kind, name = a.get("type", "text").lower(), a.get("name", "")
        if "disabled" in a:
            return
        if kind in BUTTONS:
            self.start_button(a)
        elif name:
            self.place(a, lambda form: add_input(form, name, kind, a))

    def start_button(self, a):
        if a.get("type", "submit") == "submit":
            self.place(a, lambda form: form.buttons.append((a.get("name", ""), a.get("value", ""))))

    def start_select(self, a):
        if a.get("name") and "disabled" not in a:
            made = Field(
                a["name"], "select", is_required="required" in a, is_multiple="multiple" in a
            )
            self.select = made
            self.place(a, lambda form: form.fields.setdefault(made.name, made))

    def start_option(self, a):
        if self.select is not None:
            self.select.options.append(a.get("value", ""))
            if "selected" in a:
                self.select.value.append(a.get("value", ""))

    def end_select(self):
        made, self.select = self.select, None
        if made and not made.value and made.options and not made.is_multiple:
            made.value = made.options[:1]

    def start_textarea(self, a):
        if a.get("name"):
            made = self.area = Field(a["name"], "textarea", [""], is_required="required" in a)
            self.place(a, lambda form: form.fields.setdefault(made.name, made))


def add_input(form, name, kind, a):
    value = a.get("value", "on" if kind in ("checkbox", "radio") else "")
    made = form.fields.setdefault(name, Field(name, kind, is_required="required" in a))
    if kind in ("checkbox", "radio"):
        made.options.append(value)
        made.is_multiple = kind == "checkbox" and len(made.options) > 1
        if "checked" in a:
            made.value.append(value)
    elif kind != "file":
        made.value.append(value)


def forms_of(html):
    """The forms of a page, in order."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    for form_id, add in reader.strays:
        if form_id in reader.by_id:
            add(reader.by_id[form_id])
    return reader.forms
