"""The list of accounts to create: who, in which unit, with which role.

Checked and written set by set: the number of queries does not grow with the rows. No password
is made here: the sheet that is printed afterwards makes them.
"""

import re
from collections import defaultdict
from itertools import zip_longest

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction
from django.utils.timezone import localdate
from openpyxl.worksheet.datavalidation import DataValidation

from branches.models import Branch, Position, UploadRow, User
from branches.services.people import free_username, is_beyond, void_known_password
from hoiphunu.excel import TEXT, Column, add_summary, new_summary, to_bytes
from hoiphunu.lists import ListColumn, ListError, ListKind, note
from hoiphunu.phones import phone_number
from hoiphunu.text import exact_fold, fold

from .names import NameBook, plain_name

BATCH = 500
TEMPLATE_ROWS = 100
LENGTHS = {name: User._meta.get_field(name).max_length for name in ("full_name", "username")}
TITLE_LENGTH = Position._meta.get_field("title").max_length
USERNAME = re.compile(r"[A-Za-z0-9._@+-]{3,}")
MEANWHILE = "vừa có người sửa sau khi danh sách được đọc, nên chưa ghi gì. Chị tải tệp lên lại."

Role, Outcome = Position.Role, UploadRow.Outcome
ROLE_NAMES = {
    **{fold(role.label): role.value for role in Role},
    "can bo": Role.OFFICER.value,
    "nhap lieu": Role.OFFICER.value,
    "nguoi nhap": Role.OFFICER.value,
    "duyet": Role.REVIEWER.value,
    "quan tri vien": Role.ADMINISTRATOR.value,
}


# --- What a list is compared with -----------------------------------------------------------


class Standing:
    """The units that the list's names may mean, and the people whom its rows may mean.

    `units`: a NameBook of open units of the list's unit and below; `people`: those of her
    territory who hold something today, by id; `held`: person's id → {(unit id, role)}.
    Others' accounts are not looked at: whether they exist is not hers to learn.
    """

    def __init__(self, upload, lines=(), *, lock=False):
        self.branch = upload.branch
        self.units = NameBook()
        self.by_id = {}
        wanted = {fold(plain_name(line.text("unit"))) for line in lines} - {""}
        for unit in named_units(self.branch, wanted) if lines else []:
            self.add(unit)
        self.people, self.held = {}, defaultdict(set)
        inside = Position.objects.in_force(localdate()).filter(
            branch__in=Branch.objects.under(self.branch)
        )  # scope: of the list's own unit and below
        inside = inside.select_for_update(of=("self",)).order_by("pk") if lock else inside
        for position in inside.select_related("user", "branch"):
            self.people[position.user_id] = position.user
            self.held[position.user_id].add((position.branch_id, position.role))
        mine = User.objects.looked_after_by(upload.asked_by, localdate())
        self.placed_higher = set(self.people) - set(mine.values_list("pk", flat=True))
        self.by_phone, self.by_email = defaultdict(set), defaultdict(set)
        self.by_name = defaultdict(set)
        for pk, user in self.people.items():
            self.by_name[exact_fold(user.full_name)].add(pk)
            if user.phone:
                self.by_phone[phone_key(user.phone)].add(pk)
            if user.email:
                self.by_email[user.email.lower()].add(pk)

    def add(self, unit):
        self.by_id[unit.pk] = unit
        self.units.add(unit, unit.name, unit.full_name, unit.office_name)

    def same_person(self, parsed):
        """Her account, if one is known: of the same name, and the same phone, e-mail or unit."""
        named = self.by_name.get(exact_fold(parsed["full_name"]), set())
        reached = self.reached_by(parsed)
        at_unit = {pk for pk in named if parsed["unit"] in self.units_held(pk)}
        for pk in sorted(named & reached) + sorted(at_unit):
            user = self.people[pk]
            if not differs(user.phone and phone_key(user.phone), parsed["phone"]):
                return user
        return None

    def is_out_of_reach(self, judged):
        """It would give a role to somebody who is placed higher than whoever brings the list."""
        is_change = judged["outcome"] == Outcome.CHANGED
        return is_change and judged["target_id"] in self.placed_higher

    def units_held(self, pk):
        return {unit for unit, _ in self.held[pk]}

    def reached_by(self, parsed):
        """Those who have this phone or this e-mail."""
        phone, email = parsed["phone"], parsed["email"].lower()
        by_phone = self.by_phone.get(phone, set()) if phone else set()
        return by_phone | (self.by_email.get(email, set()) if email else set())

    def compare(self, parsed):
        """{"outcome", "changes", "target_id"} of one row: a new account, or a new position."""
        user = self.same_person(parsed)
        if user is None:
            return {"outcome": Outcome.NEW, "changes": [], "target_id": None}
        missing = [r for r in parsed["roles"] if (parsed["unit"], r) not in self.held[user.pk]]
        changes = [{"label": "Thêm vai trò", "old": None, "new": Role(r).label} for r in missing]
        outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
        return {"outcome": outcome, "changes": changes, "target_id": user.pk}


