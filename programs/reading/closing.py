"""The foot of a paper: who receives it, who signed."""

import re

from programs.reading.facts import Recipient, Signature
from programs.reading.letters import compiled
from programs.reading.outline import BULLET, PLUS

LONGEST = 120  # characters of a line that may be a name, a role, an authority
RECIPIENTS = compiled(r"^\W*Nơi nhận\b", re.I)
AUTHORITY = compiled(r"^(?:TM|T/M|TL|T/L|TUQ)\b\.?\s*[[:upper:]]")
DEPUTY = compiled(r"^K/?T\b\.?\s*[[:upper:]]")
ROLE = compiled(r"^(?:Q\.\s*)?(?:[[:upper:]]{2,}\s?){1,6}$")
SEALED = re.compile(r"^\(?đã ký\)?$", re.I)
NAME = compiled(r"^(?:[[:upper:]][[:lower:]'’]*\s?){2,6}$")
TITLE_BELOW = compiled(r"^(?:Phó |Ủy viên |Nguyên )?(?:Chủ tịch|Giám đốc|Trưởng|Chánh|Bí thư)\b.+$")


def is_foot(line):
    return bool(RECIPIENTS.match(line.printed) or AUTHORITY.match(line.printed))


def is_signed(line):
    """For whom, as what or who: the short lines of a signing."""
    text = line.printed.strip()
    patterns = (AUTHORITY, DEPUTY, ROLE, NAME, SEALED)
    return len(text) <= LONGEST and any(pattern.match(text) for pattern in patterns)


def read_closing(lines):
    """(facts, index of the first line of the foot)."""
    start = next((i for i, line in enumerate(lines) if RECIPIENTS.match(line.printed)), None)
    signed = next((i for i, line in enumerate(lines) if AUTHORITY.match(line.printed)), None)
    facts = _recipients(lines[start + 1 :]) if start is not None else []
    facts += _signatures(lines[signed:]) if signed is not None else _author(lines)
    ends = [index for index in (start, signed) if index is not None]
    return facts, min(ends, default=len(lines))


def _recipients(lines):
    found = []
    for line in lines:
        if line.level not in (BULLET, PLUS):
            break
        found.append(Recipient(line.source(), line.text.strip(" ;.,")))
    return found


def _signatures(lines):
    """One for each authority, with the name below it where it is printed in letters."""
    found = []
    for line in lines:
        text = line.printed.strip()
        if len(text) > LONGEST:
            continue
        if AUTHORITY.match(text):
            found.append([line, "", "", ""])
        elif found and not found[-1][3]:
            _take(found[-1], text)
    return [_signature(*parts) for parts in found]


def _take(parts, text):
    """The next line below an authority: for whom, as what, who."""
    if DEPUTY.match(text):
        parts[1] = text
    elif NAME.match(text):
        parts[3] = text
    elif ROLE.match(text):
        parts[2] = text


def _signature(authority, deputy, role, name):
    """Its source are the lines above the name: whose it is stays in the paper."""
    words = "\n".join(filter(None, [authority.printed, deputy, role]))
    return Signature(authority.source(words), name, role, authority.printed, deputy)


def _author(lines):
    """An article's name with the office below it."""
    for above, below in zip(lines[-8:], lines[-7:], strict=False):
        is_short = len(above.printed) <= LONGEST
        if is_short and NAME.match(above.printed.strip()) and TITLE_BELOW.match(below.printed):
            source = above.source(f"{above.printed} {below.printed}")
            return [Signature(source, above.printed.strip(), below.printed.strip())]
    return []
