"""Small support for the tests of support items: photos and papers as a browser sends them."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PLACE = "NIKON-D850-LAT-15.9"


def photo(name="trao-qua.jpg", size=(40, 20), kind="JPEG", orientation=None):
    """A photo that knows where and with what it was taken, in each way it can be said."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "NIKON", PLACE
    exif.get_ifd(0x8825)[2] = (15.0, 54.0, 0.0)  # GPSLatitude
    if orientation:
        exif[0x0112] = orientation
    content = BytesIO()
    xmp = f"<x:xmpmeta>{PLACE}</x:xmpmeta>".encode()
    Image.new("RGB", size, "red").save(content, kind, exif=exif, comment=PLACE, xmp=xmp)
    return SimpleUploadedFile(name, content.getvalue() + PLACE.encode(), "image/jpeg")


def minutes(name="Biên bản.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.4 bien ban", "application/pdf")