def named_units(branch, wanted):
    """Open units of the territory whose name ends in one of `wanted`, with those above them.

    The names are compared here: a province has tens of thousands of units, of which a list
    names ten.
    """
    inside = Branch.objects.under(branch).staffed()
    names = inside.values_list("pk", "search_text")
    ids = [pk for pk, name in names if not wanted.isdisjoint(endings(name))]
    units = Branch.objects.filter(pk__in=ids)  # scope: ids of the list's own territory
    return units.select_related("level", "parent__parent")


def endings(name):
    """ "phuong tho quang", "tho quang", "quang"; what stands in brackets left out."""
    words = name.partition(" (")[0].split(" ")
    return {" ".join(words[start:]) for start in range(len(words))}


def phone_key(text):
    try:
        return phone_number(text)
    except ValueError:
        return text


def differs(one, other):
    return bool(one and other and one != other)


def with_place(unit):
    return ", ".join(branch.full_name for branch in (unit, *two_above(unit)))


def two_above(unit):
    return list(filter(None, (unit.parent, unit.parent and unit.parent.parent)))


# --- Check ----------------------------------------------------------------------------------


def check_accounts(upload, lines):
    """Each line understood and compared; nothing is written. (UploadRows, notes)."""
    standing, in_use = Standing(upload, lines), usernames_in_use()
    reader = LineReader(standing, in_use)
    rows = [reader.read(line, upload) for line in lines]
    give_usernames(rows, in_use)
    return rows, remarks(standing, rows)


def usernames_in_use():
    """All of them, wherever their owners are: a log-in name is given once."""
    names = User.objects.values_list("username", flat=True)  # scope: compared, never shown
    return set(names)


