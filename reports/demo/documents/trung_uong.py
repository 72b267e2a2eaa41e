"""Trung ương: the results of 2023, of a draft report, and the seven targets of 2024.

Two editions, so that no result of 2023 is set against a target of 2024. The paper prints no
targets of 2023 and no results of 2024.
"""

from datetime import date

from programs.models import Qualifier
from programs.services import add_target, create_program, start_program

from .shared import Writer, level

BILLION = 1_000_000_000
NAME = "Công tác Hội và phong trào phụ nữ cả nước năm {}"
NOVEMBER = date(2023, 11, 30)


def add(units, people):
    by = people["trunguong.canbo"]
    results = add_year(units, by, 2023, None, "Dự thảo báo cáo kết quả công tác Hội năm 2023")
    figures = [{"clause": PARAGRAPHS[row["heading"]]} | row for row in FIGURES]
    Writer(results, by).figures(figures, year=2023)
    plan = add_year(units, by, 2024, results, "Dự thảo kế hoạch nhiệm vụ công tác Hội năm 2024")
    for position, (number, text, question, parts) in enumerate(targets(), start=1):
        add_target(
            program=plan,
            number=number,
            position=position,
            year=2024,
            text=text,
            question=question,
            document=plan.plan,
            clause=f"Chỉ tiêu {number}",
            parts=parts,
            by=by,
            reason="dữ liệu mẫu",
        )


def add_year(units, by, year, previous, title):
    program = create_program(
        owner=units.top,
        name=NAME.format(year),
        edition=f"năm {year}",
        previous=previous,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        by=by,
        plan={
            "title": title,
            "issuer": "Đoàn Chủ tịch Trung ương Hội LHPN Việt Nam",
        },
    )
    return start_program(program=program, seen_version=program.version, by=by)


