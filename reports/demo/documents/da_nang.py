"""Đà Nẵng 2021: sections II to IV of the plan; the quota table stands in `reports.demo.plan`."""

from programs.models import Duty, ItemKind, Milestone
from programs.services import add_target

from .shared import Writer, level

Kind, Rhythm = Duty.Kind, Duty.Rhythm

CONTENTS = [
    ("II", "Đối tượng, địa bàn, thời gian, số lượng hỗ trợ", "", "Mục II"),
    (
        "II.1",
        "Đối tượng",
        "Chi hội phụ nữ và hội viên, phụ nữ khó khăn tại địa bàn nhận giúp đỡ.",
        "Mục II.1",
    ),
    (
        "II.2",
        "Địa bàn",
        "Lựa chọn ít nhất 70 Chi hội phụ nữ khó khăn thuộc các xã/phường trên địa bàn thành phố.",
        "Mục II.2",
    ),
    ("II.3", "Thời gian", "Thực hiện từ năm 2021-2022.", "Mục II.3"),
    (
        "II.4",
        "Số lượng",
        "Mỗi cấp Hội nhận hỗ trợ, giúp đỡ ít nhất một Chi hội, theo bảng phân bổ.",
        "Mục II.4",
    ),
    (
        "1",
        "Nội dung giúp đỡ, hỗ trợ",
        "",
        "Mục III.1",
    ),
    (
        "1.1",
        "Bồi dưỡng đội ngũ chi hội",
        "Bồi dưỡng, cập nhật thông tin, kiến thức, kỹ năng nhằm nâng cao năng lực, tinh thần "
        "trách nhiệm của đội ngũ chi hội phụ nữ.",
        "Mục III.1",
    ),
    (
        "1.2",
        "Tài liệu sinh hoạt, kinh nghiệm công tác Hội",
        "Cung cấp tài liệu sinh hoạt, chia sẻ kinh nghiệm; hướng dẫn giám sát chính sách liên "
        "quan đến phụ nữ, trẻ em.",
        "Mục III.1",
    ),
    (
        "1.3",
        "Tuyên truyền, hướng dẫn phát triển kinh tế",
        "Tuyên truyền, giáo dục kiến thức, kỹ năng; hướng dẫn xây dựng cuộc sống, phát triển "
        "kinh tế, quyền và lợi ích hợp pháp của phụ nữ và trẻ em.",
        "Mục III.1",
    ),
    (
        "1.4",
        "Kênh truyền thông của Hội",
        "Hướng dẫn dùng các kênh truyền thông; lập trang Facebook, nhóm Zalo tại chi hội.",
        "Mục III.1",
    ),
    (
        "1.5",
        "Vận động nguồn lực",
        "Vốn, phương tiện sinh kế, học bổng cho phụ nữ, trẻ em khó khăn tại địa bàn nhận giúp.",
        "Mục III.1",
    ),
    (
        "2",
        "Hình thức",
        "Thiết thực, phù hợp tình hình, điều kiện của từng chi hội, đáp ứng nhu cầu, nguyện vọng "
        "của phụ nữ tại địa bàn.",
        "Mục III.2",
    ),
]
CITY, DISTRICT, COMMUNE = "Hội LHPN thành phố", "Hội LHPN quận/huyện và đơn vị trực thuộc", (
    "Hội LHPN xã/phường"
)  # fmt: skip
# What is helped with, by the words of section III.1: the kinds that items may be of.
KINDS = ["tap-huan", "tai-lieu", "tuyen-truyen", "truyen-thong", "sinh-ke", "do-dau"]


def middle_levels():
    """Section IV.2 speaks to the districts and to the affiliated units alike."""
    return [level("huyen"), level("truc_thuoc")]


