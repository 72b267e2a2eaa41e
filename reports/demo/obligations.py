"""Reports that the papers ask for, other than the months of Đà Nẵng: what is owed and by when.

The rhythm and the addressee are the paper's (Hà Nội 2024, mục IV.1; Hóc Môn, mục III); it names
no day, so the last days here are made up, and so are the lines of the forms.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from branches.models import Level
from programs.models import Indicator, Program
from reports.models import Period, PeriodDue, ReportForm
from reports.services import (
    ask_indicators,
    open_period,
    put_in_force,
    save_heading,
    save_rule,
    save_section,
    set_cells,
    set_texts,
    start_draft,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Kind = Period.Kind

BORDER_LINES = [
    ("xa-dong-hanh", "Xã biên giới được đồng hành", "xã"),
    ("kinh-phi-bien-cuong", "Kinh phí hỗ trợ đã trao", "đồng"),
]
EQUALITY_LINES = [
    ("cuoc-bdg", "Cuộc tuyên truyền về bình đẳng giới", "cuộc"),
    ("nguoi-bdg", "Lượt người được tuyên truyền về bình đẳng giới", "lượt người"),
]
EQUALITY_PLACES = [("khu-dan-cu", "Ở khu dân cư"), ("truong-hoc", "Trong trường học")]
EQUALITY_FILES = "Ảnh hoạt động hoặc bản chụp kế hoạch, nếu có."
# kind, code, label, first day, last day, last day for handing in
BORDER_PERIODS = [
    (Kind.HALF_YEAR, "2024-6-thang", "6 tháng đầu năm 2024", date(2024, 1, 1), date(2024, 6, 30),
     date(2024, 6, 20)),
    (Kind.YEAR, "2024", "Năm 2024", date(2024, 1, 1), date(2024, 12, 31), date(2024, 12, 10)),
]  # fmt: skip
EQUALITY_PERIODS = [
    (Kind.YEAR, "2022", "Năm 2022", date(2022, 1, 1), date(2022, 12, 31), date(2022, 12, 5)),
    (Kind.AD_HOC, "dot-xuat-2022-06", "Đột xuất, theo yêu cầu tháng 6/2022", date(2022, 1, 1),
     date(2022, 6, 15), date(2022, 6, 20)),
    (Kind.PHASE, "2021-2025", "Giai đoạn 2021 - 2025", date(2021, 11, 18), date(2025, 6, 30),
     date(2025, 6, 25)),
]  # fmt: skip


def add_obligations(units, people):
    city = units.others["thành phố Hà Nội"]
    form = add_form(
        "bien-cuong", "Báo cáo “Đồng hành cùng phụ nữ biên cương”", units.top, ["tinh"],
        BORDER_LINES, program=Program.objects.get(owner=city, starts_on=date(2024, 1, 1)),
    )  # fmt: skip
    for row in BORDER_PERIODS:
        open_one(form, row, ["tinh"], people["trunguong.quantri"], among=[city.pk])
    district = units.others["huyện Hóc Môn"]
    form = add_form(
        "binh-dang-gioi", "Báo cáo thực hiện Chiến lược quốc gia về bình đẳng giới", district,
        ["xa", "truc_thuoc"], EQUALITY_LINES, program=Program.objects.get(owner=district),
    )  # fmt: skip
    ask_by_sex(form, people["hocmon.canbo"])
    for row in EQUALITY_PERIODS:
        open_one(form, row, ["xa", "truc_thuoc"], people["hocmon.canbo"])


def ask_by_sex(form, by):
    """A second version, from 2025: the same people once more as a table, which must add up."""
    version = start_draft(form=form, by=by)
    table = save_section(
        version=version, heading="Người được tuyên truyền, chia theo giới", is_table=True,
        help="Mỗi người dự một buổi tính một lượt. Cộng các ô phải bằng số lượt người ở trên.",
    )  # fmt: skip
    columns = [save_heading(section=table, axis="column", words=words) for words in ("Nữ", "Nam")]
    cells = {}
    for place, words in EQUALITY_PLACES:
        row = save_heading(section=table, axis="row", words=words)
        for sex, column in zip(("nu", "nam"), columns, strict=True):
            cells[row, column] = Indicator.objects.create(
                code=f"bdg-{place}-{sex}", unit="lượt người", aggregation="flow",
                value_type="whole",
                name=f"Lượt người được tuyên truyền về bình đẳng giới: {column}, {words.lower()}",
            )  # fmt: skip
    set_cells(section=table, cells=cells, by=by)
    people = version.lines.get(indicator__code="nguoi-bdg").indicator
    save_rule(version=version, kind="sum", indicator=people, parts=cells.values(), is_stop=False)
    texts = {
        "results": (True, "Nêu hoạt động, nơi làm và ai dự."),
        "difficulties": (False, ""),
        "proposals": (False, ""),
    }
    set_texts(version=version, texts=texts, most_files=3, files_help=EQUALITY_FILES, by=by)
    put_in_force(version=version, day=date(2025, 1, 1), by=by)


def add_form(code, name, owner, levels, lines, program):
    form = ReportForm.objects.create(code=code, name=name, owner=owner, program=program)
    form.levels.set(Level.objects.filter(code__in=levels))
    asked = []
    for line, words, unit in lines:
        kind = Indicator.ValueType.MONEY if unit == "đồng" else Indicator.ValueType.WHOLE
        asked.append(
            Indicator.objects.create(
                code=line, name=words, unit=unit, aggregation="flow", value_type=kind
            )
        )
    ask_indicators(form, [("Kết quả", asked)], in_force_on=date(2020, 1, 1))
    return form


def open_one(form, row, levels, by, among=None):
    kind, code, label, first, last, due = row
    period = Period.objects.create(
        form=form, kind=kind, code=code, year=last.year, label=label, starts_on=first,
        ends_on=last, cut_off_on=due,
    )  # fmt: skip
    for level in Level.objects.filter(code__in=levels):
        PeriodDue.objects.create(period=period, level=level, due_on=due)
    open_period(
        period=period, by=by, among=among, at=datetime(first.year, first.month, 1, 8, tzinfo=HANOI)
    )
