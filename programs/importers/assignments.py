"""The list of phân công hỗ trợ: who helps which chi hội of a programme.

Checked and written set by set: the number of queries does not grow with the rows.
"""

from collections import defaultdict
from datetime import date
from itertools import zip_longest

from django.db import transaction
from openpyxl.worksheet.datavalidation import DataValidation

from branches.decrees import standing_below
from branches.importers.names import NameBook
from branches.models import Branch, Position, UploadRow
from branches.querysets import under_paths
from hoiphunu.excel import DAY, TEXT, Column, add_summary, new_summary, to_bytes
from hoiphunu.lists import ListColumn, ListError, ListKind, ListSubject, note
from hoiphunu.numbers import parse_date

from ..models import Assignment, Program, Quota
from ..queries import may_be_named
from ..queries.naming import first_named, guarded_names

BATCH = 500
TEMPLATE_ROWS = 100
FIELDS = ("content", "starts_on", "note")  # what a list may change of an assignment
NOTE_LENGTH = Assignment._meta.get_field("note").max_length
MEANWHILE = "vừa có người sửa sau khi danh sách được đọc, nên chưa ghi gì. Chị tải tệp lên lại."

# --- What a list is compared with -----------------------------------------------------------


class Standing:
    """The programme as it stands now, as far as whoever brings the list may write.

    `units`: id → open chi hội of the list's unit; `active`: (supporter's key, chi hội id) →
    assignment of one of them in force; `quotas`: supporter's key → quota, of supporters that
    she may name or that help there already. With `lock`, these stay as they are until the
    end of the transaction.
    """

    def __init__(self, upload, *, lock=False):
        programs = Program.objects.order_by("pk")  # scope: one is taken, by the list's id
        programs = programs.select_related("owner")
        programs = programs.select_for_update(of=("self",)) if lock else programs
        self.program = programs.get(pk=upload.params["program"])
        self.branch = upload.branch
        chi_hoi = (
            Branch.objects.under(self.branch)
            .filter(pk__in=standing_below(self.program.owner).values("pk"))
            .filter(level__code="chi_hoi", closed_on=None)
            .select_related("level", "parent__level", "parent__parent")
        )
        self.units = {unit.pk: unit for unit in chi_hoi}
        self.active = {(a.supporter_key, a.supported_id): a for a in self._assignments(lock)}
        quotas = {q.supporter_key: q for q in Quota.objects.of(self.program).with_units()}
        paths = territory(upload)
        self.nameable = {key for key, quota in quotas.items() if may_be_named(quota, paths)}
        helping = {key for key, _ in self.active}
        self.quotas = {key: q for key, q in quotas.items() if key in self.nameable | helping}

    def _assignments(self, lock):
        active = Assignment.objects.of(self.program).active()
        inside = active.filter(under_paths([self.branch.path], "supported__path"))
        return inside.select_for_update(of=("self",)).order_by("pk") if lock else inside

    def may_name(self, key, supported):
        """As on the page: she may name this supporter for the chi hội, or it helps it now."""
        return key in self.nameable or (key, supported) in self.active

    def refusal(self, parsed):
        """Why these values may not be written, or "". They were good when the list was read."""
        if not self.program.is_running:
            return f"chương trình {self.program.get_status_display().lower()}, không ghi được."
        key, supported = supporter_key(parsed), parsed["supported"]
        if supported not in self.units or not self.may_name(key, supported):
            return MEANWHILE
        return self.refuse_day(date.fromisoformat(parsed["starts_on"]))

    def refuse_day(self, day):
        program = self.program
        if program.starts_on <= day <= program.ends_on:
            return ""
        return (
            f"“{day:%d/%m/%Y}” nằm ngoài thời gian của chương trình "
            f"({program.starts_on:%d/%m/%Y} – {program.ends_on:%d/%m/%Y})."
        )

    def compare(self, parsed):
        """{"outcome", "changes", "target_id"} of one row. A blank cell changes nothing."""
        known = self.active.get((supporter_key(parsed), parsed["supported"]))
        if known is None:
            return {"outcome": UploadRow.Outcome.NEW, "changes": [], "target_id": None}
        changes = [
            {
                "label": Assignment._meta.get_field(name).verbose_name.capitalize(),
                "old": shown(getattr(known, name)),
                "new": shown(value),
            }
            for name, value in new_values(parsed).items()
            if value and value != getattr(known, name)
        ]
        outcome = UploadRow.Outcome.CHANGED if changes else UploadRow.Outcome.UNCHANGED
        return {"outcome": outcome, "changes": changes, "target_id": known.pk}

    def supporters_by_unit(self):
        """Chi hội id → keys of those who help it now."""
        found = defaultdict(set)
        for key, supported in self.active:
            found[supported].add(key)
        return found


