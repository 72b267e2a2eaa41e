"""Two people at one form: the second sees what the first has saved beside what she typed, and
may then save on top of it deliberately, with the version that she has now seen.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from hoiphunu.history import history_rows

BLANK = "để trống"
TOGETHER = timedelta(seconds=5)  # a row and the lists beside it are saved in one go
NOT_SAVED = ("reason",)  # typed for the history only


@dataclass(frozen=True)
class Conflict:
    """`version`: the one that she sees now; `changes`: what others saved since hers, newest first,
    as `history_rows`; `differences`: (label, what is saved, what she typed)."""

    version: int
    changes: list
    differences: list

    @property
    def last(self):
        return self.changes[0] if self.changes else None


def conflict_with(saved, form, fresh, *, seen, also=(), version=None):
    """What stands between her bound and valid `form` and the row `saved`, just read again among
    those that she may see; `fresh` is the same form of it, unbound.

    `also`: further (label, saved, typed) in words, of what the form does not hold as a field;
    `version`: that of the row, where it has it under another name.
    None where nothing differs: the same answer sent twice.
    """
    fields = [
        (fresh[name].label, *(words_of(fresh[name].field, value) for value in pair))
        for name, pair in pairs_of(form, fresh).items()
    ]
    differences = [row for row in (*fields, *also) if row[1] != row[2]]
    if not differences:
        return None
    version = saved.version if version is None else version
    return Conflict(version, changes_since(saved, version - seen), differences)


def pairs_of(form, fresh):
    """Field → (what is saved, what she typed), of what both hold and a person sees."""
    return {
        name: (fresh.get_initial_for_field(field, name), form.cleaned_data.get(name))
        for name, field in fresh.fields.items()
        if name not in NOT_SAVED and not field.widget.is_hidden
    }


def changes_since(saved, count):
    """The latest saves of the row, `count` of them, at least the last one."""
    found, saves, last = [], 0, None
    for row in history_rows(saved):
        is_same = last and row["by"] == last["by"] and last["at"] - row["at"] < TOGETHER
        saves += not is_same
        if saves > max(count, 1):
            break
        found.append(row)
        last = row
    return found


def words_of(field, value):
    """A field's value as a person reads it, whether it comes from a row or from a form."""
    if hasattr(field, "choices"):
        several = value if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
        labels = {str(key): str(label) for key, label in field.choices}
        keys = [getattr(one, "pk", one) for one in several]
        said = [labels.get(str(key), str(one)) for key, one in zip(keys, several, strict=True)]
        return "; ".join(sorted(said)) if any(key not in (None, "") for key in keys) else BLANK
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    text = "" if value is None else str(field.prepare_value(value))
    return "\n".join(text.split("\r\n")).strip() or BLANK
