"""The child process that reads an uploaded workbook: JSON in as one argument, JSON out.

A hostile file can abort the reader (a stray cell at XFD1048576) or fill the memory, so it is
never read inside a web or Celery process. `excel.read_rows` starts this and judges its end.
Only the standard library is imported before the limits are set.
"""

import datetime
import json
import sys

MEMORY = 512 * 2**20
SHEETS = 20
CELL_CHARACTERS = 5_000
TOTAL_CHARACTERS = 20_000_000


class TooMuch(Exception):
    """More than we read; its text is a sentence for the screen."""


def main(argument):
    """Prints {"sheets": […]} or {"error": "a Vietnamese sentence"}; may well die instead."""
    wanted = json.loads(argument)
    set_limits(wanted["seconds"])
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_path(wanted["path"]) as workbook:
            answer = {"sheets": read_sheets(workbook, wanted["max_rows"], wanted["max_columns"])}
    except PasswordError:
        answer = {"error": "Tệp có mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."}
    except TooMuch as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))


def set_limits(seconds):
    """Dependable on Linux only; elsewhere the zip directory and the time-out must do."""
    try:
        import resource
    except ImportError:
        return
    for name, limit in (("RLIMIT_AS", MEMORY), ("RLIMIT_CPU", seconds), ("RLIMIT_CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (ValueError, OSError):
            continue


def read_sheets(workbook, max_rows, max_columns):
    # calamine's enums have no .name; their text is "SheetTypeEnum.WorkSheet".
    sheets = [s for s in workbook.sheets_metadata if str(s.typ).endswith(".WorkSheet")]
    if len(sheets) > SHEETS:
        raise TooMuch(f"Tệp có {len(sheets)} trang tính; mỗi tệp chỉ nên có tối đa {SHEETS}.")
    budget = Budget()
    return [
        {
            "name": sheet.name,
            "hidden": not str(sheet.visible).endswith(".Visible"),
            "rows": list(
                read_sheet(workbook.get_sheet_by_name(sheet.name), max_rows, max_columns, budget)
            ),
        }
        for sheet in sheets
    ]


def read_sheet(sheet, max_rows, max_columns, budget):
    """[Excel's row number, cells from column A]; blank rows are left out."""
    if sheet.start is None:
        return
    before, count = [None] * sheet.start[1], 0
    for number, raw in enumerate(sheet.iter_rows(), start=1):
        if all(cell == "" for cell in raw):  # a ghost row; there may be a million
            continue
        cells = before + [plain(cell, budget) for cell in raw]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > max_rows:
            raise TooMuch(f"Trang “{sheet.name}” có hơn {max_rows} dòng; hãy chia thành nhiều tệp.")
        if len(cells) > max_columns:
            raise TooMuch(
                f"Trang “{sheet.name}”, dòng {number}: có ô ở cột thứ {len(cells)}; "
                f"bảng chỉ được rộng tối đa {max_columns} cột."
            )
        yield [number, cells]


def plain(cell, budget):
    """A cell as JSON keeps it: a date is {"date": ISO}, 12.0 is 12, an empty cell is None."""
    if isinstance(cell, bool | int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else finite(cell)
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time.min
        return {"date": (cell.date() if midnight else cell).isoformat()}
    if isinstance(cell, datetime.date):
        return {"date": cell.isoformat()}
    return budget.spend(printable(str(cell))) or None


def finite(number):
    return number if abs(number) < float("inf") else str(number)


def printable(text):
    """PostgreSQL refuses NUL, and nobody can see the others; line breaks stay."""
    kept = "".join(c for c in text if c >= " " or c in "\n\t")
    return kept if kept.strip() else ""


class Budget:
    """How much text one file may bring."""

    def __init__(self):
        self.left = TOTAL_CHARACTERS

    def spend(self, text):
        self.left -= len(text)
        if len(text) > CELL_CHARACTERS:
            raise TooMuch(f"Có ô dài hơn {CELL_CHARACTERS} ký tự: “{text[:40]}…”.")
        if self.left < 0:
            raise TooMuch("Tệp có quá nhiều chữ; hãy chia thành nhiều tệp.")
        return text


if __name__ == "__main__":
    main(sys.argv[1])
