"""Texts that more people read than the register of people helped, and who is named in them.

A note of an item is read by all who see the item; the record of a child by her own officers. What
is asked here is whether the one names the other: the full name, marks left out. A name of one word
is looked for nowhere, for it would be found everywhere.
"""

from dataclasses import dataclass
from functools import lru_cache

from hoiphunu.text import fold, key_words
from programs.models import (
    Assignment,
    Beneficiary,
    Condition,
    Contribution,
    Delivery,
    Entry,
    SupportItem,
)

# Which fields of which rows, and what leads from a row to its programme.
OPEN_TEXTS = {
    SupportItem: ("what", "note", "end_reason"),
    Delivery: ("note", "answer"),
    Assignment: ("content", "reason_words", "note", "end_reason"),
    Condition: ("note",),
    Contribution: ("what", "note"),
    Entry: ("reason",),
}
BELONGS_TO = {Delivery: "item", Condition: "assignment", Entry: "contribution"}


@dataclass(frozen=True)
class Named:
    """A field of a row in which somebody's name stands."""

    row: object
    label: str

    @property
    def whole(self):
        """The row that has a page: itself, or what it belongs to."""
        if hasattr(self.row, "get_absolute_url"):
            return self.row
        return getattr(self.row, BELONGS_TO[type(self.row)])

    def get_absolute_url(self):
        return self.whole.get_absolute_url()

    def __str__(self):
        return f"{self.label}, {self.row._meta.verbose_name}: {self.whole}"


def words_of(text):
    return f" {key_words(fold(text))} "


def is_named(full_name, text):
    name = words_of(full_name)
    return is_a_name(name) and name in words_of(text)


def is_a_name(words):
    return len(words.split()) > 1


def program_of(row):
    owner = BELONGS_TO.get(type(row))
    return (getattr(row, owner) if owner else row).program


def changed_texts(row):
    """{label: text} of the open texts that this row is about to say anew."""
    names, before = OPEN_TEXTS[type(row)], {}
    if row.pk:
        before = type(row)._base_manager.filter(pk=row.pk).values(*names).first() or {}
    return {
        str(row._meta.get_field(name).verbose_name): getattr(row, name)
        for name in names
        if getattr(row, name) and getattr(row, name) != before.get(name, "")
    }


def guarded_names(program, user):
    """[(name as it is looked for, record)] of the guarded people of a programme.

    Only of those whose record this writer may see herself: a refusal by one that she may not see
    would tell her that such a person is helped.
    """
    if user is None:
        return []
    guarded = Beneficiary.objects.visible_to(user).of(program).standing().guarded()
    names = ((words_of(record.full_name), record) for record in guarded)
    return [(words, record) for words, record in names if is_a_name(words)]


def first_named(texts, names):
    """(label, record) of the first of `names` that one of the texts says, or None."""
    for label, text in texts.items():
        said = words_of(text)
        for words, record in names:
            if words in said:
                return label, record
    return None


def who_may_be_named(texts, rows):
    """[(name as it is looked for, row)] of those `rows` (full name, …) each word of whose name
    stands somewhere in the texts: few, for which `first_named` is then asked. Reads 100,000 in a
    moment, for a word, unlike a name, is spelt out once."""
    said = {word for text in texts.values() for word in words_of(text).split()}
    found = []
    for row in rows:
        name = row[0]
        # The given name stands last, and differs more than the family's.
        if all(part in said for word in reversed(name.split()) for part in parts_of(word)):
            found.append((words_of(name), row))
    return [(words, row) for words, row in found if is_a_name(words)]


@lru_cache(maxsize=4096)
def parts_of(word):
    return tuple(key_words(fold(word)).split())


def texts_naming(beneficiary, user):
    """(the open texts of her programme in which she is named and that this user may read, how many
    more there are). For her who looks after the record, and already knows the name."""
    shown, hidden = [], 0
    if not is_a_name(words_of(beneficiary.full_name)):
        return shown, hidden
    for model, names in OPEN_TEXTS.items():
        found = [
            Named(row, str(model._meta.get_field(name).verbose_name))
            for row in rows_of(model, beneficiary.program)
            for name in names
            if is_named(beneficiary.full_name, getattr(row, name))
        ]
        hers = model.objects.visible_to(user).filter(pk__in=[named.row.pk for named in found])
        seen = set(hers.values_list("pk", flat=True)) if found else set()
        shown += [named for named in found if named.row.pk in seen]
        hidden += sum(named.row.pk not in seen for named in found)
    return shown, hidden


def rows_of(model, program):
    owner = BELONGS_TO.get(model)
    rows = model._base_manager.filter(**{f"{owner}__program" if owner else "program": program})
    return rows.select_related(owner) if owner else rows
