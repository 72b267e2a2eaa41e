"""A summary as a Word file in administrative form (Nghị định 30/2020/NĐ-CP): what is signed.

Number, signature and seal are left to hands; the sizes are those that the decree gives.
"""

from io import BytesIO

from django.utils.timezone import localtime
from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as Align
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from .rollup import lines_in

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT, SIZE = "Times New Roman", 14
NUMERALS = ("I", "II", "III", "IV")
# In whose name the unit speaks; an affiliated unit in its own.
ORGANS = {
    "trung_uong": "Đoàn Chủ tịch",
    "tinh": "Ban Thường vụ",
    "huyen": "Ban Thường vụ",
    "xa": "Ban Thường vụ",
}
WIDTHS = [Cm(1.1), Cm(5.4), Cm(1.9), Cm(1.9), Cm(1.9), Cm(1.9), Cm(2.2)]
# Styles of what there is much of.
WORDS, MIDDLE, LEFT, RIGHT = "Words", "CellMiddle", "CellLeft", "CellRight"
CELLS = {MIDDLE: Align.CENTER, LEFT: Align.LEFT, RIGHT: Align.RIGHT}
ALIGNED = [MIDDLE, LEFT, MIDDLE, *[RIGHT] * 4]
HEAD = ["STT", "Chỉ tiêu", "Đơn vị tính", "Của đơn vị", "Cấp dưới", "Cộng trong kỳ", "Lũy kế"]


def summary_paper(content, *, signed_on):
    """The bytes of a .docx of `content` (`rollup.content_of`); without `signed_on` a draft."""
    word = Document()
    lay_out(word, is_draft=signed_on is None)
    write_head(word, content, signed_on)
    write_title(word, content)
    write_body(word, content)
    write_end(word, content)
    write_table(word, content)
    buffer = BytesIO()
    word.save(buffer)
    return buffer.getvalue()


# --- The page -----------------------------------------------------------------------------


def lay_out(word, *, is_draft):
    style = word.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(SIZE)
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for alphabet in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{alphabet}"), FONT)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    add_style(word, WORDS, SIZE, Align.JUSTIFY, first_line_indent=Cm(1), space_before=Pt(6))
    for name, align in CELLS.items():
        add_style(word, name, 12, align)
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(17)
    number_pages(section)
    if is_draft:
        for header in (section.header, section.first_page_header):
            run = header.add_paragraph().add_run("DỰ THẢO")
            run.bold = True


def add_style(word, name, size, align, **more):
    """What many lines have in common is said once."""
    style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.element.styleId = name
    style.base_style = word.styles["Normal"]
    style.font.size, style.paragraph_format.alignment = Pt(size), align
    for what, value in more.items():
        setattr(style.paragraph_format, what, value)


def wear(line, style):
    """By the style's id: python-docx would look through all styles for each line."""
    line._p.style = style
    return line


def number_pages(section):
    """On top in the middle, from the second page on."""
    section.different_first_page_header_footer = True
    line = section.header.paragraphs[0]
    line.alignment = Align.CENTER
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = line.add_run()
        if text:
            code = OxmlElement("w:instrText")
            code.text = text
        else:
            code = OxmlElement("w:fldChar")
            code.set(qn("w:fldCharType"), kind)
        run._r.append(code)


def write(place, text, *, bold=None, italic=None, size=None, align=Align.CENTER):
    """A line of its own in `place`: the document, or a cell."""
    line = place.add_paragraph()
    line.alignment = align
    dress(line.add_run(printable(text)), bold=bold, italic=italic, size=size)
    return line


def dress(run, *, bold=None, italic=None, size=None):
    """Only what differs from the style of its paragraph: each takes its time."""
    if bold:
        run.bold = True
    if italic:
        run.italic = True
    if size:
        run.font.size = Pt(size)


def printable(text):
    """Without signs that a Word file cannot hold."""
    return "".join(sign for sign in text if sign.isprintable())


def ruled(line, indent):
    """With a rule below; indented at both sides it is shorter than the text."""
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    after = ("w:spacing", "w:ind", "w:jc", "w:rPr")  # Word wants them in this order
    line._p.get_or_add_pPr().insert_element_before(border, *after)
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = indent
    line.paragraph_format.line_spacing = Pt(4)
    return line


