"""Hóc Môn 2021–2030: a strategy plan without a number to reach: content groups, and tasks of
the district, of 12 communes and of 3 affiliated units."""

from datetime import date

from programs.models import Duty, PlanDocument
from programs.services import create_program, start_program

from .shared import Writer, level

Kind, Rhythm = Duty.Kind, Duty.Rhythm
DISTRICT, BELOW = "Hội LHPN huyện", "Hội LHPN cơ sở và Hội Phụ nữ trực thuộc"

CONTENTS = [
    ("1", "Nâng cao chất lượng công tác tuyên truyền, giáo dục nâng cao nhận thức về bình đẳng "
     "giới; vận động xã hội thực hiện bình đẳng giới",
     "Tuyên truyền theo chủ đề hàng năm; đa dạng hóa sản phẩm truyền thông; nhân rộng điển "
     "hình; “Tháng hành động vì bình đẳng giới và phòng, ngừa ứng phó với bạo lực trên cơ "
     "sở giới” hàng năm.", "Mục II.1"),
    ("2", "Vận động, hỗ trợ phụ nữ nâng cao năng lực, trình độ, cải thiện đời sống; xây dựng "
     "người phụ nữ Việt Nam thời đại mới", "", "Mục II.2"),
    ("2.1", "Nâng cao quyền năng kinh tế cho phụ nữ",
     "Phát triển kinh tế, kinh tế số; Đề án “Hỗ trợ phụ nữ khởi nghiệp giai đoạn 2017 – "
     "2025” (Đề án 939); giảm nghèo bền vững; Quỹ hỗ trợ phụ nữ phát triển kinh tế (CWED) "
     "của Hội LHPN Thành phố Hồ Chí Minh; vốn Ngân hàng Chính sách xã hội; “Ngày tiết kiệm "
     "vì phụ nữ nghèo”; đào tạo nghề.", "Mục II.2.1"),
    ("2.2", "Tuyên truyền, vận động thực hiện chủ trương của Đảng, chính sách, pháp luật của Nhà "
     "nước",
     "Tuyên truyền đường lối, chính sách, pháp luật; hội nghị đối thoại với người đứng đầu "
     "cấp ủy, chính quyền.", "Mục II.2.2"),
    ("2.3", "Xây dựng người phụ nữ Việt Nam đáp ứng yêu cầu thời đại mới",
     "“Tự tin, tự trọng, trung hậu, đảm đang”; giáo dục thẩm mỹ, kỹ năng sống; bảo hiểm y "
     "tế, bảo hiểm xã hội; hỗ trợ nhóm phụ nữ đặc thù, yếu thế.", "Mục II.2.3"),
    ("3", "Giám sát và phản biện xã hội; đề xuất, tham gia xây dựng luật pháp, chính sách",
     "Chọn vấn đề giám sát; góp ý, phản biện xã hội; nâng cao năng lực giám sát, phản biện "
     "của cán bộ Hội.",
     "Mục II.3"),
    ("4", "Bảo vệ quyền và lợi ích hợp pháp, chính đáng của phụ nữ; phòng ngừa bạo lực trên cơ "
     "sở giới; môi trường an toàn cho phụ nữ và trẻ em",
     "“Xây dựng gia đình 5 không, 3 sạch”; giải quyết đơn thư; kết nối phụ nữ bị bạo lực, "
     "bị buôn bán trở về với dịch vụ hỗ trợ: Văn phòng dịch vụ một điểm đến hỗ trợ phụ nữ "
     "di cư trở về (1800599967), Tổng đài ứng phó với bạo lực trên cơ sở giới "
     "(1900969680); địa chỉ tin cậy cộng đồng trên địa bàn 12 xã – thị trấn.", "Mục II.4"),
    ("5", "Tích cực tham mưu, đề xuất công tác cán bộ nữ",
     "Giao lưu với nữ đại biểu Hội đồng nhân dân; đào tạo, bồi dưỡng cán bộ nữ và cán bộ "
     "Hội.", "Mục II.5"),
]  # fmt: skip

