"""A unit's Word report: its texts under the four headings become the draft, where she says so."""

import unicodedata
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document as WordDocument
from hypothesis import given
from hypothesis import strategies as st

from programs.reading import ReadingError, read_document
from reports.models import ReportFile, WordText
from reports.services import (
    APPEND,
    PUT,
    ReportError,
    bring_word,
    remove_file,
    submit_report,
    take_words,
)
from reports.word_draft import texts_in

from .conftest import moment

AT = moment(2021, 1, 18)
PAPER = """\
HỘI LHPN PHƯỜNG THỌ QUANG
BÁO CÁO
Kết quả công tác Hội tháng 1 và nhiệm vụ trọng tâm tháng 2 năm 2021 của phường.
I. KẾT QUẢ HOẠT ĐỘNG THÁNG 1
1. Công tác tuyên truyền
- Tổ chức 3 cuộc tuyên truyền.
2. Kết quả vận động nguồn lực
- Trao 20 suất quà.
II. KHÓ KHĂN, HẠN CHẾ
- Mưa nhiều.
III. KIẾN NGHỊ, ĐỀ XUẤT
- Cấp thêm tài liệu.
IV. PHƯƠNG HƯỚNG, NHIỆM VỤ TRỌNG TÂM THÁNG 2
- Thăm hội viên khó khăn dịp Tết.
Trên đây là báo cáo của Hội.
TM. BAN THƯỜNG VỤ
"""


def texts(paper):
    return texts_in(read_document(paper)).texts


# --- Headings -------------------------------------------------------------------------------


def test_the_four_headings_part_the_paper_and_the_rest_is_told():
    found = texts_in(read_document(PAPER))

    assert found.texts == {
        "results": "1. Công tác tuyên truyền\n- Tổ chức 3 cuộc tuyên truyền.\n"
        "2. Kết quả vận động nguồn lực\n- Trao 20 suất quà.",
        "difficulties": "- Mưa nhiều.",
        "proposals": "- Cấp thêm tài liệu.",
        "next_plans": "- Thăm hội viên khó khăn dịp Tết.",
    }
    assert "PHƯỜNG THỌ QUANG" in found.rest and "TM. BAN THƯỜNG VỤ" in found.rest


@pytest.mark.parametrize(
    ("headings", "name"),
    [
        (["A. KẾT QUẢ ĐẠT ĐƯỢC", "1. Kết quả thực hiện", "PHẦN I: KẾT QUẢ CÔNG TÁC",
          "I/ Tình hình hoạt động trong tháng", "Kết quả thực hiện nhiệm vụ"], "results"),
        (["II. Tồn tại, hạn chế", "2. Những khó khăn, vướng mắc", "B. KHÓ KHĂN",
          "Một số hạn chế"], "difficulties"),
        (["III. Đề xuất, kiến nghị", "3) Kiến nghị", "C. Ý KIẾN ĐỀ XUẤT", "Đề nghị:"],
         "proposals"),
        (["IV. Nhiệm vụ trọng tâm tháng 2", "4. Phương hướng", "D. Mục tiêu, nhiệm vụ",
          "Kế hoạch tháng 2", "PHẦN THỨ HAI: PHƯƠNG HƯỚNG"], "next_plans"),
    ],
)  # fmt: skip
def test_headings_are_known_by_their_words_whatever_numbers_them(headings, name):
    for heading in headings:
        assert texts(f"{heading}\n- Việc đã ghi.") == {name: "- Việc đã ghi."}, heading


def test_words_behind_the_colon_of_a_heading_belong_to_it():
    assert texts("III. Kiến nghị: Cấp thêm tài liệu.") == {"proposals": "Cấp thêm tài liệu."}


def test_a_heading_inside_another_ends_where_its_own_rank_ends():
    paper = "I. KẾT QUẢ\n1. Ưu điểm\n- Tốt.\n2. Tồn tại, hạn chế\n- Chậm.\n3. Nguyên nhân\n- Xa."
    assert texts(paper) == {
        "results": "1. Ưu điểm\n- Tốt.\n3. Nguyên nhân\n- Xa.", "difficulties": "- Chậm.",
    }  # fmt: skip


