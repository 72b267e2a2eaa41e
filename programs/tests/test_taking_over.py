"""The five papers, each taken over with everything ticked, and what must not be taken."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils.datastructures import MultiValueDict

from branches.models import Branch
from branches.tests.small_decrees import apply_tree_alone, reform_of_da_nang
from conftest import person, unit
from programs.forms import ReadingPage
from programs.models import (
    Content,
    Duty,
    Milestone,
    Partner,
    PlanDocument,
    PlanReading,
    Program,
    QuotaLine,
    StatedFigure,
    SupportItem,
    Target,
    TargetPart,
)
from programs.proposals import proposals_of
from programs.queries.named_units import NamedUnits
from programs.queries.targets import figure_words, part_words
from programs.reading import propose, read_document
from programs.services import (
    STALE,
    ProgramError,
    TakingError,
    ask_reading,
    keep_choices,
    read_paper,
    record_delivery,
    start_program,
    take_over,
)

PLANS = Path(__file__).parent / "data" / "plans"
ROWS = (Content, Duty, Milestone, QuotaLine, StatedFigure, SupportItem, Target)

pytestmark = pytest.mark.django_db


def plan(name):
    return (PLANS / f"{name}.txt").read_text(encoding="utf-8")


def read(branch, by, text):
    reading = ask_reading(branch=branch, by=by, text=text)
    read_paper(reading)
    reading.refresh_from_db()
    return reading


BEYOND = {"reaches_out": "on"}  # the communes that it helps lie in other provinces


def take(reading, by, ids=None, basics=None, **typed):
    """Take these over (all, if none are named), as the page sends them; `typed`: id → fields."""
    data = {f"basics-{name}": value for name, value in (basics or {}).items()}
    for row in reading.proposals:
        fields = row["fields"] | typed.get(row["id"].replace("-", "_"), {})
        sent = {f"{row['id']}-{name}": value for name, value in fields.items() if value}
        data |= sent
        if ids is None or row["id"] in ids:
            data[f"{row['id']}-take"] = "on"
    page = ReadingPage(reading, as_sent(data))
    assert page.is_valid(), [(form.prefix, form.errors) for form in page.wrong]
    return take_over(
        reading=reading,
        seen_version=reading.version,
        basics=page.basics.cleaned_data,
        rows=page.wanted(),
        choices=page.typed,
        by=by,
    )


def as_sent(data):
    """What a browser would have sent: of boxes each value by itself."""
    sent = MultiValueDict()
    for name, value in data.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    return sent


def ids_of(reading, *kinds):
    return [row["id"] for row in reading.proposals if row["kind"] in kinds]


@pytest.fixture
def da_nang(units, people):
    """The city of 2021, with the units that its plan names."""
    more = SimpleNamespace(
        bien_phong=unit("truc_thuoc", units.da_nang, "Hội Phụ nữ BCH Biên phòng"),
        quan_su=unit("truc_thuoc", units.da_nang, "Hội Phụ nữ BCH Quân sự"),
        cho=unit("truc_thuoc", units.da_nang, "Hội Phụ nữ Chợ"),
        ngu_hanh_son=unit("huyen", units.da_nang, "Ngũ Hành Sơn", "quận"),
        lien_chieu=unit("huyen", units.da_nang, "Liên Chiểu", "quận"),
    )
    unit("xa", units.da_nang, "Liên Chiểu", "phường")  # one tone of type from the district
    return more


@pytest.fixture
def ha_noi(db):
    """Hà Nội and the communes it helps; one name stands in two districts of one province."""
    country = unit("trung_uong", None, "Việt Nam")
    found = SimpleNamespace(ha_noi=unit("tinh", country, "Hà Nội", "thành phố"))
    nghe_an = unit("tinh", country, "Nghệ An", "tỉnh")
    ky_son = unit("huyen", nghe_an, "Kỳ Sơn", "huyện")
    dien_bien = unit("tinh", country, "Điện Biên", "tỉnh")
    muong_nhe = unit("huyen", dien_bien, "Mường Nhé", "huyện")
    kon_tum = unit("tinh", country, "Kon Tum", "tỉnh")
    sa_thay = unit("huyen", kon_tum, "Sa Thầy", "huyện")
    dak_glei = unit("huyen", kon_tum, "Đăk Glei", "huyện")
    found.nam_can = unit("xa", ky_son, "Nậm Cắn", "xã")
    found.nam_can_other = unit("xa", ky_son, "Nậm Càn", "xã")
    found.na_loi = unit("xa", ky_son, "Na Loi", "xã")
    found.leng_su_sin = unit("xa", muong_nhe, "Leng Su Sìn", "xã")
    found.sin_thau = unit("xa", muong_nhe, "Sín Thầu", "xã")
    found.sin_thau_other = unit("xa", sa_thay, "Sín Thầu", "xã")
    found.mo_rai = unit("xa", sa_thay, "Mô Rai", "xã")
    found.dak_plo = unit("xa", dak_glei, "Đăk Plô", "xã")
    found.officer = person("thu", "Trịnh Thị Thu", ("officer", found.ha_noi))
    return found


def test_the_plan_of_da_nang_gives_its_table_and_its_deadline(da_nang, units, people):
    reading = read(units.da_nang, people.an, plan("da_nang_2021"))

    program = take(reading, people.an)

    assert (program.name, program.status) == ("Hướng về Chi hội, hành động vì Chi hội", "draft")
    assert (program.starts_on, program.ends_on) == (date(2021, 1, 1), date(2022, 12, 31))
    assert program.contact == "Ban Xây dựng Tổ chức Hội và Văn phòng"
    lines = [
        (line.applies_to, line.branch or line.level or "", line.place, line.stated_total)
        for line in program.lines.all()
    ]
    level = {line.number: line.level for line in program.lines.all()}
    assert lines == [
        ("teams", "", None, 3),
        ("branch", units.cong_an, units.son_tra, 1),
        ("branch", da_nang.bien_phong, da_nang.ngu_hanh_son, 1),
        ("branch", da_nang.quan_su, da_nang.lien_chieu, 1),
        ("branch", da_nang.cho, units.hai_chau, 1),
        ("level", level[6], None, 7),
        ("level", level[7], None, 56),
    ]
    assert (level[6].code, level[7].code) == ("huyen", "xa")
    milestone = program.milestones.get()
    assert (milestone.due_on, milestone.kind) == (date(2021, 1, 14), "list")
    assert milestone.printed == "trước ngày 15/01/2021"
    assert [level.code for level in milestone.levels.all()] == ["huyen", "truc_thuoc"]
    assert program.stated_figures.get().value == 70


def test_every_row_names_the_paper_and_its_place_in_it(da_nang, units, people):
    reading = read(units.da_nang, people.an, plan("da_nang_2021"))

    program = take(reading, people.an)

    rows = [row for model in ROWS for row in model.objects.filter(program=program)]
    assert len(rows) > 25
    assert {row.document for row in rows} == {program.plan}
    assert all(row.clause for row in rows)
    assert program.lines.first().clause == "Mục II.4, dòng 2"
    assert {line.history.get().history_user for line in program.lines.all()} == {people.an}


def test_the_plan_of_ha_noi_gives_360_million_in_items(ha_noi):
    reading = read(ha_noi.ha_noi, ha_noi.officer, plan("ha_noi_2024"))

    program = take(reading, ha_noi.officer, basics=BEYOND)

    items = list(program.items.all())
    assert sum(item.value or 0 for item in items) == 360_000_000
    assert sum(item.value is None for item in items) == 8
    assert not program.stated_figures.filter(value=360_000_000).exists()  # the paper prints no sum
    help_for_pupils = next(item for item in items if item.months)
    assert (help_for_pupils.quantity, help_for_pupils.unit_value) == (10, 500_000)
    assert (help_for_pupils.months, help_for_pupils.is_stated_wrong) == (12, False)
    conditional = [item.what for item in items if item.is_conditional]
    assert "điểm trường" in conditional
    papers = {p.number: p.role for p in program.plans.exclude(role=PlanDocument.Role.PLAN)}
    assert papers == {
        "967/KHPH-HLHPN-BTLBP": "basis",
        "2155/HLHPN-BTLBP": "amendment",
        "06/CTrPH/HLHPNHN-BĐBPKT": "basis",
    }
    assert not program.assignments.exists()
    assert Content.objects.filter(program=program, heading__contains="thôi giúp xã Sín Thầu")


def test_what_the_paper_gives_to_border_posts_can_be_handed_over_to_one(ha_noi):
    reading = read(ha_noi.ha_noi, ha_noi.officer, plan("ha_noi_2024"))
    program = take(reading, ha_noi.officer, basics=BEYOND)
    program = start_program(program=program, seen_version=program.version, by=ha_noi.officer)
    [visit] = [item for item in program.items.all() if not item.places.exists()]
    post = Partner.objects.create(branch=ha_noi.ha_noi, name="Đồn Biên phòng Mô Rai")

    given = record_delivery(item=visit, partner=post, given_on=date(2024, 2, 1), by=ha_noi.officer)

    assert given.receiver_name == "Đồn Biên phòng Mô Rai"


def test_places_are_matched_and_a_doubtful_one_is_left_to_her(ha_noi):
    reading = read(ha_noi.ha_noi, ha_noi.officer, plan("ha_noi_2024"))

    program = take(reading, ha_noi.officer, basics=BEYOND)

    places = {unit for item in program.items.all() for unit in item.places.all()}
    communes = {unit for unit in places if unit.level.code == "xa"}
    assert communes == {
        ha_noi.nam_can, ha_noi.na_loi, ha_noi.leng_su_sin, ha_noi.mo_rai, ha_noi.dak_plo,
    }  # fmt: skip
    row = next(r for r in reading.proposals if r["fields"].get("words") == "xã Sín Thầu")
    found = {pk for pk, _ in row["units"]["branch"]["candidates"]}
    assert found == {ha_noi.sin_thau.pk, ha_noi.sin_thau_other.pk}
    assert row["fields"]["branch"] == ""
    gift = program.items.filter(places=ha_noi.leng_su_sin, kind__code="qua").get()
    assert gift.note == "Nơi nhận ghi trong văn bản: xã Sín Thầu"


def test_a_place_outside_is_refused_unless_the_programme_reaches_out(ha_noi):
    reading = read(ha_noi.ha_noi, ha_noi.officer, plan("ha_noi_2024"))

    with pytest.raises(TakingError) as refused:
        take(reading, ha_noi.officer)

    assert any("Hội LHPN thành phố Hà Nội" in words for words in refused.value.by_id.values())
    assert not Program.objects.exists()


def test_the_one_she_chooses_gets_the_item(ha_noi):
    reading = read(ha_noi.ha_noi, ha_noi.officer, plan("ha_noi_2024"))
    row = next(r for r in reading.proposals if r["fields"].get("words") == "xã Sín Thầu")

    chosen = {row["id"].replace("-", "_"): {"branch": str(ha_noi.sin_thau.pk)}}
    program = take(reading, ha_noi.officer, basics=BEYOND, **chosen)

    gift = program.items.filter(places=ha_noi.sin_thau).get()
    assert set(gift.places.all()) == {ha_noi.leng_su_sin, ha_noi.sin_thau}


def test_she_says_whom_the_programme_helps_and_that_it_reaches_out(ha_noi):
    reading = read(ha_noi.ha_noi, ha_noi.officer, plan("ha_noi_2024"))

    basics = {"supported_level": "xa", "reaches_out": "on", "name": "Biên cương 2024"}
    program = take(reading, ha_noi.officer, ids_of(reading, "name", "period"), basics)

    assert (program.name, program.reaches_out) == ("Biên cương 2024", True)
    assert program.supported_level.code == "xa"


def test_a_name_that_she_corrects_is_looked_up_again(ha_noi):
    reading = read(ha_noi.ha_noi, ha_noi.officer, plan("ha_noi_2024"))
    row = next(r for r in reading.proposals if r["fields"].get("words") == "xã Sín Thầu")
    typed = {row["id"]: row["fields"] | {"words": "xã Sín Thầu, Mường Nhé, Điện Biên"}}

    kept = keep_choices(
        reading=reading,
        seen_version=reading.version,
        choices={"basics": {}, "rows": typed},
        by=ha_noi.officer,
    )

    assert kept.choices["rows"][row["id"]]["branch"] == str(ha_noi.sin_thau.pk)
    form = ReadingPage(kept).forms[row["id"]]
    assert [pk for pk, _ in form.fields["branch"].choices] == ["", str(ha_noi.sin_thau.pk)]


def test_the_plan_of_hoc_mon_gives_its_duties(db):
    district = unit("tinh", None, "Hồ Chí Minh", "thành phố")
    district = unit("huyen", district, "Hóc Môn", "huyện")
    officer = person("tam", "Vũ Thị Tám", ("officer", district))
    reading = read(district, officer, plan("hoc_mon_2021"))

    program = take(reading, officer)

    plan_paper = program.plan
    assert (plan_paper.number, plan_paper.printed) == ("02/KH-BTV", "02 /KH-BTV")
    assert plan_paper.issued_on == date(2021, 11, 18)
    assert (plan_paper.place, plan_paper.signing) == ("Hóc Môn", "TM. BAN THƯỜNG VỤ, PHÓ CHỦ TỊCH")
    assert len(plan_paper.recipient_lines) == 8
    assert plan_paper.recipient_lines[-1] == "Lưu: VT"
    assert (program.starts_on, program.ends_on) == (date(2021, 1, 1), date(2030, 12, 31))
    duties = program.duties.all()
    assert len(duties) == 15
    assert {d.rhythm for d in duties if d.kind == "report"} == {"yearly", "ad_hoc", "phase"}
    bound = {frozenset(d.levels.values_list("code", flat=True)) for d in duties}
    assert bound == {frozenset(), frozenset({"xa", "truc_thuoc"})}  # the district; all below it
    budgets = [(d.who, d.rhythm) for d in duties if d.kind == "budget"]
    assert budgets == [
        ("Hội LHPN huyện", "yearly"),
        ("Hội LHPN cơ sở và Hội Phụ nữ trực thuộc", "yearly"),
    ]
    assert Content.objects.get(program=program, number="II.2.1").parent.number == "II.2"


def test_who_signed_is_neither_proposed_nor_kept(da_nang, units, people):
    reading = read(units.da_nang, people.an, plan("da_nang_2021"))

    program = take(reading, people.an)

    assert "Mẫu Một" not in str(reading.proposals)
    assert program.plan.signing == "TM. BAN THƯỜNG VỤ, CHỦ TỊCH"


@pytest.mark.parametrize(
    ("said", "qualifier", "value", "shown"),
    [
        ("Vận động được hơn 1,1 tỷ đồng.", "more_than", 1_100_000_000, "hơn 1,1 tỷ đồng"),
        ("Thu hút gần 70 nghìn lượt hội viên.", "nearly", 70_000, "gần 70 nghìn"),
        ("Có khoảng 120 mô hình hoạt động.", "about", 120, "khoảng 120"),
        ("Có trên 85% cán bộ thành thạo phần mềm.", "over", 85, "trên 85%"),
        ("Các cấp Hội ước giúp 68 hộ thoát nghèo.", "estimated", 68, "ước 68"),
        ("Nợ quá hạn dưới 0,2%.", "under", Decimal("0.2"), "dưới 0,2%"),
        ("Tỷ lệ tập hợp đạt 80% trở lên.", "and_up", 80, "80% trở lên"),
    ],
)
def test_the_word_before_a_figure_goes_with_it(db, said, qualifier, value, shown):
    province = unit("tinh", None, "Phú Yên", "tỉnh")
    officer = person("hoa", "Đỗ Thị Hoa", ("officer", province))
    head = "Hội Phụ nữ một năm nhìn lại\nNăm 2023, các cấp Hội Phụ nữ trong tỉnh có nhiều kết quả."
    text = f"{head}\n{said}"
    reading = read(province, officer, text)

    program = take(reading, officer, basics={"name": "Kết quả năm 2023"})

    figure = program.stated_figures.get()
    assert (figure.qualifier, figure.value, figure.year) == (qualifier, value, 2023)
    assert figure_words(figure) == shown


@pytest.mark.parametrize(
    ("said", "qualifier", "shown"),
    [
        ("Giúp ít nhất 12 hộ thoát nghèo.", "at_least", "ít nhất 12 hộ"),
        ("Giúp tối thiểu 12 hộ thoát nghèo.", "minimum", "tối thiểu 12 hộ"),
        ("Mỗi chi hội giúp tối thiểu 02 hộ.", "minimum", "mỗi đơn vị tối thiểu 02 hộ"),
        ("Phấn đấu giúp 12 hộ thoát nghèo.", "strive", "phấn đấu 12 hộ"),
        ("Kết nạp không dưới 150 hội viên.", "not_under", "tăng thêm không dưới 150 hội viên"),
    ],
)
def test_the_word_before_a_target_goes_with_it(db, said, qualifier, shown):
    province = unit("tinh", None, "Phú Yên", "tỉnh")
    officer = person("hoa", "Đỗ Thị Hoa", ("officer", province))
    text = f"KẾ HOẠCH\nCông tác Hội năm 2024\nI. CHỈ TIÊU\n- {said}"
    reading = read(province, officer, text)

    program = take(reading, officer, basics={"name": "Công tác năm 2024"})

    part = TargetPart.objects.get(target__program=program)
    assert (part.qualifier, part.target.year) == (qualifier, 2024)
    assert part_words(part) == shown


def test_the_article_of_phu_yen_keeps_totals_as_printed_beside_their_parts(db):
    province = unit("tinh", None, "Phú Yên", "tỉnh")
    officer = person("yen", "Mai Thị Yến", ("officer", province))
    reading = read(province, officer, plan("phu_yen_2023"))

    program = take(reading, officer)

    wholes = {
        whole.value: sum(part.value for part in whole.parts.all())
        for whole in program.stated_figures.filter(parts__isnull=False).distinct()
    }
    assert wholes == {2_290_900_000_000: 2_281_875_000_000, 50_106: 50_128}
    members = program.stated_figures.get(value=161_102)
    assert (members.year, members.unit) == (2023, "hội viên toàn tỉnh")
    fanpages = program.stated_figures.get(value=120)
    assert fanpages.qualifier == "over"
    assert program.stated_figures.get(value=Decimal("72.6")).unit == "%"
    banks = Partner.objects.filter(branch=province, kind=Partner.Kind.BANK)
    assert banks.count() == 3


def test_the_article_of_the_centre_gives_seven_targets_in_their_shapes(db):
    centre = unit("trung_uong", None, "Việt Nam")
    officer = person("chi", "Hà Thị Chi", ("officer", centre))
    reading = read(centre, officer, plan("trung_uong_2023"))

    program = take(reading, officer, basics={"name": "Công tác Hội năm 2024"})

    targets = {target.number: target for target in program.targets.all()}
    assert sorted(targets) == ["1", "2", "3", "4", "5", "6", "7"]
    shapes = {number: [p.shape for p in t.parts.all()] for number, t in targets.items()}
    assert shapes["1"] == ["share_of_units"]
    assert shapes["2"] == ["absolute"] * 3
    assert shapes["3"] == ["share_of_persons"]
    assert shapes["4"] == ["share_of_units", "increment", "share_of_units"]
    assert [p.value for p in targets["2"].parts.all()] == [34_000, 18_600, 73]
    assert targets["5"].question
    levels = TargetPart.objects.filter(target=targets["6"]).last().levels
    assert set(levels.values_list("code", flat=True)) == {"huyen", "xa"}
    assert program.stated_figures.filter(value=27_000).count() == 0  # 27.670 said again, rounded


def test_nothing_unticked_is_made(da_nang, units, people):
    reading = read(units.da_nang, people.an, plan("da_nang_2021"))
    ids = ids_of(reading, "name", "period") + ["quota-2"]

    program = take(reading, people.an, ids)

    assert [line.label for line in program.lines.all()] == ["Hội Phụ nữ Công An"]
    others = [m for m in ROWS if m is not QuotaLine and m.objects.filter(program=program).exists()]
    assert others == []
    paper = program.plans.get()
    assert (paper.number, paper.issuer, paper.title) == ("", "", program.name)


def test_a_wrong_row_says_so_at_its_proposal_and_nothing_is_made(da_nang, units, people):
    reading = read(units.da_nang, people.an, plan("da_nang_2021"))

    with pytest.raises(TakingError) as refused:
        take(reading, people.an, quota_3={"number": "2"}, quota_2={"branch": ""})

    assert set(refused.value.by_id) == {"quota-2"}
    assert "Chọn đơn vị được giao." in refused.value.by_id["quota-2"]
    assert not Program.objects.exists()
    assert PlanReading.objects.get(pk=reading.pk).version == reading.version


def test_a_reading_is_taken_over_once(da_nang, units, people):
    reading = read(units.da_nang, people.an, plan("da_nang_2021"))
    take(reading, people.an)

    reading.refresh_from_db()
    with pytest.raises(ProgramError, match="đã tạo thành chương trình rồi"):
        take(reading, people.an)

    assert Program.objects.count() == 1


def test_two_people_do_not_overwrite_each_others_ticks(units, people):
    reading = read(units.da_nang, people.an, plan("da_nang_2021"))
    hers = {"basics": {}, "rows": {"quota-1": {"take": True}}}
    asked = {"reading": reading, "seen_version": reading.version}
    keep_choices(**asked, choices=hers, by=people.an)

    with pytest.raises(ProgramError) as refused:
        keep_choices(**asked, choices={"basics": {}, "rows": {}}, by=people.dung)

    assert str(refused.value) == STALE
    kept = PlanReading.objects.get(pk=reading.pk).choices
    assert kept["rows"]["quota-1"]["take"] is True


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"PK\x03\x04" + b"\x00" * 200, "ke-hoach.docx", "Tệp Word bị hỏng"),
        (b"%PDF-1.7 khong phai", "ke-hoach.pdf", "PDF"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 200, "ke-hoach.docx", "tệp Word kiểu cũ"),
        (b"\xff\xfe\x00\xd8" * 50, "ke-hoach.txt", "Chỉ đọc được"),
    ],
)
def test_a_hostile_file_ends_in_a_sentence(units, people, content, name, sentence):
    reading = ask_reading(branch=units.da_nang, by=people.an, content=content, name=name)

    read_paper(reading)

    reading.refresh_from_db()
    assert reading.state == PlanReading.State.FAILED
    assert sentence in reading.message
    assert reading.proposals == []


def test_a_paper_without_anything_of_a_plan_says_so(units, people):
    reading = read(units.da_nang, people.an, "KẾ HOẠCH")

    assert reading.state == PlanReading.State.READY
    assert reading.message.startswith("Không thấy mục nào")


def test_a_unit_that_was_merged_is_found_under_its_old_name(units, people):
    apply_tree_alone(reform_of_da_nang(units, people.dung), people.dung)

    merged, chosen = NamedUnits().find("phường Thọ Quang, Sơn Trà, Đà Nẵng")
    divided, nobody = NamedUnits().find("phường Thanh Bình")

    new = Branch.objects.get(name="Sơn Trà", type="phường")
    assert merged == [[new.pk, "phường Sơn Trà, thành phố Đà Nẵng (trước là phường Thọ Quang)"]]
    assert (chosen, nobody) == (str(new.pk), "")
    assert sorted(label.partition(",")[0] for _, label in divided) == [
        "phường Hòa Cường", "phường Hải Châu",
    ]  # fmt: skip


def test_a_unit_that_ended_without_a_successor_is_offered_and_never_chosen(units, people):
    apply_tree_alone(reform_of_da_nang(units, people.dung), people.dung)

    found, chosen = NamedUnits().find("quận Hải Châu")

    assert ([pk for pk, _ in found], chosen) == ([units.hai_chau.pk], "")
    assert found[0][1].endswith("(đã kết thúc)")


def test_one_tone_parts_two_communes(ha_noi):
    found, chosen = NamedUnits().find("xã Nậm Cắn, Kỳ Sơn, Nghệ An")

    assert found == [[ha_noi.nam_can.pk, "xã Nậm Cắn, huyện Kỳ Sơn, tỉnh Nghệ An"]]
    assert chosen == str(ha_noi.nam_can.pk)


def test_a_place_of_another_province_is_offered_but_never_chosen(ha_noi):
    found, chosen = NamedUnits().find("xã Na Loi, Lai Châu")

    assert ([pk for pk, _ in found], chosen) == ([ha_noi.na_loi.pk], "")


def test_what_is_beyond_the_page_is_listed_as_not_taken(monkeypatch):
    reading = propose(read_document(plan("da_nang_2021")))
    all_rows, _ = proposals_of(reading)

    monkeypatch.setattr("programs.proposals.MOST", 10)
    rows, left = proposals_of(reading)

    assert [row["id"] for row in rows] == [row["id"] for row in all_rows[:10]]
    numbers = [row["source"] for row in left if not row["is_prose"]]
    assert {row["source"] for row in all_rows[10:]} <= set(numbers)


def test_the_neighbours_units_are_never_offered_for_a_quota(units, people):
    unit("truc_thuoc", units.quang_nam, "Hội Phụ nữ Chợ")
    reading = read(units.da_nang, people.an, plan("da_nang_2021"))

    offered = {
        pk
        for row in reading.proposals
        if row["kind"] == "quota"
        for found in row["units"].values()
        for pk, _ in found["candidates"]
    }

    outside = Branch.objects.exclude(path__startswith=units.da_nang.path)
    assert offered and not offered & set(outside.values_list("pk", flat=True))


def test_a_unit_of_another_type_is_offered_but_never_chosen(ha_noi):
    found, chosen = NamedUnits().find("thị trấn Na Loi, Kỳ Sơn, Nghệ An")

    assert [pk for pk, _ in found] == [ha_noi.na_loi.pk]
    assert chosen == ""