def two_columns(word, widths):
    """A table without lines, whose cells begin empty."""
    table = word.add_table(rows=1, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = column.cells[0].width = width
    return table.rows[0].cells


def without_first_line(*cells):
    """A new cell holds one blank line; what was written stands below it."""
    for cell in cells:
        cell._tc.remove(cell.paragraphs[0]._p)


# --- Its parts ----------------------------------------------------------------------------


def write_head(word, content, signed_on):
    left, right = two_columns(word, (Cm(7.2), Cm(9.1)))
    organ = ORGANS.get(content["level"])
    issuing = organ.upper() if organ else content["unit"].upper()
    superior = content["unit"] if organ else content["above"]
    if superior:
        write(left, superior.upper(), size=12)
    write(left, issuing, bold=True, size=12)
    ruled(write(left, ""), Cm(2.4))
    write(left, "Số: ……/BC-BTV" if organ == "Ban Thường vụ" else "Số: ……/BC", size=13)
    write(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, size=12)
    write(right, "Độc lập - Tự do - Hạnh phúc", bold=True, size=13)
    ruled(write(right, ""), Cm(1.9))
    write(right, f"{content['place']}, {day_in_words(signed_on)}", italic=True, size=13)
    without_first_line(left, right)


def day_in_words(moment):
    """ "ngày 05 tháng 01 năm 2021", "ngày 29 tháng 6 năm 2021"; of a draft with room to write."""
    if moment is None:
        return "ngày …… tháng …… năm ………"
    day = localtime(moment)
    month = f"{day.month:02}" if day.month < 3 else day.month
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def write_title(word, content):
    write(word, "")
    write(word, "BÁO CÁO", bold=True)
    name = content["form"]
    about = name[len("Báo cáo ") :] if name.startswith("Báo cáo ") else name
    write(word, f"Tổng hợp kết quả {about[:1].lower()}{about[1:]}", bold=True)
    write(word, content["period"], bold=True)
    ruled(write(word, ""), Cm(6.3))
    if content["above"]:
        write(word, f"Kính gửi: {content['above']}.")
    write(word, "")


def write_body(word, content):
    write_words(word, counted_in(content))
    for numeral, part in zip(NUMERALS, content["texts"], strict=True):
        line = write(word, f"{numeral}. {part['label'].upper()}", bold=True, align=Align.LEFT)
        line.paragraph_format.space_before = Pt(6)
        line.paragraph_format.keep_with_next = True
        for paragraph in part["paragraphs"] or [{"text": "Không có nội dung báo cáo."}]:
            for words in paragraph["text"].splitlines():
                write_words(word, words)
    write_words(word, f"Trên đây là báo cáo tổng hợp {content['period'].lower()}./.")


def write_words(word, text):
    wear(word.add_paragraph(printable(text)), WORDS)


def counted_in(content):
    """Of how many units the paper tells."""
    year, month, day = content["cut_off_on"].split("-")
    cut_off = f"số liệu chốt đến ngày {day}/{month}/{year}"
    groups = [
        f"{group['approved']}/{group['owed']} {group['label']}" for group in content["groups"]
    ]
    if not groups:
        return f"Báo cáo của {content['unit']}; {cut_off}."
    return f"Báo cáo tổng hợp từ {', '.join(groups)} đã được duyệt; {cut_off}."


def write_end(word, content):
    write(word, "")
    left, right = two_columns(word, (Cm(8.2), Cm(8.1)))
    write(left, "Nơi nhận:", bold=True, italic=True, size=12, align=Align.LEFT)
    if content["above"]:
        write(left, f"- {content['above']};", size=11, align=Align.LEFT)
    write(left, "- Lưu: VT.", size=11, align=Align.LEFT)
    organ = ORGANS.get(content["level"])
    if organ:
        write(right, f"TM. {organ.upper()}", bold=True)
    write(right, "CHỦ TỊCH", bold=True)
    for _ in range(4):  # room for signature and seal
        write(right, "")
    without_first_line(left, right)


# --- The figures --------------------------------------------------------------------------


def write_table(word, content):
    """An annex on pages of its own."""
    word.add_section(WD_SECTION.NEW_PAGE)
    write(word, "PHỤ LỤC", bold=True)
    write(word, f"SỐ LIỆU {content['period'].upper()}", bold=True)
    write(word, f"(Kèm theo Báo cáo của {content['unit']})", italic=True)
    write_words(word, counted_in(content))
    if content["missing"]:
        more = content["more_missing"]
        others = f" và {more} đơn vị khác" if more else ""
        write_words(word, f"Chưa tổng hợp: {', '.join(content['missing'])}{others}.")
    write(word, "")
    rows = table_rows(lines_in(content))
    table = word.add_table(rows=len(rows) + 1, cols=len(HEAD))
    table.style, table.autofit = "Table Grid", False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width
    for row, words in zip(table.rows, [HEAD, *rows], strict=True):
        fill_row(row, words, is_head=words is HEAD)
    repeat_head(table.rows[0])


def table_rows(lines):
    """A row of words for each line; of a section, its name alone."""
    rows, section = [], None
    for number, line in enumerate(lines, 1):
        if line.section != section:
            section = line.section
            rows.append([section])
        parts = (line.period.own, line.period.below, line.period.whole, line.to_date.whole)
        figures = [cell.words(line) for cell in parts]
        rows.append([str(number), line.name, line.unit, *figures])
    return rows


def fill_row(row, words, *, is_head=False):
    keep_whole(row)
    if len(words) == 1:
        merged = row.cells[0].merge(row.cells[len(HEAD) - 1])
        put(merged.paragraphs[0], words[0], LEFT, bold=True)
        return
    cells = row._tr.tc_lst  # each look at `row.cells` walks through the whole table
    for position, (cell, text) in enumerate(zip(cells, words, strict=True)):
        cell.width = WIDTHS[position]
        style = MIDDLE if is_head else ALIGNED[position]
        put(Paragraph(cell.p_lst[0], row), text, style, bold=is_head)


def put(line, text, style, *, bold):
    dress(wear(line, style).add_run(printable(text)), bold=bold)


def keep_whole(row):
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def repeat_head(row):
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
