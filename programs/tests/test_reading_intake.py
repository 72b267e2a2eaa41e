"""The door of the plan reader: what is taken in, and how kindly the rest is refused."""

import io
import zipfile

import pytest
from docx import Document as new_docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pypdf import PdfWriter

from programs.reading import ReadingError, intake, propose, read_apart, read_document
from programs.reading.document import Paragraph, Table
from programs.tests import reading_scores as scores


def word_bytes(word):
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def archive(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def pdf_bytes(writer):
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def texts(document):
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def test_paragraphs_and_tables_of_a_word_file_keep_their_order():
    word = new_docx()
    word.add_paragraph("Trước bảng")
    word.add_table(1, 2).cell(0, 1).text = "03"
    word.add_paragraph("Sau bảng")

    document = read_document(word_bytes(word), "ke-hoach.docx")

    assert [type(block) for block in document.blocks] == [Paragraph, Table, Paragraph]
    assert document.blocks[1].rows[0].cells == ("", "03")
    assert document.form == "docx"


def test_a_merged_cell_says_its_text_in_each_of_its_rows():
    word = new_docx()
    table = word.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "Huyện Yên An"
    table.cell(0, 1).text, table.cell(1, 1).text = "Xã Bản Mới", "Xã Bản Cũ"

    (block,) = read_document(word_bytes(word)).blocks

    assert [row.cells[0] for row in block.rows] == ["Huyện Yên An", "Huyện Yên An"]


def test_the_two_halves_of_the_head_become_lines():
    word = new_docx()
    table = word.add_table(1, 2)
    table.cell(0, 0).text = "HỘI LHPN TỈNH BÌNH THANH\nBAN THƯỜNG VỤ\nSố: 05/KH-BTV"
    table.cell(
        0, 1
    ).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nBình Thanh, ngày 03 tháng 02 năm 2025"

    reading = propose(read_document(word_bytes(word)))

    assert reading.of("number")[0].printed == "05/KH-BTV"
    assert reading.of("issuer")[0].organ == "BAN THƯỜNG VỤ"
    assert reading.of("date")[0].day.isoformat() == "2025-02-03"


def test_numbers_that_word_draws_itself_are_read():
    word = new_docx()
    for text in ("Mục đích", "Nội dung"):
        word.add_paragraph(text, style="List Number")
    word.add_paragraph("Tặng quà", style="List Bullet")
    _number_directly(word)

    assert texts(read_document(word_bytes(word))) == ["1. Mục đích", "2. Nội dung", "- Tặng quà"]


def test_deleted_words_of_tracked_changes_are_left_out_and_inserted_ones_taken():
    word = new_docx()
    paragraph = word.add_paragraph("Hỗ trợ ")
    _tracked(paragraph, "w:del", "w:delText", "05")
    _tracked(paragraph, "w:ins", "w:t", "07")
    paragraph.add_run(" hộ nghèo")

    assert texts(read_document(word_bytes(word))) == ["Hỗ trợ 07 hộ nghèo"]


def test_a_line_that_goes_on_over_a_page_is_one():
    document = read_document("Phát huy vai trò của người có uy tín trong\n\ncộng đồng.\nHết.")

    assert texts(document) == ["Phát huy vai trò của người có uy tín trong cộng đồng.", "Hết."]


def test_marks_of_formatting_and_hard_blanks_are_dropped():
    document = read_document("#### **II. NỘI\u00a0DUNG**\r\n<b>Tặng</b>\u200b quà")

    assert texts(document) == ["II. NỘI DUNG", "Tặng quà"]


def test_lines_with_tabs_or_bars_are_a_table():
    tabs = read_document("Stt\tĐơn vị\tSố lượng\n1\tXã Bản Mới\t3")
    bars = read_document("| Stt | Đơn vị | Số lượng |\n|---|---|---|\n| 1 | Xã Bản Mới | 3 |")

    assert tabs.blocks == bars.blocks
    assert tabs.blocks[0].rows[1].cells == ("1", "Xã Bản Mới", "3")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_files_of_the_usual_encodings_are_read(encoding):
    document = read_document("Kế hoạch giúp đỡ chi hội".encode(encoding))

    assert texts(document) == ["Kế hoạch giúp đỡ chi hội"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "không có chữ"),
        (b" \n\t ", "không có chữ"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Chỉ đọc được"),
        (b"PK\x03\x04 torn", "bị hỏng"),
        (b"\xd0\xcf\x11\xe0 old", "kiểu cũ"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        (b"%PDF-1.7 torn", "PDF bị hỏng"),
        (b"x" * (intake.MAX_SIZE + 1), "10 MB"),
        (b"chu " * (intake.MAX_CHARACTERS // 4 + 10), "quá dài"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_kind_sentence(content, words):
    with pytest.raises(ReadingError, match=words):
        read_document(content, "tep")


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"xl__workbook.xml": "x"}, "Excel"),
        ({"content.xml": "x"}, "LibreOffice"),
        ({"anything": "x"}, "Chỉ đọc được"),
        ({"word__document.xml": "<not xml"}, "bị hỏng"),
        ({"word__document.xml": "x", "word__vbaProject.bin": "x"}, "macro"),
        ({"word__document.xml": b"0" * 30_000_000}, "quá nhiều dữ liệu nén"),
    ],
)
def test_other_archives_are_named_and_bombs_are_not_opened(members, words):
    with pytest.raises(ReadingError, match=words):
        read_document(archive(**members))


def test_an_entity_bomb_in_a_word_file_is_refused_or_harmless():
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    content = archive(word__document=b"", **{"word__document.xml": bomb})

    with pytest.raises(ReadingError):
        read_document(content)


def test_a_scanned_pdf_says_that_it_has_no_text():
    writer = PdfWriter()
    writer.add_blank_page(200, 200)

    with pytest.raises(ReadingError, match="bản quét"):
        read_document(pdf_bytes(writer))


def test_a_locked_pdf_asks_for_one_without_a_password():
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("bi-mat", algorithm="RC4-128")

    with pytest.raises(ReadingError, match="mật khẩu"):
        read_document(pdf_bytes(writer))


def test_a_pdf_keeps_the_table_of_its_paper():
    document = read_document((scores.DATA / "pdf" / "da_nang_2021.pdf").read_bytes())

    (table,) = [block for block in document.blocks if isinstance(block, Table)]

    assert len(table.rows) == 9
    assert table.rows[1].cells[:3] == ("1", "Hội LHPN thành phố", "03")


def test_the_child_process_reads_the_same_document(tmp_path):
    path = tmp_path / "ke-hoach.docx"
    path.write_bytes(
        scores.docx_of((scores.DATA / "plans" / "da_nang_2021.txt").read_text("utf-8"))
    )

    assert read_apart(path, "ke-hoach") == read_document(path.read_bytes(), "ke-hoach")


def test_the_child_process_hands_its_sentence_back(tmp_path):
    path = tmp_path / "anh.docx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00")

    with pytest.raises(ReadingError, match="Chỉ đọc được"):
        read_apart(path)


