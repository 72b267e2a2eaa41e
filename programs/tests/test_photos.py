import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from programs.services import ProgramError
from programs.services.photos import LARGEST, clean_minutes, clean_photo

from .support import PLACE, minutes, photo


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_loses_where_and_with_what_it_was_taken(kind):
    sent = photo(kind=kind)
    assert PLACE.encode() in sent.read()
    assert Image.open(BytesIO(sent.open().read())).getexif().get_ifd(0x8825)  # it had a place

    _, content, content_type = clean_photo(sent)

    kept = Image.open(BytesIO(content))
    assert (kept.format, content_type) == ("JPEG", "image/jpeg")
    assert PLACE.encode() not in content
    assert not any(mark in content for mark in (b"Exif", b"NIKON", b"xmpmeta", b"Photoshop"))
    assert dict(kept.getexif()) == {}
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_is_turned_before_it_forgets_how_it_was_held():
    _, content, _ = clean_photo(photo(size=(40, 20), orientation=6))

    assert Image.open(BytesIO(content)).size == (20, 40)


def test_a_large_photo_is_made_smaller():
    _, content, _ = clean_photo(photo(size=(4000, 1000)))

    assert Image.open(BytesIO(content)).size == (2000, 500)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
def test_pictures_of_every_make_are_read(mode):
    content = BytesIO()
    Image.new(mode, (8, 8)).save(content, "PNG")

    _, kept, _ = clean_photo(SimpleUploadedFile("a.png", content.getvalue()))

    assert Image.open(BytesIO(kept)).size == (8, 8)


def test_a_print_of_four_colours_is_read():
    content = BytesIO()
    Image.new("CMYK", (8, 8)).save(content, "JPEG")

    _, kept, _ = clean_photo(SimpleUploadedFile("in.jpg", content.getvalue()))

    assert Image.open(BytesIO(kept)).mode == "RGB"


def png_of(width, height):
    """The head of a picture of that size; its points are never unpacked."""
    content = BytesIO()
    Image.new("1", (1, 1)).save(content, "PNG")
    head = bytearray(content.getvalue())
    head[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    head[29:33] = zlib.crc32(head[12:29]).to_bytes(4, "big")
    return SimpleUploadedFile("bom.png", bytes(head))


@pytest.mark.parametrize("side", [8_000, 10_000, 60_000])
def test_a_bomb_is_refused_by_its_head(side):
    with pytest.raises(ProgramError, match="có quá nhiều điểm ảnh"):
        clean_photo(png_of(side, side))


def as_format(name):
    content = BytesIO()
    Image.new("RGB", (8, 8)).save(content, name)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"khong phai anh", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4",
     as_format("GIF"), as_format("TIFF"), as_format("BMP")],
)  # fmt: skip
def test_what_is_no_photo_is_refused(content):
    with pytest.raises(ProgramError, match="“x.jpg” không phải là ảnh JPEG, PNG hoặc WebP."):
        clean_photo(SimpleUploadedFile("x.jpg", content))


def test_a_broken_photo_is_refused():
    content = photo().read()[:300]

    with pytest.raises(ProgramError, match="bị hỏng"):
        clean_photo(SimpleUploadedFile("hong.jpg", content))


def test_a_heavy_file_is_refused_before_it_is_read():
    heavy = SimpleUploadedFile("nang.jpg", b"")
    heavy.size = LARGEST + 1

    for verb in (clean_photo, clean_minutes):
        with pytest.raises(ProgramError, match="lớn hơn 10 MB"):
            verb(heavy)


def test_minutes_are_a_pdf_or_a_picture_of_the_paper():
    assert clean_minutes(minutes())[0::2] == ("Biên bản.pdf", "application/pdf")
    assert clean_minutes(photo("bb.png"))[0::2] == ("bb.jpg", "image/jpeg")
    with pytest.raises(ProgramError, match="hoặc tệp PDF"):
        clean_minutes(SimpleUploadedFile("bb.docx", b"PK"))
