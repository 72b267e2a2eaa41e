"""Verbs on a paper that was given to be read: ask, read, keep what she ticked."""

from django.db import transaction

from branches.services import store_file
from programs.models import PlanReading
from programs.proposals import UNIT_FIELDS, proposals_of
from programs.queries.named_units import NamedUnits
from programs.reading import ReadingError, propose, read_apart, read_document

from .shared import ProgramError, take_version

State = PlanReading.State
AGAIN = "Không đọc được văn bản này. Chị dán phần chữ vào ô rồi thử lại; chưa ghi gì cả."
NOTHING = "Không thấy mục nào của một kế hoạch trong văn bản này. Chị xem lại tệp hoặc phần chữ."
TAKEN = "Văn bản này đã tạo thành chương trình rồi."
NOT_READ = "Văn bản chưa đọc xong."


@transaction.atomic
def ask_reading(*, branch, by, content=None, name="", content_type="", text=""):
    """Keep the paper, a file or pasted words, and the row that says it is to be read."""
    stored = None
    if content is not None:
        stored = store_file(
            content=content, name=name, content_type=content_type, branch=branch, by=by
        )
    return PlanReading.objects.create(branch=branch, asked_by=by, file=stored, text=text)


def read_paper(reading):
    """Turn the paper into proposals; one that cannot be read fails with its sentence."""
    try:
        document = document_of(reading)
        rows, unknown = proposals_of(propose(document), reading.branch.level.code)
        match_units(rows, reading.branch)
        keep_proposals(reading, rows, unknown)
    except ReadingError as error:
        reading.finish(State.FAILED, str(error))
    except Exception:
        reading.finish(State.FAILED, AGAIN)
        raise  # for the log: the person has her sentence, the developer the reason


def keep_proposals(reading, rows, unknown):
    reading.proposals, reading.unknown = rows, unknown
    reading.state, reading.message = State.READY, "" if rows else NOTHING
    reading.save(update_fields=["proposals", "unknown", "state", "message"])


def document_of(reading):
    """A file is read in a child process; words were already words."""
    if reading.file:
        return read_apart(reading.file.file.path, reading.file.name)
    return read_document(reading.text)


def match_units(rows, owner):
    """Give each row that names a unit its candidates, and the only one where there is one."""
    finders = finders_of(owner)
    for row in rows:
        row["units"] = {}
        for field, words in UNIT_FIELDS.get(row["kind"], {}).items():
            found, chosen = finders[row["kind"]].find(row["fields"][words])
            row["units"][field] = {"words": row["fields"][words], "candidates": found}
            row["fields"][field] = chosen


def finders_of(owner):
    """Places may lie anywhere; a quota binds units of the owner's own tree."""
    return {"unit": NamedUnits(), "quota": NamedUnits(owner)}


@transaction.atomic
def keep_choices(*, reading, seen_version, choices, by):
    """Keep what she ticked and typed so far, as typed; look again for units she renamed.

    `choices`: {"basics": {field: text}, "rows": {proposal id: {field: text}}}.
    """
    refuse_taken(reading)
    reading = take_version(reading, seen_version)
    reading.choices = choices | {"units": find_again(reading, choices["rows"])}
    reading.save(update_fields=["choices"])
    return reading


def find_again(reading, typed):
    """Proposal id → field → candidates, where the words are not those that were looked up."""
    known, finders = reading.choices.get("units", {}), finders_of(reading.branch)
    for row in reading.proposals:
        for field, words in UNIT_FIELDS.get(row["kind"], {}).items():
            now = typed.get(row["id"], {}).get(words, row["fields"][words])
            last = known.get(row["id"], {}).get(field) or row["units"][field]
            if now != last["words"]:
                found, chosen = finders[row["kind"]].find(now)
                known.setdefault(row["id"], {})[field] = {"words": now, "candidates": found}
                typed.setdefault(row["id"], {})[field] = chosen
    return known


def shown_proposals(reading):
    """The proposals, with the candidates that were found for the words as she has put them."""
    again = reading.choices.get("units", {})
    return [
        row | {"units": row["units"] | again[row["id"]]} if row["id"] in again else row
        for row in reading.proposals
    ]


def refuse_taken(reading):
    if reading.program_id:
        raise ProgramError(TAKEN)
    if reading.state != State.READY:
        raise ProgramError(NOT_READ)