def test_a_title_in_capitals_is_not_taken_for_the_heading_that_follows():
    paper = "BÁO CÁO\nKẾT QUẢ CÔNG TÁC THÁNG 1\nCăn cứ kế hoạch năm.\nI. KẾT QUẢ\n- Tốt."
    found = texts_in(read_document(paper))

    assert found.texts == {"results": "- Tốt."}
    assert found.rest == "BÁO CÁO\nKẾT QUẢ CÔNG TÁC THÁNG 1\nCăn cứ kế hoạch năm."


def test_subjects_before_the_first_heading_tell_of_results():
    paper = "BÁO CÁO\nI. CÔNG TÁC TUYÊN TRUYỀN\n- 3 cuộc.\nII. KINH TẾ\n- 2 tổ.\n"
    found = texts_in(read_document(paper + "III. PHƯƠNG HƯỚNG\n- Giữ vững.\nIV. KHÁC\n- Không."))

    assert found.texts == {
        "results": "I. CÔNG TÁC TUYÊN TRUYỀN\n- 3 cuộc.\nII. KINH TẾ\n- 2 tổ.",
        "next_plans": "- Giữ vững.",
    }
    assert found.rest == "BÁO CÁO\nIV. KHÁC\n- Không."


def test_a_heading_with_nothing_under_it_gives_no_text():
    assert texts("I. Kết quả\n- Tốt.\nII. Kiến nghị") == {"results": "- Tốt."}


def test_a_sentence_that_begins_with_such_a_word_is_no_heading():
    paper = "I. KẾT QUẢ\nĐề nghị xã hỗ trợ đã được giải quyết.\nKhó khăn nào cũng vượt qua."
    assert texts(paper) == {
        "results": "Đề nghị xã hỗ trợ đã được giải quyết.\nKhó khăn nào cũng vượt qua."
    }


@pytest.mark.parametrize(
    "line",
    ["Đề nghị Hội LHPN tỉnh cấp thêm kinh phí", "1. Đề nghị tỉnh cấp thêm kinh phí",
     "Đề nghị triển khai chương trình công tác năm 2021", "a) Kiến nghị tỉnh: cấp xe",
     "Khó khăn về vốn được 3 hộ tháo gỡ", "2. Kết quả vận động 20 suất quà",
     "KHÓ KHĂN VỀ VỐN ĐƯỢC 3 HỘ THÁO GỠ", "IV. Kiến nghị với Hội LHPN thành phố cấp 2 máy tính"],
)  # fmt: skip
def test_a_line_that_says_more_than_the_name_of_a_heading_is_kept(line):
    for above in ("I. KẾT QUẢ", "III. KIẾN NGHỊ", "3. Kiến nghị", "Khó khăn:", "I. VIỆC KHÁC"):
        assert line in lines_in(f"{above}\n{line}\n- Việc đã ghi."), above


@pytest.mark.parametrize("heading", ["III. KIẾN NGHỊ", "3. Kiến nghị", "Kiến nghị, đề xuất"])
def test_a_line_under_its_own_heading_is_text(heading):
    for line in ("Đề nghị Hội LHPN tỉnh cấp thêm kinh phí", "1. Đề nghị tỉnh cấp thêm kinh phí"):
        assert texts(f"{heading}\n{line}") == {"proposals": line}


BARE = ["I. KẾT QUẢ", "3. Kiến nghị", "Khó khăn", "PHẦN II: PHƯƠNG HƯỚNG", "Đề nghị:"]
LINES = st.sampled_from(
    [*BARE, "KẾT QUẢ CÔNG TÁC HỘI THÁNG 1 QUẬN SƠN TRÀ", "II. KHÓ KHĂN VỀ VỐN", "1. Đề nghị cấp xe",
     "Kiến nghị tỉnh cấp tài liệu", "Kết quả: 3 cuộc", "IV. VIỆC KHÁC", "- Mưa nhiều.", "a) Tốt",
     "Trên đây là báo cáo.", "2.1. Kết quả vay vốn", "B. Phương hướng: Giữ vững"]
)  # fmt: skip


@given(st.lists(LINES, min_size=1, max_size=12))
def test_no_line_of_a_paper_is_lost_but_bare_headings(lines):
    kept = lines_in("\n".join(lines))
    for line in lines:
        whole = line.partition(": ")[2] or line  # what follows a bare heading
        assert line in BARE or line in kept or whole in kept, (line, kept)


def lines_in(paper):
    found = texts_in(read_document(paper))
    return "\n".join([*found.texts.values(), found.rest]).splitlines()