def territory(upload):
    """Paths of the units of whoever brings the list; of its unit, for a sheet nobody asked for."""
    return upload.asked_by.branch_paths() if upload.asked_by_id else [upload.branch.path]


def supporter_key(parsed):
    return parsed["supporter_branch"], parsed["supporter_team"]


def new_values(parsed):
    return {
        name: date.fromisoformat(parsed[name]) if name == "starts_on" else parsed[name]
        for name in FIELDS
    }


def shown(value):
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else value or None


def with_place(unit):
    return f"{unit.full_name}, {unit.parent.full_name}"


# --- Check ----------------------------------------------------------------------------------


def check_assignments(upload, lines):
    """Each line understood and compared; nothing is written. (UploadRows, notes)."""
    standing = Standing(upload)
    reader = LineReader(standing, guarded_names(standing.program, upload.asked_by))
    rows = [reader.read(line, upload) for line in lines]
    return rows, remarks(standing, rows)


class LineReader:
    """Turns lines into rows; remembers what it has read, to know what comes twice."""

    def __init__(self, standing, guarded):
        self.standing, self.guarded = standing, guarded
        self.supporters, self.places = NameBook(), NameBook()
        self.units_of = defaultdict(NameBook)  # the names of one place's chi hội
        self.seen = {}
        for quota in standing.quotas.values():
            self.supporters.add(quota, *supporter_names(quota))
        for place in {unit.parent_id: unit.parent for unit in standing.units.values()}.values():
            self.places.add(place, place.name, place.full_name, place.office_name)
        for unit in standing.units.values():
            self.units_of[unit.parent_id].add(unit, unit.name, unit.full_name)

    def read(self, line, upload):
        supported = self.supported(line)
        quota = self.supporter(line, supported)
        parsed = {
            "supporter_branch": quota and quota.supporter_branch_id,
            "supporter_team": quota and quota.supporter_team_id,
            "supported": supported and supported.pk,
            "content": line.lines("content"),
            "starts_on": self.starts_on(line),
            "note": self.note(line),
        }
        self.refuse_named(line, parsed)
        if supported and quota:
            self.refuse_twice(line, parsed)
        judged = {"outcome": UploadRow.Outcome.ERROR}
        if not line.errors:
            judged = self.standing.compare(parsed)
        return UploadRow(
            upload=upload,
            sheet=line.sheet,
            number=line.number,
            raw=line.raw,
            parsed=parsed,
            errors=line.errors,
            **judged,
        )

    def supported(self, line):
        """The chi hội; one of another territory gets the same sentence as one that is not."""
        if not (self.is_filled(line, "supported") & self.is_filled(line, "commune")):
            return None
        name, place = line.text("supported"), line.text("commune")
        found = [
            unit
            for commune in self.places.find(place)
            for unit in self.units_of[commune.pk].find(name)
        ]
        if not found:
            line.refuse(
                "supported",
                f"không có chi hội “{name}” ở “{place}” trong phạm vi của "
                f"{self.standing.branch.office_name}.",
            )
        elif len(found) > 1:
            several = "; ".join(f"{with_place(u)}, {u.parent.parent}" for u in found)
            line.refuse("supported", f"“{name}” ở “{place}” có thể là: {several}. Chị ghi rõ hơn.")
        return found[0] if len(found) == 1 else None

    def supporter(self, line, supported):
        """The quota of the unit or team that helps; a foreign one is as good as unknown."""
        if not self.is_filled(line, "supporter"):
            return None
        name = line.text("supporter")
        found = [
            quota
            for quota in self.supporters.find(name)
            if self.standing.may_name(quota.supporter_key, supported and supported.pk)
        ]
        if not found:
            line.refuse(
                "supporter",
                f"“{name}” không có trong bảng giao chỉ tiêu, hoặc không thuộc phạm vi của "
                f"{self.standing.branch.office_name}.",
            )
        elif len(found) > 1:
            several = "; ".join(quota.supporter_name for quota in found)
            line.refuse("supporter", f"“{name}” có thể là: {several}. Chị ghi rõ hơn.")
        return found[0] if len(found) == 1 else None

    def starts_on(self, line):
        """ISO, or None when it cannot be read."""
        if not self.is_filled(line, "starts_on"):
            return None
        try:
            day = parse_date(line.cells["starts_on"])
        except ValueError as error:
            line.refuse("starts_on", f"{error}.")
            return None
        if refusal := self.standing.refuse_day(day):
            line.refuse("starts_on", refusal)
        return day.isoformat()

    def note(self, line):
        text = line.text("note")
        if len(text) > NOTE_LENGTH:
            line.refuse("note", f"dài {len(text)} ký tự; chỉ nhận tối đa {NOTE_LENGTH}.")
        return text

    def refuse_named(self, line, parsed):
        """Many read what is written of an assignment; the page refuses such names as well."""
        for column in ("content", "note"):
            if found := first_named({column: parsed[column]}, self.guarded):
                code = found[1].code
                line.refuse(column, f"có tên người có hồ sơ {code}; chị ghi “{code}” thay cho tên.")

    def is_filled(self, line, name):
        if line.text(name):
            return True
        line.refuse(name, "ô trống (hoặc là công thức chưa có kết quả, hoặc là ô gộp).")
        return False

    def refuse_twice(self, line, parsed):
        key = (supporter_key(parsed), parsed["supported"])
        before = self.seen.setdefault(key, line)
        if before is not line:
            where = f" của trang “{before.sheet}”" if before.sheet != line.sheet else ""
            line.refuse(
                "supported",
                f"trùng với dòng {before.number}{where}: cùng chi hội, cùng đơn vị nhận giúp.",
            )


