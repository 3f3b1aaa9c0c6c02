"""Pictures for tests."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, PngImagePlugin

SECRET_PLACE = "N 48 51 29.6 E 2 17 40.2"
"""A text in the metadata of each picture."""
FORMATS = ("png", "jpeg", "gif", "webp")


def picture(kind: str, width: int = 60, height: int = 40, *, orientation: int = 1, frames: int = 1) -> bytes:
    """Return a picture of a format with metadata, also with more behind its end."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.putpixel((1, 1), (0, 0, 255))
    target = BytesIO()
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = SECRET_PLACE, orientation
    if kind == "png":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", SECRET_PLACE)
        image.save(target, "PNG", pnginfo=texts, exif=exif)
    elif kind == "gif":
        others = [Image.new("RGB", (width, height), (number, 0, 0)) for number in range(1, frames)]
        image.save(target, "GIF", comment=SECRET_PLACE.encode(), save_all=True, append_images=others, loop=0)
    elif kind == "webp":
        image.save(target, "WEBP", exif=exif.tobytes(), xmp=SECRET_PLACE.encode(), lossless=True)
    else:
        image.save(target, "JPEG", exif=exif, comment=SECRET_PLACE.encode(), progressive=True, quality=90)
    return target.getvalue()


def decode(content: bytes) -> Image.Image:
    """Return a picture, decoded."""
    image = Image.open(BytesIO(content))
    image.load()
    return image
