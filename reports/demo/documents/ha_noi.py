"""Hà Nội 2024, "Đồng hành cùng phụ nữ biên cương": five communes in three provinces, valued
items of 360.000.000 đ in all, the unvalued, the conditional and the one-off."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from programs.models import (
    Beneficiary,
    Consent,
    Contribution,
    Delivery,
    Donor,
    Duty,
    Entry,
    Partner,
    PlanDocument,
    Sponsorship,
)
from programs.services import (
    assign,
    close_program,
    create_program,
    end_assignment,
    record_delivery,
    start_program,
)

from .shared import REASON, Writer, level

Role = PlanDocument.Role
NAME = "Đồng hành cùng phụ nữ biên cương"
OWNER = "thành phố Hà Nội"
COMMUNES = ["xã Nậm Cắn", "xã Na Loi", "xã Leng Su Sìn", "xã Mô Rai", "xã Đăk Plô"]
DROPPED = "xã Sín Thầu"
LETTER = "2155/HLHPN-BTLBP"
FIFTY_MILLION = 50_000_000
MONTHLY, PUPILS = 500_000, 10


def add(units, people):
    by = people["hanoi.canbo"]
    past = add_last_year(units, by)
    program = add_program(units, past, by)
    writer = Writer(program, by)
    add_papers(writer)
    partners = add_partners(writer)
    for commune in COMMUNES:
        assign(
            program=program,
            supporter_branch=program.owner,
            supported=units.others[commune],
            starts_on=date(2024, 1, 1),
            by=by,
            document=writer.plan,
            clause="Mục III.2",
            responsible="Ban Gia đình - xã hội",
            partners=[partners[units.others[commune].parent.parent.name]],
        )
    writer.contents(CONTENTS)
    writer.duties(duties())
    items = add_items(writer, units)
    add_samples(writer, items, units, people)


def add_last_year(units, by):
    """The year before, as far as the paper tells of it: Sín Thầu, and why that ended."""
    program = create_program(
        owner=units.others[OWNER],
        name=f"{NAME} năm 2023",
        edition="năm 2023",
        supported_level=level("xa"),
        reaches_out=True,
        starts_on=date(2023, 1, 1),
        ends_on=date(2023, 12, 31),
        by=by,
    )
    program = start_program(program=program, seen_version=program.version, by=by)
    writer = Writer(program, by)
    base, letter = add_joint_papers(writer)
    for commune in (DROPPED, "xã Leng Su Sìn"):
        assignment = assign(
            program=program,
            supporter_branch=program.owner,
            supported=units.others[commune],
            starts_on=date(2023, 1, 1),
            by=by,
        )
        assignment.document = base
        writer.keep(assignment)
        if commune == DROPPED:
            assignment.document = letter
            writer.keep(assignment)
            end_assignment(
                assignment=assignment,
                seen_version=assignment.version,
                ends_on=date(2023, 12, 31),
                reason="Xã Sín Thầu đã đạt chuẩn Nông thôn mới, dừng đồng hành từ năm 2024",
                basis=f"Công văn số {LETTER} ngày 14/7/2023",
                by=by,
            )
    program.refresh_from_db()
    return close_program(
        program=program, seen_version=program.version, by=by, reason="Hết năm, tiếp tục năm 2024"
    )


def add_program(units, past, by):
    program = create_program(
        owner=units.others[OWNER],
        name=f"{NAME} năm 2024",
        edition="năm 2024",
        previous=past,
        supported_level=level("xa"),
        reaches_out=True,
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 12, 31),
        by=by,
        contact="Ban Gia đình - xã hội",
        aim=(
            "Huy động nguồn lực của các cấp Hội Phụ nữ Hà Nội hỗ trợ phụ nữ và trẻ em khó khăn "
            "tại các xã biên giới, góp phần giảm nghèo, bảo vệ chủ quyền, an ninh biên giới."
        ),
        plan={
            "title": "Kế hoạch tổ chức các hoạt động thực hiện Chương trình “Đồng hành cùng phụ "
            "nữ biên cương” năm 2024",
            "issuer": "Ban Thường vụ Hội LHPN Hà Nội",
            "recipients": "Đoàn Chủ tịch Hội LHPN Việt Nam",
        },
    )
    return start_program(program=program, seen_version=program.version, by=by)


def add_joint_papers(writer):
    """What the Hội and the border guard agreed on, and the letter that changed it."""
    joint = "Trung ương Hội LHPN Việt Nam và Bộ Tư lệnh Bộ đội Biên phòng"
    base = writer.document(
        Role.BASIS,
        number="967/KHPH-HLHPN-BTLBP",
        issued_on=date(2020, 12, 28),
        issuer=joint,
        title="Kế hoạch tổ chức Chương trình “Đồng hành cùng phụ nữ biên cương” giai đoạn "
        "2021-2025",
    )
    letter = writer.document(
        Role.AMENDMENT,
        number=LETTER,
        issued_on=date(2023, 7, 14),
        issuer=joint,
        title="Công văn điều chỉnh nội dung trong phân công hỗ trợ giai đoạn 2021-2025",
        amends=base,
        note="Dừng đồng hành với xã Sín Thầu từ năm 2024, tiếp tục với xã Leng Su Sìn",
    )
    return base, letter


def add_papers(writer):
    add_joint_papers(writer)
    writer.document(
        Role.BASIS,
        number="06/CTrPH/HLHPNHN-BĐBPKT",
        issued_on=date(2023, 3, 10),
        issuer="Hội LHPN Hà Nội và Bộ đội Biên phòng tỉnh Kon Tum",
        title="Chương trình phối hợp hoạt động giai đoạn 2023 - 2027",
    )


def add_partners(writer):
    """Province → its border guard."""
    return {
        province: writer.keep(
            Partner(
                branch=writer.program.owner,
                name=f"Bộ đội Biên phòng tỉnh {province}",
                kind=Partner.Kind.ARMED_FORCES,
            )
        )
        for province in ("Nghệ An", "Điện Biên", "Kon Tum")
    }


CONTENTS = [
    (
        "III.1",
        "Đối tượng hỗ trợ đồng hành",
        "Hội LHPN cơ sở, hội viên, phụ nữ và trẻ em có hoàn cảnh khó khăn.",
        "Mục III.1",
    ),
    (
        "1",
        "Công tác tuyên truyền trên hệ thống Hội",
        "Tuyên truyền kết quả Chương trình trên Website, Fanpage của Hội, Báo Phụ nữ Thủ đô; về "
        "tự hào dân tộc, bảo vệ chủ quyền biên giới; về mục đích, ý nghĩa của Chương trình.",
        "Mục II.1",
    ),
    (
        "2",
        "Huy động nguồn lực",
        "Vận động từ cán bộ, hội viên, tổ chức Hội các cấp; tổ chức, doanh nghiệp, cá nhân.",
        "Mục II.2",
    ),
]


def duties():
    Kind, Rhythm = Duty.Kind, Duty.Rhythm
    city = {"who": "Hội LHPN Hà Nội", "clause": "Mục IV.1"}
    report = {"kind": Kind.REPORT, "recipient": "Hội LHPN Việt Nam"}
    provinces = {"who": "Hội LHPN các tỉnh Nghệ An, Điện Biên, Kon Tum", "clause": "Mục IV.2"}
    below = {
        "who": "Hội LHPN các quận, huyện, thị xã và đơn vị trực thuộc",
        "levels": [level("huyen"), level("truc_thuoc")],
        "clause": "Mục IV.4",
    }
    return [
        city | {"text": "Triển khai Kế hoạch tổ chức thực hiện Chương trình năm 2024"},
        city | {
            "text": "Phối hợp chặt chẽ với Hội LHPN, Bộ đội Biên phòng các tỉnh Nghệ An, Điện "
            "Biên, Kon Tum để triển khai Kế hoạch",
        },
        city | {"text": "Ban Gia đình - xã hội là đầu mối tham mưu, vận động nguồn lực"},
        city | report | {
            "text": "Kết quả thực hiện trong báo cáo công tác Hội 6 tháng",
            "rhythm": Rhythm.HALF_YEARLY,
        },
        city | report | {
            "text": "Kết quả thực hiện trong báo cáo công tác Hội 1 năm", "rhythm": Rhythm.YEARLY,
        },
        city | report | {
            "text": "Thông tin báo cáo theo yêu cầu của Hội LHPN Việt Nam",
            "rhythm": Rhythm.AD_HOC,
        },
        city | {
            "text": "Công tác hậu phương quân đội: thăm hỏi, tặng quà các đơn vị quân đội, cán "
            "bộ, chiến sĩ tại các đồn, chốt vùng biên giới",
            "clause": "Mục IV.2 (phần nội dung)",
        },
        provinces | {"text": "Phối hợp tổ chức Chương trình và các hoạt động hỗ trợ"},
        provinces | {"text": "Hướng dẫn Hội LHPN huyện và 05 xã sử dụng hiệu quả nguồn lực"},
        provinces | {"text": "Rà soát, điều chỉnh, đề xuất nội dung; giám sát hiệu quả"},
        {
            "who": "Bộ Chỉ huy Bộ đội Biên phòng các tỉnh Nghệ An, Điện Biên, Kon Tum",
            "clause": "Mục IV.3",
            "text": "Phối hợp triển khai và giám sát sử dụng nguồn hỗ trợ trên địa bàn",
        },
        below | {"text": "Truyền thông về Chương trình trong các hoạt động Hội tại địa phương"},
        below | {"text": "Khai thác nguồn lực xã hội để hỗ trợ 05 xã đồng hành"},
    ]  # fmt: skip


def add_items(writer, units):
    """Items by a word; what has no amount on the paper has none here."""
    place = units.others

    def valued(kind, what, commune, clause, **fields):
        assignment = writer.program.assignments.get(supported=place[commune])
        return writer.item(
            kind, what, places=[place[commune]], assignment=assignment, clause=clause,
            stated_value=FIFTY_MILLION, **fields,
        )  # fmt: skip

    house = {"quantity": 1, "measure": "căn"}
    words = "Xây, sửa Mái ấm tình thương"
    nghe_an, dien_bien, kon_tum = "Mục IV.1.1", "Mục IV.1.2", "Mục IV.1.3"
    two_kon_tum = [place["xã Mô Rai"], place["xã Đăk Plô"]]
    two_nghe_an = [place["xã Nậm Cắn"], place["xã Na Loi"]]
    items = {
        "house": valued("mai-am", words, "xã Nậm Cắn", nghe_an, **house),
        "cows": valued("sinh-ke", "Vốn sinh kế (nuôi bò sinh sản)", "xã Na Loi", nghe_an),
        "house 2": valued("mai-am", words, "xã Leng Su Sìn", dien_bien, **house),
        "capital": valued("sinh-ke", "Vốn sinh kế", "xã Leng Su Sìn", dien_bien),
        "house 3": valued("mai-am", words, "xã Mô Rai", kon_tum, **house),
        "ginseng": valued("sinh-ke", "Vốn sinh kế (trồng sâm dây)", "xã Đăk Plô", kon_tum),
        "pupils": writer.item(
            "do-dau", "Đỡ đầu học sinh nghèo vượt khó, chương trình “Nâng bước em tới trường”",
            places=two_kon_tum, clause=kon_tum, quantity=PUPILS, measure="học sinh",
            unit_value=MONTHLY, months=12, stated_value=60_000_000,
        ),
    }  # fmt: skip
    writer.item(
        "qua", "Thăm, tặng quà phụ nữ có hoàn cảnh khó khăn", places=two_nghe_an, clause=nghe_an
    )
    writer.item(
        "cong-trinh", "Sửa chữa điểm trường", places=two_nghe_an, clause=nghe_an, quantity=1,
        measure="điểm trường", is_conditional=True,
        note="Trên cơ sở thực tế của nguồn lực huy động",
    )  # fmt: skip
    writer.item(
        "qua", "Tết ấm biên cương: tặng quà cho phụ nữ, trẻ em khó khăn",
        places=[place["xã Leng Su Sìn"]], clause=dien_bien,
    )  # fmt: skip
    items["tet"] = writer.item(
        "qua", "Tết ấm biên cương: tặng quà cho phụ nữ, trẻ em khó khăn",
        places=[place[DROPPED]], clause=dien_bien, is_one_off=True,
        note="Xã đã dừng đồng hành từ năm 2024",
    )  # fmt: skip
    writer.item(
        "doan-cong-tac",
        "Đoàn công tác giáo dục truyền thống tại tỉnh Điện Biên, nhân 70 năm chiến thắng Điện "
        "Biên Phủ",
        places=[place["tỉnh Điện Biên"]], clause=dien_bien,
    )  # fmt: skip
    writer.item(
        "qua", "Tặng quà cho Chương trình “Tết ấm biên cương”", places=two_kon_tum,
        clause=kon_tum, quantity=50, measure="suất",
    )  # fmt: skip
    writer.item(
        "tai-lieu", "Chuyển giao tài liệu, chia sẻ kinh nghiệm hoạt động của Hội",
        places=[place[commune] for commune in COMMUNES], clause="Mục IV.1", is_conditional=True,
        note="Căn cứ theo nhu cầu thực tế của 05 xã",
    )  # fmt: skip
    writer.item(
        "khac", "Hỗ trợ thêm theo nguồn lực vận động được",
        places=[place[commune] for commune in COMMUNES], clause="Mục IV.1", is_conditional=True,
        note="Trao đổi, thống nhất với địa phương",
    )  # fmt: skip
    items["post"] = writer.item(
        "qua", "Thăm hỏi, tặng quà các đơn vị quân đội tại các đồn, chốt vùng biên giới",
        clause="Mục IV.2 (hậu phương quân đội)",
    )  # fmt: skip
    return items


# --- Made up, to have something to look at -------------------------------------------------------


def add_samples(writer, items, units, people):
    by = writer.by
    house = items["house"]
    donor = writer.keep(
        Donor(
            branch=writer.program.owner, name="Công ty May Phương Nam (mẫu)",
            kind=Donor.Kind.COMPANY,
        )
    )  # fmt: skip
    gift = writer.keep(
        Contribution(program=writer.program, donor=donor, branch=donor.branch, what="Tiền mặt")
    )
    delivery = writer.keep(
        Delivery(
            item=house, place=units.others["xã Nậm Cắn"], given_on=date(2024, 5, 20), quantity=1,
            value=FIFTY_MILLION, people=1, recorded_by=by,
        )
    )  # fmt: skip
    for kind, value, on, what in (
        ("pledged", 120_000_000, date(2024, 2, 1), {"item": None}),
        ("received", 70_000_000, date(2024, 3, 1), {"item": None}),
        ("pledged", FIFTY_MILLION, date(2024, 3, 5), {"item": house}),
        ("received", FIFTY_MILLION, date(2024, 3, 5), {"item": house}),
        ("given", FIFTY_MILLION, date(2024, 5, 20), {"item": house, "delivery": delivery}),
    ):
        Entry.objects.create(contribution=gift, kind=kind, value=value, on=on, by=by, **what)
    hand_over_to_post(writer, items["post"])
    add_pupils(writer, donor, units, people)


# Without marks: the letters that every reader of PDF has know none.
MINUTES = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R
/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj
4 0 obj<</Length 54>>stream
BT /F1 18 Tf 72 760 Td (BIEN BAN TRAO QUA - MAU) Tj ET
endstream endobj
trailer<</Root 1 0 R>>
"""