class LineReader:
    """Turns lines into rows; remembers what it has read, to know what comes twice."""

    def __init__(self, standing, in_use):
        self.standing, self.in_use = standing, in_use
        self.seen, self.usernames = {}, {}

    def read(self, line, upload):
        unit = self.unit(line)
        parsed = {
            "full_name": self.full_name(line),
            "unit": unit and unit.pk,
            "roles": self.roles(line),
            "title": self.short(line, "title", TITLE_LENGTH),
            **self.contact(line),
            "username": line.text("username"),
        }
        judged = {"outcome": Outcome.ERROR}
        if not line.errors:
            self.refuse_twice(line, parsed)
        if not line.errors:
            judged = self.standing.compare(parsed)
            self.refuse_placed_higher(line, judged)
            self.check_username(line, parsed, judged["target_id"])
        if line.errors:
            judged = {"outcome": Outcome.ERROR}
        return UploadRow(
            upload=upload,
            sheet=line.sheet,
            number=line.number,
            raw=line.raw,
            parsed=parsed,
            errors=line.errors,
            **judged,
        )

    def full_name(self, line):
        if not line.text("full_name"):
            line.refuse("full_name", "ô trống. Chị ghi đủ họ và tên.")
        return self.short(line, "full_name", LENGTHS["full_name"])

    def short(self, line, name, length):
        text = line.text(name)
        if len(text) > length:
            line.refuse(name, f"dài {len(text)} ký tự; chỉ nhận tối đa {length}.")
        return text

    def unit(self, line):
        """The unit; one of another territory gets the same sentence as one that is not."""
        name, place = line.text("unit"), line.text("place")
        if not name:
            line.refuse("unit", "ô trống. Chị ghi tên đơn vị nơi chị ấy công tác.")
            return None
        found = [unit for unit in self.standing.units.find(name) if stands_in(unit, place)]
        if not found:
            where = f" thuộc “{place}”" if place else ""
            line.refuse(
                "unit",
                f"không có đơn vị “{name}”{where} trong phạm vi của "
                f"{self.standing.branch.office_name}.",
            )
        elif len(found) > 1:
            several = "; ".join(with_place(unit) for unit in found[:5])
            line.refuse("unit", f"“{name}” có thể là: {several}. Chị ghi thêm cột “Thuộc đơn vị”.")
        return found[0] if len(found) == 1 else None

    def roles(self, line):
        """Role codes; several in one cell are parted by commas, semicolons or line breaks."""
        text = line.lines("role")
        if not text:
            line.refuse("role", f"ô trống. Chị ghi một trong: {role_words()}.")
        found = []
        for part in filter(None, map(str.strip, re.split(r"[,;+/\n]", text))):
            role = ROLE_NAMES.get(fold(part))
            if role is None:
                line.refuse(
                    "role", f"“{part}” không phải vai trò. Chị ghi một trong: {role_words()}."
                )
            elif role not in found:
                found.append(role)
        return found

    def contact(self, line):
        """Phone and e-mail; an e-mail in the column of phones is read as one."""
        phone, email = line.text("phone"), line.text("email")
        column = "email"
        if "@" in phone:
            phone, email, column = "", email or phone, "email" if email else "phone"
        try:
            phone = phone_number(phone)
        except ValueError as error:
            line.refuse("phone", f"{error}.")
        if email:
            try:
                EmailValidator()(email)
            except ValidationError:
                line.refuse(column, f"“{email}” không phải địa chỉ thư điện tử.")
        return {"phone": phone, "email": email}

    def check_username(self, line, parsed, known):
        """Only of a log-in name that was typed: an empty one is made from her name."""
        name = parsed["username"]
        if not name or known:
            return
        if not USERNAME.fullmatch(name) or len(name) > LENGTHS["username"]:
            line.refuse(
                "username",
                f"“{name}”: tên đăng nhập có từ 3 đến {LENGTHS['username']} chữ không dấu, "
                "chữ số, dấu chấm hoặc gạch, không có dấu cách.",
            )
        elif name in self.in_use:
            line.refuse("username", f"“{name}” đã có người dùng. Chị chọn tên khác hoặc để trống.")
        elif self.usernames.setdefault(name, line.number) != line.number:
            line.refuse("username", f"“{name}” trùng với dòng {self.usernames[name]}.")

    def refuse_placed_higher(self, line, judged):
        if self.standing.is_out_of_reach(judged):
            line.refuse(
                "full_name",
                "chị ấy còn giữ vị trí ngoài phạm vi chị quản trị, nên không thêm vai trò được.",
            )

    def refuse_twice(self, line, parsed):
        key = (exact_fold(parsed["full_name"]), parsed["unit"], parsed["phone"])
        before = self.seen.setdefault(key, line)
        if before is not line:
            line.refuse("full_name", f"trùng với dòng {before.number}: cùng tên, cùng đơn vị.")


def role_words():
    return ", ".join(role.label for role in Role)


def stands_in(unit, place):
    """Is this the name of a unit above? An empty place says nothing against it."""
    if not place:
        return True
    book = NameBook()
    for branch in two_above(unit):
        book.add(branch, branch.name, branch.full_name, branch.office_name)
    return bool(book.find(place))


def give_usernames(rows, in_use):
    """Log-in names for the accounts to come, all different."""
    new = [row for row in rows if row.outcome == Outcome.NEW]
    taken = in_use | {row.parsed["username"] for row in new}
    for row in new:
        row.parsed["is_typed"] = bool(row.parsed["username"])
        if not row.parsed["is_typed"]:
            row.parsed["username"] = free_username(row.parsed["full_name"], taken)
            taken.add(row.parsed["username"])
        row.changes = [{"label": "Tên đăng nhập", "old": None, "new": row.parsed["username"]}]


def remarks(standing, rows):
    """What the reader should know of rows that are good: a phone that somebody else has."""
    found, seen = [], {}
    for row in rows:
        if row.outcome != Outcome.NEW:
            continue
        for why in (*known_by(standing, row.parsed), *before_in_list(seen, row)):
            text = row.parsed["full_name"]
            found.append(note(row.sheet, row.number, text, f"{why} Vẫn tạo được.", is_warning=True))
    return found


def known_by(standing, parsed):
    """Sentences on accounts that have her phone or e-mail, or her name in her unit."""
    reached = standing.reached_by(parsed)
    for pk in sorted(reached):
        yield f"điện thoại hoặc thư điện tử này đang là của {standing.people[pk]}."
    for pk in sorted(standing.by_name.get(exact_fold(parsed["full_name"]), set()) - reached):
        if parsed["unit"] in standing.units_held(pk):
            yield "đơn vị này đã có một người cùng tên, khác số điện thoại."


