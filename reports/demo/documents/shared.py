"""How a document's rows are written down: in order, with the paper and the clause."""

from branches.models import Level
from programs.models import Content, Duty, ItemKind, PlanDocument, StatedFigure, SupportItem
from programs.services.shared import keep, set_levels

REASON = "dữ liệu mẫu"
IN_KIND = ("qua", "tai-lieu")  # things, not money, as the papers speak of them


def level(code):
    return Level.objects.get(code=code)


class Writer:
    """Writes the rows of one programme, each citing its plan."""

    def __init__(self, program, by):
        self.program, self.by = program, by
        self.plan = program.plan

    def keep(self, row):
        keep(row, self.by, REASON)
        return row

    def document(self, role, **fields):
        return self.keep(PlanDocument(program=self.program, role=role, **fields))

    def contents(self, rows):
        """rows: (number, heading, text, clause); "2.1" stands under "2"."""
        made = {}
        for position, (number, heading, text, clause) in enumerate(rows, start=1):
            above = made.get(number.rpartition(".")[0])
            made[number] = self.keep(
                Content(
                    program=self.program, position=position, number=number, heading=heading,
                    text=text, parent=above, document=self.plan, clause=clause,
                )
            )  # fmt: skip

    def duties(self, rows):
        """rows: dicts of Duty's fields, `levels` a list."""
        for position, row in enumerate(rows, start=1):
            fields = {name: value for name, value in row.items() if name != "levels"}
            made = self.keep(
                Duty(program=self.program, position=position, document=self.plan, **fields)
            )
            self.bind(made, row.get("levels", ()))

    def bind(self, row, levels):
        set_levels(row, levels, self.by, REASON)

    def figures(self, rows, **common):
        """rows: dicts of StatedFigure's fields; `part_of` and `about` are labels of figures
        before them."""
        made = {}
        for position, fields in enumerate(rows, start=1):
            linked = {name: made.get(fields.pop(name, None)) for name in ("part_of", "about")}
            row = StatedFigure(
                program=self.program, position=position, document=self.plan,
                **linked | common | fields,
            )  # fmt: skip
            made[row.label] = self.keep(row)

    def item(self, kind, what, *, places=(), **fields):
        row = SupportItem(
            program=self.program,
            kind=ItemKind.objects.get(code=kind),
            what=what,
            document=self.plan,
            **{"giver": self.program.owner, "is_in_kind": kind in IN_KIND} | fields,
        )
        self.keep(row)
        row.places.set(places)
        return row