def hand_over_to_post(writer, item):
    """Rear-area work: a border post has no account, so signed minutes confirm it."""
    post = writer.keep(
        Partner(
            branch=writer.program.owner, name="Đồn Biên phòng Mô Rai (mẫu)",
            kind=Partner.Kind.ARMED_FORCES,
        )
    )  # fmt: skip
    record_delivery(
        item=item, partner=post, given_on=date(2024, 12, 20), value=10_000_000, people=25,
        note="Quà Tết cho cán bộ, chiến sĩ", by=writer.by,
        minutes=[SimpleUploadedFile("Biên bản trao quà (mẫu).pdf", MINUTES)],
    )  # fmt: skip


def add_pupils(writer, donor, units, people):
    """Ten made-up pupils, five in each commune, all sponsored from January on."""
    from programs.models import Payment

    for number in range(PUPILS):
        commune = units.others[("xã Mô Rai", "xã Đăk Plô")[number % 2]]
        by = people["morai.canbo" if number % 2 == 0 else "dakplo.canbo"]
        child = Beneficiary(
            program=writer.program, branch=commune, code=f"HS-2024-{number + 1:04}",
            kind=Beneficiary.Kind.PUPIL, full_name=f"Học sinh mẫu số {number + 1}",
            birth_year=2010 + number % 5, school_class=str(5 + number % 5),
        )  # fmt: skip
        writer.keep(child)
        Consent.objects.create(
            beneficiary=child, scope=Consent.Scope.RECORD, given_by="Phụ huynh mẫu",
            relation="mẹ", child_agrees=True, how="Phiếu ký ngày 05/01/2024 (mẫu)",
            given_on=date(2024, 1, 5), recorded_by=by,
        )  # fmt: skip
        sponsorship = writer.keep(
            Sponsorship(
                program=writer.program, sponsor=donor, child=child, mode="direct",
                monthly=MONTHLY, starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31),
            )
        )  # fmt: skip
        for month in range(1, 13):
            paid = month <= 3
            row = Payment(
                sponsorship=sponsorship, month=date(2024, month, 1), amount=MONTHLY,
                paid_on=date(2024, month, 10) if paid else None, paid=MONTHLY if paid else None,
                recorded_by=by if paid else None,
            )  # fmt: skip
            row._change_reason = REASON
            row.save()