def duties():
    city = {"who": CITY, "clause": "Mục IV.1"}
    middle = {"who": DISTRICT, "levels": middle_levels(), "clause": "Mục IV.2"}
    base = {"who": COMMUNE, "levels": [level("xa")], "clause": "Mục IV.3"}
    to_city = "Hội LHPN thành phố, qua Ban Xây dựng Tổ chức Hội và Văn phòng"
    return [
        city | {"text": "Xây dựng kế hoạch, chỉ đạo, theo dõi, kiểm tra, đánh giá kết quả"},
        city | {"text": "Phối hợp tổ chức các hoạt động, sự kiện tại địa bàn được hỗ trợ"},
        city | {"text": "Các Đoàn phụ trách phong trào giúp đỡ theo phân công"},
        city | {"text": "Ban Xây dựng Tổ chức Hội và Văn phòng là đầu mối chủ trì"},
        middle | {
            "text": "Xây dựng kế hoạch cụ thể, hướng dẫn cơ sở Hội, huy động nguồn lực",
            "kind": Kind.PLAN, "rhythm": Rhythm.ONCE,
        },
        middle | {"text": "Phối hợp với Hội LHPN xã/phường lựa chọn các chi hội khó khăn"},
        middle | {
            "text": "Tổng hợp danh sách chi hội và đơn vị nhận giúp, trước ngày 15/01/2021",
            "kind": Kind.LIST, "rhythm": Rhythm.ONCE, "recipient": to_city,
        },
        middle | {
            "text": "Báo cáo kết quả thực hiện trong các kỳ giao ban tháng",
            "kind": Kind.REPORT, "rhythm": Rhythm.MONTHLY, "recipient": "Hội LHPN thành phố",
        },
        base | {
            "text": "Báo cáo cấp uỷ, chính quyền địa phương về chủ trương tổ chức thực hiện",
            "kind": Kind.REPORT, "rhythm": Rhythm.ONCE, "recipient": "Cấp uỷ, chính quyền",
        },
        base | {
            "text": "Rà soát, lựa chọn chi hội khó khăn; báo cáo danh sách và tình hình chi hội",
            "kind": Kind.LIST, "rhythm": Rhythm.ONCE, "recipient": "Hội LHPN quận/huyện",
        },
        base | {
            "text": "Xây dựng kế hoạch, huy động nguồn lực hỗ trợ chi hội do địa phương nhận giúp",
            "kind": Kind.PLAN, "rhythm": Rhythm.ONCE,
        },
        base | {
            "text": "Thường xuyên liên hệ, báo cáo tình hình chi hội với đơn vị nhận hỗ trợ",
            "kind": Kind.REPORT, "recipient": "Đơn vị nhận hỗ trợ",
        },
        base | {
            "text": "Báo cáo kết quả chương trình qua các kỳ giao ban tháng",
            "kind": Kind.REPORT, "rhythm": Rhythm.MONTHLY, "recipient": "Hội LHPN quận/huyện",
        },
    ]  # fmt: skip


def complete(program, people):
    """Sections II to IV, over the programme that has the quota table."""
    writer = Writer(program, people["danang.quantri"])
    writer.contents(CONTENTS)
    writer.duties(duties())
    add_target(
        program=program, number="II.2", position=1, document=program.plan, clause="Mục II.2",
        text="Lựa chọn ít nhất 70 Chi hội phụ nữ khó khăn thuộc các xã/phường trên địa bàn.",
        parts=[{"shape": "absolute", "text": "Chi hội khó khăn được giúp đỡ", "value": 70,
                "unit": "chi hội", "qualifier": "at_least"}],
        by=writer.by, reason="dữ liệu mẫu",
    )  # fmt: skip
    for line in program.lines.all():
        line.document = program.plan
        writer.keep(line)
    milestone = program.milestones.get()
    milestone.kind, milestone.document = Milestone.Kind.LIST, program.plan
    writer.keep(milestone)
    writer.bind(milestone, middle_levels())
    help_one_chi_hoi(writer)


def help_one_chi_hoi(writer):
    """One item of each kind of help that the plan names, for the first chi hội; not valued."""
    assignment = writer.program.assignments.active().order_by("pk").first()
    names = dict(ItemKind.objects.values_list("code", "name"))
    for code in KINDS:
        writer.item(
            code,
            names[code],
            assignment=assignment,
            giver=assignment.answering_branch,
            places=[assignment.supported],
            clause="Mục III.1",
        )
