"""Numbers in a text that are bound to its table: "kết nạp [Hội viên kết nạp mới] hội viên".

A name in square brackets stands for the figure of that line, so the text cannot say another. Read
only; nothing here asks the database.
"""

import re
from dataclasses import dataclass, field

from hoiphunu.text import fold

BRACKETS = re.compile(r"\[([^\[\]\n]{1,200})\]")
TO_DATE = "lũy kế "


@dataclass(frozen=True)
class Names:
    """What may stand in brackets. `figures`: folded name → the figure in words, "" for none;
    `tokens`: line's code → (of the period, to date) as they are to be written."""

    figures: dict = field(default_factory=dict)
    twins: set = field(default_factory=set)
    tokens: dict = field(default_factory=dict)


def names_of(lines):
    """`lines`: those of a summary's table (`rollup.Line`). A name that two lines bear is none; the
    line's code always is one."""
    found = Names()
    bearers = {}
    for line in lines:
        bearers.setdefault(fold(line.name), []).append(line)
    for line in lines:
        is_alone = len(bearers[fold(line.name)]) == 1 and not set("[]\n") & set(line.name)
        known_as = [line.code, line.name] if is_alone else [line.code]
        for name in known_as:
            found.figures.setdefault(fold(TO_DATE + name), figure_words(line, line.to_date.whole))
        for name in known_as:  # an indicator may be called "lũy kế …" itself
            found.figures[fold(name)] = figure_words(line, line.period.whole)
        if not is_alone:
            found.twins.add(fold(line.name))
        found.tokens[line.code] = (f"[{known_as[-1]}]", f"[{TO_DATE}{known_as[-1]}]")
    return found


def figure_words(line, amount):
    """The figure as a sentence says it: "1.234", "72,6%"; "" where there is none."""
    return "" if amount.value is None else amount.words(line)


def bind(text, names):
    """(the text with figures in place of names, [sentences about names that say nothing])"""
    said, problems = [], []
    end = 0
    for found in BRACKETS.finditer(text):
        words, problem = figure_for(found[1], names)
        said += [text[end : found.start()], found[0] if words is None else words]
        problems += [problem] if problem else []
        end = found.end()
    return "".join([*said, text[end:]]), problems


def figure_for(name, names):
    """(what to write in its place or None, what to tell the editor or "")"""
    key = fold(name)
    if key in names.twins and key not in names.figures:
        return None, f"Có hai dòng cùng tên “{name}”; chị bấm nút chèn số ở đúng dòng cần lấy."
    if key not in names.figures:
        return None, f"Không có chỉ tiêu nào tên “{name}” trong bảng; chị xem lại chữ trong ngoặc."
    if not names.figures[key]:
        return "…", f"Chỉ tiêu “{name}” chưa có số nên chỗ ấy để “…”."
    return names.figures[key], ""