MEMBERS, POOR, ORPHANS = "Hội viên", "Kinh tế", "Mẹ đỡ đầu"
OVERSIGHT, PROJECT_8, OTHERS = "Giám sát, phản biện", "Dự án 8", "Khác"
# The paper has no numbers of sections: where the figures of a heading stand in it.
PARAGRAPHS = {
    MEMBERS: "Đoạn 25", POOR: "Đoạn 13", ORPHANS: "Đoạn 11", OVERSIGHT: "Đoạn 16",
    PROJECT_8: "Đoạn 19", OTHERS: "Đoạn 25",
}  # fmt: skip
FIGURES = [
    {"heading": MEMBERS, "label": "Tổng số hội viên", "value": 19_668_108, "unit": "hội viên",
     "as_of": NOVEMBER, "printed": "19.668.108"},
    {"heading": MEMBERS, "label": "Hội viên tăng so với 2022", "value": 247_449,
     "unit": "hội viên", "role": "increase", "as_of": NOVEMBER, "about": "Tổng số hội viên"},
    {"heading": MEMBERS, "label": "Hội viên danh dự", "value": 20_500, "unit": "hội viên",
     "printed": "20.500, đa phần là nam giới"},
    {"heading": MEMBERS, "label": "Tỉnh, thành kết nạp, công nhận hội viên danh dự", "value": 55,
     "unit": "tỉnh, thành"},
    {"heading": MEMBERS, "label": "Cơ sở Hội có tỷ lệ tập hợp dưới 60%", "value": 911,
     "unit": "cơ sở", "role": "decrease", "printed": "giảm 911 cơ sở Hội", "clause": "Đoạn 24"},
    {"heading": POOR, "label": "Hộ có phụ nữ thoát nghèo, thoát cận nghèo", "value": 68_786,
     "unit": "hộ", "qualifier": Qualifier.ESTIMATED, "as_of": NOVEMBER, "printed": "ước 68.786"},
    {"heading": POOR, "label": "Hợp tác xã được hỗ trợ thành lập mới", "value": 209,
     "unit": "hợp tác xã"},
    {"heading": POOR, "label": "Tỉnh, thành đạt và vượt chỉ tiêu đề ra", "value": 100,
     "unit": "%", "printed": "100%"},
    {"heading": ORPHANS, "label": "Trẻ mồ côi được chăm sóc, đỡ đầu", "value": 27_670,
     "unit": "trẻ", "is_cumulative": True, "as_of": NOVEMBER, "printed": "27.670 trẻ mồ côi"},
    {"heading": ORPHANS, "label": "Kinh phí vận động", "value": 150 * BILLION, "unit": "đồng",
     "qualifier": Qualifier.NEARLY, "is_cumulative": True, "as_of": NOVEMBER,
     "printed": "gần 150 tỷ đồng"},
    {"heading": ORPHANS, "label": "Trong đó: trẻ do nữ doanh nhân nhận đỡ đầu", "value": 843,
     "unit": "trẻ"},
    {"heading": ORPHANS, "label": "Kinh phí nữ doanh nhân đỡ đầu mỗi năm", "value": 5 * BILLION,
     "unit": "đồng/năm", "qualifier": Qualifier.ABOUT, "printed": "khoảng 5 tỷ đồng/năm"},
    {"heading": OVERSIGHT, "label": "Chính sách Hội cấp tỉnh chủ trì giám sát", "value": 99,
     "unit": "chính sách"},
    {"heading": OVERSIGHT, "label": "Chính sách Hội cấp huyện, cơ sở phối hợp giám sát",
     "value": 10_128, "unit": "chính sách"},
    {"heading": OVERSIGHT, "label": "Nội dung lồng ghép giới, dự thảo Luật Đất đai",
     "clause": "Đoạn 17", "value": 4,
     "unit": "nội dung"},
    {"heading": OVERSIGHT, "label": "Nội dung lồng ghép giới, dự thảo Luật Bảo hiểm xã hội",
     "clause": "Đoạn 17", "value": 5, "unit": "nội dung"},
    {"heading": PROJECT_8, "label": "Tổ truyền thông cộng đồng", "value": 5_477, "unit": "tổ",
     "as_of": NOVEMBER},
    {"heading": PROJECT_8, "label": "CLB “Thủ lĩnh của sự thay đổi”", "value": 703,
     "unit": "CLB", "as_of": NOVEMBER},
    {"heading": PROJECT_8, "label": "Tổ nhóm sinh kế, tổ hợp tác, hợp tác xã", "value": 50,
     "unit": "tổ, nhóm", "as_of": NOVEMBER},
    {"heading": PROJECT_8, "label": "Địa chỉ tin cậy (thành lập và củng cố)", "value": 876,
     "unit": "địa chỉ", "as_of": NOVEMBER},
    {"heading": PROJECT_8, "label": "Phụ nữ, trẻ em được hỗ trợ, tư vấn", "value": 1_400,
     "unit": "người", "as_of": NOVEMBER},
    {"heading": PROJECT_8, "label": "Đối thoại chính sách cấp xã và cụm thôn, bản", "value": 376,
     "unit": "cuộc", "as_of": NOVEMBER},
    {"heading": OTHERS, "label": "Hội Nữ doanh nhân kết nạp mới", "value": 3, "unit": "Hội"},
    {"heading": OTHERS, "label": "Chi hội Nữ trí thức thành lập mới", "value": 4,
     "unit": "chi hội"},
]  # fmt: skip

HOUSEHOLDS = "hộ gia đình đạt tiêu chí “5 không, 3 sạch” hoặc “5 có, 3 sạch”"