def supporter_names(quota):
    """How people call the holder of a quota; a unit that a line names, also as it is printed."""
    if quota.supporter_team:
        return quota.supporter_team.name, quota.supporter_name
    branch = quota.supporter_branch
    names = [branch.name, branch.full_name, branch.office_name]
    return [*names, quota.line.label] if quota.line.branch_id == branch.pk else names


def remarks(standing, rows):
    """What the reader should know of rows that are good: chi hội helped twice, or elsewhere."""
    helping = standing.supporters_by_unit()
    good = [row for row in rows if row.outcome != UploadRow.Outcome.ERROR]
    for row in good:
        helping[row.parsed["supported"]].add(supporter_key(row.parsed))
    found = []
    for row in good:
        if row.outcome == UploadRow.Outcome.NEW:
            unit, key = standing.units[row.parsed["supported"]], supporter_key(row.parsed)
            others = [standing.quotas[k] for k in helping[unit.pk] - {key} if k in standing.quotas]
            found += [
                note(row.sheet, row.number, with_place(unit), why, is_warning=True)
                for why in (doubled(others), outside(standing.quotas[key], unit))
                if why
            ]
    return found


def doubled(others):
    if not others:
        return ""
    names = ", ".join(sorted(quota.supporter_name for quota in others))
    return f"trùng: {names} cũng nhận giúp chi hội này. Vẫn ghi được."


def outside(quota, unit):
    if not quota.place or quota.place.contains(unit):
        return ""
    return (
        f"ngoài địa bàn giao cho {quota.supporter_name} ({quota.place.full_name}). "
        "Vẫn ghi được, nhưng không tính vào chỉ tiêu."
    )