def test_letters_in_pieces_are_put_together():
    assert texts(unicodedata.normalize("NFD", "II. Khó khăn\n- Mưa nhiều.")) == {
        "difficulties": "- Mưa nhiều."
    }


@pytest.mark.parametrize(
    "line",
    ["B¸o c¸o kÕt qu¶ c«ng t¸c Héi vµ phong trµo phô n÷ th¸ng 1",
     "Baùo caùo keát quaû coâng taùc Hoäi vaø phong traøo phuï nöõ thaùng 1"],
)  # fmt: skip
def test_old_encodings_are_told_kindly(line):
    with pytest.raises(ReadingError, match="Unicode"):
        texts(f"I. {line}\n{line}")


# --- The file -------------------------------------------------------------------------------


def word(paper=PAPER, table=()):
    document = WordDocument()
    for line in paper.splitlines():
        document.add_paragraph(line)
    if table:
        made = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(made.add_row().cells, row, strict=True):
                cell.text = text
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def uploaded(content, name="báo cáo.docx"):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def report(january, units, report_of):
    return report_of(units.tho_quang, january)


@pytest.fixture
def bring(report, people):
    def send(content=None, name="báo cáo.docx"):
        content = word() if content is None else content
        file = uploaded(content, name)
        return bring_word(report=report, file=file, by=people.hoa)

    return send


def said_in(kept):
    return dict(kept.word_texts.values_list("narrative", "text"))


def zip_of(**parts):
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return content.getvalue()


@pytest.mark.django_db
def test_the_file_is_kept_with_the_report_and_a_table_reads_as_lines(bring, report):
    paper = "I. Kết quả"
    kept = bring(word(paper, table=[("Nội dung", "Số cuộc"), ("Tuyên truyền", "3")]))

    report.refresh_from_db()
    assert list(report.files.standing()) == [kept]
    assert report.status == "not_begun"  # she has taken nothing of it
    assert said_in(kept) == {"results": "Nội dung | Số cuộc\nTuyên truyền | 3"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"%PDF-1.4 xin chao", "báo cáo.pdf", "Chị gửi bản Word"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "báo cáo.doc", "kiểu cũ"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "a.docx", "mật khẩu"),
        (b"", "báo cáo.docx", "không có gì bên trong"),
        (b"chi la chu", "báo cáo.docx", "không phải là tệp Word"),
        (b"PK\x03\x04 hong", "báo cáo.docx", "bị hỏng"),
        (b"0" * (20 * 2**20), "báo cáo.docx", "lớn hơn 10 MB"),
        (zip_of(xl__workbook_xml="<a/>"), "báo cáo.docx", "Excel"),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_do(bring, report, content, name, sentence):
    with pytest.raises(ReportError, match=sentence):
        bring(content, name)
    report.refresh_from_db()
    assert (report.status, ReportFile.objects.count()) == ("not_begun", 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "name"),
    [(b"%PDF-1.4 xin chao", "a.docx"), (zip_of(xl__workbook_xml="<a/>"), "a.docx"),
     (b"\xff\xfe\x00", "a.docx"), (zip_of(ppt__presentation_xml="<a/>"), "a.docx")],
)  # fmt: skip
def test_what_is_said_of_a_wrong_file_is_said_for_this_page(bring, content, name):
    with pytest.raises(ReportError) as refused:
        bring(content, name)
    assert "ế hoạch" not in str(refused.value) and "dán" not in str(refused.value)
    assert "Word" in str(refused.value)


@pytest.mark.django_db
def test_the_same_file_is_kept_once_and_a_sixth_is_refused(bring, report):
    content = word()
    first = bring(content)
    assert bring(content, name="tên khác.docx") == first
    for number in range(2, 6):
        bring(word(PAPER + f"Bản {number}"))

    with pytest.raises(ReportError, match="5 tệp Word"):
        bring(word(PAPER + "Bản 6"))
    assert ReportFile.objects.count() == 5


@pytest.mark.django_db
def test_a_file_without_any_of_the_headings_is_refused(bring):
    with pytest.raises(ReportError, match="Không thấy mục nào"):
        bring(word("Kính gửi chị em\nHôm nay trời đẹp."))


