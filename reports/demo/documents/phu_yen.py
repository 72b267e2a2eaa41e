"""Phú Yên 2023: the figures of the article as printed. The loans' parts do not add up to the
printed total, in money and in households; both are kept and neither is corrected."""

from datetime import date

from programs.models import Partner, Qualifier
from programs.services import create_program, start_program

from .shared import Writer

MILLION = 1_000_000
LOANS = "Vốn tín chấp đến ngày 30/10/2023"
TOTAL_MONEY, TOTAL_HOUSES = "Tổng dư nợ", "Tổng số hộ vay"
MEMBERS = "Tổng số hội viên toàn tỉnh"
BANKS = [  # name, dư nợ in triệu đồng, as printed, households
    ("Ngân hàng Chính sách - Xã hội", 1_996_405, "1.996.405 triệu đồng", 43_880),
    ("Ngân hàng Nông nghiệp & Phát triển nông thôn", 72_470, "72,47 tỷ đồng", 1_098),
    ("Ngân hàng Bưu Điện Liên - Việt", 213_000, "213 tỷ đồng", 5_150),
]

# The article has no numbers of sections: where the figures of a heading stand in it.
PARAGRAPHS = {
    "Hội viên": "Đoạn 10", LOANS: "Đoạn 17", "Mẹ đỡ đầu, an sinh": "Đoạn 17",
    "Dự án 8": "Đoạn 16", "Tuyên truyền, cán bộ": "Đoạn 15",
}  # fmt: skip
# What the article tells of beside its figures, in its own order; it has no numbers of sections.
CONTENTS = [
    ("1", "Tập huấn, bồi dưỡng cán bộ Hội",
     "Mở các lớp tập huấn nghiệp vụ công tác Hội, bồi dưỡng kiến thức và kỹ năng sử dụng mạng xã "
     "hội; cấp huyện phối hợp với Trung tâm bồi dưỡng Chính trị cùng cấp.", "Đoạn 6"),
    ("2", "Hội thi “Chủ tịch Hội LHPN cơ sở giỏi”",
     "Do Hội LHPN tỉnh và cấp huyện tổ chức.", "Đoạn 11"),
    ("3", "Mô hình “Phát triển du lịch cộng đồng”",
     "Đề án 939 “Hỗ trợ phụ nữ khởi nghiệp giai đoạn 2017-2025”: khảo sát, tập huấn và thành lập "
     "mô hình tại thị trấn Hòa Hiệp Trung, thị xã Đông Hòa.", "Đoạn 17"),
    ("4", "Chuỗi hoạt động “Phiên chợ xanh”",
     "Hỗ trợ phụ nữ khởi nghiệp; hội chợ quảng bá, xúc tiến thương mại sản phẩm OCOP, tiểu thủ "
     "công mỹ nghệ của phụ nữ.", "Đoạn 17"),
    ("5", "“Mái ấm tình thương”, học bổng và “Mẹ đỡ đầu”",
     "Huy động nguồn lực xây dựng “Mái ấm tình thương”, trao học bổng cho học sinh kém may mắn, "
     "kết nối mẹ đỡ đầu cho trẻ mồ côi.", "Đoạn 17"),
]  # fmt: skip
PARTNERS = [
    *((bank, Partner.Kind.BANK) for bank, *_ in BANKS),
    ("Công ty Cổ phần FPT", Partner.Kind.COMPANY),
    ("Trường TH, THCS và THPT Hy Vọng", Partner.Kind.OTHER),
]


def add(units, people):
    by = people["phuyen.canbo"]
    program = create_program(
        owner=units.others["tỉnh Phú Yên"],
        name="Công tác Hội và phong trào phụ nữ tỉnh Phú Yên năm 2023",
        edition="năm 2023",
        starts_on=date(2023, 1, 1),
        ends_on=date(2023, 12, 31),
        by=by,
        plan={
            "title": "Đổi mới nội dung, phương thức hoạt động để tập hợp phụ nữ (bài viết)",
            "issuer": "Hội LHPN tỉnh Phú Yên",
        },
    )
    program = start_program(program=program, seen_version=program.version, by=by)
    writer = Writer(program, by)
    writer.contents(CONTENTS)
    writer.figures([{"clause": PARAGRAPHS[row["heading"]]} | row for row in figures()], year=2023)
    for name, kind in PARTNERS:
        writer.keep(Partner(branch=program.owner, name=name, kind=kind))


