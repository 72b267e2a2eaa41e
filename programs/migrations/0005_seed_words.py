"""The short lists that every installation begins with; an administrator may change them.

None of them is official: the commune chooses its reasons (plan of Đà Nẵng 2021, II.2), grades
follow 13/HD-ĐCT-TC of 01/9/2017, the twelve criteria are one province's example.
"""

from django.db import migrations

REASONS = [
    ("ty-le-thap", "Tỷ lệ tập hợp dưới 60%"),
    ("dan-toc-ton-giao", "Vùng đồng bào dân tộc thiểu số, tôn giáo"),
    ("cong-trinh", "Nằm trong vùng công trình trọng điểm, giải tỏa"),
    ("chi-hoi-truong-moi", "Chi hội trưởng mới hoặc kiêm nhiệm"),
]
GRADES = [
    ("xuat-sac", "Xuất sắc"),
    ("manh", "Mạnh (vững mạnh)"),
    ("kha", "Khá"),
    ("trung-binh", "Trung bình"),
]
CRITERIA = [
    "Sinh hoạt đúng kỳ, có nội dung thiết thực",
    "Tỷ lệ tập hợp từ 85% phụ nữ từ 18 tuổi trở lên",
    "Từ 85% hội viên tham gia sinh hoạt",
    "Từ 85% hội viên đóng hội phí đầy đủ",
    "Có sổ sách ghi chép đầy đủ, đúng quy định",
    "Từ 85% gia đình hội viên đạt 5 không, 3 sạch",
    "Có ít nhất một mô hình hoạt động hiệu quả",
    "Có nhóm tiết kiệm hoặc vay vốn hoạt động tốt",
    "Không có hội viên vi phạm pháp luật",
    "Nắm và phản ánh kịp thời tâm tư, nguyện vọng của phụ nữ",
    "Chi hội trưởng được tập huấn nghiệp vụ trong năm",
    "Hoàn thành chỉ tiêu cấp trên giao",
]
KINDS = [
    ("mai-am", "Mái ấm tình thương (xây mới, sửa chữa)"),
    ("sinh-ke", "Vốn, phương tiện sinh kế"),
    ("do-dau", "Đỡ đầu, học bổng"),
    ("qua", "Quà tặng, thăm hỏi"),
    ("tap-huan", "Tập huấn, bồi dưỡng"),
    ("tai-lieu", "Tài liệu, chia sẻ kinh nghiệm"),
    ("tuyen-truyen", "Tuyên truyền, vận động"),
    ("mo-hinh", "Mô hình, câu lạc bộ"),
    ("cong-trinh", "Công trình, phần việc"),
    ("truyen-thong", "Kênh truyền thông, nhóm Zalo, trang Facebook"),
    ("doan-cong-tac", "Đoàn công tác"),
    ("khac", "Hỗ trợ khác"),
]


def add_words(apps, schema_editor):
    for name, rows in (
        ("NeedReason", REASONS),
        ("Grade", GRADES),
        ("Criterion", [(f"kieu-mau-{n}", text) for n, text in enumerate(CRITERIA, start=1)]),
        ("ItemKind", KINDS),
    ):
        model = apps.get_model("programs", name)
        for position, (code, text) in enumerate(rows, start=1):
            model.objects.get_or_create(code=code, defaults={"name": text, "position": position})


def helps_chi_hoi(apps, schema_editor):
    """Until now every programme helped chi hội."""
    chi_hoi = apps.get_model("branches", "Level").objects.filter(code="chi_hoi").first()
    apps.get_model("programs", "Program").objects.update(supported_level=chi_hoi)


class Migration(migrations.Migration):
    dependencies = [("programs", "0004_whole_programmes")]
    operations = [
        migrations.RunPython(add_words, migrations.RunPython.noop),
        migrations.RunPython(helps_chi_hoi, migrations.RunPython.noop),
    ]
