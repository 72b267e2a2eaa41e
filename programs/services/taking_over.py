"""From ticked proposals to a draft programme: one transaction, every row with its clause."""

from collections import defaultdict

from django.db import transaction

from branches.models import Branch, Level
from hoiphunu.text import exact_fold
from programs.models import (
    Content,
    Duty,
    ItemKind,
    Milestone,
    Partner,
    PlanDocument,
    PlanReading,
    Program,
    StatedFigure,
    Target,
    TargetPart,
)
from programs.proposals import UNIT_FIELDS

from .programs import free_slug
from .quotas import add_line
from .readings import refuse_taken
from .shared import ProgramError, keep, set_levels, take_version
from .support import add_item

REASON = "tạo từ văn bản"
Role = PlanDocument.Role
OF_PAPER = ("title", "number", "place", "date", "issuer", "signing", "recipients")
# Kinds in the order in which they are written: a total before its parts, places before items.
WRITTEN = (
    "basis", "quota", "milestone", "content", "pairing", "unit", "item", "target", "figure",
    "duty", "partner",
)  # fmt: skip


class TakingError(ProgramError):
    """What is wrong, with a sentence for each proposal concerned (`by_id`)."""

    def __init__(self, sentence, by_id=None):
        super().__init__(sentence)
        self.by_id = by_id or {}


@transaction.atomic
def take_over(*, reading, seen_version, basics, rows, choices, by):
    """One draft programme of the ticked proposals, and of nothing else.

    `rows`: proposal id → its fields as read from the form, of the ticked ones only; `basics`:
    what she says of the programme herself (Program's fields, a level by its code); `choices`
    is kept with the reading. Raises TakingError, and then nothing was written.
    """
    reading = PlanReading.objects.select_for_update().get(pk=reading.pk)
    refuse_taken(reading)
    reading = take_version(reading, seen_version)
    ticked = [row for row in reading.proposals if row["id"] in rows]
    if not ticked:
        raise TakingError("Chị chưa chọn mục nào.")
    program = begin_program(reading, ticked, rows, basics, by)
    TakeOver(program, begin_document(reading, program, ticked, rows, by), by).write(ticked, rows)
    reading.choices, reading.program = (
        choices | {"units": reading.choices.get("units", {})},
        program,
    )
    reading.save(update_fields=["choices", "program"])
    return program