def before_in_list(seen, row):
    for key in filter(None, (row.parsed["phone"], row.parsed["email"].lower())):
        if (before := seen.setdefault(key, row.number)) != row.number:
            yield f"cùng điện thoại hoặc thư điện tử với dòng {before}."


# --- Write ----------------------------------------------------------------------------------


@transaction.atomic
def apply_accounts(upload, rows):
    """Write what the preview said, or nothing. (how many new, how many changed)."""
    standing = Standing(upload, lock=True)
    units = Branch.objects.under(upload.branch).staffed()
    units = units.in_bulk({row.parsed["unit"] for row in rows})
    for row in rows:
        refuse_moved(standing, units, upload.asked_by, row)
    reason = f"danh sách tải lên số {upload.pk}"
    kept = {"batch_size": BATCH, "default_user": upload.asked_by, "default_change_reason": reason}
    new = [row for row in rows if row.outcome == Outcome.NEW]
    users = create_users(new, kept)
    changed = [row for row in rows if row.outcome == Outcome.CHANGED]
    create_positions(standing, [*zip(new, users, strict=True)], changed, kept)
    UploadRow.objects.bulk_update(new, ["target_id", "parsed"], batch_size=BATCH)
    return len(new), len(changed)


def refuse_moved(standing, units, by, row):
    """Somebody may have changed what this row speaks of since the list was read."""
    unit = units.get(row.parsed["unit"])
    moved = unit is None or not by.has_perm("branches.bring_accounts", unit)
    now = standing.compare(row.parsed)
    moved = moved or standing.is_out_of_reach(now)
    if moved or (now["outcome"], now["target_id"]) != (row.outcome, row.target_id):
        raise ListError(f"Dòng {row.number}: {MEANWHILE}")


def create_users(rows, kept):
    """The accounts, with no password yet: nobody can sign in before one is issued."""
    taken, users = usernames_in_use(), []
    for row in rows:
        parsed = row.parsed
        if parsed["username"] in taken:
            refuse_taken(row)
            parsed["username"] = free_username(parsed["full_name"], taken)
        taken.add(parsed["username"])
        fields = ("full_name", "username", "phone", "email")
        user = User(**{name: parsed[name] for name in fields})
        user.set_unusable_password()
        user.fill_keys()
        users.append(user)
    User.objects.bulk_create(users, batch_size=BATCH)
    User.history.bulk_history_create(users, **kept)
    for row, user in zip(rows, users, strict=True):
        row.target_id = user.pk
    return users


def refuse_taken(row):
    if row.parsed["is_typed"]:
        raise ListError(
            f"Dòng {row.number}: tên đăng nhập “{row.parsed['username']}” vừa có người dùng. "
            "Chưa ghi gì."
        )


def create_positions(standing, new, changed, kept):
    wanted = [(user.pk, row.parsed, role) for row, user in new for role in row.parsed["roles"]]
    held_before = defaultdict(list)
    known = [row.target_id for row in changed]
    before = Position.objects.filter(user__in=known)  # scope: compared, never shown
    for position in before.select_related("branch"):
        held_before[position.user_id].append(position)
    wanted += [
        (row.target_id, row.parsed, role)
        for row in changed
        for role in row.parsed["roles"]
        if (row.parsed["unit"], role) not in standing.held[row.target_id]
    ]
    today = localdate()
    positions = [
        Position(
            user_id=user,
            branch_id=parsed["unit"],
            role=role,
            title=parsed["title"],
            started_on=today,
        )
        for user, parsed, role in wanted
    ]
    Position.objects.bulk_create(positions, batch_size=BATCH)
    Position.history.bulk_history_create(positions, **kept)
    written = [position.pk for position in positions if position.user_id in held_before]
    begun = Position.objects.filter(pk__in=written)  # scope: those just written
    for position in begun.select_related("user", "branch"):
        if is_beyond(held_before[position.user_id], [position]):
            void_known_password(position.user, kept["default_user"])


# --- An empty sheet to fill in --------------------------------------------------------------