# --- Write ----------------------------------------------------------------------------------


@transaction.atomic
def apply_assignments(upload, rows):
    """Write what the preview said, or nothing. (how many new, how many changed)."""
    standing = Standing(upload, lock=True)
    for row in rows:
        refuse_moved(standing, row)
    reason = f"danh sách tải lên số {upload.pk}"
    kept = {"batch_size": BATCH, "default_user": upload.asked_by, "default_change_reason": reason}
    new = [made(standing, row) for row in rows if row.outcome == UploadRow.Outcome.NEW]
    Assignment.objects.bulk_create(new, batch_size=BATCH)
    Assignment.history.bulk_history_create(new, **kept)
    changed = [altered(standing, row) for row in rows if row.outcome == UploadRow.Outcome.CHANGED]
    Assignment.objects.bulk_update(changed, [*FIELDS, "version"], batch_size=BATCH)
    Assignment.history.bulk_history_create(changed, update=True, **kept)
    return len(new), len(changed)


def refuse_moved(standing, row):
    """Somebody may have changed what this row speaks of since the list was read."""
    refusal = standing.refusal(row.parsed)
    now = standing.compare(row.parsed)
    if not refusal and any(getattr(row, name) != value for name, value in now.items()):
        refusal = MEANWHILE
    if refusal:
        raise ListError(f"Dòng {row.number}: {refusal}")


def made(standing, row):
    parsed = row.parsed
    return Assignment(
        program=standing.program,
        supporter_branch_id=parsed["supporter_branch"],
        supporter_team_id=parsed["supporter_team"],
        supported_id=parsed["supported"],
        supported_path=standing.units[parsed["supported"]].path,
        **new_values(parsed),
    )


def altered(standing, row):
    """The standing assignment with the row's values; its version goes up, as by hand."""
    assignment = standing.active[supporter_key(row.parsed), row.parsed["supported"]]
    for name, value in new_values(row.parsed).items():
        if value:
            setattr(assignment, name, value)
    assignment.version += 1
    return assignment


# --- An empty sheet to fill in --------------------------------------------------------------

NAMES_SHEET = "Tên để chọn"
WIDTHS = {
    "supported": 28, "commune": 24, "supporter": 36, "content": 44, "starts_on": 14, "note": 24,
}  # fmt: skip


def assignment_template(upload):
    """The .xlsx that a unit fills in: the header, and its own names to choose from.

    `upload` need not be saved: only its unit, its programme and who asks matter.
    """
    standing = Standing(upload)
    title = [
        standing.branch.office_name.upper(),
        "DANH SÁCH PHÂN CÔNG HỖ TRỢ CHI HỘI",
        standing.program.name,
    ]
    columns = [Column("STT", 6)] + [
        Column(column.title, WIDTHS[name]) for name, column in ASSIGNMENTS.columns.items()
    ]
    workbook = new_summary(title, "", columns, [[None]] * TEMPLATE_ROWS, sheet_name="Danh sách")
    columns = [
        Column("Tên chi hội trong phạm vi", 32),
        Column("Nơi có chi hội", 28),
        Column("Nơi để chọn", 28),
        Column("Tên được giao chỉ tiêu", 44),
    ]
    names = add_summary(
        workbook, ["TÊN ĐỂ CHỌN"], "", columns, names_to_choose(standing), sheet_name=NAMES_SHEET
    )
    offer(workbook.worksheets[0], names.max_row)
    return to_bytes(workbook)


def names_to_choose(standing):
    """Rows of four lists side by side: chi hội and where they are; places; supporters."""
    units = sorted(
        standing.units.values(), key=lambda u: (u.parent.sort_key, u.parent_id, u.sort_key)
    )
    places = [unit.parent.full_name for unit in units]
    lists = [
        [unit.full_name for unit in units],
        places,
        list(dict.fromkeys(places)),
        [q.supporter_name for key, q in standing.quotas.items() if key in standing.nameable],
    ]
    return [list(row) for row in zip_longest(*lists)]