def begin_program(reading, ticked, rows, basics, by):
    """Of several periods ticked the programme spans all; what she typed herself goes first."""
    said = gather(ticked, rows)
    names = said["name"] or said["title"]
    name = basics.get("name") or (names[0] if names else "")
    starts_on = basics.get("starts_on") or min(said["starts_on"], default=None)
    ends_on = basics.get("ends_on") or max(said["ends_on"], default=None)
    if not name:
        raise TakingError("Chị chọn tên chương trình ở nhóm Văn bản, hoặc ghi tên vào ô đầu trang.")
    if not starts_on or not ends_on:
        raise TakingError("Chị chọn ở nhóm Thời gian, hoặc ghi ngày bắt đầu và ngày kết thúc.")
    program = Program(
        owner=reading.branch,
        name=name[:200],
        slug=free_slug(name),
        aim="\n".join(said["aim"]),
        contact="; ".join(said["contact"])[:200],
        supported_level=Level.objects.filter(code=basics.get("supported_level")).first(),
        reaches_out=bool(basics.get("reaches_out")),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    keep(program, by, REASON)
    return program


def begin_document(reading, program, ticked, rows, by):
    """The paper itself; what nobody ticked of it stays unknown."""
    said = gather(ticked, rows, OF_PAPER)
    document = PlanDocument(
        program=program,
        role=Role.PLAN,
        title=(said["title"] or [program.name])[0],
        number=(said["number"] or [""])[0],
        printed=(said["printed"] or [""])[0],
        issued_on=(said["issued_on"] or [None])[0],
        issuer=", ".join(said["issuer"])[:150],
        place=(said["place"] or [""])[0],
        signed_for="; ".join(said["signed_for"])[:200],
        signed_as="; ".join(said["signed_as"])[:200],
        recipients="\n".join(said["recipients"]),
        file=reading.file,
    )
    keep(document, by, REASON)
    return document


def gather(ticked, rows, kinds=(*OF_PAPER, "name", "aim", "lead", "period")):
    """field → what the ticked proposals of the paper itself say of it, in their order."""
    said = defaultdict(list)
    for row in ticked:
        for name, value in rows[row["id"]].items() if row["kind"] in kinds else ():
            if value:
                said[name].append(value)
    return said


class TakeOver:
    """Writes the rows of one programme; a sentence for each proposal that cannot be written."""

    def __init__(self, program, document, by):
        self.program, self.document, self.by = program, document, by
        self.levels = {level.code: level for level in Level.objects.all()}
        self.kinds = {kind.code: kind for kind in ItemKind.objects.all()}
        self.units, self.places = {}, defaultdict(set)
        self.figures, self.targets, self.contents = {}, {}, {}
        self.counts, self.errors = defaultdict(int), {}

    def write(self, ticked, rows):
        self.units = chosen_units(ticked, rows)
        wholes = {row.get("part_of") for row in ticked}
        ticked = sorted(ticked, key=lambda row: row["id"] not in wholes)  # stable
        for kind in WRITTEN:
            for row in ticked:
                if row["kind"] == kind:
                    self.write_one(row, dict(rows[row["id"]]))
        if self.errors:
            raise TakingError(f"Còn {len(self.errors)} mục cần sửa, chưa tạo gì.", self.errors)

    def write_one(self, row, fields):
        try:
            with transaction.atomic():
                getattr(self, f"write_{row['kind']}")(row, fields)
        except ProgramError as error:
            self.errors[row["id"]] = str(error)

    def keep(self, row, made):
        """Save it with the paper and the place in it; in its program where it has one."""
        made.program = self.program
        if hasattr(made, "clause"):
            made.document, made.clause = self.document, row["clause"]
        if hasattr(made, "position"):
            self.counts[type(made)] += 1
            made.position = self.counts[type(made)]
        keep(made, self.by, REASON)
        return made

    def write_basis(self, row, fields):
        role = Role.AMENDMENT if fields.pop("changes") else Role.BASIS
        self.keep(row, PlanDocument(role=role, **fields))

    def write_quota(self, row, fields):
        fields["level"] = self.levels.get(fields["level"])
        for name in ("branch", "place"):
            fields[name] = self.units.get(fields[name])
        del fields["place_words"]
        cited = {"document": self.document, "clause": row["clause"]}
        add_line(program=self.program, by=self.by, reason=REASON, **cited, **fields)

    def write_milestone(self, row, fields):
        self.keep_for_levels(row, Milestone, fields)

    def write_content(self, row, fields):
        number = fields["number"]
        above = self.contents.get(number.rpartition(".")[0]) if "." in number else None
        self.contents[number] = self.keep(row, Content(parent=above, **fields))

    def write_pairing(self, row, fields):
        """Who helps whom is assigned once the programme runs; until then its words are kept."""
        self.keep(row, Content(text=row["source"], **fields))

    def write_unit(self, row, fields):
        """Makes no row: it says which unit the items mean by this name."""
        unit = self.units.get(fields["branch"])
        if unit:
            self.places[exact_fold(fields["words"].partition(",")[0])].add(unit)

    def write_item(self, row, fields):
        names = [name.strip() for name in fields.pop("places").split(";") if name.strip()]
        named = {name: self.places.get(exact_fold(name), set()) for name in names}
        open_names = [name for name, units in named.items() if len(units) != 1]
        if open_names:
            left = f"Nơi nhận ghi trong văn bản: {', '.join(open_names)}"
            fields["note"] = "; ".join(filter(None, [fields["note"], left]))[:300]
        fields["kind"] = self.kinds[fields.pop("item_kind")]
        add_item(
            program=self.program,
            by=self.by,
            reason=REASON,
            giver=self.program.owner,
            places={unit for units in named.values() if len(units) == 1 for unit in units},
            document=self.document,
            clause=row["clause"],
            **fields,
        )

    def write_target(self, row, fields):
        """Rows with one number in one year are parts of one target."""
        number, year = fields.pop("number"), fields.pop("year")
        question = fields.pop("question")
        target = self.targets.get((number, year))
        if target is None:
            target = Target(branch=self.program.owner, number=number, year=year, text=row["source"])
            self.targets[number, year] = target
        elif row["source"] not in target.text:
            target.text = f"{target.text}\n{row['source']}"
        target.question = target.question or question
        if target.pk is None:
            self.keep(row, target)
        else:
            keep(target, self.by, REASON)
        part = TargetPart(target=target, position=target.parts.count() + 1, **fields)
        keep(part, self.by, REASON)
        levels = [self.levels[code] for code in row["fields"]["levels"]]
        set_levels(part, levels, self.by, REASON)

    def write_figure(self, row, fields):
        fields["part_of"] = self.figures.get(row.get("part_of"))
        fields["printed"] = row["fields"]["printed"]
        self.figures[row["id"]] = self.keep(row, StatedFigure(**fields))

    def write_duty(self, row, fields):
        self.keep_for_levels(row, Duty, fields)

    def keep_for_levels(self, row, model, fields):
        levels = [self.levels[code] for code in fields.pop("levels")]
        set_levels(self.keep(row, model(**fields)), levels, self.by, REASON)

    def write_partner(self, row, fields):
        """One that the unit knows already stays as it is."""
        owner = self.program.owner
        if not owner.partners.filter(name=fields["name"]).exists():
            keep(Partner(branch=owner, **fields), self.by, REASON)


def chosen_units(ticked, rows):
    """id as text → unit, of all that the rows name: one question."""
    named = ((rows[row["id"]], name) for row in ticked for name in UNIT_FIELDS.get(row["kind"], ()))
    ids = {fields[name] for fields, name in named if fields.get(name)}
    found = Branch.objects.select_related("level").in_bulk({int(pk) for pk in ids})
    return {str(pk): unit for pk, unit in found.items()}
