"""Pictures: copied without metadata, format by format, without decoding them."""

from __future__ import annotations

from kanban_server.rules.files.binary import Size, Source, Target
from kanban_server.rules.files.gif import strip_gif
from kanban_server.rules.files.jpeg import strip_jpeg
from kanban_server.rules.files.png import strip_png
from kanban_server.rules.files.webp import strip_webp

_STRIP = {"image/png": strip_png, "image/jpeg": strip_jpeg, "image/gif": strip_gif, "image/webp": strip_webp}


def strip_picture(source: Source, target: Target, media_type: str) -> Size:
    """Copy a picture of one of `IMAGE_TYPES` without its metadata, and return its size.

    Left out are EXIF (but for a JPEG's orientation), XMP, texts, comments, times, previews, and what follows the
    picture. The picture itself stays as it is, byte by byte. Raises MalformedImage.
    """
    return _STRIP[media_type](source, target)
