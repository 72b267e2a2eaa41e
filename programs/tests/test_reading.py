"""What the plan reader finds in real papers; proofs/reading.py prints the same as lists."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoiphunu.text import exact_fold, fold
from programs import reading as package
from programs.proposals import levels_of, proposals_of
from programs.reading import propose, read_document
from programs.reading.document import Paragraph, row_text
from programs.reading.quantities import quantities
from programs.tests import reading_scores as scores

pytestmark = pytest.mark.once

VOCABULARY = (
    "Hội LHPN|xã|Bản Mới|huyện|“|”|mỗi|ít nhất|100%|03|1.200|triệu đồng|tổng số hội viên|trong đó:"
    "|trước ngày|15/01/2021|31/02/2022|Số: 05/KH-BTV|I.|1.|-|a)|Nơi nhận:|TM. BAN THƯỜNG VỤ|ngày"
    "|báo cáo|6 tháng|giúp|trao|quà|có thể|;|,|.|(|)|:|\n|\t|\u00a0|năm 2024|12/35|(+5)|KẾ HOẠCH"
    "|phấn đấu"
).split("|")


def read(text):
    return propose(read_document(text))


def seed(name):
    return propose(read_document((scores.DATA / "plans" / f"{name}.txt").read_bytes(), name))


@pytest.mark.parametrize("form", ["text", "docx"])
@pytest.mark.parametrize("name", scores.SEEDS)
def test_at_least_95_percent_of_what_each_of_the_five_papers_prints_is_proposed(name, form):
    score = scores.score_seed(name, form)

    assert score.share >= 0.95, score.missed
    assert not score.without_source
    assert len(score.wrong) <= 0.05 * score.asked, score.wrong


@pytest.mark.parametrize("name", scores.PDFS)
def test_the_same_paper_as_pdf_is_read_as_well(name):
    score = scores.score_pdf(name)

    assert score.share >= 0.95, score.missed
    assert not score.without_source


@pytest.mark.parametrize("name", scores.FURTHER)
def test_at_least_80_percent_are_proposed_from_papers_of_other_provinces(name):
    score = scores.score_further(name)

    assert score.share >= 0.80, score.missed
    assert not score.without_source
    assert len(score.wrong) <= 0.10 * score.asked, score.wrong


def test_there_are_six_further_papers_and_each_paper_has_a_key():
    keys = {path.stem for path in (scores.DATA / "keys").glob("*.json")}

    assert len(scores.FURTHER) >= 6
    assert keys == {*scores.SEEDS, *scores.FURTHER}


def test_the_key_refuses_a_reader_that_finds_nothing_or_too_much():
    empty = scores.score("hoc_mon_2021", read_document("Không có gì."))
    other = scores.score(
        "hoc_mon_2021", read_document((_plans() / "da_nang_2021.txt").read_bytes())
    )

    assert empty.found == 0
    assert other.share < 0.3
    assert len(other.wrong) > 20


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ({"value": 120}, {"qualifier": ""}),  # "trên 120" read as just 120
        ({"value": 2404}, {"year": "2022"}),
        ({"value": 50106}, {"as_of": "2023-10-31"}),
        ({"value": 72470000000}, {"label": "Ngân hàng khác"}),
    ],
)
def test_a_figure_with_another_word_day_or_name_is_missed(line, change):
    key = scores.Key(json.loads((scores.DATA / "keys" / "phu_yen_2023.json").read_text("utf-8")))
    wanted = next(
        asked for kind, asked, _ in key.lines if kind == "figure" and line.items() <= asked.items()
    )
    rows, _ = proposals_of(seed("phu_yen_2023"))
    (row,) = key.matches("figure", wanted, rows)

    other = row | {"fields": row["fields"] | change}

    assert key.matches("figure", wanted, [other]) == []


def test_a_row_whose_sentence_or_printed_number_is_not_in_the_paper_has_no_source():
    document = read_document("Kết quả thật đáng mừng.\nBuổi họp vui. Có 12 hội viên dự họp.")
    rows, _ = proposals_of(propose(document))
    (figure,) = [row for row in rows if row["kind"] == "figure"]

    invented = figure | {"source": "Có 13 hội viên dự họp."}
    misprinted = figure | {"fields": figure["fields"] | {"printed": "1.200"}}

    assert list(scores.sourceless(rows, document)) == []
    assert list(scores.sourceless([invented, misprinted], document)) == [invented, misprinted]


def test_no_word_of_the_five_papers_is_in_the_rules():
    rules = "\n".join(path.read_text(encoding="utf-8") for path in rule_files())

    assert words_in(rules) == set()


@pytest.mark.parametrize(
    "rule",
    [
        'HELPED = ("xã Nậm Cắn", "xã Na Loi")',
        'NAMES = re.compile(r"huong ve chi hoi|hanh dong vi chi hoi")',
        'if "Thủ lĩnh của sự thay đổi" in text: ...',
        'TITLE = "ĐỔI MỚI NỘI DUNG PHƯƠNG THỨC HOẠT ĐỘNG ĐỂ TẬP HỢP PHỤ NỮ"',
        "SUM = 2_290_900",
        'NUMBER = "967/KHPH-HLHPN-BTLBP"',
        'BANK = re.compile("Bưu Điện Liên.Việt")',
    ],
)
def test_a_word_of_the_five_papers_in_the_rules_would_be_seen(rule):
    assert words_in(rule)


def test_the_bank_loans_warn_in_both_columns_and_nothing_is_corrected():
    reading = seed("phu_yen_2023")

    warnings = {total.unit: total for total in reading.warnings}

    assert set(warnings) == {"đồng", "hộ vay"}
    money, households = warnings["đồng"], warnings["hộ vay"]
    assert (money.printed, money.computed) == (2_290_900 * 10**6, 2_281_875 * 10**6)
    assert money.difference == 9_025 * 10**6
    assert (households.printed, households.computed) == (50_106, 50_128)
    assert households.difference == -22
    assert len(reading.warnings) == 2
    printed = {figure.value for figure in reading.of("figure")}
    assert {money.printed, households.printed} <= printed
    assert not {money.computed, households.computed} & printed


def test_valued_items_come_to_a_computed_sum_and_the_others_have_no_value():
    reading = seed("ha_noi_2024")
    items = reading.of("item")

    total = next(total for total in reading.of("total") if total.printed is None)

    assert total.computed == 360_000_000
    assert [item.valuation for item in items].count("chưa định giá") == 8
    assert all(item.value != 0 for item in items)
    assert sum(item.conditional for item in items) == 3
    sponsored = next(item for item in items if item.quantity == 10)
    assert (sponsored.months, sponsored.computed) == (12, ("months",))


def test_a_strategy_without_numbers_to_reach_has_no_target():
    assert seed("hoc_mon_2021").of("target") == []


def test_a_rounded_figure_says_which_exact_one_it_repeats():
    figures = seed("trung_uong_2023").of("figure")

    rounded = next(figure for figure in figures if figure.value == 27_000)

    assert rounded.restates == 27_670
    assert rounded.qualifier == "hơn"


def test_before_a_day_means_the_day_before():
    (deadline,) = read(
        "KẾ HOẠCH\nHỗ trợ chi hội\nI. TỔ CHỨC THỰC HIỆN\n1. Hội LHPN huyện\n"
        "- Gửi danh sách về Hội LHPN tỉnh (qua Văn phòng) trước ngày 01/3/2024."
    ).of("deadline")

    assert deadline.last_day == date(2024, 2, 29)
    assert deadline.printed == "trước ngày 01/3/2024"
    assert (deadline.sender, deadline.receiver, deadline.via) == (
        "Hội LHPN huyện", "Hội LHPN tỉnh", "Văn phòng",
    )  # fmt: skip


def test_before_an_hour_of_a_day_is_still_that_day():
    (deadline,) = read(
        "KẾ HOẠCH\nTặng quà Tết\n1. NỘI DUNG\n1.1. Tặng quà\n5. TỔ CHỨC THỰC HIỆN\n"
        "5.1. Các chi hội\n- Hoàn thành việc trao quà trước 16 giờ ngày 10/02/2026."
    ).of("deadline")

    assert (deadline.last_day, deadline.sender) == (date(2026, 2, 10), "Các chi hội")


def test_a_timetable_gives_its_deadlines_and_its_other_rows_are_listed():
    rows, unknown = proposals_of(
        read(
            "KẾ HOẠCH\nPhong trào năm 2022\nI. TIẾN ĐỘ\nThời gian\tNội dung công việc\tĐơn vị\n"
            "Trước 15.3.2022\tGửi danh sách đăng ký\tHội LHPN xã\n"
            "Từ 01.4 đến 31.10.2022\tTriển khai\tChi hội"
        )
    )

    (milestone,) = [row for row in rows if row["kind"] == "milestone"]
    assert milestone["fields"]["due_on"] == "2022-03-14"
    assert milestone["source"] == "Trước 15.3.2022 | Gửi danh sách đăng ký | Hội LHPN xã"
    assert [row["source"] for row in unknown] == ["Từ 01.4 đến 31.10.2022 | Triển khai | Chi hội"]


@pytest.mark.parametrize(
    ("last", "totals"),
    [("Cộng toàn huyện", [45]), ("Tổng số", [45]), ("Công đoàn huyện", [])],
)
def test_a_total_is_told_by_its_first_words_marks_and_all(last, totals):
    reading = read(
        "KẾ HOẠCH\nPhong trào năm 2022\nI. CHỈ TIÊU\nTT\tĐơn vị\tSố hội viên\n"
        f"1\tXã Bản Mới\t20\n2\tXã Bản Cũ\t25\n\t{last}\t45"
    )

    assert [total.printed for total in reading.of("total")] == totals


def test_a_heading_gives_nothing_and_what_a_gift_consists_of_is_not_its_worth():
    (gift,) = read(
        "KẾ HOẠCH\nTết ấm áp năm 2026\nI. NỘI DUNG\n1. Tặng quà Tết\n"
        "- Tặng 85 suất quà, mỗi suất 600.000 đồng (gồm 400.000 đồng tiền mặt và hiện vật)."
    ).of("item")

    assert (gift.quantity, gift.unit_value, gift.value) == (85, 600_000, 51_000_000)


def test_a_day_that_the_calendar_lacks_is_no_deadline():
    reading = read("I. TỔ CHỨC THỰC HIỆN\n1. Hội LHPN huyện\n- Gửi báo cáo trước ngày 31/02/2024.")

    assert reading.of("deadline") == []


def test_every_source_tells_its_clause_and_its_row():
    reading = seed("da_nang_2021")

    deadline, quota = reading.of("deadline")[0], reading.of("quota")[0]

    assert deadline.source.clause == "IV.2"
    assert "trước ngày 15/01/2021" in deadline.source.text
    assert quota.source.row == 2
    assert quota.source.text.startswith("1 | Hội LHPN thành phố | 03")


def test_a_sentence_whose_number_no_rule_can_name_is_listed():
    reading = read("Kết quả thật đáng mừng.\nĐiểm trung bình là 8,5. Có 12 hội viên dự họp.")

    assert [source.text for source in reading.unknown] == ["Điểm trung bình là 8,5."]
    assert [figure.value for figure in reading.of("figure")] == [12]


def test_a_table_that_no_rule_knows_is_listed_row_by_row():
    reading = read("Lịch họp\nBuổi\tGiờ\tNgười\nSáng\t8 giờ\t12\nChiều\t14 giờ\t9")

    assert [source.row for source in reading.unknown] == [2, 3]


FRAME = re.compile(
    r"cộng h(?:oà|òa) xã hội|độc lập [-–] tự do|^\W*nơi nhận\W*$|^(?:TM|T/M|KT)\.? |^\W*$"
    r"|^(?:kế hoạch|báo cáo|hướng dẫn|chương trình hành động|kế hoạch phối hợp)$|^\(đã ký\)$",
    re.I,
)
NUMBERED = re.compile(r"^(?:[IVX]+|[A-Z]|\d[\d.]*|Phần \w+|PHẦN \w+|Điều \d+)\s*[./)–:-]*\s")


@pytest.mark.parametrize("name", [*scores.SEEDS, *scores.FURTHER])
def test_each_line_of_a_paper_is_proposed_or_a_heading_or_listed(name):
    further = name in scores.FURTHER
    document = scores.further_document(name) if further else scores.seed_document(name)
    rows, unknown = proposals_of(propose(document))
    known = [bare(row["source"]) for row in [*rows, *unknown]]
    known += [bare(f"{row['fields']} {row['remark']}") for row in rows]
    signers = key_of(name).get("signature", ())
    signed = {bare(signer.get(part, "")) for signer in signers for part in ("name", "role")}

    lost = [
        line
        for line, is_title in lines_of(document)
        if not FRAME.search(line) and bare(line) not in signed and not is_title
        if not any(bare(line) in said or said in bare(line) for said in known)
    ]

    assert [line for line in lost if not is_heading(line)] == []


def lines_of(document):
    """Every line and row that says something, and whether it is the title row of a table."""
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield block.text, False
        else:
            yield from ((row_text(row.cells), row.number <= 2) for row in block.rows)


def is_heading(line):
    """Numbered and short, all in capitals, or without a stop: and no number in it."""
    words = NUMBERED.sub("", line)
    is_short = len(words.split()) <= 40 and not re.search(r"\d{1,3}(?:\.\d{3})|\d+ ?%", words)
    return is_short and (words != line or line == line.upper() or not line.endswith((".", ";")))


def bare(text):
    return " ".join(re.findall(r"\w+", exact_fold(text)))


def key_of(name):
    return json.loads((scores.DATA / "keys" / f"{name}.json").read_text(encoding="utf-8"))


def test_a_sentence_that_nothing_took_is_listed_and_one_with_a_number_first():
    rows, unknown = proposals_of(
        read(
            "KẾ HOẠCH\nCông tác Hội năm 2024\nI. NỘI DUNG\n1. Tuyên truyền\n- Phát tờ tin.\n"
            "II. ĐẶC ĐIỂM\nĐịa bàn rộng, đi lại khó khăn. Điểm trung bình là 8,5."
        )
    )

    assert [(row["source"], row["is_prose"]) for row in unknown] == [
        ("Điểm trung bình là 8,5.", False),
        ("Địa bàn rộng, đi lại khó khăn.", True),
    ]
    assert not any("khó khăn" in row["source"] for row in rows)


def test_decomposed_letters_and_hard_blanks_change_nothing():
    name = "bac_giang_6_thang_2025"
    plain = read((scores.DATA / "further" / f"{name}.txt").read_text(encoding="utf-8"))

    quirky = propose(scores.further_document(name))

    assert [fact.kind for fact in quirky.facts] == [fact.kind for fact in plain.facts]
    assert quirky.of("figure") == plain.of("figure")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Trao 50.000.000đ", 50_000_000, "đồng"),
        ("Vận động 50 triệu", 50_000_000, "đồng"),
        ("Dư nợ 72,47 tỷ đồng", 72_470_000_000, "đồng"),
        ("Trị giá 01 tỷ 250 triệu đồng", 1_250_000_000, "đồng"),
        ("Đạt 1.234,567 tỉ đồng", 1_234_567_000_000, "đồng"),
        ("Mỗi suất 300 nghìn đồng", 300_000, "đồng"),
        ("Mức 100- 500 ngàn đồng/tháng", 100_000, "đồng"),
        ("Huy động hơn 1,1 tỷ", 1_100_000_000, "đồng"),
        ("Trị giá 60.000.000 (tạm tính)", 60_000_000, "đồng"),
        ("Cả nước có 19,5 triệu hội viên", 19_500_000, "hội viên"),
        ("Tặng 12 cá nhân", 12, "cá nhân"),
        ("Có 18/71 xã, phường, thị trấn đạt", 18, "xã, phường, thị trấn"),
        ("Có 30 hộ phụ nữ nghèo xã Bản Mới", 30, "hộ phụ nữ nghèo"),
    ],
)
def test_amounts_and_counts_as_officers_write_them(text, value, unit):
    first = quantities(text)[0]

    assert (first.value, first.unit) == (Decimal(value), unit)


@pytest.mark.parametrize(
    "text",
    [
        "Thực hiện Đề án 939 và Dự án 8",
        "Đại hội lần thứ 13, khóa 5",
        "gia đình “5 không, 3 sạch”",
        "hậu Covid-19, công nghệ 4.0",
        "Tổng đài 1800 599 967",
        "phụ nữ từ 18 tuổi trở lên",
        "nhân dịp 8/3 và ngày 20/10",
        "kỷ niệm 96 năm Ngày thành lập Hội",
        "giai đoạn 2021 - 2025, đến năm 2030",
        "tập hợp từ 60% trở lên phụ nữ",
    ],
)
def test_numbers_that_only_name_something_are_not_counted(text):
    assert quantities(text) == ()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=60))
def test_whatever_is_pasted_every_proposal_has_a_source_in_it(words):
    text = " ".join(words)
    if not text.strip() or not re.search(r"\w", text):
        return
    document = read_document(text)

    rows, _ = proposals_of(propose(document))

    assert list(scores.sourceless(rows, document)) == []


def test_a_long_sentence_without_an_end_is_read_in_time():
    text = "Hội LHPN trao có thể trên cơ sở 12 triệu đồng " * 4_000

    reading = read(text)

    assert reading.facts


def _plans():
    return scores.DATA / "plans"


def rule_files():
    """All that decides what is read, proposed and matched."""
    programs = Path(package.__file__).parent.parent
    rules = ("proposals.py", "queries/named_units.py", "services/taking_over.py")
    return [*(programs / "reading").glob("*.py"), *(programs / name for name in rules)]


def words_in(rules):
    """What the rules hold of the seeds: names, titles, quoted words, signs of papers, amounts.

    Names are looked for with their marks and without, as the rules compare headings.
    """
    spelt = f" {words_of(exact_fold(rules))} ", f" {words_of(fold(rules))} "
    names = {
        name
        for name in names_of_the_seeds()
        if f" {words_of(exact_fold(name))} " in spelt[0] or f" {words_of(fold(name))} " in spelt[1]
    }
    return names | {n for n in amounts_of_the_seeds() if re.search(rf"(?<!\d){n}(?!\d)", rules)}


def words_of(text):
    """One after the other; what a pattern parts by | stays apart."""
    return " ".join(re.findall(r"[\w/]+|\|", text))


# Kinds of help and funds all over the country, which a rule may know.
OF_THE_COUNTRY = ("Mái ấm tình thương", "Nhà tình thương", "Mẹ đỡ đầu", "Bộ đội Biên phòng")


def names_of_the_seeds():
    """Places, programmes, titles, partners' own names, numbers of papers and quoted words."""
    for name in scores.SEEDS:
        quoted = re.findall(r"“\W*([^”]+?)\W*”", seed_text(name))
        words = [part for words in quoted for part in re.split(r"\s*,\s*", words)]
        words = [part for part in words if len(part.split()) > 3]
        words += [line["name"] for kind in NAMING for line in key_of(name).get(kind, ())]
        words += [line["text"] for line in key_of(name).get("title", ())]
        words += [line["number"] for line in key_of(name).get("basis", ())]
        partners = [line["name"].rstrip("…") for line in key_of(name).get("partner", ())]
        words += [own for partner in partners if len(own := OF_KIND.sub("", partner)) > 4]
        yield from (word for word in words if word not in OF_THE_COUNTRY)


