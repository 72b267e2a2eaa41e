"""What a photo or signed minutes must be before they are kept.

A photo is drawn anew as a plain JPEG: where and with what it was taken (EXIF, XMP, IPTC, small
previews, colour profile, comments, whatever hangs behind the picture) is never stored.
"""

from io import BytesIO

from PIL import Image, ImageOps

from hoiphunu.text import clean

from .shared import ProgramError

LARGEST = 10 * 1024 * 1024
LARGEST_WORDS = "10 MB"
MOST_PIXELS = 50_000_000  # asked of the header, before anything is unpacked
LONGEST_SIDE = 2000  # enough to read minutes by
READ = ("JPEG", "PNG", "WEBP")
PDF = b"%PDF-"


def clean_photo(file):
    """(name, content, type) of the photo, drawn anew; `file` is what the browser sent."""
    return photo_name(file), redrawn(read(file), file.name), "image/jpeg"


def clean_minutes(file):
    """The same of minutes: a PDF as it is, or a picture of the paper, drawn anew."""
    content = read(file)
    if content.startswith(PDF):
        return clean(file.name)[-200:], content, "application/pdf"
    return photo_name(file), redrawn(content, file.name, or_pdf=True), "image/jpeg"


def read(file):
    if file.size > LARGEST:
        raise ProgramError(f"“{file.name}” lớn hơn {LARGEST_WORDS}. Chị thu nhỏ lại rồi gửi.")
    file.seek(0)
    return file.read()


def photo_name(file):
    return f"{clean(file.name).rpartition('.')[0][:100] or 'anh'}.jpg"


def redrawn(content, name, *, or_pdf=False):
    try:
        with Image.open(BytesIO(content), formats=READ) as photo:
            refuse_huge(photo, name)
            photo.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return as_jpeg(ImageOps.exif_transpose(photo))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_huge(name) from error
    except Image.UnidentifiedImageError as error:
        kinds = "ảnh JPEG, PNG, WebP hoặc tệp PDF" if or_pdf else "ảnh JPEG, PNG hoặc WebP"
        raise ProgramError(f"“{name}” không phải là {kinds}.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ProgramError(f"“{name}” bị hỏng, không mở được. Chị chọn ảnh khác.") from error


def refuse_huge(photo, name):
    if photo.width * photo.height > MOST_PIXELS:
        raise too_huge(name)


def too_huge(name):
    return ProgramError(
        f"“{name}” có quá nhiều điểm ảnh (hơn {MOST_PIXELS // 1_000_000} triệu). "
        "Chị chụp lại ở cỡ nhỏ hơn."
    )


def as_jpeg(picture):
    """Nothing but the points themselves goes over to the new picture; see-through is white."""
    plain = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        plain.paste(layered, mask=layered.getchannel("A"))
    else:
        plain.paste(picture.convert("RGB"))
    content = BytesIO()
    plain.save(content, "JPEG", quality=85)
    return content.getvalue()