# As printed, but for the names of three officers.
RECIPIENTS = [
    "TT Hội LHPN TP", "Ban CS – LP TP", "Ban GĐXH thành phố", "Ban Dân vận HU",
    "Phòng LĐTB&XH huyện", "UBND 12 xã – tt", "Hội LHPN 12 xã – tt, 3 đơn vị trực thuộc",
    "Lưu: VT",
]  # fmt: skip


def add(units, people):
    by = people["hocmon.canbo"]
    program = create_program(
        owner=units.others["huyện Hóc Môn"],
        name="Thực hiện Chiến lược quốc gia về bình đẳng giới giai đoạn 2021 - 2030",
        edition="giai đoạn 2021 - 2030",
        starts_on=date(2021, 11, 18),
        ends_on=date(2030, 12, 31),
        by=by,
        plan={
            "title": "Kế hoạch thực hiện Chiến lược quốc gia về bình đẳng giới giai đoạn "
            "2021 - 2030",
            "number": "02/KH-BTV",
            "printed": "02 /KH-BTV",
            "issued_on": date(2021, 11, 18),
            "issuer": "Ban Thường vụ Hội LHPN huyện Hóc Môn",
            "place": "Hóc Môn",
            "signed_for": "TM. BAN THƯỜNG VỤ",
            "signed_as": "PHÓ CHỦ TỊCH",
            "recipients": "\n".join(RECIPIENTS),
        },
    )
    program = start_program(program=program, seen_version=program.version, by=by)
    writer = Writer(program, by)
    writer.document(
        PlanDocument.Role.BASIS,
        number="470/KH-BTV",
        issued_on=date(2021, 11, 16),
        issuer="Ban Thường vụ Hội LHPN Thành phố",
        title="Kế hoạch thực hiện Chiến lược quốc gia về bình đẳng giới, giai đoạn 2021-2030",
    )
    writer.contents(CONTENTS)
    writer.duties(duties())


def duties():
    """The district's tasks; then those of the communes and the affiliated units together."""
    district = {"who": DISTRICT, "clause": "Mục III.1"}
    rows = [
        district | {"text": "Xây dựng kế hoạch thực hiện cả giai đoạn", "kind": Kind.PLAN,
                    "rhythm": Rhythm.PHASE},
        district | {"text": "Xây dựng kế hoạch thực hiện từng năm", "kind": Kind.PLAN,
                    "rhythm": Rhythm.YEARLY},
        district | {"text": "Dự trù kinh phí tổ chức", "kind": Kind.BUDGET,
                    "rhythm": Rhythm.YEARLY,
                    "recipient": "Phòng Lao động – Thương binh và xã hội huyện"},
        district | {"text": "Hướng dẫn, theo dõi và đôn đốc Hội LHPN cơ sở và các đơn vị trực "
                    "thuộc"},
        district | {"text": "Báo cáo kết quả thực hiện", "kind": Kind.REPORT,
                    "rhythm": Rhythm.YEARLY,
                    "recipient": "Hội LHPN Thành phố; Ban VSTBPN và BĐG huyện"},
    ]  # fmt: skip
    below = {"who": BELOW, "levels": [level("xa"), level("truc_thuoc")], "clause": "Mục III.2"}
    report = below | {"kind": Kind.REPORT, "recipient": DISTRICT}
    return [
        *rows,
        below | {"text": "Xây dựng kế hoạch thực hiện cụ thể", "kind": Kind.PLAN},
        below | {"text": "Tham mưu lập dự trù kinh phí hoạt động trình Hội đồng nhân dân cùng cấp",
                 "kind": Kind.BUDGET, "rhythm": Rhythm.YEARLY,
                 "recipient": "Hội đồng nhân dân cùng cấp"},
        report | {"text": "Kết quả thực hiện trong báo cáo năm", "rhythm": Rhythm.YEARLY},
        report | {"text": "Báo cáo đột xuất theo yêu cầu", "rhythm": Rhythm.AD_HOC},
        report | {"text": "Báo cáo từng giai đoạn theo yêu cầu", "rhythm": Rhythm.PHASE},
    ]  # fmt: skip
