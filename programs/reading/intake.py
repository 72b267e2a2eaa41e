"""The door: a file or pasted text becomes a Document, or a sentence says why not."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from hoiphunu.excel import MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED, RATIO_FROM
from programs.reading.document import (
    Document,
    ReadingError,
    from_plain,
    number_blocks,
)
from programs.reading.plain import pieces as text_pieces

MAX_SIZE = 10 * 2**20
MAX_CHARACTERS = 200_000
SECONDS = 30
SAVE_AS = "Hãy mở bằng Word, chọn “Lưu thành” kiểu “Word (.docx)” rồi tải lên lại."
EMPTY = "Tệp không có chữ nào để đọc."
DAMAGED = f"Tệp Word bị hỏng nên không đọc được. {SAVE_AS}"
UNREADABLE = "Không đọc được tệp này. Hãy chép phần chữ của văn bản rồi dán vào ô."
NOT_TEXT = "Chỉ đọc được tệp Word (.docx), PDF có chữ hoặc văn bản thường (.txt)."
OTHER_ZIPS = {
    "xl/workbook.xml": "Đây là tệp Excel. Kế hoạch cần ở dạng Word (.docx), PDF hoặc chữ dán vào.",
    "ppt/presentation.xml": "Đây là tệp PowerPoint. Hãy chép phần chữ rồi dán vào ô.",
    "content.xml": f"Đây là tệp của LibreOffice (.odt). {SAVE_AS}",
}


def read_document(content, name=""):
    """The Document in `content` (bytes of a .docx, .pdf or text file, or a str).

    A hostile file can fill the memory: for uploads call `read_apart`, which does this in a
    child process.
    """
    if isinstance(content, str):
        return _document(text_pieces(content), name, "text")
    if len(content) > MAX_SIZE:
        raise ReadingError("Tệp lớn hơn 10 MB. Hãy bỏ ảnh hoặc chép riêng phần chữ.")
    form = _form(content)
    return _document(_readers()[form](content), name, form)


def read_apart(path, name=""):
    """`read_document` in a child process, with limits of memory and time."""
    argument = json.dumps({"path": str(path), "name": name, "seconds": SECONDS})
    # Isolated (-I), so that nothing of the site is imported beside the reader.
    command = [sys.executable, "-I", str(Path(__file__).with_name("child.py")), argument]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise ReadingError("Đọc tệp lâu quá nên đã dừng. Hãy dán riêng phần chữ.") from error
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        raise ReadingError(UNREADABLE) from error
    if "error" in answer:
        raise ReadingError(answer["error"])
    return from_plain(answer["document"])


def _document(pieces, name, form):
    document = Document(name, form, number_blocks(pieces))
    length = len(document.text)
    if not document.text.strip():
        raise ReadingError(EMPTY)
    if length > MAX_CHARACTERS:
        raise ReadingError("Văn bản quá dài để đọc một lần. Hãy tách riêng phần kế hoạch.")
    return document


def _form(content):
    """By content: officers rename files."""
    if content.startswith(b"PK\x03\x04"):
        _inspect_word(content)
        return "docx"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise ReadingError(
            "Tệp Word có mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."
            if locked
            else f"Đây là tệp Word kiểu cũ (.doc). {SAVE_AS}"
        )
    if content[:1024].lstrip().startswith(b"%PDF"):
        return "pdf"
    return "text"


def _inspect_word(content):
    """What can be known of the archive without unpacking it, as for workbooks."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ReadingError(DAMAGED) from error
    names = {member.filename for member in members}
    if "word/document.xml" not in names:
        sentences = (OTHER_ZIPS[name] for name in OTHER_ZIPS if name in names)
        raise ReadingError(next(sentences, NOT_TEXT))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise ReadingError(f"Tệp có chứa macro (.docm). {SAVE_AS}")
    if _is_swollen(members):
        raise ReadingError("Tệp chứa quá nhiều dữ liệu nén nên không mở. Hãy dán riêng phần chữ.")


def _is_swollen(members):
    swollen = any(
        member.file_size > RATIO_FROM and member.file_size > MAX_RATIO * member.compress_size
        for member in members
    )
    unpacked = sum(member.file_size for member in members)
    return swollen or len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED


def _readers():
    return {"docx": _word, "pdf": _pdf, "text": _text}


def _word(content):
    from programs.reading.word import pieces

    try:
        return pieces(content)
    except ReadingError:
        raise
    except Exception as error:  # the library fails in many ways on a damaged file
        raise ReadingError(DAMAGED) from error


def _pdf(content):
    from programs.reading.pdf import DAMAGED as DAMAGED_PDF
    from programs.reading.pdf import pieces

    try:
        return pieces(content)
    except ReadingError:
        raise
    except Exception as error:  # as above
        raise ReadingError(DAMAGED_PDF) from error


def _text(content):
    """UTF-8, or UTF-16 with its mark; other encodings are old ones that nobody can guess."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadingError(NOT_TEXT) from error
    if "\0" in text:
        raise ReadingError(NOT_TEXT)
    return text_pieces(text)