@pytest.mark.django_db
def test_nothing_is_brought_to_a_report_that_is_in(bring, report, written, people):
    written(report, people.hoa, cuoc=1)
    submit_report(report=report, seen_version=report.version, by=people.hoa, at=AT)

    with pytest.raises(ReportError, match="đã nộp"):
        bring()


# --- Into the draft -------------------------------------------------------------------------


@pytest.mark.django_db
def test_texts_go_where_she_says_and_nothing_is_overwritten(bring, report, written, people):
    written(report, people.hoa, narrative={"results": "Lời đã viết", "proposals": "Giữ nguyên"})
    kept = bring()
    kept.report.refresh_from_db()

    count = take_words(
        file=kept, seen_version=kept.report.version, by=people.hoa, at=AT,
        choices={"results": APPEND, "difficulties": PUT, "proposals": "leave"},
    )  # fmt: skip

    report.refresh_from_db()
    assert count == 2
    assert report.results.startswith("Lời đã viết\n1. Công tác tuyên truyền")
    assert (report.difficulties, report.proposals) == ("- Mưa nhiều.", "Giữ nguyên")
    taken = WordText.objects.filter(taken_at__isnull=False)
    assert sorted(row.narrative for row in taken) == ["difficulties", "results"]


@pytest.mark.django_db
def test_what_somebody_wrote_meanwhile_is_not_lost(bring, report, written, people):
    kept = bring()
    kept.report.refresh_from_db()
    seen = kept.report.version
    report.refresh_from_db()
    written(report, people.hoa, narrative={"next_plans": "Lời mới"})

    for choices in ({"next_plans": PUT}, {"difficulties": PUT}):
        with pytest.raises(ReportError, match="người khác sửa"):
            take_words(file=kept, seen_version=seen, choices=choices, by=people.hoa, at=AT)
    report.refresh_from_db()
    assert (report.next_plans, report.difficulties) == ("Lời mới", "")


@pytest.mark.django_db
def test_the_pages_bring_show_take_and_name_the_source(report, as_person, people):
    hoa = as_person("hoa")
    shown = hoa.post(
        reverse("reports:report_word", args=[report.pk]), {"file": uploaded(word())}, follow=True
    )
    page = shown.content.decode()
    assert "- Mưa nhiều." in page and "TM. BAN THƯỜNG VỤ" in page

    version = shown.context["version"]
    hoa.post(shown.request["PATH_INFO"], {"difficulties": PUT, "version": version})

    sheet = hoa.get(reverse("reports:report_edit", args=[report.pk])).content.decode()
    assert "- Mưa nhiều.</textarea>" in sheet
    assert "Lấy từ tệp" in sheet and "báo cáo.docx" in sheet
    above = as_person("ha").get(report.get_absolute_url()).content.decode()
    assert "Lấy từ tệp" in above


@pytest.mark.django_db
def test_the_source_is_no_dead_link_and_goes_when_the_text_is_emptied(
    bring, report, written, people, as_person
):
    kept = bring()
    report.refresh_from_db()
    take_words(
        file=kept, seen_version=report.version, choices={"difficulties": PUT}, by=people.hoa, at=AT
    )
    remove_file(file=kept, by=people.hoa, at=AT)
    page, link = report.get_absolute_url(), reverse("reports:report_file", args=[kept.pk])

    shown = as_person("hoa").get(page).content.decode()
    assert "Lấy từ tệp báo cáo.docx (đã bỏ ra)" in shown and link not in shown

    report.refresh_from_db()
    written(report, people.hoa, narrative={"difficulties": ""})
    assert "Lấy từ tệp" not in as_person("hoa").get(page).content.decode()


@pytest.mark.django_db
def test_a_wrong_file_comes_back_to_the_sheet_with_a_sentence(report, as_person):
    answer = as_person("hoa").post(
        reverse("reports:report_word", args=[report.pk]),
        {"file": uploaded(b"%PDF-1.4", "a.pdf")},
        follow=True,
    )

    assert "Chị gửi bản Word" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse("reports:report_edit", args=[report.pk])


@pytest.mark.django_db
def test_the_texts_of_a_neighbours_file_are_nobodys_elsewhere(bring, as_person):
    url = reverse("reports:report_word_texts", args=[bring().pk])

    statuses = {name: as_person(name).get(url).status_code for name in ("hoa", "ha", "lan", "xuan")}
    assert statuses == {"hoa": 200, "ha": 403, "lan": 404, "xuan": 404}
