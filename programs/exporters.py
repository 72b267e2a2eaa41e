"""Workbooks of programmes: what a page shows, as an .xlsx that opens cleanly."""

from django.utils.timezone import localtime, now

from hoiphunu.excel import WHOLE, Column, Row, add_summary, new_summary, to_bytes
from hoiphunu.words import amount_in_words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONEY = [
    Column(title, 18, WHOLE)
    for title in ("Cam kết", "Tiếp nhận", "Đã trao", "Còn lại", "Chưa tiếp nhận")
]
GIFTS = Column("Hiện vật đã nhận, chưa định giá", 16, WHOLE)
COMPARED = [
    Column("STT", 6),
    Column("Hạng mục", 44),
    Column("Sổ: đã trao", 18, WHOLE),
    Column("Trao tặng, có xác nhận", 18, WHOLE),
    Column("Trao tặng, chưa xác nhận", 18, WHOLE),
    Column("Lệch (sổ trừ trao tặng)", 18, WHOLE),
    Column("Đối chiếu", 24),
    Column("Sổ: hiện vật chưa định giá", 16, WHOLE),
    Column("Lần trao chưa định giá", 16, WHOLE),
]


def ledger_workbook(program, ledger, compared, *, asked_by):
    """The bytes of an .xlsx: the ledger as its reader sees it, by donor and by item, and beside the
    hand-overs; `compared` is what queries.compared_items says."""
    title = [
        program.owner.office_name.upper(),
        "SỔ NGUỒN LỰC",
        program.full_name,
    ]
    total, notes = ledger.total, ledger_notes(ledger, asked_by)
    workbook = new_summary(
        title,
        "Đơn vị tính: đồng",
        [Column("STT", 6), Column("Nhà tài trợ", 44), *MONEY, GIFTS],
        numbered([[row.donor.name, *money(row.sums)] for row in ledger.donors], money(total)),
        sheet_name="Theo nhà tài trợ",
        notes=notes,
    )
    add_summary(
        workbook,
        title,
        "Đơn vị tính: đồng",
        [
            Column("STT", 6),
            Column("Hạng mục", 44),
            Column("Dự kiến", 18, WHOLE),
            *MONEY[:4],
            Column("Còn thiếu nguồn", 18, WHOLE),
            GIFTS,
        ],
        numbered([item_cells(row) for row in ledger.items], item_money(total, None, None)),
        sheet_name="Theo hạng mục",
        notes=notes,
    )
    if compared:
        add_summary(
            workbook,
            title,
            "Đơn vị tính: đồng",
            COMPARED,
            [[number, *compared_cells(row)] for number, row in enumerate(compared, start=1)],
            sheet_name="Đối chiếu trao tặng",
            notes=notes,
        )
    return to_bytes(workbook)


def compared_cells(row):
    confirmed, open_ones = row.handed.confirmed, row.handed.unconfirmed
    sums = [row.given, confirmed.value, open_ones.value, row.difference]
    return [row.item.what, *sums, row.words or "Khớp", row.gifts, row.unvalued]


def numbered(rows, total):
    lines = [[number, *cells] for number, cells in enumerate(rows, start=1)]
    return [*lines, Row(["", "Cộng", *total], kind="total")]


def money(sums):
    return [sums.pledged, sums.received, sums.given, sums.left, sums.owed, sums.received_gifts]


def item_cells(row):
    planned = row.item.value if row.item else None
    return [row.name, *item_money(row.sums, planned, row.missing)]


def item_money(sums, planned, missing):
    figures = money(sums)
    return [planned, *figures[:4], missing, figures[-1]]


def ledger_notes(ledger, asked_by):
    stamp = (
        f"Lập lúc {localtime(now()):%H:%M ngày %d/%m/%Y} từ phần mềm hoiphunu, "
        f"người lập: {asked_by.full_name}."
    )
    words = f"Tổng số tiếp nhận bằng chữ: {amount_in_words(ledger.total.received)}."
    part = "Chỉ gồm nguồn lực qua các đơn vị trong địa bàn của người lập."
    return [words, *([] if ledger.is_whole else [part]), stamp]
