"""What becomes of a file before it is stored: its type is detected, and a picture loses its metadata."""

from __future__ import annotations

from dataclasses import dataclass

from kanban_server.files.spool import Spool
from kanban_server.files.thumbnails import make_thumbnail
from kanban_server.rules.files.binary import MalformedImage, Size
from kanban_server.rules.files.media_types import BINARY, HEAD_BYTES, IMAGE_TYPES, detect_media_type
from kanban_server.rules.files.pictures import strip_picture
from kanban_server.rules.problems import Refusal


@dataclass
class PreparedFile:
    """A content that is ready to be stored."""

    content: Spool
    media_type: str
    size: Size | None = None
    """The size of a picture that is shown in place."""
    thumbnail: Spool | None = None
    problem: str | None = None
    """Why a picture is kept as it was sent, and only offered as a download."""

    def close(self) -> None:
        """Delete the temporary files."""
        self.content.close()
        if self.thumbnail is not None:
            self.thumbnail.close()


def prepare(received: Spool, pixels: int) -> PreparedFile:
    """Prepare a content; `received` is closed, or is part of the result. Runs for a second on a large picture.

    Refused: `invalid-image`, for a picture with more than `pixels` pixels.
    """
    media_type = detect_media_type(received.head(HEAD_BYTES))
    if media_type not in IMAGE_TYPES:
        return PreparedFile(received, media_type)
    stripped = Spool()
    received.file.seek(0)
    try:
        size = strip_picture(received.file, stripped, media_type)
    except MalformedImage as error:
        stripped.close()
        return PreparedFile(received, BINARY, problem=str(error))
    except BaseException:
        stripped.close()
        raise
    if size.width * size.height > pixels:
        stripped.close()
        raise Refusal(
            "invalid-image",
            f"The picture has {size.width} × {size.height} pixels; {pixels} are the most.",
            fix="Make it smaller, or attach it in an archive such as ZIP.",
            limit=pixels,
            width=size.width,
            height=size.height,
        )
    received.close()
    return PreparedFile(stripped, media_type, size, make_thumbnail(stripped, pixels))