def figures():
    loans = {"heading": LOANS, "as_of": date(2023, 10, 30)}
    rows = [
        {"heading": "Hội viên", "label": MEMBERS, "value": 161_102,
         "unit": "hội viên", "printed": "161.102"},
        {"heading": "Hội viên", "label": "Hội viên tăng trong năm", "value": 2_404,
         "unit": "hội viên", "role": "increase", "printed": "tăng 2.404", "about": MEMBERS},
        {"heading": "Hội viên", "label": "Tỷ lệ hội viên so với phụ nữ", "value": "72.6",
         "unit": "%", "printed": "72,6%", "about": MEMBERS},
        loans | {"label": TOTAL_MONEY, "value": 2_290_900 * MILLION, "unit": "đồng",
                 "printed": "2.290.900 triệu đồng"},
        loans | {"label": TOTAL_HOUSES, "value": 50_106, "unit": "hộ", "printed": "50.106 hộ vay"},
    ]  # fmt: skip
    for bank, millions, printed, houses in BANKS:
        rows += [
            loans | {"label": f"Dư nợ {bank}", "value": millions * MILLION, "unit": "đồng",
                     "printed": printed, "part_of": TOTAL_MONEY},
            loans | {"label": f"Số hộ vay {bank}", "value": houses, "unit": "hộ",
                     "printed": f"{houses:,} hộ vay".replace(",", "."), "part_of": TOTAL_HOUSES},
        ]  # fmt: skip
    return rows + [
        {"heading": "Mẹ đỡ đầu, an sinh", "label": "Trẻ mồ côi được kết nối có mẹ đỡ đầu",
         "value": 457, "unit": "trẻ", "is_cumulative": True},
        {"heading": "Mẹ đỡ đầu, an sinh", "label": "“Nhà tình thương” cho trẻ khó khăn",
         "value": 14, "unit": "căn", "printed": "14 “Nhà tình thương” cho 14 em"},
        {"heading": "Mẹ đỡ đầu, an sinh", "label": "Trẻ được tặng “Nhà tình thương”", "value": 14,
         "unit": "trẻ"},
        {"heading": "Mẹ đỡ đầu, an sinh",
         "label": "Trẻ mồ côi do Covid-19 nhập học Trường Hy Vọng (FPT)", "value": 4,
         "unit": "trẻ"},
        {"heading": "Dự án 8", "label": "Tổ truyền thông cộng đồng", "value": 52, "unit": "tổ"},
        {"heading": "Dự án 8", "label": "Câu lạc bộ thủ lĩnh của sự thay đổi", "value": 8,
         "unit": "câu lạc bộ", "printed": "08"},
        {"heading": "Dự án 8", "label": "Địa chỉ tin cậy tại cộng đồng thành lập mới", "value": 3,
         "unit": "địa chỉ", "printed": "03"},
        {"heading": "Dự án 8", "label": "Đối thoại chính sách cấp xã", "value": 1, "unit": "cuộc",
         "printed": "01"},
        {"heading": "Tuyên truyền, cán bộ", "label": "Trang fanpage phụ nữ các cấp", "value": 120,
         "unit": "trang", "qualifier": Qualifier.OVER, "printed": "trên 120"},
        {"heading": "Tuyên truyền, cán bộ",
         "label": "Chủ tịch Hội cơ sở sử dụng thành thạo phần mềm quản lý hội viên",
         "clause": "Đoạn 9", "value": 100,
         "unit": "%", "printed": "100%"},
        {"heading": "Tuyên truyền, cán bộ",
         "label": "Cán bộ Hội các cấp được nâng cao kiến thức, kỹ năng tuyên truyền",
         "clause": "Đoạn 12",
         "value": 100, "unit": "%", "printed": "100%"},
        {"heading": "Tuyên truyền, cán bộ",
         "label": "Chủ tịch Hội cơ sở tiêu biểu dự giao lưu toàn quốc",
         "clause": "Đoạn 11", "value": 4,
         "unit": "người", "printed": "Bốn"},
        {"heading": "Tuyên truyền, cán bộ",
         "label": "Tỉnh/TP tham dự Trại hè “Hoa hướng dương”",
         "clause": "Đoạn 17", "value": 39, "unit": "tỉnh/TP",
         "printed": "1 trong 39 tỉnh/TP"},
    ]  # fmt: skip