def targets():
    """(number, text, what the words leave open, parts) of the seven."""
    top, province, district, commune = map(level, ("trung_uong", "tinh", "huyen", "xa"))
    each = {"shape": "minimum_per_unit", "value": 1, "qualifier": "at_least"}
    all_units = {"shape": "share_of_units", "share": 100, "levels": [commune]}
    absolute = {"shape": "absolute"}
    return [
        ("1", "100% cơ sở Hội duy trì thường xuyên ít nhất 01 loại hình hoạt động để vận động phụ "
         "nữ nâng cao kiến thức, trau dồi đạo đức, rèn luyện sức khỏe.", "",
         [all_units | {"text": "Cơ sở Hội duy trì loại hình hoạt động", "value": 1,
                       "unit": "loại hình", "qualifier": "at_least"}]),
        ("2", "Giúp 34.000 hộ nghèo, cận nghèo có phụ nữ được thoát nghèo, thoát cận nghèo; 18.600 "
         "phụ nữ là chủ doanh nghiệp, quản lý HTX, chủ hộ kinh doanh được hỗ trợ nâng cao năng "
         "lực; vận động, hỗ trợ thành lập mới 73 hợp tác xã có phụ nữ tham gia quản lý.", "",
         [absolute | {"text": "Hộ có phụ nữ thoát nghèo, thoát cận nghèo", "value": 34_000,
                      "unit": "hộ"},
          absolute | {"text": "Phụ nữ được hỗ trợ nâng cao năng lực", "value": 18_600,
                      "unit": "phụ nữ"},
          absolute | {"text": "Hợp tác xã thành lập mới có phụ nữ quản lý", "value": 73,
                      "unit": "hợp tác xã"}]),
        ("3", "80% phụ nữ, trẻ em gái là nạn nhân của bạo lực gia đình, nạn nhân mua bán người trở "
         "về phát hiện trong năm được các cấp Hội hỗ trợ tiếp cận ít nhất một dịch vụ trợ giúp "
         "xã hội.", "",
         [{"shape": "share_of_persons", "share": 80, "text": "Được hỗ trợ tiếp cận ít nhất một "
           "dịch vụ trợ giúp xã hội", "of_whom": "nạn nhân bạo lực gia đình, mua bán người phát "
           "hiện trong năm"}]),
        ("4", "100% cơ sở Hội vận động, hỗ trợ thêm 05 hộ gia đình đạt tiêu chí “gia đình 5 không, "
         "3 sạch” hoặc “gia đình 5 có, 3 sạch”, phấn đấu cả nước giúp được thêm 55.000 hộ gia "
         "đình đạt 8 tiêu chí; 100% cơ sở Hội đăng ký và thực hiện 01 công trình/phần việc góp "
         "phần xây dựng nông thôn mới và đô thị văn minh.", "",
         [all_units | {"text": f"Mỗi cơ sở thêm 05 {HOUSEHOLDS}", "value": 5, "unit": "hộ"},
          {"shape": "increment", "text": f"Cả nước thêm {HOUSEHOLDS}", "value": 55_000,
           "unit": "hộ", "qualifier": "strive"},
          all_units | {"text": "Cơ sở Hội thực hiện công trình/phần việc", "value": 1,
                       "unit": "công trình/phần việc"}]),
        ("5", "Tăng 170.400 hội viên; tăng 88% số cơ sở Hội tập hợp được từ 60% trở lên phụ nữ từ "
         "18 tuổi trở lên có mặt tại địa bàn.",
         "“Tăng 88% số cơ sở”: tăng thêm 88% hay tăng lên đến 88%?",
         [{"shape": "increment", "text": "Hội viên tăng thêm", "value": 170_400,
           "unit": "hội viên"},
          {"shape": "share_of_units", "share": 88, "levels": [commune],
           "text": "“tăng 88% số cơ sở Hội” tập hợp từ 60% phụ nữ"}]),
        ("6", "Trung ương Hội và 100% Hội LHPN cấp tỉnh chủ trì giám sát ít nhất 01 chính sách và "
         "phản biện xã hội ít nhất 01 dự thảo văn bản; mỗi Hội LHPN cấp huyện, cấp xã giám sát ít "
         "nhất 01 chính sách và góp ý ít nhất 01 dự thảo văn bản của cấp ủy, chính quyền.", "",
         [all_units | {"levels": [top, province], "value": 1, "qualifier": "at_least",
                       "text": "Chủ trì giám sát", "unit": "chính sách"},
          all_units | {"levels": [top, province], "value": 1, "qualifier": "at_least",
                       "text": "Phản biện xã hội", "unit": "dự thảo văn bản"},
          each | {"levels": [district, commune], "text": "Giám sát", "unit": "chính sách"},
          each | {"levels": [district, commune], "text": "Góp ý", "unit": "dự thảo văn bản"}]),
        ("7", "Các chỉ tiêu thực hiện chủ đề năm 2024, trong đó đảm bảo 13.220 cán bộ chuyên trách "
         "các cấp sử dụng thành thạo các phần mềm cơ bản trong công tác Hội; 67.110 chi hội "
         "trưởng được tập huấn nghiệp vụ công tác Hội.", "",
         [absolute | {"text": "Cán bộ chuyên trách sử dụng thành thạo phần mềm", "value": 13_220,
                      "unit": "cán bộ"},
          absolute | {"text": "Chi hội trưởng được tập huấn nghiệp vụ", "value": 67_110,
                      "unit": "chi hội trưởng"}]),
    ]  # fmt: skip