def offer(sheet, last):
    """Lists to choose from, and cells that keep text as text and days as days."""
    first = 6  # three titles, the header, the row (1) (2)
    below = first + TEMPLATE_ROWS - 1
    for row in sheet.iter_rows(min_row=first, max_row=below, min_col=2, max_col=7):
        for cell in row:
            cell.number_format = DAY if cell.column == 6 else TEXT
    for column, source in (("C", "C"), ("D", "D")):  # of the place, of the supporter
        names = f"'{NAMES_SHEET}'!${source}$4:${source}${max(last, 4)}"
        choice = DataValidation(
            type="list", formula1=names, allow_blank=True, showErrorMessage=False
        )
        choice.add(f"{column}{first}:{column}{below}")
        sheet.add_data_validation(choice)


# --- Who brings it, for what ----------------------------------------------------------------


def units_of(user):
    """The open units in whose name she enters."""
    held = [p.branch_id for p in user.standing if p.role == Position.Role.OFFICER]
    return Branch.objects.visible_to(user).filter(pk__in=held, closed_on=None)


def programs_of(user):
    """Running programmes in which she takes part as an officer."""
    running = Program.objects.visible_to(user).filter(status=Program.Status.RUNNING)
    taken_part = [
        program.pk
        for program in running.select_related("owner")
        if user.has_perm("programs.add_assignment", program)
    ]
    return running.filter(pk__in=taken_part).select_related("owner")


def why_not_now(program):
    if program.is_running:
        return ""
    status = program.get_status_display().lower()
    return f"Chương trình “{program}” hiện {status} nên chưa nhận danh sách."


def are_related(program, branch):
    return program.contains(branch) or branch.contains(program.owner)


PROGRAM = ListSubject(
    model=Program,
    name="program",
    label="Chương trình",
    permission="programs.add_assignment",
    choices=programs_of,
    refusal=why_not_now,
    goes_with=are_related,
    mismatch="{branch} không thuộc chương trình này.",
    none_yet="Chưa có chương trình nào nhận danh sách",
    link_label="Xem bảng chỉ tiêu của chương trình",
)

ASSIGNMENTS = ListKind(
    code="assignments",
    title="Phân công hỗ trợ",
    columns={
        "supported": ListColumn(
            ("Chi hội", "Tên chi hội", "Chi hội được giúp", "Chi hội được nhận giúp",
             "Chi hội được nhận giúp đỡ", "Chi hội được hỗ trợ")
        ),
        "commune": ListColumn(
            ("Xã/phường", "Xã/phường/thị trấn", "Phường/xã", "Xã", "Phường",
             "Thuộc xã/phường", "Hội LHPN xã/phường", "Địa bàn")
        ),
        "supporter": ListColumn(
            ("Đơn vị nhận giúp", "Đơn vị nhận giúp đỡ", "Đơn vị giúp", "Đơn vị giúp đỡ",
             "Đơn vị hỗ trợ", "Đơn vị phụ trách")
        ),
        "content": ListColumn(
            ("Nội dung", "Nội dung hỗ trợ", "Nội dung giúp", "Nội dung giúp đỡ"), is_required=False
        ),
        "starts_on": ListColumn(("Ngày bắt đầu", "Bắt đầu", "Từ ngày", "Ngày nhận giúp")),
        "note": ListColumn(("Ghi chú",), is_required=False),
    },
    check=check_assignments,
    apply=apply_assignments,
    template=assignment_template,
    permission="programs.bring_assignments",
    units=units_of,
    subject=PROGRAM,
    home=("Chương trình", "programs:program_list"),
    unit_help="Danh sách chỉ nhận chi hội thuộc đơn vị này.",
    hint="Ngày viết dạng 15/01/2021. Mỗi dòng ghi đủ, không gộp ô. Ô để trống ở cột không bắt "
    "buộc thì giữ nguyên nội dung đang có.",
)  # fmt: skip
