"""Thumbnails of pictures, by Pillow where it is installed (`agent-kanban[images]`)."""

from __future__ import annotations

import logging
import threading
from functools import cache
from importlib.util import find_spec
from io import BytesIO

from kanban_server.files.spool import Spool

log = logging.getLogger("kanban.files")

SIDE = 480
"""The longest side of a thumbnail in pixels: twice what the page shows, for dense screens."""
FORMAT, MEDIA_TYPE = "WEBP", "image/webp"
_one_at_a_time = threading.Lock()
"""A decoded picture takes up to four bytes a pixel."""


@cache
def are_available() -> bool:
    """Whether Pillow is installed."""
    return find_spec("PIL") is not None


def make_thumbnail(picture: Spool, pixels: int) -> Spool | None:
    """A small version of a picture; None without Pillow, and for a picture that can't be decoded.

    A picture with more than `pixels` pixels is not decoded.
    """
    if not are_available():
        return None
    from PIL import Image, ImageOps

    try:
        with _one_at_a_time:
            picture.file.seek(0)
            with Image.open(picture.file, formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
                if image.width * image.height > pixels:
                    raise ValueError("too many pixels")
                image.draft("RGB", (SIDE, SIDE))
                small = ImageOps.exif_transpose(image)
                if small.mode not in {"RGB", "RGBA"}:
                    small = small.convert("RGBA" if "transparency" in small.info or "A" in small.mode else "RGB")
                small.thumbnail((SIDE, SIDE))
                encoded = BytesIO()
                small.save(encoded, FORMAT, quality=80)
    except Exception as error:  # damaged pictures make Pillow raise errors of many classes
        log.info("No thumbnail could be made: %r", error)
        return None
    thumbnail = Spool()
    thumbnail.write(encoded.getvalue())
    return thumbnail