def seed_text(name):
    return (scores.DATA / "plans" / f"{name}.txt").read_text(encoding="utf-8")


NAMING = ("unit", "place", "programme", "signature")
OF_KIND = re.compile(
    r"^(?:Ngân hàng|Công ty Cổ phần|Trường TH, THCS và THPT|Báo|Quỹ|Phòng|Bộ .*|Hội .*|Hiệp hội .*"
    r"|Đài .*|Trung tâm .*)\s*"
)


def amounts_of_the_seeds():
    """Amounts as printed, "2.290.900", and as a rule would write them, 2_290_900."""
    for name in scores.SEEDS:
        for printed in re.findall(r"(?<!\d)\d{1,3}(?:\.\d{3})+(?!\d)", seed_text(name)):
            yield printed.replace(".", r"[._]?")


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("Hội LHPN quận/huyện và đơn vị trực thuộc", ["huyen", "truc_thuoc"]),
        ("Hội LHPN cơ sở và Hội Phụ nữ trực thuộc", ["xa", "truc_thuoc"]),
        ("Hội LHPN 12 xã – thị trấn", ["xa"]),
        ("Hội LHPN các quận, huyện, thị xã và đơn vị trực thuộc", ["huyen", "truc_thuoc"]),
        ("Hội LHPN các xã thuộc huyện", ["xa"]),  # where they lie, not who is bound
        ("Hội LHPN quận Sơn Trà", []),
    ],
)
def test_all_levels_that_are_named_are_bound(words, codes):
    assert levels_of(words) == codes


def test_her_own_level_is_herself():
    assert levels_of("Hội LHPN huyện và các xã", own_level="huyen") == ["xa"]