NAMES_SHEET = "Tên để chọn"
MOST_UNITS = 2_000  # to choose from; more make the sheet slow to open
WIDTHS = {
    "full_name": 28, "unit": 34, "place": 26, "phone": 16, "email": 26, "role": 16,
    "title": 34, "username": 20,
}  # fmt: skip


def account_template(upload):
    """The .xlsx that an office fills in: the header, its own units and the roles to choose."""
    title = [upload.branch.office_name.upper(), "DANH SÁCH TÀI KHOẢN ĐỀ NGHỊ TẠO"]
    columns = [Column("STT", 6)] + [
        Column(column.title, WIDTHS[name]) for name, column in ACCOUNTS.columns.items()
    ]
    workbook = new_summary(title, "", columns, [[None]] * TEMPLATE_ROWS, sheet_name="Danh sách")
    units = (
        Branch.objects.under(upload.branch)
        .filter(closed_on=None)
        .exclude(level__code="chi_hoi")
        .select_related("level", "parent")
        .order_by("level__rank", "sort_key", "pk")[:MOST_UNITS]
    )
    lists = [
        [unit.full_name for unit in units],
        [unit.parent.full_name if unit.parent else "" for unit in units],
        [role.label for role in Role],
    ]
    columns = [Column("Đơn vị", 34), Column("Thuộc đơn vị", 30), Column("Vai trò", 18)]
    rows = [list(row) for row in zip_longest(*lists)]
    names = add_summary(workbook, ["TÊN ĐỂ CHỌN"], "", columns, rows, sheet_name=NAMES_SHEET)
    offer(workbook.worksheets[0], names.max_row)
    return to_bytes(workbook)


def offer(sheet, last):
    """Lists to choose from, and cells that keep a phone's leading zero."""
    first = 5  # two titles, the header, the row (1) (2)
    below = first + TEMPLATE_ROWS - 1
    for row in sheet.iter_rows(min_row=first, max_row=below, min_col=2, max_col=9):
        for cell in row:
            cell.number_format = TEXT
    for column, source in (("C", "A"), ("D", "B"), ("G", "C")):
        names = f"'{NAMES_SHEET}'!${source}$4:${source}${max(last, 4)}"
        choice = DataValidation(
            type="list", formula1=names, allow_blank=True, showErrorMessage=False
        )
        choice.add(f"{column}{first}:{column}{below}")
        sheet.add_data_validation(choice)


# --- Who brings it --------------------------------------------------------------------------


def units_of(user):
    """The units of which she is administrator; those below are in her lists as well."""
    held = [p.branch_id for p in user.standing if p.role == Role.ADMINISTRATOR]
    return Branch.objects.visible_to(user).filter(pk__in=held).staffed()


ACCOUNTS = ListKind(
    code="accounts",
    title="Tài khoản",
    columns={
        "full_name": ListColumn(("Họ và tên", "Họ tên", "Họ và tên cán bộ", "Tên cán bộ")),
        "unit": ListColumn(("Đơn vị", "Tên đơn vị", "Đơn vị công tác", "Nơi công tác")),
        "place": ListColumn(
            ("Thuộc đơn vị", "Thuộc", "Đơn vị cấp trên", "Địa bàn"), is_required=False
        ),
        "phone": ListColumn(
            ("Điện thoại", "Số điện thoại", "SĐT", "Di động", "Điện thoại / thư điện tử",
             "Điện thoại, thư điện tử", "Điện thoại/email"), is_required=False
        ),
        "email": ListColumn(("Thư điện tử", "Email", "E-mail", "Hộp thư"), is_required=False),
        "role": ListColumn(("Vai trò", "Quyền", "Vai trò trên phần mềm")),
        "title": ListColumn(("Chức vụ", "Chức danh"), is_required=False),
        "username": ListColumn(("Tên đăng nhập", "Tài khoản"), is_required=False),
    },
    check=check_accounts,
    apply=apply_accounts,
    template=account_template,
    permission="branches.bring_accounts",
    units=units_of,
    home=("Người dùng", "people:person_list"),
    is_private=True,
    after=("Tạo mật khẩu và in", "people:list_slips"),
    unit_help="Danh sách nhận cán bộ của đơn vị này và các đơn vị bên dưới.",
    hint=f"Vai trò là một trong: {role_words()}; nhiều vai trò thì cách nhau bằng dấu phẩy. "
    "Để trống tên đăng nhập thì phần mềm tự đặt theo họ tên. Chưa có mật khẩu nào được tạo ở "
    "bước này.",
)  # fmt: skip
