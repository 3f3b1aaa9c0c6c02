"""Images of users: only formats that a browser displays and never executes, detected by their first bytes."""

from __future__ import annotations

from kanban_sdk.wire import limits
from kanban_server.rules.problems import Refusal

_MEDIA_TYPES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def detect_media_type(image: bytes) -> str:
    """The media type of an image. Refused: `invalid-image`."""
    if len(image) > limits.AVATAR_BYTES:
        raise Refusal(
            "invalid-image",
            f"The image has {len(image)} bytes; {limits.AVATAR_BYTES} is the most.",
            fix="Make it smaller: 256 pixels a side are plenty.",
            limit=limits.AVATAR_BYTES,
            size=len(image),
        )
    media_type = next((kind for begin, kind in _MEDIA_TYPES.items() if image.startswith(begin)), None)
    if media_type is None and image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        media_type = "image/webp"
    if media_type is None:
        raise Refusal("invalid-image", "This is no image.", fix="Send a PNG, JPEG, GIF or WebP image.")
    return media_type