def test_a_child_that_dies_is_a_sentence_too(tmp_path):
    with pytest.raises(ReadingError, match="Không đọc được"):
        read_apart(tmp_path / "missing.docx")


def _number_directly(word):
    """Word writes the list into the paragraph; python-docx's styles carry it only in the style."""
    numbers = {"List Number": "9001", "List Bullet": "9002"}
    root = word.part.numbering_part.element
    for identity, (form, pattern) in {"9001": ("decimal", "%1."), "9002": ("bullet", "•")}.items():
        root.insert(0, _abstract(identity, form, pattern))
        root.append(_list(identity))
    for paragraph in word.paragraphs:
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_numId().val = int(numbers[paragraph.style.name])
        properties.get_or_add_ilvl().val = 0


def _abstract(identity, form, pattern):
    abstract = _element("w:abstractNum", **{"w:abstractNumId": identity})
    level = _element("w:lvl", **{"w:ilvl": "0"})
    for tag, value in (("w:start", "1"), ("w:numFmt", form), ("w:lvlText", pattern)):
        level.append(_element(tag, **{"w:val": value}))
    abstract.append(level)
    return abstract


def _list(identity):
    number = _element("w:num", **{"w:numId": identity})
    number.append(_element("w:abstractNumId", **{"w:val": identity}))
    return number


def _tracked(paragraph, change, text_tag, text):
    run, words = OxmlElement("w:r"), OxmlElement(text_tag)
    words.text = text
    run.append(words)
    element = _element(change, **{"w:id": "1", "w:author": "Lê Thị Mẫu"})
    element.append(run)
    paragraph._p.append(element)


def _element(tag, **attributes):
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(name), value)
    return element
